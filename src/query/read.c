/* corm_all, corm_get, corm_find, corm_in_bulk, corm_first, corm_count, corm_exists. */
#include "base/error.h"
#include "query/query.h"
#include <stdlib.h>
#include <string.h>

static void *select_rows(corm_db *db, const corm_model *model, const corm_query *given,
                         corm_what what, size_t most) {
    corm_shape shape;
    corm_query query = *given;
    corm__shape_begin(&shape, (char)what, model);
    int status = corm__shape_page(&shape, db, model, &query);
    /* Before the plan: to compile it may read, and who has read waits for no writer (SQLite). */
    if (!status) status = corm__query_lock(db, model, &query);
    corm_query_plan *plan = status ? NULL
                                   : corm__plan_get(db, &shape, corm__compile_select,
                                                    &(corm_select_argument){ model, &query, what });
    void *rows = plan ? corm__plan_rows(db, plan, &shape, model->size, most) : NULL;
    corm__plan_release(plan);
    corm__shape_end(&shape);
    return rows;
}

void *corm__all(corm_db *db, const corm_model *model, const corm_query *query) {
    if (corm__query_enter(db, &model, query)) return NULL;
    return select_rows(db, model, query, CORM_WHAT_ROWS, corm__most_rows(query));
}

static void *only_row(corm_db *db, const corm_model *model, void *rows) {
    if (!rows || corm_len(rows) == 1) return rows;
    bool none = corm_len(rows) == 0;
    corm_free(rows);
    corm__db_fail(db, none ? CORM_ERROR_NOT_FOUND : CORM_ERROR_MULTIPLE_ROWS,
                  none ? "no row of %s matches" : "more than one row of %s matches", model->table);
    corm__error_set(db->error.table, sizeof db->error.table, "%s", model->table);
    if (!none) corm__error_hint(&db->error, "corm_all gives all of them, corm_first the first");
    return NULL;
}

void *corm__get(corm_db *db, const corm_model *model, const corm_query *query) {
    if (corm__query_enter(db, &model, query)) return NULL;
    corm_query two = *query;
    if (two.limit < 0 || two.limit > 2)
        two.limit = 2; /* the second one tells that there are several */
    return only_row(db, model, select_rows(db, model, &two, CORM_WHAT_ROWS, 2));
}

void *corm__first(corm_db *db, const corm_model *model, const corm_query *query) {
    if (corm__query_enter(db, &model, query)) return NULL;
    corm_query one = *query;
    one.limit = one.limit != 0;
    void *rows = select_rows(db, model, &one, CORM_WHAT_FIRST, 1);
    if (!rows || corm_len(rows)) return rows;
    corm_free(rows);
    return NULL;
}

static int compile_find(corm_db *db, const void *argument, const corm_shape *shape,
                        corm_query_plan *plan) {
    const corm_model *model = argument;
    const corm_field *key = corm__primary_key_field(model);
    if (!key) {
        corm__db_fail(db, CORM_ERROR_USAGE, "%s has no single primary key", model->name);
        corm__error_hint(&db->error, "use corm_get with a condition on each of its columns");
        return CORM_ERROR_USAGE;
    }
    corm_draft draft;
    corm_column column;
    corm_target target;
    int status = corm__draft_begin(&draft, db, model, shape, plan);
    if (!status && corm__column_of_field(model, key, &plan->arena, &column))
        status = corm__fail_memory(&db->error);
    if (!status)
        status =
            corm__fetch_with(&draft.compiler, &(corm_with){ .model = model }, plan, &draft.columns);
    if (!status) {
        corm__target_of(&column, NULL, model->table, true, &target);
        corm__compile_stored(&draft.compiler, draft.compiler.root, column.name, &column,
                             &draft.where);
        corm__buffer_puts(&draft.where, " = ");
        status = corm__compile_value(&draft.compiler, 0, 0, &target, &draft.where);
    }
    if (!status) status = corm__draft_select(&draft, plan);
    corm__draft_release(&draft);
    return status;
}

void *corm__find(corm_db *db, const corm_model *model, corm_value key) {
    if (corm__db_enter(db)) return NULL;
    corm_shape shape;
    corm__shape_begin(&shape, CORM_WHAT_FIND, model);
    corm__shape_value(&shape, &key);
    corm_query_plan *plan = corm__plan_get(db, &shape, compile_find, model);
    void *rows = plan ? corm__plan_rows(db, plan, &shape, model->size, 1) : NULL;
    corm__plan_release(plan);
    corm__shape_end(&shape);
    return only_row(db, model, rows);
}

/* --- many by their keys --- */

static int compare_keys(const corm_value *a, const corm_value *b) {
    bool text = a->kind == CORM_TEXT || a->kind == CORM_VARCHAR;
    if (text) return strcmp(a->text, b->text);
    if (a->kind == CORM_UUID) return memcmp(&a->uuid, &b->uuid, sizeof a->uuid);
    return (a->integer > b->integer) - (a->integer < b->integer);
}

/* What qsort does not hand on. */
static _Thread_local const corm_field *sorted_by;

static int compare_rows(const void *a, const void *b) {
    corm_value x, y;
    corm__member_get(sorted_by, a, &x);
    corm__member_get(sorted_by, b, &y);
    return compare_keys(&x, &y);
}

static const corm_field *bulk_key(const corm_model *model) {
    const corm_field *key = corm__primary_key_field(model);
    bool comparable =
        key && (key->kind == CORM_TEXT || key->kind == CORM_VARCHAR || key->kind == CORM_UUID ||
                (key->kind >= CORM_IDENTITY && key->kind <= CORM_BIGINT));
    return comparable ? key : NULL;
}

void *corm__in_bulk(corm_db *db, const corm_model *model, corm_value keys,
                    const corm_query *query) {
    const corm_field *key = bulk_key(model);
    if (corm__query_enter(db, &model, query)) return NULL;
    if (!key) {
        corm__db_fail(db, CORM_ERROR_USAGE,
                      "%s has no primary key of one column that is an integer, a text or a uuid",
                      model->name);
        corm__error_hint(&db->error, "use corm_all with a condition");
        return NULL;
    }
    corm_arena arena = { 0 };
    corm_query chosen = *query;
    bool relation = key->item != CORM_ITEM_COLUMN;
    const char *path =
        corm__arena_printf(&arena, "%s.%s%s", model->plural, key->name, relation ? "_id" : "");
    const void *both[] = { query->where,
                           path ? corm__expr_value(CORM_OP_ONE_OF, path, NULL, keys) : NULL };
    chosen.where = (const void *)corm__expr_args(CORM_OP_AND, both, 2);
    void *rows = path ? select_rows(db, model, &chosen, CORM_WHAT_ROWS, 0) : NULL;
    if (!path) corm__fail_memory(&db->error);
    corm__arena_release(&arena);
    sorted_by = key;
    if (rows) qsort(rows, corm_len(rows), model->size, compare_rows);
    return rows;
}

void *corm__by_key(const corm_model *model, const void *rows, corm_value key) {
    const corm_field *field = bulk_key(model);
    size_t low = 0, high = field ? corm_len(rows) : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *row = (const char *)rows + middle * model->size;
        corm_value own;
        corm__member_get(field, row, &own);
        bool text = own.kind == CORM_TEXT || own.kind == CORM_VARCHAR;
        if (text != (key.kind == CORM_TEXT) || (own.kind == CORM_UUID) != (key.kind == CORM_UUID) ||
            key.kind == CORM_DECIMAL || (text && !key.text))
            return NULL; /* no key of this table */
        int order = compare_keys(&own, &key);
        if (!order) return (void *)(uintptr_t)row;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int64_t number(corm_db *db, const corm_model *model, const corm_query *given, corm_what what,
                      int64_t *out) {
    corm_shape shape;
    corm_query query = *given;
    corm_execution execution;
    corm_arena none = { 0 }; /* a number needs no memory */
    corm__shape_begin(&shape, (char)what, model);
    int status = corm__shape_page(&shape, db, model, &query);
    *out = 0;
    corm_query_plan *plan = status ? NULL
                                   : corm__plan_get(db, &shape, corm__compile_select,
                                                    &(corm_select_argument){ model, &query, what });
    status = plan ? corm__execution_start(&execution, db, plan, &shape, 0) : db->error.status;
    if (!status) status = corm__execution_row(&execution, plan, out, &none);
    if (plan) corm__execution_finish(&execution);
    corm__plan_release(plan);
    corm__shape_end(&shape);
    return status;
}

int64_t corm__count(corm_db *db, const corm_model *model, const corm_query *query) {
    int64_t count;
    int64_t status = corm__query_enter(db, &model, query);
    if (!status) status = number(db, model, query, CORM_WHAT_COUNT, &count);
    if (status == 0)
        status = corm__db_fail(db, CORM_ERROR_PROTOCOL, "%s: the server sent no row for a count",
                               model->table);
    return status < 0 ? status : count;
}

int corm__exists(corm_db *db, const corm_model *model, const corm_query *query) {
    int64_t one;
    int status = corm__query_enter(db, &model, query);
    return status ? status : (int)number(db, model, query, CORM_WHAT_EXISTS, &one);
}
