/* The migrations that the program carries, and in which order they can be applied. */
#pragma once
#include "base/arena.h"
#include "base/visibility.h"
#include "model/model.h"
#include "migrate/state/operations.h"

CORM__SHARED_BEGIN

/* A row of the database's record of what has been applied. */
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

CORM__SHARED_END
