/* Tables that go and that come, both along their foreign keys. Where these close a circle, one is
 * left out of it: it is cut before, or added behind. */
#include "base/error.h"
#include "migrate/detect/detector.h"
#include "schema/sql_text.h"
#include <string.h>

/* A column of a table that refers to a table. */
typedef struct corm_referrer referrer;
struct corm_referrer {
    const corm_table *table;
    const corm_column *column;
    referrer *next;
};

/* --- what goes: who refers to a table goes before it --- */

typedef struct corm_deletion {
    const corm_table *table;
    enum { WAITING, OPEN, DONE } mark;
} deletion;

typedef struct corm_deletions {
    deletion *items;
    size_t n;
    corm_map by_name;
    corm_map referrers; /* name to the first referrer among those that go */
} deletions;

static int delete_table(detector *d, deletions *all, deletion *item) {
    item->mark = OPEN;
    for (const referrer *r = corm__map_get(&all->referrers, item->table->name); r; r = r->next) {
        deletion *other = corm__map_get(&all->by_name, r->table->name);
        int status = 0;
        if (other == item || other->mark == DONE) continue;
        if (other->mark == WAITING)
            status = delete_table(d, all, other);
        else
            status = corm__alter_reference_away(d, other->table, r->column);
        if (status) return status;
    }
    item->mark = DONE;
    corm_operation operation = { .kind = CORM_DELETE_TABLE, .table = item->table->name };
    return corm__emit(d, item->table->app, &operation);
}

static int collect(detector *d, deletions *all) {
    for (size_t i = 0; i < all->n; i++) {
        if (corm__map_set(&all->by_name, all->items[i].table->name, &all->items[i]))
            return corm__fail_memory(d->error);
        for (const corm_column *c = all->items[i].table->columns; c->name; c++) {
            if (!c->references.table) continue;
            referrer *r = corm__arena_alloc(d->arena, sizeof *r);
            if (!r) return corm__fail_memory(d->error);
            *r = (referrer){ all->items[i].table, c,
                             corm__map_get(&all->referrers, c->references.table) };
            if (corm__map_set(&all->referrers, c->references.table, r))
                return corm__fail_memory(d->error);
        }
    }
    return 0;
}

int corm__delete_tables(detector *d) {
    deletions all = { .items = corm__arena_array(d->arena, d->state.n, sizeof *all.items) };
    if (!all.items) return corm__fail_memory(d->error);
    for (size_t i = 0; i < d->state.n; i++) {
        if (corm__target_of(d, d->state.tables[i].name)) continue;
        corm_table *copy =
            corm__arena_alloc(d->arena, sizeof *copy); /* its place in the state moves */
        if (!copy) return corm__fail_memory(d->error);
        *copy = d->state.tables[i];
        all.items[all.n++] = (deletion){ copy, WAITING };
    }
    int status = collect(d, &all);
    for (size_t i = 0; !status && i < all.n; i++)
        if (all.items[i].mark == WAITING) status = delete_table(d, &all, &all.items[i]);
    corm__map_release(&all.by_name);
    corm__map_release(&all.referrers);
    return status;
}

/* --- what comes --- */

/* Without the indexes and constraints that mention the column. */
static const corm_table *without_mentions(detector *d, const corm_table *table,
                                          const char *column) {
    const corm_table *part = table;
    for (const corm_index *i = table->indexes; part && i && i->name; i++)
        if (corm__index_mentions(i, column))
            part = corm__table_without_index(d->arena, part, i->name);
    for (const corm_constraint *c = table->constraints; part && c && c->name; c++)
        if (corm__constraint_mentions(c, column))
            part = corm__table_without_constraint(d->arena, part, c->name);
    return part;
}

static bool is_computed_from(const corm_table *table, const char *column) {
    for (const corm_column *c = table->columns; c->name; c++)
        if (corm__is_generated(c) && strcmp(c->name, column) != 0 &&
            corm__sql_mentions(c->generated, column))
            return true;
    return false;
}

/* The table without the columns whose referenced table or key is still to come; those that the key
 * or a computed column needs stay, without their reference. What was left out is added once all is
 * there. */
static int emit_create(detector *d, const corm_table *table) {
    const corm_table *part = table;
    for (const corm_column *c = table->columns; c->name; c++) {
        const char *to = c->references.table;
        if (!to || strcmp(to, table->name) == 0 || corm__reference_ready(d, c) ||
            !corm__target_of(d, to))
            continue;
        corm_column bare = *c;
        bare.references = (corm_reference){ 0 };
        if (corm__names_have(table->primary_key, c->name) || is_computed_from(table, c->name) ||
            corm__column_count(part) == 1) {
            part = corm__table_replace_column(d->arena, part, c->name, &bare);
        } else {
            part = without_mentions(d, part, c->name);
            if (part) part = corm__table_without_column(d->arena, part, c->name);
        }
        if (!part) return corm__fail_memory(d->error);
    }
    corm_operation operation = { .kind = CORM_CREATE_TABLE,
                                 .table = table->name,
                                 .model = corm__is_model(table) ? table->model : NULL,
                                 .columns = part->columns,
                                 .primary_key = part->primary_key,
                                 .indexes = part->indexes,
                                 .constraints = part->constraints,
                                 .comment = part->comment };
    if (corm__map_set(&d->created, table->name, (void *)table)) return corm__fail_memory(d->error);
    int status = corm__emit(d, table->app, &operation);
    return status || part == table ? status : corm__mark_changed(d, table);
}

static int create_table(detector *d, unsigned char *marks, size_t at) {
    const corm_table *table = &d->target->tables[at];
    marks[at] = 1;
    for (const corm_column *c = table->columns; c->name; c++) {
        const corm_table *to = c->references.table ? corm__target_of(d, c->references.table) : NULL;
        size_t i = to ? (size_t)(to - d->target->tables) : at;
        if (!to || marks[i] || corm__working(d, to->name)) continue;
        int status = create_table(d, marks, i);
        if (status) return status;
    }
    return emit_create(d, table);
}

int corm__create_tables(detector *d) {
    unsigned char *marks = corm__arena_array(d->arena, d->target->n_tables, sizeof *marks);
    if (!marks) return corm__fail_memory(d->error);
    int status = 0;
    for (size_t i = 0; !status && i < d->target->n_tables; i++)
        if (!marks[i] && !corm__working(d, d->target->tables[i].name))
            status = create_table(d, marks, i);
    return status;
}
