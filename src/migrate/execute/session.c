/* SQL that a tool wrote sets what it needs for itself (pg_dump: an empty search_path, mysqldump: no
 * checks of foreign keys): the record and later migrations shall not go by it. */
#include "base/error.h"
#include "migrate/execute/executor.h"
#include <string.h>

int corm__keep_settings(corm_executor *x, const corm_operation *operation) {
    static const corm_fetch_column column = { .kind = CORM_TEXT, .name = "settings" };
    static const corm_fetch fetch = { &column, 1, 1 };
    const char *sql = x->db->backend->kept_settings;
    void *objects[] = { &x->settings_before };
    corm_stmt *stmt;
    x->settings_before = NULL;
    if (!sql || (operation->kind != CORM_RUN_SQL && operation->kind != CORM_RUN_C)) return 0;
    int status = corm__prepare(x->db, sql, strlen(sql), NULL, 0, &stmt);
    if (status) return status;
    status = corm__execute(x->db, stmt, NULL, 0, 0);
    if (!status) status = corm__step(x->db, stmt, &fetch, objects, &x->scratch);
    corm__finish(x->db, stmt);
    return status < 0 ? status : 0;
}

int corm__restore_settings(corm_executor *x) {
    return x->settings_before ? corm_exec(x->db, x->settings_before) : 0;
}
