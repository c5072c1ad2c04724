#include "command/command.h"
#include "db/db.h"
#include "settings/settings_internal.h"

static int run(corm_context *context) {
    const corm_settings *settings = corm_context_settings(context);
    if (!settings) return corm_context_status(context);
    const char *alias = corm_option_value(context, "database");
    corm_connect_options options;
    corm_error_info error = { 0 };
    corm_client client = { 0 };
    if (corm__settings_connect(settings, alias, &options, &error) < 0)
        return corm_context_fail_db(context, &error);
    const corm_backend *backend =
        corm__backend_find(corm_settings_get(settings, alias, "engine"), &error);
    if (!backend) return corm_context_fail_db(context, &error);
    if (!backend->client)
        return corm_context_fail(context, CORM_EXIT_UNAVAILABLE,
                                 "%s has no client program that corm knows", backend->title);
    if (backend->client(&options, context->given.arguments, &context->arena, &client, &error) < 0)
        return corm_context_fail_db(context, &error);
    return corm__exec(context, client.arguments, client.environment, client.install);
}

static const corm_option options[] = {
    CORM_OPTION_DATABASE,
    { 0 },
};
const corm_command corm__cmd_dbshell = {
    "dbshell",
    "Runs the database's own client (sqlite3, psql, mariadb) with the settings",
    "[-- ARGUMENT...]",
    "Arguments behind -- go to the client as they are. The password is handed over in the "
    "environment, never on the command line.",
    options,
    run
};
