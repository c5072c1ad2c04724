/* The copy that docs/deployment.md shows: at every start of a device, and after a power cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "device/copy.c"

static char *folder;

static corm_db *open_in(const char *directory, const char *name) {
    char url[PATH_MAX + 16];
    snprintf(url, sizeof url, "sqlite:///%s/%s", directory, name);
    corm_settings *settings = corm_settings_load(
        &(corm_settings_options){ .url = url, .no_env_file = true }, NULL);
    assert_non_null(settings);
    corm_db *db = corm_open_with(settings, NULL);
    corm_settings_free(settings);
    assert_false(corm_failed(db));
    return db;
}

CORM_ROW(Number, bigint(n));

static int64_t number_in(corm_db *db) {
    Number *row = corm_sql(db, Number, "SELECT n FROM t");
    assert_non_null(row);
    assert_int_equal(corm_len(row), 1);
    int64_t n = row->n;
    corm_free(row);
    return n;
}

static void write_file(const char *name, const char *text) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_copy__is_of_before_the_update_and_made_once(void **state) {
    (void)state;
    corm_db *db = open_in(folder, "d.sqlite3");
    assert_int_equal(corm_exec(db, "CREATE TABLE t (n integer); INSERT INTO t VALUES (1)"), 0);
    write_file("before-2.0.sqlite3.part", "what a power cut left");
    for (int start = 1; start <= 3; start++) {
        assert_int_equal(copy_before_update(db, folder, "2.0"), 0);
        assert_int_equal(corm_exec(db, "UPDATE t SET n = n + 1"), 0);
    }
    assert_int_equal(copy_before_update(db, folder, "3.0"), 0);
    corm_close(db);
    static const char *const copies[] = { "before-2.0.sqlite3", "before-3.0.sqlite3" };
    for (int i = 0; i < 2; i++) {
        corm_db *copy = open_in(folder, copies[i]);
        assert_int_equal(number_in(copy), i == 0 ? 1 : 4);
        corm_close(copy);
    }
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/before-2.0.sqlite3.part", folder);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void test_copy__says_when_it_cannot_be_made(void **state) {
    (void)state;
    corm_db *db = open_in(folder, "e.sqlite3");
    assert_int_equal(copy_before_update(db, "relative", "1"), CORM_ERROR_USAGE);
    assert_int_equal(copy_before_update(db, "/it's", "1"), CORM_ERROR_USAGE);
    assert_true(copy_before_update(db, "/no/such/folder", "1") < 0);
    assert_true(corm_failed(db));
    assert_int_equal(copy_before_update(db, folder, "1"), 0);
    corm_close(db);
}

static int enter_folder(void **state) {
    (void)state;
    folder = mkdtemp(strdup("/tmp/corm-device-XXXXXX"));
    return folder == NULL;
}
static int leave_folder(void **state) {
    (void)state;
    char command[PATH_MAX + 16];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    int status = system(command);
    free(folder);
    return status;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy__is_of_before_the_update_and_made_once),
        cmocka_unit_test(test_copy__says_when_it_cannot_be_made),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
