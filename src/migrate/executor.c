/* Look, lock, look again, do.
 *
 * The first look needs no lock: one query, and with nothing pending that is all. Otherwise the lock is waited for on a connection of its
 * own, and what is pending is computed again inside it: whoever waited finds the work done. Each migration is one transaction: its record
 * is the first statement in it, then its operations, then the SQL that undoes it. What a backend's script wants outside goes around it. */
#include "base/clock.h"
#include "base/error.h"
#include "db/db.h"
#include "migrate/graph.h"
#include "migrate/guard.h"
#include "migrate/recorder.h"
#include "migrate/script.h"
#include <string.h>

static const char lock_name[] = "corm_migrate";
/* The first line of recorded SQL that has to run with foreign keys off. */
static const char foreign_keys_off_mark[] = "-- foreign keys off\n";

typedef struct executor {
    corm_db *db;
    const corm_graph *graph;
    const corm_migrate_options *options;
    corm_arena arena;   /* for the whole run */
    corm_arena scratch; /* for one migration */
    corm_plan plan;
    corm_history history;
    bool has_table;       /* corm_migrations */
    corm_state state;     /* of the database, as far as it is done */
    corm_step_list *undo; /* of each step of the plan that goes backwards */
    corm_guard guard;
    size_t done;
    /* the lock's own connection; NULL: the handle's */
    const corm_backend *backend;
    corm_conn *lock;
} executor;

static void report(executor *x, corm_migrate_event_kind kind, size_t index, const char *text, double seconds) {
    if (!x->options->report) return;
    bool step = kind == CORM_MIGRATE_BEGIN || kind == CORM_MIGRATE_OPERATION || kind == CORM_MIGRATE_END;
    corm_migrate_event event = { .kind = kind, .text = text, .seconds = seconds, .index = index, .total = x->plan.n };
    if (step) {
        event.migration = x->plan.steps[index].migration;
        event.backwards = x->plan.steps[index].backwards;
    }
    x->options->report(x->options->context, &event);
}

/* --- look --- */

static int look(executor *x) {
    corm_applied *applied;
    size_t n;
    int status = corm__recorder_load(x->db, &x->arena, &applied, &n);
    if (status) return status;
    x->has_table = applied != NULL;
    status = corm__history(x->graph, applied, n, &x->arena, &x->history, &x->db->error);
    if (status) return status;
    int (*plan)(const corm_graph *, const corm_applied *, size_t, const char *, const char *, corm_arena *, corm_plan *,
                corm_error_info *) = x->options->fake ? corm__plan_records : corm__plan;
    return plan(x->graph, applied, n, x->options->app, x->options->target, &x->arena, &x->plan, &x->db->error);
}

/* What a person should know, and what stops nothing. */
static int notice(executor *x) {
    for (size_t i = 0; x->options->report && i < x->history.n_unknown; i++) {
        const corm_applied *a = x->history.unknown[i];
        char *text = corm__arena_printf(
            &x->arena, "the database has %s.%s, which this program does not carry: it was migrated by a newer program", a->app, a->name);
        if (!text) return corm__fail_memory(&x->db->error);
        report(x, CORM_MIGRATE_NOTICE, 0, text, 0);
    }
    for (size_t i = 0; x->options->report && i < x->graph->n; i++) {
        const corm_applied *a = x->history.applied[i];
        char checksum[CORM_CHECKSUM_TEXT];
        if (!a) continue;
        corm__migration_checksum(x->graph->order[i], checksum);
        if (strcmp(checksum, a->checksum) == 0) continue;
        char *text = corm__arena_printf(&x->arena, "%s was edited after it had been applied; the database has what it said before",
                                        x->graph->nodes[i].key);
        if (!text) return corm__fail_memory(&x->db->error);
        report(x, CORM_MIGRATE_NOTICE, 0, text, 0);
    }
    return 0;
}

/* --- lock --- */

static int open_lock(executor *x, const corm_settings *settings, const char *alias) {
    x->backend = x->db->backend;
    return settings ? corm__connect(settings, alias, true, true, &x->backend, &x->lock, &x->db->error) : 0;
}

static int wait_for_lock(executor *x) {
    enum { LONGEST_MS = 250 };
    char holder[200] = "", told[200] = "";
    double start = corm__clock(), pause_ms = 10;
    for (bool first = true;; first = false) {
        int status = x->backend->lock_try(x->lock ? x->lock : x->db->conn, lock_name, holder, sizeof holder, &x->db->error);
        if (status < 0) return status;
        if (status > 0) return 0;
        if (first || strcmp(holder, told) != 0) report(x, CORM_MIGRATE_WAITING, 0, holder, corm__clock() - start);
        memcpy(told, holder, sizeof told);
        double waited = corm__clock() - start, limit = x->options->lock_timeout;
        if (limit > 0 && waited >= limit) {
            corm__db_fail(x->db, CORM_ERROR_LOCKED, "another process has been migrating this database for more than %g seconds: %s", limit,
                          *holder ? holder : "it is not known which");
            corm__error_hint(&x->db->error, "Wait for it to end, or raise --lock-timeout.");
            return CORM_ERROR_LOCKED;
        }
        corm__sleep(pause_ms * (0.5 + 0.5 * corm__jitter()) / 1000);
        pause_ms = pause_ms * 2 < LONGEST_MS ? pause_ms * 2 : LONGEST_MS;
    }
}

static void unlock(executor *x) { x->backend->lock_release(x->lock ? x->lock : x->db->conn, lock_name); }

/* --- prepare --- */

/* The state of the database, and on the way to it how to undo what the plan undoes. */
static int build_state(executor *x) {
    size_t *step_of = corm__arena_array(&x->arena, x->graph->n, sizeof *step_of);
    x->undo = corm__arena_array(&x->arena, x->plan.n, sizeof *x->undo);
    if (!step_of || !x->undo || corm__state_init(&x->state, &x->arena, NULL)) return corm__fail_memory(&x->db->error);
    size_t next = 0;
    for (size_t i = x->plan.n; i-- > 0 && x->plan.steps[i].backwards;) { /* they are in the reverse of the graph's order */
        while (x->graph->order[next] != x->plan.steps[i].migration) next++;
        step_of[next] = i + 1;
    }
    int status = 0;
    for (size_t i = 0; !status && i < x->graph->n; i++) {
        const corm_migration *m = x->graph->order[i];
        if (!x->history.applied[i]) continue;
        if (step_of[i]) {
            status = corm__undo_steps(&x->state, m, &x->arena, &x->undo[step_of[i] - 1], &x->db->error);
            continue;
        }
        for (const corm_operation *o = m->body->operations; !status && o && o->kind; o++) {
            status = corm__state_apply(&x->state, o, m->app, NULL, NULL, &x->db->error);
            if (status) corm__in_migration(&x->db->error, m);
        }
    }
    return status;
}

/* Whether the migration rebuilds tables has to be known before its transaction begins: so its script is written once for nothing. */
static int needs_foreign_keys_off(executor *x, const corm_step_list *steps, const char *app, bool *out) {
    *out = false;
    if (x->db->backend->features->alter_column) return 0;
    corm_state state;
    corm_schema now = { x->state.tables, x->state.n };
    if (corm__state_init(&state, &x->scratch, &now)) return corm__fail_memory(&x->db->error);
    int status = 0;
    for (size_t i = 0; !status && i < steps->n; i++) {
        corm_script script;
        corm_change change;
        corm__script_init(&script, &x->scratch, x->db->backend->version(x->db->conn), &x->db->error);
        status = corm__state_apply(&state, &steps->operations[i], app, &change, &x->scratch, &x->db->error);
        if (!status) status = corm__script_add(&script, x->db->backend, &steps->operations[i], &change, NULL);
        *out |= script.foreign_keys_off;
    }
    corm__state_release(&state);
    return status;
}

/* --- do --- */

static int run_script(executor *x, const corm_script *script) {
    for (size_t i = 0; i < script->n_steps; i++) {
        if (script->steps[i].outside_transaction)
            return corm__db_fail(x->db, CORM_ERROR_UNSUPPORTED, "this statement cannot run in a migration's transaction: %s",
                                 script->steps[i].sql);
        int status = corm_exec(x->db, script->steps[i].sql);
        if (status) return status;
        if (!x->db->backend->in_transaction(x->db->conn))
            return corm__db_fail(x->db, CORM_ERROR_TRANSACTION, "this statement ended the migration's transaction: %s",
                                 script->steps[i].sql);
    }
    return 0;
}

/* The SQL that undoes an operation, in front of that of the operations before it; *down is NULL from the first one that cannot be undone.
 */
static int prepend_down(executor *x, const corm_operation *undo, const corm_change *change, const char **down) {
    corm_change reverse;
    corm_script script;
    corm_buffer text = { 0 };
    corm__change_reverse(change, undo, &reverse);
    corm__script_init(&script, &x->scratch, x->db->backend->version(x->db->conn), &x->db->error);
    int status = corm__script_add(&script, x->db->backend, undo, &reverse, NULL);
    if (status == CORM_ERROR_MEMORY) return status;
    if (status) { /* what the engine cannot undo: the operation itself was fine */
        corm__error_clear(&x->db->error);
        *down = NULL;
        return 0;
    }
    bool marked = strncmp(*down, foreign_keys_off_mark, strlen(foreign_keys_off_mark)) == 0;
    if (marked || script.foreign_keys_off) corm__buffer_puts(&text, foreign_keys_off_mark);
    corm__script_write(&script, &text);
    corm__buffer_puts(&text, *down + (marked ? strlen(foreign_keys_off_mark) : 0));
    *down = corm__buffer_broken(&text) ? NULL : corm__arena_strdup(&x->scratch, corm__buffer_text(&text));
    corm__buffer_release(&text);
    return *down ? 0 : corm__fail_memory(&x->db->error);
}

/* Rows that were written while constraints are deferred would stop the next change of their table ("pending trigger events"). */
static int check_deferred(executor *x, const corm_operation *operation) {
    bool writes = operation->kind == CORM_RUN_SQL || operation->fill.kind;
    if (!writes || !x->db->backend->features->deferrable_unique) return 0;
    return corm_exec(x->db, "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED");
}

/* Puts the operation before the error's message. */
static int in_operation(executor *x, const corm_operation *operation, const char *text, bool backwards) {
    corm_error_info *error = &x->db->error;
    if (error->status == CORM_ERROR_NOT_NULL && operation->kind == CORM_ADD_COLUMN)
        corm__error_hint(error, backwards
                                    ? "The operation that removed it needs .fill = CORM_DEFAULT(...): what the rows get when it comes back."
                                    : "It needs .fill = CORM_DEFAULT(...): what the rows get that are there.");
    char message[sizeof error->message];
    memcpy(message, error->message, sizeof message);
    corm__error_set(error->message, sizeof error->message, "%s: %s", text, message);
    return error->status;
}

static int run_operation(executor *x, size_t index, const corm_operation *operation, const char **down) {
    double start = corm__clock();
    const corm_migration *m = x->plan.steps[index].migration;
    corm_operation undo;
    corm_change change;
    corm_script script;
    corm_error_info no_undo;
    if (*down && corm__state_reverse(&x->state, operation, &x->scratch, &undo, &no_undo)) *down = NULL;
    corm__script_init(&script, &x->scratch, x->db->backend->version(x->db->conn), &x->db->error);
    int status = corm__state_apply(&x->state, operation, m->app, &change, &x->scratch, &x->db->error);
    if (!status) status = corm__script_add(&script, x->db->backend, operation, &change, x->db->conn);
    if (!status && script.foreign_keys_off) status = corm__guard_before(&x->guard, &change);
    if (!status) status = run_script(x, &script);
    if (!status && script.foreign_keys_off) status = corm__guard_after(&x->guard);
    if (!status) status = check_deferred(x, operation);
    if (!status && *down) status = prepend_down(x, &undo, &change, down);
    char *text = corm__operation_describe(operation, &x->scratch);
    if (!text) return corm__fail_memory(&x->db->error);
    if (status) return in_operation(x, operation, text, x->plan.steps[index].backwards);
    report(x, CORM_MIGRATE_OPERATION, index, text, corm__clock() - start);
    return 0;
}

static int create_recorder(executor *x) {
    corm_script script;
    corm_schema nothing = { (const corm_table[]){ { 0 } }, 0 }, all = { (const corm_table[]){ corm__recorder_table, { 0 } }, 1 };
    corm_change change = { .kind = CORM_CREATE_TABLE, .after = &corm__recorder_table, .schema_before = &nothing, .schema_after = &all };
    corm__script_init(&script, &x->scratch, x->db->backend->version(x->db->conn), &x->db->error);
    int status = x->db->backend->ddl(&script, &change, x->db->conn);
    return status ? status : run_script(x, &script);
}

static int run_transaction(executor *x, size_t index, const corm_step_list *steps, bool check) {
    const corm_plan_step *step = &x->plan.steps[index];
    int status = x->has_table ? 0 : create_recorder(x);
    if (!status) status = step->backwards ? corm__recorder_remove(x->db, step->migration) : corm__recorder_add(x->db, step->migration);
    if (!status && check) status = corm__guard_note_violations(&x->guard);
    const char *down = step->backwards || x->options->fake ? NULL : "";
    for (size_t i = 0; !status && i < steps->n; i++) status = run_operation(x, index, &steps->operations[i], &down);
    if (!status && check) status = corm__guard_check_violations(&x->guard);
    if (!status && down) status = corm__recorder_set_down(x->db, step->migration, down);
    return status;
}

static void roll_back(executor *x) {
    corm_error_info error = x->db->error;
    corm_rollback(x->db);
    x->db->error = error;
}

static int run_step(executor *x, size_t index) {
    const corm_plan_step *step = &x->plan.steps[index];
    double start = corm__clock();
    corm_step_list steps = { 0 };
    bool off = false;
    report(x, CORM_MIGRATE_BEGIN, index, NULL, 0);
    int status = x->options->fake  ? 0
                 : step->backwards ? (steps = x->undo[index], 0)
                                   : corm__forward_steps(step->migration, &x->scratch, &steps, &x->db->error);
    if (!status) status = needs_foreign_keys_off(x, &steps, step->migration->app, &off);
    if (!status && off) status = corm__guard_foreign_keys_off(&x->guard);
    if (!status) status = corm_begin(x->db);
    if (!status) {
        status = run_transaction(x, index, &steps, off);
        if (!status) status = corm_commit(x->db);
        if (status) roll_back(x);
    }
    corm__guard_foreign_keys_on(&x->guard);
    if (status) return corm__in_migration(&x->db->error, step->migration);
    x->has_table = true;
    x->done++;
    report(x, CORM_MIGRATE_END, index, NULL, corm__clock() - start);
    corm__arena_release(&x->scratch);
    return 0;
}

/* With the lock held. */
static int do_pending(executor *x) {
    int status = look(x);
    if (status) return status;
    if (!x->plan.n) {
        report(x, CORM_MIGRATE_NOTHING, 0, NULL, 0);
        return 0;
    }
    status = x->options->fake ? 0 : build_state(x);
    if (status) return status;
    status = corm__guard_begin(&x->guard, x->db, &x->scratch);
    for (size_t i = 0; !status && i < x->plan.n; i++) status = run_step(x, i);
    corm__guard_end(&x->guard);
    return status;
}

static int lock_and_do(executor *x, const corm_settings *settings, const char *alias) {
    int status = open_lock(x, settings, alias);
    if (status) return status;
    status = wait_for_lock(x);
    if (!status) {
        status = do_pending(x);
        unlock(x);
    }
    x->backend->close(x->lock);
    return status;
}

static int migrate(executor *x, const corm_settings *settings, const char *alias, const corm_app *const *apps) {
    x->graph = corm__graph_load(apps, &x->arena, &x->db->error);
    if (!x->graph) return x->db->error.status;
    int status = look(x);
    if (!status) status = notice(x);
    if (status) return status;
    if (x->plan.n) return lock_and_do(x, settings, alias);
    report(x, CORM_MIGRATE_NOTHING, 0, NULL, 0);
    return 0;
}

int corm__migrate(corm_db *db, const corm_settings *settings, const char *alias, const corm_app *const *apps,
                  const corm_migrate_options *options, size_t *n_applied) {
    static const corm_migrate_options defaults = { 0 };
    if (n_applied) *n_applied = 0;
    int status = corm__db_enter(db);
    if (status) return status;
    if (db->depth > 0)
        return corm__db_fail(db, CORM_ERROR_USAGE, "migrating inside a transaction: each migration is a transaction of its own");
    if (!db->backend->features->transactional_ddl)
        return corm__db_fail(db, CORM_ERROR_UNSUPPORTED, "%s has no transactions around DDL", db->backend->title);
    executor x = { .db = db, .options = options ? options : &defaults };
    status = migrate(&x, settings, alias, apps);
    if (n_applied) *n_applied = x.done;
    corm__state_release(&x.state);
    corm__arena_release(&x.scratch);
    corm__arena_release(&x.arena);
    return status;
}

int corm_migrate(corm_db *db, const corm_app *const *apps) { return corm__migrate(db, NULL, NULL, apps, NULL, NULL); }
