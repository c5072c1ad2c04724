/* A migration as C. Only what is set is written, each member on the line of its column or index; a
 * line that would be too long is broken between members. Texts are escaped so that the compiler
 * reads back the same bytes. */
#include "migrate/write/writer.h"
#include "base/c_text.h"
#include "base/error.h"
#include "base/real.h"
#include "migrate/write/migrations_list.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_LINE = 120 };

typedef struct writer {
    corm_buffer *out;
    corm_arena arena; /* of describe */
    size_t line;      /* where the current line begins */
    int indent;       /* of a continued line */
    int margin;       /* of the operation that is being written: they nest */
    bool first;       /* no member written yet in these braces */
    bool unnamed;     /* there is a C function */
} writer;

static void newline(writer *w, int indent) {
    corm__buffer_printf(w->out, "\n%*s", indent, "");
    w->line = w->out->length - (size_t)indent;
}

/* --- texts --- */

/* Several lines of SQL stay several lines. */
static void literal(writer *w, const char *text, int indent) {
    unsigned char before = 0;
    corm__buffer_putc(w->out, '"');
    while (*text) {
        size_t size = corm__c_character(w->out, text, before);
        before = (unsigned char)*text;
        text += size;
        if (before != '\n' || !*text) continue;
        corm__buffer_putc(w->out, '"');
        newline(w, indent);
        corm__buffer_putc(w->out, '"');
        before = 0;
    }
    corm__buffer_putc(w->out, '"');
}

/* --- members --- */

/* What stands before a member: a comma, and a new line when the member would not fit. */
static void member(writer *w, const char *name, size_t size) {
    if (!w->first) corm__buffer_puts(w->out, ",");
    if (!w->first && w->out->length - w->line + strlen(name) + size + 6 > LONGEST_LINE)
        newline(w, w->indent);
    else
        corm__buffer_puts(w->out, " ");
    w->first = false;
    if (*name) corm__buffer_printf(w->out, ".%s = ", name);
}

static void text_member(writer *w, const char *name, const char *text) {
    if (!text) return;
    member(w, name, strlen(text) + 2);
    literal(w, text, w->indent);
}

static void word_member(writer *w, const char *name, const char *word) {
    member(w, name, strlen(word));
    corm__buffer_puts(w->out, word);
}

static void number_member(writer *w, const char *name, int64_t number) {
    if (!number) return;
    member(w, name, 12);
    corm__buffer_printf(w->out, "%" PRId64, number);
}

static void flag_member(writer *w, const char *name, bool set) {
    if (set) word_member(w, name, "true");
}

static void real_text(double value, char *out, size_t size) {
    corm__real_text(value, out);
    if (!strpbrk(out, ".eE")) strncat(out, ".0", size - strlen(out) - 1);
}

static void default_member(writer *w, const char *name, const corm_default *value) {
    char number[64];
    switch (value->kind) {
    case CORM_DEFAULT_NONE: return;
    case CORM_DEFAULT_INTEGER:
        if (value->integer == INT64_MIN)
            snprintf(number, sizeof number, "CORM_DEFAULT(INT64_MIN)");
        else
            snprintf(number, sizeof number, "CORM_DEFAULT(%" PRId64 ")", value->integer);
        word_member(w, name, number);
        return;
    case CORM_DEFAULT_REAL:
        member(w, name, 40);
        if (isfinite(value->real))
            real_text(value->real, number, sizeof number);
        else
            snprintf(number, sizeof number, "%s",
                     isnan(value->real) ? "__builtin_nan(\"\")"
                     : value->real > 0  ? "__builtin_inf()"
                                        : "-__builtin_inf()");
        corm__buffer_printf(w->out, "CORM_DEFAULT(%s)", number);
        return;
    case CORM_DEFAULT_TEXT:
    case CORM_DEFAULT_SQL:
        member(w, name, strlen(value->text) + 28);
        corm__buffer_puts(w->out, value->kind == CORM_DEFAULT_TEXT ? "CORM_DEFAULT("
                                                                   : "CORM_DEFAULT_EXPRESSION(");
        literal(w, value->text, w->indent);
        corm__buffer_putc(w->out, ')');
    }
}

static const char *kind_constant(corm_kind kind) {
    static const char *const names[CORM_KIND_COUNT] = { [CORM_NULL] = "CORM_NULL",
                                                        [CORM_IDENTITY] = "CORM_IDENTITY",
                                                        [CORM_SMALLINT] = "CORM_SMALLINT",
                                                        [CORM_INTEGER] = "CORM_INTEGER",
                                                        [CORM_BIGINT] = "CORM_BIGINT",
                                                        [CORM_BOOLEAN] = "CORM_BOOLEAN",
                                                        [CORM_REAL] = "CORM_REAL",
                                                        [CORM_DOUBLE_PRECISION] =
                                                            "CORM_DOUBLE_PRECISION",
                                                        [CORM_DECIMAL] = "CORM_DECIMAL",
                                                        [CORM_VARCHAR] = "CORM_VARCHAR",
                                                        [CORM_TEXT] = "CORM_TEXT",
                                                        [CORM_BLOB] = "CORM_BLOB",
                                                        [CORM_DATE] = "CORM_DATE",
                                                        [CORM_TIME] = "CORM_TIME",
                                                        [CORM_TIMESTAMP] = "CORM_TIMESTAMP",
                                                        [CORM_INTERVAL] = "CORM_INTERVAL",
                                                        [CORM_UUID] = "CORM_UUID",
                                                        [CORM_JSON] = "CORM_JSON",
                                                        [CORM_ENUMERATION] = "CORM_ENUMERATION",
                                                        [CORM_ARRAY] = "CORM_ARRAY" };
    return (unsigned)kind < CORM_KIND_COUNT && names[kind] ? names[kind] : "CORM_NULL";
}

static const char *on_delete_constant(corm_on_delete on_delete) {
    switch (on_delete) {
    case CORM_CASCADE: return "CORM_CASCADE";
    case CORM_RESTRICT: return "CORM_RESTRICT";
    case CORM_SET_NULL: return "CORM_SET_NULL";
    case CORM_SET_DEFAULT: return "CORM_SET_DEFAULT";
    case CORM_PROTECT: return "CORM_PROTECT";
    default: return "CORM_NO_ACTION";
    }
}

static const char *operation_constant(corm_operation_kind kind) {
    switch (kind) {
    case CORM_CREATE_TABLE: return "CORM_CREATE_TABLE";
    case CORM_DELETE_TABLE: return "CORM_DELETE_TABLE";
    case CORM_RENAME_TABLE: return "CORM_RENAME_TABLE";
    case CORM_ADD_COLUMN: return "CORM_ADD_COLUMN";
    case CORM_REMOVE_COLUMN: return "CORM_REMOVE_COLUMN";
    case CORM_ALTER_COLUMN: return "CORM_ALTER_COLUMN";
    case CORM_RENAME_COLUMN: return "CORM_RENAME_COLUMN";
    case CORM_ADD_INDEX: return "CORM_ADD_INDEX";
    case CORM_REMOVE_INDEX: return "CORM_REMOVE_INDEX";
    case CORM_RENAME_INDEX: return "CORM_RENAME_INDEX";
    case CORM_ADD_CONSTRAINT: return "CORM_ADD_CONSTRAINT";
    case CORM_REMOVE_CONSTRAINT: return "CORM_REMOVE_CONSTRAINT";
    case CORM_ALTER_COMMENT: return "CORM_ALTER_COMMENT";
    case CORM_ALTER_PRIMARY_KEY: return "CORM_ALTER_PRIMARY_KEY";
    case CORM_ALTER_INDEX: return "CORM_ALTER_INDEX";
    case CORM_ALTER_CONSTRAINT: return "CORM_ALTER_CONSTRAINT";
    case CORM_RENAME_CONSTRAINT: return "CORM_RENAME_CONSTRAINT";
    case CORM_VALIDATE_CONSTRAINT: return "CORM_VALIDATE_CONSTRAINT";
    case CORM_CREATE_EXTENSION: return "CORM_CREATE_EXTENSION";
    case CORM_REMOVE_EXTENSION: return "CORM_REMOVE_EXTENSION";
    case CORM_RUN_SQL: return "CORM_RUN_SQL";
    case CORM_RUN_C: return "CORM_RUN_C";
    case CORM_SEPARATE: return "CORM_SEPARATE";
    }
    return "0";
}

static const char *constraint_constant(corm_constraint_kind kind) {
    switch (kind) {
    case CORM_CONSTRAINT_UNIQUE: return "CORM_CONSTRAINT_UNIQUE";
    case CORM_CONSTRAINT_CHECK: return "CORM_CONSTRAINT_CHECK";
    case CORM_CONSTRAINT_EXCLUDE: return "CORM_CONSTRAINT_EXCLUDE";
    }
    return "0";
}

/* --- parts --- */

typedef struct braces {
    bool first;
    int indent;
} braces;

static braces open_braces(writer *w) {
    braces outer = { w->first, w->indent };
    corm__buffer_putc(w->out, '{');
    w->first = true;
    w->indent = (int)(w->out->length - w->line) + 1;
    return outer;
}

static void close_braces(writer *w, braces outer) {
    corm__buffer_puts(w->out, " }");
    w->first = outer.first;
    w->indent = outer.indent;
}

static void reference_member(writer *w, const corm_reference *r) {
    if (!r->table) return;
    member(w, "references",
           strlen(r->table) + (r->column ? strlen(r->column) : 0) +
               (r->name ? strlen(r->name) + 12 : 0) + (r->on_delete ? 32 : 0) + 32);
    braces outer = open_braces(w);
    text_member(w, "table", r->table);
    text_member(w, "column", r->column);
    if (r->on_delete) word_member(w, "on_delete", on_delete_constant(r->on_delete));
    flag_member(w, "deferrable", r->deferrable);
    text_member(w, "name", r->name);
    flag_member(w, "not_valid", r->not_valid);
    close_braces(w, outer);
}

/* The name stands first, without its member's; a designator follows in any case, so that no
 * compiler misses the other members. */
static void column(writer *w, const corm_column *c) {
    braces outer = open_braces(w);
    text_member(w, "", c->name);
    word_member(w, "kind", kind_constant(c->kind));
    number_member(w, "max_length", c->max_length);
    number_member(w, "digits", c->digits);
    number_member(w, "places", c->places);
    if (c->element) word_member(w, "element", kind_constant(c->element));
    flag_member(w, "null", c->null);
    default_member(w, "default_value", &c->default_value);
    text_member(w, "generated", c->generated);
    text_member(w, "collation", c->collation);
    text_member(w, "comment", c->comment);
    reference_member(w, &c->references);
    close_braces(w, outer);
}

static void index_of(writer *w, const corm_index *i) {
    braces outer = open_braces(w);
    text_member(w, "", i->name);
    text_member(w, "columns", i->columns);
    text_member(w, "expression", i->expression);
    text_member(w, "where", i->where);
    text_member(w, "include", i->include);
    text_member(w, "method", i->method);
    flag_member(w, "unique", i->unique);
    flag_member(w, "nulls_not_distinct", i->nulls_not_distinct);
    close_braces(w, outer);
}

static void constraint(writer *w, const corm_constraint *c) {
    braces outer = open_braces(w);
    text_member(w, "", c->name);
    word_member(w, "kind", constraint_constant(c->kind));
    text_member(w, "columns", c->columns);
    text_member(w, "check", c->check);
    flag_member(w, "deferrable", c->deferrable);
    flag_member(w, "nulls_not_distinct", c->nulls_not_distinct);
    text_member(w, "include", c->include);
    text_member(w, "elements", c->elements);
    text_member(w, "method", c->method);
    text_member(w, "where", c->where);
    flag_member(w, "not_valid", c->not_valid);
    close_braces(w, outer);
}

/* ".columns = (const corm_column[]){", one item a line, "{ 0 } }". */
static void begin_list(writer *w, const char *name, const char *type) {
    corm__buffer_putc(w->out, ',');
    newline(w, w->margin + 2);
    corm__buffer_printf(w->out, ".%s = (const %s[]){", name, type);
}

static void begin_item(writer *w) { newline(w, w->margin + 6); }

static void end_list(writer *w) {
    begin_item(w);
    corm__buffer_puts(w->out, "{ 0 } }");
    w->first = false;
}

static void lists(writer *w, const corm_operation *o) {
    if (o->columns) begin_list(w, "columns", "corm_column");
    for (const corm_column *c = o->columns; c && c->name; c++) {
        begin_item(w);
        column(w, c);
        corm__buffer_putc(w->out, ',');
    }
    if (o->columns) end_list(w);
    bool indexes = o->indexes && o->indexes->name,
         constraints = o->constraints && o->constraints->name;
    if (indexes) begin_list(w, "indexes", "corm_index");
    for (const corm_index *i = o->indexes; indexes && i->name; i++) {
        begin_item(w);
        index_of(w, i);
        corm__buffer_putc(w->out, ',');
    }
    if (indexes) end_list(w);
    if (constraints) begin_list(w, "constraints", "corm_constraint");
    for (const corm_constraint *c = o->constraints; constraints && c->name; c++) {
        begin_item(w);
        constraint(w, c);
        corm__buffer_putc(w->out, ',');
    }
    if (constraints) end_list(w);
}

static void own_line(writer *w, const char *name) {
    corm__buffer_putc(w->out, ',');
    newline(w, w->margin + 2);
    corm__buffer_printf(w->out, ".%s = ", name);
}

static void sql_line(writer *w, const char *name, const char *sql) {
    if (!sql) return;
    own_line(w, name);
    literal(w, sql, w->margin + (int)strlen(name) + 6);
}

static void engines(writer *w, const corm_engine_sql *list) {
    if (!list) return;
    begin_list(w, "engines", "corm_engine_sql");
    for (const corm_engine_sql *e = list; e->engine; e++) {
        begin_item(w);
        braces outer = open_braces(w);
        text_member(w, "", e->engine);
        text_member(w, "sql", e->sql);
        text_member(w, "reverse_sql", e->reverse_sql);
        if (!e->sql && !e->reverse_sql) word_member(w, "sql", "NULL");
        close_braces(w, outer);
        corm__buffer_putc(w->out, ',');
    }
    end_list(w);
}

static void operation(writer *w, const corm_operation *o);

static void operations(writer *w, const char *name, const corm_operation *list) {
    if (!list) return;
    int margin = w->margin;
    begin_list(w, name, "corm_operation");
    w->margin += 6;
    for (const corm_operation *o = list; o->kind; o++) operation(w, o);
    w->margin = margin;
    end_list(w);
}

static void operation(writer *w, const corm_operation *o) {
    newline(w, w->margin);
    corm__buffer_putc(w->out, '{');
    w->first = true;
    w->indent = w->margin + 2;
    word_member(w, "kind", operation_constant(o->kind));
    text_member(w, "table", o->table);
    text_member(w, "name", o->name);
    text_member(w, "new_name", o->new_name);
    text_member(w, "model", o->model);
    text_member(w, "primary_key", o->primary_key);
    text_member(w, "comment", o->comment);
    flag_member(w, "concurrently", o->concurrently);
    flag_member(w, "lossy", o->lossy);
    flag_member(w, "elidable", o->elidable);
    if (o->column.name) own_line(w, "column"), column(w, &o->column);
    default_member(w, "fill", &o->fill);
    lists(w, o);
    if (o->index.name) own_line(w, "index"), index_of(w, &o->index);
    if (o->constraint.name) own_line(w, "constraint"), constraint(w, &o->constraint);
    sql_line(w, "sql", o->sql);
    sql_line(w, "reverse_sql", o->reverse_sql);
    engines(w, o->engines);
    operations(w, "database", o->database);
    operations(w, "state", o->state);
    if (o->run || o->reverse) w->unnamed = true;
    corm__buffer_puts(w->out, " },");
}

/* Names come from models: nothing in them may end the comment. */
static void heading_line(corm_buffer *out, const char *text) {
    corm__buffer_puts(out, "\n *   ");
    for (; *text; text++)
        corm__buffer_putc(
            out, (*text == '/' || *text == '*' || (unsigned char)*text < ' ') ? ' ' : *text);
}

static void heading(writer *w, const corm_new_migration *m) {
    corm__buffer_printf(w->out, "/* %s.%s, written by %smigrations.", m->app, m->name,
                        m->replaces ? "squash" : "make");
    for (size_t i = 0; i < m->n_operations; i++) {
        const char *text = corm__operation_describe(&m->operations[i], &w->arena);
        if (!text)
            w->out->broken = true;
        else
            heading_line(w->out, text);
    }
    corm__buffer_puts(w->out, " */\n#pragma once\n#include <corm/migration.h>\n\n");
}

/* A line of names of migrations. */
static void names(writer *w, const char *member, const char *const *list) {
    if (!list || !*list) return;
    w->line = w->out->length;
    corm__buffer_printf(w->out, "    .%s = (const char *const[]){", member);
    w->first = true;
    w->indent = 8;
    for (; *list; list++) text_member(w, "", *list);
    corm__buffer_puts(w->out, ", NULL },\n");
}

int corm__write_migration(const corm_new_migration *m, corm_buffer *out, corm_error_info *error) {
    writer w = { .out = out, .margin = 8 };
    heading(&w, m);
    corm__buffer_printf(out, "CORM_MIGRATION(%s, %s) = {\n", m->app, m->name);
    names(&w, "depends_on", m->depends_on);
    names(&w, "run_before", m->run_before);
    names(&w, "replaces", m->replaces);
    names(&w, "squashes", m->squashes);
    if (m->expands) corm__buffer_puts(out, "    .expands = true,\n");
    if (m->outside_transaction) corm__buffer_puts(out, "    .outside_transaction = true,\n");
    corm__buffer_puts(out, "    .operations = (const corm_operation[]){");
    for (size_t i = 0; i < m->n_operations; i++) operation(&w, &m->operations[i]);
    corm__buffer_puts(out, "\n        { 0 } } };\n");
    corm__arena_release(&w.arena);
    if (corm__buffer_broken(out)) return corm__fail_memory(error);
    if (!w.unnamed) return 0;
    corm__fail(error, CORM_ERROR_MIGRATION,
               "%s.%s has a C function, whose name only its source knows", m->app, m->name);
    corm__error_hint(error, "Write that operation by hand.");
    return CORM_ERROR_MIGRATION;
}

int corm__rewrite_migration(const corm_new_migration *migration, const char *text, corm_buffer *out,
                            corm_error_info *error) {
    const char *begin, *end, *new_begin, *new_end;
    corm_buffer written = { 0 };
    int status = corm__write_migration(migration, &written, error);
    if (!status &&
        (!corm__list_find_migration(migration->app, migration->name, text, &begin, &end) ||
         !corm__list_find_migration(migration->app, migration->name, corm__buffer_text(&written),
                                    &new_begin, &new_end)))
        status = corm__fail(error, CORM_ERROR_MIGRATION,
                            "the file of %s.%s has no CORM_MIGRATION(%s, %s)", migration->app,
                            migration->name, migration->app, migration->name);
    if (!status) {
        corm__buffer_add(out, text, (size_t)(begin - text));
        corm__buffer_add(out, new_begin, (size_t)(new_end - new_begin));
        corm__buffer_puts(out, end);
        if (corm__buffer_broken(out)) status = corm__fail_memory(error);
    }
    corm__buffer_release(&written);
    return status;
}
