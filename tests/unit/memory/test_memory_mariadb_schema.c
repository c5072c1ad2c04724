/* DDL and introspection on MariaDB, with each allocation of corm failing in turn; libmariadb's stay
 * as they are. Scripts are written and not run, so that each run finds the same tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "mariadb_server.h"
#include "migrate/state/operations.h"
#include "torture.h"

#define DB (&corm_backend_mariadb)
#define COLUMN(...) .column = { __VA_ARGS__ }

static const corm_operation base[] = {
    { .kind = CORM_CREATE_TABLE,
      .table = "users",
      .primary_key = "id",
      .comment = "who",
      .columns = (const corm_column[]){ { "id", .kind = CORM_IDENTITY },
                                        { "name", .kind = CORM_VARCHAR, .max_length = 20,
                                          .collation = "utf8mb4_bin" },
                                        { 0 } } },
    { .kind = CORM_CREATE_TABLE,
      .table = "books",
      .primary_key = "id",
      .columns =
          (const corm_column[]){
              { "id", .kind = CORM_IDENTITY, .comment = "c" },
              { "title", .kind = CORM_TEXT, .default_value = CORM_DEFAULT("it's \\") },
              { "mark", .kind = CORM_UUID,
                .default_value = CORM_DEFAULT("00112233-4455-6677-8899-aabbccddeeff") },
              { "at", .kind = CORM_TIMESTAMP, .default_value = CORM_DEFAULT_EXPRESSION("now()") },
              { "data", .kind = CORM_JSON, .null = true },
              { "big", .kind = CORM_TEXT, .generated = "upper(title) || 'x'" },
              { "good", .kind = CORM_BOOLEAN, .default_value = CORM_DEFAULT(1) },
              { "user_id", .kind = CORM_BIGINT, .null = true,
                .references = { .table = "users", .column = "id", .name = "books_of" } },
              { "reader_id", .kind = CORM_BIGINT, .null = true,
                .references = { .table = "users", .column = "id" } },
              { 0 } },
      .indexes = (const corm_index[]){ { "books_title", .columns = "title, at desc" }, { 0 } },
      .constraints = (const corm_constraint[]){ { "books_once", .kind = CORM_CONSTRAINT_UNIQUE,
                                                  .columns = "title" },
                                                { "books_check", .kind = CORM_CONSTRAINT_CHECK,
                                                  .check = "NOT good OR length(title) > 3" },
                                                { 0 } } },
};
static const corm_operation operations[] = {
    { .kind = CORM_CREATE_TABLE,
      .table = "more",
      .primary_key = "id",
      .comment = "c",
      .columns = (const corm_column[]){ { "id", .kind = CORM_IDENTITY },
                                        { "n", .kind = CORM_DECIMAL, .digits = 5, .places = 2,
                                          .default_value = CORM_DEFAULT("1.5") },
                                        { 0 } } },
    { .kind = CORM_RENAME_TABLE, .table = "books", .new_name = "volumes" },
    { .kind = CORM_ADD_COLUMN,
      .table = "books",
      COLUMN("n", .kind = CORM_INTEGER),
      .fill = CORM_DEFAULT(5) },
    { .kind = CORM_ADD_COLUMN,
      .table = "books",
      COLUMN("other_id", .kind = CORM_BIGINT, .null = true,
             .references = { .table = "users", .column = "id" }) },
    { .kind = CORM_REMOVE_COLUMN, .table = "books", .name = "user_id" },
    { .kind = CORM_ALTER_COLUMN, .table = "books", COLUMN("mark", .kind = CORM_TEXT) },
    { .kind = CORM_ALTER_COLUMN,
      .table = "books",
      COLUMN("data", .kind = CORM_TEXT),
      .fill = CORM_DEFAULT("{}") },
    { .kind = CORM_ALTER_COLUMN, .table = "users", COLUMN("id", .kind = CORM_INTEGER) },
    { .kind = CORM_ALTER_COLUMN, .table = "books", COLUMN("good", .kind = CORM_BOOLEAN) },
    { .kind = CORM_RENAME_COLUMN, .table = "books", .name = "reader_id", .new_name = "lender_id" },
    { .kind = CORM_ADD_INDEX,
      .table = "books",
      .index = { "more", .columns = "reader_id, title" } },
    { .kind = CORM_REMOVE_INDEX, .table = "books", .name = "books_title" },
    { .kind = CORM_ADD_CONSTRAINT,
      .table = "books",
      .constraint = { "more", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "reader_id" } },
    { .kind = CORM_REMOVE_CONSTRAINT, .table = "books", .name = "books_check" },
    { .kind = CORM_ALTER_COMMENT, .table = "books", .comment = "c" },
    { .kind = CORM_ALTER_PRIMARY_KEY, .table = "books", .primary_key = "user_id, id" },
    { .kind = CORM_DELETE_TABLE, .table = "books" },
};
enum { CHANGES = sizeof operations / sizeof *operations, TABLES = sizeof base / sizeof *base };

static corm_arena arena;
static corm_change changes[CHANGES];
static char host[256], name[64], user[64];

static corm_conn *open_connection(corm_error_info *error) {
    corm_connect_options options = {
        .host = host, .name = name, .user = user, .timeout_ms = 10000, .cancel_fd = -1
    };
    corm_conn *conn = NULL;
    return DB->open(&options, &conn, error) ? NULL : conn;
}

static int write_scripts(corm_error_info *error) {
    corm_arena own = { 0 };
    corm_conn *conn = open_connection(error);
    if (!conn) return error->status;
    int status = 0;
    for (size_t i = 0; i < CHANGES && !status; i++) {
        corm_script script = { .arena = &own, .error = error };
        status = DB->ddl(&script, &changes[i], conn);
    }
    DB->close(conn);
    corm__arena_release(&own);
    return status;
}

static int introspect(corm_error_info *error) {
    corm_arena own = { 0 };
    corm_schema schema;
    corm_conn *conn = open_connection(error);
    if (!conn) return error->status;
    int status = DB->introspect(conn, NULL, &own, &schema, error);
    if (!status) assert_int_equal(schema.n_tables, TABLES + 1);
    DB->close(conn);
    corm__arena_release(&own);
    return status;
}

static void test_memory__write_scripts(void **state) {
    (void)state;
    torture(write_scripts);
}

static void test_memory__introspect(void **state) {
    (void)state;
    torture(introspect);
}

/* The tables, and one that another tool made. */
static int setup(void **state) {
    (void)state;
    const char *url = test_mariadb_url();
    corm_error_info error;
    corm_schema schema = { 0 };
    snprintf(host, sizeof host, "%s", test_mariadb_part(url, "host"));
    snprintf(name, sizeof name, "%s", test_mariadb_part(url, "name"));
    snprintf(user, sizeof user, "%s", test_mariadb_part(url, "user"));
    corm_conn *conn = open_connection(&error);
    assert_non_null(conn);
    for (size_t i = 0; i < TABLES; i++) {
        corm_change change;
        corm_script script = { .arena = &arena, .error = &error };
        assert_int_equal(corm__operation_apply(&base[i], "", &schema, &arena, &change, &error), 0);
        assert_int_equal(DB->ddl(&script, &change, conn), 0);
        for (size_t k = 0; k < script.n_steps; k++)
            if (DB->exec(conn, script.steps[k].sql, &error)) fail_msg("%s", error.message);
    }
    test_mariadb_run(
        url, "CREATE TABLE old (id int AUTO_INCREMENT PRIMARY KEY, e enum('a', 'b') DEFAULT 'a', b "
             "binary(3) DEFAULT X'616263', age int CHECK (age > 0), t text, FULLTEXT KEY (t))");
    for (size_t i = 0; i < CHANGES; i++) {
        corm_schema now = schema;
        if (corm__operation_apply(&operations[i], "", &now, &arena, &changes[i], &error))
            fail_msg("%zu: %s", i, error.message);
    }
    DB->close(conn);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    corm__arena_release(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_memory__write_scripts),
                                        cmocka_unit_test(test_memory__introspect) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
