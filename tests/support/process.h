/* Programs that a test runs: the corm tool, a project's manage. */
#pragma once
#include <stdbool.h>

typedef struct test_result {
    int status;             /* the exit status; 128 + number when a signal ended it */
    double seconds, cpu;    /* from start to end; of the processor */
    char *out, *err;        /* what it printed */
} test_result;
typedef struct test_process test_process;

/* Seconds in which something that is to happen at once has happened on the busiest machine. What it
 * must not wait for takes longer than this. */
enum { TEST_AT_ONCE = 30 };

/* Starts arguments[0] with these arguments (ends with NULL). Its environment is the test's without
 * settings of databases, and environment ("NAME=value", ends with NULL; may be NULL) on top; its
 * working directory is folder (NULL: an empty one). */
test_process *test_process_start(const char *folder, const char *const *environment,
                                 const char *const *arguments);
void test_process_signal(test_process *process, int number);
/* Waits until it has printed the text, on either output. Fails the test when it ends before. */
void test_process_until(test_process *process, const char *text);
/* Waits until it ends, and frees process. */
test_result test_process_end(test_process *process);
void test_result_free(test_result *result);
