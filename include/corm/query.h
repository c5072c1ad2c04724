/* Queries: expressions that the compiler checks, and the functions that run them.
 *
 *     Recipe *quick = corm_all(db, Recipes,
 *         .where    = AND(LTE(Recipes.time_minutes, 30),
 *                         EQ(Recipes.user->email, "ada@example.com")),
 *         .order_by = BY(DESC(Recipes.created), ASC(Recipes.title)),
 *         .with     = WITH(Recipes.user, Recipes.tags),
 *         .limit    = 20);
 *     for (size_t i = 0; i < corm_len(quick); i++) …
 *     corm_free(quick);
 *
 * A path is written as C: Recipes.title is a column, Recipes.user->email a column across a join. It
 * is never evaluated: the compiler checks its names and its type, and its text names the column. An
 * expression is made of compound literals, so it lives until the end of the block in which it is
 * written. With CORM_NO_SHORT_NAMES only the names that begin with CORM_ are defined. */
#pragma once
#include <corm/db.h>
#include <corm/model.h>
#include <corm/operator.h>

#pragma GCC visibility push(default)

/* A value of the wrong type in a query is a diagnostic of these two kinds. Compilers of today make
 * them errors; older ones are told to. */
#pragma GCC diagnostic error "-Wint-conversion"
#pragma GCC diagnostic error "-Wincompatible-pointer-types"

/* A node. The left operand is `path`, or `left` when that is not NULL; the right one is `value` (an
 * expression when its kind is CORM_EXPRESSION), or for lists `args`. */
typedef struct corm_expr corm_expr;
struct corm_expr {
    corm_op op;
    const char *path;               /* as written: "Recipes.user->email" */
    const corm_expr *left;
    corm_value value;
    corm_value value2;              /* BETWEEN: the upper end */
    const corm_expr *const *args;   /* AND OR COALESCE CONCAT: operands; a NULL one is left out */
    const corm_value *values;       /* IN */
    size_t n_args;                  /* of args or values */
};

typedef struct corm_query {
    const corm_expr *where;             /* NULL: all rows */
    const corm_expr *const *order_by;   /* BY(…) */
    const char *const *with;            /* WITH(…): relations to load */
    const corm_expr *const *set;        /* SET(…): corm_update */
    const corm_expr *having;            /* corm_select: a condition on groups */
    int64_t limit;                      /* rows; 0: no limit */
    int64_t offset;
    bool distinct;
    /* corm_update and corm_delete without .where are refused unless set */
    bool all;
} corm_query;

/* --- values of the right type --- */
/* Each takes what fits its kind of column and nothing else: that is the compile-time check. */
static inline corm_value corm__value_integer(int64_t v) {
    return (corm_value){ .kind = CORM_BIGINT, .integer = v };
}
/* Above INT64_MAX becomes a decimal, so that no value changes its sign. */
corm_value corm__value_unsigned(uint64_t v);
static inline corm_value corm__value_boolean(bool v) {
    return (corm_value){ .kind = CORM_BOOLEAN, .boolean = v };
}
static inline corm_value corm__value_double(double v) {
    return (corm_value){ .kind = CORM_DOUBLE_PRECISION, .real = v };
}
static inline corm_value corm__value_text(const char *v) {
    return (corm_value){ .kind = CORM_TEXT, .text = v };
}
static inline corm_value corm__value_decimal(corm_decimal v) {
    return (corm_value){ .kind = CORM_DECIMAL, .decimal = v };
}
static inline corm_value corm__value_blob(corm_blob v) {
    return (corm_value){ .kind = CORM_BLOB, .blob = v };
}
static inline corm_value corm__value_date(corm_date v) {
    return (corm_value){ .kind = CORM_DATE, .date = v };
}
static inline corm_value corm__value_time(corm_time v) {
    return (corm_value){ .kind = CORM_TIME, .time = v };
}
static inline corm_value corm__value_timestamp(corm_timestamp v) {
    return (corm_value){ .kind = CORM_TIMESTAMP, .timestamp = v };
}
static inline corm_value corm__value_interval(corm_interval v) {
    return (corm_value){ .kind = CORM_INTERVAL, .interval = v };
}
static inline corm_value corm__value_uuid(corm_uuid v) {
    return (corm_value){ .kind = CORM_UUID, .uuid = v };
}
static inline corm_value corm__value_expression(const corm_expr *v) {
    return (corm_value){ .kind = CORM_EXPRESSION, .expression = v };
}
/* Never called: a value that does not fit ends in a call of one of these, which no argument fits.
 * Their names are the message: gcc shows that of the function, clang that of the struct. */
#define CORM__NEVER(name) struct name { int never; }; corm_value name(struct name never)
CORM__NEVER(corm__an_integer_column_takes_an_integer);
CORM__NEVER(corm__a_boolean_column_takes_a_boolean);
CORM__NEVER(corm__a_decimal_column_takes_a_decimal_or_an_integer);
CORM__NEVER(corm__only_text_can_be_searched);
CORM__NEVER(corm__a_relation_has_no_value_compare_its_id);
CORM__NEVER(corm__a_primary_key_is_an_integer_text_or_uuid);
struct corm__WITH_takes_relations_not_columns;

#define CORM__INTEGER_FOR(v)                                                                       \
    _Generic((v), float: corm__an_integer_column_takes_an_integer,                                 \
        double: corm__an_integer_column_takes_an_integer,                                          \
             long double: corm__an_integer_column_takes_an_integer,                                \
                 unsigned long: corm__value_unsigned,                                              \
             unsigned long long: corm__value_unsigned, default: corm__value_integer)
#define CORM__BOOLEAN_FOR(v)                                                                       \
    _Generic((v), bool: corm__value_boolean, int: corm__value_boolean,                             \
        default: corm__a_boolean_column_takes_a_boolean)
#define CORM__DECIMAL_FOR(v)                                                                       \
    _Generic((v), corm_decimal: corm__value_decimal, short: corm__value_integer,                   \
        int: corm__value_integer, long: corm__value_integer,                                       \
             long long: corm__value_integer, unsigned: corm__value_integer,                        \
                 unsigned long: corm__value_unsigned,                                              \
             unsigned long long: corm__value_unsigned,                                             \
                 default: corm__a_decimal_column_takes_a_decimal_or_an_integer)
/* The value v for the column or expression col. */
#define CORM__VALUE(col, v)                                                                        \
    _Generic((v), corm_expr *: corm__value_expression, const corm_expr *: corm__value_expression,  \
        default: _Generic((col),                                                                   \
            const char *: corm__value_text, corm_blob: corm__value_blob,                           \
            bool: CORM__BOOLEAN_FOR(v), corm_optional_boolean: CORM__BOOLEAN_FOR(v),               \
            int16_t: CORM__INTEGER_FOR(v), int32_t: CORM__INTEGER_FOR(v),                          \
                int64_t: CORM__INTEGER_FOR(v), unsigned: CORM__INTEGER_FOR(v),                     \
            corm_optional_smallint: CORM__INTEGER_FOR(v),                                          \
                corm_optional_integer: CORM__INTEGER_FOR(v),                                       \
                corm_optional_bigint: CORM__INTEGER_FOR(v),                                        \
            float: corm__value_double, double: corm__value_double,                                 \
            corm_optional_real: corm__value_double,                                                \
                corm_optional_double_precision: corm__value_double,                                \
            corm_decimal: CORM__DECIMAL_FOR(v), corm_optional_decimal: CORM__DECIMAL_FOR(v),       \
            corm_date: corm__value_date, corm_optional_date: corm__value_date,                     \
            corm_time: corm__value_time, corm_optional_time: corm__value_time,                     \
            corm_timestamp: corm__value_timestamp, corm_optional_timestamp: corm__value_timestamp, \
            corm_interval: corm__value_interval, corm_optional_interval: corm__value_interval,     \
            corm_uuid: corm__value_uuid, corm_optional_uuid: corm__value_uuid,                     \
            corm_expr *: CORM__OWN_VALUE(v), const corm_expr *: CORM__OWN_VALUE(v),                \
            default: corm__a_relation_has_no_value_compare_its_id))(v)
/* The same where the column must be text. */
#define CORM__TEXT_VALUE(col, v)                                                                   \
    _Generic((v), corm_expr *: corm__value_expression, const corm_expr *: corm__value_expression,  \
        default: _Generic((col), const char *: corm__value_text, corm_expr *: corm__value_text,    \
            const corm_expr *: corm__value_text,                                                   \
            default: corm__only_text_can_be_searched))(v)
/* A primary key: its column is known when the query runs. */
#define CORM__KEY_VALUE(v)                                                                         \
    _Generic((v), char *: corm__value_text, const char *: corm__value_text,                        \
        corm_uuid: corm__value_uuid, float: corm__a_primary_key_is_an_integer_text_or_uuid,        \
        double: corm__a_primary_key_is_an_integer_text_or_uuid,                                    \
            unsigned long: corm__value_unsigned, unsigned long long: corm__value_unsigned,         \
        default: corm__value_integer)(v)
/* The value v by its own type, for an expression on the left. */
#define CORM__OWN_VALUE(v)                                                                         \
    _Generic((v), bool: corm__value_boolean, char *: corm__value_text,                             \
        const char *: corm__value_text,                                                            \
        float: corm__value_double, double: corm__value_double, corm_decimal: corm__value_decimal,  \
            corm_blob: corm__value_blob,                                                           \
        corm_date: corm__value_date, corm_time: corm__value_time,                                  \
            corm_timestamp: corm__value_timestamp,                                                 \
        corm_interval: corm__value_interval, corm_uuid: corm__value_uuid,                          \
        unsigned long: corm__value_unsigned, unsigned long long: corm__value_unsigned,             \
            default: corm__value_integer)

#define CORM__LEFT(x)                                                                              \
    .path = #x, .left = _Generic((x), corm_expr *: (x), const corm_expr *: (x),                    \
        default: (const corm_expr *)0)
#define CORM__VALUE_OF(c, v) CORM__VALUE(c, v),
/* An operand of a list: an expression as it is, a path as a node. */
#define CORM__OPERAND(c, x)                                                                        \
    _Generic((x), corm_expr *: (x), const corm_expr *: (x),                                        \
        default: &(const corm_expr){ .op = CORM_OP_PATH, .path = #x }),
#define CORM__ITEM_PLAIN(c, x) x,
#define CORM__ARGS(...)                                                                            \
    .args = (const corm_expr *const[]){ CORM__EACH(CORM__ITEM_PLAIN, , __VA_ARGS__) },             \
        .n_args = CORM__EACH_COUNT(__VA_ARGS__)
#define CORM__OPERANDS(...)                                                                        \
    .args = (const corm_expr *const[]){ CORM__EACH(CORM__OPERAND, , __VA_ARGS__) },                \
        .n_args = CORM__EACH_COUNT(__VA_ARGS__)
/* Of text, which could be dereferenced too, a struct that does not exist is made. */
#define CORM__RELATION(c, r)                                                                       \
    ((void)sizeof(*_Generic((r), const char *: (struct corm__WITH_takes_relations_not_columns *)0, \
        default: (r))), #r),
/* --- conditions: the left side is a path or an expression, the right a value of its type or an
 * expression --- */
/* Comparison. A NULL value is refused when the query runs: use IS_NULL. */
#define CORM_EQ(col, v)                                                                            \
    (&(const corm_expr){ .op = CORM_OP_EQ, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define CORM_NE(col, v)                                                                            \
    (&(const corm_expr){ .op = CORM_OP_NE, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define CORM_LT(col, v)                                                                            \
    (&(const corm_expr){ .op = CORM_OP_LT, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define CORM_LTE(col, v)                                                                           \
    (&(const corm_expr){ .op = CORM_OP_LTE, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define CORM_GT(col, v)                                                                            \
    (&(const corm_expr){ .op = CORM_OP_GT, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define CORM_GTE(col, v)                                                                           \
    (&(const corm_expr){ .op = CORM_OP_GTE, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
/* Text. The I… forms ignore case in every script, alike on every engine. LIKE takes an SQL pattern
 * (% any text, _ one character, \ escapes) and minds case on every engine; REGEX a POSIX extended
 * regular expression. */
#define CORM_CONTAINS(col, v)                                                                      \
    (&(const corm_expr){ .op = CORM_OP_CONTAINS, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col,   \
        v) })
#define CORM_ICONTAINS(col, v)                                                                     \
    (&(const corm_expr){ .op = CORM_OP_ICONTAINS, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col,  \
        v) })
#define CORM_STARTS_WITH(col, v)                                                                   \
    (&(const corm_expr){ .op = CORM_OP_STARTS_WITH, CORM__LEFT(col),                               \
        .value = CORM__TEXT_VALUE(col, v) })
#define CORM_ISTARTS_WITH(col, v)                                                                  \
    (&(const corm_expr){ .op = CORM_OP_ISTARTS_WITH, CORM__LEFT(col),                              \
        .value = CORM__TEXT_VALUE(col, v) })
#define CORM_ENDS_WITH(col, v)                                                                     \
    (&(const corm_expr){ .op = CORM_OP_ENDS_WITH, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col,  \
        v) })
#define CORM_IENDS_WITH(col, v)                                                                    \
    (&(const corm_expr){ .op = CORM_OP_IENDS_WITH, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col, \
        v) })
#define CORM_IEXACT(col, v)                                                                        \
    (&(const corm_expr){ .op = CORM_OP_IEXACT, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col,     \
        v) })
#define CORM_LIKE(col, v)                                                                          \
    (&(const corm_expr){ .op = CORM_OP_LIKE, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col, v) })
#define CORM_ILIKE(col, v)                                                                         \
    (&(const corm_expr){ .op = CORM_OP_ILIKE, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col,      \
        v) })
#define CORM_REGEX(col, v)                                                                         \
    (&(const corm_expr){ .op = CORM_OP_REGEX, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col,      \
        v) })
#define CORM_IREGEX(col, v)                                                                        \
    (&(const corm_expr){ .op = CORM_OP_IREGEX, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col,     \
        v) })
/* One of the values listed; one of n values in a C array of the column's own type (int64_t, const
 * char *, corm_uuid); between two, both included. */
#define CORM_IN(col, ...)                                                                          \
    (&(const corm_expr){ .op = CORM_OP_IN, CORM__LEFT(col),                                        \
        .values = (const corm_value[]){ CORM__EACH(CORM__VALUE_OF, col, __VA_ARGS__) },            \
        .n_args = CORM__EACH_COUNT(__VA_ARGS__) })
#define CORM_ONE_OF(col, array, n)                                                                 \
    (&(const corm_expr){ .op = CORM_OP_ONE_OF, CORM__LEFT(col), .value = CORM__ARRAY_VALUE(array,  \
        n), .value2 = (0 ? CORM__VALUE(col, *(array)) : (corm_value){ .kind = CORM_NULL }) })
#define CORM__ARRAY_VALUE(a, n)                                                                    \
    { .kind = CORM_ARRAY, .element = _Generic(*(a), int32_t: CORM_INTEGER, int64_t: CORM_BIGINT,   \
        char *: CORM_TEXT, const char *: CORM_TEXT, corm_uuid: CORM_UUID), .array = { (a), (n),    \
        false } }
#define CORM_BETWEEN(col, low, high)                                                               \
    (&(const corm_expr){ .op = CORM_OP_BETWEEN, CORM__LEFT(col), .value = CORM__VALUE(col, low),   \
        .value2 = CORM__VALUE(col, high) })
#define CORM_IS_NULL(col) (&(const corm_expr){ .op = CORM_OP_IS_NULL, CORM__LEFT(col) })
#define CORM_IS_NOT_NULL(col) (&(const corm_expr){ .op = CORM_OP_IS_NOT_NULL, CORM__LEFT(col) })
/* NULL operands are left out, so that conditions may be put together: AND(a, wanted ? b : NULL). A
 * path over a relation to many rows: some row satisfies all conditions on this relation in one AND,
 * EQ(Recipes.tags->name, "vegan"); rows of the result are never doubled by it. NOT means that no
 * row does. NOT takes in exactly the rows that its condition leaves out, those with NULL too; NE,
 * like SQL's <>, is not true of NULL. IS_NULL and IS_NOT_NULL also take a relation:
 * IS_NULL(Recipes.tags), there is none. */
#define CORM_AND(...) (&(const corm_expr){ .op = CORM_OP_AND, CORM__ARGS(__VA_ARGS__) })
#define CORM_OR(...) (&(const corm_expr){ .op = CORM_OP_OR, CORM__ARGS(__VA_ARGS__) })
#define CORM_NOT(x) (&(const corm_expr){ .op = CORM_OP_NOT, .left = (x) })

/* --- expressions --- */
/* A column as a value, for column against column: GT(Recipes.servings,
 * COL(Recipes.time_minutes)). */
#define CORM_COL(col)                                                                              \
    (&(const corm_expr){ .op = CORM_OP_PATH, .path = #col, .value = { .integer = sizeof(col) } })
#define CORM_ADD(col, v)                                                                           \
    (&(const corm_expr){ .op = CORM_OP_ADD, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define CORM_SUB(col, v)                                                                           \
    (&(const corm_expr){ .op = CORM_OP_SUB, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define CORM_MUL(col, v)                                                                           \
    (&(const corm_expr){ .op = CORM_OP_MUL, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define CORM_DIV(col, v)                                                                           \
    (&(const corm_expr){ .op = CORM_OP_DIV, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define CORM_MOD(col, v)                                                                           \
    (&(const corm_expr){ .op = CORM_OP_MOD, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
/* Aggregates, in corm_select: rows; values that are not NULL; different ones; sum; mean; least;
 * greatest. */
#define CORM_COUNT() (&(const corm_expr){ .op = CORM_OP_COUNT_ROWS })
#define CORM_COUNT_OF(col) (&(const corm_expr){ .op = CORM_OP_COUNT, CORM__LEFT(col) })
#define CORM_COUNT_DISTINCT(col)                                                                   \
    (&(const corm_expr){ .op = CORM_OP_COUNT_DISTINCT, CORM__LEFT(col) })
#define CORM_SUM(col) (&(const corm_expr){ .op = CORM_OP_SUM, CORM__LEFT(col) })
#define CORM_AVG(col) (&(const corm_expr){ .op = CORM_OP_AVG, CORM__LEFT(col) })
#define CORM_MIN_OF(col) (&(const corm_expr){ .op = CORM_OP_MIN, CORM__LEFT(col) })
#define CORM_MAX_OF(col) (&(const corm_expr){ .op = CORM_OP_MAX, CORM__LEFT(col) })
#define CORM_LOWER(col) (&(const corm_expr){ .op = CORM_OP_LOWER, CORM__LEFT(col) })
#define CORM_UPPER(col) (&(const corm_expr){ .op = CORM_OP_UPPER, CORM__LEFT(col) })
#define CORM_LENGTH(col) (&(const corm_expr){ .op = CORM_OP_LENGTH, CORM__LEFT(col) })
#define CORM_COALESCE(...)                                                                         \
    (&(const corm_expr){ .op = CORM_OP_COALESCE, CORM__OPERANDS(__VA_ARGS__) })
#define CORM_CONCAT(...) (&(const corm_expr){ .op = CORM_OP_CONCAT, CORM__OPERANDS(__VA_ARGS__) })
/* A constant as an expression. */
#define CORM_VALUE(v) (&(const corm_expr){ .op = CORM_OP_VALUE, .value = CORM__OWN_VALUE(v)(v) })

/* What a path gives to a column of a report. Other expressions fit each. */
#define CORM__GIVES(x)                                                                             \
    __typeof__(_Generic((x), corm_expr *: (const void *)0, const corm_expr *: (const void *)0,     \
        const char *: (corm__takes_a_text)0,                                                       \
        int16_t: (corm__takes_an_integer)0, int32_t: (corm__takes_an_integer)0,                    \
            int64_t: (corm__takes_an_integer)0, unsigned: (corm__takes_an_integer)0,               \
        corm_optional_smallint: (corm__takes_an_integer)0,                                         \
            corm_optional_integer: (corm__takes_an_integer)0,                                      \
            corm_optional_bigint: (corm__takes_an_integer)0,                                       \
        bool: (corm__takes_a_boolean)0, corm_optional_boolean: (corm__takes_a_boolean)0,           \
        float: (corm__takes_a_double)0, double: (corm__takes_a_double)0,                           \
            corm_optional_real: (corm__takes_a_double)0,                                           \
            corm_optional_double_precision: (corm__takes_a_double)0,                               \
        corm_decimal: (corm__takes_a_decimal)0, corm_optional_decimal: (corm__takes_a_decimal)0,   \
            corm_blob: (corm__takes_a_blob)0,                                                      \
        corm_date: (corm__takes_a_date)0, corm_optional_date: (corm__takes_a_date)0,               \
            corm_time: (corm__takes_a_time)0, corm_optional_time: (corm__takes_a_time)0,           \
        corm_timestamp: (corm__takes_a_timestamp)0,                                                \
            corm_optional_timestamp: (corm__takes_a_timestamp)0,                                   \
        corm_interval: (corm__takes_an_interval)0,                                                 \
            corm_optional_interval: (corm__takes_an_interval)0,                                    \
        corm_uuid: (corm__takes_a_uuid)0, corm_optional_uuid: (corm__takes_a_uuid)0,               \
        corm_array_integer: (corm__takes_an_array)0, corm_array_bigint: (corm__takes_an_array)0,   \
        corm_array_double_precision: (corm__takes_an_array)0,                                      \
            corm_array_text: (corm__takes_an_array)0,                                              \
        default: (const struct corm__a_relation_which_is_no_column *)0))

/* --- clauses --- */
#define CORM_ASC(col) (&(const corm_expr){ .op = CORM_OP_ASC, CORM__LEFT(col) })
#define CORM_DESC(col) (&(const corm_expr){ .op = CORM_OP_DESC, CORM__LEFT(col) })
#define CORM_BY(...) ((const corm_expr *const[]){ CORM__EACH(CORM__OPERAND, , __VA_ARGS__) NULL })
/* corm_update: SET(TO(Recipes.title, "Stew"), TO(Recipes.views, ADD(Recipes.views, 1)));
 * TO_NULL(Recipes.link). */
#define CORM_TO(col, v)                                                                            \
    (&(const corm_expr){ .op = CORM_OP_SET, .path = #col, .value = CORM__VALUE(col, v) })
#define CORM_TO_NULL(col)                                                                          \
    (&(const corm_expr){ .op = CORM_OP_SET, .path = #col, .value = { .kind = CORM_NULL,            \
        .integer = sizeof(col) } })
#define CORM_SET(...)                                                                              \
    ((const corm_expr *const[]){ CORM__EACH(CORM__ITEM_PLAIN, , __VA_ARGS__) NULL })
/* Relations to load with the rows: by a join for one row, by one more query for many; nested:
 * WITH(Recipes.user->country). */
#define CORM_WITH(...) ((const char *const[]){ CORM__EACH(CORM__RELATION, , __VA_ARGS__) NULL })
/* corm_select: .columns = COLUMNS(AS(email, Recipes.user->email), AS(recipes, COUNT())); each name
 * is a member of the row struct. */
#define CORM_COLUMNS(...) { __VA_ARGS__ }
#define CORM_AS(n, x)                                                                              \
    .n = (CORM__GIVES(x))_Generic((x), corm_expr *: (x), const corm_expr *: (x),                   \
        default: &(const corm_expr){ .op = CORM_OP_PATH, .path = #x })

#ifndef CORM_NO_SHORT_NAMES
#define EQ(col, v)                                                                                 \
    (&(const corm_expr){ .op = CORM_OP_EQ, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define NE(col, v)                                                                                 \
    (&(const corm_expr){ .op = CORM_OP_NE, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define LT(col, v)                                                                                 \
    (&(const corm_expr){ .op = CORM_OP_LT, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define LTE(col, v)                                                                                \
    (&(const corm_expr){ .op = CORM_OP_LTE, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define GT(col, v)                                                                                 \
    (&(const corm_expr){ .op = CORM_OP_GT, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define GTE(col, v)                                                                                \
    (&(const corm_expr){ .op = CORM_OP_GTE, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define CONTAINS(col, v)                                                                           \
    (&(const corm_expr){ .op = CORM_OP_CONTAINS, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col,   \
        v) })
#define ICONTAINS(col, v)                                                                          \
    (&(const corm_expr){ .op = CORM_OP_ICONTAINS, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col,  \
        v) })
#define STARTS_WITH(col, v)                                                                        \
    (&(const corm_expr){ .op = CORM_OP_STARTS_WITH, CORM__LEFT(col),                               \
        .value = CORM__TEXT_VALUE(col, v) })
#define ISTARTS_WITH(col, v)                                                                       \
    (&(const corm_expr){ .op = CORM_OP_ISTARTS_WITH, CORM__LEFT(col),                              \
        .value = CORM__TEXT_VALUE(col, v) })
#define ENDS_WITH(col, v)                                                                          \
    (&(const corm_expr){ .op = CORM_OP_ENDS_WITH, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col,  \
        v) })
#define IENDS_WITH(col, v)                                                                         \
    (&(const corm_expr){ .op = CORM_OP_IENDS_WITH, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col, \
        v) })
#define IEXACT(col, v)                                                                             \
    (&(const corm_expr){ .op = CORM_OP_IEXACT, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col,     \
        v) })
#define LIKE(col, v)                                                                               \
    (&(const corm_expr){ .op = CORM_OP_LIKE, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col, v) })
#define ILIKE(col, v)                                                                              \
    (&(const corm_expr){ .op = CORM_OP_ILIKE, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col,      \
        v) })
#define REGEX(col, v)                                                                              \
    (&(const corm_expr){ .op = CORM_OP_REGEX, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col,      \
        v) })
#define IREGEX(col, v)                                                                             \
    (&(const corm_expr){ .op = CORM_OP_IREGEX, CORM__LEFT(col), .value = CORM__TEXT_VALUE(col,     \
        v) })
#define IN(col, ...)                                                                               \
    (&(const corm_expr){ .op = CORM_OP_IN, CORM__LEFT(col),                                        \
        .values = (const corm_value[]){ CORM__EACH(CORM__VALUE_OF, col, __VA_ARGS__) },            \
        .n_args = CORM__EACH_COUNT(__VA_ARGS__) })
#define ONE_OF(col, array, n)                                                                      \
    (&(const corm_expr){ .op = CORM_OP_ONE_OF, CORM__LEFT(col), .value = CORM__ARRAY_VALUE(array,  \
        n), .value2 = (0 ? CORM__VALUE(col, *(array)) : (corm_value){ .kind = CORM_NULL }) })
#define BETWEEN(col, low, high)                                                                    \
    (&(const corm_expr){ .op = CORM_OP_BETWEEN, CORM__LEFT(col), .value = CORM__VALUE(col, low),   \
        .value2 = CORM__VALUE(col, high) })
#define IS_NULL(col) (&(const corm_expr){ .op = CORM_OP_IS_NULL, CORM__LEFT(col) })
#define IS_NOT_NULL(col) (&(const corm_expr){ .op = CORM_OP_IS_NOT_NULL, CORM__LEFT(col) })
#define AND(...) (&(const corm_expr){ .op = CORM_OP_AND, CORM__ARGS(__VA_ARGS__) })
#define OR(...) (&(const corm_expr){ .op = CORM_OP_OR, CORM__ARGS(__VA_ARGS__) })
#define NOT(x) (&(const corm_expr){ .op = CORM_OP_NOT, .left = (x) })
#define COL(col)                                                                                   \
    (&(const corm_expr){ .op = CORM_OP_PATH, .path = #col, .value = { .integer = sizeof(col) } })
#define ADD(col, v)                                                                                \
    (&(const corm_expr){ .op = CORM_OP_ADD, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define SUB(col, v)                                                                                \
    (&(const corm_expr){ .op = CORM_OP_SUB, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define MUL(col, v)                                                                                \
    (&(const corm_expr){ .op = CORM_OP_MUL, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define DIV(col, v)                                                                                \
    (&(const corm_expr){ .op = CORM_OP_DIV, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define MOD(col, v)                                                                                \
    (&(const corm_expr){ .op = CORM_OP_MOD, CORM__LEFT(col), .value = CORM__VALUE(col, v) })
#define COUNT() (&(const corm_expr){ .op = CORM_OP_COUNT_ROWS })
#define COUNT_OF(col) (&(const corm_expr){ .op = CORM_OP_COUNT, CORM__LEFT(col) })
#define COUNT_DISTINCT(col) (&(const corm_expr){ .op = CORM_OP_COUNT_DISTINCT, CORM__LEFT(col) })
#define SUM(col) (&(const corm_expr){ .op = CORM_OP_SUM, CORM__LEFT(col) })
#define AVG(col) (&(const corm_expr){ .op = CORM_OP_AVG, CORM__LEFT(col) })
#define MIN_OF(col) (&(const corm_expr){ .op = CORM_OP_MIN, CORM__LEFT(col) })
#define MAX_OF(col) (&(const corm_expr){ .op = CORM_OP_MAX, CORM__LEFT(col) })
#define LOWER(col) (&(const corm_expr){ .op = CORM_OP_LOWER, CORM__LEFT(col) })
#define UPPER(col) (&(const corm_expr){ .op = CORM_OP_UPPER, CORM__LEFT(col) })
#define LENGTH(col) (&(const corm_expr){ .op = CORM_OP_LENGTH, CORM__LEFT(col) })
#define COALESCE(...) (&(const corm_expr){ .op = CORM_OP_COALESCE, CORM__OPERANDS(__VA_ARGS__) })
#define CONCAT(...) (&(const corm_expr){ .op = CORM_OP_CONCAT, CORM__OPERANDS(__VA_ARGS__) })
#define VALUE(v) (&(const corm_expr){ .op = CORM_OP_VALUE, .value = CORM__OWN_VALUE(v)(v) })
#define ASC(col) (&(const corm_expr){ .op = CORM_OP_ASC, CORM__LEFT(col) })
#define DESC(col) (&(const corm_expr){ .op = CORM_OP_DESC, CORM__LEFT(col) })
#define BY(...) ((const corm_expr *const[]){ CORM__EACH(CORM__OPERAND, , __VA_ARGS__) NULL })
#define TO(col, v)                                                                                 \
    (&(const corm_expr){ .op = CORM_OP_SET, .path = #col, .value = CORM__VALUE(col, v) })
#define TO_NULL(col)                                                                               \
    (&(const corm_expr){ .op = CORM_OP_SET, .path = #col, .value = { .kind = CORM_NULL,            \
        .integer = sizeof(col) } })
#define SET(...) ((const corm_expr *const[]){ CORM__EACH(CORM__ITEM_PLAIN, , __VA_ARGS__) NULL })
#define WITH(...) ((const char *const[]){ CORM__EACH(CORM__RELATION, , __VA_ARGS__) NULL })
#define COLUMNS(...) { __VA_ARGS__ }
#define AS(n, x)                                                                                   \
    .n = (CORM__GIVES(x))_Generic((x), corm_expr *: (x), const corm_expr *: (x),                   \
        default: &(const corm_expr){ .op = CORM_OP_PATH, .path = #x })
#endif

/* --- running them --- Results: one piece of memory each. corm_len says how many rows, corm_free
 * gives them back with all their strings and related rows. On failure the pointer is NULL (an int
 * or int64_t negative) and corm_error(db) says why. */

/* Number of rows of a result or of a to-many member that .with filled; 0 for NULL. */
size_t corm_len(const void *rows);
/* NULL-safe. Only for what the functions below returned, not for members. */
void corm_free(const void *rows);

/* All rows that match. No row: a result of length 0, not NULL. NULL sorts behind all values; rows
 * that are equal in the order, or of which a limit takes some, come in the order of the primary
 * key, so that every engine gives the same. */
#define corm_all(db, Name, ...)                                                                    \
    ((__typeof__(Name) *)corm__all((db), corm__table_##Name, &(corm_query){ __VA_ARGS__ }))
/* The one row that matches: none is CORM_ERROR_NOT_FOUND, several CORM_ERROR_MULTIPLE_ROWS. */
#define corm_get(db, Name, ...)                                                                    \
    ((__typeof__(Name) *)corm__get((db), corm__table_##Name, &(corm_query){ __VA_ARGS__ }))
/* The row with this primary key (one column: an integer, text, or corm_uuid): corm_find(db,
 * Recipes, 7). CORM_ERROR_NOT_FOUND when there is none. */
#define corm_find(db, Name, key)                                                                   \
    ((__typeof__(Name) *)corm__find((db), corm__table_##Name, CORM__KEY_VALUE(key)))
/* The first row in the order given (else by primary key); NULL with status 0 when there is none. */
#define corm_first(db, Name, ...)                                                                  \
    ((__typeof__(Name) *)corm__first((db), corm__table_##Name, &(corm_query){ __VA_ARGS__ }))
/* How many rows match; whether any does (1 or 0). Negative on failure. */
#define corm_count(db, Name, ...)                                                                  \
    corm__count((db), corm__table_##Name, &(corm_query){ __VA_ARGS__ })
#define corm_exists(db, Name, ...)                                                                 \
    corm__exists((db), corm__table_##Name, &(corm_query){ __VA_ARGS__ })
/* A loop over the rows in constant memory: corm_each(recipe, db, Recipes, .where = …) {
 * puts(recipe->title); }. `recipe` is valid until the next turn. break and return are fine. After
 * it corm_failed(db) tells an error from the end. Other queries may run inside. Relations to many
 * rows cannot be loaded by it. */
#define corm_each(row, db, Name, ...)                                                              \
    for (corm_cursor *corm__cursor_##row __attribute__((cleanup(corm__cursor_cleanup))) =          \
        corm__each((db), corm__table_##Name, &(corm_query){ __VA_ARGS__ }),                        \
                     *corm__once_##row = corm__cursor_##row; corm__once_##row; corm__once_##row =  \
                         NULL)                                                                     \
        for (__typeof__(Name) *row; (row = corm__cursor_next(corm__cursor_##row)) != NULL;)
/* Rows of a struct T declared by CORM_ROW, one expression a column. With an aggregate among them it
 * groups by all others. A path to many rows among the columns is joined, and conditions on it are
 * about the joined row: AS(tag, Recipes.tags->name) gives a row for each tag; below an aggregate,
 * AS(n, COUNT_OF(Recipes.tags)), recipes without one count 0. COUNT and SUM of integers are bigint,
 * AVG is double precision, SUM of decimals a decimal(…, 38, places); but for COUNT they are NULL
 * when there is no value: declare them optional_…. */
#define corm_select(db, T, Name, ...)                                                              \
    ((T *)corm__select((db), &corm__model_of_##T, corm__table_##Name,                              \
        &(const struct { CORM__QUERY_MEMBERS struct corm__columns_of_##T columns; }){ __VA_ARGS__  \
        }))
/* SQL by hand into rows of T (a model or a CORM_ROW), columns matched by name; ? is a parameter on
 * every engine, ?? a question mark. A statement without rows, such as an UPDATE, runs and gives 0
 * of them. corm_sql(db, Total, "SELECT … WHERE email = ?", TEXT("x")). */
#define corm_sql(db, T, ...) ((T *)CORM__SQL(db, T, __VA_ARGS__, ))
#define CORM__SQL(db, T, sql, ...)                                                                 \
    corm__sql((db), &corm__model_of_##T, sql, (const corm_value[]){ __VA_ARGS__ CORM_VALUE_END },  \
        sizeof((const corm_value[]){ __VA_ARGS__ CORM_VALUE_END }) / sizeof(corm_value) - 1)
#define CORM_VALUE_END { .kind = CORM_NULL }

/* Inserts *row. It leaves out, for the database to make: an identity that is 0, a column with an
 * SQL default where the member is all zero, unset or NULL, and generated columns; these come back
 * into it, texts among them until the next insert on db. A text or blob that is NULL in a column
 * that takes no NULL becomes the column's default, when it has one. All else is written as it is:
 * a number that is 0 is 0, whatever its default; begin with corm_defaults(Name) to have the
 * defaults. 0 or a status. */
#define corm_insert(db, Name, row) corm__insert((db), corm__table_##Name, CORM__ROW_OF(Name, row))
/* Inserts n rows, all or none; identities come back into them. The fastest way that the engine
 * has. */
#define corm_insert_many(db, Name, rows, n)                                                        \
    corm__insert_many((db), corm__table_##Name, CORM__ROW_OF(Name, rows), (n))
/* The same when nothing need come back: what the database makes (identities, SQL defaults) may stay
 * unset in the rows. On PostgreSQL by binary COPY. */
#define corm_bulk_load(db, Name, rows, n)                                                          \
    corm__bulk_load((db), corm__table_##Name, CORM__ROW_OF(Name, rows), (n))
/* Writes all columns of *row: inserts it, or updates the row that has its primary key, which it
 * never guesses: a key of 0 is a key. Only an identity of 0, or a key with an SQL default that is
 * not set, is a new row. One statement: others may save the same key meanwhile. auto_now_add stays
 * that of the row which was there, and comes back. A row that has another unique value of this one
 * is CORM_ERROR_UNIQUE and stays as it is. The table must have the model's primary key. */
#define corm_save(db, Name, row) corm__save((db), corm__table_##Name, CORM__ROW_OF(Name, row))
/* Updates or deletes the rows that match; how many they were. */
#define corm_update(db, Name, ...)                                                                 \
    corm__update((db), corm__table_##Name, &(corm_query){ __VA_ARGS__ })
#define corm_delete(db, Name, ...)                                                                 \
    corm__delete((db), corm__table_##Name, &(corm_query){ __VA_ARGS__ })
/* Links the row with key `owner` to n rows by the relation Name.relation (many to many): int64_t
 * keys. Links that are there stay. */
#define corm_add(db, Name, relation, owner, keys, n)                                               \
    corm__add((db), corm__table_##Name, ((void)sizeof(*(Name.relation)), #relation), (owner),      \
        (keys), (n))
#define corm_remove(db, Name, relation, owner, keys, n)                                            \
    corm__remove((db), corm__table_##Name, ((void)sizeof(*(Name.relation)), #relation), (owner),   \
        (keys), (n))

/* The row itself, its type checked by an assignment that is never run; a statement expression would
 * end the life of a compound literal. */
#define CORM__ROW_OF(Name, row) ((void)(__typeof__((__typeof__(Name) *){ 0 } = (row)))0, (row))
/* The members of corm_query, in its order: the select query is a corm_query with columns behind
 * it. */
#define CORM__QUERY_MEMBERS                                                                        \
    const corm_expr *where; const corm_expr *const *order_by; const char *const *with; const       \
        corm_expr *const *set;                                                                     \
    const corm_expr *having; int64_t limit; int64_t offset; bool distinct; bool all;

typedef struct corm_cursor corm_cursor;
void *corm__all(corm_db *db, const corm_model *model, const corm_query *query);
void *corm__get(corm_db *db, const corm_model *model, const corm_query *query);
void *corm__find(corm_db *db, const corm_model *model, corm_value key);
void *corm__first(corm_db *db, const corm_model *model, const corm_query *query);
int64_t corm__count(corm_db *db, const corm_model *model, const corm_query *query);
int corm__exists(corm_db *db, const corm_model *model, const corm_query *query);
corm_cursor *corm__each(corm_db *db, const corm_model *model, const corm_query *query);
void *corm__cursor_next(corm_cursor *cursor);
void corm__cursor_cleanup(corm_cursor **cursor);
/* query: the members of corm_query, then one expression for each field of row, in its order. */
void *corm__select(corm_db *db, const corm_model *row, const corm_model *model, const void *query);
void *corm__sql(corm_db *db, const corm_model *row, const char *sql, const corm_value *values,
                size_t n);
int corm__insert(corm_db *db, const corm_model *model, void *row);
int corm__insert_many(corm_db *db, const corm_model *model, void *rows, size_t n);
int corm__bulk_load(corm_db *db, const corm_model *model, void *rows, size_t n);
int corm__save(corm_db *db, const corm_model *model, void *row);
int64_t corm__update(corm_db *db, const corm_model *model, const corm_query *query);
int64_t corm__delete(corm_db *db, const corm_model *model, const corm_query *query);
int corm__add(corm_db *db, const corm_model *model, const char *relation, int64_t owner,
              const int64_t *keys, size_t n);
int corm__remove(corm_db *db, const corm_model *model, const char *relation, int64_t owner,
                 const int64_t *keys, size_t n);

#pragma GCC visibility pop
