/* Bulk load: COPY … FROM STDIN in its binary format. A row is the number of its columns and then
 * its values as parameters have them. */
#include "backend/postgresql/postgresql.h"
#include "base/error.h"
#include <stdlib.h>
#include <string.h>

enum { SEND_AT = 64 * 1024 };

static int copy_sql(corm_buffer *sql, const char *settings, const char *table,
                    const char *const *columns, int n) {
    if (settings) corm__buffer_printf(sql, "%s; ", settings);
    corm__buffer_puts(sql, "COPY ");
    corm__pg_identifier(sql, table);
    for (int i = 0; i < n; i++) {
        corm__buffer_puts(sql, i ? ", " : " (");
        corm__pg_identifier(sql, columns[i]);
    }
    corm__buffer_puts(sql, ") FROM STDIN (FORMAT binary)");
    return corm__buffer_broken(sql) ? CORM_ERROR_MEMORY : 0;
}

int corm__pg_bulk_begin(corm_conn *conn, const char *table, const char *const *columns,
                        const corm_kind *kinds, int n, corm_error_info *error) {
    static const char header[19] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
    corm_kind *copy = malloc((size_t)n * sizeof *copy);
    corm_buffer sql = { 0 };
    int status = corm__pg_settle(conn, error);
    if (!status && (!copy || copy_sql(&sql, corm__pg_local(conn), table, columns, n)))
        status = corm__fail_memory(error);
    if (!status) {
        PGresult *result = PQexec(conn->pg, sql.data);
        if (PQresultStatus(result) != PGRES_COPY_IN)
            status = corm__pg_fail(conn, result, sql.data, error);
        PQclear(result);
    }
    corm__buffer_release(&sql);
    if (status) {
        free(copy);
        return status;
    }
    memcpy(copy, kinds, (size_t)n * sizeof *copy);
    free(conn->copy_kinds);
    conn->copy_kinds = copy;
    conn->n_copy = n;
    corm__buffer_reset(&conn->copy);
    corm__buffer_add(&conn->copy, header, sizeof header);
    return 0;
}

static int send_copy(corm_conn *conn, corm_error_info *error) {
    if (corm__buffer_broken(&conn->copy)) return corm__fail_memory(error);
    if (PQputCopyData(conn->pg, conn->copy.data, (int)conn->copy.length) != 1)
        return corm__pg_fail(conn, NULL, "COPY", error);
    corm__buffer_reset(&conn->copy);
    return 0;
}

/* A row that does not fit leaves no trace. */
int corm__pg_bulk_row(corm_conn *conn, const corm_value *values, corm_error_info *error) {
    size_t start = conn->copy.length;
    char *count = corm__buffer_reserve(&conn->copy, 2);
    if (!count) return corm__fail_memory(error);
    corm__pg_put16(count, (uint16_t)conn->n_copy);
    conn->copy.length += 2;
    for (int i = 0; i < conn->n_copy; i++) {
        int status = corm__pg_encode(&conn->copy, &values[i], conn->copy_kinds[i], i + 1, error);
        if (status) {
            if (!conn->copy.broken) conn->copy.length = start;
            return status;
        }
    }
    if (conn->copy.length > INT32_MAX) {
        conn->copy.length = start;
        return corm__fail(error, CORM_ERROR_RANGE,
                          "the values of one row are too long: PostgreSQL takes 1 GB at most");
    }
    return conn->copy.length < SEND_AT ? 0 : send_copy(conn, error);
}

int corm__pg_bulk_end(corm_conn *conn, bool commit, int64_t *rows, corm_error_info *error) {
    int status = 0;
    corm__buffer_add(&conn->copy, "\377\377", 2);
    if (commit) status = send_copy(conn, error);
    if (!conn->lost &&
        PQputCopyEnd(conn->pg, commit && !status ? NULL : "given up by the client") != 1 && !status)
        status = corm__pg_fail(conn, NULL, "COPY", error);
    if (rows) *rows = 0;
    for (PGresult *result; (result = PQgetResult(conn->pg)); PQclear(result)) {
        if (PQresultStatus(result) ==
            PGRES_COPY_IN) { /* its end could not be sent: libpq would say so for ever */
            conn->lost = true;
            PQclear(result);
            break;
        }
        if (!commit || status) continue; /* the error is our own */
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            status = corm__pg_fail(conn, result, "COPY", error);
        else if (rows)
            *rows = strtoll(PQcmdTuples(result), NULL, 10);
    }
    corm__pg_note(conn);
    free(conn->copy_kinds);
    conn->copy_kinds = NULL;
    conn->n_copy = 0;
    corm__buffer_release(&conn->copy);
    return status;
}
