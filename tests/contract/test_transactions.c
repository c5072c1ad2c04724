/* Transactions, savepoints, what happens on commit, and what other connections see. */
#include "harness.h"

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
    if (quirk->error_breaks_transaction) assert_refused(corm_count(db, Tags), CORM_ERROR_TRANSACTION, "");
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
    if (!status) status = corm_insert(handle, Tags, (&(Tag){ .name = *(int *)argument == 1 ? "one" : "two" }));
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
        const corm_expr built = { .op = CORM_OP_EQ, .path = path, .value = CORM_VALUE_TEXT("Soup") };
        assert_int_equal(corm_count(db, Recipes, .where = &built), 1);
    }
    /* More shapes than are kept. */
    int64_t ids[2000] = { 0 };
    const corm_expr *terms[700];
    const corm_expr *term = EQ(Recipes.id, soup.id);
    for (int i = 0; i < 700; i++) terms[i] = term;
    for (int n = 1; n < 600; n++) {
        const corm_expr any = { .op = CORM_OP_OR, .args = terms, .n_args = (size_t)n };
        assert_int_equal(corm_count(db, Recipes, .where = &any), 1);
    }
    assert_int_equal(corm_count(db, Recipes, .where = ONE_OF(Recipes.id, ids, 2000)), 0);
}

const struct CMUnitTest transaction_tests[] = {
    TEST(test_transaction__is_seen_when_it_is_committed), TEST(test_savepoints__undo_a_part), TEST(test_insert_many__inside_a_transaction_fails_alone),
    TEST(test_atomic__all_or_nothing_and_on_commit), TEST(test_watch__sees_sql_without_values), TEST(test_plans__are_compiled_once_for_a_shape),
};
const size_t n_transaction_tests = sizeof transaction_tests / sizeof *transaction_tests;
