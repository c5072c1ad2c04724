#include "sqlite_fixture.h"
#include <float.h>
#include <math.h>

static corm_conn *conn;
static corm_arena arena;

static int setup(void **state) {
    (void)state;
    conn = open_database(":memory:");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    BACKEND->close(conn);
    corm__arena_release(&arena);
    return 0;
}

/* Stores value in a column declared as corm declares it, and reads it back. */
static int round_trip(const char *type, corm_value value, corm_fetch_column column, void *out) {
    char sql[128];
    corm_error_info error = { 0 };
    snprintf(sql, sizeof sql, "DROP TABLE IF EXISTS t; CREATE TABLE t (v %s)", type);
    run(conn, sql);
    int status = try_with(conn, "INSERT INTO t VALUES (?1)", &value, 1, &error);
    if (status) return status;
    column.name = "v";
    /* The same value finds it again: comparing changes nothing either. */
    bool null = value.kind == CORM_NULL || (value.kind == CORM_TEXT && !value.text);
    if (!null) assert_int_equal(run_with(conn, "UPDATE t SET v = v WHERE v = ?1", &value, 1), 1);
    status = fetch_one(conn, "SELECT v FROM t", NULL, 0, column, out, &arena, &error);
    if (status < 0) assert_true(error.message[0] != 0);
    return status;
}

static void test_types__integers(void **state) {
    (void)state;
    static const int64_t values[] = { 0,         1,         -1,        INT16_MAX, INT16_MIN,
                                      INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        int64_t v = values[i], bigint;
        int32_t integer;
        int16_t smallint;
        corm_optional_integer optional = { 0 };
        bool fits32 = v == (int32_t)v, fits16 = v == (int16_t)v;
        assert_int_equal(round_trip("BIGINT", (corm_value){ .kind = CORM_BIGINT, .integer = v },
                                    (corm_fetch_column){ .kind = CORM_BIGINT }, &bigint),
                         1);
        assert_true(bigint == v);
        corm_value value = { .kind = CORM_INTEGER, .integer = v };
        assert_int_equal(
            round_trip("INTEGER", value, (corm_fetch_column){ .kind = CORM_INTEGER }, &integer),
            fits32 ? 1 : CORM_ERROR_RANGE);
        if (fits32) assert_int_equal(integer, v);
        if (fits32)
            assert_int_equal(round_trip("INTEGER", value,
                                        (corm_fetch_column){
                                            .kind = CORM_INTEGER, .optional = true, .null = true },
                                        &optional),
                             1);
        if (fits32) assert_true(optional.set && optional.value == v);
        value.kind = CORM_SMALLINT;
        assert_int_equal(
            round_trip("SMALLINT", value, (corm_fetch_column){ .kind = CORM_SMALLINT }, &smallint),
            fits16 ? 1 : CORM_ERROR_RANGE);
        if (fits16) assert_int_equal(smallint, v);
        value.kind = CORM_BIGINT;   /* what another program wrote does not get cut */
        assert_int_equal(
            round_trip("BIGINT", value, (corm_fetch_column){ .kind = CORM_SMALLINT }, &smallint),
            fits16 ? 1 : CORM_ERROR_RANGE);
    }
    bool boolean = false;
    assert_int_equal(round_trip("BOOLEAN", CORM_VALUE_BOOLEAN(true),
                                (corm_fetch_column){ .kind = CORM_BOOLEAN }, &boolean),
                     1);
    assert_true(boolean);
}

static void test_types__floating_point(void **state) {
    (void)state;
    static const double values[] = { 0,      0.1, -1e300,   DBL_MIN,  DBL_MAX,
                                     5e-324, 3,   INFINITY, -INFINITY };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double d;
        assert_int_equal(round_trip("DOUBLE PRECISION", CORM_VALUE_DOUBLE(values[i]),
                                    (corm_fetch_column){ .kind = CORM_DOUBLE_PRECISION }, &d),
                         1);
        assert_true(d == values[i]);
    }
    float f;
    assert_int_equal(round_trip("REAL", (corm_value){ .kind = CORM_REAL, .real = 0.1f },
                                (corm_fetch_column){ .kind = CORM_REAL }, &f),
                     1);
    assert_true(f == 0.1f);
    assert_int_equal(
        round_trip("REAL", CORM_VALUE_DOUBLE(NAN), (corm_fetch_column){ .kind = CORM_REAL }, &f),
        CORM_ERROR_RANGE);
}

static void assert_decimal(const char *type, int digits, int places, const char *text) {
    corm_decimal value, out;
    corm_fetch_column column = { .kind = CORM_DECIMAL,
                                 .digits = (uint16_t)digits,
                                 .places = (uint16_t)places };
    assert_int_equal(corm_decimal_parse(text, &value), 0);
    assert_int_equal(corm_decimal_rescale(value, places, false, &value), 0);
    assert_int_equal(round_trip(type, CORM_VALUE_DECIMAL(value), column, &out), 1);
    assert_true(out.low == value.low && out.high == value.high && out.scale == places);
}

static void test_types__decimals_are_exact(void **state) {
    (void)state;
    assert_decimal("DECIMAL(5, 2)", 5, 2, "-999.99");
    assert_decimal("DECIMAL(18, 6)", 18, 6, "123456789012.345678");
    assert_decimal("DECIMAL_TEXT(38, 10) COLLATE corm_decimal", 38, 10,
                   "9999999999999999999999999999.9999999999");
    assert_decimal("DECIMAL_TEXT(38, 10) COLLATE corm_decimal", 38, 10, "-1.5");
    assert_decimal("DECIMAL_TEXT(38, 0) COLLATE corm_decimal", 38, 0,
                   "-99999999999999999999999999999999999999");
    run(conn, "CREATE TABLE d (v DECIMAL_TEXT(38, 2) COLLATE corm_decimal)");
    static const char *const texts[] = { "10",   "9", "-10", "-9", "100000000000000000000",
                                         "0.05", NULL };
    for (int i = 0; texts[i]; i++) {
        corm_decimal value;
        corm_decimal_parse(texts[i], &value);
        corm_decimal_rescale(value, 2, false, &value);
        run_with(conn, "INSERT INTO d VALUES (?1)", &CORM_VALUE_DECIMAL(value), 1);
    }
    assert_string_equal(text_of(conn, "SELECT group_concat(v) FROM (SELECT v FROM d ORDER BY v)"),
                        "-1000,-900,5,900,1000,10000000000000000000000");
    assert_string_equal(text_of(conn, "SELECT max(v) FROM d"), "10000000000000000000000");
    assert_int_equal(run_with(conn, "DELETE FROM d WHERE v > ?1",
                              &CORM_VALUE_DECIMAL(corm_decimal_of(950, 2)), 1),
                     2);
    assert_string_equal(text_of(conn, "SELECT corm_decimal_sum(v) FROM d"), "-995");
    corm_value nan = CORM_VALUE_DECIMAL(((corm_decimal){ .scale = CORM_DECIMAL_NAN }));
    corm_error_info error;
    assert_int_equal(try_with(conn, "INSERT INTO d VALUES (?1)", &nan, 1, &error),
                     CORM_ERROR_RANGE);
    corm_decimal mean;      /* what an expression gives as REAL is the value, not units */
    assert_int_equal(
        fetch_one(conn, "SELECT 2.345", NULL, 0,
                  (corm_fetch_column){ .kind = CORM_DECIMAL, .digits = 9, .places = 2 }, &mean,
                  &arena, &error),
        1);
    assert_int_equal(mean.low, 235);
}

static void test_types__text_and_blobs(void **state) {
    (void)state;
    static const char *const texts[] = {
        "", "plain", "123", "1e5", "0x10", " 7 ", "\xCE\xBB\xF0\x9F\x8D\xB2", "NULL", NULL
    };
    const char *out;
    for (int i = 0; texts[i]; i++) {
        assert_int_equal(round_trip("VARCHAR(9)", CORM_VALUE_TEXT(texts[i]),
                                    (corm_fetch_column){ .kind = CORM_VARCHAR }, &out),
                         1);
        assert_string_equal(out, texts[i]);
        assert_int_equal(round_trip("JSON_TEXT",
                                    (corm_value){ .kind = CORM_JSON, .text = texts[i] },
                                    (corm_fetch_column){ .kind = CORM_JSON }, &out),
                         1);
        assert_string_equal(out, texts[i]);
    }
    assert_int_equal(round_trip("TEXT", CORM_VALUE_TEXT(NULL),
                                (corm_fetch_column){ .kind = CORM_TEXT, .null = true }, &out),
                     1);
    assert_null(out);
    static const char bytes[] = { 0, 1, (char)0xFF, 0, 'x' };
    corm_blob blob;
    assert_int_equal(round_trip("BLOB", CORM_VALUE_BLOB(bytes, sizeof bytes),
                                (corm_fetch_column){ .kind = CORM_BLOB }, &blob),
                     1);
    assert_int_equal(blob.size, sizeof bytes);
    assert_memory_equal(blob.data, bytes, sizeof bytes);
    assert_int_equal(round_trip("BLOB", CORM_VALUE_BLOB("", 0),
                                (corm_fetch_column){ .kind = CORM_BLOB, .null = true }, &blob),
                     1);
    assert_true(blob.data && blob.size == 0);
    assert_int_equal(round_trip("BLOB", CORM_VALUE_NULL,
                                (corm_fetch_column){ .kind = CORM_BLOB, .null = true }, &blob),
                     1);
    assert_null(blob.data);
    corm_uuid uuid = { { 0x31, 0x32, 0x33, 0x34, 0, 0xFF } }, uuid_out;
    assert_int_equal(round_trip("UUID", CORM_VALUE_UUID(uuid),
                                (corm_fetch_column){ .kind = CORM_UUID }, &uuid_out),
                     1);
    assert_memory_equal(&uuid, &uuid_out, sizeof uuid);
    assert_string_equal(text_of(conn, "SELECT typeof(v) FROM t"), "blob");
}

static void test_types__moments(void **state) {
    (void)state;
    static const int64_t times[] = { 0,
                                     1,
                                     -1,
                                     INT64_C(-62135596800000000),
                                     INT64_C(253402300799999999),
                                     INT64_C(1795367109000123) };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        corm_timestamp timestamp;
        assert_int_equal(round_trip("TIMESTAMP",
                                    CORM_VALUE_TIMESTAMP(((corm_timestamp){ times[i] })),
                                    (corm_fetch_column){ .kind = CORM_TIMESTAMP }, &timestamp),
                         1);
        assert_true(timestamp.us == times[i]);
        assert_int_equal(integer_of(conn, "SELECT length(v) FROM t"), 26);
    }
    corm_timestamp timestamp;
    corm_value late = CORM_VALUE_TIMESTAMP(((corm_timestamp){ INT64_C(253402300800000000) }));
    assert_int_equal(
        round_trip("TIMESTAMP", late, (corm_fetch_column){ .kind = CORM_TIMESTAMP }, &timestamp),
        CORM_ERROR_RANGE);
    corm_error_info error;
    assert_int_equal(fetch_one(conn, "SELECT CURRENT_TIMESTAMP", NULL, 0,
                               (corm_fetch_column){ .kind = CORM_TIMESTAMP }, &timestamp, &arena,
                               &error),
                     1);
    assert_true(timestamp.us > INT64_C(1700000000000000));
    static const int32_t days[] = { 0, -719162, 2932896, 20779 };
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        corm_date date;
        assert_int_equal(round_trip("DATE", CORM_VALUE_DATE(((corm_date){ days[i] })),
                                    (corm_fetch_column){ .kind = CORM_DATE }, &date),
                         1);
        assert_int_equal(date.days, days[i]);
    }
    corm_time time;
    assert_int_equal(round_trip("TIME",
                                (corm_value){ .kind = CORM_TIME, .time = { INT64_C(86399999999) } },
                                (corm_fetch_column){ .kind = CORM_TIME }, &time),
                     1);
    assert_true(time.us == INT64_C(86399999999));
    assert_int_equal(round_trip("TIME",
                                (corm_value){ .kind = CORM_TIME, .time = { INT64_C(86400000000) } },
                                (corm_fetch_column){ .kind = CORM_TIME }, &time),
                     CORM_ERROR_RANGE);
    corm_interval interval;
    assert_int_equal(round_trip("INTERVAL",
                                (corm_value){ .kind = CORM_INTERVAL, .interval = { -5 } },
                                (corm_fetch_column){ .kind = CORM_INTERVAL }, &interval),
                     1);
    assert_true(interval.us == -5);
}

static void test_types__enumeration(void **state) {
    (void)state;
    static const char *const labels[] = { "draft", "published", NULL };
    static const int values[] = { 3, 8 };
    corm_fetch_column column = { .kind = CORM_ENUMERATION, .labels = labels, .values = values };
    int out;
    assert_int_equal(round_trip("VARCHAR(9)", CORM_VALUE_TEXT("published"), column, &out), 1);
    assert_int_equal(out, 8);
    assert_int_equal(round_trip("VARCHAR(9)", CORM_VALUE_TEXT("other"), column, &out),
                     CORM_ERROR_TYPE);
}

static void test_types__wrong_values_are_errors(void **state) {
    (void)state;
    corm_error_info error;
    char out[64];
    static const struct { const char *sql; corm_kind kind;
    } wrong[] = { { "SELECT 'abc' AS n", CORM_INTEGER },
                  { "SELECT 1.5 AS n", CORM_BIGINT },
                  { "SELECT x'00' AS n", CORM_DOUBLE_PRECISION },
                  { "SELECT 'yesterday' AS n", CORM_DATE },
                  { "SELECT 5 AS n", CORM_TIMESTAMP },
                  { "SELECT x'0011' AS n", CORM_UUID },
                  { "SELECT 'x' AS n", CORM_DECIMAL },
                  { "SELECT NULL AS n", CORM_INTEGER },
                  { "SELECT NULL AS n", CORM_TEXT } };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(fetch_one(conn, wrong[i].sql, NULL, 0,
                                   (corm_fetch_column){ .kind = wrong[i].kind }, out, &arena,
                                   &error),
                         CORM_ERROR_TYPE);
        assert_string_equal(error.column, "n");
        assert_non_null(strstr(error.message, corm_kind_name(wrong[i].kind)));
    }
    corm_value array = { .kind = CORM_ARRAY, .element = CORM_INTERVAL };
    assert_int_equal(try_with(conn, "SELECT ?1", &array, 1, &error), CORM_ERROR_UNSUPPORTED);
    corm_fetch two = { .columns = (corm_fetch_column[]){ { .kind = CORM_BIGINT },
                                                         { .kind = CORM_BIGINT } },
                       .n_columns = 2,
                       .n_objects = 1 };
    corm_stmt *stmt = start(conn, "SELECT 1", NULL, 0);
    assert_int_equal(BACKEND->step(stmt, &two, (void *[]){ out }, &arena, &error),
                     CORM_ERROR_USAGE);
    BACKEND->finalize(stmt);
}

static void test_fetch__fills_joined_objects(void **state) {
    (void)state;
    struct user { int64_t id; const char *name; } user;
    struct recipe { int64_t id; corm_optional_bigint user_id; } recipe;
    const corm_fetch_column columns[] = {
        { .kind = CORM_BIGINT, .offset = offsetof(struct recipe, id) },
        { .kind = CORM_BIGINT,
          .optional = true,
          .null = true,
          .offset = offsetof(struct recipe, user_id) },
        { .kind = CORM_BIGINT, .probe = true, .object = 1, .offset = offsetof(struct user, id) },
        { .kind = CORM_TEXT, .object = 1, .offset = offsetof(struct user, name) }
    };
    const corm_fetch fetch = { .columns = columns, .n_columns = 4, .n_objects = 2 };
    corm_error_info error;
    corm_stmt *stmt = start(conn, "VALUES (1, 7, 7, 'ada'), (2, NULL, NULL, NULL)", NULL, 0);
    void *objects[] = { &recipe, &user };
    assert_int_equal(BACKEND->step(stmt, &fetch, objects, &arena, &error), 1);
    assert_int_equal(user.id, 7);
    assert_string_equal(user.name, "ada");
    assert_true(recipe.user_id.set);
    assert_int_equal(BACKEND->step(stmt, &fetch, objects, &arena, &error), 1);
    assert_null(objects[1]);
    assert_false(recipe.user_id.set);
    assert_int_equal(BACKEND->step(stmt, &fetch, objects, &arena, &error), 0);
    BACKEND->finalize(stmt);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_types__integers),
        TEST(test_types__floating_point),
        TEST(test_types__decimals_are_exact),
        TEST(test_types__text_and_blobs),
        TEST(test_types__moments),
        TEST(test_types__enumeration),
        TEST(test_types__wrong_values_are_errors),
        TEST(test_fetch__fills_joined_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
