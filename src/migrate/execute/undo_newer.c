/* Undoes by the SQL of their records what this program does not carry. */
#include "base/error.h"
#include "migrate/execute/executor.h"
#include <string.h>

static bool has_mark(const char **text, const char *mark) {
    bool has = strncmp(*text, mark, strlen(mark)) == 0;
    if (has) *text += strlen(mark);
    return has;
}

static int undo_in_transaction(corm_executor *x, const corm_migration *migration, const char *sql,
                               bool off) {
    corm_patience patience = { 0 };
    int status = off ? corm__guard_foreign_keys_off(&x->guard) : 0;
    if (status) return status;
    do {
        status = corm__begin_short(x);
        if (status) break;
        status = corm__recorder_remove(x->db, migration->app, migration->name);
        if (!status && off) status = corm__guard_note_violations(&x->guard);
        if (!status && *sql) status = corm__run_statement(x, sql);
        if (!status && off) status = corm__guard_check_violations(&x->guard);
        status = corm__end_short(x, status);
    } while (status && corm__try_again(x, &patience, status));
    corm__guard_foreign_keys_on(&x->guard);
    return status;
}

int corm__undo_newer(corm_executor *x, const corm_migration *migration,
                     const corm_journal *journal) {
    const char *sql;
    int status = corm__recorder_down(x->db, migration->app, migration->name, &x->scratch, &sql);
    if (status) return status;
    if (!sql) {
        corm__db_fail(x->db, CORM_ERROR_NEWER,
                      "a newer program applied it, and its record has no SQL to undo it");
        corm__error_hint(&x->db->error, "Go back with the program that carries it.");
        return CORM_ERROR_NEWER;
    }
    bool off = has_mark(&sql, CORM_MARK_FOREIGN_KEYS), outside = has_mark(&sql, CORM_MARK_OUTSIDE);
    if (!outside && x->db->backend->features->transactional_ddl)
        return undo_in_transaction(x, migration, sql, off);
    return corm__run_journaled_sql(x, migration, sql, journal);
}
