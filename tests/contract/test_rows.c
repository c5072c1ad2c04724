/* One row by its key: corm_refresh, corm_save_columns, corm_delete_row. */
#include "harness.h"

static void test_refresh__reads_the_row_again(void **state) {
    (void)state;
    fill();
    Recipe old = soup;
    assert_int_equal(corm_update(db, Recipes, .where = EQ(Recipes.id, soup.id),
                                 .set = SET(TO(Recipes.title, "Cold soup"), TO(Recipes.link, "x"),
                                            TO(Recipes.servings, 3))),
                     1);
    soup.tags = (Tag *)&vegan; /* what the row had loaded is not the row's any more */
    Recipe *now = corm_refresh(db, Recipes, &soup);
    assert_rows(now, 1);
    assert_string_equal(soup.title, "Cold soup");
    assert_string_equal(soup.link, "x");
    assert_int_equal(soup.servings.value, 3);
    assert_int_equal(soup.created.us, old.created.us);
    assert_null(soup.tags);
    assert_ptr_equal(soup.title, now->title);
    corm_free(now);
    now = corm_refresh(db, Recipes, &soup, .with = WITH(Recipes.user, Recipes.tags));
    assert_rows(now, 1);
    assert_string_equal(soup.user->name, "Ada");
    assert_int_equal(corm_len(soup.tags), 2);
    corm_free(now);
    soup = old;
    soup.id = 4711;
    assert_null(corm_refresh(db, Recipes, &soup));
    assert_refused(0, CORM_ERROR_NOT_FOUND, "recipes");
    assert_string_equal(soup.title, "Soup"); /* as it was */
    assert_null(corm_refresh(db, Recipes, (Recipe *)NULL));
    assert_refused(0, CORM_ERROR_USAGE, "NULL");
    assert_refused(corm_refresh(db, Recipes, &soup, .only = MEMBERS(Recipes.title)),
                   CORM_ERROR_USAGE, "reads the row of recipes whole");
    assert_refused(corm_refresh(db, Recipes, &soup, .except = MEMBERS(Recipes.title)),
                   CORM_ERROR_USAGE, "reads the row of recipes whole");
    assert_null(corm_refresh(db, Recipes, &soup, .where = EQ(Recipes.id, 1)));
    assert_refused(0, CORM_ERROR_USAGE, "by its key");
}

/* Keys of text, uuid, several columns and of foreign keys. */
static void test_rows__are_told_by_keys_of_every_kind(void **state) {
    (void)state;
    fill();
    Author author = { .name = "Ursula" };
    assert_int_equal(corm_uuid_new(&author.id), 0);
    assert_ok(corm_insert(db, Authors, &author));
    author.name = "?";
    Author *authors = corm_refresh(db, Authors, &author);
    assert_rows(authors, 1);
    assert_string_equal(author.name, "Ursula");
    Book book = { .isbn = "O'Reilly", .author_id = author.id, .title = "t", .pages = 7 };
    assert_ok(corm_insert(db, Books, &book));
    book.title = "u";
    assert_ok(corm_save_columns(db, Books, &book, Books.title));
    Book *books = corm_refresh(db, Books, &book);
    assert_rows(books, 1);
    assert_string_equal(book.title, "u");
    assert_int_equal(book.double_pages, 14);
    Seat seats[] = { { 1, 1, "Ada" }, { 1, 2, "Bob" }, { 2, 1, "Eve" } };
    assert_ok(corm_insert_many(db, Seats, seats, 3));
    seats[1].guest = NULL;
    assert_ok(corm_save_columns(db, Seats, &seats[1], Seats.guest));
    assert_int_equal(corm_count(db, Seats, .where = IS_NULL(Seats.guest)), 1);
    Seat *seat = corm_refresh(db, Seats, (&(Seat){ 2, 1, NULL }));
    assert_rows(seat, 1);
    assert_string_equal(seat->guest, "Eve");
    corm_free(seat);
    assert_ok(corm_delete_row(db, Seats, &seats[1]));
    assert_int_equal(corm_count(db, Seats), 2);
    assert_int_equal(corm_count(db, Seats, .where = EQ(Seats.place, 1)), 2);
    Visit visit = { .user_id = ada.id, .country_id = ada.country_id.value, .days = 3 };
    assert_ok(corm_insert(db, Visits, &visit));
    visit.days = 4;
    assert_ok(corm_save_columns(db, Visits, &visit, Visits.days));
    assert_int_equal(corm_count(db, Visits, .where = EQ(Visits.days, 4)), 1);
    assert_ok(corm_delete_row(db, Visits, &visit));
    assert_ok(corm_delete_row(db, Books, &book));
    assert_ok(corm_delete_row(db, Authors, &author));
    assert_int_equal(corm_count(db, Authors) + corm_count(db, Books) + corm_count(db, Visits), 0);
    corm_free(authors);
    corm_free(books);
}

static void test_delete_row__deletes_one(void **state) {
    (void)state;
    fill();
    assert_ok(corm_delete_row(db, Recipes, &cake));
    assert_int_equal(corm_count(db, Recipes), 3);
    assert_null(corm_find(db, Recipes, cake.id));
    assert_refused(corm_delete_row(db, Recipes, &cake), CORM_ERROR_NOT_FOUND, "recipes");
    assert_ok(corm_begin(db));
    assert_refused(corm_delete_row(db, Recipes, &cake), CORM_ERROR_NOT_FOUND, "recipes");
    assert_ok(corm_delete_row(db, Recipes, &soup)); /* no level is broken by that */
    assert_ok(corm_commit(db));
    assert_int_equal(corm_count(db, Recipes), 2);
    assert_refused(corm_delete_row(db, Recipes, (Recipe *)NULL), CORM_ERROR_USAGE, "NULL");
}

static void test_save_columns__writes_these_alone(void **state) {
    (void)state;
    fill();
    corm_timestamp changed = soup.changed;
    soup.title = "Cold soup";
    soup.time_minutes = 21;
    soup.link = "not this one";
    assert_ok(corm_save_columns(db, Recipes, &soup, Recipes.title, Recipes.time_minutes));
    assert_true(soup.changed.us > changed.us);
    Recipe *row = corm_find(db, Recipes, soup.id);
    assert_rows(row, 1);
    assert_string_equal(row->title, "Cold soup");
    assert_int_equal(row->time_minutes, 21);
    assert_null(row->link);
    assert_int_equal(row->changed.us, soup.changed.us);
    assert_int_equal(row->created.us, soup.created.us);
    corm_free(row);
    assert_int_equal(corm_count(db, Recipes, .where = EQ(Recipes.title, "Cold soup")), 1);
    stew.user_id = bob.id;
    stew.level = LEVEL_EASY;
    stew.servings = (corm_optional_integer){ 0 };
    stew.price = corm_decimal_of(1, 0);
    assert_ok(corm_save_columns(db, Recipes, &stew, Recipes.user_id, Recipes.level,
                                Recipes.servings, Recipes.price, Recipes.created));
    row = corm_get(db, Recipes,
                   .where = AND(EQ(Recipes.id, stew.id), EQ(Recipes.user_id, bob.id),
                                EQ(Recipes.level, LEVEL_EASY), IS_NULL(Recipes.servings),
                                EQ(Recipes.price, 1)));
    assert_rows(row, 1);
    corm_free(row);
    assert_ok(corm_save_columns(db, Recipes, &stew, Recipes.user_id)); /* as it is: no failure */
    stew.id = 4711;
    assert_refused(corm_save_columns(db, Recipes, &stew, Recipes.title), CORM_ERROR_NOT_FOUND,
                   "recipes");
    assert_int_equal(corm_count(db, Recipes), 4);
}

static void test_save_columns__of_every_kind(void **state) {
    (void)state;
    Optional row = { 0 }, full = { .small = CORM_SOME(5),
                                   .normal = CORM_SOME(6),
                                   .big = CORM_SOME(7),
                                   .yes = CORM_SOME(true),
                                   .single = CORM_SOME(0.1f),
                                   .twice = CORM_SOME(0.1),
                                   .price = CORM_SOME(corm_decimal_of(1234567, 2)),
                                   .short_text = "äöü",
                                   .long_text = "it's",
                                   .bytes = { "\0\1", 2 },
                                   .day = CORM_SOME((corm_date){ 5 }),
                                   .hour = CORM_SOME((corm_time){ 6 }),
                                   .moment = CORM_SOME((corm_timestamp){ 7 }),
                                   .span = CORM_SOME((corm_interval){ -8 }),
                                   .key = CORM_SOME((corm_uuid){ { 9 } }),
                                   .document = "[1, null]" };
    assert_ok(corm_insert(db, Optionals, &row));
    full.id = row.id;
    for (int turn = 0; turn < 2; turn++) {
        Optional *from = turn ? &row : &full;
        assert_ok(corm_save_columns(
            db, Optionals, from, Optionals.small, Optionals.normal, Optionals.big, Optionals.yes,
            Optionals.single, Optionals.twice, Optionals.price, Optionals.short_text,
            Optionals.long_text, Optionals.bytes, Optionals.day, Optionals.hour, Optionals.moment,
            Optionals.span, Optionals.key, Optionals.document));
        Optional *now = corm_find(db, Optionals, row.id);
        assert_rows(now, 1);
        assert_int_equal(now->small.set, !turn);
        assert_int_equal(now->yes.set, !turn);
        assert_int_equal(now->key.set, !turn);
        assert_true((now->document == NULL) == turn);
        if (!turn) {
            assert_true(now->single.value == 0.1f && now->twice.value == 0.1);
            assert_int_equal(corm_decimal_compare(now->price.value, full.price.value), 0);
            assert_string_equal(now->short_text, "äöü");
            assert_int_equal(now->bytes.size, 2);
            assert_int_equal(now->span.value.us, -8);
            assert_int_equal(now->key.value.bytes[0], 9);
        }
        corm_free(now);
    }
}

static void test_save_columns__refuses(void **state) {
    (void)state;
    fill();
    uint64_t before = corm_query_count(db);
    assert_refused(corm_save_columns(db, Tags, &vegan), CORM_ERROR_USAGE, "no column of tags");
    assert_refused(corm_save_columns(db, Recipes, &soup, Recipes.id), CORM_ERROR_USAGE,
                   "recipes.id is of the key");
    assert_refused(corm_save_columns(db, Recipes, &soup, Recipes.title, Recipes.title),
                   CORM_ERROR_USAGE, "recipes.title twice");
    assert_refused(corm_save_columns(db, Recipes, &soup, Recipes.user->name), CORM_ERROR_USAGE,
                   "Recipes.user->name");
    assert_refused(corm_save_columns(db, Recipes, &soup, Users.name), CORM_ERROR_USAGE,
                   "the query is on Recipes");
    assert_refused(corm_save_columns(db, Books, (&(Book){ .isbn = "1" }), Books.double_pages),
                   CORM_ERROR_USAGE, "generated");
    soup.title = NULL;
    assert_refused(corm_save_columns(db, Recipes, &soup, Recipes.title), CORM_ERROR_NOT_NULL,
                   "recipes.title");
    soup.title = "Soup";
    soup.price = corm_decimal_of(12345678, 2);
    assert_refused(corm_save_columns(db, Recipes, &soup, Recipes.price), CORM_ERROR_RANGE,
                   "recipes.price");
    assert_int_equal(corm_query_count(db), before);
    soup.price = corm_decimal_of(-1, 0);
    assert_refused(corm_save_columns(db, Recipes, &soup, Recipes.price), CORM_ERROR_CHECK,
                   "recipe_price_not_negative");
    vegan.name = "quick";
    assert_refused(corm_save_columns(db, Tags, &vegan, Tags.name), CORM_ERROR_UNIQUE, "");
    assert_string_equal(corm_error(db)->table, "tags");
}

const struct CMUnitTest row_tests[] = {
    TEST(test_refresh__reads_the_row_again), TEST(test_rows__are_told_by_keys_of_every_kind),
    TEST(test_delete_row__deletes_one),      TEST(test_save_columns__writes_these_alone),
    TEST(test_save_columns__of_every_kind),  TEST(test_save_columns__refuses),
};
const size_t n_row_tests = sizeof row_tests / sizeof *row_tests;
