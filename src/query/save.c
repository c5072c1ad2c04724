/* corm_save, and what corm_upsert does of it with other unique columns than the key: one statement,
 * so that two programs that save the same key at once both succeed. The INSERT gives way to an
 * UPDATE of the row that has the key. A row that has another unique value of this one is never
 * touched: that is CORM_ERROR_UNIQUE, as with an INSERT.
 *
 * Of a column that the INSERT leaves to an SQL default, the UPDATE sets what the row holds, by a
 * parameter of its own. What the database decides comes back: auto_now_add of the row that was
 * there, defaults, generated columns. */
#include "base/error.h"
#include "query/query.h"
#include "query/writes.h"

int corm__put_conflict(corm_db *db, const corm_model *model, const corm_fields *conflict,
                       bool nothing, corm_arena *arena, const char **first, corm_buffer *sql) {
    const char **names = corm__arena_array(arena, model->n_fields, sizeof *names);
    size_t n = 0;
    for (size_t i = 0; names && i < model->n_fields; i++) {
        if (!conflict->at[i]) continue;
        names[n] = corm__field_column(&model->fields[i], arena);
        if (!names[n++]) names = NULL;
    }
    if (!names) return corm__fail_memory(&db->error);
    *first = names[0];
    if (db->backend->key_taken) {
        db->backend->key_taken(sql, names, n, nothing);
        return 0;
    }
    corm__buffer_puts(sql, " ON CONFLICT (");
    for (size_t i = 0; i < n; i++) {
        if (i) corm__buffer_puts(sql, ", ");
        db->backend->identifier(sql, names[i]);
    }
    corm__buffer_puts(sql, ") DO ");
    return 0;
}

void corm__put_inserted(corm_db *db, const char *column, corm_buffer *sql) {
    db->backend->identifier(sql, column);
    corm__buffer_puts(sql, " = ");
    corm__put_form(db, db->backend->inserted ? db->backend->inserted : "excluded.{0}", column, sql);
}

/* From the slots of the INSERT, and from slots that are added for what it leaves out. */
static int put_assignments(corm_db *db, const corm_save_argument *argument, corm_query_plan *plan,
                           corm_buffer *sql) {
    const corm_model *model = argument->insert.model;
    size_t n_inserted = plan->n_slots, n = 0;
    for (size_t i = 0; i < n_inserted; i++) {
        if (!argument->set.at[plan->fields[i] - model->fields]) continue;
        if (n++) corm__buffer_puts(sql, ", ");
        corm__put_inserted(db, plan->slots[i].target.column, sql);
    }
    for (size_t i = 0; i < model->n_fields; i++) {
        if (!argument->insert.omitted[i] || !argument->set.at[i]) continue;
        int status = corm__write_column(db, model, &model->fields[i], plan);
        if (status) return status;
        const corm_target *target = &plan->slots[plan->n_slots - 1].target;
        if (n++) corm__buffer_puts(sql, ", ");
        db->backend->identifier(sql, target->column);
        corm__buffer_puts(sql, " = ");
        corm__put_value(db, target, (int)plan->n_slots, sql);
    }
    if (!corm__version_field(model)) return 0;
    corm__buffer_puts(sql, ", ");
    return corm__put_next_version(db, model, true, &plan->arena, sql);
}

/* Of a row that is left alone nothing comes back: it is set to what it is. */
static int put_update(corm_db *db, const corm_save_argument *argument, bool nothing, bool back,
                      corm_query_plan *plan, corm_buffer *sql) {
    const char *column = NULL;
    int status = corm__put_conflict(db, argument->insert.model, &argument->conflict, nothing,
                                    &plan->arena, &column, sql);
    if (status) return status;
    if (!db->backend->key_taken)
        corm__buffer_puts(sql, nothing && !back ? "NOTHING" : "UPDATE SET ");
    if (!nothing) return put_assignments(db, argument, plan, sql);
    if (!db->backend->key_taken && back) corm__put_inserted(db, column, sql);
    return 0;
}

int corm__compile_save(corm_db *db, const corm_save_argument *argument, size_t n,
                       corm_query_plan *plan, corm_buffer *sql) {
    const corm_model *model = argument->insert.model;
    corm_insert_argument back = { .model = model };
    corm_fields key;
    bool nothing = true, any_back = false;
    int status = corm__fields_of_key(db, model, &key);
    for (size_t i = 0; i < model->n_fields; i++) {
        back.omitted[i] = argument->insert.omitted[i] || model->fields[i].auto_now_add ||
                          model->fields[i].version || (key.at[i] && !argument->conflict.at[i]);
        nothing &= !argument->set.at[i];
        any_back |= back.omitted[i];
    }
    if (!status) status = corm__compile_values(db, &argument->insert, n, plan, sql);
    if (!status) status = put_update(db, argument, nothing, any_back, plan, sql);
    return status ? status : corm__compile_returning(db, model, plan, back.omitted, sql);
}

static int compile_save(corm_db *db, const void *argument, const corm_shape *shape,
                        corm_query_plan *plan) {
    (void)shape;
    corm_buffer sql = { 0 };
    int status = corm__compile_save(db, argument, 1, plan, &sql);
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

corm_query_plan *corm__save_plan(corm_db *db, corm_save_argument *argument, const void *row) {
    const corm_model *model = argument->insert.model;
    corm_shape shape;
    corm__shape_begin(&shape, CORM_WHAT_SAVE, model);
    corm__fields_omitted(&argument->insert, row);
    corm__shape_bytes(&shape, argument->insert.omitted, model->n_fields);
    corm__shape_bytes(&shape, argument->conflict.at, model->n_fields);
    corm__shape_bytes(&shape, argument->set.at, model->n_fields);
    corm_query_plan *plan = corm__plan_get(db, &shape, compile_save, argument);
    corm__shape_end(&shape);
    return plan;
}

static int save(corm_db *db, corm_save_argument *argument, void *row, corm_timestamp now) {
    corm_query_plan *plan = corm__save_plan(db, argument, row);
    if (!plan) return db->error.status;
    int status = run(db, plan, row, now);
    corm__plan_release(plan);
    return status;
}

/* The engine went by another unique value than that of the conflict. Where the latter is taken,
 * too, it counts, and the identity that led to another row is not asked for; else an INSERT says
 * what is taken. */
static int save_otherwise(corm_db *db, corm_save_argument *argument, void *row,
                          corm_timestamp now) {
    const corm_model *model = argument->insert.model;
    const corm_field *key = corm__primary_key_field(model);
    int there = 0;
    db->broken = false;
    if (key && key->kind == CORM_IDENTITY && !argument->conflict.at[key - model->fields])
        there = corm__row_exists(db, model, row, &argument->conflict);
    if (there < 0) return there;
    if (!there) {
        corm__complete_row(model, row, true, now);
        return corm__insert_row(db, model, row);
    }
    int64_t *identity = (int64_t *)(void *)((char *)row + key->offset), was = *identity;
    *identity = 0;
    int status = save(db, argument, row, now);
    if (status) *identity = was;
    return status;
}

int corm__save_row(corm_db *db, corm_save_argument *argument, void *row, corm_timestamp now) {
    int status = save(db, argument, row, now);
    /* Another connection may have inserted this very row meanwhile, and an index that is not the
     * key's saw it first: now the key has a row. */
    if (status == CORM_ERROR_UNIQUE && !db->backend->in_transaction(db->conn))
        status = save(db, argument, row, now);
    return status == CORM_ERROR_MULTIPLE_ROWS ? save_otherwise(db, argument, row, now) : status;
}

/* A row whose version is 0 is a new one; else there is one, and it has this version. */
static int save_version(corm_db *db, const corm_model *model, void *row, corm_fields *key,
                        corm_timestamp now) {
    corm_fields set;
    corm__complete_row(model, row, false, now);
    corm__fields_settable(model, key, &set);
    int status = corm__row_update(db, model, row, row, &set);
    if (!status) corm__next_version(model, row);
    return status;
}

/* A row that the database gives its key, or that has no version yet. */
static bool is_new(const corm_model *model, const corm_fields *key, const void *row) {
    const corm_field *version = corm__version_field(model);
    for (size_t i = 0; i < model->n_fields; i++)
        if (key->at[i] && corm__field_omitted(&model->fields[i], row)) return true;
    return version && corm__member_unset(version, row);
}

static int save_row(const corm_row_call *call) {
    corm_db *db = call->db;
    const corm_model *model = call->model;
    void *row = call->row;
    corm_save_argument argument = { .insert.model = model };
    if (corm__fields_of_key(db, model, &argument.conflict)) return CORM_ERROR_USAGE;
    corm_timestamp now = corm_now();
    bool new = is_new(model, &argument.conflict, row);
    if (corm__version_field(model) && !new)
        return save_version(db, model, row, &argument.conflict, now);
    corm__complete_row(model, row, new, now);
    if (new) return corm__insert_row(db, model, row);
    corm__fields_settable(model, &argument.conflict, &argument.set);
    corm__arena_reset(corm__returned_arena(db));
    return corm__save_row(db, &argument, row, now);
}

int corm__save(corm_db *db, const corm_model *model, void *row) {
    corm_fields key;
    int status = corm__write_enter(db, model, row);
    if (!status) status = corm__fields_of_key(db, model, &key);
    if (status) return status;
    return corm__with_hooks(&(corm_row_call){ db, model, row, NULL, save_row },
                            is_new(model, &key, row) ? CORM_ITEM_BEFORE_INSERT
                                                     : CORM_ITEM_BEFORE_UPDATE);
}
