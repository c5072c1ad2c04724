/* Who last made, changed or used a table, a column, a name: so that what needs it, or takes it
 * away, comes behind. Two operations that share nothing here may run in any order. */
#pragma once
#include "migrate/state/state.h"

typedef struct corm_uses {
    corm_arena *arena;
    corm_map entries;
    /* Gets each step that the one that is noted has to come behind, some more than once. guessed:
     * it runs SQL or C, of which only that is known; what: what both touch, "table a". May be
     * NULL. */
    void (*stands_on)(void *context, size_t step, bool guessed, const char *what);
    void *context;
} corm_uses;

/* Notes an operation of `step` (from 1 on, never less than before) of app, on the tables as they
 * are in front of it. 0 or CORM_ERROR_MEMORY. */
int corm__uses_note(corm_uses *uses, size_t step, const char *app, const corm_operation *operation,
                    const corm_state *before);
void corm__uses_release(corm_uses *uses);
