/* A database that is not as its migrations have left it, brought back by a migration. The
 * migrations' state is already where the database is to go: so the migration first tells the state
 * what the database has in truth, which does nothing to the database, and then changes both. */
#include "base/error.h"
#include "migrate/detect/found.h"
#include <string.h>

static int no_column(void *context, const corm_table *table, const corm_column *from,
                     const corm_column *to) {
    return (void)context, (void)table, (void)from, (void)to, 0;
}
static int no_table(void *context, const corm_table *from, const corm_table *to) {
    return (void)context, (void)from, (void)to, 0;
}
/* The state has no rows. */
static int any_fill(void *context, const corm_table *table, const corm_column *column,
                    corm_default *out, corm_arena *arena) {
    (void)context, (void)table, (void)column, (void)arena;
    *out = (corm_default){ .kind = CORM_DEFAULT_INTEGER };
    return 1;
}
static int no_nulls(void *context, const corm_table *table, const corm_column *before,
                    const corm_column *after, corm_default *out, corm_arena *arena) {
    return (void)context, (void)table, (void)before, (void)after, (void)out, (void)arena, 0;
}

/* The operations of one app as a list that ends with kind 0. */
static corm_operation *operations_of(const corm_found *found, size_t n, const char *app,
                                     corm_arena *arena) {
    corm_operation *list = corm__arena_array(arena, n + 1, sizeof *list);
    size_t used = 0;
    for (size_t i = 0; list && i < n; i++) {
        if (strcmp(found[i].app, app) != 0) continue;
        list[used] = found[i].operation;
        list[used++].fill = (corm_default){ 0 };
    }
    return list;
}

static int put_first(corm_new_migration *m, const corm_operation *state, corm_arena *arena) {
    corm_operation *operations = corm__arena_array(arena, m->n_operations + 2, sizeof *operations);
    if (!operations) return CORM_ERROR_MEMORY;
    operations[0] = (corm_operation){ .kind = CORM_SEPARATE, .state = state };
    memcpy(operations + 1, m->operations, m->n_operations * sizeof *operations);
    m->operations = operations;
    m->n_operations++;
    return 0;
}

static bool is_first(const corm_new_migration *items, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (strcmp(items[k].app, items[i].app) == 0) return false;
    return true;
}

/* The name behind the number, and in what depends on it. */
static int rename_one(corm_new_migration *items, size_t n, size_t i, const char *name,
                      corm_arena *arena) {
    const char *old = items[i].name;
    char *renamed =
             corm__arena_printf(arena, is_first(items, i) ? "%.4s_%s" : "%.4s_%s_more", old, name),
         *before = corm__arena_printf(arena, "%s.%s", items[i].app, old),
         *after = renamed ? corm__arena_printf(arena, "%s.%s", items[i].app, renamed) : NULL;
    if (!before || !after) return CORM_ERROR_MEMORY;
    for (size_t k = 0; k < n; k++)
        for (const char **other = items[k].depends_on; other && *other; other++)
            if (strcmp(*other, before) == 0) *other = after;
    items[i].name = renamed;
    return 0;
}

int corm__repair(const corm_graph *graph, const corm_schema *database, const corm_schema *models,
                 const char *name, corm_arena *arena, corm_new_migration **out, size_t *n,
                 corm_error_info *error) {
    static const corm_questions of_state = { .renamed_column = no_column,
                                             .renamed_table = no_table,
                                             .fill = any_fill,
                                             .not_null = no_nulls };
    static const corm_questions of_database = { .renamed_column = no_column,
                                                .renamed_table = no_table,
                                                .not_null = no_nulls };
    corm_found *truth = NULL, *repair = NULL;
    size_t n_truth = 0, n_repair = 0;
    *n = 0;
    int status = corm__detect(models, database, NULL, &of_state, arena, &truth, &n_truth, error);
    if (!status)
        status =
            corm__detect(database, models, NULL, &of_database, arena, &repair, &n_repair, error);
    if (!status && n_repair)
        status = corm__into_migrations(graph, database, repair, n_repair, arena, out, n, error);
    for (size_t i = 0; i < *n && !status; i++) {
        corm_operation *state = operations_of(truth, n_truth, (*out)[i].app, arena);
        if (!state || (is_first(*out, i) && put_first(&(*out)[i], state, arena)))
            status = corm__fail_memory(error);
    }
    for (size_t i = 0; i < *n && !status; i++)
        if (rename_one(*out, *n, i, name, arena)) status = corm__fail_memory(error);
    return status;
}
