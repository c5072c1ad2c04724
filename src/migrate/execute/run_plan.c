/* A plan, from the look at what is pending to its last step. */
#include "migrate/execute/executor.h"
#include "base/clock.h"
#include "base/error.h"
#include "db/db.h"
#include "migrate/execute/fake_initial.h"
#include "migrate/execute/rehearsal.h"
#include "migrate/graph/nodes.h"
#include <string.h>

int corm__look(corm_executor *x) {
    int status = corm__recorder_read(x->db, &x->arena, &x->ledger);
    if (status) return status;
    const corm_applied *applied = x->ledger.applied;
    size_t n = x->ledger.n;
    x->has_table = applied != NULL;
    x->graph = corm__graph_load_for(x->apps, applied, n, &x->arena, &x->db->error);
    if (!x->graph) return x->db->error.status;
    status = corm__history(x->graph, applied, n, &x->arena, &x->history, &x->db->error);
    if (status) return status;
    const corm_plan_target one = { x->options->app, x->options->target },
                           *targets = x->options->n_targets ? x->options->targets : &one;
    size_t n_targets = x->options->n_targets ? x->options->n_targets : 1;
    status = corm__plan_targets(x->graph, applied, n, targets, n_targets, x->options->fake,
                                &x->arena, &x->plan, &x->db->error);
    return status ? status
                  : corm__plan_newer(x->graph, applied, n, targets, n_targets, &x->arena, &x->plan,
                                     &x->db->error);
}

/* --- prepare --- */

/* The state of the database, and on the way to it how to undo what the plan undoes. */
int corm__build_state(corm_executor *x, const corm_journal *journal) {
    size_t *step_of = corm__arena_array(&x->arena, x->graph->n, sizeof *step_of);
    x->undo = corm__arena_array(&x->arena, x->plan.n, sizeof *x->undo);
    if (!step_of || !x->undo || corm__state_init(&x->state, &x->arena, NULL))
        return corm__fail_memory(&x->db->error);
    size_t next = 0;
    for (size_t i = x->plan.n;
         i-- > 0;) { /* those that go backwards are in the reverse of the graph's order */
        if (!x->plan.steps[i].backwards) continue;
        while (x->graph->order[next] != x->plan.steps[i].migration) next++;
        step_of[next] = i + 1;
    }
    int status = 0;
    for (size_t i = 0; !status && i < x->graph->n; i++) {
        const corm_migration *m = x->graph->order[i];
        if (!x->history.applied[i]) continue;
        if (step_of[i]) {
            status = corm__undo_steps_from(&x->state, m, x->db->backend->name,
                                           journal ? journal->operation : 0, &x->arena,
                                           &x->undo[step_of[i] - 1], &x->db->error);
            continue;
        }
        for (const corm_operation *o = m->body->operations; !status && o && o->kind; o++) {
            status = corm__state_apply(&x->state, o, m->app, NULL, NULL, &x->db->error);
            if (status) corm__in_migration(&x->db->error, m);
        }
    }
    return status;
}

/* --- do --- */

static const corm_migration_body nothing = { .operations = NULL };

static int connection_lost(corm_executor *x, int status) {
    if (status != CORM_ERROR_CONNECTION) return status;
    corm__error_hint(&x->db->error,
                     "Run migrate again: it looks at what has happened, and goes on from there.");
    return status;
}

static int finish_step(corm_executor *x, double start, int status) {
    corm__guard_foreign_keys_on(&x->guard);
    if (status) {
        connection_lost(x, status);
        if (status == CORM_ERROR_UNIQUE) corm__explain_duplicates(x->db, x->migration);
        return corm__in_migration(&x->db->error, x->migration);
    }
    x->has_table = true;
    x->done++;
    corm__report(x, CORM_MIGRATE_END, NULL, corm__clock() - start);
    corm__arena_release(&x->scratch);
    return 0;
}

static bool in_one_transaction(const corm_executor *x, const corm_migration *migration) {
    return x->faked ||
           (x->db->backend->features->transactional_ddl && !migration->body->outside_transaction);
}

static bool is_initial(const corm_executor *x, const corm_migration *migration) {
    const corm_node *node = &x->graph->nodes[corm__graph_position(x->graph, migration)];
    for (size_t i = 0; i < node->n_parents; i++)
        if (x->graph->nodes[node->parents[i]].app == node->app) return false;
    return true;
}

/* --fake-initial: looks whether its tables are there already; then it moves the state, and nothing
 * else is done. */
static int find_initial(corm_executor *x, const corm_migration *migration) {
    if (!is_initial(x, migration)) return 0;
    int status = x->live.tables ? 0
                                : x->db->backend->introspect(x->db->conn, NULL, &x->arena, &x->live,
                                                             &x->db->error);
    const corm_schema before = { x->state.tables, x->state.n };
    if (!status)
        status = corm__migration_exists(migration, &before, &x->live, &x->scratch, &x->db->error);
    if (status <= 0) return status;
    x->faked = true;
    status = 0;
    for (const corm_operation *o = migration->body->operations; !status && o && o->kind; o++)
        status = corm__state_apply(&x->state, o, migration->app, NULL, NULL, &x->db->error);
    return status;
}

static int run_step(corm_executor *x, size_t index, const corm_journal *journal) {
    const corm_plan_step *step = &x->plan.steps[index];
    const corm_migration *m = step->migration;
    double start = corm__clock();
    corm_step_list steps = { 0 };
    x->faked = x->options->fake;
    corm__report_begin(x, m, step->backwards, x->plan.n_newer + index);
    int status = x->options->fake_initial && !x->faked && !step->backwards && !journal
                     ? find_initial(x, m)
                     : 0;
    if (!status && !x->faked)
        status = step->backwards ? (steps = x->undo[index], 0)
                                 : corm__forward_steps(m, x->db->backend->name, &x->scratch, &steps,
                                                       &x->db->error);
    if (!status)
        status = in_one_transaction(x, m)
                     ? corm__run_transaction(x, m, step->backwards, &steps, x->faked)
                     : corm__run_journaled(x, m, step->backwards, &steps, journal);
    return finish_step(x, start, status);
}

static int run_newer(corm_executor *x, const corm_applied *row, size_t index,
                     const corm_journal *journal) {
    const corm_migration migration = { row->app, row->name, &nothing };
    double start = corm__clock();
    corm__report_begin(x, &migration, true, index);
    return finish_step(x, start, corm__undo_newer(x, &migration, journal));
}

/* journal: of the only step. */
int corm__run_plan(corm_executor *x, const corm_journal *journal) {
    int status = corm__guard_begin(&x->guard, x->db, &x->scratch);
    if (!status && !x->options->fake) status = corm__build_state(x, journal);
    if (!status && !x->options->fake) status = corm__rehearse(x, journal);
    for (size_t i = 0; !status && i < x->plan.n_newer; i++)
        status = run_newer(x, x->plan.newer[i], i, journal);
    for (size_t i = 0; !status && i < x->plan.n; i++) status = run_step(x, i, journal);
    corm__guard_end(&x->guard);
    corm__state_release(&x->state);
    return status;
}
