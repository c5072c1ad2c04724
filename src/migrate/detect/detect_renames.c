/* Renames. What a model declares is done when the new name is not there and the old one is: so it
 * is silent once it is done, and a chain (b to c, a to b) finds its order by itself. Then what
 * needs no question; then questions about what is alike. */
#include "base/error.h"
#include "migrate/detect/detector.h"
#include <string.h>

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

static bool same_place(const corm_column *a, const corm_column *b) {
    return corm__column_same_type(a, b) && same_text(a->references.table, b->references.table);
}

/* --- tables --- */

/* Tables of the working state that the target has not, and the other way round. */
typedef struct corm_unpaired {
    const char **gone, **fresh;
    size_t n_gone, n_fresh;
} unpaired;

static int find_unpaired(detector *d, unpaired *out) {
    *out =
        (unpaired){ .gone = corm__arena_array(d->arena, d->state.n, sizeof *out->gone),
                    .fresh = corm__arena_array(d->arena, d->target->n_tables, sizeof *out->fresh) };
    if (!out->gone || !out->fresh) return corm__fail_memory(d->error);
    for (size_t i = 0; i < d->state.n; i++)
        if (!corm__target_of(d, d->state.tables[i].name))
            out->gone[out->n_gone++] = d->state.tables[i].name;
    for (size_t i = 0; i < d->target->n_tables; i++)
        if (!corm__working(d, d->target->tables[i].name))
            out->fresh[out->n_fresh++] = d->target->tables[i].name;
    return 0;
}

static int rename_table(detector *d, const char *from, const corm_table *to) {
    const char *was = corm__map_get(&d->was, from);
    corm_operation operation = { .kind = CORM_RENAME_TABLE, .table = from, .new_name = to->name };
    int status = corm__emit(d, to->app, &operation);
    if (status) return status;
    if (!was) was = from;
    return corm__map_set(&d->now, was, (void *)to->name) ||
                   corm__map_set(&d->was, to->name, (void *)was)
               ? corm__fail_memory(d->error)
               : 0;
}

static int rename_declared_tables(detector *d) {
    for (bool again = true; again;) {
        again = false;
        for (const corm_declared_rename *r = d->declared; r && r->table; r++) {
            const corm_table *to = r->column ? NULL : corm__target_of(d, r->table);
            if (!to || corm__working(d, r->table) || !corm__working(d, r->from)) continue;
            int status = rename_table(d, corm__working(d, r->from)->name, to);
            if (status) return status;
            again = true;
        }
    }
    return 0;
}

/* Alike enough that the one may be the other under a new name. A table's references to itself carry
 * its name, and the columns of a many-to-many table are named after the tables. */
static bool alike(const corm_table *a, const corm_table *b) {
    if (corm__column_count(a) != corm__column_count(b) || corm__is_model(a) != corm__is_model(b))
        return false;
    for (size_t i = 0; a->columns[i].name; i++) {
        const corm_column *x = &a->columns[i],
                          *y = corm__is_model(a) ? corm__column_find(b, x->name) : &b->columns[i];
        if (!y || !corm__column_same_type(x, y)) return false;
        if (same_text(x->references.table, y->references.table)) continue;
        if (!same_text(x->references.table, a->name) || !same_text(y->references.table, b->name))
            return false;
    }
    return true;
}

static bool refers_to_renamed(const detector *d, const corm_table *t) {
    for (const corm_column *c = t->columns; c->name; c++)
        if (c->references.table && corm__map_get(&d->was, c->references.table)) return true;
    return false;
}

static bool same_app(const corm_table *a, const corm_table *b) { return same_text(a->app, b->app); }
static bool same_model(const detector *d, const corm_table *from, const corm_table *to) {
    (void)d;
    return corm__is_model(from) && same_app(from, to) && same_text(from->model, to->model);
}
static bool between_renamed(const detector *d, const corm_table *from, const corm_table *to) {
    return !corm__is_model(to) && same_app(from, to) && alike(from, to) &&
           refers_to_renamed(d, from);
}

/* Renames what a rule pairs without a question. */
static int rename_by(detector *d,
                     bool (*rule)(const detector *, const corm_table *, const corm_table *)) {
    unpaired u;
    int status = find_unpaired(d, &u);
    for (size_t i = 0; !status && i < u.n_fresh; i++) {
        const corm_table *to = corm__target_of(d, u.fresh[i]);
        for (size_t k = 0; k < u.n_gone; k++) {
            const corm_table *from = corm__working(d, u.gone[k]);
            if (!from || !rule(d, from, to)) continue;
            status = rename_table(d, u.gone[k], to);
            break;
        }
    }
    return status;
}

static int ask_for_tables(detector *d, bool models) {
    unpaired u;
    int status = find_unpaired(d, &u);
    const corm_table **candidates =
        status ? NULL : corm__arena_array(d->arena, u.n_gone, sizeof *candidates);
    if (!candidates) return status ? status : corm__fail_memory(d->error);
    for (size_t i = 0; i < u.n_fresh; i++) {
        const corm_table *to = corm__target_of(d, u.fresh[i]);
        size_t n = 0, which;
        for (size_t k = 0; k < u.n_gone; k++) {
            const corm_table *from = corm__working(d, u.gone[k]);
            if (from && corm__is_model(to) == models && same_app(from, to) && alike(from, to))
                candidates[n++] = from;
        }
        status = n ? corm__ask_renamed_table(d, candidates, n, to, &which) : 0;
        if (status > 0) status = rename_table(d, candidates[which]->name, to);
        if (status) return status;
    }
    return 0;
}

int corm__rename_tables(detector *d) {
    int status = rename_declared_tables(d);
    if (!status) status = rename_by(d, same_model);
    if (!status) status = ask_for_tables(d, true);
    if (!status) status = rename_by(d, between_renamed);
    return status ? status : ask_for_tables(d, false);
}

/* --- columns --- */

static int rename_column(detector *d, const corm_table *to, const char *from, const char *name) {
    corm_operation operation = {
        .kind = CORM_RENAME_COLUMN, .table = to->name, .name = from, .new_name = name
    };
    if (corm__map_set(&d->mixed, to->name, d)) return corm__fail_memory(d->error);
    return corm__emit(d, to->app, &operation);
}

static int rename_declared_columns(detector *d, const corm_table *to) {
    for (bool again = true; again;) {
        again = false;
        for (const corm_declared_rename *r = d->declared; r && r->table; r++) {
            if (!r->column || strcmp(r->table, to->name) != 0 || !corm__column_find(to, r->column))
                continue;
            const corm_table *now = corm__working(d, to->name);
            if (corm__column_find(now, r->column) || !corm__column_find(now, r->from)) continue;
            int status = rename_column(d, to, r->from, r->column);
            if (status) return status;
            again = true;
        }
    }
    return 0;
}

/* The columns of a table between two models are not named by a person: they are renamed without a
 * question. */
static int find_renamed(detector *d, const corm_table *to, const corm_column *fresh) {
    const corm_table now = *corm__working(d, to->name);
    const corm_column **candidates =
        corm__arena_array(d->arena, corm__column_count(&now), sizeof *candidates);
    size_t n = 0, which = 0;
    if (!candidates) return corm__fail_memory(d->error);
    for (const corm_column *old = now.columns; old->name; old++)
        if (!corm__column_find(to, old->name) && same_place(old, fresh) && !corm__is_generated(old))
            candidates[n++] = old;
    if (!n || corm__is_generated(fresh)) return 0;
    int status =
        corm__is_model(&now) ? corm__ask_renamed_column(d, to, candidates, n, fresh, &which) : 1;
    return status > 0 ? rename_column(d, to, candidates[which]->name, fresh->name) : status;
}

int corm__rename_columns(detector *d, const corm_table *to) {
    int status = rename_declared_columns(d, to);
    for (const corm_column *c = to->columns; !status && c->name; c++)
        if (!corm__column_find(corm__working(d, to->name), c->name))
            status = find_renamed(d, to, c);
    return status;
}
