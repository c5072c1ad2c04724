/* Bulk load by the driver, counted and watched like a statement. */
#include "base/clock.h"
#include "base/error.h"
#include "db/internal.h"

static const char *const sql = "bulk load";

int corm__bulk_begin(corm_db *db, const char *table, const char *const *columns,
                     const corm_kind *kinds, int n) {
    int status = corm__refuse_broken(db);
    if (status) return status;
    db->queries++;
    db->bulk_start = corm__clock();
    status = db->backend->bulk_begin(db->conn, table, columns, kinds, n, &db->error);
    return status ? corm__note_failure(db, sql, false) : 0;
}

int corm__bulk_row(corm_db *db, const corm_value *values) {
    return db->backend->bulk_row(db->conn, values, &db->error);
}

int corm__bulk_end(corm_db *db, bool commit) {
    int64_t rows = 0;
    corm_error_info why = db->error; /* of the row that ended it */
    int status = db->backend->bulk_end(db->conn, commit, &rows, &db->error);
    if (!commit) db->error = why;
    if (status && commit) corm__note_failure(db, sql, true);
    if (corm__watched(db))
        corm__watch_report(db, sql, corm__clock() - db->bulk_start, commit && !status ? rows : -1,
                           status);
    return commit ? status : 0;
}
