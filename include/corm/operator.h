/* The operators that expressions of queries are made of. A backend writes SQL for each
 * that its engine has. */
#pragma once
#pragma GCC system_header
#include <corm/functions.h>

/* Operators, functions and clauses of expressions. */
typedef enum corm_op {
    CORM_OP_PATH = 1, CORM_OP_VALUE,
    /* conditions */
    CORM_OP_EQ, CORM_OP_NE, CORM_OP_LT, CORM_OP_LTE, CORM_OP_GT, CORM_OP_GTE,
    CORM_OP_IS_DISTINCT,
    CORM_OP_IN, CORM_OP_ONE_OF, CORM_OP_BETWEEN, CORM_OP_IS_NULL, CORM_OP_IS_NOT_NULL,
    CORM_OP_CONTAINS, CORM_OP_ICONTAINS, CORM_OP_STARTS_WITH, CORM_OP_ISTARTS_WITH,
    CORM_OP_ENDS_WITH, CORM_OP_IENDS_WITH,
    CORM_OP_IEXACT, CORM_OP_LIKE, CORM_OP_ILIKE, CORM_OP_REGEX, CORM_OP_IREGEX,
    CORM_OP_EXISTS, CORM_OP_IN_QUERY, CORM_OP_DESCENDANTS, CORM_OP_ANCESTORS,
    CORM_OP_XOR,
    CORM_OP_AND, CORM_OP_OR, CORM_OP_HAS, CORM_OP_NOT,
    /* arithmetic */
    CORM_OP_ADD, CORM_OP_SUB, CORM_OP_MUL, CORM_OP_DIV, CORM_OP_MOD,
    /* aggregates */
    CORM_OP_COUNT_ROWS, CORM_OP_COUNT, CORM_OP_COUNT_DISTINCT, CORM_OP_SUM, CORM_OP_AVG,
    CORM_OP_MIN, CORM_OP_MAX,
    /* functions */
    CORM_OP_LOWER, CORM_OP_UPPER, CORM_OP_LENGTH, CORM_OP_COALESCE, CORM_OP_CONCAT,
    CORM_OP_SUBQUERY,
    /* order, assignment */
    CORM_OP_ASC, CORM_OP_DESC, CORM_OP_NULLS_FIRST, CORM_OP_NULLS_LAST, CORM_OP_SET,
    /* of a backend alone: the two that do not take NULL for the greatest value */
    CORM_OP_ASC_NULLS_FIRST, CORM_OP_DESC_NULLS_LAST,
    /* what a SELECT that locks its rows ends with; {0}: the table whose rows they are */
    CORM_OP_LOCK_UPDATE, CORM_OP_LOCK_SHARE, CORM_OP_LOCK_KEY_SHARE,
    CORM_OP_RANDOM,     /* a number, for an order that is random */
    CORM_OP_WITH_ROWS, CORM_OP_WITH_COUNT,
    CORM_OP_LIST,
    CORM_OP_NAMED,      /* a column by its name */
    CORM_OP_DEFAULT,    /* the default of the column that is set */
    /* of a FROM: the items of an array parameter as rows of items_(value); of no expression */
    CORM_OP_ITEMS,
    CORM_OP_WIDEN,      /* of features.narrow_digits: a narrow decimal in the form of a wide one */
    CORM_OP_CASE, CORM_OP_WHEN, CORM_OP_ELSE,
#define CORM__OP(op, ...) CORM_OP_##op,
    CORM__FUNCTIONS(CORM__OP)
#undef CORM__OP
    CORM_OP_COUNT_OF_OPS
} corm_op;
