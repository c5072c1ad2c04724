/* Between introspect.c and read_default.c. */
#pragma once
#include "backend/postgresql/postgresql.h"

/* What pg_get_expr gives for a column's default, as the default that was declared. False when
 * memory is out. */
bool corm__pg_read_default(corm_arena *arena, const char *expression, corm_kind kind,
                           corm_default *out);
