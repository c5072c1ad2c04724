/* Random schemas over two apps, and what a person might make of one of them: tables and columns
 * renamed, removed, added, altered, with all that a table can have. Everything follows from the
 * seed. The change is one that rows as random_value gives them can take. */
#pragma once
#include "migrate/detect/found.h"
#include <corm/backend.h>


enum { RANDOM_APPS = 2, RANDOM_TABLES = 8, RANDOM_ROWS = 3 };
static const char *const app_names[RANDOM_APPS] = { "core", "shop" };

/* What came of a column: its place in to, and where it was in from. */
typedef struct random_lineage {
    const char *table, *column, *was_table, *was_column;
} random_lineage;

typedef struct random_pair {
    corm_schema from, to;
    corm_declared_rename *declared;     /* about half of the renames; ends with table NULL */
    /* those of from that are still there; ends with table NULL */
    random_lineage *columns;
    random_lineage *tables;             /* the same, column NULL */
} random_pair;

/* features: what the engine has. collations: two that it knows, for text. */
void random_schemas(uint64_t seed, const corm_features *features, const char *const *collations,
                    corm_arena *arena, random_pair *out);
/* Whether a question about a rename is to be answered with yes. */
bool random_is_renamed(const random_pair *pair, const char *from_table, const char *from_column,
                       const char *to_table, const char *to_column);

/* Every table has a bigint column "mark" that stays as it is: the number of the row, from 1. The
 * value of a column in row `mark`: of one kind in all kinds that it can be altered to. Row
 * RANDOM_ROWS is NULL where it can be. */
corm_value random_value(const corm_column *column, int64_t mark);
/* A one-off value for rows, which no row has. */
corm_default random_fill(const corm_column *column);
