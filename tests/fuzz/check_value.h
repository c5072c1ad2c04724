#pragma once
#include <corm/types.h>

/* What was read, by the kind, lies where its type allows it to. "require" is the
 * includer's. */
static void check_value(corm_kind kind, const void *value) {
    char text[CORM_DECIMAL_TEXT];
    if (kind == CORM_TIMESTAMP)
        corm_timestamp_format(*(const corm_timestamp *)value, text, sizeof text);
    if (kind == CORM_DATE) corm_date_format(*(const corm_date *)value, text, sizeof text);
    if (kind == CORM_TIME)
        require(((const corm_time *)value)->us >= 0 &&
                ((const corm_time *)value)->us < 86400000000LL);
    if (kind == CORM_DECIMAL) corm_decimal_format(*(const corm_decimal *)value, text, sizeof text);
    if (kind == CORM_BOOLEAN) require(*(const uint8_t *)value <= 1);
}
