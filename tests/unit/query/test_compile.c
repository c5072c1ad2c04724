/* The SQL that queries become: as few joins as there can be, subqueries where rows would be
 * doubled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <corm/corm.h>

CORM_MODEL(User, Users, "users", identity(id), text(email), optional_foreign_key(boss, User),
           has_many(recipes, Recipe, user));
CORM_MODEL(Tag, Tags, "tags", identity(id), text(name), has_many(recipes, Recipe, tags));
CORM_MODEL(Recipe, Recipes, "recipes", identity(id), text(title), text(link, .null = true),
           integer(minutes), foreign_key(user, User), many_to_many(tags, Tag));
CORM_ROW(PerTag, text(name), bigint(n));

static corm_db *db;
static char sent[4096];

static void watch(void *context, const char *sql, double seconds, int64_t rows, int status) {
    (void)context;
    (void)seconds;
    (void)rows;
    (void)status;
    snprintf(sent, sizeof sent, "%s", sql);
}

static int setup(void **state) {
    (void)state;
    corm_error_info error;
    corm_settings *settings =
        corm_settings_load(&(corm_settings_options){ .url = "sqlite://:memory:",
                                                     .no_env_file = true,
                                                     .environment = (const char *const[]){ NULL } },
                           &error);
    db = corm_open_with(settings, NULL);
    corm_settings_free(settings);
    corm_exec(db, "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, boss_id INTEGER); "
                  "CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT);"
                  "CREATE TABLE recipes (id INTEGER PRIMARY KEY, title TEXT, link TEXT, minutes "
                  "INTEGER, user_id INTEGER);"
                  "CREATE TABLE recipes_tags (recipe_id INTEGER, tag_id INTEGER, PRIMARY KEY "
                  "(recipe_id, tag_id))");
    corm_watch(db, watch, NULL);
    return corm_failed(db);
}

static int teardown(void **state) {
    (void)state;
    corm_close(db);
    return 0;
}

static void check(int64_t result, const char *sql) {
    if (result < 0) fail_msg("%s", corm_error(db)->message);
    assert_string_equal(sent, sql);
}
#define counts(condition, sql)                                                                     \
    check(corm_count(db, Recipes, .where = (condition)),                                           \
          "SELECT COUNT(*) FROM \"recipes\" AS t0" sql)

static void test_joins__are_made_once_and_only_when_needed(void **state) {
    (void)state;
    counts(NULL, "");
    counts(EQ(Recipes.user->id, 1), " WHERE t0.\"user_id\" = ?1");
    counts(IS_NULL(Recipes.user->boss),
           " JOIN \"users\" AS t1 ON t1.\"id\" = t0.\"user_id\" WHERE t1.\"boss_id\" IS NULL");
    counts(AND(EQ(Recipes.user->email, "a"), NE(Recipes.user->email, "b"),
               EQ(Recipes.user->boss->email, "c")),
           " JOIN \"users\" AS t1 ON t1.\"id\" = t0.\"user_id\" LEFT JOIN \"users\" AS t2 ON "
           "t2.\"id\" = t1.\"boss_id\""
           " WHERE t1.\"email\" = ?1 AND t1.\"email\" <> ?2 AND t2.\"email\" = ?3");
}

static void test_to_many__is_a_subquery(void **state) {
    (void)state;
    counts(EQ(Recipes.tags->id, 5), " WHERE t0.\"id\" IN (SELECT t2.\"recipe_id\" FROM "
                                    "\"recipes_tags\" AS t2 WHERE t2.\"tag_id\" = ?1)");
    counts(AND(EQ(Recipes.tags->name, "a"), EQ(Recipes.minutes, 5), GT(Recipes.tags->id, 5)),
           " WHERE t0.\"id\" IN (SELECT t2.\"recipe_id\" FROM \"recipes_tags\" AS t2 JOIN \"tags\" "
           "AS t1 ON t1.\"id\" = t2.\"tag_id\""
           " WHERE t1.\"name\" = ?1 AND t2.\"tag_id\" > ?2) AND t0.\"minutes\" = ?3");
    counts(EQ(Recipes.tags->name, COL(Recipes.title)),
           " WHERE EXISTS (SELECT 1 FROM \"recipes_tags\" AS t2 JOIN \"tags\" AS t1 ON t1.\"id\" = "
           "t2.\"tag_id\" WHERE t2.\"recipe_id\" = t0.\"id\" AND t1.\"name\" = t0.\"title\")");
}

static void test_not__is_the_complement(void **state) {
    (void)state;
    counts(NOT(EQ(Recipes.minutes, 5)), " WHERE NOT (t0.\"minutes\" = ?1)");
    counts(NOT(EQ(Recipes.link, "x")), " WHERE (t0.\"link\" = ?1) IS NOT TRUE");
    counts(NOT(EQ(Recipes.tags->id, 5)),
           " WHERE NOT (EXISTS (SELECT 1 FROM \"recipes_tags\" AS t2 WHERE t2.\"recipe_id\" = "
           "t0.\"id\" AND t2.\"tag_id\" = ?1))");
}

static void test_changes__choose_rows_by_key_when_joined(void **state) {
    (void)state;
    check(corm_delete(db, Recipes, .where = EQ(Recipes.title, "x")),
          "DELETE FROM \"recipes\" WHERE \"recipes\".\"title\" = ?1");
    check(corm_delete(db, Recipes, .where = EQ(Recipes.user->email, "x")),
          "DELETE FROM \"recipes\" WHERE \"recipes\".\"id\" IN (SELECT \"recipes\".\"id\" FROM "
          "\"recipes\" JOIN \"users\" AS t1 ON t1.\"id\" = \"recipes\".\"user_id\" WHERE "
          "t1.\"email\" = ?1)");
    check(corm_update(db, Recipes, .set = SET(TO(Recipes.minutes, ADD(Recipes.minutes, 1))),
                      .where = EQ(Recipes.id, 5)),
          "UPDATE \"recipes\" SET \"minutes\" = corm_cast(corm_add(\"recipes\".\"minutes\", ?1), "
          "'BIGINT', 'INTEGER') WHERE \"recipes\".\"id\" = ?2");
}

static void test_report__groups_by_position_and_orders_by_name(void **state) {
    (void)state;
    PerTag *rows = corm_select(db, PerTag, Recipes,
                               .columns = COLUMNS(AS(name, Recipes.tags->name), AS(n, COUNT())),
                               .order_by = BY(DESC(COUNT())), .having = GT(COUNT(), 1));
    assert_non_null(rows);
    corm_free(rows);
    assert_string_equal(
        sent, "SELECT t1.\"name\" AS column_1_, COUNT(*) AS column_2_ FROM \"recipes\" AS t0 JOIN "
              "\"recipes_tags\" AS t2 ON "
              "t2.\"recipe_id\" = t0.\"id\" JOIN \"tags\" AS t1 ON t1.\"id\" = t2.\"tag_id\""
              " GROUP BY 1 HAVING COUNT(*) > ?1 ORDER BY column_2_ DESC, column_1_");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joins__are_made_once_and_only_when_needed),
        cmocka_unit_test(test_to_many__is_a_subquery),
        cmocka_unit_test(test_not__is_the_complement),
        cmocka_unit_test(test_changes__choose_rows_by_key_when_joined),
        cmocka_unit_test(test_report__groups_by_position_and_orders_by_name)
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
