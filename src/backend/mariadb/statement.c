#include "backend/mariadb/mariadb.h"
#include "base/error.h"

int corm__mariadb_prepare(corm_conn *conn, const char *sql, size_t length, const corm_kind *kinds, int n, corm_stmt **out,
                          corm_error_info *error) {
    (void)conn, (void)sql, (void)length, (void)kinds, (void)n;
    *out = NULL;
    return corm__fail(error, CORM_ERROR_UNSUPPORTED, "statements with parameters are not there for MariaDB yet");
}
