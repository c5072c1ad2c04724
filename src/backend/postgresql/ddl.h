/* Between the files that write changes of tables: ddl.c on ddl_column.c and ddl_constraint.c, these
 * on ddl_write.c. */
#pragma once
#include "backend/postgresql/postgresql.h"

/* As in <corm/backend.h>. */
int corm__pg_cost(const corm_change *change, int version, corm_change_cost *out);
/* Adds a statement from a pattern (schema/script.h). */
int corm__pg_stepf(corm_script *script, const char *pattern, ...);
/* A default as SQL for a column of this kind. */
void corm__pg_default(corm_buffer *out, corm_kind kind, const corm_default *value);
/* Statements that make the default what the column says. */
int corm__pg_set_default(corm_script *script, const corm_table *table, const corm_column *column);
/* Type, identity, default and NOT NULL from column_before to column_after. */
int corm__pg_alter_column(corm_script *script, const corm_change *change);

/* --- ddl_constraint.c. conn NULL: names are those that corm gives --- */
int corm__pg_add_foreign_key(corm_script *script, const corm_table *table,
                             const corm_column *column);
int corm__pg_drop_foreign_key(corm_script *script, const corm_table *table,
                              const corm_column *column, corm_conn *conn);
int corm__pg_validate_foreign_key(corm_script *script, const corm_table *table,
                                  const corm_column *column, corm_conn *conn);
/* After a rename: the derived name of the foreign key follows. */
int corm__pg_rename_foreign_key(corm_script *script, const corm_table *before,
                                const corm_column *from, const corm_table *after,
                                const corm_column *to);
/* The foreign keys of all tables to one column of the table (NULL: none): dropped while its index
 * is exchanged, and made again. */
int corm__pg_drop_referring(corm_script *script, const corm_change *change, const char *column,
                            corm_conn *conn);
int corm__pg_add_referring(corm_script *script, const corm_change *change, const char *column);
/* The name that a constraint has in the database: one that another tool made has a name of its own.
 * NULL with status 0 when there is none. */
int corm__pg_find_constraint(corm_script *script, corm_conn *conn, const char *kind,
                             const char *table, const char *column, const char **name);
const char *corm__pg_key_name(corm_script *script, const corm_table *table);
int corm__pg_create_index(corm_script *script, const corm_table *table, const corm_index *index,
                          bool concurrently, corm_conn *conn);
int corm__pg_drop_index(corm_script *script, const corm_index *index, bool concurrently);
int corm__pg_alter_index(corm_script *script, const corm_change *change);
/* "CONSTRAINT name …", for CREATE TABLE and ADD. */
int corm__pg_write_constraint(corm_script *script, corm_buffer *out,
                              const corm_constraint *constraint);
int corm__pg_add_constraint(corm_script *script, const corm_table *table,
                            const corm_constraint *constraint);
int corm__pg_remove_constraint(corm_script *script, const corm_change *change, corm_conn *conn);
int corm__pg_alter_constraint(corm_script *script, const corm_change *change, corm_conn *conn);
int corm__pg_rename_constraint(corm_script *script, const corm_change *change);
int corm__pg_validate_constraint(corm_script *script, const corm_change *change, corm_conn *conn);
