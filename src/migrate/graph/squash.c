/* Several migrations of an app as one. It stands on what they stand on outside of themselves, and
 * names them in .replaces. */
#include "migrate/graph/squash.h"
#include "base/error.h"
#include "migrate/graph/nodes.h"
#include "migrate/graph/replay.h"
#include <string.h>

typedef struct squasher {
    const corm_graph *graph;
    corm_arena *arena;
    corm_error_info *error;
    const corm_migration **range;
    size_t n;
    corm_new_migration *out;
    const char **names; /* of a list that is being made */
    size_t n_names, room;
} squasher;

/* --- which --- */

/* In the graph's order: what last stands on in its app and itself, from first on. */
static int find_range(squasher *s, const corm_migration *first, const corm_migration *last) {
    const corm_graph *g = s->graph;
    size_t end = corm__graph_position(g, last), start = first ? corm__graph_position(g, first) : 0;
    bool *reached = corm__arena_array(s->arena, g->n, sizeof *reached);
    s->range = corm__arena_array(s->arena, g->n + 1, sizeof *s->range);
    if (!reached || !s->range) return corm__fail_memory(s->error);
    reached[end] = true;
    for (size_t i = end + 1; i-- > 0;)
        for (size_t k = 0; reached[i] && k < g->nodes[i].n_parents; k++)
            reached[g->nodes[i].parents[k]] = true;
    if (first && !reached[start])
        return corm__fail(s->error, CORM_ERROR_USAGE, "%s.%s does not stand on %s", last->app,
                          last->name, first->name);
    for (size_t i = start; i <= end; i++)
        if (reached[i] && g->nodes[i].app == g->nodes[end].app) s->range[s->n++] = g->order[i];
    if (s->n < 2)
        return corm__fail(s->error, CORM_ERROR_USAGE,
                          "one migration of %s alone is nothing to squash", last->app);
    return 0;
}

/* --- lists of names --- */

static int add_name(squasher *s, const char *name) {
    for (size_t i = 0; i < s->n_names; i++)
        if (strcmp(s->names[i], name) == 0) return 0;
    if (s->n_names + 1 >= s->room) {
        size_t room = s->room ? s->room * 2 : 16;
        const char **larger = corm__arena_array(s->arena, room, sizeof *larger);
        if (!larger) return CORM_ERROR_MEMORY;
        if (s->n_names) memcpy(larger, s->names, s->n_names * sizeof *larger);
        s->names = larger;
        s->room = room;
    }
    s->names[s->n_names++] = name;
    return 0;
}

static const char **take_names(squasher *s) {
    const char **names = s->n_names ? s->names : NULL;
    s->names = NULL;
    s->n_names = s->room = 0;
    return names;
}

static bool is_in(const char *const *names, const char *name) {
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0) return true;
    return false;
}

static int add_replaces(squasher *s) {
    for (size_t i = 0; i < s->n; i++) {
        const char *const *replaced = s->range[i]->body->replaces;
        for (; replaced && *replaced; replaced++)
            if (add_name(s, *replaced)) return corm__fail_memory(s->error);
        if (s->range[i]->body->replaces) continue;
        const char *key =
            corm__arena_printf(s->arena, "%s.%s", s->range[i]->app, s->range[i]->name);
        if (!key || add_name(s, key)) return corm__fail_memory(s->error);
    }
    s->out->replaces = take_names(s);
    return 0;
}

/* Squashed ones in the range: a database may have run one of them, and says so. */
static int add_squashes(squasher *s) {
    for (size_t i = 0; i < s->n; i++) {
        const corm_migration_body *body = s->range[i]->body;
        for (const char *const *name = body->squashes; name && *name; name++)
            if (add_name(s, *name)) return corm__fail_memory(s->error);
        if (!body->replaces || !body->replaces[0]) continue;
        const char *key =
            corm__arena_printf(s->arena, "%s.%s", s->range[i]->app, s->range[i]->name);
        if (!key || add_name(s, key)) return corm__fail_memory(s->error);
    }
    s->out->squashes = take_names(s);
    return 0;
}

/* Those of all that point out of the range; a name of the range may also be that of a squashed one
 * in it. */
static int add_outside(squasher *s, bool before, const char ***out) {
    for (size_t i = 0; i < s->n; i++) {
        const char *const *name =
            before ? s->range[i]->body->run_before : s->range[i]->body->depends_on;
        for (; name && *name; name++) {
            bool inside = is_in(s->out->replaces, *name);
            size_t length = strlen(s->out->app);
            for (size_t k = 0; !inside && k < s->n; k++)
                inside = strncmp(*name, s->out->app, length) == 0 && (*name)[length] == '.' &&
                         strcmp(*name + length + 1, s->range[k]->name) == 0;
            if (!inside && add_name(s, *name)) return corm__fail_memory(s->error);
        }
    }
    *out = take_names(s);
    return 0;
}

/* --- operations --- */

static bool runs_code(const corm_operation *o) {
    return o->kind == CORM_RUN_SQL || o->kind == CORM_RUN_C || o->kind == CORM_SEPARATE;
}

/* SQL that was outside of a transaction stays there. An index that was made concurrently need not
 * be: the squashed migration is for databases that have no rows yet. */
static int add_operations(squasher *s, bool optimize) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        for (const corm_operation *o = s->range[i]->body->operations; o && o->kind; o++) n++;
    corm_operation *all = corm__arena_array(s->arena, n + 1, sizeof *all);
    if (!all) return corm__fail_memory(s->error);
    n = 0;
    for (size_t i = 0; i < s->n; i++)
        for (const corm_operation *o = s->range[i]->body->operations; o && o->kind; o++) {
            if (s->range[i]->body->outside_transaction && runs_code(o) &&
                !(optimize && o->elidable))
                s->out->outside_transaction = true;
            all[n++] = *o;
        }
    for (size_t i = 0; i < n && !s->out->outside_transaction; i++) all[i].concurrently = false;
    s->out->operations = all;
    s->out->n_operations = n;
    if (!optimize) return 0;
    return corm__optimize(all, n, true, s->arena, &s->out->operations, &s->out->n_operations,
                          s->error);
}

/* --- the result --- */

static int name_it(squasher *s, const char *name) {
    static const char squashed[] = "_squashed_";
    const corm_migration *first = s->range[0], *last = s->range[s->n - 1];
    const char *label = last->name;
    for (const char *p; (p = strstr(label, squashed));) label = p + strlen(squashed);
    s->out->name = name ? corm__arena_printf(s->arena, "%.4s%s%04ld_%s", first->name, squashed,
                                             corm__migration_number(last->name), name)
                        : corm__arena_printf(s->arena, "%.4s%s%s", first->name, squashed, label);
    if (!s->out->name) return corm__fail_memory(s->error);
    for (const corm_migration *m =
             s->graph->apps[corm__graph_app(s->graph, s->out->app)]->migrations;
         m && m->app; m++)
        if (strcmp(m->name, s->out->name) == 0) {
            corm__fail(s->error, CORM_ERROR_USAGE, "app %s has a migration %s already", m->app,
                       m->name);
            corm__error_hint(s->error, "Give another --name.");
            return CORM_ERROR_USAGE;
        }
    return 0;
}

/* Loads the graph as it will be: when migrations of other apps stand between those that are
 * squashed, it has a circle. */
static int check(squasher *s) {
    const corm_app *const *apps = corm__apps_with(s->graph->apps, s->out, 1, NULL, s->arena);
    if (!apps) return corm__fail_memory(s->error);
    const corm_graph *after = corm__graph_load(apps, s->arena, s->error);
    if (after) return corm__replay(after, s->arena, NULL, NULL, s->error);
    if (s->error->status == CORM_ERROR_MIGRATION)
        corm__error_hint(s->error, "Squash up to the one that is between, and from behind it on.");
    return s->error->status;
}

int corm__squash(const corm_graph *graph, const corm_migration *first, const corm_migration *last,
                 const char *name, bool optimize, corm_arena *arena, corm_squashed *out,
                 corm_error_info *error) {
    *out = (corm_squashed){ .migration = { .app = last->app } };
    squasher s = { .graph = graph, .arena = arena, .error = error, .out = &out->migration };
    int status = find_range(&s, first, last);
    if (!status) status = name_it(&s, name);
    if (!status) status = add_replaces(&s);
    if (!status) status = add_squashes(&s);
    if (!status) status = add_outside(&s, false, &s.out->depends_on);
    if (!status) status = add_outside(&s, true, &s.out->run_before);
    if (!status) status = add_operations(&s, optimize);
    if (!status) status = check(&s);
    out->range = s.range;
    out->n = s.n;
    return status;
}
