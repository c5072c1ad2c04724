/* Values that go to a server and come back: one body of tests, which each server's tests include;
 * "differs" has what is another there. */
#pragma once
#include "server_backend.h"

static corm_conn *conn;
static corm_arena arena;

/* What is read as a kind. */
typedef struct reading {
    const char *sql;
    corm_kind kind;
    int status;
} reading;

static const struct differs {
    const char *objects; /* two rows of a user with or without age, key and team */
    const char *second;  /* the name of its second column */
    const char *echo;    /* a query of its parameter */
    const char *moment;  /* a query of the timestamp that %s says */
    const char *interval;
    int64_t interval_us; /* what "interval" is */
    const char *bad_rows; /* said before "bad", or NULL */
    const reading *bad;   /* days and times that have no place here; ends with zeros */
    const char *uuid;     /* whose last byte is 10 */
    const char *label;    /* the text 'published' */
    const char *make_mood;
    const char *mood;    /* 'draft' of the enumeration that "make_mood" makes */
    const char *integer; /* what the type of SELECT 1 is called */
} differs;

/* Sends a value, and reads it back as this kind: from a column where there must be one. */
static void round_trip(const char *column, corm_value value, corm_kind kind, void *out);

/* The one value of a query. What step returned. */
static int read_as(const char *sql, corm_kind kind, void *out, corm_error_info *error) {
    return backend_row(conn, sql, NULL, 0, &(corm_fetch_column){ .kind = kind, .name = "n" }, 1,
                       out, &arena, error);
}

static int teardown(void **state) {
    (void)state;
    corm__arena_release(&arena);
    BACKEND->close(conn);
    return 0;
}

static void test_types__integers_keep_their_limits(void **state) {
    (void)state;
    static const int64_t values[] = { INT64_MIN, INT64_MAX, 0, -1, 1 };
    for (size_t i = 0; i < 5; i++) {
        int64_t out = 7;
        round_trip("big", (corm_value){ .kind = CORM_BIGINT, .integer = values[i] }, CORM_BIGINT,
                   &out);
        assert_true(out == values[i]);
        corm_interval interval = { 7 };
        round_trip("big", (corm_value){ .kind = CORM_INTERVAL, .interval = { values[i] } },
                   CORM_INTERVAL, &interval);
        assert_true(interval.us == values[i]);
    }
    int32_t integer;
    int16_t small;
    round_trip("normal", (corm_value){ .kind = CORM_INTEGER, .integer = INT32_MIN }, CORM_INTEGER,
               &integer);
    assert_int_equal(integer, INT32_MIN);
    round_trip("small", (corm_value){ .kind = CORM_SMALLINT, .integer = INT16_MIN }, CORM_SMALLINT,
               &small);
    assert_int_equal(small, INT16_MIN);
    round_trip("small", (corm_value){ .kind = CORM_SMALLINT, .integer = INT16_MAX }, CORM_SMALLINT,
               &small);
    assert_int_equal(small, INT16_MAX);
}

static void test_types__texts_and_blobs_are_kept(void **state) {
    (void)state;
    const char *out;
    static const char *const texts[] = { "Ἀθῆναι 🍲 'quoted' \\ \"x\"", "", "trailing  ", "\\%_" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        round_trip("word", CORM_VALUE_TEXT(texts[i]), CORM_VARCHAR, &out);
        assert_string_equal(out, texts[i]);
        round_trip("words", CORM_VALUE_TEXT(texts[i]), CORM_TEXT, &out);
        assert_string_equal(out, texts[i]);
    }
    round_trip("words", CORM_VALUE_TEXT(NULL), CORM_TEXT, &out);
    assert_null(out);
    round_trip("words", (corm_value){ .kind = CORM_JSON, .text = "{\"b\": 1.10,  \"a\":[]}" },
               CORM_JSON, &out);
    assert_string_equal(out, "{\"b\": 1.10,  \"a\":[]}");
    corm_blob blob;
    round_trip("bytes", CORM_VALUE_BLOB("a\0b\xFF", 4), CORM_BLOB, &blob);
    assert_int_equal(blob.size, 4);
    assert_memory_equal(blob.data, "a\0b\xFF", 4);
    round_trip("bytes", CORM_VALUE_BLOB("", 0), CORM_BLOB, &blob);
    assert_non_null(blob.data);
    assert_int_equal(blob.size, 0);
    round_trip("bytes", CORM_VALUE_BLOB(NULL, 0), CORM_BLOB, &blob);
    assert_null(blob.data);
}

/* Queries of a 5. */
static void check_readings(const reading *cases, size_t n) {
    corm_error_info error;
    for (size_t i = 0; i < n; i++) {
        union {
            int64_t number;
            char bytes[64];
        } out = { 0 };
        int status = read_as(cases[i].sql, cases[i].kind, &out, &error);
        if (status != cases[i].status)
            fail_msg("%s as %s: %d (%s)", cases[i].sql, corm_kind_name(cases[i].kind), status,
                     status < 0 ? error.message : "");
        if (status == 1)
            assert_int_equal(cases[i].kind == CORM_SMALLINT  ? *(int16_t *)out.bytes
                             : cases[i].kind == CORM_INTEGER ? *(int32_t *)out.bytes
                                                             : out.number,
                             5);
    }
}

static void check_texts(const char *const *texts, size_t n) {
    corm_error_info error;
    const char *text;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(read_as(texts[i], CORM_TEXT, &text, &error), 1);
        assert_string_equal(text, "x");
    }
    char message[100];
    assert_int_equal(read_as("SELECT 1 AS n", CORM_TEXT, &text, &error), CORM_ERROR_TYPE);
    snprintf(message, sizeof message, "column \"n\" is %s in the database and text in the struct",
             differs.integer);
    assert_string_equal(error.message, message);
}

static void test_types__times_are_kept(void **state) {
    (void)state;
    static const char *const moments[] = {
        "0001-01-01 00:00:00.000000", "9999-12-31 23:59:59.999999", "1970-01-01 00:00:00.000000",
        "1969-12-31 23:59:59.999999", "1999-12-31 23:59:59.999999", "2026-11-22 17:05:09.000123",
        "2026-11-22 17:00:00.000000", "2040-02-29 00:00:00.000001"
    };
    char text[CORM_TIMESTAMP_TEXT];
    corm_error_info error;
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        corm_timestamp in, out;
        assert_int_equal(corm_timestamp_parse(moments[i], &in), 0);
        round_trip("moment", CORM_VALUE_TIMESTAMP(in), CORM_TIMESTAMP, &out);
        assert_string_equal(corm_timestamp_format(out, text, sizeof text), moments[i]);
        char sql[100];
        snprintf(sql, sizeof sql, differs.moment, moments[i]);
        assert_int_equal(read_as(sql, CORM_TIMESTAMP, &out, &error), 1);
        assert_true(out.us == in.us);
    }
    static const int days[][3] = { { 1, 1, 1 }, { 9999, 12, 31 }, { 1970, 1, 1 }, { 2024, 2, 29 } };
    for (size_t i = 0; i < 4; i++) {
        corm_date in, out;
        assert_int_equal(corm_date_of(days[i][0], days[i][1], days[i][2], &in), 0);
        round_trip("day", CORM_VALUE_DATE(in), CORM_DATE, &out);
        assert_int_equal(out.days, in.days);
    }
    static const int64_t hours[] = { 0, 1, 86399999999, 43200000000 };
    for (size_t i = 0; i < 4; i++) {
        corm_time time;
        round_trip("hour", (corm_value){ .kind = CORM_TIME, .time = { hours[i] } }, CORM_TIME,
                   &time);
        assert_true(time.us == hours[i]);
    }
    corm_interval interval;
    round_trip("big", (corm_value){ .kind = CORM_INTERVAL, .interval = { -1 } }, CORM_INTERVAL,
               &interval);
    assert_true(interval.us == -1);
    assert_int_equal(read_as(differs.interval, CORM_INTERVAL, &interval, &error), 1);
    assert_true(interval.us == differs.interval_us);
    if (differs.bad_rows) backend_run(conn, differs.bad_rows);
    for (const reading *bad = differs.bad; bad->sql; bad++)
        assert_int_equal(read_as(bad->sql, bad->kind, &interval, &error), bad->status);
    corm_value late = CORM_VALUE_TIMESTAMP(((corm_timestamp){ 253402300800000000 }));
    assert_int_equal(backend_row(conn, differs.echo, &late, 1,
                                 &(corm_fetch_column){ .kind = CORM_TIMESTAMP, .name = "x" }, 1,
                                 &interval, &arena, &error),
                     CORM_ERROR_RANGE);
}

static void test_types__uuid_boolean_and_enumeration(void **state) {
    (void)state;
    corm_uuid uuid, in;
    corm_uuid_new(&in);
    round_trip("uuid", CORM_VALUE_UUID(in), CORM_UUID, &uuid);
    assert_memory_equal(&uuid, &in, sizeof in);
    corm_error_info error;
    assert_int_equal(read_as(differs.uuid, CORM_UUID, &uuid, &error), 1);
    assert_int_equal(uuid.bytes[15], 10);
    assert_int_equal(read_as("SELECT 'not one'", CORM_UUID, &uuid, &error), CORM_ERROR_TYPE);
    for (int i = 0; i < 2; i++) {
        bool boolean = !i;
        round_trip("yes", CORM_VALUE_BOOLEAN(i), CORM_BOOLEAN, &boolean);
        assert_int_equal(boolean, i);
    }
    corm_fetch_column column = { .kind = CORM_ENUMERATION,
                                 .name = "status",
                                 .labels = (const char *const[]){ "draft", "published", NULL },
                                 .values = (const int[]){ 3, 7 } };
    int label = 0;
    assert_int_equal(
        backend_row(conn, differs.label, NULL, 0, &column, 1, &label, &arena, &error), 1);
    assert_int_equal(label, 7);
    backend_run(conn, differs.make_mood);
    assert_int_equal(backend_row(conn, differs.mood, NULL, 0, &column, 1, &label, &arena, &error),
                     1);
    assert_int_equal(label, 3);
    assert_int_equal(
        backend_row(conn, "SELECT 'gone'", NULL, 0, &column, 1, &label, &arena, &error),
        CORM_ERROR_TYPE);
    assert_string_equal(error.message,
                        "column \"status\": \"gone\" is none of the labels of its enumeration");
}

static void test_types__objects_optionals_and_probes(void **state) {
    (void)state;
    struct user {
        int64_t id;
        corm_optional_integer age;
        corm_optional_uuid key;
    } user = { 0 };
    struct team {
        int64_t id;
        const char *name;
    } team = { 0 };
    const corm_fetch_column columns[] = {
        { .kind = CORM_BIGINT, .offset = offsetof(struct user, id), .name = "id" },
        { .kind = CORM_INTEGER,
          .optional = true,
          .offset = offsetof(struct user, age),
          .name = "age" },
        { .kind = CORM_UUID,
          .optional = true,
          .offset = offsetof(struct user, key),
          .name = "key" },
        { .kind = CORM_BIGINT,
          .probe = true,
          .object = 1,
          .offset = offsetof(struct team, id),
          .name = "team_id" },
        { .kind = CORM_TEXT, .object = 1, .offset = offsetof(struct team, name), .name = "name" },
    };
    corm_fetch fetch = { columns, 5, 2 };
    corm_error_info error;
    corm_stmt *stmt;
    assert_int_equal(backend_start(conn, differs.objects, NULL, 0, 0, &stmt, &error), 0);
    assert_int_equal(BACKEND->column_count(stmt), 5);
    assert_string_equal(BACKEND->column_name(stmt, 1), differs.second);
    void *objects[] = { &user, &team };
    assert_int_equal(BACKEND->step(stmt, &fetch, objects, &arena, &error), 1);
    assert_true(user.id == 1 && user.age.set && user.age.value == 30 && user.key.set &&
                user.key.value.bytes[15] == 10 && team.id == 2);
    assert_string_equal(team.name, "red");
    assert_int_equal(BACKEND->step(stmt, &fetch, objects, &arena, &error), 1);
    assert_true(user.id == 2 && !user.age.set && !user.key.set);
    assert_null(objects[1]);
    assert_int_equal(BACKEND->step(stmt, &fetch, objects, &arena, &error), 0);
    BACKEND->finalize(stmt);
}
