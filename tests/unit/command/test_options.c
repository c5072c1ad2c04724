#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "command/command.h"

static const corm_option options[] = {
    { "dry-run", 'n', CORM_OPTION_FLAG, NULL, NULL, "only say what would be done" },
    { "timeout", 't', CORM_OPTION_SECONDS, "SECONDS", NULL, "how long to wait" },
    { "count", 0, CORM_OPTION_INTEGER, "N", NULL, "how many" },
    { "only", 0, CORM_OPTION_LIST, "NAME", NULL, "only these" },
    { "require", 0, CORM_OPTION_TEXT, "GATE", "connect|table:NAME", "what is needed" },
    { 0 },
};
static int run(corm_context *context) { return context != NULL; }
static const corm_command command = { "load",
                                      "Loads it",
                                      "[FILE...]",
                                      "A long story, which goes on and on until its line is full "
                                      "of words and has to be broken at a blank.\n\nAnother one.",
                                      options,
                                      run };
static const corm_command bare = { "bare", "Takes nothing", NULL, NULL, NULL, run };

typedef struct parsed {
    corm_arena arena;
    corm_given given;
    char message[256];
    bool done;
} parsed;

#define PARSE(p, command, ...)                                                                     \
    const char *p##_argv[] = { "manage load", __VA_ARGS__, NULL };                                 \
    __attribute__((cleanup(release))) parsed p = { 0 };                                            \
    p.done = !corm__options_parse(command, (int)(sizeof p##_argv / sizeof *p##_argv) - 1,          \
                                  p##_argv, &p.arena, &p.given, p.message, sizeof p.message)
static void release(parsed *p) { corm__arena_release(&p->arena); }

static const corm_given_option *find(const parsed *p, const char *name) {
    for (size_t i = 0; i < p->given.n_options; i++)
        if (strcmp(p->given.options[i].option->name, name) == 0) return &p->given.options[i];
    fail_msg("no option %s", name);
    return NULL;
}

static void test_options__reads_every_kind(void **state) {
    (void)state;
    PARSE(p, &command, "a.json", "-n", "--timeout=2.5", "--count", "7", "--only", "x", "--only=y",
          "--require", "table:users", "b.json");
    assert_string_equal(p.message, "");
    assert_true(p.done);
    assert_int_equal(find(&p, "dry-run")->count, 1);
    assert_string_equal(find(&p, "timeout")->values[0], "2.5");
    assert_string_equal(find(&p, "count")->values[0], "7");
    assert_int_equal(find(&p, "only")->count, 2);
    assert_string_equal(find(&p, "only")->values[1], "y");
    assert_null(find(&p, "only")->values[2]);
    assert_string_equal(find(&p, "require")->values[0], "table:users");
    assert_int_equal(find(&p, "help")->count, 0);
    assert_int_equal(p.given.n_arguments, 2);
    assert_string_equal(p.given.arguments[1], "b.json");
}

static void test_options__last_one_wins(void **state) {
    (void)state;
    PARSE(p, &command, "-t", "1", "-t2");
    assert_true(p.done);
    assert_int_equal(find(&p, "timeout")->count, 1);
    assert_string_equal(find(&p, "timeout")->values[0], "2");
}

static void test_options__leaves_what_is_behind_two_dashes(void **state) {
    (void)state;
    PARSE(p, &command, "-n", "--", "program", "--timeout=x", "-n", "--", "");
    assert_true(p.done);
    assert_int_equal(p.given.n_arguments, 5);
    assert_string_equal(p.given.arguments[0], "program");
    assert_string_equal(p.given.arguments[1], "--timeout=x");
    assert_string_equal(p.given.arguments[3], "--");
    assert_string_equal(p.given.arguments[4], "");
    assert_int_equal(find(&p, "timeout")->count, 0);
}

static void refuses(const corm_command *which, const char *first, const char *second,
                    const char *message) {
    const char *argv[] = { "manage load", first, second, NULL };
    parsed p = { 0 };
    assert_int_equal(corm__options_parse(which, second ? 3 : 2, argv, &p.arena, &p.given, p.message,
                                         sizeof p.message),
                     CORM_EXIT_USAGE);
    assert_string_equal(p.message, message);
    release(&p);
}

static void test_options__says_in_one_line_what_is_wrong(void **state) {
    (void)state;
    refuses(&command, "--dry-rnu", NULL, "unknown option --dry-rnu; did you mean --dry-run?");
    refuses(&command, "--zzz", NULL, "unknown option --zzz");
    refuses(&command, "-x", NULL, "unknown option -x");
    refuses(&command, "--timeout", NULL, "--timeout needs a value");
    refuses(&command, "--timeout", "soon", "--timeout is \"soon\"; it must be a number of seconds");
    refuses(&command, "--timeout", "-1", "--timeout is \"-1\"; it must be a number of seconds");
    refuses(&command, "--timeout=nan", NULL,
            "--timeout is \"nan\"; it must be a number of seconds");
    refuses(&command, "--timeout=", NULL, "--timeout is \"\"; it must be a number of seconds");
    refuses(&command, "--count", "1.5", "--count is \"1.5\"; it must be a whole number");
    refuses(&command, "--count", "99999999999999999999",
            "--count is \"99999999999999999999\"; it must be a whole number");
    refuses(&command, "--require",
            "table:", "--require is \"table:\"; it must be one of connect|table:NAME");
    refuses(&command, "--require", "conn",
            "--require is \"conn\"; it must be one of connect|table:NAME");
    refuses(&bare, "x", NULL, "unexpected argument \"x\"; the command takes none");
}

static void test_options__help_is_made_of_the_table(void **state) {
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(corm__options_help(&command, "manage load", out), 0);
    fclose(out);
    assert_non_null(strstr(text, "Usage: manage load [OPTION...] [FILE...]\n"));
    assert_non_null(strstr(text, "-t, --timeout=SECONDS"));
    assert_non_null(strstr(text, "(connect/table:NAME)"));
    assert_non_null(strstr(text, "-h, --help"));
    assert_non_null(strstr(text, "--env-file=FILE"));
    assert_non_null(strstr(text, "\nA long story, which goes on and on until its line is full of "
                                 "words and has to\nbe broken at a blank.\n\nAnother one.\n"));
    free(text);
}

static void test_closest__finds_what_was_meant(void **state) {
    (void)state;
    const char *const names[] = { "makemigrations", "migrate", "check", "config" };
    assert_string_equal(corm__closest("migarte", names, 4), "migrate");
    assert_string_equal(corm__closest("makemigration", names, 4), "makemigrations");
    assert_string_equal(corm__closest("chekc", names, 4), "check");
    assert_null(corm__closest("zebra", names, 4));
    assert_null(corm__closest("", names, 4));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options__reads_every_kind),
        cmocka_unit_test(test_options__last_one_wins),
        cmocka_unit_test(test_options__leaves_what_is_behind_two_dashes),
        cmocka_unit_test(test_options__says_in_one_line_what_is_wrong),
        cmocka_unit_test(test_options__help_is_made_of_the_table),
        cmocka_unit_test(test_closest__finds_what_was_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
