/* The PostgreSQL backend, with each allocation of its own failing in turn; libpq's stay as they
 * are. Each run has a connection of its own, and what it did is rolled back when that closes. */
#include "backend/postgresql.h"
#include "torture.h"

static corm_conn *connect_in_transaction(corm_error_info *error) {
    corm_conn *conn = NULL;
    if (pg_open(test_postgresql_url(), &conn, error)) return NULL;
    if (!PG->exec(conn, "BEGIN", error)) return conn;
    PG->close(conn);
    return NULL;
}

static int end(corm_conn *conn, corm_arena *arena, int status) {
    PG->close(conn);
    corm__arena_release(arena);
    return status < 0 ? status : 0;
}

static const corm_table recipes = {
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
    .indexes = (const corm_index[]){ { .name = "cheap",
                                       .columns = "price, title desc",
                                       .where = "price < 5.5",
                                       .include = "id" },
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
    int status = PG->ddl(&script, change, conn);
    for (size_t i = 0; i < script.n_steps && !status; i++)
        status = PG->exec(conn, script.steps[i].sql, error);
    return status;
}

static int change_and_introspect(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_schema schema;
    corm_conn *conn = connect_in_transaction(error);
    if (!conn) return error->status;
    corm_column columns[5];
    memcpy(columns, recipes.columns, sizeof columns);
    columns[1].kind = CORM_TEXT;
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
    if (!status) status = PG->introspect(conn, NULL, &arena, &schema, error);
    return end(conn, &arena, status);
}

static int run(corm_conn *conn, corm_arena *arena, const char *sql, const corm_value *values, int n,
               unsigned flags, const corm_fetch *fetch, void *row, corm_error_info *error) {
    corm_stmt *stmt = NULL;
    int status = pg_start(conn, sql, values, n, flags, &stmt, error);
    while (!status && (status = PG->step(stmt, fetch, (void *[]){ row }, arena, error)) == 1)
        status = 0;
    PG->finalize(stmt);
    return status;
}

static int read_and_write(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_conn *conn = connect_in_transaction(error);
    if (!conn) return error->status;
    struct row {
        const char *text;
        corm_blob blob;
        corm_array_text texts;
        corm_decimal decimal;
    } row;
    const corm_fetch_column columns[] = {
        { .kind = CORM_TEXT, .name = "t" },
        { .kind = CORM_BLOB, .offset = offsetof(struct row, blob), .name = "b" },
        { .kind = CORM_ARRAY,
          .element = CORM_TEXT,
          .offset = offsetof(struct row, texts),
          .name = "a" },
        { .kind = CORM_DECIMAL, .offset = offsetof(struct row, decimal), .name = "d" }
    };
    corm_fetch fetch = { columns, 4, 1 };
    corm_value values[] = { CORM_VALUE_TEXT("x"),
                            CORM_VALUE_BLOB("y", 1),
                            { .kind = CORM_ARRAY,
                              .element = CORM_TEXT,
                              .array = { (const char *const[]){ "a", "b" }, 2, false } },
                            CORM_VALUE_DECIMAL(corm_decimal_of(150, 2)) };
    static const char sql[] = "SELECT $1, $2, $3::text[], $4 FROM generate_series(1, 5)";
    int status = run(conn, &arena, sql, values, 4, 0, &fetch, &row, error);
    if (!status)
        status = run(conn, &arena, sql, values, 4, CORM_EXECUTE_STREAM, &fetch, &row, error);
    if (!status)
        status = run(conn, &arena, "SELECT FROM generate_series(1, 2500)", NULL, 0,
                     CORM_EXECUTE_STREAM, NULL, NULL, error);
    /* another statement while rows wait: they are kept */
    corm_stmt *stmt = NULL;
    if (!status) status = pg_start(conn, sql, values, 4, 0, &stmt, error);
    if (!status) status = PG->step(stmt, &fetch, (void *[]){ &row }, &arena, error);
    if (status >= 0) status = PG->exec(conn, "CREATE TABLE t (a text)", error);
    while (!status && (status = PG->step(stmt, &fetch, (void *[]){ &row }, &arena, error)) == 1)
        status = 0;
    PG->finalize(stmt);
    const char *names[] = { "a" };
    corm_kind kinds[] = { CORM_TEXT };
    int64_t rows;
    if (!status && !(status = PG->bulk_begin(conn, "t", names, kinds, 1, error))) {
        status = PG->bulk_row(conn, values, error);
        corm_error_info ignored;
        int ended = PG->bulk_end(conn, !status, &rows, status ? &ignored : error);
        if (!status) status = ended;
    }
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

int main(void) {
    test_postgresql_url(); /* is not part of what is tried */
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_memory__change_and_introspect),
                                        cmocka_unit_test(test_memory__read_and_write) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
