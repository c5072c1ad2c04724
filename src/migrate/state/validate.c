/* What a C compiler lets through in a migration that is written by hand. */
#include "base/error.h"
#include "migrate/state/state.h"
#include "schema/sql_text.h"
#include <string.h>

static int check_column(const char *table, const corm_column *c, corm_error_info *error) {
    if (!c->name || !*c->name)
        return corm__fail(error, CORM_ERROR_MIGRATION, "a column of %s has no name", table);
    if (c->kind <= CORM_NULL || c->kind >= CORM_EXPRESSION || c->kind == CORM_ENUMERATION) {
        corm__fail(error, CORM_ERROR_MIGRATION,
                   "column %s of %s has no kind that a column can have", c->name, table);
        corm__error_hint(error, "Write its .kind, such as .kind = CORM_TEXT; an enumeration is a "
                                "CORM_VARCHAR and a check.");
        return CORM_ERROR_MIGRATION;
    }
    if (c->kind == CORM_VARCHAR && c->max_length <= 0)
        return corm__fail(error, CORM_ERROR_MIGRATION,
                          "column %s of %s is a varchar without a .max_length", c->name, table);
    if (c->kind == CORM_DECIMAL && (c->digits <= 0 || c->places < 0 || c->places > c->digits))
        return corm__fail(error, CORM_ERROR_MIGRATION,
                          "column %s of %s is a decimal with %d .digits and %d .places", c->name,
                          table, c->digits, c->places);
    if (c->kind == CORM_ARRAY && (c->element <= CORM_NULL || c->element >= CORM_ENUMERATION))
        return corm__fail(error, CORM_ERROR_MIGRATION,
                          "column %s of %s is an array without an .element that can be in one",
                          c->name, table);
    return 0;
}

/* Names, comma-separated, are columns. */
static int check_names(const char *what, const char *table, const char *names,
                       const corm_column *columns, corm_error_info *error) {
    const char *name;
    size_t length;
    for (size_t i = 0; (name = corm__names_item(names, i, &length, NULL)); i++) {
        const corm_column *c = columns;
        while (c && c->name && (strlen(c->name) != length || memcmp(c->name, name, length) != 0))
            c++;
        if (!c || !c->name)
            return corm__fail(error, CORM_ERROR_MIGRATION,
                              "%s of %s: the table has no column %.*s at this point", what, table,
                              (int)length, name);
    }
    return 0;
}

static int refuse(corm_error_info *error, const char *what, const char *name, const char *table,
                  const char *why) {
    return corm__fail(error, CORM_ERROR_MIGRATION, "%s %s of %s %s", what, name ? name : "", table,
                      why);
}

static int check_index(const char *table, const corm_index *index, const corm_column *columns,
                       corm_error_info *error) {
    if (!index->columns == !index->expression)
        return refuse(error, "index", index->name, table, "needs .columns or an .expression");
    if (index->nulls_not_distinct && !index->unique)
        return refuse(error, "index", index->name, table,
                      "has .nulls_not_distinct, which only a .unique one can have");
    int status =
        index->columns ? check_names(index->name, table, index->columns, columns, error) : 0;
    return status || !index->include
               ? status
               : check_names(index->name, table, index->include, columns, error);
}

static bool given(const char *text) { return text && *text; }

/* What its kind does not have. */
static const char *out_of_place(const corm_constraint *c) {
    bool check = c->kind == CORM_CONSTRAINT_CHECK, unique = c->kind == CORM_CONSTRAINT_UNIQUE,
         exclude = c->kind == CORM_CONSTRAINT_EXCLUDE;
    if (!unique && given(c->columns)) return ".columns, which only CORM_CONSTRAINT_UNIQUE has";
    if (!check && given(c->check)) return "a .check, which only CORM_CONSTRAINT_CHECK has";
    if (!check && c->not_valid) return ".not_valid, which a check and a foreign key have";
    if (!exclude && given(c->elements)) return ".elements, which only CORM_CONSTRAINT_EXCLUDE has";
    if (!exclude && given(c->method)) return "a .method, which only CORM_CONSTRAINT_EXCLUDE has";
    if (!exclude && given(c->where))
        return "a .where, which CORM_CONSTRAINT_EXCLUDE and a unique index have";
    if (!unique && c->nulls_not_distinct)
        return ".nulls_not_distinct, which only CORM_CONSTRAINT_UNIQUE has";
    if (check && c->deferrable) return ".deferrable, which a check cannot be";
    if (check && given(c->include)) return ".include, which a check cannot have";
    return NULL;
}

static int check_constraint(const char *table, const corm_constraint *c, const corm_column *columns,
                            corm_error_info *error) {
    bool whole = (c->kind == CORM_CONSTRAINT_CHECK && given(c->check)) ||
                 (c->kind == CORM_CONSTRAINT_UNIQUE && given(c->columns)) ||
                 (c->kind == CORM_CONSTRAINT_EXCLUDE && given(c->elements));
    if (!whole)
        return refuse(error, "constraint", c->name, table,
                      "is neither CORM_CONSTRAINT_UNIQUE with .columns nor CORM_CONSTRAINT_CHECK "
                      "with a .check nor CORM_CONSTRAINT_EXCLUDE "
                      "with .elements");
    const char *wrong = out_of_place(c);
    if (wrong)
        return corm__fail(error, CORM_ERROR_MIGRATION, "constraint %s of %s has %s", c->name, table,
                          wrong);
    int status = c->columns ? check_names(c->name, table, c->columns, columns, error) : 0;
    return status || !c->include ? status : check_names(c->name, table, c->include, columns, error);
}

static int check_table(const corm_operation *o, corm_error_info *error) {
    int status = 0;
    for (const corm_column *c = o->columns; !status && c && c->name; c++)
        status = check_column(o->table, c, error);
    if (!status && o->primary_key)
        status = check_names("the primary key", o->table, o->primary_key, o->columns, error);
    for (const corm_index *i = o->indexes; !status && i && i->name; i++)
        status = check_index(o->table, i, o->columns, error);
    for (const corm_constraint *c = o->constraints; !status && c && c->name; c++)
        status = check_constraint(o->table, c, o->columns, error);
    return status;
}

/* Behind a text in dollars ($$ … $$, $body$ … $body$) whose first dollar was just read; else where
 * it was. */
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
        if (corm__token_is(token, "start") &&
            corm__token_is(corm__token_next(&ahead), "transaction"))
            return true;
        if (corm__token_is(token, "rollback")) {
            token = corm__token_next(&ahead);
            if (corm__token_is(token, "transaction") || corm__token_is(token, "work"))
                token = corm__token_next(&ahead);
            if (!corm__token_is(token, "to")) return true;
        }
        for (; token.kind != CORM_TOKEN_END && !corm__token_is(token, ";");
             token = corm__token_next(&p))
            if (corm__token_is(token, "$")) p = skip_dollars(p);
    }
}

static int check_sql_text(const char *sql, corm_error_info *error) {
    if (!sql || !controls_transaction(sql)) return 0;
    corm__fail(error, CORM_ERROR_MIGRATION, "the SQL of CORM_RUN_SQL begins or ends a transaction");
    corm__error_hint(
        error, "A migration is one transaction already: leave BEGIN, COMMIT and ROLLBACK out.");
    return CORM_ERROR_MIGRATION;
}

static int check_sql(const corm_operation *o, corm_error_info *error) {
    bool any = o->sql;
    for (const corm_engine_sql *e = o->engines; e && e->engine; e++) any |= e->sql != NULL;
    if (!any) return corm__fail(error, CORM_ERROR_MIGRATION, "CORM_RUN_SQL without .sql");
    int status = check_sql_text(o->sql, error);
    if (!status) status = check_sql_text(o->reverse_sql, error);
    for (const corm_engine_sql *e = o->engines; !status && e && e->engine; e++) {
        status = check_sql_text(e->sql, error);
        if (!status) status = check_sql_text(e->reverse_sql, error);
    }
    return status;
}

/* The lists of a separate operation say for themselves what they do. */
static int check_separate(const corm_operation *o, corm_error_info *error) {
    for (const corm_operation *d = o->database; d && d->kind; d++)
        if (d->kind == CORM_SEPARATE || d->state)
            return corm__fail(error, CORM_ERROR_MIGRATION,
                              "an operation in .database of CORM_SEPARATE has a .state of its own: "
                              "put it into that of CORM_SEPARATE");
    return 0;
}

/* Another name would never be asked for, and what is written for all would run there. */
static int check_engine_names(const corm_operation *o, corm_error_info *error) {
    for (const corm_engine_sql *e = o->engines; e && e->engine; e++)
        if (strcmp(e->engine, "sqlite") != 0 && strcmp(e->engine, "postgresql") != 0 &&
            strcmp(e->engine, "mariadb") != 0)
            return corm__fail(error, CORM_ERROR_MIGRATION,
                              ".engines has \"%s\": engines are sqlite, postgresql and mariadb",
                              e->engine);
    return 0;
}

/* What rows get on an engine. */
static int check_engines(const corm_operation *o, corm_error_info *error) {
    bool column =
        o->kind == CORM_ADD_COLUMN || o->kind == CORM_REMOVE_COLUMN || o->kind == CORM_ALTER_COLUMN;
    for (const corm_engine_sql *e = o->engines; e && e->engine; e++) {
        if (!column)
            return corm__fail(error, CORM_ERROR_MIGRATION,
                              "an operation on %s has .engines, which CORM_RUN_SQL and those that "
                              "add, remove and alter a column can have",
                              o->table  ? o->table
                              : o->name ? o->name
                                        : "?");
        if (given(e->sql) && !e->reverse_sql) continue;
        corm__fail(error, CORM_ERROR_MIGRATION,
                   "column %s of %s: what rows get on %s is one SQL expression",
                   o->column.name ? o->column.name
                   : o->name      ? o->name
                                  : "?",
                   o->table, e->engine);
        corm__error_hint(error, "Write { \"%s\", .sql = \"...\" } in .engines.", e->engine);
        return CORM_ERROR_MIGRATION;
    }
    return 0;
}

int corm__operation_validate(const corm_operation *o, const corm_table *table,
                             corm_error_info *error) {
    const corm_column *columns = table ? table->columns : NULL;
    if (check_engine_names(o, error) || (o->kind != CORM_RUN_SQL && check_engines(o, error)))
        return CORM_ERROR_MIGRATION;
    switch (o->kind) {
    case CORM_CREATE_TABLE: return check_table(o, error);
    case CORM_ADD_COLUMN:
    case CORM_ALTER_COLUMN: return check_column(o->table, &o->column, error);
    case CORM_ADD_INDEX:
    case CORM_ALTER_INDEX:
        return o->index.name ? check_index(o->table, &o->index, columns, error) : 0;
    case CORM_ADD_CONSTRAINT:
    case CORM_ALTER_CONSTRAINT:
        return o->constraint.name ? check_constraint(o->table, &o->constraint, columns, error) : 0;
    case CORM_ALTER_PRIMARY_KEY:
        return o->primary_key
                   ? check_names("the primary key", o->table, o->primary_key, columns, error)
                   : 0;
    case CORM_CREATE_EXTENSION:
    case CORM_REMOVE_EXTENSION:
        return given(o->name) ? 0
                              : corm__fail(error, CORM_ERROR_MIGRATION,
                                           "an operation on an extension lacks its .name");
    case CORM_RUN_SQL: return check_sql(o, error);
    case CORM_RUN_C:
        return o->run ? 0 : corm__fail(error, CORM_ERROR_MIGRATION, "CORM_RUN_C without .run");
    case CORM_SEPARATE: return check_separate(o, error);
    case CORM_DELETE_TABLE:
    case CORM_RENAME_TABLE:
    case CORM_REMOVE_COLUMN:
    case CORM_RENAME_COLUMN:
    case CORM_REMOVE_INDEX:
    case CORM_RENAME_INDEX:
    case CORM_REMOVE_CONSTRAINT:
    case CORM_RENAME_CONSTRAINT:
    case CORM_VALIDATE_CONSTRAINT:
    case CORM_ALTER_COMMENT: break; /* what they name is looked up when they are applied */
    }
    return 0;
}
