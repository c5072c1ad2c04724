/* The database's tables beside those of the models, item by item. What an engine does not keep
 * (SQLite has no comments) cannot differ: it is taken from the models before the comparison. */
#include "command/drift.h"
#include "base/buffer.h"
#include "schema/sql_text.h"
#include <corm/status.h>
#include <inttypes.h>
#include <string.h>

typedef struct comparing {
    corm_arena *arena;
    const corm_table *table;
    corm_drift *items;
    size_t n, capacity;
    bool broken; /* memory is out */
} comparing;

static void add(comparing *c, const char *what, const char *item, const char *is,
                const char *should) {
    if (c->n == c->capacity) {
        size_t capacity = c->capacity ? c->capacity * 2 : 32;
        corm_drift *grown = corm__arena_array(c->arena, capacity, sizeof *grown);
        if (!grown) {
            c->broken = true;
            return;
        }
        if (c->n) memcpy(grown, c->items, c->n * sizeof *grown);
        c->items = grown;
        c->capacity = capacity;
    }
    c->items[c->n++] = (corm_drift){ c->table->name, what, item, is, should };
}

static const char *finish(comparing *c, corm_buffer *text) {
    const char *copy = corm__buffer_copy(text, c->arena);
    corm__buffer_release(text);
    if (!copy) c->broken = true;
    return copy;
}

/* --- items as text --- */

static const char *type_text(comparing *c, const corm_column *column) {
    corm_buffer out = { 0 };
    bool small = column->kind == CORM_IDENTITY && column->element;
    if (small) corm__buffer_printf(&out, "%s ", corm_kind_name(column->element));
    corm__buffer_puts(&out, corm_kind_name(column->kind));
    if (column->kind == CORM_VARCHAR) corm__buffer_printf(&out, "(%d)", column->max_length);
    if (column->kind == CORM_DECIMAL)
        corm__buffer_printf(&out, "(%d, %d)", column->digits, column->places);
    if (column->kind == CORM_ARRAY)
        corm__buffer_printf(&out, " of %s", corm_kind_name(column->element));
    if (column->approximates) corm__buffer_printf(&out, " (%s)", column->approximates);
    return finish(c, &out);
}

static const char *default_text(comparing *c, const corm_default *value) {
    corm_buffer out = { 0 };
    switch (value->kind) {
    case CORM_DEFAULT_NONE: return "none";
    case CORM_DEFAULT_INTEGER: corm__buffer_printf(&out, "%" PRId64, value->integer); break;
    case CORM_DEFAULT_REAL: corm__buffer_printf(&out, "%.17g", value->real); break;
    case CORM_DEFAULT_TEXT: corm__buffer_printf(&out, "'%s'", value->text); break;
    case CORM_DEFAULT_SQL: corm__buffer_puts(&out, value->text); break;
    }
    return finish(c, &out);
}

static const char *column_text(comparing *c, const corm_column *column) {
    corm_buffer out = { 0 };
    const char *type = type_text(c, column), *value = default_text(c, &column->default_value);
    if (!type || !value) return NULL;
    corm__buffer_printf(&out, "%s%s", type, column->null ? "" : " NOT NULL");
    if (column->default_value.kind) corm__buffer_printf(&out, " DEFAULT %s", value);
    if (column->generated) corm__buffer_printf(&out, " GENERATED (%s)", column->generated);
    return finish(c, &out);
}

static const char *reference_text(comparing *c, const corm_table *table,
                                  const corm_column *column) {
    static const char *const actions[] = { "",
                                           " ON DELETE CASCADE",
                                           " ON DELETE RESTRICT",
                                           " ON DELETE SET NULL",
                                           " ON DELETE SET DEFAULT",
                                           " ON DELETE RESTRICT" };
    const corm_reference *to = &column->references;
    if (!to->table) return NULL;
    corm_buffer out = { 0 };
    const char *name = corm__foreign_key_name(c->arena, table, column);
    if (!name) {
        c->broken = true;
        return NULL;
    }
    corm__buffer_printf(&out, "%s: %s (%s)%s%s", name, to->table,
                        to->column ? to->column : "", actions[to->on_delete],
                        to->deferrable ? " DEFERRABLE" : "");
    return finish(c, &out);
}

static const char *index_text(comparing *c, const corm_index *i) {
    corm_buffer out = { 0 };
    if (i->unique) corm__buffer_puts(&out, "UNIQUE ");
    if (i->method && *i->method) corm__buffer_printf(&out, "USING %s ", i->method);
    corm__buffer_printf(&out, "(%s)",
                        i->expression && *i->expression ? i->expression
                        : i->columns                    ? i->columns
                                                        : "");
    if (i->include && *i->include) corm__buffer_printf(&out, " INCLUDE (%s)", i->include);
    if (i->nulls_not_distinct) corm__buffer_puts(&out, " NULLS NOT DISTINCT");
    if (i->where && *i->where) corm__buffer_printf(&out, " WHERE %s", i->where);
    return finish(c, &out);
}

static const char *constraint_text(comparing *c, const corm_constraint *k) {
    corm_buffer out = { 0 };
    if (k->kind == CORM_CONSTRAINT_CHECK)
        corm__buffer_printf(&out, "CHECK (%s)", k->check ? k->check : "");
    else if (k->kind == CORM_CONSTRAINT_EXCLUDE)
        corm__buffer_printf(&out, "EXCLUDE USING %s (%s)", k->method ? k->method : "gist",
                            k->elements ? k->elements : "");
    else
        corm__buffer_printf(&out, "UNIQUE%s (%s)",
                            k->nulls_not_distinct ? " NULLS NOT DISTINCT" : "",
                            k->columns ? k->columns : "");
    if (k->include && *k->include) corm__buffer_printf(&out, " INCLUDE (%s)", k->include);
    if (k->where && *k->where) corm__buffer_printf(&out, " WHERE (%s)", k->where);
    if (k->deferrable) corm__buffer_puts(&out, " DEFERRABLE");
    return finish(c, &out);
}

/* --- comparisons --- */

static bool text_equal(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }
static const char *or_none(const char *text) { return text && *text ? text : "none"; }

static void compare_column(comparing *c, const corm_table *database, const corm_column *own,
                           const corm_column *should) {
    const corm_column is = *own;
    if (!corm__column_same_type(&is, should))
        add(c, "type", is.name, type_text(c, &is), type_text(c, should));
    if (is.null != should->null)
        add(c, "null", is.name, is.null ? "NULL" : "NOT NULL", should->null ? "NULL" : "NOT NULL");
    if (!corm__column_same_default(&is, should))
        add(c, "default", is.name, default_text(c, &is.default_value),
            default_text(c, &should->default_value));
    if (!corm__sql_equal(is.generated, should->generated))
        add(c, "generated", is.name, or_none(is.generated), or_none(should->generated));
    if (!text_equal(is.collation, should->collation))
        add(c, "collation", is.name, or_none(is.collation), or_none(should->collation));
    if (!text_equal(is.comment, should->comment))
        add(c, "comment", is.name, or_none(is.comment), or_none(should->comment));
    if (!corm__foreign_key_equal(database, &is, c->table, should))
        add(c, "foreign key", is.name, reference_text(c, database, &is),
            reference_text(c, c->table, should));
}

static void compare_columns(comparing *c, const corm_table *database) {
    for (const corm_column *should = c->table->columns; should && should->name; should++) {
        const corm_column *is = corm__column_find(database, should->name);
        if (is)
            compare_column(c, database, is, should);
        else
            add(c, "column", should->name, NULL, column_text(c, should));
    }
    for (const corm_column *is = database->columns; is && is->name; is++)
        if (!corm__column_find(c->table, is->name))
            add(c, "column", is->name, column_text(c, is), NULL);
}

static void compare_indexes(comparing *c, const corm_table *database) {
    for (const corm_index *should = c->table->indexes; should && should->name; should++) {
        const corm_index *is = corm__index_find(database, should->name);
        if (!is || !corm__index_equal(is, should))
            add(c, "index", should->name, is ? index_text(c, is) : NULL, index_text(c, should));
    }
    for (const corm_index *is = database->indexes; is && is->name; is++)
        if (!corm__index_find(c->table, is->name))
            add(c, "index", is->name, index_text(c, is), NULL);
}

static void compare_constraints(comparing *c, const corm_table *database) {
    for (const corm_constraint *should = c->table->constraints; should && should->name; should++) {
        const corm_constraint *is = corm__constraint_find(database, should->name);
        if (!is || !corm__constraint_equal(is, should))
            add(c, "constraint", should->name, is ? constraint_text(c, is) : NULL,
                constraint_text(c, should));
    }
    for (const corm_constraint *is = database->constraints; is && is->name; is++)
        if (!corm__constraint_find(c->table, is->name))
            add(c, "constraint", is->name, constraint_text(c, is), NULL);
}

/* Lists of names that differ in their spaces are the same. */
static bool same_names(const char *a, const char *b) {
    size_t x, y;
    for (size_t i = 0;; i++) {
        const char *p = corm__names_item(a, i, &x, NULL), *q = corm__names_item(b, i, &y, NULL);
        if (!p || !q) return !p && !q;
        if (x != y || memcmp(p, q, x) != 0) return false;
    }
}

static void compare_table(comparing *c, const corm_table *database) {
    if (!same_names(database->primary_key, c->table->primary_key))
        add(c, "primary key", NULL, or_none(database->primary_key), or_none(c->table->primary_key));
    if (!text_equal(database->comment, c->table->comment))
        add(c, "comment", NULL, or_none(database->comment), or_none(c->table->comment));
    compare_columns(c, database);
    compare_indexes(c, database);
    compare_constraints(c, database);
}

int corm__drift(const corm_schema *database, const corm_schema *models, corm_arena *arena,
                corm_drift **out, size_t *n) {
    comparing c = { .arena = arena };
    for (size_t i = 0; i < models->n_tables && !c.broken; i++) {
        c.table = &models->tables[i];
        const corm_table *is = corm__table_find(database, c.table->name);
        if (is)
            compare_table(&c, is);
        else
            add(&c, "table", NULL, NULL, "a table");
    }
    for (size_t i = 0; i < database->n_tables && !c.broken; i++) {
        c.table = &database->tables[i];
        if (!corm__table_find(models, c.table->name)) add(&c, "table", NULL, "a table", NULL);
    }
    *out = c.items;
    *n = c.n;
    return corm__comparison_failed() || c.broken ? CORM_ERROR_MEMORY : 0;
}

static int prepare_table(corm_table *table, const corm_table *model, const corm_features *features,
                         corm_arena *arena) {
    corm_column *columns = corm__arena_array(arena, corm__column_count(table) + 1, sizeof *columns);
    if (!columns) return CORM_ERROR_MEMORY;
    for (size_t i = 0; table->columns[i].name; i++) {
        const corm_column *should = corm__column_find(model, table->columns[i].name);
        columns[i] = table->columns[i];
        if (!should) continue;
        if (!features->column_comments) columns[i].comment = should->comment;
        if (!features->identity_kinds && columns[i].kind == CORM_IDENTITY &&
            should->kind == CORM_IDENTITY)
            columns[i].element = should->element;
    }
    table->columns = columns;
    table->app = model->app;
    table->model = model->model;
    if (!features->table_comments) table->comment = model->comment;
    return 0;
}

int corm__drift_prepare(const corm_schema *database, const corm_schema *models,
                        const corm_features *features, bool all, corm_arena *arena,
                        corm_schema *out) {
    corm_table *tables = corm__arena_array(arena, database->n_tables + 1, sizeof *tables);
    size_t n = 0;
    if (!tables) return CORM_ERROR_MEMORY;
    for (size_t i = 0; i < database->n_tables; i++) {
        const corm_table *model = corm__table_find(models, database->tables[i].name);
        bool own = strncmp(database->tables[i].name, "corm_", 5) == 0;
        if (!model && (!all || own)) continue;
        tables[n] = database->tables[i];
        if (model && prepare_table(&tables[n], model, features, arena)) return CORM_ERROR_MEMORY;
        n++;
    }
    *out = (corm_schema){ tables, n };
    return 0;
}
