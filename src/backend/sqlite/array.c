/* corm_array(?): the items of an array parameter as rows of one column, value, so that `x IN
 * (SELECT value FROM corm_array(?1))` takes any number of values by one parameter. The parameter is
 * a pointer that SQL cannot see or forge (sqlite3_bind_pointer); the array stays with the caller
 * until the statement is reset. */
#include "backend/sqlite/driver.h"
#include <stdlib.h>
#include <string.h>

static const char tag[] = "corm_array";
enum { COLUMN_VALUE, COLUMN_ARRAY };

typedef struct cursor {
    sqlite3_vtab_cursor base;
    const corm_value *array; /* NULL: no rows */
    size_t row;
} cursor;

static int connect_table(sqlite3 *db, void *unused, int argc, const char *const *argv,
                         sqlite3_vtab **out, char **error) {
    (void)unused;
    (void)argc;
    (void)argv;
    (void)error;
    int rc = sqlite3_declare_vtab(db, "CREATE TABLE x(value, array HIDDEN)");
    if (rc != SQLITE_OK) return rc;
    *out = sqlite3_malloc(sizeof **out);
    if (!*out) return SQLITE_NOMEM;
    memset(*out, 0, sizeof **out);
    return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *table) {
    sqlite3_free(table);
    return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
    (void)table;
    cursor *c = sqlite3_malloc(sizeof *c);
    if (!c) return SQLITE_NOMEM;
    memset(c, 0, sizeof *c);
    *out = &c->base;
    return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base) {
    sqlite3_free(base);
    return SQLITE_OK;
}

/* Without its argument the table is empty, and dear enough to be never chosen so. */
static int best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    (void)table;
    info->estimatedCost = 1e9;
    info->estimatedRows = 1000000;
    for (int i = 0; i < info->nConstraint; i++) {
        if (!info->aConstraint[i].usable || info->aConstraint[i].iColumn != COLUMN_ARRAY ||
            info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        info->aConstraintUsage[i].argvIndex = 1;
        info->aConstraintUsage[i].omit = 1;
        info->estimatedCost = 1;
        info->estimatedRows = 100;
        info->idxNum = 1;
        break;
    }
    return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int index, const char *unused, int n,
                  sqlite3_value **values) {
    (void)unused;
    cursor *c = (cursor *)base;
    c->array = index == 1 && n == 1 ? sqlite3_value_pointer(values[0], tag) : NULL;
    c->row = 0;
    return SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *base) {
    ((cursor *)base)->row++;
    return SQLITE_OK;
}

static int eof(sqlite3_vtab_cursor *base) {
    const cursor *c = (const cursor *)base;
    return !c->array || !c->array->array.items || c->row >= c->array->array.length;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number) {
    const cursor *c = (const cursor *)base;
    if (number != COLUMN_VALUE) return SQLITE_OK;
    const void *items = c->array->array.items;
    size_t i = c->row;
    switch (c->array->element) {
    case CORM_SMALLINT: sqlite3_result_int(context, ((const int16_t *)items)[i]); break;
    case CORM_INTEGER: sqlite3_result_int(context, ((const int32_t *)items)[i]); break;
    case CORM_IDENTITY:
    case CORM_BIGINT: sqlite3_result_int64(context, ((const int64_t *)items)[i]); break;
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON: {
        const char *text = ((const char *const *)items)[i];
        if (text) sqlite3_result_text64(context, text, strlen(text), SQLITE_STATIC, SQLITE_UTF8);
        break;
    }
    case CORM_UUID:
        sqlite3_result_blob(context, ((const corm_uuid *)items)[i].bytes, sizeof(corm_uuid),
                            SQLITE_STATIC);
        break;
    case CORM_DATE: {
        char text[CORM_TIMESTAMP_TEXT];
        sqlite3_result_text(context,
                            corm_date_format(((const corm_date *)items)[i], text, sizeof text), -1,
                            SQLITE_TRANSIENT);
        break;
    }
    default: break; /* never: bound only when it is one of these */
    }
    return SQLITE_OK;
}

static int row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *out) {
    *out = (sqlite3_int64)((const cursor *)base)->row;
    return SQLITE_OK;
}

/* No xCreate: it exists in every schema and is in none. */
static const sqlite3_module module = {
    .xConnect = connect_table,
    .xBestIndex = best_index,
    .xDisconnect = disconnect,
    .xOpen = open_cursor,
    .xClose = close_cursor,
    .xFilter = filter,
    .xNext = next,
    .xEof = eof,
    .xColumn = column,
    .xRowid = row_id,
};

int corm__sqlite_array_table(corm_conn *conn) {
    return sqlite3_create_module(conn->db, tag, &module, NULL);
}

bool corm__sqlite_array_holds(corm_kind element) {
    switch (element) {
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_IDENTITY:
    case CORM_BIGINT:
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON:
    case CORM_UUID:
    case CORM_DATE: return true;
    default: return false;
    }
}

int corm__sqlite_bind_array(sqlite3_stmt *handle, int index, const corm_value *value) {
    return sqlite3_bind_pointer(handle, index, (void *)(uintptr_t)value, tag, NULL);
}
