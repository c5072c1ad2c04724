/* How migrations are named: as Django names them, by what they do. */
#pragma once
#include "base/arena.h"
#include "base/visibility.h"
#include <corm/migration.h>

CORM__SHARED_BEGIN

/* What an operation adds to the name of its migration: "recipe_servings", "remove_recipe_x". model:
 * of the operation's table, or the table's name; new_model: of a table under its new name, or
 * NULL. */
char *corm__operation_label(const corm_operation *operation, const char *model,
                            const char *new_model, corm_arena *arena);
/* "label_label_and_more", in lower case letters, digits and _. */
char *corm__migration_words(const char *const *labels, size_t n, corm_arena *arena);
/* "0003_" and the words for the number behind the migration `after` (NULL: 0001_initial). */
char *corm__migration_name(const char *after, const char *const *labels, size_t n,
                           corm_arena *arena);

CORM__SHARED_END
