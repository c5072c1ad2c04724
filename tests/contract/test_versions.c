/* version(…): a row that is saved is the one that was read. */
#include "harness.h"
#include <sys/wait.h>
#include <unistd.h>

static Account opened(const char *name) {
    Account account = { .name = name, .amount = 10 };
    assert_ok(corm_insert(db, Accounts, &account));
    return account;
}

static void assert_edition(int64_t id, int64_t edition, int32_t amount) {
    Account *row = corm_find(db, Accounts, id);
    assert_rows(row, 1);
    assert_int_equal(row->edition, edition);
    assert_int_equal(row->amount, amount);
    corm_free(row);
}

static void test_version__goes_up_with_each_change(void **state) {
    (void)state;
    Account account = opened("a");
    assert_int_equal(account.edition, 1);
    account.amount = 11;
    assert_ok(corm_save(db, Accounts, &account));
    assert_int_equal(account.edition, 2);
    assert_edition(account.id, 2, 11);
    account.amount = 12;
    assert_ok(corm_save_columns(db, Accounts, &account, Accounts.amount));
    assert_int_equal(account.edition, 3);
    assert_edition(account.id, 3, 12);
    assert_int_equal(corm_update(db, Accounts, .where = EQ(Accounts.id, account.id),
                                 .set = SET(TO(Accounts.amount, ADD(Accounts.amount, 1)))),
                     1);
    assert_edition(account.id, 4, 13);
    Account new = { .name = "a", .amount = 20 };
    assert_ok(corm_upsert(db, Accounts, &new, CONFLICT(Accounts.name)));
    assert_int_equal(new.id, account.id);
    assert_int_equal(new.edition, 5);
    assert_edition(account.id, 5, 20);
    Account *row = corm_update_or_insert(db, Accounts, &new, NULL, Accounts.name);
    assert_rows(row, 1);
    assert_int_equal(row->edition, 6);
    corm_free(row);
    assert_refused(corm_save_columns(db, Accounts, &account, Accounts.edition), CORM_ERROR_USAGE,
                   "the version");
    /* New rows by each way. */
    Account many[] = { { .name = "b" }, { .name = "c", .edition = 7 } };
    assert_ok(corm_insert_many(db, Accounts, many, 2));
    assert_int_equal(many[0].edition, 1);
    assert_int_equal(many[1].edition, 7);
    assert_ok(corm_save(db, Accounts, (new = (Account){ .name = "d" }, &new)));
    assert_int_equal(new.edition, 1);
    assert_ok(corm_save(db, Accounts, (new = (Account){ .id = 900, .name = "e" }, &new)));
    assert_edition(900, 1, 0);
    assert_int_equal(corm_defaults(Accounts).edition, 0);
    assert_ok(corm_exec(db, "INSERT INTO accounts (id, name, amount, opened) SELECT 901, 'sql', 1, "
                            "opened FROM accounts WHERE id = 900"));
    assert_edition(901, 1, 1);
}

static void test_version__of_another_is_stale(void **state) {
    (void)state;
    Account mine = opened("a"), other = mine;
    other.amount = 5;
    assert_ok(corm_save(db, Accounts, &other));
    mine.amount = 7;
    assert_ok(corm_begin(db));
    assert_refused(corm_save(db, Accounts, &mine), CORM_ERROR_STALE, "accounts");
    assert_string_equal(corm_error(db)->table, "accounts");
    assert_refused(corm_save_columns(db, Accounts, &mine, Accounts.amount), CORM_ERROR_STALE, "");
    assert_refused(corm_delete_row(db, Accounts, &mine), CORM_ERROR_STALE, "");
    assert_int_equal(mine.edition, 1);
    assert_edition(mine.id, 2, 5);
    Account *now = corm_refresh(db, Accounts, &mine);
    assert_rows(now, 1);
    assert_int_equal(mine.amount, 5);
    mine.amount = 7;
    assert_ok(corm_save(db, Accounts, &mine)); /* no level is broken */
    assert_ok(corm_commit(db));
    assert_edition(mine.id, 3, 7);
    assert_ok(corm_delete_row(db, Accounts, &mine));
    assert_refused(corm_save(db, Accounts, &mine), CORM_ERROR_STALE, "deleted");
    assert_int_equal(corm_count(db, Accounts), 0);
    corm_free(now);
    assert_string_equal(corm_status_name(CORM_ERROR_STALE), "CORM_ERROR_STALE");
    Account taken = opened("t"), again = { .id = taken.id, .name = "x" };
    assert_refused(corm_save(db, Accounts, &again), CORM_ERROR_UNIQUE, ""); /* 0: a new row */
}

CORM_MODEL(Twice, Twices, "accounts", identity(id), version(a), version(b));

static void test_version__comes_once(void **state) {
    (void)state;
    Twice row = { .id = 1 };
    uint64_t before = corm_query_count(db);
    assert_refused(corm_insert(db, Twices, &row), CORM_ERROR_USAGE, "two versions, a and b");
    assert_refused(corm_save(db, Twices, &row), CORM_ERROR_USAGE, "two versions, a and b");
    assert_refused(corm_update(db, Twices, .set = SET(TO(Twices.id, 1)), .all = true),
                   CORM_ERROR_USAGE, "two versions, a and b");
    assert_int_equal(corm_query_count(db), before);
}

enum { TIMES = 40, PROCESSES = 4 };

/* What is read, computed and saved again is done anew when it is stale: nothing is lost. */
static int add_up(void) {
    corm_db *own = harness_connect();
    int failed = 0;
    for (int i = 0; i < TIMES && !failed;) {
        Account *row = corm_get(own, Accounts, .where = EQ(Accounts.name, "sum"));
        if (!row) break;
        row->amount++;
        int status = corm_save(own, Accounts, row);
        corm_free(row);
        i += status == 0;
        failed = status && status != CORM_ERROR_STALE;
    }
    if (corm_failed(own)) print_error("%s\n", corm_error(own)->message);
    failed |= corm_failed(own);
    corm_close(own);
    return failed;
}

static void test_version__loses_no_update_of_several_processes(void **state) {
    (void)state;
    Account sum = opened("sum");
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) _exit(add_up() != 0);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int result = -1;
        assert_int_equal(waitpid(children[i], &result, 0), children[i]);
        assert_int_equal(result, 0);
    }
    assert_edition(sum.id, 1 + TIMES * PROCESSES, 10 + TIMES * PROCESSES);
}

const struct CMUnitTest version_tests[] = {
    TEST(test_version__goes_up_with_each_change),
    TEST(test_version__of_another_is_stale),
    TEST(test_version__comes_once),
    TEST(test_version__loses_no_update_of_several_processes),
};
const size_t n_version_tests = sizeof version_tests / sizeof *version_tests;
