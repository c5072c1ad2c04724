/* corm_each: rows one by one, in the memory of one row. */
#include "base/error.h"
#include "query/query.h"
#include <stdlib.h>
#include <string.h>

struct corm_cursor {
    corm_execution execution;
    corm_query_plan *plan;
    size_t size;      /* of the row */
    corm_arena arena; /* texts and joined rows of the row at hand */
    corm_shape shape;
    _Alignas(16) char row[];
};

static int start(corm_db *db, const corm_model *model, const corm_query *given,
                 corm_cursor *cursor) {
    corm_query query = *given;
    corm__shape_begin(&cursor->shape, CORM_WHAT_ROWS, model);
    int status = corm__shape_page(&cursor->shape, db, model, &query);
    if (!status) status = corm__query_lock(db, model, &query);
    if (status) return status;
    cursor->plan = corm__plan_get(db, &cursor->shape, corm__compile_select,
                                  &(corm_select_argument){ model, &query, CORM_WHAT_ROWS });
    if (!cursor->plan) return db->error.status;
    if (cursor->plan->n_loads) {
        corm__db_fail(db, CORM_ERROR_UNSUPPORTED,
                      "corm_each cannot load '%s': a relation to many rows",
                      cursor->plan->loads[0].step.field->name);
        corm__error_hint(&db->error,
                         "load it with corm_all, page by page, or query it inside the loop");
        return CORM_ERROR_UNSUPPORTED;
    }
    return corm__execution_start(&cursor->execution, db, cursor->plan, &cursor->shape,
                                 CORM_EXECUTE_STREAM);
}

corm_cursor *corm__each(corm_db *db, const corm_model *model, const corm_query *query) {
    if (corm__query_enter(db, &model, query)) return NULL;
    corm_cursor *cursor = malloc(sizeof *cursor + model->size);
    if (!cursor) {
        corm__fail_memory(&db->error);
        return NULL;
    }
    cursor->execution.db = db;
    cursor->execution.stmt = NULL;
    cursor->execution.patterns = (corm_arena){ 0 };
    cursor->execution.values = cursor->execution.values_room;
    cursor->size = model->size;
    cursor->arena = (corm_arena){ 0 };
    cursor->plan = NULL;
    if (start(db, model, query, cursor)) {
        corm__cursor_cleanup(&cursor);
        return NULL;
    }
    return cursor;
}

void *corm__cursor_next(corm_cursor *cursor) {
    corm_db *db = cursor->execution.db;
    if (corm__db_enter(db)) return NULL;
    corm__arena_reset(&cursor->arena);
    for (uint32_t i = 1; i < cursor->plan->fetch.n_objects; i++) cursor->execution.spare[i] = NULL;
    memset(cursor->row, 0, cursor->size);
    return corm__execution_row(&cursor->execution, cursor->plan, cursor->row, &cursor->arena) > 0
               ? cursor->row
               : NULL;
}

void corm__cursor_cleanup(corm_cursor **at) {
    corm_cursor *cursor = *at;
    if (!cursor) return;
    corm__execution_finish(&cursor->execution);
    corm__plan_release(cursor->plan);
    corm__shape_end(&cursor->shape);
    corm__arena_release(&cursor->arena);
    free(cursor);
    *at = NULL;
}
