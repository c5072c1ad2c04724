/* Altering a column, and defaults. A type changes by the cast that an assignment makes where
 * PostgreSQL has one, so that what does not fit is an error and never cut; where it has none, by an
 * expression (USING). */
#include "backend/postgresql/ddl.h"
#include "base/error.h"
#include "schema/schema.h"
#include "schema/script.h"
#include "schema/sql_text.h"
#include <math.h>
#include <string.h>

static bool given(const char *text) { return text && *text; }
static bool is_text(corm_kind kind) {
    return kind == CORM_VARCHAR || kind == CORM_TEXT || kind == CORM_ENUMERATION;
}
static bool is_integer(corm_kind kind) {
    return kind == CORM_IDENTITY || kind == CORM_SMALLINT || kind == CORM_INTEGER ||
           kind == CORM_BIGINT;
}
static bool is_number(corm_kind kind) {
    return is_integer(kind) || kind == CORM_REAL || kind == CORM_DOUBLE_PRECISION ||
           kind == CORM_DECIMAL;
}

/* --- defaults --- */

static void put_bytes(corm_buffer *out, const char *text) {
    corm__buffer_puts(out, "'\\x");
    for (; *text; text++) corm__buffer_printf(out, "%02x", (unsigned)(unsigned char)*text);
    corm__buffer_puts(out, "'::bytea");
}

void corm__pg_default(corm_buffer *out, corm_kind kind, const corm_default *value) {
    bool quoted = !is_number(kind) && kind != CORM_BOOLEAN;
    switch (value->kind) {
    case CORM_DEFAULT_NONE: corm__buffer_puts(out, "NULL"); break;
    case CORM_DEFAULT_INTEGER:
        if (kind == CORM_BOOLEAN)
            corm__buffer_puts(out, value->integer ? "true" : "false");
        else if (kind == CORM_INTERVAL)
            corm__buffer_printf(out, "'%lld microseconds'", (long long)value->integer);
        else
            corm__buffer_printf(out, quoted ? "'%lld'" : "%lld", (long long)value->integer);
        break;
    case CORM_DEFAULT_REAL:
        if (isnan(value->real))
            corm__buffer_puts(out, "'NaN'");
        else if (isinf(value->real))
            corm__buffer_puts(out, value->real < 0 ? "'-Infinity'" : "'Infinity'");
        else
            corm__buffer_printf(out, quoted ? "'%.17g'" : "%.17g", value->real);
        break;
    case CORM_DEFAULT_TEXT:
        if (kind == CORM_BLOB)
            put_bytes(out, value->text);
        else
            corm__pg_literal(out, value->text);
        break;
    case CORM_DEFAULT_SQL: corm__buffer_puts(out, value->text); break;
    }
}

/* "ALTER TABLE t ALTER COLUMN c " and what follows. */
static void begin(corm_buffer *out, const corm_table *table, const corm_column *column) {
    corm__buffer_puts(out, "ALTER TABLE ");
    corm__pg_identifier(out, table->name);
    corm__buffer_puts(out, " ALTER COLUMN ");
    corm__pg_identifier(out, column->name);
    corm__buffer_putc(out, ' ');
}

static int alter(corm_script *script, const corm_table *table, const corm_column *column,
                 const char *what) {
    corm_buffer out = { 0 };
    begin(&out, table, column);
    corm__buffer_puts(&out, what);
    return corm__script_step(script, &out);
}

int corm__pg_set_default(corm_script *script, const corm_table *table, const corm_column *column) {
    if (column->default_value.kind == CORM_DEFAULT_NONE)
        return alter(script, table, column, "DROP DEFAULT");
    corm_buffer out = { 0 };
    begin(&out, table, column);
    corm__buffer_puts(&out, "SET DEFAULT ");
    corm__pg_default(&out, column->kind, &column->default_value);
    return corm__script_step(script, &out);
}

/* --- the type --- */

/* How a value of one kind becomes one of another: "" by the cast of an assignment; an expression,
 * in which the column stands for % and the new type for #; NULL: there is no sensible way. */
static const char *conversion(corm_kind from, corm_kind to) {
    if (from == CORM_ARRAY || to == CORM_ARRAY)
        return from == to ? "%::#" : is_text(to) ? "" : is_text(from) ? "%::#" : NULL;
    if (is_text(to)) return from == CORM_BLOB ? "convert_from(%, 'UTF8')" : "";
    if (is_text(from) && to == CORM_INTERVAL)
        return "%::bigint * interval '1 microsecond'"; /* microseconds, as everywhere */
    if (is_text(from)) return to == CORM_BLOB ? "convert_to(%, 'UTF8')" : "%::#";
    if ((from == CORM_REAL || from == CORM_DOUBLE_PRECISION) && to == CORM_DECIMAL)
        return "%::text::#"; /* the cast keeps 15 digits */
    if (from == to || (is_number(from) && is_number(to))) return "";
    if (to == CORM_JSON) return from == CORM_BLOB ? "convert_from(%, 'UTF8')::json" : "to_json(%)";
    if (from == CORM_JSON && (is_number(to) || to == CORM_BOOLEAN)) return "%::jsonb::#";
    if (from == CORM_BOOLEAN && is_number(to)) return "%::integer";
    if (is_number(from) && to == CORM_BOOLEAN) return "% <> 0";
    if (from == CORM_INTERVAL && is_integer(to))
        return "(extract(epoch FROM %) * 1000000)::bigint"; /* microseconds, as everywhere */
    if (is_integer(from) && to == CORM_INTERVAL) return "% * interval '1 microsecond'";
    bool moments = (from == CORM_DATE && to == CORM_TIMESTAMP) ||
                   (from == CORM_TIMESTAMP && (to == CORM_DATE || to == CORM_TIME)) ||
                   (from == CORM_TIME && to == CORM_INTERVAL) ||
                   (from == CORM_INTERVAL && to == CORM_TIME);
    return moments ? "" : NULL;
}

static int refuse_type(corm_script *script, const corm_table *table, const corm_column *before,
                       const corm_column *after) {
    const char *from = corm_kind_name(before->kind), *to = corm_kind_name(after->kind);
    corm__fail(script->error, CORM_ERROR_UNSUPPORTED,
               "column %s of %s: PostgreSQL has no conversion from %s to %s", after->name,
               table->name, from, to);
    corm__error_set(script->error->table, sizeof script->error->table, "%s", table->name);
    corm__error_set(script->error->column, sizeof script->error->column, "%s", after->name);
    corm__error_hint(
        script->error,
        "Add a column of the new type and remove this one; or write the conversion by hand: a "
        "CORM_SEPARATE with this operation in "
        ".state and, as CORM_RUN_SQL in .database, ALTER TABLE … ALTER COLUMN … TYPE … USING ….");
    return CORM_ERROR_UNSUPPORTED;
}

static int alter_type(corm_script *script, const corm_table *table, const corm_column *before,
                      const corm_column *after) {
    corm_buffer out = { 0 };
    const char *pattern = conversion(before->kind, after->kind);
    if (!pattern) return refuse_type(script, table, before, after);
    begin(&out, table, after);
    corm__buffer_puts(&out, "TYPE ");
    corm__pg_type_name(&out, after);
    if (given(after->collation)) {
        corm__buffer_puts(&out, " COLLATE ");
        corm__pg_identifier(&out, after->collation);
    }
    if (*pattern) corm__buffer_puts(&out, " USING ");
    for (; *pattern; pattern++) {
        if (*pattern == '%')
            corm__pg_identifier(&out, before->name);
        else if (*pattern == '#')
            corm__pg_type_name(&out, after);
        else
            corm__buffer_putc(&out, *pattern);
    }
    return corm__script_step(script, &out);
}

/* --- NOT NULL --- */

static bool defers(const corm_table *table) {
    for (const corm_column *column = table->columns; column && column->name; column++)
        if (column->references.table && column->references.deferrable) return true;
    for (const corm_constraint *constraint = table->constraints; constraint && constraint->name;
         constraint++)
        if (constraint->deferrable) return true;
    return false;
}

static int plain(corm_script *script, const char *sql) {
    corm_buffer out = { 0 };
    corm__buffer_puts(&out, sql);
    return corm__script_step(script, &out);
}

static int fill_nulls(corm_script *script, const corm_table *table, const corm_column *column,
                      const corm_default *fill) {
    corm_buffer out = { 0 };
    corm__buffer_puts(&out, "UPDATE ");
    corm__pg_identifier(&out, table->name);
    corm__buffer_puts(&out, " SET ");
    corm__pg_identifier(&out, column->name);
    corm__buffer_puts(&out, " = ");
    corm__pg_default(&out, column->kind, fill);
    corm__buffer_puts(&out, " WHERE ");
    corm__pg_identifier(&out, column->name);
    corm__buffer_puts(&out, " IS NULL");
    int status = corm__script_step(script, &out);
    if (status || !defers(table)) return status;
    /* Deferred checks that wait for the update would forbid the ALTER TABLE after it: they are made
     * now. */
    status = plain(script, "SET CONSTRAINTS ALL IMMEDIATE");
    return status ? status : plain(script, "SET CONSTRAINTS ALL DEFERRED");
}

/* Behind the numbers that are there, and never back. */
void corm__pg_reset_identity(corm_buffer *out, const char *table, const char *column) {
    corm_buffer quoted = { 0 };
    corm__pg_identifier(&quoted, table);
    corm__buffer_puts(out, "SELECT pg_catalog.setval(s, m) FROM (SELECT "
                           "pg_catalog.pg_get_serial_sequence(");
    corm__pg_literal(out, corm__buffer_text(&quoted));
    corm__buffer_puts(out, ", ");
    corm__pg_literal(out, column);
    corm__buffer_puts(out, ") AS s, max(");
    corm__pg_identifier(out, column);
    corm__buffer_printf(out,
                        ") AS m FROM %s) AS found WHERE m > 0 AND m > "
                        "coalesce(pg_catalog.pg_sequence_last_value(s::pg_catalog.regclass), 0)",
                        corm__buffer_text(&quoted));
    if (quoted.broken) out->broken = true;
    corm__buffer_release(&quoted);
}

/* A fresh identity goes on behind the numbers that are there. */
static int start_identity(corm_script *script, const corm_table *table, const corm_column *column) {
    int status = alter(script, table, column, "ADD GENERATED BY DEFAULT AS IDENTITY");
    corm_buffer out = { 0 };
    if (status) return status;
    corm__pg_reset_identity(&out, table->name, column->name);
    return corm__script_step(script, &out);
}

/* An identity is a bigint, or a smaller integer, with a generator. */
static void forget_generator(corm_column *column) {
    if (column->kind != CORM_IDENTITY) return;
    column->kind = column->element ? column->element : CORM_BIGINT;
    column->element = CORM_NULL;
}

static bool same_type(const corm_column *before, const corm_column *after) {
    corm_column a = *before, b = *after;
    forget_generator(&a);
    forget_generator(&b);
    return corm__column_same_type(&a, &b) &&
           strcmp(a.collation ? a.collation : "", b.collation ? b.collation : "") == 0;
}

static bool has_default(const corm_column *column) {
    return column->default_value.kind != CORM_DEFAULT_NONE && column->kind != CORM_IDENTITY &&
           !given(column->generated);
}

static int drop_expression(corm_script *script, const corm_table *table,
                           const corm_column *column) {
    if (!script->version || script->version >= 130000)
        return alter(script, table, column, "DROP EXPRESSION");
    corm__fail(script->error, CORM_ERROR_UNSUPPORTED,
               "column %s of %s: making a plain column of a generated one needs PostgreSQL 13",
               column->name, table->name);
    corm__error_hint(script->error, "Remove the column and add it again, or use a newer server.");
    return CORM_ERROR_UNSUPPORTED;
}

int corm__pg_alter_column(corm_script *script, const corm_change *change) {
    const corm_table *table = change->after;
    const corm_column *before = change->column_before, *after = change->column_after;
    bool was_identity = before->kind == CORM_IDENTITY, is_identity = after->kind == CORM_IDENTITY,
         retyped = !same_type(before, after);
    /* A default of the old type stands in the way of the new one. */
    bool drop_default = has_default(before) && (retyped || !has_default(after));
    bool set_default =
        has_default(after) && (drop_default || !has_default(before) ||
                               !corm__default_equal(&before->default_value, &after->default_value));
    bool fill =
        before->null && !after->null && change->fill && change->fill->kind != CORM_DEFAULT_NONE;
    int status = 0;
    if (given(before->generated) && !given(after->generated))
        status = drop_expression(script, table, after);
    if (!status && was_identity && !is_identity)
        status = alter(script, table, after, "DROP IDENTITY");
    if (!status && drop_default) status = alter(script, table, after, "DROP DEFAULT");
    if (!status && retyped) status = alter_type(script, table, before, after);
    if (!status && set_default) status = corm__pg_set_default(script, table, after);
    if (!status && fill) status = fill_nulls(script, table, after, change->fill);
    if (!status && before->null != after->null)
        status = alter(script, table, after, after->null ? "DROP NOT NULL" : "SET NOT NULL");
    if (!status && is_identity && !was_identity) status = start_identity(script, table, after);
    return status;
}
