/* How types, defaults and expressions stand in the schema: written and, exactly reversed, read. */
#pragma once
#include "backend/mariadb/mariadb.h"
#include "schema/schema.h"

/* "bigint", "varchar(255)"; NULL when MariaDB has nothing for the kind. */
void corm__mariadb_write_type(corm_buffer *out, const corm_column *column);
/* Kind, lengths, digits from a COLUMN_TYPE; a type that corm does not write gives the nearest kind
 * that holds its values. */
void corm__mariadb_read_type(const char *type, corm_column *column);
/* Would corm write this type for the column? False when memory is out. */
bool corm__mariadb_is_exact(const corm_column *column, const char *type, bool *exact);
/* The labels of an enum('a','b') as a condition over the column, in the arena; NULL for another
 * type. False when memory is out. */
bool corm__mariadb_read_enum(corm_arena *arena, const char *column, const char *type, char **check);

/* What stands behind DEFAULT. */
void corm__mariadb_write_default(corm_buffer *out, corm_kind kind, const corm_default *value,
                                 bool is_mysql);
/* The same as an expression, for an UPDATE. */
void corm__mariadb_write_value(corm_buffer *out, corm_kind kind, const corm_default *value);
/* A COLUMN_DEFAULT (NULL: none) as the default that was declared. False when memory is out. */
bool corm__mariadb_read_default(corm_arena *arena, const char *text, const corm_column *column,
                                corm_default *out);

/* An expression of a model, with quotes that mean the same in every sql_mode, and length(…) as
 * characters. */
void corm__mariadb_write_sql(corm_buffer *out, const char *sql);
/* What the server writes for an expression, as standard SQL; table (may be NULL) knows which
 * columns are boolean. NULL when memory is out.
 * */
char *corm__mariadb_read_sql(corm_arena *arena, const corm_table *table, const char *sql);
