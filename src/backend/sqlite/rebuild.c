/* The rebuild of a table, as https://www.sqlite.org/lang_altertable.html describes it: make the new
 * table under another name, copy the rows, drop the old one, give the new one its name, make the
 * indexes.
 *
 * Nothing may be lost on the way:
 * - Foreign keys are off (see ddl.c): with them on, DROP TABLE would delete the rows and cascade.
 * References of other tables and of the table to itself name the table, and the table has its name
 * again in the end, so they stay as they are.
 * - Views and triggers are put away and come back in the end, all of them: one that mentions the
 * table, directly or through another view, would stop the renaming while the table is not there,
 * and so would one that is broken anyway.
 * - Indexes that the migrations do not know are made again. What else they do not know is refused
 * (examine.c).
 * - The number that AUTOINCREMENT has reached is carried over, so that no number is given twice.
 * - A value that does not fit its new type is an error (corm_cast, convert.c). */
#include "backend/sqlite/ddl.h"
#include "backend/sqlite/driver.h"
#include "base/arena.h"
#include "base/error.h"
#include "schema/script.h"
#include <string.h>

/* --- views and triggers --- */

static bool works(corm_conn *conn, const char *view) {
    corm_buffer sql = { 0 };
    sqlite3_stmt *stmt = NULL;
    corm__buffer_puts(&sql, "SELECT * FROM ");
    corm__sqlite_identifier(&sql, view);
    bool ok = sqlite3_prepare_v2(conn->db, corm__buffer_text(&sql), -1, &stmt, NULL) == SQLITE_OK;
    sqlite3_finalize(stmt);
    corm__buffer_release(&sql);
    return ok;
}

static int keep(corm_script *script, corm_kept *kept, size_t *capacity, const char *sql) {
    if (kept->n == *capacity) {
        *capacity = *capacity ? *capacity * 2 : 8;
        const char **grown = corm__arena_array(script->arena, *capacity, sizeof *grown);
        if (!grown) return corm__fail_memory(script->error);
        if (kept->n) memcpy(grown, kept->sql, kept->n * sizeof *grown);
        kept->sql = grown;
    }
    kept->sql[kept->n] = corm__arena_strdup(script->arena, sql);
    return kept->sql[kept->n++] ? CORM_OK : corm__fail_memory(script->error);
}

/* A view's triggers go with the view. */
static int put_one_away(corm_script *script, corm_conn *conn, sqlite3_stmt *row, bool broken_only,
                        corm_kept *kept, size_t *capacity) {
    const char *type = (const char *)sqlite3_column_text(row, 0),
               *name = (const char *)sqlite3_column_text(row, 1);
    const char *owner = (const char *)sqlite3_column_text(row, 2),
               *sql = (const char *)sqlite3_column_text(row, 3);
    if (!type || !name || !owner || !sql) return corm__fail_memory(script->error);
    bool is_view = strcmp(type, "view") == 0, of_view = !is_view && sqlite3_column_int(row, 4);
    if (broken_only && (!(is_view || of_view) || works(conn, owner))) return CORM_OK;
    int status = keep(script, kept, capacity, sql);
    if (status || of_view) return status;
    corm_buffer out = { 0 };
    corm__buffer_puts(&out, is_view ? "DROP VIEW " : "DROP TRIGGER ");
    corm__sqlite_identifier(&out, name);
    return corm__script_step(script, &out);
}

int corm__sqlite_put_away(corm_script *script, corm_conn *conn, bool broken_only, corm_kept *kept) {
    *kept = (corm_kept){ 0 };
    if (!conn) return CORM_OK;
    static const char query[] =
        "SELECT type, name, tbl_name, sql, EXISTS (SELECT 1 FROM sqlite_schema v WHERE v.type = "
        "'view' AND v.name = s.tbl_name) "
        "FROM sqlite_schema s WHERE type IN ('view', 'trigger') ORDER BY type = 'trigger', rowid";
    sqlite3_stmt *stmt = NULL;
    size_t capacity = 0;
    int rc = sqlite3_prepare_v2(conn->db, query, -1, &stmt, NULL), status = CORM_OK;
    while (rc == SQLITE_OK && !status && sqlite3_step(stmt) == SQLITE_ROW)
        status = put_one_away(script, conn, stmt, broken_only, kept, &capacity);
    if (rc == SQLITE_OK) rc = sqlite3_reset(stmt);
    if (!status && rc != SQLITE_OK) status = corm__sqlite_error(conn->db, rc, query, script->error);
    sqlite3_finalize(stmt);
    return status;
}

int corm__sqlite_put_back(corm_script *script, const corm_kept *kept) {
    int status = CORM_OK;
    for (size_t i = 0; i < kept->n && !status; i++) {
        corm_buffer text = { 0 };
        corm__buffer_puts(&text, kept->sql[i]);
        status = corm__script_step(script, &text);
    }
    return status;
}

/* --- what only the database knows about the table --- */

static sqlite3_stmt *about(corm_conn *conn, const char *query, const char *table, int *rc) {
    sqlite3_stmt *stmt = NULL;
    *rc = sqlite3_prepare_v2(conn->db, query, -1, &stmt, NULL);
    if (*rc == SQLITE_OK) *rc = sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
    return stmt;
}

static int unknown_indexes(corm_script *script, const corm_table *before, corm_conn *conn,
                           corm_kept *kept) {
    *kept = (corm_kept){ 0 };
    if (!conn) return CORM_OK;
    int rc, status = CORM_OK;
    size_t capacity = 0;
    sqlite3_stmt *stmt = about(conn,
                               "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND "
                               "tbl_name = ?1 COLLATE NOCASE AND sql IS NOT NULL ORDER BY rowid",
                               before->name, &rc);
    while (rc == SQLITE_OK && !status && sqlite3_step(stmt) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0),
                   *sql = (const char *)sqlite3_column_text(stmt, 1);
        if (name && sql && !corm__index_find(before, name))
            status = keep(script, kept, &capacity, sql);
    }
    if (rc == SQLITE_OK) rc = sqlite3_reset(stmt);
    if (!status && rc != SQLITE_OK) status = corm__sqlite_error(conn->db, rc, NULL, script->error);
    sqlite3_finalize(stmt);
    return status;
}

/* --- the copy --- */

/* True when every value of the old type is one of the new type in the same form. */
static bool fits_as_it_is(const corm_column *before, const corm_column *after) {
    static const int integers[CORM_KIND_COUNT] = {
        [CORM_SMALLINT] = 1, [CORM_INTEGER] = 2, [CORM_BIGINT] = 3, [CORM_IDENTITY] = 3
    };
    if (corm__column_same_type(before, after)) return true;
    if (integers[before->kind] && integers[after->kind])
        return integers[before->kind] <= integers[after->kind];
    if (before->kind == CORM_VARCHAR && after->kind == CORM_VARCHAR)
        return before->max_length && after->max_length >= before->max_length;
    if (before->kind == CORM_DECIMAL && after->kind == CORM_DECIMAL)
        return before->places == after->places && before->digits <= after->digits &&
               (before->digits > CORM__SQLITE_INTEGER_DIGITS) ==
                   (after->digits > CORM__SQLITE_INTEGER_DIGITS);
    return (before->kind == CORM_VARCHAR && after->kind == CORM_TEXT) ||
           (before->kind == CORM_REAL && after->kind == CORM_DOUBLE_PRECISION);
}

static int write_cast(corm_buffer *out, const char *value, const corm_column *before,
                      const corm_column *after, corm_error_info *error) {
    if (fits_as_it_is(before, after)) {
        corm__buffer_puts(out, value);
        return CORM_OK;
    }
    corm__buffer_printf(out, "corm_cast(%s, '", value);
    int status = corm__sqlite_write_type(out, before, false, error);
    corm__buffer_puts(out, "', '");
    if (!status) status = corm__sqlite_write_type(out, after, false, error);
    corm__buffer_puts(out, "')");
    return status;
}

static bool has(const corm_default *value) { return value && value->kind != CORM_DEFAULT_NONE; }

static int write_source(corm_buffer *out, const corm_change *change, const corm_column *after,
                        corm_conn *conn, bool *written, corm_error_info *error);

/* The value of the column before the change: what is in the old table, or what the changes before
 * this one make of it. */
static int write_before(corm_buffer *out, const corm_change *change, const corm_column *before,
                        corm_conn *conn, corm_error_info *error) {
    bool written;
    if (!change->earlier) {
        corm__sqlite_write_stored(out, conn, change->before->name, before);
        return CORM_OK;
    }
    int status = write_source(out, change->earlier, before, conn, &written, error);
    return status || written
               ? status
               : corm__sqlite_write_default(out, before, &before->default_value, error);
}

/* Where a column's values come from: an expression over the old row. written false: from its
 * default. */
static int write_source(corm_buffer *out, const corm_change *change, const corm_column *after,
                        corm_conn *conn, bool *written, corm_error_info *error) {
    bool changed = change->column_after && strcmp(change->column_after->name, after->name) == 0;
    const char *old_name =
        changed && change->column_before ? change->column_before->name : after->name;
    const corm_column *before = corm__column_find(change->before, old_name);
    *written = true;
    if (!before) {
        *written = changed && has(change->fill);
        return *written ? corm__sqlite_write_default(out, after, change->fill, error) : CORM_OK;
    }
    bool filled = changed && before->null && !after->null && has(change->fill), broken;
    corm_buffer value = { 0 };
    int status = write_before(&value, change, before, conn, error);
    if (filled) corm__buffer_puts(out, "coalesce(");
    if (!status) status = write_cast(out, corm__buffer_text(&value), before, after, error);
    if (filled && !status) {
        corm__buffer_puts(out, ", ");
        status = corm__sqlite_write_default(out, after, change->fill, error);
        corm__buffer_putc(out, ')');
    }
    broken = corm__buffer_broken(&value);
    corm__buffer_release(&value);
    return broken ? corm__fail_memory(error) : status;
}

static int copy_rows(corm_script *script, const corm_change *change, const corm_table *before,
                     const char *name, corm_conn *conn) {
    corm_buffer columns = { 0 }, sources = { 0 }, source = { 0 };
    int status = CORM_OK;
    for (const corm_column *column = change->after->columns; column && column->name && !status;
         column++) {
        bool written;
        if (column->generated && *column->generated) continue;
        corm__buffer_reset(&source);
        status = write_source(&source, change, column, conn, &written, script->error);
        if (!status && corm__buffer_broken(&source)) status = corm__fail_memory(script->error);
        if (status || !written) continue;
        if (columns.length) corm__buffer_puts(&columns, ", "), corm__buffer_puts(&sources, ", ");
        corm__sqlite_identifier(&columns, column->name);
        corm__buffer_puts(&sources, corm__buffer_text(&source));
    }
    bool broken = corm__buffer_broken(&columns) || corm__buffer_broken(&sources),
         nothing = columns.length == 0;
    corm_buffer out = { 0 };
    corm__buffer_puts(&out, "INSERT INTO ");
    corm__sqlite_identifier(&out, name);
    corm__buffer_printf(&out, " (%s)\nSELECT %s\nFROM ", corm__buffer_text(&columns),
                        corm__buffer_text(&sources));
    corm__sqlite_identifier(&out, before->name);
    corm__buffer_release(&columns);
    corm__buffer_release(&sources);
    corm__buffer_release(&source);
    if (!status && broken) status = corm__fail_memory(script->error);
    if (!status && !nothing) return corm__script_step(script, &out);
    corm__buffer_release(&out);
    return status;
}

static void write_string(corm_buffer *out, const char *text) {
    corm__buffer_putc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'') corm__buffer_putc(out, '\'');
        corm__buffer_putc(out, *text);
    }
    corm__buffer_putc(out, '\'');
}

static bool has_identity(const corm_table *table) {
    for (const corm_column *column = table->columns; column && column->name; column++)
        if (column->kind == CORM_IDENTITY) return true;
    return false;
}

/* The copy has set the new table's number to that of the greatest row, which may be lower than what
 * was given out already. */
static int carry_sequence(corm_script *script, const corm_table *before, const corm_table *after,
                          const char *name) {
    if (!has_identity(before) || !has_identity(after)) return CORM_OK;
    corm_buffer out = { 0 };
    corm__buffer_puts(&out, "DELETE FROM sqlite_sequence WHERE name = ");
    write_string(&out, name);
    int status = corm__script_step(script, &out);
    out = (corm_buffer){ 0 };
    corm__buffer_puts(&out, "INSERT INTO sqlite_sequence (name, seq) SELECT ");
    write_string(&out, name);
    corm__buffer_puts(&out, ", seq FROM sqlite_sequence WHERE name = ");
    write_string(&out, before->name);
    if (!status) return corm__script_step(script, &out);
    corm__buffer_release(&out);
    return status;
}

static int replace(corm_script *script, const corm_table *before, const corm_table *after,
                   const char *name) {
    corm_buffer out = { 0 };
    corm__buffer_puts(&out, "DROP TABLE ");
    corm__sqlite_identifier(&out, before->name);
    int status = corm__script_step(script, &out);
    if (status) return status;
    out = (corm_buffer){ 0 };
    corm__buffer_puts(&out, "ALTER TABLE ");
    corm__sqlite_identifier(&out, name);
    corm__buffer_puts(&out, " RENAME TO ");
    corm__sqlite_identifier(&out, after->name);
    return corm__script_step(script, &out);
}

int corm__sqlite_rebuild(corm_script *script, const corm_change *change, corm_conn *conn) {
    corm_kept kept, indexes;
    const corm_change *first = change;
    while (first->earlier) first = first->earlier;
    const corm_table *before = first->before, *after = change->after;
    const char *name = corm__arena_printf(script->arena, "corm_new_%s", after->name);
    if (!name) return corm__fail_memory(script->error);
    script->foreign_keys_off = true;
    int status = conn ? corm__sqlite_examine_table(conn, before, script->error) : CORM_OK;
    if (!status) status = unknown_indexes(script, before, conn, &indexes);
    if (!status) status = corm__sqlite_put_away(script, conn, false, &kept);
    if (!status) status = corm__sqlite_create_table(script, after, name);
    if (!status) status = copy_rows(script, change, before, name, conn);
    if (!status) status = carry_sequence(script, before, after, name);
    if (!status) status = replace(script, before, after, name);
    for (const corm_index *index = after->indexes; !status && index && index->name; index++)
        status = corm__sqlite_create_index(script, after, index);
    if (!status) status = corm__sqlite_put_back(script, &indexes);
    return status ? status : corm__sqlite_put_back(script, &kept);
}

/* Wide decimals that an earlier corm kept as digits with a collation of its own, which no other
 * program has: their tables are rebuilt. */
int corm__sqlite_renew(corm_script *script, corm_conn *conn) {
    static const char query[] =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE "
        "'%\" DECIMAL\\_TEXT(%COLLATE corm\\_decimal%' ESCAPE '\\' AND ?1 IS NULL";
    int rc, status = CORM_OK;
    sqlite3_stmt *stmt = about(conn, query, NULL, &rc);
    while (rc == SQLITE_OK && !status && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        corm_schema schema;
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        status = name ? corm__sqlite_introspect(conn, name, script->arena, &schema, script->error)
                      : corm__fail_memory(script->error);
        if (!status && schema.n_tables)
            status = corm__sqlite_rebuild(script,
                                          &(corm_change){ .kind = CORM_ALTER_COLUMN,
                                                          .before = schema.tables,
                                                          .after = schema.tables,
                                                          .schema_before = &schema,
                                                          .schema_after = &schema },
                                          conn);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(stmt);
    return status || rc == SQLITE_OK || rc == SQLITE_DONE
               ? status
               : corm__sqlite_error(conn->db, rc, query, script->error);
}
