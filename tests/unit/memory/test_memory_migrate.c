/* Migrations planned, run, detected and written with each allocation failing in turn. What fails leaves a database that can be migrated. */
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
#include "migrate/migrate.h"
#include "torture.h"
#include <corm/corm.h>

#define COLUMNS_OF(...)                                                                                                                    \
    .columns = (const corm_column[]) {                                                                                                     \
        __VA_ARGS__, { 0 }                                                                                                                 \
    }
#define ID                                                                                                                                 \
    { "id", .kind = CORM_IDENTITY }

static const corm_operation make_tables[] = {
    { .kind = CORM_CREATE_TABLE,
      .table = "authors",
      .model = "Author",
      .primary_key = "id",
      COLUMNS_OF(ID, { "name", .kind = CORM_VARCHAR, .max_length = 50 }, { "age", .kind = CORM_INTEGER, .null = true }) },
    { .kind = CORM_CREATE_TABLE,
      .table = "books",
      .model = "Book",
      .primary_key = "id",
      COLUMNS_OF(ID, { "title", .kind = CORM_TEXT },
                 { "author_id", .kind = CORM_BIGINT, .references = { .table = "authors", .column = "id", .on_delete = CORM_CASCADE } }) },
    { 0 }
};
static const corm_operation change_tables[] = {
    { .kind = CORM_RUN_SQL,
      .sql = "INSERT INTO authors (name) VALUES ('Ada'), ('Émile'); INSERT INTO books (title, author_id) SELECT 'Notes', id FROM authors" },
    { .kind = CORM_ADD_COLUMN, .table = "authors", .column = { "born", .kind = CORM_INTEGER }, .fill = CORM_DEFAULT(1900) },
    { .kind = CORM_ALTER_COLUMN, .table = "authors", .column = { "age", .kind = CORM_BIGINT }, .fill = CORM_DEFAULT(7) },
    { .kind = CORM_ADD_INDEX, .table = "books", .index = { "books_title_idx", .columns = "title" } },
    { .kind = CORM_RENAME_COLUMN, .table = "authors", .name = "name", .new_name = "full_name" },
    { 0 }
};
static const char *const after_first[] = { "library.0001_initial", NULL };
static const corm_migration_body first = { .operations = make_tables };
static const corm_migration_body second = { .depends_on = after_first, .operations = change_tables };
static const corm_migration migrations[] = { { "library", "0001_initial", &first }, { "library", "0002_change", &second }, { 0 } };
static const corm_app library = { .name = "library", .migrations = migrations };
static const corm_app *const apps[] = { &library, NULL };

CORM_MODEL(Author, Authors, "authors", identity(id), varchar(full_name, 80), integer(born), optional_bigint(age),
           has_many(books, Book, author));
CORM_MODEL(Genre, Genres, "genres", identity(id), varchar(name, 20, .unique = true), check(genre_named, "name <> ''"));
CORM_MODEL(Book, Books, "books", identity(id), text(title), foreign_key(author, Author, .on_delete = CORM_CASCADE),
           many_to_many(genres, Genre), index(book_author, author_id, title));
static const corm_app changed = { .name = "library", .migrations = migrations, .models = CORM_MODELS(Authors, Genres, Books) };
static const corm_app *const changed_apps[] = { &changed, NULL };

static char path[] = "/dev/shm/corm-memory-XXXXXX"; /* in memory: each of some hundred runs syncs its file many times */

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

static int migrate(corm_error_info *error) {
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
    if (!status && (status = corm__migrate(db, settings, NULL, apps, &options, &n)) != 0) {
        status_of(db, error);
        if (corm__migrate(db, settings, NULL, apps, &options, &n) != 0)
            fail_msg("not to be migrated any more: %s", corm_error(db)->message);
    }
    if (!status) assert_int_equal(n, 2);
    if (db && !corm_failed(db)) assert_int_equal(corm_exec(db, "INSERT INTO authors (full_name, age, born) VALUES ('Zoë', 3, 2000)"), 0);
    corm_close(db);
    corm_settings_free(settings);
    return status;
}

static int detect_and_write(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_new_migration *found = NULL;
    size_t n = 0;
    corm_buffer text = { 0 }, list = { 0 };
    corm_graph *graph = corm__graph_load(changed_apps, &arena, error);
    int status = graph ? corm__autodetect(graph, changed_apps, NULL, &arena, &found, &n, error) : error->status;
    for (size_t i = 0; !status && i < n; i++) {
        status = corm__write_migration(&found[i], &text, error);
        if (!status) status = corm__write_list(found[i].app, NULL, found[i].name, &list, error);
    }
    if (!status) assert_int_equal(n, 1);
    if (!status) assert_non_null(strstr(corm__buffer_text(&text), "genres"));
    corm__buffer_release(&text);
    corm__buffer_release(&list);
    corm__arena_release(&arena);
    return status;
}

static int print_sql(corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_buffer text = { 0 };
    corm_graph *graph = corm__graph_load(apps, &arena, error);
    const corm_migration *migration = graph ? corm__graph_find(graph, "library", "0002", error) : NULL;
    int status = migration ? corm__migration_sql(graph, migration, false, &corm_backend_sqlite, &text, error) : error->status;
    if (!status) assert_non_null(strstr(corm__buffer_text(&text), "full_name"));
    corm__buffer_release(&text);
    corm__arena_release(&arena);
    return status;
}

static void test_memory__migrate(void **state) {
    (void)state;
    torture(migrate);
}
static void test_memory__detect_and_write(void **state) {
    (void)state;
    torture(detect_and_write);
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
        cmocka_unit_test(test_memory__migrate),
        cmocka_unit_test(test_memory__detect_and_write),
        cmocka_unit_test(test_memory__print_sql),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove_database();
    return failed;
}
