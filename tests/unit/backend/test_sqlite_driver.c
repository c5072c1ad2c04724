#include "sqlite_fixture.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int try_open(corm_connect_options options, corm_error_info *error) {
    corm_conn *conn = NULL;
    options.cancel_fd = -1;
    int status = BACKEND->open(&options, &conn, error);
    BACKEND->close(conn);
    return status;
}

static void test_open__sets_the_connection_up(void **state) {
    (void)state;
    corm_conn *conn = open_database(path);
    assert_string_equal(text_of(conn, "PRAGMA journal_mode"), "wal");
    assert_int_equal(integer_of(conn, "PRAGMA foreign_keys"), 1);
    assert_int_equal(integer_of(conn, "PRAGMA busy_timeout"), 5000);
    assert_int_equal(integer_of(conn, "PRAGMA synchronous"), 1);
    assert_true(BACKEND->version(conn) >= 33500);
    assert_int_equal(BACKEND->ready(conn, true, &(corm_error_info){ 0 }), 1);
    BACKEND->close(conn);
    corm_error_info error;
    const corm_parameter parameters[] = { { "journal_mode", "delete" }, { "foreign_keys", "false" },
                                          { "busy_timeout", "70" },     { "cache_size", "-4000" },
                                          { "mmap_size", "65536" },     { 0 } };
    corm_connect_options options = {
        .name = path, .cancel_fd = -1, .parameters = parameters, .migrating = true
    };
    assert_int_equal(BACKEND->open(&options, &conn, &error), 0);
    assert_string_equal(text_of(conn, "PRAGMA journal_mode"), "delete");
    assert_int_equal(integer_of(conn, "PRAGMA foreign_keys"), 0);
    assert_int_equal(integer_of(conn, "PRAGMA busy_timeout"), 70);
    assert_int_equal(integer_of(conn, "PRAGMA synchronous"), 2);
    assert_int_equal(integer_of(conn, "PRAGMA cache_size"), -4000);
    assert_int_equal(integer_of(conn, "PRAGMA mmap_size"), 65536);
    BACKEND->close(conn);
}

/* While migrating, no commit is lost: NORMAL is less, the others are what somebody asked for. */
static void test_open__migrating_is_durable(void **state) {
    (void)state;
    static const struct {
        const char *given;
        int else_is, migrating_is;
    } levels[] = { { NULL, 1, 2 },  { "normal", 1, 2 }, { "NORMAL", 1, 2 },
                   { "off", 0, 0 }, { "full", 2, 2 },   { "extra", 3, 3 } };
    for (size_t i = 0; i < 2 * sizeof levels / sizeof *levels; i++) {
        const corm_parameter parameters[] = { { "synchronous", levels[i / 2].given }, { 0 } };
        corm_connect_options options = {
            .name = path, .cancel_fd = -1, .migrating = i % 2,
            .parameters = levels[i / 2].given ? parameters : NULL
        };
        corm_conn *conn = NULL;
        corm_error_info error = { 0 };
        assert_int_equal(BACKEND->open(&options, &conn, &error), 0);
        assert_int_equal(integer_of(conn, "PRAGMA synchronous"),
                         i % 2 ? levels[i / 2].migrating_is : levels[i / 2].else_is);
        BACKEND->close(conn);
    }
}

static void test_open__says_what_is_wrong(void **state) {
    (void)state;
    corm_error_info error;
    char name[200];
    assert_int_equal(try_open((corm_connect_options){ .name = path, .no_create = true }, &error),
                     CORM_ERROR_NO_DATABASE);
    assert_non_null(strstr(error.message, path));
    assert_int_equal(access(path, F_OK), -1);
    snprintf(name, sizeof name, "%s/missing/db.sqlite3", folder);
    assert_int_equal(try_open((corm_connect_options){ .name = name }, &error), CORM_ERROR_IO);
    assert_non_null(strstr(error.message, name));
    assert_non_null(strstr(error.message, "folder does not exist"));
    assert_int_equal(try_open((corm_connect_options){ .name = folder }, &error), CORM_ERROR_IO);
    assert_non_null(strstr(error.message, "is a folder"));
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 200; i++) fputs("this is not a database\n", file);
    fclose(file);
    assert_int_equal(try_open((corm_connect_options){ .name = path }, &error), CORM_ERROR_CORRUPT);
    assert_non_null(strstr(error.message, path));
    assert_true(error.hint[0]);
    assert_int_equal(try_open((corm_connect_options){ 0 }, &error), CORM_ERROR_SETTINGS);
    const corm_parameter injected[] = { { "journal_mode", "wal; DROP TABLE users" }, { 0 } };
    assert_int_equal(
        try_open((corm_connect_options){ .name = ":memory:", .parameters = injected }, &error),
        0); /* not used there */
    snprintf(name, sizeof name, "%s/other", folder);
    assert_int_equal(
        try_open((corm_connect_options){ .name = name, .parameters = injected }, &error),
        CORM_ERROR_SETTINGS);
    const corm_parameter misspelt[] = { { "busy_timeout", "5s" }, { 0 } };
    assert_int_equal(
        try_open((corm_connect_options){ .name = name, .parameters = misspelt }, &error),
        CORM_ERROR_SETTINGS);
}

/* Root may write everywhere, so this runs as another user. */
static void test_open__reads_a_database_that_cannot_be_written(void **state) {
    (void)state;
    corm_conn *conn = open_database(path);
    run(conn, "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (7)");
    BACKEND->close(conn);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(folder, 0555), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (geteuid() == 0 && setuid(65534) != 0) _exit(9);
        corm_error_info error;
        corm_connect_options options = { .name = path, .cancel_fd = -1 };
        if (BACKEND->open(&options, &conn, &error) != 0) {
            print_error("%s (%d)\n", error.message, error.vendor_code);
            _exit(1);
        }
        if (integer_of(conn, "SELECT n FROM t") != 7) _exit(2);
        if (BACKEND->ready(conn, false, &error) != 1) _exit(3);
        if (BACKEND->ready(conn, true, &error) != CORM_ERROR_READ_ONLY) _exit(4);
        if (BACKEND->exec(conn, "INSERT INTO t VALUES (8)", &error) != CORM_ERROR_READ_ONLY)
            _exit(5);
        if (BACKEND->lock_try(conn, "migrate", NULL, 0, &error) != CORM_ERROR_PERMISSION) _exit(6);
        BACKEND->close(conn);
        char name[128];
        snprintf(name, sizeof name, "%s/new", folder);
        if (try_open((corm_connect_options){ .name = name }, &error) >= 0) _exit(7);
        _exit(0);
    }
    int result;
    waitpid(pid, &result, 0);
    assert_int_equal(result, 0);
}

static void test_open__many_processes_at_once(void **state) {
    (void)state;
    pid_t pids[8];
    for (int i = 0; i < 8; i++) {
        if ((pids[i] = fork()) != 0) continue;
        corm_error_info error;
        corm_conn *conn;
        corm_connect_options options = { .name = path, .cancel_fd = -1 };
        if (BACKEND->open(&options, &conn, &error) != 0) _exit(1);
        if (BACKEND->exec(conn,
                          "BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS t (n INTEGER); INSERT INTO "
                          "t VALUES (1); COMMIT",
                          &error) != 0)
            _exit(2);
        BACKEND->close(conn);
        _exit(0);
    }
    for (int i = 0; i < 8; i++) {
        int result;
        waitpid(pids[i], &result, 0);
        assert_int_equal(result, 0);
    }
    corm_conn *conn = open_database(path);
    assert_int_equal(integer_of(conn, "SELECT count(*) FROM t"), 8);
    BACKEND->close(conn);
}

static void test_prepare__takes_one_statement(void **state) {
    (void)state;
    corm_conn *conn = open_database(":memory:");
    corm_error_info error;
    assert_int_equal(try_with(conn, "SELECT 1; -- and a comment /* x */", NULL, 0, &error), 0);
    assert_int_equal(try_with(conn, "SELECT 1; SELECT 2", NULL, 0, &error), CORM_ERROR_SQL);
    assert_int_equal(try_with(conn, " -- nothing", NULL, 0, &error), CORM_ERROR_USAGE);
    assert_int_equal(try_with(conn, "SELECT ?1", NULL, 0, &error), CORM_ERROR_USAGE);
    assert_int_equal(try_with(conn, "SELEC 1", NULL, 0, &error), CORM_ERROR_SQL);
    assert_string_equal(error.sqlstate, "42601");
    assert_string_equal(error.sql, "SELEC 1");
    assert_int_equal(try_with(conn, "SELECT \"not_a_column\"", NULL, 0, &error), CORM_ERROR_SQL);
    assert_int_equal(try_with(conn, "SELECT * FROM nowhere", NULL, 0, &error), CORM_ERROR_NO_TABLE);
    assert_string_equal(error.table, "nowhere");
    BACKEND->close(conn);
}

static void test_affected__counts_the_rows_of_this_statement(void **state) {
    (void)state;
    corm_conn *conn = open_database(":memory:");
    run(conn, "CREATE TABLE t (n INTEGER)");
    assert_int_equal(run_with(conn, "INSERT INTO t VALUES (1), (2), (3) RETURNING n", NULL, 0), 3);
    assert_int_equal(run_with(conn, "SELECT * FROM t", NULL, 0), 0);
    assert_int_equal(run_with(conn, "UPDATE t SET n = n + 1 WHERE n > 1", NULL, 0), 2);
    assert_int_equal(run_with(conn, "UPDATE t SET n = n + 1 WHERE n > 100", NULL, 0), 0);
    assert_int_equal(run_with(conn, "CREATE TABLE u (n INTEGER)", NULL, 0), 0);
    assert_int_equal(run_with(conn, "DELETE FROM t", NULL, 0), 3);
    BACKEND->close(conn);
}

static void test_error__names_the_constraint(void **state) {
    (void)state;
    int64_t used = sqlite3_memory_used();
    corm_conn *conn = open_database(":memory:");
    run(conn, "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
              "CREATE TABLE t (a INTEGER NOT NULL UNIQUE, b INTEGER REFERENCES parent (id), "
              "CONSTRAINT a_positive CHECK (a > 0))");
    corm_error_info error;
    run(conn, "INSERT INTO t VALUES (1, NULL)");
    assert_int_equal(try_with(conn, "INSERT INTO t VALUES (1, NULL)", NULL, 0, &error),
                     CORM_ERROR_UNIQUE);
    assert_string_equal(error.sqlstate, "23505");
    assert_string_equal(error.table, "t");
    assert_string_equal(error.column, "a");
    assert_string_equal(error.constraint, "t_a_uniq");
    run(conn, "CREATE TABLE u (a INTEGER, b INTEGER, c INTEGER PRIMARY KEY, CONSTRAINT pair UNIQUE "
              "(b, a)); CREATE UNIQUE INDEX small ON u (a) WHERE a < 5;"
              "CREATE UNIQUE INDEX twice ON u (b * 2) WHERE b > 100; INSERT INTO u VALUES (1, 10, "
              "1), (10, 10, 2), (11, 200, 3)");
    assert_int_equal(try_with(conn, "INSERT INTO u VALUES (10, 10, 9)", NULL, 0, &error),
                     CORM_ERROR_UNIQUE);
    assert_string_equal(error.constraint, "pair");
    assert_int_equal(try_with(conn, "INSERT INTO u VALUES (1, 11, 9)", NULL, 0, &error),
                     CORM_ERROR_UNIQUE);
    assert_string_equal(error.constraint, "small");
    assert_int_equal(try_with(conn, "INSERT INTO u VALUES (12, 200, 9)", NULL, 0, &error),
                     CORM_ERROR_UNIQUE);
    assert_string_equal(error.constraint, "twice");
    assert_int_equal(try_with(conn, "INSERT INTO u VALUES (99, 99, 1)", NULL, 0, &error),
                     CORM_ERROR_UNIQUE);
    assert_string_equal(error.column, "c");
    assert_int_equal(try_with(conn, "INSERT INTO t VALUES (NULL, NULL)", NULL, 0, &error),
                     CORM_ERROR_NOT_NULL);
    assert_string_equal(error.column, "a");
    assert_int_equal(try_with(conn, "INSERT INTO t VALUES (-1, NULL)", NULL, 0, &error),
                     CORM_ERROR_CHECK);
    assert_string_equal(error.constraint, "a_positive");
    assert_int_equal(try_with(conn, "INSERT INTO t VALUES (2, 9)", NULL, 0, &error),
                     CORM_ERROR_FOREIGN_KEY);
    assert_string_equal(error.sqlstate, "23503");
    BACKEND->close(conn);
    assert_int_equal(sqlite3_memory_used(), used);
}

static void test_error__lock(void **state) {
    (void)state;
    corm_conn *one = open_database(path), *two = open_database(path);
    run(one, "CREATE TABLE t (n INTEGER)");
    run(two, "PRAGMA busy_timeout = 10");
    run(one, "BEGIN IMMEDIATE");
    assert_true(BACKEND->in_transaction(one));
    corm_error_info error;
    assert_int_equal(BACKEND->exec(two, "INSERT INTO t VALUES (1)", &error), CORM_ERROR_LOCKED);
    assert_int_equal(BACKEND->ready(two, false, &error), 1);
    assert_int_equal(BACKEND->ready(two, true, &error), 0);
    run(one, "ROLLBACK");
    run(two, "BEGIN; SELECT * FROM t");
    run(one, "INSERT INTO t VALUES (1)");
    assert_int_equal(BACKEND->exec(two, "SELECT count(*) FROM t", &error), 0);
    BACKEND->close(one);
    BACKEND->close(two);
}

static void test_lock__is_held_by_one_and_names_it(void **state) {
    (void)state;
    corm_error_info error;
    char holder[128], expected[32];
    corm_conn *one = open_database(path), *two = open_database(path);
    assert_int_equal(BACKEND->lock_try(one, "migrate", holder, sizeof holder, &error), 1);
    assert_int_equal(BACKEND->lock_try(two, "migrate", holder, sizeof holder, &error), 0);
    snprintf(expected, sizeof expected, "pid %ld on ", (long)getpid());
    assert_memory_equal(holder, expected, strlen(expected));
    BACKEND->lock_release(one, "migrate");
    assert_int_equal(BACKEND->lock_try(two, "migrate", holder, sizeof holder, &error), 1);
    BACKEND->close(two);
    assert_int_equal(BACKEND->lock_try(one, "migrate", holder, sizeof holder, &error), 1);
    BACKEND->lock_release(one, "migrate");
    int input = dup(0); /* a daemon may have closed it: then the lock's file is number 0 */
    close(0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(BACKEND->lock_try(one, "migrate", holder, sizeof holder, &error), 1);
    assert_true(fcntl(0, F_GETFD) >= 0);
    BACKEND->lock_release(one, "migrate");
    dup2(input, 0);
    close(input);
    BACKEND->close(one);
    snprintf(expected, sizeof expected, "-migrate.lock");
    char file[128];
    snprintf(file, sizeof file, "%s%s", path, expected);
    assert_int_equal(access(file, F_OK), -1);
}

/* Each process adds one to a number in a file, which only the lock keeps right. */
static void test_lock__excludes_processes(void **state) {
    (void)state;
    enum { PROCESSES = 6, ROUNDS = 50 };
    char counter[128];
    snprintf(counter, sizeof counter, "%s/counter", folder);
    BACKEND->close(open_database(path));
    for (int i = 0; i < PROCESSES; i++) {
        if (fork() != 0) continue;
        corm_conn *conn = open_database(path);
        corm_error_info error;
        for (int round = 0; round < ROUNDS; round++) {
            int got;
            while ((got = BACKEND->lock_try(conn, "migrate", NULL, 0, &error)) == 0) usleep(100);
            if (got < 0) _exit(1);
            int value = 0;
            FILE *file = fopen(counter, "r");
            if (file && fscanf(file, "%d", &value) != 1) _exit(2);
            if (file) fclose(file);
            file = fopen(counter, "w");
            fprintf(file, "%d", value + 1);
            fclose(file);
            BACKEND->lock_release(conn, "migrate");
        }
        _exit(0);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int result;
        wait(&result);
        assert_int_equal(result, 0);
    }
    int value = 0;
    FILE *file = fopen(counter, "r");
    assert_int_equal(fscanf(file, "%d", &value), 1);
    fclose(file);
    assert_int_equal(value, PROCESSES * ROUNDS);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(test_open__sets_the_connection_up),
        TEST(test_open__migrating_is_durable),
        TEST(test_open__says_what_is_wrong),
        TEST(test_open__reads_a_database_that_cannot_be_written),
        TEST(test_open__many_processes_at_once),
        TEST(test_prepare__takes_one_statement),
        TEST(test_affected__counts_the_rows_of_this_statement),
        TEST(test_error__names_the_constraint),
        TEST(test_error__lock),
        TEST(test_lock__is_held_by_one_and_names_it),
        TEST(test_lock__excludes_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
