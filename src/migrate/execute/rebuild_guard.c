/* Only SQLite asks for a rebuild, so its PRAGMAs are used here; they are run where a backend's
 * script says foreign_keys_off. */
#include "migrate/execute/rebuild_guard.h"
#include "base/error.h"
#include "db/db.h"
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

typedef struct answer {
    int64_t number;
    const char *text;
} answer;

/* The first row's column (number, or with `text` a text); the number of rows is returned in *rows
 * (may be NULL). */
static int query(corm_guard *g, const char *sql, bool text, int column, answer *out,
                 int64_t *rows) {
    corm_fetch_column columns[8] = { 0 };
    answer skipped = { 0 };
    void *objects[] = { out, &skipped };
    for (int i = 0; i <= column; i++)
        columns[i] = (corm_fetch_column){ .kind = i == column && !text ? CORM_BIGINT : CORM_TEXT,
                                          .null = true,
                                          .object = i != column,
                                          .name = "answer",
                                          .offset = i == column && !text ? offsetof(answer, number)
                                                                         : offsetof(answer, text) };
    corm_fetch fetch = { columns, (uint32_t)column + 1, 2 };
    corm_stmt *stmt;
    int64_t n = 0;
    int status = corm__prepare(g->db, sql, strlen(sql), NULL, 0, &stmt);
    if (status) return status;
    status = corm__execute(g->db, stmt, NULL, 0, 0);
    while (!status) {
        int step = corm__step(g->db, stmt, n ? NULL : &fetch, objects, g->arena);
        if (step <= 0) {
            status = step;
            break;
        }
        n++;
    }
    corm__finish(g->db, stmt);
    if (rows) *rows = n;
    return status;
}

static int number(corm_guard *g, const char *sql, int64_t *out) {
    answer found = { 0 };
    int status = query(g, sql, false, 0, &found, NULL);
    *out = found.number;
    return status;
}

int corm__guard_begin(corm_guard *g, corm_db *db, corm_arena *arena) {
    *g = (corm_guard){ .db = db, .arena = arena, .foreign_keys = -1, .synchronous = -1 };
    if (!db->backend->features->file) return 0;
    enum { FULL = 2 };
    int64_t now;
    int status = number(g, "PRAGMA synchronous", &now);
    if (status || now >= FULL || now == 0) return status; /* OFF was asked for by name */
    status = corm_exec(db, "PRAGMA synchronous = FULL");
    if (!status) g->synchronous = now;
    return status;
}

static void set_back(corm_guard *g, const char *name, int64_t *value) {
    if (*value < 0) return;
    char sql[64];
    corm_error_info error = g->db->error; /* what went wrong before is what counts */
    corm__error_set(sql, sizeof sql, "PRAGMA %s = %" PRId64, name, *value);
    corm_exec(g->db, sql);
    g->db->error = error;
    *value = -1;
}

void corm__guard_end(corm_guard *g) { set_back(g, "synchronous", &g->synchronous); }

int corm__guard_foreign_keys_off(corm_guard *g) {
    int64_t was, is = 1;
    int status = number(g, "PRAGMA foreign_keys", &was);
    if (!status) status = corm_exec(g->db, "PRAGMA foreign_keys = OFF");
    if (status) return status;
    g->foreign_keys = was;
    status = number(g, "PRAGMA foreign_keys", &is);
    if (!status && is)
        status = corm__db_fail(g->db, CORM_ERROR_DATABASE,
                               "foreign keys could not be turned off for the rebuild of a table");
    return status;
}

void corm__guard_foreign_keys_on(corm_guard *g) { set_back(g, "foreign_keys", &g->foreign_keys); }

/* --- free space --- */

static void write_string(corm_buffer *out, const char *text) {
    corm__buffer_putc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'') corm__buffer_putc(out, '\'');
        corm__buffer_putc(out, *text);
    }
    corm__buffer_putc(out, '\'');
}

/* The bytes of a table and its indexes; of the whole file where SQLite was built without dbstat. */
static int table_size(corm_guard *g, const char *table, int64_t *out) {
    corm_buffer sql = { 0 };
    corm__buffer_puts(&sql, "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name IN (SELECT "
                            "name FROM sqlite_schema WHERE tbl_name = ");
    write_string(&sql, table);
    corm__buffer_puts(&sql, " COLLATE NOCASE)");
    int status = corm__buffer_broken(&sql) ? corm__fail_memory(&g->db->error)
                                           : number(g, corm__buffer_text(&sql), out);
    corm__buffer_release(&sql);
    if (status != CORM_ERROR_NO_TABLE) return status;
    int64_t pages, size;
    corm__error_clear(&g->db->error);
    status = number(g, "PRAGMA page_count", &pages);
    if (!status) status = number(g, "PRAGMA page_size", &size);
    *out = status ? 0 : pages * size;
    return status;
}

/* The new table is written beside the old one, and in WAL mode into the log first. */
static int check_space(corm_guard *g, const char *table) {
    enum { COPIES = 2, RESERVE = 1 << 20 };
    answer file = { 0 };
    int64_t size = 0;
    int status = query(g, "PRAGMA database_list", true, 2, &file, NULL);
    if (status || !file.text || !*file.text) return status; /* in memory */
    status = table_size(g, table, &size);
    if (status) return status;
    char *folder = corm__arena_strdup(g->arena, file.text);
    if (!folder) return corm__fail_memory(&g->db->error);
    char *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder] = 0;
    struct statvfs disk;
    if (statvfs(slash ? folder : ".", &disk) != 0)
        return 0; /* not known: SQLite itself says so when it is full */
    uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize,
             needed = (uint64_t)size * COPIES + RESERVE;
    if (free_bytes >= needed) return 0;
    corm__db_fail(g->db, CORM_ERROR_FULL,
                  "table %s cannot be rebuilt: it needs about %" PRIu64 " MB in %s, and %" PRIu64
                  " MB are free",
                  table, (needed >> 20) + 1, slash ? folder : ".", free_bytes >> 20);
    corm__error_hint(&g->db->error,
                     "Make room there, then run migrate again. Nothing was changed.");
    return CORM_ERROR_FULL;
}

/* --- rows --- */

static int count_rows(corm_guard *g, const char *table, int64_t *out) {
    corm_buffer sql = { 0 };
    corm__buffer_puts(&sql, "SELECT count(*) FROM ");
    g->db->backend->identifier(&sql, table);
    int status = corm__buffer_broken(&sql) ? corm__fail_memory(&g->db->error)
                                           : number(g, corm__buffer_text(&sql), out);
    corm__buffer_release(&sql);
    return status;
}

static bool refers_to(const corm_table *table, const char *name) {
    for (const corm_column *c = table->columns; c && c->name; c++)
        if (c->references.table && strcmp(c->references.table, name) == 0) return true;
    return false;
}

int corm__guard_before(corm_guard *g, const corm_change *change) {
    g->n = 0;
    if (!change->before || !change->after) return 0;
    int status = check_space(g, change->before->name);
    if (status) return status;
    size_t most = change->schema_before->n_tables + 1;
    g->before = corm__arena_array(g->arena, most, sizeof *g->before);
    g->after = corm__arena_array(g->arena, most, sizeof *g->after);
    g->rows = corm__arena_array(g->arena, most, sizeof *g->rows);
    if (!g->before || !g->after || !g->rows) return corm__fail_memory(&g->db->error);
    for (size_t i = 0; i < change->schema_before->n_tables; i++) {
        const corm_table *table = &change->schema_before->tables[i];
        bool own = strcmp(table->name, change->before->name) == 0;
        if (!own && !refers_to(table, change->before->name)) continue;
        g->before[g->n] = table->name;
        g->after[g->n] = own ? change->after->name : table->name;
        status = count_rows(g, table->name, &g->rows[g->n]);
        if (status) return status;
        g->n++;
    }
    return 0;
}

int corm__guard_after(corm_guard *g) {
    for (size_t i = 0; i < g->n; i++) {
        int64_t rows;
        int status = count_rows(g, g->after[i], &rows);
        if (status) return status;
        if (rows == g->rows[i]) continue;
        corm__db_fail(g->db, CORM_ERROR_DATABASE,
                      "the rebuild would leave table %s with %" PRId64 " rows instead of %" PRId64,
                      g->after[i], rows, g->rows[i]);
        corm__error_hint(&g->db->error,
                         "Everything was rolled back. Please report this with the migration.");
        return CORM_ERROR_DATABASE;
    }
    return 0;
}

/* --- foreign keys --- */

static int violations(corm_guard *g, const char **table, int64_t *rows) {
    answer first = { 0 };
    int status = query(g, "PRAGMA foreign_key_check", true, 0, &first, rows);
    *table = first.text;
    return status;
}

int corm__guard_note_violations(corm_guard *g) {
    const char *table;
    return violations(g, &table, &g->violations);
}

int corm__guard_check_violations(corm_guard *g) {
    const char *table;
    int64_t rows;
    int status = violations(g, &table, &rows);
    if (status || rows <= g->violations) return status;
    corm__db_fail(g->db, CORM_ERROR_FOREIGN_KEY,
                  "%" PRId64 " rows would refer to rows that are not there, the first in table %s",
                  rows - g->violations, table ? table : "?");
    corm__error_set(g->db->error.table, sizeof g->db->error.table, "%s", table ? table : "");
    corm__error_hint(&g->db->error,
                     "Everything was rolled back. Correct those rows, then run migrate again.");
    return CORM_ERROR_FOREIGN_KEY;
}
