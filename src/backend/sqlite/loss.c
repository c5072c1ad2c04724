/* Which rows a change of type would not leave as they are, as a condition. Decimals are units here,
 * as integers, or of a wide one as the text of corm_units. */
#include "backend/sqlite/driver.h"
#include "base/buffer.h"
#include "schema/loss.h"
#include <inttypes.h>

/* % is the column, # the number. */
static void put(corm_buffer *out, const char *pattern, const corm_column *before, int64_t number) {
    for (; *pattern; pattern++) {
        bool wide = before->kind == CORM_DECIMAL && before->digits > CORM__SQLITE_INTEGER_DIGITS;
        if (*pattern == '%') {
            corm__buffer_puts(out, wide ? "corm_units(" : "");
            corm__sqlite_identifier(out, before->name);
            if (wide) corm__buffer_printf(out, ", %d)", before->places);
        } else if (*pattern == '#')
            corm__buffer_printf(out, "%" PRId64, number);
        else
            corm__buffer_putc(out, *pattern);
    }
}

static void write_text(corm_buffer *out, const corm_loss *loss, const corm_column *before) {
    put(out, "(NOT corm_regexp(lower(%), '", before, 0);
    corm__buffer_puts(out, loss->pattern);
    corm__buffer_puts(out, "')");
    if (loss->digits)
        put(out, " OR length(replace(replace(replace(%, '.', ''), '-', ''), '+', '')) > #", before,
            loss->digits);
    corm__buffer_putc(out, ')');
}

static int64_t power_of_ten(int n) {
    int64_t power = 1;
    while (n-- > 0 && power < INT64_MAX / 10) power *= 10;
    return power;
}

void corm__sqlite_loses(corm_buffer *out, const corm_column *before, const corm_column *after) {
    corm_loss loss;
    bool decimal = before->kind == CORM_DECIMAL;
    if (!corm__loss_of(before, after, &loss)) return;
    switch (loss.rule) {
    case CORM_LOSS_NONE: break;
    case CORM_LOSS_PLACES:
        put(out, "substr(%, -#) GLOB '*[1-9]*'", before, before->places - loss.places);
        break;
    case CORM_LOSS_FRACTION: put(out, "round(%, #) <> %", before, loss.places); break;
    case CORM_LOSS_LARGE:
        if (decimal)
            put(out, "CAST(% AS real) NOT BETWEEN -# AND #", before, loss.limit - 1);
        else
            put(out, "% NOT BETWEEN -# AND #", before, loss.limit);
        break;
    case CORM_LOSS_SINGLE: put(out, "corm_single(%) <> %", before, 0); break;
    case CORM_LOSS_TRUTH:
        put(out, decimal ? "CAST(% AS INTEGER) NOT IN (0, #)" : "% NOT IN (0, #)", before,
            decimal ? power_of_ten(before->places) : 1);
        break;
    case CORM_LOSS_CLOCK: put(out, "substr(%, 11) GLOB '*[1-9]*'", before, 0); break;
    case CORM_LOSS_DAY: put(out, "% IS NOT NULL", before, 0); break;
    case CORM_LOSS_DAYS: put(out, "% NOT BETWEEN 0 AND 86399999999", before, 0); break;
    case CORM_LOSS_LENGTH: put(out, "length(%) > #", before, loss.limit); break;
    case CORM_LOSS_TEXT: write_text(out, &loss, before); break;
    case CORM_LOSS_JSON: put(out, "(% IS NOT NULL AND NOT json_valid(%))", before, 0); break;
    case CORM_LOSS_ELEMENTS: break; /* there are no arrays */
    }
}
