#include "base/buffer.h"
#include "base/real.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void corm__buffer_release(corm_buffer *buffer) {
    free(buffer->data);
    *buffer = (corm_buffer){ 0 };
}

void corm__buffer_reset(corm_buffer *buffer) {
    buffer->length = 0;
    buffer->broken = false;
    if (buffer->data) buffer->data[0] = 0;
}

bool corm__buffer_broken(const corm_buffer *buffer) { return buffer->broken; }

const char *corm__buffer_text(const corm_buffer *buffer) {
    if (buffer->broken || !buffer->data) return "";
    buffer->data[buffer->length] = 0; /* reserve may have left it open */
    return buffer->data;
}

char *corm__buffer_detach(corm_buffer *buffer) {
    char *text = NULL;
    if (!buffer->broken && corm__buffer_reserve(buffer, 0)) {
        text = buffer->data;
        text[buffer->length] = 0;
        buffer->data = NULL;
    }
    corm__buffer_release(buffer);
    return text;
}

char *corm__buffer_copy(const corm_buffer *buffer, corm_arena *arena) {
    return buffer->broken
               ? NULL
               : corm__arena_strndup(arena, buffer->length ? buffer->data : "", buffer->length);
}

char *corm__buffer_reserve(corm_buffer *buffer, size_t size) {
    if (buffer->broken) return NULL;
    if (size >= SIZE_MAX / 2 - buffer->length) {
        buffer->broken = true;
        return NULL;
    }
    size_t needed = buffer->length + size + 1;
    if (needed > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity * 2 : 256;
        while (capacity < needed) capacity *= 2;
        char *data = realloc(buffer->data, capacity);
        if (!data) {
            buffer->broken = true;
            return NULL;
        }
        buffer->data = data;
        buffer->capacity = capacity;
    }
    return buffer->data + buffer->length;
}

void corm__buffer_add(corm_buffer *buffer, const void *data, size_t size) {
    char *p = corm__buffer_reserve(buffer, size);
    if (!p) return;
    if (size) memcpy(p, data, size);
    p[size] = 0;
    buffer->length += size;
}

void corm__buffer_append(corm_buffer *buffer, const corm_buffer *other) {
    if (other->broken)
        buffer->broken = true;
    else
        corm__buffer_add(buffer, other->data, other->length);
}

void corm__buffer_puts(corm_buffer *buffer, const char *text) {
    corm__buffer_add(buffer, text, strlen(text));
}

void corm__buffer_putc(corm_buffer *buffer, char c) { corm__buffer_add(buffer, &c, 1); }

void corm__buffer_vprintf(corm_buffer *buffer, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = corm__vformat(NULL, 0, format, arguments);
    char *p = length < 0 ? NULL : corm__buffer_reserve(buffer, (size_t)length);
    if (p) {
        corm__vformat(p, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    } else {
        buffer->broken = true;
    }
    va_end(again);
}

void corm__buffer_printf(corm_buffer *buffer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    corm__buffer_vprintf(buffer, format, arguments);
    va_end(arguments);
}
