/* The PostgreSQL backend, with each allocation of its own failing in turn; libpq's stay as they
 * are. Each run has a connection of its own, and what it did is rolled back when that closes. */
#include "backend/postgresql.h"
#include "server_memory.h"

static const struct differs differs = {
    .indexes = (const corm_index[]){ { .name = "cheap",
                                       .columns = "price, title desc",
                                       .where = "price < 5.5",
                                       .include = "id" },
                                     { 0 } },
    .longer = { .kind = CORM_TEXT, .max_length = 20 },
    .begin = "BEGIN",
    .echo = "SELECT $1, $2, $3, $4::text[] FROM generate_series(1, 5)",
    .arrays = true,
    .many = "SELECT FROM generate_series(1, 2500)",
};

static int read_and_write_more(corm_conn *conn, corm_arena *arena, corm_error_info *error) {
    /* another statement while rows wait: they are kept */
    corm_stmt *stmt = NULL;
    corm_fetch fetch = { row_columns, 4, 1 };
    int status = pg_start(conn, differs.echo, row_values, 4, 0, &stmt, error);
    if (!status) status = PG->step(stmt, &fetch, (void *[]){ &row }, arena, error);
    if (status >= 0) status = PG->exec(conn, "CREATE TABLE t (a text)", error);
    while (!status && (status = PG->step(stmt, &fetch, (void *[]){ &row }, arena, error)) == 1)
        status = 0;
    PG->finalize(stmt);
    const char *names[] = { "a" };
    corm_kind kinds[] = { CORM_TEXT };
    int64_t rows;
    if (!status && !(status = PG->bulk_begin(conn, "t", names, kinds, 1, error))) {
        status = PG->bulk_row(conn, row_values, error);
        corm_error_info ignored;
        int ended = PG->bulk_end(conn, !status, &rows, status ? &ignored : error);
        if (!status) status = ended;
    }
    return status;
}

int main(void) {
    test_postgresql_url(); /* is not part of what is tried */
    const struct CMUnitTest tests[] = { SERVER_MEMORY_TESTS };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
