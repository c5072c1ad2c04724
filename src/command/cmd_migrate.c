#include "base/clock.h"
#include "base/real.h"
#include "command/command.h"
#include "command/lint.h"
#include "db/db.h"
#include "migrate/detect/autodetect.h"
#include "migrate/execute/migrate.h"
#include "migrate/execute/recorder.h"
#include "migrate/graph/cost.h"
#include <string.h>

typedef struct progress {
    corm_context *context;
    bool json, quiet, nothing;
    double counted; /* when progress was last told */
    int status;     /* of writing */
} progress;

/* --- what is reported --- */

static const char *const event_names[] = {
    [CORM_MIGRATE_WAITING] = "waiting",     [CORM_MIGRATE_BEGIN] = "begin",
    [CORM_MIGRATE_OPERATION] = "operation", [CORM_MIGRATE_END] = "end",
    [CORM_MIGRATE_NOTHING] = "nothing",     [CORM_MIGRATE_NOTICE] = "notice",
    [CORM_MIGRATE_BLOCKED] = "blocked",     [CORM_MIGRATE_PROGRESS] = "progress",
    [CORM_MIGRATE_RECORDED] = "recorded"
};

/* Of a function that counts rows: a line of JSON once a second, the bar as often as it is of use.
 */
static bool is_due(progress *p, const corm_migrate_event *e) {
    if (e->rows_total && e->rows_done >= e->rows_total) return true;
    double now = corm__clock();
    if (now - p->counted < 1) return false;
    p->counted = now;
    return true;
}

static void report_json(progress *p, const corm_migrate_event *e) {
    if (e->kind == CORM_MIGRATE_PROGRESS && !is_due(p, e)) return;
    json_t *object = json_pack("{s:s}", "event", event_names[e->kind]);
    if (e->migration) {
        corm__json_set(&object, "app", corm__json_text(e->migration->app));
        corm__json_set(&object, "name", corm__json_text(e->migration->name));
        corm__json_set(&object, "backwards", json_boolean(e->backwards));
        if (e->faked) corm__json_set(&object, "faked", json_true());
        corm__json_set(&object, "index", json_integer((json_int_t)e->index));
        corm__json_set(&object, "total", json_integer((json_int_t)e->total));
    }
    if (e->text) corm__json_set(&object, "text", corm__json_text(e->text));
    if ((e->kind == CORM_MIGRATE_OPERATION || e->kind == CORM_MIGRATE_END))
        corm__json_set(&object, "seconds", json_real(e->seconds));
    if (e->kind == CORM_MIGRATE_PROGRESS) {
        corm__json_set(&object, "done", json_integer((json_int_t)e->rows_done));
        if (e->rows_total) corm__json_set(&object, "rows", json_integer((json_int_t)e->rows_total));
    }
    int status = corm__json_line(p->context, object);
    if (status) p->status = status;
}

static const char *duration(double seconds, char *out, size_t size) {
    if (seconds < 1)
        corm__format(out, size, "%.1f ms", seconds * 1000);
    else
        corm__format(out, size, "%.1f s", seconds);
    return out;
}

static void report_text(progress *p, const corm_migrate_event *e) {
    char time[32];
    const char *verb = e->backwards ? "Unapplying" : "Applying";
    switch (e->kind) {
    case CORM_MIGRATE_WAITING:
        corm__warn(p->context, "waiting: another process is migrating this database: %s",
                   e->text && *e->text ? e->text : "it is not known which");
        break;
    case CORM_MIGRATE_BEGIN:
        printf("%s %s.%s...\n", verb, e->migration->app, e->migration->name);
        break;
    case CORM_MIGRATE_OPERATION:
        printf("  %s (%s)\n", e->text, duration(e->seconds, time, sizeof time));
        break;
    case CORM_MIGRATE_END:
        printf("%s %s.%s... %s%s%s (%s)\n", verb, e->migration->app, e->migration->name,
               corm__color(p->context, stdout, CORM_GREEN), e->faked ? "FAKED" : "OK",
               corm__color(p->context, stdout, CORM_PLAIN),
               duration(e->seconds, time, sizeof time));
        break;
    case CORM_MIGRATE_RECORDED:
        printf("Recording %s.%s... %sOK%s (all that it replaces is applied)\n", e->migration->app,
               e->migration->name, corm__color(p->context, stdout, CORM_GREEN),
               corm__color(p->context, stdout, CORM_PLAIN));
        break;
    case CORM_MIGRATE_NOTHING: puts("No migrations to apply."); break;
    case CORM_MIGRATE_NOTICE: corm__warn(p->context, "%s", e->text); break;
    case CORM_MIGRATE_BLOCKED: corm__warn(p->context, "%s", e->text); break;
    case CORM_MIGRATE_PROGRESS:
        corm_progress(p->context, e->migration->name, e->rows_done, e->rows_total);
        return;
    }
    fflush(stdout);
}

/* --quiet: nothing but what a person should know. */
static bool is_worth_saying(corm_migrate_event_kind kind) {
    return kind == CORM_MIGRATE_WAITING || kind == CORM_MIGRATE_NOTICE ||
           kind == CORM_MIGRATE_BLOCKED;
}

static void report(void *context, const corm_migrate_event *event) {
    progress *p = context;
    p->nothing |= event->kind == CORM_MIGRATE_NOTHING;
    if (p->json)
        report_json(p, event);
    else if (!p->quiet || is_worth_saying(event->kind))
        report_text(p, event);
}

/* --- --plan, --check --- */

/* An operation as it will run, and what it costs; NULL: that cannot be said. */
typedef struct plan_line {
    const char *text, *cost;
} plan_line;

/* The costs of a migration's operations, as their steps' dearest. 0, or CORM_ERROR_MEMORY. */
static int price(const corm_costed_step *steps, size_t n, const corm_backend *backend, int version,
                 plan_line *lines, corm_change_cost *costs, size_t count) {
    for (size_t i = 0; i < n; i++) {
        corm_change_cost cost, *at = &costs[steps[i].index];
        int status = corm__step_cost(&steps[i], backend, version, &cost);
        if (status) return status;
        *at = lines[steps[i].index].cost ? corm__dearer(*at, cost) : cost;
        lines[steps[i].index].cost = corm__cost_name(at->cost);
    }
    for (size_t i = 0; i < count; i++)
        if (!lines[i].cost) lines[i].cost = corm__cost_name(0);
    return 0;
}

/* The message without the migration's name, which is said already. */
static const char *behind_name(const char *message, const corm_plan_step *step) {
    const corm_migration *m = step->migration;
    size_t app = strlen(m->app), name = strlen(m->name);
    while (strncmp(message, m->app, app) == 0 && message[app] == '.' &&
           strncmp(message + app + 1, m->name, name) == 0 &&
           strncmp(message + app + 1 + name, ": ", 2) == 0)
        message += app + 1 + name + 2;
    return message;
}

/* Ends with text NULL. Undone, it is the steps of the undoing; where those are not known, the
 * operations from the last to the first, and *refused (or else NULL) says why it cannot be undone.
 * NULL: memory is out. */
static plan_line *lines_of(corm_context *context, corm_costing *costing, const corm_plan_step *step,
                           const corm_backend *backend, int version, const char **refused) {
    corm_error_info error = { 0 };
    corm_costed_step *steps = NULL;
    const corm_operation *operations = step->migration->body->operations;
    size_t n = 0, count = 0;
    while (operations && operations[count].kind) count++;
    bool known = costing && !corm__costing_steps(costing, step->migration, step->backwards, &steps,
                                                 &n, &error),
         undoing = known && step->backwards;
    *refused = NULL;
    if (error.status == CORM_ERROR_MEMORY) return NULL;
    if (costing && !known && step->backwards &&
        !(*refused = corm__arena_strdup(&context->arena, behind_name(error.message, step))))
        return NULL;
    size_t length = undoing ? n : count;
    plan_line *lines = corm__arena_array(&context->arena, length + 1, sizeof *lines);
    corm_change_cost *costs = corm__arena_array(&context->arena, length + 1, sizeof *costs);
    if (!lines || !costs) return NULL;
    for (size_t i = 0; i < length; i++) {
        const corm_operation *o =
            undoing ? steps[i].operation : &operations[step->backwards ? length - 1 - i : i];
        lines[i].text = corm__operation_describe(o, &context->arena);
        if (!lines[i].text) return NULL;
        if (undoing && corm__step_cost(&steps[i], backend, version, &costs[i])) return NULL;
        if (undoing) lines[i].cost = corm__cost_name(costs[i].cost);
    }
    bool failed = known && !undoing && price(steps, n, backend, version, lines, costs, count) != 0;
    return failed ? NULL : lines;
}

static int print_step(corm_context *context, const corm_plan_step *step, const plan_line *lines,
                      const char *refused, bool json) {
    const corm_migration *m = step->migration;
    if (!lines) return corm__no_memory(context);
    if (!json)
        printf("%s%s.%s%s%s\n", step->backwards ? "undo " : "", m->app, m->name,
               refused ? ": cannot be undone: " : "", refused ? refused : "");
    json_t *operations = json ? json_array() : NULL, *prices = json ? json_array() : NULL;
    for (; lines->text; lines++) {
        if (json) {
            corm__json_append(&operations, corm__json_text(lines->text));
            corm__json_append(&prices, corm__json_text(lines->cost));
        } else if (lines->cost) {
            printf("    %s (%s)\n", lines->text, lines->cost);
        } else {
            printf("    %s\n", lines->text);
        }
    }
    if (!json) return 0;
    json_t *object =
        json_pack("{s:s, s:s, s:b, s:o, s:o}", "app", m->app, "name", m->name, "backwards",
                  step->backwards, "operations", operations, "costs", prices);
    if (refused) corm__json_set(&object, "refused", corm__json_text(refused));
    return corm__json_line(context, object);
}

/* --lint --plan: of what is pending; undoing is not judged. */
static int lint_plan(corm_context *context, const corm_graph *graph, const corm_plan *plan) {
    const corm_migration **list = corm__arena_array(&context->arena, plan->n + 1, sizeof *list);
    size_t n = 0;
    if (!list) return corm__no_memory(context);
    for (size_t i = 0; i < plan->n; i++)
        if (!plan->steps[i].backwards) list[n++] = plan->steps[i].migration;
    return corm__lint(context, graph, list, n, corm_option_value(context, "engine"));
}

static int plan(corm_context *context, corm_db *db, const corm_migrate_options *options,
                bool check) {
    corm_error_info error = { 0 };
    corm_applied *applied;
    size_t n;
    corm_plan found;
    if (corm__recorder_load(db, &context->arena, &applied, &n))
        return corm_context_fail_db(context, corm_error(db));
    corm_graph *graph = corm__graph_load_for(context->apps, applied, n, &context->arena, &error);
    if (!graph ||
        corm__plan_targets(graph, applied, n, options->targets, options->n_targets, options->fake,
                           &context->arena, &found, &error) ||
        corm__plan_newer(graph, applied, n, options->targets, options->n_targets, &context->arena,
                         &found, &error))
        return corm_context_fail_db(context, &error);
    if (corm_flag(context, "lint")) return lint_plan(context, graph, &found);
    int status = 0;
    bool json = corm_flag(context, "json");
    static const corm_migration_body unknown = { .operations = NULL };
    corm_costing costing = { .graph = graph };
    int version = db->backend->version(db->conn);
    const char *refused;
    for (size_t i = 0; !status && i < found.n_newer; i++) {
        const corm_migration newer = { found.newer[i]->app, found.newer[i]->name, &unknown };
        const corm_plan_step step = { &newer, true };
        const plan_line *lines = lines_of(context, NULL, &step, NULL, 0, &refused);
        status = print_step(context, &step, lines, NULL, json);
    }
    for (size_t i = 0; !status && i < found.n; i++) {
        const plan_line *lines =
            lines_of(context, &costing, &found.steps[i], db->backend, version, &refused);
        status = print_step(context, &found.steps[i], lines, refused, json);
    }
    corm__costing_release(&costing);
    bool any = found.n || found.n_newer;
    if (!any && !json) puts("No migrations to apply.");
    return status ? status : check && any ? CORM_EXIT_FAILURE : CORM_EXIT_OK;
}

/* --- the models may be ahead of the migrations --- */

static int no_rename(void *context, const corm_table *table, const corm_column *from,
                     const corm_column *to) {
    return (void)context, (void)table, (void)from, (void)to, 0;
}
static int no_table_rename(void *context, const corm_table *from, const corm_table *to) {
    return (void)context, (void)from, (void)to, 0;
}
static int any_fill(void *context, const corm_table *table, const corm_column *column,
                    corm_default *out, corm_arena *arena) {
    (void)context, (void)table, (void)column, (void)arena;
    *out = (corm_default){ .kind = CORM_DEFAULT_INTEGER };
    return 1;
}

static void hint_at_changes(corm_context *context) {
    static const corm_questions questions = { .renamed_column = no_rename,
                                              .renamed_table = no_table_rename,
                                              .fill = any_fill };
    corm_error_info error;
    corm_new_migration *found;
    size_t n = 0;
    corm_graph *graph = corm__graph_load(context->apps, &context->arena, &error);
    if (!graph ||
        corm__autodetect(graph, context->apps, &questions, &context->arena, &found, &n, &error) ||
        !n)
        return;
    corm__warn(context,
               "the models of %s%s have changes that no migration in this program has: run "
               "makemigrations, if you have not, and build again",
               found[0].app, n > 1 ? " and others" : "");
}

/* MIGRATION_DATABASE_URL, when it is set, is for this command: past a pooler, say. NULL: settings
 * are bad. */
static const char *alias_of(corm_context *context) {
    const char *given = corm_option_value(context, "database");
    const corm_settings *settings = corm_context_settings(context);
    if (given || !settings) return given;
    for (const char *const *alias = corm_settings_aliases(settings); *alias; alias++)
        if (strcmp(*alias, "migration") == 0) return *alias;
    return "default";
}

/* --- --prune --- */

static int prune(corm_context *context, corm_db *db, bool look_only) {
    const corm_applied **rows;
    size_t n;
    bool json = corm_flag(context, "json");
    if (corm_argument_count(context) != 1)
        return corm_context_fail(context, CORM_EXIT_USAGE, "--prune needs the name of one app");
    if (corm__prune(db, context->apps, corm_argument(context, 0), look_only, &context->arena, &rows,
                    &n))
        return corm_context_fail_db(context, corm_error(db));
    int status = 0;
    for (size_t i = 0; !status && i < n; i++) {
        if (json)
            status = corm__json_line(context, json_pack("{s:s, s:s, s:s}", "event", "pruned", "app",
                                                        rows[i]->app, "name", rows[i]->name));
        else
            printf("%s the record of %s.%s\n", look_only ? "Would remove" : "Removed", rows[i]->app,
                   rows[i]->name);
    }
    if (!n && !json) puts("No records to prune.");
    return status ? status : n && corm_flag(context, "check") ? CORM_EXIT_FAILURE : 0;
}

/* APP, or APP MIGRATION once or several times. */
static int read_targets(corm_context *context, corm_migrate_options *options) {
    int n = corm_argument_count(context);
    corm_plan_target *targets = corm__arena_array(&context->arena, (size_t)n + 1, sizeof *targets);
    if (!targets) return corm__no_memory(context);
    for (int i = 0; i < n; i += 2)
        targets[i / 2] =
            (corm_plan_target){ corm_argument(context, i), corm_argument(context, i + 1) };
    options->targets = targets;
    options->n_targets = (size_t)(n + 1) / 2;
    return 0;
}

static int run(corm_context *context) {
    progress p = { .context = context,
                   .json = corm_flag(context, "json"),
                   .quiet = corm_flag(context, "quiet") };
    corm_migrate_options options = { .fake = corm_flag(context, "fake"),
                                     .fake_initial = corm_flag(context, "fake-initial"),
                                     .lock_timeout = corm_option_number(context, "lock-timeout", 0),
                                     .report = report,
                                     .context = &p };
    const char *engine = corm_option_value(context, "engine");
    bool lint = corm_flag(context, "lint");
    if (engine && !lint)
        return corm_context_fail(context, CORM_EXIT_USAGE, "--engine belongs to --lint");
    if (lint && !corm_flag(context, "plan")) return corm__lint_offline(context, engine);
    const char *alias = alias_of(context);
    corm_db *db = alias ? corm_context_db(context, alias) : NULL;
    if (!db) return corm_context_status(context);
    int status = read_targets(context, &options);
    if (!status) status = corm__check_models(context, db->backend);
    if (status) return status;
    bool check = corm_flag(context, "check");
    if (corm_flag(context, "prune")) return prune(context, db, check || corm_flag(context, "plan"));
    if (check || corm_flag(context, "plan")) return plan(context, db, &options, check);
    status =
        corm__migrate(db, corm_context_settings(context), alias, context->apps, &options, NULL);
    if (status) return corm_context_fail_db(context, corm_error(db));
    if (p.nothing) hint_at_changes(context);
    return p.status;
}

static const corm_option options[] = {
    CORM_OPTION_DATABASE,
    { "plan", 0, CORM_OPTION_FLAG, NULL, NULL, "print what would be done, and do nothing" },
    { "check", 0, CORM_OPTION_FLAG, NULL, NULL,
      "the same, and exit 1 when there is something to do" },
    { "lint", 0, CORM_OPTION_FLAG, NULL, NULL,
      "name what locks, rewrites or breaks programs that run, and exit 1; without a database. With "
      "--plan: of what is pending in it" },
    { "engine", 0, CORM_OPTION_TEXT, "ENGINE", "sqlite|postgresql|mariadb",
      "--lint: for this engine (default: all that are built)" },
    { "fake", 0, CORM_OPTION_FLAG, NULL, NULL,
      "record migrations as applied (or not) without running them" },
    { "fake-initial", 0, CORM_OPTION_FLAG, NULL, NULL,
      "only record the first migration of an app when the database has all its tables and columns "
      "already" },
    { "prune", 0, CORM_OPTION_FLAG, NULL, NULL,
      "remove the records of APP's migrations that this program does not carry" },
    { "lock-timeout", 0, CORM_OPTION_SECONDS, "SECONDS", NULL,
      "give up (exit 75) when another process migrates for so long (default: wait)" },
    { "quiet", 'q', CORM_OPTION_FLAG, NULL, NULL,
      "say nothing but warnings and errors, where migrations are applied" },
    { "json", 0, CORM_OPTION_FLAG, NULL, NULL, "one line of JSON an event" },
    { 0 },
};
const corm_command corm__cmd_migrate = {
    "migrate",
    "Brings the database to the state of the migrations",
    "[APP [MIGRATION]]...",
    "MIGRATION is a name, its number or its beginning: the database goes there, forwards or back. "
    "zero undoes all of the app. Several "
    "targets are one plan. "
    "Each migration is one transaction with its record. Any number of processes may run this at "
    "once: one migrates, the others wait and "
    "find nothing to do.",
    options,
    run
};
