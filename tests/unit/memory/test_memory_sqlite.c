/* The SQLite backend, with each allocation failing in turn: corm's, and those of SQLite itself,
 * which is told to use the same malloc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sqlite3.h>
#include "base/arena.h"
#include "base/error.h"
#include "schema/schema.h"
#include "torture.h"
#include <corm/backend.h>

#define BACKEND (&corm_backend_sqlite)

/* SQLite wants to know the size of a piece: it stands before it. */
enum { HEAD = 16 };
static void *sqlite_malloc(int size) {
    char *memory = malloc((size_t)size + HEAD);
    if (memory) memcpy(memory, &size, sizeof size);
    return memory ? memory + HEAD : NULL;
}
static void sqlite_free(void *memory) {
    if (memory) free((char *)memory - HEAD);
}
static int sqlite_size(void *memory) {
    int size = 0;
    if (memory) memcpy(&size, (char *)memory - HEAD, sizeof size);
    return size;
}
static void *sqlite_realloc(void *memory, int size) {
    char *moved = realloc((char *)memory - HEAD, (size_t)size + HEAD);
    if (moved) memcpy(moved, &size, sizeof size);
    return moved ? moved + HEAD : NULL;
}
static int sqlite_roundup(int size) { return (size + 7) & ~7; }
static int sqlite_init(void *unused) { (void)unused; return SQLITE_OK; }
static void sqlite_shutdown(void *unused) { (void)unused; }

static const corm_table users = { .name = "users",
                                  .primary_key = "id",
                                  .columns = (const corm_column[]){
                                      { .name = "id", .kind = CORM_IDENTITY },
                                      { .name = "email", .kind = CORM_VARCHAR, .max_length = 254 },
                                      { 0 } } };
static const corm_column recipe_columns[] = {
    { .name = "id", .kind = CORM_IDENTITY },
    { .name = "title", .kind = CORM_TEXT, .default_value = CORM_DEFAULT("x") },
    { .name = "price",
      .kind = CORM_DECIMAL,
      .digits = 18,
      .places = 2,
      .default_value = CORM_DEFAULT_EXPRESSION("1.5 * 2") },
    { .name = "wide",
      .kind = CORM_DECIMAL,
      .digits = 30,
      .places = 2,
      .default_value = CORM_DEFAULT("-1.5") },
    { .name = "day", .kind = CORM_DATE, .null = true },
    { .name = "user_id",
      .kind = CORM_BIGINT,
      .null = true,
      .references = { .table = "users", .column = "id" } },
    { 0 }
};
static const corm_index recipe_indexes[] = {
    { .name = "cheap", .columns = "price, title desc", .where = "price < 5.5" }, { 0 }
};
static const corm_constraint recipe_constraints[] = {
    { .name = "positive", .kind = CORM_CONSTRAINT_CHECK, .check = "price > 0" },
    { .name = "one", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "title, price" },
    { 0 }
};
static const corm_table recipes = { .name = "recipes",
                                    .primary_key = "id",
                                    .columns = recipe_columns,
                                    .indexes = recipe_indexes,
                                    .constraints = recipe_constraints };

static int apply(corm_conn *conn, corm_arena *arena, const corm_change *change,
                 corm_error_info *error) {
    corm_script script = { .arena = arena, .error = error };
    int status = BACKEND->ddl(&script, change, conn);
    for (size_t i = 0; i < script.n_steps && !status; i++)
        status = BACKEND->exec(conn, script.steps[i].sql, error);
    return status;
}

static corm_conn *open_memory(corm_error_info *error) {
    corm_conn *conn = NULL;
    corm_connect_options options = { .name = ":memory:", .cancel_fd = -1 };
    BACKEND->open(&options, &conn, error);
    return conn;
}

/* Gives SQLite's own memory back too, so that what is left is a leak. */
static int end(corm_conn *conn, corm_arena *arena, int status) {
    BACKEND->close(conn);
    corm__arena_release(arena);
    sqlite3_shutdown();
    return status;
}

static int create_rebuild_introspect(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_schema schema;
    corm_conn *conn = open_memory(error);
    if (!conn) return end(NULL, &arena, error->status);
    int status =
        apply(conn, &arena, &(corm_change){ .kind = CORM_CREATE_TABLE, .after = &users }, error);
    if (!status)
        status = apply(conn, &arena, &(corm_change){ .kind = CORM_CREATE_TABLE, .after = &recipes },
                       error);
    if (!status)
        status = BACKEND->exec(
            conn,
            "CREATE VIEW v AS SELECT * FROM recipes; CREATE VIEW broken AS SELECT * FROM gone;"
            "INSERT INTO recipes (title) VALUES ('a'); CREATE INDEX by_hand ON recipes (day)",
            error);
    const corm_column title = { .name = "title", .kind = CORM_VARCHAR, .max_length = 9 };
    corm_table *after =
        status ? NULL : corm__table_replace_column(&arena, &recipes, "title", &title);
    if (!status && !after) status = corm__fail_memory(error);
    if (!status)
        status = apply(conn, &arena,
                       &(corm_change){ .kind = CORM_ALTER_COLUMN,
                                       .before = &recipes,
                                       .after = after,
                                       .column_before = &recipe_columns[1],
                                       .column_after = &title },
                       error);
    if (!status) status = BACKEND->introspect(conn, NULL, &arena, &schema, error);
    if (!status) assert_int_equal(schema.n_tables, 2);
    return end(conn, &arena, status);
}

static int write_and_read(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_conn *conn = open_memory(error);
    corm_stmt *stmt = NULL;
    if (!conn) return end(NULL, &arena, error->status);
    int status = BACKEND->exec(conn,
                               "CREATE TABLE t (a TEXT UNIQUE, b DATE, c DECIMAL_TEXT(38, 2) "
                               "COLLATE corm_decimal, d BLOB)",
                               error);
    static const char insert[] = "INSERT INTO t VALUES (?1, ?2, ?3, ?4)";
    static const char query[] =
        "SELECT corm_upper(a) || corm_fold('ΛΌΓΟΣ'), b, corm_decimal_sum(c), d FROM t WHERE "
        "corm_regexp(a, '^x+$') AND corm_concat(a, b) <> ''";
    corm_value values[] = { CORM_VALUE_TEXT("xxx"), CORM_VALUE_DATE((corm_date){ 5 }),
                            CORM_VALUE_DECIMAL(((corm_decimal){ .low = 5, .high = 7, .scale = 2 })),
                            CORM_VALUE_BLOB("abc", 3) };
    if (!status) status = BACKEND->prepare(conn, insert, sizeof insert - 1, NULL, 4, &stmt, error);
    if (!status) status = BACKEND->execute(stmt, values, 4, 0, error);
    if (!status) status = BACKEND->step(stmt, NULL, NULL, NULL, error);
    if (!status) { /* once more: the row is there already, unless memory is out before that is seen
                    */
        status = BACKEND->execute(stmt, values, 4, 0, error);
        if (!status) status = BACKEND->step(stmt, NULL, NULL, NULL, error);
        status = status == CORM_ERROR_UNIQUE ? 0 : status;
    }
    BACKEND->finalize(stmt);
    stmt = NULL;
    struct { const char *a; corm_date b; corm_decimal c; corm_blob d; } out, *object = &out;
    const corm_fetch_column columns[] = {
        { .kind = CORM_TEXT },
        { .kind = CORM_DATE, .offset = (uint32_t)((char *)&out.b - (char *)&out) },
        { .kind = CORM_DECIMAL,
          .digits = 38,
          .places = 2,
          .offset = (uint32_t)((char *)&out.c - (char *)&out) },
        { .kind = CORM_BLOB, .offset = (uint32_t)((char *)&out.d - (char *)&out) }
    };
    if (!status) status = BACKEND->prepare(conn, query, sizeof query - 1, NULL, 0, &stmt, error);
    if (!status) status = BACKEND->execute(stmt, NULL, 0, 0, error);
    if (!status) {
        int got = BACKEND->step(stmt, &(corm_fetch){ columns, 4, 1 }, (void *[]){ object }, &arena,
                                error);
        status = got < 0 ? got : 0;
        if (got == 1) assert_int_equal(out.c.high, 7);
        if (got == 1) assert_string_equal(out.a, "XXXλόγοσ");
    }
    BACKEND->finalize(stmt);
    return end(conn, &arena, status);
}

static void test_sqlite__ddl_and_introspection(void **state) {
    (void)state;
    torture(create_rebuild_introspect);
}
static void test_sqlite__statements(void **state) { (void)state; torture(write_and_read); }

int main(void) {
    static const sqlite3_mem_methods methods = { sqlite_malloc,   sqlite_free,
                                                 sqlite_realloc,  sqlite_size,
                                                 sqlite_roundup,  sqlite_init,
                                                 sqlite_shutdown, NULL };
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK) return 1;
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_sqlite__ddl_and_introspection),
                                        cmocka_unit_test(test_sqlite__statements) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
