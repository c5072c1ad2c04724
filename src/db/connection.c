#include "base/clock.h"
#include "base/error.h"
#include "db/internal.h"
#include "settings/settings_internal.h"
#include <stdarg.h>
#include <stdio.h>
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

const corm_error_info *corm_error(const corm_db *db) {
    static const corm_error_info no_memory = { .status = CORM_ERROR_MEMORY,
                                               .message = "out of memory" };
    return db ? &db->error : &no_memory;
}

bool corm_failed(const corm_db *db) { return !db || db->error.status != CORM_OK; }

const char *corm_engine(const corm_db *db) { return db && db->backend ? db->backend->name : ""; }

int corm__db_fail(corm_db *db, corm_status status, const char *format, ...) {
    char message[sizeof db->error.message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return corm__fail(&db->error, status, "%s", message);
}

int corm__refuse_broken(corm_db *db) {
    if (!db->broken) return 0;
    corm__db_fail(db, CORM_ERROR_TRANSACTION, "%s", corm_status_text(CORM_ERROR_TRANSACTION));
    corm__error_hint(
        &db->error,
        "A statement in it failed before. Call corm_rollback, or let corm_atomic do it.");
    return db->error.status;
}

int corm__db_enter(corm_db *db) {
    if (!db) return CORM_ERROR_MEMORY;
    if (db->open_failed) return db->error.status;
    corm__error_clear(&db->error);
    return corm__refuse_broken(db);
}

int corm__note_failure(corm_db *db, const char *sql) {
    corm__error_set(db->error.sql, sizeof db->error.sql, "%s", sql);
    if (db->depth > 0) {
        /* Either the server says that the transaction takes no more, or it is already gone: SQLite
         * rolls back by itself when the disk is full. */
        bool gone = !db->backend->in_transaction(db->conn);
        db->broken |=
            gone || (db->backend->features->error_aborts_transaction && db->error.sqlstate[0]);
    }
    return db->error.status;
}

int corm__run(corm_db *db, const char *sql) {
    double start = corm__watched(db) ? corm__clock() : 0;
    db->queries++;
    int status = db->backend->exec(db->conn, sql, &db->error);
    if (status) corm__note_failure(db, sql);
    if (corm__watched(db)) corm__watch_report(db, sql, corm__clock() - start, -1, status);
    return status;
}

int corm_exec(corm_db *db, const char *sql) {
    int status = corm__db_enter(db);
    return status ? status : corm__run(db, sql);
}
