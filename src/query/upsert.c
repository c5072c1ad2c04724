/* corm_upsert, corm_upsert_many, corm_insert_ignore.
 *
 * In a file row by row, each by the statement of corm_save; on a server by statements of many rows.
 * Of two rows with one value the later one counts: where an engine refuses two in one statement, or
 * the row is another's, they go row by row, too. The columns of the conflict must be those of a
 * unique constraint of the model: where there is none an engine says so, and another inserts a
 * second row. */
#include "base/error.h"
#include "query/query.h"
#include "query/writes.h"
#include "schema/schema.h"
#include <stdlib.h>
#include <string.h>

/* What is done with rows: one by one, and, by the plan for one, many at once. */
typedef struct ways {
    corm_save_argument *save; /* of an upsert */
    corm_timestamp now;
    int (*write)(const corm_many *many, void *row);
    corm_query_plan *(*plan)(const corm_many *many, const void *row);
    int (*compile)(const corm_many *many, const void *row, size_t n, corm_query_plan *plan,
                   corm_buffer *sql);
} ways;

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

static void *row_at(const corm_many *many, size_t i) { return many->rows + i * many->model->size; }

static int write_each(const corm_many *many, size_t first, size_t last) {
    const ways *ways = many->argument;
    int status = 0;
    for (size_t i = first; i < last && !status; i++) {
        status = ways->write(many, row_at(many, i));
        if (many->n > 1) status = corm__many_in_row(many, i, status);
    }
    return status;
}

/* In a level of its own, so that what a statement of many rows cannot do is done row by row, from
 * the rows as they were. */
static int write_together(const corm_many *many, const corm_query_plan *plan, size_t first,
                          size_t last) {
    size_t size = (last - first) * many->model->size;
    void *before = malloc(size);
    if (!before) return corm__fail_memory(&many->db->error);
    memcpy(before, row_at(many, first), size);
    int status = corm_begin(many->db);
    if (!status) status = corm__end(many->db, corm__many_send(many, plan, first, last));
    if (status && status != CORM_ERROR_MEMORY && !many->db->broken) {
        corm__error_clear(&many->db->error);
        memcpy(row_at(many, first), before, size);
        status = write_each(many, first, last);
    }
    free(before);
    return status;
}

/* A statement that has values beside those of the rows takes one row. */
static int write_run(const corm_many *many, size_t first, size_t last) {
    const ways *ways = many->argument;
    if (last - first == 1 || many->db->backend->features->file)
        return write_each(many, first, last);
    corm_query_plan *plan = ways->plan(many, row_at(many, first));
    if (!plan) return many->db->error.status;
    int status = plan->n_slots && plan->n_slots == plan->n_fields
                     ? write_together(many, plan, first, last)
                     : write_each(many, first, last);
    corm__plan_release(plan);
    return status;
}

/* All or none: several have a level of their own. */
static int write_rows(corm_db *db, const corm_model *model, void *rows, size_t n,
                      const ways *ways) {
    corm_many many;
    corm__many_begin(&many, db, model, rows, n);
    many.compile = ways->compile;
    many.argument = ways;
    for (size_t i = 0; i < n; i++) corm__complete_row(model, row_at(&many, i), true, ways->now);
    if (n == 1) return write_each(&many, 0, 1);
    int status = corm_begin(db);
    return status ? status : corm__end(db, corm__many_runs(&many, write_run));
}

/* --- upsert --- */

static int upsert_row(const corm_many *many, void *row) {
    const ways *ways = many->argument;
    return corm__save_row(many->db, ways->save, row, ways->now);
}

static corm_query_plan *upsert_plan(const corm_many *many, const void *row) {
    return corm__save_plan(many->db, ((const ways *)many->argument)->save, row);
}

static int compile_upsert(const corm_many *many, const void *row, size_t n, corm_query_plan *plan,
                          corm_buffer *sql) {
    corm_save_argument *save = ((const ways *)many->argument)->save;
    corm__fields_omitted(&save->insert, row);
    return corm__compile_save(many->db, save, n, plan, sql);
}

int corm__conflict_fields(corm_db *db, const corm_model *model, corm_conflict conflict,
                          corm_fields *out) {
    corm_fields key;
    int status = corm__fields_of_key(db, model, &key);
    if (!status) status = corm__fields_named(db, model, conflict.columns, conflict.n, out);
    return status || is_unique(model, out, &key) ? status : not_unique(db, model, out);
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
    if (!status) status = corm__conflict_fields(db, model, conflict, &argument.conflict);
    if (!status && n_columns)
        status = corm__fields_named(db, model, columns, n_columns, &argument.set);
    if (!status && n_columns) status = corm__check_settable(db, model, &argument.set, &key);
    if (status) return status;
    if (!n_columns) corm__fields_settable(model, &key, &argument.set);
    for (size_t i = 0; i < model->n_fields; i++)
        argument.set.at[i] =
            (argument.set.at[i] || model->fields[i].auto_now) && !argument.conflict.at[i];
    corm__arena_reset(corm__returned_arena(db));
    return write_rows(db, model, data, n,
                      &(ways){ &argument, corm_now(), upsert_row, upsert_plan, compile_upsert });
}

/* --- ignore --- */

static int put_ignore(corm_db *db, const corm_insert_argument *argument, size_t n,
                      corm_query_plan *plan, corm_buffer *sql) {
    int status = corm__compile_values(db, argument, n, plan, sql);
    if (!status && plan->n_slots) corm__put_do_nothing(db, plan->slots[0].target.column, sql);
    return status;
}

static int compile_ignore_row(corm_db *db, const void *argument, const corm_shape *shape,
                              corm_query_plan *plan) {
    (void)shape;
    corm_buffer sql = { 0 };
    int status = put_ignore(db, argument, 1, plan, &sql);
    if (!status) status = corm__write_end(db, plan, &sql);
    corm__buffer_release(&sql);
    return status;
}

static int compile_ignore(const corm_many *many, const void *row, size_t n, corm_query_plan *plan,
                          corm_buffer *sql) {
    corm_insert_argument argument = { .model = many->model };
    corm__fields_omitted(&argument, row);
    return put_ignore(many->db, &argument, n, plan, sql);
}

static corm_query_plan *ignore_plan(const corm_many *many, const void *row) {
    corm_insert_argument argument = { .model = many->model };
    corm_shape shape;
    corm__shape_begin(&shape, CORM_WHAT_IGNORE, many->model);
    corm__fields_omitted(&argument, row);
    corm__shape_bytes(&shape, argument.omitted, many->model->n_fields);
    corm_query_plan *plan = corm__plan_get(many->db, &shape, compile_ignore_row, &argument);
    corm__shape_end(&shape);
    return plan;
}

static int ignore_row(const corm_many *many, void *row) {
    corm_db *db = many->db;
    corm_query_plan *plan = ignore_plan(many, row);
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
    return write_rows(db, model, data, n,
                      &(ways){ NULL, corm_now(), ignore_row, ignore_plan, compile_ignore });
}
