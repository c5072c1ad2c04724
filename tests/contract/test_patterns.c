/* Regular expressions: one dialect, POSIX's extended one, and the same answers on each engine. */
#include "harness.h"
#include "base/regex.h"
#include <regex.h>
#include <stdlib.h>

typedef struct pair {
    const char *pattern, *text;
    bool matches;
} pair;

static void check(const pair *pairs, size_t n, bool fold) {
    for (size_t i = 0; i < n; i++) {
        Stamp stamp = { .words = (char *)pairs[i].text };
        assert_ok(corm_insert(db, Stamps, &stamp));
        int64_t found = fold ? corm_count(db, Stamps,
                                          .where = AND(EQ(Stamps.id, stamp.id),
                                                       IREGEX(Stamps.words, pairs[i].pattern)))
                             : corm_count(db, Stamps,
                                          .where = AND(EQ(Stamps.id, stamp.id),
                                                       REGEX(Stamps.words, pairs[i].pattern)));
        if (found != pairs[i].matches)
            print_error("%s on \"%s\": %d %s\n", pairs[i].pattern, pairs[i].text, (int)found,
                        corm_error(db)->message);
        assert_int_equal(found, pairs[i].matches);
    }
}

static void test_patterns__mean_what_posix_says(void **state) {
    (void)state;
    static const pair pairs[] = {
        { "", "", true },
        { "", "a", true },
        /* $ and ^ are the ends of the text, and of nothing else; . is any character */
        { "end$", "end\n", false },
        { "end$", "the end", true },
        { "^b", "a\nb", false },
        { "a$", "a\nb", false },
        { "^a.b$", "a\nb", true },
        { "^[^a]$", "\n", true },
        { "^.$", "😀", true },
        { "a^b", "a^b", false },
        { "a$b", "a$b", false },
        { "(^|,)b(,|$)", "a,b", true },
        /* a backslash in brackets is a character */
        { "^[\\.]$", "\\", true },
        { "^[\\.]$", ".", true },
        { "^[\\d]$", "d", true },
        { "^[\\d]$", "1", false },
        { "^[\\]]$", "\\]", true },
        { "^[a&&b]$", "&", true },
        { "^[[a]$", "[", true },
        { "^[^]]$", "]", false },
        { "^[]-]$", "-", true },
        { "^[+--]$", ",", true },
        { "^[#-&~_]$", "%", true },
        /* classes: letters are Unicode's, the others ASCII's */
        { "^caf[[:alpha:]]$", "café", true },
        { "^[[:alpha:]]$", "日", true },
        { "^[[:alpha:]]+$", "Ωאآक", true },
        { "^[[:alpha:]]$", "1", false },
        { "^[[:alpha:]]$", "_", false },
        { "^[[:upper:]]$", "É", true },
        { "^[[:upper:]]$", "é", false },
        { "^[[:lower:]]$", "я", true },
        { "^[[:lower:]]$", "Я", false },
        { "^[[:alnum:]]+$", "é1", true },
        { "^[^[:alnum:]]$", "é", false },
        { "[[:digit:]]", "٣", false },
        { "^[[:digit:]]+$", "019", true },
        { "[[:space:]]", "\u00a0", false },
        { "[[:space:]]", "\v", true },
        { "[[:blank:]]", "\n", false },
        { "^[[:punct:]]+$", "!$+<=>^`|~", true },
        { "[[:punct:]]", "¡", false },
        { "[[:punct:]]", "a1 ", false },
        { "^[[:graph:]]$", "€", true },
        { "[[:graph:]]", "\u00a0 ", false },
        { "^[[:print:]]+$", "a €\u00a0", true },
        { "[[:print:]]", "\t", false },
        { "[[:cntrl:]]", "\t", true },
        { "^[[:xdigit:]]+$", "aF9", true },
        /* ranges go by code point */
        { "^[а-я]+$", "слово", true },
        { "^[а-я]+$", "ё", false },
        { "^[一-龥]+$", "日本", true },
        { "^[a-é]$", "z", true },
        { "^[a-é]$", "ê", false },
        { "^[^\xC2\x80-\U0010ffff]*$", "ascii", true },
        { "^[^\xC2\x80-\U0010ffff]*$", "é", false },
        { "^[A-z]$", "_", true },
        /* what other dialects have a meaning for */
        { "^#x #$", "#x #", true },
        { "^\\-\\/\\{\\}]}$", "-/{}]}", true },
        { "^a\\$\\^b$", "a$^b", true },
        { "^&~@<>=!:'\"`%;,_$", "&~@<>=!:'\"`%;,_", true },
        /* repetitions */
        { "^(a*)*$", "aaa", true },
        { "^(a*)*$", "aab", false },
        { "^(a|ab)(c|bcd)$", "abcd", true },
        { "^a{0}b$", "b", true },
        { "^a{0}b$", "ab", false },
        { "^(ab){2,3}$", "ababab", true },
        { "^(ab){2,3}$", "abababab", false },
        { "^(ab){2,}$", "ab", false },
        { "^(ab){0,2}$", "", true },
        { "^(a{2}){2}$", "aaaa", true },
        { "^(a?){3}$", "aa", true },
        { "^[ab]{255}$", "a", false },
    };
    check(pairs, sizeof pairs / sizeof *pairs, false);
}

static void test_patterns__without_regard_to_case(void **state) {
    (void)state;
    static const pair pairs[] = {
        { "^οδυσσευς$", "ΟΔΥΣΣΕΥΣ", true },
        { "^οδυσσευς$", "οδυσσευσ", true },
        { "^ΟΔΥΣΣΕΥΣ$", "οδυσσευς", true },
        { "^k$", "\u212a", true },
        { "^\u212a$", "k", true },
        { "^[J-L]$", "\u212a", true },
        { "^aÉ$", "Aé", true },
        { "^s$", "ſ", false },
        { "^[[:upper:]]+$", "éa", true },
        { "^[[:lower:]]+$", "ÉA", true },
        { "^[^[:upper:]]$", "a", false },
        { "^[A-C]$", "b", true },
        { "^[a-c]$", "B", true },
        { "^[X-a]$", "A", true },
        { "^[X-a]$", "z", true },
        { "^[X-a]$", "_", true },
        { "^[X-a]$", "B", false },
        { "^[Y-b]$", "]", true },
        { "^[^A]$", "a", false },
        { "^[ -~]+$", "Az~", true },
        { "^[À-ÿ]+$", "ßé×É", true },
        { "^[А-Я]+$", "Слово", true },
        { "^[α-ω]+$", "ΛΌΓΟΣ", false },
        { "^[ά-ώ]+$", "ΛΌΓΟΣ", true },
        { "^[Ω-α]$", "ω", true },
        { "^[Ω-α]$", "Α", true },
        { "^[Ω-α]$", "β", false },
        { "end$", "END\n", false },
        { "^A\\.B[\\.]$", "a.b\\", true },
    };
    check(pairs, sizeof pairs / sizeof *pairs, true);
}

static void test_patterns__that_posix_does_not_define_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "(",       "a)",           "[a",     "a{2,1}",  "*",       "[[:nothing:]]",
        "a\\",     "[z-a]",        "^\\d+$", "(a)\\1",  "\\bx",    "a+?",
        "a++",     "a**",          "(?i)a",  "(*UTF)a", "***:a",   "a||b",
        "()",      "a{,3}",        "a{x",    "a{256}",  "[[:<:]]", "[[:word:]]",
        "[[=a=]]", "[[.hyphen.]]", "\\Aa",   "^*",      "a|*b",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_refused(corm_count(db, Stamps, .where = REGEX(Stamps.words, bad[i])), CORM_ERROR_SQL,
                       "stamps.words: invalid regular expression, column ");
        assert_refused(corm_count(db, Stamps, .where = IREGEX(Stamps.words, bad[i])),
                       CORM_ERROR_SQL, "stamps.words: invalid regular expression, column ");
    }
    assert_refused(corm_count(db, Stamps, .where = REGEX(Stamps.words, "日\\d")), CORM_ERROR_SQL,
                   "column 2: POSIX has no \\d: write [[:digit:]]");
    assert_refused(corm_count(db, Stamps, .where = IREGEX(Stamps.words, "[aİ]")), CORM_ERROR_SQL,
                   "column 3: ");
    assert_refused(corm_count(db, Stamps, .where = REGEX(Stamps.words, COL(Stamps.words))),
                   CORM_ERROR_USAGE, "REGEX takes a text, not an expression");
    assert_refused(corm_count(db, Stamps, .where = REGEX(Stamps.words, "\xff")), CORM_ERROR_TYPE,
                   "not valid UTF-8");
}

/* Whatever is accepted is not too much for any engine. */
static void test_patterns__may_be_long_and_deep(void **state) {
    (void)state;
    static const struct {
        const char *before, *middle, *after;
        int n;
    } cases[] = {
        { "a", "", "", 20000 },      { "(", "a", ")", 100 },
        { "(", "a", "{1,100})", 2 }, { "(", "a", "+)", 11 },
        { "[a-c]{255}", "", "", 4 }, { "([ab]|é){100}", "", "", 3 },
        { "(a|b)*", "", "", 400 },   { "[^[:alpha:]_]{80}", "", "", 8 },
        { "a|", "b", "", 9000 },
    };
    Stamp stamp = { .words = "aaaaaaaaaaaaaaaaaaab" };
    assert_ok(corm_insert(db, Stamps, &stamp));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        corm_buffer pattern = { 0 };
        for (int n = 0; n < cases[i].n; n++) corm__buffer_puts(&pattern, cases[i].before);
        corm__buffer_puts(&pattern, cases[i].middle);
        for (int n = 0; n < cases[i].n; n++) corm__buffer_puts(&pattern, cases[i].after);
        assert_ok(
            corm_count(db, Stamps, .where = REGEX(Stamps.words, corm__buffer_text(&pattern))));
        corm__buffer_release(&pattern);
    }
}

/* MariaDB tries one way after the other, gives up, and calls that no match. */
static void test_patterns__that_fit_in_many_ways_find_all_or_fail(void **state) {
    (void)state;
    static char many[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac";
    const char *pattern = "^(a|aa|b)+[bd]$|^a+c$";
    Stamp stamp = { .words = many };
    assert_ok(corm_insert(db, Stamps, &stamp));
    if (strcmp(quirk->engine, "mariadb") != 0) {
        assert_int_equal(corm_count(db, Stamps, .where = REGEX(Stamps.words, pattern)), 1);
        return;
    }
    assert_refused(corm_count(db, Stamps, .where = REGEX(Stamps.words, pattern)), CORM_ERROR_SQL,
                   "the server gave up a match: Regex error 'match limit exceeded'");
    assert_null(corm_all(db, Stamps, .where = REGEX(Stamps.words, pattern)));
    assert_int_equal(corm_error(db)->status, CORM_ERROR_SQL);
    corm_each (row, db, Stamps, .where = REGEX(Stamps.words, pattern)) (void)row;
    assert_int_equal(corm_error(db)->status, CORM_ERROR_SQL);
    assert_ok(corm_begin(db)); /* what the program makes of the rest is not to be written */
    assert_int_equal(corm_count(db, Stamps, .where = REGEX(Stamps.words, pattern)), CORM_ERROR_SQL);
    assert_int_equal(corm_insert(db, Stamps, &stamp), CORM_ERROR_TRANSACTION);
    assert_ok(corm_rollback(db));
    assert_int_equal(corm_count(db, Stamps, .where = REGEX(Stamps.words, "^a+c$")), 1);
}

/* Put together at random, and asked of the C library too. */
static void test_patterns__match_as_regexec_does(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "a",   "b",     "a",    "b",    "]",   "[^",          "[", "]", "-",  "^",     "\\",
        ".",   "$",     "(",    ")",    "(",   ")",           "|", "*", "+",  "?",     "{1,2}",
        "{2}", "{0,1}", "[ab]", "[^a]", "\\.", "[[:digit:]]", "1", "é", "&&", "[Z-_]", "\n"
    };
    static const char *const texts[] = { "",    "a", "b",  "ab",   "ba",   "aab", "abab", "]",
                                         "[",   "^", "-",  "\\",   "a]",   "\\a", "é",    "1",
                                         "Z",   "_", "^a", "a-b",  "&",    "a\n", "\nb",  "b1]",
                                         "[a]", "`", ".",  "a.b1", "aaaa", "éa" };
    enum { TEXTS = sizeof texts / sizeof *texts };
    Stamp stamps[TEXTS] = { 0 };
    for (size_t i = 0; i < TEXTS; i++) stamps[i].words = (char *)texts[i];
    assert_ok(corm_insert_many(db, Stamps, stamps, TEXTS));
    locale_t locale = corm__utf8_locale(), before = uselocale(locale);
    unsigned long seed = 9;
    int accepted = 0;
    while (accepted < 400) {
        corm_buffer pattern = { 0 }, unused = { 0 };
        char why[CORM__REGEX_WHY];
        for (int n = 0; n < 7; n++) {
            seed = (seed * 1103515245 + 12345) % 2147483648;
            corm__buffer_puts(&pattern, pieces[seed / 65536 % (sizeof pieces / sizeof *pieces)]);
        }
        const char *text = corm__buffer_text(&pattern);
        if (corm__regex(text, pattern.length, false, "$", &unused, why)) {
            regex_t regex;
            assert_int_equal(regcomp(&regex, text, REG_EXTENDED | REG_NOSUB), 0);
            Stamp *found = corm_all(db, Stamps, .where = REGEX(Stamps.words, text),
                                    .order_by = BY(ASC(Stamps.id)));
            if (!found) print_error("%s: %s\n", text, corm_error(db)->message);
            assert_non_null(found);
            size_t n = 0;
            for (size_t i = 0; i < TEXTS; i++) {
                bool here = n < corm_len(found) && found[n].id == stamps[i].id,
                     wanted = regexec(&regex, texts[i], 0, NULL, 0) == 0;
                n += here;
                if (here != wanted)
                    print_error("%s on \"%s\": %d, regexec %d\n", text, texts[i], here, wanted);
                assert_int_equal(here, wanted);
            }
            corm_free(found);
            regfree(&regex);
            accepted++;
        }
        corm__buffer_release(&pattern);
        corm__buffer_release(&unused);
    }
    uselocale(before);
    freelocale(locale);
}

const struct CMUnitTest pattern_tests[] = {
    TEST(test_patterns__mean_what_posix_says),
    TEST(test_patterns__without_regard_to_case),
    TEST(test_patterns__that_posix_does_not_define_are_refused),
    TEST(test_patterns__may_be_long_and_deep),
    TEST(test_patterns__that_fit_in_many_ways_find_all_or_fail),
    TEST(test_patterns__match_as_regexec_does),
};
const size_t n_pattern_tests = sizeof pattern_tests / sizeof *pattern_tests;
