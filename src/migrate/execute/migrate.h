/* Applying and undoing migrations on a database. */
#pragma once
#include "migrate/graph/graph.h"
#include "migrate/graph/plan.h"

CORM__SHARED_BEGIN

typedef enum corm_migrate_event_kind {
    CORM_MIGRATE_WAITING = 1,   /* another holds the lock: text says who */
    CORM_MIGRATE_BEGIN,         /* a migration starts */
    CORM_MIGRATE_OPERATION,     /* an operation ended: text describes it */
    CORM_MIGRATE_END,           /* a migration is committed */
    CORM_MIGRATE_NOTHING,
    /* migration was squashed, and all that it replaces is applied: now it has a record of its
     * own */
    CORM_MIGRATE_RECORDED,
    /* what a person should know: an edited migration, a database that is newer than the program */
    CORM_MIGRATE_NOTICE,
    /* a statement waits for a lock of a table: text says who has it, or when it is tried again */
    CORM_MIGRATE_BLOCKED,
    CORM_MIGRATE_PROGRESS       /* of a function of the migration: done, total */
} corm_migrate_event_kind;
typedef struct corm_migrate_event {
    corm_migrate_event_kind kind;
    const corm_migration *migration;
    bool backwards;
    bool faked;                 /* end: it was only recorded */
    const char *text;
    double seconds;
    size_t index, total;        /* of the migration in the plan, from 0 */
    uint64_t rows_done, rows_total; /* CORM_MIGRATE_PROGRESS; rows_total 0: not known */
} corm_migrate_event;
typedef struct corm_migrate_options {
    const char *app, *target;   /* as corm_plan_target */
    const corm_plan_target *targets;    /* n_targets != 0: several at once, instead of these */
    size_t n_targets;
    bool fake;
    /* the first migration of an app is only recorded when the database has all that it makes */
    bool fake_initial;
    /* seconds to wait for the migration lock, and for a lock of a table; 0: for ever */
    double lock_timeout;
    /* Never called twice at once, but CORM_MIGRATE_BLOCKED may come from another thread. */
    void (*report)(void *context, const corm_migrate_event *event);
    void *context;
} corm_migrate_options;
/* Applies (or undoes) what is pending, under the migration lock; pending work is computed inside
 * it. Each migration and its record are one transaction where the engine can. */
int corm__migrate(corm_db *db, const corm_settings *settings, const char *alias,
                  const corm_app *const *apps, const corm_migrate_options *options,
                  size_t *n_applied);
/* --prune: removes the records of the app's migrations that this program neither carries nor
 * replaces (look_only: finds them). *out: those rows, in the arena. */
int corm__prune(corm_db *db, const corm_app *const *apps, const char *app, bool look_only,
                corm_arena *arena, const corm_applied ***out, size_t *n);

CORM__SHARED_END
