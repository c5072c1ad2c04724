#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "migrate/graph.h"

static const corm_migration_body first = { 0 };
static const corm_migration_body second = { .depends_on = (const char *const[]){ "core.0001_initial", NULL } };
static const corm_migration_body shop_first = { .depends_on = (const char *const[]){ "core.0002_user_email", NULL } };
static const corm_migration_body unknown = { .depends_on = (const char *const[]){ "blog.0009_x", NULL } };

static const corm_migration_body circle_a = { .depends_on = (const char *const[]){ "core.0003_c", NULL } };
static const corm_migration_body circle_b = { .depends_on = (const char *const[]){ "core.0001_a", NULL } };
static const corm_migration_body circle_c = { .depends_on = (const char *const[]){ "core.0002_b", NULL } };

static const corm_migration shop_list[] = { { "shop", "0001_initial", &shop_first }, { 0 } };
static const corm_migration core_list[] = { { "core", "0001_initial", &first }, { "core", "0002_user_email", &second }, { 0 } };
static const corm_app shop = { .name = "shop", .migrations = shop_list }, core = { .name = "core", .migrations = core_list };
static const corm_app *const apps[] = { &shop, &core, NULL };

typedef struct fixture {
    corm_arena arena;
    corm_error_info error;
    corm_graph *graph;
} fixture;

static int setup(void **state) {
    static fixture f;
    f = (fixture){ 0 };
    f.graph = corm__graph_load(apps, &f.arena, &f.error);
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    corm__arena_release(&((fixture *)*state)->arena);
    return 0;
}

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
    static const corm_migration list[] = { { "core", "0001_a", &circle_a }, { "core", "0002_b", &circle_b }, { "core", "0003_c", &circle_c }, { 0 } };
    assert_refused(*state, list, "migrations depend on each other in a circle: core.0001_a -> core.0003_c -> core.0002_b -> core.0001_a");
}

static void test_graph__names_an_unknown_dependency(void **state) {
    static const corm_migration list[] = { { "core", "0001_a", &unknown }, { 0 } };
    assert_refused(*state, list, "core.0001_a depends on blog.0009_x, which is not among the migrations of this program");
}

static void test_graph__names_two_latest_migrations(void **state) {
    static const corm_migration list[] = { { "core", "0001_initial", &first }, { "core", "0002_a", &second }, { "core", "0002_b", &second }, { 0 } };
    assert_refused(*state, list, "app core has two latest migrations: core.0002_a and core.0002_b");
}

static void test_graph__refuses_a_name_twice_and_another_apps_migration(void **state) {
    static const corm_migration twice[] = { { "core", "0001_initial", &first }, { "core", "0001_initial", &first }, { 0 } };
    static const corm_migration other[] = { { "shop", "0001_initial", &first }, { 0 } };
    assert_refused(*state, twice, "migration core.0001_initial is listed twice");
    assert_refused(*state, other, "app core lists migration 0001_initial of app shop");
}

static void test_graph__finds_by_prefix(void **state) {
    fixture *f = *state;
    assert_ptr_equal(corm__graph_find(f->graph, "core", "0002", &f->error), &core_list[1]);
    assert_null(corm__graph_find(f->graph, "core", "000", &f->error));
    assert_string_equal(f->error.message, "more than one migration of core begins with 000: 0001_initial and 0002_user_email");
    assert_null(corm__graph_find(f->graph, "core", "0003", &f->error));
    assert_null(corm__graph_find(f->graph, "nothing", "0001", &f->error));
    assert_string_equal(f->error.message, "no app nothing in this program");
}

/* --- plans --- */

static void assert_plan(fixture *f, const corm_applied *applied, size_t n, const char *app, const char *target, const char *expected) {
    corm_plan plan;
    char text[300] = "";
    assert_int_equal(corm__plan(f->graph, applied, n, app, target, &f->arena, &plan, &f->error), 0);
    for (size_t i = 0; i < plan.n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s.%s ", plan.steps[i].backwards ? "-" : "+", plan.steps[i].migration->app, plan.steps[i].migration->name);
    assert_string_equal(text, expected);
}

static void test_plan__goes_forwards_and_backwards(void **state) {
    fixture *f = *state;
    static const corm_applied all[] = { { .app = "core", .name = "0001_initial" }, { .app = "core", .name = "0002_user_email" }, { .app = "shop", .name = "0001_initial" },
                                        { .app = "gone", .name = "0001_initial" } };
    assert_plan(f, NULL, 0, NULL, NULL, "+core.0001_initial +core.0002_user_email +shop.0001_initial ");
    assert_plan(f, NULL, 0, "core", NULL, "+core.0001_initial +core.0002_user_email ");
    assert_plan(f, NULL, 0, "core", "0001", "+core.0001_initial ");
    assert_plan(f, all, 1, "shop", NULL, "+core.0002_user_email +shop.0001_initial ");
    assert_plan(f, all, 4, NULL, NULL, "");
    assert_plan(f, all, 4, "core", "0001", "-shop.0001_initial -core.0002_user_email ");
    assert_plan(f, all, 4, "core", "zero", "-shop.0001_initial -core.0002_user_email -core.0001_initial ");
    assert_plan(f, all, 4, "core", "0002", "");
    assert_plan(f, all, 4, "shop", "zero", "-shop.0001_initial ");
}

static void test_plan__refuses_a_gap_in_the_history(void **state) {
    fixture *f = *state;
    static const corm_applied gap[] = { { .app = "shop", .name = "0001_initial" } };
    corm_plan plan;
    assert_int_equal(corm__plan(f->graph, gap, 1, NULL, NULL, &f->arena, &plan, &f->error), CORM_ERROR_MIGRATION);
    assert_string_equal(f->error.message, "shop.0001_initial is applied, but what it depends on, core.0002_user_email, is not");
}

static void test_plan__is_fast_for_a_thousand_migrations(void **state) {
    fixture *f = *state;
    enum { N = 1000 };
    static corm_migration list[N + 1];
    static corm_migration_body bodies[N];
    static char names[N][16], keys[N][24];
    static const char *depends[N][2];
    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof names[i], "%04d_m", i + 1);
        snprintf(keys[i], sizeof keys[i], "core.%04d_m", i + 1);
        depends[i][0] = i ? keys[i - 1] : NULL;
        bodies[i].depends_on = depends[i];
        list[N - 1 - i] = (corm_migration){ "core", names[i], &bodies[i] };     /* the worst order for the walk */
    }
    const corm_app app = { .name = "core", .migrations = list };
    corm_graph *graph = corm__graph_load((const corm_app *const[]){ &app, NULL }, &f->arena, &f->error);
    assert_non_null(graph);
    corm_plan plan;
    assert_int_equal(corm__plan(graph, NULL, 0, NULL, NULL, &f->arena, &plan, &f->error), 0);
    assert_int_equal(plan.n, N);
    assert_string_equal(plan.steps[N - 1].migration->name, "1000_m");
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
        CASE(test_plan__goes_forwards_and_backwards),
        CASE(test_plan__refuses_a_gap_in_the_history),
        CASE(test_plan__is_fast_for_a_thousand_migrations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
