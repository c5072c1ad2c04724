/* The tree with types. Each path is followed through the models, each value gets its number in the
 * walk and learns what it is to become: what its column is, or what it is compared with. The walk
 * is that of shape.c, so that a value's number here is its place there. */
#include "base/error.h"
#include "base/real.h"
#include "query/query.h"
#include <stdio.h>
#include <string.h>

bool corm__is_condition(corm_op op) { return op >= CORM_OP_EQ && op <= CORM_OP_NOT; }
bool corm__is_aggregate(corm_op op) { return op >= CORM_OP_COUNT_ROWS && op <= CORM_OP_MAX; }
bool corm__is_direction(corm_op op) { return op >= CORM_OP_ASC && op <= CORM_OP_NULLS_LAST; }
void corm__note_direction(corm_op op, corm_op *way, corm_op *nulls) {
    corm_op *which = op == CORM_OP_NULLS_FIRST || op == CORM_OP_NULLS_LAST ? nulls : way;
    if (!*which) *which = op;
}
corm_op corm__direction(corm_op way, corm_op nulls) {
    if (way == CORM_OP_DESC)
        return nulls == CORM_OP_NULLS_LAST ? CORM_OP_DESC_NULLS_LAST : CORM_OP_DESC;
    return nulls == CORM_OP_NULLS_FIRST ? CORM_OP_ASC_NULLS_FIRST : CORM_OP_ASC;
}
corm_op corm__reversed(corm_op direction) {
    switch (direction) {
    case CORM_OP_DESC: return CORM_OP_ASC;
    case CORM_OP_ASC_NULLS_FIRST: return CORM_OP_DESC_NULLS_LAST;
    case CORM_OP_DESC_NULLS_LAST: return CORM_OP_ASC_NULLS_FIRST;
    default: return CORM_OP_DESC;
    }
}
bool corm__descends(corm_op direction) {
    return direction == CORM_OP_DESC || direction == CORM_OP_DESC_NULLS_LAST;
}
bool corm__is_ordered(corm_op op) {
    return (op >= CORM_OP_LT && op <= CORM_OP_GTE) || op == CORM_OP_BETWEEN || op == CORM_OP_MIN ||
           op == CORM_OP_MAX;
}

static bool is_integer(corm_kind kind) { return kind >= CORM_IDENTITY && kind <= CORM_BIGINT; }
static bool is_real(corm_kind kind) { return kind == CORM_REAL || kind == CORM_DOUBLE_PRECISION; }
static bool is_text(corm_kind kind) {
    return kind == CORM_VARCHAR || kind == CORM_TEXT || kind == CORM_ENUMERATION;
}

corm_expr_node *corm__node_new(corm_resolver *resolver, corm_op op, size_t n_args, int *status) {
    corm_expr_node *node = corm__arena_zalloc(resolver->arena, sizeof *node);
    corm_expr_node **args =
        node ? corm__arena_array(resolver->arena, n_args + 1, sizeof *args) : NULL;
    if (!args) {
        *status = corm__fail_memory(&resolver->db->error);
        return NULL;
    }
    node->op = op;
    node->args = args;
    return node;
}

corm_expr_node *corm__refuse(corm_resolver *resolver, int *status, const char *hint,
                             const char *format, ...) {
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    corm__vformat(message, sizeof message, format, arguments);
    va_end(arguments);
    *status = corm__db_fail(resolver->db, CORM_ERROR_USAGE, "%s", message);
    if (hint) corm__error_hint(&resolver->db->error, "%s", hint);
    return NULL;
}

/* What an operand is called in messages. */
const char *corm__called(const corm_expr_node *node) {
    return node->op == CORM_OP_PATH ? node->path.text : corm__op_name(node->op);
}

static corm_expr_node *resolve_path(corm_resolver *resolver, const char *text, int *status) {
    corm_expr_node *node = corm__node_new(resolver, CORM_OP_PATH, 0, status);
    if (!node) return NULL;
    *status =
        corm__path_parse_in(resolver->db, resolver->arena, resolver->frame, text, &node->path);
    if (*status) return NULL;
    const corm_path *path = &node->path;
    const corm_field *field = path->field ? path->field : path->key;
    int failed = corm__column_of_field(path->model, field, resolver->arena, &node->type);
    if (failed) {
        *status = failed == CORM_ERROR_MEMORY
                      ? corm__fail_memory(&resolver->db->error)
                      : corm__db_fail(resolver->db, failed, "%s: %s.%s has no column type", text,
                                      path->model->name, field->name);
        return NULL;
    }
    node->labels = field->kind == CORM_ENUMERATION ? field->labels : NULL;
    for (size_t i = 0; i < path->n_steps; i++) node->type.null |= path->steps[i].null;
    node->table = path->model->table;
    node->name = path->column;
    return node;
}

/* One name, no path: what a program was given leads to no other table. */
static corm_expr_node *resolve_named(corm_resolver *resolver, const corm_expr *expr, int *status) {
    const char *name = corm__expr_value_at(expr, 0)->text, *cursor = name;
    size_t length = 0;
    bool word =
        name && corm__path_next(&cursor, &length) == name && !*cursor && length == strlen(name);
    char *path = corm__arena_printf(resolver->arena, "%s.%s", expr->path, word ? name : "");
    if (!path) {
        *status = corm__fail_memory(&resolver->db->error);
        return NULL;
    }
    corm_expr_node *node = word ? resolve_path(resolver, path, status) : NULL;
    if (*status) return NULL;
    const corm_field *field = node ? node->path.field : NULL;
    /* A relation has a name beside its column's. */
    if (!field || (field->item != CORM_ITEM_COLUMN && strcmp(field->name, name) == 0))
        return corm__refuse(resolver, status, "NAMED takes the name of a column of the model",
                            "%s has no column '%s'", expr->path, name ? name : "NULL");
    return node;
}

static void own_type(const corm_value *value, corm_column *type) {
    *type = (corm_column){ .kind = value->kind, .element = value->element };
    if (is_integer(value->kind)) type->kind = CORM_BIGINT;
    if (value->kind == CORM_DECIMAL) {
        type->digits = CORM_DECIMAL_MAX_DIGITS;
        type->places = value->decimal.scale > 0 ? value->decimal.scale : 0;
    }
}

/* A value beside an operand becomes what the operand is; alone (beside == NULL) it stays what it
 * is. */
static corm_expr_node *resolve_literal(corm_resolver *resolver, const corm_value *value,
                                       const corm_expr_node *beside, int *status) {
    corm_expr_node *node = corm__node_new(resolver, CORM_OP_VALUE, 0, status);
    if (!node) return NULL;
    node->value = resolver->next++;
    node->n_values = 1;
    if (beside) {
        node->type = beside->type;
        node->labels = beside->labels;
        node->table = beside->table;
        node->name = beside->name;
    } else {
        own_type(value, &node->type);
    }
    node->type.null = false;
    corm__target_of(&node->type, node->labels, node->table, true, &node->target);
    node->target.column = node->name;
    return node;
}

corm_expr_node *corm__resolve_operand(corm_resolver *resolver, const corm_value *value,
                                      const corm_expr_node *beside, int *status) {
    if (value->kind != CORM_EXPRESSION) return resolve_literal(resolver, value, beside, status);
    corm_expr_node *node = corm__resolve(resolver, corm__expr_at(value->expression), status);
    if (!node && !*status) return corm__refuse(resolver, status, NULL, "an operand is NULL");
    return node;
}

/* The left operand. A constant there has the type of what stands on the right only when that is a
 * column; rare enough to leave it its own.
 */
corm_expr_node *corm__resolve_left(corm_resolver *resolver, const corm_expr *expr, int *status) {
    if (!expr->left && expr->path) return resolve_path(resolver, expr->path, status);
    corm_expr_node *node = corm__resolve(resolver, corm__expr_at(expr->left), status);
    if (!node && !*status)
        return corm__refuse(resolver, status, NULL, "the operand of %s is empty",
                            corm__op_name(expr->op));
    return node;
}

/* Two operands of one comparison or operation. A decimal is compared in its scale, so the scales
 * must agree; a product or quotient has that of the left one, whatever number stands on the right.
 */
static bool comparable(corm_op op, const corm_column *a, const corm_column *b) {
    if ((op == CORM_OP_MUL || op == CORM_OP_DIV) && a->kind == CORM_DECIMAL)
        return b->kind == CORM_DECIMAL || is_integer(b->kind);
    if (a->kind == CORM_DECIMAL || b->kind == CORM_DECIMAL)
        return a->kind == b->kind && a->places == b->places;
    if (is_integer(a->kind) || is_real(a->kind)) return is_integer(b->kind) || is_real(b->kind);
    if (is_text(a->kind)) return is_text(b->kind);
    return a->kind == b->kind;
}

bool corm__check_pair(corm_resolver *resolver, corm_op op, const corm_expr_node *a,
                      const corm_expr_node *b, int *status) {
    if (a->labels != b->labels && ((a->labels && b->labels) || corm__is_ordered(op))) {
        corm__refuse(resolver, status, "an enumeration is compared with one of the same enum",
                     "%s of %s and %s, which are not of one enum", corm__op_name(op),
                     corm__called(a), corm__called(b));
        return false;
    }
    if (comparable(op, &a->type, &b->type)) return true;
    corm__refuse(resolver, status,
                 "both sides need the same type; decimals the same number of places",
                 "%s of %s (%s) and %s (%s)", corm__op_name(op), corm__called(a),
                 corm_kind_name(a->type.kind), corm__called(b), corm_kind_name(b->type.kind));
    return false;
}

static bool check_text(corm_resolver *resolver, corm_op op, const corm_expr_node *node,
                       int *status) {
    if (is_text(node->type.kind)) return true;
    corm__refuse(resolver, status, NULL, "%s needs a text, %s is %s", corm__op_name(op),
                 corm__called(node), corm_kind_name(node->type.kind));
    return false;
}

static bool check_number(corm_resolver *resolver, corm_op op, const corm_expr_node *node,
                         int *status) {
    if (is_integer(node->type.kind) || is_real(node->type.kind) || node->type.kind == CORM_DECIMAL)
        return true;
    corm__refuse(resolver, status, NULL, "%s needs a number, %s is %s", corm__op_name(op),
                 corm__called(node), corm_kind_name(node->type.kind));
    return false;
}

bool corm__node_add(corm_expr_node *node, corm_expr_node *arg) {
    if (!arg) return false;
    node->args[node->n_args++] = arg;
    node->aggregate |= arg->aggregate;
    node->type.null |= arg->type.null;
    return true;
}

static bool is_text_op(corm_op op) { return op >= CORM_OP_CONTAINS && op <= CORM_OP_IREGEX; }

/* For searches in text the value is not limited by what the column holds. A regular expression is
 * put into the engine's words before it is sent: one that a column holds cannot be. */
static bool as_text(corm_resolver *resolver, corm_op op, corm_expr_node *node, int *status) {
    if (node->op != CORM_OP_VALUE) {
        if (op != CORM_OP_REGEX && op != CORM_OP_IREGEX) return true;
        corm__refuse(resolver, status, "each engine would read it in its own way",
                     "%s takes a text, not an expression", corm__op_name(op));
        return false;
    }
    node->target.labels = NULL;
    node->target.kind = node->type.kind = CORM_TEXT;
    node->target.pattern = op == CORM_OP_ILIKE ? CORM_OP_LIKE : op;
    return true;
}

/* Where the operand is not used as the column that it stands beside. An enumeration is ordered by
 * its places; arithmetic of floating point numbers is double precision on each engine. */
static void fit_value(corm_op op, const corm_expr_node *left, corm_expr_node *node) {
    if (node->op != CORM_OP_VALUE) return;
    if (left->labels && corm__is_ordered(op)) node->target.kind = CORM_BIGINT;
    if (is_real(left->type.kind) && !corm__is_condition(op))
        node->target.kind = node->type.kind = CORM_DOUBLE_PRECISION;
}

static corm_expr_node *resolve_pair(corm_resolver *resolver, const corm_expr *expr, int *status) {
    corm_expr_node *node = corm__node_new(resolver, expr->op, 3, status);
    if (!node || !corm__node_add(node, corm__resolve_left(resolver, expr, status))) return NULL;
    corm_expr_node *left = node->args[0];
    if (is_text_op(expr->op) && !check_text(resolver, expr->op, left, status)) return NULL;
    bool any_scale =
        (expr->op == CORM_OP_MUL || expr->op == CORM_OP_DIV) && left->type.kind == CORM_DECIMAL;
    if (!corm__node_add(node, corm__resolve_operand(resolver, corm__expr_value_at(expr, 0),
                                                    any_scale ? NULL : left, status)))
        return NULL;
    if (corm__form(expr->op) == CORM_FORM_RANGE &&
        !corm__node_add(
            node, corm__resolve_operand(resolver, corm__expr_value_at(expr, 1), left, status)))
        return NULL;
    for (size_t i = 1; i < node->n_args; i++) {
        if (is_text_op(expr->op) && !as_text(resolver, expr->op, node->args[i], status))
            return NULL;
        fit_value(expr->op, left, node->args[i]);
        node->args[i]->target.null = expr->op == CORM_OP_IS_DISTINCT;
        if (!corm__check_pair(resolver, expr->op, left, node->args[i], status)) return NULL;
    }
    if (corm__is_condition(expr->op)) {
        node->type.kind = CORM_BOOLEAN;
        node->type.null &= expr->op != CORM_OP_IS_DISTINCT;
        return node;
    }
    if (!check_number(resolver, expr->op, left, status)) return NULL;
    if (expr->op == CORM_OP_MOD && (is_real(left->type.kind) || is_real(node->args[1]->type.kind)))
        return corm__refuse(resolver, status,
                            "it is not the same on each engine; decimals have one",
                            "MOD of floating point numbers");
    bool null = node->type.null;
    node->type = left->type;
    node->type.null = null || expr->op == CORM_OP_DIV || expr->op == CORM_OP_MOD;
    if (is_integer(node->type.kind))
        node->type.kind = is_real(node->args[1]->type.kind) ? CORM_DOUBLE_PRECISION : CORM_BIGINT;
    if (is_real(node->type.kind)) node->type.kind = CORM_DOUBLE_PRECISION;
    if (node->type.kind == CORM_DECIMAL) node->type.digits = CORM_DECIMAL_MAX_DIGITS;
    return node;
}

/* An array goes as it is beside a column of its kind; other columns get its items one by one. */
static bool same_family(const corm_column *type, corm_kind element) {
    if (is_integer(type->kind)) return is_integer(element);
    if (is_text(type->kind) || type->kind == CORM_JSON) return is_text(element);
    return type->kind == element;
}

static corm_expr_node *resolve_list(corm_resolver *resolver, const corm_expr *expr, int *status) {
    corm_expr_node *node = corm__node_new(resolver, expr->op, 1, status);
    if (!node || !corm__node_add(node, corm__resolve_left(resolver, expr, status))) return NULL;
    const corm_expr_node *left = node->args[0];
    bool array = expr->op == CORM_OP_ONE_OF;
    const corm_value *given = corm__expr_value_at(expr, 0);
    size_t n = array ? given->array.length : expr->n,
           most = (size_t)resolver->db->backend->features->max_parameters;
    corm__target_of(&left->type, left->labels, left->table, true, &node->target);
    node->target.column = left->name;
    node->value = resolver->next;
    resolver->next += array ? 1 : corm__list_length(n, CORM__LONGEST_PADDED);
    node->n_values = corm__list_length(n, CORM__LONGEST_PADDED);
    node->type.kind = CORM_BOOLEAN;
    for (size_t i = 0; !array && i < n; i++)
        if (corm__expr_value_at(expr, i)->kind == CORM_EXPRESSION)
            return corm__refuse(resolver, status, "write OR(EQ(…), …)",
                                "IN takes values, not expressions");
    /* An engine may take an array for longer lists than it takes parameters. */
    const corm_backend *backend = resolver->db->backend;
    bool as_array =
        backend->features->array_parameters ||
        (n > most && !resolver->change && backend->expression(CORM_OP_ONE_OF, &left->type));
    if (array && n && as_array && !left->labels && same_family(&left->type, given->element)) {
        node->target.element = given->element;
        return node;
    }
    if (n > most)
        return corm__refuse(resolver, status, "load them in parts",
                            "%s of %zu values: %s takes %zu in one statement",
                            corm__op_name(expr->op), n, resolver->db->backend->title, most);
    node->list = node->n_values;
    return node;
}

static corm_expr_node *resolve_args(corm_resolver *resolver, const corm_expr *expr, int *status) {
    corm_expr_node *node = corm__node_new(resolver, expr->op, expr->n, status);
    if (!node) return NULL;
    bool all_null = true;
    for (size_t i = 0; i < expr->n; i++) {
        corm_expr_node *arg = corm__resolve(resolver, corm__expr_arg(expr, i), status);
        if (*status) return NULL;
        if (!arg) continue;
        all_null = all_null && arg->type.null;
        if (expr->op == CORM_OP_CONCAT && !is_text(arg->type.kind) && !is_integer(arg->type.kind))
            return corm__refuse(resolver, status, "each engine would write it in its own way",
                                "CONCAT takes texts and integers, %s is %s", corm__called(arg),
                                corm_kind_name(arg->type.kind));
        if (corm__is_condition(expr->op) && arg->type.kind != CORM_BOOLEAN)
            return corm__refuse(resolver, status, "write EQ(…), IS_NOT_NULL(…), …",
                                "%s of %s, which is no condition", corm__op_name(expr->op),
                                corm__called(arg));
        if (expr->op == CORM_OP_COALESCE && node->n_args &&
            !corm__check_pair(resolver, expr->op, node->args[0], arg, status))
            return NULL;
        corm__node_add(node, arg);
    }
    if (corm__is_condition(expr->op)) {
        node->type.kind = CORM_BOOLEAN;
        return node->n_args ? node : NULL;
    }
    if (!node->n_args)
        return corm__refuse(resolver, status, NULL, "%s of nothing", corm__op_name(expr->op));
    if (expr->op == CORM_OP_COALESCE)
        node->type = node->args[0]->type;
    else
        node->type = (corm_column){ .kind = CORM_TEXT };
    node->labels = expr->op == CORM_OP_COALESCE ? node->args[0]->labels : NULL;
    node->type.null = expr->op == CORM_OP_COALESCE && all_null;
    return node;
}

static bool set_type(corm_resolver *resolver, corm_expr_node *node, int *status) {
    const corm_expr_node *of = node->args[0];
    corm_op op = node->op;
    node->type = (corm_column){ .kind = CORM_BIGINT };
    switch (op) {
    case CORM_OP_COUNT:
    case CORM_OP_COUNT_DISTINCT: break;
    case CORM_OP_SUM:
        if (!check_number(resolver, op, of, status)) return false;
        if (is_real(of->type.kind)) node->type.kind = CORM_DOUBLE_PRECISION;
        if (of->type.kind == CORM_DECIMAL)
            node->type = (corm_column){ .kind = CORM_DECIMAL,
                                        .digits = CORM_DECIMAL_MAX_DIGITS,
                                        .places = of->type.places };
        node->type.null = true;
        break;
    case CORM_OP_AVG:
        if (!check_number(resolver, op, of, status)) return false;
        node->type = (corm_column){ .kind = CORM_DOUBLE_PRECISION, .null = true };
        break;
    case CORM_OP_MIN:
    case CORM_OP_MAX:
        node->type = of->type;
        node->type.null = true;
        node->labels = of->labels;
        break;
    case CORM_OP_LOWER:
    case CORM_OP_UPPER:
        if (!check_text(resolver, op, of, status)) return false;
        node->type = (corm_column){ .kind = CORM_TEXT, .null = of->type.null };
        break;
    case CORM_OP_LENGTH:
        if (!check_text(resolver, op, of, status)) return false;
        node->type = (corm_column){ .kind = CORM_INTEGER, .null = of->type.null };
        break;
    case CORM_OP_ASC:
    case CORM_OP_DESC:
    case CORM_OP_NULLS_FIRST:
    case CORM_OP_NULLS_LAST: node->type = of->type; break;
    default:
        node->type =
            (corm_column){ .kind = CORM_BOOLEAN,
                           .null = (op == CORM_OP_NOT || op == CORM_OP_HAS) && of->type.null };
    }
    return true;
}

static corm_expr_node *resolve_one(corm_resolver *resolver, const corm_expr *expr, int *status) {
    corm_expr_node *node = corm__node_new(resolver, expr->op, 1, status);
    if (!node) return NULL;
    if (expr->op == CORM_OP_NOT || expr->op == CORM_OP_HAS) {
        corm_expr_node *arg = corm__resolve(resolver, corm__expr_at(expr->left), status);
        if (!arg) return NULL; /* NOT of nothing is nothing */
        if (arg->type.kind != CORM_BOOLEAN)
            return corm__refuse(resolver, status, "write EQ(…), IS_NOT_NULL(…), …",
                                "%s of %s, which is no condition",
                                expr->op == CORM_OP_NOT ? "NOT" : "HAS or a filter",
                                corm__called(arg));
        corm__node_add(node, arg);
    } else if (!corm__node_add(node, corm__resolve_left(resolver, expr, status))) {
        return NULL;
    }
    if (corm__is_aggregate(expr->op)) {
        if (node->aggregate)
            return corm__refuse(resolver, status, NULL, "%s of an aggregate",
                                corm__op_name(expr->op));
        for (const corm_frame *frame = resolver->frame->outer; frame; frame = frame->outer)
            if (corm__names_frame(node->args[0], frame, false))
                return corm__refuse(
                    resolver, status, "to an engine it would be one of the outer query",
                    "%s in a subquery of a column of a query around it", corm__op_name(expr->op));
        node->aggregate = true;
    }
    if (!set_type(resolver, node, status)) return NULL;
    corm_path *path = &node->args[0]->path;
    bool none_of_many = expr->op == CORM_OP_IS_NULL && node->args[0]->op == CORM_OP_PATH &&
                        !path->field && path->n_steps && path->steps[path->n_steps - 1].many;
    if (!none_of_many) return node;
    /* IS_NULL(Recipes.tags): there is no tag. */
    node->op = CORM_OP_IS_NOT_NULL;
    corm_expr_node *not = corm__node_new(resolver, CORM_OP_NOT, 1, status);
    if (!not ) return NULL;
    corm__node_add(not, node);
    not ->type = (corm_column){ .kind = CORM_BOOLEAN };
    return not ;
}

corm_expr_node *corm__resolve(corm_resolver *resolver, const corm_expr *expr, int *status) {
    *status = 0;
    if (!expr) return NULL;
    switch (corm__form(expr->op)) {
    case CORM_FORM_NONE: {
        corm_expr_node *node = corm__node_new(resolver, expr->op, 0, status);
        if (!node) return NULL;
        node->aggregate = true;
        node->type.kind = CORM_BIGINT;
        return node;
    }
    case CORM_FORM_PATH: return resolve_path(resolver, expr->path, status);
    case CORM_FORM_NAMED: return resolve_named(resolver, expr, status);
    case CORM_FORM_VALUE:
        return corm__resolve_operand(resolver, corm__expr_value_at(expr, 0), NULL, status);
    case CORM_FORM_LEFT: return resolve_one(resolver, expr, status);
    case CORM_FORM_LEFT_VALUE:
        if (expr->op == CORM_OP_SET)
            return corm__refuse(resolver, status, "it belongs in .set = SET(…)",
                                "TO is no expression");
        return resolve_pair(resolver, expr, status);
    case CORM_FORM_RANGE: return resolve_pair(resolver, expr, status);
    case CORM_FORM_LIST:
    case CORM_FORM_ARRAY: return resolve_list(resolver, expr, status);
    case CORM_FORM_QUERY: return corm__resolve_subquery(resolver, expr, status);
    case CORM_FORM_ARGS:
        if (expr->op == CORM_OP_CASE) return corm__resolve_case(resolver, expr, status);
        if (expr->op == CORM_OP_XOR) return corm__resolve_xor(resolver, expr, status);
        return resolve_args(resolver, expr, status);
    case CORM_FORM_FUNCTION: return corm__resolve_function(resolver, expr, status);
    }
    return corm__refuse(resolver, status, NULL, "%d is no operator", (int)expr->op);
}

corm_expr_node *corm__resolve_both(corm_resolver *resolver, corm_expr_node *a, corm_expr_node *b,
                                   int *status) {
    if (!a || !b || *status) return a ? a : b;
    corm_expr_node *node = corm__node_new(resolver, CORM_OP_AND, 2, status);
    if (!node) return NULL;
    corm__node_add(node, a);
    corm__node_add(node, b);
    node->type.kind = CORM_BOOLEAN;
    return node;
}

static corm_expr_node *resolve_default(corm_resolver *resolver, corm_expr_node *node, int *status) {
    const corm_expr_node *left = node->args[0];
    const corm_field *field = left->path.field;
    if (!field || field->generated || field->kind == CORM_IDENTITY)
        return corm__refuse(resolver, status, NULL, "%s is generated by the database",
                            left->path.text);
    if (!field->default_value.kind && !field->optional && !field->null)
        return corm__refuse(resolver, status, "give it .default_value in its model",
                            "%s has no default and takes no NULL", left->path.text);
    return corm__node_add(node, corm__node_new(resolver, CORM_OP_DEFAULT, 0, status)) ? node : NULL;
}

corm_expr_node *corm__resolve_set(corm_resolver *resolver, const corm_expr *expr, int *status) {
    *status = 0;
    if (expr->op != CORM_OP_SET)
        return corm__refuse(resolver, status, "write SET(TO(column, value), …)", "%s in .set",
                            corm__op_name(expr->op));
    corm_frame *frame = resolver->frame;
    corm_expr_node *node = corm__node_new(resolver, expr->op, 2, status);
    if (resolver->target) resolver->frame = resolver->target;
    corm_expr_node *to = node ? corm__resolve_left(resolver, expr, status) : NULL;
    resolver->frame = frame;
    if (!to || !corm__node_add(node, to)) return NULL;
    const corm_expr_node *left = node->args[0];
    if (left->op != CORM_OP_PATH || left->path.n_steps)
        return corm__refuse(resolver, status,
                            "update the other table with a corm_update of its own",
                            "%s: only the table's own columns can be set",
                            left->path.text ? left->path.text : "TO");
    const corm_value *value = corm__expr_value_at(expr, 0);
    if (value->kind == CORM_EXPRESSION && corm__expr_at(value->expression)->op == CORM_OP_DEFAULT)
        return resolve_default(resolver, node, status);
    if (!corm__node_add(node, corm__resolve_operand(resolver, value, left, status))) return NULL;
    corm_expr_node *right = node->args[1];
    if (right->op == CORM_OP_VALUE) {
        corm__target_of(&left->type, left->labels, left->table, false, &right->target);
        right->target.column = left->name;
    } else if (!corm__check_pair(resolver, expr->op, left, right, status)) {
        return NULL;
    }
    if (is_integer(left->type.kind) && is_real(right->type.kind))
        return corm__refuse(resolver, status,
                            "engines round halves differently: compute it in integers",
                            "%s is %s, and what it is set to is %s", left->path.text,
                            corm_kind_name(left->type.kind), corm_kind_name(right->type.kind));
    const corm_field *field = left->path.field;
    if (field && field->generated)
        return corm__refuse(resolver, status, NULL, "%s is generated by the database",
                            left->path.text);
    if (right->aggregate)
        return corm__refuse(resolver, status, NULL, "%s cannot be set to an aggregate",
                            left->path.text);
    return node;
}

corm_expr_node *corm__resolve_value(corm_resolver *resolver, corm_kind kind, int *status) {
    corm_value value = { .kind = kind };
    return resolve_literal(resolver, &value, NULL, status);
}
