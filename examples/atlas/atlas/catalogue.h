/* Reading a compiled gettext catalogue (GNU gettext manual, "The Format of GNU MO Files"). */
#pragma once
#include <stddef.h>

typedef struct catalogue {
    unsigned char *data;
    size_t size;
    size_t count;           /* messages */
    size_t originals, translations;   /* offsets of the two tables */
    int swapped;            /* written on a machine of the other byte order */
} catalogue;

/* Reads the file. 0; -1 when it cannot be read or is not a catalogue (errno says why, 0 for the
 * latter). */
int catalogue_open(catalogue *catalogue, const char *path);
/* The translation of a message, or NULL; lives as long as the catalogue. */
const char *catalogue_find(const catalogue *catalogue, const char *message);
void catalogue_close(catalogue *catalogue);
