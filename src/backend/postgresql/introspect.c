/* The tables of the current schema as plain data. Four queries over the catalogue, whatever the
 * number of tables: tables, columns, constraints, indexes, each in the order of the table's OID, so
 * that one pass over each puts them together. What the server rewrites (conditions, expressions) is
 * taken as it writes it: the comparison of tables goes by meaning. */
#include "backend/postgresql/introspect.h"
#include "base/error.h"
#include "schema/schema.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLES                                                                                     \
    "WITH tables AS (SELECT c.oid, c.relname FROM pg_catalog.pg_class c"                           \
    " WHERE c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = "            \
    "current_schema()) AND c.relkind IN ('r', 'p')"                                                \
    " AND NOT c.relispartition AND ($1::text IS NULL OR c.relname = $1)"                           \
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = "                       \
    "'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND "                                     \
    "d.deptype = 'e')) "

static const char tables_sql[] = TABLES
    "SELECT oid, relname, pg_catalog.obj_description(oid, 'pg_class') FROM tables ORDER BY oid";

/* typtype 'd': a domain, which is read as its base type. */
static const char columns_sql[] =
    TABLES "SELECT t.oid, a.attname, b.typname, coalesce(e.typname, ''), CASE WHEN a.atttypmod >= "
           "0 THEN a.atttypmod ELSE y.typtypmod END, "
           "a.attnotnull, a.attidentity <> '',"
           " a.attgenerated <> '', pg_catalog.pg_get_expr(d.adbin, d.adrelid), CASE WHEN "
           "a.attcollation <> y.typcollation THEN l.collname END,"
           " pg_catalog.col_description(t.oid, a.attnum), "
           "pg_catalog.pg_get_serial_sequence(pg_catalog.quote_ident(t.relname), a.attname),"
           " pg_catalog.format_type(a.atttypid, a.atttypmod), labels.list, labels.length"
           " FROM tables t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 "
           "AND NOT a.attisdropped"
           " JOIN pg_catalog.pg_type y ON y.oid = a.atttypid"
           " JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN y.typtype = 'd' THEN y.typbasetype "
           "ELSE y.oid END"
           " LEFT JOIN pg_catalog.pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'"
           " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum"
           " LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation"
           " LEFT JOIN LATERAL (SELECT string_agg(quote_literal(n.enumlabel), ', ' ORDER BY "
           "n.enumsortorder) list, max(length(n.enumlabel::text)) "
           "length"
           "  FROM pg_catalog.pg_enum n WHERE n.enumtypid = b.oid) labels ON true ORDER BY t.oid, "
           "a.attnum";

static const char constraints_sql[] = TABLES
    "SELECT t.oid, k.conname, k.contype, k.condeferrable, k.confdeltype, "
    "pg_catalog.array_length(k.conkey, 1),"
    " (SELECT string_agg(a.attname, ', ' ORDER BY x.n) FROM unnest(k.conkey) WITH ORDINALITY x "
    "(attnum, n)"
    "  JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.attnum),"
    " r.relname, (SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.confrelid "
    "AND a.attnum = k.confkey[1]),"
    " CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_expr(k.conbin, k.conrelid) END,"
    " coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)," /* a column
                                                                                        since
                                                                                        PostgreSQL
                                                                                        15 */
    " pg_catalog.pg_get_constraintdef(k.oid), k.convalidated, i.include, x.elements, m.amname,"
    " pg_catalog.pg_get_expr(i.indpred, i.indrelid)"
    " FROM tables t JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid AND k.contype IN ('p', "
    "'u', 'c', 'f', 'x')"
    " LEFT JOIN pg_catalog.pg_class r ON r.oid = k.confrelid"
    " LEFT JOIN LATERAL (SELECT i.*, (SELECT string_agg(a.attname, ', ' ORDER BY n) FROM "
    "generate_series(i.indnkeyatts + 1, i.indnatts) n"
    "   JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[n - 1]) "
    "include"
    "  FROM pg_catalog.pg_index i WHERE i.indexrelid = k.conindid AND k.contype IN ('u', 'x')) i "
    "ON true"
    " LEFT JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_catalog.pg_am m ON "
    "m.oid = c.relam AND k.contype = 'x'"
    " LEFT JOIN LATERAL (SELECT string_agg(pg_catalog.pg_get_indexdef(i.indexrelid, n, true)"
    "   || CASE WHEN o.opcdefault THEN '' ELSE ' ' || quote_ident(o.opcname) END || ' WITH ' || "
    "p.oprname, ', ' ORDER BY n) elements"
    "  FROM generate_series(1, i.indnkeyatts) n JOIN pg_catalog.pg_opclass o ON o.oid = "
    "i.indclass[n - 1]"
    "  JOIN pg_catalog.pg_operator p ON p.oid = k.conexclop[n] WHERE k.contype = 'x') x ON true"
    " ORDER BY t.oid, k.conname";

static const char indexes_sql[] = TABLES
    "SELECT t.oid, c.relname, i.indisunique, m.amname, elements.special, elements.list,"
    " (SELECT string_agg(a.attname || CASE WHEN i.indoption[n - 1] & 1 = 1 THEN ' desc' ELSE '' "
    "END, ', ' ORDER BY n)"
    "  FROM generate_series(1, i.indnkeyatts) n JOIN pg_catalog.pg_attribute a ON a.attrelid = "
    "t.oid AND a.attnum = i.indkey[n - 1]),"
    " (SELECT string_agg(a.attname, ', ' ORDER BY n)"
    "  FROM generate_series(i.indnkeyatts + 1, i.indnatts) n JOIN pg_catalog.pg_attribute a ON "
    "a.attrelid = t.oid AND a.attnum = "
    "i.indkey[n - 1]),"
    " pg_catalog.pg_get_expr(i.indpred, i.indrelid),"
    " coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)"
    " FROM tables t JOIN pg_catalog.pg_index i ON i.indrelid = t.oid AND i.indisvalid JOIN "
    "pg_catalog.pg_class c ON c.oid = i.indexrelid"
    " JOIN pg_catalog.pg_am m ON m.oid = c.relam"
    /* special: not only columns, each with the operator class, the collation and the place of NULLs
       that it has by itself */
    " JOIN LATERAL (SELECT bool_or(i.indkey[n - 1] = 0 OR NOT o.opcdefault OR i.indoption[n - 1] "
    "NOT IN (0, 3)"
    "   OR (i.indcollation[n - 1] <> 0 AND i.indcollation[n - 1] <> coalesce(a.attcollation, "
    "i.indcollation[n - 1]))) special,"
    "  string_agg(pg_catalog.pg_get_indexdef(i.indexrelid, n, true)"
    "   || CASE WHEN l.oid IS NULL THEN '' ELSE ' COLLATE ' || quote_ident(l.collname) END"
    "   || CASE WHEN o.opcdefault THEN '' ELSE ' ' || quote_ident(o.opcname) END"
    "   || CASE i.indoption[n - 1] & 3 WHEN 1 THEN ' DESC NULLS LAST' WHEN 2 THEN ' NULLS FIRST' "
    "WHEN 3 THEN ' DESC' ELSE '' END, ', ' "
    "ORDER BY n) list"
    "  FROM generate_series(1, i.indnkeyatts) n JOIN pg_catalog.pg_opclass o ON o.oid = "
    "i.indclass[n - 1]"
    "  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[n - 1]"
    "  LEFT JOIN pg_catalog.pg_collation l ON a.attnum > 0 AND l.oid = i.indcollation[n - 1] AND "
    "l.oid <> a.attcollation) elements ON true"
    " WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND "
    "k.contype IN ('p', 'u', 'x')) ORDER BY "
    "t.oid, c.relname";

/* --- reading results --- */

typedef struct reading {
    corm_arena *arena;
    PGresult *tables, *columns, *constraints, *indexes;
    bool broken; /* memory is out */
} reading;

static char *text(reading *reading, const PGresult *result, int row, int column) {
    if (PQgetisnull(result, row, column)) return NULL;
    char *copy = corm__arena_strndup(reading->arena, corm__pg_cell(result, row, column),
                                     (size_t)PQgetlength(result, row, column));
    if (!copy) reading->broken = true;
    return copy;
}
static char *text_or_null(reading *reading, const PGresult *result, int row, int column) {
    return PQgetlength(result, row, column) ? text(reading, result, row, column) : NULL;
}
static bool truth(const PGresult *result, int row, int column) {
    return corm__pg_cell(result, row, column)[0] == 't';
}
static void *array(reading *reading, size_t n, size_t size) {
    void *items = corm__arena_array(reading->arena, n, size);
    if (!items) reading->broken = true;
    return items;
}
/* How many rows from this one on are about the same table. */
static int rows_of(const PGresult *result, int row, const char *oid) {
    int n = 0;
    while (row + n < PQntuples(result) && strcmp(corm__pg_cell(result, row + n, 0), oid) == 0) n++;
    return n;
}

static corm_kind kind_of(const char *type) {
    static const struct {
        const char *type;
        corm_kind kind;
    } kinds[] = {
        { "int2", CORM_SMALLINT },
        { "int4", CORM_INTEGER },
        { "int8", CORM_BIGINT },
        { "oid", CORM_BIGINT },
        { "bool", CORM_BOOLEAN },
        { "float4", CORM_REAL },
        { "float8", CORM_DOUBLE_PRECISION },
        { "numeric", CORM_DECIMAL },
        { "varchar", CORM_VARCHAR },
        { "bpchar", CORM_VARCHAR },
        { "bytea", CORM_BLOB },
        { "date", CORM_DATE },
        { "time", CORM_TIME },
        { "timestamptz", CORM_TIMESTAMP },
        { "timestamp", CORM_TIMESTAMP },
        { "interval", CORM_INTERVAL },
        { "uuid", CORM_UUID },
        { "json", CORM_JSON },
        { "jsonb", CORM_JSON },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].type, type) == 0) return kinds[i].kind;
    return CORM_TEXT;
}

/* Of a numeric without limits; a model's decimal has some. */
enum { NUMERIC_DIGITS = 38, NUMERIC_PLACES = 18 };

/* The kind that an array in a program can hold. */
static corm_kind element_of(corm_kind kind) {
    switch (kind) {
    case CORM_SMALLINT:
    case CORM_INTEGER: return CORM_INTEGER;
    case CORM_BIGINT: return CORM_BIGINT;
    case CORM_REAL:
    case CORM_DOUBLE_PRECISION: return CORM_DOUBLE_PRECISION;
    default: return CORM_TEXT;
    }
}

static void set_decimal(corm_column *column, int modifier) {
    column->digits = modifier > 4 ? (modifier - 4) >> 16 : NUMERIC_DIGITS;
    column->places = modifier > 4 ? (modifier - 4) & 0x7FF : NUMERIC_PLACES;
    if (column->digits > CORM_DECIMAL_MAX_DIGITS) column->digits = CORM_DECIMAL_MAX_DIGITS;
    if (column->places > column->digits) column->places = column->digits;
}

static void set_type(corm_column *column, const char *type, const char *element, int modifier) {
    column->kind = *element ? CORM_ARRAY : kind_of(type);
    if (*element) column->element = element_of(kind_of(element));
    if (column->kind == CORM_VARCHAR && modifier > 4)
        column->max_length = modifier - 4;
    else if (column->kind == CORM_VARCHAR)
        column->kind = CORM_TEXT; /* without a limit it is the same */
    if (column->kind == CORM_DECIMAL) set_decimal(column, modifier);
}

/* Would a column of this kind be made with this very type? */
static bool is_exact(const corm_column *column, const char *type) {
    char own[64];
    switch (column->kind) {
    case CORM_VARCHAR:
        snprintf(own, sizeof own, "character varying(%d)", column->max_length);
        break;
    case CORM_DECIMAL:
        snprintf(own, sizeof own, "numeric(%d,%d)", column->digits, column->places);
        break;
    case CORM_TIME: snprintf(own, sizeof own, "time without time zone"); break;
    case CORM_TIMESTAMP: snprintf(own, sizeof own, "timestamp with time zone"); break;
    case CORM_DOUBLE_PRECISION: snprintf(own, sizeof own, "double precision"); break;
    case CORM_BLOB: snprintf(own, sizeof own, "bytea"); break;
    case CORM_TEXT: return strcmp(type, "text") == 0 || strcmp(type, "character varying") == 0;
    case CORM_ARRAY:
        snprintf(own, sizeof own, "%s[]",
                 column->element == CORM_DOUBLE_PRECISION ? "double precision"
                                                          : corm_kind_name(column->element));
        return strcmp(type, own) == 0 ||
               (column->element == CORM_TEXT && strcmp(type, "character varying[]") == 0);
    default: snprintf(own, sizeof own, "%s", corm_kind_name(column->kind));
    }
    return strcmp(type, own) == 0;
}

enum { COLUMN_TYPE = 12, LABELS, LABEL_LENGTH };

/* A type made by CREATE TYPE … AS ENUM is read as what an enumeration of a model is, a varchar of
 * this length and a check (see read_labels). */
enum { ENUMERATION_LENGTH = 32 };

static void read_column(reading *reading, int row, corm_column *column) {
    const PGresult *result = reading->columns;
    column->name = text(reading, result, row, 1);
    set_type(column, corm__pg_cell(result, row, 2), corm__pg_cell(result, row, 3),
             atoi(corm__pg_cell(result, row, 4)));
    if (!PQgetisnull(result, row, LABELS)) {
        column->kind = CORM_VARCHAR;
        column->max_length = atoi(corm__pg_cell(result, row, LABEL_LENGTH));
        if (column->max_length < ENUMERATION_LENGTH) column->max_length = ENUMERATION_LENGTH;
    }
    if (!is_exact(column, corm__pg_cell(result, row, COLUMN_TYPE)))
        column->approximates = text(reading, result, row, COLUMN_TYPE);
    column->null = !truth(result, row, 5);
    bool generated = truth(result, row, 7);
    char *expression = text(reading, result, row, 8);
    if (generated)
        column->generated = expression;
    else if (expression && !corm__pg_read_default(reading->arena, expression, column->kind,
                                                  &column->default_value))
        reading->broken = true;
    column->collation = text(reading, result, row, 9);
    column->comment = text(reading, result, row, 10);
}

/* A generated number makes an identity of the key's column; elsewhere it is a default. */
static void read_generator(reading *reading, int row, const corm_table *table,
                           corm_column *column) {
    const PGresult *result = reading->columns;
    bool number = column->kind == CORM_BIGINT || column->kind == CORM_INTEGER ||
                  column->kind == CORM_SMALLINT;
    bool identity = truth(result, row, 6), serial = !PQgetisnull(result, row, 11);
    /* nextval(('x'::text)::regclass), as before PostgreSQL 8.1: the sequence is not the column's */
    const char *value = column->default_value.text;
    bool named = column->default_value.kind == CORM_DEFAULT_SQL && value &&
                 strncmp(value, "nextval(", strlen("nextval(")) == 0;
    bool key = corm__names_have(table->primary_key, column->name);
    if (!number || !(identity || serial || (named && key))) return;
    if (!key) {
        if (!column->approximates)
            column->approximates = corm__arena_printf(reading->arena, "%s with a sequence",
                                                      corm__pg_cell(result, row, COLUMN_TYPE));
        if (!column->approximates) reading->broken = true;
        column->default_value = (corm_default){ 0 };
        return;
    }
    if (column->kind != CORM_BIGINT) column->element = column->kind;
    column->kind = CORM_IDENTITY;
    column->default_value = (corm_default){ 0 };
}

static corm_on_delete on_delete(char code) {
    switch (code) {
    case 'c': return CORM_CASCADE;
    case 'r': return CORM_RESTRICT;
    case 'n': return CORM_SET_NULL;
    case 'd': return CORM_SET_DEFAULT;
    default: return CORM_NO_ACTION;
    }
}

enum { VALIDATED = 12, INCLUDE, ELEMENTS, METHOD, PREDICATE }; /* of constraints */

static void leave_out(reading *reading, corm_table *table, const PGresult *result, int row) {
    const char *before = table->left_out;
    table->left_out = corm__arena_printf(reading->arena, "%s%sconstraint %s: %s",
                                         before ? before : "", before ? "\n" : "",
                                         corm__pg_cell(result, row, 1),
                                         corm__pg_cell(result, row, 11));
    if (!table->left_out) reading->broken = true;
}

/* The name is left out when it is the one that corm gives. */
static void read_foreign_key(reading *reading, int row, corm_table *table, corm_column *columns) {
    const PGresult *result = reading->constraints;
    if (atoi(corm__pg_cell(result, row, 5)) != 1) {
        leave_out(reading, table, result, row);
        return;
    }
    corm_column *column = columns;
    while (column->name && strcmp(column->name, corm__pg_cell(result, row, 6)) != 0) column++;
    if (!column->name) return;
    column->references = (corm_reference){
        .table = text(reading, result, row, 7),
        .column = text(reading, result, row, 8),
        .on_delete = on_delete(corm__pg_cell(result, row, 4)[0]),
        .deferrable = truth(result, row, 3),
        .not_valid = !truth(result, row, VALIDATED),
    };
    const char *derived = corm__foreign_key_name(reading->arena, table, column);
    if (!derived)
        reading->broken = true;
    else if (strcmp(derived, corm__pg_cell(result, row, 1)) != 0)
        column->references.name = text(reading, result, row, 1);
}

/* The check of an enumeration. */
static void read_labels(reading *reading, int row, const corm_table *table, const char *column,
                        corm_constraint *out) {
    *out =
        (corm_constraint){ .name = corm__derived_name(reading->arena, table->name, column, "check"),
                           .kind = CORM_CONSTRAINT_CHECK,
                           .check =
                               corm__arena_printf(reading->arena, "\"%s\" IN (%s)", column,
                                                  corm__pg_cell(reading->columns, row, LABELS)) };
    if (!out->name || !out->check) reading->broken = true;
}

static void read_constraint(reading *reading, int row, corm_constraint *out) {
    const PGresult *result = reading->constraints;
    char kind = corm__pg_cell(result, row, 2)[0];
    *out = (corm_constraint){ .name = text(reading, result, row, 1),
                              .deferrable = truth(result, row, 3) };
    if (kind == 'c') {
        out->kind = CORM_CONSTRAINT_CHECK;
        out->check = text(reading, result, row, 9);
        out->not_valid = !truth(result, row, VALIDATED);
        return;
    }
    out->include = text(reading, result, row, INCLUDE);
    out->kind = kind == 'x' ? CORM_CONSTRAINT_EXCLUDE : CORM_CONSTRAINT_UNIQUE;
    if (kind == 'u') {
        out->columns = text(reading, result, row, 6);
        out->nulls_not_distinct = truth(result, row, 10);
        return;
    }
    out->elements = text(reading, result, row, ELEMENTS);
    if (strcmp(corm__pg_cell(result, row, METHOD), "btree") != 0)
        out->method = text(reading, result, row, METHOD);
    out->where = text(reading, result, row, PREDICATE);
}

static void read_constraints(reading *reading, int row, int n, corm_table *table,
                             corm_column *columns, int column, int n_columns) {
    const PGresult *result = reading->constraints;
    corm_constraint *constraints =
        array(reading, (size_t)n + (size_t)n_columns + 1, sizeof *constraints);
    int used = 0;
    for (int c = 0; c < n_columns && !reading->broken; c++)
        if (!PQgetisnull(reading->columns, column + c, LABELS))
            read_labels(reading, column + c, table, columns[c].name, &constraints[used++]);
    for (int i = row; i < row + n && !reading->broken; i++) {
        switch (corm__pg_cell(result, i, 2)[0]) {
        case 'p': table->primary_key = text(reading, result, i, 6); break;
        case 'f': read_foreign_key(reading, i, table, columns); break;
        default: read_constraint(reading, i, &constraints[used++]);
        }
    }
    table->constraints = used ? constraints : NULL;
}

static void read_indexes(reading *reading, int row, int n, corm_table *table) {
    const PGresult *result = reading->indexes;
    corm_index *indexes = array(reading, (size_t)n + 1, sizeof *indexes);
    for (int i = 0; i < n && !reading->broken; i++) {
        bool expression = truth(result, row + i, 4);
        indexes[i] =
            (corm_index){ .name = text(reading, result, row + i, 1),
                          .unique = truth(result, row + i, 2),
                          .expression = expression ? text(reading, result, row + i, 5) : NULL,
                          .columns = expression ? NULL : text(reading, result, row + i, 6),
                          .include = text_or_null(reading, result, row + i, 7),
                          .where = text(reading, result, row + i, 8),
                          .nulls_not_distinct = truth(result, row + i, 9) };
        if (strcmp(corm__pg_cell(result, row + i, 3), "btree") != 0)
            indexes[i].method = text(reading, result, row + i, 3);
    }
    table->indexes = n ? indexes : NULL;
}

static void read_tables(reading *reading, corm_schema *out) {
    int n = PQntuples(reading->tables), column = 0, constraint = 0, index = 0;
    corm_table *tables = array(reading, (size_t)n + 1, sizeof *tables);
    for (int i = 0; i < n && !reading->broken; i++) {
        const char *oid = corm__pg_cell(reading->tables, i, 0);
        corm_table *table = &tables[i];
        table->name = text(reading, reading->tables, i, 1);
        table->app = table->model = "";
        table->comment = text(reading, reading->tables, i, 2);
        int n_columns = rows_of(reading->columns, column, oid),
            n_constraints = rows_of(reading->constraints, constraint, oid),
            n_indexes = rows_of(reading->indexes, index, oid);
        corm_column *columns = array(reading, (size_t)n_columns + 1, sizeof *columns);
        for (int c = 0; c < n_columns && !reading->broken; c++)
            read_column(reading, column + c, &columns[c]);
        table->columns = columns;
        if (!reading->broken)
            read_constraints(reading, constraint, n_constraints, table, columns, column, n_columns);
        for (int c = 0; c < n_columns && !reading->broken; c++)
            read_generator(reading, column + c, table, &columns[c]);
        if (!reading->broken) read_indexes(reading, index, n_indexes, table);
        column += n_columns;
        constraint += n_constraints;
        index += n_indexes;
    }
    *out = (corm_schema){ tables, (size_t)n };
}

int corm__pg_introspect(corm_conn *conn, const char *only, corm_arena *arena, corm_schema *out,
                        corm_error_info *error) {
    reading reading = { .arena = arena };
    const char *values[] = { only };
    *out = (corm_schema){ 0 };
    int status = 0;
    if (!(reading.tables = corm__pg_query(conn, tables_sql, 1, values, error)) ||
        !(reading.columns = corm__pg_query(conn, columns_sql, 1, values, error)) ||
        !(reading.constraints = corm__pg_query(conn, constraints_sql, 1, values, error)) ||
        !(reading.indexes = corm__pg_query(conn, indexes_sql, 1, values, error)))
        status = error->status;
    if (!status) read_tables(&reading, out);
    if (reading.broken) status = corm__fail_memory(error);
    PQclear(reading.tables);
    PQclear(reading.columns);
    PQclear(reading.constraints);
    PQclear(reading.indexes);
    return status;
}
