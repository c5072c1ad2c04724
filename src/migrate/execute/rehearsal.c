/* The plan is gone through for nothing before anything of it runs: each operation is applied to a
 * state and written as SQL, so that what does not fit, and what the engine cannot do, is known.
 *
 * What the database itself says is asked too, as far as it is still true when the operation comes:
 * of tables that nothing of the plan has touched yet, and only in front of SQL and functions, which
 * may do anything. Where DDL has no transaction this is what keeps a migration from ending
 * half-done. */
#include "migrate/execute/rehearsal.h"
#include "base/error.h"
#include "base/map.h"
#include "schema/sql_text.h"
#include <string.h>

typedef struct rehearsal {
    corm_executor *x;
    corm_arena arena, scratch;
    corm_state state;
    corm_map touched; /* tables that are not as the database has them now; "table.column" */
    corm_map moved;   /* tables that it does not have under that name */
    corm_map tried;   /* expressions */
    bool blind;       /* SQL, a function or an extension came before */
    corm_dependents dependents;
} rehearsal;

static int mark(rehearsal *r, corm_map *map, const corm_table *table, const corm_column *column) {
    if (!table) return 0;
    const char *name = corm__arena_printf(&r->arena, "%s%s%s", table->name, column ? "." : "",
                                          column ? column->name : "");
    return name && !corm__map_set(map, name, r) ? 0 : corm__fail_memory(&r->x->db->error);
}

static int touch(rehearsal *r, const corm_change *change) {
    bool moves = change->kind == CORM_CREATE_TABLE || change->kind == CORM_DELETE_TABLE ||
                 change->kind == CORM_RENAME_TABLE;
    const struct {
        const corm_table *table;
        const corm_column *column;
    } sides[] = { { change->before, change->column_before },
                  { change->after, change->column_after } };
    int status = 0;
    for (int i = 0; i < 2 && !status; i++) {
        status = mark(r, &r->touched, sides[i].table, NULL);
        if (!status && moves) status = mark(r, &r->moved, sides[i].table, NULL);
        if (!status && sides[i].column)
            status = mark(r, &r->touched, sides[i].table, sides[i].column);
    }
    return status;
}

/* --- an operation --- */

static bool is_untouched(const rehearsal *r, const corm_change *change) {
    return !r->blind && change->kind && change->before &&
           !corm__map_get(&r->touched, change->before->name);
}

/* Whether the rows that the change is about can be looked at now. */
static bool has_rows(rehearsal *r, const corm_change *change) {
    const corm_column *column = change->column_before;
    if (r->blind || !change->before || corm__map_get(&r->moved, change->before->name)) return false;
    char *name = column
                     ? corm__arena_printf(&r->scratch, "%s.%s", change->before->name, column->name)
                     : NULL;
    return !column || (name && !corm__map_get(&r->touched, name));
}

static int ask(rehearsal *r, const corm_operation *operation, const corm_change *change) {
    corm_executor *x = r->x;
    int status = corm__dependents_check(&r->dependents, change, &x->db->error);
    /* Where a transaction holds all, rows are counted in it, when nobody else can write. */
    if (!status && has_rows(r, change) && !x->db->backend->features->transactional_ddl)
        status = corm__check_rows(x, operation, change->before, change);
    if (!status && has_rows(r, change) && !x->db->backend->features->transactional_ddl)
        status = corm__check_nulls(x, change);
    return status;
}

/* --- expressions of defaults and fills: where a function of theirs is missing, one engine would
 * say so half-way through, and another with the first row that is inserted --- */

static int refuse_value(corm_executor *x, const char *what, const corm_table *table,
                        const corm_column *column) {
    corm_error_info *error = &x->db->error;
    const char *title = x->db->backend->title, *engine = x->db->backend->name;
    char why[sizeof error->message];
    memcpy(why, error->message, sizeof why);
    corm__db_fail(x->db, CORM_ERROR_MIGRATION, "the %s of %s.%s is nothing that %s can compute: %s",
                  what, table->name, column->name, title, why);
    corm__error_set(error->table, sizeof error->table, "%s", table->name);
    corm__error_set(error->column, sizeof error->column, "%s", column->name);
    if (*what == '.')
        corm__error_hint(error,
                         "Nothing was changed. Write another expression, or one for this engine "
                         "alone: .engines = (const corm_engine_sql[]){ { \"%s\", .sql = \"...\" }, "
                         "{ 0 } }.",
                         engine);
    else
        corm__error_hint(error,
                         "Nothing was changed. Take a function that each engine has, such as "
                         "CURRENT_TIMESTAMP, or let the program set the value.");
    return CORM_ERROR_MIGRATION;
}

/* Columns and tables that it names may be those of the plan, which are not there yet. */
static bool may_come(const corm_error_info *error) {
    return error->status == CORM_ERROR_NO_TABLE || strcmp(error->sqlstate, "42703") == 0 ||
           strcmp(error->sqlstate, "42S22") == 0 || strcmp(error->sqlstate, "42S02") == 0;
}

/* The word that stands for a column's default, not for an expression. */
static bool is_default(const char *sql) {
    return corm__token_is(corm__token_next(&sql), "default") &&
           corm__token_next(&sql).kind == CORM_TOKEN_END;
}

static int try_value(rehearsal *r, const char *what, const corm_table *live,
                     const corm_table *table, const corm_column *column,
                     const corm_default *value) {
    corm_db *db = r->x->db;
    corm_stmt *stmt;
    corm_buffer sql = { 0 };
    if (!value || value->kind != CORM_DEFAULT_SQL || r->blind || is_default(value->text)) return 0;
    /* Tables that it reads may have changed on the way. */
    if (r->touched.count && corm__sql_mentions(value->text, "select")) return 0;
    corm__buffer_puts(&sql, "SELECT ");
    int status = db->backend->value(&sql, column, value, &db->error);
    if (live) corm__buffer_puts(&sql, " FROM "), db->backend->identifier(&sql, live->name);
    const char *text = corm__arena_strdup(&r->arena, corm__buffer_text(&sql));
    if (!status && (corm__buffer_broken(&sql) || !text)) status = corm__fail_memory(&db->error);
    corm__buffer_release(&sql);
    if (status || corm__map_get(&r->tried, text)) return status;
    if (corm__map_set(&r->tried, text, r)) return corm__fail_memory(&db->error);
    status = corm__prepare(db, text, strlen(text), NULL, 0, &stmt);
    if (!status) {
        corm__finish(db, stmt);
    } else if (may_come(&db->error)) {
        corm__error_clear(&db->error);
        status = 0;
    } else if (status == CORM_ERROR_SQL) {
        status = refuse_value(r->x, what, table, column);
    }
    return status;
}

static int try_values(rehearsal *r, const corm_change *change) {
    const corm_table *after = change->after;
    const corm_column *column = change->column_after, *before = change->column_before;
    int status = 0;
    if (change->kind == CORM_CREATE_TABLE)
        for (const corm_column *c = after->columns; !status && c && c->name; c++)
            status = try_value(r, "default", NULL, after, c, &c->default_value);
    if (change->kind != CORM_ADD_COLUMN && change->kind != CORM_ALTER_COLUMN) return status;
    if (!before || !corm__default_equal(&before->default_value, &column->default_value))
        status = try_value(r, "default", NULL, after, column, &column->default_value);
    /* Its columns may be of another kind by now: without the table they are unknown, which says
     * nothing against them. */
    const corm_table *live =
        corm__map_get(&r->touched, change->before->name) ? NULL : change->before;
    return status ? status : try_value(r, ".fill", live, after, column, change->fill);
}

static int note(rehearsal *r, const corm_operation *operation, const corm_change *change) {
    const char *sql = operation->kind == CORM_RUN_SQL
                          ? corm__operation_sql(operation, r->x->db->backend->name)
                          : NULL;
    if (sql && *sql) {
        corm__dependents_forget(&r->dependents, sql);
        r->blind = true;
    }
    if (operation->kind == CORM_CREATE_EXTENSION && r->x->db->backend->features->extensions)
        r->blind = true;
    if (operation->kind == CORM_RUN_C && operation->run != corm_nothing_to_undo) r->blind = true;
    return touch(r, change);
}

/* seen: another run has done it, or begun it. */
static int rehearse_operation(rehearsal *r, const corm_migration *migration,
                              const corm_operation *operation, bool backwards, bool seen) {
    corm_executor *x = r->x;
    const corm_backend *backend = x->db->backend;
    corm_script script;
    corm_change change;
    corm__script_init(&script, &r->scratch, backend->version(x->db->conn), &x->db->error);
    int status = seen ? 0 : corm__fill_check(&r->state, operation, &x->db->error);
    if (!status)
        status = corm__state_apply(&r->state, operation, migration->app, &change, &r->scratch,
                                   &x->db->error);
    if (!status && !seen) status = ask(r, operation, &change);
    if (!status)
        status = corm__script_add(&script, backend, operation, &change,
                                  !seen && is_untouched(r, &change) ? x->db->conn : NULL);
    if (!status && !seen) status = try_values(r, &change);
    if (!status) return note(r, operation, &change);
    const char *text = corm__operation_describe(operation, &r->scratch);
    corm__in_operation(x, operation, text ? text : "?", backwards);
    return corm__in_migration(&x->db->error, migration);
}

static int rehearse_step(rehearsal *r, size_t index, const corm_journal *journal) {
    corm_executor *x = r->x;
    const corm_plan_step *step = &x->plan.steps[index];
    corm_step_list steps = { 0 };
    int status = 0;
    if (step->backwards)
        steps = x->undo[index];
    else
        status = corm__forward_steps(step->migration, x->db->backend->name, &r->arena, &steps,
                                     &x->db->error);
    if (status) return corm__in_migration(&x->db->error, step->migration);
    size_t seen = journal ? journal->operation + (journal->running || journal->statement) : 0;
    for (size_t i = 0; !status && i < steps.n; i++)
        status =
            rehearse_operation(r, step->migration, &steps.operations[i], step->backwards, i < seen);
    corm__arena_reset(&r->scratch);
    return status;
}

/* --- foreign keys whose sides are of different types in the end: the engine cannot have them, so
 * they would have gone with the first side and never come back --- */

static corm_column plain(const corm_column *column) {
    corm_column out = *column;
    if (out.kind == CORM_IDENTITY) out.kind = out.element ? out.element : CORM_BIGINT;
    if (out.kind == CORM_VARCHAR) out.max_length = 0; /* may differ */
    out.element = column->kind == CORM_ARRAY ? column->element : CORM_NULL;
    return out;
}

static const corm_column *misfit(const corm_state *state, const corm_column *column) {
    const corm_table *table =
        column->references.table ? corm__state_find(state, column->references.table) : NULL;
    const corm_column *target = table ? corm__column_find(table, column->references.column) : NULL;
    if (!target) return NULL;
    corm_column a = plain(column), b = plain(target);
    return corm__column_same_type(&a, &b) ? NULL : target;
}

/* One that was amiss before is not of this plan's making. */
static bool was_amiss(const corm_state *before, const corm_table *table,
                      const corm_column *column) {
    const corm_table *was = corm__state_find(before, table->name);
    const corm_column *old = was ? corm__column_find(was, column->name) : NULL;
    return old && misfit(before, old);
}

static int check_foreign_keys(rehearsal *r) {
    corm_db *db = r->x->db;
    if (!db->backend->features->foreign_key_types) return 0;
    for (size_t i = 0; i < r->state.n; i++) {
        const corm_table *table = &r->state.tables[i];
        for (const corm_column *c = table->columns; c && c->name; c++) {
            const corm_column *target = misfit(&r->state, c);
            if (!target || was_amiss(&r->x->state, table, c)) continue;
            corm__db_fail(db, CORM_ERROR_MIGRATION,
                          "%s.%s would be %s and refer to %s.%s, which is %s: %s has foreign keys "
                          "between columns of one type only, and would lose this one",
                          table->name, c->name, corm_kind_name(c->kind), c->references.table,
                          target->name, corm_kind_name(target->kind), db->backend->title);
            corm__error_set(db->error.table, sizeof db->error.table, "%s", table->name);
            corm__error_set(db->error.column, sizeof db->error.column, "%s", c->name);
            corm__error_hint(&db->error, "Nothing was changed. Let the same run of migrate alter "
                                         "both columns, or take the foreign key off.");
            return CORM_ERROR_MIGRATION;
        }
    }
    return 0;
}

int corm__rehearse(corm_executor *x, const corm_journal *journal) {
    rehearsal r = { .x = x, .blind = x->plan.n_newer > 0 };
    const corm_schema now = { x->state.tables, x->state.n };
    int status = corm__state_init(&r.state, &r.arena, &now) ? corm__fail_memory(&x->db->error) : 0;
    if (!status && x->plan.n) status = corm__dependents_read(x->db, &r.arena, &r.dependents);
    for (size_t i = 0; !status && i < x->plan.n; i++) status = rehearse_step(&r, i, journal);
    if (!status) status = check_foreign_keys(&r);
    corm__map_release(&r.touched);
    corm__map_release(&r.moved);
    corm__map_release(&r.tried);
    corm__state_release(&r.state);
    corm__arena_release(&r.scratch);
    corm__arena_release(&r.arena);
    return status;
}
