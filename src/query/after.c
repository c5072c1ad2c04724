/* .after: the rows behind one, in the order of the query. It is a condition like others, made of
 * what that row holds: of two columns
 *
 *     a >= A AND (a > A OR a = A AND b > B)
 *
 * whose first part is for an index. NULL has its place in the order, which a comparison does not
 * know: so it is said with IS NULL. Whoever reads on by it sees no row twice and none left out,
 * whatever has come or gone before it; OFFSET counts anew each time. */
#include "base/error.h"
#include "query/query.h"
#include <string.h>

typedef struct page_key {
    const char *path;
    corm_value value;
    bool descends, nulls_last, null; /* null: the column may be NULL */
} page_key;
enum { MOST_KEYS = 32 };
typedef struct page {
    corm_db *db;
    const corm_model *model;
    const void *row;
    corm_arena *arena;
    bool reverse, by_key;
    page_key keys[MOST_KEYS];
    size_t n;
} page;

static int not_known(page *page, const char *path, const char *hint) {
    corm__db_fail(page->db, CORM_ERROR_USAGE, ".after: what the row has for %s is not known", path);
    corm__error_hint(&page->db->error, "%s", hint);
    return CORM_ERROR_USAGE;
}

/* What the row, or what .with has hung on it, holds at the end of the path. */
static int read_value(page *page, const corm_path *path, page_key *key) {
    const char *object = page->row;
    const corm_field *field = path->field ? path->field : path->key;
    key->null = field->null || field->optional;
    for (size_t i = 0; i < path->n_steps && object; i++) {
        const corm_field *relation = path->steps[i].field;
        key->null |= path->steps[i].null;
        if (path->steps[i].many)
            return not_known(page, key->path, "a relation to many rows gives no order");
        const char *next = *(const char *const *)(object + relation->pointer_offset);
        bool one =
            relation->item == CORM_ITEM_FOREIGN_KEY || relation->item == CORM_ITEM_ONE_TO_ONE;
        if (one && !next) corm__member_get(relation, object, &key->value);
        if (!next && (!one || key->value.kind))
            return not_known(page, key->path, "load the relation with the rows, by .with");
        object = next;
    }
    key->value = CORM_VALUE_NULL;
    if (object) corm__member_get(field, object, &key->value);
    if (key->value.kind || key->null) return 0;
    return not_known(page, key->path, "its member is NULL, and the column takes no NULL");
}

static int add_key(page *page, const char *text, corm_op direction) {
    const corm_field *key[1 + CORM__KEY_COLUMNS];
    corm_path path;
    page_key *next = &page->keys[page->n];
    if (page->n == MOST_KEYS)
        return corm__db_fail(page->db, CORM_ERROR_USAGE, ".after: more than %d columns", MOST_KEYS);
    int status = corm__path_parse(page->db, page->arena, page->model, text, &path);
    if (status) return status;
    if (page->reverse) direction = corm__reversed(direction);
    *next = (page_key){ .path = text,
                        .descends = corm__descends(direction),
                        .nulls_last =
                            direction == CORM_OP_ASC || direction == CORM_OP_DESC_NULLS_LAST };
    page->by_key |= path.field && !path.n_steps && corm__key_fields(page->model, key) == 1 &&
                    key[0] == path.field;
    page->n++;
    return read_value(page, &path, next);
}

/* As corm__draft_order_item sees it, before the query takes it. *path NULL: it is no path. False:
 * it cannot be used, which the query says. */
static bool path_of(const corm_expr *item, const char **path, corm_op *direction) {
    corm_op nulls = 0, way = 0;
    for (*path = NULL; (item = corm__expr_look(item)) && corm__is_direction(item->op);
         item = item->left) {
        corm__note_direction(item->op, &way, &nulls);
        *path = item->left ? NULL : item->path;
        if (*path) break;
    }
    if (item && item->op == CORM_OP_PATH) *path = item->path;
    *direction = corm__direction(way, nulls);
    return item;
}

static int add_order(page *page, const corm_query *query, corm_op *last) {
    const corm_expr *item;
    for (size_t i = 0; (item = corm__order_item(query, i)); i++) {
        const char *path;
        if (!path_of(item, &path, last)) return 0;
        if (!path)
            return not_known(page, "an expression in the order",
                             "with .after the order is by columns");
        int status = add_key(page, path, *last);
        if (status) return status;
    }
    return 0;
}

static int add_model_key(page *page, corm_op last) {
    const corm_field *key[CORM__KEY_COLUMNS];
    size_t n = corm__key_fields(page->model, key);
    if (!n)
        return corm__db_fail(page->db, CORM_ERROR_USAGE,
                             ".after: %s has no primary key, so its rows have no order",
                             page->model->name);
    int status = 0;
    for (size_t i = 0; i < n && !status && !page->by_key; i++) {
        bool relation = key[i]->item != CORM_ITEM_COLUMN;
        const char *path = corm__arena_printf(page->arena, "%s.%s%s", page->model->plural,
                                              key[i]->name, relation ? "_id" : "");
        if (!path) return corm__fail_memory(&page->db->error);
        bool by_key = page->by_key;
        status = add_key(page, path, corm__descends(last) ? CORM_OP_DESC : CORM_OP_ASC);
        page->by_key = by_key;
    }
    return status;
}

static const corm_expr *is_null(const page_key *key, bool null) {
    return corm__expr(null ? CORM_OP_IS_NULL : CORM_OP_IS_NOT_NULL, key->path, NULL);
}

static const corm_expr *equal(const page_key *key) {
    return key->value.kind ? corm__expr_value(CORM_OP_EQ, key->path, NULL, key->value)
                           : is_null(key, true);
}

/* NULL: nothing is behind it. */
static const corm_expr *behind(const page_key *key, bool or_equal) {
    corm_op op = key->descends ? or_equal ? CORM_OP_LTE : CORM_OP_LT
                 : or_equal    ? CORM_OP_GTE
                               : CORM_OP_GT;
    if (!key->value.kind) return key->nulls_last ? NULL : is_null(key, false);
    const corm_expr *greater = corm__expr_value(op, key->path, NULL, key->value);
    if (!key->null || !key->nulls_last) return greater;
    const void *either[] = { greater, is_null(key, true) };
    return corm__expr_args(CORM_OP_OR, either, 2);
}

static const corm_expr *condition(const page *page) {
    const void *any[MOST_KEYS], *all[MOST_KEYS + 1];
    for (size_t i = 0; i < page->n; i++) {
        any[i] = all[i] = behind(&page->keys[i], false);
        for (size_t j = 0; any[i] && j < i; j++) all[j] = equal(&page->keys[j]);
        if (any[i] && i) any[i] = corm__expr_args(CORM_OP_AND, all, i + 1);
    }
    bool bounded = page->n > 1 && page->keys[0].value.kind && !page->keys[0].null;
    const void *both[] = { bounded ? behind(&page->keys[0], true) : NULL,
                           corm__expr_args(CORM_OP_OR, any, page->n) };
    return corm__expr_args(CORM_OP_AND, both, 2);
}

static int after(corm_db *db, const corm_model *model, corm_query *query, corm_arena *arena) {
    if (!query->after.row) return 0;
    if (query->after.model != corm__original(model))
        return corm__db_fail(db, CORM_ERROR_USAGE, ".after: a row of %s in a query on %s",
                             query->after.model ? query->after.model->name : "no model",
                             model->name);
    if (query->random)
        return corm__db_fail(db, CORM_ERROR_USAGE, ".after and .random in one query of %s",
                             model->table);
    page page = {
        .db = db, .model = model, .row = query->after.row, .arena = arena, .reverse = query->reverse
    };
    corm_op last = CORM_OP_ASC;
    int status = add_order(&page, query, &last);
    if (!status) status = add_model_key(&page, last);
    if (status) return status;
    const void *both[] = { query->where, condition(&page) };
    query->where = (const corm_condition *)(const void *)corm__expr_args(CORM_OP_AND, both, 2);
    return 0;
}

/* What cannot be used is taken all the same: each expression is spent by its query. */
int corm__shape_page(corm_shape *shape, corm_db *db, const corm_model *model, corm_query *query) {
    int status = after(db, model, query, &shape->paths);
    corm__shape_query(shape, query);
    return status;
}
