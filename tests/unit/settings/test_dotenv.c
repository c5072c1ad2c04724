#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "settings/parse.h"

static char warnings[1024];

static void keep_warning(void *context, const char *message) {
    (void)context;
    snprintf(warnings + strlen(warnings), sizeof warnings - strlen(warnings), "%s\n", message);
}

/* What the text says about the variable, with HOME=/home/ada and EMPTY= in the environment; behind
 * "! " the error's message when it is wrong; behind "~ " the first note when there is one. */
static const char *value_of(const char *name, const char *text, size_t length) {
    static char result[1100];
    static const char *const environment[] = { "HOME=/home/ada", "EMPTY=", NULL };
    corm_arena arena = { 0 };
    corm_sources sources = { .arena = &arena, .environment = environment, .warning = keep_warning };
    corm_error_info error = { 0 };
    warnings[0] = 0;
    char *copy = test_malloc(
        length + 1); /* exactly as long as it is, so that reading past the end is seen */
    memcpy(copy, text, length);
    copy[length] = 0;
    int status = corm__dotenv_parse(&sources, ".env", copy, length, &error);
    test_free(copy);
    const corm_variable *variable = corm__map_get(&sources.files, name);
    if (status) assert_int_equal(error.status, status);
    snprintf(result, sizeof result, "%s%s", status ? "! " : sources.notes ? "~ " : "",
             status          ? error.message
             : sources.notes ? sources.notes->text
             : variable      ? variable->value
                             : "(none)");
    corm__map_release(&sources.files);
    corm__arena_release(&arena);
    return result;
}

static const char *value_of_k(const char *text, size_t length) {
    return value_of("K", text, length);
}

static void check(const char *const (*cases)[2], size_t n) {
    for (size_t i = 0; i < n; i++) {
        const char *actual = value_of_k(cases[i][0], strlen(cases[i][0]));
        if (strcmp(actual, cases[i][1]) != 0)
            fail_msg("%s\ngives \"%s\"\nnot   \"%s\"", cases[i][0], actual, cases[i][1]);
    }
}
#define CHECK(cases) check(cases, sizeof cases / sizeof *cases)

static void test_dotenv__plain_values(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        { "K=v", "v" },
        { "K=v\n", "v" },
        { "K=v\r\nL=w\r\n", "v" },
        { "\xEF\xBB\xBFK=v", "v" },
        { "export K=v", "v" },
        { "export\tK=v", "v" },
        { "  K = v  ", "v" },
        { "K: v", "v" },
        { "K=", "" },
        { "K=\n", "" },
        { "K", "(none)" },
        { "K\n", "(none)" },
        { "K # inherits", "(none)" },
        { "K=a\nK=b", "b" },
        { "K=a\nK", "a" },
        { "K=a b", "a b" },
        { "K=a#b", "a#b" },
        { "K=a #b", "a" },
        { "K=a\t#b", "a" },
        { "K=#b", "#b" },
        { "K= #b", "" },
        { "# K=a", "(none)" },
        { "  # K=a\nK=b", "b" },
        { "\n\nK=v\n\n", "v" },
        { "K=a=b", "a=b" },
        { "K=it's", "it's" },
        { "K=say \"x\"", "say \"x\"" },
        { "K=a\\nb", "a\\nb" },
        { "K=ä€𝄞", "ä€𝄞" },
        { "A.B-c=1\nK=v", "v" },
        { "", "(none)" },
        { "exports=1\nK=v", "v" },
        { "export=1\nK=$export", "1" },
        { "K=https://x/y?a=b&c=d#e", "https://x/y?a=b&c=d#e" },
    };
    CHECK(cases);
}

static void test_dotenv__quoted_values(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        { "K='v'", "v" },
        { "K=\"v\"", "v" },
        { "K=''", "" },
        { "K=\"\"", "" },
        { "K='a #b' # c", "a #b" },
        { "K=\"a #b\" # c", "a #b" },
        { "K=\"a\"\t#c", "a" },
        { "K='$HOME ${HOME} \\n \\\\'", "$HOME ${HOME} \\n \\\\" },
        { "K='it\\'s'", "it's" },
        { "K=\"say \\\"x\\\"\"", "say \"x\"" },
        { "K=\"a\\nb\\rc\\td\\\\e\"", "a\nb\rc\td\\e" },
        { "K=\"\\$HOME\"", "$HOME" },
        { "K=\"\\q\"", "\\q" },
        { "K=\"\\0101\"", "A" },
        { "K=\"a\nb\"\nL=1", "a\nb" },
        { "K='a\nb'", "a\nb" },
        { "K=\"-----BEGIN\nabc\n-----END\"\n", "-----BEGIN\nabc\n-----END" },
        { "K=  'v'  ", "v" },
        { "K=\"a\r\nb\"", "a\nb" },
    };
    CHECK(cases);
}

static void test_dotenv__interpolation(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        { "K=$HOME/x", "/home/ada/x" },
        { "K=${HOME}x", "/home/adax" },
        { "K=\"${HOME}\"", "/home/ada" },
        { "A=1\nK=$A$A", "11" },
        { "A=1\nA=2\nK=$A", "2" },
        { "HOME=x\nK=$HOME", "/home/ada" },
        { "K=$$HOME", "$HOME" },
        { "K=a$$", "a$" },
        { "K=${NO:-d}", "d" },
        { "K=${NO-d}", "d" },
        { "K=${EMPTY:-d}", "d" },
        { "K=${EMPTY-d}", "" },
        { "K=${HOME:-d}", "/home/ada" },
        { "K=${NO:-}", "" },
        { "K=${NO:-a b}", "a b" },
        { "K=${NO:-${ALSO:-e}}f", "ef" },
        { "K=${NO:-${HOME}}", "/home/ada" },
        { "K=${HOME:-${NO:?never}}", "/home/ada" },
        { "K=${HOME:+x}", "x" },
        { "K=${NO:+x}", "" },
        { "K=${EMPTY:+x}", "" },
        { "K=${EMPTY+x}", "x" },
        { "K=${HOME:?e}", "/home/ada" },
        { "K=${EMPTY?e}", "" },
        { "K=\"${NO:-a\nb}\"", "a\nb" },
        { "K=$NO", "" },
        { "K=\"${NO:-\\\"}\"", "\"" },
        { "K=a}b", "a}b" },
    };
    CHECK(cases);
}

static void test_dotenv__a_line_of_others_is_noted_with_line_and_column(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        { "A=1\nB", "(none)" },
        { "A=1\n=2", "~ .env:2:1: this begins no variable's name; the line is left out" },
        { "1A=1", "~ .env:1:1: this begins no variable's name; the line is left out" },
        { "A B=1", "~ .env:1:3: a variable's name, and then no =; the line is left out" },
        { "A=1\n\n  K='x", "~ .env:3:5: this quote is not closed; the line is left out" },
        { "MIGRATION='x", "~ .env:1:11: this quote is not closed; the line is left out" },
        { "MIGRATION_DATABASE_URL='x", "! .env:1:24: this quote is not closed" },
        { "A=\"x\ny", "~ .env:1:3: this quote is not closed; the line is left out" },
        { "K=\"x\\\"", "~ .env:1:3: this quote is not closed; the line is left out" },
        { "A='b\nc' d", "~ .env:2:4: text after the closing quote; the line is left out" },
        { "K=\"a\"#b", "~ .env:1:6: text after the closing quote; the line is left out" },
        { "K=pa$", "~ .env:1:5: a $ that begins no variable's name; the line is left out" },
        { "K=$5", "~ .env:1:3: a $ that begins no variable's name; the line is left out" },
        { "K=${}", "~ .env:1:3: a $ that begins no variable's name; the line is left out" },
        { "K=é${A",
          "~ .env:1:4: this is not a ${NAME}, ${NAME:-default}, ${NAME:?error} or ${NAME:+other}; "
            "the line is left out" },
        { "K=${A:-b", "~ .env:1:3: a ${ without its }; the line is left out" },
        { "K=${A:b}",
          "~ .env:1:7: this is not a ${NAME}, ${NAME:-default}, ${NAME:?error} or ${NAME:+other}; "
            "the line is left out" },
        { "K=${NO:?set it}", "~ .env:1:3: NO is not set: set it; the line is left out" },
        { "K=x ${EMPTY:?}", "~ .env:1:5: EMPTY is empty: it is required; the line is left out" },
        { "K=\"a\n${NO?$HOME}\"", "~ .env:2:1: NO is not set: /home/ada; the line is left out" },
        { "K=\"\\0\"", "~ .env:1:4: an escape that stands for no character; the line is left out" },
        { "K=\"a\\0777\"", "~ .env:1:5: an escape that stands for no character; "
                            "the line is left out" },
        { "K=${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-$"
          "{A:-${A:-${A:-${A:-${A:-x}}}}}}}}}}}}}}}}}}}}}}",
          "~ .env:1:103: too many defaults within defaults; the line is left out" },
    };
    CHECK(cases);
    assert_string_equal(value_of_k("K=a\nL=b\0c", 9),
                        "! .env:2:4: a NUL byte: this is not a text file");
}

/* What is around a line of others that is not understood is read as ever. */
static void test_dotenv__goes_on_behind_a_line_of_others(void **state) {
    (void)state;
    static const char *const before[] = {
        "1A=x", "=x", "A B=1", "two words", "A=$2a$08$x", "A='open", "A=\"open", "A=\"b\"c",
        "A=${B",
        "A=${NO:?set it}", "export 1A=x", "{", "A=\"x\n\\0 1\nDB_NAME=within\"", "A=\"x\ny\" # $"
    };
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        char text[256];
        corm_arena arena = { 0 };
        corm_sources sources = { .arena = &arena };
        int length = snprintf(text, sizeof text, "DB_USER=ada\n%s\nDB_NAME=shop\n", before[i]);
        corm_error_info error = { 0 };
        if (corm__dotenv_parse(&sources, ".env", text, (size_t)length, &error))
            fail_msg("%s: %s", before[i], error.message);
        const corm_variable *user = corm__map_get(&sources.files, "DB_USER"),
                            *name = corm__map_get(&sources.files, "DB_NAME");
        if (!user || !name || strcmp(user->value, "ada") != 0 || strcmp(name->value, "shop") != 0)
            fail_msg("%s: DB_NAME is %s", before[i], name ? name->value : "not there");
        corm__map_release(&sources.files);
        corm__arena_release(&arena);
    }
}

static void test_dotenv__a_line_about_a_setting_is_an_error(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        { "DB_PASS=pa$", "! .env:1:11: a $ that begins no variable's name" },
        { "A=1\nDB_PASS_FILE='x", "! .env:2:14: this quote is not closed" },
        { "DB_HOST db", "! .env:1:9: a variable's name, and then no =" },
        { "DATABASE_URL_REPLICA=${", "! .env:1:22: a $ that begins no variable's name" },
        { "MIGRATION_DATABASE_URL=\"a\"b", "! .env:1:27: text after the closing quote" },
        { "A=x$\nDB_PASS=\"${A}\"",
          "! .env:2:10: A cannot be put in, for it is not understood: .env:1:4: a $ that begins no "
          "variable's name" },
        { "A=x$\nDB_PASS=a$A",
          "! .env:2:10: A cannot be put in, for it is not understood: .env:1:4: a $ that begins no "
          "variable's name" },
    };
    CHECK(cases);
}

static void test_dotenv__warns_where_a_setting_becomes_shorter(void **state) {
    (void)state;
    static const char text[] = "A=$NO\nDB_PASS=abc$def\nDB_PASSWORD=${EMPTY}\nDB_HOST=${NO:-x}"
                               "\nDATABASE_URL_FILE=\"/a/\n$NO\"\n";
    value_of_k(text, strlen(text));
    assert_string_equal(warnings, ".env:2:12: $def is not set, so nothing stands for it in "
                                  "DB_PASS; write $$ for a dollar sign\n"
                                  ".env:3:13: $EMPTY is empty, so nothing stands for it in "
                                  "DB_PASSWORD; write $$ for a dollar sign\n"
                                  ".env:6:1: $NO is not set, so nothing stands for it in "
                                  "DATABASE_URL_FILE; write $$ for a dollar sign\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dotenv__plain_values),
        cmocka_unit_test(test_dotenv__quoted_values),
        cmocka_unit_test(test_dotenv__interpolation),
        cmocka_unit_test(test_dotenv__a_line_of_others_is_noted_with_line_and_column),
        cmocka_unit_test(test_dotenv__goes_on_behind_a_line_of_others),
        cmocka_unit_test(test_dotenv__a_line_about_a_setting_is_an_error),
        cmocka_unit_test(test_dotenv__warns_where_a_setting_becomes_shorter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
