/* Every operator, joins in both directions, and what NOT means. */
#include "harness.h"

/* How many recipes match. */
#define count(condition) corm_count(db, Recipes, .where = (condition))

static void test_comparisons(void **state) {
    (void)state;
    fill();
    assert_int_equal(count(EQ(Recipes.time_minutes, 20)), 1);
    assert_int_equal(count(NE(Recipes.time_minutes, 20)), 3);
    assert_int_equal(count(LT(Recipes.time_minutes, 60)), 1);
    assert_int_equal(count(LTE(Recipes.time_minutes, 60)), 2);
    assert_int_equal(count(GT(Recipes.time_minutes, 60)), 2);
    assert_int_equal(count(GTE(Recipes.time_minutes, 60)), 3);
    assert_int_equal(count(LT(Recipes.time_minutes, INT64_MAX)), 4);
    assert_int_equal(count(BETWEEN(Recipes.price, corm_decimal_of(199, 2), corm_decimal_of(80, 1))),
                     3);
    assert_int_equal(count(EQ(Recipes.price, 8)), 1);
    assert_int_equal(count(GT(Recipes.price, 1000000)), 0);
    assert_int_equal(count(EQ(Recipes.level, LEVEL_HARD)), 2);
    assert_int_equal(count(LTE(Recipes.created, corm_now())), 4);
    assert_int_equal(count(IN(Recipes.time_minutes, 20, 90, 7)), 2);
    assert_int_equal(count(IN(Recipes.title, "Soup", "Cake", "Pie", "Tart", "Bread")), 3);
    assert_int_equal(count(IS_NULL(Recipes.link)), 4);
    assert_int_equal(count(IS_NOT_NULL(Recipes.link)), 0);
    assert_int_equal(count(IS_NULL(Recipes.parent_id)), 2);
    assert_int_equal(count(IS_NULL(Recipes.parent)), 2);
}

static void test_one_of__takes_arrays(void **state) {
    (void)state;
    fill();
    int64_t ids[] = { soup.id, bread.id, 99 };
    int32_t minutes[] = { 20, 60 };
    const char *titles[] = { "Soup", "Stew", "Cake", "Pie" };
    assert_int_equal(count(ONE_OF(Recipes.id, ids, 3)), 2);
    assert_int_equal(count(ONE_OF(Recipes.id, ids, 0)), 0);
    assert_int_equal(count(NOT(ONE_OF(Recipes.id, ids, 0))), 4);
    assert_int_equal(count(ONE_OF(Recipes.time_minutes, minutes, 2)), 2);
    assert_int_equal(count(ONE_OF(Recipes.price, minutes, 2)), 0);
    assert_int_equal(count(ONE_OF(Recipes.title, titles, 4)), 3);
    assert_int_equal(count(ONE_OF(Recipes.tags->name, titles, 4)), 0);
    int64_t many[3000];
    for (int i = 0; i < 3000; i++) many[i] = i + 2;
    assert_int_equal(count(ONE_OF(Recipes.id, many, 3000)), 3);
    static int64_t very_many[40000];
    for (int i = 0; i < 40000; i++) very_many[i] = i + 3;
    assert_int_equal(count(ONE_OF(Recipes.id, very_many, 40000)), 2);
    assert_int_equal(count(ONE_OF(Recipes.id, very_many, 1)), 1);
    assert_int_equal(count(NOT(ONE_OF(Recipes.parent_id, very_many, 2))), 3);
    corm_uuid keys[2];
    assert_int_equal(corm_uuid_new(&keys[0]), 0);
    assert_int_equal(corm_uuid_new(&keys[1]), 0);
    Author author = { .id = keys[1], .name = "x" };
    assert_ok(corm_insert(db, Authors, &author));
    assert_int_equal(corm_count(db, Authors, .where = ONE_OF(Authors.id, keys, 2)), 1);
}

static void test_text(void **state) {
    (void)state;
    static const char *const names[] = { "100% sure_thing", "ΑΘΗΝΑ",  "Αθήνας",      "Москва",
                                         "МОСКОВСКИЙ",      "Straße", "back\\slash", "Zürich" };
    for (int i = 0; i < 8; i++) assert_ok(corm_insert(db, Tags, (&(Tag){ .name = names[i] })));
#define tags(condition) corm_count(db, Tags, .where = (condition))
    assert_int_equal(tags(CONTAINS(Tags.name, "%")), 1);
    assert_int_equal(tags(CONTAINS(Tags.name, "_")), 1);
    assert_int_equal(tags(CONTAINS(Tags.name, "\\")), 1);
    assert_int_equal(tags(CONTAINS(Tags.name, "ОСК")), 1);
    assert_int_equal(tags(CONTAINS(Tags.name, "")), 8);
    assert_int_equal(tags(ICONTAINS(Tags.name, "моск")), 2);
    assert_int_equal(tags(ICONTAINS(Tags.name, "МОСК")), 2);
    assert_int_equal(tags(ICONTAINS(Tags.name, "αθην")), 1);
    assert_int_equal(tags(ICONTAINS(Tags.name, "ΑΘΉΝΑΣ")), 1);
    assert_int_equal(tags(ICONTAINS(Tags.name, "ZÜR")), 1);
    assert_int_equal(tags(STARTS_WITH(Tags.name, "100%")), 1);
    assert_int_equal(tags(STARTS_WITH(Tags.name, "моск")), 0);
    assert_int_equal(tags(ISTARTS_WITH(Tags.name, "моск")), 2);
    assert_int_equal(tags(ENDS_WITH(Tags.name, "thing")), 1);
    assert_int_equal(tags(IENDS_WITH(Tags.name, "СКИЙ")), 1);
    assert_int_equal(tags(IENDS_WITH(Tags.name, "ский")), 1);
    assert_int_equal(tags(IEXACT(Tags.name, "москва")), 1);
    assert_int_equal(tags(IEXACT(Tags.name, "αθηνα")), 1);
    assert_int_equal(tags(LIKE(Tags.name, "М%")), 2);
    assert_int_equal(tags(LIKE(Tags.name, "м%")), 0);
    assert_int_equal(tags(LIKE(Tags.name, "Z_rich")), 1);
    assert_int_equal(tags(LIKE(Tags.name, "100\\%%")), 1);
    assert_int_equal(tags(ILIKE(Tags.name, "м%")), 2);
    assert_int_equal(tags(LIKE(Tags.name, "100\\\\")), 0);
    assert_refused(corm_count(db, Tags, .where = LIKE(Tags.name, "100\\")), CORM_ERROR_USAGE,
                   "backslash");
    assert_refused(corm_count(db, Tags, .where = ILIKE(Tags.name, "\\\\\\")), CORM_ERROR_USAGE,
                   "backslash");
    assert_int_equal(tags(REGEX(Tags.name, "^[0-9]+%")), 1);
    assert_int_equal(tags(REGEX(Tags.name, "^z")), 0);
    assert_int_equal(tags(IREGEX(Tags.name, "^z.*h$")), 1);
    assert_int_equal(tags(EQ(UPPER(Tags.name), "МОСКВА")), 1);
    assert_int_equal(tags(EQ(LOWER(Tags.name), "αθηνα")), 1);
    assert_int_equal(tags(EQ(LENGTH(Tags.name), 6)), 4);
}

static void test_and_or_not__leave_out_null(void **state) {
    (void)state;
    fill();
    const corm_condition *none = NULL;
    assert_int_equal(count(AND(GT(Recipes.time_minutes, 30), LT(Recipes.time_minutes, 100))), 2);
    assert_int_equal(count(OR(EQ(Recipes.title, "Soup"), EQ(Recipes.title, "Cake"))), 2);
    assert_int_equal(count(AND(OR(EQ(Recipes.title, "Soup"), EQ(Recipes.title, "Cake")),
                               NOT(EQ(Recipes.title, "Soup")))),
                     1);
    assert_int_equal(count(AND(none, EQ(Recipes.title, "Soup"))), 1);
    assert_int_equal(count(OR(none, EQ(Recipes.title, "Soup"))), 1);
    assert_int_equal(count(AND(none, none)), 4);
    assert_int_equal(count(OR(none)), 4);
    assert_int_equal(count(NOT(none)), 4);
}

static void test_not__is_the_rest_also_where_there_is_null(void **state) {
    (void)state;
    fill();
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.colour, "green")), 1);
    assert_int_equal(corm_count(db, Tags, .where = NE(Tags.colour, "green")), 1);
    assert_int_equal(corm_count(db, Tags, .where = NOT(EQ(Tags.colour, "green"))), 2);
    assert_int_equal(corm_count(db, Tags, .where = NOT(NOT(EQ(Tags.colour, "green")))), 1);
    assert_int_equal(corm_count(db, Users, .where = NOT(EQ(Users.country->code, "GB"))), 2);
}

static void test_columns__compare_with_columns(void **state) {
    (void)state;
    fill();
    assert_int_equal(count(GT(Recipes.time_minutes, COL(Recipes.id))), 4);
    assert_int_equal(count(EQ(Recipes.user->name, COL(Recipes.parent->user->name))), 2);
    assert_int_equal(count(GT(Recipes.price, COL(Recipes.parent->price))), 1);
    assert_int_equal(count(EQ(ADD(Recipes.time_minutes, 40), 60)), 1);
    assert_int_equal(count(EQ(MUL(Recipes.time_minutes, 2), 120)), 1);
    assert_int_equal(count(EQ(MOD(Recipes.time_minutes, 60), 0)), 2);
    assert_int_equal(count(GT(SUB(Recipes.price, corm_decimal_of(1, 0)), corm_decimal_of(70, 1))),
                     1);
    assert_int_equal(count(EQ(COALESCE(Recipes.link, VALUE("none")), "none")), 4);
    assert_int_equal(count(EQ(CONCAT(Recipes.title, VALUE("!")), "Soup!")), 1);
    assert_int_equal(
        count(EQ(MUL(Recipes.price, COL(Recipes.time_minutes)), MUL(Recipes.price, 60))), 1);
    assert_refused(count(EQ(CONCAT(Recipes.title, Recipes.price), "Soup")), CORM_ERROR_USAGE,
                   "CONCAT takes texts and integers");
    assert_refused(count(GT(Recipes.price, COL(Recipes.time_minutes))), CORM_ERROR_USAGE,
                   "decimal");
}

static void test_joins__go_by_any_path(void **state) {
    (void)state;
    fill();
    assert_int_equal(count(EQ(Recipes.user->email, "ada@example.com")), 2);
    assert_int_equal(count(EQ(Recipes.user->country->code, "GR")), 2);
    assert_int_equal(count(EQ(Recipes.user->id, ada.id)), 2);
    assert_int_equal(count(EQ(Recipes.parent->title, "Cake")), 1);
    assert_int_equal(count(EQ(Recipes.parent->user->profile->about, "counts")), 1);
    assert_int_equal(count(EQ(Recipes.tags->name, "vegan")), 2);
    assert_int_equal(count(EQ(Recipes.tags->id, vegan.id)), 2);
    assert_int_equal(count(EQ(Recipes.children->title, "Stew")), 1);
    assert_int_equal(corm_count(db, Users, .where = EQ(Users.recipes->title, "Soup")), 1);
    assert_int_equal(corm_count(db, Users, .where = EQ(Users.profile->about, "counts")), 1);
    assert_int_equal(corm_count(db, Users, .where = IS_NULL(Users.profile)), 2);
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.recipes->title, "Soup")), 2);
    assert_int_equal(
        corm_count(db, Countries, .where = EQ(Countries.users->recipes->tags->name, "vegan")), 2);
    assert_int_equal(
        corm_count(db, Countries, .where = EQ(Countries.users->recipes->tags->name, "quick")), 1);
    User *users = corm_all(db, Users, .where = GT(Users.recipes->time_minutes, 0));
    assert_rows(users, 2);
    corm_free(users);
}

static void test_to_many__one_row_satisfies_an_and(void **state) {
    (void)state;
    fill();
    assert_int_equal(
        count(AND(EQ(Recipes.comments->words, "good"), EQ(Recipes.comments->stars, 5))), 1);
    assert_int_equal(
        count(AND(EQ(Recipes.comments->words, "good"), EQ(Recipes.comments->stars, 1))), 0);
    assert_int_equal(count(AND(EQ(Recipes.comments->words, "good"),
                               AND(EQ(Recipes.title, "Soup"), EQ(Recipes.comments->stars, 4)))),
                     1);
    assert_int_equal(count(AND(EQ(Recipes.comments->words, "good"),
                               OR(EQ(Recipes.comments->stars, 1), EQ(Recipes.title, "Cake")))),
                     1);
    assert_int_equal(
        count(OR(EQ(Recipes.comments->words, "cold"), EQ(Recipes.tags->name, "sweet"))), 2);
    assert_int_equal(count(OR(EQ(Recipes.comments->words, "cold"), EQ(Recipes.title, "Bread"))), 2);
    assert_int_equal(
        count(AND(EQ(Recipes.comments->words, "good"), EQ(Recipes.tags->name, "sweet"))), 1);
    assert_int_equal(count(GT(Recipes.comments->stars, COL(Recipes.id))), 2);
    assert_int_equal(count(AND(EQ(Recipes.tags->name, "vegan"), EQ(Recipes.tags->colour, "green"))),
                     2);
    assert_int_equal(count(IS_NULL(Recipes.tags->colour)), 1);
}

static void test_not__over_to_many_means_no_row_does(void **state) {
    (void)state;
    fill();
    assert_int_equal(count(NOT(EQ(Recipes.tags->name, "vegan"))), 2);
    assert_int_equal(count(NE(Recipes.tags->name, "vegan")), 2);
    assert_int_equal(count(NOT(EQ(Recipes.comments->words, "good"))), 2);
    assert_int_equal(
        count(NOT(AND(EQ(Recipes.comments->words, "good"), EQ(Recipes.comments->stars, 1)))), 4);
    assert_int_equal(
        count(AND(EQ(Recipes.tags->name, "vegan"), NOT(EQ(Recipes.tags->name, "quick")))), 1);
    assert_int_equal(count(NOT(OR(EQ(Recipes.tags->name, "vegan"), EQ(Recipes.title, "Cake")))), 1);
    assert_int_equal(count(IS_NULL(Recipes.tags)), 1);
    assert_int_equal(count(IS_NOT_NULL(Recipes.tags)), 3);
    assert_int_equal(count(NOT(IS_NULL(Recipes.tags))), 3);
    assert_int_equal(corm_count(db, Users, .where = NOT(GT(Users.recipes->comments->stars, 1))), 1);
    assert_int_equal(corm_count(db, Users,
                                .where = AND(IS_NOT_NULL(Users.recipes),
                                             NOT(EQ(Users.recipes->tags->name, "quick")))),
                     1);
    assert_int_equal(corm_count(db, Users,
                                .where = AND(GT(Users.recipes->time_minutes, 50),
                                             NOT(EQ(Users.recipes->tags->name, "sweet")))),
                     1);
}

static void test_null__is_refused_with_a_hint(void **state) {
    (void)state;
    const char *none = NULL, *some[] = { "x", NULL };
    assert_refused(count(EQ(Recipes.link, none)), CORM_ERROR_USAGE, "NULL");
    assert_non_null(strstr(corm_error(db)->hint, "IS_NULL"));
    assert_refused(count(IN(Recipes.title, "a", none)), CORM_ERROR_USAGE, "NULL");
    (void)some;
    assert_refused(count(GT(Recipes.time_minutes, UINT64_MAX)), CORM_ERROR_RANGE,
                   "18446744073709551615");
    assert_refused(count(EQ(Recipes.price, corm_decimal_of(12345, 3))), CORM_ERROR_RANGE,
                   "recipes.price");
}

static void test_values__never_become_sql(void **state) {
    (void)state;
    fill();
    assert_int_equal(count(EQ(Recipes.title, "' OR 1=1 --")), 0);
    assert_int_equal(count(CONTAINS(Recipes.title, "\"; DROP TABLE recipes; --")), 0);
    assert_int_equal(corm_count(db, Recipes), 4);
}

const struct CMUnitTest condition_tests[] = {
    TEST(test_comparisons),
    TEST(test_one_of__takes_arrays),
    TEST(test_text),
    TEST(test_and_or_not__leave_out_null),
    TEST(test_not__is_the_rest_also_where_there_is_null),
    TEST(test_columns__compare_with_columns),
    TEST(test_joins__go_by_any_path),
    TEST(test_to_many__one_row_satisfies_an_and),
    TEST(test_not__over_to_many_means_no_row_does),
    TEST(test_null__is_refused_with_a_hint),
    TEST(test_values__never_become_sql),
};
const size_t n_condition_tests = sizeof condition_tests / sizeof *condition_tests;
