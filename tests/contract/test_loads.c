/* .with: rows of a relation that are asked for, limits for each parent, counts. */
#include "harness.h"

#define HOSTILE "a'; DROP TABLE recipes; -- \" \\ % _ é ß ☃"

/* Comments of the soup: 1 to 9 stars; of the cake: 5 and 5. */
static void add_comments(void) {
    fill();
    for (int i = 1; i <= 9; i++)
        assert_ok(corm_insert(
            db, Comments,
            (&(Comment){ .recipe_id = soup.id, .words = i == 7 ? HOSTILE : "more", .stars = i })));
    assert_ok(corm_insert(db, Comments,
                          (&(Comment){ .recipe_id = cake.id, .words = "more", .stars = 5 })));
}

static void check_stars(const Comment *comments, const char *expected) {
    char stars[100] = "";
    for (size_t i = 0; i < corm_len(comments); i++)
        snprintf(stars + strlen(stars), sizeof stars - strlen(stars), "%s%d", i ? " " : "",
                 comments[i].stars);
    assert_string_equal(stars, expected);
}

static void check(Recipe *rows, const char *of_soup, const char *of_cake, const char *of_bread) {
    if (!rows) fail_msg("%s", corm_error(db)->message);
    for (size_t i = 0; i < corm_len(rows); i++) {
        const char *title = rows[i].title;
        assert_non_null(rows[i].comments);
        check_stars(rows[i].comments, strcmp(title, "Soup") == 0   ? of_soup
                                      : strcmp(title, "Cake") == 0 ? of_cake
                                                                   : of_bread);
    }
    corm_free(rows);
}
#define all(...) corm_all(db, Recipes, .order_by = BY(Recipes.id), .with = WITH(__VA_ARGS__))

static void test_with_rows__chooses(void **state) {
    (void)state;
    add_comments();
    check(all(WITH_ROWS(Recipes.comments)), "4 1 1 2 3 4 5 6 7 8 9", "5 5", "");
    check(all(WITH_ROWS(Recipes.comments, .where = GT(Comments.stars, 6))), "7 8 9", "", "");
    check(all(WITH_ROWS(Recipes.comments, .order_by = BY(DESC(Comments.stars)), .limit = 3)),
          "9 8 7", "5 5", "");
    check(all(WITH_ROWS(Recipes.comments, .order_by = BY(DESC(Comments.stars)), .limit = 3,
                        .offset = 2)),
          "7 6 5", "", "");
    check(all(WITH_ROWS(Recipes.comments, .order_by = BY(Comments.stars), .offset = 8)), "7 8 9",
          "", "");
    check(all(WITH_ROWS(Recipes.comments, .limit = 1)), "4", "5", "");
    check(all(WITH_ROWS(Recipes.comments, .limit = 0)), "", "", "");
    check(all(WITH_ROWS(Recipes.comments, .limit = INT64_MAX, .offset = 10)), "9", "", "");
    check(all(WITH_ROWS(Recipes.comments, .reverse = true, .limit = 2)), "9 8", "5 5", "");
    check(all(WITH_ROWS(Recipes.comments, .where = EQ(Comments.words, HOSTILE))), "7", "", "");
    check(all(WITH_ROWS(
              Recipes.comments,
              .where = AND(NE(Comments.words, HOSTILE), EQ(Comments.recipe->user->name, "Ada")),
              .order_by = BY(DESC(ADD(Comments.stars, 5))), .limit = 2)),
          "9 8", "", "");
    check(all(WITH_ROWS(Recipes.comments, .where = EQ(Comments.recipe->tags->name, "quick"),
                        .limit = 2)),
          "4 1", "", "");
    /* One plan, other values. */
    for (int limit = 1; limit < 4; limit++)
        check(all(WITH_ROWS(Recipes.comments, .where = GTE(Comments.stars, limit), .limit = limit)),
              limit == 1   ? "4"
              : limit == 2 ? "4 2"
                           : "4 3 4",
              limit == 1 ? "5" : "5 5", "");
    /* A filter, values of the query itself, another relation beside it. */
    CORM_FILTER(filter, Comments);
    corm_filter_add(filter, LT(Comments.stars, 4));
    corm_filter_order(filter, DESC(Comments.stars));
    check(corm_all(
              db, Recipes, .where = AND(GT(Recipes.time_minutes, 5), EQ(Recipes.title, "Soup")),
              .order_by = BY(ADD(Recipes.time_minutes, 3)), .limit = 7,
              .with = WITH(Recipes.tags, WITH_ROWS(Recipes.comments, .filter = filter, .limit = 2),
                           Recipes.user, NULL)),
          "3 2", NULL, NULL);
}

static void test_with_rows__of_many_to_many(void **state) {
    (void)state;
    fill();
    Tag *tags = corm_all(
        db, Tags, .order_by = BY(Tags.id),
        .with =
            WITH(WITH_ROWS(Tags.recipes, .order_by = BY(DESC(Recipes.time_minutes)), .limit = 1)));
    assert_rows(tags, 3);
    assert_int_equal(corm_len(tags[0].recipes), 1);
    assert_string_equal(tags[0].recipes->title, "Bread");
    assert_string_equal(tags[1].recipes->title, "Soup");
    corm_free(tags);
    Recipe *rows = corm_all(db, Recipes, .order_by = BY(Recipes.id),
                            .with = WITH(WITH_ROWS(Recipes.tags, .where = IS_NULL(Tags.colour)),
                                         WITH_COUNT(Recipes.tags)));
    assert_rows(rows, 4);
    assert_int_equal(corm_len(rows[0].tags), 1);
    assert_string_equal(rows[0].tags->name, "quick");
    assert_int_equal(corm_count_of(rows[0].tags), 2);
    assert_int_equal(corm_len(rows[3].tags), 0);
    assert_int_equal(corm_count_of(rows[3].tags), 1);
    assert_int_equal(corm_count_of(rows[1].tags), 0);
    corm_free(rows);
    /* Nested, below a limit and by way of one row. */
    User *users = corm_all(
        db, Users, .order_by = BY(Users.id),
        .with = WITH(WITH_ROWS(Users.recipes, .order_by = BY(Recipes.title), .limit = 1),
                     WITH_ROWS(Users.recipes->comments, .order_by = BY(Comments.stars), .limit = 1),
                     WITH_COUNT(Users.recipes->comments), Users.recipes->user));
    assert_rows(users, 3);
    assert_string_equal(users[0].recipes->title, "Soup");
    check_stars(users[0].recipes->comments, "1");
    assert_int_equal(corm_count_of(users[0].recipes->comments), 2);
    assert_string_equal(users[0].recipes->user->name, "Ada");
    assert_string_equal(users[1].recipes->title, "Bread");
    assert_int_equal(corm_count_of(users[1].recipes->comments), 0);
    assert_int_equal(corm_len(users[2].recipes), 0);
    corm_free(users);
    Comment *comments =
        corm_all(db, Comments, .order_by = BY(Comments.id),
                 .with = WITH(WITH_COUNT(Comments.recipe->tags, .where = EQ(Tags.name, "vegan"))));
    assert_rows(comments, 3);
    assert_int_equal(corm_count_of(comments[0].recipe->tags), 1);
    assert_int_equal(corm_len(comments[0].recipe->tags), 0);
    assert_int_equal(corm_count_of(comments[2].recipe->tags), 0);
    corm_free(comments);
}

static void test_with_count__counts(void **state) {
    (void)state;
    add_comments();
    Recipe *rows = all(WITH_COUNT(Recipes.comments), WITH_COUNT(Recipes.children));
    assert_rows(rows, 4);
    assert_int_equal(corm_count_of(rows[0].comments), 11);
    assert_int_equal(corm_len(rows[0].comments), 0);
    assert_int_equal(corm_count_of(rows[1].comments), 0);
    assert_int_equal(corm_count_of(rows[2].comments), 2);
    assert_int_equal(corm_count_of(rows[0].children), 1);
    assert_int_equal(corm_count_of(rows[0].tags), -1);
    assert_int_equal(corm_count_of(rows), -1);
    corm_free(rows);
    rows = all(WITH_COUNT(Recipes.comments,
                          .where = OR(GT(Comments.stars, 7), EQ(Comments.words, HOSTILE))),
               WITH_ROWS(Recipes.comments, .limit = 2));
    assert_rows(rows, 4);
    assert_int_equal(corm_count_of(rows[0].comments), 3);
    check_stars(rows[0].comments, "4 1");
    assert_int_equal(corm_count_of(rows[2].comments), 0);
    corm_free(rows);
    Recipe copy = soup;
    Recipe *again =
        corm_refresh(db, Recipes, &copy,
                     .with = WITH(WITH_COUNT(Recipes.comments, .where = GT(Comments.stars, 3))));
    assert_non_null(again);
    assert_int_equal(corm_count_of(copy.comments), 7);
    corm_free(again);
}

/* Keys of text and uuid; NULL as the key of a parent that is joined; many parents. */
static void test_with_rows__of_other_keys(void **state) {
    (void)state;
    Author authors[2] = { { .name = "A" }, { .name = "B" } };
    for (int i = 0; i < 2; i++) {
        assert_ok(corm_uuid_new(&authors[i].id));
        assert_ok(corm_insert(db, Authors, &authors[i]));
    }
    const char *isbns[] = { HOSTILE, "2", "3" };
    for (int i = 0; i < 3; i++) {
        char isbn[41];
        snprintf(isbn, sizeof isbn, "%.30s", i ? isbns[i] : "x'\"\\%_é");
        assert_ok(corm_insert(
            db, Books,
            (&(Book){ .isbn = isbn, .author_id = authors[0].id, .title = "t", .pages = i })));
    }
    Author *rows = corm_all(
        db, Authors, .order_by = BY(Authors.name),
        .with = WITH(WITH_COUNT(Authors.books),
                     WITH_ROWS(Authors.books, .order_by = BY(DESC(Books.pages)), .limit = 2)));
    assert_rows(rows, 2);
    assert_int_equal(corm_count_of(rows[0].books), 3);
    assert_int_equal(corm_len(rows[0].books), 2);
    assert_string_equal(rows[0].books[0].isbn, "3");
    assert_int_equal(corm_count_of(rows[1].books), 0);
    corm_free(rows);
    Reader reader = { .name = "R" };
    assert_ok(corm_uuid_new(&reader.id));
    assert_ok(corm_insert(db, Readers, &reader));
    const char *volumes[] = { "v'1", "v\"2", "v\\3" };
    for (int i = 0; i < 3; i++)
        assert_ok(corm_insert(db, Volumes, (&(Volume){ .isbn = volumes[i], .title = "t" })));
    assert_ok(corm_add(db, Readers, books, reader.id, volumes, 3));
    Reader *readers = corm_all(
        db, Readers,
        .with = WITH(WITH_COUNT(Readers.books, .where = NE(Volumes.isbn, "v'1")),
                     WITH_ROWS(Readers.books, .order_by = BY(DESC(Volumes.isbn)), .limit = 2)));
    assert_rows(readers, 1);
    assert_int_equal(corm_count_of(readers->books), 2);
    assert_int_equal(corm_len(readers->books), 2);
    corm_free(readers);
    fill();
    for (int i = 0; i < 300; i++) {
        Recipe one = { .title = "Many", .price = corm_decimal_of(1, 2), .user_id = eve.id };
        assert_ok(corm_insert(db, Recipes, &one));
        for (int j = 0; j < 3; j++)
            assert_ok(corm_insert(db, Comments,
                                  (&(Comment){ .recipe_id = one.id, .words = "w", .stars = j })));
    }
    Recipe *many =
        corm_all(db, Recipes, .where = EQ(Recipes.title, "Many"),
                 .with = WITH(WITH_ROWS(Recipes.comments, .where = GT(Comments.stars, 0),
                                        .order_by = BY(DESC(Comments.stars)), .limit = 1),
                              WITH_COUNT(Recipes.comments)));
    assert_rows(many, 300);
    for (int i = 0; i < 300; i++) {
        check_stars(many[i].comments, "2");
        assert_int_equal(corm_count_of(many[i].comments), 3);
    }
    corm_free(many);
}

static void test_with_rows__refuses(void **state) {
    (void)state;
    fill();
    assert_refused(all(WITH_ROWS(Recipes.user)), CORM_ERROR_USAGE, "which leads to one row");
    assert_refused(all(WITH_COUNT(Recipes.user)), CORM_ERROR_USAGE, "which leads to one row");
    assert_refused(all(WITH_ROWS(Recipes.comments), WITH_ROWS(Recipes.comments)), CORM_ERROR_USAGE,
                   "twice");
    assert_refused(all(WITH_ROWS(Recipes.comments, .limit = -1)), CORM_ERROR_USAGE,
                   "negative limit");
    assert_refused(all(WITH_ROWS(Recipes.comments, .where = EQ(Recipes.id, 1))), CORM_ERROR_USAGE,
                   "the query is on Comments");
    CORM_FILTER(filter, Users);
    assert_refused(all(WITH_ROWS(Recipes.comments, .filter = filter)), CORM_ERROR_USAGE,
                   "a filter of User");
    assert_refused(all(WITH_ROWS(Users.recipes)), CORM_ERROR_USAGE, "begins with 'Recipes.'");
}

const struct CMUnitTest load_tests[] = {
    TEST(test_with_rows__chooses), TEST(test_with_rows__of_many_to_many),
    TEST(test_with_count__counts), TEST(test_with_rows__of_other_keys),
    TEST(test_with_rows__refuses),
};
const size_t n_load_tests = sizeof load_tests / sizeof *load_tests;
