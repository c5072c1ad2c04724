#include "migrate/graph/plan.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core_and_shop.h"

/* Rows of corm_migrations. */
static size_t rows_of(corm_applied *out, const char *const *names) {
    static char keys[16][100];
    size_t n = 0;
    for (; names && names[n]; n++) {
        snprintf(keys[n], sizeof keys[n], "%s", names[n]);
        char *dot = strchr(keys[n], '.');
        *dot = 0;
        out[n] = (corm_applied){ .app = keys[n], .name = dot + 1, .checksum = "" };
    }
    return n;
}

static void describe(const corm_plan *plan, char *text, size_t size) {
    *text = 0;
    for (size_t i = 0; i < plan->n; i++)
        snprintf(text + strlen(text), size - strlen(text), "%s%s.%s ",
                 plan->steps[i].backwards ? "-" : "+", plan->steps[i].migration->app,
                 plan->steps[i].migration->name);
    for (size_t i = 0; i < plan->n_records; i++)
        snprintf(text + strlen(text), size - strlen(text), "=%s.%s ", plan->records[i]->app,
                 plan->records[i]->name);
}

/* The plan of a program that carries list, for a database that has these. */
static void assert_targets(fixture *f, const corm_app *const *list, const char *const *names,
                           const corm_plan_target *targets, size_t n_targets,
                           const char *expected) {
    corm_applied rows[16];
    size_t n = rows_of(rows, names);
    corm_plan plan;
    char text[400];
    corm_graph *graph = corm__graph_load_for(list, rows, n, &f->arena, &f->error);
    if (!graph ||
        corm__plan_targets(graph, rows, n, targets, n_targets, false, &f->arena, &plan, &f->error))
        fail_msg("%s", f->error.message);
    describe(&plan, text, sizeof text);
    assert_string_equal(text, expected);
}
#define TARGETS(...)                                                                               \
    (const corm_plan_target[]){ __VA_ARGS__ },                                                     \
        sizeof((const corm_plan_target[]){ __VA_ARGS__ }) / sizeof(corm_plan_target)

static void assert_plan(fixture *f, const corm_applied *applied, size_t n, const char *app,
                        const char *target, const char *expected) {
    corm_plan plan;
    char text[300] = "";
    assert_int_equal(corm__plan(f->graph, applied, n, app, target, &f->arena, &plan, &f->error), 0);
    for (size_t i = 0; i < plan.n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s.%s ",
                 plan.steps[i].backwards ? "-" : "+", plan.steps[i].migration->app,
                 plan.steps[i].migration->name);
    assert_string_equal(text, expected);
}

static void test_plan__goes_forwards_and_backwards(void **state) {
    fixture *f = *state;
    static const corm_applied all[] = { { .app = "core", .name = "0001_initial" },
                                        { .app = "core", .name = "0002_user_email" },
                                        { .app = "shop", .name = "0001_initial" },
                                        { .app = "gone", .name = "0001_initial" } };
    assert_plan(f, NULL, 0, NULL, NULL,
                "+core.0001_initial +core.0002_user_email +shop.0001_initial ");
    assert_plan(f, NULL, 0, "core", NULL, "+core.0001_initial +core.0002_user_email ");
    assert_plan(f, NULL, 0, "core", "0001", "+core.0001_initial ");
    assert_plan(f, all, 1, "shop", NULL, "+core.0002_user_email +shop.0001_initial ");
    assert_plan(f, all, 4, NULL, NULL, "");
    assert_plan(f, all, 4, "core", "0001", "-shop.0001_initial -core.0002_user_email ");
    assert_plan(f, all, 4, "core", "zero",
                "-shop.0001_initial -core.0002_user_email -core.0001_initial ");
    assert_plan(f, all, 4, "core", "0002", "");
    assert_plan(f, all, 4, "shop", "zero", "-shop.0001_initial ");
}

static void test_plan__refuses_a_gap_in_the_history(void **state) {
    fixture *f = *state;
    static const corm_applied gap[] = { { .app = "shop", .name = "0001_initial" } };
    corm_plan plan;
    assert_int_equal(corm__plan(f->graph, gap, 1, NULL, NULL, &f->arena, &plan, &f->error),
                     CORM_ERROR_MIGRATION);
    assert_string_equal(
        f->error.message,
        "shop.0001_initial is applied, but what it depends on, core.0002_user_email, is not");
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
        list[N - 1 - i] =
            (corm_migration){ "core", names[i], &bodies[i] }; /* the worst order for the walk */
    }
    const corm_app app = { .name = "core", .migrations = list };
    corm_graph *graph =
        corm__graph_load((const corm_app *const[]){ &app, NULL }, &f->arena, &f->error);
    assert_non_null(graph);
    corm_plan plan;
    assert_int_equal(corm__plan(graph, NULL, 0, NULL, NULL, &f->arena, &plan, &f->error), 0);
    assert_int_equal(plan.n, N);
    assert_string_equal(plan.steps[N - 1].migration->name, "1000_m");
}

static void test_plan__applies_what_was_merged_late(void **state) {
    fixture *f = *state;
    const corm_migration_body b = { .depends_on = NAMES("core.0001_initial") },
                              merge = { .depends_on = NAMES("core.0002_a", "core.0002_b") };
    const corm_migration list[] = { { "core", "0001_initial", &first },
                                    { "core", "0002_a", &second },
                                    { "core", "0002_b", &b },
                                    { "core", "0003_merge", &merge },
                                    { 0 } };
    const corm_app app = { .name = "core", .migrations = list };
    const corm_app *const all[] = { &app, NULL };
    assert_targets(f, all, NAMES("core.0001_initial", "core.0002_b"), NULL, 0,
                   "+core.0002_a +core.0003_merge ");
    assert_targets(f, all, NAMES("core.0001_initial", "core.0002_b"), TARGETS({ "core", NULL }),
                   "+core.0002_a +core.0003_merge ");
}

/* What an applied migration is told afterwards to stand on is refused, not skipped. */
static void test_plan__refuses_what_comes_too_late(void **state) {
    fixture *f = *state;
    const corm_migration_body early = { .run_before = NAMES("core.0002_user_email") };
    const corm_migration list[] = { { "other", "0001_initial", &early }, { 0 } };
    const corm_app other = { .name = "other", .migrations = list };
    const corm_app *const all[] = { &core, &other, NULL };
    corm_applied rows[4];
    size_t n = rows_of(rows, NAMES("core.0001_initial", "core.0002_user_email"));
    corm_plan plan;
    corm_graph *graph = corm__graph_load_for(all, rows, n, &f->arena, &f->error);
    assert_int_equal(corm__plan(graph, rows, n, NULL, NULL, &f->arena, &plan, &f->error),
                     CORM_ERROR_MIGRATION);
    assert_string_equal(
        f->error.message,
        "core.0002_user_email is applied, but what it depends on, other.0001_initial, is not");
    assert_int_equal(corm__plan_records(graph, rows, n, "other", NULL, &f->arena, &plan, &f->error),
                     0);
    assert_int_equal(plan.n, 1);
}

static void test_plan__goes_both_ways_at_once(void **state) {
    fixture *f = *state;
    const corm_migration list[] = { { "other", "0001_initial", &first }, { 0 } };
    const corm_app other = { .name = "other", .migrations = list };
    const corm_app *const all[] = { &core, &shop, &other, NULL };
    static const char *const rows[] = { "core.0001_initial", "core.0002_user_email",
                                        "shop.0001_initial", NULL };
    assert_targets(f, all, rows, TARGETS({ "other", NULL }, { "core", "1" }),
                   "-shop.0001_initial -core.0002_user_email +other.0001_initial ");
    assert_targets(f, all, rows, TARGETS({ "shop", "zero" }, { "core", "2" }),
                   "-shop.0001_initial ");
    corm_applied applied[4];
    size_t n = rows_of(applied, rows);
    corm_plan plan;
    corm_graph *graph = corm__graph_load_for(all, applied, n, &f->arena, &f->error);
    assert_int_equal(corm__plan_targets(graph, applied, n,
                                        TARGETS({ "core", "zero" }, { "shop", NULL }), false,
                                        &f->arena, &plan, &f->error),
                     CORM_ERROR_USAGE);
    assert_string_equal(f->error.message,
                        "one target needs core.0001_initial, which another one undoes");
    assert_int_equal(corm__plan_targets(graph, applied, n,
                                        TARGETS({ "core", "zero" }, { "shop", "1" }), false,
                                        &f->arena, &plan, &f->error),
                     CORM_ERROR_USAGE);
}

static void test_plan__records_squashed_migrations(void **state) {
    fixture *f = *state;
    const corm_migration_body squashed = { .replaces =
                                               NAMES("core.0001_initial", "core.0002_user_email") };
    const corm_migration list[] = { core_list[0],
                                    core_list[1],
                                    { "core", "0001_squashed_0002", &squashed },
                                    { 0 } },
                         later[] = { { "core", "0001_squashed_0002", &squashed }, { 0 } };
    const corm_app app = { .name = "core", .migrations = list },
                   later_app = { .name = "core", .migrations = later };
    const corm_app *const all[] = { &app, &shop, NULL }, *const gone[] = { &later_app, &shop,
                                                                           NULL };
    assert_targets(f, all, NULL, NULL, 0, "+core.0001_squashed_0002 +shop.0001_initial ");
    assert_targets(f, all, NAMES("core.0001_initial"), NULL, 0,
                   "+core.0002_user_email +shop.0001_initial =core.0001_squashed_0002 ");
    assert_targets(f, all, NAMES("core.0001_initial"), TARGETS({ "core", "1" }), "");
    assert_targets(f, all, NAMES("core.0001_initial", "core.0002_user_email"), NULL, 0,
                   "+shop.0001_initial =core.0001_squashed_0002 ");
    assert_targets(f, gone, NAMES("core.0001_initial", "core.0002_user_email"), NULL, 0,
                   "+shop.0001_initial =core.0001_squashed_0002 ");
    assert_targets(f, all,
                   NAMES("core.0001_initial", "core.0002_user_email", "core.0001_squashed_0002"),
                   NULL, 0, "+shop.0001_initial ");
    assert_targets(f, all, NAMES("core.0001_squashed_0002"), NULL, 0, "+shop.0001_initial ");
    assert_targets(f, all, NAMES("core.0001_initial", "core.0002_user_email"),
                   TARGETS({ "core", "zero" }), "-core.0001_squashed_0002 ");
    assert_targets(f, all,
                   NAMES("core.0001_initial", "core.0002_user_email", "core.0001_squashed_0002",
                         "shop.0001_initial"),
                   TARGETS({ "core", "zero" }), "-shop.0001_initial -core.0001_squashed_0002 ");
}

/* The squash of a squash has its record with it, in whichever order the list has them. */
static void test_plan__records_the_squash_of_a_squash(void **state) {
    fixture *f = *state;
    const corm_migration_body once = { .replaces =
                                           NAMES("core.0001_initial", "core.0002_user_email") };
    const corm_migration_body twice = { .replaces = NAMES("core.0001_once") };
    const corm_migration lists[][5] = {
        { { "core", "0001_once", &once }, { "core", "0001_twice", &twice }, core_list[0],
          core_list[1], { 0 } },
        { { "core", "0001_twice", &twice }, { "core", "0001_once", &once }, core_list[0],
          core_list[1], { 0 } },
    };
    for (int i = 0; i < 2; i++) {
        const corm_app app = { .name = "core", .migrations = lists[i] };
        const corm_app *const all[] = { &app, NULL };
        assert_targets(f, all, NAMES("core.0001_initial"), NULL, 0,
                       "+core.0002_user_email =core.0001_once =core.0001_twice ");
    }
}

/* Records of what was squashed are not those of a newer program. */
static void test_history__knows_what_was_squashed(void **state) {
    fixture *f = *state;
    const corm_migration_body squashed = { .replaces =
                                               NAMES("core.0001_initial", "core.0002_user_email") };
    const corm_migration later[] = { { "core", "0001_squashed_0002", &squashed }, { 0 } };
    const corm_app app = { .name = "core", .migrations = later };
    corm_applied rows[8];
    size_t n = rows_of(rows, NAMES("core.0001_initial", "core.0002_user_email", "core.0003_new",
                                   "gone.0001_initial"));
    corm_history history;
    corm_graph *graph = corm__graph_load_for((const corm_app *const[]){ &app, NULL }, rows, n,
                                             &f->arena, &f->error);
    assert_int_equal(corm__history(graph, rows, n, &f->arena, &history, &f->error), 0);
    assert_int_equal(history.n_unknown, 1);
    assert_string_equal(history.unknown[0]->name, "0003_new");
    assert_non_null(history.applied[0]);
    assert_int_equal(history.n_records, 1);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_plan__goes_forwards_and_backwards),
        CASE(test_plan__refuses_a_gap_in_the_history),
        CASE(test_plan__is_fast_for_a_thousand_migrations),
        CASE(test_plan__applies_what_was_merged_late),
        CASE(test_plan__refuses_what_comes_too_late),
        CASE(test_plan__goes_both_ways_at_once),
        CASE(test_plan__records_squashed_migrations),
        CASE(test_plan__records_the_squash_of_a_squash),
        CASE(test_history__knows_what_was_squashed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
