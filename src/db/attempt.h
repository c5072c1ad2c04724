/* The tries of wait_for_db for one database, in a thread of their own, so that a deadline or a cancellation holds even while the system resolves a name or a server that
 * accepted does not answer. */
#pragma once
#include "db/db.h"

typedef struct corm_attempt corm_attempt;

typedef struct corm_attempt_spec {
    const corm_backend *backend;
    corm_connect_options options;   /* copied at the start: nothing of the caller's is used later. cancel_fd is not used */
    bool writable;                  /* refuse a server in recovery or read-only */
    bool create;                    /* make the database when it is missing */
    const char *table;              /* must be there, "schema.name" where the engine has schemas; or NULL */
} corm_attempt_spec;

/* A thread that tries when told to. NULL and *error filled when it cannot be started. */
corm_attempt *corm__attempt_new(const corm_attempt_spec *spec, corm_error_info *error);
/* Tells it to stop whatever it does, and forgets it: it frees itself when it ends. NULL-safe. */
void corm__attempt_free(corm_attempt *attempt);
/* Begins a try, after the first one or when the result of the one before was taken. */
void corm__attempt_start(corm_attempt *attempt, int timeout_ms);
/* Readable once the try has ended. */
int corm__attempt_fd(const corm_attempt *attempt);
bool corm__attempt_ended(const corm_attempt *attempt);
/* The result of a try that has ended. 0 ready, else the status and *error. *gate: the database answers, but is not yet what was asked for. */
int corm__attempt_take(corm_attempt *attempt, corm_error_info *error, bool *gate);
