/* SQL without a prepared statement, when nothing else is on its way. */
#include "backend/postgresql/statement.h"
#include "backend/postgresql/wire.h"
#include "base/error.h"
#include "schema/sql_text.h"
#include <string.h>

int corm__pg_settle(corm_conn *conn, corm_error_info *error) {
    corm_stmt *active = conn->active;
    if (!active) return conn->lost ? 0 : corm__pg_wire_rest(conn, error);
    conn->active = NULL;
    if (conn->lost) { /* what would come is not known, perhaps nothing ever */
        corm__fail(error, CORM_ERROR_CONNECTION, "the connection to PostgreSQL is lost");
        corm__error_hint(error, "Close this handle and open another.");
        return CORM_ERROR_CONNECTION;
    }
    int status = corm__pg_wire_keep(conn, &active->kept, error);
    return status ? status : corm__pg_wire_rest(conn, error);
}

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
    PGresult *result = corm__pg_call(conn, &(corm_pg_call){ .sql = sql, .n = n, .values = values });
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
