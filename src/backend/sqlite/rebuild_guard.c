/* What surrounds the rebuild of a table: only here is a table made anew to change it. */
#include "backend/sqlite/driver.h"
#include "base/error.h"
#include <inttypes.h>
#include <string.h>

/* The first row's first column. text: bound to ?1, NULL: nothing. */
static int number(corm_conn *conn, const char *sql, const char *text, int64_t *out,
                  corm_error_info *error) {
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(conn->db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK && text) rc = sqlite3_bind_text(stmt, 1, text, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) *out = sqlite3_column_int64(stmt, 0);
    if (rc == SQLITE_OK) rc = sqlite3_reset(stmt);
    int status = rc == SQLITE_OK ? CORM_OK : corm__sqlite_error(conn->db, rc, sql, error);
    sqlite3_finalize(stmt);
    return status;
}

static int set(corm_conn *conn, const char *name, int64_t value, corm_error_info *error) {
    char sql[64];
    corm__error_set(sql, sizeof sql, "PRAGMA %s = %" PRId64, name, value);
    return corm__sqlite_exec(conn, sql, error);
}

int corm__sqlite_durable(corm_conn *conn, bool on, corm_error_info *error) {
    enum { OFF = 0, FULL = 2 };
    int64_t now = 0, was = conn->synchronous;
    if (!on) {
        conn->synchronous = 0;
        return was ? set(conn, "synchronous", was, error) : CORM_OK;
    }
    int status = number(conn, "PRAGMA synchronous", NULL, &now, error);
    if (status || now >= FULL || now == OFF) return status; /* OFF was asked for by name */
    status = set(conn, "synchronous", FULL, error);
    if (!status) conn->synchronous = (int)now;
    return status;
}

int corm__sqlite_foreign_keys(corm_conn *conn, bool on, corm_error_info *error) {
    int64_t was = 0, is = 1;
    if (on) {
        bool off = conn->foreign_keys_off;
        corm__sqlite_end_rebuild(conn);
        conn->foreign_keys_off = false;
        return off ? set(conn, "foreign_keys", 1, error) : CORM_OK;
    }
    int status = number(conn, "PRAGMA foreign_keys", NULL, &was, error);
    if (!status) status = set(conn, "foreign_keys", 0, error);
    if (status) return status;
    conn->foreign_keys_off |= was != 0;
    status = number(conn, "PRAGMA foreign_keys", NULL, &is, error);
    if (!status && is) /* SQLite says nothing inside of a transaction */
        status = corm__fail(error, CORM_ERROR_DATABASE,
                            "foreign keys could not be turned off for the rebuild of a table");
    return status;
}

int corm__sqlite_violations(corm_conn *conn, int64_t *rows, char *table, size_t size,
                            corm_error_info *error) {
    static const char sql[] = "PRAGMA foreign_key_check";
    sqlite3_stmt *stmt = NULL;
    *rows = 0;
    if (size) *table = 0;
    int rc = sqlite3_prepare_v2(conn->db, sql, -1, &stmt, NULL);
    while (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        if (!(*rows)++ && size) corm__error_set(table, size, "%s", name ? name : "?");
    }
    if (rc == SQLITE_OK) rc = sqlite3_reset(stmt);
    int status = rc == SQLITE_OK ? CORM_OK : corm__sqlite_error(conn->db, rc, sql, error);
    sqlite3_finalize(stmt);
    return status;
}
