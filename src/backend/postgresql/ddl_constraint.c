/* Foreign keys, indexes and constraints as SQL. */
#include "backend/postgresql/ddl.h"
#include "base/error.h"
#include "schema/schema.h"
#include "schema/script.h"
#include "schema/sql_text.h"
#include <string.h>

static bool given(const char *text) { return text && *text; }

/* --- foreign keys --- */

int corm__pg_add_foreign_key(corm_script *script, const corm_table *table,
                             const corm_column *column) {
    static const char *const actions[] = { [CORM_NO_ACTION] = "",
                                           [CORM_CASCADE] = " ON DELETE CASCADE",
                                           [CORM_RESTRICT] = " ON DELETE RESTRICT",
                                           [CORM_SET_NULL] = " ON DELETE SET NULL",
                                           [CORM_SET_DEFAULT] = " ON DELETE SET DEFAULT",
                                           [CORM_PROTECT] = " ON DELETE RESTRICT" };
    const corm_reference *reference = &column->references;
    const char *name = corm__foreign_key_name(script->arena, table, column);
    if (!name) return corm__fail_memory(script->error);
    return corm__pg_stepf(
        script, "ALTER TABLE %I ADD CONSTRAINT %I FOREIGN KEY (%I) REFERENCES %I (%I)%S%S%S",
        table->name, name, column->name, reference->table, reference->column,
        actions[reference->on_delete],
        reference->deferrable ? " DEFERRABLE INITIALLY DEFERRED" : "",
        reference->not_valid ? " NOT VALID" : "");
}

int corm__pg_find_constraint(corm_script *script, corm_conn *conn, const char *kind,
                             const char *table, const char *column, const char **name) {
    const char *values[] = { kind, table, column };
    PGresult *result = corm__pg_query(conn,
                                      "SELECT k.conname FROM pg_catalog.pg_constraint k WHERE "
                                      "k.contype::text = $1 AND k.conrelid = "
                                      "pg_catalog.to_regclass(pg_catalog.quote_ident($2))"
                                      " AND ($3::text IS NULL OR k.conkey = (SELECT "
                                      "array_agg(a.attnum) FROM pg_catalog.pg_attribute a "
                                      "WHERE a.attrelid = k.conrelid AND a.attname = $3))",
                                      3, values, script->error);
    if (!result) return script->error->status;
    bool found = PQntuples(result) > 0;
    *name = found ? corm__arena_strdup(script->arena, corm__pg_cell(result, 0, 0)) : NULL;
    PQclear(result);
    return found && !*name ? corm__fail_memory(script->error) : 0;
}

static int foreign_key_name(corm_script *script, const corm_table *table, const corm_column *column,
                            corm_conn *conn, const char **name) {
    *name = corm__foreign_key_name(script->arena, table, column);
    if (!*name) return corm__fail_memory(script->error);
    return conn ? corm__pg_find_constraint(script, conn, "f", table->name, column->name, name) : 0;
}

int corm__pg_drop_foreign_key(corm_script *script, const corm_table *table,
                              const corm_column *column, corm_conn *conn) {
    const char *name;
    int status = foreign_key_name(script, table, column, conn, &name);
    return status || !name
               ? status
               : corm__pg_stepf(script, "ALTER TABLE %I DROP CONSTRAINT %I", table->name, name);
}

/* What refers to the only column of a key stands on its index. */
static int each_referring(corm_script *script, const corm_schema *schema, const corm_table *table,
                          const char *column, bool add, corm_conn *conn) {
    int status = 0;
    if (!column) return 0;
    for (const corm_table *other = schema ? schema->tables : NULL; other && other->name && !status;
         other++)
        for (const corm_column *c = other->columns; c && c->name && !status; c++)
            if (c->references.table && strcmp(c->references.table, table->name) == 0 &&
                strcmp(c->references.column, column) == 0)
                status = add ? corm__pg_add_foreign_key(script, other, c)
                             : corm__pg_drop_foreign_key(script, other, c, conn);
    return status;
}

int corm__pg_drop_referring(corm_script *script, const corm_change *change, const char *column,
                            corm_conn *conn) {
    return each_referring(script, change->schema_before, change->before, column, false, conn);
}

int corm__pg_add_referring(corm_script *script, const corm_change *change, const char *column) {
    return each_referring(script, change->schema_after, change->after, column, true, NULL);
}

int corm__pg_validate_foreign_key(corm_script *script, const corm_table *table,
                                  const corm_column *column, corm_conn *conn) {
    const char *name;
    int status = foreign_key_name(script, table, column, conn, &name);
    return status || !name
               ? status
               : corm__pg_stepf(script, "ALTER TABLE %I VALIDATE CONSTRAINT %I", table->name, name);
}

/* After a rename: the derived name of the foreign key follows. */
int corm__pg_rename_foreign_key(corm_script *script, const corm_table *before,
                                const corm_column *from, const corm_table *after,
                                const corm_column *to) {
    if (!from || !to || !from->references.table || !to->references.table) return 0;
    const char *old = corm__foreign_key_name(script->arena, before, from),
               *new = corm__foreign_key_name(script->arena, after, to);
    if (!old || !new) return corm__fail_memory(script->error);
    return strcmp(old, new) == 0
               ? 0
               : corm__pg_stepf(script, "ALTER TABLE %I RENAME CONSTRAINT %I TO %I", after->name,
                                old, new);
}

/* --- indexes and constraints --- */

/* Several expressions stay as they are written; one is put into the parentheses that it may need.
 */
static bool has_comma(const char *sql) {
    int depth = 0;
    for (corm_token token; (token = corm__token_next(&sql)).kind != CORM_TOKEN_END;) {
        depth += corm__token_is(token, "(") - corm__token_is(token, ")");
        if (depth == 0 && corm__token_is(token, ",")) return true;
    }
    return false;
}

/* A name, a call or something in parentheses, with nothing behind it but words, such as a
 * collation, an operator class or DESC: it needs no parentheses. */
static bool is_element(const char *sql) {
    static const char *const operators[] = { "case", "not",   "and",   "or",      "is",
                                             "in",   "like",  "ilike", "similar", "between",
                                             "at",   "array", NULL };
    corm_token token = corm__token_next(&sql);
    if (token.kind != CORM_TOKEN_WORD && token.kind != CORM_TOKEN_QUOTED &&
        !corm__token_is(token, "("))
        return false;
    int depth = 0;
    for (; token.kind != CORM_TOKEN_END; token = corm__token_next(&sql)) {
        depth += corm__token_is(token, "(") - corm__token_is(token, ")");
        if (depth > 0 || corm__token_is(token, ")") || corm__token_is(token, ".")) continue;
        if (token.kind != CORM_TOKEN_WORD && token.kind != CORM_TOKEN_QUOTED) return false;
        for (size_t i = 0; operators[i]; i++)
            if (corm__token_is(token, operators[i])) return false;
    }
    return true;
}

static int needs_version_15(corm_script *script, const char *what, const char *name) {
    if (!script->version || script->version >= 150000) return 0;
    corm__fail(script->error, CORM_ERROR_UNSUPPORTED,
               "%s %s: NULLS NOT DISTINCT needs PostgreSQL 15", what, name);
    corm__error_hint(script->error, "Leave nulls_not_distinct out, or use a newer server.");
    return CORM_ERROR_UNSUPPORTED;
}

static void write_include(corm_buffer *out, const char *include) {
    if (!given(include)) return;
    corm__buffer_puts(out, " INCLUDE (");
    corm__names_write(out, include, '"');
    corm__buffer_putc(out, ')');
}

/* Concurrently, it may have been killed in the middle: the index is then invalid, or gone. */
static int drop_index(corm_script *script, const char *name, bool concurrently) {
    int status = corm__pg_stepf(
        script, concurrently ? "DROP INDEX CONCURRENTLY IF EXISTS %I" : "DROP INDEX %I", name);
    if (!status && concurrently) script->steps[script->n_steps - 1].outside_transaction = true;
    return status;
}

int corm__pg_drop_index(corm_script *script, const corm_index *index, bool concurrently) {
    return drop_index(script, index->name, concurrently);
}

/* CREATE INDEX CONCURRENTLY that failed or was killed leaves an index that nothing uses, under its
 * name. */
static int drop_leftover(corm_script *script, const corm_index *index, corm_conn *conn) {
    const char *values[] = { index->name };
    PGresult *result =
        conn ? corm__pg_query(
                   conn,
                   "SELECT FROM pg_catalog.pg_index WHERE NOT indisvalid AND indexrelid = "
                   "pg_catalog.to_regclass(pg_catalog.quote_ident($1))",
                   1, values, script->error)
             : NULL;
    if (conn && !result) return script->error->status;
    bool found = result && PQntuples(result) > 0;
    PQclear(result);
    return found ? drop_index(script, index->name, true) : 0;
}

int corm__pg_create_index(corm_script *script, const corm_table *table, const corm_index *index,
                          bool concurrently, corm_conn *conn) {
    corm_buffer out = { 0 };
    int status = index->nulls_not_distinct ? needs_version_15(script, "index", index->name) : 0;
    if (!status && concurrently) status = drop_leftover(script, index, conn);
    if (status) return status;
    corm__buffer_printf(&out, "CREATE %sINDEX %s", index->unique ? "UNIQUE " : "",
                        concurrently ? "CONCURRENTLY " : "");
    corm__pg_identifier(&out, index->name);
    corm__buffer_puts(&out, " ON ");
    corm__pg_identifier(&out, table->name);
    if (given(index->method)) corm__buffer_printf(&out, " USING %s", index->method);
    corm__buffer_puts(&out, " (");
    if (!given(index->expression))
        corm__names_write(&out, index->columns, '"');
    else if (has_comma(index->expression) || is_element(index->expression))
        corm__buffer_puts(&out, index->expression);
    else
        corm__buffer_printf(&out, "(%s)", index->expression);
    corm__buffer_putc(&out, ')');
    write_include(&out, index->include);
    if (index->nulls_not_distinct) corm__buffer_puts(&out, " NULLS NOT DISTINCT");
    if (given(index->where)) corm__buffer_printf(&out, " WHERE %s", index->where);
    status = corm__script_step(script, &out);
    if (!status && concurrently) script->steps[script->n_steps - 1].outside_transaction = true;
    return status;
}

int corm__pg_alter_index(corm_script *script, const corm_change *change) {
    int status = drop_index(script, change->index_before->name, false);
    return status ? status
                  : corm__pg_create_index(script, change->after, change->index_after, false, NULL);
}

int corm__pg_write_constraint(corm_script *script, corm_buffer *out,
                              const corm_constraint *constraint) {
    corm__buffer_puts(out, "CONSTRAINT ");
    corm__pg_identifier(out, constraint->name);
    switch (constraint->kind) {
    case CORM_CONSTRAINT_CHECK:
        corm__buffer_printf(out, " CHECK (%s)%s", constraint->check,
                            constraint->not_valid ? " NOT VALID" : "");
        return 0;
    case CORM_CONSTRAINT_UNIQUE:
        if (constraint->nulls_not_distinct &&
            needs_version_15(script, "constraint", constraint->name))
            return script->error->status;
        corm__buffer_puts(out, constraint->nulls_not_distinct ? " UNIQUE NULLS NOT DISTINCT ("
                                                              : " UNIQUE (");
        corm__names_write(out, constraint->columns, '"');
        break;
    case CORM_CONSTRAINT_EXCLUDE:
        corm__buffer_puts(out, " EXCLUDE ");
        if (given(constraint->method)) corm__buffer_printf(out, "USING %s ", constraint->method);
        corm__buffer_printf(out, "(%s", constraint->elements);
        break;
    }
    corm__buffer_putc(out, ')');
    write_include(out, constraint->include);
    if (constraint->kind == CORM_CONSTRAINT_EXCLUDE && given(constraint->where))
        corm__buffer_printf(out, " WHERE (%s)", constraint->where);
    if (constraint->deferrable) corm__buffer_puts(out, " DEFERRABLE INITIALLY DEFERRED");
    return 0;
}

int corm__pg_add_constraint(corm_script *script, const corm_table *table,
                            const corm_constraint *constraint) {
    corm_buffer out = { 0 };
    corm__buffer_puts(&out, "ALTER TABLE ");
    corm__pg_identifier(&out, table->name);
    corm__buffer_puts(&out, " ADD ");
    int status = corm__pg_write_constraint(script, &out, constraint);
    if (!status) return corm__script_step(script, &out);
    corm__buffer_release(&out);
    return status;
}

static const char *sole_column(const corm_constraint *constraint) {
    return constraint->kind == CORM_CONSTRAINT_UNIQUE && corm__names_count(constraint->columns) == 1
               ? constraint->columns
               : NULL;
}

static int replace_constraint(corm_script *script, const corm_change *change, corm_conn *conn) {
    const char *column = sole_column(change->constraint_before);
    int status = corm__pg_drop_referring(script, change, column, conn);
    if (!status)
        status = corm__pg_stepf(script, "ALTER TABLE %I DROP CONSTRAINT %I", change->before->name,
                                change->constraint_before->name);
    if (!status && change->constraint_after)
        status = corm__pg_add_constraint(script, change->after, change->constraint_after);
    return status ? status : corm__pg_add_referring(script, change, column);
}

int corm__pg_remove_constraint(corm_script *script, const corm_change *change, corm_conn *conn) {
    return replace_constraint(script, change, conn);
}

int corm__pg_alter_constraint(corm_script *script, const corm_change *change, corm_conn *conn) {
    corm_constraint validated = *change->constraint_before;
    validated.not_valid = false;
    if (change->constraint_before->not_valid &&
        corm__constraint_equal(&validated, change->constraint_after))
        return corm__pg_validate_constraint(script, change, conn);
    return replace_constraint(script, change, conn);
}

int corm__pg_rename_constraint(corm_script *script, const corm_change *change) {
    if (change->column_before)
        return corm__pg_rename_foreign_key(script, change->before, change->column_before,
                                           change->after, change->column_after);
    return corm__pg_stepf(script, "ALTER TABLE %I RENAME CONSTRAINT %I TO %I", change->after->name,
                          change->constraint_before->name, change->constraint_after->name);
}

int corm__pg_validate_constraint(corm_script *script, const corm_change *change, corm_conn *conn) {
    if (change->column_after)
        return corm__pg_validate_foreign_key(script, change->after, change->column_after, conn);
    return corm__pg_stepf(script, "ALTER TABLE %I VALIDATE CONSTRAINT %I", change->after->name,
                          change->constraint_after->name);
}

const char *corm__pg_key_name(corm_script *script, const corm_table *table) {
    return corm__derived_name(script->arena, table->name, "", "pkey");
}
