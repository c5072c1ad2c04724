/* Each kind of operation on a state, and what undoes it, without a database. */
#include "migrate/state/state.h"
#include "migrate/execute/script.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>


static const corm_table tables[] = {
    { .name = "rooms",
      .app = "hotel",
      .model = "Room",
      .primary_key = "id",
      .columns = (const corm_column[]){ { "id", .kind = CORM_IDENTITY },
                                        { "number", .kind = CORM_INTEGER },
                                        { "floor", .kind = CORM_INTEGER, .null = true },
                                        { 0 } },
      .indexes = (const corm_index[]){ { "rooms_floor", .columns = "floor" }, { 0 } },
      .constraints = (const corm_constraint[]){ { "rooms_number", .kind = CORM_CONSTRAINT_UNIQUE,
                                                  .columns = "number" },
                                                { "rooms_check", .kind = CORM_CONSTRAINT_CHECK,
                                                  .check = "floor > 0", .not_valid = true },
                                                { 0 } } },
    { .name = "bookings",
      .app = "hotel",
      .model = "Booking",
      .primary_key = "id",
      .columns =
          (const corm_column[]){
              { "id", .kind = CORM_IDENTITY },
              { "room", .kind = CORM_INTEGER,
                .references = { .table = "rooms", .column = "number", .not_valid = true } },
              { 0 } } },
    { 0 }
};
static const corm_schema base = { tables, 2 };

static const corm_operation half[] = { { .kind = CORM_ADD_COLUMN,
                                         .table = "rooms",
                                         .column = { "half", .kind = CORM_TEXT, .null = true } },
                                       { 0 } };
static const corm_operation by_hand[] = {
    { .kind = CORM_ADD_COLUMN,
      .table = "rooms",
      .column = { "half", .kind = CORM_TEXT, .null = true } },
    { .kind = CORM_ADD_INDEX, .table = "rooms", .index = { "rooms_half", .columns = "half" } },
    { .kind = CORM_RUN_SQL, .sql = "UPDATE rooms SET half = ''", .reverse_sql = "" },
    { 0 }
};
static int count_rooms(const corm_migration_run *run) {
    (void)run;
    return 0;
}

static const struct { corm_operation operation; const char *text, *undo;
} operations[] = {
    { { .kind = CORM_ALTER_INDEX,
        .table = "rooms",
        .index = { "rooms_floor", .columns = "floor desc" } },
      "Alter index rooms_floor of rooms",
      "Alter index rooms_floor of rooms" },
    { { .kind = CORM_RENAME_INDEX,
        .table = "rooms",
        .name = "rooms_floor",
        .new_name = "by_floor" },
      "Rename index rooms_floor of rooms to by_floor",
      "Rename index by_floor of rooms to rooms_floor" },
    { { .kind = CORM_ADD_INDEX,
        .table = "rooms",
        .index = { "now", .columns = "number" },
        .concurrently = true },
      "Add index now to rooms concurrently",
      "Remove index now from rooms concurrently" },
    { { .kind = CORM_ALTER_CONSTRAINT,
        .table = "rooms",
        .constraint = { "rooms_number", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "number",
                        .deferrable = true } },
      "Alter constraint rooms_number of rooms",
      "Alter constraint rooms_number of rooms" },
    { { .kind = CORM_RENAME_CONSTRAINT,
        .table = "rooms",
        .name = "rooms_number",
        .new_name = "once" },
      "Rename constraint rooms_number of rooms to once",
      "Rename constraint once of rooms to rooms_number" },
    { { .kind = CORM_RENAME_CONSTRAINT,
        .table = "bookings",
        .name = "bookings_room_fkey",
        .new_name = "to_room" },
      "Rename constraint bookings_room_fkey of bookings to to_room",
      "Rename constraint to_room of bookings to bookings_room_fkey" },
    { { .kind = CORM_VALIDATE_CONSTRAINT, .table = "rooms", .name = "rooms_check" },
      "Validate constraint rooms_check of rooms",
      "Alter constraint rooms_check of rooms" },
    { { .kind = CORM_VALIDATE_CONSTRAINT, .table = "bookings", .name = "bookings_room_fkey" },
      "Validate constraint bookings_room_fkey of bookings",
      "Alter column room of bookings" },
    { { .kind = CORM_ADD_CONSTRAINT,
        .table = "rooms",
        .constraint = { "apart", .kind = CORM_CONSTRAINT_EXCLUDE, .elements = "number WITH =" } },
      "Add constraint apart to rooms",
      "Remove constraint apart from rooms" },
    { { .kind = CORM_ADD_CONSTRAINT,
        .table = "rooms",
        .constraint = { "c", .kind = CORM_CONSTRAINT_CHECK, .check = "number > 0",
                        .not_valid = true } },
      "Add constraint c to rooms without checking its rows",
      "Remove constraint c from rooms" },
    { { .kind = CORM_CREATE_EXTENSION, .name = "pg_trgm" },
      "Create extension pg_trgm",
      "Remove extension pg_trgm" },
    { { .kind = CORM_REMOVE_EXTENSION, .name = "pg_trgm" },
      "Remove extension pg_trgm",
      "Create extension pg_trgm" },
    { { .kind = CORM_RUN_SQL,
        .sql = "ALTER TABLE rooms ADD half TEXT",
        .reverse_sql = "ALTER TABLE rooms DROP half",
        .state = half },
      "Run SQL",
      "Run SQL" },
    { { .kind = CORM_RUN_C, .run = count_rooms, .reverse = corm_nothing_to_undo },
      "Run C",
      "Run C" },
    { { .kind = CORM_SEPARATE, .database = by_hand, .state = half },
      "Add column half to rooms and more",
      "Run SQL and more" },
    { { .kind = CORM_SEPARATE, .state = half },
      "Add column half to rooms (in the state alone)",
      "Remove column half from rooms (in the state alone)" },
    { { .kind = CORM_SEPARATE, .database = half },
      "Add column half to rooms (in the database alone)",
      "Remove column half from rooms (in the database alone)" },
};

static void same(const corm_schema *a, const corm_schema *b, const char *what) {
    char difference[300];
    assert_int_equal(a->n_tables, b->n_tables);
    for (size_t i = 0; i < a->n_tables; i++) {
        const corm_table *other = corm__table_find(b, a->tables[i].name);
        assert_non_null(other);
        if (!corm__table_equal(&a->tables[i], other, difference, sizeof difference))
            fail_msg("%s: %s", what, difference);
    }
}

static void test_operations__are_described_and_undone(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    corm_error_info error = { 0 };
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        corm_schema schema = *corm__schema_clone(&arena, &base);
        corm_operation undo;
        assert_string_equal(corm__operation_describe(&operations[i].operation, &arena),
                            operations[i].text);
        if (corm__operation_reverse(&operations[i].operation, &schema, &arena, &undo, &error))
            fail_msg("%s: %s", operations[i].text, error.message);
        assert_string_equal(corm__operation_describe(&undo, &arena), operations[i].undo);
        if (corm__operation_apply(&operations[i].operation, "hotel", &schema, &arena, NULL, &error))
            fail_msg("%s: %s", operations[i].text, error.message);
        if (corm__operation_apply(&undo, "hotel", &schema, &arena, NULL, &error))
            fail_msg("undo %s: %s", operations[i].text, error.message);
        same(&base, &schema, operations[i].text);
    }
    corm__arena_release(&arena);
}

static const corm_operation refused[] = {
    { .kind = CORM_ALTER_INDEX, .table = "rooms", .index = { "none", .columns = "floor" } },
    { .kind = CORM_RENAME_INDEX,
      .table = "rooms",
      .name = "rooms_floor",
      .new_name = "rooms_number" },
    { .kind = CORM_ALTER_CONSTRAINT,
      .table = "rooms",
      .constraint = { "none", .kind = CORM_CONSTRAINT_CHECK, .check = "1" } },
    { .kind = CORM_RENAME_CONSTRAINT, .table = "rooms", .name = "none", .new_name = "some" },
    { .kind = CORM_RENAME_CONSTRAINT, .table = "rooms", .name = "rooms_number" },
    { .kind = CORM_VALIDATE_CONSTRAINT, .table = "rooms", .name = "rooms_number" },
    { .kind = CORM_VALIDATE_CONSTRAINT, .table = "rooms" },
    { .kind = CORM_REMOVE_CONSTRAINT,
      .table = "rooms",
      .name = "rooms_number" }, /* a foreign key stands on it */
    { .kind = CORM_ALTER_CONSTRAINT,
      .table = "rooms",
      .constraint = { "rooms_number", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "floor" } },
    { .kind = CORM_CREATE_EXTENSION },
    { .kind = CORM_RUN_C },
    { .kind = CORM_SEPARATE,
      .database = (const corm_operation[]){ { .kind = CORM_SEPARATE, .state = half }, { 0 } } },
    { .kind = (corm_operation_kind)99 },
};

static void test_operations__that_do_not_fit_are_refused(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        corm_schema schema = *corm__schema_clone(&arena, &base);
        corm_error_info error = { 0 };
        if (corm__operation_apply(&refused[i], "hotel", &schema, &arena, NULL, &error) !=
            CORM_ERROR_MIGRATION)
            fail_msg("taken: number %zu", i);
        assert_true(*error.message);
        same(&base, &schema, "refused");
    }
    corm__arena_release(&arena);
}

static void test_operations__without_a_reverse(void **state) {
    (void)state;
    const corm_operation none[] = { { .kind = CORM_RUN_C, .run = count_rooms },
                                    { .kind = CORM_RUN_SQL, .sql = "SELECT 1" },
                                    { .kind = CORM_SEPARATE,
                                      .database = (const corm_operation[]){
                                          { .kind = CORM_RUN_SQL, .sql = "SELECT 1" }, { 0 } } } };
    corm_arena arena = { 0 };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        corm_error_info error = { 0 };
        corm_operation undo;
        assert_int_equal(corm__operation_reverse(&none[i], &base, &arena, &undo, &error),
                         CORM_ERROR_MIGRATION);
        assert_true(*error.hint);
    }
    corm__arena_release(&arena);
}

/* --- steps --- */

static void test_steps__of_a_separate_operation_see_the_database(void **state) {
    (void)state;
    static const corm_operation list[] = {
        { .kind = CORM_SEPARATE, .database = by_hand, .state = half },
        { .kind = CORM_ADD_COLUMN,
          .table = "rooms",
          .column = { "more", .kind = CORM_TEXT, .null = true } },
        { 0 }
    };
    const corm_migration_body body = { .operations = list };
    const corm_migration migration = { "hotel", "0002_x", &body };
    corm_arena arena = { 0 };
    corm_error_info error = { 0 };
    corm_state now;
    corm_step_list forward, undo;
    corm_change change;
    assert_int_equal(corm__state_init(&now, &arena, &base), 0);
    assert_int_equal(corm__forward_steps(&migration, NULL, &arena, &forward, &error), 0);
    assert_int_equal(forward.n, 4);
    assert_int_equal(
        corm__state_apply(&now, &forward.operations[0], "hotel", &change, &arena, &error), 0);
    assert_int_equal(change.kind, CORM_ADD_COLUMN);
    assert_null(corm__column_find(corm__state_find(&now, "rooms"),
                                  "half")); /* the state does not know yet */
    assert_non_null(corm__column_find(corm__state_before(&now, &forward.operations[1]), "half"));
    assert_int_equal(
        corm__state_apply(&now, &forward.operations[1], "hotel", &change, &arena, &error), 0);
    assert_string_equal(change.index_after->name, "rooms_half");
    assert_int_equal(
        corm__state_apply(&now, &forward.operations[2], "hotel", &change, &arena, &error), 0);
    assert_int_equal(change.kind, 0);
    assert_non_null(
        corm__index_find(corm__table_find(change.schema_before, "rooms"), "rooms_half"));
    assert_non_null(corm__column_find(corm__state_find(&now, "rooms"), "half"));
    assert_null(corm__index_find(corm__state_find(&now, "rooms"), "rooms_half"));
    assert_int_equal(
        corm__state_apply(&now, &forward.operations[3], "hotel", &change, &arena, &error), 0);
    corm__state_release(&now);

    assert_int_equal(corm__state_init(&now, &arena, &base), 0);
    assert_int_equal(corm__undo_steps(&now, &migration, NULL, &arena, &undo, &error), 0);
    assert_int_equal(undo.n, 4);
    assert_int_equal(undo.operations[0].kind, CORM_REMOVE_COLUMN);
    assert_int_equal(undo.operations[1].kind, CORM_RUN_SQL);
    assert_int_equal(undo.operations[2].kind, CORM_REMOVE_INDEX);
    assert_int_equal(undo.operations[3].kind, CORM_REMOVE_COLUMN);
    corm__state_release(&now);
    corm__arena_release(&arena);
}

static void test_steps__concurrently_needs_no_transaction(void **state) {
    (void)state;
    static const corm_operation list[] = { { .kind = CORM_ADD_INDEX,
                                             .table = "rooms",
                                             .index = { "now", .columns = "number" },
                                             .concurrently = true },
                                           { 0 } };
    corm_migration_body body = { .operations = list };
    const corm_migration migration = { "hotel", "0002_x", &body };
    corm_arena arena = { 0 };
    corm_error_info error = { 0 };
    corm_step_list steps;
    assert_int_equal(corm__forward_steps(&migration, NULL, &arena, &steps, &error),
                     CORM_ERROR_MIGRATION);
    assert_non_null(strstr(error.hint, ".outside_transaction"));
    body.outside_transaction = true;
    assert_int_equal(corm__forward_steps(&migration, NULL, &arena, &steps, &error), 0);
    corm__arena_release(&arena);
}

/* --- SQL --- */

static void test_run_sql__is_that_of_the_engine(void **state) {
    (void)state;
    static const corm_engine_sql engines[] = { { "postgresql", "SELECT 'p'", "SELECT 'q'" },
                                               { "mariadb", .reverse_sql = "" },
                                               { 0 } };
    const corm_operation o = { .kind = CORM_RUN_SQL, .sql = "SELECT 1", .engines = engines };
    corm_arena arena = { 0 };
    corm_error_info error = { 0 };
    corm_operation undo;
    assert_string_equal(corm__operation_sql(&o, "postgresql"), "SELECT 'p'");
    assert_string_equal(corm__operation_sql(&o, "sqlite"), "SELECT 1");
    assert_null(corm__operation_sql(&o, "mariadb"));
    assert_int_equal(corm__operation_reverse(&o, &base, &arena, &undo, &error), 0);
    assert_string_equal(corm__operation_sql(&undo, "postgresql"), "SELECT 'q'");
    assert_null(corm__operation_sql(&undo, "sqlite"));
    assert_string_equal(corm__operation_sql(&undo, "mariadb"), "");
    corm_script script;
    corm_change change = { 0 };
    corm__script_init(&script, &arena, 0, &error);
    assert_int_equal(corm__script_add(&script, &corm_backend_sqlite, &undo, &change, NULL),
                     CORM_ERROR_UNSUPPORTED);
    assert_string_equal(error.message, "CORM_RUN_SQL has no SQL for SQLite");
    assert_int_equal(corm__script_add(&script, &corm_backend_sqlite, &o, &change, NULL), 0);
    assert_int_equal(script.n_steps, 1);
    corm__arena_release(&arena);
}

static void test_checksum__covers_all_that_a_migration_does(void **state) {
    (void)state;
    static const corm_operation
        plain[] = { { .kind = CORM_RUN_SQL, .sql = "SELECT 1" }, { 0 } },
        with_state[] = { { .kind = CORM_RUN_SQL, .sql = "SELECT 1", .state = half }, { 0 } },
        with_empty[] = { { .kind = CORM_RUN_SQL, .sql = "SELECT 1", .state = half + 1 }, { 0 } },
        c[] = { { .kind = CORM_RUN_C, .run = count_rooms }, { 0 } },
        c_undone[] = { { .kind = CORM_RUN_C, .run = count_rooms, .reverse = corm_nothing_to_undo },
                       { 0 } };
    const corm_migration_body bodies[] = {
        { .operations = plain },      { .operations = with_state },
        { .operations = with_empty }, { .operations = c },
        { .operations = c_undone },   { .operations = plain, .outside_transaction = true }
    };
    enum { N = sizeof bodies / sizeof *bodies };
    char sums[N][CORM_CHECKSUM_TEXT];
    for (size_t i = 0; i < N; i++) {
        const corm_migration migration = { "hotel", "0001_x", &bodies[i] };
        corm__migration_checksum(&migration, sums[i]);
        for (size_t j = 0; j < i; j++)
            if (strcmp(sums[i], sums[j]) == 0) fail_msg("%zu and %zu have one checksum", j, i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations__are_described_and_undone),
        cmocka_unit_test(test_operations__that_do_not_fit_are_refused),
        cmocka_unit_test(test_operations__without_a_reverse),
        cmocka_unit_test(test_steps__of_a_separate_operation_see_the_database),
        cmocka_unit_test(test_steps__concurrently_needs_no_transaction),
        cmocka_unit_test(test_run_sql__is_that_of_the_engine),
        cmocka_unit_test(test_checksum__covers_all_that_a_migration_does),
    };
    return cmocka_run_group_tests_name("operations", tests, NULL, NULL);
}
