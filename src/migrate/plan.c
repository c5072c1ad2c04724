/* What to apply or undo. The graph's order has parents before children, so that one pass backwards marks all that a target needs, and one
 * pass forwards marks all that stands on what is undone. */
#include "migrate/graph.h"
#include "base/error.h"
#include "base/map.h"
#include <string.h>

typedef struct planner {
    const corm_graph *graph;
    corm_history history;
    bool *marked;
    corm_arena *arena;
    corm_plan *out;
    corm_error_info *error;
} planner;

int corm__history(const corm_graph *graph, const corm_applied *applied, size_t n, corm_arena *arena, corm_history *out,
                  corm_error_info *error) {
    corm_map positions = { 0 };
    *out = (corm_history){ corm__arena_array(arena, graph->n, sizeof *out->applied), corm__arena_array(arena, n + 1, sizeof *out->unknown),
                           0 };
    int status = out->applied && out->unknown ? 0 : CORM_ERROR_MEMORY;
    for (size_t i = 0; !status && i < graph->n; i++) status = corm__map_set(&positions, graph->nodes[i].key, (void *)(uintptr_t)(i + 1));
    for (size_t i = 0; !status && i < n; i++) {
        const char *key = corm__arena_printf(arena, "%s.%s", applied[i].app, applied[i].name);
        size_t position = key ? (size_t)(uintptr_t)corm__map_get(&positions, key) : 0;
        if (!key)
            status = CORM_ERROR_MEMORY;
        else if (position)
            out->applied[position - 1] = &applied[i];
        else if (corm__graph_app(graph, applied[i].app) < graph->n_apps)
            out->unknown[out->n_unknown++] = &applied[i];
    }
    corm__map_release(&positions);
    return status ? corm__fail_memory(error) : 0;
}

/* A record without that of what it stands on means that the table of records was changed by hand, or a dependency added later. */
static int check_history(planner *p) {
    for (size_t i = 0; i < p->graph->n; i++) {
        const corm_node *node = &p->graph->nodes[i];
        for (size_t k = 0; p->history.applied[i] && k < node->n_parents; k++) {
            if (p->history.applied[node->parents[k]]) continue;
            const corm_migration *parent = p->graph->nodes[node->parents[k]].migration;
            corm__fail(p->error, CORM_ERROR_MIGRATION, "%s is applied, but what it depends on, %s.%s, is not", node->key, parent->app,
                       parent->name);
            corm__error_hint(p->error, "If the database has its tables already, record it: migrate --fake %s %s.", parent->app,
                             parent->name);
            return CORM_ERROR_MIGRATION;
        }
    }
    return 0;
}

static int collect(planner *p, bool backwards) {
    const corm_graph *g = p->graph;
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) n += p->marked[i] && !!p->history.applied[i] == backwards;
    p->out->steps = corm__arena_array(p->arena, n, sizeof *p->out->steps);
    if (!p->out->steps) return corm__fail_memory(p->error);
    for (size_t k = 0; k < g->n; k++) {
        size_t i = backwards ? g->n - 1 - k : k;
        if (p->marked[i] && !!p->history.applied[i] == backwards) p->out->steps[p->out->n++] = (corm_plan_step){ g->order[i], backwards };
    }
    return 0;
}

/* The marked ones and all that they depend on. */
static int forwards(planner *p) {
    for (size_t i = p->graph->n; i-- > 0;)
        for (size_t k = 0; p->marked[i] && k < p->graph->nodes[i].n_parents; k++) p->marked[p->graph->nodes[i].parents[k]] = true;
    return collect(p, false);
}

/* The marked ones and all that depends on them. */
static int backwards(planner *p) {
    for (size_t i = 0; i < p->graph->n; i++)
        for (size_t k = 0; k < p->graph->nodes[i].n_parents; k++) p->marked[i] |= p->marked[p->graph->nodes[i].parents[k]];
    return collect(p, true);
}

/* To a migration of an app: forwards when it is not applied, otherwise back to it. */
static int to_target(planner *p, size_t target) {
    const corm_graph *g = p->graph;
    if (!p->history.applied[target]) {
        p->marked[target] = true;
        return forwards(p);
    }
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < g->nodes[i].n_parents; k++)
            if (g->nodes[i].parents[k] == target && g->nodes[i].app == g->nodes[target].app) p->marked[i] = true;
    return backwards(p);
}

static int plan(const corm_graph *graph, const corm_applied *applied, size_t n_applied, const char *app, const char *target, bool check,
                corm_arena *arena, corm_plan *out, corm_error_info *error) {
    *out = (corm_plan){ 0 };
    planner p = { .graph = graph, .arena = arena, .out = out, .error = error };
    p.marked = corm__arena_array(arena, graph->n, sizeof *p.marked);
    if (!p.marked) return corm__fail_memory(error);
    int status = corm__history(graph, applied, n_applied, arena, &p.history, error);
    if (!status && check) status = check_history(&p);
    if (status) return status;
    if (!app) {
        memset(p.marked, true, graph->n * sizeof *p.marked);
        return collect(&p, false);
    }
    size_t app_index = corm__graph_app(graph, app);
    if (app_index == graph->n_apps) return corm__fail(error, CORM_ERROR_USAGE, "no app %s in this program", app);
    if (!target) {
        if (graph->leaves[app_index]) p.marked[graph->leaves[app_index] - 1] = true;
        return forwards(&p);
    }
    if (strcmp(target, "zero") == 0) {
        for (size_t i = 0; i < graph->n; i++) p.marked[i] = graph->nodes[i].app == app_index;
        return backwards(&p);
    }
    const corm_migration *migration = corm__graph_find(graph, app, target, error);
    return migration ? to_target(&p, corm__graph_position(graph, migration)) : error->status;
}

int corm__plan(const corm_graph *graph, const corm_applied *applied, size_t n_applied, const char *app, const char *target,
               corm_arena *arena, corm_plan *out, corm_error_info *error) {
    return plan(graph, applied, n_applied, app, target, true, arena, out, error);
}

int corm__plan_records(const corm_graph *graph, const corm_applied *applied, size_t n_applied, const char *app, const char *target,
                       corm_arena *arena, corm_plan *out, corm_error_info *error) {
    return plan(graph, applied, n_applied, app, target, false, arena, out, error);
}
