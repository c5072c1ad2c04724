#include "backend/mariadb/declaration.h"
#include "backend/mariadb/mariadb.h"
#include "base/error.h"
#include <stdlib.h>
#include <string.h>

static int version(corm_conn *conn) { return (int)mysql_get_server_version(conn->mysql); }
static bool alive(corm_conn *conn) { return !conn->lost; }

static bool in_transaction(corm_conn *conn) {
    unsigned status = 0;
    return !conn->lost &&
           !mariadb_get_infov(conn->mysql, MARIADB_CONNECTION_SERVER_STATUS, &status) &&
           status & SERVER_STATUS_IN_TRANS;
}

/* --- ready --- */

typedef struct server_state {
    bool no_port, read_only, cluster, cluster_ready;
} server_state;

static int read_state(corm_conn *conn, const char *sql, server_state *state,
                      corm_error_info *error) {
    MYSQL_RES *result = corm__mariadb_query(conn, sql, "!!", error);
    if (!result) return error->status;
    for (MYSQL_ROW row; (row = mysql_fetch_row(result));) {
        bool on = strcmp(row[1], "ON") == 0;
        if (strcmp(row[0], "skip_networking") == 0) state->no_port = on;
        if (strcmp(row[0], "read_only") == 0 || strcmp(row[0], "super_read_only") == 0)
            state->read_only |= !(strcmp(row[1], "OFF") == 0);
        if (strcmp(row[0], "wsrep_on") == 0) state->cluster = on;
        if (strcmp(row[0], "wsrep_ready") == 0) state->cluster_ready = on;
    }
    mysql_free_result(result);
    return 0;
}

/* The images of MariaDB and MySQL initialise a new database by a temporary server that has no TCP
 * port. A program beside it must not take that for the real one; but one that was told the socket
 * by name wants a server without a port. */
static int ready(corm_conn *conn, bool writable, corm_error_info *error) {
    server_state state = { .no_port = false };
    int status = read_state(conn,
                            "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('skip_networking', "
                            "'read_only', 'super_read_only', 'wsrep_on')",
                            &state, error);
    if (!status && state.cluster)
        status = read_state(conn, "SHOW GLOBAL STATUS LIKE 'wsrep_ready'", &state, error);
    if (status) return status;
    if (state.no_port && conn->default_socket) {
        corm__fail(error, CORM_ERROR_STARTING,
                   "MariaDB runs without a TCP port (skip_networking is on), as the temporary "
                   "server of a first start does");
        corm__error_hint(error, "When that is intended, name the socket in DB_HOST.");
        return 0;
    }
    if (state.cluster && !state.cluster_ready) {
        corm__fail(error, CORM_ERROR_STARTING,
                   "this node of the Galera cluster is not ready (wsrep_ready is off): it joins, "
                   "or has lost the others");
        return 0;
    }
    if (writable && state.read_only) {
        corm__fail(error, CORM_ERROR_READ_ONLY,
                   "MariaDB is read-only (read_only is on): it is a replica, or was made so");
        return 0;
    }
    return 1;
}

static int value(corm_buffer *out, const corm_column *column, const corm_default *value,
                 corm_error_info *error) {
    (void)error;
    corm__mariadb_write_value(out, column->kind, value);
    return 0;
}

static const corm_features features = {
    .returning = true,
    .set_default = true,
    .update_join = true,
    .alter_column = true,
    .foreign_key_types = true,
    .index_methods = true, /* "fulltext" */
    .descending_indexes = true,
    .table_comments = true,
    .column_comments = true,
    .identity_kinds = true,
    .for_update = true,
    .max_parameters = 65535,
    .max_identifier = 63, /* 64 characters: PostgreSQL's, so that a project can change engines */
    .max_key = 3072,
    .max_row = 65535,
    .regex_end = "\\z",
    .min_version =
        CORM__MYSQL_MIN, /* the lowest number of all; connect.c tells MariaDB and MySQL apart */
};

const corm_backend corm_backend_mariadb = {
    .abi = CORM_BACKEND_ABI,
    .name = "mariadb",
    .title = "MariaDB",
    .features = &features,
    .open = corm__mariadb_open,
    .close = corm__mariadb_close,
    .version = version,
    .alive = alive,
    .in_transaction = in_transaction,
    .exec = corm__mariadb_exec,
    .prepare = corm__mariadb_prepare,
    .finalize = corm__mariadb_finalize,
    .column_count = corm__mariadb_column_count,
    .column_name = corm__mariadb_column_name,
    .execute = corm__mariadb_execute,
    .step = corm__mariadb_next_row,
    .reset = corm__mariadb_reset,
    .affected = corm__mariadb_affected,
    .lock_try = corm__mariadb_lock_try,
    .lock_release = corm__mariadb_lock_release,
    .ready = ready,
    .create_database = corm__mariadb_create_database,
    .explain = "EXPLAIN FORMAT=JSON ",
    .identifier = corm__mariadb_identifier,
    .placeholder = corm__mariadb_placeholder,
    .expression = corm__mariadb_expression,
    .value = value,
    .ddl = corm__mariadb_ddl,
    .loses = corm__mariadb_loses,
    .dependents =
        "SELECT 'view', TABLE_NAME, NULL, VIEW_DEFINITION, 0 FROM information_schema.VIEWS WHERE "
        "TABLE_SCHEMA = DATABASE() UNION ALL SELECT 'trigger', TRIGGER_NAME, EVENT_OBJECT_TABLE, "
        "ACTION_STATEMENT, 0 FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()",
    .kept_settings =
        "SELECT concat('USE `', replace(database(), '`', '``'), '`; SET SESSION sql_mode = ', "
        "quote(@@sql_mode), ', time_zone = ', quote(@@time_zone), ', foreign_key_checks = ', "
        "@@foreign_key_checks, ', unique_checks = ', @@unique_checks, ', autocommit = ', "
        "@@autocommit, ', character_set_client = ', @@character_set_client, "
        "', character_set_results = ', @@character_set_results, ', collation_connection = ', "
        "@@collation_connection)",
    .introspect = corm__mariadb_introspect,
    .cost = corm__mariadb_cost,
    .client = corm__mariadb_client,
    .default_values = " () VALUES ()",
    .most_bytes = corm__mariadb_most_bytes,
    .do_nothing = " ON DUPLICATE KEY UPDATE {0} = {0}", /* INSERT IGNORE would take other errors for
                                                           warnings too */
    .lock_holds = corm__mariadb_lock_holds,
    .clock = "CAST(UNIX_TIMESTAMP(NOW(6)) AS DOUBLE)",
    .lock_wait = corm__mariadb_lock_wait,
    .session = corm__mariadb_session,
    .blockers = corm__mariadb_blockers,
    .key_taken = corm__mariadb_key_taken,
    .inserted = "VALUES({0})",
};
