/* How types, defaults and conditions stand in SQLite's schema: written and, exactly reversed, read.
 * Each write returns 0 or a status. */
#pragma once
#include "base/buffer.h"
#include "schema/schema.h"
#include <corm/backend.h>

/* The type as declared. sole_key: the column is the whole primary key. */
int corm__sqlite_write_type(corm_buffer *out, const corm_column *column, bool sole_key,
                            corm_error_info *error);
/* Kind, lengths, digits from a declared type. False: none that means a kind; the nearest one is
 * given. */
bool corm__sqlite_read_type(const char *declared, corm_column *column);

/* A literal or an expression in parentheses, as it stands behind DEFAULT and in a SELECT. */
int corm__sqlite_write_default(corm_buffer *out, const corm_column *column,
                               const corm_default *value, corm_error_info *error);
/* True when it is the same for all rows, so that a column with it can be added in place. */
bool corm__sqlite_default_is_constant(const corm_column *column, const corm_default *value);
/* 0 or CORM_ERROR_MEMORY. sql NULL: none. */
int corm__sqlite_read_default(corm_arena *arena, const corm_column *column, const char *sql,
                              corm_default *out);

/* A condition or expression over the table's columns: decimals, which are stored as units, are
 * divided by their scale. */
int corm__sqlite_write_sql(corm_buffer *out, const corm_table *table, const char *sql,
                           corm_error_info *error);
/* NULL when memory is out. */
char *corm__sqlite_read_sql(corm_arena *arena, const corm_table *table, const char *sql);
/* An expression whose result goes into column: a decimal's becomes units. */
int corm__sqlite_write_result(corm_buffer *out, const corm_table *table, const corm_column *column,
                              const char *sql, corm_error_info *error);
char *corm__sqlite_read_result(corm_arena *arena, const corm_table *table,
                               const corm_column *column, const char *sql);
