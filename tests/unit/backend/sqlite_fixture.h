/* What the tests of the SQLite backend share: a temporary folder, an open database, statements run
 * to their end. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include <corm/backend.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKEND (&corm_backend_sqlite)

static char folder[64];
static char path[96];

static inline int make_folder(void **state) {
    (void)state;
    strcpy(folder, "/tmp/corm-sqlite-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/db.sqlite3", folder);
    return 0;
}

static inline int remove_folder(void **state) {
    (void)state;
    char command[192];
    snprintf(command, sizeof command, "chmod -R u+w '%s'; rm -rf '%s'", folder, folder);
    return system(command);
}

static inline corm_conn *open_database(const char *name) {
    corm_conn *conn = NULL;
    corm_error_info error = { 0 };
    corm_connect_options options = { .name = name, .cancel_fd = -1 };
    if (BACKEND->open(&options, &conn, &error) != 0) fail_msg("%s", error.message);
    return conn;
}

static inline void run(corm_conn *conn, const char *sql) {
    corm_error_info error = { 0 };
    if (BACKEND->exec(conn, sql, &error) != 0) fail_msg("%s: %s", sql, error.message);
}

static inline corm_stmt *start(corm_conn *conn, const char *sql, const corm_value *values, int n) {
    corm_error_info error = { 0 };
    corm_stmt *stmt = NULL;
    if (BACKEND->prepare(conn, sql, strlen(sql), NULL, n, &stmt, &error) != 0) fail_msg("%s: %s",
        sql, error.message);
    if (BACKEND->execute(stmt, values, n, 0, &error) != 0) fail_msg("%s: %s", sql, error.message);
    return stmt;
}

/* Runs it to the end; returns the rows affected. */
static inline int64_t run_with(corm_conn *conn, const char *sql, const corm_value *values, int n) {
    corm_error_info error = { 0 };
    corm_stmt *stmt = start(conn, sql, values, n);
    int result;
    while ((result = BACKEND->step(stmt, NULL, NULL, NULL, &error)) > 0) continue;
    if (result < 0) fail_msg("%s: %s", sql, error.message);
    int64_t rows = BACKEND->affected(stmt);
    BACKEND->finalize(stmt);
    return rows;
}

/* The status of a statement that may fail at any stage. */
static inline int try_with(corm_conn *conn, const char *sql, const corm_value *values, int n,
                           corm_error_info *error) {
    corm_stmt *stmt = NULL;
    int status = BACKEND->prepare(conn, sql, strlen(sql), NULL, n, &stmt, error);
    if (!status) status = BACKEND->execute(stmt, values, n, 0, error);
    while (!status && (status = BACKEND->step(stmt, NULL, NULL, NULL, error)) == 1) status = 0;
    BACKEND->finalize(stmt);
    return status;
}

/* One row, one column, decoded as kind; the status of the step (1: a row). */
static inline int fetch_one(corm_conn *conn, const char *sql, const corm_value *values, int n,
                            corm_fetch_column column, void *out,
                            corm_arena *arena, corm_error_info *error) {
    corm_stmt *stmt = start(conn, sql, values, n);
    void *objects[] = { out };
    corm_fetch fetch = { .columns = &column, .n_columns = 1, .n_objects = 1 };
    int result = BACKEND->step(stmt, &fetch, objects, arena, error);
    BACKEND->finalize(stmt);
    return result;
}

static inline int64_t integer_of(corm_conn *conn, const char *sql) {
    int64_t value = -1;
    corm_error_info error = { 0 };
    corm_arena arena = { 0 };
    int result =
        fetch_one(conn, sql, NULL, 0, (corm_fetch_column){ .kind = CORM_BIGINT, .null = true },
                  &value, &arena, &error);
    if (result != 1) fail_msg("%s: %s", sql, result < 0 ? error.message : "no row");
    corm__arena_release(&arena);
    return value;
}

/* "" for NULL; static memory. */
static inline const char *text_of(corm_conn *conn, const char *sql) {
    static char buffer[4096];
    const char *value = NULL;
    corm_error_info error = { 0 };
    corm_arena arena = { 0 };
    int result =
        fetch_one(conn, sql, NULL, 0, (corm_fetch_column){ .kind = CORM_TEXT, .null = true },
                  &value, &arena, &error);
    if (result != 1) fail_msg("%s: %s", sql, result < 0 ? error.message : "no row");
    snprintf(buffer, sizeof buffer, "%s", value ? value : "");
    corm__arena_release(&arena);
    return buffer;
}
