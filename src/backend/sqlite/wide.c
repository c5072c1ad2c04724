/* Decimals of more than 18 digits, which an INTEGER does not hold, as texts.
 *
 * SQLite compares texts byte by byte, in an index and in every program, so the text is made to sort
 * as the values do. All have 38 digits: 123.45 in decimal(20, 2) is
 *     000000000000000000000000000000000123.45
 * which any program reads as the number. A negative value has, behind a minus that sorts before the
 * digits, each digit taken from nine, so that the lesser number is the lesser text; behind a space
 * the value itself follows, for people and for SQL by hand. -123.45 is
 *     -999999999999999999999999999999999876.54 -123.45
 * Files of an earlier corm hold the digits of the units and a collation: see form.c. */
#include "backend/sqlite/driver.h"
#include <string.h>

void corm__sqlite_wide_format(corm_decimal value, char out[CORM__SQLITE_WIDE_TEXT]) {
    char text[CORM_DECIMAL_TEXT];
    corm_decimal_format(value, text, sizeof text);
    bool negative = text[0] == '-';
    const char *digits = text + negative;
    int length = (int)strcspn(digits, "."), width = CORM_DECIMAL_MAX_DIGITS - value.scale;
    char *at = out;
    if (negative) *at++ = '-';
    for (int i = width; i > length; i--) *at++ = negative ? '9' : '0';
    /* 0.45 of decimal(38, 38): the zero before the point is no digit of it */
    if (length > width) digits += length - width;
    for (; *digits; digits++)
        *at++ = *digits == '.' || !negative ? *digits : (char)('0' + '9' - *digits);
    *at = 0;
    if (!negative) return;
    *at++ = ' ';
    strcpy(at, text);
}

bool corm__sqlite_decimal_parse(const char *text, size_t size, int places, corm_decimal *out) {
    char copy[CORM__SQLITE_WIDE_TEXT];
    if (!text || size >= sizeof copy || memchr(text, 0, size)) return false;
    memcpy(copy, text, size);
    copy[size] = 0;
    const char *plain = copy[0] == '-' ? strchr(copy, ' ') : NULL;
    plain = plain ? plain + 1 : copy;
    if (corm_decimal_parse(plain, out) != 0 || out->scale == CORM_DECIMAL_NAN) return false;
    if (!strpbrk(plain, ".eE") && out->scale == 0) out->scale = places;
    return true;
}

bool corm__sqlite_decimal_fits(corm_decimal value, int digits) {
    char text[CORM_DECIMAL_TEXT];
    value.scale = 0;
    const char *first = corm_decimal_format(value, text, sizeof text);
    return (int)strlen(first) - (*first == '-') <= digits;
}

/* corm_wide(value, places): units or a text as the text of a wide column. */
static void wide(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    corm_decimal value;
    char text[CORM__SQLITE_WIDE_TEXT];
    int places = sqlite3_value_int(values[1]), type = sqlite3_value_type(values[0]);
    if (type == SQLITE_NULL) return;
    if ((type != SQLITE_INTEGER && type != SQLITE_TEXT) || places < 0 ||
        places > CORM_DECIMAL_MAX_DIGITS ||
        !corm__sqlite_decimal_parse((const char *)sqlite3_value_text(values[0]),
                                    (size_t)sqlite3_value_bytes(values[0]), places, &value)) {
        sqlite3_result_value(context, values[0]); /* whoever reads it says what it is */
        return;
    }
    if (corm_decimal_rescale(value, places, false, &value) != 0 ||
        !corm__sqlite_decimal_fits(value, CORM_DECIMAL_MAX_DIGITS)) {
        sqlite3_result_error(context, "decimal overflow", -1);
        return;
    }
    corm__sqlite_wide_format(value, text);
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

int corm__sqlite_wide_functions(corm_conn *conn) {
    return sqlite3_create_function_v2(conn->db, "corm_wide", 2,
                                      SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                      wide, NULL, NULL, NULL);
}
