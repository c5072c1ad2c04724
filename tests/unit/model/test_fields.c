#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "models.h"
#include "model/model.h"

static const corm_field *find(const corm_model *model, const char *name) {
    return corm__field_find(model, name, strlen(name));
}

static void test_field_find__knows_members_and_keys(void **state) {
    (void)state;
    assert_string_equal(find(&corm__model_of_Recipe, "title")->name, "title");
    assert_string_equal(find(&corm__model_of_Recipe, "user")->name, "user");
    assert_string_equal(find(&corm__model_of_Recipe, "user_id")->name, "user");
    assert_string_equal(find(&corm__model_of_Recipe, "tags")->name, "tags");
    assert_null(find(&corm__model_of_Recipe, "tags_id"));
    assert_null(find(&corm__model_of_Recipe, "recipe_recent"));
    assert_null(find(&corm__model_of_Recipe, "minutes"));
    assert_null(find(&corm__model_of_Recipe, "_id"));
    assert_non_null(corm__field_find(&corm__model_of_Recipe, "title and more", 5));
}

static void test_field_column__is_given_or_the_name(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    assert_string_equal(corm__field_column(find(&corm__model_of_Recipe, "time_minutes"), &arena),
                        "minutes");
    assert_string_equal(corm__field_column(find(&corm__model_of_Recipe, "user"), &arena),
                        "user_id");
    assert_string_equal(corm__field_column(find(&corm__model_of_Recipe, "main_tag"), &arena),
                        "tag");
    corm__arena_release(&arena);
}

static void test_primary_key_field__is_the_single_one(void **state) {
    (void)state;
    assert_string_equal(corm__primary_key_field(&corm__model_of_Recipe)->name, "id");
    assert_string_equal(corm__primary_key_field(&corm__model_of_Tag)->name, "code");
    assert_null(corm__primary_key_field(&corm__model_of_Kitchen));
}

static void test_between__names_the_table_and_its_columns(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    corm_between between;
    assert_int_equal(corm__between(&corm__model_of_Recipe, find(&corm__model_of_Recipe, "tags"),
                                   &arena, &between),
                     0);
    assert_string_equal(between.table, "recipes_tags");
    assert_string_equal(between.own_column, "recipe_id");
    assert_string_equal(between.other_column, "tag_id");
    assert_int_equal(corm__between(&corm__model_of_Recipe, find(&corm__model_of_Recipe, "related"),
                                   &arena, &between),
                     0);
    assert_string_equal(between.own_column, "from_recipe_id");
    assert_string_equal(between.other_column, "to_recipe_id");
    assert_int_equal(corm__between(&corm__model_of_Recipe, find(&corm__model_of_Recipe, "cooks"),
                                   &arena, &between),
                     0);
    assert_string_equal(between.table, "kitchens");
    assert_string_equal(between.other_column, "user_id");
    corm_model long_name = { .name = "HTTPServerLog2", .table = "logs" };
    corm_field servers = { .item = CORM_ITEM_MANY_TO_MANY,
                           .name = "servers",
                           .to = &corm__model_of_Tag };
    assert_int_equal(corm__between(&long_name, &servers, &arena, &between), 0);
    assert_string_equal(between.own_column, "http_server_log2_id");
    corm__arena_release(&arena);
}

static void test_choices__are_split_at_commas(void **state) {
    (void)state;
    size_t length;
    const char *choice = corm__choice_at("a, up and desc ,c", 1, &length);
    assert_int_equal(length, 11);
    assert_memory_equal(choice, "up and desc", 11);
    assert_non_null(corm__choice_at("a,b", 1, &length));
    assert_null(corm__choice_at("a,b", 2, &length));
    assert_null(corm__choice_at("", 0, &length));
    assert_null(corm__choice_at(NULL, 0, &length));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_field_find__knows_members_and_keys),
        cmocka_unit_test(test_field_column__is_given_or_the_name),
        cmocka_unit_test(test_primary_key_field__is_the_single_one),
        cmocka_unit_test(test_between__names_the_table_and_its_columns),
        cmocka_unit_test(test_choices__are_split_at_commas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
