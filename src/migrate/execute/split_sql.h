/* Scripts of SQL, looked at without a database. */
#pragma once
#include "base/arena.h"
#include <corm/status.h>
#include <stdbool.h>

/* True when the statement reads or writes rows alone, so that a transaction holds it on every
 * engine. */
bool corm__sql_is_data(const char *sql);
/* Cuts a script into its statements: at semicolons outside of strings, names, comments, $quotes$
 * and BEGIN … END. */
int corm__sql_split(const char *sql, corm_arena *arena, const char ***out, size_t *n,
                    corm_error_info *error);
