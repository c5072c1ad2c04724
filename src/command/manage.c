#include "command/command.h"
#include "command/commands.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const corm_command *command;
    bool anywhere;
} builtins[] = {
#define ANYWHERE true
#define PROJECT false
#define CORM__ENTRY(name, where) { &corm__cmd_##name, where },
    CORM_COMMAND_MAP(CORM__ENTRY)
#undef CORM__ENTRY
#undef ANYWHERE
#undef PROJECT
};
enum { N_BUILTINS = sizeof builtins / sizeof builtins[0] };

const corm_command *corm__builtin_next(size_t *position, bool *anywhere) {
    if (*position >= N_BUILTINS) return NULL;
    *anywhere = builtins[*position].anywhere;
    return builtins[(*position)++].command;
}

const corm_command *corm__command_next(const corm_context *context, size_t *position,
                                       const char **app) {
    while (*position < N_BUILTINS) {
        size_t i = (*position)++;
        if (!builtins[i].anywhere && !context->project) continue;
        if (app) *app = NULL;
        return builtins[i].command;
    }
    size_t n = (*position)++ - N_BUILTINS;
    for (const corm_app *const *a = context->apps; *a; a++)
        for (const corm_command *const *command = (*a)->commands; command && *command; command++)
            if (n-- == 0) {
                if (app) *app = (*a)->name;
                return *command;
            }
    return NULL;
}

const corm_command *corm__command_find(const corm_context *context, const char *name,
                                       const char **app) {
    const corm_command *found = NULL, *command;
    const char *owner;
    for (size_t position = 0; (command = corm__command_next(context, &position, &owner));)
        if (strcmp(command->name, name) == 0 && (!found || owner)) {
            found = command;
            if (app) *app = owner;
        }
    return found;
}

int corm__command_unknown(corm_context *context, const char *name) {
    for (size_t i = 0; i < N_BUILTINS && !context->project; i++)
        if (strcmp(builtins[i].command->name, name) == 0)
            return corm_context_fail(context, CORM_EXIT_USAGE,
                                     "%s needs a project: run its program, ./manage %s", name,
                                     name);
    size_t n = 0, position = 0;
    while (corm__command_next(context, &position, NULL)) n++;
    const char **names = corm__arena_array(&context->arena, n, sizeof *names);
    for (size_t i = position = 0; names && i < n; i++)
        names[i] = corm__command_next(context, &position, NULL)->name;
    const char *meant = names ? corm__closest(name, names, n) : NULL;
    if (meant)
        return corm_context_fail(context, CORM_EXIT_USAGE,
                                 "unknown command \"%s\"; did you mean \"%s\"?", name, meant);
    return corm_context_fail(context, CORM_EXIT_USAGE,
                             "unknown command \"%s\"; \"%s help\" lists them", name,
                             context->program);
}

static void set_colors(corm_context *context, bool wanted) {
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    wanted = wanted && !(no_color && *no_color) && terminal && strcmp(terminal, "dumb") != 0;
    context->color_out = wanted && isatty(STDOUT_FILENO);
    context->color_err = wanted && isatty(STDERR_FILENO);
}

static int run(corm_context *context, int argc, char **argv) {
    const char **words = corm__arena_array(&context->arena, (size_t)argc + 1, sizeof *words);
    char *name =
        corm__arena_printf(&context->arena, "%s %s", context->program, context->command->name);
    if (!words || !name) return corm__no_memory(context);
    words[0] = name;
    for (int i = 1; i < argc; i++) words[i] = argv[i];
    char message[512];
    int status = corm__options_parse(context->command, argc, words, &context->arena,
                                     &context->given, message, sizeof message);
    if (status == CORM_EXIT_SYSTEM) return corm__no_memory(context);
    if (status) return corm_context_fail(context, status, "%s; see %s --help", message, name);
    set_colors(context, !corm_flag(context, "no-color"));
    if (corm_flag(context, "help"))
        return corm__options_help(context->command, name, stdout) ? corm__no_memory(context) : 0;
    status = context->command->run(context);
    return context->misused && status == CORM_EXIT_OK ? CORM_EXIT_SOFTWARE : status;
}

/* Finds the command that argv[1] names. */
static int dispatch(corm_context *context, int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) name = "help";
    if (strcmp(name, "--version") == 0) name = "version";
    if (!*name)
        return corm_context_fail(context, CORM_EXIT_USAGE,
                                 "a command is missing; \"%s help\" lists them", context->program);
    if (*name == '-')
        return corm_context_fail(context, CORM_EXIT_USAGE,
                                 "unknown option %s; a command comes first: %s COMMAND [OPTION...]",
                                 name, context->program);
    const corm_command *command = corm__command_find(context, name, NULL);
    if (!command) return corm__command_unknown(context, name);
    context->command = command;
    return run(context, argc - 1, argv + 1);
}

/* A standard stream that is closed would be taken by the first file that is opened, and output
 * written into it. Opened the wrong way round, it fails as it should when it is used. */
static void open_standard_streams(void) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
            return;
}

static void release(corm_context *context) {
    for (corm_open_db *open = context->dbs; open; open = open->next) corm_close(open->db);
    context->dbs = NULL;
    corm_settings_free(context->settings);
    context->settings = NULL;
    corm__arena_release(&context->arena);
}

int corm_manage(int argc, char **argv, const corm_app *const *apps) {
    static const corm_app *const none[] = { NULL };
    const char *path = argc > 0 ? argv[0] : "manage", *slash = strrchr(path, '/');
    corm_context context = { .program = slash ? slash + 1 : path,
                             .apps = apps ? apps : none,
                             .project = apps != NULL };
    open_standard_streams();
    struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
    sigaction(SIGPIPE, &ignore, &before);
    context.sigpipe_ignored = before.sa_handler == SIG_IGN;
    set_colors(&context, true);
    int status = corm__output_end(&context, dispatch(&context, argc, argv));
    release(&context);
    sigaction(SIGPIPE, &before, NULL);
    return status;
}

static int cannot_run(corm_context *context, const char *program, const char *hint) {
    int error = errno;
    bool missing = error == ENOENT;
    return corm_context_fail(context, missing ? CORM_EXIT_NOT_INSTALLED : CORM_EXIT_NOT_EXECUTABLE,
                             "cannot run %s: %s%s%s", program,
                             missing ? "no such program" : strerror(error),
                             missing && hint ? "; " : "", missing && hint ? hint : "");
}

int corm__exec(corm_context *context, const char *const *arguments, const char *const *variables,
               const char *hint) {
    corm_progress_end(context);
    if (fflush(stdout) != 0 || fflush(stderr) != 0) return CORM_EXIT_IO;
    for (; context->dbs; context->dbs = context->dbs->next) corm_close(context->dbs->db);
    for (; variables && *variables; variables++)
        if (putenv((char *)*variables) != 0) return corm__no_memory(context);
    struct sigaction before = { .sa_handler = context->sigpipe_ignored ? SIG_IGN : SIG_DFL };
    sigaction(SIGPIPE, &before, NULL);
    execvp(arguments[0], (char *const *)arguments);
    return cannot_run(context, arguments[0], hint);
}
