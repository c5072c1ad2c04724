/* corm_select: rows of a CORM_ROW, an expression for each member. With an aggregate among them all
 * others are what it groups by.
 *
 * A path to many rows among the columns is joined: among those that are grouped by, only rows that
 * have such a row count; below an aggregate alone, groups without one stay, and count 0. Two
 * aggregates over different relations to many would multiply each other's rows, and so does a
 * relation that is grouped by when several of its rows are in one group; that is refused rather
 * than answered wrongly.
 *
 * .distinct is a grouping by all columns, so that what they are made of may be ordered by. */
#include "base/error.h"
#include "query/query.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct report_argument {
    const corm_model *row, *model;
    const corm_query *query;
    const corm_expr *const *columns;
} report_argument;

enum { MOST_SOURCES = 32, MOST_AGGREGATES = 64 };
/* What a column is called in ORDER BY: an engine may write it twice there, and a number in an
 * expression is a constant. In an expression it may not stand for an aggregate. */
#define COLUMN_NAME "column_%zu_"
/* The relations to many rows that an expression goes through. */
typedef struct many_set {
    const corm_source *sources[MOST_SOURCES];
    size_t n;
} many_set;
typedef struct aggregate {
    const corm_expr_node *node;
    many_set many;
} aggregate;

typedef struct report {
    corm_draft draft;
    const report_argument *argument;
    corm_query_plan *plan;
    corm_expr_node **nodes; /* of the columns */
    corm_buffer *texts;
    corm_expr_node *having;
    aggregate *aggregates;
    size_t n_aggregates;
    many_set grouped;
    bool groups;
} report;

static bool is_integer(corm_kind kind) { return kind >= CORM_IDENTITY && kind <= CORM_BIGINT; }
static int rank(corm_kind kind) { return kind == CORM_SMALLINT ? 1 : kind == CORM_INTEGER ? 2 : 3; }

/* Whether every value of the expression goes into the member. */
static bool fits(const corm_field *member, const corm_expr_node *node) {
    corm_kind from = node->type.kind, to = member->kind;
    if (is_integer(from)) return is_integer(to) && rank(from) <= rank(to);
    if (from == CORM_REAL) return to == CORM_REAL || to == CORM_DOUBLE_PRECISION;
    if (to == CORM_ENUMERATION) return node->labels && node->labels == member->labels;
    if (from == CORM_VARCHAR || from == CORM_TEXT) return to == CORM_VARCHAR || to == CORM_TEXT;
    return from == to && (from != CORM_ARRAY || node->type.element == member->element);
}

static int check_member(corm_db *db, const corm_model *row, const corm_field *member,
                        const corm_expr_node *node) {
    if (fits(member, node)) return 0;
    const char *what = node->op == CORM_OP_PATH ? node->path.text : corm__op_name(node->op);
    corm__db_fail(db, CORM_ERROR_TYPE, "%s.%s is %s, but %s is %s", row->name, member->name,
                  corm_kind_name(member->kind), what, corm_kind_name(node->type.kind));
    corm__error_set(db->error.column, sizeof db->error.column, "%s", member->name);
    if (node->type.kind == CORM_DECIMAL)
        corm__error_hint(&db->error, "declare it decimal(%s, %d, %d)", member->name,
                         node->type.digits, node->type.places);
    else
        corm__error_hint(&db->error, "declare it %s%s(%s)",
                         node->type.null && node->type.kind != CORM_TEXT ? "optional_" : "",
                         corm_kind_name(node->type.kind), member->name);
    return CORM_ERROR_TYPE;
}

/* --- what multiplies what --- */

static bool set_has(const many_set *set, const corm_source *source) {
    for (size_t i = 0; i < set->n; i++)
        if (set->sources[i] == source) return true;
    return false;
}

static int collect_many(report *report, const corm_expr_node *node, many_set *set) {
    for (size_t i = 0; node->op == CORM_OP_PATH && i < node->path.n_steps; i++) {
        if (!node->path.steps[i].many) continue;
        const corm_source *source = corm__path_source(&report->draft.compiler, &node->path, i + 1);
        if (!source) return report->draft.compiler.status;
        if (!set_has(set, source) && set->n < MOST_SOURCES) set->sources[set->n++] = source;
    }
    /* Conditions with rows of their own multiply nothing. */
    bool own = node->op == CORM_OP_HAS || node->op == CORM_OP_NOT;
    for (size_t i = 0; !own && i < node->n_args; i++) {
        int status = collect_many(report, node->args[i], set);
        if (status) return status;
    }
    return 0;
}

static int collect_aggregates(report *report, const corm_expr_node *node) {
    corm_db *db = report->draft.compiler.db;
    if (!corm__is_aggregate(node->op)) {
        for (size_t i = 0; i < node->n_args; i++) {
            int status = collect_aggregates(report, node->args[i]);
            if (status) return status;
        }
        return 0;
    }
    if (report->n_aggregates == MOST_AGGREGATES)
        return corm__db_fail(db, CORM_ERROR_USAGE, "more than %d aggregates", MOST_AGGREGATES);
    aggregate *next = &report->aggregates[report->n_aggregates++];
    next->node = node;
    return collect_many(report, node, &next->many);
}

static bool counts_rows(corm_op op) {
    return op == CORM_OP_COUNT_ROWS || op == CORM_OP_COUNT || op == CORM_OP_SUM ||
           op == CORM_OP_AVG;
}

/* Whether no two rows of the relation are in one group: it is grouped by a key of them. */
static bool grouped_by_key(report *report, const corm_source *source) {
    for (size_t i = 0; i < report->argument->row->n_fields; i++) {
        const corm_expr_node *node = report->nodes[i];
        const corm_path *path = &node->path;
        if (node->op != CORM_OP_PATH ||
            corm__path_source(&report->draft.compiler, path, path->n_steps) != source)
            continue;
        if (!path->field || path->field->primary_key || path->field->unique ||
            path->field->item == CORM_ITEM_ONE_TO_ONE)
            return true;
    }
    return false;
}

/* COUNT() is of the joined rows; what names a column is of the rows that have it. */
static int check_grouped_relations(report *report, const aggregate *one) {
    corm_db *db = report->draft.compiler.db;
    for (size_t i = 0; i < report->grouped.n && one->node->op != CORM_OP_COUNT_ROWS; i++) {
        const corm_source *source = report->grouped.sources[i];
        if (set_has(&one->many, source) || grouped_by_key(report, source)) continue;
        corm__db_fail(db, CORM_ERROR_USAGE,
                      "%s would count a row several times: a group may have several rows of the "
                      "relation to many rows that is grouped by",
                      corm__op_name(one->node->op));
        corm__error_hint(&db->error,
                         "group by its key or a unique column, use COUNT_DISTINCT, MIN_OF or "
                         "MAX_OF, or select from the other model, where each row counts once");
        return CORM_ERROR_USAGE;
    }
    return 0;
}

static int check_multiplying(report *report) {
    corm_db *db = report->draft.compiler.db;
    for (size_t i = 0; i < report->n_aggregates; i++) {
        const aggregate *one = &report->aggregates[i];
        if (!counts_rows(one->node->op)) continue;
        int status = check_grouped_relations(report, one);
        if (status) return status;
        for (size_t j = 0; j < report->n_aggregates; j++)
            for (size_t k = 0; k < report->aggregates[j].many.n; k++) {
                const corm_source *source = report->aggregates[j].many.sources[k];
                if (set_has(&one->many, source) || set_has(&report->grouped, source)) continue;
                corm__db_fail(db, CORM_ERROR_USAGE,
                              "%s would count rows several times, because %s goes over another "
                              "relation to many rows",
                              corm__op_name(one->node->op),
                              corm__op_name(report->aggregates[j].node->op));
                corm__error_hint(&db->error,
                                 "use COUNT_DISTINCT, or a corm_select for each relation");
                return CORM_ERROR_USAGE;
            }
    }
    return 0;
}

/* --- what a group has one value of --- */

/* Whether both are the same for an engine too: values are parameters, which it does not compare. */
static bool same(const corm_expr_node *a, const corm_expr_node *b) {
    if (a->op != b->op || a->n_args != b->n_args || a->n_values || a->inner) return false;
    if (a->op == CORM_OP_PATH) {
        if (a->path.n_steps != b->path.n_steps || strcmp(a->path.column, b->path.column) != 0)
            return false;
        for (size_t i = 0; i < a->path.n_steps; i++)
            if (a->path.steps[i].field != b->path.steps[i].field) return false;
    }
    for (size_t i = 0; i < a->n_args; i++)
        if (!same(a->args[i], b->args[i])) return false;
    return true;
}

/* The number of the column, from 1; 0: it is none. */
static size_t column_that_is(const report *report, const corm_expr_node *node) {
    for (size_t i = 0; i < report->argument->row->n_fields; i++)
        if (same(report->nodes[i], node)) return i + 1;
    return 0;
}

/* An engine may take what is not grouped by from any row of the group, without a word. */
static int check_grouped(report *report, const corm_expr_node *node, const char *where) {
    if (corm__is_aggregate(node->op)) return 0;
    size_t number = column_that_is(report, node);
    if (number && !report->nodes[number - 1]->aggregate) return 0;
    if (node->op == CORM_OP_PATH && node->path.frame->outer) return 0;
    if (node->op == CORM_OP_PATH) {
        corm_db *db = report->draft.compiler.db;
        corm__db_fail(db, CORM_ERROR_USAGE,
                      "%s in %s is not among the columns and not in an aggregate", node->path.text,
                      where);
        corm__error_hint(&db->error, report->groups
                                         ? "make it a column, by which is then grouped, or take "
                                           "MIN_OF or MAX_OF of it"
                                         : "with .distinct, order by columns");
        return CORM_ERROR_USAGE;
    }
    for (size_t i = 0; i < node->n_args; i++) {
        int status = check_grouped(report, node->args[i], where);
        if (status) return status;
    }
    const corm_expr_node *inner;
    for (size_t i = 0; (inner = corm__inner_node(node, i)); i++) {
        int status = check_grouped(report, inner, where);
        if (status) return status;
    }
    return 0;
}

/* --- the clauses --- */

static int resolve_columns(report *report) {
    const corm_model *row = report->argument->row;
    corm_db *db = report->draft.compiler.db;
    for (size_t i = 0; i < row->n_fields; i++) {
        int status = 0;
        if (!report->argument->columns[i]) {
            corm__db_fail(db, CORM_ERROR_USAGE, "%s.%s has no expression", row->name,
                          row->fields[i].name);
            corm__error_hint(&db->error, "write .columns = COLUMNS(…, AS(%s, …))",
                             row->fields[i].name);
            return CORM_ERROR_USAGE;
        }
        corm_expr_node *node = report->nodes[i] = corm__resolve(
            &report->draft.resolver, corm__expr_at(report->argument->columns[i]), &status);
        if (!node)
            return status ? status
                          : corm__db_fail(db, CORM_ERROR_USAGE, "%s.%s: an empty expression",
                                          row->name, row->fields[i].name);
        if (corm__is_direction(node->op))
            return corm__db_fail(db, CORM_ERROR_USAGE, "%s among the columns belongs in .order_by",
                                 corm__op_name(node->op));
        status = check_member(db, row, &row->fields[i], node);
        if (status) return status;
        report->groups |= node->aggregate;
    }
    return 0;
}

static int compile_column(report *report, size_t i) {
    corm_expr_node *node = report->nodes[i];
    int status =
        corm__is_condition(node->op)
            ? corm__compile_condition(&report->draft.compiler, node, &report->texts[i], NULL)
            : corm__compile_expr(&report->draft.compiler, node, &report->texts[i]);
    if (!status)
        status = node->aggregate ? collect_aggregates(report, node)
                                 : collect_many(report, node, &report->grouped);
    if (!status && node->aggregate) status = check_grouped(report, node, "a column");
    return status;
}

/* Those that are grouped by first: their joins drop rows, and what an aggregate shares with them is
 * joined so. */
static int compile_columns(report *report) {
    size_t n = report->argument->row->n_fields;
    corm_compiler *compiler = &report->draft.compiler;
    int status = 0;
    compiler->joining = true;
    for (int aggregates = 0; aggregates < 2; aggregates++) {
        compiler->inner = !aggregates;
        for (size_t i = 0; i < n && !status; i++)
            if (report->nodes[i]->aggregate == (bool)aggregates) status = compile_column(report, i);
    }
    for (size_t i = 0; i < n; i++) {
        if (i) corm__buffer_puts(&report->draft.columns, ", ");
        corm__buffer_append(&report->draft.columns, &report->texts[i]);
        corm__buffer_printf(&report->draft.columns, " AS " COLUMN_NAME, i + 1);
        if (report->texts[i].broken) report->draft.columns.broken = true;
        bool grouped = report->groups || report->argument->query->distinct;
        if (report->nodes[i]->aggregate || !grouped) continue;
        corm__buffer_printf(&report->draft.group, "%s%zu", report->draft.group.length ? ", " : "",
                            i + 1);
    }
    return status;
}

static int compile_having(report *report) {
    corm_db *db = report->draft.compiler.db;
    if (!report->having) return 0;
    if (!report->groups)
        return corm__db_fail(db, CORM_ERROR_USAGE,
                             ".having without an aggregate among the columns: use .where");
    if (report->having->type.kind != CORM_BOOLEAN)
        return corm__db_fail(db, CORM_ERROR_USAGE, "%s in .having is no condition",
                             corm__op_name(report->having->op));
    int status = check_grouped(report, report->having, ".having");
    if (!status) status = collect_aggregates(report, report->having);
    return status ? status
                  : corm__compile_condition(&report->draft.compiler, report->having,
                                            &report->draft.having, NULL);
}

static int order_by_column(report *report, size_t number, corm_op direction) {
    const corm_expr_node *node = report->nodes[number - 1];
    bool whole = node->labels || (node->aggregate && node->type.null);
    char name[32];
    snprintf(name, sizeof name, COLUMN_NAME, number);
    return corm__draft_order(&report->draft, direction, &node->type, node->labels,
                             whole ? corm__buffer_text(&report->texts[number - 1]) : name);
}

/* What is no column is computed for the order alone, from what each row of the report has. */
static int order_by_other(report *report, const corm_expr_node *by, corm_op direction) {
    corm_db *db = report->draft.compiler.db;
    if (by->aggregate && !report->groups) {
        corm__db_fail(db, CORM_ERROR_USAGE, "an aggregate in .order_by and none among the columns");
        corm__error_hint(&db->error, "make it a column");
        return CORM_ERROR_USAGE;
    }
    bool grouped = report->groups || report->argument->query->distinct;
    int status = grouped ? check_grouped(report, by, ".order_by") : 0;
    corm_buffer text = { 0 };
    if (!status) status = corm__compile_expr(&report->draft.compiler, by, &text);
    if (!status) status = collect_aggregates(report, by);
    if (!status)
        status = corm__buffer_broken(&text)
                     ? corm__fail_memory(&db->error)
                     : corm__draft_order(&report->draft, direction, &by->type, by->labels,
                                         corm__buffer_text(&text));
    corm__buffer_release(&text);
    return status;
}

static int compile_order_item(report *report, const corm_expr_node *by, corm_op direction,
                              uint64_t *ordered) {
    size_t number = column_that_is(report, by);
    if (!number) return order_by_other(report, by, direction);
    if (number <= 64) *ordered |= UINT64_C(1) << (number - 1);
    return order_by_column(report, number, direction);
}

/* Behind what is asked for come the columns that are grouped by (all, without groups), so that the
 * order is the same every time. */
static int compile_order(report *report) {
    const corm_query *query = report->argument->query;
    uint64_t ordered = 0;
    if (query->random) return corm__draft_random(&report->draft, query);
    const corm_expr_node *by;
    corm_op direction;
    int status;
    for (size_t i = 0; (by = corm__draft_order_item(&report->draft, query, i, &direction, &status));
         i++)
        if ((status = compile_order_item(report, by, direction, &ordered))) return status;
    if (status) return status;
    if (!corm__order_item(query, 0) && !corm__limited(query) && !query->reverse) return status;
    for (size_t i = 0; i < report->argument->row->n_fields && i < 64 && !status; i++) {
        bool skip = report->nodes[i]->aggregate || ordered >> i & 1 ||
                    report->nodes[i]->op == CORM_OP_VALUE;
        if (!skip)
            status = order_by_column(report, i + 1, query->reverse ? CORM_OP_DESC : CORM_OP_ASC);
    }
    return status;
}

static int make_fetch(report *report) {
    const corm_model *row = report->argument->row;
    corm_fetch_column *columns =
        corm__arena_array(&report->plan->arena, row->n_fields, sizeof *columns);
    if (!columns) return corm__fail_memory(&report->draft.compiler.db->error);
    for (size_t i = 0; i < row->n_fields; i++) {
        corm__fetch_member(&row->fields[i], &report->nodes[i]->type, &columns[i]);
        columns[i].name = row->fields[i].name;
    }
    report->plan->fetch = (corm_fetch){ columns, (uint32_t)row->n_fields, 1 };
    return 0;
}

static int compile(report *report) {
    const report_argument *argument = report->argument;
    corm_draft *draft = &report->draft;
    int status = resolve_columns(report);
    if (!status) status = compile_columns(report);
    draft->compiler.joining = false;
    if (!status) status = corm__draft_where(draft, argument->query, report->plan);
    draft->compiler.joining = true;
    draft->compiler.inner = false;
    if (!status) {
        const corm_expr *having = corm__expr_at(argument->query->having);
        report->having = corm__resolve(&draft->resolver, having, &status);
    }
    if (!status) status = compile_having(report);
    if (!status) status = compile_order(report);
    if (!status) status = check_multiplying(report);
    if (!status) status = corm__draft_limit(draft, argument->query);
    if (!status) status = make_fetch(report);
    return status ? status : corm__draft_select(draft, report->plan);
}

static int compile_report(corm_db *db, const void *argument, const corm_shape *shape,
                          corm_query_plan *plan) {
    report report = { .argument = argument, .plan = plan };
    size_t n = report.argument->row->n_fields;
    report.nodes = corm__arena_array(&plan->arena, n, sizeof *report.nodes);
    report.aggregates = corm__arena_array(&plan->arena, MOST_AGGREGATES, sizeof *report.aggregates);
    report.texts = calloc(n, sizeof *report.texts);
    if (!report.nodes || !report.aggregates || !report.texts) {
        free(report.texts);
        return corm__fail_memory(&db->error);
    }
    int status = corm__draft_begin(&report.draft, db, report.argument->model, shape, plan);
    if (!status) status = compile(&report);
    corm__draft_release(&report.draft);
    for (size_t i = 0; i < n; i++) corm__buffer_release(&report.texts[i]);
    free(report.texts);
    return status;
}

void *corm__select(corm_db *db, const corm_model *row, const corm_model *model, const void *query) {
    if (corm__query_enter(db, &model, query)) return NULL;
    report_argument argument = { row, model, query,
                                 (const corm_expr *const *)(const void *)((const char *)query +
                                                                          sizeof(corm_query)) };
    corm_shape shape;
    corm__shape_begin(&shape, CORM_WHAT_REPORT, model);
    corm__shape_bytes(&shape, &row, sizeof row);
    for (size_t i = 0; i < row->n_fields; i++) corm__shape_expr(&shape, argument.columns[i], 0);
    corm__shape_query(&shape, argument.query);
    corm_query_plan *plan = corm__plan_get(db, &shape, compile_report, &argument);
    void *rows =
        plan ? corm__plan_rows(db, plan, &shape, row->size, corm__most_rows(argument.query)) : NULL;
    corm__plan_release(plan);
    corm__shape_end(&shape);
    return rows;
}
