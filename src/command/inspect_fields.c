/* The items of one model: columns, foreign keys, indexes and constraints as the shortest ones that
 * mean them. An index that corm would make by itself is left out, a check that says what values a
 * text may have makes an enumeration. Plain columns get their names first, then relations, which
 * have more freedom. */
#include "base/real.h"
#include "command/inspect.h"
#include "base/error.h"
#include "schema/schema.h"
#include "schema/sql_text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENUMERATION_LENGTH = 32 };

typedef corm_model_draft draft;

static int no_memory(corm_inspection *in) { return corm__fail_memory(in->error); }
static size_t position(const draft *d, const corm_column *column) {
    return (size_t)(column - d->table->columns);
}
static bool is_pointer(corm_kind kind) {
    return kind == CORM_VARCHAR || kind == CORM_TEXT || kind == CORM_JSON || kind == CORM_BLOB ||
           kind == CORM_ARRAY;
}
static bool is_integer(corm_kind kind) {
    return kind == CORM_IDENTITY || kind == CORM_SMALLINT || kind == CORM_INTEGER ||
           kind == CORM_BIGINT;
}
static bool is_text(corm_kind kind) { return kind == CORM_TEXT || kind == CORM_VARCHAR; }

bool corm__inspect_plain_index(const corm_index *index) {
    return !index->unique && !index->expression && !index->where && !index->include &&
           !index->method;
}

static bool begins_with(const char *names, const char *column) {
    size_t length;
    const char *first = corm__names_item(names, 0, &length, NULL);
    return first && strlen(column) == length && memcmp(first, column, length) == 0;
}

static bool is_name(const char *given, char *derived) {
    return given && derived && strcmp(given, derived) == 0;
}

/* --- which index or constraint an option of a column makes --- */

static char *derived_name(draft *d, const char *column, const char *suffix) {
    char *name = corm__derived_name(d->in->arena, d->table->name, column, suffix);
    if (!name) d->in->broken = true;
    return name;
}

/* Do the database's other indexes serve this column? Then corm makes none for it. */
static bool is_covered(const corm_table *table, const char *column, const corm_index *but) {
    if (begins_with(table->primary_key, column)) return true;
    for (const corm_constraint *c = table->constraints; c && c->name; c++)
        if (c->kind == CORM_CONSTRAINT_UNIQUE && begins_with(c->columns, column)) return true;
    for (const corm_index *i = table->indexes; i && i->name; i++)
        if (i != but && !i->where && begins_with(i->columns, column)) return true;
    return false;
}

static const corm_index *own_index(draft *d, const char *column) {
    char *name = derived_name(d, column, "idx");
    for (const corm_index *i = d->table->indexes; i && i->name; i++)
        if (is_name(i->name, name) && corm__inspect_plain_index(i) && i->columns &&
            strcmp(i->columns, column) == 0)
            return is_covered(d->table, column, i) ? NULL : i;
    return NULL;
}

static const corm_constraint *own_unique(draft *d, const char *column) {
    char *name = derived_name(d, column, "uniq");
    for (const corm_constraint *c = d->table->constraints; c && c->name; c++)
        if (c->kind == CORM_CONSTRAINT_UNIQUE && is_name(c->name, name) && c->columns &&
            strcmp(c->columns, column) == 0 && !c->deferrable && !c->nulls_not_distinct &&
            !c->include)
            return c;
    return NULL;
}

static const corm_constraint *own_check(draft *d, const char *column) {
    char *name = derived_name(d, column, "check");
    for (const corm_constraint *c = d->table->constraints; c && c->name; c++)
        if (c->kind == CORM_CONSTRAINT_CHECK && is_name(c->name, name)) return c;
    return NULL;
}

/* --- enumerations --- */

/* The texts of a check that says no more than: column IN (texts). NULL when it says anything else.
 */
static const char **labels_of(draft *d, const char *column, const char *check, size_t *n) {
    corm_arena *arena = d->in->arena;
    const char **labels = corm__arena_array(arena, strlen(check) / 2 + 2, sizeof *labels),
               *p = check;
    corm_buffer same = { 0 };
    *n = 0;
    if (!labels) {
        d->in->broken = true;
        return NULL;
    }
    corm__buffer_putc(&same, '"');
    corm__buffer_puts(&same, column);
    corm__buffer_puts(&same, "\" IN (");
    for (corm_token token; (token = corm__token_next(&p)).kind != CORM_TOKEN_END;) {
        if (token.kind != CORM_TOKEN_STRING || token.length < 2) continue;
        char *label = corm__arena_strndup(arena, token.start + 1, token.length - 2), *to = label;
        if (!label) {
            d->in->broken = true;
            break;
        }
        for (const char *from = label; *from; from++) {
            *to++ = *from;
            if (from[0] == '\'' && from[1] == '\'') from++;
        }
        *to = 0;
        if (*n) corm__buffer_puts(&same, ", ");
        corm__buffer_add(&same, token.start, token.length);
        labels[(*n)++] = label;
    }
    corm__buffer_putc(&same, ')');
    if (corm__buffer_broken(&same)) d->in->broken = true;
    bool equal = *n && corm__sql_equal(check, corm__buffer_text(&same));
    corm__buffer_release(&same);
    return equal ? labels : NULL;
}

static bool has(const char **labels, size_t n, const char *label) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(labels[i], label) == 0) return true;
    return false;
}

/* The length that an enumeration of these has; 0: they make none. */
static int enumeration_length(const char **labels, size_t n) {
    size_t longest = ENUMERATION_LENGTH;
    if (n > CORM__MOST_ITEMS) return 0;
    for (size_t i = 0; i < n; i++) {
        size_t length = corm__characters(labels[i]);
        if (!length || has(labels, i, labels[i])) return 0;
        if (length > longest) longest = length;
    }
    return (int)longest;
}

static int make_enum(draft *d, corm_field *field, const char **labels, size_t n) {
    corm_inspection *in = d->in;
    corm_inspected_enum *made = corm__arena_zalloc(in->arena, sizeof *made);
    const char **texts = corm__arena_array(in->arena, n + 1, sizeof *texts);
    int *values = corm__arena_array(in->arena, n + 1, sizeof *values);
    char *kind = corm__c_type(field->name, in->arena),
         *name = kind ? corm__arena_printf(in->arena, "%s%s", d->model->name, kind) : NULL;
    if (!made || !texts || !values || !name ||
        !(made->constants = corm__arena_array(in->arena, n + 1, sizeof *made->constants)))
        return no_memory(in);
    if (!(name = corm__c_unique(name, &in->names, in->arena))) return no_memory(in);
    for (size_t i = 0; i < n; i++) {
        char *constant = corm__c_constant(name, labels[i], in->arena);
        if (!constant || !(made->constants[i] = corm__c_unique(constant, &in->names, in->arena)))
            return no_memory(in);
        texts[i] = labels[i];
        values[i] = (int)i;
    }
    made->labels = (corm_enum){ name, texts, values };
    field->kind = CORM_ENUMERATION;
    field->max_length = 0;
    field->labels = &made->labels;
    in->enums[in->n_enums++] = made;
    return 0;
}

/* Choices are written with commas between them, and the spaces around each do not count. */
static const char *as_choices(draft *d, const corm_column *column, const char **labels, size_t n) {
    corm_buffer text = { 0 };
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(labels[i]);
        bool fits = length && !strpbrk(labels[i], ",\t\r\n") && labels[i][0] != ' ' &&
                    labels[i][length - 1] != ' ' && !has(labels, i, labels[i]) &&
                    (column->kind != CORM_VARCHAR ||
                     corm__characters(labels[i]) <= (size_t)column->max_length);
        if (!fits) {
            corm__buffer_release(&text);
            return NULL;
        }
        corm__buffer_printf(&text, "%s%s", i ? "," : "", labels[i]);
    }
    const char *choices = corm__buffer_copy(&text, d->in->arena);
    if (!choices) d->in->broken = true;
    corm__buffer_release(&text);
    return choices;
}

static int make_choices(draft *d, const corm_column *column, corm_field *field) {
    const corm_constraint *check = own_check(d, column->name);
    if (!check || (column->kind != CORM_VARCHAR && column->kind != CORM_TEXT) || column->collation)
        return 0;
    size_t n;
    const char **labels = labels_of(d, column->name, check->check, &n);
    const corm_default *value = &column->default_value;
    bool fits = labels && (value->kind == CORM_DEFAULT_NONE ||
                           (value->kind == CORM_DEFAULT_TEXT && has(labels, n, value->text)));
    if (!fits) return 0;
    if (column->kind == CORM_VARCHAR && !column->null &&
        column->max_length == enumeration_length(labels, n)) {
        d->constraint_done[check - d->table->constraints] = true;
        return make_enum(d, field, labels, n);
    }
    if ((field->choices = as_choices(d, column, labels, n)))
        d->constraint_done[check - d->table->constraints] = true;
    return 0;
}

/* --- defaults --- */

static bool is_value(const corm_field *field, corm_default value) {
    corm_member member;
    corm_field with = *field;
    with.default_value = value;
    with.optional = false;
    return corm__default_write(&with, &member) == 0;
}

static char *quoted(corm_arena *arena, const char *text) {
    corm_buffer out = { 0 };
    corm__buffer_putc(&out, '\'');
    for (; *text; text++) {
        if (*text == '\'') corm__buffer_putc(&out, '\'');
        corm__buffer_putc(&out, *text);
    }
    corm__buffer_putc(&out, '\'');
    char *copy = corm__buffer_copy(&out, arena);
    corm__buffer_release(&out);
    return copy;
}

/* The default as a value of the field's kind where it is one: '0' is the number 0. What is none is
 * kept as SQL. */
static int set_default(draft *d, const corm_column *column, corm_field *field) {
    corm_arena *arena = d->in->arena;
    const corm_default *value = &column->default_value;
    char number[64];
    if (value->kind == CORM_DEFAULT_NONE || column->kind == CORM_IDENTITY) return 0;
    if (value->kind == CORM_DEFAULT_SQL) {
        corm_token first = corm__token_next(&(const char *){ value->text });
        if (corm__token_is(first, "nextval"))
            return corm__inspect_remark(
                d->in, d->table->name, column->name, true,
                "its default, %s, takes from a sequence that models do not make", value->text);
        field->default_value = *value;
        return 0;
    }
    if (value->kind == CORM_DEFAULT_REAL)
        corm__format(number, sizeof number, "%.17g", value->real);
    else
        snprintf(number, sizeof number, "%lld", (long long)value->integer);
    const char *text =
        value->kind == CORM_DEFAULT_TEXT ? value->text : corm__arena_strdup(arena, number);
    if (!text) return no_memory(d->in);
    char *end, *real_end;
    long long integer = strtoll(text, &end, 10);
    double real = corm__real_parse(text, &real_end);
    const corm_default as_text = { .kind = CORM_DEFAULT_TEXT, .text = text }, broken = {
        .kind = *text && !*real_end && fabs(real) < 1e300 ? CORM_DEFAULT_REAL : CORM_DEFAULT_NONE,
        .real = real
    };
    corm_default whole = { .kind = *text && !*end ? CORM_DEFAULT_INTEGER : CORM_DEFAULT_NONE,
                           .integer = integer };
    if (whole.kind == CORM_DEFAULT_NONE &&
        (column->kind == CORM_REAL || column->kind == CORM_DOUBLE_PRECISION) && fabs(real) < 1e9 &&
        real == floor(real))
        whole = (corm_default){ .kind = CORM_DEFAULT_INTEGER, .integer = (int64_t)real };
    bool numeric = is_integer(column->kind) || column->kind == CORM_BOOLEAN ||
                   column->kind == CORM_REAL || column->kind == CORM_DOUBLE_PRECISION;
    const corm_default tries[] = {
        numeric ? whole : as_text, numeric ? broken : *value, *value, as_text, whole, broken
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
        if (tries[i].kind && is_value(field, tries[i])) {
            field->default_value = tries[i];
            return 0;
        }
    field->default_value = (corm_default){ .kind = CORM_DEFAULT_SQL, .text = quoted(arena, text) };
    return field->default_value.text ? 0 : no_memory(d->in);
}

/* --- columns --- */

static void set_null(const corm_column *column, corm_field *field) {
    if (!column->null) return;
    if (is_pointer(field->kind))
        field->null = true;
    else
        field->optional = true;
}

/* What all columns can have, a foreign key's too. */
static int set_options(draft *d, const corm_column *column, corm_field *field) {
    const corm_constraint *unique = own_unique(d, column->name);
    const corm_index *index = own_index(d, column->name);
    field->comment = column->comment;
    field->collation = column->collation;
    if (column->approximates &&
        corm__inspect_remark(
            d->in, d->table->name, column->name, true,
            "the database has %s; a table made from the model has the kind that comes nearest, %s",
            column->approximates, corm_kind_name(column->kind)))
        return CORM_ERROR_MEMORY;
    if (begins_with(d->table->primary_key, column->name) &&
        corm__names_count(d->table->primary_key) == 1)
        field->primary_key = true;
    if (unique && field->item != CORM_ITEM_ONE_TO_ONE && !field->primary_key) field->unique = true;
    if (unique && !field->primary_key) d->constraint_done[unique - d->table->constraints] = true;
    if (index) {
        d->index_done[index - d->table->indexes] = true;
        if (field->item == CORM_ITEM_COLUMN) field->index = true;
    } else if (field->item == CORM_ITEM_FOREIGN_KEY) {
        field->no_index = !is_covered(d->table, column->name, NULL);
    }
    return set_default(d, column, field);
}

static int add_column(draft *d, const corm_column *column, corm_field *field) {
    *field = (corm_field){ .item = CORM_ITEM_COLUMN,
                           .name = d->members[position(d, column)],
                           .kind = column->kind,
                           .max_length = column->max_length,
                           .digits = column->digits,
                           .places = column->places,
                           .element = column->element,
                           .generated = column->generated };
    if (strcmp(field->name, column->name) != 0) field->column = column->name;
    if (make_choices(d, column, field)) return CORM_ERROR_MEMORY;
    set_null(column, field);
    if (column->kind == CORM_IDENTITY) field->primary_key = true;
    return set_options(d, column, field);
}

/* --- foreign keys --- */

/* Why it cannot be a relation of a model; NULL: it can. */
static const char *no_relation(draft *d, const corm_column *column, const corm_column **key) {
    const corm_reference *to = &column->references;
    size_t target = corm__inspect_find(d->in, to->table);
    if (target == d->in->n_models) return "its table is not among the models";
    *key = to->column ? corm__column_find(d->in->tables[target], to->column) : NULL;
    if (!*key) return "its table has no such column";
    bool fits = (is_integer((*key)->kind) && is_integer(column->kind)) ||
                (is_text((*key)->kind) && is_text(column->kind)) ||
                ((*key)->kind == CORM_UUID && column->kind == CORM_UUID);
    if (!fits) return "a relation is by integers, text or UUIDs, of one type on both sides";
    if (column->generated) return "a relation is by a column that is not generated";
    return NULL;
}

/* "user_id" is the relation user; "userid" too, with the column's name beside it. NULL when memory
 * is out. */
static char *relation_name(draft *d, const corm_column *column) {
    corm_arena *arena = d->in->arena;
    char *name = corm__c_member(column->name, arena);
    if (!name) return NULL;
    size_t length = strlen(name);
    bool id = length > 2 &&
              (strcmp(name + length - 2, "id") == 0 || strcmp(name + length - 2, "Id") == 0 ||
               strcmp(name + length - 2, "ID") == 0);
    char *stem = corm__arena_strdup(arena, name);
    if (stem && id) {
        stem[length - 2] = 0;
        while (*stem && stem[strlen(stem) - 1] == '_') stem[strlen(stem) - 1] = 0;
    }
    if (!stem) return NULL;
    if (!*stem) stem = name;
    if (!(stem = corm__c_member(stem, arena))) return NULL;
    for (int n = 1;; n++) {
        char *try = n == 1   ? stem
                    : n == 2 ? name
                             : corm__arena_printf(arena, "%s_%d", stem, n),
             *key = try ? corm__arena_printf(arena, "%s_id", try) : NULL;
        if (!key) return NULL;
        if (corm__map_get(&d->names, try) || corm__map_get(&d->names, key)) continue;
        return corm__map_set(&d->names, try, try) || corm__map_set(&d->names, key, key) ? NULL
                                                                                        : try;
    }
}

static int add_foreign_key(draft *d, const corm_column *column, const corm_column *key,
                           corm_field *field) {
    corm_inspection *in = d->in;
    const corm_reference *to = &column->references;
    size_t target = corm__inspect_find(in, to->table);
    corm_kind kind = is_text(key->kind)       ? CORM_TEXT
                     : key->kind == CORM_UUID ? CORM_UUID
                                              : CORM_BIGINT;
    bool one = own_unique(d, column->name) && kind == CORM_BIGINT &&
               !(begins_with(d->table->primary_key, column->name));
    char *name = relation_name(d, column),
         *member = name ? corm__arena_printf(in->arena, "%s_id", name) : NULL;
    if (!member) return no_memory(in);
    *field = (corm_field){ .item = one ? CORM_ITEM_ONE_TO_ONE : CORM_ITEM_FOREIGN_KEY,
                           .name = name,
                           .kind = kind,
                           .to = &in->models[target],
                           .constraint = true,
                           .constraint_name = to->name,
                           .on_delete = to->on_delete,
                           .deferrable = to->deferrable };
    d->members[position(d, column)] = member;
    if (strcmp(member, column->name) != 0) field->column = column->name;
    if (corm__key_kind(key) != column->kind) field->stored = column->kind;
    if (column->kind == CORM_VARCHAR && column->max_length != key->max_length)
        field->max_length = column->max_length;
    const corm_table *table = in->tables[target];
    if (corm__names_count(table->primary_key) != 1 || !begins_with(table->primary_key, to->column))
        field->to_field = to->column; /* a member's name in the end */
    set_null(column, field);
    return set_options(d, column, field);
}

int corm__inspect_columns(draft *d) {
    size_t n = 0;
    const corm_column *key = NULL;
    for (const corm_column *c = d->table->columns; c->name; c++)
        if (!c->references.table || no_relation(d, c, &key)) {
            char *name = corm__c_member(c->name, d->in->arena);
            if (!name ||
                !(d->members[position(d, c)] = corm__c_unique(name, &d->names, d->in->arena)))
                return no_memory(d->in);
        }
    for (const corm_column *c = d->table->columns; c->name; c++) {
        const char *why = c->references.table ? no_relation(d, c, &key) : NULL;
        if (why && corm__inspect_remark(d->in, d->table->name, c->name, true,
                                        "has a foreign key to %s (%s) that is no relation: %s",
                                        c->references.table,
                                        c->references.column ? c->references.column : "", why))
            return CORM_ERROR_MEMORY;
        bool plain = why || !c->references.table;
        if (plain ? add_column(d, c, &d->fields[n++]) : add_foreign_key(d, c, key, &d->fields[n++]))
            return CORM_ERROR_MEMORY;
    }
    d->model->n_fields = n;
    return 0;
}

/* --- items of the table --- */

/* Names of columns as names of members; NULL when memory is out. */
static const char *members_of(draft *d, const char *names) {
    corm_buffer text = { 0 };
    size_t length;
    bool down;
    const char *name;
    for (size_t i = 0; (name = corm__names_item(names, i, &length, &down)); i++)
        for (const corm_column *c = d->table->columns; c->name; c++)
            if (strlen(c->name) == length && memcmp(c->name, name, length) == 0)
                corm__buffer_printf(&text, "%s%s%s", i ? ", " : "", d->members[position(d, c)],
                                    down ? " desc" : "");
    const char *members = corm__buffer_copy(&text, d->in->arena);
    corm__buffer_release(&text);
    return members;
}

/* An item is lost when the macros cannot take it. */
static int add_item(draft *d, corm_field item, const char *columns, const char *include) {
    corm_inspection *in = d->in;
    const char *table = d->table->name;
    size_t parts = corm__names_count(columns) + 5;
    if (item.name && !corm__c_is_item_name(item.name))
        return corm__inspect_remark(in, table, item.name, true,
                                    "is left out: its name cannot be written in a model");
    if (parts > CORM__MOST_PARTS + 5 || corm__names_count(include) > CORM__MOST_PARTS)
        return corm__inspect_remark(in, table, item.name, true,
                                    "is left out: it has more than %d columns", CORM__MOST_PARTS);
    if (d->model->n_fields >= CORM__MOST_ITEMS)
        return corm__inspect_remark(in, table, item.name, true,
                                    "is left out: a model has %d items at most", CORM__MOST_ITEMS);
    if (columns && !(item.columns = members_of(d, columns))) return no_memory(in);
    if (include && !(item.include = members_of(d, include))) return no_memory(in);
    d->fields[d->model->n_fields++] = item;
    return 0;
}

/* A column in this SQL whose type the models only come near to; NULL: none. What SQL asks of a type
 * is not to be had of another. */
static const corm_column *nearly(const draft *d, const char *sql) {
    for (corm_token token; sql && (token = corm__token_next(&sql)).kind != CORM_TOKEN_END;)
        for (const corm_column *c = d->table->columns; c->name; c++) {
            size_t quote = token.kind == CORM_TOKEN_QUOTED, length = strlen(c->name);
            bool same = token.length == length + 2 * quote &&
                        memcmp(token.start + quote, c->name, length) == 0;
            if (same && c->approximates) return c;
        }
    return NULL;
}

static int leave_out(draft *d, const char *name, const corm_column *column) {
    return corm__inspect_remark(
        d->in, d->table->name, name, true,
        "is left out: it needs column %s to be %s, as it is in the database and not in the model",
        column->name, column->approximates);
}

static int add_index(draft *d, const corm_index *i) {
    const corm_column *near = nearly(d, i->expression);
    if (!near) near = nearly(d, i->where);
    if (!near && i->method) near = nearly(d, i->columns);
    if (near) return leave_out(d, i->name, near);
    bool unique = i->unique && (i->where || i->expression);
    return add_item(d,
                    (corm_field){ .item = unique ? CORM_ITEM_UNIQUE : CORM_ITEM_INDEX,
                                  .name = i->name,
                                  .sql = i->expression,
                                  .where = i->where,
                                  .method = i->method,
                                  .unique = i->unique && !unique,
                                  .nulls_not_distinct = i->nulls_not_distinct },
                    i->expression ? "" : i->columns, i->include);
}

static int add_constraint(draft *d, const corm_constraint *c) {
    const corm_column *near = c->kind == CORM_CONSTRAINT_EXCLUDE ? nearly(d, c->elements) : NULL;
    if (near) return leave_out(d, c->name, near);
    switch (c->kind) {
    case CORM_CONSTRAINT_UNIQUE:
        return add_item(d,
                        (corm_field){ .item = CORM_ITEM_UNIQUE,
                                      .name = c->name,
                                      .deferrable = c->deferrable,
                                      .nulls_not_distinct = c->nulls_not_distinct },
                        c->columns, c->include);
    case CORM_CONSTRAINT_EXCLUDE:
        return add_item(d,
                        (corm_field){ .item = CORM_ITEM_EXCLUDE,
                                      .name = c->name,
                                      .sql = c->elements,
                                      .method = c->method,
                                      .where = c->where,
                                      .deferrable = c->deferrable },
                        NULL, c->include);
    default:
        return add_item(d,
                        (corm_field){ .item = CORM_ITEM_CHECK, .name = c->name, .sql = c->check },
                        NULL, NULL);
    }
}

int corm__inspect_items(draft *d) {
    const corm_table *table = d->table;
    int status = 0;
    if (!corm__names_count(table->primary_key))
        status = add_item(d, (corm_field){ .item = CORM_ITEM_PRIMARY_KEY }, NULL, NULL);
    if (corm__names_count(table->primary_key) > 1)
        status =
            add_item(d, (corm_field){ .item = CORM_ITEM_PRIMARY_KEY }, table->primary_key, NULL);
    for (const corm_constraint *c = table->constraints; !status && c && c->name; c++)
        if (!d->constraint_done[c - table->constraints]) status = add_constraint(d, c);
    for (const corm_index *i = table->indexes; !status && i && i->name; i++)
        if (!d->index_done[i - table->indexes]) status = add_index(d, i);
    if (!status && table->comment)
        status = add_item(d, (corm_field){ .item = CORM_ITEM_COMMENT, .sql = table->comment }, NULL,
                          NULL);
    return status;
}
