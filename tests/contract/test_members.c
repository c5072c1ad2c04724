/* What a query may have besides its condition: where NULL stands in an order, and the members that
 * choose columns, locks, pages and groups. Each is followed by the same query without it, which must
 * not be answered by the plan of the other. */
#include "harness.h"

/* The titles of the rows, one after another: "Soup Stew". */
static const char *titles(Recipe *rows) {
    static char text[256];
    text[0] = 0;
    if (!rows) fail_msg("%s", corm_error(db)->message);
    for (size_t i = 0; i < corm_len(rows); i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
                 rows[i].title);
    corm_free(rows);
    return text;
}

static void test_exists__has_the_same_clauses_as_all(void **state) {
    (void)state;
    CORM_FILTER(filter, Recipes);
    assert_int_equal(corm_exists(db, Recipes), 0);
    fill();
    corm_filter_add(filter, GT(Recipes.time_minutes, 100));
    assert_int_equal(corm_exists(db, Recipes), 1);
    assert_int_equal(corm_exists(db, Recipes, .filter = filter), 1);
    assert_int_equal(corm_exists(db, Recipes, .filter = filter, .offset = 1), 0);
    assert_int_equal(
        corm_exists(db, Recipes, .filter = filter, .where = EQ(Recipes.title, "Soup")), 0);
    assert_int_equal(corm_exists(db, Recipes, .limit = 0), 0);
    assert_int_equal(corm_exists(db, Recipes, .order_by = BY(Recipes.title), .limit = 1), 1);
    assert_int_equal(corm_exists(db, Recipes, .where = EQ(Recipes.tags->name, "sweet")), 1);
    assert_int_equal(corm_exists(db, Recipes, .where = EQ(Recipes.tags->name, "sour")), 0);
    assert_refused(corm_exists(db, Recipes, .where = EQ(Recipes.title, NULL)), CORM_ERROR_USAGE,
                   "NULL");
    assert_refused(corm_exists(db, Recipes, .set = SET(TO(Recipes.title, "x"))), CORM_ERROR_USAGE,
                   ".set");
}

/* servings: Soup none, Stew 4, Cake none, Bread 2; links: Soup none, Stew "b", Cake "a", Bread
 * none. */
static void fill_nulls(void) {
    fill();
    assert_int_equal(
        corm_update(db, Recipes, .all = true, .set = SET(TO_NULL(Recipes.servings))), 4);
    assert_int_equal(corm_update(db, Recipes, .where = EQ(Recipes.title, "Stew"),
                                 .set = SET(TO(Recipes.servings, 4), TO(Recipes.link, "b"))),
                     1);
    assert_int_equal(corm_update(db, Recipes, .where = EQ(Recipes.title, "Bread"),
                                 .set = SET(TO(Recipes.servings, 2))),
                     1);
    assert_int_equal(corm_update(db, Recipes, .where = EQ(Recipes.title, "Cake"),
                                 .set = SET(TO(Recipes.link, "a"))),
                     1);
}

#define by(...) titles(corm_all(db, Recipes, .order_by = BY(__VA_ARGS__)))
static void test_nulls__stand_where_the_order_says(void **state) {
    (void)state;
    fill_nulls();
    for (int again = 0; again < 2; again++) {
        assert_string_equal(by(ASC(Recipes.servings)), "Bread Stew Soup Cake");
        assert_string_equal(by(NULLS_FIRST(ASC(Recipes.servings))), "Soup Cake Bread Stew");
        assert_string_equal(by(NULLS_FIRST(Recipes.servings)), "Soup Cake Bread Stew");
        assert_string_equal(by(NULLS_LAST(Recipes.servings)), "Bread Stew Soup Cake");
        assert_string_equal(by(DESC(Recipes.servings)), "Cake Soup Stew Bread");
        assert_string_equal(by(NULLS_LAST(DESC(Recipes.servings))), "Stew Bread Cake Soup");
        assert_string_equal(by(NULLS_FIRST(DESC(Recipes.servings))), "Cake Soup Stew Bread");
    }
    assert_string_equal(by(NULLS_FIRST(Recipes.link), DESC(Recipes.title)), "Soup Bread Cake Stew");
    assert_string_equal(by(NULLS_LAST(DESC(UPPER(Recipes.link))), Recipes.title),
                        "Stew Cake Bread Soup");
    assert_string_equal(by(NULLS_FIRST(Recipes.title)), "Bread Cake Soup Stew");
    assert_string_equal(by(NULLS_LAST(DESC(Recipes.level)), Recipes.id), "Stew Bread Soup Cake");
    assert_string_equal(by(NULLS_FIRST(Recipes.parent->title)), "Soup Cake Bread Stew");
    CORM_FILTER(filter, Recipes);
    corm_filter_order(filter, NULLS_FIRST(DESC(Recipes.servings)));
    assert_string_equal(titles(corm_all(db, Recipes, .filter = filter, .limit = 3)),
                        "Cake Soup Stew");
}

CORM_ROW(Group, optional_integer(servings), bigint(n), text(link, .null = true));
static void test_nulls__stand_where_the_order_of_a_report_says(void **state) {
    (void)state;
    fill_nulls();
    Group *rows =
        corm_select(db, Group, Recipes,
                    .columns = COLUMNS(AS(servings, Recipes.servings), AS(n, COUNT()),
                                       AS(link, MAX_OF(Recipes.link))),
                    .order_by = BY(NULLS_FIRST(Recipes.servings)));
    assert_rows(rows, 3);
    assert_false(rows[0].servings.set);
    assert_int_equal(rows[1].servings.value, 2);
    corm_free(rows);
    rows = corm_select(db, Group, Recipes,
                       .columns = COLUMNS(AS(servings, Recipes.servings), AS(n, COUNT()),
                                          AS(link, MAX_OF(Recipes.link))),
                       .order_by = BY(NULLS_LAST(DESC(MAX_OF(Recipes.link)))));
    assert_rows(rows, 3);
    assert_string_equal(rows[0].link, "b");
    assert_null(rows[2].link);
    corm_free(rows);
    assert_refused(corm_select(db, Group, Recipes,
                               .columns = COLUMNS(AS(servings, NULLS_FIRST(Recipes.servings)),
                                                  AS(n, COUNT()), AS(link, Recipes.link))),
                   CORM_ERROR_USAGE, "NULLS_FIRST among the columns");
}

const struct CMUnitTest member_tests[] = {
    TEST(test_exists__has_the_same_clauses_as_all),
    TEST(test_nulls__stand_where_the_order_says),
    TEST(test_nulls__stand_where_the_order_of_a_report_says),
};
const size_t n_member_tests = sizeof member_tests / sizeof *member_tests;
