/* Copies of tables, whole or with one thing changed. The lists of a table are arrays that end with
 * an element whose name is NULL; all three element types begin with their name, so one pair of
 * functions edits them all. A new element is copied with its texts; what does not change is shared.
 */
#include "schema/schema.h"
#include "schema/sql_text.h"
#include <string.h>

/* Copies a text of a clone; memory that runs out is noted once and found at the end. */
typedef struct copier {
    corm_arena *arena;
    bool broken;
} copier;

static const char *copy_text(copier *copy, const char *text) {
    char *result = corm__arena_strdup(copy->arena, text);
    if (text && !result) copy->broken = true;
    return result;
}

static void copy_column(copier *copy, corm_column *column) {
    column->name = copy_text(copy, column->name);
    column->default_value.text = copy_text(copy, column->default_value.text);
    column->generated = copy_text(copy, column->generated);
    column->collation = copy_text(copy, column->collation);
    column->comment = copy_text(copy, column->comment);
    column->references.table = copy_text(copy, column->references.table);
    column->references.column = copy_text(copy, column->references.column);
    column->references.name = copy_text(copy, column->references.name);
    column->approximates = copy_text(copy, column->approximates);
}

static void copy_index(copier *copy, corm_index *index) {
    index->name = copy_text(copy, index->name);
    index->columns = copy_text(copy, index->columns);
    index->expression = copy_text(copy, index->expression);
    index->where = copy_text(copy, index->where);
    index->include = copy_text(copy, index->include);
    index->method = copy_text(copy, index->method);
}

static void copy_constraint(copier *copy, corm_constraint *constraint) {
    constraint->name = copy_text(copy, constraint->name);
    constraint->columns = copy_text(copy, constraint->columns);
    constraint->check = copy_text(copy, constraint->check);
    constraint->include = copy_text(copy, constraint->include);
    constraint->elements = copy_text(copy, constraint->elements);
    constraint->method = copy_text(copy, constraint->method);
    constraint->where = copy_text(copy, constraint->where);
}

static const char *name_at(const void *list, size_t i, size_t size) {
    return *(const char *const *)((const char *)list + i * size);
}

static size_t count(const void *list, size_t size) {
    size_t n = 0;
    if (list)
        while (name_at(list, n, size)) n++;
    return n;
}

/* A copy of the list with room for one more element and the end; NULL when memory is out. */
static void *copy_list(corm_arena *arena, const void *list, size_t size) {
    size_t n = count(list, size);
    void *result = corm__arena_array(arena, n + 2, size);
    if (result && n) memcpy(result, list, n * size);
    return result;
}

static void *list_without(corm_arena *arena, const void *list, size_t size, const char *name) {
    size_t n = count(list, size), kept = 0;
    char *result = corm__arena_array(arena, n + 1, size);
    if (!result) return NULL;
    for (size_t i = 0; i < n; i++)
        if (strcmp(name_at(list, i, size), name) != 0)
            memcpy(result + kept++ * size, (const char *)list + i * size, size);
    return result;
}

static void *list_with(corm_arena *arena, const void *list, size_t size, const void *element) {
    char *result = copy_list(arena, list, size);
    if (result) memcpy(result + count(list, size) * size, element, size);
    return result;
}

static corm_table *shallow(corm_arena *arena, const corm_table *table) {
    corm_table *result = corm__arena_alloc(arena, sizeof *result);
    if (result) *result = *table;
    return result;
}

static void copy_table(copier *copy, corm_table *table) {
    table->name = copy_text(copy, table->name);
    table->app = copy_text(copy, table->app);
    table->model = copy_text(copy, table->model);
    table->primary_key = copy_text(copy, table->primary_key);
    table->comment = copy_text(copy, table->comment);
    table->left_out = copy_text(copy, table->left_out);
    corm_column *columns = copy_list(copy->arena, table->columns, sizeof *columns);
    corm_index *indexes = copy_list(copy->arena, table->indexes, sizeof *indexes);
    corm_constraint *constraints = copy_list(copy->arena, table->constraints, sizeof *constraints);
    if (!columns || !indexes || !constraints) {
        copy->broken = true;
        return;
    }
    for (corm_column *column = columns; column->name; column++) copy_column(copy, column);
    for (corm_index *index = indexes; index->name; index++) copy_index(copy, index);
    for (corm_constraint *constraint = constraints; constraint->name; constraint++)
        copy_constraint(copy, constraint);
    table->columns = columns;
    table->indexes = indexes;
    table->constraints = constraints;
}

corm_table *corm__table_clone(corm_arena *arena, const corm_table *table) {
    copier copy = { arena, false };
    corm_table *result = shallow(arena, table);
    if (!result) return NULL;
    copy_table(&copy, result);
    return copy.broken ? NULL : result;
}

corm_schema *corm__schema_clone(corm_arena *arena, const corm_schema *schema) {
    copier copy = { arena, false };
    corm_schema *result = corm__arena_zalloc(arena, sizeof *result);
    corm_table *tables = corm__arena_array(arena, schema->n_tables + 1, sizeof *tables);
    if (!result || !tables) return NULL;
    for (size_t i = 0; i < schema->n_tables; i++) {
        tables[i] = schema->tables[i];
        copy_table(&copy, &tables[i]);
    }
    result->tables = tables;
    result->n_tables = schema->n_tables;
    return copy.broken ? NULL : result;
}

/* The table with another list of columns (indexes, constraints); NULL passes on that memory is out.
 */
static corm_table *with_columns(corm_arena *arena, const corm_table *table,
                                const corm_column *columns) {
    corm_table *result = columns ? shallow(arena, table) : NULL;
    if (result) result->columns = columns;
    return result;
}
static corm_table *with_indexes(corm_arena *arena, const corm_table *table,
                                const corm_index *indexes) {
    corm_table *result = indexes ? shallow(arena, table) : NULL;
    if (result) result->indexes = indexes;
    return result;
}
static corm_table *with_constraints(corm_arena *arena, const corm_table *table,
                                    const corm_constraint *constraints) {
    corm_table *result = constraints ? shallow(arena, table) : NULL;
    if (result) result->constraints = constraints;
    return result;
}

corm_table *corm__table_with_column(corm_arena *arena, const corm_table *table,
                                    const corm_column *column) {
    copier copy = { arena, false };
    corm_column own = *column;
    copy_column(&copy, &own);
    return copy.broken
               ? NULL
               : with_columns(arena, table, list_with(arena, table->columns, sizeof own, &own));
}

corm_table *corm__table_without_column(corm_arena *arena, const corm_table *table,
                                       const char *name) {
    return with_columns(arena, table,
                        list_without(arena, table->columns, sizeof(corm_column), name));
}

corm_table *corm__table_replace_column(corm_arena *arena, const corm_table *table, const char *name,
                                       const corm_column *column) {
    copier copy = { arena, false };
    corm_column *columns = copy_list(arena, table->columns, sizeof *columns);
    if (!columns) return NULL;
    for (corm_column *c = columns; c->name; c++) {
        if (strcmp(c->name, name) != 0) continue;
        *c = *column;
        copy_column(&copy, c);
        if (copy.broken) return NULL;
    }
    return with_columns(arena, table, columns);
}

corm_table *corm__table_with_index(corm_arena *arena, const corm_table *table,
                                   const corm_index *index) {
    copier copy = { arena, false };
    corm_index own = *index;
    copy_index(&copy, &own);
    return copy.broken
               ? NULL
               : with_indexes(arena, table, list_with(arena, table->indexes, sizeof own, &own));
}

corm_table *corm__table_without_index(corm_arena *arena, const corm_table *table,
                                      const char *name) {
    return with_indexes(arena, table,
                        list_without(arena, table->indexes, sizeof(corm_index), name));
}

corm_table *corm__table_replace_index(corm_arena *arena, const corm_table *table, const char *name,
                                      const corm_index *index) {
    copier copy = { arena, false };
    corm_index *indexes = copy_list(arena, table->indexes, sizeof *indexes), *own = indexes;
    if (!indexes) return NULL;
    while (own->name && strcmp(own->name, name) != 0) own++;
    *own = *index;
    copy_index(&copy, own);
    return copy.broken ? NULL : with_indexes(arena, table, indexes);
}

corm_table *corm__table_with_constraint(corm_arena *arena, const corm_table *table,
                                        const corm_constraint *constraint) {
    copier copy = { arena, false };
    corm_constraint own = *constraint;
    copy_constraint(&copy, &own);
    return copy.broken ? NULL
                       : with_constraints(arena, table,
                                          list_with(arena, table->constraints, sizeof own, &own));
}

corm_table *corm__table_without_constraint(corm_arena *arena, const corm_table *table,
                                           const char *name) {
    return with_constraints(arena, table,
                            list_without(arena, table->constraints, sizeof(corm_constraint), name));
}

corm_table *corm__table_replace_constraint(corm_arena *arena, const corm_table *table,
                                           const char *name, const corm_constraint *constraint) {
    copier copy = { arena, false };
    corm_constraint *constraints = copy_list(arena, table->constraints, sizeof *constraints),
                    *own = constraints;
    if (!constraints) return NULL;
    while (own->name && strcmp(own->name, name) != 0) own++;
    *own = *constraint;
    copy_constraint(&copy, own);
    return copy.broken ? NULL : with_constraints(arena, table, constraints);
}

/* --- rename --- */

typedef struct renamer {
    copier copy;
    const char *from, *to;
} renamer;

static const char *finish(renamer *rename, corm_buffer *text) {
    const char *result = corm__buffer_broken(text)
                             ? NULL
                             : corm__arena_strdup(rename->copy.arena, corm__buffer_text(text));
    if (!result) rename->copy.broken = true;
    corm__buffer_release(text);
    return result;
}

static const char *rename_names(renamer *rename, const char *names) {
    if (!names || !corm__names_have(names, rename->from)) return names;
    corm_buffer text = { 0 };
    size_t length;
    bool descending;
    const char *item;
    for (size_t i = 0; (item = corm__names_item(names, i, &length, &descending)); i++) {
        bool hit = strlen(rename->from) == length && memcmp(item, rename->from, length) == 0;
        corm__buffer_printf(&text, "%s%.*s%s", i ? ", " : "",
                            (int)(hit ? strlen(rename->to) : length), hit ? rename->to : item,
                            descending ? " desc" : "");
    }
    return finish(rename, &text);
}

static const char *rename_sql(renamer *rename, const char *sql) {
    if (!sql) return NULL;
    corm_buffer text = { 0 };
    corm__sql_rename(&text, sql, rename->from, rename->to);
    return finish(rename, &text);
}

corm_table *corm__table_rename_column(corm_arena *arena, const corm_table *table, const char *name,
                                      const char *new_name) {
    renamer rename = { { arena, false }, name, corm__arena_strdup(arena, new_name) };
    corm_table *result = shallow(arena, table);
    corm_column *columns = copy_list(arena, table->columns, sizeof *columns);
    corm_index *indexes = copy_list(arena, table->indexes, sizeof *indexes);
    corm_constraint *constraints = copy_list(arena, table->constraints, sizeof *constraints);
    if (!rename.to || !result || !columns || !indexes || !constraints) return NULL;
    result->primary_key = rename_names(&rename, table->primary_key);
    for (corm_column *column = columns; column->name; column++) {
        if (strcmp(column->name, name) == 0) column->name = rename.to;
        column->generated = rename_sql(&rename, column->generated);
        corm_reference *key = &column->references;
        if (key->table && key->column && strcmp(key->table, table->name) == 0 &&
            strcmp(key->column, name) == 0)
            key->column = rename.to;
    }
    for (corm_index *index = indexes; index->name; index++) {
        index->columns = rename_names(&rename, index->columns);
        index->include = rename_names(&rename, index->include);
        index->expression = rename_sql(&rename, index->expression);
        index->where = rename_sql(&rename, index->where);
    }
    for (corm_constraint *constraint = constraints; constraint->name; constraint++) {
        constraint->columns = rename_names(&rename, constraint->columns);
        constraint->check = rename_sql(&rename, constraint->check);
        constraint->include = rename_names(&rename, constraint->include);
        constraint->elements = rename_sql(&rename, constraint->elements);
        constraint->where = rename_sql(&rename, constraint->where);
    }
    result->columns = columns;
    result->indexes = indexes;
    result->constraints = constraints;
    return rename.copy.broken ? NULL : result;
}
