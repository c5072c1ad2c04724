/* A database that an earlier corm made may hold values in a form that this one keeps no more: what
 * the backend has to say is run once, under the migration lock, before any migration. */
#include "base/error.h"
#include "migrate/execute/executor.h"

static int script_of(corm_executor *x, corm_script *script) {
    int status = 0;
    corm__script_init(script, &x->scratch, x->db->backend->version(x->db->conn), &x->db->error);
    if (x->db->backend->renew) status = x->db->backend->renew(script, x->db->conn);
    return status;
}

int corm__renewal_pending(corm_executor *x, bool *out) {
    corm_script script;
    int status = script_of(x, &script);
    *out = !status && script.n_steps;
    corm__arena_release(&x->scratch);
    return status;
}

static int run(corm_executor *x, const corm_script *script) {
    int status = script->foreign_keys_off ? corm__guard_note_violations(&x->guard) : 0;
    for (size_t i = 0; !status && i < script->n_steps; i++)
        status = corm__run_statement(x, script->steps[i].sql);
    if (!status && script->foreign_keys_off) status = corm__guard_check_violations(&x->guard);
    return status;
}

int corm__renew(corm_executor *x) {
    corm_script script;
    int status = script_of(x, &script);
    if (status || !script.n_steps) return status;
    corm__report(x, CORM_MIGRATE_NOTICE,
                 "tables of an earlier corm are brought into the form of this one", 0);
    status = corm__guard_begin(&x->guard, x->db, &x->scratch);
    if (!status && script.foreign_keys_off) status = corm__guard_foreign_keys_off(&x->guard);
    if (!status) status = corm__begin_short(x);
    if (!status) status = corm__end_short(x, run(x, &script));
    corm__guard_foreign_keys_on(&x->guard);
    corm__guard_end(&x->guard);
    corm__arena_release(&x->scratch);
    return status;
}
