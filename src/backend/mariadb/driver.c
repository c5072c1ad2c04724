#include "backend/mariadb/mariadb.h"
#include "base/error.h"
#include <string.h>

static int version(corm_conn *conn) { return (int)mysql_get_server_version(conn->mysql); }
static bool alive(corm_conn *conn) { return !conn->lost; }

static bool in_transaction(corm_conn *conn) {
    unsigned status = 0;
    return !conn->lost && !mariadb_get_infov(conn->mysql, MARIADB_CONNECTION_SERVER_STATUS, &status) && status & SERVER_STATUS_IN_TRANS;
}

/* All results must be taken in, also those behind an error: the connection takes nothing else before. */
int corm__mariadb_exec(corm_conn *conn, const char *sql, corm_error_info *error) {
    if (mysql_real_query(conn->mysql, sql, strlen(sql))) return corm__mariadb_fail(conn, NULL, sql, error);
    for (;;) {
        MYSQL_RES *result = mysql_use_result(conn->mysql);
        while (result && mysql_fetch_row(result));
        if (mysql_errno(conn->mysql)) {
            int status = corm__mariadb_fail(conn, NULL, sql, error);
            mysql_free_result(result);
            return status;
        }
        mysql_free_result(result);
        int more = mysql_next_result(conn->mysql);
        if (more > 0) return corm__mariadb_fail(conn, NULL, sql, error);
        if (more < 0) return 0;
    }
}

MYSQL_RES *corm__mariadb_query(corm_conn *conn, const char *sql, corm_error_info *error) {
    MYSQL_RES *result = mysql_real_query(conn->mysql, sql, strlen(sql)) ? NULL : mysql_store_result(conn->mysql);
    if (!result) corm__mariadb_fail(conn, NULL, sql, error);
    return result;
}

static const corm_features features = {
    .returning = true,
    .alter_column = true,
    .table_comments = true,
    .column_comments = true,
    .for_update = true,
    .max_parameters = 65535,
    .max_identifier = 63, /* 64 characters: PostgreSQL's, so that a project can change engines */
    .min_version = CORM__MYSQL_MIN, /* the lowest number of all; connect.c tells MariaDB and MySQL apart */
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
    .create_database = corm__mariadb_create_database,
    .identifier = corm__mariadb_identifier,
    .placeholder = corm__mariadb_placeholder,
    .expression = corm__mariadb_expression,
    .ddl = corm__mariadb_ddl,
    .introspect = corm__mariadb_introspect,
    .client = corm__mariadb_client,
};
