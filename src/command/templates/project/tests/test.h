/* A test is a function that gets the database as the migrations make it, in a transaction that is
 * rolled back: no test sees another's rows. A file of tests ends with main, as tests/test_core.c
 * does. */
#pragma once
#include <corm/corm.h>
#include <stdio.h>

typedef struct test {
    const char *name;
    void (*run)(corm_db *db);
} test;
#define TEST(function) { #function, function }

static int checks_failed;

/* Goes on after a failure, so that one run shows them all. */
#define CHECK(condition)                                                                           \
    ((condition) ? (void)0 : (void)(checks_failed++, fprintf(stderr, "%s:%d: not true: %s\n",      \
        __FILE__, __LINE__, #condition)))

/* tests ends with { 0 }. The exit status of the program. */
static inline int run_tests(const test *tests) {
    corm_db *db = corm_open(NULL);
    int passed = 0, failed = 0;
    for (const test *t = tests; t->name; t++) {
        checks_failed = 0;
        CHECK(corm_begin(db) == 0);
        if (!checks_failed) t->run(db);
        if (corm_failed(db)) fprintf(stderr, "%s: the last error: %s\n", t->name,
            corm_error(db)->message);
        corm_rollback(db);
        if (checks_failed) fprintf(stderr, "FAILED %s\n", t->name);
        *(checks_failed ? &failed : &passed) += 1;
    }
    printf("%d passed, %d failed\n", passed, failed);
    corm_close(db);
    return failed || !passed;
}
