/* Migrations planned, run, detected and written with each allocation failing in turn. What fails
 * leaves a database that can be migrated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/error.h"
#include "db/db.h"
#include "migrate/detect/autodetect.h"
#include "migrate/execute/migrate.h"
#include "migrate/execute/script.h"
#include "migrate/write/writer.h"
#include "torture.h"
#include <corm/corm.h>
#include <sqlite3.h>

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
             "author_id) SELECT 'Notes', id FROM authors" },
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

CORM_MODEL(Author, Authors, "authors", identity(id), varchar(full_name, 80), integer(born),
           optional_bigint(age), has_many(books, Book, author));
CORM_MODEL(Genre, Genres, "genres", identity(id), varchar(name, 20, .unique = true),
           check(genre_named, "name <> ''"));
CORM_MODEL(Book, Books, "books", identity(id), text(title),
           foreign_key(author, Author, .on_delete = CORM_CASCADE), many_to_many(genres, Genre),
           index(book_author, author_id, title));
static const corm_app changed = { .name = "library",
                                  .migrations = migrations,
                                  .models = CORM_MODELS(Authors, Genres, Books) };
static const corm_app *const changed_apps[] = { &changed, NULL };

static char path[] = "/dev/shm/corm-memory-XXXXXX"; /* in memory: each of some hundred runs syncs
                                                       its file many times */

static void remove_database(void) {
    static const char *const ends[] = { "", "-wal", "-shm", "-journal", ".corm_migrate.lock" };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char name[100];
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static int status_of(const corm_db *db, corm_error_info *error) {
    *error = *corm_error(db);
    return error->status;
}

/* Tables, rows and what is recorded, as text: read by SQLite alone, whose allocations do not count.
 */
static void keep_database(void) {
    static const char *const queries[] = {
        "SELECT name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY name",
        "SELECT id || full_name || coalesce(age, '-') || born FROM authors ORDER BY id",
        "SELECT id || title || author_id FROM books ORDER BY id",
        "SELECT app || '.' || name FROM corm_migrations ORDER BY id",
    };
    static char text[10000];
    size_t length = 0;
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        sqlite3_stmt *stmt;
        assert_int_equal(sqlite3_prepare_v2(database, queries[i], -1, &stmt, NULL), SQLITE_OK);
        while (sqlite3_step(stmt) == SQLITE_ROW)
            length += (size_t)snprintf(text + length, sizeof text - length, "%s\n",
                                       (const char *)sqlite3_column_text(stmt, 0));
        sqlite3_finalize(stmt);
    }
    sqlite3_close(database);
    torture_result(text);
}

static int migrate_apps(const corm_app *const *of, corm_error_info *error) {
    remove_database();
    char url[100];
    snprintf(url, sizeof url, "sqlite:///%s", path);
    static const char *const no_environment[] = { NULL };
    corm_settings_options from = { .url = url, .environment = no_environment, .no_env_file = true };
    corm_settings *settings = corm_settings_load(&from, error);
    if (!settings) return error->status;
    corm_migrate_options options = { 0 };
    size_t n = 0;
    corm_db *db = corm_open_with(settings, NULL);
    int status = corm_failed(db) ? status_of(db, error) : 0;
    if (!status && (status = corm__migrate(db, settings, NULL, of, &options, &n)) != 0) {
        status_of(db, error);
        if (corm__migrate(db, settings, NULL, of, &options, &n) != 0)
            fail_msg("not to be migrated any more: %s", corm_error(db)->message);
    }
    if (!status) assert_int_equal(n, 2);
    bool migrated = db && !corm_failed(db);
    if (migrated)
        assert_int_equal(
            corm_exec(db, "INSERT INTO authors (full_name, age, born) VALUES ('Zoë', 3, 2000)"), 0);
    corm_close(db);
    corm_settings_free(settings);
    if (migrated) keep_database();
    return status;
}

static int migrate(corm_error_info *error) { return migrate_apps(apps, error); }

/* Statement by statement, with a journal. */
static int migrate_outside(corm_error_info *error) {
    static const corm_migration_body outside = { .depends_on = after_first,
                                                 .outside_transaction = true,
                                                 .operations = change_tables };
    static const corm_migration list[] = { { "library", "0001_initial", &first },
                                           { "library", "0002_change", &outside },
                                           { 0 } };
    static const corm_app app = { .name = "library", .migrations = list };
    static const corm_app *const only[] = { &app, NULL };
    return migrate_apps(only, error);
}

static int write_detected(const corm_app *const *of, const char *name, corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_new_migration *found = NULL;
    size_t n = 0;
    corm_buffer text = { 0 }, list = { 0 };
    corm_graph *graph = corm__graph_load(of, &arena, error);
    int status =
        graph ? corm__autodetect(graph, of, NULL, &arena, &found, &n, error) : error->status;
    for (size_t i = 0; !status && i < n; i++) {
        status = corm__write_migration(&found[i], &text, error);
        if (!status) status = corm__write_list(found[i].app, NULL, found[i].name, &list, error);
    }
    if (!status) assert_int_equal(n, 1);
    if (!status) assert_non_null(strstr(corm__buffer_text(&text), name));
    if (!status) torture_result(corm__buffer_text(&text));
    corm__buffer_release(&text);
    corm__buffer_release(&list);
    corm__arena_release(&arena);
    return status;
}

static int detect_and_write(corm_error_info *error) {
    return write_detected(changed_apps, "genres", error);
}

/* The key that closes the circle comes when both tables are there, which have no rows yet: NOT NULL
 * is no question. */
CORM_MODEL(Ship, Ships, "ships", identity(id), foreign_key(captain, Sailor));
CORM_MODEL(Sailor, Sailors, "sailors", identity(id), foreign_key(ship, Ship));

static int detect_circle(corm_error_info *error) {
    static const corm_migration none[] = { { 0 } };
    const corm_app navy = { .name = "navy",
                            .migrations = none,
                            .models = CORM_MODELS(Ships, Sailors) };
    return write_detected((const corm_app *const[]){ &navy, NULL }, "captain_id", error);
}

/* The database's text of a condition is another one, and means the same. */
CORM_MODEL(Shelf, Shelves, "shelves", identity(id), integer(height),
           check(shelf_height, "height BETWEEN 10 AND 90"));

static int detect_nothing(corm_error_info *error) {
    const corm_operation make[] = {
        { .kind = CORM_CREATE_TABLE,
          .table = "shelves",
          .model = "Shelf",
          .primary_key = "id",
          COLUMNS_OF(ID, { "height", .kind = CORM_INTEGER }),
          .constraints =
              (const corm_constraint[]){ { "shelf_height",
                                           .kind = CORM_CONSTRAINT_CHECK,
                                           .check = "((height >= 10) AND (height <= 90))" },
                                         { 0 } } },
        { 0 }
    };
    const corm_migration_body body = { .operations = make };
    const corm_migration list[] = { { "store", "0001_initial", &body }, { 0 } };
    const corm_app store = { .name = "store",
                             .migrations = list,
                             .models = CORM_MODELS(Shelves) };
    const corm_app *const only[] = { &store, NULL };
    corm_arena arena = { 0 };
    corm_new_migration *found = NULL;
    size_t n = 0;
    corm_graph *graph = corm__graph_load(only, &arena, error);
    int status =
        graph ? corm__autodetect(graph, only, NULL, &arena, &found, &n, error) : error->status;
    if (!status) assert_int_equal(n, 0);
    corm__arena_release(&arena);
    return status;
}

static int print_sql(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_buffer text = { 0 };
    corm_graph *graph = corm__graph_load(apps, &arena, error);
    const corm_migration *migration =
        graph ? corm__graph_find(graph, "library", "0002", error) : NULL;
    int status =
        migration ? corm__migration_sql(graph, migration, false, &corm_backend_sqlite, &text, error)
                  : error->status;
    if (!status) assert_non_null(strstr(corm__buffer_text(&text), "full_name"));
    if (!status) torture_result(corm__buffer_text(&text));
    corm__buffer_release(&text);
    corm__arena_release(&arena);
    return status;
}

/* Each kind of operation on a state, forwards and backwards, as SQL and as C. */
static const corm_operation note[] = { { .kind = CORM_ADD_COLUMN,
                                         .table = "books",
                                         .column = { "note", .kind = CORM_TEXT, .null = true } },
                                       { 0 } };
static const corm_operation note_by_hand[] = {
    { .kind = CORM_RUN_SQL,
      .sql = "ALTER TABLE books ADD COLUMN remark TEXT",
      .reverse_sql = "ALTER TABLE books DROP COLUMN remark" },
    { .kind = CORM_RUN_SQL,
      .sql = "ALTER TABLE books RENAME remark TO note",
      .reverse_sql = "ALTER TABLE books RENAME note TO remark" },
    { 0 }
};
static const corm_engine_sql engines[] = { { "sqlite", "SELECT 1", "SELECT 2" }, { 0 } };
static const corm_operation everything[] = {
    { .kind = CORM_SEPARATE, .database = note_by_hand, .state = note },
    { .kind = CORM_RUN_SQL, .sql = "SELECT 0", .reverse_sql = "", .engines = engines },
    { .kind = CORM_ADD_INDEX, .table = "books", .index = { "i", .columns = "title" } },
    { .kind = CORM_ALTER_INDEX, .table = "books", .index = { "i", .columns = "title desc" } },
    { .kind = CORM_RENAME_INDEX, .table = "books", .name = "i", .new_name = "j" },
    { .kind = CORM_ADD_CONSTRAINT,
      .table = "authors",
      .constraint = { "c", .kind = CORM_CONSTRAINT_CHECK, .check = "age > 0", .not_valid = true } },
    { .kind = CORM_VALIDATE_CONSTRAINT, .table = "authors", .name = "c" },
    { .kind = CORM_ALTER_CONSTRAINT,
      .table = "authors",
      .constraint = { "c", .kind = CORM_CONSTRAINT_CHECK, .check = "age > 1" } },
    { .kind = CORM_RENAME_CONSTRAINT, .table = "authors", .name = "c", .new_name = "d" },
    { .kind = CORM_ALTER_COLUMN,
      .table = "books",
      .column = { "author_id", .kind = CORM_BIGINT,
                  .references = { .table = "authors", .column = "id", .not_valid = true } } },
    { .kind = CORM_VALIDATE_CONSTRAINT, .table = "books", .name = "books_author_id_fkey" },
    { .kind = CORM_RENAME_CONSTRAINT,
      .table = "books",
      .name = "books_author_id_fkey",
      .new_name = "to_author" },
    { .kind = CORM_CREATE_EXTENSION, .name = "x" },
    { .kind = CORM_RENAME_TABLE, .table = "authors", .new_name = "people" },
    { .kind = CORM_DELETE_TABLE, .table = "books" },
    { 0 }
};

static int forth_and_back(corm_error_info *error) {
    static const corm_migration_body body = { .depends_on = after_first, .operations = everything };
    static const corm_migration both[] = { { "library", "0001_initial", &first },
                                           { "library", "0002_all", &body },
                                           { 0 } };
    static const corm_app app = { .name = "library", .migrations = both };
    static const corm_app *const only[] = { &app, NULL };
    corm_arena arena = { 0 };
    corm_buffer text = { 0 };
    corm_new_migration written = { .app = "library",
                                   .name = "0002_all",
                                   .operations = (corm_operation *)everything,
                                   .n_operations = sizeof everything / sizeof *everything - 1 };
    corm_graph *graph = corm__graph_load(only, &arena, error);
    int status =
        graph ? corm__migration_sql(graph, &both[1], false, &corm_backend_sqlite, &text, error)
              : error->status;
    if (!status)
        status = corm__migration_sql(graph, &both[1], true, &corm_backend_sqlite, &text, error);
    if (!status) status = corm__write_migration(&written, &text, error);
    if (!status) assert_non_null(strstr(corm__buffer_text(&text), "RENAME note TO remark"));
    if (!status) torture_result(corm__buffer_text(&text));
    corm__buffer_release(&text);
    corm__arena_release(&arena);
    return status;
}

static int check(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_check_messages messages = { .arena = &arena };
    int status = corm__check_apps(changed_apps, &corm_backend_sqlite, &messages);
    if (status) corm__fail_memory(error);
    corm__arena_release(&arena);
    return status;
}

static void test_memory__forth_and_back(void **state) {
    (void)state;
    torture(forth_and_back);
}
static void test_memory__check(void **state) {
    (void)state;
    torture(check);
}
static void test_memory__migrate(void **state) {
    (void)state;
    torture(migrate);
}
static void test_memory__migrate_outside(void **state) {
    (void)state;
    torture(migrate_outside);
}
static void test_memory__detect_and_write(void **state) {
    (void)state;
    torture(detect_and_write);
}
static void test_memory__detect_circle(void **state) {
    (void)state;
    torture(detect_circle);
}
static void test_memory__detect_nothing(void **state) {
    (void)state;
    torture(detect_nothing);
}
static void test_memory__print_sql(void **state) {
    (void)state;
    torture(print_sql);
}

int main(void) {
    int fd = mkstemp(path);
    if (fd < 0) fd = mkstemp(strcpy(path, "/tmp/corm-memory-XXXXXX"));
    if (fd < 0) return 1;
    close(fd);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory__forth_and_back),
        cmocka_unit_test(test_memory__check),
        cmocka_unit_test(test_memory__migrate),
        cmocka_unit_test(test_memory__migrate_outside),
        cmocka_unit_test(test_memory__detect_and_write),
        cmocka_unit_test(test_memory__detect_circle),
        cmocka_unit_test(test_memory__detect_nothing),
        cmocka_unit_test(test_memory__print_sql),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove_database();
    return failed;
}
