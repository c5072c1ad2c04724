/* Settings, connections, statements and waiting, with each allocation failing in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/error.h"
#include "db/db.h"
#include "torture.h"
#include <corm/wait.h>

static const char *const memory_database[] = { "DATABASE_URL=sqlite://:memory:", NULL };

static corm_settings *settings_of(const char *const *environment, corm_error_info *error) {
    corm_settings_options options = { .environment = environment, .no_env_file = true };
    return corm_settings_load(&options, error);
}

static int status_of(const corm_db *db, corm_error_info *error) {
    *error = *corm_error(db);
    return error->status;
}

static char env_file[] = "/tmp/corm-memory-XXXXXX";

static int load_settings(corm_error_info *error) {
    static const char *const environment[] = {
        "DB_USER=app", "DB_PASS=s p/a%c?e",
        "DATABASE_URL_REPLICA=postgres://a:b@c:1,d:2/e?sslmode=require&application_name=f", NULL
    };
    const char *const files[] = { env_file, NULL };
    corm_settings_options options = { .environment = environment, .env_files = files };
    corm_settings *settings = corm_settings_load(&options, error);
    if (!settings) return error->status;
    assert_string_equal(corm_settings_get(settings, NULL, "host"), "db.example");
    assert_string_equal(corm_settings_get(settings, "replica", "port"), "1,2");
    corm_settings_free(settings);
    return 0;
}

static corm_db *open_database(corm_error_info *error) {
    corm_settings *settings = settings_of(memory_database, error);
    if (!settings) return NULL;
    corm_db *db = corm_open_with(settings, NULL);
    corm_settings_free(settings);
    if (db && !corm_failed(db)) return db;
    status_of(db, error);
    corm_close(db);
    return NULL;
}

static int fill(corm_db *db, void *unused) {
    (void)unused;
    return corm_exec(db, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO "
                         "t VALUES (1, 'a'), (2, 'b')");
}

static void note(void *argument) { ++*(int *)argument; }

/* Two rows of t into structs, by a prepared statement with a parameter. */
static int read_rows(corm_db *db, corm_error_info *error) {
    struct row {
        int64_t id;
        const char *name;
    } row;
    static const corm_fetch_column columns[] = {
        { .kind = CORM_BIGINT, .offset = offsetof(struct row, id), .name = "id" },
        { .kind = CORM_TEXT, .offset = offsetof(struct row, name), .name = "name" },
    };
    static const corm_fetch fetch = { columns, 2, 1 };
    static const char sql[] = "SELECT id, name FROM t WHERE id > ? ORDER BY id";
    corm_arena arena = { 0 };
    corm_stmt *stmt = NULL;
    corm_kind kind = CORM_BIGINT;
    corm_value value = CORM_VALUE_BIGINT(0);
    void *objects[] = { &row };
    int rows = 0, status = corm__prepare(db, sql, sizeof sql - 1, &kind, 1, &stmt);
    if (!status) status = corm__execute(db, stmt, &value, 1, 0);
    while (!status && (status = corm__step(db, stmt, &fetch, objects, &arena)) == 1) {
        rows++;
        assert_string_equal(row.name, rows == 1 ? "a" : "b");
        status = 0;
    }
    if (!status) assert_int_equal(rows, 2);
    if (status) status_of(db, error);
    if (stmt) corm__finish(db, stmt);
    corm__arena_release(&arena);
    return status;
}

static int use_database(corm_error_info *error) {
    corm_db *db = open_database(error);
    if (!db) return error->status;
    int committed = 0;
    int status = corm_begin(db);
    if (!status) status = corm_on_commit(db, note, &committed);
    if (!status) status = corm_atomic(db, fill, NULL);
    if (!status) status = corm_commit(db);
    if (!status) assert_int_equal(committed, 1);
    if (status) status_of(db, error);
    if (!status) status = read_rows(db, error);
    if (status) { /* what failed leaves the handle usable */
        while (corm_transaction_depth(db) > 0) assert_int_equal(corm_rollback(db), 0);
        assert_int_equal(corm_exec(db, "SELECT 1"), 0);
    }
    corm_close(db);
    return status;
}

static int refuse_first(void *context, const char *alias, double timeout, corm_error_info *error) {
    (void)alias, (void)timeout;
    int *tries = context;
    return ++*tries < 3 ? corm__fail(error, CORM_ERROR_CONNECTION, "refused") : 0;
}

static void no_sleep(void *context, double seconds) { (void)context, (void)seconds; }

static int wait_for_one(corm_error_info *error) {
    corm_settings *settings = settings_of(memory_database, error);
    if (!settings) return error->status;
    int tries = 0;
    corm_wait_options options = { .check = refuse_first, .sleep = no_sleep, .context = &tries };
    int status = corm_wait_for_db(settings, &options, error);
    corm_settings_free(settings);
    return status;
}

static void test_memory__load_settings(void **state) {
    (void)state;
    torture(load_settings);
}
static void test_memory__use_database(void **state) {
    (void)state;
    torture(use_database);
}
static void test_memory__wait_for_one(void **state) {
    (void)state;
    torture(wait_for_one);
}

static int write_env_file(void **state) {
    (void)state;
    FILE *file = fdopen(mkstemp(env_file), "w");
    if (!file) return -1;
    fputs("# comment\nexport DB_HOST=db.example\nDB_NAME=\"shop_${X:-y}\"\nDB_PORT=5432\n", file);
    return fclose(file);
}

static int remove_env_file(void **state) {
    (void)state;
    return unlink(env_file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_memory__load_settings, write_env_file,
                                        remove_env_file),
        cmocka_unit_test(test_memory__use_database),
        cmocka_unit_test(test_memory__wait_for_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
