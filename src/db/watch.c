#include "base/real.h"
#include "db/internal.h"
#include <stdio.h>

void corm_watch(corm_db *db, corm_watch_fn fn, void *context) {
    if (!db) return;
    db->watch = fn;
    db->watch_context = context;
}

uint64_t corm_query_count(const corm_db *db) { return db ? db->queries : 0; }

static void log_sql(const corm_db *db, const char *sql, double seconds, int64_t rows, int status) {
    char what[64] = "";
    if (status)
        snprintf(what, sizeof what, ", %s", corm_status_name(status));
    else if (rows >= 0)
        snprintf(what, sizeof what, ", %lld row%s", (long long)rows, rows == 1 ? "" : "s");
    char time[CORM_REAL_TEXT];
    corm__format(time, sizeof time, "%.3f", seconds * 1e3);
    fprintf(stderr, "corm[%s]: %s ms%s: %s\n", db->alias, time, what, sql);
}

void corm__watch_report(corm_db *db, const char *sql, double seconds, int64_t rows, int status) {
    if (db->log_sql) log_sql(db, sql, seconds, rows, status);
    if (db->watch) db->watch(db->watch_context, sql, seconds, rows, status);
}
