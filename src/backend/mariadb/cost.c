/* What a change costs: which of the server's ways it takes for the statement that ddl.c writes.
 * INSTANT touches the catalogue alone, NOCOPY builds an index, INPLACE rebuilds the table and lets
 * others write meanwhile, COPY rebuilds it and keeps writers out: until MariaDB 11.2, and where a
 * foreign key cascades. A test lets the server say the same of each. */
#include "backend/mariadb/ddl.h"
#include "base/ascii.h"
#include "schema/sql_text.h"
#include <string.h>

enum { ONLINE_COPY = 110200 };

static bool given(const char *text) { return corm__mariadb_given(text); }
static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

static corm_change_cost instant(void) {
    return (corm_change_cost){ .cost = CORM_COST_INSTANT, .why = "only the catalogue changes" };
}
static corm_change_cost scan(void) {
    return (corm_change_cost){
        .cost = CORM_COST_SCAN,
        .why = "the server reads the table to build an index, while others write"
    };
}
static corm_change_cost rebuild(void) {
    return (corm_change_cost){ .cost = CORM_COST_REWRITE,
                               .why = "the server rewrites the table, while others write" };
}
/* Rows that go with others are no rows that a writer of the table writes. */
static bool cascades(const corm_table *table) {
    for (const corm_column *column = table ? table->columns : NULL; column && column->name;
         column++)
        if (column->references.table && (column->references.on_delete == CORM_CASCADE ||
                                         column->references.on_delete == CORM_SET_NULL))
            return true;
    return false;
}

static corm_change_cost copy(const corm_change *change, int version, const char *instead) {
    bool online = version >= ONLINE_COPY && !cascades(change->before);
    return (corm_change_cost){
        .cost = CORM_COST_REWRITE,
        .blocks_writes = !online,
        .why = online ? "the server copies the table"
                      : "the server copies the table, and nobody else writes to it meanwhile",
        .instead = instead
    };
}
static const char by_another_column[] = "add a column of the new type, copy the values in batches, "
                                        "and remove the old one in a later migration";

static corm_change_cost add_column(const corm_change *change, int version) {
    const corm_column *column = change->column_after;
    const corm_default *value = change->fill && change->fill->kind != CORM_DEFAULT_NONE
                                    ? change->fill
                                    : &column->default_value;
    if (column->references.table) {
        return copy(change, version,
                    "add the column without the foreign key, which is quick, and "
                    "the key when few write");
    }
    if (given(column->generated)) return copy(change, version, NULL);
    if (column->kind == CORM_IDENTITY) return copy(change, version, NULL);
    if (value->kind == CORM_DEFAULT_SQL)
        return copy(change, version,
                    "add it as NULL without a default, set the default in a second step, "
                    "and fill the rows in batches");
    return instant();
}

/* A longer varchar needs no other rows, unless their lengths begin to need a second byte: values of
 * up to 127 bytes have one in every column, longer ones in columns of up to 255. */
static bool grows(const corm_column *before, const corm_column *after) {
    enum { CHARACTER_BYTES = 4 };
    if (before->kind != CORM_VARCHAR || after->kind != CORM_VARCHAR ||
        before->max_length > after->max_length)
        return false;
    int from = before->max_length * CHARACTER_BYTES, to = after->max_length * CHARACTER_BYTES;
    return from < 128 || from > 255 || to <= 255;
}

static bool has_generated(const corm_table *table) {
    for (const corm_column *column = table->columns; column && column->name; column++)
        if (given(column->generated)) return true;
    return false;
}

static corm_change_cost alter_column(const corm_change *change, int version) {
    corm_column before = *change->column_before, after = *change->column_after;
    bool new_key = !corm__reference_equal(&before.references, &after.references),
         was_identity = before.kind == CORM_IDENTITY;
    if (before.kind == CORM_IDENTITY) before.kind = before.element ? before.element : CORM_BIGINT;
    if (after.kind == CORM_IDENTITY) after.kind = after.element ? after.element : CORM_BIGINT;
    bool retyped = !corm__column_same_type(&before, &after) && !grows(&before, &after);
    if (!corm__sql_equal(before.generated, after.generated)) return copy(change, version, NULL);
    if (retyped) return copy(change, version, by_another_column);
    if (new_key && after.references.table)
        return copy(change, version, "let it run when few write");
    if (change->column_after->kind == CORM_IDENTITY && !was_identity)
        return copy(change, version, NULL);
    if (before.null && !after.null && (after.kind == CORM_JSON || given(after.generated)))
        return copy(change, version, NULL);
    if (before.null && !after.null && has_generated(change->after))
        return copy(change, version, NULL);
    if (before.null != after.null) return rebuild();
    return instant();
}

static corm_change_cost add_index(const corm_change *change) {
    const corm_index *index = change->index_after;
    if (!given(index->method) || corm__compare_nocase(index->method, "fulltext") != 0)
        return scan();
    return (corm_change_cost){
        .cost = CORM_COST_REWRITE,
        .blocks_writes = true,
        .why =
            "the server reads the table to build the index, and nobody else writes to it meanwhile",
        .instead = "let it run when few write"
    };
}

static corm_change_cost add_constraint(const corm_change *change, int version) {
    const corm_constraint *constraint = change->constraint_after;
    if (constraint->kind == CORM_CONSTRAINT_CHECK)
        return copy(change, version, "let it run when few write");
    return scan();
}

/* The hidden column of a hash makes a copy of all that is not one for other reasons. */
static bool is_copied(const corm_change *change) {
    return change->before && change->after && change->kind != CORM_RENAME_TABLE &&
           corm__mariadb_has_hash(change->after);
}

static corm_change_cost cost_of(const corm_change *change, int version) {
    if (is_copied(change))
        return copy(change, version,
                    "in unique constraints use varchar(…) columns that fit into a key of "
                    "3072 bytes, instead of texts");
    switch (change->kind) {
    case CORM_ADD_COLUMN: return add_column(change, version);
    case CORM_ALTER_COLUMN: return alter_column(change, version);
    case CORM_ADD_INDEX:
    case CORM_ALTER_INDEX: return add_index(change);
    case CORM_ADD_CONSTRAINT:
    case CORM_ALTER_CONSTRAINT:
        return change->constraint_after ? add_constraint(change, version)
                                        : alter_column(change, version);
    case CORM_RENAME_CONSTRAINT:
        return change->constraint_after && change->constraint_after->kind == CORM_CONSTRAINT_CHECK
                   ? add_constraint(change, version)
                   : instant();
    case CORM_ALTER_PRIMARY_KEY:
        return same_text(change->before->primary_key, change->after->primary_key) ? instant()
                                                                                  : rebuild();
    default: return instant();
    }
}

int corm__mariadb_cost(const corm_change *change, int version, corm_change_cost *out) {
    *out = cost_of(change, version);
    return corm__comparison_failed() ? CORM_ERROR_MEMORY : 0;
}
