#include "backend/sqlite/driver.h"

int corm__sqlite_version(corm_conn *conn) {
    (void)conn;
    int number = sqlite3_libversion_number(); /* 3040001 */
    return number / 1000000 * 10000 + number / 1000 % 1000 * 100 + number % 1000;
}

int corm__sqlite_exec(corm_conn *conn, const char *sql, corm_error_info *error) {
    int rc = sqlite3_exec(conn->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? CORM_OK : corm__sqlite_error(conn->db, rc, sql, error);
}
