/* corm_insert_select: INSERT … SELECT, each column of the target from an expression over the
 * source.
 *
 * With .ignore or .conflict the SELECT stands in a FROM, so that a name behind it can only be the
 * target's, and so that SQLite does not take ON CONFLICT for the ON of a join. */
#include "base/error.h"
#include "query/query.h"
#include "query/writes.h"
#include <stdlib.h>
#include <string.h>

typedef struct insert_select {
    const corm_model *target, *source;
    const corm_query *query;
    bool ignore, conflicts;
    corm_fields conflict;
    corm_fields automatic; /* columns that get the moment of the call */
} insert_select;

typedef struct statement {
    const insert_select *argument;
    corm_draft draft;
    corm_fields set; /* all that is written */
    size_t n;        /* of it */
    corm_buffer names;
} statement;

static corm_db *db_of(const statement *statement) { return statement->draft.compiler.db; }

static void put_name(statement *statement, const char *column) {
    corm_buffer *columns = &statement->draft.columns;
    if (statement->n) corm__buffer_puts(&statement->names, ", ");
    db_of(statement)->backend->identifier(&statement->names, column);
    if (statement->n++) corm__buffer_puts(columns, ", ");
}

/* What was just written is called c1_, c2_, … where the SELECT stands in a FROM. */
static void put_alias(statement *statement) {
    if (statement->argument->ignore || statement->argument->conflicts)
        corm__buffer_printf(&statement->draft.columns, " AS c%zu_", statement->n);
}

static int put_column(statement *statement, const corm_expr *item) {
    const corm_model *target = statement->argument->target;
    corm_draft *draft = &statement->draft;
    corm_db *db = db_of(statement);
    int status = 0;
    corm_expr_node *node = corm__resolve_set(&draft->resolver, item, &status);
    if (!node) return status;
    corm_column column = node->args[0]->type;
    column.name = node->args[0]->path.column;
    const corm_field *field = node->args[0]->path.field;
    if (!field || node->args[1]->op == CORM_OP_DEFAULT)
        return corm__db_fail(db, CORM_ERROR_USAGE,
                             "corm_insert_select: leave %s.%s out to have its default",
                             target->table, column.name);
    bool *set = &statement->set.at[field - target->fields];
    if (*set) return corm__db_fail(db, CORM_ERROR_USAGE, "SET has %s twice", column.name);
    *set = true;
    put_name(statement, column.name);
    corm_buffer value = { 0 };
    status = corm__compile_assigned(&draft->compiler, &column, node->args[1], &value);
    corm__put_stored(db, target->table, &column, true, &value, &draft->columns);
    put_alias(statement);
    if (value.broken) draft->columns.broken = true;
    corm__buffer_release(&value);
    return status;
}

static int put_moment(statement *statement, const corm_field *field) {
    const corm_model *target = statement->argument->target;
    corm_draft *draft = &statement->draft;
    corm_column column;
    int status = 0;
    if (corm__column_of_field(target, field, draft->resolver.arena, &column))
        return corm__fail_memory(&db_of(statement)->error);
    corm_expr_node *node = corm__resolve_value(&draft->resolver, field->kind, &status);
    if (!node) return status;
    corm_buffer value = { 0 };
    put_name(statement, column.name);
    status = corm__compile_value(&draft->compiler, node->value, 0, &node->target, &value);
    corm__put_stored(db_of(statement), target->table, &column, true, &value, &draft->columns);
    put_alias(statement);
    if (value.broken) draft->columns.broken = true;
    corm__buffer_release(&value);
    return status;
}

/* In the order of the walk: set, where, order, limit, offset, and the moments behind them. */
static int compile_select(statement *statement, corm_query_plan *plan) {
    const insert_select *argument = statement->argument;
    const corm_query *query = argument->query;
    corm_draft *draft = &statement->draft;
    int status = 0;
    size_t n = corm__list_count(query->set);
    if (!n)
        return corm__db_fail(db_of(statement), CORM_ERROR_USAGE,
                             "corm_insert_select into %s without .set = SET(TO(…))",
                             argument->target->table);
    for (size_t i = 0; i < n && !status; i++)
        status = put_column(statement, corm__expr_arg(corm__list(query->set), i));
    if (!status) status = corm__draft_where(draft, query, plan);
    if (!status) status = corm__draft_ordered(draft, argument->source, query, false);
    if (!status) status = corm__draft_limit(draft, query);
    for (size_t i = 0; i < argument->target->n_fields && !status; i++) {
        if (!argument->automatic.at[i]) continue;
        status = put_moment(statement, &argument->target->fields[i]);
    }
    return status ? status : corm__draft_select(draft, NULL);
}

/* All that is written, but for the key, what the conflict is about and when the row was made. */
static int put_update(statement *statement, corm_buffer *sql) {
    const insert_select *argument = statement->argument;
    const corm_model *target = argument->target;
    corm_arena *arena = statement->draft.resolver.arena;
    corm_db *db = db_of(statement);
    corm_fields key, update;
    const char *first;
    size_t n = 0;
    if (corm__fields_of_key(db, target, &key)) return CORM_ERROR_USAGE;
    for (size_t i = 0; i < target->n_fields; i++) {
        update.at[i] = (statement->set.at[i] || target->fields[i].auto_now) && !key.at[i] &&
                       !argument->conflict.at[i] && !target->fields[i].auto_now_add;
        n += update.at[i];
    }
    int status = corm__put_conflict(db, target, &argument->conflict, !n, arena, &first, sql);
    if (!db->backend->key_taken) corm__buffer_puts(sql, n ? "UPDATE SET " : "NOTHING");
    for (size_t i = 0, put = 0; i < target->n_fields && !status; i++) {
        if (!update.at[i]) continue;
        const char *column = corm__field_column(&target->fields[i], arena);
        if (!column) return corm__fail_memory(&db->error);
        if (put++) corm__buffer_puts(sql, ", ");
        corm__put_inserted(db, column, sql);
    }
    if (status || !n || !corm__version_field(target)) return status;
    corm__buffer_puts(sql, ", ");
    return corm__put_next_version(db, target, true, arena, sql);
}

static int put_end(statement *statement, corm_buffer *sql) {
    const insert_select *argument = statement->argument;
    if (argument->conflicts) return put_update(statement, sql);
    for (size_t i = 0; i < argument->target->n_fields; i++) {
        if (!statement->set.at[i]) continue;
        const char *column =
            corm__field_column(&argument->target->fields[i], statement->draft.resolver.arena);
        if (!column) return corm__fail_memory(&db_of(statement)->error);
        corm__put_do_nothing(db_of(statement), column, sql);
        return 0;
    }
    return 0;
}

static int put_statement(statement *statement, corm_query_plan *plan, corm_buffer *sql) {
    const insert_select *argument = statement->argument;
    const corm_backend *backend = db_of(statement)->backend;
    bool beside = argument->ignore || argument->conflicts, identity = false;
    int status = compile_select(statement, plan);
    if (status) return status;
    corm__buffer_puts(sql, "INSERT INTO ");
    backend->identifier(sql, argument->target->table);
    corm__put_clause(sql, " (", &statement->names);
    corm__buffer_putc(sql, ')');
    for (size_t i = 0; i < argument->target->n_fields; i++)
        identity |= statement->set.at[i] && argument->target->fields[i].kind == CORM_IDENTITY;
    if (identity && backend->overriding) corm__buffer_puts(sql, backend->overriding);
    corm__buffer_putc(sql, ' ');
    if (beside) corm__buffer_puts(sql, "SELECT * FROM (");
    corm__buffer_append(sql, &statement->draft.sql);
    if (beside) {
        corm__buffer_puts(sql, ") AS v_ WHERE TRUE");
        status = put_end(statement, sql);
    }
    return status ? status : corm__compile_end(&statement->draft.compiler, sql, plan);
}

static int compile(corm_db *db, const void *argument, const corm_shape *shape,
                   corm_query_plan *plan) {
    statement statement = { .argument = argument };
    corm_buffer sql = { 0 };
    int status = corm__draft_begin(&statement.draft, db, statement.argument->source, shape, plan);
    corm_frame target = { .model = statement.argument->target,
                          .name = statement.argument->target->plural };
    statement.draft.resolver.target = &target;
    if (!status) status = put_statement(&statement, plan, &sql);
    corm__draft_release(&statement.draft);
    corm__buffer_release(&statement.names);
    corm__buffer_release(&sql);
    return status;
}

/* Columns that get the moment of the call, but those that SET names: these are paths whose last
 * name is the column's. */
static void find_automatic(insert_select *argument, const corm_expr *set) {
    const corm_model *target = argument->target;
    for (size_t i = 0; i < target->n_fields; i++)
        argument->automatic.at[i] = target->fields[i].auto_now || target->fields[i].auto_now_add;
    for (size_t i = 0; set && i < set->n; i++) {
        const corm_expr *item = corm__expr_look(corm__expr_number(set, i));
        const char *name = item ? corm__set_name(item) : NULL;
        const char *point = name ? strrchr(name, '.') : NULL;
        if (point) name = point + 1;
        const corm_field *field = name ? corm__field_find(target, name, strlen(name)) : NULL;
        if (field) argument->automatic.at[field - target->fields] = false;
    }
}

/* The values behind those of the query, one for each automatic column. */
static void add_moments(const insert_select *argument, corm_shape *shape, corm_value *values) {
    corm_timestamp now = corm_now();
    size_t n = 0;
    for (size_t i = 0; i < argument->target->n_fields; i++) {
        corm_optional_timestamp room = { 0 }; /* the largest of them */
        corm_field field = argument->target->fields[i];
        if (!argument->automatic.at[i]) continue;
        field.offset = 0;
        corm__member_now(&field, &room, now);
        corm__member_get(&field, &room, &values[n]);
        corm__shape_value(shape, &values[n++]);
    }
}

static int64_t run(corm_db *db, insert_select *argument, corm_value *values) {
    corm_shape shape;
    corm__shape_begin(&shape, CORM_WHAT_INSERT_SELECT, argument->target);
    corm__shape_bytes(&shape, &argument->source, sizeof argument->source);
    corm__shape_bytes(&shape, &argument->ignore, sizeof argument->ignore);
    corm__shape_bytes(&shape, &argument->conflicts, sizeof argument->conflicts);
    corm__shape_bytes(&shape, argument->conflict.at, argument->target->n_fields);
    find_automatic(argument, corm__expr_look((const void *)argument->query->set));
    corm__shape_query(&shape, argument->query);
    add_moments(argument, &shape, values);
    corm_query_plan *plan = corm__plan_get(db, &shape, compile, argument);
    int64_t n = plan ? corm__plan_run(db, plan, &shape) : db->error.status;
    corm__plan_release(plan);
    corm__shape_end(&shape);
    if (n == CORM_ERROR_MULTIPLE_ROWS)
        n = corm__db_fail(db, CORM_ERROR_UNIQUE,
                          "a row of %s has another unique value of a new one",
                          argument->target->table);
    return n < 0 || !(argument->ignore || argument->conflicts) ? n : 0;
}

int64_t corm__insert_select(corm_db *db, const corm_model *target, const corm_model *source,
                            const corm_query *query, corm_conflict conflict, bool ignore) {
    insert_select argument = { .target = target,
                               .source = source,
                               .query = query,
                               .ignore = ignore,
                               .conflicts = conflict.n > 0 };
    int64_t status = corm__query_enter(db, &argument.source, query);
    if (!status) status = corm__check_writable(db, target, query);
    if (!status && argument.conflicts && ignore)
        status = corm__db_fail(db, CORM_ERROR_USAGE, ".ignore and .conflict in one insert into %s",
                               target->table);
    if (!status && argument.conflicts)
        status = corm__conflict_fields(db, target, conflict, &argument.conflict);
    if (status) return status;
    corm_value *values = calloc(target->n_fields + 1, sizeof *values);
    if (!values) return corm__fail_memory(&db->error);
    int64_t n = run(db, &argument, values);
    free(values);
    return n;
}
