/* Each kind of operation has one function that checks that it fits the state and gives the table as it is to be. Tables are
 * never written to: a changed one shares what did not change with the old one, so that a snapshot is a copy of an array. */
#include "migrate/state.h"
#include "base/error.h"
#include <stdio.h>
#include <string.h>

typedef struct step {
    corm_state *state;
    const corm_operation *operation;
    const char *app;
    const corm_table *before;
    corm_table *after;
    corm_change *change; /* never NULL here */
    corm_error_info *error;
} step;

int corm__state_init(corm_state *state, corm_arena *arena, const corm_schema *tables) {
    *state = (corm_state){ .arena = arena };
    size_t n = tables ? tables->n_tables : 0;
    state->capacity = n + 16;
    state->tables = corm__arena_array(arena, state->capacity, sizeof *state->tables);
    if (!state->tables) return CORM_ERROR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        state->tables[i] = tables->tables[i];
        if (corm__map_set(&state->positions, tables->tables[i].name, (void *)(uintptr_t)(i + 1))) {
            corm__state_release(state);
            return CORM_ERROR_MEMORY;
        }
    }
    state->n = n;
    return 0;
}

void corm__state_release(corm_state *state) {
    corm__map_release(&state->positions);
    state->tables = NULL;
    state->n = state->capacity = 0;
}

const corm_table *corm__state_find(const corm_state *state, const char *name) {
    size_t position = name ? (size_t)(uintptr_t)corm__map_get(&state->positions, name) : 0;
    return position ? &state->tables[position - 1] : NULL;
}

corm_schema *corm__state_snapshot(const corm_state *state, corm_arena *arena) {
    corm_schema *schema = corm__arena_zalloc(arena, sizeof *schema);
    corm_table *tables = corm__arena_array(arena, state->n + 1, sizeof *tables);
    if (!schema || !tables) return NULL;
    if (state->n) memcpy(tables, state->tables, state->n * sizeof *tables);
    schema->tables = tables;
    schema->n_tables = state->n;
    return schema;
}

static int insert(corm_state *state, const corm_table *table) {
    if (state->n + 2 > state->capacity) {
        corm_table *larger = corm__arena_array(state->arena, state->capacity * 2, sizeof *larger);
        if (!larger) return CORM_ERROR_MEMORY;
        memcpy(larger, state->tables, state->n * sizeof *larger);
        state->tables = larger;
        state->capacity *= 2;
    }
    if (corm__map_set(&state->positions, table->name, (void *)(uintptr_t)(state->n + 1))) return CORM_ERROR_MEMORY;
    state->tables[state->n++] = *table;
    state->tables[state->n] = (corm_table){ 0 };
    return 0;
}

static void erase(corm_state *state, const char *name) {
    size_t position = (size_t)(uintptr_t)corm__map_remove(&state->positions, name) - 1;
    corm_table *last = &state->tables[--state->n];
    if (position != state->n) {
        state->tables[position] = *last;
        corm__map_set(&state->positions, last->name, (void *)(uintptr_t)(position + 1)); /* replaces: needs no memory */
    }
    *last = (corm_table){ 0 };
}

static int replace(corm_state *state, const char *name, const corm_table *table) {
    size_t position = (size_t)(uintptr_t)corm__map_get(&state->positions, name);
    if (strcmp(name, table->name) != 0) {
        if (corm__map_set(&state->positions, table->name, (void *)(uintptr_t)position)) return CORM_ERROR_MEMORY;
        corm__map_remove(&state->positions, name);
    }
    state->tables[position - 1] = *table;
    return 0;
}

static int refuse(step *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int refuse(step *s, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    corm__fail(s->error, CORM_ERROR_MIGRATION, "%s", text);
    corm__error_set(s->error->table, sizeof s->error->table, "%s", s->operation->table ? s->operation->table : "");
    return CORM_ERROR_MIGRATION;
}

/* The referenced table and column have to be there when the constraint is made. */
static int check_reference(step *s, const corm_table *table, const corm_column *column) {
    const corm_reference *to = &column->references;
    if (!to->table) return 0;
    const corm_table *target = strcmp(to->table, table->name) == 0 ? table : corm__state_find(s->state, to->table);
    if (!target) {
        refuse(s, "column %s of %s references table %s, which does not exist at this point", column->name, table->name, to->table);
        corm__error_hint(s->error, "Add the migration that creates %s to .depends_on.", to->table);
        return CORM_ERROR_MIGRATION;
    }
    if (to->column && !corm__column_find(target, to->column))
        return refuse(s, "column %s of %s references %s.%s, which does not exist at this point", column->name, table->name, to->table,
                      to->column);
    return 0;
}

/* A table that has a foreign key to this one (to this column of it, unless NULL); itself does not count. */
static const corm_table *referrer(const corm_state *state, const char *table, const char *column) {
    for (size_t i = 0; i < state->n; i++) {
        if (strcmp(state->tables[i].name, table) == 0) continue;
        for (const corm_column *c = state->tables[i].columns; c && c->name; c++)
            if (c->references.table && strcmp(c->references.table, table) == 0 &&
                (!column || (c->references.column && strcmp(c->references.column, column) == 0)))
                return &state->tables[i];
    }
    return NULL;
}

/* The table with its references to `table` (and to `column` of it) renamed; itself when it has none, NULL when memory is out. */
static const corm_table *retarget(corm_arena *arena, const corm_table *in, const char *table, const char *column, const char *new_name) {
    for (const corm_column *c = in->columns; c && c->name; c++) {
        if (!c->references.table || strcmp(c->references.table, table) != 0) continue;
        if (column && (!c->references.column || strcmp(c->references.column, column) != 0)) continue;
        corm_column changed = *c;
        if (column)
            changed.references.column = new_name;
        else
            changed.references.table = new_name;
        const corm_table *out = corm__table_replace_column(arena, in, c->name, &changed);
        return out ? retarget(arena, out, table, column, new_name) : NULL;
    }
    return in;
}

static int retarget_all(step *s, const char *table, const char *column, const char *new_name) {
    for (size_t i = 0; i < s->state->n; i++) {
        const corm_table *changed = retarget(s->state->arena, &s->state->tables[i], table, column, new_name);
        if (!changed) return CORM_ERROR_MEMORY;
        if (changed != &s->state->tables[i]) s->state->tables[i] = *changed;
    }
    return 0;
}

static int create_table(step *s) {
    const corm_operation *o = s->operation;
    if (corm__state_find(s->state, o->table)) return refuse(s, "table %s exists already", o->table);
    if (!o->columns || !o->columns[0].name) return refuse(s, "table %s has no columns", o->table);
    corm_table table = { .name = o->table,
                         .app = s->app ? s->app : "",
                         .model = o->model ? o->model : "",
                         .primary_key = o->primary_key,
                         .comment = o->comment,
                         .columns = o->columns,
                         .indexes = o->indexes,
                         .constraints = o->constraints };
    for (const corm_column *c = table.columns; c->name; c++) {
        int status = check_reference(s, &table, c);
        if (status) return status;
    }
    return insert(s->state, &table);
}

static int delete_table(step *s) {
    const corm_table *other = referrer(s->state, s->before->name, NULL);
    if (other) return refuse(s, "table %s cannot be deleted: a foreign key of %s refers to it", s->before->name, other->name);
    erase(s->state, s->operation->table);
    return 0;
}

static int rename_table(step *s) {
    const corm_operation *o = s->operation;
    if (!o->new_name || !*o->new_name) return refuse(s, "renaming table %s: .new_name is missing", o->table);
    if (corm__state_find(s->state, o->new_name)) return refuse(s, "table %s cannot be renamed: %s exists already", o->table, o->new_name);
    corm_table table = *s->before;
    table.name = o->new_name;
    int status = replace(s->state, o->table, &table);
    return status ? status : retarget_all(s, o->table, NULL, o->new_name);
}

static int add_column(step *s) {
    const corm_column *column = &s->operation->column;
    if (!column->name) return refuse(s, "adding a column to %s: .column has no name", s->before->name);
    if (corm__column_find(s->before, column->name)) return refuse(s, "column %s of %s exists already", column->name, s->before->name);
    int status = check_reference(s, s->before, column);
    if (status) return status;
    s->change->column_after = column;
    s->change->fill = s->operation->fill.kind ? &s->operation->fill : NULL;
    s->after = corm__table_with_column(s->state->arena, s->before, column);
    return 0;
}

static int remove_column(step *s) {
    const corm_table *t = s->before;
    const char *name = s->operation->name;
    const corm_column *column = name ? corm__column_find(t, name) : NULL;
    if (!column) return refuse(s, "table %s has no column %s to remove", t->name, name ? name : "(.name is missing)");
    if (corm__names_have(t->primary_key, name))
        return refuse(s, "column %s of %s cannot be removed: it is in the primary key", name, t->name);
    for (const corm_index *i = t->indexes; i && i->name; i++)
        if (corm__names_have(i->columns, name) || corm__names_have(i->include, name))
            return refuse(s, "column %s of %s cannot be removed: index %s uses it; remove that first", name, t->name, i->name);
    for (const corm_constraint *c = t->constraints; c && c->name; c++)
        if (corm__names_have(c->columns, name))
            return refuse(s, "column %s of %s cannot be removed: constraint %s uses it; remove that first", name, t->name, c->name);
    const corm_table *other = referrer(s->state, t->name, name);
    if (other) return refuse(s, "column %s of %s cannot be removed: a foreign key of %s refers to it", name, t->name, other->name);
    if (corm__column_count(t) == 1) return refuse(s, "column %s is the only one of %s: delete the table instead", name, t->name);
    s->change->column_before = column;
    s->after = corm__table_without_column(s->state->arena, t, name);
    return 0;
}

static int alter_column(step *s) {
    const corm_column *after = &s->operation->column;
    const corm_column *before = after->name ? corm__column_find(s->before, after->name) : NULL;
    if (!before)
        return refuse(s, "table %s has no column %s to alter", s->before->name, after->name ? after->name : "(.column has no name)");
    int status = check_reference(s, s->before, after);
    if (status) return status;
    s->change->column_before = before;
    s->change->column_after = after;
    s->change->fill = s->operation->fill.kind ? &s->operation->fill : NULL;
    s->after = corm__table_replace_column(s->state->arena, s->before, after->name, after);
    return 0;
}

static int rename_column(step *s) {
    const corm_operation *o = s->operation;
    const corm_column *column = o->name ? corm__column_find(s->before, o->name) : NULL;
    if (!column) return refuse(s, "table %s has no column %s to rename", s->before->name, o->name ? o->name : "(.name is missing)");
    if (!o->new_name || !*o->new_name) return refuse(s, "renaming column %s of %s: .new_name is missing", o->name, s->before->name);
    if (corm__column_find(s->before, o->new_name))
        return refuse(s, "column %s of %s cannot be renamed: %s exists already", o->name, s->before->name, o->new_name);
    s->change->column_before = column;
    s->after = corm__table_rename_column(s->state->arena, s->before, o->name, o->new_name);
    if (!s->after) return CORM_ERROR_MEMORY;
    int status = replace(s->state, o->table, s->after);
    if (!status) status = retarget_all(s, o->table, o->name, o->new_name);
    if (!status) s->change->column_after = corm__column_find(corm__state_find(s->state, o->table), o->new_name);
    s->after = NULL; /* it is in the state already */
    return status;
}

static int add_index(step *s) {
    const corm_index *index = &s->operation->index;
    if (!index->name) return refuse(s, "adding an index to %s: .index has no name", s->before->name);
    if (corm__index_find(s->before, index->name)) return refuse(s, "index %s of %s exists already", index->name, s->before->name);
    s->change->index_after = index;
    s->after = corm__table_with_index(s->state->arena, s->before, index);
    return 0;
}

static int remove_index(step *s) {
    const corm_index *index = s->operation->name ? corm__index_find(s->before, s->operation->name) : NULL;
    if (!index)
        return refuse(s, "table %s has no index %s to remove", s->before->name,
                      s->operation->name ? s->operation->name : "(.name is missing)");
    s->change->index_before = index;
    s->after = corm__table_without_index(s->state->arena, s->before, index->name);
    return 0;
}

static int rename_index(step *s) {
    const corm_operation *o = s->operation;
    const corm_index *index = o->name ? corm__index_find(s->before, o->name) : NULL;
    if (!index) return refuse(s, "table %s has no index %s to rename", s->before->name, o->name ? o->name : "(.name is missing)");
    if (!o->new_name || !*o->new_name) return refuse(s, "renaming index %s of %s: .new_name is missing", o->name, s->before->name);
    if (corm__index_find(s->before, o->new_name)) return refuse(s, "index %s of %s exists already", o->new_name, s->before->name);
    corm_index renamed = *index;
    renamed.name = o->new_name;
    const corm_table *without = corm__table_without_index(s->state->arena, s->before, o->name);
    s->after = without ? corm__table_with_index(s->state->arena, without, &renamed) : NULL;
    s->change->index_before = index;
    s->change->index_after = s->after ? corm__index_find(s->after, o->new_name) : NULL;
    return 0;
}

static int add_constraint(step *s) {
    const corm_constraint *constraint = &s->operation->constraint;
    if (!constraint->name) return refuse(s, "adding a constraint to %s: .constraint has no name", s->before->name);
    if (corm__constraint_find(s->before, constraint->name))
        return refuse(s, "constraint %s of %s exists already", constraint->name, s->before->name);
    s->change->constraint_after = constraint;
    s->after = corm__table_with_constraint(s->state->arena, s->before, constraint);
    return 0;
}

static int remove_constraint(step *s) {
    const char *name = s->operation->name;
    const corm_constraint *constraint = name ? corm__constraint_find(s->before, name) : NULL;
    if (!constraint) return refuse(s, "table %s has no constraint %s to remove", s->before->name, name ? name : "(.name is missing)");
    s->change->constraint_before = constraint;
    s->after = corm__table_without_constraint(s->state->arena, s->before, name);
    return 0;
}

static int alter_table(step *s) {
    s->after = corm__arena_zalloc(s->state->arena, sizeof *s->after);
    if (!s->after) return CORM_ERROR_MEMORY;
    *s->after = *s->before;
    if (s->operation->kind == CORM_ALTER_COMMENT)
        s->after->comment = s->operation->comment;
    else
        s->after->primary_key = s->operation->primary_key;
    return 0;
}

static int (*function_of(corm_operation_kind kind))(step *s) {
    switch (kind) {
    case CORM_CREATE_TABLE: return create_table;
    case CORM_DELETE_TABLE: return delete_table;
    case CORM_RENAME_TABLE: return rename_table;
    case CORM_ADD_COLUMN: return add_column;
    case CORM_REMOVE_COLUMN: return remove_column;
    case CORM_ALTER_COLUMN: return alter_column;
    case CORM_RENAME_COLUMN: return rename_column;
    case CORM_ADD_INDEX: return add_index;
    case CORM_REMOVE_INDEX: return remove_index;
    case CORM_RENAME_INDEX: return rename_index;
    case CORM_ADD_CONSTRAINT: return add_constraint;
    case CORM_REMOVE_CONSTRAINT: return remove_constraint;
    case CORM_ALTER_COMMENT:
    case CORM_ALTER_PRIMARY_KEY: return alter_table;
    default: break;
    }
    return NULL;
}

/* Runs the function of the kind and puts its table into the state. */
static int run(step *s, int (*function)(step *)) {
    const corm_operation *o = s->operation;
    int status = function(s);
    if (status || o->kind == CORM_CREATE_TABLE || o->kind == CORM_DELETE_TABLE || o->kind == CORM_RENAME_TABLE ||
        o->kind == CORM_RENAME_COLUMN)
        return status;
    return s->after ? replace(s->state, o->table, s->after) : CORM_ERROR_MEMORY;
}

int corm__state_apply(corm_state *state, const corm_operation *operation, const char *app, corm_change *change, corm_arena *scratch,
                      corm_error_info *error) {
    corm_change dropped;
    corm_error_info ignored;
    step s = {
        .state = state, .operation = operation, .app = app, .change = change ? change : &dropped, .error = error ? error : &ignored
    };
    *s.change = (corm_change){ 0 };
    int (*function)(step *) = function_of(operation->kind);
    if (!function) {
        if (operation->kind == CORM_RUN_SQL) return corm__operation_validate(operation, NULL, s.error);
        return refuse(&s, "operation of unknown kind %d", (int)operation->kind);
    }
    if (!operation->table || !*operation->table) return refuse(&s, "an operation lacks its .table");
    corm_table before = { 0 };
    const corm_table *found = corm__state_find(state, operation->table);
    if (operation->kind != CORM_CREATE_TABLE) {
        if (!found) return refuse(&s, "table %s does not exist at this point", operation->table);
        before = *found; /* the state's place may get another table */
        s.before = &before;
    }
    int status = corm__operation_validate(operation, s.before, s.error);
    if (status) return status;
    corm_schema *schema_before = change ? corm__state_snapshot(state, scratch) : NULL;
    if (change && !schema_before) return corm__fail_memory(error);
    status = run(&s, function);
    if (status == CORM_ERROR_MEMORY) return corm__fail_memory(error);
    if (status || !change) return status;
    corm_schema *schema_after = corm__state_snapshot(state, scratch);
    if (!schema_after) return corm__fail_memory(error);
    change->kind = operation->kind;
    change->schema_before = schema_before;
    change->schema_after = schema_after;
    if (s.before) change->before = &schema_before->tables[found - state->tables];
    if (operation->kind != CORM_DELETE_TABLE) {
        const corm_table *after = corm__state_find(state, operation->kind == CORM_RENAME_TABLE ? operation->new_name : operation->table);
        change->after = &schema_after->tables[after - state->tables];
    }
    return 0;
}

int corm__operation_apply(const corm_operation *operation, const char *app, corm_schema *schema, corm_arena *arena, corm_change *change,
                          corm_error_info *error) {
    corm_state state;
    if (corm__state_init(&state, arena, schema)) return corm__fail_memory(error);
    int status = corm__state_apply(&state, operation, app, change, arena, error);
    if (!status) *schema = (corm_schema){ state.tables, state.n };
    corm__state_release(&state);
    return status;
}
