/* corm_sql: parameters, matching of columns, and what is left alone. */
#include "harness.h"

CORM_ROW(Pair, text(name), bigint(n));
CORM_ROW(One, text(name));

static void test_sql__matches_columns_by_name(void **state) {
    (void)state;
    fill();
    Pair *rows = corm_sql(db, Pair,
                          "SELECT COUNT(*) AS n, u.name FROM users u JOIN recipes r ON r.user_id = "
                          "u.id WHERE r.time_minutes > ? GROUP BY u.name ORDER BY u.name",
                          BIGINT(50));
    assert_rows(rows, 2);
    assert_string_equal(rows[0].name, "Ada");
    assert_int_equal(rows[0].n, 1);
    assert_int_equal(rows[1].n, 2);
    corm_free(rows);
    User *users =
        corm_sql(db, User, "SELECT * FROM users WHERE email = ?", TEXT("eve@example.com"));
    assert_rows(users, 1);
    assert_false(users->country_id.set);
    assert_null(users->recipes);
    corm_free(users);
}

static void test_sql__leaves_quotes_and_comments_alone(void **state) {
    (void)state;
    One *rows =
        corm_sql(db, One, "SELECT 'is it? ''?''' || ? AS \"name\" -- really?\n /* ? */", TEXT("!"));
    assert_rows(rows, 1);
    assert_string_equal(rows->name, "is it? '?'!");
    corm_free(rows);
    assert_refused(corm_sql(db, One, "SELECT ? AS name"), CORM_ERROR_USAGE,
                   "1 parameters, 0 values");
    assert_refused(corm_sql(db, One, "SELECT 'x' AS name", TEXT("x")), CORM_ERROR_USAGE,
                   "0 parameters, 1 values");
}

static void test_sql__runs_what_gives_no_rows(void **state) {
    (void)state;
    fill();
    One *none = corm_sql(db, One, "DELETE FROM comments WHERE stars > ?", BIGINT(1));
    assert_rows(none, 0);
    corm_free(none);
    assert_int_equal(corm_count(db, Comments, .where = GT(Comments.stars, 1)), 0);
    none = corm_sql(db, One, "INSERT INTO tags (name) VALUES (?)", TEXT("by hand"));
    assert_rows(none, 0);
    corm_free(none);
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.name, "by hand")), 1);
    assert_null(corm_sql(db, One, "INSERT INTO tags (name) VALUES (?)", TEXT("by hand")));
    assert_int_equal(corm_error(db)->status, CORM_ERROR_UNIQUE);
}

static void test_sql__names_what_does_not_match(void **state) {
    (void)state;
    assert_refused(corm_sql(db, Pair, "SELECT 'x' AS name"), CORM_ERROR_TYPE, "Pair.n");
    assert_refused(corm_sql(db, One, "SELECT 'x' AS name, 1 AS more"), CORM_ERROR_TYPE, "'more'");
    assert_refused(corm_sql(db, Pair, "SELECT 'x' AS name, 'y' AS n"), CORM_ERROR_TYPE, "n");
    assert_refused(corm_sql(db, One, "SELECT name FROM nowhere"), CORM_ERROR_NO_TABLE, "nowhere");
    assert_non_null(strstr(corm_error(db)->hint, "un migrate"));
    assert_refused(corm_sql(db, One, "SELECT absent FROM (SELECT 1 AS one) AS t"), CORM_ERROR_SQL,
                   "absent");
    assert_non_null(strstr(corm_error(db)->hint, "un makemigrations and migrate"));
    assert_refused(corm_sql(db, One, "SELEC 1"), CORM_ERROR_SQL, "SELEC");
    assert_non_null(strstr(corm_error(db)->sql, "SELEC"));
}

CORM_ROW(Wide, bigint(a), bigint(b), bigint(c));
CORM_ROW(Narrow, bigint(a), bigint(b));

/* The statement is prepared already when another connection changes what * means. */
static void test_sql__sees_a_table_that_another_has_changed(void **state) {
    (void)state;
    corm_db *other = harness_connect();
    static const char select[] = "SELECT * FROM t";
    assert_ok(corm_exec(db, "CREATE TABLE t (a bigint, x bigint, b bigint)"));
    assert_ok(corm_exec(db, "INSERT INTO t VALUES (1, 5, 2)"));
    assert_ok(corm_exec(db, "ALTER TABLE t RENAME COLUMN x TO c"));
    Wide *wide = corm_sql(db, Wide, select);
    assert_rows(wide, 1);
    corm_free(wide);
    assert_int_equal(corm_exec(other, "DROP TABLE t"), 0);
    assert_int_equal(corm_exec(other, "CREATE TABLE t (b bigint, c bigint, a bigint)"), 0);
    assert_int_equal(corm_exec(other, "INSERT INTO t VALUES (2, 3, 1)"), 0);
    wide = corm_sql(db, Wide, select);
    assert_rows(wide, 1);
    assert_int_equal(wide->a, 1);
    assert_int_equal(wide->b, 2);
    assert_int_equal(wide->c, 3);
    corm_free(wide);
    assert_int_equal(corm_exec(other, "ALTER TABLE t DROP COLUMN c"), 0);
    Narrow *narrow = corm_sql(db, Narrow, select);
    assert_rows(narrow, 1);
    assert_int_equal(narrow->a, 1);
    assert_int_equal(narrow->b, 2);
    corm_free(narrow);
    corm_close(other);
}

const struct CMUnitTest sql_tests[] = { TEST(test_sql__sees_a_table_that_another_has_changed),
                                        TEST(test_sql__matches_columns_by_name),
                                        TEST(test_sql__leaves_quotes_and_comments_alone),
                                        TEST(test_sql__runs_what_gives_no_rows),
                                        TEST(test_sql__names_what_does_not_match) };
const size_t n_sql_tests = sizeof sql_tests / sizeof *sql_tests;
