/* Values without measure: depth, length, exponents. Every engine refuses the same. */
#include "harness.h"
#include <stdlib.h>

/* levels brackets around what stands inside; to be freed. */
static char *nested(int levels, const char *open, const char *inside, const char *close) {
    size_t size = (size_t)levels * (strlen(open) + strlen(close)) + strlen(inside) + 1, n = 0;
    char *text = malloc(size);
    assert_non_null(text);
    for (int i = 0; i < levels; i++) n += (size_t)sprintf(text + n, "%s", open);
    n += (size_t)sprintf(text + n, "%s", inside);
    for (int i = 0; i < levels; i++) n += (size_t)sprintf(text + n, "%s", close);
    return text;
}

static void test_limits__depth_of_json(void **state) {
    (void)state;
    static const struct {
        const char *open, *inside, *close;
    } forms[] = { { "[", "", "]" },
                  { "[", "1", "]" },
                  { "{\"a\":", "{}", "}" },
                  { "[[0],", "{\"a\":[]}", "]" } };
    static const int deeper[] = { 1, 2, 967, 968, 969, 1000000 };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        int most = CORM_JSON_LEVELS - (i == 2) - 2 * (i == 3);
        char *text = nested(most, forms[i].open, forms[i].inside, forms[i].close);
        Optional row = { .document = text };
        assert_ok(corm_insert(db, Optionals, &row));
        Optional *found = corm_all(db, Optionals, .where = EQ(Optionals.id, row.id));
        assert_rows(found, 1);
        corm_free(found);
        free(text);
        for (size_t k = 0; k < sizeof deeper / sizeof *deeper; k++) {
            text = nested(most + deeper[k], forms[i].open, forms[i].inside, forms[i].close);
            row = (Optional){ .document = text };
            assert_refused(corm_insert(db, Optionals, &row), CORM_ERROR_RANGE,
                           "JSON that is nested deeper than 31 levels");
            assert_refused(corm_insert_many(db, Optionals, &row, 1), CORM_ERROR_RANGE,
                           "nested deeper than 31 levels");
            assert_refused(corm_update(db, Optionals, .where = EQ(Optionals.id, 1),
                                       .set = SET(TO(Optionals.document, text))),
                           CORM_ERROR_RANGE, "nested deeper than 31 levels");
            free(text);
        }
    }
    Optional row = { .document = "[1" };
    assert_refused(corm_insert(db, Optionals, &row), CORM_ERROR_TYPE, "is not JSON");
}

static void test_limits__length_of_a_pattern(void **state) {
    (void)state;
    char *text = malloc(CORM_LONGEST_LIKE + 2);
    assert_non_null(text);
    fill();
    /* Dotted capitals grow when they are folded. */
    for (int i = 0; i + 1 < CORM_LONGEST_LIKE; i += 2) memcpy(text + i, "\u0130", 2);
    text[CORM_LONGEST_LIKE] = 0;
    assert_int_equal(corm_count(db, Recipes, .where = LIKE(Recipes.title, text)), 0);
    assert_int_equal(corm_count(db, Recipes, .where = ILIKE(Recipes.title, text)), 0);
    memset(text, '%', CORM_LONGEST_LIKE);
    assert_int_equal(corm_count(db, Recipes, .where = LIKE(Recipes.title, text)), 4);
    strcpy(text + CORM_LONGEST_LIKE, "%");
    assert_refused(corm_count(db, Recipes, .where = LIKE(Recipes.title, text)), CORM_ERROR_RANGE,
                   "a pattern of LIKE has 50001 bytes, at most 50000");
    assert_refused(corm_count(db, Recipes, .where = NOT(ILIKE(Recipes.title, text))),
                   CORM_ERROR_RANGE, "a pattern of LIKE has 50001 bytes");
    free(text);
    /* Searches have no pattern, and no limit. */
    text = nested(60000, "a", "", "");
    assert_int_equal(corm_count(db, Recipes, .where = CONTAINS(Recipes.title, text)), 0);
    assert_int_equal(corm_count(db, Recipes, .where = ISTARTS_WITH(Recipes.title, text)), 0);
    assert_int_equal(corm_count(db, Recipes, .where = ENDS_WITH(Recipes.title, text)), 0);
    free(text);
}

static void test_limits__exponents(void **state) {
    (void)state;
    static const char *const bad[] = { "1e999999999",           "1e99999999999999999999",
                                       "1e2147483648",          "1e4294967296",
                                       "-1e9223372036854775808", "1e39" };
    static const char *const nothing[] = { "0e999999999", "0e-99999999999999999999" };
    corm_decimal value;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(corm_decimal_parse(bad[i], &value), CORM_ERROR_RANGE);
    assert_int_equal(corm_decimal_parse("1e-999999999", &value), CORM_ERROR_RANGE);
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        assert_int_equal(corm_decimal_parse(nothing[i], &value), 0);
        assert_int_equal(value.low, 0);
    }
}

/* What another program wrote into a column of decimals, where a column takes anything. */
CORM_ROW(Loose, decimal(d, 20, 4));
static void test_limits__exponents_of_a_foreign_file(void **state) {
    (void)state;
    static const struct {
        const char *value, *read;
        int status;
    } cases[] = { { "'1e2'", "100.0000", 0 },
                  { "1e2", "100.0000", 0 },
                  { "'0e999999999'", "0.0000", 0 },
                  { "1e300", NULL, CORM_ERROR_RANGE },
                  { "9e999", NULL, CORM_ERROR_TYPE },
                  { "'1e999999999'", NULL, CORM_ERROR_TYPE },
                  { "'1e-999999999'", NULL, CORM_ERROR_TYPE },
                  { "'1e99999999999999999999'", NULL, CORM_ERROR_TYPE } };
    if (strcmp(quirk->engine, "sqlite") != 0) skip();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char sql[100], text[CORM_DECIMAL_TEXT];
        snprintf(sql, sizeof sql, "SELECT %s AS d", cases[i].value);
        Loose *rows = corm_sql(db, Loose, sql);
        if (!cases[i].read) {
            assert_null(rows);
            assert_int_equal(corm_error(db)->status, cases[i].status);
            continue;
        }
        assert_rows(rows, 1);
        assert_string_equal(corm_decimal_format(rows->d, text, sizeof text), cases[i].read);
        corm_free(rows);
    }
}

const struct CMUnitTest limit_tests[] = {
    TEST(test_limits__depth_of_json),
    TEST(test_limits__length_of_a_pattern),
    TEST(test_limits__exponents),
    TEST(test_limits__exponents_of_a_foreign_file),
};
const size_t n_limit_tests = sizeof limit_tests / sizeof *limit_tests;
