/* usage: test_refused sqlite|postgresql|mariadb
 * What would be lost, or broken, without a word: values that a new type does not hold, views and
 * triggers that know what goes by its name, what a table has beyond its model, records of another
 * schema. */
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

static bool on_sqlite(void) { return !on_postgresql && !on_mariadb; }

/* --- values --- */

#define DECIMAL(p, s)                                                                              \
    { .kind = CORM_DECIMAL, .digits = p, .places = s }
#define VARCHAR(n)                                                                                 \
    { .kind = CORM_VARCHAR, .max_length = n }
#define KIND(k)                                                                                    \
    { .kind = k }

/* good stays as it is; bad does not, and lossy is what .lossy = true makes of it (NULL: it is
 * refused all the same). Values are SQL; decimals on SQLite are written as they are elsewhere, by
 * way of the column before. */
static const struct conversion {
    const char *name;
    corm_column from, to;
    const char *good, *bad;
    bool lossy;
} conversions[] = {
    { "decimal to fewer places", DECIMAL(10, 4), DECIMAL(10, 2), "12.34", "12.3456", true },
    { "a long decimal to fewer places", DECIMAL(24, 4), DECIMAL(24, 2), "12.34", "12.3456", true },
    { "decimal to integer", DECIMAL(10, 4), KIND(CORM_INTEGER), "12", "12.5", true },
    { "decimal to double", DECIMAL(20, 2), KIND(CORM_DOUBLE_PRECISION), "12.25",
      "99999999999999999.99", true },
    { "double to integer", KIND(CORM_DOUBLE_PRECISION), KIND(CORM_INTEGER), "3", "2.5", true },
    { "double to decimal", KIND(CORM_DOUBLE_PRECISION), DECIMAL(10, 2), "2.25", "1.005", true },
    { "double to real", KIND(CORM_DOUBLE_PRECISION), KIND(CORM_REAL), "0.5", "1.005", true },
    { "bigint to double", KIND(CORM_BIGINT), KIND(CORM_DOUBLE_PRECISION), "9007199254740992",
      "9007199254740993", true },
    { "integer to real", KIND(CORM_INTEGER), KIND(CORM_REAL), "16777216", "16777217", true },
    { "integer to boolean", KIND(CORM_INTEGER), KIND(CORM_BOOLEAN), "1", "2", true },
    { "timestamp to date", KIND(CORM_TIMESTAMP), KIND(CORM_DATE), "'2026-03-29 00:00:00.000000'",
      "'2026-03-29 02:30:00.123456'", true },
    { "timestamp to time", KIND(CORM_TIMESTAMP), KIND(CORM_TIME), NULL,
      "'2026-03-29 02:30:00.123456'", true },
    { "text to integer", KIND(CORM_TEXT), KIND(CORM_INTEGER), "'12'", "'12.5'", false },
    { "text with a space to integer", KIND(CORM_TEXT), KIND(CORM_INTEGER), "'-7'", "' 7 x'",
      false },
    { "text to decimal", KIND(CORM_TEXT), DECIMAL(10, 2), "'12.5'", "'12.345'", true },
    { "text to double", KIND(CORM_TEXT), KIND(CORM_DOUBLE_PRECISION), "'1.5e3'",
      "'0.12345678901234567'", true },
    { "text to boolean", KIND(CORM_TEXT), KIND(CORM_BOOLEAN), "'yes'", "'7'", false },
    { "text to uuid", KIND(CORM_TEXT), KIND(CORM_UUID), "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
      "'sixteen bytes ok'", false },
    { "text to date", KIND(CORM_TEXT), KIND(CORM_DATE), "'2026-03-29'", "'2026-03-29 02:30:00'",
      true },
    { "text to time", KIND(CORM_TEXT), KIND(CORM_TIME), "'02:30:00'", "'half past'", false },
    { "text to timestamp", KIND(CORM_TEXT), KIND(CORM_TIMESTAMP), "'2026-03-29 02:30:00'",
      "'some day'", false },
    { "text to json", KIND(CORM_TEXT), KIND(CORM_JSON), "'[1]'", "'{'", false },
    { "text to interval", KIND(CORM_TEXT), KIND(CORM_INTERVAL), "'1000000'", "'soon'", false },
    { "a text that is too long", VARCHAR(20), VARCHAR(5), "'short'", "'longer'", false },
    { "a text with spaces behind", VARCHAR(20), VARCHAR(5), "'short'", "'short  '",
      /* cut by two engines, refused by one */ false },
};

static void write_table(project *p, const struct conversion *c, bool lossy) {
    static corm_column columns[4], after;
    static corm_operation first[3], second[2];
    columns[0] = (corm_column)ID;
    columns[1] = c->from;
    columns[1].name = "v";
    columns[1].null = true;
    columns[2] = (corm_column){ 0 };
    after = c->to;
    after.name = "v";
    after.null = true;
    first[0] = (corm_operation){
        .kind = CORM_CREATE_TABLE, .table = "t", .primary_key = "id", .columns = columns
    };
    first[1] = (corm_operation){ 0 };
    second[0] = (corm_operation){
        .kind = CORM_ALTER_COLUMN, .table = "t", .column = after, .lossy = lossy
    };
    second[1] = (corm_operation){ 0 };
    set(p, first, second);
}

static void insert(fixture *f, const struct conversion *c, const char *value) {
    char sql[300], units[60] = "";
    if (on_sqlite() && c->from.kind == CORM_DECIMAL) { /* kept as units */
        const char *point = strchr(value, '.');
        int places = point ? (int)strlen(point + 1) : 0;
        snprintf(units, sizeof units, "%s%.*s%s", c->from.digits > 18 ? "'" : "",
                 point ? (int)(point - value) : (int)strlen(value), value, point ? point + 1 : "");
        for (; places < c->from.places; places++) strcat(units, "0");
        if (c->from.digits > 18) strcat(units, "'");
        value = units;
    }
    snprintf(sql, sizeof sql, "INSERT INTO t (v) VALUES (%s)", value);
    OK(corm_exec(f->db, sql));
}

static const char *try_conversion(fixture *f, const struct conversion *c) {
    project p;
    write_table(&p, c, false);
    OK(migrate_to(f, &p, "0001", false));
    OK(corm_exec(f->db, "INSERT INTO t (v) VALUES (NULL)"));
    if (c->good) insert(f, c, c->good);
    if (migrate_to(f, &p, NULL, false)) return "what fits is refused";
    OK(migrate_to(f, &p, "zero", true));
    OK(corm_exec(f->db, "DROP TABLE t"));
    OK(migrate_to(f, &p, "0001", false));
    if (c->good) insert(f, c, c->good);
    insert(f, c, c->bad);
    int status = migrate_to(f, &p, NULL, false);
    bool cast = on_postgresql && c->to.kind == CORM_JSON; /* the server's own says it */
    if (cast ? !status : status != CORM_ERROR_MIGRATION) return "what is lost is not refused";
    if (!cast &&
        !strstr(corm_error(f->db)->message, "a.0002_second: Alter column v of t: 1 row of t has a "
                                            "value in v that"))
        return "the message";
    assert_tables(f, &p, 1);
    write_table(&p, c, true);
    if (c->lossy && migrate_to(f, &p, NULL, false)) return ".lossy is refused";
    if (!c->lossy && c->to.kind == CORM_BOOLEAN && !migrate_to(f, &p, NULL, false))
        return "what is nothing of the kind is taken";
    OK(migrate_to(f, &p, "0001", true));
    OK(corm_exec(f->db, "DROP TABLE t"));
    OK(migrate_to(f, &p, "zero", true));
    return NULL;
}

static void test_refused__values_that_a_new_type_does_not_keep(void **state) {
    int failed = 0;
    for (size_t i = 0; i < sizeof conversions / sizeof *conversions; i++) {
        fixture *f = *state;
        const char *what = try_conversion(f, &conversions[i]);
        if (!what) continue;
        failed++;
        print_error("FAILED: %s: %s: %s %s\n", conversions[i].name, what,
                    corm_error(f->db)->message, corm_error(f->db)->sql);
        teardown(state);
        setup(state);
    }
    assert_int_equal(failed, 0);
}

/* Undoing what widened a column narrows it. */
static void test_refused__values_that_undoing_would_cut(void **state) {
    fixture *f = *state;
    project p;
    const corm_operation make[] = { { .kind = CORM_CREATE_TABLE,
                                      .table = "t",
                                      .primary_key = "id",
                                      COLUMNS_OF(ID, { "v", .kind = CORM_DATE }) },
                                    { 0 } };
    set(&p, make,
        LIST({ .kind = CORM_ALTER_COLUMN,
               .table = "t",
               .column = { "v", .kind = CORM_TIMESTAMP } }));
    OK(migrate_to(f, &p, NULL, false));
    OK(corm_exec(f->db, "INSERT INTO t (v) VALUES ('2026-03-29 02:30:00.000000')"));
    assert_int_equal(migrate_to(f, &p, "0001", false), CORM_ERROR_MIGRATION);
    SAYS("the time of day is cut");
    OK(corm_exec(f->db, "UPDATE t SET v = '2026-03-29 00:00:00.000000'"));
    OK(migrate_to(f, &p, "0001", false));
    assert_tables(f, &p, 1);
}

/* Several changes of one table, which are done at once where it is rebuilt. */
static void test_refused__values_among_other_changes(void **state) {
    fixture *f = *state;
    project p;
    const corm_operation make[] = { { .kind = CORM_CREATE_TABLE,
                                      .table = "t",
                                      .primary_key = "id",
                                      COLUMNS_OF(ID, { "v", .kind = CORM_DOUBLE_PRECISION }) },
                                    { 0 } };
    set(&p, make,
        LIST({ .kind = CORM_ADD_COLUMN,
               .table = "t",
               .column = { "w", .kind = CORM_INTEGER, .null = true } },
             { .kind = CORM_ALTER_COLUMN, .table = "t", .column = { "v", .kind = CORM_INTEGER } },
             { .kind = CORM_ALTER_COLUMN, .table = "t", .column = { "v", .kind = CORM_BIGINT } }));
    OK(migrate_to(f, &p, "0001", false));
    OK(corm_exec(f->db, "INSERT INTO t (v) VALUES (2.5), (1e0)"));
    assert_int_equal(migrate_to(f, &p, NULL, false), CORM_ERROR_MIGRATION);
    SAYS("1 row of t has a value in v that integer does not keep: a value that has more digits is "
         "rounded");
    assert_tables(f, &p, 1);
}

/* --- views and triggers --- */

static const corm_operation make_ts[] = {
    { .kind = CORM_CREATE_TABLE,
      .table = "ts",
      .primary_key = "id",
      COLUMNS_OF(ID, { "a", .kind = CORM_INTEGER, .null = true },
                 { "b", .kind = CORM_INTEGER, .null = true }) },
    { .kind = CORM_CREATE_TABLE,
      .table = "seen",
      .primary_key = "id",
      COLUMNS_OF(ID, { "n", .kind = CORM_INTEGER, .null = true }) },
    { 0 }
};
#define RENAME_A                                                                                   \
    { .kind = CORM_RENAME_COLUMN, .table = "ts", .name = "a", .new_name = "z" }
#define REMOVE_A                                                                                   \
    { .kind = CORM_REMOVE_COLUMN, .table = "ts", .name = "a" }
#define REMOVE_B                                                                                   \
    { .kind = CORM_REMOVE_COLUMN, .table = "ts", .name = "b" }
#define RENAME_TS                                                                                  \
    { .kind = CORM_RENAME_TABLE, .table = "ts", .new_name = "zs" }
#define DELETE_TS                                                                                  \
    { .kind = CORM_DELETE_TABLE, .table = "ts" }

static void make_trigger(fixture *f) {
    if (on_postgresql) {
        OK(corm_exec(f->db, "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN "
                            "INSERT INTO seen (n) VALUES (NEW.a); RETURN NEW; END'"));
        OK(corm_exec(
            f->db, "CREATE TRIGGER noted AFTER INSERT ON ts FOR EACH ROW EXECUTE FUNCTION note()"));
    } else {
        OK(corm_exec(f->db, on_mariadb ? "CREATE TRIGGER noted AFTER INSERT ON ts FOR EACH ROW "
                                         "INSERT INTO seen (n) VALUES (NEW.a)"
                                       : "CREATE TRIGGER noted AFTER INSERT ON ts BEGIN INSERT "
                                         "INTO seen (n) VALUES (NEW.a); END"));
    }
}

/* It is refused by the object's name, or done and what stands on it works. */
static void refused_or_right(fixture *f, corm_operation operation, const char *name,
                             bool may_be_done, const char *use) {
    project p;
    const corm_operation operations[] = {
        { .kind = CORM_CREATE_TABLE, .table = "before", .primary_key = "id", COLUMNS_OF(ID) },
        operation,
        { 0 }
    };
    set(&p, make_ts, operations);
    int status = migrate_to(f, &p, NULL, false);
    if (!status && !may_be_done)
        fail_msg("%d of %s was done under %s", operation.kind, operation.table, name);
    if (status) {
        const corm_error_info *error = corm_error(f->db);
        if (!strstr(error->message, name) && !strstr(error->detail, name))
            fail_msg("%s is not in: %s (%s)", name, error->message, error->detail);
        assert_tables(f, &p, 1);
    } else {
        OK(corm_exec(f->db, use));
        OK(migrate_to(f, &p, "0001", false));
    }
}

static void test_refused__what_a_view_stands_on(void **state) {
    fixture *f = *state;
    project p;
    set(&p, make_ts, LIST(REMOVE_B));
    OK(migrate_to(f, &p, "0001", false));
    OK(corm_exec(f->db, "CREATE VIEW v AS SELECT id, a FROM ts"));
    const char *use = "SELECT * FROM v";
    refused_or_right(f, (corm_operation)RENAME_A, "v", !on_mariadb, use);
    refused_or_right(f, (corm_operation)RENAME_TS, "v", !on_mariadb, use);
    refused_or_right(f, (corm_operation)REMOVE_A, "v", false, use);
    refused_or_right(f, (corm_operation)DELETE_TS, "v", false, use);
    set(&p, make_ts, LIST(REMOVE_B));
    OK(migrate_to(f, &p, NULL, false));
    OK(corm_exec(f->db, use));
    OK(migrate_to(f, &p, "0001", false));
    /* the migration takes care of it */
    set(&p, make_ts,
        LIST({ .kind = CORM_RUN_SQL, .sql = "DROP VIEW v", .reverse_sql = "" }, RENAME_A,
             { .kind = CORM_RUN_SQL,
               .sql = "CREATE VIEW v AS SELECT id, z FROM ts",
               .reverse_sql = "DROP VIEW v" }));
    OK(migrate_to(f, &p, NULL, false));
    OK(migrate_to(f, &p, "0001", false));
}

static void test_refused__what_a_trigger_stands_on(void **state) {
    fixture *f = *state;
    project p;
    set(&p, make_ts, LIST(REMOVE_B));
    OK(migrate_to(f, &p, "0001", false));
    make_trigger(f);
    const char *use = "INSERT INTO ts (b) VALUES (1)";
    bool follows = on_sqlite();
    refused_or_right(f, (corm_operation)RENAME_A, "noted", follows, use);
    refused_or_right(f, (corm_operation)REMOVE_A, "noted", false, use);
    refused_or_right(
        f, (corm_operation){ .kind = CORM_RENAME_TABLE, .table = "seen", .new_name = "saw" },
        "noted", follows, use);
    refused_or_right(f, (corm_operation){ .kind = CORM_DELETE_TABLE, .table = "seen" }, "noted",
                     false, use);
    refused_or_right(f, (corm_operation)RENAME_TS, "noted", true, "INSERT INTO zs (a) VALUES (1)");
    set(&p, make_ts, LIST(REMOVE_B));
    OK(migrate_to(f, &p, NULL, false));
    OK(corm_exec(f->db, "INSERT INTO ts (a) VALUES (1)"));
    OK(migrate_to(f, &p, "0001", false));
    set(&p, make_ts, LIST(DELETE_TS)); /* its own trigger goes with it */
    OK(migrate_to(f, &p, NULL, false));
}

/* --- what a rebuild would lose (SQLite) --- */

static void test_refused__a_rebuild_that_would_lose_something(void **state) {
    fixture *f = *state;
    if (!on_sqlite()) skip();
    static const struct {
        const char *name, *sql, *says;
    } tables[] = {
        { "update",
          "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, p BIGINT REFERENCES p (id) ON UPDATE "
          "CASCADE)",
          "ON UPDATE CASCADE" },
        { "two",
          "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, p BIGINT, FOREIGN KEY (v, p) REFERENCES "
          "two (a, b))",
          "FOREIGN KEY (v, p)" },
        { "one", "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, p BIGINT REFERENCES p (id))",
          "a foreign key to p" },
        { "conflict",
          "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL ON CONFLICT REPLACE, p BIGINT)",
          "ON CONFLICT REPLACE" },
        { "conflict of a key",
          "CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT IGNORE, v TEXT, p BIGINT)",
          "ON CONFLICT IGNORE" },
        { "rowid", "CREATE TABLE t (id BIGINT PRIMARY KEY, v TEXT, p BIGINT) WITHOUT ROWID",
          "WITHOUT ROWID" },
        { "strict", "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, p INTEGER) STRICT", "STRICT" },
        { "default", "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT DEFAULT \"en\", p BIGINT)",
          "DEFAULT" },
        { "blob", "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT DEFAULT X'00ff', p BIGINT)",
          "DEFAULT" },
        { "collate", "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT COLLATE NOCASE, p BIGINT)",
          "COLLATE NOCASE" },
        { "unique", "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT UNIQUE, p BIGINT)",
          "a unique constraint over v" },
        { "check", "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, p BIGINT CHECK (p > 0))",
          "a check p > 0" },
        { "type",
          "CREATE TABLE t (id INTEGER PRIMARY KEY, v STRING, p BIGINT); INSERT INTO t VALUES (1, "
          "7, 1)",
          "the type STRING" },
        { "generated",
          "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, p BIGINT GENERATED ALWAYS AS (id + 1) "
          "STORED)",
          "a generated value" },
    };
    const corm_operation make[] = { { .kind = CORM_CREATE_TABLE,
                                      .table = "t",
                                      .primary_key = "id",
                                      COLUMNS_OF(ID, { "v", .kind = CORM_TEXT, .null = true },
                                                 { "p", .kind = CORM_BIGINT, .null = true }) },
                                    { 0 } };
    project p;
    set(&p, make,
        LIST({ .kind = CORM_CREATE_TABLE, .table = "before", .primary_key = "id", COLUMNS_OF(ID) },
             { .kind = CORM_ALTER_COLUMN,
               .table = "t",
               .column = { "p", .kind = CORM_INTEGER, .null = true },
               .lossy = true }));
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        OK(corm_exec(f->db, tables[i].sql));
        OK(migrate_to(f, &p, "0001", true));
        int status = migrate_to(f, &p, NULL, false);
        if (status != CORM_ERROR_MIGRATION)
            fail_msg("%s: %s", tables[i].name, corm_error(f->db)->message);
        if (!strstr(corm_error(f->db)->message, tables[i].says))
            fail_msg("%s: %s", tables[i].name, corm_error(f->db)->message);
        SAYS("a.0002_second: Alter column p of t");
        assert_int_equal(number(f, "SELECT count(*) FROM sqlite_schema WHERE name = 'before'"), 0);
        OK(migrate_to(f, &p, "zero", true));
        OK(corm_exec(f->db, "DROP TABLE t"));
    }
}

/* --- schemas and sessions --- */

static void test_refused__a_record_of_another_schema(void **state) {
    fixture *f = *state;
    if (!on_postgresql) skip();
    project p;
    set(&p, make_ts, LIST(RENAME_A));
    OK(migrate_to(f, &p, NULL, false));
    OK(corm_exec(f->db, "CREATE SCHEMA tenant; SET search_path = tenant, public"));
    OK(migrate_to(f, &p, "0001", false));
    assert_int_equal(number(f, "SELECT count(*) FROM tenant.corm_migrations"), 1);
    assert_int_equal(number(f, "SELECT count(*) FROM public.corm_migrations"), 2);
    assert_int_equal(number(f, "SELECT count(a) FROM tenant.ts"), 0);
    OK(migrate_to(f, &p, NULL, false));
    assert_int_equal(number(f, "SELECT count(z) FROM tenant.ts"), 0);
    OK(migrate_to(f, &p, "zero", false));
    assert_int_equal(number(f, "SELECT count(*) FROM public.corm_migrations"), 2);
    OK(migrate_to(f, &p, "zero", false)); /* its table is there, and empty */
}

/* As a tool's dump does it. */
static void dumped(fixture *f, bool outside) {
    static const char of_postgresql[] =
        "SELECT pg_catalog.set_config('search_path', '', false); SET statement_timeout = 12345; "
        "SET row_security = off;"
        "CREATE TABLE public.dumped (id integer); SET default_tablespace = ''";
    static const char of_mariadb[] =
        "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'; SET foreign_key_checks = 0; SET time_zone = "
        "'+05:00'; SET NAMES latin1; CREATE TABLE dumped (id integer)";
    project p;
    set(&p, make_ts,
        LIST({ .kind = CORM_RUN_SQL,
               .sql = on_postgresql ? of_postgresql : of_mariadb,
               .reverse_sql = "DROP TABLE dumped" },
             RENAME_A));
    p.bodies[1].outside_transaction = outside;
    OK(migrate_to(f, &p, NULL, false));
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations WHERE journal IS NULL"), 2);
    assert_int_equal(number(f, "SELECT count(z) FROM ts"), 0);
    if (on_postgresql)
        assert_int_equal(
            number(f, "SELECT count(*) FROM pg_settings WHERE (name = 'search_path' AND setting "
                      "LIKE '%public%') OR (name = 'statement_timeout' AND setting <> '12345') OR "
                      "(name = 'row_security' AND setting = 'on')"),
            3);
    else
        assert_int_equal(
            number(f, "SELECT @@sql_mode LIKE '%ANSI_QUOTES%' AND @@foreign_key_checks AND "
                      "@@time_zone <> '+05:00' AND @@character_set_client = 'utf8mb4'"),
            1);
    OK(migrate_to(f, &p, "zero", false));
}

static void test_refused__nothing_by_settings_of_a_dump(void **state) {
    if (on_sqlite()) skip();
    dumped(*state, false);
    dumped(*state, true);
}

/* --- numbers --- */

CORM_MODEL(Tag, Tags, "tags", identity(id), varchar(name, 20));

/* Rows bring their numbers along, as a seed does. */
static void test_refused__no_number_is_given_twice(void **state) {
    fixture *f = *state;
    project p;
    const corm_operation make[] = { { .kind = CORM_CREATE_TABLE,
                                      .table = "tags",
                                      .primary_key = "id",
                                      COLUMNS_OF(
                                          ID, { "name", .kind = CORM_VARCHAR, .max_length = 20 }) },
                                    { 0 } };
    Tag seed[] = { { .id = 1, .name = "one" }, { .id = 20, .name = "twenty" } },
        next = { .name = "next" }, after = { .name = "after" };
    set(&p, make, make + 1);
    p.app.models = CORM_MODELS(Tags);
    OK(migrate_to(f, &p, NULL, false));
    OK(corm_reset_identities(f->db, p.apps)); /* no rows yet */
    OK(corm_insert_many(f->db, Tags, seed, 2));
    OK(corm_reset_identities(f->db, p.apps));
    OK(corm_insert(f->db, Tags, &next));
    assert_int_equal(next.id, 21);
    assert_int_equal(corm_delete(f->db, Tags, .where = GTE(Tags.id, 20)), 2);
    OK(corm_reset_identities(f->db, p.apps)); /* never back */
    OK(corm_insert(f->db, Tags, &after));
    assert_int_equal(after.id, 22);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_refused__values_that_a_new_type_does_not_keep, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_refused__values_that_undoing_would_cut, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_refused__values_among_other_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused__what_a_view_stands_on, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused__what_a_trigger_stands_on, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused__a_rebuild_that_would_lose_something, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_refused__a_record_of_another_schema, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused__nothing_by_settings_of_a_dump, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_refused__no_number_is_given_twice, setup, teardown),
    };
    return run_on(argc, argv, "refused", tests, sizeof tests / sizeof *tests);
}
