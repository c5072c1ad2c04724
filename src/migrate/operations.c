#include "migrate/state.h"
#include "base/error.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

char *corm__operation_describe(const corm_operation *o, corm_arena *arena) {
    const char *table = o->table ? o->table : "?", *name = o->name ? o->name : "?", *new_name = o->new_name ? o->new_name : "?";
    switch (o->kind) {
    case CORM_CREATE_TABLE: return corm__arena_printf(arena, "Create table %s", table);
    case CORM_DELETE_TABLE: return corm__arena_printf(arena, "Delete table %s", table);
    case CORM_RENAME_TABLE: return corm__arena_printf(arena, "Rename table %s to %s", table, new_name);
    case CORM_ADD_COLUMN: return corm__arena_printf(arena, "Add column %s to %s", o->column.name ? o->column.name : "?", table);
    case CORM_REMOVE_COLUMN: return corm__arena_printf(arena, "Remove column %s from %s", name, table);
    case CORM_ALTER_COLUMN: return corm__arena_printf(arena, "Alter column %s of %s", o->column.name ? o->column.name : "?", table);
    case CORM_RENAME_COLUMN: return corm__arena_printf(arena, "Rename column %s of %s to %s", name, table, new_name);
    case CORM_ADD_INDEX: return corm__arena_printf(arena, "Add index %s to %s", o->index.name ? o->index.name : "?", table);
    case CORM_REMOVE_INDEX: return corm__arena_printf(arena, "Remove index %s from %s", name, table);
    case CORM_RENAME_INDEX: return corm__arena_printf(arena, "Rename index %s of %s to %s", name, table, new_name);
    case CORM_ADD_CONSTRAINT:
        return corm__arena_printf(arena, "Add constraint %s to %s", o->constraint.name ? o->constraint.name : "?", table);
    case CORM_REMOVE_CONSTRAINT: return corm__arena_printf(arena, "Remove constraint %s from %s", name, table);
    case CORM_ALTER_COMMENT: return corm__arena_printf(arena, "Alter comment of %s", table);
    case CORM_ALTER_PRIMARY_KEY: return corm__arena_printf(arena, "Alter primary key of %s", table);
    case CORM_RUN_SQL: return corm__arena_strdup(arena, "Run SQL");
    case CORM_RUN_C: return corm__arena_strdup(arena, "Run C");
    default: break;
    }
    return corm__arena_printf(arena, "Unknown operation %d", (int)o->kind);
}

/* The kind that undoes a kind that changes a table. */
static corm_operation_kind opposite(corm_operation_kind kind) {
    switch (kind) {
    case CORM_CREATE_TABLE: return CORM_DELETE_TABLE;
    case CORM_DELETE_TABLE: return CORM_CREATE_TABLE;
    case CORM_ADD_COLUMN: return CORM_REMOVE_COLUMN;
    case CORM_REMOVE_COLUMN: return CORM_ADD_COLUMN;
    case CORM_ADD_INDEX: return CORM_REMOVE_INDEX;
    case CORM_REMOVE_INDEX: return CORM_ADD_INDEX;
    case CORM_ADD_CONSTRAINT: return CORM_REMOVE_CONSTRAINT;
    case CORM_REMOVE_CONSTRAINT: return CORM_ADD_CONSTRAINT;
    default: return kind;
    }
}

/* What is undone must be known in full: the column that a removal dropped, the table that a deletion dropped, … */
static bool reverse_from(const corm_operation *o, const corm_table *t, corm_operation *out) {
    const corm_column *column = NULL;
    const corm_index *index = NULL;
    const corm_constraint *constraint = NULL;
    switch (o->kind) {
    case CORM_CREATE_TABLE: return true;
    case CORM_DELETE_TABLE:
        out->model = t->model && *t->model ? t->model : NULL;
        out->columns = t->columns;
        out->primary_key = t->primary_key;
        out->indexes = t->indexes;
        out->constraints = t->constraints;
        out->comment = t->comment;
        return true;
    case CORM_RENAME_TABLE:
        out->table = o->new_name;
        out->new_name = o->table;
        return o->new_name != NULL;
    case CORM_RENAME_COLUMN:
    case CORM_RENAME_INDEX:
        out->name = o->new_name;
        out->new_name = o->name;
        return o->new_name && o->name;
    case CORM_ADD_COLUMN: return (out->name = o->column.name) != NULL;
    case CORM_REMOVE_COLUMN:
    case CORM_ALTER_COLUMN:
        column = corm__column_find(t, o->kind == CORM_ALTER_COLUMN ? o->column.name : o->name);
        if (!column) return false;
        out->column = *column;
        /* What the rows get that are there when the column comes back, or takes no NULL any more. */
        if (o->kind == CORM_REMOVE_COLUMN)
            out->fill = o->fill;
        else if (!column->null && o->column.null)
            out->fill = column->default_value;
        return true;
    case CORM_ADD_INDEX: return (out->name = o->index.name) != NULL;
    case CORM_REMOVE_INDEX:
        index = corm__index_find(t, o->name);
        if (index) out->index = *index;
        return index;
    case CORM_ADD_CONSTRAINT: return (out->name = o->constraint.name) != NULL;
    case CORM_REMOVE_CONSTRAINT:
        constraint = corm__constraint_find(t, o->name);
        if (constraint) out->constraint = *constraint;
        return constraint;
    case CORM_ALTER_COMMENT: out->comment = t->comment; return true;
    case CORM_ALTER_PRIMARY_KEY: out->primary_key = t->primary_key; return true;
    default: return false;
    }
}

static int reverse(const corm_operation *o, const corm_table *table, corm_arena *arena, corm_operation *out, corm_error_info *error) {
    *out = (corm_operation){ .kind = opposite(o->kind), .table = o->table };
    if (o->kind == CORM_RUN_SQL && o->reverse_sql) {
        out->sql = o->reverse_sql;
        out->reverse_sql = o->sql;
        return 0;
    }
    if (o->kind < CORM_RUN_SQL && o->kind >= CORM_CREATE_TABLE && (table || o->kind == CORM_CREATE_TABLE) && reverse_from(o, table, out))
        return 0;
    char *what = corm__operation_describe(o, arena);
    corm__fail(error, CORM_ERROR_MIGRATION, "\"%s\" cannot be undone", what ? what : "?");
    if (o->kind == CORM_RUN_SQL) corm__error_hint(error, "Give it a .reverse_sql, or \"\" when there is nothing to undo.");
    return CORM_ERROR_MIGRATION;
}

int corm__state_reverse(const corm_state *before, const corm_operation *operation, corm_arena *arena, corm_operation *out,
                        corm_error_info *error) {
    return reverse(operation, corm__state_find(before, operation->table), arena, out, error);
}

int corm__operation_reverse(const corm_operation *operation, const corm_schema *before, corm_arena *arena, corm_operation *out,
                            corm_error_info *error) {
    return reverse(operation, operation->table ? corm__table_find(before, operation->table) : NULL, arena, out, error);
}

void corm__change_reverse(const corm_change *change, const corm_operation *operation, corm_change *out) {
    *out = (corm_change){ .kind = change->kind ? operation->kind : 0,
                          .before = change->after,
                          .after = change->before,
                          .column_before = change->column_after,
                          .column_after = change->column_before,
                          .index_before = change->index_after,
                          .index_after = change->index_before,
                          .constraint_before = change->constraint_after,
                          .constraint_after = change->constraint_before,
                          .schema_before = change->schema_after,
                          .schema_after = change->schema_before,
                          .fill = operation->fill.kind ? &operation->fill : NULL };
}

/* --- checksum --- Members that are not set are left out, so that a member which a later version adds changes no checksum. */

typedef struct digest {
    uint64_t hash;
} digest;

static void add_bytes(digest *d, const void *data, size_t size) {
    const unsigned char *p = data;
    for (size_t i = 0; i < size; i++) d->hash = (d->hash ^ p[i]) * 1099511628211u;
}

/* Lengths keep "ab","c" and "a","bc" apart. */
static void add_text(digest *d, const char *key, const char *text) {
    if (!text) return;
    char head[48];
    int length = snprintf(head, sizeof head, "%s:%zu:", key, strlen(text));
    add_bytes(d, head, (size_t)length);
    add_bytes(d, text, strlen(text));
}

static void add_number(digest *d, const char *key, int64_t number) {
    char text[64];
    if (number) add_bytes(d, text, (size_t)snprintf(text, sizeof text, "%s=%" PRId64 ";", key, number));
}

static void add_default(digest *d, const char *key, const corm_default *value) {
    if (!value->kind) return;
    char real[48];
    add_number(d, key, value->kind);
    add_number(d, "integer", value->integer);
    if (value->kind == CORM_DEFAULT_REAL) snprintf(real, sizeof real, "%a", value->real);
    add_text(d, "real", value->kind == CORM_DEFAULT_REAL ? real : NULL);
    add_text(d, "text", value->text);
}

static void add_column(digest *d, const corm_column *c) {
    add_text(d, "column", c->name);
    add_number(d, "kind", c->kind);
    add_number(d, "max_length", c->max_length);
    add_number(d, "digits", c->digits);
    add_number(d, "places", c->places);
    add_number(d, "element", c->element);
    add_number(d, "null", c->null);
    add_default(d, "default_value", &c->default_value);
    add_text(d, "generated", c->generated);
    add_text(d, "collation", c->collation);
    add_text(d, "comment", c->comment);
    add_text(d, "references.table", c->references.table);
    add_text(d, "references.column", c->references.column);
    add_number(d, "references.on_delete", c->references.on_delete);
    add_number(d, "references.deferrable", c->references.deferrable);
    add_text(d, "references.name", c->references.name);
}

static void add_index(digest *d, const corm_index *i) {
    add_text(d, "index", i->name);
    add_text(d, "columns", i->columns);
    add_text(d, "expression", i->expression);
    add_text(d, "where", i->where);
    add_text(d, "include", i->include);
    add_text(d, "method", i->method);
    add_number(d, "unique", i->unique);
}

static void add_constraint(digest *d, const corm_constraint *c) {
    add_text(d, "constraint", c->name);
    add_number(d, "kind", c->kind);
    add_text(d, "columns", c->columns);
    add_text(d, "check", c->check);
    add_number(d, "deferrable", c->deferrable);
    add_number(d, "nulls_not_distinct", c->nulls_not_distinct);
}

static void add_operation(digest *d, const corm_operation *o) {
    add_number(d, "operation", o->kind);
    add_text(d, "table", o->table);
    add_text(d, "name", o->name);
    add_text(d, "new_name", o->new_name);
    add_text(d, "model", o->model);
    if (o->column.name) add_column(d, &o->column);
    add_default(d, "fill", &o->fill);
    for (const corm_column *c = o->columns; c && c->name; c++) add_column(d, c);
    add_text(d, "primary_key", o->primary_key);
    for (const corm_index *i = o->indexes; i && i->name; i++) add_index(d, i);
    for (const corm_constraint *c = o->constraints; c && c->name; c++) add_constraint(d, c);
    if (o->index.name) add_index(d, &o->index);
    if (o->constraint.name) add_constraint(d, &o->constraint);
    add_text(d, "comment", o->comment);
    add_text(d, "sql", o->sql);
    add_text(d, "reverse_sql", o->reverse_sql);
}

void corm__migration_checksum(const corm_migration *migration, char out[CORM_CHECKSUM_TEXT]) {
    digest d = { 14695981039346656037u };
    for (const char *const *name = migration->body->depends_on; name && *name; name++) add_text(&d, "depends_on", *name);
    for (const corm_operation *o = migration->body->operations; o && o->kind; o++) add_operation(&d, o);
    snprintf(out, CORM_CHECKSUM_TEXT, "%016" PRIx64, d.hash);
}

int corm__in_migration(corm_error_info *error, const corm_migration *migration) {
    if (!error) return CORM_ERROR_MIGRATION;
    char message[sizeof error->message];
    memcpy(message, error->message, sizeof message);
    corm__error_set(error->message, sizeof error->message, "%s.%s: %s", migration->app, migration->name, message);
    return error->status;
}

int corm_nothing_to_undo(const corm_migration_run *run) {
    (void)run;
    return 0;
}
