#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "schema/schema.h"

static const corm_table recipes = {
    .name = "recipes",
    .app = "recipes",
    .model = "Recipe",
    .primary_key = "id",
    .columns =
        (const corm_column[]){ { .name = "id", .kind = CORM_IDENTITY },
                               { .name = "title", .kind = CORM_VARCHAR, .max_length = 255 },
                               { .name = "price", .kind = CORM_DECIMAL, .digits = 5, .places = 2 },
                               { .name = "gross",
                                 .kind = CORM_DECIMAL,
                                 .digits = 8,
                                 .places = 2,
                                 .generated = "price * 1.2" },
                               { .name = "parent_id",
                                 .kind = CORM_BIGINT,
                                 .null = true,
                                 .references = { "recipes", "id", CORM_CASCADE, .name = NULL } },
                               { 0 } },
    .indexes =
        (const corm_index[]){
            { .name = "recent", .columns = "title, price desc", .where = "price > 0" }, { 0 } },
    .constraints =
        (const corm_constraint[]){
            { .name = "price_not_negative", .kind = CORM_CONSTRAINT_CHECK, .check = "price >= 0" },
            { .name = "title_once", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "title,price" },
            { 0 } },
};

static void test_clone__is_equal_and_shares_nothing(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    corm_table *copy = corm__table_clone(&arena, &recipes);
    assert_non_null(copy);
    assert_true(corm__table_equal(&recipes, copy, NULL, 0));
    assert_ptr_not_equal(copy->name, recipes.name);
    assert_ptr_not_equal(copy->columns[1].name, recipes.columns[1].name);
    assert_string_equal(copy->model, "Recipe");
    corm_schema schema = { &recipes, 1 }, *all = corm__schema_clone(&arena, &schema);
    assert_int_equal(all->n_tables, 1);
    assert_null(all->tables[1].name);
    assert_true(corm__table_equal(corm__table_find(all, "recipes"), &recipes, NULL, 0));
    corm__arena_release(&arena);
}

static void test_edit__changes_one_thing_and_not_the_original(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    corm_table bare = { .name = "t" };
    corm_table *table =
        corm__table_with_column(&arena, &bare, &(corm_column){ .name = "a", .kind = CORM_INTEGER });
    table =
        corm__table_with_column(&arena, table, &(corm_column){ .name = "b", .kind = CORM_TEXT });
    table = corm__table_with_index(&arena, table, &(corm_index){ .name = "i", .columns = "a" });
    table = corm__table_with_constraint(
        &arena, table,
        &(corm_constraint){ .name = "c", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "b" });
    assert_int_equal(corm__column_count(table), 2);
    assert_int_equal(corm__column_count(&bare), 0);
    assert_non_null(corm__index_find(table, "i"));
    assert_non_null(corm__constraint_find(table, "c"));
    corm_table *changed = corm__table_replace_column(
        &arena, table, "a", &(corm_column){ .name = "a", .kind = CORM_BIGINT });
    assert_int_equal(changed->columns[0].kind, CORM_BIGINT);
    assert_int_equal(table->columns[0].kind, CORM_INTEGER);
    table = corm__table_without_column(&arena, changed, "a");
    assert_int_equal(corm__column_count(table), 1);
    assert_string_equal(table->columns[0].name, "b");
    assert_null(corm__index_find(corm__table_without_index(&arena, table, "i"), "i"));
    assert_null(corm__constraint_find(corm__table_without_constraint(&arena, table, "c"), "c"));
    corm__arena_release(&arena);
}

static void test_rename_column__reaches_every_mention(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    corm_table *table = corm__table_rename_column(&arena, &recipes, "price", "cost");
    assert_null(corm__column_find(table, "price"));
    assert_non_null(corm__column_find(table, "cost"));
    assert_string_equal(corm__column_find(table, "gross")->generated, "cost * 1.2");
    assert_string_equal(table->indexes[0].columns, "title, cost desc");
    assert_string_equal(table->indexes[0].where, "cost > 0");
    assert_string_equal(table->constraints[0].check, "cost >= 0");
    assert_string_equal(table->constraints[1].columns, "title, cost");
    assert_string_equal(recipes.columns[2].name, "price");
    table = corm__table_rename_column(&arena, &recipes, "id", "number");
    assert_string_equal(table->primary_key, "number");
    assert_string_equal(corm__column_find(table, "parent_id")->references.column, "number");
    corm__arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clone__is_equal_and_shares_nothing),
        cmocka_unit_test(test_edit__changes_one_thing_and_not_the_original),
        cmocka_unit_test(test_rename_column__reaches_every_mention),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
