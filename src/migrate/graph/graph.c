/* The migrations of all apps, ordered by a depth-first walk along what they depend on: a migration
 * is placed when all that it depends on is placed. A migration that is met again while it is open
 * closes a circle, and the open ones between are its path.
 *
 * A squashed migration takes the place of those that it replaces when the database has all or none
 * of them: what points at one of them then points at it. Otherwise it is left out, and what points
 * at it points at all that it would replace. Each name, of a carried migration or only mentioned in
 * a .replaces, is an entry that knows which squashed one replaces it. All is linear. */
#include "base/ascii.h"
#include "base/error.h"
#include "model/model.h"
#include "migrate/state/state.h"
#include "migrate/graph/nodes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEW, OPEN, PLACED };
/* How much of what a squashed migration replaces is applied. */
typedef enum share { UNKNOWN, LOOKING, NONE, SOME, ALL } share;

typedef struct entry entry;
struct entry {
    const char *key;
    const corm_migration *migration; /* NULL: this program does not carry it */
    size_t app;
    bool recorded;
    entry *owner;  /* the squashed migration that replaces it */
    size_t claims; /* of a squashed one: how many of what it replaces another one replaces */
    share share;   /* the same */
    bool used;     /* the same: it stands for what it replaces */
    unsigned char mark;
    entry **parents; /* of a live one */
    size_t n_parents, position;
    entry *seen_by; /* the last one that it became a parent of */
};

typedef struct edge {
    entry *child, *parent;
} edge;

typedef struct loader {
    corm_graph *graph;
    corm_arena *arena;
    corm_error_info *error;
    int flags;
    corm_map keys;    /* "app.name" to entry */
    entry *carried;   /* in the order of the lists */
    size_t n_carried; /* of them, read so far */
    edge *edges;
    size_t n_edges, capacity;
} loader;

static bool is_squashed(const entry *e) {
    return e->migration && e->migration->body->replaces && e->migration->body->replaces[0];
}

/* --- entries --- */

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
            return corm__fail(l->error, CORM_ERROR_MIGRATION, "app %s lists migration %s of app %s",
                              app->name, m->name, m->app);
        if (!m->body)
            return corm__fail(l->error, CORM_ERROR_MIGRATION, "migration %s.%s has no body", m->app,
                              m->name);
        entry *e = &l->carried[l->n_carried++];
        *e = (entry){ .migration = m,
                      .app = app_index,
                      .key = corm__arena_printf(l->arena, "%s.%s", m->app, m->name) };
        if (!e->key) return corm__fail_memory(l->error);
        if (corm__map_get(&l->keys, e->key))
            return corm__fail(l->error, CORM_ERROR_MIGRATION, "migration %s is listed twice",
                              e->key);
        if (corm__map_set(&l->keys, e->key, e)) return corm__fail_memory(l->error);
    }
    return 0;
}

/* Of a name; made when it is only mentioned as replaced. */
static entry *entry_of(loader *l, const char *name) {
    entry *e = corm__map_get(&l->keys, name);
    if (e) return e;
    e = corm__arena_zalloc(l->arena, sizeof *e);
    if (!e || corm__map_set(&l->keys, name, e)) return NULL;
    e->key = name;
    return e;
}

static entry *outermost(entry *e) {
    while (e->owner) e = e->owner;
    return e;
}

/* The names that a squashed migration replaces may be those of an earlier one, all of them: then it
 * replaces that one, too. */
static int claim_replaced(loader *l, entry *squashed) {
    for (const char *const *name = squashed->migration->body->replaces; *name; name++) {
        entry *e = entry_of(l, *name), *top = e ? outermost(e) : NULL;
        if (!e) return corm__fail_memory(l->error);
        if (e == outermost(squashed))
            return corm__fail(l->error, CORM_ERROR_MIGRATION, "%s replaces itself", squashed->key);
        if (top == e)
            e->owner = squashed;
        else if (top != squashed)
            top->claims++;
    }
    for (const char *const *name = squashed->migration->body->replaces; *name; name++) {
        entry *top = outermost(corm__map_get(&l->keys, *name));
        size_t n = 0;
        if (top == squashed || top == outermost(squashed)) continue;
        while (top->migration->body->replaces[n]) n++;
        if (top->claims < n)
            return corm__fail(l->error, CORM_ERROR_MIGRATION, "%s is replaced by both %s and %s",
                              *name, top->key, squashed->key);
        top->owner = squashed;
    }
    for (const char *const *name = squashed->migration->body->squashes; name && *name; name++) {
        entry *e = entry_of(l, *name);
        if (!e) return corm__fail_memory(l->error);
        if (!e->migration && !e->owner && e != squashed) e->owner = squashed;
    }
    return 0;
}

/* Those that replace less first, so that they are what is replaced in turn. */
static int claim_all(loader *l) {
    size_t n = 0, *sizes = corm__arena_array(l->arena, l->n_carried, sizeof *sizes);
    entry **squashed = corm__arena_array(l->arena, l->n_carried, sizeof *squashed);
    if (!sizes || !squashed) return corm__fail_memory(l->error);
    for (size_t i = 0; i < l->n_carried; i++) {
        if (!is_squashed(&l->carried[i])) continue;
        size_t size = 0, at = n++;
        while (l->carried[i].migration->body->replaces[size]) size++;
        for (; at && sizes[at - 1] > size; at--) {
            sizes[at] = sizes[at - 1];
            squashed[at] = squashed[at - 1];
        }
        sizes[at] = size;
        squashed[at] = &l->carried[i];
    }
    int status = 0;
    for (size_t i = 0; !status && i < n; i++) status = claim_replaced(l, squashed[i]);
    return status;
}

static int mark_recorded(loader *l, const corm_applied *applied, size_t n) {
    corm_buffer key = { 0 };
    for (size_t i = 0; i < n; i++) {
        key.length = 0;
        corm__buffer_printf(&key, "%s.%s", applied[i].app, applied[i].name);
        entry *e =
            corm__buffer_broken(&key) ? NULL : corm__map_get_bytes(&l->keys, key.data, key.length);
        if (e) e->recorded = true;
    }
    bool broken = corm__buffer_broken(&key);
    corm__buffer_release(&key);
    return broken ? corm__fail_memory(l->error) : 0;
}

/* --- squashed migrations --- */

/* Its own record counts when none of what it replaces has one any more; while they have, theirs are
 * true, because an older program may have undone some. */
static int find_share(loader *l, entry *squashed) {
    if (squashed->share == LOOKING)
        return corm__fail(l->error, CORM_ERROR_MIGRATION, "%s replaces itself", squashed->key);
    if (squashed->share != UNKNOWN) return 0;
    squashed->share = LOOKING;
    bool any = false, all = true;
    for (const char *const *name = squashed->migration->body->replaces; *name; name++) {
        entry *e = corm__map_get(&l->keys, *name);
        int status = is_squashed(e) ? find_share(l, e) : 0;
        if (status) return status;
        share of = is_squashed(e) ? e->share : e->recorded ? ALL : NONE;
        any |= of != NONE;
        all &= of == ALL;
    }
    squashed->share = all || (!any && squashed->recorded) ? ALL : any ? SOME : NONE;
    return 0;
}

static int fail_incomplete(loader *l, const entry *squashed) {
    const entry *applied = NULL, *missing = NULL;
    for (const char *const *name = squashed->migration->body->replaces; *name; name++) {
        const entry *e = corm__map_get(&l->keys, *name);
        if (e->recorded) applied = e;
        if (!e->recorded && !e->migration && !missing) missing = e;
    }
    corm__fail(l->error, CORM_ERROR_MIGRATION,
               "the database has only a part of what %s replaces: it has %s, but not %s, which "
               "this program does not carry any more",
               squashed->key, applied ? applied->key : "one of it", missing ? missing->key : "?");
    corm__error_hint(l->error, "Migrate with a program that still carries it, then with this one.");
    return CORM_ERROR_MIGRATION;
}

static int decide(loader *l, entry *squashed) {
    int status = find_share(l, squashed);
    if (status) return status;
    bool complete = true;
    for (const char *const *name = squashed->migration->body->replaces; *name; name++) {
        const entry *e = corm__map_get(&l->keys, *name);
        complete &= e->migration || e->recorded;
    }
    squashed->used = squashed->share != SOME && !((l->flags & CORM_GRAPH_UNSQUASHED) && complete);
    if (!squashed->used && !complete) return fail_incomplete(l, squashed);
    if (!squashed->used) l->graph->unused[l->graph->n_unused++] = squashed->migration;
    return 0;
}

/* Which entry stands in the graph for this one: the outermost squashed one, itself, or (a squashed
 * one that is not used) none. */
static entry *live(entry *e) {
    entry *top = e->migration && (!is_squashed(e) || e->used) ? e : NULL;
    for (entry *owner = e->owner; owner; owner = owner->owner)
        if (owner->used) top = owner;
    return top;
}

/* --- edges --- */

static int add_edge(loader *l, entry *child, entry *parent) {
    if (child == parent) return 0;
    if (l->n_edges == l->capacity) {
        size_t capacity = l->capacity ? l->capacity * 2 : 256;
        edge *larger = corm__arena_array(l->arena, capacity, sizeof *larger);
        if (!larger) return corm__fail_memory(l->error);
        if (l->n_edges) memcpy(larger, l->edges, l->n_edges * sizeof *larger);
        l->edges = larger;
        l->capacity = capacity;
    }
    l->edges[l->n_edges++] = (edge){ child, parent };
    return 0;
}

/* Between live and what the name stands for: its parent, or with `before` its child. */
static int add_edges(loader *l, entry *at, const char *name, bool before, const entry *said_by) {
    entry *e = corm__map_get(&l->keys, name), *other = e ? live(e) : NULL;
    if (e && e == said_by) {
        corm__fail(l->error, CORM_ERROR_MIGRATION,
                   "migrations depend on each other in a circle: %s -> %s", name, name);
        corm__error_hint(l->error, "Remove it from its own .depends_on or .run_before.");
        return CORM_ERROR_MIGRATION;
    }
    if (other) return before ? add_edge(l, other, at) : add_edge(l, at, other);
    if (e && !e->migration && e->owner && !e->recorded)
        e = e->owner; /* a squashed one that was squashed again, and is gone */
    if (e && is_squashed(e)) {
        int status = 0;
        for (const char *const *replaced = e->migration->body->replaces; !status && *replaced;
             replaced++)
            status = add_edges(l, at, *replaced, before, said_by);
        return status;
    }
    if (e && e->recorded) return 0; /* applied, and gone from the program */
    corm__fail(l->error, CORM_ERROR_MIGRATION,
               "%s %s %s, which is not among the migrations of this program", said_by->key,
               before ? "is to run before" : "depends on", name);
    corm__error_hint(l->error, "Check the spelling, that the app is in CORM_APPS, and that its "
                               "migrations.c lists the migration.");
    return CORM_ERROR_MIGRATION;
}

static int link_entry(loader *l, entry *e) {
    entry *at = live(e);
    int status = 0;
    for (const char *const *name = e->migration->body->depends_on; at && !status && name && *name;
         name++)
        status = add_edges(l, at, *name, false, e);
    for (const char *const *name = e->migration->body->run_before; at && !status && name && *name;
         name++)
        status = add_edges(l, at, *name, true, e);
    return status;
}

/* The edges of each entry together, each once. */
static int collect_parents(loader *l) {
    for (size_t i = 0; i < l->n_edges; i++) l->edges[i].child->n_parents++;
    entry **parents = corm__arena_array(l->arena, l->n_edges, sizeof *parents), **next = parents;
    if (!parents) return corm__fail_memory(l->error);
    for (size_t i = 0; i < l->n_edges; i++) {
        entry *child = l->edges[i].child;
        if (child->parents) continue;
        child->parents = next;
        next += child->n_parents;
        child->n_parents = 0;
    }
    for (size_t i = 0; i < l->n_edges; i++) {
        entry *child = l->edges[i].child;
        child->parents[child->n_parents++] = l->edges[i].parent;
    }
    for (size_t i = 0; i < l->n_carried; i++) {
        entry *e = &l->carried[i];
        size_t n = 0;
        for (size_t k = 0; k < e->n_parents; k++) {
            if (e->parents[k]->seen_by == e) continue;
            e->parents[k]->seen_by = e;
            e->parents[n++] = e->parents[k];
        }
        e->n_parents = n;
    }
    return 0;
}

/* --- order --- */

/* The open entries of the stack from the one that is met again, joined by arrows. A long path keeps
 * its beginning and its end. */
static int fail_circle(loader *l, entry **stack, size_t depth, const entry *again) {
    enum { MOST = 12 };
    char path[900] = "";
    size_t first = 0, length = 0;
    while (stack[first] != again) first++;
    for (size_t i = first; i <= depth && length < sizeof path - 1; i++) {
        const char *key = i == depth ? again->key : stack[i]->key;
        if (depth - first > MOST && i == first + MOST / 2) {
            length += (size_t)snprintf(path + length, sizeof path - length, " -> ... (%zu more)",
                                       depth - first - MOST);
            i = depth - MOST / 2;
            key = stack[i]->key;
        }
        if (length < sizeof path - 1)
            length += (size_t)snprintf(path + length, sizeof path - length, "%s%s",
                                       i == first ? "" : " -> ", key);
    }
    corm__fail(l->error, CORM_ERROR_MIGRATION, "migrations depend on each other in a circle: %s",
               path);
    corm__error_hint(l->error, "Remove one of these from a .depends_on or a .run_before.");
    return CORM_ERROR_MIGRATION;
}

static int place(loader *l, entry *start, entry **stack, size_t *next) {
    size_t depth = 0;
    stack[depth] = start;
    next[depth++] = 0;
    start->mark = OPEN;
    while (depth) {
        entry *e = stack[depth - 1];
        if (next[depth - 1] == e->n_parents) {
            corm_graph *g = l->graph;
            corm_node *node = &g->nodes[g->n];
            e->mark = PLACED;
            e->position = g->n;
            g->order[g->n++] = e->migration;
            *node = (corm_node){
                .migration = e->migration, .app = e->app, .key = e->key, .n_parents = e->n_parents
            };
            node->parents = corm__arena_array(l->arena, e->n_parents, sizeof *node->parents);
            if (!node->parents) return corm__fail_memory(l->error);
            for (size_t i = 0; i < e->n_parents; i++) node->parents[i] = e->parents[i]->position;
            depth--;
            continue;
        }
        entry *parent = e->parents[next[depth - 1]++];
        if (parent->mark == OPEN) return fail_circle(l, stack, depth, parent);
        if (parent->mark == PLACED) continue;
        parent->mark = OPEN;
        stack[depth] = parent;
        next[depth++] = 0;
    }
    return 0;
}

static int order(loader *l) {
    entry **stack = corm__arena_array(l->arena, l->n_carried, sizeof *stack);
    size_t *next = corm__arena_array(l->arena, l->n_carried, sizeof *next);
    if (!stack || !next) return corm__fail_memory(l->error);
    int status = 0;
    for (size_t i = 0; !status && i < l->n_carried; i++)
        if (l->carried[i].mark == NEW && live(&l->carried[i]) == &l->carried[i])
            status = place(l, &l->carried[i], stack, next);
    return status;
}

/* --- latest migrations --- */

static int fail_leaves(loader *l, const bool *inner, size_t app) {
    const corm_graph *g = l->graph;
    char names[900] = "";
    size_t n = 0, length = 0, left = 0;
    for (size_t i = 0; i < g->n; i++) left += g->nodes[i].app == app && !inner[i];
    for (size_t i = 0; i < g->n && length < sizeof names - 1; i++) {
        if (g->nodes[i].app != app || inner[i]) continue;
        n++;
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s",
                                   n == 1      ? ""
                                   : n == left ? " and "
                                               : ", ",
                                   g->nodes[i].key);
    }
    corm__fail(l->error, CORM_ERROR_MIGRATION, "app %s has %s latest migrations: %s",
               g->apps[app]->name, left == 2 ? "two" : "several", names);
    corm__error_hint(l->error, "They were made side by side: run makemigrations --merge.");
    return CORM_ERROR_MIGRATION;
}

/* True for those on which another of the same app stands. */
static bool *inner_nodes(const corm_graph *g, corm_arena *arena) {
    bool *inner = corm__arena_array(arena, g->n, sizeof *inner);
    for (size_t i = 0; inner && i < g->n; i++)
        for (size_t p = 0; p < g->nodes[i].n_parents; p++)
            if (g->nodes[g->nodes[i].parents[p]].app == g->nodes[i].app)
                inner[g->nodes[i].parents[p]] = true;
    return inner;
}

static int find_leaves(loader *l) {
    corm_graph *g = l->graph;
    bool *inner = inner_nodes(g, l->arena);
    if (!inner) return corm__fail_memory(l->error);
    for (size_t i = 0; i < g->n; i++) {
        if (inner[i]) continue;
        size_t *leaf = &g->leaves[g->nodes[i].app];
        if (*leaf && !(l->flags & CORM_GRAPH_BRANCHES))
            return fail_leaves(l, inner, g->nodes[i].app);
        *leaf = i + 1;
    }
    return 0;
}

/* --- loading --- */

static int load(loader *l, const corm_applied *applied, size_t n) {
    corm_graph *g = l->graph;
    size_t total = 0;
    for (size_t i = 0; i < g->n_apps; i++) total += count_migrations(g->apps[i]);
    l->carried = corm__arena_array(l->arena, total, sizeof *l->carried);
    g->nodes = corm__arena_array(l->arena, total, sizeof *g->nodes);
    g->order = corm__arena_array(l->arena, total + 1, sizeof *g->order);
    g->unused = corm__arena_array(l->arena, total, sizeof *g->unused);
    g->leaves = corm__arena_array(l->arena, g->n_apps, sizeof *g->leaves);
    if (!l->carried || !g->nodes || !g->order || !g->unused || !g->leaves)
        return corm__fail_memory(l->error);
    int status = 0;
    for (size_t i = 0; !status && i < g->n_apps; i++) status = read_app(l, i);
    if (!status) status = claim_all(l);
    if (!status) status = mark_recorded(l, applied, n);
    for (size_t i = 0; !status && i < total; i++)
        if (is_squashed(&l->carried[i])) status = decide(l, &l->carried[i]);
    for (size_t i = 0; !status && i < total; i++) status = link_entry(l, &l->carried[i]);
    if (!status) status = collect_parents(l);
    if (!status) status = order(l);
    return status ? status : find_leaves(l);
}

corm_graph *corm__graph_load_as(const corm_app *const *apps, const corm_applied *applied, size_t n,
                                int flags, corm_arena *arena, corm_error_info *error) {
    corm_graph *graph = corm__arena_zalloc(arena, sizeof *graph);
    if (!graph) {
        corm__fail_memory(error);
        return NULL;
    }
    graph->apps = apps;
    while (apps[graph->n_apps]) graph->n_apps++;
    loader l = { .graph = graph, .arena = arena, .error = error, .flags = flags };
    int status = load(&l, applied, n);
    corm__map_release(&l.keys);
    return status ? NULL : graph;
}

corm_graph *corm__graph_load_for(const corm_app *const *apps, const corm_applied *applied, size_t n,
                                 corm_arena *arena, corm_error_info *error) {
    return corm__graph_load_as(apps, applied, n, 0, arena, error);
}

corm_graph *corm__graph_load(const corm_app *const *apps, corm_arena *arena,
                             corm_error_info *error) {
    return corm__graph_load_as(apps, NULL, 0, 0, arena, error);
}

corm_graph *corm__graph_load_branches(const corm_app *const *apps, corm_arena *arena,
                                      corm_error_info *error) {
    return corm__graph_load_as(apps, NULL, 0, CORM_GRAPH_BRANCHES, arena, error);
}

/* --- looking things up --- */

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

long corm__migration_number(const char *name) {
    static const char squashed[] = "_squashed_";
    const char *last = NULL;
    for (const char *p = name; (p = strstr(p, squashed)); p += strlen(squashed))
        last = p + strlen(squashed);
    return strtol(last && corm__is_digit(*last) ? last : name, NULL, 10);
}

/* What `name` selects: all of it, or else its number, or else its beginning. */
typedef enum fit { NO_FIT, BEGINS, HAS_NUMBER, IS_IT } fit;

static fit fits(const char *migration, const char *name) {
    size_t length = strlen(name);
    if (strcmp(migration, name) == 0) return IS_IT;
    bool number = length && length < 10 && strspn(name, "0123456789") == length;
    if (number && corm__is_digit(*migration) &&
        strtol(migration, NULL, 10) == strtol(name, NULL, 10))
        return HAS_NUMBER;
    return strncmp(migration, name, length) == 0 ? BEGINS : NO_FIT;
}

/* A replaced migration of the app that the name, number or beginning selects; "app.name", or NULL.
 */
static const char *find_replaced(const corm_graph *graph, const char *app, const char *name,
                                 const corm_migration **by) {
    const char *found = NULL;
    size_t length = strlen(app);
    fit best = NO_FIT;
    for (size_t i = 0; i < graph->n; i++)
        for (const char *const *key = graph->order[i]->body->replaces; key && *key; key++) {
            if (strncmp(*key, app, length) != 0 || (*key)[length] != '.') continue;
            fit now = fits(*key + length + 1, name);
            if (now <= best) continue;
            best = now;
            found = *key;
            *by = graph->order[i];
        }
    return found;
}

static void fail_not_found(const corm_graph *graph, const char *app, const char *name,
                           corm_error_info *error) {
    const corm_migration *squashed = NULL;
    const char *key = find_replaced(graph, app, name, &squashed);
    if (key) {
        corm__fail(error, CORM_ERROR_USAGE, "%s was squashed into %s.%s", key, squashed->app,
                   squashed->name);
        corm__error_hint(error, "Name that one: a database that has it goes back to before it as a "
                                "whole.");
        return;
    }
    corm__fail(error, CORM_ERROR_USAGE, "app %s has no migration %s", app, name);
    corm__error_hint(error, "showmigrations %s lists them.", app);
}

const corm_migration *corm__graph_find(const corm_graph *graph, const char *app, const char *name,
                                       corm_error_info *error) {
    size_t app_index = corm__graph_app(graph, app);
    if (app_index == graph->n_apps) {
        corm__app_find(graph->apps, app, error);
        return NULL;
    }
    const corm_migration *found = NULL, *second = NULL;
    fit best = NO_FIT;
    for (size_t i = 0; i < graph->n; i++) {
        if (graph->nodes[i].app != app_index) continue;
        fit now = fits(graph->order[i]->name, name);
        if (now == NO_FIT || now < best) continue;
        if (now == best && !second) second = graph->order[i];
        if (now > best) {
            found = graph->order[i];
            second = NULL;
            best = now;
        }
    }
    if (second)
        corm__fail(error, CORM_ERROR_USAGE,
                   "more than one migration of %s begins with %s: %s and %s", app, name,
                   found->name, second->name);
    else if (!found)
        fail_not_found(graph, app, name, error);
    return second ? NULL : found;
}

int corm__graph_state(const corm_graph *graph, size_t n, corm_arena *arena, corm_schema *out,
                      corm_error_info *error) {
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
