#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/regex.h"

static corm_buffer out;
static char why[CORM__REGEX_WHY];

static bool read_as(const char *pattern, bool fold, const char *end) {
    corm__buffer_reset(&out);
    return corm__regex(pattern, strlen(pattern), fold, end, &out, why);
}

static void test_regex__is_written_for_each_engine(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        { "", "" },
        { "^a.b$", "^a.b\\z" },
        { "a|(b|c$)d", "a|(b|c\\z)d" },
        { "a*b+c?d{2}e{2,}f{0,255}(g)*.+", "a*b+c?d{2}e{2,}f{0,255}(g)*.+" },
        { "(a*)*", "(a*)*" },
        { "\\.\\*\\(\\[\\\\", "\\.\\*\\(\\[\\\\" },
        { "\\-\\/\\\"]}", "\\-\\/\\\"\\]\\}" },
        { "x#-& \n\té日", "x\\#\\-\\& \n\té日" },
        /* a backslash in brackets is a character */
        { "[\\.]", "[\\.\\\\]" },
        { "[\\]]", "[\\\\]\\]" },
        { "[\\d]", "[\\\\d]" },
        { "[]a]", "[\\]a]" },
        { "[^]-]", "[^\\-\\]]" },
        { "[-^a]", "[\\-\\^a]" },
        { "[^^]", "[^\\^]" },
        { "[.[]", "[\\.\\[]" },
        { "[]^[-]", "[\\-\\[\\]\\^]" },
        { "[%--]", "[\\%-\\-]" },
        { "[a&&b]", "[\\&ab]" },
        { "[cab]", "[a-c]" },
        { "[а-яё]", "[а-яё]" },
        { "[a-é]", "[a-\x7f\xC2\x80-é]" },
        { "[[:digit:]]", "[0-9]" },
        { "[[:alpha:]é_-]", "[\\-\\_[:alpha:]é]" },
        { "[^[:alnum:]]", "[^0-9[:alpha:]]" },
        { "[[:space:]]", "[\t-\r ]" },
        { "[[:xdigit:][:blank:]]", "[\t 0-9A-Fa-f]" },
        { "[[:upper:][:lower:]]", "[[:upper:][:lower:]]" },
        { "[[:print:]]", "[ -\\~\u00a0-\U0010ffff]" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(read_as(cases[i][0], false, "\\z"));
        assert_string_equal(corm__buffer_text(&out), cases[i][1]);
    }
}

/* What is left when the engine has folded the text: small letters, and what has no case. */
static void test_regex__is_written_for_a_folded_text(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        { "aBÉ", "aBÉ" },
        { "İ*", "(İ)*" },
        { "[A-Z]", "[a-z]" },
        { "[Xa]", "[ax]" },
        { "[X-a]", "[\\[-ax-z]" },
        { "[ -~]", "[ -\\@\\[-\\~]" },
        { "[0-C]", "[0-\\@a-c]" },
        { "[А-Я]", "[а-я]" },
        { "[а-я]", "[а-я]" },
        { "[À-ÿ]", "[×-ÿ]" },
        { "[Ω-α]", "[ω-ϋά-α]" },
        { "[Ā-Ē]", "[ēā-đ]" },
        { "[\u2126-\u212b]", "[ωkå℧-℩]" },
        { "[[:upper:]]", "[[:alpha:]]" },
        { "[^[:lower:]_]", "[^\\_[:alpha:]]" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(read_as(cases[i][0], true, "$"));
        assert_string_equal(corm__buffer_text(&out), cases[i][1]);
    }
    assert_false(read_as("[aİ]", true, "$"));
}

static void test_regex__refuses_what_posix_does_not_define(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *why;
    } cases[] = {
        { "日é\\d", "column 3: POSIX has no \\d: write [[:digit:]]" },
        { "\\w", "column 1: POSIX has no \\w: write [[:alnum:]_]" },
        { "\\s", "column 1: POSIX has no \\s: write [[:space:]]" },
        { "(a)\\1", "column 4: a \\ before what needs none" },
        { "\\b", "column 1: a \\ before what needs none" },
        { "\\<a\\>", "column 1: a \\ before what needs none" },
        { "\\`", "column 1: a \\ before what needs none" },
        { "\\'", "column 1: a \\ before what needs none" },
        { "\\é", "column 1: a \\ before what needs none" },
        { "a\\", "column 2: a \\ before what needs none" },
        { "a**", "column 3: a repetition is repeated: put it into parentheses" },
        { "a+?", "column 3: a repetition is repeated: put it into parentheses" },
        { "a{2}{3}", "column 5: a repetition is repeated: put it into parentheses" },
        { "*a", "column 1: nothing to repeat" },
        { "***a", "column 1: nothing to repeat" },
        { "(?i)a", "column 2: nothing to repeat" },
        { "(*UTF)a", "column 2: nothing to repeat" },
        { "a|+", "column 3: nothing to repeat" },
        { "^*", "column 2: nothing to repeat" },
        { "a$?", "column 3: nothing to repeat" },
        { "{1}", "column 1: nothing to repeat" },
        { "a{", "column 2: a bound is {m}, {m,} or {m,n} with numbers up to 255" },
        { "a{,3}", "column 2: a bound is {m}, {m,} or {m,n} with numbers up to 255" },
        { "a{x}", "column 2: a bound is {m}, {m,} or {m,n} with numbers up to 255" },
        { "a{1,2", "column 2: a bound is {m}, {m,} or {m,n} with numbers up to 255" },
        { "a{2,1}", "column 2: a bound is {m}, {m,} or {m,n} with numbers up to 255" },
        { "a{256}", "column 2: a bound is {m}, {m,} or {m,n} with numbers up to 255" },
        { "a{300,}", "column 2: a bound is {m}, {m,} or {m,n} with numbers up to 255" },
        { "a{1,99999999999999999999999}",
          "column 2: a bound is {m}, {m,} or {m,n} with numbers up to 255" },
        { "((a?){255}){2}", "column 12: too many pieces may be empty" },
        { "()", "column 2: nothing stands before it" },
        { "|a", "column 1: nothing stands before it" },
        { "a||b", "column 3: nothing stands before it" },
        { "(a|)", "column 4: nothing stands before it" },
        { "a|", "column 3: nothing stands behind the |" },
        { "a(", "column 2: a ( without its )" },
        { "((a)", "column 1: a ( without its )" },
        { "a)", "column 2: a ) without its (" },
        { "[a", "column 1: a [ without its ]" },
        { "[", "column 1: a [ without its ]" },
        { "[]", "column 1: a [ without its ]" },
        { "[^]", "column 1: a [ without its ]" },
        { "[a-", "column 1: a [ without its ]" },
        { "[z-a]", "column 2: a range that goes backwards" },
        { "[é-a]", "column 2: a range that goes backwards" },
        { "[a-c-e]", "column 5: a - is the first or the last in brackets" },
        { "[[:alpha:]-z]", "column 11: a range of a class" },
        { "[a-[:alpha:]]", "column 4: a range of a class" },
        { "[[:word:]]", "column 2: no class; one is [:alpha:], [:digit:], [:space:], …" },
        { "[[:<:]]", "column 2: no class; one is [:alpha:], [:digit:], [:space:], …" },
        { "[[:alphabet:]]", "column 2: no class; one is [:alpha:], [:digit:], [:space:], …" },
        { "[[:alpha", "column 2: no class; one is [:alpha:], [:digit:], [:space:], …" },
        { "[[=a=]]", "column 2: no class; one is [:alpha:], [:digit:], [:space:], …" },
        { "[[.a.]]", "column 2: no class; one is [:alpha:], [:digit:], [:space:], …" },
        { "a\xff", "column 1: it is not valid UTF-8" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(read_as(cases[i].pattern, false, "$"));
        assert_memory_equal(why, "invalid regular expression, ", 28);
        assert_string_equal(why + 28, cases[i].why);
    }
    assert_false(corm__regex("a\0b", 3, false, "$", &out, why));
}

static const char *times(const char *before, const char *middle, const char *after, int n) {
    static corm_buffer text;
    corm__buffer_reset(&text);
    for (int i = 0; i < n; i++) corm__buffer_puts(&text, before);
    corm__buffer_puts(&text, middle);
    for (int i = 0; i < n; i++) corm__buffer_puts(&text, after);
    return corm__buffer_text(&text);
}

static void test_regex__limits_what_it_costs(void **state) {
    (void)state;
    assert_true(read_as(times("a", "", "", 20000), false, "$"));
    assert_false(read_as(times("a", "", "", 20001), false, "$"));
    assert_true(read_as(times("(", "a", ")", 100), false, "$"));
    assert_false(read_as(times("(", "a", ")", 101), false, "$"));
    assert_true(read_as(times("(", "a", "{1,100})", 2), false, "$"));
    assert_false(read_as(times("(", "a", "{1,100})", 3), false, "$"));
    assert_true(read_as(times("(", "a", "+)", 11), false, "$"));
    assert_false(read_as(times("(", "a", "+)", 14), false, "$"));
    assert_true(read_as(times("[[:alpha:]_]{255}", "", "", 100), false, "$"));
    assert_false(read_as(times("[[:alpha:]_]{255}", "", "", 120), false, "$"));
    assert_true(read_as(times("([ab]c){100}", "", "", 8), false, "$"));
    assert_false(read_as(times("([ab]c){100}", "", "", 12), false, "$"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regex__is_written_for_each_engine),
        cmocka_unit_test(test_regex__is_written_for_a_folded_text),
        cmocka_unit_test(test_regex__refuses_what_posix_does_not_define),
        cmocka_unit_test(test_regex__limits_what_it_costs),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    corm__buffer_release(&out);
    return failed;
}
