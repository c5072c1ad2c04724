#include "command/command.h"
#include "db/db.h"
#include "migrate/execute/script.h"
#include "migrate/graph/nodes.h"
#include <corm/settings.h>

/* One that was squashed is found among its own. */
static const corm_migration *find(corm_context *context, const corm_graph **graph,
                                  corm_error_info *error) {
    const char *app = corm_argument(context, 0), *name = corm_argument(context, 1);
    corm_error_info ignored;
    *graph = corm__graph_load(context->apps, &context->arena, error);
    const corm_migration *found = *graph ? corm__graph_find(*graph, app, name, error) : NULL;
    if (found || !*graph) return found;
    corm_graph *unsquashed = corm__graph_load_as(context->apps, NULL, 0, CORM_GRAPH_UNSQUASHED,
                                                 &context->arena, &ignored);
    found = unsquashed ? corm__graph_find(unsquashed, app, name, &ignored) : NULL;
    if (found) *graph = unsquashed;
    return found;
}

static int run(corm_context *context) {
    if (corm_argument_count(context) != 2)
        return corm_context_fail(context, CORM_EXIT_USAGE,
                                 "an app and a migration are wanted; see --help");
    corm_error_info error = { 0 };
    const char *engine = corm_option_value(context, "engine");
    if (!engine) {
        const corm_settings *settings = corm_context_settings(context);
        if (!settings) return corm_context_status(context);
        engine = corm_settings_get(settings, corm_option_value(context, "database"), "engine");
    }
    const corm_graph *graph;
    const corm_migration *migration = find(context, &graph, &error);
    const corm_backend *backend = migration ? corm__backend_find(engine, &error) : NULL;
    if (!backend) return corm_context_fail_db(context, &error);
    corm_buffer sql = { 0 };
    int status = corm__migration_sql(graph, migration, corm_flag(context, "backwards"), backend,
                                     &sql, &error);
    if (status)
        status = corm_context_fail_db(context, &error);
    else
        fputs(corm__buffer_text(&sql), stdout);
    corm__buffer_release(&sql);
    return status;
}

static const corm_option options[] = {
    { "backwards", 0, CORM_OPTION_FLAG, NULL, NULL, "the SQL that undoes it" },
    { "engine", 0, CORM_OPTION_TEXT, "ENGINE", "sqlite|postgresql|mariadb",
      "for this engine (default: that of the settings)" },
    CORM_OPTION_DATABASE,
    { 0 },
};
const corm_command corm__cmd_sqlmigrate = {
    "sqlmigrate",
    "Prints the SQL of a migration",
    "APP MIGRATION",
    "MIGRATION is a name, its number or its beginning. No database is needed. Where a table is "
    "rebuilt, "
    "migrate also keeps the views and triggers that the database has.",
    options,
    run
};
