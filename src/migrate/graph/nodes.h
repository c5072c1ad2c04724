/* The graph's inside, for the planner and the autodetector. */
#pragma once
#include "base/map.h"
#include "migrate/graph/graph.h"

typedef struct corm_node {
    const corm_migration *migration;
    const char *key;        /* "app.name" */
    size_t app;             /* index in the graph's apps */
    size_t *parents;        /* what it depends on, as positions in the order; each once */
    size_t n_parents;
} corm_node;

/* The nodes in an order in which they can be applied: parents stand before their children. */
struct corm_graph {
    const corm_app *const *apps;
    size_t n_apps;
    corm_node *nodes;
    const corm_migration **order;
    size_t n;
    size_t *leaves;         /* of each app, position of its last migration + 1; 0: it has none */
    /* squashed migrations that do not stand for what they replace, because only a part of that is
     * applied */
    const corm_migration **unused;
    size_t n_unused;
};

/* What the loader is asked for. */
CORM__SHARED_BEGIN

enum {
    CORM_GRAPH_BRANCHES = 1,    /* several latest migrations of an app are no error */
    CORM_GRAPH_UNSQUASHED = 2   /* squashed migrations that replace carried ones are left out */
};
corm_graph *corm__graph_load_as(const corm_app *const *apps, const corm_applied *applied, size_t n,
                                int flags, corm_arena *arena, corm_error_info *error);

/* The index of the app, or n_apps. */
size_t corm__graph_app(const corm_graph *graph, const char *name);
/* The position of a migration of the graph. */
size_t corm__graph_position(const corm_graph *graph, const corm_migration *migration);
/* The latest migration of an app, NULL when it has none. */
const corm_node *corm__graph_leaf(const corm_graph *graph, const char *app);

CORM__SHARED_END
