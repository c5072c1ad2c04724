#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "schema/schema.h"

static void test_names__are_found_in_lists_with_and_without_spaces(void **state) {
    (void)state;
    assert_true(corm__names_have("a, b desc ,c", "b"));
    assert_true(corm__names_have(" a", "a"));
    assert_false(corm__names_have("ab, c", "a"));
    assert_false(corm__names_have("a desc", "a desc"));
    assert_false(corm__names_have(NULL, "a"));
    assert_int_equal(corm__names_count(NULL), 0);
    assert_int_equal(corm__names_count("  "), 0);
    assert_int_equal(corm__names_count("a"), 1);
    assert_int_equal(corm__names_count("a,b , c desc"), 3);
}

static void test_names__items_are_copied_trimmed(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    assert_string_equal(corm__names_at(" a ,  b desc, c", 0, &arena), "a");
    assert_string_equal(corm__names_at(" a ,  b desc, c", 1, &arena), "b desc");
    assert_null(corm__names_at(" a ,  b desc, c", 3, &arena));
    size_t length;
    bool descending;
    const char *item = corm__names_item("a, created  DESC", 1, &length, &descending);
    assert_int_equal(length, 7);
    assert_memory_equal(item, "created", 7);
    assert_true(descending);
    item = corm__names_item("desc", 0, &length, &descending);      /* a column of that name */
    assert_int_equal(length, 4);
    assert_false(descending);
    assert_non_null(item);
    corm__arena_release(&arena);
}

static void test_derived_name__joins_table_columns_and_suffix(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    assert_string_equal(corm__derived_name(&arena, "recipes", "user_id, title desc", "idx"),
                        "recipes_user_id_title_idx");
    assert_string_equal(corm__derived_name(&arena, "recipes", NULL, "pkey"), "recipes_pkey");
    corm__arena_release(&arena);
}

static void test_derived_name__is_cut_to_63_bytes_with_a_hash_that_tells_names_apart(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    const char *table = "a_table_with_a_long_name_that_goes_on_and_on";
    char *one = corm__derived_name(&arena, table, "one_column_with_a_long_name", "idx");
    char *two = corm__derived_name(&arena, table, "one_column_with_a_long_name", "uniq");
    assert_int_equal(strlen(one), 63);
    assert_int_equal(strlen(two), 63);
    assert_string_not_equal(one, two);
    assert_string_equal(one,
                        corm__derived_name(&arena, table, " one_column_with_a_long_name ", "idx"));
    char *greek =
        corm__derived_name(&arena, "x", "ααααααααααααααααααααααααααααααααααααααααα", "idx");
    assert_true(strlen(greek) <= 63);
    assert_true(strlen(greek) > 55);
    for (size_t i = 1; i + 9 < strlen(greek); i++)
        assert_true((greek[i] & 0xC0) == 0x80 || (unsigned char)greek[i] >= 0xC0 ||
                    greek[i] == '_');
    corm__arena_release(&arena);
}

static void test_foreign_key_name__is_its_own_or_derived(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    corm_column column = { .name = "user_id", .references = { .table = "users" } };
    corm_table table = { .name = "recipes", .columns = &column };
    assert_string_equal(corm__foreign_key_name(&arena, &table, &column), "recipes_user_id_fkey");
    column.references.name = "mine";
    assert_string_equal(corm__foreign_key_name(&arena, &table, &column), "mine");
    corm__arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names__are_found_in_lists_with_and_without_spaces),
        cmocka_unit_test(test_names__items_are_copied_trimmed),
        cmocka_unit_test(test_derived_name__joins_table_columns_and_suffix),
        cmocka_unit_test(test_derived_name__is_cut_to_63_bytes_with_a_hash_that_tells_names_apart),
        cmocka_unit_test(test_foreign_key_name__is_its_own_or_derived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
