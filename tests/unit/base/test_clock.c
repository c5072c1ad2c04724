#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/time.h>

#include "base/clock.h"

static void ignore(int signal) { (void)signal; }

static void test_sleep__is_not_cut_short_by_a_signal(void **state) {
    (void)state;
    struct sigaction action = { .sa_handler = ignore };
    struct itimerval timer = { .it_value = { .tv_usec = 5000 } };
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
    double start = corm__clock();
    corm__sleep(0.03);
    assert_true(corm__clock() - start >= 0.03);
}

static void test_sleep__returns_at_once_for_nothing(void **state) {
    (void)state;
    double start = corm__clock();
    corm__sleep(0);
    corm__sleep(-5);
    assert_true(corm__clock() - start < 1);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_sleep__is_not_cut_short_by_a_signal),
                                        cmocka_unit_test(test_sleep__returns_at_once_for_nothing) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
