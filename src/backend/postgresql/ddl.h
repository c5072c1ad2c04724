/* Between ddl.c and ddl_column.c. */
#pragma once
#include "backend/postgresql/postgresql.h"

/* Adds a statement; takes the buffer. */
int corm__pg_add_step(corm_script *script, corm_buffer *sql);
/* A default as SQL for a column of this kind. */
void corm__pg_default(corm_buffer *out, corm_kind kind, const corm_default *value);
/* Statements that make the default what the column says. */
int corm__pg_set_default(corm_script *script, const corm_table *table, const corm_column *column);
/* Type, identity, default and NOT NULL from column_before to column_after. */
int corm__pg_alter_column(corm_script *script, const corm_change *change);
