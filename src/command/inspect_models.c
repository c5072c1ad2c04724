/* Models from tables: their names, the tables that are many-to-many relations, and the other sides
 * of relations. */
#include "command/inspect.h"
#include "base/error.h"
#include "schema/schema.h"
#include "schema/sql_text.h"
#include <stdlib.h>
#include <string.h>

typedef corm_model_draft draft;

static int no_memory(corm_inspection *in) { return corm__fail_memory(in->error); }
static size_t position(const draft *d, const corm_column *column) {
    return (size_t)(column - d->table->columns);
}

/* --- tables between two models --- */

static size_t count(const void *list, size_t size) {
    size_t n = 0;
    for (const char *item = list; item && *(const char *const *)item; item += size) n++;
    return n;
}

/* Is this the table that a many_to_many of `model` makes? */
static bool is_between(corm_inspection *in, const corm_table *table, const corm_model *model,
                       const corm_table *own, corm_field *out) {
    const corm_column *a = table->columns, *b = a && a->name ? a + 1 : NULL;
    size_t length = strlen(own->name), other = b && b->name && b->references.table
                                                   ? corm__inspect_find(in, b->references.table)
                                                   : in->n_models;
    if (other == in->n_models || !a->references.table ||
        strcmp(a->references.table, own->name) != 0 ||
        strncmp(table->name, own->name, length) != 0 || table->name[length] != '_' ||
        !table->name[length + 1])
        return false;
    const char *rest = table->name + length + 1;
    *out = (corm_field){ .item = CORM_ITEM_MANY_TO_MANY,
                         .name = corm__c_member(rest, in->arena),
                         .to = &in->models[other],
                         .constraint = true,
                         .comment = table->comment };
    if (!out->name) {
        in->broken = true;
        return false;
    }
    if (strcmp(out->name, rest) != 0) out->column = rest;
    corm_model alone = { .name = model->name, .plural = model->plural, .table = own->name };
    corm_between between;
    if (out->to == model) out->to = &alone;
    bool known = corm__between(&alone, out, in->arena, &between) == 0;
    if (!known) in->broken = true;
    bool same = known && strcmp(between.own_column, a->name) == 0 &&
                strcmp(between.other_column, b->name) == 0 && table->primary_key &&
                corm__names_count(table->primary_key) == 2;
    out->to = &in->models[other];
    return same;
}

/* All that corm would make of it, and no more. */
static bool is_made_by_corm(corm_inspection *in, const corm_table *table) {
    const corm_column *a = table->columns, *b = a + 1;
    char *index = corm__derived_name(in->arena, table->name, b->name, "idx"),
         *key = corm__arena_printf(in->arena, "%s, %s", a->name, b->name);
    if (!index || !key) in->broken = true;
    if (!index || !key || b[1].name || strcmp(table->primary_key, key) != 0 ||
        count(table->constraints, sizeof *table->constraints) ||
        count(table->indexes, sizeof *table->indexes) != 1 ||
        strcmp(table->indexes->name, index) != 0 || !corm__inspect_plain_index(table->indexes))
        return false;
    for (const corm_column *c = a; c <= b; c++) {
        size_t to = corm__inspect_find(in, c->references.table);
        const char *target = to < in->n_models ? in->tables[to]->primary_key : NULL,
                   *column = c->references.column;
        bool plain = !c->null && !c->default_value.kind && !c->generated && !c->comment &&
                     !c->references.deferrable && !c->references.name;
        if (!plain || c->references.on_delete != CORM_CASCADE || !target || !column ||
            strcmp(column, target) != 0)
            return false;
    }
    return true;
}

/* The model and the field that stand for it. */
static bool find_between(corm_inspection *in, const corm_table *table, size_t *model,
                         corm_field *out) {
    for (size_t i = 0; i < in->n_models; i++) {
        if (in->tables[i] == table || !is_between(in, table, &in->models[i], in->tables[i], out))
            continue;
        *model = i;
        return is_made_by_corm(in, table);
    }
    return false;
}

/* --- all models --- */

static bool is_wanted(const corm_inspection *in, const char *name) {
    if (strncmp(name, "corm_", 5) == 0 || strncmp(name, "sqlite_", 7) == 0)
        return false; /* these are corm's own, or the engine's */
    if (!in->wanted || !in->wanted[0]) return true;
    for (const char *const *w = in->wanted; *w; w++)
        if (strcmp(*w, name) == 0) return true;
    return false;
}

/* The table's name without the app's: what Django puts before each is of no use here. */
static const char *without_app(const corm_inspection *in, const char *table) {
    size_t length = in->app ? strlen(in->app) : 0;
    bool begins =
        length && strncmp(table, in->app, length) == 0 && table[length] == '_' && table[length + 1];
    return begins ? table + length + 1 : table;
}

static int name_model(corm_inspection *in, const corm_table *table, corm_model *model) {
    char *type = corm__c_type(without_app(in, table->name), in->arena);
    if (!type || !(type = corm__c_unique(type, &in->names, in->arena))) return no_memory(in);
    char *plural = corm__c_plural(type, in->arena);
    if (!plural || !(plural = corm__c_unique(plural, &in->names, in->arena))) return no_memory(in);
    *model =
        (corm_model){ .name = type, .plural = plural, .table = table->name, .file = "models.h" };
    return 0;
}

static int by_name(const void *a, const void *b) {
    return strcmp((*(const corm_table *const *)a)->name, (*(const corm_table *const *)b)->name);
}

/* In the order of the tables' names: the same models from the same schema, whatever the order in
 * which it was made. */
static int name_models(corm_inspection *in) {
    size_t n = in->schema->n_tables, columns = 0;
    for (size_t i = 0; i < n; i++) columns += corm__column_count(&in->schema->tables[i]);
    in->models = corm__arena_array(in->arena, n + 1, sizeof *in->models);
    in->tables = corm__arena_array(in->arena, n + 1, sizeof *in->tables);
    in->enums = corm__arena_array(in->arena, columns + 1, sizeof *in->enums);
    if (!in->models || !in->tables || !in->enums) return no_memory(in);
    for (size_t i = 0; i < n; i++)
        if (is_wanted(in, in->schema->tables[i].name))
            in->tables[in->n_models++] = &in->schema->tables[i];
    qsort(in->tables, in->n_models, sizeof *in->tables, by_name);
    for (size_t i = 0; i < in->n_models; i++)
        if (name_model(in, in->tables[i], &in->models[i])) return CORM_ERROR_MEMORY;
    return 0;
}

static int begin(draft *d, size_t room) {
    corm_arena *arena = d->in->arena;
    d->fields = corm__arena_array(arena, room + CORM__MOST_ITEMS, sizeof *d->fields);
    d->members = corm__arena_array(arena, room + 1, sizeof *d->members);
    d->index_done = corm__arena_array(arena, room + 1, sizeof *d->index_done);
    d->constraint_done = corm__arena_array(arena, room + 1, sizeof *d->constraint_done);
    if (!d->fields || !d->members || !d->index_done || !d->constraint_done) return no_memory(d->in);
    d->model->fields = d->fields;
    return 0;
}

static int build(draft *d) {
    const corm_table *t = d->table;
    size_t room = corm__column_count(t) + count(t->indexes, sizeof *t->indexes) +
                  count(t->constraints, sizeof *t->constraints) + 2;
    int status = begin(d, room);
    if (!status) status = corm__inspect_columns(d);
    if (!status) status = corm__inspect_items(d);
    if (!status && t->left_out)
        status = corm__inspect_remark(d->in, t->name, NULL, true, "%s", t->left_out);
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
    if (d->model->n_fields >= CORM__MOST_ITEMS) return 0;
    if (!(field.name = corm__c_unique(field.name, &d->names, d->in->arena)))
        return no_memory(d->in);
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
            corm_field reverse = { .item = one ? CORM_ITEM_HAS_ONE : CORM_ITEM_HAS_MANY,
                                   .name = member,
                                   .to = &in->models[i],
                                   .constraint = true,
                                   .through = field->name };
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
    /* Relations point at models by address: a table in between keeps its place and has no fields.
     */
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
    for (size_t i = 0; i < n; i++)
        drafts[i] = (draft){ .in = in, .table = in->tables[i], .model = &in->models[i] };
    status = make_models(in, drafts, relations, owners);
    for (size_t i = 0; i < n; i++) corm__map_release(&drafts[i].names);
    return corm__comparison_failed() || (!status && in->broken) ? no_memory(in) : status;
}

void corm__inspection_release(corm_inspection *in) { corm__map_release(&in->names); }
