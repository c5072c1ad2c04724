/* showmigrations: what is shown, and the forms of --graph. */
#pragma once
#include "command/command.h"
#include "migrate/graph/nodes.h"
#include "migrate/graph/plan.h"
#include <string.h>

typedef struct corm_shown {
    corm_context *context;
    const corm_graph *graph;
    corm_applied *rows; /* what the database has */
    size_t n_rows;
    corm_history history;
} corm_shown;

/* Whether the app is among the command's arguments, or there are none. */
static inline bool corm__shown_wanted(const corm_shown *s, const char *app) {
    int n = corm_argument_count(s->context);
    for (int i = 0; i < n; i++)
        if (strcmp(corm_argument(s->context, i), app) == 0) return true;
    return n == 0;
}
/* A tree for a terminal; for Graphviz; for Mermaid. The exit status. */
int corm__graph_tree(const corm_shown *s);
int corm__graph_dot(const corm_shown *s);
int corm__graph_mermaid(const corm_shown *s);
