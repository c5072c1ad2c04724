/* The migration lock: an advisory lock of the session; and who keeps a session waiting. */
#include "backend/postgresql/postgresql.h"
#include "base/error.h"
#include "base/map.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void lock_key(const char *name, char *out, size_t size) {
    snprintf(out, size, "%lld", (long long)corm__hash(name, strlen(name)));
}

static void find_holder(corm_conn *conn, const char *key, char *holder, size_t size) {
    static const char sql[] =
        "SELECT concat_ws(', ', nullif(a.application_name, ''), 'user ' || a.usename, 'from ' || "
        "coalesce(host(a.client_addr), 'this "
        "host'), 'pid ' || l.pid)"
        " FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
        " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.database = (SELECT "
        "oid FROM pg_catalog.pg_database WHERE "
        "datname = current_database())"
        " AND l.classid::bigint = ($1::bigint >> 32) & 4294967295 AND l.objid::bigint = $1::bigint "
        "& 4294967295 LIMIT 1";
    corm_error_info ignored;
    PGresult *result = corm__pg_query(conn, sql, 1, &key, &ignored);
    corm__error_set(holder, size, "%s",
                    result && PQntuples(result) ? corm__pg_cell(result, 0, 0) : "");
    PQclear(result);
}

int corm__pg_lock_try(corm_conn *conn, const char *name, char *holder, size_t size,
                      corm_error_info *error) {
    char key[32];
    lock_key(name, key, sizeof key);
    const char *values[] = { key };
    if (holder && size) holder[0] = 0;
    PGresult *result = corm__pg_row(conn, "SELECT pg_catalog.pg_try_advisory_lock($1::bigint)", 1,
                                    values, 1, error);
    if (!result) return error->status;
    bool got = corm__pg_cell(result, 0, 0)[0] == 't';
    PQclear(result);
    if (!got && holder && size) find_holder(conn, key, holder, size);
    return got;
}

void corm__pg_lock_release(corm_conn *conn, const char *name) {
    char key[32];
    lock_key(name, key, sizeof key);
    const char *values[] = { key };
    corm_error_info ignored;
    PQclear(corm__pg_query(conn, "SELECT pg_catalog.pg_advisory_unlock($1::bigint)", 1, values,
                           &ignored));
}

/* A pooler gives the session of its own making when it takes the connection; the server's is the
 * one that answers a statement. */
void corm__pg_note_session(corm_conn *conn, int64_t pid) {
    conn->pooler_known = true;
    conn->pooled = pid != PQbackendPID(conn->pg);
    conn->local |= conn->pooled;
}

static int64_t ask_session(corm_conn *conn, corm_error_info *error) {
    PGresult *result = corm__pg_row(conn, "SELECT pg_catalog.pg_backend_pid()", 0, NULL, 1, error);
    if (!result) return error->status;
    int64_t pid = strtoll(corm__pg_cell(result, 0, 0), NULL, 10);
    PQclear(result);
    corm__pg_note_session(conn, pid);
    return pid;
}

int corm__pg_lock_holds(corm_conn *conn, corm_error_info *error) {
    int64_t pid = ask_session(conn, error);
    return pid < 0 ? (int)pid : !conn->pooled;
}

/* For the statement that it stands in: then it is released again. */
void corm__pg_lock_is_free(corm_buffer *out, const char *name) {
    char key[32];
    lock_key(name, key, sizeof key);
    corm__buffer_printf(out, "pg_catalog.pg_try_advisory_xact_lock(%s::bigint)", key);
}

int corm__pg_lock_wait(corm_conn *conn, int milliseconds, corm_error_info *error) {
    char sql[64];
    if (conn->transaction == 'I') return 0; /* it was the transaction's */
    snprintf(sql, sizeof sql, "SET LOCAL lock_timeout = %d", milliseconds);
    return corm__pg_exec(conn, sql, error);
}

int64_t corm__pg_session(corm_conn *conn) {
    if (conn->pooler_known && !conn->pooled) return PQbackendPID(conn->pg);
    corm_error_info ignored;
    if (conn->transaction == 'E') return 0;
    int64_t pid = ask_session(conn, &ignored);
    return pid > 0 ? pid : 0;
}

int corm__pg_blockers(corm_conn *conn, int64_t session, char *out, size_t size,
                      corm_error_info *error) {
    static const char sql[] = "SELECT concat_ws(', ', 'pid ' || a.pid, 'user ' || a.usename, "
                              "nullif(a.application_name, ''), 'from ' || "
                              "coalesce(host(a.client_addr), "
                              "'this host'), CASE WHEN a.backend_type <> 'client backend' THEN "
                              "a.backend_type ELSE a.state END || coalesce(' for ' || "
                              "extract(epoch FROM "
                              "clock_timestamp() - coalesce(a.xact_start, a.state_change))::bigint "
                              "|| ' s', '')) || coalesce(': ' || "
                              "nullif(left(regexp_replace(a.query, "
                              "'\\s+', ' ', 'g'), 120), ''), '')"
                              " FROM unnest(pg_catalog.pg_blocking_pids($1::integer)) AS b(pid) "
                              "JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid"
                              " ORDER BY a.xact_start NULLS LAST LIMIT 1";
    char pid[32];
    snprintf(pid, sizeof pid, "%" PRId64, session);
    PGresult *result = corm__pg_query(conn, sql, 1, (const char *const[]){ pid }, error);
    if (!result) return error->status;
    bool any = PQntuples(result) == 1 && !PQgetisnull(result, 0, 0);
    corm__error_set(out, size, "%s", any ? corm__pg_cell(result, 0, 0) : "");
    PQclear(result);
    return any;
}
