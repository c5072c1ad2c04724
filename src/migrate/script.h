/* Operations as SQL: for running, for printing, and for the record of how to undo them. */
#pragma once
#include "migrate/state.h"

/* An operation to run: app and what it does to the state. */
typedef struct corm_step_list {
    corm_operation *operations;
    size_t n;
} corm_step_list;

/* The operations of a migration, or (with the state before it) those that undo it, in the order in which they run. The state moves to after the migration. */
int corm__forward_steps(const corm_migration *migration, corm_arena *arena, corm_step_list *out, corm_error_info *error);
int corm__undo_steps(corm_state *state, const corm_migration *migration, corm_arena *arena, corm_step_list *out, corm_error_info *error);
/* Starts a script in the arena. */
void corm__script_init(corm_script *script, corm_arena *arena, int version, corm_error_info *error);
/* Appends the SQL of one operation whose change is known. */
int corm__script_add(corm_script *script, const corm_backend *backend, const corm_operation *operation, const corm_change *change, corm_conn *conn);
/* Appends the script as text: a statement, a semicolon, a new line. */
void corm__script_write(const corm_script *script, corm_buffer *out);
