/* Subqueries in expressions: EXISTS, IN_QUERY, SUBQUERY, second names of a table. */
#include "harness.h"

CORM_ALIAS(Other, Recipes);
CORM_ALIAS(OtherSeat, Seats);

#define count(...) corm_count(db, Recipes, __VA_ARGS__)
#define HOSTILE "a'; DROP TABLE recipes; -- \" \\ % _ é ß ☃"

/* The titles of the rows, in the order of the query. */
#define assert_titles(expected, ...)                                                               \
    do {                                                                                           \
        Recipe *rows_ = corm_all(db, Recipes, __VA_ARGS__);                                        \
        char titles_[200] = "";                                                                    \
        if (!rows_) fail_msg("%s", corm_error(db)->message);                                       \
        for (size_t i_ = 0; i_ < corm_len(rows_); i_++)                                            \
            snprintf(titles_ + strlen(titles_), sizeof titles_ - strlen(titles_), "%s%s",          \
                     i_ ? " " : "", rows_[i_].title);                                              \
        corm_free(rows_);                                                                          \
        assert_string_equal(titles_, expected);                                                    \
    } while (0)
#define BY_ID .order_by = BY(Recipes.id)

static void test_exists__asks_for_a_row(void **state) {
    (void)state;
    fill();
    assert_titles("Soup Cake", BY_ID,
                  .where = EXISTS(Comments, .where = EQ(Comments.recipe_id, COL(Recipes.id))));
    assert_titles("Stew Bread", BY_ID,
                  .where = NOT(EXISTS(Comments, .where = EQ(Comments.recipe_id, COL(Recipes.id)))));
    assert_titles("Soup", BY_ID,
                  .where = EXISTS(Comments, .where = AND(EQ(Comments.recipe_id, COL(Recipes.id)),
                                                         LT(Comments.stars, 3))));
    assert_int_equal(count(.where = EXISTS(Comments)), 4);
    assert_int_equal(count(.where = NOT(EXISTS(Comments))), 0);
    assert_int_equal(count(.where = EXISTS(Comments, .where = EQ(Comments.words, HOSTILE))), 0);
    assert_int_equal(
        count(.where = OR(EQ(Recipes.title, "Stew"),
                          EXISTS(Comments, .where = AND(EQ(Comments.stars, 5),
                                                        EQ(Comments.recipe_id, COL(Recipes.id)))))),
        2);
    assert_int_equal(corm_exists(db, Recipes, .where = EXISTS(Tags, .where = NULL)), 1);
    /* Values before, in and behind it. */
    assert_titles("Soup", BY_ID, .limit = 1, .offset = 0,
                  .where =
                      AND(GT(Recipes.time_minutes, 10),
                          EXISTS(Comments, .where = AND(EQ(Comments.recipe_id, COL(Recipes.id)),
                                                        EQ(Comments.words, "good"))),
                          LT(Recipes.time_minutes, 61)));
}

/* Paths of the outer query, over relations to one and to many rows; those of the inner one, too. */
static void test_exists__follows_relations(void **state) {
    (void)state;
    fill();
    assert_titles("Soup", BY_ID,
                  .where =
                      EXISTS(Profiles, .where = AND(EQ(Profiles.user_id, COL(Recipes.user->id)),
                                                    EQ(Recipes.title, "Soup"))));
    assert_titles(
        "Soup Stew", BY_ID,
        .where = EXISTS(Profiles, .where = EQ(Profiles.user->email, COL(Recipes.user->email))));
    /* A tag of the recipe that has a colour another recipe's tag has; rows of their own. */
    assert_titles("Soup Cake Bread", BY_ID,
                  .where = EXISTS(Tags, .where = EQ(Tags.id, COL(Recipes.tags->id))));
    assert_titles("Soup Bread", BY_ID,
                  .where = EXISTS(Tags, .where = AND(EQ(Tags.id, COL(Recipes.tags->id)),
                                                     EQ(Recipes.tags->colour, "green"))));
    assert_titles("Soup", BY_ID,
                  .where = AND(EQ(Recipes.tags->name, "quick"),
                               EXISTS(Tags, .where = AND(EQ(Tags.id, COL(Recipes.tags->id)),
                                                         EQ(Tags.name, "vegan")))));
    assert_titles("Stew", BY_ID,
                  .where = NOT(EXISTS(Tags, .where = EQ(Tags.id, COL(Recipes.tags->id)))));
    assert_titles("Soup Stew", BY_ID,
                  .where = EXISTS(Users, .where = AND(EQ(Users.id, COL(Recipes.user_id)),
                                                      EQ(Users.recipes->title, "Stew"))));
    assert_titles("Cake Bread", BY_ID,
                  .where = EXISTS(Users, .where = AND(EQ(Users.id, COL(Recipes.user_id)),
                                                      NOT(EQ(Users.recipes->title, "Stew")))));
    /* Two levels: the innermost names the outermost. */
    assert_titles(
        "Soup Bread", BY_ID,
        .where =
            EXISTS(Users, .where = EXISTS(Tags, .where = AND(EQ(Tags.recipes->id, COL(Recipes.id)),
                                                             EQ(Tags.name, "vegan"),
                                                             EQ(Users.id, COL(Recipes.user_id))))));
}

static void test_alias__names_the_table_again(void **state) {
    (void)state;
    fill();
    /* Of each user the recipe that takes longest. */
    assert_titles("Stew Bread", BY_ID,
                  .where = NOT(EXISTS(
                      Other, .where = AND(EQ(Other.user_id, COL(Recipes.user_id)),
                                          GT(Other.time_minutes, COL(Recipes.time_minutes))))));
    assert_titles("Stew Bread", BY_ID,
                  .where = EQ(Recipes.time_minutes,
                              SUBQUERY(Other, MAX_OF(Other.time_minutes),
                                       .where = EQ(Other.user_id, COL(Recipes.user_id)))));
    assert_titles("Stew", BY_ID,
                  .where = EXISTS(Other, .where = AND(EQ(Other.id, COL(Recipes.parent_id)),
                                                      EQ(Other.tags->name, "quick"),
                                                      EQ(Other.user->name, "Ada"))));
    /* Of the same name the inner one is meant. */
    assert_int_equal(count(.where = EXISTS(Recipes, .where = EQ(Recipes.title, "Soup"))), 4);
    assert_titles("Soup Cake", BY_ID, .where = IN_QUERY(Recipes.id, Recipes, Recipes.parent_id));
    /* A composite key. */
    for (int i = 0; i < 6; i++)
        assert_ok(corm_insert(
            db, Seats,
            (&(Seat){ .row_number = i / 2, .place = i % 2, .guest = i % 3 ? "guest" : NULL })));
    assert_int_equal(
        corm_count(db, Seats,
                   .where = NOT(EXISTS(OtherSeat,
                                       .where = AND(EQ(OtherSeat.row_number, COL(Seats.row_number)),
                                                    GT(OtherSeat.place, COL(Seats.place)))))),
        3);
    assert_int_equal(corm_count(db, Seats,
                                .where = EQ(SUBQUERY(OtherSeat, OtherSeat.place,
                                                     .where = IS_NULL(OtherSeat.guest)),
                                            COL(Seats.place))),
                     3);
}

static void test_in_query__asks_for_a_value(void **state) {
    (void)state;
    fill();
    assert_titles("Soup Stew", BY_ID,
                  .where = IN_QUERY(Recipes.user_id, Users, Users.id,
                                    .where = EQ(Users.country->code, "GB")));
    assert_titles("Cake Bread", BY_ID,
                  .where = NOT(IN_QUERY(Recipes.user_id, Users, Users.id,
                                        .where = EQ(Users.country->code, "GB"))));
    assert_titles("Soup Cake", BY_ID, .where = IN_QUERY(Recipes.id, Comments, Comments.recipe_id));
    /* NULL on the left, NULL among the values: equal to nothing. */
    assert_titles("Stew Bread", BY_ID, .where = NOT(IN_QUERY(Recipes.id, Other, Other.parent_id)));
    assert_titles("Bread", BY_ID,
                  .where =
                      IN_QUERY(Recipes.parent_id, Tags, Tags.id, .where = EQ(Tags.id, cake.id)));
    assert_titles("Soup Stew Cake", BY_ID,
                  .where = NOT(IN_QUERY(Recipes.parent_id, Other, Other.id,
                                        .where = EQ(Other.title, "Cake"))));
    assert_titles("Soup Stew Cake Bread", BY_ID,
                  .where = NOT(IN_QUERY(Recipes.parent_id, Other, Other.id,
                                        .where = EQ(Other.title, HOSTILE))));
    assert_int_equal(count(.where = IN_QUERY(Recipes.title, Tags, Tags.colour)), 0);
    assert_int_equal(count(.where = NOT(IN_QUERY(Recipes.title, Tags, Tags.colour))), 4);
    assert_int_equal(
        count(.where = OR(IN_QUERY(Recipes.title, Tags, Tags.colour), EQ(Recipes.title, "Soup"))),
        1);
    /* An expression on both sides, a limit, an aggregate, a column of the outer query. */
    assert_titles("Soup", BY_ID,
                  .where = IN_QUERY(LOWER(Recipes.title), Recipes, LOWER(Recipes.title),
                                    .order_by = BY(Recipes.time_minutes), .limit = 1));
    assert_titles("Stew Bread", BY_ID,
                  .where = IN_QUERY(Recipes.id, Recipes, Recipes.id,
                                    .order_by = BY(DESC(Recipes.time_minutes)), .limit = 2));
    assert_titles(
        "Soup Cake", BY_ID,
        .where = NOT(IN_QUERY(Recipes.id, Recipes, Recipes.id, .order_by = BY(Recipes.time_minutes),
                              .reverse = true, .limit = 2)));
    assert_titles("Soup Cake Stew", .order_by = BY(Recipes.time_minutes),
                  .where = NOT(IN_QUERY(Recipes.id, Recipes, Recipes.id,
                                        .order_by = BY(Recipes.time_minutes), .offset = 3)));
    assert_int_equal(count(.where = IN_QUERY(Recipes.id, Recipes, Recipes.id, .limit = 0)), 0);
    assert_titles("Bread", BY_ID,
                  .where = IN_QUERY(Recipes.time_minutes, Recipes, MAX_OF(Recipes.time_minutes)));
    assert_titles(
        "Soup", BY_ID,
        .where = IN_QUERY(Recipes.tags->name, Tags, Tags.name, .where = EQ(Tags.name, "quick")));
    assert_titles(
        "Soup", BY_ID,
        .where = IN_QUERY(Recipes.title, Other, Other.title,
                          .where = AND(EQ(Other.id, COL(Recipes.id)), EQ(Other.title, "Soup"))));
    assert_titles(
        "Soup Cake", BY_ID,
        .where = IN_QUERY(Recipes.level, Other, Other.level, .where = EQ(Other.title, "Cake")));
    assert_titles(
        "Cake", BY_ID,
        .where = IN_QUERY(Recipes.price, Other, Other.price, .where = EQ(Other.title, "Cake")));
}

CORM_ROW(Summary, text(title), bigint(comments), optional_double_precision(stars),
         text(last, .null = true), boolean(tagged));
CORM_ROW(PerUser, text(name), bigint(recipes), optional_integer(most));

static void test_subquery__is_a_value(void **state) {
    (void)state;
    fill();
    Summary *rows =
        corm_select(db, Summary, Recipes, .order_by = BY(Recipes.id),
                    .columns = COLUMNS(
                        AS(title, Recipes.title),
                        AS(comments, SUBQUERY(Comments, COUNT(),
                                              .where = EQ(Comments.recipe_id, COL(Recipes.id)))),
                        AS(stars, SUBQUERY(Comments, AVG(Comments.stars),
                                           .where = EQ(Comments.recipe_id, COL(Recipes.id)))),
                        AS(last, SUBQUERY(Comments, Comments.words,
                                          .where = EQ(Comments.recipe_id, COL(Recipes.id)),
                                          .order_by = BY(DESC(Comments.id)))),
                        AS(tagged, EXISTS(Tags, .where = EQ(Tags.recipes->id, COL(Recipes.id))))));
    assert_rows(rows, 4);
    assert_int_equal(rows[0].comments, 2);
    assert_true(rows[0].stars.set && rows[0].stars.value == 2.5);
    assert_string_equal(rows[0].last, "cold");
    assert_true(rows[0].tagged && !rows[1].tagged && rows[2].tagged);
    assert_int_equal(rows[1].comments, 0);
    assert_false(rows[1].stars.set);
    assert_null(rows[1].last);
    corm_free(rows);
    /* The first one, by key when no order is given; NULL of none. */
    assert_titles("Soup", BY_ID,
                  .where = EQ(SUBQUERY(Comments, Comments.words,
                                       .where = EQ(Comments.recipe_id, COL(Recipes.id)),
                                       .order_by = BY(Comments.stars)),
                              "cold"));
    assert_titles("Soup Cake", BY_ID,
                  .where = EQ(SUBQUERY(Comments, Comments.words,
                                       .where = EQ(Comments.recipe_id, COL(Recipes.id))),
                              "good"));
    assert_titles("Soup", BY_ID,
                  .where = EQ(SUBQUERY(Comments, Comments.words, .limit = 1, .offset = 1,
                                       .where = EQ(Comments.recipe_id, COL(Recipes.id))),
                              "cold"));
    assert_titles("Stew Bread", BY_ID,
                  .where = IS_NULL(SUBQUERY(Comments, Comments.words,
                                            .where = EQ(Comments.recipe_id, COL(Recipes.id)))));
    assert_titles("Stew Bread", BY_ID,
                  .where = NOT(GT(SUBQUERY(Comments, Comments.stars,
                                           .where = EQ(Comments.recipe_id, COL(Recipes.id))),
                                  0)));
    assert_titles("Bread Stew Soup Cake",
                  .order_by =
                      BY(NULLS_FIRST(SUBQUERY(Comments, MAX_OF(Comments.stars),
                                              .where = EQ(Comments.recipe_id, COL(Recipes.id)))),
                         Recipes.title));
    assert_titles(
        "Cake Soup", .limit = 2,
        .order_by = BY(NULLS_LAST(DESC(SUBQUERY(
            Comments, MAX_OF(Comments.stars), .where = EQ(Comments.recipe_id, COL(Recipes.id)))))));
    assert_titles("Stew Bread", BY_ID,
                  .where = GT(Recipes.time_minutes, SUBQUERY(Other, AVG(Other.time_minutes))));
    assert_titles("Stew", BY_ID,
                  .where = GT(Recipes.price, ADD(SUBQUERY(Other, MIN_OF(Other.price)), 10)));
    assert_titles("Soup Cake", BY_ID,
                  .where = LT(Recipes.level, SUBQUERY(Other, MAX_OF(Other.level))));
    assert_int_equal(
        count(.where = EQ(Recipes.title, SUBQUERY(Comments, Comments.words,
                                                  .where = EQ(Comments.words, HOSTILE)))),
        0);
}

/* In a report that groups: of what is grouped by, or of all. */
static void test_subquery__in_a_report(void **state) {
    (void)state;
    fill();
    PerUser *rows =
        corm_select(db, PerUser, Recipes, .order_by = BY(Recipes.user->name),
                    .columns = COLUMNS(AS(name, Recipes.user->name), AS(recipes, COUNT()),
                                       AS(most, SUBQUERY(Comments, MAX_OF(Comments.stars)))));
    assert_rows(rows, 2);
    assert_int_equal(rows[0].most.value, 5);
    assert_int_equal(rows[1].recipes, 2);
    corm_free(rows);
    rows = corm_select(
        db, PerUser, Recipes, .order_by = BY(Recipes.user->name),
        .columns =
            COLUMNS(AS(name, Recipes.user->name), AS(recipes, COUNT()),
                    AS(most, SUBQUERY(Other, MAX_OF(Other.time_minutes),
                                      .where = EQ(Other.user->name, COL(Recipes.user->name))))));
    assert_rows(rows, 2);
    assert_int_equal(rows[0].most.value, 90);
    assert_int_equal(rows[1].most.value, 120);
    corm_free(rows);
    rows = corm_select(
        db, PerUser, Recipes, .order_by = BY(Recipes.user->name),
        .columns = COLUMNS(AS(name, Recipes.user->name), AS(recipes, COUNT()),
                           AS(most, MAX_OF(Recipes.time_minutes))),
        .having = GT(COUNT(), SUBQUERY(Comments, COUNT(), .where = EQ(Comments.stars, 4))));
    assert_rows(rows, 2);
    corm_free(rows);
    rows = corm_select(
        db, PerUser, Recipes,
        .columns = COLUMNS(AS(name, Recipes.user->name), AS(recipes, COUNT()),
                           AS(most, MAX_OF(Recipes.time_minutes))),
        .having = OR(LT(COUNT(), 0),
                     EXISTS(Other, .where = AND(EQ(Other.user->name, COL(Recipes.user->name)),
                                                EQ(Other.title, "Cake")))));
    assert_rows(rows, 1);
    assert_string_equal(rows->name, "Bob");
    corm_free(rows);
    assert_refused(
        corm_select(db, PerUser, Recipes,
                    .columns = COLUMNS(AS(name, Recipes.user->name), AS(recipes, COUNT()),
                                       AS(most, MAX_OF(Recipes.time_minutes))),
                    .having =
                        OR(LT(COUNT(), 0), EXISTS(Other, .where = EQ(Other.id, COL(Recipes.id))))),
        CORM_ERROR_USAGE, "Recipes.id in .having");
    /* An aggregate of what a subquery gives. */
    rows = corm_select(
        db, PerUser, Recipes, .order_by = BY(Recipes.user->name),
        .columns = COLUMNS(
            AS(name, Recipes.user->name),
            AS(recipes,
               SUM(SUBQUERY(Comments, COUNT(), .where = EQ(Comments.recipe_id, COL(Recipes.id))))),
            AS(most, MAX_OF(SUBQUERY(Comments, Comments.stars,
                                     .where = EQ(Comments.recipe_id, COL(Recipes.id)))))));
    assert_rows(rows, 2);
    assert_int_equal(rows[0].recipes, 2);
    assert_int_equal(rows[0].most.value, 4);
    assert_int_equal(rows[1].recipes, 1);
    corm_free(rows);
}

static void test_subquery__in_changes(void **state) {
    (void)state;
    fill();
    assert_int_equal(
        corm_update(
            db, Recipes,
            .set = SET(
                TO(Recipes.link, SUBQUERY(Comments, Comments.words,
                                          .where = EQ(Comments.recipe_id, COL(Recipes.id)),
                                          .order_by = BY(DESC(Comments.stars)))),
                TO(Recipes.servings,
                   SUBQUERY(Comments, COUNT(), .where = EQ(Comments.recipe_id, COL(Recipes.id))))),
            .where = NOT(EQ(Recipes.title, "Bread"))),
        3);
    Recipe *rows = corm_all(db, Recipes, BY_ID);
    assert_rows(rows, 4);
    assert_string_equal(rows[0].link, "good");
    assert_null(rows[1].link);
    assert_int_equal(rows[0].servings.value, 2);
    assert_true(rows[1].servings.set && rows[1].servings.value == 0);
    assert_false(rows[3].servings.set);
    corm_free(rows);
    /* The table that changes, in .where. */
    assert_int_equal(
        corm_update(db, Recipes, .set = SET(TO(Recipes.link, HOSTILE)),
                    .where = NOT(EXISTS(
                        Other, .where = AND(EQ(Other.user_id, COL(Recipes.user_id)),
                                            GT(Other.time_minutes, COL(Recipes.time_minutes)))))),
        2);
    assert_titles("Stew Bread", BY_ID, .where = EQ(Recipes.link, HOSTILE));
    assert_int_equal(
        corm_update(db, Recipes,
                    .set = SET(TO(Recipes.servings, SUBQUERY(Other, MAX_OF(Other.time_minutes)))),
                    .where = IN_QUERY(Recipes.id, Recipes, Recipes.id, .limit = 3)),
        3);
    assert_int_equal(count(.where = EQ(Recipes.servings, 120)), 3);
    assert_int_equal(
        corm_update(db, Recipes,
                    .set = SET(TO(Recipes.time_minutes,
                                  ADD(SUBQUERY(Other, MAX_OF(Other.time_minutes)), 1))),
                    .all = true),
        4);
    assert_int_equal(count(.where = EQ(Recipes.time_minutes, 121)), 4);
    assert_refused(corm_update(db, Recipes, .all = true,
                               .set = SET(TO(Recipes.time_minutes,
                                             SUBQUERY(Other, COUNT(),
                                                      .where = LT(Other.id, COL(Recipes.id)))))),
                   CORM_ERROR_USAGE, "SUBQUERY in SET reads recipes row by row");
    assert_refused(corm_update(db, Recipes, .all = true,
                               .set = SET(TO(Recipes.servings,
                                             COALESCE(Recipes.servings,
                                                      SUBQUERY(Other, MAX_OF(Other.servings)))))),
                   CORM_ERROR_USAGE, "SUBQUERY in SET reads recipes row by row");
    assert_int_equal(
        corm_delete(db, Recipes,
                    .where = AND(IN_QUERY(Recipes.id, Recipes, Recipes.parent_id),
                                 EXISTS(Other, .where = EQ(Other.parent_id, COL(Recipes.id))),
                                 EQ(Recipes.user->name, "Ada"))),
        1);
    assert_titles("Stew Cake Bread", BY_ID);
    assert_int_equal(corm_delete(db, Recipes,
                                 .where = NOT(IN_QUERY(Recipes.id, Other, Other.id,
                                                       .order_by = BY(Other.title), .limit = 2))),
                     1);
    assert_titles("Cake Bread", BY_ID);
    assert_int_equal(
        corm_delete(db, Recipes, .limit = 1,
                    .where = EXISTS(Other, .where = AND(EQ(Other.user_id, COL(Recipes.user_id)),
                                                        NE(Other.id, COL(Recipes.id))))),
        1);
    assert_titles("Bread", BY_ID);
}

static void test_subquery__in_a_filter(void **state) {
    (void)state;
    fill();
    CORM_FILTER(filter, Recipes);
    {
        char words[] = "good";
        CORM_FILTER(comments, Comments);
        corm_filter_add(comments, EQ(Comments.words, words));
        corm_filter_order(comments, Comments.stars);
        corm_filter_add(filter, EXISTS(Comments, .filter = comments,
                                       .where = EQ(Comments.recipe_id, COL(Recipes.id))));
        corm_filter_add(filter, IN_QUERY(Recipes.id, Comments, Comments.recipe_id, .limit = 2,
                                         .filter = comments));
        memset(words, 'x', 4);
    }
    for (int i = 0; i < 3; i++) assert_titles("Soup Cake", BY_ID, .filter = filter);
    corm_filter *none = corm_filter_none(filter);
    corm_filter_add(none, EXISTS(Comments, .where = AND(EQ(Comments.recipe_id, COL(Recipes.id)),
                                                        EQ(Comments.stars, 5))));
    for (int i = 0; i < 2; i++) assert_titles("Soup", BY_ID, .filter = filter);
    corm_filter_order(filter, DESC(SUBQUERY(Comments, COUNT(),
                                            .where = EQ(Comments.recipe_id, COL(Recipes.id)))));
    assert_titles("Soup", .filter = filter);
    CORM_FILTER(wrong, Recipes);
    CORM_FILTER(other, Users);
    corm_filter_add(wrong, EXISTS(Comments, .filter = other));
    assert_refused(count(.filter = wrong), CORM_ERROR_USAGE, "a filter of another model");
    assert_refused(count(.where = EXISTS(Comments, .filter = other)), CORM_ERROR_USAGE,
                   "a filter of another model");
}

/* One plan serves other values, and no other subquery. */
static void test_subquery__has_plans(void **state) {
    (void)state;
    fill();
    for (int stars = 1; stars <= 5; stars++) {
        assert_int_equal(
            count(.where = EXISTS(Comments, .where = AND(GTE(Comments.stars, stars),
                                                         EQ(Comments.recipe_id, COL(Recipes.id))))),
            stars <= 4 ? 2 : 1);
        assert_int_equal(
            count(.where = EXISTS(Comments, .where = AND(LTE(Comments.stars, stars),
                                                         EQ(Comments.recipe_id, COL(Recipes.id))))),
            stars < 5 ? 1 : 2);
    }
    for (int limit = 0; limit < 5; limit++)
        for (int offset = 0; offset < 3; offset++)
            assert_int_equal(count(.where = IN_QUERY(Recipes.id, Other, Other.id, .limit = limit,
                                                     .offset = offset)),
                             limit < 4 - offset ? limit : 4 - offset);
}

static void test_subquery__refuses(void **state) {
    (void)state;
    fill();
    assert_refused(count(.where = EXISTS(Comments, .where = EQ(Comments.id, COL(Tags.id)))),
                   CORM_ERROR_USAGE, "Tags.id: the query is on Comments");
    assert_refused(count(.where = EQ(SUBQUERY(Comments, Comments.stars, .limit = 2), 1)),
                   CORM_ERROR_USAGE, "SUBQUERY with a limit that is not 1");
    assert_refused(count(.where = IN_QUERY(Recipes.id, Comments, Comments.recipe_id, .limit = -1)),
                   CORM_ERROR_USAGE, "negative limit");
    assert_refused(count(.where = IN_QUERY(Recipes.id, Comments, Comments.recipe_id, .limit = 1,
                                           .where = EQ(Comments.words, COL(Recipes.title)))),
                   CORM_ERROR_USAGE, "IN_QUERY with a limit names a column of a query around it");
    assert_refused(
        count(.where =
                  EQ(SUBQUERY(Comments, MAX_OF(Comments.stars), .order_by = BY(Comments.id)), 1)),
        CORM_ERROR_USAGE, "an aggregate with an order");
    assert_refused(count(.where = EQ(SUBQUERY(Comments, MAX_OF(Recipes.id)), 1)), CORM_ERROR_USAGE,
                   "MAX_OF in a subquery of a column of a query around it");
    assert_refused(
        count(.where = EQ(SUBQUERY(Comments, ADD(MAX_OF(Comments.id), COL(Comments.stars))), 1)),
        CORM_ERROR_USAGE, "a column beside an aggregate");
    assert_refused(count(.where = EQ(SUBQUERY(Tags, Tags.recipes->id), 1)), CORM_ERROR_USAGE,
                   "leads to many rows");
    const corm_condition *kept = EXISTS(Comments);
    assert_int_equal(count(.where = kept), 4);
    assert_refused(count(.where = kept), CORM_ERROR_USAGE, "a condition lives in one statement");
    /* It has not gone through by halves: the next one is right. */
    assert_int_equal(count(.where = EXISTS(Comments)), 4);
}

/* Beside all else that a query has. */
static void test_subquery__beside_other_clauses(void **state) {
    (void)state;
    fill();
    assert_titles(
        "Cake Soup",
        .order_by =
            BY(DESC(CASE(WHEN(EXISTS(Comments, .where = AND(EQ(Comments.recipe_id, COL(Recipes.id)),
                                                            EQ(Comments.stars, 5))),
                              2),
                         ELSE(1))),
               Recipes.title),
        .where = EXISTS(Comments, .where = EQ(Comments.recipe_id, COL(Recipes.id))));
    assert_titles(
        "Soup Cake", BY_ID,
        .where = BETWEEN(Recipes.time_minutes, SUBQUERY(Other, MIN_OF(Other.time_minutes)),
                         SUBQUERY(Other, Other.time_minutes, .where = EQ(Other.title, "Cake"))));
    Recipe *first =
        corm_first(db, Recipes, .order_by = BY(Recipes.title),
                   .where = EXISTS(Comments, .where = EQ(Comments.recipe_id, COL(Recipes.id))));
    assert_string_equal(first->title, "Cake");
    assert_titles("Soup", .order_by = BY(Recipes.title), .after = AFTER(Recipes, first),
                  .where = EXISTS(Comments, .where = EQ(Comments.recipe_id, COL(Recipes.id))));
    corm_free(first);
    assert_titles("Bread Stew", .distinct_on = BY(Recipes.user_id),
                  .order_by = BY(DESC(Recipes.time_minutes), Recipes.id), .reverse = false,
                  .where = NOT(IN_QUERY(Recipes.id, Comments, Comments.recipe_id)));
    assert_int_equal(count(.distinct_on = BY(SUBQUERY(
                               Users, Users.name, .where = EQ(Users.id, COL(Recipes.user_id))))),
                     2);
    Recipe *rows =
        corm_all(db, Recipes, .random = true,
                 .where = EXISTS(Comments, .where = EQ(Comments.recipe_id, COL(Recipes.id))),
                 .with = WITH(WITH_ROWS(
                     Recipes.comments,
                     .where = EXISTS(Users, .where = EQ(Users.id, COL(Comments.recipe->user_id))),
                     .limit = 1)));
    assert_rows(rows, 2);
    assert_int_equal(corm_len(rows[0].comments), 1);
    corm_free(rows);
    char *plan = corm_explain(
        db, Recipes, .where = EXISTS(Comments, .where = EQ(Comments.stars, 5)),
        .with = WITH(WITH_ROWS(Recipes.comments, .where = EQ(Comments.stars, 4), .limit = 1)));
    assert_non_null(plan);
    corm_free(plan);
    Recipe *changed = corm_update_returning(
        db, Recipes,
        .set = SET(TO(Recipes.link,
                      SUBQUERY(Users, Users.email, .where = EQ(Users.id, COL(Recipes.user_id))))),
        .where = EXISTS(Comments, .where = AND(EQ(Comments.recipe_id, COL(Recipes.id)),
                                               EQ(Comments.stars, 5))));
    assert_rows(changed, 1);
    assert_string_equal(changed->link, "bob@example.com");
    corm_free(changed);
    /* Three levels, the same table at each. */
    assert_titles(
        "Soup Cake", BY_ID,
        .where = EXISTS(
            Other, .where = AND(EQ(Other.parent_id, COL(Recipes.id)),
                                EXISTS(Users, .where = AND(EQ(Users.id, COL(Other.user_id)),
                                                           EQ(Users.id, COL(Recipes.user_id)))))));
}

/* Of each kind of column. */
static void test_in_query__of_each_kind(void **state) {
    (void)state;
    Kinds row = { .yes = true,
                  .single = 0.5,
                  .twice = 0.1,
                  .normal = 3,
                  .price = corm_decimal_of(150, 2),
                  .huge = corm_decimal_of(7, 10),
                  .short_text = "x",
                  .long_text = HOSTILE,
                  .bytes = { "\0\1", 2 },
                  .day = { 100 },
                  .hour = { 5 },
                  .moment = { 1000000 },
                  .span = { 7 },
                  .document = "{}",
                  .level = LEVEL_HARD };
    assert_ok(corm_uuid_new(&row.key));
    assert_ok(corm_insert(db, AllKinds, &row));
    Optional same = { .normal = CORM_SOME(3),
                      .yes = CORM_SOME(true),
                      .twice = CORM_SOME(0.1),
                      .price = CORM_SOME(row.price),
                      .long_text = HOSTILE,
                      .bytes = row.bytes,
                      .day = CORM_SOME(row.day),
                      .hour = CORM_SOME(row.hour),
                      .moment = CORM_SOME(row.moment),
                      .span = CORM_SOME(row.span),
                      .key = CORM_SOME(row.key) },
             none = { 0 };
    assert_ok(corm_insert(db, Optionals, &same));
    assert_ok(corm_insert(db, Optionals, &none));
#define of(column)                                                                                 \
    assert_int_equal(                                                                              \
        corm_count(db, AllKinds, .where = IN_QUERY(AllKinds.column, Optionals, Optionals.column)), \
        1);                                                                                        \
    assert_int_equal(                                                                              \
        corm_count(db, AllKinds,                                                                   \
                   .where = NOT(IN_QUERY(AllKinds.column, Optionals, Optionals.column))),          \
        0);                                                                                        \
    assert_int_equal(                                                                              \
        corm_count(db, AllKinds,                                                                   \
                   .where = NOT(IN_QUERY(AllKinds.column, Optionals, Optionals.column,             \
                                         .where = IS_NULL(Optionals.column)))),                    \
        1);                                                                                        \
    assert_int_equal(                                                                              \
        corm_count(db, AllKinds,                                                                   \
                   .where = EQ(AllKinds.column, SUBQUERY(Optionals, MAX_OF(Optionals.column)))),   \
        1)
    of(normal);
    of(twice);
    of(price);
    of(long_text);
    of(day);
    of(hour);
    of(moment);
    of(span);
    of(key);
    of(yes);
    assert_int_equal(
        corm_count(db, AllKinds, .where = IN_QUERY(AllKinds.bytes, Optionals, Optionals.bytes)), 1);
}

const struct CMUnitTest subquery_tests[] = {
    TEST(test_subquery__beside_other_clauses),
    TEST(test_in_query__of_each_kind),
    TEST(test_exists__asks_for_a_row),
    TEST(test_exists__follows_relations),
    TEST(test_alias__names_the_table_again),
    TEST(test_in_query__asks_for_a_value),
    TEST(test_subquery__is_a_value),
    TEST(test_subquery__in_a_report),
    TEST(test_subquery__in_changes),
    TEST(test_subquery__in_a_filter),
    TEST(test_subquery__has_plans),
    TEST(test_subquery__refuses),
};
const size_t n_subquery_tests = sizeof subquery_tests / sizeof *subquery_tests;
