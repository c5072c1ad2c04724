/* What changing the type of a column may do to the values that are there. One rule for all engines;
 * each writes it as a condition in its own SQL. */
#pragma once
#include "schema/schema.h"

CORM__SHARED_BEGIN

typedef enum corm_loss_rule {
    CORM_LOSS_NONE,     /* every value stays what it is, or is an error of the engine's own */
    CORM_LOSS_PLACES,   /* a decimal: digits behind the first `places` */
    CORM_LOSS_FRACTION, /* a real or double_precision: the same */
    CORM_LOSS_LARGE,    /* an integer beyond `limit`, or a decimal whose digits make such a one */
    CORM_LOSS_SINGLE,   /* a double_precision that no real is equal to */
    CORM_LOSS_TRUTH,    /* a number other than 0 and 1 */
    CORM_LOSS_CLOCK,    /* a timestamp's time of day */
    CORM_LOSS_DAY,      /* a timestamp's day: any value */
    CORM_LOSS_DAYS,     /* an interval that is no time of day */
    CORM_LOSS_LENGTH,   /* a text of more than `limit` characters */
    /* a text that is not written as `pattern` says, with `digits` at the most */
    CORM_LOSS_TEXT,
    CORM_LOSS_JSON,     /* a text that is no JSON */
    CORM_LOSS_ELEMENTS  /* an array that is another one when it is turned there and back */
} corm_loss_rule;

typedef struct corm_loss {
    corm_loss_rule rule;
    int places, digits;     /* digits 0: any number */
    int64_t limit;
    char pattern[128];      /* a regular expression, of those that all engines read alike */
    bool always;            /* such a value cannot be converted at all */
    const char *why;        /* "it is rounded", for people; static */
} corm_loss;

/* False when no value can be lost. */
bool corm__loss_of(const corm_column *before, const corm_column *after, corm_loss *out);

CORM__SHARED_END
