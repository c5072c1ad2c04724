/* How a database differs from the models. */
#pragma once
#include "base/arena.h"
#include "schema/schema.h"
#include <corm/backend.h>

typedef struct corm_drift {
    const char *table;
    /* "table", "column", "type", "null", "default", "generated", "collation", "comment", "foreign
     * key", "primary key", "index", "constraint" */
    const char *what;
    const char *item;           /* the column's, index's or constraint's name; NULL: the table */
    const char *is, *should;    /* as SQL would say it; NULL: it is not there, or should not be */
} corm_drift;

/* The database's tables as they can be compared with the models': what the engine does not keep, as
 * SQLite does comments, is as the models say; tables that models describe have their app. all: also
 * the others, in the end. All in the arena. 0 or CORM_ERROR_MEMORY. */
int corm__drift_prepare(const corm_schema *database, const corm_schema *models,
                        const corm_features *features, bool all, corm_arena *arena,
                        corm_schema *out);
/* The differences of such tables from the models, in the order of the models. */
int corm__drift(const corm_schema *database, const corm_schema *models, corm_arena *arena,
                corm_drift **out, size_t *n);
