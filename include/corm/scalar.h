/* Functions of one row, for queries: CASE, CAST_TEXT, BIT_OR and their like. Their SQL is in
 * functions.h, each with the same answer on every engine. */
#pragma once
#pragma GCC system_header
#include <corm/begin.h>
#include <corm/expression.h>

/* --- what they are made of --- */
/* A function of x, whose kind must hold, and of more operands, each of which must be `rest`. */
#define CORM__CALL(gives, op, x, sx, holds, what, rest, rest_what, ...)                            \
    CORM__PAIR(gives CORM__AGGREGATE_IN(x)                                                         \
            CORM__EACH(CORM__AGGREGATE_IN_EACH, , __VA_ARGS__),                                    \
        corm__expr_values((CORM__CHECK(CORM__KIND_OF_LEFT(x)                                       \
            CORM__MUST(corm__fits, holds, sx what)                                                 \
            CORM__EACH(CORM__CHECK_REST, (rest, rest_what), __VA_ARGS__)), op),                    \
            CORM__LEFT(x, sx), (const corm_value[]){ CORM__EACH(CORM__VALUE_OF, , __VA_ARGS__) },  \
            CORM__EACH_COUNT(__VA_ARGS__)))
#define CORM__CHECK_REST(rest, v) CORM__CHECK_REST_(CORM__BOTH rest, v)
#define CORM__CHECK_REST_(...) CORM__CHECK_REST__(__VA_ARGS__)
#define CORM__CHECK_REST__(rest, what, v)                                                          \
    (void)sizeof(__extension__({ CORM__KIND_NAMED(corm__v, CORM__VALUE_KIND(v))                    \
        CORM__MUST(corm__operand_fits, rest, what) 1; }));
/* One of x alone, which may be an aggregate; of integers. */
#define CORM__CALL_ONE(gives, op, x, sx, holds, what)                                              \
    CORM__FUNCTION(gives CORM__AGGREGATE_IN(x), op, x, sx, holds, what)
#define CORM__OF_BITS(op, x, sx, v, sv)                                                            \
    CORM__CALL(CORM__AN_INTEGER, op, x, sx, corm__k == CORM__AN_INTEGER, " is no integer",         \
        corm__v == CORM__AN_INTEGER, sv " is no integer", v)
#define CORM__BIT_NOT(x, sx)                                                                       \
    CORM__CALL_ONE(CORM__AN_INTEGER, CORM_OP_BIT_NOT, x, sx, corm__k == CORM__AN_INTEGER,          \
        " is no integer")
/* One of operands of the kind of x. */
#define CORM__CALL_ALIKE(op, x, sx, ...)                                                           \
    CORM__PAIR(CORM__KIND(x) CORM__EACH(CORM__OR_VALUE_KIND, , __VA_ARGS__),                       \
        corm__expr_values((CORM__CHECK_VALUES(x, sx, __VA_ARGS__), op), CORM__LEFT(x, sx),         \
            (const corm_value[]){ CORM__EACH(CORM__VALUE_OF, , __VA_ARGS__) },                     \
            CORM__EACH_COUNT(__VA_ARGS__)))
#define CORM__OR_VALUE_KIND(c, v) | CORM__VALUE_KIND(v)
/* A value that may be NULL. */
#define CORM__OR_NULL(v) CORM__CAT(CORM__OR_NULL_, CORM__MADE_BY_US(v))(v)
#define CORM__OR_NULL_0(v) _Generic((v), void *: corm__value_null, default: CORM__OWN_VALUE(v))(v)
#define CORM__OR_NULL_1(v) CORM__VALUE_1(v)
#define CORM__IS_DISTINCT(x, sx, v, sv)                                                            \
    CORM__CONDITION(0 CORM__AGGREGATE_IN(x) CORM__AGGREGATE_IN(v),                                 \
        corm__expr_value((CORM__CHECK(CORM__KIND_OF_LEFT(x)                                        \
            CORM__KIND_NAMED(corm__v, CORM__VALUE_KIND(v))                                         \
            CORM__MUST(corm__is_a_column, corm__k != CORM__A_RELATION,                             \
                sx " is a relation: compare its id, or ask IS_NULL of it")                         \
            CORM__MUST(corm__fits, !corm__is_a_column || corm__v == CORM__NULL_VALUE ||            \
                CORM__MATCHES(corm__k, corm__v, v),                                                \
                sx " does not take " sv ", which is of another kind")                              \
            (void)sizeof(CORM__OF_ENUM(x, v));), CORM_OP_IS_DISTINCT),                             \
            CORM__LEFT(x, sx), CORM__OR_NULL(v)))
/* A branch has the kind of its value, and is nothing but a branch. */
#define CORM__WHEN(c, v)                                                                           \
    CORM__PAIR(CORM__A_BRANCH | (CORM__VALUE_KIND(v) & ~CORM__NULL_VALUE) |                        \
            ((0 CORM__FLAGS(, c)) & CORM__AGGREGATE),                                              \
        corm__expr_value((CORM__CHECK(CORM__MUST_BE_CONDITION(, c)), CORM_OP_WHEN), NULL,          \
            (const corm_expr *)(const void *)CORM__CONDITION_NODE(c), CORM__OR_NULL(v)))
#define CORM__ELSE(v)                                                                              \
    CORM__PAIR(CORM__A_BRANCH | (CORM__VALUE_KIND(v) & ~CORM__NULL_VALUE),                         \
        corm__expr_value(CORM_OP_ELSE, NULL, NULL, CORM__OR_NULL(v)))
#define CORM__CASE(...)                                                                            \
    CORM__PAIR((0 CORM__EACH(CORM__OR_BRANCH, , __VA_ARGS__)) & ~CORM__A_BRANCH,                   \
        corm__expr_args((CORM__CHECK(CORM__EACH(CORM__MUST_BE_BRANCH, , __VA_ARGS__)               \
            CORM__KIND_NAMED(corm__k,                                                              \
                (0 CORM__EACH(CORM__OR_BRANCH, , __VA_ARGS__)) & ~CORM__A_BRANCH)                  \
            CORM__MUST(corm__fits, CORM__IS_NUMBER(corm__k) || !(corm__k & (corm__k - 1)),         \
                "the values of CASE are of different kinds")), CORM_OP_CASE),                      \
            (const void *const[]){ CORM__EACH(CORM__POINTER, , __VA_ARGS__) },                     \
            CORM__EACH_COUNT(__VA_ARGS__)))
#define CORM__OR_BRANCH(c, x) CORM__CAT(CORM__OR_BRANCH_, CORM__MADE_BY_US(x))(x)
#define CORM__OR_BRANCH_0(x)
#define CORM__OR_BRANCH_1(x) | (CORM__KIND_1(x))
#define CORM__MUST_BE_BRANCH(c, x)                                                                 \
    _Static_assert(CORM__CAT(CORM__IS_BRANCH_, CORM__MADE_BY_US(x))(x),                            \
        "corm: what stands in CASE is WHEN(condition, value) or ELSE(value)");
#define CORM__IS_BRANCH_0(x) 0
#define CORM__IS_BRANCH_1(x) (((CORM__KIND_1(x)) & CORM__A_BRANCH) != 0)
#define CORM__CAST_DECIMAL(x, sx, places)                                                          \
    CORM__PAIR(CORM__A_DECIMAL CORM__AGGREGATE_IN(x),                                              \
        corm__expr_value((CORM__CHECK(CORM__KIND_OF_LEFT(x)                                        \
            CORM__MUST(corm__fits, corm__k == CORM__AN_INTEGER || corm__k == CORM__A_DECIMAL,      \
                sx " is neither an integer nor a decimal")                                         \
            CORM__MUST(corm__places_fit, (places) >= 0 && (places) <= CORM_DECIMAL_MAX_DIGITS,     \
                "the places of a decimal are 0 to 38")), CORM_OP_CAST_DECIMAL),                    \
            CORM__LEFT(x, sx), corm__value_decimal((corm_decimal){ 0, 0, (places) })))
#define CORM__CAST_TEXT(x, sx)                                                                     \
    CORM__CALL_ONE(CORM__A_TEXT, CORM_OP_CAST_TEXT, x, sx,                                         \
        corm__k == CORM__AN_INTEGER || corm__k == CORM__A_DECIMAL ||                               \
            (corm__k & (CORM__A_BOOLEAN | CORM__A_DATE | CORM__A_TIME | CORM__A_TIMESTAMP)),       \
        " has no text that is the same on each engine")
#define CORM__CAST_NUMBER(gives, op, x, sx)                                                        \
    CORM__CALL_ONE(gives, op, x, sx, CORM__IS_NUMBER(corm__k), " is no number")

/* --- choices and comparisons --- */
/* CASE(WHEN(LT(Recipes.minutes, 10), "quick"), …, ELSE("slow")): the value of the first condition
 * that holds; without ELSE it is NULL. A value is one of C, NULL or an expression, all of one kind.
 * A condition over a relation to many rows speaks of rows of its own, as HAS does. */
#define CORM_CASE(...) CORM__CASE(__VA_ARGS__)
#define CORM_WHEN(condition, v) CORM__WHEN(condition, v)
#define CORM_ELSE(v) CORM__ELSE(v)
/* NULL where both are equal, else the first. */
#define CORM_NULLIF(col, v) CORM__CALL_ALIKE(CORM_OP_NULLIF, col, #col, v)
/* The greatest, the least of them; NULL when one is NULL. */
#define CORM_GREATEST(col, ...) CORM__CALL_ALIKE(CORM_OP_GREATEST, col, #col, __VA_ARGS__)
#define CORM_LEAST(col, ...) CORM__CALL_ALIKE(CORM_OP_LEAST, col, #col, __VA_ARGS__)
/* NE in which NULL is a value like others: never NULL itself. v may be NULL. */
#define CORM_IS_DISTINCT(col, v) CORM__IS_DISTINCT(col, #col, v, #v)
/* An odd number of the conditions holds; one that is NULL does not. Each speaks of rows of its own,
 * as HAS does. */
#define CORM_XOR(...) CORM__JOIN(CORM_OP_XOR, __VA_ARGS__)

/* --- of another kind --- */
/* A text: of an integer its digits, of a decimal with its places, "true" or "false", and dates,
 * times and timestamps (in UTC) as corm_timestamp_format writes them. */
#define CORM_CAST_TEXT(col) CORM__CAST_TEXT(col, #col)
/* A bigint, halves away from zero; outside of it CORM_ERROR_RANGE. */
#define CORM_CAST_INTEGER(col)                                                                     \
    CORM__CAST_NUMBER(CORM__AN_INTEGER, CORM_OP_CAST_INTEGER, col, #col)
#define CORM_CAST_DOUBLE(col) CORM__CAST_NUMBER(CORM__A_REAL, CORM_OP_CAST_DOUBLE, col, #col)
/* decimal(…, 38, places) of an integer or a decimal, halves away from zero; places is a constant.
 */
#define CORM_CAST_DECIMAL(col, places) CORM__CAST_DECIMAL(col, #col, places)

/* --- bits of integers, as bigint --- */
#define CORM_BIT_AND(col, v) CORM__OF_BITS(CORM_OP_BIT_AND, col, #col, v, #v)
#define CORM_BIT_OR(col, v) CORM__OF_BITS(CORM_OP_BIT_OR, col, #col, v, #v)
#define CORM_BIT_XOR(col, v) CORM__OF_BITS(CORM_OP_BIT_XOR, col, #col, v, #v)
#define CORM_BIT_NOT(col) CORM__BIT_NOT(col, #col)
/* By 0 to 63 places, else CORM_ERROR_RANGE. What goes beyond is lost; from the left comes the sign.
 */
#define CORM_SHIFT_LEFT(col, n) CORM__OF_BITS(CORM_OP_SHIFT_LEFT, col, #col, n, #n)
#define CORM_SHIFT_RIGHT(col, n) CORM__OF_BITS(CORM_OP_SHIFT_RIGHT, col, #col, n, #n)

#ifndef CORM_NO_SHORT_NAMES
CORM__FREE(CASE); CORM__FREE(WHEN); CORM__FREE(ELSE); CORM__FREE(NULLIF); CORM__FREE(GREATEST);
CORM__FREE(LEAST); CORM__FREE(IS_DISTINCT); CORM__FREE(XOR); CORM__FREE(CAST_TEXT);
CORM__FREE(CAST_INTEGER); CORM__FREE(CAST_DOUBLE); CORM__FREE(CAST_DECIMAL); CORM__FREE(BIT_AND);
CORM__FREE(BIT_OR); CORM__FREE(BIT_XOR); CORM__FREE(BIT_NOT); CORM__FREE(SHIFT_LEFT);
CORM__FREE(SHIFT_RIGHT);
#define CASE(...) CORM__CASE(__VA_ARGS__)
#define WHEN(condition, v) CORM__WHEN(condition, v)
#define ELSE(v) CORM__ELSE(v)
#define NULLIF(col, v) CORM__CALL_ALIKE(CORM_OP_NULLIF, col, #col, v)
#define GREATEST(col, ...) CORM__CALL_ALIKE(CORM_OP_GREATEST, col, #col, __VA_ARGS__)
#define LEAST(col, ...) CORM__CALL_ALIKE(CORM_OP_LEAST, col, #col, __VA_ARGS__)
#define IS_DISTINCT(col, v) CORM__IS_DISTINCT(col, #col, v, #v)
#define XOR(...) CORM__JOIN(CORM_OP_XOR, __VA_ARGS__)
#define CAST_TEXT(col) CORM__CAST_TEXT(col, #col)
#define CAST_INTEGER(col) CORM__CAST_NUMBER(CORM__AN_INTEGER, CORM_OP_CAST_INTEGER, col, #col)
#define CAST_DOUBLE(col) CORM__CAST_NUMBER(CORM__A_REAL, CORM_OP_CAST_DOUBLE, col, #col)
#define CAST_DECIMAL(col, places) CORM__CAST_DECIMAL(col, #col, places)
#define BIT_AND(col, v) CORM__OF_BITS(CORM_OP_BIT_AND, col, #col, v, #v)
#define BIT_OR(col, v) CORM__OF_BITS(CORM_OP_BIT_OR, col, #col, v, #v)
#define BIT_XOR(col, v) CORM__OF_BITS(CORM_OP_BIT_XOR, col, #col, v, #v)
#define BIT_NOT(col) CORM__BIT_NOT(col, #col)
#define SHIFT_LEFT(col, n) CORM__OF_BITS(CORM_OP_SHIFT_LEFT, col, #col, n, #n)
#define SHIFT_RIGHT(col, n) CORM__OF_BITS(CORM_OP_SHIFT_RIGHT, col, #col, n, #n)
#endif
