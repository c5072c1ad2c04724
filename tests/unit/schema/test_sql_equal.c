#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "schema/sql_text.h"
#include <stdio.h>
#include <stdlib.h>

/* Right: the form that PostgreSQL gives it. */
static const char *const same[][2] = {
    { NULL, "" },
    { "price >= 0", "((price >= (0)::numeric))" },
    { "price>=0", "( price >= 0 )" },
    { "a AND b OR c", "((a AND b) OR c)" },
    { "NOT a AND b", "((NOT a) AND b)" },
    { "a > 1 AND b > 2 AND c > 3", "((a > 1) AND (b > 2) AND (c > 3))" },
    { "price BETWEEN 1 AND 5", "((price >= (1)::numeric) AND (price <= (5)::numeric))" },
    { "price NOT BETWEEN 1 AND 5", "((price < (1)::numeric) OR (price > (5)::numeric))" },
    { "status IN ('a', 'b')", "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))" },
    { "status IN ('a', 'b')", "((status)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text]))" },
    { "status NOT IN ('a', 'b')", "((status)::text <> ALL ((ARRAY['a'::character varying, 'b'::character varying])::text[]))" },
    { "status IN ('a')", "((status)::text = 'a'::text)" },
    { "a != -1", "(a <> '-1'::integer)" },
    { "link IS NOT NULL", "(link IS NOT NULL)" },
    { "NOT (link IS NULL)", "link IS NOT NULL" },
    { "title LIKE 'a%'", "((title)::text ~~ 'a%'::text)" },
    { "title NOT LIKE 'a%'", "((title)::text !~~ 'a%'::text)" },
    { "lower(title) = title", "(lower((title)::text) = (title)::text)" },
    { "length(title) > 3", "(length((title)::text) > 3)" },
    { "a + b * 2 - 1 > 0", "(((a + (b * 2)) - 1) > 0)" },
    { "first || ' ' || last", "(((first)::text || ' '::text) || (last)::text)" },
    { "CAST(a AS integer) > 0", "((a)::integer > 0)" },
    { "created > DATE '2026-01-01'", "(created > '2026-01-01'::date)" },
    { "CASE WHEN a THEN 1 ELSE 0 END = 1", "(\nCASE\n    WHEN a THEN 1\n    ELSE 0\nEND = 1)" },
    { "\"price\" > 0", "price > 0" },
    { "recipes.price > 0", "(price > (0)::numeric)" },
    { "coalesce(a, b, 0) = 0", "(COALESCE(a, b, 0) = 0)" },
};

static const char *const different[][2] = {
    { "price >= 0", "price > 0" },
    { "price >= 0", "" },
    { "a AND (b OR c)", "a AND b OR c" },
    { "NOT (a AND b)", "NOT a AND b" },
    { "(a + b) * 2", "a + b * 2" },
    { "a - (b - c)", "a - b - c" },
    { "status IN ('a', 'b')", "status IN ('a', 'c')" },
    { "status IN ('a', 'b')", "status IN ('a')" },
    { "title = 'A'", "title = 'a'" },
    { "\"Price\" > 0", "price > 0" },
    { "link IS NULL", "link IS NOT NULL" },
    { "a BETWEEN 1 AND 5", "a NOT BETWEEN 1 AND 5" },
    { "a = ANY (b)", "a = b" },
    { "a > 1 )", "a > 1" },
};

static void test_sql_equal__sees_through_what_a_database_makes_of_it(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (!corm__sql_equal(same[i][0], same[i][1])) fail_msg("%s  and  %s", same[i][0], same[i][1]);
        if (!corm__sql_equal(same[i][1], same[i][0])) fail_msg("%s  and  %s", same[i][1], same[i][0]);
    }
}

static void test_sql_equal__tells_different_conditions_apart(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof different / sizeof *different; i++)
        if (corm__sql_equal(different[i][0], different[i][1])) fail_msg("%s  and  %s", different[i][0], different[i][1]);
}

static void test_sql_equal__survives_any_text(void **state) {
    (void)state;
    enum { DEEP = 100000 };
    char *deep = malloc(DEEP + 1);
    assert_non_null(deep);
    memset(deep, '(', DEEP);
    deep[DEEP] = 0;
    assert_false(corm__sql_equal(deep, "a"));
    memset(deep, '-', DEEP);
    for (int i = 0; i < DEEP; i += 2) deep[i] = ' ';
    assert_false(corm__sql_equal(deep, "a"));
    for (int i = 0; i + 4 <= DEEP; i += 4) memcpy(deep + i, "not ", 4);
    assert_false(corm__sql_equal(deep, "a"));
    free(deep);
    static const char *const pieces[] = { "(", ")", "a", "IN", "NOT", "BETWEEN", "AND", "'", "\"", "::", "ARRAY", "[", "]", "=", "ANY", ",", "CASE", "END", "-", "1", ".", "IS", "COLLATE", "CAST" };
    unsigned seed = 1;
    for (int turn = 0; turn < 20000; turn++) {
        char text[256] = "";
        for (int i = 0; i < 12; i++) {
            seed = seed * 1103515245u + 12345u;
            strcat(strcat(text, pieces[(seed >> 16) % (sizeof pieces / sizeof *pieces)]), " ");
        }
        char copy[260];
        snprintf(copy, sizeof copy, " %s", text);
        assert_true(corm__sql_equal(text, copy));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sql_equal__sees_through_what_a_database_makes_of_it),
        cmocka_unit_test(test_sql_equal__tells_different_conditions_apart),
        cmocka_unit_test(test_sql_equal__survives_any_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
