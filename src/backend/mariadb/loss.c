/* Which rows a change of type would not leave as they are, as a condition. */
#include "backend/mariadb/ddl.h"
#include "schema/loss.h"
#include <inttypes.h>

static void write_limit(corm_buffer *out, const corm_column *before, int64_t limit) {
    if (before->kind == CORM_DECIMAL) {
        corm__mariadb_write(out, "abs(%I) >= ", before->name);
        corm__buffer_printf(out, "%" PRId64 " / 1e%d", limit, before->places);
    } else {
        corm__mariadb_write(out, "%I NOT BETWEEN ", before->name);
        corm__buffer_printf(out, "-%" PRId64 " AND %" PRId64, limit, limit);
    }
}

static void write_text(corm_buffer *out, const corm_loss *loss, const corm_column *before) {
    corm__mariadb_write(out, "(lower(%I) NOT REGEXP %L", before->name, loss->pattern);
    if (loss->digits) {
        corm__mariadb_write(out,
                            " OR char_length(replace(replace(replace(%I, '.', ''), '-', ''), '+', "
                            "'')) > ",
                            before->name);
        corm__buffer_printf(out, "%d", loss->digits);
    }
    corm__buffer_putc(out, ')');
}

/* Of a column and a number. */
static void put(corm_buffer *out, const char *pattern, const corm_column *before, int64_t number) {
    for (; *pattern; pattern++) {
        if (*pattern == '%')
            corm__mariadb_identifier(out, before->name);
        else if (*pattern == '#')
            corm__buffer_printf(out, "%" PRId64, number);
        else
            corm__buffer_putc(out, *pattern);
    }
}

void corm__mariadb_loses(corm_buffer *out, const corm_column *before, const corm_column *after) {
    corm_loss loss;
    if (!corm__loss_of(before, after, &loss)) return;
    switch (loss.rule) {
    case CORM_LOSS_NONE: break;
    case CORM_LOSS_PLACES: put(out, "round(%, #) <> %", before, loss.places); break;
    case CORM_LOSS_FRACTION:
        put(out, "round(CAST(% AS decimal(65,30)), #) <> CAST(% AS decimal(65,30))", before,
            loss.places);
        break;
    case CORM_LOSS_LARGE: write_limit(out, before, loss.limit); break;
    case CORM_LOSS_SINGLE: put(out, "CAST(% AS float) <> %", before, 0); break;
    case CORM_LOSS_TRUTH: put(out, "% NOT IN (0, 1)", before, 0); break;
    case CORM_LOSS_CLOCK: put(out, "CAST(% AS time(6)) <> '00:00:00'", before, 0); break;
    case CORM_LOSS_DAY: put(out, "% IS NOT NULL", before, 0); break;
    case CORM_LOSS_DAYS: put(out, "% NOT BETWEEN 0 AND 86399999999", before, 0); break;
    case CORM_LOSS_LENGTH: put(out, "char_length(%) > #", before, loss.limit); break;
    case CORM_LOSS_TEXT: write_text(out, &loss, before); break;
    case CORM_LOSS_JSON: put(out, "NOT json_valid(%)", before, 0); break;
    case CORM_LOSS_ELEMENTS: break; /* there are no arrays */
    }
}
