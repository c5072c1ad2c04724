/* The keeper is a thread that has the lock's connection to itself as long as the lock is held: it
 * renews the lease, sees whether the connection is still there, and while the handle is in a
 * statement asks who keeps it waiting. Without a connection of its own there is no keeper; a lease
 * is then a long one, and renewed before each commit. */
#include "migrate/execute/lock.h"
#include "base/clock.h"
#include "base/error.h"
#include "migrate/execute/lease.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char lock_name[] = "corm_migrate";
/* Held on the handle's own connection: a server goes on with a statement whose client has died, and
 * then nobody else may begin. */
static const char work_name[] = "corm_migrate_work";

enum {
    LEASE_SECONDS = 10,
    LEASE_SECONDS_ALONE = 600,
    KEEP_EVERY_MS = 2000,
    LOOK_EVERY_MS = 500,
    LONGEST_PAUSE_MS = 250
};

struct corm_migration_lock {
    corm_lock_terms terms;
    const corm_backend *backend;
    corm_conn *conn; /* of its own, else NULL */
    bool held, leased, working;
    corm_lease lease;
    /* the keeper */
    bool started;
    pthread_t thread;
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t wake;
    bool quit, lost, watching;
    double watched_since;
    int64_t session;
};

static corm_conn *connection(const corm_migration_lock *lock) {
    return lock->conn ? lock->conn : lock->terms.db->conn;
}

/* --- the keeper --- */

static bool keep(corm_migration_lock *lock) {
    corm_error_info error;
    if (!lock->leased) return lock->backend->exec(lock->conn, "SELECT 1", &error) == 0;
    /* A failure to renew may pass; who has the lease then is seen at the next commit. */
    return corm__lease_renew(&lock->lease, lock->conn, &error) != 0;
}

static void look(corm_migration_lock *lock, int64_t session, char *told, size_t size) {
    char who[512];
    corm_error_info error;
    if (lock->backend->blockers(lock->conn, session, who, sizeof who, &error) <= 0 ||
        strcmp(who, told) == 0)
        return;
    corm__error_set(told, size, "%s", who);
    lock->terms.blocked(lock->terms.context, who);
}

static void wait_ms(corm_migration_lock *lock, long milliseconds) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += milliseconds % 1000 * 1000000;
    until.tv_sec += milliseconds / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&lock->wake, &lock->mutex, &until);
}

static void *keeper(void *argument) {
    corm_migration_lock *lock = argument;
    double kept = corm__clock();
    char told[512] = "";
    double told_for = 0;
    pthread_mutex_lock(&lock->mutex);
    while (!lock->quit) {
        wait_ms(lock, lock->watching ? LOOK_EVERY_MS : KEEP_EVERY_MS);
        if (lock->quit) break;
        double now = corm__clock(), since = lock->watched_since;
        int64_t session = lock->session;
        bool waits = lock->watching && session && now - since >= LOOK_EVERY_MS / 1000.0 &&
                     lock->backend->blockers && lock->terms.blocked;
        bool keeps = !lock->lost && now - kept >= KEEP_EVERY_MS / 1000.0;
        pthread_mutex_unlock(&lock->mutex);
        bool lost = keeps && !keep(lock);
        if (keeps) kept = now;
        if (since != told_for) told[0] = 0; /* another statement: said anew */
        told_for = since;
        if (waits && !lost) look(lock, session, told, sizeof told);
        pthread_mutex_lock(&lock->mutex);
        lock->lost |= lost;
    }
    pthread_mutex_unlock(&lock->mutex);
    return NULL;
}

/* Without signals: those are for the program's own threads. */
static int start_keeper(corm_migration_lock *lock) {
    if (!lock->conn || lock->backend->features->file) return 0;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    lock->started = pthread_create(&lock->thread, NULL, keeper, lock) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return lock->started ? 0
                         : corm__db_fail(lock->terms.db, CORM_ERROR_MEMORY,
                                         "no thread is left to keep the migration lock");
}

static void stop_keeper(corm_migration_lock *lock) {
    if (!lock->started) return;
    pthread_mutex_lock(&lock->mutex);
    lock->quit = true;
    pthread_cond_signal(&lock->wake);
    pthread_mutex_unlock(&lock->mutex);
    pthread_join(lock->thread, NULL);
    lock->started = false;
}

void corm__lock_watch_begin(corm_migration_lock *lock, int64_t session) {
    pthread_mutex_lock(&lock->mutex);
    lock->watching = true;
    lock->session = session;
    lock->watched_since = corm__clock();
    pthread_cond_signal(&lock->wake);
    pthread_mutex_unlock(&lock->mutex);
}

void corm__lock_watch_end(corm_migration_lock *lock) {
    pthread_mutex_lock(&lock->mutex);
    lock->watching = false;
    pthread_mutex_unlock(&lock->mutex);
}

/* --- to have it --- */

static int try_session(corm_migration_lock *lock, char *holder, size_t size,
                       corm_error_info *error) {
    corm_conn *conn = connection(lock);
    int got = lock->backend->lock_try(conn, lock_name, holder, size, error);
    if (got <= 0 || !lock->backend->lock_holds) return got;
    int leased = corm__lease_held(&lock->lease, conn, holder, size, error);
    if (leased == 0) return 1;
    lock->backend->lock_release(conn, lock_name);
    return leased < 0 ? leased : 0;
}

static int try_lock(corm_migration_lock *lock, char *holder, size_t size, corm_error_info *error) {
    if (lock->held) return 1;
    int got = lock->leased ? corm__lease_try(&lock->lease, connection(lock), holder, size, error)
                           : try_session(lock, holder, size, error);
    lock->held = got > 0;
    return got;
}

static int try_both(corm_migration_lock *lock, char *holder, size_t size, corm_error_info *error) {
    int got = try_lock(lock, holder, size, error);
    if (got <= 0 || !lock->conn || lock->leased || lock->backend->features->file) return got;
    got = lock->backend->lock_try(lock->terms.db->conn, work_name, holder, size, error);
    lock->working = got > 0;
    return got;
}

static int give_up(corm_migration_lock *lock, const char *holder) {
    corm_db *db = lock->terms.db;
    corm__db_fail(db, CORM_ERROR_LOCKED,
                  "another process has been migrating this database for more than %g seconds: %s",
                  lock->terms.timeout, *holder ? holder : "it is not known which");
    corm__error_hint(&db->error, "Wait for it to end, or raise --lock-timeout.");
    return CORM_ERROR_LOCKED;
}

static int wait_for(corm_migration_lock *lock) {
    const corm_lock_terms *terms = &lock->terms;
    char holder[CORM_LEASE_TEXT] = "", told[CORM_LEASE_TEXT] = "";
    double start = corm__clock(), pause_ms = 10;
    for (bool first = true;; first = false) {
        int got = try_both(lock, holder, sizeof holder, &terms->db->error);
        if (got < 0) return got;
        if (got > 0) return 0;
        if ((first || strcmp(holder, told) != 0) && terms->waiting)
            terms->waiting(terms->context, holder, corm__clock() - start);
        memcpy(told, holder, sizeof told);
        if (terms->timeout > 0 && corm__clock() - start >= terms->timeout)
            return give_up(lock, holder);
        corm__sleep(pause_ms * (0.5 + 0.5 * corm__jitter()) / 1000);
        pause_ms = pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
    }
}

static int acquire(corm_migration_lock *lock) {
    const corm_lock_terms *terms = &lock->terms;
    corm_db *db = terms->db;
    lock->backend = db->backend;
    int status = terms->settings ? corm__connect(terms->settings, terms->alias, true, true,
                                                 &lock->backend, &lock->conn, &db->error)
                                 : 0;
    if (status) return status;
    int holds =
        lock->backend->lock_holds ? lock->backend->lock_holds(connection(lock), &db->error) : 1;
    if (holds < 0) return holds;
    lock->leased = !holds;
    if (lock->leased && lock->conn &&
        (status = lock->backend->lock_holds(db->conn, &db->error)) < 0)
        return status;
    if (lock->backend->lock_holds)
        corm__lease_init(&lock->lease, lock->backend, lock_name,
                         lock->conn ? LEASE_SECONDS : LEASE_SECONDS_ALONE);
    status = wait_for(lock);
    return status ? status : start_keeper(lock);
}

corm_migration_lock *corm__lock_acquire(const corm_lock_terms *terms) {
    corm_migration_lock *lock = calloc(1, sizeof *lock);
    if (!lock) {
        corm__fail_memory(&terms->db->error);
        return NULL;
    }
    lock->terms = *terms;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&lock->mutex, NULL);
    pthread_cond_init(&lock->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (acquire(lock) == 0) return lock;
    corm__lock_release(lock);
    return NULL;
}

void corm__lock_release(corm_migration_lock *lock) {
    if (!lock) return;
    corm_error_info error = lock->terms.db->error;
    stop_keeper(lock);
    if (lock->working && lock->backend->alive(lock->terms.db->conn))
        lock->backend->lock_release(lock->terms.db->conn, work_name);
    corm_conn *conn = lock->backend ? connection(lock) : NULL;
    if (lock->held && conn && lock->backend->alive(conn)) {
        if (lock->leased)
            corm__lease_release(&lock->lease, conn);
        else
            lock->backend->lock_release(conn, lock_name);
    }
    if (lock->backend) lock->backend->close(lock->conn);
    pthread_cond_destroy(&lock->wake);
    pthread_mutex_destroy(&lock->mutex);
    lock->terms.db->error = error;
    free(lock);
}

static int lost(corm_migration_lock *lock) {
    corm_db *db = lock->terms.db;
    corm__db_fail(db, CORM_ERROR_LOCKED, "the migration lock was lost while migrating: %s",
                  lock->leased ? "this process stood still for too long, and another has taken over"
                               : "the connection that held it is gone");
    corm__error_hint(&db->error, "What was not committed was rolled back. Run migrate again: it "
                                 "goes on where it is needed.");
    return CORM_ERROR_LOCKED;
}

int corm__lock_check(corm_migration_lock *lock) {
    corm_db *db = lock->terms.db;
    pthread_mutex_lock(&lock->mutex);
    bool gone = lock->lost;
    pthread_mutex_unlock(&lock->mutex);
    if (!lock->leased) return gone ? lost(lock) : 0;
    int ours = corm__lease_renew(&lock->lease, db->conn, &db->error);
    return ours > 0 ? 0 : ours < 0 ? ours : lost(lock);
}
