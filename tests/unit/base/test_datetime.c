#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <time.h>

#include <corm/status.h>
#include <corm/types.h>

static void test_date__agrees_with_the_c_library_on_every_day(void **state) {
    (void)state;
    for (int32_t days = -719162; days <= 2932896; days++) {
        int year, month, day;
        corm_date back;
        corm_date_split((corm_date){ days }, &year, &month, &day);
        assert_int_equal(corm_date_of(year, month, day, &back), 0);
        assert_int_equal(back.days, days);
        if (days % 97) continue;    /* the library is slow */
        time_t seconds = (time_t)days * 86400;
        struct tm tm;
        gmtime_r(&seconds, &tm);
        assert_true(year == tm.tm_year + 1900 && month == tm.tm_mon + 1 && day == tm.tm_mday);
    }
}

static void test_date__parses_only_days_that_exist(void **state) {
    (void)state;
    static const struct { const char *text; int status; int32_t days;
    } cases[] = {
        { "1970-01-01", 0, 0 },
        { "1969-12-31", 0, -1 },
        { "2026-11-22", 0, 20779 },
        { "2000-02-29", 0, 11016 },
        { "0001-01-01", 0, -719162 },
        { "9999-12-31", 0, 2932896 },
        { "1900-02-29", CORM_ERROR_RANGE, 0 },
        { "2026-02-30", CORM_ERROR_RANGE, 0 },
        { "2026-13-01", CORM_ERROR_RANGE, 0 },
        { "2026-00-01", CORM_ERROR_RANGE, 0 },
        { "2026-04-31", CORM_ERROR_RANGE, 0 },
        { "2026-01-00", CORM_ERROR_RANGE, 0 },
        { "0000-01-01", CORM_ERROR_RANGE, 0 },
        { "", CORM_ERROR_TYPE, 0 },
        { "2", CORM_ERROR_TYPE, 0 },
        { "2026", CORM_ERROR_TYPE, 0 },
        { "2026-1-1", CORM_ERROR_TYPE, 0 },
        { "2026-11-22 ", CORM_ERROR_TYPE, 0 },
        { "20261122", CORM_ERROR_TYPE, 0 },
        { "-026-11-22", CORM_ERROR_TYPE, 0 },
        { "2026-11-2x", CORM_ERROR_TYPE, 0 },
        { "12026-11-22", CORM_ERROR_TYPE, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        corm_date date = { 77 };
        if (corm_date_parse(cases[i].text, &date) != cases[i].status)
            fail_msg("\"%s\"", cases[i].text);
        assert_int_equal(date.days, cases[i].status ? 77 : cases[i].days);
        char text[CORM_TIMESTAMP_TEXT];
        if (!cases[i].status)
            assert_string_equal(corm_date_format(date, text, sizeof text), cases[i].text);
    }
}

static void test_time__parses(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int status;
        int64_t us;
        const char *formatted;
    } cases[] = {
        { "00:00:00", 0, 0, "00:00:00.000000" },
        { "17:05:09.000123", 0, 61509000123, "17:05:09.000123" },
        { "17:05", 0, 61500000000, "17:05:00.000000" },
        { "23:59:59.999999", 0, 86399999999, "23:59:59.999999" },
        { "00:00:00.5", 0, 500000, "00:00:00.500000" },
        { "00:00:00.1234564", 0, 123456, "00:00:00.123456" },
        { "00:00:00.1234567", 0, 123457, "00:00:00.123457" },
        { "23:59:59.9999999", CORM_ERROR_RANGE, 0, NULL },
        { "24:00:00", CORM_ERROR_RANGE, 0, NULL },
        { "12:60", CORM_ERROR_RANGE, 0, NULL },
        { "12:00:60", CORM_ERROR_RANGE, 0, NULL },
        { "", CORM_ERROR_TYPE, 0, NULL },
        { "12", CORM_ERROR_TYPE, 0, NULL },
        { "1:00", CORM_ERROR_TYPE, 0, NULL },
        { "12:00:", CORM_ERROR_TYPE, 0, NULL },
        { "12:00.5", CORM_ERROR_TYPE, 0, NULL },
        { "12:00:00.", CORM_ERROR_TYPE, 0, NULL },
        { "12:00:00Z", CORM_ERROR_TYPE, 0, NULL },
        { "12:00:00 ", CORM_ERROR_TYPE, 0, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        corm_time time = { 77 };
        if (corm_time_parse(cases[i].text, &time) != cases[i].status)
            fail_msg("\"%s\"", cases[i].text);
        assert_int_equal(time.us, cases[i].status ? 77 : cases[i].us);
        char text[CORM_TIMESTAMP_TEXT];
        if (!cases[i].status)
            assert_string_equal(corm_time_format(time, text, sizeof text), cases[i].formatted);
    }
}

static void test_timestamp__parses(void **state) {
    (void)state;
    static const struct { const char *text; int status; const char *formatted;
    } cases[] = {
        { "2026-11-22 17:05:09.000123", 0, "2026-11-22 17:05:09.000123" },
        { "2026-11-22T17:05:09Z", 0, "2026-11-22 17:05:09.000000" },
        { "2026-11-22 17:05:09+02", 0, "2026-11-22 15:05:09.000000" },
        { "2026-11-22 17:05:09.5+0530", 0, "2026-11-22 11:35:09.500000" },
        { "2026-11-22 17:05:09-02:00", 0, "2026-11-22 19:05:09.000000" },
        { "1850-01-01 00:00:00+00:53:28", 0, "1849-12-31 23:06:32.000000" },
        { "2026-12-31 23:59:59.9999995", 0, "2027-01-01 00:00:00.000000" },
        { "1969-12-31 23:59:59.999999", 0, "1969-12-31 23:59:59.999999" },
        { "0001-01-01 00:00", 0, "0001-01-01 00:00:00.000000" },
        { "9999-12-31 23:59:59.999999", 0, "9999-12-31 23:59:59.999999" },
        { "0001-01-01 00:00+01", CORM_ERROR_RANGE, NULL },
        { "9999-12-31 23:59:59.9999999", CORM_ERROR_RANGE, NULL },
        { "2026-11-22 17:05+24", CORM_ERROR_RANGE, NULL },
        { "2026-11-22", CORM_ERROR_TYPE, NULL },
        { "2026-11-22 ", CORM_ERROR_TYPE, NULL },
        { "2026-11-22  17:05", CORM_ERROR_TYPE, NULL },
        { "2026-11-22 17:05+", CORM_ERROR_TYPE, NULL },
        { "2026-11-22 17:05+2", CORM_ERROR_TYPE, NULL },
        { "2026-11-22 17:05+02:", CORM_ERROR_TYPE, NULL },
        { "2026-11-22 17:05ZZ", CORM_ERROR_TYPE, NULL },
        { "infinity", CORM_ERROR_TYPE, NULL },
        { "", CORM_ERROR_TYPE, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        corm_timestamp timestamp = { 77 };
        if (corm_timestamp_parse(cases[i].text, &timestamp) != cases[i].status)
            fail_msg("\"%s\"", cases[i].text);
        char text[CORM_TIMESTAMP_TEXT];
        if (!cases[i].status)
            assert_string_equal(corm_timestamp_format(timestamp, text, sizeof text),
                                cases[i].formatted);
        else assert_int_equal(timestamp.us, 77);
    }
}

static void test_timestamp__extremes_fit_the_text(void **state) {
    (void)state;
    char text[CORM_TIMESTAMP_TEXT];
    assert_string_equal(corm_timestamp_format((corm_timestamp){ INT64_MAX }, text, sizeof text),
                        "294247-01-10 04:00:54.775807");
    assert_string_equal(corm_timestamp_format((corm_timestamp){ INT64_MIN }, text, sizeof text),
                        "-290308-12-21 19:59:05.224192");
    assert_true(strlen(corm_date_format((corm_date){ INT32_MIN }, text, sizeof text)) <
                sizeof text);
    assert_true(strlen(corm_date_format((corm_date){ INT32_MAX }, text, sizeof text)) <
                sizeof text);
    assert_string_equal(corm_date_format((corm_date){ 0 }, text, 5), "1970");
}

static void test_now__is_the_time(void **state) {
    (void)state;
    int64_t seconds = corm_now().us / 1000000, difference = seconds - (int64_t)time(NULL);
    assert_true(difference >= -1 && difference <= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_date__agrees_with_the_c_library_on_every_day),
        cmocka_unit_test(test_date__parses_only_days_that_exist),
        cmocka_unit_test(test_time__parses),
        cmocka_unit_test(test_timestamp__parses),
        cmocka_unit_test(test_timestamp__extremes_fit_the_text),
        cmocka_unit_test(test_now__is_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
