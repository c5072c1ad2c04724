#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "schema/sql_text.h"

static void check_tokens(const char *sql, const char *const *expected) {
    size_t i = 0;
    for (corm_token token; (token = corm__token_next(&sql)).kind != CORM_TOKEN_END; i++) {
        assert_non_null(expected[i]);
        assert_int_equal(token.length, strlen(expected[i]));
        assert_memory_equal(token.start, expected[i], token.length);
    }
    assert_null(expected[i]);
}

static void test_tokens__are_split_as_sql_is(void **state) {
    (void)state;
    check_tokens("a>=-1.5e-3 -- no\n AND /* no */ \"B c\" = 'it''s'::text",
                 (const char *const[]){ "a", ">=", "-", "1.5e-3", "AND", "\"B c\"", "=", "'it''s'",
                                        "::", "text", NULL });
    check_tokens("f(x,.5)||y @> 'open", (const char *const[]){ "f", "(", "x", ",", ".5", ")", "||",
                                                               "y", "@>", "'open", NULL });
    check_tokens("  /* open", (const char *const[]){ NULL });
    check_tokens("$$ a; 'b $$;$t1$ $$ $t1$ x$1 = $2 $open",
                 (const char *const[]){ "$$ a; 'b $$", ";", "$t1$ $$ $t1$", "x$1", "=", "$", "2",
                                        "$", "open", NULL });
    check_tokens("ναι<>1", (const char *const[]){ "ναι", "<>", "1", NULL });
}

static void check_rename(const char *sql, const char *expected) {
    corm_buffer out = { 0 };
    corm__sql_rename(&out, sql, "price", "cost");
    assert_string_equal(corm__buffer_text(&out), expected);
    corm__buffer_release(&out);
}

static void test_rename__changes_names_and_nothing_else(void **state) {
    (void)state;
    check_rename("price >= 0 AND recipes.PRICE<9", "cost >= 0 AND recipes.cost<9");
    check_rename("\"price\" > 0", "\"cost\" > 0");
    check_rename("\"Price\" > 0", "\"Price\" > 0");
    check_rename("note <> 'price' -- the price\n", "note <> 'price' -- the price\n");
    check_rename("price (price) > 0 AND prices > 0", "price (cost) > 0 AND prices > 0");
    check_rename("", "");
}

static void check_rename_to(const char *name, const char *expected) {
    corm_buffer out = { 0 };
    corm__sql_rename(&out, "price > 0 AND \"price\" < 9", "price", name);
    assert_string_equal(corm__buffer_text(&out), expected);
    corm__buffer_release(&out);
}

/* As the engines themselves do it. */
static void test_rename__quotes_a_name_that_needs_it(void **state) {
    (void)state;
    check_rename_to("order", "\"order\" > 0 AND \"order\" < 9");
    check_rename_to("Cost", "\"Cost\" > 0 AND \"Cost\" < 9");
    check_rename_to("a b", "\"a b\" > 0 AND \"a b\" < 9");
    check_rename_to("cost", "cost > 0 AND \"cost\" < 9");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens__are_split_as_sql_is),
        cmocka_unit_test(test_rename__changes_names_and_nothing_else),
        cmocka_unit_test(test_rename__quotes_a_name_that_needs_it)
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
