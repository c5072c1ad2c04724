/* A value for a column: what the column cannot hold is an error before it is sent. */
#include "base/error.h"
#include "base/real.h"
#include "base/regex.h"
#include "base/text.h"
#include "query/query.h"
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void corm__target_of(const corm_column *column, const corm_enum *labels, const char *table,
                     bool compare, corm_target *out) {
    bool small = column->kind == CORM_IDENTITY && column->element;
    *out = (corm_target){ .kind = small ? column->element : column->kind,
                          .element = small ? CORM_NULL : column->element,
                          .null = column->null && !compare,
                          .compare = compare,
                          .digits = column->digits,
                          .places = column->places,
                          .max_length = column->max_length,
                          .labels = labels,
                          .table = table,
                          .column = column->name };
    /* In a comparison an integer may be larger than the column's. */
    if (compare &&
        (out->kind == CORM_SMALLINT || out->kind == CORM_INTEGER || out->kind == CORM_IDENTITY))
        out->kind = CORM_BIGINT;
    /* JSON is compared as its text. */
    if (compare && out->kind == CORM_JSON) out->kind = CORM_TEXT;
}

static void name_column(corm_db *db, const corm_target *target) {
    if (target->table)
        corm__error_set(db->error.table, sizeof db->error.table, "%s", target->table);
    if (target->column)
        corm__error_set(db->error.column, sizeof db->error.column, "%s", target->column);
}

static const char *table_of(const corm_target *target) {
    return target->table ? target->table : "query";
}
static const char *column_of(const corm_target *target) {
    return target->column ? target->column : "value";
}

__attribute__((format(printf, 4, 5))) static int
refuse(corm_db *db, const corm_target *target, corm_status status, const char *format, ...) {
    char why[256];
    va_list arguments;
    va_start(arguments, format);
    corm__vformat(why, sizeof why, format, arguments);
    va_end(arguments);
    corm__db_fail(db, status, "%s.%s: %s", table_of(target), column_of(target), why);
    name_column(db, target);
    return status;
}

static int wrong_kind(corm_db *db, const corm_target *target, const corm_value *in) {
    return refuse(db, target, CORM_ERROR_TYPE, "%s where %s is wanted", corm_kind_name(in->kind),
                  corm_kind_name(target->kind));
}

static int refuse_null(corm_db *db, const corm_target *target) {
    if (target->compare) {
        refuse(db, target, CORM_ERROR_USAGE, "a comparison with NULL is never true");
        corm__error_hint(&db->error, "use IS_NULL or IS_NOT_NULL");
        return CORM_ERROR_USAGE;
    }
    refuse(db, target, CORM_ERROR_NOT_NULL, "NULL in a column that is NOT NULL");
    corm__error_hint(&db->error,
                     "give it a value, or declare it .null = true (optional_… for numbers)");
    return CORM_ERROR_NOT_NULL;
}

static bool to_label(const corm_enum *labels, int64_t value, const char **out) {
    for (size_t i = 0; labels->labels[i]; i++) {
        if (labels->values[i] != value) continue;
        *out = labels->labels[i];
        return true;
    }
    return false;
}

/* The value's place in its enum, by which enumerations are ordered. */
static int to_rank(corm_db *db, const corm_target *target, const corm_value *in, corm_value *out) {
    const corm_enum *labels = target->labels;
    for (size_t i = 0; labels->labels[i]; i++) {
        if (in->kind == CORM_TEXT ? !in->text || strcmp(labels->labels[i], in->text) != 0
                                  : labels->values[i] != in->integer)
            continue;
        *out = (corm_value){ .kind = CORM_BIGINT, .integer = (int64_t)i };
        return 0;
    }
    return in->kind == CORM_TEXT
               ? refuse(db, target, CORM_ERROR_RANGE, "%s is no label of enum %s",
                        in->text ? in->text : "NULL", labels->name)
               : refuse(db, target, CORM_ERROR_RANGE, "%lld is no value of enum %s",
                        (long long)in->integer, labels->name);
}

static bool whole(const corm_decimal *decimal, int64_t *out) {
    corm_decimal integer;
    if (decimal->scale == CORM_DECIMAL_NAN || corm_decimal_rescale(*decimal, 0, false, &integer))
        return false;
    if (integer.high != ((int64_t)integer.low < 0 ? -1 : 0)) return false;
    *out = (int64_t)integer.low;
    return true;
}

static int to_integer(corm_db *db, const corm_target *target, const corm_value *in,
                      corm_value *out) {
    int64_t value = in->integer;
    if (target->labels) return to_rank(db, target, in, out);
    switch (in->kind) {
    case CORM_IDENTITY:
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_BIGINT: break;
    case CORM_DECIMAL:
        if (!whole(&in->decimal, &value)) {
            char text[CORM_DECIMAL_TEXT];
            return refuse(db, target, CORM_ERROR_RANGE, "%s is outside of %s",
                          corm_decimal_format(in->decimal, text, sizeof text),
                          corm_kind_name(target->kind));
        }
        break;
    default: return wrong_kind(db, target, in);
    }
    int64_t least = target->kind == CORM_SMALLINT  ? INT16_MIN
                    : target->kind == CORM_INTEGER ? INT32_MIN
                                                   : INT64_MIN;
    int64_t most = target->kind == CORM_SMALLINT  ? INT16_MAX
                   : target->kind == CORM_INTEGER ? INT32_MAX
                                                  : INT64_MAX;
    if (value < least || value > most)
        return refuse(db, target, CORM_ERROR_RANGE, "%lld is outside of %s (%lld to %lld)",
                      (long long)value, corm_kind_name(target->kind), (long long)least,
                      (long long)most);
    out->kind = target->kind;
    out->integer = value;
    return 0;
}

static int to_real(corm_db *db, const corm_target *target, const corm_value *in, corm_value *out) {
    double value;
    switch (in->kind) {
    case CORM_REAL:
    case CORM_DOUBLE_PRECISION: value = in->real; break;
    case CORM_IDENTITY:
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_BIGINT: value = (double)in->integer; break;
    case CORM_DECIMAL: value = corm_decimal_to_double(in->decimal); break;
    default: return wrong_kind(db, target, in);
    }
    if (isnan(value) && !db->backend->features->nan)
        return refuse(db, target, CORM_ERROR_RANGE, "%s has no NaN", db->backend->title);
    if (target->kind == CORM_REAL && isfinite(value)) {
        if (fabs(value) > FLT_MAX)
            return refuse(db, target, CORM_ERROR_RANGE, "%g is outside of real", value);
        value = (float)value; /* as the column has it: 0.1 is found */
    }
    out->kind = target->compare ? CORM_DOUBLE_PRECISION : target->kind;
    out->real = value;
    return 0;
}

/* |value| < 10^digits, in units. */
static bool has_digits(corm_decimal value, int digits) {
    if (digits >= CORM_DECIMAL_MAX_DIGITS) return true;
    corm_decimal most = corm_decimal_of(1, 0), absolute = value;
    if (corm_decimal_rescale(most, digits, false, &most)) return true;
    most.scale = absolute.scale = 0;
    if (absolute.high < 0) {
        absolute.low = ~absolute.low + 1;
        absolute.high = (int64_t)(~(uint64_t)absolute.high + (absolute.low == 0));
    }
    return corm_decimal_compare(absolute, most) < 0;
}

static int to_decimal(corm_db *db, const corm_target *target, const corm_value *in,
                      corm_value *out) {
    corm_decimal value;
    char text[CORM_DECIMAL_TEXT];
    switch (in->kind) {
    case CORM_DECIMAL: value = in->decimal; break;
    case CORM_IDENTITY:
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_BIGINT: value = corm_decimal_of(in->integer, 0); break;
    default: return wrong_kind(db, target, in);
    }
    out->kind = CORM_DECIMAL;
    out->digits = target->digits;
    out->decimal = value;
    if (value.scale == CORM_DECIMAL_NAN)
        return db->backend->features->nan
                   ? 0
                   : refuse(db, target, CORM_ERROR_RANGE, "%s has no NaN", db->backend->title);
    if (value.scale != target->places &&
        corm_decimal_rescale(value, target->places, false, &out->decimal)) {
        refuse(db, target, CORM_ERROR_RANGE, "%s does not fit decimal(%d, %d) without loss",
               corm_decimal_format(value, text, sizeof text), target->digits, target->places);
        corm__error_hint(&db->error, "round it with corm_decimal_rescale(value, %d, true, &value)",
                         target->places);
        return CORM_ERROR_RANGE;
    }
    if (!target->compare && !has_digits(out->decimal, target->digits))
        return refuse(db, target, CORM_ERROR_RANGE, "%s does not fit decimal(%d, %d)",
                      corm_decimal_format(value, text, sizeof text), target->digits,
                      target->places);
    return 0;
}

static size_t characters(const char *text) {
    size_t n = 0;
    for (; *text; text++) n += (*text & 0xC0) != 0x80;
    return n;
}

static bool ends_in_escape(const char *pattern) {
    size_t n = strlen(pattern), backslashes = 0;
    while (backslashes < n && pattern[n - 1 - backslashes] == '\\') backslashes++;
    return backslashes % 2;
}

static int to_text(corm_db *db, const corm_target *target, const corm_value *in, corm_value *out) {
    const char *text = in->text;
    switch (in->kind) {
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON: break;
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_BIGINT:
    case CORM_ENUMERATION:
        if (!target->labels) return wrong_kind(db, target, in);
        if (!to_label(target->labels, in->integer, &text)) {
            refuse(db, target, CORM_ERROR_RANGE, "%lld is no value of enum %s",
                   (long long)in->integer, target->labels->name);
            return CORM_ERROR_RANGE;
        }
        break;
    default: return wrong_kind(db, target, in);
    }
    if (!text) {
        if (!target->null) return refuse_null(db, target);
        *out = (corm_value){ .kind = CORM_NULL };
        return 0;
    }
    if (!corm__text_valid(text, strlen(text), NULL))
        return refuse(db, target, CORM_ERROR_TYPE, "the text is not valid UTF-8");
    bool limited = !target->compare && target->max_length > 0;
    if (limited && characters(text) > (size_t)target->max_length)
        return refuse(db, target, CORM_ERROR_RANGE, "%zu characters, it holds %d", characters(text),
                      target->max_length);
    if (target->pattern == CORM_OP_LIKE && ends_in_escape(text))
        return refuse(db, target, CORM_ERROR_USAGE,
                      "a pattern of LIKE ends in a backslash, which escapes nothing");
    if (target->pattern == CORM_OP_LIKE && strlen(text) > CORM_LONGEST_LIKE)
        return refuse(db, target, CORM_ERROR_RANGE, "a pattern of LIKE has %zu bytes, at most %d",
                      strlen(text), CORM_LONGEST_LIKE);
    int json = target->kind == CORM_JSON ? corm__json_check(text, CORM_JSON_LEVELS) : 0;
    if (json == CORM_ERROR_RANGE)
        return refuse(db, target, json, "JSON that is nested deeper than %d levels",
                      CORM_JSON_LEVELS);
    if (json) return refuse(db, target, json, "\"%.60s\" is not JSON", text);
    out->kind = target->kind;
    out->text = text;
    return 0;
}

static const int64_t day_us = INT64_C(86400000000);
enum { FIRST_DAY = -719162, LAST_DAY = 2932896 }; /* 0001-01-01, 9999-12-31 */

static int moment_range(corm_db *db, const corm_target *target, const corm_value *in) {
    bool fits = true;
    if (in->kind == CORM_DATE) fits = in->date.days >= FIRST_DAY && in->date.days <= LAST_DAY;
    if (in->kind == CORM_TIME) fits = in->time.us >= 0 && in->time.us < day_us;
    if (in->kind == CORM_TIMESTAMP)
        fits = in->timestamp.us >= FIRST_DAY * day_us && in->timestamp.us < (LAST_DAY + 1) * day_us;
    if (fits) return 0;
    return refuse(db, target, CORM_ERROR_RANGE,
                  in->kind == CORM_TIME ? "not a time of day (0 to 86,399,999,999 microseconds)"
                                        : "outside of the years 1 to 9999");
}

/* A list is what its items are, one by one. */
static int check_items(corm_db *db, const corm_target *target, const corm_value *in) {
    if (in->element != CORM_TEXT) return 0;
    corm_target item = {
        .kind = CORM_TEXT, .compare = true, .table = target->table, .column = target->column
    };
    for (size_t i = 0; i < in->array.length; i++) {
        corm_value text = corm__array_item(in, i), unused;
        int status = to_text(db, &item, &text, &unused);
        if (status) return status;
    }
    return 0;
}

int corm__convert(corm_db *db, const corm_target *target, const corm_value *in, corm_value *out) {
    if (in->kind == CORM_NULL) {
        if (!target->null) return refuse_null(db, target);
        *out = (corm_value){ .kind = CORM_NULL };
        return 0;
    }
    switch (target->kind) {
    case CORM_IDENTITY:
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_BIGINT: return to_integer(db, target, in, out);
    case CORM_REAL:
    case CORM_DOUBLE_PRECISION: return to_real(db, target, in, out);
    case CORM_DECIMAL: return to_decimal(db, target, in, out);
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON:
    case CORM_ENUMERATION: return to_text(db, target, in, out);
    case CORM_BOOLEAN:
        if (in->kind != CORM_BIGINT) break;
        if (in->integer >> 1)
            return refuse(db, target, CORM_ERROR_RANGE, "%lld is neither 0 nor 1",
                          (long long)in->integer);
        *out = (corm_value){ .kind = CORM_BOOLEAN, .boolean = in->integer };
        return 0;
    case CORM_BLOB:
        if (in->kind == CORM_BLOB && !in->blob.data)
            return target->null ? (*out = (corm_value){ .kind = CORM_NULL }, 0)
                                : refuse_null(db, target);
        break;
    case CORM_ARRAY:
        if (!target->compare && !db->backend->features->arrays)
            return refuse(db, target, CORM_ERROR_UNSUPPORTED, "%s has no array columns",
                          db->backend->title);
        if (in->kind == CORM_ARRAY && !in->array.items)
            return target->null ? (*out = (corm_value){ .kind = CORM_NULL }, 0)
                                : refuse_null(db, target);
        if (in->kind == CORM_ARRAY && in->element != target->element)
            return wrong_kind(db, target, in);
        if (target->compare && check_items(db, target, in)) return db->error.status;
        break;
    case CORM_DATE:
    case CORM_TIME:
    case CORM_TIMESTAMP:
        if (in->kind == target->kind && moment_range(db, target, in)) return CORM_ERROR_RANGE;
        break;
    default: break;
    }
    if (in->kind != target->kind) return wrong_kind(db, target, in);
    *out = *in;
    return 0;
}

int corm__convert_regex(corm_db *db, const corm_target *target, corm_arena *arena,
                        corm_value *value) {
    char why[CORM__REGEX_WHY];
    corm_buffer pattern = { 0 };
    const char *end = db->backend->features->regex_end;
    bool good = corm__regex(value->text, strlen(value->text), target->pattern == CORM_OP_IREGEX,
                            end ? end : "$", &pattern, why);
    if (good && end) value->text = corm__buffer_copy(&pattern, arena);
    corm__buffer_release(&pattern);
    if (!good) return refuse(db, target, CORM_ERROR_SQL, "%s", why);
    return value->text ? 0 : corm__fail_memory(&db->error);
}

corm_value corm__array_item(const corm_value *array, size_t i) {
    switch (array->element) {
    case CORM_INTEGER:
        return (corm_value){ .kind = CORM_BIGINT,
                             .integer = ((const int32_t *)array->array.items)[i] };
    case CORM_BIGINT:
        return (corm_value){ .kind = CORM_BIGINT,
                             .integer = ((const int64_t *)array->array.items)[i] };
    case CORM_TEXT:
        return (corm_value){ .kind = CORM_TEXT,
                             .text = ((const char *const *)array->array.items)[i] };
    case CORM_UUID:
        return (corm_value){ .kind = CORM_UUID,
                             .uuid = ((const corm_uuid *)array->array.items)[i] };
    default: return CORM_VALUE_NULL;
    }
}

corm_value corm__value_unsigned(uint64_t v) {
    if (v <= INT64_MAX) return (corm_value){ .kind = CORM_BIGINT, .integer = (int64_t)v };
    return (corm_value){ .kind = CORM_DECIMAL, .decimal = { .low = v, .high = 0, .scale = 0 } };
}

/* --- members of rows --- */

#define GET(type, ctype, field_, place_, member)                                                   \
    if ((field_)->optional) {                                                                      \
        const corm_optional_##type *optional_ = (place_);                                          \
        if (!optional_->set) return;                                                               \
        out->member = optional_->value;                                                            \
    } else {                                                                                       \
        out->member = *(const ctype *)(place_);                                                    \
    }                                                                                              \
    break

static void get(const corm_field *field, const void *place, corm_value *out) {
    out->kind = CORM_NULL;
    switch (field->kind) {
    case CORM_SMALLINT: GET(smallint, int16_t, field, place, integer);
    case CORM_INTEGER: GET(integer, int32_t, field, place, integer);
    case CORM_IDENTITY:
    case CORM_BIGINT: GET(bigint, int64_t, field, place, integer);
    case CORM_BOOLEAN: GET(boolean, bool, field, place, boolean);
    case CORM_REAL: GET(real, float, field, place, real);
    case CORM_DOUBLE_PRECISION: GET(double_precision, double, field, place, real);
    case CORM_DECIMAL: GET(decimal, corm_decimal, field, place, decimal);
    case CORM_DATE: GET(date, corm_date, field, place, date);
    case CORM_TIME: GET(time, corm_time, field, place, time);
    case CORM_TIMESTAMP: GET(timestamp, corm_timestamp, field, place, timestamp);
    case CORM_INTERVAL: GET(interval, corm_interval, field, place, interval);
    case CORM_UUID: GET(uuid, corm_uuid, field, place, uuid);
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON:
        out->text = *(const char *const *)place;
        if (!out->text) return;
        break;
    case CORM_BLOB:
        out->blob = *(const corm_blob *)place;
        if (!out->blob.data) return;
        break;
    case CORM_ENUMERATION: out->integer = *(const int *)place; break;
    case CORM_ARRAY: {
        const corm_array_integer *array = place; /* all of them are a pointer and a length */
        if (!array->items) return;
        out->element = field->element;
        out->array.items = array->items;
        out->array.length = array->length;
        out->array.values = false;
        break;
    }
    default: return;
    }
    out->kind = field->kind;
}

void corm__member_get(const corm_field *field, const void *row, corm_value *out) {
    get(field, (const char *)row + field->offset, out);
}

bool corm__member_unset(const corm_field *field, const void *row) {
    static const corm_uuid no_uuid;
    corm_value value;
    corm__member_get(field, row, &value);
    if (value.kind == CORM_NULL) return true;
    if (field->optional) return false;
    switch (value.kind) {
    case CORM_IDENTITY:
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_BIGINT: return value.integer == 0;
    case CORM_BOOLEAN: return !value.boolean;
    case CORM_REAL:
    case CORM_DOUBLE_PRECISION: return value.real == 0;
    case CORM_DECIMAL:
        return value.decimal.low == 0 && value.decimal.high == 0 &&
               value.decimal.scale != CORM_DECIMAL_NAN;
    case CORM_DATE: return value.date.days == 0;
    case CORM_TIME: return value.time.us == 0;
    case CORM_TIMESTAMP: return value.timestamp.us == 0;
    case CORM_INTERVAL: return value.interval.us == 0;
    case CORM_UUID: return memcmp(&value.uuid, &no_uuid, sizeof no_uuid) == 0;
    default: return false;
    }
}

void corm__member_now(const corm_field *field, void *row, corm_timestamp now) {
    void *place = (char *)row + field->offset;
    int64_t days = now.us / day_us - (now.us % day_us < 0);
    corm_date date = { (int32_t)days };
    corm_time time = { now.us - days * day_us };
#define PUT(type, v)                                                                               \
    if (field->optional)                                                                           \
        *(corm_optional_##type *)place = (corm_optional_##type)CORM_SOME(v);                       \
    else                                                                                           \
        *(corm_##type *)place = (v)
    if (field->kind == CORM_DATE) {
        PUT(date, date);
    }
    if (field->kind == CORM_TIME) {
        PUT(time, time);
    }
    if (field->kind == CORM_TIMESTAMP) {
        PUT(timestamp, now);
    }
#undef PUT
}
