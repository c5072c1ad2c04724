/* Operations that the C compiler lets through. The whole program's way with them is in
 * tests/cli/faults. */
#include "migrate/state/state.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>


static int validate_sql(const char *sql, const char *reverse) {
    corm_error_info error = { 0 };
    return corm__operation_validate(
        &(corm_operation){ .kind = CORM_RUN_SQL, .sql = sql, .reverse_sql = reverse }, NULL,
        &error);
}

static void test_validate__sql_that_controls_the_transaction(void **state) {
    (void)state;
    static const char *const refused[] = { "COMMIT",
                                           " commit ;",
                                           "BEGIN; SELECT 1",
                                           "begin transaction",
                                           "SELECT ';'; /* */ rollback",
                                           "ROLLBACK WORK",
                                           "-- x\nstart transaction",
                                           "SELECT $1; COMMIT",
                                           "DO $x$ BEGIN END $x$; COMMIT",
                                           "SELECT $$ never closed; $$; COMMIT" };
    static const char *const taken[] = {
        "",
        "SELECT 'a;' || ' COMMIT'",
        "UPDATE commits SET begin = 1",
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; SELECT 1; END",
        "DO $$ BEGIN COMMIT; END $$",
        "CREATE PROCEDURE p() AS $body$ BEGIN; COMMIT; $$ ; COMMIT; END $body$; SELECT 1",
        "SAVEPOINT s; ROLLBACK TO s",
        "ROLLBACK TRANSACTION TO SAVEPOINT s",
        "SELECT $$ never closed; COMMIT",
        "SELECT \"a;COMMIT\""
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        if (validate_sql(refused[i], NULL) != CORM_ERROR_MIGRATION)
            fail_msg("taken: %s", refused[i]);
        if (validate_sql("SELECT 1", refused[i]) != CORM_ERROR_MIGRATION)
            fail_msg("taken as reverse: %s", refused[i]);
    }
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (validate_sql(taken[i], taken[i])) fail_msg("refused: %s", taken[i]);
    assert_int_equal(validate_sql(NULL, NULL), CORM_ERROR_MIGRATION);
}

static void test_validate__columns(void **state) {
    (void)state;
    static const corm_column bad[] = {
        { NULL, .kind = CORM_TEXT },      { "", .kind = CORM_TEXT },
        { "a", .kind = CORM_NULL },       { "a", .kind = CORM_ENUMERATION },
        { "a", .kind = CORM_EXPRESSION }, { "a", .kind = CORM_KIND_COUNT },
        { "a", .kind = CORM_VARCHAR },    { "a", .kind = CORM_VARCHAR, .max_length = -1 },
        { "a", .kind = CORM_DECIMAL },    { "a", .kind = CORM_DECIMAL, .digits = 2, .places = 3 },
        { "a", .kind = CORM_ARRAY },      { "a", .kind = CORM_ARRAY, .element = CORM_ARRAY }
    };
    corm_error_info error = { 0 };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        corm_operation o = { .kind = CORM_ADD_COLUMN, .table = "t", .column = bad[i] };
        if (corm__operation_validate(&o, &(corm_table){ .name = "t" }, &error) !=
            CORM_ERROR_MIGRATION)
            fail_msg("taken: number %zu", i);
    }
    corm_operation good = { .kind = CORM_ADD_COLUMN,
                            .table = "t",
                            .column = { "a", .kind = CORM_ARRAY, .element = CORM_TEXT } };
    assert_int_equal(corm__operation_validate(&good, &(corm_table){ .name = "t" }, &error), 0);
}

static void test_validate__what_indexes_and_keys_name(void **state) {
    (void)state;
    static const corm_column columns[] = { { "a", .kind = CORM_TEXT },
                                           { "b", .kind = CORM_TEXT },
                                           { 0 } };
    const corm_table table = { .name = "t", .columns = columns };
    const struct { corm_operation operation; int status;
    } cases[] = {
        { { .kind = CORM_ADD_INDEX, .table = "t", .index = { "i", .columns = "a desc, b" } }, 0 },
        { { .kind = CORM_ADD_INDEX, .table = "t", .index = { "i", .expression = "lower(a)" } }, 0 },
        { { .kind = CORM_ADD_INDEX, .table = "t", .index = { "i", .columns = "a, c" } },
          CORM_ERROR_MIGRATION },
        { { .kind = CORM_ADD_INDEX,
            .table = "t",
            .index = { "i", .columns = "a", .include = "c" } },
          CORM_ERROR_MIGRATION },
        { { .kind = CORM_ADD_INDEX, .table = "t", .index = { .name = "i" } },
          CORM_ERROR_MIGRATION },
        { { .kind = CORM_ALTER_PRIMARY_KEY, .table = "t", .primary_key = "b, c" },
          CORM_ERROR_MIGRATION },
        { { .kind = CORM_ALTER_PRIMARY_KEY, .table = "t", .primary_key = "b, a" }, 0 },
        { { .kind = CORM_CREATE_TABLE, .table = "t", .columns = columns, .primary_key = "id" },
          CORM_ERROR_MIGRATION },
        { { .kind = CORM_ADD_CONSTRAINT,
            .table = "t",
            .constraint = { "c", .kind = CORM_CONSTRAINT_CHECK } },
          CORM_ERROR_MIGRATION },
        { { .kind = CORM_ADD_CONSTRAINT,
            .table = "t",
            .constraint = { "c", .kind = CORM_CONSTRAINT_UNIQUE } },
          CORM_ERROR_MIGRATION },
        { { .kind = CORM_ADD_CONSTRAINT, .table = "t", .constraint = { "c", .columns = "a" } },
          CORM_ERROR_MIGRATION },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        corm_error_info error = { 0 };
        if (corm__operation_validate(&cases[i].operation, &table, &error) != cases[i].status)
            fail_msg("number %zu: %s", i, error.message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validate__sql_that_controls_the_transaction),
        cmocka_unit_test(test_validate__columns),
        cmocka_unit_test(test_validate__what_indexes_and_keys_name),
    };
    return cmocka_run_group_tests_name("validate", tests, NULL, NULL);
}
