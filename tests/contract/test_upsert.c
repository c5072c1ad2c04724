/* corm_upsert, corm_upsert_many, corm_insert_ignore. */
#include "harness.h"
#include <sys/wait.h>
#include <unistd.h>

static void test_upsert__inserts_or_updates_by_a_unique_value(void **state) {
    (void)state;
    fill();
    Tag tag = { .name = "vegan", .colour = "red" };
    assert_ok(corm_upsert(db, Tags, &tag, CONFLICT(Tags.name)));
    assert_int_equal(tag.id, vegan.id);
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.colour, "red")), 1);
    tag = (Tag){ .name = "hot", .colour = "red" };
    assert_ok(corm_upsert(db, Tags, &tag, CONFLICT(Tags.name)));
    assert_true(tag.id > sweet.id);
    assert_int_equal(corm_count(db, Tags), 4);
    tag = (Tag){ .name = "hot" };
    assert_ok(corm_upsert(db, Tags, &tag, CONFLICT(Tags.name)));
    assert_int_equal(corm_count(db, Tags, .where = AND(EQ(Tags.id, tag.id), IS_NULL(Tags.colour))),
                     1);
}

static void test_upsert__sets_the_columns_named(void **state) {
    (void)state;
    Badge badge = { .number = 1, .code = "one", .place = "a", .rank = 1 };
    assert_ok(corm_insert(db, Badges, &badge));
    Badge again = { .number = 9, .code = "one", .place = "b", .rank = 2 };
    assert_ok(corm_upsert(db, Badges, &again, CONFLICT(Badges.code), Badges.rank));
    assert_int_equal(again.number, 1); /* the key of the row that is there, and when it was made */
    assert_int_equal(again.made.us, badge.made.us);
    assert_int_equal(again.seen.us, badge.seen.us);
    Badge *row = corm_find(db, Badges, 1);
    assert_rows(row, 1);
    assert_string_equal(row->place, "a");
    assert_int_equal(row->rank, 2);
    corm_free(row);
    assert_int_equal(corm_count(db, Badges), 1);
    again = (Badge){ .number = 1, .code = "two", .place = "c", .rank = 3 };
    assert_ok(corm_upsert(db, Badges, &again, CONFLICT(Badges.number), Badges.place, Badges.code));
    row = corm_find(db, Badges, 1);
    assert_rows(row, 1);
    assert_string_equal(row->place, "c");
    assert_string_equal(row->code, "two");
    assert_int_equal(row->rank, 2);
    corm_free(row);
    Seat seat = { 1, 2, "Ada" };
    assert_ok(corm_upsert(db, Seats, &seat, CONFLICT(Seats.place, Seats.row_number)));
    seat.guest = "Bob";
    assert_ok(corm_upsert(db, Seats, &seat, CONFLICT(Seats.row_number, Seats.place)));
    assert_int_equal(corm_count(db, Seats, .where = EQ(Seats.guest, "Bob")), 1);
    /* Nothing is left to set: the row stays. */
    Knot knot = { 1, 5 };
    assert_ok(corm_upsert(db, Knots, &knot, CONFLICT(Knots.one, Knots.other)));
    assert_ok(corm_upsert(db, Knots, &knot, CONFLICT(Knots.one, Knots.other)));
    knot.one = 2;
    assert_ok(corm_upsert(db, Knots, &knot, CONFLICT(Knots.other)));
    assert_int_equal(knot.one, 1);
    assert_int_equal(corm_count(db, Knots), 1);
}

/* Another unique value than that of the conflict is taken. */
static void test_upsert__touches_no_other_row(void **state) {
    (void)state;
    Badge rows[] = { { .number = 1, .code = "one", .place = "a" },
                     { .number = 2, .code = "two", .place = "b" } };
    assert_ok(corm_insert_many(db, Badges, rows, 2));
    Badge thief = { .number = 1, .code = "three", .place = "stolen" };
    assert_refused(corm_upsert(db, Badges, &thief, CONFLICT(Badges.code)), CORM_ERROR_UNIQUE, "");
    thief = (Badge){ .number = 3, .code = "one", .place = "stolen" };
    assert_refused(corm_upsert(db, Badges, &thief, CONFLICT(Badges.number)), CORM_ERROR_UNIQUE, "");
    assert_int_equal(corm_count(db, Badges, .where = EQ(Badges.place, "stolen")), 0);
    assert_int_equal(corm_count(db, Badges), 2);
    /* Both are taken, by two rows: that of the conflict counts. */
    fill();
    Tag both = { .id = vegan.id, .name = "quick", .colour = "blue" };
    assert_ok(corm_upsert(db, Tags, &both, CONFLICT(Tags.name)));
    assert_int_equal(both.id, quick.id);
    assert_int_equal(
        corm_count(db, Tags, .where = AND(EQ(Tags.colour, "blue"), EQ(Tags.name, "quick"))), 1);
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.colour, "green")), 1);
    both = (Tag){ .id = vegan.id, .name = "new" };
    assert_refused(corm_upsert(db, Tags, &both, CONFLICT(Tags.name)), CORM_ERROR_UNIQUE, "");
    assert_int_equal(corm_count(db, Tags), 3);
}

static void test_upsert__refuses(void **state) {
    (void)state;
    fill();
    uint64_t before = corm_query_count(db);
    assert_refused(corm_upsert(db, Tags, &vegan, CONFLICT(Tags.colour)), CORM_ERROR_USAGE,
                   "no unique constraint of tags is on colour");
    assert_refused(corm_upsert(db, Tags, &vegan, CONFLICT(Tags.id, Tags.name)), CORM_ERROR_USAGE,
                   "on id, name");
    assert_refused(corm_upsert(db, Tags, &vegan, CONFLICT(Tags.name), Tags.id), CORM_ERROR_USAGE,
                   "tags.id is of the key");
    assert_refused(corm_upsert(db, Tags, &vegan, CONFLICT(Recipes.title)), CORM_ERROR_USAGE,
                   "the query is on Tags");
    assert_refused(corm_upsert(db, Tags, (Tag *)NULL, CONFLICT(Tags.name)), CORM_ERROR_USAGE,
                   "NULL");
    assert_refused(corm_upsert(db, Tags, (&(Tag){ .colour = "x" }), CONFLICT(Tags.name)),
                   CORM_ERROR_NOT_NULL, "tags.name");
    assert_int_equal(corm_query_count(db), before);
    Recipe recipe = soup;
    recipe.user_id = 4711;
    assert_refused(corm_upsert(db, Recipes, &recipe, CONFLICT(Recipes.id)), CORM_ERROR_FOREIGN_KEY,
                   "");
    recipe.user_id = ada.id;
    recipe.price = corm_decimal_of(-1, 0);
    assert_refused(corm_upsert(db, Recipes, &recipe, CONFLICT(Recipes.id)), CORM_ERROR_CHECK, "");
}

static void test_upsert_many__is_all_or_nothing(void **state) {
    (void)state;
    fill();
    enum { N = 300 };
    static Tag tags[N];
    static char names[N][12];
    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof names[i], "tag %d", i % 200); /* 100 of them twice */
        tags[i] = (Tag){ .name = names[i], .colour = i < 200 ? "first" : "second" };
    }
    tags[0].name = "vegan";
    assert_ok(corm_upsert_many(db, Tags, tags, N, CONFLICT(Tags.name)));
    assert_int_equal(corm_count(db, Tags), 3 + 200);
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.colour, "second")), 100);
    assert_int_equal(tags[0].id, vegan.id);
    assert_int_equal(tags[201].id, tags[1].id);
    assert_true(tags[1].id > 0 && tags[1].id != tags[2].id);
    for (int i = 0; i < N; i++) tags[i] = (Tag){ .name = names[i], .colour = "third" };
    tags[N - 1].name = NULL;
    assert_refused(corm_upsert_many(db, Tags, tags, N, CONFLICT(Tags.name)), CORM_ERROR_NOT_NULL,
                   "tags.name");
    assert_string_equal(corm_error(db)->detail, "row 300 of 300");
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.colour, "third")), 0);
    assert_int_equal(corm_transaction_depth(db), 0);
    assert_ok(corm_upsert_many(db, Tags, tags, 0, CONFLICT(Tags.name)));
}

/* On a server a row is not a round trip. */
static void test_upsert_many__takes_few_statements(void **state) {
    (void)state;
    enum { N = 200 };
    static Badge badges[N];
    static char codes[N][12];
    bool file = strcmp(quirk->engine, "sqlite") == 0;
    for (int i = 0; i < N; i++) {
        snprintf(codes[i], sizeof codes[i], "'%d\\_%%\"é", i);
        badges[i] = (Badge){ .number = i, .code = codes[i] };
    }
    for (int32_t rank = 1; rank <= 2; rank++) {
        for (int i = 0; i < N; i++) badges[i].rank = rank;
        uint64_t before = corm_query_count(db);
        assert_ok(corm_upsert_many(db, Badges, badges, N, CONFLICT(Badges.code), Badges.rank));
        if (!file) assert_true(corm_query_count(db) - before < 40);
        assert_int_equal(corm_count(db, Badges, .where = EQ(Badges.rank, rank)), N);
        assert_string_equal(badges[N - 1].code, codes[N - 1]);
        assert_true(badges[N - 1].made.us > 0);
    }
    /* A row among them that another unique value keeps out: as one by one. */
    Badge more[] = { { .number = 500, .code = "a", .rank = 3 },
                     { .number = 3, .code = "b", .rank = 3 },
                     { .number = 501, .code = "c", .rank = 3 } };
    assert_refused(corm_upsert_many(db, Badges, more, 3, CONFLICT(Badges.code)), CORM_ERROR_UNIQUE,
                   "");
    assert_int_equal(corm_count(db, Badges), N);
    uint64_t before = corm_query_count(db);
    for (int i = 0; i < N; i++) badges[i].rank = 9;
    badges[7] = (Badge){ .number = 900, .code = "new", .rank = 9 };
    badges[8] = badges[7];
    assert_ok(corm_insert_ignore(db, Badges, badges, N));
    if (!file) assert_true(corm_query_count(db) - before < 40);
    assert_int_equal(corm_count(db, Badges), N + 1);
    assert_int_equal(corm_count(db, Badges, .where = EQ(Badges.rank, 9)), 1);
}

static void test_insert_ignore__leaves_out_what_is_there_alone(void **state) {
    (void)state;
    fill();
    Tag tags[] = { { .name = "vegan", .colour = "red" },
                   { .name = "hot" },
                   { .name = "hot" },
                   { .id = quick.id, .name = "other" },
                   { .name = "cold", .colour = "blue" } };
    assert_ok(corm_insert_ignore(db, Tags, tags, 5));
    assert_int_equal(corm_count(db, Tags), 5);
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.colour, "red")), 0);
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.colour, "blue")), 1);
    assert_ok(corm_insert_ignore(db, Knots, ((Knot[]){ { 1, 2 }, { 1, 2 }, { 3, 2 } }), 3));
    assert_int_equal(corm_count(db, Knots), 1);
    /* Every other error is one: INSERT IGNORE of MariaDB would swallow it. */
    Recipe rows[] = { { .title = "x", .price = corm_decimal_of(1, 0), .user_id = ada.id },
                      { .title = "y", .price = corm_decimal_of(1, 0), .user_id = 4711 } };
    assert_refused(corm_insert_ignore(db, Recipes, rows, 2), CORM_ERROR_FOREIGN_KEY, "");
    rows[1].user_id = ada.id;
    rows[1].price = corm_decimal_of(-1, 0);
    assert_refused(corm_insert_ignore(db, Recipes, rows, 2), CORM_ERROR_CHECK, "");
    rows[1].title = NULL;
    assert_refused(corm_insert_ignore(db, Recipes, rows, 2), CORM_ERROR_NOT_NULL, "recipes.title");
    assert_string_equal(corm_error(db)->detail, "row 2 of 2");
    assert_int_equal(corm_count(db, Recipes), 4);
    assert_ok(corm_begin(db));
    assert_refused(corm_insert_ignore(db, Recipes, rows, 2), CORM_ERROR_NOT_NULL, "");
    assert_ok(corm_insert_ignore(db, Recipes, rows, 1));
    assert_ok(corm_commit(db));
    assert_int_equal(corm_count(db, Recipes), 5);
}

enum { KEYS = 60, PROCESSES = 4 };

static int race(int number) {
    int failed = 0;
    corm_db *own = harness_connect();
    for (int i = 0; i < KEYS; i++) {
        char name[10];
        snprintf(name, sizeof name, "k%d", i);
        Tag tag = { .name = name, .colour = number % 2 ? "odd" : "even" };
        int status = number ? corm_upsert(own, Tags, &tag, CONFLICT(Tags.name))
                            : corm_insert_ignore(own, Tags, &tag, 1);
        if (status && !failed++) print_error("%s\n", corm_error(own)->message);
    }
    corm_close(own);
    return failed;
}

static void test_upsert__by_several_processes(void **state) {
    (void)state;
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) _exit(race(i) != 0);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int result = -1;
        assert_int_equal(waitpid(children[i], &result, 0), children[i]);
        assert_int_equal(result, 0);
    }
    assert_int_equal(corm_count(db, Tags), KEYS);
}

const struct CMUnitTest upsert_tests[] = {
    TEST(test_upsert__inserts_or_updates_by_a_unique_value),
    TEST(test_upsert__sets_the_columns_named),
    TEST(test_upsert__touches_no_other_row),
    TEST(test_upsert__refuses),
    TEST(test_upsert_many__is_all_or_nothing),
    TEST(test_upsert_many__takes_few_statements),
    TEST(test_insert_ignore__leaves_out_what_is_there_alone),
    TEST(test_upsert__by_several_processes),
};
const size_t n_upsert_tests = sizeof upsert_tests / sizeof *upsert_tests;
