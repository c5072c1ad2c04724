/* The MariaDB backend, with each allocation of its own failing in turn; those of the client library
 * stay as they are. Each run has a connection and tables of its own. */
#include "backend/mariadb_fixture.h"
#include "server_memory.h"

static corm_conn *connect_anew(corm_error_info *error) {
    corm_conn *conn = NULL;
    if (my_open(test_mariadb_url(), &conn, error)) return NULL;
    if (!MARIADB->exec(conn, "DROP TABLE IF EXISTS recipes, t", error)) return conn;
    MARIADB->close(conn);
    return NULL;
}

static const struct differs differs = {
    .indexes = (const corm_index[]){ { .name = "cheap", .columns = "price, title desc" }, { 0 } },
    .longer = { .kind = CORM_VARCHAR, .max_length = 30 },
};

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

static void test_memory__connect(void **state) {
    (void)state;
    torture(connect_by_name);
    test_mariadb_run(test_mariadb_url(), "DROP DATABASE corm_made_by_a_test");
}

int main(void) {
    test_mariadb_url(); /* is not part of what is tried */
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_memory__connect),
                                        SERVER_MEMORY_TESTS };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
