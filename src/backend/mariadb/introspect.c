#include "backend/mariadb/mariadb.h"
#include "base/error.h"

int corm__mariadb_introspect(corm_conn *conn, const char *only, corm_arena *arena, corm_schema *out, corm_error_info *error) {
    (void)conn, (void)only, (void)arena, (void)out;
    return corm__fail(error, CORM_ERROR_UNSUPPORTED, "the tables of a MariaDB database are not read yet");
}
