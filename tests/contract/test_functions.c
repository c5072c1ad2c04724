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
CORM_ROW(Span, optional_interval(value));
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
#define assert_value(T, x, member, wanted)                                                         \
    do {                                                                                           \
        T *rows_ = read_as(T, x);                                                                  \
        if (!rows_) fail_msg("%s: %s", #x, corm_error(db)->message);                               \
        assert_rows(rows_, 1);                                                                     \
        if (!rows_->value.set || !(rows_->value.member == (wanted)))                               \
            fail_msg("%s: wanted %lld, got %lld (set: %d)", #x, (long long)(wanted),               \
                     (long long)rows_->value.member, rows_->value.set);                            \
        corm_free(rows_);                                                                          \
    } while (0)
#define assert_integer(x, wanted) assert_value(Integer, x, value, wanted)
#define assert_flag(x, wanted) assert_value(Flag, x, value, wanted)
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

/* --- text --- */

/* n characters of a text from the one behind `skip` on. */
static const char *part(const char *text, int64_t skip, int64_t n) {
    static char room[4][256];
    static int next;
    char *out = room[next++ % 4], *at = out;
    for (; *text; text++) {
        bool begins = (*text & 0xC0) != 0x80;
        if (begins) skip--;
        if (skip < 0 && begins) n--;
        if (skip < 0 && n >= 0) *at++ = *text;
    }
    *at = 0;
    return out;
}

static void test_functions__parts_of_texts(void **state) {
    (void)state;
    static const int64_t places[] = { INT64_MIN, -1, 0, 1, 2, 3, 7, 100, INT64_MAX };
    enum { N = sizeof places / sizeof *places };
    for (int t = 0; t < HOSTILE; t++) {
        const char *text = hostile[t];
        put((Optional){ .long_text = text, .short_text = "€" });
        int64_t length = 0;
        for (const char *p = text; *p; p++) length += (*p & 0xC0) != 0x80;
        for (int i = 0; i < N; i++) {
            int64_t n = places[i], from = n < 1 ? 1 : n, count = n < 0 ? 0 : n;
            assert_text(SUBSTR(Optionals.long_text, n), part(text, from - 1, 1000));
            assert_text(SUBSTR(Optionals.long_text, n, 2), part(text, from - 1, 2));
            assert_text(SUBSTR(Optionals.long_text, 2, n), part(text, 1, count));
            assert_text(LEFT_OF(Optionals.long_text, n), part(text, 0, count));
            assert_text(RIGHT_OF(Optionals.long_text, n),
                        part(text, count > length ? 0 : length - count, count));
        }
        assert_integer(POSITION(Optionals.long_text, text), 1);
        assert_integer(POSITION(Optionals.long_text, "absent"), 0);
        assert_integer(POSITION(CONCAT(VALUE("€x"), Optionals.long_text), text), *text ? 3 : 1);
        assert_text(REPLACE(Optionals.long_text, text, "''\\"), *text ? "''\\" : "");
        assert_text(REPLACE(Optionals.short_text, "€", text), text);
        assert_text(REPLACE(Optionals.long_text, "", "x"), text);
        assert_text(REVERSE(REVERSE(Optionals.long_text)), text);
    }
}

static void test_functions__texts_are_trimmed_filled_and_repeated(void **state) {
    (void)state;
    put((Optional){ .long_text = "  \ta b\n  ", .short_text = "ä€😀", .normal = CORM_SOME(5) });
    assert_text(TRIM(Optionals.long_text), "\ta b\n");
    assert_text(LTRIM(Optionals.long_text), "\ta b\n  ");
    assert_text(RTRIM(Optionals.long_text), "  \ta b\n");
    assert_text(REVERSE(Optionals.short_text), "😀€ä");
    assert_text(LPAD(Optionals.short_text, 8, "xÖ"), "xÖxÖxä€😀");
    assert_text(RPAD(Optionals.short_text, 8, "xÖ"), "ä€😀xÖxÖx");
    assert_text(LPAD(Optionals.short_text, COL(Optionals.normal), "'"), "''ä€😀");
    assert_text(LPAD(Optionals.short_text, 2, "x"), "ä€");
    assert_text(RPAD(Optionals.short_text, 2, "x"), "ä€");
    assert_text(LPAD(Optionals.short_text, -1, "x"), "");
    assert_text(RPAD(Optionals.short_text, 8, ""), "ä€😀");
    assert_text(LPAD(Optionals.short_text, 2, ""), "ä€");
    assert_text(REPEAT(Optionals.short_text, 3), "ä€😀ä€😀ä€😀");
    assert_text(REPEAT(Optionals.short_text, 0), "");
    assert_text(REPEAT(Optionals.short_text, INT64_MIN / 8), "");
    assert_integer(LENGTH(LPAD(Optionals.short_text, 1000000, "€")), 1000000);
    assert_integer(LENGTH(REPEAT(LEFT_OF(Optionals.short_text, 1), 1000000)), 1000000);
    assert_out_of_range(Text, LPAD(Optionals.short_text, 1000001, "€"));
    assert_out_of_range(Text, RPAD(Optionals.short_text, INT64_MAX, "€"));
    assert_out_of_range(Text, REPEAT(Optionals.short_text, 500000));
    assert_out_of_range(Text, REPEAT(Optionals.short_text, INT64_MAX));
    put((Optional){ .short_text = "", .normal = CORM_SOME(5) });
    assert_text(REPEAT(Optionals.short_text, INT64_MAX), "");
    assert_text(REVERSE(Optionals.short_text), "");
    assert_text(RPAD(Optionals.short_text, 2, "x"), "xx");
    assert_text(TRIM(Optionals.long_text), NULL);
    assert_text(REVERSE(Optionals.long_text), NULL);
    assert_text(SUBSTR(Optionals.long_text, 1), NULL);
    assert_text(SUBSTR(Optionals.short_text, COL(Optionals.small)), NULL);
    assert_text(SUBSTR(Optionals.short_text, 1, COL(Optionals.small)), NULL);
    assert_text(LEFT_OF(Optionals.short_text, COL(Optionals.small)), NULL);
    assert_text(RIGHT_OF(Optionals.short_text, COL(Optionals.small)), NULL);
    assert_text(RIGHT_OF(Optionals.long_text, 0), NULL);
    assert_text(REPLACE(Optionals.short_text, "x", COL(Optionals.long_text)), NULL);
    assert_is_null(Integer, POSITION(Optionals.short_text, COL(Optionals.long_text)));
    assert_text(LPAD(Optionals.short_text, 3, COL(Optionals.long_text)), NULL);
    assert_text(LPAD(Optionals.short_text, COL(Optionals.small), "x"), NULL);
    assert_text(RPAD(Optionals.long_text, 3, "x"), NULL);
    assert_text(REPEAT(Optionals.short_text, COL(Optionals.small)), NULL);
    assert_text(REPEAT(Optionals.long_text, 3), NULL);
}

static void test_functions__characters_and_their_numbers(void **state) {
    (void)state;
    static const struct {
        int number;
        const char *text;
    } characters[] = {
        { 1, "\x01" }, { 39, "'" }, { 92, "\\" }, { 228, "ä" }, { 8364, "€" },
        { 0xD7FF, "\xED\x9F\xBF" }, { 0xE000, "\xEE\x80\x80" }, { 0x1F600, "😀" },
        { 0x10FFFF, "\xF4\x8F\xBF\xBF" },
    };
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
        put((Optional){ .normal = CORM_SOME(characters[i].number),
                        .long_text = characters[i].text });
        assert_text(CHR(Optionals.normal), characters[i].text);
        assert_text(CHR(VALUE(characters[i].number)), characters[i].text);
        assert_integer(ORD(Optionals.long_text), characters[i].number);
        assert_integer(ORD(CONCAT(Optionals.long_text, VALUE("x"))), characters[i].number);
    }
    static const int32_t none[] = { 0, -1, 0xD800, 0xDFFF, 0x110000, INT32_MAX };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        put((Optional){ .normal = CORM_SOME(none[i]), .long_text = "" });
        assert_out_of_range(Text, CHR(Optionals.normal));
        assert_out_of_range(Text, CHR(VALUE(none[i])));
        assert_integer(ORD(Optionals.long_text), 0);
        assert_text(CHR(Optionals.small), NULL);
        assert_is_null(Integer, ORD(Optionals.short_text));
    }
}

/* --- mathematics --- */

static void test_functions__whole_numbers_and_places(void **state) {
    (void)state;
    put((Optional){ .normal = CORM_SOME(-7),
                    .big = CORM_SOME(INT64_MIN),
                    .price = CORM_SOME(DECIMAL(-1255, 2)),
                    .twice = CORM_SOME(-2.5) });
    assert_integer(ABS_OF(Optionals.normal), 7);
    assert_integer(SIGN_OF(Optionals.normal), -1);
    assert_integer(SIGN_OF(Optionals.big), -1);
    assert_out_of_range(Integer, ABS_OF(Optionals.big));
    assert_integer(CEIL(Optionals.normal), -7);
    assert_integer(ROUND(Optionals.normal, 2), -7);
    assert_decimal(ABS_OF(Optionals.price), "12.55");
    assert_decimal(ABS_OF(MUL(Optionals.price, -1)), "12.55");
    assert_integer(SIGN_OF(Optionals.price), -1);
    assert_integer(SIGN_OF(MUL(Optionals.price, -1)), 1);
    assert_integer(SIGN_OF(MUL(Optionals.price, 0)), 0);
    assert_decimal(CEIL(Optionals.price), "-12.00");
    assert_decimal(FLOOR(Optionals.price), "-13.00");
    assert_decimal(CEIL(MUL(Optionals.price, -1)), "13.00");
    assert_decimal(FLOOR(MUL(Optionals.price, -1)), "12.00");
    assert_decimal(FLOOR(MUL(Optionals.price, 0)), "0.00");
    assert_decimal(ROUND(Optionals.price, 1), "-12.60");
    assert_decimal(ROUND(Optionals.price, 0), "-13.00");
    assert_decimal(ROUND(Optionals.price, 9), "-12.55");
    assert_decimal(ROUND(Optionals.price, -9), "-13.00");
    assert_decimal(ROUND(MUL(Optionals.price, -1), 1), "12.60");
    assert_double(ABS_OF(Optionals.twice), 2.5);
    assert_integer(SIGN_OF(Optionals.twice), -1);
    assert_double(CEIL(Optionals.twice), -2);
    assert_double(FLOOR(Optionals.twice), -3);
    assert_double(ROUND(Optionals.twice, 0), -3);
    assert_double(ROUND(Optionals.twice, -1), -3);
    assert_double(ROUND(Optionals.twice, 15), -2.5);
    static const double numbers[] = { 0.5, 1.005, 2.675, -0.125, 123456.789, 4503599627370497.0,
                                      1e300, -1e300, 0 };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        double x = numbers[i];
        put((Optional){ .twice = CORM_SOME(x) });
        for (int places = 0; places < 4; places++) {
            double power = pow(10, places), scaled = fabs(x * power), whole = floor(scaled);
            double wanted = fabs(x) < 0x1p52 ? (whole + (scaled - whole >= 0.5)) / power : fabs(x);
            assert_double(ROUND(Optionals.twice, places), copysign(wanted, x));
        }
        assert_double(CEIL(Optionals.twice), ceil(x));
        assert_double(FLOOR(Optionals.twice), floor(x));
    }
    put((Optional){ .normal = CORM_SOME(7) });
    assert_is_null(Integer, ABS_OF(Optionals.small));
    assert_is_null(Integer, SIGN_OF(Optionals.twice));
    assert_is_null(Integer, SIGN_OF(Optionals.price));
    assert_is_null(Exact, ROUND(Optionals.price, 1));
    assert_is_null(Exact, CEIL(Optionals.price));
    assert_is_null(Double, ROUND(Optionals.twice, 1));
    assert_is_null(Integer, ROUND(Optionals.normal, COL(Optionals.small)));
}

static void test_functions__mathematics_is_that_of_c(void **state) {
    (void)state;
    static const double numbers[] = { 0.5, 1, 0.001, 2.718281828459045, 100, 1e10, 0.9999 };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        double x = numbers[i];
        put((Optional){ .twice = CORM_SOME(x), .normal = CORM_SOME(3) });
        assert_double(SQRT(Optionals.twice), sqrt(x));
        assert_double(LN(Optionals.twice), log(x));
        assert_double(LOG10(Optionals.twice), log10(x));
        assert_double(SIN(Optionals.twice), sin(x));
        assert_double(COS(Optionals.twice), cos(x));
        assert_double(TAN(Optionals.twice), tan(x));
        assert_double(ATAN(Optionals.twice), atan(x));
        assert_double(DEGREES(Optionals.twice), x * 180 / M_PI);
        assert_double(RADIANS(Optionals.twice), x * M_PI / 180);
        assert_double(POWER(Optionals.twice, 2), x * x);
        assert_double(POWER(Optionals.twice, COL(Optionals.normal)), pow(x, 3));
        assert_double(ATAN2(Optionals.twice, -2.5), atan2(x, -2.5));
        if (x <= 1) assert_double(ASIN(Optionals.twice), asin(x));
        if (x <= 1) assert_double(ACOS(Optionals.twice), acos(x));
        if (x <= 100) assert_double(EXP(Optionals.twice), exp(x));
    }
    put((Optional){ .normal = CORM_SOME(16),
                    .price = CORM_SOME(DECIMAL(225, 2)),
                    .single = CORM_SOME(0.25F),
                    .big = CORM_SOME(-8),
                    .twice = CORM_SOME(0) });
    assert_double(SQRT(Optionals.normal), 4);
    assert_double(SQRT(Optionals.price), 1.5);
    assert_double(SQRT(Optionals.single), 0.5);
    assert_double(POWER(Optionals.normal, DECIMAL(5, 1)), 4);
    assert_double(POWER(Optionals.big, 3), -512);
    assert_double(POWER(VALUE(2), COL(Optionals.normal)), 65536);
    assert_double(POWER(Optionals.twice, 0), 1);
    assert_out_of_range(Double, SQRT(Optionals.big));
    assert_out_of_range(Double, LN(Optionals.twice));
    assert_out_of_range(Double, LN(Optionals.big));
    assert_out_of_range(Double, LOG10(Optionals.twice));
    assert_out_of_range(Double, ASIN(Optionals.normal));
    assert_out_of_range(Double, ACOS(Optionals.big));
    assert_out_of_range(Double, EXP(MUL(Optionals.normal, 100)));
    assert_out_of_range(Double, POWER(Optionals.twice, -1));
    assert_out_of_range(Double, POWER(Optionals.big, 0.5));
    assert_out_of_range(Double, POWER(Optionals.normal, 1000));
    assert_is_null(Double, SQRT(Optionals.small));
    put((Optional){ .normal = CORM_SOME(1) });
    assert_is_null(Double, LN(Optionals.twice));
    assert_is_null(Double, POWER(Optionals.normal, COL(Optionals.twice)));
    assert_is_null(Double, ATAN2(Optionals.price, 1));
}

/* --- dates and times --- */

static int64_t days_from(int year, int month, int day) {
    corm_date date;
    assert_int_equal(corm_date_of(year, month, day, &date), 0);
    return date.days;
}

/* 1, Monday, to 7; 1970-01-01 was a Thursday. */
static int64_t weekday(int64_t days) { return ((days + 3) % 7 + 7) % 7 + 1; }

#define assert_moment(x, us_) assert_value(Moment, x, value.us, us_)
#define assert_day(x, days_) assert_value(Day, x, value.days, days_)

static const struct {
    int year, month, day;
    int64_t us;
} moments[] = {
    { 1970, 1, 1, 0 },           { 1969, 12, 31, 86399999999 }, { 2024, 2, 29, 45296000007 },
    { 2026, 11, 28, 57600000000 }, { 1, 1, 1, 0 },              { 9999, 12, 31, 86399999999 },
    { 2021, 1, 3, 1 },           { 2020, 12, 31, 3599999999 },  { 2027, 1, 1, 59999999 },
    { 2000, 3, 31, 43200000000 }, { 1900, 6, 30, 1000000 },     { 2008, 12, 29, 7 },
    { 2010, 1, 4, 86399000000 }, { 1582, 10, 15, 36000000000 },
};
enum { MOMENTS = sizeof moments / sizeof *moments };
static const int64_t DAY_US = 86400000000;

static int64_t put_moment(int i) {
    int64_t days = days_from(moments[i].year, moments[i].month, moments[i].day);
    put((Optional){ .moment = CORM_SOME((corm_timestamp){ days * DAY_US + moments[i].us }),
                    .day = CORM_SOME((corm_date){ (int32_t)days }),
                    .hour = CORM_SOME((corm_time){ moments[i].us }) });
    return days;
}

static void test_functions__parts_of_dates_and_times(void **state) {
    (void)state;
    for (int i = 0; i < MOMENTS; i++) {
        int year = moments[i].year, month = moments[i].month;
        int64_t days = put_moment(i), us = moments[i].us, thursday = days - weekday(days) + 4;
        corm_date of_thursday = { (int32_t)thursday };
        int week_year, unused;
        corm_date_split(of_thursday, &week_year, &unused, &unused);
        int64_t week = (thursday - days_from(week_year, 1, 1)) / 7 + 1;
        assert_integer(EXTRACT(YEAR, Optionals.moment), year);
        assert_integer(EXTRACT(YEAR, Optionals.day), year);
        assert_integer(EXTRACT(QUARTER, Optionals.moment), (month + 2) / 3);
        assert_integer(EXTRACT(QUARTER, Optionals.day), (month + 2) / 3);
        assert_integer(EXTRACT(MONTH, Optionals.moment), month);
        assert_integer(EXTRACT(MONTH, Optionals.day), month);
        assert_integer(EXTRACT(DAY, Optionals.moment), moments[i].day);
        assert_integer(EXTRACT(DAY, Optionals.day), moments[i].day);
        assert_integer(EXTRACT(YEARDAY, Optionals.moment), days - days_from(year, 1, 1) + 1);
        assert_integer(EXTRACT(YEARDAY, Optionals.day), days - days_from(year, 1, 1) + 1);
        assert_integer(EXTRACT(WEEKDAY, Optionals.moment), weekday(days));
        assert_integer(EXTRACT(WEEKDAY, Optionals.day), weekday(days));
        assert_integer(EXTRACT(WEEK, Optionals.moment), week);
        assert_integer(EXTRACT(WEEK, Optionals.day), week);
        assert_integer(EXTRACT(WEEKYEAR, Optionals.moment), week_year);
        assert_integer(EXTRACT(WEEKYEAR, Optionals.day), week_year);
        assert_integer(EXTRACT(HOUR, Optionals.moment), us / 3600000000);
        assert_integer(EXTRACT(HOUR, Optionals.hour), us / 3600000000);
        assert_integer(EXTRACT(MINUTE, Optionals.moment), us / 60000000 % 60);
        assert_integer(EXTRACT(MINUTE, Optionals.hour), us / 60000000 % 60);
        assert_integer(EXTRACT(SECOND, Optionals.moment), us / 1000000 % 60);
        assert_integer(EXTRACT(SECOND, Optionals.hour), us / 1000000 % 60);
        assert_integer(EXTRACT(MICROSECOND, Optionals.moment), us % 1000000);
        assert_integer(EXTRACT(MICROSECOND, Optionals.hour), us % 1000000);
        assert_day(DATE_OF(Optionals.moment), days);
        assert_text(CAST_TEXT(TIME_OF(Optionals.moment)),
                    corm_time_format((corm_time){ us }, (char[CORM_TIMESTAMP_TEXT]){ 0 },
                                     CORM_TIMESTAMP_TEXT));
    }
    put((Optional){ .normal = CORM_SOME(1) });
    assert_is_null(Integer, EXTRACT(WEEK, Optionals.moment));
    assert_is_null(Integer, EXTRACT(HOUR, Optionals.hour));
    assert_is_null(Day, DATE_OF(Optionals.moment));
    assert_refused(read_as(Integer, EXTRACT(HOUR, Optionals.day)), CORM_ERROR_USAGE,
                   "EXTRACT(HOUR) does not take Optionals.day (date)");
}

static void test_functions__truncated_dates_and_times(void **state) {
    (void)state;
    for (int i = 0; i < MOMENTS; i++) {
        int year = moments[i].year, month = moments[i].month;
        int64_t days = put_moment(i), us = moments[i].us, quarter = (month - 1) / 3 * 3 + 1;
        int64_t monday = days - weekday(days) + 1;
        assert_moment(TRUNCATE(YEAR, Optionals.moment), days_from(year, 1, 1) * DAY_US);
        assert_day(TRUNCATE(YEAR, Optionals.day), days_from(year, 1, 1));
        assert_moment(TRUNCATE(QUARTER, Optionals.moment),
                      days_from(year, (int)quarter, 1) * DAY_US);
        assert_day(TRUNCATE(QUARTER, Optionals.day), days_from(year, (int)quarter, 1));
        assert_moment(TRUNCATE(MONTH, Optionals.moment), days_from(year, month, 1) * DAY_US);
        assert_day(TRUNCATE(MONTH, Optionals.day), days_from(year, month, 1));
        assert_moment(TRUNCATE(WEEK, Optionals.moment), monday * DAY_US);
        assert_day(TRUNCATE(WEEK, Optionals.day), monday);
        assert_moment(TRUNCATE(DAY, Optionals.moment), days * DAY_US);
        assert_day(TRUNCATE(DAY, Optionals.day), days);
        assert_moment(TRUNCATE(HOUR, Optionals.moment), days * DAY_US + us - us % 3600000000);
        assert_moment(TRUNCATE(MINUTE, Optionals.moment), days * DAY_US + us - us % 60000000);
        assert_moment(TRUNCATE(SECOND, Optionals.moment), days * DAY_US + us - us % 1000000);
        assert_holds(1, EQ(TRUNCATE(DAY, Optionals.moment), (corm_timestamp){ days * DAY_US }));
        assert_holds(1, LTE(TRUNCATE(WEEK, Optionals.moment), COL(Optionals.moment)));
    }
    put((Optional){ .normal = CORM_SOME(1) });
    assert_is_null(Moment, TRUNCATE(QUARTER, Optionals.moment));
    assert_is_null(Day, TRUNCATE(WEEK, Optionals.day));
}

static void test_functions__months_end_where_the_month_does(void **state) {
    (void)state;
    static const struct {
        int year, month, day, months, to_year, to_month, to_day;
    } steps[] = {
        { 2024, 1, 31, 1, 2024, 2, 29 },    { 2023, 1, 31, 1, 2023, 2, 28 },
        { 2024, 2, 29, 12, 2025, 2, 28 },   { 2024, 2, 29, -48, 2020, 2, 29 },
        { 2026, 3, 31, -1, 2026, 2, 28 },   { 2026, 12, 31, 2, 2027, 2, 28 },
        { 1970, 1, 15, -13, 1968, 12, 15 }, { 2026, 5, 31, 1, 2026, 6, 30 },
        { 2026, 5, 30, 0, 2026, 5, 30 },    { 1, 1, 31, 9998 * 12 + 11, 9999, 12, 31 },
        { 9999, 12, 31, -(9998 * 12 + 10), 1, 2, 28 },
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int64_t from = days_from(steps[i].year, steps[i].month, steps[i].day);
        int64_t to = days_from(steps[i].to_year, steps[i].to_month, steps[i].to_day);
        put((Optional){ .moment = CORM_SOME((corm_timestamp){ from * DAY_US + 45296000007 }),
                        .day = CORM_SOME((corm_date){ (int32_t)from }),
                        .normal = CORM_SOME(steps[i].months) });
        assert_moment(ADD_MONTHS(Optionals.moment, steps[i].months), to * DAY_US + 45296000007);
        assert_moment(ADD_MONTHS(Optionals.moment, COL(Optionals.normal)),
                      to * DAY_US + 45296000007);
        assert_day(ADD_MONTHS(Optionals.day, steps[i].months), to);
    }
}

static void test_functions__moments_and_intervals(void **state) {
    (void)state;
    static const int64_t spans[] = { 0, 1, -1, 86400000000, -86400000001, 3600000000,
                                     31556952000000 };
    for (int i = 0; i < MOMENTS; i++)
        for (size_t j = 0; j < sizeof spans / sizeof *spans; j++) {
            if (moments[i].year == 1 || moments[i].year == 9999) continue;
            int64_t days = put_moment(i), us = days * DAY_US + moments[i].us;
            corm_interval span = { spans[j] };
            assert_moment(ADD_INTERVAL(Optionals.moment, span), us + spans[j]);
            assert_moment(SUB_INTERVAL(Optionals.moment, span), us - spans[j]);
            assert_moment(ADD_DAYS(Optionals.moment, spans[j] % 1000),
                          us + spans[j] % 1000 * DAY_US);
            assert_day(ADD_DAYS(Optionals.day, spans[j] % 1000), days + spans[j] % 1000);
            assert_value(Span, DIFFERENCE(Optionals.moment, (corm_timestamp){ spans[j] }), value.us,
                         us - spans[j]);
            assert_integer(DAYS_BETWEEN(Optionals.day, (corm_date){ 7 }), days - 7);
            assert_holds(1, EQ(DIFFERENCE(Optionals.moment, (corm_timestamp){ spans[j] }),
                               (corm_interval){ us - spans[j] }));
        }
    put((Optional){ .moment = CORM_SOME((corm_timestamp){ 0 }),
                    .span = CORM_SOME((corm_interval){ 90061000001 }) });
    assert_moment(ADD_INTERVAL(Optionals.moment, COL(Optionals.span)), 90061000001);
    assert_is_null(Moment, ADD_DAYS(Optionals.moment, COL(Optionals.normal)));
    assert_is_null(Day, ADD_DAYS(Optionals.day, 5));
    assert_is_null(Day, ADD_MONTHS(Optionals.day, COL(Optionals.normal)));
    put((Optional){ .normal = CORM_SOME(1) });
    assert_is_null(Moment, ADD_INTERVAL(Optionals.moment, (corm_interval){ 5 }));
    assert_is_null(Moment, ADD_MONTHS(Optionals.moment, 5));
    assert_is_null(Integer, DAYS_BETWEEN(Optionals.day, (corm_date){ 5 }));
    int64_t last = put_moment(5);
    assert_int_equal(last, days_from(9999, 12, 31));
    assert_out_of_range(Moment, ADD_INTERVAL(Optionals.moment, (corm_interval){ 1 }));
    assert_out_of_range(Moment, ADD_DAYS(Optionals.moment, 1));
    assert_out_of_range(Moment, ADD_MONTHS(Optionals.moment, 1));
    assert_out_of_range(Day, ADD_DAYS(Optionals.day, 1));
    assert_out_of_range(Day, ADD_MONTHS(Optionals.day, 1));
    assert_out_of_range(Day, ADD_MONTHS(Optionals.day, INT64_MAX));
    assert_out_of_range(Moment, ADD_DAYS(Optionals.moment, INT64_MIN));
    assert_out_of_range(Day, ADD_DAYS(Optionals.day, INT64_MAX));
    assert_refused(corm_update(db, Optionals, .where = EQ(Optionals.id, row),
                               .set = SET(TO(Optionals.day, ADD_DAYS(Optionals.day, 1)))),
                   CORM_ERROR_RANGE, "");
    put_moment(4);
    assert_out_of_range(Moment, SUB_INTERVAL(Optionals.moment, (corm_interval){ 1 }));
    assert_out_of_range(Moment, ADD_MONTHS(Optionals.moment, -1));
    assert_out_of_range(Day, ADD_DAYS(Optionals.day, -1));
}

static void test_functions__now_is_the_time_of_the_engine(void **state) {
    (void)state;
    put((Optional){ .normal = CORM_SOME(1) });
    Moment *now = read_as(Moment, NOW());
    if (!now) fail_msg("%s", corm_error(db)->message);
    assert_rows(now, 1);
    int64_t away = corm_now().us - now->value.value.us;
    assert_true(away > -60000000 && away < 60000000);
    corm_free(now);
    assert_ok(corm_update(db, Optionals, .where = EQ(Optionals.id, row),
                          .set = SET(TO(Optionals.moment, NOW()),
                                     TO(Optionals.day, DATE_OF(SUB_INTERVAL(NOW(),
                                                               (corm_interval){ DAY_US }))))));
    assert_holds(1, AND(LTE(Optionals.moment, NOW()),
                        GT(Optionals.moment, SUB_INTERVAL(NOW(), (corm_interval){ DAY_US }))));
    assert_holds(1, LT(Optionals.day, DATE_OF(NOW())));
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
    TEST(test_functions__parts_of_texts),
    TEST(test_functions__texts_are_trimmed_filled_and_repeated),
    TEST(test_functions__characters_and_their_numbers),
    TEST(test_functions__whole_numbers_and_places),
    TEST(test_functions__mathematics_is_that_of_c),
    TEST(test_functions__parts_of_dates_and_times),
    TEST(test_functions__truncated_dates_and_times),
    TEST(test_functions__months_end_where_the_month_does),
    TEST(test_functions__moments_and_intervals),
    TEST(test_functions__now_is_the_time_of_the_engine),
};
const size_t n_function_tests = sizeof function_tests / sizeof *function_tests;
