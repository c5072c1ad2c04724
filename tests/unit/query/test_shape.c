/* The key of a query: the same for queries that one plan serves, another for all others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "query/query.h"

CORM_MODEL(Item, Items, "items", identity(id), text(name), integer(size), decimal(price, 5, 2));

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
#define SAME(a, b) same(&(corm_query){ .where = (a) }, &(corm_query){ .where = (b) })

static void test_shape__leaves_values_out(void **state) {
    (void)state;
    assert_true(SAME(EQ(Items.size, 1), EQ(Items.size, 2)));
    assert_true(SAME(EQ(Items.name, "a"), EQ(Items.name, "another")));
    assert_true(
        SAME(AND(GT(Items.size, 1), LT(Items.size, 9)), AND(GT(Items.size, 5), LT(Items.size, 6))));
    assert_true(SAME(AND(GT(Items.size, 1), NULL), AND(GT(Items.size, 5))));
    assert_true(SAME(BETWEEN(Items.size, 1, 2), BETWEEN(Items.size, 3, 4)));
    assert_true(
        same(&(corm_query){ .limit = 5, .offset = 1 }, &(corm_query){ .limit = 50, .offset = 2 }));
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
    assert_false(same(&(corm_query){ .limit = 5 }, &(corm_query){ .limit = 5, .offset = 1 }));
    assert_false(same(&(corm_query){ .order_by = BY(Items.size) },
                      &(corm_query){ .order_by = BY(DESC(Items.size)) }));
    assert_false(same(&(corm_query){ .order_by = BY(Items.size, Items.id) },
                      &(corm_query){ .order_by = BY(Items.size) }));
    assert_false(same(&(corm_query){ .where = EQ(Items.size, 1) },
                      &(corm_query){ .having = EQ(Items.size, 1) }));
    assert_false(same(&(corm_query){ .distinct = true }, &(corm_query){ 0 }));
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

static void test_shape__grows_and_stops(void **state) {
    (void)state;
    enum { N = 500 };
    const corm_expr *terms[N];
    const corm_expr *term = EQ(Items.name, "x");
    for (int i = 0; i < N; i++) terms[i] = term;
    const corm_expr many = { .op = CORM_OP_OR, .args = terms, .n_args = N },
                    less = { .op = CORM_OP_OR, .args = terms, .n_args = N - 1 };
    assert_true(SAME(&many, &many));
    assert_false(SAME(&many, &less));
    corm_expr deep[300];
    for (int i = 0; i < 300; i++)
        deep[i] = (corm_expr){ .op = CORM_OP_NOT, .left = i ? &deep[i - 1] : term };
    corm_shape shape;
    corm__shape_begin(&shape, 'A', corm__table_Items);
    corm__shape_expr(&shape, &deep[299], 0);
    assert_int_equal(shape.status, CORM_ERROR_USAGE);
    corm__shape_end(&shape);
    const corm_expr wrong = { .op = (corm_op)250 };
    corm__shape_begin(&shape, 'A', corm__table_Items);
    corm__shape_expr(&shape, &wrong, 0);
    assert_int_equal(shape.status, CORM_ERROR_USAGE);
    corm__shape_end(&shape);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_shape__leaves_values_out),
                                        cmocka_unit_test(test_shape__tells_queries_apart),
                                        cmocka_unit_test(test_shape__pads_lists),
                                        cmocka_unit_test(test_shape__grows_and_stops) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
