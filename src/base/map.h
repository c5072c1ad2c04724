/* Map: from byte strings to pointers. Open addressing, FNV-1a; keys are not copied and must outlive
 * the map. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct corm_map_entry {
    const void *key;
    size_t length;
    uint64_t hash;
    void *value;
} corm_map_entry;
typedef struct corm_map {
    corm_map_entry *entries;
    size_t count, used, capacity;   /* used counts removed entries too */
} corm_map;

/* A map that is all zero bytes is empty and ready. */
void corm__map_release(corm_map *map);
uint64_t corm__hash(const void *data, size_t length);
/* The value, or NULL. */
void *corm__map_get(const corm_map *map, const char *key);
void *corm__map_get_bytes(const corm_map *map, const void *key, size_t length);
/* Sets or replaces (also the key pointer). value must not be NULL. 0 or CORM_ERROR_MEMORY. */
int corm__map_set(corm_map *map, const char *key, void *value);
int corm__map_set_bytes(corm_map *map, const void *key, size_t length, void *value);
/* Removes and returns the value, NULL when it was not there. */
void *corm__map_remove(corm_map *map, const char *key);
void *corm__map_remove_bytes(corm_map *map, const void *key, size_t length);
/* Walks: start with *position = 0; NULL at the end. Not in the order of insertion. */
const corm_map_entry *corm__map_next(const corm_map *map, size_t *position);
