/* What the tests of the servers' backends share: short ways to run a statement. The header of a
 * server includes this one; BACKEND, backend_options and backend_url are of that server. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include <corm/backend.h>
#include <stdio.h>
#include <string.h>

static inline corm_connect_options backend_options(const char *url);
static inline const char *backend_url(void);

static inline int backend_open(const char *url, corm_conn **conn, corm_error_info *error) {
    corm_connect_options options = backend_options(url);
    return BACKEND->open(&options, conn, error);
}

static inline corm_conn *backend_connect(void) {
    corm_error_info error;
    corm_conn *conn;
    if (backend_open(backend_url(), &conn, &error))
        fail_msg("open: %s (%s)", error.message, error.hint);
    return conn;
}

static inline void backend_run(corm_conn *conn, const char *sql) {
    corm_error_info error;
    if (BACKEND->exec(conn, sql, &error)) fail_msg("%s: %s", sql, error.message);
}

/* Prepares and executes; the kinds are those of the values. */
static inline int backend_start(corm_conn *conn, const char *sql, const corm_value *values, int n,
                                unsigned flags, corm_stmt **stmt, corm_error_info *error) {
    corm_kind kinds[16] = { 0 };
    for (int i = 0; i < n; i++) kinds[i] = values[i].kind;
    int status = BACKEND->prepare(conn, sql, strlen(sql), kinds, n, stmt, error);
    return status ? status : BACKEND->execute(*stmt, values, n, flags, error);
}

/* The first row of a query into row by the columns given. What step returned. */
static inline int backend_row(corm_conn *conn, const char *sql, const corm_value *values, int n,
                              const corm_fetch_column *columns, int n_columns, void *row,
                              corm_arena *arena, corm_error_info *error) {
    corm_stmt *stmt = NULL;
    corm_fetch fetch = { columns, (uint32_t)n_columns, 1 };
    void *objects[] = { row };
    int status = backend_start(conn, sql, values, n, 0, &stmt, error);
    if (!status) status = BACKEND->step(stmt, &fetch, objects, arena, error);
    BACKEND->finalize(stmt);
    return status;
}

/* One bigint. */
static inline int64_t backend_number(corm_conn *conn, const char *sql) {
    corm_error_info error;
    corm_arena arena = { 0 };
    int64_t number = 0;
    int status =
        backend_row(conn, sql, NULL, 0, &(corm_fetch_column){ .kind = CORM_BIGINT, .name = "n" }, 1,
               &number, &arena, &error);
    corm__arena_release(&arena);
    if (status != 1) fail_msg("%s: %s", sql, status ? error.message : "no row");
    return number;
}
