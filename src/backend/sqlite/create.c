/* Tables and indexes as CREATE has them. */
#include "backend/sqlite/ddl.h"
#include "backend/sqlite/driver.h"
#include "base/error.h"
#include "schema/script.h"

bool corm__sqlite_sole_key(const corm_table *table, const char *name) {
    return corm__names_count(table->primary_key) == 1 && corm__names_have(table->primary_key, name);
}

static void write_reference(corm_buffer *out, const corm_reference *reference) {
    static const char *const actions[] = { [CORM_NO_ACTION] = NULL,
                                           [CORM_CASCADE] = "CASCADE",
                                           [CORM_RESTRICT] = "RESTRICT",
                                           [CORM_SET_NULL] = "SET NULL",
                                           [CORM_SET_DEFAULT] = "SET DEFAULT",
                                           [CORM_PROTECT] = "RESTRICT" };
    if (reference->name) { /* a derived name is derived again when it is read: so it follows the
                              table's name */
        corm__buffer_puts(out, " CONSTRAINT ");
        corm__sqlite_identifier(out, reference->name);
    }
    corm__buffer_puts(out, " REFERENCES ");
    corm__sqlite_identifier(out, reference->table);
    corm__buffer_puts(out, " (");
    corm__sqlite_identifier(out, reference->column);
    corm__buffer_putc(out, ')');
    if (actions[reference->on_delete])
        corm__buffer_printf(out, " ON DELETE %s", actions[reference->on_delete]);
    if (reference->deferrable) corm__buffer_puts(out, " DEFERRABLE INITIALLY DEFERRED");
}

int corm__sqlite_write_column(corm_buffer *out, const corm_table *table, const corm_column *column,
                        corm_error_info *error) {
    bool sole_key = corm__sqlite_sole_key(table, column->name);
    corm__sqlite_identifier(out, column->name);
    corm__buffer_putc(out, ' ');
    int status = corm__sqlite_write_type(out, column, sole_key, error);
    if (status) return status;
    if (!column->null) corm__buffer_puts(out, " NOT NULL");
    if (column->kind == CORM_IDENTITY) {
        if (!sole_key)
            return corm__fail(
                error, CORM_ERROR_UNSUPPORTED,
                "table %s: an identity column must be the whole primary key on SQLite",
                table->name);
        corm__buffer_puts(out, " PRIMARY KEY AUTOINCREMENT");
        return CORM_OK;
    }
    if (column->collation && *column->collation) {
        corm__buffer_puts(out, " COLLATE ");
        corm__sqlite_identifier(out, column->collation);
    }
    if (column->generated && *column->generated) {
        corm__buffer_puts(out, " GENERATED ALWAYS AS (");
        status = corm__sqlite_write_result(out, table, column, column->generated, error);
        corm__buffer_puts(out, ") STORED");
    } else if (column->default_value.kind != CORM_DEFAULT_NONE) {
        corm__buffer_puts(out, " DEFAULT ");
        status = corm__sqlite_write_default(out, column, &column->default_value, error);
    }
    if (column->references.table) write_reference(out, &column->references);
    return status;
}

int corm__sqlite_write_constraint(corm_buffer *out, const corm_table *table,
                            const corm_constraint *constraint, corm_error_info *error) {
    const char *lacking = constraint->kind == CORM_CONSTRAINT_EXCLUDE ? "exclusion constraints"
                          : constraint->deferrable         ? "deferrable unique constraints"
                          : constraint->nulls_not_distinct ? "NULLS NOT DISTINCT"
                                                           : NULL;
    if (lacking)
        return corm__fail(error, CORM_ERROR_UNSUPPORTED, "constraint %s of %s: SQLite has no %s",
                          constraint->name, table->name, lacking);
    corm__buffer_puts(out, ",\n    CONSTRAINT ");
    corm__sqlite_identifier(out, constraint->name);
    corm__buffer_puts(out, constraint->kind == CORM_CONSTRAINT_UNIQUE ? " UNIQUE (" : " CHECK (");
    int status = CORM_OK;
    if (constraint->kind == CORM_CONSTRAINT_UNIQUE)
        corm__names_write(out, constraint->columns, '"');
    else
        status = corm__sqlite_write_sql(out, table, constraint->check, error);
    corm__buffer_putc(out, ')');
    return status;
}

static bool has_identity(const corm_table *table) {
    for (const corm_column *column = table->columns; column && column->name; column++)
        if (column->kind == CORM_IDENTITY) return true;
    return false;
}

int corm__sqlite_create_table(corm_script *script, const corm_table *table, const char *name) {
    corm_buffer out = { 0 };
    int status = CORM_OK;
    corm__buffer_puts(&out, "CREATE TABLE ");
    corm__sqlite_identifier(&out, name);
    corm__buffer_puts(&out, " (");
    for (const corm_column *column = table->columns; column && column->name && !status; column++) {
        corm__buffer_puts(&out, column == table->columns ? "\n    " : ",\n    ");
        status = corm__sqlite_write_column(&out, table, column, script->error);
    }
    if (!status && table->primary_key && *table->primary_key && !has_identity(table)) {
        corm__buffer_puts(&out, ",\n    PRIMARY KEY (");
        corm__names_write(&out, table->primary_key, '"');
        corm__buffer_putc(&out, ')');
    }
    for (const corm_constraint *constraint = table->constraints;
         constraint && constraint->name && !status; constraint++)
        status = corm__sqlite_write_constraint(&out, table, constraint, script->error);
    corm__buffer_puts(&out, "\n)");
    if (!status) return corm__script_step(script, &out);
    corm__buffer_release(&out);
    return status;
}

int corm__sqlite_create_index(corm_script *script, const corm_table *table,
                              const corm_index *index) {
    corm_buffer out = { 0 };
    int status = CORM_OK;
    if (index->nulls_not_distinct)
        return corm__fail(script->error, CORM_ERROR_UNSUPPORTED,
                          "index %s of %s: SQLite has no NULLS NOT DISTINCT", index->name,
                          table->name);
    corm__buffer_puts(&out, index->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
    corm__sqlite_identifier(&out, index->name);
    corm__buffer_puts(&out, " ON ");
    corm__sqlite_identifier(&out, table->name);
    corm__buffer_puts(&out, " (");
    if (index->expression && *index->expression)
        status = corm__sqlite_write_sql(&out, table, index->expression, script->error);
    else
        corm__names_write(&out, index->columns, '"');
    corm__buffer_putc(&out, ')');
    if (!status && index->where && *index->where) {
        corm__buffer_puts(&out, " WHERE ");
        status = corm__sqlite_write_sql(&out, table, index->where, script->error);
    }
    if (!status) return corm__script_step(script, &out);
    corm__buffer_release(&out);
    return status;
}
