/* corm_each: rows one by one, in the memory of one row. With relations to many rows, which come by
 * queries of their own, in the memory of a window of rows: those of it are loaded together. */
#include "base/error.h"
#include "query/query.h"
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 64 };

struct corm_cursor {
    corm_execution execution;
    corm_query_plan *plan;
    size_t size;      /* of the row */
    corm_arena arena; /* texts and joined rows of the row at hand */
    corm_shape shape;
    corm_rows window; /* with relations to many rows: those at hand */
    size_t next;      /* of the window */
    bool ended;
    corm_arena values; /* of the shape: the loop may outlive the expressions that they are in */
    _Alignas(16) char row[];
};

static int keep_values(corm_db *db, corm_cursor *cursor) {
    for (size_t i = 0; i < cursor->shape.n_values; i++) {
        corm_value *value = corm__arena_alloc(&cursor->values, sizeof *value);
        if (!value) return corm__fail_memory(&db->error);
        *value = *cursor->shape.values[i];
        if (!corm__value_copy(&cursor->values, value)) return corm__fail_memory(&db->error);
        cursor->shape.values[i] = value;
    }
    return 0;
}

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
    if (cursor->plan->n_loads && (status = keep_values(db, cursor))) return status;
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
    cursor->window = (corm_rows){ 0 };
    cursor->next = 0;
    cursor->ended = false;
    cursor->values = (corm_arena){ 0 };
    if (start(db, model, query, cursor)) {
        corm__cursor_cleanup(&cursor);
        return NULL;
    }
    return cursor;
}

static int read_window(corm_cursor *cursor) {
    corm_execution *execution = &cursor->execution;
    const corm_query_plan *plan = cursor->plan;
    corm_rows *rows = &cursor->window;
    int status = 0;
    void *row;
    corm__rows_drop(rows);
    cursor->next = 0;
    for (uint32_t i = 1; i < plan->fetch.n_objects; i++) execution->spare[i] = NULL;
    if (corm__rows_begin(rows, cursor->size, WINDOW))
        return corm__fail_memory(&execution->db->error);
    while ((row = corm__rows_next(rows))) { /* NULL: the window is full */
        status = corm__execution_row(execution, plan, row, &rows->result->arena);
        if (status <= 0) break;
        rows->length++;
    }
    cursor->ended = status <= 0 && row;
    if (status < 0 || !rows->length) return status;
    return corm__load_relations(execution->db, plan, &cursor->shape, &rows->result->arena,
                                corm__rows_data(rows), rows->length, cursor->size);
}

static void *next_of_window(corm_cursor *cursor) {
    if (cursor->next == cursor->window.length) {
        int status = cursor->ended ? 0 : read_window(cursor);
        if (status < 0) cursor->ended = true;
        if (status < 0 || cursor->next == cursor->window.length) {
            cursor->window.length = cursor->next = 0;
            return NULL;
        }
    }
    return corm__rows_data(&cursor->window) + cursor->next++ * cursor->size;
}

void *corm__cursor_next(corm_cursor *cursor) {
    corm_db *db = cursor->execution.db;
    if (corm__db_enter(db)) return NULL;
    if (cursor->plan->n_loads) return next_of_window(cursor);
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
    corm__rows_drop(&cursor->window);
    corm__arena_release(&cursor->values);
    free(cursor);
    *at = NULL;
}
