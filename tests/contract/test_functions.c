/* Functions of one row: the same answer on each engine, that of C or one worked out by hand. */
#include "harness.h"
#include <math.h>
#include <stdlib.h>

CORM_ROW(Integer, optional_bigint(value));
CORM_ROW(Double, optional_double_precision(value));
CORM_ROW(Exact, optional_decimal(value, 38, 2));
CORM_ROW(Text, text(value, .null = true));
CORM_ROW(Flag, optional_boolean(value));
CORM_ROW(Moment, optional_timestamp(value));
CORM_ROW(Day, optional_date(value));
CORM_ROW(Rated, enumeration(value, Grade));

/* A row of its own for each value: what is computed is computed of columns, not of constants. */
static int64_t row;

static void put(Optional values) {
    assert_ok(corm_insert(db, Optionals, &values));
    row = values.id;
}

/* The one row of a report with the expression as its value. */
#define read_as(T, x)                                                                              \
    ((T *)corm_select(db, T, Optionals, .columns = COLUMNS(AS(value, x)),                          \
                      .where = EQ(Optionals.id, row)))
#define assert_value(T, x, member, format, wanted)                                                 \
    do {                                                                                           \
        T *rows_ = read_as(T, x);                                                                  \
        if (!rows_) fail_msg("%s: %s", #x, corm_error(db)->message);                               \
        assert_rows(rows_, 1);                                                                     \
        if (!rows_->value.set || !(rows_->value.member == (wanted)))                               \
            fail_msg("%s: wanted " format ", got " format " (set: %d)", #x, wanted,                \
                     rows_->value.member, rows_->value.set);                                       \
        corm_free(rows_);                                                                          \
    } while (0)
#define assert_integer(x, wanted) assert_value(Integer, x, value, "%lld", (long long)(wanted))
#define assert_flag(x, wanted) assert_value(Flag, x, value, "%d", (wanted))
#define assert_is_null(T, x)                                                                       \
    do {                                                                                           \
        T *rows_ = read_as(T, x);                                                                  \
        if (!rows_) fail_msg("%s: %s", #x, corm_error(db)->message);                               \
        assert_rows(rows_, 1);                                                                     \
        if (rows_->value.set) fail_msg("%s is not NULL", #x);                                      \
        corm_free(rows_);                                                                          \
    } while (0)
/* Of the same value but for what the last digit may differ in. */
#define assert_double(x, wanted)                                                                   \
    do {                                                                                           \
        Double *rows_ = read_as(Double, x);                                                        \
        if (!rows_) fail_msg("%s: %s", #x, corm_error(db)->message);                               \
        assert_rows(rows_, 1);                                                                     \
        double got_ = rows_->value.value, want_ = (wanted);                                        \
        if (!rows_->value.set || fabs(got_ - want_) > 1e-14 * fabs(want_))                         \
            fail_msg("%s: wanted %.17g, got %.17g (set: %d)", #x, want_, got_, rows_->value.set);  \
        corm_free(rows_);                                                                          \
    } while (0)
#define assert_decimal(x, wanted)                                                                  \
    do {                                                                                           \
        Exact *rows_ = read_as(Exact, x);                                                          \
        if (!rows_) fail_msg("%s: %s", #x, corm_error(db)->message);                               \
        assert_rows(rows_, 1);                                                                     \
        char text_[CORM_DECIMAL_TEXT];                                                             \
        corm_decimal_format(rows_->value.value, text_, sizeof text_);                              \
        if (!rows_->value.set || strcmp(text_, wanted) != 0)                                       \
            fail_msg("%s: wanted %s, got %s (set: %d)", #x, wanted, text_, rows_->value.set);      \
        corm_free(rows_);                                                                          \
    } while (0)
#define assert_text(x, wanted)                                                                     \
    do {                                                                                           \
        Text *rows_ = read_as(Text, x);                                                            \
        const char *want_ = (wanted);                                                              \
        if (!rows_) fail_msg("%s: %s", #x, corm_error(db)->message);                               \
        assert_rows(rows_, 1);                                                                     \
        const char *got_ = rows_->value;                                                           \
        if (got_ && want_ ? strcmp(got_, want_) != 0 : got_ != want_)                              \
            fail_msg("%s: wanted \"%s\", got \"%s\"", #x, want_ ? want_ : "(NULL)",                \
                     got_ ? got_ : "(NULL)");                                                      \
        corm_free(rows_);                                                                          \
    } while (0)
#define assert_out_of_range(T, x) assert_refused(read_as(T, x), CORM_ERROR_RANGE, "")
#define assert_holds(n, ...)                                                                       \
    do {                                                                                           \
        int64_t count_ =                                                                           \
            corm_count(db, Optionals, .where = AND(EQ(Optionals.id, row), (__VA_ARGS__)));         \
        if (count_ < 0) fail_msg("%s: %s", #__VA_ARGS__, corm_error(db)->message);                 \
        if (count_ != (n)) fail_msg("%s: %lld", #__VA_ARGS__, (long long)count_);                  \
    } while (0)

static const char *const hostile[] = { "",     "'",        "\"",      "\\",           "a'; DROP--",
                                       "%_%",  "\\'",      "$1 ? {0}", "ä€😀\xC2\xA0é", "\n\t\x01",
                                       "NULL", "\\n\\0\\", "{*}",      "--",           "/* */" };
enum { HOSTILE = sizeof hostile / sizeof *hostile };

#define DECIMAL(units, places) corm_decimal_of(units, places)

/* --- CASE --- */

static void test_functions__case_gives_the_first_that_holds(void **state) {
    (void)state;
    put((Optional){ .normal = CORM_SOME(7), .long_text = "x" });
    assert_integer(CASE(WHEN(LT(Optionals.normal, 5), 1), WHEN(LT(Optionals.normal, 10), 2),
                        WHEN(LT(Optionals.normal, 20), 3), ELSE(4)), 2);
    assert_integer(CASE(WHEN(GT(Optionals.normal, 7), 1), ELSE(-4)), -4);
    assert_is_null(Integer, CASE(WHEN(GT(Optionals.normal, 7), 1)));
    assert_is_null(Integer, CASE(WHEN(GT(Optionals.normal, 1), NULL), ELSE(1)));
    assert_is_null(Integer, CASE(WHEN(GT(Optionals.normal, 9), 1), ELSE(NULL)));
    /* A condition that is NULL does not hold. */
    assert_integer(CASE(WHEN(GT(Optionals.small, 1), 1), ELSE(2)), 2);
    assert_integer(CASE(WHEN(NOT(GT(Optionals.small, 1)), 1), ELSE(2)), 1);
    assert_integer(CASE(WHEN(IS_NULL(Optionals.small), COL(Optionals.normal)), ELSE(2)), 7);
    assert_integer(CASE(WHEN(EQ(Optionals.long_text, "x"),
                             CASE(WHEN(EQ(Optionals.normal, 7), 70), ELSE(71))), ELSE(2)), 70);
    /* A condition of C that is left out. */
    const corm_condition *none = NULL;
    assert_integer(CASE(WHEN(none, 1), WHEN(EQ(Optionals.normal, 7), 2)), 2);
}

static void test_functions__case_has_the_kind_of_its_values(void **state) {
    (void)state;
    put((Optional){ .normal = CORM_SOME(7),
                    .twice = CORM_SOME(0.5),
                    .price = CORM_SOME(DECIMAL(1250, 2)),
                    .yes = CORM_SOME(true),
                    .day = CORM_SOME((corm_date){ 20000 }),
                    .moment = CORM_SOME((corm_timestamp){ 1234567 }),
                    .long_text = "long" });
    assert_double(CASE(WHEN(EQ(Optionals.normal, 7), 1), ELSE(2.5)), 1);
    assert_double(CASE(WHEN(EQ(Optionals.normal, 8), 1), ELSE(2.5)), 2.5);
    assert_double(CASE(WHEN(EQ(Optionals.normal, 7), COL(Optionals.normal)),
                       ELSE(COL(Optionals.twice))), 7);
    assert_decimal(CASE(WHEN(EQ(Optionals.normal, 7), COL(Optionals.price)), ELSE(0)), "12.50");
    assert_decimal(CASE(WHEN(EQ(Optionals.normal, 8), COL(Optionals.price)),
                        ELSE(DECIMAL(-5, 1))), "-0.50");
    assert_decimal(CASE(WHEN(EQ(Optionals.normal, 8), COL(Optionals.price)),
                        ELSE(MUL(Optionals.price, 3))), "37.50");
    assert_decimal(CASE(WHEN(EQ(Optionals.normal, 7), COL(Optionals.price)),
                        ELSE(MUL(Optionals.price, 3))), "12.50");
    assert_flag(CASE(WHEN(EQ(Optionals.normal, 7), COL(Optionals.yes)), ELSE(false)), true);
    assert_flag(CASE(WHEN(EQ(Optionals.normal, 8), COL(Optionals.yes)), ELSE(false)), false);
    Day *day = read_as(Day, CASE(WHEN(EQ(Optionals.normal, 8), COL(Optionals.day)),
                                 ELSE((corm_date){ -1 })));
    assert_rows(day, 1);
    assert_int_equal(day->value.value.days, -1);
    corm_free(day);
    Moment *moment = read_as(Moment, CASE(WHEN(EQ(Optionals.normal, 7), COL(Optionals.moment)),
                                          ELSE((corm_timestamp){ -1 })));
    assert_rows(moment, 1);
    assert_int_equal(moment->value.value.us, 1234567);
    corm_free(moment);
    for (int i = 0; i < HOSTILE; i++) {
        assert_text(CASE(WHEN(EQ(Optionals.normal, 7), hostile[i]), ELSE("no")), hostile[i]);
        assert_text(CASE(WHEN(EQ(Optionals.long_text, hostile[i]), "no"),
                         ELSE(COL(Optionals.long_text))), "long");
        assert_holds(1, EQ(CASE(WHEN(EQ(Optionals.normal, 8), COL(Optionals.long_text)),
                                ELSE(hostile[i])), hostile[i]));
    }
}

static void test_functions__case_of_an_enumeration_has_its_labels(void **state) {
    (void)state;
    Measure one = { .whole = 1, .word = "", .grade = GRADE_HIGH, .bytes = { "", 0 } };
    assert_ok(corm_insert(db, Measures, &one));
    Rated *rated = corm_select(db, Rated, Measures,
        .columns = COLUMNS(AS(value, CASE(WHEN(EQ(Measures.whole, 1), GRADE_LOW),
                                          ELSE(COL(Measures.grade))))));
    assert_rows(rated, 1);
    assert_int_equal(rated->value, GRADE_LOW);
    corm_free(rated);
    assert_ok(corm_update(db, Measures, .all = true,
        .set = SET(TO(Measures.grade, CASE(WHEN(EQ(Measures.whole, 2), GRADE_LOW),
                                           WHEN(EQ(Measures.grade, GRADE_HIGH), GRADE_MIDDLE),
                                           ELSE(COL(Measures.grade)))))));
    assert_int_equal(corm_count(db, Measures, .where = EQ(Measures.grade, GRADE_MIDDLE)), 1);
}

static void test_functions__case_stands_in_conditions_orders_and_changes(void **state) {
    (void)state;
    fill();
    Recipe *rows = corm_all(db, Recipes,
        .order_by = BY(ASC(CASE(WHEN(EQ(Recipes.title, "Cake"), 1), ELSE(2))), ASC(Recipes.title)));
    assert_ok(rows ? 0 : -1);
    assert_string_equal(rows[0].title, "Cake");
    assert_string_equal(rows[1].title, "Bread");
    corm_free(rows);
    assert_int_equal(corm_count(db, Recipes,
        .where = EQ(CASE(WHEN(EQ(Recipes.title, "Cake"), "sweet"), ELSE("not")), "sweet")), 1);
    assert_int_equal(corm_update(db, Recipes, .all = true,
        .set = SET(TO(Recipes.servings, CASE(WHEN(EQ(Recipes.title, "Cake"), 12),
                                             ELSE(COL(Recipes.servings)))),
                   TO(Recipes.title, CASE(WHEN(EQ(Recipes.title, "Soup"), "Broth"),
                                          ELSE(COL(Recipes.title)))))), 4);
    assert_int_equal(corm_count(db, Recipes, .where = EQ(Recipes.servings, 12)), 1);
    assert_int_equal(corm_count(db, Recipes, .where = EQ(Recipes.title, "Broth")), 1);
}

static void test_functions__case_over_a_relation_to_many_rows(void **state) {
    (void)state;
    fill();
    int64_t vegans = corm_count(db, Recipes, .where = EQ(Recipes.tags->name, "vegan"));
    int64_t all = corm_count(db, Recipes);
    assert_true(vegans > 0 && vegans < all);
    assert_int_equal(corm_count(db, Recipes,
        .where = EQ(CASE(WHEN(EQ(Recipes.tags->name, "vegan"), 1), ELSE(0)), 1)), vegans);
    assert_int_equal(corm_count(db, Recipes,
        .where = EQ(CASE(WHEN(EQ(Recipes.tags->name, "vegan"), 1), ELSE(0)), 0)), all - vegans);
    /* It multiplies no row in a report. */
    Integer *sum = corm_select(db, Integer, Recipes,
        .columns = COLUMNS(AS(value, SUM(CASE(WHEN(NE(Recipes.tags->name, "nobody's"), 1),
                                              ELSE(0))))));
    assert_rows(sum, 1);
    assert_int_equal(sum->value.value,
                     corm_count(db, Recipes, .where = IS_NOT_NULL(Recipes.tags)));
    corm_free(sum);
}

static void test_functions__case_holds_aggregates(void **state) {
    (void)state;
    fill();
    CORM_ROW(Sized, text(email), text(size));
    Sized *rows = corm_select(db, Sized, Recipes,
        .columns = COLUMNS(AS(email, Recipes.user->email),
                           AS(size, CASE(WHEN(GT(COUNT(), 1), "many"), ELSE("one")))),
        .having = NE(CASE(WHEN(GT(COUNT(), 100), 1), ELSE(0)), 1),
        .order_by = BY(ASC(Recipes.user->email)));
    if (!rows) fail_msg("%s", corm_error(db)->message);
    for (size_t i = 0; i < corm_len(rows); i++) {
        int64_t n = corm_count(db, Recipes, .where = EQ(Recipes.user->email, rows[i].email));
        assert_string_equal(rows[i].size, n > 1 ? "many" : "one");
    }
    assert_true(corm_len(rows) > 1);
    corm_free(rows);
    Integer *sum = corm_select(db, Integer, Recipes,
        .columns = COLUMNS(AS(value, SUM(CASE(WHEN(GT(Recipes.time_minutes, 0), 2), ELSE(0))))));
    assert_rows(sum, 1);
    assert_int_equal(sum->value.value,
                     2 * corm_count(db, Recipes, .where = GT(Recipes.time_minutes, 0)));
    corm_free(sum);
}

static void test_functions__case_that_makes_no_sense_is_refused(void **state) {
    (void)state;
    put((Optional){ .normal = CORM_SOME(7) });
    assert_refused(read_as(Integer, CASE(ELSE(1), WHEN(EQ(Optionals.normal, 7), 2))),
                   CORM_ERROR_USAGE, "one ELSE(value) at its end");
    assert_refused(read_as(Exact, CASE(WHEN(EQ(Optionals.normal, 7), COL(Optionals.price)),
                                       ELSE(COL(Optionals.normal)))),
                   CORM_ERROR_USAGE, "CASE of");
    assert_refused(read_as(Exact, CASE(WHEN(EQ(Optionals.normal, 7), COL(Optionals.price)),
                                       ELSE(DECIMAL(1234, 3)))),
                   CORM_ERROR_RANGE, "without loss");
}

/* --- comparisons --- */

static void test_functions__nullif(void **state) {
    (void)state;
    put((Optional){ .normal = CORM_SOME(7),
                    .long_text = "ä'",
                    .price = CORM_SOME(DECIMAL(700, 2)) });
    assert_is_null(Integer, NULLIF(Optionals.normal, 7));
    assert_integer(NULLIF(Optionals.normal, 8), 7);
    assert_is_null(Integer, NULLIF(Optionals.small, 8));
    assert_integer(NULLIF(Optionals.normal, COL(Optionals.small)), 7);
    assert_text(NULLIF(Optionals.long_text, "ä'"), NULL);
    assert_text(NULLIF(Optionals.long_text, "Ä'"), "ä'");
    assert_is_null(Exact, NULLIF(Optionals.price, 7));
    assert_decimal(NULLIF(Optionals.price, DECIMAL(701, 2)), "7.00");
    assert_decimal(NULLIF(Optionals.price, MUL(Optionals.price, 2)), "7.00");
    assert_is_null(Exact, NULLIF(Optionals.price, MUL(Optionals.price, 1)));
    assert_is_null(Exact, NULLIF(MUL(Optionals.price, 1), COL(Optionals.price)));
}

static void test_functions__greatest_and_least(void **state) {
    (void)state;
    put((Optional){ .small = CORM_SOME(-3),
                    .normal = CORM_SOME(7),
                    .big = CORM_SOME(INT64_MAX),
                    .twice = CORM_SOME(7.5),
                    .price = CORM_SOME(DECIMAL(-1250, 2)),
                    .long_text = "b",
                    .moment = CORM_SOME((corm_timestamp){ 5 }) });
    assert_integer(GREATEST(Optionals.normal, 5), 7);
    assert_integer(GREATEST(Optionals.normal, 5, 9, COL(Optionals.small)), 9);
    assert_integer(GREATEST(Optionals.normal, COL(Optionals.big)), INT64_MAX);
    assert_integer(LEAST(Optionals.normal, 5, 9, COL(Optionals.small)), -3);
    assert_integer(LEAST(Optionals.big, INT64_MIN), INT64_MIN);
    assert_double(GREATEST(Optionals.twice, 7), 7.5);
    assert_double(LEAST(Optionals.normal, COL(Optionals.twice)), 7);
    assert_decimal(GREATEST(Optionals.price, DECIMAL(-13, 0)), "-12.50");
    assert_decimal(LEAST(Optionals.price, MUL(Optionals.price, 2), 0), "-25.00");
    assert_decimal(GREATEST(Optionals.price, MUL(Optionals.price, -2)), "25.00");
    assert_text(GREATEST(Optionals.long_text, "a"), "b");
    assert_text(LEAST(Optionals.long_text, "a'"), "a'");
    Moment *moment = read_as(Moment, GREATEST(Optionals.moment, (corm_timestamp){ 6 }));
    assert_rows(moment, 1);
    assert_int_equal(moment->value.value.us, 6);
    corm_free(moment);
    put((Optional){ .normal = CORM_SOME(7) });
    assert_is_null(Integer, GREATEST(Optionals.normal, COL(Optionals.small)));
    assert_is_null(Integer, LEAST(Optionals.small, 1));
    assert_is_null(Double, LEAST(Optionals.twice, COL(Optionals.normal)));
    assert_text(GREATEST(Optionals.long_text, "a"), NULL);
    assert_holds(0, GT(GREATEST(Optionals.small, COL(Optionals.normal)), 1));
}

static void test_functions__is_distinct_takes_null_for_a_value(void **state) {
    (void)state;
    const char *none = NULL;
    put((Optional){ .normal = CORM_SOME(7), .price = CORM_SOME(DECIMAL(5, 0)) });
    assert_holds(0, IS_DISTINCT(Optionals.normal, 7));
    assert_holds(1, IS_DISTINCT(Optionals.normal, 8));
    assert_holds(1, IS_DISTINCT(Optionals.small, 8));
    assert_holds(1, IS_DISTINCT(Optionals.normal, NULL));
    assert_holds(0, IS_DISTINCT(Optionals.small, NULL));
    assert_holds(1, NOT(IS_DISTINCT(Optionals.small, NULL)));
    assert_holds(1, IS_DISTINCT(Optionals.normal, COL(Optionals.small)));
    assert_holds(0, IS_DISTINCT(Optionals.big, COL(Optionals.small)));
    assert_holds(0, IS_DISTINCT(Optionals.long_text, none));
    assert_holds(1, IS_DISTINCT(Optionals.long_text, "'"));
    assert_holds(0, IS_DISTINCT(Optionals.price, MUL(Optionals.price, 1)));
    assert_holds(1, IS_DISTINCT(MUL(Optionals.price, 2), COL(Optionals.price)));
    for (int i = 0; i < HOSTILE; i++) {
        put((Optional){ .long_text = hostile[i] });
        assert_holds(0, IS_DISTINCT(Optionals.long_text, hostile[i]));
        assert_holds(1, IS_DISTINCT(Optionals.long_text, "other"));
        assert_holds(1, IS_DISTINCT(Optionals.long_text, none));
    }
}

static void test_functions__xor_of_conditions(void **state) {
    (void)state;
    put((Optional){ .normal = CORM_SOME(7) });
    assert_holds(1, XOR(EQ(Optionals.normal, 7), EQ(Optionals.normal, 8)));
    assert_holds(0, XOR(EQ(Optionals.normal, 7), LT(Optionals.normal, 8)));
    assert_holds(1, XOR(EQ(Optionals.normal, 7), LT(Optionals.normal, 8), GT(Optionals.normal, 1)));
    assert_holds(0, XOR(EQ(Optionals.normal, 6), EQ(Optionals.normal, 8)));
    assert_holds(1, XOR(EQ(Optionals.normal, 7), EQ(Optionals.small, 8)));
    assert_holds(0, XOR(NE(Optionals.normal, 7), EQ(Optionals.small, 8)));
    assert_holds(1, NOT(XOR(NE(Optionals.normal, 7), EQ(Optionals.small, 8))));
    assert_holds(1, XOR(EQ(Optionals.normal, 7), NULL));
    assert_holds(1, XOR(AND(EQ(Optionals.normal, 7), LT(Optionals.normal, 8)),
                        OR(EQ(Optionals.normal, 6), EQ(Optionals.normal, 8))));
    fill();
    int64_t n = corm_count(db, Recipes, .where = XOR(EQ(Recipes.tags->name, "vegan"),
                                                     EQ(Recipes.tags->name, "quick")));
    int64_t a = corm_count(db, Recipes, .where = AND(HAS(EQ(Recipes.tags->name, "vegan")),
                                                     NOT(EQ(Recipes.tags->name, "quick"))));
    int64_t b = corm_count(db, Recipes, .where = AND(HAS(EQ(Recipes.tags->name, "quick")),
                                                     NOT(EQ(Recipes.tags->name, "vegan"))));
    assert_ok(n);
    assert_int_equal(n, a + b);
    CORM_FILTER(filter, Recipes);
    corm_filter_add(filter, XOR(EQ(Recipes.tags->name, "vegan"), EQ(Recipes.tags->name, "quick")));
    assert_int_equal(corm_count(db, Recipes, .filter = filter), n);
}

/* --- casts --- */

static void test_functions__cast_to_text(void **state) {
    (void)state;
    corm_date day;
    assert_ok(corm_date_of(1969, 2, 3, &day));
    put((Optional){ .normal = CORM_SOME(-7),
                    .big = CORM_SOME(INT64_MIN),
                    .price = CORM_SOME(DECIMAL(-1250, 2)),
                    .yes = CORM_SOME(true),
                    .day = CORM_SOME(day),
                    .hour = CORM_SOME((corm_time){ 45296000007 }),
                    .moment = CORM_SOME((corm_timestamp){ -1 }) });
    assert_text(CAST_TEXT(Optionals.normal), "-7");
    assert_text(CAST_TEXT(Optionals.big), "-9223372036854775808");
    assert_text(CAST_TEXT(Optionals.small), NULL);
    assert_text(CAST_TEXT(Optionals.price), "-12.50");
    assert_text(CAST_TEXT(MUL(Optionals.price, 0)), "0.00");
    assert_text(CAST_TEXT(Optionals.yes), "true");
    assert_text(CAST_TEXT(Optionals.day), "1969-02-03");
    assert_text(CAST_TEXT(Optionals.hour), "12:34:56.000007");
    assert_text(CAST_TEXT(Optionals.moment), "1969-12-31 23:59:59.999999");
    assert_text(LOWER(CAST_TEXT(VALUE(12))), "12");
    put((Optional){ .yes = CORM_SOME(false),
                    .moment = CORM_SOME((corm_timestamp){ 0 }),
                    .hour = CORM_SOME((corm_time){ 0 }) });
    assert_text(CAST_TEXT(Optionals.yes), "false");
    assert_text(CAST_TEXT(Optionals.moment), "1970-01-01 00:00:00.000000");
    assert_text(CAST_TEXT(Optionals.hour), "00:00:00.000000");
    assert_text(CAST_TEXT(Optionals.day), NULL);
    assert_text(CAST_TEXT(Optionals.price), NULL);
}

static void test_functions__cast_to_numbers(void **state) {
    (void)state;
    static const struct {
        double from;
        int64_t to;
    } halves[] = { { 0, 0 },       { 0.5, 1 },   { -0.5, -1 }, { 1.5, 2 }, { 2.5, 3 },
                   { -2.5, -3 },   { 2.4, 2 },   { -2.6, -3 }, { 1e15, 1000000000000000 },
                   { 0.49999999999999994, 0 },   { 4503599627370497.5, 4503599627370498 },
                   { -9007199254740993.0, -9007199254740992 } };
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
        put((Optional){ .twice = CORM_SOME(halves[i].from) });
        assert_integer(CAST_INTEGER(Optionals.twice), halves[i].to);
    }
    put((Optional){ .twice = CORM_SOME(1e19),
                    .single = CORM_SOME(2.5F),
                    .normal = CORM_SOME(-7),
                    .price = CORM_SOME(DECIMAL(-1250, 2)) });
    assert_out_of_range(Integer, CAST_INTEGER(Optionals.twice));
    assert_out_of_range(Integer, CAST_INTEGER(MUL(Optionals.twice, -1.0)));
    assert_integer(CAST_INTEGER(Optionals.single), 3);
    assert_integer(CAST_INTEGER(Optionals.normal), -7);
    assert_integer(CAST_INTEGER(Optionals.price), -13);
    assert_is_null(Integer, CAST_INTEGER(Optionals.big));
    put((Optional){ .normal = CORM_SOME(-7) });
    assert_is_null(Integer, CAST_INTEGER(Optionals.twice));
    assert_is_null(Integer, CAST_INTEGER(Optionals.price));
    assert_is_null(Double, CAST_DOUBLE(Optionals.price));
    put((Optional){ .normal = CORM_SOME(-7), .price = CORM_SOME(DECIMAL(-1250, 2)) });
    assert_double(CAST_DOUBLE(Optionals.normal), -7);
    assert_double(CAST_DOUBLE(Optionals.price), -12.5);
    assert_double(DIV(CAST_DOUBLE(Optionals.normal), 2), -3.5);
    assert_is_null(Double, CAST_DOUBLE(Optionals.big));
    assert_decimal(CAST_DECIMAL(Optionals.normal, 2), "-7.00");
    assert_decimal(CAST_DECIMAL(CAST_DECIMAL(Optionals.price, 1), 2), "-12.50");
    assert_decimal(CAST_DECIMAL(CAST_DECIMAL(Optionals.price, 0), 2), "-13.00");
    assert_decimal(ADD(Optionals.price, CAST_DECIMAL(Optionals.normal, 2)), "-19.50");
    assert_is_null(Exact, CAST_DECIMAL(Optionals.big, 2));
    put((Optional){ .twice = CORM_SOME(-9223372036854775808.0) });
    assert_refused(read_as(Integer, CAST_INTEGER(MUL(Optionals.twice, 2.0))), CORM_ERROR_RANGE, "");
}

/* --- bits --- */

static void test_functions__bits(void **state) {
    (void)state;
    static const int64_t numbers[] = { 0, 1, -1, 6, -6, 0x5555555555555555, INT64_MAX, INT64_MIN,
                                       1 << 30 };
    enum { N = sizeof numbers / sizeof *numbers };
    for (int i = 0; i < N; i++) {
        put((Optional){ .big = CORM_SOME(numbers[i]), .normal = CORM_SOME(6) });
        int64_t a = numbers[i];
        for (int j = 0; j < N; j++) {
            int64_t b = numbers[j];
            assert_integer(BIT_AND(Optionals.big, b), a & b);
            assert_integer(BIT_OR(Optionals.big, b), a | b);
            assert_integer(BIT_XOR(Optionals.big, b), a ^ b);
        }
        assert_integer(BIT_NOT(Optionals.big), ~a);
        assert_integer(BIT_AND(BIT_NOT(Optionals.big), COL(Optionals.normal)), ~a & 6);
        static const int places[] = { 0, 1, 31, 62, 63 };
        for (int j = 0; j < 5; j++) {
            assert_integer(SHIFT_LEFT(Optionals.big, places[j]),
                           (int64_t)((uint64_t)a << places[j]));
            assert_integer(SHIFT_RIGHT(Optionals.big, places[j]), a >> places[j]);
        }
    }
    put((Optional){ .small = CORM_SOME(-1), .normal = CORM_SOME(64), .big = CORM_SOME(5) });
    assert_out_of_range(Integer, SHIFT_LEFT(Optionals.big, 64));
    assert_out_of_range(Integer, SHIFT_RIGHT(Optionals.big, -1));
    assert_out_of_range(Integer, SHIFT_LEFT(Optionals.big, COL(Optionals.small)));
    assert_out_of_range(Integer, SHIFT_RIGHT(Optionals.big, COL(Optionals.normal)));
    put((Optional){ .normal = CORM_SOME(5) });
    assert_is_null(Integer, SHIFT_LEFT(Optionals.big, 64));
    assert_is_null(Integer, SHIFT_RIGHT(Optionals.normal, COL(Optionals.big)));
    assert_is_null(Integer, BIT_OR(Optionals.big, 1));
    assert_is_null(Integer, BIT_XOR(Optionals.normal, COL(Optionals.small)));
    assert_is_null(Integer, BIT_NOT(Optionals.small));
    /* flags = flags | 8 */
    assert_int_equal(corm_update(db, Optionals,
                                 .where = AND(EQ(Optionals.id, row),
                                              EQ(BIT_AND(Optionals.normal, 4), 4)),
                                 .set = SET(TO(Optionals.normal, BIT_OR(Optionals.normal, 8)))), 1);
    assert_integer(COL(Optionals.normal), 13);
}

const struct CMUnitTest function_tests[] = {
    TEST(test_functions__case_gives_the_first_that_holds),
    TEST(test_functions__case_has_the_kind_of_its_values),
    TEST(test_functions__case_of_an_enumeration_has_its_labels),
    TEST(test_functions__case_stands_in_conditions_orders_and_changes),
    TEST(test_functions__case_over_a_relation_to_many_rows),
    TEST(test_functions__case_holds_aggregates),
    TEST(test_functions__case_that_makes_no_sense_is_refused),
    TEST(test_functions__nullif),
    TEST(test_functions__greatest_and_least),
    TEST(test_functions__is_distinct_takes_null_for_a_value),
    TEST(test_functions__xor_of_conditions),
    TEST(test_functions__cast_to_text),
    TEST(test_functions__cast_to_numbers),
    TEST(test_functions__bits),
};
const size_t n_function_tests = sizeof function_tests / sizeof *function_tests;
