/* UPDATE and DELETE.
 *
 * Conditions over other tables, an order or a limit choose the rows by a subquery on the key. What
 * SET takes from another table comes from a subquery beside the table, which has the key and those
 * values of each row that is chosen: it is read whole before a row changes, so that a value is that
 * of before, also where the other table is the same. */
#include "base/error.h"
#include "query/query.h"
#include <string.h>

/* One TO(…). */
typedef struct assignment {
    corm_expr_node *node;
    corm_column column;
    bool joined; /* its value comes from another table */
} assignment;

typedef struct change {
    corm_draft draft;
    const corm_select_argument *argument;
    corm_query_plan *plan;
    corm_buffer sql;
    assignment *set;
    size_t n_set;
    bool joined;
} change;

/* An engine may compute a part of it only when it comes to a row that needs it. */
static bool has_branches(const corm_expr_node *node) {
    if (node->op == CORM_OP_COALESCE || node->op == CORM_OP_CASE || corm__is_condition(node->op))
        return true;
    for (size_t i = 0; i < node->n_args; i++)
        if (has_branches(node->args[i])) return true;
    return false;
}

static int assigned(corm_compiler *compiler, const corm_column *column, const corm_expr_node *right,
                    corm_buffer *out) {
    if (right->op == CORM_OP_VALUE || !compiler->backend->expression(CORM_OP_SET, column))
        return corm__compile_expr(compiler, right, out);
    corm_buffer operand = { 0 };
    int status = corm__compile_expr(compiler, right, &operand);
    if (operand.broken) out->broken = true;
    if (!status)
        status =
            corm__compile_template(compiler, CORM_OP_SET, column, &right->type, &operand, 1, out);
    corm__buffer_release(&operand);
    return status;
}

int corm__compile_assigned(corm_compiler *compiler, const corm_column *column,
                           const corm_expr_node *right, corm_buffer *out) {
    compiler->assigning = compiler->change; /* a SELECT is read before a row changes */
    compiler->lazy = has_branches(right);
    int status = assigned(compiler, column, right, out);
    compiler->assigning = false;
    return status;
}

/* Engines differ: one refuses it, another takes the last. */
static int check_once(corm_db *db, const assignment *set, size_t n) {
    for (size_t i = 0; i + 1 < n; i++)
        if (strcmp(set[i].column.name, set[n - 1].column.name) == 0)
            return corm__db_fail(db, CORM_ERROR_USAGE, "SET has %s twice", set[i].column.name);
    return 0;
}

static bool leaves_table(const corm_expr_node *node) {
    if (node->op == CORM_OP_PATH) return node->path.n_steps && !node->path.frame->outer;
    for (size_t i = 0; i < node->n_args; i++)
        if (leaves_table(node->args[i])) return true;
    const corm_expr_node *inner;
    for (size_t i = 0; (inner = corm__inner_node(node, i)); i++)
        if (leaves_table(inner)) return true;
    return false;
}

static int resolve_set(change *change) {
    corm_draft *draft = &change->draft;
    corm_db *db = draft->compiler.db;
    const corm_query *query = change->argument->query;
    int status = 0;
    while (corm__set_item(query, change->n_set)) change->n_set++;
    if (!change->n_set)
        return corm__db_fail(db, CORM_ERROR_USAGE, "corm_update of %s without .set = SET(TO(…))",
                             draft->resolver.model->table);
    change->set = corm__arena_array(draft->resolver.arena, change->n_set, sizeof *change->set);
    if (!change->set) return corm__fail_memory(&db->error);
    for (size_t i = 0; i < change->n_set && !status; i++) {
        assignment *to = &change->set[i];
        to->node = corm__resolve_set(&draft->resolver, corm__set_item(query, i), &status);
        if (!to->node) return status;
        to->column = to->node->args[0]->type;
        to->column.name = to->node->args[0]->path.column;
        to->joined = leaves_table(to->node->args[1]);
        change->joined |= to->joined;
        status = check_once(db, change->set, i + 1);
        if (!status && change->argument->what == CORM_WHAT_UPDATE_ROWS)
            status =
                corm__check_key_stays(db, draft->resolver.model, to->node->args[0]->path.field);
    }
    return status;
}

/* The word for the database's own default; where there is none, what the model says. */
static int put_default(corm_db *db, const corm_expr_node *left, const corm_column *column,
                       corm_buffer *out) {
    const corm_default *value = &left->path.field->default_value;
    if (db->backend->features->set_default)
        corm__buffer_puts(out, "DEFAULT");
    else if (value->kind)
        return db->backend->value(out, column, value, &db->error);
    else
        corm__buffer_puts(out, "NULL");
    return 0;
}

/* The column as the left side of an assignment; beside a joined table with its own one's name,
 * where that may be. */
static void put_left(const change *change, const char *column) {
    const corm_backend *backend = change->draft.compiler.backend;
    corm_buffer *sql = (corm_buffer *)&change->sql;
    if (change->joined && backend->features->update_join) {
        backend->identifier(sql, change->argument->model->table);
        corm__buffer_putc(sql, '.');
    }
    backend->identifier(sql, column);
    corm__buffer_puts(sql, " = ");
}

static int put_assignment(change *change, size_t i) {
    const assignment *to = &change->set[i];
    corm_compiler *compiler = &change->draft.compiler;
    corm_buffer value = { 0 };
    int status = 0;
    put_left(change, to->column.name);
    if (to->node->args[1]->op == CORM_OP_DEFAULT)
        return put_default(compiler->db, to->node->args[0], &to->column, &change->sql);
    if (to->joined)
        corm__buffer_printf(&value, "v_.c%zu_", i);
    else
        status = corm__compile_assigned(compiler, &to->column, to->node->args[1], &value);
    corm__put_stored(compiler->db, change->argument->model->table, &to->column, true, &value,
                     &change->sql);
    if (value.broken) change->sql.broken = true;
    corm__buffer_release(&value);
    return status;
}

/* So that whoever has read the row learns that it has changed. */
static int put_version(change *change) {
    const corm_model *model = change->argument->model;
    const corm_field *version = corm__version_field(model);
    for (size_t i = 0; version && i < change->n_set; i++)
        if (corm__field_gives(version, change->set[i].column.name)) version = NULL;
    if (!version) return 0;
    corm__buffer_puts(&change->sql, ", ");
    return corm__put_next_version(change->draft.compiler.db, model, change->joined,
                                  change->draft.resolver.arena, &change->sql);
}

static int put_set(change *change) {
    int status = 0;
    corm__buffer_puts(&change->sql, " SET ");
    for (size_t i = 0; i < change->n_set && !status; i++) {
        if (i) corm__buffer_puts(&change->sql, ", ");
        status = put_assignment(change, i);
    }
    return status ? status : put_version(change);
}

/* The columns of the key: "a", or "a", "b". */
static int put_key(corm_draft *draft, const corm_model *model, size_t *n, corm_buffer *out) {
    corm_db *db = draft->compiler.db;
    const corm_field *key[CORM__KEY_COLUMNS];
    *n = corm__key_fields(model, key);
    for (size_t i = 0; i < *n; i++) {
        const char *column = corm__field_column(key[i], draft->resolver.arena);
        if (!column) return corm__fail_memory(&db->error);
        if (i) corm__buffer_puts(out, ", ");
        corm__compile_column(&draft->compiler, draft->compiler.root, column, out);
    }
    if (*n) return 0;
    corm__db_fail(
        db, CORM_ERROR_USAGE,
        "%s has no primary key: its rows cannot be chosen by other tables, order or limit",
        model->name);
    corm__error_hint(&db->error, "use conditions on the table's own columns");
    return CORM_ERROR_USAGE;
}

/* Of two programs that change the first row at once, one takes the next: the engine that chooses by
 * what was there when the statement began locks the rows that it chooses. */
static int lock_chosen(corm_draft *draft, const corm_model *model, bool limited) {
    const corm_features *features = draft->compiler.backend->features;
    corm_buffer table = { 0 };
    if (!limited || !features->for_update || features->update_join) return 0;
    if (draft->compiler.change)
        draft->compiler.backend->identifier(&table, model->table);
    else
        corm__buffer_puts(&table, "t0");
    int status = corm__compile_template(&draft->compiler, CORM_OP_LOCK_UPDATE, NULL, NULL, &table,
                                        1, &draft->lock);
    if (table.broken) draft->lock.broken = true;
    corm__buffer_release(&table);
    return status;
}

/* With joins or a limit the rows are chosen by a subquery on the key: one more around a limit,
 * which not every engine takes in the first. */
static int choose_by_key(corm_draft *draft, const corm_model *model, bool limited,
                         corm_buffer *sql) {
    size_t n;
    int status = put_key(draft, model, &n, &draft->columns);
    if (status) return status;
    corm__buffer_puts(sql, n > 1 ? " WHERE (" : " WHERE ");
    corm__buffer_append(sql, &draft->columns);
    if (n > 1) corm__buffer_putc(sql, ')');
    corm__buffer_puts(sql, limited ? " IN (SELECT * FROM (" : " IN (");
    status = lock_chosen(draft, model, limited);
    if (!status) status = corm__draft_select(draft, NULL);
    corm__put_clause(sql, "", &draft->sql);
    corm__buffer_puts(sql, limited ? ") AS chosen_)" : ")");
    return status;
}

/* Which rows: the clauses, in the order of the walk. */
static int choose(change *change) {
    corm_draft *draft = &change->draft;
    const corm_query *query = change->argument->query;
    int status = corm__draft_where(draft, query, change->plan);
    if (!status && (corm__order_item(query, 0) || corm__limited(query)))
        status = corm__draft_ordered(draft, change->argument->model, query, false);
    return status ? status : corm__draft_limit(draft, query);
}

/* (SELECT "id" AS k0_, … AS c0_ FROM …) AS v_ */
static int put_beside(change *change, const corm_buffer *chosen) {
    corm__buffer_putc(&change->sql, '(');
    corm__buffer_append(&change->sql, chosen);
    corm__buffer_puts(&change->sql, ") AS v_");
    return 0;
}

static int select_beside(change *change, const corm_field **key, size_t n) {
    corm_draft *draft = &change->draft;
    corm_compiler *compiler = &draft->compiler;
    int status = 0;
    for (size_t i = 0; i < n; i++) {
        const char *column = corm__field_column(key[i], draft->resolver.arena);
        if (!column) return corm__fail_memory(&compiler->db->error);
        if (i) corm__buffer_puts(&draft->columns, ", ");
        corm__compile_column(compiler, compiler->root, column, &draft->columns);
        corm__buffer_printf(&draft->columns, " AS k%zu_", i);
    }
    for (size_t i = 0; i < change->n_set && !status; i++) {
        if (!change->set[i].joined) continue;
        corm__buffer_puts(&draft->columns, ", ");
        status = corm__compile_assigned(compiler, &change->set[i].column,
                                        change->set[i].node->args[1], &draft->columns);
        corm__buffer_printf(&draft->columns, " AS c%zu_", i);
    }
    /* An engine that would merge it into the UPDATE reads it whole for the sake of a limit. */
    if (compiler->backend->features->update_join && !draft->limit.length)
        corm__buffer_puts(&draft->limit, " LIMIT 9223372036854775807");
    if (!status)
        status =
            lock_chosen(draft, change->argument->model, corm__limited(change->argument->query));
    return status ? status : corm__draft_select(draft, NULL);
}

static int put_joined(change *change) {
    corm_draft *draft = &change->draft;
    corm_db *db = draft->compiler.db;
    const corm_model *model = change->argument->model;
    const corm_field *key[CORM__KEY_COLUMNS];
    size_t n = corm__key_fields(model, key);
    bool join = db->backend->features->update_join;
    if (!n)
        return corm__db_fail(db, CORM_ERROR_USAGE,
                             "%s has no primary key: SET cannot use columns of another table",
                             model->name);
    draft->compiler.change = false; /* the root has an alias in there */
    int status = choose(change);
    if (!status) status = select_beside(change, key, n);
    draft->compiler.change = true;
    if (status) return status;
    if (join) {
        corm__buffer_puts(&change->sql, " JOIN ");
        put_beside(change, &draft->sql);
    }
    status = put_set(change);
    if (!join) {
        corm__buffer_puts(&change->sql, " FROM ");
        put_beside(change, &draft->sql);
    }
    for (size_t i = 0; i < n && !status; i++) {
        const char *column = corm__field_column(key[i], draft->resolver.arena);
        if (!column) return corm__fail_memory(&db->error);
        corm__buffer_puts(&change->sql, i ? " AND " : " WHERE ");
        corm__compile_column(&draft->compiler, draft->compiler.root, column, &change->sql);
        corm__buffer_printf(&change->sql, " = v_.k%zu_", i);
    }
    return status;
}

static int put_plain(change *change, bool update) {
    corm_draft *draft = &change->draft;
    bool limited = corm__limited(change->argument->query);
    int status = update ? put_set(change) : 0;
    if (!status) status = choose(change);
    if (status) return status;
    if (limited || corm__compile_joined(&draft->compiler)) {
        if (!limited) corm__buffer_reset(&draft->order);
        return choose_by_key(draft, change->argument->model, limited, &change->sql);
    }
    if (draft->where.broken) return corm__fail_memory(&draft->compiler.db->error);
    corm__put_clause(&change->sql, " WHERE ", &draft->where);
    return 0;
}

static int compile_change(change *change) {
    corm_draft *draft = &change->draft;
    const corm_select_argument *argument = change->argument;
    corm_what what = argument->what;
    bool update = what == CORM_WHAT_UPDATE || what == CORM_WHAT_UPDATE_ROWS;
    int status = 0;
    corm__buffer_puts(&change->sql, update ? "UPDATE " : "DELETE FROM ");
    draft->compiler.backend->identifier(&change->sql, argument->model->table);
    draft->compiler.change = draft->resolver.change = true;
    if (update) status = resolve_set(change);
    if (!status) status = change->joined ? put_joined(change) : put_plain(change, update);
    if (!status && (what == CORM_WHAT_UPDATE_ROWS || what == CORM_WHAT_DELETE_ROWS)) {
        corm__buffer_puts(&change->sql, " RETURNING ");
        status = corm__fetch_with(&draft->compiler, &(corm_with){ .model = argument->model },
                                  change->plan, &change->sql);
    }
    return status ? status : corm__compile_end(&draft->compiler, &change->sql, change->plan);
}

int corm__compile_change(corm_db *db, const void *argument, const corm_shape *shape,
                         corm_query_plan *plan) {
    change change = { .argument = argument, .plan = plan };
    int status = corm__draft_begin(&change.draft, db, change.argument->model, shape, plan);
    if (!status) status = compile_change(&change);
    corm__draft_release(&change.draft);
    corm__buffer_release(&change.sql);
    return status;
}
