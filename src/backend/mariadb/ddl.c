/* Changes of the schema as SQL. DDL is not transactional here, but each statement is atomic: so
 * what belongs together is one ALTER TABLE of several clauses wherever the server allows it. It
 * does not where a foreign key goes and comes back under the same name; then the statements are
 * such that running one again does no harm. */
#include "backend/mariadb/ddl.h"
#include "base/ascii.h"
#include "base/error.h"
#include "schema/script.h"
#include "schema/sql_text.h"
#include <string.h>

static bool given(const char *text) { return corm__mariadb_given(text); }

/* --- tables --- */

static int write_items(corm_buffer *out, corm_script *script, const corm_table *table,
                       corm_conn *conn) {
    int status = 0;
    const char *separator = "\n    ", *support;
    for (const corm_column *column = table->columns; column && column->name && !status; column++) {
        corm__buffer_puts(out, separator);
        status = corm__mariadb_write_column(out, script, column, &column->default_value, conn);
        separator = ",\n    ";
    }
    if (given(table->primary_key)) {
        corm__buffer_printf(out, "%sPRIMARY KEY (", separator);
        corm__names_write(out, table->primary_key, '`');
        corm__buffer_putc(out, ')');
    }
    for (const corm_constraint *constraint = table->constraints;
         constraint && constraint->name && !status; constraint++) {
        corm__buffer_puts(out, separator);
        status = corm__mariadb_write_constraint(out, script, table, constraint);
    }
    for (const corm_index *index = table->indexes; index && index->name && !status; index++) {
        corm__buffer_puts(out, separator);
        status = corm__mariadb_write_index(out, script, table, index);
    }
    for (const corm_column *column = table->columns; column && column->name && !status; column++) {
        if (corm__mariadb_support(script->arena, table, column, &support))
            return corm__fail_memory(script->error);
        if (support) corm__mariadb_write(out, "%SINDEX %I (%I)", separator, support, column->name);
        if (!column->references.table) continue;
        corm__buffer_puts(out, separator);
        status = corm__mariadb_write_foreign_key(out, script, table, column);
    }
    return status;
}

static int create_table(corm_script *script, const corm_table *table, corm_conn *conn) {
    corm_buffer out = { 0 };
    corm__mariadb_write(&out, "CREATE TABLE %I (", table->name);
    int status = write_items(&out, script, table, conn);
    corm__buffer_printf(&out, "\n) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = %s",
                        corm__mariadb_collation(corm__mariadb_version_is_mysql(script->version)));
    if (given(table->comment)) corm__mariadb_write(&out, " COMMENT = %L", table->comment);
    if (!status) return corm__script_step(script, &out);
    corm__buffer_release(&out);
    return status;
}

/* Foreign keys of other tables that stay would stop it. */
static int drop_table(corm_script *script, const corm_change *change, corm_conn *conn) {
    const corm_table *table = change->before;
    for (const corm_table *other = change->schema_before ? change->schema_before->tables : NULL;
         other && other->name; other++) {
        if (strcmp(other->name, table->name) == 0) continue;
        corm_mariadb_alter alter = { .script = script, .table = other->name };
        int status = 0;
        for (const corm_column *column = other->columns; column && column->name && !status;
             column++)
            if (column->references.table && strcmp(column->references.table, table->name) == 0)
                status = corm__mariadb_drop_foreign_key(&alter, other, column, conn);
        status = corm__mariadb_alter_end(&alter, status);
        if (status) return status;
    }
    return corm__mariadb_add_statement(script, "DROP TABLE %I", table->name);
}

static bool same_name(corm_script *script, const corm_table *before, const corm_column *from,
                      const corm_table *after, const corm_column *to) {
    const char *old = corm__foreign_key_name(script->arena, before, from),
               *new = corm__foreign_key_name(script->arena, after, to);
    if (!old || !new) corm__comparison_fail();
    return old && new &&strcmp(old, new) == 0;
}

/* Foreign keys cannot be renamed: those whose derived name changes go and come back, in one
 * statement that need not look at the rows. They are looked up by the names that table and column
 * have before. supports: the indexes that serve them get their new names too. */
/* One statement cannot drop a foreign key and add one whose name differs in case alone. */
static bool differ_in_case(corm_script *script, const corm_table *before, const corm_column *from,
                           const corm_table *after, const corm_column *to) {
    const char *a = corm__foreign_key_name(script->arena, before, from),
               *b = corm__foreign_key_name(script->arena, after, to);
    if (!a || !b) corm__comparison_fail();
    return a && b && corm__compare_nocase(a, b) == 0;
}

static int rename_foreign_keys(corm_script *script, const corm_table *before,
                               const corm_table *after, const corm_column *only_from,
                               const corm_column *only_to, corm_conn *conn, bool supports) {
    corm_mariadb_alter alter = { .script = script, .table = after->name, .unchecked = true };
    int status = 0;
    for (const corm_column *from = before->columns; from && from->name && !status; from++) {
        const corm_column *to = only_from ? only_to : corm__column_find(after, from->name);
        if ((only_from && strcmp(from->name, only_from->name) != 0) || !to) continue;
        if (!from->references.table || !to->references.table ||
            same_name(script, before, from, after, to))
            continue;
        status = corm__mariadb_drop_foreign_key(&alter, before, from, conn);
        if (!status && differ_in_case(script, before, from, after, to)) {
            status = corm__mariadb_alter_end(&alter, status); /* gone, before it comes */
            alter =
                (corm_mariadb_alter){ .script = script, .table = after->name, .unchecked = true };
        }
        if (!status) status = corm__mariadb_add_foreign_key(&alter, after, to);
        if (!status && supports)
            status = corm__mariadb_rename_support(&alter, before, after, from, to, conn);
    }
    return corm__mariadb_alter_end(&alter, status);
}

static int rename_table(corm_script *script, const corm_change *change, corm_conn *conn) {
    const corm_table *before = change->before, *after = change->after;
    corm_mariadb_alter alter = { .script = script, .table = before->name };
    int status = 0;
    for (const corm_column *from = before->columns; from && from->name && !status; from++) {
        const corm_column *to = corm__column_find(after, from->name);
        if (to) status = corm__mariadb_rename_support(&alter, before, after, from, to, conn);
    }
    corm__mariadb_clause(&alter, "RENAME TO %I", after->name);
    status = corm__mariadb_alter_end(&alter, status);
    return status ? status : rename_foreign_keys(script, before, after, NULL, NULL, conn, false);
}

/* A table with a hash is copied, and no copy renames a column of a foreign key: it goes with the
 * old name, and what comes with the new one looks at the rows. */
static int rename_column(corm_script *script, const corm_change *change, corm_conn *conn) {
    const corm_table *before = change->before, *after = change->after;
    const corm_column *from = change->column_before, *to = change->column_after;
    bool copied = corm__mariadb_has_hash(before), apart = copied && from->references.table;
    corm_mariadb_alter alter = { .script = script, .table = before->name },
                       key = { .script = script, .table = after->name };
    int status = copied ? corm__mariadb_change_referrers(script, change, false, conn) : 0;
    if (!status && apart) status = corm__mariadb_drop_foreign_key(&alter, before, from, conn);
    corm__mariadb_clause(&alter, "RENAME COLUMN %I TO %I", from->name, to->name);
    if (!status) status = corm__mariadb_rename_support(&alter, before, after, from, to, conn);
    status = corm__mariadb_alter_end(&alter, status);
    if (!status && !apart)
        status = rename_foreign_keys(script, before, after, from, to, conn, false);
    if (!status && apart)
        status = corm__mariadb_alter_end(&key, corm__mariadb_add_foreign_key(&key, after, to));
    if (!status && copied) status = corm__mariadb_change_referrers(script, change, true, conn);
    return status;
}

/* --- indexes, constraints, keys --- */

static int add_index_clause(corm_mariadb_alter *alter, const corm_table *table,
                            const corm_index *index) {
    corm_buffer text = { 0 };
    int status = corm__mariadb_write_index(&text, alter->script, table, index);
    if (!status) corm__mariadb_clause(alter, "ADD %B", &text);
    corm__buffer_release(&text);
    return status;
}

static int add_constraint_clause(corm_mariadb_alter *alter, const corm_table *table,
                                 const corm_constraint *constraint) {
    corm_buffer text = { 0 };
    int status = corm__mariadb_write_constraint(&text, alter->script, table, constraint);
    if (!status) corm__mariadb_clause(alter, "ADD %B", &text);
    corm__buffer_release(&text);
    return status;
}

static void drop_constraint_clause(corm_mariadb_alter *alter, const corm_constraint *constraint) {
    corm__mariadb_clause(
        alter, constraint->kind == CORM_CONSTRAINT_UNIQUE ? "DROP INDEX %I" : "DROP CONSTRAINT %I",
        constraint->name);
}

static int change_index(corm_script *script, const corm_change *change) {
    corm_mariadb_alter alter = { .script = script, .table = change->after->name };
    int status = 0;
    if (change->index_before)
        corm__mariadb_clause(&alter, "DROP INDEX %I", change->index_before->name);
    if (change->index_after) status = add_index_clause(&alter, change->after, change->index_after);
    if (!status) status = corm__mariadb_change_support(&alter, change->before, change->after);
    return corm__mariadb_alter_end(&alter, status);
}

static int change_constraint(corm_script *script, const corm_change *change) {
    corm_mariadb_alter alter = { .script = script, .table = change->after->name };
    int status = 0;
    if (change->constraint_before) drop_constraint_clause(&alter, change->constraint_before);
    if (change->constraint_after)
        status = add_constraint_clause(&alter, change->after, change->constraint_after);
    if (!status) status = corm__mariadb_change_support(&alter, change->before, change->after);
    return corm__mariadb_alter_end(&alter, status);
}

static int rename_constraint(corm_script *script, const corm_change *change, corm_conn *conn) {
    if (change->column_before)
        return rename_foreign_keys(script, change->before, change->after, change->column_before,
                                   change->column_after, conn, true);
    const corm_constraint *from = change->constraint_before, *to = change->constraint_after;
    if (from->kind != CORM_CONSTRAINT_UNIQUE) return change_constraint(script, change);
    return corm__mariadb_add_statement(script, "ALTER TABLE %I RENAME INDEX %I TO %I",
                                       change->after->name, from->name, to->name);
}

static int alter_primary_key(corm_script *script, const corm_change *change) {
    corm_mariadb_alter alter = { .script = script, .table = change->after->name };
    if (given(change->before->primary_key)) corm__mariadb_clause(&alter, "DROP PRIMARY KEY");
    if (given(change->after->primary_key)) {
        corm_buffer names = { 0 };
        corm__names_write(&names, change->after->primary_key, '`');
        corm__mariadb_clause(&alter, "ADD PRIMARY KEY (%B)", &names);
        corm__buffer_release(&names);
    }
    return corm__mariadb_alter_end(
        &alter, corm__mariadb_change_support(&alter, change->before, change->after));
}

static int write_change(corm_script *script, const corm_change *change, corm_conn *conn) {
    switch (change->kind) {
    case CORM_CREATE_TABLE: return create_table(script, change->after, conn);
    case CORM_DELETE_TABLE: return drop_table(script, change, conn);
    case CORM_RENAME_TABLE: return rename_table(script, change, conn);
    case CORM_ADD_COLUMN: return corm__mariadb_add_column(script, change, conn);
    case CORM_REMOVE_COLUMN: return corm__mariadb_remove_column(script, change, conn);
    case CORM_ALTER_COLUMN: return corm__mariadb_alter_column(script, change, conn);
    case CORM_RENAME_COLUMN: return rename_column(script, change, conn);
    case CORM_ADD_INDEX:
    case CORM_REMOVE_INDEX:
    case CORM_ALTER_INDEX: return change_index(script, change);
    case CORM_RENAME_INDEX:
        return corm__mariadb_add_statement(script, "ALTER TABLE %I RENAME INDEX %I TO %I",
                                           change->after->name, change->index_before->name,
                                           change->index_after->name);
    case CORM_ADD_CONSTRAINT:
    case CORM_REMOVE_CONSTRAINT:
    case CORM_ALTER_CONSTRAINT: return change_constraint(script, change);
    case CORM_RENAME_CONSTRAINT: return rename_constraint(script, change, conn);
    case CORM_ALTER_COMMENT:
        return corm__mariadb_add_statement(script, "ALTER TABLE %I COMMENT = %L",
                                           change->after->name,
                                           change->after->comment ? change->after->comment : "");
    case CORM_ALTER_PRIMARY_KEY: return alter_primary_key(script, change);
    case CORM_VALIDATE_CONSTRAINT: return CORM_OK; /* it was checked when it was added */
    case CORM_CREATE_EXTENSION:
    case CORM_REMOVE_EXTENSION:
        return corm__mariadb_refuse(script, "extension", change->extension ? change->extension : "",
                                    "extensions");
    default: break;
    }
    return corm__fail(script->error, CORM_ERROR_USAGE, "operation %d does not change a table",
                      (int)change->kind);
}

int corm__mariadb_ddl(corm_script *script, const corm_change *change, corm_conn *conn) {
    if (conn && !script->version) script->version = (int)mysql_get_server_version(conn->mysql);
    int status = write_change(script, change, conn);
    return corm__comparison_failed() ? corm__fail_memory(script->error) : status;
}
