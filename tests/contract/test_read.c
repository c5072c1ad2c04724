/* corm_all, corm_get, corm_find, corm_first, corm_count, corm_exists, corm_each: rows, order,
 * limits. */
#include "harness.h"

static void test_all__gives_rows_in_the_order_asked_for(void **state) {
    (void)state;
    fill();
    Recipe *rows = corm_all(db, Recipes, .order_by = BY(DESC(Recipes.time_minutes)));
    assert_rows(rows, 4);
    assert_string_equal(rows[0].title, "Bread");
    assert_string_equal(rows[1].title, "Stew");
    assert_string_equal(rows[3].title, "Soup");
    assert_null(rows[0].user);
    assert_null(rows[0].tags);
    corm_free(rows);
    rows = corm_all(db, Recipes, .order_by = BY(Recipes.user->name, DESC(Recipes.price)));
    assert_rows(rows, 4);
    assert_string_equal(rows[0].title, "Stew");
    assert_string_equal(rows[3].title, "Bread");
    corm_free(rows);
}

static void test_all__of_no_rows_is_an_empty_result(void **state) {
    (void)state;
    Recipe *rows = corm_all(db, Recipes);
    assert_rows(rows, 0);
    assert_non_null(rows);
    corm_free(rows);
    corm_free(NULL);
    assert_int_equal(corm_len(NULL), 0);
}

static void test_all__pages_are_the_same_every_time(void **state) {
    (void)state;
    Tag tags[25];
    char names[25][8];
    for (int i = 0; i < 25; i++) {
        snprintf(names[i], sizeof names[i], "t%02d", (i * 7) % 25);
        tags[i] = (Tag){ .name = names[i], .colour = "same" };
    }
    assert_ok(corm_insert_many(db, Tags, tags, 25));
    bool seen[26] = { 0 };
    for (int64_t offset = 0; offset < 25; offset += 10) {
        Tag *page = corm_all(db, Tags, .order_by = BY(Tags.colour), .limit = 10, .offset = offset);
        assert_rows(page, offset == 20 ? 5 : 10);
        for (size_t i = 0; i < corm_len(page); i++) {
            assert_false(seen[page[i].id]);
            seen[page[i].id] = true;
        }
        corm_free(page);
    }
    Tag *rest = corm_all(db, Tags, .offset = 20);
    assert_rows(rest, 5);
    corm_free(rest);
    assert_int_equal(corm_count(db, Tags, .limit = 10, .offset = 20), 5);
    assert_int_equal(corm_count(db, Tags), 25);
}

static void test_all__null_sorts_behind_all_values(void **state) {
    (void)state;
    fill();
    Tag *rows = corm_all(db, Tags, .order_by = BY(Tags.colour));
    assert_rows(rows, 3);
    assert_string_equal(rows[0].colour, "green");
    assert_null(rows[2].colour);
    corm_free(rows);
    rows = corm_all(db, Tags, .order_by = BY(DESC(Tags.colour)));
    assert_null(rows[0].colour);
    corm_free(rows);
}

static void test_get__wants_exactly_one(void **state) {
    (void)state;
    fill();
    Recipe *row = corm_get(db, Recipes, .where = EQ(Recipes.title, "Stew"));
    assert_rows(row, 1);
    assert_int_equal(row->id, stew.id);
    corm_free(row);
    assert_refused(corm_get(db, Recipes, .where = EQ(Recipes.title, "Pie")), CORM_ERROR_NOT_FOUND,
                   "recipes");
    assert_refused(corm_get(db, Recipes, .where = GT(Recipes.time_minutes, 1)),
                   CORM_ERROR_MULTIPLE_ROWS, "recipes");
}

static void test_find__takes_keys_of_each_kind(void **state) {
    (void)state;
    fill();
    Recipe *row = corm_find(db, Recipes, cake.id);
    assert_rows(row, 1);
    assert_string_equal(row->title, "Cake");
    corm_free(row);
    assert_refused(corm_find(db, Recipes, 4711), CORM_ERROR_NOT_FOUND, "recipes");
    Author author = { .name = "Ursula" };
    assert_int_equal(corm_uuid_new(&author.id), 0);
    assert_ok(corm_insert(db, Authors, &author));
    Book book = { .isbn = "978-0", .author_id = author.id, .title = "Left", .pages = 3 };
    assert_ok(corm_insert(db, Books, &book));
    Author *found = corm_find(db, Authors, author.id);
    assert_rows(found, 1);
    corm_free(found);
    Book *read = corm_find(db, Books, "978-0");
    assert_rows(read, 1);
    assert_string_equal(read->title, "Left");
    corm_free(read);
    assert_refused(corm_find(db, Seats, 1), CORM_ERROR_USAGE, "no single primary key");
    assert_refused(corm_find(db, Books, 5), CORM_ERROR_TYPE, "books.isbn");
}

static void test_first__is_the_first_or_null_without_error(void **state) {
    (void)state;
    fill();
    Recipe *row = corm_first(db, Recipes);
    assert_rows(row, 1);
    assert_int_equal(row->id, soup.id);
    corm_free(row);
    row = corm_first(db, Recipes, .order_by = BY(DESC(Recipes.price)));
    assert_string_equal(row->title, "Stew");
    corm_free(row);
    assert_null(corm_first(db, Recipes, .where = EQ(Recipes.title, "Pie")));
    assert_false(corm_failed(db));
}

static void test_failed__is_of_the_last_call_alone(void **state) {
    (void)state;
    fill();
    Recipe *row;
    for (int again = 0; again < 2; again++) {
        assert_null(corm_find(db, Recipes, 123456));
        assert_true(corm_failed(db));
        assert_int_equal(corm_error(db)->status, CORM_ERROR_NOT_FOUND);
        assert_non_null(row = corm_find(db, Recipes, soup.id));
        assert_false(corm_failed(db));
        assert_int_equal(corm_error(db)->status, 0);
        corm_free(row);
        assert_null(corm_find(db, Recipes, 123456));
        assert_int_equal(corm_count(db, Recipes), 4);
        assert_false(corm_failed(db));
    }
    assert_refused(corm_exec(db, "SELECT * FROM nowhere"), CORM_ERROR_NO_TABLE, "");
    assert_true(corm_failed(db));
    corm_each(recipe, db, Recipes) (void)recipe;
    assert_false(corm_failed(db));
}

static void test_count_and_exists(void **state) {
    (void)state;
    fill();
    assert_int_equal(corm_count(db, Recipes), 4);
    assert_int_equal(corm_count(db, Recipes, .where = GT(Recipes.time_minutes, 60)), 2);
    assert_int_equal(corm_count(db, Recipes, .limit = 3), 3);
    assert_int_equal(corm_exists(db, Recipes, .where = EQ(Recipes.user->country->code, "GR")), 1);
    assert_int_equal(corm_exists(db, Recipes, .where = EQ(Recipes.title, "Pie")), 0);
    assert_int_equal(corm_exists(db, Recipes, .offset = 4), 0);
}

static void test_each__streams_and_lets_other_queries_run(void **state) {
    (void)state;
    fill();
    int n = 0, tags = 0;
    corm_each(recipe, db, Recipes, .order_by = BY(Recipes.title),
              .with = WITH(Recipes.user, Recipes.parent)) {
        if (n == 0) assert_string_equal(recipe->title, "Bread");
        assert_string_equal(recipe->user->name, n < 2 ? "Bob" : "Ada");
        assert_true((recipe->parent != NULL) == recipe->parent_id.set);
        tags += (int)corm_count(db, Tags, .where = EQ(Tags.recipes->id, recipe->id));
        n++;
    }
    assert_ok(corm_failed(db) ? -1 : 0);
    assert_int_equal(n, 4);
    assert_int_equal(tags, 4);
    n = 0;
    corm_each(recipe, db, Recipes) {
        if (recipe->id == stew.id) break;
        n++;
    }
    assert_int_equal(n, 1);
    assert_int_equal(corm_count(db, Recipes), 4);
}

static void test_each__tells_what_it_cannot_do(void **state) {
    (void)state;
    fill();
    const char *none = NULL;
    corm_each(recipe, db, Recipes, .where = EQ(Recipes.title, none)) fail_msg("%s", recipe->title);
    assert_refused(0, CORM_ERROR_USAGE, "NULL");
}

static void test_each__holds_many_rows(void **state) {
    (void)state;
    enum { N = 5000 };
    static Country many[N];
    static char codes[N][3];
    for (int i = 0; i < N; i++) {
        codes[i][0] = (char)('0' + i / 71);
        codes[i][1] = (char)('0' + i % 71);
        many[i] = (Country){ .code = codes[i], .name = "somewhere" };
    }
    assert_ok(corm_insert_many(db, Countries, many, N));
    int64_t n = 0, sum = 0;
    corm_each(country, db, Countries) {
        n++;
        sum += country->id;
    }
    assert_int_equal(n, N);
    assert_int_equal(sum, (int64_t)N * (N + 1) / 2);
    Country *all = corm_all(db, Countries, .order_by = BY(Countries.id));
    assert_rows(all, N);
    for (int i = 0; i < N; i++) {
        assert_int_equal(all[i].id, many[i].id);
        assert_string_equal(all[i].code, codes[i]);
    }
    corm_free(all);
}

static void test_paths__that_do_not_exist_are_named(void **state) {
    (void)state;
#define null_at(path)                                                                              \
    corm_all(db, Recipes, .where = ANYWAY(corm__expr(CORM_OP_IS_NULL, path, NULL)))
    assert_refused(null_at("Recipes.user->nmae"), CORM_ERROR_USAGE, "User has no member 'nmae'");
    assert_refused(null_at("Users.name"), CORM_ERROR_USAGE, "begins with 'Recipes.'");
    assert_refused(null_at("Recipes.title->name"), CORM_ERROR_USAGE, "'title' is a column");
    assert_refused(null_at("Recipes.tags[0].name"), CORM_ERROR_USAGE, "is not a path");
    assert_refused(corm_all(db, Recipes, .order_by = BY(Recipes.tags->name)), CORM_ERROR_USAGE,
                   "many rows");
    assert_refused(corm_all(db, Recipes, .where = ANYWAY(GT(COUNT(), 1))), CORM_ERROR_USAGE,
                   "aggregate");
    assert_refused(corm_all(db, Recipes, .limit = -1), CORM_ERROR_USAGE, "negative");
}

const struct CMUnitTest read_tests[] = {
    TEST(test_all__gives_rows_in_the_order_asked_for),
    TEST(test_all__of_no_rows_is_an_empty_result),
    TEST(test_all__pages_are_the_same_every_time),
    TEST(test_all__null_sorts_behind_all_values),
    TEST(test_get__wants_exactly_one),
    TEST(test_find__takes_keys_of_each_kind),
    TEST(test_first__is_the_first_or_null_without_error),
    TEST(test_failed__is_of_the_last_call_alone),
    TEST(test_count_and_exists),
    TEST(test_each__streams_and_lets_other_queries_run),
    TEST(test_each__tells_what_it_cannot_do),
    TEST(test_each__holds_many_rows),
    TEST(test_paths__that_do_not_exist_are_named),
};
const size_t n_read_tests = sizeof read_tests / sizeof *read_tests;
