/* Errors of the server and of libpq as statuses.
 *
 * What the server reports has an SQLSTATE, which decides. A connection that does not come up leaves
 * libpq with a text only; asked to be verbose, it writes the SQLSTATE into that text ("FATAL:
 * 28P01: password authentication failed …"). What libpq itself says of a failed connection is told
 * apart by words; it is made to speak English for that (connect.c). */
#include "backend/postgresql/postgresql.h"
#include "base/ascii.h"
#include "base/error.h"
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *prefix;
    corm_status status;
} statuses[] = {
    /* the longest prefix first */
    { "57P03", CORM_ERROR_STARTING },
    { "53300", CORM_ERROR_TOO_MANY_CONNECTIONS },
    { "53100", CORM_ERROR_FULL },
    { "53200", CORM_ERROR_DATABASE },
    { "28P01", CORM_ERROR_AUTHENTICATION },
    { "28000", CORM_ERROR_AUTHENTICATION },
    { "3D000", CORM_ERROR_NO_DATABASE },
    { "40001", CORM_ERROR_SERIALIZATION },
    { "40P01", CORM_ERROR_DEADLOCK },
    { "55P03", CORM_ERROR_LOCKED },
    { "55006", CORM_ERROR_LOCKED },
    { "57014", CORM_ERROR_CANCELLED },
    { "57P01", CORM_ERROR_CONNECTION },
    { "57P02", CORM_ERROR_CONNECTION },
    { "57P04", CORM_ERROR_NO_DATABASE },
    { "57P05", CORM_ERROR_CONNECTION },
    { "25P02", CORM_ERROR_TRANSACTION },
    { "25006", CORM_ERROR_READ_ONLY },
    { "25P03", CORM_ERROR_CONNECTION },
    { "23505", CORM_ERROR_UNIQUE },
    { "23503", CORM_ERROR_FOREIGN_KEY },
    { "23502", CORM_ERROR_NOT_NULL },
    { "23514", CORM_ERROR_CHECK },
    { "42P01", CORM_ERROR_NO_TABLE },
    { "42501", CORM_ERROR_PERMISSION },
    { "42804", CORM_ERROR_TYPE },
    { "42883", CORM_ERROR_SQL },
    { "22P02", CORM_ERROR_TYPE },
    { "22P03", CORM_ERROR_TYPE },
    { "22021", CORM_ERROR_TYPE },
    { "22007", CORM_ERROR_TYPE },
    { "2201B", CORM_ERROR_SQL },
    { "22025", CORM_ERROR_SQL },
    { "22P05", CORM_ERROR_TYPE },
    { "58030", CORM_ERROR_IO },
    { "XX001", CORM_ERROR_CORRUPT },
    { "XX002", CORM_ERROR_CORRUPT },
    { "08P01", CORM_ERROR_PROTOCOL },
    { "08", CORM_ERROR_CONNECTION },
    { "0A", CORM_ERROR_UNSUPPORTED },
    { "22", CORM_ERROR_RANGE },
    { "23", CORM_ERROR_CONSTRAINT },
    { "25", CORM_ERROR_TRANSACTION },
    { "42", CORM_ERROR_SQL },
    { "54", CORM_ERROR_RANGE },
};

corm_status corm__pg_status(const char *sqlstate) {
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (strncmp(sqlstate, statuses[i].prefix, strlen(statuses[i].prefix)) == 0)
            return statuses[i].status;
    return CORM_ERROR_DATABASE;
}

/* Texts of several lines become one. */
static void set_line(char *field, size_t size, const char *text) {
    corm__error_set(field, size, "%s", text ? text : "");
    size_t length = strlen(field);
    while (length && corm__is_space(field[length - 1])) field[--length] = 0;
    for (char *p = field; *p; p++)
        if (*p == '\n' || *p == '\r' || *p == '\t') *p = ' ';
}

static const char *hint_for(corm_status status, const char *sqlstate) {
    if (strcmp(sqlstate, "42703") == 0)
        return "Run makemigrations and migrate, or check the column's name.";
    switch ((int)status) {
    case CORM_ERROR_TOO_MANY_CONNECTIONS:
        return "Close connections, use a pooler, or raise max_connections of the server.";
    case CORM_ERROR_NO_DATABASE: return "Create the database, or check DB_NAME.";
    case CORM_ERROR_AUTHENTICATION:
        return "Check DB_USER and DB_PASS, and the server's pg_hba.conf.";
    case CORM_ERROR_STARTING: return "Wait for it: wait_for_db does.";
    case CORM_ERROR_NO_TABLE: return "Run migrate, or check the name and the search_path.";
    case CORM_ERROR_LOCKED:
        return "Another session holds the lock: try again, or look at pg_stat_activity.";
    case CORM_ERROR_DEADLOCK:
    case CORM_ERROR_SERIALIZATION: return "Run the transaction again; corm_atomic does.";
    case CORM_ERROR_TRANSACTION: return "A statement in it failed before. Roll it back.";
    case CORM_ERROR_FULL: return "Free space on the server's disk.";
    default: return "";
    }
}

int corm__pg_fail_report(const corm_pg_report *report, const char *sql, corm_error_info *error) {
    const char *sqlstate = report->sqlstate ? report->sqlstate : "";
    corm_status status = corm__pg_status(sqlstate);
    /* 57014 is every kind of cancelling: only the words tell a timeout (a server that speaks
     * another language: CANCELLED). */
    if (status == CORM_ERROR_CANCELLED && report->message && strstr(report->message, "timeout"))
        status = CORM_ERROR_TIMEOUT;
    corm__fail(error, status, " ");
    set_line(error->message, sizeof error->message,
             report->message ? report->message : corm_status_text(status));
    set_line(error->detail, sizeof error->detail, report->detail);
    set_line(error->hint, sizeof error->hint,
             report->hint ? report->hint : hint_for(status, sqlstate));
    set_line(error->constraint, sizeof error->constraint, report->constraint);
    set_line(error->table, sizeof error->table, report->table);
    set_line(error->column, sizeof error->column, report->column);
    corm__error_set(error->sqlstate, sizeof error->sqlstate, "%s", sqlstate);
    corm__error_set(error->sql, sizeof error->sql, "%s", sql ? sql : "");
    return status;
}

static int fail_lost(corm_conn *conn, corm_error_info *error) {
    char why[sizeof error->message];
    set_line(why, sizeof why, PQerrorMessage(conn->pg));
    corm__fail(error, CORM_ERROR_CONNECTION, "the connection to PostgreSQL is lost: %s",
               *why ? why : "the server closed it");
    corm__error_hint(
        error,
        "Close this handle and open another; whether the last statement took effect is not known.");
    return error->status;
}

int corm__pg_fail(corm_conn *conn, const PGresult *result, const char *sql,
                  corm_error_info *error) {
    corm__pg_note(conn);
    const char *sqlstate = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    if (!sqlstate && conn->lost) return fail_lost(conn, error);
    if (!sqlstate) { /* libpq's own: memory, a call that makes no sense, no answer at all */
        char why[sizeof error->message];
        set_line(why, sizeof why, result ? PQresultErrorMessage(result) : PQerrorMessage(conn->pg));
        if (strstr(why, "memory")) return corm__fail_memory(error);
        corm__fail(error, CORM_ERROR_PROTOCOL, "%s",
                   *why ? why : "PostgreSQL did not answer what it was asked");
        corm__error_set(error->sql, sizeof error->sql, "%s", sql ? sql : "");
        return error->status;
    }
    corm_pg_report report = {
        .sqlstate = sqlstate,
        .message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY),
        .detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL),
        .hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT),
        .constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME),
        .table = PQresultErrorField(result, PG_DIAG_TABLE_NAME),
        .column = PQresultErrorField(result, PG_DIAG_COLUMN_NAME),
    };
    return corm__pg_fail_report(&report, sql, error);
}

/* --- connections that did not come up --- */

/* The last "SEVERITY:  SQLSTATE: text" among lines that may be about several addresses: where the
 * SQLSTATE begins, or NULL. */
static const char *find_sqlstate(const char *text) {
    const char *found = NULL;
    for (const char *p = text; (p = strstr(p, ":  ")); p += 3) {
        const char *code = p + 3;
        size_t length = strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (length == 5 && code[5] == ':' && code[6] == ' ') found = code;
    }
    return found;
}

static bool has_any(const char *text, const char *const *words) {
    for (; *words; words++)
        if (strstr(text, *words)) return true;
    return false;
}

static corm_status status_of_text(PGconn *pg, const char *text) {
    static const char *const dropped[] = { "SYSCALL error", "server closed the connection",
                                           "Connection reset", "timeout expired", NULL };
    static const char *const tls[] = { "SSL", "TLS", "certificate", "GSSAPI", NULL };
    static const char *const settings[] = {
        "invalid ", "could not match ", "definition of service", "service file", "is too long", NULL
    };
    static const char *const password[] = {
        "no password supplied", "authentication method", "SASL", "SCRAM", "channel binding", NULL
    };
    if (has_any(text, dropped)) return CORM_ERROR_CONNECTION;
    if (PQconnectionNeedsPassword(pg) || has_any(text, password)) return CORM_ERROR_AUTHENTICATION;
    if (has_any(text, tls)) return CORM_ERROR_TLS;
    if (strstr(text, "out of memory") || strstr(text, "Memory allocation failure"))
        return CORM_ERROR_MEMORY;
    /* Settings are refused before any server is named. */
    if (!strstr(text, "connection to server") && has_any(text, settings))
        return CORM_ERROR_SETTINGS;
    if (strstr(text, "unexpected") || strstr(text, "expected ")) return CORM_ERROR_PROTOCOL;
    return CORM_ERROR_CONNECTION;
}

static void hint_connect(corm_error_info *error, const char *text) {
    const char *hint = hint_for(error->status, "");
    if (strstr(text, "session is read-only") || strstr(text, "server is in hot standby") ||
        strstr(text, "session is not read-only") || strstr(text, "not in hot standby"))
        hint = "No server is of the kind that target_session_attrs asks for: wait for one, or "
               "change it.";
    else if (strstr(text, "translate host name"))
        hint = "Check DB_HOST; in a composition of containers it is the name of the service.";
    else if (strstr(text, "onnection refused"))
        hint = "Is the server running, and is DB_PORT right?";
    else if (strstr(text, "No such file or directory"))
        hint = "No server listens on this socket: is it running? Set DB_HOST for one elsewhere.";
    else if (strstr(text, "no password supplied"))
        hint = "Set DB_PASS, DB_PASS_FILE or PGPASSFILE.";
    else if (error->status == CORM_ERROR_TLS)
        hint = "Check DB_SSLMODE, DB_SSLROOTCERT, and whether the server has TLS on.";
    corm__error_hint(error, "%s", hint);
}

int corm__pg_fail_connect(PGconn *pg, corm_error_info *error) {
    const char *text = PQerrorMessage(pg), *sqlstate = find_sqlstate(text), *start = text;
    char why[sizeof error->message];
    if (sqlstate) { /* the message behind it: one line */
        start = sqlstate + 7;
    } else { /* one line for each address that was tried, the last says it; advice stands between */
        for (const char *line = text; *line;) {
            if (strncmp(line, "connection to server", 20) == 0 ||
                strncmp(line, "could not", 9) == 0)
                start = line;
            line += strcspn(line, "\n");
            if (*line) line++;
        }
    }
    corm__error_set(why, sizeof why, "%.*s", (int)strcspn(start, "\n"), start);
    corm_status status = sqlstate ? corm__pg_status(sqlstate) : status_of_text(pg, text);
    if (sqlstate) {
        const char *host = PQhost(pg), *port = PQport(pg);
        corm__fail(error, status, "PostgreSQL at %s%s%s: %s",
                   host && *host ? host : "the local socket", port && *port ? ":" : "",
                   port ? port : "", why);
        corm__error_set(error->sqlstate, sizeof error->sqlstate, "%.5s", sqlstate);
    } else {
        corm__fail(error, status, "PostgreSQL: %s", *why ? why : "no connection");
    }
    hint_connect(error, text);
    return status;
}

/* --- of every answer --- */

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

const char *corm__pg_cell(const PGresult *result, int row, int column) {
    const char *text = PQgetvalue(result, row, column);
    return text ? text : "";
}
