/* numeric, PostgreSQL's decimal, in binary: a number in base 10,000. How many digits, the weight of
 * the first one (10,000^weight), the sign, how many decimal digits are shown behind the point (the
 * scale), then the digits. So decimal digits are grouped by four from the point to both sides. */
#include "backend/postgresql/postgresql.h"
#include <string.h>

typedef unsigned __int128 uwide;

enum {
    POSITIVE = 0,
    NEGATIVE = 0x4000,
    NOT_A_NUMBER = 0xC000,
    INFINITE = 0xD000,
    MINUS_INFINITE = 0xF000,
    HEADER = 8
};

static int fail(const char **why, const char *text) {
    *why = text;
    return CORM_ERROR_RANGE;
}

int corm__pg_put_numeric(corm_buffer *out, corm_decimal value, const char **why) {
    bool nan = value.scale == CORM_DECIMAL_NAN, negative = !nan && value.high < 0;
    if (!nan && (value.scale < 0 || value.scale > CORM_DECIMAL_MAX_DIGITS))
        return fail(why, "its scale is not 0 to 38");
    uwide rest = nan ? 0 : (uwide)(uint64_t)value.high << 64 | value.low;
    if (negative) rest = -rest;
    /* All decimal digits, the least first, with zeros below so that groups of four end at the
     * point. */
    char digits[96] = { 0 };
    int scale = nan ? 0 : value.scale, below = (4 - scale % 4) % 4, n = below;
    for (; rest; rest /= 10) digits[n++] = (char)(rest % 10);
    if (n - below > CORM_DECIMAL_MAX_DIGITS) return fail(why, "it has more than 38 digits");
    int groups = n == below ? 0 : (n + 3) / 4, lowest = 0;
    uint16_t group[24];
    for (int i = 0; i < groups; i++)
        group[i] = (uint16_t)(digits[4 * i] + digits[4 * i + 1] * 10 + digits[4 * i + 2] * 100 +
                              digits[4 * i + 3] * 1000);
    int weight = groups ? groups - 1 - (scale + below) / 4 : 0;
    while (lowest < groups && group[lowest] == 0) lowest++;
    int size = HEADER + 2 * (groups - lowest);
    char *p = corm__buffer_reserve(out, 4 + (size_t)size);
    if (!p) return 0;
    corm__pg_put32(p, (uint32_t)size);
    corm__pg_put16(p + 4, (uint16_t)(groups - lowest));
    corm__pg_put16(p + 6, (uint16_t)weight);
    corm__pg_put16(p + 8, nan ? NOT_A_NUMBER : negative ? NEGATIVE : POSITIVE);
    corm__pg_put16(p + 10, (uint16_t)scale);
    p += 12;
    for (int i = groups; i-- > lowest; p += 2) corm__pg_put16(p, group[i]);
    out->length += 4 + (size_t)size;
    return 0;
}

static const uint16_t tens[] = { 1, 10, 100, 1000, 10000 };

/* Digits in base 10,000 as an integer times 10^-scale. False when that takes more than 38 digits or
 * drops a digit. */
static bool gather(const char *groups, int n, int weight, int scale, uwide *out) {
    const uwide limit = ((uwide)10000000000000000000ULL * 10000000000000000000ULL); /* 10^38 */
    uwide sum = 0;
    for (int i = 0; i < n; i++) {
        unsigned group = corm__pg_get16(groups + 2 * i);
        int shift = 4 * (weight - i) + scale; /* the group counts 10^shift */
        if (shift <= -4) {
            if (group) return false;
            continue;
        }
        int keep = shift < 0 ? 4 + shift : 4; /* of its four digits */
        if (group % tens[4 - keep]) return false;
        if (sum > limit / tens[keep]) return false;
        sum = sum * tens[keep] + group / tens[4 - keep];
        if (sum >= limit) return false;
    }
    int zeros = n ? 4 * (weight - n + 1) + scale : 0;
    for (; zeros > 0 && sum; zeros--) {
        if (sum >= limit / 10) return false;
        sum *= 10;
    }
    *out = sum;
    return true;
}

/* The least scale that keeps all digits. */
static int least_scale(const char *groups, int n, int weight) {
    int scale = 4 * (n - 1 - weight);
    if (n)
        for (unsigned group = corm__pg_get16(groups + 2 * (n - 1)); group && group % 10 == 0;
             group /= 10)
            scale--;
    return n && scale > 0 ? scale : 0;
}

int corm__pg_get_numeric(const char *p, int size, corm_decimal *out, const char **why) {
    if (size < HEADER) return CORM_ERROR_PROTOCOL;
    int n = corm__pg_get16(p), weight = (int16_t)corm__pg_get16(p + 2),
        sign = corm__pg_get16(p + 4), scale = corm__pg_get16(p + 6);
    if (size != HEADER + 2 * n) return CORM_ERROR_PROTOCOL;
    if (sign == NOT_A_NUMBER) {
        *out = (corm_decimal){ .scale = CORM_DECIMAL_NAN };
        return 0;
    }
    if (sign == INFINITE || sign == MINUS_INFINITE) return fail(why, "infinity");
    if (sign != POSITIVE && sign != NEGATIVE) return CORM_ERROR_PROTOCOL;
    const char *groups = p + HEADER;
    for (int i = 0; i < n; i++)
        if (corm__pg_get16(groups + 2 * i) > 9999) return CORM_ERROR_PROTOCOL;
    uwide sum;
    if (scale > CORM_DECIMAL_MAX_DIGITS || !gather(groups, n, weight, scale, &sum)) {
        scale = least_scale(groups, n, weight); /* zeros behind the point may go */
        if (scale > CORM_DECIMAL_MAX_DIGITS || !gather(groups, n, weight, scale, &sum))
            return fail(why, "it has more than 38 digits");
    }
    if (sign == NEGATIVE) sum = -sum;
    *out = (corm_decimal){ .low = (uint64_t)sum,
                           .high = (int64_t)(uint64_t)(sum >> 64),
                           .scale = scale };
    return 0;
}
