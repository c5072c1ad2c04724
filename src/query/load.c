/* The queries of .with for relations to many rows: their SQL, of which the keys of the parents are
 * known only when it is sent. relations.c sends it.
 *
 * A limit is of each parent: its rows are numbered by a window, of which a query around it takes
 * the first ones. */
#include "base/error.h"
#include "query/query.h"
#include <stdlib.h>
#include <string.h>

static const corm_field *field_of_column(const corm_model *model, const char *name) {
    for (size_t i = 0; i < model->n_fields; i++)
        if (corm__field_gives(&model->fields[i], name)) return &model->fields[i];
    return NULL;
}

/* A query in the making. */
typedef struct loading {
    corm_draft draft;
    corm_load *load;
    const corm_with *with;
    const corm_inner *inner; /* clauses of WITH_ROWS or WITH_COUNT; NULL: none */
    unsigned between;        /* t<between>: the table in between */
    corm_buffer key;         /* the column that refers to the parents */
    bool limited;
} loading;
enum { KEYS = 2 }; /* the character where the keys go */

static corm_fetch_column *next_column(loading *loading) {
    corm_fetch *fetch = &loading->load->plan.fetch;
    return (corm_fetch_column *)(uintptr_t)&fetch->columns[fetch->n_columns++];
}

/* The key as a value alone, in an object of its own. */
static int fetch_key(loading *loading, const corm_field *field, uint16_t object) {
    corm_column type;
    if (corm__column_of_field(NULL, field, loading->draft.resolver.arena, &type))
        return corm__fail_memory(&loading->draft.compiler.db->error);
    corm_fetch_column *column = next_column(loading);
    corm__fetch_member(field, &type, column);
    column->object = object;
    column->offset = 0;
    column->optional = column->null = false;
    return 0;
}

/* The column that refers to the parents: of the children, or of the table in between, whose value
 * comes along as an object of its own. */
static int key_column(loading *loading) {
    corm_load *load = loading->load;
    corm_compiler *compiler = &loading->draft.compiler;
    corm_buffer *columns = &loading->draft.columns;
    loading->between = compiler->aliases++;
    if (!load->step.between.table) {
        load->child_key = field_of_column(load->step.to, load->step.to_column);
        corm__compile_column(compiler, compiler->root, load->step.to_column, &loading->key);
        return load->child_key
                   ? 0
                   : corm__db_fail(compiler->db, CORM_ERROR_USAGE, "%s has no column %s",
                                   load->step.to->name, load->step.to_column);
    }
    corm__buffer_printf(&loading->key, "t%u.", loading->between);
    compiler->backend->identifier(&loading->key, load->step.between.own_column);
    if (load->counts) return 0;
    corm_fetch *fetch = &load->plan.fetch; /* fetch_with leaves room for it */
    load->key_object = (uint16_t)fetch->n_objects++;
    load->plan.objects[load->key_object] = (corm_object){ .size = sizeof(corm_value) };
    corm__buffer_puts(columns, ", ");
    corm__buffer_append(columns, &loading->key);
    int status = fetch_key(loading, load->parent_key, load->key_object);
    if (compiler->named) corm__buffer_printf(columns, " AS c%u_", (unsigned)fetch->n_columns);
    return status;
}

static void put_between(loading *loading, corm_buffer *out) {
    corm_compiler *compiler = &loading->draft.compiler;
    const corm_between *between = &loading->load->step.between;
    if (!between->table) return;
    corm__buffer_puts(out, " JOIN ");
    compiler->backend->identifier(out, between->table);
    corm__buffer_printf(out, " AS t%u ON t%u.", loading->between, loading->between);
    compiler->backend->identifier(out, between->other_column);
    corm__buffer_puts(out, " = ");
    corm__compile_column(compiler, compiler->root, loading->load->step.to_column, out);
}

/* FROM and WHERE. The keys are an array, where the engine has them, else a list. */
static int put_source(loading *loading, corm_buffer *out) {
    corm_compiler *compiler = &loading->draft.compiler;
    corm_buffer operands[2] = { loading->key, { 0 } };
    corm_column type = { .kind = loading->load->key.kind };
    corm__buffer_puts(out, " FROM ");
    int status = corm__compile_from(compiler, out);
    put_between(loading, out);
    corm__buffer_puts(out, " WHERE ");
    if (loading->draft.where.length) {
        corm__buffer_putc(out, '(');
        corm__buffer_append(out, &loading->draft.where);
        corm__buffer_puts(out, ") AND ");
    }
    corm__buffer_putc(&operands[1], KEYS);
    if (!status && compiler->backend->features->array_parameters) {
        status = corm__compile_template(compiler, CORM_OP_ONE_OF, &type, NULL, operands, 2, out);
    } else {
        corm__buffer_append(out, &loading->key);
        corm__buffer_printf(out, " IN (%c)", KEYS);
    }
    if (operands[1].broken) out->broken = true;
    corm__buffer_release(&operands[1]);
    return status;
}

/* By parent, then by the children's own key: the index that finds the children has them in this
 * order, so that nothing is sorted. */
static int put_order(loading *loading, corm_buffer *out) {
    corm_draft *draft = &loading->draft;
    const corm_load *load = loading->load;
    corm__buffer_puts(out, " ORDER BY ");
    corm__buffer_append(out, &loading->key);
    if (loading->inner) {
        corm__buffer_puts(out, ", ");
        corm__buffer_append(out, &draft->order);
        return 0;
    }
    if (load->step.between.table) {
        corm__buffer_printf(out, ", t%u.", loading->between);
        draft->compiler.backend->identifier(out, load->step.between.other_column);
        return 0;
    }
    const corm_field *key[CORM__KEY_COLUMNS];
    for (size_t i = 0, n = corm__key_fields(load->step.to, key); i < n; i++) {
        const char *column = corm__field_column(key[i], draft->resolver.arena);
        if (!column) return corm__fail_memory(&draft->compiler.db->error);
        corm__buffer_puts(out, ", ");
        corm__compile_column(&draft->compiler, draft->compiler.root, column, out);
    }
    return 0;
}

/* The first rows of each parent: numbered in a table of its own. */
static int put_limited(loading *loading, corm_buffer *out) {
    corm_compiler *compiler = &loading->draft.compiler;
    const corm_expr_node *bounds[] = { loading->inner->limit, loading->inner->offset };
    const char *const words[] = { "n_ <= ", "n_ > " };
    corm__buffer_puts(out, "SELECT ");
    for (unsigned i = 1; i <= loading->load->plan.fetch.n_columns; i++)
        corm__buffer_printf(out, "%sc%u_", i > 1 ? ", " : "", i);
    corm__buffer_puts(out, " FROM (SELECT ");
    corm__buffer_append(out, &loading->draft.columns);
    corm__buffer_puts(out, ", ROW_NUMBER() OVER (PARTITION BY ");
    corm__buffer_append(out, &loading->key);
    corm__buffer_puts(out, " ORDER BY ");
    corm__buffer_append(out, &loading->draft.order);
    corm__buffer_puts(out, ") AS n_");
    int status = put_source(loading, out);
    corm__buffer_puts(out, ") AS ranked_ WHERE ");
    for (size_t i = 0; i < 2 && !status; i++) {
        if (!bounds[i]) continue;
        if (i && bounds[0]) corm__buffer_puts(out, " AND ");
        corm__buffer_puts(out, words[i]);
        status = corm__compile_value(compiler, bounds[i]->value, 0, &bounds[i]->target, out);
    }
    corm__buffer_puts(out, " ORDER BY n_");
    return status;
}

static int compile_clauses(loading *loading) {
    const corm_inner *inner = loading->inner;
    corm_draft *draft = &loading->draft;
    int status = 0;
    if (inner && inner->where)
        status = corm__compile_condition(&draft->compiler, inner->where, &draft->where, NULL);
    if (inner && !loading->load->counts && !status)
        status =
            corm__compile_inner_order(&draft->compiler, inner, draft->compiler.root, &draft->order);
    return status;
}

static int compile_rows(loading *loading) {
    corm_draft *draft = &loading->draft;
    corm_buffer *sql = &draft->sql;
    draft->compiler.named = loading->limited;
    int status =
        corm__fetch_with(&draft->compiler, loading->with, &loading->load->plan, &draft->columns);
    if (!status) status = key_column(loading);
    if (!status) status = compile_clauses(loading);
    if (status || loading->limited) return status ? status : put_limited(loading, sql);
    corm__buffer_puts(sql, "SELECT ");
    corm__buffer_append(sql, &draft->columns);
    status = put_source(loading, sql);
    return status ? status : put_order(loading, sql);
}

static int compile_count(loading *loading) {
    corm_load *load = loading->load;
    corm_buffer *sql = &loading->draft.sql;
    corm_fetch_column *columns =
        corm__arena_array(loading->draft.resolver.arena, 2, sizeof *columns);
    if (!columns) return corm__fail_memory(&loading->draft.compiler.db->error);
    load->plan.fetch = (corm_fetch){ columns, 0, 1 };
    int status = key_column(loading);
    if (!status)
        status = fetch_key(loading, load->child_key ? load->child_key : load->parent_key, 0);
    if (!status) status = compile_clauses(loading);
    if (status) return status;
    *next_column(loading) = (corm_fetch_column){ .kind = CORM_BIGINT,
                                                 .name = "count",
                                                 .offset = offsetof(corm_counted, n) };
    corm__buffer_puts(sql, "SELECT ");
    corm__buffer_append(sql, &loading->key);
    corm__buffer_puts(sql, ", COUNT(*)");
    status = put_source(loading, sql);
    corm__buffer_puts(sql, " GROUP BY ");
    corm__buffer_append(sql, &loading->key);
    return status;
}

/* The SQL in two parts, before and behind the keys. */
static int split(loading *loading, corm_arena *arena) {
    corm_load *load = loading->load;
    corm_compiler *compiler = &loading->draft.compiler;
    corm_buffer *all[] = { &loading->draft.columns, &loading->draft.where, &loading->draft.order,
                           &loading->draft.sql, &loading->key };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->broken) return corm__fail_memory(&compiler->db->error);
    char *text = corm__arena_strdup(arena, corm__buffer_text(&loading->draft.sql)),
         *keys = text ? strchr(text, KEYS) : NULL;
    if (!text) return corm__fail_memory(&compiler->db->error);
    if (!keys || strchr(keys + 1, KEYS))
        return corm__db_fail(compiler->db, CORM_ERROR_USAGE,
                             "a name in the query holds the character %d", KEYS);
    *keys = 0;
    load->head = text;
    load->tail = keys + 1;
    load->slots = compiler->slots;
    load->n_slots = compiler->n_slots;
    return compiler->status;
}

static int compile_load(loading *loading, corm_arena *arena) {
    corm_load *load = loading->load;
    corm_column type;
    if (corm__column_of_field(load->step.from, load->parent_key, arena, &type))
        return corm__fail_memory(&loading->draft.compiler.db->error);
    corm__target_of(&type, NULL, load->step.from->table, true, &load->key);
    int status = load->counts ? compile_count(loading) : compile_rows(loading);
    return status ? status : split(loading, arena);
}

int corm__compile_load(corm_db *db, corm_arena *arena, const corm_with *with, bool counts,
                       corm_load *load) {
    loading loading = { .load = load, .with = with, .inner = counts ? with->count : with->rows };
    loading.limited = loading.inner && (loading.inner->limit || loading.inner->offset);
    load->step = with->step;
    load->counts = counts;
    load->parent_key = field_of_column(with->step.from, with->step.from_column);
    if (!load->parent_key)
        return corm__db_fail(db, CORM_ERROR_USAGE, "%s has no column %s", with->step.from->name,
                             with->step.from_column);
    /* The inner plan shares the arena of the outer one, which moves into it for the time of
     * compiling. */
    load->plan.arena = *arena;
    int status = corm__draft_begin(&loading.draft, db, with->model, NULL, &load->plan);
    if (!status) status = compile_load(&loading, &load->plan.arena);
    *arena = load->plan.arena;
    load->plan.arena = (corm_arena){ 0 };
    corm__draft_release(&loading.draft);
    corm__buffer_release(&loading.key);
    return status;
}
