/* Rows in memory. A result is one piece of malloc'ed memory: an arena, a head with the number of
 * rows, the rows. Strings and joined rows are in the arena. While it is filled it grows by
 * doubling, so nothing is allocated per row. A result of few rows, whose number is known before,
 * never grows; its arena begins in the same piece, so a lookup by key is one malloc. */
#include "query/query.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROWS = 32, FEW_ROWS = 64, INLINE_BYTES = 1024 };
static const uint64_t tag_result = 0x636f726d726f7773, tag_member = 0x636f726d6d656d62;
_Static_assert(offsetof(corm_result, head) + sizeof(corm_rows_head) == sizeof(corm_result),
               "the head lies right before the rows");
_Static_assert(sizeof(corm_rows_head) % _Alignof(max_align_t) == 0, "rows are aligned");

static size_t room_for(size_t size, size_t capacity, size_t extra) {
    if (size && capacity > (SIZE_MAX / 2 - sizeof(corm_result) - extra) / size) return 0;
    return sizeof(corm_result) + capacity * size + extra;
}

int corm__rows_begin(corm_rows *rows, size_t size, size_t limit) {
    *rows = (corm_rows){ .size = size };
    rows->fixed = limit > 0 && limit <= FEW_ROWS;
    rows->capacity = rows->fixed ? limit : FIRST_ROWS;
    size_t extra = rows->fixed ? INLINE_BYTES : 0, room = room_for(size, rows->capacity, extra);
    rows->result = room ? malloc(room) : NULL;
    if (!rows->result) return CORM_ERROR_MEMORY;
    rows->result->arena = (corm_arena){ 0 };
    rows->result->head = (corm_rows_head){ 0, tag_result, -1, 0 };
    if (rows->fixed) {
        rows->result->arena.next = corm__rows_data(rows) + rows->capacity * size;
        rows->result->arena.end = rows->result->arena.next + extra;
    }
    return CORM_OK;
}

void *corm__rows_next(corm_rows *rows) {
    if (rows->length == rows->capacity) {
        if (rows->fixed) return NULL;
        size_t room = room_for(rows->size, rows->capacity * 2, 0);
        corm_result *result = room ? realloc(rows->result, room) : NULL;
        if (!result) return NULL;
        rows->result = result;
        rows->capacity *= 2;
    }
    return memset(corm__rows_data(rows) + rows->length * rows->size, 0, rows->size);
}

void *corm__rows_end(corm_rows *rows) {
    rows->result->head.length = rows->length;
    return corm__rows_data(rows);
}

void corm__rows_drop(corm_rows *rows) {
    if (!rows->result) return;
    corm__arena_release(&rows->result->arena);
    free(rows->result);
    rows->result = NULL;
}

void *corm__rows_member(corm_arena *arena, size_t size, size_t n) {
    if (size && n > (SIZE_MAX / 2) / size) return NULL;
    corm_rows_head *head = corm__arena_alloc(arena, sizeof *head + n * size);
    if (!head) return NULL;
    *head = (corm_rows_head){ n, tag_member, -1, 0 };
    return head + 1;
}

size_t corm_len(const void *rows) { return rows ? ((const corm_rows_head *)rows - 1)->length : 0; }

int64_t corm_count_of(const void *rows) {
    return rows ? ((const corm_rows_head *)rows - 1)->count : -1;
}

void corm_free(const void *rows) {
    if (!rows) return;
    corm_result *result = (corm_result *)(uintptr_t)rows - 1;
    if (result->head.tag != tag_result) return; /* a to-many member: its result owns it */
    corm__arena_release(&result->arena);
    result->head.tag = 0;
    free(result);
}
