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
 * number of times. gives: such a letter, N a decimal of the places of the first one,
 * or 0, what its operands are together; a ? behind it: it
 * may be NULL though no operand is. In the SQL {0} {1} {*} are the operands, {p} the places of the
 * first one, {d} its digits, {s} the places of the second. */
#pragma once
#pragma GCC system_header

/* An error of the engine, for what has no answer; NULL if x is. It is computed with x because an
 * engine computes what is constant before it is wanted: x is what the condition on it is about. */
#define CORM__PG_ERROR(x) "9223372036854775807 + ((" x ")::bigint * 0 + 1)"
#define CORM__MY_ERROR(x) "9223372036854775807 + NULLIF((" x ") IS NOT NULL, 0)"
/* To the nearest integer, halves away from zero. */
#define CORM__HALF_UP(x)                                                                           \
    "sign(" x ") * (floor(abs(" x ")) + CASE WHEN abs(" x ") - floor(abs(" x ")) >= 0.5 THEN 1 "   \
    "ELSE 0 END)"

/* x, at least low, and no more than a place in a text can be; at most high, and not below 0. */
#define CORM__FROM(low, x)                                                                         \
    "CASE WHEN " x " < " low " THEN " low " WHEN " x " > 2147483647 THEN 2147483647 ELSE " x " END"
#define CORM__UP_TO(high, x)                                                                       \
    "CASE WHEN " x " < 0 THEN 0 WHEN " x " > " high " THEN " high " ELSE " x " END"
/* The characters that a text may be padded to. */
#define CORM__LONGEST "1000000"
#define CORM__PG_PAD(pad)                                                                          \
    "CASE WHEN {1} > " CORM__LONGEST " THEN (" CORM__PG_ERROR("{1}") ")::text ELSE " pad           \
    "({0}, (" CORM__FROM("0", "{1}") ")::int, {2}) END"
#define CORM__MY_PAD(pad)                                                                          \
    "IF({1} > " CORM__LONGEST ", " CORM__MY_ERROR("{1}") ", IF({2} = '', LEFT({0}, "               \
    CORM__FROM("0", "{1}") "), " pad "({0}, " CORM__FROM("0", "{1}") ", {2})))"
#define CORM__CODE_POINT "{0} BETWEEN 1 AND 55295 OR {0} BETWEEN 57344 AND 1114111"
#define CORM__LITE_DECIMAL(places, how)                                                            \
    "corm_wide(corm_decimal_round({0}, {p}, " places ", " how "), {p})"
/* From 2^52 on there is nothing behind the point. */
#define CORM__ROUND(x, power)                                                                      \
    "CASE WHEN abs(" x ") < 4503599627370496 THEN " CORM__HALF_UP("(" x " * " power ")") " / "     \
    power " ELSE " x " + 0 * " power " END"
/* MariaDB gives NULL where there is no answer. */
#define CORM__REAL_FUNCTION(X, op, name, sqlite, postgresql, mariadb)                              \
    X(op, name, "r", "r", sqlite "({0})", postgresql "(({0})::float8)",                            \
        "COALESCE(" mariadb "({0}), " CORM__MY_ERROR("{0}") ")")

/* Parts of dates and times, in UTC; the texts of SQLite have them at fixed places. */
#define CORM__DAY "substr({0}, 1, 10)" /* strftime rounds 23:59:59.999999 up to the next day */
#define CORM__UTC "(({0}) AT TIME ZONE 'UTC')"
#define CORM__DATE_PART(X, part, sqlite, postgresql, mariadb)                                      \
    X(EXTRACT_##part, "EXTRACT(" #part ")", "m", "i", sqlite,                                      \
        "extract(" postgresql " from " CORM__UTC ")::bigint", mariadb)                             \
    X(EXTRACT_##part##_DATE, "EXTRACT(" #part ")", "d", "i", sqlite,                               \
        "extract(" postgresql " from ({0})::timestamp)::bigint", mariadb)
#define CORM__TIME_PART(X, part, at, at_of_time, postgresql, mariadb)                              \
    X(EXTRACT_##part, "EXTRACT(" #part ")", "m", "i", "CAST(substr({0}, " at ") AS INTEGER)",      \
        CORM__PG_TIME_PART(postgresql, CORM__UTC), mariadb)                                        \
    X(EXTRACT_##part##_TIME, "EXTRACT(" #part ")", "h", "i",                                       \
        "CAST(substr({0}, " at_of_time ") AS INTEGER)",                                            \
        CORM__PG_TIME_PART(postgresql, "({0})::time"), mariadb)
/* The seconds have a fraction, the microseconds have the seconds. */
#define CORM__PG_TIME_PART(part, x)                                                                \
    "(trunc(extract(" part " from " x "))::bigint % 1000000)"
#define CORM__TRUNCATE_DATE(X, part, sqlite, postgresql, mariadb)                                  \
    X(TRUNCATE_##part, "TRUNCATE(" #part ")", "m", "m", sqlite " || ' 00:00:00.000000'",           \
        "(date_trunc('" postgresql "', " CORM__UTC ") AT TIME ZONE 'UTC')",                        \
        "CAST(" mariadb " AS DATETIME(6))")                                                        \
    X(TRUNCATE_##part##_DATE, "TRUNCATE(" #part ")", "d", "d", sqlite,                             \
        "date_trunc('" postgresql "', ({0})::timestamp)::date", "CAST(" mariadb " AS DATE)")
#define CORM__TRUNCATE_TIME(X, part, sqlite, postgresql, mariadb)                                  \
    X(TRUNCATE_##part, "TRUNCATE(" #part ")", "m", "m", sqlite,                                    \
        "(date_trunc('" postgresql "', " CORM__UTC ") AT TIME ZONE 'UTC')",                        \
        "CAST(DATE_FORMAT({0}, '%Y-%m-%d " mariadb "') AS DATETIME(6))")
/* Columns hold the years 1 to 9999; PostgreSQL has others, MariaDB gives NULL. */
#define CORM__PG_MOMENT(x)                                                                         \
    "CASE WHEN " x " NOT BETWEEN '0001-01-01' AND '9999-12-31 23:59:59.999999' THEN "              \
    "to_timestamp((" CORM__PG_ERROR("extract(epoch from " x ")") ")::float8) ELSE (" x             \
    ") AT TIME ZONE 'UTC' END"
#define CORM__PG_DAY(x)                                                                            \
    "CASE WHEN " x " NOT BETWEEN '0001-01-01' AND '9999-12-31' THEN to_timestamp(("                \
    CORM__PG_ERROR("extract(epoch from " x ")") ")::float8)::date ELSE " x "::date END"
#define CORM__MY_MOMENT(x, type)                                                                   \
    "COALESCE(" x ", IF({1} IS NULL, NULL, CAST(" CORM__MY_ERROR("{0}") " AS " type ")))"

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
        CORM__MY_ERROR("{0} * 0 + {1}") ")")                                                       \
    /* Positions and lengths are in code points. */                                                \
    X(SUBSTR, "SUBSTR", "ti", "t", "substr({0}, " CORM__FROM("1", "{1}") ")",                      \
        "substr({0}, (" CORM__FROM("1", "{1}") ")::int)",                                          \
        "SUBSTR({0}, " CORM__FROM("1", "{1}") ")")                                                 \
    X(SUBSTR_LENGTH, "SUBSTR", "tii", "t",                                                         \
        "substr({0}, " CORM__FROM("1", "{1}") ", " CORM__FROM("0", "{2}") ")",                     \
        "substr({0}, (" CORM__FROM("1", "{1}") ")::int, (" CORM__FROM("0", "{2}") ")::int)",       \
        "SUBSTR({0}, " CORM__FROM("1", "{1}") ", " CORM__FROM("0", "{2}") ")")                     \
    X(LEFT_OF, "LEFT_OF", "ti", "t", "substr({0}, 1, " CORM__FROM("0", "{1}") ")",                 \
        "left({0}, (" CORM__FROM("0", "{1}") ")::int)", "LEFT({0}, " CORM__FROM("0", "{1}") ")")   \
    X(RIGHT_OF, "RIGHT_OF", "ti", "t",                                                             \
        "CASE WHEN {1} < 1 THEN substr({0}, 1, 0) ELSE substr({0}, -min({1}, length({0}))) END",   \
        "right({0}, (" CORM__FROM("0", "{1}") ")::int)", "RIGHT({0}, " CORM__FROM("0", "{1}") ")") \
    X(TRIM, "TRIM", "t", "t", "trim({0})", "btrim({0})", "TRIM({0})")                              \
    X(LTRIM, "LTRIM", "t", "t", "ltrim({0})", "ltrim({0})", "LTRIM({0})")                          \
    X(RTRIM, "RTRIM", "t", "t", "rtrim({0})", "rtrim({0})", "RTRIM({0})")                          \
    X(REPLACE, "REPLACE", "ttt", "t", "replace({*})", "replace({*})",                              \
        "IF({1} IS NULL OR {2} IS NULL, NULL, REPLACE({*}))")                                      \
    X(POSITION, "POSITION", "tt", "i", "instr({0}, {1})", "strpos({0}, {1})", "LOCATE({1}, {0})")  \
    X(LPAD, "LPAD", "tit", "t", "corm_pad({*}, 1)", CORM__PG_PAD("lpad"), CORM__MY_PAD("LPAD"))    \
    X(RPAD, "RPAD", "tit", "t", "corm_pad({*}, 0)", CORM__PG_PAD("rpad"), CORM__MY_PAD("RPAD"))    \
    X(REPEAT, "REPEAT", "ti", "t", "corm_pad(substr({0}, 1, 0), length({0}) * {1}, {0}, 0)",       \
        "CASE WHEN length({0}) * {1} > " CORM__LONGEST " THEN (" CORM__PG_ERROR("length({0})")     \
        ")::text ELSE repeat({0}, (" CORM__FROM("0", "{1}") ")::int) END",                         \
        "IF(CHAR_LENGTH({0}) * {1} > " CORM__LONGEST ", " CORM__MY_ERROR("{1}")                    \
        ", REPEAT({0}, " CORM__FROM("0", "{1}") "))")                                              \
    X(REVERSE, "REVERSE", "t", "t", "corm_reverse({0})", "reverse({0})", "REVERSE({0})")           \
    X(CHR, "CHR", "i", "t",                                                                        \
        "CASE WHEN " CORM__CODE_POINT " THEN char({0}) ELSE corm_integer(1e19 + {0}) END",         \
        "CASE WHEN " CORM__CODE_POINT " THEN chr(({0})::int) ELSE (" CORM__PG_ERROR("{0}")         \
        ")::text END",                                                                             \
        "IF(" CORM__CODE_POINT ", CONVERT(CHAR({0} USING utf32) USING utf8mb4), "                  \
        CORM__MY_ERROR("{0}") ")")                                                                 \
    X(ORD, "ORD", "t", "i", "CASE {0} WHEN '' THEN 0 ELSE unicode({0}) END", "ascii({0})",         \
        "IF({0} = '', 0, CAST(CONV(HEX(CONVERT(LEFT({0}, 1) USING utf32)), 16, 10) AS SIGNED))")   \
    X(ABS_OF, "ABS_OF", "i", "i", "abs({0})", "abs(({0})::bigint)", "ABS({0})")                    \
    X(ABS_OF_DECIMAL, "ABS_OF", "n", "N", CORM__LITE_DECIMAL("0", "'a'"), "abs({0})", "ABS({0})")  \
    X(ABS_OF_REAL, "ABS_OF", "r", "r", "abs({0})", "abs(({0})::float8)", "ABS({0})")               \
    X(SIGN_OF, "SIGN_OF", "i", "i", "(({0} > 0) - ({0} < 0))", "sign({0})::bigint", "SIGN({0})")   \
    X(SIGN_OF_DECIMAL, "SIGN_OF", "n", "i", "corm_decimal_round({0}, {p}, 0, 's')",                \
        "sign({0})::bigint", "SIGN({0})")                                                          \
    X(SIGN_OF_REAL, "SIGN_OF", "r", "i", "(({0} > 0) - ({0} < 0))", "sign({0})::bigint",           \
        "SIGN({0})")                                                                               \
    X(CEIL, "CEIL", "i", "i", "{0}", "({0})::bigint", "({0})")                                     \
    X(CEIL_DECIMAL, "CEIL", "n", "N", CORM__LITE_DECIMAL("0", "'c'"), "round(ceil({0}), {p})",     \
        "CAST(CEILING({0}) AS DECIMAL(65, {p}))")                                                  \
    X(CEIL_REAL, "CEIL", "r", "r", "corm_ceil({0})", "ceil(({0})::float8)", "CEILING({0})")        \
    X(FLOOR, "FLOOR", "i", "i", "{0}", "({0})::bigint", "({0})")                                   \
    X(FLOOR_DECIMAL, "FLOOR", "n", "N", CORM__LITE_DECIMAL("0", "'f'"), "round(floor({0}), {p})",  \
        "CAST(FLOOR({0}) AS DECIMAL(65, {p}))")                                                    \
    X(FLOOR_REAL, "FLOOR", "r", "r", "corm_floor({0})", "floor(({0})::float8)", "FLOOR({0})")      \
    X(ROUND, "ROUND", "ii", "i", "CASE WHEN {1} IS NOT NULL THEN {0} END",                         \
        "CASE WHEN {1} IS NOT NULL THEN ({0})::bigint END", "IF({1} IS NULL, NULL, {0})")          \
    X(ROUND_DECIMAL, "ROUND", "ni", "N", CORM__LITE_DECIMAL(CORM__FROM("0", "{1}"), "'r'"),        \
        "round(round({0}, (" CORM__UP_TO("38", "{1}") ")::int), {p})",                             \
        "CAST(ROUND({0}, " CORM__UP_TO("38", "{1}") ") AS DECIMAL(65, {p}))")                      \
    X(ROUND_REAL, "ROUND", "ri", "r", "corm_round({0}, " CORM__UP_TO("15", "{1}") ")",             \
        CORM__ROUND("({0})::float8", "power(10::float8, " CORM__UP_TO("15", "{1}") ")"),           \
        CORM__ROUND("{0}", "POW(10, " CORM__UP_TO("15", "{1}") ")"))                               \
    CORM__REAL_FUNCTION(X, SQRT, "SQRT", "corm_sqrt", "sqrt", "SQRT")                              \
    CORM__REAL_FUNCTION(X, EXP, "EXP", "corm_exp", "exp", "EXP")                                   \
    CORM__REAL_FUNCTION(X, LN, "LN", "corm_ln", "ln", "LN")                                        \
    CORM__REAL_FUNCTION(X, LOG10, "LOG10", "corm_log10", "log", "LOG10")                           \
    CORM__REAL_FUNCTION(X, SIN, "SIN", "corm_sin", "sin", "SIN")                                   \
    CORM__REAL_FUNCTION(X, COS, "COS", "corm_cos", "cos", "COS")                                   \
    CORM__REAL_FUNCTION(X, TAN, "TAN", "corm_tan", "tan", "TAN")                                   \
    CORM__REAL_FUNCTION(X, ASIN, "ASIN", "corm_asin", "asin", "ASIN")                              \
    CORM__REAL_FUNCTION(X, ACOS, "ACOS", "corm_acos", "acos", "ACOS")                              \
    CORM__REAL_FUNCTION(X, ATAN, "ATAN", "corm_atan", "atan", "ATAN")                              \
    CORM__REAL_FUNCTION(X, DEGREES, "DEGREES", "corm_degrees", "degrees", "DEGREES")               \
    CORM__REAL_FUNCTION(X, RADIANS, "RADIANS", "corm_radians", "radians", "RADIANS")               \
    X(POWER, "POWER", "rr", "r", "corm_power({*})", "power(({0})::float8, ({1})::float8)",         \
        "POW({*})")                                                                                \
    X(ATAN2, "ATAN2", "rr", "r", "corm_atan2({*})", "atan2(({0})::float8, ({1})::float8)",         \
        "ATAN2({*})")                                                                              \
    X(NOW, "NOW", "", "m", "strftime('%Y-%m-%d %H:%M:%f000', 'now')", "statement_timestamp()",     \
        "UTC_TIMESTAMP(6)")                                                                        \
    X(DATE_OF, "DATE_OF", "m", "d", "substr({0}, 1, 10)", "(" CORM__UTC ")::date",                 \
        "CAST({0} AS DATE)")                                                                       \
    X(TIME_OF, "TIME_OF", "m", "h", "substr({0}, 12)", "(" CORM__UTC ")::time",                    \
        "CAST({0} AS TIME(6))")                                                                    \
    CORM__DATE_PART(X, YEAR, "CAST(substr({0}, 1, 4) AS INTEGER)", "year", "YEAR({0})")            \
    CORM__DATE_PART(X, QUARTER, "((CAST(substr({0}, 6, 2) AS INTEGER) + 2) / 3)", "quarter",       \
        "QUARTER({0})")                                                                            \
    CORM__DATE_PART(X, MONTH, "CAST(substr({0}, 6, 2) AS INTEGER)", "month", "MONTH({0})")         \
    CORM__DATE_PART(X, DAY, "CAST(substr({0}, 9, 2) AS INTEGER)", "day", "DAYOFMONTH({0})")        \
    CORM__DATE_PART(X, YEARDAY, "CAST(strftime('%j', " CORM__DAY ") AS INTEGER)", "doy",           \
        "DAYOFYEAR({0})")                                                                          \
    CORM__DATE_PART(X, WEEKDAY, "((strftime('%w', " CORM__DAY ") + 6) % 7 + 1)", "isodow",         \
        "(WEEKDAY({0}) + 1)")                                                                      \
    /* A week belongs to the year of its Thursday. */                                              \
    CORM__DATE_PART(X, WEEK,                                                                       \
        "((strftime('%j', " CORM__DAY ", '-3 days', 'weekday 4') - 1) / 7 + 1)", "week",           \
        "WEEK({0}, 3)")                                                                            \
    CORM__DATE_PART(X, WEEKYEAR,                                                                   \
        "CAST(strftime('%Y', " CORM__DAY ", '-3 days', 'weekday 4') AS INTEGER)",                  \
        "isoyear", "(YEARWEEK({0}, 3) DIV 100)")                                                   \
    CORM__TIME_PART(X, HOUR, "12, 2", "1, 2", "hour", "HOUR({0})")                                 \
    CORM__TIME_PART(X, MINUTE, "15, 2", "4, 2", "minute", "MINUTE({0})")                           \
    CORM__TIME_PART(X, SECOND, "18, 2", "7, 2", "second", "SECOND({0})")                           \
    CORM__TIME_PART(X, MICROSECOND, "21, 6", "10, 6", "microseconds", "MICROSECOND({0})")          \
    CORM__TRUNCATE_DATE(X, YEAR, "substr({0}, 1, 4) || '-01-01'", "year",                          \
        "DATE_FORMAT({0}, '%Y-01-01')")                                                            \
    CORM__TRUNCATE_DATE(X, QUARTER, "substr({0}, 1, 5) || substr('01040710', "                     \
        "(substr({0}, 6, 2) - 1) / 3 * 2 + 1, 2) || '-01'", "quarter",                             \
        "CONCAT(DATE_FORMAT({0}, '%Y-'), LPAD(QUARTER({0}) * 3 - 2, 2, '0'), '-01')")              \
    CORM__TRUNCATE_DATE(X, MONTH, "substr({0}, 1, 7) || '-01'", "month",                           \
        "DATE_FORMAT({0}, '%Y-%m-01')")                                                            \
    CORM__TRUNCATE_DATE(X, WEEK, "date(" CORM__DAY ", '-6 days', 'weekday 1')", "week",            \
        "(CAST({0} AS DATE) - INTERVAL WEEKDAY({0}) DAY)")                                         \
    CORM__TRUNCATE_DATE(X, DAY, "substr({0}, 1, 10)", "day", "CAST({0} AS DATE)")                  \
    CORM__TRUNCATE_TIME(X, HOUR, "substr({0}, 1, 13) || ':00:00.000000'", "hour", "%H:00:00")      \
    CORM__TRUNCATE_TIME(X, MINUTE, "substr({0}, 1, 16) || ':00.000000'", "minute", "%H:%i:00")     \
    CORM__TRUNCATE_TIME(X, SECOND, "substr({0}, 1, 19) || '.000000'", "second", "%H:%i:%s")        \
    X(ADD_INTERVAL, "ADD_INTERVAL", "mv", "m", "corm_later({0}, 0, {1})",                          \
        CORM__PG_MOMENT(CORM__UTC " + {1}"),                                                       \
        CORM__MY_MOMENT("CAST({0} AS DATETIME(6)) + INTERVAL {1} MICROSECOND", "DATETIME(6)"))     \
    X(SUB_INTERVAL, "SUB_INTERVAL", "mv", "m", "corm_later({0}, 0, -{1})",                         \
        CORM__PG_MOMENT(CORM__UTC " - {1}"),                                                       \
        CORM__MY_MOMENT("CAST({0} AS DATETIME(6)) - INTERVAL {1} MICROSECOND", "DATETIME(6)"))     \
    X(ADD_MONTHS, "ADD_MONTHS", "mi", "m", "corm_later({0}, {1}, 0)",                              \
        CORM__PG_MOMENT(CORM__UTC " + make_interval(months => ({1})::int)"),                       \
        CORM__MY_MOMENT("CAST({0} AS DATETIME(6)) + INTERVAL {1} MONTH", "DATETIME(6)"))           \
    X(ADD_MONTHS_DATE, "ADD_MONTHS", "di", "d", "corm_later({0}, {1}, 0)",                         \
        CORM__PG_DAY("({0} + make_interval(months => ({1})::int))"),                               \
        CORM__MY_MOMENT("CAST({0} AS DATE) + INTERVAL {1} MONTH", "DATE"))                         \
    X(ADD_DAYS, "ADD_DAYS", "mi", "m", "corm_later({0}, 0, corm_mul({1}, 86400000000))",           \
        CORM__PG_MOMENT(CORM__UTC " + make_interval(days => ({1})::int)"),                         \
        CORM__MY_MOMENT("CAST({0} AS DATETIME(6)) + INTERVAL {1} DAY", "DATETIME(6)"))             \
    X(ADD_DAYS_DATE, "ADD_DAYS", "di", "d", "corm_later({0}, 0, corm_mul({1}, 86400000000))",      \
        CORM__PG_DAY("({0} + ({1})::int)"),                                                        \
        CORM__MY_MOMENT("CAST({0} AS DATE) + INTERVAL {1} DAY", "DATE"))                           \
    X(DIFFERENCE, "DIFFERENCE", "mm", "v", "corm_difference({*})", "({0} - {1})",                  \
        "TIMESTAMPDIFF(MICROSECOND, {1}, {0})")                                                    \
    X(DAYS_BETWEEN, "DAYS_BETWEEN", "dd", "i", "CAST(julianday({0}) - julianday({1}) AS INTEGER)", \
        "({0} - {1})::bigint", "DATEDIFF({0}, {1})")
