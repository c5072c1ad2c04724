/* The PostgreSQL backend, with each allocation of its own failing in turn; libpq's stay as they
 * are. Each run has a connection of its own, and what it did is rolled back when that closes. */
#include "backend/postgresql.h"
#include "server_memory.h"

static corm_conn *connect_anew(corm_error_info *error) {
    corm_conn *conn = NULL;
    if (pg_open(test_postgresql_url(), &conn, error)) return NULL;
    if (!PG->exec(conn, "BEGIN", error)) return conn;
    PG->close(conn);
    return NULL;
}

static const struct differs differs = {
    .indexes = (const corm_index[]){ { .name = "cheap",
                                       .columns = "price, title desc",
                                       .where = "price < 5.5",
                                       .include = "id" },
                                     { 0 } },
    .longer = { .kind = CORM_TEXT, .max_length = 20 },
};

static int read_and_write(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_conn *conn = connect_anew(error);
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

int main(void) {
    test_postgresql_url(); /* is not part of what is tried */
    const struct CMUnitTest tests[] = { SERVER_MEMORY_TESTS };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
