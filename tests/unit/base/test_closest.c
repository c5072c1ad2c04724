#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/closest.h"

static void test_closest__finds_what_was_meant(void **state) {
    (void)state;
    static const char *const names[] = { "sslmode", "sslcert", "host", "port", "connect_timeout" };
    static const struct { const char *word, *meant;
    } cases[] = {
        { "sslmod", "sslmode" },
        { "sslmoed", "sslmode" },
        { "SSLMODE", NULL },
        { "sslert", "sslcert" },
        { "hsot", "host" },
        { "pot", "port" },
        { "connecttimeout", "connect_timeout" },
        { "pgbouncer", NULL },
        { "", NULL },
        { "zzzz", NULL },
        { "a_word_of_more_than_sixty_three_letters_is_never_similar_to_any_of_them_at_all", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *meant = corm__closest(cases[i].word, names, sizeof names / sizeof *names);
        if (!meant != !cases[i].meant) fail_msg("%s: %s", cases[i].word, meant ? meant : "nothing");
        if (meant) assert_string_equal(meant, cases[i].meant);
    }
    assert_null(corm__closest("x", NULL, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_closest__finds_what_was_meant) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
