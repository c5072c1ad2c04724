/* The calls of rows, into a table whose name is known at run time. */
#include "query/query.h"

static int model_at(corm_db *db, const corm_model **model, corm_into into) {
    int status = corm__db_enter(db);
    return status || !into.table ? status : corm__model_at(db, model, into.table);
}

int corm__insert_at(corm_db *db, const corm_model *model, void *row, corm_into into) {
    int status = model_at(db, &model, into);
    return status ? status : corm__insert(db, model, row);
}

int corm__insert_many_at(corm_db *db, const corm_model *model, void *rows, size_t n,
                         corm_into into) {
    int status = model_at(db, &model, into);
    return status ? status : corm__insert_many(db, model, rows, n);
}

int corm__bulk_load_at(corm_db *db, const corm_model *model, void *rows, size_t n, corm_into into) {
    int status = model_at(db, &model, into);
    return status ? status : corm__bulk_load(db, model, rows, n);
}

int corm__insert_ignore_at(corm_db *db, const corm_model *model, void *rows, size_t n,
                           corm_into into) {
    int status = model_at(db, &model, into);
    return status ? status : corm__insert_ignore(db, model, rows, n);
}

int corm__save_at(corm_db *db, const corm_model *model, void *row, corm_into into) {
    int status = model_at(db, &model, into);
    return status ? status : corm__save(db, model, row);
}

int corm__delete_row_at(corm_db *db, const corm_model *model, const void *row, corm_into into) {
    int status = model_at(db, &model, into);
    return status ? status : corm__delete_row(db, model, row);
}
