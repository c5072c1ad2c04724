/* Tables from models. A model gives one table, and one more for each many-to-many relation. What a
 * foreign key, .unique, .index, .choices and an enumeration mean in SQL is decided here and nowhere
 * else: foreign_key  a column, and an index unless the primary key, a constraint or another index
 * begins with that column .unique      UNIQUE, named table_column_uniq       .index   an index,
 * named table_column_idx .choices     CHECK (column IN (…)), named table_column_check; an
 * enumeration too */
#include "base/buffer.h"
#include "base/error.h"
#include "model/model.h"
#include <string.h>

typedef struct builder {
    corm_arena *arena;
    corm_error_info *error;
    const char *app;
    corm_table *tables;
    size_t n_tables;
} builder;

/* A table in the making, with room for all that its model can give. */
typedef struct draft {
    const corm_model *model;
    corm_table *table;
    corm_column *columns;
    corm_index *indexes;
    corm_constraint *constraints;
    size_t n_columns, n_indexes, n_constraints;
} draft;

static int finish(builder *build, corm_buffer *text, const char **out) {
    *out = corm__buffer_broken(text) ? NULL
                                     : corm__arena_strdup(build->arena, corm__buffer_text(text));
    corm__buffer_release(text);
    return *out ? 0 : corm__fail_memory(build->error);
}

/* Names of members as names of columns. */
static int column_names(builder *build, const corm_model *model, const char *names,
                        const char **out) {
    corm_buffer text = { 0 };
    size_t length;
    bool descending;
    const char *name;
    for (size_t i = 0; (name = corm__names_item(names, i, &length, &descending)); i++) {
        const corm_field *field = corm__field_find(model, name, length);
        if (!field || !corm__field_is_column(field)) {
            corm__buffer_release(&text);
            return corm__fail(build->error, CORM_ERROR_USAGE, "%s:%d: %s has no column '%.*s'",
                              model->file, model->line, model->name, (int)length, name);
        }
        const char *column = corm__field_column(field, build->arena);
        if (!column)
            text.broken = true;
        else
            corm__buffer_printf(&text, "%s%s%s", i ? ", " : "", column, descending ? " desc" : "");
    }
    return finish(build, &text, out);
}

/* --- items of the table --- */

/* What an item says of an index; of a unique constraint too, when it has neither a condition nor an
 * expression. */
static void add_index_item(draft *draft, const corm_field *item, const char *columns,
                           const char *include) {
    bool unique = item->item == CORM_ITEM_UNIQUE || item->unique;
    if (!columns[0]) columns = NULL;
    if (item->item == CORM_ITEM_UNIQUE && !item->where && !item->sql)
        draft->constraints[draft->n_constraints++] =
            (corm_constraint){ .name = item->name,
                               .kind = CORM_CONSTRAINT_UNIQUE,
                               .columns = columns,
                               .deferrable = item->deferrable,
                               .nulls_not_distinct = item->nulls_not_distinct,
                               .include = include };
    else
        draft->indexes[draft->n_indexes++] =
            (corm_index){ .name = item->name,
                          .columns = columns,
                          .expression = item->sql,
                          .where = item->where,
                          .include = include,
                          .method = item->method,
                          .unique = unique,
                          .nulls_not_distinct = item->nulls_not_distinct };
}

static int add_item(builder *build, draft *draft, const corm_field *item) {
    const char *columns = NULL, *include = NULL;
    int status = item->columns ? column_names(build, draft->model, item->columns, &columns) : 0;
    if (!status && item->include)
        status = column_names(build, draft->model, item->include, &include);
    if (status) return status;
    switch (item->item) {
    case CORM_ITEM_INDEX:
    case CORM_ITEM_UNIQUE: add_index_item(draft, item, columns, include); break;
    case CORM_ITEM_EXCLUDE:
        draft->constraints[draft->n_constraints++] =
            (corm_constraint){ .name = item->name,
                               .kind = CORM_CONSTRAINT_EXCLUDE,
                               .elements = item->sql,
                               .method = item->method,
                               .where = item->where,
                               .include = include,
                               .deferrable = item->deferrable };
        break;
    case CORM_ITEM_CHECK:
        draft->constraints[draft->n_constraints++] = (corm_constraint){
            .name = item->name, .kind = CORM_CONSTRAINT_CHECK, .check = item->sql
        };
        break;
    case CORM_ITEM_PRIMARY_KEY: draft->table->primary_key = columns; break;
    case CORM_ITEM_COMMENT: draft->table->comment = item->sql; break;
    default: break;
    }
    return 0;
}

/* --- what options of a column make --- */

static void put_literal(corm_buffer *out, const char *text, size_t length) {
    corm__buffer_putc(out, '\'');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\'') corm__buffer_putc(out, '\'');
        corm__buffer_putc(out, text[i]);
    }
    corm__buffer_putc(out, '\'');
}

static int add_choices(builder *build, draft *draft, const corm_field *field, const char *column) {
    corm_buffer text = { 0 };
    const char *quote = corm__identifier_is_plain(column) ? "" : "\"", *check, *name;
    corm__buffer_printf(&text, "%s%s%s IN (", quote, column, quote);
    if (field->kind == CORM_ENUMERATION) {
        for (size_t i = 0; field->labels->labels[i]; i++) {
            if (i) corm__buffer_puts(&text, ", ");
            put_literal(&text, field->labels->labels[i], strlen(field->labels->labels[i]));
        }
    } else {
        size_t length;
        const char *choice;
        for (size_t i = 0; (choice = corm__choice_at(field->choices, i, &length)); i++) {
            if (i) corm__buffer_puts(&text, ", ");
            put_literal(&text, choice, length);
        }
    }
    corm__buffer_putc(&text, ')');
    if (finish(build, &text, &check)) return CORM_ERROR_MEMORY;
    name = corm__derived_name(build->arena, draft->table->name, column, "check");
    if (!name) return corm__fail_memory(build->error);
    draft->constraints[draft->n_constraints++] =
        (corm_constraint){ .name = name, .kind = CORM_CONSTRAINT_CHECK, .check = check };
    return 0;
}

static bool begins_with(const char *names, const char *column) {
    size_t length;
    const char *first = corm__names_item(names, 0, &length, NULL);
    return first && strlen(column) == length && memcmp(first, column, length) == 0;
}

/* Does the database find rows by this column already? */
static bool covered(const draft *draft, const char *column) {
    if (begins_with(draft->table->primary_key, column)) return true;
    for (size_t i = 0; i < draft->n_constraints; i++)
        if (draft->constraints[i].kind == CORM_CONSTRAINT_UNIQUE &&
            begins_with(draft->constraints[i].columns, column))
            return true;
    for (size_t i = 0; i < draft->n_indexes; i++)
        if (!draft->indexes[i].where && begins_with(draft->indexes[i].columns, column)) return true;
    return false;
}

static int add_options(builder *build, draft *draft, const corm_field *field, const char *column) {
    const char *table = draft->table->name, *key = draft->table->primary_key;
    bool only_key = begins_with(key, column) && corm__names_count(key) == 1;
    if ((field->unique || field->item == CORM_ITEM_ONE_TO_ONE) && !only_key) {
        const char *name = corm__derived_name(build->arena, table, column, "uniq");
        if (!name) return corm__fail_memory(build->error);
        draft->constraints[draft->n_constraints++] =
            (corm_constraint){ .name = name, .kind = CORM_CONSTRAINT_UNIQUE, .columns = column };
    }
    bool choices = (field->kind == CORM_ENUMERATION && field->labels && field->labels->labels[0]) ||
                   (field->choices && *field->choices);
    return choices ? add_choices(build, draft, field, column) : 0;
}

static int add_index(builder *build, draft *draft, const corm_field *field, const char *column) {
    if (!(field->index || (field->item == CORM_ITEM_FOREIGN_KEY && !field->no_index)) ||
        covered(draft, column))
        return 0;
    const char *name = corm__derived_name(build->arena, draft->table->name, column, "idx");
    if (!name) return corm__fail_memory(build->error);
    draft->indexes[draft->n_indexes++] = (corm_index){ .name = name, .columns = column };
    return 0;
}

static int add_column(builder *build, draft *draft, const corm_field *field) {
    const corm_model *model = draft->model;
    corm_column *column = &draft->columns[draft->n_columns++];
    int status = corm__column_of_field(model, field, build->arena, column);
    if (status == CORM_ERROR_MEMORY) return corm__fail_memory(build->error);
    if (status == 0) return 0;
    corm__fail(build->error, status, "%s:%d: foreign key %s.%s: %s has no %s%s", model->file,
               model->line, model->name, field->name, field->to ? field->to->name : "nothing",
               field->to_field ? "column " : "single primary key",
               field->to_field ? field->to_field : "");
    corm__error_hint(build->error,
                     "give %s an identity(id), or name a unique column with .to_field",
                     field->to ? field->to->name : "the model");
    return status;
}

/* The columns whose own option makes them the primary key, when no item does. */
static int add_primary_key(builder *build, draft *draft) {
    corm_buffer text = { 0 };
    if (draft->table->primary_key) return 0;
    for (size_t i = 0; i < draft->model->n_fields; i++) {
        const corm_field *field = &draft->model->fields[i];
        if (!corm__field_is_column(field) || !field->primary_key) continue;
        const char *column = corm__field_column(field, build->arena);
        if (!column)
            text.broken = true;
        else
            corm__buffer_printf(&text, "%s%s", text.length ? ", " : "", column);
    }
    if (text.length || text.broken) return finish(build, &text, &draft->table->primary_key);
    return 0;
}

static int start(builder *build, draft *draft, size_t room) {
    draft->table = &build->tables[build->n_tables++];
    draft->columns = corm__arena_array(build->arena, room + 1, sizeof *draft->columns);
    draft->indexes = corm__arena_array(build->arena, room + 1, sizeof *draft->indexes);
    draft->constraints = corm__arena_array(build->arena, 2 * room + 1, sizeof *draft->constraints);
    if (!draft->columns || !draft->indexes || !draft->constraints)
        return corm__fail_memory(build->error);
    draft->table->app = build->app;
    draft->table->columns = draft->columns;
    draft->table->indexes = draft->indexes;
    draft->table->constraints = draft->constraints;
    return 0;
}

static int table_of_model(builder *build, const corm_model *model) {
    draft draft = { .model = model };
    int status = start(build, &draft, model->n_fields);
    if (status) return status;
    draft.table->name = model->table;
    draft.table->model = model->name;
    for (size_t i = 0; i < model->n_fields && !status; i++) {
        const corm_field *field = &model->fields[i];
        status = corm__field_is_column(field) ? add_column(build, &draft, field)
                                              : add_item(build, &draft, field);
    }
    if (!status) status = add_primary_key(build, &draft);
    /* Indexes last: whether one is needed depends on all the rest. */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0, n = 0; i < model->n_fields && !status; i++) {
            const corm_field *field = &model->fields[i];
            if (!corm__field_is_column(field)) continue;
            const char *column = draft.columns[n++].name;
            status = pass ? add_index(build, &draft, field, column)
                          : add_options(build, &draft, field, column);
        }
    return status;
}

/* --- many to many --- */

static int side(builder *build, draft *draft, const char *name, const corm_model *to,
                bool constraint) {
    corm_column key;
    const corm_field *target = corm__primary_key_field(to);
    int status = target ? corm__column_of_field(to, target, build->arena, &key) : CORM_ERROR_USAGE;
    if (status == CORM_ERROR_MEMORY) return corm__fail_memory(build->error);
    if (status) {
        corm__fail(build->error, CORM_ERROR_USAGE,
                   "%s:%d: %s is in a many-to-many relation and has no single primary key",
                   to->file, to->line, to->name);
        corm__error_hint(build->error, "give %s an identity(id)", to->name);
        return CORM_ERROR_USAGE;
    }
    draft->columns[draft->n_columns++] = (corm_column){
        .name = name,
        .kind = corm__key_kind(&key),
        .max_length = key.max_length,
        .digits = key.digits,
        .places = key.places,
        .collation = key.collation,
    };
    if (constraint)
        draft->columns[draft->n_columns - 1].references = (corm_reference){
            .table = to->table, .column = key.name, .on_delete = CORM_CASCADE
        };
    return 0;
}

static int table_between(builder *build, const corm_model *model, const corm_field *field) {
    corm_between between;
    draft draft = { .model = model };
    if (corm__between(model, field, build->arena, &between)) return corm__fail_memory(build->error);
    int status = start(build, &draft, 2);
    if (!status) status = side(build, &draft, between.own_column, model, field->constraint);
    if (!status) status = side(build, &draft, between.other_column, field->to, field->constraint);
    if (status) return status;
    draft.table->name = between.table;
    draft.table->model = "";
    draft.table->comment = field->comment;
    draft.table->primary_key =
        corm__arena_printf(build->arena, "%s, %s", between.own_column, between.other_column);
    draft.indexes[0] = (corm_index){ .name = corm__derived_name(build->arena, between.table,
                                                                between.other_column, "idx"),
                                     .columns = between.other_column };
    return draft.table->primary_key && draft.indexes[0].name ? 0 : corm__fail_memory(build->error);
}

int corm__schema_of_apps(const corm_app *const *apps, corm_arena *arena, corm_schema *out,
                         corm_error_info *error) {
    builder build = { .arena = arena, .error = error };
    size_t n = 0;
    *out = (corm_schema){ 0 };
    for (const corm_app *const *app = apps; app && *app; app++)
        for (const corm_model *const *const *ref = (*app)->models; ref && *ref; ref++) {
            n++;
            for (size_t i = 0; i < (**ref)->n_fields; i++)
                n += corm__makes_between(&(**ref)->fields[i]);
        }
    build.tables = corm__arena_array(arena, n + 1, sizeof *build.tables);
    if (!build.tables) return corm__fail_memory(error);
    for (const corm_app *const *app = apps; app && *app; app++)
        for (const corm_model *const *const *ref = (*app)->models; ref && *ref; ref++) {
            const corm_model *model = **ref;
            build.app = (*app)->name;
            int status = table_of_model(&build, model);
            for (size_t i = 0; i < model->n_fields && !status; i++)
                if (corm__makes_between(&model->fields[i]))
                    status = table_between(&build, model, &model->fields[i]);
            if (status) return status;
        }
    out->tables = build.tables;
    out->n_tables = build.n_tables;
    return 0;
}
