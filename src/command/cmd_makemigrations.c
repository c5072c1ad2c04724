/* makemigrations: what the models have and the migrations have not, as new migrations. All is found
 * and answered before the first file is written; the folders are locked meanwhile, so that of two
 * processes the second one sees what the first one wrote. */
#include "base/ascii.h"
#include "command/making.h"
#include "migrate/detect/autodetect.h"
#include "migrate/detect/naming.h"
#include "migrate/graph/replay.h"
#include "migrate/write/files.h"
#include "migrate/write/writer.h"
#include "schema/loss.h"
#include <string.h>
#include <unistd.h>

/* --- which migrations --- */

static bool needs(const corm_new_migration *migration, const corm_new_migration *other) {
    for (const char **name = migration->depends_on; name && *name; name++) {
        size_t length = strlen(other->app);
        if (strncmp(*name, other->app, length) == 0 && (*name)[length] == '.' &&
            strcmp(*name + length + 1, other->name) == 0)
            return true;
    }
    return false;
}

/* Those of the apps that are named, and what they need of others. */
static int keep_wanted(corm_making *m) {
    bool *keep = corm__arena_array(&m->context->arena, m->n, sizeof *keep);
    if (!keep) return corm__making_no_memory(m);
    size_t kept = 0;
    for (size_t i = m->n; i-- > 0;) { /* what is needed stands before */
        keep[i] |= corm__making_wants(m, m->items[i].app);
        for (size_t k = 0; keep[i] && k < i; k++) keep[k] |= needs(&m->items[i], &m->items[k]);
    }
    for (size_t i = 0; i < m->n; i++)
        if (keep[i]) m->items[kept++] = m->items[i];
    m->n = kept;
    return 0;
}

static int make_empty(corm_making *m) {
    static const char *const custom[] = { "custom" };
    corm_arena *arena = &m->context->arena;
    m->n = (size_t)corm_argument_count(m->context);
    if (!m->n)
        return corm_context_fail(m->context, CORM_EXIT_USAGE, "--empty needs the name of an app");
    m->items = corm__arena_array(arena, m->n, sizeof *m->items);
    for (size_t i = 0; m->items && i < m->n; i++) {
        const char *app = corm_argument(m->context, (int)i);
        const corm_migration *last = corm__making_latest(m, app);
        const char **depends_on = corm__arena_array(arena, 2, sizeof *depends_on);
        corm_operation *none = corm__arena_zalloc(arena, sizeof *none);
        m->items[i] = (corm_new_migration){ .app = app,
                                            .depends_on = depends_on,
                                            .operations = none,
                                            .name = corm__migration_name(last ? last->name : NULL,
                                                                         custom, 1, arena) };
        if (!depends_on || !none || !m->items[i].name) return corm__making_no_memory(m);
        if (last && !(depends_on[0] = corm__arena_printf(arena, "%s.%s", app, last->name)))
            return corm__making_no_memory(m);
    }
    return m->items ? 0 : corm__making_no_memory(m);
}

static int detect(corm_making *m) {
    corm_questions questions = corm__making_questions(m);
    int status = corm__autodetect(m->graph, m->context->apps, &questions, &m->context->arena,
                                  &m->items, &m->n, &m->error);
    if (!status) return keep_wanted(m);
    if (status == CORM_ERROR_CANCELLED)
        return corm_context_fail(m->context, CORM_EXIT_NEEDS_ANSWER, "%s", m->error.message);
    return m->open.n ? corm__making_print_open(m) : corm__making_failed(m);
}

/* --name, in place of the part behind the number; others may depend on it. */
static int rename_all(corm_making *m, const char *name) {
    if (!name) return 0;
    for (const char *p = name; *p; p++)
        if (!corm__is_alnum(*p) && *p != '_')
            return corm_context_fail(m->context, CORM_EXIT_USAGE,
                                     "--name %s: only letters, digits and _ can be in it", name);
    if (!*name) return corm_context_fail(m->context, CORM_EXIT_USAGE, "--name is empty");
    for (size_t i = 0; i < m->n; i++) {
        char *renamed = corm__arena_printf(&m->context->arena, "%.4s_%s", m->items[i].name, name),
             *key = renamed
                        ? corm__arena_printf(&m->context->arena, "%s.%s", m->items[i].app, renamed)
                        : NULL;
        if (!key) return corm__making_no_memory(m);
        for (size_t k = i + 1; k < m->n; k++)
            for (const char **other = m->items[k].depends_on; *other; other++) {
                size_t length = strlen(m->items[i].app);
                if (strncmp(*other, m->items[i].app, length) == 0 && (*other)[length] == '.' &&
                    strcmp(*other + length + 1, m->items[i].name) == 0)
                    *other = key;
            }
        m->items[i].name = renamed;
    }
    return 0;
}

/* --- printing --- */

static int print_json(corm_making *m, const corm_new_migration *migration, const char *folder) {
    json_t *operations = json_array(), *depends_on = json_array();
    for (size_t i = 0; i < migration->n_operations; i++) {
        char *text = corm__operation_describe(&migration->operations[i], &m->context->arena);
        corm__json_append(&operations, text ? corm__json_text(text) : NULL);
    }
    for (const char **name = migration->depends_on; name && *name; name++)
        corm__json_append(&depends_on, corm__json_text(*name));
    char *file = corm__arena_printf(&m->context->arena, "%s/%s.h", folder, migration->name);
    return corm__json_line(
        m->context, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:b}", "event", "migration", "app",
                              migration->app, "name", migration->name, "file",
                              file ? corm__json_text(file) : NULL, "depends_on", depends_on,
                              "operations", operations, "written", !m->check && !m->dry_run));
}

/* What migrate counts before it changes a type. Columns that are renamed in the same migration are
 * left to it. */
static int warn_of_losses(corm_making *m, const corm_new_migration *migration) {
    corm_schema now;
    size_t n;
    corm__graph_order(m->graph, &n);
    if (corm__graph_state(m->graph, n, &m->context->arena, &now, &m->error))
        return corm__making_failed(m);
    for (size_t i = 0; i < migration->n_operations; i++) {
        const corm_operation *o = &migration->operations[i];
        const corm_table *table =
            o->kind == CORM_ALTER_COLUMN && !o->lossy ? corm__table_find(&now, o->table) : NULL;
        const corm_column *before = table ? corm__column_find(table, o->column.name) : NULL;
        corm_loss loss;
        if (before && corm__loss_of(before, &o->column, &loss))
            corm__warn(m->context,
                       "%s: column %s of %s: %s; migrate refuses when there is such a row%s",
                       migration->name, o->column.name, o->table, loss.why,
                       loss.always ? "" : ", unless the operation says .lossy = true");
    }
    return 0;
}

static int print_migration(corm_making *m, const corm_new_migration *migration,
                           const char *folder) {
    if (m->json) return print_json(m, migration, folder);
    printf("Migration for %s:\n  %s/%s.h\n", migration->app, folder, migration->name);
    if (m->instead) printf("    in place of %s.h\n", m->instead);
    for (size_t i = 0; i < migration->n_operations; i++) {
        char *text = corm__operation_describe(&migration->operations[i], &m->context->arena);
        if (!text) return corm__making_no_memory(m);
        printf("    %s\n", text);
    }
    if (!m->dry_run || m->check) return 0;
    corm_buffer text = { 0 };
    int status = corm__write_migration(migration, &text, &m->error);
    if (status)
        status = corm__making_failed(m);
    else
        printf("\n%s\n", corm__buffer_text(&text));
    corm__buffer_release(&text);
    return status;
}

/* --- writing --- */

static int cannot_write(corm_making *m) {
    int status = corm__making_failed(m);
    return m->error.status == CORM_ERROR_IO || m->error.status == CORM_ERROR_PERMISSION
               ? CORM_EXIT_CANNOT_CREATE
               : status;
}

static char *folder_of(corm_making *m, const corm_new_migration *migration) {
    return corm__migrations_folder(corm__making_app(m, migration->app), &m->context->arena,
                                   &m->error);
}

static int put_migration(corm_making *m, const corm_new_migration *migration) {
    bool writes = !m->dry_run && !m->check;
    const corm_app *app = corm__making_app(m, migration->app);
    char *folder = folder_of(m, migration);
    if (!folder && writes) return cannot_write(m);
    int status = warn_of_losses(m, migration);
    if (!status && writes && corm__migration_save(migration, m->instead, folder, &m->error))
        status = cannot_write(m);
    if (!status) status = print_migration(m, migration, folder ? folder : "migrations");
    if (!status && writes && !app->migrations)
        corm__warn(m->context,
                   "app %s does not carry its migrations yet: build %s/migrations.c too, write "
                   "CORM_DECLARE_MIGRATIONS(%s); before the app "
                   "and .migrations = %s_migrations in it",
                   app->name, folder, app->name, app->name);
    return status;
}

/* A program that was built before the last migration would write that migration again. */
static int check_current(corm_making *m) {
    for (size_t i = 0; i < m->n; i++) {
        char *folder = folder_of(m, &m->items[i]);
        if (!folder ||
            corm__migrations_current(corm__making_app(m, m->items[i].app), folder, &m->error))
            return cannot_write(m);
    }
    return 0;
}

/* In the order of the apps, which is the same for all, so that nobody waits for who waits for him.
 */
static int lock_folders(corm_making *m, int *locks, size_t *n) {
    for (const corm_app *const *app = m->context->apps; *app; app++) {
        size_t i = 0;
        while (i < m->n && strcmp(m->items[i].app, (*app)->name) != 0) i++;
        if (i == m->n) continue;
        char *folder = folder_of(m, &m->items[i]);
        if (!folder || corm__migrations_lock(folder, &locks[*n], &m->error)) return cannot_write(m);
        ++*n;
    }
    return 0;
}

static int put_all(corm_making *m) {
    int status = 0;
    for (size_t i = 0; !status && i < m->n; i++) status = put_migration(m, &m->items[i]);
    return status;
}

static int write_all(corm_making *m) {
    int *locks = corm__arena_array(&m->context->arena, m->n + 1, sizeof *locks);
    size_t n = 0;
    if (!locks) return corm__making_no_memory(m);
    int status = lock_folders(m, locks, &n);
    if (!status) status = check_current(m);
    if (!status) status = put_all(m);
    while (n-- > 0)
        if (locks[n] >= 0) close(locks[n]);
    if (!status && !m->json) puts("Build the program again, then run migrate.");
    return status;
}

/* --- the command --- */

/* Where the sources are at hand, as they are for who writes migrations. */
static int check_listed(corm_making *m) {
    for (const corm_app *const *app = m->context->apps; *app; app++) {
        corm_error_info not_here;
        char *folder = corm__migrations_folder(*app, &m->context->arena, &not_here);
        if (folder && corm__migrations_listed(*app, folder, &m->error))
            return corm__making_failed(m);
    }
    return 0;
}

/* An empty database is to take what is written, before anybody finds that it does not. */
static int replay(corm_making *m) {
    corm_arena *arena = &m->context->arena;
    const corm_app *const *apps =
        corm__apps_with(m->context->apps, m->items, m->n, m->instead, arena);
    if (!apps) return corm__making_no_memory(m);
    const corm_graph *graph = corm__graph_load(apps, arena, &m->error);
    if (graph && !corm__replay(graph, arena, NULL, NULL, &m->error)) return 0;
    return corm__making_failed(m);
}

static int find(corm_making *m) {
    bool merge = corm_flag(m->context, "merge"), empty = corm_flag(m->context, "empty"),
         update = corm_flag(m->context, "update");
    if (merge + empty + update > 1)
        return corm_context_fail(m->context, CORM_EXIT_USAGE,
                                 "--merge, --empty and --update are three things");
    m->graph = (merge ? corm__graph_load_branches
                      : corm__graph_load)(m->context->apps, &m->context->arena, &m->error);
    if (!m->graph) return corm__making_failed(m);
    if (!merge && corm__replay(m->graph, &m->context->arena, NULL, NULL, &m->error))
        return corm__making_failed(m);
    int status = merge ? corm__making_merge(m) : empty ? make_empty(m) : detect(m);
    if (!status && update) status = corm__making_update(m);
    if (!status) status = rename_all(m, corm_option_value(m->context, "name"));
    return status || !m->n ? status : replay(m);
}

static int print_nothing(corm_making *m) {
    if (m->json) return corm__json_line(m->context, json_pack("{s:s}", "event", "nothing"));
    puts(corm_flag(m->context, "merge") ? "Nothing to merge" : "No changes detected");
    return 0;
}

static int run(corm_context *context) {
    corm_making m = { .context = context,
                      .check = corm_flag(context, "check"),
                      .dry_run = corm_flag(context, "dry-run"),
                      .json = corm_flag(context, "json") };
    if (corm__check_app_names(context)) return corm_context_status(context);
    m.asks =
        !corm_flag(context, "noinput") && !m.json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    int status = corm__check_models(context, NULL);
    if (!status) status = check_listed(&m);
    if (!status) status = find(&m);
    if (status) return status;
    if (!m.n) return print_nothing(&m);
    status = m.check || m.dry_run ? put_all(&m) : write_all(&m);
    return status ? status : m.check ? CORM_EXIT_FAILURE : CORM_EXIT_OK;
}

static const corm_option options[] = {
    { "check", 0, CORM_OPTION_FLAG, NULL, NULL,
      "write nothing, and exit 1 when there is something to write" },
    { "dry-run", 0, CORM_OPTION_FLAG, NULL, NULL, "print the migrations instead of writing them" },
    { "empty", 0, CORM_OPTION_FLAG, NULL, NULL,
      "make a migration without operations, to write by hand" },
    { "merge", 0, CORM_OPTION_FLAG, NULL, NULL,
      "make a migration that stands on all latest ones of an app that has several" },
    { "update", 0, CORM_OPTION_FLAG, NULL, NULL,
      "put the changes into the app's latest migration, which is not applied yet" },
    { "name", 'n', CORM_OPTION_TEXT, "NAME", NULL, "the migration's name, behind its number" },
    { "noinput", 0, CORM_OPTION_FLAG, NULL, NULL, "ask nothing: exit 3 when a question is open" },
    { "json", 0, CORM_OPTION_FLAG, NULL, NULL,
      "one line of JSON a migration or an open question; asks nothing" },
    CORM_OPTION_DATABASE,
    { 0 },
};
const corm_command corm__cmd_makemigrations = {
    "makemigrations",
    "Makes migrations from the changes of the models",
    "[APP...]",
    "Writes migrations/NUMBER_NAME.h beside the app and adds it to migrations/migrations.c, which "
    "the program is built with. Asks whether "
    "a column or a table was renamed, and what existing rows get in a column that is NOT NULL; "
    "without a terminal it exits 3 and says what "
    "to "
    "write in the model. The database is only looked at with --update.",
    options,
    run
};
