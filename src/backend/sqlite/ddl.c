/* Changes as SQL. SQLite can in place: add a column with a constant default, rename a table or a
 * column, drop a column that nothing else mentions, make and drop an index. All else is a rebuild
 * (rebuild.c).
 *
 * What this relies on: the executor runs the script in one transaction and, when foreign_keys_off
 * is set, puts PRAGMA foreign_keys=OFF before and ON after it (inside a transaction the PRAGMA does
 * nothing), and PRAGMA foreign_key_check before the commit. A change is written when the changes
 * before it have been run: what conn shows is then the state before.
 *
 * Comments are not kept by SQLite. include and method of an index only matter for speed and are
 * left out; what would change the meaning is refused. */
#include "backend/sqlite/ddl.h"
#include "backend/sqlite/driver.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/error.h"
#include "schema/script.h"
#include "schema/sql_text.h"
#include <string.h>

enum { DROP_COLUMN_VERSION = 33505 }; /* 3.35.0 to 3.35.4 could damage the file */

static int drop(corm_script *script, const char *what, const char *name) {
    corm_buffer out = { 0 };
    corm__buffer_printf(&out, "DROP %s ", what);
    corm__sqlite_identifier(&out, name);
    return corm__script_step(script, &out);
}

static bool refers_to(const corm_table *table, const char *name) {
    for (const corm_column *column = table->columns; column && column->name; column++)
        if (column->references.table && corm__compare_nocase(column->references.table, name) == 0)
            return true;
    return false;
}

static bool is_referenced(const corm_schema *schema, const char *name) {
    for (const corm_table *table = schema ? schema->tables : NULL; table && table->name; table++)
        if (refers_to(table, name)) return true;
    return false;
}

static int create_table(corm_script *script, const corm_table *table) {
    int status = corm__sqlite_create_table(script, table, table->name);
    for (const corm_index *index = table->indexes; index && index->name && !status; index++)
        status = corm__sqlite_create_index(script, table, index);
    return status;
}

/* DROP TABLE deletes the rows first, which would cascade to those that refer to them. */
static int drop_table(corm_script *script, const corm_change *change) {
    if (!change->schema_before || is_referenced(change->schema_before, change->before->name))
        script->foreign_keys_off = true;
    return drop(script, "TABLE", change->before->name);
}

/* SQLite looks through all views when something is renamed or dropped, and a broken one would stop
 * it. */
static int alter(corm_script *script, corm_conn *conn, corm_buffer *text) {
    corm_kept kept = { 0 };
    int status = corm__sqlite_put_away(script, conn, true, &kept);
    if (status)
        corm__buffer_release(text);
    else
        status = corm__script_step(script, text);
    return status ? status : corm__sqlite_put_back(script, &kept);
}

static corm_buffer alter_table(const char *table, const char *action) {
    corm_buffer out = { 0 };
    corm__buffer_puts(&out, "ALTER TABLE ");
    corm__sqlite_identifier(&out, table);
    corm__buffer_puts(&out, action);
    return out;
}

/* Names that differ in case alone are one to SQLite: the table goes by way of another name. */
static int rename_table(corm_script *script, const corm_change *change, corm_conn *conn) {
    const char *from = change->before->name, *to = change->after->name;
    if (corm__compare_nocase(from, to) == 0) {
        char *between = corm__derived_name(script->arena, from, NULL, "renaming");
        corm_buffer out = alter_table(from, " RENAME TO ");
        corm__sqlite_identifier(&out, between ? between : "");
        int status = alter(script, conn, &out);
        if (!between) return corm__fail_memory(script->error);
        if (status) return status;
        from = between;
    }
    corm_buffer out = alter_table(from, " RENAME TO ");
    corm__sqlite_identifier(&out, to);
    return alter(script, conn, &out);
}

static int rename_column(corm_script *script, const corm_change *change, corm_conn *conn) {
    corm_buffer out = alter_table(change->before->name, " RENAME COLUMN ");
    corm__sqlite_identifier(&out, change->column_before->name);
    corm__buffer_puts(&out, " TO ");
    corm__sqlite_identifier(&out, change->column_after->name);
    return alter(script, conn, &out);
}

static bool same_lists(const corm_change *change) {
    const corm_table *before = change->before, *after = change->after;
    size_t n = 0, m = 0;
    for (const corm_constraint *c = before->constraints; c && c->name; c++) n++;
    for (const corm_constraint *c = after->constraints; c && c->name; c++) m++;
    return n == m;
}

/* The rules of ALTER TABLE ADD COLUMN. */
static bool can_add_in_place(const corm_change *change) {
    const corm_column *column = change->column_after;
    const corm_default *value = &column->default_value;
    if (column->kind == CORM_IDENTITY || (column->generated && *column->generated) ||
        corm__names_have(change->after->primary_key, column->name))
        return false;
    if (value->kind != CORM_DEFAULT_NONE && !corm__sqlite_default_is_constant(column, value))
        return false;
    if (column->references.table && value->kind != CORM_DEFAULT_NONE) return false;
    return (column->null || value->kind != CORM_DEFAULT_NONE) && same_lists(change);
}

static int add_column(corm_script *script, const corm_change *change, corm_conn *conn) {
    const corm_column *column = change->column_after;
    if (!can_add_in_place(change)) return corm__sqlite_rebuild(script, change, conn);
    corm_buffer out = alter_table(change->after->name, " ADD COLUMN ");
    int status = corm__sqlite_write_column(&out, change->after, column, script->error);
    if (status)
        corm__buffer_release(&out);
    else
        status = corm__script_step(script, &out);
    if (status || !change->fill || change->fill->kind == CORM_DEFAULT_NONE) return status;
    out = (corm_buffer){ 0 };
    corm__buffer_puts(&out, "UPDATE ");
    corm__sqlite_identifier(&out, change->after->name);
    corm__buffer_puts(&out, " SET ");
    corm__sqlite_identifier(&out, column->name);
    corm__buffer_puts(&out, " = ");
    status = corm__sqlite_write_default(&out, column, change->fill, script->error);
    if (!status) return corm__script_step(script, &out);
    corm__buffer_release(&out);
    return status;
}

/* The rules of ALTER TABLE DROP COLUMN; the indexes that have the column are dropped before it. */
static bool can_drop_in_place(const corm_change *change, int version) {
    const corm_table *table = change->before;
    const char *name = change->column_before->name;
    if (version < DROP_COLUMN_VERSION || corm__names_have(table->primary_key, name)) return false;
    for (const corm_constraint *c = table->constraints; c && c->name; c++)
        if (corm__constraint_mentions(c, name)) return false;
    for (const corm_column *column = table->columns; column && column->name; column++)
        if (strcmp(column->name, name) != 0 && corm__sql_mentions(column->generated, name))
            return false;
    return same_lists(change);
}

static int drop_column(corm_script *script, const corm_change *change, corm_conn *conn) {
    const char *name = change->column_before->name;
    int version = conn ? corm__sqlite_version(conn) : script->version, status = CORM_OK;
    if (!can_drop_in_place(change, version)) return corm__sqlite_rebuild(script, change, conn);
    for (const corm_index *index = change->before->indexes; index && index->name && !status;
         index++)
        if (corm__index_mentions(index, name)) status = drop(script, "INDEX", index->name);
    if (status) return status;
    corm_buffer out = alter_table(change->before->name, " DROP COLUMN ");
    corm__sqlite_identifier(&out, name);
    return alter(script, conn, &out);
}

/* Nothing to do for what SQLite does not keep, such as a comment. */
static int alter_column(corm_script *script, const corm_change *change, corm_conn *conn) {
    corm_buffer before = { 0 }, after = { 0 };
    int status =
        corm__sqlite_write_column(&before, change->before, change->column_before, script->error);
    if (!status)
        status =
            corm__sqlite_write_column(&after, change->after, change->column_after, script->error);
    if (!status && (corm__buffer_broken(&before) || corm__buffer_broken(&after)))
        status = corm__fail_memory(script->error);
    bool same = !status && strcmp(corm__buffer_text(&before), corm__buffer_text(&after)) == 0 &&
                same_lists(change);
    corm__buffer_release(&before);
    corm__buffer_release(&after);
    return status || same ? status : corm__sqlite_rebuild(script, change, conn);
}

static int replace_index(corm_script *script, const corm_change *change) {
    int status = drop(script, "INDEX", change->index_before->name);
    return status ? status : corm__sqlite_create_index(script, change->after, change->index_after);
}

/* Nothing to do for what SQLite does not keep, such as the columns of INCLUDE. */
static int alter_constraint(corm_script *script, const corm_change *change, corm_conn *conn) {
    corm_buffer before = { 0 }, after = { 0 };
    int status = corm__sqlite_write_constraint(&before, change->before, change->constraint_before,
                                               script->error);
    if (!status)
        status = corm__sqlite_write_constraint(&after, change->after, change->constraint_after,
                                               script->error);
    if (!status && (corm__buffer_broken(&before) || corm__buffer_broken(&after)))
        status = corm__fail_memory(script->error);
    bool same = !status && strcmp(corm__buffer_text(&before), corm__buffer_text(&after)) == 0;
    corm__buffer_release(&before);
    corm__buffer_release(&after);
    return status || same ? status : corm__sqlite_rebuild(script, change, conn);
}

static int write_change(corm_script *script, const corm_change *change, corm_conn *conn) {
    switch (change->kind) {
    case CORM_CREATE_TABLE: return create_table(script, change->after);
    case CORM_DELETE_TABLE: return drop_table(script, change);
    case CORM_RENAME_TABLE: return rename_table(script, change, conn);
    case CORM_ADD_COLUMN: return add_column(script, change, conn);
    case CORM_REMOVE_COLUMN: return drop_column(script, change, conn);
    case CORM_ALTER_COLUMN: return alter_column(script, change, conn);
    case CORM_RENAME_COLUMN: return rename_column(script, change, conn);
    case CORM_ADD_INDEX:
        return corm__sqlite_create_index(script, change->after, change->index_after);
    case CORM_REMOVE_INDEX: return drop(script, "INDEX", change->index_before->name);
    case CORM_RENAME_INDEX:
    case CORM_ALTER_INDEX: return replace_index(script, change);
    case CORM_ALTER_CONSTRAINT: return alter_constraint(script, change, conn);
    case CORM_ADD_CONSTRAINT:
    case CORM_REMOVE_CONSTRAINT:
    case CORM_RENAME_CONSTRAINT:
    case CORM_ALTER_PRIMARY_KEY: return corm__sqlite_rebuild(script, change, conn);
    case CORM_VALIDATE_CONSTRAINT: /* it was checked when it was added */
    case CORM_ALTER_COMMENT: return CORM_OK;
    case CORM_CREATE_EXTENSION:
    case CORM_REMOVE_EXTENSION:
    case CORM_RUN_SQL:
    case CORM_RUN_C:
    case CORM_SEPARATE: break;
    }
    return corm__fail(script->error, CORM_ERROR_USAGE, "operation %d does not change a table",
                      (int)change->kind);
}

static int needs_rebuild(corm_script *script, const corm_change *change, bool *out) {
    corm_script tried = { .arena = script->arena,
                          .version = script->version,
                          .error = script->error };
    int status = write_change(&tried, change, NULL);
    *out = tried.foreign_keys_off;
    return status;
}

/* One rebuild for all of them, when one needs it; otherwise one after the other, each in place. */
static int write_together(corm_script *script, const corm_change *change, corm_conn *conn) {
    bool rebuild = false;
    for (const corm_change *c = change; c && !rebuild; c = c->earlier) {
        int status = needs_rebuild(script, c, &rebuild);
        if (status) return status;
    }
    if (rebuild) return corm__sqlite_rebuild(script, change, conn);
    int status = change->earlier ? write_together(script, change->earlier, conn) : CORM_OK;
    return status ? status : write_change(script, change, conn);
}

int corm__sqlite_ddl(corm_script *script, const corm_change *change, corm_conn *conn) {
    if (conn && !script->version) script->version = corm__sqlite_version(conn);
    return change->earlier ? write_together(script, change, conn)
                           : write_change(script, change, conn);
}
