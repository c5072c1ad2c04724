#include "torture.h"
#include "base/arena.h"
#include <execinfo.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t length);

static bool counting;
static long left; /* allocations until the one that fails; 0: it has failed; negative: never */
static long made;

/* What is allocated and not yet given back: a set of pointers, so that memory of others which corm
 * frees is not mistaken. */
enum { SLOTS = 1 << 17 };
static void *live[SLOTS];
static size_t n_live;

static size_t slot_of(const void *memory) {
    size_t slot = ((uintptr_t)memory >> 4) * 0x9E3779B97F4A7C15u >> 47;
    while (live[slot] && live[slot] != memory) slot = (slot + 1) % SLOTS;
    return slot;
}

static void add(void *memory) {
    if (!memory || !counting) return;
    assert_true(n_live < SLOTS / 2);
    live[slot_of(memory)] = memory;
    n_live++;
}

static void forget(const void *memory) {
    size_t hole = slot_of(memory);
    if (!memory || !live[hole]) return;
    live[hole] = NULL;
    n_live--;
    for (size_t slot = (hole + 1) % SLOTS; live[slot];
         slot = (slot + 1) % SLOTS) { /* close the gap of linear probing */
        void *moved = live[slot];
        live[slot] = NULL;
        live[slot_of(moved)] = moved;
    }
}

/* Where the allocation that failed last was asked for. */
static void *failed_at[16];
static int failed_depth;

static bool fails(void) {
    if (!counting) return false;
    made++;
    if (left <= 0 || --left > 0) return false;
    failed_depth = backtrace(failed_at, 16);
    return true;
}

void *__wrap_malloc(size_t size) {
    void *memory = fails() ? NULL : __real_malloc(size);
    add(memory);
    return memory;
}

void *__wrap_calloc(size_t n, size_t size) {
    void *memory = fails() ? NULL : __real_calloc(n, size);
    add(memory);
    return memory;
}

void *__wrap_realloc(void *memory, size_t size) {
    if (fails()) return NULL;
    forget(memory);
    void *moved = __real_realloc(memory, size);
    add(moved);
    return moved;
}

void __wrap_free(void *memory) {
    forget(memory);
    __real_free(memory);
}

char *__wrap_strndup(const char *text, size_t length) {
    length = strnlen(text, length);
    char *copy = __wrap_malloc(length + 1);
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

char *__wrap_strdup(const char *text) { return __wrap_strndup(text, strlen(text)); }

/* An arena asks for memory block by block; here each piece that is asked of it can fail. */
#define ARENA(type, name, declared, passed)                                                        \
    type __real_corm__arena_##name declared;                                                       \
    type __wrap_corm__arena_##name declared;                                                       \
    type __wrap_corm__arena_##name declared {                                                      \
        return fails() ? NULL : __real_corm__arena_##name passed;                                  \
    }
ARENA(void *, alloc, (corm_arena * arena, size_t size), (arena, size))
ARENA(void *, zalloc, (corm_arena * arena, size_t size), (arena, size))
ARENA(void *, array, (corm_arena * arena, size_t n, size_t size), (arena, n, size))
ARENA(char *, bytes, (corm_arena * arena, size_t size), (arena, size))
ARENA(char *, strdup, (corm_arena * arena, const char *text), (arena, text))
ARENA(char *, strndup, (corm_arena * arena, const char *text, size_t length), (arena, text, length))

/* What the run without failure has made. */
static char result[1 << 16];
static bool has_result;

void torture_result(const char *text) {
    if (has_result) {
        if (strcmp(text, result) == 0) return;
        backtrace_symbols_fd(failed_at, failed_depth, 2);
        fail_msg("allocation %ld fails, and it succeeds with another result:\n%s\nnot:\n%s", made,
                 text, result);
    }
    assert_true(strlen(text) < sizeof result);
    strcpy(result, text);
    has_result = true;
}

static int run(int (*scenario)(corm_error_info *), long fail_at, corm_error_info *error) {
    memset(error, 0, sizeof *error);
    left = fail_at ? fail_at : -1;
    made = 0;
    counting = true;
    int status = scenario(error);
    counting = false;
    return status;
}

void torture(int (*scenario)(corm_error_info *error)) {
    corm_error_info error;
    has_result = false;
    int status = run(scenario, 0, &error);
    if (status != 0)
        fail_msg("without any failure: %s: %s", corm_status_name(status), error.message);
    if (n_live) fail_msg("without any failure: %zu allocations are not given back", n_live);
    if (made == 0) fail_msg("the scenario allocates nothing: is the wrapping gone?");
    for (long n = 1;; n++) {
        status = run(scenario, n, &error);
        if (n_live || (status != 0 && status != CORM_ERROR_MEMORY))
            backtrace_symbols_fd(failed_at, failed_depth, 2); /* for addr2line */
        if (n_live) fail_msg("allocation %ld fails: %zu allocations are not given back", n, n_live);
        if (status != 0 && status != CORM_ERROR_MEMORY)
            fail_msg("allocation %ld fails: %s: %s", n, corm_status_name(status), error.message);
        if (left != 0) { /* none was left to fail: everything before has been tried */
            if (status != 0) fail_msg("nothing failed, and yet: %s", error.message);
            print_message("%ld allocations failed in turn\n", n - 1);
            return;
        }
    }
}
