#include "command/graph.h"
#include "migrate/execute/recorder.h"
#include <string.h>

static int print_json(const corm_shown *s, const char *app, const char *name, bool applied,
                      bool carried) {
    return corm__json_line(s->context, json_pack("{s:s, s:s, s:b, s:b}", "app", app, "name", name,
                                                 "applied", applied, "carried", carried));
}

/* A squashed migration whose own record is missing: migrate adds it. */
static bool is_unrecorded(const corm_shown *s, size_t position) {
    for (size_t i = 0; i < s->history.n_records; i++)
        if (s->history.records[i] == s->graph->order[position]) return true;
    return false;
}

static const char *mark(const corm_shown *s, size_t position) {
    return !s->history.applied[position] ? " " : is_unrecorded(s, position) ? "-" : "X";
}

static int print_plan(const corm_shown *s, bool json) {
    int status = 0;
    for (size_t i = 0; !status && i < s->graph->n; i++) {
        const corm_migration *m = s->graph->order[i];
        if (!corm__shown_wanted(s, m->app)) continue;
        if (json)
            status = print_json(s, m->app, m->name, s->history.applied[i], true);
        else
            printf("[%s]  %s.%s\n", mark(s, i), m->app, m->name);
    }
    return status;
}

static int print_migration(const corm_shown *s, size_t position, bool json) {
    const corm_migration *m = s->graph->order[position];
    if (json) return print_json(s, m->app, m->name, s->history.applied[position], true);
    size_t replaced = 0;
    while (m->body->replaces && m->body->replaces[replaced]) replaced++;
    printf(" [%s] %s", mark(s, position), m->name);
    if (replaced)
        printf(" (%zu squashed migrations%s)", replaced,
               is_unrecorded(s, position) ? "; migrate records it" : "");
    putchar('\n');
    return 0;
}

static int print_app(const corm_shown *s, size_t app, bool json) {
    const char *name = s->graph->apps[app]->name;
    int status = 0;
    bool any = false;
    if (!json)
        printf("%s%s%s\n", corm__color(s->context, stdout, CORM_BOLD), name,
               corm__color(s->context, stdout, CORM_PLAIN));
    for (size_t i = 0; !status && i < s->graph->n; i++) {
        if (s->graph->nodes[i].app != app) continue;
        any = true;
        status = print_migration(s, i, json);
    }
    for (size_t i = 0; !status && i < s->history.n_unknown; i++) {
        const corm_applied *a = s->history.unknown[i];
        if (strcmp(a->app, name) != 0) continue;
        any = true;
        if (json)
            status = print_json(s, name, a->name, true, false);
        else
            printf(" [X] %s (in the database only: this program does not carry it)\n", a->name);
    }
    if (!any && !json) puts(" (no migrations)");
    return status;
}

static int print_graph(const corm_shown *s) {
    const char *format = corm_option_value(s->context, "format");
    if (format && strcmp(format, "dot") == 0) return corm__graph_dot(s);
    if (format && strcmp(format, "mermaid") == 0) return corm__graph_mermaid(s);
    return corm__graph_tree(s);
}

static int show(const corm_shown *s) {
    bool json = corm_flag(s->context, "json");
    if (corm_flag(s->context, "graph")) return print_graph(s);
    if (corm_flag(s->context, "plan")) return print_plan(s, json);
    int status = 0;
    for (size_t app = 0; !status && app < s->graph->n_apps; app++)
        if (corm__shown_wanted(s, s->graph->apps[app]->name)) status = print_app(s, app, json);
    return status;
}

static int check_arguments(corm_context *context) {
    int status = corm__check_app_names(context);
    if (status) return status;
    bool graph = corm_flag(context, "graph");
    if (corm_flag(context, "list") + corm_flag(context, "plan") + graph > 1)
        return corm_context_fail(context, CORM_EXIT_USAGE,
                                 "--list, --plan and --graph exclude each other");
    if (graph && corm_flag(context, "json"))
        return corm_context_fail(
            context, CORM_EXIT_USAGE,
            "--graph has no --json; --format=dot and --format=mermaid are for other programs");
    if (!graph && corm_option_value(context, "format"))
        return corm_context_fail(context, CORM_EXIT_USAGE, "--format is for --graph");
    return 0;
}

static int run(corm_context *context) {
    corm_shown s = { .context = context };
    corm_error_info error = { 0 };
    int status = check_arguments(context);
    if (status) return status;
    corm_db *db = corm_context_db(context, NULL);
    if (!db) return corm_context_status(context);
    if (corm__recorder_load(db, &context->arena, &s.rows, &s.n_rows))
        return corm_context_fail_db(context, corm_error(db));
    /* Branches are shown, too: what is to be merged is easier to see here. */
    s.graph = corm__graph_load_as(context->apps, s.rows, s.n_rows, CORM_GRAPH_BRANCHES,
                                  &context->arena, &error);
    if (!s.graph || corm__history(s.graph, s.rows, s.n_rows, &context->arena, &s.history, &error))
        return corm_context_fail_db(context, &error);
    return show(&s);
}

static const corm_option options[] = {
    CORM_OPTION_DATABASE,
    { "list", 'l', CORM_OPTION_FLAG, NULL, NULL, "by app (the default)" },
    { "plan", 'p', CORM_OPTION_FLAG, NULL, NULL, "in the order in which they are applied" },
    { "graph", 'g', CORM_OPTION_FLAG, NULL, NULL, "what stands on what" },
    { "format", 0, CORM_OPTION_TEXT, "FORMAT", "tree|dot|mermaid",
      "of --graph: a tree for a terminal (the default), or for Graphviz or Mermaid" },
    { "json", 0, CORM_OPTION_FLAG, NULL, NULL,
      "one line of JSON a migration: app, name, applied, carried" },
    { 0 },
};
const corm_command corm__cmd_showmigrations = {
    "showmigrations", "Lists migrations, and which of them the database has",
    "[APP...]",       NULL,
    options,          run
};
