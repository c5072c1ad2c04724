/* Decimals of up to 38 digits.
 *
 * The sign is split off, and the magnitude is worked on as four 32-bit limbs: the only two
 * operations that are needed, multiply-and-add and divide by a number below 2^32, then fit in
 * 64-bit arithmetic on every machine. Powers of ten are taken in steps of 10^9, the largest that
 * fits a limb. What fits in one 64-bit word, which is nearly everything, never leaves it. A value
 * is in range when its magnitude is below 10^38. */
#include "base/real.h"
#include <corm/status.h>
#include <corm/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct magnitude {
    uint32_t limbs[4];
} magnitude; /* the lowest first */

enum { STEP = 9, MAX_SCALE = CORM_DECIMAL_MAX_DIGITS, WORD_DIGITS = 19 };
static const uint32_t powers[STEP + 1] = { 1,      10,      100,      1000,      10000,
                                           100000, 1000000, 10000000, 100000000, 1000000000 };
static const uint64_t LIMIT_HIGH = 0x4B3B4CA85A86C47Au, LIMIT_LOW = 0x098A224000000000u; /* 10^38 */

/* A scale that no decimal has counts as NaN too, so that a struct with rubbish in it is harmless.
 */
static bool is_nan(corm_decimal value) { return value.scale < 0 || value.scale > MAX_SCALE; }
static bool is_zero(corm_decimal value) { return value.low == 0 && value.high == 0; }

static uint64_t low_word(const magnitude *m) { return m->limbs[0] | (uint64_t)m->limbs[1] << 32; }
static uint64_t high_word(const magnitude *m) { return m->limbs[2] | (uint64_t)m->limbs[3] << 32; }

static magnitude of_words(uint64_t high, uint64_t low) {
    return (magnitude){ { (uint32_t)low, (uint32_t)(low >> 32), (uint32_t)high,
                          (uint32_t)(high >> 32) } };
}

static magnitude magnitude_of(corm_decimal value) {
    uint64_t low = value.low, high = (uint64_t)value.high;
    if (value.high < 0) {
        low = -low;
        high = ~high + (low == 0);
    }
    return of_words(high, low);
}

static corm_decimal with_sign(const magnitude *m, bool negative, int scale) {
    uint64_t low = low_word(m), high = high_word(m);
    if (negative) {
        low = -low;
        high = ~high + (low == 0);
    }
    return (corm_decimal){ .low = low, .high = (int64_t)high, .scale = scale };
}

static bool in_range(const magnitude *m) {
    uint64_t high = high_word(m);
    return high < LIMIT_HIGH || (high == LIMIT_HIGH && low_word(m) < LIMIT_LOW);
}

/* m × factor + term; false, and m as it was, when the result is out of range. */
static bool multiply_add(magnitude *m, uint32_t factor, uint32_t term) {
    magnitude result;
    uint64_t carry = term;
    for (int i = 0; i < 4; i++) {
        carry += (uint64_t)m->limbs[i] * factor;
        result.limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry || !in_range(&result)) return false;
    *m = result;
    return true;
}

/* Divides in place and returns the remainder. */
static uint32_t divide(magnitude *m, uint32_t divisor) {
    uint64_t remainder = 0;
    for (int i = 3; i >= 0; i--) {
        remainder = remainder << 32 | m->limbs[i];
        m->limbs[i] = (uint32_t)(remainder / divisor);
        remainder %= divisor;
    }
    return (uint32_t)remainder;
}

static bool scale_up(magnitude *m, int places) {
    for (; places > STEP; places -= STEP)
        if (!multiply_add(m, powers[STEP], 0)) return false;
    return multiply_add(m, powers[places], 0);
}

corm_decimal corm_decimal_of(int64_t units, int scale) {
    return (corm_decimal){ .low = (uint64_t)units,
                           .high = units < 0 ? -1 : 0,
                           .scale = scale < 0 || scale > MAX_SCALE ? CORM_DECIMAL_NAN : scale };
}

/* The digits around at most one point, and how many follow it; NULL when they are none, or too
 * many. */
static const char *parse_digits(const char *text, magnitude *m, long *places, int *status) {
    uint64_t word = 0;
    int in_word = 0, digits = 0;
    bool wide = false, point = false;
    *places = 0;
    *status = CORM_ERROR_TYPE;
    for (;; text++) {
        if (*text == '.' && !point) {
            point = true;
            continue;
        }
        if (*text < '0' || *text > '9') break;
        uint32_t digit = (uint32_t)(*text - '0');
        digits = 1;
        if (!wide && in_word < WORD_DIGITS) {
            word = word * 10 + digit;
            in_word += word != 0;
        } else {
            if (!wide) *m = of_words(0, word);
            wide = true;
            if (!multiply_add(m, 10, digit)) {
                size_t zeros = strspn(text, "0"); /* at the end of a fraction they are the only
                                                     digits that may be too many */
                if (point && zeros && (text[zeros] < '0' || text[zeros] > '9')) {
                    text += zeros;
                    break;
                }
                *status = CORM_ERROR_RANGE;
                return NULL;
            }
        }
        *places += point;
    }
    if (!wide) *m = of_words(0, word);
    return digits ? text : NULL;
}

/* Reads "e-12" at text into *exponent; a number that is far too large stays so. NULL when it has no
 * digits. */
static const char *parse_exponent(const char *text, long *exponent) {
    bool negative = text[1] == '-';
    text += text[1] == '-' || text[1] == '+' ? 2 : 1;
    if (*text < '0' || *text > '9') return NULL;
    for (*exponent = 0; *text >= '0' && *text <= '9'; text++)
        if (*exponent < 100000000) *exponent = *exponent * 10 + (*text - '0');
    if (negative) *exponent = -*exponent;
    return text;
}

int corm_decimal_parse(const char *text, corm_decimal *out) {
    bool negative = *text == '-';
    if (negative || *text == '+')
        text++;
    else if ((text[0] | 32) == 'n' && (text[1] | 32) == 'a' && (text[2] | 32) == 'n' && !text[3]) {
        *out = (corm_decimal){ .scale = CORM_DECIMAL_NAN };
        return 0;
    }
    magnitude m;
    long scale, exponent = 0;
    int status;
    text = parse_digits(text, &m, &scale, &status);
    if (text && (*text | 32) == 'e') text = parse_exponent(text, &exponent);
    if (!text || *text) return status;
    scale -= exponent;
    bool zero = low_word(&m) == 0 && high_word(&m) == 0;
    if (zero) scale = scale < 0 ? 0 : scale > MAX_SCALE ? MAX_SCALE : scale;
    if (scale < -MAX_SCALE || scale > 2 * MAX_SCALE) return CORM_ERROR_RANGE;
    for (; scale > MAX_SCALE; scale--)
        if (divide(&m, 10)) return CORM_ERROR_RANGE;
    if (scale < 0) {
        if (!scale_up(&m, (int)-scale)) return CORM_ERROR_RANGE;
        scale = 0;
    }
    *out = with_sign(&m, negative, (int)scale);
    return 0;
}

/* The digits, right-aligned so that they end before end, at least `least` of them. Returns where
 * they start. */
static char *write_digits(magnitude m, int least, char *end) {
    char *p = end;
    while (high_word(&m)) {
        uint32_t chunk = divide(&m, powers[STEP]);
        for (int i = 0; i < STEP; i++, chunk /= 10) *--p = (char)('0' + chunk % 10);
    }
    for (uint64_t word = low_word(&m); word; word /= 10) *--p = (char)('0' + word % 10);
    while (end - p < least) *--p = '0';
    return p;
}

char *corm_decimal_format(corm_decimal value, char *out, size_t size) {
    char text[CORM_DECIMAL_TEXT], *p = text;
    if (is_nan(value)) {
        memcpy(text, "NaN", 4);
        p += 3;
    } else {
        char digits[CORM_DECIMAL_TEXT], *end = digits + sizeof digits;
        const char *first = write_digits(magnitude_of(value), value.scale + 1, end);
        size_t whole = (size_t)(end - first) - (size_t)value.scale;
        if (value.high < 0) *p++ = '-';
        memcpy(p, first, whole);
        p += whole;
        if (value.scale) {
            *p++ = '.';
            memcpy(p, first + whole, (size_t)value.scale);
            p += value.scale;
        }
    }
    if (!size) return out;
    size_t length = (size_t)(p - text);
    if (length >= size) length = size - 1;
    memcpy(out, text, length);
    out[length] = 0;
    return out;
}

int corm_decimal_compare(corm_decimal a, corm_decimal b) {
    if (is_nan(a) || is_nan(b)) return is_nan(a) - is_nan(b);
    int sign_a = a.high < 0 ? -1 : !is_zero(a), sign_b = b.high < 0 ? -1 : !is_zero(b);
    if (sign_a != sign_b) return sign_a < sign_b ? -1 : 1;
    magnitude x = magnitude_of(a), y = magnitude_of(b);
    /* With one scale for both; one that does not fit at the scale of the other is the larger one.
     */
    if (a.scale < b.scale && !scale_up(&x, b.scale - a.scale)) return sign_a;
    if (b.scale < a.scale && !scale_up(&y, a.scale - b.scale)) return -sign_a;
    for (int i = 3; i >= 0; i--)
        if (x.limbs[i] != y.limbs[i]) return x.limbs[i] < y.limbs[i] ? -sign_a : sign_a;
    return 0;
}

int corm_decimal_rescale(corm_decimal value, int scale, bool round, corm_decimal *out) {
    if (scale < 0 || scale > MAX_SCALE) return CORM_ERROR_RANGE;
    if (is_nan(value) || value.scale == scale) {
        *out = value;
        return 0;
    }
    magnitude m = magnitude_of(value);
    int drop = value.scale - scale;
    if (drop < 0) {
        if (!scale_up(&m, -drop)) return CORM_ERROR_RANGE;
    } else {
        bool lost = false;
        for (drop--; drop > 0;) { /* all but the first of the digits that go: it decides */
            int step = drop < STEP ? drop : STEP;
            if (divide(&m, powers[step])) lost = true;
            drop -= step;
        }
        uint32_t digit = divide(&m, 10);
        if (!round && (lost || digit)) return CORM_ERROR_RANGE;
        if (digit >= 5 && !multiply_add(&m, 1, 1)) return CORM_ERROR_RANGE;
    }
    *out = with_sign(&m, value.high < 0, scale);
    return 0;
}

double corm_decimal_to_double(corm_decimal value) {
    if (is_nan(value)) return __builtin_nan("");
    magnitude m = magnitude_of(value);
    static const double exact[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    if (!high_word(&m) && low_word(&m) <= (uint64_t)1 << 53 && value.scale <= 22) {
        double units = (double)low_word(&m) /
                       exact[value.scale]; /* both exact: so the quotient is rounded once */
        return value.high < 0 ? -units : units;
    }
    char text[CORM_DECIMAL_TEXT + 8], *end = text + CORM_DECIMAL_TEXT;
    char *first = write_digits(m, 1, end);
    if (value.high < 0) *--first = '-';
    snprintf(end, 8, "e-%d", (int)value.scale);
    return corm__real_parse(first, NULL);
}
