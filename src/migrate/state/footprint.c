/* Two operations may change places when nothing that one writes is read or written by the other.
 * What is not known (SQL of one's own, C) touches everything. What an index or a constraint that is
 * only named stands on is not known either: any column that is there. */
#include "migrate/state/footprint.h"
#include "base/ascii.h"
#include "schema/schema.h"
#include "schema/sql_text.h"
#include <string.h>

/* Filled twice: counted first, then written. */
typedef struct collector {
    corm_touch *touches;
    size_t n;
    const char *table;
    bool ordered;
} collector;

static void put(collector *c, corm_touch touch) {
    if (c->touches) c->touches[c->n] = touch;
    c->n++;
}

static void touch_part(collector *c, corm_touch_kind kind, corm_touch_mode mode, const char *part) {
    put(c, (corm_touch){ kind, mode, c->table, part, part ? strlen(part) : 0 });
}

static void touch_table(collector *c, corm_touch_mode mode, const char *table) {
    put(c, (corm_touch){ .kind = CORM_TOUCH_TABLE, .mode = mode, .table = table });
}

static void read_sql(collector *c, const char *sql) {
    if (sql && *sql) touch_part(c, CORM_TOUCH_COLUMN, CORM_TOUCH_SQL, sql);
}

static void read_names(collector *c, const char *names) {
    const char *name;
    size_t length;
    for (size_t i = 0; (name = corm__names_item(names, i, &length, NULL)); i++)
        put(c, (corm_touch){ CORM_TOUCH_COLUMN, CORM_TOUCH_READ, c->table, name, length });
}

/* What a column stands on beside itself. */
static void touch_column(collector *c, const corm_column *column) {
    const corm_reference *to = &column->references;
    read_sql(c, column->generated);
    if (column->default_value.kind == CORM_DEFAULT_SQL) read_sql(c, column->default_value.text);
    if (!to->table) return;
    touch_table(c, CORM_TOUCH_READ, to->table);
    if (c->ordered)
        put(c,
            (corm_touch){ .kind = CORM_TOUCH_UNIQUE, .mode = CORM_TOUCH_READ, .table = to->table });
    if (to->column)
        put(c, (corm_touch){ CORM_TOUCH_COLUMN, CORM_TOUCH_READ, to->table, to->column,
                             strlen(to->column) });
    if (to->name) touch_part(c, CORM_TOUCH_NAME, CORM_TOUCH_WRITE, to->name);
}

static void touch_index(collector *c, const corm_index *index) {
    touch_part(c, CORM_TOUCH_NAME, CORM_TOUCH_WRITE, index->name);
    read_names(c, index->columns);
    read_names(c, index->include);
    read_sql(c, index->expression);
    read_sql(c, index->where);
}

static void touch_constraint(collector *c, const corm_constraint *constraint) {
    touch_part(c, CORM_TOUCH_NAME, CORM_TOUCH_WRITE, constraint->name);
    read_names(c, constraint->columns);
    read_names(c, constraint->include);
    read_sql(c, constraint->check);
    read_sql(c, constraint->elements);
    read_sql(c, constraint->where);
}

static void touch_lists(collector *c, const corm_operation *o) {
    for (const corm_column *column = o->columns; column && column->name; column++)
        touch_column(c, column);
    for (const corm_index *index = o->indexes; index && index->name; index++) touch_index(c, index);
    for (const corm_constraint *constraint = o->constraints; constraint && constraint->name;
         constraint++)
        touch_constraint(c, constraint);
}

/* An index or a constraint that is named only. */
static void touch_named(collector *c, const corm_operation *o) {
    if (o->name) touch_part(c, CORM_TOUCH_NAME, CORM_TOUCH_WRITE, o->name);
    if (o->new_name) touch_part(c, CORM_TOUCH_NAME, CORM_TOUCH_WRITE, o->new_name);
    touch_part(c, CORM_TOUCH_COLUMN, CORM_TOUCH_READ, NULL);
}

static void touch_order(collector *c, const corm_operation *o) {
    bool drops = o->kind == CORM_DELETE_TABLE || o->kind == CORM_REMOVE_COLUMN;
    if (drops || o->kind == CORM_ALTER_COLUMN)
        put(c, (corm_touch){ .kind = CORM_TOUCH_REFERENCES, .mode = CORM_TOUCH_ADD });
    if (drops) put(c, (corm_touch){ .kind = CORM_TOUCH_REFERENCES, .mode = CORM_TOUCH_READ });
    switch (o->kind) {
    case CORM_ADD_INDEX:
    case CORM_REMOVE_INDEX:
    case CORM_ALTER_INDEX:
    case CORM_ADD_CONSTRAINT:
    case CORM_REMOVE_CONSTRAINT:
    case CORM_ALTER_CONSTRAINT:
    case CORM_ALTER_PRIMARY_KEY: touch_part(c, CORM_TOUCH_UNIQUE, CORM_TOUCH_ADD, NULL); return;
    case CORM_CREATE_EXTENSION:
    case CORM_REMOVE_EXTENSION:
        put(c, (corm_touch){ .kind = CORM_TOUCH_EVERYTHING, .mode = CORM_TOUCH_WRITE });
        return;
    default: return;
    }
}

static void collect(collector *c, const corm_operation *o) {
    if (c->ordered) touch_order(c, o);
    if (o->kind >= CORM_CREATE_TABLE && (int)o->kind <= CORM_LAST_TABLE_CHANGE) {
        bool whole = o->kind == CORM_CREATE_TABLE || o->kind == CORM_DELETE_TABLE ||
                     o->kind == CORM_RENAME_TABLE;
        touch_table(c, whole ? CORM_TOUCH_WRITE : CORM_TOUCH_READ, o->table);
    }
    if (o->fill.kind == CORM_DEFAULT_SQL) read_sql(c, o->fill.text);
    for (const corm_engine_sql *e = o->kind != CORM_RUN_SQL ? o->engines : NULL; e && e->engine;
         e++)
        read_sql(c, e->sql);
    if ((o->kind == CORM_ADD_COLUMN || o->kind == CORM_REMOVE_COLUMN) && o->primary_key) {
        touch_part(c, CORM_TOUCH_KEY, CORM_TOUCH_WRITE, NULL);
        read_names(c, o->primary_key);
    }
    switch (o->kind) {
    case CORM_CREATE_TABLE: touch_lists(c, o); return;
    case CORM_DELETE_TABLE: return;
    case CORM_RENAME_TABLE: touch_table(c, CORM_TOUCH_WRITE, o->new_name); return;
    case CORM_ADD_COLUMN:
    case CORM_ALTER_COLUMN:
        touch_part(c, CORM_TOUCH_COLUMN,
                   o->kind == CORM_ADD_COLUMN ? CORM_TOUCH_ADD : CORM_TOUCH_WRITE, o->column.name);
        touch_column(c, &o->column);
        return;
    case CORM_REMOVE_COLUMN: touch_part(c, CORM_TOUCH_COLUMN, CORM_TOUCH_WRITE, o->name); return;
    case CORM_RENAME_COLUMN:
        touch_part(c, CORM_TOUCH_COLUMN, CORM_TOUCH_WRITE, o->name);
        touch_part(c, CORM_TOUCH_COLUMN, CORM_TOUCH_WRITE, o->new_name);
        return;
    case CORM_ADD_INDEX:
    case CORM_ALTER_INDEX: touch_index(c, &o->index); return;
    case CORM_ADD_CONSTRAINT:
    case CORM_ALTER_CONSTRAINT: touch_constraint(c, &o->constraint); return;
    case CORM_REMOVE_INDEX:
    case CORM_RENAME_INDEX:
    case CORM_REMOVE_CONSTRAINT:
    case CORM_RENAME_CONSTRAINT: touch_named(c, o); return;
    case CORM_ALTER_COMMENT: touch_part(c, CORM_TOUCH_COMMENT, CORM_TOUCH_WRITE, NULL); return;
    case CORM_ALTER_PRIMARY_KEY:
        touch_part(c, CORM_TOUCH_KEY, CORM_TOUCH_WRITE, NULL);
        touch_part(c, CORM_TOUCH_COLUMN, CORM_TOUCH_READ, NULL);
        read_names(c, o->primary_key);
        return;
    case CORM_VALIDATE_CONSTRAINT: touch_part(c, CORM_TOUCH_COLUMN, CORM_TOUCH_WRITE, NULL); return;
    case CORM_CREATE_EXTENSION:
    case CORM_REMOVE_EXTENSION:
        put(c, (corm_touch){ CORM_TOUCH_EXTENSION, CORM_TOUCH_WRITE, NULL, o->name,
                             o->name ? strlen(o->name) : 0 });
        return;
    case CORM_RUN_SQL:
    case CORM_RUN_C:
    case CORM_SEPARATE: break;
    }
    put(c, (corm_touch){ .kind = CORM_TOUCH_EVERYTHING, .mode = CORM_TOUCH_WRITE });
}

int corm__footprint(const corm_operation *operation, bool ordered, corm_arena *arena,
                    corm_footprint *out) {
    collector c = { .table = operation->table, .ordered = ordered };
    collect(&c, operation);
    *out = (corm_footprint){ corm__arena_array(arena, c.n, sizeof *out->touches), c.n };
    if (!out->touches) return CORM_ERROR_MEMORY;
    c = (collector){ .touches = out->touches, .table = operation->table, .ordered = ordered };
    collect(&c, operation);
    return 0;
}

/* --- comparing --- */

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}
static bool same_part(const corm_touch *a, const corm_touch *b) {
    return a->length == b->length && (!a->length || memcmp(a->part, b->part, a->length) == 0);
}

static bool mentions(const char *sql, const corm_touch *column) {
    for (corm_token token; (token = corm__token_next(&sql)).kind != CORM_TOKEN_END;) {
        bool quoted = token.kind == CORM_TOKEN_QUOTED && token.length >= 2;
        if (token.kind != CORM_TOKEN_WORD && !quoted) continue;
        if (token.length - 2 * quoted == column->length &&
            corm__compare_nocase_n(token.start + quoted, column->part, column->length) == 0)
            return true;
    }
    return false;
}

static bool writes(const corm_touch *t) {
    return t->mode == CORM_TOUCH_ADD || t->mode == CORM_TOUCH_WRITE;
}

static bool columns_conflict(const corm_touch *a, const corm_touch *b) {
    if (!writes(a)) { /* the one that writes first */
        const corm_touch *other = a;
        a = b;
        b = other;
    }
    if (!writes(a)) return false;
    if (b->mode == CORM_TOUCH_SQL) return !a->part || mentions(b->part, a);
    if (!a->part || !b->part) return a->mode == CORM_TOUCH_WRITE || b->mode == CORM_TOUCH_WRITE;
    return same_part(a, b);
}

static bool conflict(const corm_touch *a, const corm_touch *b) {
    if (a->kind == CORM_TOUCH_EVERYTHING || b->kind == CORM_TOUCH_EVERYTHING) return true;
    if (a->kind == CORM_TOUCH_NAME || b->kind == CORM_TOUCH_NAME ||
        a->kind == CORM_TOUCH_EXTENSION || b->kind == CORM_TOUCH_EXTENSION)
        return a->kind == b->kind && same_part(a, b);
    if (!same_text(a->table, b->table)) return false;
    if (a->kind == CORM_TOUCH_REFERENCES || a->kind == CORM_TOUCH_UNIQUE)
        return a->kind == b->kind && a->mode != b->mode;
    if (a->kind == CORM_TOUCH_TABLE || b->kind == CORM_TOUCH_TABLE)
        return (a->kind == CORM_TOUCH_TABLE && a->mode == CORM_TOUCH_WRITE) ||
               (b->kind == CORM_TOUCH_TABLE && b->mode == CORM_TOUCH_WRITE);
    if (a->kind != b->kind) return false;
    return a->kind == CORM_TOUCH_COLUMN ? columns_conflict(a, b) : true;
}

const corm_touch *corm__footprints_conflict(const corm_footprint *a, const corm_footprint *b) {
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (conflict(&a->touches[i], &b->touches[k]))
                return b->touches[k].kind == CORM_TOUCH_EVERYTHING ? &b->touches[k]
                                                                   : &a->touches[i];
    return NULL;
}
