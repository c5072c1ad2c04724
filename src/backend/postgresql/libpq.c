/* Statements by libpq: for connections with TLS or GSS encryption. A result is a PGresult, whole.
 */
#include "backend/postgresql/statement.h"
#include "base/ascii.h"
#include "base/error.h"
#include <stdlib.h>
#include <string.h>

static int refuse_copy(corm_error_info *error) {
    return corm__fail(error, CORM_ERROR_UNSUPPORTED,
                      "COPY cannot run as a query: use psql, or corm_insert_many");
}

static int exec(corm_conn *conn, const char *sql, corm_error_info *error) {
    PGresult *result = PQexec(conn->pg, sql);
    int status = 0;
    corm__pg_note(conn);
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY: break;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        PQclear(PQexec(conn->pg, "")); /* ends the copy */
        corm__pg_note(conn);
        status = refuse_copy(error);
        break;
    default: status = corm__pg_fail(conn, result, sql, error);
    }
    PQclear(result);
    return status;
}

/* Through a pooler a statement has no name: it goes whole each time. */
static int prepare(corm_stmt *stmt, corm_error_info *error) {
    corm_conn *conn = stmt->conn;
    if (!conn->pooler_known && conn->transaction != 'E') corm__pg_session(conn);
    corm_pg_call call = {
        .name = conn->pooled ? "" : stmt->name, .sql = stmt->sql, .n = stmt->n, .types = stmt->types
    };
    PGresult *result = corm__pg_call(conn, &call);
    corm__pg_note(conn);
    stmt->named = !conn->pooled && PQresultStatus(result) == PGRES_COMMAND_OK;
    int status = PQresultStatus(result) == PGRES_COMMAND_OK
                     ? 0
                     : corm__pg_fail(conn, result, stmt->sql, error);
    PQclear(result);
    return status;
}

static void unprepare(corm_stmt *stmt) {
    if (stmt->named) corm__pg_drop_later(stmt->conn, "DEALLOCATE", stmt->name);
    stmt->named = false;
}

static int encode_all(corm_stmt *stmt, const corm_value *values, corm_error_info *error) {
    corm__buffer_reset(&stmt->values);
    for (int i = 0; i < stmt->n; i++) {
        stmt->lengths[i] = (int)stmt->values.length;
        int status =
            stmt->values.length > INT32_MAX / 2
                ? corm__fail(
                      error, CORM_ERROR_RANGE,
                      "the values of one statement are too long: PostgreSQL takes 1 GB at most")
                : corm__pg_encode(&stmt->values, &values[i], stmt->kinds[i], i + 1, error);
        if (status) return status;
    }
    if (corm__buffer_broken(&stmt->values)) return corm__fail_memory(error);
    for (int i = 0; i < stmt->n; i++) {
        const char *p = stmt->values.data + stmt->lengths[i];
        stmt->lengths[i] = (int)corm__pg_get32(p);
        stmt->pointers[i] = stmt->lengths[i] < 0 ? NULL : p + 4;
    }
    return 0;
}

static int take_result(corm_stmt *stmt, PGresult *result, corm_error_info *error) {
    PQclear(stmt->result);
    stmt->result = result;
    stmt->row = stmt->n_rows = 0;
    stmt->planned_columns = 0; /* the server describes each result anew */
    corm__pg_note(stmt->conn);
    switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
        stmt->n_rows = PQntuples(result);
        /* fall through */
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY: stmt->affected = strtoll(PQcmdTuples(result), NULL, 10); return 0;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        PQclear(PQexec(stmt->conn->pg, ""));
        corm__pg_note(stmt->conn);
        refuse_copy(error);
        break;
    default: corm__pg_fail(stmt->conn, result, stmt->sql, error);
    }
    PQclear(result);
    stmt->result = NULL;
    return error->status;
}

static int run(corm_stmt *stmt, const corm_value *values, corm_error_info *error) {
    corm_conn *conn = stmt->conn;
    bool copies = corm__pg_local(conn) && corm__compare_nocase_n(stmt->sql, "copy", 4) == 0;
    int status = copies ? refuse_copy(error) : encode_all(stmt, values, error);
    if (status) return status;
    stmt->names_asked = false;
    bool prepared = stmt->named && !corm__pg_local(conn);
    corm_pg_call call = { .sql = stmt->sql,
                          .n = stmt->n,
                          .types = stmt->types,
                          .values = stmt->pointers,
                          .lengths = stmt->lengths,
                          .formats = stmt->formats,
                          .format = 1 };
    PGresult *result = prepared ? PQexecPrepared(conn->pg, stmt->name, stmt->n, stmt->pointers,
                                                 stmt->lengths, stmt->formats, 1)
                                : corm__pg_call(conn, &call);
    return take_result(stmt, result, error);
}

static int fetch(corm_stmt *stmt, const char *sql, corm_error_info *error) {
    int status =
        take_result(stmt, PQexecParams(stmt->conn->pg, sql, 0, NULL, NULL, NULL, NULL, 1), error);
    stmt->more = !status && stmt->n_rows == CORM__PG_ROWS_A_FETCH;
    return status;
}

static int declare(corm_stmt *stmt, const char *sql, const corm_value *values,
                   corm_error_info *error) {
    int status = encode_all(stmt, values, error);
    if (status) return status;
    stmt->names_asked = false;
    status = take_result(stmt,
                         PQexecParams(stmt->conn->pg, sql, stmt->n, stmt->types, stmt->pointers,
                                      stmt->lengths, stmt->formats, 1),
                         error);
    if (status) return status;
    char fetch_sql[64];
    corm__error_set(fetch_sql, sizeof fetch_sql, "FETCH FORWARD %d FROM %s", CORM__PG_ROWS_A_FETCH,
                    stmt->cursor);
    return fetch(stmt, fetch_sql, error);
}

static int step(corm_stmt *stmt, const corm_fetch *fetch, void **objects, corm_arena *arena,
                corm_error_info *error) {
    if (stmt->row >= stmt->n_rows) return 0;
    int row = stmt->row++, status;
    if (!fetch) return 1;
    if (stmt->fetch != fetch && (status = corm__pg_plan(stmt, fetch, error))) return status;
    for (uint32_t i = 0; i < fetch->n_columns; i++) {
        int size = PQgetlength(stmt->result, row, (int)i);
        if (size == 0 && PQgetisnull(stmt->result, row, (int)i)) size = -1;
        status = corm__pg_read(&stmt->readers[i], &fetch->columns[i],
                               PQgetvalue(stmt->result, row, (int)i), size, objects, arena, error);
        if (status) return status;
    }
    return 1;
}

static void stop(corm_stmt *stmt) {
    stmt->row = stmt->n_rows = 0;
    if (!stmt->result) return;
    PGresult *names = stmt->names_asked ? PQcopyResult(stmt->result, PG_COPYRES_ATTRS) : NULL;
    PQclear(stmt->result);
    stmt->result = names;
}

static int column_count(corm_stmt *stmt) { return stmt->result ? PQnfields(stmt->result) : 0; }
static Oid column_type(corm_stmt *stmt, int column) { return PQftype(stmt->result, column); }
static const char *column_name(corm_stmt *stmt, int column) {
    stmt->names_asked = true;
    const char *name = stmt->result ? PQfname(stmt->result, column) : NULL;
    return name ? name : "";
}

const corm_pg_path corm__pg_libpq = { exec, prepare, unprepare,    run,         declare,    fetch,
                                      step, stop,    column_count, column_name, column_type };
