/* What surrounds the rebuild of a table: only here is a table made anew to change it. */
#include "backend/sqlite/driver.h"
#include "base/error.h"
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

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

/* --- free space --- */

/* The bytes of a table and its indexes; of the whole file where SQLite was built without dbstat. */
static int table_size(corm_conn *conn, const char *table, int64_t *out, corm_error_info *error) {
    static const char sql[] = "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name IN (SELECT "
                              "name FROM sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE)";
    int status = number(conn, sql, table, out, error);
    if (status != CORM_ERROR_NO_TABLE) return status;
    int64_t pages = 0, size = 0;
    corm__error_clear(error);
    status = number(conn, "PRAGMA page_count", NULL, &pages, error);
    if (!status) status = number(conn, "PRAGMA page_size", NULL, &size, error);
    *out = pages * size;
    return status;
}

/* The new table is written beside the old one, and in WAL mode into the log first. */
int corm__sqlite_rebuild_space(corm_conn *conn, const corm_change *change, corm_error_info *error) {
    enum { COPIES = 2, RESERVE = 1 << 20 };
    const char *table = change->before->name, *file = sqlite3_db_filename(conn->db, "main");
    int64_t size = 0;
    if (!file || !*file) return CORM_OK; /* in memory */
    int status = table_size(conn, table, &size, error);
    if (status) return status;
    const char *slash = strrchr(file, '/');
    int length = slash ? (int)(slash - file) + (slash == file) : 1;
    char *folder = sqlite3_mprintf("%.*s", length, slash ? file : ".");
    if (!folder) return corm__fail_memory(error);
    struct statvfs disk;
    if (statvfs(folder, &disk) == 0) { /* else it is not known: SQLite says so when it is full */
        uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize,
                 needed = (uint64_t)size * COPIES + RESERVE;
        if (free_bytes < needed) {
            status = corm__fail(error, CORM_ERROR_FULL,
                                "table %s cannot be rebuilt: it needs about %" PRIu64
                                " MB in %s, and %" PRIu64 " MB are free",
                                table, (needed >> 20) + 1, folder, free_bytes >> 20);
            corm__error_hint(error,
                             "Make room there, then run migrate again. Nothing was changed.");
        }
    }
    sqlite3_free(folder);
    return status;
}
