/* Settings of a session, where the session is not ours to keep: a pooler gives each transaction
 * another one. It refuses `options`, or takes them and does nothing; and what a SET leaves behind
 * is found by whoever gets that session next.
 *
 * So there nothing is set for a session. Each transaction begins with the settings, local to it: a
 * request outside of a transaction is one of its own, up to its end (Sync, or the last statement of
 * a simple query), and is preceded by a statement that sets them and gives no row. */
#include "backend/postgresql/postgresql.h"
#include "base/error.h"
#include <stdlib.h>
#include <string.h>

const char *const corm__pg_session_settings[] = { "statement_timeout", "lock_timeout",
                                                  "idle_in_transaction_session_timeout",
                                                  "search_path", NULL };

static bool is_session_setting(const char *name) {
    for (const char *const *known = corm__pg_session_settings; *known; known++)
        if (strcmp(name, *known) == 0) return true;
    return false;
}

/* No row comes of it, as set_config never gives NULL. */
static void add(corm_buffer *sql, const char *name, const char *value) {
    corm__buffer_puts(sql, sql->length ? " OR " : "SELECT 1 WHERE ");
    corm__buffer_puts(sql, "pg_catalog.set_config(");
    corm__pg_literal(sql, name);
    corm__buffer_puts(sql, ", ");
    corm__pg_literal(sql, value);
    corm__buffer_puts(sql, ", true) IS NULL");
}

/* The next word of command-line options, a backslash taking the blank behind it; false: none. */
static bool next_word(const char **text, corm_buffer *word) {
    const char *p = *text + strspn(*text, " \t\n\r\f\v");
    corm__buffer_reset(word);
    if (!*p) return false;
    for (; *p && !strchr(" \t\n\r\f\v", *p); p++) {
        if (*p == '\\' && p[1]) p++;
        corm__buffer_putc(word, *p);
    }
    *text = p;
    return true;
}

/* "-c name=value", "-cname=value" and "--name=value": the others have no SQL. */
static int add_options(corm_buffer *sql, const char *options, corm_error_info *error) {
    corm_buffer word = { 0 };
    int status = 0;
    while (!status && next_word(&options, &word)) {
        bool is_c = word.length > 1 && strncmp(word.data, "-c", 2) == 0;
        bool sets = is_c || (word.length > 1 && strncmp(word.data, "--", 2) == 0);
        bool apart = is_c && word.length == 2 && next_word(&options, &word);
        char *text = word.data ? word.data + (sets && !apart ? 2 : 0) : NULL;
        char *equals = text && sets ? strchr(text, '=') : NULL;
        if (corm__buffer_broken(&word)) {
            status = corm__fail_memory(error);
        } else if (!equals) {
            status = corm__fail(error, CORM_ERROR_SETTINGS,
                                "options behind a pooler: only -c NAME=VALUE can be set in each "
                                "transaction, not \"%s\"",
                                corm__buffer_text(&word));
        } else {
            *equals = 0;
            for (char *p = text; *p; p++)
                if (*p == '-') *p = '_';
            add(sql, text, equals + 1);
        }
    }
    corm__buffer_release(&word);
    return status;
}

int corm__pg_make_settings(corm_conn *conn, const corm_connect_options *options,
                           corm_error_info *error) {
    corm_buffer sql = { 0 };
    const char *environment = getenv("PGOPTIONS");
    int status = 0;
    add(&sql, "TimeZone", "UTC");
    size_t ours = sql.length;
    for (const corm_parameter *parameter = options->parameters;
         parameter && parameter->name && !status; parameter++) {
        if (!parameter->value) continue;
        if (is_session_setting(parameter->name))
            add(&sql, parameter->name, parameter->value);
        else if (strcmp(parameter->name, "options") == 0)
            status = add_options(&sql, parameter->value, error);
    }
    if (environment && !status) status = add_options(&sql, environment, error);
    conn->settings_asked = sql.length > ours;
    if (!status && !(conn->settings = corm__buffer_detach(&sql))) status = corm__fail_memory(error);
    corm__buffer_release(&sql);
    return status;
}

static bool any_asked(const corm_connect_options *options) {
    const char *environment = getenv("PGOPTIONS");
    if (environment && *environment) return true;
    for (const corm_parameter *parameter = options->parameters; parameter && parameter->name;
         parameter++)
        if (parameter->value && (is_session_setting(parameter->name) ||
                                 strcmp(parameter->name, "options") == 0))
            return true;
    return false;
}

bool corm__pg_place_settings(corm_conn *conn, const corm_connect_options *options, bool plain) {
    bool asked = any_asked(options);
    /* A server that takes ours says so at once; a pooler may take all and do nothing. */
    const char *zone = PQparameterStatus(conn->pg, "TimeZone");
    conn->local = plain || (!asked && (!zone || strcmp(zone, "UTC") != 0));
    return asked;
}

const char *corm__pg_local(const corm_conn *conn) {
    return conn->local && conn->transaction == 'I' ? conn->settings : NULL;
}

/* 25001: it cannot run inside a transaction; 2D000: a procedure that commits. */
bool corm__pg_without_settings(const corm_conn *conn, corm_error_info *error) {
    if (!corm__pg_local(conn) || conn->lost ||
        (strcmp(error->sqlstate, "25001") != 0 && strcmp(error->sqlstate, "2D000") != 0))
        return false;
    if (!conn->settings_asked) return true;
    corm__error_hint(error,
                     "Behind a pooler the settings of the session (search_path, timeouts, options) "
                     "are set in each transaction, and this takes none: go past the pooler, or use "
                     "ALTER ROLE … SET instead of the settings.");
    return false;
}

/* --- requests that go by libpq --- */

static PGresult *send_alone(corm_conn *conn, const corm_pg_call *call) {
    return call->name ? PQprepare(conn->pg, call->name, call->sql, call->n, call->types)
                      : PQexecParams(conn->pg, call->sql, call->n, call->types, call->values,
                                     call->lengths, call->formats, call->format);
}

#ifdef LIBPQ_HAS_PIPELINING
static bool send_both(PGconn *pg, const char *settings, const corm_pg_call *call) {
    return PQsendQueryParams(pg, settings, 0, NULL, NULL, NULL, NULL, 1) &&
           (call->name ? PQsendPrepare(pg, call->name, call->sql, call->n, call->types)
                       : PQsendQueryParams(pg, call->sql, call->n, call->types, call->values,
                                           call->lengths, call->formats, call->format)) &&
           PQpipelineSync(pg);
}

/* Of the two results the second, or the first when that is an error: then the second was not run.
 */
static PGresult *take_both(PGconn *pg) {
    PGresult *kept = NULL;
    for (int number = 0, ends = 0; ends < 2;) {
        PGresult *result = PQgetResult(pg);
        ExecStatusType status = PQresultStatus(result);
        if (!result) {
            ends++;
            continue;
        }
        ends = 0;
        bool keep = status != PGRES_PIPELINE_SYNC && status != PGRES_PIPELINE_ABORTED &&
                    (number++ > 0 || status != PGRES_TUPLES_OK);
        if (keep && !kept)
            kept = result;
        else
            PQclear(result);
        if (status == PGRES_PIPELINE_SYNC) break;
    }
    return kept;
}

static PGresult *send_behind(corm_conn *conn, const char *settings, const corm_pg_call *call) {
    PGresult *result = NULL;
    if (!PQenterPipelineMode(conn->pg)) return NULL;
    if (send_both(conn->pg, settings, call))
        result = take_both(conn->pg);
    else
        conn->lost = true;
    if (!PQexitPipelineMode(conn->pg)) conn->lost = true;
    return result;
}
#else
static PGresult *send_behind(corm_conn *conn, const char *settings, const corm_pg_call *call) {
    PGresult *result = PQexec(conn->pg, "BEGIN");
    if (PQresultStatus(result) != PGRES_COMMAND_OK) return result;
    PQclear(result);
    result = PQexec(conn->pg, settings);
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        PQclear(result);
        result = send_alone(conn, call);
    }
    bool failed = PQtransactionStatus(conn->pg) != PQTRANS_INTRANS;
    PGresult *end = PQexec(conn->pg, failed ? "ROLLBACK" : "COMMIT");
    if (!failed && PQresultStatus(end) != PGRES_COMMAND_OK) {
        PQclear(result);
        return end;
    }
    PQclear(end);
    return result;
}
#endif

PGresult *corm__pg_call(corm_conn *conn, const corm_pg_call *call) {
    const char *settings = corm__pg_local(conn);
    return settings ? send_behind(conn, settings, call) : send_alone(conn, call);
}
