/* What is written is compiled by the compilers that are there, without a warning, and must read
 * back as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "migrate/state/state.h"
#include "migrate/write/writer.h"

#define COLUMNS_OF(...) ((const corm_column[]){ __VA_ARGS__, { 0 } })

static const corm_column columns[] = {
    { "id", .kind = CORM_IDENTITY },
    { "title", .kind = CORM_VARCHAR, .max_length = 255,
      .default_value = CORM_DEFAULT("a \"quoted\" \\ ?\?/ tab\t bell\a99 \xc3\xa9 \xff end"),
      .comment = "two\nlines", .collation = "C" },
    { "price", .kind = CORM_DECIMAL, .digits = 5, .places = 2,
      .default_value = CORM_DEFAULT("1.50") },
    { "lowest", .kind = CORM_BIGINT,
      .default_value = { .kind = CORM_DEFAULT_INTEGER, .integer = INT64_MIN } },
    { "ratio", .kind = CORM_DOUBLE_PRECISION, .default_value = CORM_DEFAULT(0.1) },
    { "whole", .kind = CORM_DOUBLE_PRECISION, .default_value = CORM_DEFAULT(3.0), .null = true },
    { "made", .kind = CORM_TIMESTAMP,
      .default_value = CORM_DEFAULT_EXPRESSION("CURRENT_TIMESTAMP") },
    { "twice", .kind = CORM_INTEGER, .generated = "id * 2" },
    { "tags", .kind = CORM_ARRAY, .element = CORM_TEXT },
    { "user_id", .kind = CORM_BIGINT,
      .references = { .table = "users",
                      .column = "id",
                      .on_delete = CORM_CASCADE,
                      .deferrable = true,
                      .name = "a_long_name_of_a_foreign_key_fkey",
                      .not_valid = true } },
    { 0 }
};
static const corm_index indexes[] = {
    { "by_title", .columns = "title, id desc", .where = "price > 0", .include = "made",
      .method = "btree", .unique = true },
    { "by_lower", .expression = "lower(title)", .unique = true, .nulls_not_distinct = true },
    { 0 }
};
static const corm_constraint constraints[] = {
    { "once", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "title, price", .deferrable = true,
      .nulls_not_distinct = true },
    { "positive", .kind = CORM_CONSTRAINT_CHECK, .check = "price >= 0 AND title <> 'it''s'",
      .not_valid = true },
    { "apart", .kind = CORM_CONSTRAINT_EXCLUDE, .elements = "price WITH =, made WITH &&",
      .method = "gist", .where = "price > 0", .include = "title", .deferrable = true },
    { 0 }
};
static const corm_engine_sql engines[] = { { "postgresql", .sql = "SELECT 1", .reverse_sql = "" },
                                           { "sqlite", .reverse_sql = "SELECT '?\?/';\nSELECT 2" },
                                           { .engine = "mariadb" },
                                           { 0 } };
static const corm_operation inner_state[] = { { .kind = CORM_ADD_COLUMN,
                                                .table = "recipes",
                                                .column = { "inner", .kind = CORM_TEXT,
                                                            .null = true } },
                                              { .kind = CORM_CREATE_TABLE,
                                                .table = "within",
                                                .columns = columns,
                                                .indexes = indexes,
                                                .constraints = constraints },
                                              { 0 } };
static const corm_operation inner_database[] = { { .kind = CORM_RUN_SQL,
                                                   .sql = "SELECT 1;\nSELECT 2",
                                                   .engines = engines },
                                                 { 0 } },
                            empty[] = { { 0 } };

static corm_operation operations[] = {
    { .kind = CORM_CREATE_TABLE,
      .table = "recipes",
      .model = "Recipe",
      .primary_key = "id",
      .comment = "what is cooked */ here",
      .columns = columns,
      .indexes = indexes,
      .constraints = constraints },
    { .kind = CORM_CREATE_TABLE, .table = "small*/", .columns = columns },
    { .kind = CORM_ADD_COLUMN,
      .table = "recipes",
      .column = { "servings", .kind = CORM_INTEGER },
      .fill = CORM_DEFAULT(4) },
    { .kind = CORM_ALTER_COLUMN,
      .table = "recipes",
      .column = { "servings", .kind = CORM_BIGINT, .null = true } },
    { .kind = CORM_RENAME_COLUMN, .table = "recipes", .name = "servings", .new_name = "people" },
    { .kind = CORM_REMOVE_COLUMN, .table = "recipes", .name = "people" },
    { .kind = CORM_ADD_INDEX, .table = "recipes", .index = { "by_price", .columns = "price" } },
    { .kind = CORM_RENAME_INDEX, .table = "recipes", .name = "by_price", .new_name = "price_idx" },
    { .kind = CORM_REMOVE_INDEX, .table = "recipes", .name = "price_idx" },
    { .kind = CORM_ADD_CONSTRAINT,
      .table = "recipes",
      .constraint = { "c", .kind = CORM_CONSTRAINT_CHECK, .check = "id > 0" } },
    { .kind = CORM_REMOVE_CONSTRAINT, .table = "recipes", .name = "c" },
    { .kind = CORM_ALTER_COMMENT, .table = "recipes", .comment = "" },
    { .kind = CORM_ALTER_PRIMARY_KEY, .table = "recipes", .primary_key = "id, title" },
    { .kind = CORM_RUN_SQL,
      .sql = "UPDATE recipes SET title = 'x';\nDELETE FROM recipes;\n",
      .reverse_sql = "" },
    { .kind = CORM_RUN_SQL,
      .sql = "SELECT 1",
      .engines = engines,
      .state = inner_state,
      .elidable = true },
    { .kind = CORM_SEPARATE, .database = inner_database, .state = inner_state },
    { .kind = CORM_SEPARATE, .database = empty, .state = empty },
    { .kind = CORM_SEPARATE,
      .database =
          (const corm_operation[]){ { .kind = CORM_SEPARATE, .state = inner_state }, { 0 } } },
    { .kind = CORM_CREATE_EXTENSION, .name = "pg_trgm" },
    { .kind = CORM_REMOVE_EXTENSION, .name = "pg_trgm" },
    { .kind = CORM_ADD_INDEX,
      .table = "recipes",
      .index = { "now", .columns = "made" },
      .concurrently = true },
    { .kind = CORM_REMOVE_INDEX, .table = "recipes", .name = "now", .concurrently = true },
    { .kind = CORM_ALTER_INDEX, .table = "recipes", .index = { "by_title", .columns = "title" } },
    { .kind = CORM_ALTER_CONSTRAINT,
      .table = "recipes",
      .constraint = { "once", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "title",
                      .include = "price" } },
    { .kind = CORM_RENAME_CONSTRAINT, .table = "recipes", .name = "once", .new_name = "twice" },
    { .kind = CORM_VALIDATE_CONSTRAINT, .table = "recipes", .name = "positive" },
    { .kind = CORM_RENAME_TABLE, .table = "recipes", .new_name = "dishes" },
    { .kind = CORM_DELETE_TABLE, .table = "dishes" },
    { 0 }
};

static const char *run_before[] = { "shop.0003_x", "shop.0004_y", NULL },
                  *replaces[] = { "recipes.0001_a", NULL };
static const char *depends_on[] = { "recipes.0001_initial", "core.0001_initial", NULL };
static const corm_new_migration migration = { .app = "recipes",
                                              .name = "0002_everything",
                                              .depends_on = depends_on,
                                              .operations = operations,
                                              .n_operations =
                                                  sizeof operations / sizeof *operations - 1,
                                              .run_before = run_before,
                                              .replaces = replaces,
                                              .outside_transaction = true };

static void write_file(const char *folder, const char *name, const char *text) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* The checksum covers every member: when the compiled one has the same, all was read back. */
static const char main_text[] =
    "#include <stdio.h>\n"
    "#include \"migrate/state/state.h\"\n"
    "extern const corm_migration recipes_migrations[];\n"
    "int main(void) {\n"
    "    char sum[CORM_CHECKSUM_TEXT];\n"
    "    for (const corm_migration *m = recipes_migrations; m->app; m++) { "
    "corm__migration_checksum(m, sum); printf(\"%s %s\\n\", m->name, sum); }\n"
    "    return 0;\n"
    "}\n";

static void compile_and_compare(const char *compiler, const char *folder, const char *sum) {
    char command[2000], line[200] = "", expected[200];
    snprintf(command, sizeof command,
             "%s -std=c11 -Wall -Wextra -Werror %s -c -o %s/list.o %s/migrations.c && %s "
             "-std=gnu11 %s -o %s/main %s/main.c %s/list.o %s 2>&1",
             compiler, TEST_INCLUDES, folder, folder, compiler, TEST_INCLUDES, folder, folder,
             folder, TEST_LIBRARIES);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "%s/main", folder);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    while (fgets(line, sizeof line, output)) {
    }
    assert_int_equal(pclose(output), 0);
    snprintf(expected, sizeof expected, "0002_everything %s\n", sum);
    assert_string_equal(line, expected);
}

static void test_writer__compiles_and_reads_back(void **state) {
    (void)state;
    corm_buffer text = { 0 }, list = { 0 }, longer = { 0 };
    corm_error_info error;
    char folder[] = "/tmp/corm-writer-XXXXXX", command[100], sum[CORM_CHECKSUM_TEXT];
    assert_non_null(mkdtemp(folder));
    assert_int_equal(corm__write_migration(&migration, &text, &error), 0);
    write_file(folder, "0002_everything.h", corm__buffer_text(&text));
    write_file(folder, "0001_initial.h",
               "#include <corm/migration.h>\nCORM_MIGRATION(recipes, 0001_initial) = { .operations "
               "= (const corm_operation[]){ { 0 } } };\n");
    assert_int_equal(corm__write_list("recipes", NULL, "0001_initial", &list, &error), 0);
    assert_int_equal(
        corm__write_list("recipes", corm__buffer_text(&list), "0002_everything", &longer, &error),
        0);
    write_file(folder, "migrations.c", corm__buffer_text(&longer));
    write_file(folder, "main.c", main_text);
    corm_migration_body body = { .depends_on = (const char *const *)depends_on,
                                 .operations = operations,
                                 .run_before = (const char *const *)run_before,
                                 .replaces = (const char *const *)replaces,
                                 .outside_transaction = true };
    corm_migration whole = { "recipes", "0002_everything", &body };
    corm__migration_checksum(&whole, sum);
    compile_and_compare("cc", folder, sum);
    if (TEST_OTHER_COMPILER && system("command -v clang >/dev/null") == 0)
        compile_and_compare("clang", folder, sum);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
    corm__buffer_release(&text);
    corm__buffer_release(&list);
    corm__buffer_release(&longer);
}

static void test_writer__looks_as_a_person_writes(void **state) {
    (void)state;
    static corm_operation add[] = { { .kind = CORM_ADD_COLUMN,
                                      .table = "recipes",
                                      .column = { "servings", .kind = CORM_INTEGER,
                                                  .null = true } },
                                    { 0 } };
    static const char *after[] = { "recipes.0001_initial", NULL };
    corm_buffer text = { 0 };
    corm_error_info error;
    assert_int_equal(corm__write_migration(&(corm_new_migration){ .app = "recipes",
                                                                  .name = "0002_recipe_servings",
                                                                  .depends_on = after,
                                                                  .operations = add,
                                                                  .n_operations = 1 },
                                           &text, &error),
                     0);
    assert_string_equal(
        corm__buffer_text(&text),
        "/* recipes.0002_recipe_servings, written by makemigrations.\n"
        " *   Add column servings to recipes */\n"
        "#pragma once\n"
        "#include <corm/migration.h>\n"
        "\n"
        "CORM_MIGRATION(recipes, 0002_recipe_servings) = {\n"
        "    .depends_on = (const char *const[]){ \"recipes.0001_initial\", NULL },\n"
        "    .operations = (const corm_operation[]){\n"
        "        { .kind = CORM_ADD_COLUMN, .table = \"recipes\",\n"
        "          .column = { \"servings\", .kind = CORM_INTEGER, .null = true } },\n"
        "        { 0 } } };\n");
    corm__buffer_release(&text);
}

static int nothing(const corm_migration_run *run) {
    (void)run;
    return 0;
}

static void test_writer__knows_no_name_of_a_c_function(void **state) {
    (void)state;
    corm_operation c[] = { { .kind = CORM_RUN_C, .run = nothing }, { 0 } };
    corm_buffer text = { 0 };
    corm_error_info error = { 0 };
    corm_new_migration m = {
        .app = "recipes", .name = "0002_c", .operations = c, .n_operations = 1
    };
    assert_int_equal(corm__write_migration(&m, &text, &error), CORM_ERROR_MIGRATION);
    assert_non_null(strstr(error.message, "recipes.0002_c has a C function"));
    corm__buffer_release(&text);
}

static void assert_list(const char *before, const char *after) {
    corm_buffer out = { 0 };
    corm_error_info error;
    assert_int_equal(corm__write_list("shop", before, "0002_b", &out, &error), 0);
    assert_string_equal(corm__buffer_text(&out), after);
    corm__buffer_release(&out);
}

static void test_writer__adds_to_a_list_that_a_person_edited(void **state) {
    (void)state;
    assert_list("#include <corm/migration.h>\nCORM_MIGRATIONS(shop);\n",
                "#include <corm/migration.h>\n#include \"0002_b.h\"\nCORM_MIGRATIONS(shop,\n    "
                "0002_b,\n);\n");
    assert_list("#include \"0001_a.h\"\nCORM_MIGRATIONS(shop,\n    0001_a,\n);\n",
                "#include \"0001_a.h\"\n#include \"0002_b.h\"\nCORM_MIGRATIONS(shop,\n    "
                "0001_a,\n    0002_b,\n);\n");
    assert_list("#include \"0001_a.h\"\nCORM_MIGRATIONS(shop,\n    0001_a);\n",
                "#include \"0001_a.h\"\n#include \"0002_b.h\"\nCORM_MIGRATIONS(shop,\n    "
                "0001_a,\n    0002_b,\n);\n");
    assert_list(
        "/* CORM_MIGRATIONS(shop, x) */\n#include \"0001_a.h\"\n// the end "
        ")\nCORM_MIGRATIONS(shop, /* ) */\n    0001_a // \")\"\n);\nint x;\n",
        "/* CORM_MIGRATIONS(shop, x) */\n#include \"0001_a.h\"\n#include \"0002_b.h\"\n// the end "
        ")\nCORM_MIGRATIONS(shop, /* ) */\n    0001_a,\n    0002_b, // \")\"\n);\nint x;\n");
    corm_buffer out = { 0 };
    corm_error_info error;
    assert_int_equal(
        corm__write_list("shop", "CORM_MIGRATIONS(shopping, 0001_a);\n", "0002_b", &out, &error),
        CORM_ERROR_MIGRATION);
    assert_int_equal(
        corm__write_list("shop", "CORM_MIGRATIONS(shop, 0001_a\n", "0002_b", &out, &error),
        CORM_ERROR_MIGRATION);
    corm__buffer_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writer__compiles_and_reads_back),
        cmocka_unit_test(test_writer__looks_as_a_person_writes),
        cmocka_unit_test(test_writer__knows_no_name_of_a_c_function),
        cmocka_unit_test(test_writer__adds_to_a_list_that_a_person_edited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
