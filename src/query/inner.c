/* The trees of subqueries: a frame of its own for each, in which its clauses are resolved in the
 * order of the walk in shape.c, and around which paths find the queries outside. */
#include "base/error.h"
#include "query/query.h"
#include <string.h>

const corm_expr_node *corm__inner_node(const corm_expr_node *node, size_t i) {
    const corm_inner *inner = node->inner;
    if (!inner) return NULL;
    if (inner->value && i-- == 0) return inner->value;
    if (inner->where && i-- == 0) return inner->where;
    return i < inner->n_order ? inner->order[i] : NULL;
}

bool corm__names_frame(const corm_expr_node *node, const corm_frame *frame, bool outside) {
    if (node->op == CORM_OP_PATH) return node->path.frame == frame;
    if (outside && corm__is_aggregate(node->op)) return false;
    for (size_t i = 0; i < node->n_args; i++)
        if (corm__names_frame(node->args[i], frame, outside)) return true;
    const corm_expr_node *inner;
    for (size_t i = 0; (inner = corm__inner_node(node, i)); i++)
        if (corm__names_frame(inner, frame, outside)) return true;
    return false;
}

static bool resolve_where(corm_resolver *resolver, const corm_subquery *given, corm_inner *inner,
                          corm_op op, int *status) {
    const corm_expr *filter =
        given->filter ? corm__filter_condition(given->filter) : given->filtered;
    corm_expr_node *where = corm__resolve(resolver, corm__expr_at(given->where), status);
    if (*status) return false;
    corm_expr_node *filtered = corm__resolve(resolver, filter, status);
    if (!*status) inner->where = corm__resolve_both(resolver, where, filtered, status);
    if (*status || !inner->where) return !*status;
    if (inner->where->type.kind != CORM_BOOLEAN)
        corm__refuse(resolver, status, "write EQ(…), …", "%s: what is in .where is no condition",
                     corm__op_name(op));
    else if (inner->where->aggregate)
        corm__refuse(resolver, status, "compare with the aggregate of a SUBQUERY",
                     "%s: an aggregate in .where", corm__op_name(op));
    return !*status;
}

static bool resolve_order(corm_resolver *resolver, const corm_subquery *given, corm_inner *inner,
                          corm_op op, int *status) {
    const corm_expr *own = given->order ? corm__list(given->order) : NULL,
                    *sorted = given->filter ? corm__filter_items(given->filter) : given->sorted;
    size_t n = own ? own->n : 0, more = sorted ? sorted->n : 0;
    inner->order = corm__arena_array(resolver->arena, n + more + 1, sizeof *inner->order);
    if (!inner->order) *status = corm__fail_memory(&resolver->db->error);
    for (size_t i = 0; i < n + more && !*status; i++) {
        corm_expr_node *node = corm__resolve(
            resolver, i < n ? corm__expr_arg(own, i) : corm__expr_arg(sorted, i - n), status);
        if (node && node->aggregate)
            corm__refuse(resolver, status, "order by columns", "%s: an aggregate in .order_by",
                         corm__op_name(op));
        if (node && !*status) inner->order[inner->n_order++] = node;
    }
    return !*status;
}

/* In the order of the walk. */
static bool resolve_numbers(corm_resolver *resolver, const corm_subquery *given, corm_inner *inner,
                            corm_op op, int *status) {
    if (given->limit.kind && op != CORM_OP_SUBQUERY)
        inner->limit = corm__resolve_value(resolver, CORM_BIGINT, status);
    if (given->offset.kind && !*status)
        inner->offset = corm__resolve_value(resolver, CORM_BIGINT, status);
    return !*status;
}

static bool resolve_clauses(corm_resolver *resolver, const corm_expr *expr, corm_inner *inner,
                            int *status) {
    const corm_subquery *given = corm__expr_subquery(expr);
    inner->reverse = given->reverse;
    inner->value = corm__resolve(resolver, corm__expr_at(given->value), status);
    if (!*status && given->value && !inner->value)
        corm__refuse(resolver, status, "name a column", "%s: it gives nothing",
                     corm__op_name(expr->op));
    if (*status || !resolve_where(resolver, given, inner, expr->op, status) ||
        !resolve_order(resolver, given, inner, expr->op, status) ||
        !resolve_numbers(resolver, given, inner, expr->op, status))
        return false;
    if (!inner->value || !inner->value->aggregate) return true;
    if (inner->n_order || inner->limit || inner->offset || inner->reverse)
        corm__refuse(resolver, status, "it is of all rows of .where",
                     "%s: an aggregate with an order, a limit or an offset",
                     corm__op_name(expr->op));
    else if (corm__names_frame(inner->value, &inner->frame, true))
        corm__refuse(resolver, status,
                     "an aggregate is of all rows: take MIN_OF or MAX_OF of the column",
                     "%s: a column beside an aggregate", corm__op_name(expr->op));
    return !*status;
}

corm_inner *corm__resolve_inner(corm_resolver *resolver, const corm_expr *expr,
                                const corm_model *model, const char *name, corm_frame *outer,
                                int *status) {
    corm_inner *inner = corm__arena_zalloc(resolver->arena, sizeof *inner);
    if (!inner) {
        *status = corm__fail_memory(&resolver->db->error);
        return NULL;
    }
    corm_frame *before = resolver->frame;
    inner->frame = (corm_frame){ model, name, outer, NULL };
    resolver->frame = &inner->frame;
    bool done = resolve_clauses(resolver, expr, inner, status);
    resolver->frame = before;
    return done ? inner : NULL;
}

corm_expr_node *corm__resolve_subquery(corm_resolver *resolver, const corm_expr *expr,
                                       int *status) {
    const corm_subquery *given = corm__expr_subquery(expr);
    corm_expr_node *node = corm__node_new(resolver, expr->op, 1, status);
    if (!node || (expr->op == CORM_OP_IN_QUERY &&
                  !corm__node_add(node, corm__resolve_left(resolver, expr, status))))
        return NULL;
    corm_inner *inner =
        corm__resolve_inner(resolver, expr, given->model, given->name, resolver->frame, status);
    if (!inner) return NULL;
    node->inner = inner;
    const corm_expr_node *left = node->n_args ? node->args[0] : NULL, *value = inner->value;
    if (left && !corm__check_pair(resolver, expr->op, left, value, status)) return NULL;
    if (expr->op == CORM_OP_SUBQUERY) {
        node->type = value->type;
        node->labels = value->labels;
        node->table = value->table;
        node->name = value->name;
        node->type.null |= !value->aggregate;
    } else {
        node->type = (corm_column){ .kind = CORM_BOOLEAN,
                                    .null = left && (left->type.null || value->type.null) };
    }
    return node;
}
