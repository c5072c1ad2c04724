/* Files that SQLite programs share: what another program wrote is found as it is read, what does
 * not fit is an error that names it, and what corm writes works in any program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <corm/corm.h>
#include "db/db.h"
#include "model/model.h"
#include "schema/schema.h"

/* Tables of another program. */
CORM_MODEL(Row, Rows, "rows", bigint(id, .primary_key = true), optional_timestamp(at),
           optional_time(hour), optional_uuid(key), optional_boolean(yes),
           optional_decimal(price, 10, 2));
CORM_MODEL(Thing, Things, "things", bigint(id, .primary_key = true), text(name, .null = true),
           optional_real(size), optional_double_precision(weight), blob(data, .null = true),
           optional_decimal(amount, 20, 4));
/* A table of corm's. */
CORM_MODEL(Entry, Entries, "entries", identity(id), timestamp(at, .index = true),
           decimal(amount, 20, 2, .index = true, .default_value = DEFAULT("-1.50")),
           decimal(fraction, 38, 38), decimal(whole, 30, 0), decimal(price, 9, 2),
           check(entries_amount, "amount < 1000000"));
CORM_MODEL(Old, Olds, "olds", identity(id), decimal(amount, 20, 2), text(note, .null = true));
CORM_MODEL(Named, Names, "things", bigint(id, .primary_key = true), text(name));
CORM_MODEL(User, Users, "users", identity(user_id), text(name, .null = true),
           timestamp(created, .default_value = DEFAULT_SQL("'0000-00-00 00:00:00'")));
CORM_ROW(Total, optional_decimal(total, 38, 2), optional_decimal(least, 20, 2));
CORM_ROW(Line, text(line));
CORM_APP(files, .models = CORM_MODELS(Entries));

static corm_db *db;
static char folder[64], path[96], sent[4096];

static void watch(void *context, const char *sql, double seconds, int64_t rows, int status) {
    (void)context, (void)seconds, (void)rows, (void)status;
    snprintf(sent, sizeof sent, "%s", sql);
}

static void open_db(void) {
    corm_error_info error;
    char url[128];
    snprintf(url, sizeof url, "sqlite:///%s", path);
    corm_settings *settings = corm_settings_load(
        &(corm_settings_options){
            .url = url, .no_env_file = true, .environment = (const char *const[]){ NULL } },
        &error);
    db = corm_open_with(settings, NULL);
    corm_settings_free(settings);
    assert_int_equal(corm_failed(db), 0);
    corm_watch(db, watch, NULL);
}

static int setup(void **state) {
    (void)state;
    strcpy(folder, "/tmp/corm-files-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/db.sqlite3", folder);
    open_db();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    char command[128];
    corm_close(db);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void run(const char *sql) {
    if (corm_exec(db, sql)) fail_msg("%s: %s", sql, corm_error(db)->message);
}
static int64_t ok(int64_t n) {
    if (n < 0) fail_msg("%s: %s", sent, corm_error(db)->message);
    return n;
}
#define counts(Name, condition, n) assert_int_equal(ok(corm_count(db, Name, .where = condition)), n)

static void make_entries(void) {
    corm_arena arena = { 0 };
    corm_schema schema;
    corm_error_info error = { 0 };
    corm_script script = { .arena = &arena, .error = &error };
    assert_int_equal(corm__schema_of_apps((const corm_app *const[]){ &corm__app_files, NULL },
                                          &arena, &schema, &error),
                     0);
    corm_change change = { .kind = CORM_CREATE_TABLE, .after = schema.tables };
    if (db->backend->ddl(&script, &change, db->conn)) fail_msg("%s", error.message);
    for (size_t i = 0; i < script.n_steps; i++) run(script.steps[i].sql);
    corm__arena_release(&arena);
}

static corm_decimal decimal(const char *text) {
    corm_decimal value;
    assert_int_equal(corm_decimal_parse(text, &value), 0);
    return value;
}

/* --- found as it is read --- */

static void test_moments__of_another_program_are_what_they_mean(void **state) {
    (void)state;
    run("CREATE TABLE rows (id INTEGER PRIMARY KEY, at DATETIME, hour TIME, key CHAR(36), yes "
        "BOOLEAN, price DECIMAL(10, 2));"
        "CREATE INDEX rows_at ON rows (at);"
        "INSERT INTO rows (id, at, hour) VALUES (1, '2020-01-01 00:00:00', '08:30:00'),"
        "(2, '2020-01-01T00:00:00Z', '08:30:00.000'), (3, '2020-01-01 02:00:00+02:00', '09:00:00'),"
        "(4, '2020-01-01 00:00:00.000000', NULL), (5, '2019-12-31 23:59:59.9', NULL),"
        "(6, '2020-01-01 01:30:00+02:00', NULL), (7, '0000-00-00 00:00:00', NULL)");
    Row *row = corm_find(db, Rows, 1);
    assert_non_null(row);
    corm_timestamp at = row->at.value;
    corm_time hour = row->hour.value;
    corm_free(row);
    counts(Rows, EQ(Rows.at, at), 4);
    counts(Rows, AND(NE(Rows.at, at), LT(Rows.id, 7)), 2);
    counts(Rows, AND(LT(Rows.at, at), LT(Rows.id, 7)), 2);
    counts(Rows, BETWEEN(Rows.at, at, at), 4);
    counts(Rows, EQ(Rows.hour, hour), 2);
    Row *rows = corm_all(db, Rows, .where = LT(Rows.id, 7), .order_by = BY(Rows.at, DESC(Rows.id)));
    assert_int_equal(corm_len(rows), 6);
    static const int order[] = { 6, 5, 4, 3, 2, 1 };
    for (int i = 0; i < 6; i++) assert_int_equal(rows[i].id, order[i]);
    corm_free(rows);
    assert_null(corm_find(db, Rows, 7));
    assert_string_equal(corm_error(db)->message,
                        "rows.at: the text '0000-00-00 00:00:00' does not fit timestamp");
    assert_int_equal(ok(corm_update(db, Rows, .set = SET(TO(Rows.yes, true)),
                                    .where = EQ(Rows.at, at))), 4);
}

static void test_decimals__of_another_program_are_numbers(void **state) {
    (void)state;
    run("CREATE TABLE rows (id INTEGER PRIMARY KEY, at DATETIME, hour TIME, key CHAR(36), yes "
        "BOOLEAN, price DECIMAL(10, 2));"
        "INSERT INTO rows (id, price, yes) VALUES (1, 12.00, 1), (2, 12.5, 2), (3, '12.50', 0),"
        "(4, -0.1, NULL), (5, NULL, NULL)");
    Row *rows = corm_all(db, Rows, .order_by = BY(Rows.price, Rows.id));
    assert_int_equal(corm_len(rows), 5);
    static const int order[] = { 4, 1, 2, 3, 5 };
    static const char *const prices[] = { "-0.10", "12.00", "12.50", "12.50" };
    for (int i = 0; i < 5; i++) {
        char text[CORM_DECIMAL_TEXT];
        assert_int_equal(rows[i].id, order[i]);
        if (i < 4)
            assert_string_equal(corm_decimal_format(rows[i].price.value, text, sizeof text),
                                prices[i]);
    }
    corm_free(rows);
    counts(Rows, EQ(Rows.price, decimal("12")), 1);
    counts(Rows, GTE(Rows.price, decimal("12.5")), 2);
    counts(Rows, EQ(Rows.yes, true), 2);
    counts(Rows, EQ(ADD(Rows.price, decimal("0.5")), decimal("12.5")), 1);
    Total *total = corm_select(db, Total, Rows,
                               .columns = COLUMNS(AS(total, SUM(Rows.price)),
                                                  AS(least, MIN_OF(Rows.price))));
    assert_int_equal(corm_len(total), 1);
    assert_int_equal(total->total.value.low, 3690);
    assert_int_equal(corm_decimal_compare(total->least.value, decimal("-0.1")), 0);
    corm_free(total);
    Row fresh = { .id = 6, .price = CORM_SOME(decimal("7.25")) };
    assert_int_equal(ok(corm_insert(db, Rows, &fresh)), 0);
    fresh.price.value = decimal("7.75");
    assert_int_equal(ok(corm_save(db, Rows, &fresh)), 0);
    assert_int_equal(ok(corm_update(db, Rows, .set = SET(TO(Rows.price, decimal("3"))),
                                    .where = EQ(Rows.price, decimal("12")))), 1);
    Line *lines = corm_sql(db, Line, "SELECT group_concat(price || typeof(price), ' ') AS line "
                                     "FROM rows WHERE id IN (1, 6)");
    assert_non_null(lines);
    assert_string_equal(lines->line, "3integer 7.75real");
    corm_free(lines);
    run("UPDATE rows SET price = 12.345 WHERE id = 1");
    assert_null(corm_find(db, Rows, 1));
    assert_string_equal(corm_error(db)->message, "rows.price: 12.345 does not fit decimal");
}

static void test_uuids__in_any_spelling(void **state) {
    (void)state;
    corm_uuid key;
    assert_int_equal(corm_uuid_parse("00112233-4455-6677-8899-aabbccddeeff", &key), 0);
    run("CREATE TABLE rows (id INTEGER PRIMARY KEY, at DATETIME, hour TIME, key CHAR(36), yes "
        "BOOLEAN, price DECIMAL(10, 2));"
        "INSERT INTO rows (id, key) VALUES (1, '00112233-4455-6677-8899-AABBCCDDEEFF'),"
        "(2, '00112233445566778899aabbccddeeff'), (3, X'00112233445566778899AABBCCDDEEFF'),"
        "(4, X'00')");
    counts(Rows, EQ(Rows.key, key), 3);
    counts(Rows, ONE_OF(Rows.key, &key, 1), 3);
}

static void test_own_columns__are_found_by_their_index(void **state) {
    (void)state;
    make_entries();
    counts(Entries, EQ(Entries.at, (corm_timestamp){ 5 }), 0);
    assert_null(strstr(sent, "corm_"));
    Entry *rows = corm_all(db, Entries, .order_by = BY(Entries.at), .limit = 1,
                           .where = GT(Entries.amount, decimal("1")));
    assert_non_null(rows);
    corm_free(rows);
    assert_null(strstr(sent, "corm_"));
    assert_null(strstr(sent, "COLLATE"));
}

/* The row is there: what its member cannot hold is left, and the rest comes back. */
static void test_insert__is_no_error_when_the_row_is_there(void **state) {
    (void)state;
    run("CREATE TABLE users (user_id INTEGER NOT NULL PRIMARY KEY, name TEXT, created datetime NOT "
        "NULL DEFAULT '0000-00-00 00:00:00')");
    User user = { .name = "ada" };
    assert_int_equal(ok(corm_insert(db, Users, &user)), 0);
    assert_int_equal(corm_failed(db), 0);
    assert_int_equal(user.user_id, 1);
    assert_int_equal(user.created.us, 0);
    assert_int_equal(ok(corm_count(db, Users)), 1);
}

/* --- what does not fit --- */

#define refused(id, text)                                                                          \
    (assert_null(corm_find(db, Things, id)), assert_string_equal(corm_error(db)->message, text))

static void test_reading__refuses_what_does_not_fit(void **state) {
    (void)state;
    run("CREATE TABLE things (id INTEGER PRIMARY KEY, name, size REAL, weight, data, amount "
        "DECIMAL(20, 4));"
        "INSERT INTO things (id, name) VALUES (1, 'abc' || char(0) || 'def'),"
        "(2, CAST(X'61FF62' AS TEXT)), (3, X'616263'), (4, 'fine');"
        "INSERT INTO things (id, size) VALUES (5, 1e300), (6, 3.5);"
        "INSERT INTO things (id, weight) VALUES (7, 9007199254740993), (8, 9007199254740992);"
        "INSERT INTO things (id, amount) VALUES (9, '123456789012345678901.5'), (10, 12)");
    refused(1, "things.name: the text X'61626300646566' has a NUL byte, which ends a C string: not "
               "text");
    assert_non_null(strstr(corm_error(db)->hint, "blob"));
    refused(2, "things.name: the text X'61FF62' is not text");
    refused(3, "things.name: the bytes X'616263' is not text");
    refused(5, "things.size: 1.0e+300 does not fit real");
    refused(7, "things.weight: 9007199254740993 does not fit double_precision");
    assert_null(corm_find(db, Things, 9));
    assert_string_equal(corm_error(db)->table, "things");
    assert_string_equal(corm_error(db)->column, "amount");
    static const int fine[] = { 4, 6, 8, 10 };
    for (int i = 0; i < 4; i++) {
        Thing *thing = corm_find(db, Things, fine[i]);
        if (!thing) fail_msg("%s", corm_error(db)->message);
        corm_free(thing);
    }
}

static void test_reading__refuses_more_digits_than_the_column_has(void **state) {
    (void)state;
    make_entries();
    run("INSERT INTO entries (at, amount, fraction, whole, price) VALUES ('2020-01-01 "
        "00:00:00.000000', '000000000000000000000000000000000001.00', '.5', 1, 10000000000)");
    assert_null(corm_find(db, Entries, 1));
    assert_string_equal(corm_error(db)->message, "entries.price: 10000000000 does not fit decimal");
}

/* --- wide decimals --- */

static const char *const amounts[] = { "-999999999999999999.99", "-12345.67", "-1.00", "-0.01",
                                       "0.00", "0.01", "1.00", "99.99", "123.45", "999999.99" };
enum { AMOUNTS = sizeof amounts / sizeof *amounts };

static void insert_amounts(void) {
    static const char tiny[] = "-0.00000000000000000000000000000000000001";
    for (int i = 0; i < AMOUNTS; i++) { /* not in their order */
        int k = (i * 7 + 3) % AMOUNTS;
        Entry entry = { .at = { k },
                        .amount = decimal(amounts[k]),
                        .fraction = decimal(k % 2 ? "0.5" : tiny),
                        .whole = decimal("-123456789012345678901234567890"),
                        .price = decimal("1") };
        if (corm_insert(db, Entries, &entry)) fail_msg("%s", corm_error(db)->message);
    }
}

static void test_wide_decimals__are_exact_and_in_order(void **state) {
    (void)state;
    make_entries();
    insert_amounts();
    Entry *rows = corm_all(db, Entries, .order_by = BY(Entries.amount));
    assert_int_equal(corm_len(rows), AMOUNTS);
    for (int i = 0; i < AMOUNTS; i++) {
        char text[CORM_DECIMAL_TEXT];
        assert_string_equal(corm_decimal_format(rows[i].amount, text, sizeof text), amounts[i]);
        assert_int_equal(corm_decimal_compare(rows[i].whole,
                                              decimal("-123456789012345678901234567890")),
                         0);
        counts(Entries, EQ(Entries.amount, rows[i].amount), 1);
        counts(Entries, LT(Entries.amount, rows[i].amount), i);
        counts(Entries, LT(Entries.amount, COL(Entries.price)), 6);
    }
    corm_free(rows);
    counts(Entries, GT(Entries.fraction, decimal("0")), AMOUNTS / 2);
    counts(Entries, GT(MUL(Entries.amount, 2), decimal("246")), 2);
    counts(Entries, IN(Entries.amount, decimal("1"), decimal("-1")), 2);
    Total *total = corm_select(db, Total, Entries,
                               .columns = COLUMNS(AS(total, SUM(Entries.amount)),
                                                  AS(least, MIN_OF(Entries.amount))));
    assert_int_equal(corm_len(total), 1);
    assert_int_equal(corm_decimal_compare(total->total.value, decimal("-999999999999012122.23")),
                     0);
    assert_int_equal(corm_decimal_compare(total->least.value, decimal(amounts[0])), 0);
    corm_free(total);
    assert_int_equal(ok(corm_update(db, Entries, .set = SET(TO(Entries.amount,
                                                               ADD(Entries.amount, 1))),
                                    .where = EQ(Entries.amount, decimal("-0.01")))), 1);
    counts(Entries, EQ(Entries.amount, decimal("0.99")), 1);
    Entry bad = { .amount = decimal("1000000") }; /* the check reads the text as the number */
    assert_int_equal(corm_insert(db, Entries, &bad), CORM_ERROR_CHECK);
}

static int collect(void *context, int n, char **values, char **names) {
    (void)n, (void)names;
    strcat(context, values[0]);
    strcat(context, " ");
    return 0;
}

/* A program without corm's functions and collations. */
static void plainly(const char *sql, char *out) {
    sqlite3 *plain = NULL;
    char *why = NULL;
    if (out) *out = 0;
    assert_int_equal(sqlite3_open(path, &plain), SQLITE_OK);
    if (sqlite3_exec(plain, sql, out ? collect : NULL, out, &why)) fail_msg("%s: %s", sql, why);
    sqlite3_close(plain);
}

static void test_own_files__work_in_any_program(void **state) {
    (void)state;
    char out[8192], command[512];
    make_entries();
    insert_amounts();
    corm_close(db);
    db = NULL;
    plainly("VACUUM", NULL);
    plainly("REINDEX", NULL);
    plainly("PRAGMA integrity_check", out);
    assert_string_equal(out, "ok ");
    plainly("SELECT iif(amount < '.', substr(amount, 42), ltrim(amount, '0')) FROM entries ORDER "
            "BY amount LIMIT 3", out);
    assert_string_equal(out, "-999999999999999999.99 -12345.67 -1.00 ");
    plainly("INSERT INTO entries (at, fraction, whole, price) VALUES ('2020-01-01 "
            "00:00:00.000000', '.5', '00000000000000000000000000000000000001', 5)", NULL);
    plainly("SELECT count(*) FROM entries WHERE amount = '-999999999999999999999999999999999998.49 "
            "-1.50'", out);
    assert_string_equal(out, "1 ");
    snprintf(command, sizeof command,
             "sqlite3 '%s' .dump >'%s/dump.sql' && rm '%s' && sqlite3 -bail '%s' <'%s/dump.sql'",
             path, folder, path, path, folder);
    assert_int_equal(system(command), 0);
    open_db();
    assert_int_equal(ok(corm_count(db, Entries)), AMOUNTS + 1);
    counts(Entries, LTE(Entries.amount, decimal("-1.5")), 3);
}

/* What an earlier corm wrote. */
static void make_old(void) {
    run("CREATE TABLE \"olds\" (\n    \"id\" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,\n"
        "    \"amount\" DECIMAL_TEXT(20, 2) NOT NULL COLLATE corm_decimal,\n    \"note\" TEXT,\n"
        "    CONSTRAINT \"olds_amount\" CHECK ((\"amount\" / 100.0) < 1000)\n);"
        "CREATE INDEX \"olds_amount_idx\" ON \"olds\" (\"amount\");"
        "INSERT INTO olds (amount) VALUES (1250), (-1250), ('99900'), (5)");
}

static void check_old(int64_t rows) {
    counts(Olds, GT(Olds.amount, decimal("12")), rows - 2);
    counts(Olds, EQ(Olds.amount, decimal("-12.50")), 1);
    Old *all = corm_all(db, Olds, .order_by = BY(Olds.amount));
    assert_int_equal(corm_len(all), rows);
    assert_int_equal(corm_decimal_compare(all[0].amount, decimal("-12.5")), 0);
    assert_int_equal(corm_decimal_compare(all[1].amount, decimal("0.05")), 0);
    corm_free(all);
}

static void test_old_files__are_read_and_renewed(void **state) {
    (void)state;
    char out[1024];
    corm_arena arena = { 0 };
    corm_error_info error = { 0 };
    corm_script script = { .arena = &arena, .error = &error };
    make_old();
    check_old(4);
    assert_int_equal(ok(corm_insert(db, Olds, (&(Old){ .amount = decimal("13.25") }))), 0);
    check_old(5);
    assert_int_equal(db->backend->renew(&script, db->conn), 0);
    assert_true(script.n_steps > 0);
    for (size_t i = 0; i < script.n_steps; i++) run(script.steps[i].sql);
    corm_close(db);
    open_db(); /* plans were made for the old form */
    check_old(5);
    assert_int_equal(ok(corm_insert(db, Olds, (&(Old){ .amount = decimal("14") }))), 0);
    check_old(6);
    assert_int_equal(corm_insert(db, Olds, (&(Old){ .amount = decimal("1000") })),
                     CORM_ERROR_CHECK);
    plainly("SELECT instr(sql, 'corm') FROM sqlite_schema WHERE name = 'olds'", out);
    assert_string_equal(out, "0 ");
    script.n_steps = 0;
    assert_int_equal(db->backend->renew(&script, db->conn), 0);
    assert_int_equal(script.n_steps, 0);
    corm__arena_release(&arena);
}

/* --- damage --- */

static void damage(long at, const void *bytes, size_t size) {
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void test_damage__is_called_damage(void **state) {
    (void)state;
    run("PRAGMA journal_mode = delete; CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT "
        "NULL, size REAL, weight, data, amount); INSERT INTO things (id, name) VALUES (1, "
        "'a name that is there')");
    corm_close(db);
    db = NULL;
    char page[8192];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(page, 1, sizeof page, file), at = 0;
    fclose(file);
    while (at < size && memcmp(page + at, "a name that is there", 20) != 0) at++;
    assert_true(at < size);
    /* the record's header: name is of type 53, 20 bytes of text; 52 are 20 bytes */
    size_t type = at;
    while (page[type] != 53) type--;
    damage((long)type, "\x00", 1);
    open_db();
    assert_null(corm_find(db, Names, 1));
    assert_int_equal(corm_error(db)->status, CORM_ERROR_CORRUPT);
    assert_non_null(strstr(corm_error(db)->message, "table things is damaged"));
    assert_null(strstr(corm_error(db)->hint, "optional_text"));
    corm_close(db);
    db = NULL;
    damage(47, "\x44", 1); /* the format of the schema */
    corm_error_info error;
    char url[128];
    snprintf(url, sizeof url, "sqlite:///%s", path);
    corm_settings *settings = corm_settings_load(
        &(corm_settings_options){
            .url = url, .no_env_file = true, .environment = (const char *const[]){ NULL } },
        &error);
    db = corm_open_with(settings, NULL);
    corm_settings_free(settings);
    assert_int_equal(corm_count(db, Names), CORM_ERROR_CORRUPT);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_moments__of_another_program_are_what_they_mean),
        TEST(test_decimals__of_another_program_are_numbers),
        TEST(test_uuids__in_any_spelling),
        TEST(test_own_columns__are_found_by_their_index),
        TEST(test_insert__is_no_error_when_the_row_is_there),
        TEST(test_reading__refuses_what_does_not_fit),
        TEST(test_reading__refuses_more_digits_than_the_column_has),
        TEST(test_wide_decimals__are_exact_and_in_order),
        TEST(test_own_files__work_in_any_program),
        TEST(test_old_files__are_read_and_renewed),
        TEST(test_damage__is_called_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
