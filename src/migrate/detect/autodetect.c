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
        g->renames[g->n++] = (corm_declared_rename){ now.table, NULL, before.table };
        return 0;
    }
    const char *column = corm__field_column(field, g->arena);
    if (!column) return CORM_ERROR_MEMORY;
    g->renames[g->n++] = (corm_declared_rename){ model->table, column, field->renamed_from };
    if (field->item == CORM_ITEM_COLUMN) return 0;
    const char *from = corm__arena_printf(
        g->arena, "%s_id", field->renamed_from); /* a relation may be named by its member too */
    if (!from) return CORM_ERROR_MEMORY;
    g->renames[g->n++] = (corm_declared_rename){ model->table, column, from };
    return 0;
}

/* g NULL: only counts the most that there can be. */
static int gather_model(gathering *g, const corm_model *model, size_t *n) {
    const char *table = corm__model_renamed_from(model);
    *n += table != NULL;
    if (g && table) g->renames[g->n++] = (corm_declared_rename){ model->table, NULL, table };
    for (size_t i = 0; i < model->n_fields; i++) {
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

int corm__autodetect(const corm_graph *graph, const corm_app *const *apps,
                     const corm_questions *questions, corm_arena *arena, corm_new_migration **out,
                     size_t *n, corm_error_info *error) {
    corm_schema from, target;
    gathering g = { .arena = arena };
    int status = corm__schema_of_apps(apps, arena, &target, error);
    if (status) return status;
    if (gather(apps, &g)) return corm__fail_memory(error);
    corm_found *found = NULL;
    size_t n_found = 0;
    *n = 0;
    status = corm__graph_state(graph, graph->n, arena, &from, error);
    if (!status)
        status = corm__detect(&from, &target, g.renames, questions, arena, &found, &n_found, error);
    return status || !n_found ? status
                              : corm__into_migrations(graph, found, n_found, arena, out, n, error);
}
