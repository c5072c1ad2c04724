#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <corm/status.h>
#include <corm/types.h>

static void test_uuid__parses_with_and_without_hyphens(void **state) {
    (void)state;
    static const char *const forms[] = { "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
                                         "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6",
                                         "f81d4fae7dec11d0a76500a0c91e6bf6" };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        corm_uuid uuid;
        char text[CORM_UUID_TEXT];
        assert_int_equal(corm_uuid_parse(forms[i], &uuid), 0);
        assert_int_equal(uuid.bytes[0], 0xf8);
        assert_int_equal(uuid.bytes[15], 0xf6);
        assert_string_equal(corm_uuid_format(uuid, text, sizeof text), forms[0]);
    }
}

static void test_uuid__refuses_other_forms(void **state) {
    (void)state;
    static const char *const forms[] = { "",
                                         "f81d4fae",
                                         "f81d4fae-",
                                         "f81d4fae-7dec-11d0-a765-00a0c91e6bf",
                                         "f81d4fae-7dec-11d0-a765-00a0c91e6bf6a",
                                         "f81d4fae-7dec11d0-a765-00a0c91e6bf6",
                                         "g81d4fae-7dec-11d0-a765-00a0c91e6bf6",
                                         "f81d4fae7dec-11d0-a765-00a0c91e6bf6",
                                         "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}" };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        corm_uuid uuid;
        if (corm_uuid_parse(forms[i], &uuid) != CORM_ERROR_TYPE) fail_msg("\"%s\"", forms[i]);
    }
}

static void test_uuid__new_ones_are_random_and_of_version_4(void **state) {
    (void)state;
    corm_uuid a, b;
    assert_int_equal(corm_uuid_new(&a), 0);
    assert_int_equal(corm_uuid_new(&b), 0);
    assert_memory_not_equal(&a, &b, sizeof a);
    assert_int_equal(a.bytes[6] >> 4, 4);
    assert_int_equal(a.bytes[8] >> 6, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uuid__parses_with_and_without_hyphens),
        cmocka_unit_test(test_uuid__refuses_other_forms),
        cmocka_unit_test(test_uuid__new_ones_are_random_and_of_version_4),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
