/* Compiled queries, kept by shape, and their execution. */
#include "base/error.h"
#include "query/query.h"
#include <stdlib.h>
#include <string.h>

/* Of a shape that is longer, which a filter of hundreds of conditions is, no plan is kept. */
enum { MOST_PLANS = 512, LONGEST_KEPT = 16384 };

typedef struct plan_cache {
    corm_map map;
    corm_arena returned;
    corm_map named; /* models of tables whose names are known at run time */
    corm_arena models;
} plan_cache;

static void plan_drop(corm_query_plan *plan) {
    if (!plan) return;
    corm__arena_release(&plan->arena);
    free(plan);
}

static void cache_free(void *plans) {
    plan_cache *cache = plans;
    size_t position = 0;
    for (const corm_map_entry *entry; (entry = corm__map_next(&cache->map, &position));)
        plan_drop(entry->value);
    corm__map_release(&cache->map);
    corm__arena_release(&cache->returned);
    corm__map_release(&cache->named);
    corm__arena_release(&cache->models);
    free(cache);
}

static plan_cache *cache_of(corm_db *db) {
    if (!db->plans) {
        db->plans = calloc(1, sizeof(plan_cache));
        db->plans_free = cache_free;
        if (!db->plans) corm__fail_memory(&db->error);
    }
    return db->plans;
}

corm_arena *corm__returned_arena(corm_db *db) {
    plan_cache *cache = cache_of(db);
    return cache ? &cache->returned : NULL;
}

static corm_model *model_new(plan_cache *cache, const corm_model *original, const char *table) {
    size_t length = strlen(table) + 1;
    corm_model *model = corm__arena_alloc(&cache->models, sizeof *model);
    /* The key: the name, and which model it is. */
    char *key = model ? corm__arena_bytes(&cache->models, length + sizeof original) : NULL;
    if (!key) return NULL;
    memcpy(key, table, length);
    memcpy(key + length, &original, sizeof original);
    *model = *original;
    model->table = key;
    model->original = original;
    bool failed = corm__map_set_bytes(&cache->named, (void *)key, length + sizeof original, model);
    return failed ? NULL : model;
}

int corm__model_at(corm_db *db, const corm_model **model, const char *table) {
    enum { LONGEST = 256 };
    unsigned char key[LONGEST + sizeof *model];
    const corm_model *original = corm__original(*model);
    size_t length = strlen(table) + 1, longest = (size_t)db->backend->features->max_identifier;
    /* Of one that is too long an engine would take the beginning, which is another name. */
    if (length < 2 || length > LONGEST || (longest && length > longest + 1)) {
        corm__db_fail(db, CORM_ERROR_NO_TABLE, "no table of %s has the name '%s'",
                      db->backend->title, table);
        return CORM_ERROR_NO_TABLE;
    }
    plan_cache *cache = cache_of(db);
    if (!cache) return CORM_ERROR_MEMORY;
    memcpy(key, table, length);
    memcpy(key + length, &original, sizeof original);
    const corm_model *found = corm__map_get_bytes(&cache->named, key, length + sizeof original);
    if (!found) found = model_new(cache, original, table);
    if (!found) return corm__fail_memory(&db->error);
    *model = found;
    return 0;
}

/* Few programs have more shapes than this, and then beginning anew is as good as any order. */
static void make_room(plan_cache *cache) {
    size_t position = 0;
    if (cache->map.count < MOST_PLANS) return;
    for (const corm_map_entry *entry; (entry = corm__map_next(&cache->map, &position));) {
        corm_query_plan *plan = entry->value;
        if (plan->uses) continue;
        corm__map_remove_bytes(&cache->map, plan->key, plan->key_length);
        plan_drop(plan);
    }
}

static int keep(corm_db *db, plan_cache *cache, corm_query_plan *plan, const corm_shape *shape) {
    if (shape->length > LONGEST_KEPT) return 0;
    unsigned char *key = corm__arena_alloc(&plan->arena, shape->length);
    if (!key) return corm__fail_memory(&db->error);
    plan->key = memcpy(key, shape->key, shape->length);
    plan->key_length = shape->length;
    make_room(cache);
    return corm__map_set_bytes(&cache->map, plan->key, plan->key_length, plan)
               ? corm__fail_memory(&db->error)
               : 0;
}

corm_query_plan *corm__plan_get(corm_db *db, const corm_shape *shape, corm_compile_fn compile,
                                const void *argument) {
    if (shape->status == CORM_ERROR_MEMORY) {
        corm__fail_memory(&db->error);
    } else if (shape->status) {
        corm__db_fail(db, shape->status, "%s", shape->message);
        if (shape->hint) corm__error_hint(&db->error, "%s", shape->hint);
    }
    plan_cache *cache = shape->status ? NULL : cache_of(db);
    if (!cache) return NULL;
    corm_query_plan *plan = corm__map_get_bytes(&cache->map, shape->key, shape->length);
    if (!plan) {
        plan = calloc(1, sizeof *plan);
        int status = plan ? compile(db, argument, shape, plan) : corm__fail_memory(&db->error);
        if (!status) status = keep(db, cache, plan, shape);
        if (status) {
            plan_drop(plan);
            return NULL;
        }
    }
    plan->uses++;
    return plan;
}

void corm__plan_release(corm_query_plan *plan) {
    if (plan && --plan->uses == 0 && !plan->key) plan_drop(plan);
}

/* --- execution --- */

int corm__bind(corm_db *db, const corm_slot *slot, const corm_shape *shape, corm_arena *patterns,
               corm_value *out) {
    const corm_value *value = shape->values[slot->value];
    corm_value item = CORM_VALUE_NULL;
    if (slot->item && !value->array.items) {
        value = &item;
    } else if (slot->item) { /* the last one stands for those that lack */
        item = corm__array_item(value, slot->item <= value->array.length ? slot->item - 1
                                                                         : value->array.length - 1);
        value = &item;
    }
    if (value->kind == CORM_BIGINT && slot->target.kind == CORM_BIGINT && !slot->target.labels) {
        *out = *value;
        return 0;
    }
    int status = corm__convert(db, &slot->target, value, out);
    corm_op pattern = slot->target.pattern;
    if (status || (pattern != CORM_OP_REGEX && pattern != CORM_OP_IREGEX)) return status;
    return corm__convert_regex(db, &slot->target, patterns, out);
}

int corm__execution_start(corm_execution *execution, corm_db *db, corm_query_plan *plan,
                          const corm_shape *shape, unsigned flags) {
    execution->db = db;
    execution->plan = plan;
    execution->stmt = NULL;
    execution->patterns = (corm_arena){ 0 };
    execution->values = execution->values_room;
    memset(execution->spare, 0, plan->fetch.n_objects * sizeof *execution->spare);
    if (plan->n_slots > CORM__SHAPE_VALUES)
        execution->values = malloc(plan->n_slots * sizeof *execution->values);
    if (!execution->values) return corm__fail_memory(&db->error);
    for (size_t i = 0; i < plan->n_slots; i++) {
        int status =
            corm__bind(db, &plan->slots[i], shape, &execution->patterns, &execution->values[i]);
        if (status) return status;
    }
    int status = corm__prepare(db, plan->sql, plan->sql_length, plan->kinds, (int)plan->n_slots,
                               &execution->stmt);
    return status
               ? status
               : corm__execute(db, execution->stmt, execution->values, (int)plan->n_slots, flags);
}

static void mark_partial(const corm_query_plan *plan, void *const *objects) {
    for (uint32_t i = 0; i < plan->fetch.n_objects; i++)
        if (objects[i] && plan->objects[i].partial)
            *((bool *)objects[i] + plan->objects[i].partial_offset) = true;
}

int corm__execution_row(corm_execution *execution, const corm_query_plan *plan, void *row,
                        corm_arena *arena) {
    void **objects = execution->objects;
    uint32_t n = plan->fetch.n_objects;
    objects[0] = row;
    for (uint32_t i = 1; i < n; i++) {
        if (!execution->spare[i])
            execution->spare[i] = corm__arena_zalloc(arena, plan->objects[i].size);
        if (!execution->spare[i]) return corm__fail_memory(&execution->db->error);
        objects[i] = execution->spare[i];
    }
    int status = corm__step(execution->db, execution->stmt, &plan->fetch, objects, arena);
    for (uint32_t i = 1; status > 0 && i < n; i++) {
        if (!objects[i]) continue;
        const corm_object *object = &plan->objects[i];
        if (object->linked && objects[object->parent])
            *(void **)((char *)objects[object->parent] + object->pointer_offset) = objects[i];
        execution->spare[i] = NULL;
    }
    if (status > 0 && plan->partial) mark_partial(plan, objects);
    return status;
}

void corm__execution_finish(corm_execution *execution) {
    if (execution->stmt) corm__finish(execution->db, execution->stmt);
    execution->stmt = NULL;
    if (execution->values != execution->values_room) free(execution->values);
    execution->values = execution->values_room;
    corm__arena_release(&execution->patterns);
}

static int read_rows(corm_execution *execution, corm_query_plan *plan, corm_rows *rows) {
    for (;;) {
        /* A fixed result that is full takes no further row: there is none, or one too many that
         * nobody reads. */
        if (rows->fixed && rows->length == rows->capacity) return 0;
        void *row = corm__rows_next(rows);
        if (!row) return corm__fail_memory(&execution->db->error);
        int status = corm__execution_row(execution, plan, row, &rows->result->arena);
        if (status <= 0) return status;
        rows->length++;
    }
}

void *corm__plan_rows(corm_db *db, corm_query_plan *plan, const corm_shape *shape, size_t size,
                      size_t limit) {
    corm_execution execution;
    corm_rows rows;
    int status = corm__rows_begin(&rows, size, limit);
    if (status) {
        corm__fail_memory(&db->error);
        return NULL;
    }
    status = corm__execution_start(&execution, db, plan, shape, 0);
    if (!status) status = read_rows(&execution, plan, &rows);
    corm__execution_finish(&execution);
    if (!status && plan->n_loads)
        status = corm__load_relations(db, plan, shape, &rows.result->arena, corm__rows_data(&rows),
                                      rows.length, size);
    if (!status) return corm__rows_end(&rows);
    corm__rows_drop(&rows);
    return NULL;
}

int64_t corm__plan_run(corm_db *db, corm_query_plan *plan, const corm_shape *shape) {
    corm_execution execution;
    int64_t result = corm__execution_start(&execution, db, plan, shape, 0);
    while (!result) {
        int status = corm__step(db, execution.stmt, NULL, NULL, NULL);
        if (status > 0) continue;
        result = status < 0 ? status : corm__affected(db, execution.stmt);
        break;
    }
    corm__execution_finish(&execution);
    return result;
}
