/* wait_for_db: one loop over all databases, in the caller's thread.
 *
 * Each database is either trying (a thread of its own does it, attempt.h) or pausing until its next
 * try. The loop starts what is due, takes what has ended, judges it, and sleeps until the next of
 * these moments, the deadline or a cancellation. A failure is judged to be CHEAP   refused, no
 * socket, starting up: pause for a fiftieth of the time waited, 10 ms to 500 ms, so that a late
 * database is seen at once; GATE    it answers but is not yet what was asked for: the same, 100 ms
 * at least, since each try opens a connection; SLOW    a time-out, too many connections, a refused
 * password: double the pause up to 2 s; FATAL   waiting cannot help. A try that overruns its time
 * (a name that does not resolve) is left alone with its thread and counts as a time-out; a few at
 * most are left so. */
#include "base/clock.h"
#include "base/error.h"
#include "db/attempt.h"
#include "settings/settings_internal.h"
#include <corm/wait.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TIMEOUT 60.0
#define DEFAULT_ATTEMPT 3.0
#define GRACE 0.1 /* the driver ends an attempt by itself, with a better message */
enum { MAX_STUCK = 4 };

typedef enum verdict { READY, CHEAP, GATE, SLOW, FATAL } verdict;

typedef struct waiter {
    const char *alias, *where, *host;
    corm_attempt_spec spec;
    corm_attempt *attempt, *stuck[MAX_STUCK];
    bool trying;
    double try_began, next_try;
    int tries, slow_tries;
    int refusals; /* of the password, in a row */
    double refused_since;
    bool done;
    corm_error_info error; /* of the last try */
    corm_error_info cause; /* of the last try that had its whole time */
    corm_error_info told;  /* the failure that was reported last */
    double told_at;
} waiter;

typedef struct waiting {
    const corm_settings *settings;
    corm_wait_options options;
    double start, deadline; /* deadline 0: none */
    waiter *waiters;
    size_t n;
    struct pollfd *polled; /* cancel_fd, then the attempts */
} waiting;

static double now(const waiting *w) {
    return w->options.clock ? w->options.clock(w->options.context) : corm__clock();
}

int corm_wait_exit_status(int status) {
    switch (status) {
    case CORM_OK: return 0;
    case CORM_ERROR_TLS:
    case CORM_ERROR_PROTOCOL: return 76;
    case CORM_ERROR_AUTHENTICATION:
    case CORM_ERROR_PERMISSION:
    case CORM_ERROR_READ_ONLY: return 77;
    case CORM_ERROR_SETTINGS: return 78;
    case CORM_ERROR_TIMEOUT: return 124;
    case CORM_ERROR_USAGE: return 64;
    case CORM_ERROR_CORRUPT:
    case CORM_ERROR_MIGRATION: return 65;
    case CORM_ERROR_MEMORY: return 71;
    case CORM_ERROR_NEWER: return 4;
    case CORM_ERROR_NO_DATABASE:
    case CORM_ERROR_UNSUPPORTED: return 69;
    case CORM_ERROR_IO: return 74;
    default: return 1;
    }
}

/* --- judging --- */

static verdict judge_refusal(const waiting *w, waiter *one, double at) {
    if (one->refusals++ == 0) one->refused_since = at;
    double patience = w->options.retry_auth > 1 ? w->options.retry_auth : 1;
    return one->refusals >= 2 && at - one->refused_since >= patience - 0.001 ? FATAL : SLOW;
}

static verdict judge_missing(const waiting *w, const waiter *one) {
    bool file = one->spec.backend && one->spec.backend->features->file;
    switch (w->options.missing_db) {
    case CORM_MISSING_DB_OK: return READY;
    case CORM_MISSING_DB_FAIL: return FATAL;
    case CORM_MISSING_DB_CREATE: return SLOW;
    case CORM_MISSING_DB_WAIT: break;
    }
    if (!file) return SLOW;
    /* The first connection makes the file; only what shall be in it is worth waiting for. */
    return w->options.require == CORM_REQUIRE_TABLE || w->options.require == CORM_REQUIRE_MIGRATED
               ? GATE
               : READY;
}

static verdict judge(const waiting *w, waiter *one, int status, bool gate, double at) {
    bool file = one->spec.backend && one->spec.backend->features->file;
    if (status != CORM_ERROR_AUTHENTICATION) one->refusals = 0;
    if (status == 0) return READY;
    if (gate) return GATE;
    switch (status) {
    case CORM_ERROR_AUTHENTICATION: return judge_refusal(w, one, at);
    case CORM_ERROR_NO_DATABASE: return judge_missing(w, one);
    case CORM_ERROR_TLS:
    case CORM_ERROR_PROTOCOL:
    case CORM_ERROR_SETTINGS:
    case CORM_ERROR_USAGE:
    case CORM_ERROR_MEMORY:
    case CORM_ERROR_UNSUPPORTED:
    case CORM_ERROR_PERMISSION:
    case CORM_ERROR_MIGRATION:
    case CORM_ERROR_NEWER: return FATAL;
    case CORM_ERROR_CONNECTION:
    case CORM_ERROR_STARTING:
    case CORM_ERROR_LOCKED: return corm__wait_is_cheap(status, at - one->try_began) ? CHEAP : SLOW;
    default: return file ? FATAL : SLOW;
    }
}

static double pause_after(const waiting *w, waiter *one, verdict what, double at) {
    if (what != SLOW) {
        one->slow_tries = 0;
        return corm__wait_cheap_pause(at - w->start, what == GATE ? 0.1 : 0.01);
    }
    double pause = 0.25 * (double)(1 << (one->slow_tries < 3 ? one->slow_tries : 3));
    one->slow_tries++;
    if (one->error.status == CORM_ERROR_AUTHENTICATION && pause < 1) pause = 1;
    pause *= 1 + 0.2 * corm__jitter();
    return pause > 2 ? 2 : pause;
}

/* --- reporting --- */

static const char *hint_for(const waiting *w, const waiter *one, char *out, size_t size,
                            double elapsed) {
    switch (one->error.status) {
    case CORM_ERROR_AUTHENTICATION:
        return w->options.retry_auth > 0
                   ? "check DB_USER and DB_PASS (or DATABASE_URL)"
                   : "check DB_USER and DB_PASS (or DATABASE_URL); --retry-auth=SECONDS waits for "
                     "a role that is made later";
    case CORM_ERROR_NO_DATABASE:
        if (one->error.hint[0]) return one->error.hint;
        return w->options.missing_db == CORM_MISSING_DB_CREATE
                   ? NULL
                   : "create it, check DB_NAME, or use --missing-db=create";
    case CORM_ERROR_TLS:
        return one->error.hint[0]
                   ? one->error.hint
                   : "check DB_SSLMODE and DB_SSLROOTCERT, and what the server offers";
    case CORM_ERROR_CONNECTION:
    case CORM_ERROR_TIMEOUT:
        if (elapsed < CORM_WAIT_REPORT_EVERY ||
            (one->spec.backend && one->spec.backend->features->file))
            break;
        corm__error_set(out, size,
                        "is the host name right (DB_HOST is %s), and does the server run? In a "
                        "container the host is the name of the "
                        "database's service",
                        one->host ? one->host : "not set");
        return out;
    case CORM_ERROR_STARTING:
        if (one->error.sqlstate[0])
            return NULL; /* the server says so: waiting is what there is to do */
        break;
    default: break;
    }
    return one->error.hint[0] ? one->error.hint : NULL;
}

static int tries_of(const waiter *one) {
    return one->tries + (one->trying ? corm__attempt_tries(one->attempt) : 0);
}

static void report(const waiting *w, waiter *one, corm_wait_state state,
                   const corm_error_info *error, double at) {
    one->told = one->error;
    one->told_at = at;
    if (!w->options.report) return;
    char hint[512];
    corm_wait_event event = { .state = state,
                              .alias = one->alias,
                              .where = one->where,
                              .attempt = tries_of(one),
                              .elapsed = at - w->start };
    if (state != CORM_WAIT_READY) {
        event.error = error;
        event.hint = hint_for(w, one, hint, sizeof hint,
                              state == CORM_WAIT_FAILED ? CORM_WAIT_REPORT_EVERY : event.elapsed);
    }
    if (state == CORM_WAIT_FAILED) event.exit_status = corm_wait_exit_status(error->status);
    w->options.report(w->options.context, &event);
}

/* --- trying --- */

/* The deadline comes in the middle of a try, which then says nothing of what keeps the database
 * from being ready. */
static bool was_cut_short(const waiting *w, const waiter *one, double at) {
    bool no_answer = one->error.status == CORM_ERROR_TIMEOUT ||
                     one->error.status == CORM_ERROR_CONNECTION;
    return no_answer && w->deadline && at >= w->deadline - GRACE &&
           one->try_began + w->options.attempt_timeout > w->deadline;
}

static verdict settle(const waiting *w, waiter *one, int status, bool gate) {
    double at = now(w);
    one->error.status = status;
    if (!one->cause.status || !was_cut_short(w, one, at)) one->cause = one->error;
    verdict what = judge(w, one, status, gate, at);
    if (what == READY) {
        one->done = true;
        report(w, one, CORM_WAIT_READY, NULL, at);
    } else if (what == FATAL) {
        report(w, one, CORM_WAIT_FAILED, &one->error, at);
    } else {
        one->next_try = at + pause_after(w, one, what, at);
        if (!was_cut_short(w, one, at) &&
            corm__wait_is_news(&one->error, &one->told, at - one->told_at))
            report(w, one, CORM_WAIT_WAITING, &one->error, at);
    }
    return what;
}

/* The gate that the caller's function answers. */
static int check_migrated(const waiting *w, waiter *one, bool *gate) {
    if (w->options.require != CORM_REQUIRE_MIGRATED || !w->options.migrated) return 0;
    int migrated = w->options.migrated(w->options.context, one->alias, &one->error);
    if (migrated > 0) return 0;
    *gate = migrated == 0;
    if (*gate && !one->error.status)
        corm__fail(&one->error, CORM_ERROR_STARTING, "migrations are pending");
    return one->error.status ? (int)one->error.status : CORM_ERROR_DATABASE;
}

static verdict take(const waiting *w, waiter *one) {
    bool gate = false;
    one->tries = tries_of(one);
    one->try_began = corm__attempt_began(one->attempt);
    one->trying = false;
    int status = corm__attempt_take(one->attempt, &one->error, &gate);
    if (!status) {
        corm__error_clear(&one->error);
        status = check_migrated(w, one, &gate);
    }
    return settle(w, one, status, gate);
}

static bool has_room(waiter *one, size_t *slot) {
    bool room = false;
    for (size_t i = 0; i < MAX_STUCK; i++) {
        if (one->stuck[i] && corm__attempt_ended(one->stuck[i])) {
            corm__attempt_free(one->stuck[i]);
            one->stuck[i] = NULL;
        }
        if (one->stuck[i]) continue;
        room = true;
        *slot = i;
    }
    return room;
}

static verdict check_by_caller(const waiting *w, waiter *one, double at) {
    double seconds = w->options.attempt_timeout;
    if (w->deadline && w->deadline - at < seconds) seconds = w->deadline - at;
    one->tries++;
    one->try_began = at;
    corm__error_clear(&one->error);
    bool gate = false;
    int status = w->options.check(w->options.context, one->alias, seconds, &one->error);
    if (!status) status = check_migrated(w, one, &gate);
    return settle(w, one, status, gate);
}

static verdict begin_try(const waiting *w, waiter *one, double at) {
    size_t slot;
    if (!has_room(one, &slot)) {
        one->next_try = at + 0.5;
        return SLOW;
    }
    if (w->options.check) return check_by_caller(w, one, at);
    if (!one->attempt) one->attempt = corm__attempt_new(&one->spec, &one->error);
    if (!one->attempt) return settle(w, one, one->error.status, false);
    corm_attempt_terms terms = { w->options.attempt_timeout, w->start, w->deadline, one->told,
                                 one->told_at };
    corm__attempt_start(one->attempt, &terms);
    one->trying = true;
    return SLOW;
}

static verdict overrun(const waiting *w, waiter *one) {
    for (size_t i = 0; i < MAX_STUCK; i++)
        if (!one->stuck[i]) {
            one->stuck[i] = one->attempt;
            break;
        }
    one->tries = tries_of(one);
    one->attempt = NULL;
    one->trying = false;
    corm__fail(&one->error, CORM_ERROR_TIMEOUT, "%s does not answer: no result within %g s",
               one->where, w->options.attempt_timeout);
    return settle(w, one, CORM_ERROR_TIMEOUT, false);
}

static double overrun_at(const waiting *w, const waiter *one) {
    return corm__attempt_began(one->attempt) + w->options.attempt_timeout + GRACE;
}

static verdict advance(const waiting *w, waiter *one) {
    double at = now(w);
    if (one->trying && corm__attempt_ended(one->attempt)) return take(w, one);
    if (one->trying && at >= overrun_at(w, one)) return overrun(w, one);
    if (!one->trying && at >= one->next_try) return begin_try(w, one, at);
    return SLOW;
}

/* --- the loop --- */

static bool cancelled(const waiting *w) {
    struct pollfd cancel = { .fd = w->options.cancel_fd, .events = POLLIN };
    return cancel.fd >= 0 && poll(&cancel, 1, 0) > 0;
}

static double next_moment(const waiting *w, double at) {
    double moment = w->deadline ? w->deadline : at + 60;
    for (size_t i = 0; i < w->n; i++) {
        const waiter *one = &w->waiters[i];
        double due = one->trying ? overrun_at(w, one) : one->next_try;
        if (!one->done && due < moment) moment = due;
    }
    return moment;
}

static void rest(const waiting *w) {
    double at = now(w), seconds = next_moment(w, at) - at;
    if (seconds < 0) seconds = 0;
    if (w->options.sleep) {
        w->options.sleep(w->options.context, seconds);
        return;
    }
    w->polled[0] = (struct pollfd){ .fd = w->options.cancel_fd, .events = POLLIN };
    for (size_t i = 0; i < w->n; i++)
        w->polled[i + 1] =
            (struct pollfd){ .fd = w->waiters[i].trying ? corm__attempt_fd(w->waiters[i].attempt)
                                                        : -1,
                             .events = POLLIN };
    struct timespec time = { .tv_sec = (time_t)seconds,
                             .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9) };
    ppoll(w->polled, w->n + 1, &time, NULL); /* an interruption only looks again */
}

static int time_out(const waiting *w, corm_error_info *error) {
    double at = now(w);
    int status = 0;
    for (size_t i = 0; i < w->n; i++) {
        waiter *one = &w->waiters[i];
        if (one->done) continue;
        if (one->cause.status) one->error = one->cause;
        const char *why = one->error.message[0] ? one->error.message : "no answer";
        corm_error_info late;
        corm__fail(&late, CORM_ERROR_TIMEOUT, "%s is not ready after %g s: %s", one->where,
                   w->options.timeout, why);
        memcpy(late.sqlstate, one->error.sqlstate, sizeof late.sqlstate);
        const char *hint = hint_for(w, one, late.hint, sizeof late.hint, CORM_WAIT_REPORT_EVERY);
        if (hint && hint != late.hint) corm__error_hint(&late, "%s", hint);
        report(w, one, CORM_WAIT_FAILED, &late, at);
        if (!status) *error = late;
        status = CORM_ERROR_TIMEOUT;
    }
    return status;
}

static int loop(const waiting *w, corm_error_info *error) {
    for (;;) {
        if (cancelled(w))
            return corm__fail(error, CORM_ERROR_CANCELLED, "%s",
                              corm_status_text(CORM_ERROR_CANCELLED));
        bool all = true;
        for (size_t i = 0; i < w->n; i++) {
            waiter *one = &w->waiters[i];
            if (!one->done && advance(w, one) == FATAL) {
                *error = one->error;
                return error->status;
            }
            all &= one->done;
        }
        if (all) return 0;
        if (w->deadline && now(w) >= w->deadline) return time_out(w, error);
        rest(w);
    }
}

/* --- setting up --- */

static int prepare_waiter(const waiting *w, waiter *one, const char *alias,
                          corm_error_info *error) {
    one->alias = alias;
    one->next_try = w->start;
    const char *where = w->settings ? corm_settings_describe(w->settings, alias) : NULL;
    one->where = where ? where : alias;
    if (w->settings) one->host = corm_settings_get(w->settings, alias, "host");
    if (w->options.check) return 0;
    int status = corm__settings_connect(w->settings, alias, &one->spec.options, error);
    if (status) return status;
    one->spec.backend = corm__backend_find(corm_settings_get(w->settings, alias, "engine"), error);
    if (!one->spec.backend) return error->status;
    one->spec.options.no_create = true;
    /* With these the program itself makes the file, so a missing one is no reason to wait. */
    one->spec.options.creatable = w->options.require == CORM_REQUIRE_CONNECT ||
                                  w->options.require == CORM_REQUIRE_WRITABLE;
    one->spec.writable = w->options.require == CORM_REQUIRE_WRITABLE;
    one->spec.create = w->options.missing_db == CORM_MISSING_DB_CREATE;
    one->spec.table = w->options.require == CORM_REQUIRE_TABLE ? w->options.require_table : NULL;
    return 0;
}

static int prepare(waiting *w, const char *const *aliases, corm_error_info *error) {
    w->waiters = calloc(w->n, sizeof *w->waiters);
    w->polled = calloc(w->n + 1, sizeof *w->polled);
    if (!w->waiters || !w->polled) return corm__fail_memory(error);
    for (size_t i = 0; i < w->n; i++) {
        int status = prepare_waiter(w, &w->waiters[i], aliases[i], error);
        if (!status) continue;
        w->waiters[i].error = *error;
        report(w, &w->waiters[i], CORM_WAIT_FAILED, error, w->start);
        return status;
    }
    return 0;
}

static void release(waiting *w) {
    for (size_t i = 0; w->waiters && i < w->n; i++) {
        corm__attempt_free(w->waiters[i].attempt);
        for (size_t j = 0; j < MAX_STUCK; j++) corm__attempt_free(w->waiters[i].stuck[j]);
    }
    free(w->waiters);
    free(w->polled);
}

int corm_wait_for_db(const corm_settings *settings, const corm_wait_options *options,
                     corm_error_info *error) {
    static const char *const only_default[] = { "default", NULL };
    corm_error_info ignored;
    waiting w = { .settings = settings, .options = { .timeout = -1 } };
    if (!error) error = &ignored;
    if (options) w.options = *options;
    if (w.options.timeout < 0) w.options.timeout = DEFAULT_TIMEOUT;
    if (w.options.attempt_timeout <= 0) w.options.attempt_timeout = DEFAULT_ATTEMPT;
    if (w.options.cancel_fd <= 0) w.options.cancel_fd = -1;
    const char *const *aliases =
        w.options.aliases && w.options.aliases[0] ? w.options.aliases : only_default;
    while (aliases[w.n]) w.n++;
    corm__error_clear(error);
    w.start = now(&w);
    if (w.options.timeout > 0) w.deadline = w.start + w.options.timeout;
    int status = prepare(&w, aliases, error);
    if (!status) status = loop(&w, error);
    release(&w);
    return status;
}
