/* A call on a handle: what comes before it, and what a failure leaves behind. */
#include "base/clock.h"
#include "base/error.h"
#include "base/real.h"
#include "db/internal.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

/* Written when it is asked for: as a constant it would be 5 kB of zeros in a device's library. */
static corm_error_info no_memory;

static void write_no_memory(void) { corm__fail_memory(&no_memory); }

const corm_error_info *corm_error(const corm_db *db) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (db) return &db->error;
    pthread_once(&once, write_no_memory);
    return &no_memory;
}

bool corm_failed(const corm_db *db) { return !db || db->error.status != CORM_OK; }

const char *corm_engine(const corm_db *db) { return db && db->backend ? db->backend->name : ""; }

int corm__db_fail(corm_db *db, corm_status status, const char *format, ...) {
    char message[sizeof db->error.message];
    va_list arguments;
    va_start(arguments, format);
    corm__vformat(message, sizeof message, format, arguments);
    va_end(arguments);
    return corm__fail(&db->error, status, "%s", message);
}

int corm__fail_broken(corm_db *db, const char *what) {
    if (db->failed)
        corm__db_fail(db, CORM_ERROR_TRANSACTION,
                      "the transaction %s: a statement in it failed with %s%s%s", what,
                      corm_status_name(db->failed), db->failed_table[0] ? ", table " : "",
                      db->failed_table);
    else
        corm__db_fail(db, CORM_ERROR_TRANSACTION,
                      "the transaction has ended without corm_commit or corm_rollback: by hand, or "
                      "by a statement that commits");
    corm__error_hint(&db->error, "Roll back; put what may fail into a corm_begin or corm_atomic "
                                 "of its own.");
    return CORM_ERROR_TRANSACTION;
}

bool corm__ended(corm_db *db) {
    if (db->depth == 0 || db->broken || !db->backend->alive(db->conn) ||
        db->backend->in_transaction(db->conn))
        return false;
    corm__break(db);
    return true;
}

int corm__refuse_broken(corm_db *db) {
    return db->broken ? corm__fail_broken(db, "takes nothing more") : 0;
}

void corm__break(corm_db *db) {
    if (db->depth == 0 || db->broken) return;
    db->broken = true;
    db->failed = db->error.status;
    corm__error_set(db->failed_table, sizeof db->failed_table, "%s", db->error.table);
}

int corm__db_enter(corm_db *db) {
    if (!db) return CORM_ERROR_MEMORY;
    if (db->open_failed) return db->error.status;
    corm__error_clear(&db->error);
    corm__ended(db);
    return corm__refuse_broken(db);
}

int corm__note_failure(corm_db *db, const char *sql, bool sent) {
    const corm_error_info *error = &db->error;
    corm__error_set(db->error.sql, sizeof db->error.sql, "%s", sql);
    corm__explain(sql, &db->error);
    /* Without a code no engine has refused anything: a value was, before. When memory is out for a
     * row nothing has failed either. Or all is gone: SQLite rolls back by itself when the disk is
     * full. */
    if (error->sqlstate[0] || error->vendor_code || (sent && error->status != CORM_ERROR_MEMORY) ||
        !db->backend->in_transaction(db->conn))
        corm__break(db);
    return error->status;
}

int corm__run(corm_db *db, const char *sql) {
    double start = corm__watched(db) ? corm__clock() : 0;
    db->queries++;
    int status = db->backend->exec(db->conn, sql, &db->error);
    if (status) corm__note_failure(db, sql, false);
    if (corm__watched(db)) corm__watch_report(db, sql, corm__clock() - start, -1, status);
    return status;
}

int corm_exec(corm_db *db, const char *sql) {
    int status = corm__db_enter(db);
    return status ? status : corm__run(db, sql);
}
