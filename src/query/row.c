/* corm_refresh, corm_save_columns, corm_delete_row: one row by its key.
 *
 * A row is found by an expression, as if the program had written AND(EQ(Seats.row_number, 1),
 * EQ(Seats.place, 2)), so that reading and deleting are those of corm_get and corm_delete. An
 * UPDATE takes its values from the members, whatever their kinds. */
#include "base/error.h"
#include "query/query.h"
#include "query/writes.h"
#include <string.h>

int corm__fields_named(corm_db *db, const corm_model *model, const char *const *columns, size_t n,
                       corm_fields *out) {
    corm_arena arena = { 0 };
    int status = 0;
    memset(out->at, 0, model->n_fields);
    if (!n) status = corm__db_fail(db, CORM_ERROR_USAGE, "no column of %s is named", model->table);
    for (size_t i = 0; i < n && !status; i++) {
        corm_path path;
        status = corm__path_parse(db, &arena, model, columns[i], &path);
        if (status) break;
        bool *at = path.field && !path.n_steps ? &out->at[path.field - model->fields] : NULL;
        if (!at)
            status = corm__db_fail(db, CORM_ERROR_USAGE, "%s is no column of %s itself", columns[i],
                                   model->table);
        else if (*at)
            status = corm__db_fail(db, CORM_ERROR_USAGE, "%s.%s twice", model->table, path.column);
        else
            *at = true;
    }
    corm__arena_release(&arena);
    return status;
}

int corm__fields_of_key(corm_db *db, const corm_model *model, corm_fields *out) {
    const corm_field *key[CORM__KEY_COLUMNS];
    size_t n = corm__key_fields(model, key);
    memset(out->at, 0, model->n_fields);
    for (size_t i = 0; i < n; i++) out->at[key[i] - model->fields] = true;
    if (n) return 0;
    corm__db_fail(db, CORM_ERROR_USAGE, "%s has no primary key that tells its rows apart",
                  model->name);
    corm__error_hint(&db->error, "use a condition: corm_get, corm_update, corm_delete");
    return CORM_ERROR_USAGE;
}

/* The value as a program would write it beside the column. */
static corm_value written(const corm_field *field, const void *row) {
    corm_value value;
    corm__member_get(field, row, &value);
    switch (value.kind) {
    case CORM_IDENTITY:
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_ENUMERATION: value.kind = CORM_BIGINT; break;
    case CORM_VARCHAR:
    case CORM_JSON: value.kind = CORM_TEXT; break;
    case CORM_REAL: value.kind = CORM_DOUBLE_PRECISION; break;
    default: break;
    }
    return value;
}

const corm_condition *corm__row_condition(corm_db *db, corm_arena *arena, const corm_model *model,
                                          const void *row, const corm_fields *fields) {
    const void **parts = corm__arena_array(arena, model->n_fields, sizeof *parts);
    size_t n = 0;
    for (size_t i = 0; parts && i < model->n_fields; i++) {
        const corm_field *field = &model->fields[i];
        if (!fields->at[i]) continue;
        const char *path = corm__arena_printf(arena, "%s.%s%s", model->plural, field->name,
                                              field->item == CORM_ITEM_COLUMN ? "" : "_id");
        if (!path) parts = NULL;
        corm_value value = written(field, row);
        if (parts)
            parts[n++] = value.kind == CORM_NULL ? corm__expr(CORM_OP_IS_NULL, path, NULL)
                                                 : corm__expr_value(CORM_OP_EQ, path, NULL, value);
    }
    if (parts) return (const void *)corm__expr_args(CORM_OP_AND, parts, n);
    corm__fail_memory(&db->error);
    return NULL;
}

int corm__row_exists(corm_db *db, const corm_model *model, const void *row,
                     const corm_fields *fields) {
    corm_arena arena = { 0 };
    corm_query query = { .where = corm__row_condition(db, &arena, model, row, fields),
                         .limit = CORM__NO_LIMIT };
    int status = query.where ? corm__exists(db, model, &query) : db->error.status;
    corm__arena_release(&arena);
    return status;
}

/* Of a model with a version nobody knows which it is, without asking again. */
static int no_row(corm_db *db, const corm_model *model) {
    if (corm__version_field(model)) {
        corm__db_fail(db, CORM_ERROR_STALE,
                      "the row of %s has been changed or deleted since it was read", model->table);
        corm__error_hint(&db->error, "read it again (corm_refresh), and decide anew");
        corm__error_set(db->error.table, sizeof db->error.table, "%s", model->table);
        return CORM_ERROR_STALE;
    }
    corm__db_fail(db, CORM_ERROR_NOT_FOUND, "no row of %s has this key", model->table);
    corm__error_set(db->error.table, sizeof db->error.table, "%s", model->table);
    return CORM_ERROR_NOT_FOUND;
}

static void add_version(const corm_model *model, corm_fields *fields) {
    const corm_field *version = corm__version_field(model);
    if (version) fields->at[version - model->fields] = true;
}

/* Enters the handle for a call on the row with this key. */
static int enter(corm_db *db, const corm_model *model, const void *row, corm_fields *key) {
    int status = corm__db_enter(db);
    if (!status) status = corm__check_writable(db, model, row);
    return status ? status : corm__fields_of_key(db, model, key);
}

void *corm__refresh(corm_db *db, const corm_model *model, void *row, const corm_query *query) {
    corm_fields key;
    corm_arena arena = { 0 };
    corm_query by_key = *query;
    if (enter(db, model, row, &key)) return NULL;
    if (query->where || query->filter) {
        corm__db_fail(db, CORM_ERROR_USAGE, "corm_refresh finds the row of %s by its key",
                      model->table);
        corm__error_hint(&db->error, "corm_get takes conditions");
        return NULL;
    }
    if (query->only || query->except) {
        corm__db_fail(db, CORM_ERROR_USAGE, "corm_refresh reads the row of %s whole", model->table);
        corm__error_hint(&db->error, "corm_get takes .only and .except, into a row of its own");
        return NULL;
    }
    by_key.where = corm__row_condition(db, &arena, model, row, &key);
    void *rows = by_key.where ? corm__get(db, model, &by_key) : NULL;
    corm__arena_release(&arena);
    if (rows) memcpy(row, rows, model->size);
    return rows;
}

static int delete_row(const corm_row_call *call) {
    corm_db *db = call->db;
    corm_arena arena = { 0 };
    corm_query query = { .where =
                             corm__row_condition(db, &arena, call->model, call->row, call->fields),
                         .limit = CORM__NO_LIMIT };
    int64_t result = query.where ? corm__delete(db, call->model, &query) : db->error.status;
    corm__arena_release(&arena);
    return result < 0 ? (int)result : result ? 0 : no_row(db, call->model);
}

int corm__delete_row(corm_db *db, const corm_model *model, const void *row) {
    corm_fields key;
    int status = enter(db, model, row, &key);
    if (status) return status;
    add_version(model, &key);
    return corm__with_hooks(&(corm_row_call){ db, model, (void *)row, &key, delete_row },
                            CORM_ITEM_BEFORE_DELETE);
}

/* --- UPDATE … SET the members WHERE the key --- */

typedef struct update_argument {
    const corm_model *model;
    const corm_fields *set, *key;
} update_argument;

/* The columns one after the other, as `name = value`. */
static int put_pairs(corm_db *db, const corm_model *model, const corm_fields *fields,
                     const char *between, bool compare, corm_query_plan *plan, corm_buffer *sql) {
    size_t n = 0;
    for (size_t i = 0; i < model->n_fields; i++) {
        if (!fields->at[i]) continue;
        int status = corm__write_column(db, model, &model->fields[i], plan);
        if (status) return status;
        const corm_target *target = &plan->slots[plan->n_slots - 1].target;
        if (n++) corm__buffer_puts(sql, between);
        if (compare) {
            corm__put_equal(db, target, (int)plan->n_slots, sql);
        } else {
            db->backend->identifier(sql, target->column);
            corm__buffer_puts(sql, " = ");
            corm__put_value(db, target, (int)plan->n_slots, sql);
        }
    }
    return 0;
}

static int compile_update(corm_db *db, const void *arguments, const corm_shape *shape,
                          corm_query_plan *plan) {
    (void)shape;
    const update_argument *argument = arguments;
    const corm_model *model = argument->model;
    corm_buffer sql = { 0 };
    int status = corm__write_begin(db, model, plan);
    corm__buffer_puts(&sql, "UPDATE ");
    db->backend->identifier(&sql, model->table);
    corm__buffer_puts(&sql, " SET ");
    if (!status) status = put_pairs(db, model, argument->set, ", ", false, plan, &sql);
    plan->n_fields = plan->n_slots;
    if (!status && corm__version_field(model)) {
        if (plan->n_slots) corm__buffer_puts(&sql, ", ");
        status = corm__put_next_version(db, model, false, &plan->arena, &sql);
    }
    corm__buffer_puts(&sql, " WHERE ");
    if (!status) status = put_pairs(db, model, argument->key, " AND ", true, plan, &sql);
    if (!status) status = corm__write_end(db, plan, &sql);
    corm__buffer_release(&sql);
    return status;
}

static int64_t run_update(corm_db *db, const corm_query_plan *plan, const void *row,
                          const void *there) {
    corm_stmt *stmt = NULL;
    int64_t result = corm__row_values(db, plan, 0, plan->n_fields, row, plan->values);
    if (!result)
        result = corm__row_values(db, plan, plan->n_fields, plan->n_slots, there, plan->values);
    if (!result)
        result =
            corm__prepare(db, plan->sql, plan->sql_length, plan->kinds, (int)plan->n_slots, &stmt);
    if (!result) result = corm__execute(db, stmt, plan->values, (int)plan->n_slots, 0);
    while (!result) {
        int more = corm__step(db, stmt, NULL, NULL, NULL);
        if (more > 0) continue;
        result = more < 0 ? more : corm__affected(db, stmt);
        break;
    }
    corm__finish(db, stmt);
    return result;
}

void corm__next_version(const corm_model *model, void *row) {
    const corm_field *version = corm__version_field(model);
    if (version) ++*(int64_t *)(void *)((char *)row + version->offset);
}

corm_query_plan *corm__row_update_plan(corm_db *db, const corm_model *model,
                                       const corm_fields *fields) {
    corm_fields key;
    corm_shape shape;
    if (corm__fields_of_key(db, model, &key)) return NULL;
    add_version(model, &key);
    corm__shape_begin(&shape, CORM_WHAT_SAVE_COLUMNS, model);
    corm__shape_bytes(&shape, fields->at, model->n_fields);
    corm_query_plan *plan =
        corm__plan_get(db, &shape, compile_update, &(update_argument){ model, fields, &key });
    corm__shape_end(&shape);
    return plan;
}

int corm__row_update(corm_db *db, const corm_model *model, const void *row, const void *there,
                     const corm_fields *fields) {
    corm_query_plan *plan = corm__row_update_plan(db, model, fields);
    if (!plan) return db->error.status;
    int64_t changed = run_update(db, plan, row, there);
    corm__plan_release(plan);
    return changed < 0 ? (int)changed : changed ? 0 : no_row(db, model);
}

void corm__fields_settable(const corm_model *model, const corm_fields *key, corm_fields *out) {
    for (size_t i = 0; i < model->n_fields; i++) {
        const corm_field *field = &model->fields[i];
        out->at[i] = corm__field_is_column(field) && !field->generated && !field->auto_now_add &&
                     !field->version && !key->at[i];
    }
}

int corm__check_settable(corm_db *db, const corm_model *model, const corm_fields *set,
                         const corm_fields *key) {
    for (size_t i = 0; i < model->n_fields; i++) {
        const corm_field *field = &model->fields[i];
        if (!set->at[i] || (!key->at[i] && !field->generated && !field->version)) continue;
        return corm__db_fail(db, CORM_ERROR_USAGE, "%s.%s is %s", model->table, field->name,
                             key->at[i]       ? "of the key, by which the row is found"
                             : field->version ? "the version, which goes up by itself"
                                              : "generated by the database");
    }
    return 0;
}

static int save_columns(const corm_row_call *call) {
    const corm_model *model = call->model;
    corm_fields set = *call->fields;
    corm_timestamp now = corm_now();
    for (size_t i = 0; i < model->n_fields; i++) {
        set.at[i] |= model->fields[i].auto_now;
        if (set.at[i]) corm__complete_member(&model->fields[i], call->row, false, now);
    }
    int status = corm__row_update(call->db, model, call->row, call->row, &set);
    if (!status) corm__next_version(model, call->row);
    return status;
}

int corm__save_columns(corm_db *db, const corm_model *model, void *row, const char *const *columns,
                       size_t n) {
    corm_fields key, set;
    int status = enter(db, model, row, &key);
    if (!status) status = corm__check_whole(db, model, row, 1);
    if (!status) status = corm__fields_named(db, model, columns, n, &set);
    if (!status) status = corm__check_settable(db, model, &set, &key);
    return status ? status
                  : corm__with_hooks(&(corm_row_call){ db, model, row, &set, save_columns },
                                     CORM_ITEM_BEFORE_UPDATE);
}
