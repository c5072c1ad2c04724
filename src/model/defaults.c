#include "base/real.h"
#include "base/text.h"
#include "model/model.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int integer_of(const corm_default *value, int64_t low, int64_t high, int64_t *out) {
    char *end;
    *out = value->integer;
    if (value->kind == CORM_DEFAULT_TEXT) {
        errno = 0;
        *out = strtoll(value->text, &end, 10);
        if (end == value->text || *end) return CORM_ERROR_TYPE;
        if (errno) return CORM_ERROR_RANGE;
    } else if (value->kind != CORM_DEFAULT_INTEGER) {
        return CORM_ERROR_TYPE;
    }
    return *out < low || *out > high ? CORM_ERROR_RANGE : 0;
}

static int real_of(const corm_default *value, double *out) {
    char *end;
    *out = value->kind == CORM_DEFAULT_INTEGER ? (double)value->integer : value->real;
    if (value->kind != CORM_DEFAULT_TEXT) return 0;
    *out = corm__real_parse(value->text, &end);
    return end == value->text || *end ? CORM_ERROR_TYPE : 0;
}

/* A double is refused: 0.1 is no decimal number. */
static int decimal_of(const corm_field *field, corm_decimal *out) {
    const corm_default *value = &field->default_value;
    bool sane = field->digits > 0 && field->digits <= CORM_DECIMAL_MAX_DIGITS &&
                field->places >= 0 && field->places <= field->digits;
    if (value->kind == CORM_DEFAULT_REAL || !sane) return CORM_ERROR_TYPE;
    *out = corm_decimal_of(value->integer, 0);
    int status = value->kind == CORM_DEFAULT_TEXT ? corm_decimal_parse(value->text, out) : 0;
    corm_decimal limit, size = *out;
    char text[CORM_DECIMAL_TEXT] = "1";
    memset(text + 1, '0', (size_t)(field->digits - field->places));
    text[1 + field->digits - field->places] = 0;
    if (size.high < 0)
        size = (corm_decimal){ ~size.low + 1, ~size.high + (size.low == 0), size.scale };
    if (!status) status = corm_decimal_rescale(*out, field->places, false, out);
    if (!status && field->digits - field->places < CORM_DECIMAL_MAX_DIGITS) {
        status = corm_decimal_parse(text, &limit);
        if (!status && corm_decimal_compare(size, limit) >= 0) status = CORM_ERROR_RANGE;
    }
    return status;
}

static int enumeration_of(const corm_field *field, int *out) {
    const corm_default *value = &field->default_value;
    for (size_t i = 0; field->labels && field->labels->labels[i]; i++) {
        bool hit =
            value->kind == CORM_DEFAULT_TEXT
                ? strcmp(field->labels->labels[i], value->text) == 0
                : value->kind == CORM_DEFAULT_INTEGER && field->labels->values[i] == value->integer;
        if (!hit) continue;
        *out = field->labels->values[i];
        return 0;
    }
    return value->kind == CORM_DEFAULT_REAL ? CORM_ERROR_TYPE : CORM_ERROR_RANGE;
}

static int text_of(const corm_field *field, const char **out) {
    if (field->default_value.kind != CORM_DEFAULT_TEXT) return CORM_ERROR_TYPE;
    *out = field->default_value.text;
    if (field->kind == CORM_JSON) return corm__json_check(*out, CORM_JSON_LEVELS);
    return field->kind == CORM_VARCHAR && corm__characters(*out) > (size_t)field->max_length
               ? CORM_ERROR_RANGE
               : 0;
}

int corm__default_write(const corm_field *field, void *member) {
    const corm_default *value = &field->default_value;
    const char *text = value->kind == CORM_DEFAULT_TEXT ? value->text : "";
    int64_t integer;
    double real;
    int status = CORM_ERROR_TYPE;
    switch (field->kind) {
    case CORM_SMALLINT:
        if (!(status = integer_of(value, INT16_MIN, INT16_MAX, &integer)))
            *(int16_t *)member = (int16_t)integer;
        return status;
    case CORM_INTEGER:
        if (!(status = integer_of(value, INT32_MIN, INT32_MAX, &integer)))
            *(int32_t *)member = (int32_t)integer;
        return status;
    case CORM_BIGINT:
        if (!(status = integer_of(value, INT64_MIN, INT64_MAX, &integer)))
            *(int64_t *)member = integer;
        return status;
    case CORM_BOOLEAN:
        if (value->kind == CORM_DEFAULT_INTEGER && !(status = integer_of(value, 0, 1, &integer)))
            *(bool *)member = integer;
        return status;
    case CORM_REAL:
        if (!(status = real_of(value, &real))) *(float *)member = (float)real;
        return status;
    case CORM_DOUBLE_PRECISION:
        if (!(status = real_of(value, &real))) *(double *)member = real;
        return status;
    case CORM_INTERVAL:
        if (value->kind == CORM_DEFAULT_INTEGER &&
            !(status = integer_of(value, INT64_MIN, INT64_MAX, &integer)))
            ((corm_interval *)member)->us = integer;
        return status;
    case CORM_BLOB:
        if (value->kind == CORM_DEFAULT_TEXT)
            *(corm_blob *)member = (corm_blob){ text, strlen(text) }, status = 0;
        return status;
    case CORM_DECIMAL: return decimal_of(field, member);
    case CORM_ENUMERATION: return enumeration_of(field, member);
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON: return text_of(field, member);
    case CORM_DATE: return corm_date_parse(text, member);
    case CORM_TIME: return corm_time_parse(text, member);
    case CORM_TIMESTAMP: return corm_timestamp_parse(text, member);
    case CORM_UUID: return corm_uuid_parse(text, member);
    default: return CORM_ERROR_TYPE;
    }
}

int corm__value_fits(const corm_column *column, const corm_default *value) {
    corm_member member;
    char digits[CORM_REAL_TEXT];
    corm_field field = { .name = column->name,
                         .kind = column->kind,
                         .max_length = column->max_length,
                         .digits = column->digits,
                         .places = column->places,
                         .default_value = *value };
    if (column->kind == CORM_ARRAY || column->kind == CORM_IDENTITY) return 0;
    if (column->kind == CORM_DECIMAL && value->kind == CORM_DEFAULT_REAL) {
        corm__format(digits, sizeof digits, "%.15g", value->real);
        field.default_value = (corm_default){ .kind = CORM_DEFAULT_TEXT, .text = digits };
    }
    int status = corm__default_write(&field, &member);
    if (!status && column->kind == CORM_REAL && !isfinite(member.single)) return CORM_ERROR_RANGE;
    if (!status && column->kind == CORM_DOUBLE_PRECISION && !isfinite(member.real))
        return CORM_ERROR_RANGE;
    return status;
}

size_t corm__optional_offset(corm_kind kind) {
    switch (kind) {
    case CORM_SMALLINT: return offsetof(corm_optional_smallint, value);
    case CORM_INTEGER: return offsetof(corm_optional_integer, value);
    case CORM_BIGINT: return offsetof(corm_optional_bigint, value);
    case CORM_BOOLEAN: return offsetof(corm_optional_boolean, value);
    case CORM_REAL: return offsetof(corm_optional_real, value);
    case CORM_DOUBLE_PRECISION: return offsetof(corm_optional_double_precision, value);
    case CORM_DECIMAL: return offsetof(corm_optional_decimal, value);
    case CORM_DATE: return offsetof(corm_optional_date, value);
    case CORM_TIME: return offsetof(corm_optional_time, value);
    case CORM_TIMESTAMP: return offsetof(corm_optional_timestamp, value);
    case CORM_INTERVAL: return offsetof(corm_optional_interval, value);
    case CORM_UUID: return offsetof(corm_optional_uuid, value);
    default: return 0;
    }
}

/* A default that does not fit leaves the member as it is: the system checks report it. */
void *corm__defaults(const corm_model *model, void *row) {
    for (size_t i = 0; i < model->n_fields; i++) {
        const corm_field *field = &model->fields[i];
        if (!corm__field_is_column(field) || field->version ||
            field->default_value.kind == CORM_DEFAULT_NONE ||
            field->default_value.kind == CORM_DEFAULT_SQL)
            continue;
        char *member = (char *)row + field->offset;
        size_t value = field->optional ? corm__optional_offset(field->kind) : 0;
        if (corm__default_write(field, member + value) == 0 && field->optional)
            *(bool *)member = true;
    }
    return row;
}
