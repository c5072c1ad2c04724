/* What the autodetector's two halves share: detect.c finds the operations, in one order over all
 * apps in which they can be applied; into_migrations.c cuts that order into migrations. */
#pragma once
#include "migrate/detect/autodetect.h"
#include "migrate/state/state.h"

typedef struct corm_found corm_found;
struct corm_found {
    const char *app;
    corm_operation operation;
    const char *label;          /* what names it in the migration's name: "recipe_servings" */
    const size_t *needs;        /* positions of operations of other apps that must have run */
    size_t n_needs;
    const char *const *apps;    /* apps whose present migrations must have run */
    size_t n_apps;
};

/* A rename that a model declares. column NULL: of a table. */
typedef struct corm_declared_rename { const char *table, *column, *from; } corm_declared_rename;

/* The way between two schemas. target: the models' tables, each with its app. declared: ends with
 * table NULL, or NULL. questions may be NULL. */
int corm__detect(const corm_schema *from, const corm_schema *target,
                 const corm_declared_rename *declared, const corm_questions *questions,
                 corm_arena *arena,
                 corm_found **out, size_t *n, corm_error_info *error);
int corm__into_migrations(const corm_graph *graph, const corm_found *found, size_t n,
                          corm_arena *arena, corm_new_migration **out, size_t *n_out,
                          corm_error_info *error);
