/* corm_update_many: the columns named of n rows, each row found by its key.
 *
 * In a file row by row, by the statement of corm_save_columns. On a server the rows go as a table
 * beside the one that is changed: as an array for each column, or as SELECTs joined by UNION ALL,
 * the first of which, without rows, gives the columns their types. A statement that has not changed
 * as many rows as were sent has met a key twice, or a row that is gone or of another version: it is
 * undone, and done again row by row, which says which row it was, and lets the later one count. */
#include "base/error.h"
#include "query/query.h"
#include "query/writes.h"

typedef struct update {
    corm_fields set, key;
    int64_t changed; /* by the statements of many rows */
} update;

static void *row_at(const corm_many *many, size_t i) { return many->rows + i * many->model->size; }

static int put_columns(corm_db *db, const corm_model *model, const corm_fields *fields,
                       corm_query_plan *plan) {
    int status = 0;
    for (size_t i = 0; i < model->n_fields && !status; i++)
        if (fields->at[i]) status = corm__write_column(db, model, &model->fields[i], plan);
    return status;
}

/* (SELECT "a" AS c0_, … FROM the table WHERE FALSE UNION ALL SELECT ?, … UNION ALL …) AS v_ */
static void put_selects(const corm_many *many, const corm_query_plan *plan, size_t n,
                        corm_buffer *sql) {
    corm_db *db = many->db;
    int number = 0;
    corm__buffer_puts(sql, "(SELECT ");
    for (size_t i = 0; i < plan->n_slots; i++) {
        if (i) corm__buffer_puts(sql, ", ");
        db->backend->identifier(sql, plan->slots[i].target.column);
        corm__buffer_printf(sql, " AS c%zu_", i);
    }
    corm__buffer_puts(sql, " FROM ");
    db->backend->identifier(sql, many->model->table);
    corm__buffer_puts(sql, " WHERE FALSE");
    for (size_t row = 0; row < n; row++)
        for (size_t i = 0; i < plan->n_slots; i++) {
            corm__buffer_puts(sql, i ? ", " : " UNION ALL SELECT ");
            db->backend->placeholder(sql, ++number, plan->kinds[i], CORM_NULL);
        }
    corm__buffer_puts(sql, ") AS v_");
}

static void put_arrays(const corm_many *many, const corm_query_plan *plan, corm_buffer *sql) {
    corm__buffer_puts(sql, "unnest(");
    for (size_t i = 0; i < plan->n_slots; i++) {
        if (i) corm__buffer_puts(sql, ", ");
        many->db->backend->placeholder(sql, (int)i + 1, CORM_ARRAY, plan->kinds[i]);
    }
    corm__buffer_puts(sql, ") AS v_(");
    for (size_t i = 0; i < plan->n_slots; i++)
        corm__buffer_printf(sql, "%sc%zu_", i ? ", " : "", i);
    corm__buffer_putc(sql, ')');
}

static void put_assigned(corm_db *db, const corm_target *target, size_t i, corm_buffer *sql) {
    corm_buffer value = { 0 };
    corm__buffer_printf(&value, "v_.c%zu_", i);
    if (i) corm__buffer_puts(sql, ", ");
    db->backend->identifier(sql, target->column);
    corm__buffer_puts(sql, " = ");
    corm__put_stored_target(db, target, true, &value, sql);
    if (value.broken) sql->broken = true;
    corm__buffer_release(&value);
}

static void put_found(const corm_many *many, const corm_target *target, size_t i,
                      corm_buffer *sql) {
    corm_buffer column = { 0 };
    many->db->backend->identifier(&column, many->model->table);
    corm__buffer_putc(&column, '.');
    many->db->backend->identifier(&column, target->column);
    corm__put_stored_target(many->db, target, false, &column, sql);
    corm__buffer_printf(sql, " = v_.c%zu_", i);
    if (column.broken) sql->broken = true;
    corm__buffer_release(&column);
}

static int compile(const corm_many *many, const void *row, size_t n, corm_query_plan *plan,
                   corm_buffer *sql) {
    (void)row;
    corm_db *db = many->db;
    const corm_model *model = many->model;
    const update *update = many->argument;
    bool join = db->backend->features->update_join;
    int status = corm__write_begin(db, model, plan);
    if (!status) status = put_columns(db, model, &update->set, plan);
    plan->n_fields = plan->n_slots;
    if (!status) status = put_columns(db, model, &update->key, plan);
    if (status) return status;
    corm__buffer_puts(sql, "UPDATE ");
    db->backend->identifier(sql, model->table);
    if (join) {
        corm__buffer_puts(sql, " JOIN ");
        put_selects(many, plan, n, sql);
    }
    corm__buffer_puts(sql, " SET ");
    for (size_t i = 0; i < plan->n_fields; i++) put_assigned(db, &plan->slots[i].target, i, sql);
    if (corm__version_field(model)) {
        corm__buffer_puts(sql, ", ");
        status = corm__put_next_version(db, model, true, &plan->arena, sql);
    }
    if (!join) {
        corm__buffer_puts(sql, " FROM ");
        put_arrays(many, plan, sql);
    }
    corm__buffer_puts(sql, " WHERE ");
    for (size_t i = plan->n_fields; i < plan->n_slots; i++) {
        if (i > plan->n_fields) corm__buffer_puts(sql, " AND ");
        put_found(many, &plan->slots[i].target, i, sql);
    }
    return status;
}

static int one_by_one(const corm_many *many, const update *update) {
    int status = 0;
    for (size_t i = 0; i < many->n && !status; i++) {
        const void *row = row_at(many, i);
        status = corm__many_in_row(many, i,
                                   corm__row_update(many->db, many->model, row, row, &update->set));
    }
    return status;
}

static int together(const corm_many *many, update *update, bool *done) {
    corm_db *db = many->db;
    corm_query_plan *plan = corm__row_update_plan(db, many->model, &update->set);
    if (!plan) return db->error.status;
    int status = 0;
    if (many->n > 1 && corm__many_fits(db, plan)) {
        status = corm_begin(db);
        if (!status) status = corm__many_send(many, plan, 0, many->n);
        *done = !status && update->changed == (int64_t)many->n;
        if (*done)
            status = corm_commit(db);
        else
            corm__end(db, status ? status : CORM_ERROR_NOT_FOUND);
    }
    corm__plan_release(plan);
    return status;
}

static int send_all(const corm_many *many, update *update) {
    bool done = false;
    int status = together(many, update, &done);
    if (done || status == CORM_ERROR_MEMORY || many->db->broken) return status;
    corm__error_clear(&many->db->error);
    return one_by_one(many, update);
}

int corm__update_many(corm_db *db, const corm_model *model, void *rows, size_t n,
                      const char *const *columns, size_t n_columns) {
    update update = { .changed = 0 };
    corm_many many;
    int status = corm__db_enter(db);
    if (status || !n) return status;
    status = corm__write_enter(db, model, rows);
    if (!status) status = corm__check_whole(db, model, rows, n);
    if (!status) status = corm__fields_of_key(db, model, &update.key);
    if (!status) status = corm__fields_named(db, model, columns, n_columns, &update.set);
    if (!status) status = corm__check_settable(db, model, &update.set, &update.key);
    if (status) return status;
    corm__many_begin(&many, db, model, rows, n);
    many.compile = compile;
    many.argument = &update;
    many.changed = &update.changed;
    corm_timestamp now = corm_now();
    const corm_field *version = corm__version_field(model);
    for (size_t i = 0; i < model->n_fields; i++) {
        const corm_field *field = &model->fields[i];
        update.set.at[i] |= field->auto_now;
        update.key.at[i] |= field == version;
        for (size_t row = 0; update.set.at[i] && row < n; row++)
            corm__complete_member(field, row_at(&many, row), false, now);
    }
    status = corm_begin(db);
    if (!status) status = corm__end(db, send_all(&many, &update));
    for (size_t row = 0; !status && row < n; row++) corm__next_version(model, row_at(&many, row));
    return status;
}
