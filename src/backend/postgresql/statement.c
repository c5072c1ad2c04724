/* Prepared statements through libpq: binary parameters, binary results.
 *
 * A result that streams comes through a cursor, some thousand rows at a time, so that other statements may run between. Inside a transaction the
 * cursor is an ordinary one. Outside, it is WITH HOLD: the server keeps the rows, and what runs between is committed statement by statement as ever. */
#include "backend/postgresql/postgresql.h"
#include "base/error.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ROWS_A_FETCH = 2000, MAX_DROPPED = 16 };

struct corm_stmt {
    corm_conn *conn;
    char *sql;
    char name[16];
    int n;                      /* parameters */
    corm_kind *kinds;
    Oid *types;
    const char **pointers;      /* of the parameters' values, into values */
    int *lengths, *formats;
    corm_buffer values;
    PGresult *result;
    int row, n_rows;            /* in result */
    const corm_fetch *fetch;    /* that readers are for */
    corm_pg_reader *readers;
    uint32_t n_readers;
    char cursor[16];            /* "" when it does not stream */
    bool held, more;            /* the cursor is WITH HOLD; may have more rows */
    bool named;                 /* somebody asked for names of columns */
};

static int prepare(corm_stmt *stmt, corm_error_info *error) {
    corm_conn *conn = stmt->conn;
    PGresult *result = PQprepare(conn->pg, stmt->name, stmt->sql, stmt->n, stmt->types);
    int status = PQresultStatus(result) == PGRES_COMMAND_OK ? 0 : corm__pg_fail(conn, result, stmt->sql, error);
    PQclear(result);
    return status;
}

/* DEALLOCATE costs a round trip, and an error in it would break a transaction: they are done together, outside of one. */
static void drop_later(corm_conn *conn, const char *command, const char *name) {
    corm__buffer_printf(&conn->dropped, "%s %s;", command, name);
    conn->n_dropped++;
}

static void flush_dropped(corm_conn *conn) {
    if (conn->n_dropped < MAX_DROPPED || conn->transaction != 'I') return;
    if (!corm__buffer_broken(&conn->dropped)) PQclear(PQexec(conn->pg, corm__buffer_text(&conn->dropped)));
    corm__buffer_reset(&conn->dropped);
    conn->n_dropped = 0;
    corm__pg_note(conn);
}

static void stmt_free(corm_stmt *stmt) {
    PQclear(stmt->result);
    corm__buffer_release(&stmt->values);
    free(stmt->readers);
    free(stmt->sql);
    free(stmt);
}

static corm_stmt *stmt_new(corm_conn *conn, const char *sql, size_t length, const corm_kind *kinds, int n) {
    /* The arrays by their alignment, behind the struct. */
    size_t each = sizeof(char *) + 2 * sizeof(int) + sizeof(Oid) + sizeof(corm_kind);
    corm_stmt *stmt = calloc(1, sizeof *stmt + (size_t)n * each);
    if (!stmt) return NULL;
    stmt->conn = conn;
    stmt->n = n;
    stmt->pointers = (const char **)(stmt + 1);
    stmt->lengths = (int *)(stmt->pointers + n);
    stmt->formats = stmt->lengths + n;
    stmt->types = (Oid *)(stmt->formats + n);
    stmt->kinds = (corm_kind *)(stmt->types + n);
    for (int i = 0; i < n; i++) {
        stmt->formats[i] = 1;
        stmt->kinds[i] = kinds[i];
        stmt->types[i] = corm__pg_type(kinds[i]);
    }
    stmt->sql = strndup(sql, length);
    snprintf(stmt->name, sizeof stmt->name, "corm_%u", ++conn->last_name);
    if (stmt->sql) return stmt;
    stmt_free(stmt);
    return NULL;
}

int corm__pg_prepare(corm_conn *conn, const char *sql, size_t length, const corm_kind *kinds, int n, corm_stmt **out, corm_error_info *error) {
    *out = NULL;
    flush_dropped(conn);
    corm_stmt *stmt = stmt_new(conn, sql, length, kinds, n);
    if (!stmt) return corm__fail_memory(error);
    int status = prepare(stmt, error);
    if (status) stmt_free(stmt);
    else *out = stmt;
    return status;
}

void corm__pg_finalize(corm_stmt *stmt) {
    if (!stmt) return;
    corm__pg_reset(stmt);
    drop_later(stmt->conn, "DEALLOCATE", stmt->name);
    stmt_free(stmt);
}

int corm__pg_column_count(corm_stmt *stmt) { return stmt->result ? PQnfields(stmt->result) : 0; }

const char *corm__pg_column_name(corm_stmt *stmt, int column) {
    stmt->named = true;
    const char *name = stmt->result ? PQfname(stmt->result, column) : NULL;
    return name ? name : "";
}

/* --- parameters --- */

static int encode_all(corm_stmt *stmt, const corm_value *values, int n, corm_error_info *error) {
    if (n != stmt->n) return corm__fail(error, CORM_ERROR_USAGE, "the statement has %d parameters, %d values were given", stmt->n, n);
    corm__buffer_reset(&stmt->values);
    for (int i = 0; i < n; i++) {
        stmt->lengths[i] = (int)stmt->values.length;
        int status = corm__pg_encode(&stmt->values, &values[i], stmt->kinds[i], i + 1, error);
        if (status) return status;
    }
    if (corm__buffer_broken(&stmt->values)) return corm__fail_memory(error);
    for (int i = 0; i < n; i++) {
        const char *p = stmt->values.data + stmt->lengths[i];
        stmt->lengths[i] = (int)corm__pg_get32(p);
        stmt->pointers[i] = stmt->lengths[i] < 0 ? NULL : p + 4;
    }
    return 0;
}

/* --- execution --- */

static int take_result(corm_stmt *stmt, PGresult *result, corm_error_info *error) {
    PQclear(stmt->result);
    stmt->result = result;
    stmt->row = 0;
    stmt->n_rows = 0;
    corm__pg_note(stmt->conn);
    switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
        stmt->n_rows = PQntuples(result);
        /* fall through */
    case PGRES_COMMAND_OK: case PGRES_EMPTY_QUERY: return 0;
    case PGRES_COPY_IN: case PGRES_COPY_OUT: case PGRES_COPY_BOTH:
        PQclear(PQexec(stmt->conn->pg, ""));    /* ends the copy */
        corm__pg_note(stmt->conn);
        corm__fail(error, CORM_ERROR_UNSUPPORTED, "COPY cannot run as a query");
        break;
    default: corm__pg_fail(stmt->conn, result, stmt->sql, error);
    }
    PQclear(result);
    stmt->result = NULL;
    return error->status;
}

static PGresult *run(corm_stmt *stmt) {
    return PQexecPrepared(stmt->conn->pg, stmt->name, stmt->n, stmt->pointers, stmt->lengths, stmt->formats, 1);
}

/* The server has forgotten the statement (DISCARD ALL, a pooler), or a table has changed under its plan. Outside a transaction nothing is lost: once more. */
static bool forgotten(const corm_stmt *stmt, const corm_error_info *error) {
    return stmt->conn->transaction == 'I' && !stmt->conn->lost && (strcmp(error->sqlstate, "26000") == 0 || strcmp(error->sqlstate, "0A000") == 0);
}

static int execute_plain(corm_stmt *stmt, corm_error_info *error) {
    bool outside = stmt->conn->transaction == 'I';
    int status = take_result(stmt, run(stmt), error);
    if (!status || !outside || !forgotten(stmt, error)) return status;
    corm_error_info ignored;
    char sql[32];
    snprintf(sql, sizeof sql, "DEALLOCATE %s", stmt->name);
    corm__pg_exec(stmt->conn, sql, &ignored);
    status = prepare(stmt, error);
    return status ? status : take_result(stmt, run(stmt), error);
}

static bool has_word(const char *sql, const char *word) { return strcasestr(sql, word) != NULL; }

/* What a cursor can be declared for. A WITH may hide a change of data. */
static bool can_stream(const char *sql) {
    sql += strspn(sql, " \t\r\n(");
    if (strncasecmp(sql, "with", 4) == 0) return !has_word(sql, "insert") && !has_word(sql, "update") && !has_word(sql, "delete") && !has_word(sql, "merge");
    return strncasecmp(sql, "select", 6) == 0 || strncasecmp(sql, "values", 6) == 0 || strncasecmp(sql, "table", 5) == 0;
}

static int fetch_more(corm_stmt *stmt, corm_error_info *error) {
    char sql[64];
    snprintf(sql, sizeof sql, "FETCH FORWARD %d FROM %s", ROWS_A_FETCH, stmt->cursor);
    int status = take_result(stmt, PQexecParams(stmt->conn->pg, sql, 0, NULL, NULL, NULL, NULL, 1), error);
    stmt->more = !status && stmt->n_rows == ROWS_A_FETCH;
    return status;
}

static int execute_stream(corm_stmt *stmt, corm_error_info *error) {
    corm_conn *conn = stmt->conn;
    corm_buffer sql = { 0 };
    snprintf(stmt->cursor, sizeof stmt->cursor, "corm_c%u", ++conn->last_name);
    stmt->held = conn->transaction == 'I';
    corm__buffer_printf(&sql, "DECLARE %s NO SCROLL CURSOR%s FOR %s", stmt->cursor, stmt->held ? " WITH HOLD" : "", stmt->sql);
    if (corm__buffer_broken(&sql)) {
        stmt->cursor[0] = 0;
        return corm__fail_memory(error);
    }
    int status = take_result(stmt, PQexecParams(conn->pg, sql.data, stmt->n, stmt->types, stmt->pointers, stmt->lengths, stmt->formats, 1), error);
    corm__buffer_release(&sql);
    if (status) {
        stmt->cursor[0] = 0;
        return status;
    }
    return fetch_more(stmt, error);
}

int corm__pg_execute(corm_stmt *stmt, const corm_value *values, int n, unsigned flags, corm_error_info *error) {
    corm__pg_reset(stmt);
    int status = encode_all(stmt, values, n, error);
    if (status) return status;
    stmt->fetch = NULL;
    stmt->named = false;
    return flags & CORM_EXECUTE_STREAM && can_stream(stmt->sql) ? execute_stream(stmt, error) : execute_plain(stmt, error);
}

/* --- rows --- */

static int plan(corm_stmt *stmt, const corm_fetch *fetch, corm_error_info *error) {
    int columns = PQnfields(stmt->result);
    if ((uint32_t)columns < fetch->n_columns)
        return corm__fail(error, CORM_ERROR_TYPE, "the result has %d columns where %u are wanted", columns, (unsigned)fetch->n_columns);
    if (fetch->n_columns > stmt->n_readers) {
        corm_pg_reader *readers = realloc(stmt->readers, fetch->n_columns * sizeof *readers);
        if (!readers) return corm__fail_memory(error);
        stmt->readers = readers;
        stmt->n_readers = fetch->n_columns;
    }
    for (uint32_t i = 0; i < fetch->n_columns; i++) {
        int status = corm__pg_reader(&stmt->readers[i], &fetch->columns[i], PQftype(stmt->result, (int)i), error);
        if (status) return status;
    }
    stmt->fetch = fetch;
    return 0;
}

int corm__pg_step(corm_stmt *stmt, const corm_fetch *fetch, void **objects, corm_arena *arena, corm_error_info *error) {
    int status;
    if (stmt->row >= stmt->n_rows && stmt->more && (status = fetch_more(stmt, error))) return status;
    if (stmt->row >= stmt->n_rows) return 0;
    int row = stmt->row++;
    if (!fetch) return 1;
    if (stmt->fetch != fetch && (status = plan(stmt, fetch, error))) return status;
    for (uint32_t i = 0; i < fetch->n_columns; i++) {
        int size = PQgetlength(stmt->result, row, (int)i);
        if (size == 0 && PQgetisnull(stmt->result, row, (int)i)) size = -1;
        status = corm__pg_read(&stmt->readers[i], &fetch->columns[i], PQgetvalue(stmt->result, row, (int)i), size, objects, arena, error);
        if (status) return status;
    }
    return 1;
}

/* A cursor of a transaction goes with it, also by a rollback to a savepoint; closing one that is gone would break the transaction: so it is looked up. */
static void close_cursor(corm_stmt *stmt) {
    corm_conn *conn = stmt->conn;
    corm_error_info ignored;
    char sql[160];
    if (conn->lost) return;
    if (stmt->held) {
        snprintf(sql, sizeof sql, "CLOSE %s", stmt->cursor);
        if (conn->transaction == 'I') corm__pg_exec(conn, sql, &ignored);
        else drop_later(conn, "CLOSE", stmt->cursor);
    } else if (conn->transaction == 'T') {
        snprintf(sql, sizeof sql, "SELECT 1 FROM pg_catalog.pg_cursors WHERE name = '%s'", stmt->cursor);
        PGresult *found = PQexec(conn->pg, sql);
        snprintf(sql, sizeof sql, "CLOSE %s", stmt->cursor);
        if (PQntuples(found) == 1) corm__pg_exec(conn, sql, &ignored);
        PQclear(found);
    }
}

void corm__pg_reset(corm_stmt *stmt) {
    if (stmt->cursor[0]) close_cursor(stmt);
    stmt->cursor[0] = 0;
    stmt->more = false;
    stmt->row = stmt->n_rows = 0;
    if (!stmt->result) return;
    PGresult *names = stmt->named ? PQcopyResult(stmt->result, PG_COPYRES_ATTRS) : NULL;
    PQclear(stmt->result);
    stmt->result = names;
}

int64_t corm__pg_affected(corm_stmt *stmt) {
    const char *text = stmt->result ? PQcmdTuples(stmt->result) : "";
    return *text ? strtoll(text, NULL, 10) : 0;
}
