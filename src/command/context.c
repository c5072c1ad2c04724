#include "base/real.h"
#include "command/command.h"
#include "base/error.h"
#include "model/model.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int corm__exit_status(int status) {
    switch ((corm_status)status) {
    case CORM_OK: return CORM_EXIT_OK;
    case CORM_ERROR_USAGE: return CORM_EXIT_USAGE;
    case CORM_ERROR_UNIQUE:
    case CORM_ERROR_FOREIGN_KEY:
    case CORM_ERROR_NOT_NULL:
    case CORM_ERROR_CHECK:
    case CORM_ERROR_CONSTRAINT:
    case CORM_ERROR_NOT_FOUND:
    case CORM_ERROR_MULTIPLE_ROWS:
    case CORM_ERROR_RANGE:
    case CORM_ERROR_TYPE:
    case CORM_ERROR_NO_TABLE:
    case CORM_ERROR_CORRUPT:
    case CORM_ERROR_MIGRATION: return CORM_EXIT_DATA;
    case CORM_ERROR_CONNECTION:
    case CORM_ERROR_NO_DATABASE:
    case CORM_ERROR_UNSUPPORTED: return CORM_EXIT_UNAVAILABLE;
    case CORM_ERROR_TRANSACTION:
    case CORM_ERROR_SQL:
    case CORM_ERROR_DATABASE: return CORM_EXIT_SOFTWARE;
    case CORM_ERROR_MEMORY: return CORM_EXIT_SYSTEM;
    case CORM_ERROR_FULL:
    case CORM_ERROR_IO: return CORM_EXIT_IO;
    case CORM_ERROR_STARTING:
    case CORM_ERROR_TOO_MANY_CONNECTIONS:
    case CORM_ERROR_TIMEOUT:
    case CORM_ERROR_CANCELLED:
    case CORM_ERROR_LOCKED:
    case CORM_ERROR_DEADLOCK:
    case CORM_ERROR_SERIALIZATION:
    case CORM_ERROR_STALE: return CORM_EXIT_TEMPORARY;
    case CORM_ERROR_TLS:
    case CORM_ERROR_PROTOCOL: return CORM_EXIT_PROTOCOL;
    case CORM_ERROR_AUTHENTICATION:
    case CORM_ERROR_PERMISSION:
    case CORM_ERROR_READ_ONLY: return CORM_EXIT_PERMISSION;
    case CORM_ERROR_SETTINGS: return CORM_EXIT_SETTINGS;
    case CORM_ERROR_NEWER: return CORM_EXIT_NEWER;
    }
    return CORM_EXIT_SOFTWARE;
}

/* --- options and arguments --- */

static const corm_given_option *given(const corm_context *context, const char *name) {
    for (size_t i = 0; i < context->given.n_options; i++)
        if (strcmp(context->given.options[i].option->name, name) == 0)
            return &context->given.options[i];
    corm_context *self =
        (corm_context *)context; /* the caller's mistake is remembered for the exit status */
    self->misused = true;
    corm_context_fail(self, CORM_EXIT_SOFTWARE,
                      "the command asks for --%s, which is not in its table of options", name);
    return NULL;
}

int corm_argument_count(const corm_context *context) { return context->given.n_arguments; }

const char *corm_argument(const corm_context *context, int index) {
    return index >= 0 && index < context->given.n_arguments ? context->given.arguments[index]
                                                            : NULL;
}

bool corm_flag(const corm_context *context, const char *name) {
    const corm_given_option *option = given(context, name);
    return option && option->count > 0;
}

const char *corm_option_value(const corm_context *context, const char *name) {
    const corm_given_option *option = given(context, name);
    return option && option->count ? option->values[option->count - 1] : NULL;
}

double corm_option_number(const corm_context *context, const char *name, double fallback) {
    const char *value = corm_option_value(context, name);
    return value ? corm__real_parse(value, NULL) : fallback;
}

const char *const *corm_option_list(const corm_context *context, const char *name) {
    static const char *const none[] = { NULL };
    const corm_given_option *option = given(context, name);
    return option ? option->values : none;
}

const corm_app *const *corm_context_apps(const corm_context *context) { return context->apps; }

/* --- errors --- */

int corm_context_status(const corm_context *context) { return context->status; }

static void print(corm_context *context, corm_color color, const char *kind, const char *text) {
    corm__progress_clear(context);
    fflush(stdout); /* so that both streams read in order where they go to one place */
    fprintf(stderr, "%s%s%s%s:%s %s", corm__color(context, stderr, color), context->program,
            context->command ? " " : "", context->command ? context->command->name : "",
            corm__color(context, stderr, CORM_PLAIN), kind);
    corm__print_line(stderr, text);
}

int corm_context_fail(corm_context *context, int status, const char *format, ...) {
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    if (corm__vformat(text, sizeof text, format, arguments) < 0) text[0] = 0;
    va_end(arguments);
    print(context, CORM_RED, "", text);
    return context->status = status;
}

int corm__no_memory(corm_context *context) {
    return corm_context_fail(context, CORM_EXIT_SYSTEM, "%s", corm_status_text(CORM_ERROR_MEMORY));
}

int corm__fail_errno(corm_context *context, int status, const char *what, const char *path) {
    return errno == ENOMEM ? corm__no_memory(context)
                           : corm_context_fail(context, status, "cannot %s %s: %s", what, path,
                                               strerror(errno));
}

void corm__warn(corm_context *context, const char *format, ...) {
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    if (corm__vformat(text, sizeof text, format, arguments) < 0) text[0] = 0;
    va_end(arguments);
    print(context, CORM_YELLOW, "warning: ", text);
}

/* Whoever fails without an error had no memory for what it was at: never "success". */
int corm_context_fail_db(corm_context *context, const corm_error_info *error) {
    if (!error->status) return corm__no_memory(context);
    const char *message = error->message[0] ? error->message : corm_status_text(error->status);
    return corm_context_fail(
        context, corm__exit_status(error->status), "%s%s%s%s%s", message,
        error->detail[0] ? ": " : "", error->detail,
        corm__before_hint(error->detail[0] ? error->detail : message, error->hint), error->hint);
}

int corm__check_app_names(corm_context *context) {
    corm_error_info error;
    for (int i = 0; i < corm_argument_count(context); i++)
        if (!corm__app_find(context->apps, corm_argument(context, i), &error))
            return corm_context_fail_db(context, &error);
    return 0;
}

/* --- settings and databases --- */

static void settings_warning(void *context, const char *message) {
    corm__warn(context, "%s", message);
}

const corm_settings *corm_context_settings(corm_context *context) {
    if (context->settings) return context->settings;
    const char *const *files = corm_option_list(context, "env-file");
    corm_settings_options options = { .env_files = files[0] ? files : NULL,
                                      .warning = settings_warning,
                                      .context = context };
    corm_error_info error = { 0 };
    context->settings = corm_settings_load(&options, &error);
    if (!context->settings) corm_context_fail_db(context, &error);
    return context->settings;
}

static bool has_option(const corm_context *context, const char *name) {
    for (const corm_option *option = context->command->options; option && option->name; option++)
        if (strcmp(option->name, name) == 0) return true;
    return false;
}

corm_db *corm_context_db(corm_context *context, const char *alias) {
    if (!alias && has_option(context, "database")) alias = corm_option_value(context, "database");
    if (!alias) alias = "default";
    for (corm_open_db *open = context->dbs; open; open = open->next)
        if (strcmp(open->alias, alias) == 0) return open->db;
    const corm_settings *settings = corm_context_settings(context);
    if (!settings) return NULL;
    corm_open_db *open = corm__arena_zalloc(&context->arena, sizeof *open);
    corm_db *db = open && (open->alias = corm__arena_strdup(&context->arena, alias))
                      ? corm_open_with(settings, alias)
                      : NULL;
    if (!db || corm_failed(db)) {
        corm_context_fail_db(context, corm_error(db));
        corm_close(db);
        return NULL;
    }
    open->db = db;
    open->next = context->dbs;
    context->dbs = open;
    return db;
}
