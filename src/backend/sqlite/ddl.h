/* Writing a change as a script: ddl.c on rebuild.c, both on create.c. */
#pragma once
#include "backend/sqlite/declaration.h"
#include "base/buffer.h"
#include <corm/backend.h>

/* CREATE TABLE of table under another name (references to itself keep its own name). */
int corm__sqlite_create_table(corm_script *script, const corm_table *table, const char *name);
int corm__sqlite_create_index(corm_script *script, const corm_table *table,
                              const corm_index *index);
/* A column, and ", CONSTRAINT …", as they stand in CREATE TABLE. 0 or a status. */
int corm__sqlite_write_column(corm_buffer *out, const corm_table *table, const corm_column *column,
                              corm_error_info *error);
int corm__sqlite_write_constraint(corm_buffer *out, const corm_table *table,
                                  const corm_constraint *constraint, corm_error_info *error);
/* True when name is the whole primary key. */
bool corm__sqlite_sole_key(const corm_table *table, const char *name);

/* CORM_ERROR_MIGRATION when the live table has something that this description of it has not. */
int corm__sqlite_examine_table(corm_conn *conn, const corm_table *known, corm_error_info *error);
/* The 12-step rebuild of change->before (that of the earliest change) to change->after. */
int corm__sqlite_rebuild(corm_script *script, const corm_change *change, corm_conn *conn);
/* Drops all views and triggers, or only the views that do not work with their triggers
 * (broken_only), and keeps their texts; put_back makes them again in their order. conn NULL:
 * nothing to keep. */
typedef struct corm_kept { const char **sql; size_t n; } corm_kept;
int corm__sqlite_put_away(corm_script *script, corm_conn *conn, bool broken_only, corm_kept *kept);
int corm__sqlite_put_back(corm_script *script, const corm_kept *kept);
