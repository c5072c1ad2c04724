/* makemigrations: what the models have and the migrations have not, as new migrations. Questions are asked on a terminal only; otherwise
 * the first one that is open ends the command with exit status 3 and the line to write in the model. */
#include "command/command.h"
#include "base/error.h"
#include "migrate/files.h"
#include "migrate/migrate.h"
#include "model/model.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

typedef struct making {
    corm_context *context;
    bool check, dry_run, asks, unanswered;
    corm_error_info error;
    corm_graph *graph;
    corm_new_migration *items;
    size_t n;
} making;

/* --- questions --- */

/* A line from the terminal without its end; false at the end of input. */
static bool read_answer(char *out, size_t size) {
    fflush(stdout);
    if (!fgets(out, (int)size, stdin)) return false;
    size_t length = strcspn(out, "\r\n");
    bool whole = out[length] || length + 1 < size;
    out[length] = 0;
    return whole;
}

/* 1, 0, or -1 when nobody is there to ask. With --check no answer changes the result. */
static int yes_or_no(making *m, const char *question) {
    if (m->check) return 0;
    char answer[64];
    while (m->asks) {
        printf("%s [y/N] ", question);
        if (!read_answer(answer, sizeof answer)) break;
        if (!*answer || strcasecmp(answer, "n") == 0 || strcasecmp(answer, "no") == 0) return 0;
        if (strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0) return 1;
    }
    m->unanswered = true;
    return -1;
}

static int renamed_column(void *context, const corm_table *table, const corm_column *from, const corm_column *to) {
    making *m = context;
    char *question = corm__arena_printf(&m->context->arena, "Was column %s of %s renamed to %s?", from->name, table->name, to->name);
    return yes_or_no(m, question ? question : "Was it renamed?");
}

static int renamed_table(void *context, const corm_table *from, const corm_table *to) {
    making *m = context;
    char *question = corm__arena_printf(&m->context->arena, "Was table %s renamed to %s?", from->name, to->name);
    return yes_or_no(m, question ? question : "Was it renamed?");
}

/* "= expression" is SQL; true or false for a boolean; a whole or a real number where that is all of the answer; else the text as it is.
 * False: it does not fit. */
static bool parse_value(const char *answer, const corm_column *column, corm_arena *arena, corm_default *out) {
    union {
        int64_t integer;
        double real;
        const char *text;
        corm_decimal decimal;
        corm_blob blob;
        corm_uuid uuid;
    } member;
    corm_field field = {
        .name = column->name, .kind = column->kind, .max_length = column->max_length, .digits = column->digits, .places = column->places
    };
    bool whole = column->kind <= CORM_BOOLEAN || column->kind == CORM_INTERVAL,
         real = column->kind == CORM_REAL || column->kind == CORM_DOUBLE_PRECISION;
    char *end = NULL;
    *out = (corm_default){ .kind = *answer == '=' ? CORM_DEFAULT_SQL : CORM_DEFAULT_TEXT };
    out->text = corm__arena_strdup(arena, *answer == '=' ? answer + 1 + strspn(answer + 1, " ") : answer);
    if (!out->text || out->kind == CORM_DEFAULT_SQL) return out->text && *out->text;
    errno = 0;
    if (column->kind == CORM_BOOLEAN && (strcasecmp(answer, "true") == 0 || strcasecmp(answer, "false") == 0))
        *out = (corm_default){ .kind = CORM_DEFAULT_INTEGER, .integer = tolower((unsigned char)*answer) == 't' };
    else if (whole)
        *out = (corm_default){ .kind = CORM_DEFAULT_INTEGER, .integer = strtoll(answer, &end, 10) };
    else if (real)
        *out = (corm_default){ .kind = CORM_DEFAULT_REAL, .real = strtod(answer, &end) };
    field.default_value = *out;
    return (!end || (*answer && !*end && errno == 0)) && corm__default_write(&field, &member) == 0;
}

static int fill(void *context, const corm_table *table, const corm_column *column, corm_default *out, corm_arena *arena) {
    making *m = context;
    if (m->check) {
        *out = (corm_default){ .kind = CORM_DEFAULT_INTEGER };
        return 1;
    }
    char answer[1024];
    while (m->asks) {
        printf("Column %s (%s) of %s is NOT NULL and has no default. What do the rows get that are there?\nA value, or = and an SQL "
               "expression; nothing to stop: ",
               column->name, corm_kind_name(column->kind), table->name);
        if (!read_answer(answer, sizeof answer) || !*answer) break;
        if (parse_value(answer, column, arena, out)) return 1;
        printf("\"%s\" does not fit the kind %s.\n", answer, corm_kind_name(column->kind));
    }
    m->unanswered = true;
    return -1;
}

/* --- which migrations --- */

static bool wanted(const corm_context *context, const char *app) {
    int n = corm_argument_count(context);
    for (int i = 0; i < n; i++)
        if (strcmp(corm_argument(context, i), app) == 0) return true;
    return n == 0;
}

static bool needs(const corm_new_migration *migration, const corm_new_migration *other) {
    for (const char **name = migration->depends_on; name && *name; name++) {
        size_t length = strlen(other->app);
        if (strncmp(*name, other->app, length) == 0 && (*name)[length] == '.' && strcmp(*name + length + 1, other->name) == 0) return true;
    }
    return false;
}

/* Those of the apps that are named, and what they need of others. */
static int keep_wanted(making *m) {
    bool *keep = corm__arena_array(&m->context->arena, m->n, sizeof *keep);
    if (!keep) return corm_context_fail(m->context, CORM_EXIT_SYSTEM, "out of memory");
    size_t kept = 0;
    for (size_t i = m->n; i-- > 0;) { /* what is needed stands before */
        keep[i] |= wanted(m->context, m->items[i].app);
        for (size_t k = 0; keep[i] && k < i; k++) keep[k] |= needs(&m->items[i], &m->items[k]);
    }
    for (size_t i = 0; i < m->n; i++)
        if (keep[i]) m->items[kept++] = m->items[i];
    m->n = kept;
    return 0;
}

static const corm_app *find_app(const corm_context *context, const char *name) {
    for (const corm_app *const *app = context->apps; *app; app++)
        if (strcmp((*app)->name, name) == 0) return *app;
    return NULL;
}

static const corm_migration *latest(making *m, const char *app) {
    size_t n;
    const corm_migration *const *order = corm__graph_order(m->graph, &n);
    while (n-- > 0)
        if (strcmp(order[n]->app, app) == 0) return order[n];
    return NULL;
}

static int make_empty(making *m) {
    corm_arena *arena = &m->context->arena;
    m->n = (size_t)corm_argument_count(m->context);
    if (!m->n) return corm_context_fail(m->context, CORM_EXIT_USAGE, "--empty needs the name of an app");
    m->items = corm__arena_array(arena, m->n, sizeof *m->items);
    for (size_t i = 0; m->items && i < m->n; i++) {
        const char *app = corm_argument(m->context, (int)i);
        const corm_migration *last = latest(m, app);
        const char **depends_on = corm__arena_array(arena, 2, sizeof *depends_on);
        corm_operation *none = corm__arena_zalloc(arena, sizeof *none);
        m->items[i] = (corm_new_migration){ .app = app,
                                            .depends_on = depends_on,
                                            .operations = none,
                                            .name = corm__arena_printf(arena, "%04ld_%s", last ? strtol(last->name, NULL, 10) + 1 : 1,
                                                                       last ? "custom" : "initial") };
        if (!depends_on || !none || !m->items[i].name) return corm_context_fail(m->context, CORM_EXIT_SYSTEM, "out of memory");
        if (last && !(depends_on[0] = corm__arena_printf(arena, "%s.%s", app, last->name)))
            return corm_context_fail(m->context, CORM_EXIT_SYSTEM, "out of memory");
    }
    return m->items ? 0 : corm_context_fail(m->context, CORM_EXIT_SYSTEM, "out of memory");
}

static int detect(making *m) {
    corm_questions questions = { .renamed_column = renamed_column, .renamed_table = renamed_table, .fill = fill, .context = m };
    int status = corm__autodetect(m->graph, m->context->apps, &questions, &m->context->arena, &m->items, &m->n, &m->error);
    if (!status) return keep_wanted(m);
    status = corm_context_fail_db(m->context, &m->error);
    return m->unanswered ? CORM_EXIT_NEEDS_ANSWER : status;
}

static char *number_and(making *m, const char *number, const char *name) {
    return corm__arena_printf(&m->context->arena, "%.4s_%s", number, name);
}

/* --name, in place of the part behind the number; others may depend on it. */
static int rename_all(making *m, const char *name) {
    if (!name) return 0;
    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '_')
            return corm_context_fail(m->context, CORM_EXIT_USAGE, "--name %s: only letters, digits and _ can be in it", name);
    if (!*name) return corm_context_fail(m->context, CORM_EXIT_USAGE, "--name is empty");
    for (size_t i = 0; i < m->n; i++) {
        char *renamed = number_and(m, m->items[i].name, name),
             *key = renamed ? corm__arena_printf(&m->context->arena, "%s.%s", m->items[i].app, renamed) : NULL;
        if (!key) return corm_context_fail(m->context, CORM_EXIT_SYSTEM, "out of memory");
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

/* --- printing and writing --- */

static int print_migration(making *m, const corm_new_migration *migration, const char *folder) {
    printf("Migration for %s:\n  %s/%s.h\n", migration->app, folder, migration->name);
    for (size_t i = 0; i < migration->n_operations; i++) {
        char *text = corm__operation_describe(&migration->operations[i], &m->context->arena);
        printf("    %s\n", text ? text : "?");
    }
    if (!m->dry_run || m->check) return 0;
    corm_buffer text = { 0 };
    int status = corm__write_migration(migration, &text, &m->error);
    if (status)
        status = corm_context_fail_db(m->context, &m->error);
    else
        printf("\n%s\n", corm__buffer_text(&text));
    corm__buffer_release(&text);
    return status;
}

static int cannot_write(making *m) {
    int status = corm_context_fail_db(m->context, &m->error);
    return m->error.status == CORM_ERROR_IO || m->error.status == CORM_ERROR_PERMISSION ? CORM_EXIT_CANNOT_CREATE : status;
}

static int put_migration(making *m, const corm_new_migration *migration) {
    bool writes = !m->dry_run && !m->check;
    const corm_app *app = find_app(m->context, migration->app);
    char *folder = corm__migrations_folder(app, &m->context->arena, &m->error);
    if (!folder && writes) return cannot_write(m);
    int status = writes && corm__migration_save(migration, folder, &m->error)
                     ? cannot_write(m)
                     : print_migration(m, migration, folder ? folder : "migrations");
    if (!status && writes && !app->migrations)
        corm__warn(m->context,
                   "app %s does not carry its migrations yet: build %s/migrations.c too, write CORM_DECLARE_MIGRATIONS(%s); before the app "
                   "and .migrations = %s_migrations in it",
                   app->name, folder, app->name, app->name);
    return status;
}

/* A program that was built before the last migration would write that migration again. */
static int check_current(making *m) {
    for (size_t i = 0; i < m->n; i++) {
        const corm_app *app = find_app(m->context, m->items[i].app);
        char *folder = corm__migrations_folder(app, &m->context->arena, &m->error);
        if (!folder || corm__migrations_current(app, folder, &m->error)) return cannot_write(m);
    }
    return 0;
}

/* Where the sources are at hand, as they are for who writes migrations. */
static int check_listed(making *m) {
    for (const corm_app *const *app = m->context->apps; *app; app++) {
        corm_error_info not_here;
        char *folder = corm__migrations_folder(*app, &m->context->arena, &not_here);
        if (folder && corm__migrations_listed(*app, folder, &m->error)) return corm_context_fail_db(m->context, &m->error);
    }
    return 0;
}

static int make(making *m) {
    int status = check_listed(m);
    if (!status) status = corm_flag(m->context, "empty") ? make_empty(m) : detect(m);
    if (!status) status = rename_all(m, corm_option_value(m->context, "name"));
    if (status) return status;
    if (!m->n) {
        puts("No changes detected");
        return 0;
    }
    bool writes = !m->check && !m->dry_run;
    if (writes) status = check_current(m);
    for (size_t i = 0; !status && i < m->n; i++) status = put_migration(m, &m->items[i]);
    if (!status && writes) puts("Build the program again, then run migrate.");
    return status ? status : m->check ? CORM_EXIT_FAILURE : CORM_EXIT_OK;
}

static int run(corm_context *context) {
    making m = { .context = context, .check = corm_flag(context, "check"), .dry_run = corm_flag(context, "dry-run") };
    for (int i = 0; i < corm_argument_count(context); i++)
        if (!find_app(context, corm_argument(context, i)))
            return corm_context_fail(context, CORM_EXIT_USAGE, "no app %s in this program", corm_argument(context, i));
    m.asks = !corm_flag(context, "noinput") && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    int status = corm__check_models(context, NULL);
    if (status) return status;
    m.graph = corm__graph_load(context->apps, &context->arena, &m.error);
    return m.graph ? make(&m) : corm_context_fail_db(context, &m.error);
}

static const corm_option options[] = {
    { "check", 0, CORM_OPTION_FLAG, NULL, NULL, "write nothing, and exit 1 when there is something to write" },
    { "dry-run", 0, CORM_OPTION_FLAG, NULL, NULL, "print the migrations instead of writing them" },
    { "empty", 0, CORM_OPTION_FLAG, NULL, NULL, "make a migration without operations, to write by hand" },
    { "name", 'n', CORM_OPTION_TEXT, "NAME", NULL, "the migration's name, behind its number" },
    { "noinput", 0, CORM_OPTION_FLAG, NULL, NULL, "ask nothing: exit 3 when a question is open" },
    { 0 },
};
const corm_command corm__cmd_makemigrations = {
    "makemigrations",
    "Makes migrations from the changes of the models",
    "[APP...]",
    "Writes migrations/NUMBER_NAME.h beside the app and adds it to migrations/migrations.c, which the program is built with. Asks whether "
    "a column was renamed, and what existing rows "
    "get in a new NOT NULL column; without a terminal it exits 3 and says what to write in the model.",
    options,
    run
};
