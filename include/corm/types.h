/* The C types of column values, and their conversion from and to text. */
#pragma once
#pragma GCC system_header
#include <corm/begin.h>
#ifdef CORM_AMALGAMATED
#error "corm in two files is included already: put its folder first in the include path"
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

CORM__BEGIN

/* A moment: microseconds since 1970-01-01 00:00:00 UTC (proleptic Gregorian calendar). Columns hold
 * years 1 to 9999. */
typedef struct corm_timestamp { int64_t us; } corm_timestamp;
/* A day: days since 1970-01-01. */
typedef struct corm_date { int32_t days; } corm_date;
/* A time of day: microseconds since midnight, 0 to 86,399,999,999. */
typedef struct corm_time { int64_t us; } corm_time;
/* A length of time in microseconds. (A month has no fixed length, so an interval has no months.) */
typedef struct corm_interval { int64_t us; } corm_interval;
/* A UUID (RFC 9562), bytes in network order. */
typedef struct corm_uuid { uint8_t bytes[16]; } corm_uuid;
/* Bytes; data may hold NUL bytes. data == NULL is SQL NULL; an empty blob has data != NULL and size
 * 0. */
typedef struct corm_blob { const void *data; size_t size; } corm_blob;

/* An exact decimal number of up to 38 digits: the 128-bit two's complement integer high:low, times
 * 10 to the power -scale. scale is 0 to 38; CORM_DECIMAL_NAN in scale is "not a number" (PostgreSQL
 * only). */
typedef struct corm_decimal { uint64_t low; int64_t high; int32_t scale; } corm_decimal;
enum { CORM_DECIMAL_NAN = -1, CORM_DECIMAL_MAX_DIGITS = 38 };

/* Optional scalars: SQL NULL is set == false. */
typedef struct corm_optional_smallint { bool set; int16_t value; } corm_optional_smallint;
typedef struct corm_optional_integer { bool set; int32_t value; } corm_optional_integer;
typedef struct corm_optional_bigint { bool set; int64_t value; } corm_optional_bigint;
typedef struct corm_optional_boolean { bool set; bool value; } corm_optional_boolean;
typedef struct corm_optional_real { bool set; float value; } corm_optional_real;
typedef struct corm_optional_double_precision {
    bool set;
    double value;
} corm_optional_double_precision;
typedef struct corm_optional_decimal { bool set; corm_decimal value; } corm_optional_decimal;
typedef struct corm_optional_date { bool set; corm_date value; } corm_optional_date;
typedef struct corm_optional_time { bool set; corm_time value; } corm_optional_time;
typedef struct corm_optional_timestamp { bool set; corm_timestamp value; } corm_optional_timestamp;
typedef struct corm_optional_interval { bool set; corm_interval value; } corm_optional_interval;
typedef struct corm_optional_uuid { bool set; corm_uuid value; } corm_optional_uuid;

/* One-dimensional arrays (a database that has them). items == NULL is SQL NULL. */
typedef struct corm_array_integer { const int32_t *items; size_t length; } corm_array_integer;
typedef struct corm_array_bigint { const int64_t *items; size_t length; } corm_array_bigint;
typedef struct corm_array_double_precision {
    const double *items;
    size_t length;
} corm_array_double_precision;
typedef struct corm_array_text { const char *const *items; size_t length; } corm_array_text;

/* An optional that is set: CORM_SOME(5) as in `recipe.servings =
 * (corm_optional_integer)CORM_SOME(5)`. */
#define CORM_SOME(v) { .set = true, .value = (v) }

/* --- conversion. Each returns 0, or CORM_ERROR_RANGE (a value outside the type) or CORM_ERROR_TYPE
 * (not of this form). --- */

/* The decimal units × 10^-scale: corm_decimal_of(1999, 2) is 19.99. */
corm_decimal corm_decimal_of(int64_t units, int scale);
/* Parses an optional sign, digits with at most one point, and an optional exponent; or "NaN". */
int corm_decimal_parse(const char *text, corm_decimal *out);
/* Writes e.g. "-12.30" and returns out; size at least CORM_DECIMAL_TEXT. */
enum { CORM_DECIMAL_TEXT = 48 };
char *corm_decimal_format(corm_decimal value, char *out, size_t size);
/* <0, 0, >0 by value: 1.0 equals 1.00. NaN is equal to itself and above all others, as in
 * PostgreSQL. */
int corm_decimal_compare(corm_decimal a, corm_decimal b);
/* The same value with another scale; digits that would be lost round half away from zero when round
 * is true, else CORM_ERROR_RANGE. */
int corm_decimal_rescale(corm_decimal value, int scale, bool round, corm_decimal *out);
double corm_decimal_to_double(corm_decimal value);

/* "2026-11-22", "17:05:09.000123", "2026-11-22 17:05:09.000123" (parse also takes T, Z, an offset
 * such as +02:00, and no fraction). */
int corm_date_parse(const char *text, corm_date *out);
int corm_time_parse(const char *text, corm_time *out);
int corm_timestamp_parse(const char *text, corm_timestamp *out);
enum { CORM_TIMESTAMP_TEXT = 32 };
/* Write into out (size at least CORM_TIMESTAMP_TEXT) and return it. Microseconds always have six
 * digits, so that text sorts as time does. */
char *corm_date_format(corm_date value, char *out, size_t size);
char *corm_time_format(corm_time value, char *out, size_t size);
char *corm_timestamp_format(corm_timestamp value, char *out, size_t size);
/* The day of a calendar date; CORM_ERROR_RANGE for one that does not exist or is outside years 1 to
 * 9999. */
int corm_date_of(int year, int month, int day, corm_date *out);
void corm_date_split(corm_date value, int *year, int *month, int *day);
/* The time now. */
corm_timestamp corm_now(void);

/* Hyphens optional, upper or lower case when parsing; 36 characters in lower case when written. */
int corm_uuid_parse(const char *text, corm_uuid *out);
enum { CORM_UUID_TEXT = 37 };
char *corm_uuid_format(corm_uuid value, char *out, size_t size);
/* A random UUID, version 4, from the system's generator. */
int corm_uuid_new(corm_uuid *out);

/* JSON is checked before it is sent: it is RFC 8259's, and at most so many arrays and objects are
 * inside each other, which is what each engine takes. */
enum { CORM_JSON_LEVELS = 31 };

CORM__END
