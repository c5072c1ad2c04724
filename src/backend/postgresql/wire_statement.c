/* Statements by our own reader and writer of the protocol: rows are decoded from the bytes that the
 * socket gave straight into the structs. There is no result in between; the rows that are not
 * stepped yet are still on the wire. When something else needs the connection meanwhile, they are
 * taken in (kept). */
#include "backend/postgresql/statement.h"
#include "backend/postgresql/wire.h"
#include "base/ascii.h"
#include "base/error.h"
#include <stdlib.h>
#include <string.h>

/* The answer to something that failed is read to its end; the error that is reported is the first.
 */
static int fail(corm_conn *conn, const corm_pg_message *message, const char *sql,
                corm_error_info *error) {
    corm_error_info ignored;
    int status = corm__pg_wire_fail(message, sql, error);
    corm__pg_wire_drain(conn, &ignored);
    return status;
}

static int refuse_copy(corm_error_info *error) {
    return corm__fail(error, CORM_ERROR_UNSUPPORTED,
                      "COPY cannot run as a query: use psql, or corm_insert_many");
}

/* Settles what is active and sends what was put into conn->out. */
static int request(corm_conn *conn, corm_error_info *error) {
    int status = corm__pg_settle(conn, error);
    if (status) corm__pg_wire_forget(conn);
    return status ? status : corm__pg_wire_send(conn, error);
}

static int lost(corm_conn *conn, corm_error_info *error) {
    if (!conn->lost) return 0;
    corm__fail(error, CORM_ERROR_CONNECTION, "the connection to PostgreSQL is lost");
    corm__error_hint(error, "Close this handle and open another.");
    return CORM_ERROR_CONNECTION;
}

static int exec(corm_conn *conn, const char *sql, corm_error_info *error) {
    int status = lost(conn, error), failed = 0;
    if (status) return status;
    corm__pg_wire_query(conn, sql);
    if ((status = request(conn, error))) return status;
    for (;;) {
        corm_pg_message message;
        corm_error_info later;
        if ((status = corm__pg_wire_next(conn, &conn->in, &message, failed ? &later : error)))
            return failed ? failed : status;
        switch (message.type) {
        case 'E':
            if (!failed) failed = corm__pg_wire_fail(&message, sql, error);
            break;
        case 'G': /* the copy is given up, and the server goes on with an error */
            corm__buffer_add(&conn->out, "f\0\0\0\5\0", 6);
            if ((status = corm__pg_wire_send(conn, error))) return status;
            if (!failed) failed = refuse_copy(error);
            break;
        case 'H':
        case 'W':
            if (!failed) failed = refuse_copy(error);
            break;
        case 'Z':
            status = corm__pg_wire_ready(conn, &message, failed ? &later : error);
            return failed ? failed : status;
        default: break;
        }
    }
}

/* --- preparing --- */

/* RowDescription: for each column its name, table, number, type, size, modifier, format. All in one
 * piece of memory. */
static int read_columns(corm_stmt *stmt, const corm_pg_message *message, corm_error_info *error) {
    const char *p = message->body, *end = p + message->size;
    if (message->size < 2) return corm__pg_wire_unexpected(stmt->conn, 'T', error);
    int n = corm__pg_get16(p);
    corm_pg_column *columns = malloc((size_t)n * sizeof *columns + message->size + 1);
    if (!columns) return corm__fail_memory(error);
    char *names = (char *)(columns + n);
    p += 2;
    for (int i = 0; i < n; i++) {
        const char *stop = memchr(p, 0, (size_t)(end - p));
        if (!stop || end - stop < 19) {
            free(columns);
            return corm__pg_wire_unexpected(stmt->conn, 'T', error);
        }
        size_t size = (size_t)(stop - p) + 1;
        columns[i] = (corm_pg_column){ corm__pg_get32(stop + 7), memcpy(names, p, size) };
        names += size;
        p = stop + 19;
    }
    free(stmt->columns);
    stmt->planned_columns = 0;
    stmt->columns = columns;
    stmt->n_columns = n;
    return 0;
}

/* In the transaction that the rest of the request is in. */
static void put_settings(corm_conn *conn) {
    corm_error_info none;
    const char *settings = corm__pg_local(conn);
    if (!settings) return;
    corm__pg_wire_parse(conn, "", settings, NULL, 0);
    corm__pg_wire_bind(conn, "", NULL, NULL, 0, &none);
    corm__pg_wire_execute(conn);
}

/* Which session answers, in the same round trip as the first statement that is prepared. */
static void ask_session(corm_conn *conn) {
    corm_error_info none;
    corm__pg_wire_parse(conn, "", "SELECT pg_catalog.pg_backend_pid()", NULL, 0);
    corm__pg_wire_bind(conn, "", NULL, NULL, 0, &none);
    corm__pg_wire_execute(conn);
}

static void note_session(corm_conn *conn, const corm_pg_message *message) {
    if (!conn->pooler_known && message->size == 10)
        corm__pg_note_session(conn, corm__pg_get32(message->body + 6));
}

/* Through a pooler a statement has no name, and goes whole each time that it runs. As long as that
 * is not known, it has none either: it gets one when it runs. */
static int prepare(corm_stmt *stmt, corm_error_info *error) {
    corm_conn *conn = stmt->conn;
    int status = lost(conn, error), memory = 0;
    if (status) return status;
    bool ask = !conn->pooler_known && conn->transaction != 'E';
    const char *name = ask || conn->pooled ? "" : stmt->name;
    put_settings(conn);
    if (ask) ask_session(conn);
    corm__pg_wire_parse(conn, name, stmt->sql, stmt->types, stmt->n);
    corm__pg_wire_describe(conn, name);
    corm__pg_wire_sync(conn);
    if ((status = request(conn, error))) return status;
    stmt->n_columns = 0;
    for (;;) {
        corm_pg_message message;
        if ((status = corm__pg_wire_next(conn, &conn->in, &message, error))) return status;
        if (message.type == 'E') return fail(conn, &message, stmt->sql, error);
        if (message.type == 'T') memory = read_columns(stmt, &message, error);
        if (message.type == 'Z') {
            stmt->named = *name != 0;
            status = corm__pg_wire_ready(conn, &message, error);
            return status ? status : memory;
        }
        if (ask && message.type == 'D') note_session(conn, &message);
        if (message.type == 'C' || (ask && message.type == 'D')) continue;
        if (message.type != 'T' && !corm__pg_wire_is_noise(message.type))
            return corm__pg_wire_unexpected(conn, message.type, error);
    }
}

/* Goes with the next request. */
static void unprepare(corm_stmt *stmt) {
    if (!stmt->named) return;
    stmt->named = false;
    corm_pg_mark before = corm__pg_wire_mark(stmt->conn);
    corm__pg_wire_close(stmt->conn, stmt->name);
    if (stmt->conn->out.broken) corm__pg_wire_take_back(stmt->conn, before);
}

/* --- rows --- */

/* The number at the end of "SELECT 5", "INSERT 0 5", "FETCH 2000". */
static int64_t count_of(const corm_pg_message *message) {
    uint64_t count = 0;
    for (const char *p = message->body, *end = p + message->size; p < end && *p; p++)
        count = *p >= '0' && *p <= '9' ? count * 10 + (uint64_t)(*p - '0') : 0;
    return count <= INT64_MAX ? (int64_t)count : INT64_MAX;
}

/* What says how many rows were sent; not CREATE TABLE AS. */
static bool gives_rows(const corm_stmt *stmt, const corm_pg_message *message) {
    const char *tag = message->body;
    return stmt->n_columns > 0 && ((message->size > 7 && memcmp(tag, "SELECT ", 7) == 0) ||
                                   (message->size > 6 && memcmp(tag, "FETCH ", 6) == 0));
}

/* The next message of the statement's own result that is a row (1), or its end (0). */
static int next_row(corm_stmt *stmt, corm_pg_message *message, corm_error_info *error) {
    corm_conn *conn = stmt->conn;
    bool kept = stmt->kept.data != NULL;
    for (;;) {
        int status = corm__pg_wire_next(conn, kept ? &stmt->kept : &conn->in, message, error);
        if (status) {
            stmt->running = false;
            return status;
        }
        switch (message->type) {
        case 'D':
            if (message->size >= 2 && corm__pg_get16(message->body) == stmt->n_columns) {
                stmt->n_read++;
                return 1;
            }
            stmt->running = false;
            return corm__pg_wire_unexpected(conn, 'D', error);
        case 'n': stmt->n_columns = 0; break;
        case 'T':
            if (stmt->n_read) { /* its columns stay as they are */
                stmt->running = false;
                return corm__pg_wire_unexpected(conn, 'T', error);
            }
            if ((status = read_columns(stmt, message, error))) {
                stmt->running = stmt->more = false;
                return status;
            }
            break;
        case 'C':
            stmt->affected = count_of(message);
            if (!gives_rows(stmt, message) || stmt->affected == stmt->n_read) break;
            stmt->running = false;
            return corm__pg_wire_unexpected(conn, 'C', error);
        case 'Z':
            stmt->running = false;
            if (!kept && (status = corm__pg_wire_ready(conn, message, error))) return status;
            if (stmt->cursor[0]) stmt->more = stmt->affected == CORM__PG_ROWS_A_FETCH;
            return 0;
        case 'E':
            stmt->running = stmt->more = false;
            return kept ? corm__pg_wire_fail(message, stmt->sql, error)
                        : fail(conn, message, stmt->sql, error);
        default:
            if (corm__pg_wire_is_noise(message->type)) break;
            stmt->running = false;
            return corm__pg_wire_unexpected(conn, message->type, error);
        }
    }
}

static int step(corm_stmt *stmt, const corm_fetch *fetch, void **objects, corm_arena *arena,
                corm_error_info *error) {
    corm_pg_message message;
    int status;
    if (!stmt->running) return 0;
    if (stmt->conn->lost && !stmt->kept.data) return lost(stmt->conn, error);
    if ((status = next_row(stmt, &message, error)) <= 0 || !fetch) return status;
    if (stmt->fetch != fetch && (status = corm__pg_plan(stmt, fetch, error))) return status;
    status =
        corm__pg_read_row(stmt->readers, fetch, message.body, message.size, objects, arena, error);
    return status ? status : 1;
}

/* After a request that gives rows: waits until it is known whether it worked, so that an error
 * comes at once, and leaves the first row unread. */
static int begin(corm_stmt *stmt, corm_error_info *error) {
    corm_conn *conn = stmt->conn;
    int status = request(conn, error);
    if (status) return status;
    corm_pg_message message;
    conn->active = stmt;
    stmt->running = true;
    stmt->n_read = 0;
    status = next_row(stmt, &message, error);
    if (status > 0) {
        conn->in.position -= (size_t)message.size + 5;
        stmt->n_read--;
    }
    if (status == 0) { /* nothing more will come: step says so, without the connection */
        stmt->running = false;
        return 0;
    }
    return status < 0 ? status : 0;
}

static void drop_kept(corm_stmt *stmt) {
    free(stmt->kept.data);
    stmt->kept = (corm_pg_input){ 0 };
}

static int run(corm_stmt *stmt, const corm_value *values, corm_error_info *error) {
    int status = lost(stmt->conn, error);
    if (!status && corm__compare_nocase_n(stmt->sql, "copy", 4) == 0) status = refuse_copy(error);
    if (status) return status;
    corm_conn *conn = stmt->conn;
    corm_pg_mark before = corm__pg_wire_mark(conn);
    const char *name = conn->pooled ? "" : stmt->name;
    put_settings(conn);
    if (!stmt->named) corm__pg_wire_parse(conn, name, stmt->sql, stmt->types, stmt->n);
    if ((status = corm__pg_wire_bind(conn, name, values, stmt->kinds, stmt->n, error))) {
        corm__pg_wire_take_back(conn, before);
        return status;
    }
    if (conn->pooled)
        corm__pg_wire_describe_bound(conn); /* a table may have changed since it was looked at */
    stmt->named = !conn->pooled;
    corm__pg_wire_execute_and_sync(conn);
    return begin(stmt, error);
}

static void put_fetch(corm_stmt *stmt, const char *sql, bool first) {
    corm_error_info none;
    corm__pg_wire_parse(stmt->conn, "", sql, NULL, 0);
    corm__pg_wire_bind(stmt->conn, "", NULL, NULL, 0, &none);
    if (first)
        corm__pg_wire_describe_bound(
            stmt->conn); /* a table may have changed since the statement was prepared */
    corm__pg_wire_execute_and_sync(stmt->conn);
}

static int fetch(corm_stmt *stmt, const char *sql, corm_error_info *error) {
    int status = lost(stmt->conn, error);
    if (status) return status;
    drop_kept(stmt);
    put_fetch(stmt, sql, false);
    return begin(stmt, error);
}

/* The cursor and its first rows in one round trip. */
static int declare(corm_stmt *stmt, const char *sql, const corm_value *values,
                   corm_error_info *error) {
    corm_conn *conn = stmt->conn;
    int status = lost(conn, error);
    if (status) return status;
    corm_pg_mark before = corm__pg_wire_mark(conn);
    corm__pg_wire_parse(conn, "", sql, stmt->types, stmt->n);
    if ((status = corm__pg_wire_bind(conn, "", values, stmt->kinds, stmt->n, error))) {
        corm__pg_wire_take_back(conn, before);
        return status;
    }
    corm__pg_wire_execute(conn);
    char fetch_sql[64];
    corm__error_set(fetch_sql, sizeof fetch_sql, "FETCH FORWARD %d FROM %s", CORM__PG_ROWS_A_FETCH,
                    stmt->cursor);
    put_fetch(stmt, fetch_sql, true);
    return begin(stmt, error);
}

static void stop(corm_stmt *stmt) {
    corm_error_info ignored;
    if (stmt->conn->active == stmt && !stmt->conn->lost) corm__pg_wire_drain(stmt->conn, &ignored);
    if (stmt->conn->active == stmt) stmt->conn->active = NULL;
    stmt->running = false;
    drop_kept(stmt);
}

static int column_count(corm_stmt *stmt) { return stmt->n_columns; }
static const char *column_name(corm_stmt *stmt, int column) {
    return column >= 0 && column < stmt->n_columns ? stmt->columns[column].name : "";
}
static Oid column_type(corm_stmt *stmt, int column) { return stmt->columns[column].type; }

const corm_pg_path corm__pg_wire = { exec, prepare, unprepare,    run,         declare,    fetch,
                                     step, stop,    column_count, column_name, column_type };
