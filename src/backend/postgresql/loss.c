/* Which rows a change of type would not leave as they are, as a condition. */
#include "backend/postgresql/ddl.h"
#include "schema/loss.h"
#include <inttypes.h>

/* % is the column, # the new type. */
static void put(corm_buffer *out, const char *pattern, const corm_column *before,
                const corm_column *after) {
    for (; *pattern; pattern++) {
        if (*pattern == '%')
            corm__pg_identifier(out, before->name);
        else if (*pattern == '#')
            corm__pg_type_name(out, after);
        else if (*pattern == '$')
            corm__pg_type_name(out, before);
        else
            corm__buffer_putc(out, *pattern);
    }
}

static void write_limit(corm_buffer *out, const corm_column *before, int64_t limit) {
    bool decimal = before->kind == CORM_DECIMAL;
    put(out, decimal ? "abs(%) >= " : "(% NOT BETWEEN ", before, before);
    if (decimal)
        corm__buffer_printf(out, "%" PRId64 " / 1e%d", limit, before->places);
    else
        corm__buffer_printf(out, "-%" PRId64 " AND %" PRId64 ")", limit, limit);
}

static void write_text(corm_buffer *out, const corm_loss *loss, const corm_column *before) {
    put(out, "(lower(%::text) !~ ", before, before);
    corm__pg_literal(out, loss->pattern);
    if (loss->digits) {
        put(out, " OR length(translate(%::text, '+-.', '')) > ", before, before);
        corm__buffer_printf(out, "%d", loss->digits);
    }
    corm__buffer_putc(out, ')');
}

void corm__pg_loses(corm_buffer *out, const corm_column *before, const corm_column *after) {
    corm_loss loss;
    if (!corm__loss_of(before, after, &loss)) return;
    switch (loss.rule) {
    case CORM_LOSS_NONE: break;
    case CORM_LOSS_PLACES:
        put(out, "round(%, ", before, after);
        corm__buffer_printf(out, "%d", loss.places);
        put(out, ") <> %", before, after);
        break;
    case CORM_LOSS_FRACTION: /* by way of text: the cast to numeric keeps 15 digits */
        put(out, "round(%::text::numeric, ", before, after);
        corm__buffer_printf(out, "%d", loss.places);
        put(out, ") <> %::text::numeric", before, after);
        break;
    case CORM_LOSS_LARGE: write_limit(out, before, loss.limit); break;
    case CORM_LOSS_SINGLE: put(out, "%::real::double precision <> %", before, after); break;
    case CORM_LOSS_TRUTH: put(out, "% NOT IN (0, 1)", before, after); break;
    case CORM_LOSS_CLOCK: put(out, "%::time <> '00:00'", before, after); break;
    case CORM_LOSS_DAY: put(out, "% IS NOT NULL", before, after); break;
    case CORM_LOSS_DAYS:
        put(out, "(% < interval '0' OR % >= interval '24 hours')", before, after);
        break;
    case CORM_LOSS_LENGTH:
        put(out, "char_length(%) > ", before, after);
        corm__buffer_printf(out, "%" PRId64, loss.limit);
        break;
    case CORM_LOSS_TEXT: write_text(out, &loss, before); break;
    case CORM_LOSS_JSON: break; /* the cast refuses it */
    case CORM_LOSS_ELEMENTS: put(out, "%::#::$ IS DISTINCT FROM %", before, after); break;
    }
}
