#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "models.h"
#include "model/model.h"

static corm_arena arena;
static corm_schema schema;

static int set_up(void **state) {
    (void)state;
    corm_error_info error = { 0 };
    int status = corm__schema_of_apps(CORM_APPS(core, recipes), &arena, &schema, &error);
    if (status) print_error("%s\n", error.message);
    return status;
}

static int tear_down(void **state) {
    (void)state;
    corm__arena_release(&arena);
    return 0;
}

static const corm_column *column(const char *table, const char *name) {
    const corm_table *found = corm__table_find(&schema, table);
    assert_non_null(found);
    const corm_column *result = corm__column_find(found, name);
    if (!result) fail_msg("no column %s.%s", table, name);
    return result;
}

static void test_tables__are_those_of_the_models_and_between_them(void **state) {
    (void)state;
    static const char *const names[] = { "users",           "recipes", "recipes_tags",
                                         "recipes_related", "tags",    "kitchens" };
    assert_int_equal(schema.n_tables, 6);
    for (size_t i = 0; i < 6; i++) assert_string_equal(schema.tables[i].name, names[i]);
    assert_null(schema.tables[6].name);
    assert_string_equal(schema.tables[1].app, "recipes");
    assert_string_equal(schema.tables[1].model, "Recipe");
    assert_string_equal(schema.tables[2].app, "recipes");
    assert_string_equal(schema.tables[2].model, "");
    assert_string_equal(schema.tables[1].comment, "what to cook");
}

static void test_columns__are_in_the_order_of_the_model(void **state) {
    (void)state;
    static const char *const names[] = { "id",       "title",   "minutes", "price",     "link",
                                         "servings", "created", "opened",  "status",    "level",
                                         "rating",   "user_id", "tag",     "parent_id", "twin_id" };
    const corm_table *recipes = corm__table_find(&schema, "recipes");
    assert_int_equal(corm__column_count(recipes), 15);
    for (size_t i = 0; i < 15; i++) assert_string_equal(recipes->columns[i].name, names[i]);
    assert_int_equal(column("recipes", "id")->kind, CORM_IDENTITY);
    assert_string_equal(recipes->primary_key, "id");
    assert_int_equal(column("recipes", "title")->max_length, 255);
    assert_string_equal(column("recipes", "title")->comment, "what it is called");
    assert_int_equal(column("recipes", "price")->digits, 5);
    assert_int_equal(column("recipes", "price")->places, 2);
    assert_true(column("recipes", "link")->null);
    assert_true(column("recipes", "servings")->null);
    assert_false(column("recipes", "title")->null);
    assert_int_equal(column("recipes", "created")->default_value.kind, CORM_DEFAULT_SQL);
}

CORM_MODEL(Small, Smalls, "smalls", integer_identity(id), varchar(code, 9),
           unique_index(smalls_code, code));
CORM_MODEL(Point, Points, "points", smallint_identity(id),
           foreign_key(small, Small, .constraint_name = "points_to", .no_index = true),
           foreign_key(wide, Small, .stored = CORM_BIGINT),
           foreign_key(loose, Small, .constraint = false),
           many_to_many(manys, Small, .constraint = false));
CORM_APP(small, .models = CORM_MODELS(Smalls, Points));

static void test_identity__may_be_smaller(void **state) {
    (void)state;
    corm_schema found;
    corm_error_info error;
    assert_int_equal(corm__schema_of_apps(CORM_APPS(small), &arena, &found, &error), 0);
    const corm_table *smalls = &found.tables[0], *points = &found.tables[1];
    assert_int_equal(smalls->columns[0].kind, CORM_IDENTITY);
    assert_int_equal(smalls->columns[0].element, CORM_INTEGER);
    assert_true(smalls->indexes[0].unique);
    assert_string_equal(smalls->indexes[0].columns, "code");
    assert_int_equal(points->columns[0].element, CORM_SMALLINT);
    assert_int_equal(points->columns[1].kind, CORM_INTEGER);
    assert_string_equal(points->columns[1].references.name, "points_to");
    assert_int_equal(points->columns[2].kind, CORM_BIGINT);
    assert_string_equal(points->indexes[0].columns, "wide_id"); /* and none for small_id */
    assert_string_equal(points->columns[2].references.table, "smalls");
    assert_string_equal(points->indexes[1].columns, "loose_id");
    assert_null(points->indexes[2].name);
    /* the same column, and no constraint */
    assert_int_equal(points->columns[3].kind, CORM_INTEGER);
    assert_null(points->columns[3].references.table);
    const corm_table *between = corm__table_find(&found, "points_manys");
    assert_null(between->columns[0].references.table);
    assert_null(between->columns[1].references.table);
}

static void test_enumeration__is_a_varchar_with_a_check(void **state) {
    (void)state;
    const corm_column *status = column("recipes", "status");
    assert_int_equal(status->kind, CORM_VARCHAR);
    assert_int_equal(status->max_length, 32);
    assert_string_equal(status->default_value.text, "draft");
    const corm_table *recipes = corm__table_find(&schema, "recipes");
    assert_string_equal(corm__constraint_find(recipes, "recipes_status_check")->check,
                        "status IN ('draft', 'it''s published')");
    assert_string_equal(corm__constraint_find(recipes, "recipes_level_check")->check,
                        "level IN ('easy', 'not easy')");
}

static void test_foreign_key__has_the_type_of_the_key_that_it_points_at(void **state) {
    (void)state;
    const corm_column *user = column("recipes", "user_id"), *tag = column("recipes", "tag");
    assert_int_equal(user->kind, CORM_BIGINT);
    assert_string_equal(user->references.table, "users");
    assert_string_equal(user->references.column, "id");
    assert_int_equal(user->references.on_delete, CORM_CASCADE);
    assert_int_equal(tag->kind, CORM_UUID);
    assert_true(tag->null);
    assert_string_equal(tag->references.column, "code");
    assert_true(column("recipes", "twin_id")->references.deferrable);
}

static void test_indexes__are_made_where_nothing_else_covers(void **state) {
    (void)state;
    const corm_table *recipes = corm__table_find(&schema, "recipes");
    assert_string_equal(corm__index_find(recipes, "recipe_recent")->columns, "user_id, created");
    assert_string_equal(corm__index_find(recipes, "recipe_cheap")->where, "price < 5");
    assert_string_equal(corm__index_find(recipes, "recipe_cheap")->columns, "minutes");
    assert_true(corm__index_find(recipes, "recipe_one_open")->unique);
    assert_string_equal(corm__index_find(recipes, "recipes_tag_idx")->columns, "tag");
    assert_non_null(corm__index_find(recipes, "recipes_parent_id_idx"));
    assert_null(
        corm__index_find(recipes, "recipes_user_id_idx")); /* recipe_recent begins with it */
    assert_null(
        corm__index_find(recipes, "recipes_title_idx")); /* recipe_title_once begins with it */
    assert_null(corm__index_find(recipes, "recipes_twin_id_idx"));      /* unique */
    assert_string_equal(corm__constraint_find(recipes, "recipes_twin_id_uniq")->columns, "twin_id");
    assert_string_equal(corm__constraint_find(recipes, "recipe_title_once")->columns,
                        "title, user_id");
    assert_string_equal(corm__constraint_find(recipes, "price_not_negative")->check, "price >= 0");
    assert_non_null(corm__constraint_find(corm__table_find(&schema, "users"), "users_email_uniq"));
}

static void test_many_to_many__gives_a_table_with_two_keys(void **state) {
    (void)state;
    const corm_table *tags = corm__table_find(&schema, "recipes_tags");
    assert_string_equal(tags->primary_key, "recipe_id, tag_id");
    assert_int_equal(corm__column_count(tags), 2);
    assert_int_equal(column("recipes_tags", "tag_id")->kind, CORM_UUID);
    assert_int_equal(column("recipes_tags", "recipe_id")->references.on_delete, CORM_CASCADE);
    assert_string_equal(corm__index_find(tags, "recipes_tags_tag_id_idx")->columns, "tag_id");
    assert_string_equal(corm__table_find(&schema, "recipes_related")->primary_key,
                        "from_recipe_id, to_recipe_id");
    assert_null(corm__table_find(&schema, "recipes_cooks"));
}

static void test_primary_key__of_several_columns(void **state) {
    (void)state;
    const corm_table *kitchens = corm__table_find(&schema, "kitchens");
    assert_string_equal(kitchens->primary_key, "user_id, recipe_id");
    assert_null(corm__index_find(kitchens, "kitchens_user_id_idx"));
    assert_non_null(corm__index_find(kitchens, "kitchens_recipe_id_idx"));
}

CORM_MODEL(Keyless, Keylesses, "keyless", integer(n));
CORM_MODEL(Pointing, Pointings, "pointing", identity(id), foreign_key(other, Keyless));
CORM_APP(broken, .models = CORM_MODELS(Keylesses, Pointings));

static void test_foreign_key__to_a_model_without_key_is_an_error_with_its_place(void **state) {
    (void)state;
    corm_arena own = { 0 };
    corm_schema out;
    corm_error_info error = { 0 };
    assert_int_equal(corm__schema_of_apps(CORM_APPS(broken), &own, &out, &error), CORM_ERROR_USAGE);
    assert_non_null(strstr(error.message, "test_tables.c:"));
    assert_non_null(
        strstr(error.message, "foreign key Pointing.other: Keyless has no single primary key"));
    assert_true(*error.hint);
    corm__arena_release(&own);
}

CORM_MODEL(Booking, Bookings, "bookings", identity(id), integer(room),
           integer(guest, .column = "guest_number"), date(start), date(finish),
           text(note, .null = true), foreign_key(host, User), foreign_key(booker, User),
           renamed_from("reservations"),
           index(bookings_recent, room, descending(start), include(guest, note), where("room > 0"),
                 method("btree")),
           index(bookings_note, expression("lower(note)"), method("gin")),
           unique(bookings_once, room, guest, nulls_not_distinct(), include(note), deferrable()),
           unique(bookings_note_once, expression("lower(note)"), nulls_not_distinct()),
           unique(bookings_open, room, where("finish IS NULL")),
           exclude(bookings_overlap, "room WITH =, during WITH &&", method("gist"),
                   where("room > 0"), include(note), deferrable()));
CORM_MODEL(Guest, Guests, "guests", identity(id), many_to_many_through(bookings, User, Stay));
CORM_MODEL(Stay, Stays, "stays", foreign_key(guest, Guest),
           foreign_key(who, User, .column = "person"), primary_key(guest_id, who_id));
CORM_APP(hotel, .models = CORM_MODELS(Bookings, Guests, Stays, Users, Recipes, Tags, Kitchens));

static void test_items__say_all_that_indexes_and_constraints_have(void **state) {
    (void)state;
    corm_arena own = { 0 };
    corm_schema out;
    corm_error_info error = { 0 };
    assert_int_equal(corm__schema_of_apps(CORM_APPS(hotel), &own, &out, &error), 0);
    const corm_table expected = {
        .name = "bookings",
        .primary_key = "id",
        .columns = out.tables[0].columns,
        .indexes =
            (const corm_index[]){
                { "bookings_recent", .columns = "room, start desc", .include = "guest_number, note",
                  .where = "room > 0", .method = "btree" },
                { "bookings_note", .expression = "lower(note)", .method = "gin" },
                { "bookings_note_once", .expression = "lower(note)", .unique = true,
                  .nulls_not_distinct = true },
                { "bookings_open", .columns = "room", .where = "finish IS NULL", .unique = true },
                { "bookings_host_id_idx", .columns = "host_id" },
                { "bookings_booker_id_idx", .columns = "booker_id" },
                { 0 } },
        .constraints =
            (const corm_constraint[]){
                { "bookings_once", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "room, guest_number",
                  .include = "note", .nulls_not_distinct = true, .deferrable = true },
                { "bookings_overlap", .kind = CORM_CONSTRAINT_EXCLUDE,
                  .elements = "room WITH =, during WITH &&", .method = "gist", .where = "room > 0",
                  .include = "note", .deferrable = true },
                { 0 } }
    };
    char difference[300];
    if (!corm__table_equal(&expected, &out.tables[0], difference, sizeof difference))
        fail_msg("%s", difference);
    assert_null(out.tables[0].indexes[1].columns);
    corm__arena_release(&own);
}

static void test_renamed_from__is_what_the_model_says(void **state) {
    (void)state;
    assert_string_equal(corm__model_renamed_from(corm__ref_Bookings), "reservations");
    assert_null(corm__model_renamed_from(corm__ref_Users));
}

static void test_many_to_many_through__takes_the_foreign_keys_of_its_model(void **state) {
    (void)state;
    corm_arena own = { 0 };
    corm_between between;
    const corm_field *field = corm__field_find(corm__ref_Guests, "bookings", 8);
    assert_int_equal(corm__between(corm__ref_Guests, field, &own, &between), 0);
    assert_string_equal(between.table, "stays");
    assert_string_equal(between.own_column, "guest_id");
    assert_string_equal(between.other_column, "person");
    assert_false(corm__makes_between(field));
    corm__arena_release(&own);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items__say_all_that_indexes_and_constraints_have),
        cmocka_unit_test(test_renamed_from__is_what_the_model_says),
        cmocka_unit_test(test_many_to_many_through__takes_the_foreign_keys_of_its_model),
        cmocka_unit_test(test_tables__are_those_of_the_models_and_between_them),
        cmocka_unit_test(test_columns__are_in_the_order_of_the_model),
        cmocka_unit_test(test_identity__may_be_smaller),
        cmocka_unit_test(test_enumeration__is_a_varchar_with_a_check),
        cmocka_unit_test(test_foreign_key__has_the_type_of_the_key_that_it_points_at),
        cmocka_unit_test(test_indexes__are_made_where_nothing_else_covers),
        cmocka_unit_test(test_many_to_many__gives_a_table_with_two_keys),
        cmocka_unit_test(test_primary_key__of_several_columns),
        cmocka_unit_test(test_foreign_key__to_a_model_without_key_is_an_error_with_its_place),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
