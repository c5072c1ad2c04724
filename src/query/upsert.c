/* corm_upsert, corm_upsert_many, corm_insert_ignore.
 *
 * Row by row, each by the statement of corm_save: of two rows with one value the later one counts,
 * on each engine. The columns of the conflict must be those of a unique constraint of the model:
 * where there is none an engine says so, and another inserts a second row. */
#include "base/error.h"
#include "query/query.h"
#include "query/writes.h"
#include "schema/schema.h"
#include <string.h>

typedef struct rows {
    corm_db *db;
    const corm_model *model;
    char *data;
    size_t n;
    corm_timestamp now;
    int (*write)(const struct rows *rows, void *argument, void *row);
} rows;

/* Whether the list of an item has exactly these members. */
static bool same_members(const corm_model *model, const char *columns, const corm_fields *fields) {
    size_t length, found = 0, wanted = 0;
    const char *name;
    for (size_t i = 0; (name = corm__names_item(columns, i, &length, NULL)); i++) {
        const corm_field *field = corm__field_find(model, name, length);
        if (!field || !fields->at[field - model->fields]) return false;
        found++;
    }
    for (size_t i = 0; i < model->n_fields; i++) wanted += fields->at[i];
    return found == wanted;
}

static bool is_unique(const corm_model *model, const corm_fields *fields, const corm_fields *key) {
    size_t n = 0, last = 0;
    if (memcmp(fields->at, key->at, model->n_fields) == 0) return true;
    for (size_t i = 0; i < model->n_fields; i++)
        if (fields->at[i]) n++, last = i;
    const corm_field *only = &model->fields[last];
    if (n == 1 && (only->unique || only->item == CORM_ITEM_ONE_TO_ONE)) return true;
    for (size_t i = 0; i < model->n_fields; i++) {
        const corm_field *item = &model->fields[i];
        bool unique =
            item->item == CORM_ITEM_UNIQUE || (item->item == CORM_ITEM_INDEX && item->unique);
        if (unique && !item->where && !item->sql && !item->deferrable &&
            same_members(model, item->columns, fields))
            return true;
    }
    return false;
}

static int not_unique(corm_db *db, const corm_model *model, const corm_fields *fields) {
    corm_buffer names = { 0 };
    for (size_t i = 0; i < model->n_fields; i++)
        if (fields->at[i])
            corm__buffer_printf(&names, "%s%s%s", names.length ? ", " : "", model->fields[i].name,
                                model->fields[i].item == CORM_ITEM_COLUMN ? "" : "_id");
    if (corm__buffer_broken(&names)) return corm__fail_memory(&db->error);
    corm__db_fail(db, CORM_ERROR_USAGE, "no unique constraint of %s is on %s", model->table,
                  names.length ? corm__buffer_text(&names) : "no columns");
    corm__error_hint(&db->error, "CONFLICT takes the columns of the primary key, of .unique = true "
                                 "or of one unique(…), all of them");
    corm__buffer_release(&names);
    return CORM_ERROR_USAGE;
}

static int write_each(const rows *rows, void *argument) {
    for (size_t i = 0; i < rows->n; i++) {
        void *row = rows->data + i * rows->model->size;
        int status = rows->write(rows, argument, row);
        if (status && rows->n > 1 && !rows->db->error.detail[0])
            corm__error_set(rows->db->error.detail, sizeof rows->db->error.detail, "row %zu of %zu",
                            i + 1, rows->n);
        if (status) return status;
    }
    return 0;
}

/* All or none: several have a level of their own. */
static int write_rows(const rows *rows, void *argument) {
    if (rows->n == 1) return write_each(rows, argument);
    int status = corm_begin(rows->db);
    return status ? status : corm__end(rows->db, write_each(rows, argument));
}

static int upsert_row(const rows *rows, void *argument, void *row) {
    corm__complete_row(rows->model, row, true, rows->now);
    return corm__save_row(rows->db, argument, row, rows->now);
}

int corm__upsert(corm_db *db, const corm_model *model, void *data, size_t n, corm_conflict conflict,
                 const char *const *columns, size_t n_columns) {
    corm_save_argument argument = { .insert.model = model };
    corm_fields key;
    int status = corm__db_enter(db);
    if (status || !n) return status;
    status = corm__write_enter(db, model, data);
    if (!status) status = corm__check_whole(db, model, data, n);
    if (!status) status = corm__fields_of_key(db, model, &key);
    if (!status)
        status = corm__fields_named(db, model, conflict.columns, conflict.n, &argument.conflict);
    if (!status && !is_unique(model, &argument.conflict, &key))
        status = not_unique(db, model, &argument.conflict);
    if (!status && n_columns)
        status = corm__fields_named(db, model, columns, n_columns, &argument.set);
    if (!status && n_columns) status = corm__check_settable(db, model, &argument.set, &key);
    if (status) return status;
    if (!n_columns) corm__fields_settable(model, &key, &argument.set);
    for (size_t i = 0; i < model->n_fields; i++)
        argument.set.at[i] =
            (argument.set.at[i] || model->fields[i].auto_now) && !argument.conflict.at[i];
    corm__arena_reset(corm__returned_arena(db));
    return write_rows(&(rows){ db, model, data, n, corm_now(), upsert_row }, &argument);
}

/* --- ignore --- */

static int compile_ignore(corm_db *db, const void *argument, const corm_shape *shape,
                          corm_query_plan *plan) {
    (void)shape;
    corm_buffer sql = { 0 };
    int status = corm__compile_values(db, argument, 1, plan, &sql);
    if (!status && plan->n_slots) corm__put_do_nothing(db, plan->slots[0].target.column, &sql);
    if (!status) status = corm__write_end(db, plan, &sql);
    corm__buffer_release(&sql);
    return status;
}

static int ignore_row(const rows *rows, void *nothing, void *row) {
    (void)nothing;
    corm_db *db = rows->db;
    corm_insert_argument argument = { .model = rows->model };
    corm_shape shape;
    corm__complete_row(rows->model, row, true, rows->now);
    corm__shape_begin(&shape, CORM_WHAT_IGNORE, rows->model);
    corm__fields_omitted(&argument, row);
    corm__shape_bytes(&shape, argument.omitted, rows->model->n_fields);
    corm_query_plan *plan = corm__plan_get(db, &shape, compile_ignore, &argument);
    corm__shape_end(&shape);
    if (!plan) return db->error.status;
    corm_stmt *stmt = NULL;
    int status =
        corm__prepare(db, plan->sql, plan->sql_length, plan->kinds, (int)plan->n_slots, &stmt);
    if (!status) status = corm__insert_run(db, plan, stmt, row, plan->values);
    corm__finish(db, stmt);
    corm__plan_release(plan);
    return status;
}

int corm__insert_ignore(corm_db *db, const corm_model *model, void *data, size_t n) {
    int status = corm__db_enter(db);
    if (status || !n) return status;
    status = corm__write_enter(db, model, data);
    if (!status) status = corm__check_whole(db, model, data, n);
    if (status) return status;
    return write_rows(&(rows){ db, model, data, n, corm_now(), ignore_row }, NULL);
}
