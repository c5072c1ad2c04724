/* Nodes to SQL.
 *
 * A source is a table in a FROM: the root, or what one step of a path leads to. A path over
 * relations to one row is a join in the scope of its parent, made once however often it is named. A
 * step to many rows would multiply rows, so in a condition it opens a scope of its own: all
 * conditions of one AND that name this relation go into one subquery, so that the same row
 * satisfies them; where they name it in ORs alone, they may also be true without one. The subquery
 * is `key IN (SELECT …)` where it stands on its own, which an engine may run from either side, and
 * EXISTS where it refers to the outside or stands under NOT: NOT means that no row does. Only what
 * is named among the columns of a report (compiler->joining) is joined in the outermost scope;
 * conditions on that path then are about the joined row.
 *
 * A value is written as a mark, byte 1 and the number of its slot. Texts are composed in any order;
 * at the end the marks become placeholders in the order in which they stand. */
#include "base/error.h"
#include "query/query.h"
#include <stdlib.h>
#include <string.h>

struct corm_source {
    corm_source *parent, *next; /* next: of the same scope */
    corm_scope *scope;
    corm_step step; /* that leads here; field NULL: the root */
    const corm_model *model;
    unsigned alias, between; /* t<alias>, and of the table in between */
    bool left;               /* may be missing */
    bool used;               /* the table itself is needed, not only that in between */
};

struct corm_scope {
    corm_scope *outer;
    corm_source *first, *last;
    unsigned depth;
    bool correlated; /* refers to an outer scope */
};

static int fail_memory(corm_compiler *compiler) {
    return compiler->status = corm__fail_memory(&compiler->db->error);
}

static corm_source *source_new(corm_compiler *compiler, corm_scope *scope, corm_source *parent,
                               const corm_step *step, const corm_model *model) {
    corm_source *source = corm__arena_zalloc(compiler->arena, sizeof *source);
    if (!source) {
        fail_memory(compiler);
        return NULL;
    }
    source->parent = parent;
    source->scope = scope;
    if (step) source->step = *step;
    source->model = model;
    source->alias = compiler->aliases++;
    if (step && step->between.table) source->between = compiler->aliases++;
    source->used = !source->between || step->loose;
    if (compiler->root && strcmp(compiler->root->model->table, model->table) == 0)
        compiler->own_table = true;
    *(scope->last ? &scope->last->next : &scope->first) = source;
    scope->last = source;
    return source;
}

static corm_scope *scope_push(corm_compiler *compiler) {
    corm_scope *scope = corm__arena_zalloc(compiler->arena, sizeof *scope);
    if (!scope) {
        fail_memory(compiler);
        return NULL;
    }
    scope->outer = compiler->scope;
    scope->depth = scope->outer ? scope->outer->depth + 1 : 0;
    return compiler->scope = scope;
}

int corm__compiler_begin(corm_compiler *compiler, corm_db *db, corm_arena *arena,
                         const corm_model *model) {
    *compiler = (corm_compiler){ .db = db, .arena = arena, .backend = db->backend };
    corm_scope *scope = scope_push(compiler);
    if (!scope) return compiler->status;
    compiler->barrier = scope;
    compiler->root = source_new(compiler, scope, NULL, NULL, model);
    return compiler->status;
}

/* A row of a to-many relation that is bound outside of a NOT is not the one that the NOT speaks of;
 * the joined rows of a report are. */
static bool visible(const corm_compiler *compiler, const corm_source *source) {
    if (!source->step.many) return true;
    return source->scope->depth == 0 || source->scope->depth > compiler->barrier->depth;
}

static corm_source *find_child(const corm_compiler *compiler, const corm_source *parent,
                               const corm_field *field) {
    for (corm_scope *scope = compiler->scope; scope; scope = scope->outer)
        for (corm_source *source = scope->first; source; source = source->next)
            if (source->parent == parent && source->step.field == field &&
                visible(compiler, source))
                return source;
    return NULL;
}

static corm_source *join_one(corm_compiler *compiler, corm_source *parent, const corm_step *step) {
    corm_source *source = source_new(compiler, parent->scope, parent, step, step->to);
    if (source) source->left = parent->left || step->null;
    return source;
}

static corm_source *join_many(corm_compiler *compiler, corm_source *parent, const corm_step *step) {
    if (!compiler->joining || parent->scope->depth) {
        compiler->status = corm__db_fail(compiler->db, CORM_ERROR_USAGE,
                                         "%s.%s leads to many rows, where one value is needed",
                                         step->from->name, step->field->name);
        corm__error_hint(&compiler->db->error,
                         "use it in .where or .with, or as a column of corm_select");
        return NULL;
    }
    corm_source *source = source_new(compiler, parent->scope, parent, step, step->to);
    if (source) source->left = parent->left || !compiler->inner;
    return source;
}

int corm__scope_enter(corm_compiler *compiler, corm_frame *frame, corm_scope_saved *saved) {
    *saved = (corm_scope_saved){ compiler->scope, compiler->barrier, compiler->negated,
                                 compiler->joining };
    corm_scope *scope = scope_push(compiler);
    if (!scope) return compiler->status;
    compiler->barrier = scope;
    compiler->negated = compiler->joining = false;
    frame->root = source_new(compiler, scope, NULL, NULL, frame->model);
    return compiler->status;
}

void corm__scope_leave(corm_compiler *compiler, const corm_scope_saved *saved) {
    compiler->scope = saved->scope;
    compiler->barrier = saved->barrier;
    compiler->negated = saved->negated;
    compiler->joining = saved->joining;
}

const char *corm__root_table(const corm_compiler *compiler) { return compiler->root->model->table; }
bool corm__scope_correlated(const corm_compiler *compiler) { return compiler->scope->correlated; }

static corm_source *root_of(const corm_compiler *compiler, const corm_path *path) {
    return path->frame && path->frame->outer ? path->frame->root : compiler->root;
}

corm_source *corm__path_source(corm_compiler *compiler, const corm_path *path, size_t n) {
    corm_source *root = compiler->root;
    compiler->root = root_of(compiler, path);
    corm_source *source = corm__compile_source(compiler, path->steps, n);
    compiler->root = root;
    return source;
}

corm_source *corm__compile_source(corm_compiler *compiler, const corm_step *steps, size_t n) {
    corm_source *source = compiler->root;
    for (size_t i = 0; source && i < n; i++) {
        corm_source *child = find_child(compiler, source, steps[i].field);
        if (!child)
            child = steps[i].many ? join_many(compiler, source, &steps[i])
                                  : join_one(compiler, source, &steps[i]);
        source = child;
    }
    return source;
}

bool corm__source_optional(const corm_source *source) { return source->left; }

/* The root of an UPDATE or DELETE goes by its own name: not every engine lets a DELETE give it
 * another. */
static void put_column(corm_compiler *compiler, unsigned alias, const char *column,
                       corm_buffer *out) {
    if (compiler->change && alias == compiler->root->alias) {
        compiler->backend->identifier(out, compiler->root->model->table);
        corm__buffer_putc(out, '.');
    } else {
        corm__buffer_printf(out, "t%u.", alias);
    }
    compiler->backend->identifier(out, column);
}

void corm__compile_column(corm_compiler *compiler, corm_source *source, const char *column,
                          corm_buffer *out) {
    for (corm_scope *scope = compiler->scope; scope && scope != source->scope; scope = scope->outer)
        scope->correlated = true;
    if (source->step.between.table && !source->step.loose &&
        strcmp(column, source->step.to_column) == 0) {
        put_column(compiler, source->between, source->step.between.other_column, out);
        return;
    }
    source->used = true;
    put_column(compiler, source->alias, column, out);
}

void corm__compile_stored(corm_compiler *compiler, corm_source *source, const char *name,
                          const corm_column *type, corm_buffer *out) {
    corm_column column = *type;
    corm_buffer sql = { 0 };
    column.name = name;
    corm__compile_column(compiler, source, name, &sql);
    corm__put_stored(compiler->db, source->model->table, &column, false, &sql, out);
    if (sql.broken) out->broken = true;
    corm__buffer_release(&sql);
}

/* --- FROM --- */

static void put_table(corm_compiler *compiler, const char *table, unsigned alias,
                      corm_buffer *out) {
    compiler->backend->identifier(out, table);
    if (!compiler->change || alias != compiler->root->alias)
        corm__buffer_printf(out, " AS t%u", alias);
}

static void put_equal(corm_compiler *compiler, unsigned alias, const char *column,
                      corm_source *other, const char *other_column, corm_buffer *out) {
    put_column(compiler, alias, column, out);
    corm__buffer_puts(out, " = ");
    corm__compile_column(compiler, other, other_column, out);
}

/* The columns by which the source hangs on its parent: of the table in between, when there is one.
 */
static unsigned link_alias(const corm_source *source) {
    return source->step.between.table ? source->between : source->alias;
}
static const char *link_column(const corm_source *source) {
    return source->step.between.table ? source->step.between.own_column : source->step.to_column;
}

/* The source's tables, without what links them to the parent. */
static void put_tables(corm_compiler *compiler, corm_source *source, corm_buffer *out) {
    const corm_between *between = &source->step.between;
    if (between->table) put_table(compiler, between->table, source->between, out);
    if (!source->used) return;
    if (between->table) corm__buffer_puts(out, " JOIN ");
    put_table(compiler, source->model->table, source->alias, out);
    if (!between->table) return;
    corm__buffer_puts(out, " ON ");
    put_column(compiler, source->alias, source->step.to_column, out);
    corm__buffer_puts(out, " = ");
    put_column(compiler, source->between, between->other_column, out);
}

static void put_join(corm_compiler *compiler, corm_source *source, corm_buffer *out) {
    const char *join = source->left ? " LEFT JOIN " : " JOIN ";
    const corm_between *between = &source->step.between;
    corm__buffer_puts(out, join);
    put_table(compiler, between->table ? between->table : source->model->table, link_alias(source),
              out);
    corm__buffer_puts(out, " ON ");
    put_equal(compiler, link_alias(source), link_column(source), source->parent,
              source->step.from_column, out);
    if (!between->table || !source->used) return;
    corm__buffer_puts(out, join);
    put_table(compiler, source->model->table, source->alias, out);
    corm__buffer_puts(out, " ON ");
    put_column(compiler, source->alias, source->step.to_column, out);
    corm__buffer_puts(out, " = ");
    put_column(compiler, source->between, between->other_column, out);
}

/* Joins whose table was used after all are known only at the end, and so is that of a parent: a
 * join may need its parent's table. Hence two passes. */
static void put_from(corm_compiler *compiler, corm_scope *scope, corm_buffer *out) {
    corm_buffer joins = { 0 };
    for (int pass = 0; pass < 2; pass++) {
        corm__buffer_reset(&joins);
        for (corm_source *source = scope->first->next; source; source = source->next)
            put_join(compiler, source, &joins);
    }
    put_tables(compiler, scope->first, out);
    corm__buffer_puts(out, corm__buffer_text(&joins));
    if (corm__buffer_broken(&joins)) out->broken = true;
    corm__buffer_release(&joins);
}

int corm__compile_from(corm_compiler *compiler, corm_buffer *out) {
    put_from(compiler, compiler->scope, out);
    return compiler->status;
}

bool corm__compile_joined(const corm_compiler *compiler) {
    return compiler->scope->first->next != NULL;
}

enum { FLAT = 32 };

/* --- conditions --- */

/* A step to many rows, from a source, that no scope has bound yet. */
typedef struct hop {
    corm_source *parent;
    const corm_step *step;
} hop;

/* The first one that the path takes; step NULL: none. */
static hop hop_of_path(corm_compiler *compiler, const corm_path *path) {
    corm_source *source = root_of(compiler, path);
    for (size_t i = 0; source && i < path->n_steps; i++) {
        const corm_step *step = &path->steps[i];
        corm_source *child = find_child(compiler, source, step->field);
        if (!child && step->many) return (hop){ source, step };
        source = child ? child : join_one(compiler, source, step);
    }
    return (hop){ 0 };
}

/* NOT and HAS speak of rows of their own. */
static bool on_its_own(const corm_expr_node *node) {
    return node->op == CORM_OP_NOT || node->op == CORM_OP_HAS;
}

/* The first one in a condition. under_or: look into OR as well, which does not require the row. */
static hop hop_of(corm_compiler *compiler, const corm_expr_node *node, bool under_or) {
    if (node->op == CORM_OP_PATH) return hop_of_path(compiler, &node->path);
    if (on_its_own(node) || (node->op == CORM_OP_OR && !under_or)) return (hop){ 0 };
    for (size_t i = 0; i < node->n_args; i++) {
        hop found = hop_of(compiler, node->args[i], under_or);
        if (found.step || compiler->status) return found;
    }
    return (hop){ 0 };
}

static bool mentions(corm_compiler *compiler, const corm_expr_node *node, const hop *wanted) {
    if (on_its_own(node)) return false;
    if (node->op == CORM_OP_PATH) {
        hop found = hop_of_path(compiler, &node->path);
        return found.step && found.parent == wanted->parent &&
               found.step->field == wanted->step->field;
    }
    for (size_t i = 0; i < node->n_args; i++)
        if (mentions(compiler, node->args[i], wanted)) return true;
    return false;
}

static int compile_and(corm_compiler *compiler, const corm_expr_node **nodes, size_t n,
                       corm_buffer *out, bool *null);
static int compile_plain(corm_compiler *compiler, const corm_expr_node *node, corm_buffer *out,
                         bool *null);

/* A subquery for the conditions that need a row of the hop. */
static int compile_subquery(corm_compiler *compiler, const hop *hop, const corm_expr_node **nodes,
                            size_t n, corm_buffer *out) {
    corm_scope *outer = compiler->scope, *scope = scope_push(compiler);
    corm_source *source =
        scope ? source_new(compiler, scope, hop->parent, hop->step, hop->step->to) : NULL;
    if (!source) return compiler->status;
    corm_buffer inner = { 0 };
    bool unused = false;
    int status = compile_and(compiler, nodes, n, &inner, &unused);
    if (!status && (scope->correlated || compiler->negated)) {
        corm_buffer link = { 0 };
        put_equal(compiler, link_alias(source), link_column(source), hop->parent,
                  hop->step->from_column, &link);
        corm__buffer_puts(out, "EXISTS (SELECT 1 FROM ");
        put_from(compiler, scope, out);
        corm__buffer_printf(out, " WHERE %s AND %s)", corm__buffer_text(&link),
                            corm__buffer_text(&inner));
        if (link.broken) out->broken = true;
        corm__buffer_release(&link);
    } else if (!status) {
        compiler->scope = outer;
        corm__compile_column(compiler, hop->parent, hop->step->from_column, out);
        compiler->scope = scope;
        corm__buffer_puts(out, " IN (SELECT ");
        put_column(compiler, link_alias(source), link_column(source), out);
        corm__buffer_puts(out, " FROM ");
        put_from(compiler, scope, out);
        corm__buffer_printf(out, " WHERE %s)", corm__buffer_text(&inner));
    }
    if (inner.broken) out->broken = true;
    corm__buffer_release(&inner);
    compiler->scope = outer;
    return status ? status : compiler->status;
}

/* Conditions joined by AND or OR, of which none opens a subquery for others too. Long lists go in
 * halves, in parentheses: what an engine makes of them then is as deep as the list's logarithm. */
static int compile_joined(corm_compiler *compiler, corm_op op, const corm_expr_node **nodes,
                          size_t n, corm_buffer *out, bool *null) {
    const char *word = op == CORM_OP_AND ? " AND " : " OR ";
    int status = 0;
    if (n > FLAT) {
        for (size_t i = 0; i < 2 && !status; i++) {
            size_t half = n / 2;
            if (i) corm__buffer_puts(out, word);
            corm__buffer_putc(out, '(');
            status = compile_joined(compiler, op, i ? nodes + half : nodes, i ? n - half : half,
                                    out, null);
            corm__buffer_putc(out, ')');
        }
        return status;
    }
    for (size_t i = 0; i < n && !status; i++) {
        bool may_be_null = false;
        if (i) corm__buffer_puts(out, word);
        status = op == CORM_OP_AND ? compile_plain(compiler, nodes[i], out, &may_be_null)
                                   : compile_and(compiler, &nodes[i], 1, out, &may_be_null);
        *null |= may_be_null;
    }
    return status;
}

/* A condition with rows of its own. */
static int compile_own(corm_compiler *compiler, const corm_expr_node *node, bool negated,
                       corm_buffer *out, bool *null) {
    corm_scope *barrier = compiler->barrier;
    bool before = compiler->negated;
    compiler->barrier = compiler->scope;
    compiler->negated |= negated;
    int status = compile_and(compiler, (const corm_expr_node **)&node->args[0], 1, out, null);
    compiler->barrier = barrier;
    compiler->negated = before;
    return status;
}

/* The rows for which the condition is not true, also where it is NULL. */
static int compile_not(corm_compiler *compiler, const corm_expr_node *node, corm_buffer *out) {
    bool null = false;
    corm_buffer inner = { 0 };
    int status = compile_own(compiler, node, true, &inner, &null);
    if (!status)
        corm__buffer_printf(out, null ? "(%s) IS NOT TRUE" : "NOT (%s)", corm__buffer_text(&inner));
    if (inner.broken) out->broken = true;
    corm__buffer_release(&inner);
    return status;
}

static int compile_plain(corm_compiler *compiler, const corm_expr_node *node, corm_buffer *out,
                         bool *null) {
    if (node->op == CORM_OP_OR) {
        corm__buffer_putc(out, '(');
        int status = compile_joined(compiler, CORM_OP_OR, (const corm_expr_node **)node->args,
                                    node->n_args, out, null);
        corm__buffer_putc(out, ')');
        return status;
    }
    if (node->op == CORM_OP_NOT) return compile_not(compiler, node, out);
    if (node->op == CORM_OP_HAS) return compile_own(compiler, node, false, out, null);
    bool test = node->op == CORM_OP_IS_NULL || node->op == CORM_OP_IS_NOT_NULL;
    *null |= !test && node->type.null;
    return corm__compile_expr(compiler, node, out);
}

static size_t count_flat(const corm_expr_node *node) {
    if (node->op != CORM_OP_AND) return 1;
    size_t n = 0;
    for (size_t i = 0; i < node->n_args; i++) n += count_flat(node->args[i]);
    return n;
}

static void flatten(const corm_expr_node *node, const corm_expr_node **out, size_t *n) {
    if (node->op != CORM_OP_AND) out[(*n)++] = node;
    for (size_t i = 0; node->op == CORM_OP_AND && i < node->n_args; i++)
        flatten(node->args[i], out, n);
}

/* Takes out the conditions that mention the hop, keeping the order of the others. */
static size_t take_group(corm_compiler *compiler, const hop *hop, const corm_expr_node **nodes,
                         size_t *n, const corm_expr_node **group) {
    size_t taken = 0, kept = 0;
    for (size_t i = 0; i < *n; i++) {
        if (mentions(compiler, nodes[i], hop))
            group[taken++] = nodes[i];
        else
            nodes[kept++] = nodes[i];
    }
    *n = kept;
    return taken;
}

/* --- one row for what an AND says about a relation --- */

enum { MOST_HOPS = 32, MOST_NESTED = 6 };
typedef struct hops {
    hop list[MOST_HOPS];
    size_t n;
} hops;

static void collect_hops(corm_compiler *compiler, const corm_expr_node *node, hops *hops) {
    if (on_its_own(node)) return;
    for (size_t i = 0; i < node->n_args; i++) collect_hops(compiler, node->args[i], hops);
    if (node->op != CORM_OP_PATH) return;
    hop found = hop_of_path(compiler, &node->path);
    if (!found.step || hops->n == MOST_HOPS) return;
    for (size_t i = 0; i < hops->n; i++)
        if (hops->list[i].parent == found.parent && hops->list[i].step->field == found.step->field)
            return;
    hops->list[hops->n++] = found;
}

/* The next hop that conditions of the AND share: one that a condition requires, or one that two
 * name, each in an OR. */
static hop next_hop(corm_compiler *compiler, const corm_expr_node **nodes, size_t n,
                    bool *required) {
    hops all = { .n = 0 };
    *required = true;
    for (size_t i = 0; i < n; i++) {
        hop found = hop_of(compiler, nodes[i], false);
        if (found.step || compiler->status) return found;
    }
    *required = false;
    for (size_t i = 0; i < n; i++) collect_hops(compiler, nodes[i], &all);
    for (size_t h = 0; h < all.n; h++)
        for (size_t i = 0, named = 0; i < n; i++) {
            named += mentions(compiler, nodes[i], &all.list[h]);
            if (named == 2) return all.list[h];
        }
    return (hop){ 0 };
}

/* What is left of a condition when there is no row of the hop: NULL, it is false. */
static const corm_expr_node *without_row(corm_compiler *compiler, const corm_expr_node *node,
                                         const hop *hop) {
    if (!mentions(compiler, node, hop)) return node;
    if (node->op != CORM_OP_AND && node->op != CORM_OP_OR) return NULL;
    corm_expr_node *left = corm__arena_zalloc(compiler->arena, sizeof *left);
    if (left) {
        *left = *node;
        left->args = corm__arena_array(compiler->arena, node->n_args, sizeof *left->args);
        left->n_args = 0;
    }
    if (!left || !left->args) {
        fail_memory(compiler);
        return NULL;
    }
    for (size_t i = 0; i < node->n_args; i++) {
        const corm_expr_node *arg = without_row(compiler, node->args[i], hop);
        if (arg)
            left->args[left->n_args++] = (corm_expr_node *)arg;
        else if (node->op == CORM_OP_AND)
            return NULL;
    }
    return left->n_args ? left : NULL;
}

/* Conditions that name the hop in an OR: there is a row for which they are true, or they are true
 * without one. */
static int compile_optional(corm_compiler *compiler, const hop *hop, const corm_expr_node **nodes,
                            size_t n, corm_buffer *out, bool *null) {
    const corm_expr_node **left = corm__arena_array(compiler->arena, n, sizeof *left);
    if (!left) return fail_memory(compiler);
    bool possible = true;
    for (size_t i = 0; i < n; i++)
        possible &= (left[i] = without_row(compiler, nodes[i], hop)) != NULL;
    if (compiler->status) return compiler->status;
    if (!possible) return compile_subquery(compiler, hop, nodes, n, out);
    if (compiler->optional == MOST_NESTED) {
        compiler->status = corm__db_fail(
            compiler->db, CORM_ERROR_USAGE,
            "more than %d relations to many rows, each named in several ORs of one AND",
            MOST_NESTED);
        corm__error_hint(&compiler->db->error, "HAS(OR(…)) speaks of rows of its own");
        return compiler->status;
    }
    compiler->optional++;
    corm__buffer_putc(out, '(');
    int status = compile_subquery(compiler, hop, nodes, n, out);
    corm__buffer_puts(out, " OR ");
    if (!status) status = compile_and(compiler, left, n, out, null);
    corm__buffer_putc(out, ')');
    compiler->optional--;
    return status;
}

static int compile_and(corm_compiler *compiler, const corm_expr_node **list, size_t n_list,
                       corm_buffer *out, bool *null) {
    size_t n = 0, total = 0;
    for (size_t i = 0; i < n_list; i++) total += count_flat(list[i]);
    if (!total) return 0;
    const corm_expr_node **nodes = corm__arena_array(compiler->arena, total * 2, sizeof *nodes),
                         **group = nodes ? nodes + total : NULL;
    if (!nodes) return fail_memory(compiler);
    for (size_t i = 0; i < n_list; i++) flatten(list[i], nodes, &n);
    int status = 0;
    while (n && !status) {
        bool required;
        hop found = next_hop(compiler, nodes, n, &required);
        if (compiler->status) return compiler->status;
        if (!found.step) break;
        size_t taken = take_group(compiler, &found, nodes, &n, group);
        status = required ? compile_subquery(compiler, &found, group, taken, out)
                          : compile_optional(compiler, &found, group, taken, out, null);
        if (n) corm__buffer_puts(out, " AND ");
    }
    return status ? status : compile_joined(compiler, CORM_OP_AND, nodes, n, out, null);
}

int corm__compile_condition(corm_compiler *compiler, const corm_expr_node *node, corm_buffer *out,
                            bool *null) {
    bool unused = false;
    return compile_and(compiler, &node, 1, out, null ? null : &unused);
}

/* --- the end --- */

int corm__compile_end(corm_compiler *compiler, corm_buffer *sql, corm_query_plan *plan) {
    if (compiler->status) return compiler->status;
    if (corm__buffer_broken(sql)) return fail_memory(compiler);
    size_t most = 0;
    for (size_t i = 0; i < sql->length; i++) most += sql->data[i] == 1;
    corm_slot *slots = corm__arena_array(&plan->arena, most + 1, sizeof *slots);
    corm_kind *kinds = corm__arena_array(&plan->arena, most + 1, sizeof *kinds);
    if (!slots || !kinds) return fail_memory(compiler);
    corm_buffer text = { 0 };
    size_t n = 0;
    for (const char *p = corm__buffer_text(sql); *p;) {
        if (*p != 1) {
            corm__buffer_putc(&text, *p++);
            continue;
        }
        char *end;
        unsigned long slot = strtoul(p + 1, &end, 10);
        if (*end != ';' || slot >= compiler->n_slots) {
            corm__buffer_release(&text);
            return compiler->status = corm__db_fail(compiler->db, CORM_ERROR_USAGE,
                                                    "a name in the query holds the character 1");
        }
        slots[n] = compiler->slots[slot];
        kinds[n] = slots[n].target.kind;
        compiler->backend->placeholder(&text, (int)n + 1, slots[n].target.kind,
                                       slots[n].target.element);
        n++;
        p = end + 1;
    }
    if (n > (size_t)compiler->backend->features->max_parameters)
        compiler->status = corm__db_fail(
            compiler->db, CORM_ERROR_USAGE, "%zu values in one statement: %s takes %d", n,
            compiler->backend->title, compiler->backend->features->max_parameters);
    plan->sql_length = text.length;
    plan->sql = corm__buffer_copy(&text, &plan->arena);
    plan->slots = slots;
    plan->kinds = kinds;
    plan->n_slots = n;
    if (!compiler->status && !plan->sql) fail_memory(compiler);
    corm__buffer_release(&text);
    return compiler->status;
}
