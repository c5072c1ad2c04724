#include "base/arena.h"
#include "base/real.h"
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };

struct corm_arena_block {
    corm_arena_block *older;
    alignas(max_align_t) char data[];
};

void corm__arena_release(corm_arena *arena) {
    for (corm_arena_block *block = arena->blocks, *older; block; block = older) {
        older = block->older;
        free(block);
    }
    *arena = (corm_arena){ 0 };
}

void corm__arena_reset(corm_arena *arena) {
    if (!arena->blocks) return;
    for (corm_arena_block *block = arena->blocks->older, *older; block; block = older) {
        older = block->older;
        free(block);
    }
    arena->blocks->older = NULL;
    arena->next = arena->blocks->data;
}

/* A block of its own goes behind the newest one, whose free room stays in use. */
static char *new_block(corm_arena *arena, size_t size) {
    size_t room = arena->block_size ? arena->block_size : FIRST_BLOCK;
    bool own = size > room / 2;
    if (size > SIZE_MAX - sizeof(corm_arena_block)) return NULL;
    corm_arena_block *block = malloc(sizeof *block + (own ? size : room));
    if (!block) return NULL;
    if (own && arena->blocks) {
        block->older = arena->blocks->older;
        arena->blocks->older = block;
        return block->data;
    }
    block->older = arena->blocks;
    arena->blocks = block;
    arena->next = block->data + size;
    arena->end = block->data + (own ? size : room);
    if (!own && room < LARGEST_BLOCK) arena->block_size = room * 2;
    return block->data;
}

char *corm__arena_bytes(corm_arena *arena, size_t size) {
    if (arena->next && size <= (size_t)(arena->end - arena->next)) {
        char *p = arena->next;
        arena->next += size;
        return p;
    }
    return new_block(arena, size);
}

void *corm__arena_alloc(corm_arena *arena, size_t size) {
    if (arena->next) {
        size_t pad = -(uintptr_t)arena->next & (alignof(max_align_t) - 1);
        size_t room = (size_t)(arena->end - arena->next);
        if (pad <= room && size <= room - pad) {
            char *p = arena->next + pad;
            arena->next = p + size;
            return p;
        }
    }
    return new_block(arena, size);
}

void *corm__arena_zalloc(corm_arena *arena, size_t size) {
    void *p = corm__arena_alloc(arena, size);
    return p ? memset(p, 0, size) : NULL;
}

void *corm__arena_array(corm_arena *arena, size_t n, size_t size) {
    if (size && n > SIZE_MAX / size) return NULL;
    return corm__arena_zalloc(arena, n * size);
}

char *corm__arena_strndup(corm_arena *arena, const char *text, size_t length) {
    if (!text) return NULL;
    char *p = corm__arena_bytes(arena, length + 1);
    if (!p) return NULL;
    memcpy(p, text, length);
    p[length] = 0;
    return p;
}

char *corm__arena_strdup(corm_arena *arena, const char *text) {
    return text ? corm__arena_strndup(arena, text, strlen(text)) : NULL;
}

char *corm__arena_printf(corm_arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = corm__vformat(NULL, 0, format, arguments);
    va_end(arguments);
    char *p = length < 0 ? NULL : corm__arena_bytes(arena, (size_t)length + 1);
    if (!p) return NULL;
    va_start(arguments, format);
    corm__vformat(p, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return p;
}
