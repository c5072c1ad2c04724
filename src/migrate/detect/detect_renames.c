/* Renames. What a model declares is done when the new name is not there and the old one is: so it
 * is silent once it is done. Names that change places are moved by way of a name that nobody has;
 * whether that is done already, the names do not say, but the models' names and the history do.
 * Then what needs no question: a model that has another table. Then questions about what is alike:
 * nothing that goes has the shape of something that comes without somebody having said so. */
#include "base/error.h"
#include "migrate/detect/detector.h"
#include <string.h>

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

/* From a name of the state to one of the target. from NULL: not any more. in_doubt: both names are
 * there, and nothing says whether it is done already. */
typedef struct corm_move {
    const char *from, *to, *app;
    bool in_doubt;
} move;

/* --- tables --- */

static int rename_table(detector *d, const char *from, const char *name, const char *app) {
    const char *was = corm__map_get(&d->was, from);
    corm_operation operation = { .kind = CORM_RENAME_TABLE, .table = from, .new_name = name };
    int status = corm__emit(d, app, &operation);
    if (status) return status;
    return corm__map_set(&d->was, name, (void *)(was ? was : from)) ? corm__fail_memory(d->error)
                                                                    : 0;
}

/* Whether what has the name `to` now, if anything, moves away too. */
static bool becomes_free(const move *moves, size_t n, size_t at, bool occupied) {
    bool leaves = !occupied;
    for (size_t i = 0; i < n; i++)
        leaves |= moves[i].from && strcmp(moves[i].from, moves[at].to) == 0;
    return leaves;
}

/* A name that nobody has, for what makes room: "NAME_renaming". */
static const char *spare_name(detector *d, const char *name,
                              bool (*is_taken)(const detector *d, const void *context,
                                               const char *name),
                              const void *context) {
    char *spare = corm__derived_name(d->arena, name, NULL, "renaming");
    for (char *last = spare ? spare + strlen(spare) - 1 : NULL;
         last && is_taken(d, context, spare);)
        *last = *last == 'g' ? '0' : (char)(*last + 1);
    return spare;
}

/* What is moved, and how: tables, or the columns of one table. */
typedef struct corm_mover {
    bool (*is_there)(const detector *d, const void *context, const char *name);
    bool (*is_taken)(const detector *d, const void *context, const char *name);
    int (*rename)(detector *d, const void *context, const move *move, const char *name);
    int (*ask)(detector *d, const void *context, const move *move);
    const void *context;
} mover;

static void drop_blocked(const detector *d, const mover *how, move *moves, size_t n) {
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < n; i++) {
            if (!moves[i].from) continue;
            bool there = how->is_there(d, how->context, moves[i].to);
            if (becomes_free(moves, n, i, there)) continue;
            moves[i].from = NULL;
            again = true;
        }
    }
}

/* Whether what it makes room for comes back to its own name: in a row that ends at a free name
 * there is no doubt. */
static bool is_in_circle(const move *moves, size_t n, size_t at) {
    const char *name = moves[at].to;
    for (size_t steps = 0; steps < n; steps++) {
        size_t i = 0;
        while (i < n && !(moves[i].from && strcmp(moves[i].from, name) == 0)) i++;
        if (i == n) return false;
        if (i == at) return true;
        name = moves[i].to;
    }
    return true;
}

/* Each to its place as soon as that is free; a circle is opened by a spare name. */
static int make_moves(detector *d, const mover *how, move *moves, size_t n) {
    drop_blocked(d, how, moves, n);
    for (size_t i = 0; i < n; i++) {
        bool asks = moves[i].from && moves[i].in_doubt && is_in_circle(moves, n, i);
        int answer = asks ? how->ask(d, how->context, &moves[i]) : 1;
        if (answer < 0) return answer;
        if (!answer) moves[i].from = NULL;
    }
    drop_blocked(d, how, moves, n);
    for (size_t left = n; left;) {
        size_t before = left;
        int status = 0;
        left = 0;
        for (size_t i = 0; !status && i < n; i++) {
            if (!moves[i].from) continue;
            if (how->is_there(d, how->context, moves[i].to)) {
                left++;
                continue;
            }
            status = how->rename(d, how->context, &moves[i], moves[i].to);
            moves[i].from = NULL;
        }
        for (size_t i = 0; !status && left == before && i < n; i++) {
            if (!moves[i].from) continue;
            const char *spare = spare_name(d, moves[i].from, how->is_taken, how->context);
            if (!spare) return corm__fail_memory(d->error);
            status = how->rename(d, how->context, &moves[i], spare);
            moves[i].from = spare;
            before = left + 1;
        }
        if (status) return status;
    }
    return 0;
}

static bool table_is_there(const detector *d, const void *context, const char *name) {
    (void)context;
    return corm__working(d, name);
}
static bool table_is_taken(const detector *d, const void *context, const char *name) {
    (void)context;
    return corm__working(d, name) || corm__target_of(d, name);
}
static int move_table(detector *d, const void *context, const move *m, const char *name) {
    (void)context;
    return rename_table(d, m->from, name, m->app);
}
static int ask_moved_table(detector *d, const void *context, const move *m) {
    (void)context;
    return corm__ask_moved_table(d, corm__working(d, m->from), corm__target_of(d, m->to));
}
static const mover of_tables = { table_is_there, table_is_taken, move_table, ask_moved_table,
                                 NULL };

static bool same_app(const corm_table *a, const corm_table *b) { return same_text(a->app, b->app); }
static bool same_model(const corm_table *a, const corm_table *b) {
    return corm__is_model(a) && same_app(a, b) && same_text(a->model, b->model);
}

/* --- what is alike --- */

/* A table's references to itself carry its name; what they refer to may be renamed too. */
static bool may_refer_alike(const detector *d, const corm_table *a, const corm_column *x,
                            const corm_table *b, const corm_column *y) {
    const char *from = x->references.table, *to = y->references.table;
    if (same_text(from, to)) return true;
    if (!from || !to) return false;
    if (strcmp(from, a->name) == 0 || strcmp(to, b->name) == 0)
        return strcmp(from, a->name) == 0 && strcmp(to, b->name) == 0;
    return !corm__target_of(d, from) && !corm__working(d, to);
}

static bool same_place(const corm_column *a, const corm_column *b) {
    return corm__column_same_type(a, b) && same_text(a->references.table, b->references.table);
}

/* The columns of a many-to-many table are named after the tables. */
static bool alike_between(const corm_table *a, const corm_table *b) {
    if (corm__is_model(a) || corm__is_model(b) || corm__column_count(a) != corm__column_count(b))
        return false;
    for (size_t i = 0; a->columns[i].name; i++)
        if (!same_place(&a->columns[i], &b->columns[i])) return false;
    return true;
}

/* How many columns both have, of one name and type, but for the key's. */
static size_t count_common(const detector *d, const corm_table *a, const corm_table *b) {
    size_t n = 0;
    for (const corm_column *x = a->columns; x->name; x++) {
        const corm_column *y = corm__column_find(b, x->name);
        n += y && corm__column_same_type(x, y) && may_refer_alike(d, a, x, b, y) &&
             !corm__names_have(a->primary_key, x->name);
    }
    return n;
}

static size_t count_keys(const corm_table *t) { return corm__names_count(t->primary_key); }

static bool same_columns(const detector *d, const corm_table *a, const corm_table *b) {
    size_t n = corm__column_count(a);
    return n == corm__column_count(b) && count_common(d, a, b) == n - count_keys(a);
}

/* For each column of the one there is one of the other of its type, whatever its name. */
static bool same_shape(const detector *d, const corm_table *a, const corm_table *b) {
    bool used[256] = { false };
    size_t n = corm__column_count(a);
    if (n != corm__column_count(b) || n > sizeof used) return false;
    for (const corm_column *x = a->columns; x->name; x++) {
        size_t i = 0;
        for (; b->columns[i].name; i++)
            if (!used[i] && corm__column_same_type(x, &b->columns[i]) &&
                may_refer_alike(d, a, x, b, &b->columns[i]))
                break;
        if (!b->columns[i].name) return false;
        used[i] = true;
    }
    return true;
}

/* The one may be the other under a new name: the same shape, or half of the columns. Of another app
 * only with all columns. */
static bool may_be(const detector *d, const corm_table *a, const corm_table *b) {
    if (!corm__is_model(a) || !corm__is_model(b)) return same_app(a, b) && alike_between(a, b);
    if (!same_app(a, b)) return count_common(d, a, b) && same_columns(d, a, b);
    size_t common = count_common(d, a, b), n = corm__column_count(a), m = corm__column_count(b);
    size_t most = n > m ? n - count_keys(a) : m - count_keys(b);
    return same_shape(d, a, b) || (common && 2 * common >= most);
}

/* --- what is known without a question --- */

/* Both names are there: the models' names say what is what, or else the history. */
static bool is_pending(const detector *d, const corm_declared_rename *r, const corm_table *from,
                       const corm_table *to, bool *in_doubt) {
    const corm_table *now = corm__working(d, to->name);
    *in_doubt = false;
    if (!now) return true;
    if (corm__is_model(to) && same_model(now, to)) return false;
    if (corm__is_model(to) && same_model(from, to)) return true;
    return *in_doubt = !r->done;
}

static int move_declared_tables(detector *d) {
    size_t n = 0, room = 0;
    for (const corm_declared_rename *r = d->declared; r && r->table; r++) room++;
    move *moves = corm__arena_array(d->arena, room, sizeof *moves);
    if (!moves) return corm__fail_memory(d->error);
    for (const corm_declared_rename *r = d->declared; r && r->table; r++) {
        const corm_table *to = r->column ? NULL : corm__target_of(d, r->table),
                         *from = corm__working(d, r->from);
        bool in_doubt;
        if (to && from && from != corm__working(d, to->name) &&
            is_pending(d, r, from, to, &in_doubt))
            moves[n++] = (move){ from->name, to->name, to->app, in_doubt };
    }
    return make_moves(d, &of_tables, moves, n);
}

static bool stays(const detector *d, const corm_table *now) {
    const corm_table *to = corm__target_of(d, now->name);
    return to && (corm__is_model(now) ? same_model(now, to) : alike_between(now, to));
}

/* Whether a table in between that begins with its model's name goes on in `becomes` when the model
 * has the other name. 1, 0 or a status. */
static int follows(const detector *d, const char *name, const char *model, const char *other,
                   const char *becomes) {
    size_t length = strlen(model);
    if (strncmp(name, model, length) != 0 || name[length] != '_') return 0;
    char *full = corm__arena_printf(d->arena, "%s%s", other, name + length);
    return full ? strcmp(corm__shorten_name(full), becomes) == 0 : corm__fail_memory(d->error);
}

/* Of several tables in between that are alike, the one whose name says that it is `to`. A name that
 * was shortened does not tell, as long as the other one was too. */
static int is_named_alike(const detector *d, const corm_table *from, const corm_table *to) {
    const char *now = to->columns[0].references.table,
               *was = now ? corm__map_get(&d->was, now) : NULL;
    if (!was) return 0;
    int same = follows(d, from->name, was, now, to->name);
    return same ? same : follows(d, to->name, now, was, from->name);
}

/* The table that the model, or the many-to-many relation, had. NULL: it cannot be known. */
static int past_of(const detector *d, const corm_table *to, const corm_table **out) {
    size_t n = 0;
    *out = NULL;
    for (size_t i = 0; i < d->state.n; i++) {
        const corm_table *from = &d->state.tables[i];
        if (strcmp(from->name, to->name) == 0 || stays(d, from) || !same_app(from, to)) continue;
        if (corm__is_model(to) ? !same_model(from, to) : !alike_between(from, to)) continue;
        int named = corm__is_model(to) || is_named_alike(d, from, to);
        if (named < 0) return named;
        *out = n++ && !named ? NULL : from;
        if (named) return 0;
    }
    return 0;
}

/* Two tables that are new cannot both be the one that was. */
static bool is_claimed(const move *moves, size_t n, const corm_table *from) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(moves[i].from, from->name) == 0) return true;
    return false;
}

static bool refers_to_renamed(const detector *d, const corm_table *t) {
    for (const corm_column *c = t->columns; c->name; c++)
        if (c->references.table && corm__map_get(&d->was, c->references.table)) return true;
    return false;
}

/* Models that got each other's names, and tables that changed places, look the same but for their
 * columns. 1, 0 or a status. */
static int has_moved(detector *d, const corm_table *from, const corm_table *to) {
    const corm_table *now = corm__working(d, to->name);
    size_t which;
    if (!corm__is_model(to)) return refers_to_renamed(d, from) && (!now || !alike_between(now, to));
    if (!now && !corm__target_of(d, from->name)) return 1;
    if (!may_be(d, from, to)) return 0;
    if (!now || !may_be(d, now, to)) return 1;
    if (same_columns(d, from, to) != same_columns(d, now, to)) return same_columns(d, from, to);
    return corm__ask_renamed_table(d, &from, 1, to, &which);
}

/* A model whose table has another name now, or a relation between such models. */
static int move_known_tables(detector *d, bool models) {
    move *moves = corm__arena_array(d->arena, d->target->n_tables, sizeof *moves);
    size_t n = 0;
    if (!moves) return corm__fail_memory(d->error);
    for (size_t i = 0; i < d->target->n_tables; i++) {
        const corm_table *to = &d->target->tables[i], *now = corm__working(d, to->name);
        if (corm__is_model(to) != models || (now && stays(d, now))) continue;
        const corm_table *from;
        int moved = past_of(d, to, &from);
        if (!moved && from && !is_claimed(moves, n, from)) moved = has_moved(d, from, to);
        if (moved < 0) return moved;
        if (moved) moves[n++] = (move){ from->name, to->name, to->app, false };
    }
    return make_moves(d, &of_tables, moves, n);
}

/* --- what is asked --- */

/* Those of the state that the target has not and that may be `to`: those with all its columns
 * first. */
static size_t find_candidates(const detector *d, const corm_table *to, const corm_table **out) {
    size_t n = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < d->state.n; i++) {
            const corm_table *from = &d->state.tables[i];
            if (corm__target_of(d, from->name) || !may_be(d, from, to)) continue;
            bool like = corm__is_model(to) && same_columns(d, from, to) && same_app(from, to);
            if (like == !pass) out[n++] = from;
        }
    return n;
}

static int ask_for_tables(detector *d, bool models) {
    const corm_table **candidates = corm__arena_array(d->arena, d->state.n, sizeof *candidates);
    if (!candidates) return corm__fail_memory(d->error);
    for (size_t i = 0; i < d->target->n_tables; i++) {
        const corm_table *to = &d->target->tables[i];
        size_t which;
        if (corm__is_model(to) != models || corm__working(d, to->name)) continue;
        size_t n = find_candidates(d, to, candidates);
        int status = n ? corm__ask_renamed_table(d, candidates, n, to, &which) : 0;
        if (status > 0) status = rename_table(d, candidates[which]->name, to->name, to->app);
        if (status) return status;
    }
    return 0;
}

int corm__rename_tables(detector *d) {
    int status = move_declared_tables(d);
    if (!status) status = move_known_tables(d, true);
    if (!status) status = ask_for_tables(d, true);
    if (!status) status = move_known_tables(d, false);
    return status ? status : ask_for_tables(d, false);
}

/* --- columns --- */

static int rename_column(detector *d, const corm_table *to, const char *from, const char *name) {
    corm_operation operation = {
        .kind = CORM_RENAME_COLUMN, .table = to->name, .name = from, .new_name = name
    };
    return corm__emit(d, to->app, &operation);
}

static bool column_is_there(const detector *d, const void *context, const char *name) {
    const corm_table *to = context;
    return corm__column_find(corm__working(d, to->name), name);
}
static bool column_is_taken(const detector *d, const void *context, const char *name) {
    return column_is_there(d, context, name) || corm__column_find(context, name);
}
static int move_column(detector *d, const void *context, const move *m, const char *name) {
    return rename_column(d, context, m->from, name);
}

static int ask_moved_column(detector *d, const void *context, const move *m) {
    const corm_table *to = context;
    return corm__ask_moved_column(d, to, corm__column_find(corm__working(d, to->name), m->from),
                                  corm__column_find(to, m->to));
}

/* Both names are there: their types say whether it is done, or else the history. */
static bool is_column_pending(const corm_table *now, const corm_column *to,
                              const corm_declared_rename *r, bool *in_doubt) {
    const corm_column *there = corm__column_find(now, r->column),
                      *from = corm__column_find(now, r->from);
    *in_doubt = false;
    if (!there) return true;
    if (same_place(there, to) != same_place(from, to)) return same_place(from, to);
    return *in_doubt = !r->done;
}

static int move_declared_columns(detector *d, const corm_table *to) {
    const corm_table *now = corm__working(d, to->name);
    size_t n = 0, room = 0;
    for (const corm_declared_rename *r = d->declared; r && r->table; r++) room++;
    move *moves = corm__arena_array(d->arena, room, sizeof *moves);
    if (!moves) return corm__fail_memory(d->error);
    for (const corm_declared_rename *r = d->declared; r && r->table; r++) {
        if (!r->column || strcmp(r->table, to->name) != 0 || strcmp(r->from, r->column) == 0)
            continue;
        const corm_column *c = corm__column_find(to, r->column);
        bool in_doubt;
        if (c && corm__column_find(now, r->from) && is_column_pending(now, c, r, &in_doubt))
            moves[n++] = (move){ r->from, r->column, to->app, in_doubt };
    }
    const mover of_columns = { column_is_there, column_is_taken, move_column, ask_moved_column,
                               to };
    return make_moves(d, &of_columns, moves, n);
}

/* What a number, a text is altered to without loss of its name: a key may come or go, and a length
 * change, at the same time. */
static corm_kind family(corm_kind kind) {
    if (kind == CORM_SMALLINT || kind == CORM_INTEGER) return CORM_BIGINT;
    if (kind == CORM_VARCHAR) return CORM_TEXT;
    return kind == CORM_REAL ? CORM_DOUBLE_PRECISION : kind;
}

static size_t find_column_candidates(const corm_table *now, const corm_table *to,
                                     const corm_column *fresh, const corm_column **out) {
    size_t n = 0;
    for (int pass = 0; pass < (corm__is_model(now) ? 2 : 1); pass++)
        for (const corm_column *old = now->columns; old->name; old++) {
            if (corm__column_find(to, old->name) || corm__is_generated(old)) continue;
            bool same = same_place(old, fresh);
            if (pass ? !same && family(old->kind) == family(fresh->kind) &&
                           old->element == fresh->element
                     : same)
                out[n++] = old;
        }
    return n;
}

static int find_renamed(detector *d, const corm_table *to, const corm_column *fresh) {
    const corm_table now = *corm__working(d, to->name);
    size_t which = 0;
    const corm_column **candidates =
        corm__arena_array(d->arena, corm__column_count(&now), sizeof *candidates);
    if (!candidates) return corm__fail_memory(d->error);
    size_t n = corm__is_generated(fresh) ? 0 : find_column_candidates(&now, to, fresh, candidates);
    if (!n) return 0;
    int status =
        corm__is_model(&now) ? corm__ask_renamed_column(d, to, candidates, n, fresh, &which) : 1;
    return status > 0 ? rename_column(d, to, candidates[which]->name, fresh->name) : status;
}

/* A relation of many to many that refers to another table now: its rows are of no use there, unless
 * somebody says that the numbers are the same. */
static int repoint_between(detector *d, const corm_table *to) {
    const corm_table now = *corm__working(d, to->name);
    for (size_t i = 0; now.columns[i].name && to->columns[i].name; i++) {
        const corm_column *old = &now.columns[i], *fresh = &to->columns[i];
        size_t which;
        if (strcmp(old->name, fresh->name) == 0) continue;
        int status = corm__ask_renamed_column(d, to, &old, 1, fresh, &which);
        if (status < 0) return status;
        if (status) {
            status = rename_column(d, to, old->name, fresh->name);
            if (status) return status;
            continue;
        }
        corm_operation operation = { .kind = CORM_DELETE_TABLE, .table = to->name };
        return corm__emit(d, to->app, &operation); /* it is made again with what comes */
    }
    return 0;
}

int corm__rename_columns(detector *d, const corm_table *to) {
    int status = move_declared_columns(d, to);
    for (const corm_column *c = to->columns; !status && c->name; c++)
        if (!corm__column_find(corm__working(d, to->name), c->name))
            status = find_renamed(d, to, c);
    bool between = !corm__is_model(to) && !corm__is_model(corm__working(d, to->name)) &&
                   corm__column_count(to) == corm__column_count(corm__working(d, to->name));
    return status || !between ? status : repoint_between(d, to);
}
