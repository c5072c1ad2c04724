/* Rows whose foreign key leads to no row: an engine that checks foreign keys only where a
 * connection asks for it lets other programs leave them behind. */
#pragma once
#include "base/arena.h"
#include <corm/db.h>
#include <corm/schema.h>

typedef struct corm_dangling {
    const char *table, *column;
    const char *text;   /* "2 rows lead to no row of users: SELECT …", the query that shows them */
} corm_dangling;

/* Of the tables of `of`, by the foreign keys that they have in the database. all: also where the
 * engine lets no program leave such rows, but to one that asks for it. In the arena. 0 or a status,
 * that of db. */
int corm__find_dangling(corm_db *db, const corm_schema *of, const corm_schema *database, bool all,
                        corm_arena *arena, corm_dangling **out, size_t *n);
