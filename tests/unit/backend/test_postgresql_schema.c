#include "postgresql.h"
#include "backend/postgresql/postgresql.h"
#include "server_schema.h"

static const corm_column columns[] = {
    { .name = "slug", CORM_TEXT, .null = true, .collation = "C" },
    { .name = "tags", CORM_ARRAY, .element = CORM_TEXT, .default_value = DEFAULT("{}") },
    { .name = "numbers", CORM_ARRAY, .element = CORM_BIGINT, .null = true },
    { .name = "editor_id",
      CORM_BIGINT,
      .null = true,
      .references = { .table = "users", "id", CORM_SET_NULL, true, "recipes_edited_by" } },
    { 0 }
};
static const corm_index indexes[] = {
    { .name = "recipes_lower", .expression = "lower(title)" },
    { .name = "recipes_two", .expression = "lower(title), id" },
    { .name = "recipes_sum", .expression = "small + time_minutes" },
    { .name = "recipes_live", "title", .where = "published AND price > 0", .unique = true },
    { .name = "recipes_cover", "slug", .include = "title, price" },
    { .name = "recipes_tags", "tags", .method = "gin" },
    { 0 }
};
static const corm_constraint constraints[] = {
    { .name = "recipes_slug_uniq",
      CORM_CONSTRAINT_UNIQUE,
      "slug, user_id",
      .nulls_not_distinct = true },
    { .name = "recipes_order_uniq", CORM_CONSTRAINT_UNIQUE, "views, small", .deferrable = true },
    { 0 }
};
static const struct kept kept[] = {
    { { .name = "c", CORM_TEXT }, "'é'", { .name = "c", CORM_BLOB }, "c = '\\xc3a9'" },
    { { .name = "c", CORM_BLOB }, "'\\xc3a9'", { .name = "c", CORM_TEXT }, "c = 'é'" },
    { { .name = "c", CORM_TEXT },
      "'{\"a\": 1}'",
      { .name = "c", CORM_JSON },
      "c ->> 'a' = '1'" },
    { { .name = "c", CORM_TEXT, .null = true },
      "'abc'",
      { .name = "c", CORM_TEXT, .collation = "C" },
      "c = 'abc'" },
    { { .name = "c", CORM_ARRAY, .element = CORM_INTEGER },
      "'{1,2}'",
      { .name = "c", CORM_ARRAY, .element = CORM_BIGINT },
      "c = '{1,2}'" },
    { { .name = "c", CORM_BIGINT, .references = { .table = "users", "id", CORM_CASCADE } },
      "1",
      { .name = "c",
        CORM_BIGINT,
        .references = { .table = "users", "id", CORM_SET_NULL, true } },
      "c = 1" },
    { .is = NULL }
};
static const char *const values[] = {
    "1", "2", "3", "true", "4", "5", "6", "'7'", "'8'", "'9'", "'2026-01-02'", "'03:04:05'",
    "'2026-01-02 03:04:05Z'", "'2 microseconds'", "gen_random_uuid()", "'1'", "'{1}'",
    "'{2}'"
};

/* The server would not have done it by itself either. */
static void check_refused(const corm_column *to) {
    corm_error_info error;
    corm_buffer plain = { 0 };
    corm__buffer_puts(&plain, "ALTER TABLE things ALTER COLUMN c TYPE ");
    corm__pg_type_name(&plain, to);
    assert_int_equal(PG->exec(conn, corm__buffer_text(&plain), &error), CORM_ERROR_TYPE);
    corm__buffer_release(&plain);
}

static const struct differs differs = {
    .columns = columns,
    .indexes = indexes,
    .constraints = constraints,
    .kept = kept,
    .insert_nothing = "INSERT INTO things DEFAULT VALUES",
    .index = { .name = "users_lower", .expression = "lower(email)", .where = "email <> ''" },
    .values = values,
    .n_values = sizeof values / sizeof *values,
    .refused = { 165, 165 },
    .name = "PostgreSQL",
    .check_refused = check_refused,
    .known = (const struct known[]){ { 0 } },
};

/* What CREATE INDEX CONCURRENTLY leaves when it fails stands in the way of the next try. */
static void test_schema__leftover_of_a_concurrent_index_is_cleared_away(void **state) {
    (void)state;
    corm_error_info error;
    const corm_column number = { .name = "c", CORM_INTEGER };
    const corm_index once = { .name = "things_once", "c", .unique = true };
    const corm_table *before = with(&number),
                     *after = corm__table_with_index(&arena, before, &once);
    const corm_change add = { .kind = CORM_ADD_INDEX,
                              .before = before,
                              .after = after,
                              .index_after = &once,
                              .concurrently = true };
    create(before);
    pg_run(conn, "INSERT INTO things (c) VALUES (1), (1)");
    assert_int_equal(try_change(&add, &error), CORM_ERROR_UNIQUE);
    assert_int_equal(pg_number(conn, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 1);
    assert_is(before);
    pg_run(conn, "DELETE FROM things WHERE id = 2");
    corm_script script = { .arena = &arena, .error = &error };
    assert_int_equal(PG->ddl(&script, &add, conn), 0);
    assert_int_equal(script.n_steps, 2);
    assert_string_equal(script.steps[0].sql, "DROP INDEX CONCURRENTLY IF EXISTS \"things_once\"");
    assert_true(script.steps[0].outside_transaction && script.steps[1].outside_transaction);
    apply(&add);
    assert_is(after);
    apply(&(corm_change){ .kind = CORM_REMOVE_INDEX,
                          .before = after,
                          .after = before,
                          .index_before = &once,
                          .concurrently = true });
    assert_is(before);
    pg_run(conn, "DROP TABLE things");
}

/* What another tool has made, as Django does. */
static void test_schema__foreign_tables_are_read(void **state) {
    (void)state;
    pg_run(conn, "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)");
    pg_run(conn, "CREATE TYPE mood AS ENUM ('sad', 'happy')");
    pg_run(conn, "CREATE TABLE old (id bigserial PRIMARY KEY, n positive, m mood DEFAULT 'sad', c "
                 "char(3), v varchar, ts timestamp, j "
                 "jsonb, a int[], x inet, CONSTRAINT pair UNIQUE (n, x))");
    pg_run(conn, "CREATE INDEX old_like ON old (v varchar_pattern_ops); CREATE INDEX old_nulls ON "
                 "old (n DESC NULLS LAST)");
    pg_run(conn, "CREATE TABLE small (id serial PRIMARY KEY, counter serial, n integer, x inet, "
                 "CONSTRAINT both_fkey FOREIGN KEY (n, x) REFERENCES old (n, x))");
    pg_run(conn, "CREATE SEQUENCE numbers; CREATE TABLE ancient (id integer PRIMARY KEY DEFAULT "
                 "nextval(('numbers'::text)::regclass), n integer DEFAULT "
                 "nextval(('numbers'::text)::regclass))");
    corm_table ancient = read_table("ancient");
    assert_int_equal(ancient.columns[0].kind, CORM_IDENTITY);
    assert_int_equal(ancient.columns[0].element, CORM_INTEGER);
    assert_int_equal(ancient.columns[1].kind, CORM_INTEGER);
    corm_table table = read_table("old"), small = read_table("small");
    assert_string_equal(table.primary_key, "id");
    static const corm_kind kinds[] = { CORM_IDENTITY, CORM_INTEGER, CORM_VARCHAR,
                                       CORM_VARCHAR,  CORM_TEXT,    CORM_TIMESTAMP,
                                       CORM_JSON,     CORM_ARRAY,   CORM_TEXT };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        assert_int_equal(table.columns[i].kind, kinds[i]);
    assert_int_equal(table.columns[3].max_length, 3);
    assert_string_equal(table.columns[2].default_value.text, "sad");
    static const char *const approximated[] = {
        NULL,    "positive", "mood", "character(3)", NULL, "timestamp without time zone",
        "jsonb", NULL,       "inet"
    };
    for (size_t i = 0; i < sizeof approximated / sizeof *approximated; i++) {
        if (approximated[i])
            assert_string_equal(table.columns[i].approximates, approximated[i]);
        else
            assert_null(table.columns[i].approximates);
    }
    assert_string_equal(corm__constraint_find(&table, "old_m_check")->check,
                        "\"m\" IN ('sad', 'happy')");
    assert_string_equal(corm__index_find(&table, "old_like")->expression, "v varchar_pattern_ops");
    assert_string_equal(corm__index_find(&table, "old_nulls")->expression, "n DESC NULLS LAST");
    assert_int_equal(small.columns[0].kind, CORM_IDENTITY);
    assert_int_equal(small.columns[0].element, CORM_INTEGER);
    assert_int_equal(small.columns[1].kind, CORM_INTEGER);
    assert_string_equal(small.columns[1].approximates, "integer with a sequence");
    assert_string_equal(small.left_out,
                        "constraint both_fkey: FOREIGN KEY (n, x) REFERENCES old(n, x)");
    pg_run(conn, "DROP TABLE small, old");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCHEMA_TESTS,
        cmocka_unit_test(test_schema__leftover_of_a_concurrent_index_is_cleared_away),
        cmocka_unit_test(test_schema__foreign_tables_are_read),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
