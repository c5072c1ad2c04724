/* The graph's inside, for the planner and the autodetector. */
#pragma once
#include "migrate/migrate.h"

typedef struct corm_node {
    const corm_migration *migration;
    const char *key;        /* "app.name" */
    size_t app;             /* index in the graph's apps */
    size_t *parents;        /* what it depends on, as positions in the order */
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
};

/* The index of the app, or n_apps. */
size_t corm__graph_app(const corm_graph *graph, const char *name);
/* The position of a migration of the graph. */
size_t corm__graph_position(const corm_graph *graph, const corm_migration *migration);
/* The latest migration of an app, NULL when it has none. */
const corm_node *corm__graph_leaf(const corm_graph *graph, const char *app);

/* What the database has of the graph, and what the graph has not. */
typedef struct corm_history {
    const corm_applied **applied;   /* of each position, NULL: not applied */
    const corm_applied **unknown;   /* of apps of this program, but not among its migrations */
    size_t n_unknown;
} corm_history;
int corm__history(const corm_graph *graph, const corm_applied *applied, size_t n, corm_arena *arena, corm_history *out, corm_error_info *error);
