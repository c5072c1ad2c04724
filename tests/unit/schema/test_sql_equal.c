#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "schema/sql_text.h"
#include <stdio.h>
#include <stdlib.h>

/* Right: what PostgreSQL 15 gave back (pg_get_constraintdef) for the check on the left. */
static const char *const same[][2] = {
    { NULL, "" },
    { "price>=0", "( price >= 0 )" },
    { "price >= 0", "(price >= (0)::numeric)" },
    { "c AND a > 1 OR b > 2", "((c AND (a > 1)) OR (b > 2))" },
    { "a > 1 AND b > 2 AND a > 3", "((a > 1) AND (b > 2) AND (a > 3))" },
    { "price BETWEEN 1 AND 5", "((price >= (1)::numeric) AND (price <= (5)::numeric))" },
    { "price NOT BETWEEN 1 AND 5", "((price < (1)::numeric) OR (price > (5)::numeric))" },
    { "status IN ('a', 'b')",
      "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))" },
    { "status NOT IN ('a', 'b')",
      "((status)::text <> ALL ((ARRAY['a'::character varying, 'b'::character varying])::text[]))" },
    { "status IN ('a')", "((status)::text = 'a'::text)" },
    { "a != -1", "(a <> '-1'::integer)" },
    { "link IS NOT NULL", "(link IS NOT NULL)" },
    { "NOT (link IS NULL)", "(NOT (link IS NULL))" },
    { "title LIKE 'a%'", "((title)::text ~~ 'a%'::text)" },
    { "title NOT LIKE 'a%'", "((title)::text !~~ 'a%'::text)" },
    { "lower(title) = title", "(lower((title)::text) = (title)::text)" },
    { "length(title) > 3", "(length((title)::text) > 3)" },
    { "a + b * 2 - 1 > 0", "(((a + (b * 2)) - 1) > 0)" },
    { "first || ' ' || last <> ''", "(((first || ' '::text) || last) <> ''::text)" },
    { "CAST(r AS integer) > 0", "((r)::integer > 0)" },
    { "created > DATE '2026-01-01'", "(created > '2026-01-01'::date)" },
    { "CASE WHEN c THEN 1 ELSE 0 END = 1", "( CASE     WHEN c THEN 1     ELSE 0 END = 1)" },
    { "\"price\" > 0", "(price > (0)::numeric)" },
    { "t.price > 0", "(price > (0)::numeric)" },
    { "coalesce(a, b, 0) = 0", "(COALESCE(a, b, 0) = 0)" },
    { "link IN ('x', 'y')", "(link = ANY (ARRAY['x'::text, 'y'::text]))" },
    { "a IN (1, 2, 3)", "(a = ANY (ARRAY[1, 2, 3]))" },
    { "c = true", "(c = true)" },
    { "c IS TRUE", "(c IS TRUE)" },
    { "a IS DISTINCT FROM b", "(a IS DISTINCT FROM b)" },
    { "price * 1.2 < 100", "((price * 1.2) < (100)::numeric)" },
    { "created < now() + interval '1 day'", "(created < (now() + '1 day'::interval))" },
    { "title ~ '^[a-z]+$'", "((title)::text ~ '^[a-z]+$'::text)" },
    { "title ~* 'x' OR title !~ 'y'",
      "(((title)::text ~* 'x'::text) OR ((title)::text !~ 'y'::text))" },
    { "extract(year from created) > 2000", "(EXTRACT(year FROM created) > (2000)::numeric)" },
    { "position('x' in title) > 0", "(POSITION(('x'::text) IN (title)) > 0)" },
    { "substring(title from 1 for 3) = 'abc'", "(SUBSTRING(title FROM 1 FOR 3) = 'abc'::text)" },
    { "-a < 5 AND - 5 < b", "(((- a) < 5) AND ('-5'::integer < b))" },
    { "title COLLATE \"C\" < 'x'", "(((title)::text COLLATE \"C\") < 'x'::text)" },
    { "day >= '2026-01-01'", "(day >= '2026-01-01'::date)" },
    { "code <> '00000000-0000-0000-0000-000000000000'",
      "(code <> '00000000-0000-0000-0000-000000000000'::uuid)" },
    { "price > 0.5 AND r > 0.5", "((price > 0.5) AND (r > (0.5)::double precision))" },
    { "(a > 0) = (b > 0)", "((a > 0) = (b > 0))" },
    { "a % 2 = 0 AND mod(a, 3) = 1", "(((a % 2) = 0) AND (mod(a, 3) = 1))" },
    { "title ILIKE '%x%' AND title NOT ILIKE '%y%'",
      "(((title)::text ~~* '%x%'::text) AND ((title)::text !~~* '%y%'::text))" },
    { "char_length(trim(title)) > 0", "(char_length(TRIM(BOTH FROM title)) > 0)" },
    { "NOT (a > 0 AND b > 0)", "(NOT ((a > 0) AND (b > 0)))" },
    /* As MariaDB has them. */
    { "NOT (a > 0 AND b = 'x (y')", "a <= 0 or b <> 'x (y'" },
    { "NOT (a AND NOT (b OR c LIKE '%'')%'))", "NOT a or b or c like '%'')%'" },
    { "NOT (a BETWEEN 1 AND 5) AND NOT (lower(b) IN ('x', 'y'))",
      "a not between 1 and 5 and lower(b) not in ('x','y')" },
    { "NOT (\"a b\" IS NULL OR -a < 3)", "\"a b\" is not null and -a >= 3" },
    { "NOT NOT a", "a" },
    { "a AND (b AND (c AND d)) AND (e OR (f OR g))", "a and b and c and d and (e or f or g)" },
    { "a AND b BETWEEN 1 AND 2 AND c", "a and (b >= 1 and b <= 2 and c)" },
    { "char_length(a) > 3", "length(a) > 3" },
    { "now()", "CURRENT_TIMESTAMP" },
    { "a > 0 AND (b > 0 AND c)", "((a > 0) AND ((b > 0) AND c))" },
    { "nullif(a, 0) > 1 and greatest(a,b) > 1", "((NULLIF(a, 0) > 1) AND (GREATEST(a, b) > 1))" },
    { "title <> '' AND status <> 'it''s'",
      "(((title)::text <> ''::text) AND ((status)::text <> 'it''s'::text))" },
    { "a BETWEEN 1 AND 5 AND b BETWEEN 2 AND 6",
      "(((a >= 1) AND (a <= 5)) AND ((b >= 2) AND (b <= 6)))" },
    { "status = 'a' OR status = 'b' AND NOT c",
      "(((status)::text = 'a'::text) OR (((status)::text = 'b'::text) AND (NOT c)))" },
    { "price IN (1, 2.5)", "(price = ANY (ARRAY[(1)::numeric, 2.5]))" },
    { "title LIKE 'a!%' ESCAPE '!'", "((title)::text ~~ like_escape('a!%'::text, '!'::text))" },
    { "a::text <> '5'", "((a)::text <> '5'::text)" },
    { "a > ALL (ARRAY[1,2])", "(a > ALL (ARRAY[1, 2]))" },
};

static const char *const different[][2] = {
    { "price >= 0", "price > 0" },
    { "price >= 0", "" },
    { "a AND (b OR c)", "a AND b OR c" },
    { "NOT (a AND b)", "NOT a AND b" },
    { "NOT (a AND b)", "NOT a AND NOT b" },
    { "NOT (a = 1)", "a = 1" },
    { "NOT (a < 1)", "a > 1" },
    { "NOT", "" },
    { "a AND (b OR c)", "a AND b OR c" },
    { "a AND b", "a OR b" },
    { "NOT (a = 1 AND b = 2 AND c = 3)", "a <> 1 OR b <> 2 AND c <> 3" },
    { "now(1)", "CURRENT_TIMESTAMP" },
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
    { "title LIKE 'a' ESCAPE '!'", "title LIKE 'a'" },
    { "trim(a, b)", "trim(a)" },
    { "trim(leading from a)", "trim(a)" },
    { "position(a in b) > 0", "position(b in a) > 0" },
    { "a IN (b)", "a IN b" },
};

static void test_sql_equal__sees_through_what_a_database_makes_of_it(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (!corm__sql_equal(same[i][0], same[i][1]))
            fail_msg("%s  and  %s", same[i][0], same[i][1]);
        if (!corm__sql_equal(same[i][1], same[i][0]))
            fail_msg("%s  and  %s", same[i][1], same[i][0]);
    }
}

static void test_sql_equal__tells_different_conditions_apart(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof different / sizeof *different; i++)
        if (corm__sql_equal(different[i][0], different[i][1]))
            fail_msg("%s  and  %s", different[i][0], different[i][1]);
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
    static const char *const pieces[] = { "(",   ")", "a",   "IN", "NOT",     "BETWEEN",
                                          "AND", "'", "\"",  "::", "ARRAY",   "[",
                                          "]",   "=", "ANY", ",",  "CASE",    "END",
                                          "-",   "1", ".",   "IS", "COLLATE", "CAST" };
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
