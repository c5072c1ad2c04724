/* Statements, locks and connections of a server: one body of tests, which each server's tests
 * include; "differs" has what is another there. */
#pragma once
#include "server_backend.h"
#include "base/clock.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static corm_conn *conn;
static corm_arena arena;
static corm_error_info error;

static const struct differs {
    const char *numbers;           /* a query of the numbers from 1 to its parameter, as n */
    const char *longer_and_longer; /* 3,000 rows: a number, and that many x */
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
