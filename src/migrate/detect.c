/* From the state after all migrations to the models. Each operation that is found is applied to a working state at once, so that
 * the next look sees what is still different, and the order of finding is an order in which the operations can be applied:
 *
 *     rename tables, rename columns; remove indexes and constraints; cut foreign keys to tables that go, remove columns, delete
 *     tables; create tables along foreign keys, add columns (also those that a circle of foreign keys kept out of a new table), alter
 *     columns; primary keys; add indexes and constraints; comments.
 *
 * At the end the working state has to equal the models. */
#include "migrate/autodetect.h"
#include "base/error.h"
#include <stdio.h>
#include <string.h>

typedef struct detector {
    const corm_schema *from; /* as it was */
    const corm_schema *target;
    const corm_declared_rename *declared;
    const corm_questions *questions;
    corm_arena *arena;
    corm_error_info *error;
    corm_state state;  /* the working state */
    corm_map targets;  /* name to table of target */
    corm_map last;     /* table name to position + 1 of the last operation on it */
    corm_map created;  /* tables that this run creates */
    corm_map now;      /* name in from to present name, of renamed tables */
    corm_found *found;
    size_t n, capacity;
    /* for collecting what one operation needs */
    size_t *needs;
    const char **apps;
    size_t n_needs, n_apps, room;
} detector;

static const corm_table *target_of(const detector *d, const char *name) { return corm__map_get(&d->targets, name); }

/* --- dependencies --- */

static int room_for_need(detector *d) {
    if (d->n_needs < d->room && d->n_apps < d->room) return 0;
    size_t room = d->room ? d->room * 2 : 8;
    size_t *needs = corm__arena_array(d->arena, room, sizeof *needs);
    const char **apps = corm__arena_array(d->arena, room, sizeof *apps);
    if (!needs || !apps) return CORM_ERROR_MEMORY;
    if (d->n_needs) memcpy(needs, d->needs, d->n_needs * sizeof *needs);
    if (d->n_apps) memcpy(apps, d->apps, d->n_apps * sizeof *apps);
    d->needs = needs;
    d->apps = apps;
    d->room = room;
    return 0;
}

/* An operation of app needs table as it is now: what was last done to it in this run, or else its app's migrations so far. */
static int need_table(detector *d, const char *app, const char *table) {
    if (room_for_need(d)) return CORM_ERROR_MEMORY;
    size_t position = (size_t)(uintptr_t)corm__map_get(&d->last, table);
    if (position) {
        if (strcmp(d->found[position - 1].app, app) != 0) d->needs[d->n_needs++] = position - 1;
        return 0;
    }
    const corm_table *found = corm__state_find(&d->state, table);
    if (found && found->app && *found->app && strcmp(found->app, app) != 0) d->apps[d->n_apps++] = found->app;
    return 0;
}

static int need_references(detector *d, const char *app, const corm_column *columns, bool one) {
    for (const corm_column *c = columns; c && c->name; c++) {
        if (c->references.table && need_table(d, app, c->references.table)) return CORM_ERROR_MEMORY;
        if (one) break;
    }
    return 0;
}

/* Renaming or dropping what others refer to comes after all that they did with it under the old name. */
static int need_referrers(detector *d, const char *app, const char *table) {
    for (size_t i = 0; i < d->from->n_tables; i++) {
        const corm_table *t = &d->from->tables[i];
        const char *t_now = corm__map_get(&d->now, t->name);
        for (const corm_column *c = t->columns; c && c->name; c++) {
            if (!c->references.table) continue;
            const char *to = corm__map_get(&d->now, c->references.table);
            if (strcmp(to ? to : c->references.table, table) != 0) continue;
            if (need_table(d, app, t_now ? t_now : t->name)) return CORM_ERROR_MEMORY;
            break;
        }
    }
    return 0;
}

static int collect_needs(detector *d, const char *app, const corm_operation *o) {
    d->n_needs = d->n_apps = d->room = 0;
    if (o->kind == CORM_CREATE_TABLE) return need_references(d, app, o->columns, false);
    int status = need_table(d, app, o->table);
    if (!status && (o->kind == CORM_ADD_COLUMN || o->kind == CORM_ALTER_COLUMN)) status = need_references(d, app, &o->column, true);
    if (!status &&
        (o->kind == CORM_DELETE_TABLE || o->kind == CORM_RENAME_TABLE || o->kind == CORM_RENAME_COLUMN || o->kind == CORM_REMOVE_COLUMN))
        status = need_referrers(d, app, o->table);
    return status;
}

/* --- names --- */

static const char *thing(detector *d, const char *table) {
    const corm_table *t = target_of(d, table);
    if (!t) t = corm__state_find(&d->state, table);
    return t && t->model && *t->model ? t->model : table;
}

/* As Django names: "recipe_servings", "delete_recipe", "alter_recipe_title". */
static char *label_of(detector *d, const corm_operation *o) {
    const char *model = thing(d, o->table);
    switch (o->kind) {
    case CORM_CREATE_TABLE: return corm__arena_printf(d->arena, "%s", o->model ? o->model : o->table);
    case CORM_DELETE_TABLE: return corm__arena_printf(d->arena, "delete_%s", model);
    case CORM_RENAME_TABLE: return corm__arena_printf(d->arena, "rename_%s_%s", model, thing(d, o->new_name));
    case CORM_ADD_COLUMN: return corm__arena_printf(d->arena, "%s_%s", model, o->column.name);
    case CORM_REMOVE_COLUMN: return corm__arena_printf(d->arena, "remove_%s_%s", model, o->name);
    case CORM_ALTER_COLUMN: return corm__arena_printf(d->arena, "alter_%s_%s", model, o->column.name);
    case CORM_RENAME_COLUMN: return corm__arena_printf(d->arena, "rename_%s_%s_%s", o->name, model, o->new_name);
    case CORM_ADD_INDEX: return corm__arena_printf(d->arena, "%s_%s", model, o->index.name);
    case CORM_REMOVE_INDEX: return corm__arena_printf(d->arena, "remove_%s_%s", model, o->name);
    case CORM_RENAME_INDEX: return corm__arena_printf(d->arena, "rename_%s_%s", o->name, o->new_name);
    case CORM_ADD_CONSTRAINT: return corm__arena_printf(d->arena, "%s_%s", model, o->constraint.name);
    case CORM_REMOVE_CONSTRAINT: return corm__arena_printf(d->arena, "remove_%s_%s", model, o->name);
    case CORM_ALTER_COMMENT: return corm__arena_printf(d->arena, "alter_%s_comment", model);
    default: return corm__arena_printf(d->arena, "alter_%s_primary_key", model);
    }
}

/* --- one operation found --- */

static int emit(detector *d, const char *app, const corm_operation *operation) {
    if (d->n == d->capacity) {
        size_t capacity = d->capacity ? d->capacity * 2 : 32;
        corm_found *larger = corm__arena_array(d->arena, capacity, sizeof *larger);
        if (!larger) return corm__fail_memory(d->error);
        if (d->n) memcpy(larger, d->found, d->n * sizeof *larger);
        d->found = larger;
        d->capacity = capacity;
    }
    corm_found *found = &d->found[d->n];
    *found = (corm_found){ .app = app, .operation = *operation, .label = label_of(d, operation) };
    if (!found->label || collect_needs(d, app, operation)) return corm__fail_memory(d->error);
    found->needs = d->needs;
    found->n_needs = d->n_needs;
    found->apps = d->apps;
    found->n_apps = d->n_apps;
    d->n++;
    void *position = (void *)(uintptr_t)d->n;
    if (corm__map_set(&d->last, operation->table, position)) return corm__fail_memory(d->error);
    if (operation->kind == CORM_RENAME_TABLE && corm__map_set(&d->last, operation->new_name, position)) return corm__fail_memory(d->error);
    return corm__state_apply(&d->state, operation, app, NULL, NULL, d->error);
}

/* --- questions --- */

static int cannot_ask(detector *d, const char *what, const char *hint) {
    corm__fail(d->error, CORM_ERROR_USAGE, "%s", what ? what : "a question is open");
    if (hint) corm__error_hint(d->error, "%s", hint);
    return CORM_ERROR_USAGE;
}

/* 1, 0 or a status. */
static int ask_renamed_column(detector *d, const corm_table *table, const corm_column *from, const corm_column *to) {
    const corm_questions *q = d->questions;
    int answer = q && q->renamed_column ? q->renamed_column(q->context, table, from, to) : -1;
    if (answer >= 0) return answer != 0;
    return cannot_ask(d, corm__arena_printf(d->arena, "table %s: was column %s renamed to %s?", table->name, from->name, to->name),
                      corm__arena_printf(d->arena,
                                         "If so, write .renamed_from = \"%s\" at %s in model %s. If not, run makemigrations once with %s "
                                         "removed and once with %s added.",
                                         from->name, to->name, thing(d, table->name), from->name, to->name));
}

static int ask_renamed_table(detector *d, const corm_table *from, const corm_table *to) {
    const corm_questions *q = d->questions;
    int answer = q && q->renamed_table ? q->renamed_table(q->context, from, to) : -1;
    if (answer >= 0) return answer != 0;
    return cannot_ask(d, corm__arena_printf(d->arena, "app %s: was table %s renamed to %s?", to->app, from->name, to->name),
                      corm__arena_printf(d->arena,
                                         "If so, write a migration with CORM_RENAME_TABLE (makemigrations --empty makes its file). If not, "
                                         "run makemigrations once with %s removed and once with %s added.",
                                         from->name, to->name));
}

static int ask_fill(detector *d, const corm_table *table, const corm_column *column, corm_default *fill) {
    const corm_questions *q = d->questions;
    int answer = q && q->fill ? q->fill(q->context, table, column, fill, d->arena) : -1;
    if (answer > 0) return 0;
    return cannot_ask(
        d,
        corm__arena_printf(d->arena, "table %s: column %s is NOT NULL and has no default; what do the rows get that are there?",
                           table->name, column->name),
        corm__arena_printf(d->arena, "Write .default_value = DEFAULT(...) or .null = true (an optional_ kind) at %s in model %s.",
                           column->name, thing(d, table->name)));
}

/* --- renames --- */

static bool declares(const detector *d, const char *table, const char *column, const char *from) {
    for (const corm_declared_rename *r = d->declared; r && r->table; r++)
        if (strcmp(r->table, table) == 0 && (column ? r->column && strcmp(r->column, column) == 0 : !r->column) &&
            strcmp(r->from, from) == 0)
            return true;
    return false;
}

static bool same_place(const corm_column *a, const corm_column *b) {
    return corm__column_same_type(a, b) &&
           strcmp(a->references.table ? a->references.table : "", b->references.table ? b->references.table : "") == 0;
}

static bool is_model(const corm_table *t) { return t->model && *t->model; }

/* Alike enough that the one may be the other under a new name. A table's references to itself carry its name, and the columns of a
 * many-to-many table are named after the tables. */
static bool alike(const corm_table *a, const corm_table *b) {
    if (corm__column_count(a) != corm__column_count(b) || is_model(a) != is_model(b)) return false;
    for (size_t i = 0; a->columns[i].name; i++) {
        const corm_column *x = &a->columns[i], *y = is_model(a) ? corm__column_find(b, x->name) : &b->columns[i];
        if (!y || !corm__column_same_type(x, y)) return false;
        const char *p = x->references.table ? x->references.table : "", *q = y->references.table ? y->references.table : "";
        if (strcmp(p, q) != 0 && !(strcmp(p, a->name) == 0 && strcmp(q, b->name) == 0)) return false;
    }
    return true;
}

static bool refers_to_renamed(const detector *d, const corm_table *t) {
    for (const corm_column *c = t->columns; c->name; c++)
        if (c->references.table) {
            size_t position = 0;
            for (const corm_map_entry *e; (e = corm__map_next(&d->now, &position));)
                if (strcmp(e->value, c->references.table) == 0) return true;
        }
    return false;
}

/* 1: from is to under its old name; 0: not; or a status. */
static int is_renamed_table(detector *d, const corm_table *from, const corm_table *to) {
    if (strcmp(from->app ? from->app : "", to->app) != 0) return 0;
    if (is_model(from) && is_model(to) && strcmp(from->model, to->model) == 0) return 1;
    if (declares(d, to->name, NULL, from->name)) return 1;
    if (!alike(from, to)) return 0;
    if (!is_model(to) && refers_to_renamed(d, from)) return 1;
    return ask_renamed_table(d, from, to);
}

static int rename_tables(detector *d, bool models) {
    for (size_t i = 0; i < d->target->n_tables; i++) {
        const corm_table *to = &d->target->tables[i];
        if (is_model(to) != models || corm__state_find(&d->state, to->name)) continue;
        for (size_t k = 0; k < d->state.n; k++) {
            const corm_table from = d->state.tables[k];
            if (is_model(&from) != models || target_of(d, from.name)) continue;
            int status = is_renamed_table(d, &from, to);
            if (status < 0) return status;
            if (!status) continue;
            corm_operation operation = { .kind = CORM_RENAME_TABLE, .table = from.name, .new_name = to->name };
            status = emit(d, to->app, &operation);
            if (status) return status;
            if (corm__map_set(&d->now, from.name, (void *)to->name)) return corm__fail_memory(d->error);
            break;
        }
    }
    return 0;
}

/* 1: the column from of the working table is to under its old name; 0: not; or a status. */
static int is_renamed_column(detector *d, const corm_table *table, const corm_column *from, const corm_column *to) {
    if (declares(d, table->name, to->name, from->name)) return 1;
    const corm_table *target = target_of(d, table->name);
    for (const corm_declared_rename *r = d->declared; r && r->table; r++) { /* either has another claim on it */
        if (!r->column || strcmp(r->table, table->name) != 0) continue;
        bool open = corm__column_find(table, r->from) && !corm__column_find(target, r->from);
        if (open && (strcmp(r->column, to->name) == 0 || strcmp(r->from, from->name) == 0)) return 0;
    }
    if (!same_place(from, to) || (from->generated && *from->generated) || (to->generated && *to->generated)) return 0;
    if (!is_model(table)) return 1;
    return ask_renamed_column(d, table, from, to);
}

static int rename_columns_of(detector *d, const corm_table *to) {
    for (const corm_column *c = to->columns; c->name; c++) {
        const corm_table *table = corm__state_find(&d->state, to->name);
        if (corm__column_find(table, c->name)) continue;
        for (const corm_column *old = table->columns; old->name; old++) {
            if (corm__column_find(to, old->name)) continue;
            int status = is_renamed_column(d, table, old, c);
            if (status < 0) return status;
            if (!status) continue;
            corm_operation operation = { .kind = CORM_RENAME_COLUMN, .table = to->name, .name = old->name, .new_name = c->name };
            status = emit(d, to->app, &operation);
            if (status) return status;
            break;
        }
    }
    return 0;
}

/* --- what goes --- */

static const corm_index *index_alike(const corm_table *in, const corm_table *not_in, const corm_index *index) {
    for (const corm_index *i = in->indexes; i && i->name; i++) {
        corm_index renamed = *i;
        renamed.name = index->name;
        if (!corm__index_find(not_in, i->name) && corm__index_equal(&renamed, index)) return i;
    }
    return NULL;
}

static int remove_indexes_of(detector *d, const corm_table *to) {
    const corm_table before = *corm__state_find(&d->state, to->name);
    int status = 0;
    for (const corm_constraint *c = before.constraints; !status && c && c->name; c++) {
        const corm_constraint *same = corm__constraint_find(to, c->name);
        if (same && corm__constraint_equal(c, same)) continue;
        corm_operation operation = { .kind = CORM_REMOVE_CONSTRAINT, .table = to->name, .name = c->name };
        status = emit(d, to->app, &operation);
    }
    for (const corm_index *i = before.indexes; !status && i && i->name; i++) {
        const corm_index *same = corm__index_find(to, i->name);
        if (same && corm__index_equal(i, same)) continue;
        const corm_index *renamed = same ? NULL : index_alike(to, corm__state_find(&d->state, to->name), i);
        corm_operation operation = { .kind = renamed ? CORM_RENAME_INDEX : CORM_REMOVE_INDEX,
                                     .table = to->name,
                                     .name = i->name,
                                     .new_name = renamed ? renamed->name : NULL };
        status = emit(d, to->app, &operation);
    }
    return status;
}

static int alter_reference_away(detector *d, const corm_table *table, const corm_column *column) {
    corm_operation operation = { .kind = CORM_ALTER_COLUMN, .table = table->name, .column = *column };
    operation.column.references = (corm_reference){ 0 };
    return emit(d, table->app, &operation);
}

static int remove_columns_of(detector *d, const corm_table *to, bool in_primary_key) {
    const corm_table before = *corm__state_find(&d->state, to->name);
    int status = 0;
    for (const corm_column *c = before.columns; !status && c->name; c++) {
        if (corm__column_find(to, c->name)) {
            bool orphan = c->references.table && !target_of(d, c->references.table);
            if (orphan) status = alter_reference_away(d, to, c);
            continue;
        }
        if (!in_primary_key && corm__names_have(before.primary_key, c->name)) continue;
        corm_operation operation = { .kind = CORM_REMOVE_COLUMN, .table = to->name, .name = c->name };
        status = emit(d, to->app, &operation);
    }
    return status;
}

/* Who refers to a table that goes, goes before it; in a circle the foreign key is cut first. */
static int delete_table(detector *d, const corm_schema *going, unsigned char *marks, size_t at) {
    const char *name = going->tables[at].name;
    marks[at] = 1;
    for (size_t i = 0; i < going->n_tables; i++) {
        if (i == at || marks[i] == 2) continue;
        for (const corm_column *c = going->tables[i].columns; c->name; c++) {
            if (!c->references.table || strcmp(c->references.table, name) != 0) continue;
            int status = marks[i] == 0 ? delete_table(d, going, marks, i) : alter_reference_away(d, &going->tables[i], c);
            if (status) return status;
            if (marks[i] == 2) break;
        }
    }
    marks[at] = 2;
    corm_operation operation = { .kind = CORM_DELETE_TABLE, .table = name };
    return emit(d, going->tables[at].app, &operation);
}

static int delete_tables(detector *d) {
    corm_table *tables = corm__arena_array(d->arena, d->state.n + 1, sizeof *tables);
    unsigned char *marks = corm__arena_array(d->arena, d->state.n + 1, sizeof *marks);
    if (!tables || !marks) return corm__fail_memory(d->error);
    corm_schema going = { tables, 0 };
    for (size_t i = 0; i < d->state.n; i++)
        if (!target_of(d, d->state.tables[i].name)) tables[going.n_tables++] = d->state.tables[i];
    int status = 0;
    for (size_t i = 0; !status && i < going.n_tables; i++)
        if (!marks[i]) status = delete_table(d, &going, marks, i);
    return status;
}

/* --- what comes --- */

/* Without the indexes and constraints that name the column, or whose SQL might. */
static const corm_table *without_mentions(detector *d, const corm_table *table, const char *column) {
    const corm_table *part = table;
    for (const corm_index *i = table->indexes; part && i && i->name; i++)
        if (corm__names_have(i->columns, column) || corm__names_have(i->include, column) || i->expression || i->where)
            part = corm__table_without_index(d->arena, part, i->name);
    for (const corm_constraint *c = table->constraints; part && c && c->name; c++)
        if (corm__names_have(c->columns, column) || c->check) part = corm__table_without_constraint(d->arena, part, c->name);
    return part;
}

/* The table without the columns whose referenced table is still to come: they are added once it is there. */
static int emit_create(detector *d, const corm_table *table) {
    const corm_table *part = table;
    for (const corm_column *c = table->columns; c->name; c++) {
        const char *to = c->references.table;
        if (!to || strcmp(to, table->name) == 0 || corm__state_find(&d->state, to) || !target_of(d, to)) continue;
        corm_column bare = *c;
        bare.references = (corm_reference){ 0 };
        part = without_mentions(d, part, c->name);
        if (part && corm__names_have(table->primary_key, c->name))
            part = corm__table_replace_column(d->arena, part, c->name, &bare);
        else if (part)
            part = corm__table_without_column(d->arena, part, c->name);
        if (!part) return corm__fail_memory(d->error);
    }
    corm_operation operation = { .kind = CORM_CREATE_TABLE,
                                 .table = table->name,
                                 .model = is_model(table) ? table->model : NULL,
                                 .columns = part->columns,
                                 .primary_key = part->primary_key,
                                 .indexes = part->indexes,
                                 .constraints = part->constraints,
                                 .comment = part->comment };
    if (corm__map_set(&d->created, table->name, (void *)table)) return corm__fail_memory(d->error);
    return emit(d, table->app, &operation);
}

static int create_table(detector *d, unsigned char *marks, size_t at) {
    const corm_table *table = &d->target->tables[at];
    marks[at] = 1;
    for (const corm_column *c = table->columns; c->name; c++) {
        const corm_table *to = c->references.table ? target_of(d, c->references.table) : NULL;
        size_t i = to ? (size_t)(to - d->target->tables) : at;
        if (!to || marks[i] || corm__state_find(&d->state, to->name)) continue;
        int status = create_table(d, marks, i);
        if (status) return status;
    }
    return emit_create(d, table);
}

static int create_tables(detector *d) {
    unsigned char *marks = corm__arena_array(d->arena, d->target->n_tables, sizeof *marks);
    if (!marks) return corm__fail_memory(d->error);
    int status = 0;
    for (size_t i = 0; !status && i < d->target->n_tables; i++)
        if (!marks[i] && !corm__state_find(&d->state, d->target->tables[i].name)) status = create_table(d, marks, i);
    return status;
}

static bool has_rows_perhaps(const detector *d, const corm_table *table) { return !corm__map_get(&d->created, table->name); }

static bool needs_fill(const corm_column *c) {
    return !c->null && !c->default_value.kind && !(c->generated && *c->generated) && c->kind != CORM_IDENTITY;
}

static int add_columns_of(detector *d, const corm_table *to) {
    int status = 0;
    for (const corm_column *c = to->columns; !status && c->name; c++) {
        const corm_table *table = corm__state_find(&d->state, to->name);
        if (corm__column_find(table, c->name)) continue;
        corm_operation operation = { .kind = CORM_ADD_COLUMN, .table = to->name, .column = *c };
        if (needs_fill(c) && has_rows_perhaps(d, to)) status = ask_fill(d, to, c, &operation.fill);
        if (!status) status = emit(d, to->app, &operation);
    }
    return status;
}

static int alter_columns_of(detector *d, const corm_table *to) {
    int status = 0;
    for (const corm_column *c = to->columns; !status && c->name; c++) {
        const corm_column *old = corm__column_find(corm__state_find(&d->state, to->name), c->name);
        if (!old || corm__column_equal(old, c)) continue;
        corm_operation operation = { .kind = CORM_ALTER_COLUMN, .table = to->name, .column = *c };
        if (old->null && !c->null && has_rows_perhaps(d, to)) {
            if (needs_fill(c))
                status = ask_fill(d, to, c, &operation.fill);
            else
                operation.fill = c->default_value;
        }
        if (!status) status = emit(d, to->app, &operation);
    }
    return status;
}

static bool same_names(const char *a, const char *b, corm_arena *arena) {
    size_t n = corm__names_count(a);
    if (n != corm__names_count(b)) return false;
    for (size_t i = 0; i < n; i++) {
        const char *x = corm__names_at(a, i, arena), *y = corm__names_at(b, i, arena);
        if (!x || !y || strcmp(x, y) != 0) return false;
    }
    return true;
}

static int alter_primary_key_of(detector *d, const corm_table *to) {
    if (same_names(corm__state_find(&d->state, to->name)->primary_key, to->primary_key, d->arena)) return 0;
    corm_operation operation = { .kind = CORM_ALTER_PRIMARY_KEY, .table = to->name, .primary_key = to->primary_key };
    int status = emit(d, to->app, &operation);
    return status ? status : remove_columns_of(d, to, true);
}

static int add_indexes_of(detector *d, const corm_table *to) {
    const corm_table before = *corm__state_find(&d->state, to->name);
    int status = 0;
    for (const corm_index *i = to->indexes; !status && i && i->name; i++) {
        if (corm__index_find(&before, i->name)) continue;
        corm_operation operation = { .kind = CORM_ADD_INDEX, .table = to->name, .index = *i };
        status = emit(d, to->app, &operation);
    }
    for (const corm_constraint *c = to->constraints; !status && c && c->name; c++) {
        if (corm__constraint_find(&before, c->name)) continue;
        corm_operation operation = { .kind = CORM_ADD_CONSTRAINT, .table = to->name, .constraint = *c };
        status = emit(d, to->app, &operation);
    }
    if (!status && strcmp(before.comment ? before.comment : "", to->comment ? to->comment : "") != 0) {
        corm_operation operation = { .kind = CORM_ALTER_COMMENT, .table = to->name, .comment = to->comment };
        status = emit(d, to->app, &operation);
    }
    return status;
}

static int remove_other_columns_of(detector *d, const corm_table *to) { return remove_columns_of(d, to, false); }

/* Runs a phase over the tables that are there on both sides. */
static int each_table(detector *d, int (*phase)(detector *, const corm_table *)) {
    int status = 0;
    for (size_t i = 0; !status && i < d->target->n_tables; i++)
        if (corm__state_find(&d->state, d->target->tables[i].name)) status = phase(d, &d->target->tables[i]);
    return status;
}

static int check_arrived(detector *d) {
    for (size_t i = 0; i < d->target->n_tables; i++) {
        char difference[300] = "it is missing";
        const corm_table *to = &d->target->tables[i], *now = corm__state_find(&d->state, to->name);
        if (!now || !corm__table_equal(now, to, difference, sizeof difference)) {
            corm__fail(d->error, CORM_ERROR_MIGRATION, "no way was found to bring table %s to its model: %s", to->name, difference);
            corm__error_hint(d->error, "Write this migration by hand: makemigrations --empty makes its file.");
            return CORM_ERROR_MIGRATION;
        }
    }
    return 0;
}

static int find_all(detector *d) {
    int status = rename_tables(d, true);
    if (!status) status = rename_tables(d, false);
    if (!status) status = each_table(d, rename_columns_of);
    if (!status) status = each_table(d, remove_indexes_of);
    if (!status) status = each_table(d, remove_other_columns_of);
    if (!status) status = delete_tables(d);
    if (!status) status = create_tables(d);
    if (!status) status = each_table(d, add_columns_of);
    if (!status) status = each_table(d, alter_columns_of);
    if (!status) status = each_table(d, alter_primary_key_of);
    if (!status) status = each_table(d, add_indexes_of);
    return status ? status : check_arrived(d);
}

int corm__detect(const corm_schema *from, const corm_schema *target, const corm_declared_rename *declared, const corm_questions *questions,
                 corm_arena *arena, corm_found **out, size_t *n, corm_error_info *error) {
    detector d = { .from = from, .target = target, .declared = declared, .questions = questions, .arena = arena, .error = error };
    int status = corm__state_init(&d.state, arena, from) ? corm__fail_memory(error) : 0;
    for (size_t i = 0; !status && i < target->n_tables; i++)
        if (corm__map_set(&d.targets, target->tables[i].name, (void *)&target->tables[i])) status = corm__fail_memory(error);
    if (!status) status = find_all(&d);
    *out = d.found;
    *n = d.n;
    corm__state_release(&d.state);
    corm__map_release(&d.targets);
    corm__map_release(&d.last);
    corm__map_release(&d.created);
    corm__map_release(&d.now);
    return status;
}
