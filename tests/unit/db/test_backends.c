/* usage: test_backends FOLDER, where a module of another version is. */
#include "fixture.h"

static const char *modules;

static void test_backends__sqlite_is_always_there(void **state) {
    (void)state;
    corm_error_info error;
    assert_ptr_equal(corm__backend_find("sqlite", &error), &corm_backend_sqlite);
    assert_true(corm__backend_installed("sqlite"));
    assert_false(corm__backend_installed("oracle"));
}

static void test_backends__an_unknown_engine_is_a_bad_setting(void **state) {
    (void)state;
    corm_error_info error;
    assert_null(corm__backend_find("oracle", &error));
    assert_int_equal(error.status, CORM_ERROR_SETTINGS);
    assert_non_null(strstr(error.message, "oracle"));
    assert_null(corm__backend_find(NULL, &error));
}

static void test_backends__a_missing_module_says_where_it_was_looked_for(void **state) {
    (void)state;
    corm_error_info error;
    setenv("CORM_BACKEND_DIR", "/no/such/folder", 1);
    assert_null(corm__backend_find("mariadb", &error));
    assert_int_equal(error.status, CORM_ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "MariaDB backend is not installed"));
    assert_non_null(strstr(error.message, "corm-mariadb.so"));
    assert_non_null(strstr(error.message, "/no/such/folder, "));
    assert_non_null(strstr(error.hint, "libmariadb"));
    assert_non_null(strstr(error.hint, "CORM_BACKEND_DIR"));
}

static void test_backends__a_module_that_does_not_load_says_why(void **state) {
    (void)state;
    char folder[] = "/tmp/corm-module-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/corm-mariadb.so", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("not a library", file);
    fclose(file);
    setenv("CORM_BACKEND_DIR", folder, 1);
    corm_error_info error;
    assert_null(corm__backend_find("mariadb", &error));
    assert_int_equal(error.status, CORM_ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.message, path));
    assert_true(corm__backend_installed("mariadb")); /* found and not loaded */
    unlink(path);
    rmdir(folder);
}

static void test_backends__a_module_of_another_version_is_refused(void **state) {
    (void)state;
    corm_error_info error;
    setenv("CORM_BACKEND_DIR", modules, 1);
    assert_null(corm__backend_find("mariadb", &error));
    assert_int_equal(error.status, CORM_ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "another version"));
}

static void test_backends__a_handle_without_its_module_answers_with_that(void **state) {
    (void)state;
    setenv("CORM_BACKEND_DIR", "/no/such/folder", 1);
    corm_settings *settings = fixture_settings(
        (const char *const[]){ "DATABASE_URL=mariadb://app:secret@db/shop", NULL });
    corm_db *db = corm_open_with(settings, NULL);
    corm_settings_free(settings);
    assert_non_null(db);
    assert_true(corm_failed(db));
    assert_int_equal(corm_exec(db, "SELECT 1"), CORM_ERROR_UNSUPPORTED);
    assert_int_equal(corm_begin(db), CORM_ERROR_UNSUPPORTED);
    assert_int_equal(corm_rollback(db), CORM_ERROR_UNSUPPORTED);
    assert_non_null(strstr(corm_error(db)->message, "MariaDB"));
    assert_null(strstr(corm_error(db)->message, "secret"));
    assert_string_equal(corm_engine(db), "");
    corm_close(db);
    corm_close(NULL);
    assert_int_equal(corm_error(NULL)->status, CORM_ERROR_MEMORY);
}

int main(int argc, char **argv) {
    if (argc < 2) return 64;
    modules = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backends__sqlite_is_always_there),
        cmocka_unit_test(test_backends__an_unknown_engine_is_a_bad_setting),
        cmocka_unit_test(test_backends__a_missing_module_says_where_it_was_looked_for),
        cmocka_unit_test(test_backends__a_module_that_does_not_load_says_why),
        cmocka_unit_test(test_backends__a_module_of_another_version_is_refused),
        cmocka_unit_test(test_backends__a_handle_without_its_module_answers_with_that),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
