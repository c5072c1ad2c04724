/* optimizemigration: a migration that is not applied anywhere yet, with fewer operations. */
#include "command/command.h"
#include "migrate/graph/graph.h"
#include "migrate/write/files.h"
#include <string.h>
#include <unistd.h>

static const corm_app *find_app(const corm_context *context, const char *name) {
    const corm_app *const *app = context->apps;
    while (strcmp((*app)->name, name) != 0) app++;
    return *app;
}

static int print(corm_context *context, const corm_new_migration *m, size_t before,
                 const char *folder) {
    printf("%s/%s.h: %zu operations %s %zu\n", folder, m->name, before,
           corm_flag(context, "check") ? "could be" : "are now", m->n_operations);
    for (size_t i = 0; i < m->n_operations; i++) {
        char *text = corm__operation_describe(&m->operations[i], &context->arena);
        if (!text) return corm__no_memory(context);
        printf("    %s\n", text);
    }
    return 0;
}

static int rewrite(corm_context *context, const corm_new_migration *m, const char *folder,
                   corm_error_info *error) {
    int lock, status = corm__migrations_lock(folder, &lock, error);
    if (status) return corm_context_fail_db(context, error);
    status = corm__migrations_current(find_app(context, m->app), folder, error);
    if (!status) status = corm__migration_rewrite(m, folder, error);
    if (lock >= 0) close(lock);
    return status ? corm_context_fail_db(context, error) : 0;
}

static int run(corm_context *context) {
    corm_error_info error = { 0 };
    if (corm_argument_count(context) != 2)
        return corm_context_fail(context, CORM_EXIT_USAGE,
                                 "an app and a migration are wanted; see --help");
    corm_graph *graph = corm__graph_load(context->apps, &context->arena, &error);
    if (!graph) return corm_context_fail_db(context, &error);
    const corm_migration *migration =
        corm__graph_find(graph, corm_argument(context, 0), corm_argument(context, 1), &error);
    if (!migration) return corm_context_fail_db(context, &error);
    const corm_migration_body *body = migration->body;
    corm_new_migration m = { .app = migration->app,
                             .name = migration->name,
                             .depends_on = (const char **)body->depends_on, /* is only read */
                             .run_before = (const char **)body->run_before,
                             .replaces = (const char **)body->replaces,
                             .squashes = (const char **)body->squashes,
                             .expands = body->expands,
                             .outside_transaction = body->outside_transaction };
    size_t before = 0;
    while (body->operations && body->operations[before].kind) before++;
    if (corm__optimize(body->operations, before, false, &context->arena, &m.operations,
                       &m.n_operations, &error))
        return corm_context_fail_db(context, &error);
    if (m.n_operations == before) {
        printf("%s.%s cannot be made shorter\n", m.app, m.name);
        return 0;
    }
    char *folder = corm__migrations_folder(find_app(context, m.app), &context->arena, &error);
    if (!folder) return corm_context_fail_db(context, &error);
    bool check = corm_flag(context, "check");
    int status = check ? 0 : rewrite(context, &m, folder, &error);
    if (!status) status = print(context, &m, before, folder);
    if (!status && !check) puts("Build the program again.");
    return status ? status : check ? CORM_EXIT_FAILURE : 0;
}

static const corm_option options[] = {
    { "check", 0, CORM_OPTION_FLAG, NULL, NULL,
      "write nothing, and exit 1 when it could be shorter" },
    { 0 },
};
const corm_command corm__cmd_optimizemigration = {
    "optimizemigration",
    "Makes a migration's operations fewer",
    "APP MIGRATION",
    "Rewrites the migration in its file with as few operations as do the same; comments and "
    "functions around it stay. For one that no database "
    "has yet: migrate reports one that was edited after it had been applied.",
    options,
    run
};
