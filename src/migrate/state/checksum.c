/* What a migration says, as sixteen digits. Members that are not set are left out, so that a member
 * which a later version adds changes no checksum. */
#include "base/real.h"
#include "migrate/state/state.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct digest {
    uint64_t hash;
} digest;

static void add_bytes(digest *d, const void *data, size_t size) {
    const unsigned char *p = data;
    for (size_t i = 0; i < size; i++) d->hash = (d->hash ^ p[i]) * 1099511628211u;
}

/* Lengths keep "ab","c" and "a","bc" apart. */
static void add_text(digest *d, const char *key, const char *text) {
    if (!text) return;
    char head[48];
    int length = snprintf(head, sizeof head, "%s:%zu:", key, strlen(text));
    add_bytes(d, head, (size_t)length);
    add_bytes(d, text, strlen(text));
}

static void add_number(digest *d, const char *key, int64_t number) {
    char text[64];
    if (number)
        add_bytes(d, text, (size_t)snprintf(text, sizeof text, "%s=%" PRId64 ";", key, number));
}

static void add_default(digest *d, const char *key, const corm_default *value) {
    if (!value->kind) return;
    char real[48];
    add_number(d, key, value->kind);
    add_number(d, "integer", value->integer);
    if (value->kind == CORM_DEFAULT_REAL) corm__format(real, sizeof real, "%a", value->real);
    add_text(d, "real", value->kind == CORM_DEFAULT_REAL ? real : NULL);
    add_text(d, "text", value->text);
}

static void add_column(digest *d, const corm_column *c) {
    add_text(d, "column", c->name);
    add_number(d, "kind", c->kind);
    add_number(d, "max_length", c->max_length);
    add_number(d, "digits", c->digits);
    add_number(d, "places", c->places);
    add_number(d, "element", c->element);
    add_number(d, "null", c->null);
    add_default(d, "default_value", &c->default_value);
    add_text(d, "generated", c->generated);
    add_text(d, "collation", c->collation);
    add_text(d, "comment", c->comment);
    add_text(d, "references.table", c->references.table);
    add_text(d, "references.column", c->references.column);
    add_number(d, "references.on_delete", c->references.on_delete);
    add_number(d, "references.deferrable", c->references.deferrable);
    add_text(d, "references.name", c->references.name);
    add_number(d, "references.not_valid", c->references.not_valid);
}

static void add_index(digest *d, const corm_index *i) {
    add_text(d, "index", i->name);
    add_text(d, "columns", i->columns);
    add_text(d, "expression", i->expression);
    add_text(d, "where", i->where);
    add_text(d, "include", i->include);
    add_text(d, "method", i->method);
    add_number(d, "unique", i->unique);
    add_number(d, "nulls_not_distinct", i->nulls_not_distinct);
}

static void add_constraint(digest *d, const corm_constraint *c) {
    add_text(d, "constraint", c->name);
    add_number(d, "kind", c->kind);
    add_text(d, "columns", c->columns);
    add_text(d, "check", c->check);
    add_number(d, "deferrable", c->deferrable);
    add_number(d, "nulls_not_distinct", c->nulls_not_distinct);
    add_text(d, "include", c->include);
    add_text(d, "elements", c->elements);
    add_text(d, "method", c->method);
    add_text(d, "where", c->where);
    add_number(d, "not_valid", c->not_valid);
}

static void add_operation(digest *d, const corm_operation *o);

/* A list within an operation; it may be there and empty. */
static void add_list(digest *d, const char *key, const corm_operation *list) {
    if (!list) return;
    add_number(d, key, 1);
    for (const corm_operation *o = list; o->kind; o++) add_operation(d, o);
    add_number(d, key, -1);
}

/* Of C functions, which have another address in each program, only that they are there. */
static void add_operation(digest *d, const corm_operation *o) {
    add_number(d, "operation", o->kind);
    add_text(d, "table", o->table);
    add_text(d, "name", o->name);
    add_text(d, "new_name", o->new_name);
    add_text(d, "model", o->model);
    if (o->column.name) add_column(d, &o->column);
    add_default(d, "fill", &o->fill);
    for (const corm_column *c = o->columns; c && c->name; c++) add_column(d, c);
    add_text(d, "primary_key", o->primary_key);
    for (const corm_index *i = o->indexes; i && i->name; i++) add_index(d, i);
    for (const corm_constraint *c = o->constraints; c && c->name; c++) add_constraint(d, c);
    if (o->index.name) add_index(d, &o->index);
    if (o->constraint.name) add_constraint(d, &o->constraint);
    add_text(d, "comment", o->comment);
    add_text(d, "sql", o->sql);
    add_text(d, "reverse_sql", o->reverse_sql);
    add_number(d, "concurrently", o->concurrently);
    add_number(d, "lossy", o->lossy);
    for (const corm_engine_sql *e = o->engines; e && e->engine; e++) {
        add_text(d, "engine", e->engine);
        add_text(d, "sql", e->sql);
        add_text(d, "reverse_sql", e->reverse_sql);
    }
    add_number(d, "run", o->run != NULL);
    add_number(d, "reverse", o->reverse == NULL ? 0 : o->reverse == corm_nothing_to_undo ? 1 : 2);
    add_list(d, "state", o->state);
    add_list(d, "database", o->database);
}

void corm__migration_checksum(const corm_migration *migration, char out[CORM_CHECKSUM_TEXT]) {
    digest d = { 14695981039346656037u };
    for (const corm_operation *o = migration->body->operations; o && o->kind; o++)
        add_operation(&d, o);
    add_number(&d, "outside_transaction", migration->body->outside_transaction);
    snprintf(out, CORM_CHECKSUM_TEXT, "%016" PRIx64, d.hash);
}
