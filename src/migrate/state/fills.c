/* Written values of .fill: whether the column takes them, by its kind and size and by its labels,
 * which are a check of the table (column IN ('a', 'b')). It is the same on each engine, where the
 * engines themselves would refuse, cut, or keep what is no value of the kind; and it does not wait
 * for the first row. */
#include "base/error.h"
#include "base/real.h"
#include "migrate/state/state.h"
#include "model/model.h"
#include "schema/sql_text.h"
#include <stdio.h>
#include <string.h>

static bool is_name(corm_token token, const char *name) {
    size_t length = strlen(name);
    bool quoted = token.kind == CORM_TOKEN_QUOTED && token.length == length + 2;
    return corm__token_is(token, name) || (quoted && strncmp(token.start + 1, name, length) == 0);
}

/* A literal in quotes, one of which is two. */
static bool is_text(corm_token token, const char *text) {
    const char *p = token.start + 1, *end = token.start + token.length - 1;
    for (; p < end && *p == *text; p++, text++)
        if (*p == '\'') p++;
    return p == end && !*text;
}

int corm__labels_have(const char *check, const char *column, const char *text) {
    int found = 0;
    if (!is_name(corm__token_next(&check), column) ||
        !corm__token_is(corm__token_next(&check), "in") ||
        !corm__token_is(corm__token_next(&check), "("))
        return -1;
    for (;;) {
        corm_token token = corm__token_next(&check), behind = corm__token_next(&check);
        if (token.kind != CORM_TOKEN_STRING) return -1;
        found |= is_text(token, text);
        if (corm__token_is(behind, ")")) break;
        if (!corm__token_is(behind, ",")) return -1;
    }
    return corm__token_next(&check).kind == CORM_TOKEN_END ? found : -1;
}

static bool forbids(const corm_constraint *c, const char *column, const char *text) {
    return c->kind == CORM_CONSTRAINT_CHECK && c->check && !c->not_valid &&
           corm__labels_have(c->check, column, text) == 0;
}

/* Whether the rows may have another value in the column, or the table or column another name. */
static bool changes(const corm_operation *o, const corm_table *table, const corm_column *column) {
    if ((int)o->kind > CORM_LAST_TABLE_CHANGE) return true;
    if (!o->table || strcmp(o->table, table->name) != 0) return false;
    const char *name = o->kind == CORM_ALTER_COLUMN ? o->column.name
                       : o->kind == CORM_REMOVE_COLUMN || o->kind == CORM_RENAME_COLUMN ? o->name
                                                                                        : NULL;
    if (name) return strcmp(name, column->name) == 0;
    return o->kind == CORM_DELETE_TABLE || o->kind == CORM_RENAME_TABLE;
}

/* Labels that change together with the column: what makemigrations writes then, and right where no
 * row is filled. */
static bool goes(const corm_operation *o, const corm_table *table, const corm_column *column,
                 const char *name) {
    for (o++; o->kind && !changes(o, table, column); o++) {
        bool own = o->table && strcmp(o->table, table->name) == 0;
        const char *altered = o->kind == CORM_ALTER_CONSTRAINT    ? o->constraint.name
                              : o->kind == CORM_REMOVE_CONSTRAINT ? o->name
                                                                  : NULL;
        if (own && altered && strcmp(altered, name) == 0) return true;
    }
    return false;
}

/* The check of labels that the value would meet: of the table, or one that the same migration adds
 * behind it, before anything of its own can have changed the rows. What a removal fills belongs to
 * its undoing: what comes behind it is of another column. */
static const corm_constraint *labels_without(const corm_table *table, const corm_operation *o,
                                             const corm_column *column, const char *text) {
    for (const corm_constraint *c = table->constraints; c && c->name; c++)
        if (forbids(c, column->name, text) && !goes(o, table, column, c->name)) return c;
    if (o->kind == CORM_REMOVE_COLUMN) return NULL;
    for (const corm_operation *next = o + 1; next->kind && !changes(next, table, column); next++) {
        bool own = next->table && strcmp(next->table, table->name) == 0,
             adds = next->kind == CORM_ADD_CONSTRAINT || next->kind == CORM_ALTER_CONSTRAINT;
        if (own && adds && forbids(&next->constraint, column->name, text)) return &next->constraint;
    }
    return NULL;
}

static int refuse(const corm_table *table, const corm_column *column, const corm_default *fill,
                  int status, const char *what, const char *name, corm_error_info *error) {
    char number[CORM_REAL_TEXT];
    const char *text = fill->text;
    if (fill->kind == CORM_DEFAULT_REAL)
        text = corm__real_text(fill->real, number);
    else if (fill->kind == CORM_DEFAULT_INTEGER)
        text = (snprintf(number, sizeof number, "%lld", (long long)fill->integer), number);
    corm__fail(error, status, "the .fill \"%s\" of %s.%s %s %s", text ? text : "", table->name,
               column->name, what, name);
    corm__error_set(error->table, sizeof error->table, "%s", table->name);
    corm__error_set(error->column, sizeof error->column, "%s", column->name);
    corm__error_hint(error, "Write .fill = CORM_DEFAULT(...) with a value that the column takes.");
    return status;
}

/* NULL: there is none to be looked at. */
static const corm_column *column_of(const corm_operation *o, const corm_table *table) {
    if (o->kind == CORM_REMOVE_COLUMN) return o->name ? corm__column_find(table, o->name) : NULL;
    bool given = o->kind == CORM_ADD_COLUMN || o->kind == CORM_ALTER_COLUMN;
    return given && o->column.name ? &o->column : NULL;
}

/* Other kinds, and other collations, find values equal that are written in two ways. */
static bool is_compared_as_written(const corm_column *column) {
    return (column->kind == CORM_VARCHAR || column->kind == CORM_TEXT) && !column->collation;
}

/* The operations of CORM_SEPARATE are looked at one by one, as those that run. */
int corm__fill_check(const corm_state *before, const corm_operation *o, corm_error_info *error) {
    const corm_table *table = o->table ? corm__state_before(before, o) : NULL;
    const corm_column *column = table ? column_of(o, table) : NULL;
    if (!column || !o->fill.kind || o->fill.kind == CORM_DEFAULT_SQL) return 0;
    int status = o->fill.kind == CORM_DEFAULT_TEXT && !o->fill.text
                     ? CORM_ERROR_TYPE
                     : corm__value_fits(column, &o->fill);
    if (status)
        return refuse(table, column, &o->fill, status, "does not fit", corm_kind_name(column->kind),
                      error);
    const corm_constraint *check = o->fill.kind == CORM_DEFAULT_TEXT &&
                                           is_compared_as_written(column)
                                       ? labels_without(table, o, column, o->fill.text)
                                       : NULL;
    return check ? refuse(table, column, &o->fill, CORM_ERROR_CHECK, "is not among the labels of",
                          check->name, error)
                 : 0;
}
