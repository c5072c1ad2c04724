/* Any value that a file of SQLite can hold is a value of any kind, or an error; and any text that
 * stands in its schema is read, or passed over. Built for undefined behaviour to end the
 * program. */
#include <math.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/sqlite/declaration.h"
#include "backend/sqlite/driver.h"
#include "backend/sqlite/parse.h"
#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define require(holds) ((holds) ? (void)0 : fail(#holds))
static _Noreturn void fail(const char *what) {
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static corm_conn *conn;
static sqlite3_stmt *give, *widen;

static void open_once(void) {
    const corm_connect_options options = { .name = ":memory:" };
    corm_error_info error = { 0 };
    if (conn) return;
    require(corm__sqlite_open(&options, &conn, &error) == 0);
    require(sqlite3_prepare_v2(conn->db, "SELECT ?", -1, &give, NULL) == SQLITE_OK);
    require(sqlite3_prepare_v2(conn->db, "SELECT corm_wide(?, ?)", -1, &widen, NULL) == SQLITE_OK);
}

enum { AS_INTEGER, AS_REAL, AS_TEXT, AS_BLOB, AS_DIGITS, AS_MOMENT, STORAGES };

static void bind(sqlite3_stmt *stmt, unsigned storage, const char *bytes, size_t size) {
    int64_t integer = 0;
    double real;
    char text[96];
    memcpy(&integer, bytes, size < sizeof integer ? size : sizeof integer);
    memcpy(&real, &integer, sizeof real);
    switch (storage) {
    case AS_INTEGER: sqlite3_bind_int64(stmt, 1, integer); break;
    case AS_REAL: sqlite3_bind_double(stmt, 1, real); break;
    case AS_TEXT: sqlite3_bind_text(stmt, 1, bytes, (int)size, SQLITE_STATIC); break;
    case AS_BLOB: sqlite3_bind_blob(stmt, 1, bytes, (int)size, SQLITE_STATIC); break;
    case AS_DIGITS: /* with a point or an exponent by its last bits */
        sqlite3_snprintf(sizeof text, text, integer & 1 ? "%lld.%lld" : "%llde%d",
                         (long long)(integer >> 1), (long long)(integer >> 60 & 7), (int)integer);
        sqlite3_bind_text(stmt, 1, text, -1, SQLITE_TRANSIENT);
        break;
    default:
        sqlite3_snprintf(sizeof text, text, "%lld-%02d-%02d %02d:%02d:%02d.%lld%+d:%02d",
                         (long long)(integer >> 40), (int)(integer & 15), (int)(integer >> 4 & 31),
                         (int)(integer >> 9 & 31), (int)(integer >> 14 & 63),
                         (int)(integer >> 20 & 63), (long long)(integer >> 26 & 0xFFFFFF),
                         (int)(integer >> 50 & 31) - 16, (int)(integer >> 55 & 63));
        sqlite3_bind_text(stmt, 1, text, -1, SQLITE_TRANSIENT);
    }
}

static void check_status(int status, const corm_error_info *error) {
    require(status >= 0 || (error->status == status && error->message[0]));
}

#include "check_value.h"

static const int shapes[][2] = { { 20, 4 }, { 18, 0 }, { 5, 2 }, { 38, 38 }, { 0, 0 } };

static corm_fetch_column column_of(const uint8_t *data) {
    static const char *const labels[] = { "a", "bb", NULL };
    static const int values[] = { 1, 2 };
    const int *shape = shapes[data[2] / STORAGES % 5];
    return (corm_fetch_column){ .kind = (corm_kind)(data[0] % CORM_KIND_COUNT),
                                .element = (corm_kind)(data[1] % CORM_KIND_COUNT),
                                .null = data[1] & 0x80,
                                .digits = shape[0],
                                .places = shape[1],
                                .name = "c",
                                .labels = labels,
                                .values = values };
}

static void check_read(const corm_fetch_column *column, unsigned storage, const char *bytes,
                       size_t size) {
    corm_stmt stmt = { .conn = conn, .handle = give };
    corm_error_info error = { 0 };
    corm_arena arena = { 0 };
    _Alignas(16) char place[64] = { 0 };
    void *objects[] = { place };
    const corm_fetch fetch = { column, 1, 1 };
    bind(give, storage, bytes, size);
    require(sqlite3_step(give) == SQLITE_ROW);
    int status = corm__sqlite_fetch_row(&stmt, &fetch, objects, &arena, &error);
    if (status > 0) check_value(column->kind, place);
    check_status(status, &error);
    sqlite3_reset(give);
    corm__arena_release(&arena);
}

/* The text of a wide decimal is read as what it was written from. */
static void check_wide(const corm_fetch_column *column, unsigned storage, const char *bytes,
                       size_t size) {
    bind(widen, storage, bytes, size);
    sqlite3_bind_int(widen, 2, column->places);
    if (sqlite3_step(widen) == SQLITE_ROW && sqlite3_column_type(widen, 0) == SQLITE_TEXT) {
        const char *text = (const char *)sqlite3_column_text(widen, 0);
        size_t length = (size_t)sqlite3_column_bytes(widen, 0);
        corm_decimal value, again;
        char other[CORM__SQLITE_WIDE_TEXT];
        if (corm__sqlite_decimal_parse(text, length, column->places, &value) &&
            length >= CORM_DECIMAL_MAX_DIGITS && value.scale == column->places) {
            corm__sqlite_wide_format(value, other);
            require(corm__sqlite_decimal_parse(other, strlen(other), column->places, &again));
            require(again.low == value.low && again.high == value.high);
        }
    }
    sqlite3_reset(widen);
}

static void check_schema(const corm_fetch_column *read, const char *bytes, size_t size) {
    corm_arena arena = { 0 };
    corm_parsed_table parsed;
    corm_index index = { 0 };
    corm_default value;
    char *text = corm__arena_strndup(&arena, bytes, size);
    const corm_column columns[] = { { .name = "c",
                                      .kind = read->kind,
                                      .digits = read->digits,
                                      .places = read->places },
                                    { 0 } };
    const corm_table table = { .name = "t", .columns = columns };
    corm_column typed = { .name = "c" };
    require(text != NULL);
    require(corm__sqlite_parse_table(&arena, text, &parsed) == 0);
    for (size_t i = 0; i < parsed.n_columns; i++) require(parsed.columns[i].name != NULL);
    require(corm__sqlite_parse_index(&arena, text, &index) == 0);
    corm__sqlite_read_type(text, &typed);
    require(corm__sqlite_read_default(&arena, columns, text, &value) == 0);
    require(value.kind != CORM_DEFAULT_REAL || !isnan(value.real));
    require(corm__sqlite_read_sql(&arena, &table, text) != NULL);
    corm__arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 4) return 0;
    open_once();
    corm_fetch_column column = column_of(data);
    size_t n = size - 4;
    char *bytes = malloc(n + 1); /* exactly so long: reading past the end is seen */
    require(bytes);
    memcpy(bytes + 1, data + 4, n);
    check_read(&column, data[2] % STORAGES, bytes + 1, n);
    if (column.kind == CORM_DECIMAL) check_wide(&column, data[2] % STORAGES, bytes + 1, n);
    if (data[2] % STORAGES == AS_TEXT) check_schema(&column, bytes + 1, n);
    free(bytes);
    return 0;
}
