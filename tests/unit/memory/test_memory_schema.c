/* Models to tables, copies and edits, with each allocation failing in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "base/error.h"
#include "model/model.h"
#include "schema/schema.h"
#include "schema/sql_text.h"
#include "torture.h"
#include <corm/app.h>

CORM_MODEL(Owner, Owners, "owners", identity(id),
           varchar(name, 80, .unique = true, .default_value = DEFAULT("nobody")));
CORM_MODEL(Part, Parts, "parts", identity(id), text(title), check(title_not_empty, "title <> ''"));
CORM_MODEL(Car, Cars, "cars", identity(id), text(plate, .null = true),
           foreign_key(owner, Owner, .on_delete = CORM_CASCADE), many_to_many(parts, Part),
           index(car_plate, plate, owner_id), comment("all of them"));
CORM_APP(garage, .models = CORM_MODELS(Owners, Parts, Cars));

static int models_to_tables(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_schema schema;
    int status = corm__schema_of_apps(CORM_APPS(garage), &arena, &schema, error);
    if (status == 0) assert_int_equal(schema.n_tables, 4);
    if (status == 0 && !corm__schema_clone(&arena, &schema)) status = corm__fail_memory(error);
    corm__arena_release(&arena);
    return status;
}

static int edits(corm_error_info *error) {
    static const corm_column columns[] = { { .name = "id", .kind = CORM_IDENTITY },
                                           { .name = "title", .kind = CORM_TEXT },
                                           { 0 } };
    static const corm_constraint constraints[] = {
        { .name = "title_check", .kind = CORM_CONSTRAINT_CHECK, .check = "title <> ''" }, { 0 }
    };
    static const corm_table table = {
        .name = "parts", .primary_key = "id", .columns = columns, .constraints = constraints
    };
    static const corm_column column = { .name = "weight", .kind = CORM_INTEGER };
    static const corm_index index = { .name = "parts_weight", .columns = "weight" };
    corm_arena arena = { 0 };
    const corm_table *t = corm__table_clone(&arena, &table);
    if (t) t = corm__table_with_column(&arena, t, &column);
    if (t) t = corm__table_with_index(&arena, t, &index);
    if (t) t = corm__table_rename_column(&arena, t, "title", "name");
    if (t) t = corm__table_without_column(&arena, t, "weight");
    int status = t ? 0 : corm__fail_memory(error);
    corm__arena_release(&arena);
    return status;
}

/* Equal by meaning in each text that they have: they are, or memory was out. */
static int comparisons(corm_error_info *error) {
    static const corm_column mine[] = { { "id", .kind = CORM_IDENTITY },
                                        { "price",
                                          .kind = CORM_INTEGER,
                                          .default_value = CORM_DEFAULT_EXPRESSION("1 + (2)") },
                                        { "half",
                                          .kind = CORM_INTEGER,
                                          .generated = "price / 2" },
                                        { "part_id",
                                          .kind = CORM_BIGINT,
                                          .references = { .table = "parts",
                                                          .column = "id",
                                                          .name = "parts_part_id_fkey" } },
                                        { 0 } },
                             theirs[] = { { "id", .kind = CORM_IDENTITY },
                                          { "price",
                                            .kind = CORM_INTEGER,
                                            .default_value = CORM_DEFAULT_EXPRESSION("1+2") },
                                          { "half",
                                            .kind = CORM_INTEGER,
                                            .generated = "(price)::integer / 2" },
                                          { "part_id",
                                            .kind = CORM_BIGINT,
                                            .references = { .table = "parts", .column = "id" } },
                                          { 0 } };
    static const corm_index index = { .name = "i", .columns = "price", .where = "price > 0" },
                            other = { .name = "i", .columns = "price", .where = "(price) > 0" };
    const corm_constraint check = { .name = "c",
                                    .kind = CORM_CONSTRAINT_CHECK,
                                    .check = "price BETWEEN 0 AND 9" },
                          same = { .name = "c",
                                   .kind = CORM_CONSTRAINT_CHECK,
                                   .check = "((price >= 0) AND (price <= 9))" };
    const corm_table a = { .name = "parts",
                           .primary_key = "id",
                           .columns = mine,
                           .indexes = (const corm_index[]){ index, { 0 } },
                           .constraints = (const corm_constraint[]){ check, { 0 } } },
                     b = { .name = "parts",
                           .primary_key = "id",
                           .columns = theirs,
                           .indexes = (const corm_index[]){ other, { 0 } },
                           .constraints = (const corm_constraint[]){ same, { 0 } } };
    char difference[200];
    bool equal = corm__table_equal(&a, &b, difference, sizeof difference);
    if (corm__comparison_failed()) return corm__fail_memory(error);
    if (!equal) fail_msg("%s", difference);
    return 0;
}

static int checks(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_check_messages messages = { .arena = &arena };
    int status = corm__check_apps(CORM_APPS(garage), NULL, &messages);
    if (status < 0) corm__fail(error, status, "check");
    if (status == 0 && messages.count)
        fail_msg("%s: %s", messages.items[0].object, messages.items[0].message);
    corm__arena_release(&arena);
    return status;
}

static void test_memory__models_to_tables(void **state) {
    (void)state;
    torture(models_to_tables);
}
static void test_memory__checks(void **state) {
    (void)state;
    torture(checks);
}
static void test_memory__comparisons(void **state) {
    (void)state;
    torture(comparisons);
}
static void test_memory__edits(void **state) {
    (void)state;
    torture(edits);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory__models_to_tables),
        cmocka_unit_test(test_memory__edits),
        cmocka_unit_test(test_memory__comparisons),
        cmocka_unit_test(test_memory__checks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
