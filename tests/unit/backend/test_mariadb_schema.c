#include "mariadb_fixture.h"
#include "migrate/state/operations.h"
#include "server_schema.h"
#include <mysql.h>

#define DB BACKEND

static const corm_column columns[] = {
    { .name = "slug", CORM_VARCHAR, 100, .null = true, .collation = "utf8mb4_general_ci" },
    { .name = "editor_id",
      CORM_BIGINT,
      .null = true,
      .references = { .table = "users",
                      "id",
                      CORM_SET_NULL,
                      .name = "recipes_edited_by" } },
    { 0 }
};
static const corm_index indexes[] = {
    { .name = "recipes_live", "title", .unique = true },
    { .name = "recipes_find", "title, odd", .method = "fulltext" },
    { 0 }
};
static const corm_constraint constraints[] = {
    { .name = "recipes_slug_uniq", CORM_CONSTRAINT_UNIQUE, "slug, user_id" }, { 0 }
};
static const struct kept kept[] = {
    { { .name = "c", CORM_TEXT }, "'é'", { .name = "c", CORM_BLOB }, "c = X'c3a9'" },
    { { .name = "c", CORM_BLOB }, "X'c3a9'", { .name = "c", CORM_TEXT }, "c = 'é'" },
    { { .name = "c", CORM_TEXT },
      "'{\"a\": 1}'",
      { .name = "c", CORM_JSON },
      "json_value(c, '$.a') = '1'" },
    { { .name = "c", CORM_UUID },
      "X'00112233445566778899aabbccddeeff'",
      { .name = "c", CORM_TEXT },
      "c = '00112233-4455-6677-8899-aabbccddeeff'" },
    { { .name = "c", CORM_VARCHAR, 36 },
      "'00112233-4455-6677-8899-AABBCCDDEEFF'",
      { .name = "c", CORM_UUID },
      "c = X'00112233445566778899aabbccddeeff'" },
    { { .name = "c", CORM_INTERVAL }, "5", { .name = "c", CORM_BIGINT }, "c = 5" },
    { { .name = "c", CORM_BIGINT }, "5", { .name = "c", CORM_INTERVAL }, "c = 5" },
    { { .name = "c", CORM_TEXT, .null = true },
      "'abc'",
      { .name = "c", CORM_TEXT, .collation = "utf8mb4_general_ci" },
      "c = 'ABC'" },
    { .is = NULL }
};
static const char *const values[] = {
    "1", "2", "3", "true", "4", "5", "6", "'7'", "'8'", "'9'", "'2026-01-02'", "'03:04:05'",
    "'2026-01-02 03:04:05'", "2", "unhex('ff112233445566778899aabbccddeeff')", "'1'"
};
static const struct known known[] = {
    { 3, 8, "c = 'true'" },
    { 3, 15, "c = 'true'" },
    { 6, 3, "c" },
    { 10, 15, "c = '\"2026-01-02\"'" },
    { 11, 13, "c = 11045000000" },
    { 13, 11, "c = '00:00:00.000002'" },
    { 14, 7, "c = 'ff112233-4455-6677-8899-aabbccddeeff'" },
    { 14, 15, "c = '\"ff112233-4455-6677-8899-aabbccddeeff\"'" },
    { 12, 10, "c = '2026-01-02'" },
    { 12, 11, "c = '03:04:05'" },
    { 10, 12, "c = '2026-01-02 00:00:00'" },
    { 13, 2, "c = 2" },
    { 2, 13, "c = 3" },
    { 0 }
};

static const struct differs differs = {
    .columns = columns,
    .indexes = indexes,
    .constraints = constraints,
    .kept = kept,
    .insert_nothing = "INSERT INTO things () VALUES ()",
    .index = { .name = "users_lower", "email, id desc" },
    .values = values,
    .n_values = sizeof values / sizeof *values,
    .refused = { 95, 110 },
    .name = "MariaDB",
    .known = known,
};

/* A key over texts holds a part of each, or is a hash. */
static void test_schema__keys_follow_the_type_of_their_columns(void **state) {
    (void)state;
    corm_error_info error;
    corm_column columns[] = { { .name = "id", CORM_IDENTITY },
                              { .name = "v", CORM_VARCHAR, 20, .null = true },
                              { .name = "w", CORM_VARCHAR, 20 },
                              { 0 } },
                longer[4];
    memcpy(longer, columns, sizeof columns);
    longer[1] = (corm_column){ .name = "v", CORM_TEXT };
    corm_table before = { .name = "things",
                          .primary_key = "id",
                          .columns = columns,
                          .indexes = (const corm_index[]){ { .name = "i1", "v" },
                                                           { .name = "i2", "w, v desc" },
                                                           { .name = "i3", "v", .unique = true },
                                                           { 0 } },
                          .constraints =
                              (const corm_constraint[]){
                                  { .name = "u1", CORM_CONSTRAINT_UNIQUE, "v, w" }, { 0 } } },
               after = before;
    after.columns = longer;
    create(&before);
    run("INSERT INTO things (v, w) VALUES ('a', 'b'), (NULL, 'c')");
    const corm_default fill = DEFAULT("filled");
    corm_change there = { .kind = CORM_ALTER_COLUMN,
                          .before = &before,
                          .after = &after,
                          .column_before = &columns[1],
                          .column_after = &longer[1],
                          .fill = &fill },
                back = { .kind = CORM_ALTER_COLUMN,
                         .before = &after,
                         .after = &before,
                         .column_before = &longer[1],
                         .column_after = &columns[1] };
    assert_int_equal(try_change(&there, &error), 0);
    assert_is(&after);
    assert_int_equal(fetch_number("SELECT count(*) FROM things WHERE v IN ('a', 'filled')"), 2);
    assert_int_equal(DB->exec(conn, "INSERT INTO things (v, w) VALUES ('a', 'x')", &error),
                     CORM_ERROR_UNIQUE);
    assert_int_equal(try_change(&back, &error), 0);
    assert_is(&before);
    assert_int_equal(DB->exec(conn, "INSERT INTO things (v, w) VALUES ('a', 'x')", &error),
                     CORM_ERROR_UNIQUE);
    run("DROP TABLE things");
}

/* What another tool has made. */
static void test_schema__foreign_tables_are_read(void **state) {
    (void)state;
    run("SET sql_mode = ''");
    run("CREATE TABLE old (id int unsigned NOT NULL AUTO_INCREMENT, t tinyint, u int unsigned "
        "DEFAULT '7', b bigint unsigned, m mediumint, e "
        "enum('sad','it''s','häppy') NOT NULL DEFAULT 'sad', s set('a','bc'), mt mediumtext, y "
        "year, f bit(1) DEFAULT b'1', bits bit(9), d double(10,2), fl float(7,3) "
        "DEFAULT 1.5, de decimal(20,4) unsigned, c char(3), dt datetime DEFAULT '0000-00-00 "
        "00:00:00', ts timestamp NOT NULL DEFAULT current_timestamp() ON "
        "UPDATE current_timestamp(), vb varbinary(20), tb tinyblob, g point NOT NULL, n numeric, "
        "un uuid DEFAULT uuid(), latin varchar(9) CHARACTER SET latin1, age int CHECK (age > 0), "
        "j json DEFAULT '{\"a\": \"\\n\"}', PRIMARY KEY (id), UNIQUE KEY part (mt(10)), KEY lat "
        "(latin(3), u), FULLTEXT KEY ft (mt), SPATIAL KEY sp (g), KEY h "
        "(u) USING HASH) ENGINE = MyISAM DEFAULT CHARSET = utf8mb4");
    run("CREATE TABLE parts (id int NOT NULL, old_id int unsigned, PRIMARY KEY (id)) PARTITION BY "
        "HASH (id) PARTITIONS 3");
    run("CREATE TABLE parent (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, a int, b int, UNIQUE KEY "
        "ab (a, b))");
    run("CREATE TABLE child (parent_id int, a int, b int, FOREIGN KEY (parent_id) REFERENCES "
        "parent (id) ON DELETE CASCADE, CONSTRAINT two FOREIGN KEY (a, b) REFERENCES "
        "parent (a, b))");
    run("CREATE VIEW seen AS SELECT * FROM old");
    run("CREATE SEQUENCE counter");
    corm_error_info error;
    corm_schema schema;
    assert_int_equal(DB->introspect(conn, NULL, &arena, &schema, &error), 0);
    assert_int_equal(schema.n_tables, 4);
    corm_table table = *corm__table_find(&schema, "old");
    assert_string_equal(table.primary_key, "id");
    static const corm_kind kinds[] = { CORM_IDENTITY,  CORM_SMALLINT,  CORM_BIGINT,
                                       CORM_DECIMAL,   CORM_INTEGER,   CORM_VARCHAR,
                                       CORM_VARCHAR,   CORM_TEXT,      CORM_SMALLINT,
                                       CORM_BOOLEAN,   CORM_BIGINT,    CORM_DOUBLE_PRECISION,
                                       CORM_REAL,      CORM_DECIMAL,   CORM_VARCHAR,
                                       CORM_TIMESTAMP, CORM_TIMESTAMP, CORM_BLOB,
                                       CORM_BLOB,      CORM_BLOB,      CORM_DECIMAL,
                                       CORM_UUID,      CORM_VARCHAR,   CORM_INTEGER,
                                       CORM_JSON };
    assert_int_equal(corm__column_count(&table), sizeof kinds / sizeof *kinds);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (table.columns[i].kind != kinds[i])
            fail_msg("%s: %s", table.columns[i].name, corm_kind_name(table.columns[i].kind));
    assert_int_equal(corm__column_find(&table, "u")->default_value.integer, 7);
    assert_int_equal(corm__column_find(&table, "b")->digits, 20);
    assert_int_equal(corm__column_find(&table, "e")->max_length, 32);
    assert_string_equal(corm__column_find(&table, "e")->default_value.text, "sad");
    assert_string_equal(corm__constraint_find(&table, "old_e_check")->check,
                        "e IN ('sad','it''s','häppy')");
    assert_int_equal(corm__column_find(&table, "s")->max_length, 4);
    assert_int_equal(corm__column_find(&table, "f")->default_value.integer, 1);
    assert_int_equal(corm__column_find(&table, "dt")->default_value.kind, CORM_DEFAULT_NONE);
    assert_string_equal(corm__column_find(&table, "ts")->default_value.text, "CURRENT_TIMESTAMP");
    assert_string_equal(corm__column_find(&table, "un")->default_value.text, "gen_random_uuid()");
    assert_string_equal(corm__column_find(&table, "latin")->collation, "latin1_swedish_ci");
    assert_string_equal(corm__column_find(&table, "j")->default_value.text, "{\"a\": \"\n\"}");
    assert_string_equal(corm__constraint_find(&table, "old_age_check")->check, "age > 0");
    assert_string_equal(corm__constraint_find(&table, "part")->columns, "mt");
    assert_string_equal(corm__index_find(&table, "lat")->columns, "latin, u");
    assert_string_equal(corm__index_find(&table, "ft")->method, "fulltext");
    assert_null(corm__index_find(&table, "sp"));
    const corm_table *child = corm__table_find(&schema, "child");
    assert_int_equal(corm__table_find(&schema, "parent")->columns[0].element, CORM_INTEGER);
    assert_int_equal(child->columns[0].kind, CORM_INTEGER);
    assert_string_equal(child->left_out,
                        "constraint two: FOREIGN KEY (a, b) REFERENCES parent (a, b)");
    assert_string_equal(table.columns[0].approximates, "int(10) unsigned");
    assert_null(corm__column_find(&table, "age")->approximates);
    assert_string_equal(child->columns[0].references.table, "parent");
    assert_string_equal(child->columns[0].references.name, "child_ibfk_1");
    assert_null(child->columns[1].references.table);
    assert_null(corm__index_find(child, "child_ibfk_1"));
    run("DROP TABLE child, parent, old, parts; DROP VIEW seen; DROP SEQUENCE counter");
    DB->close(conn);
    setup(NULL);
}

/* Before 10.8 the server takes DESC and keeps nothing of it. */
static void test_schema__order_of_an_index_is_known_to_old_servers(void **state) {
    (void)state;
    corm_error_info error;
    const corm_table table = { .name = "things",
                               .primary_key = "id",
                               .columns = (const corm_column[]){ { .name = "id", CORM_IDENTITY },
                                                                 { .name = "a", CORM_INTEGER },
                                                                 { 0 } },
                               .indexes = (const corm_index[]){
                                   { .name = "down", "a desc, id" },
                                   { .name = "once", "a desc", .unique = true },
                                   { .name = "up", "a" },
                                   { 0 } } };
    corm_script script = { .arena = &arena, .version = 100600, .error = &error };
    assert_int_equal(
        DB->ddl(&script, &(corm_change){ .kind = CORM_CREATE_TABLE, .after = &table }, NULL), 0);
    char *sql = script.steps[0].sql, *desc;
    assert_non_null(strstr(sql, "`a` DESC"));
    while ((desc = strstr(sql, " DESC"))) memset(desc, ' ', 5); /* as if it were one */
    run(sql);
    assert_is(&table);
    run("DROP TABLE things");
}

/* Django's users have a number of 32 bits, and so must have what refers to them, whatever the model
 * thinks. */
static void test_schema__adopted_tables_are_referred_to(void **state) {
    (void)state;
    run("CREATE TABLE people (id int NOT NULL AUTO_INCREMENT PRIMARY KEY)");
    static const corm_column key = {
        .name = "person_id",
        .kind = CORM_BIGINT,
        .references = { .table = "people", .column = "id", .on_delete = CORM_CASCADE }
    };
    const corm_table *table = with(&key);
    create(table);
    corm_schema schema;
    corm_error_info error;
    assert_int_equal(DB->introspect(conn, NULL, &arena, &schema, &error), 0);
    assert_int_equal(corm__column_find(corm__table_find(&schema, "things"), "person_id")->kind,
                     CORM_INTEGER);
    corm_column loose = key, added = key;
    loose.null = true;
    const corm_table *after = with(&loose);
    apply(&(corm_change){ .kind = CORM_ALTER_COLUMN,
                          .before = table,
                          .after = after,
                          .column_before = &table->columns[1],
                          .column_after = &after->columns[1] });
    added.name = "friend_id";
    added.null = true;
    const corm_table *more = corm__table_with_column(&arena, after, &added);
    apply(&(corm_change){ .kind = CORM_ADD_COLUMN,
                          .before = after,
                          .after = more,
                          .column_after = corm__column_find(more, "friend_id") });
    assert_int_equal(
        fetch_number("SELECT count(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "
                     "DATABASE() AND TABLE_NAME = 'things' AND COLUMN_TYPE = 'int(11)'"),
        2);
    run("DROP TABLE things, people");
}

/* --- what a change costs, as the server has it --- */

#define C(...) .column = { __VA_ARGS__ }
static const corm_table tall = {
    .name = "tall",
    .primary_key = "id",
    .columns =
        (const corm_column[]){
            { "id", .kind = CORM_IDENTITY },
            { "n", .kind = CORM_INTEGER, .null = true },
            { "small", .kind = CORM_INTEGER, .default_value = DEFAULT(1) },
            { "v", .kind = CORM_VARCHAR, .max_length = 50 },
            { "t", .kind = CORM_TEXT, .null = true },
            { "twice", .kind = CORM_INTEGER, .null = true, .generated = "n * 2" },
            { "user_id", .kind = CORM_BIGINT, .null = true,
              .references = { .table = "users", .column = "id" } },
            { "other_id", .kind = CORM_BIGINT, .null = true },
            { "m", .kind = CORM_INTEGER, .null = true },
            { 0 } },
    .indexes = (const corm_index[]){ { "tall_small", .columns = "small" },
                                     { "tall_user", .columns = "user_id" },
                                     { 0 } },
    .constraints =
        (const corm_constraint[]){
            { "tall_check", .kind = CORM_CONSTRAINT_CHECK, .check = "small > 0" },
            { "tall_once", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "v, other_id" },
            { 0 } },
};
static const corm_table hashed = {
    .name = "hashed",
    .primary_key = "id",
    .columns =
        (const corm_column[]){
            { "id", .kind = CORM_IDENTITY },
            { "n", .kind = CORM_INTEGER, .null = true },
            { "t", .kind = CORM_TEXT, .null = true },
            { "user_id", .kind = CORM_BIGINT, .null = true,
              .references = { .table = "users", .column = "id", .on_delete = CORM_CASCADE } },
            { "parent_id", .kind = CORM_BIGINT, .null = true,
              .references = { .table = "hashed", .column = "id", .on_delete = CORM_RESTRICT } },
            { 0 } },
    .indexes = (const corm_index[]){ { "hashed_user", .columns = "user_id" },
                                     { "hashed_parent", .columns = "parent_id" },
                                     { 0 } },
    .constraints =
        (const corm_constraint[]){
            { "hashed_once", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "t" }, { 0 } },
};
static const corm_table plain = {
    .name = "plain",
    .primary_key = "id",
    .columns =
        (const corm_column[]){
            { "id", .kind = CORM_IDENTITY },
            { "m", .kind = CORM_INTEGER, .null = true },
            { "n", .kind = CORM_INTEGER },
            { "v", .kind = CORM_VARCHAR, .max_length = 20, .default_value = DEFAULT("") },
            { "user_id", .kind = CORM_BIGINT, .null = true,
              .references = { .table = "users", .column = "id", .on_delete = CORM_RESTRICT } },
            { 0 } },
};
static const corm_operation priced[] = {
    { .kind = CORM_ADD_COLUMN, .table = "tall", C("c", .kind = CORM_INTEGER, .null = true) },
    { .kind = CORM_ADD_COLUMN,
      .table = "tall",
      C("c", .kind = CORM_TEXT, .default_value = DEFAULT("x")) },
    { .kind = CORM_ADD_COLUMN, .table = "tall", C("c", .kind = CORM_JSON, .null = true) },
    { .kind = CORM_ADD_COLUMN,
      .table = "tall",
      C("c", .kind = CORM_TIMESTAMP, .default_value = DEFAULT_SQL("CURRENT_TIMESTAMP")) },
    { .kind = CORM_ADD_COLUMN,
      .table = "tall",
      C("c", .kind = CORM_INTEGER, .null = true, .generated = "n + 1") },
    { .kind = CORM_ADD_COLUMN,
      .table = "tall",
      C("c", .kind = CORM_BIGINT, .null = true,
        .references = { .table = "users", .column = "id" }) },
    { .kind = CORM_REMOVE_COLUMN, .table = "tall", .name = "t" },
    { .kind = CORM_REMOVE_COLUMN, .table = "tall", .name = "twice" },
    { .kind = CORM_ALTER_COLUMN,
      .table = "tall",
      C("n", .kind = CORM_INTEGER, .null = true, .default_value = DEFAULT(5)) },
    { .kind = CORM_ALTER_COLUMN,
      .table = "tall",
      C("n", .kind = CORM_INTEGER, .null = true, .comment = "x") },
    { .kind = CORM_ALTER_COLUMN, .table = "tall", C("n", .kind = CORM_INTEGER) },
    { .kind = CORM_ALTER_COLUMN,
      .table = "tall",
      C("v", .kind = CORM_VARCHAR, .max_length = 50, .null = true) },
    { .kind = CORM_ALTER_COLUMN, .table = "tall", C("v", .kind = CORM_VARCHAR, .max_length = 60) },
    { .kind = CORM_ALTER_COLUMN, .table = "tall", C("v", .kind = CORM_VARCHAR, .max_length = 500) },
    { .kind = CORM_ALTER_COLUMN,
      .table = "plain",
      C("v", .kind = CORM_VARCHAR, .max_length = 500) },
    { .kind = CORM_ALTER_COLUMN, .table = "tall", C("v", .kind = CORM_VARCHAR, .max_length = 40) },
    { .kind = CORM_ALTER_COLUMN, .table = "tall", C("v", .kind = CORM_TEXT) },
    { .kind = CORM_ALTER_COLUMN,
      .table = "tall",
      C("small", .kind = CORM_BIGINT, .default_value = DEFAULT(1)) },
    { .kind = CORM_ALTER_COLUMN, .table = "tall", C("t", .kind = CORM_JSON, .null = true) },
    { .kind = CORM_ALTER_COLUMN,
      .table = "tall",
      C("twice", .kind = CORM_INTEGER, .null = true, .generated = "n * 3") },
    { .kind = CORM_ALTER_COLUMN, .table = "tall", C("user_id", .kind = CORM_BIGINT, .null = true) },
    { .kind = CORM_ALTER_COLUMN,
      .table = "tall",
      C("other_id", .kind = CORM_BIGINT, .null = true,
        .references = { .table = "users", .column = "id" }) },
    { .kind = CORM_RENAME_COLUMN, .table = "tall", .name = "small", .new_name = "little" },
    { .kind = CORM_RENAME_COLUMN, .table = "tall", .name = "other_id", .new_name = "else_id" },
    { .kind = CORM_RENAME_TABLE, .table = "tall", .new_name = "high" },
    { .kind = CORM_ADD_INDEX, .table = "tall", .index = { "more", .columns = "v, n desc" } },
    { .kind = CORM_ADD_INDEX, .table = "tall", .index = { "more", .columns = "t" } },
    { .kind = CORM_ADD_INDEX,
      .table = "tall",
      .index = { "more", .columns = "t", .method = "fulltext" } },
    { .kind = CORM_REMOVE_INDEX, .table = "tall", .name = "tall_small" },
    { .kind = CORM_REMOVE_INDEX, .table = "tall", .name = "tall_user" },
    { .kind = CORM_RENAME_INDEX, .table = "tall", .name = "tall_small", .new_name = "tall_little" },
    { .kind = CORM_ADD_CONSTRAINT,
      .table = "tall",
      .constraint = { "more", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "n, v" } },
    { .kind = CORM_ADD_CONSTRAINT,
      .table = "tall",
      .constraint = { "more", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "v, t" } },
    { .kind = CORM_ADD_CONSTRAINT,
      .table = "tall",
      .constraint = { "more", .kind = CORM_CONSTRAINT_CHECK, .check = "n > 0" } },
    { .kind = CORM_REMOVE_CONSTRAINT, .table = "tall", .name = "tall_check" },
    { .kind = CORM_RENAME_CONSTRAINT,
      .table = "tall",
      .name = "tall_user_id_fkey",
      .new_name = "tall_to_users" },
    { .kind = CORM_RENAME_CONSTRAINT,
      .table = "plain",
      .name = "plain_user_id_fkey",
      .new_name = "plain_to_users" },
    { .kind = CORM_RENAME_CONSTRAINT,
      .table = "tall",
      .name = "tall_once",
      .new_name = "tall_single" },
    { .kind = CORM_RENAME_CONSTRAINT,
      .table = "tall",
      .name = "tall_check",
      .new_name = "tall_size" },
    { .kind = CORM_ALTER_COMMENT, .table = "tall", .comment = "x" },
    { .kind = CORM_ALTER_PRIMARY_KEY, .table = "tall", .primary_key = "small, id" },
    /* With a hash. */
    { .kind = CORM_ADD_COLUMN, .table = "hashed", C("c", .kind = CORM_INTEGER, .null = true) },
    { .kind = CORM_ALTER_COLUMN,
      .table = "hashed",
      C("n", .kind = CORM_INTEGER, .null = true, .default_value = DEFAULT(5)) },
    { .kind = CORM_RENAME_COLUMN, .table = "hashed", .name = "user_id", .new_name = "else_id" },
    { .kind = CORM_RENAME_COLUMN, .table = "hashed", .name = "id", .new_name = "number" },
    { .kind = CORM_REMOVE_CONSTRAINT, .table = "hashed", .name = "hashed_once" },
    { .kind = CORM_ALTER_COMMENT, .table = "hashed", .comment = "x" },
    { .kind = CORM_RENAME_TABLE, .table = "hashed", .new_name = "high" },
    { .kind = CORM_ALTER_COLUMN, .table = "plain", C("m", .kind = CORM_INTEGER) },
    { .kind = CORM_ALTER_COLUMN, .table = "plain", C("n", .kind = CORM_INTEGER, .null = true) },
};

/* The statement with a clause that asks for this way; empty for one that cannot have it. */
static int run_as(const char *sql, const char *how, corm_error_info *error) {
    char text[2000];
    bool has = strstr(sql, "ALGORITHM = ") != NULL;
    snprintf(text, sizeof text, "%s%s", sql, has ? "" : how);
    return DB->exec(conn, text, error);
}

/* Runs it in the way that the server takes by itself: 1 when others write meanwhile, which a copy
 * lets them from MariaDB 11.2 on, 0 when they wait, or an error. */
static int run_online(const char *sql, int version, corm_error_info *error) {
    if (!run_as(sql, ", ALGORITHM = INPLACE, LOCK = NONE", error)) return 1;
    if (!run_as(sql, ", ALGORITHM = INPLACE", error)) return 0;
    if (version >= 110200 && !run_as(sql, ", ALGORITHM = COPY, LOCK = NONE", error)) return 1;
    return run_as(sql, "", error);
}

static void test_schema__cost_is_what_the_server_does(void **state) {
    (void)state;
    corm_error_info error;
    for (size_t i = 0; i < sizeof priced / sizeof *priced; i++) {
        corm_schema schema =
            schema_of((const corm_table *const[]){ &users, &tall, &hashed, &plain, NULL });
        corm_change change;
        corm_change_cost cost = { 0 };
        corm_script script = { .arena = &arena, .version = DB->version(conn), .error = &error };
        create(&users);
        create(&tall);
        create(&hashed);
        create(&plain);
        run("INSERT INTO users (email) VALUES ('a'); INSERT INTO tall (n, m, v) VALUES (1, 2, "
            "'v')");
        if (corm__operation_apply(&priced[i], "", &schema, &arena, &change, &error))
            fail_msg("%zu: %s", i, error.message);
        if (DB->ddl(&script, &change, conn)) fail_msg("%zu: %s", i, error.message);
        assert_int_equal(DB->cost(&change, script.version, &cost), 0);
        assert_non_null(cost.why);
        bool rewrites = cost.cost == CORM_COST_REWRITE, most = false, blocks = false;
        for (size_t k = 0; k < script.n_steps; k++) {
            const char *sql = script.steps[k].sql;
            bool forced = strstr(sql, "ALGORITHM = ") != NULL;
            const char *cheap =
                rewrites ? ", ALGORITHM = NOCOPY" : ", ALGORITHM = NOCOPY, LOCK = NONE";
            if (cost.cost == CORM_COST_INSTANT && change.kind == CORM_RENAME_TABLE) cheap = "";
            int status = run_as(sql, cheap, &error);
            if (status && !rewrites) fail_msg("%zu: not that cheap: %s: %s", i, sql, error.message);
            most |= status || forced;
            blocks |= forced;
            if (!status) continue;
            int online = run_online(sql, script.version, &error);
            if (online < 0) fail_msg("%zu: %s: %s", i, sql, error.message);
            if (!online && !cost.blocks_writes) fail_msg("%zu: blocks writes: %s", i, sql);
            blocks |= !online;
        }
        if (cost.blocks_writes && !blocks)
            fail_msg("%zu: blocks nobody: %s", i, script.steps[0].sql);
        if (rewrites && !most) fail_msg("%zu: not that dear: %s", i, script.steps[0].sql);
        if (change.after) assert_is(change.after);
        run("DROP TABLE IF EXISTS tall, hashed, plain, high, users");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SCHEMA_TESTS,
        cmocka_unit_test(test_schema__keys_follow_the_type_of_their_columns),
        cmocka_unit_test(test_schema__foreign_tables_are_read),
        cmocka_unit_test(test_schema__order_of_an_index_is_known_to_old_servers),
        cmocka_unit_test(test_schema__adopted_tables_are_referred_to),
        cmocka_unit_test(test_schema__cost_is_what_the_server_does),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
