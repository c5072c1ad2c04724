/* A command's options are a table. popt reads the command line by it and prints the help of it; man
 * pages and completion can be made of it.
 *
 * popt gets one entry for each of our options, numbered by its place, and no variables to write
 * into: each option that it finds comes back with its text, and is checked and kept here. So all
 * messages are ours, of one line, and say what was meant. */
#include "base/real.h"
#include "command/command.h"
#include "base/error.h"
#include <errno.h>
#include <math.h>
#include <popt.h>
#include <stdlib.h>
#include <string.h>

const corm_option corm__common_options[] = {
    { "env-file", 0, CORM_OPTION_LIST, "FILE", NULL,
      "read settings from FILE instead of .env; a later one wins" },
    { "no-color", 0, CORM_OPTION_FLAG, NULL, NULL, "no colours, as with NO_COLOR set" },
    { "help", 'h', CORM_OPTION_FLAG, NULL, NULL, "this text" },
    { 0 },
};

static size_t count(const corm_option *options) {
    size_t n = 0;
    while (options && options[n].name) n++;
    return n;
}

static const char *help_text(const corm_option *option, corm_arena *arena) {
    if (!option->choices) return option->help;
    char *choices = corm__arena_strdup(arena, option->choices);
    for (char *p = choices; p && (p = strchr(p, '|'));) *p = '/';
    return choices ? corm__arena_printf(arena, "%s (%s)", option->help, choices) : NULL;
}

/* popt's table, and ours beside it: given[i].option is the option of popt's val i + 1. NULL when
 * memory is out. */
static struct poptOption *make_table(const corm_command *command, corm_arena *arena,
                                     corm_given *given) {
    size_t own = count(command->options), n = own + count(corm__common_options);
    struct poptOption *table = corm__arena_array(arena, n + 1, sizeof *table);
    given->options = corm__arena_array(arena, n, sizeof *given->options);
    if (!table || !given->options) return NULL;
    given->n_options = n;
    for (size_t i = 0; i < n; i++) {
        const corm_option *option = i < own ? &command->options[i] : &corm__common_options[i - own];
        given->options[i].option = option;
        given->options[i].values = corm__arena_array(arena, 1, sizeof(char *));
        table[i] =
            (struct poptOption){ option->name,
                                 option->letter,
                                 option->kind == CORM_OPTION_FLAG ? POPT_ARG_NONE : POPT_ARG_STRING,
                                 NULL,
                                 (int)i + 1,
                                 help_text(option, arena),
                                 option->value };
        if (!given->options[i].values || !table[i].descrip) return NULL;
    }
    return table;
}

/* A choice that ends in a word of capitals behind a colon, as in "table:NAME", stands for any text
 * there. */
static bool choice_fits(const char *choice, size_t length, const char *value) {
    const char *colon = memchr(choice, ':', length);
    if (!colon) return strlen(value) == length && memcmp(choice, value, length) == 0;
    size_t head = (size_t)(colon - choice) + 1;
    return strncmp(choice, value, head) == 0 && value[head];
}

static bool is_choice(const char *choices, const char *value) {
    for (const char *p = choices;; p++) {
        size_t length = strcspn(p, "|");
        if (choice_fits(p, length, value)) return true;
        p += length;
        if (!*p) return false;
    }
}

/* NULL when value fits the option, else what it should be. */
static const char *unfit(const corm_option *option, const char *value) {
    char *end;
    errno = 0;
    if (option->kind == CORM_OPTION_INTEGER) {
        (void)strtoll(value, &end, 10);
        return end == value || *end || errno ? "a whole number" : NULL;
    }
    if (option->kind == CORM_OPTION_SECONDS) {
        double seconds = corm__real_parse(value, &end);
        return end == value || *end || !isfinite(seconds) || seconds < 0 ? "a number of seconds"
                                                                         : NULL;
    }
    return option->choices && !is_choice(option->choices, value) ? option->choices : NULL;
}

static bool keep(corm_given_option *given, const char *value, corm_arena *arena) {
    bool list = given->option->kind == CORM_OPTION_LIST;
    size_t kept = list ? given->count : 0;
    const char **values = corm__arena_array(arena, kept + 2, sizeof *values);
    if (!values) return false;
    memcpy(values, given->values, kept * sizeof *values);
    values[kept] = corm__arena_strdup(arena, value);
    given->values = values;
    given->count = kept + 1;
    return values[kept] != NULL;
}

static void explain(const corm_given *given, int error, const char *word, corm_arena *arena,
                    char *message, size_t size) {
    if (error != POPT_ERROR_BADOPT) {
        corm__error_set(message, size, "%s: %s", word, poptStrerror(error));
        return;
    }
    const char **names = corm__arena_array(arena, given->n_options, sizeof *names);
    for (size_t i = 0; names && i < given->n_options; i++)
        names[i] = given->options[i].option->name;
    const char *meant = names && word[0] == '-' && word[1] == '-'
                            ? corm__closest(word + 2, names, given->n_options)
                            : NULL;
    if (meant)
        corm__error_set(message, size, "unknown option %s; did you mean --%s?", word, meant);
    else
        corm__error_set(message, size, "unknown option %s", word);
}

/* Reads all options. */
static int read_options(poptContext reader, corm_given *given, corm_arena *arena, char *message,
                        size_t size) {
    int number;
    while ((number = poptGetNextOpt(reader)) > 0) {
        corm_given_option *option = &given->options[number - 1];
        char *value = option->option->kind == CORM_OPTION_FLAG ? NULL : poptGetOptArg(reader);
        const char *wanted = value ? unfit(option->option, value) : NULL;
        bool kept = !wanted && keep(option, value ? value : "", arena);
        if (wanted)
            corm__error_set(message, size, "--%s is \"%s\"; it must be %s%s", option->option->name,
                            value, option->option->choices ? "one of " : "", wanted);
        free(value);
        if (!kept) return wanted ? CORM_EXIT_USAGE : CORM_EXIT_SYSTEM;
    }
    if (number == -1) return 0;
    if (number == POPT_ERROR_MALLOC) return CORM_EXIT_SYSTEM;
    if (number == POPT_ERROR_NOARG)
        corm__error_set(message, size, "%s needs a value",
                        poptBadOption(reader, POPT_BADOPTION_NOALIAS));
    else
        explain(given, number, poptBadOption(reader, POPT_BADOPTION_NOALIAS), arena, message, size);
    return CORM_EXIT_USAGE;
}

static int read_arguments(poptContext reader, const corm_command *command, corm_given *given,
                          corm_arena *arena, char *message, size_t size) {
    const char **rest = poptGetArgs(reader);
    int n = 0;
    while (rest && rest[n]) n++;
    if (n > 0 && !command->arguments) {
        corm__error_set(message, size, "unexpected argument \"%s\"; the command takes none",
                        rest[0]);
        return CORM_EXIT_USAGE;
    }
    const char **arguments = corm__arena_array(arena, (size_t)n + 1, sizeof *arguments);
    for (int i = 0; arguments && i < n; i++)
        if (!(arguments[i] = corm__arena_strdup(arena, rest[i]))) arguments = NULL;
    given->arguments = arguments;
    given->n_arguments = n;
    return arguments ? 0 : CORM_EXIT_SYSTEM;
}

int corm__options_parse(const corm_command *command, int argc, const char *const *argv,
                        corm_arena *arena, corm_given *out, char *message, size_t size) {
    struct poptOption *table = make_table(command, arena, out);
    poptContext reader =
        table ? poptGetContext(argv[0], argc, (const char **)argv, table, 0) : NULL;
    if (!reader) return CORM_EXIT_SYSTEM;
    int status = read_options(reader, out, arena, message, size);
    if (!status) status = read_arguments(reader, command, out, arena, message, size);
    poptFreeContext(reader);
    return status;
}

/* Prints text with its lines filled with words up to WIDTH characters. */
static void print_wrapped(const char *text, FILE *out) {
    enum { WIDTH = 79 };
    for (size_t column = 0; *text;) {
        size_t length = strcspn(text, " \n");
        if (column && column + 1 + length > WIDTH) column = 0, putc('\n', out);
        fprintf(out, "%s%.*s", column ? " " : "", (int)length, text);
        column += length + (column > 0);
        text += length;
        if (*text == '\n') column = 0, putc('\n', out);
        if (*text) text++;
    }
    putc('\n', out);
}

int corm__options_help(const corm_command *command, const char *name, FILE *out) {
    corm_arena arena = { 0 };
    corm_given given = { 0 };
    const char *argv[] = { name, NULL };
    struct poptOption *table = make_table(command, &arena, &given);
    poptContext printer = table ? poptGetContext(name, 1, argv, table, 0) : NULL;
    if (printer) {
        char *usage = corm__arena_printf(&arena, "[OPTION...]%s%s", command->arguments ? " " : "",
                                         command->arguments ? command->arguments : "");
        if (usage) poptSetOtherOptionHelp(printer, usage);
        poptPrintHelp(printer, out, 0);
        fprintf(out, "\n%s\n", command->summary);
        if (command->description) {
            putc('\n', out);
            print_wrapped(command->description, out);
        }
        poptFreeContext(printer);
    }
    corm__arena_release(&arena);
    return printer ? CORM_EXIT_OK : CORM_EXIT_SYSTEM;
}
