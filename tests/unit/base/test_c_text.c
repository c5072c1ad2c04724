#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/c_text.h"

static void check(const char *text, const char *expected) {
    corm_buffer out = { 0 };
    corm__c_literal(&out, text);
    assert_string_equal(corm__buffer_text(&out), expected);
    corm__buffer_release(&out);
}

static void test_literal__is_what_the_compiler_reads_back(void **state) {
    (void)state;
    check("a \"b\"\\\n\t?\?/", "\"a \\\"b\\\"\\\\\\n\\t?\\?/\"");
    check("größe 名 \xff", "\"größe 名 \\377\"");
}

/* What turns the order in which an editor shows a line, or shows nothing at all. */
static void test_literal__shows_all_that_is_in_it(void **state) {
    (void)state;
    check("a\u202Eb\u2066c", "\"a\\342\\200\\256b\\342\\201\\246c\"");
    check("\u200B\u200F\u061C\uFEFF\xC2\x85",
          "\"\\342\\200\\213\\342\\200\\217\\330\\234\\357\\273\\277\\302\\205\"");
    check("\u2013\u2019\u20AC\u0600\u00A0", "\"\u2013\u2019\u20AC\u0600\u00A0\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literal__is_what_the_compiler_reads_back),
        cmocka_unit_test(test_literal__shows_all_that_is_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
