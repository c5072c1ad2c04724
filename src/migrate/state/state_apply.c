/* One operation after the other applied to a state; apply.c has what each kind does. */
#include "base/error.h"
#include "migrate/state/step.h"
#include <stdlib.h>

/* --- operations of which the state gets to know something else than the database does --- */

const corm_operation corm__separate_goes_on[1] = { { 0 } };

/* The database's own state, from the first of such operations to the last. */
static corm_state *begin_separate(corm_state *state) {
    if (state->database) return state->database;
    corm_schema now = { state->tables, state->n };
    corm_state *database = calloc(1, sizeof *database);
    if (database && corm__state_init(database, state->arena, &now)) {
        free(database);
        return NULL;
    }
    return state->database = database;
}

static int apply_list(corm_state *state, const corm_operation *list, const char *app,
                      corm_error_info *error) {
    int status = 0;
    for (const corm_operation *o = list; !status && o && o->kind; o++)
        status = corm__state_apply(state, o, app, NULL, NULL, error);
    return status;
}

const corm_table *corm__state_before(const corm_state *state, const corm_operation *operation) {
    return corm__state_find(operation->state && state->database ? state->database : state,
                            operation->table);
}

/* --- one operation --- */

/* Runs the function of the kind and puts its table into the state. */
static int run(corm_state_step *s, corm_step_function *function) {
    const corm_operation *o = s->operation;
    int status = function(s);
    if (status || o->kind == CORM_CREATE_TABLE || o->kind == CORM_DELETE_TABLE ||
        o->kind == CORM_RENAME_TABLE || o->kind == CORM_RENAME_COLUMN)
        return status;
    return s->after ? corm__state_replace(s->state, o->table, s->after) : CORM_ERROR_MEMORY;
}

/* What changes no table: extensions, SQL, C. */
static int apply_other(corm_state_step *s) {
    const corm_operation *o = s->operation;
    int status = corm__operation_validate(o, NULL, s->error);
    if (status) return status;
    if (o->kind == CORM_CREATE_EXTENSION || o->kind == CORM_REMOVE_EXTENSION) {
        s->change->kind = o->kind;
        s->change->extension = o->name;
    }
    return 0;
}

static int apply_to_table(corm_state_step *s, corm_step_function *function,
                          corm_schema *schema_before, corm_arena *scratch) {
    corm_state *state = s->state;
    const corm_operation *o = s->operation;
    if (!o->table || !*o->table) return corm__step_refuse(s, "an operation lacks its .table");
    corm_table before = { 0 };
    const corm_table *found = corm__state_find(state, o->table);
    size_t position = found ? (size_t)(found - state->tables) : 0;
    if (o->kind != CORM_CREATE_TABLE) {
        if (!found) return corm__step_refuse(s, "table %s does not exist at this point", o->table);
        before = *found; /* the state's place may get another table */
        s->before = &before;
    }
    int status = corm__operation_validate(o, s->before, s->error);
    if (!status) status = run(s, function);
    if (status == CORM_ERROR_MEMORY) return corm__fail_memory(s->error);
    if (status || !schema_before) return status;
    corm_schema *schema_after = corm__state_snapshot(state, scratch);
    if (!schema_after) return corm__fail_memory(s->error);
    s->change->kind = o->kind;
    s->change->concurrently = o->concurrently;
    s->change->schema_after = schema_after;
    if (s->before) s->change->before = &schema_before->tables[position];
    if (o->kind != CORM_DELETE_TABLE) {
        const corm_table *after =
            corm__state_find(state, o->kind == CORM_RENAME_TABLE ? o->new_name : o->table);
        s->change->after = &schema_after->tables[after - state->tables];
    }
    return 0;
}

/* Does what the operation itself says; its .state does not count. */
static int apply_own(corm_state *state, const corm_operation *operation, const char *app,
                     corm_change *change, corm_arena *scratch, corm_error_info *error) {
    corm_change dropped;
    corm_error_info ignored;
    corm_state_step s = { .state = state,
                          .operation = operation,
                          .app = app,
                          .change = change ? change : &dropped,
                          .error = error ? error : &ignored };
    *s.change = (corm_change){ 0 };
    corm_step_function *function = corm__step_function(operation->kind);
    if (!function && (operation->kind < CORM_CREATE_EXTENSION || operation->kind > CORM_SEPARATE))
        return corm__step_refuse(&s, "operation of unknown kind %d", (int)operation->kind);
    corm_schema *schema_before = change ? corm__state_snapshot(state, scratch) : NULL;
    if (change && !schema_before) return corm__fail_memory(s.error);
    int status = function ? apply_to_table(&s, function, schema_before, scratch) : apply_other(&s);
    if (!status) s.change->schema_before = schema_before;
    return status;
}

static bool is_apart(const corm_state *state, const corm_operation *operation) {
    if (!operation->state || operation->kind == CORM_SEPARATE) return false;
    return state->database || operation->state == corm__separate_goes_on ||
           corm__step_function(operation->kind);
}

int corm__state_apply(corm_state *state, const corm_operation *operation, const char *app,
                      corm_change *change, corm_arena *scratch, corm_error_info *error) {
    bool apart = is_apart(state, operation);
    corm_state *own = apart ? begin_separate(state) : state;
    if (!own) return error ? corm__fail_memory(error) : CORM_ERROR_MEMORY;
    int status = apply_own(own, operation, app, change, scratch, error);
    if (status || operation->state == corm__separate_goes_on) return status;
    if (apart) corm__state_end_separate(state);
    return apply_list(state, operation->state, app, error);
}

int corm__operation_apply(const corm_operation *operation, const char *app, corm_schema *schema,
                          corm_arena *arena, corm_change *change, corm_error_info *error) {
    corm_state state;
    if (corm__state_init(&state, arena, schema)) return corm__fail_memory(error);
    int status = corm__state_apply(&state, operation, app, change, arena, error);
    if (!status) *schema = (corm_schema){ state.tables, state.n };
    corm__state_release(&state);
    return status;
}
