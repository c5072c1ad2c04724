/* Migrations: plain constant data, written by makemigrations, carried in the program.
 *
 *     CORM_MIGRATION(recipes, 0002_recipe_servings) = {
 *         .depends_on = (const char *const[]){ "recipes.0001_initial", NULL },
 *         .operations = (const corm_operation[]){
 *             { .kind = CORM_ADD_COLUMN, .table = "recipes",
 *               .column = { "servings", .kind = CORM_INTEGER, .null = true } },
 *             { 0 } } };
 *
 * and in the app's migrations.c:
 *
 *     #include "0001_initial.h"
 *     #include "0002_recipe_servings.h"
 *     CORM_MIGRATIONS(recipes,
 *         0001_initial,
 *         0002_recipe_servings,
 *     );
 *
 * Each name has a line of its own with a comma behind it, also the last: of two branches that both
 * add one, git takes both sides. */
#pragma once
#pragma GCC system_header
#ifdef __cplusplus
#include <corm/c_only.h>
#else
#include <corm/begin.h>
#include <corm/each.h>
#include <corm/schema.h>

CORM__BEGIN

typedef struct corm_db corm_db;
typedef struct corm_operation corm_operation;

/* SQL for one engine. */
typedef struct corm_engine_sql {
    /* "postgresql": the setting DB_ENGINE; an array of them ends with NULL */
    const char *engine;
    const char *sql, *reverse_sql;      /* as in corm_operation */
} corm_engine_sql;

/* What a function of a migration gets. It works with SQL (corm_sql, corm_exec) on the tables as
 * they are at its place in the history, not on the models, which are those of today. */
typedef struct corm_migration_run {
    corm_db *db;                        /* in the migration's transaction, when it has one */
    const corm_schema *schema;          /* the tables at this place, to look up what is there */
    /* Shows progress of long work; cheap: call it for every row. total 0: unknown. */
    void (*progress)(const struct corm_migration_run *run, uint64_t done, uint64_t total);
    void *context;                      /* of progress */
} corm_migration_run;
/* 0, or the status of the error that is on the handle. */
typedef int corm_migration_function(const corm_migration_run *run);

struct corm_operation {
    corm_operation_kind kind;
    const char *table;                  /* in the database */
    /* rename: the old name of the column, index or constraint; remove, validate: which; an
     * extension's name */
    const char *name;
    const char *new_name;               /* rename */
    /* create table: the model's name, NULL for a many-to-many table */
    const char *model;
    /* add, alter column: as it is to be. Remove: its name is in .name */
    corm_column column;
    /* add column, alter column to NOT NULL: a one-off value for the rows that are there; remove
     * column: what they get when it is undone */
    corm_default fill;
    const corm_column *columns;         /* create table; ends with { 0 } */
    /* create table, alter primary key: column names, comma-separated. Add, remove column: what the
     * key is to be with it, or without it, because an identity column is always in it ("": none);
     * NULL: as it is */
    const char *primary_key;
    const corm_index *indexes;          /* create table */
    const corm_constraint *constraints; /* create table */
    corm_index index;                   /* add, alter index (as it is to be) */
    corm_constraint constraint;         /* add, alter constraint (as it is to be) */
    const char *comment;                /* create table, alter comment */
    /* add, remove index: without blocking writers (features.concurrent_index; elsewhere as usual);
     * the migration must be .outside_transaction */
    bool concurrently;
    /* run sql; reverse NULL: cannot be undone, "": nothing to undo */
    const char *sql, *reverse_sql;
    /* run sql: instead of sql and reverse_sql on these engines. Add, alter, remove column: sql is
     * an expression, which rows get on these engines instead of .fill; no reverse_sql */
    const corm_engine_sql *engines;
    /* run c; reverse NULL: cannot be undone, corm_nothing_to_undo: nothing to undo */
    corm_migration_function *run, *reverse;
    /* run sql, run c, separate: what it means for the state; ends with { 0 } */
    const corm_operation *state;
    /* separate: what is done to the database; ends with { 0 } */
    const corm_operation *database;
    /* alter column: values that its new type does not hold as they are may be rounded or cut; else
     * one such row stops the migration */
    bool lossy;
    /* run sql, run c: matters to the rows of that time only; squashing leaves it out */
    bool elidable;
};
/* For .reverse: does nothing. */
int corm_nothing_to_undo(const corm_migration_run *run);

/* What one migration does. */
typedef struct corm_migration_body {
    const char *const *depends_on;      /* "app.name", ends with NULL; may be NULL */
    const corm_operation *operations;   /* ends with { 0 } */
    /* "app.name" of another app's migrations that are to wait for this one; as depends_on */
    const char *const *run_before;
    /* "app.name" of the migrations that were squashed into this one; as depends_on */
    const char *const *replaces;
    /* older programs keep working with what its run_sql and run_c do, which corm cannot see by
     * itself */
    bool expands;
    /* no transaction around it: each operation is recorded by itself, and a killed run goes on
     * behind the last */
    bool outside_transaction;
    /* "app.name" of earlier squashed migrations that were squashed into this one: databases may
     * have their records, and need not; as depends_on */
    const char *const *squashes;
} corm_migration_body;

/* A migration with its name; an app's list ends with app NULL. */
typedef struct corm_migration {
    const char *app, *name;
    const corm_migration_body *body;
} corm_migration;

#define CORM_MIGRATION(app, name) static const corm_migration_body corm__migration_##app##_##name
#define CORM_MIGRATIONS(app, ...)                                                                  \
    extern const corm_migration app##_migrations[];                                                \
    const corm_migration app##_migrations[] = { CORM__MANY(CORM__MIGRATION_ENTRY, app,             \
        __VA_ARGS__) { 0 } }
/* Behind the last comma there is no name. */
#define CORM__MIGRATION_ENTRY(app, ...)                                                            \
    __VA_OPT__(CORM__MIGRATION_NAMED(app, __VA_ARGS__))
#define CORM__MIGRATION_NAMED(app, name) { #app, #name, &corm__migration_##app##_##name },

CORM__END
#endif
