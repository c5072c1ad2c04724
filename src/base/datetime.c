/* Dates and times in the proleptic Gregorian calendar.
 *
 * A day's number comes from counting in years that start on 1 March: the leap day is then the last
 * of its year, and the months from March on have lengths that (153 × month + 2) / 5 adds up. 400
 * such years are an era of 146,097 days. All by hand and without locale or time zone: this runs
 * once for each value read. */
#include "base/ascii.h"
#include <corm/status.h>
#include <corm/types.h>
#include <string.h>
#include <time.h>

enum { ERA_DAYS = 146097, EPOCH_DAYS = 719468 }; /* from 0000-03-01 to 1970-01-01 */
static const int64_t SECOND = 1000000, DAY = 86400 * (int64_t)1000000;
static const int32_t FIRST_DAY = -719162, LAST_DAY = 2932896; /* 0001-01-01, 9999-12-31 */

static int32_t days_of(int year, int month, int day) {
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400, year_of_era = y - era * 400;
    int month_from_march = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    return (int32_t)(era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
                     day_of_year - EPOCH_DAYS);
}

void corm_date_split(corm_date value, int *year, int *month, int *day) {
    int64_t days = (int64_t)value.days + EPOCH_DAYS;
    int64_t era = (days >= 0 ? days : days - (ERA_DAYS - 1)) / ERA_DAYS;
    int day_of_era = (int)(days - era * ERA_DAYS);
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *year = (int)(era * 400) + year_of_era + (*month <= 2);
}

int corm_date_of(int year, int month, int day, corm_date *out) {
    static const int8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return CORM_ERROR_RANGE;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day > lengths[month - 1] + (month == 2 && leap)) return CORM_ERROR_RANGE;
    out->days = days_of(year, month, day);
    return 0;
}

/* --- reading: each takes what it knows from *text on and moves it --- */

/* Two digits; -1 when they are not there. */
static int two_digits(const char *p) {
    return corm__is_digit(p[0]) && corm__is_digit(p[1]) ? (p[0] - '0') * 10 + (p[1] - '0') : -1;
}

static int read_date(const char **text, corm_date *out) {
    const char *p = *text;
    int century = two_digits(p), year = century < 0 ? -1 : two_digits(p + 2);
    if (year < 0 || p[4] != '-') return CORM_ERROR_TYPE;
    int month = two_digits(p + 5);
    if (month < 0 || p[7] != '-') return CORM_ERROR_TYPE;
    int day = two_digits(p + 8);
    if (day < 0) return CORM_ERROR_TYPE;
    *text = p + 10;
    return corm_date_of(century * 100 + year, month, day, out);
}

static int64_t read_fraction(const char **text) {
    const char *p = *text;
    int64_t us = 0;
    int digits = 0;
    for (; corm__is_digit(*p) && digits < 6; p++, digits++) us = us * 10 + (*p - '0');
    for (; digits < 6; digits++) us *= 10;
    if (*p >= '5' && *p <= '9') us++; /* as PostgreSQL rounds */
    while (corm__is_digit(*p)) p++;
    *text = p;
    return us;
}

static int read_time(const char **text, int64_t *us) {
    const char *p = *text;
    int hour = two_digits(p), minute = hour < 0 || p[2] != ':' ? -1 : two_digits(p + 3), second = 0;
    int64_t fraction = 0;
    if (minute < 0) return CORM_ERROR_TYPE;
    p += 5;
    if (*p == ':') {
        second = two_digits(p + 1);
        if (second < 0) return CORM_ERROR_TYPE;
        p += 3;
        if (*p == '.' && corm__is_digit(p[1])) {
            p++;
            fraction = read_fraction(&p);
        }
    }
    if (hour > 23 || minute > 59 || second > 59) return CORM_ERROR_RANGE;
    *us = ((hour * 60 + minute) * 60 + second) * SECOND + fraction;
    *text = p;
    return 0;
}

/* Z, +02, +0200, +02:00, +02:00:00, or nothing. */
static int read_offset(const char **text, int64_t *us) {
    const char *p = *text;
    *us = 0;
    if (*p == 'Z' || *p == 'z') {
        *text = p + 1;
        return 0;
    }
    if (*p != '+' && *p != '-') return 0;
    int64_t sign = *p++ == '-' ? -1 : 1, seconds = 0;
    for (int unit = 3600; unit; unit /= 60) {
        int part = two_digits(p);
        if (part < 0) return CORM_ERROR_TYPE;
        if (part > (unit == 3600 ? 23 : 59)) return CORM_ERROR_RANGE;
        seconds += part * unit;
        p += 2;
        if (*p == ':' && unit > 1)
            p++;
        else if (!corm__is_digit(*p))
            break;
    }
    *us = sign * seconds * SECOND;
    *text = p;
    return 0;
}

int corm_date_parse(const char *text, corm_date *out) {
    corm_date date;
    int status = read_date(&text, &date);
    if (status) return status;
    if (*text) return CORM_ERROR_TYPE;
    *out = date;
    return 0;
}

int corm_time_parse(const char *text, corm_time *out) {
    int64_t us;
    int status = read_time(&text, &us);
    if (status) return status;
    if (*text) return CORM_ERROR_TYPE;
    if (us >= DAY) return CORM_ERROR_RANGE;
    out->us = us;
    return 0;
}

int corm_timestamp_parse(const char *text, corm_timestamp *out) {
    corm_date date;
    int64_t us, offset;
    int status = read_date(&text, &date);
    if (status) return status;
    if (*text != ' ' && *text != 'T' && *text != 't') return CORM_ERROR_TYPE;
    text++;
    status = read_time(&text, &us);
    if (!status) status = read_offset(&text, &offset);
    if (status) return status;
    if (*text) return CORM_ERROR_TYPE;
    us += date.days * DAY - offset;
    if (us < FIRST_DAY * DAY || us >= (LAST_DAY + 1) * DAY) return CORM_ERROR_RANGE;
    out->us = us;
    return 0;
}

/* --- writing --- Values that no column holds are written too, with a longer or a negative year:
 * what a debugger or a log shows should not lie. */

static char *write_two(char *p, int value) {
    p[0] = (char)('0' + value / 10);
    p[1] = (char)('0' + value % 10);
    return p + 2;
}

static char *write_date(char *p, corm_date value) {
    int year, month, day;
    corm_date_split(value, &year, &month, &day);
    if (year < 0) {
        *p++ = '-';
        year = -year;
    }
    for (int power = 1000000; power >= 10000; power /= 10)
        if (year >= power) *p++ = (char)('0' + year / power % 10);
    p = write_two(p, year / 100 % 100);
    p = write_two(p, year % 100);
    *p++ = '-';
    p = write_two(p, month);
    *p++ = '-';
    return write_two(p, day);
}

/* us: within a day. */
static char *write_time(char *p, int64_t us) {
    int seconds = (int)(us / SECOND), fraction = (int)(us % SECOND);
    p = write_two(p, seconds / 3600);
    *p++ = ':';
    p = write_two(p, seconds / 60 % 60);
    *p++ = ':';
    p = write_two(p, seconds % 60);
    *p++ = '.';
    p = write_two(p, fraction / 10000);
    p = write_two(p, fraction / 100 % 100);
    return write_two(p, fraction % 100);
}

static char *copy_out(char *out, size_t size, const char *text, const char *end) {
    if (!size) return out;
    size_t length = (size_t)(end - text) < size ? (size_t)(end - text) : size - 1;
    memcpy(out, text, length);
    out[length] = 0;
    return out;
}

/* Days and the rest, both rounded down. */
static corm_date split_day(int64_t us, int64_t *rest) {
    int64_t days = us / DAY - (us % DAY < 0);
    *rest = us % DAY + (us % DAY < 0 ? DAY : 0);
    return (corm_date){ (int32_t)days };
}

char *corm_date_format(corm_date value, char *out, size_t size) {
    char text[CORM_TIMESTAMP_TEXT];
    return copy_out(out, size, text, write_date(text, value));
}

char *corm_time_format(corm_time value, char *out, size_t size) {
    char text[CORM_TIMESTAMP_TEXT];
    int64_t us;
    split_day(value.us, &us);
    return copy_out(out, size, text, write_time(text, us));
}

char *corm_timestamp_format(corm_timestamp value, char *out, size_t size) {
    char text[CORM_TIMESTAMP_TEXT];
    int64_t us;
    char *p = write_date(text, split_day(value.us, &us));
    *p++ = ' ';
    return copy_out(out, size, text, write_time(p, us));
}

corm_timestamp corm_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (corm_timestamp){ (int64_t)now.tv_sec * SECOND + now.tv_nsec / 1000 };
}
