/* usage: test_executor_resume sqlite|postgresql|mariadb [STRIDE]
 * Migrations that no transaction holds: killed after every STRIDE-th statement (1: every one),
 * forwards and backwards, and gone on with; failed, mended and gone on with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "database.h"
#include "killed.h"
#include "migrate/execute/migrate.h"
#include "migrate/execute/split_sql.h"

static int stride = 1;

/* --- the migrations --- */

#define COLUMNS_OF(...) .columns = (const corm_column[]){ __VA_ARGS__, { 0 } }
#define ID { "id", .kind = CORM_IDENTITY }

static int number_authors(const corm_migration_run *run) {
    assert_non_null(corm__table_find(run->schema, "authors"));
    assert_non_null(corm__column_find(corm__table_find(run->schema, "authors"), "born"));
    int status = corm_exec(run->db, "UPDATE authors SET age = age + 1");
    for (uint64_t i = 1; i <= 2; i++) run->progress(run, i, 2);
    return status;
}
static int unnumber_authors(const corm_migration_run *run) {
    return corm_exec(run->db, "UPDATE authors SET age = age - 1");
}

static const corm_operation make_tables[] = {
    { .kind = CORM_CREATE_TABLE,
      .table = "authors",
      .model = "Author",
      .primary_key = "id",
      COLUMNS_OF(ID, { "name", .kind = CORM_VARCHAR, .max_length = 50 },
                 { "age", .kind = CORM_INTEGER, .null = true }) },
    { .kind = CORM_CREATE_TABLE,
      .table = "books",
      .model = "Book",
      .primary_key = "id",
      COLUMNS_OF(
          ID, { "title", .kind = CORM_TEXT },
          { "author_id", .kind = CORM_BIGINT,
            .references = { .table = "authors", .column = "id", .on_delete = CORM_CASCADE } }),
      .indexes = (const corm_index[]){ { "books_author_idx", .columns = "author_id" }, { 0 } } },
    { 0 }
};
static const corm_operation change_tables[] = {
    { .kind = CORM_RUN_SQL,
      .sql = "INSERT INTO authors (name, age) VALUES ('Ada;', 30), ('Émile', 40); -- two; of "
             "them\n INSERT INTO books (title, author_id) SELECT 'Notes', id FROM authors;",
      .reverse_sql = "DELETE FROM books; DELETE FROM authors" },
    { .kind = CORM_ADD_COLUMN,
      .table = "authors",
      .column = { "born", .kind = CORM_INTEGER },
      .fill = CORM_DEFAULT(1900) },
    { .kind = CORM_RUN_C, .run = number_authors, .reverse = unnumber_authors },
    { .kind = CORM_ALTER_COLUMN,
      .table = "authors",
      .column = { "age", .kind = CORM_BIGINT },
      .fill = CORM_DEFAULT(7) },
    { .kind = CORM_ALTER_COLUMN,
      .table = "authors",
      .column = { "name", .kind = CORM_VARCHAR, .max_length = 60 } },
    { .kind = CORM_ADD_INDEX,
      .table = "authors",
      .index = { "authors_name_idx", .columns = "name" },
      .concurrently = true },
    { .kind = CORM_ADD_CONSTRAINT,
      .table = "authors",
      .constraint = { "authors_born_check", .kind = CORM_CONSTRAINT_CHECK, .check = "born > 0" } },
    { .kind = CORM_RENAME_COLUMN, .table = "authors", .name = "name", .new_name = "full_name" },
    { .kind = CORM_RENAME_TABLE, .table = "books", .new_name = "volumes" },
    { .kind = CORM_RUN_SQL,
      .sql = "UPDATE authors SET born = born + 1; UPDATE authors SET born = born + 10",
      .reverse_sql = "UPDATE authors SET born = born - 11" },
    { .kind = CORM_REMOVE_INDEX,
      .table = "authors",
      .name = "authors_name_idx",
      .concurrently = true },
    { 0 }
};
static const char *const after_first[] = { "library.0001_initial", NULL };
static const corm_migration_body first = { .operations = make_tables, .outside_transaction = true };
static const corm_migration_body second = { .depends_on = after_first,
                                            .operations = change_tables,
                                            .outside_transaction = true };
static const corm_migration migrations[] = { { "library", "0001_initial", &first },
                                             { "library", "0002_change", &second },
                                             { 0 } };
static const corm_app library = { .name = "library", .migrations = migrations };
static const corm_app *const apps[] = { &library, NULL };

static int migrate_apps(fixture *f, const corm_app *const *of, const char *target,
                        const char *said) {
    corm_migrate_options options = { .app = "library", .target = target };
    int status = corm__migrate(f->db, f->settings, NULL, of, &options, NULL);
    if (status && !said)
        print_error("%s [%s] %s\n", corm_error(f->db)->message, corm_error(f->db)->hint,
                    corm_error(f->db)->sql);
    if (said && !strstr(corm_error(f->db)->message, said))
        fail_msg("\"%s\" is not in: %s", said, corm_error(f->db)->message);
    return status;
}
static int migrate_to(fixture *f, const char *target) {
    return migrate_apps(f, apps, target, NULL);
}

/* The tables are as the first n migrations make them. */
static void assert_state(fixture *f, size_t n) {
    corm_schema expected, found;
    char difference[300] = "";
    corm_graph *graph = corm__graph_load(apps, &f->arena, &f->error);
    assert_int_equal(corm__graph_state(graph, n, &f->arena, &expected, &f->error), 0);
    assert_int_equal(f->db->backend->introspect(f->db->conn, NULL, &f->arena, &found, &f->error),
                     0);
    size_t others = 0;
    for (size_t i = 0; i < found.n_tables; i++)
        others += strncmp(found.tables[i].name, "corm_", 5) == 0;
    assert_int_equal(found.n_tables - others, expected.n_tables);
    for (size_t i = 0; i < expected.n_tables; i++) {
        const corm_table *table = corm__table_find(&found, expected.tables[i].name);
        assert_non_null(table);
        bool same = corm__table_equal(table, &expected.tables[i], difference, sizeof difference);
        if (!same) print_error("%s: %s\n", table->name, difference);
        assert_true(same);
    }
}

/* All of the second migration, and each step of it on rows once. */
static void assert_whole(fixture *f) {
    assert_state(f, 2);
    assert_int_equal(number(f, "SELECT count(*) FROM authors"), 2);
    assert_int_equal(number(f, "SELECT count(*) FROM authors WHERE born = 1911 AND age IN (31, 41) "
                               "AND full_name IN ('Ada;', 'Émile')"),
                     2);
    assert_int_equal(number(f, "SELECT count(*) FROM volumes WHERE title = 'Notes'"), 2);
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations WHERE journal IS NULL"), 2);
}

/* --- killed --- */

static void test_executor_resume__forwards(void **state) {
    fixture *f = *state;
    bool ended = false;
    int killed = 0, half = 0;
    for (int n = 1; !ended; n += stride) {
        ended = migrate_in_child(f, apps, NULL, n);
        killed += !ended;
        if (n > 10 && !ended)
            half += number(f, "SELECT count(*) FROM corm_migrations WHERE journal IS NOT NULL") > 0;
        assert_int_equal(migrate_to(f, NULL), 0);
        assert_whole(f);
        if (!ended) assert_int_equal(migrate_to(f, "zero"), 0);
    }
    print_message("killed %d times, %d of them in the middle of a migration\n", killed, half);
    assert_true(half > 30 / stride);
}

static void test_executor_resume__backwards(void **state) {
    fixture *f = *state;
    bool ended = false;
    int killed = 0;
    for (int n = 1; !ended; n += stride) {
        assert_int_equal(migrate_to(f, NULL), 0);
        ended = migrate_in_child(f, apps, "zero", n);
        killed += !ended;
        assert_int_equal(migrate_to(f, "zero"), 0);
        assert_state(f, 0);
        assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations"), 0);
    }
    print_message("killed %d times\n", killed);
    assert_true(killed > 30 / stride);
    assert_int_equal(migrate_to(f, NULL), 0);
    assert_whole(f);
}

/* --- failed, mended --- */

#define SHELVES                                                                                    \
    {                                                                                              \
        .kind = CORM_CREATE_TABLE, .table = "shelves", .primary_key = "id",                        \
        COLUMNS_OF(ID, { "name", .kind = CORM_VARCHAR, .max_length = 20 })                         \
    }
#define LIST(list, operations_)                                                                    \
    static const corm_migration_body list##_body = { .depends_on = after_first,                    \
                                                     .operations = operations_,                    \
                                                     .outside_transaction = true };                \
    static const corm_migration list##_list[] = { { "library", "0001_initial", &first },           \
                                                  { "library", "0002_shelves", &list##_body },     \
                                                  { 0 } };                                         \
    static const corm_app list##_app = { .name = "library", .migrations = list##_list };           \
    static const corm_app *const list[] = { &list##_app, NULL }

static const corm_operation shelves_wrong[] = {
    SHELVES,
    { .kind = CORM_RUN_SQL,
      .sql = "INSERT INTO shelves (name) VALUES ('a'); INSERT INTO nowhere VALUES (1)",
      .reverse_sql = "" },
    { 0 }
};
static const corm_operation shelves_mended[] = {
    SHELVES,
    { .kind = CORM_RUN_SQL,
      .sql = "INSERT INTO shelves (name) VALUES ('a'); INSERT INTO shelves (name) VALUES ('b')",
      .reverse_sql = "" },
    { 0 }
};
static const corm_operation shelves_other[] = {
    { .kind = CORM_CREATE_TABLE, .table = "shelves", .primary_key = "id", COLUMNS_OF(ID) },
    { .kind = CORM_RUN_SQL, .sql = "INSERT INTO shelves (id) VALUES (1)", .reverse_sql = "" },
    { 0 }
};
static const corm_operation shelves_fails[] = {
    SHELVES,
    { .kind = CORM_RUN_SQL, .sql = "INSERT INTO nowhere VALUES (1)", .reverse_sql = "" },
    { 0 }
};
static const corm_operation shelves_right[] = {
    SHELVES,
    { .kind = CORM_RUN_SQL, .sql = "INSERT INTO shelves (name) VALUES ('c')", .reverse_sql = "" },
    { 0 }
};
static const corm_operation shelves_key[] = {
    SHELVES,
    { .kind = CORM_ADD_COLUMN,
      .table = "books",
      .column = { "shelf_id", .kind = CORM_BIGINT, .null = true } },
    { .kind = CORM_RUN_SQL,
      .sql = "INSERT INTO authors (name) VALUES ('Ada'); INSERT INTO books (title, author_id, "
             "shelf_id) SELECT 'Notes', id, 1 FROM authors",
      .reverse_sql = "" },
    { .kind = CORM_ALTER_COLUMN,
      .table = "books",
      .column = { "shelf_id", .kind = CORM_BIGINT, .null = true,
                  .references = { .table = "shelves", .column = "id" } } },
    { 0 }
};
LIST(wrong, shelves_wrong);
LIST(mended, shelves_mended);
LIST(other, shelves_other);
LIST(fails, shelves_fails);
LIST(right, shelves_right);
LIST(key, shelves_key);

static void test_executor_resume__a_failed_statement_may_be_mended(void **state) {
    fixture *f = *state;
    assert_int_equal(migrate_apps(f, fails, NULL, "library.0002_shelves: Run SQL: "),
                     CORM_ERROR_NO_TABLE);
    assert_int_equal(migrate_apps(f, fails, NULL, "library.0002_shelves: Run SQL: "),
                     CORM_ERROR_NO_TABLE);
    assert_int_equal(migrate_apps(f, right, NULL, NULL), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM shelves WHERE name = 'c'"), 1);
}

static void test_executor_resume__what_is_done_may_not_be_edited(void **state) {
    fixture *f = *state;
    assert_int_equal(migrate_apps(f, wrong, NULL, "library.0002_shelves: Run SQL: "),
                     CORM_ERROR_NO_TABLE);
    assert_int_equal(number(f, "SELECT count(*) FROM shelves"), 1);
    assert_int_equal(migrate_apps(f, other, NULL,
                                  "library.0002_shelves: it was begun and not finished, and what "
                                  "is done of it was edited since"),
                     CORM_ERROR_MIGRATION);
    assert_int_equal(migrate_apps(f, mended, NULL, "edited since: operations 1 to 2"),
                     CORM_ERROR_MIGRATION);
    assert_int_equal(corm_exec(f->db, "CREATE TABLE nowhere (a integer)"), 0);
    assert_int_equal(migrate_apps(f, wrong, NULL, NULL), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM shelves"), 1);
    assert_int_equal(number(f, "SELECT count(*) FROM nowhere"), 1);
}

/* Rows that refer to nothing are found though no transaction holds the migration. */
static void test_executor_resume__a_new_foreign_key_holds(void **state) {
    fixture *f = *state;
    assert_int_equal(migrate_apps(f, key, NULL, "library.0002_shelves: Alter column shelf_id"),
                     CORM_ERROR_FOREIGN_KEY);
    assert_int_equal(corm_exec(f->db, "INSERT INTO shelves (name) VALUES ('a')"), 0);
    assert_int_equal(migrate_apps(f, key, NULL, NULL), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM books"), 1);
}

/* A program that does not carry it must not pass it by. */
static void test_executor_resume__another_program_does_not_pass_it_by(void **state) {
    fixture *f = *state;
    static const corm_migration list[] = { { "library", "0001_initial", &first }, { 0 } };
    static const corm_app older = { .name = "library", .migrations = list };
    assert_int_equal(migrate_apps(f, fails, NULL, "library.0002_shelves"), CORM_ERROR_NO_TABLE);
    assert_int_equal(
        migrate_apps(f, (const corm_app *const[]){ &older, NULL }, NULL,
                     "library.0002_shelves was begun by another program and not finished"),
        CORM_ERROR_NEWER);
}

/* It failed before anything was done: who takes it out of the program goes on. */
static void test_executor_resume__what_failed_at_once_may_be_taken_out(void **state) {
    fixture *f = *state;
    static const corm_operation operations[] = {
        { .kind = CORM_RUN_SQL, .sql = "DROP TABLE nowhere", .reverse_sql = "" }, { 0 }
    };
    LIST(at_once, operations);
    static const corm_migration list[] = { { "library", "0001_initial", &first }, { 0 } };
    static const corm_app older = { .name = "library", .migrations = list };
    if (f->db->backend->features->transactional_ddl) skip();
    assert_int_not_equal(migrate_apps(f, at_once, NULL, "library.0002_shelves"), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations"), 2);
    assert_int_equal(migrate_apps(f, (const corm_app *const[]){ &older, NULL }, NULL, NULL), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations"), 1);
}

/* --- the server goes on with what its client, killed, had sent --- */

static void test_executor_resume__waits_for_what_a_server_still_does(void **state) {
    fixture *f = *state;
    if (f->db->backend->features->file) skip();
    static corm_operation operations[] = {
        { .kind = CORM_RUN_SQL, .reverse_sql = "DROP TABLE slow" }, { 0 }
    };
    operations[0].sql = on_postgresql
                            ? "CREATE TABLE slow AS SELECT 1 AS one FROM (SELECT pg_sleep(2)) AS s"
                            : "CREATE TABLE slow AS SELECT SLEEP(2) AS one";
    static const corm_migration_body body = { .operations = operations,
                                              .outside_transaction = true };
    static const corm_migration list[] = { { "library", "0001_slow", &body }, { 0 } };
    static const corm_app app = { .name = "library", .migrations = list };
    const corm_app *const slow[] = { &app, NULL };
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        corm_db *db = corm_open_with(f->settings, NULL);
        corm__migrate(db, f->settings, NULL, slow, NULL, NULL);
        _exit(1);
    }
    usleep(700000);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(migrate_apps(f, slow, NULL, NULL), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM slow"), 1);
}

/* --- an index that is built beside the writers --- */

static const corm_operation unique_index[] = { { .kind = CORM_ADD_INDEX,
                                                 .table = "books",
                                                 .index = { "books_title_uniq", .columns = "title",
                                                            .unique = true },
                                                 .concurrently = true },
                                               { 0 } };
static const corm_migration_body unique_body = { .depends_on = after_first,
                                                 .operations = unique_index,
                                                 .outside_transaction = true };
static const corm_migration unique_list[] = { { "library", "0001_initial", &first },
                                              { "library", "0002_unique", &unique_body },
                                              { 0 } };
static const corm_app unique_app = { .name = "library", .migrations = unique_list };
static const corm_app *const unique_apps[] = { &unique_app, NULL };
static const char invalid[] = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";

/* PostgreSQL leaves an index that serves nobody and costs every writer. */
static void test_executor_resume__an_invalid_index_is_made_again(void **state) {
    fixture *f = *state;
    if (!on_postgresql) skip();
    assert_int_equal(migrate_to(f, "0001"), 0);
    assert_int_equal(corm_exec(f->db, "INSERT INTO authors (name) VALUES ('Ada'); INSERT INTO "
                                      "books (title, author_id) VALUES ('Notes', 1), ('Notes', 1)"),
                     0);
    assert_int_equal(migrate_apps(f, unique_apps, NULL, "library.0002_unique: "),
                     CORM_ERROR_UNIQUE);
    assert_int_equal(number(f, invalid), 1);
    assert_int_equal(corm_exec(f->db, "DELETE FROM books WHERE id = 2"), 0);
    assert_int_equal(migrate_apps(f, unique_apps, NULL, NULL), 0);
    assert_int_equal(number(f, invalid), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM pg_class WHERE relname = 'books_title_uniq'"),
                     1);
}

/* A writer that writes all the time, and another migrator that waits for the lock: neither stops
 * the index nor is stopped. */
static void test_executor_resume__an_index_beside_writers_and_migrators(void **state) {
    enum { MIGRATORS = 4 };
    fixture *f = *state;
    if (!on_postgresql) skip();
    assert_int_equal(migrate_to(f, "0001"), 0);
    assert_int_equal(
        corm_exec(f->db, "INSERT INTO authors (name) VALUES ('Ada'); INSERT INTO books (title, "
                         "author_id) SELECT 'n' || i, 1 FROM generate_series(1, 20000) i"),
        0);
    pid_t pids[MIGRATORS + 1];
    fflush(NULL);
    for (int i = 0; i <= MIGRATORS; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i]) continue;
        corm_db *db = corm_open_with(f->settings, NULL);
        int status = 0;
        if (i == MIGRATORS) {
            char sql[100];
            for (int n = 0; !status && n < 2000; n++) {
                snprintf(sql, sizeof sql, "INSERT INTO books (title, author_id) VALUES ('w%d', 1)",
                         n);
                status = corm_exec(db, sql);
            }
        } else {
            status = corm__migrate(db, f->settings, NULL, unique_apps, NULL, NULL);
        }
        if (status) fprintf(stderr, "process %d: %s\n", i, corm_error(db)->message);
        corm_close(db);
        _exit(status ? 1 : 0);
    }
    for (int i = 0; i <= MIGRATORS; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    assert_int_equal(number(f, "SELECT count(*) FROM books"), 22000);
    assert_int_equal(number(f, invalid), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations"), 2);
}

/* --- a script into its statements --- */

static void assert_split(const char *sql, const char *const *expected) {
    corm_arena arena = { 0 };
    corm_error_info error;
    const char **found;
    size_t n;
    assert_int_equal(corm__sql_split(sql, &arena, &found, &n, &error), 0);
    size_t wanted = 0;
    while (expected[wanted]) wanted++;
    if (n != wanted) print_error("%zu statements of: %s\n", n, sql);
    assert_int_equal(n, wanted);
    for (size_t i = 0; i < n; i++) assert_string_equal(found[i], expected[i]);
    corm__arena_release(&arena);
}
#define ASSERT_SPLIT(sql, ...) assert_split(sql, (const char *const[]){ __VA_ARGS__, NULL })

static void test_split__at_semicolons_outside_of_all_that_may_hold_one(void **state) {
    (void)state;
    assert_split("", (const char *const[]){ NULL });
    assert_split(" ; -- nothing;\n ;/* ; */", (const char *const[]){ NULL });
    ASSERT_SPLIT("a; b ;c", "a", "b ", "c");
    ASSERT_SPLIT("SELECT ';', \";\", `;`, 'it''s;'; x", "SELECT ';', \";\", `;`, 'it''s;'", "x");
    ASSERT_SPLIT("a -- ; not here\n; b /* ; nor here */; c", "a -- ; not here\n",
                 "b /* ; nor here */", "c");
    ASSERT_SPLIT("DO $$ BEGIN; END; $$; x", "DO $$ BEGIN; END; $$", "x");
    ASSERT_SPLIT("DO $a$ $b$ ; $b$ ; $a$; SELECT $1; y", "DO $a$ $b$ ; $b$ ; $a$", "SELECT $1",
                 "y");
    ASSERT_SPLIT("CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW BEGIN IF x THEN y; END IF; CASE "
                 "z WHEN 1 THEN w; END CASE; END; x",
                 "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW BEGIN IF x THEN y; END IF; CASE "
                 "z WHEN 1 THEN w; END CASE; END",
                 "x");
    ASSERT_SPLIT("CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW UPDATE b SET c = 1; x",
                 "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW UPDATE b SET c = 1", "x");
    ASSERT_SPLIT("CREATE TABLE t (\"begin\" integer); x", "CREATE TABLE t (\"begin\" integer)",
                 "x");
    ASSERT_SPLIT("UPDATE a SET b = CASE WHEN c THEN 1 END; x",
                 "UPDATE a SET b = CASE WHEN c THEN 1 END", "x");
    ASSERT_SPLIT("'never closed; x", "'never closed; x");
}

static void test_split__knows_what_a_transaction_holds(void **state) {
    (void)state;
    assert_true(corm__sql_is_data(" -- first\n insert into a values (1)"));
    assert_true(corm__sql_is_data("/* x */ UPDATE a SET b = 1"));
    assert_false(corm__sql_is_data("CREATE TABLE a AS SELECT 1"));
    assert_false(corm__sql_is_data("ALTER TABLE a ADD b integer"));
    assert_false(corm__sql_is_data(""));
}

int main(int argc, char **argv) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split__at_semicolons_outside_of_all_that_may_hold_one),
        cmocka_unit_test(test_split__knows_what_a_transaction_holds),
        CASE(test_executor_resume__forwards),
        CASE(test_executor_resume__backwards),
        CASE(test_executor_resume__a_failed_statement_may_be_mended),
        CASE(test_executor_resume__what_is_done_may_not_be_edited),
        CASE(test_executor_resume__a_new_foreign_key_holds),
        CASE(test_executor_resume__another_program_does_not_pass_it_by),
        CASE(test_executor_resume__what_failed_at_once_may_be_taken_out),
        CASE(test_executor_resume__waits_for_what_a_server_still_does),
        CASE(test_executor_resume__an_invalid_index_is_made_again),
        CASE(test_executor_resume__an_index_beside_writers_and_migrators),
    };
    if (argc > 2) stride = atoi(argv[2]);
    return run_on(argc, argv, "executor_resume", tests, sizeof tests / sizeof *tests);
}
