/* Updates from other tables, defaults, changes put together at run time, and the rows that are
 * updated or deleted. */
#include "harness.h"
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int64_t units(const char *title) {
    Recipe *row = corm_get(db, Recipes, .where = EQ(Recipes.title, title));
    assert_rows(row, 1);
    int64_t value = (int64_t)row->price.low;
    corm_free(row);
    return value;
}

static void set_prices(void) {
    Recipe rows[] = { soup, stew, cake, bread };
    for (int i = 0; i < 4; i++) {
        rows[i].price = corm_decimal_of(100 * (i + 1), 2);
        rows[i].time_minutes = 10 * (i + 1);
        rows[i].parent_id = (corm_optional_bigint){ i > 0, i > 0 ? rows[i - 1].id : 0 };
    }
    assert_ok(corm_update_many(db, Recipes, rows, 4, Recipes.price, Recipes.time_minutes,
                               Recipes.parent_id));
}

/* A chain of rows of one table: each takes what the one before had, not what it gets. */
static void test_update__takes_values_of_other_tables(void **state) {
    (void)state;
    fill();
    set_prices();
    assert_int_equal(
        corm_update(db, Recipes, .where = IS_NOT_NULL(Recipes.parent_id),
                    .set = SET(TO(Recipes.price, COL(Recipes.parent->price)),
                               TO(Recipes.time_minutes, ADD(Recipes.time_minutes, 1)))),
        3);
    assert_int_equal(units(soup.title), 100);
    assert_int_equal(units(stew.title), 100);
    assert_int_equal(units(cake.title), 200);
    assert_int_equal(units(bread.title), 300);
    assert_int_equal(corm_count(db, Recipes, .where = IN(Recipes.time_minutes, 10, 21, 31, 41)), 4);
    /* Of another table, in an expression beside its own column; where there is no row, NULL. */
    assert_int_equal(
        corm_update(db, Recipes, .all = true,
                    .set = SET(TO(Recipes.link, CONCAT(Recipes.user->email, Recipes.title)),
                               TO(Recipes.servings, ADD(Recipes.parent->time_minutes, 1)))),
        4);
    Recipe *row =
        corm_get(db, Recipes, .where = EQ(Recipes.id, stew.id), .with = WITH(Recipes.user));
    assert_rows(row, 1);
    assert_memory_equal(row->link, row->user->email, strlen(row->user->email));
    assert_string_equal(row->link + strlen(row->user->email), stew.title);
    assert_int_equal(row->servings.value, 11);
    corm_free(row);
    assert_int_equal(corm_count(db, Recipes, .where = IS_NULL(Recipes.servings)), 1);
    /* With conditions over relations, an order and a limit; by a key of several columns. */
    assert_int_equal(corm_update(db, Recipes,
                                 .where = AND(EQ(Recipes.parent->title, soup.title),
                                              EQ(Recipes.user->email, ada.email)),
                                 .set = SET(TO(Recipes.title, COL(Recipes.parent->title)))),
                     stew.user_id == ada.id);
    assert_int_equal(
        corm_update(db, Recipes, .where = IS_NOT_NULL(Recipes.parent_id),
                    .set = SET(TO(Recipes.time_minutes, ADD(Recipes.parent->time_minutes, 1000))),
                    .order_by = BY(DESC(Recipes.id)), .limit = 2),
        2);
    assert_int_equal(corm_count(db, Recipes, .where = GT(Recipes.time_minutes, 1000)), 2);
    Visit visits[] = { { .user_id = ada.id, .country_id = ada.country_id.value, .days = 1 },
                       { .user_id = bob.id, .country_id = ada.country_id.value, .days = 2 } };
    assert_ok(corm_insert_many(db, Visits, visits, 2));
    assert_int_equal(corm_update(db, Visits, .where = EQ(Visits.user->email, bob.email),
                                 .set = SET(TO(Visits.days, LENGTH(Visits.country->code)))),
                     1);
    assert_int_equal(corm_count(db, Visits, .where = EQ(Visits.days, 1)), 1);
    /* NULL where none may be. */
    assert_refused(corm_update(db, Recipes, .all = true,
                               .set = SET(TO(Recipes.title, COL(Recipes.parent->title)))),
                   CORM_ERROR_NOT_NULL, "");
    assert_refused(corm_update(db, Recipes, .all = true,
                               .set = SET(TO(Recipes.title, COL(Recipes.tags->name)))),
                   CORM_ERROR_USAGE, "leads to many rows");
}

static void test_update__sets_defaults(void **state) {
    (void)state;
    Badge badge = { .number = 1, .code = "c", .place = "there", .rank = 1 };
    assert_ok(corm_insert(db, Badges, &badge));
    assert_int_equal(corm_update(db, Badges, .where = EQ(Badges.number, 1),
                                 .set = SET(TO_DEFAULT(Badges.place), TO_DEFAULT(Badges.rank),
                                            TO_DEFAULT(Badges.seen))),
                     1);
    Badge *row = corm_find(db, Badges, 1);
    assert_rows(row, 1);
    assert_string_equal(row->place, "here");
    assert_int_equal(row->rank, 7);
    assert_true(row->seen.us > 0);
    corm_free(row);
    fill();
    assert_int_equal(corm_update(db, Tags, .all = true, .set = SET(TO_DEFAULT(Tags.colour))), 3);
    assert_int_equal(corm_count(db, Tags, .where = IS_NULL(Tags.colour)), 3);
    uint64_t before = corm_query_count(db);
    assert_refused(corm_update(db, Tags, .all = true, .set = SET(TO_DEFAULT(Tags.name))),
                   CORM_ERROR_USAGE, "Tags.name has no default and takes no NULL");
    assert_refused(corm_update(db, Tags, .all = true, .set = SET(TO_DEFAULT(Tags.id))),
                   CORM_ERROR_USAGE, "generated by the database");
    assert_int_equal(corm_query_count(db), before);
}

static void set_name(corm_filter *filter, const char *text) {
    char own[40];
    snprintf(own, sizeof own, "%s", text);
    corm_filter_set(filter, TO(Tags.name, own));
    memset(own, 'x', sizeof own);
}

static void test_filter__keeps_what_is_set(void **state) {
    (void)state;
    fill();
    CORM_FILTER(filter, Tags);
    set_name(filter, "it's \\ 100%_\"é\";--");
    corm_filter_set(filter, NULL);
    corm_filter_add(filter, EQ(Tags.id, vegan.id));
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            corm_update(db, Tags, .filter = filter, .set = SET(TO(Tags.colour, i ? "b" : "a"))), 1);
    assert_int_equal(corm_update(db, Tags, .filter = filter), 1);
    assert_int_equal(corm_count(db, Tags, .filter = filter), 1);
    Tag *row = corm_all(db, Tags, .filter = filter);
    assert_rows(row, 1);
    assert_string_equal(row->name, "it's \\ 100%_\"é\";--");
    assert_string_equal(row->colour, "b");
    corm_free(row);
    assert_refused(corm_update(db, Tags, .filter = filter, .set = SET(TO(Tags.name, "n"))),
                   CORM_ERROR_USAGE, "SET has name twice");
    CORM_FILTER(all, Tags);
    corm_filter_set(all, TO(Tags.colour, "c"));
    assert_refused(corm_update(db, Tags, .filter = all), CORM_ERROR_USAGE, "without a condition");
    assert_int_equal(corm_delete(db, Tags, .filter = filter), 1);
}

static int by_id(const void *a, const void *b) {
    const Tag *left = a, *right = b;
    return (left->id > right->id) - (left->id < right->id);
}

static void test_update_returning__gives_the_rows_as_they_are(void **state) {
    (void)state;
    fill();
    Tag *rows =
        corm_update_returning(db, Tags, .where = NE(Tags.id, quick.id),
                              .set = SET(TO(Tags.colour, CONCAT(Tags.name, VALUE("'\\\"é%")))));
    assert_rows(rows, 2);
    qsort(rows, 2, sizeof *rows, by_id);
    assert_int_equal(rows[0].id, vegan.id);
    assert_string_equal(rows[0].colour, "vegan'\\\"é%");
    assert_int_equal(rows[1].id, sweet.id);
    corm_free(rows);
    /* What no longer satisfies the condition comes back all the same. */
    rows = corm_update_returning(db, Tags, .where = IS_NOT_NULL(Tags.colour),
                                 .set = SET(TO_NULL(Tags.colour)), .order_by = BY(ASC(Tags.name)),
                                 .limit = 1);
    assert_rows(rows, 1);
    assert_int_equal(rows->id, sweet.id);
    assert_null(rows->colour);
    corm_free(rows);
    rows = corm_update_returning(db, Tags, .where = EQ(Tags.name, "none"),
                                 .set = SET(TO_NULL(Tags.colour)));
    assert_rows(rows, 0);
    corm_free(rows);
    Recipe *recipes = corm_update_returning(
        db, Recipes, .where = EQ(Recipes.user->email, ada.email),
        .set = SET(TO(Recipes.price, ADD(Recipes.price, corm_decimal_of(1, 2))),
                   TO(Recipes.link, COL(Recipes.user->name))));
    assert_non_null(recipes);
    assert_int_equal(corm_len(recipes),
                     corm_count(db, Recipes, .where = EQ(Recipes.user_id, ada.id)));
    for (size_t i = 0; i < corm_len(recipes); i++) {
        assert_string_equal(recipes[i].link, ada.name);
        Recipe *now = corm_find(db, Recipes, recipes[i].id);
        assert_rows(now, 1);
        assert_int_equal(now->price.low, recipes[i].price.low);
        corm_free(now);
    }
    corm_free(recipes);
    Seat seats[] = { { 1, 1, "a" }, { 1, 2, NULL }, { 2, 1, NULL } };
    assert_ok(corm_insert_many(db, Seats, seats, 3));
    CORM_FILTER(filter, Seats);
    corm_filter_add(filter, EQ(Seats.row_number, 1));
    corm_filter_set(filter, TO(Seats.guest, "b"));
    Seat *taken = corm_update_returning(db, Seats, .filter = filter, .where = IS_NULL(Seats.guest));
    assert_rows(taken, 1);
    assert_int_equal(taken->place, 2);
    assert_string_equal(taken->guest, "b");
    corm_free(taken);
    Account account = { .name = "v", .amount = 1 };
    assert_ok(corm_insert(db, Accounts, &account));
    Account *next = corm_update_returning(db, Accounts, .where = EQ(Accounts.id, account.id),
                                          .set = SET(TO(Accounts.amount, ADD(Accounts.amount, 5))));
    assert_rows(next, 1);
    assert_int_equal(next->edition, 2);
    assert_int_equal(next->amount, 6);
    corm_free(next);
    assert_int_equal(corm_transaction_depth(db), 0);
}

static void test_update_returning__refuses(void **state) {
    (void)state;
    fill();
    assert_refused(corm_update_returning(db, Tags, .set = SET(TO_NULL(Tags.colour))),
                   CORM_ERROR_USAGE, "corm_update_returning of tags without a condition");
    assert_refused(corm_update_returning(db, Tags, .all = true, .set = SET(TO(Tags.id, 5))),
                   CORM_ERROR_USAGE, "sets id, by which it finds the rows");
    assert_refused(corm_update_returning(db, Tags, .all = true), CORM_ERROR_USAGE, "without .set");
    assert_refused(corm_delete_returning(db, Tags), CORM_ERROR_USAGE, "without a condition");
    assert_refused(corm_update_returning(db, Tags, .all = true, .set = SET(TO(Tags.name, "same"))),
                   CORM_ERROR_UNIQUE, "");
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.name, "same")), 0);
    assert_int_equal(corm_transaction_depth(db), 0);
}

static void test_delete_returning__gives_the_rows_as_they_were(void **state) {
    (void)state;
    fill();
    Tag *rows = corm_delete_returning(db, Tags, .where = EQ(Tags.name, "vegan"));
    assert_rows(rows, 1);
    assert_int_equal(rows->id, vegan.id);
    assert_string_equal(rows->colour, vegan.colour);
    corm_free(rows);
    rows = corm_delete_returning(db, Tags, .where = EQ(Tags.name, "vegan"));
    assert_rows(rows, 0);
    corm_free(rows);
    Recipe *recipes =
        corm_delete_returning(db, Recipes, .where = EQ(Recipes.user->email, bob.email),
                              .order_by = BY(DESC(Recipes.id)), .limit = 1);
    assert_rows(recipes, 1);
    assert_int_equal(recipes->user_id, bob.id);
    corm_free(recipes);
    rows = corm_delete_returning(db, Tags, .all = true);
    assert_rows(rows, 2);
    corm_free(rows);
    assert_int_equal(corm_count(db, Tags), 0);
}

/* A row that came after this transaction began to read, and that the update leaves as it is. */
static void test_update_returning__sees_rows_that_came_meanwhile(void **state) {
    (void)state;
    if (!quirk->row_locks) skip();
    corm_db *other = harness_connect();
    assert_ok(corm_begin(db));
    assert_int_equal(corm_count(db, Tags), 0);
    Tag tag = { .name = "late", .colour = "red" };
    assert_ok(corm_insert(other, Tags, &tag));
    Tag *rows = corm_update_returning(db, Tags, .all = true, .set = SET(TO(Tags.colour, "red")));
    assert_rows(rows, 1);
    assert_string_equal(rows->name, "late");
    corm_free(rows);
    assert_ok(corm_commit(db));
    corm_close(other);
}

enum { JOBS = 40, WORKERS = 4 };

/* Takes one job after another; its status says how many. */
static int work(int worker) {
    corm_db *own = harness_connect();
    char name[20];
    int taken = 0;
    snprintf(name, sizeof name, "worker %d", worker);
    for (;;) {
        Badge *jobs = corm_update_returning(own, Badges, .where = EQ(Badges.place, "free"),
                                            .set = SET(TO(Badges.place, name)),
                                            .order_by = BY(ASC(Badges.number)), .limit = 1);
        int status = corm_failed(own) ? corm_error(own)->status : 0;
        size_t n = corm_len(jobs);
        corm_free(jobs);
        if (status == CORM_ERROR_DEADLOCK || status == CORM_ERROR_SERIALIZATION ||
            status == CORM_ERROR_LOCKED)
            continue;
        if (status) print_error("%s\n", corm_error(own)->message);
        /* None came because another took it, or because there is none. */
        if (status || (!n && !corm_exists(own, Badges, .where = EQ(Badges.place, "free")))) break;
        taken += (int)n;
    }
    int failed = corm_failed(own);
    corm_close(own);
    return failed ? 255 : taken;
}

static void test_update_returning__gives_each_row_to_one_program(void **state) {
    (void)state;
    static Badge jobs[JOBS];
    static char codes[JOBS][8];
    for (int i = 0; i < JOBS; i++) {
        snprintf(codes[i], sizeof codes[i], "j%d", i);
        jobs[i] = (Badge){ .number = i, .code = codes[i], .place = "free" };
    }
    assert_ok(corm_insert_many(db, Badges, jobs, JOBS));
    pid_t children[WORKERS];
    int taken = 0;
    for (int i = 0; i < WORKERS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) _exit(work(i));
    }
    for (int i = 0; i < WORKERS; i++) {
        int result = -1;
        assert_int_equal(waitpid(children[i], &result, 0), children[i]);
        assert_true(WIFEXITED(result) && WEXITSTATUS(result) != 255);
        taken += WEXITSTATUS(result);
    }
    assert_int_equal(taken, JOBS);
}

const struct CMUnitTest returning_tests[] = {
    TEST(test_update__takes_values_of_other_tables),
    TEST(test_update__sets_defaults),
    TEST(test_filter__keeps_what_is_set),
    TEST(test_update_returning__gives_the_rows_as_they_are),
    TEST(test_update_returning__refuses),
    TEST(test_update_returning__sees_rows_that_came_meanwhile),
    TEST(test_update_returning__gives_each_row_to_one_program),
    TEST(test_delete_returning__gives_the_rows_as_they_were),
};
const size_t n_returning_tests = sizeof returning_tests / sizeof *returning_tests;
