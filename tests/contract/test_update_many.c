/* corm_update_many. */
#include "harness.h"

static void test_update_many__writes_the_columns_named(void **state) {
    (void)state;
    fill();
    Recipe rows[] = { soup, stew, cake };
    for (int i = 0; i < 3; i++) {
        rows[i].price = corm_decimal_of(100 + i, 2);
        rows[i].title = "not written";
        rows[i].changed.us = 0;
    }
    rows[0].link = "it's \\ \"100%\" _é\n;--";
    rows[1].link = NULL;
    rows[2].link = "";
    rows[0].servings = (corm_optional_integer){ true, 7 };
    rows[1].servings = (corm_optional_integer){ false, 0 };
    rows[2].level = LEVEL_HARD;
    assert_ok(corm_update_many(db, Recipes, rows, 3, Recipes.price, Recipes.link, Recipes.servings,
                               Recipes.level));
    assert_true(rows[0].changed.us > 0);
    for (int i = 0; i < 3; i++) {
        Recipe *row = corm_find(db, Recipes, rows[i].id);
        assert_rows(row, 1);
        assert_int_equal(row->price.low, rows[i].price.low);
        assert_string_not_equal(row->title, "not written");
        assert_int_equal(row->changed.us, rows[i].changed.us);
        if (rows[i].link)
            assert_string_equal(row->link, rows[i].link);
        else
            assert_null(row->link);
        assert_int_equal(row->servings.set, rows[i].servings.set);
        assert_int_equal(row->level, rows[i].level);
        corm_free(row);
    }
    assert_int_equal(corm_count(db, Recipes, .where = LT(Recipes.price, corm_decimal_of(105, 2))),
                     3);
    /* A key of several columns, and one of text; a foreign key, and NULL in it. */
    Seat seats[] = { { 1, 1, "a" }, { 1, 2, "b" }, { 2, 1, NULL } };
    assert_ok(corm_insert_many(db, Seats, seats, 3));
    seats[0].guest = NULL;
    seats[1].guest = "B";
    seats[2].guest = "C";
    assert_ok(corm_update_many(db, Seats, seats, 3, Seats.guest));
    assert_int_equal(corm_count(db, Seats, .where = IS_NULL(Seats.guest)), 1);
    assert_int_equal(
        corm_count(db, Seats, .where = AND(EQ(Seats.row_number, 2), EQ(Seats.guest, "C"))), 1);
    User users[] = { ada, bob };
    users[0].country_id = bob.country_id;
    users[1].country_id.set = false;
    assert_ok(corm_update_many(db, Users, users, 2, Users.country_id));
    User *now = corm_find(db, Users, bob.id);
    assert_rows(now, 1);
    assert_false(now->country_id.set);
    corm_free(now);
}

/* Each kind, and NULL beside it. */
static void test_update_many__keeps_every_kind(void **state) {
    (void)state;
    Optional rows[3] = { 0 };
    assert_ok(corm_insert_many(db, Optionals, rows, 3));
    rows[1] = (Optional){ .id = rows[1].id,
                          .small = { true, -32768 },
                          .normal = { true, INT32_MIN },
                          .big = { true, INT64_MIN },
                          .yes = { true, true },
                          .single = { true, 0.1f },
                          .twice = { true, 1e-300 },
                          .price = { true, corm_decimal_of(-12345, 2) },
                          .short_text = "é'\\%",
                          .long_text = "x\ty",
                          .bytes = { "a\0'\\\xff", 5 },
                          .day = { true, { -700000 } },
                          .hour = { true, { 86399999999 } },
                          .moment = { true, { 1234567890123456 } },
                          .key = { true, { { 1, 2, 0xff, 4 } } },
                          .document = "{\"a\": [1, \"'\\\\\"]}" };
    rows[2] = rows[1];
    rows[2].id = rows[2].id == rows[1].id ? rows[0].id + 2 : rows[2].id;
    rows[2].normal.value = 7;
    rows[2].short_text = "";
    assert_ok(corm_update_many(db, Optionals, rows, 3, Optionals.small, Optionals.normal,
                               Optionals.big, Optionals.yes, Optionals.single, Optionals.twice,
                               Optionals.price, Optionals.short_text, Optionals.long_text,
                               Optionals.bytes, Optionals.day, Optionals.hour, Optionals.moment,
                               Optionals.key, Optionals.document));
    Optional *now = corm_all(db, Optionals, .order_by = BY(ASC(Optionals.id)));
    assert_rows(now, 3);
    assert_false(now[0].normal.set || now[0].price.set || now[0].key.set);
    assert_null(now[0].bytes.data);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(now[i].small.value, -32768);
        assert_int_equal(now[i].normal.value, rows[i].normal.value);
        assert_true(now[i].big.value == INT64_MIN && now[i].yes.value);
        assert_true(now[i].single.value == 0.1f && now[i].twice.value == 1e-300);
        assert_true(now[i].price.value.low == rows[i].price.value.low);
        assert_string_equal(now[i].short_text, rows[i].short_text);
        assert_string_equal(now[i].long_text, "x\ty");
        assert_int_equal(now[i].bytes.size, 5);
        assert_memory_equal(now[i].bytes.data, rows[i].bytes.data, 5);
        assert_memory_equal(&now[i].day.value, &rows[i].day.value, sizeof(corm_date));
        assert_int_equal(now[i].hour.value.us, 86399999999);
        assert_int_equal(now[i].moment.value.us, 1234567890123456);
        assert_memory_equal(&now[i].key.value, &rows[i].key.value, sizeof(corm_uuid));
        assert_non_null(strstr(now[i].document, "'"));
    }
    corm_free(now);
}

static void test_update_many__is_all_or_nothing(void **state) {
    (void)state;
    fill();
    Tag tags[] = { vegan, quick, sweet };
    for (int i = 0; i < 3; i++) tags[i].colour = "new";
    tags[1].id = 4711;
    assert_refused(corm_update_many(db, Tags, tags, 3, Tags.colour), CORM_ERROR_NOT_FOUND, "tags");
    assert_string_equal(corm_error(db)->detail, "row 2 of 3");
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.colour, "new")), 0);
    tags[1].id = quick.id;
    tags[2].name = "vegan";
    assert_refused(corm_update_many(db, Tags, tags, 3, Tags.colour, Tags.name), CORM_ERROR_UNIQUE,
                   "");
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.colour, "new")), 0);
    assert_int_equal(corm_transaction_depth(db), 0);
    /* Of two with one key the later one counts. */
    tags[2] = tags[0];
    tags[2].colour = "later";
    assert_ok(corm_update_many(db, Tags, tags, 3, Tags.colour));
    assert_int_equal(
        corm_count(db, Tags, .where = AND(EQ(Tags.id, vegan.id), EQ(Tags.colour, "later"))), 1);
    uint64_t before = corm_query_count(db);
    assert_refused(corm_update_many(db, Tags, tags, 3, Tags.id), CORM_ERROR_USAGE, "of the key");
    assert_refused(corm_update_many(db, Tags, (Tag *)NULL, 3, Tags.name), CORM_ERROR_USAGE, "NULL");
    assert_ok(corm_update_many(db, Tags, tags, 0, Tags.name));
    assert_int_equal(corm_query_count(db), before);
}

static void test_update_many__checks_each_version(void **state) {
    (void)state;
    enum { N = 700 };
    static Account rows[N];
    static char names[N][8];
    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof names[i], "n%d", i);
        rows[i] = (Account){ .name = names[i], .amount = i };
    }
    assert_ok(corm_insert_many(db, Accounts, rows, N));
    uint64_t before = corm_query_count(db);
    for (int i = 0; i < N; i++) rows[i].amount += 1000;
    assert_ok(corm_update_many(db, Accounts, rows, N, Accounts.amount));
    if (strcmp(quirk->engine, "sqlite") != 0) assert_true(corm_query_count(db) - before < 40);
    assert_int_equal(
        corm_count(db, Accounts, .where = AND(EQ(Accounts.edition, 2), GTE(Accounts.amount, 1000))),
        N);
    assert_int_equal(rows[N - 1].edition, 2);
    rows[500].edition = 1;
    for (int i = 0; i < N; i++) rows[i].amount = 0;
    assert_refused(corm_update_many(db, Accounts, rows, N, Accounts.amount), CORM_ERROR_STALE,
                   "accounts");
    assert_string_equal(corm_error(db)->detail, "row 501 of 700");
    assert_int_equal(corm_count(db, Accounts, .where = EQ(Accounts.amount, 0)), 0);
    assert_int_equal(rows[0].edition, 2);
}

/* A wide table, whose columns have names such as c100. */
static void test_update_many__of_a_wide_table(void **state) {
    (void)state;
    enum { N = 60 };
    static Sheet rows[N];
    memset(rows, 0, sizeof rows);
    assert_ok(corm_insert_many(db, Sheets, rows, N));
    for (int i = 0; i < N; i++) {
        rows[i].c000 = (int16_t)(i + 1);
        rows[i].c001 = (int16_t)-i;
    }
    uint64_t before = corm_query_count(db);
    assert_ok(corm_update_many(db, Sheets, rows, N, Sheets.c001, Sheets.c000));
    if (strcmp(quirk->engine, "sqlite") != 0) assert_true(corm_query_count(db) - before < 20);
    assert_int_equal(corm_count(db, Sheets,
                                .where = AND(EQ(Sheets.id, rows[7].id), EQ(Sheets.c000, 8),
                                             EQ(Sheets.c001, -7))),
                     1);
    assert_int_equal(corm_count(db, Sheets, .where = GT(Sheets.c000, 0)), N);
}

const struct CMUnitTest update_many_tests[] = {
    TEST(test_update_many__writes_the_columns_named), TEST(test_update_many__keeps_every_kind),
    TEST(test_update_many__is_all_or_nothing),        TEST(test_update_many__of_a_wide_table),
    TEST(test_update_many__checks_each_version),
};
const size_t n_update_many_tests = sizeof update_many_tests / sizeof *update_many_tests;
