/* What the tests of the MariaDB backend share: a connection to a fresh database, and short ways to
 * run a statement. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "mariadb_server.h"
#include <corm/backend.h>
#include <stdio.h>
#include <string.h>

#define MARIADB (&corm_backend_mariadb)

/* The options that a URL says; their texts are static. */
static inline corm_connect_options my_options(const char *url) {
    static char host[256], port[16], name[256], user[256];
    char *const rooms[] = { host, port, name, user };
    static const char *const parts[] = { "host", "port", "name", "user" };
    const char *values[4];
    for (int i = 0; i < 4; i++) {
        const char *text = test_mariadb_part(url, parts[i]);
        values[i] = text ? strcpy(rooms[i], text) : NULL;
    }
    return (corm_connect_options){ .host = values[0],
                                   .port = values[1],
                                   .name = values[2],
                                   .user = values[3],
                                   .timeout_ms = 10000,
                                   .cancel_fd = -1 };
}

static inline int my_open(const char *url, corm_conn **conn, corm_error_info *error) {
    corm_connect_options options = my_options(url);
    return MARIADB->open(&options, conn, error);
}

static inline corm_conn *my_connect(void) {
    corm_error_info error;
    corm_conn *conn;
    if (my_open(test_mariadb_url(), &conn, &error)) fail_msg("open: %s (%s)", error.message,
        error.hint);
    return conn;
}

static inline void my_run(corm_conn *conn, const char *sql) {
    corm_error_info error;
    if (MARIADB->exec(conn, sql, &error)) fail_msg("%s: %s", sql, error.message);
}

/* Prepares and executes; the kinds are those of the values. */
static inline int my_start(corm_conn *conn, const char *sql, const corm_value *values, int n,
                           unsigned flags, corm_stmt **stmt,
                           corm_error_info *error) {
    corm_kind kinds[16] = { 0 };
    for (int i = 0; i < n; i++) kinds[i] = values[i].kind;
    int status = MARIADB->prepare(conn, sql, strlen(sql), kinds, n, stmt, error);
    return status ? status : MARIADB->execute(*stmt, values, n, flags, error);
}

/* The first row of a query into row by the columns given. What step returned. */
static inline int my_row(corm_conn *conn, const char *sql, const corm_value *values, int n,
                         const corm_fetch_column *columns, int n_columns,
                         void *row, corm_arena *arena, corm_error_info *error) {
    corm_stmt *stmt = NULL;
    corm_fetch fetch = { columns, (uint32_t)n_columns, 1 };
    int status = my_start(conn, sql, values, n, 0, &stmt, error);
    if (!status) status = MARIADB->step(stmt, &fetch, (void *[]){ row }, arena, error);
    MARIADB->finalize(stmt);
    return status;
}

/* One bigint. */
static inline int64_t my_number(corm_conn *conn, const char *sql) {
    corm_error_info error;
    corm_arena arena = { 0 };
    int64_t number = 0;
    int status =
        my_row(conn, sql, NULL, 0, &(corm_fetch_column){ .kind = CORM_BIGINT, .name = "n" }, 1,
               &number, &arena, &error);
    corm__arena_release(&arena);
    if (status != 1) fail_msg("%s: %s", sql, status ? error.message : "no row");
    return number;
}
