#include "migrate/execute/rebuild_guard.h"
#include "base/error.h"
#include "db/db.h"
#include <inttypes.h>
#include <string.h>

int corm__guard_begin(corm_guard *g, corm_db *db, corm_arena *arena) {
    *g = (corm_guard){ .db = db, .arena = arena };
    return db->backend->durable ? db->backend->durable(db->conn, true, &db->error) : 0;
}

/* What went wrong before is what counts. */
void corm__guard_end(corm_guard *g) {
    corm_error_info ignored;
    if (g->db->backend->durable) g->db->backend->durable(g->db->conn, false, &ignored);
}

int corm__guard_foreign_keys_off(corm_guard *g) {
    return g->db->backend->foreign_keys(g->db->conn, false, &g->db->error);
}

void corm__guard_foreign_keys_on(corm_guard *g) {
    corm_error_info ignored;
    if (g->db->backend->foreign_keys) g->db->backend->foreign_keys(g->db->conn, true, &ignored);
}

/* --- rows --- */

static int count_rows(corm_guard *g, const char *table, int64_t *out) {
    static const corm_fetch_column column = { .kind = CORM_BIGINT, .name = "rows" };
    static const corm_fetch fetch = { &column, 1, 1 };
    corm_buffer sql = { 0 };
    corm_stmt *stmt;
    void *row = out;
    corm__buffer_puts(&sql, "SELECT count(*) FROM ");
    g->db->backend->identifier(&sql, table);
    int status = corm__buffer_broken(&sql)
                     ? corm__fail_memory(&g->db->error)
                     : corm__prepare(g->db, corm__buffer_text(&sql), sql.length, NULL, 0, &stmt);
    corm__buffer_release(&sql);
    if (status) return status;
    status = corm__execute(g->db, stmt, NULL, 0, 0);
    if (!status) status = corm__step(g->db, stmt, &fetch, &row, g->arena);
    corm__finish(g->db, stmt);
    return status < 0 ? status : 0;
}

static bool refers_to(const corm_table *table, const char *name) {
    for (const corm_column *c = table->columns; c && c->name; c++)
        if (c->references.table && strcmp(c->references.table, name) == 0) return true;
    return false;
}

int corm__guard_before(corm_guard *g, const corm_change *change) {
    g->n = 0;
    if (!change->before || !change->after) return 0;
    int status = g->db->backend->rebuild_space(g->db->conn, change, &g->db->error);
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

int corm__guard_note_violations(corm_guard *g) {
    return g->db->backend->violations(g->db->conn, &g->violations, NULL, 0, &g->db->error);
}

int corm__guard_check_violations(corm_guard *g) {
    char table[sizeof g->db->error.table];
    int64_t rows;
    int status = g->db->backend->violations(g->db->conn, &rows, table, sizeof table, &g->db->error);
    if (status || rows <= g->violations) return status;
    corm__db_fail(g->db, CORM_ERROR_FOREIGN_KEY,
                  "%" PRId64 " rows would refer to rows that are not there, the first in table %s",
                  rows - g->violations, table);
    corm__error_set(g->db->error.table, sizeof g->db->error.table, "%s", table);
    corm__error_hint(&g->db->error,
                     "Everything was rolled back. Correct those rows, then run migrate again.");
    return CORM_ERROR_FOREIGN_KEY;
}
