#include "model/checks.h"
#include <string.h>

static bool is_to_one(const corm_field *field) {
    return field->item == CORM_ITEM_FOREIGN_KEY || field->item == CORM_ITEM_ONE_TO_ONE;
}

static bool is_listed(const corm_checker *checker, const corm_model *model) {
    return corm__map_get_bytes(&checker->listed, &model, sizeof model);
}

static bool is_unique(const corm_model *model, const corm_field *field) {
    if (field->unique || field->primary_key || field->item == CORM_ITEM_ONE_TO_ONE ||
        corm__primary_key_field(model) == field)
        return true;
    for (size_t i = 0; i < model->n_fields; i++) {
        const corm_field *item = &model->fields[i];
        size_t length;
        bool unique =
            item->item == CORM_ITEM_UNIQUE || (item->item == CORM_ITEM_INDEX && item->unique);
        if (!unique || item->where || item->sql || corm__names_count(item->columns) != 1) continue;
        const char *name = corm__names_item(item->columns, 0, &length, NULL);
        if (corm__field_find(model, name, length) == field) return true;
    }
    return false;
}

/* --- to one --- */

/* Can the member of a foreign key hold a key of this kind? */
static bool holds(corm_kind member, corm_kind key) {
    switch (member) {
    case CORM_BIGINT:
        return key == CORM_IDENTITY || key == CORM_BIGINT || key == CORM_INTEGER ||
               key == CORM_SMALLINT;
    case CORM_TEXT: return key == CORM_TEXT || key == CORM_VARCHAR;
    default: return member == key;
    }
}

static void check_key(corm_checker *checker, const corm_field *field) {
    const corm_model *to = field->to;
    const corm_field *target = corm__field_target(field);
    corm_column column;
    if (!target) {
        if (field->to_field)
            CORM_SAY_ERROR(checker, "relations.E002", field->name,
                           "name a column of it in .to_field", "%s has no column '%s'", to->name,
                           field->to_field);
        else
            CORM_SAY_ERROR(
                checker, "relations.E002", field->name,
                corm__check_text(checker,
                                 "give %s an identity(id), or name a unique column in .to_field",
                                 to->name),
                "%s has no primary key of one column", to->name);
        return;
    }
    int status = corm__column_of_field(to, target, checker->out->arena, &column);
    if (status == CORM_ERROR_MEMORY)
        checker->broken = true;
    else if (status)
        CORM_SAY_ERROR(checker, "relations.E012", field->name, "let one of the keys be an identity",
                       "the key of %s is a foreign key that leads to no column, or in a circle",
                       to->name);
    if (status) return;
    if (!is_unique(to, target))
        CORM_SAY_ERROR(
            checker, "relations.E003", field->name,
            corm__check_text(checker, "give %s.%s .unique = true", to->name, target->name),
            "points at %s.%s, which is not unique", to->name, target->name);
    if (!holds(field->kind, column.kind)) {
        const char *variant = column.kind == CORM_UUID ? "foreign_key_uuid"
                              : column.kind == CORM_TEXT || column.kind == CORM_VARCHAR
                                  ? "foreign_key_text"
                                  : "foreign_key";
        bool known = column.kind == CORM_UUID || column.kind == CORM_TEXT ||
                     column.kind == CORM_VARCHAR || holds(CORM_BIGINT, column.kind);
        CORM_SAY_ERROR(checker, "relations.E004", field->name,
                       known ? corm__check_text(checker, "use %s%s(%s, %s)",
                                                field->optional ? "optional_" : "", variant,
                                                field->name, to->name)
                             : "let it point at a column of integers, text or uuid",
                       "is a key of type %s, but %s.%s is %s", corm_kind_name(field->kind),
                       to->name, target->name, corm_kind_name(column.kind));
    }
}

static void check_to_one(corm_checker *checker, const corm_field *field) {
    check_key(checker, field);
    if (field->on_delete == CORM_SET_NULL && !field->optional && !field->null)
        CORM_SAY_ERROR(checker, "relations.E005", field->name,
                       "use optional_foreign_key(…), or another .on_delete",
                       "has .on_delete = CORM_SET_NULL, but may not be NULL");
    if (field->on_delete == CORM_SET_DEFAULT && field->default_value.kind == CORM_DEFAULT_NONE)
        CORM_SAY_ERROR(checker, "relations.E006", field->name,
                       "give it a .default_value, or another .on_delete",
                       "has .on_delete = CORM_SET_DEFAULT, but no default");
    if (!field->constraint && (field->on_delete || field->deferrable || field->constraint_name))
        CORM_SAY_ERROR(checker, "relations.E015", field->name,
                       "leave out .constraint = false, or what the constraint would do",
                       "has .constraint = false, but also %s, which the constraint would do",
                       field->on_delete       ? ".on_delete"
                       : field->deferrable    ? ".deferrable"
                                              : ".constraint_name");
    if (field->through)
        CORM_SAY_ERROR(checker, "relations.E013", field->name, "leave out .through",
                       "has .through, which only many_to_many has");
}

/* --- to many --- */

static void check_reverse(corm_checker *checker, const corm_field *field) {
    const corm_model *to = field->to;
    const char *what = field->item == CORM_ITEM_HAS_ONE ? "has_one" : "has_many";
    const corm_field *back =
        field->through ? corm__field_find(to, field->through, strlen(field->through)) : NULL;
    if (!back) {
        CORM_SAY_ERROR(checker, "relations.E007", field->name,
                       corm__check_text(checker, "name the relation of %s that points at %s",
                                        to->name, checker->model->name),
                       "%s: %s has no '%s'", what, to->name, field->through ? field->through : "");
        return;
    }
    if (back->to != checker->model || !(is_to_one(back) || back->item == CORM_ITEM_MANY_TO_MANY)) {
        CORM_SAY_ERROR(
            checker, "relations.E008", field->name,
            corm__check_text(checker, "name a foreign_key, one_to_one or many_to_many of %s to %s",
                             to->name, checker->model->name),
            "%s: %s.%s does not point at %s", what, to->name, back->name, checker->model->name);
        return;
    }
    if (field->item == CORM_ITEM_HAS_ONE && (!is_to_one(back) || !is_unique(to, back)))
        CORM_SAY_ERROR(checker, "relations.E009", field->name,
                       corm__check_text(checker, "use has_many, or make %s.%s a one_to_one",
                                        to->name, back->name),
                       "has_one, but several %s may point at one %s", to->plural,
                       checker->model->name);
}

static const corm_model *model_of_table(const corm_checker *checker, const char *table) {
    for (const corm_app *const *app = checker->apps; app && *app; app++)
        for (const corm_model *const *const *ref = (*app)->models; ref && *ref; ref++)
            if (strcmp((**ref)->table, table) == 0) return **ref;
    return NULL;
}

static const corm_field *field_of(const corm_model *model, const char *column) {
    for (size_t i = 0; i < model->n_fields; i++)
        if (corm__field_gives(&model->fields[i], column)) return &model->fields[i];
    return NULL;
}

static void check_many_to_many(corm_checker *checker, const corm_field *field) {
    const corm_model *model = checker->model, *sides[] = { model, field->to };
    corm_between between;
    for (int i = 0; i < 2; i++)
        if (!corm__primary_key_field(sides[i]) && !(i && field->to == model))
            CORM_SAY_ERROR(checker, "relations.E011", field->name,
                           corm__check_text(checker, "give %s an identity(id)", sides[i]->name),
                           "%s has no primary key of one column", sides[i]->name);
    int status = corm__between(model, field, checker->out->arena, &between);
    if (status == CORM_ERROR_MEMORY) checker->broken = true;
    if (field->through_model && !is_listed(checker, field->through_model))
        CORM_SAY_ERROR(checker, "relations.E010", field->name,
                       "add it to the CORM_MODELS of an app, and the app to CORM_APPS",
                       "its rows in between are of %s, which no app lists",
                       field->through_model->name);
    if (status == CORM_ERROR_USAGE)
        CORM_SAY_ERROR(checker, "relations.E010", field->name,
                       corm__check_text(checker, "give %s a foreign_key to %s and one to %s",
                                        field->through_model->name, model->name, field->to->name),
                       "%s does not point at both sides", field->through_model->name);
    if (status || !field->through) return;
    const corm_model *through = model_of_table(checker, field->through);
    if (!through) {
        CORM_SAY_ERROR(checker, "relations.E010", field->name,
                       "name the table of a model that an app lists, or leave out .through; the "
                       "other side of a many_to_many is "
                       "has_many(…, …, its name)",
                       "its table in between, '%s', is that of no model", field->through);
        return;
    }
    const char *columns[] = { between.own_column, between.other_column };
    for (int i = 0; i < 2; i++) {
        const corm_field *key = field_of(through, columns[i]);
        if (!key)
            CORM_SAY_ERROR(checker, "relations.E010", field->name,
                           corm__check_text(checker, "give %s a foreign key with .column = \"%s\"",
                                            through->name, columns[i]),
                           "the table in between, '%s', has no column '%s'", field->through,
                           columns[i]);
        else if (field->constraint && !key->constraint)
            CORM_SAY_ERROR(checker, "relations.E016", field->name,
                           "give it .constraint = false, so that queries look for the row",
                           "'%s' of the table in between, '%s', has no foreign key constraint",
                           columns[i], field->through);
    }
}

/* What has no column has none of its options. */
static void check_options(corm_checker *checker, const corm_field *field) {
    if (field->null || field->unique || field->index || field->primary_key || field->auto_now ||
        field->auto_now_add || field->default_value.kind || field->generated || field->choices ||
        field->collation)
        CORM_SAY_ERROR(checker, "relations.E014", field->name, "leave it out",
                       "has an option of columns, but a relation to many rows has no column");
    bool reverse = field->item != CORM_ITEM_MANY_TO_MANY;
    if (field->on_delete || field->to_field || field->deferrable || field->no_index ||
        field->stored || field->constraint_name || (reverse && !field->constraint))
        CORM_SAY_ERROR(checker, "relations.E014", field->name, "put it on the foreign key",
                       "has an option of foreign keys, but is a relation to many rows");
}

void corm__check_relation(corm_checker *checker, const corm_field *field) {
    if (!field->to) {
        CORM_SAY_ERROR(checker, "relations.E001", field->name, "name a model",
                       "points at no model");
        return;
    }
    if (!is_listed(checker, field->to)) {
        const char *plural = field->to->plural ? field->to->plural : field->to->name;
        CORM_SAY_ERROR(
            checker, "relations.E001", field->name,
            corm__check_text(
                checker, "add %s to the CORM_MODELS of an app, and the app to CORM_APPS", plural),
            "points at %s, which no app lists", field->to->name);
    }
    if (is_to_one(field)) {
        check_to_one(checker, field);
        return;
    }
    check_options(checker, field);
    if (field->item == CORM_ITEM_MANY_TO_MANY)
        check_many_to_many(checker, field);
    else
        check_reverse(checker, field);
}
