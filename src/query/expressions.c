/* Expressions to SQL: values, templates of the engine, lists, enumerations. What a path and a
 * condition become is in compile.c. */
#include "base/error.h"
#include "query/query.h"
#include <stdlib.h>
#include <string.h>

int corm__compile_value(corm_compiler *compiler, size_t value, size_t item,
                        const corm_target *target, corm_buffer *out) {
    if (compiler->n_slots == compiler->capacity) {
        size_t capacity = compiler->capacity ? compiler->capacity * 2 : 16;
        corm_slot *slots = corm__arena_array(compiler->arena, capacity, sizeof *slots);
        if (!slots) return compiler->status = corm__fail_memory(&compiler->db->error);
        if (compiler->n_slots) memcpy(slots, compiler->slots, compiler->n_slots * sizeof *slots);
        compiler->slots = slots;
        compiler->capacity = capacity;
    }
    compiler->slots[compiler->n_slots] = (corm_slot){ (uint32_t)value, (uint32_t)item, *target };
    corm__buffer_printf(out, "\x01%zu;", compiler->n_slots++);
    return 0;
}

static int letter(char name, const corm_column *type, const corm_column *second) {
    switch (name) {
    case 'l': return type->max_length;
    case 'd': return type->digits;
    case 'p': return type->places;
    default: return second && second->kind == CORM_DECIMAL ? second->places : 0;
    }
}

static void put_template(const char *template, const corm_column *type, const corm_column *second,
                         const corm_buffer *operands, size_t n, corm_buffer *out) {
    for (const char *p = template; *p; p++) {
        if (p[0] != '{' || !p[1] || p[2] != '}') {
            corm__buffer_putc(out, *p);
            continue;
        }
        if (type && strchr("ldps", p[1])) {
            corm__buffer_printf(out, "%d", letter(p[1], type, second));
            p += 2;
            continue;
        }
        size_t first = p[1] == '*' ? 0 : (size_t)(p[1] - '0'), last = p[1] == '*' ? n : first + 1;
        for (size_t i = first; i < last && i < n; i++) {
            if (i > first) corm__buffer_puts(out, ", ");
            corm__buffer_append(out, &operands[i]);
        }
        p += 2;
    }
}

int corm__compile_template(corm_compiler *compiler, corm_op op, const corm_column *type,
                           const corm_column *second, const corm_buffer *operands, size_t n,
                           corm_buffer *out) {
    const char *template = compiler->backend->expression(op, type);
    if (!template) {
        compiler->status =
            corm__db_fail(compiler->db, CORM_ERROR_UNSUPPORTED, "%s does not have %s for %s",
                          compiler->backend->title, corm__op_name(op),
                          type ? corm_kind_name(type->kind) : "this");
        return compiler->status;
    }
    put_template(template, type, second, operands, n, out);
    return 0;
}

void corm__put_stored(corm_db *db, const char *table, const corm_column *column, bool write,
                      const corm_buffer *sql, corm_buffer *out) {
    const char *template =
        db->backend->stored ? db->backend->stored(db->conn, table, column, write) : NULL;
    put_template(template ? template : "{0}", column, NULL, sql, 1, out);
}

static bool is_alike(corm_op op) {
    return (op >= CORM_OP_EQ && op <= CORM_OP_BETWEEN) || op == CORM_OP_NULLIF ||
           op == CORM_OP_GREATEST || op == CORM_OP_LEAST || op == CORM_OP_CASE;
}

/* Decimals beside each other take the form of the widest, where the engine has more than one. */
static int widen(corm_compiler *compiler, const corm_expr_node *const *nodes, size_t n,
                 corm_buffer *operands) {
    int narrow = compiler->backend->features->narrow_digits;
    bool wide = false;
    for (size_t i = 0; narrow && i < n; i++)
        wide |= nodes[i]->type.kind == CORM_DECIMAL && nodes[i]->type.digits > narrow;
    for (size_t i = 0; wide && i < n; i++) {
        const corm_column *type = &nodes[i]->type;
        if (type->kind != CORM_DECIMAL || type->digits > narrow) continue;
        corm_buffer inner = operands[i];
        operands[i] = (corm_buffer){ 0 };
        corm__compile_template(compiler, CORM_OP_WIDEN, type, NULL, &inner, 1, &operands[i]);
        corm__buffer_release(&inner);
        if (compiler->status) return compiler->status;
    }
    return 0;
}

int corm__widen_pair(corm_compiler *compiler, const corm_expr_node *const nodes[2],
                     corm_buffer operands[2]) {
    return widen(compiler, nodes, 2, operands);
}

static int compile_list(corm_compiler *compiler, const corm_expr_node *node, corm_buffer *out) {
    bool array = node->op == CORM_OP_ONE_OF;
    if (!node->n_values) {
        corm__buffer_puts(out, "1 = 0");
        return 0;
    }
    corm_buffer operands[2] = { { 0 }, { 0 } };
    int status = corm__compile_expr(compiler, node->args[0], &operands[0]);
    if (!status && array && !node->list) {
        corm_target target = node->target;
        target.kind = CORM_ARRAY;
        status = corm__compile_value(compiler, node->value, 0, &target, &operands[1]);
        if (!status)
            status = corm__compile_template(compiler, node->op, &node->args[0]->type, NULL,
                                            operands, 2, out);
    } else if (!status) {
        corm__buffer_append(out, &operands[0]);
        corm__buffer_puts(out, " IN (");
        for (size_t i = 0; !status && i < node->n_values; i++) {
            if (i) corm__buffer_puts(out, ", ");
            status = corm__compile_value(compiler, node->value + (array ? 0 : i), array ? i + 1 : 0,
                                         &node->target, out);
        }
        corm__buffer_putc(out, ')');
    }
    if (operands[0].broken || operands[1].broken) out->broken = true;
    corm__buffer_release(&operands[0]);
    corm__buffer_release(&operands[1]);
    return status;
}

/* --- enumerations: stored as labels, ordered as the C enum --- */

static void put_label(const char *label, corm_buffer *out) {
    corm__buffer_putc(out, '\'');
    for (; *label; label++) {
        if (*label == '\'') corm__buffer_putc(out, '\'');
        corm__buffer_putc(out, *label);
    }
    corm__buffer_putc(out, '\'');
}

void corm__compile_rank(const corm_enum *labels, const char *text, corm_buffer *out) {
    corm__buffer_printf(out, "CASE %s", text);
    for (size_t i = 0; labels->labels[i]; i++) {
        corm__buffer_puts(out, " WHEN ");
        put_label(labels->labels[i], out);
        corm__buffer_printf(out, " THEN %zu", i);
    }
    corm__buffer_puts(out, " END");
}

static void put_label_of_rank(const corm_enum *labels, const char *text, corm_buffer *out) {
    corm__buffer_printf(out, "CASE %s", text);
    for (size_t i = 0; labels->labels[i]; i++) {
        corm__buffer_printf(out, " WHEN %zu THEN ", i);
        put_label(labels->labels[i], out);
    }
    corm__buffer_puts(out, " END");
}

/* A value came as its rank. */
static void rank_operand(const corm_expr_node *operand, corm_buffer *text) {
    corm_buffer rank = { 0 };
    if (!operand->labels || operand->op == CORM_OP_VALUE) return;
    corm__compile_rank(operand->labels, corm__buffer_text(text), &rank);
    corm__buffer_reset(text);
    corm__buffer_append(text, &rank);
    corm__buffer_release(&rank);
}

/* Of a CASE conditions and values in turn, and the value without one. */
static void put_case(const corm_buffer *operands, size_t n, corm_buffer *out) {
    corm__buffer_puts(out, "CASE");
    for (size_t i = 0; i < n; i++) {
        bool value = i % 2, last = i + 1 == n;
        corm__buffer_puts(out, value ? " THEN " : last ? " ELSE " : " WHEN ");
        corm__buffer_append(out, &operands[i]);
    }
    corm__buffer_puts(out, " END");
}

/* In pairs: to an engine a <> b <> c may be an error. */
static void put_xor(const corm_buffer *operands, size_t n, corm_buffer *out) {
    for (size_t i = 0; i < n; i++) corm__buffer_putc(out, '(');
    for (size_t i = 0; i < n; i++) {
        if (i) corm__buffer_puts(out, " <> (");
        corm__buffer_append(out, &operands[i]);
        corm__buffer_puts(out, i ? " IS TRUE))" : " IS TRUE)");
    }
}

enum { FEW_OPERANDS = 8 };

/* Arithmetic is done in the kind that it gives: a double makes the other operand one too. */
static const corm_column *operation_type(const corm_expr_node *node) {
    bool arithmetic = node->op >= CORM_OP_ADD && node->op <= CORM_OP_MOD;
    if (arithmetic && node->type.kind != CORM_DECIMAL) return &node->type;
    return node->n_args ? &node->args[0]->type : &node->type;
}

static int compile_operands(corm_compiler *compiler, const corm_expr_node *node,
                            corm_buffer *operands, corm_buffer *out) {
    int status = 0;
    for (size_t i = 0; !status && i < node->n_args; i++) {
        bool wrap = corm__is_condition(node->args[i]->op);
        if (wrap) corm__buffer_putc(&operands[i], '(');
        status = corm__compile_expr(compiler, node->args[i], &operands[i]);
        if (wrap) corm__buffer_putc(&operands[i], ')');
        if (!status && corm__is_ordered(node->op)) rank_operand(node->args[i], &operands[i]);
        if (operands[i].broken) out->broken = true;
    }
    if (!status && is_alike(node->op))
        status = widen(compiler, (const corm_expr_node *const *)node->args, node->n_args, operands);
    if (status) return status;
    if (node->op == CORM_OP_CASE) put_case(operands, node->n_args, out);
    if (node->op == CORM_OP_XOR) put_xor(operands, node->n_args, out);
    if (node->op == CORM_OP_CASE || node->op == CORM_OP_XOR) return 0;
    corm_buffer least = { 0 };
    bool label = node->labels && (node->op == CORM_OP_MIN || node->op == CORM_OP_MAX);
    status = corm__compile_template(compiler, node->op, operation_type(node),
                                    node->n_args > 1 ? &node->args[1]->type : NULL, operands,
                                    node->n_args, label ? &least : out);
    if (label) put_label_of_rank(node->labels, corm__buffer_text(&least), out);
    if (least.broken) out->broken = true;
    corm__buffer_release(&least);
    return status;
}

int corm__compile_expr(corm_compiler *compiler, const corm_expr_node *node, corm_buffer *out) {
    if (node->op == CORM_OP_PATH) {
        corm_source *source = corm__path_source(compiler, &node->path, node->path.n_steps);
        if (source) corm__compile_stored(compiler, source, node->path.column, &node->type, out);
        return compiler->status;
    }
    if (node->op == CORM_OP_VALUE && !node->type.kind) {
        corm__buffer_puts(out, "NULL");
        return 0;
    }
    if (node->op == CORM_OP_VALUE)
        return corm__compile_value(compiler, node->value, 0, &node->target, out);
    if (node->inner) return corm__compile_subquery(compiler, node, out);
    if (node->op == CORM_OP_DESCENDANTS || node->op == CORM_OP_ANCESTORS)
        return corm__compile_tree(compiler, node, out);
    if (node->op == CORM_OP_IN || node->op == CORM_OP_ONE_OF)
        return compile_list(compiler, node, out);
    if (node->op >= CORM_OP_AND && node->op <= CORM_OP_NOT)
        return corm__compile_condition(compiler, node, out, NULL);
    corm_buffer few[FEW_OPERANDS] = { { 0 } };
    corm_buffer *operands =
        node->n_args <= FEW_OPERANDS ? few : calloc(node->n_args, sizeof *operands);
    if (!operands) return compiler->status = corm__fail_memory(&compiler->db->error);
    int status = compile_operands(compiler, node, operands, out);
    for (size_t i = 0; i < node->n_args; i++) corm__buffer_release(&operands[i]);
    if (operands != few) free(operands);
    return status;
}
