/* Operations by themselves: applied to a schema, undone, described, and made fewer. */
#pragma once
#include "base/arena.h"
#include "base/visibility.h"
#include "schema/schema.h"
#include <corm/backend.h>
#include <corm/migration.h>

/* The SQL of CORM_RUN_SQL for an engine (its setting DB_ENGINE); NULL: it has none, and cannot run
 * (be undone) there. */
const char *corm__operation_sql(const corm_operation *operation, const char *engine);
/* What rows get that are there: of .engines, or else .fill. engine NULL: .fill. */
corm_default corm__operation_fill(const corm_operation *operation, const char *engine);

CORM__SHARED_BEGIN

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

/* Fewer operations with the same effect, forwards and backwards: what is created and altered is
 * created as it is to be, what is added and removed vanishes, … RUN_SQL, RUN_C and SEPARATE stay
 * where they are, and nothing moves over them; elide drops those that are .elidable. Shares memory
 * with operations, otherwise in the arena; ends with kind 0. */
int corm__optimize(const corm_operation *operations, size_t n, bool elide, corm_arena *arena,
                   corm_operation **out, size_t *n_out, corm_error_info *error);

/* A migration to be written. */
typedef struct corm_new_migration {
    const char *app, *name;     /* "0002_recipe_servings" */
    const char **depends_on;    /* ends with NULL */
    corm_operation *operations; /* ends with kind 0 */
    size_t n_operations;
    const char **run_before, **replaces; /* as depends_on; NULL: none */
    bool outside_transaction, expands;
    const char **squashes; /* as replaces */
} corm_new_migration;

CORM__SHARED_END
