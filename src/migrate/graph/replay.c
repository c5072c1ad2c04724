/* A migration that is found wrong on somebody's empty database next year is found here. The state
 * is what every operation checks itself against; that the order does not depend on luck is looked
 * at with corm_uses: what a migration has to come behind, it must stand on. */
#include "migrate/graph/replay.h"
#include "base/error.h"
#include "migrate/graph/nodes.h"
#include "migrate/state/uses.h"
#include <string.h>

static bool is_of(const corm_new_migration *m, const char *app) { return strcmp(m->app, app) == 0; }

static const corm_migration_body *body_of(const corm_new_migration *m, corm_arena *arena) {
    corm_migration_body *body = corm__arena_alloc(arena, sizeof *body);
    if (body)
        *body = (corm_migration_body){ .depends_on = m->depends_on,
                                       .operations = m->operations,
                                       .run_before = m->run_before,
                                       .replaces = m->replaces,
                                       .squashes = m->squashes,
                                       .expands = m->expands,
                                       .outside_transaction = m->outside_transaction };
    return body;
}

static const corm_migration *list_with(const corm_app *app, const corm_new_migration *items,
                                       size_t n, const char *instead, corm_arena *arena) {
    size_t count = 0, used = 0;
    while (app->migrations && app->migrations[count].app) count++;
    corm_migration *list = corm__arena_array(arena, count + n + 1, sizeof *list);
    for (size_t i = 0; list && i < count; i++)
        if (!instead || !is_of(&items[0], app->name) ||
            strcmp(app->migrations[i].name, instead) != 0)
            list[used++] = app->migrations[i];
    for (size_t i = 0; list && i < n; i++) {
        if (!is_of(&items[i], app->name)) continue;
        list[used] = (corm_migration){ app->name, items[i].name, body_of(&items[i], arena) };
        if (!list[used++].body) return NULL;
    }
    return list;
}

const corm_app *const *corm__apps_with(const corm_app *const *apps, const corm_new_migration *items,
                                       size_t n, const char *instead, corm_arena *arena) {
    size_t n_apps = 0;
    while (apps[n_apps]) n_apps++;
    corm_app *copies = corm__arena_array(arena, n_apps, sizeof *copies);
    const corm_app **list = corm__arena_array(arena, n_apps + 1, sizeof *list);
    if (!copies || !list) return NULL;
    for (size_t i = 0; i < n_apps; i++) {
        copies[i] = *apps[i];
        copies[i].migrations = list_with(apps[i], items, n, instead, arena);
        if (!copies[i].migrations) return NULL;
        list[i] = &copies[i];
    }
    return list;
}

/* --- the replaying --- */

typedef struct replaying {
    const corm_graph *graph;
    void (*loose)(void *context, const corm_loose_order *order);
    void *context;
    size_t now;    /* position of the migration that is played */
    bool *reached; /* what it stands on; told: what was said of it */
    bool *told, known;
} replaying;

static void reach(replaying *r) {
    const corm_graph *g = r->graph;
    if (r->known) return;
    r->known = true;
    memset(r->reached, false, g->n * sizeof *r->reached);
    r->reached[r->now] = true;
    for (size_t i = r->now + 1; i-- > 0;)
        for (size_t k = 0; r->reached[i] && k < g->nodes[i].n_parents; k++)
            r->reached[g->nodes[i].parents[k]] = true;
}

static void stands_on(void *context, size_t step, bool guessed, const char *what) {
    replaying *r = context;
    const corm_graph *g = r->graph;
    size_t at = step - 1;
    if (guessed || r->told[at] || g->nodes[at].app == g->nodes[r->now].app) return;
    reach(r);
    if (r->reached[at]) return;
    r->told[at] = true;
    corm_loose_order order = { g->order[at], g->order[r->now], what };
    r->loose(r->context, &order);
}

/* Who took the table away before: it would have to wait. */
static const corm_migration *taker(const replaying *r, const char *table) {
    for (size_t i = r->now; i-- > 0;)
        for (const corm_operation *o = r->graph->order[i]->body->operations; o && o->kind; o++)
            if ((o->kind == CORM_DELETE_TABLE || o->kind == CORM_RENAME_TABLE) &&
                strcmp(o->table, table) == 0)
                return r->graph->order[i];
    return NULL;
}

static void explain(const replaying *r, const corm_state *state, const char *table,
                    corm_error_info *error) {
    const corm_migration *now = r->graph->order[r->now],
                         *by = table && !corm__state_find(state, table) ? taker(r, table) : NULL;
    if (by)
        corm__error_hint(error,
                         "%s.%s takes table %s away before: name \"%s.%s\" in its .depends_on, or "
                         "the migration after which nothing needs %s.",
                         by->app, by->name, table, now->app, now->name, table);
}

static int play(replaying *r, corm_uses *uses, corm_state *state, corm_error_info *error) {
    const corm_migration *m = r->graph->order[r->now];
    int status = 0;
    r->known = false;
    memset(r->told, false, r->graph->n * sizeof *r->told);
    for (const corm_operation *o = m->body->operations; !status && o && o->kind; o++) {
        if (r->loose && corm__uses_note(uses, r->now + 1, m->app, o, state))
            return corm__fail_memory(error);
        status = corm__fill_check(state, o, error);
        if (status) return corm__in_migration(error, m);
        status = corm__state_apply(state, o, m->app, NULL, NULL, error);
        if (!status) continue;
        explain(r, state, o->table, error);
        explain(r, state, o->column.references.table, error);
        for (const corm_column *c = o->columns; c && c->name; c++)
            explain(r, state, c->references.table, error);
        corm__in_migration(error, m);
    }
    return status;
}

int corm__replay(const corm_graph *graph, corm_arena *arena,
                 void (*loose)(void *context, const corm_loose_order *order), void *context,
                 corm_error_info *error) {
    replaying r = { .graph = graph, .loose = loose, .context = context };
    corm_uses uses = { .arena = arena, .stands_on = stands_on, .context = &r };
    corm_state state;
    r.reached = corm__arena_array(arena, graph->n, sizeof *r.reached);
    r.told = corm__arena_array(arena, graph->n, sizeof *r.told);
    if (!r.reached || !r.told || corm__state_init(&state, arena, NULL))
        return corm__fail_memory(error);
    int status = 0;
    for (r.now = 0; !status && r.now < graph->n; r.now++) status = play(&r, &uses, &state, error);
    corm__state_release(&state);
    corm__uses_release(&uses);
    return status;
}
