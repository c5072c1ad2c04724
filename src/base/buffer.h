/* Buffer: text or bytes that grow. When memory is out it goes broken, stays so, and ignores what
 * follows: append as you like and check corm__buffer_broken once at the end. */
#pragma once
#include "base/arena.h"
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef struct corm_buffer {
    /* NUL-terminated when not NULL; use corm__buffer_text for a string that is never NULL */
    char *data;
    size_t length, capacity;
    bool broken;
} corm_buffer;

/* A buffer that is all zero bytes is empty and ready. */
void corm__buffer_release(corm_buffer *buffer);
/* Empties it, keeps its memory, mends it when it was broken. */
void corm__buffer_reset(corm_buffer *buffer);
bool corm__buffer_broken(const corm_buffer *buffer);
/* The text so far; "" when empty or broken. Valid until the next append. */
const char *corm__buffer_text(const corm_buffer *buffer);
/* The text copied into the arena, NUL-terminated; NULL when broken or memory is out. */
char *corm__buffer_copy(const corm_buffer *buffer, corm_arena *arena);
/* The text as malloc'ed memory that the caller frees, and the buffer empty again; NULL when
 * broken. */
char *corm__buffer_detach(corm_buffer *buffer);
void corm__buffer_add(corm_buffer *buffer, const void *data, size_t size);
/* Appends what other holds; buffer is broken when other is: a text cut short never becomes a part
 * of a whole one. */
void corm__buffer_append(corm_buffer *buffer, const corm_buffer *other);
void corm__buffer_puts(corm_buffer *buffer, const char *text);
void corm__buffer_putc(corm_buffer *buffer, char c);
void corm__buffer_printf(corm_buffer *buffer, const char *format,
                         ...) __attribute__((format(printf, 2, 3)));
void corm__buffer_vprintf(corm_buffer *buffer, const char *format, va_list arguments);
/* Room for size more bytes: a pointer to them, NULL when broken. Set buffer->length after
 * writing. */
char *corm__buffer_reserve(corm_buffer *buffer, size_t size);
