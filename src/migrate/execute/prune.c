#include "base/error.h"
#include "db/db.h"
#include "model/model.h"
#include "migrate/execute/migrate.h"
#include "migrate/execute/recorder.h"
#include "migrate/graph/nodes.h"
#include <string.h>

static int find(corm_db *db, const corm_app *const *apps, const char *app, corm_arena *arena,
                const corm_applied ***out, size_t *n) {
    corm_applied *rows;
    size_t n_rows;
    corm_history history;
    int status = corm__recorder_load(db, arena, &rows, &n_rows);
    if (status) return status;
    corm_graph *graph = corm__graph_load_for(apps, rows, n_rows, arena, &db->error);
    if (!graph) return db->error.status;
    if (!corm__app_find(apps, app, &db->error)) return db->error.status;
    status = corm__history(graph, rows, n_rows, arena, &history, &db->error);
    if (status) return status;
    *out = history.unknown;
    for (size_t i = 0; i < history.n_unknown; i++)
        if (strcmp(history.unknown[i]->app, app) == 0) (*out)[(*n)++] = history.unknown[i];
    return 0;
}

int corm__prune(corm_db *db, const corm_app *const *apps, const char *app, bool look_only,
                corm_arena *arena, const corm_applied ***out, size_t *n) {
    *out = NULL;
    *n = 0;
    if (look_only) return find(db, apps, app, arena, out, n);
    int status = corm_begin(db);
    if (status) return status;
    status = find(db, apps, app, arena, out, n);
    for (size_t i = 0; !status && i < *n; i++)
        status = corm__recorder_remove(db, (*out)[i]->app, (*out)[i]->name);
    return corm__end(db, status);
}
