/* A migration as one transaction: its record is the first statement in it, then its operations,
 * then the SQL that undoes it. What a backend's script wants outside goes around it. A table's lock
 * is waited for only a short time, since all that comes after waits behind: then all is rolled
 * back, and tried again. */
#include "base/clock.h"
#include "base/error.h"
#include "migrate/state/state.h"
#include "migrate/execute/executor.h"
#include "migrate/execute/rehearsal.h"
#include "migrate/state/compatibility.h"
#include "schema/sql_text.h"
#include <string.h>

/* --- locks of tables --- */

enum { LOCK_WAIT_MS = 2000, LONGEST_PAUSE = 10 };

/* Who set a lock_timeout wants that one. */
static bool waits_are_set(const corm_executor *x) {
    const char *value =
        x->settings ? corm_settings_get(x->settings, x->alias, "lock_timeout") : NULL;
    return value && *value;
}

static int limit_wait(corm_executor *x) {
    const corm_backend *backend = x->db->backend;
    if (!backend->lock_wait || waits_are_set(x)) return 0;
    double limit = x->options->lock_timeout;
    return backend->lock_wait(x->db->conn,
                              limit > 0 && limit * 1000 < LOCK_WAIT_MS ? (int)(limit * 1000) + 1
                                                                       : LOCK_WAIT_MS,
                              &x->db->error);
}

static void watch(corm_executor *x) {
    if (x->lock && x->db->backend->session)
        corm__lock_watch_begin(x->lock, x->db->backend->session(x->db->conn));
}

int corm__begin_short(corm_executor *x) {
    int status = corm_begin(x->db);
    if (status) return status;
    watch(x);
    status = limit_wait(x);
    if (status) {
        corm__end(x->db, status);
        corm__lock_watch_end(x->lock);
    }
    return status;
}

int corm__end_short(corm_executor *x, int status) {
    if (!status) status = corm__lock_check(x->lock);
    status = corm__end(x->db, status);
    corm__lock_watch_end(x->lock);
    return status;
}

static bool is_passing(int status) {
    return status == CORM_ERROR_LOCKED || status == CORM_ERROR_DEADLOCK ||
           status == CORM_ERROR_SERIALIZATION;
}

bool corm__try_again(corm_executor *x, corm_patience *patience, int status) {
    if (!is_passing(status) || !x->db->backend->lock_wait || !x->db->backend->alive(x->db->conn))
        return false;
    double now = corm__clock(), limit = x->options->lock_timeout;
    char text[1700];
    pthread_mutex_lock(&x->reporting);
    corm__error_set(text, sizeof text, "%s", x->blocker);
    x->blocker[0] = 0;
    pthread_mutex_unlock(&x->reporting);
    if (!patience->tries++) patience->start = now;
    if (limit > 0 && now - patience->start >= limit) {
        if (*text)
            corm__error_set(x->db->error.detail, sizeof x->db->error.detail, "%s has the lock",
                            text);
        corm__error_hint(&x->db->error, "Nothing of this was kept. End that session, or migrate "
                                        "when less is going on, or raise --lock-timeout.");
        return false;
    }
    double pause = 0.25 * (double)(1 << (patience->tries < 6 ? patience->tries : 6)) *
                   (0.5 + 0.5 * corm__jitter());
    if (pause > LONGEST_PAUSE) pause = LONGEST_PAUSE;
    char why[sizeof x->db->error.message];
    memcpy(why, x->db->error.message, sizeof why);
    corm__error_set(text, sizeof text, "%s; all is released and tried again in %.1f s", why, pause);
    corm__report(x, CORM_MIGRATE_BLOCKED, text, 0);
    corm__sleep(pause);
    return true;
}

/* --- operations --- */

int corm__prepare_operation(corm_executor *x, const corm_operation *operation, bool done,
                            corm_change *change, corm_script *script) {
    corm__script_init(script, &x->scratch, x->db->backend->version(x->db->conn), &x->db->error);
    int status = corm__state_apply(&x->state, operation, x->migration->app, change, &x->scratch,
                                   &x->db->error);
    return status ? status
                  : corm__script_add(script, x->db->backend, operation, change,
                                     done ? NULL : x->db->conn);
}

/* Whether the migration rebuilds tables has to be known before its transaction begins: so its
 * script is written once for nothing. */
int corm__needs_foreign_keys_off(corm_executor *x, const corm_step_list *steps, const char *app,
                                 bool *out) {
    *out = false;
    if (x->db->backend->features->alter_column) return 0;
    corm_state state;
    corm_schema now = { x->state.tables, x->state.n };
    if (corm__state_init(&state, &x->scratch, &now)) return corm__fail_memory(&x->db->error);
    int status = 0;
    for (size_t i = 0; !status && i < steps->n; i++) {
        corm_script script;
        corm_change change;
        corm__script_init(&script, &x->scratch, x->db->backend->version(x->db->conn),
                          &x->db->error);
        status = corm__state_apply(&state, &steps->operations[i], app, &change, &x->scratch,
                                   &x->db->error);
        if (!status)
            status =
                corm__script_add(&script, x->db->backend, &steps->operations[i], &change, NULL);
        *out |= script.foreign_keys_off;
        /* Room may be made outside of a transaction only. */
        if (!status && script.foreign_keys_off && x->db->backend->rebuild_space)
            status = x->db->backend->rebuild_space(x->db->conn, &change, &x->db->error);
    }
    corm__state_release(&state);
    return status;
}

int corm__run_statement(corm_executor *x, const char *sql) {
    int status = corm_exec(x->db, sql);
    if (status) return status;
    if (!x->db->backend->in_transaction(x->db->conn))
        return corm__db_fail(x->db, CORM_ERROR_TRANSACTION,
                             "this statement ended the migration's transaction: %s", sql);
    return 0;
}

static int run_script(corm_executor *x, const corm_script *script) {
    for (size_t i = 0; i < script->n_steps; i++) {
        if (script->steps[i].outside_transaction) {
            corm__db_fail(x->db, CORM_ERROR_UNSUPPORTED,
                          "this statement cannot run in a migration's transaction: %s",
                          script->steps[i].sql);
            corm__error_hint(
                &x->db->error,
                "Put it into a migration of its own with .outside_transaction = true.");
            return CORM_ERROR_UNSUPPORTED;
        }
        int status = corm__run_statement(x, script->steps[i].sql);
        if (status) return status;
    }
    return 0;
}

static void show_progress(const corm_migration_run *run, uint64_t done, uint64_t total) {
    corm_executor *x = run->context;
    if (!x->options->report) return;
    corm_migrate_event event = { .kind = CORM_MIGRATE_PROGRESS,
                                 .migration = x->migration,
                                 .backwards = x->backwards,
                                 .index = x->index,
                                 .total = x->plan.n + x->plan.n_newer,
                                 .rows_done = done,
                                 .rows_total = total };
    pthread_mutex_lock(&x->reporting);
    x->options->report(x->options->context, &event);
    pthread_mutex_unlock(&x->reporting);
}

int corm__run_function(corm_executor *x, const corm_operation *operation) {
    if (operation->kind != CORM_RUN_C || !operation->run) return 0;
    corm_schema now = { x->state.tables, x->state.n };
    corm_migration_run run = {
        .db = x->db, .schema = &now, .progress = show_progress, .context = x
    };
    int depth = corm_transaction_depth(x->db);
    int status = operation->run(&run);
    if (!status) {
        if (corm_transaction_depth(x->db) != depth ||
            (depth && !x->db->backend->in_transaction(x->db->conn)))
            return corm__db_fail(
                x->db, CORM_ERROR_TRANSACTION,
                "the function ended the migration's transaction, or left one open");
        return 0;
    }
    int reported = x->db->error.status;
    if (reported && status == reported) return status;
    if (reported) return reported;
    return corm__db_fail(x->db, status < 0 ? (corm_status)status : CORM_ERROR_DATABASE,
                         "the function gave up with status %d", status);
}

/* --- how to undo it, for who does not carry it --- */

void corm__find_undo(corm_executor *x, const corm_operation *operation, corm_operation *undo,
                     const char **down) {
    corm_error_info none;
    if (*down && corm__state_reverse(&x->state, operation, &x->scratch, undo, &none)) *down = NULL;
    if (*down && undo->kind == CORM_RUN_C && undo->run != corm_nothing_to_undo)
        *down = NULL; /* only this program has the function */
}

static bool has_mark(const char **text, const char *mark) {
    bool has = strncmp(*text, mark, strlen(mark)) == 0;
    if (has) *text += strlen(mark);
    return has;
}

int corm__prepend_down(corm_executor *x, const corm_operation *undo, const corm_change *change,
                       bool outside, const char **down) {
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
    const char *rest = *down;
    bool off = has_mark(&rest, CORM_MARK_FOREIGN_KEYS) | script.foreign_keys_off;
    bool alone = has_mark(&rest, CORM_MARK_OUTSIDE) | outside;
    if (off) corm__buffer_puts(&text, CORM_MARK_FOREIGN_KEYS);
    if (alone) corm__buffer_puts(&text, CORM_MARK_OUTSIDE);
    corm__script_write(&script, &text);
    corm__buffer_puts(&text, rest);
    *down = corm__buffer_broken(&text) ? NULL
                                       : corm__arena_strdup(&x->scratch, corm__buffer_text(&text));
    corm__buffer_release(&text);
    return *down ? 0 : corm__fail_memory(&x->db->error);
}

/* --- one after the other --- */

/* Rows that were written while constraints are deferred would stop the next change of their table
 * ("pending trigger events"). */
static int check_deferred(corm_executor *x, const corm_operation *operation) {
    bool writes =
        operation->kind == CORM_RUN_SQL || operation->kind == CORM_RUN_C || operation->fill.kind;
    if (!writes || !x->db->backend->features->deferrable_unique) return 0;
    return corm_exec(x->db, "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED");
}

/* The engines say so in words, and two of them by no code of their own. */
static bool is_there_already(const corm_error_info *error, const corm_operation *operation) {
    bool adds = operation->kind == CORM_CREATE_TABLE || operation->kind == CORM_ADD_COLUMN ||
                operation->kind == CORM_ADD_INDEX;
    return adds &&
           (strstr(error->message, "already exists") || strstr(error->message, "uplicate column") ||
            strstr(error->message, "uplicate key name"));
}

int corm__in_operation(corm_executor *x, const corm_operation *operation, const char *text,
                       bool backwards) {
    corm_error_info *error = &x->db->error;
    if (is_there_already(error, operation) && !backwards)
        corm__error_hint(
            error, "The database has it, but no record of this migration: if somebody else made "
                   "it, compare by checkdb, then "
                   "record what is there by "
                   "\"migrate --fake-initial\" (first migrations) or \"migrate --fake APP NAME\".");
    if (error->status == CORM_ERROR_NOT_NULL && operation->kind == CORM_ADD_COLUMN)
        corm__error_hint(
            error, backwards
                       ? "The operation that removed it needs .fill = CORM_DEFAULT(...): what the "
                         "rows get when it comes back."
                       : "It needs .fill = CORM_DEFAULT(...): what the rows get that are there.");
    char message[sizeof error->message];
    memcpy(message, error->message, sizeof message);
    corm__error_set(error->message, sizeof error->message, "%s: %s", text, message);
    return error->status;
}

/* --- changes of one table that stand side by side: where a table is rebuilt for each, it is
 * rebuilt once for all of them --- */

static bool is_generated(const corm_column *column) {
    return column->generated && *column->generated;
}

/* Renames reach other tables; what generated columns are computed from is not the old row. */
static bool joins(const corm_operation *o) {
    switch (o->kind) {
    case CORM_ADD_COLUMN:
    case CORM_ALTER_COLUMN: return !o->state && !is_generated(&o->column);
    case CORM_REMOVE_COLUMN:
    case CORM_ADD_INDEX:
    case CORM_REMOVE_INDEX:
    case CORM_ALTER_INDEX:
    case CORM_RENAME_INDEX:
    case CORM_ADD_CONSTRAINT:
    case CORM_REMOVE_CONSTRAINT:
    case CORM_ALTER_CONSTRAINT:
    case CORM_RENAME_CONSTRAINT:
    case CORM_ALTER_PRIMARY_KEY: return !o->state;
    default: return false;
    }
}

/* How many of the operations can be written as one change. */
static size_t how_many(const corm_executor *x, const corm_operation *operations, size_t n) {
    const corm_table *table = corm__state_find(&x->state, operations->table);
    if (x->db->backend->features->alter_column || !table || !joins(operations)) return 1;
    for (const corm_column *column = table->columns; column && column->name; column++)
        if (is_generated(column)) return 1;
    size_t joined = 1;
    while (joined < n && joins(&operations[joined]) &&
           strcmp(operations[joined].table, operations->table) == 0)
        joined++;
    return joined;
}

typedef struct group {
    const corm_operation *operations;
    corm_operation *undo;
    corm_change *changes;
    const char **down; /* what undoes each; NULL: it cannot be undone by SQL */
    size_t n;
} group;

/* Applies the first of the operations to the state, and with it those that are written together
 * with it. */
static int collect(corm_executor *x, const corm_operation *operations, size_t n, const char *down,
                   group *g) {
    size_t joined = how_many(x, operations, n);
    *g = (group){ .operations = operations,
                  .undo = corm__arena_array(&x->scratch, joined, sizeof *g->undo),
                  .changes = corm__arena_array(&x->scratch, joined, sizeof *g->changes),
                  .down = corm__arena_array(&x->scratch, joined, sizeof *g->down) };
    if (!g->undo || !g->changes || !g->down) return corm__fail_memory(&x->db->error);
    int status = 0;
    for (; !status && g->n < joined; g->n++) {
        g->down[g->n] = down;
        corm__find_undo(x, &operations[g->n], &g->undo[g->n], &g->down[g->n]);
        status = corm__state_apply(&x->state, &operations[g->n], x->migration->app,
                                   &g->changes[g->n], &x->scratch, &x->db->error);
        if (g->n) g->changes[g->n].earlier = &g->changes[g->n - 1];
    }
    return status;
}

static int run_group(corm_executor *x, const group *g, const char **down, bool *expands) {
    const corm_change *last = &g->changes[g->n - 1];
    const corm_operation *operation = &g->operations[g->n - 1];
    corm_change whole = *last;
    corm_script script;
    whole.before = g->changes[0].before;
    whole.schema_before = g->changes[0].schema_before;
    corm__script_init(&script, &x->scratch, x->db->backend->version(x->db->conn), &x->db->error);
    int status = corm__keep_settings(x, operation);
    for (size_t i = 0; !status && i < g->n; i++)
        status = corm__check_rows(x, &g->operations[i], whole.before, &g->changes[i]);
    if (!status) status = corm__script_add(&script, x->db->backend, operation, last, x->db->conn);
    if (!status && script.foreign_keys_off) status = corm__guard_before(&x->guard, &whole);
    if (!status) status = run_script(x, &script);
    if (!status) status = corm__run_function(x, operation);
    if (!status) status = corm__restore_settings(x);
    if (!status && script.foreign_keys_off) status = corm__guard_after(&x->guard);
    if (!status) status = check_deferred(x, operation);
    for (size_t i = 0; !status && i < g->n; i++) {
        if (!g->down[i]) *down = NULL;
        corm_change alone = g->changes[i];
        alone.earlier = NULL;
        if (*down) status = corm__prepend_down(x, &g->undo[i], &alone, false, down);
        *expands &= !status && corm__step_expands(x->migration, &g->operations[i], &alone);
    }
    if (corm__comparison_failed() && !status) status = corm__fail_memory(&x->db->error);
    return status;
}

/* Names all operations that were done at once; the one that adds a column, when there is one, says
 * what may be missing. */
static int in_group(corm_executor *x, const group *g) {
    const corm_operation *blamed = &g->operations[0];
    char *text = NULL;
    for (size_t i = 0; i < g->n; i++) {
        char *one = corm__operation_describe(&g->operations[i], &x->scratch);
        text = one && text ? corm__arena_printf(&x->scratch, "%s; %s", text, one) : one;
        if (!text) return corm__fail_memory(&x->db->error);
        if (g->operations[i].kind == CORM_ADD_COLUMN) blamed = &g->operations[i];
    }
    return corm__in_operation(x, blamed, text ? text : "?", x->backwards);
}

/* The first of the n operations, and those that are done together with it; *done says how many. */
static int run_operations(corm_executor *x, const corm_operation *operations, size_t n,
                          const char **down, bool *expands, size_t *done) {
    double start = corm__clock();
    group g;
    int status = collect(x, operations, n, *down, &g);
    if (!status) status = run_group(x, &g, down, expands);
    *done = g.n ? g.n : 1;
    if (status == CORM_ERROR_MEMORY) return status;
    if (status) return in_group(x, &g);
    for (size_t i = 0; i < g.n; i++) {
        char *text = corm__operation_describe(&operations[i], &x->scratch);
        if (!text) return corm__fail_memory(&x->db->error);
        corm__report(x, CORM_MIGRATE_OPERATION, text, (corm__clock() - start) / (double)g.n);
    }
    return 0;
}

int corm__create_recorder(corm_executor *x) {
    corm_script script;
    corm_schema nothing = { (const corm_table[]){ { 0 } }, 0 },
                all = { (const corm_table[]){ corm__recorder_table, { 0 } }, 1 };
    corm_change change = { .kind = CORM_CREATE_TABLE,
                           .after = &corm__recorder_table,
                           .schema_before = &nothing,
                           .schema_after = &all };
    corm__script_init(&script, &x->scratch, x->db->backend->version(x->db->conn), &x->db->error);
    int status = x->db->backend->ddl(&script, &change, x->db->conn);
    for (size_t i = 0; !status && i < script.n_steps; i++)
        status = corm_exec(x->db, script.steps[i].sql);
    return status;
}

static int run_all(corm_executor *x, const corm_migration *migration, bool backwards,
                   const corm_step_list *steps, bool fake, bool check) {
    int status =
        x->has_table || !x->db->backend->features->transactional_ddl ? 0 : corm__create_recorder(x);
    if (!status)
        status = backwards ? corm__recorder_remove_all(x->db, migration)
                           : corm__recorder_add(x->db, migration, NULL);
    if (!status && check) status = corm__guard_note_violations(&x->guard);
    const char *down = backwards || fake ? NULL : "";
    bool expands = !fake;
    for (size_t i = 0, done = 0; !status && i < steps->n; i += done)
        status = run_operations(x, &steps->operations[i], steps->n - i, &down, &expands, &done);
    if (!status && check) status = corm__guard_check_violations(&x->guard);
    if (!status && !backwards) status = corm__recorder_finish(x->db, migration, down, expands);
    return status;
}

static int restore_state(corm_executor *x, const corm_schema *before) {
    corm__state_release(&x->state);
    return corm__state_init(&x->state, &x->arena, before) ? corm__fail_memory(&x->db->error) : 0;
}

int corm__run_transaction(corm_executor *x, const corm_migration *migration, bool backwards,
                          const corm_step_list *steps, bool fake) {
    bool off = false;
    corm_patience patience = { 0 };
    corm_schema *before = corm__state_snapshot(&x->state, &x->scratch);
    int status = before ? corm__needs_foreign_keys_off(x, steps, migration->app, &off)
                        : corm__fail_memory(&x->db->error);
    if (!status && !x->has_table && !x->db->backend->features->transactional_ddl)
        status = corm__create_recorder(x);
    if (!status && off) status = corm__guard_foreign_keys_off(&x->guard);
    if (status) return status;
    do {
        status = patience.tries ? restore_state(x, before) : 0;
        if (!status) status = corm__begin_short(x);
        if (status) break;
        status = run_all(x, migration, backwards, steps, fake, off);
        status = corm__end_short(x, status);
    } while (status && corm__try_again(x, &patience, status));
    corm__guard_foreign_keys_on(&x->guard);
    return status;
}
