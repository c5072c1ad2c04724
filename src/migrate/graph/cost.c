#include "migrate/graph/cost.h"
#include "base/error.h"
#include "migrate/graph/nodes.h"
#include "migrate/state/compatibility.h"
#include "migrate/state/steps.h"
#include "schema/sql_text.h"
#include <string.h>

void corm__costing_release(corm_costing *c) {
    if (c->started) corm__state_release(&c->state);
    corm__arena_release(&c->tables);
    corm__arena_release(&c->scratch);
    c->started = false;
}

/* The state before the migration at this position. */
static int go_to(corm_costing *c, size_t position, corm_error_info *error) {
    if (c->started && c->position > position) corm__costing_release(c);
    if (!c->started) {
        if (corm__state_init(&c->state, &c->tables, NULL)) return corm__fail_memory(error);
        c->started = true;
        c->position = 0;
    }
    for (; c->position < position; c->position++) {
        const corm_migration *m = c->graph->order[c->position];
        for (const corm_operation *o = m->body->operations; o && o->kind; o++)
            if (corm__state_apply(&c->state, o, m->app, NULL, NULL, error))
                return corm__in_migration(error, m);
    }
    return 0;
}

/* How many steps the operation gives. */
static size_t steps_of(const corm_operation *o) {
    size_t n = 0;
    if (o->kind != CORM_SEPARATE) return 1;
    for (const corm_operation *d = o->database; d && d->kind; d++) n++;
    return n ? n : 1;
}

/* Which operation each step belongs to; undoing goes through them from the last. */
static void set_indexes(const corm_migration *migration, bool backwards, corm_costed_step *steps,
                        size_t n) {
    const corm_operation *operations = migration->body->operations;
    size_t count = 0, at = 0;
    while (operations && operations[count].kind) count++;
    for (size_t i = 0; i < count; i++) {
        size_t index = backwards ? count - 1 - i : i;
        for (size_t s = steps_of(&operations[index]); s > 0 && at < n; s--)
            steps[at++].index = index;
    }
}

/* Is this table, or the one that it was renamed from, of the migration's own making? */
static bool is_fresh(const corm_costed_step *steps, size_t n, const char *name) {
    for (size_t i = n; name && i-- > 0;) {
        const corm_change *change = &steps[i].change;
        if (!change->after || strcmp(change->after->name, name) != 0) continue;
        if (change->kind == CORM_CREATE_TABLE) return true;
        if (change->kind == CORM_RENAME_TABLE) name = change->before->name;
    }
    return false;
}

int corm__costing_steps(corm_costing *c, const corm_migration *migration, bool backwards,
                        corm_costed_step **out, size_t *n, corm_error_info *error) {
    corm_step_list list;
    int status = go_to(c, corm__graph_position(c->graph, migration), error);
    if (status) return status;
    corm__arena_reset(&c->scratch);
    c->position++; /* what follows moves the state over the migration */
    status = backwards ? corm__undo_steps(&c->state, migration, NULL, &c->scratch, &list, error)
                       : corm__forward_steps(migration, NULL, &c->scratch, &list, error);
    corm_costed_step *steps = status ? NULL : corm__arena_array(&c->scratch, list.n, sizeof *steps);
    if (!status && !steps) status = corm__fail_memory(error);
    for (size_t i = 0; i < list.n && !status; i++) {
        corm_costed_step *step = &steps[i];
        step->operation = &list.operations[i];
        status = corm__state_apply(&c->state, step->operation, migration->app, &step->change,
                                   &c->scratch, error);
        const corm_table *table = step->change.before ? step->change.before : step->change.after;
        step->fresh = !status && step->change.kind != CORM_CREATE_TABLE && table &&
                      is_fresh(steps, i, table->name);
        step->expands = !status && corm__step_expands(migration, step->operation, &step->change);
    }
    if (corm__comparison_failed()) status = corm__fail_memory(error);
    if (status) {
        corm__costing_release(c); /* the state is somewhere between */
        return corm__in_migration(error, migration);
    }
    if (backwards) c->position--;
    set_indexes(migration, backwards, steps, list.n);
    *out = steps;
    *n = list.n;
    return 0;
}

/* SQL and functions of the program's. */
static corm_change_cost cost_by_hand(const corm_costed_step *step, const corm_backend *backend) {
    const char *sql = step->operation->kind == CORM_RUN_SQL
                          ? corm__operation_sql(step->operation, backend->name)
                          : NULL;
    bool nothing =
        (sql && !sql[strspn(sql, " \t\r\n;")]) ||
        (step->operation->kind == CORM_RUN_C && step->operation->run == corm_nothing_to_undo);
    if (nothing)
        return (corm_change_cost){ .cost = CORM_COST_INSTANT, .why = "there is nothing to do" };
    return (corm_change_cost){ .why = step->operation->kind == CORM_RUN_C
                                          ? "a function of the program"
                                          : "SQL by hand" };
}

int corm__step_cost(const corm_costed_step *step, const corm_backend *backend, int version,
                    corm_change_cost *out) {
    *out =
        (corm_change_cost){ .cost = CORM_COST_INSTANT, .why = "there is nothing in the table yet" };
    if (step->fresh) return 0;
    corm_default fill = corm__operation_fill(step->operation, backend->name);
    corm_change change = step->change;
    if (fill.kind) change.fill = &fill;
    if (change.kind && backend->cost) return backend->cost(&change, version, out);
    *out = step->change.kind ? (corm_change_cost){ .why = "the backend does not say" }
                             : cost_by_hand(step, backend);
    return 0;
}

corm_change_cost corm__dearer(corm_change_cost a, corm_change_cost b) {
    if (!a.cost || !b.cost) return a.cost ? b : a;
    if (a.cost != b.cost) return a.cost > b.cost ? a : b;
    return a.blocks_writes + a.blocks_reads >= b.blocks_writes + b.blocks_reads ? a : b;
}

const char *corm__cost_name(corm_cost cost) {
    switch (cost) {
    case CORM_COST_INSTANT: return "instant";
    case CORM_COST_SCAN: return "scan";
    case CORM_COST_REWRITE: return "rewrite";
    }
    return "?";
}
