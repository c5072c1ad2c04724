#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <corm/manage.h>

CORM_MODEL(Good, Goods, "goods", identity(id));
CORM_MODEL(Warned, Warneds, "order", identity(id));
CORM_MODEL(Wrong, Wrongs, "wrongs", identity(id), integer(n, .null = true), array(list, integer));
CORM_APP(good, .models = CORM_MODELS(Goods));
CORM_APP(warned, .models = CORM_MODELS(Warneds));
CORM_APP(wrong, .models = CORM_MODELS(Wrongs));

typedef struct output { int status; char out[8192], err[8192]; } output;

static void read_all(FILE *file, char *text, size_t size) {
    rewind(file);
    text[fread(text, 1, size - 1, file)] = 0;
    fclose(file);
}

static output check(const corm_app *const *apps, const char *option) {
    output result;
    FILE *out = tmpfile(), *err = tmpfile();
    assert_true(out && err);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(fileno(out), STDOUT_FILENO);
        dup2(fileno(err), STDERR_FILENO);
        char *argv[] = { (char *)"manage", (char *)"check", (char *)option, NULL };
        int status = corm_manage(option ? 3 : 2, argv, apps);
        fflush(NULL);
        _exit(status);
    }
    assert_int_equal(waitpid(child, &result.status, 0), child);
    assert_true(WIFEXITED(result.status));
    result.status = WEXITSTATUS(result.status);
    read_all(out, result.out, sizeof result.out);
    read_all(err, result.err, sizeof result.err);
    return result;
}

static void assert_contains(const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("'%s' is not in '%s'", part, text);
}

static void test_check__of_good_models_says_so(void **state) {
    (void)state;
    output result = check(CORM_APPS(good), NULL);
    assert_string_equal(result.err, "");
    assert_string_equal(result.out, "checked 1 model for SQLite: 0 errors, 0 warnings\n");
    assert_int_equal(result.status, 0);
}

static void test_check__prints_errors_as_a_compiler_does(void **state) {
    (void)state;
    output result = check(CORM_APPS(good, wrong), NULL);
    assert_int_equal(result.status, 65);
    assert_contains(result.err, "test_cmd_check.c:");
    assert_contains(result.err, ": error: wrong.Wrong.n: has .null, but its C type has no place "
                                "for NULL [fields.E001]\n    hint: use optional_integer\n");
    assert_contains(result.err, "wrong.Wrong.list: is an array: SQLite has none [engine.E001]");
    assert_string_equal(result.out, "checked 2 models for SQLite: 2 errors, 0 warnings\n");
}

static void test_check__fails_for_warnings_when_asked(void **state) {
    (void)state;
    assert_int_equal(check(CORM_APPS(warned), NULL).status, 0);
    output result = check(CORM_APPS(warned), "--fail-level=warning");
    assert_int_equal(result.status, 65);
    assert_contains(
        result.err,
        ": warning: warned.Warned: the table name 'order' is a reserved word of SQL [models.W001]");
    assert_int_equal(check(CORM_APPS(warned), "--fail-level=never").status, 64);
}

static void test_check__prints_json(void **state) {
    (void)state;
    output result = check(CORM_APPS(wrong), "--json");
    assert_int_equal(result.status, 65);
    assert_string_equal(result.err, "");
    assert_contains(result.out, "{\"level\":\"error\",\"id\":\"fields.E001\",\"file\":");
    assert_contains(result.out, "\"object\":\"wrong.Wrong.n\"");
    assert_int_equal(check(CORM_APPS(good), "--json").out[0], 0);
}

int main(void) {
    setenv("DATABASE_URL", "sqlite:///:memory:", 1);
    setenv("NO_COLOR", "1", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check__of_good_models_says_so),
        cmocka_unit_test(test_check__prints_errors_as_a_compiler_does),
        cmocka_unit_test(test_check__fails_for_warnings_when_asked),
        cmocka_unit_test(test_check__prints_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
