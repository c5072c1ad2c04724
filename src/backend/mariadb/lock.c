/* The migration lock: a lock of the session by name. Names hold for the whole server, so that of
 * the database is in it. And who keeps a session waiting. */
#include "backend/mariadb/mariadb.h"
#include "base/error.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* 1: *value is the first cell of the first row; 0: it is NULL, or there is no row; negative: an
 * error. */
static int query_cell(corm_conn *conn, const char *sql, char *value, size_t size,
                      corm_error_info *error) {
    MYSQL_RES *result = corm__mariadb_query(conn, sql, "?", error);
    if (!result) return error->status;
    MYSQL_ROW row = mysql_fetch_row(result);
    bool there = row && row[0];
    corm__error_set(value, size, "%s", there ? row[0] : "");
    mysql_free_result(result);
    return there;
}

/* Runs form with the lock's name, an expression of the server, in the place of its %s. */
static int lock_query(corm_conn *conn, const char *form, const char *name, char *value, size_t size,
                      corm_error_info *error) {
    corm_buffer key = { 0 }, sql = { 0 };
    corm__buffer_puts(&key, "CONCAT('corm ', MD5(CONCAT_WS('/', DATABASE(), ");
    corm__mariadb_literal(&key, name);
    corm__buffer_puts(&key, ")))");
    const char *place = strstr(form, "%s");
    corm__buffer_add(&sql, form, (size_t)(place - form));
    corm__buffer_append(&sql, &key);
    corm__buffer_puts(&sql, place + 2);
    int status = corm__buffer_broken(&sql)
                     ? corm__fail_memory(error)
                     : query_cell(conn, corm__buffer_text(&sql), value, size, error);
    corm__buffer_release(&key);
    corm__buffer_release(&sql);
    return status;
}

/* Of other users' sessions, the list shows nothing to a user without the privilege PROCESS: then
 * the number alone is known. */
static void find_holder(corm_conn *conn, const char *name, char *holder, size_t size) {
    char id[32], sql[256];
    corm_error_info ignored;
    holder[0] = 0;
    if (lock_query(conn, "SELECT IS_USED_LOCK(%s)", name, id, sizeof id, &ignored) != 1) return;
    corm__error_set(sql, sizeof sql,
                    "SELECT CONCAT('user ', USER, ' from ', HOST, ', connection ', ID) FROM "
                    "information_schema.PROCESSLIST WHERE ID = %s",
                    id);
    if (query_cell(conn, sql, holder, size, &ignored) != 1)
        corm__error_set(holder, size, "connection %s", id);
}

int corm__mariadb_lock_try(corm_conn *conn, const char *name, char *holder, size_t size,
                           corm_error_info *error) {
    char answer[8];
    if (holder && size) holder[0] = 0;
    int status = lock_query(conn, "SELECT GET_LOCK(%s, 0)", name, answer, sizeof answer, error);
    if (status < 0) return status;
    if (status == 0)
        return corm__fail(error, CORM_ERROR_DATABASE,
                          "MariaDB could not say whether the lock \"%s\" is free", name);
    bool got = answer[0] == '1';
    if (!got && holder && size) find_holder(conn, name, holder, size);
    return got;
}

void corm__mariadb_lock_release(corm_conn *conn, const char *name) {
    char answer[8];
    corm_error_info ignored;
    lock_query(conn, "SELECT RELEASE_LOCK(%s)", name, answer, sizeof answer, &ignored);
}

/* GET_LOCK is known to one node of a cluster alone. What a node reads may be behind what another
 * has committed, unless it is told to wait for that. */
int corm__mariadb_lock_holds(corm_conn *conn, corm_error_info *error) {
    char value[16];
    MYSQL_RES *result = corm__mariadb_query(conn, "SHOW VARIABLES LIKE 'wsrep_on'", "!!", error);
    if (!result) return error->status;
    MYSQL_ROW row = mysql_fetch_row(result);
    corm__error_set(value, sizeof value, "%s", row && row[1] ? row[1] : "OFF");
    mysql_free_result(result);
    if (strcmp(value, "ON") != 0) return 1;
    int status = corm__mariadb_exec(conn, "SET SESSION wsrep_sync_wait = 7", error);
    return status ? status : 0;
}

/* The one is for tables, the other for rows; both count in seconds. */
int corm__mariadb_lock_wait(corm_conn *conn, int milliseconds, corm_error_info *error) {
    char sql[128];
    int seconds = (milliseconds + 999) / 1000;
    if (milliseconds)
        snprintf(sql, sizeof sql,
                 "SET SESSION lock_wait_timeout = %d, innodb_lock_wait_timeout = %d", seconds,
                 seconds);
    else
        snprintf(sql, sizeof sql,
                 "SET SESSION lock_wait_timeout = DEFAULT, innodb_lock_wait_timeout = DEFAULT");
    return corm__mariadb_exec(conn, sql, error);
}

int64_t corm__mariadb_session(corm_conn *conn) { return (int64_t)mysql_thread_id(conn->mysql); }

/* Who has which lock of a table, the server tells only where a plugin is loaded: so it is the
 * oldest transaction that is open, while the session waits for such a lock. */
int corm__mariadb_blockers(corm_conn *conn, int64_t session, char *out, size_t size,
                           corm_error_info *error) {
    static const char form[] =
        "SELECT CONCAT('connection ', p.ID, ', user ', p.USER, ', from ', p.HOST, ', ', "
        "LOWER(p.COMMAND), ' for ', p.TIME, ' s', "
        "IFNULL(CONCAT(', in a transaction since ', t.trx_started), ''), IFNULL(CONCAT(': ', "
        "LEFT(p.INFO, 120)), ''))"
        " FROM information_schema.PROCESSLIST me JOIN information_schema.PROCESSLIST p ON p.ID NOT "
        "IN (me.ID, CONNECTION_ID())"
        " LEFT JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = p.ID"
        " WHERE me.ID = %" PRId64 " AND me.STATE LIKE 'Waiting for %%lock' AND p.COMMAND NOT IN "
        "('Daemon', 'Binlog Dump') AND p.DB = DATABASE()"
        " AND (t.trx_id IS NOT NULL OR p.INFO IS NOT NULL) AND IFNULL(p.STATE, '') NOT LIKE "
        "'Waiting for %%lock'"
        " ORDER BY t.trx_started IS NULL, t.trx_started LIMIT 1";
    char sql[sizeof form + 32];
    snprintf(sql, sizeof sql, form, session);
    return query_cell(conn, sql, out, size, error);
}
