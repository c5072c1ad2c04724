/* Commands as a person runs them. usage: test_manage SHOP CORM */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process.h"

static const char *shop, *corm;

/* Runs arguments (ends with NULL) and compares; out and err are whole texts, or with a leading "…"
 * a part; NULL: anything. */
static void expect_in(const char *const *environment, int status, const char *out, const char *err,
                      const char *const *arguments) {
    test_result result = test_process_end(test_process_start(NULL, environment, arguments));
    const char *texts[] = { result.out, result.err }, *expected[] = { out, err };
    if (result.status != status)
        fail_msg("exit status %d, not %d; %s%s", result.status, status, result.out, result.err);
    for (int i = 0; i < 2; i++) {
        const char *part = expected[i] && strncmp(expected[i], "…", strlen("…")) == 0
                               ? expected[i] + strlen("…")
                               : NULL;
        if (part && !strstr(texts[i], part)) fail_msg("not in it: \"%s\": %s", part, texts[i]);
        if (expected[i] && !part) assert_string_equal(texts[i], expected[i]);
    }
    test_result_free(&result);
}
#define EXPECT(status, out, err, ...)                                                              \
    expect_in(NULL, status, out, err, (const char *const[]){ __VA_ARGS__, NULL })
#define EXPECT_WITH(environment, status, out, err, ...)                                            \
    expect_in((const char *const[]){ environment, NULL }, status, out, err,                        \
              (const char *const[]){ __VA_ARGS__, NULL })

static void test_manage__lists_commands(void **state) {
    (void)state;
    EXPECT(0, "…Usage: shop COMMAND [OPTION...] [ARGUMENT...]\n", "", shop, "help");
    EXPECT(0, "…\nshop\n  echo               Says what it was given\n", "", shop, "--help");
    EXPECT(0, "…check ", "", shop, "-h");
    EXPECT(64, "", "shop: a command is missing; \"shop help\" lists them\n", shop);
}

static void test_manage__without_a_project_has_no_commands_of_one(void **state) {
    (void)state;
    EXPECT(64, "", "corm: check needs a project: run its program, ./manage check\n", corm, "check");
    EXPECT(0, "…dbshell", "", corm, "help");
    EXPECT(0, "…Usage: corm dbshell", "", corm, "help", "dbshell");
}

static void test_manage__says_what_was_meant(void **state) {
    (void)state;
    EXPECT(64, "", "shop: unknown command \"ecoh\"; did you mean \"echo\"?\n", shop, "ecoh");
    EXPECT(64, "", "shop: unknown command \"zzzz\"; \"shop help\" lists them\n", shop, "zzzz");
    EXPECT(64, "", "shop: unknown option --loud; a command comes first: shop COMMAND [OPTION...]\n",
           shop, "--loud", "echo");
    EXPECT(64, "", "shop echo: unknown option --lout; did you mean --loud?; see shop echo --help\n",
           shop, "echo", "--lout");
    EXPECT(64, "", "shop echo: --times is \"x\"; it must be a whole number; see shop echo --help\n",
           shop, "echo", "-t", "x");
    EXPECT(64, "", "…unexpected argument \"x\"", shop, "break", "x");
    EXPECT(64, "", "…unknown command \"nothing\"", shop, "help", "nothing");
}

static void test_manage__gives_options_and_arguments(void **state) {
    (void)state;
    EXPECT(0, "LOUD\nonly a\nonly b\ntimes 3\nargument x\nargument --loud\nargument --\n", "", shop,
           "echo", "--only=a", "x", "-lt3", "--only", "b", "--", "--loud", "--");
    EXPECT(0, "…Usage: shop echo [OPTION...] [WORD...]\n", "", shop, "echo", "--help");
    EXPECT(0, "…It is only a test.", "", shop, "help", "echo");
}

static void test_manage__a_command_of_an_app_goes_first(void **state) {
    (void)state;
    EXPECT(0, "the shop's own\n", "", shop, "version");
    EXPECT(0, "…corm ", "", corm, "--version");
    EXPECT(0, "…\"engines\":[\"sqlite\"", "", corm, "version", "--json");
}

static void test_manage__a_misspelt_option_in_a_program_is_loud(void **state) {
    (void)state;
    EXPECT(70, "", "…asks for --no-such-option, which is not in its table", shop, "misuse");
}

static void test_manage__a_message_is_one_line_without_control_characters(void **state) {
    (void)state;
    EXPECT(65, "", "shop break: line one line two [2J \n", shop, "break");
}

static void test_manage__output_that_cannot_be_written(void **state) {
    (void)state;
    EXPECT(74, "", "shop echo: cannot write to standard output: No space left on device\n", "sh",
           "-c", "\"$0\" echo x >/dev/full", shop);
    EXPECT(74, "", "shop flood: cannot write to standard output: a write before has failed\n",
           "sh", "-c", "\"$0\" flood >/dev/full", shop);
    EXPECT(74, "", "shop echo: cannot write to standard output: Bad file descriptor\n", "sh", "-c",
           "\"$0\" echo x >&-", shop);
    EXPECT(0, "", "shop echo: cannot write to standard output: Broken pipe\n74\n", "sh", "-c",
           "{ sleep 0.1; \"$0\" echo x; echo $? >&2; } | true", shop);
    EXPECT(74, "", "", "sh", "-c", "\"$0\" version --json >/dev/full 2>&1", corm);
    EXPECT(0, "", "", "sh", "-c", "\"$0\" echo >&- 2>&- <&-", shop);
}

static void test_manage__opens_the_database_of_the_settings(void **state) {
    (void)state;
    EXPECT_WITH("DATABASE_URL=sqlite://:memory:", 65, "", "…shop count: ", shop, "count");
    EXPECT_WITH("DATABASE_URL=sqlite://:memory:", 65, "", "…no_such_table", shop, "count");
    EXPECT_WITH("DATABASE_URL=sqlite:////no/such/folder/x", 74, "", "…/no/such/folder/x", shop,
                "count");
    EXPECT_WITH("DATABASE_URL=nonsense", 78, "", "…DATABASE_URL", shop, "count");
    EXPECT_WITH("DATABASE_URL=sqlite://:memory:", 78, "", "…nowhere", shop, "count", "--database",
                "nowhere");
    EXPECT(78, "", "…/no/such/file", shop, "count", "--env-file", "/no/such/file");
}

static void test_dbshell__runs_the_client_of_the_engine(void **state) {
    (void)state;
    EXPECT_WITH("DATABASE_URL=sqlite://:memory:", 0, "3|1\n", "", corm, "dbshell", "--",
                "SELECT 1 + 2, foreign_keys FROM pragma_foreign_keys");
    EXPECT(0, "2\n", "", "sh", "-c",
           "DB_ENGINE=sqlite DB_NAME=-odd.sqlite3 \"$0\" dbshell -- 'CREATE TABLE t (x); INSERT "
           "INTO t VALUES (2); SELECT * FROM t' && rm -- -odd.sqlite3",
           corm);
    EXPECT(
        127, "",
        "corm dbshell: cannot run sqlite3: no such program; on Debian: apt-get install sqlite3\n",
        "sh", "-c", "PATH=/nowhere DATABASE_URL=sqlite://:memory: \"$0\" dbshell", corm);
}

/* A psql that shows how it was called: on the command line there may be no password. */
static void test_dbshell__hands_the_password_over_in_the_environment(void **state) {
    (void)state;
    EXPECT(0, "-d\nhost='db' dbname='shop' user='it\\'s me'\n-c\nSELECT 1\nPGPASSWORD=p w'\n", "",
           "sh", "-c",
           "{ echo '#!/bin/sh'; echo 'printf \"%s\\n\" \"$@\" | sed \"s/ options=.*//\"; env | "
           "grep ^PGPASS'; } > psql && chmod +x psql &&"
           "PATH=.:$PATH DATABASE_URL=\"postgresql://it's%20me:p%20w'@db/shop\" \"$0\" dbshell -- "
           "-c 'SELECT 1'; rm psql",
           corm);
}

int main(int argc, char **argv) {
    if (argc != 3) return 64;
    shop = realpath(argv[1], NULL);
    corm = realpath(argv[2], NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manage__lists_commands),
        cmocka_unit_test(test_manage__without_a_project_has_no_commands_of_one),
        cmocka_unit_test(test_manage__says_what_was_meant),
        cmocka_unit_test(test_manage__gives_options_and_arguments),
        cmocka_unit_test(test_manage__a_command_of_an_app_goes_first),
        cmocka_unit_test(test_manage__a_misspelt_option_in_a_program_is_loud),
        cmocka_unit_test(test_manage__a_message_is_one_line_without_control_characters),
        cmocka_unit_test(test_manage__output_that_cannot_be_written),
        cmocka_unit_test(test_manage__opens_the_database_of_the_settings),
        cmocka_unit_test(test_dbshell__runs_the_client_of_the_engine),
        cmocka_unit_test(test_dbshell__hands_the_password_over_in_the_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
