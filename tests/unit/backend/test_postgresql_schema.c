#include "postgresql.h"
#include "backend/postgresql/postgresql.h"
#include "server_schema.h"

/* One of everything. */
static const corm_table recipes = {
    .name = "recipes",
    .primary_key = "id",
    .comment = "What to cook: it's \\ \"good\"",
    .columns =
        (const corm_column[]){
            { .name = "id", CORM_IDENTITY },
            { .name = "title", CORM_VARCHAR, 255, .comment = "shown" },
            { .name = "status", CORM_VARCHAR, 20, .default_value = DEFAULT("draft") },
            { .name = "odd", CORM_TEXT, .default_value = DEFAULT("it's a \\ back'slash") },
            { .name = "empty", CORM_TEXT, .default_value = DEFAULT("") },
            { .name = "slug", CORM_TEXT, .null = true, .collation = "C" },
            { .name = "small", CORM_SMALLINT, .default_value = DEFAULT(-1) },
            { .name = "time_minutes", CORM_INTEGER, .default_value = DEFAULT(0) },
            { .name = "views", CORM_BIGINT, .default_value = DEFAULT(9223372036854775807) },
            { .name = "published", CORM_BOOLEAN, .default_value = DEFAULT(1) },
            { .name = "stars", CORM_REAL, .default_value = DEFAULT(0.1) },
            { .name = "score", CORM_DOUBLE_PRECISION, .default_value = DEFAULT(-1.5e-10) },
            { .name = "price",
              CORM_DECIMAL,
              .digits = 5,
              .places = 2,
              .default_value = DEFAULT("0.00") },
            { .name = "weight", CORM_DECIMAL, .digits = 38, .places = 10, .null = true },
            { .name = "picture", CORM_BLOB, .null = true },
            { .name = "magic", CORM_BLOB, .default_value = DEFAULT("a\\b") },
            { .name = "day", CORM_DATE, .default_value = DEFAULT("2026-11-22") },
            { .name = "at", CORM_TIME, .null = true },
            { .name = "created", CORM_TIMESTAMP, .default_value = DEFAULT_SQL("now()") },
            { .name = "updated",
              CORM_TIMESTAMP,
              .default_value = DEFAULT_SQL("CURRENT_TIMESTAMP") },
            { .name = "length", CORM_INTERVAL, .null = true },
            { .name = "delay", CORM_INTERVAL, .default_value = DEFAULT(-5025500000) },
            { .name = "key", CORM_UUID, .default_value = DEFAULT_SQL("gen_random_uuid()") },
            { .name = "data", CORM_JSON, .default_value = DEFAULT("{}") },
            { .name = "tags", CORM_ARRAY, .element = CORM_TEXT, .default_value = DEFAULT("{}") },
            { .name = "numbers", CORM_ARRAY, .element = CORM_BIGINT, .null = true },
            { .name = "slow", CORM_BOOLEAN, .null = true, .generated = "time_minutes > 60" },
            { .name = "user_id",
              CORM_BIGINT,
              .references = { .table = "users", "id", CORM_CASCADE } },
            { .name = "editor_id",
              CORM_BIGINT,
              .null = true,
              .references = { .table = "users", "id", CORM_SET_NULL, true, "recipes_edited_by" } },
            { .name = "parent_id",
              CORM_BIGINT,
              .null = true,
              .references = { .table = "recipes", "id", CORM_RESTRICT } },
            { 0 } },
    .indexes =
        (const corm_index[]){
            { .name = "recipes_recent", "user_id, created desc" },
            { .name = "recipes_lower", .expression = "lower(title)" },
            { .name = "recipes_two", .expression = "lower(title), id" },
            { .name = "recipes_sum", .expression = "small + time_minutes" },
            { .name = "recipes_live", "title", .where = "published AND price > 0", .unique = true },
            { .name = "recipes_cover", "slug", .include = "title, price" },
            { .name = "recipes_tags", "tags", .method = "gin" },
            { 0 } },
    .constraints =
        (const corm_constraint[]){
            { .name = "recipes_slug_uniq",
              CORM_CONSTRAINT_UNIQUE,
              "slug, user_id",
              .nulls_not_distinct = true },
            { .name = "recipes_order_uniq",
              CORM_CONSTRAINT_UNIQUE,
              "views, small",
              .deferrable = true },
            { .name = "recipes_price_check", CORM_CONSTRAINT_CHECK, .check = "price >= 0" },
            { .name = "recipes_status_check",
              CORM_CONSTRAINT_CHECK,
              .check = "status IN ('draft', 'published')" },
            { .name = "recipes_between_check",
              CORM_CONSTRAINT_CHECK,
              .check = "time_minutes BETWEEN 0 AND 1000 OR title LIKE 'slow%'" },
            { 0 } },
};

/* What a column holds is kept when its type changes. */
static const struct kept kept[] = {
    { { .name = "c", CORM_INTEGER }, "7", { .name = "c", CORM_BIGINT }, "c = 7" },
    { { .name = "c", CORM_BIGINT }, "7", { .name = "c", CORM_SMALLINT }, "c = 7" },
    { { .name = "c", CORM_INTEGER }, "7", { .name = "c", CORM_VARCHAR, 10 }, "c = '7'" },
    { { .name = "c", CORM_VARCHAR, 10 },
      "'7'",
      { .name = "c", CORM_INTEGER, .default_value = DEFAULT(5) },
      "c = 7" },
    { { .name = "c", CORM_VARCHAR, 10, .default_value = DEFAULT("3") },
      "'7'",
      { .name = "c", CORM_DECIMAL, .digits = 5, .places = 2, .default_value = DEFAULT("3") },
      "c = 7.00" },
    { { .name = "c", CORM_BOOLEAN, .default_value = DEFAULT(1) },
      "true",
      { .name = "c", CORM_BIGINT, .default_value = DEFAULT(1) },
      "c = 1" },
    { { .name = "c", CORM_DECIMAL, .digits = 5, .places = 2 },
      "2.5",
      { .name = "c", CORM_BOOLEAN },
      "c" },
    { { .name = "c", CORM_TEXT }, "'é'", { .name = "c", CORM_BLOB }, "c = '\\xc3a9'" },
    { { .name = "c", CORM_BLOB }, "'\\xc3a9'", { .name = "c", CORM_TEXT }, "c = 'é'" },
    { { .name = "c", CORM_TEXT },
      "'{\"a\": 1}'",
      { .name = "c", CORM_JSON },
      "c ->> 'a' = '1'" },
    { { .name = "c", CORM_TEXT },
      "'2026-01-02'",
      { .name = "c", CORM_DATE },
      "c = '2026-01-02'" },
    { { .name = "c", CORM_TIMESTAMP },
      "'2026-01-02 03:04:05Z'",
      { .name = "c", CORM_DATE },
      "c = '2026-01-02'" },
    { { .name = "c", CORM_VARCHAR, 10 },
      "'abc'",
      { .name = "c", CORM_VARCHAR, 20, .comment = "longer" },
      "c = 'abc'" },
    { { .name = "c", CORM_TEXT, .null = true },
      "'abc'",
      { .name = "c", CORM_TEXT, .collation = "C" },
      "c = 'abc'" },
    { { .name = "c", CORM_ARRAY, .element = CORM_INTEGER },
      "'{1,2}'",
      { .name = "c", CORM_ARRAY, .element = CORM_BIGINT },
      "c = '{1,2}'" },
    { { .name = "c", CORM_BIGINT },
      "1",
      { .name = "c", CORM_BIGINT, .references = { .table = "users", "id", CORM_CASCADE } },
      "c = 1" },
    { { .name = "c", CORM_BIGINT, .references = { .table = "users", "id", CORM_CASCADE } },
      "1",
      { .name = "c",
        CORM_BIGINT,
        .references = { .table = "users", "id", CORM_SET_NULL, true } },
      "c = 1" },
    { { .name = "c", CORM_BIGINT, .references = { .table = "users", "id" } },
      "1",
      { .name = "c", CORM_BIGINT, .comment = "x" },
      "c = 1" },
    { { .name = "c", CORM_INTEGER, .null = true, .generated = "7" },
      NULL,
      { .name = "c", CORM_INTEGER, .null = true },
      "c = 7" },
    { { .name = "c", CORM_INTEGER, .null = true, .generated = "7" },
      NULL,
      { .name = "c", CORM_INTEGER, .null = true, .generated = "8" },
      "c = 8" },
    { { .name = "c", CORM_INTEGER, .default_value = DEFAULT(1) },
      "7",
      { .name = "c", CORM_INTEGER },
      "c = 7" },
};

static const struct differs differs = {
    .recipes = &recipes,
    .kept = kept,
    .n_kept = sizeof kept / sizeof *kept,
    .insert_nothing = "INSERT INTO things DEFAULT VALUES",
    .index = { .name = "users_lower", .expression = "lower(email)", .where = "email <> ''" },
};

/* From every kind to every other one: either the server takes it, or it is refused before the
 * server sees it. */
static void test_schema__no_type_changes_into_an_error_of_the_server(void **state) {
    (void)state;
    static const corm_column kinds[] = {
        { .name = "c", CORM_SMALLINT },
        { .name = "c", CORM_INTEGER },
        { .name = "c", CORM_BIGINT },
        { .name = "c", CORM_BOOLEAN },
        { .name = "c", CORM_REAL },
        { .name = "c", CORM_DOUBLE_PRECISION },
        { .name = "c", CORM_DECIMAL, .digits = 9, .places = 2 },
        { .name = "c", CORM_VARCHAR, 200 },
        { .name = "c", CORM_TEXT },
        { .name = "c", CORM_BLOB },
        { .name = "c", CORM_DATE },
        { .name = "c", CORM_TIME },
        { .name = "c", CORM_TIMESTAMP },
        { .name = "c", CORM_INTERVAL },
        { .name = "c", CORM_UUID },
        { .name = "c", CORM_JSON },
        { .name = "c", CORM_ARRAY, .element = CORM_INTEGER },
        { .name = "c", CORM_ARRAY, .element = CORM_TEXT },
    };
    static const char *const values[] = { "1",
                                          "2",
                                          "3",
                                          "true",
                                          "4",
                                          "5",
                                          "6",
                                          "'7'",
                                          "'8'",
                                          "'9'",
                                          "'2026-01-02'",
                                          "'03:04:05'",
                                          "'2026-01-02 03:04:05Z'",
                                          "'2 microseconds'",
                                          "gen_random_uuid()",
                                          "'1'",
                                          "'{1}'",
                                          "'{2}'" };
    enum { N = sizeof kinds / sizeof *kinds };
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            corm_error_info error = { 0 };
            char sql[100];
            bool text = kinds[i].kind == CORM_JSON || kinds[i].kind == CORM_VARCHAR ||
                        kinds[i].kind == CORM_TEXT || kinds[i].kind == CORM_BLOB;
            create(with(&kinds[i]));
            snprintf(sql, sizeof sql, "INSERT INTO things (c) VALUES (%s)", values[i]);
            if (!text) pg_run(conn, sql); /* what a text says is another matter */
            int status = alter(&kinds[i], &kinds[j], NULL, &error);
            if (status == CORM_ERROR_UNSUPPORTED) {
                assert_non_null(strstr(error.message, "PostgreSQL has no conversion from"));
                assert_true(*error.hint);
                /* The server would not have done it by itself either. */
                corm_buffer plain = { 0 };
                corm__buffer_puts(&plain, "ALTER TABLE things ALTER COLUMN c TYPE ");
                corm__pg_type_name(&plain, &kinds[j]);
                assert_int_equal(PG->exec(conn, corm__buffer_text(&plain), &error),
                                 CORM_ERROR_TYPE);
                corm__buffer_release(&plain);
            } else if (status) {
                fail_msg("%s to %s: %s", corm_kind_name(kinds[i].kind),
                         corm_kind_name(kinds[j].kind), error.message);
            } else {
                assert_is(with(&kinds[j]));
            }
            pg_run(conn, "DROP TABLE things");
        }
}

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
        cmocka_unit_test(test_schema__no_type_changes_into_an_error_of_the_server),
        cmocka_unit_test(test_schema__leftover_of_a_concurrent_index_is_cleared_away),
        cmocka_unit_test(test_schema__foreign_tables_are_read),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
