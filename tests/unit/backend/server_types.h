/* Values that go to a server and come back: one body of tests, which each server's tests include;
 * "differs" has what is another there. */
#pragma once
#include "server_backend.h"

static corm_conn *conn;
static corm_arena arena;

static const struct differs {
    const char *objects; /* two rows of a user with or without age, key and team */
    const char *second;  /* the name of its second column */
} differs;

/* Sends a value, and reads it back as this kind: from a column where there must be one. */
static void round_trip(const char *column, corm_value value, corm_kind kind, void *out);

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

/* A query of a 5, what it is read as, and what comes of that. */
typedef struct reading { const char *sql; corm_kind kind; int status; } reading;

static void check_readings(const reading *cases, size_t n) {
    corm_error_info error;
    for (size_t i = 0; i < n; i++) {
        union {
            int64_t number;
            char bytes[64];
        } out = { 0 };
        int status = backend_row(conn, cases[i].sql, NULL, 0,
                            &(corm_fetch_column){ .kind = cases[i].kind, .name = "n" }, 1, &out,
                            &arena, &error);
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
        assert_int_equal(backend_row(conn, texts[i], NULL, 0,
                                &(corm_fetch_column){ .kind = CORM_TEXT, .name = "t" }, 1, &text,
                                &arena, &error),
                         1);
        assert_string_equal(text, "x");
    }
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
