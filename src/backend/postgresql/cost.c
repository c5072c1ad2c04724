/* What a change costs on PostgreSQL 12 and later, by the statements that ddl.c writes for it. A
 * statement holds its lock until the migration's transaction ends, so that a lock that blocks
 * everybody and the scan behind it count together. A test measures each claim: does the table's
 * file change, is the table read, which lock is held? */
#include "backend/postgresql/ddl.h"
#include "base/ascii.h"
#include "schema/schema.h"
#include "schema/sql_text.h"
#include <string.h>

static bool given(const char *text) { return text && *text; }

static const corm_change_cost instant = { .cost = CORM_COST_INSTANT,
                                          .why = "only the catalogue changes" };
static const corm_change_cost no_wait = { .cost = CORM_COST_SCAN,
                                          .why = "the table is read, while others read and write" };

/* While a lock stands that lets nobody read. */
static corm_change_cost scan(const char *why, const char *instead) {
    return (corm_change_cost){ .cost = CORM_COST_SCAN,
                               .blocks_reads = true,
                               .blocks_writes = true,
                               .why = why,
                               .instead = instead };
}
static corm_change_cost scan_and_read(const char *why, const char *instead) {
    return (corm_change_cost){
        .cost = CORM_COST_SCAN, .blocks_writes = true, .why = why, .instead = instead
    };
}
static corm_change_cost rewrite(const char *why, const char *instead) {
    return (corm_change_cost){ .cost = CORM_COST_REWRITE,
                               .blocks_reads = true,
                               .blocks_writes = true,
                               .why = why,
                               .instead = instead };
}

static const char by_another_column[] = "add a column of the new type, copy the values in batches, "
                                        "and remove the old one in a later migration";
static const char not_valid_first[] =
    "add it with .not_valid = true, and validate it in a later migration, which blocks nobody";
static const char key_not_valid_first[] =
    "let the foreign key come in a migration of its own with .not_valid = true, and validate it in "
    "a later one, which blocks nobody";
static const char concurrently[] =
    "set .concurrently = true, in a migration of its own with .outside_transaction = true";
static const char unique_index_first[] =
    "make a unique index .concurrently instead: it says the same";

/* --- columns --- */

/* The expressions that give the same for all rows, and so are kept once: literals, and what is
 * stable in a transaction. */
static bool is_constant(const corm_default *value) {
    static const char *const stable[] = { "now",
                                          "current_timestamp",
                                          "current_date",
                                          "current_time",
                                          "localtimestamp",
                                          "localtime",
                                          "transaction_timestamp",
                                          "statement_timestamp",
                                          "current_user",
                                          "session_user",
                                          "true",
                                          "false",
                                          "null",
                                          "interval",
                                          "date",
                                          "timestamp",
                                          "time",
                                          "lower",
                                          "upper",
                                          "cast",
                                          "as",
                                          "text",
                                          "varchar",
                                          "integer",
                                          "bigint",
                                          "numeric",
                                          NULL };
    if (value->kind != CORM_DEFAULT_SQL) return true;
    const char *sql = value->text;
    for (corm_token token; (token = corm__token_next(&sql)).kind != CORM_TOKEN_END;) {
        bool known = token.kind != CORM_TOKEN_WORD && token.kind != CORM_TOKEN_QUOTED;
        if (corm__token_is(token, "::")) {
            corm__token_next(&sql); /* a type */
            continue;
        }
        for (size_t i = 0; !known && stable[i]; i++) known = corm__token_is(token, stable[i]);
        if (!known) return false;
    }
    return true;
}

static corm_change_cost add_column(const corm_change *change) {
    const corm_column *column = change->column_after;
    const corm_default *value = change->fill && change->fill->kind != CORM_DEFAULT_NONE
                                    ? change->fill
                                    : &column->default_value;
    if (given(column->generated))
        return rewrite("each row gets the generated value, and nobody else reads or writes",
                       "add a column that the program fills");
    if (column->kind == CORM_IDENTITY)
        return rewrite("each row gets a number, and nobody else reads or writes", NULL);
    if (!is_constant(value))
        return rewrite(
            "the default is another for each row, and nobody else reads or writes meanwhile",
            "add it without the default, set the default in a second step, and fill the rows in "
            "batches");
    if (column->references.table && !column->references.not_valid)
        return scan("the foreign key's rows are looked up, under the lock of the new column",
                    key_not_valid_first);
    return instant;
}

/* Does the new type take the old values as they lie there? */
static bool is_wider(const corm_column *a, const corm_column *b) {
    bool text = b->kind == CORM_TEXT || (b->kind == CORM_VARCHAR && a->kind == CORM_VARCHAR &&
                                         b->max_length >= a->max_length);
    if (a->kind == CORM_VARCHAR || a->kind == CORM_TEXT)
        return text && (a->kind == CORM_VARCHAR || b->kind == CORM_TEXT);
    if (a->kind == CORM_DECIMAL && b->kind == CORM_DECIMAL)
        return b->places == a->places && b->digits >= a->digits;
    return corm__column_same_type(a, b);
}

static bool mentions(const char *sql, const char *name) {
    for (corm_token token; sql && (token = corm__token_next(&sql)).kind != CORM_TOKEN_END;) {
        size_t quote = token.kind == CORM_TOKEN_QUOTED, length = strlen(name);
        if (token.length == length + 2 * quote &&
            corm__compare_nocase_n(token.start + quote, name, length) == 0)
            return true;
    }
    return false;
}

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

static bool has_index(const corm_table *table, const char *column) {
    if (corm__names_have(table->primary_key, column)) return true;
    for (const corm_index *i = table->indexes; i && i->name; i++)
        if (corm__names_have(i->columns, column) || mentions(i->expression, column) ||
            mentions(i->columns, column))
            return true;
    for (const corm_constraint *c = table->constraints; c && c->name; c++)
        if (c->kind != CORM_CONSTRAINT_CHECK &&
            (corm__names_have(c->columns, column) || mentions(c->elements, column)))
            return true;
    return false;
}

static bool has_check(const corm_table *table, const char *column) {
    for (const corm_constraint *c = table->constraints; c && c->name; c++)
        if (c->kind == CORM_CONSTRAINT_CHECK && mentions(c->check, column)) return true;
    return false;
}

static bool has_not_null_check(const corm_table *table, const char *column) {
    for (const corm_constraint *c = table->constraints; c && c->name; c++) {
        if (c->kind != CORM_CONSTRAINT_CHECK || c->not_valid || !c->check) continue;
        const char *sql = c->check;
        corm_token token = corm__token_next(&sql);
        while (corm__token_is(token, "(")) token = corm__token_next(&sql);
        size_t quote = token.kind == CORM_TOKEN_QUOTED, length = strlen(column);
        bool own = token.length == length + 2 * quote &&
                   corm__compare_nocase_n(token.start + quote, column, length) == 0;
        if (own && corm__token_is(corm__token_next(&sql), "is") &&
            corm__token_is(corm__token_next(&sql), "not") &&
            corm__token_is(corm__token_next(&sql), "null") &&
            (token = corm__token_next(&sql),
             token.kind == CORM_TOKEN_END || corm__token_is(token, ")")))
            return true;
    }
    return false;
}

static void forget_generator(corm_column *column) {
    if (column->kind != CORM_IDENTITY) return;
    column->kind = column->element ? column->element : CORM_BIGINT;
    column->element = CORM_NULL;
}

static corm_change_cost retype(const corm_change *change, const corm_column *before,
                               const corm_column *after) {
    if (!is_wider(before, after))
        return rewrite("each row is written with the new type, and nobody else reads or writes",
                       by_another_column);
    for (const corm_column *other = change->before->columns; other && other->name; other++)
        if (mentions(other->generated, before->name))
            return rewrite(
                "the generated columns that use it are made anew, and nobody else reads or writes",
                by_another_column);
    if (!same_text(before->collation, after->collation) && has_index(change->before, before->name))
        return scan("the indexes of the column are built anew, and nobody else reads or writes",
                    by_another_column);
    if (has_check(change->before, before->name))
        return scan("the checks of the column look at each row, and nobody else reads or writes",
                    NULL);
    return instant;
}

static corm_change_cost alter_column(const corm_change *change) {
    corm_column before = *change->column_before, after = *change->column_after;
    bool new_key =
        after.references.table && !corm__reference_equal(&before.references, &after.references);
    if (given(after.generated) && !corm__sql_equal(before.generated, after.generated))
        return rewrite("the column is made anew, and nobody else reads or writes", NULL);
    forget_generator(&before);
    forget_generator(&after);
    bool retyped =
        !corm__column_same_type(&before, &after) || !same_text(before.collation, after.collation);
    corm_change_cost cost = retyped ? retype(change, &before, &after) : instant;
    if (cost.cost != CORM_COST_INSTANT) return cost;
    if (before.null && !after.null && change->fill && change->fill->kind != CORM_DEFAULT_NONE)
        return scan("rows without a value are filled, then each row is looked at, and nobody else "
                    "reads or writes meanwhile",
                    "fill the rows in batches in a migration before, then add a check (… IS NOT "
                    "NULL) as for a column without NULLs");
    if (before.null && !after.null && !has_not_null_check(change->before, before.name))
        return scan("each row is looked at for NULL, and nobody else reads or writes meanwhile",
                    "add a check (column IS NOT NULL) with .not_valid = true, validate it in a "
                    "later migration, then make the column NOT "
                    "NULL, and remove the check");
    corm_reference validated = before.references;
    validated.not_valid = false;
    if (new_key && before.references.not_valid &&
        corm__reference_equal(&validated, &after.references))
        return no_wait;
    if (new_key && !after.references.not_valid) {
        if (before.references.table || before.null != after.null)
            return scan("the foreign key's rows are looked up, and nobody else reads or writes",
                        key_not_valid_first);
        return scan_and_read(
            "the foreign key's rows are looked up, and nobody else writes to either table",
            not_valid_first);
    }
    return instant;
}

/* --- indexes and constraints --- */

static corm_change_cost add_index(const corm_change *change) {
    if (change->concurrently) return no_wait;
    return scan_and_read("the index is built, and nobody else writes", concurrently);
}

static corm_change_cost add_constraint(const corm_constraint *constraint) {
    if (constraint->kind == CORM_CONSTRAINT_CHECK)
        return constraint->not_valid
                   ? instant
                   : scan("each row is looked at, and nobody else reads or writes",
                          not_valid_first);
    return scan("the constraint's index is built, and nobody else reads or writes",
                constraint->kind == CORM_CONSTRAINT_UNIQUE && !constraint->deferrable
                    ? unique_index_first
                    : "let it run when few are at work");
}

static corm_change_cost alter_constraint(const corm_change *change) {
    corm_constraint validated = *change->constraint_before;
    validated.not_valid = false;
    if (change->constraint_before->not_valid &&
        corm__constraint_equal(&validated, change->constraint_after))
        return no_wait;
    return add_constraint(change->constraint_after);
}

int corm__pg_cost(const corm_change *change, int version, corm_change_cost *out) {
    (void)version; /* the rules are those of all that corm supports */
    switch (change->kind) {
    case CORM_ADD_COLUMN: *out = add_column(change); break;
    case CORM_ALTER_COLUMN: *out = alter_column(change); break;
    case CORM_ADD_INDEX: *out = add_index(change); break;
    case CORM_ALTER_INDEX:
        *out = scan("the index is built anew, and nobody else reads or writes",
                    "add the new index .concurrently under another name, then remove the old one");
        break;
    case CORM_ADD_CONSTRAINT: *out = add_constraint(change->constraint_after); break;
    case CORM_ALTER_CONSTRAINT: *out = alter_constraint(change); break;
    case CORM_VALIDATE_CONSTRAINT: *out = no_wait; break;
    case CORM_ALTER_PRIMARY_KEY:
        *out = given(change->after->primary_key)
                   ? scan("the index of the primary key is built, and nobody else reads or writes",
                          "let it run when few are at work")
                   : instant;
        break;
    default: *out = instant;
    }
    return corm__comparison_failed() ? CORM_ERROR_MEMORY : 0;
}
