/* The backend of a server, with each allocation of its own failing in turn; those of the client
 * library stay as they are. One body, which each server's tests include. */
#pragma once
#include "torture.h"
#include "backend/server_backend.h"

/* What another server does in another way. */
static const struct differs {
    const corm_index *indexes;
    corm_column longer; /* kind and length that "title" changes to */
    const char *begin;  /* makes a new connection find nothing of an earlier run */
    const char *echo;   /* a query of five rows of its parameters: text, blob, decimal, texts */
    bool arrays;        /* the last of them is there */
    const char *many;   /* more rows than are read at a time */
} differs;
/* What else is read and written on the connection. */
static int read_and_write_more(corm_conn *conn, corm_arena *arena, corm_error_info *error);

static corm_conn *connect_anew(corm_error_info *error) {
    corm_conn *conn = NULL;
    if (backend_open(backend_url(), &conn, error)) return NULL;
    if (!BACKEND->exec(conn, differs.begin, error)) return conn;
    BACKEND->close(conn);
    return NULL;
}

static int end(corm_conn *conn, corm_arena *arena, int status) {
    BACKEND->close(conn);
    corm__arena_release(arena);
    return status < 0 ? status : 0;
}

static const corm_table table = {
    .name = "recipes",
    .primary_key = "id",
    .comment = "c",
    .columns = (const corm_column[]){ { .name = "id", .kind = CORM_IDENTITY },
                                      { .name = "title",
                                        .kind = CORM_VARCHAR,
                                        .max_length = 20,
                                        .default_value = CORM_DEFAULT("x\\"),
                                        .comment = "c" },
                                      { .name = "price",
                                        .kind = CORM_DECIMAL,
                                        .digits = 30,
                                        .places = 2,
                                        .default_value = CORM_DEFAULT("1.50") },
                                      { .name = "parent_id",
                                        .kind = CORM_BIGINT,
                                        .null = true,
                                        .references = { .table = "recipes", .column = "id" } },
                                      { 0 } },
    .constraints =
        (const corm_constraint[]){
            { .name = "positive", .kind = CORM_CONSTRAINT_CHECK, .check = "price > 0" },
            { .name = "one", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "title, price" },
            { 0 } },
};

static int apply(corm_conn *conn, corm_arena *arena, const corm_change *change,
                 corm_error_info *error) {
    corm_script script = { .arena = arena, .error = error };
    int status = BACKEND->ddl(&script, change, conn);
    for (size_t i = 0; i < script.n_steps && !status; i++)
        status = BACKEND->exec(conn, script.steps[i].sql, error);
    return status;
}

static int change_and_introspect(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_schema schema;
    corm_conn *conn = connect_anew(error);
    if (!conn) return error->status;
    corm_table recipes = table;
    recipes.indexes = differs.indexes;
    corm_column columns[5];
    memcpy(columns, recipes.columns, sizeof columns);
    columns[1].kind = differs.longer.kind;
    columns[1].max_length = differs.longer.max_length;
    columns[1].default_value = (corm_default)CORM_DEFAULT("y");
    columns[1].null = true;
    corm_table after = recipes;
    after.columns = columns;
    int status =
        apply(conn, &arena, &(corm_change){ .kind = CORM_CREATE_TABLE, .after = &recipes }, error);
    corm_change change = { .kind = CORM_ALTER_COLUMN,
                           .before = &recipes,
                           .after = &after,
                           .column_before = &recipes.columns[1],
                           .column_after = &columns[1] };
    if (!status) status = apply(conn, &arena, &change, error);
    change = (corm_change){ .kind = CORM_ALTER_COLUMN,
                            .before = &after,
                            .after = &recipes,
                            .column_before = &columns[1],
                            .column_after = &recipes.columns[1],
                            .fill = &(corm_default)CORM_DEFAULT("z") };
    if (!status) status = apply(conn, &arena, &change, error);
    if (!status) status = BACKEND->introspect(conn, NULL, &arena, &schema, error);
    return end(conn, &arena, status);
}

static int run(corm_conn *conn, corm_arena *arena, const char *sql, const corm_value *values, int n,
               unsigned flags, const corm_fetch *fetch, void *row, corm_error_info *error) {
    corm_stmt *stmt = NULL;
    int status = backend_start(conn, sql, values, n, flags, &stmt, error);
    while (!status && (status = BACKEND->step(stmt, fetch, (void *[]){ row }, arena, error)) == 1)
        status = 0;
    BACKEND->finalize(stmt);
    return status;
}

static struct row {
    const char *text;
    corm_blob blob;
    corm_decimal decimal;
    corm_array_text texts;
} row;
static const corm_fetch_column row_columns[] = {
    { .kind = CORM_TEXT, .name = "t" },
    { .kind = CORM_BLOB, .offset = offsetof(struct row, blob), .name = "b" },
    { .kind = CORM_DECIMAL, .offset = offsetof(struct row, decimal), .name = "d" },
    { .kind = CORM_ARRAY,
      .element = CORM_TEXT,
      .offset = offsetof(struct row, texts),
      .name = "a" }
};
static const corm_value row_values[] = {
    { .kind = CORM_TEXT, .text = "x" },
    { .kind = CORM_BLOB, .blob = { "y", 1 } },
    { .kind = CORM_DECIMAL, .decimal = { .low = 150, .scale = 2 } },
    { .kind = CORM_ARRAY,
      .element = CORM_TEXT,
      .array = { (const char *const[]){ "a", "b" }, 2, false } }
};

static int read_and_write(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_conn *conn = connect_anew(error);
    if (!conn) return error->status;
    int n = differs.arrays ? 4 : 3;
    corm_fetch fetch = { row_columns, (uint32_t)n, 1 };
    int status = run(conn, &arena, differs.echo, row_values, n, 0, &fetch, &row, error);
    if (!status)
        status = run(conn, &arena, differs.echo, row_values, n, CORM_EXECUTE_STREAM, &fetch, &row,
                     error);
    if (!status)
        status = run(conn, &arena, differs.many, NULL, 0, CORM_EXECUTE_STREAM, NULL, NULL, error);
    if (!status) status = read_and_write_more(conn, &arena, error);
    return end(conn, &arena, status);
}

static void test_memory__change_and_introspect(void **state) {
    (void)state;
    torture(change_and_introspect);
}

static void test_memory__read_and_write(void **state) {
    (void)state;
    torture(read_and_write);
}

#define SERVER_MEMORY_TESTS                                                                        \
    cmocka_unit_test(test_memory__change_and_introspect),                                          \
        cmocka_unit_test(test_memory__read_and_write)
