/* What only the text of a CREATE statement says. Texts are in the arena, as they stand there. */
#pragma once
#include "base/arena.h"
#include <corm/schema.h>

typedef struct corm_parsed_column {
    const char *name;
    const char *collation;
    const char *generated;
    corm_reference references;  /* column NULL: the primary key of the table */
} corm_parsed_column;

typedef struct corm_parsed_table {
    corm_parsed_column *columns;
    /* name NULL: it has none; column: columns, or NULL for a check of the table */
    corm_constraint *constraints;
    /* for each constraint: the column that a check without a name stands at, or NULL */
    const char **check_columns;
    size_t n_columns, n_constraints;
    /* foreign keys of several columns, STRICT, WITHOUT ROWID: a line each; NULL: nothing */
    const char *left_out;
} corm_parsed_table;

/* 0 or CORM_ERROR_MEMORY. What it does not understand is skipped. */
int corm__sqlite_parse_table(corm_arena *arena, const char *sql, corm_parsed_table *out);
/* CREATE INDEX: columns or expression, where, unique; name is not set. */
int corm__sqlite_parse_index(corm_arena *arena, const char *sql, corm_index *out);
