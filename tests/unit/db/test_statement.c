#include "fixture.h"
#include "db/internal.h"

static int setup(void **state) {
    *state = fixture_open("DATABASE_URL=sqlite://:memory:", "DB_STATEMENT_CACHE_SIZE=2");
    return 0;
}

static int teardown(void **state) {
    corm_close(*state);
    return 0;
}

static corm_stmt *prepare(corm_db *db, const char *sql) {
    corm_stmt *stmt;
    assert_int_equal(corm__prepare(db, sql, strlen(sql), NULL, 0, &stmt), 0);
    return stmt;
}

/* The backend with its calls counted. */
static int prepared, finalized;
static corm_backend counting;
static const corm_backend *real;

static int count_prepare(corm_conn *conn, const char *sql, size_t length, const corm_kind *kinds,
                         int n, corm_stmt **out, corm_error_info *error) {
    prepared++;
    return real->prepare(conn, sql, length, kinds, n, out, error);
}

static void count_finalize(corm_stmt *stmt) {
    finalized++;
    real->finalize(stmt);
}

static void count_calls(corm_db *db) {
    real = db->backend;
    counting = *real;
    counting.prepare = count_prepare;
    counting.finalize = count_finalize;
    db->backend = &counting;
    prepared = finalized = 0;
}

static void test_statement__is_prepared_once(void **state) {
    corm_db *db = *state;
    count_calls(db);
    for (int i = 0; i < 3; i++) assert_int_equal(fixture_integer(db, "SELECT 1"), 1);
    assert_int_equal(prepared, 1);
    assert_int_equal(finalized, 0);
    assert_int_equal(corm_query_count(db), 3);
}

static void test_statement__with_other_kinds_is_another(void **state) {
    corm_db *db = *state;
    count_calls(db);
    corm_kind kinds[][1] = { { CORM_BIGINT }, { CORM_TEXT }, { CORM_BIGINT } };
    for (int i = 0; i < 3; i++) {
        corm_stmt *stmt;
        assert_int_equal(corm__prepare(db, "SELECT ?", 8, kinds[i], 1, &stmt), 0);
        corm__finish(db, stmt);
    }
    assert_int_equal(prepared, 2);
}

static void test_statement__in_use_is_not_handed_out_twice(void **state) {
    corm_db *db = *state;
    count_calls(db);
    corm_stmt *first = prepare(db, "SELECT 1"), *second = prepare(db, "SELECT 1");
    assert_ptr_not_equal(first, second);
    assert_int_equal(corm__execute(db, first, NULL, 0, 0), 0);
    assert_int_equal(corm__execute(db, second, NULL, 0, 0), 0);
    assert_int_equal(corm__step(db, first, NULL, NULL, NULL), 1);
    assert_int_equal(corm__step(db, second, NULL, NULL, NULL), 1);
    corm__finish(db, first);
    corm__finish(db, second);
    assert_int_equal(finalized, 1);
    assert_ptr_equal(prepare(db, "SELECT 1"), first);
}

static void test_statement__least_recently_used_goes_first(void **state) {
    corm_db *db = *state;
    count_calls(db);
    fixture_integer(db, "SELECT 1");
    fixture_integer(db, "SELECT 2");
    fixture_integer(db, "SELECT 1");
    fixture_integer(db, "SELECT 3");
    assert_int_equal(finalized, 1);
    fixture_integer(db, "SELECT 1");
    fixture_integer(db, "SELECT 3");
    assert_int_equal(prepared, 3);
    fixture_integer(db, "SELECT 2");
    assert_int_equal(prepared, 4);
    assert_int_equal(finalized, 2);
}

static void test_statement__survives_an_error(void **state) {
    corm_db *db = *state;
    assert_int_equal(corm_exec(db, "CREATE TABLE t (n INTEGER UNIQUE); INSERT INTO t VALUES (1)"),
                     0);
    count_calls(db);
    corm_stmt *stmt = prepare(db, "INSERT INTO t VALUES (1)");
    int status = corm__execute(db, stmt, NULL, 0, 0);
    if (!status) status = corm__step(db, stmt, NULL, NULL, NULL);
    assert_int_equal(status, CORM_ERROR_UNIQUE);
    assert_string_equal(corm_error(db)->sql, "INSERT INTO t VALUES (1)");
    corm__finish(db, stmt);
    assert_int_equal(corm_exec(db, "DELETE FROM t"), 0);
    stmt = prepare(db, "INSERT INTO t VALUES (1)");
    assert_int_equal(corm__execute(db, stmt, NULL, 0, 0), 0);
    assert_int_equal(corm__step(db, stmt, NULL, NULL, NULL), 0);
    assert_int_equal(corm__affected(db, stmt), 1);
    corm__finish(db, stmt);
    assert_int_equal(prepared, 1);
}

static void test_statement__that_does_not_prepare_is_not_cached(void **state) {
    corm_db *db = *state;
    count_calls(db);
    corm_stmt *stmt;
    for (int i = 0; i < 2; i++) {
        assert_true(corm__prepare(db, "SELEC 1", 7, NULL, 0, &stmt) < 0);
        assert_null(stmt);
        assert_string_equal(corm_error(db)->sql, "SELEC 1");
    }
    assert_int_equal(prepared, 2);
    assert_int_equal(finalized, 0);
}

static int refuse_plan(corm_stmt *stmt, const corm_value *values, int n, unsigned flags,
                       corm_error_info *error) {
    (void)stmt, (void)values, (void)n, (void)flags;
    error->status = CORM_ERROR_UNSUPPORTED;
    strcpy(error->sqlstate, "0A000");
    strcpy(error->message, "cached plan must not change result type");
    return CORM_ERROR_UNSUPPORTED;
}

static void test_statement__whose_plan_the_server_refuses_is_prepared_anew(void **state) {
    corm_db *db = *state;
    count_calls(db);
    fixture_integer(db, "SELECT 1");
    counting.execute = refuse_plan;
    corm_stmt *stmt = prepare(db, "SELECT 1");
    assert_int_equal(corm__execute(db, stmt, NULL, 0, 0), CORM_ERROR_UNSUPPORTED);
    corm__finish(db, stmt);
    assert_int_equal(finalized, 1);
    counting.execute = real->execute;
    assert_int_equal(fixture_integer(db, "SELECT 1"), 1);
    assert_int_equal(prepared, 2);
}

static void test_statement__that_is_forgotten_is_finalized(void **state) {
    corm_db *db = *state;
    count_calls(db);
    fixture_integer(db, "SELECT 1");
    fixture_integer(db, "SELECT 2");
    corm__statements_forget(db->statements, db->backend);
    assert_int_equal(finalized, 2);
    fixture_integer(db, "SELECT 1");
    assert_int_equal(prepared, 3);
}

static void test_statement__closing_ends_what_is_in_use(void **state) {
    (void)state;
    corm_db *db = fixture_open("DATABASE_URL=sqlite://:memory:", "DB_STATEMENT_CACHE_SIZE=0");
    count_calls(db);
    fixture_integer(db, "SELECT 1");
    assert_int_equal(finalized, 1);
    corm_stmt *stmt = prepare(db, "SELECT 1");
    assert_int_equal(corm__execute(db, stmt, NULL, 0, 0), 0);
    assert_int_equal(corm__step(db, stmt, NULL, NULL, NULL), 1);
    corm_close(db);
    assert_int_equal(finalized, 2);
}

/* --- watching --- */

typedef struct seen { int calls, status; int64_t rows; char sql[64]; } seen;

static void watch(void *context, const char *sql, double seconds, int64_t rows, int status) {
    seen *s = context;
    s->calls++;
    s->status = status;
    s->rows = rows;
    assert_true(seconds >= 0);
    snprintf(s->sql, sizeof s->sql, "%s", sql);
}

static void test_watch__sees_every_statement(void **state) {
    corm_db *db = *state;
    seen s = { 0 };
    corm_watch(db, watch, &s);
    assert_int_equal(corm_exec(db, "CREATE TABLE t (n INTEGER)"), 0);
    assert_int_equal(s.calls, 1);
    assert_int_equal(s.rows, -1);
    corm_stmt *stmt = prepare(db, "INSERT INTO t VALUES (1), (2)");
    assert_int_equal(corm__execute(db, stmt, NULL, 0, 0), 0);
    assert_int_equal(corm__step(db, stmt, NULL, NULL, NULL), 0);
    corm__finish(db, stmt);
    assert_int_equal(s.calls, 2);
    assert_int_equal(s.rows, 2);
    fixture_integer(db, "SELECT count(*) FROM t");
    assert_int_equal(s.rows, 1);
    assert_string_equal(s.sql, "SELECT count(*) FROM t");
    assert_true(corm_exec(db, "nonsense") < 0);
    assert_int_equal(s.status, CORM_ERROR_SQL);
    corm_watch(db, NULL, NULL);
    assert_int_equal(corm_exec(db, "DROP TABLE t"), 0);
    assert_int_equal(s.calls, 4);
    assert_int_equal(corm_query_count(db), 5);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_statement__is_prepared_once),
        T(test_statement__with_other_kinds_is_another),
        T(test_statement__in_use_is_not_handed_out_twice),
        T(test_statement__least_recently_used_goes_first),
        T(test_statement__survives_an_error),
        T(test_statement__that_does_not_prepare_is_not_cached),
        T(test_statement__whose_plan_the_server_refuses_is_prepared_anew),
        T(test_statement__that_is_forgotten_is_finalized),
        T(test_statement__closing_ends_what_is_in_use),
        T(test_watch__sees_every_statement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
