#include "command/dangling.h"
#include "base/error.h"
#include "db/db.h"
#include "schema/schema.h"
#include <inttypes.h>
#include <string.h>

/* FROM "a" WHERE "b_id" IS NOT NULL AND NOT EXISTS (…). The inner table has a name of its own, for
 * it may be the same one. */
static void add_rows(const corm_backend *backend, corm_buffer *sql, const corm_table *table,
                     const corm_column *column) {
    corm__buffer_puts(sql, " FROM ");
    backend->identifier(sql, table->name);
    corm__buffer_puts(sql, " WHERE ");
    backend->identifier(sql, column->name);
    corm__buffer_puts(sql, " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ");
    backend->identifier(sql, column->references.table);
    corm__buffer_puts(sql, " AS there_ WHERE there_.");
    backend->identifier(sql, column->references.column);
    corm__buffer_puts(sql, " = ");
    backend->identifier(sql, table->name);
    corm__buffer_putc(sql, '.');
    backend->identifier(sql, column->name);
    corm__buffer_putc(sql, ')');
}

static int count(corm_db *db, const corm_buffer *sql, int64_t *out, corm_arena *arena) {
    static const corm_fetch_column column = { .kind = CORM_BIGINT, .name = "count" };
    static const corm_fetch fetch = { &column, 1, 1 };
    void *objects[] = { out };
    corm_stmt *stmt;
    if (corm__buffer_broken(sql)) return corm__fail_memory(&db->error);
    int status = corm__prepare(db, corm__buffer_text(sql), sql->length, NULL, 0, &stmt);
    if (status) return status;
    status = corm__execute(db, stmt, NULL, 0, 0);
    if (!status) status = corm__step(db, stmt, &fetch, objects, arena);
    corm__finish(db, stmt);
    return status < 0 ? status : 0;
}

static int look(corm_db *db, const corm_table *table, const corm_column *column, corm_arena *arena,
                corm_dangling *out, size_t *n) {
    int64_t rows = 0;
    corm_buffer sql = { 0 }, query = { 0 };
    corm__buffer_puts(&sql, "SELECT count(*)");
    add_rows(db->backend, &sql, table, column);
    int status = count(db, &sql, &rows, arena);
    if (!status && rows) {
        corm__buffer_printf(&query, "%" PRId64 " row%s to no row of %s: SELECT *", rows,
                            rows == 1 ? " leads" : "s lead", column->references.table);
        add_rows(db->backend, &query, table, column);
        const char *text = corm__buffer_copy(&query, arena);
        if (!text) status = corm__fail_memory(&db->error);
        out[(*n)++] = (corm_dangling){ table->name, column->name, text };
    }
    corm__buffer_release(&sql);
    corm__buffer_release(&query);
    return status;
}

static bool is_there(const corm_schema *database, const corm_reference *to) {
    const corm_table *table = to->table ? corm__table_find(database, to->table) : NULL;
    return table && to->column && corm__column_find(table, to->column);
}

int corm__find_dangling(corm_db *db, const corm_schema *of, const corm_schema *database, bool all,
                        corm_arena *arena, corm_dangling **out, size_t *n) {
    size_t most = 0;
    int status = corm__db_enter(db);
    *n = 0;
    for (size_t i = 0; i < of->n_tables; i++) most += corm__column_count(&of->tables[i]);
    *out = corm__arena_array(arena, most + 1, sizeof **out);
    if (!status && !*out) status = corm__fail_memory(&db->error);
    if (!all && !db->backend->violations) return status;
    for (size_t i = 0; i < of->n_tables && !status; i++)
        for (const corm_column *c = of->tables[i].columns; c && c->name && !status; c++)
            if (is_there(database, &c->references))
                status = look(db, &of->tables[i], c, arena, *out, n);
    return status;
}
