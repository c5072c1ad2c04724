#include "postgresql.h"
#include "backend/postgresql/postgresql.h"
#include "schema/schema.h"

static corm_conn *conn;
static corm_arena arena;

static int setup(void **state) {
    (void)state;
    conn = pg_connect();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    corm__arena_release(&arena);
    PG->close(conn);
    return 0;
}

static const corm_table users = {
    .name = "users",
    .primary_key = "id",
    .columns = (const corm_column[]){ { .name = "id", CORM_IDENTITY },
                                      { .name = "email", CORM_VARCHAR, 255 },
                                      { 0 } },
    .constraints =
        (const corm_constraint[]){ { .name = "users_email_uniq", CORM_CONSTRAINT_UNIQUE, "email" },
                                   { 0 } },
};

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

static corm_schema schema_of(const corm_table *const *tables) {
    size_t n = 0;
    while (tables[n]) n++;
    corm_table *copy = corm__arena_array(&arena, n + 1, sizeof *copy);
    for (size_t i = 0; i < n; i++) copy[i] = *tables[i];
    return (corm_schema){ copy, n };
}

static int try_change(const corm_change *change, corm_error_info *error) {
    corm_script script = { .arena = &arena, .version = PG->version(conn), .error = error };
    int status = PG->ddl(&script, change, conn);
    for (size_t i = 0; i < script.n_steps && !status; i++) {
        status = PG->exec(conn, script.steps[i].sql, error);
        if (status) print_message("%s\n", script.steps[i].sql);
    }
    return status;
}

static void apply(const corm_change *change) {
    corm_error_info error;
    if (try_change(change, &error)) fail_msg("%d: %s", (int)change->kind, error.message);
}

static corm_table read_table(const char *name) {
    corm_error_info error;
    corm_schema schema;
    if (PG->introspect(conn, name, &arena, &schema, &error))
        fail_msg("introspect: %s", error.message);
    if (schema.n_tables != 1) fail_msg("introspect %s: %zu tables", name, schema.n_tables);
    return schema.tables[0];
}

static void assert_is(const corm_table *table) {
    char difference[400];
    corm_table found = read_table(table->name);
    if (!corm__table_equal(table, &found, difference, sizeof difference))
        fail_msg("%s", difference);
    assert_true(corm__table_equal(&found, table, difference, sizeof difference));
}

static void create(const corm_table *table) {
    apply(&(corm_change){ .kind = CORM_CREATE_TABLE, .after = table });
}

static void test_schema__table_comes_back_as_it_was_declared(void **state) {
    (void)state;
    create(&users);
    create(&recipes);
    assert_is(&users);
    assert_is(&recipes);
    corm_error_info error;
    corm_schema schema;
    assert_int_equal(PG->introspect(conn, NULL, &arena, &schema, &error), 0);
    assert_int_equal(schema.n_tables, 2);
    assert_null(schema.tables[2].name);
    /* twice the same: what was read can be created again */
    corm_table copy = read_table("recipes");
    corm_schema both = schema_of((const corm_table *const[]){ &users, &recipes, NULL });
    apply(&(corm_change){ .kind = CORM_DELETE_TABLE, .before = &recipes, .schema_before = &both });
    create(&copy);
    assert_is(&recipes);
    apply(&(corm_change){ .kind = CORM_DELETE_TABLE,
                          .before = &users,
                          .schema_before = &both }); /* its foreign keys go first */
    pg_run(conn, "DROP TABLE recipes");
}

/* A table whose first column is id and whose second is this one. */
static const corm_table *with(const corm_column *column) {
    corm_column *columns = corm__arena_array(&arena, 3, sizeof *columns);
    corm_table *table = corm__arena_zalloc(&arena, sizeof *table);
    columns[0] = (corm_column){ .name = "id", CORM_IDENTITY };
    columns[1] = *column;
    *table = (corm_table){ .name = "things", .primary_key = "id", .columns = columns };
    return table;
}

static int alter(const corm_column *from, const corm_column *to, const corm_default *fill,
                 corm_error_info *error) {
    const corm_table *before = with(from), *after = with(to);
    return try_change(&(corm_change){ .kind = CORM_ALTER_COLUMN,
                                      .before = before,
                                      .after = after,
                                      .column_before = &before->columns[1],
                                      .column_after = &after->columns[1],
                                      .fill = fill },
                      error);
}

static void test_schema__columns_change_in_place_and_keep_their_values(void **state) {
    (void)state;
    create(&users);
    pg_run(conn, "INSERT INTO users (email) VALUES ('a')");
    static const struct {
        corm_column from;
        const char *value;
        corm_column to;
        const char *is;
    } cases[] = {
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
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        corm_error_info error;
        char sql[200];
        create(with(&cases[i].from));
        snprintf(sql, sizeof sql, "INSERT INTO things (%s) VALUES (%s)",
                 cases[i].value ? "c" : "id", cases[i].value ? cases[i].value : "DEFAULT");
        pg_run(conn, sql);
        if (alter(&cases[i].from, &cases[i].to, NULL, &error))
            fail_msg("case %zu: %s", i, error.message);
        assert_is(with(&cases[i].to));
        snprintf(sql, sizeof sql, "SELECT count(*) FROM things WHERE %s", cases[i].is);
        if (pg_number(conn, sql) != 1) fail_msg("case %zu: the value is lost", i);
        pg_run(conn, "DROP TABLE things");
    }
    pg_run(conn, "DROP TABLE users");
}

static void test_schema__value_that_does_not_fit_the_new_type_is_an_error(void **state) {
    (void)state;
    corm_error_info error;
    const corm_column text = { .name = "c", CORM_TEXT }, narrow = { .name = "c", CORM_VARCHAR, 3 },
                      number = { .name = "c", CORM_INTEGER };
    create(with(&text));
    pg_run(conn, "INSERT INTO things (c) VALUES ('abcdef')");
    assert_int_equal(alter(&text, &narrow, NULL, &error), CORM_ERROR_RANGE);
    assert_int_equal(alter(&text, &number, NULL, &error), CORM_ERROR_TYPE);
    assert_int_equal(pg_number(conn, "SELECT count(*) FROM things WHERE c = 'abcdef'"), 1);
    pg_run(conn, "DROP TABLE things");
}

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

static void test_schema__not_null_fills_what_is_null(void **state) {
    (void)state;
    corm_error_info error;
    const corm_column loose = { .name = "c", CORM_VARCHAR, 10, .null = true },
                      strict = { .name = "c", CORM_VARCHAR, 10 };
    create(with(&loose));
    pg_run(conn, "INSERT INTO things (c) VALUES (NULL), ('x')");
    assert_int_equal(alter(&loose, &strict, NULL, &error), CORM_ERROR_NOT_NULL);
    assert_int_equal(alter(&loose, &strict, &(corm_default)DEFAULT("it's"), &error), 0);
    assert_is(with(&strict));
    assert_int_equal(pg_number(conn, "SELECT count(*) FROM things WHERE c = 'it''s'"), 1);
    assert_int_equal(alter(&strict, &loose, NULL, &error), 0);
    assert_is(with(&loose));
    pg_run(conn, "DROP TABLE things");
}

static void test_schema__identity_goes_and_comes(void **state) {
    (void)state;
    corm_error_info error;
    const corm_column number = { .name = "c", CORM_INTEGER },
                      identity = { .name = "c", CORM_IDENTITY };
    corm_column columns[] = { number, { 0 } }, with_identity[] = { identity, { 0 } };
    corm_table before = { .name = "things", .primary_key = "c", .columns = columns },
               after = before;
    after.columns = with_identity;
    create(&before);
    pg_run(conn, "INSERT INTO things (c) VALUES (41)");
    assert_int_equal(try_change(&(corm_change){ .kind = CORM_ALTER_COLUMN,
                                                .before = &before,
                                                .after = &after,
                                                .column_before = columns,
                                                .column_after = with_identity },
                                &error),
                     0);
    assert_is(&after);
    pg_run(conn, "INSERT INTO things DEFAULT VALUES");
    assert_int_equal(pg_number(conn, "SELECT max(c) FROM things"), 42);
    assert_int_equal(try_change(&(corm_change){ .kind = CORM_ALTER_COLUMN,
                                                .before = &after,
                                                .after = &before,
                                                .column_before = with_identity,
                                                .column_after = columns },
                                &error),
                     0);
    assert_is(&before);
    pg_run(conn, "DROP TABLE things");
}

static void test_schema__columns_are_added_removed_and_renamed(void **state) {
    (void)state;
    create(&users);
    corm_table table = users;
    corm_column added = { .name = "score", CORM_INTEGER, .comment = "points" };
    pg_run(conn, "INSERT INTO users (email) VALUES ('a')");
    const corm_table *more = corm__table_with_column(&arena, &table, &added);
    apply(&(corm_change){ .kind = CORM_ADD_COLUMN,
                          .before = &table,
                          .after = more,
                          .column_after = corm__column_find(more, "score"),
                          .fill = &(corm_default)DEFAULT(5) });
    assert_is(more);
    assert_int_equal(pg_number(conn, "SELECT score FROM users"), 5);
    const corm_table *renamed = corm__table_rename_column(&arena, more, "score", "points");
    apply(&(corm_change){ .kind = CORM_RENAME_COLUMN,
                          .before = more,
                          .after = renamed,
                          .column_before = corm__column_find(more, "score"),
                          .column_after = corm__column_find(renamed, "points") });
    assert_is(renamed);
    corm_column friend = { .name = "friend_id",
                           CORM_BIGINT,
                           .null = true,
                           .references = { .table = "users", "id", CORM_SET_NULL } };
    const corm_table *related = corm__table_with_column(&arena, renamed, &friend);
    apply(&(corm_change){ .kind = CORM_ADD_COLUMN,
                          .before = renamed,
                          .after = related,
                          .column_after = corm__column_find(related, "friend_id") });
    assert_is(related);
    const corm_table *other = corm__table_rename_column(&arena, related, "friend_id", "mate_id");
    apply(&(corm_change){ .kind = CORM_RENAME_COLUMN,
                          .before = related,
                          .after = other,
                          .column_before = corm__column_find(related, "friend_id"),
                          .column_after = corm__column_find(other, "mate_id") });
    assert_is(other); /* the name of the foreign key has followed */
    corm_table *moved = corm__table_clone(&arena, other);
    moved->name = "people";
    corm_column *columns = (corm_column *)(void *)corm__column_find(moved, "mate_id");
    columns->references.table = "people";
    apply(&(corm_change){ .kind = CORM_RENAME_TABLE, .before = other, .after = moved });
    assert_is(moved);
    const corm_table *less = corm__table_without_column(&arena, moved, "mate_id");
    apply(&(corm_change){
        .kind = CORM_REMOVE_COLUMN, .before = moved, .after = less, .column_before = columns });
    assert_is(less);
    apply(&(corm_change){ .kind = CORM_DELETE_TABLE, .before = less });
}

static void test_schema__indexes_constraints_comments_and_keys_change(void **state) {
    (void)state;
    create(&users);
    const corm_index index = { .name = "users_lower",
                               .expression = "lower(email)",
                               .where = "email <> ''" };
    const corm_table *one = corm__table_with_index(&arena, &users, &index);
    apply(&(corm_change){
        .kind = CORM_ADD_INDEX, .before = &users, .after = one, .index_after = &index });
    assert_is(one);
    const corm_index renamed = { .name = "users_small",
                                 .expression = "lower(email)",
                                 .where = "email <> ''" };
    const corm_table *two = corm__table_with_index(&arena, &users, &renamed);
    apply(&(corm_change){ .kind = CORM_RENAME_INDEX,
                          .before = one,
                          .after = two,
                          .index_before = &index,
                          .index_after = &renamed });
    assert_is(two);
    apply(&(corm_change){
        .kind = CORM_REMOVE_INDEX, .before = two, .after = &users, .index_before = &renamed });
    const corm_constraint check = { .name = "users_email_check",
                                    CORM_CONSTRAINT_CHECK,
                                    .check = "email LIKE '%@%'" };
    const corm_table *three = corm__table_with_constraint(&arena, &users, &check);
    apply(&(corm_change){ .kind = CORM_ADD_CONSTRAINT,
                          .before = &users,
                          .after = three,
                          .constraint_after = &check });
    assert_is(three);
    apply(&(corm_change){ .kind = CORM_REMOVE_CONSTRAINT,
                          .before = three,
                          .after = &users,
                          .constraint_before = &check });
    corm_table commented = users, keyed = users;
    commented.comment = "people";
    apply(&(corm_change){ .kind = CORM_ALTER_COMMENT, .before = &users, .after = &commented });
    assert_is(&commented);
    apply(&(corm_change){ .kind = CORM_ALTER_COMMENT, .before = &commented, .after = &users });
    assert_is(&users);
    keyed.primary_key = "email, id";
    apply(&(corm_change){ .kind = CORM_ALTER_PRIMARY_KEY, .before = &users, .after = &keyed });
    assert_is(&keyed);
    pg_run(conn, "DROP TABLE users");
}

static void test_schema__names_and_texts_are_quoted(void **state) {
    (void)state;
    const corm_table odd = {
        .name = "Order \"1\"; DROP",
        .primary_key = "select",
        .comment = "'; DROP TABLE x; --",
        .columns = (const corm_column[]){ { .name = "select", CORM_IDENTITY },
                                          { .name = "a'b\"c",
                                            CORM_TEXT,
                                            .default_value = DEFAULT("'); --"),
                                            .comment = "\\'" },
                                          { 0 } },
        .indexes = (const corm_index[]){ { .name = "in\"dex", "a'b\"c desc" }, { 0 } },
    };
    create(&odd);
    assert_is(&odd);
    apply(&(corm_change){ .kind = CORM_DELETE_TABLE, .before = &odd });
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
        cmocka_unit_test(test_schema__table_comes_back_as_it_was_declared),
        cmocka_unit_test(test_schema__columns_change_in_place_and_keep_their_values),
        cmocka_unit_test(test_schema__value_that_does_not_fit_the_new_type_is_an_error),
        cmocka_unit_test(test_schema__no_type_changes_into_an_error_of_the_server),
        cmocka_unit_test(test_schema__leftover_of_a_concurrent_index_is_cleared_away),
        cmocka_unit_test(test_schema__not_null_fills_what_is_null),
        cmocka_unit_test(test_schema__identity_goes_and_comes),
        cmocka_unit_test(test_schema__columns_are_added_removed_and_renamed),
        cmocka_unit_test(test_schema__indexes_constraints_comments_and_keys_change),
        cmocka_unit_test(test_schema__names_and_texts_are_quoted),
        cmocka_unit_test(test_schema__foreign_tables_are_read),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
