/* Functions of one row, resolved: CASE and XOR, and what the table of <corm/functions.h> has. A
 * function is looked for by its name and the letters of its operands: first the row that takes them
 * as they are, then one that takes them as numbers of a wider kind. */
#include "base/error.h"
#include "query/query.h"
#include <string.h>

#define FIRST (CORM_OP_ELSE + 1)
static const struct {
    char takes[4], gives[3];
} signatures[] = {
#define SIGNATURE(op, name, takes, gives, ...) { takes, gives },
    CORM__FUNCTIONS(SIGNATURE)
#undef SIGNATURE
};

static char letter(const corm_expr_node *node) {
    switch ((int)node->type.kind) {
    case CORM_IDENTITY:
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_BIGINT: return 'i';
    case CORM_DECIMAL: return 'n';
    case CORM_REAL:
    case CORM_DOUBLE_PRECISION: return 'r';
    case CORM_VARCHAR:
    case CORM_TEXT:
    case CORM_ENUMERATION: return 't';
    case CORM_BOOLEAN: return 'b';
    case CORM_DATE: return 'd';
    case CORM_TIME: return 'h';
    case CORM_TIMESTAMP: return 'm';
    case CORM_INTERVAL: return 'v';
    default: return 0;
    }
}

/* --- operands that become one kind --- */

static bool is_null(const corm_expr_node *node) { return node->type.kind == CORM_NULL; }
static bool is_value(const corm_expr_node *node) { return node->op == CORM_OP_VALUE; }

static void retarget(corm_expr_node *node, const corm_column *type, const corm_enum *labels) {
    node->type = *type;
    node->type.null = false;
    node->labels = labels;
    corm__target_of(&node->type, labels, node->table, true, &node->target);
    node->target.column = node->name;
}

static corm_kind wider(corm_kind a, corm_kind b) {
    if (a == b) return a;
    if (a == CORM_IDENTITY || b == CORM_IDENTITY) return CORM_BIGINT;
    return a > b ? a : b;
}

/* What is wide enough for both, which may stand beside each other. */
static void merge(corm_expr_node *into, const corm_expr_node *node) {
    corm_column *a = &into->type;
    const corm_column *b = &node->type;
    char kind = letter(into), other = letter(node);
    if (kind == 'r' || other == 'r') {
        a->kind = a->kind == CORM_REAL && b->kind == CORM_REAL ? CORM_REAL : CORM_DOUBLE_PRECISION;
    } else if (kind == 'i') {
        a->kind = wider(a->kind, b->kind);
    } else if (kind == 'n') {
        if (b->digits > a->digits) a->digits = b->digits;
        if (b->places > a->places) a->places = b->places;
    } else if (kind == 't' && (into->labels != node->labels || a->kind != b->kind ||
                               a->max_length != b->max_length)) {
        *a = (corm_column){ .kind = CORM_TEXT };
        into->labels = NULL;
    }
}

/* Constants have no say in it, unless there is nothing else: then 1 and 2.5 are floating point
 * numbers. */
static bool joins(corm_expr_node *into, const corm_expr_node *node, bool values) {
    if (is_null(node) || is_value(node) != values) return false;
    if (!into->type.kind) {
        into->type = node->type;
        into->labels = node->labels;
        into->table = node->table;
        into->name = node->name;
        return false;
    }
    return true;
}

/* The type of all n operands together, of which every step-th counts; constants become it. */
static bool unify(corm_resolver *resolver, corm_op op, corm_expr_node **args, size_t n,
                  corm_expr_node *out, int *status) {
    corm_expr_node all = { .op = CORM_OP_VALUE };
    const corm_expr_node *first = NULL;
    for (int values = 0; values < 2 && !all.type.kind; values++)
        for (size_t i = 0; i < n; i++) {
            if (joins(&all, args[i], values)) {
                bool numbers = values && memchr("inr", letter(&all), 3) && letter(args[i]);
                if (!numbers && !corm__check_pair(resolver, op, first, args[i], status))
                    return false;
                if (numbers && letter(args[i]) == 'n' && letter(&all) == 'i')
                    all.type = args[i]->type;
                merge(&all, args[i]);
            } else if (!first && !is_null(args[i]) && is_value(args[i]) == values) {
                first = args[i];
            }
        }
    if (!all.type.kind || all.type.kind == CORM_ARRAY)
        return corm__refuse(resolver, status, NULL, "%s of %s", corm__op_name(op),
                            all.type.kind ? "an array" : "nothing but NULL") != NULL;
    for (size_t i = 0; i < n; i++) {
        if (!is_value(args[i]) || is_null(args[i])) continue;
        args[i]->table = all.table;
        args[i]->name = all.name;
        retarget(args[i], &all.type, all.labels);
    }
    bool null = out->type.null;
    out->type = all.type;
    out->type.null = null;
    out->labels = all.labels;
    return true;
}

/* --- CASE and XOR --- */

/* A condition with rows of its own. */
static corm_expr_node *own(corm_resolver *resolver, corm_expr_node *condition, int *status) {
    corm_expr_node *node = corm__node_new(resolver, CORM_OP_HAS, 1, status);
    if (!node) return NULL;
    corm__node_add(node, condition);
    node->type.kind = CORM_BOOLEAN;
    return node;
}

static corm_expr_node *branch_value(corm_resolver *resolver, const corm_value *value, int *status) {
    corm_expr_node *node = corm__resolve_operand(resolver, value, NULL, status);
    if (node && value->kind == CORM_NULL) node->type = (corm_column){ .null = true };
    return node;
}

corm_expr_node *corm__resolve_case(corm_resolver *resolver, const corm_expr *expr, int *status) {
    corm_expr_node *node = corm__node_new(resolver, expr->op, expr->n * 3, status);
    corm_expr_node **values = node ? node->args + expr->n * 2 : NULL;
    size_t n = 0;
    bool otherwise = false;
    for (size_t i = 0; node && i < expr->n; i++) {
        const corm_expr *branch = corm__expr_arg(expr, i);
        bool when = branch->op == CORM_OP_WHEN;
        if ((!when && branch->op != CORM_OP_ELSE) || otherwise)
            return corm__refuse(resolver, status, NULL,
                                "CASE takes WHEN(condition, value), …, and one ELSE(value) at its "
                                "end");
        otherwise = !when;
        corm_expr_node *condition =
            when ? corm__resolve(resolver, corm__expr_at(branch->left), status) : NULL;
        if (*status) return NULL;
        corm_expr_node *value = branch_value(resolver, corm__expr_value_at(branch, 0), status);
        if (!value) return NULL;
        if (when && !condition) continue;
        if (condition && condition->type.kind != CORM_BOOLEAN)
            return corm__refuse(resolver, status, NULL, "WHEN of %s, which is no condition",
                                corm__called(condition));
        if (condition && !corm__node_add(node, own(resolver, condition, status))) return NULL;
        corm__node_add(node, value);
        values[n++] = value;
    }
    if (!node || !unify(resolver, expr->op, values, n, node, status)) return NULL;
    node->type.null = !otherwise;
    for (size_t i = 0; i < n; i++) node->type.null |= values[i]->type.null;
    return node;
}

corm_expr_node *corm__resolve_xor(corm_resolver *resolver, const corm_expr *expr, int *status) {
    corm_expr_node *node = corm__node_new(resolver, expr->op, expr->n, status);
    for (size_t i = 0; node && i < expr->n; i++) {
        corm_expr_node *arg = corm__resolve(resolver, corm__expr_arg(expr, i), status);
        if (*status) return NULL;
        if (arg && arg->type.kind != CORM_BOOLEAN)
            return corm__refuse(resolver, status, NULL, "XOR of %s, which is no condition",
                                corm__called(arg));
        if (arg && !corm__node_add(node, own(resolver, arg, status))) return NULL;
    }
    if (!node || !node->n_args) return NULL;
    node->type = (corm_column){ .kind = CORM_BOOLEAN };
    return node;
}

/* --- functions --- */

/* The letter for operand i, 0 when the row takes fewer. */
static char wanted(const char *takes, size_t i) {
    size_t n = strlen(takes);
    bool repeats = n && takes[n - 1] == '*';
    if (i < n - repeats) return takes[i];
    return repeats ? takes[n - 2] : 0;
}

static bool accepts(char want, const corm_expr_node *node, bool widen) {
    char has = letter(node);
    if (want == '.') return true;
    if (want == 's') return is_value(node) && has == 'n';
    if (want == has || (!widen && is_value(node) && has == 'i' && want == 'r')) return true;
    return widen && want == 'r' && (has == 'i' || has == 'n');
}

static bool takes_all(const char *takes, const corm_expr_node *node, bool widen) {
    for (size_t i = 0; i < node->n_args; i++)
        if (!accepts(wanted(takes, i), node->args[i], widen)) return false;
    char next = wanted(takes, node->n_args);
    return !next || (strchr(takes, '*') && node->n_args + 2 >= strlen(takes));
}

/* The operator whose row takes the operands; 0: there is none. */
static corm_op choose(const corm_expr_node *node) {
    const char *name = corm__op_name(node->op);
    for (int widen = 0; widen < 2; widen++)
        for (corm_op op = node->op;
             op < CORM_OP_COUNT_OF_OPS && strcmp(corm__op_name(op), name) == 0; op++)
            if (takes_all(signatures[op - FIRST].takes, node, widen)) return op;
    return 0;
}

/* The operand as what the row wants. */
static bool fit(corm_resolver *resolver, corm_expr_node **arg, char want, int *status) {
    static const corm_column real = { .kind = CORM_DOUBLE_PRECISION };
    corm_expr_node *node = *arg;
    if (want != 'r' || letter(node) == 'r') return true;
    if (is_value(node)) {
        retarget(node, &real, NULL);
        return true;
    }
    corm_op op = letter(node) == 'n' ? CORM_OP_CAST_DOUBLE_DECIMAL : CORM_OP_CAST_DOUBLE;
    if (!(*arg = corm__node_new(resolver, op, 1, status))) return false;
    corm__node_add(*arg, node);
    (*arg)->type.kind = CORM_DOUBLE_PRECISION;
    return true;
}

static corm_column type_given(char gives, const corm_expr_node *node) {
    switch (gives) {
    case 'i': return (corm_column){ .kind = CORM_BIGINT };
    case 'r': return (corm_column){ .kind = CORM_DOUBLE_PRECISION };
    case 't': return (corm_column){ .kind = CORM_TEXT };
    case 'd': return (corm_column){ .kind = CORM_DATE };
    case 'h': return (corm_column){ .kind = CORM_TIME };
    case 'm': return (corm_column){ .kind = CORM_TIMESTAMP };
    case 'v': return (corm_column){ .kind = CORM_INTERVAL };
    case 'N':
        return (corm_column){ .kind = CORM_DECIMAL,
                              .digits = CORM_DECIMAL_MAX_DIGITS,
                              .places = node->args[0]->type.places };
    case 'n':
        return (corm_column){ .kind = CORM_DECIMAL,
                              .digits = CORM_DECIMAL_MAX_DIGITS,
                              .places = node->args[1]->type.places };
    default: return node->args[0]->type;
    }
}

corm_expr_node *corm__resolve_function(corm_resolver *resolver, const corm_expr *expr,
                                       int *status) {
    if (expr->op < FIRST)
        return corm__refuse(resolver, status, NULL, "%s belongs in CASE", corm__op_name(expr->op));
    corm_expr_node *node = corm__node_new(resolver, expr->op, expr->n + 1, status);
    if (!node) return NULL;
    if ((expr->left || expr->path) &&
        !corm__node_add(node, corm__resolve_left(resolver, expr, status)))
        return NULL;
    for (size_t i = 0; i < expr->n; i++)
        if (!corm__node_add(
                node, corm__resolve_operand(resolver, corm__expr_value_at(expr, i), NULL, status)))
            return NULL;
    corm_op op = choose(node);
    for (size_t i = 0; !op && i < node->n_args; i++)
        if (i + 1 == node->n_args || !letter(node->args[i]))
            return corm__refuse(resolver, status, NULL, "%s does not take %s (%s)",
                                corm__op_name(expr->op), corm__called(node->args[i]),
                                corm_kind_name(node->args[i]->type.kind));
    node->op = op;
    const char *takes = signatures[op - FIRST].takes, *gives = signatures[op - FIRST].gives;
    for (size_t i = 0; i < node->n_args; i++)
        if (!fit(resolver, &node->args[i], wanted(takes, i), status)) return NULL;
    bool null = node->type.null || gives[1] == '?';
    if (takes[0] == '.') {
        if (!unify(resolver, op, node->args, node->n_args, node, status)) return NULL;
    } else {
        node->type = type_given(gives[0], node);
    }
    node->type.null = null;
    return node;
}
