#include "mariadb_fixture.h"
#include "server_types.h"
#include <math.h>

static const struct differs differs = {
    .objects =
        "SELECT 1 AS id, 30 AS age, X'0000000000000000000000000000000A' AS uuid, 2 AS team_id, "
        "'red' AS name UNION ALL SELECT 2, NULL, NULL, NULL, NULL",
    .second = "age",
    .echo = "SELECT ?",
    .moment = "SELECT CAST('%s' AS datetime(6))",
    .interval = "SELECT TIMEDIFF('2026-01-01 00:00:00', '2026-01-03 00:00:01.5')",
    .interval_us = -(2 * 86400000000 + 1500000),
    .bad_rows = "SET STATEMENT sql_mode = '' FOR REPLACE INTO kept (id, day, moment, hour) VALUES "
                "(2, '0000-00-00', '2026-00-10 10:00:00', '30:00:00')",
    .bad = (const reading[]){ { "SELECT day FROM kept WHERE id = 2", CORM_DATE, CORM_ERROR_RANGE },
                              { "SELECT moment FROM kept WHERE id = 2", CORM_TIMESTAMP,
                                CORM_ERROR_RANGE },
                              { "SELECT hour FROM kept WHERE id = 2", CORM_TIME, CORM_ERROR_RANGE },
                              { "SELECT CAST('-01:00:00' AS time)", CORM_TIME, CORM_ERROR_RANGE },
                              { 0 } },
    .uuid = "SELECT '00000000-0000-0000-0000-00000000000a'",
    .label = "SELECT 'published'",
    .make_mood = "CREATE TABLE moods (mood enum('draft', 'published')); INSERT INTO moods VALUES "
                 "('draft')",
    .mood = "SELECT mood FROM moods",
    .integer = "an integer",
};

static int setup(void **state) {
    (void)state;
    conn = my_connect();
    my_run(conn, "CREATE TABLE kept (id int PRIMARY KEY, big bigint, normal int, small smallint, "
                 "yes tinyint(1), single float, twice double, huge decimal(38, 10), word "
                 "varchar(60), words longtext, bytes longblob, day date, hour time(6), moment "
                 "datetime(6), uuid binary(16)) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_nopad_bin");
    return 0;
}

/* Stores a value in the column, finds its row by it, and reads it back as this kind. */
static void round_trip(const char *column, corm_value value, corm_kind kind, void *out) {
    corm_error_info error;
    char sql[200];
    corm_stmt *stmt;
    my_run(conn, "DELETE FROM kept");
    snprintf(sql, sizeof sql, "INSERT INTO kept (id, %s) VALUES (1, ?)", column);
    if (my_start(conn, sql, &value, 1, 0, &stmt, &error)) fail_msg("%s: %s", sql, error.message);
    MARIADB->finalize(stmt);
    snprintf(sql, sizeof sql, "SELECT %s FROM kept WHERE %s <=> ?", column, column);
    int status = my_row(conn, sql, &value, 1,
                        &(corm_fetch_column){ .kind = kind, .null = true, .name = "v" }, 1, out,
                        &arena, &error);
    if (status != 1) fail_msg("%s: %s", sql, status ? error.message : "no row equals it");
}

static void test_types__values_that_do_not_fit_are_refused_before_they_are_sent(void **state) {
    (void)state;
    static const corm_date day = { 0 };
    static const struct {
        corm_kind kind;
        corm_value value;
        int status;
        const char *message;
    } cases[] = {
        { CORM_SMALLINT,
          { .kind = CORM_BIGINT, .integer = 32768 },
          CORM_ERROR_RANGE,
          "value 1 does not fit a smallint: it holds -32768 to 32767" },
        { CORM_REAL,
          { .kind = CORM_REAL, .real = 1e300 },
          CORM_ERROR_RANGE,
          "value 1 does not fit a real: it is too large" },
        { CORM_DOUBLE_PRECISION,
          { .kind = CORM_DOUBLE_PRECISION, .real = NAN },
          CORM_ERROR_RANGE,
          "value 1 does not fit a double_precision: MariaDB has no NaN and no infinity" },
        { CORM_DECIMAL,
          { .kind = CORM_DECIMAL, .decimal = { 0, 0, CORM_DECIMAL_NAN } },
          CORM_ERROR_RANGE,
          "value 1 does not fit a decimal: MariaDB has no NaN" },
        { CORM_TIMESTAMP,
          { .kind = CORM_TIMESTAMP, .timestamp = { 253402300800000000 } },
          CORM_ERROR_RANGE,
          "value 1 does not fit a timestamp: years are 1 to 9999" },
        { CORM_TIME,
          { .kind = CORM_TIME, .time = { 86400000000 } },
          CORM_ERROR_RANGE,
          "value 1 does not fit a time: a day has 0 to 86399999999 microseconds" },
        { CORM_TEXT,
          { .kind = CORM_BIGINT, .integer = 1 },
          CORM_ERROR_TYPE,
          "value 1 is of kind bigint where text is wanted" },
        { CORM_ARRAY,
          { .kind = CORM_ARRAY, .element = CORM_DATE, .array = { &day, 1, false } },
          CORM_ERROR_UNSUPPORTED,
          "MariaDB has no arrays of date" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        corm_error_info error;
        corm_stmt *stmt;
        assert_int_equal(MARIADB->prepare(conn, "SELECT ?", 8, &cases[i].kind, 1, &stmt, &error),
                         0);
        assert_int_equal(MARIADB->execute(stmt, &cases[i].value, 1, 0, &error), cases[i].status);
        assert_string_equal(error.message, cases[i].message);
        assert_string_equal(error.sqlstate, "");
        assert_string_equal(error.sql, "SELECT ?");
        MARIADB->finalize(stmt);
    }
}

static void test_types__floats_keep_every_bit(void **state) {
    (void)state;
    static const double values[] = { 0.1,     -0.0, 1.7976931348623157e308, 2.2250738585072014e-308,
                                     1.0 / 3, -1e-7 };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double out = 7;
        round_trip("twice", (corm_value){ .kind = CORM_DOUBLE_PRECISION, .real = values[i] },
                   CORM_DOUBLE_PRECISION, &out);
        assert_true(out == values[i]);
    }
    static const float singles[] = { 0.1f, 3.4028235e38f, 16777217.0f, -1.17549435e-38f };
    for (size_t i = 0; i < sizeof singles / sizeof *singles; i++) {
        float real = 0;
        round_trip("single", (corm_value){ .kind = CORM_REAL, .real = singles[i] }, CORM_REAL,
                   &real);
        assert_true(real == singles[i]);
    }
}

static void test_types__decimals_keep_38_digits(void **state) {
    (void)state;
    static const char *const texts[] = { "0", "0.0000000001", "-12.3000000000",
                                         "9999999999999999999999999999.9999999999",
                                         "-9999999999999999999999999999.9999999999" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        corm_decimal in, out;
        assert_int_equal(corm_decimal_parse(texts[i], &in), 0);
        round_trip("huge", CORM_VALUE_DECIMAL(in), CORM_DECIMAL, &out);
        assert_int_equal(corm_decimal_compare(in, out), 0);
        assert_int_equal(out.scale, 10);
    }
    corm_error_info error;
    corm_decimal out;
    corm_fetch_column column = { .kind = CORM_DECIMAL, .name = "n" };
    assert_int_equal(
        my_row(conn, "SELECT CAST(1e38 AS decimal(65))", NULL, 0, &column, 1, &out, &arena, &error),
        CORM_ERROR_RANGE);
    double mean = 0;
    assert_int_equal(read_as("SELECT AVG(x) FROM (SELECT "
                             "CAST('12345678901234567890.123456789012345678901234567890' AS "
                             "decimal(65, 30)) AS x) AS t",
                             CORM_DOUBLE_PRECISION, &mean, &error),
                     1);
    assert_true(mean == 12345678901234567890.123456789);
}

static void test_types__results_widen_and_refuse(void **state) {
    (void)state;
    my_run(conn, "CREATE TABLE others (a bigint unsigned, b bit(9), c year, d tinyint unsigned, e "
                 "mediumint); INSERT INTO others VALUES (5, 5, 2005, 5, 5), (18446744073709551615, "
                 "256, 1999, 255, -8388608)");
    static const reading cases[] = {
        { "SELECT CAST(5 AS signed)", CORM_BIGINT, 1 },
        { "SELECT small FROM (SELECT CAST(5 AS int) AS small) AS t", CORM_SMALLINT, 1 },
        { "SELECT 5.0", CORM_BIGINT, 1 },
        { "SELECT CAST(5 AS decimal(20))", CORM_INTEGER, 1 },
        { "SELECT SUM(x) FROM (SELECT 2 AS x UNION ALL SELECT 3) AS t", CORM_BIGINT, 1 },
        { "SELECT a FROM others ORDER BY a LIMIT 1", CORM_BIGINT, 1 },
        { "SELECT b FROM others ORDER BY a LIMIT 1", CORM_BIGINT, 1 },
        { "SELECT c - 2000 FROM others ORDER BY a LIMIT 1", CORM_BIGINT, 1 },
        { "SELECT d FROM others ORDER BY a LIMIT 1", CORM_SMALLINT, 1 },
        { "SELECT e FROM others ORDER BY a LIMIT 1", CORM_INTEGER, 1 },
        { "SELECT a FROM others ORDER BY a DESC LIMIT 1", CORM_BIGINT, CORM_ERROR_RANGE },
        { "SELECT 5.5", CORM_BIGINT, CORM_ERROR_RANGE },
        { "SELECT 70000", CORM_SMALLINT, CORM_ERROR_RANGE },
        { "SELECT 1000000000000000000000000000000", CORM_BIGINT, CORM_ERROR_RANGE },
        { "SELECT 'x'", CORM_BIGINT, CORM_ERROR_TYPE },
        { "SELECT 5e0", CORM_BIGINT, CORM_ERROR_TYPE },
        { "SELECT 1", CORM_TEXT, CORM_ERROR_TYPE },
        { "SELECT CAST('a' AS binary)", CORM_BIGINT, CORM_ERROR_TYPE },
        { "SELECT X'FF'", CORM_TEXT, CORM_ERROR_TYPE },
        { "SELECT NOW()", CORM_DATE, CORM_ERROR_TYPE },
        { "SELECT NULLIF(1, 1)", CORM_BIGINT, CORM_ERROR_TYPE },
    };
    corm_error_info error;
    check_readings(cases, sizeof cases / sizeof *cases);
    int32_t low = 0;
    assert_int_equal(read_as("SELECT e FROM others ORDER BY a DESC LIMIT 1", CORM_INTEGER,
                             &low, &error),
                     1);
    assert_int_equal(low, -8388608);
    corm_decimal decimal;
    assert_int_equal(read_as("SELECT a FROM others ORDER BY a DESC LIMIT 1", CORM_DECIMAL,
                             &decimal, &error),
                     1);
    assert_true(decimal.low == UINT64_MAX && decimal.high == 0 && decimal.scale == 0);
    const char *text;
    static const char *const texts[] = { "SELECT 'x'", "SELECT CAST('x' AS char(5))",
                                         "SELECT CAST('x' AS binary)", "SELECT _latin1 'x'",
                                         "SELECT JSON_UNQUOTE('\"x\"')" };
    check_texts(texts, sizeof texts / sizeof *texts);
    assert_true(read_as("SELECT 'a\0b'", CORM_TEXT, &text, &error) < 0);
    assert_int_equal(read_as("SELECT CONCAT('a', CHAR(0 USING utf8mb4), 'b')", CORM_TEXT,
                             &text, &error),
                     CORM_ERROR_TYPE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types__integers_keep_their_limits),
        cmocka_unit_test(test_types__values_that_do_not_fit_are_refused_before_they_are_sent),
        cmocka_unit_test(test_types__floats_keep_every_bit),
        cmocka_unit_test(test_types__decimals_keep_38_digits),
        cmocka_unit_test(test_types__texts_and_blobs_are_kept),
        cmocka_unit_test(test_types__times_are_kept),
        cmocka_unit_test(test_types__uuid_boolean_and_enumeration),
        cmocka_unit_test(test_types__results_widen_and_refuse),
        cmocka_unit_test(test_types__objects_optionals_and_probes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
