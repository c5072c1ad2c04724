/* SQL by the text protocol. */
#include "backend/mariadb/mariadb.h"
#include "base/error.h"
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
    MYSQL_RES *result =
        mysql_real_query(conn->mysql, sql, strlen(sql)) ? NULL : mysql_store_result(conn->mysql);
    if (result && has_form(result, columns)) return result;
    if (!result && mysql_errno(conn->mysql)) {
        corm__mariadb_fail(conn, NULL, sql, error);
        return NULL;
    }
    mysql_free_result(result);
    corm__fail(error, CORM_ERROR_PROTOCOL, "the server's answer has not the columns of the query");
    corm__error_set(error->sql, sizeof error->sql, "%s", sql);
    return NULL;
}
