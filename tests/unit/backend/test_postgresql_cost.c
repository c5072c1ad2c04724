/* What corm says a change costs, measured: a file of its own for the table means that it was
 * rewritten, a sequential scan that it was read, and the strongest lock on it says who has to wait.
 */
#include "postgresql.h"
#include "schema/schema.h"
#include <stdlib.h>

static corm_conn *conn;
static corm_arena arena;

static const corm_table others = {
    .name = "others",
    .primary_key = "id",
    .columns = (const corm_column[]){ { .name = "id", CORM_IDENTITY },
                                      { .name = "name", CORM_TEXT },
                                      { 0 } },
};

#define COLUMNS                                                                                    \
    { .name = "id", CORM_IDENTITY }, { .name = "n", CORM_INTEGER, .null = true },                  \
        { .name = "m", CORM_INTEGER, .default_value = DEFAULT(0) },                                \
        { .name = "short", CORM_VARCHAR, 20 },                                                     \
        { .name = "price", CORM_DECIMAL, .digits = 8, .places = 2 },                               \
        { .name = "checked", CORM_VARCHAR, 20 }, { .name = "indexed", CORM_VARCHAR, 20 },          \
        { .name = "maybe", CORM_INTEGER, .null = true },                                           \
        { .name = "other_id", CORM_BIGINT, .null = true },                                         \
        { .name = "twice", CORM_INTEGER, .null = true, .generated = "m * 2" },                     \
        { .name = "tag", CORM_VARCHAR, 20, .null = true },                                         \
        { .name = "shout", CORM_TEXT, .null = true, .generated = "upper(tag)" },                   \
        { .name = "long", CORM_TEXT }, {                                                           \
        .name = "key_id", CORM_BIGINT, .null = true, .references = {.table = "others", "id" }      \
    }
static const corm_table items = {
    .name = "items",
    .primary_key = "id",
    .columns = (const corm_column[]){ COLUMNS, { 0 } },
    .indexes = (const corm_index[]){ { .name = "items_indexed", "indexed" }, { 0 } },
    .constraints =
        (const corm_constraint[]){
            { .name = "items_checked", CORM_CONSTRAINT_CHECK, .check = "checked <> 'no'" },
            { .name = "items_maybe", CORM_CONSTRAINT_CHECK, .check = "maybe IS NOT NULL" },
            { .name = "items_later", CORM_CONSTRAINT_CHECK, .check = "m > -9", .not_valid = true },
            { .name = "items_unique", CORM_CONSTRAINT_UNIQUE, "short, id" },
            { 0 } },
};

/* --- what happened --- */

static int64_t file(void) {
    return pg_number(conn, "SELECT pg_relation_filenode('items')::bigint");
}
static int64_t scans(void) {
    return pg_number(conn, "SELECT pg_stat_get_xact_numscans('items'::regclass)");
}
/* 1: readers wait; 2: writers do. */
static int64_t blocked(void) {
    return pg_number(conn, "SELECT coalesce(bit_or(CASE mode WHEN 'AccessExclusiveLock' THEN 3 "
                           "WHEN 'ExclusiveLock' THEN 2 WHEN 'ShareRowExclusiveLock' THEN 2 "
                           "WHEN 'ShareLock' THEN 2 ELSE 0 END), 0)::bigint FROM pg_locks WHERE "
                           "relation = 'items'::regclass AND pid = pg_backend_pid()");
}

static void measure(const char *name, const corm_change *change) {
    corm_error_info error;
    corm_change_cost said;
    corm_script script = { .arena = &arena, .version = PG->version(conn), .error = &error };
    assert_int_equal(PG->cost(change, script.version, &said), 0);
    pg_run(conn, "BEGIN");
    int64_t file_before = file(), scans_before = scans();
    if (PG->ddl(&script, change, conn)) fail_msg("%s: %s", name, error.message);
    for (size_t i = 0; i < script.n_steps; i++)
        if (PG->exec(conn, script.steps[i].sql, &error))
            fail_msg("%s: %s: %s", name, script.steps[i].sql, error.message);
    bool rewritten = file() != file_before, scanned = scans() != scans_before;
    int64_t waits = blocked();
    pg_run(conn, "ROLLBACK");
    corm_cost cost = rewritten ? CORM_COST_REWRITE : scanned ? CORM_COST_SCAN : CORM_COST_INSTANT;
    if (cost != said.cost) fail_msg("%s: said %d, measured %d", name, said.cost, cost);
    assert_non_null(said.why);
    if (cost == CORM_COST_INSTANT) {
        assert_false(said.blocks_reads || said.blocks_writes); /* for a moment alone */
        return;
    }
    if (said.blocks_reads != (waits & 1) || said.blocks_writes != !!(waits & 2))
        fail_msg("%s: said reads %d, writes %d; the lock: %d", name, said.blocks_reads,
                 said.blocks_writes, (int)waits);
}

/* --- the changes --- */

static corm_schema schema_of(const corm_table *table) {
    corm_table *tables = corm__arena_array(&arena, 3, sizeof *tables);
    tables[0] = others;
    tables[1] = *table;
    return (corm_schema){ tables, 2 };
}

static void run(const char *name, corm_change change) {
    corm_schema before = schema_of(change.before), after = schema_of(change.after);
    change.schema_before = &before;
    change.schema_after = &after;
    measure(name, &change);
}

static void add(const char *name, corm_column column, const corm_default *fill) {
    const corm_table *after = corm__table_with_column(&arena, &items, &column);
    run(name, (corm_change){ .kind = CORM_ADD_COLUMN,
                             .before = &items,
                             .after = after,
                             .column_after = &column,
                             .fill = fill });
}

static void alter(const char *name, corm_column to, const corm_default *fill) {
    const corm_column *from = corm__column_find(&items, to.name);
    const corm_table *after = corm__table_replace_column(&arena, &items, to.name, &to);
    run(name, (corm_change){ .kind = CORM_ALTER_COLUMN,
                             .before = &items,
                             .after = after,
                             .column_before = from,
                             .column_after = &to,
                             .fill = fill });
}

static void test_cost__of_new_columns(void **state) {
    (void)state;
    static const corm_default seven = DEFAULT(7);
    add("nullable", (corm_column){ .name = "c", CORM_TEXT, .null = true }, NULL);
    add("constant default", (corm_column){ .name = "c", CORM_INTEGER, .default_value = DEFAULT(5) },
        NULL);
    add("text default",
        (corm_column){ .name = "c", CORM_VARCHAR, 20, .default_value = DEFAULT("it's") }, NULL);
    add("stable default",
        (corm_column){ .name = "c", CORM_TIMESTAMP, .default_value = DEFAULT_SQL("now()") }, NULL);
    add("stable word",
        (corm_column){
            .name = "c", CORM_TIMESTAMP, .default_value = DEFAULT_SQL("CURRENT_TIMESTAMP") },
        NULL);
    add("volatile default",
        (corm_column){ .name = "c", CORM_UUID, .default_value = DEFAULT_SQL("gen_random_uuid()") },
        NULL);
    add("clock",
        (corm_column){
            .name = "c", CORM_TIMESTAMP, .default_value = DEFAULT_SQL("clock_timestamp()") },
        NULL);
    add("one-off value", (corm_column){ .name = "c", CORM_INTEGER }, &seven);
    add("generated", (corm_column){ .name = "c", CORM_INTEGER, .null = true, .generated = "m + 1" },
        NULL);
    add("identity", (corm_column){ .name = "c", CORM_IDENTITY }, NULL);
    add("foreign key, not valid",
        (corm_column){ .name = "c",
                       CORM_BIGINT,
                       .null = true,
                       .references = { .table = "others", "id", .not_valid = true } },
        NULL);
    add("foreign key",
        (corm_column){
            .name = "c", CORM_BIGINT, .null = true, .references = { .table = "others", "id" } },
        NULL);
}

static void test_cost__of_other_types(void **state) {
    (void)state;
    alter("longer varchar", (corm_column){ .name = "short", CORM_VARCHAR, 40 }, NULL);
    alter("varchar to text", (corm_column){ .name = "short", CORM_TEXT }, NULL);
    alter("indexed varchar to text", (corm_column){ .name = "indexed", CORM_TEXT }, NULL);
    alter("longer varchar under a generated column",
          (corm_column){ .name = "tag", CORM_VARCHAR, 40, .null = true }, NULL);
    alter("text to varchar", (corm_column){ .name = "long", CORM_VARCHAR, 40 }, NULL);
    alter("shorter varchar", (corm_column){ .name = "short", CORM_VARCHAR, 10 }, NULL);
    alter("checked longer varchar", (corm_column){ .name = "checked", CORM_VARCHAR, 40 }, NULL);
    alter("integer to bigint", (corm_column){ .name = "n", CORM_BIGINT, .null = true }, NULL);
    alter("bigger decimal",
          (corm_column){ .name = "price", CORM_DECIMAL, .digits = 10, .places = 2 }, NULL);
    alter("decimal of more places",
          (corm_column){ .name = "price", CORM_DECIMAL, .digits = 10, .places = 3 }, NULL);
    alter("collation", (corm_column){ .name = "long", CORM_TEXT, .collation = "C" }, NULL);
    alter("collation with an index",
          (corm_column){ .name = "indexed", CORM_VARCHAR, 20, .collation = "C" }, NULL);
    alter("other expression",
          (corm_column){ .name = "twice", CORM_INTEGER, .null = true, .generated = "m * 3" }, NULL);
}

static void test_cost__of_other_options(void **state) {
    (void)state;
    static const corm_default seven = DEFAULT(7);
    alter("default", (corm_column){ .name = "m", CORM_INTEGER, .default_value = DEFAULT(9) }, NULL);
    alter("comment",
          (corm_column){ .name = "m", CORM_INTEGER, .default_value = DEFAULT(0), .comment = "x" },
          NULL);
    alter("drop not null",
          (corm_column){ .name = "m", CORM_INTEGER, .null = true, .default_value = DEFAULT(0) },
          NULL);
    alter("not null", (corm_column){ .name = "n", CORM_INTEGER }, NULL);
    alter("not null with a check", (corm_column){ .name = "maybe", CORM_INTEGER }, NULL);
    alter("not null with a value", (corm_column){ .name = "n", CORM_INTEGER }, &seven);
    alter("new foreign key",
          (corm_column){ .name = "other_id",
                         CORM_BIGINT,
                         .null = true,
                         .references = { .table = "others", "id" } },
          NULL);
    alter("new foreign key, not valid",
          (corm_column){ .name = "other_id",
                         CORM_BIGINT,
                         .null = true,
                         .references = { .table = "others", "id", .not_valid = true } },
          NULL);
    alter("no foreign key", (corm_column){ .name = "key_id", CORM_BIGINT, .null = true }, NULL);
    alter("other foreign key",
          (corm_column){ .name = "key_id",
                         CORM_BIGINT,
                         .null = true,
                         .references = { .table = "others", "id", CORM_CASCADE } },
          NULL);
}

static void test_cost__of_the_rest(void **state) {
    (void)state;
    const corm_column *n = corm__column_find(&items, "n");
    corm_column renamed = *n;
    renamed.name = "renamed";
    corm_table table = items;
    table.name = "things";
    table.comment = "x";
    const corm_index index = { .name = "i", "n" }, *indexed = &items.indexes[0];
    const corm_constraint unique = { .name = "u", CORM_CONSTRAINT_UNIQUE, "id, n" },
                          check = { .name = "c", CORM_CONSTRAINT_CHECK, .check = "m >= 0" };
    run("rename column",
        (corm_change){ .kind = CORM_RENAME_COLUMN,
                       .before = &items,
                       .after = corm__table_rename_column(&arena, &items, "n", "renamed"),
                       .column_before = n,
                       .column_after = &renamed });
    run("remove column", (corm_change){ .kind = CORM_REMOVE_COLUMN,
                                        .before = &items,
                                        .after = corm__table_without_column(&arena, &items, "n"),
                                        .column_before = n });
    run("add index", (corm_change){ .kind = CORM_ADD_INDEX,
                                    .before = &items,
                                    .after = corm__table_with_index(&arena, &items, &index),
                                    .index_after = &index });
    run("remove index",
        (corm_change){ .kind = CORM_REMOVE_INDEX,
                       .before = &items,
                       .after = corm__table_without_index(&arena, &items, "items_indexed"),
                       .index_before = indexed });
    run("add unique", (corm_change){ .kind = CORM_ADD_CONSTRAINT,
                                     .before = &items,
                                     .after = corm__table_with_constraint(&arena, &items, &unique),
                                     .constraint_after = &unique });
    run("add check", (corm_change){ .kind = CORM_ADD_CONSTRAINT,
                                    .before = &items,
                                    .after = corm__table_with_constraint(&arena, &items, &check),
                                    .constraint_after = &check });
    run("remove check",
        (corm_change){ .kind = CORM_REMOVE_CONSTRAINT,
                       .before = &items,
                       .after = corm__table_without_constraint(&arena, &items, "items_checked"),
                       .constraint_before = &items.constraints[0] });
    corm_constraint later = check, valid = *corm__constraint_find(&items, "items_later");
    later.not_valid = true;
    run("check, not valid",
        (corm_change){ .kind = CORM_ADD_CONSTRAINT,
                       .before = &items,
                       .after = corm__table_with_constraint(&arena, &items, &later),
                       .constraint_after = &later });
    valid.not_valid = false;
    const corm_table *validated = corm__table_with_constraint(
        &arena, corm__table_without_constraint(&arena, &items, "items_later"), &valid);
    const corm_constraint *was = corm__constraint_find(&items, "items_later");
    run("validate", (corm_change){ .kind = CORM_VALIDATE_CONSTRAINT,
                                   .before = &items,
                                   .after = validated,
                                   .constraint_before = was,
                                   .constraint_after = &valid });
    run("validate by altering", (corm_change){ .kind = CORM_ALTER_CONSTRAINT,
                                               .before = &items,
                                               .after = validated,
                                               .constraint_before = was,
                                               .constraint_after = &valid });
    corm_index longer = *indexed;
    longer.columns = "indexed, n";
    run("alter index",
        (corm_change){
            .kind = CORM_ALTER_INDEX,
            .before = &items,
            .after = corm__table_with_index(
                &arena, corm__table_without_index(&arena, &items, "items_indexed"), &longer),
            .index_before = indexed,
            .index_after = &longer });
    corm_constraint other = unique;
    other.name = "items_unique";
    run("alter unique",
        (corm_change){
            .kind = CORM_ALTER_CONSTRAINT,
            .before = &items,
            .after = corm__table_with_constraint(
                &arena, corm__table_without_constraint(&arena, &items, "items_unique"), &other),
            .constraint_before = corm__constraint_find(&items, "items_unique"),
            .constraint_after = &other });
    table.name = items.name;
    run("comment", (corm_change){ .kind = CORM_ALTER_COMMENT, .before = &items, .after = &table });
    corm_table key = items;
    key.primary_key = "id, m";
    run("primary key",
        (corm_change){ .kind = CORM_ALTER_PRIMARY_KEY, .before = &items, .after = &key });
}

static int setup(void **state) {
    (void)state;
    conn = pg_connect();
    const corm_table *const tables[] = { &others, &items };
    corm_error_info error;
    for (int i = 0; i < 2; i++) {
        corm_script script = { .arena = &arena, .error = &error };
        if (PG->ddl(&script, &(corm_change){ .kind = CORM_CREATE_TABLE, .after = tables[i] }, conn))
            return -1;
        for (size_t s = 0; s < script.n_steps; s++)
            if (PG->exec(conn, script.steps[s].sql, &error))
                return print_error("%s\n", error.message), -1;
    }
    pg_run(conn, "INSERT INTO others (name) VALUES ('one')");
    pg_run(conn, "INSERT INTO items (n, m, short, price, checked, indexed, maybe, long) SELECT i, "
                 "i, 'a' || i % 1000, i % 100, 'yes', 'x' || i, 1, 'long' FROM "
                 "generate_series(1, 20000) i");
    /* of an empty table it would be valid at once */
    pg_run(conn, "ALTER TABLE items DROP CONSTRAINT items_later, ADD CONSTRAINT items_later CHECK "
                 "(m > -9) NOT VALID");
    pg_run(conn, "ANALYZE");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    pg_run(conn, "DROP TABLE items, others");
    corm__arena_release(&arena);
    PG->close(conn);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cost__of_new_columns),
        cmocka_unit_test(test_cost__of_other_types),
        cmocka_unit_test(test_cost__of_other_options),
        cmocka_unit_test(test_cost__of_the_rest),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
