/* What commands share: options, output, exit statuses. A command is one file cmd_<name>.c and one
 * line in commands.h. */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"
#include "base/closest.h"
#include <corm/backend.h>
#include <corm/manage.h>
#include <jansson.h>

/* --- exit statuses: sysexits.h where one fits. Stable; docs/commands.md has the same table. --- */
#define CORM_EXIT_MAP(X)                                                                           \
    X(OK, 0, "done")                                                                               \
    X(FAILURE, 1, "the answer is no: --check found something, a gate is not met")                  \
    X(NEEDS_ANSWER, 3,                                                                             \
        "makemigrations has a question and nobody to ask; it prints what to write in the model")   \
    X(NEWER, 4, "a newer program migrated the database, and this one cannot work with it")         \
    X(USAGE, 64, "the command line is wrong")                                                      \
    X(DATA, 65, "the data, the models or the migrations are wrong")                                \
    X(UNAVAILABLE, 69, "no connection to the database, or it lacks what is needed")                \
    X(SOFTWARE, 70, "an error of the program: SQL that the database refuses, a misused call")      \
    X(SYSTEM, 71, "the operating system refuses, or memory is out")                                \
    X(CANNOT_CREATE, 73, "a file cannot be written")                                               \
    X(IO, 74, "input or output failed: a full disk, a closed pipe")                                \
    X(TEMPORARY, 75, "it may work later: a lock is held, too many connections, a deadlock")        \
    X(PROTOCOL, 76, "TLS failed, or the server does not speak the protocol")                       \
    X(PERMISSION, 77, "authentication failed, or permission is denied")                            \
    X(SETTINGS, 78, "the settings are wrong")                                                      \
    X(TIMEOUT, 124, "wait_for_db: the database was not ready in time")                             \
    X(NOT_EXECUTABLE, 126, "the program to run cannot be run")                                     \
    X(NOT_INSTALLED, 127, "the program to run is not there")                                       \
    X(INTERRUPTED, 130, "wait_for_db: ended by SIGINT")                                            \
    X(TERMINATED, 143, "wait_for_db: ended by SIGTERM")
enum {
#define CORM__EXIT(name, number, text) CORM_EXIT_##name = number,
    CORM_EXIT_MAP(CORM__EXIT)
#undef CORM__EXIT
};
/* The exit status for a corm_status. */
int corm__exit_status(int status);

/* --- options --- */
/* The options that every command has; ends with name NULL. Help, man pages and completion show a
 * command's own table, then this one. */
extern const corm_option corm__common_options[];

typedef struct corm_given_option {
    const corm_option *option;
    const char **values;    /* in the order given, ends with NULL; never NULL. A flag has "" */
    size_t count;
} corm_given_option;
typedef struct corm_given {
    corm_given_option *options;
    size_t n_options;
    const char *const *arguments;   /* ends with NULL */
    int n_arguments;
} corm_given;

/* Parses argv[1 …] by the command's table and the common one; argv[0] is its full name, "manage
 * load". 0; or CORM_EXIT_USAGE, and message says what is wrong; or CORM_EXIT_SYSTEM when memory is
 * out. All in the arena. */
int corm__options_parse(const corm_command *command, int argc, const char *const *argv,
                         corm_arena *arena, corm_given *out, char *message, size_t size);
/* Prints the command's help, all of it derived from its table. name: "manage load". 0, or
 * CORM_EXIT_SYSTEM when memory is out. */
int corm__options_help(const corm_command *command, const char *name, FILE *out);

/* --- the context, and the commands that there are --- */
typedef struct corm_open_db {
    struct corm_open_db *next;
    const char *alias;
    corm_db *db;
} corm_open_db;

struct corm_context {
    const char *program;            /* "manage" */
    const corm_command *command;    /* NULL before one is found */
    const corm_app *const *apps;    /* never NULL */
    bool project;                   /* corm_manage was given apps */
    corm_given given;
    corm_arena arena;
    corm_settings *settings;
    corm_open_db *dbs;
    int status;                     /* of the last failure */
    bool sigpipe_ignored;           /* when the program was started */
    bool misused;                   /* a command asked for an option that it has not */
    bool color_out, color_err;
    bool bar;                       /* a progress bar stands on the last line of the terminal */
    uint64_t bar_drawn;             /* when, in milliseconds */
};

/* The command of this name: of an app, else built in. app (may be NULL) gets the app's name, NULL
 * for a built-in one. */
const corm_command *corm__command_find(const corm_context *context, const char *name,
                                       const char **app);
/* Walks all commands, built-in ones first: position starts at 0; NULL at the end. */
const corm_command *corm__command_next(const corm_context *context, size_t *position,
                                       const char **app);

/* The same for the built-in ones alone, with or without a project; anywhere says whether it needs
 * none. */
const corm_command *corm__builtin_next(size_t *position, bool *anywhere);
/* Says that there is no command of this name, and which one may be meant. */
int corm__command_unknown(corm_context *context, const char *name);
/* Prints a manual page: of a command of program ("corm", "./manage"), or of corm itself, with its
 * environment and exit statuses. */
void corm__manual_command(const corm_command *command, const char *program, FILE *out);
void corm__manual_corm(FILE *out);

/* --- output --- */
typedef enum corm_color {
    CORM_PLAIN,
    CORM_BOLD,
    CORM_DIM,
    CORM_RED,
    CORM_GREEN,
    CORM_YELLOW
} corm_color;
/* The escape sequence that begins a colour (CORM_PLAIN: that ends it) on stdout or stderr, "" where
 * there are no colours. */
const char *corm__color(const corm_context *context, FILE *stream, corm_color color);
/* Prints text with control characters as spaces. */
void corm__print_line(FILE *stream, const char *text);
/* What stands between a message and its hint, which may be NULL: nothing, "; ", or the end of a
 * sentence before a hint that is one. */
const char *corm__before_hint(const char *message, const char *hint);
/* Says that memory was out: CORM_EXIT_SYSTEM. */
int corm__no_memory(corm_context *context);
/* Says that the system cannot do it, "cannot WHAT PATH: …" by errno; memory that was out is that.
 * status, or CORM_EXIT_SYSTEM. */
int corm__fail_errno(corm_context *context, int status, const char *what, const char *path);
/* A warning of one line to standard error. */
void corm__warn(corm_context *context, const char *format,
                ...) __attribute__((format(printf, 2, 3)));
/* Prints object as one line of JSON to standard output, at once, and takes the reference. NULL:
 * memory was out. 0, or the exit status after printing what is wrong. */
int corm__json_line(corm_context *context, json_t *object);
/* A JSON string of any bytes (what is not UTF-8 becomes U+FFFD); JSON null for NULL. */
json_t *corm__json_text(const char *text);
/* Put value, whose reference they take, into *object under key, behind the items of *array. When
 * memory is out (value NULL too) they make it NULL, and do nothing with one that is: what is given
 * to corm__json_line in the end is checked there. */
void corm__json_set(json_t **object, const char *key, json_t *value);
void corm__json_append(json_t **array, json_t *value);
/* Flushes; the final exit status: 74 when something could not be written and status is 0. */
int corm__output_end(corm_context *context, int status);
void corm__progress_clear(corm_context *context);

/* Replaces the process by arguments[0] (looked up in PATH) with the signals as they were and the
 * environment plus variables ("NAME=value", may be NULL). Closes all databases before. Returns only
 * on failure: 126 or 127, message printed; hint (may be NULL): what to do when the program is not
 * there. */
int corm__exec(corm_context *context, const char *const *arguments, const char *const *variables,
               const char *hint);

/* Of a command whose arguments are names of apps: 0, or that one of them is none has been said. */
int corm__check_app_names(corm_context *context);

/* Runs the system checks (backend may be NULL). With errors it prints them and returns the exit
 * status; warnings are for `check` alone. For commands that go on from the models: makemigrations,
 * migrate. */
int corm__check_models(corm_context *context, const corm_backend *backend);
