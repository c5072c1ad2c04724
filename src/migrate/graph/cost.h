/* What operations cost, without a database. */
#pragma once
#include "migrate/graph/graph.h"
#include "migrate/state/state.h"

CORM__SHARED_BEGIN

/* Walks over migrations. All that comes out lives until the next call. */
typedef struct corm_costing {
    const corm_graph *graph;
    corm_arena tables, scratch;     /* of the state; of one migration's steps */
    corm_state state;
    /* how many migrations of the order the state has; it starts when `started` */
    size_t position;
    bool started;
} corm_costing;

/* A step of a migration, as it runs. */
typedef struct corm_costed_step {
    size_t index;                   /* of the migration's operation that it is, or is a part of */
    const corm_operation *operation;
    corm_change change;             /* kind 0: SQL or a function, of which nothing is known */
    /* on a table that this migration made: nothing in it can take time */
    bool fresh;
    bool expands;                   /* programs that know the tables as they were go on working */
} corm_costed_step;

/* A costing that is all zero bytes but its graph is ready. */
void corm__costing_release(corm_costing *costing);
/* The steps of a migration, forwards or (backwards) of its undoing. Migrations in the order of the
 * graph take one step each over the history. */
int corm__costing_steps(corm_costing *costing, const corm_migration *migration, bool backwards,
                        corm_costed_step **out, size_t *n, corm_error_info *error);
/* What the step costs on the backend. cost 0: not known. 0, or CORM_ERROR_MEMORY. */
int corm__step_cost(const corm_costed_step *step, const corm_backend *backend, int version,
                    corm_change_cost *out);
/* The dearer one; what is not known is dearest. */
corm_change_cost corm__dearer(corm_change_cost a, corm_change_cost b);
/* "instant", "scan", "rewrite", and "?" for what is not known. Static memory. */
const char *corm__cost_name(corm_cost cost);

CORM__SHARED_END
