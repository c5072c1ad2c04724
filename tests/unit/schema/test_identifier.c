#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "schema/schema.h"

static void test_identifier__plain_and_reserved(void **state) {
    (void)state;
    assert_true(corm__identifier_is_plain("user_id2"));
    assert_true(corm__identifier_is_plain("_x"));
    assert_false(corm__identifier_is_plain("Title"));
    assert_false(corm__identifier_is_plain("2nd"));
    assert_false(corm__identifier_is_plain(""));
    assert_false(corm__identifier_is_plain("a b"));
    assert_false(corm__identifier_is_plain("order"));
    assert_true(corm__identifier_is_reserved("accessible"));
    assert_true(corm__identifier_is_reserved("zerofill"));
    assert_true(corm__identifier_is_reserved("user"));
    assert_false(corm__identifier_is_reserved("title"));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_identifier__plain_and_reserved) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
