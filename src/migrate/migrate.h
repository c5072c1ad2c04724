/* Migrations for the commands: graph, plan, state, execution, and the making of new ones. */
#pragma once
#include "base/visibility.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "model/model.h"
#include "schema/schema.h"
#include <corm/backend.h>
#include <corm/migration.h>

CORM__SHARED_BEGIN

/* --- recorder: what the database says has been applied --- */
typedef struct corm_applied {
    const char *app, *name;
    corm_timestamp applied;
    const char *checksum;
    /* "core.0001_initial shop.0002_price", so that a program that does not carry it knows its
     * place */
    const char *depends_on;
    /* older programs go on working: nothing that they use has changed */
    bool expands;
    const char *journal;        /* of one that is half undone: where it stands; else NULL */
} corm_applied;
/* No table corm_migrations: n is 0 and *out NULL; an empty one: n is 0 and *out is not NULL. */
int corm__recorder_load(corm_db *db, corm_arena *arena, corm_applied **out, size_t *n);

/* --- graph and loader: the migrations that the program carries --- */
typedef struct corm_graph corm_graph;
/* NULL and *error filled (circle, unknown dependency, two leaves) when they are not consistent.
 * Lives in the arena. */
corm_graph *corm__graph_load(const corm_app *const *apps, corm_arena *arena,
                             corm_error_info *error);
/* The same for a database that has `applied` (n rows of corm__recorder_load): a squashed migration
 * stands for those that it replaces when all or none of them are applied, otherwise they stand for
 * themselves. corm__graph_load is this with nothing applied. */
corm_graph *corm__graph_load_for(const corm_app *const *apps, const corm_applied *applied, size_t n,
                                 corm_arena *arena, corm_error_info *error);
/* As corm__graph_load, but an app may have more than one latest migration: for merging them. */
corm_graph *corm__graph_load_branches(const corm_app *const *apps, corm_arena *arena,
                                      corm_error_info *error);
/* All migrations in an order in which they can be applied. */
const corm_migration *const *corm__graph_order(const corm_graph *graph, size_t *n);
/* By a full name or a prefix that only one migration of the app has. */
const corm_migration *corm__graph_find(const corm_graph *graph, const char *app,
                                       const char *name_or_prefix, corm_error_info *error);
/* The number in a migration's name: 2 of 0002_recipe_servings; the last one of a squashed one: 4 of
 * 0001_squashed_0004_recipe_servings. */
long corm__migration_number(const char *name);
/* A latest migration of an app, and all migrations of the app that it stands on and that not every
 * other latest one stands on, itself last. */
typedef struct corm_branch {
    const corm_migration *leaf;
    const corm_migration **migrations;
    size_t n;
} corm_branch;
/* The branches of an app of corm__graph_load_branches; less than two: nothing to merge. */
int corm__graph_branches(const corm_graph *graph, const char *app, corm_arena *arena,
                         corm_branch **out, size_t *n, corm_error_info *error);
/* *conflict is NULL when no operation of one branch touches what one of the other touches, so that
 * their order does not matter; otherwise it says what both touch ("both change column title of
 * recipes"). 0 or a status. */
int corm__branches_commute(const corm_branch *a, const corm_branch *b, corm_arena *arena,
                           const char **conflict, corm_error_info *error);
/* The schema after the migrations of the order up to n (n = all: the end). */
int corm__graph_state(const corm_graph *graph, size_t n, corm_arena *arena, corm_schema *out,
                      corm_error_info *error);

/* --- state: a schema with operations applied --- */
/* Applies operation to state (tables are replaced, not changed in place). change (may be NULL) gets
 * what a backend writes DDL for; its kind is 0 when the operation is SQL, C or separate: then only
 * schema_before is set. */
int corm__operation_apply(const corm_operation *operation, const char *app, corm_schema *state,
                          corm_arena *arena, corm_change *change, corm_error_info *error);
/* The operation that undoes it, given the state before. CORM_ERROR_MIGRATION when it has none. */
int corm__operation_reverse(const corm_operation *operation, const corm_schema *before,
                            corm_arena *arena, corm_operation *out, corm_error_info *error);
/* "Add column servings to recipes". */
char *corm__operation_describe(const corm_operation *operation, corm_arena *arena);

/* --- plan and executor --- */
typedef struct corm_plan_step { const corm_migration *migration; bool backwards; } corm_plan_step;
/* First what is undone, in the reverse of the graph's order, then what is applied, in its order. */
typedef struct corm_plan {
    corm_plan_step *steps;
    size_t n;
    /* squashed migrations whose replaced ones are all applied: their own record is missing
     * (corm__recorder_add) */
    const corm_migration **records;
    size_t n_records;
    /* what this program does not carry and is to be undone before all, by the SQL of its record, in
     * this order */
    const corm_applied **newer;
    size_t n_newer;
} corm_plan;
/* app NULL: everything; name NULL: the app's latest; "zero": undo all of the app; otherwise
 * forwards or back to that migration (corm__graph_find). */
typedef struct corm_plan_target { const char *app, *name; } corm_plan_target;
/* All targets in one plan (none: everything); CORM_ERROR_USAGE when one needs what another one
 * undoes. CORM_ERROR_MIGRATION when a migration is applied and what it depends on is not;
 * records_only is for changing records alone (--fake), which mends that. The graph is that of
 * corm__graph_load_for with the same rows. */
int corm__plan_targets(const corm_graph *graph, const corm_applied *applied, size_t n_applied,
                       const corm_plan_target *targets, size_t n, bool records_only,
                       corm_arena *arena,
                       corm_plan *out, corm_error_info *error);
/* The same with one target. */
int corm__plan(const corm_graph *graph, const corm_applied *applied, size_t n_applied,
               const char *app, const char *target, corm_arena *arena, corm_plan *out,
               corm_error_info *error);
int corm__plan_records(const corm_graph *graph, const corm_applied *applied, size_t n_applied,
                       const char *app, const char *target, corm_arena *arena, corm_plan *out,
                       corm_error_info *error);

/* CORM_ERROR_NEWER when the database has migrations of this program's apps that it does not carry
 * and that may have taken away what it uses. */
int corm__refuse_newer(const corm_graph *graph, const corm_applied *applied, size_t n_applied,
                       corm_arena *arena, corm_error_info *error);
/* Adds to a plan that goes back to a target what newer programs applied on top of it. */
int corm__plan_newer(const corm_graph *graph, const corm_applied *applied, size_t n_applied,
                     const corm_plan_target *targets, size_t n_targets, corm_arena *arena,
                     corm_plan *plan,
                     corm_error_info *error);

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
/* The SQL of one migration for an engine, as a script to print. conn-less. */
int corm__migration_sql(const corm_graph *graph, const corm_migration *migration, bool backwards,
                        const corm_backend *backend, corm_buffer *out, corm_error_info *error);

/* --fake-initial: whether the database (live: corm__backend introspect of all of it) has all the
 * tables and columns already that this migration makes, which is the first of its app, on the state
 * before it: 1 yes, 0 nothing of it; CORM_ERROR_MIGRATION when it has a part of it, which the
 * message names. */
int corm__migration_exists(const corm_migration *migration, const corm_schema *before,
                           const corm_schema *live, corm_arena *arena, corm_error_info *error);

/* --- optimizer --- */
/* Fewer operations with the same effect, forwards and backwards: what is created and altered is
 * created as it is to be, what is added and removed vanishes, … RUN_SQL, RUN_C and SEPARATE stay
 * where they are, and nothing moves over them; elide drops those that are .elidable. Shares memory
 * with operations, otherwise in the arena; ends with kind 0. */
int corm__optimize(const corm_operation *operations, size_t n, bool elide, corm_arena *arena,
                   corm_operation **out, size_t *n_out, corm_error_info *error);

/* --- autodetector --- */
/* A question that nobody answered. All texts live in the arena of the detection. */
typedef struct corm_open_question {
    const char *kind;           /* "renamed_column", "renamed_table", "fill", "not_null" */
    const char *app, *table, *column;   /* column NULL: of the table */
    const char *text;           /* the question */
    const char *write;          /* what to write in the model instead of an answer */
} corm_open_question;
/* Answers besides 1 (yes) and 0 (no). */
enum {
    /* nobody to ask: the question is reported, and the search for others goes on */
    CORM_QUESTION_OPEN = -1,
    CORM_QUESTION_STOP = -2     /* the person does not want to go on: CORM_ERROR_CANCELLED */
};
/* Asks a person. A callback that is NULL leaves its questions open. In the end open questions are
 * CORM_ERROR_USAGE, with the first of them in the error: what to write in the model is the hint. */
typedef struct corm_questions {
    /* 1: yes, renamed; 0: no. */
    int (*renamed_column)(void *context, const corm_table *table, const corm_column *from,
         const corm_column *to);
    int (*renamed_table)(void *context, const corm_table *from, const corm_table *to);
    /* A one-off value for existing rows of a new NOT NULL column: 1 and *out filled. */
    int (*fill)(void *context, const corm_table *table, const corm_column *column,
         corm_default *out, corm_arena *arena);
    void *context;
    /* The same where a column with NULLs becomes NOT NULL; 0: the rows have none, somebody saw to
     * it. NULL: fill is asked. */
    int (*not_null)(void *context, const corm_table *table, const corm_column *before,
         const corm_column *after, corm_default *out, corm_arena *arena);
    void (*open)(void *context, const corm_open_question *question);
} corm_questions;
/* A migration to be written. */
typedef struct corm_new_migration {
    const char *app, *name;     /* "0002_recipe_servings" */
    const char **depends_on;    /* ends with NULL */
    corm_operation *operations; /* ends with kind 0 */
    size_t n_operations;
    const char **run_before, **replaces; /* as depends_on; NULL: none */
    bool outside_transaction;
} corm_new_migration;
/* The difference between the migrations' end state and the models, as migrations in an order in
 * which they can be applied. */
int corm__autodetect(const corm_graph *graph, const corm_app *const *apps,
                     const corm_questions *questions, corm_arena *arena, corm_new_migration **out,
                     size_t *n, corm_error_info *error);

/* Migrations, one an app, that bring a database, whose tables are these, to what the models say and
 * the migrations have already: their state is first told what the database has. name stands behind
 * their numbers. database: the tables of the models alone, each with its app. */
int corm__repair(const corm_graph *graph, const corm_schema *database, const corm_schema *models,
                 const char *name, corm_arena *arena, corm_new_migration **out,
                 size_t *n, corm_error_info *error);

/* --- writer --- */
/* The text of the migration's file (CORM_ERROR_MIGRATION for one with a C function, whose name is
 * not known); and of the app's migrations.c with the migration added (text NULL or "": a new
 * one). */
int corm__write_migration(const corm_new_migration *migration, corm_buffer *out,
                          corm_error_info *error);
int corm__write_list(const char *app, const char *text, const char *migration, corm_buffer *out,
                     corm_error_info *error);

CORM__SHARED_END
