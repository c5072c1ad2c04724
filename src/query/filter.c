/* corm_filter: conditions put together at run time. What is added is copied, so that nothing of it
 * depends on how long what the program gave lives.
 *
 * A group is a list of operands under AND or OR, and below it in the tree stands its wrapper, HAS
 * or NOT, whose place does not change when the list grows. Each condition is under a HAS of its
 * own: it speaks of rows of its own. */
#include "base/error.h"
#include "query/query.h"
#include <stdlib.h>
#include <string.h>

struct corm_filter {
    corm_filter *root;
    const corm_model *model;
    corm_expr *wrapper, *parts; /* parts: wrapper->left */
    uint32_t capacity;          /* of parts */
    /* of the root alone */
    corm_arena arena;
    corm_expr *order, *changes;
    uint32_t order_capacity, changes_capacity;
    corm_status status;
    const char *message, *hint;
};

/* Stand for a filter that could not be made, so that no query runs without it. */
static corm_filter no_memory = { .root = &no_memory, .status = CORM_ERROR_MEMORY },
                   no_filter = { .root = &no_filter,
                                 .status = CORM_ERROR_USAGE,
                                 .message = "a group of conditions belongs to no filter",
                                 .hint = "give corm_filter_any and its like a filter, not NULL" };

const char corm__filter_of_another[] = "a filter of another model in a subquery";

static bool working(const corm_filter *filter) { return filter && !filter->root->status; }

static void fail(corm_filter *filter, corm_status status, const char *message, const char *hint) {
    if (!working(filter)) return;
    filter->root->status = status;
    filter->root->message = message;
    filter->root->hint = hint;
}

/* A node in the filter's memory with room for size bytes behind it. NULL: it fails. */
static corm_expr *node_new(corm_filter *filter, corm_op op, size_t size) {
    corm_expr *node = corm__arena_zalloc(&filter->root->arena, sizeof *node + size);
    if (node)
        node->op = op;
    else
        fail(filter, CORM_ERROR_MEMORY, NULL, NULL);
    return node;
}

static const corm_expr **operands(corm_expr *node) {
    return (const corm_expr **)(void *)(node + 1);
}

/* The list with one more operand; it moves when it is full. */
static corm_expr *append(corm_filter *filter, corm_expr *list, uint32_t *capacity, corm_op op,
                         const corm_expr *operand) {
    uint32_t n = list ? list->n : 0;
    if (n == *capacity) {
        *capacity = n ? n * 2 : 4;
        corm_expr *larger = node_new(filter, op, *capacity * sizeof operand);
        if (!larger) return NULL;
        if (n) memcpy(operands(larger), operands(list), n * sizeof operand);
        list = larger;
    }
    operands(list)[n] = operand;
    list->n = n + 1;
    return list;
}

static void add_part(corm_filter *filter, const corm_expr *part) {
    if (!part) return;
    corm_expr *parts = append(filter, filter->parts, &filter->capacity, filter->parts->op, part);
    if (parts) filter->wrapper->left = filter->parts = parts;
}

/* --- copies --- */

static size_t item_size(corm_kind element) {
    return element == CORM_INTEGER  ? sizeof(int32_t)
           : element == CORM_BIGINT ? sizeof(int64_t)
           : element == CORM_UUID   ? sizeof(corm_uuid)
                                    : sizeof(char *);
}

static bool copy_array(corm_arena *arena, corm_value *value) {
    size_t n = value->array.length, size = item_size(value->element);
    const void *from = value->array.items;
    char *to = from ? corm__arena_array(arena, n + 1, size) : NULL;
    if (!from) return true;
    if (!to) return false;
    if (n) memcpy(to, from, n * size);
    for (size_t i = 0; value->element == CORM_TEXT && i < n; i++) {
        const char *text = ((const char *const *)from)[i];
        char *copy = corm__arena_strdup(arena, text);
        if (text && !copy) return false;
        ((const char **)(void *)to)[i] = copy;
    }
    value->array.items = to;
    return true;
}

/* What a value points to. */
bool corm__value_copy(corm_arena *arena, corm_value *value) {
    switch (value->kind) {
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_JSON:
        if (!value->text) return true;
        value->text = corm__arena_strdup(arena, value->text);
        return value->text != NULL;
    case CORM_BLOB: {
        char *bytes = value->blob.data ? corm__arena_bytes(arena, value->blob.size + 1) : NULL;
        if (!bytes) return !value->blob.data;
        memcpy(bytes, value->blob.data, value->blob.size);
        value->blob.data = (void *)bytes;
        return true;
    }
    case CORM_ARRAY: return copy_array(arena, value);
    default: return true;
    }
}

static const corm_expr *copy(corm_filter *filter, const corm_expr *given, int depth);

static bool copy_part(corm_filter *filter, const corm_expr **part, int depth) {
    if (!*part) return true;
    *part = copy(filter, *part, depth + 1);
    return *part != NULL;
}

/* A filter in it may be gone before this one is. */
static bool copy_query(corm_filter *filter, corm_subquery *query, int depth) {
    const char *message = NULL, *hint = NULL;
    corm_status status = query->filter ? corm__filter_status(query->filter, &message, &hint) : 0;
    if (!status && query->filter && corm__filter_model(query->filter) != query->model) {
        status = CORM_ERROR_USAGE;
        message = corm__filter_of_another;
    }
    if (status) fail(filter, status, message, hint);
    if (query->filter) {
        query->filtered = corm__filter_condition(query->filter);
        query->sorted = corm__filter_items(query->filter);
        query->filter = NULL;
    }
    query->name = corm__arena_strdup(&filter->root->arena, query->name);
    if (!query->name) fail(filter, CORM_ERROR_MEMORY, NULL, NULL);
    return working(filter) && copy_part(filter, &query->value, depth) &&
           copy_part(filter, &query->where, depth) && copy_part(filter, &query->filtered, depth) &&
           copy_part(filter, &query->order, depth) && copy_part(filter, &query->sorted, depth);
}

/* The expression in the filter's memory; NULL when it fails. What another filter has stays its. */
static const corm_expr *copy(corm_filter *filter, const corm_expr *given, int depth) {
    corm_status why = 0;
    const corm_expr *expr = (uintptr_t)given & 1 ? corm__expr_take(given, &why) : given;
    if (!expr) {
        fail(filter, why, corm__expr_once, corm__expr_once_hint);
        return NULL;
    }
    if (depth > CORM__SHAPE_DEPTH) {
        fail(filter, CORM_ERROR_USAGE, corm__expr_deep, NULL);
        return NULL;
    }
    bool query = corm__is_query(expr->op);
    size_t size = query ? sizeof(corm_subquery)
                        : expr->n * (expr->values ? sizeof(corm_value) : sizeof(void *));
    corm_expr *made = node_new(filter, expr->op, size);
    if (!made) return NULL;
    memcpy(made, expr, sizeof *made + size);
    made->path = corm__arena_strdup(&filter->root->arena, expr->path);
    if (expr->path && !made->path) fail(filter, CORM_ERROR_MEMORY, NULL, NULL);
    if (made->left && !(made->left = copy(filter, made->left, depth + 1))) return NULL;
    if (query && !copy_query(filter, (corm_subquery *)(void *)(made + 1), depth)) return NULL;
    for (size_t i = 0; i < made->n; i++) {
        corm_value *value = (corm_value *)(void *)(made + 1) + i;
        const corm_expr **operand = made->values ? &value->expression : &operands(made)[i];
        if (made->values && value->kind != CORM_EXPRESSION) {
            if (!corm__value_copy(&filter->root->arena, value))
                fail(filter, CORM_ERROR_MEMORY, NULL, NULL);
        } else if (*operand && !(*operand = copy(filter, *operand, depth + 1))) {
            return NULL;
        }
    }
    return made;
}

/* --- what a program calls --- */

static bool group_begin(corm_filter *filter, corm_op wrapper, corm_op list) {
    filter->wrapper = node_new(filter, wrapper, 0);
    filter->parts = node_new(filter, list, 0);
    if (filter->wrapper && filter->parts) filter->wrapper->left = filter->parts;
    return filter->wrapper && filter->parts;
}

corm_filter *corm__filter_new(const corm_model *model) {
    corm_filter *filter = calloc(1, sizeof *filter);
    if (!filter) return &no_memory;
    filter->root = filter;
    filter->model = model;
    if (group_begin(filter, CORM_OP_HAS, CORM_OP_AND)) return filter;
    corm__arena_release(&filter->arena);
    free(filter);
    return &no_memory;
}

void corm_filter_free(corm_filter *filter) {
    if (!filter || filter->root != filter || !filter->wrapper) return;
    corm__arena_release(&filter->arena);
    free(filter);
}

void corm__filter_cleanup(corm_filter **filter) { corm_filter_free(*filter); }

void corm_filter_add(corm_filter *filter, const corm_condition *condition) {
    if (!condition || !working(filter)) return;
    corm_expr *own = node_new(filter, CORM_OP_HAS, 0);
    if (own && (own->left = copy(filter, (const corm_expr *)(const void *)condition, 0)))
        add_part(filter, own);
}

static corm_filter *group(corm_filter *filter, corm_op wrapper, corm_op list) {
    if (!working(filter)) return filter ? filter : &no_filter;
    corm_filter *child = corm__arena_zalloc(&filter->root->arena, sizeof *child);
    if (child) {
        child->root = filter->root;
        child->model = filter->model;
    }
    if (!child)
        fail(filter, CORM_ERROR_MEMORY, NULL, NULL);
    else if (group_begin(child, wrapper, list))
        add_part(filter, child->wrapper);
    return child ? child : filter;
}

corm_filter *corm_filter_any(corm_filter *filter) { return group(filter, CORM_OP_HAS, CORM_OP_OR); }
corm_filter *corm_filter_all(corm_filter *filter) {
    return group(filter, CORM_OP_HAS, CORM_OP_AND);
}
corm_filter *corm_filter_none(corm_filter *filter) {
    return group(filter, CORM_OP_NOT, CORM_OP_OR);
}

void corm__filter_order(corm_filter *filter, const void *item) {
    if (!item || !working(filter)) return;
    corm_filter *root = filter->root;
    const corm_expr *by = copy(filter, item, 0);
    if (by) root->order = append(root, root->order, &root->order_capacity, CORM_OP_LIST, by);
}

void corm_filter_set(corm_filter *filter, const corm_change *change) {
    if (!change || !working(filter)) return;
    corm_filter *root = filter->root;
    const corm_expr *to = copy(filter, (const corm_expr *)(const void *)change, 0);
    if (to) root->changes = append(root, root->changes, &root->changes_capacity, CORM_OP_LIST, to);
}

/* What another filter has is kept by it for as long as the query runs. */
void corm__filter_choose(corm_filter *filter, const corm_query *query) {
    corm_filter_add(filter, query->where);
    if (query->filter && working(filter)) add_part(filter, query->filter->wrapper);
    corm_status why = 0;
    const corm_expr *order =
        query->order_by ? corm__expr_take((const void *)query->order_by, &why) : NULL;
    if (why) fail(filter, why, corm__expr_once, corm__expr_once_hint);
    for (size_t i = 0; order && i < order->n; i++)
        corm__filter_order(filter, ((const void *const *)(const void *)(order + 1))[i]);
    const corm_expr *items = corm__filter_items(query->filter);
    for (size_t i = 0; items && i < items->n && working(filter); i++)
        filter->order = append(filter, filter->order, &filter->order_capacity, CORM_OP_LIST,
                               corm__expr_arg(items, i));
}

void corm__filter_change(corm_filter *filter, const corm_query *query) {
    corm_status why = 0;
    const corm_expr *set = query->set ? corm__expr_take((const void *)query->set, &why) : NULL;
    if (why) fail(filter, why, corm__expr_once, corm__expr_once_hint);
    for (size_t i = 0; set && i < set->n; i++)
        corm_filter_set(filter, ((const void *const *)(const void *)(set + 1))[i]);
    const corm_expr *items = corm__filter_changes(query->filter);
    for (size_t i = 0; items && i < items->n && working(filter); i++)
        filter->changes = append(filter, filter->changes, &filter->changes_capacity, CORM_OP_LIST,
                                 corm__expr_arg(items, i));
}

/* --- what a query asks --- */

const corm_expr *corm__filter_condition(const corm_filter *filter) {
    return filter ? filter->wrapper : NULL;
}

const corm_expr *corm__filter_items(const corm_filter *filter) {
    return filter && filter->root == filter ? filter->order : NULL;
}

corm_status corm__filter_status(const corm_filter *filter, const char **message,
                                const char **hint) {
    *message = filter->root->message;
    *hint = filter->root->hint;
    return filter->root->status;
}

const corm_model *corm__filter_model(const corm_filter *filter) { return filter->root->model; }

const corm_expr *corm__filter_changes(const corm_filter *filter) {
    return filter && filter->root == filter ? filter->changes : NULL;
}

int corm__filter_check(corm_db *db, const corm_model *model, const corm_filter *filter) {
    const corm_filter *root = filter->root;
    if (root->status == CORM_ERROR_MEMORY) return corm__fail_memory(&db->error);
    if (!root->status && corm__original(root->model) == corm__original(model)) return 0;
    if (root->status) {
        corm__db_fail(db, root->status, "%s", root->message);
        corm__error_hint(&db->error, "%s", root->hint ? root->hint : "");
        return root->status;
    }
    corm__db_fail(db, CORM_ERROR_USAGE, "a filter of %s in a query on %s", root->model->name,
                  model->name);
    corm__error_hint(&db->error, "make it with corm_filter_new(%s)",
                     model->plural ? model->plural : model->name);
    return CORM_ERROR_USAGE;
}
