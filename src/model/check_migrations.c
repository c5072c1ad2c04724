/* The migrations that apps carry: what the engine in use does not have, before the first of them
 * runs. What is wrong in itself is found when they are put together (src/migrate/). */
#include "model/checks.h"
#include <corm/migration.h>
#include <string.h>

/* What the operation makes, as a table, so that it is checked as a model's is. */
static void check_parts(corm_checker *checker, const corm_operation *o) {
    const corm_column columns[] = { o->column, { 0 } };
    const corm_index indexes[] = { o->index, { 0 } };
    const corm_constraint constraints[] = { o->constraint, { 0 } };
    corm_table table = { .name = o->table ? o->table : "?", .app = "", .model = "" };
    switch (o->kind) {
    case CORM_CREATE_TABLE:
        table.columns = o->columns;
        table.primary_key = o->primary_key;
        table.indexes = o->indexes;
        table.constraints = o->constraints;
        break;
    case CORM_ADD_COLUMN:
    case CORM_ALTER_COLUMN: table.columns = columns; break;
    case CORM_ADD_INDEX:
    case CORM_ALTER_INDEX: table.indexes = indexes; break;
    case CORM_ADD_CONSTRAINT:
    case CORM_ALTER_CONSTRAINT: table.constraints = constraints; break;
    default: return;
    }
    corm__check_engine(checker, &table);
}

static void check_sql(corm_checker *checker, const corm_operation *o) {
    const corm_backend *backend = checker->backend;
    const corm_engine_sql *e = o->engines;
    while (e && e->engine && strcmp(e->engine, backend->name) != 0) e++;
    if (e && e->engine ? !e->sql : !o->sql)
        CORM_SAY_ERROR(checker, "engine.E014", NULL,
                       "add it to .engines, or as .sql; \"\" where there is nothing to do",
                       "has a CORM_RUN_SQL without SQL for %s", backend->title);
}

static void check_operations(corm_checker *checker, const corm_migration *migration,
                             const corm_operation *list) {
    for (const corm_operation *o = list; o && o->kind; o++) {
        if (o->concurrently && !migration->body->outside_transaction)
            CORM_SAY_ERROR(checker, "migrations.E001", o->index.name ? o->index.name : o->name,
                           "give the migration .outside_transaction = true, and nothing else to do",
                           "is made without blocking writers, which no transaction can do");
        if (o->kind == CORM_SEPARATE)
            check_operations(checker, migration, o->database);
        else if (checker->backend && o->kind == CORM_RUN_SQL)
            check_sql(checker, o);
        else if (checker->backend)
            check_parts(checker, o);
    }
}

void corm__check_migrations(corm_checker *checker) {
    checker->model = NULL;
    for (const corm_app *const *app = checker->apps; app && *app; app++) {
        checker->app = *app;
        for (const corm_migration *m = (*app)->migrations; m && m->app; m++) {
            checker->migration = m;
            if (m->body) check_operations(checker, m, m->body->operations);
        }
        checker->migration = NULL;
    }
}
