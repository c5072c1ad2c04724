/* What corm says a change costs, measured on a cold cache: about as many pages written as the table
 * has mean that its rows were written, as many read that they were looked at. */
#include "sqlite_fixture.h"
#include "backend/sqlite/driver.h"
#include "schema/schema.h"

static corm_arena arena;

static int setup(void **state) { return make_folder(state); }
static int teardown(void **state) {
    corm__arena_release(&arena);
    return remove_folder(state);
}

static const corm_table others = { .name = "others",
                                   .primary_key = "id",
                                   .columns = (const corm_column[]){
                                       { .name = "id", .kind = CORM_IDENTITY }, { 0 } } };
static const corm_table items = {
    .name = "items",
    .primary_key = "id",
    .columns =
        (const corm_column[]){
            { .name = "id", .kind = CORM_IDENTITY },
            { .name = "n", .kind = CORM_INTEGER, .null = true },
            { .name = "m", .kind = CORM_INTEGER, .default_value = CORM_DEFAULT(0) },
            { .name = "long", .kind = CORM_TEXT },
            { 0 } },
    .indexes = (const corm_index[]){ { .name = "items_m", .columns = "m" }, { 0 } },
    .constraints =
        (const corm_constraint[]){
            { .name = "items_check", .kind = CORM_CONSTRAINT_CHECK, .check = "m <> -1" }, { 0 } },
};

static int counter(corm_conn *conn, int which) {
    int now = 0, most = 0;
    assert_int_equal(sqlite3_db_status(conn->db, which, &now, &most, 0), SQLITE_OK);
    return now;
}

static void apply(corm_conn *conn, const char *name, const corm_change *change) {
    corm_error_info error = { 0 };
    corm_script script = { .arena = &arena, .error = &error };
    if (BACKEND->ddl(&script, change, conn)) fail_msg("%s: %s", name, error.message);
    if (script.foreign_keys_off) run(conn, "PRAGMA foreign_keys = OFF");
    run(conn, "BEGIN IMMEDIATE");
    for (size_t i = 0; i < script.n_steps; i++)
        if (BACKEND->exec(conn, script.steps[i].sql, &error))
            fail_msg("%s: %s: %s", name, script.steps[i].sql, error.message);
    run(conn, "COMMIT");
}

/* A database of its own for each change; the connection that measures has read nothing. */
static void measure(const char *name, corm_change change) {
    static int number;
    char file[100];
    corm_change_cost said;
    const corm_table tables[] = { others, items, { 0 } };
    const corm_schema before = { tables, 2 };
    snprintf(file, sizeof file, "%s/cost%d.db", folder, ++number);
    change.before = &items;
    change.schema_before = change.schema_after = &before;
    corm_conn *conn = open_database(file);
    for (int i = 0; i < 2; i++)
        apply(conn, "create", &(corm_change){ .kind = CORM_CREATE_TABLE, .after = &tables[i] });
    run(conn, "INSERT INTO items (n, m, \"long\") WITH RECURSIVE r(i) AS (VALUES (1) UNION ALL "
              "SELECT i + 1 FROM r WHERE i < 20000) SELECT i, i, hex(randomblob(100)) FROM r");
    int pages = (int)integer_of(conn, "SELECT page_count FROM pragma_page_count") * 8 / 10;
    BACKEND->close(conn);
    conn = open_database(file);
    assert_int_equal(BACKEND->cost(&change, BACKEND->version(conn), &said), 0);
    int written = counter(conn, SQLITE_DBSTATUS_CACHE_WRITE),
        read = counter(conn, SQLITE_DBSTATUS_CACHE_MISS);
    apply(conn, name, &change);
    written = counter(conn, SQLITE_DBSTATUS_CACHE_WRITE) - written,
    read = counter(conn, SQLITE_DBSTATUS_CACHE_MISS) - read;
    BACKEND->close(conn);
    corm_cost cost = written >= pages ? CORM_COST_REWRITE
                     : read >= pages  ? CORM_COST_SCAN
                                      : CORM_COST_INSTANT;
    if (cost != said.cost)
        fail_msg("%s: said %d, measured %d: of %d pages %d read and %d written", name, said.cost,
                 cost, pages, read, written);
    assert_int_equal(said.blocks_writes, cost != CORM_COST_INSTANT);
    assert_false(said.blocks_reads);
    assert_non_null(said.why);
}

static void add(const char *name, corm_column column, const corm_default *fill) {
    measure(name, (corm_change){ .kind = CORM_ADD_COLUMN,
                                 .after = corm__table_with_column(&arena, &items, &column),
                                 .column_after = &column,
                                 .fill = fill });
}

static void alter(const char *name, corm_column to) {
    measure(name, (corm_change){ .kind = CORM_ALTER_COLUMN,
                                 .after = corm__table_replace_column(&arena, &items, to.name, &to),
                                 .column_before = corm__column_find(&items, to.name),
                                 .column_after = &to });
}

static void test_cost__of_new_columns(void **state) {
    (void)state;
    const corm_default seven = CORM_DEFAULT(7);
    add("nullable", (corm_column){ .name = "c", .kind = CORM_TEXT, .null = true }, NULL);
    add("constant default",
        (corm_column){ .name = "c", .kind = CORM_INTEGER, .default_value = CORM_DEFAULT(5) }, NULL);
    add("foreign key",
        (corm_column){ .name = "c",
                       .kind = CORM_BIGINT,
                       .null = true,
                       .references = { .table = "others", .column = "id" } },
        NULL);
    add("clock",
        (corm_column){ .name = "c",
                       .kind = CORM_TIMESTAMP,
                       .default_value = CORM_DEFAULT_EXPRESSION("CURRENT_TIMESTAMP") },
        NULL);
    add("one-off value", (corm_column){ .name = "c", .kind = CORM_INTEGER }, &seven);
    add("generated",
        (corm_column){ .name = "c", .kind = CORM_INTEGER, .null = true, .generated = "m + 1" },
        NULL);
}

static void test_cost__of_other_columns(void **state) {
    (void)state;
    alter("type", (corm_column){ .name = "n", .kind = CORM_BIGINT, .null = true });
    alter("default",
          (corm_column){ .name = "m", .kind = CORM_INTEGER, .default_value = CORM_DEFAULT(9) });
    alter("comment",
          (corm_column){ .name = "n", .kind = CORM_INTEGER, .null = true, .comment = "x" });
    alter("not null", (corm_column){ .name = "n", .kind = CORM_INTEGER });
    alter("foreign key", (corm_column){ .name = "n",
                                        .kind = CORM_INTEGER,
                                        .null = true,
                                        .references = { .table = "others", .column = "id" } });
}

static void test_cost__of_the_rest(void **state) {
    (void)state;
    const corm_column *n = corm__column_find(&items, "n");
    corm_column renamed = *n;
    renamed.name = "renamed";
    const corm_index index = { .name = "i", .columns = "n" };
    const corm_constraint unique = { .name = "u",
                                     .kind = CORM_CONSTRAINT_UNIQUE,
                                     .columns = "id, n" };
    measure("rename column",
            (corm_change){ .kind = CORM_RENAME_COLUMN,
                           .after = corm__table_rename_column(&arena, &items, "n", "renamed"),
                           .column_before = n,
                           .column_after = &renamed });
    measure("remove column",
            (corm_change){ .kind = CORM_REMOVE_COLUMN,
                           .after = corm__table_without_column(&arena, &items, "n"),
                           .column_before = n });
    measure("add index", (corm_change){ .kind = CORM_ADD_INDEX,
                                        .after = corm__table_with_index(&arena, &items, &index),
                                        .index_after = &index });
    measure("remove index",
            (corm_change){ .kind = CORM_REMOVE_INDEX,
                           .after = corm__table_without_index(&arena, &items, "items_m"),
                           .index_before = &items.indexes[0] });
    measure("add unique",
            (corm_change){ .kind = CORM_ADD_CONSTRAINT,
                           .after = corm__table_with_constraint(&arena, &items, &unique),
                           .constraint_after = &unique });
    measure("remove check",
            (corm_change){ .kind = CORM_REMOVE_CONSTRAINT,
                           .after = corm__table_without_constraint(&arena, &items, "items_check"),
                           .constraint_before = &items.constraints[0] });
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cost__of_new_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cost__of_other_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cost__of_the_rest, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
