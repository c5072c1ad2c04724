/* corm_add and corm_remove: the rows of the table between two models, by the keys of both. */
#include "base/error.h"
#include "query/query.h"
#include <string.h>

typedef struct link_argument {
    const corm_model *model;
    const char *relation;
    size_t n;
} link_argument;

static int find_step(corm_db *db, corm_arena *arena, const corm_model *model, const char *relation,
                     corm_step *out) {
    const corm_field *field = corm__field_find(model, relation, strlen(relation));
    if (!field)
        return corm__db_fail(db, CORM_ERROR_USAGE, "%s has no relation '%s'", model->name,
                             relation);
    int status = corm__step_of(db, arena, model, field, out);
    if (status || out->between.table) return status;
    corm__db_fail(db, CORM_ERROR_USAGE, "%s.%s is not a many-to-many relation", model->name,
                  relation);
    corm__error_hint(&db->error, "set the foreign key of the other row instead");
    return CORM_ERROR_USAGE;
}

static void placeholder(corm_db *db, corm_buffer *sql, size_t *number) {
    db->backend->placeholder(sql, (int)++*number, CORM_BIGINT, CORM_NULL);
}

static void write_do_nothing(corm_db *db, const char *column, corm_buffer *sql) {
    const char *form =
        db->backend->do_nothing ? db->backend->do_nothing : " ON CONFLICT DO NOTHING";
    for (const char *place; (place = strstr(form, "{0}")); form = place + 3) {
        corm__buffer_add(sql, form, (size_t)(place - form));
        db->backend->identifier(sql, column);
    }
    corm__buffer_puts(sql, form);
}

/* Links that are there stay: the key of the table in between is both columns. */
static void write_add(corm_db *db, const corm_between *between, size_t n, corm_buffer *sql) {
    size_t number = 0;
    corm__buffer_puts(sql, "INSERT INTO ");
    db->backend->identifier(sql, between->table);
    corm__buffer_puts(sql, " (");
    db->backend->identifier(sql, between->own_column);
    corm__buffer_puts(sql, ", ");
    db->backend->identifier(sql, between->other_column);
    corm__buffer_puts(sql, ") VALUES ");
    for (size_t i = 0; i < n; i++) {
        corm__buffer_puts(sql, i ? ", (" : "(");
        placeholder(db, sql, &number);
        corm__buffer_puts(sql, ", ");
        placeholder(db, sql, &number);
        corm__buffer_putc(sql, ')');
    }
    write_do_nothing(db, between->own_column, sql);
}

static void write_remove(corm_db *db, const corm_between *between, size_t n, corm_buffer *sql) {
    size_t number = 0;
    corm__buffer_puts(sql, "DELETE FROM ");
    db->backend->identifier(sql, between->table);
    corm__buffer_puts(sql, " WHERE ");
    db->backend->identifier(sql, between->own_column);
    corm__buffer_puts(sql, " = ");
    placeholder(db, sql, &number);
    corm__buffer_puts(sql, " AND ");
    db->backend->identifier(sql, between->other_column);
    corm__buffer_puts(sql, " IN (");
    for (size_t i = 0; i < n; i++) {
        if (i) corm__buffer_puts(sql, ", ");
        placeholder(db, sql, &number);
    }
    corm__buffer_putc(sql, ')');
}

static int compile(corm_db *db, const link_argument *argument, corm_query_plan *plan, bool add) {
    corm_step step;
    corm_buffer sql = { 0 };
    int status = find_step(db, &plan->arena, argument->model, argument->relation, &step);
    if (status) return status;
    (add ? write_add : write_remove)(db, &step.between, argument->n, &sql);
    plan->sql_length = sql.length;
    plan->sql = corm__buffer_copy(&sql, &plan->arena);
    plan->n_slots = add ? argument->n * 2 : argument->n + 1;
    plan->slots = corm__arena_array(&plan->arena, plan->n_slots, sizeof *plan->slots);
    plan->kinds = corm__arena_array(&plan->arena, plan->n_slots, sizeof *plan->kinds);
    if (!plan->sql || !plan->slots || !plan->kinds) status = corm__fail_memory(&db->error);
    for (size_t i = 0; i < plan->n_slots && !status; i++) {
        plan->kinds[i] = CORM_BIGINT;
        /* Value 0 is the owner, 1 the array of keys. */
        bool owner = add ? i % 2 == 0 : i == 0;
        plan->slots[i] =
            (corm_slot){ .value = !owner,
                         .item = owner ? 0 : (uint32_t)(add ? i / 2 + 1 : i),
                         .target = { .kind = CORM_BIGINT, .compare = true, .column = "key" } };
    }
    corm__buffer_release(&sql);
    return status;
}

static int compile_add(corm_db *db, const void *argument, const corm_shape *shape,
                       corm_query_plan *plan) {
    (void)shape;
    return compile(db, argument, plan, true);
}
static int compile_remove(corm_db *db, const void *argument, const corm_shape *shape,
                          corm_query_plan *plan) {
    (void)shape;
    return compile(db, argument, plan, false);
}

static int run_part(corm_db *db, const corm_model *model, const char *relation, int64_t owner,
                    const int64_t *keys, size_t n, bool add) {
    corm_shape shape;
    corm_value values[] = {
        { .kind = CORM_BIGINT, .integer = owner },
        { .kind = CORM_ARRAY, .element = CORM_BIGINT, .array = { keys, n, false } }
    };
    size_t length = corm__list_length(n, (size_t)db->backend->features->max_parameters / 2);
    corm__shape_begin(&shape, add ? CORM_WHAT_ADD : CORM_WHAT_REMOVE, model);
    corm__shape_bytes(&shape, &length, sizeof length);
    corm__shape_bytes(&shape, relation, strlen(relation));
    corm__shape_value(&shape, &values[0]);
    corm__shape_value(&shape, &values[1]);
    corm_query_plan *plan = corm__plan_get(db, &shape, add ? compile_add : compile_remove,
                                           &(link_argument){ model, relation, length });
    int64_t changed = plan ? corm__plan_run(db, plan, &shape) : db->error.status;
    corm__plan_release(plan);
    corm__shape_end(&shape);
    return changed < 0 ? (int)changed : 0;
}

static int link_all(corm_db *db, const corm_model *model, const char *relation, int64_t owner,
                    const int64_t *keys, size_t n, bool add) {
    size_t part = (size_t)db->backend->features->max_parameters / 2 - 1;
    int status = corm__db_enter(db);
    if (status || !n) return status;
    if (n <= part) return run_part(db, model, relation, owner, keys, n, add);
    status = corm_begin(db);
    if (status) return status;
    for (size_t done = 0; done < n && !status; done += part)
        status = run_part(db, model, relation, owner, keys + done,
                          n - done < part ? n - done : part, add);
    if (!status) status = corm_commit(db);
    if (!status) return 0;
    corm_error_info why = db->error;
    corm_rollback(db);
    db->error = why;
    return status;
}

int corm__add(corm_db *db, const corm_model *model, const char *relation, int64_t owner,
              const int64_t *keys, size_t n) {
    return link_all(db, model, relation, owner, keys, n, true);
}

int corm__remove(corm_db *db, const corm_model *model, const char *relation, int64_t owner,
                 const int64_t *keys, size_t n) {
    return link_all(db, model, relation, owner, keys, n, false);
}
