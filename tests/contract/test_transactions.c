/* Transactions, savepoints, what happens on commit, and what other connections see. */
#include "harness.h"

static bool is_postgresql(void) { return strcmp(corm_engine(db), "postgresql") == 0; }

static void add(const char *name) { assert_ok(corm_insert(db, Tags, (&(Tag){ .name = name }))); }

static void test_transaction__is_seen_when_it_is_committed(void **state) {
    (void)state;
    corm_db *other = harness_connect();
    assert_ok(corm_begin(db));
    add("a");
    assert_int_equal(corm_transaction_depth(db), 1);
    assert_int_equal(corm_count(db, Tags), 1);
    assert_int_equal(corm_count(other, Tags), 0);
    assert_ok(corm_commit(db));
    assert_int_equal(corm_count(other, Tags), 1);
    assert_ok(corm_begin(db));
    add("b");
    assert_ok(corm_rollback(db));
    assert_int_equal(corm_count(db, Tags), 1);
    corm_close(other);
}

static void test_savepoints__undo_a_part(void **state) {
    (void)state;
    assert_ok(corm_begin(db));
    add("a");
    assert_ok(corm_begin(db));
    add("b");
    assert_refused(corm_insert(db, Tags, (&(Tag){ .name = "a" })), CORM_ERROR_UNIQUE, "");
    assert_refused(corm_count(db, Tags), CORM_ERROR_TRANSACTION, "");
    assert_ok(corm_rollback(db));
    add("c");
    assert_ok(corm_commit(db));
    assert_int_equal(corm_count(db, Tags), 2);
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.name, "b")), 0);
}

static void test_insert_many__inside_a_transaction_fails_alone(void **state) {
    (void)state;
    Tag tags[] = { { .name = "x" }, { .name = "a" } };
    assert_ok(corm_begin(db));
    add("a");
    assert_refused(corm_insert_many(db, Tags, tags, 2), CORM_ERROR_UNIQUE, "");
    add("b");
    assert_ok(corm_commit(db));
    assert_int_equal(corm_count(db, Tags), 2);
}

static int steps;
static void note(void *argument) { steps += *(int *)argument; }

static int both(corm_db *handle, void *argument) {
    int status = corm_insert(handle, Tags, (&(Tag){ .name = "one" }));
    if (!status) status = corm_on_commit(handle, note, argument);
    if (!status)
        status =
            corm_insert(handle, Tags, (&(Tag){ .name = *(int *)argument == 1 ? "one" : "two" }));
    return status;
}

static void test_atomic__all_or_nothing_and_on_commit(void **state) {
    (void)state;
    int one = 1, ten = 10;
    steps = 0;
    assert_int_equal(corm_atomic(db, both, &one), CORM_ERROR_UNIQUE);
    assert_int_equal(corm_count(db, Tags), 0);
    assert_int_equal(steps, 0);
    assert_ok(corm_begin(db));
    assert_ok(corm_atomic(db, both, &ten));
    assert_int_equal(steps, 0);
    assert_ok(corm_commit(db));
    assert_int_equal(steps, 10);
    assert_int_equal(corm_count(db, Tags), 2);
}

static char seen[4096];
static int64_t seen_rows;
static void watch(void *context, const char *sql, double seconds, int64_t rows, int status) {
    (void)context;
    assert_true(seconds >= 0 && status == 0);
    snprintf(seen, sizeof seen, "%s", sql);
    seen_rows = rows;
}
static void test_watch__sees_sql_without_values(void **state) {
    (void)state;
    fill();
    corm_watch(db, watch, NULL);
    Recipe *rows = corm_all(db, Recipes, .where = EQ(Recipes.title, "a secret"));
    corm_watch(db, NULL, NULL);
    assert_rows(rows, 0);
    corm_free(rows);
    assert_non_null(strstr(seen, "recipes"));
    assert_null(strstr(seen, "secret"));
    assert_int_equal(seen_rows, 0);
}

static void test_plans__are_compiled_once_for_a_shape(void **state) {
    (void)state;
    fill();
    for (int i = 0; i < 1000; i++) {
        char path[64];
        snprintf(path, sizeof path, "Recipes.%stitle", i % 2 ? "parent->" : "");
        const corm_condition *built =
            ANYWAY(corm__expr_value(CORM_OP_EQ, path, NULL, CORM_VALUE_TEXT("Soup")));
        assert_int_equal(corm_count(db, Recipes, .where = built), 1);
    }
    /* More shapes than are kept. */
    int64_t ids[2000] = { 0 };
    for (int n = 0; n < 600; n++) {
        CORM_FILTER(filter, Recipes);
        for (int bit = 0; bit < 10; bit++)
            corm_filter_add(filter, n >> bit & 1 ? EQ(Recipes.id, soup.id) : NE(Recipes.id, 0));
        assert_int_equal(corm_count(db, Recipes, .filter = filter), n ? 1 : 4);
    }
    assert_int_equal(corm_count(db, Recipes, .where = ONE_OF(Recipes.id, ids, 2000)), 0);
}

CORM_ROW(Word, text(word));
CORM_MODEL(Late, Lates, "late", bigint(id, .primary_key = true), bigint(tag_id));

/* What a commit refuses leaves no transaction behind that the caller did not begin. */
static void test_insert_many__gives_up_when_the_commit_fails(void **state) {
    (void)state;
    if (!quirk->deferrable) return;
    Late rows[] = { { .id = 1, .tag_id = 77 }, { .id = 2, .tag_id = 78 } };
    assert_ok(corm_exec(db, "CREATE TABLE late (id bigint PRIMARY KEY, tag_id bigint NOT NULL "
                            "REFERENCES tags (id) DEFERRABLE INITIALLY DEFERRED)"));
    assert_refused(corm_insert_many(db, Lates, rows, 2), CORM_ERROR_FOREIGN_KEY, "");
    assert_int_equal(corm_transaction_depth(db), 0);
    assert_int_equal(corm_count(db, Lates), 0);
    add("a");
    corm_db *other = harness_connect();
    assert_int_equal(corm_count(other, Tags), 1);
    corm_close(other);
}

/* The error of a row that nobody read breaks the transaction all the same: a commit must not look
 * like one. */
static void test_commit__says_that_nothing_was_committed(void **state) {
    (void)state;
    if (!is_postgresql()) return;
    assert_ok(corm_begin(db));
    add("a");
    assert_refused(corm_sql(db, Word,
                            "SELECT CASE WHEN n > 1 THEN (1 / (3 - n))::text END AS word FROM "
                            "generate_series(1, 5) n"),
                   CORM_ERROR_TYPE, "NULL");
    assert_refused(corm_commit(db), CORM_ERROR_TRANSACTION, "rolled back");
    assert_int_equal(corm_transaction_depth(db), 0);
    assert_int_equal(corm_count(db, Tags), 0);
    add("a");
    assert_int_equal(corm_count(db, Tags), 1);
}

/* A statement that is kept prepared meets its columns in another type. */
static void test_each__sees_a_column_of_another_type(void **state) {
    (void)state;
    fill();
    if (!is_postgresql()) return; /* SQLite's columns have no types to change */
    int n = 0;
    corm_each(row, db, Comments) n += row->stars >= 1 && row->stars <= 5;
    assert_int_equal(n, corm_count(db, Comments));
    assert_ok(corm_exec(db, "ALTER TABLE comments ALTER stars TYPE bigint"));
    corm_each(row, db, Comments) n -= row->stars >= 1 && row->stars <= 5;
    assert_ok(corm_error(db)->status);
    assert_int_equal(n, 0);
    assert_ok(corm_exec(db, "ALTER TABLE comments ALTER stars TYPE real"));
    corm_each(row, db, Comments) n++;
    assert_refused(0, CORM_ERROR_TYPE, "stars");
    assert_int_equal(n, 0);
}

static int tried;
static int several(corm_db *handle, void *argument) {
    tried++;
    corm_each(row, handle, Comments) tried += row->stars > 5;
    if (corm_failed(handle)) return corm_error(handle)->status;
    if (corm_count(handle, Tags) < 0 || corm_count(handle, Recipes) < 0 ||
        corm_count(handle, Comments) < 0)
        return corm_error(handle)->status;
    return corm_insert(handle, Tags, (&(Tag){ .name = argument }));
}

/* A pooler's DISCARD ALL, and a migration of another program: every deployment meets them. */
static void test_atomic__runs_again_when_statements_are_forgotten(void **state) {
    (void)state;
    fill();
    int64_t before = corm_count(db, Tags);
    assert_ok(corm_atomic(db, several, (char[]){ "first" }));
    if (is_postgresql()) assert_ok(corm_exec(db, "DISCARD ALL"));
    tried = 0;
    assert_ok(corm_atomic(db, several, (char[]){ "second" }));
    assert_true(tried <= 2);
    assert_int_equal(corm_count(db, Tags), before + 2);
    if (!is_postgresql()) return; /* SQLite's columns have no types to change */
    assert_ok(corm_exec(db, "ALTER TABLE comments ALTER stars TYPE bigint"));
    tried = 0;
    assert_ok(corm_atomic(db, several, (char[]){ "third" }));
    assert_true(tried <= 2);
    assert_int_equal(corm_count(db, Tags), before + 3);
}

const struct CMUnitTest transaction_tests[] = {
    TEST(test_atomic__runs_again_when_statements_are_forgotten),
    TEST(test_insert_many__gives_up_when_the_commit_fails),
    TEST(test_commit__says_that_nothing_was_committed),
    TEST(test_each__sees_a_column_of_another_type),
    TEST(test_transaction__is_seen_when_it_is_committed),
    TEST(test_savepoints__undo_a_part),
    TEST(test_insert_many__inside_a_transaction_fails_alone),
    TEST(test_atomic__all_or_nothing_and_on_commit),
    TEST(test_watch__sees_sql_without_values),
    TEST(test_plans__are_compiled_once_for_a_shape),
};
const size_t n_transaction_tests = sizeof transaction_tests / sizeof *transaction_tests;
