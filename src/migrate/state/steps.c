/* A separate operation is taken apart, so that each step is one thing to run. */
#include "migrate/state/steps.h"
#include "base/error.h"

static size_t steps_of(const corm_operation *o) {
    size_t n = 0;
    if (o->kind != CORM_SEPARATE) return 1;
    for (const corm_operation *d = o->database; d && d->kind; d++) n++;
    return n ? n : 1;
}

static corm_operation *add_step(corm_step_list *list, const corm_operation *o, const char *engine) {
    corm_operation *step = &list->operations[list->n++];
    *step = *o;
    step->fill = corm__operation_fill(o, engine);
    return step;
}

static void add_steps(corm_step_list *list, const corm_operation *o, const char *engine) {
    static const corm_operation nothing[1] = { { 0 } };
    if (o->kind != CORM_SEPARATE) {
        add_step(list, o, engine);
        return;
    }
    for (const corm_operation *d = o->database; d && d->kind; d++) {
        corm_operation *step = add_step(list, d, engine);
        step->state = d[1].kind ? corm__separate_goes_on : o->state ? o->state : nothing;
    }
    if (!o->database || !o->database->kind)
        list->operations[list->n++] = (corm_operation){
            .kind = CORM_RUN_SQL, .sql = "", .reverse_sql = "", .state = o->state
        };
}

static int check_concurrently(const corm_migration *migration, const corm_operation *list,
                              corm_error_info *error) {
    for (const corm_operation *o = list; o && o->kind; o++) {
        if (o->concurrently && !migration->body->outside_transaction) {
            corm__fail(error, CORM_ERROR_MIGRATION,
                       "index %s of %s is to be made without blocking writers, which cannot be "
                       "done in a transaction",
                       o->index.name ? o->index.name
                       : o->name     ? o->name
                                     : "?",
                       o->table ? o->table : "?");
            corm__error_hint(
                error,
                "Give the migration .outside_transaction = true, and let it do nothing else.");
            return CORM_ERROR_MIGRATION;
        }
        int status = check_concurrently(migration, o->database, error);
        if (status) return status;
    }
    return 0;
}

static int take_apart(const corm_operation *operations, size_t n, const char *engine,
                      corm_arena *arena, corm_step_list *out, corm_error_info *error) {
    size_t steps = 0;
    for (size_t i = 0; i < n; i++) steps += steps_of(&operations[i]);
    *out = (corm_step_list){ corm__arena_array(arena, steps + 1, sizeof *out->operations), 0 };
    if (!out->operations) return corm__fail_memory(error);
    for (size_t i = 0; i < n; i++) add_steps(out, &operations[i], engine);
    out->operations[steps] = (corm_operation){ 0 };
    return 0;
}

static size_t count(const corm_operation *operations) {
    size_t n = 0;
    while (operations && operations[n].kind) n++;
    return n;
}

int corm__forward_steps(const corm_migration *migration, const char *engine, corm_arena *arena,
                        corm_step_list *out, corm_error_info *error) {
    const corm_operation *operations = migration->body->operations;
    int status = check_concurrently(migration, operations, error);
    return status ? status : take_apart(operations, count(operations), engine, arena, out, error);
}

/* What stands for the undoing of something that was never done. */
static int nothing_to_undo(const corm_operation *o, corm_arena *arena, corm_operation *out,
                           corm_error_info *error) {
    size_t n = steps_of(o);
    corm_operation *none = corm__arena_array(arena, n + 1, sizeof *none);
    if (!none) return corm__fail_memory(error);
    for (size_t i = 0; i < n; i++)
        none[i] = (corm_operation){ .kind = CORM_RUN_SQL, .sql = "", .reverse_sql = "" };
    *out = (corm_operation){ .kind = CORM_SEPARATE, .database = none };
    corm__error_clear(error);
    return 0;
}

int corm__undo_steps_from(corm_state *state, const corm_migration *migration, const char *engine,
                          size_t first, corm_arena *arena, corm_step_list *out,
                          corm_error_info *error) {
    const corm_operation *operations = migration->body->operations;
    size_t n = count(operations), behind = 0;
    int status = check_concurrently(migration, operations, error);
    corm_operation *reversed = corm__arena_array(arena, n, sizeof *reversed);
    if (!status && !reversed) status = corm__fail_memory(error);
    for (size_t i = 0; i < n; i++) behind += steps_of(&operations[i]);
    for (size_t i = 0; !status && i < n; i++) {
        status = corm__state_reverse(state, &operations[i], arena, &reversed[n - 1 - i], error);
        if (status == CORM_ERROR_MIGRATION && behind <= first)
            status = nothing_to_undo(&operations[i], arena, &reversed[n - 1 - i], error);
        behind -= steps_of(&operations[i]);
        if (!status)
            status = corm__state_apply(state, &operations[i], migration->app, NULL, NULL, error);
    }
    if (!status) status = take_apart(reversed, n, engine, arena, out, error);
    return status ? corm__in_migration(error, migration) : 0;
}

int corm__undo_steps(corm_state *state, const corm_migration *migration, const char *engine,
                     corm_arena *arena, corm_step_list *out, corm_error_info *error) {
    return corm__undo_steps_from(state, migration, engine, 0, arena, out, error);
}
