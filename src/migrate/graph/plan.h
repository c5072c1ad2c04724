/* What the database has of the graph, and what is to be undone and applied. */
#pragma once
#include "migrate/graph/graph.h"

CORM__SHARED_BEGIN

/* What the database has of the graph, and what the graph has not. */
typedef struct corm_history {
    /* of each position, NULL: not applied. A squashed one without a record of its own has that of
     * the last it replaces */
    const corm_applied **applied;
    /* of apps of this program, but neither among its migrations nor replaced by one */
    const corm_applied **unknown;
    size_t n_unknown;
    /* of each row: of this program, or replaced by something of it */
    bool *known;
    const corm_migration **records; /* squashed ones whose own record is missing */
    size_t n_records;
} corm_history;
int corm__history(const corm_graph *graph, const corm_applied *applied, size_t n, corm_arena *arena,
                  corm_history *out, corm_error_info *error);

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

CORM__SHARED_END
