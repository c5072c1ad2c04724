/* Every kind of column comes back as it was, at its limits too. */
#include "harness.h"
#include <math.h>

static corm_date day_of(int year, int month, int day) {
    corm_date date;
    assert_int_equal(corm_date_of(year, month, day, &date), 0);
    return date;
}

static corm_decimal decimal_of(const char *text) {
    corm_decimal value;
    assert_int_equal(corm_decimal_parse(text, &value), 0);
    return value;
}

static const corm_timestamp first_moment = { INT64_C(-62135596800000000) },
                            last_moment = { INT64_C(253402300799999999) };

static Kinds plain(void) {
    return (Kinds){ .short_text = "",
                    .long_text = "",
                    .bytes = { "", 0 },
                    .document = "{}",
                    .day = day_of(2000, 2, 29),
                    .level = LEVEL_EASY };
}

static void check(const Kinds *in) {
    Kinds row = *in;
    assert_ok(corm_insert(db, AllKinds, &row));
    Kinds *out = corm_find(db, AllKinds, row.id);
    assert_rows(out, 1);
    assert_int_equal(out->small, in->small);
    assert_int_equal(out->normal, in->normal);
    assert_int_equal(out->big, in->big);
    assert_int_equal(out->yes, in->yes);
    assert_memory_equal(&out->single, &in->single, sizeof in->single);
    if (isnan(in->twice)) assert_true(isnan(out->twice));
    else assert_memory_equal(&out->twice, &in->twice, sizeof in->twice);
    assert_int_equal(corm_decimal_compare(out->price, in->price), 0);
    assert_int_equal(corm_decimal_compare(out->huge, in->huge), 0);
    assert_string_equal(out->short_text, in->short_text);
    assert_string_equal(out->long_text, in->long_text);
    assert_non_null(out->bytes.data);
    assert_int_equal(out->bytes.size, in->bytes.size);
    if (in->bytes.size) assert_memory_equal(out->bytes.data, in->bytes.data, in->bytes.size);
    assert_int_equal(out->day.days, in->day.days);
    assert_int_equal(out->hour.us, in->hour.us);
    assert_int_equal(out->moment.us, in->moment.us);
    assert_int_equal(out->span.us, in->span.us);
    assert_memory_equal(&out->key, &in->key, sizeof in->key);
    assert_string_equal(out->document, in->document);
    assert_int_equal(out->level, in->level);
    corm_free(out);
    /* The value finds its row again. */
    assert_int_equal(
        corm_count(db, AllKinds,
                   .where =
                       AND(EQ(AllKinds.id, row.id), EQ(AllKinds.big, in->big),
                           EQ(AllKinds.huge, in->huge), EQ(AllKinds.yes, in->yes),
                           EQ(AllKinds.long_text, in->long_text), EQ(AllKinds.bytes, in->bytes),
                           EQ(AllKinds.day, in->day), EQ(AllKinds.hour, in->hour),
                           EQ(AllKinds.moment, in->moment), EQ(AllKinds.span, in->span),
                           EQ(AllKinds.key, in->key), EQ(AllKinds.level, in->level))),
        1);
}

static void test_kinds__least(void **state) {
    (void)state;
    Kinds row = plain();
    row.small = INT16_MIN;
    row.normal = INT32_MIN;
    row.big = INT64_MIN;
    row.single = -3.4028234e38f;
    row.twice = -1.7976931348623157e308;
    row.price = decimal_of("-99999.99");
    row.huge = decimal_of("-9999999999999999999999999999.9999999999");
    row.day = day_of(1, 1, 1);
    row.moment = first_moment;
    row.span.us = INT64_C(-9000000000000000000);
    check(&row);
}

static void test_kinds__most(void **state) {
    (void)state;
    static const char bytes[] = { 0, 1, (char)0xFF, 0, '\'' , '\\', 0 };
    Kinds row = plain();
    row.small = INT16_MAX;
    row.normal = INT32_MAX;
    row.big = INT64_MAX;
    row.yes = true;
    row.single = 1.17549435e-38f;
    row.twice = 5e-324;
    row.price = decimal_of("99999.99");
    row.huge = decimal_of("9999999999999999999999999999.9999999999");
    row.short_text = "𝄞é'\"\\";
    row.long_text = "𓀀 日本語 Ελληνικά \xEF\xBF\xBD \n\t\r ; -- \x01\x7F";
    row.bytes = (corm_blob){ bytes, sizeof bytes };
    row.day = day_of(9999, 12, 31);
    row.hour.us = INT64_C(86399999999);
    row.moment = last_moment;
    row.span.us = INT64_C(9000000000000000000);
    memset(&row.key, 0xFE, sizeof row.key);
    row.document = "{\"a\": [1, 2.50, \"ü\", null]}";
    row.level = LEVEL_HARD;
    check(&row);
}

static void test_kinds__small_steps(void **state) {
    (void)state;
    Kinds row = plain();
    row.single = 0.1f;
    row.twice = 0.1;
    row.huge = decimal_of("0.0000000001");
    row.price = decimal_of("0.01");
    row.moment.us = -1;
    row.hour.us = 1;
    row.span.us = -1;
    check(&row);
    row.huge = decimal_of("-0.0000000001");
    row.moment.us = INT64_C(1234567890123456);
    row.day = day_of(1582, 10, 10);
    check(&row);
}

static void test_kinds__nan_and_infinity(void **state) {
    (void)state;
    Kinds row = plain();
    if (quirk->infinity) {
        row.twice = INFINITY;
        row.single = -INFINITY;
        check(&row);
    }
    row = plain();
    row.twice = NAN;
    if (quirk->nan) check(&row);
    else assert_refused(corm_insert(db, AllKinds, &row), CORM_ERROR_RANGE, "NaN");
    row = plain();
    row.huge.scale = CORM_DECIMAL_NAN;
    if (quirk->nan) check(&row);
    else assert_refused(corm_insert(db, AllKinds, &row), CORM_ERROR_RANGE, "NaN");
}

static void test_kinds__refuse_what_they_cannot_hold(void **state) {
    (void)state;
    Kinds row = plain();
    row.moment.us = last_moment.us + 1;
    assert_refused(corm_insert(db, AllKinds, &row), CORM_ERROR_RANGE, "all_kinds.moment");
    row = plain();
    row.day.days = -800000;
    assert_refused(corm_insert(db, AllKinds, &row), CORM_ERROR_RANGE, "all_kinds.day");
    row = plain();
    row.hour.us = -1;
    assert_refused(corm_insert(db, AllKinds, &row), CORM_ERROR_RANGE, "all_kinds.hour");
    row = plain();
    row.bytes.data = NULL;
    assert_refused(corm_insert(db, AllKinds, &row), CORM_ERROR_NOT_NULL, "all_kinds.bytes");
    row = plain();
    row.price = decimal_of("100000");
    assert_refused(corm_insert(db, AllKinds, &row), CORM_ERROR_RANGE, "all_kinds.price");
}

static void test_optional__null_is_not_empty(void **state) {
    (void)state;
    Optional none = { 0 }, empty = { .small = CORM_SOME(0),
                                     .normal = CORM_SOME(0),
                                     .big = CORM_SOME(0),
                                     .yes = CORM_SOME(false),
                                     .single = CORM_SOME(0),
                                     .twice = CORM_SOME(0),
                                     .price = { true, { 0 } },
                                     .short_text = "",
                                     .long_text = "",
                                     .bytes = { "", 0 },
                                     .day = { true, { 0 } },
                                     .hour = { true, { 0 } },
                                     .moment = { true, { 0 } },
                                     .span = { true, { 0 } },
                                     .key = { true, { { 0 } } },
                                     .document = "null" };
    assert_ok(corm_insert(db, Optionals, &none));
    assert_ok(corm_insert(db, Optionals, &empty));
    Optional *rows = corm_all(db, Optionals, .order_by = BY(Optionals.id));
    assert_rows(rows, 2);
    const Optional *n = &rows[0], *e = &rows[1];
    assert_false(n->small.set || n->normal.set || n->big.set || n->yes.set || n->single.set ||
                 n->twice.set || n->price.set || n->day.set || n->hour.set || n->moment.set ||
                 n->span.set || n->key.set);
    assert_true(!n->short_text && !n->long_text && !n->bytes.data && !n->document);
    assert_true(e->small.set && e->normal.set && e->big.set && e->yes.set && e->single.set &&
                e->twice.set && e->price.set && e->day.set && e->hour.set && e->moment.set &&
                e->span.set && e->key.set);
    assert_string_equal(e->short_text, "");
    assert_true(e->bytes.data && e->bytes.size == 0);
    corm_free(rows);
    assert_int_equal(corm_count(db, Optionals, .where = IS_NULL(Optionals.long_text)), 1);
    assert_int_equal(corm_count(db, Optionals, .where = EQ(Optionals.long_text, "")), 1);
    assert_int_equal(corm_count(db, Optionals, .where = EQ(Optionals.normal, 0)), 1);
}

static void test_kinds__order_as_values_do(void **state) {
    (void)state;
    static const char *const prices[] = { "-10.5", "-9.75", "0", "0.05", "2", "10", "99999.99" };
    static const char *const huge[] = {
        "-123456789012345678901.5", "-5", "0", "0.0000000001", "7", "10", "123456789012345678901.5"
    };
    for (int i = 6; i >= 0; i--) {
        Kinds row = plain();
        row.price = decimal_of(prices[i]);
        row.huge = decimal_of(huge[i]);
        row.moment.us = (i - 3) * INT64_C(7777777777777);
        row.day.days = (i - 3) * 100000;
        row.span.us = (i - 3) * INT64_C(7777777777777);
        assert_ok(corm_insert(db, AllKinds, &row));
    }
    for (int by = 0; by < 5; by++) {
        Kinds *rows = by == 0   ? corm_all(db, AllKinds, .order_by = BY(AllKinds.price))
                      : by == 1 ? corm_all(db, AllKinds, .order_by = BY(AllKinds.huge))
                      : by == 2 ? corm_all(db, AllKinds, .order_by = BY(AllKinds.moment))
                      : by == 3 ? corm_all(db, AllKinds, .order_by = BY(AllKinds.day))
                                : corm_all(db, AllKinds, .order_by = BY(AllKinds.span));
        assert_rows(rows, 7);
        for (int i = 0; i < 7; i++)
            assert_int_equal(corm_decimal_compare(rows[i].price, decimal_of(prices[i])), 0);
        corm_free(rows);
    }
    assert_int_equal(corm_count(db, AllKinds, .where = GT(AllKinds.huge, 9)), 2);
    assert_int_equal(corm_count(db, AllKinds, .where = LT(AllKinds.price, decimal_of("-9.8"))), 1);
    CORM_ROW(Sums, optional_decimal(price, 38, 2), optional_decimal(huge, 38, 10));
    Sums *sums = corm_select(
        db, Sums, AllKinds,
        .columns = COLUMNS(AS(price, SUM(AllKinds.price)), AS(huge, SUM(AllKinds.huge))));
    assert_rows(sums, 1);
    assert_int_equal(corm_decimal_compare(sums->price.value, decimal_of("99991.79")), 0);
    assert_int_equal(corm_decimal_compare(sums->huge.value, decimal_of("12.0000000001")), 0);
    corm_free(sums);
}

CORM_MODEL(Shelf, Shelves, "shelves", identity(id), array(numbers, bigint),
           array(words, text, .null = true), array(weights, double_precision),
           array(small, integer));

static void test_arrays__come_back(void **state) {
    (void)state;
    enum { N = 5 };
    Shelf shelves[N] = { 0 };
    int64_t numbers[] = { INT64_MIN, 0, INT64_MAX };
    const char *words[] = { "", "a,b", "\"{}'", "𝄞" };
    double weights[] = { 0.1, -1e300 };
    int32_t small[] = { INT32_MIN };
    for (int i = 0; i < N; i++) {
        shelves[i].numbers = (corm_array_bigint){ numbers, (size_t)(i % 4) };
        if (i % 2) shelves[i].words = (corm_array_text){ words, 4 };
        shelves[i].weights = (corm_array_double_precision){ weights, 2 };
        shelves[i].small = (corm_array_integer){ small, 1 };
    }
    if (!quirk->arrays) {
        assert_ok(corm_exec(db, "CREATE TABLE shelves (id INTEGER PRIMARY KEY, numbers text, words "
                                "text, weights text, small text)"));
        assert_refused(corm_insert(db, Shelves, &shelves[0]), CORM_ERROR_UNSUPPORTED, "array");
        return;
    }
    assert_ok(corm_exec(db, "CREATE TABLE shelves (id bigint GENERATED BY DEFAULT AS IDENTITY "
                            "PRIMARY KEY, numbers bigint[] NOT NULL, words text[], "
                            "weights double precision[] NOT NULL, small integer[] NOT NULL)"));
    assert_ok(corm_insert_many(db, Shelves, shelves, N));
    Shelf *rows = corm_all(db, Shelves, .order_by = BY(Shelves.id));
    assert_rows(rows, N);
    for (int i = 0; i < N; i++) {
        assert_int_equal(rows[i].id, shelves[i].id);
        assert_int_equal(rows[i].numbers.length, i % 4);
        for (int k = 0; k < i % 4; k++) assert_int_equal(rows[i].numbers.items[k], numbers[k]);
        assert_int_equal(rows[i].words.length, i % 2 ? 4 : 0);
        for (int k = 0; i % 2 && k < 4; k++) assert_string_equal(rows[i].words.items[k], words[k]);
        assert_true((rows[i].words.items != NULL) == (i % 2 == 1));
        assert_true(rows[i].weights.items[1] == weights[1]);
        assert_int_equal(rows[i].small.items[0], INT32_MIN);
    }
    corm_free(rows);
    shelves[0] = (Shelf){ .numbers = { NULL, 0 } };
    assert_refused(corm_insert(db, Shelves, &shelves[0]), CORM_ERROR_NOT_NULL, "shelves.numbers");
}

static void test_kinds__take_0_and_1_for_a_boolean(void **state) {
    (void)state;
    Kinds row = { .yes = true, .short_text = "a", .long_text = "b", .document = "{}" };
    row.bytes = (corm_blob){ "x", 1 };
    assert_ok(corm_insert(db, AllKinds, &row));
    int one = 1, two = 2;
    assert_int_equal(corm_count(db, AllKinds, .where = EQ(AllKinds.yes, one)), 1);
    assert_int_equal(corm_count(db, AllKinds, .where = NE(AllKinds.yes, 1)), 0);
    assert_int_equal(corm_update(db, AllKinds, .set = SET(TO(AllKinds.yes, 0)), .all = true), 1);
    assert_int_equal(corm_count(db, AllKinds, .where = EQ(AllKinds.yes, false)), 1);
    assert_refused(corm_count(db, AllKinds, .where = EQ(AllKinds.yes, two)), CORM_ERROR_RANGE,
                   "2 is neither 0 nor 1");
}

const struct CMUnitTest kind_tests[] = {
    TEST(test_kinds__take_0_and_1_for_a_boolean),
    TEST(test_kinds__least),
    TEST(test_kinds__most),
    TEST(test_kinds__small_steps),
    TEST(test_kinds__nan_and_infinity),
    TEST(test_kinds__refuse_what_they_cannot_hold),
    TEST(test_optional__null_is_not_empty),
    TEST(test_kinds__order_as_values_do),
    TEST(test_arrays__come_back),
};
const size_t n_kind_tests = sizeof kind_tests / sizeof *kind_tests;
