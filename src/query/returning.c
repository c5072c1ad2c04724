/* corm_update_returning.
 *
 * Where an UPDATE gives no rows back, they are read and locked, changed by their keys, and read
 * again, in one transaction. */
#include "base/error.h"
#include "query/query.h"
#include "query/writes.h"
#include <string.h>

/* The rows that are chosen, locked. */
static void *lock_rows(corm_db *db, const corm_model *model, const corm_query *query) {
    corm_shape shape;
    void *rows = NULL;
    if (corm__query_enter(db, &model, query)) return NULL;
    corm__shape_begin(&shape, CORM_WHAT_ROWS, model);
    corm__shape_query(&shape, query);
    corm_query_plan *plan =
        corm__query_lock(db, model, query)
            ? NULL
            : corm__plan_get(db, &shape, corm__compile_select,
                             &(corm_select_argument){ model, query, CORM_WHAT_ROWS });
    if (!corm__check_chosen(db, model, query, plan, "corm_update_returning"))
        rows = corm__plan_rows(db, plan, &shape, model->size, corm__most_rows(query));
    corm__plan_release(plan);
    corm__shape_end(&shape);
    return rows;
}

/* The condition that a row is one of these, by its key. */
static void add_keys(corm_db *db, const corm_model *model, const void *rows, corm_filter *filter) {
    corm_fields key;
    corm_filter *any = corm_filter_any(filter);
    for (size_t i = 0; !corm__fields_of_key(db, model, &key) && i < corm_len(rows); i++) {
        corm_arena arena = { 0 };
        const void *row = (const char *)rows + i * model->size;
        const corm_condition *one = corm__row_condition(db, &arena, model, row, &key);
        if (one) corm_filter_add(any, one);
        corm__arena_release(&arena);
        if (!one) return;
    }
}

static void *change_rows(corm_db *db, const corm_model *model, const corm_query *query,
                         const corm_filter *chosen, corm_filter *changes) {
    corm_query found = { .filter = chosen,
                         .limit = query->limit,
                         .offset = query->offset,
                         .reverse = query->reverse,
                         .random = query->random,
                         .all = query->all,
                         .lock = CORM_LOCK_UPDATE };
    void *before = lock_rows(db, model, &found), *after = NULL;
    if (!before || !corm_len(before)) return before;
    add_keys(db, model, before, changes);
    corm_query by_key = { .filter = changes, .limit = CORM__NO_LIMIT };
    if (!corm_failed(db) && corm__update(db, model, &by_key) >= 0) {
        by_key.lock = CORM_LOCK_UPDATE; /* as they are, whatever this transaction has seen before */
        after = corm__all(db, model, &by_key);
    }
    corm_free(before);
    return after;
}

/* Of a filter that works. */
static int check_key(corm_db *db, const corm_model *model, const corm_filter *changes) {
    int status = corm__filter_check(db, model, changes);
    const corm_expr *items = corm__filter_changes(changes);
    for (size_t i = 0; items && i < items->n && !status; i++) {
        const corm_expr *item = corm__expr_arg(items, i);
        const char *name = corm__set_name(item), *point = name ? strrchr(name, '.') : NULL;
        if (point) name = point + 1;
        status = corm__check_key_stays(db, model,
                                       name ? corm__field_find(model, name, strlen(name)) : NULL);
    }
    return status;
}

static void *update_returning(corm_db *db, const corm_model *model, const corm_query *query) {
    corm_filter *chosen = corm__filter_new(model), *changes = corm__filter_new(model);
    void *rows = NULL;
    corm__filter_choose(chosen, query);
    corm__filter_change(changes, query);
    int status = check_key(db, model, changes);
    if (!status) status = corm_begin(db);
    if (!status) {
        rows = change_rows(db, model, query, chosen, changes);
        status = corm__end(db, rows ? 0 : db->error.status);
    }
    corm_filter_free(chosen);
    corm_filter_free(changes);
    if (!status) return rows;
    corm_free(rows);
    return NULL;
}

void *corm__update_returning(corm_db *db, const corm_model *model, const corm_query *query) {
    void *rows = NULL;
    if (corm__query_enter(db, &model, query)) return NULL;
    if (!db->backend->features->update_returning) return update_returning(db, model, query);
    corm__change(db, model, query, CORM_WHAT_UPDATE_ROWS, "corm_update_returning", &rows);
    return rows;
}
