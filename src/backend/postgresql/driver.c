#include "backend/postgresql/ddl.h"
#include "backend/postgresql/statement.h"
#include "base/error.h"
#include "schema/sql_text.h"
#include <string.h>

void corm__pg_note(corm_conn *conn) {
    switch (PQtransactionStatus(conn->pg)) {
    case PQTRANS_IDLE: conn->transaction = 'I'; break;
    case PQTRANS_INERROR: conn->transaction = 'E'; break;
    case PQTRANS_ACTIVE:
    case PQTRANS_INTRANS: conn->transaction = 'T'; break;
    case PQTRANS_UNKNOWN: conn->transaction = 'I'; break;
    }
    if (PQstatus(conn->pg) == CONNECTION_BAD) conn->lost = true;
}

static int version(corm_conn *conn) { return PQserverVersion(conn->pg); }
static bool alive(corm_conn *conn) { return !conn->lost; }
static bool in_transaction(corm_conn *conn) { return !conn->lost && conn->transaction != 'I'; }

static bool begins_with(corm_token token, const char *word, const char *other) {
    return corm__token_is(token, word) || corm__token_is(token, other);
}

/* The settings are local to the transaction that sql is, or begins. */
static void put_behind_settings(corm_buffer *out, const char *settings, const char *sql) {
    const char *p = sql;
    corm_token first = corm__token_next(&p), token = first;
    bool one = true;
    while ((token = corm__token_next(&p)).kind != CORM_TOKEN_END)
        one &= !corm__token_is(token, ";");
    /* What a BEGIN says of its transaction has to come before all else in it. */
    if (one && begins_with(first, "BEGIN", "START"))
        corm__buffer_printf(out, "%s; %s", sql, settings);
    else
        corm__buffer_printf(out, "%s; %s", settings, sql);
}

/* A transaction that ends in the midst of a text takes the settings with it. */
static bool ends_transaction_within(const char *sql) {
    bool first = true, ends = false;
    for (corm_token token; (token = corm__token_next(&sql)).kind != CORM_TOKEN_END;) {
        bool semicolon = corm__token_is(token, ";");
        if (ends && !semicolon && first) return true;
        if (first && begins_with(token, "COMMIT", "END")) ends = true;
        if (first && begins_with(token, "ROLLBACK", "ABORT")) ends = true;
        if (ends && (corm__token_is(token, "CHAIN") || corm__token_is(token, "NO"))) return true;
        if (ends && begins_with(token, "TO", "PREPARED")) ends = false; /* a savepoint */
        first = semicolon;
    }
    return false;
}

static int exec_local(corm_conn *conn, const char *sql, corm_error_info *error) {
    const char *settings = corm__pg_local(conn);
    if (conn->local && conn->settings_asked && ends_transaction_within(sql)) {
        corm__fail(error, CORM_ERROR_UNSUPPORTED,
                   "a text that goes on after the end of a transaction cannot have the settings of "
                   "the session behind a pooler");
        corm__error_hint(error, "Run its statements one by one.");
        return error->status;
    }
    if (!settings) return conn->path->exec(conn, sql, error);
    corm_buffer text = { 0 };
    put_behind_settings(&text, settings, sql);
    int status = corm__buffer_broken(&text)
                     ? corm__fail_memory(error)
                     : conn->path->exec(conn, corm__buffer_text(&text), error);
    corm__buffer_release(&text);
    if (status && corm__pg_without_settings(conn, error)) {
        corm__error_clear(error);
        status = conn->path->exec(conn, sql, error);
    }
    return status;
}

/* The server takes the COMMIT of a transaction in which something failed, and rolls back: that is
 * no success. What failed may be a row that nobody read. */
int corm__pg_exec(corm_conn *conn, const char *sql, corm_error_info *error) {
    bool commit = strcmp(sql, "COMMIT") == 0;
    int status = corm__pg_settle(conn, error);
    bool failed = commit && conn->transaction == 'E';
    if (!status)
        status = conn->local ? exec_local(conn, sql, error) : conn->path->exec(conn, sql, error);
    if (status || !failed) return status;
    corm__fail(error, CORM_ERROR_TRANSACTION,
               "the transaction was rolled back: a statement in it had failed");
    return CORM_ERROR_TRANSACTION;
}

PGresult *corm__pg_query(corm_conn *conn, const char *sql, int n, const char *const *values,
                         corm_error_info *error) {
    if (corm__pg_settle(conn, error)) return NULL;
    PGresult *result =
        corm__pg_call(conn, &(corm_pg_call){ .sql = sql, .n = n, .values = values });
    corm__pg_note(conn);
    if (PQresultStatus(result) == PGRES_TUPLES_OK) return result;
    corm__pg_fail(conn, result, sql, error);
    PQclear(result);
    return NULL;
}

PGresult *corm__pg_row(corm_conn *conn, const char *sql, int n, const char *const *values,
                       int n_columns, corm_error_info *error) {
    PGresult *result = corm__pg_query(conn, sql, n, values, error);
    if (!result || (PQntuples(result) == 1 && PQnfields(result) == n_columns)) return result;
    PQclear(result);
    corm__fail(error, CORM_ERROR_PROTOCOL, "the server's answer has not the form of the query");
    corm__error_set(error->sql, sizeof error->sql, "%s", sql);
    return NULL;
}

const char *corm__pg_cell(const PGresult *result, int row, int column) {
    const char *text = PQgetvalue(result, row, column);
    return text ? text : "";
}

/* The images of PostgreSQL initialise a new database by a temporary server that has no TCP port. A
 * program beside it must not take that for the real one; but one that was told the socket's folder
 * by name (DB_HOST, PGHOST, …) wants a server without a port. */
static int ready(corm_conn *conn, bool writable, corm_error_info *error) {
    PGresult *result = corm__pg_row(conn,
                                    "SELECT pg_catalog.current_setting('listen_addresses') = '', "
                                    "pg_catalog.pg_is_in_recovery(), "
                                    "pg_catalog.current_setting('transaction_read_only') = 'on'",
                                    0, NULL, 3, error);
    if (!result) return error->status;
    bool no_port = corm__pg_cell(result, 0, 0)[0] == 't',
         recovery = corm__pg_cell(result, 0, 1)[0] == 't',
         read_only = corm__pg_cell(result, 0, 2)[0] == 't';
    PQclear(result);
    if (no_port && conn->default_socket) {
        corm__fail(error, CORM_ERROR_STARTING,
                   "PostgreSQL runs without a TCP port (listen_addresses is empty), as the "
                   "temporary server of a first start does");
        corm__error_hint(error, "When that is intended, name the socket's folder in DB_HOST.");
        return 0;
    }
    if (writable && recovery) {
        corm__fail(error, CORM_ERROR_STARTING,
                   "PostgreSQL is in recovery: it is a standby, or still starting");
        return 0;
    }
    if (writable && read_only) {
        corm__fail(error, CORM_ERROR_READ_ONLY,
                   "PostgreSQL is read-only (default_transaction_read_only is on)");
        return 0;
    }
    return 1;
}

static const corm_features features = {
    .transactional_ddl = true,
    .returning = true,
    .arrays = true,
    .alter_column = true,
    .deferrable_unique = true,
    .deferrable_foreign_keys = true,
    .include_columns = true,
    .nulls_not_distinct = true,
    .index_methods = true,
    .partial_indexes = true,
    .expression_indexes = true,
    .descending_indexes = true,
    .exclusion = true,
    .not_valid = true,
    .on_delete_set_default = true,
    .extensions = true,
    .concurrent_index = true,
    .table_comments = true,
    .column_comments = true,
    .identity_kinds = true,
    .array_parameters = true,
    .nan = true,
    .for_update = true,
    .schemas = true,
    .bulk = true,
    .error_aborts_transaction = true,
    .max_parameters = 65535,
    .max_identifier = 63,
    .case_sensitive_names = true,
    .min_version = 120000,
};

const corm_backend corm_backend_postgresql = {
    .abi = CORM_BACKEND_ABI,
    .name = "postgresql",
    .title = "PostgreSQL",
    .features = &features,
    .open = corm__pg_open,
    .close = corm__pg_close,
    .version = version,
    .alive = alive,
    .in_transaction = in_transaction,
    .exec = corm__pg_exec,
    .prepare = corm__pg_prepare,
    .finalize = corm__pg_finalize,
    .column_count = corm__pg_column_count,
    .column_name = corm__pg_column_name,
    .execute = corm__pg_execute,
    .step = corm__pg_step,
    .reset = corm__pg_reset,
    .affected = corm__pg_affected,
    .bulk_begin = corm__pg_bulk_begin,
    .bulk_row = corm__pg_bulk_row,
    .bulk_end = corm__pg_bulk_end,
    .lock_try = corm__pg_lock_try,
    .lock_release = corm__pg_lock_release,
    .ready = ready,
    .create_database = corm__pg_create_database,
    .identifier = corm__pg_identifier,
    .placeholder = corm__pg_placeholder,
    .expression = corm__pg_expression,
    .ddl = corm__pg_ddl,
    .introspect = corm__pg_introspect,
    .cost = corm__pg_cost,
    .client = corm__pg_client,
    .lock_holds = corm__pg_lock_holds,
    .clock = "extract(epoch FROM clock_timestamp())::double precision",
    .lock_is_free = corm__pg_lock_is_free,
    .lock_wait = corm__pg_lock_wait,
    .session = corm__pg_session,
    .blockers = corm__pg_blockers,
    .overriding = " OVERRIDING SYSTEM VALUE",
};
