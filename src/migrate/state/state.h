/* State: the schema that operations build up, changed in place and looked up by name, so that N
 * operations cost N steps. */
#pragma once
#include "base/map.h"
#include "migrate/state/operations.h"

typedef struct corm_state corm_state;
struct corm_state {
    corm_arena *arena;  /* holds the tables and what they point at */
    corm_table *tables; /* n of them, then one whose name is NULL */
    size_t n, capacity;
    corm_map positions; /* name to position + 1 */
    /* inside a separate operation: the tables as the database has them; else NULL */
    struct corm_state *database;
};

/* tables: to start with; NULL: none. release keeps the arena. */
int corm__state_init(corm_state *state, corm_arena *arena, const corm_schema *tables);
void corm__state_release(corm_state *state);
const corm_table *corm__state_find(const corm_state *state, const char *name);
/* A schema that later changes of the state do not touch, in an arena of its own choice; NULL when
 * memory is out. */
corm_schema *corm__state_snapshot(const corm_state *state, corm_arena *arena);
/* As corm__operation_apply. scratch holds the snapshots of change. The state is unchanged on
 * failure, but that of a list in .state. An operation with .state does to the database what it says
 * and to the state what .state says: of run SQL and run C it is the list that a person wrote, of
 * the others one that corm__forward_steps put there when it took a separate operation apart. change
 * tells of the database. */
int corm__state_apply(corm_state *state, const corm_operation *operation, const char *app,
                      corm_change *change, corm_arena *scratch, corm_error_info *error);
/* The .state of all but the last operation for the database of a separate one. */
extern const corm_operation corm__separate_goes_on[1];
/* The table that the operation is about to change, in the database; NULL when there is none. */
const corm_table *corm__state_before(const corm_state *state, const corm_operation *operation);
/* CORM_ERROR_MIGRATION when the operation lacks what its kind needs, or names a column that the
 * table (NULL: none is needed) has not. */
int corm__operation_validate(const corm_operation *operation, const corm_table *table,
                             corm_error_info *error);
/* Whether the column takes the written value of .fill (corm__value_fits); CORM_ERROR_CHECK when it
 * is none of the column's labels. Behind the operation stand those that follow it, and one of kind
 * 0. */
int corm__fill_check(const corm_state *before, const corm_operation *operation,
                     corm_error_info *error);
/* Whether the text is one of the labels of a check that is "column IN ('a', 'b')"; -1: it is none
 * of that form. */
int corm__labels_have(const char *check, const char *column, const char *text);
/* As corm__operation_reverse. */
int corm__state_reverse(const corm_state *before, const corm_operation *operation,
                        corm_arena *arena, corm_operation *out, corm_error_info *error);
/* The change that undoes change, given the operation that undoes it. */
void corm__change_reverse(const corm_change *change, const corm_operation *reverse,
                          corm_change *out);
/* Sixteen hexadecimal digits over what the migration says, whatever its layout in the file. */
enum { CORM_CHECKSUM_TEXT = 17 };
void corm__migration_checksum(const corm_migration *migration, char out[CORM_CHECKSUM_TEXT]);
/* Puts "app.name: " before the error's message; returns its status. */
int corm__in_migration(corm_error_info *error, const corm_migration *migration);
