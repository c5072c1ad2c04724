/* Completion scripts for shells: the commands, the options of each and their choices, from the
 * tables that --help is made from. A project's program writes its own, with the commands of its
 * apps. */
#include "command/command.h"
#include <string.h>

/* Inside single quotes of a POSIX shell, and of fish. */
static void put_quoted(const char *text, bool fish) {
    putchar('\'');
    for (; *text; text++) {
        if (*text == '\'')
            fputs(fish ? "\\'" : "'\\''", stdout);
        else if (*text == '\\' && fish)
            fputs("\\\\", stdout);
        else
            putchar(*text);
    }
    putchar('\'');
}

/* Choices with sep between them; "table:NAME" is offered up to its colon. */
static void put_choices(const char *choices, char sep) {
    for (const char *p = choices; *p;) {
        size_t length = strcspn(p, "|");
        const char *colon = memchr(p, ':', length);
        printf("%.*s", (int)(colon ? colon - p + 1 : (long)length), p);
        p += length;
        if (*p) putchar(sep), p++;
    }
}

static bool takes_file(const corm_option *option) {
    return option->value && (!strcmp(option->value, "FILE") || !strcmp(option->value, "FOLDER"));
}

/* Calls each for the command's options and the common ones. */
static void each_option(const char *program, const corm_command *command,
                        void (*each)(const char *program, const corm_command *,
                                     const corm_option *)) {
    for (const corm_option *o = command->options; o && o->name; o++) each(program, command, o);
    for (const corm_option *o = corm__common_options; o->name; o++) each(program, command, o);
}

/* The name as a part of a shell function's name: "./manage" is "__manage". */
static void put_function(const char *program) {
    for (; *program; program++)
        putchar((*program >= 'a' && *program <= 'z') || (*program >= 'A' && *program <= 'Z') ||
                        (*program >= '0' && *program <= '9')
                    ? *program
                    : '_');
}

/* --- bash --- */

static void bash_word(const char *program, const corm_command *command, const corm_option *o) {
    (void)program, (void)command;
    printf(" --%s%s", o->name, o->value ? "=" : "");
    if (o->letter) printf(" -%c", o->letter);
}

static void bash_values(const char *program, const corm_command *command, const corm_option *o) {
    (void)program;
    if (!o->choices && !takes_file(o)) return;
    printf("        %s:--%s) ", command->name, o->name);
    if (o->choices) {
        fputs("COMPREPLY=($(compgen -W '", stdout);
        put_choices(o->choices, ' ');
        fputs("' -- \"$value\"))", stdout);
    } else
        fputs("COMPREPLY=($(compgen -f -- \"$value\"))", stdout);
    puts("; return ;;");
}

static void bash(const corm_context *context) {
    const corm_command *command;
    printf("# bash completion for %s\n_", context->program);
    put_function(context->program);
    puts("() {\n"
         "    local word=${COMP_WORDS[COMP_CWORD]} before= command=${COMP_WORDS[1]-} value=\n"
         "    if ((COMP_CWORD > 1)); then before=${COMP_WORDS[COMP_CWORD-1]}; fi\n"
         "    COMPREPLY=()\n"
         "    if ((COMP_CWORD == 1)); then");
    fputs("        COMPREPLY=($(compgen -W '", stdout);
    for (size_t position = 0, n = 0; (command = corm__command_next(context, &position, NULL)); n++)
        printf("%s%s", n ? " " : "", command->name);
    puts("' -- \"$word\"))\n"
         "        return\n"
         "    fi\n"
         "    local i\n"
         "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
         "        if [[ ${COMP_WORDS[i]} == -- ]]; then COMPREPLY=($(compgen -c -- \"$word\")); "
         "return; fi\n"
         "    done\n"
         "    # readline splits --option=value at the sign.\n"
         "    if [[ $word == = ]]; then value= ; elif [[ $before == = ]]; then value=$word "
         "before=${COMP_WORDS[COMP_CWORD-2]}; else value=$word; fi\n"
         "    case $command:$before in");
    for (size_t position = 0; (command = corm__command_next(context, &position, NULL));)
        each_option(context->program, command, bash_values);
    puts("    esac\n"
         "    case $command in");
    for (size_t position = 0; (command = corm__command_next(context, &position, NULL));) {
        printf("        %s) COMPREPLY=($(compgen -W '", command->name);
        each_option(context->program, command, bash_word);
        puts("' -- \"$word\")) ;;");
    }
    fputs("    esac\n"
          "    if [[ ${COMPREPLY[0]-} == *= ]]; then compopt -o nospace; fi\n"
          "}\n"
          "complete -o default -F _",
          stdout);
    put_function(context->program);
    printf(" %s\n", context->program);
}

/* --- zsh --- */

/* Inside '…[…]' of _arguments: brackets and colons are escaped. */
static void zsh_text(const char *text) {
    for (; *text; text++) {
        if (strchr("[]:\\", *text)) putchar('\\');
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*text);
    }
}

static void zsh_option(const char *program, const corm_command *command, const corm_option *o) {
    (void)program, (void)command;
    fputs(" \\\n            '", stdout);
    if (o->kind == CORM_OPTION_LIST) putchar('*');
    printf("--%s%s[", o->name, o->value ? "=" : "");
    zsh_text(o->help);
    putchar(']');
    if (o->value) {
        printf(":%s:", o->value);
        if (o->choices) {
            putchar('(');
            put_choices(o->choices, ' ');
            putchar(')');
        } else if (takes_file(o))
            fputs("_files", stdout);
    }
    putchar('\'');
    if (o->letter) {
        printf(" '-%c[", o->letter);
        zsh_text(o->help);
        fputs("]'", stdout);
    }
}

static void zsh(const corm_context *context) {
    const corm_command *command;
    printf("#compdef %s\n_", context->program);
    put_function(context->program);
    puts("() {\n"
         "    local -a commands\n"
         "    commands=(");
    for (size_t position = 0; (command = corm__command_next(context, &position, NULL));) {
        printf("        '%s:", command->name);
        zsh_text(command->summary);
        puts("'");
    }
    puts("    )\n"
         "    if ((CURRENT == 2)); then _describe command commands; return; fi\n"
         "    local command=$words[2]\n"
         "    shift words\n"
         "    ((CURRENT--))\n"
         "    case $command in");
    for (size_t position = 0; (command = corm__command_next(context, &position, NULL));) {
        printf("        %s) _arguments", command->name);
        each_option(context->program, command, zsh_option);
        puts(" \\\n            '*:argument:_files' ;;");
    }
    fputs("    esac\n}\nif [[ $funcstack[1] == _", stdout);
    put_function(context->program);
    fputs(" ]]; then _", stdout);
    put_function(context->program);
    fputs(" \"$@\"; else compdef _", stdout);
    put_function(context->program);
    printf(" %s; fi\n", context->program);
}

/* --- fish --- */

static void fish_option(const char *program, const corm_command *command, const corm_option *o) {
    printf("complete -c %s -n '__fish_seen_subcommand_from %s' -l %s", program, command->name,
           o->name);
    if (o->letter) printf(" -s %c", o->letter);
    if (o->choices) {
        fputs(" -x -a '", stdout);
        put_choices(o->choices, ' ');
        putchar('\'');
    } else if (o->value)
        fputs(takes_file(o) ? " -r -F" : " -x", stdout);
    fputs(" -d ", stdout);
    put_quoted(o->help, true);
    putchar('\n');
}

static void fish(const corm_context *context) {
    const corm_command *command;
    for (size_t position = 0; (command = corm__command_next(context, &position, NULL));) {
        printf("complete -c %s -f -n __fish_use_subcommand -a %s -d ", context->program,
               command->name);
        put_quoted(command->summary, true);
        putchar('\n');
        each_option(context->program, command, fish_option);
    }
}

static int run(corm_context *context) {
    static const struct {
        const char *shell;
        void (*write)(const corm_context *);
    } shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };
    const char *shell = corm_argument(context, 0);
    if (!shell || corm_argument_count(context) > 1)
        return corm_context_fail(context, CORM_EXIT_USAGE, "name one shell: bash, zsh or fish");
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (strcmp(shells[i].shell, shell) != 0) continue;
        shells[i].write(context);
        return CORM_EXIT_OK;
    }
    return corm_context_fail(context, CORM_EXIT_USAGE,
                             "there is no completion for \"%s\"; name bash, zsh or fish", shell);
}

const corm_command corm__cmd_completion = {
    "completion",
    "Prints a completion script for a shell",
    "bash|zsh|fish",
    "For one session of bash: source <(corm completion bash). For all: write it to a file where "
    "the shell looks for completions: "
    "~/.local/share/bash-completion/completions/corm; a folder of zsh's fpath, as _corm; "
    "~/.config/fish/completions/corm.fish. A project's program "
    "prints its own, with the commands of its apps.",
    NULL,
    run,
};
