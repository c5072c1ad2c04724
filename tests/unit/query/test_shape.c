/* The key of a query: the same for queries that one plan serves, another for all others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "query/query.h"

CORM_MODEL(Item, Items, "items", identity(id), text(name), integer(size), decimal(price, 5, 2),
           optional_foreign_key(whole, Item), has_many(parts, Item, whole));
CORM_ALIAS(Things, Items);

static bool same(const corm_query *a, const corm_query *b) {
    corm_shape x, y;
    corm__shape_begin(&x, 'A', corm__table_Items);
    corm__shape_begin(&y, 'A', corm__table_Items);
    corm__shape_query(&x, a);
    corm__shape_query(&y, b);
    assert_int_equal(x.status | y.status, 0);
    bool equal = x.length == y.length && memcmp(x.key, y.key, x.length) == 0;
    if (equal) assert_int_equal(x.n_values, y.n_values);
    corm__shape_end(&x);
    corm__shape_end(&y);
    return equal;
}
/* Two queries, each from its members. */
#define PAIR(a, b)                                                                                 \
    __extension__({                                                                                \
        CORM__QUERY(corm_query, one, a)                                                            \
        CORM__QUERY(corm_query, other, b)                                                          \
        same(&one, &other);                                                                        \
    })
#define OF(...) __VA_ARGS__
#define SAME(a, b) PAIR(.where = (a), .where = (b))

static void test_shape__leaves_values_out(void **state) {
    (void)state;
    assert_true(SAME(EQ(Items.size, 1), EQ(Items.size, 2)));
    assert_true(SAME(EQ(Items.name, "a"), EQ(Items.name, "another")));
    assert_true(
        SAME(AND(GT(Items.size, 1), LT(Items.size, 9)), AND(GT(Items.size, 5), LT(Items.size, 6))));
    assert_true(SAME(AND(GT(Items.size, 1), NULL), AND(GT(Items.size, 5))));
    assert_true(SAME(BETWEEN(Items.size, 1, 2), BETWEEN(Items.size, 3, 4)));
    assert_true(PAIR(OF(.limit = 5, .offset = 1), OF(.limit = 50, .offset = 2)));
}

static void test_shape__tells_queries_apart(void **state) {
    (void)state;
    assert_false(SAME(EQ(Items.size, 1), NE(Items.size, 1)));
    assert_false(SAME(EQ(Items.size, 1), EQ(Items.id, 1)));
    assert_false(
        SAME(AND(EQ(Items.size, 1), EQ(Items.id, 1)), OR(EQ(Items.size, 1), EQ(Items.id, 1))));
    assert_false(SAME(AND(EQ(Items.size, 1)), AND(EQ(Items.size, 1), EQ(Items.size, 1))));
    assert_false(SAME(AND(AND(EQ(Items.size, 1)), EQ(Items.size, 1)),
                      AND(AND(EQ(Items.size, 1), EQ(Items.size, 1)))));
    assert_false(SAME(EQ(Items.price, 1), EQ(Items.price, corm_decimal_of(1, 0))));
    assert_false(SAME(GT(Items.size, COL(Items.id)), GT(Items.size, 1)));
    assert_false(PAIR(.limit = 5, OF(.limit = 5, .offset = 1)));
    assert_false(PAIR(.order_by = BY(Items.size), .order_by = BY(DESC(Items.size))));
    assert_false(PAIR(.order_by = BY(Items.size, Items.id), .order_by = BY(Items.size)));
    assert_false(PAIR(.where = EQ(Items.size, 1), .having = (const void *)EQ(Items.size, 1)));
    assert_false(PAIR(.distinct = true, ));
    assert_false(PAIR(.order_by = BY(Items.size), .order_by = BY(NULLS_FIRST(Items.size))));
    assert_false(PAIR(.order_by = BY(NULLS_LAST(DESC(Items.size))),
                      .order_by = BY(NULLS_FIRST(DESC(Items.size)))));
    assert_false(PAIR(.only = MEMBERS(Items.size), .only = MEMBERS(Items.name)));
    assert_false(PAIR(.only = MEMBERS(Items.size), .except = MEMBERS(Items.size)));
    assert_false(PAIR(.only = MEMBERS(Items.size), ));
    assert_false(PAIR(.only = MEMBERS(Items.size), .only = MEMBERS(Items.size, Items.name)));
    assert_false(PAIR(.distinct_on = BY(Items.size), ));
    assert_false(PAIR(.distinct_on = BY(Items.size), .order_by = BY(Items.size)));
    assert_false(PAIR(.distinct_on = BY(Items.size), .distinct_on = BY(Items.name)));
    assert_false(PAIR(.reverse = true, ));
    assert_false(PAIR(.random = true, ));
    assert_false(PAIR(.random = true, .reverse = true));
    assert_false(PAIR(.lock = CORM_LOCK_UPDATE, ));
    assert_false(PAIR(.lock = CORM_LOCK_UPDATE, .lock = CORM_LOCK_SHARE));
    assert_false(PAIR(.lock = CORM_LOCK_SHARE, .lock = CORM_LOCK_KEY_SHARE));
    assert_false(PAIR(.lock = CORM_LOCK_SHARE, OF(.lock = CORM_LOCK_SHARE, .nowait = true)));
    assert_false(PAIR(OF(.lock = CORM_LOCK_SHARE, .skip_locked = true),
                      OF(.lock = CORM_LOCK_SHARE, .nowait = true)));
    assert_false(PAIR(.limit = 0, ));
    assert_true(PAIR(.limit = 0, .limit = 7));
}

static void test_shape__has_subqueries(void **state) {
    (void)state;
    assert_true(
        SAME(EXISTS(Items, .where = EQ(Items.size, 1)), EXISTS(Items, .where = EQ(Items.size, 2))));
    assert_false(SAME(EXISTS(Items), EXISTS(Things)));
    assert_false(SAME(EXISTS(Items), NOT(EXISTS(Items))));
    assert_false(SAME(EXISTS(Items), EXISTS(Items, .where = EQ(Items.size, 1))));
    assert_false(
        SAME(EXISTS(Items, .where = EQ(Items.size, 1)), EXISTS(Items, .where = NE(Items.size, 1))));
    assert_false(
        SAME(EXISTS(Items, .where = EQ(Items.size, 1)), AND(EXISTS(Items), EQ(Items.size, 1))));
    assert_false(
        SAME(IN_QUERY(Items.size, Items, Items.size), IN_QUERY(Items.size, Items, Items.id)));
    assert_false(
        SAME(IN_QUERY(Items.size, Items, Items.size), IN_QUERY(Items.id, Items, Items.size)));
    assert_false(SAME(IN_QUERY(Items.size, Items, Items.size),
                      IN_QUERY(Items.size, Items, Items.size, .limit = 1)));
    assert_true(SAME(IN_QUERY(Items.size, Items, Items.size, .limit = 3),
                     IN_QUERY(Items.size, Items, Items.size, .limit = 1)));
    assert_false(SAME(IN_QUERY(Items.size, Items, Items.size, .limit = 3),
                      IN_QUERY(Items.size, Items, Items.size, .offset = 3)));
    assert_false(SAME(IN_QUERY(Items.size, Items, Items.size, .limit = 3),
                      IN_QUERY(Items.size, Items, Items.size, .limit = 3, .reverse = true)));
    assert_false(
        SAME(EQ(SUBQUERY(Items, Items.size), 1), EQ(SUBQUERY(Items, MAX_OF(Items.size)), 1)));
    assert_false(SAME(EQ(SUBQUERY(Items, Items.size, .order_by = BY(Items.id)), 1),
                      EQ(SUBQUERY(Items, Items.size, .order_by = BY(Items.name)), 1)));
    assert_true(
        SAME(EQ(SUBQUERY(Items, Items.size), 1), EQ(SUBQUERY(Items, Items.size, .limit = 1), 1)));
    CORM_FILTER(filter, Items);
    corm_filter_add(filter, EQ(Items.size, 1));
    assert_false(SAME(EXISTS(Items), EXISTS(Items, .filter = filter)));
    assert_true(PAIR(.with = WITH(WITH_ROWS(Items.parts, .limit = 1)),
                     .with = WITH(WITH_ROWS(Items.parts, .limit = 2))));
    assert_false(PAIR(.with = WITH(WITH_ROWS(Items.parts)), .with = WITH(Items.parts)));
    assert_false(PAIR(.with = WITH(WITH_ROWS(Items.parts)), .with = WITH(WITH_COUNT(Items.parts))));
    assert_false(PAIR(.with = WITH(WITH_ROWS(Items.parts, .where = EQ(Items.size, 1))),
                      .with = WITH(WITH_ROWS(Items.parts, .where = EQ(Items.id, 1)))));
}

static void test_shape__pads_lists(void **state) {
    (void)state;
    assert_true(SAME(IN(Items.size, 1, 2, 3, 4, 5), IN(Items.size, 9, 8, 7, 6, 5, 4, 3)));
    assert_false(SAME(IN(Items.size, 1, 2), IN(Items.size, 1)));
    assert_false(SAME(IN(Items.size, 1, 2, 3, 4), IN(Items.size, 1, 2, 3, 4, 5)));
    int64_t few[] = { 1, 2, 3, 4, 5, 6 };
    assert_true(SAME(ONE_OF(Items.id, few, 5), ONE_OF(Items.id, few, 6)));
    assert_false(SAME(ONE_OF(Items.id, few, 0), ONE_OF(Items.id, few, 1)));
    /* Longer ones have their own length: a plan for some must not serve more. */
    assert_int_equal(corm__list_length(16000, CORM__LONGEST_PADDED), 16384);
    assert_int_equal(corm__list_length(20000, CORM__LONGEST_PADDED), 20000);
    assert_int_equal(corm__list_length(25000, CORM__LONGEST_PADDED), 25000);
}

static int status_of(const void *expr) {
    corm_shape shape;
    corm__shape_begin(&shape, 'A', corm__table_Items);
    corm__shape_expr(&shape, expr, 0);
    corm__shape_end(&shape);
    return shape.status;
}

static const corm_condition *any_of(size_t n) {
    const void *terms[500];
    for (size_t i = 0; i < n; i++) terms[i] = EQ(Items.name, "x");
    return (const void *)corm__expr_args(CORM_OP_OR, terms, n);
}

static void test_shape__grows_and_stops(void **state) {
    (void)state;
    assert_true(SAME(any_of(500), any_of(500)));
    assert_false(SAME(any_of(500), any_of(499)));
    const corm_condition *deep = EQ(Items.name, "x");
    for (int i = 0; i < 150; i++) deep = NOT(deep);
    assert_int_equal(status_of(deep), 0);
    deep = EQ(Items.name, "x");
    for (int i = 0; i < 300; i++) deep = NOT(deep);
    assert_int_equal(status_of(deep), CORM_ERROR_USAGE);
    assert_int_equal(status_of(corm__expr((corm_op)250, NULL, NULL)), CORM_ERROR_USAGE);
}

/* Whatever a program kept, it is what it was or it is refused. */
static void test_shape__takes_an_expression_once(void **state) {
    (void)state;
    const corm_condition *kept = EQ(Items.size, 1), *other = EQ(Items.size, 2);
    assert_int_equal(status_of(kept), 0);
    assert_int_equal(status_of(kept), CORM_ERROR_USAGE);
    assert_int_equal(status_of(AND(other, other)), CORM_ERROR_USAGE);
    const corm_condition *old = EQ(Items.size, 3);
    for (int i = 0; i < 100000; i++) assert_non_null(EQ(Items.size, i));
    assert_int_equal(status_of(old), CORM_ERROR_USAGE);
    char bytes[64] = { 0 };
    assert_int_equal(status_of((const corm_expr *)(const void *)bytes), CORM_ERROR_USAGE);
    assert_int_equal(status_of((const corm_expr *)(const void *)(bytes + 1)), CORM_ERROR_USAGE);
    assert_int_equal(status_of(NOT((const corm_condition *)(const void *)bytes)), CORM_ERROR_USAGE);
    assert_int_equal(status_of((const corm_expr *)UINTPTR_MAX), CORM_ERROR_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_shape__leaves_values_out),
                                        cmocka_unit_test(test_shape__tells_queries_apart),
                                        cmocka_unit_test(test_shape__pads_lists),
                                        cmocka_unit_test(test_shape__has_subqueries),
                                        cmocka_unit_test(test_shape__grows_and_stops),
                                        cmocka_unit_test(test_shape__takes_an_expression_once) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
