/* corm_get_or_insert, corm_update_or_insert. */
#include "harness.h"
#include <sys/wait.h>
#include <unistd.h>

static void test_get_or_insert__gets_or_inserts(void **state) {
    (void)state;
    fill();
    bool inserted = true;
    Tag wanted = { .name = "vegan", .colour = "not this one" };
    Tag *tag = corm_get_or_insert(db, Tags, &wanted, &inserted, Tags.name);
    assert_rows(tag, 1);
    assert_false(inserted);
    assert_int_equal(tag->id, vegan.id);
    assert_string_equal(tag->colour, "green");
    assert_int_equal(wanted.id, 0); /* only read */
    corm_free(tag);
    wanted.name = "hot";
    tag = corm_get_or_insert(db, Tags, &wanted, &inserted, Tags.name);
    assert_rows(tag, 1);
    assert_true(inserted);
    assert_true(tag->id > sweet.id);
    assert_string_equal(tag->name, "hot");
    assert_string_equal(tag->colour, "not this one");
    assert_ptr_not_equal(tag->name, wanted.name);
    corm_free(tag);
    tag = corm_get_or_insert(db, Tags, &wanted, NULL, Tags.name, Tags.colour);
    assert_rows(tag, 1);
    corm_free(tag);
    assert_int_equal(corm_count(db, Tags), 4);
    Tag none = { .name = "plain" }; /* NULL is looked for as NULL */
    for (int i = 0; i < 2; i++) {
        tag = corm_get_or_insert(db, Tags, &none, &inserted, Tags.colour, Tags.name);
        assert_rows(tag, 1);
        assert_int_equal(inserted, i == 0);
        corm_free(tag);
    }
    /* What the database makes is in what comes back. */
    Book book = { .isbn = "1", .title = "t", .pages = 3 };
    Author author = { .name = "Ursula" };
    assert_int_equal(corm_uuid_new(&author.id), 0);
    assert_ok(corm_insert(db, Authors, &author));
    book.author_id = author.id;
    Book *books = corm_get_or_insert(db, Books, &book, NULL, Books.author_id, Books.title);
    assert_rows(books, 1);
    assert_int_equal(books->double_pages, 6);
    assert_true(books->seen.us > 0);
    corm_free(books);
}

static void test_get_or_insert__says_what_is_wrong(void **state) {
    (void)state;
    fill();
    Tag *tags;
    bool inserted = false;
    assert_ok(corm_insert(db, Tags, (&(Tag){ .name = "more", .colour = "green" })));
    assert_null(tags = corm_get_or_insert(db, Tags, (&(Tag){ .name = "x", .colour = "green" }),
                                          NULL, Tags.colour));
    assert_refused(0, CORM_ERROR_MULTIPLE_ROWS, "tags");
    /* The row is not there, and another one has its unique value. */
    assert_ok(corm_begin(db));
    assert_null(tags = corm_get_or_insert(db, Tags, (&(Tag){ .name = "vegan", .colour = "red" }),
                                          &inserted, Tags.colour));
    assert_refused(0, CORM_ERROR_UNIQUE, "");
    assert_string_equal(corm_error(db)->table, "tags");
    /* The level goes on, and so it does when one was there. */
    assert_int_equal(corm_count(db, Tags), 4);
    assert_int_equal(corm_transaction_depth(db), 1);
    tags = corm_get_or_insert(db, Tags, (&(Tag){ .name = "red", .colour = "red" }), &inserted,
                              Tags.colour);
    assert_rows(tags, 1);
    assert_true(inserted);
    corm_free(tags);
    assert_ok(corm_commit(db));
    assert_int_equal(corm_count(db, Tags), 5);
    uint64_t before = corm_query_count(db);
    assert_null(tags = corm_get_or_insert(db, Tags, (Tag *)NULL, NULL, Tags.name));
    assert_refused(0, CORM_ERROR_USAGE, "NULL");
    assert_null(tags = corm_update_or_insert(db, Tags, &vegan, NULL));
    assert_refused(0, CORM_ERROR_USAGE, "no column of tags");
    assert_null(tags = corm_get_or_insert(db, Tags, &vegan, NULL, Recipes.title));
    assert_refused(0, CORM_ERROR_USAGE, "the query is on Tags");
    assert_int_equal(corm_query_count(db), before);
    assert_null(tags =
                    corm_get_or_insert(db, Tags, (&(Tag){ .colour = "blue" }), NULL, Tags.colour));
    assert_refused(0, CORM_ERROR_NOT_NULL, "tags.name");
}

static void test_update_or_insert__updates_or_inserts(void **state) {
    (void)state;
    fill();
    bool inserted = true;
    Recipe wanted = { .title = "Soup",
                      .time_minutes = 5,
                      .price = corm_decimal_of(1, 0),
                      .user_id = bob.id,
                      .link = "new" };
    Recipe *row = corm_update_or_insert(db, Recipes, &wanted, &inserted, Recipes.title);
    assert_rows(row, 1);
    assert_false(inserted);
    assert_int_equal(row->id, soup.id);
    assert_int_equal(row->time_minutes, 5);
    assert_string_equal(row->link, "new");
    assert_int_equal(row->user_id, bob.id);
    assert_int_equal(row->created.us, soup.created.us);
    assert_true(row->changed.us > soup.changed.us);
    corm_free(row);
    wanted.title = "Pie";
    row = corm_update_or_insert(db, Recipes, &wanted, &inserted, Recipes.title);
    assert_rows(row, 1);
    assert_true(inserted);
    assert_true(row->id > bread.id && row->created.us > 0);
    corm_free(row);
    assert_int_equal(corm_count(db, Recipes), 5);
    /* All columns are of the key, or looked for. */
    for (int i = 0; i < 2; i++) {
        Knot *knot = corm_update_or_insert(db, Knots, (&(Knot){ 1, 2 }), &inserted, Knots.other);
        assert_rows(knot, 1);
        assert_int_equal(inserted, i == 0);
        corm_free(knot);
    }
    assert_ok(corm_begin(db));
    wanted.user_id = 4711;
    wanted.title = "No such user";
    assert_null(row = corm_update_or_insert(db, Recipes, &wanted, NULL, Recipes.title));
    assert_refused(0, CORM_ERROR_FOREIGN_KEY, "");
    assert_ok(corm_rollback(db));
    assert_null(row = corm_update_or_insert(db, Recipes, &wanted, NULL, Recipes.time_minutes));
    assert_refused(0, CORM_ERROR_MULTIPLE_ROWS, "recipes");
}

enum { KEYS = 60, PROCESSES = 4 };

/* Each key is met by all processes at once, outside of transactions or in them. */
static int race(int number, bool transaction, bool update) {
    int failed = 0, made = 0;
    corm_db *own = harness_connect();
    for (int i = 0; i < KEYS; i++) {
        char code[10];
        bool inserted = false;
        snprintf(code, sizeof code, "k%d", i);
        Badge badge = { .number = i * PROCESSES + number, .code = code, .place = "race" };
        if (transaction && corm_begin(own)) failed++;
        Badge *row = update ? corm_update_or_insert(own, Badges, &badge, &inserted, Badges.code)
                            : corm_get_or_insert(own, Badges, &badge, &inserted, Badges.code);
        if (!row && !failed++) print_error("%s\n", corm_error(own)->message);
        if (row && inserted != (row->number % PROCESSES == number)) failed += !update && inserted;
        made += inserted;
        corm_free(row);
        if (transaction && (row ? corm_commit(own) : corm_rollback(own))) failed++;
    }
    corm_close(own);
    return failed ? 255 : made;
}

static void race_all(bool transaction, bool update) {
    pid_t children[PROCESSES];
    int made = 0;
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) _exit(race(i, transaction, update));
    }
    for (int i = 0; i < PROCESSES; i++) {
        int result = -1;
        assert_int_equal(waitpid(children[i], &result, 0), children[i]);
        assert_true(WIFEXITED(result) && WEXITSTATUS(result) <= KEYS);
        made += WEXITSTATUS(result);
    }
    assert_int_equal(made, KEYS);
    assert_int_equal(corm_count(db, Badges), KEYS);
}

static void test_get_or_insert__by_several_processes(void **state) {
    (void)state;
    race_all(false, false);
}

/* On SQLite a transaction that has read may not write any more: corm_atomic does it again. */
static void test_get_or_insert__by_several_transactions(void **state) {
    (void)state;
    if (strcmp(corm_engine(db), "sqlite") == 0) skip();
    race_all(true, false);
}

static void test_update_or_insert__by_several_processes(void **state) {
    (void)state;
    race_all(false, true);
}

const struct CMUnitTest or_insert_tests[] = {
    TEST(test_get_or_insert__gets_or_inserts),
    TEST(test_get_or_insert__says_what_is_wrong),
    TEST(test_update_or_insert__updates_or_inserts),
    TEST(test_get_or_insert__by_several_processes),
    TEST(test_get_or_insert__by_several_transactions),
    TEST(test_update_or_insert__by_several_processes),
};
const size_t n_or_insert_tests = sizeof or_insert_tests / sizeof *or_insert_tests;
