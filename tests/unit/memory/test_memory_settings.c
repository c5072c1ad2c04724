/* Settings from every kind of source, and their errors, with each allocation failing in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "settings/settings_internal.h"
#include "torture.h"

static char env_path[64], password_path[64], password_variable[96];

static void ignore(void *context, const char *message) { (void)context, (void)message; }

static int everything(corm_error_info *error) {
    const char *const environment[] = {
        password_variable, "DATABASE_URL_REPLICA=postgresql://[::1]:5433,h2/shop?sslmode=require",
        "DB_PASSWD=x", NULL
    };
    const char *const files[] = { env_path, NULL };
    corm_settings_options options = { .env_files = files,
                                      .environment = environment,
                                      .warning = ignore };
    corm_settings *settings = corm_settings_load(&options, error);
    if (!settings) return error->status;
    corm_connect_options connect;
    int status = corm__settings_connect(settings, "replica", &connect, error);
    assert_int_equal(status, 0);
    assert_string_equal(corm_settings_get(settings, NULL, "password"), "secret");
    assert_string_equal(corm_settings_describe(settings, NULL), "postgresql://app@db/shop");
    corm_settings_free(settings);
    return 0;
}

static int bad(const char *url, const char *message, corm_error_info *error) {
    const char *const environment[] = { NULL };
    corm_settings_options options = { .no_env_file = true, .environment = environment, .url = url };
    assert_null(corm_settings_load(&options, error));
    if (error->status == CORM_ERROR_SETTINGS && !strstr(error->message, message))
        fail_msg("%s", error->message);
    return error->status == CORM_ERROR_SETTINGS ? 0 : error->status;
}

static int raw_password(corm_error_info *error) {
    return bad("postgresql://app:a/b@db/shop", "column 19: a raw / in the password", error);
}
static int unknown_parameter(corm_error_info *error) {
    return bad("postgresql://db/shop?sslmod=x", "unknown parameter \"sslmod\"", error);
}
static int bad_choice(corm_error_info *error) {
    return bad("postgresql://db/shop?sslmode=x", "sslmode \"x\" is not allowed", error);
}

static void test_memory__settings(void **state) {
    (void)state;
    FILE *env = tmpfile(), *password = tmpfile();
    assert_true(env && password);
    fputs("DATABASE_URL=\"postgresql://${NO:-db}/"
          "shop\"\nDB_USER=app\nDB_SSLMODE=prefer\nX='1'\nDB_NAME=$NO\n",
          env);
    fputs("secret\n", password);
    assert_int_equal(fflush(env) | fflush(password), 0);
    snprintf(env_path, sizeof env_path, "/proc/self/fd/%d", fileno(env));
    snprintf(password_path, sizeof password_path, "/proc/self/fd/%d", fileno(password));
    snprintf(password_variable, sizeof password_variable, "DB_PASS_FILE=%s", password_path);
    torture(everything);
    fclose(env);
    fclose(password);
}

static void test_memory__errors_of_settings(void **state) {
    (void)state;
    torture(raw_password);
    torture(unknown_parameter);
    torture(bad_choice);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_memory__settings),
                                        cmocka_unit_test(test_memory__errors_of_settings) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
