/* Migrations that the database has and this program does not carry: a newer one applied them. Their
 * records say what they depend on, whether they only expand, and how to undo them, so that this
 * program can go back behind them. */
#include "base/error.h"
#include "migrate/graph/nodes.h"
#include "migrate/graph/plan.h"
#include <string.h>

int corm__refuse_newer(const corm_graph *graph, const corm_applied *applied, size_t n_applied,
                       corm_arena *arena, corm_error_info *error) {
    corm_history history;
    int status = corm__history(graph, applied, n_applied, arena, &history, error);
    for (size_t i = 0; !status && i < history.n_unknown; i++) {
        const corm_applied *a = history.unknown[i];
        if (a->expands) continue;
        status = corm__fail(error, CORM_ERROR_NEWER,
                            "the database has %s.%s, which this program does not carry and which "
                            "does more than expand the schema",
                            a->app, a->name);
        corm__error_hint(error,
                         "A newer program migrated it: run that one, or go back with \"migrate %s "
                         "NAME\" to the last migration that this program has.",
                         a->app);
    }
    return status;
}

static bool names_one(const char *names, const char *app, const char *name) {
    size_t app_length = strlen(app), name_length = strlen(name);
    for (const char *p = names; p && *p; p += strcspn(p, " "), p += *p == ' ') {
        size_t length = strcspn(p, " ");
        if (length == app_length + 1 + name_length && strncmp(p, app, app_length) == 0 &&
            p[app_length] == '.' && strncmp(p + app_length + 1, name, name_length) == 0)
            return true;
    }
    return false;
}

/* A row stands on one that goes: of the plan, or of the rows before it. */
static bool stands_on_marked(const corm_applied *applied, const bool *marked, size_t at,
                             const corm_plan *plan) {
    const char *names = applied[at].depends_on;
    for (size_t i = 0; i < plan->n; i++)
        if (plan->steps[i].backwards &&
            names_one(names, plan->steps[i].migration->app, plan->steps[i].migration->name))
            return true;
    for (size_t i = 0; i < at; i++)
        if (marked[i] && names_one(names, applied[i].app, applied[i].name)) return true;
    return false;
}

/* The apps that targets go back in. */
static int find_apps(const corm_graph *graph, const corm_history *history,
                     const corm_plan_target *targets, size_t n, bool *out, corm_error_info *error) {
    for (size_t i = 0; i < n; i++) {
        if (!targets[i].app || !targets[i].name) continue;
        const corm_migration *to =
            strcmp(targets[i].name, "zero") == 0
                ? NULL
                : corm__graph_find(graph, targets[i].app, targets[i].name, error);
        if (!to && strcmp(targets[i].name, "zero") != 0) return error->status;
        if (!to || history->applied[corm__graph_position(graph, to)])
            out[corm__graph_app(graph, targets[i].app)] = true;
    }
    return 0;
}

int corm__plan_newer(const corm_graph *graph, const corm_applied *applied, size_t n_applied,
                     const corm_plan_target *targets, size_t n_targets, corm_arena *arena,
                     corm_plan *plan, corm_error_info *error) {
    corm_history history;
    bool back = false;
    for (size_t i = 0; i < n_targets; i++) back |= targets[i].app && targets[i].name;
    if (!back) return 0;
    int status = corm__history(graph, applied, n_applied, arena, &history, error);
    if (status) return status;
    bool *marked = corm__arena_array(arena, n_applied, sizeof *marked),
         *apps = corm__arena_array(arena, graph->n_apps + 1, sizeof *apps);
    plan->newer = corm__arena_array(arena, n_applied, sizeof *plan->newer);
    if (!marked || !apps || !plan->newer) return corm__fail_memory(error);
    status = find_apps(graph, &history, targets, n_targets, apps, error);
    if (status) return status;
    size_t n = 0;
    for (size_t i = 0; i < n_applied; i++) {
        if (history.known[i]) continue;
        marked[i] = apps[corm__graph_app(graph, applied[i].app)] ||
                    stands_on_marked(applied, marked, i, plan);
        n += marked[i];
    }
    for (size_t i = 0; i < n_applied; i++)
        if (marked[i]) plan->newer[--n] = &applied[i], plan->n_newer++; /* the last one first */
    return 0;
}
