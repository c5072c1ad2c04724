#include "base/error.h"
#include "migrate/state/state.h"
#include <stdio.h>
#include <string.h>

/* By its first operation; what it does to the database alone, or to the state alone, is worth to be
 * known. */
static char *describe_separate(const corm_operation *o, corm_arena *arena) {
    bool database = o->database && o->database->kind, state = o->state && o->state->kind;
    if (!database && !state) return corm__arena_strdup(arena, "Do nothing");
    const corm_operation *first = database ? o->database : o->state;
    char *text = corm__operation_describe(first, arena);
    if (!text) return NULL;
    return corm__arena_printf(arena, "%s%s%s", text, first[1].kind ? " and more" : "",
                              database && state ? ""
                              : database        ? " (in the database alone)"
                                                : " (in the state alone)");
}

char *corm__operation_describe(const corm_operation *o, corm_arena *arena) {
    const char *table = o->table ? o->table : "?", *name = o->name ? o->name : "?",
               *new_name = o->new_name ? o->new_name : "?";
    const char *column = o->column.name ? o->column.name : "?",
               *index = o->index.name ? o->index.name : "?";
    const char *constraint = o->constraint.name ? o->constraint.name : "?",
               *concurrently = o->concurrently ? " concurrently" : "";
    switch (o->kind) {
    case CORM_CREATE_TABLE: return corm__arena_printf(arena, "Create table %s", table);
    case CORM_DELETE_TABLE: return corm__arena_printf(arena, "Delete table %s", table);
    case CORM_RENAME_TABLE:
        return corm__arena_printf(arena, "Rename table %s to %s", table, new_name);
    case CORM_ADD_COLUMN: return corm__arena_printf(arena, "Add column %s to %s", column, table);
    case CORM_REMOVE_COLUMN:
        return corm__arena_printf(arena, "Remove column %s from %s", name, table);
    case CORM_ALTER_COLUMN:
        return corm__arena_printf(arena, "Alter column %s of %s%s", column, table,
                                  o->lossy ? ", rounding and cutting values" : "");
    case CORM_RENAME_COLUMN:
        return corm__arena_printf(arena, "Rename column %s of %s to %s", name, table, new_name);
    case CORM_ADD_INDEX:
        return corm__arena_printf(arena, "Add index %s to %s%s", index, table, concurrently);
    case CORM_REMOVE_INDEX:
        return corm__arena_printf(arena, "Remove index %s from %s%s", name, table, concurrently);
    case CORM_RENAME_INDEX:
        return corm__arena_printf(arena, "Rename index %s of %s to %s", name, table, new_name);
    case CORM_ALTER_INDEX: return corm__arena_printf(arena, "Alter index %s of %s", index, table);
    case CORM_ADD_CONSTRAINT:
        return corm__arena_printf(arena, "Add constraint %s to %s%s", constraint, table,
                                  o->constraint.not_valid ? " without checking its rows" : "");
    case CORM_REMOVE_CONSTRAINT:
        return corm__arena_printf(arena, "Remove constraint %s from %s", name, table);
    case CORM_ALTER_CONSTRAINT:
        return corm__arena_printf(arena, "Alter constraint %s of %s", constraint, table);
    case CORM_RENAME_CONSTRAINT:
        return corm__arena_printf(arena, "Rename constraint %s of %s to %s", name, table, new_name);
    case CORM_VALIDATE_CONSTRAINT:
        return corm__arena_printf(arena, "Validate constraint %s of %s", name, table);
    case CORM_ALTER_COMMENT: return corm__arena_printf(arena, "Alter comment of %s", table);
    case CORM_ALTER_PRIMARY_KEY: return corm__arena_printf(arena, "Alter primary key of %s", table);
    case CORM_CREATE_EXTENSION: return corm__arena_printf(arena, "Create extension %s", name);
    case CORM_REMOVE_EXTENSION: return corm__arena_printf(arena, "Remove extension %s", name);
    case CORM_RUN_SQL: return corm__arena_strdup(arena, "Run SQL");
    case CORM_RUN_C: return corm__arena_strdup(arena, "Run C");
    case CORM_SEPARATE: return describe_separate(o, arena);
    }
    return corm__arena_printf(arena, "Unknown operation %d", (int)o->kind);
}

/* The kind that undoes a kind. */
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
    case CORM_CREATE_EXTENSION: return CORM_REMOVE_EXTENSION;
    case CORM_REMOVE_EXTENSION: return CORM_CREATE_EXTENSION;
    default: return kind;
    }
}

/* --- kinds that change a table: what is undone must be known in full, the column that a removal
 * dropped, the table that a deletion dropped, … --- */

static bool reverse_column(const corm_operation *o, const corm_table *t, corm_operation *out) {
    const corm_column *column =
        corm__column_find(t, o->kind == CORM_ALTER_COLUMN ? o->column.name : o->name);
    if (!column) return false;
    out->column = *column;
    out->lossy = o->lossy;
    /* What the rows get that are there when the column comes back, or takes no NULL any more. */
    if (o->kind == CORM_REMOVE_COLUMN) {
        out->fill = o->fill;
        out->engines = o->engines;
        if (o->primary_key) out->primary_key = t->primary_key ? t->primary_key : "";
    } else if (!column->null && o->column.null)
        out->fill = column->default_value;
    return true;
}

static bool reverse_index(const char *name, const corm_table *t, corm_operation *out) {
    const corm_index *index = name ? corm__index_find(t, name) : NULL;
    if (index) out->index = *index;
    return index;
}

static bool reverse_constraint(const char *name, const corm_table *t, corm_operation *out) {
    const corm_constraint *constraint = name ? corm__constraint_find(t, name) : NULL;
    if (constraint) out->constraint = *constraint;
    return constraint;
}

static bool reverse_rename(const corm_operation *o, corm_operation *out) {
    out->name = o->new_name;
    out->new_name = o->name;
    return o->new_name && o->name;
}

static bool reverse_change(const corm_operation *o, const corm_table *t, corm_operation *out) {
    if (!t && o->kind != CORM_CREATE_TABLE) return false;
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
    case CORM_RENAME_CONSTRAINT: return reverse_rename(o, out);
    case CORM_ADD_COLUMN:
        if (o->primary_key) out->primary_key = t->primary_key ? t->primary_key : "";
        return (out->name = o->column.name) != NULL;
    case CORM_REMOVE_COLUMN:
    case CORM_ALTER_COLUMN:
        return (o->kind == CORM_ALTER_COLUMN ? o->column.name : o->name) &&
               reverse_column(o, t, out);
    case CORM_ADD_INDEX: return (out->name = o->index.name) != NULL;
    case CORM_REMOVE_INDEX: return reverse_index(o->name, t, out);
    case CORM_ALTER_INDEX: return reverse_index(o->index.name, t, out);
    case CORM_ADD_CONSTRAINT: return (out->name = o->constraint.name) != NULL;
    case CORM_REMOVE_CONSTRAINT: return reverse_constraint(o->name, t, out);
    case CORM_ALTER_CONSTRAINT: return reverse_constraint(o->constraint.name, t, out);
    case CORM_ALTER_COMMENT: out->comment = t->comment; return true;
    case CORM_ALTER_PRIMARY_KEY: out->primary_key = t->primary_key; return true;
    case CORM_VALIDATE_CONSTRAINT:
    case CORM_CREATE_EXTENSION:
    case CORM_REMOVE_EXTENSION:
    case CORM_RUN_SQL:
    case CORM_RUN_C:
    case CORM_SEPARATE: break;
    }
    return false;
}

/* --- the others --- */

static int refuse(const corm_operation *o, const char *hint, corm_arena *arena,
                  corm_error_info *error) {
    char *what = corm__operation_describe(o, arena);
    corm__fail(error, CORM_ERROR_MIGRATION, "\"%s\" cannot be undone", what ? what : "?");
    if (hint) corm__error_hint(error, "%s", hint);
    return CORM_ERROR_MIGRATION;
}

/* There is no statement that makes a valid constraint one that is not: it is altered back. */
static int reverse_validation(const corm_operation *o, const corm_table *t, corm_arena *arena,
                              corm_operation *out, corm_error_info *error) {
    const corm_column *column = NULL;
    out->kind = CORM_ALTER_CONSTRAINT;
    if (t && reverse_constraint(o->name, t, out)) return 0;
    if (t && o->name && corm__foreign_key_find(arena, t, o->name, &column))
        return corm__fail_memory(error);
    if (!column) return refuse(o, NULL, arena, error);
    out->kind = CORM_ALTER_COLUMN;
    out->column = *column;
    return 0;
}

/* The operations that undo a list, from the last to the first. */
static int reverse_list(const corm_state *before, const corm_operation *list, corm_arena *arena,
                        const corm_operation **out, corm_error_info *error) {
    size_t n = 0;
    *out = NULL;
    if (!list) return 0;
    while (list[n].kind) n++;
    corm_schema now = { before->tables, before->n };
    corm_operation *reversed = corm__arena_array(arena, n + 1, sizeof *reversed);
    corm_state state;
    if (!reversed || corm__state_init(&state, arena, &now)) return corm__fail_memory(error);
    int status = 0;
    for (size_t i = 0; !status && i < n; i++) {
        status = corm__state_reverse(&state, &list[i], arena, &reversed[n - 1 - i], error);
        if (!status) status = corm__state_apply(&state, &list[i], NULL, NULL, NULL, error);
    }
    corm__state_release(&state);
    *out = reversed;
    return status;
}

static int reverse_sql(const corm_operation *o, corm_arena *arena, corm_operation *out,
                       corm_error_info *error) {
    static const char hint[] = "Give it a .reverse_sql, or \"\" when there is nothing to undo.";
    bool known = o->reverse_sql;
    size_t n = 0;
    for (const corm_engine_sql *e = o->engines; e && e->engine; e++, n++)
        known |= e->reverse_sql != NULL;
    if (!known) return refuse(o, hint, arena, error);
    out->sql = o->reverse_sql;
    out->reverse_sql = o->sql;
    if (!o->engines) return 0;
    corm_engine_sql *engines = corm__arena_array(arena, n + 1, sizeof *engines);
    if (!engines) return corm__fail_memory(error);
    for (size_t i = 0; i < n; i++)
        engines[i] =
            (corm_engine_sql){ o->engines[i].engine, o->engines[i].reverse_sql, o->engines[i].sql };
    out->engines = engines;
    return 0;
}

static int reverse_c(const corm_operation *o, corm_arena *arena, corm_operation *out,
                     corm_error_info *error) {
    if (!o->reverse) return refuse(o, "Give it a .reverse, or corm_nothing_to_undo.", arena, error);
    out->run = o->reverse;
    out->reverse = o->run;
    return 0;
}

int corm__state_reverse(const corm_state *before, const corm_operation *o, corm_arena *arena,
                        corm_operation *out, corm_error_info *error) {
    *out = (corm_operation){ .kind = opposite(o->kind),
                             .table = o->table,
                             .concurrently = o->concurrently };
    int status = 0;
    switch (o->kind) {
    case CORM_CREATE_EXTENSION:
    case CORM_REMOVE_EXTENSION: out->name = o->name; return 0;
    case CORM_VALIDATE_CONSTRAINT:
        return reverse_validation(o, corm__state_before(before, o), arena, out, error);
    case CORM_RUN_SQL: status = reverse_sql(o, arena, out, error); break;
    case CORM_RUN_C: status = reverse_c(o, arena, out, error); break;
    case CORM_SEPARATE:
        status = reverse_list(before, o->database, arena, &out->database, error);
        break;
    default:
        return reverse_change(o, corm__state_before(before, o), out)
                   ? 0
                   : refuse(o, NULL, arena, error);
    }
    return status ? status : reverse_list(before, o->state, arena, &out->state, error);
}

int corm__operation_reverse(const corm_operation *operation, const corm_schema *before,
                            corm_arena *arena, corm_operation *out, corm_error_info *error) {
    corm_state state;
    if (corm__state_init(&state, arena, before)) return corm__fail_memory(error);
    int status = corm__state_reverse(&state, operation, arena, out, error);
    corm__state_release(&state);
    return status;
}

void corm__change_reverse(const corm_change *change, const corm_operation *operation,
                          corm_change *out) {
    *out = (corm_change){ .kind = change->kind ? operation->kind : 0,
                          .before = change->after,
                          .after = change->before,
                          .column_before = change->column_after,
                          .column_after = change->column_before,
                          .index_before = change->index_after,
                          .index_after = change->index_before,
                          .constraint_before = change->constraint_after,
                          .constraint_after = change->constraint_before,
                          .extension = change->extension,
                          .concurrently = change->concurrently,
                          .schema_before = change->schema_after,
                          .schema_after = change->schema_before,
                          .fill = operation->fill.kind ? &operation->fill : NULL };
}

int corm__in_migration(corm_error_info *error, const corm_migration *migration) {
    if (!error) return CORM_ERROR_MIGRATION;
    char message[sizeof error->message];
    memcpy(message, error->message, sizeof message);
    corm__error_set(error->message, sizeof error->message, "%s.%s: %s", migration->app,
                    migration->name, message);
    return error->status;
}

int corm_nothing_to_undo(const corm_migration_run *run) {
    (void)run;
    return 0;
}

static const corm_engine_sql *engine_sql(const corm_operation *o, const char *engine) {
    for (const corm_engine_sql *e = o->engines; e && e->engine; e++)
        if (strcmp(e->engine, engine) == 0) return e;
    return NULL;
}

const char *corm__operation_sql(const corm_operation *operation, const char *engine) {
    const corm_engine_sql *own = engine_sql(operation, engine);
    return own ? own->sql : operation->sql;
}

corm_default corm__operation_fill(const corm_operation *operation, const char *engine) {
    bool column = operation->kind >= CORM_ADD_COLUMN && operation->kind <= CORM_ALTER_COLUMN;
    const corm_engine_sql *own = column && engine ? engine_sql(operation, engine) : NULL;
    return own ? (corm_default)CORM_DEFAULT_EXPRESSION(own->sql) : operation->fill;
}
