/* After a statement that failed in a transaction nothing more is sent until the level in which it
 * failed is rolled back: on every engine, whatever failed and whatever comes next. */
#include "harness.h"
#include <pthread.h>
#include <stdlib.h>

enum { DEEPEST = 3 };

CORM_ROW(Name, text(name));
CORM_ROW(Number, bigint(n));

static int64_t author_count(void) { return corm_count(db, Authors); }
static const corm_uuid writer_id = { { 1, 2, 3 } };

static void fill_more(void) {
    fill();
    Author writer = { .id = writer_id, .name = "Writer" };
    assert_ok(corm_insert(db, Authors, &writer));
    assert_ok(corm_insert(db, Prizes, (&(Prize){ .author_id = writer_id })));
    assert_ok(corm_insert(db, Badges, (&(Badge){ .number = 1, .code = "one" })));
    assert_ok(corm_insert(db, Badges, (&(Badge){ .number = 2, .code = "two" })));
    Measure most = { .large = INT64_MAX, .word = "", .bytes = { "", 0 } };
    assert_ok(corm_insert(db, Measures, &most));
}

static int status_of(int64_t result) {
    return result < 0 ? (int)result : corm_failed(db) ? (int)corm_error(db)->status : 0;
}

static int read_of(const void *rows) {
    int status = corm_failed(db) ? (int)corm_error(db)->status : 0;
    corm_free((void *)(uintptr_t)rows);
    return status;
}

/* --- what fails --- */

static int unique(void) { return corm_insert(db, Tags, (&(Tag){ .name = "vegan" })); }
static int unique_by_update(void) {
    return status_of(corm_update(db, Tags, .where = EQ(Tags.id, quick.id),
                                 .set = SET(TO(Tags.name, "vegan"))));
}
static int foreign_key(void) {
    return corm_insert(db, Comments, (&(Comment){ .recipe_id = 4711, .words = "" }));
}
static int restricted(void) {
    return status_of(corm_delete(db, Authors, .where = EQ(Authors.id, writer_id)));
}
static int check(void) {
    return status_of(corm_update(db, Recipes, .where = EQ(Recipes.id, soup.id),
                                 .set = SET(TO(Recipes.price, corm_decimal_of(-100, 2)))));
}
static int overflow(void) {
    return status_of(corm_update(db, Measures, .all = true,
                                 .set = SET(TO(Measures.large, ADD(Measures.large, 1)))));
}
static int overflow_when_read(void) {
    return read_of(corm_sql(db, Number, "SELECT 9223372036854775807 + id AS n FROM tags"));
}
static int null_when_read(void) {
    return read_of(corm_sql(db, Name, "SELECT colour AS name FROM tags ORDER BY id"));
}
static int other_columns(void) {
    return read_of(corm_sql(db, Name, "SELECT name AS other FROM tags"));
}
static int syntax(void) { return read_of(corm_sql(db, Name, "SELECT name FRM tags")); }
static int syntax_by_exec(void) { return corm_exec(db, "DELETE FRM tags"); }
static int second_of_two(void) {
    return corm_exec(db, "UPDATE tags SET colour = 'x'; INSERT INTO tags (name) VALUES ('vegan')");
}
static int two_statements(void) {
    return read_of(corm_sql(db, Name, "SELECT name FROM tags; SELECT name FROM tags"));
}
static int no_table(void) { return corm_exec(db, "DELETE FROM nowhere"); }
static int save(void) {
    return corm_save(db, Badges, (&(Badge){ .number = 3, .code = "one", .place = "" }));
}
static int save_of_another(void) {
    return corm_save(db, Badges, (&(Badge){ .number = 2, .code = "one", .place = "" }));
}
static int link(void) { return corm_add(db, Recipes, tags, soup.id, ((int64_t[]){ 4711 }), 1); }
static int many_links(void) {
    enum { N = 70000 };
    int64_t *ids = malloc(N * sizeof *ids);
    for (int i = 0; i < N; i++) ids[i] = i + 4711;
    int status = corm_add(db, Recipes, tags, soup.id, ids, N);
    free(ids);
    return status;
}
static int each_row(void) {
    corm_each(tag, db, Tags) {
        if (tag->id == vegan.id) assert_int_equal(unique(), CORM_ERROR_UNIQUE);
        else fail_msg("a row after the transaction was broken");
    }
    return (int)corm_error(db)->status;
}

#define F(name, status) { #name, name, status }
typedef struct failing {
    const char *name;
    int (*run)(void);
    int status; /* 0: the engines name it differently */
} failing;
static const failing failures[] = {
    F(unique, CORM_ERROR_UNIQUE),
    F(unique_by_update, CORM_ERROR_UNIQUE),
    F(foreign_key, CORM_ERROR_FOREIGN_KEY),
    F(restricted, CORM_ERROR_FOREIGN_KEY),
    F(check, CORM_ERROR_CHECK),
    F(overflow, CORM_ERROR_RANGE),
    F(overflow_when_read, 0),
    F(null_when_read, CORM_ERROR_TYPE),
    F(other_columns, CORM_ERROR_TYPE),
    F(syntax, CORM_ERROR_SQL),
    F(syntax_by_exec, CORM_ERROR_SQL),
    F(second_of_two, CORM_ERROR_UNIQUE),
    F(two_statements, CORM_ERROR_SQL),
    F(no_table, CORM_ERROR_NO_TABLE),
    F(save, CORM_ERROR_UNIQUE),
    F(save_of_another, CORM_ERROR_UNIQUE),
    F(link, CORM_ERROR_FOREIGN_KEY),
    F(many_links, CORM_ERROR_FOREIGN_KEY),
    F(each_row, CORM_ERROR_TRANSACTION),
};

/* --- what may come next --- */

static int next_insert(void) { return corm_insert(db, Tags, (&(Tag){ .name = "next" })); }
static int next_all(void) { return read_of(corm_all(db, Tags)); }
static int next_first(void) { return read_of(corm_first(db, Tags)); }
static int next_get(void) { return read_of(corm_get(db, Tags, .where = EQ(Tags.id, vegan.id))); }
static int next_find(void) { return read_of(corm_find(db, Tags, vegan.id)); }
static int next_count(void) { return status_of(corm_count(db, Tags)); }
static int next_exists(void) { return status_of(corm_exists(db, Tags)); }
static int next_update(void) {
    return status_of(corm_update(db, Tags, .all = true, .set = SET(TO(Tags.colour, "red"))));
}
static int next_delete(void) { return status_of(corm_delete(db, Comments, .all = true)); }
static int next_sql(void) { return read_of(corm_sql(db, Name, "SELECT name FROM tags")); }
static int next_exec(void) { return corm_exec(db, "DELETE FROM comments"); }
static int next_rollback_by_hand(void) { return corm_exec(db, "ROLLBACK"); }
static int next_each(void) {
    corm_each(tag, db, Tags) fail_msg("row %lld", (long long)tag->id);
    return (int)corm_error(db)->status;
}
static int next_insert_many(void) {
    return corm_insert_many(db, Tags, ((Tag[]){ { .name = "x" }, { .name = "y" } }), 2);
}
static int next_bulk_load(void) {
    return corm_bulk_load(db, Tags, ((Tag[]){ { .name = "x" }, { .name = "y" } }), 2);
}
static int next_save(void) {
    return corm_save(db, Badges, (&(Badge){ .number = 9, .code = "nine", .place = "" }));
}
static int next_add(void) {
    return corm_add(db, Recipes, tags, stew.id, ((int64_t[]){ vegan.id }), 1);
}
static int next_remove(void) {
    return corm_remove(db, Recipes, tags, soup.id, ((int64_t[]){ vegan.id }), 1);
}
static int next_begin(void) { return corm_begin(db); }
static int nothing(corm_db *handle, void *argument) {
    (void)handle;
    (void)argument;
    fail_msg("called in a broken transaction");
    return 0;
}
static int next_atomic(void) { return corm_atomic(db, nothing, NULL); }
static void never(void *argument) { fail_msg("a hook of a transaction that broke: %p", argument); }
static int next_on_commit(void) { return corm_on_commit(db, never, NULL); }

static int (*const nexts[])(void) = {
    next_insert, next_all,    next_first,     next_get,         next_find,
    next_count,  next_exists, next_update,    next_delete,      next_sql,
    next_exec,   next_each,   next_bulk_load, next_insert_many, next_save,
    next_add,    next_remove, next_begin,     next_atomic,      next_on_commit,
    next_rollback_by_hand,
};

/* Nothing is sent, and whoever asks is told what failed first. */
static void assert_broken(const failing *f, int depth) {
    for (size_t i = 0; i < sizeof nexts / sizeof *nexts; i++) {
        uint64_t sent = corm_query_count(db);
        int status = nexts[i]();
        if (status != CORM_ERROR_TRANSACTION)
            fail_msg("%s at depth %d, then call %zu: %s, %s", f->name, depth, i,
                     corm_status_name(status), corm_error(db)->message);
        if (f->status && f->run != each_row)
            assert_non_null(strstr(corm_error(db)->message, corm_status_name(f->status)));
        assert_non_null(strstr(corm_error(db)->hint, "corm_atomic"));
        assert_int_equal(corm_query_count(db), sent);
        assert_int_equal(corm_transaction_depth(db), depth);
    }
}

static int64_t marks(void) { return corm_count(db, Tags, .where = STARTS_WITH(Tags.name, "mark")); }
static void mark(int depth) {
    char name[16];
    snprintf(name, sizeof name, "mark %d", depth);
    assert_ok(corm_insert(db, Tags, (&(Tag){ .name = name })));
}

static void begin_to(int depth) {
    for (int i = 1; i <= depth; i++) {
        assert_ok(corm_begin(db));
        mark(i);
    }
}

static void fail_with(const failing *f, int depth) {
    int status = f->run();
    if (!status || (f->status && status != f->status))
        fail_msg("%s at depth %d: %s, %s", f->name, depth, corm_status_name(status),
                 corm_error(db)->message);
}

static void test_broken__takes_nothing_until_it_is_rolled_back(void **state) {
    (void)state;
    fill_more();
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        for (int depth = 1; depth <= DEEPEST; depth++) {
            const failing *f = &failures[i];
            begin_to(depth);
            fail_with(f, depth);
            assert_broken(f, depth);
            assert_ok(corm_rollback(db));
            assert_int_equal(corm_transaction_depth(db), depth - 1);
            assert_int_equal(marks(), depth - 1);
            mark(9);
            while (corm_transaction_depth(db)) assert_ok(corm_commit(db));
            assert_int_equal(corm_delete(db, Tags, .where = STARTS_WITH(Tags.name, "mark")), depth);
        }
    assert_int_equal(author_count(), 1);
}

static void test_broken__is_not_committed_but_rolled_back(void **state) {
    (void)state;
    fill_more();
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        for (int depth = 1; depth <= DEEPEST; depth++) {
            const failing *f = &failures[i];
            begin_to(depth);
            fail_with(f, depth);
            assert_refused(corm_commit(db), CORM_ERROR_TRANSACTION, "rolled back");
            if (f->status && f->run != each_row)
                assert_non_null(strstr(corm_error(db)->message, corm_status_name(f->status)));
            assert_int_equal(corm_transaction_depth(db), depth - 1);
            assert_int_equal(marks(), depth - 1);
            while (corm_transaction_depth(db)) assert_ok(corm_commit(db));
            assert_int_equal(corm_delete(db, Tags, .where = STARTS_WITH(Tags.name, "mark")),
                             depth - 1);
        }
}

/* --- what corm refuses before anything is sent, and what is no failure of a statement --- */

static int client_not_null(void) {
    return corm_insert(db, Tags, (&(Tag){ .name = NULL }));
}
static int client_range(void) {
    return corm_insert(db, Countries, (&(Country){ .code = "too long", .name = "" }));
}
static int client_usage(void) { return status_of(corm_delete(db, Tags)); }
static int no_parameters(void) { return read_of(corm_sql(db, Name, "SELECT ? AS name")); }
static int not_found(void) { return read_of(corm_get(db, Tags, .where = EQ(Tags.id, 4711))); }
static int several_rows(void) { return read_of(corm_get(db, Tags)); }
static int insert_many(void) {
    return corm_insert_many(db, Tags, ((Tag[]){ { .name = "x" }, { .name = "vegan" } }), 2);
}
static int bulk_load(void) {
    return corm_bulk_load(db, Tags, ((Tag[]){ { .name = "x" }, { .name = "vegan" } }), 2);
}
static int fails(corm_db *handle, void *argument) {
    (void)argument;
    return corm_insert(handle, Tags, (&(Tag){ .name = "vegan" }));
}
static int swallows(corm_db *handle, void *argument) {
    fails(handle, argument);
    return 0;
}
static int atomic_in_atomic(corm_db *handle, void *argument) {
    mark(5);
    assert_int_equal(corm_atomic(handle, argument ? swallows : fails, NULL),
                     argument ? CORM_ERROR_TRANSACTION : CORM_ERROR_UNIQUE);
    mark(6);
    return 7;
}
static int atomic(void) { return corm_atomic(db, fails, NULL); }
static int atomic_that_swallows(void) { return corm_atomic(db, swallows, NULL); }
static int atomic_deeper(void) { return corm_atomic(db, atomic_in_atomic, NULL); }
static int atomic_deeper_that_swallows(void) { return corm_atomic(db, atomic_in_atomic, db); }

static void test_broken__is_no_transaction_in_which_nothing_failed(void **state) {
    (void)state;
    static const failing harmless[] = {
        F(client_not_null, CORM_ERROR_NOT_NULL),
        F(client_range, CORM_ERROR_RANGE),
        F(client_usage, CORM_ERROR_USAGE),
        F(no_parameters, CORM_ERROR_USAGE),
        F(not_found, CORM_ERROR_NOT_FOUND),
        F(several_rows, CORM_ERROR_MULTIPLE_ROWS),
        F(insert_many, CORM_ERROR_UNIQUE),
        F(bulk_load, CORM_ERROR_UNIQUE),
        F(atomic, CORM_ERROR_UNIQUE),
        F(atomic_that_swallows, CORM_ERROR_TRANSACTION),
        F(atomic_deeper, 7),
        F(atomic_deeper_that_swallows, 7),
    };
    fill_more();
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        for (int depth = 1; depth <= DEEPEST; depth++) {
            begin_to(depth);
            fail_with(&harmless[i], depth);
            assert_int_equal(corm_transaction_depth(db), depth);
            mark(9);
            assert_int_equal(marks(), depth + 1);
            while (corm_transaction_depth(db)) assert_ok(corm_commit(db));
            assert_int_equal(corm_delete(db, Tags, .where = STARTS_WITH(Tags.name, "mark")),
                             depth + 1);
        }
}

/* Outside of a transaction nothing is broken by anything. */
static void test_broken__is_nothing_outside(void **state) {
    (void)state;
    fill_more();
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        if (failures[i].run == each_row) continue;
        fail_with(&failures[i], 0);
        assert_int_equal(corm_count(db, Tags), 3);
    }
}

static void test_broken__names_what_failed_first(void **state) {
    (void)state;
    fill_more();
    assert_ok(corm_begin(db));
    assert_int_equal(check(), CORM_ERROR_CHECK);
    assert_refused(corm_count(db, Tags), CORM_ERROR_TRANSACTION, "CORM_ERROR_CHECK");
    assert_refused(corm_commit(db), CORM_ERROR_TRANSACTION, "CORM_ERROR_CHECK");
    assert_refused(corm_commit(db), CORM_ERROR_USAGE, "no transaction");
    assert_ok(corm_begin(db));
    assert_int_equal(unique_by_update(), CORM_ERROR_UNIQUE);
    assert_refused(corm_count(db, Authors), CORM_ERROR_TRANSACTION, "tags");
    assert_ok(corm_rollback(db));
}

static void count_up(void *argument) { ++*(int *)argument; }

static void test_broken__drops_the_hooks_of_its_level_alone(void **state) {
    (void)state;
    int outer = 0, inner = 0;
    fill_more();
    assert_ok(corm_begin(db));
    assert_ok(corm_on_commit(db, count_up, &outer));
    assert_ok(corm_begin(db));
    assert_ok(corm_on_commit(db, count_up, &inner));
    assert_int_equal(unique(), CORM_ERROR_UNIQUE);
    assert_refused(corm_commit(db), CORM_ERROR_TRANSACTION, "");
    assert_ok(corm_commit(db));
    assert_int_equal(outer, 1);
    assert_int_equal(inner, 0);
}

/* A commit ends its level also when the engine refuses it. */
static void test_commit__that_the_engine_refuses_ends_the_transaction(void **state) {
    (void)state;
    if (!quirk->deferrable) return;
    assert_ok(corm_exec(db, "CREATE TABLE late_too (id bigint PRIMARY KEY, tag_id bigint NOT NULL "
                            "REFERENCES tags (id) DEFERRABLE INITIALLY DEFERRED)"));
    assert_ok(corm_begin(db));
    assert_ok(corm_exec(db, "INSERT INTO late_too VALUES (1, 4711)"));
    assert_refused(corm_commit(db), CORM_ERROR_FOREIGN_KEY, "");
    assert_int_equal(corm_transaction_depth(db), 0);
    assert_ok(corm_begin(db));
    mark(1);
    assert_ok(corm_commit(db));
    assert_int_equal(corm_count(db, Tags), 1);
}

/* What another program was faster with. On SQLite only another program can bring it about. */
static int collide(corm_db *handle) {
    if (strcmp(corm_engine(handle), "postgresql") == 0)
        return corm_exec(handle, "DO $$ BEGIN RAISE serialization_failure; END $$");
    if (strcmp(corm_engine(handle), "mariadb") == 0)
        return corm_exec(handle, "SIGNAL SQLSTATE '40001'");
    corm_db *other = harness_connect();
    assert_true(corm_count(handle, Users) >= 0);
    assert_ok(corm_insert(other, Users, (&(User){ .email = "fast", .name = "" })));
    corm_close(other);
    return corm_insert(handle, Tags, (&(Tag){ .name = "slow" }));
}

/* An outermost corm_atomic does it all again, even when the function keeps the failure to itself
 * and meets only what comes of it. */
static int tries;
static int keep_to_itself(corm_db *handle, void *further) {
    if (++tries == 1) assert_int_equal(collide(handle), CORM_ERROR_SERIALIZATION);
    else return corm_insert(handle, Tags, (&(Tag){ .name = "again" }));
    return further ? corm_insert(handle, Tags, (&(Tag){ .name = "further" })) : 0;
}

static void test_broken__is_done_again_by_atomic(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        tries = 0;
        assert_ok(corm_atomic(db, keep_to_itself, i ? &tries : NULL));
        assert_int_equal(tries, 2);
        assert_int_equal(corm_count(db, Tags), 1);
        assert_int_equal(corm_delete(db, Tags, .all = true), 1);
        assert_int_equal(corm_delete(db, Users, .all = true) >= 0, true);
    }
    tries = 0; /* nested it is the outer function's to do it again */
    assert_ok(corm_begin(db));
    assert_refused(corm_atomic(db, keep_to_itself, NULL), CORM_ERROR_TRANSACTION,
                   "CORM_ERROR_SERIALIZATION");
    assert_int_equal(tries, 1);
    assert_ok(corm_rollback(db));
}

/* A transaction that is ended by hand takes nothing more; the end of the level says so, once. */
static void test_broken__is_forgotten_when_the_transaction_is_over(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_ok(corm_begin(db));
        assert_ok(corm_begin(db));
        assert_ok(corm_exec(db, i ? "COMMIT" : "ROLLBACK"));
        assert_refused(corm_rollback(db), CORM_ERROR_TRANSACTION, "has ended");
        assert_refused(corm_count(db, Tags), CORM_ERROR_TRANSACTION, "has ended");
        assert_ok(corm_rollback(db));
        assert_int_equal(corm_count(db, Tags), 0);
    }
}

/* What comes behind the end would be committed by itself, and no rollback takes it back. */
static void test_broken__is_a_transaction_that_a_statement_has_committed(void **state) {
    (void)state;
    bool mariadb = strcmp(corm_engine(db), "mariadb") == 0;
    const char *ends = mariadb ? "CREATE TABLE late_too (id bigint)" : "COMMIT";
    for (int i = 0; i < 3; i++) {
        assert_ok(corm_begin(db));
        assert_ok(corm_insert(db, Tags, (&(Tag){ .name = "before" })));
        assert_ok(corm_exec(db, ends));
        if (i == 0)
            assert_refused(corm_insert(db, Tags, (&(Tag){ .name = "behind" })),
                           CORM_ERROR_TRANSACTION, "has ended");
        if (i == 1) assert_refused(corm_commit(db), CORM_ERROR_TRANSACTION, "has ended");
        if (i == 2) assert_refused(corm_rollback(db), CORM_ERROR_TRANSACTION, "has ended");
        while (corm_transaction_depth(db) > 0) assert_ok(corm_rollback(db));
        assert_int_equal(corm_delete(db, Tags, .where = EQ(Tags.name, "before")), 1);
        assert_int_equal(corm_count(db, Tags), 0);
        if (mariadb) assert_ok(corm_exec(db, "DROP TABLE late_too"));
    }
}

static int fail_after_insert(corm_db *handle, void *name) {
    Tag tag = { .name = name };
    int status = corm_insert(handle, Tags, &tag);
    return status ? status : 7;
}

/* In a transaction that was begun by hand, levels are savepoints: it is the hand's to end it. */
static void test_begin__in_a_transaction_by_hand_leaves_it_open(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_ok(corm_exec(db, "BEGIN"));
        assert_ok(corm_insert_many(db, Tags, ((Tag[]){ { .name = "one" }, { .name = "two" } }), 2));
        assert_int_equal(corm_atomic(db, fail_after_insert, (char[]){ "three" }), 7);
        assert_ok(corm_begin(db));
        assert_ok(corm_begin(db));
        assert_ok(corm_insert(db, Tags, (&(Tag){ .name = "four" })));
        assert_ok(corm_commit(db));
        assert_ok(corm_commit(db));
        assert_int_equal(corm_count(db, Tags), 3);
        assert_ok(corm_exec(db, i ? "COMMIT" : "ROLLBACK"));
        assert_int_equal(corm_count(db, Tags), i ? 3 : 0);
    }
}

/* A savepoint that was released by hand cannot be gone back to: all is rolled back, and every
 * level is told. */
static void test_broken__is_all_when_a_savepoint_is_gone(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        begin_to(DEEPEST);
        assert_ok(corm_exec(db, "RELEASE SAVEPOINT corm_2"));
        mark(9);
        if (i & 1) assert_true(corm_commit(db) < 0);
        else assert_refused(corm_rollback(db), CORM_ERROR_TRANSACTION, "rolled back");
        assert_int_equal(corm_transaction_depth(db), DEEPEST - 1);
        assert_broken(&(failing){ "RELEASE", NULL, 0 }, DEEPEST - 1);
        while (corm_transaction_depth(db))
            if (i & 2) assert_refused(corm_commit(db), CORM_ERROR_TRANSACTION, "");
            else assert_ok(corm_rollback(db));
        assert_int_equal(marks(), 0);
        mark(1);
        assert_int_equal(corm_delete(db, Tags, .where = STARTS_WITH(Tags.name, "mark")), 1);
    }
}

/* Whom a server ends for another's sake: MariaDB drops the whole transaction, of which no level
 * goes on, PostgreSQL what was done since the savepoint. */
static int colour(corm_db *handle, int64_t id) {
    return (int)corm_update(handle, Tags, .where = EQ(Tags.id, id),
                            .set = SET(TO(Tags.colour, "deadlock")));
}
static void *colour_vegan(void *other) {
    return (void *)(intptr_t)colour(other, vegan.id);
}

static void test_broken__by_a_deadlock_is_what_the_server_has_dropped(void **state) {
    (void)state;
    if (strcmp(quirk->engine, "sqlite") == 0) return; /* has one writer */
    bool all = strcmp(quirk->engine, "mariadb") == 0;
    fill();
    corm_db *other = harness_connect();
    begin_to(2);
    assert_int_equal(colour(db, vegan.id), 1);
    assert_ok(corm_begin(other));
    assert_ok(corm_begin(other));
    Country countries[] = { { .code = "a" }, { .code = "b" }, { .code = "c" }, { .code = "d" } };
    for (int i = 0; i < 4; i++) countries[i].name = "MariaDB ends who has changed less";
    assert_ok(corm_insert_many(other, Countries, countries, 4));
    assert_int_equal(colour(other, quick.id), 1);
    pthread_t thread;
    void *theirs;
    assert_int_equal(pthread_create(&thread, NULL, colour_vegan, other), 0);
    int ours = colour(db, quick.id);
    if (ours == CORM_ERROR_DEADLOCK) {
        static const failing deadlock = { "deadlock", NULL, CORM_ERROR_DEADLOCK };
        assert_broken(&deadlock, 2);
        assert_ok(corm_rollback(db));
        if (all) assert_broken(&deadlock, 1);
        else mark(3);
        assert_int_equal(corm_commit(db), all ? CORM_ERROR_TRANSACTION : 0);
    } else {
        assert_int_equal(ours, 1);
        assert_ok(corm_commit(db));
        assert_ok(corm_commit(db));
    }
    assert_int_equal(pthread_join(thread, &theirs), 0);
    int status = (int)(intptr_t)theirs;
    if (status < 0) assert_int_equal(status, CORM_ERROR_DEADLOCK);
    assert_true((status < 0) != (ours < 0));
    assert_int_equal(marks(), all && ours < 0 ? 0 : 2);
    corm_close(other);
}

const struct CMUnitTest broken_tests[] = {
    TEST(test_broken__takes_nothing_until_it_is_rolled_back),
    TEST(test_broken__is_not_committed_but_rolled_back),
    TEST(test_broken__is_no_transaction_in_which_nothing_failed),
    TEST(test_broken__is_nothing_outside),
    TEST(test_broken__names_what_failed_first),
    TEST(test_broken__drops_the_hooks_of_its_level_alone),
    TEST(test_commit__that_the_engine_refuses_ends_the_transaction),
    TEST(test_broken__is_done_again_by_atomic),
    TEST(test_broken__is_forgotten_when_the_transaction_is_over),
    TEST(test_broken__is_a_transaction_that_a_statement_has_committed),
    TEST(test_begin__in_a_transaction_by_hand_leaves_it_open),
    TEST(test_broken__is_all_when_a_savepoint_is_gone),
    TEST(test_broken__by_a_deadlock_is_what_the_server_has_dropped),
};
const size_t n_broken_tests = sizeof broken_tests / sizeof *broken_tests;
