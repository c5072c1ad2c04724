/* corm_get_or_insert, corm_update_or_insert: right when several do the same at once.
 *
 * The row is looked for first. One that is not there is inserted, in a level of its own when there
 * is a transaction, since a statement that fails breaks the level in which it ran. A unique value
 * that is taken says that another was first: the row is looked for again. When it still is not
 * there, it was deleted again or the value is another row's, which the next attempts tell. */
#include "base/error.h"
#include "query/query.h"
#include "query/writes.h"
#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 4 };

typedef struct either {
    corm_db *db;
    const corm_model *model;
    const void *row;
    corm_fields by, key, set;
    bool update;
} either;

static void *find(const either *either, const void *row, const corm_fields *by) {
    corm_arena arena = { 0 };
    corm_query query = { .where = corm__row_condition(either->db, &arena, either->model, row, by),
                         .limit = CORM__NO_LIMIT };
    void *rows = query.where ? corm__get(either->db, either->model, &query) : NULL;
    corm__arena_release(&arena);
    return rows;
}

/* What the row has becomes that of the row there. */
static int update(const either *either, void *copy, const void *there) {
    corm_timestamp now = corm_now();
    bool any = false;
    memcpy(copy, either->row, either->model->size);
    for (size_t i = 0; i < either->model->n_fields; i++) {
        const corm_field *field = &either->model->fields[i];
        if (either->set.at[i]) corm__complete_member(field, copy, false, now);
        any |= either->set.at[i];
    }
    return any ? corm__row_update(either->db, either->model, copy, there, &either->set) : 0;
}

static int insert(const either *either, void *copy) {
    corm_db *db = either->db;
    bool level = db->backend->in_transaction(db->conn);
    memcpy(copy, either->row, either->model->size);
    int status = level ? corm_begin(db) : 0;
    if (status) return status;
    status = corm__insert(db, either->model, copy);
    return level ? corm__end(db, status) : status;
}

static bool may_retry(const corm_db *db, int status) {
    return status == CORM_ERROR_UNIQUE ||
           ((status == CORM_ERROR_DEADLOCK || status == CORM_ERROR_SERIALIZATION) &&
            !db->backend->in_transaction(db->conn));
}

static void *attempt(const either *either, void *copy, bool *inserted) {
    corm_db *db = either->db;
    void *rows = find(either, either->row, &either->by);
    if (rows && either->update) {
        void *there = rows;
        rows = update(either, copy, there) ? NULL : find(either, there, &either->key);
        corm_free(there);
    } else if (!rows && db->error.status == CORM_ERROR_NOT_FOUND) {
        *inserted = insert(either, copy) == 0;
        if (*inserted) rows = find(either, copy, &either->key);
    }
    return rows;
}

static void *run(const either *either, bool *inserted) {
    void *copy = malloc(either->model->size), *rows = NULL;
    if (!copy) corm__fail_memory(&either->db->error);
    for (int i = 0; copy && !rows && i < ATTEMPTS; i++) {
        *inserted = false;
        rows = attempt(either, copy, inserted);
        int status = either->db->error.status;
        /* Gone, or another one, between two statements. */
        bool gone = !*inserted && (status == CORM_ERROR_NOT_FOUND || status == CORM_ERROR_STALE);
        if (!rows && !gone && !may_retry(either->db, status)) break;
    }
    free(copy);
    return rows;
}

void *corm__or_insert(corm_db *db, const corm_model *model, const void *row, bool update,
                      bool *inserted, const char *const *columns, size_t n) {
    bool nobody_asks;
    if (!inserted) inserted = &nobody_asks;
    *inserted = false;
    if (corm__db_enter(db) || corm__check_writable(db, model, row) ||
        corm__check_whole(db, model, row, 1))
        return NULL;
    either either = { .db = db, .model = model, .row = row, .update = update };
    if (corm__fields_of_key(db, model, &either.key) ||
        corm__fields_named(db, model, columns, n, &either.by))
        return NULL;
    corm__fields_settable(model, &either.key, &either.set);
    return run(&either, inserted);
}
