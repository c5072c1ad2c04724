/* inspectdb, checkdb and lint, with each allocation failing in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/error.h"
#include "command/drift.h"
#include "command/inspect.h"
#include "migrate/graph/cost.h"
#include "torture.h"
#include <corm/app.h>

#define ID { .name = "id", .kind = CORM_IDENTITY }
static const corm_table tables[] = {
    { .name = "tags",
      .app = "",
      .model = "",
      .primary_key = "id",
      .comment = "all",
      .columns = (const corm_column[]){ ID,
                                        { .name = "default",
                                          .kind = CORM_VARCHAR,
                                          .max_length = 32,
                                          .default_value = CORM_DEFAULT("a") },
                                        { 0 } },
      .constraints = (const corm_constraint[]){ { .name = "tags_default_check",
                                                  .kind = CORM_CONSTRAINT_CHECK,
                                                  .check = "\"default\" IN ('a', 'b')" },
                                                { 0 } } },
    { .name = "items",
      .app = "",
      .model = "",
      .primary_key = "id",
      .left_out = "a constraint",
      .columns = (const corm_column[]){ ID,
                                        { .name = "n",
                                          .kind = CORM_INTEGER,
                                          .default_value = CORM_DEFAULT("5"),
                                          .approximates = "mediumint" },
                                        { .name = "tag_id",
                                          .kind = CORM_BIGINT,
                                          .references = { .table = "tags", .column = "id" } },
                                        { 0 } },
      .indexes = (const corm_index[]){ { .name = "items_n", .columns = "n desc, tag_id" },
                                       { .name = "items_lower", .expression = "n + 1" },
                                       { 0 } } },
    { .name = "items_tags",
      .app = "",
      .model = "",
      .primary_key = "item_id, tag_id",
      .columns =
          (const corm_column[]){
              { .name = "item_id",
                .kind = CORM_BIGINT,
                .references = { .table = "items", .column = "id", .on_delete = CORM_CASCADE } },
              { .name = "tag_id",
                .kind = CORM_BIGINT,
                .references = { .table = "tags", .column = "id", .on_delete = CORM_CASCADE } },
              { 0 } },
      .indexes =
          (const corm_index[]){ { .name = "items_tags_tag_id_idx", .columns = "tag_id" }, { 0 } } },
    { 0 }
};
static const corm_schema schema = { tables, 3 };

static int inspect(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_buffer text = { 0 };
    corm_inspection in = { .backend = &corm_backend_sqlite,
                           .schema = &schema,
                           .app = "shop",
                           .reverse = true,
                           .arena = &arena,
                           .error = error };
    int status = corm__inspect(&in);
    if (!status) status = corm__inspect_verify(&in);
    if (!status && corm__inspect_write(&in, "a test", &text)) status = corm__fail_memory(error);
    if (!status) {
        assert_non_null(strstr(text.data, "enumeration(default_, "));
        assert_non_null(strstr(text.data, "foreign_key(tag, Tag, .no_index = true)"));
        assert_non_null(strstr(text.data, "many_to_many(tags, Tag)"));
        assert_non_null(strstr(text.data, "index(items_n, descending(n), tag_id)"));
        assert_non_null(strstr(text.data, " *   items: a constraint\n"));
        torture_result(text.data);
    }
    corm__buffer_release(&text);
    corm__inspection_release(&in);
    corm__arena_release(&arena);
    return status;
}

/* The same tables with one column and one table less. */
static const corm_table fewer[] = { { .name = "tags",
                                      .app = "shop",
                                      .model = "Tag",
                                      .primary_key = "id",
                                      .columns = (const corm_column[]){ ID, { 0 } } },
                                    { .name = "others",
                                      .app = "shop",
                                      .model = "Other",
                                      .primary_key = "id",
                                      .columns = (const corm_column[]){ ID, { 0 } } },
                                    { 0 } };

static int drift(corm_error_info *error) {
    static const corm_schema models = { fewer, 2 };
    corm_arena arena = { 0 };
    corm_schema database;
    corm_drift *found = NULL;
    size_t n = 0;
    bool broken = corm__drift_prepare(&schema, &models, corm_backend_sqlite.features, true, &arena,
                                      &database) ||
                  corm__drift(&database, &models, &arena, &found, &n);
    if (!broken)
        assert_int_equal(n, 5); /* a table too few, two too many, a column and a check too many;
                                   comments are not kept */
    corm__arena_release(&arena);
    return broken ? corm__fail_memory(error) : 0;
}

CORM_MIGRATION(shop, 0001_initial) = { .operations = (const corm_operation[]){
                                           { .kind = CORM_CREATE_TABLE,
                                             .table = "items",
                                             .primary_key = "id",
                                             .columns = (const corm_column[]){ ID, { 0 } } },
                                           { 0 } } };
CORM_MIGRATION(shop,
               0002_more) = { .depends_on = (const char *const[]){ "shop.0001_initial", NULL },
                              .operations = (const corm_operation[]){
                                  { .kind = CORM_ADD_COLUMN,
                                    .table = "items",
                                    .column = { .name = "n", .kind = CORM_INTEGER, .null = true } },
                                  { .kind = CORM_ADD_INDEX,
                                    .table = "items",
                                    .index = { .name = "items_n", .columns = "n" } },
                                  { 0 } } };
CORM_MIGRATIONS(shop, 0001_initial, 0002_more);
CORM_APP(shop, .migrations = shop_migrations);

static int costs(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_graph *graph = corm__graph_load(CORM_APPS(shop), &arena, error);
    corm_costing costing = { .graph = graph };
    corm_costed_step *steps;
    corm_change_cost cost;
    size_t n = 0;
    int status = graph ? 0 : error->status;
    for (int backwards = 0; backwards < 2 && !status; backwards++) {
        status = corm__costing_steps(&costing, &shop_migrations[1], backwards, &steps, &n, error);
        if (!status) assert_int_equal(n, 2);
        for (size_t i = 0; i < n && !status; i++)
            status = corm__step_cost(&steps[i], &corm_backend_sqlite, 0, &cost);
    }
    corm__costing_release(&costing);
    corm__arena_release(&arena);
    return status == CORM_ERROR_MEMORY ? corm__fail_memory(error) : status;
}

static void test_memory__inspect(void **state) { (void)state, torture(inspect); }
static void test_memory__drift(void **state) { (void)state, torture(drift); }
static void test_memory__costs(void **state) { (void)state, torture(costs); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory__inspect),
        cmocka_unit_test(test_memory__drift),
        cmocka_unit_test(test_memory__costs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
