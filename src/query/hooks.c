/* What a model calls before and after one of its rows is written. */
#include "base/error.h"
#include "query/query.h"
#include "query/writes.h"
#include <stdlib.h>
#include <string.h>

static bool any_hook(const corm_model *model, corm_item before) {
    for (size_t i = 0; i < model->n_fields; i++) {
        corm_item item = model->fields[i].item;
        if (item == before || item == before + 1) return true;
    }
    return false;
}

static int call_hooks(const corm_row_call *call, corm_item item) {
    corm_db *db = call->db;
    for (size_t i = 0; i < call->model->n_fields; i++) {
        const corm_field *field = &call->model->fields[i];
        if (field->item != item) continue;
        corm__error_clear(&db->error);
        int status = field->hook(db, call->row);
        if (!status) continue;
        if (!db->error.status)
            corm__db_fail(db, status < 0 ? (corm_status)status : CORM_ERROR_CHECK,
                          "a hook of %s refuses the row", call->model->name);
        return db->error.status;
    }
    return 0;
}

static int in_level(const corm_row_call *call, corm_item before) {
    int depth = corm_transaction_depth(call->db), status = corm_begin(call->db);
    if (status) return status;
    status = call_hooks(call, before);
    if (!status) status = call->write(call);
    if (!status) status = call_hooks(call, (corm_item)(before + 1));
    /* A hook that leaves a transaction open, or ends this one, is undone with all. */
    if (!status && corm_transaction_depth(call->db) != depth + 1)
        status =
            corm__db_fail(call->db, CORM_ERROR_USAGE,
                          "a hook of %s changes how many transactions are open", call->model->name);
    corm_error_info error = call->db->error;
    while (corm_transaction_depth(call->db) > depth + 1) corm_rollback(call->db);
    if (status) call->db->error = error;
    return corm_transaction_depth(call->db) == depth + 1 ? corm__end(call->db, status) : status;
}

int corm__with_hooks(const corm_row_call *call, corm_item before) {
    if (!any_hook(call->model, before)) return call->write(call);
    void *was = malloc(call->model->size);
    if (!was) return corm__fail_memory(&call->db->error);
    memcpy(was, call->row, call->model->size);
    int status = in_level(call, before);
    /* Neither a key of a row that is gone nor a version that there is not. */
    if (status && memcmp(call->row, was, call->model->size) != 0)
        memcpy(call->row, was, call->model->size);
    free(was);
    return status;
}
