/* What a query may have besides its condition: where NULL stands in an order, and the members that
 * choose columns, locks, pages and groups. Each is followed by the same query without it, which
 * must not be answered by the plan of the other. */
#include "harness.h"

/* The titles of the rows, one after another: "Soup Stew". */
static const char *titles(Recipe *rows) {
    static char text[256];
    text[0] = 0;
    if (!rows) fail_msg("%s", corm_error(db)->message);
    for (size_t i = 0; i < corm_len(rows); i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
                 rows[i].title);
    corm_free(rows);
    return text;
}

static void test_exists__has_the_same_clauses_as_all(void **state) {
    (void)state;
    CORM_FILTER(filter, Recipes);
    assert_int_equal(corm_exists(db, Recipes), 0);
    fill();
    corm_filter_add(filter, GT(Recipes.time_minutes, 100));
    assert_int_equal(corm_exists(db, Recipes), 1);
    assert_int_equal(corm_exists(db, Recipes, .filter = filter), 1);
    assert_int_equal(corm_exists(db, Recipes, .filter = filter, .offset = 1), 0);
    assert_int_equal(corm_exists(db, Recipes, .filter = filter, .where = EQ(Recipes.title, "Soup")),
                     0);
    assert_int_equal(corm_exists(db, Recipes, .limit = 0), 0);
    assert_int_equal(corm_exists(db, Recipes, .order_by = BY(Recipes.title), .limit = 1), 1);
    assert_int_equal(corm_exists(db, Recipes, .where = EQ(Recipes.tags->name, "sweet")), 1);
    assert_int_equal(corm_exists(db, Recipes, .where = EQ(Recipes.tags->name, "sour")), 0);
    const char *none = NULL;
    assert_refused(corm_exists(db, Recipes, .where = EQ(Recipes.title, none)), CORM_ERROR_USAGE,
                   "NULL");
}

/* servings: Soup none, Stew 4, Cake none, Bread 2; links: Soup none, Stew "b", Cake "a", Bread
 * none. */
static void fill_nulls(void) {
    fill();
    assert_int_equal(corm_update(db, Recipes, .all = true, .set = SET(TO_NULL(Recipes.servings))),
                     4);
    assert_int_equal(corm_update(db, Recipes, .where = EQ(Recipes.title, "Stew"),
                                 .set = SET(TO(Recipes.servings, 4), TO(Recipes.link, "b"))),
                     1);
    assert_int_equal(corm_update(db, Recipes, .where = EQ(Recipes.title, "Bread"),
                                 .set = SET(TO(Recipes.servings, 2))),
                     1);
    assert_int_equal(corm_update(db, Recipes, .where = EQ(Recipes.title, "Cake"),
                                 .set = SET(TO(Recipes.link, "a"))),
                     1);
}

#define by(...) titles(corm_all(db, Recipes, .order_by = BY(__VA_ARGS__)))
static void test_nulls__stand_where_the_order_says(void **state) {
    (void)state;
    fill_nulls();
    for (int again = 0; again < 2; again++) {
        assert_string_equal(by(ASC(Recipes.servings)), "Bread Stew Soup Cake");
        assert_string_equal(by(NULLS_FIRST(ASC(Recipes.servings))), "Soup Cake Bread Stew");
        assert_string_equal(by(NULLS_FIRST(Recipes.servings)), "Soup Cake Bread Stew");
        assert_string_equal(by(NULLS_LAST(Recipes.servings)), "Bread Stew Soup Cake");
        assert_string_equal(by(DESC(Recipes.servings)), "Cake Soup Stew Bread");
        assert_string_equal(by(NULLS_LAST(DESC(Recipes.servings))), "Stew Bread Cake Soup");
        assert_string_equal(by(NULLS_FIRST(DESC(Recipes.servings))), "Cake Soup Stew Bread");
    }
    assert_string_equal(by(NULLS_FIRST(Recipes.link), DESC(Recipes.title)), "Soup Bread Cake Stew");
    assert_string_equal(by(NULLS_LAST(DESC(UPPER(Recipes.link))), Recipes.title),
                        "Stew Cake Bread Soup");
    assert_string_equal(by(NULLS_FIRST(Recipes.title)), "Bread Cake Soup Stew");
    assert_string_equal(by(NULLS_LAST(DESC(Recipes.level)), Recipes.id), "Stew Bread Soup Cake");
    assert_string_equal(by(NULLS_FIRST(Recipes.parent->title)), "Soup Cake Bread Stew");
    CORM_FILTER(filter, Recipes);
    corm_filter_order(filter, NULLS_FIRST(DESC(Recipes.servings)));
    assert_string_equal(titles(corm_all(db, Recipes, .filter = filter, .limit = 3)),
                        "Cake Soup Stew");
}

CORM_ROW(Group, optional_integer(servings), bigint(n), text(link, .null = true));
static void test_nulls__stand_where_the_order_of_a_report_says(void **state) {
    (void)state;
    fill_nulls();
    Group *rows = corm_select(db, Group, Recipes,
                              .columns = COLUMNS(AS(servings, Recipes.servings), AS(n, COUNT()),
                                                 AS(link, MAX_OF(Recipes.link))),
                              .order_by = BY(NULLS_FIRST(Recipes.servings)));
    assert_rows(rows, 3);
    assert_false(rows[0].servings.set);
    assert_int_equal(rows[1].servings.value, 2);
    corm_free(rows);
    rows = corm_select(db, Group, Recipes,
                       .columns = COLUMNS(AS(servings, Recipes.servings), AS(n, COUNT()),
                                          AS(link, MAX_OF(Recipes.link))),
                       .order_by = BY(NULLS_LAST(DESC(MAX_OF(Recipes.link)))));
    assert_rows(rows, 3);
    assert_string_equal(rows[0].link, "b");
    assert_null(rows[2].link);
    corm_free(rows);
}

static void test_only__reads_the_columns_named_and_the_key(void **state) {
    (void)state;
    fill();
    for (int again = 0; again < 2; again++) {
        Recipe *row = corm_first(db, Recipes, .where = EQ(Recipes.title, "Stew"),
                                 .only = MEMBERS(Recipes.title, Recipes.parent_id));
        assert_rows(row, 1);
        assert_int_equal(row->id, stew.id);
        assert_string_equal(row->title, "Stew");
        assert_true(row->parent_id.set);
        assert_int_equal(row->time_minutes, 0);
        assert_int_equal(row->price.low, 0);
        assert_int_equal(row->user_id, 0);
        corm_free(row);
        row = corm_first(db, Recipes, .where = EQ(Recipes.title, "Stew"),
                         .except = MEMBERS(Recipes.title, Recipes.parent_id));
        assert_rows(row, 1);
        assert_null(row->title);
        assert_false(row->parent_id.set);
        assert_int_equal(row->id, stew.id);
        assert_int_equal(row->time_minutes, 90);
        assert_int_equal(row->user_id, ada.id);
        corm_free(row);
        row = corm_first(db, Recipes, .where = EQ(Recipes.title, "Stew"));
        assert_string_equal(row->title, "Stew");
        assert_int_equal(row->time_minutes, 90);
        assert_ok(corm_save(db, Recipes, row));
        corm_free(row);
    }
    Seat seat = { .row_number = 1, .place = 2, .guest = "Ada" };
    assert_ok(corm_insert(db, Seats, &seat));
    Seat *seats = corm_all(db, Seats, .except = MEMBERS(Seats.row_number, Seats.guest));
    assert_rows(seats, 1);
    assert_int_equal(seats->row_number, 1);
    assert_int_equal(seats->place, 2);
    assert_null(seats->guest);
    corm_free(seats);
}

static void test_only__goes_over_the_relations_of_with(void **state) {
    (void)state;
    fill();
    Recipe *rows =
        corm_all(db, Recipes, .with = WITH(Recipes.user->country, Recipes.tags, Recipes.comments),
                 .only = MEMBERS(Recipes.title, Recipes.user->name, Recipes.tags->name,
                                 Recipes.comments->stars),
                 .order_by = BY(Recipes.time_minutes));
    assert_rows(rows, 4);
    assert_string_equal(rows[0].title, "Soup");
    assert_int_equal(rows[0].price.low, 0);
    assert_int_equal(rows[0].time_minutes, 20); /* ordered by: .after may want it */
    assert_int_equal(rows[0].user_id, ada.id);
    assert_int_equal(rows[0].user->id, ada.id);
    assert_string_equal(rows[0].user->name, "Ada");
    assert_null(rows[0].user->email);
    assert_string_equal(rows[0].user->country->code, "GB");
    assert_rows(rows[0].tags, 2);
    assert_string_equal(rows[0].tags[0].name, "vegan");
    assert_null(rows[0].tags[0].colour);
    assert_rows(rows[0].comments, 2);
    assert_null(rows[0].comments[0].words);
    assert_int_equal(rows[0].comments[0].stars + rows[0].comments[1].stars, 5);
    assert_refused(corm_save(db, Users, rows[0].user), CORM_ERROR_USAGE, "users was read in part");
    assert_refused(corm_save(db, Tags, &rows[0].tags[1]), CORM_ERROR_USAGE, "read in part");
    assert_refused(corm_save(db, Comments, &rows[0].comments[1]), CORM_ERROR_USAGE, "in part");
    assert_ok(corm_save(db, Countries, rows[0].user->country));
    corm_free(rows);
    rows = corm_all(db, Recipes, .with = WITH(Recipes.user), .only = MEMBERS(Recipes.user->email),
                    .order_by = BY(Recipes.id));
    assert_int_equal(rows[0].time_minutes, 20);
    assert_null(rows[0].user->name);
    assert_ok(corm_save(db, Recipes, &rows[0]));
    corm_free(rows);
    assert_refused(corm_all(db, Recipes, .only = MEMBERS(Recipes.user->email)), CORM_ERROR_USAGE,
                   ".with does not load");
}

static void test_only__leaves_a_mark_that_no_write_overlooks(void **state) {
    (void)state;
    fill();
    Recipe *rows =
        corm_all(db, Recipes, .only = MEMBERS(Recipes.title), .order_by = BY(Recipes.id));
    assert_rows(rows, 4);
    Recipe copy = rows[1];
    corm_free(rows);
    copy.title = "Ragout";
    assert_refused(corm_save(db, Recipes, &copy), CORM_ERROR_USAGE, "recipes was read in part");
    copy.id = 0;
    assert_refused(corm_insert(db, Recipes, &copy), CORM_ERROR_USAGE, "read in part");
    Recipe two[] = { { .title = "Tea", .user_id = ada.id }, copy };
    assert_refused(corm_insert_many(db, Recipes, two, 2), CORM_ERROR_USAGE, "read in part");
    assert_refused(corm_bulk_load(db, Recipes, two, 2), CORM_ERROR_USAGE, "read in part");
    two[0].price = two[1].price = corm_decimal_of(1, 2);
    assert_refused(corm_insert_ignore(db, Recipes, two, 2), CORM_ERROR_USAGE, "read in part");
    copy.id = stew.id;
    assert_refused(corm_save_columns(db, Recipes, &copy, Recipes.price), CORM_ERROR_USAGE,
                   "read in part");
    Recipe *whole = corm_refresh(db, Recipes, &copy);
    assert_rows(whole, 1);
    assert_int_equal(copy.time_minutes, 90);
    assert_ok(corm_save(db, Recipes, &copy));
    corm_free(whole);
    assert_int_equal(corm_count(db, Recipes, .where = EQ(Recipes.time_minutes, 90)), 1);
    assert_int_equal(corm_count(db, Recipes), 4);
    int n = 0;
    corm_each(recipe, db, Recipes, .except = MEMBERS(Recipes.price)) {
        assert_refused(corm_save(db, Recipes, recipe), CORM_ERROR_USAGE, "read in part");
        n++;
    }
    assert_int_equal(n, 4);
    assert_ok(corm_failed(db) ? corm_error(db)->status : 0);
}

static void test_only__beside_except_is_refused(void **state) {
    (void)state;
    assert_refused(
        corm_all(db, Recipes, .only = MEMBERS(Recipes.title), .except = MEMBERS(Recipes.price)),
        CORM_ERROR_USAGE, ".only and .except");
}

static void test_lock__keeps_the_rows_until_the_transaction_ends(void **state) {
    (void)state;
    fill();
    corm_db *other = harness_connect();
    for (int again = 0; again < 2; again++) {
        assert_ok(corm_begin(db));
        Recipe *row =
            corm_get(db, Recipes, .where = EQ(Recipes.id, soup.id),
                     .with = WITH(Recipes.parent, Recipes.tags), .lock = CORM_LOCK_UPDATE);
        assert_rows(row, 1);
        assert_rows(row->tags, 2);
        corm_free(row);
        row = corm_get(other, Recipes, .where = EQ(Recipes.id, soup.id));
        assert_rows(row, 1);
        corm_free(row);
        assert_ok(corm_begin(other));
        assert_null(corm_first(other, Recipes, .where = EQ(Recipes.id, soup.id),
                               .lock = CORM_LOCK_SHARE, .nowait = true));
        assert_int_equal(corm_error(other)->status, CORM_ERROR_LOCKED);
        assert_int_equal(corm_count(other, Recipes), CORM_ERROR_TRANSACTION);
        assert_ok(corm_rollback(other));
        assert_ok(corm_commit(db));
        assert_ok(corm_begin(other));
        row = corm_first(other, Recipes, .where = EQ(Recipes.id, soup.id), .lock = CORM_LOCK_SHARE,
                         .nowait = true);
        assert_rows(row, 1);
        corm_free(row);
        assert_ok(corm_commit(other));
    }
    corm_close(other);
}

static void test_lock__of_the_rows_that_are_free(void **state) {
    (void)state;
    fill();
    corm_db *other = harness_connect();
    assert_ok(corm_begin(db));
    assert_string_equal(titles(corm_all(db, Recipes, .order_by = BY(Recipes.id), .limit = 1,
                                        .lock = CORM_LOCK_UPDATE, .skip_locked = true)),
                        "Soup");
    if (quirk->row_locks) {
        assert_ok(corm_begin(other));
        assert_string_equal(titles(corm_all(other, Recipes, .order_by = BY(Recipes.id), .limit = 1,
                                            .lock = CORM_LOCK_UPDATE, .skip_locked = true)),
                            "Stew");
        assert_ok(corm_commit(other));
    }
    assert_ok(corm_commit(db));
    assert_ok(corm_begin(other));
    int n = 0;
    corm_each(recipe, other, Recipes, .lock = CORM_LOCK_KEY_SHARE, .skip_locked = true) n++;
    assert_int_equal(corm_failed(other), 0);
    assert_int_equal(n, 4);
    if (quirk->row_locks) {
        assert_ok(corm_begin(db));
        assert_string_equal(titles(corm_all(db, Recipes, .where = EQ(Recipes.id, soup.id),
                                            .lock = CORM_LOCK_SHARE, .nowait = true)),
                            "Soup");
        assert_ok(corm_commit(db));
    }
    assert_ok(corm_commit(other));
    corm_close(other);
}

static void test_lock__is_refused_where_it_would_lock_nothing(void **state) {
    (void)state;
    fill();
    assert_refused(corm_all(db, Recipes, .lock = CORM_LOCK_UPDATE), CORM_ERROR_USAGE,
                   "outside of a transaction");
    corm_each(recipe, db, Recipes, .lock = CORM_LOCK_SHARE) fail_msg("%s", recipe->title);
    assert_refused(0, CORM_ERROR_USAGE, "outside of a transaction");
    assert_ok(corm_begin(db));
    assert_refused(corm_all(db, Recipes, .nowait = true), CORM_ERROR_USAGE, "without .lock");
    assert_refused(
        corm_all(db, Recipes, .lock = CORM_LOCK_UPDATE, .nowait = true, .skip_locked = true),
        CORM_ERROR_USAGE, ".nowait and .skip_locked");
    assert_refused(corm_all(db, Recipes, .lock = (corm_lock)9), CORM_ERROR_USAGE, "no lock");
    assert_int_equal(corm_count(db, Recipes), 4);
    assert_ok(corm_commit(db));
}

/* Reads page by page and writes the titles down: "Soup Cake | Bread Stew". */
static const char *pages(int64_t limit, bool reverse, corm_filter *order) {
    static char text[512];
    Recipe *page = NULL, *last = NULL;
    text[0] = 0;
    for (int n = 0;; n++) {
        Recipe *next = corm_all(db, Recipes, .filter = order, .limit = limit, .reverse = reverse,
                                .after = AFTER(Recipes, last), .with = WITH(Recipes.parent));
        if (!next) fail_msg("%s", corm_error(db)->message);
        if (n > 9) fail_msg("no end: %s", text);
        corm_free(page);
        page = next;
        if (!corm_len(page)) break;
        last = &page[corm_len(page) - 1];
        for (size_t i = 0; i < corm_len(page); i++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s",
                     i   ? " "
                     : n ? " | "
                         : "",
                     page[i].title);
    }
    corm_free(page);
    return text;
}
#define PAGES(limit, reverse, ...)                                                                 \
    __extension__({                                                                                \
        CORM_FILTER(order, Recipes);                                                               \
        const corm_ordering *const items[] = { __VA_ARGS__ };                                      \
        for (size_t i = 0; i < sizeof items / sizeof *items; i++)                                  \
            corm_filter_order(order, items[i]);                                                    \
        pages(limit, reverse, order);                                                              \
    })

static void test_after__pages_have_each_row_once(void **state) {
    (void)state;
    fill_nulls();
    /* servings: Soup none, Stew 4, Cake none, Bread 2 */
    assert_string_equal(PAGES(2, false, NULL), "Soup Stew | Cake Bread");
    assert_string_equal(PAGES(3, true, NULL), "Bread Cake Stew | Soup");
    assert_string_equal(PAGES(1, false, ASC(Recipes.servings)), "Bread | Stew | Soup | Cake");
    assert_string_equal(PAGES(1, false, DESC(Recipes.servings)), "Cake | Soup | Stew | Bread");
    assert_string_equal(PAGES(1, false, NULLS_FIRST(ASC(Recipes.servings))),
                        "Soup | Cake | Bread | Stew");
    assert_string_equal(PAGES(1, false, NULLS_LAST(DESC(Recipes.servings))),
                        "Stew | Bread | Cake | Soup");
    assert_string_equal(PAGES(1, true, NULLS_LAST(DESC(Recipes.servings))),
                        "Soup | Cake | Bread | Stew");
    assert_string_equal(PAGES(1, true, ASC(Recipes.servings)), "Cake | Soup | Stew | Bread");
    assert_string_equal(PAGES(1, false, ASC(Recipes.servings), DESC(Recipes.link)),
                        "Bread | Stew | Soup | Cake");
    assert_string_equal(PAGES(1, false, DESC(Recipes.user_id), ASC(Recipes.price)),
                        "Bread | Cake | Soup | Stew");
    assert_string_equal(PAGES(3, false, DESC(Recipes.id)), "Bread Cake Stew | Soup");
    assert_string_equal(PAGES(1, false, ASC(Recipes.level), DESC(Recipes.title)),
                        "Soup | Cake | Stew | Bread");
}

static void test_after__goes_by_columns_of_each_kind(void **state) {
    (void)state;
    fill_nulls();
    assert_string_equal(PAGES(1, false, ASC(Recipes.title)), "Bread | Cake | Soup | Stew");
    assert_string_equal(PAGES(1, false, ASC(Recipes.price)), "Bread | Soup | Cake | Stew");
    /* over a relation that may be missing, and is read with the rows */
    assert_string_equal(PAGES(1, false, ASC(Recipes.parent->title)), "Bread | Stew | Soup | Cake");
    assert_string_equal(PAGES(1, false, NULLS_FIRST(ASC(Recipes.parent->title))),
                        "Soup | Cake | Bread | Stew");
}

static void test_after__of_a_composite_key_and_in_other_calls(void **state) {
    (void)state;
    fill_nulls();
    Seat seats[] = { { 1, 1, "a" }, { 1, 2, NULL }, { 2, 1, "b" }, { 2, 2, NULL } };
    assert_ok(corm_insert_many(db, Seats, seats, 4));
    Seat *rest = corm_all(db, Seats, .after = AFTER(Seats, &seats[1]));
    assert_rows(rest, 2);
    assert_int_equal(rest[0].row_number * 10 + rest[0].place, 21);
    corm_free(rest);
    rest = corm_all(db, Seats, .order_by = BY(DESC(Seats.place)), .after = AFTER(Seats, &seats[3]));
    assert_rows(rest, 3);
    assert_int_equal(rest[0].row_number * 10 + rest[0].place, 12);
    corm_free(rest);
    Recipe *row =
        corm_first(db, Recipes, .order_by = BY(Recipes.title), .only = MEMBERS(Recipes.id));
    assert_string_equal(row->title, "Bread");
    assert_int_equal(row->time_minutes, 0);
    assert_int_equal(
        corm_count(db, Recipes, .order_by = BY(Recipes.title), .after = AFTER(Recipes, row)), 3);
    assert_int_equal(corm_count(db, Recipes, .order_by = BY(Recipes.title)), 4);
    assert_int_equal(
        corm_exists(db, Recipes, .order_by = BY(DESC(Recipes.title)), .after = AFTER(Recipes, row)),
        0);
    assert_int_equal(corm_count(db, Recipes, .order_by = BY(Recipes.title),
                                .where = EQ(Recipes.user_id, ada.id), .after = AFTER(Recipes, row)),
                     2);
    int n = 0;
    corm_each(following, db, Recipes, .order_by = BY(Recipes.title), .after = AFTER(Recipes, row))
        n += following->id != row->id;
    assert_int_equal(n, 3);
    corm_free(row);
}

static void test_after__is_refused_where_the_row_does_not_say(void **state) {
    (void)state;
    fill_nulls();
    Recipe row = stew;
    Tag tag = vegan;
    assert_refused(
        corm_all(db, Recipes, .order_by = BY(UPPER(Recipes.title)), .after = AFTER(Recipes, &row)),
        CORM_ERROR_USAGE, "expression");
    assert_refused(
        corm_all(db, Recipes, .order_by = BY(Recipes.user->name), .after = AFTER(Recipes, &row)),
        CORM_ERROR_USAGE, "Recipes.user->name is not known");
    row.title = NULL;
    assert_refused(
        corm_all(db, Recipes, .order_by = BY(Recipes.title), .after = AFTER(Recipes, &row)),
        CORM_ERROR_USAGE, "Recipes.title is not known");
    assert_refused(corm_all(db, Recipes, .after = AFTER(Tags, &tag)), CORM_ERROR_USAGE,
                   "a row of Tag in a query on Recipe");
    assert_refused(corm_all(db, Recipes, .random = true, .after = AFTER(Recipes, &row)),
                   CORM_ERROR_USAGE, ".random");
    assert_int_equal(corm_count(db, Recipes), 4);
}

static void test_reverse__turns_the_order_around(void **state) {
    (void)state;
    fill_nulls();
    for (int again = 0; again < 2; again++) {
        assert_string_equal(titles(corm_all(db, Recipes, .reverse = true)), "Bread Cake Stew Soup");
        assert_string_equal(titles(corm_all(db, Recipes, .order_by = BY(Recipes.id))),
                            "Soup Stew Cake Bread");
        assert_string_equal(
            titles(corm_all(db, Recipes, .order_by = BY(Recipes.servings), .reverse = true)),
            "Cake Soup Stew Bread");
        assert_string_equal(titles(corm_all(db, Recipes, .reverse = true,
                                            .order_by = BY(NULLS_FIRST(Recipes.servings)))),
                            "Stew Bread Cake Soup");
        assert_string_equal(titles(corm_first(db, Recipes, .reverse = true)), "Bread");
        assert_string_equal(titles(corm_first(db, Recipes)), "Soup");
    }
    Group *rows = corm_select(db, Group, Recipes, .reverse = true,
                              .columns = COLUMNS(AS(servings, Recipes.servings), AS(n, COUNT()),
                                                 AS(link, MAX_OF(Recipes.link))));
    assert_rows(rows, 3);
    assert_false(rows[0].servings.set);
    assert_int_equal(rows[2].servings.value, 2);
    corm_free(rows);
    assert_int_equal(corm_delete(db, Recipes, .all = true, .reverse = true, .limit = 1), 1);
    assert_string_equal(titles(corm_all(db, Recipes, .order_by = BY(Recipes.id))),
                        "Soup Stew Cake");
}

static void test_random__is_another_order_each_time(void **state) {
    (void)state;
    Tag tags[40];
    char names[40][8];
    for (int i = 0; i < 40; i++) {
        snprintf(names[i], sizeof names[i], "t%02d", i);
        tags[i] = (Tag){ .name = names[i] };
    }
    assert_ok(corm_insert_many(db, Tags, tags, 40));
    Tag *one = corm_all(db, Tags, .random = true), *other = corm_all(db, Tags, .random = true);
    assert_rows(one, 40);
    assert_rows(other, 40);
    int64_t sum = 0;
    int moved = 0;
    for (int i = 0; i < 40; i++) {
        sum += one[i].id;
        moved += one[i].id != other[i].id;
    }
    assert_int_equal(sum, (tags[0].id + tags[39].id) * 20);
    assert_true(moved > 0);
    corm_free(one);
    corm_free(other);
    one = corm_all(db, Tags, .random = true, .limit = 3);
    assert_rows(one, 3);
    corm_free(one);
    assert_refused(corm_all(db, Tags, .random = true, .order_by = BY(Tags.name)), CORM_ERROR_USAGE,
                   ".random");
    assert_refused(corm_all(db, Tags, .random = true, .reverse = true), CORM_ERROR_USAGE,
                   ".random");
}

static void test_distinct_on__gives_the_first_of_each_group(void **state) {
    (void)state;
    fill_nulls();
    for (int again = 0; again < 2; again++) {
        assert_string_equal(titles(corm_all(db, Recipes, .distinct_on = BY(Recipes.user_id),
                                            .order_by = BY(DESC(Recipes.time_minutes)))),
                            "Bread Stew");
        assert_string_equal(
            titles(corm_all(db, Recipes, .order_by = BY(DESC(Recipes.time_minutes)))),
            "Bread Stew Cake Soup");
        assert_string_equal(titles(corm_all(db, Recipes, .distinct_on = BY(Recipes.servings))),
                            "Soup Stew Bread");
        assert_string_equal(
            titles(corm_all(db, Recipes, .distinct_on = BY(Recipes.servings),
                            .order_by = BY(Recipes.title), .limit = 2, .offset = 1)),
            "Cake Stew");
        assert_string_equal(titles(corm_first(db, Recipes, .distinct_on = BY(Recipes.user->name),
                                              .order_by = BY(Recipes.user->name, Recipes.price),
                                              .where = GT(Recipes.price, corm_decimal_of(400, 2)))),
                            "Stew");
        assert_int_equal(corm_count(db, Recipes, .distinct_on = BY(Recipes.servings)), 3);
        assert_int_equal(corm_count(db, Recipes, .distinct_on = BY(Recipes.servings), .limit = 2),
                         2);
        assert_int_equal(corm_exists(db, Recipes, .distinct_on = BY(Recipes.servings), .offset = 3),
                         0);
        assert_int_equal(corm_count(db, Recipes), 4);
    }
    Recipe *rows = corm_all(db, Recipes, .distinct_on = BY(Recipes.user_id),
                            .order_by = BY(Recipes.id), .with = WITH(Recipes.user, Recipes.tags));
    assert_rows(rows, 2);
    assert_string_equal(rows[0].user->name, "Ada");
    assert_rows(rows[0].tags, 2);
    assert_int_equal(rows[0].price.low, 350);
    assert_rows(rows[1].tags, 1);
    corm_free(rows);
    assert_string_equal(titles(corm_all(db, Recipes, .distinct_on = BY(UPPER(Recipes.user->name)),
                                        .reverse = true)),
                        "Bread Stew");
    assert_refused(corm_all(db, Recipes, .distinct_on = BY(Recipes.tags->name)), CORM_ERROR_USAGE,
                   "many rows");
    assert_refused(corm_all(db, Recipes, .distinct_on = BY(COUNT())), CORM_ERROR_USAGE,
                   "aggregate");
}

static void test_explain__is_text_of_the_engine(void **state) {
    (void)state;
    fill_nulls();
    for (int again = 0; again < 2; again++) {
        char *text = corm_explain(
            db, Recipes, .where = AND(EQ(Recipes.title, "Soup"), GT(Recipes.time_minutes, 3)));
        if (!text) fail_msg("%s", corm_error(db)->message);
        assert_non_null(strstr(text, quirk->plan));
        assert_int_equal(text[strlen(text) - 1], '\n');
        corm_free(text);
        assert_string_equal(
            titles(corm_all(db, Recipes,
                            .where = AND(EQ(Recipes.title, "Soup"), GT(Recipes.time_minutes, 3)))),
            "Soup");
    }
}

const struct CMUnitTest member_tests[] = {
    TEST(test_exists__has_the_same_clauses_as_all),
    TEST(test_nulls__stand_where_the_order_says),
    TEST(test_nulls__stand_where_the_order_of_a_report_says),
    TEST(test_only__reads_the_columns_named_and_the_key),
    TEST(test_only__goes_over_the_relations_of_with),
    TEST(test_only__leaves_a_mark_that_no_write_overlooks),
    TEST(test_only__beside_except_is_refused),
    TEST(test_lock__keeps_the_rows_until_the_transaction_ends),
    TEST(test_lock__of_the_rows_that_are_free),
    TEST(test_lock__is_refused_where_it_would_lock_nothing),
    TEST(test_after__pages_have_each_row_once),
    TEST(test_after__goes_by_columns_of_each_kind),
    TEST(test_after__of_a_composite_key_and_in_other_calls),
    TEST(test_after__is_refused_where_the_row_does_not_say),
    TEST(test_reverse__turns_the_order_around),
    TEST(test_random__is_another_order_each_time),
    TEST(test_distinct_on__gives_the_first_of_each_group),
    TEST(test_explain__is_text_of_the_engine),
};
const size_t n_member_tests = sizeof member_tests / sizeof *member_tests;
