#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "command/command.h"

static void test_output__a_hint_follows_its_message(void **state) {
    (void)state;
    static const struct { const char *message, *hint, *between; } cases[] = {
        { "no such table", NULL, "" },
        { "no such table", "", "" },
        { "no such table", "run migrate", "; " },
        { "unknown scheme", "DATABASE_URL begins with a scheme", "; " },
        { "relation is not there", "Run migrate.", ". " },
        { "was it renamed?", "If so, say so.", " " },
        { "The disk is full.", "Free space.", " " },
        { "the transaction is broken", "A statement in it failed before.", ". " },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(corm__before_hint(cases[i].message, cases[i].hint), cases[i].between);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_output__a_hint_follows_its_message) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
