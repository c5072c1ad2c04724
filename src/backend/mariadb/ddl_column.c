/* Columns: their definition, and what adds, removes and alters them. A column is altered by MODIFY
 * with its whole new definition, in strict mode, so that a value that does not fit is an error and
 * nothing is changed. Where MariaDB converts otherwise than PostgreSQL and SQLite do, or not at
 * all, an UPDATE that may be run twice prepares the values.
 *
 * A column of a foreign key, on either side, does not change its type under it: the key goes and
 * comes back. On the way from one pair of types to another there is a time when the two sides
 * differ; then it stays away until the second side has followed. */
#include "backend/mariadb/ddl.h"
#include "backend/mariadb/declaration.h"
#include "base/error.h"
#include "schema/script.h"
#include "schema/sql_text.h"
#include <string.h>

static bool given(const char *text) { return corm__mariadb_given(text); }
static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }
static bool is_text(corm_kind kind) {
    return kind == CORM_VARCHAR || kind == CORM_TEXT || kind == CORM_ENUMERATION;
}
static bool is_number(corm_kind kind) {
    return kind == CORM_IDENTITY || kind == CORM_SMALLINT || kind == CORM_INTEGER ||
           kind == CORM_BIGINT || kind == CORM_REAL || kind == CORM_DOUBLE_PRECISION ||
           kind == CORM_DECIMAL;
}
static bool has_value(const corm_default *value) {
    return value && value->kind != CORM_DEFAULT_NONE;
}

/* --- the definition --- */

/* MariaDB has no NOT NULL for a generated column: a condition of the column's own says it, and
 * introspection reads it as that. */
static void write_checks(corm_buffer *out, const corm_column *column, bool not_null) {
    bool json = column->kind == CORM_JSON;
    if (!json && !not_null) return;
    corm__mariadb_write(out, json ? " CHECK (json_valid(%I)" : " CHECK (%I IS NOT NULL",
                        column->name);
    if (json && not_null) corm__mariadb_write(out, " AND %I IS NOT NULL", column->name);
    corm__buffer_putc(out, ')');
}

/* What refers to a row's number must be of its type to the letter; a table that another tool made
 * may have a smaller one than corm. NULL: corm's. */
static int find_key_type(corm_script *script, const corm_column *column, corm_conn *conn,
                         const char **type) {
    *type = NULL;
    if (!column->references.table || column->kind != CORM_BIGINT) return 0;
    int found = corm__mariadb_ask(script, conn, type,
                                  "SELECT COLUMN_TYPE FROM information_schema.COLUMNS WHERE "
                                  "TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %L AND "
                                  "COLUMN_NAME = %L AND EXTRA = 'auto_increment' AND COLUMN_TYPE "
                                  "NOT IN ('bigint', 'bigint(20)')",
                                  column->references.table, column->references.column);
    return found < 0 ? found : 0;
}

int corm__mariadb_write_column(corm_buffer *out, corm_script *script, const corm_column *column,
                               const corm_default *value, corm_conn *conn) {
    const char *type;
    int status = find_key_type(script, column, conn, &type);
    if (status) return status;
    bool is_mysql = corm__mariadb_version_is_mysql(script->version),
         generated = given(column->generated);
    if (column->kind == CORM_ARRAY)
        return corm__mariadb_refuse(script, "column", column->name, "arrays");
    corm__mariadb_identifier(out, column->name);
    corm__buffer_putc(out, ' ');
    if (type)
        corm__buffer_puts(out, type);
    else
        corm__mariadb_write_type(out, column);
    if (given(column->collation)) corm__mariadb_write(out, " COLLATE %I", column->collation);
    if (generated) {
        corm__buffer_puts(out, " GENERATED ALWAYS AS (");
        corm__mariadb_write_sql(out, column->generated);
        corm__buffer_puts(out, ") STORED");
    }
    if (!column->null && (!generated || is_mysql)) corm__buffer_puts(out, " NOT NULL");
    if (column->kind == CORM_IDENTITY) {
        corm__buffer_puts(out, " AUTO_INCREMENT");
    } else if (has_value(value) && !generated) {
        corm__buffer_puts(out, " DEFAULT ");
        corm__mariadb_write_default(out, column->kind, value, is_mysql);
    }
    if (given(column->comment)) corm__mariadb_write(out, " COMMENT %L", column->comment);
    write_checks(out, column, generated && !column->null && !is_mysql);
    return 0;
}

static int column_clause(corm_mariadb_alter *alter, const char *what, const corm_column *column,
                         const corm_default *value, corm_conn *conn) {
    corm_buffer text = { 0 };
    int status = corm__mariadb_write_column(&text, alter->script, column, value, conn);
    if (!status) corm__mariadb_clause(alter, "%S %B", what, &text);
    corm__buffer_release(&text);
    return status;
}

static int set_default(corm_script *script, const corm_table *table, const corm_column *column) {
    corm_mariadb_alter alter = { .script = script, .table = table->name };
    corm_buffer text = { 0 };
    corm__mariadb_write_default(&text, column->kind, &column->default_value,
                                corm__mariadb_version_is_mysql(script->version));
    if (has_value(&column->default_value))
        corm__mariadb_clause(&alter, "ALTER COLUMN %I SET DEFAULT %B", column->name, &text);
    else
        corm__mariadb_clause(&alter, "ALTER COLUMN %I DROP DEFAULT", column->name);
    corm__buffer_release(&text);
    return corm__mariadb_alter_end(&alter, 0);
}

/* --- add, remove --- */

static int fail_not_null(corm_script *script, const corm_table *table, const corm_column *column) {
    corm__fail(script->error, CORM_ERROR_NOT_NULL,
               "column \"%s\" of table \"%s\" contains null values", column->name, table->name);
    corm__error_set(script->error->table, sizeof script->error->table, "%s", table->name);
    corm__error_set(script->error->column, sizeof script->error->column, "%s", column->name);
    return CORM_ERROR_NOT_NULL;
}

/* Rows that are there would get a 0 or an empty text that nobody asked for. Not when the column is
 * there, after a run that was killed. */
static int check_rows(corm_script *script, const corm_change *change, const corm_default *value,
                      corm_conn *conn) {
    const corm_column *column = change->column_after;
    if (column->null || has_value(value) || given(column->generated) ||
        column->kind == CORM_IDENTITY)
        return 0;
    int any = corm__mariadb_ask(script, conn, NULL,
                                "SELECT 1 FROM %I WHERE NOT EXISTS (SELECT 1 FROM "
                                "information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND "
                                "TABLE_NAME = %L AND COLUMN_NAME = %L) LIMIT 1",
                                change->after->name, change->after->name, column->name);
    return any > 0 ? fail_not_null(script, change->after, column) : any;
}

/* An identity column comes and goes together with a primary key, in one statement: an
 * AUTO_INCREMENT is never without one. */
static void key_clauses(corm_mariadb_alter *alter, const corm_change *change) {
    const char *before = change->before->primary_key, *after = change->after->primary_key;
    if (same_text(before, after)) return;
    corm_buffer names = { 0 };
    if (given(before)) corm__mariadb_clause(alter, "DROP PRIMARY KEY");
    corm__names_write(&names, after, '`');
    if (given(after)) corm__mariadb_clause(alter, "ADD PRIMARY KEY (%B)", &names);
    corm__buffer_release(&names);
}

int corm__mariadb_add_column(corm_script *script, const corm_change *change, corm_conn *conn) {
    const corm_column *column = change->column_after;
    const corm_default *own = &column->default_value,
                       *first = has_value(change->fill) ? change->fill : own;
    corm_mariadb_alter alter = { .script = script, .table = change->after->name };
    int status = check_rows(script, change, first, conn);
    if (!status) status = column_clause(&alter, "ADD COLUMN", column, first, conn);
    if (!status) key_clauses(&alter, change);
    if (!status) status = corm__mariadb_change_support(&alter, change->before, change->after);
    if (!status && column->references.table)
        status = corm__mariadb_add_foreign_key(&alter, change->after, column);
    status = corm__mariadb_alter_end(&alter, status);
    bool extra = first != own && !given(column->generated) && column->kind != CORM_IDENTITY;
    return status || !extra ? status : set_default(script, change->after, column);
}

int corm__mariadb_remove_column(corm_script *script, const corm_change *change, corm_conn *conn) {
    const corm_column *column = change->column_before;
    corm_mariadb_alter alter = { .script = script, .table = change->before->name };
    int status = column->references.table
                     ? corm__mariadb_drop_foreign_key(&alter, change->before, column, conn)
                     : 0;
    corm__mariadb_clause(&alter, "DROP COLUMN %I", column->name);
    key_clauses(&alter, change);
    if (!status && !same_text(change->before->primary_key, change->after->primary_key))
        status = corm__mariadb_change_support(&alter, change->before, change->after);
    return corm__mariadb_alter_end(&alter, status);
}

/* --- values on the way to another type --- */

/* "UPDATE t SET c = …" with the column for each %; %% is one of its own. */
static int update(corm_script *script, const corm_table *table, const char *column,
                  const char *pattern) {
    corm_buffer out = { 0 };
    corm__mariadb_write(&out, "UPDATE %I SET %I = ", table->name, column);
    for (; *pattern; pattern++) {
        if (*pattern == '%' && pattern[1] != '%')
            corm__mariadb_identifier(&out, column);
        else
            corm__buffer_putc(&out, *pattern == '%' ? *++pattern : *pattern);
    }
    return corm__script_step(script, &out);
}

/* Through a type that holds the values of both kinds. What the pattern does not know it leaves, or
 * makes too long for the type. */
static int through(corm_script *script, const corm_table *table, const corm_column *column,
                   const char *type, const char *pattern) {
    int status = corm__mariadb_add_statement(script, "ALTER TABLE %I MODIFY COLUMN %I %S",
                                             table->name, column->name, type);
    return status ? status : update(script, table, column->name, pattern);
}

/* A kind of value becomes one of another: by the server itself (type NULL, pattern NULL), after an
 * UPDATE (type NULL), or through a type in which both have a place. */
typedef struct conversion {
    bool none; /* there is no sensible way */
    const char *type, *pattern;
} conversion;

static const char to_truth[] = "CASE WHEN lower(%) IN ('t', 'true', 'y', 'yes', 'on', '1') THEN "
                               "'1' WHEN lower(%) IN ('f', 'false', 'n', 'no', 'off', "
                               "'0') THEN '0' ELSE % END WHERE % IS NOT NULL";
static const char from_truth[] =
    "CASE % WHEN '1' THEN 'true' WHEN '0' THEN 'false' ELSE % END WHERE % IS NOT NULL";
static const char to_uuid[] =
    "CASE WHEN % REGEXP '^([0-9A-Fa-f]-?){32}$' THEN unhex(replace(%, '-', '')) ELSE "
    "repeat('?', 39) END WHERE % IS NOT NULL";
#define HYPHENS(mark)                                                                              \
    "concat('" mark "', lower(concat_ws('-', left(hex(%), 8), substr(hex(%), 9, 4), "              \
    "substr(hex(%), 13, 4), substr(hex(%), 17, 4), substr(hex(%), "                                \
    "21))), '" mark "') WHERE length(%) = 16"

static conversion conversion_of(corm_kind from, corm_kind to) {
    bool text = is_text(to) || to == CORM_JSON;
    if (from == to || (is_number(from) && is_number(to))) return (conversion){ 0 };
    if (from == CORM_UUID && text)
        return (conversion){ .type = "varbinary(38)",
                             .pattern = to == CORM_JSON ? HYPHENS("\"") : HYPHENS("") };
    if (is_text(from) && to == CORM_UUID)
        return (conversion){ .type = "varbinary(38)", .pattern = to_uuid };
    if (from == CORM_BOOLEAN && text)
        return (conversion){ .type = "varchar(5)", .pattern = from_truth };
    if ((is_text(from) || from == CORM_JSON) && to == CORM_BOOLEAN)
        return (conversion){ .pattern = to_truth };
    bool moment = from == CORM_DATE || from == CORM_TIME || from == CORM_TIMESTAMP;
    if (moment && to == CORM_JSON)
        return (conversion){ .type = "varchar(40)",
                             .pattern = "concat('\"', %, '\"') WHERE % NOT LIKE '\"%%'" };
    if (is_text(from) || text) return (conversion){ 0 };
    if (from == CORM_JSON && is_number(to)) return (conversion){ 0 };
    if (is_number(from) && to == CORM_BOOLEAN)
        return (conversion){ .pattern = "1 WHERE % NOT IN (0, 1)" };
    if (from == CORM_BOOLEAN && is_number(to)) return (conversion){ 0 };
    if (from == CORM_TIME && to == CORM_INTERVAL)
        return (conversion){
            .type = "varchar(40)",
            .pattern =
                "CAST(time_to_sec(CAST(% AS time(6))) * 1000000 AS signed) WHERE % LIKE '%%:%%'"
        };
    if (from == CORM_INTERVAL && to == CORM_TIME)
        return (conversion){
            .type = "varchar(40)",
            .pattern = "sec_to_time(CAST(% AS decimal(30)) * 0.000001) WHERE % NOT LIKE '%%:%%'"
        };
    bool plain = (from == CORM_INTERVAL && is_number(to)) ||
                 (is_number(from) && to == CORM_INTERVAL) ||
                 (from == CORM_DATE && to == CORM_TIMESTAMP) ||
                 (from == CORM_TIMESTAMP && (to == CORM_DATE || to == CORM_TIME));
    return (conversion){ .none = !plain };
}

static int refuse_type(corm_script *script, const corm_table *table, const corm_column *before,
                       const corm_column *after) {
    corm__fail(script->error, CORM_ERROR_UNSUPPORTED,
               "column %s of %s: MariaDB has no conversion from %s to %s", after->name, table->name,
               corm_kind_name(before->kind), corm_kind_name(after->kind));
    corm__error_set(script->error->table, sizeof script->error->table, "%s", table->name);
    corm__error_set(script->error->column, sizeof script->error->column, "%s", after->name);
    corm__error_hint(script->error,
                     "Add a column of the new type and remove this one; or write the conversion by "
                     "hand: a CORM_SEPARATE with this operation in "
                     ".state and, as CORM_RUN_SQL in .database, UPDATE and ALTER TABLE … MODIFY.");
    return CORM_ERROR_UNSUPPORTED;
}

static int convert(corm_script *script, const corm_table *table, const corm_column *before,
                   const corm_column *after) {
    conversion way = conversion_of(before->kind, after->kind);
    if (given(before->generated) || given(after->generated)) return 0;
    if (way.none) return refuse_type(script, table, before, after);
    if (way.type) return through(script, table, before, way.type, way.pattern);
    return way.pattern ? update(script, table, before->name, way.pattern) : 0;
}

static int fill_nulls(corm_script *script, const corm_table *table, const corm_column *column,
                      const corm_default *fill) {
    corm_buffer out = { 0 };
    corm__mariadb_write(&out, "UPDATE %I SET %I = ", table->name, column->name);
    corm__mariadb_write_value(&out, column->kind, fill);
    corm__mariadb_write(&out, " WHERE %I IS NULL", column->name);
    return corm__script_step(script, &out);
}

/* --- foreign keys around a change of type --- */

/* An identity is a bigint, or a smaller integer, that counts. */
static void forget_counter(corm_column *column) {
    if (column->kind != CORM_IDENTITY) return;
    column->kind = column->element ? column->element : CORM_BIGINT;
    column->element = CORM_NULL;
}

static bool same_type(const corm_column *before, const corm_column *after) {
    corm_column a = *before, b = *after;
    forget_counter(&a);
    forget_counter(&b);
    return corm__column_same_type(&a, &b) && same_text(a.collation, b.collation);
}

/* The length of a text does not count. */
static bool fits(const corm_schema *schema, const corm_column *column) {
    const corm_table *table = schema ? corm__table_find(schema, column->references.table) : NULL;
    const corm_column *target = table ? corm__column_find(table, column->references.column) : NULL;
    if (!target || (target->kind == CORM_VARCHAR && column->kind == CORM_VARCHAR &&
                    same_text(target->collation, column->collation)))
        return true;
    return same_type(column, target);
}

static bool refers_to(const corm_column *column, const char *table, const char *name) {
    return column->references.table && strcmp(column->references.table, table) == 0 &&
           column->references.column && strcmp(column->references.column, name) == 0;
}

int corm__mariadb_change_referrers(corm_script *script, const corm_change *change, bool add,
                                   corm_conn *conn) {
    const corm_schema *schema = add ? change->schema_after : change->schema_before;
    const char *table = change->before->name,
               *name = add ? change->column_after->name : change->column_before->name;
    for (const corm_table *other = schema ? schema->tables : NULL; other && other->name; other++) {
        corm_mariadb_alter alter = { .script = script, .table = other->name };
        int status = 0;
        for (const corm_column *column = other->columns; column && column->name && !status;
             column++) {
            bool own = strcmp(other->name, table) == 0 && strcmp(column->name, name) == 0;
            if (own || !refers_to(column, table, name) || !fits(schema, column)) continue;
            status = add ? corm__mariadb_add_foreign_key(&alter, other, column)
                         : corm__mariadb_drop_foreign_key(&alter, other, column, conn);
        }
        status = corm__mariadb_alter_end(&alter, status);
        if (status) return status;
    }
    return 0;
}

/* --- alter --- */

typedef struct plan {
    bool retyped, drop_key, add_key, fill, not_null;
} plan;

static bool only_default_differs(const corm_column *before, const corm_column *after) {
    return same_type(before, after) && before->kind == after->kind && before->null == after->null &&
           same_text(before->comment, after->comment) &&
           corm__sql_equal(before->generated, after->generated);
}

/* The values that rows have, and NOT NULL only when they all have one. */
static int prepare_values(corm_script *script, const corm_change *change, const plan *plan,
                          corm_conn *conn) {
    const corm_table *table = change->after;
    const corm_column *before = change->column_before, *after = change->column_after;
    int status = plan->retyped ? convert(script, table, before, after) : 0;
    if (status || !plan->not_null) return status;
    if (plan->fill && plan->retyped) { /* what fills it is of the new type */
        corm_column nullable = *after;
        nullable.null = true;
        corm_mariadb_alter alter = { .script = script, .table = table->name };
        status = column_clause(&alter, "MODIFY COLUMN", &nullable, &after->default_value, conn);
        if (!status) status = corm__mariadb_change_prefixes(&alter, change->before, table);
        status = corm__mariadb_alter_end(&alter, status);
    }
    if (status || plan->fill)
        return status ? status : fill_nulls(script, table, after, change->fill);
    int any = corm__mariadb_ask(script, conn, NULL, "SELECT 1 FROM %I WHERE %I IS NULL LIMIT 1",
                                table->name, before->name);
    return any > 0 ? fail_not_null(script, table, after) : any;
}

static int change_definition(corm_script *script, const corm_change *change, const plan *plan,
                             corm_conn *conn) {
    const corm_column *before = change->column_before, *after = change->column_after;
    corm_mariadb_alter alter = { .script = script, .table = change->after->name };
    int status = 0;
    bool modified = !only_default_differs(before, after);
    if (modified)
        status = column_clause(&alter, "MODIFY COLUMN", after, &after->default_value, conn);
    if (!status && plan->retyped && !plan->fill)
        status = corm__mariadb_change_prefixes(&alter, change->before, change->after);
    if (!status) status = corm__mariadb_change_support(&alter, change->before, change->after);
    if (!status && plan->add_key)
        status = corm__mariadb_add_foreign_key(&alter, change->after, after);
    /* In place, the condition of a JSON or a generated column would not be tried on the rows that
     * are there. */
    bool checked = modified &&
                   (plan->retyped || !same_text(before->generated, after->generated) ||
                    before->null != after->null) &&
                   (after->kind == CORM_JSON || (given(after->generated) && !after->null));
    if (!status && checked) corm__mariadb_clause(&alter, "ALGORITHM = COPY");
    status = corm__mariadb_alter_end(&alter, status);
    if (status || modified || corm__default_equal(&before->default_value, &after->default_value))
        return status;
    return set_default(script, change->after, after);
}

int corm__mariadb_alter_column(corm_script *script, const corm_change *change, corm_conn *conn) {
    const corm_column *before = change->column_before, *after = change->column_after;
    plan plan = { .retyped = !same_type(before, after) };
    bool new_key = plan.retyped || !corm__reference_equal(&before->references, &after->references);
    plan.drop_key = new_key && before->references.table && fits(change->schema_before, before);
    plan.add_key = new_key && after->references.table && fits(change->schema_after, after);
    plan.not_null = before->null && !after->null && !given(after->generated);
    plan.fill = plan.not_null && has_value(change->fill);
    int status = 0;
    if (plan.drop_key) {
        corm_mariadb_alter alter = { .script = script, .table = change->before->name };
        status = corm__mariadb_alter_end(
            &alter, corm__mariadb_drop_foreign_key(&alter, change->before, before, conn));
    }
    if (!status && plan.retyped)
        status = corm__mariadb_change_referrers(script, change, false, conn);
    if (!status) status = prepare_values(script, change, &plan, conn);
    if (!status) status = change_definition(script, change, &plan, conn);
    if (!status && plan.retyped)
        status = corm__mariadb_change_referrers(script, change, true, conn);
    return status;
}
