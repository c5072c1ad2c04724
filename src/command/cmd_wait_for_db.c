/* wait_for_db: the command around corm_wait_for_db. Signals become a byte in a pipe that ends the
 * waiting, so that the end is as orderly as any other; the spinner has a thread of its own, because
 * the waiting keeps this one. */
#include "base/error.h"
#include "base/real.h"
#include "command/command.h"
#include "migrate/execute/recorder.h"
#include "migrate/graph/plan.h"
#include <corm/wait.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

typedef struct waiting {
    corm_context *context;
    const corm_settings *settings;
    FILE *out; /* of messages: standard output belongs to the command that follows */
    bool quiet, json, several;
    int exit_status; /* of what failed */
    bool spins;
    pthread_t spinner;
    pthread_mutex_t terminal; /* the spinner and messages write in turn */
    int spinner_end[2];
} waiting;

/* --- signals --- */

static int signal_pipe[2];
static volatile sig_atomic_t caught;

static void on_signal(int number) {
    caught = number;
    if (write(signal_pipe[1], "", 1) < 0) return; /* full: it has been told already */
}

typedef struct handlers {
    struct sigaction term, interrupt;
} handlers;

static bool catch_signals(handlers *before) {
    if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return false;
    caught = 0;
    struct sigaction action = { .sa_handler = on_signal };
    sigaction(SIGTERM, &action, &before->term);
    sigaction(SIGINT, NULL, &before->interrupt);
    if (before->interrupt.sa_handler != SIG_IGN)
        sigaction(SIGINT, &action, NULL); /* ignored in the background of a shell: stays so */
    return true;
}

static void release_signals(const handlers *before) {
    sigaction(SIGTERM, &before->term, NULL);
    sigaction(SIGINT, &before->interrupt, NULL);
    close(signal_pipe[0]);
    close(signal_pipe[1]);
}

/* --- the spinner, on a terminal only --- */

static void *spin(void *argument) {
    waiting *w = argument;
    struct pollfd end = { .fd = w->spinner_end[0], .events = POLLIN };
    for (unsigned i = 0; poll(&end, 1, 100) == 0; i++) {
        pthread_mutex_lock(&w->terminal);
        fprintf(stderr, "\r%c", "|/-\\"[i % 4]);
        fflush(stderr);
        pthread_mutex_unlock(&w->terminal);
    }
    return NULL;
}

static void start_spinner(waiting *w) {
    if (w->quiet || w->json || !isatty(STDERR_FILENO) || pipe2(w->spinner_end, O_CLOEXEC) != 0)
        return;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    w->spins = pthread_create(&w->spinner, NULL, spin, w) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (w->spins) return;
    close(w->spinner_end[0]);
    close(w->spinner_end[1]);
}

static void stop_spinner(waiting *w) {
    if (!w->spins) return;
    close(w->spinner_end[1]); /* readable: its end */
    pthread_join(w->spinner, NULL);
    close(w->spinner_end[0]);
    fputs("\r\033[K", stderr);
    w->spins = false;
}

/* --- messages --- */

static const char *code_of(const corm_error_info *error) {
    return error->sqlstate[0] ? error->sqlstate : corm_status_name(error->status);
}

static void report_json(waiting *w, const corm_wait_event *event) {
    static const char *const names[] = {
        [CORM_WAIT_WAITING] = "waiting", [CORM_WAIT_READY] = "ready", [CORM_WAIT_FAILED] = "failed"
    };
    const corm_error_info *error = event->error;
    json_t *object =
        json_pack("{s:s, s:o, s:o, s:o, s:o, s:i, s:o, s:o}", "state", names[event->state],
                  "database", corm__json_text(event->alias), "where", corm__json_text(event->where),
                  "code", corm__json_text(error ? code_of(error) : NULL), "message",
                  corm__json_text(error ? error->message : NULL), "attempt", event->attempt,
                  "elapsed", json_real((double)(int64_t)(event->elapsed * 1e3 + 0.5) / 1e3), "hint",
                  corm__json_text(event->hint));
    int status = corm__json_line(w->context, object);
    if (status && !w->exit_status) w->exit_status = status;
}

static void report_text(waiting *w, const corm_wait_event *event) {
    const char *alias = w->several ? event->alias : "", *space = w->several ? " " : "";
    if (event->state == CORM_WAIT_READY) {
        fprintf(w->out, "%sDatabase%s%s available!%s\n",
                corm__color(w->context, w->out, CORM_GREEN), space, alias,
                corm__color(w->context, w->out, CORM_PLAIN));
    } else {
        char line[2048];
        corm__format(line, sizeof line, "Database%s%s unavailable, waiting (%.1f s): %s%s%s", space,
                     alias, event->elapsed, event->error->message,
                     corm__before_hint(event->error->message, event->hint),
                     event->hint ? event->hint : "");
        corm__print_line(w->out, line);
    }
    fflush(w->out);
}

static void report(void *context, const corm_wait_event *event) {
    waiting *w = context;
    if (event->state == CORM_WAIT_FAILED && !w->exit_status) w->exit_status = event->exit_status;
    if (w->json) {
        report_json(w, event);
    } else if (!w->quiet || event->state == CORM_WAIT_FAILED) {
        pthread_mutex_lock(&w->terminal);
        if (w->spins) fputs("\r\033[K", stderr);
        if (event->state != CORM_WAIT_FAILED)
            report_text(w, event);
        else
            corm_context_fail(w->context, event->exit_status, "%s%s%s", event->error->message,
                              corm__before_hint(event->error->message, event->hint),
                              event->hint ? event->hint : "");
        pthread_mutex_unlock(&w->terminal);
    }
}

static void report_end(waiting *w, const corm_error_info *error, int number) {
    const char *what = number == SIGINT ? "SIGINT" : "SIGTERM";
    if (w->json)
        corm__json_line(w->context, json_pack("{s:s, s:s}", "state", "cancelled", "code",
                                              number ? what : corm_status_name(error->status)));
    else if (number && !w->quiet)
        corm_context_fail(w->context, 128 + number, "ended by %s", what);
}

/* --- --require=migrated --- */

static int count_pending(waiting *w, corm_db *db, corm_arena *arena, corm_plan *plan,
                         corm_error_info *error) {
    corm_applied *applied;
    size_t n;
    if (corm__recorder_load(db, arena, &applied, &n)) {
        *error = *corm_error(db);
        return error->status;
    }
    corm_graph *graph = corm__graph_load_for(w->context->apps, applied, n, arena, error);
    int status = graph ? corm__refuse_newer(graph, applied, n, arena, error) : error->status;
    return status ? status : corm__plan(graph, applied, n, NULL, NULL, arena, plan, error);
}

static int migrated(void *context, const char *alias, corm_error_info *error) {
    waiting *w = context;
    corm_arena arena = { 0 };
    corm_plan plan = { 0 };
    corm_db *db = corm_open_with(w->settings, alias);
    int status = 0;
    if (corm_failed(db)) {
        *error = *corm_error(db);
        status = error->status;
    } else {
        status = count_pending(w, db, &arena, &plan, error);
    }
    if (!status && plan.n > 0) {
        const corm_migration *next = plan.steps[0].migration;
        corm__fail(error, CORM_ERROR_STARTING, "%zu migration%s pending, %s.%s first", plan.n,
                   plan.n == 1 ? " is" : "s are", next->app, next->name);
    }
    corm_close(db);
    corm__arena_release(&arena);
    return status ? status : plan.n == 0;
}

/* --- the command --- */

static bool read_require(waiting *w, const char *require, corm_wait_options *options) {
    if (!require || strcmp(require, "connect") == 0) return true;
    if (strcmp(require, "writable") == 0) options->require = CORM_REQUIRE_WRITABLE;
    if (strncmp(require, "table:", 6) == 0) {
        options->require = CORM_REQUIRE_TABLE;
        options->require_table = require + 6;
    }
    if (strcmp(require, "migrated") != 0) return true;
    options->require = CORM_REQUIRE_MIGRATED;
    options->migrated = migrated;
    if (!w->context->project) {
        corm_context_fail(w->context, CORM_EXIT_USAGE,
                          "--require=migrated needs a project with migrations");
        return false;
    }
    corm_error_info error;
    bool sound = corm__graph_load(w->context->apps, &w->context->arena, &error);
    if (!sound) corm_context_fail_db(w->context, &error);
    return sound;
}

static corm_missing_db read_missing(const char *name) {
    static const char *const names[] = { "wait", "fail", "ok", "create" };
    for (int i = 0; name && i < 4; i++)
        if (strcmp(names[i], name) == 0) return (corm_missing_db)i;
    return CORM_MISSING_DB_WAIT;
}

static int wait_until_ready(waiting *w, corm_wait_options *options) {
    handlers before;
    corm_error_info error;
    if (!catch_signals(&before))
        return corm_context_fail(w->context, CORM_EXIT_SYSTEM, "no file descriptor is left");
    options->cancel_fd = signal_pipe[0];
    pthread_mutex_init(&w->terminal, NULL);
    if (!w->quiet && !w->json) {
        fputs("Waiting for database...\n", w->out);
        fflush(w->out);
    }
    start_spinner(w);
    int status = corm_wait_for_db(w->settings, options, &error);
    stop_spinner(w);
    pthread_mutex_destroy(&w->terminal);
    int number = caught;
    release_signals(&before);
    /* A signal in the last moment counts too: whoever sent it wants this process to end. */
    if (number) report_end(w, &error, number);
    if (number) return 128 + number;
    if (status && !w->exit_status) return corm_context_fail_db(w->context, &error);
    return w->exit_status;
}

static int run(corm_context *context) {
    waiting w = { .context = context,
                  .quiet = corm_flag(context, "quiet"),
                  .json = corm_flag(context, "json") };
    const char *const *command = corm_argument_count(context) > 0 ? context->given.arguments : NULL;
    const char *const *aliases = corm_option_list(context, "database");
    w.out = command ? stderr : stdout;
    w.several = aliases[0] && aliases[1];
    corm_wait_options options = {
        .aliases = aliases[0] ? aliases : NULL,
        .timeout = corm_option_number(context, "timeout", -1),
        .attempt_timeout = corm_option_number(context, "attempt-timeout", 0),
        .retry_auth = corm_option_number(context, "retry-auth", 0),
        .missing_db = read_missing(corm_option_value(context, "missing-db")),
        .report = report,
        .context = &w,
    };
    w.settings = corm_context_settings(context);
    if (!w.settings) return corm_context_status(context);
    if (!read_require(&w, corm_option_value(context, "require"), &options))
        return corm_context_status(context);
    int status = wait_until_ready(&w, &options);
    return status || !command ? status : corm__exec(context, command, NULL, NULL);
}

static const corm_option options[] = {
    { "database", 0, CORM_OPTION_LIST, "ALIAS", NULL,
      "the database to wait for; may be repeated: all of them, in parallel" },
    { "timeout", 0, CORM_OPTION_SECONDS, "SECONDS", NULL,
      "give up after this time, 60 by default; 0: never" },
    { "attempt-timeout", 0, CORM_OPTION_SECONDS, "SECONDS", NULL, "for one try, 3 by default" },
    { "require", 0, CORM_OPTION_TEXT, "WHAT", "connect|writable|table:NAME|migrated",
      "what ready means" },
    { "missing-db", 0, CORM_OPTION_TEXT, "WHAT", "wait|fail|ok|create",
      "what to do when the server has no such database; wait by default" },
    { "retry-auth", 0, CORM_OPTION_SECONDS, "SECONDS", NULL,
      "try again for this long when the password is refused: a role that is made later" },
    { "quiet", 'q', CORM_OPTION_FLAG, NULL, NULL, "print nothing but what fails" },
    { "json", 0, CORM_OPTION_FLAG, NULL, NULL, "print events as lines of JSON" },
    { 0 },
};
const corm_command corm__cmd_wait_for_db = {
    "wait_for_db",
    "Waits until the database answers",
    "[-- PROGRAM [ARGUMENT...]]",
    "With a PROGRAM, becomes it once the database is ready (messages then go to standard "
    "error).\n\n"
    "Exit status: 0 ready, 4 the database is newer than the program, 64 wrong usage, 65 not a "
    "database, 69 no such database,\n"
    "74 input or output, 76 TLS or protocol, 77 authentication or permission, 78 settings, 124 not "
    "ready in time,\n"
    "126 and 127 the program cannot be run or is not there, 130 and 143 ended by SIGINT or "
    "SIGTERM.",
    options,
    run
};
