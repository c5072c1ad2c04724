#include "command/command.h"
#include "migrate/migrate.h"
#include "base/map.h"
#include <string.h>

typedef struct shown {
    corm_context *context;
    const corm_graph *graph;
    const corm_migration *const *order;
    size_t n;
    corm_applied *applied;
    size_t n_applied;
    corm_map names;   /* "app.name" to what is applied */
    corm_map carried; /* "app.name" to the migrations of the program */
} shown;

static bool wanted(const corm_context *context, const char *app) {
    int n = corm_argument_count(context);
    for (int i = 0; i < n; i++)
        if (strcmp(corm_argument(context, i), app) == 0) return true;
    return n == 0;
}

static const char *key(shown *s, const char *app, const char *name) { return corm__arena_printf(&s->context->arena, "%s.%s", app, name); }

static int fill_maps(shown *s) {
    for (size_t i = 0; i < s->n_applied; i++) {
        const char *k = key(s, s->applied[i].app, s->applied[i].name);
        if (!k || corm__map_set(&s->names, k, &s->applied[i])) return CORM_ERROR_MEMORY;
    }
    for (size_t i = 0; i < s->n; i++) {
        const char *k = key(s, s->order[i]->app, s->order[i]->name);
        if (!k || corm__map_set(&s->carried, k, (void *)s->order[i])) return CORM_ERROR_MEMORY;
    }
    return 0;
}

static bool is_applied(shown *s, const corm_migration *m) {
    const char *k = key(s, m->app, m->name);
    return k && corm__map_get(&s->names, k);
}

static int print_json(shown *s, const char *app, const char *name, bool applied, bool carried) {
    return corm__json_line(s->context, json_pack("{s:s, s:s, s:b, s:b}", "app", app, "name", name, "applied", applied, "carried", carried));
}

static int print_plan(shown *s, bool json) {
    int status = 0;
    for (size_t i = 0; !status && i < s->n; i++) {
        const corm_migration *m = s->order[i];
        if (!wanted(s->context, m->app)) continue;
        if (json)
            status = print_json(s, m->app, m->name, is_applied(s, m), true);
        else
            printf("[%s]  %s.%s\n", is_applied(s, m) ? "X" : " ", m->app, m->name);
    }
    return status;
}

static int print_app(shown *s, const char *app, bool json) {
    int status = 0;
    bool any = false;
    if (!json) printf("%s%s%s\n", corm__color(s->context, stdout, CORM_BOLD), app, corm__color(s->context, stdout, CORM_PLAIN));
    for (size_t i = 0; !status && i < s->n; i++) {
        const corm_migration *m = s->order[i];
        if (strcmp(m->app, app) != 0) continue;
        any = true;
        if (json)
            status = print_json(s, app, m->name, is_applied(s, m), true);
        else
            printf(" [%s] %s\n", is_applied(s, m) ? "X" : " ", m->name);
    }
    for (size_t i = 0; !status && i < s->n_applied; i++) {
        const corm_applied *a = &s->applied[i];
        const char *k = key(s, a->app, a->name);
        if (strcmp(a->app, app) != 0 || !k || corm__map_get(&s->carried, k)) continue;
        any = true;
        if (json)
            status = print_json(s, app, a->name, true, false);
        else
            printf(" [X] %s (in the database only: this program does not carry it)\n", a->name);
    }
    if (!any && !json) puts(" (no migrations)");
    return status;
}

static int show(shown *s) {
    bool json = corm_flag(s->context, "json");
    if (corm_flag(s->context, "plan")) return print_plan(s, json);
    int status = 0;
    for (const corm_app *const *app = s->context->apps; !status && *app; app++)
        if (wanted(s->context, (*app)->name)) status = print_app(s, (*app)->name, json);
    return status;
}

static int check_arguments(corm_context *context) {
    for (int i = 0; i < corm_argument_count(context); i++) {
        bool found = false;
        for (const corm_app *const *app = context->apps; *app; app++) found |= strcmp((*app)->name, corm_argument(context, i)) == 0;
        if (!found) return corm_context_fail(context, CORM_EXIT_USAGE, "no app %s in this program", corm_argument(context, i));
    }
    if (corm_flag(context, "list") && corm_flag(context, "plan"))
        return corm_context_fail(context, CORM_EXIT_USAGE, "--list and --plan exclude each other");
    return 0;
}

static int run(corm_context *context) {
    shown s = { .context = context };
    corm_error_info error = { 0 };
    int status = check_arguments(context);
    if (status) return status;
    s.graph = corm__graph_load(context->apps, &context->arena, &error);
    if (!s.graph) return corm_context_fail_db(context, &error);
    s.order = corm__graph_order(s.graph, &s.n);
    corm_db *db = corm_context_db(context, NULL);
    if (!db) return corm_context_status(context);
    if (corm__recorder_load(db, &context->arena, &s.applied, &s.n_applied)) return corm_context_fail_db(context, corm_error(db));
    status = fill_maps(&s) ? corm_context_fail(context, CORM_EXIT_SYSTEM, "out of memory") : show(&s);
    corm__map_release(&s.names);
    corm__map_release(&s.carried);
    return status;
}

static const corm_option options[] = {
    CORM_OPTION_DATABASE,
    { "list", 'l', CORM_OPTION_FLAG, NULL, NULL, "by app (the default)" },
    { "plan", 'p', CORM_OPTION_FLAG, NULL, NULL, "in the order in which they are applied" },
    { "json", 0, CORM_OPTION_FLAG, NULL, NULL, "one line of JSON a migration: app, name, applied, carried" },
    { 0 },
};
const corm_command corm__cmd_showmigrations = { "showmigrations", "Lists migrations, and which of them the database has",
                                                "[APP...]",       NULL,
                                                options,          run };
