/* One try of wait_for_db in a thread of its own, so that a deadline or a cancellation holds even while the system resolves a name or a server that
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

/* NULL and *error filled when it cannot be started. Give it back with take or abandon. */
corm_attempt *corm__attempt_start(const corm_attempt_spec *spec, corm_error_info *error);
/* Readable once it has ended. */
int corm__attempt_fd(const corm_attempt *attempt);
bool corm__attempt_ended(const corm_attempt *attempt);
/* The result of one that has ended; frees it. 0 ready, else the status and *error. *gate: the database answers, but is not yet what was asked for. */
int corm__attempt_take(corm_attempt *attempt, corm_error_info *error, bool *gate);
/* Tells it to stop, and forgets it: it frees itself when it ends. NULL-safe. */
void corm__attempt_abandon(corm_attempt *attempt);
