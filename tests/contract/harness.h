/* One suite for every engine. Each test gets an empty database with the tables of models.h; the
 * engine is the program's argument. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "models.h"

/* What engines may differ in, as far as the suite needs to know. */
typedef struct quirks {
    const char *engine;
    bool nan;                   /* real and double precision hold NaN, decimal too */
    bool infinity;
    bool arrays;
    /* of a UNIQUE violation: the constraint; otherwise the columns are in the message */
    bool names_constraints;
    /* .lock is of rows; otherwise it is of the whole database, one lock for all three */
    bool row_locks;
    const char *plan;           /* what stands in its explanation of a query on recipes */
    bool packets;               /* the server takes 16 MB in one statement */
    bool deferrable;            /* foreign keys that are checked at the commit */
    /* A server, whose tables are kept from test to test: its database, and what its tables are. */
    const char *shape;
    const char *renew;          /* drops and makes the database, whose name is %s */
    const char *empty[3];       /* empties the tables; their names come between */
} quirks;
extern const quirks all_quirks[];
extern const quirks *quirk;

extern corm_db *db;             /* of the running test */
int harness_setup(void **state);
int harness_teardown(void **state);
/* A second connection to the same database; close it. */
corm_db *harness_connect(void);

#define TEST(name) cmocka_unit_test_setup_teardown(name, harness_setup, harness_teardown)
#define assert_ok(call) assert_ok_((call), #call, __FILE__, __LINE__)
#define assert_rows(rows, n) assert_rows_((rows), (n), #rows, __FILE__, __LINE__)
/* What the compiler refuses, by a cast: it is refused when it runs, too. */
#define ANYWAY(x) ((const corm_condition *)(const void *)(x))
/* The call failed with this status, and the message holds the text. */
#define assert_refused(call, status, text)                                                         \
    ((void)(call), assert_refused_((status), (text), #call, __FILE__, __LINE__))
void assert_ok_(int64_t status, const char *call, const char *file, int line);
void assert_rows_(const void *rows, size_t n, const char *call, const char *file, int line);
void assert_refused_(int status, const char *text, const char *call, const char *file, int line);

extern const struct CMUnitTest validate_tests[];
extern const size_t n_validate_tests;
extern const struct CMUnitTest table_tests[];
extern const size_t n_table_tests;
extern const struct CMUnitTest broken_tests[], update_many_tests[], returning_tests[],
    insert_select_tests[];
extern const size_t n_broken_tests, n_update_many_tests, n_returning_tests,
    n_insert_select_tests;
extern const struct CMUnitTest function_tests[];
extern const size_t n_function_tests;
extern const struct CMUnitTest row_tests[], or_insert_tests[], upsert_tests[], link_tests[],
    version_tests[], subquery_tests[], load_tests[], tree_tests[];
extern const size_t n_row_tests, n_or_insert_tests, n_upsert_tests, n_link_tests, n_version_tests,
    n_subquery_tests, n_load_tests, n_tree_tests;
extern const struct CMUnitTest kind_tests[], read_tests[], condition_tests[], relation_tests[],
    report_tests[], meaning_tests[], write_tests[], transaction_tests[], sql_tests[],
    filter_tests[], unconstrained_tests[], limit_tests[], text_tests[], pattern_tests[],
    member_tests[];
extern const size_t n_kind_tests, n_read_tests, n_condition_tests, n_relation_tests, n_report_tests,
    n_meaning_tests, n_write_tests, n_transaction_tests, n_sql_tests, n_filter_tests,
    n_unconstrained_tests, n_limit_tests, n_text_tests, n_pattern_tests,
    n_member_tests;

/* A few rows that many tests use: two users of two countries, one without; four recipes; tags,
 * comments. */
void fill(void);
extern User ada, bob, eve;
extern Recipe soup, stew, cake, bread;
extern Tag vegan, quick, sweet;
