/* .with in every direction, nested, and how many statements it takes. */
#include "harness.h"

/* The statements that an expression sends. */
#define queries_of(before) (corm_query_count(db) - (before))

static void test_with__to_one_is_a_join(void **state) {
    (void)state;
    fill();
    uint64_t before = corm_query_count(db);
    Recipe *rows =
        corm_all(db, Recipes,
                 .with = WITH(Recipes.user->country, Recipes.user->profile, Recipes.parent->user),
                 .order_by = BY(Recipes.id));
    assert_rows(rows, 4);
    assert_int_equal(queries_of(before), 1);
    assert_string_equal(rows[0].user->name, "Ada");
    assert_string_equal(rows[0].user->country->code, "GB");
    assert_string_equal(rows[0].user->profile->about, "counts");
    assert_null(rows[0].parent);
    assert_null(rows[0].tags);
    assert_string_equal(rows[1].parent->title, "Soup");
    assert_string_equal(rows[1].parent->user->email, "ada@example.com");
    assert_null(rows[1].parent->parent);
    assert_string_equal(rows[2].user->country->name, "Ελλάδα");
    assert_null(rows[2].user->profile);
    corm_free(rows);
    User *users =
        corm_all(db, Users, .with = WITH(Users.country, Users.profile), .order_by = BY(Users.id));
    assert_rows(users, 3);
    assert_non_null(users[0].profile);
    assert_int_equal(users[0].profile->user_id, ada.id);
    assert_null(users[2].country);
    assert_null(users[2].profile);
    corm_free(users);
}

static void test_with__to_many_is_one_query_each(void **state) {
    (void)state;
    fill();
    uint64_t before = corm_query_count(db);
    Recipe *rows =
        corm_all(db, Recipes, .with = WITH(Recipes.tags, Recipes.comments, Recipes.children),
                 .order_by = BY(Recipes.id));
    assert_rows(rows, 4);
    assert_int_equal(queries_of(before), 4);
    assert_int_equal(corm_len(rows[0].tags), 2);
    assert_string_equal(rows[0].tags[0].name, "vegan");
    assert_string_equal(rows[0].tags[0].colour, "green");
    assert_string_equal(rows[0].tags[1].name, "quick");
    assert_null(rows[0].tags[1].colour);
    assert_int_equal(corm_len(rows[0].comments), 2);
    assert_string_equal(rows[0].comments[1].words, "cold");
    assert_int_equal(corm_len(rows[0].children), 1);
    assert_string_equal(rows[0].children[0].title, "Stew");
    assert_non_null(rows[1].tags);
    assert_int_equal(corm_len(rows[1].tags), 0);
    assert_int_equal(corm_len(rows[3].tags), 1);
    assert_int_equal(corm_len(rows[3].comments), 0);
    corm_free(rows[0].tags); /* belongs to the result: nothing happens */
    assert_string_equal(rows[0].tags[0].name, "vegan");
    corm_free(rows);
}

static void test_with__nests(void **state) {
    (void)state;
    fill();
    uint64_t before = corm_query_count(db);
    Country *rows = corm_all(db, Countries,
                             .with = WITH(Countries.users->recipes->tags, Countries.users->profile,
                                          Countries.users->recipes->parent),
                             .order_by = BY(Countries.id));
    assert_rows(rows, 2);
    assert_int_equal(queries_of(before), 4);
    assert_int_equal(corm_len(rows[0].users), 1);
    assert_string_equal(rows[0].users[0].profile->about, "counts");
    assert_int_equal(corm_len(rows[0].users[0].recipes), 2);
    assert_string_equal(rows[0].users[0].recipes[0].title, "Soup");
    assert_int_equal(corm_len(rows[0].users[0].recipes[0].tags), 2);
    assert_string_equal(rows[0].users[0].recipes[1].parent->title, "Soup");
    assert_int_equal(corm_len(rows[1].users[0].recipes[1].tags), 1);
    assert_string_equal(rows[1].users[0].recipes[1].tags[0].name, "vegan");
    corm_free(rows);
    before = corm_query_count(db);
    Recipe *recipes =
        corm_all(db, Recipes, .with = WITH(Recipes.user->recipes), .order_by = BY(Recipes.id));
    assert_rows(recipes, 4);
    assert_int_equal(queries_of(before), 2);
    for (int i = 0; i < 4; i++) assert_int_equal(corm_len(recipes[i].user->recipes), 2);
    assert_string_equal(recipes[1].user->recipes[0].title, "Soup");
    assert_string_equal(recipes[3].user->recipes[1].title, "Bread");
    corm_free(recipes);
}

static void test_with__from_the_other_side_of_many_to_many(void **state) {
    (void)state;
    fill();
    Tag *rows = corm_all(db, Tags, .with = WITH(Tags.recipes->user), .order_by = BY(Tags.name));
    assert_rows(rows, 3);
    assert_int_equal(corm_len(rows[2].recipes), 2);
    assert_string_equal(rows[2].name, "vegan");
    assert_string_equal(rows[2].recipes[0].title, "Soup");
    assert_string_equal(rows[2].recipes[1].user->name, "Bob");
    corm_free(rows);
}

static void test_with__keys_of_text_and_uuid(void **state) {
    (void)state;
    Author authors[2] = { { .name = "Ursula" }, { .name = "Stanisław" } };
    for (int i = 0; i < 2; i++) {
        assert_int_equal(corm_uuid_new(&authors[i].id), 0);
        assert_ok(corm_insert(db, Authors, &authors[i]));
    }
    assert_ok(corm_insert(db, Books,
                          (&(Book){ .isbn = "b", .author_id = authors[0].id, .title = "Lathe" })));
    assert_ok(corm_insert(db, Books,
                          (&(Book){ .isbn = "a", .author_id = authors[0].id, .title = "Left" })));
    Author *rows =
        corm_all(db, Authors, .with = WITH(Authors.books), .order_by = BY(DESC(Authors.name)));
    assert_rows(rows, 2);
    assert_int_equal(corm_len(rows[0].books), 2);
    assert_string_equal(rows[0].books[0].isbn, "a");
    assert_int_equal(corm_len(rows[1].books), 0);
    corm_free(rows);
    Book *book = corm_get(db, Books, .where = EQ(Books.author->name, "Ursula"),
                          .order_by = BY(Books.isbn), .limit = 1, .with = WITH(Books.author));
    assert_rows(book, 1);
    assert_string_equal(book->author->name, "Ursula");
    corm_free(book);
}

static void test_with__of_many_rows_takes_two_queries(void **state) {
    (void)state;
    enum { N = 3000 };
    fill();
    static Recipe many[N];
    for (int i = 0; i < N; i++)
        many[i] = (Recipe){ .title = "r",
                            .time_minutes = i,
                            .price = corm_decimal_of(i, 2),
                            .user_id = i % 2 ? ada.id : bob.id };
    assert_ok(corm_insert_many(db, Recipes, many, N));
    static int64_t keys[N];
    for (int i = 0; i < N; i++) {
        if (i % 3 == 0)
            assert_ok(
                corm_add(db, Recipes, tags, many[i].id, ((int64_t[]){ vegan.id, sweet.id }), 2));
        keys[i] = many[i].id;
    }
    uint64_t before = corm_query_count(db);
    Recipe *rows = corm_all(db, Recipes, .where = GT(Recipes.id, bread.id),
                            .with = WITH(Recipes.tags), .order_by = BY(Recipes.id));
    assert_rows(rows, N);
    assert_int_equal(queries_of(before), 2);
    for (int i = 0; i < N; i++) assert_int_equal(corm_len(rows[i].tags), i % 3 == 0 ? 2 : 0);
    corm_free(rows);
    assert_ok(corm_add(db, Tags, recipes, quick.id, keys, N));
    assert_int_equal(corm_count(db, Recipes, .where = EQ(Recipes.tags->name, "quick")), N + 1);
}

static void test_add_and_remove(void **state) {
    (void)state;
    fill();
    int64_t keys[] = { vegan.id, quick.id, sweet.id };
    assert_ok(corm_add(db, Recipes, tags, soup.id, keys, 3));
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.recipes->id, soup.id)), 3);
    assert_ok(corm_remove(db, Recipes, tags, soup.id, keys, 2));
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.recipes->id, soup.id)), 1);
    assert_ok(corm_add(db, Tags, recipes, quick.id, ((int64_t[]){ soup.id, cake.id }), 2));
    assert_int_equal(corm_count(db, Recipes, .where = EQ(Recipes.tags->id, quick.id)), 2);
    assert_ok(corm_remove(db, Recipes, tags, soup.id, keys, 0));
    assert_refused(corm_add(db, Recipes, tags, soup.id, ((int64_t[]){ 4711 }), 1),
                   CORM_ERROR_FOREIGN_KEY, "");
    assert_refused(corm_add(db, Recipes, comments, soup.id, keys, 1), CORM_ERROR_USAGE,
                   "not a many-to-many");
}

static void test_with__refuses_what_is_no_relation(void **state) {
    (void)state;
#define with(name)                                                                                 \
    corm_all(                                                                                      \
        db, Recipes,                                                                               \
        .with = corm__relations((const void *const[]){ corm__expr(CORM_OP_PATH, name, NULL) }, 1))
    assert_refused(with("Recipes.title"), CORM_ERROR_USAGE, "no relation 'title'");
    assert_refused(with("Users.recipes"), CORM_ERROR_USAGE, "begins with 'Recipes.'");
    assert_refused(with("Recipes.cook"), CORM_ERROR_USAGE, "no relation 'cook'");
}

const struct CMUnitTest relation_tests[] = {
    TEST(test_with__to_one_is_a_join),
    TEST(test_with__to_many_is_one_query_each),
    TEST(test_with__nests),
    TEST(test_with__from_the_other_side_of_many_to_many),
    TEST(test_with__keys_of_text_and_uuid),
    TEST(test_with__of_many_rows_takes_two_queries),
    TEST(test_add_and_remove),
    TEST(test_with__refuses_what_is_no_relation),
};
const size_t n_relation_tests = sizeof relation_tests / sizeof *relation_tests;
