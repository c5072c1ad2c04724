#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "command/inspect.h"

static corm_arena arena;

static void test_member__is_an_identifier(void **state) {
    (void)state;
    static const char *const names[][2] = { { "title", "title" },
                                            { "default", "default_" },
                                            { "first name", "first_name" },
                                            { "2nd", "_2nd" },
                                            { "ID", "id" },
                                            { "UserName", "UserName" },
                                            { "errno", "errno_" },
                                            { "größe", "gr_e" },
                                            { "名前", "column" },
                                            { "_", "column" },
                                            { "a--b", "a_b" },
                                            { "INT", "int_" },
                                            { "_Bool", "_Bool_" },
                                            { "__attribute__", "__attribute___" },
                                            { "_Static_assert", "_Static_assert_" },
                                            { "__LINE__", "__line___" },
                                            { "_id", "_id" },
                                            { "x'; DROP", "x_DROP" } };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *made = corm__c_member(names[i][0], &arena);
        if (i == 7)
            assert_true(made[0] == 'g' && made[1] == 'r' &&
                        made[2] == '_'); /* two bytes, one _ or two */
        else assert_string_equal(made, names[i][1]);
    }
}

static void test_type__is_singular_and_has_a_plural(void **state) {
    (void)state;
    static const char *const names[][3] = { { "users", "User", "Users" },
                                            { "auth_user", "AuthUser", "AuthUsers" },
                                            { "categories", "Category", "Categories" },
                                            { "boxes", "Box", "Boxes" },
                                            { "status", "Status", "Statuses" },
                                            { "classes", "Class", "Classes" },
                                            { "day", "Day", "Days" },
                                            { "USERS", "User", "Users" },
                                            { "Odd Names", "OddName", "OddNames" },
                                            { "2024_log", "T2024Log", "T2024Logs" },
                                            { "--", "Table", "Tables" } };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *type = corm__c_type(names[i][0], &arena);
        assert_string_equal(type, names[i][1]);
        assert_string_equal(corm__c_plural(type, &arena), names[i][2]);
    }
}

static void test_constant__is_in_capitals(void **state) {
    (void)state;
    assert_string_equal(corm__c_constant("PageStatus", "it's on!", &arena), "PAGE_STATUS_IT_S_ON");
    assert_string_equal(corm__c_constant("Size", "+", &arena), "SIZE_VALUE");
}

static void test_unique__numbers_what_is_taken(void **state) {
    (void)state;
    corm_map taken = { 0 };
    assert_string_equal(corm__c_unique("a", &taken, &arena), "a");
    assert_string_equal(corm__c_unique("a", &taken, &arena), "a_2");
    assert_string_equal(corm__c_unique("a", &taken, &arena), "a_3");
    corm__map_release(&taken);
}

static void test_item_name__is_what_the_preprocessor_keeps(void **state) {
    (void)state;
    static const char *const yes[] = { "users_1", "my-index", "my index", "USERS_IDX", "größe" },
                             *const no[] = { "",   "it's",  "a, b", "a  b", " a",
                                             "a ", "linux", "NULL", "f(x)", "a\"b" };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) assert_true(corm__c_is_item_name(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (corm__c_is_item_name(no[i])) fail_msg("%s", no[i]);
}

static int tear_down(void **state) {
    (void)state;
    corm__arena_release(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_member__is_an_identifier),
        cmocka_unit_test(test_type__is_singular_and_has_a_plural),
        cmocka_unit_test(test_constant__is_in_capitals),
        cmocka_unit_test(test_unique__numbers_what_is_taken),
        cmocka_unit_test(test_item_name__is_what_the_preprocessor_keeps),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
