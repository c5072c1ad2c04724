/* One operation that is applied to a state: what state.c and apply.c share. */
#pragma once
#include "migrate/state/state.h"

typedef struct corm_state_step {
    corm_state *state;
    const corm_operation *operation;
    const char *app;
    const corm_table *before;   /* NULL: create table */
    corm_table *after;          /* set by the function, unless it changes the state itself */
    corm_change *change;        /* never NULL */
    corm_error_info *error;     /* never NULL */
} corm_state_step;

/* What applies a kind that changes one table; NULL: not such a kind. It returns 0,
 * CORM_ERROR_MIGRATION with the error filled, or CORM_ERROR_MEMORY. */
typedef int corm_step_function(corm_state_step *step);
corm_step_function *corm__step_function(corm_operation_kind kind);
/* Fills the error; returns CORM_ERROR_MIGRATION. */
int corm__step_refuse(corm_state_step *step, const char *format,
                      ...) __attribute__((format(printf, 2, 3)));

/* Ends that of the database, from the first operation to the last that the state sees apart. */
void corm__state_end_separate(corm_state *state);
/* The state's tables by name; the state is as it was when memory is out. */
int corm__state_insert(corm_state *state, const corm_table *table);
void corm__state_erase(corm_state *state, const char *name);
int corm__state_replace(corm_state *state, const char *name, const corm_table *table);
