/* How a database differs from the models. */
#pragma once
#include "base/arena.h"
#include "schema/schema.h"
#include <corm/backend.h>

typedef struct corm_drift {
    const char *table;
    const char *what;           /* "table", "column", "type", "null", "default", "generated", "collation", "comment", "foreign key", "primary key", "index", "constraint" */
    const char *item;           /* the column's, index's or constraint's name; NULL: the table */
    const char *is, *should;    /* as SQL would say it; NULL: it is not there, or should not be */
} corm_drift;

/* The differences, in the order of the models; without what the engine does not keep. all: also tables that no model describes. All in the arena. 0 or
 * CORM_ERROR_MEMORY. */
int corm__drift(const corm_schema *database, const corm_schema *models, const corm_features *features, bool all, corm_arena *arena, corm_drift **out, size_t *n);
