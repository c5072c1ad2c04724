/* corm_set and corm_clear: the links of a row over a many-to-many. */
#include "harness.h"

CORM_ROW(Link, bigint(tag_id));

static Link *links_of(const Recipe *recipe) {
    return corm_sql(db, Link, "SELECT tag_id FROM recipes_tags WHERE recipe_id = ? ORDER BY tag_id",
                    BIGINT(recipe->id));
}

static void count_changes(void *context, const char *sql, double seconds, int64_t rows,
                          int status) {
    (void)seconds, (void)rows, (void)status;
    *(int *)context += strncmp(sql, "INSERT", 6) == 0 || strncmp(sql, "DELETE", 6) == 0;
}

static void test_set__adds_and_removes_what_differs(void **state) {
    (void)state;
    fill();
    Link *before = links_of(&soup);
    assert_rows(before, 2);
    int64_t kept = before[0].tag_id, gone = before[1].tag_id;
    assert_ok(corm_set(db, Recipes, tags, soup.id, ((int64_t[]){ sweet.id, kept, sweet.id }), 3));
    Link *now = links_of(&soup);
    assert_rows(now, 2);
    assert_int_equal(now[0].tag_id, kept);
    assert_int_equal(now[1].tag_id, sweet.id);
    assert_int_equal(
        corm_count(db, Recipes, .where = AND(EQ(Recipes.id, soup.id), EQ(Recipes.tags->id, gone))),
        0);
    corm_free(before);
    corm_free(now);
    Link *others = links_of(&stew);
    size_t n = corm_len(others);
    corm_free(others);
    assert_ok(corm_set(db, Recipes, tags, soup.id, ((int32_t[]){ (int32_t)vegan.id }), 1));
    now = links_of(&soup);
    assert_rows(now, 1);
    corm_free(now);
    assert_ok(corm_set(db, Recipes, tags, soup.id, (int64_t *)NULL, 0));
    now = links_of(&soup);
    assert_rows(now, 0);
    corm_free(now);
    others = links_of(&stew);
    assert_rows(others, n);
    corm_free(others);
    /* From the other side. */
    assert_ok(corm_set(db, Tags, recipes, quick.id, ((int64_t[]){ soup.id, cake.id }), 2));
    assert_int_equal(corm_count(db, Recipes, .where = EQ(Recipes.tags->id, quick.id)), 2);
}

static void test_set__is_all_or_nothing(void **state) {
    (void)state;
    fill();
    Link *before = links_of(&soup);
    assert_refused(corm_set(db, Recipes, tags, soup.id, ((int64_t[]){ sweet.id, 4711 }), 2),
                   CORM_ERROR_FOREIGN_KEY, "");
    assert_int_equal(corm_transaction_depth(db), 0);
    assert_ok(corm_begin(db));
    assert_refused(corm_set(db, Recipes, tags, soup.id, ((int64_t[]){ sweet.id, 4711 }), 2),
                   CORM_ERROR_FOREIGN_KEY, "");
    Link *now = links_of(&soup); /* its level was its own */
    assert_rows(now, corm_len(before));
    assert_int_equal(now[1].tag_id, before[1].tag_id);
    corm_free(now);
    corm_free(before);
    assert_ok(corm_commit(db));
    assert_refused(corm_set(db, Recipes, tags, soup.id, ((const char *[]){ "x" }), 1),
                   CORM_ERROR_TYPE, "keys of Tag");
    assert_refused(corm_set(db, Recipes, comments, soup.id, ((int64_t[]){ 1 }), 1),
                   CORM_ERROR_USAGE, "not a many-to-many");
    assert_refused(corm_set(db, Recipes, tags, soup.id, (int64_t *)NULL, 1), CORM_ERROR_USAGE,
                   "NULL");
}

static void test_set__by_keys_of_uuid_and_text(void **state) {
    (void)state;
    Reader reader = { .name = "r" };
    assert_int_equal(corm_uuid_new(&reader.id), 0);
    assert_ok(corm_insert(db, Readers, &reader));
    Volume volumes[] = { { .isbn = "a", .title = "A" },
                         { .isbn = "b", .title = "B" },
                         { .isbn = "B", .title = "other" } };
    assert_ok(corm_insert_many(db, Volumes, volumes, 3));
    assert_ok(corm_set(db, Readers, books, reader.id, ((const char *[]){ "a", "b" }), 2));
    assert_ok(corm_set(db, Readers, books, reader.id, ((const char *[]){ "B", "b" }), 2));
    assert_int_equal(corm_count(db, Volumes), 3);
    Reader *row = corm_find(db, Readers, reader.id);
    corm_free(row);
    row = corm_get(db, Readers, .where = EQ(Readers.id, reader.id), .with = WITH(Readers.books));
    assert_rows(row, 1);
    assert_int_equal(corm_len(row->books), 2);
    assert_string_not_equal(row->books[0].isbn, "a");
    assert_string_not_equal(row->books[1].isbn, "a");
    corm_free(row);
    assert_refused(corm_set(db, Readers, books, reader.id, ((const char *[]){ "a", NULL }), 2),
                   CORM_ERROR_USAGE, "");
    assert_ok(corm_clear(db, Readers, books, reader.id));
    assert_int_equal(corm_count(db, Readers, .where = IS_NULL(Readers.books)), 1);
    /* A model in between that no unique key guards. */
    Stamp stamps[] = { { .words = "x" }, { .words = "y" } };
    assert_ok(corm_insert_many(db, Stamps, stamps, 2));
    Stamping twice[] = { { .volume_id = "a", .stamp_id = stamps[0].id },
                         { .volume_id = "a", .stamp_id = stamps[0].id } };
    assert_ok(corm_insert_many(db, Stampings, twice, 2));
    assert_ok(corm_set(db, Volumes, stamps, "a", ((int64_t[]){ stamps[1].id }), 1));
    assert_int_equal(corm_count(db, Stampings), 1);
    Stamping *kept = corm_all(db, Stampings);
    assert_ok(corm_set(db, Volumes, stamps, "a", ((int64_t[]){ stamps[0].id, stamps[1].id }), 2));
    assert_int_equal(corm_count(db, Stampings, .where = EQ(Stampings.id, kept->id)), 1);
    assert_int_equal(corm_count(db, Stampings), 2);
    corm_free(kept);
    assert_ok(corm_clear(db, Volumes, stamps, "a"));
    assert_int_equal(corm_count(db, Stampings), 0);
}

/* A quadratic corm_set takes minutes for these. */
static void test_set__of_many_links(void **state) {
    (void)state;
    fill();
    enum { N = 30000 };
    static Tag tags[N];
    static char names[N][12];
    static int64_t keys[N];
    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof names[i], "t%d", i);
        tags[i].name = names[i];
    }
    assert_ok(corm_insert_many(db, Tags, tags, N));
    for (int i = 0; i < N; i++) keys[i] = tags[(i * 7) % N].id;
    assert_ok(corm_set(db, Recipes, tags, cake.id, keys, N));
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.recipes->id, cake.id)), N);
    int changes = 0;
    corm_watch(db, count_changes, &changes);
    assert_ok(corm_set(db, Recipes, tags, cake.id, keys, N)); /* nothing differs */
    assert_int_equal(changes, 0);
    assert_ok(corm_set(db, Recipes, tags, cake.id, keys, N - 1));
    assert_int_equal(changes, 1);
    corm_watch(db, NULL, NULL);
    assert_ok(corm_set(db, Recipes, tags, cake.id, keys + N / 2, N / 2));
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.recipes->id, cake.id)), N / 2);
    assert_ok(corm_clear(db, Recipes, tags, cake.id));
    assert_int_equal(corm_count(db, Tags, .where = EQ(Tags.recipes->id, cake.id)), 0);
}

const struct CMUnitTest link_tests[] = {
    TEST(test_set__adds_and_removes_what_differs),
    TEST(test_set__is_all_or_nothing),
    TEST(test_set__by_keys_of_uuid_and_text),
    TEST(test_set__of_many_links),
};
const size_t n_link_tests = sizeof link_tests / sizeof *link_tests;
