/* Operations to migrations. What an operation comes behind is known from all that was done before,
 * in the history and in this run. Each app has one open migration, to which its next operation is
 * added together with what that needs of other apps' migrations; when one of those already stands
 * on the open migration, this would close a circle, and a new one is begun. */
#include "base/error.h"
#include "migrate/detect/found.h"
#include "migrate/detect/naming.h"
#include "migrate/graph/nodes.h"
#include "migrate/state/uses.h"
#include <string.h>

/* What an operation comes behind: nodes of the graph, and operations of this run. */
typedef struct corm_needs {
    size_t *nodes, *found;
    size_t n_nodes, n_found, room;
} needs;

typedef struct pending pending;
struct pending {
    const char *app;
    size_t n_operations;
    bool *needs; /* of other pending ones, by position */
    const corm_found **found;
    char *name;
    unsigned char mark;
    size_t visit;
};

typedef struct packer {
    const corm_graph *graph;
    const corm_found *found;
    size_t n_found;
    corm_arena *arena;
    needs *needs; /* of each operation that was found */
    bool broken;
    pending *items;
    size_t n;
    size_t *of_found; /* the pending migration of each operation */
    size_t *open;     /* of each app: position + 1 */
    size_t visits;
    corm_new_migration *out;
    size_t n_out;
} packer;

/* --- what each operation comes behind --- */

typedef struct noted {
    packer *p;
    const char *app;
    needs *needs; /* NULL: of the history, which has its order */
} noted;

static int make_room(packer *p, needs *of) {
    if (of->n_nodes < of->room && of->n_found < of->room) return 0;
    size_t room = of->room ? of->room * 2 : 8;
    size_t *nodes = corm__arena_array(p->arena, room, sizeof *nodes),
           *found = corm__arena_array(p->arena, room, sizeof *found);
    if (!nodes || !found) return CORM_ERROR_MEMORY;
    if (of->n_nodes) memcpy(nodes, of->nodes, of->n_nodes * sizeof *nodes);
    if (of->n_found) memcpy(found, of->found, of->n_found * sizeof *found);
    *of = (needs){ nodes, found, of->n_nodes, of->n_found, room };
    return 0;
}

/* Steps up to graph->n are its nodes, those behind are what was found. What the app itself did is
 * before it in any case. */
static void stands_on(void *context, size_t step, bool guessed, const char *what) {
    (void)guessed, (void)what;
    noted *n = context;
    packer *p = n->p;
    needs *of = n->needs;
    bool old = step <= p->graph->n;
    if (!of) return;
    size_t at = old ? step - 1 : step - 1 - p->graph->n;
    if (strcmp(old ? p->graph->order[at]->app : p->found[at].app, n->app) == 0) return;
    for (size_t i = 0; i < (old ? of->n_nodes : of->n_found); i++)
        if ((old ? of->nodes : of->found)[i] == at) return;
    if (make_room(p, of)) {
        p->broken = true;
        return;
    }
    if (old)
        of->nodes[of->n_nodes++] = at;
    else
        of->found[of->n_found++] = at;
}

static int note(corm_uses *uses, corm_state *state, size_t step, const char *app,
                const corm_operation *o, corm_error_info *error) {
    if (corm__uses_note(uses, step, app, o, state)) return corm__fail_memory(error);
    return corm__state_apply(state, o, app, NULL, NULL, error);
}

static int note_history(packer *p, corm_uses *uses, corm_error_info *error) {
    corm_state state;
    int status = 0;
    if (corm__state_init(&state, p->arena, NULL)) return corm__fail_memory(error);
    for (size_t i = 0; !status && i < p->graph->n; i++) {
        const corm_migration *m = p->graph->order[i];
        for (const corm_operation *o = m->body->operations; !status && o && o->kind; o++)
            status = note(uses, &state, i + 1, m->app, o, error);
    }
    corm__state_release(&state);
    return status;
}

static int note_found(packer *p, const corm_schema *from, corm_uses *uses, noted *noted,
                      corm_error_info *error) {
    corm_state state;
    int status = 0;
    if (corm__state_init(&state, p->arena, from)) return corm__fail_memory(error);
    for (size_t i = 0; !status && i < p->n_found; i++) {
        noted->app = p->found[i].app;
        noted->needs = &p->needs[i];
        status = note(uses, &state, p->graph->n + 1 + i, noted->app, &p->found[i].operation, error);
    }
    corm__state_release(&state);
    return status;
}

static int find_needs(packer *p, const corm_schema *from, corm_error_info *error) {
    noted noted = { .p = p };
    corm_uses uses = { .arena = p->arena, .stands_on = stands_on, .context = &noted };
    int status = note_history(p, &uses, error);
    if (!status) status = note_found(p, from, &uses, &noted, error);
    corm__uses_release(&uses);
    return status || !p->broken ? status : corm__fail_memory(error);
}

/* --- migrations --- */

/* visit is a number that no visit before had: each migration is walked through once. */
static bool reaches_in(packer *p, size_t from, size_t to, size_t visit) {
    if (from == to) return true;
    if (p->items[from].visit == visit) return false;
    p->items[from].visit = visit;
    for (size_t i = 0; i < p->n; i++)
        if (p->items[from].needs[i] && reaches_in(p, i, to, visit)) return true;
    return false;
}

static bool reaches(packer *p, size_t from, size_t to) {
    return reaches_in(p, from, to, ++p->visits);
}

static pending *open_migration(packer *p, size_t app, size_t at) {
    pending *item = &p->items[p->n];
    item->app = p->found[at].app;
    item->needs = corm__arena_array(p->arena, p->n_found, sizeof *item->needs);
    item->found = corm__arena_array(p->arena, p->n_found - at, sizeof *item->found);
    if (!item->needs || !item->found) return NULL;
    if (p->open[app]) item->needs[p->open[app] - 1] = true;
    p->open[app] = ++p->n;
    return item;
}

static int pack(packer *p) {
    for (size_t i = 0; i < p->n_found; i++) {
        const corm_found *f = &p->found[i];
        size_t app = corm__graph_app(p->graph, f->app);
        bool fits = p->open[app] != 0;
        const needs *of = &p->needs[i];
        for (size_t k = 0; fits && k < of->n_found; k++) {
            size_t need = p->of_found[of->found[k]];
            fits = need == p->open[app] - 1 || !reaches(p, need, p->open[app] - 1);
        }
        pending *item = fits ? &p->items[p->open[app] - 1] : open_migration(p, app, i);
        if (!item) return CORM_ERROR_MEMORY;
        size_t position = (size_t)(item - p->items);
        for (size_t k = 0; k < of->n_found; k++)
            if (p->of_found[of->found[k]] != position)
                item->needs[p->of_found[of->found[k]]] = true;
        item->found[item->n_operations++] = f;
        p->of_found[i] = position;
    }
    return 0;
}

static char *name_of(packer *p, const pending *item, const char *after) {
    const char **labels = corm__arena_array(p->arena, item->n_operations, sizeof *labels);
    if (!labels) return NULL;
    for (size_t i = 0; i < item->n_operations; i++) labels[i] = item->found[i]->label;
    return corm__migration_name(after, labels, item->n_operations, p->arena);
}

/* --- the result, what is needed first --- */

static int add_dependency(packer *p, const char **list, size_t *n, const char *app,
                          const char *name) {
    char *key = corm__arena_printf(p->arena, "%s.%s", app, name);
    if (!key) return CORM_ERROR_MEMORY;
    for (size_t i = 0; i < *n; i++)
        if (strcmp(list[i], key) == 0) return 0;
    list[(*n)++] = key;
    return 0;
}

/* The nodes that the migration comes behind: in wanted, without those that it comes behind already
 * by another of them, or by a new migration, whose app's latest one is before that. */
static int find_nodes(packer *p, const pending *item, bool *wanted) {
    bool *reached = corm__arena_array(p->arena, p->graph->n, sizeof *reached),
         *sources = corm__arena_array(p->arena, p->graph->n, sizeof *sources);
    if (!reached || !sources) return CORM_ERROR_MEMORY;
    for (size_t i = 0; i < p->n; i++) {
        const corm_node *leaf = reaches(p, (size_t)(item - p->items), i)
                                    ? corm__graph_leaf(p->graph, p->items[i].app)
                                    : NULL;
        if (leaf) sources[leaf - p->graph->nodes] = true;
    }
    for (size_t i = 0; i < item->n_operations; i++) {
        const needs *of = &p->needs[item->found[i] - p->found];
        for (size_t k = 0; k < of->n_nodes; k++) wanted[of->nodes[k]] = true;
    }
    for (size_t i = p->graph->n; i-- > 0;) {
        const corm_node *node = &p->graph->nodes[i];
        bool passes = wanted[i] || reached[i] || sources[i];
        if (reached[i] || sources[i]) wanted[i] = false;
        for (size_t k = 0; passes && k < node->n_parents; k++) reached[node->parents[k]] = true;
    }
    return 0;
}

static int write_dependencies(packer *p, const pending *item, corm_new_migration *out) {
    size_t most = p->n + p->graph->n + 2, n = 0;
    const char **list = corm__arena_array(p->arena, most, sizeof *list);
    bool *wanted = corm__arena_array(p->arena, p->graph->n, sizeof *wanted);
    if (!list || !wanted) return CORM_ERROR_MEMORY;
    bool first = true;
    for (size_t i = 0; i < p->n; i++)
        first &= !(item->needs[i] && strcmp(p->items[i].app, item->app) == 0);
    const corm_node *leaf = corm__graph_leaf(p->graph, item->app);
    if (first && leaf && add_dependency(p, list, &n, item->app, leaf->migration->name))
        return CORM_ERROR_MEMORY;
    for (size_t i = 0; i < p->n; i++)
        if (item->needs[i] && add_dependency(p, list, &n, p->items[i].app, p->items[i].name))
            return CORM_ERROR_MEMORY;
    if (find_nodes(p, item, wanted)) return CORM_ERROR_MEMORY;
    for (size_t i = 0; i < p->graph->n; i++)
        if (wanted[i] &&
            add_dependency(p, list, &n, p->graph->order[i]->app, p->graph->order[i]->name))
            return CORM_ERROR_MEMORY;
    out->depends_on = list;
    return 0;
}

static int finish(packer *p, pending *item) {
    item->mark = 1;
    const char *after = NULL;
    for (size_t i = 0; i < p->n; i++) {
        if (!item->needs[i]) continue;
        int status = p->items[i].mark ? 0 : finish(p, &p->items[i]);
        if (status) return status;
        if (strcmp(p->items[i].app, item->app) == 0) after = p->items[i].name;
    }
    const corm_node *leaf = corm__graph_leaf(p->graph, item->app);
    if (!after && leaf) after = leaf->migration->name;
    corm_new_migration *out = &p->out[p->n_out++];
    item->name = name_of(p, item, after);
    out->app = item->app;
    out->name = item->name;
    out->n_operations = item->n_operations;
    out->operations = corm__arena_array(p->arena, item->n_operations + 1, sizeof *out->operations);
    if (!item->name || !out->operations) return CORM_ERROR_MEMORY;
    for (size_t i = 0; i < item->n_operations; i++) out->operations[i] = item->found[i]->operation;
    return write_dependencies(p, item, out);
}

int corm__into_migrations(const corm_graph *graph, const corm_schema *from, const corm_found *found,
                          size_t n, corm_arena *arena, corm_new_migration **out, size_t *n_out,
                          corm_error_info *error) {
    packer p = { .graph = graph, .found = found, .n_found = n, .arena = arena };
    p.items = corm__arena_array(arena, n, sizeof *p.items);
    p.of_found = corm__arena_array(arena, n, sizeof *p.of_found);
    p.open = corm__arena_array(arena, graph->n_apps + 1, sizeof *p.open);
    p.out = corm__arena_array(arena, n + 1, sizeof *p.out);
    p.needs = corm__arena_array(arena, n, sizeof *p.needs);
    if (!p.items || !p.of_found || !p.open || !p.out || !p.needs) return corm__fail_memory(error);
    int status = find_needs(&p, from, error);
    if (status) return status;
    if (pack(&p)) return corm__fail_memory(error);
    for (size_t i = 0; i < p.n; i++)
        if (!p.items[i].mark && finish(&p, &p.items[i])) return corm__fail_memory(error);
    *out = p.out;
    *n_out = p.n_out;
    return 0;
}
