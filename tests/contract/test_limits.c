/* Values without measure: depth, length, exponents. Every engine refuses the same. */
#include "harness.h"
#include <stdlib.h>

static void test_limits__depth_of_json(void **state) {
    (void)state;
    enum { LEVELS = 1000000 };
    char *text = malloc(LEVELS * 2 + 1);
    assert_non_null(text);
    for (int levels = 31; levels <= LEVELS; levels = levels == 31 ? 1001 : levels * 999) {
        memset(text, '[', (size_t)levels);
        memset(text + levels, ']', (size_t)levels);
        text[levels * 2] = 0;
        Optional row = { .document = text };
        if (levels == 31)
            assert_ok(corm_insert(db, Optionals, &row));
        else
            assert_refused(corm_insert(db, Optionals, &row), CORM_ERROR_TYPE, "is not JSON");
    }
    free(text);
}

static void test_limits__exponents(void **state) {
    (void)state;
    static const char *const bad[] = { "1e999999999",           "1e99999999999999999999",
                                       "1e2147483648",          "1e4294967296",
                                       "-1e9223372036854775808", "1e39" };
    static const char *const nothing[] = { "0e999999999", "0e-99999999999999999999" };
    corm_decimal value;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(corm_decimal_parse(bad[i], &value), CORM_ERROR_RANGE);
    assert_int_equal(corm_decimal_parse("1e-999999999", &value), CORM_ERROR_RANGE);
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        assert_int_equal(corm_decimal_parse(nothing[i], &value), 0);
        assert_int_equal(value.low, 0);
    }
}

static void test_limits__a_bad_pattern(void **state) {
    (void)state;
    static const char *const bad[] = { "(", "[a", "a{2,1}", "*", "[[:nothing:]]", "a\\", "[z-a]" };
    fill();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_refused(corm_count(db, Recipes, .where = REGEX(Recipes.title, bad[i])),
                       CORM_ERROR_SQL, "");
        assert_refused(corm_count(db, Recipes, .where = IREGEX(Recipes.title, bad[i])),
                       CORM_ERROR_SQL, "");
    }
}

const struct CMUnitTest limit_tests[] = {
    TEST(test_limits__depth_of_json),
    TEST(test_limits__exponents),
    TEST(test_limits__a_bad_pattern),
};
const size_t n_limit_tests = sizeof limit_tests / sizeof *limit_tests;
