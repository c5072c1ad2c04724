/* The migrations of all apps, ordered by a depth-first walk along depends_on: a migration is placed when all that it depends on
 * is placed. A migration that is met again while it is open closes a circle, and the open ones between are its path.
 * Each migration and each dependency is looked at once. */
#include "migrate/graph.h"
#include "migrate/state.h"
#include "base/error.h"
#include "base/map.h"
#include <stdio.h>
#include <string.h>

enum { NEW, OPEN, PLACED };

typedef struct loader {
    corm_graph *graph;
    corm_arena *arena;
    corm_error_info *error;
    corm_map keys;     /* "app.name" to node */
    corm_node *loaded; /* in the order of the lists; parents are positions in it */
    unsigned char *marks;
    size_t *positions; /* where a loaded node was placed */
} loader;

static size_t count_migrations(const corm_app *app) {
    size_t n = 0;
    for (const corm_migration *m = app->migrations; m && m->app; m++) n++;
    return n;
}

static int read_app(loader *l, size_t app_index) {
    const corm_app *app = l->graph->apps[app_index];
    for (size_t i = 0; i < app_index; i++)
        if (strcmp(l->graph->apps[i]->name, app->name) == 0)
            return corm__fail(l->error, CORM_ERROR_MIGRATION, "app %s is listed twice", app->name);
    for (const corm_migration *m = app->migrations; m && m->app; m++) {
        if (strcmp(m->app, app->name) != 0)
            return corm__fail(l->error, CORM_ERROR_MIGRATION, "app %s lists migration %s of app %s", app->name, m->name, m->app);
        if (!m->body) return corm__fail(l->error, CORM_ERROR_MIGRATION, "migration %s.%s has no body", m->app, m->name);
        corm_node *node = &l->loaded[l->graph->n++];
        *node = (corm_node){ .migration = m, .app = app_index, .key = corm__arena_printf(l->arena, "%s.%s", m->app, m->name) };
        if (!node->key) return corm__fail_memory(l->error);
        if (corm__map_get(&l->keys, node->key))
            return corm__fail(l->error, CORM_ERROR_MIGRATION, "migration %s is listed twice", node->key);
        if (corm__map_set(&l->keys, node->key, node)) return corm__fail_memory(l->error);
    }
    return 0;
}

static int link_node(loader *l, corm_node *node) {
    const char *const *names = node->migration->body->depends_on;
    size_t n = 0;
    while (names && names[n]) n++;
    node->parents = corm__arena_array(l->arena, n, sizeof *node->parents);
    if (!node->parents) return corm__fail_memory(l->error);
    for (size_t i = 0; i < n; i++) {
        corm_node *parent = corm__map_get(&l->keys, names[i]);
        if (!parent) {
            corm__fail(l->error, CORM_ERROR_MIGRATION, "%s depends on %s, which is not among the migrations of this program", node->key,
                       names[i]);
            corm__error_hint(l->error, "Check the spelling, that the app is in CORM_APPS, and that its migrations.c lists the migration.");
            return CORM_ERROR_MIGRATION;
        }
        node->parents[node->n_parents++] = (size_t)(parent - l->loaded);
    }
    return 0;
}

/* The open nodes of the stack from the one that is met again, joined by arrows. */
static int fail_circle(loader *l, const size_t *stack, size_t depth, size_t again) {
    char path[600] = "";
    size_t first = 0, length = 0;
    while (stack[first] != again) first++;
    for (size_t i = first; i <= depth && length < sizeof path - 1; i++) {
        size_t at = i == depth ? again : stack[i];
        length += (size_t)snprintf(path + length, sizeof path - length, "%s%s", i == first ? "" : " -> ", l->loaded[at].key);
    }
    corm__fail(l->error, CORM_ERROR_MIGRATION, "migrations depend on each other in a circle: %s", path);
    corm__error_hint(l->error, "Remove one of these from a .depends_on.");
    return CORM_ERROR_MIGRATION;
}

static int place(loader *l, size_t start, size_t *stack, size_t *next) {
    size_t depth = 0;
    stack[depth] = start;
    next[depth++] = 0;
    l->marks[start] = OPEN;
    while (depth) {
        size_t at = stack[depth - 1];
        corm_node *node = &l->loaded[at];
        if (next[depth - 1] == node->n_parents) {
            l->marks[at] = PLACED;
            l->positions[at] = l->graph->n;
            l->graph->order[l->graph->n] = node->migration;
            l->graph->nodes[l->graph->n++] = *node;
            depth--;
            continue;
        }
        size_t parent = node->parents[next[depth - 1]++];
        if (l->marks[parent] == OPEN) return fail_circle(l, stack, depth, parent);
        if (l->marks[parent] == PLACED) continue;
        l->marks[parent] = OPEN;
        stack[depth] = parent;
        next[depth++] = 0;
    }
    return 0;
}

/* The last migration of each app: the one that no other of the app depends on. */
static int find_leaves(loader *l) {
    corm_graph *g = l->graph;
    bool *inner = corm__arena_array(l->arena, g->n, sizeof *inner);
    if (!inner) return corm__fail_memory(l->error);
    for (size_t i = 0; i < g->n; i++)
        for (size_t p = 0; p < g->nodes[i].n_parents; p++)
            if (g->nodes[g->nodes[i].parents[p]].app == g->nodes[i].app) inner[g->nodes[i].parents[p]] = true;
    for (size_t i = 0; i < g->n; i++) {
        if (inner[i]) continue;
        size_t *leaf = &g->leaves[g->nodes[i].app];
        if (*leaf) {
            const char *first = g->nodes[*leaf - 1].key, *second = g->nodes[i].key;
            corm__fail(l->error, CORM_ERROR_MIGRATION, "app %s has two latest migrations: %s and %s", g->nodes[i].migration->app, first,
                       second);
            corm__error_hint(l->error, "They were made side by side: let the .depends_on of one name the other.");
            return CORM_ERROR_MIGRATION;
        }
        *leaf = i + 1;
    }
    return 0;
}

static int load(loader *l) {
    corm_graph *g = l->graph;
    size_t total = 0;
    for (size_t i = 0; i < g->n_apps; i++) total += count_migrations(g->apps[i]);
    l->loaded = corm__arena_array(l->arena, total, sizeof *l->loaded);
    l->marks = corm__arena_array(l->arena, total, sizeof *l->marks);
    l->positions = corm__arena_array(l->arena, total, sizeof *l->positions);
    g->nodes = corm__arena_array(l->arena, total, sizeof *g->nodes);
    g->order = corm__arena_array(l->arena, total + 1, sizeof *g->order);
    g->leaves = corm__arena_array(l->arena, g->n_apps, sizeof *g->leaves);
    size_t *stack = corm__arena_array(l->arena, total, sizeof *stack), *next = corm__arena_array(l->arena, total, sizeof *next);
    if (!l->loaded || !l->marks || !l->positions || !g->nodes || !g->order || !g->leaves || !stack || !next)
        return corm__fail_memory(l->error);
    int status = 0;
    for (size_t i = 0; !status && i < g->n_apps; i++) status = read_app(l, i);
    for (size_t i = 0; !status && i < total; i++) status = link_node(l, &l->loaded[i]);
    g->n = 0;
    for (size_t i = 0; !status && i < total; i++)
        if (l->marks[i] == NEW) status = place(l, i, stack, next);
    if (status) return status;
    for (size_t i = 0; i < g->n; i++)
        for (size_t p = 0; p < g->nodes[i].n_parents; p++) g->nodes[i].parents[p] = l->positions[g->nodes[i].parents[p]];
    return find_leaves(l);
}

corm_graph *corm__graph_load(const corm_app *const *apps, corm_arena *arena, corm_error_info *error) {
    corm_graph *graph = corm__arena_zalloc(arena, sizeof *graph);
    if (!graph) {
        corm__fail_memory(error);
        return NULL;
    }
    graph->apps = apps;
    while (apps[graph->n_apps]) graph->n_apps++;
    loader l = { .graph = graph, .arena = arena, .error = error };
    int status = load(&l);
    corm__map_release(&l.keys);
    return status ? NULL : graph;
}

const corm_migration *const *corm__graph_order(const corm_graph *graph, size_t *n) {
    *n = graph->n;
    return graph->order;
}

size_t corm__graph_app(const corm_graph *graph, const char *name) {
    size_t i = 0;
    while (i < graph->n_apps && strcmp(graph->apps[i]->name, name) != 0) i++;
    return i;
}

size_t corm__graph_position(const corm_graph *graph, const corm_migration *migration) {
    size_t i = 0;
    while (i < graph->n && graph->order[i] != migration) i++;
    return i;
}

const corm_node *corm__graph_leaf(const corm_graph *graph, const char *app) {
    size_t i = corm__graph_app(graph, app);
    return i < graph->n_apps && graph->leaves[i] ? &graph->nodes[graph->leaves[i] - 1] : NULL;
}

const corm_migration *corm__graph_find(const corm_graph *graph, const char *app, const char *name, corm_error_info *error) {
    if (corm__graph_app(graph, app) == graph->n_apps) {
        corm__fail(error, CORM_ERROR_USAGE, "no app %s in this program", app);
        return NULL;
    }
    const corm_migration *found = NULL, *second = NULL;
    for (size_t i = 0; i < graph->n; i++) {
        const corm_migration *m = graph->order[i];
        if (strcmp(m->app, app) != 0 || strncmp(m->name, name, strlen(name)) != 0) continue;
        if (strcmp(m->name, name) == 0) return m;
        if (found)
            second = m;
        else
            found = m;
    }
    if (second)
        corm__fail(error, CORM_ERROR_USAGE, "more than one migration of %s begins with %s: %s and %s", app, name, found->name,
                   second->name);
    else if (!found) {
        corm__fail(error, CORM_ERROR_USAGE, "app %s has no migration %s", app, name);
        corm__error_hint(error, "showmigrations %s lists them.", app);
    }
    return second ? NULL : found;
}

int corm__graph_state(const corm_graph *graph, size_t n, corm_arena *arena, corm_schema *out, corm_error_info *error) {
    corm_state state;
    if (corm__state_init(&state, arena, NULL)) return corm__fail_memory(error);
    int status = 0;
    for (size_t i = 0; !status && i < n && i < graph->n; i++) {
        const corm_migration *m = graph->order[i];
        for (const corm_operation *o = m->body->operations; !status && o && o->kind; o++) {
            status = corm__state_apply(&state, o, m->app, NULL, NULL, error);
            if (status) corm__in_migration(error, m);
        }
    }
    *out = (corm_schema){ state.tables, state.n };
    corm__state_release(&state);
    return status;
}
