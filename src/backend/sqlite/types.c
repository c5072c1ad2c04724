/* Values to SQLite and back: see driver.h for how each kind is stored. A column of SQLite may hold
 * any type, so what comes back is checked. */
#include "backend/sqlite/driver.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/real.h"
#include "base/text.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- to SQLite --- */

static char *scratch(corm_stmt *stmt, int index, corm_error_info *error) {
    if (!stmt->scratch) stmt->scratch = calloc((size_t)stmt->n_parameters, sizeof *stmt->scratch);
    if (stmt->scratch) return stmt->scratch[index - 1];
    corm__fail_memory(error);
    return NULL;
}

static int refuse(corm_status status, int index, corm_kind kind, const char *why,
                  corm_error_info *error) {
    return corm__fail(error, status, "parameter %d (%s): %s", index, corm_kind_name(kind), why);
}

static bool fits_int64(corm_decimal value) {
    return value.high == ((int64_t)value.low < 0 ? -1 : 0);
}

static int bind_decimal(corm_stmt *stmt, int index, corm_decimal value, int digits,
                        corm_error_info *error) {
    if (value.scale == CORM_DECIMAL_NAN)
        return refuse(CORM_ERROR_RANGE, index, CORM_DECIMAL, "SQLite has no NaN", error);
    bool wide = digits > CORM__SQLITE_INTEGER_DIGITS;
    if (!wide && fits_int64(value))
        return sqlite3_bind_int64(stmt->handle, index, (int64_t)value.low);
    char *text = scratch(stmt, index, error);
    if (!text) return CORM_ERROR_MEMORY;
    if (wide)
        corm__sqlite_wide_format(value, text);
    else {
        value.scale = 0;
        corm_decimal_format(value, text, sizeof *stmt->scratch);
    }
    return sqlite3_bind_text(stmt->handle, index, text, -1, SQLITE_STATIC);
}

static int bind_moment(corm_stmt *stmt, int index, const corm_value *value,
                       corm_error_info *error) {
    char *text = scratch(stmt, index, error);
    if (!text) return CORM_ERROR_MEMORY;
    size_t size = sizeof *stmt->scratch;
    bool fits = true;
    switch (value->kind) {
    case CORM_DATE:
        fits = value->date.days >= -719162 && value->date.days <= 2932896; /* years 1 to 9999 */
        if (fits) corm_date_format(value->date, text, size);
        break;
    case CORM_TIME:
        fits = value->time.us >= 0 && value->time.us < INT64_C(86400000000);
        if (fits) corm_time_format(value->time, text, size);
        break;
    default:
        fits = value->timestamp.us >= INT64_C(-62135596800000000) &&
               value->timestamp.us < INT64_C(253402300800000000);
        if (fits) corm_timestamp_format(value->timestamp, text, size);
    }
    if (!fits)
        return refuse(CORM_ERROR_RANGE, index, value->kind,
                      "outside the years 1 to 9999, or the day", error);
    return sqlite3_bind_text(stmt->handle, index, text, -1, SQLITE_STATIC);
}

static int bind_text(corm_stmt *stmt, int index, const char *text) {
    if (!text) return sqlite3_bind_null(stmt->handle, index);
    return sqlite3_bind_text64(stmt->handle, index, text, strlen(text), SQLITE_STATIC, SQLITE_UTF8);
}

static int bind_blob(corm_stmt *stmt, int index, corm_blob blob) {
    if (!blob.data) return sqlite3_bind_null(stmt->handle, index);
    return sqlite3_bind_blob64(stmt->handle, index, blob.data, blob.size, SQLITE_STATIC);
}

static int bind(corm_stmt *stmt, int index, const corm_value *value, corm_error_info *error) {
    sqlite3_stmt *handle = stmt->handle;
    switch (value->kind) {
    case CORM_NULL: return sqlite3_bind_null(handle, index);
    case CORM_SMALLINT:
        if (value->integer != (int16_t)value->integer)
            return refuse(CORM_ERROR_RANGE, index, value->kind, "does not fit", error);
        return sqlite3_bind_int64(handle, index, value->integer);
    case CORM_INTEGER:
        if (value->integer != (int32_t)value->integer)
            return refuse(CORM_ERROR_RANGE, index, value->kind, "does not fit", error);
        return sqlite3_bind_int64(handle, index, value->integer);
    case CORM_IDENTITY:
    case CORM_BIGINT: return sqlite3_bind_int64(handle, index, value->integer);
    case CORM_BOOLEAN: return sqlite3_bind_int(handle, index, value->boolean);
    case CORM_REAL:
    case CORM_DOUBLE_PRECISION:
        if (isnan(value->real))
            return refuse(CORM_ERROR_RANGE, index, value->kind, "SQLite has no NaN", error);
        return sqlite3_bind_double(handle, index, value->real);
    case CORM_DECIMAL: return bind_decimal(stmt, index, value->decimal, value->digits, error);
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON:
    case CORM_ENUMERATION: return bind_text(stmt, index, value->text);
    case CORM_BLOB: return bind_blob(stmt, index, value->blob);
    case CORM_DATE:
    case CORM_TIME:
    case CORM_TIMESTAMP: return bind_moment(stmt, index, value, error);
    case CORM_INTERVAL: return sqlite3_bind_int64(handle, index, value->interval.us);
    case CORM_UUID:
        return sqlite3_bind_blob(handle, index, value->uuid.bytes, sizeof value->uuid.bytes,
                                 SQLITE_STATIC);
    case CORM_ARRAY:
        if (!value->array.values && corm__sqlite_array_holds(value->element))
            return corm__sqlite_bind_array(handle, index, value);
        return refuse(CORM_ERROR_UNSUPPORTED, index, value->kind,
                      "SQLite has no arrays of this kind", error);
    case CORM_EXPRESSION:
    case CORM_KIND_COUNT: break;
    }
    return refuse(CORM_ERROR_USAGE, index, value->kind, "not a value", error);
}

int corm__sqlite_bind(corm_stmt *stmt, int index, const corm_value *value, corm_error_info *error) {
    int rc =
        bind(stmt, index, value, error); /* corm's statuses are negative, SQLite's codes positive */
    return rc <= 0 ? rc : corm__sqlite_error(stmt->conn->db, rc, sqlite3_sql(stmt->handle), error);
}

/* --- from SQLite --- */

#define PUT(type, place, column, v)                                                                \
    do {                                                                                           \
        if ((column)->optional) {                                                                  \
            corm_optional_##type *optional_ = (place);                                             \
            optional_->set = true;                                                                 \
            optional_->value = (v);                                                                \
        } else {                                                                                   \
            *(c_##type *)(place) = (v);                                                            \
        }                                                                                          \
    } while (0)
typedef int16_t c_smallint;
typedef int32_t c_integer;
typedef int64_t c_bigint;
typedef bool c_boolean;
typedef float c_real;
typedef double c_double_precision;
typedef corm_decimal c_decimal;
typedef corm_date c_date;
typedef corm_time c_time;
typedef corm_timestamp c_timestamp;
typedef corm_interval c_interval;
typedef corm_uuid c_uuid;

/* The value as SQL writes it, cut where it is long. */
static void describe(sqlite3_value *cell, char *out, int size) {
    enum { SHOWN = 40 };
    int type = sqlite3_value_type(cell), at;
    const unsigned char *bytes = type >= SQLITE_TEXT ? sqlite3_value_blob(cell) : NULL;
    int length = bytes ? sqlite3_value_bytes(cell) : 0;
    bool plain = type == SQLITE_TEXT && length <= SHOWN;
    for (int i = 0; i < length && plain; i++) plain = bytes[i] >= ' ' && bytes[i] != 0x7F;
    switch (type) {
    case SQLITE_NULL: sqlite3_snprintf(size, out, "NULL"); return;
    case SQLITE_INTEGER: sqlite3_snprintf(size, out, "%lld", sqlite3_value_int64(cell)); return;
    case SQLITE_FLOAT: sqlite3_snprintf(size, out, "%!.15g", sqlite3_value_double(cell)); return;
    }
    if (plain && corm__text_valid((const char *)bytes, (size_t)length, NULL)) {
        sqlite3_snprintf(size, out, "the text %.*Q", length, bytes);
        return;
    }
    sqlite3_snprintf(size, out, type == SQLITE_TEXT ? "the text X'" : "the bytes X'");
    at = (int)strlen(out);
    for (int i = 0; i < length && i < SHOWN / 2; i++, at += 2)
        sqlite3_snprintf(size - at, out + at, "%02X", bytes[i]);
    sqlite3_snprintf(size - at, out + at, length > SHOWN / 2 ? "…'" : "'");
}

/* There is no optional form of what is a pointer, nor of an enumeration. */
static void hint_at_null(const corm_fetch_column *column, corm_error_info *error) {
    switch (column->kind) {
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON:
    case CORM_BLOB: corm__error_hint(error, "declare the member .null = true"); break;
    case CORM_ENUMERATION:
        corm__error_hint(error, "give these rows a value, and make the column NOT NULL");
        break;
    case CORM_IDENTITY: corm__error_hint(error, "declare the member optional_bigint"); break;
    default:
        corm__error_hint(error, "declare the member optional_%s", corm_kind_name(column->kind));
    }
}

static int wrong(corm_stmt *stmt, int i, const corm_fetch_column *column, corm_status status,
                 corm_error_info *error) {
    sqlite3_stmt *handle = stmt->handle;
    sqlite3_value *cell = sqlite3_column_value(handle, i);
    const char *name = column->name ? column->name : sqlite3_column_name(handle, i);
    char value[128];
    bool nul = false;
    if (!name) name = "?";
    describe(cell, value, sizeof value);
    if (sqlite3_value_type(cell) == SQLITE_TEXT)
        corm__text_valid(sqlite3_value_blob(cell), (size_t)sqlite3_value_bytes(cell), &nul);
    const char *why = status == CORM_ERROR_RANGE ? "does not fit"
                      : nul                      ? "has a NUL byte, which ends a C string: not"
                                                 : "is not";
    corm__fail(error, status, "%s%s%s: %s %s %s", column->table ? column->table : "column",
               column->table ? "." : " ", name, value, why, corm_kind_name(column->kind));
    corm__error_set(error->column, sizeof error->column, "%s", name);
    if (column->table) corm__error_set(error->table, sizeof error->table, "%s", column->table);
    corm__error_set(error->sql, sizeof error->sql, "%s", sqlite3_sql(handle));
    if (sqlite3_value_type(cell) == SQLITE_NULL)
        hint_at_null(column, error);
    else if (column->kind == CORM_TEXT || column->kind == CORM_VARCHAR)
        corm__error_hint(error, "mend the row, or declare the member blob");
    return corm__sqlite_explain(stmt->conn, column->table, error);
}

static int put_null(const corm_fetch_column *column, void *place) {
    if (!column->null) return CORM_ERROR_TYPE;
#define UNSET(type)                                                                                \
    (column->optional ? memset(place, 0, sizeof(corm_optional_##type))                             \
                      : memset(place, 0, sizeof(c_##type)))
    switch (column->kind) {
    case CORM_SMALLINT: UNSET(smallint); break;
    case CORM_INTEGER: UNSET(integer); break;
    case CORM_IDENTITY:
    case CORM_BIGINT: UNSET(bigint); break;
    case CORM_BOOLEAN: UNSET(boolean); break;
    case CORM_REAL: UNSET(real); break;
    case CORM_DOUBLE_PRECISION: UNSET(double_precision); break;
    case CORM_DECIMAL: UNSET(decimal); break;
    case CORM_DATE: UNSET(date); break;
    case CORM_TIME: UNSET(time); break;
    case CORM_TIMESTAMP: UNSET(timestamp); break;
    case CORM_INTERVAL: UNSET(interval); break;
    case CORM_UUID: UNSET(uuid); break;
    case CORM_BLOB: memset(place, 0, sizeof(corm_blob)); break;
    case CORM_ENUMERATION: *(int *)place = 0; break;
    default: *(const char **)place = NULL;
    }
#undef UNSET
    return CORM_OK;
}

/* A REAL that is a whole number is an integer too: SQLite's own arithmetic may have made it. */
static int whole_number(sqlite3_value *cell, int64_t *out) {
    if (sqlite3_value_type(cell) != SQLITE_FLOAT) return CORM_ERROR_TYPE;
    double value = sqlite3_value_double(cell);
    if (value != floor(value)) return CORM_ERROR_TYPE;
    if (value < -9223372036854775808.0 || value >= 9223372036854775808.0) return CORM_ERROR_RANGE;
    *out = (int64_t)value;
    return CORM_OK;
}

static int get_integer(sqlite3_value *cell, const corm_fetch_column *column, void *place) {
    int64_t value = 0;
    if (sqlite3_value_type(cell) == SQLITE_INTEGER)
        value = sqlite3_value_int64(cell);
    else {
        int status = whole_number(cell, &value);
        if (status) return status;
    }
    switch (column->kind) {
    case CORM_SMALLINT:
        if (value != (int16_t)value) return CORM_ERROR_RANGE;
        PUT(smallint, place, column, (int16_t)value);
        break;
    case CORM_INTEGER:
        if (value != (int32_t)value) return CORM_ERROR_RANGE;
        PUT(integer, place, column, (int32_t)value);
        break;
    case CORM_BOOLEAN: PUT(boolean, place, column, value != 0); break;
    case CORM_INTERVAL: PUT(interval, place, column, ((corm_interval){ value })); break;
    default: PUT(bigint, place, column, value);
    }
    return CORM_OK;
}

static int get_double(sqlite3_value *cell, const corm_fetch_column *column, void *place) {
    int type = sqlite3_value_type(cell);
    if (type != SQLITE_FLOAT && type != SQLITE_INTEGER) return CORM_ERROR_TYPE;
    double value = sqlite3_value_double(cell);
    bool exact = type == SQLITE_FLOAT ||
                 (value < 9223372036854775808.0 && (int64_t)value == sqlite3_value_int64(cell));
    if (!exact || (column->kind == CORM_REAL && isfinite(value) && fabs(value) > FLT_MAX))
        return CORM_ERROR_RANGE;
    if (column->kind == CORM_REAL)
        PUT(real, place, column, (float)value);
    else
        PUT(double_precision, place, column, value);
    return CORM_OK;
}

/* A table's own column holds units, or the value of a wide one; what is anything else is not
 * rounded. Of an expression it is as near as its type is. */
static int get_decimal(sqlite3_value *cell, const corm_fetch_column *column, void *place) {
    corm_decimal value;
    char text[64];
    int status = CORM_OK;
    switch (sqlite3_value_type(cell)) {
    case SQLITE_INTEGER:
        value.low = (uint64_t)sqlite3_value_int64(cell);
        value.high = (int64_t)value.low < 0 ? -1 : 0;
        value.scale = column->places;
        break;
    case SQLITE_FLOAT:
        sqlite3_snprintf(sizeof text, text, "%!.15g", sqlite3_value_double(cell));
        status = corm_decimal_parse(text, &value);
        break;
    case SQLITE_TEXT:
        if (!corm__sqlite_decimal_parse((const char *)sqlite3_value_text(cell),
                                        (size_t)sqlite3_value_bytes(cell), column->places, &value))
            return CORM_ERROR_TYPE;
        break;
    default: return CORM_ERROR_TYPE;
    }
    if (!status && value.scale != column->places && column->digits)
        status = corm_decimal_rescale(value, column->places, !column->table, &value);
    if (!status && column->table && !corm__sqlite_decimal_fits(value, column->digits))
        status = CORM_ERROR_RANGE;
    if (!status) PUT(decimal, place, column, value);
    return status;
}

/* What another program stored: a number is its text, bytes are not. */
static int get_text(sqlite3_value *cell, void *place, corm_arena *arena) {
    int type = sqlite3_value_type(cell);
    if (type == SQLITE_BLOB) return CORM_ERROR_TYPE;
    const unsigned char *text = sqlite3_value_text(cell);
    if (!text) return CORM_ERROR_MEMORY;
    size_t size = (size_t)sqlite3_value_bytes(cell);
    if (type == SQLITE_TEXT && !corm__text_valid((const char *)text, size, NULL))
        return CORM_ERROR_TYPE;
    char *copy = corm__arena_bytes(arena, size + 1);
    if (!copy) return CORM_ERROR_MEMORY;
    *(const char **)place = memcpy(copy, text, size + 1);
    return CORM_OK;
}

static int get_blob(sqlite3_value *cell, void *place, corm_arena *arena) {
    const void *data = sqlite3_value_blob(cell);
    size_t size = (size_t)sqlite3_value_bytes(cell);
    if (size && !data) return CORM_ERROR_MEMORY;
    char *copy = corm__arena_bytes(arena, size);
    if (!copy) return CORM_ERROR_MEMORY;
    if (size) memcpy(copy, data, size);
    *(corm_blob *)place = (corm_blob){ copy, size };
    return CORM_OK;
}

static int get_moment(sqlite3_value *cell, const corm_fetch_column *column, void *place) {
    if (sqlite3_value_type(cell) != SQLITE_TEXT) return CORM_ERROR_TYPE;
    const char *text = (const char *)sqlite3_value_text(cell);
    if (!text) return CORM_ERROR_MEMORY;
    int status;
    if (column->kind == CORM_TIMESTAMP) {
        corm_timestamp value;
        if ((status = corm_timestamp_parse(text, &value)) == 0)
            PUT(timestamp, place, column, value);
    } else if (column->kind == CORM_DATE) {
        corm_date value;
        if ((status = corm_date_parse(text, &value)) == 0) PUT(date, place, column, value);
    } else {
        corm_time value;
        if ((status = corm_time_parse(text, &value)) == 0) PUT(time, place, column, value);
    }
    return status;
}

static int get_uuid(sqlite3_value *cell, const corm_fetch_column *column, void *place) {
    corm_uuid value;
    if (sqlite3_value_type(cell) == SQLITE_TEXT) { /* written by hand */
        const char *text = (const char *)sqlite3_value_text(cell);
        if (!text) return CORM_ERROR_MEMORY;
        int status = corm_uuid_parse(text, &value);
        if (status) return status;
    } else {
        const void *data = sqlite3_value_blob(cell);
        if (!data || sqlite3_value_bytes(cell) != sizeof value.bytes) return CORM_ERROR_TYPE;
        memcpy(value.bytes, data, sizeof value.bytes);
    }
    PUT(uuid, place, column, value);
    return CORM_OK;
}

static int get_label(sqlite3_value *cell, const corm_fetch_column *column, void *place) {
    if (sqlite3_value_type(cell) == SQLITE_BLOB) return CORM_ERROR_TYPE;
    const char *text = (const char *)sqlite3_value_text(cell);
    if (!text) return CORM_ERROR_MEMORY;
    for (size_t label = 0; column->labels && column->labels[label]; label++) {
        if (strcmp(column->labels[label], text) != 0) continue;
        *(int *)place = column->values[label];
        return CORM_OK;
    }
    return CORM_ERROR_TYPE;
}

static int get(sqlite3_value *cell, const corm_fetch_column *column, void *place,
               corm_arena *arena) {
    switch (column->kind) {
    case CORM_IDENTITY:
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_BIGINT:
    case CORM_BOOLEAN:
    case CORM_INTERVAL: return get_integer(cell, column, place);
    case CORM_REAL:
    case CORM_DOUBLE_PRECISION: return get_double(cell, column, place);
    case CORM_DECIMAL: return get_decimal(cell, column, place);
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON: return get_text(cell, place, arena);
    case CORM_BLOB: return get_blob(cell, place, arena);
    case CORM_DATE:
    case CORM_TIME:
    case CORM_TIMESTAMP: return get_moment(cell, column, place);
    case CORM_UUID: return get_uuid(cell, column, place);
    case CORM_ENUMERATION: return get_label(cell, column, place);
    default: return CORM_ERROR_UNSUPPORTED;
    }
}

/* Values of a row are read as sqlite3_value: half the calls and checks of sqlite3_column_*. That is
 * allowed where no mutex is at work, and the connection is opened without. */
int corm__sqlite_fetch_row(corm_stmt *stmt, const corm_fetch *fetch, void **objects,
                           corm_arena *arena, corm_error_info *error) {
    sqlite3_stmt *handle = stmt->handle;
    if (sqlite3_data_count(handle) < (int)fetch->n_columns)
        return corm__fail(error, CORM_ERROR_USAGE, "the result has %d columns, %u are read",
                          sqlite3_data_count(handle), fetch->n_columns);
    for (int i = 0; i < (int)fetch->n_columns; i++) {
        const corm_fetch_column *column = &fetch->columns[i];
        if (!objects[column->object]) continue;
        void *place = (char *)objects[column->object] + column->offset;
        sqlite3_value *cell = sqlite3_column_value(handle, i);
        int status;
        if (sqlite3_value_type(cell) != SQLITE_NULL)
            status = get(cell, column, place, arena);
        else if (column->probe) {
            objects[column->object] = NULL;
            continue;
        } else
            status = put_null(column, place);
        if (!status || (column->lenient && status != CORM_ERROR_MEMORY)) continue;
        if (status == CORM_ERROR_MEMORY) return corm__fail_memory(error);
        return wrong(stmt, i, column, status, error);
    }
    return 1;
}
