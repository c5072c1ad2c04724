/* What the files of the executor share: executor.c decides what is to be done, run.c does a
 * migration in a transaction, resume.c one without, and undo_newer.c undoes what the program does
 * not carry. */
#pragma once
#include "db/db.h"
#include "migrate/execute/journal.h"
#include "migrate/execute/lock.h"
#include "migrate/execute/migrate.h"
#include "migrate/execute/rebuild_guard.h"
#include "migrate/execute/recorder.h"
#include "migrate/execute/script.h"
#include <pthread.h>

/* Lines before recorded SQL that has to run with foreign keys off; outside of a transaction. */
#define CORM_MARK_FOREIGN_KEYS "-- foreign keys off\n"
#define CORM_MARK_OUTSIDE "-- outside of a transaction\n"

typedef struct corm_executor {
    corm_db *db;
    const corm_settings *settings;
    const char *alias;
    const corm_app *const *apps;
    const corm_graph *graph;
    const corm_migrate_options *options;
    corm_arena arena;   /* for the whole run */
    corm_arena scratch; /* for one migration */
    corm_ledger ledger;
    corm_plan plan;
    corm_history history;
    bool has_table;       /* corm_migrations */
    corm_state state;     /* of the database, as far as it is done */
    corm_step_list *undo; /* of each step of the plan that goes backwards */
    corm_guard guard;
    corm_migration_lock *lock;
    size_t done;
    pthread_mutex_t reporting; /* the lock's thread reports, too */
    char blocker[512];         /* who kept a statement waiting last */
    const corm_migration *migration; /* under way */
    bool backwards, faked;
    size_t index;
    const char *settings_before; /* SQL that restores them, while an operation may change any */
    corm_schema live; /* --fake-initial: what the database had */
} corm_executor;

/* How long something has been tried that others may be in the way of. */
typedef struct corm_patience {
    double start;
    int tries;
} corm_patience;

/* --- report.c --- */
void corm__report(corm_executor *x, corm_migrate_event_kind kind, const char *text, double seconds);
/* Begins a migration's step, of which all events are then. */
void corm__report_begin(corm_executor *x, const corm_migration *migration, bool backwards,
                        size_t index);

/* Reads the records, and what is to be done: graph, history, plan. */
int corm__look(corm_executor *x);
/* The state of the database, and on the way to it how to undo what the plan undoes. journal: of the
 * only step of the plan, which another run has begun; NULL: none. */
int corm__build_state(corm_executor *x, const corm_journal *journal);
int corm__run_plan(corm_executor *x, const corm_journal *journal);

/* --- unfinished.c --- */
/* Finishes what another run has begun, or takes it back when the plan wants it away (or there
 * again). */
int corm__finish_unfinished(corm_executor *x, const corm_applied *row);

/* --fake: forgets what another run has begun and the plan has another opinion of. */
int corm__fake_unfinished(corm_executor *x);

/* --- session.c: around SQL and functions of a migration, which may change the session --- */
/* Notes the settings before the operation, if it may change any. */
int corm__keep_settings(corm_executor *x, const corm_operation *operation);
/* As they were; before anything is recorded. */
int corm__restore_settings(corm_executor *x);

/* --- run.c --- */
/* What the migration does, forwards, or backwards (x->undo of its place in the plan). */
int corm__run_transaction(corm_executor *x, const corm_migration *migration, bool backwards,
                          const corm_step_list *steps, bool fake);
int corm__create_recorder(corm_executor *x);
/* One operation: its change and its script. done: the database has it already, and is not asked. */
int corm__prepare_operation(corm_executor *x, const corm_operation *operation, bool done,
                            corm_change *change, corm_script *script);
/* Before the state moves: the operation that undoes it; *down becomes NULL when there is none.
 * Afterwards: its SQL in front of *down. */
void corm__find_undo(corm_executor *x, const corm_operation *operation, corm_operation *undo,
                     const char **down);
int corm__prepend_down(corm_executor *x, const corm_operation *undo, const corm_change *change,
                       bool outside, const char **down);
/* Calls the function of an operation that has one. */
int corm__run_function(corm_executor *x, const corm_operation *operation);
/* Puts the operation's text before the error's message. */
int corm__in_operation(corm_executor *x, const corm_operation *operation, const char *text,
                       bool backwards);
/* One statement inside a transaction. */
int corm__run_statement(corm_executor *x, const char *sql);
/* Begins a transaction that does not wait long for a lock; ends it when the migration lock is held
 * still, or rolls it back when status is not 0. Returns the status. */
int corm__begin_short(corm_executor *x);
int corm__end_short(corm_executor *x, int status);
/* True after a pause when the failure on the handle is that another holds a lock, and there is
 * patience left. */
bool corm__try_again(corm_executor *x, corm_patience *patience, int status);
/* Whether a change rebuilds a table on an engine that cannot alter one: the foreign keys are off
 * then, from before the transaction. */
int corm__needs_foreign_keys_off(corm_executor *x, const corm_step_list *steps, const char *app,
                                 bool *out);

/* --- renew.c --- */
/* Brings a database of an earlier corm into the form of this one; whether that is to be done. */
int corm__renew(corm_executor *x);
int corm__renewal_pending(corm_executor *x, bool *out);

/* --- resume.c --- */
/* Without a transaction around it; journal NULL: from the beginning. */
int corm__run_journaled(corm_executor *x, const corm_migration *migration, bool backwards,
                        const corm_step_list *steps, const corm_journal *journal);
/* SQL by itself, as of a record: of a migration that is being undone. */
int corm__run_journaled_sql(corm_executor *x, const corm_migration *migration, const char *sql,
                            const corm_journal *journal);

/* --- duplicates.c --- */
/* Says in the error on the handle, which is CORM_ERROR_UNIQUE, which values are in the way of what
 * the migration makes unique; the error stays as it is where that is not known. Outside of a
 * transaction. */
void corm__explain_duplicates(corm_db *db, const corm_migration *migration);

/* --- undo_newer.c --- */
/* Undoes a migration that this program does not carry by the SQL of its record; journal NULL: from
 * the beginning. */
int corm__undo_newer(corm_executor *x, const corm_migration *migration,
                     const corm_journal *journal);
