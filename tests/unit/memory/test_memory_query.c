/* Queries and writes with each allocation failing in turn. What fails leaves the handle, and what stands in the database, as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "torture.h"
#include <corm/corm.h>

CORM_MODEL(Author, Authors, "authors", identity(id), varchar(name, 80), optional_integer(born), has_many(books, Book, author));
CORM_MODEL(Tag, Tags, "tags", identity(id), varchar(name, 20, .unique = true));
CORM_MODEL(Book, Books, "books", identity(id), text(title), decimal(price, 8, 2), text(link, .null = true), foreign_key(author, Author), many_to_many(tags, Tag));
CORM_ROW(Total, text(name), bigint(books), decimal(spent, 12, 2));

static const char make[] =
    "CREATE TABLE authors (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, born INTEGER);"
    "CREATE TABLE tags (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE books (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, price INTEGER NOT NULL, link TEXT, author_id BIGINT NOT NULL REFERENCES authors(id));"
    "CREATE TABLE books_tags (id INTEGER PRIMARY KEY AUTOINCREMENT, book_id BIGINT NOT NULL REFERENCES books(id), tag_id BIGINT NOT NULL REFERENCES tags(id), UNIQUE (book_id, tag_id));"
    "INSERT INTO authors (name, born) VALUES ('Ada', 1815), ('Émile', NULL);"
    "INSERT INTO tags (name) VALUES ('old'), ('new');"
    "INSERT INTO books (title, price, author_id) VALUES ('Notes', 1250, 1), ('Germinal', 999, 2), ('Nana', 150, 2);"
    "INSERT INTO books_tags (book_id, tag_id) VALUES (1, 1), (2, 1), (2, 2);";

/* Opens a database, runs use on it; when that failed, it must work the second time on the same handle. */
static int with_database(int (*use)(corm_db *db), corm_error_info *error) {
    static const char *const environment[] = { "DATABASE_URL=sqlite://:memory:", NULL };
    corm_settings_options options = { .environment = environment, .no_env_file = true };
    corm_settings *settings = corm_settings_load(&options, error);
    if (!settings) return error->status;
    corm_db *db = corm_open_with(settings, NULL);
    corm_settings_free(settings);
    int status = db && !corm_failed(db) ? corm_exec(db, make) : corm_error(db)->status;
    *error = *corm_error(db);
    if (!status && (status = use(db)) != 0) {
        *error = *corm_error(db);
        assert_int_equal(corm_transaction_depth(db), 0);
        int again = use(db);
        if (again) fail_msg("the second time: %s: %s", corm_status_name(again), corm_error(db)->message);
    }
    corm_close(db);
    return status;
}

static int status_of(corm_db *db) { return corm_error(db)->status; }

static int read(corm_db *db) {
    Book *books = corm_all(db, Books, .where = AND(GT(Books.price, 1), OR(ICONTAINS(Books.author->name, "É"), IN(Books.id, 1, 2), EQ(Books.tags->name, "new"))),
                           .order_by = BY(DESC(Books.title)), .with = WITH(Books.author, Books.tags, Books.author->books), .limit = 10);
    if (!books) return status_of(db);
    assert_int_equal(corm_len(books), 3);
    assert_string_equal(books[0].title, "Notes");
    assert_int_equal(corm_len(books[2].tags), 2);
    assert_int_equal(corm_len(books[2].author->books), 2);
    corm_free(books);
    Author *author = corm_get(db, Authors, .where = EQ(Authors.name, "Ada"), .with = WITH(Authors.books));
    if (!author) return status_of(db);
    assert_int_equal(author->born.value, 1815);
    corm_free(author);
    Book *one = corm_find(db, Books, 2);
    if (!one) return status_of(db);
    corm_free(one);
    Book *first = corm_first(db, Books, .order_by = BY(ASC(Books.price)));
    if (!first) return status_of(db);
    assert_string_equal(first->title, "Nana");
    corm_free(first);
    int64_t n = corm_count(db, Books, .where = NOT(EQ(Books.tags->name, "old")));
    if (n >= 0) assert_int_equal(n, 1);
    return n < 0 ? (int)n : 0;
}

static int stream(corm_db *db) {
    int n = 0;
    corm_each (book, db, Books, .order_by = BY(ASC(Books.id)), .with = WITH(Books.author)) n += book->author != NULL;
    if (!corm_failed(db)) assert_int_equal(n, 3);
    return corm_failed(db) ? status_of(db) : 0;
}

static int report(corm_db *db) {
    Total *totals = corm_select(db, Total, Books, .columns = COLUMNS(AS(name, Books.author->name), AS(books, COUNT()), AS(spent, SUM(Books.price))),
                                .having = GT(COUNT(), 0), .order_by = BY(DESC(COUNT())));
    if (!totals) return status_of(db);
    assert_int_equal(corm_len(totals), 2);
    assert_int_equal(totals[0].books, 2);
    corm_free(totals);
    Total *rows = corm_sql(db, Total, "SELECT name, 7 AS books, 1.25 AS spent FROM authors WHERE name = ? OR id > ?", TEXT("Ada"), BIGINT(1));
    if (!rows) return status_of(db);
    assert_int_equal(corm_len(rows), 2);
    corm_free(rows);
    return 0;
}

/* In a transaction that is rolled back, so that it can be tried again. */
static int write_all(corm_db *db) {
    Book book = corm_defaults(Books), many[40];
    book.title = "Poems";
    book.author_id = 1;
    book.price = corm_decimal_of(5, 0);
    if (corm_insert(db, Books, &book) < 0) return status_of(db);
    book.title = "More poems";
    if (corm_save(db, Books, &book) < 0) return status_of(db);
    for (size_t i = 0; i < 40; i++) many[i] = (Book){ .title = "One of many", .author_id = 2, .price = corm_decimal_of(1, 0) };
    if (corm_insert_many(db, Books, many, 40) < 0) return status_of(db);
    if (corm_add(db, Books, tags, book.id, ((int64_t[]){ 1, 2 }), 2) < 0) return status_of(db);
    if (corm_remove(db, Books, tags, book.id, ((int64_t[]){ 1 }), 1) < 0) return status_of(db);
    int64_t changed = corm_update(db, Books, .where = EQ(Books.author->name, "Émile"), .set = SET(TO(Books.price, ADD(Books.price, 1)), TO_NULL(Books.link)));
    if (changed < 0) return (int)changed;
    assert_int_equal(changed, 42);
    int64_t gone = corm_delete(db, Books, .where = EQ(Books.title, "One of many"));
    if (gone < 0) return (int)gone;
    assert_int_equal(gone, 40);
    return 0;
}

static int write(corm_db *db) {
    int status = corm_begin(db);
    if (status) return status;
    status = write_all(db);
    int rolled_back = corm_rollback(db);
    if (rolled_back) return rolled_back;
    int64_t n = corm_count(db, Books);
    if (n >= 0) assert_int_equal(n, 3);
    return status ? status : n < 0 ? (int)n : 0;
}

static int reads(corm_error_info *error) { return with_database(read, error); }
static int streams(corm_error_info *error) { return with_database(stream, error); }
static int reports(corm_error_info *error) { return with_database(report, error); }
static int writes(corm_error_info *error) { return with_database(write, error); }

static void test_memory__read(void **state) { (void)state; torture(reads); }
static void test_memory__stream(void **state) { (void)state; torture(streams); }
static void test_memory__report(void **state) { (void)state; torture(reports); }
static void test_memory__write(void **state) { (void)state; torture(writes); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory__read),
        cmocka_unit_test(test_memory__stream),
        cmocka_unit_test(test_memory__report),
        cmocka_unit_test(test_memory__write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
