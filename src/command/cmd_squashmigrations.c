/* squashmigrations: several migrations of an app as one, which names them in .replaces. */
#include "base/ascii.h"
#include "command/command.h"
#include "migrate/graph/squash.h"
#include "migrate/write/files.h"
#include <string.h>
#include <unistd.h>

static const corm_app *find_app(const corm_context *context, const char *name) {
    for (const corm_app *const *app = context->apps; *app; app++)
        if (strcmp((*app)->name, name) == 0) return *app;
    return NULL;
}

static size_t count_operations(const corm_squashed *squashed) {
    size_t n = 0;
    for (size_t i = 0; i < squashed->n; i++)
        for (const corm_operation *o = squashed->range[i]->body->operations; o && o->kind; o++) n++;
    return n;
}

static int print(corm_context *context, const corm_squashed *squashed, const char *folder,
                 bool written) {
    const corm_new_migration *m = &squashed->migration;
    printf("%s.%s to %s become %s/%s.h: %zu operations in %zu migrations are %zu\n", m->app,
           squashed->range[0]->name, squashed->range[squashed->n - 1]->name, folder, m->name,
           count_operations(squashed), squashed->n, m->n_operations);
    for (size_t i = 0; i < m->n_operations; i++) {
        char *text = corm__operation_describe(&m->operations[i], &context->arena);
        if (!text) return corm__no_memory(context);
        printf("    %s\n", text);
    }
    if (!written) return 0;
    printf("Build the program again. An empty database then gets this migration alone; one that "
           "has all of the %zu takes it as applied.\n"
           "When no database is behind %s any more, delete their files and their lines in "
           "migrations.c, then .replaces and .squashes; and name\n"
           "%s in the .depends_on that named one of them.\n",
           squashed->n, squashed->range[squashed->n - 1]->name, m->name);
    return 0;
}

static int save(corm_context *context, const corm_squashed *squashed, const char *folder,
                corm_error_info *error) {
    int lock, status = corm__migrations_lock(folder, &lock, error);
    if (status) return corm_context_fail_db(context, error);
    status = corm__migrations_current(find_app(context, squashed->migration.app), folder, error);
    if (!status) status = corm__migration_save(&squashed->migration, NULL, folder, error);
    if (lock >= 0) close(lock);
    if (!status) return 0;
    int exit_status = corm_context_fail_db(context, error);
    return error->status == CORM_ERROR_IO || error->status == CORM_ERROR_PERMISSION
               ? CORM_EXIT_CANNOT_CREATE
               : exit_status;
}

static int run(corm_context *context) {
    int n = corm_argument_count(context);
    const char *name = corm_option_value(context, "name");
    corm_error_info error = { 0 };
    corm_squashed squashed;
    if (n < 2 || n > 3)
        return corm_context_fail(context, CORM_EXIT_USAGE,
                                 "an app and one or two migrations are wanted; see --help");
    for (const char *p = name; p && *p; p++)
        if (!corm__is_alnum(*p) && *p != '_')
            return corm_context_fail(context, CORM_EXIT_USAGE,
                                     "--name %s: only letters, digits and _ can be in it", name);
    if (name && !*name) return corm_context_fail(context, CORM_EXIT_USAGE, "--name is empty");
    corm_graph *graph = corm__graph_load(context->apps, &context->arena, &error);
    if (!graph) return corm_context_fail_db(context, &error);
    const corm_migration *last = corm__graph_find(graph, corm_argument(context, 0),
                                                  corm_argument(context, n - 1), &error),
                         *first = NULL;
    if (last && n == 3)
        first =
            corm__graph_find(graph, corm_argument(context, 0), corm_argument(context, 1), &error);
    if (!last || (n == 3 && !first)) return corm_context_fail_db(context, &error);
    if (corm__squash(graph, first, last, name, !corm_flag(context, "no-optimize"), &context->arena,
                     &squashed, &error))
        return corm_context_fail_db(context, &error);
    char *folder = corm__migrations_folder(find_app(context, last->app), &context->arena, &error);
    if (!folder) return corm_context_fail_db(context, &error);
    bool writes = !corm_flag(context, "dry-run");
    int status = writes ? save(context, &squashed, folder, &error) : 0;
    return status ? status : print(context, &squashed, folder, writes);
}

static const corm_option options[] = {
    { "name", 'n', CORM_OPTION_TEXT, "NAME", NULL, "the migration's name, behind its numbers" },
    { "no-optimize", 0, CORM_OPTION_FLAG, NULL, NULL, "keep all operations as they are" },
    { "dry-run", 0, CORM_OPTION_FLAG, NULL, NULL, "write nothing" },
    { 0 },
};
const corm_command corm__cmd_squashmigrations = {
    "squashmigrations",
    "Makes one migration of several",
    "APP [FIRST] LAST",
    "Of the migrations from FIRST (default: the app's first) to LAST it makes one that "
    "replaces them, with as few operations as give the same "
    "tables, and adds it to migrations.c. They stay, until every database has them. What is "
    ".elidable is left out; SQL and C functions are kept, "
    "and nothing moves over them.",
    options,
    run
};
