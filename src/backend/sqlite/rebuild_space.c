/* The room that the rebuild of a table takes, so that it is refused before it can leave a file that
 * nobody can write any more.
 *
 * The new table and its indexes stand beside the old ones. In WAL mode all of it is written to the
 * log, and the file grows as much again when the log is copied into it: a log that is committed and
 * cannot be copied stops every write after it, a deletion too. An index that comes with its table
 * (a unique constraint, a key) is filled in the order of the rows; what of it does not fit into the
 * page cache is written again and again, each time to the end of the log. So the cache is made
 * larger for a rebuild, up to a limit.
 *
 * With a rollback journal pages are written to the file alone, and what was there before to the
 * journal. So where the log does not fit, and nobody else has the file open, the rebuild is done
 * with one, and WAL is set again behind it. */
#include "backend/sqlite/driver.h"
#include "base/error.h"
#include "schema/schema.h"
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

/* LOG_PAGES: until then SQLite does not copy the log into the file, so that much has to fit besides
 * for writing to go on. */
enum { FRAME_HEADER = 24, LOG_PAGES = 1000, SPARE_PAGES = 64, UNKNOWN_LENGTH = 16 };
enum { MOST_CACHE = 32 << 20 };

typedef struct room {
    corm_conn *conn;
    corm_error_info *error;
    int64_t page, cache;          /* bytes */
    int64_t rows, table;          /* bytes of the old table and its indexes */
    int64_t unused;               /* of the file */
    int64_t copy, filled, sorted; /* of the new table; of indexes that come with it, behind it */
    int64_t spilled;              /* what filled indexes may write in all */
    bool wal, erases;             /* secure_delete: pages of the old table are overwritten */
} room;

/* The first row's first column. text: bound to ?1, NULL: nothing. */
static int number(const room *r, const char *sql, const char *text, int64_t *out) {
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(r->conn->db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK && text) rc = sqlite3_bind_text(stmt, 1, text, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) *out = sqlite3_column_int64(stmt, 0);
    if (rc == SQLITE_OK) rc = sqlite3_reset(stmt);
    int status = rc == SQLITE_OK ? CORM_OK : corm__sqlite_error(r->conn->db, rc, sql, r->error);
    sqlite3_finalize(stmt);
    return status;
}

/* --- sizes --- */

/* The bytes of a table and its indexes; of the whole file where SQLite was built without dbstat. */
static int table_size(room *r, const char *table) {
    static const char sql[] = "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name IN (SELECT "
                              "name FROM sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE)";
    int64_t pages = 0;
    int status = number(r, sql, table, &r->table);
    if (status != CORM_ERROR_NO_TABLE) return status;
    corm__error_clear(r->error);
    status = number(r, "PRAGMA page_count", NULL, &pages);
    r->table = pages * r->page;
    return status;
}

/* What all values of a column take, with what an entry of an index needs for each. */
static int column_size(const room *r, const corm_table *table, const char *column, int64_t *out) {
    corm_buffer sql = { 0 };
    if (!corm__column_find(table, column)) {
        *out = r->rows * UNKNOWN_LENGTH;
        return CORM_OK;
    }
    corm__buffer_puts(&sql, "SELECT total(length(CAST(");
    corm__sqlite_identifier(&sql, column);
    corm__buffer_puts(&sql, " AS BLOB)) + 2) FROM ");
    corm__sqlite_identifier(&sql, table->name);
    int status = corm__buffer_broken(&sql) ? corm__fail_memory(r->error)
                                           : number(r, corm__buffer_text(&sql), NULL, out);
    corm__buffer_release(&sql);
    return status;
}

static int key_size(const room *r, const corm_table *before, const char *columns, int64_t *out) {
    enum { ENTRY = 14 }; /* the row's number, the cell's header and its place in the page */
    size_t length;
    const char *name;
    *out = r->rows * ENTRY;
    for (size_t i = 0; (name = corm__names_item(columns, i, &length, NULL)); i++) {
        char column[256];
        int64_t bytes = 0;
        corm__error_set(column, sizeof column, "%.*s", (int)length, name);
        int status = column_size(r, before, column, &bytes);
        if (status) return status;
        *out += bytes;
    }
    return CORM_OK;
}

static bool numbers_rows(const corm_table *table) {
    const corm_column *key = corm__column_find(table, table->primary_key ? table->primary_key : "");
    return key && key->kind == CORM_IDENTITY;
}

/* Pages that are filled in any order are half full at worst. */
static int add_filled(room *r, const corm_table *before, const char *columns) {
    int64_t bytes = 0;
    int status = key_size(r, before, columns, &bytes);
    bytes *= 2;
    r->filled += bytes;
    return status;
}

static int index_sizes(room *r, const corm_change *change) {
    const corm_table *before = change->before, *after = change->after;
    int status = CORM_OK;
    int64_t bytes;
    if (after->primary_key && *after->primary_key && !numbers_rows(after))
        status = add_filled(r, before, after->primary_key);
    for (const corm_constraint *c = after->constraints; c && c->name && !status; c++)
        if (c->kind == CORM_CONSTRAINT_UNIQUE) status = add_filled(r, before, c->columns);
    for (const corm_index *i = after->indexes; i && i->name && !status; i++) {
        bytes = r->rows * (2 * UNKNOWN_LENGTH);
        if (i->columns) status = key_size(r, before, i->columns, &bytes);
        r->sorted += bytes + bytes / 8;
    }
    return status;
}

/* Of the old table without its indexes, and what new columns and types add. */
static int copy_size(room *r, const corm_change *change) {
    static const char sql[] = "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name = ?1 COLLATE "
                              "NOCASE";
    int status = number(r, sql, change->before->name, &r->copy);
    if (status == CORM_ERROR_NO_TABLE) {
        corm__error_clear(r->error);
        r->copy = r->table;
        status = CORM_OK;
    }
    for (const corm_column *c = change->after->columns; c && c->name; c++) {
        const corm_column *was = corm__column_find(change->before, c->name);
        const char *text = c->default_value.text;
        if (was && corm__column_same_type(was, c)) continue;
        r->copy += r->rows * (UNKNOWN_LENGTH + (text ? (int64_t)strlen(text) : 0));
    }
    r->copy += r->copy / 16;
    return status;
}

static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

static int enlarge_cache(room *r, int64_t before) {
    char sql[64];
    int64_t larger = r->filled * 2 < MOST_CACHE ? r->filled * 2 : MOST_CACHE;
    if (larger <= r->cache) return CORM_OK;
    r->cache = larger;
    if (!r->conn->cache_size) r->conn->cache_size = before;
    corm__error_set(sql, sizeof sql, "PRAGMA cache_size = -%" PRId64, larger / 1024 + 1);
    return corm__sqlite_exec(r->conn, sql, r->error);
}

static int read_room(room *r, const corm_change *change) {
    int64_t cache = 0, erases = 0;
    corm_buffer count = { 0 };
    int status = number(r, "PRAGMA page_size", NULL, &r->page);
    if (!status) status = number(r, "PRAGMA cache_size", NULL, &cache);
    if (!status) status = number(r, "PRAGMA secure_delete", NULL, &erases);
    if (!status) status = number(r, "PRAGMA freelist_count", NULL, &r->unused);
    if (!status) status = table_size(r, change->before->name);
    if (status || !r->table) return status; /* it is to be made by the same migration */
    r->unused *= r->page;
    r->erases = erases != 0;
    r->cache = cache < 0 ? -cache * 1024 : cache * r->page;
    corm__buffer_puts(&count, "SELECT count(*) FROM ");
    corm__sqlite_identifier(&count, change->before->name);
    status = corm__buffer_broken(&count) ? corm__fail_memory(r->error)
                                         : number(r, corm__buffer_text(&count), NULL, &r->rows);
    corm__buffer_release(&count);
    if (!status) status = copy_size(r, change);
    if (!status) status = index_sizes(r, change);
    if (!status && r->filled > r->cache / 2) status = enlarge_cache(r, cache);
    r->spilled = r->filled <= r->cache / 2 ? r->filled : most(r->filled, r->rows * r->page);
    return status;
}

/* --- what it takes --- */

static bool is_wal(corm_conn *conn) {
    sqlite3_stmt *stmt = NULL;
    bool wal = sqlite3_prepare_v2(conn->db, "PRAGMA journal_mode", -1, &stmt, NULL) == SQLITE_OK &&
               sqlite3_step(stmt) == SQLITE_ROW &&
               sqlite3_stricmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0;
    sqlite3_finalize(stmt);
    return wal;
}

static int64_t needed(const room *r, bool wal) {
    int64_t spare = SPARE_PAGES * r->page, erased = r->erases ? r->table : r->table / 256,
            made = r->copy + r->filled + r->sorted + spare, growth = most(made - r->unused, 0),
            later = LOG_PAGES * (r->page + FRAME_HEADER),
            log = r->copy + r->sorted + r->spilled + erased + spare;
    if (!wal) return growth + most(erased + r->sorted + spare, later);
    return growth + most(log + log / 64, later);
}

/* Where it stands; false when that cannot be known: SQLite says so when it is full. */
static bool available(const char *file, char *folder, size_t size, int64_t *out) {
    const char *slash = strrchr(file, '/');
    struct statvfs disk;
    corm__error_set(folder, size, "%.*s", slash ? (int)(slash - file) + (slash == file) : 1,
                    slash ? file : ".");
    if (statvfs(folder, &disk) != 0) return false;
    *out = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    return true;
}

/* Outside of a transaction only, and when nobody else has the file open. */
static void leave_wal(corm_conn *conn) {
    room r = { .conn = conn, .error = &(corm_error_info){ 0 } };
    int64_t busy = 0;
    if (!sqlite3_get_autocommit(conn->db) || number(&r, "PRAGMA busy_timeout", NULL, &busy)) return;
    sqlite3_busy_timeout(conn->db, 0);
    sqlite3_exec(conn->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    sqlite3_busy_timeout(conn->db, (int)busy);
    conn->left_wal |= !is_wal(conn);
}

/* The log of a rebuild is longer than any other: it is given back when nobody reads it. */
void corm__sqlite_end_rebuild(corm_conn *conn) {
    char sql[64];
    const char *mode =
        conn->left_wal ? "PRAGMA journal_mode = WAL" : "PRAGMA wal_checkpoint(TRUNCATE)";
    corm__error_set(sql, sizeof sql, "PRAGMA cache_size = %" PRId64, conn->cache_size);
    if (conn->cache_size) sqlite3_exec(conn->db, sql, NULL, NULL, NULL);
    sqlite3_exec(conn->db, mode, NULL, NULL, NULL);
    conn->cache_size = 0;
    conn->left_wal = false;
}

static int refuse(const room *r, const char *table, const char *folder, int64_t there) {
    int64_t log = needed(r, true), alone = needed(r, false);
    bool others = r->wal && there >= alone;
    corm__fail(r->error, CORM_ERROR_FULL,
               "table %s cannot be rebuilt: it needs about %" PRId64 " MB in %s, and %" PRId64
               " MB are free",
               table, ((others ? log : alone) >> 20) + 1, folder, there >> 20);
    corm__error_hint(r->error, "Make room there, then run migrate again. Nothing was changed.");
    if (others)
        corm__error_hint(r->error,
                         "Make room there, or end the other programs that have the file open: then "
                         "about %" PRId64 " MB are enough. Nothing was changed.",
                         (alone >> 20) + 1);
    return CORM_ERROR_FULL;
}

int corm__sqlite_rebuild_space(corm_conn *conn, const corm_change *change, corm_error_info *error) {
    room r = { .conn = conn, .error = error, .wal = is_wal(conn) };
    const char *file = sqlite3_db_filename(conn->db, "main");
    char folder[512];
    int64_t there = 0;
    if (!file || !*file || !change->before || !change->after) return CORM_OK; /* in memory */
    int status = read_room(&r, change);
    bool asks_ahead = sqlite3_get_autocommit(conn->db); /* it is asked again inside of it */
    if (asks_ahead && status && status != CORM_ERROR_MEMORY) {
        corm__error_clear(error); /* what the same migration makes is not there yet */
        return CORM_OK;
    }
    if (status || !r.table || !available(file, folder, sizeof folder, &there) ||
        there >= needed(&r, r.wal))
        return status;
    if (r.wal && there >= needed(&r, false)) leave_wal(conn);
    return asks_ahead ? CORM_OK : refuse(&r, change->before->name, folder, there);
}
