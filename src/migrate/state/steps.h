/* A migration as the operations that run one after another, forwards or backwards. */
#pragma once
#include "migrate/state/state.h"

/* Operations to run. None is CORM_SEPARATE: one of those gives a step for each of its operations
 * for the database, whose .state is set, so that corm__state_apply knows that the state gets
 * something else (see there). */
typedef struct corm_step_list {
    corm_operation *operations; /* n of them, then one of kind 0 */
    size_t n;
} corm_step_list;

/* The operations of a migration, or (with the state before it) those that undo it, in the order in
 * which they run. The state moves to after the migration. On an engine .fill is what rows get
 * there (corm__operation_fill). */
int corm__forward_steps(const corm_migration *migration, const char *engine, corm_arena *arena,
                        corm_step_list *out, corm_error_info *error);
int corm__undo_steps(corm_state *state, const corm_migration *migration, const char *engine,
                     corm_arena *arena, corm_step_list *out, corm_error_info *error);
/* The same, of a migration of which the steps before `first` (of those that undo it) are not to be
 * run: what they would undo need not be something that can be undone. */
int corm__undo_steps_from(corm_state *state, const corm_migration *migration, const char *engine,
                          size_t first, corm_arena *arena, corm_step_list *out,
                          corm_error_info *error);
