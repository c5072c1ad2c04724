/* The migrations of an app as a tree in a terminal, like that of git log --graph: one lane for each
 * branch that is open.
 *
 * A lane is a migration on which something that is not printed yet stands. A migration takes over
 * the first lane of those that it stands on, and closes the others; one that something else stands
 * on, too, keeps its lane, and the migration opens a new one. */
#include "base/ascii.h"
#include "command/graph.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_LANES = 32 };

typedef struct signs {
    const char *applied, *pending, *line, *none, *tee, *across, *branch, *merge;
} signs;
static const signs unicode = { "●", "○", "│", " ", "├", "─", "╮", "╯" },
                   ascii = { "*", "o", "|", " ", "+", "-", ".", "'" };

typedef struct tree {
    const corm_shown *s;
    const signs *signs;
    size_t app;
    size_t
        *children; /* of each position: how many of the app that are not printed yet stand on it */
    size_t lanes[MOST_LANES]; /* position + 1; 0: free */
    size_t n;
} tree;

static bool speaks_unicode(void) {
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return corm__find_nocase(value, "UTF-8") || corm__find_nocase(value, "UTF8");
    }
    return false;
}

static bool stands_on(const corm_node *node, size_t position) {
    for (size_t i = 0; i < node->n_parents; i++)
        if (node->parents[i] == position) return true;
    return false;
}

/* The lanes as they are, but at `at` (and across from there to `to`) these signs. */
static void draw(const tree *t, size_t at, const char *sign, size_t to, const char *end) {
    for (size_t i = 0; i < t->n || i <= at || i <= to; i++) {
        bool across = end && i > at && i < to;
        const char *lane = i < t->n && t->lanes[i] ? t->signs->line : t->signs->none;
        if (i) fputs(end && i > at && i <= to ? t->signs->across : " ", stdout);
        fputs(i == at ? sign : end && i == to ? end : across ? t->signs->across : lane, stdout);
    }
}

static void close_last(tree *t) {
    while (t->n && !t->lanes[t->n - 1]) t->n--;
}

static size_t free_lane(tree *t) {
    for (size_t i = 0; i < t->n; i++)
        if (!t->lanes[i]) return i;
    return t->n < MOST_LANES ? t->n++ : MOST_LANES - 1;
}

/* Takes what node stands on off the lanes: the lane in which it goes on. */
static size_t join(tree *t, const corm_node *node) {
    size_t mine = MOST_LANES;
    for (size_t i = 0; i < t->n; i++) {
        if (!t->lanes[i] || !stands_on(node, t->lanes[i] - 1)) continue;
        if (--t->children[t->lanes[i] - 1]) continue; /* others stand on it: it stays open */
        t->lanes[i] = 0;
        if (mine == MOST_LANES) {
            mine = i;
            continue;
        }
        draw(t, mine, t->signs->tee, i, t->signs->merge);
        putchar('\n');
    }
    return mine;
}

/* A new lane beside the first of those that stay open. */
static size_t open_lane(tree *t, const corm_node *node) {
    size_t from = 0;
    while (from < t->n && !(t->lanes[from] && stands_on(node, t->lanes[from] - 1))) from++;
    bool beside = from < t->n;
    size_t lane = free_lane(t);
    if (beside && lane > from) {
        draw(t, from, t->signs->tee, lane, t->signs->branch);
        putchar('\n');
    }
    return lane;
}

static void print_node(tree *t, size_t position) {
    const corm_node *node = &t->s->graph->nodes[position];
    const corm_context *context = t->s->context;
    bool applied = t->s->history.applied[position];
    size_t lane = join(t, node);
    close_last(t);
    if (lane == MOST_LANES) lane = open_lane(t, node);
    t->lanes[lane] = position + 1;
    if (t->n <= lane) t->n = lane + 1;
    draw(t, lane, applied ? t->signs->applied : t->signs->pending, 0, NULL);
    printf(" %s%s%s", applied ? "" : corm__color(context, stdout, CORM_YELLOW),
           node->migration->name, applied ? "" : corm__color(context, stdout, CORM_PLAIN));
    bool first = true;
    for (size_t i = 0; i < node->n_parents; i++) {
        const corm_node *parent = &t->s->graph->nodes[node->parents[i]];
        if (parent->app == node->app) continue;
        printf("%s%s%s", first ? corm__color(context, stdout, CORM_DIM) : "",
               first ? "  after " : ", ", parent->key);
        first = false;
    }
    if (!first) fputs(corm__color(context, stdout, CORM_PLAIN), stdout);
    putchar('\n');
    if (!t->children[position]) t->lanes[lane] = 0;
    close_last(t);
}

static int print_app(tree *t) {
    const corm_graph *g = t->s->graph;
    memset(t->children, 0, g->n * sizeof *t->children);
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; g->nodes[i].app == t->app && k < g->nodes[i].n_parents; k++)
            t->children[g->nodes[i].parents[k]]++;
    memset(t->lanes, 0, sizeof t->lanes);
    t->n = 0;
    printf("%s%s%s\n", corm__color(t->s->context, stdout, CORM_BOLD), g->apps[t->app]->name,
           corm__color(t->s->context, stdout, CORM_PLAIN));
    bool any = false;
    for (size_t i = 0; i < g->n; i++) {
        if (g->nodes[i].app != t->app) continue;
        print_node(t, i);
        any = true;
    }
    if (!any) puts("(no migrations)");
    return 0;
}

int corm__graph_tree(const corm_shown *s) {
    tree t = { .s = s, .signs = speaks_unicode() ? &unicode : &ascii };
    t.children = corm__arena_array(&s->context->arena, s->graph->n, sizeof *t.children);
    if (!t.children) return corm__no_memory(s->context);
    for (t.app = 0; t.app < s->graph->n_apps; t.app++)
        if (corm__shown_wanted(s, s->graph->apps[t.app]->name)) print_app(&t);
    return 0;
}

/* --- for other programs --- */

/* Names in a diagram are between quotes. */
static void print_quoted(const char *text) {
    for (; *text; text++)
        if (*text != '"' && *text != '\\') putchar(*text);
}

static bool is_shown(const corm_shown *s, size_t position) {
    return corm__shown_wanted(s, s->graph->apps[s->graph->nodes[position].app]->name);
}

/* Of an app, each as m<position>, then before its name and after it. */
static void print_nodes(const corm_shown *s, size_t app, const char *before, const char *applied,
                        const char *pending) {
    for (size_t i = 0; i < s->graph->n; i++) {
        if (s->graph->nodes[i].app != app) continue;
        printf("        m%zu%s", i, before);
        print_quoted(s->graph->order[i]->name);
        puts(s->history.applied[i] ? applied : pending);
    }
}

int corm__graph_dot(const corm_shown *s) {
    puts("digraph migrations {\n    rankdir = BT;\n    node [shape=box, fontname=\"sans-serif\"];");
    for (size_t app = 0; app < s->graph->n_apps; app++) {
        if (!corm__shown_wanted(s, s->graph->apps[app]->name)) continue;
        printf("    subgraph cluster_%zu {\n        label = \"", app);
        print_quoted(s->graph->apps[app]->name);
        puts("\";");
        print_nodes(s, app, " [label=\"", "\", style=filled];", "\"];");
        puts("    }");
    }
    for (size_t i = 0; i < s->graph->n; i++)
        for (size_t k = 0; k < s->graph->nodes[i].n_parents; k++)
            if (is_shown(s, i) && is_shown(s, s->graph->nodes[i].parents[k]))
                printf("    m%zu -> m%zu;\n", i, s->graph->nodes[i].parents[k]);
    puts("}");
    return 0;
}

int corm__graph_mermaid(const corm_shown *s) {
    puts("flowchart TD");
    for (size_t app = 0; app < s->graph->n_apps; app++) {
        if (!corm__shown_wanted(s, s->graph->apps[app]->name)) continue;
        printf("    subgraph a%zu [\"", app);
        print_quoted(s->graph->apps[app]->name);
        puts("\"]");
        print_nodes(s, app, "[\"", "\"]:::applied", "\"]");
        puts("    end");
    }
    for (size_t i = 0; i < s->graph->n; i++)
        for (size_t k = 0; k < s->graph->nodes[i].n_parents; k++)
            if (is_shown(s, i) && is_shown(s, s->graph->nodes[i].parents[k]))
                printf("    m%zu --> m%zu\n", s->graph->nodes[i].parents[k], i);
    puts("    classDef applied fill:#d9ead3");
    return 0;
}
