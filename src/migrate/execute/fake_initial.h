/* Whether a database has what a first migration would make. */
#pragma once
#include "migrate/state/state.h"

CORM__SHARED_BEGIN

/* Whether the database (live: corm__backend introspect of all of it) has all the
 * tables and columns already that this migration makes, which is the first of its app, on the state
 * before it: 1 yes, 0 nothing of it; CORM_ERROR_MIGRATION when it has a part of it, which the
 * message names. */
int corm__migration_exists(const corm_migration *migration, const corm_schema *before,
                           const corm_schema *live, corm_arena *arena, corm_error_info *error);

CORM__SHARED_END
