/* The shape of a query: a byte string that is the same for two queries exactly when one compiled
 * plan serves both. It holds the texts of the paths and not their addresses, so that an expression
 * built at run time is as good as one that the macros made. */
#include "query/query.h"
#include <stdlib.h>
#include <string.h>

/* clang-format off */
#define FUNCTION(op, name, ...) [CORM_OP_##op] = { CORM_FORM_FUNCTION, name },
static const struct {
    unsigned char form; /* corm_form */
    char name[23];      /* no address, which a library would have to relocate */
} ops[CORM_OP_COUNT_OF_OPS] = {
    [CORM_OP_PATH] = { CORM_FORM_PATH, "COL" },
    [CORM_OP_VALUE] = { CORM_FORM_VALUE, "VALUE" },
    [CORM_OP_EQ] = { CORM_FORM_LEFT_VALUE, "EQ" },
    [CORM_OP_NE] = { CORM_FORM_LEFT_VALUE, "NE" },
    [CORM_OP_LT] = { CORM_FORM_LEFT_VALUE, "LT" },
    [CORM_OP_LTE] = { CORM_FORM_LEFT_VALUE, "LTE" },
    [CORM_OP_GT] = { CORM_FORM_LEFT_VALUE, "GT" },
    [CORM_OP_GTE] = { CORM_FORM_LEFT_VALUE, "GTE" },
    [CORM_OP_IS_DISTINCT] = { CORM_FORM_LEFT_VALUE, "IS_DISTINCT" },
    [CORM_OP_IN] = { CORM_FORM_LIST, "IN" },
    [CORM_OP_ONE_OF] = { CORM_FORM_ARRAY, "ONE_OF" },
    [CORM_OP_BETWEEN] = { CORM_FORM_RANGE, "BETWEEN" },
    [CORM_OP_IS_NULL] = { CORM_FORM_LEFT, "IS_NULL" },
    [CORM_OP_IS_NOT_NULL] = { CORM_FORM_LEFT, "IS_NOT_NULL" },
    [CORM_OP_CONTAINS] = { CORM_FORM_LEFT_VALUE, "CONTAINS" },
    [CORM_OP_ICONTAINS] = { CORM_FORM_LEFT_VALUE, "ICONTAINS" },
    [CORM_OP_STARTS_WITH] = { CORM_FORM_LEFT_VALUE, "STARTS_WITH" },
    [CORM_OP_ISTARTS_WITH] = { CORM_FORM_LEFT_VALUE, "ISTARTS_WITH" },
    [CORM_OP_ENDS_WITH] = { CORM_FORM_LEFT_VALUE, "ENDS_WITH" },
    [CORM_OP_IENDS_WITH] = { CORM_FORM_LEFT_VALUE, "IENDS_WITH" },
    [CORM_OP_IEXACT] = { CORM_FORM_LEFT_VALUE, "IEXACT" },
    [CORM_OP_LIKE] = { CORM_FORM_LEFT_VALUE, "LIKE" },
    [CORM_OP_ILIKE] = { CORM_FORM_LEFT_VALUE, "ILIKE" },
    [CORM_OP_REGEX] = { CORM_FORM_LEFT_VALUE, "REGEX" },
    [CORM_OP_IREGEX] = { CORM_FORM_LEFT_VALUE, "IREGEX" },
    [CORM_OP_EXISTS] = { CORM_FORM_QUERY, "EXISTS" },
    [CORM_OP_IN_QUERY] = { CORM_FORM_QUERY, "IN_QUERY" },
    [CORM_OP_DESCENDANTS] = { CORM_FORM_LEFT_VALUE, "DESCENDANTS" },
    [CORM_OP_ANCESTORS] = { CORM_FORM_LEFT_VALUE, "ANCESTORS" },
    [CORM_OP_SUBQUERY] = { CORM_FORM_QUERY, "SUBQUERY" },
    [CORM_OP_XOR] = { CORM_FORM_ARGS, "XOR" },
    [CORM_OP_AND] = { CORM_FORM_ARGS, "AND" },
    [CORM_OP_OR] = { CORM_FORM_ARGS, "OR" },
    [CORM_OP_HAS] = { CORM_FORM_LEFT, "HAS" },
    [CORM_OP_NOT] = { CORM_FORM_LEFT, "NOT" },
    [CORM_OP_ADD] = { CORM_FORM_LEFT_VALUE, "ADD" },
    [CORM_OP_SUB] = { CORM_FORM_LEFT_VALUE, "SUB" },
    [CORM_OP_MUL] = { CORM_FORM_LEFT_VALUE, "MUL" },
    [CORM_OP_DIV] = { CORM_FORM_LEFT_VALUE, "DIV" },
    [CORM_OP_MOD] = { CORM_FORM_LEFT_VALUE, "MOD" },
    [CORM_OP_COUNT_ROWS] = { CORM_FORM_NONE, "COUNT" },
    [CORM_OP_COUNT] = { CORM_FORM_LEFT, "COUNT_OF" },
    [CORM_OP_COUNT_DISTINCT] = { CORM_FORM_LEFT, "COUNT_DISTINCT" },
    [CORM_OP_SUM] = { CORM_FORM_LEFT, "SUM" },
    [CORM_OP_AVG] = { CORM_FORM_LEFT, "AVG" },
    [CORM_OP_MIN] = { CORM_FORM_LEFT, "MIN_OF" },
    [CORM_OP_MAX] = { CORM_FORM_LEFT, "MAX_OF" },
    [CORM_OP_LOWER] = { CORM_FORM_LEFT, "LOWER" },
    [CORM_OP_UPPER] = { CORM_FORM_LEFT, "UPPER" },
    [CORM_OP_LENGTH] = { CORM_FORM_LEFT, "LENGTH" },
    [CORM_OP_COALESCE] = { CORM_FORM_ARGS, "COALESCE" },
    [CORM_OP_CONCAT] = { CORM_FORM_ARGS, "CONCAT" },
    [CORM_OP_ASC] = { CORM_FORM_LEFT, "ASC" },
    [CORM_OP_DESC] = { CORM_FORM_LEFT, "DESC" },
    [CORM_OP_NULLS_FIRST] = { CORM_FORM_LEFT, "NULLS_FIRST" },
    [CORM_OP_NULLS_LAST] = { CORM_FORM_LEFT, "NULLS_LAST" },
    [CORM_OP_NAMED] = { CORM_FORM_NAMED, "NAMED" },
    [CORM_OP_DEFAULT] = { CORM_FORM_NONE, "TO_DEFAULT" },
    [CORM_OP_SET] = { CORM_FORM_LEFT_VALUE, "TO" },
    [CORM_OP_WITH_ROWS] = { CORM_FORM_QUERY, "WITH_ROWS" },
    [CORM_OP_WITH_COUNT] = { CORM_FORM_QUERY, "WITH_COUNT" },
    [CORM_OP_LIST] = { CORM_FORM_ARGS, "a list" },
    [CORM_OP_CASE] = { CORM_FORM_ARGS, "CASE" },
    [CORM_OP_WHEN] = { CORM_FORM_FUNCTION, "WHEN" },
    [CORM_OP_ELSE] = { CORM_FORM_VALUE, "ELSE" },
    CORM__FUNCTIONS(FUNCTION)
};
/* clang-format on */

corm_form corm__form(corm_op op) { return (unsigned)op < CORM_OP_COUNT_OF_OPS ? ops[op].form : 0; }
const char *corm__op_name(corm_op op) {
    return (unsigned)op < CORM_OP_COUNT_OF_OPS && ops[op].name[0] ? ops[op].name : "?";
}

size_t corm__list_length(size_t n, size_t most) {
    if (n <= 3) return n;
    size_t length = 4;
    while (length < n) length *= 2;
    return length <= most ? length : n;
}

void corm__shape_bytes(corm_shape *shape, const void *data, size_t size) {
    if (size > shape->capacity - shape->length) {
        size_t capacity = shape->capacity * 2 + size;
        unsigned char *key =
            shape->key == shape->key_room ? malloc(capacity) : realloc(shape->key, capacity);
        if (!key) {
            shape->status = CORM_ERROR_MEMORY;
            return;
        }
        if (shape->key == shape->key_room) memcpy(key, shape->key_room, shape->length);
        shape->key = key;
        shape->capacity = capacity;
    }
    memcpy(shape->key + shape->length, data, size);
    shape->length += size;
}

static void put_byte(corm_shape *shape, unsigned char byte) {
    if (shape->length < shape->capacity)
        shape->key[shape->length++] = byte;
    else
        corm__shape_bytes(shape, &byte, 1);
}

static void put_op(corm_shape *shape, corm_op op) {
    if (op >= UINT8_MAX) put_byte(shape, UINT8_MAX);
    put_byte(shape, (unsigned char)(op >= UINT8_MAX ? op - UINT8_MAX : op));
}

static void put_text(corm_shape *shape, const char *text) {
    corm__shape_bytes(shape, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void put_number(corm_shape *shape, size_t number) {
    uint32_t n = (uint32_t)number;
    corm__shape_bytes(shape, &n, sizeof n);
}

void corm__shape_begin(corm_shape *shape, char what, const corm_model *model) {
    shape->key = shape->key_room;
    shape->length = 0;
    shape->capacity = sizeof shape->key_room;
    shape->values = shape->values_room;
    shape->n_values = 0;
    shape->values_capacity = CORM__SHAPE_VALUES;
    shape->status = 0;
    shape->message = shape->hint = NULL;
    shape->paths = (corm_arena){ 0 };
    put_byte(shape, (unsigned char)what);
    corm__shape_bytes(shape, &model, sizeof model);
}

void corm__shape_end(corm_shape *shape) {
    if (shape->key != shape->key_room) free(shape->key);
    if (shape->values != shape->values_room) free(shape->values);
    corm__arena_release(&shape->paths);
}

void corm__shape_value(corm_shape *shape, const corm_value *value) {
    if (shape->n_values == shape->values_capacity) {
        size_t capacity = shape->values_capacity * 2;
        bool first = shape->values == shape->values_room;
        const corm_value **values =
            realloc(first ? NULL : shape->values, capacity * sizeof *values);
        if (!values) {
            shape->status = CORM_ERROR_MEMORY;
            return;
        }
        if (first) memcpy(values, shape->values_room, sizeof shape->values_room);
        shape->values = values;
        shape->values_capacity = capacity;
    }
    shape->values[shape->n_values++] = value;
}

static void fail(corm_shape *shape, corm_status status, const char *message, const char *hint) {
    if (shape->status) return;
    shape->status = status;
    shape->message = message;
    shape->hint = hint;
}

static void put_expr(corm_shape *shape, const corm_expr *expr, int depth);

/* What hangs on an expression of the program is taken with it, what hangs on one of a filter is
 * looked at. */
static void put_operand(corm_shape *shape, const corm_expr *expr, int depth) {
    if ((uintptr_t)expr & 1)
        corm__shape_expr(shape, expr, depth);
    else
        put_expr(shape, expr, depth);
}

void corm__shape_expr(corm_shape *shape, const corm_expr *expr, int depth) {
    corm_status why = 0;
    const corm_expr *taken = expr ? corm__expr_take(expr, &why) : NULL;
    if (why) fail(shape, why, corm__expr_once, corm__expr_once_hint);
    if (!shape->status) put_expr(shape, taken, depth);
}

/* The kind matters to the plan, and the scale of a decimal: an engine may compute with units. */
static void put_value(corm_shape *shape, const corm_value *value, int depth) {
    put_byte(shape, (unsigned char)value->kind);
    if (value->kind == CORM_EXPRESSION) {
        put_operand(shape, value->expression, depth + 1);
        return;
    }
    if (value->kind == CORM_DECIMAL) put_byte(shape, (unsigned char)value->decimal.scale);
    corm__shape_value(shape, value);
}

static void put_left(corm_shape *shape, const corm_expr *expr, int depth) {
    if (expr->left || !expr->path) {
        put_byte(shape, 1);
        put_operand(shape, expr->left, depth + 1);
    } else {
        put_byte(shape, 2);
        put_text(shape, expr->path);
    }
}

/* A list is sent padded: the last value stands for those that lack. */
static void put_values(corm_shape *shape, const corm_expr *expr, int depth) {
    size_t n = corm__list_length(expr->n, CORM__LONGEST_PADDED);
    put_number(shape, n);
    for (size_t i = 0; i < n; i++)
        put_value(shape, corm__expr_value_at(expr, i < expr->n ? i : expr->n - 1), depth);
}

static void check_query(corm_shape *shape, const corm_expr *expr, const corm_subquery *query) {
    const char *message = NULL, *hint = NULL;
    if ((query->limit.kind && query->limit.integer < 0) || query->offset.integer < 0)
        fail(shape, CORM_ERROR_USAGE, "a subquery with a negative limit or offset",
             "without .limit there is no limit");
    if (expr->op == CORM_OP_SUBQUERY && query->limit.kind && query->limit.integer != 1)
        fail(shape, CORM_ERROR_USAGE, "SUBQUERY with a limit that is not 1",
             "it is one value; IN_QUERY asks for several");
    if (!query->filter) return;
    corm_status status = corm__filter_status(query->filter, &message, &hint);
    if (status) fail(shape, status, message, hint);
    if (query->model && corm__filter_model(query->filter) != query->model)
        fail(shape, CORM_ERROR_USAGE, corm__filter_of_another,
             "make it with corm_filter_new of the table that the subquery is on");
}

/* In the order in which subquery.c resolves it. The limit of SUBQUERY is one, given or not. */
static void put_query(corm_shape *shape, const corm_expr *expr, int depth) {
    const corm_subquery *query = corm__expr_subquery(expr);
    check_query(shape, expr, query);
    corm__shape_bytes(shape, &query->model, sizeof query->model);
    put_text(shape, query->name);
    if (expr->op == CORM_OP_IN_QUERY) put_left(shape, expr, depth);
    put_operand(shape, query->value, depth + 1);
    put_operand(shape, query->where, depth + 1);
    put_expr(shape, query->filter ? corm__filter_condition(query->filter) : query->filtered,
             depth + 1);
    put_operand(shape, query->order, depth + 1);
    put_expr(shape, query->filter ? corm__filter_items(query->filter) : query->sorted, depth + 1);
    bool limited = query->limit.kind && expr->op != CORM_OP_SUBQUERY;
    put_byte(shape, (unsigned char)(query->reverse | limited << 1 | !!query->offset.kind << 2));
    if (limited) corm__shape_value(shape, &query->limit);
    if (query->offset.kind) corm__shape_value(shape, &query->offset);
}

static void put_expr(corm_shape *shape, const corm_expr *expr, int depth) {
    if (shape->status) return;
    put_op(shape, expr ? expr->op : 0);
    if (!expr) return;
    if (depth > CORM__SHAPE_DEPTH) {
        fail(shape, CORM_ERROR_USAGE, corm__expr_deep,
             "conditions put together in a loop belong in a corm_filter");
        return;
    }
    const corm_value *value = corm__expr_value_at(expr, 0);
    switch (corm__form(expr->op)) {
    case CORM_FORM_NONE: return;
    case CORM_FORM_PATH: put_text(shape, expr->path); return;
    case CORM_FORM_NAMED:
        put_text(shape, expr->path);
        put_text(shape, value->text);
        return;
    case CORM_FORM_VALUE: put_value(shape, value, depth); return;
    case CORM_FORM_LEFT: put_left(shape, expr, depth); return;
    case CORM_FORM_FUNCTION: put_byte(shape, (unsigned char)expr->n); __attribute__((fallthrough));
    case CORM_FORM_LEFT_VALUE:
    case CORM_FORM_RANGE:
        put_left(shape, expr, depth);
        for (size_t i = 0; i < expr->n; i++) put_value(shape, &value[i], depth);
        return;
    case CORM_FORM_LIST:
        put_left(shape, expr, depth);
        put_values(shape, expr, depth);
        return;
    case CORM_FORM_ARRAY:
        put_left(shape, expr, depth);
        put_byte(shape, (unsigned char)value->element);
        put_number(shape, corm__list_length(value->array.length, CORM__LONGEST_PADDED));
        corm__shape_value(shape, value);
        return;
    case CORM_FORM_ARGS:
        for (size_t i = 0; i < expr->n; i++)
            put_operand(shape, ((const corm_expr *const *)(const void *)(expr + 1))[i], depth + 1);
        put_byte(shape, 0);
        return;
    case CORM_FORM_QUERY: put_query(shape, expr, depth); return;
    }
    fail(shape, CORM_ERROR_USAGE, "an expression holds an operator that there is not", NULL);
}

static void put_clause(corm_shape *shape, char what, const void *expr) {
    if (!expr) return;
    put_byte(shape, (unsigned char)what);
    corm__shape_expr(shape, expr, 0);
}

static void put_names(corm_shape *shape, char what, const void *names) {
    corm_status why = 0;
    const corm_expr *list = names ? corm__expr_take(names, &why) : NULL;
    if (why) fail(shape, why, corm__expr_once, corm__expr_once_hint);
    for (size_t i = 0; list && i < list->n; i++) {
        put_byte(shape, (unsigned char)what);
        put_text(shape, corm__expr_name(list, i));
    }
}

static void put_relations(corm_shape *shape, const void *relations) {
    corm_status why = 0;
    const corm_expr *list = relations ? corm__expr_take(relations, &why) : NULL;
    for (size_t i = 0; list && i < list->n && !why; i++) {
        const corm_expr *item =
            corm__expr_take(((const corm_expr *const *)(const void *)(list + 1))[i], &why);
        if (!item) break;
        put_byte(shape, '+');
        put_text(shape, item->path);
        put_byte(shape, (unsigned char)item->op);
        if (corm__form(item->op) == CORM_FORM_QUERY) put_query(shape, item, 0);
    }
    if (why) fail(shape, why, corm__expr_once, corm__expr_once_hint);
}

const corm_expr *corm__order_item(const corm_query *query, size_t i) {
    size_t own = corm__list_count(query->order_by);
    if (i < own) return corm__expr_arg(corm__list(query->order_by), i);
    const corm_expr *items = corm__filter_items(query->filter);
    return items && i - own < items->n ? corm__expr_arg(items, i - own) : NULL;
}

const corm_expr *corm__set_item(const corm_query *query, size_t i) {
    size_t own = corm__list_count(query->set);
    if (i < own) return corm__expr_arg(corm__list(query->set), i);
    const corm_expr *items = corm__filter_changes(query->filter);
    return items && i - own < items->n ? corm__expr_arg(items, i - own) : NULL;
}

const char *corm__set_name(const corm_expr *to) {
    const corm_expr *left = to->path ? to : to->left ? corm__expr_at(to->left) : NULL;
    if (!left) return NULL;
    return left->op == CORM_OP_NAMED ? corm__expr_value_at(left, 0)->text : left->path;
}

/* The order of the clauses is that in which statement.c resolves them: set, where, filter, having,
 * order, distinct_on, limit, offset, with. */
void corm__shape_query(corm_shape *shape, const corm_query *query) {
    put_clause(shape, 's', query->set);
    bool update = shape->key[0] == CORM_WHAT_UPDATE || shape->key[0] == CORM_WHAT_UPDATE_ROWS;
    if (update && corm__filter_changes(query->filter)) {
        put_byte(shape, 'c');
        put_expr(shape, corm__filter_changes(query->filter), 0);
    }
    put_clause(shape, 'w', query->where);
    if (query->filter) {
        put_byte(shape, 'f');
        put_expr(shape, corm__filter_condition(query->filter), 0);
    }
    put_clause(shape, 'h', query->having);
    put_clause(shape, 'o', query->order_by);
    if (corm__filter_items(query->filter)) {
        put_byte(shape, 'b');
        put_expr(shape, corm__filter_items(query->filter), 0);
    }
    put_names(shape, 'y', query->only);
    put_names(shape, 'x', query->except);
    put_clause(shape, 'g', query->distinct_on);
    if (query->distinct) put_byte(shape, 'd');
    if (query->reverse) put_byte(shape, 'r');
    if (query->random) put_byte(shape, '?');
    if (query->after.row) put_byte(shape, '>');
    if (query->lock) {
        put_byte(shape, 'k');
        put_byte(shape,
                 (unsigned char)(query->lock | query->nowait << 2 | query->skip_locked << 3));
    }
    if (corm__limited(query)) {
        int64_t limit = query->limit == CORM__NO_LIMIT ? INT64_MAX : query->limit;
        put_byte(shape, query->offset > 0 ? 'l' + 1 : 'l');
        shape->limits[0] = (corm_value){ .kind = CORM_BIGINT, .integer = limit };
        corm__shape_value(shape, &shape->limits[0]);
    }
    if (query->offset > 0) {
        shape->limits[1] = (corm_value){ .kind = CORM_BIGINT, .integer = query->offset };
        corm__shape_value(shape, &shape->limits[1]);
    }
    put_relations(shape, query->with);
}
