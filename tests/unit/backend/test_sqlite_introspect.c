#include "sqlite_fixture.h"
#include "schema/schema.h"

static corm_arena arena;

static int teardown(void **state) {
    (void)state;
    corm__arena_release(&arena);
    return 0;
}

static corm_table read_table(corm_conn *conn, const char *name) {
    corm_error_info error = { 0 };
    corm_schema schema;
    if (BACKEND->introspect(conn, name, &arena, &schema, &error) != 0)
        fail_msg("%s", error.message);
    assert_int_equal(schema.n_tables, 1);
    return schema.tables[0];
}

static void assert_round_trip(const corm_table *table) {
    corm_conn *conn = open_database(":memory:");
    corm_error_info error = { 0 };
    corm_script script = { .arena = &arena, .error = &error };
    corm_change change = { .kind = CORM_CREATE_TABLE, .after = table };
    if (BACKEND->ddl(&script, &change, conn) != 0) fail_msg("%s", error.message);
    for (size_t i = 0; i < script.n_steps; i++) run(conn, script.steps[i].sql);
    corm_table found = read_table(conn, table->name);
    char difference[512];
    if (!corm__table_equal(table, &found, difference, sizeof difference))
        fail_msg("%s", difference);
    BACKEND->close(conn);
}

static void test_introspect__gives_every_kind_back(void **state) {
    (void)state;
    static const corm_kind kinds[] = { CORM_SMALLINT, CORM_INTEGER,   CORM_BIGINT,
                                       CORM_BOOLEAN,  CORM_REAL,      CORM_DOUBLE_PRECISION,
                                       CORM_TEXT,     CORM_BLOB,      CORM_DATE,
                                       CORM_TIME,     CORM_TIMESTAMP, CORM_INTERVAL,
                                       CORM_UUID,     CORM_JSON };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        for (int null = 0; null < 2; null++) {
            const corm_column columns[] = { { .name = "k", .kind = CORM_IDENTITY },
                                            { .name = "a", .kind = kinds[i], .null = null },
                                            { 0 } };
            assert_round_trip(&(corm_table){ .name = "t", .primary_key = "k", .columns = columns });
        }
        const corm_column key[] = { { .name = "select", .kind = kinds[i] }, { 0 } };
        assert_round_trip(
            &(corm_table){ .name = "or \"der\"", .primary_key = "select", .columns = key });
    }
    const corm_column sized[] = { { .name = "a", .kind = CORM_VARCHAR, .max_length = 7 },
                                  { .name = "b", .kind = CORM_DECIMAL, .digits = 18, .places = 18 },
                                  { .name = "c", .kind = CORM_DECIMAL, .digits = 38, .places = 0 },
                                  { .name = "d", .kind = CORM_DECIMAL, .digits = 4, .places = 0 },
                                  { 0 } };
    assert_round_trip(&(corm_table){ .name = "t", .columns = sized });
}

static void test_introspect__gives_defaults_back(void **state) {
    (void)state;
    const corm_column columns[] = {
        { .name = "a", .kind = CORM_INTEGER, .default_value = CORM_DEFAULT(-5) },
        { .name = "b", .kind = CORM_BOOLEAN, .default_value = CORM_DEFAULT(true) },
        { .name = "c", .kind = CORM_DOUBLE_PRECISION, .default_value = CORM_DEFAULT(0.1) },
        { .name = "d", .kind = CORM_TEXT, .default_value = CORM_DEFAULT("it's -- a \"text\"") },
        { .name = "e", .kind = CORM_TEXT, .default_value = CORM_DEFAULT("") },
        { .name = "f", .kind = CORM_TEXT, .default_value = CORM_DEFAULT("007") },
        { .name = "g",
          .kind = CORM_DECIMAL,
          .digits = 5,
          .places = 2,
          .default_value = CORM_DEFAULT("-9.9") },
        { .name = "h",
          .kind = CORM_DECIMAL,
          .digits = 38,
          .places = 2,
          .default_value = CORM_DEFAULT("123456789012345678901234567890.12") },
        { .name = "i",
          .kind = CORM_DECIMAL,
          .digits = 5,
          .places = 2,
          .default_value = CORM_DEFAULT(7) },
        { .name = "j", .kind = CORM_DATE, .default_value = CORM_DEFAULT("2026-11-22") },
        { .name = "k",
          .kind = CORM_TIMESTAMP,
          .default_value = CORM_DEFAULT("2026-11-22T10:00:00Z") },
        { .name = "l",
          .kind = CORM_TIMESTAMP,
          .default_value = CORM_DEFAULT_EXPRESSION("CURRENT_TIMESTAMP") },
        { .name = "m", .kind = CORM_TIMESTAMP, .default_value = CORM_DEFAULT_EXPRESSION("now()") },
        { .name = "n",
          .kind = CORM_UUID,
          .default_value = CORM_DEFAULT("0190b5c2-3d4e-7f00-8a1b-2c3d4e5f6071") },
        { .name = "o",
          .kind = CORM_DATE,
          .default_value = CORM_DEFAULT_EXPRESSION("CURRENT_DATE") },
        { .name = "p", .kind = CORM_INTEGER, .default_value = CORM_DEFAULT_EXPRESSION("1 + 2") },
        { .name = "q",
          .kind = CORM_DECIMAL,
          .digits = 9,
          .places = 3,
          .default_value = CORM_DEFAULT_EXPRESSION("1.5 * 2") },
        { .name = "r", .kind = CORM_JSON, .default_value = CORM_DEFAULT("{\"a\": [1, 'x']}") },
        { .name = "s", .kind = CORM_BIGINT, .default_value = CORM_DEFAULT(INT64_MIN + 1) },
        { .name = "t", .kind = CORM_INTERVAL, .default_value = CORM_DEFAULT(60000000) },
        { .name = "u", .kind = CORM_BLOB, .default_value = CORM_DEFAULT("bytes") },
        { 0 }
    };
    const corm_table table = { .name = "t", .columns = columns };
    assert_round_trip(&table);
}

static void test_introspect__gives_constraints_and_indexes_back(void **state) {
    (void)state;
    const corm_column columns[] = {
        { .name = "a", .kind = CORM_INTEGER },
        { .name = "b", .kind = CORM_BIGINT },
        { .name = "Price", .kind = CORM_DECIMAL, .digits = 9, .places = 2 },
        { .name = "total",
          .kind = CORM_DECIMAL,
          .digits = 12,
          .places = 2,
          .null = true,
          .generated = "\"Price\" * a" },
        { .name = "name", .kind = CORM_TEXT, .collation = "NOCASE" },
        { .name = "p",
          .kind = CORM_BIGINT,
          .null = true,
          .references = { .table = "t", .column = "a", .on_delete = CORM_PROTECT } },
        { .name = "q",
          .kind = CORM_BIGINT,
          .null = true,
          .references = { .table = "other",
                          .column = "x",
                          .on_delete = CORM_SET_DEFAULT,
                          .deferrable = true,
                          .name = "my_key" } },
        { .name = "r",
          .kind = CORM_BIGINT,
          .null = true,
          .references = { .table = "other", .column = "x" },
          .default_value = CORM_DEFAULT(3) },
        { 0 }
    };
    const corm_index indexes[] = { { .name = "i1", .columns = "a, b desc" },
                                   { .name = "i2",
                                     .columns = "Price",
                                     .where = "\"Price\" > 1.25 AND name <> 'Price'",
                                     .unique = true },
                                   { .name = "i3", .expression = "lower(name), a" },
                                   { 0 } };
    const corm_constraint constraints[] = {
        { .name = "c1",
          .kind = CORM_CONSTRAINT_CHECK,
          .check = "\"Price\" BETWEEN 0.5 AND 100 AND (a > 0 OR b IN (1, 2))" },
        { .name = "c2", .kind = CORM_CONSTRAINT_CHECK, .check = "name <> 'a) -- b'" },
        { .name = "c3", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "b, name" },
        { 0 }
    };
    assert_round_trip(&(corm_table){ .name = "t",
                                     .primary_key = "a, b",
                                     .columns = columns,
                                     .indexes = indexes,
                                     .constraints = constraints });
}

static void test_introspect__reads_what_others_wrote(void **state) {
    (void)state;
    corm_conn *conn = open_database(":memory:");
    run(conn, "CREATE TABLE [parent] (id INTEGER PRIMARY KEY, `co``de` varchar ( 10 ) UNIQUE ON "
              "CONFLICT IGNORE, n int unsigned CHECK (n > 0) DEFAULT (1 + 1)) -- end\n;"
              "create table child (\n /* the key */ a datetime not null, b REFERENCES parent ON "
              "UPDATE CASCADE ON DELETE CASCADE NOT NULL, c int,"
              "  primary key (a, c), foreign key (c) references parent (id) on delete set null "
              "deferrable initially deferred, unique (a), unique (a));"
              "CREATE VIRTUAL TABLE words USING fts5(body); CREATE VIEW v AS SELECT 1");
    corm_table parent = read_table(conn, "parent"), child = read_table(conn, "child");
    assert_int_equal(parent.columns[0].kind, CORM_IDENTITY);
    assert_string_equal(parent.primary_key, "id");
    assert_string_equal(parent.columns[1].name, "co`de");
    assert_int_equal(parent.columns[1].max_length, 10);
    assert_int_equal(parent.columns[2].kind, CORM_BIGINT);
    assert_string_equal(parent.columns[2].default_value.text, "1 + 1");
    assert_string_equal(parent.constraints[0].name, "parent_co`de_uniq");
    assert_string_equal(parent.constraints[1].check, "n > 0");
    assert_string_equal(parent.constraints[1].name, "parent_n_check");
    assert_string_equal(child.primary_key, "a, c");
    assert_int_equal(child.columns[0].kind, CORM_TIMESTAMP);
    assert_string_equal(child.columns[1].references.table, "parent");
    assert_string_equal(child.columns[1].references.column, "id");
    assert_int_equal(child.columns[1].references.on_delete, CORM_CASCADE);
    assert_false(child.columns[1].null);
    assert_int_equal(child.columns[2].references.on_delete, CORM_SET_NULL);
    assert_true(child.columns[2].references.deferrable);
    assert_string_not_equal(child.constraints[0].name, child.constraints[1].name);
    corm_schema all;
    assert_int_equal(BACKEND->introspect(conn, NULL, &arena, &all, &(corm_error_info){ 0 }), 0);
    assert_int_equal(all.n_tables, 2);
    assert_null(all.tables[2].name);
    assert_int_equal(BACKEND->introspect(conn, "nowhere", &arena, &all, &(corm_error_info){ 0 }),
                     0);
    assert_int_equal(all.n_tables, 0);
    BACKEND->close(conn);
}

static void test_introspect__reads_numbers_as_sqlite_does(void **state) {
    (void)state;
    corm_conn *conn = open_database(":memory:");
    run(conn, "CREATE TABLE numbers (id INTEGER PRIMARY KEY, a BIGINT DEFAULT - 5, b BIGINT "
              "DEFAULT 9223372036854775807, c BIGINT DEFAULT 9223372036854775808, d REAL DEFAULT "
              "1e999999999)");
    corm_table numbers = read_table(conn, "numbers");
    const corm_default a = numbers.columns[1].default_value, b = numbers.columns[2].default_value,
                       c = numbers.columns[3].default_value, d = numbers.columns[4].default_value;
    assert_int_equal(a.kind, CORM_DEFAULT_INTEGER);
    assert_int_equal(a.integer, -5);
    assert_int_equal(b.kind, CORM_DEFAULT_INTEGER);
    assert_true(b.integer == INT64_MAX);
    assert_int_equal(c.kind, CORM_DEFAULT_REAL);
    assert_true(c.real == 9223372036854775808.0);
    assert_int_equal(d.kind, CORM_DEFAULT_SQL);
    assert_string_equal(d.text, "1e999999999");
    BACKEND->close(conn);
}

int main(void) {
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_introspect__gives_every_kind_back),
        TEST(test_introspect__gives_defaults_back),
        TEST(test_introspect__gives_constraints_and_indexes_back),
        TEST(test_introspect__reads_what_others_wrote),
        TEST(test_introspect__reads_numbers_as_sqlite_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
