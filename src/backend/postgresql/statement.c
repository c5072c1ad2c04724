/* Prepared statements: what is the same whether they travel by libpq or by our own reader and
 * writer of the protocol.
 *
 * A result that streams comes through a cursor, some thousand rows at a time, so that other
 * statements may run between. Inside a transaction the cursor is an ordinary one. Outside, it is
 * WITH HOLD: the server keeps the rows, and what runs between is committed statement by statement
 * as ever. */
#include "backend/postgresql/statement.h"
#include "base/ascii.h"
#include "base/error.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DROPPED = 16 };

/* --- their life --- */

static void stmt_free(corm_stmt *stmt) {
    PQclear(stmt->result);
    corm__buffer_release(&stmt->values);
    free(stmt->kept.data);
    free(stmt->columns);
    free(stmt->readers);
    free(stmt->planned);
    free(stmt->sql);
    free(stmt);
}

static corm_stmt *stmt_new(corm_conn *conn, const char *sql, size_t length, const corm_kind *kinds,
                           int n) {
    /* The arrays stand behind the struct, the largest alignment first. */
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

/* It costs a round trip, and an error in it would break a transaction: some are done together,
 * outside of one. */
void corm__pg_drop_later(corm_conn *conn, const char *command, const char *name) {
    corm__buffer_printf(&conn->dropped, "%s %s;", command, name);
    conn->n_dropped++;
}

static void flush_dropped(corm_conn *conn) {
    if (conn->n_dropped < MAX_DROPPED || conn->transaction != 'I') return;
    corm_error_info ignored;
    if (!corm__buffer_broken(&conn->dropped) &&
        conn->path->exec(conn, corm__buffer_text(&conn->dropped), &ignored)) {
        /* One that the server has forgotten ends them all: then one by one. */
        char *rest = conn->dropped.data, *one;
        while (!conn->lost && (one = strsep(&rest, ";")) && *one)
            conn->path->exec(conn, one, &ignored);
    }
    corm__buffer_reset(&conn->dropped);
    conn->n_dropped = 0;
}

int corm__pg_prepare(corm_conn *conn, const char *sql, size_t length, const corm_kind *kinds, int n,
                     corm_stmt **out, corm_error_info *error) {
    *out = NULL;
    flush_dropped(conn);
    corm_stmt *stmt = stmt_new(conn, sql, length, kinds, n);
    if (!stmt) return corm__fail_memory(error);
    int status = conn->path->prepare(stmt, error);
    if (status)
        stmt_free(stmt);
    else
        *out = stmt;
    return status;
}

void corm__pg_finalize(corm_stmt *stmt) {
    if (!stmt) return;
    corm__pg_reset(stmt);
    if (!stmt->conn->lost) stmt->conn->path->unprepare(stmt);
    stmt_free(stmt);
}

int corm__pg_column_count(corm_stmt *stmt) { return stmt->conn->path->column_count(stmt); }
const char *corm__pg_column_name(corm_stmt *stmt, int column) {
    return stmt->conn->path->column_name(stmt, column);
}
int64_t corm__pg_affected(corm_stmt *stmt) { return stmt->affected; }

/* --- execution --- */

/* The server has forgotten the statement (DISCARD ALL, a pooler), or a table has changed under its
 * plan. Outside a transaction nothing is lost: once more. */
static bool forgotten(const corm_stmt *stmt, const corm_error_info *error) {
    return stmt->conn->transaction == 'I' && !stmt->conn->lost &&
           (strcmp(error->sqlstate, "26000") == 0 || strcmp(error->sqlstate, "0A000") == 0);
}

static int run(corm_stmt *stmt, const corm_value *values, corm_error_info *error) {
    const corm_pg_path *path = stmt->conn->path;
    bool outside = stmt->conn->transaction == 'I';
    int status = path->run(stmt, values, error);
    if (status && outside && corm__pg_without_settings(stmt->conn, error)) {
        corm__error_clear(error);
        stmt->conn->local = false;
        status = path->run(stmt, values, error);
        stmt->conn->local = true;
    }
    if (!status || !outside || !forgotten(stmt, error)) return status;
    path->unprepare(stmt);
    snprintf(stmt->name, sizeof stmt->name, "corm_%u", ++stmt->conn->last_name);
    status = path->prepare(stmt, error);
    return status ? status : path->run(stmt, values, error);
}

static bool has_word(const char *sql, const char *word) {
    return corm__find_nocase(sql, word) != NULL;
}

/* What a cursor can be declared for. A WITH may hide a change of data. */
static bool can_stream(const char *sql) {
    sql += strspn(sql, " \t\r\n(");
    if (corm__compare_nocase_n(sql, "with", 4) == 0)
        return !has_word(sql, "insert") && !has_word(sql, "update") && !has_word(sql, "delete") &&
               !has_word(sql, "merge");
    return corm__compare_nocase_n(sql, "select", 6) == 0 ||
           corm__compare_nocase_n(sql, "values", 6) == 0 ||
           corm__compare_nocase_n(sql, "table", 5) == 0;
}

static int stream(corm_stmt *stmt, const corm_value *values, corm_error_info *error) {
    corm_conn *conn = stmt->conn;
    corm_buffer sql = { 0 };
    snprintf(stmt->cursor, sizeof stmt->cursor, "corm_c%u", ++conn->last_name);
    stmt->held = conn->transaction == 'I';
    stmt->more = true;
    corm__buffer_printf(&sql, "DECLARE %s NO SCROLL CURSOR%s FOR %s", stmt->cursor,
                        stmt->held ? " WITH HOLD" : "", stmt->sql);
    int status = corm__buffer_broken(&sql) ? corm__fail_memory(error)
                                           : conn->path->declare(stmt, sql.data, values, error);
    corm__buffer_release(&sql);
    if (status) {
        stmt->more = false;
        stmt->cursor[0] = 0;
    }
    return status;
}

int corm__pg_execute(corm_stmt *stmt, const corm_value *values, int n, unsigned flags,
                     corm_error_info *error) {
    corm__pg_reset(stmt);
    if (n != stmt->n)
        return corm__fail(error, CORM_ERROR_USAGE,
                          "the statement has %d parameters, %d values were given", stmt->n, n);
    stmt->fetch = NULL;
    stmt->affected = 0;
    /* A cursor outside of a transaction would be one session's, and the next rows asked of another.
     */
    bool holds = !stmt->conn->local || stmt->conn->transaction != 'I';
    return flags & CORM_EXECUTE_STREAM && holds && can_stream(stmt->sql)
               ? stream(stmt, values, error)
               : run(stmt, values, error);
}

/* --- rows --- */

int corm__pg_plan(corm_stmt *stmt, const corm_fetch *fetch, corm_error_info *error) {
    const corm_pg_path *path = stmt->conn->path;
    int columns = path->column_count(stmt);
    if ((uint32_t)columns < fetch->n_columns)
        return corm__fail(error, CORM_ERROR_TYPE, "the result has %d columns where %u are wanted",
                          columns, (unsigned)fetch->n_columns);
    size_t size = fetch->n_columns * sizeof *fetch->columns;
    if (fetch->n_columns && fetch->n_columns == stmt->planned_columns &&
        memcmp(fetch->columns, stmt->planned, size) == 0) {
        stmt->fetch = fetch;
        return 0;
    }
    if (fetch->n_columns > stmt->n_readers) {
        corm_pg_reader *readers = realloc(stmt->readers, fetch->n_columns * sizeof *readers);
        if (readers) stmt->readers = readers;
        corm_fetch_column *planned = realloc(stmt->planned, size);
        if (planned) stmt->planned = planned;
        if (!readers || !planned) return corm__fail_memory(error);
        stmt->n_readers = fetch->n_columns;
    }
    stmt->planned_columns = 0;
    for (uint32_t i = 0; i < fetch->n_columns; i++) {
        int status = corm__pg_reader(&stmt->readers[i], &fetch->columns[i],
                                     path->column_type(stmt, (int)i), error);
        if (status) return status;
    }
    if (size) memcpy(stmt->planned, fetch->columns, size);
    stmt->planned_columns = fetch->n_columns;
    stmt->fetch = fetch;
    return 0;
}

int corm__pg_step(corm_stmt *stmt, const corm_fetch *fetch, void **objects, corm_arena *arena,
                  corm_error_info *error) {
    const corm_pg_path *path = stmt->conn->path;
    int status = path->step(stmt, fetch, objects, arena, error);
    if (status || !stmt->more) return status;
    char sql[64];
    snprintf(sql, sizeof sql, "FETCH FORWARD %d FROM %s", CORM__PG_ROWS_A_FETCH, stmt->cursor);
    status = path->fetch(stmt, sql, error);
    return status ? status : path->step(stmt, fetch, objects, arena, error);
}

/* A cursor of a transaction goes with it, also by a rollback to a savepoint; closing one that is
 * gone would break the transaction: so it is looked up. */
static void close_cursor(corm_stmt *stmt) {
    corm_conn *conn = stmt->conn;
    corm_error_info ignored;
    char sql[64];
    snprintf(sql, sizeof sql, "CLOSE %s", stmt->cursor);
    if (conn->lost) return;
    if (stmt->held && conn->transaction == 'E') corm__pg_drop_later(conn, "CLOSE", stmt->cursor);
    if (conn->transaction == 'E') return;
    if (!stmt->held) {
        const char *values[] = { stmt->cursor };
        PGresult *found = corm__pg_query(
            conn, "SELECT 1 FROM pg_catalog.pg_cursors WHERE name = $1", 1, values, &ignored);
        bool there = found && PQntuples(found) == 1;
        PQclear(found);
        if (!there) return;
    }
    corm__pg_exec(conn, sql, &ignored);
}

void corm__pg_reset(corm_stmt *stmt) {
    stmt->conn->path->stop(stmt);
    stmt->more = false;
    if (stmt->cursor[0]) close_cursor(stmt);
    stmt->cursor[0] = 0;
}
