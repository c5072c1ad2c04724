/* Whole statements, from their clauses. The clauses are resolved in the order of the walk in
 * shape.c: set, where, having, order, limit, offset. */
#include "base/error.h"
#include "query/query.h"
#include <string.h>

int corm__draft_begin(corm_draft *draft, corm_db *db, const corm_model *model,
                      const corm_shape *shape, corm_query_plan *plan) {
    memset(draft, 0, sizeof *draft);
    draft->frame = (corm_frame){ .model = model, .name = model->plural };
    draft->resolver = (corm_resolver){
        .db = db, .arena = &plan->arena, .model = model, .frame = &draft->frame, .shape = shape
    };
    return corm__compiler_begin(&draft->compiler, db, &plan->arena, model);
}

void corm__draft_release(corm_draft *draft) {
    corm_buffer *all[] = { &draft->columns, &draft->where, &draft->group,
                           &draft->having,  &draft->order, &draft->limit,
                           &draft->lock,    &draft->sql,   &draft->partition };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) corm__buffer_release(all[i]);
}

int corm__query_enter(corm_db *db, const corm_model **named, const corm_query *query) {
    int status = corm__db_enter(db);
    if (!status && query->table) status = corm__model_at(db, named, query->table);
    if (status) return status;
    const corm_model *model = *named;
    if ((query->limit < 0 && query->limit != CORM__NO_LIMIT) || query->offset < 0) {
        corm__db_fail(db, CORM_ERROR_USAGE, "a negative limit or offset of %s", model->table);
        corm__error_hint(&db->error, "without .limit there is no limit");
        return CORM_ERROR_USAGE;
    }
    return query->filter ? corm__filter_check(db, model, query->filter) : 0;
}

int corm__query_lock(corm_db *db, const corm_model *model, const corm_query *query) {
    if (!query->lock) return 0;
    if (!db->backend->in_transaction(db->conn)) {
        corm__db_fail(db, CORM_ERROR_USAGE, "a lock of %s outside of a transaction", model->table);
        corm__error_hint(&db->error, "it would end with the statement: corm_begin or corm_atomic");
        return CORM_ERROR_USAGE;
    }
    if (db->backend->features->for_update || !db->backend->lock_rows) return 0;
    int status = db->backend->lock_rows(db->conn, model->table, !query->nowait, &db->error);
    if (status) corm__break(db);
    return status;
}

size_t corm__most_rows(const corm_query *query) {
    return query->limit > 0 && query->limit < INT32_MAX ? (size_t)query->limit : 0;
}

int corm__draft_where(corm_draft *draft, const corm_query *query, corm_query_plan *plan) {
    int status;
    corm_resolver *resolver = &draft->resolver;
    corm_expr_node *node = corm__resolve(resolver, corm__expr_at(query->where), &status);
    if (!status && query->filter) {
        corm_expr_node *filter =
            corm__resolve(resolver, corm__filter_condition(query->filter), &status);
        node = corm__resolve_both(resolver, node, filter, &status);
    }
    plan->unconditional = !node;
    if (!node || status) return status;
    corm_db *db = draft->compiler.db;
    if (node->type.kind != CORM_BOOLEAN)
        return corm__db_fail(db, CORM_ERROR_USAGE, "%s in .where is no condition",
                             corm__op_name(node->op));
    if (node->aggregate) {
        corm__db_fail(db, CORM_ERROR_USAGE, "an aggregate in .where");
        corm__error_hint(&db->error, "a condition on groups belongs in .having of corm_select");
        return CORM_ERROR_USAGE;
    }
    return corm__compile_condition(&draft->compiler, node, &draft->where, NULL);
}

int corm__draft_limit(corm_draft *draft, const corm_query *query) {
    int status = 0;
    const char *const words[] = { " LIMIT ", " OFFSET " };
    size_t n = !corm__limited(query) ? 0 : query->offset > 0 ? 2 : 1;
    for (size_t i = 0; i < n && !status; i++) {
        corm_expr_node *node = corm__resolve_value(&draft->resolver, CORM_BIGINT, &status);
        if (!node) return status;
        corm__buffer_puts(&draft->limit, words[i]);
        status =
            corm__compile_value(&draft->compiler, node->value, 0, &node->target, &draft->limit);
    }
    return status;
}

int corm__draft_order(corm_draft *draft, corm_op direction, const corm_column *type,
                      const corm_enum *labels, const char *text) {
    return corm__compile_order(&draft->compiler, direction, type, labels, text, &draft->order);
}

corm_expr_node *corm__draft_order_item(corm_draft *draft, const corm_query *query, size_t i,
                                       corm_op *direction, int *status) {
    const corm_expr *item = corm__order_item(query, i);
    *status = 0;
    if (!item) return NULL;
    corm_expr_node *node = corm__resolve(&draft->resolver, item, status);
    if (node) {
        node = (corm_expr_node *)corm__direction_of(node, direction);
        if (query->reverse) *direction = corm__reversed(*direction);
        return node;
    }
    if (!*status)
        *status =
            corm__db_fail(draft->compiler.db, CORM_ERROR_USAGE, "an empty expression in .order_by");
    return NULL;
}

/* .distinct_on: what makes a group. */
static int partition(corm_draft *draft, const corm_query *query) {
    const corm_expr *list = query->distinct_on ? corm__list(query->distinct_on) : NULL;
    int status = 0;
    for (size_t i = 0; list && i < list->n && !status; i++) {
        corm_op unused;
        const corm_expr_node *node =
            corm__resolve(&draft->resolver, corm__expr_arg(list, i), &status);
        if (!node || node->aggregate)
            return status ? status
                          : corm__db_fail(draft->compiler.db, CORM_ERROR_USAGE,
                                          "an aggregate or an empty expression in .distinct_on");
        if (i) corm__buffer_puts(&draft->partition, ", ");
        status = corm__compile_expr(&draft->compiler, corm__direction_of(node, &unused),
                                    &draft->partition);
    }
    draft->compiler.named = draft->partition.length;
    return status;
}

static bool is_key(const corm_model *model, const corm_expr_node *node) {
    const corm_field *key[1 + CORM__KEY_COLUMNS];
    return node->op == CORM_OP_PATH && node->path.n_steps == 0 && node->path.field &&
           corm__key_fields(model, key) == 1 && key[0] == node->path.field;
}

int corm__draft_random(corm_draft *draft, const corm_query *query) {
    if (corm__order_item(query, 0) || query->reverse)
        return corm__db_fail(draft->compiler.db, CORM_ERROR_USAGE,
                             ".random is an order: beside it there is no other");
    return corm__compile_template(&draft->compiler, CORM_OP_RANDOM, NULL, NULL, NULL, 0,
                                  &draft->order);
}

int corm__draft_ordered(corm_draft *draft, const corm_model *model, const corm_query *query,
                        bool always) {
    if (query->random) return corm__draft_random(draft, query);
    always |= query->reverse || query->after.row || query->distinct_on || corm__limited(query);
    const corm_expr_node *by;
    corm_op direction = 0;
    bool by_key = false;
    int status;
    for (size_t i = 0; (by = corm__draft_order_item(draft, query, i, &direction, &status)); i++) {
        if (by->aggregate)
            return corm__db_fail(draft->compiler.db, CORM_ERROR_USAGE,
                                 "an aggregate in .order_by: use corm_select");
        by_key |= is_key(model, by);
        corm_buffer text = { 0 };
        status = corm__compile_expr(&draft->compiler, by, &text);
        if (!status)
            status = corm__buffer_broken(&text)
                         ? corm__fail_memory(&draft->compiler.db->error)
                         : corm__draft_order(draft, direction, &by->type, by->labels,
                                             corm__buffer_text(&text));
        corm__buffer_release(&text);
        if (status) return status;
    }
    if (status || by_key || !(direction || always)) return status;
    if (!direction && query->reverse) direction = CORM_OP_DESC;
    return corm__compile_key_order(&draft->compiler, model, draft->compiler.root, direction,
                                   &draft->order);
}

void corm__put_clause(corm_buffer *out, const char *word, const corm_buffer *clause) {
    if (clause->length && !clause->broken) corm__buffer_puts(out, word);
    corm__buffer_append(out, clause);
}

/* The first row of each group: numbered in a subquery, whose order the outer query keeps. */
static int select_first(corm_draft *draft) {
    corm_buffer *sql = &draft->sql;
    corm__buffer_puts(sql, "SELECT ");
    for (size_t i = 1; i <= draft->n_named; i++)
        corm__buffer_printf(sql, "%sc%zu_", i > 1 ? ", " : "", i);
    corm__put_clause(sql, " FROM (SELECT ", &draft->columns);
    corm__put_clause(sql, ", ROW_NUMBER() OVER (PARTITION BY ", &draft->partition);
    corm__put_clause(sql, " ORDER BY ", &draft->order);
    corm__put_clause(sql, ") AS n_, ROW_NUMBER() OVER (ORDER BY ", &draft->order);
    corm__buffer_puts(sql, ") AS o_ FROM ");
    int status = corm__compile_from(&draft->compiler, sql);
    corm__put_clause(sql, " WHERE ", &draft->where);
    corm__buffer_puts(sql, ") AS ranked_ WHERE n_ = 1 ORDER BY o_");
    corm__put_clause(sql, "", &draft->limit);
    return status;
}

int corm__draft_select(corm_draft *draft, corm_query_plan *plan) {
    corm_buffer *sql = &draft->sql;
    corm_buffer *all[] = { &draft->columns, &draft->where, &draft->group, &draft->having,
                           &draft->order,   &draft->limit, &draft->lock };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->broken) return corm__fail_memory(&draft->compiler.db->error);
    if (draft->partition.length || draft->partition.broken) {
        int failed = draft->partition.broken ? corm__fail_memory(&draft->compiler.db->error)
                                             : select_first(draft);
        return failed || !plan ? failed : corm__compile_end(&draft->compiler, sql, plan);
    }
    corm__put_clause(sql, "SELECT ", &draft->columns);
    corm__buffer_puts(sql, " FROM ");
    int status = corm__compile_from(&draft->compiler, sql);
    if (status) return status;
    corm__put_clause(sql, " WHERE ", &draft->where);
    corm__put_clause(sql, " GROUP BY ", &draft->group);
    corm__put_clause(sql, " HAVING ", &draft->having);
    corm__put_clause(sql, " ORDER BY ", &draft->order);
    corm__put_clause(sql, "", &draft->limit);
    corm__put_clause(sql, "", &draft->lock);
    return plan ? corm__compile_end(&draft->compiler, sql, plan) : 0;
}

/* Of the query's own table, where the engine lets that be said: a joined row may be missing. */
static int put_lock(corm_draft *draft, const corm_query *query) {
    corm_db *db = draft->compiler.db;
    if (query->lock && query->distinct_on)
        return corm__db_fail(db, CORM_ERROR_USAGE,
                             ".lock with .distinct_on: read the keys, and then lock the rows");
    if (query->nowait && query->skip_locked)
        return corm__db_fail(db, CORM_ERROR_USAGE, ".nowait and .skip_locked in one query of %s",
                             draft->resolver.model->table);
    if (!query->lock)
        return query->nowait || query->skip_locked
                   ? corm__db_fail(db, CORM_ERROR_USAGE, ".nowait and .skip_locked without .lock")
                   : 0;
    if (query->lock < CORM_LOCK_UPDATE || query->lock > CORM_LOCK_KEY_SHARE)
        return corm__db_fail(db, CORM_ERROR_USAGE, ".lock = %d is no lock", (int)query->lock);
    if (!db->backend->features->for_update) return 0;
    corm_buffer table = { 0 };
    corm__buffer_puts(&table, "t0");
    corm_op op = (corm_op)(CORM_OP_LOCK_UPDATE + (query->lock - CORM_LOCK_UPDATE));
    int status = corm__compile_template(&draft->compiler, op, NULL, NULL, &table, 1, &draft->lock);
    corm__buffer_puts(&draft->lock, query->nowait        ? " NOWAIT"
                                    : query->skip_locked ? " SKIP LOCKED"
                                                         : "");
    if (table.broken) draft->lock.broken = true;
    corm__buffer_release(&table);
    return status;
}

static int select_columns(corm_draft *draft, const corm_select_argument *argument,
                          corm_query_plan *plan) {
    corm_with with;
    int status =
        corm__with_parse(&draft->resolver, argument->query, &with);
    if (!status && (argument->what == CORM_WHAT_ROWS || argument->what == CORM_WHAT_FIRST)) {
        status = corm__fetch_with(&draft->compiler, &with, plan, &draft->columns);
        draft->n_named = plan->fetch.n_columns;
        return status;
    }
    if (status) return status;
    static const corm_fetch_column number = { .kind = CORM_BIGINT, .name = "count" };
    plan->fetch = (corm_fetch){ &number, 1, 1 };
    bool all = argument->what == CORM_WHAT_COUNT && !draft->limit.length;
    draft->n_named = 1;
    corm__buffer_puts(&draft->columns, draft->compiler.named ? "1 AS c1_" : all ? "COUNT(*)" : "1");
    return 0;
}

/* Rows are never doubled, so .distinct has nothing to do: a row differs from all others by its key.
 */
static int compile_select(corm_draft *draft, const corm_select_argument *argument,
                          corm_query_plan *plan) {
    const corm_query *query = argument->query;
    corm_what what = argument->what;
    int status = corm__draft_where(draft, query, plan);
    if (!status)
        status = corm__draft_ordered(draft, argument->model, query, what == CORM_WHAT_FIRST);
    if (!status) status = partition(draft, query);
    if (!status) status = corm__draft_limit(draft, query);
    if (!status) status = put_lock(draft, query);
    if (!status) status = select_columns(draft, argument, plan);
    if (status) return status;
    bool needless = what == CORM_WHAT_COUNT || (what == CORM_WHAT_EXISTS && !draft->limit.length);
    if (needless && !draft->compiler.named) corm__buffer_reset(&draft->order);
    if (what == CORM_WHAT_EXISTS && !draft->limit.length)
        corm__buffer_puts(&draft->limit, " LIMIT 1");
    bool counted_rows = what == CORM_WHAT_COUNT && (draft->limit.length || draft->compiler.named);
    if (counted_rows) corm__buffer_puts(&draft->sql, "SELECT COUNT(*) FROM (");
    status = corm__draft_select(draft, NULL);
    if (counted_rows) corm__buffer_puts(&draft->sql, ") AS rows_");
    return status ? status : corm__compile_end(&draft->compiler, &draft->sql, plan);
}

int corm__compile_select(corm_db *db, const void *argument, const corm_shape *shape,
                         corm_query_plan *plan) {
    const corm_select_argument *select = argument;
    corm_draft draft;
    int status = corm__draft_begin(&draft, db, select->model, shape, plan);
    if (!status) status = compile_select(&draft, select, plan);
    corm__draft_release(&draft);
    return status;
}
