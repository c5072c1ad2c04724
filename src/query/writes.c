/* corm_insert, and what all writes of rows share; corm_save is in save.c.
 *
 * What an INSERT names depends on the row: an identity that is 0, and a column that has an SQL
 * default and is not set, are left to the database and come back by RETURNING. So the shape of an
 * insert is its model and which columns are sent. */
#include "base/error.h"
#include "query/query.h"
#include "query/writes.h"
#include <string.h>

bool corm__field_omitted(const corm_field *field, const void *row) {
    if (field->generated) return true;
    bool made_by_database =
        field->kind == CORM_IDENTITY || field->default_value.kind == CORM_DEFAULT_SQL;
    return made_by_database && corm__member_unset(field, row);
}

void corm__fields_omitted(corm_insert_argument *argument, const void *row) {
    for (size_t i = 0; i < argument->model->n_fields; i++) {
        const corm_field *field = &argument->model->fields[i];
        argument->omitted[i] = corm__field_is_column(field) && corm__field_omitted(field, row);
    }
}

int corm__check_writable(corm_db *db, const corm_model *model, const void *row) {
    if (!row) return corm__db_fail(db, CORM_ERROR_USAGE, "%s: the row is NULL", model->name);
    return model->n_fields <= CORM__WRITE_FIELDS
               ? 0
               : corm__db_fail(db, CORM_ERROR_USAGE, "%s has more than %d members", model->name,
                               CORM__WRITE_FIELDS);
}

int corm__check_whole(corm_db *db, const corm_model *model, const void *rows, size_t n) {
    for (size_t i = 0; model->partial_offset && i < n; i++) {
        if (!((const bool *)rows)[i * model->size + model->partial_offset]) continue;
        corm__db_fail(db, CORM_ERROR_USAGE,
                      "a row of %s was read in part: what was not read would be written as zero",
                      model->table);
        corm__error_hint(&db->error, "change it with corm_update(…, .set = SET(TO(…))), or read it "
                                     "whole: corm_refresh");
        return CORM_ERROR_USAGE;
    }
    return 0;
}

/* A pointer that is NULL where the column takes no NULL can only mean the default. */
static bool has_default_text(const corm_field *field) {
    bool pointer = field->kind == CORM_VARCHAR || field->kind == CORM_TEXT ||
                   field->kind == CORM_JSON || field->kind == CORM_BLOB;
    return pointer && !field->null && field->default_value.kind == CORM_DEFAULT_TEXT;
}

void corm__complete_member(const corm_field *field, void *row, bool insert, corm_timestamp now) {
    if (field->auto_now || (field->auto_now_add && insert))
        corm__member_now(field, row, now);
    else if (field->version && insert && corm__member_unset(field, row))
        *(int64_t *)(void *)((char *)row + field->offset) = 1;
    else if (has_default_text(field) && corm__member_unset(field, row))
        corm__default_write(field, (char *)row + field->offset);
}

void corm__complete_row(const corm_model *model, void *row, bool insert, corm_timestamp now) {
    for (size_t i = 0; i < model->n_fields; i++)
        corm__complete_member(&model->fields[i], row, insert, now);
}

bool corm__needs_completing(const corm_model *model) {
    for (size_t i = 0; i < model->n_fields; i++)
        if (model->fields[i].auto_now || model->fields[i].auto_now_add ||
            model->fields[i].version || has_default_text(&model->fields[i]))
            return true;
    return false;
}

int corm__write_column(corm_db *db, const corm_model *model, const corm_field *field,
                       corm_query_plan *plan) {
    corm_column column;
    int status = corm__column_of_field(model, field, &plan->arena, &column);
    if (status)
        return status == CORM_ERROR_MEMORY ? corm__fail_memory(&db->error)
                                           : corm__db_fail(db, status, "%s.%s has no column type",
                                                           model->name, field->name);
    corm_slot *slot = &plan->slots[plan->n_slots];
    corm__target_of(&column, field->kind == CORM_ENUMERATION ? field->labels : NULL, model->table,
                    false, &slot->target);
    plan->kinds[plan->n_slots] = corm__key_kind(&column);
    plan->fields[plan->n_slots++] = field;
    return 0;
}

int corm__write_begin(corm_db *db, const corm_model *model, corm_query_plan *plan) {
    size_t n = model->n_fields * 2; /* a save names its key twice */
    plan->slots = corm__arena_array(&plan->arena, n, sizeof *plan->slots);
    plan->kinds = corm__arena_array(&plan->arena, n, sizeof *plan->kinds);
    plan->fields = corm__arena_array(&plan->arena, n, sizeof *plan->fields);
    return plan->slots && plan->kinds && plan->fields ? corm__version_once(db, model)
                                                      : corm__fail_memory(&db->error);
}

int corm__write_end(corm_db *db, corm_query_plan *plan, corm_buffer *sql) {
    plan->sql_length = sql->length;
    plan->sql = corm__buffer_copy(sql, &plan->arena); /* NULL of a broken one, too */
    plan->values = corm__arena_array(&plan->arena, plan->n_slots + 1, sizeof *plan->values);
    return plan->sql && plan->values ? 0 : corm__fail_memory(&db->error);
}

/* The identity, when it alone is left to the database and the driver can tell it. */
static const corm_field *told_by_driver(corm_db *db, const corm_model *model, const bool *omitted) {
    const corm_field *identity = NULL;
    if (!db->backend->inserted_id) return NULL;
    for (size_t i = 0; i < model->n_fields; i++) {
        if (!omitted[i]) continue;
        if (identity || model->fields[i].kind != CORM_IDENTITY) return NULL;
        identity = &model->fields[i];
    }
    return identity;
}

/* A column of the live table in the form that is bound. */
static void put_column(corm_db *db, const char *table, const corm_column *column,
                       corm_buffer *sql) {
    corm_buffer name = { 0 };
    db->backend->identifier(&name, column->name);
    corm__put_stored(db, table, column, false, &name, sql);
    if (name.broken) sql->broken = true;
    corm__buffer_release(&name);
}

/* RETURNING what the row does not give. Texts come into memory of the handle. */
int corm__compile_returning(corm_db *db, const corm_model *model, corm_query_plan *plan,
                            const bool *back, corm_buffer *sql) {
    corm_fetch_column *columns = corm__arena_array(&plan->arena, model->n_fields, sizeof *columns);
    if (!columns) return corm__fail_memory(&db->error);
    for (size_t i = 0; i < model->n_fields; i++) {
        const corm_field *field = &model->fields[i];
        if (!back[i] || !corm__field_is_column(field)) continue;
        corm_column column;
        if (corm__column_of_field(model, field, &plan->arena, &column))
            return corm__fail_memory(&db->error);
        corm__fetch_member(field, &column, &columns[plan->n_returned]);
        columns[plan->n_returned].table = model->table;
        columns[plan->n_returned].lenient = true;
        if (field->generated) columns[plan->n_returned].null = true;
        corm__buffer_puts(sql, plan->n_returned++ ? ", " : " RETURNING ");
        put_column(db, model->table, &column, sql);
    }
    plan->fetch = (corm_fetch){ columns, (uint32_t)plan->n_returned, 1 };
    if (plan->n_returned && !db->backend->features->returning)
        return corm__db_fail(db, CORM_ERROR_UNSUPPORTED, "%s does not have RETURNING",
                             db->backend->title);
    return 0;
}

static corm_column column_of(const corm_target *target) {
    return (corm_column){ .name = target->column,
                          .kind = target->kind,
                          .digits = target->digits,
                          .places = target->places };
}

void corm__put_stored_target(corm_db *db, const corm_target *target, bool write,
                             const corm_buffer *value, corm_buffer *sql) {
    corm_column column = column_of(target);
    corm__put_stored(db, target->table, &column, write, value, sql);
}

void corm__put_value(corm_db *db, const corm_target *target, int number, corm_buffer *sql) {
    corm_buffer value = { 0 };
    db->backend->placeholder(&value, number, target->kind, target->element);
    corm__put_stored_target(db, target, true, &value, sql);
    if (value.broken) sql->broken = true;
    corm__buffer_release(&value);
}

void corm__put_form(corm_db *db, const char *form, const char *column, corm_buffer *sql) {
    for (const char *place; (place = strstr(form, "{0}")); form = place + 3) {
        corm__buffer_add(sql, form, (size_t)(place - form));
        db->backend->identifier(sql, column);
    }
    corm__buffer_puts(sql, form);
}

void corm__put_do_nothing(corm_db *db, const char *column, corm_buffer *sql) {
    const char *form = db->backend->do_nothing;
    corm__put_form(db, form ? form : " ON CONFLICT DO NOTHING", column, sql);
}

void corm__put_equal(corm_db *db, const corm_target *target, int number, corm_buffer *sql) {
    corm_column column = column_of(target);
    put_column(db, target->table, &column, sql);
    corm__buffer_puts(sql, " = ");
    db->backend->placeholder(sql, number, target->kind, target->element);
}

static void put_rows(corm_db *db, const corm_query_plan *plan, size_t n_rows, corm_buffer *sql) {
    int number = 0;
    for (size_t row = 0; row < n_rows && plan->n_slots; row++) {
        corm__buffer_puts(sql, row ? ", (" : " VALUES (");
        for (size_t i = 0; i < plan->n_slots; i++) {
            if (i) corm__buffer_puts(sql, ", ");
            corm__put_value(db, &plan->slots[i].target, ++number, sql);
        }
        corm__buffer_putc(sql, ')');
    }
}

/* The order is said, so that the identities come back in it. */
static void put_arrays(corm_db *db, const corm_query_plan *plan, corm_buffer *sql) {
    corm__buffer_puts(sql, " SELECT ");
    for (size_t i = 0; i < plan->n_slots; i++) corm__buffer_printf(sql, "%sa%zu", i ? ", " : "", i);
    corm__buffer_puts(sql, " FROM unnest(");
    for (size_t i = 0; i < plan->n_slots; i++) {
        if (i) corm__buffer_puts(sql, ", ");
        db->backend->placeholder(sql, (int)i + 1, CORM_ARRAY, plan->kinds[i]);
    }
    corm__buffer_puts(sql, ") WITH ORDINALITY AS rows_(");
    for (size_t i = 0; i < plan->n_slots; i++) corm__buffer_printf(sql, "a%zu, ", i);
    corm__buffer_puts(sql, "number) ORDER BY number");
}

int corm__compile_values(corm_db *db, const corm_insert_argument *argument, size_t n_rows,
                         corm_query_plan *plan, corm_buffer *sql) {
    const corm_model *model = argument->model;
    bool identity = false;
    int status = corm__write_begin(db, model, plan);
    if (status) return status;
    corm__buffer_puts(sql, "INSERT INTO ");
    db->backend->identifier(sql, model->table);
    for (size_t i = 0; i < model->n_fields && !status; i++) {
        const corm_field *field = &model->fields[i];
        if (!corm__field_is_column(field) || argument->omitted[i]) continue;
        identity |= field->kind == CORM_IDENTITY;
        status = corm__write_column(db, model, field, plan);
        corm__buffer_puts(sql, plan->n_slots == 1 ? " (" : ", ");
        const char *column = plan->slots[plan->n_slots - 1].target.column;
        if (!status) db->backend->identifier(sql, column);
    }
    plan->n_fields = plan->n_slots;
    if (status) return status;
    if (!plan->n_slots)
        corm__buffer_puts(sql, db->backend->default_values ? db->backend->default_values
                                                           : " DEFAULT VALUES");
    else
        corm__buffer_putc(sql, ')');
    if (identity && db->backend->overriding) corm__buffer_puts(sql, db->backend->overriding);
    if (n_rows)
        put_rows(db, plan, n_rows, sql);
    else
        put_arrays(db, plan, sql);
    return 0;
}

int corm__compile_insert(corm_db *db, const corm_insert_argument *argument, size_t n_rows,
                         corm_query_plan *plan, corm_buffer *sql) {
    int status = corm__compile_values(db, argument, n_rows, plan, sql);
    if (status) return status;
    plan->identity = n_rows == 1 ? told_by_driver(db, argument->model, argument->omitted) : NULL;
    return plan->identity
               ? 0
               : corm__compile_returning(db, argument->model, plan, argument->omitted, sql);
}

static int compile_insert(corm_db *db, const void *argument, const corm_shape *shape,
                          corm_query_plan *plan) {
    (void)shape;
    corm_buffer sql = { 0 };
    int status = corm__compile_insert(db, argument, 1, plan, &sql);
    if (!status) status = corm__write_end(db, plan, &sql);
    corm__buffer_release(&sql);
    return status;
}

int corm__row_values(corm_db *db, const corm_query_plan *plan, size_t first, size_t last,
                     const void *row, corm_value *out) {
    for (size_t i = first; i < last; i++) {
        corm_value value;
        corm__member_get(plan->fields[i], row, &value);
        int status = corm__convert(db, &plan->slots[i].target, &value, &out[i]);
        if (status) return status;
    }
    return 0;
}

corm_query_plan *corm__insert_plan(corm_db *db, const corm_model *model, const void *row) {
    corm_insert_argument argument = { .model = model };
    corm_shape shape;
    corm__shape_begin(&shape, CORM_WHAT_INSERT, model);
    corm__fields_omitted(&argument, row);
    corm__shape_bytes(&shape, argument.omitted, model->n_fields);
    corm_query_plan *plan = corm__plan_get(db, &shape, compile_insert, &argument);
    corm__shape_end(&shape);
    return plan;
}

int corm__write_run(corm_db *db, const corm_query_plan *plan, corm_stmt *stmt, void *row,
                    const corm_value *values) {
    void *objects[] = { row };
    corm_arena *arena = corm__returned_arena(db);
    if (!arena) return CORM_ERROR_MEMORY;
    int status = corm__execute(db, stmt, values, (int)plan->n_slots, 0);
    if (status) return status;
    int back = 0;
    while ((status = corm__step(db, stmt, plan->n_returned ? &plan->fetch : NULL, objects, arena)) >
           0)
        back++;
    if (!status && plan->n_returned && back == 0) {
        status = corm__db_fail(db, CORM_ERROR_DATABASE, "a row was sent and none came back");
        corm__error_hint(&db->error, "Does a trigger drop it?");
    }
    if (!status && plan->identity)
        *(int64_t *)((char *)row + plan->identity->offset) = db->backend->inserted_id(stmt);
    return status;
}

int corm__insert_run(corm_db *db, const corm_query_plan *plan, corm_stmt *stmt, void *row,
                     corm_value *values) {
    int status = corm__row_values(db, plan, 0, plan->n_slots, row, values);
    return status ? status : corm__write_run(db, plan, stmt, row, values);
}

int corm__insert_row(corm_db *db, const corm_model *model, void *row) {
    corm_stmt *stmt = NULL;
    corm__arena_reset(corm__returned_arena(db));
    corm_query_plan *plan = corm__insert_plan(db, model, row);
    if (!plan) return db->error.status;
    int status =
        corm__prepare(db, plan->sql, plan->sql_length, plan->kinds, (int)plan->n_slots, &stmt);
    if (!status) status = corm__insert_run(db, plan, stmt, row, plan->values);
    corm__finish(db, stmt);
    corm__plan_release(plan);
    return status;
}

int corm__write_enter(corm_db *db, const corm_model *model, const void *row) {
    int status = corm__db_enter(db);
    if (!status) status = corm__check_writable(db, model, row);
    if (!status) status = corm__check_whole(db, model, row, 1);
    if (!status && !corm__returned_arena(db)) status = CORM_ERROR_MEMORY;
    return status;
}

static int insert(const corm_row_call *call) {
    if (corm__needs_completing(call->model))
        corm__complete_row(call->model, call->row, true, corm_now());
    return corm__insert_row(call->db, call->model, call->row);
}

int corm__insert(corm_db *db, const corm_model *model, void *row) {
    int status = corm__write_enter(db, model, row);
    return status ? status
                  : corm__with_hooks(&(corm_row_call){ db, model, row, NULL, insert },
                                     CORM_ITEM_BEFORE_INSERT);
}
