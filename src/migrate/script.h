/* Operations as SQL: for running, for printing, and for the record of how to undo them. */
#pragma once
#include "migrate/state.h"

/* Operations to run. None is CORM_SEPARATE: one of those gives a step for each of its operations
 * for the database, whose .state is set, so that corm__state_apply knows that the state gets
 * something else (see there). */
typedef struct corm_step_list {
    corm_operation *operations;
    size_t n;
} corm_step_list;

/* The operations of a migration, or (with the state before it) those that undo it, in the order in
 * which they run. The state moves to after the migration. */
int corm__forward_steps(const corm_migration *migration, corm_arena *arena, corm_step_list *out,
                        corm_error_info *error);
int corm__undo_steps(corm_state *state, const corm_migration *migration, corm_arena *arena,
                     corm_step_list *out, corm_error_info *error);
/* Starts a script in the arena. */
void corm__script_init(corm_script *script, corm_arena *arena, int version, corm_error_info *error);
/* The SQL of CORM_RUN_SQL for an engine (its setting DB_ENGINE); NULL: it has none, and cannot run
 * (be undone) there. */
const char *corm__operation_sql(const corm_operation *operation, const char *engine);
/* Appends the SQL of one operation whose change is known. CORM_RUN_C gives none: who runs the
 * script calls its .run, with change->schema_before as the schema; corm_nothing_to_undo need not be
 * called. An extension gives none on an engine without them. */
int corm__script_add(corm_script *script, const corm_backend *backend,
                     const corm_operation *operation, const corm_change *change, corm_conn *conn);
/* Appends the script as text: a statement, a semicolon, a new line. */
void corm__script_write(const corm_script *script, corm_buffer *out);
/* Writes the SQL of the steps for nothing, so that what does not fit and what the engine cannot do
 * is known before the first statement runs. The state moves on. The error names the migration and
 * the operation. */
int corm__rehearse(corm_state *state, const corm_migration *migration, const corm_step_list *steps,
                   const corm_backend *backend, int version,
                   corm_arena *scratch, corm_error_info *error);
