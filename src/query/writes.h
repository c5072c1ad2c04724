/* What the files that write rows share. */
#pragma once
#include "query/query.h"

enum { CORM__WRITE_FIELDS = 2048 };     /* as many as a model can have items */

typedef struct corm_insert_argument {
    const corm_model *model;
    bool omitted[CORM__WRITE_FIELDS];
} corm_insert_argument;

/* For each field of a model whether it is meant. */
typedef struct corm_fields { bool at[CORM__WRITE_FIELDS]; } corm_fields;

/* True for a column that is left to the database: generated, an identity that is 0, an SQL default
 * where the row has nothing. */
bool corm__field_omitted(const corm_field *field, const void *row);
void corm__fields_omitted(corm_insert_argument *argument, const void *row);
/* Enters the handle for a write of this row. */
int corm__write_enter(corm_db *db, const corm_model *model, const void *row);
/* Refuses rows that were read in part: what was not read is zero in them. */
int corm__check_whole(corm_db *db, const corm_model *model, const void *rows, size_t n);
int corm__check_writable(corm_db *db, const corm_model *model, const void *row);
/* What a row gets before it is sent: auto_now, auto_now_add when it is an insert, and the default
 * of a text or blob that is NULL in a column that takes none. */
void corm__complete_row(const corm_model *model, void *row, bool insert, corm_timestamp now);
void corm__complete_member(const corm_field *field, void *row, bool insert, corm_timestamp now);
bool corm__needs_completing(const corm_model *model);

/* A plan for a write: its slots are columns, values come from plan->fields of the row. */
int corm__write_begin(corm_db *db, const corm_model *model, corm_query_plan *plan);
int corm__write_column(corm_db *db, const corm_model *model, const corm_field *field,
                       corm_query_plan *plan);
int corm__write_end(corm_db *db, corm_query_plan *plan, corm_buffer *sql);
/* The placeholder of a value for a column. */
void corm__put_value(corm_db *db, const corm_target *target, int number, corm_buffer *sql);
/* What the target's column holds, or what is written into it, in the form that is wanted. */
void corm__put_stored_target(corm_db *db, const corm_target *target, bool write,
                             const corm_buffer *value, corm_buffer *sql);
/* A text in which {0} stands for a column. */
void corm__put_form(corm_db *db, const char *form, const char *column, corm_buffer *sql);
/* What an INSERT ends with that leaves out rows which are there; column: one of the table's. */
void corm__put_do_nothing(corm_db *db, const char *column, corm_buffer *sql);
/* column = placeholder, in the form that both have. */
void corm__put_equal(corm_db *db, const corm_target *target, int number, corm_buffer *sql);
/* INSERT … VALUES for n_rows rows, into sql, and what comes back. n_rows 0: as many rows as there
 * are in arrays, one for each column. */
int corm__compile_insert(corm_db *db, const corm_insert_argument *argument, size_t n_rows,
                         corm_query_plan *plan, corm_buffer *sql);

/* The same without what comes back, and that alone: the columns of `back`. */
int corm__compile_values(corm_db *db, const corm_insert_argument *argument, size_t n_rows,
                         corm_query_plan *plan, corm_buffer *sql);
int corm__compile_returning(corm_db *db, const corm_model *model, corm_query_plan *plan,
                            const bool *back, corm_buffer *sql);

/* The plan that inserts a row like this one; release it. */
corm_query_plan *corm__insert_plan(corm_db *db, const corm_model *model, const void *row);
/* The row's values for the plan's slots from `first` up to `last`, checked. */
int corm__row_values(corm_db *db, const corm_query_plan *plan, size_t first, size_t last,
                     const void *row, corm_value *out);
/* Runs a prepared write of one row to its end; with the values of the row, or with those given. */
int corm__insert_run(corm_db *db, const corm_query_plan *plan, corm_stmt *stmt, void *row,
                     corm_value *values);
int corm__write_run(corm_db *db, const corm_query_plan *plan, corm_stmt *stmt, void *row,
                    const corm_value *values);
/* Inserts the row as it is. */
int corm__insert_row(corm_db *db, const corm_model *model, void *row);

/* --- insert_many.c: n rows --- */
typedef struct corm_many corm_many;
struct corm_many {
    corm_db *db;
    const corm_model *model;
    char *rows;
    size_t n;
    bool nothing_back;
    size_t most_bytes;              /* of the values of one statement; 0: no limit */
    /* The statement for n rows that send the same columns as this one; n 0: for arrays. */
    int (*compile)(const corm_many *many, const void *row, size_t n, corm_query_plan *plan,
         corm_buffer *sql);
    const void *argument;           /* of the caller */
    int64_t *changed;               /* goes up by the rows that each statement changes; NULL: no */
};
void corm__many_begin(corm_many *many, corm_db *db, const corm_model *model, void *rows, size_t n);
/* Calls run for each run of rows that send the same columns. */
int corm__many_runs(const corm_many *many,
                    int (*run)(const corm_many *many, size_t first, size_t last));
/* Whether the engine has a way to send several rows of this plan at once. */
bool corm__many_fits(const corm_db *db, const corm_query_plan *plan);
/* Sends rows of one run by few statements. plan: that for one row. */
int corm__many_send(const corm_many *many, const corm_query_plan *plan, size_t first, size_t last);
/* status; says which row an error is about. */
int corm__many_in_row(const corm_many *many, size_t i, int status);

/* --- row.c: one row by its key --- */
/* The columns of these paths; refuses what is no column of the model itself, or stands twice. */
int corm__fields_named(corm_db *db, const corm_model *model, const char *const *columns, size_t n,
                       corm_fields *out);
/* Those of the primary key; refuses a model that has none. */
int corm__fields_of_key(corm_db *db, const corm_model *model, corm_fields *out);
/* The condition that these members are as in the row; its texts are in the arena. NULL: memory is
 * out, and the error is set. */
const corm_condition *corm__row_condition(corm_db *db, corm_arena *arena, const corm_model *model,
                                          const void *row, const corm_fields *fields);
/* Writes these members into the row that has the key of `there`, and its version, which goes up;
 * CORM_ERROR_NOT_FOUND, or CORM_ERROR_STALE. */
int corm__row_update(corm_db *db, const corm_model *model, const void *row, const void *there,
                     const corm_fields *fields);
/* The plan of that; release it. */
corm_query_plan *corm__row_update_plan(corm_db *db, const corm_model *model,
                                       const corm_fields *fields);
/* The row has been written with its next version. */
void corm__next_version(const corm_model *model, void *row);
/* Whether there is one that is as this row in these columns: 1, 0 or a status. */
int corm__row_exists(corm_db *db, const corm_model *model, const void *row,
                     const corm_fields *fields);
/* What may be set in a row that is there: all but its key, its version, what the database
 * generates, and when it was made. */
void corm__fields_settable(const corm_model *model, const corm_fields *key, corm_fields *out);
/* Refuses what may not be set at all. */
int corm__check_settable(corm_db *db, const corm_model *model, const corm_fields *set,
                         const corm_fields *key);

/* --- save.c --- */
typedef struct corm_save_argument {
    corm_insert_argument insert;
    /* unique columns: where their values are taken, the row that has them gets those of `set` */
    corm_fields conflict, set;
} corm_save_argument;
/* Where the conflict is, *first its first column; the assignments follow, or there are none. */
int corm__put_conflict(corm_db *db, const corm_model *model, const corm_fields *conflict,
                       bool nothing, corm_arena *arena, const char **first, corm_buffer *sql);
/* column = what the INSERT has for it. */
void corm__put_inserted(corm_db *db, const char *column, corm_buffer *sql);
/* The columns of the conflict; refuses those that are not of one unique constraint. */
int corm__conflict_fields(corm_db *db, const corm_model *model, corm_conflict conflict,
                          corm_fields *out);
/* The statement for n rows and, as a plan, for one. */
int corm__compile_save(corm_db *db, const corm_save_argument *argument, size_t n,
                       corm_query_plan *plan, corm_buffer *sql);
corm_query_plan *corm__save_plan(corm_db *db, corm_save_argument *argument, const void *row);
int corm__save_row(corm_db *db, corm_save_argument *argument, void *row, corm_timestamp now);

/* --- hooks.c --- */
/* A call of one row, which is there and whole. */
typedef struct corm_row_call corm_row_call;
struct corm_row_call {
    corm_db *db;
    const corm_model *model;
    void *row;
    const corm_fields *fields;      /* of corm_save_columns */
    int (*write)(const corm_row_call *call);
};
/* Writes the row between the hooks of the model, in a level of its own when there are any. */
int corm__with_hooks(const corm_row_call *call, corm_item before);
