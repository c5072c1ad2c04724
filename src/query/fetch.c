/* What a row consists of: the columns of the model, and those of the relations to one row that
 * .with names, which come by joins into objects of their own. */
#include "base/error.h"
#include "query/query.h"
#include <string.h>

static bool is_many(const corm_with *with) { return with->step.many; }

static corm_with *child_of(corm_with *with, const corm_field *field) {
    corm_with *child = with->children;
    while (child && child->step.field != field) child = child->next;
    return child;
}

static int add_child(corm_db *db, corm_arena *arena, corm_with *with, const corm_field *field,
                     corm_with **out) {
    if ((*out = child_of(with, field))) return 0;
    corm_with *child = corm__arena_zalloc(arena, sizeof *child), **last = &with->children;
    if (!child) return corm__fail_memory(&db->error);
    int status = corm__step_of(db, arena, with->model, field, &child->step);
    if (status) return status;
    child->model = field->to;
    while (*last) last = &(*last)->next;
    *out = *last = child;
    return 0;
}

/* What WITH_ROWS and WITH_COUNT say of a relation. */
static int add_clauses(corm_resolver *resolver, const corm_expr *item, corm_with *with) {
    corm_db *db = resolver->db;
    corm_inner **place = item->op == CORM_OP_WITH_ROWS ? &with->rows : &with->count;
    const corm_filter *filter = corm__expr_subquery(item)->filter;
    int status = 0;
    if (!is_many(with)) {
        corm__db_fail(db, CORM_ERROR_USAGE, "%s of %s, which leads to one row",
                      corm__op_name(item->op), item->path);
        corm__error_hint(&db->error, "write WITH(%s)", item->path);
        return CORM_ERROR_USAGE;
    }
    if (*place)
        return corm__db_fail(db, CORM_ERROR_USAGE, "%s of %s twice in one .with",
                             corm__op_name(item->op), item->path);
    if (filter && (status = corm__filter_check(db, with->model, filter))) return status;
    *place = corm__resolve_inner(resolver, item, with->model, with->model->plural, NULL, &status);
    return status;
}

static int parse_one(corm_resolver *resolver, const corm_expr *item, corm_with *with) {
    corm_db *db = resolver->db;
    const char *text = item->path;
    const char *cursor = text, *plural = with->model->plural ? with->model->plural : "";
    size_t length;
    const char *name = corm__path_next(&cursor, &length);
    if (!name || strlen(plural) != length || memcmp(name, plural, length) != 0)
        return corm__db_fail(db, CORM_ERROR_USAGE,
                             "%s: the query is on %s, so a relation of .with begins with '%s.'",
                             text, plural, plural);
    if (!*cursor)
        return corm__db_fail(db, CORM_ERROR_USAGE, "%s names a table, not a relation", text);
    while (*cursor) {
        name = corm__path_next(&cursor, &length);
        const corm_field *field = name ? corm__field_find(with->model, name, length) : NULL;
        bool relation = field && field->item >= CORM_ITEM_FOREIGN_KEY &&
                        field->item <= CORM_ITEM_HAS_ONE && strlen(field->name) == length;
        if (!relation) {
            corm__db_fail(db, CORM_ERROR_USAGE, "%s: %s has no relation '%.*s'", text,
                          with->model->name, name ? (int)length : 0, name ? name : "");
            corm__error_hint(
                &db->error,
                ".with takes relations: foreign_key, one_to_one, many_to_many, has_many, has_one");
            return CORM_ERROR_USAGE;
        }
        int status = add_child(db, resolver->arena, with, field, &with);
        if (status) return status;
        with->loads |= *cursor || item->op != CORM_OP_WITH_COUNT;
    }
    return item->op == CORM_OP_PATH ? 0 : add_clauses(resolver, item, with);
}

/* --- .only and .except --- */

/* "Recipes.user->email": email, in the part of the tree that is user; NULL: it is not there, and
 * *with is the part that the path came to. */
static const corm_field *find_column(const char *text, corm_with **with) {
    const char *cursor = text;
    size_t length;
    corm__path_next(&cursor, &length);
    while (*with) {
        const char *name = corm__path_next(&cursor, &length);
        const corm_field *field = name ? corm__field_find((*with)->model, name, length) : NULL;
        if (!field) return NULL;
        if (!*cursor) return corm__field_is_column(field) ? field : NULL;
        *with = child_of(*with, field);
        if (*with && !(*with)->loads) *with = NULL;
    }
    return NULL;
}

static int choose_one(corm_db *db, corm_arena *arena, const char *text, bool except,
                      corm_with *with) {
    const corm_field *field = find_column(text, &with);
    if (!with) {
        corm__db_fail(db, CORM_ERROR_USAGE, "%s: .with does not load that relation", text);
        corm__error_hint(&db->error, ".only and .except choose among what is read: the table of "
                                     "the query and the relations of .with");
        return CORM_ERROR_USAGE;
    }
    if (!field)
        return corm__db_fail(db, CORM_ERROR_USAGE, "%s is no column of %s", text,
                             with->model->name);
    if (!with->model->partial_offset)
        return corm__db_fail(db, CORM_ERROR_USAGE,
                             "%s: rows of %s have no place for the mark of what is read in part",
                             text, with->model->name);
    if (!with->named)
        with->named = corm__arena_array(arena, with->model->n_fields, sizeof *with->named);
    if (!with->named) return corm__fail_memory(&db->error);
    with->named[field - with->model->fields] = true;
    with->except = except;
    return 0;
}

/* By what the rows are ordered the next page is asked for: .after. */
static void keep_order(const corm_query *query, corm_with *root) {
    const corm_expr *item;
    for (size_t i = 0; (item = corm__order_item(query, i)); i++) {
        corm_with *with = root;
        while (item && corm__is_direction(item->op) && item->left) item = corm__expr_at(item->left);
        bool path =
            item && item->path && (item->op == CORM_OP_PATH || corm__is_direction(item->op));
        const corm_field *field = path ? find_column(item->path, &with) : NULL;
        if (field && with->named) with->named[field - with->model->fields] = !with->except;
    }
}

/* What a row is known by, and what relations hang on, is read in any case. */
static bool is_needed(const corm_with *with, const corm_field *field) {
    const corm_field *key[CORM__KEY_COLUMNS];
    for (size_t i = 0, n = corm__key_fields(with->model, key); i < n; i++)
        if (key[i] == field) return true;
    if (with->step.field && corm__field_gives(field, with->step.to_column)) return true;
    for (const corm_with *child = with->children; child; child = child->next)
        if (corm__field_gives(field, child->step.from_column)) return true;
    return false;
}

static bool is_read(const corm_with *with, const corm_field *field) {
    if (!corm__field_is_column(field)) return false;
    return !with->named || with->named[field - with->model->fields] != with->except ||
           is_needed(with, field);
}

int corm__with_parse(corm_resolver *resolver, const corm_query *query, corm_with *out) {
    corm_db *db = resolver->db;
    corm_arena *arena = resolver->arena;
    const corm_model *model = resolver->model;
    *out = (corm_with){ .model = model };
    int status = 0;
    for (size_t i = 0, n = corm__list_count(query->with); i < n && !status; i++)
        status = parse_one(resolver, corm__expr_arg(corm__list(query->with), i), out);
    if (!status && query->only && query->except)
        return corm__db_fail(db, CORM_ERROR_USAGE, ".only and .except in one query of %s",
                             model->table);
    const void *names = query->only ? (const void *)query->only : query->except;
    for (size_t i = 0, n = corm__list_count(names); i < n && !status; i++)
        status = choose_one(db, arena, corm__expr_name(corm__list(names), i), query->except, out);
    if (!status) keep_order(query, out);
    return status;
}

void corm__fetch_member(const corm_field *field, const corm_column *column,
                        corm_fetch_column *out) {
    *out = (corm_fetch_column){ .kind = field->kind,
                                .element = field->element,
                                .optional = field->optional,
                                .null = field->null || field->optional,
                                .digits = (uint16_t)column->digits,
                                .places = (uint16_t)column->places,
                                .offset = (uint32_t)field->offset,
                                .name = column->name };
    if (field->kind == CORM_ENUMERATION && field->labels) {
        out->labels = field->labels->labels;
        out->values = field->labels->values;
    }
}

typedef struct fetch_list {
    corm_compiler *compiler;
    corm_query_plan *plan;
    corm_fetch_column *columns;
    size_t n_columns, n_objects, n_loads;
    corm_step steps[CORM__OBJECTS];
    corm_buffer *out;
} fetch_list;

static size_t count_columns(const corm_with *with, size_t *objects, size_t *loads) {
    size_t n = 0;
    ++*objects;
    for (size_t i = 0; i < with->model->n_fields; i++)
        n += corm__field_is_column(&with->model->fields[i]);
    for (const corm_with *child = with->children; child; child = child->next) {
        if (is_many(child))
            *loads += child->loads + !!child->count;
        else
            n += count_columns(child, objects, loads);
    }
    return n;
}

static int put_column(fetch_list *list, corm_source *source, const corm_model *model,
                      const corm_field *field, size_t object, bool probe) {
    corm_column column;
    int status = corm__column_of_field(NULL, field, &list->plan->arena, &column);
    if (status)
        return status == CORM_ERROR_MEMORY ? corm__fail_memory(&list->compiler->db->error)
                                           : corm__db_fail(list->compiler->db, status,
                                                           "column %s has no type", field->name);
    corm_fetch_column *fetch = &list->columns[list->n_columns];
    corm__fetch_member(field, &column, fetch);
    fetch->object = (uint16_t)object;
    fetch->probe = probe;
    fetch->table = model->table;
    if (list->n_columns++) corm__buffer_puts(list->out, ", ");
    /* What decodes a value takes every spelling; but of a decimal the schema alone says what it
     * is. */
    if (column.kind == CORM_DECIMAL)
        corm__compile_stored(list->compiler, source, column.name, &column, list->out);
    else
        corm__compile_column(list->compiler, source, column.name, list->out);
    if (list->compiler->named) corm__buffer_printf(list->out, " AS c%zu_", list->n_columns);
    return 0;
}

/* The columns of one object. Of a joined row that may be missing, the column that it is joined by
 * comes first: NULL there means that there is none. */
static int put_object(fetch_list *list, const corm_with *with, size_t depth, size_t object) {
    corm_source *source = corm__compile_source(list->compiler, list->steps, depth);
    if (!source) return list->compiler->status;
    const corm_field *probe = NULL;
    int status = 0;
    for (size_t i = 0;
         object && corm__source_optional(source) && i < with->model->n_fields && !probe; i++)
        if (corm__field_gives(&with->model->fields[i], with->step.to_column))
            probe = &with->model->fields[i];
    if (probe) status = put_column(list, source, with->model, probe, object, true);
    for (size_t i = 0; i < with->model->n_fields && !status; i++)
        if (is_read(with, &with->model->fields[i]) && &with->model->fields[i] != probe)
            status = put_column(list, source, with->model, &with->model->fields[i], object, false);
    if (!status && with->named) {
        list->plan->partial = list->plan->objects[object].partial = true;
        list->plan->objects[object].partial_offset = (uint32_t)with->model->partial_offset;
    }
    return status;
}

static int put_load(fetch_list *list, const corm_with *with, bool counts, size_t object) {
    corm_load *load = &list->plan->loads[list->n_loads++];
    load->object = (uint16_t)object;
    return corm__compile_load(list->compiler->db, &list->plan->arena, with, counts, load);
}

static int put_tree(fetch_list *list, const corm_with *with, size_t depth, size_t object) {
    int status = put_object(list, with, depth, object);
    for (const corm_with *child = with->children; child && !status; child = child->next) {
        if (is_many(child)) {
            for (int counts = !child->loads; counts <= !!child->count && !status; counts++)
                status = put_load(list, child, counts, object);
            continue;
        }
        size_t joined = list->n_objects++;
        list->plan->objects[joined] =
            (corm_object){ .parent = (uint16_t)object,
                           .linked = true,
                           .pointer_offset = (uint32_t)child->step.field->pointer_offset,
                           .size = (uint32_t)child->model->size };
        list->steps[depth] = child->step;
        status = put_tree(list, child, depth + 1, joined);
    }
    return status;
}

int corm__fetch_with(corm_compiler *compiler, const corm_with *with, corm_query_plan *plan,
                     corm_buffer *out) {
    fetch_list list = { .compiler = compiler, .plan = plan, .out = out, .n_objects = 1 };
    size_t objects = 0, loads = 0, columns = count_columns(with, &objects, &loads);
    if (objects >= CORM__OBJECTS)
        return corm__db_fail(compiler->db, CORM_ERROR_USAGE,
                             "more than %d relations to one row in .with", CORM__OBJECTS - 2);
    list.columns = corm__arena_array(&plan->arena, columns + 1,
                                     sizeof *list.columns); /* one more: the key of a load */
    plan->objects = corm__arena_array(&plan->arena, objects + 1, sizeof *plan->objects);
    plan->loads = corm__arena_array(&plan->arena, loads, sizeof *plan->loads);
    if (!list.columns || !plan->objects || !plan->loads)
        return corm__fail_memory(&compiler->db->error);
    plan->n_loads = loads;
    int status = put_tree(&list, with, 0, 0);
    if (!status && !list.n_columns)
        status = corm__db_fail(compiler->db, CORM_ERROR_USAGE, ".except leaves no column of %s",
                               with->model->table);
    plan->fetch = (corm_fetch){ list.columns, (uint32_t)list.n_columns, (uint32_t)list.n_objects };
    return status ? status : compiler->status;
}
