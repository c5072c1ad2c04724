/* usage: test_fills sqlite|postgresql|mariadb
 * What rows get that are there: per engine, of functions that an engine lacks, and of written
 * values that the column does not take. Each engine says the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <corm/corm.h>

#include "database.h"
#include "project.h"

static const corm_operation make_items[] = {
    { .kind = CORM_CREATE_TABLE,
      .table = "items",
      .primary_key = "id",
      COLUMNS_OF(ID, { "name", .kind = CORM_VARCHAR, .max_length = 50 },
                 { "size", .kind = CORM_VARCHAR, .max_length = 10, .null = true }),
      .constraints = (const corm_constraint[]){ { "items_size_check", .kind = CORM_CONSTRAINT_CHECK,
                                                  .check = "size IN ('small', 'it''s big')" },
                                                { 0 } } },
    { 0 }
};
#define TABLE_B                                                                                    \
    { .kind = CORM_CREATE_TABLE, .table = "b", .primary_key = "id", COLUMNS_OF(ID) }
#define ADD_(column_, ...)                                                                         \
    { .kind = CORM_ADD_COLUMN, .table = "items", .column = column_, __VA_ARGS__ }
#define COLUMN(...)                                                                                \
    { __VA_ARGS__ }
#define SQL(...)                                                                                   \
    .engines = (const corm_engine_sql[]) {                                                         \
        __VA_ARGS__, { 0 }                                                                         \
    }
#define ON(engine_, ...)                                                                           \
    { engine_, .sql = __VA_ARGS__ }
#define EACH(s, p, m) SQL(ON("sqlite", s), ON("postgresql", p), ON("mariadb", m))

static void start(fixture *f, project *p, const corm_operation *second) {
    set(p, make_items, second);
    OK(migrate_to(f, p, "0001", false));
    OK(corm_exec(f->db, "INSERT INTO items (name) VALUES ('Ada')"));
}

static void assert_untouched(fixture *f, const project *p) {
    assert_tables(f, p, 1);
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations"), 1);
}

/* --- per engine --- */

static void test_fills__of_each_engine(void **state) {
    fixture *f = *state;
    project p;
    const int64_t expected = on_postgresql ? 2 : on_mariadb ? 3 : 1;
    start(
        f, &p,
        LIST(ADD_(COLUMN("n", .kind = CORM_INTEGER), .fill = CORM_DEFAULT(9),
                  EACH("length('a')", "array_length(ARRAY[1, 2], 1)", "json_length('[1, 2, 3]')")),
             ADD_(COLUMN("m", .kind = CORM_INTEGER), .fill = CORM_DEFAULT(9),
                  SQL(ON("mariadb", "7"))),
             { .kind = CORM_ALTER_COLUMN,
               .table = "items",
               .column = { "size", .kind = CORM_VARCHAR, .max_length = 10 },
               EACH("'small'", "lower('SMALL')", "concat('sm', 'all')") },
             { .kind = CORM_REMOVE_COLUMN,
               .table = "items",
               .name = "name",
               EACH("'one'", "'two'", "'three'") }));
    OK(migrate_to(f, &p, NULL, false));
    assert_tables(f, &p, 2);
    assert_int_equal(number(f, "SELECT n FROM items"), expected);
    assert_int_equal(number(f, "SELECT m FROM items"), on_mariadb ? 7 : 9);
    assert_int_equal(number(f, "SELECT count(*) FROM items WHERE size = 'small'"), 1);
    OK(migrate_to(f, &p, "0001", false));
    assert_tables(f, &p, 1);
    assert_int_equal(number(f, "SELECT length(name) FROM items"), expected == 3 ? 5 : 3);
}

/* Of a separate operation too; and the other engines have .fill, or nothing. */
static void test_fills__of_one_engine(void **state) {
    fixture *f = *state;
    project p;
    const corm_operation separate[] = {
        { .kind = CORM_SEPARATE,
          .database = LIST(ADD_(COLUMN("n", .kind = CORM_INTEGER), SQL(ON("mariadb", "1 + 1")))),
          .state = LIST(ADD_(COLUMN("n", .kind = CORM_INTEGER))) },
        { 0 }
    };
    start(f, &p, separate);
    if (on_mariadb) {
        OK(migrate_to(f, &p, NULL, false));
        assert_int_equal(number(f, "SELECT n FROM items"), 2);
    } else {
        assert_int_equal(migrate_to(f, &p, NULL, false), CORM_ERROR_NOT_NULL);
        assert_untouched(f, &p);
    }
}

static void test_fills__that_are_written_wrong(void **state) {
    const struct {
        corm_operation operation;
        const char *text;
    } cases[] = {
        { ADD_(COLUMN("n", .kind = CORM_INTEGER), SQL(ON("mariadb", "1", .reverse_sql = "2"))),
          "column n of items: what rows get on mariadb is one SQL expression" },
        { ADD_(COLUMN("n", .kind = CORM_INTEGER), SQL(ON("sqlite", NULL))),
          "column n of items: what rows get on sqlite is one SQL expression" },
        { ADD_(COLUMN("n", .kind = CORM_INTEGER), SQL(ON("sqlite", ""))),
          "column n of items: what rows get on sqlite is one SQL expression" },
        { ADD_(COLUMN("n", .kind = CORM_INTEGER), SQL(ON("postgres", "1"))),
          ".engines has \"postgres\": engines are" },
        { { .kind = CORM_RUN_SQL, .sql = "SELECT 1", SQL(ON("mysql", "SELECT 2")) },
          ".engines has \"mysql\": engines are" },
        { { .kind = CORM_ALTER_COMMENT, .table = "items", SQL(ON("sqlite", "1")) },
          "an operation on items has .engines" },
    };
    fixture *f = *state;
    project p;
    start(f, &p, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const corm_operation second[] = { TABLE_B, cases[i].operation, { 0 } };
        set(&p, make_items, second);
        assert_int_equal(migrate_to(f, &p, NULL, false), CORM_ERROR_MIGRATION);
        SAYS(cases[i].text);
        assert_untouched(f, &p);
    }
}

/* --- functions that an engine lacks --- */

static void refused(fixture *f, const corm_operation *second, const char *text, const char *name) {
    project p;
    set(&p, make_items, second);
    assert_int_equal(migrate_to(f, &p, NULL, false), CORM_ERROR_MIGRATION);
    SAYS(text);
    SAYS(name);
    SAYS(f->db->backend->title);
    assert_non_null(strstr(corm_error(f->db)->hint, "Nothing was changed."));
    assert_memory_equal(corm_error(f->db)->table, "items", 5);
    assert_untouched(f, &p);
}

static void test_fills__functions_that_are_missing(void **state) {
    fixture *f = *state;
    project p;
    start(f, &p, NULL);
    refused(f,
            LIST(TABLE_B, ADD_(COLUMN("n", .kind = CORM_INTEGER),
                               .fill = CORM_DEFAULT_EXPRESSION("nowhere(1)"))),
            "a.0002_second: Add column n to items: the .fill of items.n is nothing that",
            "nowhere");
    assert_non_null(strstr(corm_error(f->db)->hint, f->db->backend->name));
    refused(f,
            LIST(TABLE_B, ADD_(COLUMN("n", .kind = CORM_INTEGER,
                                      .default_value = CORM_DEFAULT_EXPRESSION("1 + nowhere(1)")))),
            "a.0002_second: Add column n to items: the default of items.n is nothing that",
            "nowhere");
    refused(f,
            LIST(TABLE_B, { .kind = CORM_ALTER_COLUMN,
                            .table = "items",
                            .column = { "size", .kind = CORM_VARCHAR, .max_length = 10 },
                            .fill = CORM_DEFAULT_EXPRESSION("nowhere(name)") }),
            "a.0002_second: Alter column size of items: the .fill of items.size is nothing that",
            "nowhere");
    refused(
        f,
        LIST(TABLE_B, { .kind = CORM_CREATE_TABLE,
                        .table = "items2",
                        COLUMNS_OF({ "u", .kind = CORM_UUID,
                                     .default_value = CORM_DEFAULT_EXPRESSION("nowhere()") }) }),
        "a.0002_second: Create table items2: the default of items2.u is nothing that", "nowhere");
}

/* Each has a word for it that others lack. */
static void test_fills__functions_of_other_engines(void **state) {
    fixture *f = *state;
    project p;
    const char *foreign = on_postgresql ? "julianday('2026-01-01')"
                          : on_mariadb  ? "gen_random_uuid()"
                                        : "now()";
    const corm_operation add[] = { TABLE_B,
                                   ADD_(COLUMN("t", .kind = CORM_TEXT),
                                        .fill = CORM_DEFAULT_EXPRESSION(foreign)),
                                   { 0 } };
    start(f, &p, add);
    assert_int_equal(migrate_to(f, &p, NULL, false), CORM_ERROR_MIGRATION);
    SAYS("the .fill of items.t is nothing that");
    assert_untouched(f, &p);
}

/* What the plan makes itself, and what is of the row. */
static void test_fills__expressions_that_are_right(void **state) {
    fixture *f = *state;
    project p;
    start(
        f, &p,
        LIST({ .kind = CORM_ALTER_COLUMN,
               .table = "items",
               .column = { "size", .kind = CORM_VARCHAR, .max_length = 10 },
               .fill = CORM_DEFAULT_EXPRESSION("CASE WHEN name = 'Ada' THEN 'small' END") },
             ADD_(COLUMN("at", .kind = CORM_TIMESTAMP,
                         .default_value = CORM_DEFAULT_EXPRESSION("CURRENT_TIMESTAMP"))),
             ADD_(COLUMN("t", .kind = CORM_TEXT), .fill = CORM_DEFAULT_EXPRESSION("lower('X')")),
             { .kind = CORM_RENAME_COLUMN, .table = "items", .name = "name", .new_name = "label" },
             ADD_(COLUMN("u", .kind = CORM_TEXT, .null = true)),
             { .kind = CORM_ALTER_COLUMN,
               .table = "items",
               .column = { "u", .kind = CORM_TEXT },
               .fill = CORM_DEFAULT_EXPRESSION("lower(label)") }));
    OK(migrate_to(f, &p, NULL, false));
    assert_tables(f, &p, 2);
    assert_int_equal(
        number(f, "SELECT count(*) FROM items WHERE size = 'small' AND t = 'x' AND u = 'ada'"), 1);
    if (!on_postgresql) return;
    OK(migrate_to(f, &p, "0001", false));
    set(&p, make_items,
        LIST({ .kind = CORM_RUN_SQL,
               .sql = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 5'",
               .reverse_sql = "DROP FUNCTION f()" },
             ADD_(COLUMN("n", .kind = CORM_INTEGER), .fill = CORM_DEFAULT_EXPRESSION("f()"))));
    OK(migrate_to(f, &p, NULL, false));
    assert_int_equal(number(f, "SELECT n FROM items"), 5);
}

/* --- written values --- */

#define KIND(k, ...)                                                                               \
    { "v", .kind = k, ##__VA_ARGS__ }
#define VARCHAR(n) KIND(CORM_VARCHAR, .max_length = n)
#define DECIMAL(d, p) KIND(CORM_DECIMAL, .digits = d, .places = p)

static const struct value {
    corm_column column;
    corm_default fill;
    int status;
    const char *found; /* a condition that its value fulfils */
} values[] = {
    { KIND(CORM_SMALLINT), CORM_DEFAULT(32768), CORM_ERROR_RANGE, NULL },
    { KIND(CORM_SMALLINT), CORM_DEFAULT(32767), 0, "v = 32767" },
    { KIND(CORM_INTEGER), CORM_DEFAULT(2147483648), CORM_ERROR_RANGE, NULL },
    { KIND(CORM_INTEGER), CORM_DEFAULT("1e3"), CORM_ERROR_TYPE, NULL },
    { KIND(CORM_INTEGER), CORM_DEFAULT(1.0), CORM_ERROR_TYPE, NULL },
    { KIND(CORM_BIGINT), CORM_DEFAULT("9223372036854775808"), CORM_ERROR_RANGE, NULL },
    { KIND(CORM_BIGINT), CORM_DEFAULT("9223372036854775807"), 0, "v = 9223372036854775807" },
    { KIND(CORM_BOOLEAN), CORM_DEFAULT(2), CORM_ERROR_RANGE, NULL },
    { VARCHAR(3), CORM_DEFAULT("four"), CORM_ERROR_RANGE, NULL },
    { VARCHAR(3), CORM_DEFAULT("\u00e4\u00f6\u00fc"), 0, "v = '\u00e4\u00f6\u00fc'" },
    { VARCHAR(3), CORM_DEFAULT(12), CORM_ERROR_TYPE, NULL },
    { DECIMAL(5, 2), CORM_DEFAULT("1000"), CORM_ERROR_RANGE, NULL },
    { DECIMAL(5, 2), CORM_DEFAULT("0.125"), CORM_ERROR_RANGE, NULL },
    { DECIMAL(5, 2), CORM_DEFAULT(0.125), CORM_ERROR_RANGE, NULL },
    { DECIMAL(5, 2), CORM_DEFAULT("1.5e2"), 0, "v > 149 AND v < 15001" },
    { DECIMAL(5, 2), CORM_DEFAULT("1e3"), CORM_ERROR_RANGE, NULL },
    { DECIMAL(38, 0), CORM_DEFAULT("1e999999999"), CORM_ERROR_RANGE, NULL },
    { DECIMAL(38, 0), CORM_DEFAULT("1e99999999999999999999"), CORM_ERROR_RANGE, NULL },
    { DECIMAL(38, 2), CORM_DEFAULT("1e-999999999"), CORM_ERROR_RANGE, NULL },
    { DECIMAL(5, 2), CORM_DEFAULT("0e999999999"), 0, "v = 0" },
    { DECIMAL(5, 2), CORM_DEFAULT(1e300), CORM_ERROR_RANGE, NULL },
    { KIND(CORM_REAL), CORM_DEFAULT(1e39), CORM_ERROR_RANGE, NULL },
    { KIND(CORM_REAL), CORM_DEFAULT("1e39"), CORM_ERROR_RANGE, NULL },
    { KIND(CORM_DOUBLE_PRECISION), CORM_DEFAULT("1e999"), CORM_ERROR_RANGE, NULL },
    { KIND(CORM_DOUBLE_PRECISION), CORM_DEFAULT("1e99999999999999999999"), CORM_ERROR_RANGE, NULL },
    { KIND(CORM_DOUBLE_PRECISION), CORM_DEFAULT("1e300"), 0, "v > 9e299" },
    { KIND(CORM_DATE), CORM_DEFAULT("2026-02-30"), CORM_ERROR_RANGE, NULL },
    { KIND(CORM_UUID), CORM_DEFAULT("sixteen bytes ok"), CORM_ERROR_TYPE, NULL },
    { KIND(CORM_JSON), CORM_DEFAULT("{"), CORM_ERROR_TYPE, NULL },
    { KIND(CORM_JSON), CORM_DEFAULT("[1]"), 0, NULL },
    { VARCHAR(10), CORM_DEFAULT("small"), 0, "v = 'small'" },
};

static void test_fills__values_that_do_not_fit(void **state) {
    fixture *f = *state;
    project p;
    char sql[200];
    start(f, &p, NULL);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const struct value *v = &values[i];
        const corm_operation list[] = {
            TABLE_B,
            { .kind = CORM_ADD_COLUMN, .table = "items", .column = v->column, .fill = v->fill },
            { 0 }
        };
        set(&p, make_items, list);
        int status = migrate_to(f, &p, NULL, false);
        if (status != v->status)
            fail_msg("number %zu: %d %s", i, status, corm_error(f->db)->message);
        if (status) {
            SAYS("a.0002_second: Add column v to items: the .fill \"");
            SAYS("of items.v does not fit ");
            assert_untouched(f, &p);
            continue;
        }
        snprintf(sql, sizeof sql, "SELECT count(*) FROM items WHERE %s",
                 v->found ? v->found : "v IS NOT NULL");
        if (number(f, sql) != 1) fail_msg("number %zu is not %s", i, sql);
        OK(migrate_to(f, &p, "0001", false));
    }
    /* What undoing a removal would write. */
    set(&p, make_items,
        LIST({ .kind = CORM_REMOVE_COLUMN,
               .table = "items",
               .name = "name",
               .fill = CORM_DEFAULT(1) }));
    assert_int_equal(migrate_to(f, &p, NULL, false), CORM_ERROR_TYPE);
    SAYS("the .fill \"1\" of items.name does not fit varchar");
    assert_untouched(f, &p);
}

#define ALTER_SIZE(value)                                                                          \
    {                                                                                              \
        .kind = CORM_ALTER_COLUMN, .table = "items",                                               \
        .column = { "size", .kind = CORM_VARCHAR, .max_length = 10 }, .fill = CORM_DEFAULT(value)  \
    }
#define ADD_V(value)                                                                               \
    ADD_(COLUMN("v", .kind = CORM_VARCHAR, .max_length = 9), .fill = CORM_DEFAULT(value))
#define LABELS(kind_, ...)                                                                         \
    {                                                                                              \
        .kind = kind_, .table = "items", .constraint = {                                           \
            "v_check",                                                                             \
            .kind = CORM_CONSTRAINT_CHECK,                                                         \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define OTHER                                                                                      \
    {                                                                                              \
        .kind = CORM_ADD_INDEX, .table = "items", .index = { "items_i", .columns = "name" }        \
    }

static void test_fills__labels(void **state) {
    const struct {
        const corm_operation *list;
        const char *text;
    } cases[] = {
        { LIST(TABLE_B, ALTER_SIZE("large")),
          "the .fill \"large\" of items.size is not among the labels of items_size_check" },
        { LIST(TABLE_B, ALTER_SIZE("it's big")), NULL },
        { LIST(TABLE_B, ALTER_SIZE("small")), NULL },
        { LIST(ADD_V("c"), OTHER, LABELS(CORM_ADD_CONSTRAINT, .check = "v IN ('a', 'b')")),
          "the .fill \"c\" of items.v is not among the labels of v_check" },
        { LIST(ADD_V("c"), LABELS(CORM_ADD_CONSTRAINT, .check = "\"v\" in ('a','b')")),
          "the .fill \"c\" of items.v is not among the labels of v_check" },
        { LIST(ADD_V("b"), OTHER, LABELS(CORM_ADD_CONSTRAINT, .check = "v IN ('a', 'b')")), NULL },
        { LIST(ADD_V("c"), LABELS(CORM_ADD_CONSTRAINT, .check = "v IN ('a', 'b') OR v = 'c'")),
          NULL },
        { LIST(ADD_V("c"), LABELS(CORM_ADD_CONSTRAINT, .check = "name IN ('Ada', 'b')")), NULL },
        /* The migration itself mends it. */
        { LIST(ADD_V("c"),
               { .kind = CORM_RUN_SQL, .sql = "UPDATE items SET v = 'a'", .reverse_sql = "" },
               LABELS(CORM_ADD_CONSTRAINT, .check = "v IN ('a', 'b')")),
          NULL },
    };
    fixture *f = *state;
    project p;
    start(f, &p, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set(&p, make_items, cases[i].list);
        int status = migrate_to(f, &p, NULL, false);
        if (status != (cases[i].text ? CORM_ERROR_CHECK : 0))
            fail_msg("number %zu: %d %s", i, status, corm_error(f->db)->message);
        if (cases[i].text) {
            SAYS(cases[i].text);
            assert_untouched(f, &p);
        } else {
            assert_tables(f, &p, 2);
            OK(migrate_to(f, &p, "0001", false));
        }
    }
}

/* As makemigrations writes it when a column gets another label and takes no NULL any more. */
#define REMOVE_NAME                                                                                \
    { .kind = CORM_REMOVE_COLUMN, .table = "items", .name = "name", .fill = CORM_DEFAULT("Bob") }
#define FILL_W(table_, kind_, sql_)                                                                \
    {                                                                                              \
        .kind = CORM_ALTER_COLUMN, .table = table_, .column = { "w", .kind = kind_ },              \
        .fill = CORM_DEFAULT_EXPRESSION(sql_)                                                      \
    }
#define ADD_LABELS(column_, text)                                                                  \
    {                                                                                              \
        .kind = CORM_ADD_CONSTRAINT, .table = "items", .constraint = {                             \
            "items_" column_ "_check",                                                             \
            .kind = CORM_CONSTRAINT_CHECK,                                                         \
            .check = text                                                                          \
        }                                                                                          \
    }

static void test_fills__labels_that_change_too(void **state) {
#define ALTER_LABELS(text)                                                                         \
    {                                                                                              \
        .kind = CORM_ALTER_CONSTRAINT, .table = "items", .constraint = {                           \
            "items_size_check",                                                                    \
            .kind = CORM_CONSTRAINT_CHECK,                                                         \
            .check = text                                                                          \
        }                                                                                          \
    }
    fixture *f = *state;
    project p;
    start(f, &p, LIST(ALTER_SIZE("large"), ALTER_LABELS("size IN ('small', 'medium')")));
    OK(corm_exec(f->db, "UPDATE items SET size = 'small'"));
    assert_int_equal(migrate_to(f, &p, NULL, false), CORM_ERROR_CHECK);
    assert_untouched(f, &p);
    set(&p, make_items, LIST(ALTER_SIZE("large"), ALTER_LABELS("size IN ('small', 'large')")));
    OK(migrate_to(f, &p, NULL, false));
    assert_tables(f, &p, 2);
}

/* What a fill meets is what the migration has made of the table by then. */
static void test_fills__behind_other_changes(void **state) {
    (void)state;
    const char *fold = on_mariadb ? "utf8mb4_general_ci" : on_postgresql ? NULL : "NOCASE";
    const corm_operation *const cases[] = {
        LIST({ .kind = CORM_SEPARATE,
               .database = LIST(ALTER_LABELS("size IN ('small', 'large')"), ALTER_SIZE("large")),
               .state = LIST(ALTER_LABELS("size IN ('small', 'large')"), ALTER_SIZE("large")) }),
        LIST(REMOVE_NAME, ADD_(COLUMN("name", .kind = CORM_INTEGER), .fill = CORM_DEFAULT(3)),
             ADD_(COLUMN("w", .kind = CORM_INTEGER, .null = true)),
             FILL_W("items", CORM_INTEGER, "name + 1")),
        LIST(ADD_(COLUMN("w", .kind = CORM_TEXT, .null = true)),
             { .kind = CORM_RENAME_TABLE, .table = "items", .new_name = "things" },
             FILL_W("things", CORM_TEXT, "lower(things.name)")),
        LIST(REMOVE_NAME,
             ADD_(COLUMN("name", .kind = CORM_VARCHAR, .max_length = 9), .fill = CORM_DEFAULT("a")),
             ADD_LABELS("name", "name IN ('a', 'b')")),
        LIST(ADD_(COLUMN("w", .kind = CORM_VARCHAR, .max_length = 9), .fill = CORM_DEFAULT("a")),
             REMOVE_NAME,
             { .kind = CORM_RENAME_COLUMN, .table = "items", .name = "w", .new_name = "name" },
             ADD_LABELS("name", "name IN ('a', 'b')")),
        LIST({ .kind = CORM_DELETE_TABLE, .table = "items" },
             { .kind = CORM_CREATE_TABLE,
               .table = "items",
               .primary_key = "id",
               COLUMNS_OF(ID, { "name", .kind = CORM_INTEGER },
                          { "w", .kind = CORM_INTEGER, .null = true }) },
             FILL_W("items", CORM_INTEGER, "name + 1")),
        /* Equal to the engine, though written in another way. */
        LIST(ADD_(COLUMN("w", .kind = CORM_VARCHAR, .max_length = 9, .collation = fold),
                  .fill = CORM_DEFAULT(fold ? "A" : "a")),
             ADD_LABELS("w", "w IN ('a', 'b')")),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        void *own = NULL;
        project p;
        setup(&own);
        fixture *f = own;
        start(f, &p, NULL);
        OK(corm_exec(f->db, "UPDATE items SET size = 'small'"));
        set(&p, make_items, cases[i]);
        if (migrate_to(f, &p, NULL, false))
            fail_msg("case %zu: %s: %s", i, corm_error(f->db)->message, corm_error(f->db)->detail);
        assert_tables(f, &p, 2);
        teardown(&own);
    }
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fills__of_each_engine, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fills__of_one_engine, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fills__that_are_written_wrong, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fills__functions_that_are_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fills__functions_of_other_engines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fills__expressions_that_are_right, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fills__values_that_do_not_fit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fills__labels, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fills__labels_that_change_too, setup, teardown),
        cmocka_unit_test(test_fills__behind_other_changes),
    };
    return run_on(argc, argv, "fills", tests, sizeof tests / sizeof *tests);
}
