/* Tables whose names are known at run time. */
#include "harness.h"

static const char odd[] = "notes of \"März\"; DROP TABLE tags; -- `x` 'y'";

static void quoted(char *out, size_t size, const char *name) {
    char quote = strcmp(quirk->engine, "mariadb") == 0 ? '`' : '"';
    size_t n = 0;
    out[n++] = quote;
    for (const char *p = name; *p && n + 3 < size; p++) {
        if (*p == quote) out[n++] = quote;
        out[n++] = *p;
    }
    out[n++] = quote;
    out[n] = 0;
}

/* A table with the columns of a model, made by the engine. */
static void make(const char *name, const char *like) {
    char table[200], sql[500];
    quoted(table, sizeof table, name);
    if (strcmp(quirk->engine, "sqlite") == 0)
        snprintf(sql, sizeof sql,
                 "CREATE TABLE %s (number INTEGER NOT NULL PRIMARY KEY, code VARCHAR(10) NOT NULL "
                 "UNIQUE, place VARCHAR(40) NOT NULL DEFAULT 'here', rank INTEGER NOT NULL DEFAULT "
                 "7, made TIMESTAMP NOT NULL, seen TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
                 table);
    else if (strcmp(quirk->engine, "postgresql") == 0)
        snprintf(sql, sizeof sql, "CREATE TABLE %s (LIKE %s INCLUDING ALL)", table, like);
    else
        snprintf(sql, sizeof sql, "CREATE TABLE %s LIKE %s", table, like);
    assert_ok(corm_exec(db, sql));
}

static void drop(const char *name) {
    char table[200], sql[300];
    quoted(table, sizeof table, name);
    snprintf(sql, sizeof sql, "DROP TABLE %s", table);
    assert_ok(corm_exec(db, sql));
}

static void test_table__is_one_of_the_same_columns(void **state) {
    (void)state;
    const char *const names[] = { "badges_2024", odd };
    for (int i = 0; i < 2; i++) {
        const char *table = names[i];
        make(table, "badges");
        Badge rows[] = { { .number = 1, .code = "a" },
                         { .number = 2, .code = "b" },
                         { .number = 3, .code = "c" } };
        assert_ok(corm_insert(db, Badges, &rows[0], .table = table));
        assert_ok(corm_insert_many(db, Badges, &rows[1], 2, .table = table));
        assert_ok(corm_insert_ignore(db, Badges, rows, 3, .table = table));
        rows[0].place = "there";
        assert_ok(corm_save(db, Badges, &rows[0], .table = table));
        assert_int_equal(corm_count(db, Badges), 0);
        assert_int_equal(corm_count(db, Badges, .table = table), 3);
        assert_int_equal(corm_count(db, Badges, .table = table, .where = EQ(Badges.place, "there")),
                         1);
        CORM_FILTER(filter, Badges);
        corm_filter_add(filter, GT(Badges.number, 1));
        corm_filter_order(filter, DESC(Badges.number));
        Badge *all = corm_all(db, Badges, .table = table, .filter = filter);
        assert_rows(all, 2);
        assert_string_equal(all->code, "c");
        Badge *page =
            corm_all(db, Badges, .table = table, .filter = filter, .after = AFTER(Badges, all));
        assert_rows(page, 1);
        corm_free(page);
        corm_free(all);
        int n = 0;
        corm_each(row, db, Badges, .table = table) n++;
        assert_int_equal(n, 3);
        assert_int_equal(corm_update(db, Badges, .table = table, .all = true,
                                     .set = SET(TO(Badges.rank, ADD(Badges.rank, 1))),
                                     .order_by = BY(ASC(Badges.number)), .limit = 1),
                         1);
        Badge *changed =
            corm_update_returning(db, Badges, .table = table, .where = EQ(Badges.rank, 1),
                                  .set = SET(TO(Badges.rank, 5)));
        assert_rows(changed, 1);
        assert_int_equal(changed->number, 1);
        corm_free(changed);
        rows[0].rank = 77;
        Badge *now = corm_refresh(db, Badges, &rows[0], .table = table);
        assert_rows(now, 1);
        assert_int_equal(rows[0].rank, 5);
        assert_int_equal(corm_insert_select(db, Badges, Badges, .table = table,
                                            .set = SET(TO(Badges.number, COL(Badges.number)),
                                                       TO(Badges.code, COL(Badges.code)))),
                         3);
        assert_int_equal(corm_delete(db, Badges, .all = true), 3);
        assert_ok(corm_delete_row(db, Badges, &rows[0], .table = table));
        corm_free(now);
        assert_int_equal(corm_delete(db, Badges, .table = table, .all = true), 2);
        drop(table);
    }
}

static void test_table__that_is_not_there(void **state) {
    (void)state;
    char wide[300];
    Badge row = { .number = 1, .code = "a" };
    memset(wide, 'w', sizeof wide - 1);
    wide[sizeof wide - 1] = 0;
    assert_refused(corm_count(db, Badges, .table = "badges; DROP TABLE badges"),
                   CORM_ERROR_NO_TABLE, "");
    assert_refused(corm_insert(db, Badges, &row, .table = "none"), CORM_ERROR_NO_TABLE, "");
    uint64_t before = corm_query_count(db);
    assert_refused(corm_all(db, Badges, .table = ""), CORM_ERROR_NO_TABLE, "''");
    assert_refused(corm_all(db, Badges, .table = wide), CORM_ERROR_NO_TABLE, "www");
    assert_refused(corm_save(db, Badges, &row, .table = wide), CORM_ERROR_NO_TABLE, "www");
    assert_int_equal(corm_query_count(db), before);
    assert_ok(corm_insert(db, Badges, &row, .table = NULL));
    assert_int_equal(corm_count(db, Badges, .table = NULL), 1);
}

static void test_named__is_a_column_of_the_model(void **state) {
    (void)state;
    fill();
    const char *const names[] = { "name", "id", "colour" };
    for (int i = 0; i < 3; i++) {
        Tag *rows = corm_all(db, Tags, .order_by = BY(DESC(NAMED(Tags, names[i])), ASC(Tags.id)));
        assert_rows(rows, 3);
        assert_int_equal(rows->id, i == 0 ? vegan.id : i == 1 ? sweet.id : quick.id);
        corm_free(rows);
    }
    assert_int_equal(
        corm_count(db, Tags,
                   .where =
                       AND(EQ(NAMED(Tags, "name"), "vegan"), GT(NAMED(Tags, "id"), 0),
                           ICONTAINS(NAMED(Tags, "name"), "EGA"),
                           IS_NOT_NULL(NAMED(Tags, "colour")), EQ(Tags.name, NAMED(Tags, "name")))),
        1);
    assert_int_equal(corm_count(db, Recipes, .where = EQ(NAMED(Recipes, "user_id"), ada.id)),
                     corm_count(db, Recipes, .where = EQ(Recipes.user_id, ada.id)));
    assert_int_equal(
        corm_count(db, Recipes, .where = GTE(NAMED(Recipes, "price"), corm_decimal_of(0, 2))), 4);
    CORM_FILTER(filter, Tags);
    for (int i = 0; i < 2; i++) {
        char own[10];
        snprintf(own, sizeof own, "%s", i ? "colour" : "name");
        corm_filter_add(filter, EQ(NAMED(Tags, own), i ? vegan.colour : "vegan"));
        if (i) corm_filter_set(filter, TO(NAMED(Tags, own), "new"));
        memset(own, 'x', sizeof own);
    }
    assert_int_equal(corm_count(db, Tags, .filter = filter), 1);
    assert_int_equal(corm_update(db, Tags, .filter = filter), 1);
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.colour, "new")), 1);
    Tag *rows = corm_update_returning(db, Tags, .where = EQ(NAMED(Tags, "colour"), "new"),
                                      .set = SET(TO(NAMED(Tags, "colour"), "newer")));
    assert_rows(rows, 1);
    assert_string_equal(rows->colour, "newer");
    corm_free(rows);
}

static void test_named__refuses(void **state) {
    (void)state;
    fill();
    const char *const names[] = { "titel",     "user",          "tags",  "user->email",
                                  "title; --", "\"title\"",     "",      " title",
                                  "title ",    "Recipes.title", "tïtle", "1" };
    uint64_t before = corm_query_count(db);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_refused(corm_all(db, Recipes, .order_by = BY(ASC(NAMED(Recipes, names[i])))),
                       CORM_ERROR_USAGE, "");
        assert_refused(
            corm_update(db, Recipes, .all = true, .set = SET(TO(NAMED(Recipes, names[i]), "x"))),
            CORM_ERROR_USAGE, "");
    }
    assert_refused(corm_all(db, Recipes, .order_by = BY(ASC(NAMED(Recipes, NULL)))),
                   CORM_ERROR_USAGE, "NULL");
    assert_refused(corm_all(db, Recipes, .where = EQ(NAMED(Tags, "name"), "x")), CORM_ERROR_USAGE,
                   "");
    assert_refused(
        corm_update_returning(db, Tags, .all = true, .set = SET(TO(NAMED(Tags, "id"), 5))),
        CORM_ERROR_USAGE, "by which it finds the rows");
    assert_true(corm_count(db, Recipes, .where = EQ(NAMED(Recipes, "time_minutes"), "ten")) < 0);
    assert_true(corm_count(db, Recipes, .where = EQ(NAMED(Recipes, "title"), 5)) < 0);
    assert_true(corm_count(db, Recipes, .where = ICONTAINS(NAMED(Recipes, "price"), "5")) < 0);
    assert_int_equal(corm_query_count(db), before);
}

static void test_sequence_reset__goes_on_behind_the_rows(void **state) {
    (void)state;
    Tag tags[] = { { .id = 1, .name = "a" }, { .id = 2, .name = "b" }, { .id = 50, .name = "c" } };
    assert_ok(corm_insert_many(db, Tags, tags, 3));
    for (int i = 0; i < 2; i++) assert_ok(corm_sequence_reset(db, Tags));
    Tag next = { .name = "d" };
    assert_ok(corm_insert(db, Tags, &next));
    assert_true(next.id > 50);
    int64_t id = next.id;
    assert_int_equal(corm_delete(db, Tags, .where = GT(Tags.id, 1)), 3);
    assert_ok(corm_sequence_reset(db, Tags)); /* never back */
    next = (Tag){ .name = "e" };
    assert_ok(corm_insert(db, Tags, &next));
    assert_true(next.id > id);
    assert_ok(corm_sequence_reset(db, Seats)); /* which has none */
}

const struct CMUnitTest table_tests[] = {
    TEST(test_table__is_one_of_the_same_columns),       TEST(test_table__that_is_not_there),
    TEST(test_named__is_a_column_of_the_model),         TEST(test_named__refuses),
    TEST(test_sequence_reset__goes_on_behind_the_rows),
};
const size_t n_table_tests = sizeof table_tests / sizeof *table_tests;
