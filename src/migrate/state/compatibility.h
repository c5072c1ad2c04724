/* Whether a program that was built before a change goes on working after it. */
#pragma once
#include <corm/backend.h>
#include <corm/migration.h>
#include <stdbool.h>

/* Nothing that it reads or writes has gone, has another type, or takes fewer values. False for SQL
 * and functions, which cannot be seen through. */
bool corm__operation_expands(const corm_operation *operation, const corm_change *change);
/* The same of an operation of a migration, which may say of its SQL and functions that they do
 * (.expands). */
bool corm__step_expands(const corm_migration *migration, const corm_operation *operation,
                        const corm_change *change);
