/* What functions of <corm/functions.h> need beyond SQLite's own. */
#include "backend/sqlite/driver.h"
#include <math.h>
#include <string.h>

static void fail(sqlite3_context *context, const char *what) {
    sqlite3_result_error(context, what, -1);
}

/* corm_integer(x): the nearest integer, halves away from zero. */
static void to_integer(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    double x = round(sqlite3_value_double(values[0]));
    if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
    if (x >= -0x1p63 && x < 0x1p63)
        sqlite3_result_int64(context, (int64_t)x);
    else
        fail(context, "integer overflow");
}

/* corm_shift(x, places, left) */
static void shift(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL ||
        sqlite3_value_type(values[1]) == SQLITE_NULL)
        return;
    int64_t x = sqlite3_value_int64(values[0]), places = sqlite3_value_int64(values[1]);
    if (places < 0 || places > 63)
        fail(context, "integer overflow");
    else
        sqlite3_result_int64(
            context, sqlite3_value_int(values[2]) ? (int64_t)((uint64_t)x << places) : x >> places);
}

/* --- text --- */

enum { LONGEST = 1000000 };                       /* as in <corm/functions.h> */
enum { FIRST_DAY = -719162, LAST_DAY = 2932896 }; /* 0001-01-01, 9999-12-31 */
static const int64_t DAY = INT64_C(86400000000);

/* The start of the character behind n others. */
static const char *skip(const char *text, const char *end, int64_t n) {
    for (; n > 0 && text < end; n--) do
            text++;
        while (text < end && (*text & 0xC0) == 0x80);
    return text;
}

static int64_t characters(const char *text, const char *end) {
    int64_t n = 0;
    for (; text < end; text = skip(text, end, 1)) n++;
    return n;
}

static void append(char **at, const char *from, const char *end) {
    memcpy(*at, from, (size_t)(end - from));
    *at += end - from;
}

/* n characters of what is repeated. */
static void fill(char **at, const char *text, const char *end, int64_t n, int64_t length) {
    for (; n >= length; n -= length) append(at, text, end);
    append(at, text, skip(text, end, n));
}

/* corm_pad(text, n, with, left): n characters, cut or filled at the side. */
static void pad(sqlite3_context *context, int n_values, sqlite3_value **values) {
    for (int i = 0; i < n_values; i++)
        if (sqlite3_value_type(values[i]) == SQLITE_NULL) return;
    const char *text = (const char *)sqlite3_value_text(values[0]),
               *with = (const char *)sqlite3_value_text(values[2]);
    int64_t n = sqlite3_value_int64(values[1]);
    if (n > LONGEST) {
        fail(context, "a value does not fit 1,000,000 characters");
        return;
    }
    const char *end = text ? text + sqlite3_value_bytes(values[0]) : NULL,
               *with_end = with ? with + sqlite3_value_bytes(values[2]) : NULL;
    int64_t length = characters(text, end), with_length = characters(with, with_end);
    int64_t missing = n > length && with_length ? n - length : 0;
    size_t size = (size_t)(end - text) + (size_t)missing * 4;
    char *out = text && with ? sqlite3_malloc64(size + 1) : NULL, *at = out;
    if (!out) {
        sqlite3_result_error_nomem(context);
        return;
    }
    bool left = sqlite3_value_int(values[3]);
    if (missing && left) fill(&at, with, with_end, missing, with_length);
    append(&at, text, skip(text, end, n));
    if (missing && !left) fill(&at, with, with_end, missing, with_length);
    sqlite3_result_text64(context, out, (sqlite3_uint64)(at - out), sqlite3_free, SQLITE_UTF8);
}

static void reverse(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL) return;
    const char *text = (const char *)sqlite3_value_text(values[0]);
    size_t size = (size_t)sqlite3_value_bytes(values[0]);
    char *out = text ? sqlite3_malloc64(size + 1) : NULL, *at = out ? out + size : NULL;
    if (!out) {
        sqlite3_result_error_nomem(context);
        return;
    }
    for (const char *end = text + size; text < end;) {
        const char *next = skip(text, end, 1);
        at -= next - text;
        memcpy(at, text, (size_t)(next - text));
        text = next;
    }
    sqlite3_result_text64(context, out, size, sqlite3_free, SQLITE_UTF8);
}

/* --- dates and times --- */

static bool moment(sqlite3_context *context, sqlite3_value *value, corm_timestamp *out) {
    const char *text = (const char *)sqlite3_value_text(value);
    if (!text) return false;
    corm_date day;
    if (strlen(text) == 10 && corm_date_parse(text, &day) == 0)
        out->us = day.days * DAY;
    else if (corm_timestamp_parse(text, out) != 0)
        fail(context, "not a timestamp");
    else
        return true;
    return strlen(text) == 10;
}

/* A day that the month has not is its last one. */
static int add_months(corm_timestamp *to, int64_t months) {
    int64_t days = to->us / DAY - (to->us % DAY < 0), rest = to->us - days * DAY;
    corm_date date = { (int32_t)days };
    int year, month, day, status = CORM_ERROR_RANGE;
    corm_date_split(date, &year, &month, &day);
    if (months < -12 * 9999 || months > 12 * 9999) return status;
    int total = year * 12 + month - 1 + (int)months;
    if (total < 12) return status;
    for (int shorter = 0; shorter < 4 && status; shorter++)
        status = corm_date_of(total / 12, total % 12 + 1, day - shorter, &date);
    to->us = date.days * DAY + rest;
    return status;
}

/* corm_later(date or timestamp, months, microseconds) */
static void later(sqlite3_context *context, int n, sqlite3_value **values) {
    corm_timestamp at;
    char text[CORM_TIMESTAMP_TEXT];
    for (int i = 0; i < n; i++)
        if (sqlite3_value_type(values[i]) == SQLITE_NULL) return;
    if (!moment(context, values[0], &at)) return;
    bool is_date = sqlite3_value_bytes(values[0]) == 10;
    if (add_months(&at, sqlite3_value_int64(values[1])) ||
        __builtin_add_overflow(at.us, sqlite3_value_int64(values[2]), &at.us) ||
        at.us < FIRST_DAY * DAY || at.us >= (LAST_DAY + 1) * DAY) {
        fail(context, "a value does not fit a timestamp");
        return;
    }
    corm_timestamp_format(at, text, sizeof text);
    sqlite3_result_text(context, text, is_date ? 10 : -1, SQLITE_TRANSIENT);
}

static void difference(sqlite3_context *context, int n, sqlite3_value **values) {
    (void)n;
    corm_timestamp a, b;
    if (sqlite3_value_type(values[0]) != SQLITE_NULL &&
        sqlite3_value_type(values[1]) != SQLITE_NULL && moment(context, values[0], &a) &&
        moment(context, values[1], &b))
        sqlite3_result_int64(context, a.us - b.us);
}

/* --- mathematics --- */

static double degrees(double x) { return x * (180 / M_PI); }
static double radians(double x) { return x * (M_PI / 180); }

/* As the servers compute it: the same at the last digit. */
static double round_to(double x, double places) {
    double power = pow(10, places), scaled = fabs(x * power), whole = floor(scaled);
    if (!(fabs(x) < 0x1p52)) return x;
    return copysign((whole + (scaled - whole >= 0.5)) / power, x);
}

/* A function of C that has one answer, or two. */
typedef struct real_function {
    const char *name;
    double (*one)(double);
    double (*two)(double, double);
} real_function;

static void compute(sqlite3_context *context, int n, sqlite3_value **values) {
    const real_function *function = sqlite3_user_data(context);
    for (int i = 0; i < n; i++)
        if (sqlite3_value_type(values[i]) == SQLITE_NULL) return;
    double x = sqlite3_value_double(values[0]), y = n > 1 ? sqlite3_value_double(values[1]) : 0;
    double result = n > 1 ? function->two(x, y) : function->one(x);
    if (isnan(result) || (isinf(result) && isfinite(x) && isfinite(y)))
        fail(context, "floating point overflow");
    else
        sqlite3_result_double(context, result);
}

int corm__sqlite_scalar_functions(corm_conn *conn) {
    static const struct {
        const char *name;
        int n;
        void (*run)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        { "corm_integer", 1, to_integer },
        { "corm_shift", 3, shift },
        { "corm_pad", 4, pad },
        { "corm_reverse", 1, reverse },
        { "corm_later", 3, later },
        { "corm_difference", 2, difference },
    };
    static const real_function real_functions[] = {
        { "corm_ceil", ceil, NULL },       { "corm_floor", floor, NULL },
        { "corm_sqrt", sqrt, NULL },       { "corm_exp", exp, NULL },
        { "corm_ln", log, NULL },          { "corm_log10", log10, NULL },
        { "corm_sin", sin, NULL },         { "corm_cos", cos, NULL },
        { "corm_tan", tan, NULL },         { "corm_asin", asin, NULL },
        { "corm_acos", acos, NULL },       { "corm_atan", atan, NULL },
        { "corm_degrees", degrees, NULL }, { "corm_radians", radians, NULL },
        { "corm_power", NULL, pow },       { "corm_atan2", NULL, atan2 },
        { "corm_round", NULL, round_to },
    };
    enum { FLAGS = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS };
    int rc = SQLITE_OK;
    for (size_t i = 0; i < sizeof real_functions / sizeof *real_functions && rc == SQLITE_OK; i++)
        rc = sqlite3_create_function_v2(conn->db, real_functions[i].name,
                                        real_functions[i].two ? 2 : 1, FLAGS,
                                        (void *)&real_functions[i], compute, NULL, NULL, NULL);
    for (size_t i = 0; i < sizeof functions / sizeof *functions && rc == SQLITE_OK; i++)
        rc = sqlite3_create_function_v2(conn->db, functions[i].name, functions[i].n, FLAGS, conn,
                                        functions[i].run, NULL, NULL, NULL);
    return rc;
}
