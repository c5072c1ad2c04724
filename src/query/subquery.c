/* EXISTS, IN_QUERY and SUBQUERY: a query inside an expression, with a scope of its own, from which
 * paths lead to the queries around it.
 *
 * What engines answer differently is not asked of them. One value is that of the first row in an
 * order that ends with the key, since SQLite takes any row and the others none. A limited list
 * stands in a table of its own, which MariaDB wants, and which can name nothing around it. In SET a
 * subquery of the table that changes, row by row, would see the changes on one engine. */
#include "base/error.h"
#include "query/query.h"
#include <string.h>

/* --- orders, of any query --- */

int corm__compile_order(corm_compiler *compiler, corm_op direction, const corm_column *type,
                        const corm_enum *labels, const char *text, corm_buffer *out) {
    corm_buffer operand = { 0 };
    if (labels)
        corm__compile_rank(labels, text, &operand);
    else
        corm__buffer_puts(&operand, text);
    if (out->length) corm__buffer_puts(out, ", ");
    int status = corm__compile_template(compiler, direction, type, NULL, &operand, 1, out);
    if (operand.broken) out->broken = true;
    corm__buffer_release(&operand);
    return status;
}

const corm_expr_node *corm__direction_of(const corm_expr_node *node, corm_op *out) {
    corm_op nulls = 0, way = 0;
    for (; corm__is_direction(node->op); node = node->args[0])
        corm__note_direction(node->op, &way, &nulls);
    *out = corm__direction(way, nulls);
    return node;
}

/* The key behind the order that is asked for, so that rows that are equal in it come in the same
 * order on every engine and every time. */
int corm__compile_key_order(corm_compiler *compiler, const corm_model *model, corm_source *source,
                            corm_op direction, corm_buffer *out) {
    const corm_field *key[CORM__KEY_COLUMNS];
    size_t n = corm__key_fields(model, key);
    direction = corm__descends(direction) ? CORM_OP_DESC : CORM_OP_ASC;
    int status = 0;
    for (size_t i = 0; i < n && !status; i++) {
        corm_column column;
        if (corm__column_of_field(model, key[i], compiler->arena, &column))
            return corm__fail_memory(&compiler->db->error);
        corm_buffer text = { 0 };
        corm__compile_column(compiler, source, column.name, &text);
        column.null = false;
        status = corm__buffer_broken(&text)
                     ? corm__fail_memory(&compiler->db->error)
                     : corm__compile_order(compiler, direction, &column, NULL,
                                           corm__buffer_text(&text), out);
        corm__buffer_release(&text);
    }
    return status;
}

/* --- subqueries --- */

typedef struct parts {
    corm_buffer left, value, where, order, limit;
} parts;

static bool is_key(const corm_inner *inner, const corm_expr_node *node) {
    const corm_field *key[CORM__KEY_COLUMNS];
    return node->op == CORM_OP_PATH && node->path.frame == &inner->frame && !node->path.n_steps &&
           corm__key_fields(inner->frame.model, key) == 1 && key[0] == node->path.field;
}

int corm__compile_inner_order(corm_compiler *compiler, const corm_inner *inner, corm_source *root,
                              corm_buffer *out) {
    bool by_key = false;
    corm_op direction = inner->reverse ? CORM_OP_DESC : CORM_OP_ASC;
    int status = 0;
    for (size_t i = 0; i < inner->n_order && !status; i++) {
        const corm_expr_node *by = corm__direction_of(inner->order[i], &direction);
        corm_buffer text = { 0 };
        if (inner->reverse) direction = corm__reversed(direction);
        by_key |= is_key(inner, by);
        status = corm__compile_expr(compiler, by, &text);
        if (!status)
            status = corm__buffer_broken(&text)
                         ? corm__fail_memory(&compiler->db->error)
                         : corm__compile_order(compiler, direction, &by->type, by->labels,
                                               corm__buffer_text(&text), out);
        corm__buffer_release(&text);
    }
    if (status || by_key) return status;
    return corm__compile_key_order(compiler, inner->frame.model, root, direction, out);
}

static int compile_limit(corm_compiler *compiler, const corm_expr_node *node, corm_buffer *out) {
    const corm_inner *inner = node->inner;
    const corm_expr_node *limit = inner->limit, *offset = inner->offset;
    int status = 0;
    corm__buffer_puts(out, " LIMIT ");
    if (limit)
        status = corm__compile_value(compiler, limit->value, 0, &limit->target, out);
    else
        corm__buffer_puts(out, node->op == CORM_OP_SUBQUERY ? "1" : "9223372036854775807");
    if (status || !offset) return status;
    corm__buffer_puts(out, " OFFSET ");
    return corm__compile_value(compiler, offset->value, 0, &offset->target, out);
}

static int compile_parts(corm_compiler *compiler, const corm_expr_node *node, parts *parts) {
    const corm_inner *inner = node->inner;
    bool first = node->op == CORM_OP_SUBQUERY && !inner->value->aggregate,
         limited = first || inner->limit || inner->offset;
    int status = 0;
    if (inner->value) status = corm__compile_expr(compiler, inner->value, &parts->value);
    if (!status && inner->where)
        status = corm__compile_condition(compiler, inner->where, &parts->where, NULL);
    if (!status && limited)
        status = corm__compile_inner_order(compiler, inner, inner->frame.root, &parts->order);
    if (!status && limited) status = compile_limit(compiler, node, &parts->limit);
    if (status || node->op != CORM_OP_IN_QUERY) return status;
    corm_buffer pair[2] = { parts->left, parts->value };
    status = corm__widen_pair(compiler,
                              (const corm_expr_node *const[]){ node->args[0], inner->value }, pair);
    parts->left = pair[0];
    parts->value = pair[1];
    if (!status && limited && corm__scope_correlated(compiler)) {
        status = compiler->status =
            corm__db_fail(compiler->db, CORM_ERROR_USAGE,
                          "IN_QUERY with a limit names a column of a query around it");
        corm__error_hint(&compiler->db->error,
                         "not every engine takes that; EXISTS or SUBQUERY may say it");
    }
    return status;
}

static void put_clause(corm_buffer *out, const char *word, const corm_buffer *clause) {
    if (clause->length) corm__buffer_puts(out, word);
    corm__buffer_append(out, clause);
}

/* The scope is that of the subquery still: the FROM knows its joins only now. */
static int put(corm_compiler *compiler, const corm_expr_node *node, const parts *parts,
               corm_buffer *out) {
    bool exists = node->op == CORM_OP_EXISTS, in = node->op == CORM_OP_IN_QUERY,
         apart = in && parts->limit.length;
    corm__buffer_append(out, &parts->left);
    corm__buffer_puts(out, exists ? "EXISTS (SELECT " : in ? " IN (SELECT " : "(SELECT ");
    if (apart) corm__buffer_puts(out, "* FROM (SELECT ");
    if (exists)
        corm__buffer_putc(out, '1');
    else
        corm__buffer_append(out, &parts->value);
    if (apart) corm__buffer_puts(out, " AS v_");
    corm__buffer_puts(out, " FROM ");
    int status = corm__compile_from(compiler, out);
    put_clause(out, " WHERE ", &parts->where);
    put_clause(out, " ORDER BY ", &parts->order);
    put_clause(out, "", &parts->limit);
    corm__buffer_puts(out, apart ? ") AS first_)" : ")");
    return status;
}

int corm__compile_subquery(corm_compiler *compiler, const corm_expr_node *node, corm_buffer *out) {
    parts parts = { 0 };
    corm_scope_saved saved;
    bool before = compiler->own_table;
    int status = node->n_args ? corm__compile_expr(compiler, node->args[0], &parts.left) : 0;
    if (status) goto end;
    compiler->own_table = false;
    status = corm__scope_enter(compiler, &node->inner->frame, &saved);
    if (!status) status = compile_parts(compiler, node, &parts);
    if (!status) status = put(compiler, node, &parts, out);
    if (!status && compiler->assigning && compiler->own_table &&
        (corm__scope_correlated(compiler) || compiler->lazy)) {
        status = compiler->status =
            corm__db_fail(compiler->db, CORM_ERROR_USAGE,
                          "%s in SET reads %s row by row, the table that is updated",
                          corm__op_name(node->op), corm__root_table(compiler));
        corm__error_hint(&compiler->db->error,
                         "an engine may see what it has changed already: read first, then update");
    }
    corm__scope_leave(compiler, &saved);
    compiler->own_table |= before;
end:;
    corm_buffer *all[] = { &parts.left, &parts.value, &parts.where, &parts.order, &parts.limit };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i]->broken) out->broken = true;
        corm__buffer_release(all[i]);
    }
    return status;
}

/* --- trees --- */

/* The relation of a table to itself, and how many steps lead to the table. */
static int tree_step(corm_compiler *compiler, const corm_expr_node *node, corm_step *step,
                     size_t *n) {
    const corm_path *path = &node->args[0]->path;
    const corm_field *field = path->field;
    const corm_model *model = path->model;
    *n = path->n_steps;
    if (!field && *n && !path->steps[*n - 1].many) { /* one that no constraint holds */
        --*n;
        field = path->steps[*n].field;
        model = path->steps[*n].from;
    }
    bool relation =
        field && (field->item == CORM_ITEM_FOREIGN_KEY || field->item == CORM_ITEM_ONE_TO_ONE);
    if (relation && field->to == model)
        return corm__step_of(compiler->db, compiler->arena, model, field, step);
    corm__db_fail(compiler->db, CORM_ERROR_USAGE, "%s of %s, which does not lead to its own table",
                  corm__op_name(node->op), path->text ? path->text : "an expression");
    corm__error_hint(&compiler->db->error, "name the foreign key that leads to the row above");
    return CORM_ERROR_USAGE;
}

/* column = value, in the form in which the value is sent. */
static int put_start(corm_compiler *compiler, const corm_expr_node *node, const corm_step *step,
                     const char *column, corm_buffer *out) {
    corm_buffer name = { 0 };
    corm_column type = node->args[0]->type;
    type.name = column;
    compiler->backend->identifier(&name, column);
    corm__put_stored(compiler->db, step->from->table, &type, false, &name, out);
    if (name.broken) out->broken = true;
    corm__buffer_release(&name);
    corm__buffer_puts(out, " = ");
    return corm__compile_expr(compiler, node->args[1], out);
}

/* UNION leaves out what is there already: a circle adds nothing, and ends. */
static int put_tree(corm_compiler *compiler, const corm_expr_node *node, const corm_step *step,
                    corm_buffer *out) {
    bool down = node->op == CORM_OP_DESCENDANTS;
    unsigned tree = compiler->aliases++;
    const char *gives = down ? step->to_column : step->from_column,
               *by = down ? step->from_column : step->to_column;
    void (*name)(corm_buffer *, const char *) = compiler->backend->identifier;
    corm__buffer_printf(out, "WITH RECURSIVE tree%u_(key_) AS (SELECT ", tree);
    name(out, gives);
    corm__buffer_puts(out, " FROM ");
    name(out, step->from->table);
    corm__buffer_puts(out, " WHERE ");
    int status = put_start(compiler, node, step, by, out);
    corm__buffer_printf(out, " UNION SELECT t%u.", compiler->aliases);
    name(out, gives);
    corm__buffer_puts(out, " FROM ");
    name(out, step->from->table);
    corm__buffer_printf(out, " AS t%u JOIN tree%u_ ON t%u.", compiler->aliases, tree,
                        compiler->aliases);
    name(out, by);
    corm__buffer_printf(out, " = tree%u_.key_) SELECT key_ FROM tree%u_ WHERE key_ IS NOT NULL",
                        tree, tree);
    compiler->aliases++;
    return status;
}

int corm__compile_tree(corm_compiler *compiler, const corm_expr_node *node, corm_buffer *out) {
    corm_step step;
    size_t n;
    int status = compiler->status = tree_step(compiler, node, &step, &n);
    corm_source *source = status ? NULL : corm__path_source(compiler, &node->args[0]->path, n);
    if (!source) return compiler->status;
    corm__buffer_putc(out, '(');
    corm__compile_column(compiler, source, step.to_column, out);
    corm__buffer_puts(out, " IN (");
    status = put_tree(compiler, node, &step, out);
    corm__buffer_puts(out, ") AND ");
    corm__compile_column(compiler, source, step.to_column, out);
    corm__buffer_puts(out, " <> ");
    if (!status) status = corm__compile_expr(compiler, node->args[1], out);
    corm__buffer_putc(out, ')');
    return status;
}
