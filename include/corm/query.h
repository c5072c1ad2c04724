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
 * is never evaluated: the compiler checks its names and its type, and its text names the column.
 *
 * An expression lives in the statement in which it is written: the query that uses it spends it,
 * and one that is met a second time is refused. What is put together at run time, kept or passed on
 * goes into a corm_filter, which copies. With CORM_NO_SHORT_NAMES only the names that begin with
 * CORM_ are defined. */
#pragma once
#pragma GCC system_header
#ifdef __cplusplus
#include <corm/c_only.h>
#else
#include <corm/begin.h>
#include <corm/db.h>
#include <corm/model.h>
#include <corm/expression.h>
#include <corm/scalar.h>
#include <corm/operator.h>

CORM__BEGIN

/* A value of the wrong type in a query is a diagnostic of these two kinds. Compilers of today make
 * them errors; older ones are told to. */
#pragma GCC diagnostic error "-Wint-conversion"
#pragma GCC diagnostic error "-Wincompatible-pointer-types"
/* So is a value of one enumeration for the column of another. gcc sees it of constants and of
 * variables, clang of variables: a constant is an int to it, as C has it before C23. */
#ifdef __clang__
#pragma GCC diagnostic error "-Wenum-compare"
#define CORM__ONE_ENUM(type, v) ((type)0 == (v))
#else
#pragma GCC diagnostic error "-Wenum-conversion"
#define CORM__ONE_ENUM(type, v) (type){ v }
#endif

/* What the macros below make, for the query in which it stands. There is nothing to see in it, and
 * no variable to keep it in: an expression; a condition on rows, EQ(Recipes.title, "x"), or on
 * groups of them, GT(COUNT(), 3); a direction of an order. */
typedef struct corm_expr corm_expr;
typedef struct corm_condition corm_condition;
typedef struct corm_condition_on_groups corm_condition_on_groups;
typedef struct corm_ordering corm_ordering;
typedef struct corm_order corm_order;           /* BY(…) */
typedef struct corm_changes corm_changes;       /* SET(…) */
typedef struct corm_change corm_change;         /* TO(…) */
typedef struct corm_relations corm_relations;   /* WITH(…) */
typedef struct corm_members corm_members;       /* MEMBERS(…) */
typedef struct corm_filter corm_filter;

/* Until the transaction ends nobody else may change the rows (UPDATE), change them while several
 * may have this lock (SHARE), or take away their keys (KEY_SHARE). An engine that lacks one of them
 * has a stronger one; SQLite locks its whole database against all other writers. */
typedef enum corm_lock {
    CORM_LOCK_UPDATE = 1, CORM_LOCK_SHARE, CORM_LOCK_KEY_SHARE
} corm_lock;

/* A row, and the model that it is of: AFTER(Recipes, &last). */
typedef struct corm_after { const corm_model *model; const void *row; } corm_after;

/* The members of a query, as they are named in a call: corm_all(db, Recipes, .limit = 20). Which
 * call takes which: CORM__MEMBERS_OF below. */
#define CORM__CHOICE                                                                               \
    /* another table of the same columns, by its name, which is quoted and never pasted: that there\
     * is none is CORM_ERROR_NO_TABLE. Relations lead to the tables of the models. NULL: its own */\
    const char *table;                                                                             \
    const corm_condition *where;        /* NULL: all rows */                                       \
    const corm_filter *filter;          /* joined to .where by AND; NULL: none */
#define CORM__ORDER                                                                                \
    const corm_order *order_by;         /* BY(…), before the order of the filter */                \
    int64_t limit;                      /* rows; 0: none of them; not given: no limit */           \
    int64_t offset;                                                                                \
    bool reverse;                       /* the order turned around, that by key too */             \
    bool random;                        /* no order: a new one each time */                        \
    bool distinct;
#define CORM__PAGE                                                                                 \
    /* AFTER(Recipes, &last): the rows behind this one, in the order of the query. It is a row     \
     * that was read with the same order; of a row that is NULL all rows, from the first on */     \
    corm_after after;                                                                              \
    const corm_order *distinct_on;      /* BY(…): of those equal in it the first, by the order */
#define CORM__ROWS                                                                                 \
    const corm_relations *with;         /* WITH(…): relations to load */                           \
    const corm_members *only, *except;  /* MEMBERS(…): columns to read, or not to read */          \
    /* CORM_LOCK_…: the rows stay locked until the transaction ends; refused outside of one. A row \
     * that another has locked is waited for, or is CORM_ERROR_LOCKED, or left out */              \
    corm_lock lock;                                                                                \
    bool nowait, skip_locked;
#define CORM__GROUPS const corm_condition_on_groups *having;
#define CORM__CHANGES const corm_changes *set;                  /* SET(…) */
#define CORM__SAFETY bool all;      /* corm_update, corm_delete without a condition: refused else */
/* Each group has its place; those with a name, which says who takes them, are not for this call. */
#define CORM__MEMBERS_OF(page, rows, groups, changes, safety)                                      \
    struct { CORM__CHOICE }; struct { CORM__ORDER }; struct { CORM__PAGE } page;                   \
    struct { CORM__ROWS } rows; struct { CORM__GROUPS } groups; struct { CORM__CHANGES } changes;  \
    struct { CORM__SAFETY } safety;
typedef struct corm_query { CORM__MEMBERS_OF(, , , , ) } __attribute__((may_alias)) corm_query;
struct corm__rows { CORM__MEMBERS_OF(, , corm__of_select, corm__of_update, corm__of_delete) };
struct corm__count {
    CORM__MEMBERS_OF(, corm__of_all, corm__of_select, corm__of_update, corm__of_delete)
};
struct corm__update { CORM__MEMBERS_OF(corm__of_count, corm__of_all, corm__of_select, , ) };
struct corm__delete {
    CORM__MEMBERS_OF(corm__of_count, corm__of_all, corm__of_select, corm__of_update, )
};
/* Of a subquery; EXISTS has neither an order nor a limit. */
#define CORM__INNER_MEMBERS(values)                                                                \
    struct { CORM__CHOICE };                                                                       \
    struct { const corm_order *order_by; int64_t limit, offset; bool reverse; } values;
struct corm__inner { CORM__INNER_MEMBERS() } __attribute__((may_alias));
struct corm__exists { CORM__INNER_MEMBERS(corm__of_values) };
#define CORM__NO_LIMIT INT64_MIN
/* Members are assigned one by one, not initialised, so that a limit that is not given is told from
 * one of 0 without a warning of a member that is initialised twice. */
#define CORM__ASSIGN(query, member) (void)(query member);
#define CORM__ASSIGN_AND(query, member) (void)(query member),
#define CORM__QUERY(type, query, ...)                                                              \
    struct type query = { .limit = CORM__NO_LIMIT };                                               \
    CORM__EACH(CORM__ASSIGN, query, __VA_ARGS__)
#define CORM__GIVEN(query) (const corm_query *)(const void *)&query
#define CORM__RUN(type, function, query, db, Name, ...)                                            \
    __extension__({                                                                                \
        struct type query = { .limit = CORM__NO_LIMIT };                                           \
        CORM__CAT(CORM__EACH_, CORM__EACH_COUNT(__VA_ARGS__))                                      \
        (CORM__ASSIGN, query __VA_OPT__(,) __VA_ARGS__)                                            \
        function((db), corm__table_##Name, CORM__GIVEN(query));                                    \
    })
#define CORM__UNIQUE(name) CORM__CAT(name, __COUNTER__)

/* A condition, of rows or of groups, or NULL: what stands in AND, OR, NOT and HAS. */
typedef union corm__a_condition {
    const corm_condition *rows;
    const corm_condition_on_groups *groups;
} corm__a_condition __attribute__((transparent_union));
static inline const void *corm__condition_of(corm__a_condition condition) { return condition.rows; }

/* Each makes an expression in memory of the thread; path or left is its left operand. */
#define CORM__MADE __attribute__((warn_unused_result))
CORM__MADE const corm_expr *corm__expr(corm_op op, const char *path, const corm_expr *left);
CORM__MADE const corm_expr *corm__expr_value(corm_op op, const char *path, const corm_expr *left,
                                             corm_value value);
/* The condition of a path and a value. */
CORM__MADE const corm_condition *corm__compare(corm_op op, const char *path, corm_value value);
CORM__MADE const corm_expr *corm__expr_values(corm_op op, const char *path, const corm_expr *left,
                                              const corm_value *values, size_t n);
/* Operands that are NULL are left out. */
CORM__MADE const corm_expr *corm__expr_args(corm_op op, const void *const *args, size_t n);
/* A subquery on the table whose name in paths is name. value: what it gives, NULL: nothing. */
CORM__MADE const corm_expr *corm__subquery(corm_op op, const corm_model *model, const char *name,
                                           const char *path, const corm_expr *left,
                                           const corm_expr *value, const struct corm__inner *query);
CORM__MADE const corm_order *corm__order(const void *const *items, size_t n);
CORM__MADE const corm_changes *corm__changes(const corm_change *const *items, size_t n);
CORM__MADE const corm_members *corm__members(const char *const *names, size_t n);
CORM__MADE const corm_relations *corm__relations(const void *const *items, size_t n);

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
static inline corm_value corm__value_null(const void *v) {
    (void)v;
    return (corm_value){ .kind = CORM_NULL };
}
static inline corm_value corm__value_expression(const corm_expr *v) {
    return (corm_value){ .kind = CORM_EXPRESSION, .expression = v };
}
/* Never called: a value that does not fit ends in a call of one of these, which no argument fits.
 * Their names are the message: gcc shows that of the function, clang that of the struct. */
#define CORM__NEVER(name) struct name { int never; }; corm_value name(struct name never)
CORM__NEVER(corm__a_primary_key_is_an_integer_text_or_uuid);
struct corm__WITH_takes_relations_not_columns;

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

/* A path whose names are checked. */
#define CORM__PATH(x) ((void)sizeof(x), #x)
/* Of text, which could be dereferenced too, a struct that does not exist is made. */
#define CORM__CHECK_RELATION(r)                                                                    \
    (void)sizeof(*_Generic((r),                                                                    \
        const char *: (struct corm__WITH_takes_relations_not_columns *)0, default: (r)))
#define CORM__RELATION(c, r) CORM__CAT(CORM__RELATION_, CORM__MADE_BY_US(r))(r),
#define CORM__RELATION_0(r)                                                                        \
    _Generic((r), void *: NULL,                                                                    \
        default: corm__expr((CORM__CHECK_RELATION(r), CORM_OP_PATH), #r, NULL))
#define CORM__RELATION_1(r)                                                                        \
    (CORM__CHECK(_Static_assert(CORM__KIND_1(r) == CORM__A_RELATION,                               \
        "corm: what stands in WITH is no relation");), CORM__NODE_OF r)

/* --- conditions: the left side is a path or an expression, the right a value of its type or an
 * expression --- */
/* Comparison. A NULL value is refused when the query runs: use IS_NULL. JSON is compared and
 * ordered as its text, by code points. */
#define CORM_EQ(col, v) CORM__EQUAL(CORM_OP_EQ, col, #col, v, #v)
#define CORM_NE(col, v) CORM__EQUAL(CORM_OP_NE, col, #col, v, #v)
#define CORM_LT(col, v) CORM__COMPARE(CORM_OP_LT, col, #col, v, #v)
#define CORM_LTE(col, v) CORM__COMPARE(CORM_OP_LTE, col, #col, v, #v)
#define CORM_GT(col, v) CORM__COMPARE(CORM_OP_GT, col, #col, v, #v)
#define CORM_GTE(col, v) CORM__COMPARE(CORM_OP_GTE, col, #col, v, #v)
/* Text. The I… forms ignore case in every script, alike on every engine; ς is σ to them. LIKE takes
 * an SQL pattern (% any text, _ one character, \ escapes) of at most CORM_LONGEST_LIKE bytes and
 * minds case on every engine. REGEX takes a POSIX extended regular expression, a text and not a
 * column: ^ and $ are the ends of the text, . is any character. One that POSIX does not define (\d,
 * (?i), a+?), of more than 20,000 bytes or that repeats too much is CORM_ERROR_SQL, alike on every
 * engine. */
enum { CORM_LONGEST_LIKE = 50000 };
#define CORM_CONTAINS(col, v) CORM__SEARCH(CORM_OP_CONTAINS, col, #col, v, #v)
#define CORM_ICONTAINS(col, v) CORM__SEARCH(CORM_OP_ICONTAINS, col, #col, v, #v)
#define CORM_STARTS_WITH(col, v) CORM__SEARCH(CORM_OP_STARTS_WITH, col, #col, v, #v)
#define CORM_ISTARTS_WITH(col, v) CORM__SEARCH(CORM_OP_ISTARTS_WITH, col, #col, v, #v)
#define CORM_ENDS_WITH(col, v) CORM__SEARCH(CORM_OP_ENDS_WITH, col, #col, v, #v)
#define CORM_IENDS_WITH(col, v) CORM__SEARCH(CORM_OP_IENDS_WITH, col, #col, v, #v)
#define CORM_IEXACT(col, v) CORM__SEARCH(CORM_OP_IEXACT, col, #col, v, #v)
#define CORM_LIKE(col, v) CORM__SEARCH(CORM_OP_LIKE, col, #col, v, #v)
#define CORM_ILIKE(col, v) CORM__SEARCH(CORM_OP_ILIKE, col, #col, v, #v)
#define CORM_REGEX(col, v) CORM__SEARCH(CORM_OP_REGEX, col, #col, v, #v)
#define CORM_IREGEX(col, v) CORM__SEARCH(CORM_OP_IREGEX, col, #col, v, #v)
/* One of the values listed; one of n values in a C array of the column's own type (int64_t, const
 * char *, corm_uuid); between two, both included. */
#define CORM_IN(col, ...) CORM__IN(col, #col, __VA_ARGS__)
#define CORM_ONE_OF(col, array, n) CORM__ONE_OF(col, #col, array, #array, n)
#define CORM__ONE_OF(x, sx, array, sa, n)                                                          \
    CORM__CONDITION(0 CORM__AGGREGATE_IN(x),                                                       \
        corm__expr_value((CORM__CHECK_VALUE(x, sx, *(array), sa), CORM_OP_ONE_OF),                 \
            CORM__LEFT(x, sx), CORM__ARRAY_VALUE(array, n)))
#define CORM__IN(x, sx, ...)                                                                       \
    CORM__CONDITION(0 CORM__AGGREGATE_IN(x),                                                       \
        corm__expr_values((CORM__CHECK_VALUES(x, sx, __VA_ARGS__), CORM_OP_IN),                    \
            CORM__LEFT(x, sx),                                                                     \
            (const corm_value[]){ CORM__EACH(CORM__VALUE_OF, , __VA_ARGS__) },                     \
            CORM__EACH_COUNT(__VA_ARGS__)))
#define CORM__VALUE_OF(c, v) CORM__VALUE(v),
#define CORM__BETWEEN(x, sx, low, high)                                                            \
    CORM__CONDITION(0 CORM__AGGREGATE_IN(x),                                                       \
        corm__expr_values((CORM__CHECK_VALUES(x, sx, low, high), CORM_OP_BETWEEN),                 \
            CORM__LEFT(x, sx),                                                                     \
            (const corm_value[]){ CORM__VALUE(low), CORM__VALUE(high) }, 2))
#define CORM__NULL(op, x, sx)                                                                      \
    CORM__CONDITION(0 CORM__AGGREGATE_IN(x), corm__expr(op, CORM__LEFT(x, CORM__NAMED(x, sx))))
#define CORM__NAMED(x, sx) ((void)sizeof(x), sx)
#define CORM__AGGREGATE_OF(kind, op, x, sx, takes)                                                 \
    CORM__PAIR((kind) | CORM__AGGREGATE,                                                           \
        corm__expr((CORM__CHECK(CORM__KIND_OF_LEFT(x) CORM__AGGREGATES_##takes(sx)                 \
            CORM__MUST(corm__once, !(0 CORM__AGGREGATE_IN(x)), sx " is an aggregate itself")), op),\
            CORM__LEFT(x, sx)))
#define CORM__AGGREGATES_NUMBER(sx)                                                                \
    CORM__MUST(corm__is_a_number, CORM__IS_NUMBER(corm__k), sx " is no number")
#define CORM__AGGREGATES_COLUMN(sx)                                                                \
    CORM__MUST(corm__is_a_column, corm__k != CORM__A_RELATION, sx " is a relation: name a column")
#define CORM__AGGREGATES_ANY(sx)
#define CORM__OF_TEXT(kind, op, x, sx)                                                             \
    CORM__FUNCTION(kind CORM__AGGREGATE_IN(x), op, x, sx, corm__k == CORM__A_TEXT, " is no text")
#define CORM__NULLS(op, item)                                                                      \
    CORM__DIRECTED(corm__expr(op, NULL,                                                            \
        (const corm_expr *)(const void *const[]){ CORM__ORDERED(, item) }[0]))
#define CORM__TO(x, sx, v, sv)                                                                     \
    CORM__CHANGE(CORM__CAT3(CORM__TO_, CORM__MADE_BY_US(x), CORM__MADE_BY_US(v))(x, sx, v, sv))
#define CORM__CHANGE(...) ((const corm_change *)(const void *)corm__expr_value(__VA_ARGS__))
#define CORM__TO_00(x, sx, v, sv)                                                                  \
    (CORM__CHECK_EXACT_00(x, sx, v, sv), CORM_OP_SET), sx, NULL, CORM__VALUE_0(v)
#define CORM__TO_01(x, sx, v, sv)                                                                  \
    (CORM__CHECK_EXPRESSION(0, x, sx, v, sv), CORM_OP_SET), sx, NULL, CORM__VALUE_1(v)
#define CORM__TO_10(x, sx, v, sv)                                                                  \
    (CORM__NAMED_ALONE(x, sx), CORM_OP_SET), CORM__LEFT_1(x, sx), CORM__VALUE_0(v)
#define CORM__TO_11(x, sx, v, sv)                                                                  \
    (CORM__NAMED_ALONE(x, sx), CORM_OP_SET), CORM__LEFT_1(x, sx), CORM__VALUE_1(v)
#define CORM__NAMED_ALONE(x, sx)                                                                   \
    CORM__CHECK(_Static_assert((CORM__KIND_1(x)) == CORM__A_NAMED, "corm: " sx " is no column");)
#define CORM__ARRAY_VALUE(a, n)                                                                    \
    ((corm_value){ .kind = CORM_ARRAY, .element = _Generic(*(a), int32_t: CORM_INTEGER,            \
        int64_t: CORM_BIGINT, char *: CORM_TEXT, const char *: CORM_TEXT, corm_uuid: CORM_UUID),   \
        .array = { (a), (n), false } })
#define CORM_BETWEEN(col, low, high) CORM__BETWEEN(col, #col, low, high)
#define CORM_IS_NULL(col) CORM__NULL(CORM_OP_IS_NULL, col, #col)
#define CORM_IS_NOT_NULL(col) CORM__NULL(CORM_OP_IS_NOT_NULL, col, #col)
/* NULL operands are left out: AND(a, wanted ? b : NULL); nothing is left of AND(NULL), which is
 * all rows.
 *
 * One rule for paths over a relation to many rows: in one AND, with all ANDs and ORs inside it,
 * conditions over the same relation speak of the same row of it, and there is such a row.
 * AND(EQ(Recipes.tags->name, "x"), EQ(Recipes.tags->colour, "red")): some tag is both. NOT(…),
 * HAS(…) and every condition of a corm_filter begin anew, with a row of their own:
 * AND(HAS(EQ(Recipes.tags->name, "x")), HAS(EQ(Recipes.tags->name, "y"))): has both tags. NOT means
 * that no row does. Rows of the result are never doubled by a path.
 *
 * NOT takes in exactly the rows that its condition leaves out, those with NULL too; NE, like SQL's
 * <>, is not true of NULL. IS_NULL and IS_NOT_NULL also take a relation: IS_NULL(Recipes.tags),
 * there is none. */
#define CORM_AND(...) CORM__JOIN(CORM_OP_AND, __VA_ARGS__)
#define CORM_OR(...) CORM__JOIN(CORM_OP_OR, __VA_ARGS__)
#define CORM_NOT(x) CORM__OF_CONDITION(CORM_OP_NOT, x)
#define CORM_HAS(x) CORM__OF_CONDITION(CORM_OP_HAS, x)

/* --- expressions --- */
/* A column as a value, for column against column: GT(Recipes.servings,
 * COL(Recipes.time_minutes)). */
#define CORM_COL(col) CORM__PAIR(CORM__KIND(col), CORM__NODE(col, #col))
/* A column by its name, known at run time: DESC(NAMED(Recipes, name)), EQ(NAMED(Recipes, name), 5).
 * It is looked up in the model; what it is, and whether it takes what stands beside it, is checked
 * when the query is built. One that the model does not have is CORM_ERROR_USAGE, and nothing is
 * sent. No member of a CORM_ROW can be AS(…) such a column. */
#define CORM_NAMED(Name, name)                                                                     \
    CORM__PAIR(CORM__A_NAMED, corm__expr_value(CORM_OP_NAMED, ((void)sizeof(Name), #Name), NULL,   \
        corm__value_text(name)))
#define CORM_ADD(col, v) CORM__ARITHMETIC(CORM_OP_ADD, col, #col, v, #v)
#define CORM_SUB(col, v) CORM__ARITHMETIC(CORM_OP_SUB, col, #col, v, #v)
#define CORM_MUL(col, v) CORM__ARITHMETIC(CORM_OP_MUL, col, #col, v, #v)
#define CORM_DIV(col, v) CORM__ARITHMETIC(CORM_OP_DIV, col, #col, v, #v)
#define CORM_MOD(col, v) CORM__ARITHMETIC(CORM_OP_MOD, col, #col, v, #v)
/* Aggregates, in corm_select: rows; values that are not NULL; different ones; sum; mean; least;
 * greatest. */
#define CORM_COUNT()                                                                               \
    CORM__PAIR(CORM__AN_INTEGER | CORM__AGGREGATE, corm__expr(CORM_OP_COUNT_ROWS, NULL, NULL))
#define CORM_COUNT_OF(col) CORM__AGGREGATE_OF(CORM__AN_INTEGER, CORM_OP_COUNT, col, #col, ANY)
#define CORM_COUNT_DISTINCT(col)                                                                   \
    CORM__AGGREGATE_OF(CORM__AN_INTEGER, CORM_OP_COUNT_DISTINCT, col, #col, ANY)
#define CORM_SUM(col) CORM__AGGREGATE_OF(CORM__KIND(col), CORM_OP_SUM, col, #col, NUMBER)
#define CORM_AVG(col) CORM__AGGREGATE_OF(CORM__A_REAL, CORM_OP_AVG, col, #col, NUMBER)
#define CORM_MIN_OF(col) CORM__AGGREGATE_OF(CORM__KIND(col), CORM_OP_MIN, col, #col, COLUMN)
#define CORM_MAX_OF(col) CORM__AGGREGATE_OF(CORM__KIND(col), CORM_OP_MAX, col, #col, COLUMN)
/* As Unicode has it on every engine: the capitals of ß are SS, a Σ that ends a word becomes ς. */
#define CORM_LOWER(col) CORM__OF_TEXT(CORM__A_TEXT, CORM_OP_LOWER, col, #col)
#define CORM_UPPER(col) CORM__OF_TEXT(CORM__A_TEXT, CORM_OP_UPPER, col, #col)
#define CORM_LENGTH(col) CORM__OF_TEXT(CORM__AN_INTEGER, CORM_OP_LENGTH, col, #col)
#define CORM_COALESCE(...)                                                                         \
    CORM__PAIR(0 CORM__EACH(CORM__OR_KIND, , __VA_ARGS__), corm__expr_args(CORM_OP_COALESCE,       \
        CORM__OPERANDS(__VA_ARGS__)))
#define CORM_CONCAT(...)                                                                           \
    CORM__PAIR(CORM__A_TEXT | (CORM__AGGREGATE & (0 CORM__EACH(CORM__OR_KIND, , __VA_ARGS__))),    \
        corm__expr_args(CORM_OP_CONCAT, CORM__OPERANDS(__VA_ARGS__)))
/* A constant as an expression. */
#define CORM_VALUE(v)                                                                              \
    CORM__PAIR(CORM__KIND_OF_VALUE(v), corm__expr_value(CORM_OP_VALUE, NULL, NULL,                 \
        CORM__OWN_VALUE(v)(v)))

/* --- subqueries --- A query on a table inside an expression, with the members .where and .filter,
 * .order_by, .reverse, .limit and .offset. In it COL(Recipes.id) is the column of a query around it
 * that is on Recipes; of two queries on one table the inner one is meant. What a subquery says of a
 * relation to many rows, it says of rows of its own. */
/* Whether there is a row: EXISTS(Comments, .where = EQ(Comments.recipe_id, COL(Recipes.id))). */
#define CORM_EXISTS(Name, ...) CORM__EXISTS(Name, #Name, __VA_ARGS__)
/* Whether the value is among those of the rows: IN_QUERY(Recipes.user_id, Users, Users.id, .where =
 * …). NULL is none of them and equal to none, so NOT(IN_QUERY(…)) is true of all other rows. With
 * .limit the subquery names no column of a query around it. */
#define CORM_IN_QUERY(col, Name, value, ...)                                                       \
    CORM__IN_QUERY(col, #col, Name, #Name, value, #value, __VA_ARGS__)
/* The value of the first row, in its order and then by key; NULL: there is no row. Of an aggregate,
 * that of all rows: SUBQUERY(Comments, AVG(Comments.stars), .where = …). In SET the subquery of the
 * table that is updated names no column of it. */
#define CORM_SUBQUERY(Name, value, ...) CORM__SUBQUERY(Name, #Name, value, #value, __VA_ARGS__)
/* Trees: rows below, or above, the one whose key is start, by a relation of the table to itself, at
 * any distance: DESCENDANTS(Categories.parent, 7). The row itself is not among them, and a circle
 * ends where it is closed. */
#define CORM_DESCENDANTS(relation, start)                                                          \
    CORM__TREE(CORM_OP_DESCENDANTS, relation, relation##_id, #relation, start, #start)
#define CORM_ANCESTORS(relation, start)                                                            \
    CORM__TREE(CORM_OP_ANCESTORS, relation, relation##_id, #relation, start, #start)
#define CORM__TREE(op, r, column, sr, v, sv)                                                       \
    CORM__CONDITION(0, corm__expr_value(((void)sizeof(*(r)), CORM__CHECK_VALUE(column, sr, v, sv), \
        op), sr, NULL, CORM__OWN_VALUE(v)(v)))
/* Declares Other, a second name of the table for subqueries: CORM_ALIAS(Other, Recipes);
 * EXISTS(Other, .where = AND(EQ(Other.title, COL(Recipes.title)), …)). */
#define CORM_ALIAS(Other, Name)                                                                    \
    extern __typeof__(Name) Other;                                                                 \
    extern __typeof__(corm__kinds_##Name) corm__kinds_##Other;                                     \
    static const struct corm__a_second_name_is_for_subqueries *const corm__table_##Other           \
        CORM__UNUSED = (const void *)&corm__table_##Name
#define CORM__MODEL_NAMED(Name)                                                                    \
    ((void)sizeof(__typeof__(Name)), _Generic(corm__table_##Name,                                  \
        const corm_model *: (const corm_model *)(const void *)corm__table_##Name,                  \
        default: *(const corm_model *const *)(const void *)corm__table_##Name))
#define CORM__NOTHING NULL, NULL
#define CORM__EXISTS(Name, name, ...)                                                              \
    CORM__CONDITION(0, CORM__INNER(corm__exists, .corm__of_values.limit,                           \
        CORM__UNIQUE(corm__query_), CORM_OP_EXISTS, Name, name, CORM__NOTHING, NULL, __VA_ARGS__))
#define CORM__INNER(type, no_limit, query, op, Name, name, left, value, ...)                       \
    __extension__({ struct type query = { no_limit = CORM__NO_LIMIT };                             \
                    CORM__EACH(CORM__ASSIGN, query, __VA_ARGS__)                                   \
                    corm__subquery(op, CORM__MODEL_NAMED(Name), name, left, value,                 \
                        (const void *)&query); })
#define CORM__IN_QUERY(x, sx, Name, name, v, sv, ...)                                              \
    CORM__CONDITION(0 CORM__AGGREGATE_IN(x), CORM__INNER(corm__inner, .limit,               \
        CORM__UNIQUE(corm__query_),                                                                \
        (CORM__CHECK_IN_QUERY(x, sx, v, sv), CORM_OP_IN_QUERY), Name, name, CORM__LEFT(x, sx),     \
            CORM__NODE(v, sv), __VA_ARGS__))
#define CORM__SUBQUERY(Name, name, v, sv, ...)                                                     \
    CORM__PAIR(CORM__PLAIN(CORM__KIND(v)), CORM__INNER(corm__inner, .limit,                    \
        CORM__UNIQUE(corm__query_),                                                                \
        (CORM__CHECK_KIND(v, sv, corm__k != CORM__A_RELATION && corm__k != CORM__A_CONDITION,      \
            " is no value: name a column"), CORM_OP_SUBQUERY), Name, name, CORM__NOTHING,          \
            CORM__NODE(v, sv), __VA_ARGS__))

/* --- clauses --- */
#define CORM_ASC(col) CORM__DIRECTION(CORM_OP_ASC, col, #col)
#define CORM_DESC(col) CORM__DIRECTION(CORM_OP_DESC, col, #col)
/* Where NULL stands: without them it is the greatest value, last in ASC and first in DESC.
 * NULLS_FIRST(Recipes.link), NULLS_LAST(DESC(Recipes.servings)). */
#define CORM_NULLS_FIRST(item) CORM__NULLS(CORM_OP_NULLS_FIRST, item)
#define CORM_NULLS_LAST(item) CORM__NULLS(CORM_OP_NULLS_LAST, item)
#define CORM_BY(...)                                                                               \
    CORM__BY_N(CORM__EACH_COUNT(__VA_ARGS__), __VA_ARGS__)
#define CORM__BY_N(n, ...)                                                                         \
    corm__order(                                                                                   \
        (const void *const[]){ CORM__CAT(CORM__EACH_, n)(CORM__ORDERED, , __VA_ARGS__) }, n)
/* corm_update: SET(TO(Recipes.title, "Stew"), TO(Recipes.views, ADD(Recipes.views, 1)));
 * TO_NULL(Recipes.link). */
#define CORM_TO(col, v) CORM__TO(col, #col, v, #v)
#define CORM_TO_NULL(col)                                                                          \
    ((const corm_change *)(const void *)corm__expr_value(CORM_OP_SET, CORM__PATH(col), NULL,       \
        CORM_VALUE_NULL))
/* The column's default in the database (SQLite: in the model); NULL when it has none. */
#define CORM_TO_DEFAULT(col)                                                                       \
    ((const corm_change *)(const void *)corm__expr_value(CORM_OP_SET, CORM__PATH(col), NULL,       \
        corm__value_expression(corm__expr(CORM_OP_DEFAULT, NULL, NULL))))
#define CORM_SET(...)                                                                              \
    corm__changes((const corm_change *const[]){ __VA_ARGS__ }, CORM__EACH_COUNT(__VA_ARGS__))
/* Relations to load with the rows: by a join for one row, by one more query for many; nested:
 * WITH(Recipes.user->country). */
#define CORM_WITH(...)                                                                             \
    corm__relations((const void *const[]){ CORM__EACH(CORM__RELATION, , __VA_ARGS__) },            \
        CORM__EACH_COUNT(__VA_ARGS__))
/* Of a relation to many rows those that are asked for, of each parent's its own, with .where,
 * .filter, .order_by, .reverse, .limit and .offset in which paths begin with the other model:
 * WITH_ROWS(Recipes.comments, .where = GT(Comments.stars, 3), .limit = 3). */
#define CORM_WITH_ROWS(relation, ...)                                                              \
    CORM__WITH_QUERY(corm__inner, .limit, CORM_OP_WITH_ROWS, relation, #relation, __VA_ARGS__)
/* How many rows there are, of .where and .filter; corm_count_of(recipe->comments) tells. */
#define CORM_WITH_COUNT(relation, ...)                                                             \
    CORM__WITH_QUERY(corm__exists, .corm__of_values.limit, CORM_OP_WITH_COUNT, relation,           \
        #relation, __VA_ARGS__)
#define CORM__WITH_QUERY(type, no_limit, op, r, sr, ...)                                           \
    CORM__PAIR(CORM__A_RELATION, CORM__WITH_QUERY_OF(type, no_limit, CORM__UNIQUE(corm__query_),   \
        (CORM__CHECK_RELATION(r), op), sr, __VA_ARGS__))
#define CORM__WITH_QUERY_OF(type, no_limit, query, op, sr, ...)                                    \
    __extension__({ struct type query = { no_limit = CORM__NO_LIMIT };                             \
                    CORM__EACH(CORM__ASSIGN, query, __VA_ARGS__)                                   \
                    corm__subquery(op, NULL, NULL, sr, NULL, NULL, (const void *)&query); })
/* Columns to read, .only = MEMBERS(Recipes.title, Recipes.user->email), or to leave out,
 * .except = MEMBERS(Recipes.text). The other members are zero. A table of which no column is named
 * is read whole; the key, and what relations of .with hang on, are read in any case. A row that was
 * read in part carries a mark, and so do its copies: corm_save and corm_insert refuse it, because
 * they would write zeros over what was not read: change it with corm_update, or corm_refresh it. */
#define CORM_MEMBERS(...)                                                                          \
    corm__members((const char *const[]){ CORM__EACH(CORM__COLUMN_NAME, 1, __VA_ARGS__) },          \
        CORM__EACH_COUNT(__VA_ARGS__))
#define CORM_AFTER(Name, last)                                                                     \
    ((corm_after){ corm__table_##Name, (const __typeof__(Name) *){ (last) } })
/* corm_select: .columns = COLUMNS(AS(email, Recipes.user->email), AS(recipes, COUNT())); each name
 * is a member of the row struct. */
#define CORM_COLUMNS(...) ((__typeof__(corm__report.columns)){ __VA_ARGS__ })
#define CORM_AS(n, x) .n = (CORM__GIVES(CORM__KIND(x)))(const void *)CORM__NODE(x, #x)

#ifndef CORM_NO_SHORT_NAMES
CORM__FREE(EQ); CORM__FREE(NE); CORM__FREE(LT); CORM__FREE(LTE); CORM__FREE(GT); CORM__FREE(GTE);
CORM__FREE(CONTAINS); CORM__FREE(ICONTAINS); CORM__FREE(STARTS_WITH); CORM__FREE(ISTARTS_WITH);
CORM__FREE(ENDS_WITH); CORM__FREE(IENDS_WITH); CORM__FREE(IEXACT); CORM__FREE(LIKE);
CORM__FREE(ILIKE); CORM__FREE(REGEX); CORM__FREE(IREGEX); CORM__FREE(IN); CORM__FREE(ONE_OF);
CORM__FREE(BETWEEN); CORM__FREE(IS_NULL); CORM__FREE(AND); CORM__FREE(OR); CORM__FREE(NOT);
CORM__FREE(COL); CORM__FREE(NAMED);
CORM__FREE(SUB); CORM__FREE(MUL); CORM__FREE(DIV); CORM__FREE(MOD);
CORM__FREE(COUNT); CORM__FREE(COUNT_OF); CORM__FREE(COUNT_DISTINCT); CORM__FREE(SUM);
CORM__FREE(AVG); CORM__FREE(MIN_OF); CORM__FREE(MAX_OF); CORM__FREE(LOWER); CORM__FREE(UPPER);
CORM__FREE(LENGTH); CORM__FREE(COALESCE); CORM__FREE(CONCAT); CORM__FREE(VALUE); CORM__FREE(ASC);
CORM__FREE(DESC); CORM__FREE(BY); CORM__FREE(TO); CORM__FREE(TO_NULL);
CORM__FREE(TO_DEFAULT); CORM__FREE(SET);
CORM__FREE(WITH); CORM__FREE(WITH_ROWS); CORM__FREE(WITH_COUNT);
CORM__FREE(COLUMNS); CORM__FREE(AS); CORM__FREE(HAS);
CORM__FREE(NULLS_FIRST); CORM__FREE(NULLS_LAST); CORM__FREE(MEMBERS);
CORM__FREE(AFTER); CORM__FREE(EXISTS); CORM__FREE(IN_QUERY); CORM__FREE(SUBQUERY);
CORM__FREE(DESCENDANTS); CORM__FREE(ANCESTORS);
#define EQ(col, v) CORM__EQUAL(CORM_OP_EQ, col, #col, v, #v)
#define NE(col, v) CORM__EQUAL(CORM_OP_NE, col, #col, v, #v)
#define LT(col, v) CORM__COMPARE(CORM_OP_LT, col, #col, v, #v)
#define LTE(col, v) CORM__COMPARE(CORM_OP_LTE, col, #col, v, #v)
#define GT(col, v) CORM__COMPARE(CORM_OP_GT, col, #col, v, #v)
#define GTE(col, v) CORM__COMPARE(CORM_OP_GTE, col, #col, v, #v)
#define CONTAINS(col, v) CORM__SEARCH(CORM_OP_CONTAINS, col, #col, v, #v)
#define ICONTAINS(col, v) CORM__SEARCH(CORM_OP_ICONTAINS, col, #col, v, #v)
#define STARTS_WITH(col, v) CORM__SEARCH(CORM_OP_STARTS_WITH, col, #col, v, #v)
#define ISTARTS_WITH(col, v) CORM__SEARCH(CORM_OP_ISTARTS_WITH, col, #col, v, #v)
#define ENDS_WITH(col, v) CORM__SEARCH(CORM_OP_ENDS_WITH, col, #col, v, #v)
#define IENDS_WITH(col, v) CORM__SEARCH(CORM_OP_IENDS_WITH, col, #col, v, #v)
#define IEXACT(col, v) CORM__SEARCH(CORM_OP_IEXACT, col, #col, v, #v)
#define LIKE(col, v) CORM__SEARCH(CORM_OP_LIKE, col, #col, v, #v)
#define ILIKE(col, v) CORM__SEARCH(CORM_OP_ILIKE, col, #col, v, #v)
#define REGEX(col, v) CORM__SEARCH(CORM_OP_REGEX, col, #col, v, #v)
#define IREGEX(col, v) CORM__SEARCH(CORM_OP_IREGEX, col, #col, v, #v)
#define IN(col, ...) CORM__IN(col, #col, __VA_ARGS__)
#define ONE_OF(col, array, n) CORM__ONE_OF(col, #col, array, #array, n)
#define BETWEEN(col, low, high) CORM__BETWEEN(col, #col, low, high)
#define IS_NULL(col) CORM__NULL(CORM_OP_IS_NULL, col, #col)
/* That of <mysql.h> asks for a flag of a field: include it first. */
#if defined IS_NOT_NULL && !defined NOT_NULL_FLAG
CORM__FREE(IS_NOT_NULL);
#endif
#undef IS_NOT_NULL
#define IS_NOT_NULL(col) CORM__NULL(CORM_OP_IS_NOT_NULL, col, #col)
#define AND(...) CORM__JOIN(CORM_OP_AND, __VA_ARGS__)
#define OR(...) CORM__JOIN(CORM_OP_OR, __VA_ARGS__)
#define NOT(x) CORM__OF_CONDITION(CORM_OP_NOT, x)
#define NAMED(Name, name) CORM_NAMED(Name, name)
#define COL(col) CORM__PAIR(CORM__KIND(col), CORM__NODE(col, #col))
/* <arpa/nameser.h> makes ns_uop_add of the word ADD; before or after, both mean what they say. */
#ifdef ADD
CORM__EXPANDS_TO("ADD", ADD(), "ns_uop_add()");
#else
#define ADD(col, v) CORM__ARITHMETIC(CORM_OP_ADD, col, #col, v, #v)
#endif
#define ns_uop_add(col, v) CORM__ARITHMETIC(CORM_OP_ADD, col, #col, v, #v)
#define SUB(col, v) CORM__ARITHMETIC(CORM_OP_SUB, col, #col, v, #v)
#define MUL(col, v) CORM__ARITHMETIC(CORM_OP_MUL, col, #col, v, #v)
#define DIV(col, v) CORM__ARITHMETIC(CORM_OP_DIV, col, #col, v, #v)
#define MOD(col, v) CORM__ARITHMETIC(CORM_OP_MOD, col, #col, v, #v)
#define COUNT() CORM_COUNT()
#define COUNT_OF(col) CORM__AGGREGATE_OF(CORM__AN_INTEGER, CORM_OP_COUNT, col, #col, ANY)
#define COUNT_DISTINCT(col)                                                                        \
    CORM__AGGREGATE_OF(CORM__AN_INTEGER, CORM_OP_COUNT_DISTINCT, col, #col, ANY)
#define SUM(col) CORM__AGGREGATE_OF(CORM__KIND(col), CORM_OP_SUM, col, #col, NUMBER)
#define AVG(col) CORM__AGGREGATE_OF(CORM__A_REAL, CORM_OP_AVG, col, #col, NUMBER)
#define MIN_OF(col) CORM__AGGREGATE_OF(CORM__KIND(col), CORM_OP_MIN, col, #col, COLUMN)
#define MAX_OF(col) CORM__AGGREGATE_OF(CORM__KIND(col), CORM_OP_MAX, col, #col, COLUMN)
#define LOWER(col) CORM__OF_TEXT(CORM__A_TEXT, CORM_OP_LOWER, col, #col)
#define UPPER(col) CORM__OF_TEXT(CORM__A_TEXT, CORM_OP_UPPER, col, #col)
#define LENGTH(col) CORM__OF_TEXT(CORM__AN_INTEGER, CORM_OP_LENGTH, col, #col)
#define COALESCE(...) CORM_COALESCE(__VA_ARGS__)
#define CONCAT(...) CORM_CONCAT(__VA_ARGS__)
#define VALUE(v) CORM_VALUE(v)
#define EXISTS(Name, ...) CORM__EXISTS(Name, #Name, __VA_ARGS__)
#define IN_QUERY(col, Name, value, ...)                                                            \
    CORM__IN_QUERY(col, #col, Name, #Name, value, #value, __VA_ARGS__)
#define SUBQUERY(Name, value, ...) CORM__SUBQUERY(Name, #Name, value, #value, __VA_ARGS__)
#define DESCENDANTS(relation, start)                                                               \
    CORM__TREE(CORM_OP_DESCENDANTS, relation, relation##_id, #relation, start, #start)
#define ANCESTORS(relation, start)                                                                 \
    CORM__TREE(CORM_OP_ANCESTORS, relation, relation##_id, #relation, start, #start)
#define ASC(col) CORM__DIRECTION(CORM_OP_ASC, col, #col)
#define DESC(col) CORM__DIRECTION(CORM_OP_DESC, col, #col)
#define NULLS_FIRST(item) CORM_NULLS_FIRST(item)
#define NULLS_LAST(item) CORM_NULLS_LAST(item)
#define BY(...) CORM_BY(__VA_ARGS__)
#define TO(col, v) CORM__TO(col, #col, v, #v)
#define TO_NULL(col) CORM_TO_NULL(col)
#define TO_DEFAULT(col) CORM_TO_DEFAULT(col)
#define SET(...) CORM_SET(__VA_ARGS__)
#define WITH(...) CORM_WITH(__VA_ARGS__)
#define WITH_ROWS(relation, ...)                                                                   \
    CORM__WITH_QUERY(corm__inner, .limit, CORM_OP_WITH_ROWS, relation, #relation, __VA_ARGS__)
#define WITH_COUNT(relation, ...)                                                                  \
    CORM__WITH_QUERY(corm__exists, .corm__of_values.limit, CORM_OP_WITH_COUNT, relation,           \
        #relation, __VA_ARGS__)
#define MEMBERS(...) CORM_MEMBERS(__VA_ARGS__)
#define AFTER(Name, last) CORM_AFTER(Name, last)
#define COLUMNS(...) CORM_COLUMNS(__VA_ARGS__)
#define AS(n, x) .n = (CORM__GIVES(CORM__KIND(x)))(const void *)CORM__NODE(x, #x)
#define HAS(x) CORM__OF_CONDITION(CORM_OP_HAS, x)
#endif

/* --- conditions put together at run time --- */
/* A filter keeps conditions and an order, and copies all that they are made of: expressions, texts,
 * arrays. It may be passed on, kept, and used by any number of queries on its model:
 *
 *     CORM_FILTER(filter, Recipes);
 *     if (title) corm_filter_add(filter, ICONTAINS(Recipes.title, title));
 *     for (size_t i = 0; i < n; i++) corm_filter_add(filter, EQ(Recipes.tags->name, tags[i]));
 *     corm_filter_order(filter, newest ? DESC(Recipes.created) : ASC(Recipes.title));
 *     Recipe *page = corm_all(db, Recipes, .filter = filter, .limit = 20);
 *
 * What fails (memory that runs out, a condition that was used before) is kept, and is the error of
 * every query that the filter is given to. So nothing has to be checked on the way. */
/* A filter without conditions, for the caller to free. Never NULL. */
#define corm_filter_new(Name) corm__filter_new(corm__table_##Name)
/* Declares corm_filter *filter, which is freed at the end of the block. */
#define CORM_FILTER(filter, Name)                                                                  \
    corm_filter *filter __attribute__((cleanup(corm__filter_cleanup))) = corm_filter_new(Name)
/* NULL-safe. A group goes with the filter that it is in: to free it does nothing. */
void corm_filter_free(corm_filter *filter);
/* One more condition that has to hold; NULL is left out. Each is on its own: after two over
 * Recipes.tags there have to be two tags, or one that satisfies both. */
void corm_filter_add(corm_filter *filter, const corm_condition *condition);
/* Groups that nest: what is added to the group that comes back is joined by OR (any), by AND (all),
 * or none of it may hold. A group to which nothing is added is left out. The group belongs to the
 * filter. */
corm_filter *corm_filter_any(corm_filter *filter);
corm_filter *corm_filter_all(corm_filter *filter);
corm_filter *corm_filter_none(corm_filter *filter);
/* What the rows are ordered by, behind the order that there is; NULL is left out. */
#define corm_filter_order(filter, item)                                                            \
    corm__filter_order((filter), (const void *const[]){ CORM__ORDERED(, item) }[0])
/* What corm_update sets besides its own .set; NULL is left out, and every other call pays no
 * attention to it: corm_filter_set(filter, TO(Recipes.title, title)). */
void corm_filter_set(corm_filter *filter, const corm_change *change);
corm_filter *corm__filter_new(const corm_model *model);
void corm__filter_order(corm_filter *filter, const void *item);
void corm__filter_cleanup(corm_filter **filter);

/* --- running them --- Results: one piece of memory each. corm_len says how many rows, corm_free
 * gives them back with all their strings and related rows. On failure the pointer is NULL (an int
 * or int64_t negative) and corm_error(db) says why. */

/* Number of rows of a result or of a to-many member that .with filled; 0 for NULL. */
size_t corm_len(const void *rows);
/* What WITH_COUNT has counted for a to-many member; -1 when it has not. */
int64_t corm_count_of(const void *rows);
/* NULL-safe. Only for what the functions below returned, not for members. */
void corm_free(const void *rows);

/* All rows that match. No row: a result of length 0, not NULL. NULL sorts behind all values unless
 * NULLS_FIRST or NULLS_LAST say otherwise; rows that are equal in the order, or of which a limit
 * takes some, come in the order of the primary key, so that every engine gives the same. */
#define corm_all(db, Name, ...)                                                                    \
    ((__typeof__(Name) *)CORM__RUN(corm__rows, corm__all, CORM__UNIQUE(corm__query_), db, Name,    \
        __VA_ARGS__))
/* The one row that matches: none is CORM_ERROR_NOT_FOUND, several CORM_ERROR_MULTIPLE_ROWS. */
#define corm_get(db, Name, ...)                                                                    \
    ((__typeof__(Name) *)CORM__RUN(corm__rows, corm__get, CORM__UNIQUE(corm__query_), db, Name,    \
        __VA_ARGS__))
/* The row with this primary key (one column: an integer, text, or corm_uuid): corm_find(db,
 * Recipes, 7). CORM_ERROR_NOT_FOUND when there is none. */
#define corm_find(db, Name, key)                                                                   \
    ((__typeof__(Name) *)corm__find((db), corm__table_##Name, CORM__KEY_VALUE(key)))
/* The rows with these keys (an array of int64_t, int32_t, text or corm_uuid, n of them), with the
 * members of corm_all, and the one of them that has a key; NULL: there is none.
 *
 *     Recipe *rows = corm_in_bulk(db, Recipes, ids, n, .with = WITH(Recipes.user));
 *     Recipe *one = corm_by_key(Recipes, rows, ids[3]);
 *
 * They come in the order of their keys as C compares them, each once. */
#define corm_in_bulk(db, Name, keys, n, ...)                                                       \
    ((__typeof__(Name) *)CORM__IN_BULK(CORM__UNIQUE(corm__query_), db, Name, keys, n, __VA_ARGS__))
#define CORM__IN_BULK(query, db, Name, keys, n, ...)                                               \
    __extension__({ CORM__QUERY(corm__rows, query, __VA_ARGS__)                                    \
                    corm__in_bulk((db), corm__table_##Name, CORM__ARRAY_VALUE(keys, n),            \
                        CORM__GIVEN(query)); })
#define corm_by_key(Name, rows, key)                                                               \
    ((__typeof__(Name) *)corm__by_key(corm__table_##Name, CORM__CONST_ROW_OF(Name, rows),          \
        CORM__KEY_VALUE(key)))
/* The first row in the order given (else by primary key); NULL with status 0 when there is none. */
#define corm_first(db, Name, ...)                                                                  \
    ((__typeof__(Name) *)CORM__RUN(corm__rows, corm__first, CORM__UNIQUE(corm__query_), db, Name,  \
        __VA_ARGS__))
/* How many rows match; whether any does (1 or 0). Negative on failure. */
#define corm_count(db, Name, ...)                                                                  \
    CORM__RUN(corm__count, corm__count, CORM__UNIQUE(corm__query_), db, Name, __VA_ARGS__)
#define corm_exists(db, Name, ...)                                                                 \
    CORM__RUN(corm__count, corm__exists, CORM__UNIQUE(corm__query_), db, Name, __VA_ARGS__)
/* How the engine would run corm_all with these members, as text of its own, a line for each step;
 * those of relations to many rows in .with are not in it. For people: corm_free gives it back. */
#define corm_explain(db, Name, ...)                                                                \
    CORM__RUN(corm__rows, corm__explain_query, CORM__UNIQUE(corm__query_), db, Name, __VA_ARGS__)
/* A loop over the rows in constant memory: corm_each(recipe, db, Recipes, .where = …) {
 * puts(recipe->title); }. `recipe` is valid until the next turn. break and return are fine. After
 * it corm_failed(db) tells an error from the end. Other queries may run inside. With relations to
 * many rows it reads 64 rows at a time, and what hangs on them. */
#define corm_each(row, db, Name, ...)                                                              \
    for (struct corm__rows corm__query_##row = { .limit = CORM__NO_LIMIT },                        \
                    *corm__one_##row = &corm__query_##row; corm__one_##row;                        \
         corm__one_##row = NULL)                                                                   \
        for (corm_cursor *corm__cursor_##row __attribute__((cleanup(corm__cursor_cleanup))) =      \
                 (CORM__EACH(CORM__ASSIGN_AND, corm__query_##row, __VA_ARGS__)                     \
                  corm__each((db), corm__table_##Name, CORM__GIVEN(corm__query_##row))),           \
                         *corm__once_##row = corm__cursor_##row; corm__once_##row;                 \
             corm__once_##row = NULL)                                                              \
            for (__typeof__(Name) *row; (row = corm__cursor_next(corm__cursor_##row)) != NULL;)
/* Rows of a struct T declared by CORM_ROW, one expression a column. With an aggregate among them it
 * groups by all others. A path to many rows among the columns is joined, and conditions on it are
 * about the joined row: AS(tag, Recipes.tags->name) gives a row for each tag; below an aggregate,
 * AS(n, COUNT_OF(Recipes.tags)), recipes without one count 0. What is neither a column nor in an
 * aggregate is refused in .having and .order_by. COUNT() counts the joined rows; SUM, AVG and
 * COUNT_OF are refused where they would count a row several times. COUNT and SUM of integers are
 * bigint, AVG is double precision, SUM of decimals a decimal(…, 38, places); but for COUNT they are
 * NULL when there is no value: declare them optional_…. */
#define corm_select(db, T, Name, ...)                                                              \
    __extension__({                                                                                \
        struct {                                                                                   \
            CORM__MEMBERS_OF(corm__of_count, corm__of_all, , corm__of_update, corm__of_delete)     \
            struct corm__columns_of_##T columns;                                                   \
        } corm__report = { .limit = CORM__NO_LIMIT };                                              \
        CORM__EACH(CORM__ASSIGN, corm__report, __VA_ARGS__)                                        \
        (T *)corm__select((db), &corm__model_of_##T, corm__table_##Name, &corm__report);           \
    })
/* SQL by hand into rows of T (a model or a CORM_ROW), columns matched by name; ? is a parameter on
 * every engine, ?? a question mark. A statement without rows, such as an UPDATE, runs and gives 0
 * of them. corm_sql(db, Total, "SELECT … WHERE email = ?", TEXT("x")). */
#define corm_sql(db, T, ...) ((T *)CORM__SQL(db, T, __VA_ARGS__, ))
#define CORM__SQL(db, T, sql, ...)                                                                 \
    corm__sql((db), &corm__model_of_##T, sql, (const corm_value[]){ __VA_ARGS__ CORM_VALUE_END },  \
        sizeof((const corm_value[]){ __VA_ARGS__ CORM_VALUE_END }) / sizeof(corm_value) - 1)
#define CORM_VALUE_END { .kind = CORM_NULL }

/* What is wrong in a row, as corm_insert would send it: NULL where none may be, too long, out of
 * range, too many places, no label, none of .choices. A check(…), a unique value and a foreign key
 * are the database's to say. */
typedef struct corm_violation {
    size_t row;             /* from 0 */
    const char *column;
    const char *message;    /* "tags.name: …" */
    corm_status status;     /* of the call that would fail for it alone */
} corm_violation;
/* All violations of n rows, by row and column; none: a result of length 0. Nothing is sent, the
 * rows stay as they are. corm_free it. NULL on failure. */
#define corm_validate(db, Name, rows, n)                                                           \
    corm__validate((db), corm__table_##Name, CORM__CONST_ROW_OF(Name, rows), (n))
/* Inserts *row. It leaves out, for the database to make: an identity that is 0, a column with an
 * SQL default where the member is all zero, unset or NULL, and generated columns; these come back
 * into it, texts among them until the next insert on db. A text or blob that is NULL in a column
 * that takes no NULL becomes the column's default, when it has one. All else is written as it is:
 * a number that is 0 is 0, whatever its default; begin with corm_defaults(Name) to have the
 * defaults. 0 or a status. */
#define corm_insert(db, Name, row, ...)                                                            \
    CORM__INTO(corm__insert, __VA_ARGS__)((db), corm__table_##Name,                                \
        CORM__ROW_OF(Name, row) CORM__AT(__VA_ARGS__))
/* These calls of one row or n take a table's name, too: corm_insert(db, Recipes, &row, .table =
 * name). */
typedef struct corm_into { const char *table; } corm_into;
#define CORM__AT(...) __VA_OPT__(, (corm_into){ __VA_ARGS__ })
#define CORM__INTO(function, ...) CORM__CAT(function, __VA_OPT__(_at))
/* Inserts n rows, all or none; identities come back into them. The fastest way that the engine
 * has. */
#define corm_insert_many(db, Name, rows, n, ...)                                                   \
    CORM__INTO(corm__insert_many, __VA_ARGS__)((db), corm__table_##Name,                           \
        CORM__ROW_OF(Name, rows), (n) CORM__AT(__VA_ARGS__))
/* The same when nothing need come back: what the database makes (identities, SQL defaults) may stay
 * unset in the rows. On PostgreSQL by binary COPY. */
#define corm_bulk_load(db, Name, rows, n, ...)                                                     \
    CORM__INTO(corm__bulk_load, __VA_ARGS__)((db), corm__table_##Name,                             \
        CORM__ROW_OF(Name, rows), (n) CORM__AT(__VA_ARGS__))
/* Lets the identity go on behind the rows that are there, and never back: after rows that brought
 * their keys along, of which PostgreSQL's sequence knows nothing. The other engines count on by
 * themselves. 0 or a status. */
#define corm_sequence_reset(db, Name) corm__sequence_reset((db), corm__table_##Name)
/* Writes all columns of *row: inserts it, or updates the row that has its primary key, which it
 * never guesses: a key of 0 is a key. Only an identity of 0, or a key with an SQL default that is
 * not set, is a new row. One statement: others may save the same key meanwhile. auto_now_add stays
 * that of the row which was there, and comes back. A row that has another unique value of this one
 * is CORM_ERROR_UNIQUE and stays as it is. The table must have the model's primary key.
 *
 * Of a model with a version(…): a row whose version is 0 is inserted, any other is updated when its
 * version is still that of the row in the database, which then goes up in both; when it is not, or
 * there is no row, it is CORM_ERROR_STALE, which breaks no transaction: corm_refresh it. After a
 * rollback refresh it, too. Only auto_now comes back. corm_save_columns and corm_delete_row check
 * the version as well; corm_update, corm_upsert and corm_update_or_insert let it go up. */
#define corm_save(db, Name, row, ...)                                                              \
    CORM__INTO(corm__save, __VA_ARGS__)((db), corm__table_##Name,                                  \
        CORM__ROW_OF(Name, row) CORM__AT(__VA_ARGS__))
/* The one row that has the primary key of *row, whatever its kind, one column or several; that
 * there is none is CORM_ERROR_NOT_FOUND, which breaks no transaction.
 *
 * Writes the columns named of *row, none of them of the key: corm_save_columns(db, Recipes,
 * &recipe, Recipes.title, Recipes.price). auto_now is set and written, too. What the database makes
 * of them (a generated column) does not come back. 0 or a status. */
#define corm_save_columns(db, Name, row, ...)                                                      \
    corm__save_columns((db), corm__table_##Name, CORM__ROW_OF(Name, row),                          \
        CORM__COLUMN_NAMES(__VA_ARGS__))
/* The same for n rows, all or none, in few statements: corm_update_many(db, Recipes, rows, n,
 * Recipes.price). That one of the rows is not there is CORM_ERROR_NOT_FOUND, or of a model with a
 * version CORM_ERROR_STALE. Of two with one key the later one counts. 0 or a status; the error's
 * detail says which row it was. */
#define corm_update_many(db, Name, rows, n, ...)                                                   \
    corm__update_many((db), corm__table_##Name, CORM__ROW_OF(Name, rows), (n),                     \
        CORM__COLUMN_NAMES(__VA_ARGS__))
/* Deletes it. 0 or a status. */
#define corm_delete_row(db, Name, row, ...)                                                        \
    CORM__INTO(corm__delete_row, __VA_ARGS__)((db), corm__table_##Name,                            \
        CORM__CONST_ROW_OF(Name, row) CORM__AT(__VA_ARGS__))
/* Reads it again into *row, whole, with the relations of .with; those that are not named become
 * NULL. What comes back is a result of this row. Texts, blobs and relations of *row belong to it:
 * corm_free it when they are no longer used. NULL on failure, and *row is as it was. */
#define corm_refresh(db, Name, row, ...)                                                           \
    ((__typeof__(Name) *)CORM__REFRESH(CORM__UNIQUE(corm__query_), db, Name, row, __VA_ARGS__))
#define CORM__REFRESH(query, db, Name, row, ...)                                                   \
    __extension__({ CORM__QUERY(corm__rows, query, __VA_ARGS__)                                    \
                    corm__refresh((db), corm__table_##Name, CORM__ROW_OF(Name, row),               \
                        CORM__GIVEN(query)); })
/* Inserts *row, or, where a row has its values in the columns of the conflict, sets in that row the
 * columns named; when none is named, all but the primary key and auto_now_add:
 * corm_upsert(db, Tags, &tag, CONFLICT(Tags.name), Tags.colour). auto_now is set, too. One
 * statement: others may do the same meanwhile. The columns of the conflict are, all of them, those
 * of a unique constraint of the model; another unique value that is taken is CORM_ERROR_UNIQUE. The
 * primary key comes back into *row, and what else corm_save brings back. 0 or a status. */
#define corm_upsert(db, Name, row, conflict, ...)                                                  \
    corm_upsert_many(db, Name, row, 1, conflict, __VA_ARGS__)
/* The same for n rows, all or none. Of two with the same values the later one counts. */
#define corm_upsert_many(db, Name, rows, n, conflict, ...)                                         \
    corm__upsert((db), corm__table_##Name, CORM__ROW_OF(Name, rows), (n), (conflict),              \
        CORM__COLUMN_NAMES(__VA_ARGS__))
/* Inserts those of n rows that have no unique value of a row that is there, nor of one before;
 * every other error is one, and then none is inserted. Nothing comes back. 0 or a status. */
#define corm_insert_ignore(db, Name, rows, n, ...)                                                 \
    CORM__INTO(corm__insert_ignore, __VA_ARGS__)((db), corm__table_##Name,                         \
        CORM__ROW_OF(Name, rows), (n) CORM__AT(__VA_ARGS__))
/* Unique columns, for corm_upsert. */
typedef struct corm_conflict { const char *const *columns; size_t n; } corm_conflict;
#define CORM_CONFLICT(...) ((corm_conflict){ CORM__COLUMN_NAMES(__VA_ARGS__) })
#ifndef CORM_NO_SHORT_NAMES
CORM__FREE(CONFLICT);
#define CONFLICT(...) CORM_CONFLICT(__VA_ARGS__)
#endif
/* Inserts a row into Target for each row of Source that is chosen. Each TO has a column of Target
 * and a value or an expression over Source; a column that is not named gets its default, auto_now
 * and auto_now_add the moment: corm_insert_select(db, Archives, Recipes, .set =
 * SET(TO(Archives.title, COL(Recipes.title))), .where = …). .ignore = true leaves out rows with a
 * unique value that is taken, .conflict = CONFLICT(Archives.title) sets in the row that has it what
 * SET names; the rows chosen then have each value once. How many rows were inserted, with .ignore
 * or .conflict 0; or a status. */
#define corm_insert_select(db, Target, Source, ...)                                                \
    CORM__INSERT_SELECT(CORM__UNIQUE(corm__query_), db, Target, Source, __VA_ARGS__)
#define CORM__INSERT_SELECT(query, db, Target, Source, ...)                                        \
    __extension__({ CORM__QUERY(corm__insert_select, query, __VA_ARGS__)                           \
                    corm__insert_select((db), corm__table_##Target, corm__table_##Source,          \
                        CORM__GIVEN(query), query.conflict, query.ignore); })
struct corm__insert_select {
    CORM__MEMBERS_OF(corm__of_count, corm__of_all, corm__of_select, , corm__of_delete)
    corm_conflict conflict;
    bool ignore;
};
/* The row that is as *row in the columns named, which is inserted when there is none:
 * corm_get_or_insert(db, Tags, &tag, NULL, Tags.name). *inserted (may be NULL) says which it was.
 * Right when several programs do the same at once, if a unique constraint holds these columns; that
 * of another row is CORM_ERROR_UNIQUE, several rows are CORM_ERROR_MULTIPLE_ROWS. *row is only
 * read; what comes back is a result of the one row as it is in the database: corm_free it. NULL on
 * failure. In a transaction the insert has a level of its own. */
#define corm_get_or_insert(db, Name, row, inserted, ...)                                           \
    CORM__OR_INSERT(false, db, Name, row, inserted, __VA_ARGS__)
/* The same, and a row that is there gets all other columns of *row, but its primary key and
 * auto_now_add. */
#define corm_update_or_insert(db, Name, row, inserted, ...)                                        \
    CORM__OR_INSERT(true, db, Name, row, inserted, __VA_ARGS__)
#define CORM__OR_INSERT(update, db, Name, row, inserted, ...)                                      \
    ((__typeof__(Name) *)corm__or_insert((db), corm__table_##Name,                                 \
        CORM__CONST_ROW_OF(Name, row), update, (inserted), CORM__COLUMN_NAMES(__VA_ARGS__)))
/* Updates or deletes the rows that match; how many they were. What SET takes from a relation to one
 * row is what that row had before: SET(TO(Recipes.price, COL(Recipes.user->discount))). */
#define corm_update(db, Name, ...)                                                                 \
    CORM__RUN(corm__update, corm__update, CORM__UNIQUE(corm__query_), db, Name, __VA_ARGS__)
#define corm_delete(db, Name, ...)                                                                 \
    CORM__RUN(corm__delete, corm__delete, CORM__UNIQUE(corm__query_), db, Name, __VA_ARGS__)
/* The same, and the rows, in no order, as they are after the update, as they were before they were
 * deleted: a result, to be given to corm_free. No row: one of length 0. The key cannot be set. On
 * MariaDB the update is a SELECT … FOR UPDATE, an UPDATE and a SELECT in one transaction. */
#define corm_update_returning(db, Name, ...)                                                       \
    ((__typeof__(Name) *)CORM__RUN(corm__update, corm__update_returning,                           \
        CORM__UNIQUE(corm__query_), db, Name, __VA_ARGS__))
#define corm_delete_returning(db, Name, ...)                                                       \
    ((__typeof__(Name) *)CORM__RUN(corm__delete, corm__delete_returning,                           \
        CORM__UNIQUE(corm__query_), db, Name, __VA_ARGS__))
/* Links the row with key `owner` to n rows by the relation Name.relation (many to many). keys: an
 * array of int64_t, int32_t, text or corm_uuid, as the other model's key is. Links that are there
 * stay, each once; of a model in between without a unique key, two programs at once may link
 * twice. */
#define corm_add(db, Name, relation, owner, keys, n)                                               \
    corm__add((db), corm__table_##Name, CORM__TO_MANY(Name, relation),                             \
        CORM__KEY_VALUE(owner), CORM__ARRAY_VALUE(keys, n))
#define corm_remove(db, Name, relation, owner, keys, n)                                            \
    corm__remove((db), corm__table_##Name, CORM__TO_MANY(Name, relation),                          \
        CORM__KEY_VALUE(owner), CORM__ARRAY_VALUE(keys, n))

/* Links it to these n rows and to no others: only what differs is added and removed, all or
 * nothing. Two programs that do so at once may leave the links of both. */
#define corm_set(db, Name, relation, owner, keys, n)                                               \
    corm__set((db), corm__table_##Name, CORM__TO_MANY(Name, relation),                             \
        CORM__KEY_VALUE(owner), CORM__ARRAY_VALUE(keys, n))
/* Removes all its links. */
#define corm_clear(db, Name, relation, owner)                                                      \
    corm__clear((db), corm__table_##Name, CORM__TO_MANY(Name, relation),                           \
        CORM__KEY_VALUE(owner))

#define CORM__TO_MANY(Name, relation)                                                              \
    (CORM__CHECK(_Static_assert(CORM__KIND_OF_COLUMN(Name.relation) == CORM__A_RELATION,           \
        "corm: " #relation " is a column, and no relation to many");), #relation)
/* The row itself, its type checked by an assignment that is never run; a statement expression would
 * end the life of a compound literal. */
#define CORM__ROW_OF(Name, row)                                                                    \
    (CORM__CHECK(_Static_assert(!_Generic((row), const __typeof__(Name) *: 1, default: 0),         \
        "corm: " #row " is const, and what the database makes comes back into the row");),         \
        (void)(__typeof__((__typeof__(Name) *){ 0 } = (row)))0, (row))
#define CORM__CONST_ROW_OF(Name, row)                                                              \
    ((void)(__typeof__((const __typeof__(Name) *){ 0 } = (row)))0, (row))
typedef struct corm_cursor corm_cursor;
void *corm__all(corm_db *db, const corm_model *model, const corm_query *query);
void *corm__get(corm_db *db, const corm_model *model, const corm_query *query);
void *corm__find(corm_db *db, const corm_model *model, corm_value key);
void *corm__in_bulk(corm_db *db, const corm_model *model, corm_value keys, const corm_query *query);
void *corm__by_key(const corm_model *model, const void *rows, corm_value key);
void *corm__first(corm_db *db, const corm_model *model, const corm_query *query);
int64_t corm__count(corm_db *db, const corm_model *model, const corm_query *query);
int corm__exists(corm_db *db, const corm_model *model, const corm_query *query);
char *corm__explain_query(corm_db *db, const corm_model *model, const corm_query *query);
corm_cursor *corm__each(corm_db *db, const corm_model *model, const corm_query *query);
void *corm__cursor_next(corm_cursor *cursor);
void corm__cursor_cleanup(corm_cursor **cursor);
/* query: the members of corm_query, then one expression for each field of row, in its order. */
void *corm__select(corm_db *db, const corm_model *row, const corm_model *model, const void *query);
void *corm__sql(corm_db *db, const corm_model *row, const char *sql, const corm_value *values,
                size_t n);
CORM__MADE corm_violation *corm__validate(corm_db *db, const corm_model *model, const void *rows,
                                          size_t n);
int corm__insert(corm_db *db, const corm_model *model, void *row);
int corm__insert_many(corm_db *db, const corm_model *model, void *rows, size_t n);
int corm__bulk_load(corm_db *db, const corm_model *model, void *rows, size_t n);
int corm__sequence_reset(corm_db *db, const corm_model *model);
int corm__save(corm_db *db, const corm_model *model, void *row);
int corm__insert_at(corm_db *db, const corm_model *model, void *row, corm_into into);
int corm__insert_many_at(corm_db *db, const corm_model *model, void *rows, size_t n,
                         corm_into into);
int corm__bulk_load_at(corm_db *db, const corm_model *model, void *rows, size_t n, corm_into into);
int corm__insert_ignore_at(corm_db *db, const corm_model *model, void *rows, size_t n,
                           corm_into into);
int corm__save_at(corm_db *db, const corm_model *model, void *row, corm_into into);
int corm__delete_row_at(corm_db *db, const corm_model *model, const void *row, corm_into into);
int corm__save_columns(corm_db *db, const corm_model *model, void *row, const char *const *columns,
                       size_t n);
int corm__update_many(corm_db *db, const corm_model *model, void *rows, size_t n,
                      const char *const *columns, size_t n_columns);
int corm__delete_row(corm_db *db, const corm_model *model, const void *row);
int corm__upsert(corm_db *db, const corm_model *model, void *rows, size_t n, corm_conflict conflict,
                 const char *const *columns, size_t n_columns);
int64_t corm__insert_select(corm_db *db, const corm_model *target, const corm_model *source,
                            const corm_query *query, corm_conflict conflict, bool ignore);
int corm__insert_ignore(corm_db *db, const corm_model *model, void *rows, size_t n);
CORM__MADE void *corm__or_insert(corm_db *db, const corm_model *model, const void *row, bool update,
                                 bool *inserted, const char *const *columns, size_t n);
CORM__MADE void *corm__refresh(corm_db *db, const corm_model *model, void *row,
                               const corm_query *query);
int64_t corm__update(corm_db *db, const corm_model *model, const corm_query *query);
int64_t corm__delete(corm_db *db, const corm_model *model, const corm_query *query);
CORM__MADE void *corm__update_returning(corm_db *db, const corm_model *model,
                                        const corm_query *query);
CORM__MADE void *corm__delete_returning(corm_db *db, const corm_model *model,
                                        const corm_query *query);
int corm__add(corm_db *db, const corm_model *model, const char *relation, corm_value owner,
              corm_value keys);
int corm__remove(corm_db *db, const corm_model *model, const char *relation, corm_value owner,
                 corm_value keys);
int corm__set(corm_db *db, const corm_model *model, const char *relation, corm_value owner,
              corm_value keys);
int corm__clear(corm_db *db, const corm_model *model, const char *relation, corm_value owner);

CORM__END
#endif
