/* usage: test_halfway sqlite|postgresql|mariadb
 * What can be known before the first statement is; and from a migration that stopped half-way there
 * is a way forwards and a way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "database.h"
#include "project.h"

static const corm_operation make_books[] = {
    { .kind = CORM_CREATE_TABLE,
      .table = "authors",
      .primary_key = "id",
      COLUMNS_OF(ID, { "name", .kind = CORM_VARCHAR, .max_length = 50 }) },
    { .kind = CORM_CREATE_TABLE,
      .table = "books",
      .primary_key = "id",
      COLUMNS_OF(ID, { "n", .kind = CORM_INTEGER },
                 { "author_id", .kind = CORM_BIGINT,
                   .references = { .table = "authors", .column = "id" } }) },
    { 0 }
};
static const char rows[] = "INSERT INTO authors (name) VALUES ('Ada');"
                           "INSERT INTO books (n, author_id) SELECT 7, id FROM authors";

/* --- known before the first statement --- */

#define TABLE_B                                                                                    \
    { .kind = CORM_CREATE_TABLE, .table = "b", .primary_key = "id", COLUMNS_OF(ID) }
#define REMOVE_N(...)                                                                              \
    { .kind = CORM_REMOVE_COLUMN, .table = "books", .name = "n", __VA_ARGS__ }

static void test_halfway__undoing_is_refused_before_anything_goes(void **state) {
    fixture *f = *state;
    project p;
    set(&p, make_books, LIST(REMOVE_N(), TABLE_B));
    OK(migrate_to(f, &p, "0001", false));
    OK(corm_exec(f->db, rows));
    OK(migrate_to(f, &p, NULL, false));
    assert_int_equal(migrate_to(f, &p, "0001", false), CORM_ERROR_NOT_NULL);
    assert_non_null(strstr(corm_error(f->db)->hint, ".fill"));
    assert_int_equal(number(f, "SELECT count(*) FROM b"), 0); /* it is there still */
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations WHERE journal IS NULL"), 2);
    OK(migrate_to(f, &p, NULL, false));
    set(&p, make_books, LIST(REMOVE_N(.fill = CORM_DEFAULT(3)), TABLE_B));
    OK(migrate_to(f, &p, "0001", false));
    assert_tables(f, &p, 1);
    assert_int_equal(number(f, "SELECT n FROM books"), 3);
}

/* The key of a table gets another type, and what refers to it does not. */
static void test_halfway__no_foreign_key_is_lost(void **state) {
    fixture *f = *state;
    project p;
    static const corm_operation alter_author = { .kind = CORM_ALTER_COLUMN,
                                                 .table = "books",
                                                 .column = { "author_id", .kind = CORM_INTEGER,
                                                             .references = { .table = "authors",
                                                                             .column = "id" } } };
    static const corm_operation alter_id = { .kind = CORM_ALTER_COLUMN,
                                             .table = "authors",
                                             .column = { "id", .kind = CORM_IDENTITY,
                                                         .element = CORM_INTEGER } };
    const corm_operation one[] = { TABLE_B, alter_author, { 0 } },
                         both[] = { TABLE_B, alter_author, alter_id, { 0 } };
    set(&p, make_books, one);
    OK(migrate_to(f, &p, "0001", false));
    OK(corm_exec(f->db, rows));
    if (f->db->backend->features->foreign_key_types) {
        assert_int_equal(migrate_to(f, &p, NULL, false), CORM_ERROR_MIGRATION);
        SAYS("books.author_id would be integer and refer to authors.id, which is identity");
        assert_tables(f, &p, 1);
        set(&p, make_books, both);
    }
    OK(migrate_to(f, &p, NULL, false));
    if (f->db->backend->features->identity_kinds) assert_tables(f, &p, 2);
    assert_int_not_equal(corm_exec(f->db, "INSERT INTO books (n, author_id) VALUES (1, 99)"), 0);
    OK(migrate_to(f, &p, "0001", false));
    assert_tables(f, &p, 1);
    assert_int_not_equal(corm_exec(f->db, "INSERT INTO books (n, author_id) VALUES (1, 99)"), 0);
}

/* --- the way out of one that stopped --- */

/* Its second operation fails: a unique key over rows that are alike. */
static const corm_operation failing[] = {
    TABLE_B,
    { .kind = CORM_ADD_COLUMN,
      .table = "books",
      .column = { "pages", .kind = CORM_INTEGER, .default_value = CORM_DEFAULT(1) } },
    { .kind = CORM_RUN_SQL,
      .sql = "UPDATE books SET n = n + 1",
      .reverse_sql = "UPDATE books SET n = n - 1" },
    { .kind = CORM_ADD_INDEX,
      .table = "books",
      .index = { "books_once", .columns = "pages", .unique = true } },
    { .kind = CORM_RUN_SQL, .sql = "UPDATE books SET n = n + 100" },
    { 0 }
};

static void prepare_failed(fixture *f, project *p) {
    set(p, make_books, failing);
    OK(migrate_to(f, p, "0001", false));
    OK(corm_exec(f->db, rows));
    OK(corm_exec(f->db, "INSERT INTO books (n, author_id) SELECT 8, id FROM authors"));
    assert_int_equal(migrate_to(f, p, NULL, false), CORM_ERROR_UNIQUE);
    if (!f->db->backend->features->transactional_ddl) {
        assert_int_equal(number(f, "SELECT min(n) FROM books"), 8);
        assert_int_equal(number(f, "SELECT count(*) FROM b"), 0);
    }
}

static void test_halfway__goes_back_from_a_migration_that_failed(void **state) {
    fixture *f = *state;
    project p;
    prepare_failed(f, &p);
    OK(migrate_to(f, &p, "0001", false));
    assert_tables(f, &p, 1);
    assert_int_equal(number(f, "SELECT min(n) FROM books"), 7);
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations"), 1);
    OK(corm_exec(f->db, "DELETE FROM books WHERE n = 8"));
    OK(migrate_to(f, &p, NULL, false));
    assert_tables(f, &p, 2);
    assert_int_equal(number(f, "SELECT n FROM books"), 108);
}

static void test_halfway__goes_on_from_a_migration_that_failed(void **state) {
    fixture *f = *state;
    project p;
    prepare_failed(f, &p);
    OK(corm_exec(f->db, "DELETE FROM books WHERE n IN (8, 9) AND id > 1"));
    OK(migrate_to(f, &p, NULL, false));
    assert_tables(f, &p, 2);
    assert_int_equal(number(f, "SELECT n FROM books"), 108);
}

/* The undoing fails in its second operation: the first one is done again. */
static void test_halfway__applies_again_what_failed_to_be_undone(void **state) {
    fixture *f = *state;
    project p;
    const corm_operation down[] = { { .kind = CORM_RUN_SQL,
                                      .sql = "UPDATE books SET n = n + 1",
                                      .reverse_sql = "UPDATE nowhere SET n = 1" },
                                    TABLE_B,
                                    { .kind = CORM_RUN_SQL,
                                      .sql = "UPDATE books SET n = n * 2",
                                      .reverse_sql = "UPDATE books SET n = n / 2" },
                                    { 0 } };
    set(&p, make_books, down);
    OK(migrate_to(f, &p, "0001", false));
    OK(corm_exec(f->db, rows));
    OK(migrate_to(f, &p, NULL, false));
    assert_int_equal(number(f, "SELECT n FROM books"), 16);
    assert_int_not_equal(migrate_to(f, &p, "0001", false), 0);
    if (!f->db->backend->features->transactional_ddl) {
        assert_int_equal(number(f, "SELECT n FROM books"), 8);
        assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations WHERE journal IS NULL"),
                         1);
    }
    OK(migrate_to(f, &p, NULL, false));
    assert_tables(f, &p, 2);
    assert_int_equal(number(f, "SELECT n FROM books"), 16);
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations WHERE journal IS NULL"), 2);
}

/* A person brought the tables to where they should be: --fake ends what was begun. */
static void test_halfway__fake_ends_what_was_begun(void **state) {
    fixture *f = *state;
    project p;
    prepare_failed(f, &p);
    OK(migrate_to(f, &p, NULL, true));
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations WHERE journal IS NULL"), 2);
    OK(migrate_to(f, &p, "0001", true));
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations"), 1);
}

static int statements_left;
static void kill_at(void *context, const char *sql, double seconds, int64_t affected, int status) {
    (void)context, (void)sql, (void)seconds, (void)affected, (void)status;
    if (--statements_left == 0) raise(SIGKILL);
}

/* Killed after each statement of the way forwards (or back), then the other way. */
static void turn_at_any_statement(fixture *f, project *p, bool back) {
    const char *there = back ? "0001" : NULL, *again = back ? NULL : "0001";
    for (int n = 1, ended = 0; !ended; n += 2) {
        OK(migrate_to(f, p, again, false));
        fflush(NULL);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            corm_db *db = corm_open_with(f->settings, NULL);
            fixture other = { .settings = f->settings, .db = db };
            statements_left = n;
            corm_watch(db, kill_at, NULL);
            _exit(migrate_to(&other, p, there, false) ? 1 : 0);
        }
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        ended = WIFEXITED(status);
        if (ended) assert_int_equal(WEXITSTATUS(status), 0);
        OK(migrate_to(f, p, again, false));
        assert_tables(f, p, back ? 2 : 1);
        assert_int_equal(
            number(f, "SELECT count(*) FROM books JOIN authors ON authors.id = books.author_id"),
            1);
        assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations WHERE journal IS NULL"),
                         back ? 2 : 1);
    }
}

static const corm_operation many[] = {
    TABLE_B,
    { .kind = CORM_RENAME_TABLE, .table = "b", .new_name = "c" },
    { .kind = CORM_ALTER_COLUMN,
      .table = "books",
      .column = { "n", .kind = CORM_VARCHAR, .max_length = 20 } },
    { .kind = CORM_ADD_COLUMN,
      .table = "books",
      .column = { "pages", .kind = CORM_INTEGER, .default_value = CORM_DEFAULT(1) } },
    { .kind = CORM_ADD_INDEX,
      .table = "books",
      .index = { "books_once", .columns = "pages", .unique = true } },
    { .kind = CORM_ALTER_COLUMN, .table = "books", .column = { "author_id", .kind = CORM_BIGINT } },
    { .kind = CORM_ALTER_COLUMN, .table = "authors", .column = { "name", .kind = CORM_TEXT } },
    { 0 }
};

static void test_halfway__turns_back_at_any_statement(void **state) {
    fixture *f = *state;
    project p;
    set(&p, make_books, many);
    OK(migrate_to(f, &p, "0001", false));
    OK(corm_exec(f->db, rows));
    turn_at_any_statement(f, &p, false);
}

static void test_halfway__turns_forwards_at_any_statement(void **state) {
    fixture *f = *state;
    project p;
    set(&p, make_books, many);
    OK(migrate_to(f, &p, "0001", false));
    OK(corm_exec(f->db, rows));
    turn_at_any_statement(f, &p, true);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_halfway__undoing_is_refused_before_anything_goes,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_halfway__no_foreign_key_is_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(test_halfway__goes_back_from_a_migration_that_failed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_halfway__goes_on_from_a_migration_that_failed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_halfway__applies_again_what_failed_to_be_undone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_halfway__fake_ends_what_was_begun, setup, teardown),
        cmocka_unit_test_setup_teardown(test_halfway__turns_back_at_any_statement, setup, teardown),
        cmocka_unit_test_setup_teardown(test_halfway__turns_forwards_at_any_statement, setup,
                                        teardown),
    };
    return run_on(argc, argv, "halfway", tests, sizeof tests / sizeof *tests);
}
