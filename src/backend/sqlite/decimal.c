/* Exact decimals in SQL. A decimal is its units (see driver.h): an INTEGER, or a text when it does
 * not fit there or the column is wider (wide.c). Here it is a corm_decimal of scale 0: all is
 * computed in 128 bits, units of up to 38 digits, and what is beyond is an error, never an
 * approximation. Multiplication and division work on magnitudes, with nothing that a 32-bit machine
 * does not have. */
#include "backend/sqlite/driver.h"
#include <string.h>

typedef struct magnitude {
    uint64_t high, low;
} magnitude;

static const magnitude LIMIT = { 0x4B3B4CA85A86C47Au, 0x098A224000000000u }; /* 10^38 */

static bool less(magnitude a, magnitude b) {
    return a.high < b.high || (a.high == b.high && a.low < b.low);
}
static magnitude minus(magnitude a, magnitude b) {
    return (magnitude){ a.high - b.high - (a.low < b.low), a.low - b.low };
}
static bool is_zero(corm_decimal value) { return value.low == 0 && value.high == 0; }

static magnitude magnitude_of(corm_decimal value) {
    magnitude m = { (uint64_t)value.high, value.low };
    return value.high < 0 ? minus((magnitude){ 0, 0 }, m) : m;
}

static corm_decimal with_sign(magnitude m, bool negative) {
    if (negative) m = minus((magnitude){ 0, 0 }, m);
    return (corm_decimal){ .low = m.low, .high = (int64_t)m.high };
}

static magnitude multiply_words(uint64_t a, uint64_t b) {
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t low = a0 * b0, middle = a1 * b0 + (low >> 32), other = a0 * b1 + (uint32_t)middle;
    return (magnitude){ a1 * b1 + (middle >> 32) + (other >> 32), other << 32 | (uint32_t)low };
}

/* False: the product has more than 128 bits. */
static bool multiply(magnitude a, magnitude b, magnitude *out) {
    if (a.high && b.high) return false;
    magnitude cross = a.high ? multiply_words(a.high, b.low) : multiply_words(b.high, a.low);
    *out = multiply_words(a.low, b.low);
    return !cross.high && !__builtin_add_overflow(out->high, cross.low, &out->high);
}

/* Bit by bit; b is not zero and below 2^127. */
static magnitude divide(magnitude a, magnitude b, magnitude *rest) {
    magnitude quotient = { 0, 0 };
    *rest = (magnitude){ 0, 0 };
    for (int bit = 127; bit >= 0; bit--) {
        uint64_t next = (bit >= 64 ? a.high >> (bit - 64) : a.low >> bit) & 1;
        *rest = (magnitude){ rest->high << 1 | rest->low >> 63, rest->low << 1 | next };
        quotient = (magnitude){ quotient.high << 1 | quotient.low >> 63, quotient.low << 1 };
        if (less(*rest, b)) continue;
        *rest = minus(*rest, b);
        quotient.low |= 1;
    }
    return quotient;
}

static bool in_range(corm_decimal value) { return less(magnitude_of(value), LIMIT); }

static bool add_to(corm_decimal *sum, corm_decimal value) {
    corm_decimal result = { .low = sum->low + value.low };
    int64_t carry = result.low < value.low;
    if (__builtin_add_overflow(sum->high, value.high, &result.high) ||
        __builtin_add_overflow(result.high, carry, &result.high))
        return false;
    if (!in_range(result)) return false;
    *sum = result;
    return true;
}

static corm_decimal of_integer(int64_t value) {
    return (corm_decimal){ .low = (uint64_t)value, .high = value < 0 ? -1 : 0 };
}

static bool parse(const char *text, size_t size, corm_decimal *out) {
    if (!corm__sqlite_decimal_parse(text, size, 0, out)) return false;
    out->scale = 0;
    return true;
}

/* 1, 0 for NULL, -1 for what is not a number of units (the error is set). */
static int get(sqlite3_context *context, sqlite3_value *value, corm_decimal *out) {
    switch (sqlite3_value_type(value)) {
    case SQLITE_NULL: return 0;
    case SQLITE_INTEGER: *out = of_integer(sqlite3_value_int64(value)); return 1;
    case SQLITE_TEXT:
        if (parse((const char *)sqlite3_value_text(value), (size_t)sqlite3_value_bytes(value), out))
            return 1;
    }
    sqlite3_result_error(context, "not a decimal", -1);
    return -1;
}

static void result(sqlite3_context *context, corm_decimal value) {
    char text[CORM_DECIMAL_TEXT];
    if (value.high == ((int64_t)value.low < 0 ? -1 : 0))
        sqlite3_result_int64(context, (int64_t)value.low);
    else
        sqlite3_result_text(context, corm_decimal_format(value, text, sizeof text), -1,
                            SQLITE_TRANSIENT);
}

/* --- arithmetic. places: the scale of operands and result. Rounds half away from zero, as
 * PostgreSQL's numeric does. --- */

static bool product(corm_decimal a, corm_decimal b, int places, corm_decimal *out) {
    magnitude m;
    if (!multiply(magnitude_of(a), magnitude_of(b), &m) || !less(m, LIMIT)) return false;
    *out = with_sign(m, (a.high < 0) != (b.high < 0));
    out->scale = places;
    return corm_decimal_rescale(*out, 0, true, out) == 0;
}

static bool quotient(corm_decimal a, corm_decimal b, int places, corm_decimal *out) {
    if (corm_decimal_rescale(a, places, false, out) != 0) return false; /* a × 10^places */
    magnitude divisor = magnitude_of(b), rest, m = divide(magnitude_of(*out), divisor, &rest);
    if (!less(rest, minus(divisor, rest)))
        m = (magnitude){ m.high + (m.low == UINT64_MAX), m.low + 1 };
    *out = with_sign(m, (a.high < 0) != (b.high < 0));
    return true;
}

static void arithmetic(sqlite3_context *context, int n, sqlite3_value **values, char op) {
    corm_decimal a, b;
    int left = get(context, values[0], &a), right = left < 0 ? left : get(context, values[1], &b);
    if (left <= 0 || right <= 0) return;
    int places = n > 2 ? sqlite3_value_int(values[2]) : 0;
    if (places < 0 || places > CORM_DECIMAL_MAX_DIGITS) places = 0;
    if ((op == '/' || op == '%') && is_zero(b)) {
        sqlite3_result_error(context, "division by zero", -1);
        return;
    }
    bool fits = true;
    magnitude rest;
    switch (op) {
    case '+': fits = add_to(&a, b); break;
    case '-': fits = add_to(&a, with_sign(magnitude_of(b), b.high >= 0)); break;
    case '*': fits = product(a, b, places, &a); break;
    case '/': fits = quotient(a, b, places, &a); break;
    default: divide(magnitude_of(a), magnitude_of(b), &rest); a = with_sign(rest, a.high < 0);
    }
    if (fits)
        result(context, a);
    else
        sqlite3_result_error(context, "decimal overflow", -1);
}

static void add(sqlite3_context *context, int n, sqlite3_value **values) {
    arithmetic(context, n, values, '+');
}
static void sub(sqlite3_context *context, int n, sqlite3_value **values) {
    arithmetic(context, n, values, '-');
}
static void mul(sqlite3_context *context, int n, sqlite3_value **values) {
    arithmetic(context, n, values, '*');
}
static void decimal_div(sqlite3_context *context, int n, sqlite3_value **values) {
    arithmetic(context, n, values, '/');
}
static void mod(sqlite3_context *context, int n, sqlite3_value **values) {
    arithmetic(context, n, values, '%');
}

/* corm_decimal_round(x, places, wanted, how): to so many places. how: r halves away from zero, c
 * up, f down; a the absolute value, s the sign as an integer. */
static void round_to(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    corm_decimal x, power;
    int places = sqlite3_value_int(values[1]), wanted = sqlite3_value_int(values[2]);
    const char *how = (const char *)sqlite3_value_text(values[3]);
    if (sqlite3_value_type(values[2]) == SQLITE_NULL || get(context, values[0], &x) <= 0 || !how)
        return;
    bool negative = x.high < 0, away = false;
    magnitude rest = { 0, 0 }, m = magnitude_of(x);
    if (*how == 'a') {
        result(context, with_sign(m, false));
    } else if (*how == 's') {
        sqlite3_result_int(context, is_zero(x) ? 0 : negative ? -1 : 1);
    } else if (wanted >= places) {
        result(context, x);
    } else {
        corm_decimal_rescale(of_integer(1), places - wanted, false, &power);
        magnitude divisor = magnitude_of(power);
        m = divide(m, divisor, &rest);
        if (*how == 'r') away = !less(rest, minus(divisor, rest));
        if (*how == (negative ? 'f' : 'c')) away = rest.high || rest.low;
        if (away) m = (magnitude){ m.high + (m.low == UINT64_MAX), m.low + 1 };
        x = with_sign(m, negative);
        if (corm_decimal_rescale(x, places - wanted, false, &x) == 0)
            result(context, (corm_decimal){ .low = x.low, .high = x.high });
        else
            sqlite3_result_error(context, "decimal overflow", -1);
    }
}

/* --- aggregates --- */

typedef struct total {
    corm_decimal sum;
    int64_t n;
    int places;
    bool failed;
} total;

static void total_step(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    corm_decimal value;
    if (get(context, values[0], &value) <= 0) return;
    total *t = sqlite3_aggregate_context(context, sizeof *t);
    if (!t) {
        sqlite3_result_error_nomem(context);
        return;
    }
    if (!add_to(&t->sum, value)) t->failed = true;
    t->n++;
}

static void sum_final(sqlite3_context *context) {
    total *t = sqlite3_aggregate_context(context, 0);
    if (!t || t->n == 0) return;
    if (t->failed)
        sqlite3_result_error(context, "decimal overflow", -1);
    else
        result(context, t->sum);
}

/* The mean is the value itself, as REAL, not units: its digits have no end. The second argument is
 * the scale. */
static void avg_step(sqlite3_context *context, int n, sqlite3_value **values) {
    total_step(context, n, values);
    total *t = sqlite3_aggregate_context(context, sizeof *t);
    if (t) t->places = sqlite3_value_int(values[1]);
}

static void avg_final(sqlite3_context *context) {
    total *t = sqlite3_aggregate_context(context, 0);
    if (!t || t->n == 0) return;
    t->sum.scale = t->places >= 0 && t->places <= CORM_DECIMAL_MAX_DIGITS ? t->places : 0;
    if (t->failed)
        sqlite3_result_error(context, "decimal overflow", -1);
    else
        sqlite3_result_double(context, corm_decimal_to_double(t->sum) / (double)t->n);
}

/* --- order of texts of units: columns of files that an earlier corm made have it --- */

/* Texts that are no numbers come before all numbers, in the order of their bytes: the order stays
 * total. */
static int compare(void *unused, int a_size, const void *a, int b_size, const void *b) {
    (void)unused;
    corm_decimal x, y;
    bool x_is = parse(a, (size_t)a_size, &x), y_is = parse(b, (size_t)b_size, &y);
    if (x_is && y_is) return corm_decimal_compare(x, y);
    if (x_is != y_is) return x_is ? 1 : -1;
    int order = memcmp(a, b, (size_t)(a_size < b_size ? a_size : b_size));
    return order ? order : a_size - b_size;
}

int corm__sqlite_decimal_functions(corm_conn *conn) {
    enum { FLAGS = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS };
    static const struct {
        const char *name;
        int n;
        void (*run)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        { "corm_decimal_add", 2, add }, { "corm_decimal_sub", 2, sub },
        { "corm_decimal_mul", 3, mul }, { "corm_decimal_div", 3, decimal_div },
        { "corm_decimal_mod", 2, mod }, { "corm_decimal_round", 4, round_to },
    };
    int rc =
        sqlite3_create_collation_v2(conn->db, "corm_decimal", SQLITE_UTF8, NULL, compare, NULL);
    for (size_t i = 0; i < sizeof functions / sizeof *functions && rc == SQLITE_OK; i++)
        rc = sqlite3_create_function_v2(conn->db, functions[i].name, functions[i].n, FLAGS, NULL,
                                        functions[i].run, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_function_v2(conn->db, "corm_decimal_sum", 1, FLAGS, NULL, NULL,
                                        total_step, sum_final, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_function_v2(conn->db, "corm_decimal_avg", 2, FLAGS, NULL, NULL,
                                        avg_step, avg_final, NULL);
    return rc;
}
