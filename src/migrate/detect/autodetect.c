/* From the apps: their tables, and the renames that their models declare. */
#include "base/error.h"
#include "migrate/detect/found.h"
#include "migrate/graph/nodes.h"
#include <string.h>

typedef struct gathering {
    corm_arena *arena;
    corm_declared_rename *renames;
    size_t n;
} gathering;

/* The table of a many-to-many relation has a shorter name than it once had. */
static int gather_shortened(gathering *g, const corm_model *model, const corm_field *field) {
    corm_between now;
    const char *full = corm__between_full_name(model, field, g->arena);
    if (!full || corm__between(model, field, g->arena, &now)) return CORM_ERROR_MEMORY;
    if (!field->through && strcmp(now.table, full) != 0)
        g->renames[g->n++] = (corm_declared_rename){ now.table, NULL, full, false };
    return 0;
}

static int gather_field(gathering *g, const corm_model *model, const corm_field *field) {
    if (field->item == CORM_ITEM_MANY_TO_MANY) {
        if (!corm__makes_between(field)) return 0;
        corm_field old = *field;
        old.name = field->renamed_from;
        old.column = NULL;
        corm_between now, before;
        if (corm__between(model, field, g->arena, &now) ||
            corm__between(model, &old, g->arena, &before))
            return CORM_ERROR_MEMORY;
        g->renames[g->n++] = (corm_declared_rename){ now.table, NULL, before.table, false };
        return 0;
    }
    const char *column = corm__field_column(field, g->arena);
    if (!column) return CORM_ERROR_MEMORY;
    g->renames[g->n++] = (corm_declared_rename){ model->table, column, field->renamed_from, false };
    if (field->item == CORM_ITEM_COLUMN) return 0;
    const char *from = corm__arena_printf(
        g->arena, "%s_id", field->renamed_from); /* a relation may be named by its member too */
    if (!from) return CORM_ERROR_MEMORY;
    g->renames[g->n++] = (corm_declared_rename){ model->table, column, from, false };
    return 0;
}

/* A model's tables in between are named after its table. */
static int gather_moved(gathering *g, const corm_model *model, const corm_field *field,
                        const char *table) {
    corm_model old = *model;
    old.table = table;
    corm_between now, before;
    if (corm__between(model, field, g->arena, &now) ||
        corm__between(&old, field, g->arena, &before))
        return CORM_ERROR_MEMORY;
    g->renames[g->n++] = (corm_declared_rename){ now.table, NULL, before.table, false };
    return 0;
}

/* g NULL: only counts the most that there can be. */
static int gather_model(gathering *g, const corm_model *model, size_t *n) {
    const char *table = corm__model_renamed_from(model);
    *n += table != NULL;
    if (g && table) g->renames[g->n++] = (corm_declared_rename){ model->table, NULL, table, false };
    for (size_t i = 0; i < model->n_fields; i++) {
        bool between = corm__makes_between(&model->fields[i]);
        *n += between + (between && table);
        if (g && between && gather_shortened(g, model, &model->fields[i])) return CORM_ERROR_MEMORY;
        if (g && between && table && gather_moved(g, model, &model->fields[i], table))
            return CORM_ERROR_MEMORY;
        if (!model->fields[i].renamed_from) continue;
        *n += 2;
        if (g && gather_field(g, model, &model->fields[i])) return CORM_ERROR_MEMORY;
    }
    return 0;
}

static int gather(const corm_app *const *apps, gathering *g) {
    for (int pass = 0; pass < 2; pass++) {
        size_t n = 0;
        for (const corm_app *const *app = apps; *app; app++)
            for (const corm_model *const *const *m = (*app)->models; m && *m; m++)
                if (gather_model(pass ? g : NULL, **m, &n)) return CORM_ERROR_MEMORY;
        if (!pass && !(g->renames = corm__arena_array(g->arena, n + 1, sizeof *g->renames)))
            return CORM_ERROR_MEMORY;
    }
    return 0;
}

/* --- which of them the history has done --- */

/* What has a name now, and had another one. */
typedef struct corm_former {
    const char *table, *column, *from;
} former;

typedef struct formers {
    former *items;
    size_t n, room;
    corm_arena *arena;
} formers;

static int add_former(formers *f, const char *table, const char *column, const char *from) {
    if (f->n == f->room) {
        size_t room = f->room ? f->room * 2 : 16;
        former *larger = corm__arena_array(f->arena, room, sizeof *larger);
        if (!larger) return CORM_ERROR_MEMORY;
        if (f->n) memcpy(larger, f->items, f->n * sizeof *larger);
        f->items = larger;
        f->room = room;
    }
    f->items[f->n++] = (former){ table, column, from };
    return 0;
}

static bool same(const char *a, const char *b) { return a && b && strcmp(a, b) == 0; }

static int follow(formers *f, const corm_operation *o) {
    bool table = o->kind == CORM_RENAME_TABLE, column = o->kind == CORM_RENAME_COLUMN;
    for (size_t i = f->n; i-- > 0;) {
        former *item = &f->items[i];
        if (!same(item->table, o->table)) continue;
        if (table)
            item->table = o->new_name;
        else if (column && same(item->column, o->name))
            item->column = o->new_name;
        else if (o->kind == CORM_DELETE_TABLE ||
                 (o->kind == CORM_REMOVE_COLUMN && same(item->column, o->name)))
            *item = f->items[--f->n];
    }
    int status = 0;
    if (table) status = add_former(f, o->new_name, NULL, o->table);
    if (column) status = add_former(f, o->table, o->new_name, o->name);
    for (const corm_operation *more = o->state; !status && more && more->kind; more++)
        status = follow(f, more);
    return status;
}

int corm__renames_done(const corm_graph *graph, corm_declared_rename *declared, corm_arena *arena) {
    formers f = { .arena = arena };
    for (size_t i = 0; declared->table && i < graph->n; i++)
        for (const corm_operation *o = graph->order[i]->body->operations; o && o->kind; o++)
            if (follow(&f, o)) return CORM_ERROR_MEMORY;
    for (corm_declared_rename *r = declared; r->table; r++)
        for (size_t i = 0; i < f.n && !r->done; i++)
            r->done = same(f.items[i].table, r->table) && same(f.items[i].from, r->from) &&
                      (r->column ? same(f.items[i].column, r->column) : !f.items[i].column);
    return 0;
}

/* --- what needs no question: a column that each save sets to the present moment --- */

typedef struct corm_asking {
    const corm_app *const *apps;
    const corm_questions *questions;
} asking;

static bool is_automatic(const asking *a, const corm_table *table, const corm_column *column) {
    for (const corm_app *const *app = a->apps; *app; app++)
        for (const corm_model *const *const *m = (*app)->models; m && *m; m++)
            for (size_t i = 0; strcmp((**m)->table, table->name) == 0 && i < (**m)->n_fields; i++) {
                const corm_field *field = &(**m)->fields[i];
                if ((field->auto_now || field->auto_now_add) &&
                    corm__field_gives(field, column->name))
                    return true;
            }
    return false;
}

static bool fill_itself(const asking *a, const corm_table *table, const corm_column *column,
                        corm_default *out) {
    const char *now = column->kind == CORM_TIMESTAMP ? "CURRENT_TIMESTAMP"
                      : column->kind == CORM_DATE    ? "CURRENT_DATE"
                      : column->kind == CORM_TIME    ? "CURRENT_TIME"
                                                     : NULL;
    if (!now || !is_automatic(a, table, column)) return false;
    *out = (corm_default){ .kind = CORM_DEFAULT_SQL, .text = now };
    return true;
}

static int fill(void *context, const corm_table *table, const corm_column *column,
                corm_default *out, corm_arena *arena) {
    const asking *a = context;
    const corm_questions *q = a->questions;
    if (fill_itself(a, table, column, out)) return 1;
    return q && q->fill ? q->fill(q->context, table, column, out, arena) : CORM_QUESTION_OPEN;
}

static int not_null(void *context, const corm_table *table, const corm_column *before,
                    const corm_column *after, corm_default *out, corm_arena *arena) {
    const asking *a = context;
    const corm_questions *q = a->questions;
    return fill_itself(a, table, after, out)
               ? 1
               : q->not_null(q->context, table, before, after, out, arena);
}

static int renamed_column(void *context, const corm_table *table, const corm_column *from,
                          const corm_column *to) {
    const corm_questions *q = ((const asking *)context)->questions;
    return q && q->renamed_column ? q->renamed_column(q->context, table, from, to)
                                  : CORM_QUESTION_OPEN;
}

static int renamed_table(void *context, const corm_table *from, const corm_table *to) {
    const corm_questions *q = ((const asking *)context)->questions;
    return q && q->renamed_table ? q->renamed_table(q->context, from, to) : CORM_QUESTION_OPEN;
}

static void note_open(void *context, const corm_open_question *question) {
    const corm_questions *q = ((const asking *)context)->questions;
    if (q && q->open) q->open(q->context, question);
}

int corm__autodetect(const corm_graph *graph, const corm_app *const *apps,
                     const corm_questions *questions, corm_arena *arena, corm_new_migration **out,
                     size_t *n, corm_error_info *error) {
    corm_schema from, target;
    gathering g = { .arena = arena };
    asking asking = { apps, questions };
    const corm_questions asked = { .renamed_column = renamed_column,
                                   .renamed_table = renamed_table,
                                   .fill = fill,
                                   .not_null = questions && questions->not_null ? not_null : NULL,
                                   .open = note_open,
                                   .context = &asking };
    int status = corm__schema_of_apps(apps, arena, &target, error);
    if (status) return status;
    if (gather(apps, &g) || corm__renames_done(graph, g.renames, arena))
        return corm__fail_memory(error);
    corm_found *found = NULL;
    size_t n_found = 0;
    *n = 0;
    status = corm__graph_state(graph, graph->n, arena, &from, error);
    if (!status)
        status = corm__detect(&from, &target, g.renames, &asked, arena, &found, &n_found, error);
    return status || !n_found
               ? status
               : corm__into_migrations(graph, &from, found, n_found, arena, out, n, error);
}
