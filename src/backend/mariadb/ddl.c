#include "backend/mariadb/mariadb.h"
#include "base/error.h"

int corm__mariadb_ddl(corm_script *script, const corm_change *change, corm_conn *conn) {
    (void)change, (void)conn;
    return corm__fail(script->error, CORM_ERROR_UNSUPPORTED, "changes of tables are not written for MariaDB yet");
}
