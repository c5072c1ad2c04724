/* Statements, locks and connections of a server: one body of tests, which each server's tests
 * include; "differs" has what is another there. */
#pragma once
#include "server_backend.h"
#include "base/clock.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static corm_conn *conn;
static corm_arena arena;
static corm_error_info error;

static const struct differs {
    const char *numbers;           /* a query of the numbers from 1 to its parameter, as n */
    const char *longer_and_longer; /* 3,000 rows: a number, and that many x */
    const char *many;              /* 100,000 rows */
    const char *echo;              /* a query of its parameter */
    const char *insert;            /* of a name and a number into t, which returns the id */
    const char *forget;            /* makes the server forget what is prepared; NULL: nothing */
    const char *kill;              /* the connection of this number */
    const char *number;            /* a query of one's own */
    const char *(*new_database)(void);
    const char *holder;   /* what is said of the connection that has a lock */
    const char *password; /* check_connect's, when a case says none */
} differs;

static int teardown(void **state) {
    (void)state;
    corm__arena_release(&arena);
    BACKEND->close(conn);
    return 0;
}

static void stream(const char *before, const char *inside, const char *after) {
    corm_stmt *stmt;
    int64_t n = 0, sum = 0;
    corm_fetch fetch = { &(corm_fetch_column){ .kind = CORM_BIGINT, .name = "n" }, 1, 1 };
    corm_value value = CORM_VALUE_BIGINT(5000);
    if (before) backend_run(conn, before);
    assert_int_equal(backend_start(conn, differs.numbers, &value, 1,
                              CORM_EXECUTE_STREAM, &stmt, &error),
                     0);
    assert_int_equal(BACKEND->column_count(stmt), 1);
    assert_string_equal(BACKEND->column_name(stmt, 0), "n");
    for (int status;; sum += n) {
        status = BACKEND->step(stmt, &fetch, (void *[]){ &n }, &arena, &error);
        if (status < 0) fail_msg("%s", error.message);
        if (!status) break;
        if (n % 1000 == 500) backend_run(conn, inside);
    }
    assert_int_equal(sum, 5000 * 5001 / 2);
    BACKEND->finalize(stmt);
    if (after) backend_run(conn, after);
}

/* "insert" is one more row of t, also while rows stream. */
static void check_streams(const char *insert) {
    char transaction[200];
    snprintf(transaction, sizeof transaction, "BEGIN; %s; COMMIT", insert);
    stream(NULL, insert, NULL);
    assert_false(BACKEND->in_transaction(conn));
    stream("BEGIN", insert, "ROLLBACK");
    assert_int_equal(backend_number(conn, "SELECT count(*) FROM t"), 5);
    stream(NULL, transaction, NULL);
    assert_int_equal(backend_number(conn, "SELECT count(*) FROM t"), 10);
}

/* A query of numbers whose tenth is NULL, where the struct has no place for it: the rest of the
 * rows is left behind. */
static void check_null_without_a_place(const char *sql) {
    corm_stmt *stmt;
    int64_t n = 0;
    int status;
    corm_fetch fetch = { &(corm_fetch_column){ .kind = CORM_BIGINT, .name = "n" }, 1, 1 };
    assert_int_equal(backend_start(conn, sql, NULL, 0, 0, &stmt, &error), 0);
    while ((status = BACKEND->step(stmt, &fetch, (void *[]){ &n }, &arena, &error)) == 1) {
    }
    assert_int_equal(status, CORM_ERROR_TYPE);
    assert_int_equal(n, 9);
    BACKEND->reset(stmt);
    BACKEND->finalize(stmt);
    assert_int_equal(backend_number(conn, "SELECT 7"), 7);
}

/* Sends a text of this size and reads it back. What step returned. */
static int echo(corm_conn *through, size_t size) {
    const char *back = NULL;
    char *data = malloc(size + 1);
    memset(data, 'x', size);
    data[size] = 0;
    int status = backend_row(through, differs.echo, &CORM_VALUE_TEXT(data), 1,
                             &(corm_fetch_column){ .kind = CORM_TEXT, .name = "t" }, 1, &back,
                             &arena, &error);
    if (status == 1) assert_int_equal(strlen(back), size);
    free(data);
    return status;
}

static void test_driver__statement_runs_again_with_other_values(void **state) {
    (void)state;
    corm_stmt *stmt;
    corm_kind kinds[] = { CORM_TEXT, CORM_INTEGER };
    assert_int_equal(BACKEND->prepare(conn, differs.insert, strlen(differs.insert), kinds, 2,
                                      &stmt, &error),
                     0);
    for (int i = 1; i <= 3; i++) {
        char name[8];
        snprintf(name, sizeof name, "n%d", i);
        corm_value values[] = { CORM_VALUE_TEXT(name), { .kind = CORM_BIGINT, .integer = i } };
        int64_t id = 0;
        void *objects[] = { &id };
        corm_fetch fetch = { &(corm_fetch_column){ .kind = CORM_IDENTITY, .name = "id" }, 1, 1 };
        assert_int_equal(BACKEND->execute(stmt, values, 2, 0, &error), 0);
        assert_int_equal(BACKEND->step(stmt, &fetch, objects, &arena, &error), 1);
        assert_int_equal(id, i);
        assert_int_equal(BACKEND->step(stmt, &fetch, objects, &arena, &error), 0);
        assert_int_equal(BACKEND->affected(stmt), 1);
        BACKEND->reset(stmt);
    }
    assert_int_equal(BACKEND->execute(stmt, NULL, 0, 0, &error), CORM_ERROR_USAGE);
    /* A row that is refused after the result has begun: the statement goes on working. */
    for (int i = 0; i < 3; i++) {
        corm_value taken[] = { CORM_VALUE_TEXT("n1"), { .kind = CORM_BIGINT, .integer = 1 } };
        assert_int_equal(BACKEND->execute(stmt, taken, 2, 0, &error), CORM_ERROR_UNIQUE);
        BACKEND->reset(stmt);
    }
    corm_value free[] = { CORM_VALUE_TEXT("n4"), { .kind = CORM_BIGINT, .integer = 4 } };
    assert_int_equal(BACKEND->execute(stmt, free, 2, 0, &error), 0);
    BACKEND->finalize(stmt);
    assert_int_equal(
        backend_start(conn, "UPDATE t SET n = 4 WHERE n >= 3", NULL, 0, 0, &stmt, &error), 0);
    assert_int_equal(BACKEND->step(stmt, NULL, NULL, NULL, &error), 0);
    assert_int_equal(BACKEND->affected(stmt), 2); /* found, also where nothing changed */
    assert_int_equal(BACKEND->column_count(stmt), 0);
    BACKEND->finalize(stmt);
}

static void test_driver__stale_plan_is_prepared_anew(void **state) {
    (void)state;
    backend_run(conn, "CREATE TABLE changing (a int); INSERT INTO changing VALUES (1)");
    corm_stmt *stmt;
    assert_int_equal(backend_start(conn, "SELECT * FROM changing", NULL, 0, 0, &stmt, &error), 0);
    BACKEND->reset(stmt);
    backend_run(conn, "ALTER TABLE changing ADD COLUMN b int");
    assert_int_equal(BACKEND->execute(stmt, NULL, 0, 0, &error), 0);
    assert_int_equal(BACKEND->column_count(stmt), 2);
    BACKEND->reset(stmt);
    if (differs.forget) backend_run(conn, differs.forget);
    assert_int_equal(BACKEND->execute(stmt, NULL, 0, 0, &error), 0);
    assert_int_equal(BACKEND->step(stmt, NULL, NULL, NULL, &error), 1);
    BACKEND->reset(stmt);
    backend_run(conn, "ALTER TABLE changing RENAME COLUMN a TO c");
    assert_int_equal(BACKEND->execute(stmt, NULL, 0, CORM_EXECUTE_STREAM, &error), 0);
    assert_string_equal(BACKEND->column_name(stmt, 0), "c");
    assert_int_equal(BACKEND->step(stmt, NULL, NULL, NULL, &error), 1);
    assert_int_equal(BACKEND->step(stmt, NULL, NULL, NULL, &error), 0);
    BACKEND->finalize(stmt);
    backend_run(conn, "DROP TABLE changing");
}

static void test_driver__lost_connection_is_said(void **state) {
    (void)state;
    static const char *const whens[] = { "idle", "in a transaction", "in the midst of a stream" };
    for (int when = 0; when < 3; when++) {
        corm_conn *other;
        corm_stmt *stmt = NULL;
        char sql[100];
        assert_int_equal(backend_open(backend_url(), &other, &error), 0);
        snprintf(sql, sizeof sql, "%s(%lld)", differs.kill,
                 (long long)backend_number(other, differs.number));
        if (when == 1) backend_run(other, "BEGIN");
        if (when == 2) {
            assert_int_equal(backend_start(other, differs.many, NULL, 0, CORM_EXECUTE_STREAM,
                                           &stmt, &error),
                             0);
            assert_int_equal(BACKEND->step(stmt, NULL, NULL, NULL, &error), 1);
        }
        assert_true(BACKEND->alive(other));
        backend_run(conn, sql);
        usleep(50000);
        int status = 1;
        if (stmt)
            while (status > 0) status = BACKEND->step(stmt, NULL, NULL, NULL, &error);
        else
            status = BACKEND->exec(other, "SELECT 1", &error);
        if (status != CORM_ERROR_CONNECTION)
            fail_msg("%s: %d %s", whens[when], status, error.message);
        assert_false(BACKEND->alive(other));
        assert_false(BACKEND->in_transaction(other));
        corm_stmt *next;
        assert_int_equal(BACKEND->prepare(other, "SELECT 1", 8, NULL, 0, &next, &error),
                         CORM_ERROR_CONNECTION);
        BACKEND->finalize(stmt);
        BACKEND->close(other);
    }
}

static void test_driver__results_interleave(void **state) {
    (void)state;
    const char *sql = differs.longer_and_longer;
    struct row {
        int64_t n;
        const char *text;
    } rows[2] = { 0 };
    const corm_fetch_column columns[] = {
        { .kind = CORM_BIGINT, .name = "n" },
        { .kind = CORM_TEXT, .offset = offsetof(struct row, text), .name = "text" }
    };
    corm_fetch fetch = { columns, 2, 1 };
    corm_stmt *first, *second;
    assert_int_equal(backend_start(conn, sql, NULL, 0, 0, &first, &error), 0);
    assert_int_equal(BACKEND->step(first, &fetch, (void *[]){ &rows[0] }, &arena, &error), 1);
    assert_int_equal(backend_start(conn, sql, NULL, 0, 0, &second, &error), 0);
    for (int i = 1; i <= 3000; i++) {
        assert_int_equal(rows[0].n, i);
        assert_int_equal(strlen(rows[0].text), i);
        assert_int_equal(BACKEND->step(second, &fetch, (void *[]){ &rows[1] }, &arena, &error), 1);
        assert_int_equal(rows[1].n, i);
        assert_int_equal(BACKEND->step(first, &fetch, (void *[]){ &rows[0] }, &arena, &error),
                         i < 3000);
        if (i == 1000) assert_int_equal(backend_number(conn, "SELECT 5"), 5);
    }
    assert_int_equal(BACKEND->affected(first), 3000);
    BACKEND->reset(first);
    assert_int_equal(BACKEND->execute(first, NULL, 0, 0, &error), 0); /* left in the middle */
    BACKEND->finalize(second);
    BACKEND->finalize(first);
    assert_int_equal(backend_number(conn, "SELECT 6"), 6);
}

static void test_driver__lock_is_held_by_one(void **state) {
    (void)state;
    corm_conn *other, *elsewhere;
    char holder[200] = "?";
    assert_int_equal(backend_open(backend_url(), &other, &error), 0);
    assert_int_equal(backend_open(differs.new_database(), &elsewhere, &error), 0);
    assert_int_equal(BACKEND->lock_try(conn, "corm migrations", holder, sizeof holder, &error), 1);
    assert_int_equal(BACKEND->lock_try(other, "corm migrations", holder, sizeof holder, &error), 0);
    assert_non_null(strstr(holder, differs.holder));
    assert_int_equal(BACKEND->lock_try(other, "another", holder, sizeof holder, &error), 1);
    assert_int_equal(BACKEND->lock_try(elsewhere, "corm migrations", holder, sizeof holder, &error),
                     1); /* of another database */
    BACKEND->lock_release(conn, "corm migrations");
    assert_int_equal(BACKEND->lock_try(other, "corm migrations", holder, sizeof holder, &error), 1);
    BACKEND->close(other); /* and with it the lock goes */
    for (int i = 0; i < 100 && BACKEND->lock_try(conn, "corm migrations", NULL, 0, &error) == 0;
         i++)
        usleep(10000);
    BACKEND->lock_release(conn, "corm migrations");
    BACKEND->close(elsewhere);
}

/* Accepts, and never answers: no server is behind this socket. */
static int silent_port(int *listener) {
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    *listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(*listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(*listener, 5), 0);
    getsockname(*listener, (struct sockaddr *)&address, &size);
    return ntohs(address.sin_port);
}

#define PARAMETERS(...)                                                                            \
    (&(corm_connect_options){ .parameters = (corm_parameter[]){ __VA_ARGS__, { 0 } } })

static void check_connect(const char *url, const corm_connect_options *change, int status,
                          const char *says) {
    corm_connect_options options = backend_options(url);
    corm_conn *other;
    options.password = differs.password;
    if (change->password) options.password = change->password;
    if (change->name) options.name = change->name;
    if (change->host) options.host = change->host;
    if (change->port) options.port = change->port;
    if (change->parameters) options.parameters = change->parameters;
    if (change->timeout_ms) options.timeout_ms = change->timeout_ms;
    int got = BACKEND->open(&options, &other, &error);
    if (got != status)
        fail_msg("%s: %d (%s) where %d was expected", says ? says : "open", got,
                 got ? error.message : "", status);
    if (says && !strstr(error.message, says)) fail_msg("\"%s\" is not in: %s", says, error.message);
    assert_null(strstr(error.message, "s3cret"));
    assert_null(strstr(error.detail, "s3cret"));
    BACKEND->close(other);
}

/* Of several hosts and ports, one that does not answer is passed by. */
static void check_addresses(const char *url, int port) {
    int listener;
    char ports[32];
    snprintf(ports, sizeof ports, "%d,%d", silent_port(&listener), port);
    check_connect(url, &(corm_connect_options){ .host = "no-such-host.invalid" },
                  CORM_ERROR_CONNECTION, "translate host name");
    static const char *const hosts[] = { "localhost", "no-such-host.invalid,localhost" },
                             *const pairs[] = { "localhost,127.0.0.1", "127.0.0.1,127.0.0.1" };
    for (int i = 0; i < 2; i++) {
        check_connect(url, &(corm_connect_options){ .host = hosts[i] }, 0, NULL);
        check_connect(
            url,
            &(corm_connect_options){ .host = pairs[i], .port = ports, .timeout_ms = 3000 }, 0,
            NULL);
    }
    close(listener);
}

/* Makes the database, where it is there too, and connects until there are too many. How many. */
static int open_too_many(const char *url, const char *name, corm_conn **open, int room) {
    corm_connect_options options = backend_options(url);
    int n = 0;
    options.password = differs.password;
    options.name = name;
    for (int i = 0; i < 2; i++) assert_int_equal(BACKEND->create_database(&options, &error), 0);
    while (n < room && BACKEND->open(&options, &open[n], &error) == 0) n++;
    if (error.status != CORM_ERROR_TOO_MANY_CONNECTIONS)
        fail_msg("%s %d", error.message, error.vendor_code);
    assert_int_equal(BACKEND->ready(open[0], true, &error), 1);
    return n;
}

static void test_driver__connect_keeps_its_deadline_and_can_be_cancelled(void **state) {
    (void)state;
    int listener;
    char port[8];
    snprintf(port, sizeof port, "%d", silent_port(&listener));
    corm_connect_options options = { .host = "127.0.0.1",
                                     .port = port,
                                     .name = "x",
                                     .user = "x",
                                     .timeout_ms = 200,
                                     .cancel_fd = -1 };
    corm_conn *other;
    double start = corm__clock();
    assert_int_equal(BACKEND->open(&options, &other, &error), CORM_ERROR_TIMEOUT);
    assert_true(corm__clock() - start < 30);
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(write(pipes[1], "x", 1), 1);
    options.timeout_ms = 300000;
    options.cancel_fd = pipes[0];
    start = corm__clock();
    assert_int_equal(BACKEND->open(&options, &other, &error), CORM_ERROR_CANCELLED);
    assert_true(corm__clock() - start < 30);
    close(pipes[0]);
    close(pipes[1]);
    close(listener);
}
