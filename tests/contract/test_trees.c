/* Trees, rows by their keys, loops that load relations to many rows. */
#include "harness.h"
#include <stdlib.h>

#define HOSTILE "a'; DROP TABLE places; -- \" \\ % _"

CORM_ALIAS(OtherPlace, Places);

/* The codes of the rows, by code. */
static void check(Place *rows, const char *expected) {
    char codes[300] = "";
    if (!rows) fail_msg("%s", corm_error(db)->message);
    for (size_t i = 0; i < corm_len(rows); i++)
        snprintf(codes + strlen(codes), sizeof codes - strlen(codes), "%s%s", i ? " " : "",
                 rows[i].code);
    corm_free(rows);
    assert_string_equal(codes, expected);
}
#define places(...) corm_all(db, Places, .order_by = BY(Places.code), .where = __VA_ARGS__)

static void plant(void) {
    const char *const rows[][2] = { { "a", NULL },      { "b", "a" },    { "c", "a" },
                                    { "d", "b" },       { "e", "d" },    { "x", "z" },
                                    { "y", "x" },       { "z", "y" },    { "lost", "nowhere" },
                                    { "self", "self" }, { HOSTILE, "e" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_ok(
            corm_insert(db, Places, (&(Place){ .code = rows[i][0], .within_id = rows[i][1] })));
}

static void test_tree__below_and_above(void **state) {
    (void)state;
    plant();
    check(places(DESCENDANTS(Places.within, "a")), HOSTILE " b c d e");
    check(places(DESCENDANTS(Places.within, "d")), HOSTILE " e");
    check(places(DESCENDANTS(Places.within, HOSTILE)), "");
    check(places(DESCENDANTS(Places.within, "nobody")), "");
    check(places(DESCENDANTS(Places.within, "nowhere")), "lost");
    check(places(ANCESTORS(Places.within, "e")), "a b d");
    check(places(ANCESTORS(Places.within, HOSTILE)), "a b d e");
    check(places(ANCESTORS(Places.within, "a")), "");
    check(places(ANCESTORS(Places.within, "lost")), "");
    /* Circles. */
    check(places(DESCENDANTS(Places.within, "x")), "y z");
    check(places(ANCESTORS(Places.within, "x")), "y z");
    check(places(DESCENDANTS(Places.within, "self")), "");
    check(places(ANCESTORS(Places.within, "self")), "");
    /* With others, and the other way round. */
    check(places(OR(EQ(Places.code, "b"), DESCENDANTS(Places.within, "b"))), HOSTILE " b d e");
    check(places(AND(DESCENDANTS(Places.within, "a"), NOT(DESCENDANTS(Places.within, "b")))),
          "b c");
    check(places(NOT(OR(DESCENDANTS(Places.within, "a"), ANCESTORS(Places.within, "z")))),
          "a lost self z");
    check(places(AND(DESCENDANTS(Places.within, "a"), ANCESTORS(Places.within, "e"))), "b d");
    /* Along a relation, and in a subquery: within is a place below b; parts are. */
    check(places(DESCENDANTS(Places.within->within, "b")), HOSTILE " e");
    check(places(DESCENDANTS(Places.parts->within, "b")), "b d e");
    check(places(IN_QUERY(Places.within_id, OtherPlace, OtherPlace.code,
                          .where = DESCENDANTS(OtherPlace.within, "a"))),
          HOSTILE " d e");
    CORM_FILTER(filter, Places);
    char start[] = "b";
    corm_filter_add(filter, DESCENDANTS(Places.within, start));
    start[0] = 'a';
    for (int i = 0; i < 2; i++) assert_int_equal(corm_count(db, Places, .filter = filter), 3);
    assert_int_equal(corm_update(db, Places, .set = SET(TO(Places.within_id, "a")),
                                 .where = DESCENDANTS(Places.within, "b")),
                     3);
    assert_int_equal(corm_delete(db, Places, .where = DESCENDANTS(Places.within, "a")), 5);
    check(places(NULL), "a lost self x y z");
    assert_refused(corm_count(db, Recipes, .where = DESCENDANTS(Recipes.user, 1)), CORM_ERROR_USAGE,
                   "does not lead to its own table");
}

/* Keys that are integers, NULL above the root, a tree that is deep. */
static void test_tree__of_any_depth(void **state) {
    (void)state;
    fill();
    assert_int_equal(corm_count(db, Recipes, .where = DESCENDANTS(Recipes.parent, soup.id)), 1);
    assert_int_equal(corm_count(db, Recipes, .where = ANCESTORS(Recipes.parent, bread.id)), 1);
    assert_int_equal(corm_count(db, Recipes, .where = NOT(ANCESTORS(Recipes.parent, bread.id))), 3);
    assert_int_equal(
        corm_count(db, Comments, .where = DESCENDANTS(Comments.recipe->parent, soup.id)), 0);
    enum { DEEP = 3000 };
    static Place deep[DEEP];
    static char codes[DEEP][8];
    for (int i = 0; i < DEEP; i++) {
        snprintf(codes[i], sizeof codes[i], "p%d", i);
        deep[i] = (Place){ .code = codes[i], .within_id = i ? codes[i - 1] : NULL };
    }
    assert_ok(corm_insert_many(db, Places, deep, DEEP));
    assert_int_equal(corm_count(db, Places, .where = DESCENDANTS(Places.within, "p0")), DEEP - 1);
    assert_int_equal(corm_count(db, Places, .where = ANCESTORS(Places.within, "p2999")), DEEP - 1);
}

static void test_in_bulk__by_keys(void **state) {
    (void)state;
    fill();
    int64_t ids[] = { bread.id, soup.id, bread.id, 999999, stew.id };
    Recipe *rows = corm_in_bulk(db, Recipes, ids, 5, .with = WITH(Recipes.user, Recipes.tags));
    assert_rows(rows, 3);
    assert_string_equal(corm_by_key(Recipes, rows, bread.id)->title, "Bread");
    assert_string_equal(corm_by_key(Recipes, rows, soup.id)->user->name, "Ada");
    assert_int_equal(corm_len(corm_by_key(Recipes, rows, soup.id)->tags), 2);
    assert_null(corm_by_key(Recipes, rows, cake.id));
    assert_null(corm_by_key(Recipes, rows, 999999));
    corm_free(rows);
    rows = corm_in_bulk(db, Recipes, ids, 5, .where = GT(Recipes.time_minutes, 100),
                        .only = MEMBERS(Recipes.title));
    assert_rows(rows, 1);
    assert_non_null(corm_by_key(Recipes, rows, bread.id));
    corm_free(rows);
    rows = corm_in_bulk(db, Recipes, ids, 0);
    assert_rows(rows, 0);
    assert_null(corm_by_key(Recipes, rows, soup.id));
    corm_free(rows);
    plant();
    const char *codes[] = { "z", HOSTILE, "b", "none" };
    Place *some = corm_in_bulk(db, Places, codes, 4);
    assert_rows(some, 3);
    for (int i = 0; i < 3; i++)
        assert_string_equal(corm_by_key(Places, some, codes[i])->code, codes[i]);
    assert_null(corm_by_key(Places, some, "none"));
    assert_null(corm_by_key(Places, some, 5));
    corm_free(some);
    Author author = { .name = "A" };
    assert_ok(corm_uuid_new(&author.id));
    assert_ok(corm_insert(db, Authors, &author));
    Author *authors = corm_in_bulk(db, Authors, &author.id, 1);
    assert_rows(authors, 1);
    assert_string_equal(corm_by_key(Authors, authors, author.id)->name, "A");
    corm_free(authors);
    assert_refused(corm_in_bulk(db, Seats, ids, 1), CORM_ERROR_USAGE,
                   "no primary key of one column");
    /* As latest and earliest. */
    Recipe *latest = corm_first(db, Recipes, .order_by = BY(DESC(Recipes.time_minutes)));
    assert_string_equal(latest->title, "Bread");
    corm_free(latest);
}

static void test_each__loads_relations_to_many(void **state) {
    (void)state;
    fill();
    enum { N = 150 };
    for (int i = 0; i < N; i++) {
        Recipe one = { .title = "Many", .price = corm_decimal_of(1, 2), .user_id = eve.id };
        assert_ok(corm_insert(db, Recipes, &one));
        for (int j = 0; j < i % 4; j++)
            assert_ok(corm_insert(db, Comments,
                                  (&(Comment){ .recipe_id = one.id, .words = "w", .stars = j })));
        if (i % 2) assert_ok(corm_add(db, Recipes, tags, one.id, ((int64_t[]){ vegan.id }), 1));
    }
    size_t n = 0, comments = 0, tags = 0;
    char words[] = "w";
    corm_each(recipe, db, Recipes, .where = EQ(Recipes.title, "Many"), .order_by = BY(Recipes.id),
              .with = WITH(Recipes.user, Recipes.tags, WITH_COUNT(Recipes.comments),
                           WITH_ROWS(Recipes.comments, .where = AND(EQ(Comments.words, words),
                                                                    LT(Comments.stars, 2))))) {
        /* Expressions of other queries come and go, the program's text too. */
        assert_int_equal(corm_count(db, Users,
                                    .where = AND(EQ(Users.name, "Eve"), NE(Users.email, "x"),
                                                 NE(Users.email, "y"), NE(Users.email, "z"))),
                         1);
        words[0] = 'x';
        assert_string_equal(recipe->user->name, "Eve");
        assert_int_equal(corm_len(recipe->tags), n % 2);
        if (n % 2) assert_string_equal(recipe->tags->name, "vegan");
        assert_int_equal(corm_count_of(recipe->comments), n % 4);
        assert_int_equal(corm_len(recipe->comments), n % 4 < 2 ? n % 4 : 2);
        comments += corm_len(recipe->comments);
        tags += corm_len(recipe->tags);
        n++;
    }
    assert_ok(corm_failed(db));
    assert_int_equal(n, N);
    assert_int_equal(tags, N / 2);
    assert_int_equal(comments, 38 + 2 * (37 + 37));
    n = 0;
    corm_each(recipe, db, Recipes, .where = EQ(Recipes.title, "none"), .with = WITH(Recipes.tags))
        n++;
    assert_int_equal(n, 0);
    corm_each(recipe, db, Recipes, .limit = 64, .with = WITH(Recipes.tags)) n++;
    assert_int_equal(n, 64);
    corm_each(recipe, db, Recipes, .with = WITH(Recipes.tags)) {
        if (++n == 64 + 70) break;
    }
    assert_int_equal(n, 64 + 70);
    assert_int_equal(corm_count(db, Recipes), N + 4);
}

const struct CMUnitTest tree_tests[] = {
    TEST(test_tree__below_and_above),
    TEST(test_tree__of_any_depth),
    TEST(test_in_bulk__by_keys),
    TEST(test_each__loads_relations_to_many),
};
const size_t n_tree_tests = sizeof tree_tests / sizeof *tree_tests;
