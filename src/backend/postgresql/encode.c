/* Values as PostgreSQL's binary format, for parameters and for COPY: each is a length in four bytes
 * and that many bytes, big-endian. */
#include "backend/postgresql/postgresql.h"
#include "base/error.h"
#include <math.h>
#include <string.h>

#define EPOCH_DAYS 10957 /* from 1970-01-01 to 2000-01-01, PostgreSQL's epoch */
#define EPOCH_US (EPOCH_DAYS * 86400000000LL)
#define FIRST_DAY (-719162) /* 0001-01-01 */
#define LAST_DAY 2932896    /* 9999-12-31 */
#define DAY_US 86400000000LL

Oid corm__pg_type(corm_kind kind) {
    switch (kind) {
    case CORM_IDENTITY:
    case CORM_BIGINT: return PG_INT8;
    case CORM_SMALLINT: return PG_INT2;
    case CORM_INTEGER: return PG_INT4;
    case CORM_BOOLEAN: return PG_BOOL;
    case CORM_REAL: return PG_FLOAT4;
    case CORM_DOUBLE_PRECISION: return PG_FLOAT8;
    case CORM_DECIMAL: return PG_NUMERIC;
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_ENUMERATION: return PG_TEXT;
    case CORM_BLOB: return PG_BYTEA;
    case CORM_DATE: return PG_DATE;
    case CORM_TIME: return PG_TIME;
    case CORM_TIMESTAMP: return PG_TIMESTAMPTZ;
    case CORM_INTERVAL: return PG_INTERVAL;
    case CORM_UUID: return PG_UUID;
    case CORM_JSON: return PG_JSON;
    case CORM_NULL:
    case CORM_ARRAY:
    case CORM_EXPRESSION:
    case CORM_KIND_COUNT: break;
    }
    return 0;
}

static void put32(corm_buffer *out, uint32_t v) {
    char *p = corm__buffer_reserve(out, 4);
    if (!p) return;
    corm__pg_put32(p, v);
    out->length += 4;
}

static void put64(corm_buffer *out, uint64_t v) {
    put32(out, (uint32_t)(v >> 32));
    put32(out, (uint32_t)v);
}

static int null(corm_buffer *out) {
    put32(out, UINT32_MAX);
    return 0;
}

static int bytes(corm_buffer *out, const void *data, size_t size, corm_error_info *error) {
    if (!data) return null(out);
    if (size > INT32_MAX - 64)
        return corm__fail(error, CORM_ERROR_RANGE,
                          "a value of %zu bytes is too long: PostgreSQL takes 1 GB at most", size);
    put32(out, (uint32_t)size);
    corm__buffer_add(out, data, size);
    return 0;
}

/* v in size bytes, with its length before. */
static int fixed(corm_buffer *out, int size, uint64_t v) {
    char *p = corm__buffer_reserve(out, 12);
    if (!p) return 0;
    v = __builtin_bswap64(v << (64 - 8 * size));
    corm__pg_put32(p, (uint32_t)size);
    memcpy(p + 4, &v, 8);
    out->length += 4 + (size_t)size;
    return 0;
}

static int out_of_range(corm_kind kind, int number, const char *why, corm_error_info *error) {
    return corm__fail(error, CORM_ERROR_RANGE, "value %d does not fit a %s: %s", number,
                      corm_kind_name(kind), why);
}

static int real(corm_buffer *out, double v, corm_kind kind, int number, corm_error_info *error) {
    if (kind == CORM_DOUBLE_PRECISION) {
        uint64_t bits;
        memcpy(&bits, &v, sizeof bits);
        return fixed(out, 8, bits);
    }
    float f = (float)v;
    if (isinf(f) && !isinf(v)) return out_of_range(kind, number, "it is too large", error);
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return fixed(out, 4, bits);
}

static int decimal(corm_buffer *out, corm_decimal value, int number, corm_error_info *error) {
    const char *why = NULL;
    return corm__pg_put_numeric(out, value, &why) ? out_of_range(CORM_DECIMAL, number, why, error)
                                                  : 0;
}

static int integer(corm_buffer *out, int64_t v, corm_kind kind, int number,
                   corm_error_info *error) {
    switch ((int)kind) {
    case CORM_SMALLINT:
        if (v < INT16_MIN || v > INT16_MAX)
            return out_of_range(kind, number, "it holds -32768 to 32767", error);
        return fixed(out, 2, (uint64_t)v);
    case CORM_INTEGER:
        if (v < INT32_MIN || v > INT32_MAX)
            return out_of_range(kind, number, "it holds -2147483648 to 2147483647", error);
        return fixed(out, 4, (uint64_t)v);
    case CORM_REAL:
    case CORM_DOUBLE_PRECISION: return real(out, (double)v, kind, number, error);
    case CORM_DECIMAL: return decimal(out, corm_decimal_of(v, 0), number, error);
    default: return fixed(out, 8, (uint64_t)v);
    }
}

static int day(corm_buffer *out, corm_date v, int number, corm_error_info *error) {
    if (v.days < FIRST_DAY || v.days > LAST_DAY)
        return out_of_range(CORM_DATE, number, "years are 1 to 9999", error);
    return fixed(out, 4, (uint64_t)(v.days - EPOCH_DAYS));
}

static int moment(corm_buffer *out, corm_timestamp v, int number, corm_error_info *error) {
    if (v.us < FIRST_DAY * DAY_US || v.us >= (LAST_DAY + 1) * DAY_US)
        return out_of_range(CORM_TIMESTAMP, number, "years are 1 to 9999", error);
    return fixed(out, 8, (uint64_t)(v.us - EPOCH_US));
}

static int time_of_day(corm_buffer *out, corm_time v, int number, corm_error_info *error) {
    if (v.us < 0 || v.us >= DAY_US)
        return out_of_range(CORM_TIME, number, "a day has 0 to 86399999999 microseconds", error);
    return fixed(out, 8, (uint64_t)v.us);
}

static int array(corm_buffer *out, const corm_value *value, int number, corm_error_info *error) {
    corm_kind element = value->element;
    size_t n = value->array.length;
    if (!value->array.items) return null(out);
    if (n > INT32_MAX / 16) return out_of_range(CORM_ARRAY, number, "it has too many items", error);
    Oid type = corm__pg_type(element);
    if (!type)
        return corm__fail(error, CORM_ERROR_TYPE,
                          "value %d is an array of %s, which PostgreSQL does not have", number,
                          corm_kind_name(element));
    size_t start = out->length;
    put32(out, 0);
    put32(out, n ? 1 : 0);
    put32(out, 0);
    put32(out, type);
    if (n) {
        put32(out, (uint32_t)n);
        put32(out, 1);
    }
    for (size_t i = 0; i < n; i++) {
        corm_value item = { .kind = element };
        const void *items = value->array.items;
        if (value->array.values)
            item = ((const corm_value *)items)[i];
        else
            switch ((int)element) {
            case CORM_SMALLINT: item.integer = ((const int16_t *)items)[i]; break;
            case CORM_INTEGER: item.integer = ((const int32_t *)items)[i]; break;
            case CORM_BIGINT:
            case CORM_IDENTITY: item.integer = ((const int64_t *)items)[i]; break;
            case CORM_BOOLEAN: item.boolean = ((const bool *)items)[i]; break;
            case CORM_REAL: item.real = ((const float *)items)[i]; break;
            case CORM_DOUBLE_PRECISION: item.real = ((const double *)items)[i]; break;
            case CORM_DECIMAL: item.decimal = ((const corm_decimal *)items)[i]; break;
            case CORM_BLOB: item.blob = ((const corm_blob *)items)[i]; break;
            case CORM_DATE: item.date = ((const corm_date *)items)[i]; break;
            case CORM_TIME: item.time = ((const corm_time *)items)[i]; break;
            case CORM_TIMESTAMP: item.timestamp = ((const corm_timestamp *)items)[i]; break;
            case CORM_INTERVAL: item.interval = ((const corm_interval *)items)[i]; break;
            case CORM_UUID: item.uuid = ((const corm_uuid *)items)[i]; break;
            default: item.text = ((const char *const *)items)[i];
            }
        int status = corm__pg_encode(out, &item, element, number, error);
        if (status) return status;
    }
    if (out->broken) return corm__fail_memory(error);
    if (out->length - start > INT32_MAX)
        return out_of_range(CORM_ARRAY, number, "it is larger than 1 GB", error);
    corm__pg_put32(out->data + start, (uint32_t)(out->length - start - 4));
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

int corm__pg_encode(corm_buffer *out, const corm_value *value, corm_kind kind, int number,
                    corm_error_info *error) {
    corm_kind given = value->kind;
    if (kind == CORM_NULL) kind = given;
    if (given == CORM_NULL) return null(out);
    if (is_integer(given) && (is_integer(kind) || is_real(kind) || kind == CORM_DECIMAL))
        return integer(out, value->integer, kind, number, error);
    if (is_real(given) && is_real(kind)) return real(out, value->real, kind, number, error);
    if (is_text(given) && is_text(kind))
        return bytes(out, value->text, value->text ? strlen(value->text) : 0, error);
    if (given == kind) {
        switch ((int)kind) {
        case CORM_BOOLEAN: return fixed(out, 1, value->boolean);
        case CORM_DECIMAL: return decimal(out, value->decimal, number, error);
        case CORM_BLOB: return bytes(out, value->blob.data, value->blob.size, error);
        case CORM_DATE: return day(out, value->date, number, error);
        case CORM_TIME: return time_of_day(out, value->time, number, error);
        case CORM_TIMESTAMP: return moment(out, value->timestamp, number, error);
        case CORM_UUID: return bytes(out, value->uuid.bytes, 16, error);
        case CORM_ARRAY: return array(out, value, number, error);
        case CORM_INTERVAL:
            put32(out, 16);
            put64(out, (uint64_t)value->interval.us);
            put64(out, 0); /* days, months */
            return 0;
        }
    }
    return corm__fail(error, CORM_ERROR_TYPE, "value %d is of kind %s where %s is wanted", number,
                      corm_kind_name(given), corm_kind_name(kind));
}
