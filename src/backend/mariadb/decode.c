/* Binary values of results into members of structs.
 *
 * How a column is read depends on the type that the server sent and the kind that the struct has.
 * Both are looked at once for each execution, which gives a small number (`how`); then each value
 * is one switch over it. */
#include "backend/mariadb/statement.h"
#include "base/error.h"
#include "base/kind.h"
#include <math.h>
#include <string.h>

#define DAY_US 86400000000LL

typedef __int128 wide;

enum how {
    HOW_SKIP,
    HOW_INT64, /* the same width on both sides */
    HOW_INT32,
    HOW_INT16,
    HOW_TO_INT64, /* any number, with a check */
    HOW_TO_INT32,
    HOW_TO_INT16,
    HOW_BOOL,
    HOW_FLOAT,
    HOW_DOUBLE,
    HOW_TO_FLOAT,
    HOW_TO_DOUBLE,
    HOW_DECIMAL,
    HOW_INTEGER_TO_DECIMAL,
    HOW_TEXT,
    HOW_CHECKED_TEXT,
    HOW_BLOB,
    HOW_DATE,
    HOW_TIME,
    HOW_TIMESTAMP,
    HOW_UUID,
    HOW_UUID_TEXT,
    HOW_ENUMERATION
};

/* What the server sends. */
enum source {
    SOURCE_OTHER,
    SOURCE_INTEGER,
    SOURCE_UNSIGNED,
    SOURCE_BIT,
    SOURCE_FLOAT,
    SOURCE_DOUBLE,
    SOURCE_DECIMAL,
    SOURCE_TEXT,
    SOURCE_BYTES,
    SOURCE_DATE,
    SOURCE_TIME,
    SOURCE_DATETIME,
    SOURCE_NULL
};
static const char *const source_titles[] = { "of a type that corm does not know",
                                             "an integer",
                                             "an unsigned integer",
                                             "bits",
                                             "float",
                                             "double",
                                             "decimal",
                                             "text",
                                             "bytes",
                                             "date",
                                             "time",
                                             "datetime",
                                             "NULL" };

enum { BINARY_CHARSET = 63, DECIMAL_TEXT = 96 };

static enum source source_of(const MYSQL_FIELD *field) {
    switch ((int)field->type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
        return field->flags & UNSIGNED_FLAG ? SOURCE_UNSIGNED : SOURCE_INTEGER;
    case MYSQL_TYPE_YEAR: return SOURCE_UNSIGNED;
    case MYSQL_TYPE_BIT: return SOURCE_BIT;
    case MYSQL_TYPE_FLOAT: return SOURCE_FLOAT;
    case MYSQL_TYPE_DOUBLE: return SOURCE_DOUBLE;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL: return SOURCE_DECIMAL;
    case MYSQL_TYPE_JSON: return SOURCE_TEXT;
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_ENUM:
    case MYSQL_TYPE_SET:
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB: return field->charsetnr == BINARY_CHARSET ? SOURCE_BYTES : SOURCE_TEXT;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE: return SOURCE_DATE;
    case MYSQL_TYPE_TIME: return SOURCE_TIME;
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP: return SOURCE_DATETIME;
    case MYSQL_TYPE_NULL: return SOURCE_NULL;
    default: return SOURCE_OTHER;
    }
}

static bool is_integer(enum source source) {
    return source == SOURCE_INTEGER || source == SOURCE_UNSIGNED;
}
static bool is_number(enum source source) {
    return is_integer(source) || source == SOURCE_FLOAT || source == SOURCE_DOUBLE ||
           source == SOURCE_DECIMAL;
}

static enum how choose_integer(enum source source, bool same_width, enum how same, enum how other) {
    if (source == SOURCE_INTEGER && same_width) return same;
    return is_integer(source) || source == SOURCE_DECIMAL || source == SOURCE_BIT ? other
                                                                                  : HOW_SKIP;
}

/* HOW_SKIP: values of this source do not go into kind. */
static enum how choose(corm_kind kind, enum source source, const MYSQL_FIELD *field) {
    if (source == SOURCE_NULL) return HOW_TO_INT64; /* no value ever comes */
    switch (kind) {
    case CORM_IDENTITY:
    case CORM_BIGINT:
        return choose_integer(source, field->type == MYSQL_TYPE_LONGLONG, HOW_INT64, HOW_TO_INT64);
    case CORM_INTEGER:
        return choose_integer(source,
                              field->type == MYSQL_TYPE_LONG || field->type == MYSQL_TYPE_INT24,
                              HOW_INT32, HOW_TO_INT32);
    case CORM_SMALLINT:
        return choose_integer(source, field->type == MYSQL_TYPE_SHORT, HOW_INT16, HOW_TO_INT16);
    case CORM_INTERVAL:
        return source == SOURCE_TIME ? HOW_TIME
                                     : choose_integer(source, field->type == MYSQL_TYPE_LONGLONG,
                                                      HOW_INT64, HOW_TO_INT64);
    case CORM_BOOLEAN: return is_integer(source) || source == SOURCE_BIT ? HOW_BOOL : HOW_SKIP;
    case CORM_REAL:
        return source == SOURCE_FLOAT ? HOW_FLOAT : is_number(source) ? HOW_TO_FLOAT : HOW_SKIP;
    case CORM_DOUBLE_PRECISION:
        return source == SOURCE_DOUBLE ? HOW_DOUBLE : is_number(source) ? HOW_TO_DOUBLE : HOW_SKIP;
    case CORM_DECIMAL:
        return source == SOURCE_DECIMAL ? HOW_DECIMAL
               : is_integer(source)     ? HOW_INTEGER_TO_DECIMAL
                                        : HOW_SKIP;
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON:
        return source == SOURCE_TEXT    ? HOW_TEXT
               : source == SOURCE_BYTES ? HOW_CHECKED_TEXT
                                        : HOW_SKIP;
    case CORM_ENUMERATION:
        return source == SOURCE_TEXT || source == SOURCE_BYTES ? HOW_ENUMERATION : HOW_SKIP;
    case CORM_BLOB: return source == SOURCE_BYTES ? HOW_BLOB : HOW_SKIP;
    case CORM_DATE: return source == SOURCE_DATE ? HOW_DATE : HOW_SKIP;
    case CORM_TIME: return source == SOURCE_TIME ? HOW_TIME : HOW_SKIP;
    case CORM_TIMESTAMP: return source == SOURCE_DATETIME ? HOW_TIMESTAMP : HOW_SKIP;
    case CORM_UUID:
        return source == SOURCE_BYTES ? HOW_UUID : source == SOURCE_TEXT ? HOW_UUID_TEXT : HOW_SKIP;
    case CORM_NULL:
    case CORM_ARRAY:
    case CORM_EXPRESSION:
    case CORM_KIND_COUNT: break;
    }
    return HOW_SKIP;
}

static const char *name_of(const corm_fetch_column *column) {
    return column->name ? column->name : "?";
}

int corm__mariadb_reader(corm_mariadb_reader *reader, const corm_fetch_column *column,
                         const MYSQL_FIELD *field, corm_error_info *error) {
    *reader = (corm_mariadb_reader){ .probe = column->probe,
                                     .optional = column->optional,
                                     .null = column->null,
                                     .object = column->object,
                                     .offset = column->offset };
    if (column->optional) reader->value_offset = (uint8_t)corm__kind_value_offset(column->kind);
    if (column->kind == CORM_NULL) return 0;
    enum source source = source_of(field);
    reader->source = (uint8_t)source;
    reader->how = (uint8_t)choose(column->kind, source, field);
    if (reader->how != HOW_SKIP) return 0;
    corm__fail(error, CORM_ERROR_TYPE, "column \"%s\" is %s in the database and %s in the struct",
               name_of(column), source_titles[source], corm_kind_name(column->kind));
    corm__error_set(error->column, sizeof error->column, "%s", name_of(column));
    corm__error_hint(
        error, "Cast the column in the SQL (CAST(x AS …)), or change the member of the struct.");
    return CORM_ERROR_TYPE;
}

static int malformed(const corm_fetch_column *column, corm_error_info *error) {
    return corm__fail(error, CORM_ERROR_PROTOCOL,
                      "column \"%s\": the server sent a value that is not of its type",
                      name_of(column));
}

static int out_of_range(const corm_fetch_column *column, const char *why, corm_error_info *error) {
    corm__fail(error, CORM_ERROR_RANGE, "column \"%s\": a value does not fit a %s: %s",
               name_of(column), corm_kind_name(column->kind), why);
    corm__error_set(error->column, sizeof error->column, "%s", name_of(column));
    return CORM_ERROR_RANGE;
}

static int wrong(const corm_fetch_column *column, const char *why, corm_error_info *error) {
    corm__fail(error, CORM_ERROR_TYPE, "column \"%s\": %s", name_of(column), why);
    corm__error_set(error->column, sizeof error->column, "%s", name_of(column));
    return CORM_ERROR_TYPE;
}

/* --- numbers: the wire is little-endian --- */

static uint64_t get(const corm_mariadb_cell *cell) {
    uint64_t value = 0;
    for (size_t i = 0; i < cell->size && i < 8; i++) value |= (uint64_t)cell->data[i] << 8 * i;
    return value;
}

static int64_t get_signed(const corm_mariadb_cell *cell) {
    unsigned shift = cell->size < 8 ? 64 - 8 * (unsigned)cell->size : 0;
    return (int64_t)(get(cell) << shift) >> shift;
}

/* A BIT is sent as a string, the most significant byte first. */
static uint64_t get_bits(const corm_mariadb_cell *cell) {
    uint64_t value = 0;
    for (size_t i = 0; i < cell->size; i++) value = value << 8 | cell->data[i];
    return value;
}

/* Of the type decimal: a text without an exponent. */
static int get_decimal(const corm_mariadb_cell *cell, corm_decimal *out,
                       const corm_fetch_column *column, corm_error_info *error) {
    char text[DECIMAL_TEXT];
    if (cell->size >= sizeof text) return malformed(column, error);
    memcpy(text, cell->data, cell->size);
    text[cell->size] = 0;
    int status = corm_decimal_parse(text, out);
    if (status == CORM_ERROR_RANGE)
        return out_of_range(column, "it has more than 38 digits", error);
    return status ? malformed(column, error) : 0;
}

static int to_integer(enum source source, const corm_mariadb_cell *cell, int64_t low, int64_t high,
                      int64_t *out, const corm_fetch_column *column, corm_error_info *error) {
    wide value;
    if (source == SOURCE_DECIMAL) {
        corm_decimal decimal;
        int status = get_decimal(cell, &decimal, column, error);
        if (status) return status;
        if (corm_decimal_rescale(decimal, 0, false, &decimal))
            return out_of_range(column, "it has decimal places", error);
        value = (wide)((unsigned __int128)(uint64_t)decimal.high << 64 | decimal.low);
    } else {
        value = source == SOURCE_INTEGER
                    ? get_signed(cell)
                    : (wide)(source == SOURCE_BIT ? get_bits(cell) : get(cell));
    }
    if (value < low || value > high) return out_of_range(column, "it is too large", error);
    *out = (int64_t)value;
    return 0;
}

/* A decimal of the server may have 65 digits, a corm_decimal has 38: for a double, places that are
 * too many are of no weight. */
static size_t significant(const corm_mariadb_cell *cell) {
    const unsigned char *point = memchr(cell->data, '.', cell->size);
    size_t most = CORM_DECIMAL_MAX_DIGITS + 1 + (cell->size && cell->data[0] == '-');
    if (!point || cell->size <= most) return cell->size;
    size_t whole = (size_t)(point - cell->data);
    return whole > most ? whole : most;
}

static int to_double(enum source source, const corm_mariadb_cell *cell, double *out,
                     const corm_fetch_column *column, corm_error_info *error) {
    float real4;
    corm_decimal decimal;
    int status;
    switch (source) {
    case SOURCE_DOUBLE: memcpy(out, cell->data, sizeof *out); return 0;
    case SOURCE_FLOAT:
        memcpy(&real4, cell->data, sizeof real4);
        *out = real4;
        return 0;
    case SOURCE_DECIMAL:
        if (!(status = get_decimal(&(corm_mariadb_cell){ cell->data, significant(cell) }, &decimal,
                                   column, error)))
            *out = corm_decimal_to_double(decimal);
        return status;
    case SOURCE_UNSIGNED: *out = (double)get(cell); return 0;
    default: *out = (double)get_signed(cell); return 0;
    }
}

/* --- texts --- */

/* As corm__arena_strndup, without a call when there is room. */
static inline char *copy(corm_arena *arena, const corm_mariadb_cell *cell) {
    char *to = arena->next;
    if (to && cell->size < (size_t)(arena->end - to))
        arena->next += cell->size + 1;
    else
        to = corm__arena_bytes(arena, cell->size + 1);
    if (!to) return NULL;
    memcpy(to, cell->data, cell->size);
    to[cell->size] = 0;
    return to;
}

/* Bytes are text when they hold no NUL and are valid UTF-8. */
static bool looks_like_text(const corm_mariadb_cell *cell) {
    const unsigned char *p = cell->data, *end = p + cell->size;
    while (p < end) {
        int more = *p >= 0xF0 ? 3 : *p >= 0xE0 ? 2 : *p >= 0xC0 ? 1 : 0;
        if (*p == 0 || (*p >= 0x80 && *p < 0xC2) || *p > 0xF4 || end - p <= more) return false;
        for (p++; more; more--, p++)
            if ((*p & 0xC0) != 0x80) return false;
    }
    return true;
}

static int read_text(const corm_mariadb_cell *cell, const char **out, corm_arena *arena,
                     const corm_fetch_column *column, corm_error_info *error) {
    /* A C string ends at a NUL; the rest would be lost without a word. */
    if (memchr(cell->data, 0, cell->size)) return wrong(column, "the text holds a NUL", error);
    return (*out = copy(arena, cell)) ? 0 : corm__fail_memory(error);
}

static int read_label(const corm_mariadb_cell *cell, int *out, const corm_fetch_column *column,
                      corm_error_info *error) {
    for (int i = 0; column->labels && column->labels[i]; i++) {
        if (strlen(column->labels[i]) == cell->size &&
            memcmp(column->labels[i], cell->data, cell->size) == 0) {
            *out = column->values[i];
            return 0;
        }
    }
    corm__fail(error, CORM_ERROR_TYPE,
               "column \"%s\": \"%.*s\" is none of the labels of its enumeration", name_of(column),
               cell->size > 100 ? 100 : (int)cell->size, (const char *)cell->data);
    corm__error_set(error->column, sizeof error->column, "%s", name_of(column));
    return CORM_ERROR_TYPE;
}

static int read_uuid_text(const corm_mariadb_cell *cell, corm_uuid *out,
                          const corm_fetch_column *column, corm_error_info *error) {
    char text[64];
    if (cell->size >= sizeof text) return wrong(column, "the text is no UUID", error);
    memcpy(text, cell->data, cell->size);
    text[cell->size] = 0;
    return corm_uuid_parse(text, out) ? wrong(column, "the text is no UUID", error) : 0;
}

/* --- times: parts that are zero at the end are not sent --- */

static uint64_t part(const corm_mariadb_cell *cell, size_t start, size_t size) {
    if (cell->size < start + size) return 0;
    return get(&(corm_mariadb_cell){ cell->data + start, size });
}

/* year 2, month, day, hour, minute, second, microseconds 4 */
static int read_day(const corm_mariadb_cell *cell, corm_date *out, const corm_fetch_column *column,
                    corm_error_info *error) {
    int year = (int)part(cell, 0, 2), month = (int)part(cell, 2, 1), day = (int)part(cell, 3, 1);
    return corm_date_of(year, month, day, out)
               ? out_of_range(column, "there is no such day in the years 1 to 9999", error)
               : 0;
}

/* hour, minute, second, microseconds 4; below a day */
static bool read_clock(const corm_mariadb_cell *cell, size_t start, int64_t *us) {
    uint64_t hour = part(cell, start, 1), minute = part(cell, start + 1, 1),
             second = part(cell, start + 2, 1), fraction = part(cell, start + 3, 4);
    *us = (int64_t)(((hour * 60 + minute) * 60 + second) * 1000000 + fraction);
    return hour < 24 && minute < 60 && second < 60 && fraction < 1000000;
}

static int read_timestamp(const corm_mariadb_cell *cell, corm_timestamp *out,
                          const corm_fetch_column *column, corm_error_info *error) {
    corm_date date;
    int status = read_day(cell, &date, column, error);
    if (status) return status;
    int64_t us;
    if (!read_clock(cell, 4, &us)) return malformed(column, error);
    out->us = date.days * DAY_US + us;
    return 0;
}

/* negative, days 4, hour, minute, second, microseconds 4; of an interval or a time of day */
static int read_time(const corm_mariadb_cell *cell, int64_t *out, const corm_fetch_column *column,
                     corm_error_info *error) {
    int64_t us, days = (int64_t)part(cell, 1, 4);
    if (!read_clock(cell, 5, &us)) return malformed(column, error);
    if (__builtin_mul_overflow(days, DAY_US, &days) || __builtin_add_overflow(us, days, &us))
        return out_of_range(column, "it is too long", error);
    *out = part(cell, 0, 1) ? -us : us;
    if (column->kind == CORM_TIME && (*out < 0 || *out >= DAY_US))
        return out_of_range(column, "it is no time of a day", error);
    return 0;
}

/* --- all kinds --- */

/* to has the C type of the kind. */
static inline int read_value(const corm_mariadb_reader *reader, const corm_fetch_column *column,
                             const corm_mariadb_cell *cell, void *to, corm_arena *arena,
                             corm_error_info *error) {
    enum source source = (enum source)reader->source;
    int64_t integer = 0;
    double real = 0;
    int status;
    switch ((enum how)reader->how) {
    case HOW_SKIP: return 0;
    case HOW_INT64: *(int64_t *)to = (int64_t)get(cell); return 0;
    case HOW_INT32: *(int32_t *)to = (int32_t)get(cell); return 0;
    case HOW_INT16: *(int16_t *)to = (int16_t)get(cell); return 0;
    case HOW_TO_INT64: return to_integer(source, cell, INT64_MIN, INT64_MAX, to, column, error);
    case HOW_TO_INT32:
        if (!(status = to_integer(source, cell, INT32_MIN, INT32_MAX, &integer, column, error)))
            *(int32_t *)to = (int32_t)integer;
        return status;
    case HOW_TO_INT16:
        if (!(status = to_integer(source, cell, INT16_MIN, INT16_MAX, &integer, column, error)))
            *(int16_t *)to = (int16_t)integer;
        return status;
    case HOW_BOOL: *(bool *)to = (source == SOURCE_BIT ? get_bits(cell) : get(cell)) != 0; return 0;
    case HOW_FLOAT: memcpy(to, cell->data, sizeof(float)); return 0;
    case HOW_DOUBLE: memcpy(to, cell->data, sizeof(double)); return 0;
    case HOW_TO_FLOAT:
        if ((status = to_double(source, cell, &real, column, error))) return status;
        if (isinf((float)real)) return out_of_range(column, "it is too large", error);
        *(float *)to = (float)real;
        return 0;
    case HOW_TO_DOUBLE: return to_double(source, cell, to, column, error);
    case HOW_DECIMAL: return get_decimal(cell, to, column, error);
    case HOW_INTEGER_TO_DECIMAL:
        if (source == SOURCE_UNSIGNED)
            *(corm_decimal *)to = (corm_decimal){ .low = get(cell), .high = 0, .scale = 0 };
        else
            *(corm_decimal *)to = corm_decimal_of(get_signed(cell), 0);
        return 0;
    case HOW_CHECKED_TEXT:
        if (!looks_like_text(cell))
            return wrong(column, "its bytes are not text: cast it in the SQL", error);
        /* fall through */
    case HOW_TEXT: return read_text(cell, to, arena, column, error);
    case HOW_BLOB: {
        char *data = copy(arena, cell);
        if (!data) return corm__fail_memory(error);
        *(corm_blob *)to = (corm_blob){ data, cell->size };
        return 0;
    }
    case HOW_DATE: return read_day(cell, to, column, error);
    case HOW_TIME: return read_time(cell, to, column, error);
    case HOW_TIMESTAMP: return read_timestamp(cell, to, column, error);
    case HOW_UUID:
        if (cell->size != sizeof(corm_uuid)) return wrong(column, "a UUID has 16 bytes", error);
        memcpy(to, cell->data, sizeof(corm_uuid));
        return 0;
    case HOW_UUID_TEXT: return read_uuid_text(cell, to, column, error);
    case HOW_ENUMERATION: return read_label(cell, to, column, error);
    }
    return malformed(column, error);
}

static int read_null(const corm_mariadb_reader *reader, const corm_fetch_column *column,
                     void **objects, corm_error_info *error) {
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
static int forgive(const corm_mariadb_reader *reader, const corm_fetch_column *column,
                   void **objects, int status, corm_error_info *error) {
    if (!column->lenient || (status != CORM_ERROR_TYPE && status != CORM_ERROR_RANGE))
        return status;
    if (reader->optional) *(bool *)((char *)objects[reader->object] + reader->offset) = false;
    corm__error_clear(error);
    return 0;
}

int corm__mariadb_read_row(const corm_mariadb_reader *readers, const corm_fetch *fetch,
                           const corm_mariadb_cell *cells, void **objects, corm_arena *arena,
                           corm_error_info *error) {
    for (uint32_t i = 0; i < fetch->n_columns; i++) {
        const corm_mariadb_reader *reader = &readers[i];
        const corm_fetch_column *column = &fetch->columns[i];
        int status;
        if (!objects[reader->object] || reader->how == HOW_SKIP) continue;
        if (!cells[i].data) {
            status = read_null(reader, column, objects, error);
        } else {
            char *to = (char *)objects[reader->object] + reader->offset;
            if (reader->optional) {
                *(bool *)to = true;
                to += reader->value_offset;
            }
            status = read_value(reader, column, &cells[i], to, arena, error);
        }
        if (status) status = forgive(reader, column, objects, status, error);
        if (status) return status;
    }
    return 0;
}
