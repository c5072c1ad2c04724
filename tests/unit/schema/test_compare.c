#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "schema/schema.h"

#define INTEGER_DEFAULT(v) { .kind = CORM_DEFAULT_INTEGER, .integer = v }
#define REAL_DEFAULT(v) { .kind = CORM_DEFAULT_REAL, .real = v }
#define TEXT_DEFAULT(v) { .kind = CORM_DEFAULT_TEXT, .text = v }
#define SQL_DEFAULT(v) { .kind = CORM_DEFAULT_SQL, .text = v }

static bool equal_defaults(corm_kind kind, corm_default a, corm_default b) {
    corm_column x = { .name = "c", .kind = kind, .default_value = a }, y = x;
    y.default_value = b;
    return corm__column_equal(&x, &y);
}
#define SAME(kind, ...)                                                                            \
    do {                                                                                           \
        corm_default pair[] = { __VA_ARGS__ };                                                     \
        assert_true(equal_defaults(kind, pair[0], pair[1]));                                       \
    } while (0)
#define DIFFERENT(kind, ...)                                                                       \
    do {                                                                                           \
        corm_default pair[] = { __VA_ARGS__ };                                                     \
        assert_false(equal_defaults(kind, pair[0], pair[1]));                                      \
    } while (0)

static void test_default__is_compared_by_the_kind_of_its_column(void **state) {
    (void)state;
    SAME(CORM_INTEGER, INTEGER_DEFAULT(1), TEXT_DEFAULT("1"));
    SAME(CORM_INTEGER, INTEGER_DEFAULT(-1), SQL_DEFAULT("- 1"));
    SAME(CORM_BOOLEAN, INTEGER_DEFAULT(1), SQL_DEFAULT("TRUE"));
    SAME(CORM_BOOLEAN, INTEGER_DEFAULT(0), TEXT_DEFAULT("f"));
    SAME(CORM_DECIMAL, TEXT_DEFAULT("1.50"), SQL_DEFAULT("1.5"));
    SAME(CORM_DECIMAL, INTEGER_DEFAULT(0), TEXT_DEFAULT("-0.00"));
    SAME(CORM_REAL, REAL_DEFAULT(0.1), TEXT_DEFAULT("0.1"));
    SAME(CORM_DOUBLE_PRECISION, REAL_DEFAULT(3.0), INTEGER_DEFAULT(3));
    SAME(CORM_TEXT, TEXT_DEFAULT("it"), SQL_DEFAULT("'it'"));
    SAME(CORM_TIMESTAMP, SQL_DEFAULT("CURRENT_TIMESTAMP"), SQL_DEFAULT("(current_timestamp)"));
    SAME(CORM_TEXT, { 0 }, SQL_DEFAULT("NULL"));
    SAME(CORM_UUID, TEXT_DEFAULT("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"),
         TEXT_DEFAULT("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"));
    DIFFERENT(CORM_INTEGER, INTEGER_DEFAULT(1), INTEGER_DEFAULT(2));
    DIFFERENT(CORM_INTEGER, INTEGER_DEFAULT(0), { 0 });
    DIFFERENT(CORM_DECIMAL, TEXT_DEFAULT("99999999999999999999.1"),
              TEXT_DEFAULT("99999999999999999999.2"));
    DIFFERENT(CORM_BIGINT, INTEGER_DEFAULT(9007199254740993), INTEGER_DEFAULT(9007199254740992));
    DIFFERENT(CORM_TEXT, TEXT_DEFAULT(""), { 0 });
    DIFFERENT(CORM_TEXT, TEXT_DEFAULT("1"), TEXT_DEFAULT("1.0"));
    DIFFERENT(CORM_TEXT, TEXT_DEFAULT("now()"), SQL_DEFAULT("now()"));
}

static const corm_table one = {
    .name = "t",
    .app = "x",
    .model = "T",
    .primary_key = "a,b",
    .columns =
        (const corm_column[]){
            { .name = "a",
              .kind = CORM_BIGINT,
              .references = { "u", "id", CORM_CASCADE, .name = NULL } },
            { .name = "b", .kind = CORM_VARCHAR, .max_length = 10, .comment = "" },
            { 0 } },
    .indexes = (const corm_index[]){ { .name = "i", .columns = "b,a desc" },
                                     { .name = "j", .expression = "lower(b)" },
                                     { 0 } },
    .constraints =
        (const corm_constraint[]){ { .name = "k", .kind = CORM_CONSTRAINT_CHECK, .check = "a > 0" },
                                   { 0 } },
};

static void test_table__is_equal_by_meaning(void **state) {
    (void)state;
    corm_table two = {
        .name = "t",
        .app = "",
        .primary_key = "a, b",
        .comment = "",
        .columns = (const corm_column[]){ { .name = "b", .kind = CORM_VARCHAR, .max_length = 10 },
                                          { .name = "a",
                                            .kind = CORM_BIGINT,
                                            .references = { "u", "id", CORM_CASCADE,
                                                            .name = "t_a_fkey" } },
                                          { 0 } },
        .indexes =
            (const corm_index[]){
                { .name = "j", .expression = "lower((b)::text)", .method = "btree" },
                { .name = "i", .columns = "b asc, a DESC" },
                { 0 } },
        .constraints =
            (const corm_constraint[]){
                { .name = "k", .kind = CORM_CONSTRAINT_CHECK, .check = "((a > 0))" }, { 0 } },
    };
    char difference[200];
    if (!corm__table_equal(&one, &two, difference, sizeof difference)) fail_msg("%s", difference);
    assert_string_equal(difference, "");
}

static void check_difference(const corm_table *other, const char *expected) {
    char difference[300];
    assert_false(corm__table_equal(&one, other, difference, sizeof difference));
    if (!strstr(difference, expected)) fail_msg("'%s' is not in '%s'", expected, difference);
    assert_false(corm__table_equal(&one, other, NULL, 0));
}

static void test_table__says_what_differs(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    corm_table *other = corm__table_clone(&arena, &one);
    other->primary_key = "b, a";
    check_difference(other, "primary key");
    check_difference(corm__table_without_column(&arena, &one, "b"),
                     "column t.b is missing in the second");
    check_difference(
        corm__table_with_column(&arena, &one, &(corm_column){ .name = "c", .kind = CORM_TEXT }),
        "column t.c is missing in the first");
    check_difference(corm__table_replace_column(
                         &arena, &one, "b",
                         &(corm_column){ .name = "b", .kind = CORM_VARCHAR, .max_length = 11 }),
                     "varchar(10) and varchar(11)");
    check_difference(
        corm__table_replace_column(
            &arena, &one, "b",
            &(corm_column){ .name = "b", .kind = CORM_VARCHAR, .max_length = 10, .null = true }),
        "null of column t.b");
    check_difference(corm__table_replace_column(&arena, &one, "a",
                                                &(corm_column){ .name = "a", .kind = CORM_BIGINT }),
                     "foreign key of column t.a");
    check_difference(corm__table_without_index(&arena, &one, "i"), "index i");
    check_difference(corm__table_without_constraint(&arena, &one, "k"), "constraint k");
    corm_index up = { .name = "i", .columns = "b,a" };
    check_difference(
        corm__table_with_index(&arena, corm__table_without_index(&arena, &one, "i"), &up),
        "index i");
    corm__arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default__is_compared_by_the_kind_of_its_column),
        cmocka_unit_test(test_table__is_equal_by_meaning),
        cmocka_unit_test(test_table__says_what_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
