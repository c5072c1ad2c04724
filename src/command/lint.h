/* lint: what a migration does to a database that is at work. */
#pragma once
#include "command/command.h"
#include "migrate/graph/cost.h"

/* Judges the migrations of the list (NULL: all of app, or of all apps when app is NULL), for one
 * engine, or for all that are built. Prints its findings. The exit status: 1 when there are any. */
int corm__lint(corm_context *context, const corm_graph *graph,
               const corm_migration *const *migrations, size_t n, const char *engine);
/* `migrate --lint` without a database: the arguments name an app, and one of its migrations. */
int corm__lint_offline(corm_context *context, const char *engine);
