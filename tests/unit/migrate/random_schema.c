#include "random_schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "schema/sql_text.h"

enum { FILL_MARK = 9, ROOM = 16 };

typedef struct world {
    corm_arena *arena;
    const corm_features *has;
    const char *const *collations;
    uint64_t state;
    corm_table tables[RANDOM_TABLES + 1];
    size_t n;
    random_lineage columns[RANDOM_TABLES * 32], were[RANDOM_TABLES];
    size_t n_columns, n_were;
    unsigned names, n_words; /* given so far */
} world;

static unsigned roll(world *w, unsigned n) {
    w->state = w->state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(w->state >> 33) % n;
}
static bool one_in(world *w, unsigned n) { return roll(w, n) == 0; }

#define TEXT_OF(w, ...) corm__arena_printf((w)->arena, __VA_ARGS__)

static const char *fresh(world *w, const char *prefix) {
    return TEXT_OF(w, "%s%u", prefix, w->names++);
}

/* A column's: now and then a word that SQL keeps for itself, or one with capitals. */
static const char *fresh_column(world *w) {
    static const char *const words[] = { "order", "group", "select", "user",  "table", "where",
                                         "from",  "to",    "check",  "limit", "key",   "index" };
    if (one_in(w, 6) && w->n_words < sizeof words / sizeof *words) return words[w->n_words++];
    return fresh(w, one_in(w, 8) ? "C" : "c");
}

/* As it has to stand in SQL. */
static const char *sql_name(world *w, const char *name) {
    return corm__identifier_is_plain(name) ? name : TEXT_OF(w, "\"%s\"", name);
}

/* --- values --- */

static bool is_number(corm_kind k) {
    return k == CORM_IDENTITY || k == CORM_SMALLINT || k == CORM_INTEGER || k == CORM_BIGINT ||
           k == CORM_DECIMAL || k == CORM_DOUBLE_PRECISION;
}
static bool is_text(corm_kind k) { return k == CORM_VARCHAR || k == CORM_TEXT; }
static bool is_whole(corm_kind k) {
    return k == CORM_IDENTITY || k == CORM_SMALLINT || k == CORM_INTEGER || k == CORM_BIGINT;
}
/* Three rows have three values of it, and it can be in an index on every engine. */
static bool can_be_key(const corm_column *c) {
    return (is_number(c->kind) && c->kind != CORM_DOUBLE_PRECISION) || c->kind == CORM_VARCHAR ||
           c->kind == CORM_DATE || c->kind == CORM_UUID;
}

corm_value random_value(const corm_column *c, int64_t mark) {
    static const char *const texts[] = {
        "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9"
    };
    corm_value v = { .kind = c->kind };
    switch (c->kind) {
    case CORM_IDENTITY:
    case CORM_SMALLINT:
    case CORM_INTEGER:
    case CORM_BIGINT: v.integer = mark; break;
    case CORM_DOUBLE_PRECISION: v.real = (double)mark; break;
    case CORM_DECIMAL:
        corm_decimal_rescale(corm_decimal_of(mark, 0), c->places, false, &v.decimal);
        break;
    case CORM_VARCHAR:
    case CORM_TEXT: v.text = texts[mark]; break;
    case CORM_BOOLEAN: v.boolean = mark % 2; break;
    case CORM_DATE: v.date = (corm_date){ 20453 + (int32_t)mark }; break;
    case CORM_TIMESTAMP: v.timestamp = (corm_timestamp){ mark * 1000000 }; break;
    case CORM_UUID: v.uuid.bytes[15] = (uint8_t)mark; break;
    default: v.kind = CORM_NULL;
    }
    return v;
}

corm_default random_fill(const corm_column *c) {
    if (c->references.table)
        return is_number(c->kind) ? (corm_default)CORM_DEFAULT(1)
                                  : (corm_default)CORM_DEFAULT("r1");
    switch (c->kind) {
    case CORM_BOOLEAN: return (corm_default)CORM_DEFAULT(1);
    case CORM_DATE: return (corm_default)CORM_DEFAULT("2026-01-09");
    case CORM_TIMESTAMP: return (corm_default)CORM_DEFAULT("1970-01-01 00:00:09");
    case CORM_UUID: return (corm_default)CORM_DEFAULT("00000000-0000-0000-0000-000000000009");
    default: break;
    }
    return is_text(c->kind) ? (corm_default)CORM_DEFAULT("r9")
                            : (corm_default)CORM_DEFAULT(FILL_MARK);
}

/* --- columns --- */

static void random_kind(world *w, corm_column *c, bool text) {
    static const corm_kind numbers[] = { CORM_SMALLINT, CORM_INTEGER, CORM_BIGINT, CORM_DECIMAL,
                                         CORM_DOUBLE_PRECISION };
    c->kind = text ? (one_in(w, 2) ? CORM_TEXT : CORM_VARCHAR) : numbers[roll(w, 5)];
    c->max_length = c->kind == CORM_VARCHAR ? 20 + (int)roll(w, 3) * 10 : 0;
    c->digits = c->kind == CORM_DECIMAL ? 6 + (int)roll(w, 3) : 0;
    c->places = c->kind == CORM_DECIMAL ? (int)roll(w, 3) : 0;
    c->collation = text && one_in(w, 4) ? w->collations[roll(w, 2)] : NULL;
}

static const char *random_comment(world *w) {
    return one_in(w, 5) ? (one_in(w, 2) ? "of all" : "it's \"one\"\nof two") : NULL;
}

static corm_column random_column(world *w) {
    static const corm_kind others[] = { CORM_BOOLEAN, CORM_DATE, CORM_TIMESTAMP, CORM_UUID };
    corm_column c = { .name = fresh_column(w), .null = one_in(w, 2), .comment = random_comment(w) };
    unsigned family = roll(w, 5);
    if (family < 4)
        random_kind(w, &c, family >= 2);
    else
        c.kind = others[roll(w, 4)];
    if (one_in(w, 3)) c.default_value = random_fill(&c);
    return c;
}

static const corm_table *table_of(const world *w, const char *name) {
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->tables[i].name, name) == 0) return &w->tables[i];
    return NULL;
}

static bool has_one_name(const char *names) { return names && corm__names_count(names) == 1; }

/* The column that others refer to; NULL: there is none. */
static const corm_column *key_of(const corm_table *t) {
    return has_one_name(t->primary_key) ? corm__column_find(t, t->primary_key) : NULL;
}

static bool has_rows(const world *w, const char *table) {
    for (size_t i = 0; i < w->n_were; i++)
        if (strcmp(w->were[i].table, table) == 0) return true;
    return false;
}

/* Makes c a foreign key to the table; false when that has no key of one column. */
static bool refer(world *w, corm_column *c, const corm_table *to) {
    static const corm_on_delete actions[] = { CORM_NO_ACTION, CORM_CASCADE, CORM_RESTRICT,
                                              CORM_CASCADE };
    const corm_column *key = key_of(to);
    if (!key) return false;
    c->kind = key->kind == CORM_IDENTITY ? CORM_BIGINT : key->kind;
    c->max_length = key->max_length;
    c->digits = key->digits;
    c->places = key->places;
    c->collation = key->collation;
    c->default_value = (corm_default){ 0 };
    c->generated = NULL;
    c->references = (corm_reference){ .table = to->name,
                                      .column = key->name,
                                      .on_delete = actions[roll(w, 4)] };
    if (c->null && one_in(w, 3)) c->references.on_delete = CORM_SET_NULL;
    c->references.deferrable = w->has->deferrable_foreign_keys && one_in(w, 4);
    return true;
}

static const corm_column *random_of(world *w, const corm_table *t,
                                    bool (*fits)(const corm_column *)) {
    size_t n = corm__column_count(t), start = roll(w, (unsigned)n);
    for (size_t i = 0; i < n; i++) {
        const corm_column *c = &t->columns[(start + i) % n];
        if (fits(c)) return c;
    }
    return NULL;
}

static bool is_source(const corm_column *c) {
    return is_whole(c->kind) && c->kind != CORM_IDENTITY && strcmp(c->name, "id") != 0 &&
           !(c->generated && *c->generated) && !c->references.table;
}

static corm_column random_generated(world *w, const corm_table *t) {
    const corm_column *source = random_of(w, t, is_source);
    corm_column c = {
        .name = fresh(w, "g"), .kind = CORM_BIGINT, .null = true, .comment = random_comment(w)
    };
    c.generated = TEXT_OF(w, one_in(w, 2) ? "%s * 2" : "%s + 1", sql_name(w, source->name));
    return c;
}

/* --- lineage --- */

static random_lineage *lineage_of(world *w, const char *table, const char *column) {
    for (size_t i = 0; i < w->n_columns; i++)
        if (strcmp(w->columns[i].table, table) == 0 && strcmp(w->columns[i].column, column) == 0)
            return &w->columns[i];
    return NULL;
}

static void forget(world *w, const char *table, const char *column) {
    for (size_t i = w->n_columns; i-- > 0;)
        if (strcmp(w->columns[i].table, table) == 0 &&
            (!column || strcmp(w->columns[i].column, column) == 0))
            w->columns[i] = w->columns[--w->n_columns];
}

/* --- indexes and constraints --- */

static bool can_index(const corm_column *c) {
    return can_be_key(c) || c->kind == CORM_BOOLEAN || c->kind == CORM_TIMESTAMP;
}
/* MariaDB takes no condition on a column that a foreign key sets to NULL, and none on what it
 * counts itself, as an id may come to be. */
static bool can_check(const corm_column *c) {
    return c->references.on_delete != CORM_SET_NULL && c->kind != CORM_IDENTITY &&
           strcmp(c->name, "id") != 0;
}
static bool is_marked_number(const corm_column *c) { return is_number(c->kind) && can_check(c); }

/* Whether all rows that are there differ in it. */
static bool is_distinct(world *w, const corm_table *t, const corm_column *c) {
    if (!can_be_key(c) || (c->generated && *c->generated)) return false;
    if (c->references.table && !c->null) return false;
    random_lineage *was = lineage_of(w, t->name, c->name);
    return !has_rows(w, t->name) || was || (c->null && !c->default_value.kind);
}

static corm_index random_index(world *w, const corm_table *t) {
    const corm_column *a = random_of(w, t, can_index), *b = random_of(w, t, can_index),
                      *number = random_of(w, t, is_marked_number);
    corm_index i = { .name = fresh(w, "i") };
    bool expression = w->has->expression_indexes && one_in(w, 5);
    if (expression)
        i.expression = TEXT_OF(w, "%s + 1", sql_name(w, number->name));
    else
        i.columns =
            a == b ? a->name
                   : TEXT_OF(w, "%s%s, %s", a->name,
                             w->has->descending_indexes && one_in(w, 3) ? " desc" : "", b->name);
    if (w->has->partial_indexes && one_in(w, 4))
        i.where = TEXT_OF(w, "%s > %u", sql_name(w, number->name), roll(w, 2));
    i.unique = !expression && one_in(w, 3) && is_distinct(w, t, a);
    if (w->has->include_columns && !expression && one_in(w, 5) &&
        !corm__names_have(i.columns, "mark"))
        i.include = "mark";
    return i;
}

/* PostgreSQL makes one of two that say the same. */
static bool says_again(const corm_table *t, const char *columns) {
    if (t->primary_key && strcmp(t->primary_key, columns) == 0) return true;
    for (const corm_constraint *c = t->constraints; c && c->name; c++)
        if (c->columns && strcmp(c->columns, columns) == 0) return true;
    return false;
}

static corm_constraint random_constraint(world *w, const corm_table *t) {
    const corm_column *a = random_of(w, t, can_be_key), *b = random_of(w, t, can_be_key),
                      *number = random_of(w, t, is_marked_number);
    corm_constraint c = { .name = fresh(w, "k") };
    const char *columns = a == b || one_in(w, 2) ? a->name : TEXT_OF(w, "%s, %s", a->name, b->name);
    if (one_in(w, 2) || !is_distinct(w, t, a) || says_again(t, columns)) {
        c.kind = CORM_CONSTRAINT_CHECK;
        c.check = one_in(w, 2) || !can_check(a)
                      ? TEXT_OF(w, "%s >= 0", sql_name(w, number->name))
                      : TEXT_OF(w, "%s > 0 OR %s IS NULL", sql_name(w, number->name),
                                sql_name(w, a->name));
        return c;
    }
    c.kind = CORM_CONSTRAINT_UNIQUE;
    c.columns = columns;
    c.deferrable = w->has->deferrable_unique && one_in(w, 4);
    if (w->has->nulls_not_distinct && one_in(w, 4) && lineage_of(w, t->name, a->name))
        c.nulls_not_distinct = true;
    if (w->has->include_columns && one_in(w, 5) && !corm__names_have(c.columns, "mark"))
        c.include = "mark";
    return c;
}

static void add_parts(world *w, corm_table *t, unsigned most) {
    for (unsigned i = roll(w, most + 1); i > 0; i--) {
        if (one_in(w, 2)) {
            corm_index index = random_index(w, t);
            *t = *corm__table_with_index(w->arena, t, &index);
        } else {
            corm_constraint constraint = random_constraint(w, t);
            *t = *corm__table_with_constraint(w->arena, t, &constraint);
        }
    }
}

static bool index_mentions(const corm_index *i, const char *column) {
    return corm__names_have(i->columns, column) || corm__names_have(i->include, column) ||
           corm__sql_mentions(i->expression, column) || corm__sql_mentions(i->where, column);
}

/* Takes away what a column that goes, or is another one, cannot leave behind. keep: parts that stay
 * true of the other one stay. */
static void drop_mentions(world *w, corm_table *t, const char *column, bool keep) {
    const corm_table was = *t;
    for (const corm_index *i = was.indexes; i && i->name; i++)
        if (index_mentions(i, column) && !(keep && !i->unique && !i->expression && !i->where))
            *t = *corm__table_without_index(w->arena, t, i->name);
    for (const corm_constraint *c = was.constraints; c && c->name; c++)
        if (corm__names_have(c->columns, column) || corm__sql_mentions(c->check, column))
            *t = *corm__table_without_constraint(w->arena, t, c->name);
    for (const corm_column *c = was.columns; c->name; c++) {
        if (!c->generated || !corm__sql_mentions(c->generated, column) ||
            strcmp(c->name, column) == 0)
            continue;
        drop_mentions(w, t, c->name, false);
        *t = *corm__table_without_column(w->arena, t, c->name);
        forget(w, t->name, c->name);
    }
}

static void remove_column(world *w, corm_table *t, const char *column) {
    drop_mentions(w, t, column, false);
    *t = *corm__table_without_column(w->arena, t, column);
    forget(w, t->name, column);
}

/* --- the first schema --- */

/* It may refer to itself and to tables that are there. */
static void add_table(world *w) {
    corm_table *t = &w->tables[w->n];
    corm_column *c = corm__arena_array(w->arena, ROOM, sizeof *c);
    size_t n = 0;
    *t = (corm_table){ .name = fresh(w, "t"),
                       .app = app_names[roll(w, RANDOM_APPS)],
                       .primary_key = "id",
                       .columns = c,
                       .comment = random_comment(w) };
    t->model = TEXT_OF(w, "M%s", t->name);
    c[n++] = (corm_column){ "mark", .kind = CORM_BIGINT };
    switch (roll(w, 6)) {
    case 0: c[n++] = (corm_column){ "id", .kind = CORM_BIGINT }; break;
    case 1: c[n++] = (corm_column){ "id", .kind = CORM_INTEGER }; break;
    case 2: c[n++] = (corm_column){ "id", .kind = CORM_VARCHAR, .max_length = 20 }; break;
    case 3:
        t->primary_key = "mark, part";
        c[n++] = (corm_column){ "part", .kind = CORM_INTEGER };
        break;
    default: c[n++] = (corm_column){ "id", .kind = CORM_IDENTITY }; break;
    }
    for (unsigned i = roll(w, 6); i > 0; i--) c[n++] = random_column(w);
    w->n++;
    for (unsigned i = roll(w, 3); i > 0; i--) {
        corm_column key = { .name = fresh(w, "r"),
                            .null = one_in(w, 2),
                            .comment = random_comment(w) };
        if (refer(w, &key, &w->tables[roll(w, (unsigned)w->n)])) c[n++] = key;
    }
    if (one_in(w, 3)) c[n++] = random_generated(w, t);
    add_parts(w, t, 4);
}

/* Keys to tables that stand behind: nullable, because nobody could be the first. */
static void add_circles(world *w) {
    for (size_t i = 0; i + 1 < w->n; i++) {
        corm_column key = { .name = fresh(w, "r"), .null = true };
        if (one_in(w, 4) && refer(w, &key, &w->tables[i + 1 + roll(w, (unsigned)(w->n - i - 1))]))
            w->tables[i] = *corm__table_with_column(w->arena, &w->tables[i], &key);
    }
}

/* --- what a person makes of it --- */

static void each_reference(world *w, const char *table,
                           void (*change)(world *, corm_table *, const corm_column *)) {
    for (size_t i = 0; i < w->n; i++) {
        const corm_table was = w->tables[i];
        for (const corm_column *c = was.columns; c->name; c++)
            if (c->references.table && strcmp(c->references.table, table) == 0)
                change(w, &w->tables[i], c);
    }
}

static void drop_reference(world *w, corm_table *t, const corm_column *c) {
    corm_column plain = *c;
    plain.references = (corm_reference){ 0 };
    if (one_in(w, 2) && !corm__names_have(t->primary_key, c->name))
        remove_column(w, t, c->name);
    else
        *t = *corm__table_replace_column(w->arena, t, c->name, &plain);
}

static void delete_table(world *w, size_t at) {
    const char *name = w->tables[at].name;
    each_reference(w, name, drop_reference);
    forget(w, name, NULL);
    for (size_t i = w->n_were; i-- > 0;)
        if (strcmp(w->were[i].table, name) == 0) w->were[i] = w->were[--w->n_were];
    memmove(&w->tables[at], &w->tables[at + 1], (w->n - at) * sizeof *w->tables);
    w->n--;
}

static void declare(random_pair *out, const char *table, const char *column, const char *from) {
    size_t n = 0;
    while (out->declared[n].table) n++;
    out->declared[n] = (corm_declared_rename){ table, column, from, false };
}

static void rename_table_to(world *w, corm_table *t, const char *name) {
    const char *old = t->name;
    for (size_t i = 0; i < w->n; i++) {
        const corm_table was = w->tables[i];
        for (const corm_column *c = was.columns; c->name; c++) {
            if (!c->references.table || strcmp(c->references.table, old) != 0) continue;
            corm_column key = *c;
            key.references.table = name;
            w->tables[i] = *corm__table_replace_column(w->arena, &w->tables[i], c->name, &key);
        }
    }
    for (size_t i = 0; i < w->n_columns; i++)
        if (strcmp(w->columns[i].table, old) == 0) w->columns[i].table = name;
    for (size_t i = 0; i < w->n_were; i++)
        if (strcmp(w->were[i].table, old) == 0) w->were[i].table = name;
    t->name = name;
}

static void rename_table(world *w, random_pair *out, corm_table *t) {
    const char *old = t->name, *name = fresh(w, "t");
    rename_table_to(w, t, name);
    if (one_in(w, 3)) return; /* the model's name stays: no question */
    t->model = TEXT_OF(w, "M%s", name);
    declare(out, name, NULL, old); /* columns change too, so that no question would find it */
}

/* Two tables of one app get each other's names. */
static void swap_tables(world *w, random_pair *out) {
    corm_table *pair[2] = { NULL, NULL };
    for (size_t i = 0; i < w->n && !pair[1]; i++) {
        corm_table *t = &w->tables[i];
        const corm_table *was = corm__table_find(&out->from, t->name);
        bool same = has_rows(w, t->name) && was && strcmp(was->model, t->model) == 0 &&
                    strcmp(was->app, t->app) == 0;
        if (same && (!pair[0] || strcmp(pair[0]->app, t->app) == 0)) pair[pair[0] != NULL] = t;
    }
    if (!pair[1]) return;
    const char *names[] = { pair[0]->name, pair[1]->name };
    rename_table_to(w, pair[0], fresh(w, "s"));
    rename_table_to(w, pair[1], names[0]);
    rename_table_to(w, pair[0], names[1]);
    declare(out, names[1], NULL, names[0]);
    declare(out, names[0], NULL, names[1]);
}

/* The same with capitals, or without. */
static const char *in_other_case(world *w, const char *name) {
    char *text = TEXT_OF(w, "%s", name);
    for (char *p = text; *p; p++)
        if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')) *p ^= 32;
    return text;
}

static void rename_column_to(world *w, corm_table *t, const char *old, const char *name) {
    random_lineage *was = lineage_of(w, t->name, old);
    if (was) was->column = name;
    *t = *corm__table_rename_column(w->arena, t, old, name);
    for (size_t i = 0; i < w->n; i++) {
        const corm_table other = w->tables[i];
        for (const corm_column *k = other.columns; k->name; k++) {
            if (!k->references.table || strcmp(k->references.table, t->name) != 0 ||
                strcmp(k->references.column, old) != 0)
                continue;
            corm_column key = *k;
            key.references.column = name;
            w->tables[i] = *corm__table_replace_column(w->arena, &w->tables[i], k->name, &key);
        }
    }
}

static void rename_column(world *w, corm_table *t, const corm_column *c) {
    const char *name = one_in(w, 4) ? in_other_case(w, c->name) : fresh_column(w);
    rename_column_to(w, t, c->name, name);
}

/* Two columns of one table get each other's names. They are as they were: a type that changes at
 * the same time could not be told from one that does not. */
static void swap_columns(world *w, const random_pair *out, corm_table *t) {
    const char *names[2] = { NULL, NULL };
    for (const corm_column *c = t->columns; c->name; c++) {
        const random_lineage *l = lineage_of(w, t->name, c->name);
        const corm_column *was =
            l ? corm__column_find(corm__table_find(&out->from, l->was_table), l->was_column) : NULL;
        if (!was || strcmp(l->was_column, c->name) != 0 || strcmp(c->name, "mark") == 0 ||
            corm__names_have(t->primary_key, c->name) || c->generated || c->references.table ||
            !corm__column_equal(was, c))
            continue;
        names[names[0] != NULL] = c->name;
        if (names[1]) break;
    }
    if (!names[1]) return;
    const char *spare = fresh(w, "s");
    rename_column_to(w, t, names[0], spare);
    rename_column_to(w, t, names[1], names[0]);
    rename_column_to(w, t, spare, names[1]);
}

static bool is_ordinary(const corm_table *t, const corm_column *c) {
    return strcmp(c->name, "mark") != 0 && !corm__names_have(t->primary_key, c->name) &&
           !(c->generated && *c->generated);
}

static void alter_column(world *w, corm_table *t, const corm_column *c) {
    corm_column to = *c;
    switch (roll(w, 6)) {
    case 0:
    case 1:
        if (c->references.table || !(is_number(c->kind) || is_text(c->kind))) break;
        random_kind(w, &to, is_text(c->kind));
        if (!can_be_key(&to)) drop_mentions(w, t, c->name, true);
        if (is_text(to.kind) && !can_be_key(&to)) drop_mentions(w, t, c->name, false);
        if (!is_source(&to)) drop_mentions(w, t, c->name, true);
        break;
    case 2:
        if (c->references.on_delete == CORM_SET_NULL) break;
        to.null = !c->null;
        break;
    case 3:
        if (c->references.table) break;
        to.default_value = one_in(w, 2) ? (corm_default){ 0 } : random_fill(c);
        break;
    case 4: to.comment = c->comment ? NULL : "new"; break;
    default: /* an ordinary column becomes a foreign key, or stops being one */
        if (c->references.table) {
            to.references = (corm_reference){ 0 };
        } else {
            const corm_table *other = &w->tables[roll(w, (unsigned)w->n)];
            const corm_column *key = key_of(other);
            bool same_rows =
                has_rows(w, other->name) && key && lineage_of(w, other->name, key->name);
            corm_kind kind =
                key ? (key->kind == CORM_IDENTITY ? CORM_BIGINT : key->kind) : CORM_NULL;
            if (!same_rows || kind != c->kind || !lineage_of(w, t->name, c->name)) break;
            refer(w, &to, other);
            if (to.references.on_delete == CORM_SET_NULL)
                to.references.on_delete = CORM_CASCADE; /* a check may stand on it */
        }
    }
    if (!to.null && c->null && to.references.table) to.null = true; /* the fill is one row's */
    *t = *corm__table_replace_column(w->arena, t, c->name, &to);
}

/* A key changes its kind, and with it all that refer to it. */
static void alter_key(world *w, corm_table *t) {
    const corm_column *old = key_of(t);
    if (!old) return;
    corm_column key = *old;
    if (is_whole(old->kind)) {
        static const corm_kind kinds[] = { CORM_INTEGER, CORM_BIGINT, CORM_IDENTITY };
        key.kind = kinds[roll(w, 3)];
    } else {
        key.max_length = 10 + (int)roll(w, 3) * 10;
    }
    *t = *corm__table_replace_column(w->arena, t, old->name, &key);
    for (size_t i = 0; i < w->n; i++) {
        const corm_table was = w->tables[i];
        for (const corm_column *c = was.columns; c->name; c++) {
            if (!c->references.table || strcmp(c->references.table, t->name) != 0) continue;
            corm_column other = *c;
            other.kind = key.kind == CORM_IDENTITY ? CORM_BIGINT : key.kind;
            other.max_length = key.max_length;
            w->tables[i] = *corm__table_replace_column(w->arena, &w->tables[i], c->name, &other);
        }
    }
}

/* Another primary key: nobody may refer to the table. */
static void change_key(world *w, corm_table *t) {
    const corm_column *old = key_of(t);
    each_reference(w, t->name, drop_reference);
    if (old && old->kind == CORM_IDENTITY) { /* goes with its column */
        t->primary_key = "mark";
        remove_column(w, t, old->name);
    } else if (one_in(w, 2)) { /* a number comes */
        corm_column number = { fresh(w, "n"), .kind = CORM_IDENTITY };
        t->primary_key = number.name;
        *t = *corm__table_with_column(w->arena, t, &number);
    } else if (old) {
        t->primary_key = one_in(w, 2) ? "mark" : TEXT_OF(w, "mark, %s", old->name);
    }
}

static void change_columns(world *w, corm_table *t) {
    const corm_table was = *t;
    for (const corm_column *c = was.columns; c->name; c++) {
        const corm_column *now = corm__column_find(t, c->name);
        if (!now) continue;
        if (!is_ordinary(t, now)) {
            if (now->generated && one_in(w, 4)) remove_column(w, t, now->name);
            continue;
        }
        unsigned what = roll(w, 10);
        if (what == 0)
            remove_column(w, t, now->name);
        else if (what < 3)
            alter_column(w, t, now);
        if (corm__column_find(t, c->name) && one_in(w, 8))
            rename_column(w, t, corm__column_find(t, c->name));
    }
    for (unsigned i = roll(w, 3); i > 0; i--) {
        corm_column c = random_column(w);
        if (one_in(w, 3)) {
            const corm_table *to = &w->tables[roll(w, (unsigned)w->n)];
            const corm_column *key = key_of(to);
            if (!has_rows(w, to->name) || !key || !lineage_of(w, to->name, key->name))
                c.null = true;
            refer(w, &c, to);
        }
        *t = *corm__table_with_column(w->arena, t, &c);
    }
    if (one_in(w, 6) && random_of(w, t, is_source)) {
        corm_column c = random_generated(w, t);
        *t = *corm__table_with_column(w->arena, t, &c);
    }
}

static void change_parts(world *w, corm_table *t) {
    const corm_table was = *t;
    for (const corm_index *i = was.indexes; i && i->name; i++) {
        corm_index to = *i;
        unsigned what = roll(w, 6);
        if (what > 2) continue;
        if (what == 0) *t = *corm__table_without_index(w->arena, t, i->name);
        if (what == 1) to.name = fresh(w, "i");
        if (what == 2) {
            to = random_index(w, t);
            to.name = i->name;
        }
        if (what)
            *t = *corm__table_with_index(w->arena, corm__table_without_index(w->arena, t, i->name),
                                         &to);
    }
    for (const corm_constraint *c = was.constraints; c && c->name; c++) {
        corm_constraint to = *c;
        unsigned what = roll(w, 6);
        if (what > 2) continue;
        if (what == 0) *t = *corm__table_without_constraint(w->arena, t, c->name);
        if (what == 1) to.name = fresh(w, "k");
        if (what == 2) {
            to = random_constraint(w, t);
            to.name = c->name;
        }
        if (what)
            *t = *corm__table_with_constraint(
                w->arena, corm__table_without_constraint(w->arena, t, c->name), &to);
    }
    add_parts(w, t, 2);
    if (one_in(w, 6)) t->comment = t->comment ? NULL : "now";
    for (size_t i = 0; i < w->n_were; i++) /* a model moves to another app */
        if (strcmp(w->were[i].table, t->name) == 0 && strcmp(w->were[i].was_table, t->name) == 0 &&
            one_in(w, 12))
            t->app = app_names[roll(w, RANDOM_APPS)];
}

static corm_schema snapshot(world *w) {
    corm_table *copy = corm__arena_array(w->arena, w->n + 1, sizeof *copy);
    memcpy(copy, w->tables, w->n * sizeof *copy);
    return (corm_schema){ copy, w->n };
}

static void begin_lineage(world *w) {
    for (size_t i = 0; i < w->n; i++) {
        const corm_table *t = &w->tables[i];
        w->were[w->n_were++] = (random_lineage){ t->name, NULL, t->name, NULL };
        for (const corm_column *c = t->columns; c->name; c++)
            w->columns[w->n_columns++] = (random_lineage){ t->name, c->name, t->name, c->name };
    }
}

/* A question only finds what is of one type; what was altered too is always declared. */
static void declare_columns(world *w, random_pair *out) {
    for (size_t i = 0; i < w->n_columns; i++) {
        const random_lineage *l = &w->columns[i];
        if (strcmp(l->column, l->was_column) == 0) continue;
        const corm_column *to = corm__column_find(table_of(w, l->table), l->column),
                          *from = corm__column_find(corm__table_find(&out->from, l->was_table),
                                                    l->was_column);
        bool keys = to->references.table || from->references.table;
        bool swapped = corm__column_find(table_of(w, l->table), l->was_column);
        if (keys || swapped || !corm__column_same_type(from, to) || one_in(w, 2))
            declare(out, l->table, l->column, l->was_column);
    }
}

void random_schemas(uint64_t seed, const corm_features *features, const char *const *collations,
                    corm_arena *arena, random_pair *out) {
    world *w = corm__arena_zalloc(arena, sizeof *w);
    *w = (world){ .arena = arena,
                  .has = features,
                  .collations = collations,
                  .state = seed * 2862933555777941757u + 3037000493u };
    *out = (random_pair){ .declared = corm__arena_array(arena, 200, sizeof *out->declared) };
    roll(w, 2);
    for (unsigned i = 1 + roll(w, 5); i > 0; i--) add_table(w);
    add_circles(w);
    out->from = snapshot(w);
    begin_lineage(w);
    for (size_t i = w->n; i-- > 0;)
        if (one_in(w, 7)) delete_table(w, i);
    for (unsigned i = roll(w, 3); i > 0 && w->n < RANDOM_TABLES; i--) add_table(w);
    for (size_t i = 0; i < w->n; i++) {
        corm_table *t = &w->tables[i];
        if (!has_rows(w, t->name)) continue;
        if (one_in(w, 6)) rename_table(w, out, t);
        if (one_in(w, 4)) alter_key(w, t);
        if (one_in(w, 8)) change_key(w, t);
        change_columns(w, t);
        change_parts(w, t);
        if (one_in(w, 5)) swap_columns(w, out, t);
    }
    if (one_in(w, 4)) swap_tables(w, out);
    add_circles(w);
    declare_columns(w, out);
    out->to = snapshot(w);
    out->columns = corm__arena_array(arena, w->n_columns + 1, sizeof *out->columns);
    memcpy(out->columns, w->columns, w->n_columns * sizeof *out->columns);
    out->tables = corm__arena_array(arena, w->n_were + 1, sizeof *out->tables);
    memcpy(out->tables, w->were, w->n_were * sizeof *out->tables);
}

bool random_is_renamed(const random_pair *pair, const char *from_table, const char *from_column,
                       const char *to_table, const char *to_column) {
    for (const random_lineage *l = to_column ? pair->columns : pair->tables; l->table; l++)
        if (strcmp(l->table, to_table) == 0 && strcmp(l->was_table, from_table) == 0 &&
            (!to_column ||
             (strcmp(l->column, to_column) == 0 && strcmp(l->was_column, from_column) == 0)))
            return true;
    return false;
}
