/* usage: test_changes sqlite|postgresql|mariadb
 * Every operation on a real database with rows in it: after it the live schema equals the state in
 * memory, and after undoing it the state before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "database.h"
#include "migrate/execute/migrate.h"

#define COLUMNS_OF(...) .columns = (const corm_column[]){ __VA_ARGS__, { 0 } }
#define ID { "id", .kind = CORM_IDENTITY }
#define TO(table_, ...) .references = { .table = table_, .column = "id", __VA_ARGS__ }

static const corm_index book_indexes[] = { { "books_title_idx", .columns = "title" },
                                           { "books_author_id_idx", .columns = "author_id" },
                                           { 0 } };
static const corm_constraint book_constraints[] = {
    { "books_once", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "title, author_id" },
    { "books_pages_check", .kind = CORM_CONSTRAINT_CHECK, .check = "pages >= 0" },
    { 0 }
};
static const corm_operation base[] = {
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
      .indexes = book_indexes,
      .constraints = book_constraints,
      COLUMNS_OF(ID, { "title", .kind = CORM_TEXT },
                 { "pages", .kind = CORM_INTEGER, .default_value = CORM_DEFAULT(0) },
                 { "note", .kind = CORM_TEXT, .null = true },
                 { "price", .kind = CORM_DECIMAL, .digits = 7, .places = 2, .null = true },
                 { "author_id", .kind = CORM_BIGINT, TO("authors", .on_delete = CORM_CASCADE) },
                 { "editor", .kind = CORM_BIGINT, .null = true }) },
    { .kind = CORM_CREATE_TABLE,
      .table = "lent",
      .primary_key = "book_id, author_id",
      COLUMNS_OF({ "book_id", .kind = CORM_BIGINT, TO("books", .on_delete = CORM_CASCADE) },
                 { "author_id", .kind = CORM_BIGINT, TO("authors", .on_delete = CORM_RESTRICT) },
                 { "day", .kind = CORM_DATE, .null = true }) },
    { 0 }
};
static const char rows[] =
    "INSERT INTO authors (name) VALUES ('Ada'), ('Grace'); INSERT INTO books (title, author_id, "
    "editor, price) SELECT name, id, id, 12 FROM authors;"
    "INSERT INTO lent (book_id, author_id) SELECT id, author_id FROM books";

#define ALTER(table_, ...) { .kind = CORM_ALTER_COLUMN, .table = table_, .column = { __VA_ARGS__ } }
#define ADD(table_, ...) { .kind = CORM_ADD_COLUMN, .table = table_, .column = { __VA_ARGS__ } }
#define ADD_INDEX(table_, ...) { .kind = CORM_ADD_INDEX, .table = table_, .index = { __VA_ARGS__ } }
#define ADD_CONSTRAINT(table_, ...)                                                                \
    {                                                                                              \
        .kind = CORM_ADD_CONSTRAINT, .table = table_, .constraint = { __VA_ARGS__ }                \
    }

#define LIST(...) (const corm_operation[]){ __VA_ARGS__, { 0 } }

static int name_editors(const corm_migration_run *run) {
    return corm__table_find(run->schema, "books")
               ? corm_exec(run->db, "UPDATE books SET note = 'seen'")
               : CORM_ERROR_USAGE;
}

static const corm_engine_sql add_shelf[] = { { "postgresql",
                                               "ALTER TABLE books ADD COLUMN shelf text",
                                               "ALTER TABLE books DROP COLUMN shelf" },
                                             { 0 } };
static const corm_operation shelf[] = { ADD("books", "shelf", .kind = CORM_TEXT, .null = true),
                                        { 0 } };
/* A generated column with all that can stand on one. */
static const corm_operation generated[] = {
    ADD("books", "twice", .kind = CORM_INTEGER, .null = true, .generated = "pages * 2",
        .comment = "both sides"),
    ADD_INDEX("books", "books_twice_idx", .columns = "twice desc"),
    ADD_INDEX("books", "books_twice_some", .columns = "author_id", .where = "twice > 1"),
    ADD_INDEX("books", "books_twice_more", .expression = "twice + 1"),
    ADD_CONSTRAINT("books", "books_twice_uniq", .kind = CORM_CONSTRAINT_UNIQUE,
                   .columns = "twice, id"),
    ADD_CONSTRAINT("books", "books_twice_check", .kind = CORM_CONSTRAINT_CHECK,
                   .check = "twice >= 0 OR pages < 0"),
    { 0 }
};
static const corm_operation unchecked[] = {
    ADD_CONSTRAINT("authors", "authors_age_check", .kind = CORM_CONSTRAINT_CHECK,
                   .check = "age > 0", .not_valid = true),
    ALTER("books", "editor", .kind = CORM_BIGINT, .null = true, TO("authors", .not_valid = true)),
    { 0 }
};
static const corm_operation second_key[] = {
    ADD_CONSTRAINT("authors", "authors_id_uniq", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "id"),
    { 0 }
};
static const corm_operation excluded[] = {
    ADD_CONSTRAINT("books", "books_apart", .kind = CORM_CONSTRAINT_EXCLUDE,
                   .elements = "author_id WITH =, title WITH =", .where = "pages > 0",
                   .include = "pages", .deferrable = true),
    { 0 }
};
static const corm_operation tagged[] = {
    { .kind = CORM_CREATE_TABLE,
      .table = "authors_books",
      .primary_key = "author_id, book_id",
      COLUMNS_OF({ "author_id", .kind = CORM_BIGINT, TO("authors", .on_delete = CORM_CASCADE) },
                 { "book_id", .kind = CORM_BIGINT, TO("books", .on_delete = CORM_CASCADE) }),
      .indexes =
          (const corm_index[]){ { "authors_books_book_id_idx", .columns = "book_id" }, { 0 } } },
    { 0 }
};
static const corm_operation renamed_with_it[] = {
    { .kind = CORM_RENAME_TABLE, .table = "authors_books", .new_name = "people_books" },
    { .kind = CORM_RENAME_COLUMN,
      .table = "people_books",
      .name = "author_id",
      .new_name = "person_id" },
    { .kind = CORM_RENAME_INDEX,
      .table = "people_books",
      .name = "authors_books_book_id_idx",
      .new_name = "people_books_book_id_idx" },
    { 0 }
};
static const corm_operation with_extension[] = {
    { .kind = CORM_CREATE_EXTENSION, .name = "pg_trgm" }, { 0 }
};
static const corm_operation fuzzy[] = {
    ADD_INDEX("books", "books_fuzzy", .expression = "title gin_trgm_ops", .method = "gin"), { 0 }
};

/* Each is tried by itself on the tables above. before: what is there besides them; then: operations
 * of the same migration; only: the engine that has it. */
static const struct change {
    const char *name;
    corm_operation operation;
    const corm_operation *before, *then;
    const char *only;
    bool outside;
} changes[] = {
    { "create a table",
      .operation = { .kind = CORM_CREATE_TABLE,
                     .table = "shelves",
                     .model = "Shelf",
                     .primary_key = "id",
                     .comment = "of wood",
                     COLUMNS_OF(ID,
                                { "book_id", .kind = CORM_BIGINT, .null = true,
                                  TO("books", .on_delete = CORM_SET_NULL, .deferrable = true) },
                                { "parent_id", .kind = CORM_BIGINT, .null = true, TO("shelves") },
                                { "full", .kind = CORM_BOOLEAN, .default_value = CORM_DEFAULT(1) },
                                { "made", .kind = CORM_TIMESTAMP,
                                  .default_value = CORM_DEFAULT_EXPRESSION("CURRENT_TIMESTAMP") },
                                { "weight", .kind = CORM_DOUBLE_PRECISION,
                                  .default_value = CORM_DEFAULT(1.5) },
                                { "mark", .kind = CORM_UUID, .null = true },
                                { "data", .kind = CORM_JSON, .null = true },
                                { "raw", .kind = CORM_BLOB, .null = true },
                                { "at", .kind = CORM_TIME, .null = true },
                                { "took", .kind = CORM_INTERVAL, .null = true },
                                { "small", .kind = CORM_SMALLINT, .null = true },
                                { "thin", .kind = CORM_REAL, .null = true },
                                { "label", .kind = CORM_VARCHAR, .max_length = 9,
                                  .default_value = CORM_DEFAULT("it's") }) } },
    { "delete a table", .operation = { .kind = CORM_DELETE_TABLE, .table = "lent" } },
    { "rename a table that others refer to",
      .operation = { .kind = CORM_RENAME_TABLE, .table = "authors", .new_name = "people" } },
    { "rename a table with indexes and a foreign key",
      .operation = { .kind = CORM_RENAME_TABLE, .table = "books", .new_name = "volumes" } },
    { "add a nullable column",
      .operation = ADD("books", "subtitle", .kind = CORM_TEXT, .null = true) },
    { "add a column with a default",
      .operation = ADD("books", "copies", .kind = CORM_INTEGER, .default_value = CORM_DEFAULT(1)) },
    { "add a column with an expression as its default",
      .operation = ADD("books", "made", .kind = CORM_TIMESTAMP,
                       .default_value = CORM_DEFAULT_EXPRESSION("CURRENT_TIMESTAMP")) },
    { "add a NOT NULL column with a fill",
      .operation = { .kind = CORM_ADD_COLUMN,
                     .table = "authors",
                     .column = { "country", .kind = CORM_VARCHAR, .max_length = 2 },
                     .fill = CORM_DEFAULT("GB") } },
    { "add a NOT NULL decimal with a fill",
      .operation = { .kind = CORM_ADD_COLUMN,
                     .table = "authors",
                     .column = { "rate", .kind = CORM_DECIMAL, .digits = 6, .places = 3 },
                     .fill = CORM_DEFAULT("1.250") } },
    { "add a foreign key column",
      .operation = ADD("books", "second_id", .kind = CORM_BIGINT, .null = true,
                       TO("authors", .on_delete = CORM_SET_NULL)) },
    { "add a foreign key to itself",
      .operation = ADD("books", "sequel_id", .kind = CORM_BIGINT, .null = true, TO("books")) },
    { "add a generated column", .operation = ADD("books", "twice", .kind = CORM_INTEGER,
                                                 .null = true, .generated = "pages * 2") },
    { "remove a column",
      .operation = { .kind = CORM_REMOVE_COLUMN, .table = "books", .name = "note" } },
    { "remove a NOT NULL column with a fill for its return",
      .operation = { .kind = CORM_REMOVE_COLUMN,
                     .table = "authors",
                     .name = "name",
                     .fill = CORM_DEFAULT("Nobody") } },
    { "remove a decimal column",
      .operation = { .kind = CORM_REMOVE_COLUMN, .table = "books", .name = "price" } },
    { "widen an integer",
      .operation = ALTER("books", "pages", .kind = CORM_BIGINT, .default_value = CORM_DEFAULT(0)) },
    { "widen a varchar that others refer past",
      .operation = ALTER("authors", "name", .kind = CORM_VARCHAR, .max_length = 90) },
    { "varchar to text", .operation = ALTER("authors", "name", .kind = CORM_TEXT) },
    { "change a decimal", .operation = ALTER("books", "price", .kind = CORM_DECIMAL, .digits = 9,
                                             .places = 3, .null = true) },
    { "NULL to NOT NULL with a fill", .operation = { .kind = CORM_ALTER_COLUMN,
                                                     .table = "authors",
                                                     .column = { "age", .kind = CORM_INTEGER },
                                                     .fill = CORM_DEFAULT(30) } },
    { "NOT NULL to NULL",
      .operation = ALTER("authors", "name", .kind = CORM_VARCHAR, .max_length = 50, .null = true) },
    { "set a default", .operation = ALTER("authors", "age", .kind = CORM_INTEGER, .null = true,
                                          .default_value = CORM_DEFAULT(18)) },
    { "drop a default", .operation = ALTER("books", "pages", .kind = CORM_INTEGER) },
    { "change a default and a type",
      .operation = ALTER("books", "pages", .kind = CORM_BIGINT, .default_value = CORM_DEFAULT(7)) },
    { "add a foreign key to a column",
      .operation = ALTER("books", "editor", .kind = CORM_BIGINT, .null = true,
                         TO("authors", .on_delete = CORM_SET_NULL)) },
    { "drop a foreign key", .operation = ALTER("books", "author_id", .kind = CORM_BIGINT) },
    { "change what deleting does", .operation = ALTER("books", "author_id", .kind = CORM_BIGINT,
                                                      TO("authors", .on_delete = CORM_RESTRICT)) },
    { "make a foreign key deferrable",
      .operation = ALTER("books", "author_id", .kind = CORM_BIGINT,
                         TO("authors", .on_delete = CORM_CASCADE, .deferrable = true)) },
    { "rename a column", .operation = { .kind = CORM_RENAME_COLUMN,
                                        .table = "authors",
                                        .name = "age",
                                        .new_name = "years" } },
    { "rename a column in a check and nothing else", .operation = { .kind = CORM_RENAME_COLUMN,
                                                                    .table = "books",
                                                                    .name = "pages",
                                                                    .new_name = "leaves" } },
    { "rename a column in an index and a unique constraint",
      .operation = { .kind = CORM_RENAME_COLUMN,
                     .table = "books",
                     .name = "title",
                     .new_name = "name" } },
    { "rename a foreign key column", .operation = { .kind = CORM_RENAME_COLUMN,
                                                    .table = "books",
                                                    .name = "author_id",
                                                    .new_name = "writer_id" } },
    { "rename a column that others refer to", .operation = { .kind = CORM_RENAME_COLUMN,
                                                             .table = "authors",
                                                             .name = "id",
                                                             .new_name = "number" } },
    { "rename a column of a composite key", .operation = { .kind = CORM_RENAME_COLUMN,
                                                           .table = "lent",
                                                           .name = "author_id",
                                                           .new_name = "reader_id" } },
    { "add an index",
      .operation = ADD_INDEX("books", "books_pages_idx", .columns = "pages desc, title") },
    { "add a unique index over some rows",
      .operation = ADD_INDEX("books", "books_long", .columns = "author_id", .where = "pages > 0",
                             .unique = true) },
    { "add an index over an expression",
      .operation = ADD_INDEX("authors", "authors_lower", .expression = "lower(name)") },
    { "remove an index",
      .operation = { .kind = CORM_REMOVE_INDEX, .table = "books", .name = "books_title_idx" } },
    { "rename an index", .operation = { .kind = CORM_RENAME_INDEX,
                                        .table = "books",
                                        .name = "books_title_idx",
                                        .new_name = "by_title" } },
    { "add a unique constraint",
      .operation = ADD_CONSTRAINT("authors", "authors_name_uniq", .kind = CORM_CONSTRAINT_UNIQUE,
                                  .columns = "name") },
    { "add a check",
      .operation = ADD_CONSTRAINT("authors", "authors_age_check", .kind = CORM_CONSTRAINT_CHECK,
                                  .check = "age > 0 AND age < 150") },
    { "add a check over texts",
      .operation = ADD_CONSTRAINT("authors", "authors_name_check", .kind = CORM_CONSTRAINT_CHECK,
                                  .check = "name IN ('Ada', 'Grace', 'it''s')") },
    { "remove a unique constraint",
      .operation = { .kind = CORM_REMOVE_CONSTRAINT, .table = "books", .name = "books_once" } },
    { "remove a check", .operation = { .kind = CORM_REMOVE_CONSTRAINT,
                                       .table = "books",
                                       .name = "books_pages_check" } },
    { "change the primary key", .operation = { .kind = CORM_ALTER_PRIMARY_KEY,
                                               .table = "lent",
                                               .primary_key = "author_id, book_id" } },
    { "number the rows of a table with a composite key",
      .operation = { .kind = CORM_ADD_COLUMN,
                     .table = "lent",
                     .column = { "id", .kind = CORM_IDENTITY },
                     .primary_key = "id" } },
    { "comment on a table", .operation = { .kind = CORM_ALTER_COMMENT,
                                           .table = "authors",
                                           .comment = "who wrote \'it\'" } },
    { "alter an index",
      .operation = { .kind = CORM_ALTER_INDEX,
                     .table = "books",
                     .index = { "books_title_idx", .columns = "title desc, pages" } } },
    { "make an index unique, over some rows",
      .operation = { .kind = CORM_ALTER_INDEX,
                     .table = "books",
                     .index = { "books_title_idx", .columns = "title", .unique = true,
                                .where = "pages > 1" } } },
    { "add an index with included columns",
      .operation = ADD_INDEX("books", "books_in", .columns = "title", .include = "pages, note") },
    { "add an index with a method",
      .operation = ADD_INDEX("books", "books_brin", .columns = "pages", .method = "brin"),
      .only = "postgresql" },
    { "add a unique index in which NULLs are alike",
      .operation = ADD_INDEX("books", "books_n", .columns = "note, id", .unique = true,
                             .nulls_not_distinct = true) },
    { "add an index concurrently",
      .operation = { .kind = CORM_ADD_INDEX,
                     .table = "books",
                     .index = { "books_pages_idx", .columns = "pages" },
                     .concurrently = true },
      .outside = true },
    { "remove an index concurrently",
      .operation = { .kind = CORM_REMOVE_INDEX,
                     .table = "books",
                     .name = "books_title_idx",
                     .concurrently = true },
      .outside = true },
    { "add a deferrable unique constraint",
      .operation = ADD_CONSTRAINT("books", "books_late", .kind = CORM_CONSTRAINT_UNIQUE,
                                  .columns = "title", .deferrable = true) },
    { "add a unique constraint in which NULLs are alike",
      .operation = ADD_CONSTRAINT("books", "books_n", .kind = CORM_CONSTRAINT_UNIQUE,
                                  .columns = "note, id", .nulls_not_distinct = true) },
    { "add a unique constraint with included columns",
      .operation = ADD_CONSTRAINT("books", "books_in", .kind = CORM_CONSTRAINT_UNIQUE,
                                  .columns = "title", .include = "pages") },
    { "make a unique constraint deferrable",
      .operation = { .kind = CORM_ALTER_CONSTRAINT,
                     .table = "books",
                     .constraint = { "books_once", .kind = CORM_CONSTRAINT_UNIQUE,
                                     .columns = "title, author_id", .deferrable = true } } },
    { "alter the columns of a unique constraint",
      .operation = { .kind = CORM_ALTER_CONSTRAINT,
                     .table = "books",
                     .constraint = { "books_once", .kind = CORM_CONSTRAINT_UNIQUE,
                                     .columns = "title, editor" } } },
    { "alter a check",
      .operation = { .kind = CORM_ALTER_CONSTRAINT,
                     .table = "books",
                     .constraint = { "books_pages_check", .kind = CORM_CONSTRAINT_CHECK,
                                     .check = "pages > -1" } } },
    { "alter a unique constraint that others refer to",
      .operation = { .kind = CORM_ALTER_CONSTRAINT,
                     .table = "authors",
                     .constraint = { "authors_id_uniq", .kind = CORM_CONSTRAINT_UNIQUE,
                                     .columns = "id", .include = "age" } },
      .before = second_key },
    { "remove a unique constraint that others refer to",
      .operation = { .kind = CORM_REMOVE_CONSTRAINT,
                     .table = "authors",
                     .name = "authors_id_uniq" },
      .before = second_key },
    { "rename a unique constraint", .operation = { .kind = CORM_RENAME_CONSTRAINT,
                                                   .table = "books",
                                                   .name = "books_once",
                                                   .new_name = "once" } },
    { "rename a check", .operation = { .kind = CORM_RENAME_CONSTRAINT,
                                       .table = "books",
                                       .name = "books_pages_check",
                                       .new_name = "some_pages" } },
    { "rename a foreign key", .operation = { .kind = CORM_RENAME_CONSTRAINT,
                                             .table = "books",
                                             .name = "books_author_id_fkey",
                                             .new_name = "to_author" } },
    { "exclude",
      .operation = ADD_CONSTRAINT("books", "books_apart", .kind = CORM_CONSTRAINT_EXCLUDE,
                                  .elements = "author_id WITH =, title WITH =",
                                  .where = "pages > 0", .include = "pages", .deferrable = true) },
    { "exclude by a hash",
      .operation = ADD_CONSTRAINT("books", "books_apart", .kind = CORM_CONSTRAINT_EXCLUDE,
                                  .elements = "title WITH =", .method = "hash") },
    { "alter an exclusion",
      .operation = { .kind = CORM_ALTER_CONSTRAINT,
                     .table = "books",
                     .constraint = { "books_apart", .kind = CORM_CONSTRAINT_EXCLUDE,
                                     .elements = "lower(title) WITH =" } },
      .before = excluded },
    { "rename an exclusion",
      .operation = { .kind = CORM_RENAME_CONSTRAINT,
                     .table = "books",
                     .name = "books_apart",
                     .new_name = "apart" },
      .before = excluded },
    { "rename a column of an exclusion",
      .operation = { .kind = CORM_RENAME_COLUMN,
                     .table = "books",
                     .name = "title",
                     .new_name = "name" },
      .before = excluded },
    { "remove an exclusion",
      .operation = { .kind = CORM_REMOVE_CONSTRAINT, .table = "books", .name = "books_apart" },
      .before = excluded },
    { "add a check that is not valid",
      .operation = ADD_CONSTRAINT("authors", "authors_age_check", .kind = CORM_CONSTRAINT_CHECK,
                                  .check = "age > 0", .not_valid = true) },
    { "validate a check",
      .operation = { .kind = CORM_VALIDATE_CONSTRAINT,
                     .table = "authors",
                     .name = "authors_age_check" },
      .before = unchecked },
    { "validate a check by altering it",
      .operation = { .kind = CORM_ALTER_CONSTRAINT,
                     .table = "authors",
                     .constraint = { "authors_age_check", .kind = CORM_CONSTRAINT_CHECK,
                                     .check = "age > 0" } },
      .before = unchecked },
    { "add a foreign key that is not valid",
      .operation = ALTER("books", "editor", .kind = CORM_BIGINT, .null = true,
                         TO("authors", .not_valid = true)) },
    { "validate a foreign key",
      .operation = { .kind = CORM_VALIDATE_CONSTRAINT,
                     .table = "books",
                     .name = "books_editor_fkey" },
      .before = unchecked },
    { "change the expression of a generated column",
      .operation = ALTER("books", "twice", .kind = CORM_INTEGER, .null = true,
                         .generated = "pages + pages", .comment = "both sides"),
      .before = generated },
    { "change the type of a generated column",
      .operation = ALTER("books", "twice", .kind = CORM_BIGINT, .null = true,
                         .generated = "pages * 2", .comment = "both sides"),
      .before = generated },
    { "make a generated column a plain one",
      .operation = ALTER("books", "twice", .kind = CORM_INTEGER, .null = true),
      .before = generated },
    { "change the type under a generated column",
      .operation = ALTER("books", "pages", .kind = CORM_BIGINT, .default_value = CORM_DEFAULT(0)),
      .before = generated },
    { "rename a column under a generated column",
      .operation = { .kind = CORM_RENAME_COLUMN,
                     .table = "books",
                     .name = "pages",
                     .new_name = "leaves" },
      .before = generated },
    { "rename a generated column",
      .operation = { .kind = CORM_RENAME_COLUMN,
                     .table = "books",
                     .name = "twice",
                     .new_name = "double_pages" },
      .before = generated },
    { "rename a table with its table in between",
      .operation = { .kind = CORM_RENAME_TABLE, .table = "authors", .new_name = "people" },
      .before = tagged, .then = renamed_with_it },
    { "shorten a composite primary key",
      .operation = { .kind = CORM_ALTER_PRIMARY_KEY, .table = "lent", .primary_key = "book_id" } },
    { "drop a primary key", .operation = { .kind = CORM_ALTER_PRIMARY_KEY, .table = "lent" } },
    { "change a primary key that others refer to",
      .operation = { .kind = CORM_ALTER_PRIMARY_KEY,
                     .table = "authors",
                     .primary_key = "name, id" },
      .before = second_key, .only = "postgresql" },
    { "comment on a column", .operation = ALTER("authors", "age", .kind = CORM_INTEGER,
                                                .null = true, .comment = "in 'years'") },
    { "create an extension", .operation = { .kind = CORM_CREATE_EXTENSION, .name = "pg_trgm" },
      .then = fuzzy, .only = "postgresql" },
    { "create an extension where there may be none",
      .operation = { .kind = CORM_CREATE_EXTENSION, .name = "pg_trgm" } },
    { "remove an extension", .operation = { .kind = CORM_REMOVE_EXTENSION, .name = "pg_trgm" },
      .before = with_extension },
    { "run SQL of the engine that the state hears of",
      .operation = { .kind = CORM_RUN_SQL,
                     .sql = "ALTER TABLE books ADD COLUMN shelf TEXT NULL",
                     .reverse_sql = "ALTER TABLE books DROP COLUMN shelf",
                     .engines = add_shelf,
                     .state = shelf } },
    { "run C",
      .operation = { .kind = CORM_RUN_C, .run = name_editors, .reverse = corm_nothing_to_undo } },
    { "do one thing to the database and another to the state",
      .operation = { .kind = CORM_SEPARATE,
                     .state = shelf,
                     .database = LIST(ADD("books", "place", .kind = CORM_TEXT, .null = true),
                                      { .kind = CORM_RENAME_COLUMN,
                                        .table = "books",
                                        .name = "place",
                                        .new_name = "shelf" },
                                      { .kind = CORM_RUN_SQL,
                                        .sql = "UPDATE books SET shelf = 'a'",
                                        .reverse_sql = "" }) } },
    { "run SQL", .operation = { .kind = CORM_RUN_SQL,
                                .sql = "UPDATE books SET pages = 5",
                                .reverse_sql = "UPDATE books SET pages = 0" } },
};

static bool same_as_state(fixture *f, const corm_app *const *apps, size_t n, const char *name,
                          const char *when) {
    corm_schema expected, found;
    char difference[300] = "";
    corm_graph *graph = corm__graph_load(apps, &f->arena, &f->error);
    if (!graph || corm__graph_state(graph, n, &f->arena, &expected, &f->error) ||
        f->db->backend->introspect(f->db->conn, NULL, &f->arena, &found, &f->error)) {
        print_error("%s, %s: %s\n", name, when, f->error.message);
        return false;
    }
    if (found.n_tables != expected.n_tables + 1)
        print_error("%s, %s: %zu tables instead of %zu\n", name, when, found.n_tables - 1,
                    expected.n_tables);
    bool same = found.n_tables == expected.n_tables + 1;
    for (size_t i = 0; i < expected.n_tables; i++) {
        const corm_table *table = corm__table_find(&found, expected.tables[i].name);
        const corm_table *wanted =
            corm__table_as_stored(&f->arena, &expected.tables[i], f->db->backend->features);
        bool equal = table && corm__table_equal(table, wanted, difference, sizeof difference);
        if (!equal)
            print_error("%s, %s: table %s: %s\n", name, when, expected.tables[i].name,
                        table ? difference : "is missing");
        same &= equal;
    }
    return same;
}

static bool migrated(fixture *f, const corm_app *const *apps, const char *target,
                     const char *name) {
    corm_migrate_options options = { .app = "library", .target = target };
    int status = corm__migrate(f->db, f->settings, NULL, apps, &options, NULL);
    if (status)
        print_error("%s, to %s: %s: %s\n", name, target, corm_error(f->db)->message,
                    corm_error(f->db)->sql);
    return !status;
}

static int64_t rows_of(fixture *f, const corm_operation *o, bool after) {
    const char *tables[] = { "authors", "books", "lent" };
    char sql[200];
    int64_t n = 0;
    for (int i = 0; i < 3; i++) {
        const char *name = tables[i];
        bool this_table = o->table && strcmp(o->table, name) == 0;
        if (this_table && o->kind == CORM_DELETE_TABLE) continue;
        if (this_table && after && o->kind == CORM_RENAME_TABLE) name = o->new_name;
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", name);
        n += number(f, sql);
    }
    return n;
}

/* The operation as the engine can have it; false when it has nothing like it. */
static bool adapt(const corm_features *has, corm_operation *o) {
    static corm_column columns[20];
    if ((o->index.where && !has->partial_indexes) ||
        (o->index.expression && !has->expression_indexes))
        return false;
    if (o->constraint.kind == CORM_CONSTRAINT_EXCLUDE && !has->exclusion) return false;
    if (o->index.method && !has->index_methods) return false;
    if (o->constraint.deferrable && !has->deferrable_unique) return false;
    if ((o->constraint.nulls_not_distinct || o->index.nulls_not_distinct) &&
        !has->nulls_not_distinct)
        return false;
    if (has->deferrable_foreign_keys) return true;
    if (o->column.references.deferrable) return false;
    for (size_t i = 0; o->columns && (i == 0 || o->columns[i - 1].name); i++) {
        columns[i] = o->columns[i];
        columns[i].references.deferrable = false;
    }
    if (o->columns) o->columns = columns;
    return true;
}

static size_t append(corm_operation *to, size_t n, const corm_operation *list) {
    for (; list && list->kind; list++) to[n++] = *list;
    return n;
}

static bool has_it(fixture *f, const struct change *change) {
    const corm_features *has = f->db->backend->features;
    if (change->only && strcmp(change->only, f->db->backend->name) != 0) return false;
    for (const corm_operation *o = change->before; o && o->kind; o++) {
        corm_operation adapted = *o;
        if (!adapt(has, &adapted)) return false;
    }
    return true;
}

/* True when all went well; the message has been printed otherwise. */
static bool try_change(fixture *f, const struct change *change) {
    static const char *const after_first[] = { "library.0001_initial", NULL };
    corm_operation initial[20] = { { 0 } }, operations[20] = { change->operation };
    append(initial, append(initial, 0, base), change->before);
    append(operations, 1, change->then);
    if (!has_it(f, change) || !adapt(f->db->backend->features, operations)) return true;
    const corm_migration_body first = { .operations = initial };
    const corm_migration_body second = { .depends_on = after_first,
                                         .operations = operations,
                                         .outside_transaction = change->outside };
    const corm_migration list[] = { { "library", "0001_initial", &first },
                                    { "library", "0002_change", &second },
                                    { 0 } };
    const corm_app app = { .name = "library", .migrations = list };
    const corm_app *const apps[] = { &app, NULL };
    if (!migrated(f, apps, "0001", change->name) || corm_exec(f->db, rows)) return false;
    int64_t before = rows_of(f, &change->operation, false);
    bool good = migrated(f, apps, "0002", change->name) &&
                same_as_state(f, apps, 2, change->name, "applied");
    if (good && rows_of(f, &change->operation, true) != before) {
        print_error("%s: rows are lost\n", change->name);
        good = false;
    }
    good = good && migrated(f, apps, "0001", change->name) &&
           same_as_state(f, apps, 1, change->name, "undone");
    return migrated(f, apps, "zero", change->name) && good;
}

static void test_changes__equal_the_state_and_can_be_undone(void **state) {
    fixture *f = *state;
    int failed = 0;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        if (try_change(f, &changes[i])) continue;
        failed++;
        print_error("FAILED: %s\n", changes[i].name);
        teardown(state);
        setup(state);
        f = *state;
    }
    assert_int_equal(failed, 0);
}

/* Changes that stand side by side may be done at once: the rows are as if each had been done by
 * itself. */
static void test_changes__side_by_side_keep_each_value(void **state) {
    fixture *f = *state;
    static const corm_operation many[] = {
        { .kind = CORM_ALTER_COLUMN,
          .table = "books",
          .column = { "note", .kind = CORM_VARCHAR, .max_length = 20 },
          .fill = CORM_DEFAULT("7") },
        { .kind = CORM_ALTER_COLUMN, .table = "books", .column = { "note", .kind = CORM_INTEGER } },
        { .kind = CORM_ADD_COLUMN,
          .table = "books",
          .column = { "rate", .kind = CORM_DECIMAL, .digits = 6, .places = 2 },
          .fill = CORM_DEFAULT("1.25") },
        { .kind = CORM_ALTER_COLUMN,
          .table = "books",
          .column = { "rate", .kind = CORM_DECIMAL, .digits = 8, .places = 3,
                      .default_value = CORM_DEFAULT("2") } },
        { .kind = CORM_ADD_COLUMN,
          .table = "books",
          .column = { "mark", .kind = CORM_SMALLINT, .default_value = CORM_DEFAULT(3) } },
        { .kind = CORM_ALTER_COLUMN,
          .table = "books",
          .column = { "mark", .kind = CORM_VARCHAR, .max_length = 9,
                      .default_value = CORM_DEFAULT("3") } },
        { .kind = CORM_REMOVE_INDEX, .table = "books", .name = "books_title_idx" },
        ADD_INDEX("books", "books_mark_idx", .columns = "mark desc"),
        { .kind = CORM_REMOVE_COLUMN, .table = "books", .name = "editor" },
        { .kind = CORM_ADD_COLUMN,
          .table = "books",
          .column = { "editor", .kind = CORM_TEXT, .null = true } },
        ADD_CONSTRAINT("books", "books_note_check", .kind = CORM_CONSTRAINT_CHECK,
                       .check = "note = 7"),
        { .kind = CORM_RENAME_COLUMN, .table = "books", .name = "mark", .new_name = "stars" },
        { .kind = CORM_ALTER_COLUMN,
          .table = "books",
          .column = { "stars", .kind = CORM_BIGINT, .default_value = CORM_DEFAULT(3) } },
        { 0 }
    };
    static const char *const after_first[] = { "library.0001_initial", NULL };
    static const corm_migration_body first = { .operations = base },
                                     second = { .depends_on = after_first, .operations = many };
    static const corm_migration list[] = { { "library", "0001_initial", &first },
                                           { "library", "0002_change", &second },
                                           { 0 } };
    static const corm_app app = { .name = "library", .migrations = list };
    static const corm_app *const apps[] = { &app, NULL };
    assert_true(migrated(f, apps, "0001", "side by side"));
    assert_int_equal(corm_exec(f->db, rows), 0);
    assert_true(migrated(f, apps, "0002", "side by side") &&
                same_as_state(f, apps, 2, "side by side", "applied"));
    assert_int_equal(number(f, "SELECT count(*) FROM books WHERE note = 7 AND stars = 3 AND editor "
                               "IS NULL AND title <> ''"),
                     2);
    assert_int_equal(number(f, on_postgresql || on_mariadb
                                   ? "SELECT count(*) FROM books WHERE rate = 1.250 AND price = 12"
                                   : "SELECT count(*) FROM books WHERE rate = 1250 AND price = 12"),
                     2);
    assert_int_equal(number(f, "SELECT count(*) FROM lent"), 2);
    assert_int_not_equal(corm_exec(f->db, "UPDATE books SET note = 8"), 0);
}

/* The second migration cannot be done: the first is not done either. */
static void refused_before_anything_runs(fixture *f, corm_operation operation, int status,
                                         const char *text) {
    static const char *const after_first[] = { "library.0001_initial", NULL };
    static const corm_migration_body first = { .operations = base };
    const corm_operation operations[] = { operation, { 0 } };
    const corm_migration_body second = { .depends_on = after_first, .operations = operations };
    const corm_migration list[] = { { "library", "0001_initial", &first },
                                    { "library", "0002_change", &second },
                                    { 0 } };
    const corm_app app = { .name = "library", .migrations = list };
    const corm_app *const apps[] = { &app, NULL };
    corm_schema found;
    assert_int_equal(
        corm__migrate(f->db, f->settings, NULL, apps, &(corm_migrate_options){ 0 }, NULL), status);
    if (!strstr(corm_error(f->db)->message, text)) fail_msg("%s", corm_error(f->db)->message);
    assert_non_null(strstr(corm_error(f->db)->message, "library.0002_change: "));
    assert_int_equal(f->db->backend->introspect(f->db->conn, NULL, &f->arena, &found, &f->error),
                     0);
    assert_null(corm__table_find(&found, "books"));
}

static void test_changes__that_cannot_be_are_refused_before_anything_runs(void **state) {
    fixture *f = *state;
    const corm_features *has = f->db->backend->features;
    refused_before_anything_runs(
        f, (corm_operation){ .kind = CORM_REMOVE_COLUMN, .table = "books", .name = "none" },
        CORM_ERROR_MIGRATION, "Remove column none from books: table books has no column none");
    refused_before_anything_runs(
        f, (corm_operation){ .kind = CORM_REMOVE_COLUMN, .table = "books", .name = "pages" },
        CORM_ERROR_MIGRATION, "constraint books_pages_check uses it");
    if (!has->exclusion)
        refused_before_anything_runs(
            f,
            (corm_operation)ADD_CONSTRAINT("books", "apart", .kind = CORM_CONSTRAINT_EXCLUDE,
                                           .elements = "title WITH ="),
            CORM_ERROR_UNSUPPORTED, "Add constraint apart to books: constraint apart");
    if (!has->deferrable_unique)
        refused_before_anything_runs(
            f,
            (corm_operation)ADD_CONSTRAINT("books", "late", .kind = CORM_CONSTRAINT_UNIQUE,
                                           .columns = "title", .deferrable = true),
            CORM_ERROR_UNSUPPORTED, "constraint late");
    if (!has->nulls_not_distinct) {
        refused_before_anything_runs(
            f,
            (corm_operation)ADD_CONSTRAINT("books", "alike", .kind = CORM_CONSTRAINT_UNIQUE,
                                           .columns = "note", .nulls_not_distinct = true),
            CORM_ERROR_UNSUPPORTED, "constraint alike");
        refused_before_anything_runs(f,
                                     (corm_operation)ADD_INDEX("books", "alike", .columns = "note",
                                                               .unique = true,
                                                               .nulls_not_distinct = true),
                                     CORM_ERROR_UNSUPPORTED, "index alike");
    }
    if (!has->arrays)
        refused_before_anything_runs(f,
                                     (corm_operation)ADD("books", "tags", .kind = CORM_ARRAY,
                                                         .element = CORM_TEXT, .null = true),
                                     CORM_ERROR_UNSUPPORTED, "column tags");
    if (has->arrays)
        refused_before_anything_runs(
            f, (corm_operation)ALTER("lent", "day", .kind = CORM_SMALLINT, .null = true),
            CORM_ERROR_UNSUPPORTED,
            "Alter column day of lent: column day of lent: PostgreSQL has no conversion from date "
            "to smallint");
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_changes__equal_the_state_and_can_be_undone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_changes__that_cannot_be_are_refused_before_anything_runs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_changes__side_by_side_keep_each_value, setup, teardown)
    };
    return run_on(argc, argv, "changes", tests, 3);
}
