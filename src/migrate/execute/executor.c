/* Look, lock, look again, do.
 *
 * The first look needs no lock: one query, and with nothing pending that is all. Otherwise the lock
 * is waited for, and what is pending is computed again inside it: whoever waited finds the work
 * done. What another run left half done is finished first. */
#include "migrate/execute/executor.h"
#include "base/error.h"
#include "db/db.h"
#include "migrate/graph/nodes.h"
#include <string.h>

/* --- reports --- */

static void on_waiting(void *context, const char *holder, double seconds) {
    corm__report(context, CORM_MIGRATE_WAITING, holder, seconds);
}

/* From the lock's thread. */
static void on_blocked(void *context, const char *who) {
    corm_executor *x = context;
    char text[600];
    pthread_mutex_lock(&x->reporting);
    corm__error_set(x->blocker, sizeof x->blocker, "%s", who);
    pthread_mutex_unlock(&x->reporting);
    corm__error_set(text, sizeof text, "waits for a lock that another session has: %s", who);
    corm__report(x, CORM_MIGRATE_BLOCKED, text, 0);
}

/* --- look --- */

/* To go back behind it is always allowed. */
static int refuse_newer(corm_executor *x) {
    if (x->options->target || x->options->n_targets || x->options->fake) return 0;
    return corm__refuse_newer(x->graph, x->ledger.applied, x->ledger.n, &x->arena, &x->db->error);
}

/* What a person should know, and what stops nothing. */
static int notice(corm_executor *x) {
    for (size_t i = 0; x->options->report && i < x->history.n_unknown; i++) {
        const corm_applied *a = x->history.unknown[i];
        char *text = corm__arena_printf(&x->arena,
                                        "the database has %s.%s, which this program does not "
                                        "carry: a newer program migrated it, or the list of "
                                        "migrations lost it",
                                        a->app, a->name);
        if (!text) return corm__fail_memory(&x->db->error);
        corm__report(x, CORM_MIGRATE_NOTICE, text, 0);
    }
    for (size_t i = 0; x->options->report && i < x->graph->n; i++) {
        const corm_applied *a = x->history.applied[i];
        char checksum[CORM_CHECKSUM_TEXT];
        if (!a || !*a->checksum) continue; /* "": recorded as a part of what it was squashed into */
        corm__migration_checksum(x->graph->order[i], checksum);
        if (strcmp(checksum, a->checksum) == 0) continue;
        char *text = corm__arena_printf(
            &x->arena,
            "%s was edited after it had been applied; the database has what it said before",
            x->graph->nodes[i].key);
        if (!text) return corm__fail_memory(&x->db->error);
        corm__report(x, CORM_MIGRATE_NOTICE, text, 0);
    }
    return 0;
}

static int record_squashed(corm_executor *x) {
    if (!x->plan.n_records) return 0;
    int status = corm__begin_short(x);
    if (status) return status;
    for (size_t i = 0; !status && i < x->plan.n_records; i++) {
        status = corm__recorder_add(x->db, x->plan.records[i], NULL);
        if (!status) status = corm__recorder_finish(x->db, x->plan.records[i], NULL, true);
    }
    status = corm__end_short(x, status);
    for (size_t i = 0; !status && i < x->plan.n_records; i++) {
        x->migration = x->plan.records[i];
        x->backwards = false;
        corm__report(x, CORM_MIGRATE_RECORDED, NULL, 0);
        x->done++;
    }
    return status;
}

/* With the lock held. */
static int do_pending(corm_executor *x) {
    int status = x->options->fake ? 0 : corm__renew(x);
    if (!status) status = corm__look(x);
    while (!status && x->ledger.n_unfinished && !x->options->fake) {
        size_t before = x->ledger.n_unfinished;
        status = corm__finish_unfinished(x, &x->ledger.unfinished[0]);
        if (!status) status = corm__look(x);
        if (!status && x->ledger.n_unfinished >= before) break; /* another program's */
    }
    if (!status && x->options->fake) status = corm__fake_unfinished(x);
    if (status) return status;
    if (!x->plan.n && !x->plan.n_newer && !x->plan.n_records) {
        if (!x->done) corm__report(x, CORM_MIGRATE_NOTHING, NULL, 0);
        return 0;
    }
    status = corm__run_plan(x, NULL);
    return status ? status : record_squashed(x);
}

static int lock_and_do(corm_executor *x) {
    corm_lock_terms terms = { x->db,      x->settings, x->alias, x->options->lock_timeout,
                              on_waiting, on_blocked,  x };
    x->lock = corm__lock_acquire(&terms);
    if (!x->lock) return x->db->error.status;
    int status = do_pending(x);
    corm__lock_release(x->lock);
    x->lock = NULL;
    corm_error_info ignored;
    if (x->db->backend->lock_wait && x->db->backend->alive(x->db->conn))
        x->db->backend->lock_wait(x->db->conn, 0, &ignored);
    return status;
}

static int migrate(corm_executor *x) {
    int status = corm__look(x);
    if (!status) status = notice(x);
    if (!status) status = refuse_newer(x);
    bool renewal = false;
    if (!status && !x->options->fake) status = corm__renewal_pending(x, &renewal);
    if (status) return status;
    if (renewal || x->plan.n || x->plan.n_newer || x->plan.n_records || x->ledger.n_unfinished)
        return lock_and_do(x);
    corm__report(x, CORM_MIGRATE_NOTHING, NULL, 0);
    return 0;
}

int corm__migrate(corm_db *db, const corm_settings *settings, const char *alias,
                  const corm_app *const *apps, const corm_migrate_options *options,
                  size_t *n_applied) {
    static const corm_migrate_options defaults = { 0 };
    if (n_applied) *n_applied = 0;
    int status = corm__db_enter(db);
    if (status) return status;
    if (db->depth > 0)
        return corm__db_fail(
            db, CORM_ERROR_USAGE,
            "migrating inside a transaction: each migration is a transaction of its own");
    corm_executor x = { .db = db,
                        .settings = settings,
                        .alias = alias,
                        .apps = apps,
                        .options = options ? options : &defaults };
    pthread_mutex_init(&x.reporting, NULL);
    status = migrate(&x);
    if (n_applied) *n_applied = x.done;
    pthread_mutex_destroy(&x.reporting);
    corm__state_release(&x.state);
    corm__arena_release(&x.scratch);
    corm__arena_release(&x.arena);
    return status;
}

int corm_migrate(corm_db *db, const corm_app *const *apps) {
    return corm__migrate(db, NULL, NULL, apps, NULL, NULL);
}
