#include "migrate/graph/nodes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core_and_shop.h"

static const corm_migration_body unknown = { .depends_on =
                                                 (const char *const[]){ "blog.0009_x", NULL } };

static const corm_migration_body circle_a = { .depends_on =
                                                  (const char *const[]){ "core.0003_c", NULL } };
static const corm_migration_body circle_b = { .depends_on =
                                                  (const char *const[]){ "core.0001_a", NULL } };
static const corm_migration_body circle_c = { .depends_on =
                                                  (const char *const[]){ "core.0002_b", NULL } };

static void assert_refused(fixture *f, const corm_migration *migrations, const char *message) {
    const corm_app app = { .name = "core", .migrations = migrations };
    assert_null(corm__graph_load((const corm_app *const[]){ &app, NULL }, &f->arena, &f->error));
    assert_int_equal(f->error.status, CORM_ERROR_MIGRATION);
    assert_string_equal(f->error.message, message);
}

static void test_graph__orders_over_apps_by_dependency(void **state) {
    fixture *f = *state;
    size_t n;
    const corm_migration *const *order = corm__graph_order(f->graph, &n);
    assert_int_equal(n, 3);
    assert_ptr_equal(order[0], &core_list[0]);
    assert_ptr_equal(order[1], &core_list[1]);
    assert_ptr_equal(order[2], &shop_list[0]);
    assert_string_equal(corm__graph_leaf(f->graph, "core")->key, "core.0002_user_email");
}

static void test_graph__shows_the_path_of_a_circle(void **state) {
    static const corm_migration list[] = { { "core", "0001_a", &circle_a },
                                           { "core", "0002_b", &circle_b },
                                           { "core", "0003_c", &circle_c },
                                           { 0 } };
    assert_refused(*state, list,
                   "migrations depend on each other in a circle: core.0001_a -> core.0003_c -> "
                   "core.0002_b -> core.0001_a");
}

static void test_graph__names_an_unknown_dependency(void **state) {
    static const corm_migration list[] = { { "core", "0001_a", &unknown }, { 0 } };
    assert_refused(
        *state, list,
        "core.0001_a depends on blog.0009_x, which is not among the migrations of this program");
}

static void test_graph__names_two_latest_migrations(void **state) {
    static const corm_migration list[] = { { "core", "0001_initial", &first },
                                           { "core", "0002_a", &second },
                                           { "core", "0002_b", &second },
                                           { 0 } };
    assert_refused(*state, list, "app core has two latest migrations: core.0002_a and core.0002_b");
}

static void test_graph__refuses_a_name_twice_and_another_apps_migration(void **state) {
    static const corm_migration twice[] = { { "core", "0001_initial", &first },
                                            { "core", "0001_initial", &first },
                                            { 0 } };
    static const corm_migration other[] = { { "shop", "0001_initial", &first }, { 0 } };
    assert_refused(*state, twice, "migration core.0001_initial is listed twice");
    assert_refused(*state, other, "app core lists migration 0001_initial of app shop");
}

static void test_graph__finds_by_prefix(void **state) {
    fixture *f = *state;
    assert_ptr_equal(corm__graph_find(f->graph, "core", "0002", &f->error), &core_list[1]);
    assert_null(corm__graph_find(f->graph, "core", "000", &f->error));
    assert_string_equal(
        f->error.message,
        "more than one migration of core begins with 000: 0001_initial and 0002_user_email");
    assert_null(corm__graph_find(f->graph, "core", "0003", &f->error));
    assert_null(corm__graph_find(f->graph, "nothing", "0001", &f->error));
    assert_string_equal(f->error.message, "no app nothing in this program");
    assert_string_equal(f->error.hint, "it has shop, core");
}

/* --- run_before, squashed --- */

#define NAMES(...) (const char *const[]){ __VA_ARGS__, NULL }
#define APP(variable, text, ...)                                                                   \
    const corm_migration variable##_list[] = { __VA_ARGS__, { 0 } };                               \
    const corm_app variable = { .name = text, .migrations = variable##_list }

static void assert_order(const corm_graph *graph, const corm_error_info *error,
                         const char *expected) {
    char text[400] = "";
    if (!graph) fail_msg("%s", error->message);
    for (size_t i = 0; i < graph->n; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
                 graph->nodes[i].key);
        for (size_t k = 0; k < graph->nodes[i].n_parents; k++)
            assert_true(graph->nodes[i].parents[k] < i);
    }
    assert_string_equal(text, expected);
}

static void test_graph__runs_before_another_apps_migration(void **state) {
    fixture *f = *state;
    const corm_migration_body early = { .run_before = NAMES("core.0002_user_email") };
    APP(other, "other", { "other", "0001_initial", &early });
    const corm_app *const all[] = { &shop, &core, &other, NULL };
    assert_order(corm__graph_load(all, &f->arena, &f->error), &f->error,
                 "core.0001_initial other.0001_initial core.0002_user_email shop.0001_initial");
    const corm_migration_body nowhere = { .run_before = NAMES("core.0007_x") };
    APP(lost, "lost", { "lost", "0001_initial", &nowhere });
    assert_null(
        corm__graph_load((const corm_app *const[]){ &core, &lost, NULL }, &f->arena, &f->error));
    assert_string_equal(f->error.message, "lost.0001_initial is to run before core.0007_x, which "
                                          "is not among the migrations of this program");
    const corm_migration_body round = { .depends_on = NAMES("core.0002_user_email"),
                                        .run_before = NAMES("core.0001_initial") };
    APP(circle, "circle", { "circle", "0001_initial", &round });
    assert_null(
        corm__graph_load((const corm_app *const[]){ &core, &circle, NULL }, &f->arena, &f->error));
    assert_string_equal(f->error.message,
                        "migrations depend on each other in a circle: core.0001_initial -> "
                        "circle.0001_initial -> core.0002_user_email -> core.0001_initial");
}

static void test_graph__cuts_the_middle_out_of_a_long_circle(void **state) {
    enum { N = 300 };
    static corm_migration list[N + 1];
    static corm_migration_body bodies[N];
    static char names[N][16], keys[N][24];
    static const char *depends[N][2];
    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof names[i], "%04d_m", i + 1);
        snprintf(keys[(i + 1) % N], sizeof keys[0], "core.%04d_m", i + 1);
        depends[i][0] = keys[i];
        bodies[i].depends_on = depends[i];
        list[i] = (corm_migration){ "core", names[i], &bodies[i] };
    }
    assert_refused(*state, list,
                   "migrations depend on each other in a circle: core.0001_m -> core.0300_m -> "
                   "core.0299_m -> core.0298_m -> core.0297_m -> core.0296_m"
                   " -> ... (288 more) -> core.0007_m -> core.0006_m -> core.0005_m -> core.0004_m "
                   "-> core.0003_m -> core.0002_m -> core.0001_m");
}

/* core: 1 <- 2 <- 3, squashed 1 and 2; shop stands on core's 2. */
static const corm_migration_body two = { .depends_on = NAMES("core.0001_a") },
                                 three = { .depends_on = NAMES("core.0002_b") },
                                 squashed = { .replaces = NAMES("core.0001_a", "core.0002_b") },
                                 on_two = { .depends_on = NAMES("core.0002_b") };
static const corm_migration squash_list[] = { { "core", "0001_a", &first },
                                              { "core", "0002_b", &two },
                                              { "core", "0003_c", &three },
                                              { "core", "0001_squashed_0002_b", &squashed },
                                              { 0 } };
static const corm_migration on_two_list[] = { { "shop", "0001_initial", &on_two }, { 0 } };
static const corm_migration later_list[] = { { "core", "0001_squashed_0002_b", &squashed },
                                             { "core", "0003_c", &three },
                                             { 0 } };
static const corm_app squash_app = { .name = "core", .migrations = squash_list },
                      on_two_app = { .name = "shop", .migrations = on_two_list },
                      later_app = { .name = "core", .migrations = later_list };
static const corm_app *const squash_apps[] = { &on_two_app, &squash_app, NULL },
                             *const later_apps[] = { &on_two_app, &later_app, NULL };
static const corm_applied squash_rows[] = { { .app = "core", .name = "0001_a" },
                                            { .app = "core", .name = "0002_b" },
                                            { .app = "core", .name = "0003_c" },
                                            { .app = "core", .name = "0001_squashed_0002_b" } };

static void test_graph__replaces_when_all_or_none_is_applied(void **state) {
    fixture *f = *state;
    static const char replaced[] = "core.0001_squashed_0002_b shop.0001_initial core.0003_c",
                      alone[] = "core.0001_a core.0002_b shop.0001_initial core.0003_c";
    assert_order(corm__graph_load(squash_apps, &f->arena, &f->error), &f->error, replaced);
    assert_order(corm__graph_load_for(squash_apps, squash_rows, 2, &f->arena, &f->error), &f->error,
                 replaced);
    assert_order(corm__graph_load_for(squash_apps, squash_rows, 3, &f->arena, &f->error), &f->error,
                 replaced);
    assert_order(corm__graph_load_for(squash_apps, squash_rows, 1, &f->arena, &f->error), &f->error,
                 alone);
    assert_order(corm__graph_load_for(squash_apps, squash_rows + 1, 1, &f->arena, &f->error),
                 &f->error, alone);
    /* Its own record counts when those that it replaces have none any more. */
    assert_order(corm__graph_load_for(squash_apps, squash_rows + 3, 1, &f->arena, &f->error),
                 &f->error, replaced);
    assert_order(
        corm__graph_load_as(squash_apps, NULL, 0, CORM_GRAPH_UNSQUASHED, &f->arena, &f->error),
        &f->error, alone);
    assert_null(corm__graph_find(corm__graph_load(squash_apps, &f->arena, &f->error), "core",
                                 "0002_b", &f->error));
    assert_string_equal(f->error.message,
                        "core.0002_b was squashed into core.0001_squashed_0002_b");
}

static void test_graph__goes_on_when_the_replaced_are_gone(void **state) {
    fixture *f = *state;
    assert_order(corm__graph_load(later_apps, &f->arena, &f->error), &f->error,
                 "core.0001_squashed_0002_b shop.0001_initial core.0003_c");
    assert_order(corm__graph_load_for(later_apps, squash_rows, 2, &f->arena, &f->error), &f->error,
                 "core.0001_squashed_0002_b shop.0001_initial core.0003_c");
    assert_null(corm__graph_load_for(later_apps, squash_rows, 1, &f->arena, &f->error));
    assert_string_equal(
        f->error.message,
        "the database has only a part of what core.0001_squashed_0002_b replaces: it has "
        "core.0001_a, but not core.0002_b, which this program does not carry any more");
}

static void test_graph__replaces_in_turn(void **state) {
    fixture *f = *state;
    const corm_migration_body outer = { .replaces =
                                            NAMES("core.0001_squashed_0002_b", "core.0003_c") };
    APP(nested, "core", squash_list[0], squash_list[1], squash_list[2], squash_list[3],
        { "core", "0001_squashed_0003_c", &outer });
    const corm_app *const list[] = { &on_two_app, &nested, NULL };
    assert_order(corm__graph_load(list, &f->arena, &f->error), &f->error,
                 "core.0001_squashed_0003_c shop.0001_initial");
    assert_order(corm__graph_load_for(list, squash_rows, 2, &f->arena, &f->error), &f->error,
                 "core.0001_squashed_0002_b shop.0001_initial core.0003_c");
    assert_order(corm__graph_load_for(list, squash_rows, 1, &f->arena, &f->error), &f->error,
                 "core.0001_a core.0002_b shop.0001_initial core.0003_c");
    assert_order(corm__graph_load_for(list, squash_rows, 3, &f->arena, &f->error), &f->error,
                 "core.0001_squashed_0003_c shop.0001_initial");
    /* The same, by the names that the inner one replaces. */
    const corm_migration_body flat = { .replaces =
                                           NAMES("core.0001_a", "core.0002_b", "core.0003_c") };
    APP(flattened, "core", { "core", "0001_squashed_0003_c", &flat }, squash_list[0],
        squash_list[1], squash_list[2], squash_list[3]);
    const corm_app *const same[] = { &on_two_app, &flattened, NULL };
    assert_order(corm__graph_load(same, &f->arena, &f->error), &f->error,
                 "core.0001_squashed_0003_c shop.0001_initial");
    assert_order(corm__graph_load_for(same, squash_rows, 2, &f->arena, &f->error), &f->error,
                 "core.0001_squashed_0002_b shop.0001_initial core.0003_c");
    assert_order(corm__graph_load_for(same, squash_rows, 1, &f->arena, &f->error), &f->error,
                 "core.0001_a core.0002_b shop.0001_initial core.0003_c");
    assert_order(corm__graph_load_for(same, squash_rows, 3, &f->arena, &f->error), &f->error,
                 "core.0001_squashed_0003_c shop.0001_initial");
    APP(gone, "core", { "core", "0001_squashed_0003_c", &flat });
    const corm_app *const only[] = { &on_two_app, &gone, NULL };
    assert_order(corm__graph_load_for(only, squash_rows, 3, &f->arena, &f->error), &f->error,
                 "core.0001_squashed_0003_c shop.0001_initial");
}

static void test_graph__refuses_what_replaces_itself_or_twice(void **state) {
    const corm_migration_body self = { .replaces = NAMES("core.0001_a") };
    const corm_migration own[] = { { "core", "0001_a", &self }, { 0 } };
    const corm_migration_body one = { .replaces = NAMES("core.0002_two") },
                              other = { .replaces = NAMES("core.0001_one") };
    const corm_migration mutual[] = { { "core", "0001_one", &one },
                                      { "core", "0002_two", &other },
                                      { 0 } };
    assert_refused(*state, own, "core.0001_a replaces itself");
    assert_refused(*state, mutual, "core.0002_two replaces itself");
    const corm_migration_body wide = { .replaces = NAMES("core.0001_a", "core.0003_c") },
                              other_wide = { .replaces = NAMES("core.0001_a", "core.0002_b") };
    const corm_migration overlap[] = { { "core", "0001_x", &wide },
                                       { "core", "0001_y", &other_wide },
                                       { 0 } };
    assert_refused(*state, overlap, "core.0001_a is replaced by both core.0001_x and core.0001_y");
}

static void test_graph__gives_numbers(void **state) {
    (void)state;
    assert_int_equal(corm__migration_number("0002_recipe_servings"), 2);
    assert_int_equal(corm__migration_number("0001_squashed_0004_recipe_servings"), 4);
    assert_int_equal(corm__migration_number("0003_squashed_tomatoes"), 3);
    assert_int_equal(corm__migration_number("initial"), 0);
}

static void test_graph__finds_by_number(void **state) {
    fixture *f = *state;
    const corm_migration_body ten = { .depends_on = NAMES("core.0002_user_email") };
    APP(more, "core", core_list[0], core_list[1], { "core", "0010_ten", &ten });
    corm_graph *graph =
        corm__graph_load((const corm_app *const[]){ &more, NULL }, &f->arena, &f->error);
    assert_string_equal(corm__graph_find(graph, "core", "1", &f->error)->name, "0001_initial");
    assert_string_equal(corm__graph_find(graph, "core", "10", &f->error)->name, "0010_ten");
    assert_string_equal(corm__graph_find(graph, "core", "0010_ten", &f->error)->name, "0010_ten");
    assert_string_equal(corm__graph_find(graph, "core", "001", &f->error)->name, "0001_initial");
    assert_null(corm__graph_find(graph, "core", "3", &f->error));
    assert_string_equal(f->error.message, "app core has no migration 3");
}

/* --- branches --- */

static const char *commute(fixture *f, const corm_operation *a, const corm_operation *b) {
    const corm_migration_body of_a = { .operations = a, .depends_on = NAMES("core.0001_initial") },
                              of_b = { .operations = b, .depends_on = NAMES("core.0001_initial") };
    APP(both, "core", core_list[0], { "core", "0002_a", &of_a }, { "core", "0002_b", &of_b });
    corm_graph *graph =
        corm__graph_load_branches((const corm_app *const[]){ &both, NULL }, &f->arena, &f->error);
    corm_branch *branches;
    const char *conflict;
    size_t n;
    assert_non_null(graph);
    assert_int_equal(corm__graph_branches(graph, "core", &f->arena, &branches, &n, &f->error), 0);
    assert_int_equal(n, 2);
    assert_int_equal(branches[0].n, 1);
    assert_string_equal(branches[0].leaf->name, "0002_a");
    assert_ptr_equal(branches[1].migrations[0], branches[1].leaf);
    assert_int_equal(
        corm__branches_commute(&branches[0], &branches[1], &f->arena, &conflict, &f->error), 0);
    return conflict;
}
#define OPERATIONS(...) (const corm_operation[]){ __VA_ARGS__, { 0 } }
#define ADD(t, c) { .kind = CORM_ADD_COLUMN, .table = t, .column = { c, .kind = CORM_TEXT } }

static void test_branches__commute_when_they_touch_different_things(void **state) {
    fixture *f = *state;
    assert_null(commute(f, OPERATIONS(ADD("users", "a")), OPERATIONS(ADD("users", "b"))));
    assert_null(commute(f, OPERATIONS(ADD("users", "a")),
                        OPERATIONS({ .kind = CORM_REMOVE_COLUMN, .table = "users", .name = "b" })));
    assert_null(commute(f,
                        OPERATIONS({ .kind = CORM_ADD_INDEX,
                                     .table = "users",
                                     .index = { "x", .columns = "a", .where = "a > 1" } }),
                        OPERATIONS(ADD("users", "b"))));
    assert_null(commute(f, OPERATIONS({ .kind = CORM_REMOVE_INDEX, .table = "users", .name = "x" }),
                        OPERATIONS(ADD("users", "b"))));
    assert_null(commute(f, OPERATIONS({ .kind = CORM_DELETE_TABLE, .table = "a" }),
                        OPERATIONS({ .kind = CORM_DELETE_TABLE, .table = "b" })));
    assert_null(commute(f, OPERATIONS({ .kind = CORM_ALTER_COMMENT, .table = "a", .comment = "x" }),
                        OPERATIONS(ADD("a", "b"))));
}

static void assert_conflict(fixture *f, const corm_operation *a, const corm_operation *b,
                            const char *expected) {
    const char *conflict = commute(f, a, b), *reverse = commute(f, b, a);
    if (!conflict || !strstr(conflict, expected))
        fail_msg("\"%s\" is not in: %s", expected, conflict ? conflict : "(they commute)");
    assert_non_null(reverse);
}

static void test_branches__do_not_commute_when_they_touch_the_same(void **state) {
    fixture *f = *state;
    assert_conflict(f, OPERATIONS(ADD("users", "a")), OPERATIONS(ADD("users", "a")),
                    "\"Add column a to users\" of 0002_a and \"Add column a to users\" of 0002_b: "
                    "both touch column a of users");
    assert_conflict(f, OPERATIONS(ADD("users", "a")),
                    OPERATIONS({ .kind = CORM_DELETE_TABLE, .table = "users" }),
                    "both touch table users");
    assert_conflict(
        f, OPERATIONS({ .kind = CORM_RENAME_TABLE, .table = "users", .new_name = "people" }),
        OPERATIONS({ .kind = CORM_ADD_COLUMN,
                     .table = "posts",
                     .column = { "user_id", .kind = CORM_BIGINT,
                                 .references = { .table = "users", .column = "id" } } }),
        "both touch table users");
    assert_conflict(
        f,
        OPERATIONS({ .kind = CORM_RENAME_COLUMN, .table = "users", .name = "a", .new_name = "b" }),
        OPERATIONS({ .kind = CORM_ADD_CONSTRAINT,
                     .table = "users",
                     .constraint = { "c", .kind = CORM_CONSTRAINT_CHECK, .check = "A > 0" } }),
        "of users");
    assert_conflict(
        f, OPERATIONS({ .kind = CORM_REMOVE_COLUMN, .table = "users", .name = "a" }),
        OPERATIONS(
            { .kind = CORM_ADD_INDEX, .table = "users", .index = { "x", .columns = "b, a desc" } }),
        "column a of users");
    assert_conflict(
        f,
        OPERATIONS(
            { .kind = CORM_ALTER_COLUMN, .table = "users", .column = { "a", .kind = CORM_TEXT } }),
        OPERATIONS({ .kind = CORM_REMOVE_INDEX, .table = "users", .name = "x" }), "of users");
    assert_conflict(
        f,
        OPERATIONS({ .kind = CORM_ADD_INDEX, .table = "users", .index = { "x", .columns = "a" } }),
        OPERATIONS({ .kind = CORM_ADD_INDEX, .table = "posts", .index = { "x", .columns = "a" } }),
        "both touch x");
    assert_conflict(f, OPERATIONS({ .kind = CORM_RUN_SQL, .sql = "SELECT 1" }),
                    OPERATIONS(ADD("users", "a")), "what one of them does is not known");
    assert_null(
        commute(f, OPERATIONS({ .kind = CORM_RUN_SQL, .sql = "SELECT 1" }), OPERATIONS({ 0 })));
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_graph__orders_over_apps_by_dependency),
        CASE(test_graph__shows_the_path_of_a_circle),
        CASE(test_graph__names_an_unknown_dependency),
        CASE(test_graph__names_two_latest_migrations),
        CASE(test_graph__refuses_a_name_twice_and_another_apps_migration),
        CASE(test_graph__finds_by_prefix),
        CASE(test_graph__runs_before_another_apps_migration),
        CASE(test_graph__cuts_the_middle_out_of_a_long_circle),
        CASE(test_graph__replaces_when_all_or_none_is_applied),
        CASE(test_graph__goes_on_when_the_replaced_are_gone),
        CASE(test_graph__replaces_in_turn),
        CASE(test_graph__refuses_what_replaces_itself_or_twice),
        CASE(test_graph__gives_numbers),
        CASE(test_graph__finds_by_number),
        CASE(test_branches__commute_when_they_touch_different_things),
        CASE(test_branches__do_not_commute_when_they_touch_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
