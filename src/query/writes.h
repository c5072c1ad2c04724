/* What the files that write rows share. */
#pragma once
#include "query/query.h"

enum { CORM__WRITE_FIELDS = 128 };      /* as many as a model can have items */

typedef struct corm_insert_argument {
    const corm_model *model;
    bool omitted[CORM__WRITE_FIELDS];
} corm_insert_argument;

/* True for a column that is left to the database: generated, an identity that is 0, an SQL default
 * where the row has nothing. */
bool corm__field_omitted(const corm_field *field, const void *row);
int corm__check_writable(corm_db *db, const corm_model *model, const void *row);
bool corm__has_moments(const corm_model *model);
/* auto_now, and auto_now_add when it is an insert. */
void corm__set_moments(const corm_model *model, void *row, bool insert, corm_timestamp now);

/* A plan for a write: its slots are columns, values come from plan->fields of the row. */
int corm__write_begin(corm_db *db, const corm_model *model, corm_query_plan *plan);
int corm__write_column(corm_db *db, const corm_model *model, const corm_field *field,
                       corm_query_plan *plan);
int corm__write_end(corm_db *db, corm_query_plan *plan, corm_buffer *sql);
/* INSERT … VALUES for n_rows rows, into sql. n_rows 0: as many rows as there are in arrays, one for
 * each column. */
int corm__compile_insert(corm_db *db, const corm_insert_argument *argument, size_t n_rows,
                         corm_query_plan *plan, corm_buffer *sql);

/* The plan that inserts a row like this one; release it. */
corm_query_plan *corm__insert_plan(corm_db *db, const corm_model *model, const void *row);
/* The row's values for the plan's slots, checked. */
int corm__row_values(corm_db *db, const corm_query_plan *plan, const void *row, corm_value *out);
int corm__insert_run(corm_db *db, const corm_query_plan *plan, corm_stmt *stmt, void *row,
                     corm_value *values);
