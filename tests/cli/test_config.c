/* The command config. usage: test_config CORM */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"

static const char *corm;
#define ENV(...) ((const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL })
#define RUN(folder, environment, ...)                                                              \
    test_process_end(test_process_start(                                                           \
        folder, environment,                                                                       \
        (const char *const[]){ corm, "config", __VA_ARGS__ __VA_OPT__(, ) NULL }))

static void assert_has(const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("\"%s\" is not in: %s", part, text);
}

static void test_config__prints_each_setting_with_its_source(void **state) {
    (void)state;
    test_result result = RUN(NULL, ENV());
    assert_int_equal(result.status, 0);
    assert_string_equal(result.err, "");
    assert_has(result.out, "default  sqlite:///db.sqlite3\n");
    assert_has(result.out, "\n  engine                sqlite      default\n");
    assert_has(result.out, "\n  mmap_size             -           not set\n");
    assert_null(strstr(result.out, "sslmode"));
    test_result_free(&result);
}

static void test_config__says_what_was_left_out(void **state) {
    (void)state;
    const char *const *environment = ENV("DB_HOST=db", "DB_PORT=tcp://10.96.12.7:5432");
    test_result result = RUN(NULL, environment);
    assert_int_equal(result.status, 0);
    assert_string_equal(result.err, "");
    assert_has(result.out, "\nnote: DB_PORT: \"tcp://10.96.12.7:5432\" is left out: Kubernetes");
    test_result_free(&result);
    result = RUN(NULL, environment, "--json");
    assert_has(result.out, "\"notes\":[\"DB_PORT: \\\"tcp://10.96.12.7:5432\\\" is left out");
    test_result_free(&result);
    result = RUN(NULL, ENV(), "--json");
    assert_has(result.out, "\"notes\":[]");
    test_result_free(&result);
}

static void test_config__masks_secrets_of_all_databases(void **state) {
    (void)state;
    const char *const *environment =
        ENV("DATABASE_URL=postgresql://app:hunter2@db:5432/shop?sslpassword=hunter2",
            "DATABASE_URL_REPLICA=postgresql://replica/shop?password=hunter2");
    const char *const formats[] = { NULL, "--json" };
    for (int i = 0; i < 2; i++) {
        test_result result = RUN(NULL, environment, formats[i]);
        assert_int_equal(result.status, 0);
        assert_null(strstr(result.out, "hunter2"));
        assert_has(result.out, "postgresql://app@db:5432/shop");
        assert_has(result.out, "DATABASE_URL_REPLICA");
        if (i == 1)
            assert_has(
                result.out,
                "\"password\":{\"value\":\"***\",\"source\":\"DATABASE_URL\",\"secret\":true}");
        if (i == 1)
            assert_has(
                result.out,
                "\"port\":{\"value\":\"5432\",\"source\":\"DATABASE_URL\",\"secret\":false}");
        test_result_free(&result);
    }
}

static void test_config__names_the_line_of_a_file(void **state) {
    (void)state;
    char folder[] = "/tmp/corm-config-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/.env", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("# the shop\nDB_HOST=db\nDB_PASS=pa$word\n", file);
    fclose(file);
    test_result result = RUN(folder, ENV());
    assert_int_equal(result.status, 0);
    assert_has(result.out, "db          .env:2 (DB_HOST)\n");
    assert_has(result.err,
               "warning: .env:3:11: $word is not set, so nothing stands for it in DB_PASS");
    test_result_free(&result);
    result = RUN(folder, ENV("DB_HOST=other"));
    assert_has(result.out, "other       DB_HOST\n");
    test_result_free(&result);
    unlink(path);
    rmdir(folder);
}

static void test_config__bad_settings_are_one_line_and_status_78(void **state) {
    (void)state;
    const struct { const char *variable, *message;
    } cases[] = {
        { "DATABASE_URL=postgresql://app:hun/ter2@db/shop",
          "corm config: DATABASE_URL: column 21: a raw / in the password; write %2F; "
          "postgresql://app:***%2F***@db/shop\n" },
        { "DB_PORT=99999", "corm config: DB_PORT: port \"99999\" is not allowed; it must be a "
                           "number from 1 to 65535\n" },
        { "DATABASE_URL=", "corm config: DATABASE_URL is empty; unset it to use the default, or "
                           "set it to a URL such as postgresql://user:password@host:5432/name\n" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        test_result result = RUN(NULL, ENV(cases[i].variable));
        assert_int_equal(result.status, 78);
        assert_string_equal(result.out, "");
        assert_string_equal(result.err, cases[i].message);
        test_result_free(&result);
    }
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config__prints_each_setting_with_its_source),
        cmocka_unit_test(test_config__says_what_was_left_out),
        cmocka_unit_test(test_config__masks_secrets_of_all_databases),
        cmocka_unit_test(test_config__names_the_line_of_a_file),
        cmocka_unit_test(test_config__bad_settings_are_one_line_and_status_78),
    };
    if (argc != 2) return 2;
    corm = realpath(argv[1], NULL);     /* a command has its own working directory */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
