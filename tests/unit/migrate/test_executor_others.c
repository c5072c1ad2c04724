/* usage: test_executor_others sqlite|postgresql|mariadb
 * Migrating among others: programs of another version, sessions that hold locks, connections that
 * are cut. */
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
#include "migrate/execute/migrate.h"
#include "migrate/state/compatibility.h"

/* --- the migrations: two programs --- */

#define COLUMNS_OF(...) .columns = (const corm_column[]){ __VA_ARGS__, { 0 } }
#define ID { "id", .kind = CORM_IDENTITY }

static const corm_operation make_tables[] = {
    { .kind = CORM_CREATE_TABLE,
      .table = "authors",
      .model = "Author",
      .primary_key = "id",
      COLUMNS_OF(ID, { "name", .kind = CORM_VARCHAR, .max_length = 50 }) },
    { .kind = CORM_CREATE_TABLE,
      .table = "books",
      .model = "Book",
      .primary_key = "id",
      COLUMNS_OF(ID, { "title", .kind = CORM_TEXT },
                 { "author_id", .kind = CORM_BIGINT,
                   .references = { .table = "authors", .column = "id" } }) },
    { 0 }
};
static const corm_operation expand[] = {
    { .kind = CORM_ADD_COLUMN,
      .table = "authors",
      .column = { "born", .kind = CORM_INTEGER, .null = true } },
    { .kind = CORM_ADD_COLUMN,
      .table = "authors",
      .column = { "books", .kind = CORM_INTEGER, .default_value = CORM_DEFAULT(0) } },
    { .kind = CORM_CREATE_TABLE,
      .table = "prizes",
      .primary_key = "id",
      COLUMNS_OF(ID, { "name", .kind = CORM_TEXT }) },
    { .kind = CORM_ALTER_COLUMN,
      .table = "authors",
      .column = { "name", .kind = CORM_VARCHAR, .max_length = 80 } },
    { .kind = CORM_ADD_INDEX,
      .table = "authors",
      .index = { "authors_born_idx", .columns = "born" } },
    { 0 }
};
static const corm_operation contract[] = {
    { .kind = CORM_RUN_SQL,
      .sql = "UPDATE authors SET books = books + 1",
      .reverse_sql = "UPDATE authors SET books = books - 1" },
    { .kind = CORM_REMOVE_COLUMN,
      .table = "books",
      .name = "title",
      .fill = CORM_DEFAULT("untitled") },
    { .kind = CORM_RENAME_COLUMN, .table = "authors", .name = "name", .new_name = "full_name" },
    { 0 }
};
static const corm_operation more[] = { { .kind = CORM_ADD_COLUMN,
                                         .table = "prizes",
                                         .column = { "year", .kind = CORM_INTEGER, .null = true } },
                                       { 0 } };
static const char *const on_first[] = { "library.0001_initial", NULL },
                         *const on_second[] = { "library.0002_expand", NULL },
                         *const on_contract[] = { "library.0003_contract", NULL };
static const corm_migration_body first = { .operations = make_tables },
                                 second = { .depends_on = on_first, .operations = expand },
                                 third = { .depends_on = on_second, .operations = contract },
                                 shop = { .depends_on = on_contract, .operations = more };
static const corm_migration newer_list[] = { { "library", "0001_initial", &first },
                                             { "library", "0002_expand", &second },
                                             { "library", "0003_contract", &third },
                                             { 0 } };
static const corm_migration middle_list[] = { { "library", "0001_initial", &first },
                                              { "library", "0002_expand", &second },
                                              { 0 } };
static const corm_migration older_list[] = { { "library", "0001_initial", &first }, { 0 } };
static const corm_migration shop_list[] = { { "shop", "0001_more", &shop }, { 0 } };
static const corm_app newer_app = { .name = "library", .migrations = newer_list },
                      middle_app = { .name = "library", .migrations = middle_list },
                      older_app = { .name = "library", .migrations = older_list },
                      shop_app = { .name = "shop", .migrations = shop_list };
static const corm_app *const newer[] = { &newer_app, NULL },
                             *const middle[] = { &middle_app, NULL },
                             *const older[] = { &older_app, NULL },
                             *const newer_shop[] = { &newer_app, &shop_app, NULL };

typedef struct heard {
    int blocked;
    char text[2000];
} heard;
static void listen_to(void *context, const corm_migrate_event *event) {
    heard *h = context;
    if (event->kind == CORM_MIGRATE_BLOCKED) h->blocked++;
    if (event->kind == CORM_MIGRATE_BLOCKED || event->kind == CORM_MIGRATE_NOTICE)
        snprintf(h->text + strlen(h->text), sizeof h->text - strlen(h->text), "%s\n", event->text);
}

static int migrate_apps(fixture *f, const corm_app *const *apps, const char *target, heard *h) {
    corm_migrate_options options = { .app = target ? "library" : NULL,
                                     .target = target,
                                     .report = h ? listen_to : NULL,
                                     .context = h };
    return corm__migrate(f->db, f->settings, NULL, apps, &options, NULL);
}
#define OK(call)                                                                                   \
    do {                                                                                           \
        int status_ = (call);                                                                      \
        if (status_)                                                                               \
            fail_msg("%s [%s] %s", corm_error(f->db)->message, corm_error(f->db)->hint,            \
                     corm_error(f->db)->sql);                                                      \
    } while (0)

static void assert_tables(fixture *f, const corm_app *const *apps, size_t n) {
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

/* --- programs of another version --- */

static void test_executor_others__an_older_program_runs_on_what_only_expanded(void **state) {
    fixture *f = *state;
    heard h = { 0 };
    OK(migrate_apps(f, middle, NULL, NULL));
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations WHERE expands"), 2);
    OK(migrate_apps(f, older, NULL, &h));
    assert_string_equal(h.text, "the database has library.0002_expand, which this program does not "
                                "carry: a newer program migrated it, or the list of "
                                "migrations lost it\n");
}

static void test_executor_others__an_older_program_refuses_what_did_more(void **state) {
    fixture *f = *state;
    OK(migrate_apps(f, newer, NULL, NULL));
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations WHERE NOT expands"), 1);
    assert_int_equal(migrate_apps(f, older, NULL, NULL), CORM_ERROR_NEWER);
    assert_string_equal(corm_error(f->db)->message,
                        "the database has library.0003_contract, which this program does not carry "
                        "and which does more than expand the schema");
    assert_non_null(strstr(corm_error(f->db)->hint, "migrate library NAME"));
    assert_int_equal(migrate_apps(f, middle, NULL, NULL), CORM_ERROR_NEWER);
}

/* By the SQL of the records: of both, and of one. */
static void test_executor_others__an_older_program_goes_back(void **state) {
    fixture *f = *state;
    OK(migrate_apps(f, newer, "0001", NULL));
    OK(corm_exec(f->db, "INSERT INTO authors (name) VALUES ('Ada')"));
    OK(corm_exec(f->db, "INSERT INTO books (title, author_id) SELECT 'Notes', id FROM authors"));
    OK(migrate_apps(f, newer, NULL, NULL));
    assert_int_equal(
        number(f, "SELECT count(*) FROM authors WHERE full_name = 'Ada' AND books = 1"), 1);
    OK(migrate_apps(f, middle, "0002", NULL));
    assert_tables(f, middle, 2);
    assert_int_equal(number(f, "SELECT count(*) FROM authors WHERE name = 'Ada' AND books = 0"), 1);
    assert_int_equal(number(f, "SELECT count(*) FROM books WHERE title = 'untitled'"), 1);
    OK(migrate_apps(f, newer, NULL, NULL));
    OK(migrate_apps(f, older, "0001", NULL));
    assert_tables(f, older, 1);
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations"), 1);
    assert_int_equal(number(f, "SELECT count(*) FROM books WHERE title = 'untitled'"), 1);
    OK(migrate_apps(f, newer, NULL, NULL));
    OK(migrate_apps(f, older, "zero", NULL));
    assert_tables(f, older, 0);
}

/* What an app that this program has not built on it goes first. */
static void test_executor_others__going_back_takes_what_stands_on_it(void **state) {
    fixture *f = *state;
    OK(migrate_apps(f, newer_shop, NULL, NULL));
    assert_int_equal(
        number(f,
               "SELECT count(*) FROM corm_migrations WHERE depends_on = 'library.0003_contract'"),
        1);
    OK(migrate_apps(f, older, "0001", NULL));
    assert_tables(f, older, 1);
    assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations"), 1);
}

static int statements_left;
static void kill_at(void *context, const char *sql, double seconds, int64_t rows, int status) {
    (void)context, (void)sql, (void)seconds, (void)rows, (void)status;
    if (--statements_left == 0) raise(SIGKILL);
}

static void test_executor_others__going_back_killed_at_any_statement(void **state) {
    fixture *f = *state;
    for (int n = 1, ended = 0; !ended; n += 4) {
        OK(migrate_apps(f, newer, NULL, NULL));
        fflush(NULL);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            corm_db *db = corm_open_with(f->settings, NULL);
            corm_migrate_options options = { .app = "library", .target = "0001" };
            statements_left = n;
            corm_watch(db, kill_at, NULL);
            _exit(corm__migrate(db, f->settings, NULL, older, &options, NULL) ? 1 : 0);
        }
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        ended = WIFEXITED(status);
        if (ended) assert_int_equal(WEXITSTATUS(status), 0);
        OK(migrate_apps(f, older, "0001", NULL));
        assert_tables(f, older, 1);
        assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations"), 1);
    }
}

static int change_names(const corm_migration_run *run) {
    return corm_exec(run->db, "UPDATE authors SET name = name");
}

static void test_executor_others__functions_of_a_newer_program_cannot_be_undone(void **state) {
    fixture *f = *state;
    static const corm_operation operations[] = {
        { .kind = CORM_RUN_C, .run = change_names, .reverse = change_names }, { 0 }
    };
    static const corm_migration_body body = { .depends_on = on_first,
                                              .operations = operations,
                                              .expands = true };
    static const corm_migration list[] = { { "library", "0001_initial", &first },
                                           { "library", "0002_names", &body },
                                           { 0 } };
    static const corm_app app = { .name = "library", .migrations = list };
    OK(migrate_apps(f, (const corm_app *const[]){ &app, NULL }, NULL, NULL));
    OK(migrate_apps(f, older, NULL, NULL)); /* .expands */
    assert_int_equal(migrate_apps(f, older, "0001", NULL), CORM_ERROR_NEWER);
    assert_string_equal(
        corm_error(f->db)->message,
        "library.0002_names: a newer program applied it, and its record has no SQL to undo it");
    OK(migrate_apps(f, (const corm_app *const[]){ &app, NULL }, "0001", NULL));
}

/* --- sessions that hold locks --- */

static corm_db *hold(fixture *f, const char *sql) {
    corm_db *other = corm_open_with(f->settings, NULL);
    assert_int_equal(corm_begin(other), 0);
    assert_int_equal(corm_exec(other, sql), 0);
    return other;
}

static void test_executor_others__names_who_is_in_the_way(void **state) {
    fixture *f = *state;
    if (!f->db->backend->lock_wait) skip();
    OK(migrate_apps(f, older, NULL, NULL));
    corm_db *other = hold(f, "INSERT INTO authors (name) VALUES ('Ada')");
    char who[64];
    snprintf(who, sizeof who, "%s %lld", on_postgresql ? "pid" : "connection",
             (long long)f->db->backend->session(other->conn));
    heard h = { 0 };
    corm_migrate_options options = { .lock_timeout = 3, .report = listen_to, .context = &h };
    int status = corm__migrate(f->db, f->settings, NULL, middle, &options, NULL);
    assert_int_equal(status, CORM_ERROR_LOCKED);
    if (!strstr(h.text, who)) fail_msg("%s is not in: %s", who, h.text);
    assert_non_null(strstr(h.text, "waits for a lock that another session has: "));
    assert_non_null(strstr(h.text, "all is released and tried again in "));
    if (!strstr(corm_error(f->db)->detail, who))
        fail_msg("%s is not in: %s", who, corm_error(f->db)->detail);
    assert_non_null(strstr(corm_error(f->db)->hint, "End that session"));
    corm_rollback(other);
    corm_close(other);
    OK(migrate_apps(f, middle, NULL, NULL));
    assert_tables(f, middle, 2);
}

/* The lock is given back in the meantime: all ends well. */
static void test_executor_others__tries_again_until_the_lock_is_free(void **state) {
    fixture *f = *state;
    if (!f->db->backend->lock_wait) skip();
    OK(migrate_apps(f, older, NULL, NULL));
    fflush(NULL);
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        corm_db *other = hold(f, "INSERT INTO authors (name) VALUES ('Ada')");
        if (write(ready[1], "r", 1) != 1) _exit(2);
        usleep(3500000);
        _exit(corm_commit(other) ? 1 : 0);
    }
    char c;
    assert_int_equal(read(ready[0], &c, 1), 1);
    heard h = { 0 };
    OK(migrate_apps(f, middle, NULL, &h));
    assert_true(h.blocked >= 2);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_tables(f, middle, 2);
    assert_int_equal(number(f, "SELECT count(*) FROM authors"), 1);
    close(ready[0]);
    close(ready[1]);
}

/* --- connections that are cut --- */

static corm_db *cutter;
static int64_t victim;
static void cut_at(void *context, const char *sql, double seconds, int64_t rows, int status) {
    (void)context, (void)sql, (void)seconds, (void)rows, (void)status;
    char kill_sql[100];
    if (--statements_left != 0) return;
    snprintf(kill_sql, sizeof kill_sql,
             on_postgresql ? "SELECT pg_terminate_backend(%lld)" : "KILL %lld", (long long)victim);
    corm_exec(cutter, kill_sql);
}

static void test_executor_others__goes_on_after_a_connection_was_cut(void **state) {
    fixture *f = *state;
    if (f->db->backend->features->file) skip();
    cutter = corm_open_with(f->settings, NULL);
    for (int n = 3, ended = 0; !ended; n += 5) {
        corm_db *db = corm_open_with(f->settings, NULL);
        victim = db->backend->session(db->conn);
        statements_left = n;
        corm_watch(db, cut_at, NULL);
        int status = corm__migrate(db, f->settings, NULL, newer, NULL, NULL);
        ended = status == 0;
        if (status && status != CORM_ERROR_CONNECTION)
            fail_msg("%d: %s", status, corm_error(db)->message);
        if (status && strstr(corm_error(db)->message, "library."))
            assert_string_equal(
                corm_error(db)->hint,
                "Run migrate again: it looks at what has happened, and goes on from there.");
        corm_close(db);
        OK(migrate_apps(f, newer, NULL, NULL));
        assert_tables(f, newer, 3);
        OK(migrate_apps(f, newer, "zero", NULL));
    }
    corm_close(cutter);
}

/* --- what expands --- */

static void test_expands__is_what_older_programs_do_not_notice(void **state) {
    (void)state;
    static const corm_column text = { "a", .kind = CORM_TEXT },
                             may = { "a", .kind = CORM_TEXT, .null = true },
                             with = { "a", .kind = CORM_TEXT, .default_value = CORM_DEFAULT("x") },
                             short_one = { "a", .kind = CORM_VARCHAR, .max_length = 10 },
                             long_one = { "a", .kind = CORM_VARCHAR, .max_length = 20 };
    static const corm_index plain = { "i", .columns = "a" },
                            unique = { "i", .columns = "a", .unique = true };
    static const corm_constraint check = { "c", .kind = CORM_CONSTRAINT_CHECK, .check = "a > 0" },
                                 once = { "c", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "a" };
    const struct { bool expected; corm_change change;
    } cases[] = {
        { true, { .kind = CORM_CREATE_TABLE } },
        { false, { .kind = CORM_DELETE_TABLE } },
        { false, { .kind = CORM_RENAME_TABLE } },
        { true, { .kind = CORM_ADD_COLUMN, .column_after = &may } },
        { true, { .kind = CORM_ADD_COLUMN, .column_after = &with } },
        { false, { .kind = CORM_ADD_COLUMN, .column_after = &text } },
        { false, { .kind = CORM_REMOVE_COLUMN, .column_before = &may } },
        { false, { .kind = CORM_RENAME_COLUMN } },
        { true,
          { .kind = CORM_ALTER_COLUMN, .column_before = &short_one, .column_after = &long_one } },
        { false,
          { .kind = CORM_ALTER_COLUMN, .column_before = &long_one, .column_after = &short_one } },
        { false, { .kind = CORM_ALTER_COLUMN, .column_before = &text, .column_after = &may } },
        { false, { .kind = CORM_ALTER_COLUMN, .column_before = &may, .column_after = &text } },
        { true, { .kind = CORM_ALTER_COLUMN, .column_before = &text, .column_after = &with } },
        { false, { .kind = CORM_ALTER_COLUMN, .column_before = &with, .column_after = &text } },
        { true, { .kind = CORM_ADD_INDEX, .index_after = &plain } },
        { false, { .kind = CORM_ADD_INDEX, .index_after = &unique } },
        { true, { .kind = CORM_REMOVE_INDEX, .index_before = &plain } },
        { false, { .kind = CORM_REMOVE_INDEX, .index_before = &unique } },
        { false, { .kind = CORM_ADD_CONSTRAINT, .constraint_after = &check } },
        { true, { .kind = CORM_REMOVE_CONSTRAINT, .constraint_before = &check } },
        { false, { .kind = CORM_REMOVE_CONSTRAINT, .constraint_before = &once } },
        { false, { .kind = CORM_ALTER_PRIMARY_KEY } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        corm_operation operation = { .kind = cases[i].change.kind };
        if (corm__operation_expands(&operation, &cases[i].change) != cases[i].expected)
            fail_msg("case %zu", i);
    }
    corm_operation sql = { .kind = CORM_RUN_SQL };
    assert_false(corm__operation_expands(&sql, &(corm_change){ 0 }));
}

int main(int argc, char **argv) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expands__is_what_older_programs_do_not_notice),
        CASE(test_executor_others__an_older_program_runs_on_what_only_expanded),
        CASE(test_executor_others__an_older_program_refuses_what_did_more),
        CASE(test_executor_others__an_older_program_goes_back),
        CASE(test_executor_others__going_back_takes_what_stands_on_it),
        CASE(test_executor_others__going_back_killed_at_any_statement),
        CASE(test_executor_others__functions_of_a_newer_program_cannot_be_undone),
        CASE(test_executor_others__names_who_is_in_the_way),
        CASE(test_executor_others__tries_again_until_the_lock_is_free),
        CASE(test_executor_others__goes_on_after_a_connection_was_cut),
    };
    return run_on(argc, argv, "executor_others", tests, sizeof tests / sizeof *tests);
}
