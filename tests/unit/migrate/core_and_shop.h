/* Two apps, of which the first needs the second, and their graph. After cmocka.h. */
#pragma once
#include "migrate/graph/graph.h"

#define NAMES(...) (const char *const[]){ __VA_ARGS__, NULL }

static const corm_migration_body first = { 0 };
static const corm_migration_body second = { .depends_on = NAMES("core.0001_initial") };
static const corm_migration_body shop_first = { .depends_on = NAMES("core.0002_user_email") };
static const corm_migration shop_list[] = { { "shop", "0001_initial", &shop_first }, { 0 } };
static const corm_migration core_list[] = { { "core", "0001_initial", &first },
                                            { "core", "0002_user_email", &second },
                                            { 0 } };
static const corm_app shop = { .name = "shop", .migrations = shop_list },
                      core = { .name = "core", .migrations = core_list };
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
