/* corm_save: one statement, so that two programs that save the same key at once both succeed. The
 * INSERT gives way to an UPDATE of the row that has the key. A row that has another unique value
 * of this one is never touched: that is CORM_ERROR_UNIQUE, as with an INSERT.
 *
 * Of a column that the INSERT leaves to an SQL default, the UPDATE sets what the row holds, by a
 * parameter of its own. What the database decides comes back: auto_now_add of the row that was
 * there, defaults, generated columns. */
#include "base/error.h"
#include "query/query.h"
#include "query/writes.h"

static void put_form(corm_db *db, const char *form, const char *column, corm_buffer *sql) {
    for (; *form; form++) {
        if (form[0] != '{') {
            corm__buffer_putc(sql, *form);
            continue;
        }
        db->backend->identifier(sql, column);
        form += 2;
    }
}

static bool in_key(const corm_field *field, const corm_field *const *key, size_t n_key) {
    for (size_t i = 0; i < n_key; i++)
        if (key[i] == field) return true;
    return false;
}

/* Where the key is taken; the assignments follow, or there are none. */
static void put_conflict(corm_db *db, const corm_query_plan *plan, const corm_field *const *key,
                         size_t n_key, bool nothing, corm_buffer *sql) {
    const char *names[CORM__KEY_COLUMNS];
    for (size_t i = 0; i < n_key; i++) {
        names[i] = key[i]->name;
        for (size_t slot = 0; slot < plan->n_slots; slot++)
            if (plan->fields[slot] == key[i]) names[i] = plan->slots[slot].target.column;
    }
    if (db->backend->key_taken) {
        db->backend->key_taken(sql, names, n_key, nothing);
        return;
    }
    corm__buffer_puts(sql, " ON CONFLICT (");
    for (size_t i = 0; i < n_key; i++) {
        if (i) corm__buffer_puts(sql, ", ");
        db->backend->identifier(sql, names[i]);
    }
    corm__buffer_puts(sql, nothing ? ") DO NOTHING" : ") DO UPDATE SET ");
}

/* From the slots of the INSERT, and from slots that are added for what it leaves out. */
static int put_assignments(corm_db *db, const corm_insert_argument *argument,
                           const corm_field *const *key, size_t n_key, corm_query_plan *plan,
                           corm_buffer *sql) {
    const corm_model *model = argument->model;
    const char *inserted = db->backend->inserted ? db->backend->inserted : "excluded.{0}";
    size_t n_inserted = plan->n_slots, n = 0;
    for (size_t i = 0; i < n_inserted; i++) {
        if (in_key(plan->fields[i], key, n_key) || plan->fields[i]->auto_now_add) continue;
        if (n++) corm__buffer_puts(sql, ", ");
        put_form(db, "{0} = ", plan->slots[i].target.column, sql);
        put_form(db, inserted, plan->slots[i].target.column, sql);
    }
    for (size_t i = 0; i < model->n_fields; i++) {
        const corm_field *field = &model->fields[i];
        if (!argument->omitted[i] || field->generated || !corm__field_is_column(field)) continue;
        int status = corm__write_column(db, model, field, plan);
        if (status) return status;
        const corm_target *target = &plan->slots[plan->n_slots - 1].target;
        if (n++) corm__buffer_puts(sql, ", ");
        put_form(db, "{0} = ", target->column, sql);
        corm__put_value(db, target, (int)plan->n_slots, sql);
    }
    return 0;
}

static bool anything_to_set(const corm_model *model, const corm_field *const *key, size_t n_key) {
    for (size_t i = 0; i < model->n_fields; i++) {
        const corm_field *field = &model->fields[i];
        if (corm__field_is_column(field) && !field->generated && !field->auto_now_add &&
            !in_key(field, key, n_key))
            return true;
    }
    return false;
}

static int compile_save(corm_db *db, const void *arguments, const corm_shape *shape,
                        corm_query_plan *plan) {
    (void)shape;
    const corm_insert_argument *argument = arguments;
    const corm_model *model = argument->model;
    corm_insert_argument back = { .model = model };
    const corm_field *key[CORM__KEY_COLUMNS];
    size_t n_key = corm__key_fields(model, key);
    corm_buffer sql = { 0 };
    bool nothing = !anything_to_set(model, key, n_key);
    int status = corm__compile_values(db, argument, 1, plan, &sql);
    if (!status) {
        put_conflict(db, plan, key, n_key, nothing, &sql);
        if (!nothing) status = put_assignments(db, argument, key, n_key, plan, &sql);
    }
    for (size_t i = 0; i < model->n_fields; i++)
        back.omitted[i] = argument->omitted[i] || model->fields[i].auto_now_add;
    if (!status) status = corm__compile_returning(db, model, plan, back.omitted, &sql);
    if (!status) status = corm__write_end(db, plan, &sql);
    corm__buffer_release(&sql);
    return status;
}

/* The moment of auto_now_add, which is the row's only if it is inserted. */
static void set_added(const corm_query_plan *plan, corm_timestamp now, corm_value *values) {
    for (size_t i = 0; i < plan->n_slots; i++) {
        corm_optional_timestamp room = { 0 }; /* the largest of them */
        corm_field field = *plan->fields[i];
        if (!field.auto_now_add) continue;
        field.offset = 0;
        corm__member_now(&field, &room, now);
        corm__member_get(&field, &room, &values[i]);
    }
}

static int run(corm_db *db, const corm_query_plan *plan, void *row, corm_timestamp now) {
    corm_stmt *stmt = NULL;
    corm__arena_reset(corm__returned_arena(db));
    int status =
        corm__prepare(db, plan->sql, plan->sql_length, plan->kinds, (int)plan->n_slots, &stmt);
    if (!status) status = corm__row_values(db, plan, 0, plan->n_slots, row, plan->values);
    if (!status) {
        set_added(plan, now, plan->values);
        status = corm__write_run(db, plan, stmt, row, plan->values);
    }
    corm__finish(db, stmt);
    return status;
}

static int save(corm_db *db, const corm_model *model, void *row, corm_timestamp now) {
    corm_insert_argument argument = { .model = model };
    corm_shape shape;
    corm__shape_begin(&shape, CORM_WHAT_SAVE, model);
    corm__fields_omitted(&argument, row);
    corm__shape_bytes(&shape, argument.omitted, model->n_fields);
    corm_query_plan *plan = corm__plan_get(db, &shape, compile_save, &argument);
    corm__shape_end(&shape);
    if (!plan) return db->error.status;
    int status = run(db, plan, row, now);
    corm__plan_release(plan);
    return status;
}

int corm__save(corm_db *db, const corm_model *model, void *row) {
    const corm_field *key[CORM__KEY_COLUMNS];
    size_t n_key = corm__key_fields(model, key);
    int status = corm__write_enter(db, model, row);
    if (status) return status;
    if (!n_key) {
        corm__db_fail(db, CORM_ERROR_USAGE, "%s has no primary key to save by", model->name);
        corm__error_hint(&db->error, "use corm_insert, or corm_update with a condition");
        return CORM_ERROR_USAGE;
    }
    corm_timestamp now = corm_now();
    bool made_by_database = false;
    for (size_t i = 0; i < n_key; i++) made_by_database |= corm__field_omitted(key[i], row);
    corm__complete_row(model, row, made_by_database, now);
    if (made_by_database) return corm__insert_row(db, model, row);
    status = save(db, model, row, now);
    /* Another connection may have inserted this very row meanwhile, and an index that is not the
     * key's saw it first: now the key has a row. */
    if (status == CORM_ERROR_UNIQUE && !db->backend->in_transaction(db->conn))
        status = save(db, model, row, now);
    if (status != CORM_ERROR_MULTIPLE_ROWS) return status;
    /* The key is free and a row has another unique value: the INSERT says which. */
    db->broken = false;
    return corm__insert(db, model, row);
}
