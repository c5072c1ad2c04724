/* Manual pages, in the macros of man(7): made from the table that --help is made from, and from the
 * tables of settings and of exit statuses. */
#include "base/ascii.h"
#include "command/command.h"
#include "settings/settings_internal.h"
#include <string.h>

/* Text as roff: no character of it is a request, an escape or a soft hyphen. Line breaks stay. */
static void put_bytes(const char *text, size_t length, FILE *out) {
    bool begins = true;
    for (const char *end = text + length; text < end; text++) {
        if (begins && (*text == '.' || *text == '\'')) fputs("\\&", out);
        begins = *text == '\n';
        switch (*text) {
        case '\\': fputs("\\e", out); break;
        case '-': fputs("\\-", out); break;
        case '~': fputs("\\(ti", out); break;
        case '^': fputs("\\(ha", out); break;
        case '`': fputs("\\(ga", out); break;
        case '\'': fputs("\\(aq", out); break;
        default: putc(*text, out);
        }
    }
}

static void put_text(const char *text, FILE *out) { put_bytes(text, strlen(text), out); }

static void put_paragraphs(const char *text, FILE *out) {
    for (const char *end; *text; text = end) {
        end = strstr(text, "\n\n");
        size_t length = end ? (size_t)(end - text) : strlen(text);
        fputs(".PP\n", out);
        put_bytes(text, length, out);
        putc('\n', out);
        end = text + length;
        while (*end == '\n') end++;
    }
}

static void put_header(const char *title, const char *summary, FILE *out) {
    fputs(".TH \"", out);
    for (const char *p = title; *p; p++) putc(corm__to_upper(*p), out);
    fprintf(out, "\" 1 \"\" \"corm %s\" \"corm\"\n.SH NAME\n", CORM_VERSION);
    put_text(title, out);
    fputs(" \\- ", out);
    put_text(summary, out);
    putc('\n', out);
}

static void put_options(const corm_option *options, FILE *out) {
    for (; options && options->name; options++) {
        fputs(".TP\n.B ", out);
        if (options->letter) fprintf(out, "\\-%c, ", options->letter);
        fputs("\\-\\-", out);
        put_text(options->name, out);
        if (options->value) fprintf(out, "=\\fI%s\\fP", options->value);
        putc('\n', out);
        put_text(options->help, out);
        if (options->choices) {
            fputs(" (", out);
            for (const char *p = options->choices; *p; p++) {
                char one[2] = { *p == '|' ? '/' : *p, 0 };
                put_text(one, out);
            }
            putc(')', out);
        }
        putc('\n', out);
    }
}

static void put_statuses(FILE *out) {
    static const struct {
        int number;
        const char *text;
    } statuses[] = {
#define CORM__STATUS(name, number, text) { number, text },
        CORM_EXIT_MAP(CORM__STATUS)
#undef CORM__STATUS
    };
    fputs(".SH EXIT STATUS\n", out);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        fprintf(out, ".TP\n.B %d\n", statuses[i].number);
        put_text(statuses[i].text, out);
        putc('\n', out);
    }
}

static void put_environment(FILE *out) {
    fputs(".SH ENVIRONMENT\nA variable of the process goes before the same name in a file .env. "
          "NAME_FILE, for any NAME, is a file that holds the value.\n",
          out);
    for (const corm_setting *s = corm__settings_table; s->name; s++) {
        if (!s->environment) continue;
        fprintf(out, ".TP\n.B %s%s%s\n", s->environment, s->environment2 ? ", " : "",
                s->environment2 ? s->environment2 : "");
        put_text(s->help, out);
        if (s->engines) {
            fputs(" (", out);
            put_text(s->engines, out);
            putc(')', out);
        }
        putc('\n', out);
    }
}

void corm__manual_command(const corm_command *command, const char *program, FILE *out) {
    char title[128];
    snprintf(title, sizeof title, "corm-%s", command->name);
    put_header(title, command->summary, out);
    fputs(".SH SYNOPSIS\n.B ", out);
    put_text(program, out);
    putc(' ', out);
    put_text(command->name, out);
    fputs("\n[\\fIOPTION\\fP...]", out);
    if (command->arguments) {
        putc(' ', out);
        put_text(command->arguments, out);
    }
    putc('\n', out);
    fputs(".SH DESCRIPTION\n", out);
    put_text(command->summary, out);
    fputs(".\n", out);
    if (command->description) put_paragraphs(command->description, out);
    fputs(".SH OPTIONS\n", out);
    put_options(command->options, out);
    put_options(corm__common_options, out);
    fputs(".SH SEE ALSO\n.BR corm (1)\n", out);
}

void corm__manual_corm(FILE *out) {
    put_header("corm", "the database layer for C: its commands", out);
    fputs(".SH SYNOPSIS\n.B corm\n\\fICOMMAND\\fP [\\fIOPTION\\fP...] "
          "[\\fIARGUMENT\\fP...]\n.br\n.B ./manage\n"
          "\\fICOMMAND\\fP [\\fIOPTION\\fP...] [\\fIARGUMENT\\fP...]\n.SH DESCRIPTION\n"
          ".B corm\nis the tool without a project; the program of a project (here\n.BR ./manage "
          ")\nhas the same commands, those that need its models, and its own.\n"
          ".SH COMMANDS\n",
          out);
    for (int pass = 0; pass < 2; pass++) {
        const corm_command *command;
        bool anywhere;
        fputs(pass == 0 ? ".SS Everywhere\n" : ".SS In a project\n", out);
        for (size_t position = 0; (command = corm__builtin_next(&position, &anywhere));) {
            if (anywhere != (pass == 0)) continue;
            fprintf(out, ".TP\n.BR corm\\-");
            put_text(command->name, out);
            fputs(" (1)\n", out);
            put_text(command->summary, out);
            putc('\n', out);
        }
    }
    put_environment(out);
    put_statuses(out);
}
