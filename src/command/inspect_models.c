/* Models from tables. A table gives a model; its columns, foreign keys, indexes and constraints become the shortest items that mean them: an index that corm
 * would make by itself is left out, a check that says what values a text may have makes an enumeration, a table that a many-to-many relation would make becomes
 * that relation. Names are given first to models, then to plain columns, then to relations, which have more freedom. */
#include "command/inspect.h"
#include "base/error.h"
#include "schema/schema.h"
#include "schema/sql_text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a list of the macros in <corm/each.h> takes. */
enum { MOST_ITEMS = 128, MOST_PARTS = 16, ENUMERATION_LENGTH = 32 };

/* A model in the making. */
typedef struct draft {
    corm_inspection *in;
    const corm_table *table;
    corm_model *model;
    corm_field *fields;     /* = model->fields */
    const char **members;   /* of each column of the table, the member's name */
    corm_map names;         /* of members */
    bool *index_done, *constraint_done;
} draft;

static int no_memory(corm_inspection *in) { return corm__fail_memory(in->error); }

int corm__inspect_remark(corm_inspection *in, const char *table, const char *item, bool lost, const char *format, ...) {
    if (in->n_remarks == in->remarks_capacity) {
        size_t capacity = in->remarks_capacity ? in->remarks_capacity * 2 : 32;
        corm_remark *grown = corm__arena_array(in->arena, capacity, sizeof *grown);
        if (!grown) return no_memory(in);
        if (in->n_remarks) memcpy(grown, in->remarks, in->n_remarks * sizeof *grown);
        in->remarks = grown;
        in->remarks_capacity = capacity;
    }
    corm_buffer text = { 0 };
    va_list arguments;
    va_start(arguments, format);
    corm__buffer_vprintf(&text, format, arguments);
    va_end(arguments);
    char *copy = corm__buffer_copy(&text, in->arena);
    corm__buffer_release(&text);
    if (!copy) return no_memory(in);
    in->remarks[in->n_remarks++] = (corm_remark){ table, item, copy, lost };
    return 0;
}

static bool is_plain_index(const corm_index *index) {
    return !index->unique && !index->expression && !index->where && !index->include && !index->method;
}

static bool begins_with(const char *names, const char *column) {
    size_t length;
    const char *first = corm__names_item(names, 0, &length, NULL);
    return first && strlen(column) == length && memcmp(first, column, length) == 0;
}

static bool is_name(const char *given, char *derived) { return given && derived && strcmp(given, derived) == 0; }

/* --- which index or constraint an option of a column makes --- */

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
    char *name = corm__derived_name(d->in->arena, d->table->name, column, "idx");
    for (const corm_index *i = d->table->indexes; i && i->name; i++)
        if (is_name(i->name, name) && is_plain_index(i) && i->columns && strcmp(i->columns, column) == 0)
            return is_covered(d->table, column, i) ? NULL : i;
    return NULL;
}

static const corm_constraint *own_unique(draft *d, const char *column) {
    char *name = corm__derived_name(d->in->arena, d->table->name, column, "uniq");
    for (const corm_constraint *c = d->table->constraints; c && c->name; c++)
        if (c->kind == CORM_CONSTRAINT_UNIQUE && is_name(c->name, name) && c->columns && strcmp(c->columns, column) == 0 && !c->deferrable &&
            !c->nulls_not_distinct && !c->include)
            return c;
    return NULL;
}

static const corm_constraint *own_check(draft *d, const char *column) {
    char *name = corm__derived_name(d->in->arena, d->table->name, column, "check");
    for (const corm_constraint *c = d->table->constraints; c && c->name; c++)
        if (c->kind == CORM_CONSTRAINT_CHECK && is_name(c->name, name)) return c;
    return NULL;
}

/* --- enumerations --- */

/* The texts of a check that says no more than: column IN (texts). NULL when it says anything else. */
static const char **labels_of(draft *d, const char *column, const char *check, size_t *n) {
    corm_arena *arena = d->in->arena;
    const char **labels = corm__arena_array(arena, strlen(check) / 2 + 2, sizeof *labels), *p = check;
    corm_buffer same = { 0 };
    *n = 0;
    if (!labels) return NULL;
    corm__buffer_putc(&same, '"');
    corm__buffer_puts(&same, column);
    corm__buffer_puts(&same, "\" IN (");
    for (corm_token token; (token = corm__token_next(&p)).kind != CORM_TOKEN_END;) {
        if (token.kind != CORM_TOKEN_STRING || token.length < 2) continue;
        char *label = corm__arena_strndup(arena, token.start + 1, token.length - 2), *to = label;
        if (!label) break;
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
    if (n > MOST_ITEMS) return 0;
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
    char *kind = corm__c_type(field->name, in->arena), *name = kind ? corm__arena_printf(in->arena, "%s%s", d->model->name, kind) : NULL;
    if (!made || !texts || !values || !name || !(made->constants = corm__arena_array(in->arena, n + 1, sizeof *made->constants)))
        return no_memory(in);
    if (!(name = corm__c_unique(name, &in->names, in->arena))) return no_memory(in);
    for (size_t i = 0; i < n; i++) {
        char *constant = corm__c_constant(name, labels[i], in->arena);
        if (!constant || !(made->constants[i] = corm__c_unique(constant, &in->names, in->arena))) return no_memory(in);
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
        bool fits = length && !strpbrk(labels[i], ",\t\r\n") && labels[i][0] != ' ' && labels[i][length - 1] != ' ' && !has(labels, i, labels[i]) &&
                    (column->kind != CORM_VARCHAR || corm__characters(labels[i]) <= (size_t)column->max_length);
        if (!fits) {
            corm__buffer_release(&text);
            return NULL;
        }
        corm__buffer_printf(&text, "%s%s", i ? "," : "", labels[i]);
    }
    const char *choices = corm__buffer_copy(&text, d->in->arena);
    corm__buffer_release(&text);
    return choices;
}

static int make_choices(draft *d, const corm_column *column, corm_field *field) {
    const corm_constraint *check = own_check(d, column->name);
    if (!check || (column->kind != CORM_VARCHAR && column->kind != CORM_TEXT) || column->collation) return 0;
    size_t n;
    const char **labels = labels_of(d, column->name, check->check, &n);
    const corm_default *value = &column->default_value;
    bool fits = labels && (value->kind == CORM_DEFAULT_NONE || (value->kind == CORM_DEFAULT_TEXT && has(labels, n, value->text)));
    if (!fits) return 0;
    if (column->kind == CORM_VARCHAR && !column->null && column->max_length == enumeration_length(labels, n)) {
        d->constraint_done[check - d->table->constraints] = true;
        return make_enum(d, field, labels, n);
    }
    if ((field->choices = as_choices(d, column, labels, n))) d->constraint_done[check - d->table->constraints] = true;
    return 0;
}

/* --- defaults --- */

static bool is_value(const corm_field *field, corm_default value) {
    union {
        int64_t integer;
        double real;
        const char *text;
        corm_decimal decimal;
        corm_blob blob;
        corm_uuid uuid;
    } member;
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

/* The default as a value of the field's kind where it is one: '0' is the number 0. What is none is kept as SQL. */
static int set_default(draft *d, const corm_column *column, corm_field *field) {
    corm_arena *arena = d->in->arena;
    const corm_default *value = &column->default_value;
    char number[64];
    if (value->kind == CORM_DEFAULT_NONE || column->kind == CORM_IDENTITY) return 0;
    if (value->kind == CORM_DEFAULT_SQL) {
        corm_token first = corm__token_next(&(const char *){ value->text });
        if (corm__token_is(first, "nextval"))
            return corm__inspect_remark(d->in, d->table->name, column->name, true, "its default, %s, takes from a sequence that models do not make", value->text);
        field->default_value = *value;
        return 0;
    }
    if (value->kind == CORM_DEFAULT_REAL)
        snprintf(number, sizeof number, "%.17g", value->real);
    else
        snprintf(number, sizeof number, "%lld", (long long)value->integer);
    const char *text = value->kind == CORM_DEFAULT_TEXT ? value->text : corm__arena_strdup(arena, number);
    if (!text) return no_memory(d->in);
    char *end, *real_end;
    long long integer = strtoll(text, &end, 10);
    double real = strtod(text, &real_end);
    const corm_default tries[] = { *value,
                                   { .kind = CORM_DEFAULT_TEXT, .text = text },
                                   { .kind = *text && !*end ? CORM_DEFAULT_INTEGER : CORM_DEFAULT_NONE, .integer = integer },
                                   { .kind = *text && !*real_end ? CORM_DEFAULT_REAL : CORM_DEFAULT_NONE, .real = real } };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
        if (tries[i].kind && is_value(field, tries[i])) {
            field->default_value = tries[i];
            return 0;
        }
    field->default_value = (corm_default){ .kind = CORM_DEFAULT_SQL, .text = quoted(arena, text) };
    return field->default_value.text ? 0 : no_memory(d->in);
}

/* --- columns --- */

static bool is_pointer(corm_kind kind) {
    return kind == CORM_VARCHAR || kind == CORM_TEXT || kind == CORM_JSON || kind == CORM_BLOB || kind == CORM_ARRAY;
}
static bool is_integer(corm_kind kind) {
    return kind == CORM_IDENTITY || kind == CORM_SMALLINT || kind == CORM_INTEGER || kind == CORM_BIGINT;
}
static bool is_text(corm_kind kind) { return kind == CORM_TEXT || kind == CORM_VARCHAR; }

static size_t position(const draft *d, const corm_column *column) { return (size_t)(column - d->table->columns); }

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
        corm__inspect_remark(d->in, d->table->name, column->name, true, "is %s in the database, which %s comes nearest to", column->approximates,
                             corm_kind_name(column->kind)))
        return CORM_ERROR_MEMORY;
    if (begins_with(d->table->primary_key, column->name) && corm__names_count(d->table->primary_key) == 1) field->primary_key = true;
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

static size_t find_model(const corm_inspection *in, const char *table) {
    size_t i = 0;
    while (i < in->n_models && strcmp(in->tables[i]->name, table) != 0) i++;
    return i;
}

/* Why it cannot be a relation of a model; NULL: it can. */
static const char *no_relation(draft *d, const corm_column *column, const corm_column **key) {
    const corm_reference *to = &column->references;
    size_t target = find_model(d->in, to->table);
    if (target == d->in->n_models) return "its table is not among the models";
    *key = to->column ? corm__column_find(d->in->tables[target], to->column) : NULL;
    if (!*key) return "its table has no such column";
    bool fits = (is_integer((*key)->kind) && is_integer(column->kind)) || (is_text((*key)->kind) && is_text(column->kind)) ||
                ((*key)->kind == CORM_UUID && column->kind == CORM_UUID);
    if (!fits) return "a relation is by integers, text or UUIDs, of one type on both sides";
    if (column->generated) return "a relation is by a column that is not generated";
    return NULL;
}

/* "user_id" is the relation user; "userid" too, with the column's name beside it. NULL when memory is out. */
static char *relation_name(draft *d, const corm_column *column) {
    corm_arena *arena = d->in->arena;
    char *name = corm__c_member(column->name, arena);
    if (!name) return NULL;
    size_t length = strlen(name);
    bool id = length > 2 && (strcmp(name + length - 2, "id") == 0 || strcmp(name + length - 2, "Id") == 0 || strcmp(name + length - 2, "ID") == 0);
    char *stem = corm__arena_strdup(arena, name);
    if (stem && id) {
        stem[length - 2] = 0;
        while (*stem && stem[strlen(stem) - 1] == '_') stem[strlen(stem) - 1] = 0;
    }
    if (!stem || !*stem || !(stem = corm__c_member(stem, arena))) stem = name;
    for (int n = 1;; n++) {
        char *try = n == 1 ? stem : n == 2 ? name : corm__arena_printf(arena, "%s_%d", stem, n), *key = try ? corm__arena_printf(arena, "%s_id", try) : NULL;
        if (!key) return NULL;
        if (corm__map_get(&d->names, try) || corm__map_get(&d->names, key)) continue;
        return corm__map_set(&d->names, try, try) || corm__map_set(&d->names, key, key) ? NULL : try;
    }
}

static int add_foreign_key(draft *d, const corm_column *column, const corm_column *key, corm_field *field) {
    corm_inspection *in = d->in;
    const corm_reference *to = &column->references;
    size_t target = find_model(in, to->table);
    corm_kind kind = is_text(key->kind) ? CORM_TEXT : key->kind == CORM_UUID ? CORM_UUID : CORM_BIGINT;
    bool one = own_unique(d, column->name) && kind == CORM_BIGINT && !(begins_with(d->table->primary_key, column->name));
    char *name = relation_name(d, column), *member = name ? corm__arena_printf(in->arena, "%s_id", name) : NULL;
    if (!member) return no_memory(in);
    *field = (corm_field){ .item = one ? CORM_ITEM_ONE_TO_ONE : CORM_ITEM_FOREIGN_KEY,
                           .name = name,
                           .kind = kind,
                           .to = &in->models[target],
                           .on_delete = to->on_delete,
                           .deferrable = to->deferrable,
                           .constraint = to->name };
    d->members[position(d, column)] = member;
    if (strcmp(member, column->name) != 0) field->column = column->name;
    if (corm__key_kind(key) != column->kind) field->stored = column->kind;
    if (column->kind == CORM_VARCHAR && column->max_length != key->max_length) field->max_length = column->max_length;
    const corm_table *table = in->tables[target];
    if (corm__names_count(table->primary_key) != 1 || !begins_with(table->primary_key, to->column)) field->to_field = to->column; /* a member's name in the end */
    set_null(column, field);
    return set_options(d, column, field);
}

static int add_columns(draft *d) {
    size_t n = 0;
    const corm_column *key = NULL;
    for (const corm_column *c = d->table->columns; c->name; c++)
        if (!c->references.table || no_relation(d, c, &key)) {
            char *name = corm__c_member(c->name, d->in->arena);
            if (!name || !(d->members[position(d, c)] = corm__c_unique(name, &d->names, d->in->arena))) return no_memory(d->in);
        }
    for (const corm_column *c = d->table->columns; c->name; c++) {
        const char *why = c->references.table ? no_relation(d, c, &key) : NULL;
        if (why && corm__inspect_remark(d->in, d->table->name, c->name, true, "has a foreign key to %s (%s) that is no relation: %s", c->references.table,
                                        c->references.column ? c->references.column : "", why))
            return CORM_ERROR_MEMORY;
        bool plain = why || !c->references.table;
        if (plain ? add_column(d, c, &d->fields[n++]) : add_foreign_key(d, c, key, &d->fields[n++])) return CORM_ERROR_MEMORY;
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
                corm__buffer_printf(&text, "%s%s%s", i ? ", " : "", d->members[position(d, c)], down ? " desc" : "");
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
        return corm__inspect_remark(in, table, item.name, true, "is left out: its name cannot be written in a model");
    if (parts > MOST_PARTS + 5 || corm__names_count(include) > MOST_PARTS)
        return corm__inspect_remark(in, table, item.name, true, "is left out: it has more than %d columns", MOST_PARTS);
    if (d->model->n_fields >= MOST_ITEMS)
        return corm__inspect_remark(in, table, item.name, true, "is left out: a model has %d items at most", MOST_ITEMS);
    if (columns && !(item.columns = members_of(d, columns))) return no_memory(in);
    if (include && !(item.include = members_of(d, include))) return no_memory(in);
    d->fields[d->model->n_fields++] = item;
    return 0;
}

static int add_index(draft *d, const corm_index *i) {
    bool unique = i->unique && (i->where || i->expression);
    return add_item(d,
                    (corm_field){ .item = unique ? CORM_ITEM_UNIQUE : CORM_ITEM_INDEX,
                                  .name = i->name,
                                  .sql = i->expression,
                                  .where = i->where,
                                  .method = i->method,
                                  .unique = i->unique && !unique,
                                  .nulls_not_distinct = i->nulls_not_distinct },
                    i->expression ? NULL : i->columns, i->include);
}

static int add_constraint(draft *d, const corm_constraint *c) {
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
    default: return add_item(d, (corm_field){ .item = CORM_ITEM_CHECK, .name = c->name, .sql = c->check }, NULL, NULL);
    }
}

static int add_items(draft *d) {
    const corm_table *table = d->table;
    int status = 0;
    if (corm__names_count(table->primary_key) > 1) status = add_item(d, (corm_field){ .item = CORM_ITEM_PRIMARY_KEY }, table->primary_key, NULL);
    for (const corm_constraint *c = table->constraints; !status && c && c->name; c++)
        if (!d->constraint_done[c - table->constraints]) status = add_constraint(d, c);
    for (const corm_index *i = table->indexes; !status && i && i->name; i++)
        if (!d->index_done[i - table->indexes]) status = add_index(d, i);
    if (!status && table->comment) status = add_item(d, (corm_field){ .item = CORM_ITEM_COMMENT, .sql = table->comment }, NULL, NULL);
    return status;
}

/* --- tables between two models --- */

static size_t count(const void *list, size_t size) {
    size_t n = 0;
    for (const char *item = list; item && *(const char *const *)item; item += size) n++;
    return n;
}

/* Is this the table that a many_to_many of `model` makes? */
static bool is_between(corm_inspection *in, const corm_table *table, const corm_model *model, const corm_table *own, corm_field *out) {
    const corm_column *a = table->columns, *b = a && a->name ? a + 1 : NULL;
    size_t length = strlen(own->name), other = b && b->name && b->references.table ? find_model(in, b->references.table) : in->n_models;
    if (other == in->n_models || !a->references.table || strcmp(a->references.table, own->name) != 0 || strncmp(table->name, own->name, length) != 0 ||
        table->name[length] != '_' || !table->name[length + 1])
        return false;
    const char *rest = table->name + length + 1;
    *out = (corm_field){ .item = CORM_ITEM_MANY_TO_MANY, .name = corm__c_member(rest, in->arena), .to = &in->models[other], .comment = table->comment };
    if (!out->name) return false;
    if (strcmp(out->name, rest) != 0) out->column = rest;
    corm_model alone = { .name = model->name, .plural = model->plural, .table = own->name };
    corm_between between;
    if (out->to == model) out->to = &alone;
    bool same = corm__between(&alone, out, in->arena, &between) == 0 && strcmp(between.own_column, a->name) == 0 &&
                strcmp(between.other_column, b->name) == 0 && table->primary_key && corm__names_count(table->primary_key) == 2;
    out->to = &in->models[other];
    return same;
}

/* All that corm would make of it, and no more. */
static bool is_made_by_corm(corm_inspection *in, const corm_table *table) {
    const corm_column *a = table->columns, *b = a + 1;
    char *index = corm__derived_name(in->arena, table->name, b->name, "idx"), *key = corm__arena_printf(in->arena, "%s, %s", a->name, b->name);
    if (!index || !key || b[1].name || strcmp(table->primary_key, key) != 0 || count(table->constraints, sizeof *table->constraints) ||
        count(table->indexes, sizeof *table->indexes) != 1 || strcmp(table->indexes->name, index) != 0 || !is_plain_index(table->indexes))
        return false;
    for (const corm_column *c = a; c <= b; c++)
        if (c->null || c->default_value.kind || c->generated || c->comment || c->references.on_delete != CORM_CASCADE || c->references.deferrable ||
            c->references.name || strcmp(c->references.column ? c->references.column : "", find_model(in, c->references.table) < in->n_models ? in->tables[find_model(in, c->references.table)]->primary_key : "") != 0)
            return false;
    return true;
}

/* The model and the field that stand for it. */
static bool find_between(corm_inspection *in, const corm_table *table, size_t *model, corm_field *out) {
    for (size_t i = 0; i < in->n_models; i++) {
        if (in->tables[i] == table || !is_between(in, table, &in->models[i], in->tables[i], out)) continue;
        *model = i;
        return is_made_by_corm(in, table);
    }
    return false;
}

/* --- all models --- */

static bool is_wanted(const corm_inspection *in, const char *name) {
    if (strncmp(name, "corm_", 5) == 0 || strncmp(name, "sqlite_", 7) == 0) return false; /* these are corm's own, or the engine's */
    if (!in->wanted || !in->wanted[0]) return true;
    for (const char *const *w = in->wanted; *w; w++)
        if (strcmp(*w, name) == 0) return true;
    return false;
}

/* The table's name without the app's: what Django puts before each is of no use here. */
static const char *without_app(const corm_inspection *in, const char *table) {
    size_t length = in->app ? strlen(in->app) : 0;
    bool begins = length && strncmp(table, in->app, length) == 0 && table[length] == '_' && table[length + 1];
    return begins ? table + length + 1 : table;
}

static int name_model(corm_inspection *in, const corm_table *table, corm_model *model) {
    char *type = corm__c_type(without_app(in, table->name), in->arena);
    if (!type || !(type = corm__c_unique(type, &in->names, in->arena))) return no_memory(in);
    char *plural = corm__c_plural(type, in->arena);
    if (!plural || !(plural = corm__c_unique(plural, &in->names, in->arena))) return no_memory(in);
    *model = (corm_model){ .name = type, .plural = plural, .table = table->name, .file = "models.h" };
    return 0;
}

static int name_models(corm_inspection *in) {
    size_t n = in->schema->n_tables, columns = 0;
    for (size_t i = 0; i < n; i++) columns += corm__column_count(&in->schema->tables[i]);
    in->models = corm__arena_array(in->arena, n + 1, sizeof *in->models);
    in->tables = corm__arena_array(in->arena, n + 1, sizeof *in->tables);
    in->enums = corm__arena_array(in->arena, columns + 1, sizeof *in->enums);
    if (!in->models || !in->tables || !in->enums) return no_memory(in);
    for (size_t i = 0; i < n; i++) {
        const corm_table *table = &in->schema->tables[i];
        if (!is_wanted(in, table->name)) continue;
        in->tables[in->n_models] = table;
        if (name_model(in, table, &in->models[in->n_models++])) return CORM_ERROR_MEMORY;
    }
    return 0;
}

static int begin(draft *d, size_t room) {
    corm_arena *arena = d->in->arena;
    d->fields = corm__arena_array(arena, room + MOST_ITEMS, sizeof *d->fields);
    d->members = corm__arena_array(arena, room + 1, sizeof *d->members);
    d->index_done = corm__arena_array(arena, room + 1, sizeof *d->index_done);
    d->constraint_done = corm__arena_array(arena, room + 1, sizeof *d->constraint_done);
    if (!d->fields || !d->members || !d->index_done || !d->constraint_done) return no_memory(d->in);
    d->model->fields = d->fields;
    return 0;
}

static int build(draft *d) {
    const corm_table *t = d->table;
    size_t room = corm__column_count(t) + count(t->indexes, sizeof *t->indexes) + count(t->constraints, sizeof *t->constraints) + 2;
    int status = begin(d, room);
    if (!status) status = add_columns(d);
    if (!status) status = add_items(d);
    if (!status && t->left_out) status = corm__inspect_remark(d->in, t->name, NULL, true, "%s", t->left_out);
    return status;
}

/* The member of the other model that .to_field names. */
static void finish_targets(corm_inspection *in, draft *drafts) {
    for (size_t i = 0; i < in->n_models; i++)
        for (size_t f = 0; f < in->models[i].n_fields; f++) {
            corm_field *field = &drafts[i].fields[f];
            if (!field->to_field || !field->to) continue;
            draft *to = &drafts[field->to - in->models];
            for (const corm_column *c = to->table->columns; c->name; c++)
                if (strcmp(c->name, field->to_field) == 0) {
                    field->to_field = to->members[position(to, c)];
                    break;
                }
        }
}

/* A to-many relation, when the model has room and a name for it. */
static int add_to_many(draft *d, corm_field field) {
    if (d->model->n_fields >= MOST_ITEMS) return 0;
    if (!(field.name = corm__c_unique(field.name, &d->names, d->in->arena))) return no_memory(d->in);
    d->fields[d->model->n_fields++] = field;
    return 0;
}

/* "AuthUsers" as "auth_users". */
static char *snake(const char *name, corm_arena *arena) {
    char *out = corm__arena_bytes(arena, strlen(name) * 2 + 1), *to = out;
    for (const char *c = name; out && *c; c++) {
        bool capital = *c >= 'A' && *c <= 'Z';
        if (capital && c > name && !(c[-1] >= 'A' && c[-1] <= 'Z')) *to++ = '_';
        *to++ = capital ? (char)(*c + 32) : *c;
    }
    if (out) *to = 0;
    return out;
}

static int add_reverse(corm_inspection *in, draft *drafts) {
    for (size_t i = 0; i < in->n_models; i++)
        for (size_t f = 0, n = in->models[i].n_fields; f < n; f++) {
            const corm_field *field = &drafts[i].fields[f];
            bool one = field->item == CORM_ITEM_ONE_TO_ONE;
            if (!one && field->item != CORM_ITEM_FOREIGN_KEY) continue;
            char *name = snake(one ? in->models[i].name : in->models[i].plural, in->arena);
            char *member = name ? corm__c_member(name, in->arena) : NULL;
            if (!member) return no_memory(in);
            corm_field reverse = { .item = one ? CORM_ITEM_HAS_ONE : CORM_ITEM_HAS_MANY, .name = member, .to = &in->models[i], .through = field->name };
            if (add_to_many(&drafts[field->to - in->models], reverse)) return CORM_ERROR_MEMORY;
        }
    return 0;
}

/* Takes the tables between two models from the list of models. */
static int fold_between(corm_inspection *in, draft *drafts, corm_field *relations, size_t *owners) {
    size_t n = 0;
    for (size_t i = 0; i < in->n_models; i++) {
        size_t owner;
        corm_field field;
        if (!find_between(in, in->tables[i], &owner, &field)) continue;
        owners[n] = owner;
        relations[n++] = field;
        drafts[i].model = NULL;
    }
    return (int)n;
}

static int make_models(corm_inspection *in, draft *drafts, corm_field *relations, size_t *owners) {
    int n = fold_between(in, drafts, relations, owners), status = 0;
    for (size_t i = 0; i < in->n_models && !status; i++)
        if (drafts[i].model) status = build(&drafts[i]);
    finish_targets(in, drafts);
    for (int i = 0; i < n && !status; i++) status = add_to_many(&drafts[owners[i]], relations[i]);
    if (!status && in->reverse) status = add_reverse(in, drafts);
    /* Relations point at models by address: a table in between keeps its place and has no fields. */
    for (size_t i = 0; i < in->n_models; i++)
        if (!drafts[i].model) in->models[i].fields = NULL, in->models[i].n_fields = 0;
    return status;
}

int corm__inspect(corm_inspection *in) {
    int status = name_models(in);
    size_t n = in->n_models;
    draft *drafts = corm__arena_array(in->arena, n + 1, sizeof *drafts);
    corm_field *relations = corm__arena_array(in->arena, n + 1, sizeof *relations);
    size_t *owners = corm__arena_array(in->arena, n + 1, sizeof *owners);
    if (!status && (!drafts || !relations || !owners)) status = no_memory(in);
    if (status) return status;
    for (size_t i = 0; i < n; i++) drafts[i] = (draft){ .in = in, .table = in->tables[i], .model = &in->models[i] };
    status = make_models(in, drafts, relations, owners);
    for (size_t i = 0; i < n; i++) corm__map_release(&drafts[i].names);
    return status;
}

void corm__inspection_release(corm_inspection *in) { corm__map_release(&in->names); }
