#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "base/arena.h"

enum { LARGE = 1 << 20, PIECES = 1000 };

/* Sizes around those of the blocks, which double from 4 KiB to 1 MiB, and many small ones. */
static size_t size_of(size_t i) {
    static const size_t edges[] = { 0,    1,    15,    16,    17,        2047,  2048,     2049,
                                    4095, 4096, 4097,  65536, LARGE / 2, LARGE, LARGE + 1 };
    return i % 7 ? i % 97 : edges[i / 7 % (sizeof edges / sizeof *edges)];
}

/* Pieces that are whole, aligned, and nobody else's: also while others are taken. */
static void fill(corm_arena *arena, size_t n) {
    static unsigned char *pieces[PIECES];
    assert_true(n <= PIECES);
    for (size_t i = 0; i < n; i++) {
        size_t size = size_of(i);
        bool aligned = i % 3 != 1;
        pieces[i] = i % 3 == 0   ? corm__arena_alloc(arena, size)
                    : i % 3 == 1 ? (unsigned char *)corm__arena_bytes(arena, size)
                                 : corm__arena_zalloc(arena, size);
        assert_non_null(pieces[i]);
        if (aligned) assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        for (size_t k = 0; i % 3 == 2 && k < size; k++) assert_int_equal(pieces[i][k], 0);
        memset(pieces[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < size_of(i); k++)
            if (pieces[i][k] != i % 251) fail_msg("piece %zu, byte %zu", i, k);
}

static void test_arena__pieces_do_not_meet(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    fill(&arena, PIECES);
    corm__arena_release(&arena);
    assert_null(arena.blocks);
    fill(&arena, 10);
    corm__arena_release(&arena);
    corm__arena_release(&arena);
}

static void test_arena__is_used_again_after_a_reset(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    corm__arena_reset(&arena);
    for (size_t n = 1; n <= PIECES; n *= 3) {
        fill(&arena, n);
        corm__arena_reset(&arena);
        corm__arena_reset(&arena);
    }
    /* What fits into the block that is kept takes no memory. */
    const corm_arena_block *kept = arena.blocks;
    size_t room = (size_t)(arena.end - arena.next);
    assert_true(room >= LARGE / 2);
    assert_non_null(corm__arena_bytes(&arena, room));
    assert_ptr_equal(arena.next, arena.end);
    assert_ptr_equal(arena.blocks, kept);
    assert_non_null(corm__arena_bytes(&arena, 1));
    assert_ptr_not_equal(arena.blocks, kept);
    corm__arena_release(&arena);
}

/* A large piece stands apart: the free room of the block before it is not lost. */
static void test_arena__large_pieces_leave_the_rest_in_use(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    char *first = corm__arena_bytes(&arena, 100);
    assert_non_null(corm__arena_bytes(&arena, LARGE));
    assert_ptr_equal(corm__arena_bytes(&arena, 100), first + 100);
    corm__arena_release(&arena);
}

static void test_arena__texts_are_copied(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    char text[] = "text";
    const char *copy = corm__arena_strdup(&arena, text);
    const char *part = corm__arena_strndup(&arena, text, 2);
    const char *printed = corm__arena_printf(&arena, "%s %d", text, 7);
    memset(text, '?', 4);
    assert_string_equal(copy, "text");
    assert_string_equal(part, "te");
    assert_string_equal(printed, "text 7");
    assert_null(corm__arena_strdup(&arena, NULL));
    assert_null(corm__arena_strndup(&arena, NULL, 3));
    assert_string_equal(corm__arena_strndup(&arena, "x", 0), "");
    corm__arena_release(&arena);
}

static void test_arena__sizes_that_overflow_are_refused(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 8, SIZE_MAX - 4096 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_null(corm__arena_alloc(&arena, sizes[i]));
        assert_null(corm__arena_array(&arena, sizes[i], 8));
        assert_null(corm__arena_array(&arena, sizes[i] / 8 + 1, 8));
        assert_non_null(corm__arena_bytes(&arena, 3)); /* no longer aligned */
        assert_null(corm__arena_bytes(&arena, sizes[i]));
    }
    assert_non_null(corm__arena_array(&arena, 0, 8));
    assert_non_null(corm__arena_array(&arena, SIZE_MAX, 0));
    corm__arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena__pieces_do_not_meet),
        cmocka_unit_test(test_arena__is_used_again_after_a_reset),
        cmocka_unit_test(test_arena__large_pieces_leave_the_rest_in_use),
        cmocka_unit_test(test_arena__texts_are_copied),
        cmocka_unit_test(test_arena__sizes_that_overflow_are_refused),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
