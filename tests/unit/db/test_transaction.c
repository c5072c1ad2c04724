#include "fixture.h"
#include <pthread.h>

static int setup(void **state) {
    corm_db *db = fixture_open("DATABASE_URL=sqlite://:memory:", NULL);
    assert_int_equal(corm_exec(db, "CREATE TABLE t (n INTEGER NOT NULL UNIQUE)"), 0);
    *state = db;
    return 0;
}

static int teardown(void **state) {
    corm_close(*state);
    return 0;
}

static int64_t count(corm_db *db) { return fixture_integer(db, "SELECT count(*) FROM t"); }

static void test_transaction__commit_keeps_and_rollback_drops(void **state) {
    corm_db *db = *state;
    assert_int_equal(corm_begin(db), 0);
    assert_int_equal(corm_transaction_depth(db), 1);
    assert_int_equal(corm_exec(db, "INSERT INTO t VALUES (1)"), 0);
    assert_int_equal(corm_commit(db), 0);
    assert_int_equal(corm_begin(db), 0);
    assert_int_equal(corm_exec(db, "INSERT INTO t VALUES (2)"), 0);
    assert_int_equal(corm_rollback(db), 0);
    assert_int_equal(corm_transaction_depth(db), 0);
    assert_int_equal(count(db), 1);
}

static void test_transaction__inner_rollback_keeps_the_outer_work(void **state) {
    corm_db *db = *state;
    assert_int_equal(corm_begin(db), 0);
    assert_int_equal(corm_exec(db, "INSERT INTO t VALUES (1)"), 0);
    assert_int_equal(corm_begin(db), 0);
    assert_int_equal(corm_exec(db, "INSERT INTO t VALUES (2)"), 0);
    assert_int_equal(corm_begin(db), 0);
    assert_int_equal(corm_exec(db, "INSERT INTO t VALUES (3)"), 0);
    assert_int_equal(corm_commit(db), 0);
    assert_int_equal(corm_rollback(db), 0);
    assert_int_equal(corm_exec(db, "INSERT INTO t VALUES (4)"), 0);
    assert_int_equal(corm_commit(db), 0);
    assert_int_equal(count(db), 2);
    assert_int_equal(fixture_integer(db, "SELECT sum(n) FROM t"), 5);
}

static void test_transaction__refuses_to_end_what_was_not_begun(void **state) {
    corm_db *db = *state;
    assert_int_equal(corm_commit(db), CORM_ERROR_USAGE);
    assert_int_equal(corm_rollback(db), CORM_ERROR_USAGE);
    assert_true(corm_failed(db));
    assert_int_equal(count(db), 0);
}

/* SQLite ends a transaction by itself: here by ON CONFLICT ROLLBACK, elsewhere when the disk is
 * full. */
static void test_transaction__that_the_engine_dropped_takes_nothing_but_rollback(void **state) {
    corm_db *db = *state;
    assert_int_equal(corm_exec(db, "INSERT INTO t VALUES (1)"), 0);
    assert_int_equal(corm_begin(db), 0);
    assert_int_equal(corm_begin(db), 0);
    assert_int_equal(corm_exec(db, "INSERT OR ROLLBACK INTO t VALUES (1)"), CORM_ERROR_UNIQUE);
    assert_int_equal(corm_exec(db, "INSERT INTO t VALUES (2)"), CORM_ERROR_TRANSACTION);
    assert_true(corm_error(db)->hint[0]);
    assert_int_equal(corm_begin(db), CORM_ERROR_TRANSACTION);
    assert_int_equal(corm_commit(db), CORM_ERROR_TRANSACTION);
    assert_int_equal(corm_transaction_depth(db), 1);
    assert_int_equal(corm_exec(db, "INSERT INTO t VALUES (2)"), CORM_ERROR_TRANSACTION);
    assert_non_null(strstr(corm_error(db)->message, "CORM_ERROR_UNIQUE"));
    assert_int_equal(corm_rollback(db), 0);
    assert_int_equal(corm_transaction_depth(db), 0);
    assert_int_equal(corm_exec(db, "INSERT INTO t VALUES (2)"), 0);
    assert_int_equal(count(db), 2);
}

/* Without an error too: what comes behind an inner rollback is of no transaction any more, and must
 * not be kept statement by statement. */
static void test_transaction__that_ended_behind_its_back_takes_nothing_more(void **state) {
    corm_db *db = *state;
    static const char *const ends[] = { "ROLLBACK", "COMMIT" };
    for (int i = 0; i < 2; i++) {
        assert_int_equal(corm_begin(db), 0);
        assert_int_equal(corm_begin(db), 0);
        assert_int_equal(corm_exec(db, ends[i]), 0);
        assert_int_equal(corm_rollback(db), CORM_ERROR_TRANSACTION);
        assert_int_equal(corm_transaction_depth(db), 1);
        assert_int_equal(corm_exec(db, "INSERT INTO t VALUES (2)"), CORM_ERROR_TRANSACTION);
        assert_int_equal(corm_commit(db), CORM_ERROR_TRANSACTION);
        assert_int_equal(corm_transaction_depth(db), 0);
    }
    assert_int_equal(count(db), 0);
}

static void test_transaction__commit_that_fails_rolls_back(void **state) {
    corm_db *db = *state;
    assert_int_equal(
        corm_exec(db,
                  "CREATE TABLE child (n INTEGER REFERENCES t (n) DEFERRABLE INITIALLY DEFERRED)"),
        0);
    assert_int_equal(corm_begin(db), 0);
    assert_int_equal(corm_exec(db, "INSERT INTO child VALUES (99)"), 0);
    assert_int_equal(corm_commit(db), CORM_ERROR_FOREIGN_KEY);
    assert_string_equal(corm_error(db)->sql, "COMMIT");
    assert_int_equal(corm_transaction_depth(db), 0);
    assert_int_equal(fixture_integer(db, "SELECT count(*) FROM child"), 0);
}

/* --- corm_atomic --- */

typedef struct plan { int calls, fail_times, status; bool leave_open; } plan;

static int insert_then(corm_db *db, void *argument) {
    plan *p = argument;
    p->calls++;
    assert_int_equal(corm_exec(db, "INSERT INTO t SELECT count(*) FROM t"), 0);
    if (p->leave_open) assert_int_equal(corm_begin(db), 0);
    return p->calls <= p->fail_times ? p->status : 0;
}

static void test_atomic__commits_or_rolls_back_by_what_the_function_returns(void **state) {
    corm_db *db = *state;
    plan good = { 0 }, bad = { .fail_times = 1, .status = 7 };
    assert_int_equal(corm_atomic(db, insert_then, &good), 0);
    assert_int_equal(corm_atomic(db, insert_then, &bad), 7);
    assert_int_equal(bad.calls, 1);
    assert_int_equal(count(db), 1);
    assert_int_equal(corm_transaction_depth(db), 0);
}

static void test_atomic__retries_serialization_failures_ten_times_at_most(void **state) {
    corm_db *db = *state;
    plan twice = { .fail_times = 2, .status = CORM_ERROR_SERIALIZATION };
    assert_int_equal(corm_atomic(db, insert_then, &twice), 0);
    assert_int_equal(twice.calls, 3);
    assert_int_equal(count(db), 1);
    plan always = { .fail_times = 99, .status = CORM_ERROR_DEADLOCK };
    assert_int_equal(corm_atomic(db, insert_then, &always), CORM_ERROR_DEADLOCK);
    assert_int_equal(always.calls, 10);
    assert_int_equal(count(db), 1);
}

static int nest(corm_db *db, void *argument) {
    int status = corm_atomic(db, insert_then, argument);
    assert_int_equal(corm_transaction_depth(db), 1);
    return status == CORM_ERROR_SERIALIZATION ? 0 : status;
}

static void test_atomic__nested_is_a_savepoint_and_not_retried(void **state) {
    corm_db *db = *state;
    plan p = { .fail_times = 1, .status = CORM_ERROR_SERIALIZATION };
    assert_int_equal(corm_atomic(db, nest, &p), 0);
    assert_int_equal(p.calls, 1);
    assert_int_equal(count(db), 0);
}

static void test_atomic__refuses_an_unbalanced_function(void **state) {
    corm_db *db = *state;
    plan p = { .leave_open = true };
    assert_int_equal(corm_atomic(db, insert_then, &p), CORM_ERROR_USAGE);
    assert_int_equal(corm_transaction_depth(db), 0);
    assert_int_equal(count(db), 0);
}

static int break_it(corm_db *db, void *argument) {
    (void)argument;
    corm_exec(db, "INSERT OR ROLLBACK INTO t VALUES (1)");
    return 0;   /* the error is not passed on */
}

static void test_atomic__a_swallowed_error_is_no_commit(void **state) {
    corm_db *db = *state;
    assert_int_equal(corm_exec(db, "INSERT INTO t VALUES (1)"), 0);
    assert_int_equal(corm_atomic(db, break_it, NULL), CORM_ERROR_TRANSACTION);
    assert_int_equal(corm_transaction_depth(db), 0);
    assert_int_equal(corm_exec(db, "INSERT INTO t VALUES (2)"), 0);
}

/* Two threads read a number and write it back plus one: what one read is stale, or locked, when the
 * other was faster. */
static int increment(corm_db *db, void *argument) {
    (void)argument;
    corm_fetch_column column = { .kind = CORM_BIGINT, .name = "n" };
    corm_fetch fetch = { &column, 1, 1 };
    corm_stmt *stmt;
    int64_t n = 0;
    void *objects[] = { &n };
    int status = corm__prepare(db, "SELECT n FROM t", 15, NULL, 0, &stmt);
    if (!status) status = corm__execute(db, stmt, NULL, 0, 0);
    if (!status) status = corm__step(db, stmt, &fetch, objects, NULL);
    corm__finish(db, stmt);
    if (status < 0) return status;
    char sql[64];
    snprintf(sql, sizeof sql, "UPDATE t SET n = %d", (int)n + 1);
    return corm_exec(db, sql);
}

static void *increment_often(void *setting) {
    corm_db *db = fixture_open(setting, NULL);
    int status = 0;
    for (int i = 0; i < 50 && !status; i++) status = corm_atomic(db, increment, NULL);
    if (status) print_error("%s\n", corm_error(db)->message);
    corm_close(db);
    return status ? setting : NULL;
}

static void test_atomic__retries_until_no_update_is_lost(void **state) {
    (void)state;
    char folder[] = "/tmp/corm-atomic-XXXXXX", setting[80], path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(setting, sizeof setting, "DATABASE_URL=sqlite:///%s/db.sqlite3", folder);
    corm_db *db = fixture_open(setting, NULL);
    assert_int_equal(corm_exec(db, "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0)"), 0);
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, increment_often, setting), 0);
    void *failed = NULL;
    assert_null(increment_often(setting));
    pthread_join(other, &failed);
    assert_null(failed);
    assert_int_equal(fixture_integer(db, "SELECT n FROM t"), 100);
    corm_close(db);
    snprintf(path, sizeof path, "%s/db.sqlite3", folder);
    unlink(path);
    rmdir(folder);
}

/* Who has read cannot wait for another's write: that would never see it. So it is told at once, and
 * as something to do again from the start. */
static void test_transaction__a_reader_that_meets_a_writer_is_to_be_repeated(void **state) {
    (void)state;
    char folder[] = "/tmp/corm-upgrade-XXXXXX", setting[80], path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(setting, sizeof setting, "DATABASE_URL=sqlite:///%s/db.sqlite3", folder);
    corm_db *writer = fixture_open(setting, NULL), *reader = fixture_open(setting, NULL);
    assert_int_equal(corm_exec(writer, "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0)"), 0);
    assert_int_equal(corm_begin(reader), 0);
    fixture_integer(reader, "SELECT n FROM t");
    assert_int_equal(corm_begin(writer), 0);
    assert_int_equal(corm_exec(writer, "UPDATE t SET n = 1"), 0);
    assert_int_equal(corm_begin(reader), 0);
    assert_int_equal(corm_exec(reader, "UPDATE t SET n = 2"), CORM_ERROR_DEADLOCK);
    assert_int_equal(corm_rollback(reader), 0);
    assert_int_equal(corm_commit(writer), 0);
    assert_int_equal(corm_exec(reader, "UPDATE t SET n = 2"), CORM_ERROR_SERIALIZATION);
    assert_int_equal(corm_rollback(reader), 0);
    corm_close(reader);
    corm_close(writer);
    snprintf(path, sizeof path, "%s/db.sqlite3", folder);
    unlink(path);
    rmdir(folder);
}

/* --- corm_on_commit --- */

static char ran[16];
static void note(void *argument) { strncat(ran, argument, 1); }
static char zero[] = "0", a[] = "a", b[] = "b", c[] = "c", dropped[] = "x";

static void test_on_commit__runs_in_order_after_the_outermost_commit(void **state) {
    corm_db *db = *state;
    ran[0] = 0;
    assert_int_equal(corm_on_commit(db, note, zero), 0);
    assert_string_equal(ran, "0");
    assert_int_equal(corm_begin(db), 0);
    assert_int_equal(corm_on_commit(db, note, a), 0);
    assert_int_equal(corm_begin(db), 0);
    assert_int_equal(corm_on_commit(db, note, b), 0);
    assert_int_equal(corm_commit(db), 0);
    assert_int_equal(corm_begin(db), 0);
    assert_int_equal(corm_on_commit(db, note, dropped), 0);
    assert_int_equal(corm_rollback(db), 0);
    assert_int_equal(corm_on_commit(db, note, c), 0);
    assert_string_equal(ran, "0");
    assert_int_equal(corm_commit(db), 0);
    assert_string_equal(ran, "0abc");
}

static void test_on_commit__is_dropped_with_the_transaction(void **state) {
    corm_db *db = *state;
    ran[0] = 0;
    assert_int_equal(corm_begin(db), 0);
    assert_int_equal(corm_begin(db), 0);
    assert_int_equal(corm_on_commit(db, note, dropped), 0);
    assert_int_equal(corm_commit(db), 0);
    assert_int_equal(corm_rollback(db), 0);
    assert_int_equal(corm_begin(db), 0);
    assert_int_equal(corm_commit(db), 0);
    assert_string_equal(ran, "");
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_transaction__commit_keeps_and_rollback_drops),
        T(test_transaction__inner_rollback_keeps_the_outer_work),
        T(test_transaction__refuses_to_end_what_was_not_begun),
        T(test_transaction__that_the_engine_dropped_takes_nothing_but_rollback),
        T(test_transaction__that_ended_behind_its_back_takes_nothing_more),
        T(test_transaction__commit_that_fails_rolls_back),
        T(test_atomic__commits_or_rolls_back_by_what_the_function_returns),
        T(test_atomic__retries_serialization_failures_ten_times_at_most),
        T(test_atomic__nested_is_a_savepoint_and_not_retried),
        T(test_atomic__refuses_an_unbalanced_function),
        T(test_atomic__a_swallowed_error_is_no_commit),
        T(test_atomic__retries_until_no_update_is_lost),
        T(test_transaction__a_reader_that_meets_a_writer_is_to_be_repeated),
        T(test_on_commit__runs_in_order_after_the_outermost_commit),
        T(test_on_commit__is_dropped_with_the_transaction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
