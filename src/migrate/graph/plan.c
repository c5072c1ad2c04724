/* What to apply or undo. The graph's order has parents before children, so that one pass backwards
 * marks all that a target needs, and one pass forwards marks all that stands on what is undone.
 * Several targets are one plan: what is undone comes first; what one target needs and another one
 * undoes is refused. */
#include "migrate/graph/plan.h"
#include "base/error.h"
#include "base/map.h"
#include "model/model.h"
#include "migrate/state/state.h"
#include "migrate/graph/nodes.h"
#include <string.h>

typedef struct planner {
    const corm_graph *graph;
    corm_history history;
    bool *apply, *undo; /* marks */
    bool *keep;         /* targets that are applied */
    corm_arena *arena;
    corm_plan *out;
    corm_error_info *error;
} planner;

/* --- history --- */

typedef struct reader {
    const corm_graph *graph;
    const corm_applied *applied;
    size_t n;
    corm_map records; /* "app.name" to the record */
    corm_map known;   /* what the graph has, and what is replaced by something carried */
    corm_arena *arena;
    corm_history *out;
} reader;

static int note_names(reader *r, const char *const *names) {
    for (; names && *names; names++)
        if (corm__map_set(&r->known, *names, r)) return CORM_ERROR_MEMORY;
    return 0;
}

/* All that the program carries, whether it stands in the graph or another one for it, and what that
 * replaces. */
static int read_known(reader *r) {
    for (size_t i = 0; i < r->graph->n_apps; i++)
        for (const corm_migration *m = r->graph->apps[i]->migrations; m && m->app; m++) {
            const char *key = corm__arena_printf(r->arena, "%s.%s", m->app, m->name);
            if (!key || corm__map_set(&r->known, key, r) || note_names(r, m->body->replaces) ||
                note_names(r, m->body->squashes))
                return CORM_ERROR_MEMORY;
        }
    return 0;
}

static int read_records(reader *r) {
    for (size_t i = 0; i < r->n; i++) {
        const corm_applied *a = &r->applied[i];
        const char *key = corm__arena_printf(r->arena, "%s.%s", a->app, a->name);
        if (!key || corm__map_set(&r->records, key, (void *)a)) return CORM_ERROR_MEMORY;
        r->out->known[i] = corm__map_get(&r->known, key);
        if (!r->out->known[i] && corm__graph_app(r->graph, a->app) < r->graph->n_apps)
            r->out->unknown[r->out->n_unknown++] = a;
    }
    return 0;
}

/* The last record of what it replaces; NULL unless all have one. */
static const corm_applied *last_replaced(reader *r, const corm_migration *squashed) {
    const corm_applied *last = NULL;
    for (const char *const *name = squashed->body->replaces; name && *name; name++) {
        const corm_applied *a = corm__map_get(&r->records, *name);
        if (!a) return NULL;
        if (!last || a > last) last = a;
    }
    return last;
}

static int read_history(reader *r) {
    corm_history *out = r->out;
    out->applied = corm__arena_array(r->arena, r->graph->n, sizeof *out->applied);
    out->unknown = corm__arena_array(r->arena, r->n, sizeof *out->unknown);
    out->records =
        corm__arena_array(r->arena, r->graph->n + r->graph->n_unused, sizeof *out->records);
    out->known = corm__arena_array(r->arena, r->n, sizeof *out->known);
    if (!out->applied || !out->unknown || !out->records || !out->known || read_known(r) ||
        read_records(r))
        return CORM_ERROR_MEMORY;
    for (size_t i = 0; i < r->graph->n; i++) {
        out->applied[i] = corm__map_get(&r->records, r->graph->nodes[i].key);
        if (out->applied[i]) continue;
        const corm_applied *last = last_replaced(r, r->graph->order[i]);
        if (!last) continue;
        corm_applied *as_squashed = corm__arena_zalloc(r->arena, sizeof *as_squashed);
        if (!as_squashed) return CORM_ERROR_MEMORY;
        *as_squashed = (corm_applied){ .app = r->graph->order[i]->app,
                                       .name = r->graph->order[i]->name,
                                       .applied = last->applied,
                                       .checksum = "" };
        out->applied[i] = as_squashed;
        out->records[out->n_records++] = r->graph->order[i];
    }
    return 0;
}

int corm__history(const corm_graph *graph, const corm_applied *applied, size_t n, corm_arena *arena,
                  corm_history *out, corm_error_info *error) {
    reader r = { .graph = graph, .applied = applied, .n = n, .arena = arena, .out = out };
    *out = (corm_history){ 0 };
    int status = read_history(&r);
    corm__map_release(&r.records);
    corm__map_release(&r.known);
    return status ? corm__fail_memory(error) : 0;
}

/* A record without that of what it stands on means that the table of records was changed by hand,
 * or a dependency added later. */
static int check_history(planner *p) {
    for (size_t i = 0; i < p->graph->n; i++) {
        const corm_node *node = &p->graph->nodes[i];
        for (size_t k = 0; p->history.applied[i] && k < node->n_parents; k++) {
            if (p->history.applied[node->parents[k]]) continue;
            const corm_migration *parent = p->graph->nodes[node->parents[k]].migration;
            corm__fail(p->error, CORM_ERROR_MIGRATION,
                       "%s is applied, but what it depends on, %s.%s, is not", node->key,
                       parent->app, parent->name);
            corm__error_hint(
                p->error,
                "If the database has its tables already, record it: migrate --fake %s %s.",
                parent->app, parent->name);
            return CORM_ERROR_MIGRATION;
        }
    }
    return 0;
}

/* --- targets --- */

static int mark_target(planner *p, const corm_plan_target *target) {
    const corm_graph *g = p->graph;
    if (!target->app) {
        memset(p->apply, true, g->n * sizeof *p->apply);
        return 0;
    }
    size_t app = corm__graph_app(g, target->app);
    if (app == g->n_apps)
        return corm__app_find(g->apps, target->app, p->error), p->error->status;
    if (!target->name) {
        if (g->leaves[app]) p->apply[g->leaves[app] - 1] = true;
        return 0;
    }
    if (strcmp(target->name, "zero") == 0) {
        for (size_t i = 0; i < g->n; i++) p->undo[i] |= g->nodes[i].app == app;
        return 0;
    }
    const corm_migration *migration = corm__graph_find(g, target->app, target->name, p->error);
    if (!migration) return p->error->status;
    size_t at = corm__graph_position(g, migration);
    if (!p->history.applied[at]) {
        p->apply[at] = true;
        return 0;
    }
    p->keep[at] = true;
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < g->nodes[i].n_parents; k++)
            if (g->nodes[i].parents[k] == at && g->nodes[i].app == app) p->undo[i] = true;
    return 0;
}

/* What is to be applied needs all that it depends on; what depends on something undone is undone
 * too. */
static void spread(planner *p) {
    const corm_graph *g = p->graph;
    for (size_t i = g->n; i-- > 0;)
        for (size_t k = 0; p->apply[i] && k < g->nodes[i].n_parents; k++)
            p->apply[g->nodes[i].parents[k]] = true;
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < g->nodes[i].n_parents; k++)
            p->undo[i] |= p->undo[g->nodes[i].parents[k]];
}

static int check_targets(planner *p) {
    for (size_t i = 0; i < p->graph->n; i++) {
        if (!p->undo[i] || !(p->apply[i] || p->keep[i])) continue;
        corm__fail(p->error, CORM_ERROR_USAGE, "one target needs %s, which another one undoes",
                   p->graph->nodes[i].key);
        corm__error_hint(p->error, "Go there in two runs.");
        return CORM_ERROR_USAGE;
    }
    return 0;
}

static int collect(planner *p) {
    const corm_graph *g = p->graph;
    corm_plan *out = p->out;
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) n += p->history.applied[i] ? p->undo[i] : p->apply[i];
    out->steps = corm__arena_array(p->arena, n, sizeof *out->steps);
    if (!out->steps) return corm__fail_memory(p->error);
    for (size_t i = g->n; i-- > 0;)
        if (p->history.applied[i] && p->undo[i])
            out->steps[out->n++] = (corm_plan_step){ g->order[i], true };
    for (size_t i = 0; i < g->n; i++)
        if (!p->history.applied[i] && p->apply[i])
            out->steps[out->n++] = (corm_plan_step){ g->order[i], false };
    return 0;
}

/* --- records of squashed migrations --- */

typedef struct finisher {
    planner *p;
    corm_map after; /* what the database has after the plan, squashed ones that are left out too */
    bool grew;
} finisher;

static int look_at_unused(finisher *f, const corm_migration *squashed) {
    planner *p = f->p;
    const char *key = corm__arena_printf(p->arena, "%s.%s", squashed->app, squashed->name);
    if (!key) return CORM_ERROR_MEMORY;
    if (corm__map_get(&f->after, key)) return 0;
    for (const char *const *name = squashed->body->replaces; *name; name++)
        if (!corm__map_get(&f->after, *name)) return 0;
    f->grew = true;
    p->out->records[p->out->n_records++] = squashed;
    return corm__map_set(&f->after, key, f);
}

/* A squashed migration of which a part is applied gets its record with the last of them. */
static int finish_unused(finisher *f) {
    planner *p = f->p;
    const corm_graph *g = p->graph;
    for (size_t i = 0; i < g->n; i++) {
        bool there = p->history.applied[i] ? !p->undo[i] : p->apply[i];
        if (there && corm__map_set(&f->after, g->nodes[i].key, f)) return CORM_ERROR_MEMORY;
    }
    do {
        f->grew = false;
        for (size_t i = 0; i < g->n_unused; i++)
            if (look_at_unused(f, g->unused[i])) return CORM_ERROR_MEMORY;
    } while (f->grew);
    return 0;
}

static int add_records(planner *p) {
    const corm_graph *g = p->graph;
    p->out->records = corm__arena_array(p->arena, g->n + g->n_unused, sizeof *p->out->records);
    if (!p->out->records) return corm__fail_memory(p->error);
    for (size_t i = 0; i < p->history.n_records; i++)
        if (!p->undo[corm__graph_position(g, p->history.records[i])])
            p->out->records[p->out->n_records++] = p->history.records[i];
    if (!g->n_unused) return 0;
    finisher f = { .p = p };
    int status = finish_unused(&f);
    corm__map_release(&f.after);
    return status ? corm__fail_memory(p->error) : 0;
}

int corm__plan_targets(const corm_graph *graph, const corm_applied *applied, size_t n_applied,
                       const corm_plan_target *targets, size_t n, bool records_only,
                       corm_arena *arena, corm_plan *out, corm_error_info *error) {
    static const corm_plan_target everything = { 0 };
    *out = (corm_plan){ 0 };
    planner p = { .graph = graph, .arena = arena, .out = out, .error = error };
    p.apply = corm__arena_array(arena, graph->n, sizeof *p.apply);
    p.undo = corm__arena_array(arena, graph->n, sizeof *p.undo);
    p.keep = corm__arena_array(arena, graph->n, sizeof *p.keep);
    if (!p.apply || !p.undo || !p.keep) return corm__fail_memory(error);
    int status = corm__history(graph, applied, n_applied, arena, &p.history, error);
    if (!status && !records_only) status = check_history(&p);
    if (!n) status = status ? status : mark_target(&p, &everything);
    for (size_t i = 0; !status && i < n; i++) status = mark_target(&p, &targets[i]);
    if (status) return status;
    spread(&p);
    status = check_targets(&p);
    if (!status) status = collect(&p);
    return status ? status : add_records(&p);
}

int corm__plan(const corm_graph *graph, const corm_applied *applied, size_t n_applied,
               const char *app, const char *target, corm_arena *arena, corm_plan *out,
               corm_error_info *error) {
    return corm__plan_targets(graph, applied, n_applied, &(corm_plan_target){ app, target }, 1,
                              false, arena, out, error);
}

int corm__plan_records(const corm_graph *graph, const corm_applied *applied, size_t n_applied,
                       const char *app, const char *target, corm_arena *arena, corm_plan *out,
                       corm_error_info *error) {
    return corm__plan_targets(graph, applied, n_applied, &(corm_plan_target){ app, target }, 1,
                              true, arena, out, error);
}
