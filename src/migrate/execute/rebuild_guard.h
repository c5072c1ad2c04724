/* What surrounds the rebuild of a table on an engine that cannot alter one in place: free space
 * before it, rows counted before and after, foreign keys checked before the commit. */
#pragma once
#include "migrate/state/state.h"

typedef struct corm_guard {
    corm_db *db;
    corm_arena *arena;
    int64_t violations;         /* that were there before */
    /* of one rebuild: tables by their names before and after, and their rows */
    const char **before, **after;
    int64_t *rows;
    size_t n;
} corm_guard;

/* A database in a file: the most durable mode for as long as it migrates. Failures leave things as
 * they are. */
int corm__guard_begin(corm_guard *guard, corm_db *db, corm_arena *arena);
void corm__guard_end(corm_guard *guard);
/* Outside a transaction: foreign keys off until on is called, which is to be called in any case. */
int corm__guard_foreign_keys_off(corm_guard *guard);
void corm__guard_foreign_keys_on(corm_guard *guard);
/* In the transaction, around each change that rebuilds a table. */
int corm__guard_before(corm_guard *guard, const corm_change *change);
int corm__guard_after(corm_guard *guard);
/* In the transaction: notes what is broken already; before the commit: CORM_ERROR_FOREIGN_KEY when
 * more is. */
int corm__guard_note_violations(corm_guard *guard);
int corm__guard_check_violations(corm_guard *guard);
