/* wait_for_db without a server and without waiting: the check, the clock and the sleep are the
 * test's. */
#include "fixture.h"
#include <corm/wait.h>
#include <fcntl.h>

enum { MAX_SLEEPS = 1000 };

typedef struct world {
    double now, check_takes;
    const int *answers;         /* the status of each try; the last one stays */
    int n_answers, tries;
    const char *message;
    double tried_at[MAX_SLEEPS], slept[MAX_SLEEPS];
    int sleeps;
    int cancel_at, cancel_pipe[2];  /* cancelled in sleep number cancel_at */
    int migrated_after, migrated_calls, migrated_status;
    const char *cut_short;          /* the message of a try that has less than 3 s */
    int waiting, ready, failed;     /* events */
    corm_wait_event last;
    corm_error_info last_error;
    char last_hint[512];
} world;

static int check(void *context, const char *alias, double timeout, corm_error_info *error) {
    world *w = context;
    (void)alias;
    assert_true(timeout > 0 && timeout <= 3);
    assert_true(w->tries < MAX_SLEEPS);
    w->tried_at[w->tries] = w->now;
    int status = w->answers[w->tries < w->n_answers ? w->tries : w->n_answers - 1];
    w->tries++;
    w->now += w->check_takes;
    if (status) {
        error->status = status;
        const char *message = w->cut_short && timeout < 3 ? w->cut_short : w->message;
        if (message == w->cut_short && message) error->status = status = CORM_ERROR_TIMEOUT;
        snprintf(error->message, sizeof error->message, "%s",
                 message ? message : corm_status_text(status));
    }
    return status;
}

static double now(void *context) { return ((world *)context)->now; }

static void nap(void *context, double seconds) {
    world *w = context;
    assert_true(w->sleeps < MAX_SLEEPS);
    w->slept[w->sleeps++] = seconds;
    w->now += seconds;
    if (w->cancel_at == w->sleeps) assert_int_equal(write(w->cancel_pipe[1], "", 1), 1);
}

static void report(void *context, const corm_wait_event *event) {
    world *w = context;
    *(event->state == CORM_WAIT_WAITING ? &w->waiting
      : event->state == CORM_WAIT_READY ? &w->ready
                                        : &w->failed) += 1;
    w->last = *event;
    if (event->error) w->last_error = *event->error;
    snprintf(w->last_hint, sizeof w->last_hint, "%s", event->hint ? event->hint : "");
}

static int migrated(void *context, const char *alias, corm_error_info *error) {
    world *w = context;
    (void)alias;
    ++w->migrated_calls;
    if (!w->migrated_status) return w->migrated_calls > w->migrated_after;
    error->status = w->migrated_status;
    snprintf(error->message, sizeof error->message, "%s", corm_status_text(error->status));
    return error->status;
}

static int run(world *w, corm_wait_options options, corm_error_info *error) {
    options.context = w;
    options.check = check;
    options.clock = now;
    options.sleep = nap;
    options.report = report;
    if (!options.timeout) options.timeout = 60;
    w->now = 1000;
    return corm_wait_for_db(NULL, &options, error);
}

#define ANSWERS(...)                                                                               \
    .answers = (const int[]){ __VA_ARGS__ },                                                       \
    .n_answers = (int)(sizeof((int[]){ __VA_ARGS__ }) / sizeof(int))

static void test_wait__ready_at_once_does_not_sleep(void **state) {
    (void)state;
    world w = { ANSWERS(0) };
    corm_error_info error;
    assert_int_equal(run(&w, (corm_wait_options){ 0 }, &error), 0);
    assert_int_equal(w.tries, 1);
    assert_int_equal(w.sleeps, 0);
    assert_int_equal(w.ready, 1);
    assert_int_equal(w.waiting, 0);
    assert_string_equal(w.last.alias, "default");
}

static void test_wait__ready_after_five_refusals(void **state) {
    (void)state;
    int c = CORM_ERROR_CONNECTION;
    world w = { ANSWERS(c, c, c, c, c, 0) };
    corm_error_info error;
    assert_int_equal(run(&w, (corm_wait_options){ 0 }, &error), 0);
    assert_int_equal(w.tries, 6);
    assert_int_equal(w.waiting, 1); /* the same reason is told once */
    assert_int_equal(w.ready, 1);
    assert_int_equal(w.last.attempt, 6);
    assert_true(w.now - 1000 < 0.1);
}

static void test_wait__what_no_waiting_mends_ends_it(void **state) {
    (void)state;
    static const struct { int status, exit_status;
    } cases[] = { { CORM_ERROR_NEWER, 4 }, { CORM_ERROR_MIGRATION, 65 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world w = { ANSWERS(0), .migrated_status = cases[i].status };
        corm_error_info error;
        corm_wait_options options = { .require = CORM_REQUIRE_MIGRATED, .migrated = migrated };
        assert_int_equal(run(&w, options, &error), cases[i].status);
        assert_int_equal(w.migrated_calls, 1);
        assert_int_equal(w.sleeps, 0);
        assert_int_equal(w.failed, 1);
        assert_int_equal(w.last.exit_status, cases[i].exit_status);
    }
}

/* The deadline cuts the last try short: what that says is not why. */
static void test_wait__the_last_message_is_the_cause(void **state) {
    (void)state;
    world w = { ANSWERS(CORM_ERROR_TOO_MANY_CONNECTIONS),
                .check_takes = 2.5,
                .message = "too many clients",
                .cut_short = "no result within a moment" };
    corm_error_info error;
    assert_int_equal(run(&w, (corm_wait_options){ .timeout = 10 }, &error), CORM_ERROR_TIMEOUT);
    assert_string_equal(error.message, "default is not ready after 10 s: too many clients");
    assert_string_equal(w.last_error.message, error.message);
    assert_int_equal(w.waiting, 1);

    world only = { ANSWERS(CORM_ERROR_CONNECTION), .check_takes = 1, .cut_short = "no result" };
    assert_int_equal(run(&only, (corm_wait_options){ .timeout = 1 }, &error), CORM_ERROR_TIMEOUT);
    assert_string_equal(error.message, "default is not ready after 1 s: no result");
}

static void test_wait__pauses_a_fiftieth_of_the_time_waited(void **state) {
    (void)state;
    world w = { ANSWERS(CORM_ERROR_CONNECTION) };
    corm_error_info error;
    assert_int_equal(run(&w, (corm_wait_options){ .timeout = 40 }, &error), CORM_ERROR_TIMEOUT);
    for (int i = 0; i < w.sleeps - 1; i++) {    /* the last one ends at the deadline */
        double fiftieth = (w.tried_at[i] - 1000) / 50, least = fiftieth, most = fiftieth * 1.3;
        if (least < 0.01) least = 0.01;
        if (most < 0.013) most = 0.013;
        if (least > 0.5) least = 0.5;
        if (most > 0.5) most = 0.5;
        assert_true(w.slept[i] >= least - 1e-9 && w.slept[i] <= most + 1e-9);
    }
    assert_true(w.now - 1000 >= 40 && w.now - 1000 < 40.001);
}

static void test_wait__backs_off_to_two_seconds_when_a_try_is_not_cheap(void **state) {
    (void)state;
    const int expensive[] = { CORM_ERROR_TOO_MANY_CONNECTIONS, CORM_ERROR_TIMEOUT };
    const double expected[] = { 0.25, 0.5, 1, 2, 2, 2 };
    for (int k = 0; k < 2; k++) {
        world w = { .answers = &expensive[k], .n_answers = 1 };
        corm_error_info error;
        assert_int_equal(run(&w, (corm_wait_options){ .timeout = 20 }, &error), CORM_ERROR_TIMEOUT);
        for (int i = 0; i < 6; i++)
            assert_true(w.slept[i] >= expected[i] && w.slept[i] <= expected[i] * 1.2 &&
                        w.slept[i] <= 2);
    }
}

static void test_wait__a_slow_refusal_is_not_cheap(void **state) {
    (void)state;
    world w = { ANSWERS(CORM_ERROR_CONNECTION), .check_takes = 0.5 };
    corm_error_info error;
    run(&w, (corm_wait_options){ .timeout = 10 }, &error);
    assert_true(w.tries <= 7);
}

static void test_wait__wrong_password_is_fatal_after_two_tries(void **state) {
    (void)state;
    world w = { ANSWERS(CORM_ERROR_AUTHENTICATION) };
    corm_error_info error;
    assert_int_equal(run(&w, (corm_wait_options){ 0 }, &error), CORM_ERROR_AUTHENTICATION);
    assert_int_equal(w.tries, 2);
    assert_true(w.tried_at[1] - w.tried_at[0] >= 1);
    assert_true(w.now - 1000 < 5);
    assert_int_equal(w.failed, 1);
    assert_int_equal(w.last.exit_status, 77);
    assert_true(strstr(w.last_hint, "DB_PASS") != NULL);
}

static void test_wait__a_password_refused_once_while_starting_is_not_fatal(void **state) {
    (void)state;
    world w = { ANSWERS(CORM_ERROR_AUTHENTICATION, CORM_ERROR_STARTING, CORM_ERROR_AUTHENTICATION,
                        0) };
    corm_error_info error;
    assert_int_equal(run(&w, (corm_wait_options){ 0 }, &error), 0);
    assert_int_equal(w.tries, 4);
}

static void test_wait__retry_auth_waits_for_a_role(void **state) {
    (void)state;
    int a = CORM_ERROR_AUTHENTICATION;
    corm_error_info error;
    world made = { ANSWERS(a, a, a, a, 0) };
    assert_int_equal(run(&made, (corm_wait_options){ .retry_auth = 20 }, &error), 0);
    assert_int_equal(made.tries, 5);
    world never = { ANSWERS(a) };
    assert_int_equal(run(&never, (corm_wait_options){ .retry_auth = 20 }, &error), a);
    assert_true(never.now - 1000 >= 20 && never.now - 1000 < 23);
}

static void test_wait__ends_at_the_deadline_with_the_last_reason(void **state) {
    (void)state;
    world w = { ANSWERS(CORM_ERROR_CONNECTION, CORM_ERROR_STARTING),
                .message = "what was wrong last" };
    corm_error_info error;
    assert_int_equal(run(&w, (corm_wait_options){ .timeout = 5 }, &error), CORM_ERROR_TIMEOUT);
    assert_true(w.now - 1000 >= 5 && w.now - 1000 < 5.001);
    assert_true(strstr(error.message, "what was wrong last") != NULL);
    assert_true(strstr(error.message, "5 s") != NULL);
    assert_int_equal(w.last.exit_status, 124);
    assert_int_equal(w.failed, 1);
}

static void test_wait__waits_for_ever_without_a_timeout(void **state) {
    (void)state;
    static int answers[901];
    for (int i = 0; i < 900; i++) answers[i] = CORM_ERROR_CONNECTION;
    world w = { .answers = answers, .n_answers = 901 };
    corm_error_info error;
    w.now = 1000;
    corm_wait_options options = {
        .timeout = 0, .context = &w, .check = check, .clock = now, .sleep = nap
    };
    assert_int_equal(corm_wait_for_db(NULL, &options, &error), 0);
    assert_true(w.now - 1000 > 300);
}

static void test_wait__tells_the_state_every_ten_seconds_and_hints_at_the_host(void **state) {
    (void)state;
    world w = { ANSWERS(CORM_ERROR_CONNECTION) };
    corm_error_info error;
    run(&w, (corm_wait_options){ .timeout = 35 }, &error);
    assert_int_equal(w.waiting, 4); /* at once, and after 10, 20 and 30 s */
    assert_true(strstr(w.last_hint, "host name") != NULL);
}

static void test_wait__fatal_errors_end_it_at_once(void **state) {
    (void)state;
    const struct { int status, exit_status;
    } fatal[] = {
        { CORM_ERROR_TLS, 76 },        { CORM_ERROR_PROTOCOL, 76 },    { CORM_ERROR_SETTINGS, 78 },
        { CORM_ERROR_PERMISSION, 77 }, { CORM_ERROR_UNSUPPORTED, 69 },
    };
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) {
        world w = { .answers = &fatal[i].status, .n_answers = 1 };
        corm_error_info error;
        assert_int_equal(run(&w, (corm_wait_options){ 0 }, &error), fatal[i].status);
        assert_int_equal(w.tries, 1);
        assert_int_equal(w.last.exit_status, fatal[i].exit_status);
        assert_int_equal(corm_wait_exit_status(fatal[i].status), fatal[i].exit_status);
    }
}

static void test_wait__missing_database(void **state) {
    (void)state;
    corm_error_info error;
    int n = CORM_ERROR_NO_DATABASE;
    world made = { ANSWERS(n, n, 0) }, fail = { ANSWERS(n) }, ok = { ANSWERS(n) };
    assert_int_equal(run(&made, (corm_wait_options){ 0 }, &error), 0);
    assert_int_equal(made.tries, 3);
    assert_int_equal(run(&fail, (corm_wait_options){ .missing_db = CORM_MISSING_DB_FAIL }, &error),
                     n);
    assert_int_equal(fail.tries, 1);
    assert_true(fail.last_hint[0]);
    assert_int_equal(run(&ok, (corm_wait_options){ .missing_db = CORM_MISSING_DB_OK }, &error), 0);
}

static void test_wait__for_migrations(void **state) {
    (void)state;
    corm_error_info error;
    world w = { ANSWERS(0), .migrated_after = 3 };
    assert_int_equal(
        run(&w, (corm_wait_options){ .require = CORM_REQUIRE_MIGRATED, .migrated = migrated },
            &error),
        0);
    assert_int_equal(w.migrated_calls, 4);
    for (int i = 0; i < 3; i++) assert_true(w.slept[i] >= 0.1 && w.slept[i] <= 0.5);
    assert_int_equal(w.last_error.status, CORM_ERROR_STARTING);
}

static void test_wait__cancelled_in_a_pause(void **state) {
    (void)state;
    corm_error_info error;
    world w = { ANSWERS(CORM_ERROR_CONNECTION), .cancel_at = 7 };
    assert_int_equal(pipe(w.cancel_pipe), 0);
    assert_int_equal(run(&w, (corm_wait_options){ .cancel_fd = w.cancel_pipe[0] }, &error),
                     CORM_ERROR_CANCELLED);
    assert_int_equal(w.tries, 7);
    close(w.cancel_pipe[0]);
    close(w.cancel_pipe[1]);
}

/* --- the real check, on SQLite --- */

static int wait_for(const char *url_setting, corm_missing_db missing, corm_error_info *error) {
    corm_settings *settings = fixture_settings((const char *const[]){ url_setting, NULL });
    int status = corm_wait_for_db(
        settings, &(corm_wait_options){ .timeout = 5, .missing_db = missing }, error);
    corm_settings_free(settings);
    return status;
}

static void test_wait__sqlite_is_never_created_by_looking(void **state) {
    (void)state;
    char folder[] = "/tmp/corm-wait-XXXXXX", setting[128], path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/db.sqlite3", folder);
    snprintf(setting, sizeof setting, "DATABASE_URL=sqlite:///%s", path);
    corm_error_info error;
    assert_int_equal(wait_for(setting, CORM_MISSING_DB_WAIT, &error), 0);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(wait_for(setting, CORM_MISSING_DB_FAIL, &error), CORM_ERROR_NO_DATABASE);
    assert_non_null(strstr(error.message, path));
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(wait_for(setting, CORM_MISSING_DB_CREATE, &error), 0);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(wait_for(setting, CORM_MISSING_DB_FAIL, &error), 0);
    unlink(path);
    rmdir(folder);
}

static void test_wait__sqlite_says_what_can_never_be_ready(void **state) {
    (void)state;
    corm_error_info error;
    assert_int_equal(wait_for("DATABASE_URL=sqlite:////tmp/corm-wait-no-such-folder/db.sqlite3",
                              CORM_MISSING_DB_WAIT, &error),
                     CORM_ERROR_IO);
    assert_non_null(strstr(error.message, "/tmp/corm-wait-no-such-folder/db.sqlite3"));
    char path[] = "/tmp/corm-wait-XXXXXX", setting[64];
    int fd = mkstemp(path);
    assert_int_equal(write(fd,
                           "This is not a database, but it is long enough to have the header of "
                           "one: 100 bytes at least, as the format says.",
                           110),
                     110);
    close(fd);
    snprintf(setting, sizeof setting, "DATABASE_URL=sqlite:///%s", path);
    assert_int_equal(wait_for(setting, CORM_MISSING_DB_WAIT, &error), CORM_ERROR_CORRUPT);
    assert_non_null(strstr(error.message, path));
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait__ready_at_once_does_not_sleep),
        cmocka_unit_test(test_wait__ready_after_five_refusals),
        cmocka_unit_test(test_wait__what_no_waiting_mends_ends_it),
        cmocka_unit_test(test_wait__the_last_message_is_the_cause),
        cmocka_unit_test(test_wait__pauses_a_fiftieth_of_the_time_waited),
        cmocka_unit_test(test_wait__backs_off_to_two_seconds_when_a_try_is_not_cheap),
        cmocka_unit_test(test_wait__a_slow_refusal_is_not_cheap),
        cmocka_unit_test(test_wait__wrong_password_is_fatal_after_two_tries),
        cmocka_unit_test(test_wait__a_password_refused_once_while_starting_is_not_fatal),
        cmocka_unit_test(test_wait__retry_auth_waits_for_a_role),
        cmocka_unit_test(test_wait__ends_at_the_deadline_with_the_last_reason),
        cmocka_unit_test(test_wait__waits_for_ever_without_a_timeout),
        cmocka_unit_test(test_wait__tells_the_state_every_ten_seconds_and_hints_at_the_host),
        cmocka_unit_test(test_wait__fatal_errors_end_it_at_once),
        cmocka_unit_test(test_wait__missing_database),
        cmocka_unit_test(test_wait__for_migrations),
        cmocka_unit_test(test_wait__cancelled_in_a_pause),
        cmocka_unit_test(test_wait__sqlite_is_never_created_by_looking),
        cmocka_unit_test(test_wait__sqlite_says_what_can_never_be_ready),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
