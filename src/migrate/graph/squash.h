/* Several migrations of an app as one. */
#pragma once
#include "migrate/graph/graph.h"

CORM__SHARED_BEGIN

typedef struct corm_squashed {
    corm_new_migration migration;
    const corm_migration **range;   /* what it was made of, in order */
    size_t n;
} corm_squashed;
/* The migrations of an app from first (NULL: the app's first) to last, which are in the graph, as
 * one. name: behind the numbers of its name; NULL: that of last. */
int corm__squash(const corm_graph *graph, const corm_migration *first, const corm_migration *last,
                 const char *name, bool optimize, corm_arena *arena, corm_squashed *out,
                 corm_error_info *error);

CORM__SHARED_END
