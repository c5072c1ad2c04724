/* Migrations played through from nothing, in memory. */
#pragma once
#include "migrate/graph/graph.h"

CORM__SHARED_BEGIN

/* The apps with new migrations (n of them) at the end of their lists. instead: the name of the one
 * whose place the first takes, or NULL. In the arena, which shares what the items point at; NULL
 * when memory is out. */
const corm_app *const *corm__apps_with(const corm_app *const *apps, const corm_new_migration *items,
                                       size_t n, const char *instead, corm_arena *arena);

/* Two migrations that touch the same, and of which neither stands on the other. */
typedef struct corm_loose_order {
    const corm_migration *earlier, *later; /* as this program happens to order them */
    const char *what;                      /* "table authors"; in the arena */
} corm_loose_order;
/* Applies all migrations to an empty state: 0, or a status with the error filled when one does not
 * find what it needs. loose (may be NULL): called where the order is left to chance, once for each
 * pair, so that another program or a database that is half way would take another one. */
int corm__replay(const corm_graph *graph, corm_arena *arena,
                   void (*loose)(void *context, const corm_loose_order *order), void *context,
                   corm_error_info *error);

CORM__SHARED_END
