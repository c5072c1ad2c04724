#include "model/model.h"
#include <string.h>

/* A key may be a key to a key (a one_to_one as primary key): so long a chain is a circle. */
enum { MAX_CHAIN = 16 };

/* A change of a model's label must not change its column's type each time. */
enum { ENUMERATION_LENGTH = 32 };

bool corm__field_is_column(const corm_field *field) {
    return field->item == CORM_ITEM_COLUMN || field->item == CORM_ITEM_FOREIGN_KEY ||
           field->item == CORM_ITEM_ONE_TO_ONE;
}

static bool is_to_one(const corm_field *field) {
    return field->item == CORM_ITEM_FOREIGN_KEY || field->item == CORM_ITEM_ONE_TO_ONE;
}
static bool is_member(const corm_field *field) {
    return field->item >= CORM_ITEM_COLUMN && field->item <= CORM_ITEM_HAS_ONE;
}

const char *corm__field_column(const corm_field *field, corm_arena *arena) {
    if (field->column && *field->column) return field->column;
    return is_to_one(field) ? corm__arena_printf(arena, "%s_id", field->name) : field->name;
}

bool corm__field_gives(const corm_field *field, const char *column) {
    if (!corm__field_is_column(field)) return false;
    if (field->column && *field->column) return strcmp(field->column, column) == 0;
    size_t length = strlen(field->name);
    return strncmp(field->name, column, length) == 0 &&
           strcmp(column + length, is_to_one(field) ? "_id" : "") == 0;
}

const corm_field *corm__field_find(const corm_model *model, const char *name, size_t length) {
    for (size_t i = 0; i < model->n_fields; i++) {
        const corm_field *field = &model->fields[i];
        if (is_member(field) && strlen(field->name) == length &&
            memcmp(field->name, name, length) == 0)
            return field;
    }
    if (length <= 3 || memcmp(name + length - 3, "_id", 3) != 0) return NULL;
    for (size_t i = 0; i < model->n_fields; i++) {
        const corm_field *field = &model->fields[i];
        if (is_to_one(field) && strlen(field->name) == length - 3 &&
            memcmp(field->name, name, length - 3) == 0)
            return field;
    }
    return NULL;
}

const char *corm__model_renamed_from(const corm_model *model) {
    for (size_t i = 0; i < model->n_fields; i++)
        if (model->fields[i].item == CORM_ITEM_RENAMED_FROM) return model->fields[i].sql;
    return NULL;
}

const corm_field *corm__primary_key_field(const corm_model *model) {
    const corm_field *found = NULL;
    for (size_t i = 0; i < model->n_fields; i++) {
        const corm_field *field = &model->fields[i], *key = NULL;
        if (field->item == CORM_ITEM_PRIMARY_KEY) {
            size_t length;
            const char *name = corm__names_item(field->columns, 0, &length, NULL);
            if (!name || corm__names_count(field->columns) != 1) return NULL;
            key = corm__field_find(model, name, length);
        } else if (corm__field_is_column(field) && field->primary_key) {
            key = field;
        }
        if (!key) continue;
        if (found && found != key) return NULL;
        found = key;
    }
    return found;
}

/* --- the column of a field --- */

size_t corm__characters(const char *text) {
    size_t n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

const char *corm__choice_at(const char *choices, size_t index, size_t *length) {
    static const char space[] = " \t\n\r";
    if (!choices || !*choices) return NULL;
    for (; index; index--) {
        choices += strcspn(choices, ",");
        if (!*choices++) return NULL;
    }
    choices += strspn(choices, space);
    *length = strcspn(choices, ",");
    while (*length && strchr(space, choices[*length - 1])) --*length;
    return choices;
}

bool corm__is_choice(const char *choices, const char *text) {
    size_t length, wanted = strlen(text);
    const char *choice;
    for (size_t i = 0; (choice = corm__choice_at(choices, i, &length)); i++)
        if (length == wanted && memcmp(choice, text, length) == 0) return true;
    return false;
}

const char *corm__enum_label(const corm_enum *labels, int64_t value) {
    for (size_t i = 0; labels && labels->labels[i]; i++)
        if (labels->values[i] == value) return labels->labels[i];
    return NULL;
}

static void enumeration_column(const corm_field *field, corm_column *out) {
    out->kind = CORM_VARCHAR;
    out->max_length = ENUMERATION_LENGTH;
    for (size_t i = 0; field->labels && field->labels->labels[i]; i++) {
        int length = (int)corm__characters(field->labels->labels[i]);
        if (length > out->max_length) out->max_length = length;
    }
    const char *label = field->default_value.kind == CORM_DEFAULT_INTEGER
                            ? corm__enum_label(field->labels, field->default_value.integer)
                            : NULL;
    if (label) out->default_value = (corm_default){ .kind = CORM_DEFAULT_TEXT, .text = label };
}

const corm_field *corm__field_target(const corm_field *field) {
    if (!field->to) return NULL;
    const corm_field *target =
        field->to_field ? corm__field_find(field->to, field->to_field, strlen(field->to_field))
                        : corm__primary_key_field(field->to);
    return target && corm__field_is_column(target) ? target : NULL;
}

corm_kind corm__key_kind(const corm_column *key) {
    if (key->kind != CORM_IDENTITY) return key->kind;
    return key->element ? key->element : CORM_BIGINT;
}

static int column_of_field(const corm_field *field, corm_arena *arena, corm_column *out,
                           int chain) {
    *out = (corm_column){
        .name = corm__field_column(field, arena),
        .kind = field->kind,
        .max_length = field->max_length,
        .digits = field->digits,
        .places = field->places,
        .element = field->element,
        .null = field->optional || field->null,
        .default_value = field->default_value,
        .generated = field->generated,
        .collation = field->collation,
        .comment = field->comment,
    };
    if (!out->name) return CORM_ERROR_MEMORY;
    if (field->kind == CORM_ENUMERATION) enumeration_column(field, out);
    if (!is_to_one(field)) return 0;
    const corm_field *target = corm__field_target(field);
    corm_column key;
    if (!target || chain == 0) return CORM_ERROR_USAGE;
    int status = column_of_field(target, arena, &key, chain - 1);
    if (status) return status;
    out->kind = field->stored ? field->stored : corm__key_kind(&key);
    out->max_length = out->kind != CORM_VARCHAR ? 0
                      : field->max_length       ? field->max_length
                                                : key.max_length;
    out->digits = key.digits;
    out->places = key.places;
    out->element = CORM_NULL;
    if (!out->collation) out->collation = key.collation;
    if (field->constraint)
        out->references = (corm_reference){ .table = field->to->table,
                                            .column = key.name,
                                            .on_delete = field->on_delete,
                                            .deferrable = field->deferrable,
                                            .name = field->constraint_name };
    return 0;
}

int corm__column_of_field(const corm_model *model, const corm_field *field, corm_arena *arena,
                          corm_column *out) {
    (void)model;
    return column_of_field(field, arena, out, MAX_CHAIN);
}

/* --- the table between two models --- */

static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_lower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/* "RecipeTag" as "recipe_tag", "HTTPServer" as "http_server". */
static char *snake(const char *name, corm_arena *arena) {
    char *out = corm__arena_bytes(arena, strlen(name) * 2 + 1), *p = out;
    if (!out) return NULL;
    for (const char *c = name; *c; c++) {
        bool first =
            is_upper(*c) && c > name && (is_lower(c[-1]) || (is_upper(c[-1]) && is_lower(c[1])));
        if (first) *p++ = '_';
        *p++ = is_upper(*c) ? (char)(*c + 32) : *c;
    }
    *p = 0;
    return out;
}

bool corm__makes_between(const corm_field *field) {
    return field->item == CORM_ITEM_MANY_TO_MANY && field->to && !field->through &&
           !field->through_model;
}

/* The first foreign key of the model in between that points at `to`, and is not `other`. */
static const corm_field *side_of(const corm_model *between, const corm_model *to,
                                 const corm_field *other) {
    for (size_t i = 0; i < between->n_fields; i++)
        if (is_to_one(&between->fields[i]) && between->fields[i].to == to &&
            &between->fields[i] != other)
            return &between->fields[i];
    return NULL;
}

static int between_model(const corm_model *model, const corm_field *field, corm_arena *arena,
                         corm_between *out) {
    const corm_field *own = side_of(field->through_model, model, NULL),
                     *other = side_of(field->through_model, field->to, own);
    if (!own || !other) return CORM_ERROR_USAGE;
    *out = (corm_between){ field->through_model->table, corm__field_column(own, arena),
                           corm__field_column(other, arena), field->constraint && own->constraint,
                           field->constraint && other->constraint };
    return out->own_column && out->other_column ? 0 : CORM_ERROR_MEMORY;
}

int corm__between(const corm_model *model, const corm_field *field, corm_arena *arena,
                  corm_between *out) {
    model = corm__original(model);
    if (field->through_model) return between_model(model, field, arena, out);
    bool self = field->to == model;
    const char *own = snake(model->name, arena), *other = snake(field->to->name, arena);
    if (!own || !other) return CORM_ERROR_MEMORY;
    char *table = corm__between_full_name(model, field, arena),
         *own_column = corm__arena_printf(arena, self ? "from_%s_id" : "%s_id", own),
         *other_column = corm__arena_printf(arena, self ? "to_%s_id" : "%s_id", other);
    if (!table || !own_column || !other_column) return CORM_ERROR_MEMORY;
    out->table = field->through ? field->through : corm__shorten_name(table);
    out->own_column = corm__shorten_name(own_column);
    out->other_column = corm__shorten_name(other_column);
    out->own_constraint = out->other_constraint = field->constraint;
    return 0;
}

char *corm__between_full_name(const corm_model *model, const corm_field *field, corm_arena *arena) {
    return corm__arena_printf(arena, "%s_%s", corm__original(model)->table,
                              field->column ? field->column : field->name);
}

const corm_field *corm__version_field(const corm_model *model) {
    for (size_t i = 0; i < model->n_fields; i++)
        if (model->fields[i].version) return &model->fields[i];
    return NULL;
}
