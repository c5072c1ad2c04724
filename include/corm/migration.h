/* Migrations: plain constant data, written by makemigrations, carried in the program.
 *
 *     CORM_MIGRATION(recipes, 0002_recipe_servings) = {
 *         .depends_on = (const char *const[]){ "recipes.0001_initial", NULL },
 *         .operations = (const corm_operation[]){
 *             { .kind = CORM_ADD_COLUMN, .table = "recipes", .column = { "servings", .kind = CORM_INTEGER, .null = true } },
 *             { 0 } } };
 *
 * and in the app's migrations.c:
 *
 *     #include "0001_initial.h"
 *     #include "0002_recipe_servings.h"
 *     CORM_MIGRATIONS(recipes,
 *         0001_initial,
 *         0002_recipe_servings); */
#pragma once
#include <corm/each.h>
#include <corm/schema.h>

#pragma GCC visibility push(default)

typedef struct corm_operation {
    corm_operation_kind kind;
    const char *table;                  /* in the database */
    const char *name;                   /* rename: the old name of the column or index; remove: what to remove */
    const char *new_name;               /* rename */
    const char *model;                  /* create table: the model's name, NULL for a many-to-many table */
    corm_column column;                 /* add, alter column: as it is to be. Remove: its name is in .name */
    corm_default fill;                  /* add column, alter column to NOT NULL: a one-off value for the rows that are there;
                                         * remove column: what they get when it is undone */
    const corm_column *columns;         /* create table; ends with { 0 } */
    const char *primary_key;            /* create table: column names, comma-separated */
    const corm_index *indexes;          /* create table */
    const corm_constraint *constraints; /* create table */
    corm_index index;                   /* add index */
    corm_constraint constraint;         /* add constraint */
    const char *comment;                /* create table, alter comment */
    const char *sql, *reverse_sql;      /* run sql; reverse NULL: cannot be undone, "": nothing to undo */
} corm_operation;

/* What one migration does. */
typedef struct corm_migration_body {
    const char *const *depends_on;      /* "app.name", ends with NULL; may be NULL */
    const corm_operation *operations;   /* ends with { 0 } */
} corm_migration_body;

/* A migration with its name; an app's list ends with app NULL. */
typedef struct corm_migration {
    const char *app, *name;
    const corm_migration_body *body;
} corm_migration;

#define CORM_MIGRATION(app, name) static const corm_migration_body corm__migration_##app##_##name
#define CORM_MIGRATIONS(app, ...)                                                                              \
    extern const corm_migration app##_migrations[];                                                            \
    const corm_migration app##_migrations[] = { CORM__EACH(CORM__MIGRATION_ENTRY, app, __VA_ARGS__) { 0 } }
#define CORM__MIGRATION_ENTRY(app, name) { #app, #name, &corm__migration_##app##_##name },

#pragma GCC visibility pop
