/* From one schema to another. Each operation that is found is applied to a working state at once,
 * so that the next look sees what is still different, and the order of finding is an order in which
 * the operations can be applied:
 *
 *     rename tables and columns; cut foreign keys to what goes or changes; remove indexes,
 * constraints and computed columns; delete tables, remove columns; create tables along foreign
 * keys, add columns (also those that a circle of foreign keys kept out of a new table), alter
 * columns; computed columns; primary keys; indexes and constraints; the foreign keys that had to
 * wait.
 *
 * Only tables that differ are walked through. At the end the working state has to equal the target.
 */
#include "base/error.h"
#include "migrate/detect/detector.h"
#include "migrate/detect/naming.h"
#include <string.h>

/* --- dependencies: what operations of other apps an operation stands on --- */

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

static int need_app(detector *d, const char *app, const char *other) {
    if (!other || !*other || strcmp(other, app) == 0) return 0;
    for (size_t i = 0; i < d->n_apps; i++)
        if (strcmp(d->apps[i], other) == 0) return 0;
    if (room_for_need(d)) return CORM_ERROR_MEMORY;
    d->apps[d->n_apps++] = other;
    return 0;
}

/* An operation of app needs table as it is now: what was last done to it in this run, or else the
 * migrations so far of its app, and of that to which its model has moved. */
static int need_table(detector *d, const char *app, const char *table) {
    size_t position = (size_t)(uintptr_t)corm__map_get(&d->last, table);
    if (position) {
        if (strcmp(d->found[position - 1].app, app) == 0) return 0;
        if (room_for_need(d)) return CORM_ERROR_MEMORY;
        d->needs[d->n_needs++] = position - 1;
        return 0;
    }
    const corm_table *now = corm__working(d, table), *to = corm__target_of(d, table);
    return now && (need_app(d, app, now->app) || need_app(d, app, to ? to->app : NULL))
               ? CORM_ERROR_MEMORY
               : 0;
}

static int need_references(detector *d, const char *app, const corm_column *columns, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (columns[i].references.table && need_table(d, app, columns[i].references.table))
            return CORM_ERROR_MEMORY;
    return 0;
}

static const char *old_name(const detector *d, const char *table) {
    const char *was = corm__map_get(&d->was, table);
    return was ? was : table;
}

/* Renaming, dropping or changing what others refer to comes after all that they did with it before.
 * column NULL: any. */
static int need_referrers(detector *d, const char *app, const char *table, const char *column) {
    if (corm__map_get(&d->mixed, table)) column = NULL;
    for (const corm_referrer *r = corm__map_get(&d->referrers, old_name(d, table)); r;
         r = r->next) {
        if (column && strcmp(r->column->references.column, column) != 0) continue;
        const char *now = corm__map_get(&d->now, r->table->name);
        if (need_table(d, app, now ? now : r->table->name)) return CORM_ERROR_MEMORY;
    }
    return 0;
}

/* What a constraint or an index lets others refer to. */
static int need_referrers_of_key(detector *d, const char *app, const corm_operation *o) {
    const corm_table *t = corm__working(d, o->table);
    const corm_constraint *c = corm__constraint_find(t, o->name);
    const corm_index *i = corm__index_find(t, o->name);
    const char *columns = o->kind == CORM_REMOVE_CONSTRAINT
                              ? (c && c->kind == CORM_CONSTRAINT_UNIQUE ? c->columns : NULL)
                              : (i && i->unique ? i->columns : NULL);
    if (corm__names_count(columns) != 1) return 0;
    const char *column = corm__names_at(columns, 0, d->arena);
    return column ? need_referrers(d, app, o->table, column) : CORM_ERROR_MEMORY;
}

static int collect_needs(detector *d, const char *app, const corm_operation *o) {
    d->n_needs = d->n_apps = d->room = 0;
    if (o->kind == CORM_CREATE_TABLE) {
        size_t n = 0;
        while (o->columns[n].name) n++;
        return need_references(d, app, o->columns, n);
    }
    int status = need_table(d, app, o->table);
    if (!status && o->primary_key) status = need_referrers(d, app, o->table, NULL);
    if (status) return status;
    switch (o->kind) {
    case CORM_ADD_COLUMN: return need_references(d, app, &o->column, 1);
    case CORM_ALTER_COLUMN:
        status = need_references(d, app, &o->column, 1);
        return status ? status : need_referrers(d, app, o->table, o->column.name);
    case CORM_REMOVE_COLUMN:
    case CORM_RENAME_COLUMN: return need_referrers(d, app, o->table, o->name);
    case CORM_REMOVE_CONSTRAINT:
    case CORM_REMOVE_INDEX: return need_referrers_of_key(d, app, o);
    case CORM_DELETE_TABLE:
    case CORM_RENAME_TABLE:
    case CORM_ALTER_PRIMARY_KEY: return need_referrers(d, app, o->table, NULL);
    default: return 0;
    }
}

/* --- one operation found --- */

const char *corm__thing(const detector *d, const char *table) {
    const corm_table *t = corm__target_of(d, table);
    if (!t) t = corm__working(d, table);
    return t && corm__is_model(t) ? t->model : table;
}

static int grow(detector *d) {
    if (d->n < d->capacity) return 0;
    size_t capacity = d->capacity ? d->capacity * 2 : 32;
    corm_found *larger = corm__arena_array(d->arena, capacity, sizeof *larger);
    if (!larger) return CORM_ERROR_MEMORY;
    if (d->n) memcpy(larger, d->found, d->n * sizeof *larger);
    d->found = larger;
    d->capacity = capacity;
    return 0;
}

int corm__emit(detector *d, const char *app, const corm_operation *operation) {
    if (grow(d)) return corm__fail_memory(d->error);
    const char *new_name =
        operation->kind == CORM_RENAME_TABLE ? corm__thing(d, operation->new_name) : NULL;
    corm_found *found = &d->found[d->n];
    *found = (corm_found){ .app = app,
                           .operation = *operation,
                           .label = corm__operation_label(
                               operation, corm__thing(d, operation->table), new_name, d->arena) };
    if (!found->label || collect_needs(d, app, operation)) return corm__fail_memory(d->error);
    found->needs = d->needs;
    found->n_needs = d->n_needs;
    found->apps = d->apps;
    found->n_apps = d->n_apps;
    d->n++;
    void *position = (void *)(uintptr_t)d->n;
    if (corm__map_set(&d->last, operation->table, position)) return corm__fail_memory(d->error);
    if (operation->kind == CORM_RENAME_TABLE &&
        corm__map_set(&d->last, operation->new_name, position))
        return corm__fail_memory(d->error);
    return corm__state_apply(&d->state, operation, app, NULL, NULL, d->error);
}

/* --- the whole --- */

int corm__mark_changed(detector *d, const corm_table *to) {
    if (corm__map_get(&d->is_changed, to->name)) return 0;
    if (d->n_changed == d->room_changed) {
        size_t room = d->room_changed ? d->room_changed * 2 : 16;
        const corm_table **larger = corm__arena_array(d->arena, room, sizeof *larger);
        if (!larger) return corm__fail_memory(d->error);
        if (d->n_changed) memcpy(larger, d->changed, d->n_changed * sizeof *larger);
        d->changed = larger;
        d->room_changed = room;
    }
    d->changed[d->n_changed++] = to;
    return corm__map_set(&d->is_changed, to->name, (void *)to) ? corm__fail_memory(d->error) : 0;
}

static int find_changed(detector *d) {
    int status = 0;
    for (size_t i = 0; !status && i < d->target->n_tables; i++) {
        const corm_table *to = &d->target->tables[i], *now = corm__working(d, to->name);
        if (now && !corm__table_equal(now, to, NULL, 0)) status = corm__mark_changed(d, to);
    }
    return status;
}

/* Runs a phase over the tables that differ and are there. */
static int each(detector *d, int (*phase)(detector *, const corm_table *)) {
    int status = 0;
    for (size_t i = 0; !status && i < d->n_changed; i++) status = phase(d, d->changed[i]);
    return status;
}

static int check_table(detector *d, const corm_table *to) {
    char difference[300] = "it is missing";
    const corm_table *now = corm__working(d, to->name);
    if (now && corm__table_equal(now, to, difference, sizeof difference)) return 0;
    corm__fail(d->error, CORM_ERROR_MIGRATION,
               "no way was found to bring table %s to its model: %s", to->name, difference);
    corm__error_hint(d->error,
                     "Write this migration by hand: makemigrations --empty makes its file.");
    return CORM_ERROR_MIGRATION;
}

/* Also those that did not differ: what is done to one table may show in another. */
static int check_arrived(detector *d) {
    int status = 0;
    for (size_t i = 0; d->n && !status && i < d->target->n_tables; i++)
        status = check_table(d, &d->target->tables[i]);
    return status;
}

static int find_all(detector *d) {
    int status = corm__rename_tables(d);
    if (!status) status = find_changed(d);
    if (!status) status = each(d, corm__rename_columns);
    if (!status) status = corm__cut_references(d);
    if (!status) status = each(d, corm__remove_indexes);
    if (!status) status = each(d, corm__remove_generated);
    if (!status) status = each(d, corm__remove_references);
    if (!status) status = corm__delete_tables(d);
    if (!status) status = each(d, corm__remove_columns);
    if (!status) status = corm__create_tables(d);
    if (!status) status = each(d, corm__add_columns);
    if (!status) status = each(d, corm__alter_columns);
    if (!status) status = each(d, corm__add_generated);
    if (!status) status = each(d, corm__alter_primary_key);
    if (!status)
        status = each(d, corm__add_generated); /* from an identity that came with the key */
    if (!status) status = each(d, corm__remove_last_columns);
    if (!status) status = each(d, corm__rename_indexes);
    if (!status) status = each(d, corm__add_indexes);
    if (!status) status = each(d, corm__alter_last_columns);
    if (!status) status = corm__all_answered(d);
    return status ? status : check_arrived(d);
}

static int note_referrer(detector *d, const corm_table *table, const corm_column *column) {
    corm_referrer *r = corm__arena_alloc(d->arena, sizeof *r);
    if (!r) return CORM_ERROR_MEMORY;
    *r = (corm_referrer){ table, column, corm__map_get(&d->referrers, column->references.table) };
    return corm__map_set(&d->referrers, column->references.table, r);
}

static int prepare(detector *d) {
    if (corm__state_init(&d->state, d->arena, d->from)) return corm__fail_memory(d->error);
    for (size_t i = 0; i < d->target->n_tables; i++)
        if (corm__map_set(&d->targets, d->target->tables[i].name, (void *)&d->target->tables[i]))
            return corm__fail_memory(d->error);
    for (size_t i = 0; i < d->from->n_tables; i++)
        for (const corm_column *c = d->from->tables[i].columns; c && c->name; c++)
            if (c->references.table && note_referrer(d, &d->from->tables[i], c))
                return corm__fail_memory(d->error);
    return 0;
}

int corm__detect(const corm_schema *from, const corm_schema *target,
                 const corm_declared_rename *declared, const corm_questions *questions,
                 corm_arena *arena, corm_found **out, size_t *n, corm_error_info *error) {
    detector d = { .from = from,
                   .target = target,
                   .declared = declared,
                   .questions = questions,
                   .arena = arena,
                   .error = error };
    int status = prepare(&d);
    if (!status) status = find_all(&d);
    *out = d.found;
    *n = d.n;
    corm__state_release(&d.state);
    corm_map *maps[] = { &d.targets, &d.referrers, &d.last,     &d.created,   &d.now,
                         &d.was,     &d.mixed,     &d.in_doubt, &d.is_changed };
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) corm__map_release(maps[i]);
    return status;
}
