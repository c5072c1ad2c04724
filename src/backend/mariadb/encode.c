/* Values as parameters of a prepared statement. */
#include "backend/mariadb/statement.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define FIRST_DAY (-719162) /* 0001-01-01 */
#define LAST_DAY 2932896    /* 9999-12-31 */
#define DAY_US 86400000000LL

static int out_of_range(corm_kind kind, int number, const char *why, corm_error_info *error) {
    return corm__fail(error, CORM_ERROR_RANGE, "value %d does not fit a %s: %s", number,
                      corm_kind_name(kind), why);
}

static int null(MYSQL_BIND *bind) {
    bind->buffer_type = MYSQL_TYPE_NULL;
    return 0;
}

static int bytes(MYSQL_BIND *bind, enum enum_field_types type, const void *data, size_t size,
                 int number, corm_error_info *error) {
    if (!data) return null(bind);
    if (size > INT32_MAX - 64)
        return corm__fail(error, CORM_ERROR_RANGE,
                          "value %d of %zu bytes is too long: MariaDB takes 1 GB at most", number,
                          size);
    bind->buffer_type = type;
    bind->buffer = (void *)(uintptr_t)data;
    bind->buffer_length = bind->length_value = size;
    return 0;
}

static int real(MYSQL_BIND *bind, corm_mariadb_scratch *room, double v, corm_kind kind, int number,
                corm_error_info *error) {
    if (!isfinite(v))
        return out_of_range(kind, number, "MariaDB has no NaN and no infinity", error);
    if (kind == CORM_DOUBLE_PRECISION) {
        room->real = v;
        bind->buffer_type = MYSQL_TYPE_DOUBLE;
        return 0;
    }
    room->real4 = (float)v;
    if (isinf(room->real4)) return out_of_range(kind, number, "it is too large", error);
    bind->buffer_type = MYSQL_TYPE_FLOAT;
    return 0;
}

static int decimal(MYSQL_BIND *bind, corm_mariadb_scratch *room, corm_decimal v, int number,
                   corm_error_info *error) {
    if (v.scale == CORM_DECIMAL_NAN)
        return out_of_range(CORM_DECIMAL, number, "MariaDB has no NaN", error);
    corm_decimal_format(v, room->text, sizeof room->text);
    return bytes(bind, MYSQL_TYPE_NEWDECIMAL, room->text, strlen(room->text), number, error);
}

static int integer(MYSQL_BIND *bind, corm_mariadb_scratch *room, int64_t v, corm_kind kind,
                   int number, corm_error_info *error) {
    switch ((int)kind) {
    case CORM_SMALLINT:
        if (v < INT16_MIN || v > INT16_MAX)
            return out_of_range(kind, number, "it holds -32768 to 32767", error);
        break;
    case CORM_INTEGER:
        if (v < INT32_MIN || v > INT32_MAX)
            return out_of_range(kind, number, "it holds -2147483648 to 2147483647", error);
        break;
    case CORM_REAL:
    case CORM_DOUBLE_PRECISION: return real(bind, room, (double)v, kind, number, error);
    case CORM_DECIMAL: return decimal(bind, room, corm_decimal_of(v, 0), number, error);
    }
    room->integer = v;
    bind->buffer_type = MYSQL_TYPE_LONGLONG;
    return 0;
}

static void set_day(MYSQL_TIME *moment, int64_t days) {
    int year = 0, month = 0, day = 0;
    corm_date_split((corm_date){ (int32_t)days }, &year, &month, &day);
    moment->year = (unsigned)year;
    moment->month = (unsigned)month;
    moment->day = (unsigned)day;
}

static void set_time(MYSQL_TIME *moment, int64_t us) {
    moment->hour = (unsigned)(us / 3600000000);
    moment->minute = (unsigned)(us / 60000000 % 60);
    moment->second = (unsigned)(us / 1000000 % 60);
    moment->second_part = (unsigned long)(us % 1000000);
}

static int moment(MYSQL_BIND *bind, corm_mariadb_scratch *room, const corm_value *value, int number,
                  corm_error_info *error) {
    room->moment = (MYSQL_TIME){ .year = 0 };
    if (value->kind == CORM_DATE) {
        if (value->date.days < FIRST_DAY || value->date.days > LAST_DAY)
            return out_of_range(CORM_DATE, number, "years are 1 to 9999", error);
        set_day(&room->moment, value->date.days);
        bind->buffer_type = MYSQL_TYPE_DATE;
    } else if (value->kind == CORM_TIME) {
        if (value->time.us < 0 || value->time.us >= DAY_US)
            return out_of_range(CORM_TIME, number, "a day has 0 to 86399999999 microseconds",
                                error);
        set_time(&room->moment, value->time.us);
        bind->buffer_type = MYSQL_TYPE_TIME;
    } else {
        int64_t us = value->timestamp.us;
        if (us < FIRST_DAY * DAY_US || us >= (LAST_DAY + 1) * DAY_US)
            return out_of_range(CORM_TIMESTAMP, number, "years are 1 to 9999", error);
        int64_t days = us / DAY_US - (us % DAY_US < 0);
        set_day(&room->moment, days);
        set_time(&room->moment, us - days * DAY_US);
        bind->buffer_type = MYSQL_TYPE_DATETIME;
    }
    return 0;
}

static bool is_integer(corm_kind kind) {
    return kind == CORM_IDENTITY || kind == CORM_SMALLINT || kind == CORM_INTEGER ||
           kind == CORM_BIGINT;
}
static bool is_real(corm_kind kind) { return kind == CORM_REAL || kind == CORM_DOUBLE_PRECISION; }
static bool is_text(corm_kind kind) {
    return kind == CORM_VARCHAR || kind == CORM_TEXT || kind == CORM_JSON ||
           kind == CORM_ENUMERATION;
}

int corm__mariadb_bind(MYSQL_BIND *bind, corm_mariadb_scratch *room, const corm_value *value,
                       corm_kind kind, int number, corm_error_info *error) {
    corm_kind given = value->kind;
    if (kind == CORM_NULL) kind = given;
    *bind = (MYSQL_BIND){ .buffer = room };
    if (given == CORM_NULL) return null(bind);
    if (is_integer(given) && (is_integer(kind) || is_real(kind) || kind == CORM_DECIMAL))
        return integer(bind, room, value->integer, kind, number, error);
    if (is_real(given) && is_real(kind)) return real(bind, room, value->real, kind, number, error);
    if (is_text(given) && is_text(kind))
        return bytes(bind, MYSQL_TYPE_STRING, value->text, value->text ? strlen(value->text) : 0,
                     number, error);
    if (given == kind) {
        switch ((int)kind) {
        case CORM_BOOLEAN:
            room->boolean = value->boolean;
            bind->buffer_type = MYSQL_TYPE_TINY;
            return 0;
        case CORM_DECIMAL: return decimal(bind, room, value->decimal, number, error);
        case CORM_BLOB:
            return bytes(bind, MYSQL_TYPE_BLOB, value->blob.data, value->blob.size, number, error);
        case CORM_DATE:
        case CORM_TIME:
        case CORM_TIMESTAMP: return moment(bind, room, value, number, error);
        case CORM_UUID:
            return bytes(bind, MYSQL_TYPE_BLOB, value->uuid.bytes, sizeof value->uuid.bytes, number,
                         error);
        case CORM_INTERVAL:
            return integer(bind, room, value->interval.us, CORM_BIGINT, number, error);
        }
    }
    return corm__fail(error, CORM_ERROR_TYPE, "value %d is of kind %s where %s is wanted", number,
                      corm_kind_name(given), corm_kind_name(kind));
}

static void put_text(const char *text, corm_buffer *out) {
    corm__buffer_putc(out, '"');
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20) {
            corm__buffer_printf(out, "\\u%04x", (unsigned)*text);
            continue;
        }
        if (*text == '"' || *text == '\\') corm__buffer_putc(out, '\\');
        corm__buffer_putc(out, *text);
    }
    corm__buffer_putc(out, '"');
}

static void put_uuid(const corm_uuid *uuid, corm_buffer *out) {
    corm__buffer_putc(out, '"');
    for (size_t i = 0; i < sizeof uuid->bytes; i++)
        corm__buffer_printf(out, "%02x", uuid->bytes[i]);
    corm__buffer_putc(out, '"');
}

int corm__mariadb_array(const corm_value *array, corm_arena *arena, corm_value *out,
                        corm_error_info *error) {
    corm_buffer json = { 0 };
    bool known = !array->array.values;
    for (size_t i = 0; i < array->array.length && known; i++) {
        const void *items = array->array.items;
        corm__buffer_putc(&json, i ? ',' : '[');
        switch ((int)array->element) {
        case CORM_INTEGER: corm__buffer_printf(&json, "%d", ((const int32_t *)items)[i]); break;
        case CORM_BIGINT:
            corm__buffer_printf(&json, "%lld", (long long)((const int64_t *)items)[i]);
            break;
        case CORM_TEXT: put_text(((const char *const *)items)[i], &json); break;
        case CORM_UUID: put_uuid(&((const corm_uuid *)items)[i], &json); break;
        default: known = false;
        }
    }
    corm__buffer_puts(&json, array->array.length ? "]" : "[]");
    *out = (corm_value){ .kind = CORM_TEXT, .text = corm__buffer_copy(&json, arena) };
    bool broken = !out->text;
    corm__buffer_release(&json);
    if (!known)
        return corm__fail(error, CORM_ERROR_UNSUPPORTED, "MariaDB has no arrays of %s",
                          corm_kind_name(array->element));
    return broken ? corm__fail_memory(error) : 0;
}
