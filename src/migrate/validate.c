/* What a C compiler lets through in a migration that is written by hand. */
#include "migrate/state.h"
#include "base/error.h"
#include "schema/sql_text.h"
#include <string.h>

static int check_column(const char *table, const corm_column *c, corm_error_info *error) {
    if (!c->name || !*c->name) return corm__fail(error, CORM_ERROR_MIGRATION, "a column of %s has no name", table);
    if (c->kind <= CORM_NULL || c->kind >= CORM_EXPRESSION || c->kind == CORM_ENUMERATION) {
        corm__fail(error, CORM_ERROR_MIGRATION, "column %s of %s has no kind that a column can have", c->name, table);
        corm__error_hint(error, "Write its .kind, such as .kind = CORM_TEXT; an enumeration is a CORM_VARCHAR and a check.");
        return CORM_ERROR_MIGRATION;
    }
    if (c->kind == CORM_VARCHAR && c->max_length <= 0)
        return corm__fail(error, CORM_ERROR_MIGRATION, "column %s of %s is a varchar without a .max_length", c->name, table);
    if (c->kind == CORM_DECIMAL && (c->digits <= 0 || c->places < 0 || c->places > c->digits))
        return corm__fail(error, CORM_ERROR_MIGRATION, "column %s of %s is a decimal with %d .digits and %d .places", c->name, table,
                          c->digits, c->places);
    if (c->kind == CORM_ARRAY && (c->element <= CORM_NULL || c->element >= CORM_ENUMERATION))
        return corm__fail(error, CORM_ERROR_MIGRATION, "column %s of %s is an array without an .element that can be in one", c->name,
                          table);
    return 0;
}

/* Names, comma-separated, are columns. */
static int check_names(const char *what, const char *table, const char *names, const corm_column *columns, corm_error_info *error) {
    const char *name;
    size_t length;
    for (size_t i = 0; (name = corm__names_item(names, i, &length, NULL)); i++) {
        const corm_column *c = columns;
        while (c && c->name && (strlen(c->name) != length || memcmp(c->name, name, length) != 0)) c++;
        if (!c || !c->name)
            return corm__fail(error, CORM_ERROR_MIGRATION, "%s of %s: the table has no column %.*s at this point", what, table, (int)length,
                              name);
    }
    return 0;
}

static int check_index(const char *table, const corm_index *index, const corm_column *columns, corm_error_info *error) {
    if (!index->columns == !index->expression)
        return corm__fail(error, CORM_ERROR_MIGRATION, "index %s of %s needs .columns or an .expression", index->name, table);
    int status = index->columns ? check_names(index->name, table, index->columns, columns, error) : 0;
    return status || !index->include ? status : check_names(index->name, table, index->include, columns, error);
}

static int check_constraint(const char *table, const corm_constraint *c, const corm_column *columns, corm_error_info *error) {
    if (c->kind == CORM_CONSTRAINT_CHECK && c->check && *c->check) return 0;
    if (c->kind == CORM_CONSTRAINT_UNIQUE && c->columns && *c->columns) return check_names(c->name, table, c->columns, columns, error);
    return corm__fail(error, CORM_ERROR_MIGRATION,
                      "constraint %s of %s is neither CORM_CONSTRAINT_UNIQUE with .columns nor CORM_CONSTRAINT_CHECK with a .check",
                      c->name, table);
}

static int check_table(const corm_operation *o, corm_error_info *error) {
    int status = 0;
    for (const corm_column *c = o->columns; !status && c && c->name; c++) status = check_column(o->table, c, error);
    if (!status && o->primary_key) status = check_names("the primary key", o->table, o->primary_key, o->columns, error);
    for (const corm_index *i = o->indexes; !status && i && i->name; i++) status = check_index(o->table, i, o->columns, error);
    for (const corm_constraint *c = o->constraints; !status && c && c->name; c++) status = check_constraint(o->table, c, o->columns, error);
    return status;
}

/* Behind a text in dollars ($$ … $$, $body$ … $body$) whose first dollar was just read; else where it was. */
static const char *skip_dollars(const char *p) {
    char tag[66] = "$";
    size_t length = strcspn(p, "$ \t\r\n;'\"");
    if (p[length] != '$' || length + 3 > sizeof tag) return p;
    memcpy(tag + 1, p, length + 1);
    const char *end = strstr(p + length + 1, tag);
    return end ? end + length + 2 : p + strlen(p);
}

/* Whether a statement of it begins or ends a transaction. */
static bool controls_transaction(const char *sql) {
    for (const char *p = sql;;) {
        corm_token token = corm__token_next(&p);
        const char *ahead = p;
        if (token.kind == CORM_TOKEN_END) return false;
        if (corm__token_is(token, "commit") || corm__token_is(token, "begin")) return true;
        if (corm__token_is(token, "start") && corm__token_is(corm__token_next(&ahead), "transaction")) return true;
        if (corm__token_is(token, "rollback")) {
            token = corm__token_next(&ahead);
            if (corm__token_is(token, "transaction") || corm__token_is(token, "work")) token = corm__token_next(&ahead);
            if (!corm__token_is(token, "to")) return true;
        }
        for (; token.kind != CORM_TOKEN_END && !corm__token_is(token, ";"); token = corm__token_next(&p))
            if (corm__token_is(token, "$")) p = skip_dollars(p);
    }
}

static int check_sql(const corm_operation *o, corm_error_info *error) {
    if (!o->sql) return corm__fail(error, CORM_ERROR_MIGRATION, "CORM_RUN_SQL without .sql");
    if (!controls_transaction(o->sql) && !(o->reverse_sql && controls_transaction(o->reverse_sql))) return 0;
    corm__fail(error, CORM_ERROR_MIGRATION, "the SQL of CORM_RUN_SQL begins or ends a transaction");
    corm__error_hint(error, "A migration is one transaction already: leave BEGIN, COMMIT and ROLLBACK out.");
    return CORM_ERROR_MIGRATION;
}

int corm__operation_validate(const corm_operation *o, const corm_table *table, corm_error_info *error) {
    const corm_column *columns = table ? table->columns : NULL;
    switch (o->kind) {
    case CORM_CREATE_TABLE: return check_table(o, error);
    case CORM_ADD_COLUMN:
    case CORM_ALTER_COLUMN: return check_column(o->table, &o->column, error);
    case CORM_ADD_INDEX: return o->index.name ? check_index(o->table, &o->index, columns, error) : 0;
    case CORM_ADD_CONSTRAINT: return o->constraint.name ? check_constraint(o->table, &o->constraint, columns, error) : 0;
    case CORM_ALTER_PRIMARY_KEY: return o->primary_key ? check_names("the primary key", o->table, o->primary_key, columns, error) : 0;
    case CORM_RUN_SQL: return check_sql(o, error);
    default: return 0;
    }
}
