/* Statements, and the table of what this backend is. */
#include "backend/sqlite/declaration.h"
#include "backend/sqlite/driver.h"
#include "base/ascii.h"
#include "base/error.h"
#include <stdlib.h>

/* A file does not get lost. */
static bool alive(corm_conn *conn) { return conn->db != NULL; }

static bool in_transaction(corm_conn *conn) { return !sqlite3_get_autocommit(conn->db); }

static void finalize(corm_stmt *stmt) {
    if (!stmt) return;
    sqlite3_finalize(stmt->handle);
    free(stmt->scratch);
    free(stmt);
}

/* True when there is a second statement behind the first: comments and semicolons do not count. */
static bool more_statements(corm_conn *conn, const char *tail, const char *end) {
    while (tail < end && (corm__is_space(*tail) || *tail == ';')) tail++;
    while (tail < end) {
        sqlite3_stmt *next = NULL;
        const char *after = NULL;
        if (sqlite3_prepare_v2(conn->db, tail, (int)(end - tail), &next, &after) != SQLITE_OK ||
            next) {
            sqlite3_finalize(next);
            return true;
        }
        if (!after || after <= tail) return false;
        tail = after;
    }
    return false;
}

static int prepare(corm_conn *conn, const char *sql, size_t length, const corm_kind *kinds, int n,
                   corm_stmt **out, corm_error_info *error) {
    (void)kinds;
    (void)n;
    *out = NULL;
    if (length > INT32_MAX) return corm__fail(error, CORM_ERROR_USAGE, "the SQL text is too long");
    corm_stmt *stmt = calloc(1, sizeof *stmt);
    if (!stmt) return corm__fail_memory(error);
    stmt->conn = conn;
    const char *tail = NULL;
    int rc = sqlite3_prepare_v3(conn->db, sql, (int)length, SQLITE_PREPARE_PERSISTENT,
                                &stmt->handle, &tail);
    int status = rc == SQLITE_OK ? CORM_OK : corm__sqlite_error(conn->db, rc, sql, error);
    if (!status && !stmt->handle)
        status = corm__fail(error, CORM_ERROR_USAGE, "the SQL text holds no statement");
    if (!status && more_statements(conn, tail, sql + length)) {
        status = corm__fail(error, CORM_ERROR_SQL, "the SQL text holds more than one statement");
        corm__error_set(error->sqlstate, sizeof error->sqlstate, "42601");
    }
    if (status) {
        corm__error_set(error->sql, sizeof error->sql, "%.*s", (int)(length < 4096 ? length : 4096),
                        sql);
        finalize(stmt);
        return status;
    }
    stmt->n_parameters = sqlite3_bind_parameter_count(stmt->handle);
    *out = stmt;
    return CORM_OK;
}

static int column_count(corm_stmt *stmt) { return sqlite3_column_count(stmt->handle); }

static const char *column_name(corm_stmt *stmt, int column) {
    const char *name = sqlite3_column_name(stmt->handle, column);
    return name ? name : "";
}

static void reset(corm_stmt *stmt) {
    sqlite3_reset(stmt->handle);
    stmt->first = 0;
}

static int failed(corm_stmt *stmt, int rc, corm_error_info *error) {
    corm__sqlite_error(stmt->conn->db, rc, sqlite3_sql(stmt->handle), error);
    return corm__sqlite_explain(stmt->conn, error->table, error);
}

static int execute(corm_stmt *stmt, const corm_value *values, int n, unsigned flags,
                   corm_error_info *error) {
    (void)flags; /* rows come one by one anyway */
    if (n != stmt->n_parameters)
        return corm__fail(error, CORM_ERROR_USAGE,
                          "the statement has %d parameters, %d values are given",
                          stmt->n_parameters, n);
    reset(stmt);
    for (int i = 0; i < n; i++) {
        int status = corm__sqlite_bind(stmt, i + 1, &values[i], error);
        if (!status) continue;
        corm__error_set(error->sql, sizeof error->sql, "%s", sqlite3_sql(stmt->handle));
        return status;
    }
    stmt->affected = 0;
    stmt->total_changes = sqlite3_total_changes(stmt->conn->db);
    /* Another connection may have changed what * means; SQLite notices when it steps: so that comes
     * before anybody looks at the columns. */
    if (sqlite3_column_count(stmt->handle)) stmt->first = sqlite3_step(stmt->handle);
    if (stmt->first == 0 || stmt->first == SQLITE_ROW || stmt->first == SQLITE_DONE) return CORM_OK;
    return failed(stmt, stmt->first, error);
}

/* sqlite3_changes keeps the number of an earlier statement when this one changed nothing. */
static void count_changes(corm_stmt *stmt) {
    if (sqlite3_stmt_readonly(stmt->handle) ||
        sqlite3_total_changes(stmt->conn->db) == stmt->total_changes)
        return;
#if SQLITE_VERSION_NUMBER >= 3037000
    stmt->affected = sqlite3_changes64(stmt->conn->db);
#else
    stmt->affected = sqlite3_changes(stmt->conn->db);
#endif
}

static int step(corm_stmt *stmt, const corm_fetch *fetch, void **objects, struct corm_arena *arena,
                corm_error_info *error) {
    int rc = stmt->first ? stmt->first : sqlite3_step(stmt->handle);
    stmt->first = 0;
    if (rc == SQLITE_ROW)
        return fetch ? corm__sqlite_fetch_row(stmt, fetch, objects, arena, error) : 1;
    if (rc == SQLITE_DONE) {
        count_changes(stmt);
        return 0;
    }
    return failed(stmt, rc, error);
}

static int64_t affected(corm_stmt *stmt) { return stmt->affected; }

/* A statement that writes nothing takes the lock of writers. */
static int lock_rows(corm_conn *conn, const char *table, bool wait, corm_error_info *error) {
    sqlite3_stmt *before = NULL;
    int milliseconds = -1;
    if (sqlite3_txn_state(conn->db, "main") == SQLITE_TXN_WRITE) return CORM_OK;
    if (!wait &&
        sqlite3_prepare_v2(conn->db, "PRAGMA busy_timeout", -1, &before, NULL) == SQLITE_OK &&
        sqlite3_step(before) == SQLITE_ROW) {
        milliseconds = sqlite3_column_int(before, 0);
        sqlite3_busy_timeout(conn->db, 0);
    }
    sqlite3_finalize(before);
    corm_buffer sql = { 0 };
    corm__buffer_puts(&sql, "DELETE FROM ");
    corm__sqlite_identifier(&sql, table);
    corm__buffer_puts(&sql, " WHERE 0");
    int rc = sql.broken ? SQLITE_NOMEM : sqlite3_exec(conn->db, sql.data, NULL, NULL, NULL);
    int status = rc == SQLITE_OK ? CORM_OK
                                 : corm__sqlite_error(conn->db, rc, corm__buffer_text(&sql), error);
    corm__buffer_release(&sql);
    if (milliseconds >= 0) sqlite3_busy_timeout(conn->db, milliseconds);
    return status;
}

/* RETURNING goes through a table of its own inside SQLite and makes an insert three times as long.
 */
static int64_t inserted_id(corm_stmt *stmt) { return sqlite3_last_insert_rowid(stmt->conn->db); }

static const corm_features features = {
    .transactional_ddl = true,
    .returning = true,
    .update_returning = true,
    .array_parameters = true,
    .deferrable_foreign_keys = true,
    .partial_indexes = true,
    .expression_indexes = true,
    .descending_indexes = true,
    .on_delete_set_default = true,
    .file = true,
    .narrow_digits = CORM__SQLITE_INTEGER_DIGITS,
    .max_parameters = 32766,
    .max_identifier =
        63, /* SQLite has no limit: PostgreSQL's, so that a project can change engines */
    .min_version = 33500,
};

const corm_backend corm_backend_sqlite = {
    .abi = CORM_BACKEND_ABI,
    .name = "sqlite",
    .title = "SQLite",
    .features = &features,
    .open = corm__sqlite_open,
    .close = corm__sqlite_close,
    .version = corm__sqlite_version,
    .alive = alive,
    .in_transaction = in_transaction,
    .exec = corm__sqlite_exec,
    .prepare = prepare,
    .finalize = finalize,
    .column_count = column_count,
    .column_name = column_name,
    .execute = execute,
    .step = step,
    .reset = reset,
    .affected = affected,
    .lock_try = corm__sqlite_lock_try,
    .lock_release = corm__sqlite_lock_release,
    .lock_rows = lock_rows,
    .explain = "EXPLAIN QUERY PLAN ",
    .explain_column = 3,
    .ready = corm__sqlite_ready,
    .create_database = corm__sqlite_create_database,
    .identifier = corm__sqlite_identifier,
    .placeholder = corm__sqlite_placeholder,
    .expression = corm__sqlite_expression,
    .value = corm__sqlite_write_default,
    .ddl = corm__sqlite_ddl,
    .loses = corm__sqlite_loses,
    .dependents = "SELECT type, name, CASE type WHEN 'trigger' THEN tbl_name END, sql, 1 FROM "
                  "sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY name",
    .introspect = corm__sqlite_introspect,
    .cost = corm__sqlite_cost,
    .client = corm__sqlite_client,
    .inserted_id = inserted_id,
    .durable = corm__sqlite_durable,
    .foreign_keys = corm__sqlite_foreign_keys,
    .foreign_keys_off = "PRAGMA foreign_keys = OFF",
    .foreign_keys_on = "PRAGMA foreign_keys = ON",
    .violations = corm__sqlite_violations,
    .rebuild_space = corm__sqlite_rebuild_space,
    .stored = corm__sqlite_stored,
    .renew = corm__sqlite_renew,
};
