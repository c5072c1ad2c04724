/* Transactions. The handle counts open begins: the first is BEGIN, each further one SAVEPOINT
 * corm_<depth>, and so is the first in a transaction that was begun by hand. `broken` says that
 * only the end of the level is taken, which is then a rollback; to a savepoint it mends, unless the
 * engine has dropped the whole transaction, in which case all levels are broken. On-commit hooks
 * carry the depth at which they were registered: a commit of a savepoint hands them to the level
 * above, a rollback drops them. */
#include "base/clock.h"
#include "base/error.h"
#include "db/internal.h"
#include <stdio.h>
#include <stdlib.h>

enum { ATTEMPTS = 10, PLAN_ATTEMPTS = 3 };

typedef struct corm_commit_hook {
    struct corm_commit_hook *next; /* registered before this one */
    int depth;
    void (*fn)(void *argument);
    void *argument;
} corm_commit_hook;

void corm__hooks_drop(corm_db *db, int depth) {
    while (db->hooks && db->hooks->depth >= depth) {
        corm_commit_hook *hook = db->hooks;
        db->hooks = hook->next;
        free(hook);
    }
}

/* In the order of registration. A hook may use the handle: what it registers or leaves as an error
 * is its own affair. */
static void run_hooks(corm_db *db) {
    corm_commit_hook *ordered = NULL;
    for (corm_commit_hook *hook = db->hooks, *next; hook; hook = next) {
        next = hook->next;
        hook->next = ordered;
        ordered = hook;
    }
    db->hooks = NULL;
    if (!ordered) return;
    for (corm_commit_hook *next; ordered; ordered = next) {
        next = ordered->next;
        ordered->fn(ordered->argument);
        free(ordered);
    }
    corm__error_clear(&db->error);
}

int corm_on_commit(corm_db *db, void (*fn)(void *argument), void *argument) {
    int status = corm__db_enter(db);
    if (status) return status;
    if (db->depth == 0) {
        fn(argument);
        return 0;
    }
    corm_commit_hook *hook = malloc(sizeof *hook);
    if (!hook) return corm__fail_memory(&db->error);
    *hook =
        (corm_commit_hook){ .next = db->hooks, .depth = db->depth, .fn = fn, .argument = argument };
    db->hooks = hook;
    return 0;
}

static int run_savepoint(corm_db *db, const char *verb, int depth) {
    char sql[64];
    snprintf(sql, sizeof sql, "%s corm_%d", verb, depth);
    return corm__run(db, sql);
}

int corm_begin(corm_db *db) {
    int status = corm__db_enter(db);
    if (status) return status;
    bool inside = db->backend->in_transaction(db->conn);
    status = inside ? run_savepoint(db, "SAVEPOINT", db->depth + 1) : corm__run(db, "BEGIN");
    if (!status && db->depth++ == 0) db->by_hand = inside;
    return status;
}

static bool is_savepoint(const corm_db *db) { return db->depth > 1 || db->by_hand; }

/* Both ends of a transaction are taken while it is broken. */
static int enter_end(corm_db *db, const char *call) {
    if (!db) return CORM_ERROR_MEMORY;
    if (db->open_failed) return db->error.status;
    corm__error_clear(&db->error);
    if (db->depth == 0)
        return corm__db_fail(db, CORM_ERROR_USAGE, "%s: no transaction is open", call);
    return 0;
}

static int commit_savepoint(corm_db *db) {
    int status = run_savepoint(db, "RELEASE SAVEPOINT", db->depth);
    if (status) return status;
    db->depth--;
    for (corm_commit_hook *hook = db->hooks; hook && hook->depth > db->depth; hook = hook->next)
        hook->depth = db->depth;
    if (db->depth == 0) run_hooks(db);
    return 0;
}

static int commit_all(corm_db *db) {
    int status = corm__run(db, "COMMIT");
    if (status == CORM_ERROR_CONNECTION && !db->error.hint[0])
        corm__error_hint(&db->error, "The connection was lost during the commit: look whether it "
                                     "has happened before doing it again.");
    if (status) return status;
    db->depth = 0;
    run_hooks(db);
    return 0;
}

int corm_commit(corm_db *db) {
    int status = enter_end(db, "corm_commit");
    if (status) return status;
    if (corm__ended(db) || db->broken)
        status = corm__fail_broken(db, "was rolled back");
    else
        status = is_savepoint(db) ? commit_savepoint(db) : commit_all(db);
    return status ? corm__end(db, status) : 0;
}

static int roll_back_savepoint(corm_db *db) {
    int status = run_savepoint(db, "ROLLBACK TO SAVEPOINT", db->depth);
    if (!status) status = run_savepoint(db, "RELEASE SAVEPOINT", db->depth);
    if (!status) db->broken = false;
    return status;
}

int corm_rollback(corm_db *db) {
    int status = enter_end(db, "corm_rollback");
    if (status) return status;
    corm__hooks_drop(db, db->depth);
    bool ended = corm__ended(db);
    if (db->backend->in_transaction(db->conn))
        status = is_savepoint(db) ? roll_back_savepoint(db) : corm__run(db, "ROLLBACK");
    /* The engine knows the savepoint no more: nothing of the level is to stay all the same. */
    if (status && is_savepoint(db) && db->backend->in_transaction(db->conn))
        ended = !(status = corm__run(db, "ROLLBACK"));
    /* A connection that is lost has taken its transaction with it. */
    bool gone = !db->backend->in_transaction(db->conn);
    if (status && !gone) return status;
    corm__error_clear(&db->error);
    db->depth--;
    if (db->depth == 0)
        db->broken = false;
    else if (gone)
        corm__break(db);
    /* What it was to undo may have been committed. */
    return ended ? corm__fail_broken(db, "was rolled back") : 0;
}

int corm__end(corm_db *db, int status) {
    if (!status) return corm_commit(db);
    corm_error_info error = db->error;
    corm_rollback(db);
    db->error = error;
    return status;
}

int corm_transaction_depth(const corm_db *db) { return db ? db->depth : 0; }

/* Rolls back to below depth, keeping the error that led to it. */
static void unwind(corm_db *db, int depth) {
    corm_error_info error = db->error;
    for (int before = db->depth + 1; db->depth >= depth && db->depth < before; before--)
        corm_rollback(db);
    db->error = error;
}

static bool is_collision(int status) {
    return status == CORM_ERROR_SERIALIZATION || status == CORM_ERROR_DEADLOCK;
}

/* *collided: a collision is what failed, whatever the function made of it. */
static int run_once(corm_db *db, int (*fn)(corm_db *db, void *argument), void *argument,
                    bool *collided) {
    int status = corm_begin(db);
    if (status) return status;
    int depth = db->depth;
    status = fn(db, argument);
    *collided = db->broken && is_collision(db->failed);
    if (!status && db->depth != depth)
        status =
            corm__db_fail(db, CORM_ERROR_USAGE,
                          "corm_atomic: the function left %d transactions open where it found %d",
                          db->depth, depth);
    if (!status) status = corm_commit(db);
    *collided = is_collision(status) || (*collided && status == CORM_ERROR_TRANSACTION);
    if (status) unwind(db, depth);
    return status;
}

/* Doubles from 5 ms to 640 ms, and takes a random part of that: whoever collided shall not collide
 * again. */
static double pause_after(int attempt) {
    double longest = 0.005 * (double)(1 << (attempt < 8 ? attempt - 1 : 7));
    return longest * (0.25 + 0.75 * corm__jitter());
}

int corm_atomic(corm_db *db, int (*fn)(corm_db *db, void *argument), void *argument) {
    int status = corm__db_enter(db);
    if (status) return status;
    bool outermost = !db->backend->in_transaction(db->conn);
    for (int attempt = 1;; attempt++) {
        bool collided = false;
        status = run_once(db, fn, argument, &collided);
        bool refused = status < 0 && status == db->error.status && attempt < PLAN_ATTEMPTS &&
                       corm__statement_refused(&db->error);
        if (!(collided || refused) || !outermost || attempt == ATTEMPTS) return status;
        if (refused)
            corm__statements_forget(db->statements, db->backend);
        else
            corm__sleep(pause_after(attempt));
    }
}
