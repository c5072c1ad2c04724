/* What functions of <corm/functions.h> need beyond SQLite's own. */
#include "backend/sqlite/driver.h"
#include <math.h>

static void fail(sqlite3_context *context, const char *what) {
    sqlite3_result_error(context, what, -1);
}

/* corm_integer(x): the nearest integer, halves away from zero. */
static void to_integer(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    double x = round(sqlite3_value_double(values[0]));
    if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
    if (x >= -0x1p63 && x < 0x1p63)
        sqlite3_result_int64(context, (int64_t)x);
    else
        fail(context, "integer overflow");
}

/* corm_shift(x, places, left) */
static void shift(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL ||
        sqlite3_value_type(values[1]) == SQLITE_NULL)
        return;
    int64_t x = sqlite3_value_int64(values[0]), places = sqlite3_value_int64(values[1]);
    if (places < 0 || places > 63)
        fail(context, "integer overflow");
    else
        sqlite3_result_int64(
            context, sqlite3_value_int(values[2]) ? (int64_t)((uint64_t)x << places) : x >> places);
}

int corm__sqlite_scalar_functions(corm_conn *conn) {
    static const struct {
        const char *name;
        int n;
        void (*run)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        { "corm_integer", 1, to_integer },
        { "corm_shift", 3, shift },
    };
    int rc = SQLITE_OK;
    for (size_t i = 0; i < sizeof functions / sizeof *functions && rc == SQLITE_OK; i++)
        rc = sqlite3_create_function_v2(conn->db, functions[i].name, functions[i].n,
                                        SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, conn,
                                        functions[i].run, NULL, NULL, NULL);
    return rc;
}
