/* Subdivisions refer to countries by code, and to each other: a region has departments, and they
 * may have parts again. A parent must have its id before its parts are inserted, so they go in
 * level by level: first those without a parent, then their parts, and so on. */
#include "atlas/loader.h"
#include "atlas/models.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const size_t NO_PARENT = SIZE_MAX;

typedef struct place {
    const char *code, *name, *type, *parent_code;
    int64_t country_id, id;     /* id: once inserted */
    size_t parent, level;
} place;

static int compare_countries(const void *a, const void *b) {
    return strcmp(((const Country *)a)->alpha_2, ((const Country *)b)->alpha_2);
}
static int compare_places(const void *a, const void *b) {
    return strcmp(((const place *)a)->code, ((const place *)b)->code);
}

static bool read_place(loader *l, const json_t *entry, const Country *countries, place *out) {
    if (!load_text(l, entry, "code", 10, &out->code) ||
        !load_text(l, entry, "name", 100, &out->name) ||
        !load_text(l, entry, "type", 60, &out->type) ||
        !load_text_or_null(l, entry, "parent", 10, &out->parent_code) ||
        !load_once(l, "code", out->code))
        return false;
    char alpha_2[3];
    snprintf(alpha_2, sizeof alpha_2, "%s", out->code);
    const Country key = { .alpha_2 = alpha_2 },
                  *country = bsearch(&key, countries, corm_len(countries), sizeof key,
                                     compare_countries);
    if (!country) {
        odd_note(&l->odd, ODD_NO_COUNTRY, out->code);
        return false;
    }
    out->country_id = country->id;
    return true;
}

/* A parent is written as a full code or without the country: "IDF" under "FR-75" is "FR-IDF". */
static size_t find_parent(loader *l, const place *places, size_t n, const place *child) {
    if (!child->parent_code) return NO_PARENT;
    char full[16];
    const place key = { .code = full };
    snprintf(full, sizeof full, "%s", child->parent_code);
    const place *found = bsearch(&key, places, n, sizeof key, compare_places);
    if (!found) {
        snprintf(full, sizeof full, "%.2s-%s", child->code, child->parent_code);
        found = bsearch(&key, places, n, sizeof key, compare_places);
    }
    if (found) return (size_t)(found - places);
    snprintf(full, sizeof full, "%s", child->code);
    odd_note(&l->odd, ODD_NO_PARENT, full);
    return NO_PARENT;
}

/* Opens every circle at its first member, so that each way up ends. */
static void open_circles(loader *l, place *places, size_t n) {
    for (size_t i = 0; i < n; i++) {
        size_t up = places[i].parent;
        for (size_t steps = 0; up != NO_PARENT && up != i && steps < n; steps++)
            up = places[up].parent;
        if (up != i) continue;
        odd_note(&l->odd, ODD_CIRCLE, places[i].code);
        places[i].parent = NO_PARENT;
    }
}

static size_t set_levels(place *places, size_t n) {
    size_t levels = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t up = places[i].parent; up != NO_PARENT; up = places[up].parent)
            places[i].level++;
        if (places[i].level >= levels) levels = places[i].level + 1;
    }
    return levels;
}

static bool insert_level(loader *l, place *places, size_t n, size_t level, Subdivision *rows) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        const place *p = &places[i];
        if (p->level != level) continue;
        Subdivision *row = &rows[count++];
        *row = corm_defaults(Subdivisions);
        row->code = p->code;
        row->name = p->name;
        row->type = p->type;
        row->country_id = p->country_id;
        if (p->parent != NO_PARENT)
            row->parent_id = (corm_optional_bigint)CORM_SOME(places[p->parent].id);
    }
    if (corm_insert_many(l->db, Subdivisions, rows, count)) return load_failed_db(l);
    for (size_t i = 0, row = 0; i < n; i++)
        if (places[i].level == level) places[i].id = rows[row++].id;
    return true;
}

static bool insert_places(loader *l, const json_t *list, Country *countries, place *places,
                          Subdivision *rows) {
    /* The database's order may be a dictionary's; bsearch needs that of strcmp. */
    qsort(countries, corm_len(countries), sizeof *countries, compare_countries);
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (read_place(l, json_array_get(list, i), countries, &places[n])) n++;
    qsort(places, n, sizeof *places, compare_places);
    for (size_t i = 0; i < n; i++) places[i].parent = find_parent(l, places, n, &places[i]);
    open_circles(l, places, n);
    size_t levels = set_levels(places, n);
    for (size_t level = 0; level < levels; level++)
        if (!insert_level(l, places, n, level, rows)) return false;
    return load_done(l, "Subdivisions", n);
}

bool load_subdivisions(loader *l) {
    json_t *list = load_list(l, "3166-2");
    if (!list) return false;
    size_t total = json_array_size(list) + 1;
    Country *countries = corm_all(l->db, Countries);
    place *places = calloc(total, sizeof *places);
    Subdivision *rows = calloc(total, sizeof *rows);
    bool ok = !countries          ? load_failed_db(l)
              : !places || !rows ? load_failed(l, "subdivisions", strerror(ENOMEM))
                                 : insert_places(l, list, countries, places, rows);
    free(rows);
    free(places);
    corm_free(countries);
    json_decref(list);
    return ok;
}
