/* The MariaDB backend, with each allocation of its own failing in turn; those of the client library
 * stay as they are. Each run has a connection and tables of its own. */
#include "backend/mariadb_fixture.h"
#include "torture.h"

static corm_conn *connect_anew(corm_error_info *error) {
    corm_conn *conn = NULL;
    if (my_open(test_mariadb_url(), &conn, error)) return NULL;
    if (!MARIADB->exec(conn, "DROP TABLE IF EXISTS recipes, t", error)) return conn;
    MARIADB->close(conn);
    return NULL;
}

static int end(corm_conn *conn, corm_arena *arena, int status) {
    MARIADB->close(conn);
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
    .indexes = (const corm_index[]){ { .name = "cheap", .columns = "price, title desc" }, { 0 } },
    .constraints =
        (const corm_constraint[]){
            { .name = "positive", .kind = CORM_CONSTRAINT_CHECK, .check = "price > 0" },
            { .name = "one", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "title, price" },
            { 0 } },
};

static int apply(corm_conn *conn, corm_arena *arena, const corm_change *change,
                 corm_error_info *error) {
    corm_script script = { .arena = arena, .error = error };
    int status = MARIADB->ddl(&script, change, conn);
    for (size_t i = 0; i < script.n_steps && !status; i++)
        status = MARIADB->exec(conn, script.steps[i].sql, error);
    return status;
}

static int change_and_introspect(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_schema schema;
    corm_conn *conn = connect_anew(error);
    if (!conn) return error->status;
    corm_column columns[5];
    memcpy(columns, recipes.columns, sizeof columns);
    columns[1].max_length = 30;
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
    if (!status) status = MARIADB->introspect(conn, NULL, &arena, &schema, error);
    return end(conn, &arena, status);
}

static int run(corm_conn *conn, corm_arena *arena, const char *sql, const corm_value *values, int n,
               unsigned flags, const corm_fetch *fetch, void *row, corm_error_info *error) {
    corm_stmt *stmt = NULL;
    int status = my_start(conn, sql, values, n, flags, &stmt, error);
    while (!status && (status = MARIADB->step(stmt, fetch, (void *[]){ row }, arena, error)) == 1)
        status = 0;
    MARIADB->finalize(stmt);
    return status;
}

static int read_and_write(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_conn *conn = connect_anew(error);
    if (!conn) return error->status;
    struct row {
        const char *text;
        corm_blob blob;
        corm_decimal decimal;
    } row;
    const corm_fetch_column columns[] = {
        { .kind = CORM_TEXT, .name = "t" },
        { .kind = CORM_BLOB, .offset = offsetof(struct row, blob), .name = "b" },
        { .kind = CORM_DECIMAL, .offset = offsetof(struct row, decimal), .name = "d" }
    };
    corm_fetch fetch = { columns, 3, 1 };
    corm_value values[] = { CORM_VALUE_TEXT("x"), CORM_VALUE_BLOB("y", 1),
                            CORM_VALUE_DECIMAL(corm_decimal_of(150, 2)) };
    static const char sql[] = "SELECT ?, ?, ? FROM seq_1_to_5";
    int status = run(conn, &arena, sql, values, 3, 0, &fetch, &row, error);
    if (!status)
        status = run(conn, &arena, sql, values, 3, CORM_EXECUTE_STREAM, &fetch, &row, error);
    if (!status)
        status = run(conn, &arena, "SELECT seq FROM seq_1_to_1500", NULL, 0, CORM_EXECUTE_STREAM,
                     NULL, NULL, error);
    corm_stmt *stmt = NULL;
    if (!status) status = MARIADB->exec(conn, "CREATE TABLE t (a int)", error);
    if (!status) status = my_start(conn, "SELECT * FROM t", NULL, 0, 0, &stmt, error);
    if (stmt) MARIADB->reset(stmt);
    if (!status) status = MARIADB->exec(conn, "ALTER TABLE t ADD COLUMN b int", error);
    if (!status) status = MARIADB->execute(stmt, NULL, 0, 0, error);
    MARIADB->finalize(stmt);
    if (!status) {
        char holder[100];
        status = MARIADB->lock_try(conn, "name", holder, sizeof holder, error);
        if (status > 0) status = MARIADB->ready(conn, true, error);
    }
    return end(conn, &arena, status);
}

static int connect_by_name(corm_error_info *error) {
    corm_connect_options options = my_options(test_mariadb_url());
    corm_conn *conn = NULL;
    corm_arena arena = { 0 };
    corm_client client;
    options.parameters =
        (corm_parameter[]){ { "statement_timeout", "1000" }, { "lock_timeout", "1000" }, { 0 } };
    int status = MARIADB->open(&options, &conn, error);
    MARIADB->close(conn);
    options.parameters =
        (corm_parameter[]){ { "sslmode", "require" }, { "sslrootcert", "/x" }, { 0 } };
    options.password = "x";
    if (!status)
        status = MARIADB->client(&options, (const char *const[]){ "-e", "SELECT 1", NULL }, &arena,
                                 &client, error);
    options = my_options(test_mariadb_url());
    options.name = "corm_made_by_a_test";
    if (!status) status = MARIADB->create_database(&options, error);
    corm__arena_release(&arena);
    return status;
}

static void test_memory__change_and_introspect(void **state) {
    (void)state;
    torture(change_and_introspect);
}

static void test_memory__read_and_write(void **state) {
    (void)state;
    torture(read_and_write);
}

static void test_memory__connect(void **state) {
    (void)state;
    torture(connect_by_name);
    test_mariadb_run(test_mariadb_url(), "DROP DATABASE corm_made_by_a_test");
}

int main(void) {
    test_mariadb_url(); /* is not part of what is tried */
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_memory__connect),
                                        cmocka_unit_test(test_memory__change_and_introspect),
                                        cmocka_unit_test(test_memory__read_and_write) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
