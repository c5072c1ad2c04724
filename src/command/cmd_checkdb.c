/* checkdb: the live database beside the models. */
#include "command/command.h"
#include "command/dangling.h"
#include "command/drift.h"
#include "db/db.h"
#include "migrate/detect/autodetect.h"
#include "migrate/execute/recorder.h"
#include "migrate/graph/plan.h"
#include "migrate/write/files.h"
#include "model/model.h"
#include <string.h>
#include <unistd.h>

static bool is_wanted(const corm_context *context, const char *app) {
    int n = corm_argument_count(context);
    for (int i = 0; i < n; i++)
        if (strcmp(corm_argument(context, i), app) == 0) return true;
    return n == 0;
}

/* The apps that are named; all when none is. */
static int wanted_apps(corm_context *context, const corm_app *const **out) {
    size_t n = 0, kept = 0;
    while (context->apps[n]) n++;
    const corm_app **apps = corm__arena_array(&context->arena, n + 1, sizeof *apps);
    if (!apps) return corm__no_memory(context);
    for (size_t i = 0; i < n; i++)
        if (is_wanted(context, context->apps[i]->name)) apps[kept++] = context->apps[i];
    *out = apps;
    return corm__check_app_names(context);
}

static int print(corm_context *context, const corm_drift *d) {
    corm_buffer line = { 0 };
    corm__buffer_printf(&line, "%s%s%s: ", d->table, d->item ? "." : "", d->item ? d->item : "");
    if (!d->is)
        corm__buffer_printf(&line, "%s is missing", d->what);
    else if (!d->should)
        corm__buffer_printf(&line, "%s is in no model", d->what);
    else
        corm__buffer_printf(&line, "%s is %s, should be %s", d->what, d->is, d->should);
    bool table = strcmp(d->what, "table") == 0;
    if (!d->is && !table) corm__buffer_printf(&line, ": %s", d->should);
    if (!d->should && !table) corm__buffer_printf(&line, ": %s", d->is);
    bool broken = corm__buffer_broken(&line);
    if (!broken) corm__print_line(stdout, corm__buffer_text(&line));
    corm__buffer_release(&line);
    return broken ? corm__no_memory(context) : 0;
}

static int print_all(corm_context *context, const corm_drift *drift, size_t n) {
    int status = 0;
    bool json = corm_flag(context, "json");
    for (size_t i = 0; i < n && !status; i++) {
        const corm_drift *d = &drift[i];
        if (json)
            status = corm__json_line(
                context, json_pack("{s:o, s:s, s:o, s:o, s:o}", "table", corm__json_text(d->table),
                                   "what", d->what, "item", corm__json_text(d->item), "is",
                                   corm__json_text(d->is), "should", corm__json_text(d->should)));
        else
            status = print(context, d);
    }
    return status;
}

static int print_dangling(corm_context *context, const corm_dangling *dangling, size_t n) {
    int status = 0;
    for (size_t i = 0; i < n && !status; i++) {
        const corm_dangling *d = &dangling[i];
        if (corm_flag(context, "json"))
            status = corm__json_line(
                context, json_pack("{s:o, s:s, s:o, s:o, s:n}", "table", corm__json_text(d->table),
                                   "what", "rows", "item", corm__json_text(d->column), "is",
                                   corm__json_text(d->text), "should"));
        else
            printf("%s.%s: %s\n", d->table, d->column, d->text);
    }
    return status;
}

/* --- --write --- */

static const corm_app *find_app(const corm_context *context, const char *name) {
    const corm_app *const *app = context->apps;
    while (strcmp((*app)->name, name) != 0) app++;
    return *app;
}

/* What is pending is no drift, and a migration on top of it would do it twice. */
static int check_settled(corm_context *context, corm_db *db, const corm_graph *graph) {
    corm_error_info error = { 0 };
    corm_applied *applied;
    corm_new_migration *changes;
    corm_plan plan;
    size_t n;
    corm_questions none = { 0 };
    int status =
        corm__autodetect(graph, context->apps, &none, &context->arena, &changes, &n, &error);
    if (status == CORM_ERROR_MEMORY) return corm_context_fail_db(context, &error);
    if (status || n)
        return corm_context_fail(
            context, CORM_EXIT_DATA,
            "the models have changes that no migration has: run makemigrations first");
    if (corm__recorder_load(db, &context->arena, &applied, &n))
        return corm_context_fail_db(context, corm_error(db));
    if (corm__plan(graph, applied, n, NULL, NULL, &context->arena, &plan, &error))
        return corm_context_fail_db(context, &error);
    if (plan.n)
        return corm_context_fail(context, CORM_EXIT_DATA,
                                 "%s.%s is not applied yet: run migrate first",
                                 plan.steps[0].migration->app, plan.steps[0].migration->name);
    return 0;
}

static int save_locked(const corm_app *app, const corm_new_migration *migration, const char *folder,
                       corm_error_info *error) {
    int lock, status = corm__migrations_lock(folder, &lock, error);
    if (status) return status;
    status = corm__migrations_current(app, folder, error);
    if (!status) status = corm__migration_save(migration, NULL, folder, error);
    if (lock >= 0) close(lock);
    return status;
}

static int save(corm_context *context, const corm_new_migration *migration) {
    corm_error_info error = { 0 };
    const corm_app *app = find_app(context, migration->app);
    char *folder = corm__migrations_folder(app, &context->arena, &error);
    if (!folder || save_locked(app, migration, folder, &error))
        return corm_context_fail_db(context, &error);
    printf("Migration for %s:\n  %s/%s.h\n", migration->app, folder, migration->name);
    for (size_t i = 0; i < migration->n_operations; i++) {
        char *text = corm__operation_describe(&migration->operations[i], &context->arena);
        printf("    %s\n", text ? text : "?");
    }
    return 0;
}

static int write_repair(corm_context *context, corm_db *db, const corm_schema *database,
                        const corm_schema *models, const char *name) {
    corm_error_info error = { 0 };
    corm_new_migration *migrations = NULL;
    size_t n = 0;
    if (!*name || strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") !=
                      strlen(name))
        return corm_context_fail(context, CORM_EXIT_USAGE,
                                 "--write %s: only letters, digits and _ can be in it", name);
    corm_graph *graph = corm__graph_load(context->apps, &context->arena, &error);
    if (!graph) return corm_context_fail_db(context, &error);
    int status = check_settled(context, db, graph);
    if (status) return status;
    if (corm__repair(graph, database, models, name, &context->arena, &migrations, &n, &error))
        return corm_context_fail_db(context, &error);
    for (size_t i = 0; i < n && !status; i++) status = save(context, &migrations[i]);
    if (!status && n)
        puts("Read what it does to rows and columns that are in no model. Then build the program "
             "again, and run migrate.");
    return status;
}

static int run(corm_context *context) {
    const corm_app *const *apps = NULL;
    corm_error_info error = { 0 };
    corm_schema models, whole, database;
    corm_drift *drift;
    corm_dangling *dangling;
    size_t n, n_dangling;
    const char *write = corm_option_value(context, "write");
    bool all = corm_flag(context, "all");
    if (write && all)
        return corm_context_fail(
            context, CORM_EXIT_USAGE,
            "--write changes no table that models do not describe: leave out --all");
    int status = wanted_apps(context, &apps);
    corm_db *db = status ? NULL : corm_context_db(context, NULL);
    if (!db) return corm_context_status(context);
    status = corm__check_models(context, db->backend);
    if (status) return status;
    if (corm__schema_of_apps(apps, &context->arena, &models, &error) ||
        db->backend->introspect(db->conn, NULL, &context->arena, &whole, &error))
        return corm_context_fail_db(context, &error);
    if (corm__drift_prepare(&whole, &models, db->backend->features, all, &context->arena,
                            &database) ||
        corm__drift(&database, &models, &context->arena, &drift, &n))
        return corm__no_memory(context);
    if (corm__find_dangling(db, &database, &whole, corm_flag(context, "rows"), &context->arena,
                            &dangling, &n_dangling))
        return corm_context_fail_db(context, corm_error(db));
    status = print_all(context, drift, n);
    if (!status) status = print_dangling(context, dangling, n_dangling);
    if (!status && !n && !n_dangling && !corm_flag(context, "json"))
        printf("The database is as the models of %zu table%s say.\n", models.n_tables,
               models.n_tables == 1 ? "" : "s");
    if (!status && n && write) status = write_repair(context, db, &database, &models, write);
    return status ? status : n || n_dangling ? CORM_EXIT_FAILURE : CORM_EXIT_OK;
}

static const corm_option options[] = {
    CORM_OPTION_DATABASE,
    { "all", 0, CORM_OPTION_FLAG, NULL, NULL, "name tables that no model describes too" },
    { "write", 0, CORM_OPTION_TEXT, "NAME", NULL,
      "write migrations of this name that bring the database to what the models say" },
    { "rows", 0, CORM_OPTION_FLAG, NULL, NULL,
      "name rows whose foreign key leads to no row too, which reads the tables (SQLite: always)" },
    { "json", 0, CORM_OPTION_FLAG, NULL, NULL,
      "one line of JSON a difference: table, what, item, is, should" },
    { 0 },
};
const corm_command corm__cmd_checkdb = {
    "checkdb",
    "Compares the database with the models",
    "[APP...]",
    "Names each difference: what the database has, and what the models say it should have. Exits 1 "
    "when there is one. It reads the catalogue of the database "
    "and changes nothing. In SQLite, where a program may leave foreign keys unchecked, it also "
    "names the columns whose values lead to no row, with the query that shows the rows.",
    options,
    run
};
