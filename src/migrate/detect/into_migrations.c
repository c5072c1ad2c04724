/* Operations to migrations. Each app has one open migration, to which its next operation is added
 * together with what that needs of other apps' migrations; when one of those already stands on the
 * open migration, this would close a circle, and a new one is begun. */
#include "base/error.h"
#include "migrate/detect/found.h"
#include "migrate/detect/naming.h"
#include "migrate/graph/nodes.h"
#include <string.h>

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
    pending *items;
    size_t n;
    size_t *of_found; /* the pending migration of each operation */
    size_t *open;     /* of each app: position + 1 */
    size_t visits;
    corm_new_migration *out;
    size_t n_out;
} packer;

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
        for (size_t k = 0; fits && k < f->n_needs; k++) {
            size_t need = p->of_found[f->needs[k]];
            fits = need == p->open[app] - 1 || !reaches(p, need, p->open[app] - 1);
        }
        pending *item = fits ? &p->items[p->open[app] - 1] : open_migration(p, app, i);
        if (!item) return CORM_ERROR_MEMORY;
        size_t position = (size_t)(item - p->items);
        for (size_t k = 0; k < f->n_needs; k++)
            if (p->of_found[f->needs[k]] != position) item->needs[p->of_found[f->needs[k]]] = true;
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

static int write_dependencies(packer *p, const pending *item, corm_new_migration *out) {
    size_t most = p->n + p->graph->n_apps + 2, n = 0;
    const char **list = corm__arena_array(p->arena, most, sizeof *list);
    if (!list) return CORM_ERROR_MEMORY;
    bool first = true;
    for (size_t i = 0; i < p->n; i++)
        first &= !(item->needs[i] && strcmp(p->items[i].app, item->app) == 0);
    const corm_node *leaf = corm__graph_leaf(p->graph, item->app);
    if (first && leaf && add_dependency(p, list, &n, item->app, leaf->migration->name))
        return CORM_ERROR_MEMORY;
    for (size_t i = 0; i < p->n; i++)
        if (item->needs[i] && add_dependency(p, list, &n, p->items[i].app, p->items[i].name))
            return CORM_ERROR_MEMORY;
    for (size_t i = 0; i < item->n_operations; i++)
        for (size_t k = 0; k < item->found[i]->n_apps; k++) {
            leaf = corm__graph_leaf(p->graph, item->found[i]->apps[k]);
            if (leaf && add_dependency(p, list, &n, leaf->migration->app, leaf->migration->name))
                return CORM_ERROR_MEMORY;
        }
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

int corm__into_migrations(const corm_graph *graph, const corm_found *found, size_t n,
                          corm_arena *arena, corm_new_migration **out, size_t *n_out,
                          corm_error_info *error) {
    packer p = { .graph = graph, .found = found, .n_found = n, .arena = arena };
    p.items = corm__arena_array(arena, n, sizeof *p.items);
    p.of_found = corm__arena_array(arena, n, sizeof *p.of_found);
    p.open = corm__arena_array(arena, graph->n_apps + 1, sizeof *p.open);
    p.out = corm__arena_array(arena, n + 1, sizeof *p.out);
    if (!p.items || !p.of_found || !p.open || !p.out || pack(&p)) return corm__fail_memory(error);
    for (size_t i = 0; i < p.n; i++)
        if (!p.items[i].mark && finish(&p, &p.items[i])) return corm__fail_memory(error);
    *out = p.out;
    *n_out = p.n_out;
    return 0;
}
