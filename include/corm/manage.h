/* The management commands of a program: int main(int argc, char **argv) { return corm_manage(argc,
 * argv, CORM_APPS(core, recipes)); } */
#pragma once
#pragma GCC system_header
#ifdef __cplusplus
#include <corm/c_only.h>
#else
#include <corm/app.h>
#include <corm/begin.h>
#include <stdio.h>

CORM__BEGIN

typedef enum corm_option_kind {
    CORM_OPTION_FLAG = 1,
    CORM_OPTION_TEXT,
    CORM_OPTION_INTEGER,
    CORM_OPTION_SECONDS,
    CORM_OPTION_LIST
} corm_option_kind;

/* One option of a command. Help, man pages and completion derive from it. */
typedef struct corm_option {
    const char *name;           /* "dry-run": --dry-run */
    char letter;                /* 'n': -n, or 0 */
    corm_option_kind kind;      /* LIST: may be given several times */
    const char *value;          /* the name of its value in help, "SECONDS"; NULL for a flag */
    const char *choices;        /* "wait|fail|ok|create", or NULL */
    const char *help;
} corm_option;

/* For the table of a command that works on one database: corm_context_db(context, NULL) opens the
 * one that it names. */
#define CORM_OPTION_DATABASE                                                                       \
    { "database", 0, CORM_OPTION_TEXT, "ALIAS", NULL,                                              \
        "the database: ALIAS as in DATABASE_URL_ALIAS (default: \"default\")" }

typedef struct corm_context corm_context;

typedef struct corm_command {
    const char *name;
    const char *summary;        /* one line */
    const char *arguments;      /* as in usage: "[APP [MIGRATION]]"; NULL: none */
    const char *description;    /* more, for --help; or NULL */
    const corm_option *options; /* ends with name NULL; or NULL */
    int (*run)(corm_context *context);  /* returns the exit status */
} corm_command;

/* CORM_COMMANDS(&cmd_load, &cmd_questions) for CORM_APP. */
#define CORM_COMMANDS(...) ((const corm_command *const[]){ __VA_ARGS__, NULL })

/* Runs the command that argv names; returns the exit status (sysexits.h where one fits;
 * docs/commands.md lists all). A command of an app goes before a built-in one of the same name.
 * apps NULL: only the commands that need no project. Every command also takes --env-file,
 * --no-color and --help. What stands behind -- is left alone as arguments. SIGPIPE is ignored while
 * it runs: output that cannot be written ends in exit status 74. */
int corm_manage(int argc, char **argv, const corm_app *const *apps);

/* --- what a command gets --- All texts live as long as the context. */
/* Arguments that are not options. */
int corm_argument_count(const corm_context *context);
const char *corm_argument(const corm_context *context, int index);
/* Values of options: false, NULL, the fallback when not given. List: NULL-terminated, never
 * NULL. */
bool corm_flag(const corm_context *context, const char *name);
const char *corm_option_value(const corm_context *context, const char *name);
double corm_option_number(const corm_context *context, const char *name, double fallback);
const char *const *corm_option_list(const corm_context *context, const char *name);
const corm_app *const *corm_context_apps(const corm_context *context);
/* The settings, loaded on first use. NULL: they are bad, the message has been printed; return
 * 78. */
const corm_settings *corm_context_settings(corm_context *context);
/* The database of --database ALIAS (or of the given alias), open. NULL: the message has been
 * printed; return corm_context_status(context). */
corm_db *corm_context_db(corm_context *context, const char *alias);
int corm_context_status(const corm_context *context);
/* Prints an error of one line ("manage load: …") to standard error and returns status. What would
 * end the line or control a terminal is printed as spaces. */
int corm_context_fail(corm_context *context, int status, const char *format,
                      ...) __attribute__((format(printf, 3, 4)));
/* The same for an error of corm, in its order: message, detail, hint. Returns the exit status that
 * fits. */
int corm_context_fail_db(corm_context *context, const corm_error_info *error);
/* Progress of long work: a bar on standard error when that is a terminal, nothing otherwise. total
 * 0: unknown. Ends with done == total != 0 or corm_progress_end. Cheap: call it for every row. */
void corm_progress(corm_context *context, const char *what, uint64_t done, uint64_t total);
void corm_progress_end(corm_context *context);

CORM__END
#endif
