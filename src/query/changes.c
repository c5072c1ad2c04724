/* corm_update, corm_delete, corm_delete_returning. */
#include "base/error.h"
#include "query/query.h"

int corm__check_chosen(corm_db *db, const corm_model *model, const corm_query *query,
                       const corm_query_plan *plan, const char *call) {
    if (!plan) return db->error.status;
    if (!plan->unconditional || query->all) return 0;
    corm__db_fail(db, CORM_ERROR_USAGE, "%s of %s without a condition", call, model->table);
    corm__error_hint(&db->error, "give it .where, or .all = true to mean every row");
    return CORM_ERROR_USAGE;
}

int64_t corm__change(corm_db *db, const corm_model *model, const corm_query *query, corm_what what,
                     const char *call, void **rows) {
    int64_t result = corm__query_enter(db, &model, query);
    if (result) return result;
    corm_shape shape;
    corm__shape_begin(&shape, (char)what, model);
    corm__shape_query(&shape, query);
    corm_query_plan *plan = corm__plan_get(db, &shape, corm__compile_change,
                                           &(corm_select_argument){ model, query, what });
    result = corm__check_chosen(db, model, query, plan, call);
    if (!result && rows)
        *rows = corm__plan_rows(db, plan, &shape, model->size, 0);
    else if (!result)
        result = corm__plan_run(db, plan, &shape);
    corm__plan_release(plan);
    corm__shape_end(&shape);
    return result;
}

int64_t corm__update(corm_db *db, const corm_model *model, const corm_query *query) {
    return corm__change(db, model, query, CORM_WHAT_UPDATE, "corm_update", NULL);
}
int64_t corm__delete(corm_db *db, const corm_model *model, const corm_query *query) {
    return corm__change(db, model, query, CORM_WHAT_DELETE, "corm_delete", NULL);
}

void *corm__delete_returning(corm_db *db, const corm_model *model, const corm_query *query) {
    void *rows = NULL;
    corm__change(db, model, query, CORM_WHAT_DELETE_ROWS, "corm_delete_returning", &rows);
    return rows;
}
