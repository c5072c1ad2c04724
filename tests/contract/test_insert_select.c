/* corm_insert_select. */
#include "harness.h"

static void test_insert_select__takes_columns_from_expressions(void **state) {
    (void)state;
    fill();
    assert_int_equal(corm_insert_select(
                         db, Badges, Recipes,
                         .set = SET(TO(Badges.number, COL(Recipes.id)),
                                    TO(Badges.code, CONCAT(VALUE("'\\%é"), Recipes.user->name)),
                                    TO(Badges.rank, MUL(Recipes.time_minutes, 2)),
                                    TO(Badges.place, "x'; DROP TABLE badges; -- \\")),
                         .where = AND(EQ(Recipes.user->email, ada.email), EQ(Recipes.id, soup.id))),
                     1);
    Badge *row = corm_find(db, Badges, soup.id);
    assert_rows(row, 1);
    assert_memory_equal(row->code, "'\\%é", 5);
    assert_string_equal(row->code + 5, ada.name);
    assert_int_equal(row->rank, soup.time_minutes * 2);
    assert_string_equal(row->place, "x'; DROP TABLE badges; -- \\");
    assert_true(row->made.us > 0 && row->seen.us > 0); /* auto_now_add, and a default */
    corm_free(row);
    /* An order and a limit; defaults; the table itself; NULL; a filter; several key columns. */
    CORM_FILTER(filter, Tags);
    corm_filter_order(filter, DESC(Tags.name));
    assert_int_equal(corm_insert_select(db, Badges, Tags,
                                        .set = SET(TO(Badges.number, ADD(Tags.id, 1000)),
                                                   TO(Badges.code, COL(Tags.name))),
                                        .filter = filter, .limit = 1),
                     1);
    row = corm_get(db, Badges, .where = EQ(Badges.code, "vegan"));
    assert_rows(row, 1);
    assert_string_equal(row->place, "here");
    assert_int_equal(row->rank, 7);
    corm_free(row);
    assert_int_equal(corm_insert_select(db, Tags, Tags,
                                        .set = SET(TO(Tags.name, CONCAT(Tags.name, VALUE("2"))),
                                                   TO_NULL(Tags.colour))),
                     3);
    assert_int_equal(corm_count(db, Tags), 6);
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.name, "vegan2")), 1);
    assert_int_equal(
        corm_insert_select(db, Seats, Users,
                           .set = SET(TO(Seats.row_number, 1), TO(Seats.place, COL(Users.id)),
                                      TO(Seats.guest, COL(Users.country->name)))),
        3);
    assert_int_equal(corm_count(db, Seats, .where = IS_NULL(Seats.guest)), 1);
    assert_int_equal(
        corm_insert_select(db, Accounts, Users,
                           .set = SET(TO(Accounts.id, ADD(Users.id, 100)),
                                      TO(Accounts.name, COL(Users.name)), TO(Accounts.amount, 1))),
        3);
    assert_int_equal(corm_count(db, Accounts, .where = EQ(Accounts.edition, 1)), 3);
    assert_int_equal(corm_insert_select(db, Tags, Tags, .set = SET(TO(Tags.name, "n")),
                                        .where = EQ(Tags.name, "none")),
                     0);
}

static void test_insert_select__ignores_or_updates(void **state) {
    (void)state;
    fill();
    Badge badges[] = { { .number = 1, .code = "vegan", .place = "old", .rank = 1 },
                       { .number = 2, .code = "other", .place = "old", .rank = 1 } };
    assert_ok(corm_insert_many(db, Badges, badges, 2));
    assert_ok(
        corm_insert_select(db, Badges, Tags,
                           .set = SET(TO(Badges.number, ADD(Tags.id, 100)),
                                      TO(Badges.code, COL(Tags.name)), TO(Badges.place, "new")),
                           .ignore = true));
    assert_int_equal(corm_count(db, Badges), 4);
    assert_int_equal(corm_count(db, Badges, .where = EQ(Badges.place, "new")), 2);
    assert_int_equal(corm_count(db, Badges,
                                .where = AND(EQ(Badges.code, "vegan"), EQ(Badges.number, 1),
                                             EQ(Badges.place, "old"))),
                     1);
    for (int i = 0; i < 2; i++)
        assert_ok(corm_insert_select(
            db, Badges, Tags,
            .set = SET(TO(Badges.number, ADD(Tags.id, 200)), TO(Badges.code, COL(Tags.name)),
                       TO(Badges.place, COL(Tags.colour))),
            .where = IS_NOT_NULL(Tags.colour), .conflict = CONFLICT(Badges.code)));
    assert_int_equal(corm_count(db, Badges), 4);
    Badge *row = corm_get(db, Badges, .where = EQ(Badges.code, "vegan"));
    assert_rows(row, 1);
    assert_int_equal(row->number, 1); /* the key stays, and what SET does not name */
    assert_int_equal(row->rank, 1);
    assert_int_equal(row->made.us, badges[0].made.us);
    assert_string_equal(row->place, vegan.colour);
    corm_free(row);
    for (int i = 0; i < 2; i++)
        assert_ok(corm_insert_select(
            db, Accounts, Tags,
            .set = SET(TO(Accounts.name, COL(Tags.name)), TO(Accounts.amount, LENGTH(Tags.name))),
            .conflict = CONFLICT(Accounts.name)));
    assert_int_equal(corm_count(db, Accounts, .where = EQ(Accounts.edition, 2)), 3);
    /* A row that has another unique value of a new one is not touched. */
    assert_refused(corm_insert_select(db, Badges, Tags,
                                      .set = SET(TO(Badges.number, 2), TO(Badges.code, "else"),
                                                 TO(Badges.place, "stolen")),
                                      .where = EQ(Tags.id, vegan.id),
                                      .conflict = CONFLICT(Badges.code)),
                   CORM_ERROR_UNIQUE, "");
    assert_int_equal(corm_count(db, Badges, .where = EQ(Badges.place, "stolen")), 0);
    /* All that is set is of the conflict. */
    for (int i = 0; i < 2; i++)
        assert_ok(corm_insert_select(db, Knots, Users,
                                     .set = SET(TO(Knots.one, 1), TO(Knots.other, COL(Users.id))),
                                     .conflict = CONFLICT(Knots.one, Knots.other)));
    assert_int_equal(corm_count(db, Knots), 3);
}

static void test_insert_select__refuses(void **state) {
    (void)state;
    fill();
    uint64_t before = corm_query_count(db);
    assert_refused(corm_insert_select(db, Badges, Tags), CORM_ERROR_USAGE, "without .set");
    assert_refused(corm_insert_select(db, Badges, Tags, .set = SET(TO(Tags.name, COL(Tags.name)))),
                   CORM_ERROR_USAGE, "begins with 'Badges.'");
    assert_refused(
        corm_insert_select(db, Badges, Tags, .set = SET(TO(Badges.code, COL(Badges.place)))),
        CORM_ERROR_USAGE, "begins with 'Tags.'");
    assert_refused(corm_insert_select(db, Badges, Tags,
                                      .set = SET(TO(Badges.code, "a"), TO(Badges.code, "b"))),
                   CORM_ERROR_USAGE, "SET has code twice");
    assert_refused(corm_insert_select(db, Badges, Tags, .set = SET(TO_DEFAULT(Badges.place))),
                   CORM_ERROR_USAGE, "leave badges.place out");
    assert_refused(corm_insert_select(db, Badges, Tags, .set = SET(TO(Badges.code, "a")),
                                      .conflict = CONFLICT(Badges.place)),
                   CORM_ERROR_USAGE, "no unique constraint");
    assert_refused(corm_insert_select(db, Badges, Tags, .set = SET(TO(Badges.code, "a")),
                                      .ignore = true, .conflict = CONFLICT(Badges.code)),
                   CORM_ERROR_USAGE, ".ignore and .conflict");
    assert_int_equal(corm_query_count(db), before);
    assert_refused(corm_insert_select(db, Tags, Users, .set = SET(TO(Tags.name, "same"))),
                   CORM_ERROR_UNIQUE, "");
    assert_refused(
        corm_insert_select(db, Countries, Tags,
                           .set = SET(TO(Countries.code, COL(Tags.name)), TO(Countries.name, "x"))),
        CORM_ERROR_RANGE, "");
    assert_refused(
        corm_insert_select(db, Comments, Tags,
                           .set = SET(TO(Comments.recipe_id, 4711),
                                      TO(Comments.words, COL(Tags.colour)), TO(Comments.stars, 1)),
                           .where = IS_NULL(Tags.colour), .ignore = true),
        CORM_ERROR_NOT_NULL, "");
    assert_int_equal(corm_count(db, Tags), 3);
}

const struct CMUnitTest insert_select_tests[] = {
    TEST(test_insert_select__takes_columns_from_expressions),
    TEST(test_insert_select__ignores_or_updates),
    TEST(test_insert_select__refuses),
};
const size_t n_insert_select_tests = sizeof insert_select_tests / sizeof *insert_select_tests;
