/* usage: test_squash sqlite|postgresql
 * Squashed migrations, plans that go both ways, --fake-initial and --prune on a real database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "database.h"
#include "migrate/execute/migrate.h"
#include "migrate/execute/recorder.h"

#define COLUMNS_OF(...)                                                                            \
    .columns = (const corm_column[]) {                                                             \
        __VA_ARGS__, { 0 }                                                                         \
    }
#define ID                                                                                         \
    { "id", .kind = CORM_IDENTITY }
#define TITLE                                                                                      \
    { "title", .kind = CORM_TEXT }
#define PRICE                                                                                      \
    { "price", .kind = CORM_INTEGER, .null = true }
#define NAMES(...)                                                                                 \
    (const char *const[]) { __VA_ARGS__, NULL }
#define OPERATIONS(...)                                                                            \
    (const corm_operation[]) {                                                                     \
        __VA_ARGS__, { 0 }                                                                         \
    }

static const corm_migration_body initial = { .operations = OPERATIONS({ .kind = CORM_CREATE_TABLE,
                                                                        .table = "books",
                                                                        .model = "Book",
                                                                        .primary_key = "id",
                                                                        COLUMNS_OF(ID, TITLE) }) };
static const corm_migration_body price = {
    .depends_on = NAMES("shop.0001_initial"),
    .operations = OPERATIONS({ .kind = CORM_ADD_COLUMN, .table = "books", .column = PRICE })
};
static const corm_migration_body squashed = { .replaces =
                                                  NAMES("shop.0001_initial", "shop.0002_price"),
                                              .operations =
                                                  OPERATIONS({ .kind = CORM_CREATE_TABLE,
                                                               .table = "books",
                                                               .model = "Book",
                                                               .primary_key = "id",
                                                               COLUMNS_OF(ID, TITLE, PRICE) }) };
static const corm_migration_body tags = { .depends_on = NAMES("shop.0002_price"),
                                          .operations = OPERATIONS({ .kind = CORM_CREATE_TABLE,
                                                                     .table = "tags",
                                                                     .model = "Tag",
                                                                     .primary_key = "id",
                                                                     COLUMNS_OF(ID, TITLE) }) };
static const corm_migration_body other_body = { .operations =
                                                    OPERATIONS({ .kind = CORM_CREATE_TABLE,
                                                                 .table = "others",
                                                                 .model = "Other",
                                                                 .primary_key = "id",
                                                                 COLUMNS_OF(ID) }) };

#define OLD                                                                                        \
    { "shop", "0001_initial", &initial }, { "shop", "0002_price", &price }
#define NEW                                                                                        \
    { "shop", "0001_squashed_0002_price", &squashed }
#define TAGS                                                                                       \
    { "shop", "0003_tags", &tags }
static const corm_migration before_list[] = { OLD, { 0 } }, both_list[] = { OLD, NEW, TAGS, { 0 } },
                            after_list[] = { NEW, TAGS, { 0 } },
                            other_list[] = { { "other", "0001_initial", &other_body }, { 0 } };
static const corm_app before_app = { .name = "shop", .migrations = before_list },
                      both_app = { .name = "shop", .migrations = both_list },
                      after_app = { .name = "shop", .migrations = after_list },
                      other_app = { .name = "other", .migrations = other_list };
static const corm_app *const before[] = { &before_app, NULL }, *const both[] = { &both_app, NULL },
                             *const after[] = { &after_app, NULL },
                             *const with_other[] = { &before_app, &other_app, NULL };

static int run(fixture *f, const corm_app *const *apps, const char *target) {
    corm_migrate_options options = { .app = target ? "shop" : NULL, .target = target };
    return corm__migrate(f->db, f->settings, NULL, apps, &options, NULL);
}
static void migrate(fixture *f, const corm_app *const *apps, const char *target) {
    if (run(f, apps, target))
        fail_msg("%s: %s", corm_error(f->db)->message, corm_error(f->db)->sql);
}

static void assert_recorded(fixture *f, const char *expected) {
    corm_applied *rows;
    size_t n;
    char text[300] = "";
    assert_int_equal(corm__recorder_load(f->db, &f->arena, &rows, &n), 0);
    for (size_t i = 0; i < n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
                 rows[i].name);
    assert_string_equal(text, expected);
}

static bool has_column(fixture *f, const char *table, const char *column) {
    corm_schema live;
    assert_int_equal(f->db->backend->introspect(f->db->conn, NULL, &f->arena, &live, &f->error), 0);
    const corm_table *found = corm__table_find(&live, table);
    return found && corm__column_find(found, column);
}

static void test_squash__runs_alone_on_an_empty_database(void **state) {
    fixture *f = *state;
    migrate(f, both, NULL);
    assert_true(has_column(f, "books", "price") && has_column(f, "tags", "id"));
    assert_recorded(f, "0001_squashed_0002_price 0001_initial 0002_price 0003_tags");
    migrate(f, after, NULL);
    migrate(f, both, "zero");
    assert_recorded(f, "");
    assert_false(has_column(f, "books", "id"));
    migrate(f, after, NULL); /* those that it replaces are gone from the program */
    assert_true(has_column(f, "books", "price"));
    migrate(f, after, "1");
    assert_recorded(f, "0001_squashed_0002_price 0001_initial 0002_price");
}

static void test_squash__is_recorded_when_all_it_replaces_is_applied(void **state) {
    fixture *f = *state;
    migrate(f, before, NULL);
    assert_recorded(f, "0001_initial 0002_price");
    migrate(f, both, NULL);
    assert_recorded(f, "0001_initial 0002_price 0003_tags 0001_squashed_0002_price");
    migrate(f, after, NULL);
}

static void test_squash__goes_on_from_a_part_of_it(void **state) {
    fixture *f = *state;
    migrate(f, before, "1");
    assert_int_equal(run(f, after, NULL), CORM_ERROR_MIGRATION);
    assert_string_equal(
        corm_error(f->db)->message,
        "the database has only a part of what shop.0001_squashed_0002_price replaces: it has "
        "shop.0001_initial, but not shop.0002_price, which this program does not carry any more");
    migrate(f, both, NULL);
    assert_recorded(f, "0001_initial 0002_price 0003_tags 0001_squashed_0002_price");
    assert_true(has_column(f, "books", "price"));
}

/* The program of before finds nothing to do, and can go back. */
static void test_squash__leaves_records_for_the_older_program(void **state) {
    fixture *f = *state;
    migrate(f, both, "1");
    migrate(f, before, NULL);
    assert_recorded(f, "0001_squashed_0002_price 0001_initial 0002_price");
    assert_int_equal(run(f, before, "zero"),
                     CORM_ERROR_NEWER); /* the squashed one is not its own */
    migrate(f, after, "zero");
    assert_recorded(f, "");
}

static void test_plan__goes_back_and_forth_in_one_run(void **state) {
    fixture *f = *state;
    static const corm_plan_target targets[] = { { "other", NULL }, { "shop", "1" } };
    migrate(f, before, NULL);
    corm_migrate_options options = { .targets = targets, .n_targets = 2 };
    size_t n;
    if (corm__migrate(f->db, f->settings, NULL, with_other, &options, &n))
        fail_msg("%s", corm_error(f->db)->message);
    assert_int_equal(n, 2);
    assert_false(has_column(f, "books", "price"));
    assert_true(has_column(f, "others", "id"));
}

/* --- a squashed one that is squashed again --- */

static const corm_migration_body outer_body = {
    .replaces = NAMES("shop.0001_initial", "shop.0002_price", "shop.0003_tags"),
    .squashes = NAMES("shop.0001_squashed_0002_price"),
    .operations = OPERATIONS({ .kind = CORM_CREATE_TABLE,
                               .table = "books",
                               .model = "Book",
                               .primary_key = "id",
                               COLUMNS_OF(ID, TITLE, PRICE) },
                             { .kind = CORM_CREATE_TABLE,
                               .table = "tags",
                               .model = "Tag",
                               .primary_key = "id",
                               COLUMNS_OF(ID, TITLE) })
};
#define OUTER                                                                                      \
    { "shop", "0001_squashed_0003_tags", &outer_body }
static const corm_migration all_list[] = { OLD, NEW, TAGS, OUTER, { 0 } },
                            outer_list[] = { OUTER, { 0 } };
static const corm_app all_app = { .name = "shop", .migrations = all_list },
                      outer_app = { .name = "shop", .migrations = outer_list };
static const corm_app *const all[] = { &all_app, NULL }, *const outer[] = { &outer_app, NULL };

/* The database ran the first squashed one, so that its record is there. */
static void test_squash__of_a_squashed_one_is_no_newer_program(void **state) {
    fixture *f = *state;
    migrate(f, both, NULL);
    migrate(f, all, NULL);
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations WHERE name = "
                               "'0001_squashed_0003_tags'"),
                     1);
    migrate(f, outer, NULL);
    corm_migrate_options back = { .app = "shop", .target = "zero" };
    assert_int_equal(corm__migrate(f->db, f->settings, NULL, outer, &back, NULL), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations"), 0);
}

/* From before the second squashing to behind it, where the files of the first are gone. */
static void test_squash__of_a_squashed_one_whose_file_is_gone(void **state) {
    fixture *f = *state;
    migrate(f, both, NULL);
    migrate(f, outer, NULL);
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations WHERE name = "
                               "'0001_squashed_0003_tags'"),
                     1);
}

static void test_squash__of_a_squashed_one_on_a_database_that_never_had_it(void **state) {
    fixture *f = *state;
    static const corm_migration old_list[] = { OLD, TAGS, { 0 } };
    static const corm_app old_app = { .name = "shop", .migrations = old_list };
    static const corm_app *const old[] = { &old_app, NULL };
    migrate(f, old, NULL);
    migrate(f, outer, NULL);
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations WHERE name = "
                               "'0001_squashed_0003_tags'"),
                     1);
}

static int fake_initial(fixture *f) {
    corm_migrate_options options = { .fake_initial = true };
    return corm__migrate(f->db, f->settings, NULL, before, &options, NULL);
}

static void test_fake_initial__takes_over_what_is_there(void **state) {
    fixture *f = *state;
    assert_int_equal(corm_exec(f->db, "CREATE TABLE books (id bigint PRIMARY KEY, title text NOT "
                                      "NULL); INSERT INTO books VALUES (7, 'kept')"),
                     0);
    if (fake_initial(f)) fail_msg("%s", corm_error(f->db)->message);
    assert_int_equal(number(f, "SELECT count(*) FROM books WHERE id = 7 AND price IS NULL"), 1);
    assert_recorded(f, "0001_initial 0002_price");
}

static void test_fake_initial__makes_what_is_not_there(void **state) {
    fixture *f = *state;
    if (fake_initial(f)) fail_msg("%s", corm_error(f->db)->message);
    assert_true(has_column(f, "books", "price"));
}

static void test_fake_initial__refuses_a_part(void **state) {
    fixture *f = *state;
    assert_int_equal(corm_exec(f->db, "CREATE TABLE books (id bigint PRIMARY KEY)"), 0);
    assert_int_equal(fake_initial(f), CORM_ERROR_MIGRATION);
    assert_non_null(strstr(corm_error(f->db)->message,
                           "shop.0001_initial: the database has table books "
                           "already, but not column title of table books"));
}

static void test_prune__removes_what_nobody_carries(void **state) {
    fixture *f = *state;
    const corm_applied **rows;
    size_t n;
    migrate(f, both, NULL);
    assert_int_equal(
        corm_exec(f->db, "UPDATE corm_migrations SET name = '0003_gone' WHERE name = '0003_tags'"),
        0);
    assert_int_equal(corm__prune(f->db, after, "shop", true, &f->arena, &rows, &n), 0);
    assert_int_equal(n, 1);
    assert_recorded(f, "0001_squashed_0002_price 0001_initial 0002_price 0003_gone");
    assert_int_equal(corm__prune(f->db, after, "shop", false, &f->arena, &rows, &n), 0);
    assert_int_equal(n, 1);
    assert_string_equal(rows[0]->name, "0003_gone");
    assert_recorded(
        f, "0001_squashed_0002_price 0001_initial 0002_price"); /* those that are replaced stay */
    assert_int_equal(corm__prune(f->db, after, "nothing", false, &f->arena, &rows, &n),
                     CORM_ERROR_USAGE);
}

static void count(void *context, const char *sql, double seconds, int64_t rows, int status) {
    (void)sql, (void)seconds, (void)rows, (void)status;
    ++*(int *)context;
}

static void test_migrate__with_nothing_to_do_is_one_round_trip(void **state) {
    fixture *f = *state;
    int statements = 0;
    migrate(f, both, NULL);
    corm_watch(f->db, count, &statements);
    migrate(f, both, NULL);
    assert_int_equal(statements, 1);
}

int main(int argc, char **argv) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_squash__runs_alone_on_an_empty_database),
        CASE(test_squash__is_recorded_when_all_it_replaces_is_applied),
        CASE(test_squash__goes_on_from_a_part_of_it),
        CASE(test_squash__leaves_records_for_the_older_program),
        CASE(test_squash__of_a_squashed_one_is_no_newer_program),
        CASE(test_squash__of_a_squashed_one_whose_file_is_gone),
        CASE(test_squash__of_a_squashed_one_on_a_database_that_never_had_it),
        CASE(test_plan__goes_back_and_forth_in_one_run),
        CASE(test_fake_initial__takes_over_what_is_there),
        CASE(test_fake_initial__makes_what_is_not_there),
        CASE(test_fake_initial__refuses_a_part),
        CASE(test_prune__removes_what_nobody_carries),
        CASE(test_migrate__with_nothing_to_do_is_one_round_trip),
    };
    return run_on(argc, argv, "squashed migrations", tests, sizeof tests / sizeof *tests);
}
