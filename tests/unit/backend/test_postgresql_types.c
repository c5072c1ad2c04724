#include "postgresql.h"
#include "server_types.h"
#include <math.h>

static const struct differs differs = {
    .objects =
        "VALUES (1::bigint, 30, '00000000-0000-0000-0000-00000000000a'::uuid, 2::bigint, 'red'), "
        "(2, NULL, NULL, NULL, NULL)",
    .second = "column2",
    .echo = "SELECT $1",
    .moment = "SELECT timestamptz '%s'", /* the session's time zone is UTC */
    .interval = "SELECT interval '2 days 00:00:01'",
    .interval_us = 2 * 86400000000 + 1000000,
    .bad = (const reading[]){ { "SELECT interval '1 month'", CORM_INTERVAL, CORM_ERROR_RANGE },
                              { "SELECT timestamptz 'infinity'", CORM_TIMESTAMP, CORM_ERROR_RANGE },
                              { "SELECT date '-infinity'", CORM_DATE, CORM_ERROR_RANGE },
                              { "SELECT date '10000-01-01'", CORM_DATE, CORM_ERROR_RANGE },
                              { "SELECT timestamptz '0001-12-31 BC'", CORM_TIMESTAMP,
                                CORM_ERROR_RANGE },
                              { "SELECT time '24:00'", CORM_TIME, CORM_ERROR_RANGE },
                              { 0 } },
    .uuid = "SELECT '00000000-0000-0000-0000-00000000000a'::uuid",
    .label = "SELECT 'published'::varchar",
    .make_mood = "CREATE TYPE mood AS ENUM ('draft', 'published')",
    .mood = "SELECT 'draft'::mood",
    .integer = "integer",
};

static int setup(void **state) {
    (void)state;
    conn = pg_connect();
    return 0;
}

/* Sends a value and reads it back as a column of this kind. */
static void round_trip(const char *column, corm_value value, corm_kind kind, void *out) {
    (void)column; /* $1 needs none */
    corm_error_info error;
    int status = pg_row(conn, "SELECT $1", &value, 1,
                        &(corm_fetch_column){ .kind = kind, .null = true, .name = "v" }, 1, out,
                        &arena, &error);
    if (status != 1) fail_msg("%s: %s", corm_kind_name(kind), error.message);
}

static void test_types__integer_that_does_not_fit_is_refused_before_it_is_sent(void **state) {
    (void)state;
    corm_error_info error;
    corm_stmt *stmt;
    corm_kind kind = CORM_SMALLINT;
    assert_int_equal(PG->prepare(conn, "SELECT $1", 9, &kind, 1, &stmt, &error), 0);
    assert_int_equal(
        PG->execute(stmt, &(corm_value){ .kind = CORM_BIGINT, .integer = 32768 }, 1, 0, &error),
        CORM_ERROR_RANGE);
    assert_string_equal(error.message, "value 1 does not fit a smallint: it holds -32768 to 32767");
    assert_string_equal(error.sqlstate, "");
    PG->finalize(stmt);
}

static void test_types__floats_keep_every_bit(void **state) {
    (void)state;
    static const double values[] = { 0.1, -0.0, 1e308, 5e-324, INFINITY, -INFINITY, NAN };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double out = 7;
        round_trip(NULL, (corm_value){ .kind = CORM_DOUBLE_PRECISION, .real = values[i] },
                   CORM_DOUBLE_PRECISION, &out);
        assert_true(isnan(values[i]) ? isnan(out) : memcmp(&out, &values[i], sizeof out) == 0);
    }
    float real = 0;
    round_trip(NULL, (corm_value){ .kind = CORM_REAL, .real = 0.1f }, CORM_REAL, &real);
    assert_true(real == 0.1f);
    corm_error_info error;
    corm_value large = { .kind = CORM_REAL, .real = 1e300 };
    assert_int_equal(pg_row(conn, "SELECT $1", &large, 1,
                            &(corm_fetch_column){ .kind = CORM_REAL, .name = "v" }, 1, &real,
                            &arena, &error),
                     CORM_ERROR_RANGE);
}

static void test_types__decimals_keep_38_digits_and_their_scale(void **state) {
    (void)state;
    static const char *const texts[] = { "0",
                                         "0.00",
                                         "1",
                                         "-1",
                                         "0.1",
                                         "-12.30",
                                         "10000",
                                         "9999",
                                         "100000000",
                                         "0.0001",
                                         "0.00001",
                                         "12345.678901",
                                         "99999999999999999999999999999999999999",
                                         "-99999999999999999999999999999999999999",
                                         "0.99999999999999999999999999999999999999",
                                         "1234567890123456789.0123456789012345678",
                                         "10000000000000000000000000000000000000",
                                         "0.00000000000000000000000000000000000001",
                                         "NaN",
                                         "1.5",
                                         "123.45",
                                         "1.0000",
                                         "5000.5000" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        corm_decimal in, out;
        char text[CORM_DECIMAL_TEXT];
        assert_int_equal(corm_decimal_parse(texts[i], &in), 0);
        round_trip(NULL, (corm_value){ .kind = CORM_DECIMAL, .decimal = in }, CORM_DECIMAL, &out);
        assert_string_equal(corm_decimal_format(out, text, sizeof text), texts[i]);
        /* as the server understands it, too */
        char sql[200];
        snprintf(sql, sizeof sql,
                 "SELECT ($1 = '%s'::numeric AND scale($1) IS NOT DISTINCT FROM "
                 "scale('%s'::numeric))::int::bigint",
                 texts[i], texts[i]);
        int64_t same = 0;
        corm_error_info error;
        corm_value value = { .kind = CORM_DECIMAL, .decimal = in };
        assert_int_equal(pg_row(conn, sql, &value, 1,
                                &(corm_fetch_column){ .kind = CORM_BIGINT, .name = "n" }, 1, &same,
                                &arena, &error),
                         1);
        if (same != 1) fail_msg("%s", texts[i]);
        snprintf(sql, sizeof sql, "SELECT '%s'::numeric", texts[i]);
        assert_int_equal(pg_row(conn, sql, NULL, 0,
                                &(corm_fetch_column){ .kind = CORM_DECIMAL, .name = "n" }, 1, &out,
                                &arena, &error),
                         1);
        assert_string_equal(corm_decimal_format(out, text, sizeof text), texts[i]);
    }
}

static void test_types__numeric_of_more_digits_is_an_error(void **state) {
    (void)state;
    corm_error_info error;
    corm_decimal out;
    corm_fetch_column column = { .kind = CORM_DECIMAL, .name = "n" };
    assert_int_equal(
        pg_row(conn, "SELECT 1e38::numeric", NULL, 0, &column, 1, &out, &arena, &error),
        CORM_ERROR_RANGE);
    assert_int_equal(pg_row(conn, "SELECT 'Infinity'::float8::text::numeric", NULL, 0, &column, 1,
                            &out, &arena, &error),
                     CORM_ERROR_RANGE);
    char text[CORM_DECIMAL_TEXT];
    /* zeros behind the point are no digits that matter */
    assert_int_equal(pg_row(conn, "SELECT 12345678901234567890123456789012::numeric(60, 28)", NULL,
                            0, &column, 1, &out, &arena, &error),
                     1);
    assert_string_equal(corm_decimal_format(out, text, sizeof text),
                        "12345678901234567890123456789012");
}

static void test_types__arrays_are_kept(void **state) {
    (void)state;
    corm_error_info error;
    corm_value bigints = { .kind = CORM_ARRAY,
                           .element = CORM_BIGINT,
                           .array = { (const int64_t[]){ 1, -2, INT64_MAX }, 3, false } };
    corm_array_bigint out;
    assert_int_equal(
        pg_row(conn, "SELECT $1::bigint[]", &bigints, 1,
               &(corm_fetch_column){ .kind = CORM_ARRAY, .element = CORM_BIGINT, .name = "a" }, 1,
               &out, &arena, &error),
        1);
    assert_int_equal(out.length, 3);
    assert_true(out.items[0] == 1 && out.items[1] == -2 && out.items[2] == INT64_MAX);
    corm_value texts = { .kind = CORM_ARRAY,
                         .element = CORM_TEXT,
                         .array = { (const char *const[]){ "a", "", "ü" }, 3, false } };
    corm_array_text text;
    assert_int_equal(
        pg_row(conn, "SELECT $1::text[]", &texts, 1,
               &(corm_fetch_column){ .kind = CORM_ARRAY, .element = CORM_TEXT, .name = "a" }, 1,
               &text, &arena, &error),
        1);
    assert_int_equal(text.length, 3);
    assert_string_equal(text.items[2], "ü");
    bigints.array.length = 0;
    assert_int_equal(
        pg_row(conn, "SELECT $1::bigint[]", &bigints, 1,
               &(corm_fetch_column){ .kind = CORM_ARRAY, .element = CORM_BIGINT, .name = "a" }, 1,
               &out, &arena, &error),
        1);
    assert_int_equal(out.length, 0);
    assert_non_null(out.items);
    corm_fetch_column doubles = { .kind = CORM_ARRAY,
                                  .element = CORM_DOUBLE_PRECISION,
                                  .name = "a" };
    corm_array_double_precision real;
    assert_int_equal(pg_row(conn, "SELECT ARRAY[1.5, 2]::numeric[]", NULL, 0, &doubles, 1, &real,
                            &arena, &error),
                     1);
    assert_true(real.items[0] == 1.5 && real.items[1] == 2);
    assert_int_equal(pg_row(conn, "SELECT ARRAY[1, NULL]::float8[]", NULL, 0, &doubles, 1, &real,
                            &arena, &error),
                     CORM_ERROR_TYPE);
    assert_int_equal(
        pg_row(conn, "SELECT '{{1},{2}}'::float8[]", NULL, 0, &doubles, 1, &real, &arena, &error),
        CORM_ERROR_TYPE);
}

static void test_types__results_widen_and_refuse(void **state) {
    (void)state;
    static const reading cases[] = {
        { "SELECT 5::smallint", CORM_BIGINT, 1 },
        { "SELECT 5", CORM_BIGINT, 1 },
        { "SELECT 5.0::numeric", CORM_BIGINT, 1 },
        { "SELECT 5::bigint", CORM_SMALLINT, 1 },
        { "SELECT 5::numeric", CORM_INTEGER, 1 },
        { "SELECT 5::oid", CORM_BIGINT, 1 },
        { "SELECT 5.5::numeric", CORM_BIGINT, CORM_ERROR_RANGE },
        { "SELECT 70000", CORM_SMALLINT, CORM_ERROR_RANGE },
        { "SELECT 1e30::numeric", CORM_BIGINT, CORM_ERROR_RANGE },
        { "SELECT 'x'", CORM_BIGINT, CORM_ERROR_TYPE },
        { "SELECT 5.0::float8", CORM_BIGINT, CORM_ERROR_TYPE },
        { "SELECT true", CORM_BIGINT, CORM_ERROR_TYPE },
        { "SELECT 1", CORM_TEXT, CORM_ERROR_TYPE },
        { "SELECT ROW(1, 'a')", CORM_TEXT, CORM_ERROR_TYPE },
        { "SELECT now()", CORM_DATE, CORM_ERROR_TYPE },
        { "SELECT NULL::bigint", CORM_BIGINT, CORM_ERROR_TYPE },
    };
    corm_error_info error;
    check_readings(cases, sizeof cases / sizeof *cases);
    double real;
    assert_int_equal(read_as("SELECT avg(x) FROM (VALUES (1), (2)) t (x)", CORM_DOUBLE_PRECISION,
                             &real, &error),
                     1);
    assert_true(real == 1.5);
    const char *text;
    static const char *const texts[] = { "SELECT 'x'::varchar(5)", "SELECT 'x'::name",
                                         "SELECT '\"x\"'::jsonb #>> '{}'", "SELECT 'x'::\"char\"",
                                         "SELECT 'x'" };
    check_texts(texts, sizeof texts / sizeof *texts);
    assert_int_equal(read_as("SELECT '{\"a\": 1}'::jsonb", CORM_JSON, &text, &error),
                     1);
    assert_string_equal(text, "{\"a\": 1}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types__integers_keep_their_limits),
        cmocka_unit_test(test_types__integer_that_does_not_fit_is_refused_before_it_is_sent),
        cmocka_unit_test(test_types__floats_keep_every_bit),
        cmocka_unit_test(test_types__decimals_keep_38_digits_and_their_scale),
        cmocka_unit_test(test_types__numeric_of_more_digits_is_an_error),
        cmocka_unit_test(test_types__texts_and_blobs_are_kept),
        cmocka_unit_test(test_types__times_are_kept),
        cmocka_unit_test(test_types__uuid_boolean_and_enumeration),
        cmocka_unit_test(test_types__arrays_are_kept),
        cmocka_unit_test(test_types__results_widen_and_refuse),
        cmocka_unit_test(test_types__objects_optionals_and_probes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
