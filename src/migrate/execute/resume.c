/* A migration without a transaction around it: on an engine whose DDL ends transactions, or because
 * it says so (.outside_transaction).
 *
 * It is a list of operations, each a list of actions: statements and calls of functions. The
 * journal (journal.h) says which action is the next one, or runs. An operation that a transaction
 * can hold is one action, together with its mark. Who comes after a run that was killed walks
 * through the operations that are done without doing them, since the state and the SQL that undoes
 * them are made on the way, and asks the catalogue about the action that was running. */
#include "base/clock.h"
#include "base/error.h"
#include "migrate/execute/executor.h"
#include "migrate/execute/rehearsal.h"
#include "migrate/execute/split_sql.h"
#include "migrate/state/compatibility.h"
#include "schema/sql_text.h"
#include <string.h>

typedef struct action {
    const char *sql; /* NULL: a function */
    const corm_operation *function;
    bool data; /* a transaction holds it, and its mark */
} action;

typedef struct walk {
    corm_executor *x;
    const corm_migration *migration;
    const corm_step_list *steps;
    corm_journal at;           /* where it stands */
    bool resumed;              /* at is from a run before, and not reached yet */
    const corm_change *change; /* of the operation; NULL: not known what its SQL touches */
} walk;

/* --- marks --- */

static int mark(walk *w, size_t operation, size_t statement, bool running) {
    char text[CORM_JOURNAL_TEXT];
    w->at.operation = operation;
    w->at.statement = statement;
    w->at.running = running;
    /* What is begun must not be edited; what failed in its first statement may. */
    size_t fixed = operation + (running || statement > 0);
    if (fixed > w->steps->n) fixed = w->steps->n;
    if (corm__journal_checksum(w->migration, w->steps->operations, fixed, &w->x->scratch,
                               w->at.checksum))
        return corm__fail_memory(&w->x->db->error);
    corm__journal_write(&w->at, text);
    return corm__recorder_journal(w->x->db, w->migration->app, w->migration->name, text);
}

/* By itself, and again when a cluster's other node was first. */
static int mark_alone(walk *w, size_t operation, size_t statement, bool running) {
    corm_patience patience = { 0 };
    int status;
    do {
        status = corm__begin_short(w->x);
        if (status) return status;
        status = mark(w, operation, statement, running);
        status = corm__end_short(w->x, status);
    } while (status && corm__try_again(w->x, &patience, status));
    return status;
}

/* --- actions --- */

static void watch(corm_executor *x) {
    if (x->db->backend->session)
        corm__lock_watch_begin(x->lock, x->db->backend->session(x->db->conn));
}

/* An action that a transaction holds. */
static int run_data(walk *w, const action *a, size_t operation, size_t statement, bool last) {
    corm_executor *x = w->x;
    corm_patience patience = { 0 };
    int status;
    do {
        status = corm__begin_short(x);
        if (status) return status;
        status = a->sql ? corm__run_statement(x, a->sql) : corm__run_function(x, a->function);
        if (!status) status = corm__restore_settings(x);
        if (!status)
            status =
                last ? mark(w, operation + 1, 0, false) : mark(w, operation, statement + 1, false);
        status = corm__end_short(x, status);
    } while (status && corm__try_again(x, &patience, status));
    return status;
}

/* The catalogue shows neither the index that is half built nor the one that is half dropped: to
 * drop it again is the way to be sure. */
static bool may_be_half_done(const walk *w, size_t operation) {
    const corm_operation *o = &w->steps->operations[operation];
    return o->concurrently && o->kind == CORM_REMOVE_INDEX &&
           w->x->db->backend->features->concurrent_index;
}

/* A statement that no transaction holds. The catalogue says whether one that was running has
 * happened. */
static int run_alone(walk *w, const action *a, size_t operation, size_t statement) {
    corm_executor *x = w->x;
    corm_patience patience = { 0 };
    char now[CORM_CHECKSUM_TEXT];
    int status = corm__catalogue(x->db, w->change, &x->scratch, now);
    if (status) return status;
    bool was_running =
        w->at.running && w->at.operation == operation && w->at.statement == statement;
    if (was_running && strcmp(now, w->at.catalogue) != 0 && !may_be_half_done(w, operation))
        return 0; /* it has */
    memcpy(w->at.catalogue, now, sizeof now);
    status = mark_alone(w, operation, statement, true);
    if (status) return status;
    do {
        watch(x);
        status = corm_exec(x->db, a->sql);
        corm__lock_watch_end(x->lock);
        if (!status) status = corm__restore_settings(x);
    } while (status && corm__try_again(x, &patience, status));
    if (status && x->db->backend->alive(
                      x->db->conn)) { /* it failed: it has not happened, and may be mended */
        corm_error_info error = x->db->error;
        mark_alone(w, operation, statement, false);
        x->db->error = error;
    }
    return status;
}

static int run_action(walk *w, const action *a, size_t operation, size_t statement, bool last) {
    if (a->data) return run_data(w, a, operation, statement, last);
    int status = run_alone(w, a, operation, statement);
    /* Between two statements the mark of the next one says that this one is done. */
    return status || !last ? status : mark_alone(w, operation + 1, 0, false);
}

static int run_actions(walk *w, const action *actions, size_t n, size_t operation) {
    /* An engine with transactions around DDL has one statement that none holds, and before it
     * perhaps one that clears away what is left of a try. */
    bool again = w->x->db->backend->features->transactional_ddl &&
                 w->steps->operations[operation].kind != CORM_RUN_SQL;
    if (w->resumed && again) w->at.statement = 0;
    size_t first = w->resumed ? w->at.statement : 0;
    int status = 0;
    w->resumed = false;
    for (size_t i = first; !status && i < n; i++)
        status = run_action(w, &actions[i], operation, i, i + 1 == n);
    return status || first < n ? status : mark_alone(w, operation + 1, 0, false);
}

/* --- an operation --- */

/* Its statements, one by one. */
static int list_actions(walk *w, const corm_operation *operation, const corm_script *script,
                        action **out, size_t *n) {
    corm_executor *x = w->x;
    size_t capacity = 0, used = 0;
    const char ***pieces = corm__arena_array(&x->scratch, script->n_steps, sizeof *pieces);
    size_t *counts = corm__arena_array(&x->scratch, script->n_steps, sizeof *counts);
    if (!pieces || !counts) return corm__fail_memory(&x->db->error);
    for (size_t i = 0; i < script->n_steps; i++) {
        int status = corm__sql_split(script->steps[i].sql, &x->scratch, &pieces[i], &counts[i],
                                     &x->db->error);
        if (status) return status;
        capacity += counts[i];
    }
    action *actions = corm__arena_array(&x->scratch, capacity + 1, sizeof *actions);
    if (!actions) return corm__fail_memory(&x->db->error);
    for (size_t i = 0; i < script->n_steps; i++)
        for (size_t k = 0; k < counts[i]; k++)
            actions[used++] =
                (action){ .sql = pieces[i][k], .data = corm__sql_is_data(pieces[i][k]) };
    if (operation->kind == CORM_RUN_C)
        actions[used++] = (action){ .function = operation, .data = true };
    *out = actions;
    *n = used;
    return 0;
}

/* A transaction holds all of it: the engine's DDL, too. */
static int run_whole(walk *w, const corm_operation *operation, const corm_change *change,
                     const corm_script *script, size_t index) {
    corm_executor *x = w->x;
    corm_patience patience = { 0 };
    int status = script->foreign_keys_off ? corm__guard_foreign_keys_off(&x->guard) : 0;
    bool check = script->foreign_keys_off;
    if (status) return status;
    do {
        status = corm__begin_short(x);
        if (status) break;
        if (check) status = corm__guard_note_violations(&x->guard);
        if (!status) status = corm__check_rows(x, operation, change->before, change);
        if (!status && check) status = corm__guard_before(&x->guard, change);
        for (size_t i = 0; !status && i < script->n_steps; i++)
            status = corm__run_statement(x, script->steps[i].sql);
        if (!status) status = corm__run_function(x, operation);
        if (!status) status = corm__restore_settings(x);
        if (!status && check) status = corm__guard_after(&x->guard);
        if (!status && check) status = corm__guard_check_violations(&x->guard);
        if (!status) status = mark(w, index + 1, 0, false);
        status = corm__end_short(x, status);
    } while (status && corm__try_again(x, &patience, status));
    corm__guard_foreign_keys_on(&x->guard);
    w->resumed = false;
    return status;
}

static bool is_outside(const corm_script *script) {
    for (size_t i = 0; i < script->n_steps; i++)
        if (script->steps[i].outside_transaction) return true;
    return false;
}

/* SQL of one's own may be one that no transaction takes; nobody says so of it. */
static bool fits_transaction(walk *w, const corm_operation *operation, const corm_script *script) {
    return w->x->db->backend->features->transactional_ddl && !is_outside(script) &&
           operation->kind != CORM_RUN_SQL;
}

static int run_operation(walk *w, size_t index, const char **down, bool *expands) {
    corm_executor *x = w->x;
    const corm_operation *operation = &w->steps->operations[index];
    double start = corm__clock();
    corm_operation undo;
    corm_change change;
    corm_script script;
    action *actions = NULL;
    size_t n = 0;
    bool done = w->resumed && index < w->at.operation,
         begun = w->resumed && index == w->at.operation && (w->at.running || w->at.statement);
    corm__find_undo(x, operation, &undo, down);
    int status = corm__prepare_operation(x, operation, done, &change, &script);
    w->change = change.kind ? &change : NULL;
    if (!status && !done) status = corm__keep_settings(x, operation);
    if (!status && !done && !begun && !fits_transaction(w, operation, &script))
        status = corm__check_rows(x, operation, change.before, &change);
    if (!status && !done) {
        if (fits_transaction(w, operation, &script)) {
            status = run_whole(w, operation, &change, &script, index);
        } else {
            status = list_actions(w, operation, &script, &actions, &n);
            if (!status) status = run_actions(w, actions, n, index);
        }
    }
    if (!status && *down) status = corm__prepend_down(x, &undo, &change, is_outside(&script), down);
    *expands &= !status && corm__step_expands(w->migration, operation, &change);
    char *text = corm__operation_describe(operation, &x->scratch);
    if (corm__comparison_failed() || !text) return corm__fail_memory(&x->db->error);
    if (status) return corm__in_operation(x, operation, text, x->backwards);
    if (!done) corm__report(x, CORM_MIGRATE_OPERATION, text, corm__clock() - start);
    return 0;
}

/* --- the migration --- */

static int begin(walk *w) {
    corm_executor *x = w->x;
    char text[CORM_JOURNAL_TEXT];
    int status = x->has_table ? 0 : corm__create_recorder(x);
    if (!status && corm__journal_checksum(w->migration, NULL, 0, &x->scratch, w->at.checksum))
        status = corm__fail_memory(&x->db->error);
    if (status) return status;
    x->has_table = true;
    corm__journal_write(&w->at, text);
    corm_patience patience = { 0 };
    do {
        status = corm__begin_short(x);
        if (status) return status;
        status = w->at.backwards
                     ? corm__recorder_journal(x->db, w->migration->app, w->migration->name, text)
                     : corm__recorder_add(x->db, w->migration, text);
        status = corm__end_short(x, status);
    } while (status && corm__try_again(x, &patience, status));
    return status;
}

static int end(walk *w, const char *down, bool expands) {
    corm_executor *x = w->x;
    corm_patience patience = { 0 };
    int status;
    do {
        status = corm__begin_short(x);
        if (status) return status;
        status = w->at.backwards ? corm__recorder_remove_all(x->db, w->migration)
                                 : corm__recorder_finish(x->db, w->migration, down, expands);
        status = corm__end_short(x, status);
    } while (status && corm__try_again(x, &patience, status));
    return status;
}

/* The part of it that was done has to be as it was. */
static int check_unedited(walk *w) {
    char checksum[CORM_CHECKSUM_TEXT];
    size_t fixed = w->at.operation + (w->at.running || w->at.statement > 0);
    if (fixed <= w->steps->n) {
        if (corm__journal_checksum(w->migration, w->steps->operations, fixed, &w->x->scratch,
                                   checksum))
            return corm__fail_memory(&w->x->db->error);
        if (strcmp(checksum, w->at.checksum) == 0) return 0;
    }
    corm_db *db = w->x->db;
    corm__db_fail(db, CORM_ERROR_MIGRATION,
                  "it was begun and not finished, and what is done of it was edited since: "
                  "operations 1 to %zu",
                  fixed);
    corm__error_hint(&db->error, "Run migrate with the program that began it, or put these "
                                 "operations back as they were; later ones may be edited.");
    return CORM_ERROR_MIGRATION;
}

int corm__run_journaled(corm_executor *x, const corm_migration *migration, bool backwards,
                        const corm_step_list *steps, const corm_journal *journal) {
    walk w = { .x = x,
               .migration = migration,
               .steps = steps,
               .at = { .backwards = backwards },
               .resumed = journal != NULL };
    if (journal) w.at = *journal;
    int status = journal ? check_unedited(&w) : begin(&w);
    const char *down = backwards ? NULL : "";
    bool expands = true;
    for (size_t i = 0; !status && i < steps->n; i++) status = run_operation(&w, i, &down, &expands);
    return status ? status : end(&w, down, expands);
}

int corm__run_journaled_sql(corm_executor *x, const corm_migration *migration, const char *sql,
                            const corm_journal *journal) {
    const corm_operation operation = { .kind = CORM_RUN_SQL, .sql = sql };
    const corm_step_list steps = { (corm_operation *)&operation, 1 };
    corm_script_step step = { .sql = (char *)sql, .outside_transaction = true };
    const corm_script script = {
        .arena = &x->scratch, .steps = &step, .n_steps = 1, .error = &x->db->error
    };
    walk w = { .x = x,
               .migration = migration,
               .steps = &steps,
               .at = { .backwards = true },
               .resumed = journal != NULL };
    action *actions;
    size_t n;
    if (journal) w.at = *journal;
    int status = journal ? check_unedited(&w) : begin(&w);
    if (!status) status = list_actions(&w, &operation, &script, &actions, &n);
    if (!status && w.at.operation == 0) status = run_actions(&w, actions, n, 0);
    return status ? status : end(&w, NULL, false);
}
