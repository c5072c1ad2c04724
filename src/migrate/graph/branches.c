/* Migrations that were made side by side: what each branch has of its own, and whether it matters
 * which comes first. */
#include "base/error.h"
#include "migrate/graph/nodes.h"
#include "migrate/state/footprint.h"
#include <string.h>

/* Marks in reached what the migration at `leaf` stands on, itself too. */
static void reach(const corm_graph *graph, size_t leaf, bool *reached) {
    reached[leaf] = true;
    for (size_t i = leaf + 1; i-- > 0;)
        for (size_t k = 0; reached[i] && k < graph->nodes[i].n_parents; k++)
            reached[graph->nodes[i].parents[k]] = true;
}

typedef struct brancher {
    const corm_graph *graph;
    size_t app;
    corm_arena *arena;
    size_t *leaves;
    bool **reached; /* of each leaf */
    size_t n;
} brancher;

static int find_leaves(brancher *b) {
    const corm_graph *g = b->graph;
    bool *inner = corm__arena_array(b->arena, g->n, sizeof *inner);
    b->leaves = corm__arena_array(b->arena, g->n, sizeof *b->leaves);
    if (!inner || !b->leaves) return CORM_ERROR_MEMORY;
    for (size_t i = g->n; i-- > 0;) { /* children stand behind their parents */
        if (g->nodes[i].app != b->app) continue;
        if (!inner[i]) b->n++;
        for (size_t k = 0; k < g->nodes[i].n_parents; k++) inner[g->nodes[i].parents[k]] = true;
    }
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++)
        if (g->nodes[i].app == b->app && !inner[i]) b->leaves[n++] = i;
    return 0;
}

static int fill(brancher *b, size_t index, corm_branch *out) {
    const corm_graph *g = b->graph;
    out->leaf = g->order[b->leaves[index]];
    out->migrations = corm__arena_array(b->arena, b->leaves[index] + 2, sizeof *out->migrations);
    if (!out->migrations) return CORM_ERROR_MEMORY;
    for (size_t i = 0; i <= b->leaves[index]; i++) {
        if (g->nodes[i].app != b->app || !b->reached[index][i]) continue;
        bool common = true;
        for (size_t k = 0; k < b->n; k++) common &= b->reached[k][i];
        if (!common) out->migrations[out->n++] = g->order[i];
    }
    return 0;
}

int corm__graph_branches(const corm_graph *graph, const char *app, corm_arena *arena,
                         corm_branch **out, size_t *n, corm_error_info *error) {
    brancher b = { .graph = graph, .app = corm__graph_app(graph, app), .arena = arena };
    *n = 0;
    *out = NULL;
    if (find_leaves(&b)) return corm__fail_memory(error);
    b.reached = corm__arena_array(arena, b.n, sizeof *b.reached);
    *out = corm__arena_array(arena, b.n, sizeof **out);
    if (!b.reached || !*out) return corm__fail_memory(error);
    for (size_t i = 0; i < b.n; i++) {
        b.reached[i] = corm__arena_array(arena, graph->n, sizeof **b.reached);
        if (!b.reached[i]) return corm__fail_memory(error);
        reach(graph, b.leaves[i], b.reached[i]);
    }
    for (size_t i = 0; i < b.n; i++)
        if (fill(&b, i, &(*out)[i])) return corm__fail_memory(error);
    *n = b.n;
    return 0;
}

/* --- commuting --- */

typedef struct footprints {
    corm_footprint *items;
    const corm_migration **of;
    const corm_operation **operations;
    size_t n;
} footprints;

static int collect(const corm_branch *branch, corm_arena *arena, footprints *out) {
    size_t n = 0;
    for (size_t i = 0; i < branch->n; i++)
        for (const corm_operation *o = branch->migrations[i]->body->operations; o && o->kind; o++)
            n++;
    *out = (footprints){ corm__arena_array(arena, n, sizeof *out->items),
                         corm__arena_array(arena, n, sizeof *out->of),
                         corm__arena_array(arena, n, sizeof *out->operations), 0 };
    if (!out->items || !out->of || !out->operations) return CORM_ERROR_MEMORY;
    for (size_t i = 0; i < branch->n; i++)
        for (const corm_operation *o = branch->migrations[i]->body->operations; o && o->kind; o++) {
            if (corm__footprint(o, false, arena, &out->items[out->n])) return CORM_ERROR_MEMORY;
            out->of[out->n] = branch->migrations[i];
            out->operations[out->n++] = o;
        }
    return 0;
}

static char *describe(const corm_touch *touch, const footprints *a, size_t i, const footprints *b,
                      size_t k, corm_arena *arena) {
    char *of_a = corm__operation_describe(a->operations[i], arena),
         *of_b = corm__operation_describe(b->operations[k], arena);
    char *what = NULL;
    if (!of_a || !of_b) return NULL;
    switch (touch->kind) {
    case CORM_TOUCH_EVERYTHING:
        what = corm__arena_strdup(arena, "what one of them does is not known");
        break;
    case CORM_TOUCH_COLUMN:
        what = touch->part && touch->mode != CORM_TOUCH_SQL
                   ? corm__arena_printf(arena, "both touch column %.*s of %s", (int)touch->length,
                                        touch->part, touch->table)
                   : corm__arena_printf(arena, "both touch columns of %s", touch->table);
        break;
    case CORM_TOUCH_NAME:
        what = corm__arena_printf(arena, "both touch %.*s", (int)touch->length, touch->part);
        break;
    case CORM_TOUCH_EXTENSION:
        what =
            corm__arena_printf(arena, "both touch extension %.*s", (int)touch->length, touch->part);
        break;
    case CORM_TOUCH_TABLE:
    case CORM_TOUCH_COMMENT:
    case CORM_TOUCH_KEY:
    case CORM_TOUCH_REFERENCES:
    case CORM_TOUCH_UNIQUE:
        what = corm__arena_printf(arena, "both touch table %s", touch->table);
        break;
    }
    return what ? corm__arena_printf(arena, "\"%s\" of %s and \"%s\" of %s: %s", of_a,
                                     a->of[i]->name, of_b, b->of[k]->name, what)
                : NULL;
}

int corm__branches_commute(const corm_branch *a, const corm_branch *b, corm_arena *arena,
                           const char **out, corm_error_info *error) {
    footprints of_a, of_b;
    *out = NULL;
    if (collect(a, arena, &of_a) || collect(b, arena, &of_b)) return corm__fail_memory(error);
    for (size_t i = 0; i < of_a.n; i++)
        for (size_t k = 0; k < of_b.n; k++) {
            const corm_touch *touch = corm__footprints_conflict(&of_a.items[i], &of_b.items[k]);
            if (!touch) continue;
            *out = describe(touch, &of_a, i, &of_b, k, arena);
            return *out ? 0 : corm__fail_memory(error);
        }
    return 0;
}
