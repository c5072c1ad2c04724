/* A prepared statement, and the two ways in which it can travel. */
#pragma once
#include "backend/postgresql/postgresql.h"

enum { CORM__PG_ROWS_A_FETCH = 2000 };

typedef struct corm_pg_column {
    Oid type;
    const char *name;
} corm_pg_column;

struct corm_stmt {
    corm_conn *conn;
    char *sql;
    char name[16];
    bool named; /* the server knows it by that name */
    int n;      /* parameters */
    corm_kind *kinds;
    Oid *types;
    const corm_fetch *fetch; /* of this execution, once its readers are made */
    corm_pg_reader *readers;
    /* a copy of the columns that readers are for: most executions want the same again */
    corm_fetch_column *planned;
    uint32_t planned_columns, n_readers;
    char cursor[16]; /* "" when it does not stream */
    bool held, more; /* the cursor is WITH HOLD; may have more rows */
    int64_t affected;
    /* libpq */
    const char **pointers; /* of the parameters' values, into values */
    int *lengths, *formats;
    corm_buffer values;
    PGresult *result;
    int row, n_rows; /* in result */
    bool names_asked; /* somebody asked for names of columns */
    /* wire */
    corm_pg_column *columns;
    int n_columns;
    bool running;       /* the end of its result has not been read */
    int64_t n_read;     /* rows of it that have come */
    corm_pg_input kept; /* its result, taken in when something else had to use the connection */
};

/* Each returns 0 or a status, and leaves conn->transaction right. */
typedef struct corm_pg_path {
    int (*exec)(corm_conn *conn, const char *sql, corm_error_info *error);
    int (*prepare)(corm_stmt *stmt, corm_error_info *error);
    void (*unprepare)(corm_stmt *stmt); /* the server may forget it */
    int (*run)(corm_stmt *stmt, const corm_value *values, corm_error_info *error);
    /* declare: an SQL text that makes stmt->cursor of the statement; then fetches the first
     * rows. */
    int (*declare)(corm_stmt *stmt, const char *declare, const corm_value *values,
         corm_error_info *error);
    int (*fetch)(corm_stmt *stmt, const char *fetch, corm_error_info *error);
    /* A row of what run, declare or fetch began; 0 at its end. stmt->more is then false when a
     * fetch gave fewer rows than it could. */
    int (*step)(corm_stmt *stmt, const corm_fetch *fetch, void **objects, corm_arena *arena,
         corm_error_info *error);
    void (*stop)(corm_stmt *stmt); /* drops what is left of a result */
    int (*column_count)(corm_stmt *stmt);
    const char *(*column_name)(corm_stmt *stmt, int column);
    Oid (*column_type)(corm_stmt *stmt, int column);
} corm_pg_path;

extern const corm_pg_path corm__pg_libpq, corm__pg_wire;

/* Queues "DEALLOCATE name" or "CLOSE name" for a good moment. */
void corm__pg_drop_later(corm_conn *conn, const char *command, const char *name);
/* Makes stmt->readers for fetch. */
int corm__pg_plan(corm_stmt *stmt, const corm_fetch *fetch, corm_error_info *error);
