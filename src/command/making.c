/* What every part of makemigrations uses. */
#include "command/making.h"
#include "model/model.h"
#include <string.h>

const corm_app *corm__making_app(const corm_making *m, const char *name) {
    return corm__app_find(m->context->apps, name, NULL);
}

bool corm__making_wants(const corm_making *m, const char *app) {
    int n = corm_argument_count(m->context);
    for (int i = 0; i < n; i++)
        if (strcmp(corm_argument(m->context, i), app) == 0) return true;
    return n == 0;
}

int corm__making_no_memory(corm_making *m) { return corm__no_memory(m->context); }

int corm__making_failed(corm_making *m) { return corm_context_fail_db(m->context, &m->error); }

const corm_migration *corm__making_latest(const corm_making *m, const char *app) {
    size_t n;
    const corm_migration *const *order = corm__graph_order(m->graph, &n);
    while (n-- > 0)
        if (strcmp(order[n]->app, app) == 0) return order[n];
    return NULL;
}
