/* usage: test_changes sqlite|postgresql|mariadb
 * Every operation on a real database with rows in it: after it the live schema equals the state in memory, and after undoing it the state before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "database.h"
#include "migrate/graph.h"
#include "migrate/state.h"

#define COLUMNS_OF(...) .columns = (const corm_column[]){ __VA_ARGS__, { 0 } }
#define ID { "id", .kind = CORM_IDENTITY }
#define TO(table_, ...) .references = { .table = table_, .column = "id", __VA_ARGS__ }

static const corm_index book_indexes[] = { { "books_title_idx", .columns = "title" }, { "books_author_id_idx", .columns = "author_id" }, { 0 } };
static const corm_constraint book_constraints[] = { { "books_once", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "title, author_id" },
                                                    { "books_pages_check", .kind = CORM_CONSTRAINT_CHECK, .check = "pages >= 0" }, { 0 } };
static const corm_operation base[] = {
    { .kind = CORM_CREATE_TABLE, .table = "authors", .model = "Author", .primary_key = "id",
      COLUMNS_OF(ID, { "name", .kind = CORM_VARCHAR, .max_length = 50 }, { "age", .kind = CORM_INTEGER, .null = true }) },
    { .kind = CORM_CREATE_TABLE, .table = "books", .model = "Book", .primary_key = "id", .indexes = book_indexes, .constraints = book_constraints,
      COLUMNS_OF(ID, { "title", .kind = CORM_TEXT }, { "pages", .kind = CORM_INTEGER, .default_value = CORM_DEFAULT(0) }, { "note", .kind = CORM_TEXT, .null = true },
                 { "price", .kind = CORM_DECIMAL, .digits = 7, .places = 2, .null = true },
                 { "author_id", .kind = CORM_BIGINT, TO("authors", .on_delete = CORM_CASCADE) }, { "editor", .kind = CORM_BIGINT, .null = true }) },
    { .kind = CORM_CREATE_TABLE, .table = "lent", .primary_key = "book_id, author_id",
      COLUMNS_OF({ "book_id", .kind = CORM_BIGINT, TO("books", .on_delete = CORM_CASCADE) }, { "author_id", .kind = CORM_BIGINT, TO("authors", .on_delete = CORM_RESTRICT) },
                 { "day", .kind = CORM_DATE, .null = true }) },
    { 0 } };
static const char rows[] = "INSERT INTO authors (name) VALUES ('Ada'), ('Grace'); INSERT INTO books (title, author_id, editor, price) SELECT name, id, id, 12 FROM authors;"
                           "INSERT INTO lent (book_id, author_id) SELECT id, author_id FROM books";

#define ALTER(table_, ...) { .kind = CORM_ALTER_COLUMN, .table = table_, .column = { __VA_ARGS__ } }
#define ADD(table_, ...) { .kind = CORM_ADD_COLUMN, .table = table_, .column = { __VA_ARGS__ } }
#define ADD_INDEX(table_, ...) { .kind = CORM_ADD_INDEX, .table = table_, .index = { __VA_ARGS__ } }
#define ADD_CONSTRAINT(table_, ...) { .kind = CORM_ADD_CONSTRAINT, .table = table_, .constraint = { __VA_ARGS__ } }

/* Each is tried by itself on the tables above. keeps: the rows are the same afterwards. */
static const struct change { const char *name; corm_operation operation; } changes[] = {
    { "create a table", { .kind = CORM_CREATE_TABLE, .table = "shelves", .model = "Shelf", .primary_key = "id", .comment = "of wood",
                          COLUMNS_OF(ID, { "book_id", .kind = CORM_BIGINT, .null = true, TO("books", .on_delete = CORM_SET_NULL, .deferrable = true) },
                                     { "parent_id", .kind = CORM_BIGINT, .null = true, TO("shelves") }, { "full", .kind = CORM_BOOLEAN, .default_value = CORM_DEFAULT(1) },
                                     { "made", .kind = CORM_TIMESTAMP, .default_value = CORM_DEFAULT_EXPRESSION("CURRENT_TIMESTAMP") },
                                     { "weight", .kind = CORM_DOUBLE_PRECISION, .default_value = CORM_DEFAULT(1.5) }, { "mark", .kind = CORM_UUID, .null = true },
                                     { "data", .kind = CORM_JSON, .null = true }, { "raw", .kind = CORM_BLOB, .null = true }, { "at", .kind = CORM_TIME, .null = true },
                                     { "took", .kind = CORM_INTERVAL, .null = true }, { "small", .kind = CORM_SMALLINT, .null = true }, { "thin", .kind = CORM_REAL, .null = true },
                                     { "label", .kind = CORM_VARCHAR, .max_length = 9, .default_value = CORM_DEFAULT("it's") }) } },
    { "delete a table", { .kind = CORM_DELETE_TABLE, .table = "lent" } },
    { "rename a table that others refer to", { .kind = CORM_RENAME_TABLE, .table = "authors", .new_name = "people" } },
    { "rename a table with indexes and a foreign key", { .kind = CORM_RENAME_TABLE, .table = "books", .new_name = "volumes" } },
    { "add a nullable column", ADD("books", "subtitle", .kind = CORM_TEXT, .null = true) },
    { "add a column with a default", ADD("books", "copies", .kind = CORM_INTEGER, .default_value = CORM_DEFAULT(1)) },
    { "add a column with an expression as its default", ADD("books", "made", .kind = CORM_TIMESTAMP, .default_value = CORM_DEFAULT_EXPRESSION("CURRENT_TIMESTAMP")) },
    { "add a NOT NULL column with a fill", { .kind = CORM_ADD_COLUMN, .table = "authors", .column = { "country", .kind = CORM_VARCHAR, .max_length = 2 }, .fill = CORM_DEFAULT("GB") } },
    { "add a NOT NULL decimal with a fill", { .kind = CORM_ADD_COLUMN, .table = "authors", .column = { "rate", .kind = CORM_DECIMAL, .digits = 6, .places = 3 }, .fill = CORM_DEFAULT("1.250") } },
    { "add a foreign key column", ADD("books", "second_id", .kind = CORM_BIGINT, .null = true, TO("authors", .on_delete = CORM_SET_NULL)) },
    { "add a foreign key to itself", ADD("books", "sequel_id", .kind = CORM_BIGINT, .null = true, TO("books")) },
    { "add a generated column", ADD("books", "twice", .kind = CORM_INTEGER, .null = true, .generated = "pages * 2") },
    { "remove a column", { .kind = CORM_REMOVE_COLUMN, .table = "books", .name = "note" } },
    { "remove a NOT NULL column with a fill for its return", { .kind = CORM_REMOVE_COLUMN, .table = "authors", .name = "name", .fill = CORM_DEFAULT("Nobody") } },
    { "remove a decimal column", { .kind = CORM_REMOVE_COLUMN, .table = "books", .name = "price" } },
    { "widen an integer", ALTER("books", "pages", .kind = CORM_BIGINT, .default_value = CORM_DEFAULT(0)) },
    { "widen a varchar that others refer past", ALTER("authors", "name", .kind = CORM_VARCHAR, .max_length = 90) },
    { "varchar to text", ALTER("authors", "name", .kind = CORM_TEXT) },
    { "change a decimal", ALTER("books", "price", .kind = CORM_DECIMAL, .digits = 9, .places = 3, .null = true) },
    { "NULL to NOT NULL with a fill", { .kind = CORM_ALTER_COLUMN, .table = "authors", .column = { "age", .kind = CORM_INTEGER }, .fill = CORM_DEFAULT(30) } },
    { "NOT NULL to NULL", ALTER("authors", "name", .kind = CORM_VARCHAR, .max_length = 50, .null = true) },
    { "set a default", ALTER("authors", "age", .kind = CORM_INTEGER, .null = true, .default_value = CORM_DEFAULT(18)) },
    { "drop a default", ALTER("books", "pages", .kind = CORM_INTEGER) },
    { "change a default and a type", ALTER("books", "pages", .kind = CORM_BIGINT, .default_value = CORM_DEFAULT(7)) },
    { "add a foreign key to a column", ALTER("books", "editor", .kind = CORM_BIGINT, .null = true, TO("authors", .on_delete = CORM_SET_NULL)) },
    { "drop a foreign key", ALTER("books", "author_id", .kind = CORM_BIGINT) },
    { "change what deleting does", ALTER("books", "author_id", .kind = CORM_BIGINT, TO("authors", .on_delete = CORM_RESTRICT)) },
    { "make a foreign key deferrable", ALTER("books", "author_id", .kind = CORM_BIGINT, TO("authors", .on_delete = CORM_CASCADE, .deferrable = true)) },
    { "rename a column", { .kind = CORM_RENAME_COLUMN, .table = "authors", .name = "age", .new_name = "years" } },
    { "rename a column in a check and nothing else", { .kind = CORM_RENAME_COLUMN, .table = "books", .name = "pages", .new_name = "leaves" } },
    { "rename a column in an index and a unique constraint", { .kind = CORM_RENAME_COLUMN, .table = "books", .name = "title", .new_name = "name" } },
    { "rename a foreign key column", { .kind = CORM_RENAME_COLUMN, .table = "books", .name = "author_id", .new_name = "writer_id" } },
    { "rename a column that others refer to", { .kind = CORM_RENAME_COLUMN, .table = "authors", .name = "id", .new_name = "number" } },
    { "rename a column of a composite key", { .kind = CORM_RENAME_COLUMN, .table = "lent", .name = "author_id", .new_name = "reader_id" } },
    { "add an index", ADD_INDEX("books", "books_pages_idx", .columns = "pages desc, title") },
    { "add a unique index over some rows", ADD_INDEX("books", "books_long", .columns = "author_id", .where = "pages > 0", .unique = true) },
    { "add an index over an expression", ADD_INDEX("authors", "authors_lower", .expression = "lower(name)") },
    { "remove an index", { .kind = CORM_REMOVE_INDEX, .table = "books", .name = "books_title_idx" } },
    { "rename an index", { .kind = CORM_RENAME_INDEX, .table = "books", .name = "books_title_idx", .new_name = "by_title" } },
    { "add a unique constraint", ADD_CONSTRAINT("authors", "authors_name_uniq", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "name") },
    { "add a check", ADD_CONSTRAINT("authors", "authors_age_check", .kind = CORM_CONSTRAINT_CHECK, .check = "age > 0 AND age < 150") },
    { "add a check over texts", ADD_CONSTRAINT("authors", "authors_name_check", .kind = CORM_CONSTRAINT_CHECK, .check = "name IN ('Ada', 'Grace', 'it''s')") },
    { "remove a unique constraint", { .kind = CORM_REMOVE_CONSTRAINT, .table = "books", .name = "books_once" } },
    { "remove a check", { .kind = CORM_REMOVE_CONSTRAINT, .table = "books", .name = "books_pages_check" } },
    { "change the primary key", { .kind = CORM_ALTER_PRIMARY_KEY, .table = "lent", .primary_key = "author_id, book_id" } },
    { "comment on a table", { .kind = CORM_ALTER_COMMENT, .table = "authors", .comment = "who wrote \'it\'" } },
    { "run SQL", { .kind = CORM_RUN_SQL, .sql = "UPDATE books SET pages = 5", .reverse_sql = "UPDATE books SET pages = 0" } },
};

static bool same_as_state(fixture *f, const corm_app *const *apps, size_t n, const char *name, const char *when) {
    corm_schema expected, found;
    char difference[300] = "";
    corm_graph *graph = corm__graph_load(apps, &f->arena, &f->error);
    if (!graph || corm__graph_state(graph, n, &f->arena, &expected, &f->error) || f->db->backend->introspect(f->db->conn, NULL, &f->arena, &found, &f->error)) {
        print_error("%s, %s: %s\n", name, when, f->error.message);
        return false;
    }
    if (found.n_tables != expected.n_tables + 1) print_error("%s, %s: %zu tables instead of %zu\n", name, when, found.n_tables - 1, expected.n_tables);
    bool same = found.n_tables == expected.n_tables + 1;
    for (size_t i = 0; i < expected.n_tables; i++) {
        const corm_table *table = corm__table_find(&found, expected.tables[i].name);
        corm_table wanted = expected.tables[i];
        if (!f->db->backend->features->table_comments) wanted.comment = NULL;   /* not kept by the database */
        bool equal = table && corm__table_equal(table, &wanted, difference, sizeof difference);
        if (!equal) print_error("%s, %s: table %s: %s\n", name, when, expected.tables[i].name, table ? difference : "is missing");
        same &= equal;
    }
    return same;
}

static bool migrated(fixture *f, const corm_app *const *apps, const char *target, const char *name) {
    corm_migrate_options options = { .app = "library", .target = target };
    int status = corm__migrate(f->db, f->settings, NULL, apps, &options, NULL);
    if (status) print_error("%s, to %s: %s: %s\n", name, target, corm_error(f->db)->message, corm_error(f->db)->sql);
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
    if ((o->index.where && !has->partial_indexes) || (o->index.expression && !has->expression_indexes)) return false;
    if (has->deferrable_foreign_keys) return true;
    if (o->column.references.deferrable) return false;
    for (size_t i = 0; o->columns && (i == 0 || o->columns[i - 1].name); i++) {
        columns[i] = o->columns[i];
        columns[i].references.deferrable = false;
    }
    if (o->columns) o->columns = columns;
    return true;
}

/* True when all went well; the message has been printed otherwise. */
static bool try_change(fixture *f, const struct change *change) {
    static const char *const after_first[] = { "library.0001_initial", NULL };
    static const corm_migration_body first = { .operations = base };
    corm_operation operations[] = { change->operation, { 0 } };
    if (!adapt(f->db->backend->features, operations)) return true;
    const corm_migration_body second = { .depends_on = after_first, .operations = operations };
    const corm_migration list[] = { { "library", "0001_initial", &first }, { "library", "0002_change", &second }, { 0 } };
    const corm_app app = { .name = "library", .migrations = list };
    const corm_app *const apps[] = { &app, NULL };
    if (!migrated(f, apps, "0001", change->name) || corm_exec(f->db, rows)) return false;
    int64_t before = rows_of(f, &change->operation, false);
    bool good = migrated(f, apps, "0002", change->name) && same_as_state(f, apps, 2, change->name, "applied");
    if (good && rows_of(f, &change->operation, true) != before) {
        print_error("%s: rows are lost\n", change->name);
        good = false;
    }
    good = good && migrated(f, apps, "0001", change->name) && same_as_state(f, apps, 1, change->name, "undone");
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

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_changes__equal_the_state_and_can_be_undone, setup, teardown) };
    return run_on(argc, argv, "changes", tests, 1);
}
