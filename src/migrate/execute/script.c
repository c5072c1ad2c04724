#include "migrate/execute/script.h"
#include "base/error.h"
#include "migrate/graph/nodes.h"
#include "schema/script.h"
#include <string.h>

void corm__script_init(corm_script *script, corm_arena *arena, int version,
                       corm_error_info *error) {
    *script = (corm_script){ .arena = arena, .version = version, .error = error };
}

static int add_sql(corm_script *script, const char *sql) {
    corm_buffer text = { 0 };
    if (!sql[strspn(sql, " \t\r\n;")]) return 0;
    corm__buffer_puts(&text, sql);
    return corm__script_step(script, &text);
}

int corm__script_add(corm_script *script, const corm_backend *backend,
                     const corm_operation *operation, const corm_change *change, corm_conn *conn) {
    bool extension = change->kind == CORM_CREATE_EXTENSION || change->kind == CORM_REMOVE_EXTENSION;
    if (extension && !backend->features->extensions) return 0; /* what needs it says so itself */
    if (change->kind) return backend->ddl(script, change, conn);
    if (operation->kind != CORM_RUN_SQL) return 0;
    const char *sql = corm__operation_sql(operation, backend->name);
    if (sql) return add_sql(script, sql);
    corm__fail(script->error, CORM_ERROR_UNSUPPORTED, "CORM_RUN_SQL has no SQL for %s",
               backend->title);
    corm__error_hint(script->error, "Add it to .engines, or as .sql (undoing: .reverse_sql); \"\" "
                                    "when there is nothing to do.");
    return CORM_ERROR_UNSUPPORTED;
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

static int write_steps(corm_state *state, const corm_migration *migration,
                       const corm_step_list *steps, const corm_backend *backend, corm_arena *arena,
                       corm_buffer *out, bool *foreign_keys_off, corm_error_info *error) {
    for (size_t i = 0; i < steps->n; i++) {
        corm_script script;
        corm_change change;
        corm__script_init(&script, arena, 0, error);
        int status =
            corm__state_apply(state, &steps->operations[i], migration->app, &change, arena, error);
        if (!status)
            status = corm__script_add(&script, backend, &steps->operations[i], &change, NULL);
        if (status) return corm__in_migration(error, migration);
        const char *text = corm__operation_describe(&steps->operations[i], arena);
        if (!text) return corm__fail_memory(error);
        corm__buffer_printf(out, "--\n-- %s\n--\n", text);
        if (script.n_steps)
            corm__script_write(&script, out);
        else if (steps->operations[i].kind == CORM_RUN_C &&
                 steps->operations[i].run != corm_nothing_to_undo)
            corm__buffer_puts(out, "-- (a function of the program)\n");
        else
            corm__buffer_puts(out, "-- (nothing to do)\n");
        *foreign_keys_off |= script.foreign_keys_off;
    }
    return 0;
}

static int write_migration(const corm_graph *graph, const corm_migration *migration, bool backwards,
                           const corm_backend *backend, corm_arena *arena, corm_buffer *out,
                           corm_error_info *error) {
    corm_schema before;
    corm_state state;
    corm_step_list steps;
    corm_buffer body = { 0 };
    bool off = false;
    int status =
        corm__graph_state(graph, corm__graph_position(graph, migration), arena, &before, error);
    if (status) return status;
    if (corm__state_init(&state, arena, &before)) return corm__fail_memory(error);
    status = backwards ? corm__undo_steps(&state, migration, backend->name, arena, &steps, error)
                       : corm__forward_steps(migration, backend->name, arena, &steps, error);
    if (!status)
        status = write_steps(&state, migration, &steps, backend, arena, &body, &off, error);
    corm__state_release(&state);
    if (!status) {
        bool transaction =
            backend->features->transactional_ddl && !migration->body->outside_transaction;
        if (off) corm__buffer_printf(out, "%s;\n", backend->foreign_keys_off);
        corm__buffer_printf(out, "%s%s%s", transaction ? "BEGIN;\n" : "", corm__buffer_text(&body),
                            transaction ? "COMMIT;\n" : "");
        if (off) corm__buffer_printf(out, "%s;\n", backend->foreign_keys_on);
        if (corm__buffer_broken(&body) || corm__buffer_broken(out))
            status = corm__fail_memory(error);
    }
    corm__buffer_release(&body);
    return status;
}

int corm__migration_sql(const corm_graph *graph, const corm_migration *migration, bool backwards,
                        const corm_backend *backend, corm_buffer *out, corm_error_info *error) {
    corm_arena arena = { 0 };
    int status = write_migration(graph, migration, backwards, backend, &arena, out, error);
    corm__arena_release(&arena);
    return status;
}
