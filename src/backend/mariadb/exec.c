/* SQL by the text protocol. */
#include "backend/mariadb/mariadb.h"
#include "base/error.h"
#include <stdlib.h>
#include <string.h>

/* All results must be taken in, also those behind an error: the connection takes nothing else
 * before. */
int corm__mariadb_exec(corm_conn *conn, const char *sql, corm_error_info *error) {
    if (mysql_real_query(conn->mysql, sql, strlen(sql)))
        return corm__mariadb_fail(conn, NULL, sql, error);
    for (;;) {
        MYSQL_RES *result = mysql_use_result(conn->mysql);
        while (result && mysql_fetch_row(result))
            ;
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

static bool has_form(MYSQL_RES *result, const char *columns) {
    size_t n = strlen(columns);
    if (mysql_num_fields(result) != n) return false;
    for (MYSQL_ROW row; (row = mysql_fetch_row(result));)
        for (size_t i = 0; i < n; i++)
            if (columns[i] == '!' && !row[i]) return false;
    mysql_data_seek(result, 0);
    return true;
}

MYSQL_RES *corm__mariadb_query(corm_conn *conn, const char *sql, const char *columns,
                               corm_error_info *error) {
    bool sent = !mysql_real_query(conn->mysql, sql, strlen(sql));
    MYSQL_RES *result = sent ? mysql_store_result(conn->mysql) : NULL;
    if (result && has_form(result, columns)) return result;
    /* Also when there is a result, and no room for it. */
    if (!sent || (!result && (mysql_errno(conn->mysql) || mysql_field_count(conn->mysql)))) {
        corm__mariadb_fail(conn, NULL, sql, error);
        return NULL;
    }
    mysql_free_result(result);
    corm__fail(error, CORM_ERROR_PROTOCOL, "the server's answer has not the columns of the query");
    corm__error_set(error->sql, sizeof error->sql, "%s", sql);
    return NULL;
}

/* What stands around the values in a packet is left out. */
size_t corm__mariadb_most_bytes(corm_conn *conn) {
    enum { AROUND = 4096 };
    corm_error_info unused;
    if (conn->most_bytes) return conn->most_bytes;
    MYSQL_RES *result = corm__mariadb_query(conn, "SELECT @@max_allowed_packet", "!", &unused);
    MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
    unsigned long long most = row && row[0] ? strtoull(row[0], NULL, 10) : 0;
    mysql_free_result(result);
    if (most > AROUND) conn->most_bytes = (size_t)most - AROUND;
    return conn->most_bytes;
}
