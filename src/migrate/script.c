#include "migrate/script.h"
#include "base/error.h"
#include "migrate/graph.h"
#include <string.h>

int corm__forward_steps(const corm_migration *migration, corm_arena *arena, corm_step_list *out, corm_error_info *error) {
    size_t n = 0;
    for (const corm_operation *o = migration->body->operations; o && o->kind; o++) n++;
    *out = (corm_step_list){ corm__arena_array(arena, n, sizeof *out->operations), n };
    if (!out->operations) return corm__fail_memory(error);
    if (n) memcpy(out->operations, migration->body->operations, n * sizeof *out->operations);
    return 0;
}

int corm__undo_steps(corm_state *state, const corm_migration *migration, corm_arena *arena, corm_step_list *out, corm_error_info *error) {
    int status = corm__forward_steps(migration, arena, out, error);
    for (size_t i = 0; !status && i < out->n; i++) {
        const corm_operation *forward = &migration->body->operations[i];
        status = corm__state_reverse(state, forward, arena, &out->operations[out->n - 1 - i], error);
        if (!status) status = corm__state_apply(state, forward, migration->app, NULL, NULL, error);
    }
    return status ? corm__in_migration(error, migration) : 0;
}

void corm__script_init(corm_script *script, corm_arena *arena, int version, corm_error_info *error) {
    *script = (corm_script){ .arena = arena, .version = version, .error = error };
}

static int add_sql(corm_script *script, const char *sql) {
    if (!sql || !sql[strspn(sql, " \t\r\n;")]) return 0;
    corm_script_step *steps = script->steps;
    if (script->n_steps == script->capacity) {
        size_t capacity = script->capacity ? script->capacity * 2 : 8;
        steps = corm__arena_array(script->arena, capacity, sizeof *steps);
        if (!steps) return corm__fail_memory(script->error);
        if (script->n_steps) memcpy(steps, script->steps, script->n_steps * sizeof *steps);
        script->steps = steps;
        script->capacity = capacity;
    }
    char *copy = corm__arena_strdup(script->arena, sql);
    if (!copy) return corm__fail_memory(script->error);
    steps[script->n_steps++] = (corm_script_step){ .sql = copy };
    return 0;
}

int corm__script_add(corm_script *script, const corm_backend *backend, const corm_operation *operation, const corm_change *change,
                     corm_conn *conn) {
    if (change->kind) return backend->ddl(script, change, conn);
    return add_sql(script, operation->sql);
}

void corm__script_write(const corm_script *script, corm_buffer *out) {
    for (size_t i = 0; i < script->n_steps; i++) {
        const char *sql = script->steps[i].sql;
        size_t length = strlen(sql);
        while (length && strchr("; \t\r\n", sql[length - 1])) length--;
        corm__buffer_add(out, sql, length);
        corm__buffer_puts(out, ";\n");
    }
}

/* --- sqlmigrate --- */

static int write_steps(corm_state *state, const corm_migration *migration, const corm_step_list *steps, const corm_backend *backend,
                       corm_arena *arena, corm_buffer *out, bool *foreign_keys_off, corm_error_info *error) {
    for (size_t i = 0; i < steps->n; i++) {
        corm_script script;
        corm_change change;
        corm__script_init(&script, arena, 0, error);
        int status = corm__state_apply(state, &steps->operations[i], migration->app, &change, arena, error);
        if (!status) status = corm__script_add(&script, backend, &steps->operations[i], &change, NULL);
        if (status) return corm__in_migration(error, migration);
        const char *text = corm__operation_describe(&steps->operations[i], arena);
        corm__buffer_printf(out, "--\n-- %s\n--\n", text ? text : "?");
        if (script.n_steps)
            corm__script_write(&script, out);
        else
            corm__buffer_puts(out, "-- (nothing to do)\n");
        *foreign_keys_off |= script.foreign_keys_off;
    }
    return 0;
}

static int write_migration(const corm_graph *graph, const corm_migration *migration, bool backwards, const corm_backend *backend,
                           corm_arena *arena, corm_buffer *out, corm_error_info *error) {
    corm_schema before;
    corm_state state;
    corm_step_list steps;
    corm_buffer body = { 0 };
    bool off = false;
    int status = corm__graph_state(graph, corm__graph_position(graph, migration), arena, &before, error);
    if (status) return status;
    if (corm__state_init(&state, arena, &before)) return corm__fail_memory(error);
    status = backwards ? corm__undo_steps(&state, migration, arena, &steps, error) : corm__forward_steps(migration, arena, &steps, error);
    if (!status) status = write_steps(&state, migration, &steps, backend, arena, &body, &off, error);
    corm__state_release(&state);
    if (!status) {
        bool transaction = backend->features->transactional_ddl;
        corm__buffer_printf(out, "%s%s%s%s%s", off ? "PRAGMA foreign_keys = OFF;\n" : "", transaction ? "BEGIN;\n" : "",
                            corm__buffer_text(&body), transaction ? "COMMIT;\n" : "", off ? "PRAGMA foreign_keys = ON;\n" : "");
        if (corm__buffer_broken(&body) || corm__buffer_broken(out)) status = corm__fail_memory(error);
    }
    corm__buffer_release(&body);
    return status;
}

int corm__migration_sql(const corm_graph *graph, const corm_migration *migration, bool backwards, const corm_backend *backend,
                        corm_buffer *out, corm_error_info *error) {
    corm_arena arena = { 0 };
    int status = write_migration(graph, migration, backwards, backend, &arena, out, error);
    corm__arena_release(&arena);
    return status;
}
