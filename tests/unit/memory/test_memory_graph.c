/* The graph, plans, squashing, optimizing and branches, with each allocation failing in turn; then
 * on a database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "db/db.h"
#include "migrate/execute/fake_initial.h"
#include "migrate/execute/migrate.h"
#include "migrate/graph/nodes.h"
#include "migrate/graph/squash.h"
#include "migrate/write/writer.h"
#include "torture.h"

#define NAMES(...) (const char *const[]){ __VA_ARGS__, NULL }
#define OPERATIONS(...) (const corm_operation[]){ __VA_ARGS__, { 0 } }
#define CREATE(t)                                                                                  \
    {                                                                                              \
        .kind = CORM_CREATE_TABLE, .table = t, .model = "M", .primary_key = "id",                  \
        .columns = (const corm_column[]) {                                                         \
            { "id", .kind = CORM_IDENTITY }, { "a", .kind = CORM_INTEGER, .null = true }, { 0 }    \
        }                                                                                          \
    }
#define ADD(t, c)                                                                                  \
    {                                                                                              \
        .kind = CORM_ADD_COLUMN, .table = t, .column = { c, .kind = CORM_INTEGER, .null = true }   \
    }

static const corm_migration_body one = { .operations =
                                             OPERATIONS(CREATE("books"), CREATE("tags")) };
static const corm_migration_body two = {
    .depends_on = NAMES("shop.0001_a"),
    .operations =
        OPERATIONS(ADD("books", "b"),
                   { .kind = CORM_ADD_INDEX,
                     .table = "books",
                     .index = { "x", .columns = "b", .where = "b > 0" } },
                   { .kind = CORM_RENAME_COLUMN, .table = "tags", .name = "a", .new_name = "z" })
};
static const corm_migration_body left = { .depends_on = NAMES("shop.0002_b"),
                                          .operations = OPERATIONS(ADD("books", "c")) };
static const corm_migration_body right = { .depends_on = NAMES("shop.0002_b"),
                                           .operations =
                                               OPERATIONS(ADD("books", "c"), ADD("tags", "d")) };
static const corm_migration_body squashed = {
    .replaces = NAMES("shop.0001_a", "shop.0002_b"),
    .operations = OPERATIONS(CREATE("books"), CREATE("tags"), ADD("books", "b"))
};
static const corm_migration_body early = { .run_before = NAMES("shop.0002_b") };
static const corm_migration shop_list[] = {
    { "shop", "0001_a", &one }, { "shop", "0002_b", &two }, { "shop", "0003_c", &left }, { 0 }
};
static const corm_migration branch_list[] = { { "shop", "0001_a", &one },
                                              { "shop", "0002_b", &two },
                                              { "shop", "0003_c", &left },
                                              { "shop", "0003_d", &right },
                                              { 0 } };
static const corm_migration squash_list[] = { { "shop", "0001_squashed_0002_b", &squashed },
                                              { "shop", "0001_a", &one },
                                              { "shop", "0002_b", &two },
                                              { "shop", "0003_c", &left },
                                              { 0 } };
static const corm_migration core_list[] = { { "core", "0001_a", &early }, { 0 } };
static const corm_app shop = { .name = "shop", .migrations = shop_list },
                      branched = { .name = "shop", .migrations = branch_list },
                      both = { .name = "shop", .migrations = squash_list },
                      core = { .name = "core", .migrations = core_list };
static const corm_app *const apps[] = { &shop, &core, NULL },
                             *const branches[] = { &branched, NULL },
                             *const squash_apps[] = { &both, &core, NULL };

static int plan(corm_error_info *error) {
    static const corm_applied rows[] = { { .app = "core", .name = "0001_a", .checksum = "" },
                                         { .app = "shop", .name = "0001_a", .checksum = "" },
                                         { .app = "shop", .name = "0009_x", .checksum = "" } };
    static const corm_plan_target targets[] = { { "core", "1" }, { "shop", NULL } };
    corm_arena arena = { 0 };
    corm_plan found;
    corm_graph *graph = corm__graph_load_for(squash_apps, rows, 3, &arena, error);
    int status = graph
                     ? corm__plan_targets(graph, rows, 3, targets, 2, false, &arena, &found, error)
                     : error->status;
    if (!status) assert_int_equal(found.n, 2);
    if (!status) assert_int_equal(found.n_records, 1);
    corm__arena_release(&arena);
    return status;
}

static int merge(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_branch *found;
    size_t n;
    const char *conflict = NULL;
    corm_graph *graph = corm__graph_load_branches(branches, &arena, error);
    int status =
        graph ? corm__graph_branches(graph, "shop", &arena, &found, &n, error) : error->status;
    if (!status) status = corm__branches_commute(&found[0], &found[1], &arena, &conflict, error);
    if (!status) assert_non_null(strstr(conflict, "both touch column c of books"));
    if (!status) torture_result(conflict);
    corm__arena_release(&arena);
    return status;
}

static int squash(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_buffer text = { 0 }, again = { 0 };
    corm_squashed made;
    corm_graph *graph = corm__graph_load(apps, &arena, error);
    int status = graph ? corm__squash(graph, NULL, &shop_list[2], NULL, true, &arena, &made, error)
                       : error->status;
    if (!status) assert_int_equal(made.migration.n_operations, 2);
    if (!status) status = corm__write_migration(&made.migration, &text, error);
    if (!status)
        status = corm__rewrite_migration(&made.migration, corm__buffer_text(&text), &again, error);
    if (!status) assert_string_equal(corm__buffer_text(&again), corm__buffer_text(&text));
    if (!status) torture_result(corm__buffer_text(&text));
    corm__buffer_release(&text);
    corm__buffer_release(&again);
    corm__arena_release(&arena);
    return status;
}

static int exists(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_schema nothing = { (const corm_table[]){ { 0 } }, 0 }, live = nothing;
    corm_graph *graph = corm__graph_load(apps, &arena, error);
    int status = graph ? corm__graph_state(graph, graph->n, &arena, &live, error) : error->status;
    if (!status) status = corm__migration_exists(&shop_list[0], &nothing, &live, &arena, error);
    corm__arena_release(&arena);
    if (status == CORM_ERROR_MIGRATION)
        assert_non_null(
            strstr(error->message, "but not column a of table tags")); /* it was renamed */
    return status == CORM_ERROR_MIGRATION ? 0 : status;
}

/* --- on a database: applied as one, recorded, pruned --- */

static char path[] = "/dev/shm/corm-memory-XXXXXX";

static void remove_database(void) {
    static const char *const ends[] = { "", "-wal", "-shm", "-journal", ".corm_migrate.lock" };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char name[100];
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static int use(corm_db *db, const corm_settings *settings, corm_error_info *error) {
    corm_arena arena = { 0 };
    const corm_applied **rows;
    size_t n;
    corm_migrate_options forth = { .fake_initial = true },
                         back = { .app = "shop", .target = "zero" };
    int status = corm__migrate(db, settings, NULL, squash_apps, &forth, NULL);
    if (!status) status = corm__prune(db, apps, "shop", false, &arena, &rows, &n);
    if (!status) assert_int_equal(n, 1);
    if (!status)
        status =
            corm__migrate(db, settings, NULL, squash_apps, &forth, NULL); /* its record again */
    if (!status) status = corm__migrate(db, settings, NULL, squash_apps, &back, NULL);
    if (status) *error = *corm_error(db);
    corm__arena_release(&arena);
    return status;
}

static int run(corm_error_info *error) {
    remove_database();
    char url[100];
    snprintf(url, sizeof url, "sqlite:///%s", path);
    static const char *const no_environment[] = { NULL };
    corm_settings_options from = { .url = url, .environment = no_environment, .no_env_file = true };
    corm_settings *settings = corm_settings_load(&from, error);
    if (!settings) return error->status;
    corm_db *db = corm_open_with(settings, NULL);
    int status;
    if (corm_failed(db)) {
        *error = *corm_error(db);
        status = error->status;
    } else {
        status = use(db, settings, error);
    }
    if (status && db && !corm_failed(db) &&
        corm__migrate(db, settings, NULL, squash_apps, NULL, NULL))
        fail_msg("not to be migrated any more: %s", corm_error(db)->message);
    corm_close(db);
    corm_settings_free(settings);
    return status;
}

#define TORTURE(name)                                                                              \
    static void test_memory__##name(void **state) {                                                \
        (void)state;                                                                               \
        torture(name);                                                                             \
    }
TORTURE(plan)
TORTURE(merge)
TORTURE(squash)
TORTURE(exists)
TORTURE(run)

int main(void) {
    int fd = mkstemp(path);
    if (fd < 0) fd = mkstemp(strcpy(path, "/tmp/corm-memory-XXXXXX"));
    if (fd < 0) return 1;
    close(fd);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory__plan),   cmocka_unit_test(test_memory__merge),
        cmocka_unit_test(test_memory__squash), cmocka_unit_test(test_memory__exists),
        cmocka_unit_test(test_memory__run),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove_database();
    return failed;
}
