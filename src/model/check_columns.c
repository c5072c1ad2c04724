#include "model/checks.h"
#include <string.h>

/* PostgreSQL's limit for varchar(n). */
enum { MAX_VARCHAR = 10485760 };

static bool is_text(corm_kind kind) { return kind == CORM_VARCHAR || kind == CORM_TEXT; }
static bool is_moment(corm_kind kind) {
    return kind == CORM_DATE || kind == CORM_TIME || kind == CORM_TIMESTAMP;
}
/* Can the C member say NULL by itself? */
static bool can_be_null(corm_kind kind) {
    return is_text(kind) || kind == CORM_JSON || kind == CORM_BLOB || kind == CORM_ARRAY;
}

static void check_type(corm_checker *checker, const corm_field *field) {
    const char *name = field->name;
    if (field->item == CORM_ITEM_COLUMN && field->kind == CORM_VARCHAR &&
        (field->max_length < 1 || field->max_length > MAX_VARCHAR))
        CORM_SAY_ERROR(checker, "fields.E002", name,
                       "give a length from 1 to 10485760, or use text(…)",
                       "varchar with a length of %d", field->max_length);
    if (field->kind == CORM_DECIMAL &&
        (field->digits < 1 || field->digits > CORM_DECIMAL_MAX_DIGITS || field->places < 0 ||
         field->places > field->digits))
        CORM_SAY_ERROR(
            checker, "fields.E003", name,
            "decimal(name, digits, places): 1 to 38 digits, of which 0 to all are places",
            "decimal of %d digits with %d places", field->digits, field->places);
    if (field->null && !field->optional && !can_be_null(field->kind)) {
        const char *other = field->item == CORM_ITEM_COLUMN       ? corm_kind_name(field->kind)
                            : field->item == CORM_ITEM_ONE_TO_ONE ? "one_to_one"
                                                                  : "foreign_key";
        bool has = field->kind != CORM_ENUMERATION && field->kind != CORM_IDENTITY;
        const char *hint = has ? corm__check_text(checker, "use optional_%s", other)
                               : "give the enumeration a label for 'nothing'";
        CORM_SAY_ERROR(checker, "fields.E001", name,
                       field->kind == CORM_IDENTITY ? "leave out .null" : hint,
                       "has .null, but its C type has no place for NULL");
    }
    if (field->collation && !is_text(field->kind))
        CORM_SAY_ERROR(checker, "fields.E016", name, "leave out .collation",
                       "has .collation, which only text has");
    if (field->kind == CORM_IDENTITY && (field->default_value.kind || field->generated))
        CORM_SAY_ERROR(checker, "fields.E015", name,
                       "leave it out, or use bigint(…, .primary_key = true)",
                       "an identity has its value from the database: no default, no expression");
    if (field->primary_key && (field->optional || field->null))
        CORM_SAY_ERROR(checker, "fields.E010", name,
                       "leave out .null, or use the kind without optional_",
                       "is the primary key and may be NULL");
}

static void check_automatic(corm_checker *checker, const corm_field *field) {
    const char *name = field->name;
    bool automatic = field->auto_now || field->auto_now_add;
    if (automatic && !is_moment(field->kind))
        CORM_SAY_ERROR(checker, "fields.E007", name, "leave it out, or use timestamp, date or time",
                       "has .auto_now, which %s does not have", corm_kind_name(field->kind));
    if (field->auto_now && field->auto_now_add)
        CORM_SAY_ERROR(checker, "fields.E008", name,
                       "keep .auto_now (each save) or .auto_now_add (insert)",
                       "has both .auto_now and .auto_now_add");
    if (field->version && corm__version_field(checker->model) != field)
        CORM_SAY_ERROR(checker, "fields.E019", name, "keep one",
                       "is a second version: one says which writing of the row it is");
    if (!field->generated) return;
    if (!*field->generated)
        CORM_SAY_ERROR(checker, "fields.E009", name, "write an SQL expression",
                       "has an empty .generated");
    if (field->default_value.kind || automatic || field->primary_key ||
        field->item != CORM_ITEM_COLUMN)
        CORM_SAY_ERROR(checker, "fields.E009", name, "keep .generated alone",
                       "is .generated: no default, .auto_now, primary key or relation");
}

/* --- choices and labels --- */

static void check_choices(corm_checker *checker, const corm_field *field) {
    size_t length, other_length;
    const char *choice, *other;
    if (!field->choices) return;
    if (!is_text(field->kind)) {
        CORM_SAY_ERROR(checker, "fields.E011", field->name, "use check(…) on the model",
                       "has .choices, which only text has");
        return;
    }
    if (!*field->choices)
        CORM_SAY_ERROR(checker, "fields.E011", field->name, "write .choices = \"one, two\"",
                       "has empty .choices");
    for (size_t i = 0; (choice = corm__choice_at(field->choices, i, &length)); i++) {
        const char *text = corm__check_text(checker, "%.*s", (int)length, choice);
        if (!length)
            CORM_SAY_ERROR(checker, "fields.E011", field->name, "remove the comma too many",
                           "has an empty choice");
        if (field->kind == CORM_VARCHAR && corm__characters(text) > (size_t)field->max_length)
            CORM_SAY_ERROR(checker, "fields.E012", field->name, "make the column longer",
                           "the choice '%s' is longer than the column, %d", text,
                           field->max_length);
        for (size_t j = 0; j < i && (other = corm__choice_at(field->choices, j, &other_length));
             j++)
            if (length && length == other_length && memcmp(choice, other, length) == 0)
                CORM_SAY_ERROR(checker, "fields.E011", field->name, "keep one",
                               "has the choice '%s' twice", text);
    }
}

static void check_labels(corm_checker *checker, const corm_field *field) {
    const corm_enum *labels = field->labels;
    if (!labels || !labels->labels[0]) {
        CORM_SAY_ERROR(checker, "fields.E013", field->name,
                       "CORM_ENUM(Name, label(CONSTANT, \"label\"), …)",
                       "is an enumeration without labels");
        return;
    }
    for (size_t i = 0; labels->labels[i]; i++) {
        if (!*labels->labels[i])
            CORM_SAY_ERROR(checker, "fields.E013", field->name, "give each constant a text",
                           "%s has an empty label", labels->name);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(labels->labels[i], labels->labels[j]) == 0)
                CORM_SAY_ERROR(checker, "fields.E013", field->name,
                               "give each constant its own text", "%s has the label '%s' twice",
                               labels->name, labels->labels[i]);
            if (labels->values[i] == labels->values[j])
                CORM_SAY_ERROR(checker, "fields.E013", field->name,
                               "give each constant its own value", "%s has the value %d twice",
                               labels->name, labels->values[i]);
        }
    }
}

/* --- default --- */

static void check_default(corm_checker *checker, const corm_field *field) {
    const corm_default *value = &field->default_value;
    corm_member member;
    const char *name = field->name, *kind = corm_kind_name(field->kind);
    if (value->kind != CORM_DEFAULT_NONE &&
        (value->kind < CORM_DEFAULT_INTEGER || value->kind > CORM_DEFAULT_SQL)) {
        CORM_SAY_ERROR(checker, "fields.E004", name, "write .default_value = DEFAULT(…)",
                       "its default is not written with DEFAULT");
        return;
    }
    if (value->kind == CORM_DEFAULT_SQL && (!value->text || !*value->text))
        CORM_SAY_ERROR(checker, "fields.E004", name, "write an SQL expression, or leave it out",
                       "has an empty DEFAULT_SQL");
    if (value->kind == CORM_DEFAULT_NONE || value->kind == CORM_DEFAULT_SQL ||
        field->kind == CORM_IDENTITY)
        return;
    int status = value->kind == CORM_DEFAULT_TEXT && !value->text
                     ? CORM_ERROR_TYPE
                     : corm__default_write(field, &member);
    if (status == CORM_ERROR_TYPE)
        CORM_SAY_ERROR(checker, "fields.E004", name,
                       field->kind == CORM_DECIMAL
                           ? "write it as text: DEFAULT(\"0.10\")"
                           : "write a value of its kind, or DEFAULT_SQL(\"…\")",
                       "its default is not of kind %s", kind);
    else if (status && field->kind == CORM_ENUMERATION)
        CORM_SAY_ERROR(checker, "fields.E006", name, "use one of the constants or labels",
                       "its default is not in %s",
                       field->labels ? field->labels->name : "its enumeration");
    else if (status)
        CORM_SAY_ERROR(checker, "fields.E005", name,
                       "write a value that fits, or make the column larger",
                       "its default does not fit %s", kind);
    else if (field->choices && value->kind == CORM_DEFAULT_TEXT &&
             !corm__is_choice(field->choices, value->text))
        CORM_SAY_ERROR(checker, "fields.E006", name, "add it to .choices, or use one of them",
                       "its default '%s' is not among the choices", value->text);
}

static void check_renamed(corm_checker *checker, const corm_field *field, const char *column) {
    const char *from = field->renamed_from;
    if (!from || !column) return;
    if (strcmp(from, column) == 0)
        CORM_SAY_ERROR(checker, "fields.E017", field->name,
                       "write the column's former name, or leave it out",
                       "is renamed from its own name");
    for (size_t i = 0; i < checker->model->n_fields; i++) {
        const corm_field *other = &checker->model->fields[i];
        const char *name = other != field && corm__field_is_column(other)
                               ? corm__field_column(other, checker->out->arena)
                               : NULL;
        if (name && strcmp(name, from) == 0)
            CORM_SAY_ERROR(checker, "fields.E017", field->name,
                           "leave out .renamed_from once the migration is written",
                           "is renamed from '%s', which is a column of the model", from);
    }
}

void corm__check_column(corm_checker *checker, const corm_field *field) {
    const char *column = corm__field_column(field, checker->out->arena);
    if (!column)
        checker->broken = true;
    else
        corm__check_identifier(checker, field->name, "column", column);
    check_type(checker, field);
    check_automatic(checker, field);
    check_choices(checker, field);
    if (field->kind == CORM_ENUMERATION) check_labels(checker, field);
    check_default(checker, field);
    check_renamed(checker, field, column);
    if (field->index &&
        (field->unique || field->primary_key || field->item == CORM_ITEM_ONE_TO_ONE))
        CORM_SAY_WARNING(checker, "fields.W001", field->name, "leave out .index",
                         "has .index, but a unique column has an index already");
    if (field->item == CORM_ITEM_COLUMN &&
        (field->on_delete || field->to_field || field->deferrable || field->through ||
         field->no_index || field->stored || field->constraint || field->constraint_name))
        CORM_SAY_ERROR(checker, "fields.E018", field->name, "leave it out, or use foreign_key(…)",
                       "has an option of relations");
}

/* --- items of the table --- */

static const char *item_word(const corm_field *item) {
    switch (item->item) {
    case CORM_ITEM_PRIMARY_KEY: return "primary_key";
    case CORM_ITEM_UNIQUE: return "unique";
    case CORM_ITEM_CHECK: return "check";
    case CORM_ITEM_EXCLUDE: return "exclude";
    default: return "index";
    }
}

static bool is_blank(const char *sql) { return !sql || !sql[strspn(sql, " \t\n")]; }

/* Names of members in an item. */
static void check_item_columns(corm_checker *checker, const corm_field *item, const char *names) {
    size_t length, other_length;
    const char *name, *other, *what = item_word(item);
    for (size_t i = 0; (name = corm__names_item(names, i, &length, NULL)); i++) {
        const corm_field *field = corm__field_find(checker->model, name, length);
        if (!field || !corm__field_is_column(field))
            CORM_SAY_ERROR(checker, "models.E009", item->name, "name members that are columns",
                           "%s names '%.*s', which is no column of %s", what, (int)length, name,
                           checker->model->name);
        else if (item->item == CORM_ITEM_PRIMARY_KEY && (field->optional || field->null))
            CORM_SAY_ERROR(checker, "fields.E010", field->name,
                           "leave out .null, or use the kind without optional_",
                           "is in the primary key and may be NULL");
        for (size_t j = 0; j < i && (other = corm__names_item(names, j, &other_length, NULL)); j++)
            if (length == other_length && memcmp(name, other, length) == 0)
                CORM_SAY_ERROR(checker, "models.E009", item->name, "name it once",
                               "%s names '%.*s' twice", what, (int)length, name);
    }
}

/* Which words an item takes among its columns. */
static void check_item_words(corm_checker *checker, const corm_field *item) {
    bool unique = item->item == CORM_ITEM_UNIQUE, exclude = item->item == CORM_ITEM_EXCLUDE,
         key = item->item == CORM_ITEM_PRIMARY_KEY;
    bool constraint = exclude || (unique && !item->where && !item->sql), descending = false, down;
    const char *word = NULL;
    size_t length;
    for (size_t i = 0; corm__names_item(item->columns, i, &length, &down); i++) descending |= down;
    if (descending && (key || constraint)) word = "descending(…)";
    if (key && (item->where || item->sql || item->include || item->method))
        word = "a word of an index";
    if (item->deferrable && !constraint) word = "deferrable()";
    if (item->nulls_not_distinct && !unique) word = "nulls_not_distinct()";
    if (item->method && unique && constraint) word = "method(…)";
    if (word)
        CORM_SAY_ERROR(checker, "models.E015", item->name, "leave it out, or use index(…)",
                       "%s has %s, which it cannot have", item_word(item), word);
}

static void check_old_table(corm_checker *checker, const corm_field *item) {
    if (is_blank(item->sql) || strcmp(item->sql, checker->model->table) == 0)
        CORM_SAY_ERROR(checker, "models.E016", NULL,
                       "write the table's former name, or leave it out",
                       "is renamed from its own name");
}

void corm__check_item(corm_checker *checker, const corm_field *item) {
    const char *what = item_word(item);
    if (item->hook || item->item == CORM_ITEM_COMMENT ||
        (item->item == CORM_ITEM_PRIMARY_KEY && !item->columns))
        return; /* no_primary_key() */
    if (item->item == CORM_ITEM_RENAMED_FROM) {
        check_old_table(checker, item);
        return;
    }
    if (item->item != CORM_ITEM_PRIMARY_KEY)
        corm__check_identifier(checker, item->name,
                               item->item == CORM_ITEM_INDEX ? "index" : "constraint", item->name);
    if (item->item == CORM_ITEM_CHECK) {
        if (is_blank(item->sql))
            CORM_SAY_ERROR(checker, "models.E013", item->name, "write a condition, or leave it out",
                           "check without a condition");
        return;
    }
    if (item->where && is_blank(item->where))
        CORM_SAY_ERROR(checker, "models.E013", item->name,
                       "write a condition, or use the item without one",
                       "%s with an empty condition", what);
    if (item->sql && is_blank(item->sql))
        CORM_SAY_ERROR(checker, "models.E013", item->name,
                       "write an SQL expression, or name columns", "%s with an empty expression",
                       what);
    size_t n = corm__names_count(item->columns);
    if (item->sql && n)
        CORM_SAY_ERROR(checker, "models.E009", item->name,
                       "name the columns in the expression too: expression(\"lower(a), b\")",
                       "%s of columns and an expression", what);
    else if ((n == 0 && !item->sql) || n > 32)
        CORM_SAY_ERROR(checker, "models.E009", item->name, "name 1 to 32 columns",
                       "%s of %zu columns", what, n);
    check_item_columns(checker, item, item->columns);
    check_item_columns(checker, item, item->include);
    check_item_words(checker, item);
}
