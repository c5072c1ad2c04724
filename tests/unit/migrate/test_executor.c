/* usage: test_executor sqlite|postgresql|mariadb
 * Migrations run on a real database: applied, undone, killed at every statement, and by eight
 * processes at once. */
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
#include "killed.h"
#include "migrate/execute/migrate.h"
#include "migrate/execute/recorder.h"

/* --- the migrations --- */

#define COLUMNS_OF(...)                                                                            \
    .columns = (const corm_column[]) {                                                             \
        __VA_ARGS__, { 0 }                                                                         \
    }
#define ID                                                                                         \
    { "id", .kind = CORM_IDENTITY }

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
            .references = { .table = "authors", .column = "id", .on_delete = CORM_CASCADE } }) },
    { 0 }
};
static const corm_operation change_tables[] = {
    { .kind = CORM_RUN_SQL,
      .sql = "INSERT INTO authors (name) VALUES ('Ada'), ('Émile'); INSERT INTO books (title, "
             "author_id) SELECT 'Notes', id FROM authors",
      .reverse_sql = "DELETE FROM books; DELETE FROM authors" },
    { .kind = CORM_ADD_COLUMN,
      .table = "authors",
      .column = { "born", .kind = CORM_INTEGER },
      .fill = CORM_DEFAULT(1900) },
    { .kind = CORM_ALTER_COLUMN,
      .table = "authors",
      .column = { "age", .kind = CORM_BIGINT },
      .fill = CORM_DEFAULT(7) },
    { .kind = CORM_ADD_INDEX,
      .table = "books",
      .index = { "books_title_idx", .columns = "title" } },
    { .kind = CORM_ADD_CONSTRAINT,
      .table = "authors",
      .constraint = { "authors_born_check", .kind = CORM_CONSTRAINT_CHECK, .check = "born > 0" } },
    { .kind = CORM_RENAME_COLUMN, .table = "authors", .name = "name", .new_name = "full_name" },
    { 0 }
};
static const char *const after_first[] = { "library.0001_initial", NULL };
static const corm_migration_body first = { .operations = make_tables };
static const corm_migration_body second = { .depends_on = after_first,
                                            .operations = change_tables };
static const corm_migration migrations[] = { { "library", "0001_initial", &first },
                                             { "library", "0002_change", &second },
                                             { 0 } };
static const corm_app library = { .name = "library", .migrations = migrations };
static const corm_app *const apps[] = { &library, NULL };

static int migrate_to(fixture *f, const char *target, size_t *n) {
    corm_migrate_options options = { .app = "library", .target = target };
    int status = corm__migrate(f->db, f->settings, NULL, apps, &options, n);
    if (status) print_error("%s %s\n", corm_error(f->db)->message, corm_error(f->db)->sql);
    return status;
}

/* The database is as the first n migrations make it. */
static void assert_state(fixture *f, size_t n) {
    corm_schema expected, found;
    char difference[300] = "";
    corm_graph *graph = corm__graph_load(apps, &f->arena, &f->error);
    assert_int_equal(corm__graph_state(graph, n, &f->arena, &expected, &f->error), 0);
    int status = f->db->backend->introspect(f->db->conn, NULL, &f->arena, &found, &f->error);
    if (status) print_error("%s\n", f->error.message);
    assert_int_equal(status, 0);
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

static size_t recorded(fixture *f) {
    corm_applied *applied;
    size_t n;
    assert_int_equal(corm__recorder_load(f->db, &f->arena, &applied, &n), 0);
    return n;
}

static void test_executor__applies_and_undoes(void **state) {
    fixture *f = *state;
    size_t n;
    assert_int_equal(migrate_to(f, NULL, &n), 0);
    assert_int_equal(n, 2);
    assert_state(f, 2);
    assert_int_equal(number(f, "SELECT count(*) FROM authors WHERE born = 1900 AND age = 7"), 2);
    assert_int_equal(number(f, "SELECT count(*) FROM books"), 2);
    assert_int_equal(
        number(
            f,
            "SELECT count(*) FROM corm_migrations WHERE down_sql IS NOT NULL AND checksum <> ''"),
        2);
    assert_int_equal(migrate_to(f, NULL, &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(migrate_to(f, "0001", &n), 0);
    assert_int_equal(n, 1);
    assert_state(f, 1);
    assert_int_equal(migrate_to(f, "zero", &n), 0);
    assert_state(f, 0);
    assert_int_equal(recorded(f), 0);
    assert_int_equal(corm_migrate(f->db, apps), 0);
    assert_state(f, 2);
}

/* What an older program would run that does not carry the migration. */
static void test_executor__records_how_to_undo(void **state) {
    fixture *f = *state;
    static const char sql[] = "SELECT down_sql FROM corm_migrations WHERE name = '0002_change'";
    static const corm_fetch_column column = { .kind = CORM_TEXT };
    static const corm_fetch fetch = { &column, 1, 1 };
    const char *down = NULL;
    void *objects[] = { &down };
    corm_stmt *stmt;
    assert_int_equal(corm_migrate(f->db, apps), 0);
    assert_int_equal(corm__prepare(f->db, sql, sizeof sql - 1, NULL, 0, &stmt), 0);
    assert_int_equal(corm__execute(f->db, stmt, NULL, 0, 0), 0);
    assert_int_equal(corm__step(f->db, stmt, &fetch, objects, &f->arena), 1);
    corm__finish(f->db, stmt);
    bool off = strncmp(down, "-- foreign keys off\n", 20) == 0;
    assert_true(off == !f->db->backend->features->alter_column);
    if (off) assert_int_equal(corm_exec(f->db, "PRAGMA foreign_keys = OFF"), 0);
    int status = corm_exec(f->db, down);
    if (status) print_error("%s\n%s\n", corm_error(f->db)->message, down);
    assert_int_equal(status, 0);
    assert_state(f, 1);
    assert_int_equal(number(f, "SELECT count(*) FROM authors"), 0);
}

static void test_executor__nothing_to_do_is_one_query(void **state) {
    fixture *f = *state;
    assert_int_equal(corm_migrate(f->db, apps), 0);
    uint64_t before = corm_query_count(f->db);
    assert_int_equal(corm_migrate(f->db, apps), 0);
    assert_int_equal(corm_query_count(f->db) - before, 1);
}

/* A rebuild, on an engine that needs one: what refers to the table and what looks at it stays. */
static void test_executor__keeps_children_views_and_triggers(void **state) {
    fixture *f = *state;
    assert_int_equal(migrate_to(f, "0001", NULL), 0);
    assert_int_equal(
        corm_exec(f->db, "INSERT INTO authors (name) VALUES ('Grace'); INSERT INTO books (title, "
                         "author_id) SELECT 'Compilers', id FROM authors"),
        0);
    assert_int_equal(corm_exec(f->db, "CREATE TABLE noted (what text)"), 0);
    if (on_postgresql)
        assert_int_equal(corm_exec(f->db,
                                   "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS "
                                   "'BEGIN INSERT INTO noted VALUES (1); RETURN NEW; END';"
                                   "CREATE TRIGGER on_author AFTER INSERT ON authors FOR EACH ROW "
                                   "EXECUTE FUNCTION note()"),
                         0);
    else
        assert_int_equal(corm_exec(f->db, on_mariadb
                                              ? "CREATE TRIGGER on_author AFTER INSERT ON authors "
                                                "FOR EACH ROW INSERT INTO noted VALUES (1)"
                                              : "CREATE TRIGGER on_author AFTER INSERT ON authors "
                                                "BEGIN INSERT INTO noted VALUES (1); END"),
                         0);
    assert_int_equal(corm_exec(f->db, "CREATE VIEW titles AS SELECT b.title, a.id FROM books b "
                                      "JOIN authors a ON a.id = b.author_id"),
                     0);
    assert_int_equal(migrate_to(f, NULL, NULL), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM titles WHERE title = 'Compilers'"), 1);
    assert_int_equal(number(f, "SELECT count(*) FROM books"), 4);
    assert_int_equal(number(f, "SELECT count(*) FROM noted"), 2);
    assert_int_equal(
        corm_exec(f->db, "INSERT INTO authors (full_name, age, born) VALUES ('Edsger', 1, 1930)"),
        0);
    assert_int_equal(number(f, "SELECT count(*) FROM noted"), 3);
    assert_int_not_equal(
        corm_exec(f->db, "INSERT INTO books (title, author_id) VALUES ('Nobody''s', 999)"),
        0); /* foreign keys are on again */
    assert_int_equal(corm_error(f->db)->status, CORM_ERROR_FOREIGN_KEY);
}

static const corm_operation breaks[] = {
    { .kind = CORM_CREATE_TABLE, .table = "shelves", .primary_key = "id", COLUMNS_OF(ID) },
    { .kind = CORM_RUN_SQL, .sql = "INSERT INTO nowhere VALUES (1)" },
    { 0 }
};
static const corm_migration_body broken = { .depends_on = after_first, .operations = breaks };
static const corm_migration broken_list[] = { { "library", "0001_initial", &first },
                                              { "library", "0002_broken", &broken },
                                              { 0 } };
static const corm_app broken_library = { .name = "library", .migrations = broken_list };

static void test_executor__rolls_a_failing_migration_back(void **state) {
    fixture *f = *state;
    assert_int_equal(corm_migrate(f->db, (const corm_app *const[]){ &broken_library, NULL }),
                     CORM_ERROR_NO_TABLE);
    assert_non_null(strstr(corm_error(f->db)->message, "library.0002_broken: Run SQL: "));
    assert_string_equal(corm_error(f->db)->sql, "INSERT INTO nowhere VALUES (1)");
    assert_int_equal(recorded(f), 1);
    assert_int_equal(corm_transaction_depth(f->db), 0);
    if (!f->db->backend->features
             ->transactional_ddl) { /* it stands where it stopped, and is not recorded */
        assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations WHERE journal LIKE "
                                   "'forwards operation=2 statement=1 next%'"),
                         1);
        assert_int_equal(corm_exec(f->db, "DROP TABLE shelves"), 0);
    }
    assert_state(f, 1);
}

/* Two columns, as a constraint, and one of them as an index: each way that an engine makes one. */
static void test_executor__says_which_rows_are_in_the_way(void **state) {
    fixture *f = *state;
    static const corm_operation constraint[] = { { .kind = CORM_ADD_CONSTRAINT,
                                                   .table = "authors",
                                                   .constraint = { "authors_twice",
                                                                   .kind = CORM_CONSTRAINT_UNIQUE,
                                                                   .columns = "name, age" } },
                                                 { 0 } };
    static const corm_operation index[] = { { .kind = CORM_ADD_INDEX,
                                              .table = "authors",
                                              .index = { "authors_once", .columns = "name",
                                                         .unique = true } },
                                            { 0 } };
    static corm_migration_body bodies[] = { { .operations = constraint }, { .operations = index } };
    static const char *const expected[] = {
        "authors_twice of authors: 1 value is there more than once, such as Ada, 3",
        "authors_once of authors: 2 values are there more than once, such as Ada"
    };
    assert_int_equal(migrate_to(f, "0001", NULL), 0);
    assert_int_equal(corm_exec(f->db, "INSERT INTO authors (name, age) VALUES ('Ada', 3), ('Ada', "
                                      "3), ('Bob', 3), ('Bob', NULL), ('Bob', NULL), ('Cy', 1)"),
                     0);
    for (int i = 0; i < 2; i++) {
        bodies[i].depends_on = after_first;
        const corm_migration list[] = { { "library", "0001_initial", &first },
                                        { "library", i ? "0002_index" : "0002_both", &bodies[i] },
                                        { 0 } };
        const corm_app app = { .name = "library", .migrations = list };
        assert_int_equal(corm_migrate(f->db, (const corm_app *const[]){ &app, NULL }),
                         CORM_ERROR_UNIQUE);
        if (!strstr(corm_error(f->db)->message, expected[i]))
            fail_msg("%s", corm_error(f->db)->message);
        assert_non_null(strstr(corm_error(f->db)->hint, "This shows them: SELECT "));
        assert_null(strstr(corm_error(f->db)->message, "corm_new_"));
        assert_int_equal(corm_exec(f->db, "DELETE FROM corm_migrations WHERE name LIKE '0002%'"),
                         0);
    }
}

static void test_executor__refuses_to_undo_what_it_cannot(void **state) {
    fixture *f = *state;
    static const corm_operation one_way[] = { { .kind = CORM_RUN_SQL, .sql = "SELECT 1" }, { 0 } };
    static corm_migration_body body = { .operations = one_way };
    body.depends_on = after_first;
    static corm_migration list[] = { { "library", "0001_initial", &first },
                                     { "library", "0002_one_way", &body },
                                     { 0 } };
    static const corm_app app = { .name = "library", .migrations = list };
    corm_migrate_options back = { .app = "library", .target = "zero" };
    assert_int_equal(corm_migrate(f->db, (const corm_app *const[]){ &app, NULL }), 0);
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations WHERE down_sql IS NULL"), 1);
    assert_int_equal(corm__migrate(f->db, f->settings, NULL,
                                   (const corm_app *const[]){ &app, NULL }, &back, NULL),
                     CORM_ERROR_MIGRATION);
    assert_string_equal(corm_error(f->db)->message,
                        "library.0002_one_way: \"Run SQL\" cannot be undone");
    assert_int_equal(recorded(f), 2);
}

static void test_executor__fakes(void **state) {
    fixture *f = *state;
    corm_migrate_options fake = { .fake = true };
    size_t n;
    assert_int_equal(corm__migrate(f->db, f->settings, NULL, apps, &fake, &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(recorded(f), 2);
    assert_state(f, 0);
    fake.app = "library";
    fake.target = "zero";
    assert_int_equal(corm__migrate(f->db, f->settings, NULL, apps, &fake, &n), 0);
    assert_int_equal(recorded(f), 0);
    assert_int_equal(corm_migrate(f->db, apps), 0);
    assert_state(f, 2);
}

static int threads(void) {
    char line[200];
    int n = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file)) sscanf(line, "Threads: %d", &n);
    if (file) fclose(file);
    return n;
}

static int threads_then;
static int note_threads(const corm_migration_run *run) {
    (void)run;
    threads_then = threads();
    return 0;
}

/* A lease is kept by a thread: on a server, and with a connection of its own. */
static void test_executor__has_a_thread_where_there_is_a_lock_to_keep(void **state) {
    fixture *f = *state;
    static const corm_operation operations[] = { { .kind = CORM_RUN_C, .run = note_threads },
                                                 { 0 } };
    static const corm_migration_body body = { .operations = operations };
    static const corm_migration list[] = { { "library", "0001_threads", &body }, { 0 } };
    static const corm_app app = { .name = "library", .migrations = list };
    static const corm_app *const program[] = { &app, NULL };
    int before = threads();
    if (before < 0) skip();
    for (int i = 0; i < 2; i++) {
        const corm_settings *settings = i ? f->settings : NULL;
        assert_int_equal(corm__migrate(f->db, settings, NULL, program, NULL, NULL), 0);
        assert_int_equal(threads_then - before, settings && !f->db->backend->features->file);
        assert_int_equal(corm_exec(f->db, "DELETE FROM corm_migrations"), 0);
    }
}

static const corm_operation write_then_change[] = {
    { .kind = CORM_CREATE_TABLE,
      .table = "nodes",
      .primary_key = "id",
      COLUMNS_OF(ID, { "parent_id", .kind = CORM_BIGINT, .null = true,
                       .references = { .table = "nodes", .column = "id", .deferrable = true } }) },
    { .kind = CORM_RUN_SQL,
      .sql =
          "INSERT INTO nodes (parent_id) VALUES (2); INSERT INTO nodes (parent_id) VALUES (NULL)",
      .reverse_sql = "" },
    { .kind = CORM_ADD_COLUMN,
      .table = "nodes",
      .column = { "weight", .kind = CORM_INTEGER },
      .fill = CORM_DEFAULT(1) },
    { .kind = CORM_ALTER_COLUMN, .table = "nodes", .column = { "weight", .kind = CORM_BIGINT } },
    { 0 }
};

/* PostgreSQL would refuse to alter a table whose deferred constraints are still to be checked. */
static void test_executor__changes_a_table_after_writing_to_it(void **state) {
    fixture *f = *state;
    if (!f->db->backend->features->deferrable_foreign_keys) skip();
    static const corm_migration_body body = { .operations = write_then_change };
    static const corm_migration list[] = { { "library", "0001_initial", &body }, { 0 } };
    static const corm_app app = { .name = "library", .migrations = list };
    int status = corm_migrate(f->db, (const corm_app *const[]){ &app, NULL });
    if (status) print_error("%s\n", corm_error(f->db)->message);
    assert_int_equal(status, 0);
    assert_int_equal(number(f, "SELECT count(*) FROM nodes WHERE weight = 1"), 2);
}

static void keep_notice(void *context, const corm_migrate_event *event) {
    char *text = context;
    if (event->kind == CORM_MIGRATE_NOTICE)
        snprintf(text + strlen(text), 400 - strlen(text), "%s;", event->text);
}

static void test_executor__notices_edits_and_newer_databases(void **state) {
    fixture *f = *state;
    char text[400] = "";
    assert_int_equal(corm_migrate(f->db, apps), 0);
    corm_migrate_options options = { .report = keep_notice, .context = text };
    static const corm_operation edited[] = { { .kind = CORM_RUN_SQL, .sql = "SELECT 1" }, { 0 } };
    static const corm_migration_body body = { .operations = edited };
    static const corm_migration list[] = { { "library", "0001_initial", &body }, { 0 } };
    static const corm_app app = { .name = "library", .migrations = list };
    assert_int_equal(corm__migrate(f->db, f->settings, NULL, apps, &options, NULL), 0);
    assert_string_equal(text, "");
    assert_int_equal(corm__migrate(f->db, f->settings, NULL,
                                   (const corm_app *const[]){ &app, NULL }, &options, NULL),
                     CORM_ERROR_NEWER);
    assert_string_equal(text, "the database has library.0002_change, which this program does not "
                              "carry: a newer program migrated it, or the list of "
                              "migrations lost it;"
                              "library.0001_initial was edited after it had been applied; the "
                              "database has what it said before;");
}

/* --- killed at every statement --- */

static void test_executor__killed_at_any_statement_is_before_or_after(void **state) {
    fixture *f = *state;
    bool ended = false;
    int killed = 0;
    if (!f->db->backend->features->transactional_ddl) skip(); /* test_executor_resume */
    for (int n = 1; !ended; n++) {
        ended = migrate_in_child(f, apps, NULL, n);
        killed += !ended;
        size_t applied = recorded(f);
        assert_state(f, applied);
        if (applied == 2) assert_int_equal(number(f, "SELECT count(*) FROM authors"), 2);
        assert_int_equal(migrate_to(f, NULL, NULL), 0);
        assert_state(f, 2);
        if (!ended) assert_int_equal(migrate_to(f, "zero", NULL), 0);
    }
    assert_true(killed > 15);
    ended = false;
    for (int n = 1; !ended; n++) {
        ended = migrate_in_child(f, apps, "zero", n);
        assert_state(f, recorded(f));
        assert_int_equal(migrate_to(f, NULL, NULL), 0);
        assert_state(f, 2);
    }
}

/* --- eight at once --- */

static void test_executor__eight_processes_apply_each_migration_once(void **state) {
    enum { PROCESSES = 8 };
    fixture *f = *state;
    pid_t pids[PROCESSES];
    int go[2];
    assert_int_equal(pipe(go), 0);
    fflush(NULL);
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i]) continue;
        char c;
        close(go[1]);
        if (read(go[0], &c, 1) != 0) _exit(3);
        corm_db *db = corm_open_with(f->settings, NULL);
        size_t n = 0;
        int status = corm_failed(db) ? corm_error(db)->status
                                     : corm__migrate(db, f->settings, NULL, apps, NULL, &n);
        if (status) fprintf(stderr, "process %d: %s\n", i, corm_error(db)->message);
        corm_close(db);
        _exit(status ? 100 : (int)n);
    }
    close(go[0]);
    close(go[1]);
    int total = 0;
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 100);
        total += WEXITSTATUS(status);
    }
    assert_int_equal(total, 2);
    assert_int_equal(recorded(f), 2);
    assert_state(f, 2);
    assert_int_equal(number(f, "SELECT count(*) FROM authors"), 2);
}

static void keep_holder(void *context, const corm_migrate_event *event) {
    if (event->kind == CORM_MIGRATE_WAITING) snprintf(context, 200, "%s", event->text);
}

static void test_executor__says_who_holds_the_lock(void **state) {
    fixture *f = *state;
    const corm_backend *backend;
    corm_conn *other;
    char holder[200] = "", pid[32];
    assert_int_equal(corm__connect(f->settings, NULL, true, false, &backend, &other, &f->error), 0);
    assert_int_equal(backend->lock_try(other, "corm_migrate", NULL, 0, &f->error), 1);
    corm_migrate_options options = { .lock_timeout = 0.2,
                                     .report = keep_holder,
                                     .context = holder };
    assert_int_equal(corm__migrate(f->db, f->settings, NULL, apps, &options, NULL),
                     CORM_ERROR_LOCKED);
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    if (f->db->backend->features->file) assert_non_null(strstr(holder, pid));
    assert_true(*holder);
    assert_non_null(strstr(corm_error(f->db)->message, holder));
    backend->lock_release(other, "corm_migrate");
    backend->close(other);
    assert_int_equal(corm__migrate(f->db, f->settings, NULL, apps, &options, NULL), 0);
}

int main(int argc, char **argv) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_executor__applies_and_undoes),
        CASE(test_executor__records_how_to_undo),
        CASE(test_executor__nothing_to_do_is_one_query),
        CASE(test_executor__keeps_children_views_and_triggers),
        CASE(test_executor__rolls_a_failing_migration_back),
        CASE(test_executor__says_which_rows_are_in_the_way),
        CASE(test_executor__refuses_to_undo_what_it_cannot),
        CASE(test_executor__fakes),
        CASE(test_executor__has_a_thread_where_there_is_a_lock_to_keep),
        CASE(test_executor__changes_a_table_after_writing_to_it),
        CASE(test_executor__notices_edits_and_newer_databases),
        CASE(test_executor__killed_at_any_statement_is_before_or_after),
        CASE(test_executor__eight_processes_apply_each_migration_once),
        CASE(test_executor__says_who_holds_the_lock),
    };
    return run_on(argc, argv, "executor", tests, sizeof tests / sizeof *tests);
}
