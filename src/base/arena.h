/* Arena: memory that is given back all at once. Blocks grow by doubling from 4 KiB up to 1 MiB; a
 * large request gets a block of its own. */
#pragma once
#include <stdarg.h>
#include <stddef.h>

typedef struct corm_arena_block corm_arena_block;
typedef struct corm_arena {
    corm_arena_block *blocks;
    char *next, *end;       /* free room in the newest block */
    size_t block_size;      /* of the next block; 0: the default */
} corm_arena;

/* An arena that is all zero bytes is empty and ready. release gives everything back and leaves it
 * so. */
void corm__arena_release(corm_arena *arena);
/* Empties it and keeps its newest block, so that what fits there allocates nothing. */
void corm__arena_reset(corm_arena *arena);
/* Uninitialised / zeroed memory aligned for any type. NULL when memory is out. size 0 gives a valid
 * pointer. */
void *corm__arena_alloc(corm_arena *arena, size_t size);
void *corm__arena_zalloc(corm_arena *arena, size_t size);
/* n × size, zeroed, checked for overflow. */
void *corm__arena_array(corm_arena *arena, size_t n, size_t size);
/* size bytes with no alignment, for text and blobs. */
char *corm__arena_bytes(corm_arena *arena, size_t size);
/* Copies; NULL for NULL, and when memory is out. The copy is NUL-terminated. */
char *corm__arena_strdup(corm_arena *arena, const char *text);
char *corm__arena_strndup(corm_arena *arena, const char *text, size_t length);
char *corm__arena_printf(corm_arena *arena, const char *format,
                         ...) __attribute__((format(printf, 2, 3)));
