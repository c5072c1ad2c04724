#include "sqlite_fixture.h"
#include "schema/schema.h"

static corm_arena arena;

static int setup(void **state) { return make_folder(state); }
static int teardown(void **state) {
    corm__arena_release(&arena);
    return remove_folder(state);
}

static const corm_table users = { .name = "users",
                                  .primary_key = "id",
                                  .columns = (const corm_column[]){
                                      { .name = "id", .kind = CORM_IDENTITY },
                                      { .name = "email", .kind = CORM_VARCHAR, .max_length = 254 },
                                      { 0 } } };

static const corm_table recipes = {
    .name = "recipes",
    .primary_key = "id",
    .columns =
        (const corm_column[]){
            { .name = "id", .kind = CORM_IDENTITY },
            { .name = "title",
              .kind = CORM_VARCHAR,
              .max_length = 255,
              .default_value = CORM_DEFAULT("it's") },
            { .name = "price",
              .kind = CORM_DECIMAL,
              .digits = 5,
              .places = 2,
              .default_value = CORM_DEFAULT("9.99") },
            { .name = "weight", .kind = CORM_DECIMAL, .digits = 38, .places = 10, .null = true },
            { .name = "servings", .kind = CORM_INTEGER, .null = true },
            { .name = "created",
              .kind = CORM_TIMESTAMP,
              .default_value = CORM_DEFAULT_EXPRESSION("CURRENT_TIMESTAMP") },
            { .name = "user_id",
              .kind = CORM_BIGINT,
              .references = { .table = "users",
                              .column = "id",
                              .on_delete = CORM_CASCADE,
                              .deferrable = true } },
            { .name = "parent_id",
              .kind = CORM_BIGINT,
              .null = true,
              .references = { .table = "recipes", .column = "id", .on_delete = CORM_SET_NULL } },
            { 0 } },
    .indexes =
        (const corm_index[]){
            { .name = "recipes_recent", .columns = "user_id, created desc" },
            { .name = "recipes_cheap", .columns = "price", .where = "price < 5.5" },
            { 0 } },
    .constraints = (const corm_constraint[]){ { .name = "price_range",
                                                .kind = CORM_CONSTRAINT_CHECK,
                                                .check = "price >= 0.01 AND title <> 'price'" },
                                              { .name = "recipes_title_uniq",
                                                .kind = CORM_CONSTRAINT_UNIQUE,
                                                .columns = "user_id, title" },
                                              { 0 } }
};

/* As the executor of migrations does it. */
static int try_apply(corm_conn *conn, corm_change change, corm_error_info *error) {
    corm_script script = { .arena = &arena, .error = error };
    int status = BACKEND->ddl(&script, &change, conn);
    if (status) return status;
    if (script.foreign_keys_off) run(conn, "PRAGMA foreign_keys = OFF");
    run(conn, "BEGIN IMMEDIATE");
    for (size_t i = 0; i < script.n_steps && !status; i++)
        status = BACKEND->exec(conn, script.steps[i].sql, error);
    if (!status && integer_of(conn, "SELECT count(*) FROM pragma_foreign_key_check") > 0)
        status = CORM_ERROR_FOREIGN_KEY;
    run(conn, status ? "ROLLBACK" : "COMMIT");
    run(conn, "PRAGMA foreign_keys = ON");
    return status;
}

/* What the database says of the table is what it was to be. */
static void assert_is(corm_conn *conn, const corm_table *table) {
    corm_error_info error = { 0 };
    corm_schema schema;
    char difference[512];
    if (BACKEND->introspect(conn, table->name, &arena, &schema, &error) != 0)
        fail_msg("%s", error.message);
    assert_int_equal(schema.n_tables, 1);
    if (!corm__table_equal(table, &schema.tables[0], difference, sizeof difference))
        fail_msg("%s", difference);
}

static void apply(corm_conn *conn, corm_change change) {
    corm_error_info error = { 0 };
    if (try_apply(conn, change, &error) != 0) fail_msg("%s: %s", error.message, error.sql);
    if (change.after) assert_is(conn, change.after);
}

static const corm_schema both = {
    .tables = (const corm_table[]){ { .name = "users" }, { .name = "recipes" }, { 0 } },
    .n_tables = 2
};

static corm_conn *with_tables(void) {
    corm_conn *conn = open_database(path);
    apply(conn, (corm_change){ .kind = CORM_CREATE_TABLE, .after = &users, .schema_after = &both });
    apply(conn,
          (corm_change){ .kind = CORM_CREATE_TABLE, .after = &recipes, .schema_after = &both });
    run(conn, "INSERT INTO users (email) VALUES ('ada@example.com'), ('bob@example.com');"
              "INSERT INTO recipes (title, price, servings, user_id) VALUES ('Stew', 1250, 4, 1), "
              "('Soup', 300, NULL, 2), ('Pie', 999, 8, 1);"
              "UPDATE recipes SET parent_id = 1 WHERE id = 2; INSERT INTO users VALUES (77, "
              "'gone'); DELETE FROM users WHERE id = 77");
    return conn;
}

static void test_ddl__writes_tables(void **state) {
    (void)state;
    corm_conn *conn = with_tables();
    corm_error_info error;
    run(conn, "INSERT INTO recipes (user_id) VALUES (2)");
    assert_string_equal(text_of(conn, "SELECT title FROM recipes WHERE id = 4"), "it's");
    assert_int_equal(integer_of(conn, "SELECT price FROM recipes WHERE id = 4"), 999);
    assert_int_equal(strlen(text_of(conn, "SELECT created FROM recipes WHERE id = 4")), 26);
    assert_int_equal(try_with(conn,
                              "INSERT INTO recipes (user_id, title, price) VALUES (1, 'x', 0)",
                              NULL, 0, &error),
                     CORM_ERROR_CHECK);
    assert_string_equal(error.constraint, "price_range");
    run(conn, "INSERT INTO recipes (user_id, title, price) VALUES (1, 'x', 1)");
    assert_int_equal(
        try_with(conn, "INSERT INTO recipes (user_id, title) VALUES (1, 'x')", NULL, 0, &error),
        CORM_ERROR_UNIQUE);
    assert_int_equal(
        try_with(conn, "INSERT INTO recipes (user_id, title) VALUES (99, 'y')", NULL, 0, &error),
        CORM_ERROR_FOREIGN_KEY);
    assert_int_equal(integer_of(conn, "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND "
                                      "sql LIKE '%/ 100.0) < 5.5%'"),
                     1);
    BACKEND->close(conn);
}

static void test_ddl__refuses_what_sqlite_does_not_have(void **state) {
    (void)state;
    corm_conn *conn = with_tables();
    corm_error_info error;
    const corm_column array = {
        .name = "tags", .kind = CORM_ARRAY, .element = CORM_TEXT, .null = true
    };
    const corm_table *after = corm__table_with_column(&arena, &recipes, &array);
    corm_change change = {
        .kind = CORM_ADD_COLUMN, .before = &recipes, .after = after, .column_after = &array
    };
    assert_int_equal(try_apply(conn, change, &error), CORM_ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.message, "tags"));
    const corm_constraint distinct = { .name = "u",
                                       .kind = CORM_CONSTRAINT_UNIQUE,
                                       .columns = "servings",
                                       .nulls_not_distinct = true };
    after = corm__table_with_constraint(&arena, &recipes, &distinct);
    change = (corm_change){ .kind = CORM_ADD_CONSTRAINT,
                            .before = &recipes,
                            .after = after,
                            .constraint_after = &distinct };
    assert_int_equal(try_apply(conn, change, &error), CORM_ERROR_UNSUPPORTED);
    BACKEND->close(conn);
}

static void test_rebuild__loses_nothing(void **state) {
    (void)state;
    corm_conn *conn = with_tables();
    run(conn,
        "CREATE VIEW titles AS SELECT title FROM recipes; CREATE VIEW long_titles AS SELECT * FROM "
        "titles WHERE length(title) > 3;"
        "CREATE TABLE log (what TEXT); CREATE TRIGGER on_recipe AFTER INSERT ON recipes BEGIN "
        "INSERT INTO log VALUES (NEW.title); END;"
        "CREATE TRIGGER on_user AFTER DELETE ON users BEGIN DELETE FROM recipes WHERE title = "
        "'none'; END;"
        "CREATE TRIGGER on_view INSTEAD OF INSERT ON titles BEGIN INSERT INTO log VALUES ('view'); "
        "END;"
        "CREATE VIEW broken AS SELECT * FROM not_there; CREATE INDEX by_hand ON recipes (servings);"
        "DELETE FROM recipes WHERE id = 3; INSERT INTO recipes (id, title, user_id) VALUES (50, "
        "'Last', 1); DELETE FROM recipes WHERE id = 50");
    const corm_column servings = { .name = "servings", .kind = CORM_BIGINT };
    corm_table *after = corm__table_replace_column(&arena, &recipes, "servings", &servings);
    const corm_default fill = CORM_DEFAULT(2);
    corm_error_info error;
    assert_int_equal(try_apply(conn,
                               (corm_change){ .kind = CORM_ALTER_COLUMN,
                                              .before = &recipes,
                                              .after = after,
                                              .column_before = &recipes.columns[4],
                                              .column_after = &servings,
                                              .fill = &fill,
                                              .schema_before = &both,
                                              .schema_after = &both },
                               &error),
                     0);
    assert_int_equal(integer_of(conn, "SELECT sum(servings) FROM recipes"), 6);
    assert_int_equal(integer_of(conn, "SELECT parent_id FROM recipes WHERE id = 2"), 1);
    assert_int_equal(integer_of(conn, "SELECT count(*) FROM sqlite_schema WHERE name IN ('titles', "
                                      "'long_titles', 'broken', 'on_recipe', 'on_user', 'on_view', "
                                      "'by_hand', 'recipes_recent', 'recipes_cheap')"),
                     9);
    assert_int_equal(integer_of(conn, "SELECT count(*) FROM long_titles"), 2);
    run(conn, "INSERT INTO recipes (title, user_id, servings) VALUES ('New', 2, 1); INSERT INTO "
              "titles VALUES ('x')");
    assert_int_equal(integer_of(conn, "SELECT max(id) FROM recipes"), 51);
    assert_string_equal(text_of(conn, "SELECT group_concat(what) FROM log"), "Last,New,view");
    run(conn, "DROP INDEX by_hand");
    assert_is(conn, after);
    assert_int_equal(try_with(conn, "UPDATE recipes SET servings = NULL", NULL, 0, &error),
                     CORM_ERROR_NOT_NULL);
    run(conn, "DELETE FROM users WHERE id = 1");
    assert_int_equal(integer_of(conn, "SELECT count(*) FROM recipes"), 2);
    assert_string_equal(text_of(conn, "SELECT parent_id FROM recipes WHERE id = 2"), "");
    BACKEND->close(conn);
}

/* Two changes of one table that are written together: one rebuild, or none when neither needs one.
 */
static void test_rebuild__is_one_for_changes_that_are_written_together(void **state) {
    (void)state;
    static const corm_column email = { .name = "email", .kind = CORM_TEXT },
                             name = { .name = "name", .kind = CORM_TEXT },
                             note = { .name = "note", .kind = CORM_TEXT, .null = true };
    static const corm_default fill = CORM_DEFAULT("?");
    corm_error_info error;
    corm_table *one = corm__table_replace_column(&arena, &users, "email", &email),
               *two = corm__table_with_column(&arena, one, &name),
               *three = corm__table_with_column(&arena, two, &note);
    corm_change alter = { .kind = CORM_ALTER_COLUMN,
                          .before = &users,
                          .after = one,
                          .column_before = &users.columns[1],
                          .column_after = &email };
    corm_change add = { .kind = CORM_ADD_COLUMN,
                        .before = one,
                        .after = two,
                        .column_after = &name,
                        .fill = &fill,
                        .earlier = &alter };
    corm_change last = { .kind = CORM_ADD_COLUMN,
                         .before = two,
                         .after = three,
                         .column_after = &note,
                         .earlier = &add };
    corm_script script = { .arena = &arena, .error = &error };
    assert_int_equal(BACKEND->ddl(&script, &last, NULL), 0);
    int made = 0;
    for (size_t i = 0; i < script.n_steps; i++)
        made += strstr(script.steps[i].sql, "CREATE TABLE") != NULL;
    assert_int_equal(made, 1);
    assert_true(script.foreign_keys_off);
    corm_conn *conn = with_tables();
    apply(conn, last);
    assert_is(conn, three);
    assert_int_equal(
        integer_of(conn,
                   "SELECT count(*) FROM users WHERE name = '?' AND note IS NULL AND email <> ''"),
        integer_of(conn, "SELECT count(*) FROM users"));
    BACKEND->close(conn);
    corm_change in_place = { .kind = CORM_ADD_COLUMN,
                             .before = &users,
                             .after = corm__table_with_column(&arena, &users, &note),
                             .column_after = &note };
    corm_index by_note = { .name = "by_note", .columns = "note" };
    corm_change index = { .kind = CORM_ADD_INDEX,
                          .before = in_place.after,
                          .after = corm__table_with_index(&arena, in_place.after, &by_note),
                          .index_after = &by_note,
                          .earlier = &in_place };
    script = (corm_script){ .arena = &arena, .error = &error };
    assert_int_equal(BACKEND->ddl(&script, &index, NULL), 0);
    assert_int_equal(script.n_steps, 2);
    assert_false(script.foreign_keys_off);
}

/* Children refer to the table that is rebuilt: none may go. */
static void test_rebuild__keeps_the_children(void **state) {
    (void)state;
    corm_conn *conn = with_tables();
    const corm_column email = { .name = "email", .kind = CORM_TEXT };
    corm_table *after = corm__table_replace_column(&arena, &users, "email", &email);
    apply(conn, (corm_change){ .kind = CORM_ALTER_COLUMN,
                               .before = &users,
                               .after = after,
                               .column_before = &users.columns[1],
                               .column_after = &email });
    assert_int_equal(integer_of(conn, "SELECT count(*) FROM recipes"), 3);
    run(conn, "INSERT INTO users (email) VALUES ('new')");
    assert_int_equal(integer_of(conn, "SELECT max(id) FROM users"), 78);
    run(conn, "DELETE FROM users WHERE id = 2");
    assert_int_equal(integer_of(conn, "SELECT count(*) FROM recipes"), 2);
    BACKEND->close(conn);
}

static void test_rebuild__refuses_to_lose_a_column(void **state) {
    (void)state;
    corm_conn *conn = with_tables();
    run(conn, "ALTER TABLE users ADD COLUMN by_hand TEXT");
    const corm_column email = { .name = "email", .kind = CORM_TEXT };
    corm_table *after = corm__table_replace_column(&arena, &users, "email", &email);
    corm_error_info error;
    corm_change change = { .kind = CORM_ALTER_COLUMN,
                           .before = &users,
                           .after = after,
                           .column_before = &users.columns[1],
                           .column_after = &email };
    assert_int_equal(try_apply(conn, change, &error), CORM_ERROR_MIGRATION);
    assert_string_equal(error.column, "by_hand");
    assert_true(error.hint[0]);
    BACKEND->close(conn);
}

static int change_type(corm_conn *conn, corm_column from, corm_column to, corm_error_info *error) {
    corm_column before_columns[] = { from, { 0 } }, after_columns[] = { to, { 0 } };
    corm_table before = { .name = "values_", .columns = before_columns },
               after = { .name = "values_", .columns = after_columns };
    corm_change change = { .kind = CORM_ALTER_COLUMN,
                           .before = &before,
                           .after = &after,
                           .column_before = &before_columns[0],
                           .column_after = &after_columns[0] };
    return try_apply(conn, change, error);
}

static void test_alter_column__converts_values_or_refuses(void **state) {
    (void)state;
    corm_conn *conn = open_database(path);
    corm_error_info error;
    const corm_column small = { .name = "v", .kind = CORM_SMALLINT, .null = true },
                      bigint = { .name = "v", .kind = CORM_BIGINT, .null = true };
    const corm_column money = {
        .name = "v", .kind = CORM_DECIMAL, .digits = 8, .places = 2, .null = true
    };
    const corm_column wide = {
        .name = "v", .kind = CORM_DECIMAL, .digits = 30, .places = 4, .null = true
    };
    const corm_column text = { .name = "v", .kind = CORM_TEXT, .null = true },
                      four = { .name = "v", .kind = CORM_VARCHAR, .max_length = 4, .null = true };
    run(conn, "CREATE TABLE values_ (v BIGINT); INSERT INTO values_ VALUES (40000), (NULL)");
    assert_int_equal(change_type(conn, bigint, small, &error), CORM_ERROR_RANGE);
    assert_int_equal(integer_of(conn, "SELECT max(v) FROM values_"), 40000);
    assert_int_equal(change_type(conn, bigint, money, &error), 0);
    assert_int_equal(integer_of(conn, "SELECT max(v) FROM values_"), 4000000);
    assert_int_equal(change_type(conn, money, wide, &error), 0);
    assert_string_equal(text_of(conn, "SELECT v || typeof(v) FROM values_ WHERE v IS NOT NULL"),
                        "0000000000000000000000000000040000.0000text");
    assert_int_equal(change_type(conn, wide, text, &error), 0);
    assert_string_equal(text_of(conn, "SELECT max(v) FROM values_"), "40000.0000");
    assert_int_equal(change_type(conn, text, four, &error), CORM_ERROR_RANGE);
    run(conn, "UPDATE values_ SET v = '12.5' WHERE v IS NOT NULL");
    assert_int_equal(change_type(conn, text, four, &error), 0);
    assert_int_equal(change_type(conn, four, small, &error), 0);
    assert_int_equal(integer_of(conn, "SELECT max(v) FROM values_"), 13);
    assert_int_equal(change_type(conn, small, text, &error), 0);
    run(conn, "UPDATE values_ SET v = 'abc'");
    assert_int_equal(change_type(conn, text, bigint, &error), CORM_ERROR_TYPE);
    assert_string_equal(text_of(conn, "SELECT max(v) FROM values_"), "abc");
    BACKEND->close(conn);
}

static void test_columns__added_renamed_and_dropped_in_place(void **state) {
    (void)state;
    corm_conn *conn = with_tables();
    run(conn, "CREATE VIEW broken AS SELECT * FROM not_there; CREATE VIEW titles AS SELECT title "
              "FROM recipes;"
              "CREATE TRIGGER on_broken INSTEAD OF DELETE ON broken BEGIN SELECT 1; END");
    const corm_column note = { .name = "note", .kind = CORM_TEXT, .null = true };
    const corm_default fill = CORM_DEFAULT("old");
    corm_table *added = corm__table_with_column(&arena, &recipes, &note);
    apply(conn, (corm_change){ .kind = CORM_ADD_COLUMN,
                               .before = &recipes,
                               .after = added,
                               .column_after = &note,
                               .fill = &fill });
    assert_int_equal(integer_of(conn, "SELECT count(*) FROM recipes WHERE note = 'old'"), 3);

    corm_table *renamed = corm__table_rename_column(&arena, added, "title", "name");
    apply(conn, (corm_change){ .kind = CORM_RENAME_COLUMN,
                               .before = added,
                               .after = renamed,
                               .column_before = corm__column_find(added, "title"),
                               .column_after = corm__column_find(renamed, "name") });
    assert_int_equal(integer_of(conn, "SELECT count(name) FROM recipes"), 3);
    assert_int_equal(integer_of(conn, "SELECT count(*) FROM titles"), 3);
    assert_int_equal(
        integer_of(conn,
                   "SELECT count(*) FROM sqlite_schema WHERE name IN ('broken', 'on_broken')"),
        2);

    corm_table *dropped = corm__table_without_column(&arena, renamed, "note");
    corm_change change = { .kind = CORM_REMOVE_COLUMN,
                           .before = renamed,
                           .after = dropped,
                           .column_before = corm__column_find(renamed, "note") };
    corm_error_info error;
    corm_script script = { .arena = &arena, .error = &error };
    assert_int_equal(BACKEND->ddl(&script, &change, conn), 0);
    assert_false(script.foreign_keys_off);
    apply(conn, change);
    corm_script old = { .arena = &arena, .error = &error, .version = 33500 };
    assert_int_equal(BACKEND->ddl(&old, &change, NULL), 0);
    assert_true(old.foreign_keys_off);

    corm_column parent = *corm__column_find(dropped, "parent_id");
    parent.references.table = "meals";
    corm_table moved = *corm__table_replace_column(&arena, dropped, "parent_id", &parent);
    moved.name = "meals";
    apply(conn, (corm_change){ .kind = CORM_RENAME_TABLE, .before = dropped, .after = &moved });
    assert_int_equal(integer_of(conn, "SELECT count(*) FROM meals"), 3);
    run(conn, "INSERT INTO meals (name, user_id, parent_id) VALUES ('child', 1, 1)");
    assert_int_equal(integer_of(conn, "SELECT max(id) FROM meals"), 4);
    apply(conn, (corm_change){ .kind = CORM_DELETE_TABLE, .before = &moved });
    assert_int_equal(integer_of(conn, "SELECT count(*) FROM sqlite_schema WHERE name = 'meals'"),
                     0);
    BACKEND->close(conn);
}

static void test_add_column__rebuilds_where_it_must(void **state) {
    (void)state;
    corm_conn *conn = with_tables();
    corm_error_info error;
    const corm_column required = { .name = "note", .kind = CORM_TEXT };
    corm_table *added = corm__table_with_column(&arena, &recipes, &required);
    corm_change change = {
        .kind = CORM_ADD_COLUMN, .before = &recipes, .after = added, .column_after = &required
    };
    assert_int_equal(try_apply(conn, change, &error), CORM_ERROR_NOT_NULL);
    assert_int_equal(integer_of(conn, "SELECT count(*) FROM recipes"), 3);
    const corm_default fill = CORM_DEFAULT("none");
    change.fill = &fill;
    assert_int_equal(try_apply(conn, change, &error), 0);
    assert_int_equal(integer_of(conn, "SELECT count(*) FROM recipes WHERE note = 'none'"), 3);
    const corm_column total = { .name = "total",
                                .kind = CORM_DECIMAL,
                                .digits = 9,
                                .places = 2,
                                .null = true,
                                .generated = "price * 2" };
    corm_table *generated = corm__table_with_column(&arena, added, &total);
    apply(conn, (corm_change){ .kind = CORM_ADD_COLUMN,
                               .before = added,
                               .after = generated,
                               .column_after = &total });
    assert_int_equal(integer_of(conn, "SELECT total FROM recipes WHERE id = 1"), 2500);
    const corm_column stamp = { .name = "stamp",
                                .kind = CORM_TIMESTAMP,
                                .default_value = CORM_DEFAULT_EXPRESSION("CURRENT_TIMESTAMP") };
    corm_table *stamped = corm__table_with_column(&arena, generated, &stamp);
    apply(conn, (corm_change){ .kind = CORM_ADD_COLUMN,
                               .before = generated,
                               .after = stamped,
                               .column_after = &stamp });
    assert_int_equal(integer_of(conn, "SELECT count(*) FROM recipes WHERE length(stamp) = 26"), 3);
    BACKEND->close(conn);
}

static void test_ddl__prints_without_a_connection(void **state) {
    (void)state;
    corm_error_info error = { 0 };
    corm_script script = { .arena = &arena, .error = &error };
    corm_change change = { .kind = CORM_CREATE_TABLE, .after = &users };
    assert_int_equal(BACKEND->ddl(&script, &change, NULL), 0);
    assert_int_equal(script.n_steps, 1);
    assert_string_equal(
        script.steps[0].sql,
        "CREATE TABLE \"users\" (\n    \"id\" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,\n"
        "    \"email\" VARCHAR(254) NOT NULL\n)");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_ddl__writes_tables),
        TEST(test_ddl__refuses_what_sqlite_does_not_have),
        TEST(test_rebuild__loses_nothing),
        TEST(test_rebuild__is_one_for_changes_that_are_written_together),
        TEST(test_rebuild__keeps_the_children),
        TEST(test_rebuild__refuses_to_lose_a_column),
        TEST(test_alter_column__converts_values_or_refuses),
        TEST(test_columns__added_renamed_and_dropped_in_place),
        TEST(test_add_column__rebuilds_where_it_must),
        TEST(test_ddl__prints_without_a_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
