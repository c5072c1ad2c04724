/* Conditions put together at run time: filters, what a program keeps, lists with holes in them,
 * long lists, limits that come from a variable. */
#include "harness.h"
#include <stdlib.h>

#define count(...) corm_count(db, Recipes, __VA_ARGS__)
#define ONCE "a condition lives in one statement; keep it in a filter"

static void test_filter__joins_what_is_added(void **state) {
    (void)state;
    fill();
    CORM_FILTER(filter, Recipes);
    assert_int_equal(count(.filter = filter), 4);
    corm_filter_add(filter, GTE(Recipes.time_minutes, 60));
    assert_int_equal(count(.filter = filter), 3);
    corm_filter_add(filter, NULL);
    corm_filter_add(filter, EQ(Recipes.user->name, "Bob"));
    assert_int_equal(count(.filter = filter), 2);
    assert_int_equal(count(.filter = filter, .where = EQ(Recipes.title, "Cake")), 1);
    assert_int_equal(count(.filter = filter, .where = EQ(Recipes.title, "Soup")), 0);
    assert_int_equal(count(.filter = NULL), 4);
    corm_filter_order(filter, Recipes.title);
    Recipe *rows = corm_all(db, Recipes, .filter = filter);
    assert_rows(rows, 2);
    assert_string_equal(rows[0].title, "Bread");
    corm_free(rows);
    rows = corm_all(db, Recipes, .filter = filter, .order_by = BY(Recipes.time_minutes));
    assert_rows(rows, 2);
    assert_string_equal(rows[0].title, "Cake");
    corm_free(rows);
}

static corm_filter *named(const char *title, int minutes) {
    char copied[32];
    snprintf(copied, sizeof copied, "%s", title);
    corm_filter *filter = corm_filter_new(Recipes);
    corm_filter_add(filter, EQ(Recipes.title, copied));
    if (minutes) corm_filter_add(filter, LT(Recipes.time_minutes, minutes));
    memset(copied, 'x', sizeof copied);
    return filter;
}

/* Texts, arrays and bytes are the filter's own. */
static void test_filter__copies(void **state) {
    (void)state;
    fill();
    corm_filter *filter = named("Soup", 50);
    for (int i = 0; i < 3; i++) assert_int_equal(count(.filter = filter), 1);
    corm_filter_free(filter);
    filter = corm_filter_new(Recipes);
    int64_t *ids = malloc(2 * sizeof *ids);
    char **titles = malloc(2 * sizeof *titles);
    ids[0] = soup.id, ids[1] = cake.id;
    titles[0] = strdup("Soup"), titles[1] = strdup("Stew");
    corm_filter_add(filter, ONE_OF(Recipes.id, ids, 2));
    assert_int_equal(count(.filter = filter), 2);
    corm_filter_add(filter, ONE_OF(Recipes.title, titles, 2));
    corm_filter_add(filter, IN(Recipes.title, titles[0], titles[1]));
    corm_filter_add(filter, EQ(CONCAT(Recipes.title, VALUE(titles[0])), "SoupSoup"));
    corm_filter_add(filter, BETWEEN(Recipes.time_minutes, 20, COL(Recipes.time_minutes)));
    memset(titles[0], 'x', 4);
    memset(ids, 0, 2 * sizeof *ids);
    free(titles[0]), free(titles[1]), free(titles), free(ids);
    assert_int_equal(count(.filter = filter), 1);
    corm_filter_free(filter);
    filter = corm_filter_new(AllKinds);
    char bytes[] = { 1, 0, 2 };
    corm_filter_add(filter, EQ(AllKinds.bytes, ((corm_blob){ bytes, 3 })));
    bytes[0] = 9;
    Kinds row = { .price = corm_decimal_of(0, 2),
                  .huge = corm_decimal_of(0, 10),
                  .short_text = "",
                  .long_text = "",
                  .bytes = { "\1\0\2", 3 },
                  .document = "{}" };
    assert_ok(corm_insert(db, AllKinds, &row));
    assert_int_equal(corm_count(db, AllKinds, .filter = filter), 1);
    corm_filter_free(filter);
    corm_filter_free(NULL);
}

CORM_ROW(Titled, varchar(title, 60), integer(time_minutes));
CORM_ROW(Summed, bigint(n), optional_bigint(minutes));

static void test_filter__serves_every_query(void **state) {
    (void)state;
    fill();
    CORM_FILTER(filter, Recipes);
    corm_filter_add(filter, EQ(Recipes.tags->name, "vegan"));
    corm_filter_order(filter, DESC(Recipes.time_minutes));
    Recipe *rows = corm_all(db, Recipes, .filter = filter, .with = WITH(Recipes.tags));
    assert_rows(rows, 2);
    assert_string_equal(rows[0].title, "Bread");
    corm_free(rows);
    rows = corm_first(db, Recipes, .filter = filter);
    assert_rows(rows, 1);
    assert_string_equal(rows->title, "Bread");
    corm_free(rows);
    rows = corm_get(db, Recipes, .filter = filter, .where = EQ(Recipes.title, "Soup"));
    assert_rows(rows, 1);
    corm_free(rows);
    int n = 0;
    corm_each(recipe, db, Recipes, .filter = filter) n++;
    assert_int_equal(n, 2);
    assert_int_equal(corm_exists(db, Recipes, .filter = filter), 1);
    Titled *titles = corm_select(
        db, Titled, Recipes, .filter = filter, .limit = 1,
        .columns = COLUMNS(AS(title, Recipes.title), AS(time_minutes, Recipes.time_minutes)));
    assert_rows(titles, 1);
    assert_string_equal(titles->title, "Bread");
    corm_free(titles);
    CORM_FILTER(plain, Recipes);
    corm_filter_add(plain, EQ(Recipes.tags->name, "vegan"));
    Summed *sums =
        corm_select(db, Summed, Recipes, .filter = plain,
                    .columns = COLUMNS(AS(n, COUNT()), AS(minutes, SUM(Recipes.time_minutes))));
    assert_rows(sums, 1);
    assert_int_equal(sums->n, 2);
    assert_int_equal(sums->minutes.value, 140);
    corm_free(sums);
    assert_int_equal(corm_update(db, Recipes, .filter = filter, .set = SET(TO(Recipes.link, "x")),
                                 .limit = 1),
                     1);
    assert_int_equal(count(.filter = filter, .where = EQ(Recipes.link, "x")), 1);
    assert_int_equal(corm_delete(db, Recipes, .filter = filter), 2);
    assert_int_equal(count(), 2);
}

static void test_filter__groups_nest(void **state) {
    (void)state;
    fill();
    CORM_FILTER(filter, Recipes);
    corm_filter *any = corm_filter_any(filter);
    assert_int_equal(count(.filter = filter), 4);
    static const char *const titles[] = { "Soup", "Stew", "Cake" };
    for (int i = 0; i < 3; i++) corm_filter_add(any, EQ(Recipes.title, titles[i]));
    assert_int_equal(count(.filter = filter), 3);
    assert_int_equal(count(.filter = any), 3);
    corm_filter *none = corm_filter_none(filter);
    corm_filter_add(none, EQ(Recipes.title, "Soup"));
    assert_int_equal(count(.filter = filter), 2);
    corm_filter_add(none, EQ(Recipes.tags->name, "sweet"));
    assert_int_equal(count(.filter = filter), 1);
    corm_filter *both = corm_filter_all(any);
    corm_filter_add(both, EQ(Recipes.user->name, "Bob"));
    corm_filter_add(both, GT(Recipes.time_minutes, 100));
    assert_int_equal(count(.filter = filter), 2);
    corm_filter_free(both);
    assert_int_equal(count(.filter = filter), 2);
}

static void test_filter__keeps_what_failed(void **state) {
    (void)state;
    fill();
    CORM_FILTER(filter, Recipes);
    corm_filter *any = corm_filter_any(filter);
    const corm_condition *kept = EQ(Recipes.title, "Soup");
    corm_filter_add(filter, kept);
    assert_int_equal(count(.filter = filter), 1);
    corm_filter_add(any, kept);
    for (int i = 0; i < 2; i++) assert_refused(count(.filter = filter), CORM_ERROR_USAGE, ONCE);
    assert_refused(corm_delete(db, Recipes, .filter = any), CORM_ERROR_USAGE, ONCE);
    corm_filter_add(filter, EQ(Recipes.title, "Stew"));
    corm_filter_order(filter, Recipes.title);
    assert_refused(count(.filter = filter), CORM_ERROR_USAGE, ONCE);
    CORM_FILTER(other, Tags);
    assert_refused(corm_delete(db, Recipes, .filter = other), CORM_ERROR_USAGE,
                   "a filter of Tag in a query on Recipe");
    assert_string_equal(corm_error(db)->hint, "make it with corm_filter_new(Recipes)");
    assert_refused(count(.filter = corm_filter_any(NULL)), CORM_ERROR_USAGE, "no filter");
    CORM_FILTER(grouped, Recipes);
    corm_filter_add(grouped, ANYWAY(GT(COUNT(), 1)));
    assert_refused(count(.filter = grouped), CORM_ERROR_USAGE, "aggregate");
    CORM_FILTER(ordered, Recipes);
    corm_filter_add(ordered, ANYWAY(ASC(Recipes.title)));
    assert_refused(count(.filter = ordered), CORM_ERROR_USAGE, "a filter of ASC, which is no");
    assert_string_equal(corm_error(db)->hint, "write EQ(…), IS_NOT_NULL(…), …");
    CORM_FILTER(empty, Recipes);
    corm_filter_add(corm_filter_any(empty), NULL);
    assert_refused(corm_delete(db, Recipes, .filter = empty), CORM_ERROR_USAGE,
                   "without a condition");
    assert_int_equal(count(), 4);
}

/* --- what a program keeps all the same --- */

static const corm_condition *quicker(int minutes) { return LT(Recipes.time_minutes, minutes); }

static int64_t remove_by(const char *title, int minutes) {
    const corm_condition *by_title = NULL, *by_minutes = NULL;
    if (title) by_title = EQ(Recipes.title, title);
    if (minutes) by_minutes = LT(Recipes.time_minutes, minutes);
    return corm_delete(db, Recipes, .where = AND(by_title, by_minutes));
}

static void test_kept__means_what_it_said_or_is_refused(void **state) {
    (void)state;
    fill();
    assert_int_equal(remove_by("Soup", 10), 0);
    assert_int_equal(remove_by("Bread", 200), 1);
    const corm_condition *where = quicker(50);
    assert_int_equal(count(.where = where), 1);
    assert_refused(corm_delete(db, Recipes, .where = where), CORM_ERROR_USAGE, ONCE);
    assert_true(strlen(corm_error(db)->hint) > 0);
    where = EQ(Recipes.title, "Soup");
    assert_refused(corm_delete(db, Recipes, .where = AND(where, where)), CORM_ERROR_USAGE, ONCE);
    const corm_ordering *item = DESC(Recipes.title);
    Recipe *rows = corm_all(db, Recipes, .order_by = BY(item));
    assert_rows(rows, 3);
    corm_free(rows);
    assert_refused(corm_all(db, Recipes, .order_by = BY(item)), CORM_ERROR_USAGE, ONCE);
    const corm_condition *any = NULL;
    for (int i = 0; i < 3; i++) any = OR(any, EQ(Recipes.time_minutes, 20 + i));
    assert_int_equal(count(.where = any), 1);
    int64_t bytes[32] = { 0 };
    assert_refused(corm_delete(db, Recipes, .where = (const corm_condition *)(const void *)bytes),
                   CORM_ERROR_USAGE, ONCE);
    assert_int_equal(count(), 3);
}

/* --- lists with NULL in them --- */

static void test_lists__leave_out_null(void **state) {
    (void)state;
    fill();
    const char *title = NULL;
    assert_int_equal(corm_update(db, Recipes, .where = EQ(Recipes.id, soup.id),
                                 .set = SET(TO(Recipes.time_minutes, 21),
                                            title ? TO(Recipes.title, title) : NULL, NULL,
                                            TO(Recipes.link, "here"))),
                     1);
    Recipe *row = corm_find(db, Recipes, soup.id);
    assert_rows(row, 1);
    assert_string_equal(row->link, "here");
    assert_int_equal(row->time_minutes, 21);
    corm_free(row);
    assert_refused(corm_update(db, Recipes, .where = EQ(Recipes.id, soup.id), .set = SET(NULL)),
                   CORM_ERROR_USAGE, "without .set");
    row = corm_all(db, Recipes, .limit = 1,
                   .order_by = BY(title ? ASC(Recipes.title) : NULL, NULL,
                                  DESC(Recipes.time_minutes)));
    assert_rows(row, 1);
    assert_string_equal(row->title, "Bread");
    corm_free(row);
    row = corm_all(db, Recipes, .limit = 1, .order_by = BY(NULL, Recipes.id),
                   .with = WITH(NULL, Recipes.user));
    assert_rows(row, 1);
    assert_string_equal(row->user->name, "Ada");
    corm_free(row);
}

/* --- limits --- */

static void test_limit__tells_0_from_none(void **state) {
    (void)state;
    fill();
    int64_t n = 0;
    Recipe *rows = corm_all(db, Recipes, .limit = n);
    assert_rows(rows, 0);
    corm_free(rows);
    rows = corm_all(db, Recipes, .limit = n, .offset = 1, .order_by = BY(Recipes.title));
    assert_rows(rows, 0);
    corm_free(rows);
    assert_int_equal(count(.limit = n), 0);
    assert_int_equal(count(.limit = 3), 3);
    assert_int_equal(count(.offset = 3), 1);
    assert_int_equal(corm_exists(db, Recipes, .limit = n), 0);
    assert_null(corm_first(db, Recipes, .limit = n));
    assert_int_equal(corm_error(db)->status, 0);
    assert_refused(corm_get(db, Recipes, .limit = n), CORM_ERROR_NOT_FOUND, "");
    corm_each(recipe, db, Recipes, .limit = n) fail();
    assert_int_equal(corm_failed(db), 0);
    Titled *titles = corm_select(
        db, Titled, Recipes, .limit = n,
        .columns = COLUMNS(AS(title, Recipes.title), AS(time_minutes, Recipes.time_minutes)));
    assert_rows(titles, 0);
    corm_free(titles);
    assert_int_equal(corm_delete(db, Recipes, .all = true, .limit = n), 0);
    assert_int_equal(corm_update(db, Recipes, .all = true, .limit = n,
                                 .set = SET(TO(Recipes.link, "x"))),
                     0);
    assert_int_equal(count(.where = EQ(Recipes.link, "x")), 0);
    assert_int_equal(corm_delete(db, Recipes, .all = true, .limit = 1), 1);
    assert_int_equal(count(), 3);
}

static void test_limit__is_never_negative(void **state) {
    (void)state;
    fill();
    for (int i = 0; i < 3; i++) {
        assert_refused(corm_all(db, Recipes, .limit = -1), CORM_ERROR_USAGE,
                       "negative limit or offset of recipes");
        assert_string_equal(corm_error(db)->hint, "without .limit there is no limit");
        assert_refused(corm_delete(db, Recipes, .all = true, .limit = -1), CORM_ERROR_USAGE,
                       "negative");
        assert_refused(corm_update(db, Recipes, .all = true, .limit = -1,
                                   .set = SET(TO(Recipes.link, "x"))),
                       CORM_ERROR_USAGE, "negative");
        assert_refused(count(.offset = -1), CORM_ERROR_USAGE, "negative");
        assert_refused(corm_get(db, Recipes, .limit = -1), CORM_ERROR_USAGE, "negative");
        assert_refused(corm_first(db, Recipes, .limit = -1), CORM_ERROR_USAGE, "negative");
        assert_refused(corm_exists(db, Recipes, .limit = -2), CORM_ERROR_USAGE, "negative");
        corm_each(recipe, db, Recipes, .limit = -1) fail();
        assert_int_equal(corm_error(db)->status, CORM_ERROR_USAGE);
        Recipe *rows = corm_all(db, Recipes, .limit = 5);
        assert_rows(rows, 4);
        corm_free(rows);
    }
}

/* --- relations to many rows --- */

static void test_many__one_and_is_one_row(void **state) {
    (void)state;
    fill();
#define tag(name_) EQ(Recipes.tags->name, name_)
    /* Soup is vegan and quick, but no tag is both. */
    assert_int_equal(count(.where = AND(tag("vegan"), tag("quick"))), 0);
    assert_int_equal(count(.where = AND(HAS(tag("vegan")), HAS(tag("quick")))), 1);
    assert_int_equal(count(.where = AND(OR(tag("vegan"), EQ(Recipes.title, "x")),
                                        OR(tag("quick"), EQ(Recipes.title, "x")))),
                     0);
    assert_int_equal(count(.where = AND(OR(tag("vegan"), EQ(Recipes.title, "x")),
                                        OR(tag("vegan"), EQ(Recipes.title, "y")))),
                     2);
    /* Without a tag: what stands beside it decides. */
    assert_int_equal(count(.where = AND(OR(tag("vegan"), EQ(Recipes.title, "Stew")),
                                        OR(tag("quick"), EQ(Recipes.title, "Stew")))),
                     1);
    assert_int_equal(count(.where = AND(OR(tag("vegan"), EQ(Recipes.title, "Stew")),
                                        OR(tag("quick"), GT(Recipes.time_minutes, 100)))),
                     1);
    assert_int_equal(count(.where = AND(OR(tag("vegan"), tag("quick")),
                                        OR(EQ(Recipes.tags->colour, "green"), tag("sweet")))),
                     2);
    assert_int_equal(count(.where = AND(AND(OR(tag("vegan"), EQ(Recipes.title, "x"))),
                                        AND(AND(OR(tag("quick"), EQ(Recipes.title, "x")))))),
                     0);
    assert_int_equal(count(.where = AND(HAS(OR(tag("vegan"), EQ(Recipes.title, "x"))),
                                        HAS(OR(tag("quick"), EQ(Recipes.title, "x"))))),
                     1);
    /* Two relations at once. */
    assert_int_equal(count(.where = AND(OR(tag("vegan"), EQ(Recipes.comments->stars, 5)),
                                        OR(tag("quick"), EQ(Recipes.comments->words, "good")))),
                     2);
    assert_int_equal(count(.where = AND(OR(tag("sweet"), EQ(Recipes.comments->stars, 1)),
                                        OR(tag("x"), EQ(Recipes.comments->words, "good")))),
                     1);
    assert_int_equal(count(.where = NOT(AND(OR(tag("vegan"), EQ(Recipes.title, "x")),
                                            OR(tag("quick"), EQ(Recipes.title, "x"))))),
                     4);
    assert_int_equal(count(.where = NOT(AND(HAS(tag("vegan")), HAS(tag("quick"))))), 3);
    assert_int_equal(count(.where = AND(tag("vegan"), NOT(tag("quick")))), 1);
    /* NOT and HAS beside a row that is bound already, which is not the one they speak of. */
    assert_int_equal(count(.where = AND(tag("vegan"), OR(tag("x"), NOT(tag("quick"))))), 1);
    assert_int_equal(count(.where = AND(tag("vegan"), OR(tag("x"), HAS(tag("quick"))))), 1);
    assert_int_equal(count(.where = AND(tag("vegan"), OR(tag("x"), NOT(HAS(tag("quick")))))), 1);
    /* Each condition of a filter is on its own. */
    CORM_FILTER(all, Recipes);
    corm_filter_add(all, tag("vegan"));
    assert_int_equal(count(.filter = all), 2);
    corm_filter_add(all, tag("quick"));
    assert_int_equal(count(.filter = all), 1);
    assert_int_equal(count(.filter = all, .where = tag("vegan")), 1);
    corm_filter_add(all, AND(tag("vegan"), tag("quick")));
    assert_int_equal(count(.filter = all), 0);
}

/* --- long lists --- */

static void test_long_lists__are_no_deep_trees(void **state) {
    (void)state;
    fill();
    for (int n = 1000; n <= 10000; n += 9000) {
        CORM_FILTER(filter, Recipes);
        corm_filter *any = corm_filter_any(filter);
        for (int i = 0; i < n; i++) corm_filter_add(any, EQ(Recipes.time_minutes, 20 + i));
        assert_int_equal(count(.where = EQ(Recipes.title, "Soup"), .filter = filter), 1);
        CORM_FILTER(all, Recipes);
        for (int i = 0; i < n; i++) corm_filter_add(all, NE(Recipes.time_minutes, 60 + i));
        assert_int_equal(corm_delete(db, Recipes, .filter = all), 1);
        soup.id = 0;
        assert_ok(corm_insert(db, Recipes, &soup));
        if (n > 1000) continue; /* of the rest a shorter one says as much */
        assert_int_equal(count(.filter = filter), 4);
        CORM_FILTER(none, Recipes);
        corm_filter *nothing = corm_filter_none(none);
        for (int i = 0; i < n; i++) corm_filter_add(nothing, EQ(Recipes.time_minutes, 60 + i));
        assert_int_equal(count(.filter = none), 1);
    }
    const corm_condition *chain = NULL;
    for (int i = 0; i < 1000; i++) chain = OR(chain, EQ(Recipes.time_minutes, i));
    assert_refused(count(.where = chain), CORM_ERROR_USAGE, "nested more than");
}

const struct CMUnitTest filter_tests[] = {
    TEST(test_filter__joins_what_is_added),
    TEST(test_filter__copies),
    TEST(test_filter__serves_every_query),
    TEST(test_filter__groups_nest),
    TEST(test_filter__keeps_what_failed),
    TEST(test_kept__means_what_it_said_or_is_refused),
    TEST(test_lists__leave_out_null),
    TEST(test_limit__tells_0_from_none),
    TEST(test_limit__is_never_negative),
    TEST(test_many__one_and_is_one_row),
    TEST(test_long_lists__are_no_deep_trees),
};
const size_t n_filter_tests = sizeof filter_tests / sizeof *filter_tests;
