/* A value is lost when what the new type makes of it is not what was written: digits are rounded, a
 * time of day is cut, a text is read as something that it does not say. A value that the new type
 * has no place for at all is an error of the engine, and no rule is needed for it; but for texts,
 * which each engine reads in its own way, the rule says what is read at all. */
#include "schema/loss.h"
#include <stdio.h>
#include <string.h>

/* The integers that a floating-point number holds without a gap, and the digits that survive it. */
static const struct precision {
    int64_t integer, units;
    int digits;
} single_precision = { 1 << 24, 1000000, 6 },
  double_precision = { INT64_C(1) << 53, INT64_C(1000000000000000), 15 };

static corm_kind kind_of(const corm_column *column) {
    if (column->kind != CORM_IDENTITY) return column->kind;
    return column->element ? column->element : CORM_BIGINT;
}

static bool is_integer(corm_kind kind) {
    return kind == CORM_SMALLINT || kind == CORM_INTEGER || kind == CORM_BIGINT ||
           kind == CORM_INTERVAL;
}
static bool is_float(corm_kind kind) { return kind == CORM_REAL || kind == CORM_DOUBLE_PRECISION; }
static bool is_text(corm_kind kind) {
    return kind == CORM_VARCHAR || kind == CORM_TEXT || kind == CORM_ENUMERATION;
}

static void write_pattern(corm_loss *out, const char *pattern) {
    out->rule = CORM_LOSS_TEXT;
    snprintf(out->pattern, sizeof out->pattern, "%s", pattern);
}

#define DAY "[0-9]{4}-[0-9]{2}-[0-9]{2}"
#define CLOCK "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?"

static void from_text(const corm_column *after, corm_loss *out) {
    corm_kind to = kind_of(after);
    out->why = "a text that is not written as such a value is read as another one, or not at all";
    if (is_integer(to)) write_pattern(out, "^[+-]?[0-9]+$");
    if (is_float(to)) {
        write_pattern(out, "^[+-]?[0-9]+([.][0-9]*)?([eE][+-]?[0-9]+)?$");
        out->digits = to == CORM_REAL ? single_precision.digits : double_precision.digits;
    }
    switch (to) {
    case CORM_DECIMAL:
        out->rule = CORM_LOSS_TEXT;
        snprintf(out->pattern, sizeof out->pattern, "^[+-]?[0-9]+([.][0-9]{0,%d}0*)?$",
                 after->places);
        break;
    case CORM_BOOLEAN:
        out->always = true;
        write_pattern(out, "^(t|true|y|yes|on|1|f|false|n|no|off|0)$");
        break;
    case CORM_DATE: write_pattern(out, "^" DAY "$"); break;
    case CORM_TIME: write_pattern(out, "^" CLOCK "$"); break;
    case CORM_TIMESTAMP: write_pattern(out, "^" DAY "([ T]" CLOCK ")?$"); break;
    case CORM_UUID:
        out->always = true;
        write_pattern(out,
                      "^([0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$");
        break;
    case CORM_JSON:
        out->always = true;
        out->rule = CORM_LOSS_JSON;
        break;
    default: break;
    }
}

static void to_shorter(const corm_column *before, const corm_column *after, corm_loss *out) {
    if (before->kind == CORM_VARCHAR && before->max_length &&
        before->max_length <= after->max_length)
        return;
    out->rule = CORM_LOSS_LENGTH;
    out->limit = after->max_length;
    out->why = "a text that is too long is cut, or refused";
}

static void between_numbers(const corm_column *before, const corm_column *after, corm_loss *out) {
    corm_kind from = kind_of(before), to = kind_of(after);
    const struct precision *precision = to == CORM_REAL ? &single_precision : &double_precision;
    int places = to == CORM_DECIMAL ? after->places : 0;
    if (to == CORM_BOOLEAN) {
        out->rule = CORM_LOSS_TRUTH;
        out->why = "a number other than 0 and 1 becomes true";
    } else if (is_float(to) && from == CORM_DOUBLE_PRECISION) {
        if (to == CORM_REAL) out->rule = CORM_LOSS_SINGLE;
    } else if (is_float(to) && !is_float(from) && from != CORM_SMALLINT &&
               !(from == CORM_INTEGER && to == CORM_DOUBLE_PRECISION)) {
        out->rule = CORM_LOSS_LARGE;
        out->limit = from == CORM_DECIMAL ? precision->units : precision->integer;
    } else if (!is_float(to) && is_float(from)) {
        out->rule = CORM_LOSS_FRACTION;
        out->places = places;
    } else if (!is_float(to) && from == CORM_DECIMAL && before->places > places) {
        out->rule = CORM_LOSS_PLACES;
        out->places = places;
    }
    if (!out->why) out->why = "a value that has more digits is rounded";
}

static void between_moments(corm_kind from, corm_kind to, corm_loss *out) {
    if (from == CORM_TIMESTAMP && to == CORM_DATE) out->rule = CORM_LOSS_CLOCK;
    if (from == CORM_TIMESTAMP && to == CORM_TIME) out->rule = CORM_LOSS_DAY;
    if (from == CORM_INTERVAL && to == CORM_TIME) out->rule = CORM_LOSS_DAYS;
    out->why = from == CORM_INTERVAL ? "an interval that is no time of day is turned into one"
               : to == CORM_DATE     ? "the time of day is cut"
                                     : "the day is cut";
}

bool corm__loss_of(const corm_column *before, const corm_column *after, corm_loss *out) {
    corm_kind from = kind_of(before), to = kind_of(after);
    bool numbers = (is_integer(from) || is_float(from) || from == CORM_DECIMAL) &&
                   (is_integer(to) || is_float(to) || to == CORM_DECIMAL || to == CORM_BOOLEAN);
    *out = (corm_loss){ 0 };
    if (from == CORM_ARRAY && to == CORM_ARRAY) {
        if (before->element != after->element) out->rule = CORM_LOSS_ELEMENTS;
        out->why = "an element is rounded, or read as another value";
    } else if (is_text(from) && to == CORM_VARCHAR) {
        to_shorter(before, after, out);
    } else if (is_text(from) || (from == CORM_JSON && (numbers || is_integer(to) || is_float(to) ||
                                                       to == CORM_DECIMAL || to == CORM_BOOLEAN))) {
        from_text(after, out);
    } else if (numbers) {
        between_numbers(before, after, out);
    } else {
        between_moments(from, to, out);
    }
    return out->rule != CORM_LOSS_NONE;
}
