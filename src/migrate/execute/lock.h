/* The lock of a database for migrating: one process at a time, on whichever machine.
 *
 * Where a session's lock holds, it is that, on a connection of its own: gone with its process.
 * Where it does not (behind a pooler of transactions, in a cluster) it is a lease: a row of
 * corm_migrations_lock that expires by the server's clock unless a thread renews it. A holder that
 * lost its lease without noticing is stopped by corm__lock_check, whose statement is part of what
 * it would commit. Both exclude each other. */
#pragma once
#include "db/db.h"

typedef struct corm_migration_lock corm_migration_lock;

typedef struct corm_lock_terms {
    corm_db *db;                    /* whose database it is; works on it while the lock is held */
    /* to connect with; NULL: the lock is held on db's own connection */
    const corm_settings *settings;
    const char *alias;
    double timeout;                 /* seconds; 0: waits for ever */
    void (*waiting)(void *context, const char *holder, double seconds);
    /* From a thread, while db waits for a lock of a table: who has it. */
    void (*blocked)(void *context, const char *who);
    void *context;
} corm_lock_terms;

/* NULL and the error on terms->db when it cannot be had. */
corm_migration_lock *corm__lock_acquire(const corm_lock_terms *terms);
/* NULL-safe. The error on the handle stays. */
void corm__lock_release(corm_migration_lock *lock);
/* Before each commit, in its transaction: CORM_ERROR_LOCKED when the lock was lost. */
int corm__lock_check(corm_migration_lock *lock);
/* Between begin and end somebody watches who keeps the handle waiting. session: its number, 0: not
 * known. */
void corm__lock_watch_begin(corm_migration_lock *lock, int64_t session);
void corm__lock_watch_end(corm_migration_lock *lock);
