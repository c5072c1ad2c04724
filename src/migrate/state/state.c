/* Tables by name. */
#include "migrate/state/step.h"
#include <stdlib.h>
#include <string.h>

int corm__state_init(corm_state *state, corm_arena *arena, const corm_schema *tables) {
    *state = (corm_state){ .arena = arena };
    size_t n = tables ? tables->n_tables : 0;
    state->capacity = n + 16;
    state->tables = corm__arena_array(arena, state->capacity, sizeof *state->tables);
    if (!state->tables) return CORM_ERROR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        state->tables[i] = tables->tables[i];
        if (corm__map_set(&state->positions, tables->tables[i].name, (void *)(uintptr_t)(i + 1))) {
            corm__state_release(state);
            return CORM_ERROR_MEMORY;
        }
    }
    state->n = n;
    return 0;
}

void corm__state_end_separate(corm_state *state) {
    if (!state->database) return;
    corm_state *database = state->database;
    state->database = NULL;
    corm__state_release(database);
    free(database);
}

void corm__state_release(corm_state *state) {
    corm__state_end_separate(state);
    corm__map_release(&state->positions);
    state->tables = NULL;
    state->n = state->capacity = 0;
}

const corm_table *corm__state_find(const corm_state *state, const char *name) {
    size_t position = name ? (size_t)(uintptr_t)corm__map_get(&state->positions, name) : 0;
    return position ? &state->tables[position - 1] : NULL;
}

corm_schema *corm__state_snapshot(const corm_state *state, corm_arena *arena) {
    corm_schema *schema = corm__arena_zalloc(arena, sizeof *schema);
    corm_table *tables = corm__arena_array(arena, state->n + 1, sizeof *tables);
    if (!schema || !tables) return NULL;
    if (state->n) memcpy(tables, state->tables, state->n * sizeof *tables);
    schema->tables = tables;
    schema->n_tables = state->n;
    return schema;
}

int corm__state_insert(corm_state *state, const corm_table *table) {
    if (state->n + 2 > state->capacity) {
        corm_table *larger = corm__arena_array(state->arena, state->capacity * 2, sizeof *larger);
        if (!larger) return CORM_ERROR_MEMORY;
        memcpy(larger, state->tables, state->n * sizeof *larger);
        state->tables = larger;
        state->capacity *= 2;
    }
    if (corm__map_set(&state->positions, table->name, (void *)(uintptr_t)(state->n + 1)))
        return CORM_ERROR_MEMORY;
    state->tables[state->n++] = *table;
    state->tables[state->n] = (corm_table){ 0 };
    return 0;
}

void corm__state_erase(corm_state *state, const char *name) {
    size_t position = (size_t)(uintptr_t)corm__map_remove(&state->positions, name) - 1;
    corm_table *last = &state->tables[--state->n];
    if (position != state->n) {
        state->tables[position] = *last;
        corm__map_set(&state->positions, last->name,
                      (void *)(uintptr_t)(position + 1)); /* replaces: needs no memory */
    }
    *last = (corm_table){ 0 };
}

int corm__state_replace(corm_state *state, const char *name, const corm_table *table) {
    size_t position = (size_t)(uintptr_t)corm__map_get(&state->positions, name);
    if (strcmp(name, table->name) != 0) {
        if (corm__map_set(&state->positions, table->name, (void *)(uintptr_t)position))
            return CORM_ERROR_MEMORY;
        corm__map_remove(&state->positions, name);
    }
    state->tables[position - 1] = *table;
    return 0;
}
