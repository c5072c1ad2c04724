#include "base/map.h"
#include <corm/status.h>
#include <stdlib.h>
#include <string.h>

/* A removed entry keeps a non-NULL key with value NULL, so that a search goes on past it. */

void corm__map_release(corm_map *map) {
    free(map->entries);
    *map = (corm_map){ 0 };
}

uint64_t corm__hash(const void *data, size_t length) {
    const unsigned char *p = data;
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ p[i]) * 1099511628211u;
    return hash;
}

static corm_map_entry *find(const corm_map *map, const void *key, size_t length, uint64_t hash) {
    if (!map->capacity) return NULL;
    for (size_t i = hash & (map->capacity - 1);; i = (i + 1) & (map->capacity - 1)) {
        corm_map_entry *entry = &map->entries[i];
        if (!entry->key) return NULL;
        if (entry->value && entry->hash == hash && entry->length == length &&
            memcmp(entry->key, key, length) == 0)
            return entry;
    }
}

static void place(corm_map_entry *entries, size_t capacity, corm_map_entry entry) {
    size_t i = entry.hash & (capacity - 1);
    while (entries[i].key) i = (i + 1) & (capacity - 1);
    entries[i] = entry;
}

static int grow(corm_map *map) {
    size_t capacity = 16;
    while (capacity < (map->count + 1) * 2) capacity *= 2;
    corm_map_entry *entries = calloc(capacity, sizeof *entries);
    if (!entries) return CORM_ERROR_MEMORY;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->entries[i].value) place(entries, capacity, map->entries[i]);
    free(map->entries);
    map->entries = entries;
    map->capacity = capacity;
    map->used = map->count;
    return 0;
}

void *corm__map_get_bytes(const corm_map *map, const void *key, size_t length) {
    corm_map_entry *entry = find(map, key, length, corm__hash(key, length));
    return entry ? entry->value : NULL;
}

void *corm__map_get(const corm_map *map, const char *key) {
    return corm__map_get_bytes(map, key, strlen(key));
}

int corm__map_set_bytes(corm_map *map, const void *key, size_t length, void *value) {
    uint64_t hash = corm__hash(key, length);
    corm_map_entry *entry = find(map, key, length, hash);
    if (entry) {
        entry->key = key;
        entry->value = value;
        return 0;
    }
    if ((map->used + 1) * 4 > map->capacity * 3 && grow(map)) return CORM_ERROR_MEMORY;
    place(map->entries, map->capacity, (corm_map_entry){ key, length, hash, value });
    map->count++;
    map->used++;
    return 0;
}

int corm__map_set(corm_map *map, const char *key, void *value) {
    return corm__map_set_bytes(map, key, strlen(key), value);
}

void *corm__map_remove_bytes(corm_map *map, const void *key, size_t length) {
    corm_map_entry *entry = find(map, key, length, corm__hash(key, length));
    if (!entry) return NULL;
    void *value = entry->value;
    entry->value = NULL;
    entry->key = "";
    map->count--;
    return value;
}

void *corm__map_remove(corm_map *map, const char *key) {
    return corm__map_remove_bytes(map, key, strlen(key));
}

const corm_map_entry *corm__map_next(const corm_map *map, size_t *position) {
    while (*position < map->capacity) {
        const corm_map_entry *entry = &map->entries[(*position)++];
        if (entry->value) return entry;
    }
    return NULL;
}
