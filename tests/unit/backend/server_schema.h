/* Tables of a server, made, changed and read back: one body of tests, which each server's tests
 * include; "differs" has what is another there. */
#pragma once
#include "server_backend.h"
#include "schema/schema.h"

static corm_conn *conn;
static corm_arena arena;

/* A column with a value (NULL: none can be given), what it becomes, and what is true then. */
struct kept {
    corm_column from;
    const char *value;
    corm_column to;
    const char *is;
};

static const struct differs {
    /* What "recipes" has here besides; each ends with zeros. */
    const corm_column *columns;
    const corm_index *indexes;
    const corm_constraint *constraints;
    const struct kept *kept;    /* further ones; ends with zeros */
    const char *insert_nothing; /* into "things" */
    corm_index index;           /* "users_lower" of users */
    const char *const *values;  /* of "kinds", as far as there are such columns */
    int n_values;
    int refused[2];   /* how many changes of kind, at least and at most */
    const char *name; /* of the server, in errors */
    /* What else is true when there is no conversion to this column; NULL: nothing. */
    void (*check_refused)(const corm_column *to);
    /* What becomes of some of the values, by the numbers of the kinds; ends with is = NULL. */
    const struct known {
        int from, to;
        const char *is;
    } *known;
} differs;

static void run(const char *sql) { backend_run(conn, sql); }
static int64_t fetch_number(const char *sql) { return backend_number(conn, sql); }

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

/* One of everything; "differs" has what only one server has, or another way. */
static const corm_table common_recipes = {
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
            { .name = "slow", CORM_BOOLEAN, .null = true, .generated = "time_minutes > 60" },
            { .name = "delay", CORM_INTERVAL, .default_value = DEFAULT(-5025500000) },
            { .name = "today", CORM_DATE, .default_value = DEFAULT_SQL("CURRENT_DATE") },
            { .name = "last", CORM_INTERVAL, .default_value = DEFAULT(1500000) },
            { .name = "mark",
              CORM_UUID,
              .default_value = DEFAULT("00112233-4455-6677-8899-aabbccddeeff") },
            { .name = "sum", CORM_INTEGER, .default_value = DEFAULT_SQL("1 + 2") },
            { .name = "since",
              CORM_TIMESTAMP,
              .default_value = DEFAULT("2026-01-02T03:04:05+02:00") },
            { .name = "till", CORM_TIME, .default_value = DEFAULT("12:00") },
            { .name = "extra", CORM_JSON, .null = true, .comment = "more" },
            { .name = "label",
              CORM_TEXT,
              .generated = "lower(title) || ' (' || status || ')'",
              .comment = "made" },
            { .name = "Odd \"one`", CORM_INTEGER, .null = true },
            { .name = "user_id",
              CORM_BIGINT,
              .references = { .table = "users", "id", CORM_CASCADE } },
            { .name = "parent_id",
              CORM_BIGINT,
              .null = true,
              .references = { .table = "recipes", "id", CORM_RESTRICT } },
            { 0 } },
    .indexes = (const corm_index[]){ { .name = "recipes_recent", "user_id, created desc" },
                                     { .name = "recipes_text", "odd" },
                                     { .name = "recipes_texts", "odd, title, small" },
                                     { .name = "recipes_down", "title, day desc", .unique = true },
                                     { 0 } },
    .constraints =
        (const corm_constraint[]){
            { .name = "recipes_odd_uniq", CORM_CONSTRAINT_UNIQUE, "odd" },
            { .name = "recipes_price_check", CORM_CONSTRAINT_CHECK, .check = "price >= 0" },
            { .name = "recipes_status_check",
              CORM_CONSTRAINT_CHECK,
              .check = "status IN ('draft', 'published', 'it''s', 'a\\b')" },
            { .name = "recipes_between_check",
              CORM_CONSTRAINT_CHECK,
              .check = "time_minutes BETWEEN 0 AND 1000 OR title LIKE 'slow%'" },
            { .name = "recipes_published_check",
              CORM_CONSTRAINT_CHECK,
              .check = "published AND price > 0 OR NOT published AND length(title) > 3" },
            { .name = "recipes_not_check",
              CORM_CONSTRAINT_CHECK,
              .check = "NOT (published AND views = 3 OR small BETWEEN 5 AND 7) AND NOT (title IS "
                       "NULL)" },
            { .name = "recipes_odd_check",
              CORM_CONSTRAINT_CHECK,
              .check = "\"Odd \"\"one`\" IS NOT NULL AND views % 2 = 0 AND upper(title) <> title "
                       "|| 'x'" },
            { 0 } },
};

/* What a column holds is kept when its type changes. */
static const struct kept common_kept[] = {
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
    { { .name = "c", CORM_TEXT },
      "'2026-01-02'",
      { .name = "c", CORM_DATE },
      "c = '2026-01-02'" },
    { { .name = "c", CORM_VARCHAR, 10 },
      "'abc'",
      { .name = "c", CORM_VARCHAR, 20, .comment = "longer" },
      "c = 'abc'" },
    { { .name = "c", CORM_BIGINT },
      "1",
      { .name = "c", CORM_BIGINT, .references = { .table = "users", "id", CORM_CASCADE } },
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
    { { .name = "c", CORM_JSON },
      "'{\"a\": 1}'",
      { .name = "c", CORM_TEXT },
      "c = '{\"a\": 1}'" },
    { { .name = "c", CORM_TEXT, .null = true }, "'yes'", { .name = "c", CORM_BOOLEAN }, "c" },
    { { .name = "c", CORM_VARCHAR, 5 }, "'f'", { .name = "c", CORM_BOOLEAN }, "NOT c" },
    { { .name = "c", CORM_TIMESTAMP },
      "'2026-01-02 03:04:05'",
      { .name = "c", CORM_DATE },
      "c = '2026-01-02'" },
    { { .name = "c", CORM_BIGINT, .references = { .table = "users", "id", CORM_CASCADE } },
      "1",
      { .name = "c", CORM_BIGINT, .references = { .table = "users", "id", CORM_RESTRICT } },
      "c = 1" },
    { { .name = "c", CORM_INTEGER, .null = true, .generated = "7" },
      NULL,
      { .name = "c", CORM_INTEGER, .generated = "9", .comment = "n" },
      "c = 9" },
    { .is = NULL }
};

static int setup(void **state) {
    (void)state;
    conn = backend_connect();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    corm__arena_release(&arena);
    BACKEND->close(conn);
    return 0;
}

static corm_schema schema_of(const corm_table *const *tables) {
    size_t n = 0;
    while (tables[n]) n++;
    corm_table *copy = corm__arena_array(&arena, n + 1, sizeof *copy);
    for (size_t i = 0; i < n; i++) copy[i] = *tables[i];
    return (corm_schema){ copy, n };
}

static int try_change(const corm_change *change, corm_error_info *error) {
    corm_script script = { .arena = &arena, .version = BACKEND->version(conn), .error = error };
    int status = BACKEND->ddl(&script, change, conn);
    for (size_t i = 0; i < script.n_steps && !status; i++) {
        status = BACKEND->exec(conn, script.steps[i].sql, error);
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
    if (BACKEND->introspect(conn, name, &arena, &schema, &error))
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

static const corm_table *recipes_of_server(void) {
    const corm_table *table = &common_recipes;
    for (const corm_column *column = differs.columns; column->name; column++)
        table = corm__table_with_column(&arena, table, column);
    for (const corm_index *index = differs.indexes; index->name; index++)
        table = corm__table_with_index(&arena, table, index);
    for (const corm_constraint *constraint = differs.constraints; constraint->name; constraint++)
        table = corm__table_with_constraint(&arena, table, constraint);
    return table;
}

static void test_schema__table_comes_back_as_it_was_declared(void **state) {
    (void)state;
    const corm_table *recipes = recipes_of_server();
    create(&users);
    create(recipes);
    assert_is(&users);
    assert_is(recipes);
    corm_error_info error;
    corm_schema schema;
    assert_int_equal(BACKEND->introspect(conn, NULL, &arena, &schema, &error), 0);
    assert_int_equal(schema.n_tables, 2);
    assert_null(schema.tables[2].name);
    /* twice the same: what was read can be created again */
    corm_table copy = read_table("recipes");
    corm_schema both = schema_of((const corm_table *const[]){ &users, recipes, NULL });
    apply(&(corm_change){ .kind = CORM_DELETE_TABLE,
                          .before = recipes,
                          .schema_before = &both });
    create(&copy);
    assert_is(recipes);
    apply(&(corm_change){ .kind = CORM_DELETE_TABLE,
                          .before = &users,
                          .schema_before = &both }); /* its foreign keys go first */
    run("DROP TABLE recipes");
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

static void check_kept(const struct kept *kept) {
    corm_error_info error;
    char sql[200];
    create(with(&kept->from));
    snprintf(sql, sizeof sql, "INSERT INTO things (%s) VALUES (%s)", kept->value ? "c" : "id",
             kept->value ? kept->value : "DEFAULT");
    run(sql);
    if (alter(&kept->from, &kept->to, NULL, &error)) fail_msg("%s: %s", kept->is, error.message);
    assert_is(with(&kept->to));
    snprintf(sql, sizeof sql, "SELECT count(*) FROM things WHERE %s", kept->is);
    if (fetch_number(sql) != 1) fail_msg("%s: the value is lost", kept->is);
    run("DROP TABLE things");
}

static void test_schema__columns_change_in_place_and_keep_their_values(void **state) {
    (void)state;
    create(&users);
    run("INSERT INTO users (email) VALUES ('a')");
    for (const struct kept *kept = common_kept; kept->is; kept++) check_kept(kept);
    for (const struct kept *kept = differs.kept; kept->is; kept++) check_kept(kept);
    run("DROP TABLE users");
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
    assert_in_range(differs.n_values, 16, sizeof kinds / sizeof *kinds);
    int refused = 0;
    for (int i = 0; i < differs.n_values; i++)
        for (int j = 0; j < differs.n_values; j++) {
            const corm_column *from = &kinds[i], *to = &kinds[j];
            corm_error_info error = { 0 };
            char sql[200];
            bool text = from->kind == CORM_JSON || from->kind == CORM_VARCHAR ||
                        from->kind == CORM_TEXT || from->kind == CORM_BLOB;
            create(with(from));
            snprintf(sql, sizeof sql, "INSERT INTO things (c) VALUES (%s)", differs.values[i]);
            if (!text) run(sql); /* what a text says is another matter */
            int status = alter(from, to, NULL, &error);
            if (status == CORM_ERROR_UNSUPPORTED) {
                snprintf(sql, sizeof sql, "%s has no conversion from", differs.name);
                assert_non_null(strstr(error.message, sql));
                assert_true(*error.hint);
                if (differs.check_refused) differs.check_refused(to);
                refused++;
            } else if (status) {
                fail_msg("%s to %s: %s", corm_kind_name(from->kind), corm_kind_name(to->kind),
                         error.message);
            } else {
                assert_is(with(to));
            }
            for (const struct known *known = differs.known; known->is; known++) {
                if (known->from != i || known->to != j) continue;
                snprintf(sql, sizeof sql, "SELECT count(*) FROM things WHERE %s", known->is);
                if (fetch_number(sql) != 1)
                    fail_msg("%s to %s: not %s", corm_kind_name(from->kind),
                             corm_kind_name(to->kind), known->is);
            }
            run("DROP TABLE things");
        }
    assert_in_range(refused, differs.refused[0], differs.refused[1]);
}

static void test_schema__value_that_does_not_fit_the_new_type_is_an_error(void **state) {
    (void)state;
    corm_error_info error;
    const corm_column text = { .name = "c", CORM_TEXT }, narrow = { .name = "c", CORM_VARCHAR, 3 },
                      number = { .name = "c", CORM_INTEGER };
    create(with(&text));
    run("INSERT INTO things (c) VALUES ('abcdef')");
    assert_int_equal(alter(&text, &narrow, NULL, &error), CORM_ERROR_RANGE);
    assert_int_equal(alter(&text, &number, NULL, &error), CORM_ERROR_TYPE);
    assert_int_equal(fetch_number("SELECT count(*) FROM things WHERE c = 'abcdef'"), 1);
    run("DROP TABLE things");
}

static void test_schema__not_null_fills_what_is_null(void **state) {
    (void)state;
    corm_error_info error;
    const corm_column loose = { .name = "c", CORM_VARCHAR, 10, .null = true },
                      strict = { .name = "c", CORM_VARCHAR, 10 };
    create(with(&loose));
    run("INSERT INTO things (c) VALUES (NULL), ('x')");
    assert_int_equal(alter(&loose, &strict, NULL, &error), CORM_ERROR_NOT_NULL);
    assert_int_equal(alter(&loose, &strict, &(corm_default)DEFAULT("it's"), &error), 0);
    assert_is(with(&strict));
    assert_int_equal(fetch_number("SELECT count(*) FROM things WHERE c = 'it''s'"), 1);
    assert_int_equal(alter(&strict, &loose, NULL, &error), 0);
    assert_is(with(&loose));
    run("DROP TABLE things");
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
    run("INSERT INTO things (c) VALUES (41)");
    assert_int_equal(try_change(&(corm_change){ .kind = CORM_ALTER_COLUMN,
                                                .before = &before,
                                                .after = &after,
                                                .column_before = columns,
                                                .column_after = with_identity },
                                &error),
                     0);
    assert_is(&after);
    run(differs.insert_nothing);
    assert_int_equal(fetch_number("SELECT max(c) FROM things"), 42);
    assert_int_equal(try_change(&(corm_change){ .kind = CORM_ALTER_COLUMN,
                                                .before = &after,
                                                .after = &before,
                                                .column_before = with_identity,
                                                .column_after = columns },
                                &error),
                     0);
    assert_is(&before);
    run("DROP TABLE things");
}

static void test_schema__columns_are_added_removed_and_renamed(void **state) {
    (void)state;
    create(&users);
    corm_table table = users;
    corm_column added = { .name = "score", CORM_INTEGER, .comment = "points" };
    run("INSERT INTO users (email) VALUES ('a')");
    const corm_table *more = corm__table_with_column(&arena, &table, &added);
    apply(&(corm_change){ .kind = CORM_ADD_COLUMN,
                          .before = &table,
                          .after = more,
                          .column_after = corm__column_find(more, "score"),
                          .fill = &(corm_default)DEFAULT(5) });
    assert_is(more);
    assert_int_equal(fetch_number("SELECT score FROM users"), 5);
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
    const corm_index index = differs.index;
    const corm_table *one = corm__table_with_index(&arena, &users, &index);
    apply(&(corm_change){
        .kind = CORM_ADD_INDEX, .before = &users, .after = one, .index_after = &index });
    assert_is(one);
    corm_index renamed = index;
    renamed.name = "users_small";
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
    run("DROP TABLE users");
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

#define SCHEMA_TESTS                                                                              \
    cmocka_unit_test(test_schema__table_comes_back_as_it_was_declared),                           \
    cmocka_unit_test(test_schema__columns_change_in_place_and_keep_their_values),                 \
    cmocka_unit_test(test_schema__no_type_changes_into_an_error_of_the_server),                   \
    cmocka_unit_test(test_schema__value_that_does_not_fit_the_new_type_is_an_error),              \
    cmocka_unit_test(test_schema__not_null_fills_what_is_null),                                   \
    cmocka_unit_test(test_schema__identity_goes_and_comes),                                       \
    cmocka_unit_test(test_schema__columns_are_added_removed_and_renamed),                         \
    cmocka_unit_test(test_schema__indexes_constraints_comments_and_keys_change),                  \
    cmocka_unit_test(test_schema__names_and_texts_are_quoted)
