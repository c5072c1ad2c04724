/* What the tests of the PostgreSQL backend share: a connection to a fresh database, and short ways
 * to run a statement. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "server.h"
#include <corm/backend.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

#define PG (&corm_backend_postgresql)

/* The options that a URL says; their texts are static. */
static inline corm_connect_options pg_options(const char *url) {
    static char host[200], port[10], name[100], user[100];
    corm_connect_options options = { .timeout_ms = 10000, .cancel_fd = -1 };
    PQconninfoOption *parts = PQconninfoParse(url, NULL);
    for (PQconninfoOption *part = parts; part && part->keyword; part++) {
        if (!part->val) continue;
        if (strcmp(part->keyword, "host") == 0) options.host = strcpy(host, part->val);
        if (strcmp(part->keyword, "port") == 0) options.port = strcpy(port, part->val);
        if (strcmp(part->keyword, "dbname") == 0) options.name = strcpy(name, part->val);
        if (strcmp(part->keyword, "user") == 0) options.user = strcpy(user, part->val);
    }
    PQconninfoFree(parts);
    return options;
}

static inline int pg_open(const char *url, corm_conn **conn, corm_error_info *error) {
    corm_connect_options options = pg_options(url);
    return PG->open(&options, conn, error);
}

static inline corm_conn *pg_connect(void) {
    corm_error_info error;
    corm_conn *conn;
    if (pg_open(test_postgresql_url(), &conn, &error)) fail_msg("open: %s (%s)", error.message,
        error.hint);
    return conn;
}

static inline void pg_run(corm_conn *conn, const char *sql) {
    corm_error_info error;
    if (PG->exec(conn, sql, &error)) fail_msg("%s: %s", sql, error.message);
}

static inline int pg_fails(corm_conn *conn, const char *sql, corm_error_info *error) {
    return PG->exec(conn, sql, error);
}

/* Prepares and executes; the kinds are those of the values. */
static inline int pg_start(corm_conn *conn, const char *sql, const corm_value *values, int n,
                           unsigned flags, corm_stmt **stmt,
                           corm_error_info *error) {
    corm_kind kinds[16] = { 0 };
    for (int i = 0; i < n; i++) kinds[i] = values[i].kind;
    int status = PG->prepare(conn, sql, strlen(sql), kinds, n, stmt, error);
    return status ? status : PG->execute(*stmt, values, n, flags, error);
}

/* The first row of a query into row by the columns given. What step returned. */
static inline int pg_row(corm_conn *conn, const char *sql, const corm_value *values, int n,
                         const corm_fetch_column *columns, int n_columns,
                         void *row, corm_arena *arena, corm_error_info *error) {
    corm_stmt *stmt = NULL;
    corm_fetch fetch = { columns, (uint32_t)n_columns, 1 };
    void *objects[] = { row };
    int status = pg_start(conn, sql, values, n, 0, &stmt, error);
    if (!status) status = PG->step(stmt, &fetch, objects, arena, error);
    PG->finalize(stmt);
    return status;
}

/* One bigint. */
static inline int64_t pg_number(corm_conn *conn, const char *sql) {
    corm_error_info error;
    corm_arena arena = { 0 };
    int64_t number = 0;
    int status =
        pg_row(conn, sql, NULL, 0, &(corm_fetch_column){ .kind = CORM_BIGINT, .name = "n" }, 1,
               &number, &arena, &error);
    corm__arena_release(&arena);
    if (status != 1) fail_msg("%s: %s", sql, status ? error.message : "no row");
    return number;
}
