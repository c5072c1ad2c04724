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
