/* --fake-initial: a database that has the tables already, from before corm. */
#include "migrate/execute/fake_initial.h"
#include "base/error.h"
#include <string.h>

typedef struct finding {
    char present[200], missing[200]; /* the first of each */
} finding;

static void note(finding *f, bool there, const char *table, const char *column) {
    char *text = there ? f->present : f->missing;
    if (*text) return;
    corm__error_set(text, sizeof f->present, column ? "column %s of table %s" : "table %s",
                    column ? column : table, table);
}

/* What the migration adds to a table: all of it, or the columns that were not there before. */
static void look_at(finding *f, const corm_table *before, const corm_table *after,
                    const corm_table *live) {
    if (!before) note(f, live, after->name, NULL);
    if (!before && !live) return;
    for (const corm_column *c = after->columns; c && c->name; c++) {
        if (before && corm__column_find(before, c->name)) continue;
        bool there = live && corm__column_find(live, c->name);
        if (before || !there) note(f, there, after->name, c->name);
    }
}

int corm__migration_exists(const corm_migration *migration, const corm_schema *before,
                           const corm_schema *live, corm_arena *arena, corm_error_info *error) {
    corm_state state;
    finding found = { 0 };
    if (corm__state_init(&state, arena, before)) return corm__fail_memory(error);
    int status = 0;
    for (const corm_operation *o = migration->body->operations; !status && o && o->kind; o++)
        status = corm__state_apply(&state, o, migration->app, NULL, NULL, error);
    for (size_t i = 0; !status && i < state.n; i++)
        look_at(&found, corm__table_find(before, state.tables[i].name), &state.tables[i],
                corm__table_find(live, state.tables[i].name));
    corm__state_release(&state);
    if (status) return corm__in_migration(error, migration);
    if (!*found.present || !*found.missing) return *found.present != 0;
    corm__fail(error, CORM_ERROR_MIGRATION, "%s.%s: the database has %s already, but not %s",
               migration->app, migration->name, found.present, found.missing);
    corm__error_hint(error, "Make it as the migration says, or move away what is there; then run "
                            "migrate --fake-initial again.");
    return CORM_ERROR_MIGRATION;
}
