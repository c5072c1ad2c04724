/* wait_for_db: waits until a database answers, and tells "not yet" from "never". */
#pragma once
#pragma GCC system_header
#include <corm/begin.h>
#include <corm/settings.h>

CORM__BEGIN

typedef enum corm_wait_state {
    CORM_WAIT_WAITING = 1,  /* not yet: retrying */
    CORM_WAIT_READY,
    CORM_WAIT_FAILED        /* never: fatal, or the deadline passed */
} corm_wait_state;

/* What happened; passed to the report callback when the state or its reason changes, and every 10
 * s. */
typedef struct corm_wait_event {
    corm_wait_state state;
    const char *alias;
    const char *where;          /* "postgresql://app@db:5432/shop", never a password */
    const corm_error_info *error;  /* why not yet, or why never; NULL when ready */
    int attempt;                /* from 1 */
    double elapsed;             /* seconds since the start */
    const char *hint;           /* what to do, or NULL */
    int exit_status;            /* READY: 0; FAILED: 76 77 78 124 … (sysexits.h, timeout(1)) */
} corm_wait_event;

typedef enum corm_wait_require {
    CORM_REQUIRE_CONNECT = 0,
    CORM_REQUIRE_WRITABLE,
    CORM_REQUIRE_TABLE,
    CORM_REQUIRE_MIGRATED
} corm_wait_require;
typedef enum corm_missing_db {
    CORM_MISSING_DB_WAIT = 0,
    CORM_MISSING_DB_FAIL,
    CORM_MISSING_DB_OK,
    CORM_MISSING_DB_CREATE
} corm_missing_db;

typedef struct corm_wait_options {
    /* NULL-terminated, waited for in parallel; NULL: the default database */
    const char *const *aliases;
    /* seconds for all of it; 0: for ever; negative: the default, 60 */
    double timeout;
    double attempt_timeout;         /* seconds for one try; 0: the default, 3 */
    /* seconds during which a refused password is retried; 0: 2 tries at least 1 s apart */
    double retry_auth;
    corm_wait_require require;
    const char *require_table;
    /* CORM_REQUIRE_MIGRATED: 1 when no migration is pending, 0 when one is, negative on error:
     * CORM_ERROR_NEWER and CORM_ERROR_MIGRATION end the waiting. */
    int (*migrated)(void *context, const char *alias, corm_error_info *error);
    corm_missing_db missing_db;
    int cancel_fd;                  /* readable: stop with CORM_ERROR_CANCELLED. 0 or -1: none */
    void (*report)(void *context, const corm_wait_event *event);
    void *context;
    /* For tests: one try (0 ready, else status and *error filled), a monotonic clock in seconds,
     * and a sleep that returns early when cancelled. NULL: the real ones. */
    int (*check)(void *context, const char *alias, double timeout, corm_error_info *error);
    double (*clock)(void *context);
    void (*sleep)(void *context, double seconds);
} corm_wait_options;

/* Waits. options may be NULL. All callbacks are called in this thread; the tries run in threads of
 * their own, without signals. 0 when all databases are ready; else the status of the first that
 * failed, with *error filled (CORM_ERROR_TIMEOUT when the deadline passed: error->message says what
 * was wrong last, not counting a try that the deadline cut short). */
int corm_wait_for_db(const corm_settings *settings, const corm_wait_options *options,
                     corm_error_info *error);
/* The exit status for a status of corm_wait_for_db: 0, 4 the database is newer than the program, 76
 * TLS or protocol, 77 authentication, 78 settings, 124 timeout; else one of sysexits.h, or 1. */
int corm_wait_exit_status(int status);

CORM__END
