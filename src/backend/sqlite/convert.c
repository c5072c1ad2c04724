/* corm_cast(value, 'old type', 'new type'): a value of a column whose type a migration changes. By
 * way of its text; a value that does not fit is an error, as with ALTER COLUMN TYPE on PostgreSQL.
 * Numbers are rounded half away from zero. */
#include "backend/sqlite/declaration.h"
#include "backend/sqlite/driver.h"
#include "base/ascii.h"
#include "base/real.h"
#include "base/text.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 64 };

/* INTEGER stands for an identity or an integer: either holds what the other does, as far as reading
 * goes. */
static void type_of(sqlite3_value *declared, corm_column *column) {
    const char *text = (const char *)sqlite3_value_text(declared);
    *column = (corm_column){ 0 };
    corm__sqlite_read_type(text ? text : "", column);
}

/* The value as text: small ones in buffer. NULL when it is not of its own type. */
static const char *text_of(sqlite3_value *value, const corm_column *from, char *buffer) {
    int type = sqlite3_value_type(value);
    corm_decimal decimal;
    corm_uuid uuid;
    switch (from->kind) {
    case CORM_DECIMAL: {
        const char *units = (const char *)sqlite3_value_text(value);
        size_t size = (size_t)sqlite3_value_bytes(value);
        if (type == SQLITE_FLOAT ||
            !corm__sqlite_decimal_parse(units, size, from->places, &decimal))
            return NULL;
        return corm_decimal_format(decimal, buffer, TEXT_SIZE);
    }
    case CORM_UUID:
        if (type != SQLITE_BLOB || sqlite3_value_bytes(value) != sizeof uuid.bytes) return NULL;
        memcpy(uuid.bytes, sqlite3_value_blob(value), sizeof uuid.bytes);
        return corm_uuid_format(uuid, buffer, TEXT_SIZE);
    case CORM_REAL:
    case CORM_DOUBLE_PRECISION: {
        int digits = from->kind == CORM_REAL ? 6 : 15;
        do
            corm__format(buffer, TEXT_SIZE, "%.*g", digits,
                         sqlite3_value_double(value)); /* the shortest that is the same number */
        while (digits++ < 17 && corm__real_parse(buffer, NULL) != sqlite3_value_double(value));
        return buffer;
    }
    default: return (const char *)sqlite3_value_text(value);
    }
}

static void fail(sqlite3_context *context, const corm_column *to, const char *what) {
    char message[128];
    snprintf(message, sizeof message, "a value %s %s%s", what,
             strcmp(what, "does not fit") == 0 ? "" : "a ", corm_kind_name(to->kind));
    sqlite3_result_error(context, message, -1);
}

static void to_integer(sqlite3_context *context, const char *text, const corm_column *to) {
    corm_decimal value;
    if (corm_decimal_parse(text, &value) != 0 || value.scale == CORM_DECIMAL_NAN) {
        fail(context, to, "is not");
        return;
    }
    bool fits = corm_decimal_rescale(value, 0, true, &value) == 0 &&
                value.high == ((int64_t)value.low < 0 ? -1 : 0);
    int64_t integer = (int64_t)value.low;
    if (to->kind == CORM_SMALLINT) fits = fits && integer == (int16_t)integer;
    if (to->kind == CORM_INTEGER) fits = fits && integer == (int32_t)integer;
    if (fits)
        sqlite3_result_int64(context, integer);
    else
        fail(context, to, "does not fit");
}

static void to_decimal(sqlite3_context *context, const char *text, const corm_column *to) {
    corm_decimal value;
    char digits[CORM__SQLITE_WIDE_TEXT];
    if (corm_decimal_parse(text, &value) != 0 || value.scale == CORM_DECIMAL_NAN) {
        fail(context, to, "is not");
        return;
    }
    if (corm_decimal_rescale(value, to->places, true, &value) != 0) {
        fail(context, to, "does not fit");
        return;
    }
    if (!corm__sqlite_decimal_fits(value, to->digits))
        fail(context, to, "does not fit");
    else if (to->digits > CORM__SQLITE_INTEGER_DIGITS) {
        corm__sqlite_wide_format(value, digits);
        sqlite3_result_text(context, digits, -1, SQLITE_TRANSIENT);
    } else
        sqlite3_result_int64(context, (int64_t)value.low);
}

static void to_double(sqlite3_context *context, const char *text, const corm_column *to) {
    char *end;
    double value = corm__real_parse(text, &end);
    if (end == text || *end || isnan(value))
        fail(context, to, "is not");
    else
        sqlite3_result_double(context, value);
}

static void to_boolean(sqlite3_context *context, const char *text, const corm_column *to) {
    static const char *const words[] = { "0", "1", "false", "true", "f",   "t",
                                         "n", "y", "no",    "yes",  "off", "on" };
    for (int i = 0; i < 12; i++) {
        if (corm__compare_nocase(text, words[i]) != 0) continue;
        sqlite3_result_int(context, i & 1);
        return;
    }
    fail(context, to, "is not");
}

static void to_text(sqlite3_context *context, const char *text, const corm_column *to) {
    size_t characters = 0;
    for (const char *c = text; *c; c++) characters += (*c & 0xC0) != 0x80;
    if (to->kind == CORM_VARCHAR && to->max_length > 0 && characters > (size_t)to->max_length)
        fail(context, to, "does not fit");
    else if (to->kind == CORM_JSON && corm__json_check(text, CORM__JSON_DEEPEST))
        fail(context, to, "is not");
    else
        sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

static void to_moment(sqlite3_context *context, const char *text, const corm_column *to) {
    char buffer[TEXT_SIZE], day[TEXT_SIZE];
    corm_timestamp timestamp;
    corm_date date;
    corm_time time;
    bool has_timestamp = corm_timestamp_parse(text, &timestamp) == 0;
    if (!has_timestamp && corm_date_parse(text, &date) == 0) {
        snprintf(day, sizeof day, "%.10s 00:00:00", text);
        has_timestamp = corm_timestamp_parse(day, &timestamp) == 0;
    }
    if (has_timestamp && to->kind != CORM_TIME)
        corm_timestamp_format(timestamp, buffer, sizeof buffer);
    if (has_timestamp && to->kind == CORM_TIMESTAMP)
        sqlite3_result_text(context, buffer, -1, SQLITE_TRANSIENT);
    else if (has_timestamp && to->kind == CORM_DATE)
        sqlite3_result_text(context, buffer, 10, SQLITE_TRANSIENT);
    else if (to->kind == CORM_TIME &&
             corm_time_parse(has_timestamp && strlen(text) > 11 ? text + 11 : text, &time) == 0)
        sqlite3_result_text(context, corm_time_format(time, buffer, sizeof buffer), -1,
                            SQLITE_TRANSIENT);
    else
        fail(context, to, "is not");
}

static void to_uuid(sqlite3_context *context, const char *text, const corm_column *to) {
    corm_uuid uuid;
    if (corm_uuid_parse(text, &uuid) == 0)
        sqlite3_result_blob(context, uuid.bytes, sizeof uuid.bytes, SQLITE_TRANSIENT);
    else
        fail(context, to, "is not");
}

static void cast(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    corm_column from, to;
    char buffer[TEXT_SIZE];
    if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
    type_of(values[1], &from);
    type_of(values[2], &to);
    const char *text = text_of(values[0], &from, buffer);
    if (!text) {
        fail(context, &from, "is not");
        return;
    }
    bool number = from.kind == CORM_SMALLINT || from.kind == CORM_INTEGER ||
                  from.kind == CORM_BIGINT || from.kind == CORM_DECIMAL || from.kind == CORM_REAL ||
                  from.kind == CORM_DOUBLE_PRECISION;
    if (number && to.kind == CORM_BOOLEAN) text = sqlite3_value_double(values[0]) != 0 ? "1" : "0";
    if (from.kind == CORM_BOOLEAN && (to.kind == CORM_TEXT || to.kind == CORM_VARCHAR))
        text = sqlite3_value_int(values[0]) ? "true" : "false";
    switch (to.kind) {
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_BIGINT:
    case CORM_INTERVAL: to_integer(context, text, &to); break;
    case CORM_DECIMAL: to_decimal(context, text, &to); break;
    case CORM_REAL:
    case CORM_DOUBLE_PRECISION: to_double(context, text, &to); break;
    case CORM_BOOLEAN: to_boolean(context, text, &to); break;
    case CORM_DATE:
    case CORM_TIME:
    case CORM_TIMESTAMP: to_moment(context, text, &to); break;
    case CORM_UUID: to_uuid(context, text, &to); break;
    case CORM_BLOB: sqlite3_result_blob(context, text, (int)strlen(text), SQLITE_TRANSIENT); break;
    default: to_text(context, text, &to);
    }
}

/* The nearest real. */
static void single(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    if (sqlite3_value_type(values[0]) != SQLITE_NULL)
        sqlite3_result_double(context, (float)sqlite3_value_double(values[0]));
}

int corm__sqlite_cast_function(corm_conn *conn) {
    int rc = sqlite3_create_function_v2(conn->db, "corm_single", 1,
                                        SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                        single, NULL, NULL, NULL);
    if (rc != SQLITE_OK) return rc;
    return sqlite3_create_function_v2(conn->db, "corm_cast", 3,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                      cast, NULL, NULL, NULL);
}
