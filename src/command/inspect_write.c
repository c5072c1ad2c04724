/* Models as the text of models.h. An item is a line; what the model does not say stands in a
 * comment above its item, and all of it at the end. */
#include "base/real.h"
#include "command/inspect.h"
#include "base/c_text.h"
#include "schema/schema.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_WIDTH = 120, LIST_ITEMS = 100 };

/* Text that cannot end the comment that it stands in, nor its line. */
static void put_comment(corm_buffer *out, const char *text, const char *newline) {
    for (; *text; text++) {
        size_t unseen = corm__c_unseen(text);
        if (unseen) {
            corm__buffer_putc(out, '?');
            text += unseen - 1;
        } else if (*text == '\n')
            corm__buffer_puts(out, newline);
        else if ((*text == '*' && text[1] == '/') || (*text == '/' && text[1] == '*'))
            corm__buffer_printf(out, "%c ", *text);
        else
            corm__buffer_putc(out, (unsigned char)*text < ' ' ? ' ' : *text);
    }
}

static void put_text(corm_buffer *out, const char *option, const char *text) {
    if (!text) return;
    corm__buffer_printf(out, ", .%s = ", option);
    corm__c_literal(out, text);
}

static void put_flag(corm_buffer *out, const char *option, bool set) {
    if (set) corm__buffer_printf(out, ", .%s = true", option);
}

/* --- defaults --- */

static void put_real(corm_buffer *out, double value) {
    char text[64];
    corm__real_text(value, text);
    corm__buffer_printf(out, "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

static void put_default(corm_buffer *out, const corm_field *field) {
    const corm_default *value = &field->default_value;
    if (value->kind == CORM_DEFAULT_NONE) return;
    corm__buffer_puts(out, value->kind == CORM_DEFAULT_SQL ? ", .default_value = DEFAULT_SQL("
                                                           : ", .default_value = DEFAULT(");
    switch (value->kind) {
    case CORM_DEFAULT_INTEGER:
        if (field->kind == CORM_BOOLEAN && (value->integer == 0 || value->integer == 1))
            corm__buffer_puts(out, value->integer ? "true" : "false");
        else if (value->integer == INT64_MIN)
            corm__buffer_puts(out, "INT64_MIN");
        else
            corm__buffer_printf(out, "%" PRId64, value->integer);
        break;
    case CORM_DEFAULT_REAL:
        if (isfinite(value->real))
            put_real(out, value->real);
        else
            corm__buffer_puts(out, isnan(value->real) ? "__builtin_nan(\"\")"
                                   : value->real < 0  ? "-__builtin_inf()"
                                                      : "__builtin_inf()");
        break;
    default: corm__c_literal(out, value->text);
    }
    corm__buffer_putc(out, ')');
}

/* --- fields --- */

static const char *stored_kind(corm_kind kind) {
    switch (kind) {
    case CORM_SMALLINT: return "CORM_SMALLINT";
    case CORM_INTEGER: return "CORM_INTEGER";
    case CORM_BIGINT: return "CORM_BIGINT";
    case CORM_VARCHAR: return "CORM_VARCHAR";
    default: return "CORM_TEXT";
    }
}

static const char *on_delete(corm_on_delete action) {
    switch (action) {
    case CORM_CASCADE: return "CORM_CASCADE";
    case CORM_RESTRICT: return "CORM_RESTRICT";
    case CORM_SET_NULL: return "CORM_SET_NULL";
    case CORM_SET_DEFAULT: return "CORM_SET_DEFAULT";
    default: return NULL;
    }
}

static void put_options(corm_buffer *out, const corm_field *f) {
    put_text(out, "column", f->column);
    if (f->primary_key && f->kind != CORM_IDENTITY) put_flag(out, "primary_key", true);
    put_flag(out, "null", f->null);
    put_flag(out, "unique", f->unique);
    put_flag(out, "index", f->index);
    put_default(out, f);
    put_text(out, "generated", f->generated);
    put_text(out, "choices", f->choices);
    put_text(out, "collation", f->collation);
    put_text(out, "comment", f->comment);
}

static void put_column(corm_buffer *out, const corm_field *f) {
    const char *kind = corm_kind_name(f->kind);
    if (f->kind == CORM_IDENTITY)
        corm__buffer_printf(out, "%sidentity(%s",
                            f->element == CORM_INTEGER    ? "integer_"
                            : f->element == CORM_SMALLINT ? "smallint_"
                                                          : "",
                            f->name);
    else if (f->kind == CORM_ENUMERATION)
        corm__buffer_printf(out, "enumeration(%s, %s", f->name, f->labels->name);
    else
        corm__buffer_printf(out, "%s%s(%s", f->optional ? "optional_" : "", kind, f->name);
    if (f->kind == CORM_VARCHAR) corm__buffer_printf(out, ", %d", f->max_length);
    if (f->kind == CORM_DECIMAL) corm__buffer_printf(out, ", %d, %d", f->digits, f->places);
    if (f->kind == CORM_ARRAY) corm__buffer_printf(out, ", %s", corm_kind_name(f->element));
    put_options(out, f);
}

static void put_to_one(corm_buffer *out, const corm_field *f) {
    corm__buffer_printf(out, "%s%s%s(%s, %s", f->optional ? "optional_" : "",
                        f->item == CORM_ITEM_ONE_TO_ONE ? "one_to_one" : "foreign_key",
                        f->kind == CORM_UUID   ? "_uuid"
                        : f->kind == CORM_TEXT ? "_text"
                                               : "",
                        f->name, f->to->name);
    put_text(out, "to_field", f->to_field);
    if (on_delete(f->on_delete))
        corm__buffer_printf(out, ", .on_delete = %s", on_delete(f->on_delete));
    put_flag(out, "deferrable", f->deferrable);
    put_text(out, "constraint_name", f->constraint_name);
    put_flag(out, "no_index", f->no_index);
    if (f->stored) corm__buffer_printf(out, ", .stored = %s", stored_kind(f->stored));
    if (f->max_length) corm__buffer_printf(out, ", .max_length = %d", f->max_length);
    put_options(out, f);
}

static void put_word(corm_buffer *out, const char *word, const char *text) {
    if (!text) return;
    corm__buffer_printf(out, ", %s(", word);
    corm__c_literal(out, text);
    corm__buffer_putc(out, ')');
}

/* index(name, a, descending(b), where("…")) and its kin. */
static void put_item(corm_buffer *out, const corm_field *f) {
    bool exclude = f->item == CORM_ITEM_EXCLUDE, key = f->item == CORM_ITEM_PRIMARY_KEY, down;
    const char *word = exclude                       ? "exclude"
                       : key                         ? "primary_key"
                       : f->item == CORM_ITEM_UNIQUE ? "unique"
                       : f->unique                   ? "unique_index"
                                                     : "index",
               *name;
    size_t length;
    corm__buffer_printf(out, "%s(%s", word, key ? "" : f->name);
    if (exclude) {
        corm__buffer_puts(out, ", ");
        corm__c_literal(out, f->sql);
    } else {
        put_word(out, "expression", f->sql);
    }
    for (size_t i = 0; (name = corm__names_item(f->columns, i, &length, &down)); i++)
        corm__buffer_printf(out, "%s%s%.*s%s", key && !i ? "" : ", ", down ? "descending(" : "",
                            (int)length, name, down ? ")" : "");
    if (f->include) corm__buffer_printf(out, ", include(%s)", f->include);
    put_word(out, "method", f->method);
    put_word(out, "where", f->where);
    if (f->deferrable) corm__buffer_puts(out, ", deferrable()");
    if (f->nulls_not_distinct) corm__buffer_puts(out, ", nulls_not_distinct()");
}

static void put_field(corm_buffer *out, const corm_field *f) {
    switch (f->item) {
    case CORM_ITEM_COLUMN: put_column(out, f); break;
    case CORM_ITEM_FOREIGN_KEY:
    case CORM_ITEM_ONE_TO_ONE: put_to_one(out, f); break;
    case CORM_ITEM_HAS_MANY:
    case CORM_ITEM_HAS_ONE:
        corm__buffer_printf(out, "%s(%s, %s, %s",
                            f->item == CORM_ITEM_HAS_ONE ? "has_one" : "has_many", f->name,
                            f->to->name, f->through);
        break;
    case CORM_ITEM_MANY_TO_MANY:
        corm__buffer_printf(out, "many_to_many(%s, %s", f->name, f->to->name);
        put_text(out, "column", f->column);
        put_text(out, "comment", f->comment);
        break;
    case CORM_ITEM_CHECK:
        corm__buffer_printf(out, "check(%s, ", f->name);
        corm__c_literal(out, f->sql);
        break;
    case CORM_ITEM_PRIMARY_KEY:
        if (f->columns)
            put_item(out, f);
        else
            corm__buffer_puts(out, "no_primary_key(");
        break;
    case CORM_ITEM_COMMENT:
        corm__buffer_puts(out, "comment(");
        corm__c_literal(out, f->sql);
        break;
    default: put_item(out, f);
    }
    corm__buffer_putc(out, ')');
}

/* --- models --- */

static void put_enum(corm_buffer *out, const corm_inspected_enum *made) {
    corm__buffer_printf(out, "CORM_ENUM(%s", made->labels.name);
    for (size_t i = 0; made->labels.labels[i]; i++) {
        corm__buffer_printf(out, ",\n    label(%s, ", made->constants[i]);
        corm__c_literal(out, made->labels.labels[i]);
        corm__buffer_putc(out, ')');
    }
    corm__buffer_puts(out, ");\n\n");
}

/* The name in the database by which a remark means this field. */
static bool is_about(const corm_remark *remark, const corm_field *f, corm_arena *arena) {
    if (!remark->item) return false;
    const char *name = corm__field_is_column(f) ? corm__field_column(f, arena) : f->name;
    return name && strcmp(name, remark->item) == 0;
}

static void put_remarks(corm_buffer *out, const corm_inspection *in, const corm_model *model,
                        const corm_field *f) {
    for (size_t i = 0; i < in->n_remarks; i++) {
        const corm_remark *remark = &in->remarks[i];
        if (strcmp(remark->table, model->table) != 0 || !is_about(remark, f, in->arena)) continue;
        corm__buffer_puts(out, "    /* ");
        put_comment(out, remark->text, " ");
        corm__buffer_puts(out, " */\n");
    }
}

static void put_model(corm_buffer *out, const corm_inspection *in, const corm_model *model) {
    corm__buffer_printf(out, "CORM_MODEL(%s, %s, ", model->name, model->plural);
    corm__c_literal(out, model->table);
    for (size_t i = 0; i < model->n_fields; i++) {
        corm__buffer_puts(out, ",\n");
        put_remarks(out, in, model, &model->fields[i]);
        corm__buffer_puts(out, "    ");
        put_field(out, &model->fields[i]);
    }
    corm__buffer_puts(out, ");\n\n");
}

/* Several lists, for one takes no more than the macros in <corm/each.h> do. */
static void put_list(corm_buffer *out, const corm_inspection *in) {
    size_t n = 0, line = 0;
    const char *app = in->app ? in->app : "app";
    corm__buffer_printf(
        out, "/* In app.c: CORM_APP(%s, .models = %s_models, .migrations = %s_migrations); */\n",
        app, app, app);
    corm__buffer_printf(
        out, "static const corm_model *const *const %s_models[] __attribute__((unused)) = {\n",
        app);
    for (size_t i = 0; i < in->n_models; i++) {
        if (!in->models[i].n_fields) continue;
        const char *before =
            n % LIST_ITEMS == 0 ? n ? ")\n    CORM_MODEL_LIST(" : "    CORM_MODEL_LIST(" : ", ";
        if (n++ % LIST_ITEMS == 0)
            line = out->length;
        else if (out->length - line > LIST_WIDTH)
            before = ",\n        ", line = out->length;
        corm__buffer_printf(out, "%s%s", before, in->models[i].plural);
    }
    corm__buffer_printf(out, "%s\n    NULL\n};\n", n ? ")" : "");
}

static void put_end(corm_buffer *out, const corm_inspection *in) {
    if (!in->n_remarks) return;
    corm__buffer_puts(
        out, "\n/* The database has these, and the models say them otherwise or not at all:\n");
    for (size_t i = 0; i < in->n_remarks; i++) {
        const corm_remark *remark = &in->remarks[i];
        corm__buffer_puts(out, " *   ");
        put_comment(out, remark->table, " ");
        if (remark->item) corm__buffer_putc(out, '.');
        put_comment(out, remark->item ? remark->item : "", " ");
        corm__buffer_puts(out, ": ");
        put_comment(out, remark->text, "\n *     ");
        corm__buffer_putc(out, '\n');
    }
    corm__buffer_puts(out, " */\n");
}

int corm__inspect_write(const corm_inspection *in, const char *source, corm_buffer *out) {
    corm__buffer_puts(out, "/* Written by inspectdb from ");
    put_comment(out, source, " ");
    corm__buffer_puts(out, ". Read it, and change what you like: the names of the database are in "
                           "it, the others are yours. */\n#pragma "
                           "once\n#include <corm/corm.h>\n\n");
    for (size_t i = 0; i < in->n_enums; i++) put_enum(out, in->enums[i]);
    for (size_t i = 0; i < in->n_models; i++)
        if (in->models[i].n_fields) put_model(out, in, &in->models[i]);
    put_list(out, in);
    put_end(out, in);
    return corm__buffer_broken(out) ? CORM_ERROR_MEMORY : 0;
}
