/* What the programs of kept.py have in common. A condition is kept beside what it says: the rows
 * that it takes, a bit each, and the expressions that it is made of. */
#pragma once
#include <corm/corm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
CORM_MODEL(Dish, Dishes, "dishes", identity(id), integer(a), integer(b), varchar(title, 20));
enum { N = 20 };
typedef struct kept {
    const corm_condition *e;
    uint32_t rows;
    uint64_t parts;
    bool set, doomed;
} kept;
static uint64_t spent, unsure;
static int made, right, refused, wrong;
static int a_of(int id) { return id % 5; }
static int b_of(int id) { return id % 7; }
static const char *const titles[] = { "soup", "stew", "cake" };
enum { ALL = (1 << N) - 1 };
#define ROWS(test)                                                                                 \
    __extension__({                                                                                \
        uint32_t rows_ = 0;                                                                        \
        for (int id = 1; id <= N; id++)                                                            \
            if (test) rows_ |= 1u << (id - 1);                                                     \
        rows_;                                                                                     \
    })
static uint64_t part(void) { return UINT64_C(1) << (made++ & 63); }
static kept rows_of(uint32_t rows, uint64_t parts) {
    return (kept){ NULL, rows, parts, true, false };
}
static kept both(kept x, kept y, bool and) {
    kept z = { NULL, 0, x.parts | y.parts | part(), true,
               x.doomed || y.doomed || (x.parts & y.parts) };
    if (!x.set && !y.set) z.set = false;
    z.rows = !x.set ? y.rows : !y.set ? x.rows : and? x.rows & y.rows : x.rows | y.rows;
    return z;
}
/* `k` is given to a query now. What is refused half-way may have spent some of it. */
static int expectation(kept k) {
    if (k.parts & unsure) return 2;
    return k.doomed || (k.parts & spent);
}
static void used(kept k, bool ok) {
    spent |= k.parts;
    if (!ok) unsure |= k.parts;
}
static void check(const char *where, int line, kept k, int64_t n, uint32_t took, uint32_t before,
                  int status) {
    int expected = expectation(k);
    uint32_t said = (k.set ? k.rows : 0) & before;
    bool ok = n >= 0 ? expected != 1 && took == said && k.set
                     : took == 0 && status == CORM_ERROR_USAGE && (expected != 0 || !k.set);
    if (ok)
        n >= 0 ? right++ : refused++;
    else {
        wrong++;
        printf("%s:%d: %s: took %x, said %x, status %d\n", where, line,
               expected ? "to be refused" : "to be right", took, said, status);
    }
    used(k, n >= 0 || !k.set);
}
static uint32_t there(corm_db *db) {
    uint32_t rows = 0;
    corm_each(dish, db, Dishes) rows |= 1u << (dish->id - 1);
    return rows;
}
#define REMOVE(k)                                                                                  \
    do {                                                                                           \
        uint32_t before_ = there(db);                                                              \
        corm_begin(db);                                                                            \
        int64_t n_ = corm_delete(db, Dishes, .where = (k).e);                                      \
        int status_ = corm_error(db)->status;                                                      \
        uint32_t after_ = there(db);                                                               \
        corm_rollback(db);                                                                         \
        check(__func__, __LINE__, (k), n_, before_ & ~after_, before_, status_);                   \
    } while (0)
#define COUNT_ROWS(k)                                                                              \
    do {                                                                                           \
        int64_t n_ = corm_count(db, Dishes, .where = (k).e);                                       \
        int status_ = corm_error(db)->status;                                                      \
        kept all_ = (k);                                                                           \
        if (!all_.set) all_ = rows_of(ALL, all_.parts);                                            \
        check(__func__, __LINE__, all_, n_,                                                        \
              n_ < 0                                ? 0                                            \
              : n_ == __builtin_popcount(all_.rows) ? all_.rows                                    \
                                                    : ~all_.rows,                                  \
              ALL, status_);                                                                       \
    } while (0)
#define FILTER(k)                                                                                  \
    do {                                                                                           \
        CORM_FILTER(filter_, Dishes);                                                              \
        corm_filter_add(filter_, (k).e);                                                           \
        uint32_t before_ = there(db);                                                              \
        corm_begin(db);                                                                            \
        int64_t n_ = corm_delete(db, Dishes, .filter = filter_);                                   \
        int status_ = corm_error(db)->status;                                                      \
        uint32_t after_ = there(db);                                                               \
        corm_rollback(db);                                                                         \
        check(__func__, __LINE__, (k), n_, before_ & ~after_, before_, status_);                   \
    } while (0)
__attribute__((noinline)) static int clobber(int n) {
    volatile char bytes[600];
    for (int i = 0; i < 600; i++) bytes[i] = (char)(n + i);
    return bytes[n & 255];
}
__attribute__((noinline)) static const corm_condition *pick(const corm_condition *e) {
    __asm__ volatile("" : "+r"(e));
    return e;
}

/* --- programs that deleted wrong rows --- */
static const corm_condition *quick(int n) { return LT(Dishes.b, n); }
__attribute__((noinline)) static int64_t purge(corm_db *db, const char *title, int minutes) {
    const corm_condition *by_title = NULL, *by_minutes = NULL;
    if (title) by_title = EQ(Dishes.title, title);
    if (minutes) by_minutes = LT(Dishes.b, minutes);
    return corm_delete(db, Dishes, .where = AND(by_title, by_minutes));
}
__attribute__((noinline)) static int64_t gathered(corm_db *db) {
    static const int keep[3] = { 1, 2, 3 };
    const corm_condition *c[3];
    for (int i = 0; i < 3; i++) c[i] = NE(Dishes.b, keep[i]);
    return corm_delete(db, Dishes, .where = AND(EQ(Dishes.a, 2), c[0], c[1], c[2]));
}
__attribute__((noinline)) static int64_t parameters(corm_db *db, int n, const char *const *names) {
    const corm_condition *filters[4] = { NULL };
    int count = 0;
    for (int i = 0; i < n && count < 4; i++) {
        if (!strcmp(names[i], "a")) filters[count++] = EQ(Dishes.a, 1);
        if (!strcmp(names[i], "b")) filters[count++] = EQ(Dishes.b, 4);
        if (!strcmp(names[i], "id")) filters[count++] = GTE(Dishes.id, 3);
    }
    return corm_delete(db, Dishes, .where = AND(filters[0], filters[1], filters[2], filters[3]));
}
__attribute__((noinline)) static int64_t narrowed(corm_db *db, int n) {
    const corm_condition *where = EQ(Dishes.a, 1);
    if (n > 0) {
        where = AND(where, EQ(Dishes.b, 4));
    }
    if (n > 0) {
        Dish dish = { .id = 21, .a = 9, .title = "x" };
        corm_insert(db, Dishes, &dish);
    }
    return corm_delete(db, Dishes, .where = where);
}
static void expect(const char *what, int64_t got, int64_t want) {
    if (got == want || got == CORM_ERROR_USAGE)
        right++;
    else
        wrong++, printf("%s: %lld instead of %lld\n", what, (long long)got, (long long)want);
}
static void seen(corm_db *db) {
#define TRY(call, want)                                                                            \
    do {                                                                                           \
        corm_begin(db);                                                                            \
        expect(#call, call, want);                                                                 \
        corm_rollback(db);                                                                         \
    } while (0)
    TRY(purge(db, "soup", 3), __builtin_popcount(ROWS(id % 3 == 0 && b_of(id) < 3)));
    TRY(purge(db, "soup", 0), __builtin_popcount(ROWS(id % 3 == 0)));
    TRY(purge(db, NULL, 3), __builtin_popcount(ROWS(b_of(id) < 3)));
    TRY(gathered(db),
        __builtin_popcount(ROWS(a_of(id) == 2 && b_of(id) != 1 && b_of(id) != 2 && b_of(id) != 3)));
    TRY(parameters(db, 2, (const char *const[]){ "a", "b" }),
        __builtin_popcount(ROWS(a_of(id) == 1 && b_of(id) == 4)));
    TRY(parameters(db, 3, (const char *const[]){ "id", "b", "a" }),
        __builtin_popcount(ROWS(id >= 3 && a_of(id) == 1 && b_of(id) == 4)));
    TRY(narrowed(db, 1), __builtin_popcount(ROWS(a_of(id) == 1 && b_of(id) == 4)));
    const corm_condition *q = quick(3);
    clobber(3);
    TRY(corm_delete(db, Dishes, .where = AND(EQ(Dishes.a, 1), q)),
        __builtin_popcount(ROWS(a_of(id) == 1 && b_of(id) < 3)));
}

/* --- what each program is made of --- */
#define SEEN_BY_OTHERS(thing) __asm__ volatile("" ::"r"(thing) : "memory")
#define hidden(e) pick(e)
#define PLAIN(condition, test)                                                                     \
    do {                                                                                           \
        if (corm_count(db, Dishes, .where = condition) != __builtin_popcount(ROWS(test)))          \
            wrong++, printf("%s:%d: a plain count\n", __func__, __LINE__);                         \
    } while (0)
#define BEGIN_CASE                                                                                 \
    kept k0 = { 0 }, k1 = k0, k2 = k0, k3 = k0, list[3] = { k0, k0, k0 };                          \
    struct {                                                                                       \
        kept k;                                                                                    \
    } inside = { k0 }, *in = &inside;                                                              \
    static kept saved;                                                                             \
    int total = 0;                                                                                 \
    saved = (kept){ 0 }, made = 0, spent = unsure = 0, (void)in;

static corm_db *begin(void) {
    setenv("DATABASE_URL", "sqlite://:memory:", 1);
    corm_db *db = corm_open(NULL);
    corm_exec(db, "CREATE TABLE dishes (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, title TEXT)");
    for (int id = 1; id <= N; id++) {
        Dish dish = { .id = id, .a = a_of(id), .b = b_of(id), .title = titles[id % 3] };
        if (corm_insert(db, Dishes, &dish)) exit((printf("%s\n", corm_error(db)->message), 1));
    }
    return db;
}

/* Each program has enough of both, so that it tries something. */
static int end(corm_db *db, int least) {
    corm_close(db);
    printf("%d right, %d refused, %d wrong\n", right, refused, wrong);
    return wrong != 0 || right < least || refused < least;
}
