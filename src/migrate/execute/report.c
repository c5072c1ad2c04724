/* Events of a run, told to whoever asked for them. */
#include "migrate/execute/executor.h"

void corm__report(corm_executor *x, corm_migrate_event_kind kind, const char *text,
                  double seconds) {
    if (!x->options->report) return;
    bool step = kind == CORM_MIGRATE_BEGIN || kind == CORM_MIGRATE_OPERATION ||
                kind == CORM_MIGRATE_END || kind == CORM_MIGRATE_BLOCKED;
    corm_migrate_event event = { .kind = kind,
                                 .text = text,
                                 .seconds = seconds,
                                 .index = x->index,
                                 .total = x->plan.n + x->plan.n_newer };
    event.faked = step && x->faked;
    if (step || kind == CORM_MIGRATE_RECORDED) {
        event.migration = x->migration;
        event.backwards = x->backwards;
    }
    pthread_mutex_lock(&x->reporting);
    x->options->report(x->options->context, &event);
    pthread_mutex_unlock(&x->reporting);
}

void corm__report_begin(corm_executor *x, const corm_migration *migration, bool backwards,
                        size_t index) {
    x->migration = migration;
    x->backwards = backwards;
    x->index = index;
    corm__report(x, CORM_MIGRATE_BEGIN, NULL, 0);
}
