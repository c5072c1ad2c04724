/* What can be known before the first statement. */
#pragma once
#include "migrate/execute/executor.h"

/* All of the plan, before anything of it runs: the third migration shall not fail for what can be
 * known now. journal: of the only step, which another run has begun; NULL: none. */
int corm__rehearse(corm_executor *x, const corm_journal *journal);

/* --- rows.c --- */
/* CORM_ERROR_MIGRATION when the operation changes a column's type and rows would not keep their
 * values. live: its table as the database has it now. In the transaction of the change, where there
 * is one: others are kept from writing. */
int corm__check_rows(corm_executor *x, const corm_operation *operation, const corm_table *live,
                     const corm_change *change);
/* CORM_ERROR_NOT_NULL when a column is to have a value in each row, and nothing says which one. */
int corm__check_nulls(corm_executor *x, const corm_change *change);

/* --- dependents.c --- */
/* A view or a trigger of the database (corm_backend.dependents). */
typedef struct corm_dependent {
    const char *what, *name, *table, *sql;
    int64_t follows;
} corm_dependent;
typedef struct corm_dependents {
    corm_dependent *items;
    size_t n;
} corm_dependents;
int corm__dependents_read(corm_db *db, corm_arena *arena, corm_dependents *out);
/* SQL of a migration says their names: it takes care of them. */
void corm__dependents_forget(corm_dependents *list, const char *sql);
/* CORM_ERROR_MIGRATION, with its name, when the change would leave one broken. */
int corm__dependents_check(const corm_dependents *list, const corm_change *change,
                           corm_error_info *error);
