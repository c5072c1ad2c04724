/* What watches over the rebuild of a table, while something goes wrong with it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "database.h"
#include "migrate/execute/rebuild_guard.h"

static const corm_column parent_columns[] = { { "id", .kind = CORM_BIGINT }, { 0 } };
static const corm_column child_columns[] = { { "id", .kind = CORM_BIGINT },
                                             { "parent", .kind = CORM_BIGINT, .null = true,
                                               .references = { .table = "parents",
                                                               .column = "id" } },
                                             { 0 } };
static corm_table tables[] = {
    { "parents", .columns = parent_columns },
    { "children", .columns = child_columns },
    { "others", .columns = parent_columns },
};
static const corm_schema schema = { tables, 3 };
static const corm_table renamed = { "elders", .columns = parent_columns };

static void run(fixture *f, const char *sql) {
    if (f->db->backend->exec(f->db->conn, sql, &f->error) != 0)
        fail_msg("%s: %s", sql, f->error.message);
}

static int setup_rows(void **state) {
    int status = setup(state);
    if (!status)
        run(*state, "CREATE TABLE parents (id INTEGER PRIMARY KEY);"
                    "CREATE TABLE children (id INTEGER PRIMARY KEY,"
                    " parent INTEGER REFERENCES parents (id));"
                    "CREATE TABLE others (id INTEGER PRIMARY KEY);"
                    "INSERT INTO parents VALUES (1), (2), (3);"
                    "INSERT INTO children VALUES (1, 1), (2, 1);"
                    "INSERT INTO others VALUES (1)");
    return status;
}

/* The status of the guard when sql is what the rebuild of parents comes to. */
static int guarded(fixture *f, const corm_table *after, const char *sql) {
    corm_change change = {
        .kind = CORM_ALTER_COLUMN, .before = &tables[0], .after = after, .schema_before = &schema
    };
    corm_guard guard;
    corm__error_clear(&f->db->error);
    assert_int_equal(corm__guard_begin(&guard, f->db, &f->arena), 0);
    assert_int_equal(corm__guard_foreign_keys_off(&guard), 0);
    assert_int_equal(number(f, "PRAGMA synchronous"), 2);
    assert_int_equal(number(f, "PRAGMA foreign_keys"), 0);
    run(f, "BEGIN");
    assert_int_equal(corm__guard_note_violations(&guard), 0);
    assert_int_equal(corm__guard_before(&guard, &change), 0);
    run(f, sql);
    int status = corm__guard_after(&guard);
    if (!status) status = corm__guard_check_violations(&guard);
    run(f, "ROLLBACK");
    corm__guard_foreign_keys_on(&guard);
    corm__guard_end(&guard);
    assert_int_equal(number(f, "PRAGMA synchronous"), 1);
    assert_int_equal(number(f, "PRAGMA foreign_keys"), 1);
    return status;
}

static void test_guard__counts_rows(void **state) {
    fixture *f = *state;
    static const struct {
        const char *sql, *message; /* NULL: nothing is wrong */
    } cases[] = {
        { "SELECT 1", NULL },
        { "UPDATE parents SET id = 7 WHERE id = 3", NULL },
        { "DELETE FROM others", NULL },
        { "DELETE FROM parents WHERE id = 3", "parents with 2 rows instead of 3" },
        { "DELETE FROM parents", "parents with 0 rows instead of 3" },
        { "INSERT INTO parents VALUES (4)", "parents with 4 rows instead of 3" },
        { "DELETE FROM children WHERE id = 2", "children with 1 rows instead of 2" },
        { "INSERT INTO children VALUES (3, 1)", "children with 3 rows instead of 2" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int status = guarded(f, &tables[0], cases[i].sql);
        assert_int_equal(status, cases[i].message ? CORM_ERROR_DATABASE : 0);
        if (!cases[i].message) continue;
        if (!strstr(f->db->error.message, cases[i].message))
            fail_msg("%s: %s", cases[i].sql, f->db->error.message);
        assert_true(f->db->error.hint[0]);
    }
    assert_int_equal(guarded(f, &renamed, "ALTER TABLE parents RENAME TO elders"), 0);
    assert_int_equal(guarded(f, &renamed,
                             "ALTER TABLE parents RENAME TO elders;"
                             "DELETE FROM elders WHERE id = 2"),
                     CORM_ERROR_DATABASE);
    assert_non_null(strstr(f->db->error.message, "elders with 2 rows instead of 3"));
}

static void test_guard__checks_foreign_keys(void **state) {
    fixture *f = *state;
    assert_int_equal(guarded(f, &tables[0], "UPDATE parents SET id = 9 WHERE id = 1"),
                     CORM_ERROR_FOREIGN_KEY);
    assert_non_null(strstr(f->db->error.message, "2 rows would refer"));
    assert_string_equal(f->db->error.table, "children");
    assert_true(f->db->error.hint[0]);
    /* What was wrong before is not this rebuild's. */
    run(f, "PRAGMA foreign_keys=0; UPDATE children SET parent = 8 WHERE id = 2;"
           "PRAGMA foreign_keys=1");
    assert_int_equal(guarded(f, &tables[0], "SELECT 1"), 0);
    assert_int_equal(guarded(f, &tables[0], "UPDATE parents SET id = 8 WHERE id = 3"), 0);
    assert_int_equal(guarded(f, &tables[0], "UPDATE parents SET id = 9 WHERE id = 1"),
                     CORM_ERROR_FOREIGN_KEY);
    assert_non_null(strstr(f->db->error.message, "1 rows would refer"));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_guard__counts_rows, setup_rows, teardown),
        cmocka_unit_test_setup_teardown(test_guard__checks_foreign_keys, setup_rows, teardown),
    };
    return run_on(argc, argv, "rebuild_guard", tests, 2);
}
