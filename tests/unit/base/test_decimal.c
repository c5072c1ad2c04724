#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include <corm/status.h>
#include <corm/types.h>

#define NINES "99999999999999999999999999999999999999"  /* 38 of them */

static corm_decimal parsed(const char *text) {
    corm_decimal value = { .scale = 99 };
    int status = corm_decimal_parse(text, &value);
    if (status) fail_msg("\"%s\" does not parse: %d", text, status);
    return value;
}

static void test_decimal__parses_and_formats(void **state) {
    (void)state;
    static const struct { const char *text, *formatted;
    } cases[] = {
        { "0", "0" },
        { "-0", "0" },
        { "+7", "7" },
        { "19.99", "19.99" },
        { "-12.30", "-12.30" },
        { ".5", "0.5" },
        { "5.", "5" },
        { "-0.05", "-0.05" },
        { "007.10", "7.10" },
        { "1e3", "1000" },
        { "1.5E+2", "150" },
        { "12e-3", "0.012" },
        { "0e-99999999999", "0.00000000000000000000000000000000000000" },
        { "0e99999999999", "0" },
        { NINES, NINES },
        { "-" NINES, "-" NINES },
        { "0." NINES, "0." NINES },
        { NINES ".000", NINES },
        { "0.00000000000000000000000000000000000001", "0.00000000000000000000000000000000000001" },
        { "1.00000000000000000000000000000000000000000000",
          "1.0000000000000000000000000000000000000" },
        { "18446744073709551615", "18446744073709551615" },
        { "18446744073709551616", "18446744073709551616" },
        { "9999999999999999999", "9999999999999999999" },
        { "10000000000000000000", "10000000000000000000" },
        { "100000000000000000000000000000", "100000000000000000000000000000" },
        { "00000000000000000000000000000000000000000000000000001", "1" },
        { "NaN", "NaN" },
        { "nan", "NaN" },
        { "0.10e-37", "0.00000000000000000000000000000000000001" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[CORM_DECIMAL_TEXT];
        assert_string_equal(corm_decimal_format(parsed(cases[i].text), text, sizeof text),
                            cases[i].formatted);
    }
}

static void test_decimal__refuses_what_is_no_decimal(void **state) {
    (void)state;
    static const struct { const char *text; int status;
    } cases[] = {
        { "", CORM_ERROR_TYPE },
        { "-", CORM_ERROR_TYPE },
        { ".", CORM_ERROR_TYPE },
        { "1.2.3", CORM_ERROR_TYPE },
        { " 1", CORM_ERROR_TYPE },
        { "1 ", CORM_ERROR_TYPE },
        { "1e", CORM_ERROR_TYPE },
        { "1e+", CORM_ERROR_TYPE },
        { "e5", CORM_ERROR_TYPE },
        { "--1", CORM_ERROR_TYPE },
        { "0x10", CORM_ERROR_TYPE },
        { "1,5", CORM_ERROR_TYPE },
        { "-NaN", CORM_ERROR_TYPE },
        { "NaNs", CORM_ERROR_TYPE },
        { "Infinity", CORM_ERROR_TYPE },
        { "1" NINES, CORM_ERROR_RANGE },
        { "100000000000000000000000000000000000000", CORM_ERROR_RANGE },
        { "1e38", CORM_ERROR_RANGE },
        { "1e999999999999", CORM_ERROR_RANGE },
        { "1e-39", CORM_ERROR_RANGE },
        { "1e-999999999999", CORM_ERROR_RANGE },
        { NINES ".5", CORM_ERROR_RANGE },
        { "0." NINES "1", CORM_ERROR_RANGE },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        corm_decimal value = corm_decimal_of(42, 1);
        if (corm_decimal_parse(cases[i].text, &value) != cases[i].status)
            fail_msg("\"%s\"", cases[i].text);
        assert_int_equal(value.low, 42);
    }
}

static void test_decimal__limbs_are_twos_complement(void **state) {
    (void)state;
    corm_decimal value = parsed("-1");
    assert_true(value.low == UINT64_MAX && value.high == -1 && value.scale == 0);
    value = parsed("-18446744073709551616");
    assert_true(value.low == 0 && value.high == -1);
    value = parsed("36893488147419103232.5");
    assert_true(value.low == 5 && value.high == 20 && value.scale == 1);
    value = corm_decimal_of(INT64_MIN, 2);
    char text[CORM_DECIMAL_TEXT];
    assert_string_equal(corm_decimal_format(value, text, sizeof text), "-92233720368547758.08");
    assert_string_equal(corm_decimal_format(corm_decimal_of(1, 39), text, sizeof text), "NaN");
}

static void test_decimal__compares_by_value(void **state) {
    (void)state;
    static const char *const ascending[] = {
        ("-" NINES),  "-10.01", "-10",
        "-0.0000001", "0",      "0.00000000000000000000000000000000000001",
        "1",          "1.01",   "2",
        NINES,        "NaN"
    };
    enum { N = sizeof ascending / sizeof *ascending };
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            int order = corm_decimal_compare(parsed(ascending[i]), parsed(ascending[j]));
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    assert_int_equal(corm_decimal_compare(parsed("1.0"), parsed("1.00")), 0);
    assert_int_equal(corm_decimal_compare(parsed("-1.0"), parsed("-1")), 0);
    assert_int_equal(corm_decimal_compare(parsed("0.00"), parsed("-0")), 0);
}

static void test_decimal__rescales(void **state) {
    (void)state;
    static const struct { const char *text; int scale; bool round; const char *result;
    } cases[] = {
        { "1.5", 3, false, "1.500" },
        { "1.500", 1, false, "1.5" },
        { "1.25", 1, true, "1.3" },
        { "-1.25", 1, true, "-1.3" },
        { "1.24", 1, true, "1.2" },
        { "1.24", 1, false, NULL },
        { "0.4", 0, true, "0" },
        { "-0.4", 0, true, "0" },
        { "0.5", 0, true, "1" },
        { "9.999", 2, true, "10.00" },
        { NINES, 1, false, NULL },
        { "0." NINES, 0, true, "1" },
        { "0.49999999999999999999999999999999999999", 0, true, "0" },
        { "1.00000000000000000001", 1, false, NULL },
        { "NaN", 3, false, "NaN" },
        { "1", 39, true, NULL },
        { "1", -1, true, NULL },
        { "0", 38, false, "0.00000000000000000000000000000000000000" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        corm_decimal value;
        char text[CORM_DECIMAL_TEXT];
        int status =
            corm_decimal_rescale(parsed(cases[i].text), cases[i].scale, cases[i].round, &value);
        if (cases[i].result) assert_int_equal(status, 0);
        else assert_int_equal(status, CORM_ERROR_RANGE);
        if (cases[i].result)
            assert_string_equal(corm_decimal_format(value, text, sizeof text), cases[i].result);
    }
}

static void test_decimal__becomes_the_nearest_double(void **state) {
    (void)state;
    assert_true(corm_decimal_to_double(parsed("19.99")) == 19.99);
    assert_true(corm_decimal_to_double(parsed("-0.1")) == -0.1);
    assert_true(corm_decimal_to_double(parsed(NINES)) == 1e38);
    assert_true(corm_decimal_to_double(parsed("-9007199254740993.1")) == -9007199254740993.1);
    assert_true(corm_decimal_to_double(parsed("0.00000000000000000000000000000000000001")) ==
                1e-38);
    assert_true(isnan(corm_decimal_to_double(parsed("NaN"))));
}

static void test_decimal__text_is_cut_to_the_size(void **state) {
    (void)state;
    char text[4];
    assert_string_equal(corm_decimal_format(parsed("-12.30"), text, sizeof text), "-12");
    memcpy(text, "abc", 4);
    corm_decimal_format(parsed("1"), text, 0);
    assert_string_equal(text, "abc");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimal__parses_and_formats),
        cmocka_unit_test(test_decimal__refuses_what_is_no_decimal),
        cmocka_unit_test(test_decimal__limbs_are_twos_complement),
        cmocka_unit_test(test_decimal__compares_by_value),
        cmocka_unit_test(test_decimal__rescales),
        cmocka_unit_test(test_decimal__becomes_the_nearest_double),
        cmocka_unit_test(test_decimal__text_is_cut_to_the_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
