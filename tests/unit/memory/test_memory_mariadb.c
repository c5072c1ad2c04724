/* The MariaDB backend, with each allocation of its own failing in turn; those of the client library
 * stay as they are. Each run has a connection and tables of its own. */
#include "backend/mariadb_fixture.h"
#include "server_memory.h"

static const struct differs differs = {
    .indexes = (const corm_index[]){ { .name = "cheap", .columns = "price, title desc" }, { 0 } },
    .longer = { .kind = CORM_VARCHAR, .max_length = 30 },
    .begin = "DROP TABLE IF EXISTS recipes, t",
    .echo = "SELECT ?, ?, ? FROM seq_1_to_5",
    .many = "SELECT seq FROM seq_1_to_1500",
};

static int read_and_write_more(corm_conn *conn, corm_arena *arena, corm_error_info *error) {
    (void)arena;
    corm_stmt *stmt = NULL;
    int status = MARIADB->exec(conn, "CREATE TABLE t (a int)", error);
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
    return status;
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
