/* What the engine does not have: said before a statement runs that it would refuse. */
#include "model/checks.h"
#include <string.h>

static bool given(const char *text) { return text && *text; }

/* --- columns --- */

static void check_column(corm_checker *checker, const corm_column *column) {
    const corm_features *has = checker->backend->features;
    const char *title = checker->backend->title, *name = column->name;
    const corm_reference *reference = &column->references;
    if (column->kind == CORM_ARRAY && !has->arrays)
        CORM_SAY_ERROR(checker, "engine.E001", name,
                       "use a model of its own with a foreign key, or json(…)",
                       "is an array: %s has none", title);
    if (!reference->table) return;
    if (reference->deferrable && !has->deferrable_foreign_keys)
        CORM_SAY_ERROR(checker, "engine.E002", name, "leave out .deferrable",
                       "is .deferrable: %s has no deferrable foreign keys", title);
    if (reference->on_delete == CORM_SET_DEFAULT && !has->on_delete_set_default)
        CORM_SAY_ERROR(checker, "engine.E011", name, "use another .on_delete",
                       "has .on_delete = CORM_SET_DEFAULT: %s does not have it", title);
}

/* --- sizes: a character counts for the four bytes that it may have --- */

enum { CHARACTER = 4, POINTER = 12 };

/* Bytes of the column's longest value, and no more than about that; -1: it has no limit. */
static long size_of(const corm_column *column) {
    switch (column->kind) {
    case CORM_VARCHAR:
    case CORM_ENUMERATION: return (long)column->max_length * CHARACTER + 2;
    case CORM_TEXT:
    case CORM_BLOB:
    case CORM_JSON:
    case CORM_ARRAY: return -1;
    case CORM_DECIMAL: return column->digits / 2 + 3;
    case CORM_UUID: return 16;
    case CORM_BOOLEAN: return 1;
    case CORM_SMALLINT: return 2;
    case CORM_INTEGER:
    case CORM_REAL: return 4;
    default: return 8;
    }
}

static void check_row(corm_checker *checker, const corm_table *table) {
    const corm_features *has = checker->backend->features;
    long row = 0, largest = 0;
    const char *name = NULL;
    for (const corm_column *column = table->columns; column && column->name; column++) {
        long size = size_of(column);
        row += size < 0 ? POINTER : size;
        if (size > largest) {
            largest = size;
            name = column->name;
        }
    }
    if (has->max_row && row > has->max_row)
        CORM_SAY_ERROR(checker, "engine.E013", name, "use text(…), which is kept beside the row",
                       "makes rows of table '%s' too long: up to %ld bytes, and %s takes %d",
                       table->name, row, checker->backend->title, has->max_row);
}

static const corm_column *column_at(const corm_table *table, const char *names, size_t index) {
    size_t length;
    const char *name = corm__names_item(names, index, &length, NULL);
    for (const corm_column *column = table->columns; name && column && column->name; column++)
        if (strlen(column->name) == length && memcmp(column->name, name, length) == 0)
            return column;
    return NULL;
}

/* Of a primary key and of a foreign key, which need the whole value. */
static void check_key(corm_checker *checker, const corm_table *table, const char *columns,
                      const char *what) {
    const corm_features *has = checker->backend->features;
    const char *title = checker->backend->title;
    long key = 0;
    const corm_column *column;
    for (size_t i = 0; has->max_key && (column = column_at(table, columns, i)); i++) {
        long size = size_of(column);
        if (size < 0) {
            CORM_SAY_ERROR(checker, "engine.E012", column->name,
                           "use varchar(…), or a key of another kind",
                           "is %s in %s: %s takes no %s there", corm_kind_name(column->kind), what,
                           title, corm_kind_name(column->kind));
            return;
        }
        key += column->kind == CORM_VARCHAR ? size - 2 : size;
    }
    if (has->max_key && key > has->max_key)
        CORM_SAY_ERROR(checker, "engine.E012", column_at(table, columns, 0)->name,
                       "use shorter columns, or a key of another kind",
                       "is in %s of up to %ld bytes: %s takes %d", what, key, title, has->max_key);
}

/* --- indexes and constraints --- */

/* They make a query faster, and mean nothing. */
static void check_include(corm_checker *checker, const char *name, const char *include) {
    if (given(include) && !checker->backend->features->include_columns)
        CORM_SAY_WARNING(
            checker, "engine.W001", name,
            "nothing need be done; add the columns to the index itself where it matters",
            "has include columns: %s has none, and makes it without them", checker->backend->title);
}

static void check_index(corm_checker *checker, const corm_index *index) {
    const corm_features *has = checker->backend->features;
    const char *title = checker->backend->title, *name = index->name, *leave = "leave it out";
    check_include(checker, name, index->include);
    if (given(index->method) && !has->index_methods)
        CORM_SAY_ERROR(checker, "engine.E004", name, leave, "has the method %s: %s has none",
                       index->method, title);
    if (index->nulls_not_distinct && !has->nulls_not_distinct)
        CORM_SAY_ERROR(checker, "engine.E006", name, leave, "has nulls not distinct: %s has none",
                       title);
    if (given(index->where) && !has->partial_indexes)
        CORM_SAY_ERROR(checker, "engine.E007", name,
                       "leave the condition out, or use a generated column that is NULL where it "
                       "does not hold",
                       "has a condition: %s has no indexes over some rows", title);
    if (given(index->expression) && !has->expression_indexes)
        CORM_SAY_ERROR(checker, "engine.E008", name, "use a generated column, and an index on it",
                       "is over an expression: %s has indexes over columns only", title);
}

static void check_constraint(corm_checker *checker, const corm_constraint *constraint) {
    const corm_features *has = checker->backend->features;
    const char *title = checker->backend->title, *name = constraint->name, *leave = "leave it out";
    check_include(checker, name, constraint->include);
    if (constraint->deferrable && !has->deferrable_unique)
        CORM_SAY_ERROR(checker, "engine.E005", name, leave,
                       "is deferrable: %s has no deferrable unique constraints", title);
    if (constraint->nulls_not_distinct && !has->nulls_not_distinct)
        CORM_SAY_ERROR(checker, "engine.E006", name, leave, "has nulls not distinct: %s has none",
                       title);
    if (constraint->kind == CORM_CONSTRAINT_EXCLUDE && !has->exclusion)
        CORM_SAY_ERROR(checker, "engine.E009", name, "check it in the program, in a transaction",
                       "excludes: %s has no exclusion constraints", title);
}

void corm__check_engine(corm_checker *checker, const corm_table *table) {
    for (const corm_column *column = table->columns; column && column->name; column++) {
        check_column(checker, column);
        if (column->references.table) check_key(checker, table, column->name, "a foreign key");
    }
    check_row(checker, table);
    check_key(checker, table, table->primary_key, "the primary key");
    for (const corm_index *index = table->indexes; index && index->name; index++)
        check_index(checker, index);
    for (const corm_constraint *constraint = table->constraints; constraint && constraint->name;
         constraint++)
        check_constraint(checker, constraint);
}
