/* corm_select: expressions into a row struct, groups, having, order. */
#include "harness.h"

CORM_ROW(PerUser, text(name), bigint(recipes), optional_decimal(spent, 38, 2),
         optional_double_precision(minutes), optional_integer(least), optional_integer(most));
CORM_ROW(PerTag, text(name), bigint(n));
CORM_ROW(Numbers, bigint(n), optional_bigint(sum), optional_double_precision(mean));
CORM_ROW(Titles, varchar(title, 60), integer(length));
CORM_ROW(Narrow, integer(n));
CORM_ROW(Label, enumeration(level, Level), bigint(n));
CORM_ROW(Strict, bigint(total));
CORM_ROW(Prices, optional_decimal(product, 38, 2), optional_decimal(quotient, 38, 2));

static void test_select__groups_by_what_is_no_aggregate(void **state) {
    (void)state;
    fill();
    PerUser *rows = corm_select(
        db, PerUser, Recipes,
        .columns = COLUMNS(AS(name, Recipes.user->name), AS(recipes, COUNT()),
                           AS(spent, SUM(Recipes.price)), AS(minutes, AVG(Recipes.time_minutes)),
                           AS(least, MIN_OF(Recipes.time_minutes)),
                           AS(most, MAX_OF(Recipes.time_minutes))),
        .order_by = BY(Recipes.user->name));
    assert_rows(rows, 2);
    assert_string_equal(rows[0].name, "Ada");
    assert_int_equal(rows[0].recipes, 2);
    assert_int_equal(corm_decimal_compare(rows[0].spent.value, corm_decimal_of(1649, 2)), 0);
    assert_true(rows[0].minutes.value == 55.0);
    assert_int_equal(rows[0].least.value, 20);
    assert_int_equal(rows[1].most.value, 120);
    corm_free(rows);
}

static void test_select__products_keep_the_scale_of_the_left(void **state) {
    (void)state;
    fill();
    Prices *rows =
        corm_select(db, Prices, Recipes,
                    .columns = COLUMNS(AS(product, MUL(Recipes.price, corm_decimal_of(12345, 4))),
                                       AS(quotient, DIV(Recipes.price, COL(Recipes.time_minutes)))),
                    .where = EQ(Recipes.id, bread.id));
    assert_rows(rows, 1);
    assert_int_equal(corm_decimal_compare(rows->product.value, corm_decimal_of(246, 2)), 0);
    assert_int_equal(rows->product.value.scale, 2);
    assert_int_equal(corm_decimal_compare(rows->quotient.value, corm_decimal_of(2, 2)), 0);
    assert_int_equal(rows->quotient.value.scale, 2);
    corm_free(rows);
}

static void test_select__aggregates_all_rows_without_groups(void **state) {
    (void)state;
    Numbers *none = corm_select(db, Numbers, Comments,
                                .columns = COLUMNS(AS(n, COUNT()), AS(sum, SUM(Comments.stars)),
                                                   AS(mean, AVG(Comments.stars))));
    assert_rows(none, 1);
    assert_int_equal(none->n, 0);
    assert_false(none->sum.set);
    assert_false(none->mean.set);
    corm_free(none);
    fill();
    Numbers *rows = corm_select(db, Numbers, Comments,
                                .columns = COLUMNS(AS(n, COUNT()), AS(sum, SUM(Comments.stars)),
                                                   AS(mean, AVG(Comments.stars))),
                                .where = GT(Comments.stars, 1));
    assert_rows(rows, 1);
    assert_int_equal(rows->n, 2);
    assert_int_equal(rows->sum.value, 9);
    assert_true(rows->mean.value == 4.5);
    corm_free(rows);
}

static void test_select__counts_below_a_relation_and_keeps_groups_with_none(void **state) {
    (void)state;
    fill();
    PerTag *rows = corm_select(
        db, PerTag, Users, .columns = COLUMNS(AS(name, Users.name), AS(n, COUNT_OF(Users.recipes))),
        .order_by = BY(DESC(COUNT_OF(Users.recipes))));
    assert_rows(rows, 3);
    assert_int_equal(rows[0].n, 2);
    assert_string_equal(rows[0].name, "Ada");
    assert_string_equal(rows[2].name, "Eve");
    assert_int_equal(rows[2].n, 0);
    corm_free(rows);
    rows = corm_select(db, PerTag, Recipes,
                       .columns = COLUMNS(AS(name, Recipes.tags->name), AS(n, COUNT())),
                       .order_by = BY(Recipes.tags->name));
    assert_rows(rows, 3);
    assert_string_equal(rows[2].name, "vegan");
    assert_int_equal(rows[2].n, 2);
    corm_free(rows);
    rows = corm_select(db, PerTag, Recipes,
                       .columns = COLUMNS(AS(name, Recipes.tags->name), AS(n, COUNT())),
                       .where = EQ(Recipes.tags->name, "sweet"));
    assert_rows(rows, 1);
    assert_int_equal(rows->n, 1);
    corm_free(rows);
    rows = corm_select(
        db, PerTag, Users,
        .columns = COLUMNS(AS(name, Users.name), AS(n, COUNT_DISTINCT(Users.recipes->tags->id))),
        .having = GT(COUNT_DISTINCT(Users.recipes), 0));
    assert_rows(rows, 2);
    corm_free(rows);
}

static void test_select__having(void **state) {
    (void)state;
    fill();
    PerTag *rows = corm_select(db, PerTag, Recipes,
                               .columns = COLUMNS(AS(name, Recipes.tags->name), AS(n, COUNT())),
                               .having = GT(COUNT(), 1));
    assert_rows(rows, 1);
    assert_string_equal(rows->name, "vegan");
    corm_free(rows);
}

static void test_select__refuses_to_multiply(void **state) {
    (void)state;
    fill();
    CORM_ROW(Two, bigint(tags), bigint(comments));
    assert_refused(corm_select(db, Two, Recipes,
                               .columns = COLUMNS(AS(tags, COUNT_OF(Recipes.tags)),
                                                  AS(comments, COUNT_OF(Recipes.comments)))),
                   CORM_ERROR_USAGE, "several times");
    Two *rows = corm_select(db, Two, Recipes,
                            .columns = COLUMNS(AS(tags, COUNT_DISTINCT(Recipes.tags)),
                                               AS(comments, COUNT_DISTINCT(Recipes.comments))));
    assert_rows(rows, 1);
    assert_int_equal(rows->tags, 3);
    assert_int_equal(rows->comments, 3);
    corm_free(rows);
}

static void test_select__without_aggregates_is_a_list(void **state) {
    (void)state;
    fill();
    Titles *rows = corm_select(db, Titles, Recipes,
                               .columns = COLUMNS(AS(title, CONCAT(Recipes.title, VALUE("!"))),
                                                  AS(length, LENGTH(Recipes.title))),
                               .order_by = BY(Recipes.title), .limit = 2);
    assert_rows(rows, 2);
    assert_string_equal(rows[0].title, "Bread!");
    assert_int_equal(rows[0].length, 5);
    corm_free(rows);
    Titles *different = corm_select(
        db, Titles, Recipes,
        .columns = COLUMNS(AS(title, Recipes.user->name), AS(length, LENGTH(Recipes.user->name))),
        .distinct = true, .order_by = BY(Recipes.user->name));
    assert_rows(different, 2);
    corm_free(different);
    Label *labels = corm_select(db, Label, Recipes,
                                .columns = COLUMNS(AS(level, Recipes.level), AS(n, COUNT())),
                                .order_by = BY(Recipes.level));
    assert_rows(labels, 2);
    assert_int_equal(labels[0].level, LEVEL_EASY);
    assert_int_equal(labels[1].level, LEVEL_HARD);
    assert_int_equal(labels[1].n, 2);
    corm_free(labels);
}

static void test_select__checks_kinds_and_members(void **state) {
    (void)state;
    fill();
    assert_refused(corm_select(db, Narrow, Recipes, .columns = COLUMNS(AS(n, COUNT()))),
                   CORM_ERROR_TYPE, "Narrow.n is integer, but COUNT is bigint");
    assert_refused(corm_select(db, PerTag, Recipes, .columns = COLUMNS(AS(n, COUNT()))),
                   CORM_ERROR_USAGE, "PerTag.name has no expression");
    assert_refused(
        corm_select(db, PerTag, Recipes,
                    .columns = COLUMNS(AS(name, Recipes.title),
                                       .n = (const void *)corm__expr(CORM_OP_SUM, "Recipes.title",
                                                                     NULL))),
        CORM_ERROR_USAGE, "needs a number");
    assert_refused(corm_select(db, PerTag, Recipes,
                               .columns = COLUMNS(AS(name, Recipes.title), AS(n, COUNT())),
                               .order_by = BY(Recipes.price)),
                   CORM_ERROR_USAGE, "not among the columns");
    assert_refused(corm_select(db, Strict, Recipes, .columns = COLUMNS(AS(total, SUM(Recipes.id))),
                               .where = EQ(Recipes.title, "Pie")),
                   CORM_ERROR_TYPE, "total");
}

const struct CMUnitTest report_tests[] = {
    TEST(test_select__groups_by_what_is_no_aggregate),
    TEST(test_select__products_keep_the_scale_of_the_left),
    TEST(test_select__aggregates_all_rows_without_groups),
    TEST(test_select__counts_below_a_relation_and_keeps_groups_with_none),
    TEST(test_select__having),
    TEST(test_select__refuses_to_multiply),
    TEST(test_select__without_aggregates_is_a_list),
    TEST(test_select__checks_kinds_and_members),
};
const size_t n_report_tests = sizeof report_tests / sizeof *report_tests;
