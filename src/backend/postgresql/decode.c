/* Binary values of results into members of structs.
 *
 * How a column is read depends on the type that the server sent and the kind that the struct has.
 * Both are looked at once for each execution, which gives a small number (`how`); then each value
 * is one switch over it. All lengths are checked: what comes over the wire is not trusted. */
#include "backend/postgresql/postgresql.h"
#include "base/error.h"
#include "base/kind.h"
#include <math.h>
#include <string.h>

#define EPOCH_DAYS 10957
#define EPOCH_US (EPOCH_DAYS * 86400000000LL)
#define DAY_US 86400000000LL
#define FIRST_DAY (-719162)
#define LAST_DAY 2932896

typedef __int128 wide;

enum how {
    HOW_SKIP,
    HOW_INT64,
    HOW_INT32,
    HOW_INT16, /* the same width on both sides */
    HOW_TO_INT64,
    HOW_TO_INT32,
    HOW_TO_INT16, /* an integer of any width, or a numeric, with a check */
    HOW_BOOL,
    HOW_FLOAT,
    HOW_DOUBLE,
    HOW_TO_FLOAT,
    HOW_TO_DOUBLE,
    HOW_DECIMAL,
    HOW_INTEGER_TO_DECIMAL,
    HOW_TEXT,
    HOW_JSONB,
    HOW_CHECKED_TEXT,
    HOW_BLOB,
    HOW_DATE,
    HOW_TIME,
    HOW_TIMESTAMP,
    HOW_INTERVAL,
    HOW_UUID,
    HOW_ENUMERATION,
    HOW_ARRAY
};
/* For HOW_TO_…: what is converted. */
enum source { SOURCE_INTEGER, SOURCE_NUMERIC, SOURCE_OID, SOURCE_FLOAT4, SOURCE_FLOAT8 };

static bool is_integer(Oid type) { return type == PG_INT8 || type == PG_INT4 || type == PG_INT2; }
static bool is_float(Oid type) { return type == PG_FLOAT8 || type == PG_FLOAT4; }
static bool is_text(Oid type) {
    return type == PG_TEXT || type == PG_VARCHAR || type == PG_BPCHAR || type == PG_NAME ||
           type == PG_JSON || type == PG_CHAR || type == PG_UNKNOWN;
}

/* HOW_SKIP: values of type do not go into kind. */
static enum how choose(corm_kind kind, Oid type) {
    switch (kind) {
    case CORM_IDENTITY:
    case CORM_BIGINT:
        return type == PG_INT8                                            ? HOW_INT64
               : is_integer(type) || type == PG_NUMERIC || type == PG_OID ? HOW_TO_INT64
                                                                          : HOW_SKIP;
    case CORM_INTEGER:
        return type == PG_INT4                          ? HOW_INT32
               : is_integer(type) || type == PG_NUMERIC ? HOW_TO_INT32
                                                        : HOW_SKIP;
    case CORM_SMALLINT:
        return type == PG_INT2                          ? HOW_INT16
               : is_integer(type) || type == PG_NUMERIC ? HOW_TO_INT16
                                                        : HOW_SKIP;
    case CORM_BOOLEAN: return type == PG_BOOL ? HOW_BOOL : HOW_SKIP;
    case CORM_REAL:
        return type == PG_FLOAT4                                          ? HOW_FLOAT
               : is_float(type) || is_integer(type) || type == PG_NUMERIC ? HOW_TO_FLOAT
                                                                          : HOW_SKIP;
    case CORM_DOUBLE_PRECISION:
        return type == PG_FLOAT8                                          ? HOW_DOUBLE
               : is_float(type) || is_integer(type) || type == PG_NUMERIC ? HOW_TO_DOUBLE
                                                                          : HOW_SKIP;
    case CORM_DECIMAL:
        return type == PG_NUMERIC ? HOW_DECIMAL
               : is_integer(type) ? HOW_INTEGER_TO_DECIMAL
                                  : HOW_SKIP;
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON:
        return is_text(type)          ? HOW_TEXT
               : type == PG_JSONB     ? HOW_JSONB
               : type >= PG_FIRST_OWN ? HOW_CHECKED_TEXT
                                      : HOW_SKIP;
    case CORM_ENUMERATION:
        return is_text(type) || type >= PG_FIRST_OWN ? HOW_ENUMERATION : HOW_SKIP;
    case CORM_BLOB: return type == PG_BYTEA ? HOW_BLOB : HOW_SKIP;
    case CORM_DATE: return type == PG_DATE ? HOW_DATE : HOW_SKIP;
    case CORM_TIME: return type == PG_TIME ? HOW_TIME : HOW_SKIP;
    case CORM_TIMESTAMP:
        return type == PG_TIMESTAMPTZ || type == PG_TIMESTAMP ? HOW_TIMESTAMP : HOW_SKIP;
    case CORM_INTERVAL: return type == PG_INTERVAL ? HOW_INTERVAL : HOW_SKIP;
    case CORM_UUID: return type == PG_UUID ? HOW_UUID : HOW_SKIP;
    case CORM_NULL:
    case CORM_ARRAY:
    case CORM_EXPRESSION:
    case CORM_KIND_COUNT: break;
    }
    return HOW_SKIP;
}

static Oid element_of(Oid type) {
    switch (type) {
    case PG_BOOL_ARRAY: return PG_BOOL;
    case PG_BYTEA_ARRAY: return PG_BYTEA;
    case PG_INT2_ARRAY: return PG_INT2;
    case PG_INT4_ARRAY: return PG_INT4;
    case PG_INT8_ARRAY: return PG_INT8;
    case PG_FLOAT4_ARRAY: return PG_FLOAT4;
    case PG_FLOAT8_ARRAY: return PG_FLOAT8;
    case PG_TEXT_ARRAY:
    case PG_VARCHAR_ARRAY:
    case PG_BPCHAR_ARRAY: return PG_TEXT;
    case PG_NUMERIC_ARRAY: return PG_NUMERIC;
    case PG_DATE_ARRAY: return PG_DATE;
    case PG_TIMESTAMPTZ_ARRAY: return PG_TIMESTAMPTZ;
    case PG_UUID_ARRAY: return PG_UUID;
    default: return 0;
    }
}

static const char *type_title(Oid type) {
    switch (type) {
    case PG_BOOL: return "boolean";
    case PG_BYTEA: return "bytea";
    case PG_INT8: return "bigint";
    case PG_INT2: return "smallint";
    case PG_INT4: return "integer";
    case PG_FLOAT4: return "real";
    case PG_FLOAT8: return "double precision";
    case PG_NUMERIC: return "numeric";
    case PG_DATE: return "date";
    case PG_TIME: return "time";
    case PG_TIMESTAMP: return "timestamp";
    case PG_TIMESTAMPTZ: return "timestamptz";
    case PG_INTERVAL: return "interval";
    case PG_UUID: return "uuid";
    case PG_JSONB: return "jsonb";
    default: return is_text(type) ? "text" : element_of(type) ? "an array" : NULL;
    }
}

int corm__pg_reader(corm_pg_reader *reader, const corm_fetch_column *column, Oid type,
                    corm_error_info *error) {
    *reader = (corm_pg_reader){ .probe = column->probe,
                                .optional = column->optional,
                                .null = column->null,
                                .object = column->object,
                                .offset = column->offset };
    if (column->optional) reader->value_offset = (uint8_t)corm__kind_value_offset(column->kind);
    if (column->kind == CORM_NULL) return 0;
    enum how how = choose(column->kind, type);
    Oid source = type;
    if (column->kind == CORM_ARRAY && element_of(type)) {
        source = element_of(type);
        reader->item = (uint8_t)choose(column->element, source);
        how = reader->item ? HOW_ARRAY : HOW_SKIP;
    }
    reader->source = source == PG_NUMERIC  ? SOURCE_NUMERIC
                     : source == PG_OID    ? SOURCE_OID
                     : source == PG_FLOAT4 ? SOURCE_FLOAT4
                     : source == PG_FLOAT8 ? SOURCE_FLOAT8
                                           : SOURCE_INTEGER;
    reader->how = (uint8_t)how;
    if (how != HOW_SKIP) return 0;
    char number[32];
    const char *title = type_title(type);
    if (!title) corm__error_set(number, sizeof number, "type %u", (unsigned)type);
    corm__fail(error, CORM_ERROR_TYPE,
               "column \"%s\" is %s in the database and %s%s%s in the struct",
               column->name ? column->name : "?", title ? title : number,
               corm_kind_name(column->kind), column->kind == CORM_ARRAY ? " of " : "",
               column->kind == CORM_ARRAY ? corm_kind_name(column->element) : "");
    corm__error_set(error->column, sizeof error->column, "%s", column->name ? column->name : "");
    corm__error_hint(
        error, "Cast the column in the SQL (CAST(x AS …)), or change the member of the struct.");
    return CORM_ERROR_TYPE;
}

static int malformed(const corm_fetch_column *column, corm_error_info *error) {
    return corm__fail(error, CORM_ERROR_PROTOCOL,
                      "column \"%s\": the server sent a value that is not of its type",
                      column->name ? column->name : "?");
}

static int out_of_range(const corm_fetch_column *column, const char *why, corm_error_info *error) {
    corm__fail(error, CORM_ERROR_RANGE, "column \"%s\": a value does not fit a %s: %s",
               column->name ? column->name : "?", corm_kind_name(column->kind), why);
    corm__error_set(error->column, sizeof error->column, "%s", column->name ? column->name : "");
    return CORM_ERROR_RANGE;
}

static int wrong(const corm_fetch_column *column, const char *why, corm_error_info *error) {
    corm__fail(error, CORM_ERROR_TYPE, "column \"%s\": %s", column->name ? column->name : "?", why);
    corm__error_set(error->column, sizeof error->column, "%s", column->name ? column->name : "");
    return CORM_ERROR_TYPE;
}

/* --- numbers --- */

static int read_numeric(const char *p, int size, corm_decimal *out, const corm_fetch_column *column,
                        corm_error_info *error) {
    const char *why = NULL;
    int status = corm__pg_get_numeric(p, size, out, &why);
    return !status                      ? 0
           : status == CORM_ERROR_RANGE ? out_of_range(column, why, error)
                                        : malformed(column, error);
}

static int read_integer(const char *p, int size, int64_t *out, const corm_fetch_column *column,
                        corm_error_info *error) {
    switch (size) {
    case 2: *out = (int16_t)corm__pg_get16(p); return 0;
    case 4: *out = (int32_t)corm__pg_get32(p); return 0;
    case 8: *out = (int64_t)corm__pg_get64(p); return 0;
    default: return malformed(column, error);
    }
}

static int to_integer(const corm_pg_reader *reader, const char *p, int size, int64_t low,
                      int64_t high, int64_t *out, const corm_fetch_column *column,
                      corm_error_info *error) {
    int status;
    if (reader->source == SOURCE_OID) {
        if (size != 4) return malformed(column, error);
        *out = corm__pg_get32(p);
    } else if (reader->source == SOURCE_NUMERIC) {
        corm_decimal decimal;
        if ((status = read_numeric(p, size, &decimal, column, error))) return status;
        if (decimal.scale == CORM_DECIMAL_NAN) return out_of_range(column, "NaN", error);
        if (corm_decimal_rescale(decimal, 0, false, &decimal))
            return out_of_range(column, "it has decimal places", error);
        wide value = (wide)((unsigned __int128)(uint64_t)decimal.high << 64 | decimal.low);
        if (value < low || value > high) return out_of_range(column, "it is too large", error);
        *out = (int64_t)value;
    } else if ((status = read_integer(p, size, out, column, error))) {
        return status;
    }
    return *out < low || *out > high ? out_of_range(column, "it is too large", error) : 0;
}

static int to_double(const corm_pg_reader *reader, const char *p, int size, double *out,
                     const corm_fetch_column *column, corm_error_info *error) {
    if (reader->source == SOURCE_FLOAT8 && size == 8) {
        uint64_t bits = corm__pg_get64(p);
        memcpy(out, &bits, sizeof *out);
        return 0;
    }
    if (reader->source == SOURCE_FLOAT4 && size == 4) {
        uint32_t bits = corm__pg_get32(p);
        float value;
        memcpy(&value, &bits, sizeof value);
        *out = value;
        return 0;
    }
    int status;
    if (reader->source == SOURCE_NUMERIC) {
        corm_decimal decimal;
        if ((status = read_numeric(p, size, &decimal, column, error))) return status;
        *out = corm_decimal_to_double(decimal);
        return 0;
    }
    int64_t integer = 0;
    if (reader->source != SOURCE_INTEGER) return malformed(column, error);
    if ((status = read_integer(p, size, &integer, column, error))) return status;
    *out = (double)integer;
    return 0;
}

/* --- texts --- */

/* As corm__arena_strndup, without a call when there is room. */
static inline char *copy(corm_arena *arena, const char *p, size_t size) {
    char *to = arena->next;
    if (to && size < (size_t)(arena->end - to))
        arena->next += size + 1;
    else
        to = corm__arena_bytes(arena, size + 1);
    if (!to) return NULL;
    memcpy(to, p, size);
    to[size] = 0;
    return to;
}

/* Types of a user's own (enums, citext) are text when what they send is: no NUL, valid UTF-8. */
static bool looks_like_text(const char *text, int size) {
    const unsigned char *p = (const unsigned char *)text, *end = p + size;
    while (p < end) {
        int more = *p >= 0xF0 ? 3 : *p >= 0xE0 ? 2 : *p >= 0xC0 ? 1 : 0;
        if (*p == 0 || (*p >= 0x80 && *p < 0xC2) || *p > 0xF4 || end - p <= more) return false;
        for (p++; more; more--, p++)
            if ((*p & 0xC0) != 0x80) return false;
    }
    return true;
}

static int read_label(const char *p, int size, int *out, const corm_fetch_column *column,
                      corm_error_info *error) {
    for (int i = 0; column->labels && column->labels[i]; i++) {
        if (strlen(column->labels[i]) == (size_t)size &&
            memcmp(column->labels[i], p, (size_t)size) == 0) {
            *out = column->values[i];
            return 0;
        }
    }
    corm__fail(error, CORM_ERROR_TYPE,
               "column \"%s\": \"%.*s\" is none of the labels of its enumeration",
               column->name ? column->name : "?", size > 100 ? 100 : size, p);
    corm__error_set(error->column, sizeof error->column, "%s", column->name ? column->name : "");
    return CORM_ERROR_TYPE;
}

/* --- times --- */

static int read_date(const char *p, int size, corm_date *out, const corm_fetch_column *column,
                     corm_error_info *error) {
    if (size != 4) return malformed(column, error);
    int32_t days = (int32_t)corm__pg_get32(p);
    if (days == INT32_MAX || days == INT32_MIN) return out_of_range(column, "infinity", error);
    if (days < FIRST_DAY - EPOCH_DAYS || days > LAST_DAY - EPOCH_DAYS)
        return out_of_range(column, "years are 1 to 9999", error);
    out->days = days + EPOCH_DAYS;
    return 0;
}

static int read_timestamp(const char *p, int size, corm_timestamp *out,
                          const corm_fetch_column *column, corm_error_info *error) {
    if (size != 8) return malformed(column, error);
    int64_t us = (int64_t)corm__pg_get64(p);
    if (us == INT64_MAX || us == INT64_MIN) return out_of_range(column, "infinity", error);
    if (us < FIRST_DAY * DAY_US - EPOCH_US || us >= (LAST_DAY + 1) * DAY_US - EPOCH_US)
        return out_of_range(column, "years are 1 to 9999", error);
    out->us = us + EPOCH_US;
    return 0;
}

static int read_interval(const char *p, int size, corm_interval *out,
                         const corm_fetch_column *column, corm_error_info *error) {
    if (size != 16) return malformed(column, error);
    int64_t us = (int64_t)corm__pg_get64(p), days = (int32_t)corm__pg_get32(p + 8);
    if (corm__pg_get32(p + 12))
        return out_of_range(column, "it has months, which have no fixed length", error);
    if (__builtin_mul_overflow(days, DAY_US, &days) || __builtin_add_overflow(us, days, &out->us))
        return out_of_range(column, "it is too long", error);
    return 0;
}

/* --- all kinds --- */

static int read_array(const corm_pg_reader *reader, const corm_fetch_column *column, const char *p,
                      int size, corm_array_text *out, corm_arena *arena, corm_error_info *error);

/* size is not negative. to has the C type of the kind. */
static inline int read_value(const corm_pg_reader *reader, const corm_fetch_column *column,
                             const char *p, int size, void *to, corm_arena *arena,
                             corm_error_info *error) {
    int status;
    int64_t integer = 0;
    double real = 0;
    uint32_t bits32;
    uint64_t bits64;
    switch ((enum how)reader->how) {
    case HOW_SKIP: return 0;
    case HOW_INT64:
        if (size != 8) return malformed(column, error);
        *(int64_t *)to = (int64_t)corm__pg_get64(p);
        return 0;
    case HOW_INT32:
        if (size != 4) return malformed(column, error);
        *(int32_t *)to = (int32_t)corm__pg_get32(p);
        return 0;
    case HOW_INT16:
        if (size != 2) return malformed(column, error);
        *(int16_t *)to = (int16_t)corm__pg_get16(p);
        return 0;
    case HOW_TO_INT64: return to_integer(reader, p, size, INT64_MIN, INT64_MAX, to, column, error);
    case HOW_TO_INT32:
        if (!(status = to_integer(reader, p, size, INT32_MIN, INT32_MAX, &integer, column, error)))
            *(int32_t *)to = (int32_t)integer;
        return status;
    case HOW_TO_INT16:
        if (!(status = to_integer(reader, p, size, INT16_MIN, INT16_MAX, &integer, column, error)))
            *(int16_t *)to = (int16_t)integer;
        return status;
    case HOW_BOOL:
        if (size != 1) return malformed(column, error);
        *(bool *)to = *p != 0;
        return 0;
    case HOW_FLOAT:
        if (size != 4) return malformed(column, error);
        bits32 = corm__pg_get32(p);
        memcpy(to, &bits32, 4);
        return 0;
    case HOW_DOUBLE:
        if (size != 8) return malformed(column, error);
        bits64 = corm__pg_get64(p);
        memcpy(to, &bits64, 8);
        return 0;
    case HOW_TO_FLOAT:
        if ((status = to_double(reader, p, size, &real, column, error))) return status;
        if (isinf((float)real) && !isinf(real))
            return out_of_range(column, "it is too large", error);
        *(float *)to = (float)real;
        return 0;
    case HOW_TO_DOUBLE: return to_double(reader, p, size, to, column, error);
    case HOW_DECIMAL: return read_numeric(p, size, to, column, error);
    case HOW_INTEGER_TO_DECIMAL:
        if (!(status = read_integer(p, size, &integer, column, error)))
            *(corm_decimal *)to = corm_decimal_of(integer, 0);
        return status;
    case HOW_JSONB:
        if (size < 1 || *p != 1) return malformed(column, error);
        p++;
        size--;
        /* fall through */
    case HOW_TEXT: {
        char *text = copy(arena, p, (size_t)size);
        if (!text) return corm__fail_memory(error);
        *(const char **)to = text;
        return 0;
    }
    case HOW_CHECKED_TEXT: {
        if (!looks_like_text(p, size))
            return wrong(column, "its type is not text: cast it in the SQL", error);
        char *text = copy(arena, p, (size_t)size);
        if (!text) return corm__fail_memory(error);
        *(const char **)to = text;
        return 0;
    }
    case HOW_BLOB: {
        char *data = copy(arena, p, (size_t)size);
        if (!data) return corm__fail_memory(error);
        *(corm_blob *)to = (corm_blob){ data, (size_t)size };
        return 0;
    }
    case HOW_DATE: return read_date(p, size, to, column, error);
    case HOW_TIME:
        if (size != 8) return malformed(column, error);
        integer = (int64_t)corm__pg_get64(p);
        if (integer < 0 || integer >= DAY_US)
            return out_of_range(column, "24:00 is no time of a day", error);
        ((corm_time *)to)->us = integer;
        return 0;
    case HOW_TIMESTAMP: return read_timestamp(p, size, to, column, error);
    case HOW_INTERVAL: return read_interval(p, size, to, column, error);
    case HOW_UUID:
        if (size != 16) return malformed(column, error);
        memcpy(to, p, 16);
        return 0;
    case HOW_ENUMERATION: return read_label(p, size, to, column, error);
    case HOW_ARRAY: return read_array(reader, column, p, size, to, arena, error);
    }
    return malformed(column, error);
}

static int read_array(const corm_pg_reader *reader, const corm_fetch_column *column, const char *p,
                      int size, corm_array_text *out, corm_arena *arena, corm_error_info *error) {
    const char *end = p + size;
    if (size < 12) return malformed(column, error);
    uint32_t dimensions = corm__pg_get32(p), n = 0;
    p += 12;
    if (dimensions > 1) return wrong(column, "it is an array of several dimensions", error);
    if (dimensions) {
        if (end - p < 8) return malformed(column, error);
        n = corm__pg_get32(p);
        p += 8;
    }
    if (n > (size_t)(end - p) / 4) return malformed(column, error);
    size_t width = corm__kind_size(column->element);
    char *items = corm__arena_array(arena, n, width);
    if (!items) return corm__fail_memory(error);
    corm_pg_reader item = { .how = reader->item, .source = reader->source };
    for (uint32_t i = 0; i < n; i++) {
        if (end - p < 4) return malformed(column, error);
        int length = (int)corm__pg_get32(p);
        p += 4;
        if (length == -1) return wrong(column, "an item of the array is NULL", error);
        if (length < 0 || length > end - p) return malformed(column, error);
        int status = read_value(&item, column, p, length, items + i * width, arena, error);
        if (status) return status;
        p += length;
    }
    *out = (corm_array_text){ (const char *const *)(void *)items, n };
    return p == end ? 0 : malformed(column, error);
}

static int read_null(const corm_pg_reader *reader, const corm_fetch_column *column, void **objects,
                     corm_error_info *error) {
    if (reader->probe) {
        objects[reader->object] = NULL;
        return 0;
    }
    char *to = (char *)objects[reader->object] + reader->offset;
    if (reader->optional)
        *(bool *)to = false;
    else if (reader->null)
        memset(to, 0, corm__kind_size(column->kind));
    else
        return wrong(column, "it is NULL, and the struct has no place for that", error);
    return 0;
}

/* Of a row that is written already: what the member cannot hold leaves it unset. */
static int forgive(const corm_pg_reader *reader, const corm_fetch_column *column, void **objects,
                   int status, corm_error_info *error) {
    if (!column->lenient || (status != CORM_ERROR_TYPE && status != CORM_ERROR_RANGE))
        return status;
    if (reader->optional) *(bool *)((char *)objects[reader->object] + reader->offset) = false;
    corm__error_clear(error);
    return 0;
}

static inline int read_column(const corm_pg_reader *reader, const corm_fetch_column *column,
                              const char *bytes, int size, void **objects, corm_arena *arena,
                              corm_error_info *error) {
    if (!objects[reader->object] || reader->how == HOW_SKIP) return 0;
    int status;
    if (size < 0) {
        status = read_null(reader, column, objects, error);
    } else {
        char *to = (char *)objects[reader->object] + reader->offset;
        if (reader->optional) {
            *(bool *)to = true;
            to += reader->value_offset;
        }
        status = read_value(reader, column, bytes, size, to, arena, error);
    }
    return status ? forgive(reader, column, objects, status, error) : 0;
}

int corm__pg_read(const corm_pg_reader *reader, const corm_fetch_column *column, const char *bytes,
                  int size, void **objects, corm_arena *arena, corm_error_info *error) {
    return read_column(reader, column, bytes, size, objects, arena, error);
}

int corm__pg_read_row(const corm_pg_reader *readers, const corm_fetch *fetch, const char *body,
                      size_t size, void **objects, corm_arena *arena, corm_error_info *error) {
    const char *p = body + 2, *end = body + size;
    uint32_t n = fetch->n_columns;
    if (size < 2 || corm__pg_get16(body) < n)
        return corm__fail(error, CORM_ERROR_PROTOCOL,
                          "PostgreSQL sent a row of fewer columns than it had announced");
    for (uint32_t i = 0; i < n; i++) {
        if (end - p < 4) return malformed(&fetch->columns[i], error);
        int length = (int)corm__pg_get32(p);
        p += 4;
        if (length > end - p || length < -1) return malformed(&fetch->columns[i], error);
        int status = read_column(&readers[i], &fetch->columns[i], p, length, objects, arena, error);
        if (status) return status;
        if (length > 0) p += length;
    }
    return 0;
}
