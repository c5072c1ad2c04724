#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "models.h"
#include "model/model.h"

static void test_defaults__fill_a_row(void **state) {
    (void)state;
    Recipe recipe = corm_defaults(Recipes);
    char text[CORM_TIMESTAMP_TEXT];
    assert_int_equal(recipe.time_minutes, 30);
    assert_int_equal(corm_decimal_compare(recipe.price, corm_decimal_of(150, 2)), 0);
    assert_int_equal(recipe.price.scale, 2);
    assert_true(recipe.servings.set);
    assert_int_equal(recipe.servings.value, 4);
    assert_int_equal(recipe.created.us, 0);
    assert_string_equal(corm_timestamp_format(recipe.opened, text, sizeof text),
                        "2026-01-02 03:04:05.000000");
    assert_int_equal(recipe.status, STATUS_DRAFT);
    assert_string_equal(recipe.level, "easy");
    assert_true(recipe.rating == 2.5);
    assert_null(recipe.link);
    assert_null(recipe.tags);
    User user = corm_defaults(Users);
    assert_true(user.active);
}

static int fits(corm_field field) {
    union { int64_t integer; corm_decimal decimal; char room[64]; } member;
    return corm__default_write(&field, &member);
}
#define COLUMN(k, ...)                                                                             \
    ((corm_field){ .item = CORM_ITEM_COLUMN, .name = "c", .kind = k, __VA_ARGS__ })

static void test_defaults__that_do_not_fit_are_told_apart(void **state) {
    (void)state;
    assert_int_equal(fits(COLUMN(CORM_SMALLINT, .default_value = DEFAULT(32767))), 0);
    assert_int_equal(fits(COLUMN(CORM_SMALLINT, .default_value = DEFAULT(32768))),
                     CORM_ERROR_RANGE);
    assert_int_equal(fits(COLUMN(CORM_INTEGER, .default_value = DEFAULT(1.5))), CORM_ERROR_TYPE);
    assert_int_equal(fits(COLUMN(CORM_INTEGER, .default_value = DEFAULT("5"))), 0);
    assert_int_equal(fits(COLUMN(CORM_INTEGER, .default_value = DEFAULT("5x"))), CORM_ERROR_TYPE);
    assert_int_equal(fits(COLUMN(CORM_BIGINT, .default_value = DEFAULT("99999999999999999999"))),
                     CORM_ERROR_RANGE);
    assert_int_equal(fits(COLUMN(CORM_BOOLEAN, .default_value = DEFAULT(2))), CORM_ERROR_RANGE);
    assert_int_equal(fits(COLUMN(CORM_BOOLEAN, .default_value = DEFAULT("yes"))), CORM_ERROR_TYPE);
    assert_int_equal(fits(COLUMN(CORM_VARCHAR, .max_length = 3, .default_value = DEFAULT("ναι"))),
                     0);
    assert_int_equal(fits(COLUMN(CORM_VARCHAR, .max_length = 3, .default_value = DEFAULT("four"))),
                     CORM_ERROR_RANGE);
    assert_int_equal(fits(COLUMN(CORM_TEXT, .default_value = DEFAULT(5))), CORM_ERROR_TYPE);
    assert_int_equal(
        fits(COLUMN(CORM_DECIMAL, .digits = 5, .places = 2, .default_value = DEFAULT("999.99"))),
        0);
    assert_int_equal(
        fits(COLUMN(CORM_DECIMAL, .digits = 5, .places = 2, .default_value = DEFAULT("-999.99"))),
        0);
    assert_int_equal(
        fits(COLUMN(CORM_DECIMAL, .digits = 5, .places = 2, .default_value = DEFAULT("1000"))),
        CORM_ERROR_RANGE);
    assert_int_equal(
        fits(COLUMN(CORM_DECIMAL, .digits = 5, .places = 2, .default_value = DEFAULT(-1000))),
        CORM_ERROR_RANGE);
    assert_int_equal(
        fits(COLUMN(CORM_DECIMAL, .digits = 5, .places = 2, .default_value = DEFAULT("0.001"))),
        CORM_ERROR_RANGE);
    assert_int_equal(
        fits(COLUMN(CORM_DECIMAL, .digits = 38, .places = 0,
                    .default_value = DEFAULT("99999999999999999999999999999999999999"))),
        0);
    assert_int_equal(
        fits(COLUMN(CORM_DECIMAL, .digits = 5, .places = 2, .default_value = DEFAULT(0.1))),
        CORM_ERROR_TYPE);
    assert_int_equal(fits(COLUMN(CORM_DATE, .default_value = DEFAULT("2026-02-30"))),
                     CORM_ERROR_RANGE);
    assert_int_not_equal(fits(COLUMN(CORM_UUID, .default_value = DEFAULT("x"))), 0);
    assert_int_equal(fits(COLUMN(CORM_ENUMERATION, .labels = &corm__enum_of_Status,
                                 .default_value = DEFAULT("draft"))),
                     0);
    assert_int_equal(fits(COLUMN(CORM_ENUMERATION, .labels = &corm__enum_of_Status,
                                 .default_value = DEFAULT("none"))),
                     CORM_ERROR_RANGE);
    assert_int_equal(fits(COLUMN(CORM_ENUMERATION, .labels = &corm__enum_of_Status,
                                 .default_value = DEFAULT(7))),
                     CORM_ERROR_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_defaults__fill_a_row),
                                        cmocka_unit_test(
                                            test_defaults__that_do_not_fit_are_told_apart) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
