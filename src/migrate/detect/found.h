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
};

/* A rename that a model declares. column NULL: of a table. done: the history has it, which counts
 * where both names are there (corm__renames_done). */
typedef struct corm_declared_rename {
    const char *table, *column, *from;
    bool done;
} corm_declared_rename;
/* Sets done. 0 or CORM_ERROR_MEMORY. */
int corm__renames_done(const corm_graph *graph, corm_declared_rename *declared, corm_arena *arena);

/* The way between two schemas. target: the models' tables, each with its app. declared: ends with
 * table NULL, or NULL. questions may be NULL. */
int corm__detect(const corm_schema *from, const corm_schema *target,
                 const corm_declared_rename *declared, const corm_questions *questions,
                 corm_arena *arena,
                 corm_found **out, size_t *n, corm_error_info *error);
/* from: as given to corm__detect. */
int corm__into_migrations(const corm_graph *graph, const corm_schema *from, const corm_found *found,
                          size_t n, corm_arena *arena, corm_new_migration **out, size_t *n_out,
                          corm_error_info *error);
