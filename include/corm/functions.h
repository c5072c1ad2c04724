/* The functions of one row that expressions are made of, one table. From it come the operators of
 * operator.h, their names, what they take and give (src/query/functions.c) and the SQL of each
 * engine: a backend expands its own column and carries none of the others'.
 *
 * X(op, name, takes, gives, sqlite, postgresql, mariadb). Rows of one name stand together: the
 * first that takes the operands is meant; where none does, a floating point number is made of an
 * integer or a decimal.
 *
 * takes, a letter an operand: i an integer, n a decimal, r a floating point number, t a text, b a
 * boolean, d a date, h a time of day, m a timestamp, v an interval; . what the first one is, or, of
 * the first one, anything; s places, whose value stands in no SQL; * at the end: the last one any
 * number of times. gives: such a letter, or 0, what its operands are together; a ? behind it: it
 * may be NULL though no operand is. In the SQL {0} {1} {*} are the operands, {p} the places of the
 * first one, {d} its digits, {s} the places of the second. */
#pragma once
#pragma GCC system_header

/* An error of the engine, for what has no answer; NULL if x is, with which it is computed, so that
 * no engine computes it before it is wanted. */
#define CORM__PG_ERROR(x) "9223372036854775807 + ((" x ")::bigint * 0 + 1)"
#define CORM__MY_ERROR(x) "9223372036854775807 + NULLIF((" x ") IS NOT NULL, 0)"
/* To the nearest integer, halves away from zero. */
#define CORM__HALF_UP(x)                                                                           \
    "sign(" x ") * (floor(abs(" x ")) + CASE WHEN abs(" x ") - floor(abs(" x ")) >= 0.5 THEN 1 "   \
    "ELSE 0 END)"

#define CORM__FUNCTIONS(X)                                                                         \
    X(NULLIF, "NULLIF", "..", "0?", "nullif({*})", "nullif({*})", "NULLIF({*})")                   \
    /* The servers differ in what a NULL among them does. */                                       \
    X(GREATEST, "GREATEST", "..*", "0", "max({*})",                                                \
        "CASE WHEN num_nulls({*}) = 0 THEN greatest({*}) END", "GREATEST({*})")                    \
    X(LEAST, "LEAST", "..*", "0", "min({*})",                                                      \
        "CASE WHEN num_nulls({*}) = 0 THEN least({*}) END", "LEAST({*})")                          \
    X(CAST_TEXT, "CAST_TEXT", "i", "t", "CAST({0} AS TEXT)", "({0})::text", "CAST({0} AS CHAR)")   \
    X(CAST_TEXT_DECIMAL, "CAST_TEXT", "n", "t", "corm_cast({0}, 'DECIMAL({d}, {p})', 'TEXT')",     \
        "round({0}, {p})::text", "CAST(CAST({0} AS DECIMAL(65, {p})) AS CHAR)")                    \
    X(CAST_TEXT_BOOLEAN, "CAST_TEXT", "b", "t",                                                    \
        "CASE {0} WHEN 0 THEN 'false' WHEN 1 THEN 'true' END", "({0})::text",                      \
        "CASE {0} WHEN 0 THEN 'false' WHEN 1 THEN 'true' END")                                     \
    X(CAST_TEXT_DATE, "CAST_TEXT", "d", "t", "{0}", "to_char({0}, 'YYYY-MM-DD')",                  \
        "CAST({0} AS CHAR)")                                                                       \
    X(CAST_TEXT_TIME, "CAST_TEXT", "h", "t", "{0}", "to_char({0}, 'HH24:MI:SS.US')",               \
        "CAST(CAST({0} AS TIME(6)) AS CHAR)")                                                      \
    X(CAST_TEXT_TIMESTAMP, "CAST_TEXT", "m", "t", "{0}",                                           \
        "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",                             \
        "CAST(CAST({0} AS DATETIME(6)) AS CHAR)")                                                  \
    X(CAST_INTEGER, "CAST_INTEGER", "i", "i", "{0}", "({0})::bigint", "({0})")                     \
    X(CAST_INTEGER_DECIMAL, "CAST_INTEGER", "n", "i",                                              \
        "corm_cast({0}, 'DECIMAL({d}, {p})', 'BIGINT')", "({0})::bigint",                          \
        "IF(ABS({0}) < 9223372036854775807, CAST(ROUND({0}) AS SIGNED), "                          \
        CORM__MY_ERROR("{0}") ")")                                                                 \
    X(CAST_INTEGER_REAL, "CAST_INTEGER", "r", "i", "corm_integer({0})",                            \
        "(" CORM__HALF_UP("({0})::float8") ")::bigint",                                            \
        "IF(ABS({0}) < 9223372036854775807e0, CAST(" CORM__HALF_UP("{0}") " AS SIGNED), "          \
        CORM__MY_ERROR("{0}") ")")                                                                 \
    X(CAST_DOUBLE, "CAST_DOUBLE", "i", "r", "CAST({0} AS REAL)", "({0})::float8",                  \
        "CAST({0} AS DOUBLE)")                                                                     \
    X(CAST_DOUBLE_DECIMAL, "CAST_DOUBLE", "n", "r",                                                \
        "corm_cast({0}, 'DECIMAL({d}, {p})', 'DOUBLE PRECISION')", "({0})::float8",                \
        "CAST({0} AS DOUBLE)")                                                                     \
    X(CAST_DOUBLE_REAL, "CAST_DOUBLE", "r", "r", "{0}", "({0})::float8", "CAST({0} AS DOUBLE)")    \
    X(CAST_DECIMAL, "CAST_DECIMAL", "is", "n", "corm_cast({0}, 'BIGINT', 'DECIMAL(38, {s})')",     \
        "round(({0})::numeric, {s})", "CAST({0} AS DECIMAL(65, {s}))")                             \
    X(CAST_DECIMAL_DECIMAL, "CAST_DECIMAL", "ns", "n",                                             \
        "corm_cast({0}, 'DECIMAL({d}, {p})', 'DECIMAL(38, {s})')", "round({0}, {s})",              \
        "CAST({0} AS DECIMAL(65, {s}))")                                                           \
    /* Those of MariaDB are unsigned. */                                                           \
    X(BIT_AND, "BIT_AND", "ii", "i", "({0} & {1})", "(({0})::bigint & ({1})::bigint)",             \
        "CAST({0} & {1} AS SIGNED)")                                                               \
    X(BIT_OR, "BIT_OR", "ii", "i", "({0} | {1})", "(({0})::bigint | ({1})::bigint)",               \
        "CAST({0} | {1} AS SIGNED)")                                                               \
    X(BIT_XOR, "BIT_XOR", "ii", "i", "(~({0} & {1}) & ({0} | {1}))",                               \
        "(({0})::bigint # ({1})::bigint)", "CAST({0} ^ {1} AS SIGNED)")                            \
    X(BIT_NOT, "BIT_NOT", "i", "i", "(~{0})", "(~({0})::bigint)", "CAST(~{0} AS SIGNED)")          \
    X(SHIFT_LEFT, "SHIFT_LEFT", "ii", "i", "corm_shift({0}, {1}, 1)",                              \
        "CASE WHEN {1} BETWEEN 0 AND 63 THEN ({0})::bigint << ({1})::int ELSE "                    \
        CORM__PG_ERROR("({0})::bigint * 0 + {1}") " END",                                          \
        "IF({1} BETWEEN 0 AND 63, CAST({0} << {1} AS SIGNED), "                                    \
        CORM__MY_ERROR("{0} * 0 + {1}") ")")                                                       \
    X(SHIFT_RIGHT, "SHIFT_RIGHT", "ii", "i", "corm_shift({0}, {1}, 0)",                            \
        "CASE WHEN {1} BETWEEN 0 AND 63 THEN ({0})::bigint >> ({1})::int ELSE "                    \
        CORM__PG_ERROR("({0})::bigint * 0 + {1}") " END",                                          \
        "IF({1} BETWEEN 0 AND 63, IF({0} < 0, CAST(~(~{0} >> {1}) AS SIGNED), {0} >> {1}), "       \
        CORM__MY_ERROR("{0} * 0 + {1}") ")")
