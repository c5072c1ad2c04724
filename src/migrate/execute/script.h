/* Operations as SQL: for running, for printing, and for the record of how to undo them. */
#pragma once
#include "migrate/graph/graph.h"
#include "migrate/state/steps.h"

/* Starts a script in the arena. */
void corm__script_init(corm_script *script, corm_arena *arena, int version, corm_error_info *error);
/* Appends the SQL of one operation whose change is known. CORM_RUN_C gives none: who runs the
 * script calls its .run, with change->schema_before as the schema; corm_nothing_to_undo need not be
 * called. An extension gives none on an engine without them. */
int corm__script_add(corm_script *script, const corm_backend *backend,
                     const corm_operation *operation, const corm_change *change, corm_conn *conn);
/* Appends the script as text: a statement, a semicolon, a new line. */
void corm__script_write(const corm_script *script, corm_buffer *out);

CORM__SHARED_BEGIN

/* The SQL of one migration for an engine, as a script to print. conn-less. */
int corm__migration_sql(const corm_graph *graph, const corm_migration *migration, bool backwards,
                        const corm_backend *backend, corm_buffer *out, corm_error_info *error);

CORM__SHARED_END
