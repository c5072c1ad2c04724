#include "atlas/catalogue.h"
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t number_at(const catalogue *c, size_t offset) {
    uint32_t n;
    memcpy(&n, c->data + offset, sizeof n);
    return c->swapped ? __builtin_bswap32(n) : n;
}

/* The n-th text of a table of (length, offset) pairs; NULL when the file lies. */
static const char *text_at(const catalogue *c, size_t table, size_t n) {
    size_t length = number_at(c, table + n * 8), offset = number_at(c, table + n * 8 + 4);
    if (offset >= c->size || length >= c->size - offset || c->data[offset + length] != 0)
        return NULL;
    return (const char *)c->data + offset;
}

int catalogue_open(catalogue *c, const char *path) {
    *c = (catalogue){ 0 };
    errno = 0;
    FILE *file = fopen(path, "rb");
    if (!file) return -1;
    char chunk[65536];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;) {
        unsigned char *larger = realloc(c->data, c->size + n);
        if (!larger) break;
        c->data = larger;
        memcpy(c->data + c->size, chunk, n);
        c->size += n;
    }
    if (ferror(file) || !feof(file)) {
        fclose(file);
        catalogue_close(c);
        return -1;
    }
    fclose(file);
    if (c->size >= 28) {
        uint32_t magic = number_at(c, 0);
        c->swapped = magic == 0xde120495;
        c->count = number_at(c, 8);
        c->originals = number_at(c, 12);
        c->translations = number_at(c, 16);
        if ((magic == 0x950412de || c->swapped) && c->count <= c->size / 8 &&
            c->originals <= c->size - c->count * 8 && c->translations <= c->size - c->count * 8)
            return 0;
    }
    catalogue_close(c);
    errno = 0;
    return -1;
}

const char *catalogue_find(const catalogue *c, const char *message) {
    size_t low = 0, high = c->count;    /* the originals are sorted */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *original = text_at(c, c->originals, middle);
        if (!original) return NULL;
        int order = strcmp(message, original);
        if (order == 0) {
            const char *translation = text_at(c, c->translations, middle);
            return translation && *translation ? translation : NULL;
        }
        if (order < 0) high = middle; else low = middle + 1;
    }
    return NULL;
}

void catalogue_close(catalogue *c) {
    free(c->data);
    *c = (catalogue){ 0 };
}
