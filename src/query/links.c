/* corm_add, corm_remove, corm_set and corm_clear: the rows of the table between two models, by the
 * keys of both.
 *
 * The keys are one array, whatever their number. A link that is there stays: that is looked for,
 * since a model in between need not have a unique key, and left to the key where there is one, so
 * that two programs do not disturb each other. */
#include "base/error.h"
#include "query/query.h"
#include "query/writes.h"
#include <string.h>

enum { MOST_KEYS = 65536, MOST_IN_LIST = 4096 }; /* of one statement */

typedef struct link_argument {
    const corm_model *model;
    const char *relation;
    corm_what what;
    corm_kind element; /* of the keys */
    size_t list;       /* length of the list that they are sent as; 0: as an array */
} link_argument;

typedef struct links {
    corm_db *db;
    corm_query_plan *plan;
    corm_step step;
    corm_column own, other; /* the keys of both models */
    corm_kind element;
    size_t list;
    corm_buffer sql;
} links;

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

static int key_type(links *links, const corm_model *model, corm_column *out) {
    int status =
        corm__column_of_field(model, corm__primary_key_field(model), &links->plan->arena, out);
    return status ? corm__fail_memory(&links->db->error) : 0;
}

static corm_slot *next_slot(links *links, const corm_column *type, const corm_model *model) {
    corm_slot *slot = &links->plan->slots[links->plan->n_slots++];
    corm__target_of(type, NULL, model->table, true, &slot->target);
    return slot;
}

/* The key of the one row: value 0. */
static void put_owner(links *links) {
    corm_query_plan *plan = links->plan;
    corm_slot *slot = next_slot(links, &links->own, links->step.from);
    slot->value = 0;
    plan->kinds[plan->n_slots - 1] = slot->target.kind;
    links->db->backend->placeholder(&links->sql, (int)plan->n_slots, slot->target.kind, CORM_NULL);
}

/* The array of the others: value 1. */
static void put_keys(links *links, corm_buffer *out) {
    corm_query_plan *plan = links->plan;
    corm_slot *slot = next_slot(links, &links->other, links->step.to);
    slot->value = 1;
    slot->target.kind = plan->kinds[plan->n_slots - 1] = CORM_ARRAY;
    slot->target.element = links->element;
    links->db->backend->placeholder(out, (int)plan->n_slots, CORM_ARRAY, links->element);
}

static void put_template(links *links, corm_op op, const corm_buffer *operands, size_t n) {
    corm_compiler compiler = { .db = links->db, .backend = links->db->backend };
    corm__compile_template(&compiler, op, &links->other, NULL, operands, n, &links->sql);
}

static void put_name(links *links, const char *before, const char *name) {
    corm__buffer_puts(&links->sql, before);
    links->db->backend->identifier(&links->sql, name);
}

static void write_add(links *links) {
    const corm_between *between = &links->step.between;
    corm_buffer keys = { 0 };
    put_name(links, "INSERT INTO ", between->table);
    put_name(links, " (", between->own_column);
    put_name(links, ", ", between->other_column);
    corm__buffer_puts(&links->sql, ") SELECT DISTINCT ");
    put_owner(links);
    corm__buffer_puts(&links->sql, ", items_.value FROM ");
    put_keys(links, &keys);
    put_template(links, CORM_OP_ITEMS, &keys, 1);
    put_name(links, " WHERE NOT EXISTS (SELECT 1 FROM ", between->table);
    put_name(links, " AS there_ WHERE there_.", between->own_column);
    corm__buffer_puts(&links->sql, " = ");
    put_owner(links);
    put_name(links, " AND there_.", between->other_column);
    corm__buffer_puts(&links->sql, " = items_.value)");
    corm__put_do_nothing(links->db, between->own_column, &links->sql);
    if (keys.broken) links->sql.broken = true;
    corm__buffer_release(&keys);
}

static void put_list(links *links) {
    corm__buffer_puts(&links->sql, " IN (");
    for (size_t i = 0; i < links->list; i++) {
        corm_slot *slot = next_slot(links, &links->other, links->step.to);
        size_t number = links->plan->n_slots;
        *slot = (corm_slot){ .value = 1, .item = (uint32_t)i + 1, .target = slot->target };
        links->plan->kinds[number - 1] = slot->target.kind;
        if (i) corm__buffer_puts(&links->sql, ", ");
        links->db->backend->placeholder(&links->sql, (int)number, slot->target.kind, CORM_NULL);
    }
    corm__buffer_putc(&links->sql, ')');
}

static void write_remove(links *links) {
    const corm_between *between = &links->step.between;
    corm_buffer operands[2] = { { 0 } };
    put_name(links, "DELETE FROM ", between->table);
    put_name(links, " WHERE ", between->own_column);
    corm__buffer_puts(&links->sql, " = ");
    put_owner(links);
    corm__buffer_puts(&links->sql, " AND ");
    if (links->list) {
        links->db->backend->identifier(&links->sql, between->other_column);
        put_list(links);
        return;
    }
    links->db->backend->identifier(&operands[0], between->other_column);
    put_keys(links, &operands[1]);
    put_template(links, CORM_OP_ONE_OF, operands, 2);
    for (int i = 0; i < 2; i++) {
        if (operands[i].broken) links->sql.broken = true;
        corm__buffer_release(&operands[i]);
    }
}

/* Integers of any size and texts go as they are; else the kinds must be the same. */
static int check_keys(links *links) {
    bool text = links->other.kind == CORM_VARCHAR || links->other.kind == CORM_TEXT,
         integer = links->other.kind >= CORM_IDENTITY && links->other.kind <= CORM_BIGINT;
    bool fits = integer ? links->element == CORM_INTEGER || links->element == CORM_BIGINT
                        : links->element == (text ? CORM_TEXT : links->other.kind);
    if (fits) return 0;
    return corm__db_fail(links->db, CORM_ERROR_TYPE, "keys of %s are %s, not %s",
                         links->step.to->name, corm_kind_name(links->other.kind),
                         corm_kind_name(links->element));
}

static void put_owner_is(links *links) {
    put_name(links, " WHERE ", links->step.between.own_column);
    corm__buffer_puts(&links->sql, " = ");
    put_owner(links);
}

static void write_clear(links *links) {
    put_name(links, "DELETE FROM ", links->step.between.table);
    put_owner_is(links);
}

static void write_read(links *links) {
    const corm_between *between = &links->step.between;
    corm_fetch_column *fetch = corm__arena_zalloc(&links->plan->arena, sizeof *fetch);
    if (!fetch) {
        links->sql.broken = true;
        return;
    }
    corm_field field = *corm__primary_key_field(links->step.to);
    field.offset = 0;
    corm__fetch_member(&field, &links->other, fetch);
    fetch->table = between->table;
    fetch->name = between->other_column;
    links->plan->fetch = (corm_fetch){ fetch, 1, 1 };
    put_name(links, "SELECT DISTINCT ", between->other_column);
    put_name(links, " FROM ", between->table);
    put_owner_is(links);
    put_name(links, " AND ", between->other_column);
    corm__buffer_puts(&links->sql, " IS NOT NULL");
}

static int compile(corm_db *db, const void *arguments, const corm_shape *shape,
                   corm_query_plan *plan) {
    (void)shape;
    const link_argument *argument = arguments;
    links links = { .db = db, .plan = plan, .element = argument->element, .list = argument->list };
    int status = find_step(db, &plan->arena, argument->model, argument->relation, &links.step);
    if (!status) status = key_type(&links, links.step.from, &links.own);
    if (!status) status = key_type(&links, links.step.to, &links.other);
    if (!status && argument->what != CORM_WHAT_CLEAR) status = check_keys(&links);
    if (status) return status;
    size_t n = argument->list + 3;
    plan->slots = corm__arena_array(&plan->arena, n, sizeof *plan->slots);
    plan->kinds = corm__arena_array(&plan->arena, n, sizeof *plan->kinds);
    if (!plan->slots || !plan->kinds) return corm__fail_memory(&db->error);
    switch (argument->what) {
    case CORM_WHAT_ADD: write_add(&links); break;
    case CORM_WHAT_REMOVE: write_remove(&links); break;
    case CORM_WHAT_CLEAR: write_clear(&links); break;
    default: write_read(&links);
    }
    plan->sql_length = links.sql.length;
    plan->sql = corm__buffer_copy(&links.sql, &plan->arena);
    corm__buffer_release(&links.sql);
    return plan->sql ? 0 : corm__fail_memory(&db->error);
}

static corm_query_plan *plan_of(corm_db *db, const link_argument *argument, const corm_value *owner,
                                const corm_value *keys, corm_shape *shape) {
    corm__shape_begin(shape, (char)argument->what, argument->model);
    corm__shape_bytes(shape, &argument->element, sizeof argument->element);
    corm__shape_bytes(shape, &argument->list, sizeof argument->list);
    corm__shape_bytes(shape, argument->relation, strlen(argument->relation));
    corm__shape_value(shape, owner);
    if (keys) corm__shape_value(shape, keys);
    return corm__plan_get(db, shape, compile, argument);
}

static int run_part(corm_db *db, const link_argument *argument, const corm_value *owner,
                    const corm_value *keys) {
    corm_shape shape;
    corm_query_plan *plan = plan_of(db, argument, owner, keys, &shape);
    int64_t changed = plan ? corm__plan_run(db, plan, &shape) : db->error.status;
    corm__plan_release(plan);
    corm__shape_end(&shape);
    return changed < 0 ? (int)changed : 0;
}

static size_t item_size(corm_kind element) {
    return element == CORM_INTEGER ? sizeof(int32_t)
           : element == CORM_UUID  ? sizeof(corm_uuid)
           : element == CORM_TEXT  ? sizeof(char *)
                                   : sizeof(int64_t);
}

/* An engine whose arrays are not for a DELETE, which looks at them anew with each row, gets lists.
 */
static int run_parts(corm_db *db, link_argument *argument, const corm_value *owner,
                     const corm_value *keys, size_t most) {
    int status = 0;
    corm_value part = *keys;
    for (size_t done = 0; done < keys->array.length && !status; done += part.array.length) {
        size_t left = keys->array.length - done;
        part.array.items = (const char *)keys->array.items + done * item_size(keys->element);
        part.array.length = left < most ? left : most;
        if (most == MOST_IN_LIST)
            argument->list = corm__list_length(part.array.length, MOST_IN_LIST);
        status = run_part(db, argument, owner, &part);
    }
    return status;
}

static int link_all(corm_db *db, const corm_model *model, const char *relation, corm_value owner,
                    corm_value keys, corm_what what) {
    link_argument argument = { model, relation, what, keys.element, 0 };
    bool lists = what == CORM_WHAT_REMOVE && !db->backend->features->array_parameters;
    size_t most = lists ? MOST_IN_LIST : MOST_KEYS;
    int status = corm__db_enter(db);
    if (status || !keys.array.length) return status;
    if (!keys.array.items)
        return corm__db_fail(db, CORM_ERROR_USAGE, "%s.%s: the array of keys is NULL", model->name,
                             relation);
    if (keys.array.length <= most) return run_parts(db, &argument, &owner, &keys, most);
    status = corm_begin(db);
    if (status) return status;
    status = run_parts(db, &argument, &owner, &keys, most);
    /* How many keys one statement takes is the engine's affair: they fail as one would. */
    bool broken = db->broken;
    status = corm__end(db, status);
    if (broken) corm__break(db);
    return status;
}

int corm__add(corm_db *db, const corm_model *model, const char *relation, corm_value owner,
              corm_value keys) {
    return link_all(db, model, relation, owner, keys, CORM_WHAT_ADD);
}

int corm__remove(corm_db *db, const corm_model *model, const char *relation, corm_value owner,
                 corm_value keys) {
    return link_all(db, model, relation, owner, keys, CORM_WHAT_REMOVE);
}

int corm__clear(corm_db *db, const corm_model *model, const char *relation, corm_value owner) {
    link_argument argument = { model, relation, CORM_WHAT_CLEAR, 0, 0 };
    int status = corm__db_enter(db);
    return status ? status : run_part(db, &argument, &owner, NULL);
}

void *corm__links_read(corm_db *db, const corm_model *model, const char *relation, corm_value owner,
                       corm_kind element) {
    link_argument argument = { model, relation, CORM_WHAT_LINKS, element, 0 };
    corm_shape shape;
    corm_query_plan *plan = plan_of(db, &argument, &owner, NULL, &shape);
    void *rows = plan ? corm__plan_rows(db, plan, &shape, sizeof(corm_link_key), 0) : NULL;
    corm__plan_release(plan);
    corm__shape_end(&shape);
    return rows;
}
