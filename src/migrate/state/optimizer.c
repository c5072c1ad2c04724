/* Fewer operations with the same effect. Two operations that make one (or none) are merged when
 * what stands between them lets one of them move to the other: either the later one forwards, or
 * the earlier one back. That is asked of their footprints. It is done again until nothing changes
 * any more.
 *
 * What is merged into the creation of a table is computed by the state itself, on a state that
 * holds that table and stubs of those that it refers to: so that it is what running both would
 * give. */
#include "base/error.h"
#include "migrate/state/state.h"
#include "migrate/state/footprint.h"
#include "schema/sql_text.h"
#include <string.h>

typedef enum merge { APART, ONE, NONE_LEFT, OUT_OF_MEMORY } merge;

typedef struct item {
    corm_operation operation;
    corm_footprint footprint;
} item;

typedef struct optimizer {
    corm_arena *arena;
    item *items;
    size_t n;
} optimizer;

static bool same(const char *a, const char *b) { return a && b && strcmp(a, b) == 0; }

/* --- into the creation of a table --- */

static bool not_valid(const corm_operation *o) {
    return o->column.references.not_valid || o->constraint.not_valid;
}

/* A table of the columns that are referred to, so that the state finds them. */
static int add_stub(corm_state *state, const corm_column *columns, const corm_column *more,
                    const char *table) {
    size_t n = 0, room = 1;
    for (const corm_column *c = columns; c && c->name; c++) room++;
    corm_column *stubs = corm__arena_array(state->arena, room + 1, sizeof *stubs);
    if (!stubs) return CORM_ERROR_MEMORY;
    for (const corm_column *c = columns; c && c->name; c++)
        if (same(c->references.table, table))
            stubs[n++] = (corm_column){ c->references.column, .kind = CORM_BIGINT };
    if (more && same(more->references.table, table))
        stubs[n++] = (corm_column){ more->references.column, .kind = CORM_BIGINT };
    const corm_operation create = { .kind = CORM_CREATE_TABLE, .table = table, .columns = stubs };
    return corm__state_apply(state, &create, "", NULL, NULL, NULL);
}

static int add_stubs(corm_state *state, const corm_operation *create, const corm_operation *o) {
    const corm_column *more = o->column.name ? &o->column : NULL;
    int status = 0;
    for (const corm_column *c = create->columns; !status && c && c->name; c++)
        if (c->references.table && !same(c->references.table, create->table) &&
            !corm__state_find(state, c->references.table))
            status = add_stub(state, create->columns, more, c->references.table);
    const char *to = more ? more->references.table : NULL;
    if (!status && to && !same(to, create->table) && !corm__state_find(state, to))
        status = add_stub(state, create->columns, more, to);
    return status;
}

static int fold(optimizer *z, const corm_operation *create, const corm_operation *o,
                corm_operation *out) {
    corm_state state;
    if (corm__state_init(&state, z->arena, NULL)) return CORM_ERROR_MEMORY;
    int status = add_stubs(&state, create, o);
    if (!status) status = corm__state_apply(&state, create, "", NULL, NULL, NULL);
    if (!status) status = corm__state_apply(&state, o, "", NULL, NULL, NULL);
    const corm_table *table =
        status ? NULL
               : corm__state_find(&state, o->kind == CORM_RENAME_TABLE ? o->new_name : o->table);
    if (table) {
        *out = *create;
        out->table = table->name;
        out->columns = table->columns;
        out->primary_key = table->primary_key;
        out->indexes = table->indexes;
        out->constraints = table->constraints;
        out->comment = table->comment;
    }
    corm__state_release(&state);
    return status ? status : table ? 0 : CORM_ERROR_MIGRATION;
}

static merge into_create(optimizer *z, const corm_operation *a, const corm_operation *b,
                         corm_operation *out) {
    if (b->kind == CORM_DELETE_TABLE) return NONE_LEFT;
    if (b->kind == CORM_CREATE_TABLE || b->kind == CORM_VALIDATE_CONSTRAINT || not_valid(b))
        return APART;
    int status = fold(z, a, b, out);
    return status == CORM_ERROR_MEMORY ? OUT_OF_MEMORY : status ? APART : ONE;
}

/* --- columns --- */

static bool textual(corm_kind kind) { return kind == CORM_VARCHAR || kind == CORM_TEXT; }
static bool whole(corm_kind kind) {
    return kind == CORM_SMALLINT || kind == CORM_INTEGER || kind == CORM_BIGINT;
}
/* Whatever can be converted to the one can be converted to the other. */
static bool same_family(const corm_column *a, const corm_column *b) {
    return (a->kind == b->kind && a->element == b->element) ||
           (textual(a->kind) && textual(b->kind)) || (whole(a->kind) && whole(b->kind));
}

/* What rows got when the column was added: the one-off value, or else the default. */
static merge add_then_alter(const corm_operation *a, const corm_operation *b, corm_operation *out) {
    const corm_default *got = a->fill.kind ? &a->fill : &a->column.default_value;
    if (b->column.generated || a->column.generated || a->column.kind == CORM_IDENTITY ||
        b->column.kind == CORM_IDENTITY)
        return APART;
    if (got->kind && !corm__column_same_type(&a->column, &b->column)) return APART;
    *out = *a;
    out->column = b->column;
    out->fill = got->kind ? *got : b->fill;
    if (!a->fill.kind && got->kind && corm__default_equal(got, &b->column.default_value))
        out->fill = a->fill;
    return ONE;
}

static merge alter_twice(const corm_operation *a, const corm_operation *b, corm_operation *out) {
    bool typed = corm__column_same_type(&a->column, &b->column);
    if (!same_family(&a->column, &b->column) || (!typed && (a->fill.kind || b->fill.kind)))
        return APART;
    *out = *b;
    if (a->fill.kind) out->fill = a->fill;
    return ONE;
}

static merge columns(const corm_operation *a, const corm_operation *b, corm_operation *out) {
    const char *name = a->kind == CORM_RENAME_COLUMN ? a->new_name : a->column.name;
    bool to_itself = same(a->column.references.table, a->table);
    if (a->primary_key || b->primary_key) return APART;
    switch (b->kind) {
    case CORM_REMOVE_COLUMN:
        if (!same(b->name, name)) return APART;
        if (a->kind == CORM_ADD_COLUMN) return NONE_LEFT;
        *out = *b;
        out->name = a->kind == CORM_RENAME_COLUMN ? a->name : b->name;
        return ONE;
    case CORM_ALTER_COLUMN:
        if (!same(b->column.name, name) || a->kind == CORM_RENAME_COLUMN || not_valid(a) ||
            not_valid(b) || a->engines || b->engines)
            return APART;
        return a->kind == CORM_ADD_COLUMN ? add_then_alter(a, b, out) : alter_twice(a, b, out);
    case CORM_RENAME_COLUMN:
        if (!same(b->name, name) || a->kind == CORM_ALTER_COLUMN || to_itself) return APART;
        if (a->kind == CORM_RENAME_COLUMN && same(a->name, b->new_name)) return NONE_LEFT;
        *out = *a;
        if (a->kind == CORM_RENAME_COLUMN)
            out->new_name = b->new_name;
        else
            out->column.name = b->new_name;
        return ONE;
    default: return APART;
    }
}

/* --- indexes and constraints: what is added, renamed, altered, removed by name --- */

static bool adds(corm_operation_kind kind) {
    return kind == CORM_ADD_INDEX || kind == CORM_ADD_CONSTRAINT;
}
static bool alters(corm_operation_kind kind) {
    return kind == CORM_ALTER_INDEX || kind == CORM_ALTER_CONSTRAINT;
}
static bool removes(corm_operation_kind kind) {
    return kind == CORM_REMOVE_INDEX || kind == CORM_REMOVE_CONSTRAINT;
}
static bool renames(corm_operation_kind kind) {
    return kind == CORM_RENAME_INDEX || kind == CORM_RENAME_CONSTRAINT;
}
static bool of_index(corm_operation_kind kind) {
    return kind == CORM_ADD_INDEX || kind == CORM_ALTER_INDEX || kind == CORM_REMOVE_INDEX ||
           kind == CORM_RENAME_INDEX;
}

static merge named(const corm_operation *a, const corm_operation *b, corm_operation *out) {
    bool index = of_index(a->kind);
    if (index != of_index(b->kind) || adds(b->kind) || removes(a->kind)) return APART;
    const char *has = renames(a->kind) ? a->new_name : index ? a->index.name : a->constraint.name;
    const char *wants = alters(b->kind) ? (index ? b->index.name : b->constraint.name) : b->name;
    if (!same(has, wants)) return APART;
    if (removes(b->kind)) {
        if (adds(a->kind)) return NONE_LEFT;
        *out = *b;
        if (renames(a->kind)) out->name = a->name;
        return ONE;
    }
    *out = *a;
    if (alters(b->kind)) {
        if (renames(a->kind)) return APART;
        out->index = b->index;
        out->constraint = b->constraint;
    } else if (renames(a->kind)) {
        out->new_name = b->new_name;
        if (same(a->name, b->new_name)) return NONE_LEFT;
    } else if (alters(a->kind)) {
        return APART;
    } else if (index) {
        out->index.name = b->new_name;
    } else {
        out->constraint.name = b->new_name;
    }
    return ONE;
}

static bool is_named(corm_operation_kind kind) {
    return adds(kind) || alters(kind) || removes(kind) || renames(kind);
}
static bool is_column(corm_operation_kind kind) {
    return kind == CORM_ADD_COLUMN || kind == CORM_ALTER_COLUMN || kind == CORM_RENAME_COLUMN ||
           kind == CORM_REMOVE_COLUMN;
}

/* --- pairs --- */

static merge rename_tables(const corm_operation *a, const corm_operation *b, corm_operation *out) {
    if (b->kind != CORM_RENAME_TABLE && b->kind != CORM_DELETE_TABLE) return APART;
    if (b->kind == CORM_RENAME_TABLE && same(a->table, b->new_name)) return NONE_LEFT;
    *out = *b;
    out->table = a->table;
    return ONE;
}

static merge try_merge(optimizer *z, const corm_operation *a, const corm_operation *b,
                       corm_operation *out) {
    if (a->kind == CORM_RENAME_TABLE) return rename_tables(a, b, out);
    if (a->kind == CORM_DELETE_TABLE) return APART;
    if (a->kind == CORM_CREATE_TABLE) return into_create(z, a, b, out);
    if (b->kind == CORM_DELETE_TABLE) {
        *out = *b;
        return ONE;
    }
    if (is_column(a->kind) && is_column(b->kind)) return columns(a, b, out);
    if (is_named(a->kind) && is_named(b->kind)) return named(a, b, out);
    if (a->kind != b->kind || (a->kind != CORM_ALTER_COMMENT && a->kind != CORM_ALTER_PRIMARY_KEY))
        return APART;
    *out = *b;
    return ONE;
}

/* --- the list --- */

static bool can_meet(const optimizer *z, size_t i, size_t k, bool *at_later) {
    bool earlier = true, later = true; /* k can move to i; i can move to k */
    for (size_t m = i + 1; m < k && (earlier || later); m++) {
        earlier =
            earlier && !corm__footprints_conflict(&z->items[m].footprint, &z->items[k].footprint);
        later = later && !corm__footprints_conflict(&z->items[i].footprint, &z->items[m].footprint);
    }
    *at_later = !earlier;
    return earlier || later;
}

static void remove_item(optimizer *z, size_t i) {
    memmove(&z->items[i], &z->items[i + 1], (--z->n - i) * sizeof *z->items);
}

static bool is_related(const corm_operation *a, const corm_operation *b) {
    if ((int)a->kind > CORM_LAST_TABLE_CHANGE || (int)b->kind > CORM_LAST_TABLE_CHANGE)
        return false;
    return same(a->kind == CORM_RENAME_TABLE ? a->new_name : a->table, b->table);
}

/* Merges the item at i with one behind it: 1, 0 when there is none, or a status. */
static int reduce(optimizer *z, size_t i) {
    for (size_t k = i + 1; k < z->n; k++) {
        item merged = { 0 };
        bool at_later;
        const corm_operation *a = &z->items[i].operation, *b = &z->items[k].operation;
        if (!is_related(a, b) || !can_meet(z, i, k, &at_later)) continue;
        merge how = try_merge(z, a, b, &merged.operation);
        if (how == OUT_OF_MEMORY) return CORM_ERROR_MEMORY;
        if (how == APART) continue;
        if (how == ONE && corm__footprint(&merged.operation, true, z->arena, &merged.footprint))
            return CORM_ERROR_MEMORY;
        if (how == ONE) z->items[at_later ? k : i] = merged;
        if (how == NONE_LEFT || !at_later) remove_item(z, k);
        if (how == NONE_LEFT || at_later) remove_item(z, i);
        return 1;
    }
    return 0;
}

static int optimize(optimizer *z) {
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < z->n;) {
            int merged = reduce(z, i);
            if (merged < 0) return merged;
            again |= merged;
            i += !merged;
        }
    }
    return 0;
}

static bool is_dropped(const corm_operation *o) {
    return o->elidable && (o->kind == CORM_RUN_SQL || o->kind == CORM_RUN_C) &&
           !(o->state && o->state->kind);
}

int corm__optimize(const corm_operation *operations, size_t n, bool elide, corm_arena *arena,
                   corm_operation **out, size_t *n_out, corm_error_info *error) {
    optimizer z = { .arena = arena, .items = corm__arena_array(arena, n + 1, sizeof *z.items) };
    if (!z.items) return corm__fail_memory(error);
    for (size_t i = 0; i < n; i++) {
        if (elide && is_dropped(&operations[i])) continue;
        z.items[z.n].operation = operations[i];
        if (corm__footprint(&operations[i], true, arena, &z.items[z.n++].footprint))
            return corm__fail_memory(error);
    }
    if (optimize(&z) || corm__comparison_failed()) return corm__fail_memory(error);
    *out = corm__arena_array(arena, z.n + 1, sizeof **out);
    if (!*out) return corm__fail_memory(error);
    for (size_t i = 0; i < z.n; i++) (*out)[i] = z.items[i].operation;
    *n_out = z.n;
    return 0;
}
