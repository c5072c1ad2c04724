#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <corm/schema.h>

static void test_kind_name__each_kind_has_its_own(void **state) {
    (void)state;
    for (int a = 0; a < CORM_KIND_COUNT; a++) {
        assert_non_null(corm_kind_name((corm_kind)a));
        for (int b = 0; b < a; b++)
            assert_string_not_equal(corm_kind_name((corm_kind)a), corm_kind_name((corm_kind)b));
    }
    assert_string_equal(corm_kind_name(CORM_DOUBLE_PRECISION), "double_precision");
    assert_string_equal(corm_kind_name(CORM_KIND_COUNT), "unknown kind");
    assert_string_equal(corm_kind_name((corm_kind)-1), "unknown kind");
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_kind_name__each_kind_has_its_own) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
