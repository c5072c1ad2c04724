/* Exact decimals in SQL. A decimal is its units (see driver.h): an INTEGER, or a text of digits when it does not fit there or the column is wider. All is
 * computed in 128 bits: units of up to 38 digits, and what is beyond is an error, never an approximation. */
#include "backend/sqlite/driver.h"
#include <string.h>

typedef __int128 units;
typedef unsigned __int128 magnitude;

static units power_of_ten(int n) {
    units value = 1;
    while (n-- > 0) value *= 10;
    return value;
}

static bool in_range(units value) {
    units limit = power_of_ten(CORM_DECIMAL_MAX_DIGITS);
    return value > -limit && value < limit;
}

static bool parse(const char *text, size_t size, units *out) {
    const char *end = text + size;
    bool negative = size && *text == '-';
    if (size && (*text == '-' || *text == '+')) text++;
    if (text == end || end - text > CORM_DECIMAL_MAX_DIGITS + 1) return false;
    magnitude value = 0;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9') return false;
        value = value * 10 + (unsigned)(*text - '0');
    }
    if (value >= (magnitude)power_of_ten(CORM_DECIMAL_MAX_DIGITS)) return false;
    *out = negative ? -(units)value : (units)value;
    return true;
}

/* 1, 0 for NULL, -1 for what is not a number of units (the error is set). */
static int get(sqlite3_context *context, sqlite3_value *value, units *out) {
    switch (sqlite3_value_type(value)) {
    case SQLITE_NULL: return 0;
    case SQLITE_INTEGER: *out = sqlite3_value_int64(value); return 1;
    case SQLITE_TEXT:
        if (parse((const char *)sqlite3_value_text(value), (size_t)sqlite3_value_bytes(value), out)) return 1;
    }
    sqlite3_result_error(context, "not a decimal", -1);
    return -1;
}

static void result(sqlite3_context *context, units value) {
    if (!in_range(value)) {
        sqlite3_result_error(context, "decimal overflow", -1);
        return;
    }
    if (value == (int64_t)value) {
        sqlite3_result_int64(context, (int64_t)value);
        return;
    }
    char text[48], *at = text + sizeof text;
    magnitude rest = value < 0 ? -(magnitude)value : (magnitude)value;
    do *--at = (char)('0' + (int)(rest % 10)); while (rest /= 10);
    if (value < 0) *--at = '-';
    sqlite3_result_text(context, at, (int)(text + sizeof text - at), SQLITE_TRANSIENT);
}

/* Rounds half away from zero, as PostgreSQL's numeric does. divisor > 0. */
static units divide_rounded(units value, units divisor) {
    units quotient = value / divisor, rest = value % divisor;
    if (rest < 0) rest = -rest;
    if (rest >= divisor - rest) quotient += value < 0 ? -1 : 1;
    return quotient;
}

static void arithmetic(sqlite3_context *context, int n, sqlite3_value **values, char op) {
    units a, b, value = 0;
    int left = get(context, values[0], &a), right = left < 0 ? left : get(context, values[1], &b);
    if (left <= 0 || right <= 0) return;
    int places = n > 2 ? sqlite3_value_int(values[2]) : 0;
    if (places < 0 || places > CORM_DECIMAL_MAX_DIGITS) places = 0;
    bool overflow = false;
    if ((op == '/' || op == '%') && b == 0) {
        sqlite3_result_error(context, "division by zero", -1);
        return;
    }
    switch (op) {
    case '+': overflow = __builtin_add_overflow(a, b, &value); break;
    case '-': overflow = __builtin_sub_overflow(a, b, &value); break;
    case '*':
        overflow = __builtin_mul_overflow(a, b, &value);
        if (!overflow) value = divide_rounded(value, power_of_ten(places));
        break;
    case '/':
        overflow = __builtin_mul_overflow(a, power_of_ten(places), &value);
        if (!overflow) value = divide_rounded(b < 0 ? -value : value, b < 0 ? -b : b);
        break;
    default: value = a % b;
    }
    if (overflow) sqlite3_result_error(context, "decimal overflow", -1);
    else result(context, value);
}

static void add(sqlite3_context *context, int n, sqlite3_value **values) { arithmetic(context, n, values, '+'); }
static void sub(sqlite3_context *context, int n, sqlite3_value **values) { arithmetic(context, n, values, '-'); }
static void mul(sqlite3_context *context, int n, sqlite3_value **values) { arithmetic(context, n, values, '*'); }
static void divide(sqlite3_context *context, int n, sqlite3_value **values) { arithmetic(context, n, values, '/'); }
static void mod(sqlite3_context *context, int n, sqlite3_value **values) { arithmetic(context, n, values, '%'); }

/* --- aggregates --- */

typedef struct total { int64_t n; bool failed; int places; uint64_t low; int64_t high; } total;    /* halves: SQLite aligns to 8 bytes */

static units total_get(const total *t) { return (units)((magnitude)(uint64_t)t->high << 64 | t->low); }
static void total_set(total *t, units value) {
    t->low = (uint64_t)value;
    t->high = (int64_t)(value >> 64);
}

static void total_step(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    units value;
    if (get(context, values[0], &value) <= 0) return;
    total *t = sqlite3_aggregate_context(context, sizeof *t);
    if (!t) {
        sqlite3_result_error_nomem(context);
        return;
    }
    units sum;
    if (__builtin_add_overflow(total_get(t), value, &sum)) t->failed = true;
    else total_set(t, sum);
    t->n++;
}

static void sum_final(sqlite3_context *context) {
    total *t = sqlite3_aggregate_context(context, 0);
    if (!t || t->n == 0) return;
    if (t->failed) sqlite3_result_error(context, "decimal overflow", -1);
    else result(context, total_get(t));
}

/* The mean is the value itself, as REAL, not units: its digits have no end. The second argument is the scale. */
static void avg_step(sqlite3_context *context, int n, sqlite3_value **values) {
    total_step(context, n, values);
    total *t = sqlite3_aggregate_context(context, sizeof *t);
    if (t) t->places = sqlite3_value_int(values[1]);
}

static void avg_final(sqlite3_context *context) {
    total *t = sqlite3_aggregate_context(context, 0);
    if (!t || t->n == 0) return;
    if (t->failed) sqlite3_result_error(context, "decimal overflow", -1);
    else sqlite3_result_double(context, (double)((long double)total_get(t) / (long double)t->n / (long double)power_of_ten(t->places)));
}

/* --- order of texts of units --- */

/* Texts that are no numbers come before all numbers, in the order of their bytes: the order stays total. */
static int compare(void *unused, int a_size, const void *a, int b_size, const void *b) {
    (void)unused;
    units x, y;
    bool x_is = parse(a, (size_t)a_size, &x), y_is = parse(b, (size_t)b_size, &y);
    if (x_is && y_is) return (x > y) - (x < y);
    if (x_is != y_is) return x_is ? 1 : -1;
    int order = memcmp(a, b, (size_t)(a_size < b_size ? a_size : b_size));
    return order ? order : a_size - b_size;
}

int corm__sqlite_decimal_functions(corm_conn *conn) {
    enum { FLAGS = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS };
    static const struct { const char *name; int n; void (*run)(sqlite3_context *, int, sqlite3_value **); } functions[] = {
        { "corm_decimal_add", 2, add }, { "corm_decimal_sub", 2, sub }, { "corm_decimal_mul", 3, mul },
        { "corm_decimal_div", 3, divide }, { "corm_decimal_mod", 2, mod },
    };
    int rc = sqlite3_create_collation_v2(conn->db, "corm_decimal", SQLITE_UTF8, NULL, compare, NULL);
    for (size_t i = 0; i < sizeof functions / sizeof *functions && rc == SQLITE_OK; i++)
        rc = sqlite3_create_function_v2(conn->db, functions[i].name, functions[i].n, FLAGS, NULL, functions[i].run, NULL, NULL, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_create_function_v2(conn->db, "corm_decimal_sum", 1, FLAGS, NULL, NULL, total_step, sum_final, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_create_function_v2(conn->db, "corm_decimal_avg", 2, FLAGS, NULL, NULL, avg_step, avg_final, NULL);
    return rc;
}
