#include "base/error.h"
#include "db/internal.h"
#include "settings/settings_internal.h"
#include <stdlib.h>
#include <string.h>

int corm__check_version(const corm_backend *backend, corm_conn *conn, corm_error_info *error) {
    int version = backend->version(conn), minimum = backend->features->min_version;
    if (version >= minimum) return 0;
    return corm__fail(error, CORM_ERROR_UNSUPPORTED,
                      "%s %d.%d.%d is too old: corm needs %d.%d or newer", backend->title,
                      version / 10000, version / 100 % 100, version % 100, minimum / 10000,
                      minimum / 100 % 100);
}

int corm__connect(const corm_settings *settings, const char *alias, bool migrating, bool no_create,
                  const corm_backend **backend, corm_conn **conn, corm_error_info *error) {
    *backend = NULL;
    *conn = NULL;
    corm_connect_options options = { .cancel_fd = -1 };
    int status = corm__settings_connect(settings, alias, &options, error);
    if (status) return status;
    options.cancel_fd = -1;
    options.migrating = migrating;
    options.no_create = no_create;
    const corm_backend *found =
        corm__backend_find(corm_settings_get(settings, alias, "engine"), error);
    if (!found) return error->status;
    status = found->open(&options, conn, error);
    if (!status) status = corm__check_version(found, *conn, error);
    if (status) {
        found->close(*conn);
        *conn = NULL;
        return status;
    }
    *backend = found;
    return 0;
}

static bool logs_sql(void) {
    const char *log = getenv("CORM_LOG");
    for (; log && *log; log += strcspn(log, ","), log += *log == ',')
        if (strcspn(log, ",") == 3 && strncmp(log, "sql", 3) == 0) return true;
    return false;
}

static int open_handle(corm_db *db, const corm_settings *settings, const char *alias) {
    db->alias = strdup(alias ? alias : "default");
    if (!db->alias) return corm__fail_memory(&db->error);
    int status = corm__connect(settings, alias, false, false, &db->backend, &db->conn, &db->error);
    if (status) return status;
    db->log_sql = logs_sql();
    db->statements = corm__statements_new(
        (size_t)corm__settings_number(settings, alias, "statement_cache_size"));
    return db->statements ? 0 : corm__fail_memory(&db->error);
}

corm_db *corm_open_with(const corm_settings *settings, const char *alias) {
    corm_db *db = calloc(1, sizeof *db);
    if (db) db->open_failed = open_handle(db, settings, alias) != 0;
    return db;
}

corm_db *corm_open(const char *alias) {
    corm_error_info error;
    corm_settings *settings = corm_settings_load(NULL, &error);
    if (settings) {
        corm_db *db = corm_open_with(settings, alias);
        corm_settings_free(settings);
        return db;
    }
    corm_db *db = calloc(1, sizeof *db);
    if (!db) return NULL;
    db->error = error;
    db->open_failed = true;
    return db;
}

void corm_close(corm_db *db) {
    if (!db) return;
    if (db->plans) db->plans_free(db->plans);
    corm__statements_free(db->statements, db->backend);
    if (db->backend) db->backend->close(db->conn);
    corm__hooks_drop(db, 0);
    free(db->alias);
    free(db);
}
