/* What was found: noted, with what it stands on, and applied to the working state. */
#include "migrate/detect/detector.h"
#include "base/error.h"
#include "migrate/detect/naming.h"
#include <string.h>

const char *corm__thing(const detector *d, const char *table) {
    const corm_table *t = corm__target_of(d, table);
    if (!t) t = corm__working(d, table);
    return t && corm__is_model(t) ? t->model : table;
}

static int grow(detector *d) {
    if (d->n < d->capacity) return 0;
    size_t capacity = d->capacity ? d->capacity * 2 : 32;
    corm_found *larger = corm__arena_array(d->arena, capacity, sizeof *larger);
    if (!larger) return CORM_ERROR_MEMORY;
    if (d->n) memcpy(larger, d->found, d->n * sizeof *larger);
    d->found = larger;
    d->capacity = capacity;
    return 0;
}

int corm__emit(detector *d, const char *app, const corm_operation *operation) {
    if (grow(d)) return corm__fail_memory(d->error);
    const char *name = corm__thing(d, operation->table), *new_name = NULL;
    if (operation->kind == CORM_RENAME_TABLE) {
        const corm_table *now = corm__working(d, operation->table);
        new_name = corm__thing(d, operation->new_name);
        name = corm__is_model(now) ? now->model : now->name;
    }
    corm_found *found = &d->found[d->n];
    *found = (corm_found){ .app = app,
                           .operation = *operation,
                           .label = corm__operation_label(operation, name, new_name, d->arena) };
    if (!found->label) return corm__fail_memory(d->error);
    d->n++;
    return corm__state_apply(&d->state, operation, app, NULL, NULL, d->error);
}

int corm__mark_changed(detector *d, const corm_table *to) {
    if (corm__map_get(&d->is_changed, to->name)) return 0;
    if (d->n_changed == d->room_changed) {
        size_t room = d->room_changed ? d->room_changed * 2 : 16;
        const corm_table **larger = corm__arena_array(d->arena, room, sizeof *larger);
        if (!larger) return corm__fail_memory(d->error);
        if (d->n_changed) memcpy(larger, d->changed, d->n_changed * sizeof *larger);
        d->changed = larger;
        d->room_changed = room;
    }
    d->changed[d->n_changed++] = to;
    return corm__map_set(&d->is_changed, to->name, (void *)to) ? corm__fail_memory(d->error) : 0;
}
