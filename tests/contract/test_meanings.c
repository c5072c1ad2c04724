/* What engines would answer differently: the same answer on each, or refused on each. */
#include "harness.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>

CORM_ROW(Maybe, optional_integer(value), bigint(n));
CORM_ROW(Whole, optional_bigint(value));
CORM_ROW(Real, optional_double_precision(value));
CORM_ROW(Graded, enumeration(grade, Grade), bigint(n));
CORM_ROW(Grades, enumeration(grade, Grade));
CORM_ROW(Named, text(name), bigint(n));
CORM_ROW(Starred, integer(stars), optional_bigint(sum));
CORM_ROW(Ends, optional_boolean(yes), optional_uuid(key), blob(bytes, .null = true));

static Measure measures[4];

static void fill_measures(void) {
    static const Measure rows[] = {
        { .small = INT16_MAX,
          .whole = INT32_MAX,
          .large = INT64_MAX,
          .single = 0.1F,
          .twice = 7.5,
          .yes = true,
          .key = { { 0x80 } },
          .bytes = { "a\0b", 3 },
          .word = "a",
          .maybe = CORM_SOME(1),
          .grade = GRADE_LOW },
        { .small = 7,
          .whole = 7,
          .large = 7,
          .single = 2,
          .twice = 2,
          .key = { { 0x0f } },
          .bytes = { "", 0 },
          .word = "b",
          .maybe = CORM_SOME(2),
          .grade = GRADE_MIDDLE },
        { .small = -7,
          .whole = -7,
          .large = -7,
          .single = 16777216,
          .twice = 1e308,
          .key = { { 0xff } },
          .bytes = { "a", 1 },
          .word = "c",
          .grade = GRADE_HIGH },
        { .small = 1,
          .whole = 1,
          .large = 1,
          .single = 1,
          .twice = 0.1,
          .key = { { 0x10 } },
          .bytes = { "a\0a", 3 },
          .word = "d",
          .maybe = CORM_SOME(1),
          .grade = GRADE_LOW },
    };
    memcpy(measures, rows, sizeof rows);
    assert_ok(corm_insert_many(db, Measures, measures, 4));
}

#define assert_count(n, ...)                                                                       \
    do {                                                                                           \
        int64_t count_ = corm_count(db, Measures, .where = __VA_ARGS__);                           \
        assert_ok(count_);                                                                         \
        assert_int_equal(count_, n);                                                               \
    } while (0)
/* The expression over measures[i], read into a T. */
#define read_one(T, i, x)                                                                          \
    corm_select(db, T, Measures, .columns = COLUMNS(AS(value, x)),                                 \
                .where = EQ(Measures.id, measures[i].id))

/* --- order --- */

static void test_meanings__null_comes_last_in_a_report(void **state) {
    (void)state;
    fill_measures();
    Maybe *rows = corm_select(db, Maybe, Measures,
                              .columns = COLUMNS(AS(value, Measures.maybe), AS(n, COUNT())),
                              .order_by = BY(ASC(Measures.maybe)));
    assert_rows(rows, 3);
    assert_int_equal(rows[0].value.value, 1);
    assert_int_equal(rows[1].value.value, 2);
    assert_false(rows[2].value.set);
    corm_free(rows);
    rows = corm_select(db, Maybe, Measures,
                       .columns = COLUMNS(AS(value, Measures.maybe), AS(n, COUNT())),
                       .order_by = BY(DESC(Measures.maybe)), .limit = 1);
    assert_rows(rows, 1);
    assert_false(rows[0].value.set);
    corm_free(rows);
    /* Without a word about the order it is that of the columns. */
    rows = corm_select(db, Maybe, Measures,
                       .columns = COLUMNS(AS(value, Measures.maybe), AS(n, COUNT())), .limit = 1);
    assert_rows(rows, 1);
    assert_int_equal(rows[0].value.value, 1);
    corm_free(rows);
}

static void test_meanings__null_comes_last_among_aggregates_and_distinct_rows(void **state) {
    (void)state;
    fill_measures();
    CORM_ROW(Most, text(word), optional_integer(most));
    Most *most =
        corm_select(db, Most, Measures,
                    .columns = COLUMNS(AS(word, Measures.word), AS(most, MAX_OF(Measures.maybe))),
                    .order_by = BY(ASC(MAX_OF(Measures.maybe)), DESC(Measures.word)));
    assert_rows(most, 4);
    assert_string_equal(most[0].word, "d");
    assert_string_equal(most[3].word, "c");
    corm_free(most);
    CORM_ROW(Value, optional_integer(value));
    Value *values = corm_select(db, Value, Measures, .distinct = true,
                                .columns = COLUMNS(AS(value, Measures.maybe)),
                                .order_by = BY(DESC(Measures.maybe)));
    assert_rows(values, 3);
    assert_false(values[0].value.set);
    corm_free(values);
}

static void test_meanings__enumerations_are_ordered_as_in_c(void **state) {
    (void)state;
    fill_measures();
    assert_count(2, LT(Measures.grade, GRADE_MIDDLE));
    assert_count(3, LTE(Measures.grade, GRADE_MIDDLE));
    assert_count(2, GTE(Measures.grade, GRADE_MIDDLE));
    assert_count(1, GT(Measures.grade, GRADE_MIDDLE));
    assert_count(3, BETWEEN(Measures.grade, GRADE_LOW, GRADE_MIDDLE));
    assert_count(0, LT(Measures.grade, COL(Measures.grade)));
    assert_count(4, LTE(Measures.grade, COL(Measures.grade)));
    Measure *rows =
        corm_all(db, Measures, .order_by = BY(DESC(Measures.grade), ASC(Measures.word)));
    assert_rows(rows, 4);
    assert_string_equal(rows[0].word, "c");
    assert_string_equal(rows[1].word, "b");
    assert_string_equal(rows[3].word, "d");
    corm_free(rows);
    assert_refused(corm_count(db, Measures, .where = LT(Measures.grade, (Grade)9)),
                   CORM_ERROR_RANGE, "no value of enum Grade");
    assert_refused(corm_count(db, Measures, .where = ANYWAY(corm__expr_value(
                                                   CORM_OP_LT, "Measures.grade", NULL,
                                                   CORM__VALUE(COL(Measures.word))))),
                   CORM_ERROR_USAGE, "not of one enum");
}

static void test_meanings__enumerations_in_reports_too(void **state) {
    (void)state;
    fill_measures();
    Graded *rows = corm_select(db, Graded, Measures,
                               .columns = COLUMNS(AS(grade, Measures.grade), AS(n, COUNT())),
                               .order_by = BY(ASC(Measures.grade)));
    assert_rows(rows, 3);
    for (int i = 0; i < 3; i++) assert_int_equal(rows[i].grade, i);
    corm_free(rows);
    Grades *grades = corm_select(db, Grades, Measures, .distinct = true,
                                 .columns = COLUMNS(AS(grade, Measures.grade)), .limit = 2);
    assert_rows(grades, 2);
    assert_int_equal(grades[0].grade, GRADE_LOW);
    assert_int_equal(grades[1].grade, GRADE_MIDDLE);
    corm_free(grades);
    Named *most = corm_select(db, Named, Measures,
                              .columns = COLUMNS(AS(name, Measures.word), AS(n, COUNT())),
                              .having = GTE(MAX_OF(Measures.grade), GRADE_MIDDLE),
                              .order_by = BY(DESC(MIN_OF(Measures.grade))));
    assert_rows(most, 2);
    assert_string_equal(most[0].name, "c");
    corm_free(most);
    grades =
        corm_select(db, Grades, Measures, .columns = COLUMNS(AS(grade, MAX_OF(Measures.grade))));
    assert_rows(grades, 1);
    assert_int_equal(grades[0].grade, GRADE_HIGH);
    corm_free(grades);
}

/* --- groups --- */

static void test_meanings__what_is_not_grouped_by_is_refused(void **state) {
    (void)state;
    fill();
    assert_refused(corm_select(db, Named, Recipes,
                               .columns = COLUMNS(AS(name, Recipes.user->name), AS(n, COUNT())),
                               .having = (const void *)GT(Recipes.time_minutes, 30)),
                   CORM_ERROR_USAGE, "Recipes.time_minutes in .having is not among the columns");
    assert_refused(corm_select(db, Named, Recipes,
                               .columns = COLUMNS(AS(name, Recipes.user->name),
                                                  AS(n, ADD(COUNT(), COL(Recipes.time_minutes))))),
                   CORM_ERROR_USAGE, "Recipes.time_minutes in a column");
    assert_refused(corm_select(db, Named, Recipes,
                               .columns = COLUMNS(AS(name, Recipes.user->name), AS(n, COUNT())),
                               .order_by = BY(DESC(ADD(COUNT(), COL(Recipes.time_minutes))))),
                   CORM_ERROR_USAGE, "Recipes.time_minutes in .order_by");
    assert_refused(corm_select(db, Named, Recipes,
                               .columns = COLUMNS(AS(name, Recipes.title), AS(n, Recipes.id)),
                               .order_by = BY(DESC(COUNT()))),
                   CORM_ERROR_USAGE, "an aggregate in .order_by");
    assert_refused(corm_select(db, Named, Recipes, .distinct = true,
                               .columns = COLUMNS(AS(name, Recipes.title), AS(n, Recipes.id)),
                               .order_by = BY(Recipes.time_minutes)),
                   CORM_ERROR_USAGE, "not among the columns");
    /* What is made of columns and aggregates has one value a group. */
    Named *rows = corm_select(db, Named, Recipes,
                              .columns = COLUMNS(AS(name, Recipes.user->name), AS(n, COUNT())),
                              .having = OR(EQ(Recipes.user->name, "Ada"), GT(COUNT(), 5)),
                              .order_by = BY(LENGTH(Recipes.user->name), DESC(ADD(COUNT(), 1))));
    assert_rows(rows, 1);
    assert_string_equal(rows[0].name, "Ada");
    corm_free(rows);
    rows = corm_select(db, Named, Recipes, .distinct = true,
                       .columns = COLUMNS(AS(name, Recipes.user->name), AS(n, VALUE(5))),
                       .order_by = BY(LENGTH(Recipes.user->name), DESC(Recipes.user->name)));
    assert_rows(rows, 2);
    assert_string_equal(rows[0].name, "Bob");
    assert_int_equal(rows[0].n, 5);
    corm_free(rows);
}

static void test_meanings__a_sum_counts_each_row_once(void **state) {
    (void)state;
    fill();
    Comment again = { .recipe_id = soup.id, .words = "better", .stars = 4 };
    assert_ok(corm_insert(db, Comments, &again));
    /* The soup has two comments of four stars. */
    assert_refused(corm_select(db, Starred, Recipes,
                               .columns = COLUMNS(AS(stars, Recipes.comments->stars),
                                                  AS(sum, SUM(Recipes.time_minutes)))),
                   CORM_ERROR_USAGE, "SUM would count a row several times");
    assert_refused(corm_select(db, Named, Users,
                               .columns = COLUMNS(AS(name, Users.recipes->tags->name),
                                                  AS(n, COUNT_OF(Users.email)))),
                   CORM_ERROR_USAGE, "COUNT_OF would count a row several times");
    /* Grouped by a key, a group has one row of the relation; of what is summed, each row is one. */
    CORM_ROW(Sum, text(name), optional_bigint(sum));
    Sum *rows = corm_select(
        db, Sum, Recipes,
        .columns = COLUMNS(AS(name, Recipes.tags->name), AS(sum, SUM(Recipes.time_minutes))),
        .order_by = BY(Recipes.tags->name));
    assert_rows(rows, 3);
    assert_int_equal(rows[2].sum.value, 140);
    corm_free(rows);
    Starred *stars = corm_select(db, Starred, Recipes,
                                 .columns = COLUMNS(AS(stars, Recipes.comments->stars),
                                                    AS(sum, SUM(Recipes.comments->stars))),
                                 .order_by = BY(Recipes.comments->stars));
    assert_rows(stars, 3);
    assert_int_equal(stars[1].sum.value, 8);
    corm_free(stars);
}

/* --- arithmetic --- */

static void test_meanings__integers_are_computed_as_bigint(void **state) {
    (void)state;
    fill_measures();
    static const int64_t wanted[] = { (int64_t)INT32_MAX * 2, INT16_MAX * (int64_t)INT16_MAX,
                                      INT32_MAX + INT64_C(1) };
    Whole *rows[] = { read_one(Whole, 0, ADD(Measures.whole, COL(Measures.whole))),
                      read_one(Whole, 0, MUL(Measures.small, COL(Measures.small))),
                      read_one(Whole, 0, SUB(Measures.whole, -1)) };
    for (size_t i = 0; i < 3; i++) {
        assert_rows(rows[i], 1);
        assert_true(rows[i]->value.value == wanted[i]);
        corm_free(rows[i]);
    }
    assert_refused(read_one(Whole, 0, ADD(Measures.large, 1)), CORM_ERROR_RANGE, "");
    assert_refused(read_one(Whole, 0, MUL(Measures.large, 2)), CORM_ERROR_RANGE, "");
    assert_refused(read_one(Whole, 0, SUB(VALUE(-2), COL(Measures.large))), CORM_ERROR_RANGE, "");
    assert_refused(corm_update(db, Measures, .where = EQ(Measures.id, measures[0].id),
                               .set = SET(TO(Measures.small, ADD(Measures.small, 1)))),
                   CORM_ERROR_RANGE, "");
}

static void test_meanings__a_double_makes_the_division_real(void **state) {
    (void)state;
    fill_measures();
    Real *rows = read_one(Real, 1, DIV(Measures.whole, COL(Measures.twice)));
    assert_rows(rows, 1);
    assert_true(rows->value.value == 3.5);
    corm_free(rows);
    rows = read_one(Real, 3, ADD(Measures.single, 0.1));
    assert_rows(rows, 1);
    assert_true(rows->value.value == 1.1);
    corm_free(rows);
    rows = corm_select(db, Real, Measures, .columns = COLUMNS(AS(value, SUM(Measures.single))),
                       .where = IN(Measures.id, measures[2].id, measures[3].id));
    assert_rows(rows, 1);
    assert_true(rows->value.value == 16777217.0);
    corm_free(rows);
    Whole *whole = read_one(Whole, 2, DIV(Measures.whole, 2));
    assert_rows(whole, 1);
    assert_int_equal(whole->value.value, -3);
    corm_free(whole);
    assert_refused(read_one(Real, 0, MOD(Measures.twice, 2.0)), CORM_ERROR_USAGE,
                   "MOD of floating point numbers");
    assert_refused(read_one(Real, 0, MOD(Measures.whole, COL(Measures.twice))), CORM_ERROR_USAGE,
                   "MOD of floating point numbers");
}

static void test_meanings__doubles_that_overflow_are_an_error(void **state) {
    (void)state;
    fill_measures();
    assert_refused(read_one(Real, 2, MUL(Measures.twice, 10.0)), CORM_ERROR_RANGE, "");
    assert_refused(read_one(Real, 2, ADD(Measures.twice, DBL_MAX)), CORM_ERROR_RANGE, "");
    assert_refused(read_one(Real, 2, DIV(Measures.twice, 0.001)), CORM_ERROR_RANGE, "");
    assert_ok(corm_update(db, Measures, .all = true, .set = SET(TO(Measures.twice, 1e308))));
    assert_refused(
        corm_select(db, Real, Measures, .columns = COLUMNS(AS(value, SUM(Measures.twice)))),
        CORM_ERROR_RANGE, "");
}

static void test_meanings__a_double_is_not_rounded_into_an_integer(void **state) {
    (void)state;
    fill_measures();
    assert_refused(
        corm_update(db, Measures, .all = true, .set = SET(TO(Measures.whole, COL(Measures.twice)))),
        CORM_ERROR_USAGE, "Measures.whole is integer");
    assert_refused(corm_update(db, Measures, .all = true,
                               .set = SET(TO(Measures.large, MUL(Measures.single, 2.0)))),
                   CORM_ERROR_USAGE, "Measures.large is bigint");
    assert_ok(corm_update(db, Measures, .all = true,
                          .set = SET(TO(Measures.twice, COL(Measures.whole)))));
}

static void test_meanings__a_real_is_found_by_what_was_stored(void **state) {
    (void)state;
    fill_measures();
    assert_count(1, EQ(Measures.single, 0.1));
    assert_count(1, EQ(Measures.single, 0.1F));
    assert_count(3, NE(Measures.single, 0.1));
    assert_count(1, AND(GT(Measures.single, 0.05), LTE(Measures.single, 0.1)));
    assert_count(2, IN(Measures.single, 0.1, 1));
    assert_count(2, BETWEEN(Measures.single, 0.1, 1.0));
    assert_refused(corm_count(db, Measures, .where = LT(Measures.single, 1e300)), CORM_ERROR_RANGE,
                   "outside of real");
}

static void test_meanings__least_and_most_of_every_kind(void **state) {
    (void)state;
    fill_measures();
    Ends *least =
        corm_select(db, Ends, Measures,
                    .columns = COLUMNS(AS(yes, MIN_OF(Measures.yes)), AS(key, MIN_OF(Measures.key)),
                                       AS(bytes, MIN_OF(Measures.bytes))));
    assert_rows(least, 1);
    assert_true(least->yes.set && !least->yes.value);
    assert_int_equal(least->key.value.bytes[0], 0x0f);
    assert_int_equal(least->bytes.size, 0);
    corm_free(least);
    Ends *most =
        corm_select(db, Ends, Measures,
                    .columns = COLUMNS(AS(yes, MAX_OF(Measures.yes)), AS(key, MAX_OF(Measures.key)),
                                       AS(bytes, MAX_OF(Measures.bytes))));
    assert_rows(most, 1);
    assert_true(most->yes.value);
    assert_int_equal(most->key.value.bytes[0], 0xff);
    assert_memory_equal(most->bytes.data, "a\0b", 3);
    corm_free(most);
}

/* --- lists --- */

static void test_meanings__a_list_holds_no_null(void **state) {
    (void)state;
    fill_measures();
    const char *hole[] = { "a", NULL, "b" }, *broken[] = { "a", "\xff" }, *whole[] = { "a", "b" };
    assert_count(2, ONE_OF(Measures.word, whole, 2));
    assert_count(2, NOT(ONE_OF(Measures.word, whole, 2)));
    assert_refused(corm_count(db, Measures, .where = ONE_OF(Measures.word, hole, 3)),
                   CORM_ERROR_USAGE, "a comparison with NULL is never true");
    assert_refused(corm_count(db, Measures, .where = NOT(ONE_OF(Measures.word, hole, 3))),
                   CORM_ERROR_USAGE, "a comparison with NULL is never true");
    assert_refused(corm_count(db, Measures, .where = ONE_OF(Measures.word, broken, 2)),
                   CORM_ERROR_TYPE, "not valid UTF-8");
    assert_refused(corm_count(db, Measures, .where = ONE_OF(Measures.word, (const char **)NULL, 2)),
                   CORM_ERROR_USAGE, "a comparison with NULL is never true");
    assert_refused(corm_count(db, Measures, .where = ONE_OF(Measures.id, (int64_t *)NULL, 2)),
                   CORM_ERROR_USAGE, "a comparison with NULL is never true");
    assert_count(0, ONE_OF(Measures.word, (const char **)NULL, 0));
    assert_refused(corm_delete(db, Measures, .where = NOT(ONE_OF(Measures.id, (int64_t *)NULL, 2))),
                   CORM_ERROR_USAGE, "a comparison with NULL is never true");
}

static void test_meanings__a_list_may_be_longer_than_parameters(void **state) {
    (void)state;
    enum { N = 70000 };
    fill_measures();
    int64_t *keys = malloc(N * sizeof *keys);
    const char **words = malloc(N * sizeof *words);
    assert_true(keys && words);
    for (int i = 0; i < N; i++) {
        keys[i] = i < 2 ? measures[i].id : -i;
        words[i] = i == N - 1 ? "b" : "\"\\\n";
    }
    assert_count(2, ONE_OF(Measures.id, keys, N));
    assert_count(2, NOT(ONE_OF(Measures.id, keys, N)));
    assert_count(1, ONE_OF(Measures.word, words, N));
    assert_ok(corm_update(db, Measures, .where = EQ(Measures.id, measures[0].id),
                          .set = SET(TO(Measures.word, words[0]))));
    assert_count(2, ONE_OF(Measures.word, words, N));
    free(keys);
    free(words);
    corm_uuid *some = calloc(N, sizeof *some);
    assert_non_null(some);
    some[N - 1] = measures[1].key;
    assert_count(1, ONE_OF(Measures.key, some, N));
    free(some);
}

/* --- links --- */

static void test_meanings__links_by_uuid_and_text(void **state) {
    (void)state;
    Reader reader = { .id = { { 7 } }, .name = "Ada" };
    Volume volumes[] = { { .isbn = "1", .title = "one" },
                         { .isbn = "2", .title = "two" },
                         { .isbn = "3", .title = "three" } };
    assert_ok(corm_insert(db, Readers, &reader));
    assert_ok(corm_insert_many(db, Volumes, volumes, 3));
    const char *keys[] = { "1", "3", "1", NULL };
    assert_ok(corm_add(db, Readers, books, reader.id, keys, 3));
    assert_ok(corm_add(db, Readers, books, reader.id, keys, 2));
    Reader *rows = corm_all(db, Readers, .with = WITH(Readers.books));
    assert_rows(rows, 1);
    assert_int_equal(corm_len(rows->books), 2);
    corm_free(rows);
    assert_ok(corm_remove(db, Readers, books, reader.id, keys, 1));
    assert_int_equal(corm_count(db, Readers, .where = EQ(Readers.books->isbn, "1")), 0);
    assert_int_equal(corm_count(db, Readers, .where = EQ(Readers.books->isbn, "3")), 1);
    assert_refused(corm_add(db, Readers, books, reader.id, &keys[2], 2), CORM_ERROR_USAGE, "NULL");
    assert_refused(corm_add(db, Readers, books, reader.id, (const char **)NULL, 2),
                   CORM_ERROR_USAGE, "the array of keys is NULL");
    assert_refused(corm_add(db, Readers, books, reader.id, ((int64_t[]){ 1 }), 1), CORM_ERROR_TYPE,
                   "keys of Volume are varchar, not bigint");
    assert_refused(corm_add(db, Readers, books, 5, keys, 1), CORM_ERROR_TYPE, "readers.id");
    assert_refused(corm_add(db, Readers, books, reader.id, ((const char *[]){ "none" }), 1),
                   CORM_ERROR_FOREIGN_KEY, "");
}

static void test_meanings__links_are_there_once(void **state) {
    (void)state;
    Volume volume = { .isbn = "1", .title = "one" };
    Stamp stamps[] = { { .words = "a" }, { .words = "b" } };
    assert_ok(corm_insert(db, Volumes, &volume));
    assert_ok(corm_insert_many(db, Stamps, stamps, 2));
    int32_t keys[] = { (int32_t)stamps[0].id, (int32_t)stamps[1].id, (int32_t)stamps[0].id };
    assert_ok(corm_add(db, Volumes, stamps, "1", keys, 1));
    assert_ok(corm_add(db, Volumes, stamps, "1", keys, 3));
    assert_ok(corm_add(db, Volumes, stamps, "1", keys, 3));
    assert_int_equal(corm_count(db, Stampings), 2);
    assert_ok(corm_remove(db, Volumes, stamps, "1", keys, 1));
    assert_int_equal(corm_count(db, Stampings), 1);
}

/* Quadratic, it would be the time-out. */
static void test_meanings__many_links_at_once(void **state) {
    (void)state;
    enum { N = 70000 };
    fill();
    Tag *tags = calloc(N, sizeof *tags);
    int64_t *keys = malloc(N * sizeof *keys);
    char(*names)[16] = malloc(N * sizeof *names);
    assert_true(tags && keys && names);
    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof names[i], "tag %d", i);
        tags[i].name = names[i];
    }
    assert_ok(corm_insert_many(db, Tags, tags, N));
    for (int i = 0; i < N; i++) keys[i] = tags[i].id;
    assert_ok(corm_add(db, Recipes, tags, stew.id, keys, N));
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.recipes->id, stew.id)), N);
    assert_ok(corm_remove(db, Recipes, tags, stew.id, keys, N));
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.recipes->id, stew.id)), 0);
    free(tags);
    free(keys);
    free(names);
}

/* --- writes --- */

static void test_meanings__changes_over_relations_by_a_composite_key(void **state) {
    (void)state;
    fill();
    int64_t home = ada.country_id.value, away = bob.country_id.value;
    Visit visits[] = { { .user_id = ada.id, .country_id = home, .days = 1 },
                       { .user_id = ada.id, .country_id = away, .days = 2 },
                       { .user_id = bob.id, .country_id = away, .days = 3 } };
    assert_ok(corm_insert_many(db, Visits, visits, 3));
    assert_int_equal(corm_update(db, Visits, .where = EQ(Visits.country->code, "GR"),
                                 .set = SET(TO(Visits.days, ADD(Visits.days, 10)))),
                     2);
    assert_int_equal(corm_count(db, Visits, .where = GT(Visits.days, 10)), 2);
    assert_int_equal(
        corm_delete(db, Visits, .all = true, .order_by = BY(DESC(Visits.days)), .limit = 1), 1);
    assert_int_equal(corm_count(db, Visits, .where = EQ(Visits.days, 13)), 0);
    assert_int_equal(
        corm_delete(db, Visits,
                    .where = AND(EQ(Visits.user->name, "Ada"), EQ(Visits.country->code, "GB"))),
        1);
    Visit *left = corm_all(db, Visits);
    assert_rows(left, 1);
    assert_int_equal(left->days, 12);
    corm_free(left);
}

static void test_meanings__rows_of_any_size_are_inserted(void **state) {
    (void)state;
    enum { N = 600, SIZE = 40000, LARGE = 17 * 1024 * 1024 };
    char *words = malloc(LARGE + 1);
    Measure *rows = calloc(N, sizeof *rows);
    assert_true(words && rows);
    memset(words, 'x', LARGE);
    words[SIZE] = 0;
    for (int i = 0; i < N; i++) rows[i] = (Measure){ .word = words, .bytes = { "", 0 } };
    assert_ok(corm_insert_many(db, Measures, rows, N));
    assert_int_equal(corm_count(db, Measures, .where = EQ(LENGTH(Measures.word), SIZE)), N);
    words[SIZE] = 'x';
    words[LARGE] = 0;
    Measure one = { .word = words, .bytes = { "", 0 } };
    if (quirk->packets) {
        assert_refused(corm_insert(db, Measures, &one), CORM_ERROR_RANGE, "bytes");
        assert_refused(corm_update(db, Measures, .all = true, .set = SET(TO(Measures.word, words))),
                       CORM_ERROR_RANGE, "bytes");
        assert_refused(corm_count(db, Measures, .where = EQ(Measures.word, words)),
                       CORM_ERROR_RANGE, "bytes");
        assert_int_equal(corm_count(db, Measures), N);
    } else {
        assert_ok(corm_insert(db, Measures, &one));
        assert_int_equal(corm_count(db, Measures, .where = EQ(Measures.word, words)), 1);
    }
    for (int i = 0; i < 2; i++) rows[i] = (Measure){ .word = "y", .bytes = { "", 0 } };
    rows[1].word = words;
    if (quirk->packets) {
        assert_refused(corm_insert_many(db, Measures, rows, 2), CORM_ERROR_RANGE, "a row of");
        assert_string_equal(corm_error(db)->detail, "row 2 of 2");
        assert_int_equal(corm_count(db, Measures), N);
    } else {
        assert_ok(corm_insert_many(db, Measures, rows, 2));
    }
    free(words);
    free(rows);
}

const struct CMUnitTest meaning_tests[] = {
    TEST(test_meanings__null_comes_last_in_a_report),
    TEST(test_meanings__null_comes_last_among_aggregates_and_distinct_rows),
    TEST(test_meanings__enumerations_are_ordered_as_in_c),
    TEST(test_meanings__enumerations_in_reports_too),
    TEST(test_meanings__what_is_not_grouped_by_is_refused),
    TEST(test_meanings__a_sum_counts_each_row_once),
    TEST(test_meanings__integers_are_computed_as_bigint),
    TEST(test_meanings__a_double_makes_the_division_real),
    TEST(test_meanings__doubles_that_overflow_are_an_error),
    TEST(test_meanings__a_double_is_not_rounded_into_an_integer),
    TEST(test_meanings__a_real_is_found_by_what_was_stored),
    TEST(test_meanings__least_and_most_of_every_kind),
    TEST(test_meanings__a_list_holds_no_null),
    TEST(test_meanings__a_list_may_be_longer_than_parameters),
    TEST(test_meanings__links_by_uuid_and_text),
    TEST(test_meanings__links_are_there_once),
    TEST(test_meanings__many_links_at_once),
    TEST(test_meanings__changes_over_relations_by_a_composite_key),
    TEST(test_meanings__rows_of_any_size_are_inserted),
};
const size_t n_meaning_tests = sizeof meaning_tests / sizeof *meaning_tests;
