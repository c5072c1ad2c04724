#include "command/command.h"
#include <string.h>

static void list(const corm_context *context) {
    const corm_command *command;
    const char *app, *section = NULL;
    printf("Usage: %s COMMAND [OPTION...] [ARGUMENT...]\n\n", context->program);
    for (size_t position = 0; (command = corm__command_next(context, &position, &app));) {
        if (app && (!section || strcmp(app, section) != 0))
            printf("\n%s%s%s\n", corm__color(context, stdout, CORM_BOLD), app,
                   corm__color(context, stdout, CORM_PLAIN));
        section = app;
        printf("  %-17s  %s\n", command->name, command->summary);
    }
    printf("\n%s COMMAND --help says more about one.\n", context->program);
}

/* All built-in commands have a page, also those that need a project; a command of an app has one in
 * its program. */
static int manual(corm_context *context, const char *name) {
    if (!name) {
        corm__manual_corm(stdout);
        return CORM_EXIT_OK;
    }
    const char *app = NULL;
    const corm_command *command = corm__command_find(context, name, &app), *builtin;
    bool anywhere = false, found = false;
    for (size_t position = 0;
         !app && !found && (builtin = corm__builtin_next(&position, &anywhere));) {
        found = strcmp(builtin->name, name) == 0;
        if (found) command = builtin;
    }
    if (!command) return corm__command_unknown(context, name);
    corm__manual_command(command, found && anywhere ? "corm" : "./manage", stdout);
    return CORM_EXIT_OK;
}

static int run(corm_context *context) {
    const char *name = corm_argument(context, 0);
    if (corm_flag(context, "man")) return manual(context, name);
    if (!name) {
        list(context);
        return CORM_EXIT_OK;
    }
    const corm_command *command = corm__command_find(context, name, NULL);
    if (!command) return corm__command_unknown(context, name);
    char *full = corm__arena_printf(&context->arena, "%s %s", context->program, name);
    return full && !corm__options_help(command, full, stdout) ? 0 : corm__no_memory(context);
}

static const corm_option options[] = {
    { "man", 0, CORM_OPTION_FLAG, NULL, NULL,
      "print the manual page of COMMAND, or of corm, as man(7) reads it" },
    { 0 },
};
const corm_command corm__cmd_help = { "help",      "Lists the commands, or says more about one",
                                      "[COMMAND]", NULL,
                                      options,     run };
