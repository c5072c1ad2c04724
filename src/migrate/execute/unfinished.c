/* What another run has left half-done, on an engine or in a migration without a transaction.
 *
 * It is finished, unless what is asked for now is the contrary: `migrate APP NAME` after a
 * migration that failed half-way goes back, and `migrate` after an undoing that failed applies
 * again. Then the run turns round at the operation that was done last: its journal is written anew,
 * as that of a run in the other direction which has come as far. */
#include "base/error.h"
#include "migrate/execute/executor.h"
#include "migrate/graph/nodes.h"
#include <string.h>

static const corm_migration *carried(const corm_executor *x, const corm_applied *row) {
    for (size_t i = 0; i < x->graph->n; i++)
        if (strcmp(x->graph->order[i]->app, row->app) == 0 &&
            strcmp(x->graph->order[i]->name, row->name) == 0)
            return x->graph->order[i];
    return NULL;
}

static int refuse_unfinished(corm_executor *x, const corm_applied *row) {
    corm__db_fail(x->db, CORM_ERROR_NEWER,
                  "%s.%s was begun by another program and not finished; this one does not carry it",
                  row->app, row->name);
    corm__error_hint(&x->db->error,
                     "Run migrate with the program that has it; if its file is lost, bring the "
                     "tables back by hand and delete its row of corm_migrations.");
    return CORM_ERROR_NEWER;
}

/* Of a migration that failed in its first statement and was taken out of the program, nothing is
 * there but the row. */
static int forget_unfinished(corm_executor *x, const corm_applied *row) {
    char *text = corm__arena_printf(&x->arena,
                                    "%s.%s failed in its first statement, and this program does "
                                    "not carry it: its record is removed",
                                    row->app, row->name);
    if (!text) return corm__fail_memory(&x->db->error);
    corm__report(x, CORM_MIGRATE_NOTICE, text, 0);
    int status = corm__begin_short(x);
    if (status) return status;
    status = corm__recorder_remove(x->db, row->app, row->name);
    return corm__end_short(x, status);
}

/* A failed CREATE INDEX CONCURRENTLY, which only engines with transactions around DDL have, leaves
 * an index. */
static bool has_done_nothing(const corm_executor *x, const corm_journal *journal) {
    return !journal->running && !journal->operation && !journal->statement &&
           !x->db->backend->features->transactional_ddl;
}

/* --- turning round --- */

static bool undoes(const corm_plan *plan, const corm_migration *m) {
    for (size_t i = 0; i < plan->n; i++)
        if (plan->steps[i].backwards && plan->steps[i].migration == m) return true;
    return false;
}

/* A target of another app says nothing about this one. */
static bool is_aimed_at(const corm_executor *x, const char *app) {
    const corm_migrate_options *o = x->options;
    if (!o->n_targets) return !o->app || strcmp(o->app, app) == 0;
    for (size_t i = 0; i < o->n_targets; i++)
        if (!o->targets[i].app || strcmp(o->targets[i].app, app) == 0) return true;
    return false;
}

/* What is half undone is applied to the plan; what is half done is not: it is asked as if it
 * were. */
static int wants_back(corm_executor *x, const corm_migration *m, const corm_applied *row,
                      bool backwards, bool *out) {
    *out = undoes(&x->plan, m) || (backwards && !is_aimed_at(x, row->app));
    if (backwards || *out) return 0;
    size_t n = x->ledger.n;
    corm_applied *all = corm__arena_array(&x->arena, n + 1, sizeof *all);
    corm_plan plan = { 0 };
    if (!all) return corm__fail_memory(&x->db->error);
    if (n) memcpy(all, x->ledger.applied, n * sizeof *all);
    all[n] = *row;
    const corm_plan_target one = { x->options->app, x->options->target },
                           *targets = x->options->n_targets ? x->options->targets : &one;
    int status = corm__plan_targets(x->graph, all, n + 1, targets,
                                    x->options->n_targets ? x->options->n_targets : 1, false,
                                    &x->arena, &plan, &x->db->error);
    if (status == CORM_ERROR_MEMORY) return status;
    if (status) corm__error_clear(&x->db->error);
    *out = !status && undoes(&plan, m);
    return 0;
}

/* Whether something of the operation at which it stands was done. The state is that before the
 * steps. */
static int is_begun(corm_executor *x, const corm_migration *m, const corm_step_list *steps,
                    const corm_journal *journal, bool *out) {
    const corm_schema now = { x->state.tables, x->state.n };
    char catalogue[CORM_CHECKSUM_TEXT];
    corm_state state;
    corm_change change = { 0 };
    *out = journal->statement > 0;
    if (*out || !journal->running || journal->operation >= steps->n) return 0;
    if (corm__state_init(&state, &x->scratch, &now)) return corm__fail_memory(&x->db->error);
    int status = 0;
    for (size_t i = 0; !status && i <= journal->operation; i++)
        status = corm__state_apply(&state, &steps->operations[i], m->app, &change, &x->scratch,
                                   &x->db->error);
    if (!status)
        status = corm__catalogue(x->db, change.kind ? &change : NULL, &x->scratch, catalogue);
    *out = !status && strcmp(catalogue, journal->catalogue) != 0;
    corm__state_release(&state);
    return status;
}

/* There is no telling what undoes the half of it. */
static int refuse_half(corm_executor *x, const corm_operation *operation,
                       const corm_journal *journal) {
    const char *text = corm__operation_describe(operation, &x->scratch);
    corm__db_fail(x->db, CORM_ERROR_MIGRATION,
                  "operation %zu (%s) was done in part, up to its statement %zu",
                  journal->operation + 1, text ? text : "?", journal->statement + 1);
    corm__error_hint(&x->db->error,
                     "Let it be finished first: run migrate without a target for going on%s. Its "
                     "later statements may be mended in the migration.",
                     journal->backwards ? ", after mending .reverse_sql" : "");
    return CORM_ERROR_MIGRATION;
}

static int write_journal(corm_executor *x, const corm_migration *m, const corm_step_list *steps,
                         corm_journal *journal) {
    char text[CORM_JOURNAL_TEXT];
    corm_patience patience = { 0 };
    if (corm__journal_checksum(m, steps->operations, journal->operation, &x->scratch,
                               journal->checksum))
        return corm__fail_memory(&x->db->error);
    corm__journal_write(journal, text);
    int status;
    do {
        status = corm__begin_short(x);
        if (status) return status;
        status = corm__recorder_journal(x->db, m->app, m->name, text);
        status = corm__end_short(x, status);
    } while (status && corm__try_again(x, &patience, status));
    return status;
}

/* An operation of which a part was done counts as done: what undoes it looks at what is there. */
static int turn(corm_executor *x, const corm_migration *m, corm_journal *journal) {
    corm_plan_step step = { m, journal->backwards };
    const char *engine = x->db->backend->name;
    corm_step_list forward, was, to;
    bool begun = false;
    x->plan = (corm_plan){ .steps = &step, .n = 1 };
    int status = corm__build_state(x, journal);
    if (!status) status = corm__forward_steps(m, engine, &x->arena, &forward, &x->db->error);
    if (status) return status;
    was = journal->backwards ? x->undo[0] : forward;
    status = is_begun(x, m, &was, journal, &begun);
    if (!status && begun && was.operations[journal->operation].kind == CORM_RUN_SQL)
        status = refuse_half(x, &was.operations[journal->operation], journal);
    size_t done = journal->operation + begun;
    corm_journal turned = { .backwards = !journal->backwards,
                            .operation = was.n - (done < was.n ? done : was.n) };
    if (!status && turned.backwards)
        status = corm__undo_steps_from(&x->state, m, engine, turned.operation, &x->arena, &to,
                                       &x->db->error);
    else
        to = forward;
    if (!status) status = write_journal(x, m, &to, &turned);
    corm__state_release(&x->state);
    *journal = turned;
    return status;
}

/* --- finishing --- */

static int say(corm_executor *x, const corm_applied *row, const char *what) {
    char *text = corm__arena_printf(&x->arena, "%s.%s was begun and not finished: %s", row->app,
                                    row->name, what);
    if (!text) return corm__fail_memory(&x->db->error);
    corm__report(x, CORM_MIGRATE_NOTICE, text, 0);
    return 0;
}

int corm__finish_unfinished(corm_executor *x, const corm_applied *row) {
    corm_journal journal;
    const corm_migration *m = carried(x, row);
    bool back = false;
    if (!corm__journal_read(row->journal, &journal))
        return corm__db_fail(x->db, CORM_ERROR_CORRUPT,
                             "the journal of %s.%s is not one that this program understands: %s",
                             row->app, row->name, row->journal);
    if (!m && !journal.backwards) {
        if (corm__graph_app(x->graph, row->app) < x->graph->n_apps)
            return has_done_nothing(x, &journal) ? forget_unfinished(x, row)
                                                 : refuse_unfinished(x, row);
        return 0; /* of an app that this program does not have: whose it is finishes it */
    }
    int status = m ? wants_back(x, m, row, journal.backwards, &back) : 0;
    if (!status && m && back != journal.backwards) {
        status = say(x, row,
                     back ? "going back from where it stopped" : "applying again what was undone");
        if (!status) status = turn(x, m, &journal);
        if (!status) status = corm__look(x); /* it is among the applied now, or is not any more */
        if (status)
            return status == CORM_ERROR_MIGRATION ? corm__in_migration(&x->db->error, m) : status;
    } else if (!status) {
        status = say(x, row, "going on where it stopped");
    }
    if (status) return status;
    corm_plan_step step = { m, journal.backwards };
    x->plan =
        m ? (corm_plan){ .steps = &step, .n = 1 } : (corm_plan){ .newer = &row, .n_newer = 1 };
    return corm__run_plan(x, &journal);
}

/* --fake: what a person says is there, is there. */
int corm__fake_unfinished(corm_executor *x) {
    int status = 0;
    for (size_t i = 0; !status && i < x->ledger.n_unfinished; i++) {
        const corm_applied *row = &x->ledger.unfinished[i];
        const corm_migration *m = carried(x, row);
        bool backwards = corm__journal_backwards(row->journal), back;
        if (!m || !is_aimed_at(x, row->app)) continue;
        status = wants_back(x, m, row, backwards, &back);
        if (!status && backwards == back && backwards) continue; /* a step of the plan */
        if (!status) status = corm__begin_short(x);
        if (status) return status;
        status = backwards ? corm__recorder_journal(x->db, row->app, row->name, NULL)
                           : corm__recorder_remove(x->db, row->app, row->name);
        status = corm__end_short(x, status);
    }
    return status;
}
