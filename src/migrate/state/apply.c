/* Each kind of operation that changes a table has one function that checks that it fits the state
 * and gives the table as it is to be. Tables are never written to: a changed one shares what did
 * not change with the old one, so that a snapshot of a state is a copy of an array. */
#include "base/error.h"
#include "base/real.h"
#include "migrate/state/step.h"
#include "schema/sql_text.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int corm__step_refuse(corm_state_step *s, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    corm__vformat(text, sizeof text, format, arguments);
    va_end(arguments);
    corm__fail(s->error, CORM_ERROR_MIGRATION, "%s", text);
    corm__error_set(s->error->table, sizeof s->error->table, "%s",
                    s->operation->table ? s->operation->table : "");
    return CORM_ERROR_MIGRATION;
}

/* The referenced table and column have to be there when the constraint is made. */
static int check_reference(corm_state_step *s, const corm_table *table, const corm_column *column) {
    const corm_reference *to = &column->references;
    if (!to->table) return 0;
    const corm_table *target =
        strcmp(to->table, table->name) == 0 ? table : corm__state_find(s->state, to->table);
    if (!target) {
        corm__step_refuse(s,
                          "column %s of %s references table %s, which does not exist at this point",
                          column->name, table->name, to->table);
        corm__error_hint(s->error, "Add the migration that creates %s to .depends_on.", to->table);
        return CORM_ERROR_MIGRATION;
    }
    if (to->column && !corm__column_find(target, to->column))
        return corm__step_refuse(
            s, "column %s of %s references %s.%s, which does not exist at this point", column->name,
            table->name, to->table, to->column);
    return 0;
}

/* A table that has a foreign key to this one (to this column of it, unless NULL); itself does not
 * count. */
static const corm_table *referrer(const corm_state *state, const char *table, const char *column) {
    for (size_t i = 0; i < state->n; i++) {
        if (strcmp(state->tables[i].name, table) == 0) continue;
        for (const corm_column *c = state->tables[i].columns; c && c->name; c++)
            if (c->references.table && strcmp(c->references.table, table) == 0 &&
                (!column || (c->references.column && strcmp(c->references.column, column) == 0)))
                return &state->tables[i];
    }
    return NULL;
}

/* The table with its references to `table` (and to `column` of it) renamed; itself when it has
 * none, NULL when memory is out. */
static const corm_table *retarget(corm_arena *arena, const corm_table *in, const char *table,
                                  const char *column, const char *new_name) {
    for (const corm_column *c = in->columns; c && c->name; c++) {
        if (!c->references.table || strcmp(c->references.table, table) != 0) continue;
        if (column && (!c->references.column || strcmp(c->references.column, column) != 0))
            continue;
        corm_column changed = *c;
        if (column)
            changed.references.column = new_name;
        else
            changed.references.table = new_name;
        const corm_table *out = corm__table_replace_column(arena, in, c->name, &changed);
        return out ? retarget(arena, out, table, column, new_name) : NULL;
    }
    return in;
}

static int retarget_all(corm_state_step *s, const char *table, const char *column,
                        const char *new_name) {
    for (size_t i = 0; i < s->state->n; i++) {
        const corm_table *changed =
            retarget(s->state->arena, &s->state->tables[i], table, column, new_name);
        if (!changed) return CORM_ERROR_MEMORY;
        if (changed != &s->state->tables[i]) s->state->tables[i] = *changed;
    }
    return 0;
}

static int create_table(corm_state_step *s) {
    const corm_operation *o = s->operation;
    if (corm__state_find(s->state, o->table))
        return corm__step_refuse(s, "table %s exists already", o->table);
    if (!o->columns || !o->columns[0].name)
        return corm__step_refuse(s, "table %s has no columns", o->table);
    corm_table table = { .name = o->table,
                         .app = s->app ? s->app : "",
                         .model = o->model ? o->model : "",
                         .primary_key = o->primary_key,
                         .comment = o->comment,
                         .columns = o->columns,
                         .indexes = o->indexes,
                         .constraints = o->constraints };
    for (const corm_column *c = table.columns; c->name; c++) {
        int status = check_reference(s, &table, c);
        if (status) return status;
    }
    return corm__state_insert(s->state, &table);
}

static int delete_table(corm_state_step *s) {
    const corm_table *other = referrer(s->state, s->before->name, NULL);
    if (other)
        return corm__step_refuse(s, "table %s cannot be deleted: a foreign key of %s refers to it",
                                 s->before->name, other->name);
    corm__state_erase(s->state, s->operation->table);
    return 0;
}

static int rename_table(corm_state_step *s) {
    const corm_operation *o = s->operation;
    if (!o->new_name || !*o->new_name)
        return corm__step_refuse(s, "renaming table %s: .new_name is missing", o->table);
    if (corm__state_find(s->state, o->new_name))
        return corm__step_refuse(s, "table %s cannot be renamed: %s exists already", o->table,
                                 o->new_name);
    corm_table table = *s->before;
    table.name = o->new_name;
    int status = corm__state_replace(s->state, o->table, &table);
    return status ? status : retarget_all(s, o->table, NULL, o->new_name);
}

/* An identity column comes and goes together with a primary key. */
static int change_key(corm_state_step *s) {
    const char *key = s->operation->primary_key;
    if (!key || !s->after) return 0;
    size_t length;
    const char *name;
    for (size_t i = 0; (name = corm__names_item(key, i, &length, NULL)); i++) {
        const corm_column *c = s->after->columns;
        while (c->name && (strlen(c->name) != length || memcmp(c->name, name, length) != 0)) c++;
        if (!c->name)
            return corm__step_refuse(
                s, "the primary key of %s: the table has no column %.*s at this point",
                s->before->name, (int)length, name);
    }
    s->after->primary_key = *key ? key : NULL;
    return 0;
}

static int add_column(corm_state_step *s) {
    const corm_column *column = &s->operation->column;
    if (!column->name)
        return corm__step_refuse(s, "adding a column to %s: .column has no name", s->before->name);
    if (corm__column_find(s->before, column->name))
        return corm__step_refuse(s, "column %s of %s exists already", column->name,
                                 s->before->name);
    int status = check_reference(s, s->before, column);
    if (status) return status;
    s->change->column_after = column;
    s->change->fill = s->operation->fill.kind ? &s->operation->fill : NULL;
    s->after = corm__table_with_column(s->state->arena, s->before, column);
    return change_key(s);
}

static int remove_column(corm_state_step *s) {
    const corm_table *t = s->before;
    const char *name = s->operation->name;
    const corm_column *column = name ? corm__column_find(t, name) : NULL;
    if (!column)
        return corm__step_refuse(s, "table %s has no column %s to remove", t->name,
                                 name ? name : "(.name is missing)");
    if (corm__names_have(s->operation->primary_key ? s->operation->primary_key : t->primary_key,
                         name))
        return corm__step_refuse(s, "column %s of %s cannot be removed: it is in the primary key",
                                 name, t->name);
    for (const corm_index *i = t->indexes; i && i->name; i++)
        if (corm__index_mentions(i, name))
            return corm__step_refuse(
                s, "column %s of %s cannot be removed: index %s uses it; remove that first", name,
                t->name, i->name);
    for (const corm_constraint *c = t->constraints; c && c->name; c++)
        if (corm__constraint_mentions(c, name))
            return corm__step_refuse(
                s, "column %s of %s cannot be removed: constraint %s uses it; remove that first",
                name, t->name, c->name);
    for (const corm_column *c = t->columns; c && c->name; c++)
        if (strcmp(c->name, name) != 0 && corm__sql_mentions(c->generated, name))
            return corm__step_refuse(s,
                                     "column %s of %s cannot be removed: column %s is generated "
                                     "from it; change that first",
                                     name, t->name, c->name);
    const corm_table *other = referrer(s->state, t->name, name);
    if (other)
        return corm__step_refuse(
            s, "column %s of %s cannot be removed: a foreign key of %s refers to it", name, t->name,
            other->name);
    if (corm__column_count(t) == 1)
        return corm__step_refuse(s, "column %s is the only one of %s: delete the table instead",
                                 name, t->name);
    s->change->column_before = column;
    s->after = corm__table_without_column(s->state->arena, t, name);
    return change_key(s);
}

static int alter_column(corm_state_step *s) {
    const corm_column *after = &s->operation->column;
    const corm_column *before = after->name ? corm__column_find(s->before, after->name) : NULL;
    if (!before)
        return corm__step_refuse(s, "table %s has no column %s to alter", s->before->name,
                                 after->name ? after->name : "(.column has no name)");
    int status = check_reference(s, s->before, after);
    if (status) return status;
    s->change->column_before = before;
    s->change->column_after = after;
    s->change->fill = s->operation->fill.kind ? &s->operation->fill : NULL;
    s->after = corm__table_replace_column(s->state->arena, s->before, after->name, after);
    return 0;
}

static int rename_column(corm_state_step *s) {
    const corm_operation *o = s->operation;
    const corm_column *column = o->name ? corm__column_find(s->before, o->name) : NULL;
    if (!column)
        return corm__step_refuse(s, "table %s has no column %s to rename", s->before->name,
                                 o->name ? o->name : "(.name is missing)");
    if (!o->new_name || !*o->new_name)
        return corm__step_refuse(s, "renaming column %s of %s: .new_name is missing", o->name,
                                 s->before->name);
    if (corm__column_find(s->before, o->new_name))
        return corm__step_refuse(s, "column %s of %s cannot be renamed: %s exists already", o->name,
                                 s->before->name, o->new_name);
    s->change->column_before = column;
    s->after = corm__table_rename_column(s->state->arena, s->before, o->name, o->new_name);
    if (!s->after) return CORM_ERROR_MEMORY;
    int status = corm__state_replace(s->state, o->table, s->after);
    if (!status) status = retarget_all(s, o->table, o->name, o->new_name);
    if (!status)
        s->change->column_after =
            corm__column_find(corm__state_find(s->state, o->table), o->new_name);
    s->after = NULL; /* it is in the state already */
    return status;
}

static int add_index(corm_state_step *s) {
    const corm_index *index = &s->operation->index;
    if (!index->name)
        return corm__step_refuse(s, "adding an index to %s: .index has no name", s->before->name);
    if (corm__index_find(s->before, index->name))
        return corm__step_refuse(s, "index %s of %s exists already", index->name, s->before->name);
    s->change->index_after = index;
    s->after = corm__table_with_index(s->state->arena, s->before, index);
    return 0;
}

static int remove_index(corm_state_step *s) {
    const corm_index *index =
        s->operation->name ? corm__index_find(s->before, s->operation->name) : NULL;
    if (!index)
        return corm__step_refuse(s, "table %s has no index %s to remove", s->before->name,
                                 s->operation->name ? s->operation->name : "(.name is missing)");
    s->change->index_before = index;
    s->after = corm__table_without_index(s->state->arena, s->before, index->name);
    return 0;
}

static int missing(corm_state_step *s, const char *what) {
    const char *name = s->operation->name;
    return corm__step_refuse(s, "table %s has no %s %s at this point", s->before->name, what,
                             name ? name : "(.name is missing)");
}

static int check_new_name(corm_state_step *s, const char *what) {
    const corm_operation *o = s->operation;
    if (!o->new_name || !*o->new_name)
        return corm__step_refuse(s, "renaming %s %s of %s: .new_name is missing", what, o->name,
                                 s->before->name);
    if (corm__index_find(s->before, o->new_name) || corm__constraint_find(s->before, o->new_name))
        return corm__step_refuse(s, "%s %s of %s cannot be renamed: %s exists already", what,
                                 o->name, s->before->name, o->new_name);
    return 0;
}

static int replace_index(corm_state_step *s, const corm_index *before, const corm_index *after) {
    s->change->index_before = before;
    s->after = corm__table_replace_index(s->state->arena, s->before, before->name, after);
    if (s->after) s->change->index_after = corm__index_find(s->after, after->name);
    return 0;
}

static int rename_index(corm_state_step *s) {
    const corm_operation *o = s->operation;
    const corm_index *index = o->name ? corm__index_find(s->before, o->name) : NULL;
    if (!index) return missing(s, "index");
    int status = check_new_name(s, "index");
    if (status) return status;
    corm_index renamed = *index;
    renamed.name = o->new_name;
    return replace_index(s, index, &renamed);
}

static int alter_index(corm_state_step *s) {
    const corm_index *after = &s->operation->index,
                     *before = after->name ? corm__index_find(s->before, after->name) : NULL;
    if (!before)
        return corm__step_refuse(s, "table %s has no index %s to alter", s->before->name,
                                 after->name ? after->name : "(.index has no name)");
    return replace_index(s, before, after);
}

static int add_constraint(corm_state_step *s) {
    const corm_constraint *constraint = &s->operation->constraint;
    if (!constraint->name)
        return corm__step_refuse(s, "adding a constraint to %s: .constraint has no name",
                                 s->before->name);
    if (corm__constraint_find(s->before, constraint->name))
        return corm__step_refuse(s, "constraint %s of %s exists already", constraint->name,
                                 s->before->name);
    s->change->constraint_after = constraint;
    s->after = corm__table_with_constraint(s->state->arena, s->before, constraint);
    return 0;
}

/* Is the column unique by something other than this constraint? */
static bool is_unique_without(const corm_table *table, const char *column, const char *constraint) {
    if (corm__names_count(table->primary_key) == 1 && corm__names_have(table->primary_key, column))
        return true;
    for (const corm_constraint *c = table->constraints; c && c->name; c++)
        if (c->kind == CORM_CONSTRAINT_UNIQUE && strcmp(c->name, constraint) != 0 &&
            corm__names_count(c->columns) == 1 && corm__names_have(c->columns, column))
            return true;
    return false;
}

/* A foreign key needs its column to be unique. */
static int check_still_unique(corm_state_step *s, const corm_constraint *constraint) {
    if (constraint->kind != CORM_CONSTRAINT_UNIQUE || corm__names_count(constraint->columns) != 1)
        return 0;
    for (const corm_column *c = s->before->columns; c && c->name; c++) {
        if (!corm__names_have(constraint->columns, c->name) ||
            is_unique_without(s->before, c->name, constraint->name))
            continue;
        const corm_table *other = referrer(s->state, s->before->name, c->name);
        if (other)
            return corm__step_refuse(
                s, "constraint %s of %s cannot be removed: a foreign key of %s refers to %s",
                constraint->name, s->before->name, other->name, c->name);
    }
    return 0;
}

static int remove_constraint(corm_state_step *s) {
    const corm_constraint *constraint =
        s->operation->name ? corm__constraint_find(s->before, s->operation->name) : NULL;
    if (!constraint) return missing(s, "constraint");
    s->change->constraint_before = constraint;
    s->after = corm__table_without_constraint(s->state->arena, s->before, constraint->name);
    return check_still_unique(s, constraint);
}

static int replace_constraint(corm_state_step *s, const corm_constraint *before,
                              const corm_constraint *after) {
    s->change->constraint_before = before;
    s->after = corm__table_replace_constraint(s->state->arena, s->before, before->name, after);
    if (s->after) s->change->constraint_after = corm__constraint_find(s->after, after->name);
    return 0;
}

static int alter_constraint(corm_state_step *s) {
    const corm_constraint *after = &s->operation->constraint;
    const corm_constraint *before =
        after->name ? corm__constraint_find(s->before, after->name) : NULL;
    if (!before)
        return corm__step_refuse(s, "table %s has no constraint %s to alter", s->before->name,
                                 after->name ? after->name : "(.constraint has no name)");
    bool same_columns = before->kind == after->kind && before->columns && after->columns &&
                        strcmp(before->columns, after->columns) == 0;
    int status = same_columns ? 0 : check_still_unique(s, before);
    return status ? status : replace_constraint(s, before, after);
}

/* The foreign key of a column becomes another, in which nothing but its name or whether it is valid
 * is different. */
static int replace_reference(corm_state_step *s, const corm_column *before,
                             const corm_reference *references) {
    corm_column after = *before;
    after.references = *references;
    s->change->column_before = before;
    s->after = corm__table_replace_column(s->state->arena, s->before, before->name, &after);
    if (s->after) s->change->column_after = corm__column_find(s->after, before->name);
    return 0;
}

/* The one that the operation names: of the table, or a column's foreign key. */
static int find_constraint(corm_state_step *s, const corm_constraint **constraint,
                           const corm_column **column) {
    const char *name = s->operation->name;
    *constraint = name ? corm__constraint_find(s->before, name) : NULL;
    *column = NULL;
    if (name && !*constraint && corm__foreign_key_find(s->state->arena, s->before, name, column))
        return CORM_ERROR_MEMORY;
    return *constraint || *column ? 0 : missing(s, "constraint");
}

static int rename_constraint(corm_state_step *s) {
    const corm_operation *o = s->operation;
    const corm_constraint *constraint;
    const corm_column *column;
    int status = find_constraint(s, &constraint, &column);
    if (status) return status;
    status = check_new_name(s, "constraint");
    if (status) return status;
    if (column) {
        corm_reference renamed = column->references;
        renamed.name = o->new_name;
        return replace_reference(s, column, &renamed);
    }
    corm_constraint renamed = *constraint;
    renamed.name = o->new_name;
    return replace_constraint(s, constraint, &renamed);
}

static int validate_constraint(corm_state_step *s) {
    const corm_operation *o = s->operation;
    const corm_constraint *constraint;
    const corm_column *column;
    int status = find_constraint(s, &constraint, &column);
    if (status) return status;
    if (constraint ? !constraint->not_valid : !column->references.not_valid)
        return corm__step_refuse(s, "constraint %s of %s is valid already", o->name,
                                 s->before->name);
    if (column) {
        corm_reference valid = column->references;
        valid.not_valid = false;
        return replace_reference(s, column, &valid);
    }
    corm_constraint valid = *constraint;
    valid.not_valid = false;
    return replace_constraint(s, constraint, &valid);
}

static int alter_table(corm_state_step *s) {
    s->after = corm__arena_zalloc(s->state->arena, sizeof *s->after);
    if (!s->after) return CORM_ERROR_MEMORY;
    *s->after = *s->before;
    if (s->operation->kind == CORM_ALTER_COMMENT)
        s->after->comment = s->operation->comment;
    else
        s->after->primary_key = s->operation->primary_key;
    return 0;
}

corm_step_function *corm__step_function(corm_operation_kind kind) {
    switch (kind) {
    case CORM_CREATE_TABLE: return create_table;
    case CORM_DELETE_TABLE: return delete_table;
    case CORM_RENAME_TABLE: return rename_table;
    case CORM_ADD_COLUMN: return add_column;
    case CORM_REMOVE_COLUMN: return remove_column;
    case CORM_ALTER_COLUMN: return alter_column;
    case CORM_RENAME_COLUMN: return rename_column;
    case CORM_ADD_INDEX: return add_index;
    case CORM_REMOVE_INDEX: return remove_index;
    case CORM_RENAME_INDEX: return rename_index;
    case CORM_ALTER_INDEX: return alter_index;
    case CORM_ADD_CONSTRAINT: return add_constraint;
    case CORM_REMOVE_CONSTRAINT: return remove_constraint;
    case CORM_ALTER_CONSTRAINT: return alter_constraint;
    case CORM_RENAME_CONSTRAINT: return rename_constraint;
    case CORM_VALIDATE_CONSTRAINT: return validate_constraint;
    case CORM_ALTER_COMMENT:
    case CORM_ALTER_PRIMARY_KEY: return alter_table;
    case CORM_CREATE_EXTENSION:
    case CORM_REMOVE_EXTENSION:
    case CORM_RUN_SQL:
    case CORM_RUN_C:
    case CORM_SEPARATE: break;
    }
    return NULL;
}
