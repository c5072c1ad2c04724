#include "command/command.h"
#include "db/db.h"
#include "migrate/graph/replay.h"
#include "model/model.h"
#include "settings/settings_internal.h"
#include <string.h>

typedef struct tally {
    size_t models, errors, warnings;
} tally;

static tally count(const corm_context *context, const corm_check_messages *messages) {
    tally result = { 0 };
    for (const corm_app *const *app = context->apps; *app; app++)
        for (const corm_model *const *const *ref = (*app)->models; ref && *ref; ref++)
            result.models++;
    for (size_t i = 0; i < messages->count; i++) {
        if (messages->items[i].level == CORM_CHECK_ERROR)
            result.errors++;
        else
            result.warnings++;
    }
    return result;
}

/* In the form of a compiler's messages, which editors know. */
static void print(const corm_context *context, const corm_check_message *message) {
    bool error = message->level == CORM_CHECK_ERROR;
    if (message->line)
        fprintf(stderr, "%s:%d: ", message->file, message->line);
    else
        fprintf(stderr, "%s: ", message->file);
    fprintf(stderr, "%s%s:%s %s: %s [%s]\n",
            corm__color(context, stderr, error ? CORM_RED : CORM_YELLOW),
            error ? "error" : "warning", corm__color(context, stderr, CORM_PLAIN), message->object,
            message->message, message->id);
    if (message->hint && *message->hint) fprintf(stderr, "    hint: %s\n", message->hint);
}

static int print_json(corm_context *context, const corm_check_message *message) {
    return corm__json_line(context,
                           json_pack("{s:s, s:s, s:o, s:i, s:o, s:o, s:o}", "level",
                                     message->level == CORM_CHECK_ERROR ? "error" : "warning", "id",
                                     message->id, "file", corm__json_text(message->file), "line",
                                     message->line, "object", corm__json_text(message->object),
                                     "message", corm__json_text(message->message), "hint",
                                     corm__json_text(message->hint)));
}

int corm__check_models(corm_context *context, const corm_backend *backend) {
    corm_check_messages messages = { .arena = &context->arena };
    if (corm__check_apps(context->apps, backend, &messages) < 0) return corm__no_memory(context);
    size_t errors = count(context, &messages).errors;
    if (!errors) return CORM_EXIT_OK;
    for (size_t i = 0; i < messages.count; i++)
        if (messages.items[i].level == CORM_CHECK_ERROR) print(context, &messages.items[i]);
    return corm_context_fail(context, CORM_EXIT_DATA, "%zu error%s in the models", errors,
                             errors == 1 ? "" : "s");
}

static const corm_backend *backend_of(corm_context *context, int *status) {
    corm_error_info error = { 0 };
    const corm_settings *settings = corm_context_settings(context);
    *status = corm_context_status(context);
    if (!settings) return NULL;
    corm_connect_options options;
    const char *alias = corm_option_value(context, "database");
    const corm_backend *backend = NULL;
    if (corm__settings_connect(settings, alias, &options, &error) == 0)
        backend = corm__backend_find(corm_settings_get(settings, alias, "engine"), &error);
    if (!backend) *status = corm_context_fail_db(context, &error);
    return backend;
}

/* --- the migrations, played through from nothing --- */

typedef struct playing {
    corm_context *context;
    corm_check_messages *messages;
    bool broken;
} playing;

static void say(playing *p, corm_check_message message, const char *app) {
    corm_check_message *item = corm__check_new(p->messages);
    p->broken |= !item || !message.object || !message.message || !message.hint;
    for (const corm_app *const *a = p->context->apps; *a; a++)
        if (app && strcmp((*a)->name, app) == 0) message.file = (*a)->file;
    if (!message.file) message.file = p->context->apps[0] ? p->context->apps[0]->file : NULL;
    if (!message.file) message.file = "?";
    if (item) *item = message;
}

static void say_loose(void *context, const corm_loose_order *order) {
    playing *p = context;
    corm_arena *arena = &p->context->arena;
    const corm_migration *a = order->earlier, *b = order->later;
    say(p,
        (corm_check_message){
            .level = CORM_CHECK_WARNING,
            .id = "migrations.W001",
            .object = corm__arena_printf(arena, "%s.%s", b->app, b->name),
            .message = corm__arena_printf(
                arena, "does not depend on %s.%s, but both touch %s: their order is left to chance",
                a->app, a->name, order->what),
            .hint =
                corm__arena_printf(arena, "write \"%s.%s\" in its .depends_on", a->app, a->name),
        },
        b->app);
}

static int check_history(corm_context *context, corm_check_messages *messages) {
    playing p = { .context = context, .messages = messages };
    corm_error_info error = { 0 };
    if (!context->apps[0]) return 0;
    const corm_graph *graph = corm__graph_load(context->apps, &context->arena, &error);
    if (!graph || corm__replay(graph, &context->arena, say_loose, &p, &error)) {
        if (error.status == CORM_ERROR_MEMORY) return CORM_ERROR_MEMORY;
        say(&p,
            (corm_check_message){ .level = CORM_CHECK_ERROR,
                                  .id = error.status == CORM_ERROR_MIGRATION ? "migrations.E002"
                                                                             : "migrations.E003",
                                  .object = "migrations",
                                  .message = corm__arena_strdup(&context->arena, error.message),
                                  .hint = corm__arena_strdup(&context->arena, error.hint) },
            NULL);
    }
    return p.broken ? CORM_ERROR_MEMORY : 0;
}

static int run(corm_context *context) {
    int status;
    const corm_backend *backend = backend_of(context, &status);
    if (!backend) return status;
    corm_check_messages messages = { .arena = &context->arena };
    if (corm__check_apps(context->apps, backend, &messages) < 0 ||
        check_history(context, &messages) < 0)
        return corm__no_memory(context);
    bool json = corm_flag(context, "json");
    status = CORM_EXIT_OK;
    for (size_t i = 0; i < messages.count && status == CORM_EXIT_OK; i++) {
        if (json)
            status = print_json(context, &messages.items[i]);
        else
            print(context, &messages.items[i]);
    }
    if (status != CORM_EXIT_OK) return status;
    tally found = count(context, &messages);
    const char *level = corm_option_value(context, "fail-level");
    bool failed = found.errors || (found.warnings && level && strcmp(level, "warning") == 0);
    if (!json)
        printf("checked %zu model%s for %s: %zu error%s, %zu warning%s\n", found.models,
               found.models == 1 ? "" : "s", backend->title, found.errors,
               found.errors == 1 ? "" : "s", found.warnings, found.warnings == 1 ? "" : "s");
    return failed ? CORM_EXIT_DATA : CORM_EXIT_OK;
}

static const corm_option options[] = {
    CORM_OPTION_DATABASE,
    { "fail-level", 0, CORM_OPTION_TEXT, "LEVEL", "warning|error",
      "the least that makes the command fail (default: error)" },
    { "json", 0, CORM_OPTION_FLAG, NULL, NULL,
      "one line of JSON a finding: level, id, file, line, object, message, hint" },
    { 0 },
};
const corm_command corm__cmd_check = {
    "check",
    "Checks the models for mistakes, without a database",
    NULL,
    "Findings name the file and line of the model and what to do. Their ids (models.E001) are "
    "stable. "
    "The engine of the settings counts: what it does not have is an error.",
    options,
    run
};
