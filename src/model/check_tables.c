/* Tables, indexes and unique constraints share one name space in SQLite and PostgreSQL, so that two models may collide in a name that
 * neither of them wrote. The tables come in the order of the models, each followed by those of its many-to-many relations: so each is found
 * again with its model. */
#include "model/checks.h"
#include <stdlib.h>
#include <string.h>

typedef struct owner {
    const char *what;
    const corm_app *app;
    const corm_model *model;
} owner;

static void claim(corm_checker *checker, corm_map *names, const char *name, const char *what, const char *id) {
    const owner *other = corm__map_get(names, name);
    if (other) {
        CORM_SAY_ERROR(checker, id, NULL, "give one of them another name", "the %s '%s' has the same name as the %s of %s.%s", what, name,
                       other->what, other->app->name ? other->app->name : "?", other->model->name);
        return;
    }
    owner *own = corm__arena_alloc(checker->out->arena, sizeof *own);
    if (own) *own = (owner){ what, checker->app, checker->model };
    if (!own || corm__map_set(names, name, own)) checker->broken = true;
}

static void check_columns(corm_checker *checker, const corm_table *table) {
    for (const corm_column *column = table->columns; column->name; column++)
        for (const corm_column *other = table->columns; other < column; other++)
            if (strcmp(other->name, column->name) == 0)
                CORM_SAY_ERROR(checker, "models.E005", NULL, "give one of them another .column (a foreign key has name_id)",
                               "two columns of table '%s' have the name '%s'", table->name, column->name);
}

static void check_constraints(corm_checker *checker, const corm_table *table) {
    for (const corm_constraint *constraint = table->constraints; constraint->name; constraint++)
        for (const corm_constraint *other = table->constraints; other < constraint; other++)
            if (strcmp(other->name, constraint->name) == 0)
                CORM_SAY_ERROR(checker, "models.E008", NULL, "give one of them another name",
                               "two constraints of table '%s' have the name '%s'", table->name, constraint->name);
}

/* PostgreSQL makes one of two that are the same, without a word. */
static void check_unique(corm_checker *checker, const corm_table *table) {
    for (const corm_constraint *constraint = table->constraints; constraint->name; constraint++) {
        if (constraint->kind != CORM_CONSTRAINT_UNIQUE) continue;
        if (table->primary_key && strcmp(constraint->columns, table->primary_key) == 0)
            CORM_SAY_ERROR(checker, "models.E014", NULL, "leave it out", "the unique constraint '%s' says what the primary key says",
                           constraint->name);
        for (const corm_constraint *other = table->constraints; other < constraint; other++)
            if (other->kind == CORM_CONSTRAINT_UNIQUE && strcmp(other->columns, constraint->columns) == 0)
                CORM_SAY_ERROR(checker, "models.E014", NULL, "keep one", "the unique constraints '%s' and '%s' are the same", other->name,
                               constraint->name);
    }
}

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

static void check_indexes(corm_checker *checker, const corm_table *table) {
    for (const corm_index *index = table->indexes; index->name; index++)
        for (const corm_index *other = table->indexes; other < index; other++)
            if (same_text(index->columns, other->columns) && same_text(index->expression, other->expression) &&
                same_text(index->where, other->where) && index->unique == other->unique)
                CORM_SAY_WARNING(checker, "models.W004", NULL, "keep one", "the indexes '%s' and '%s' are the same", other->name,
                                 index->name);
}

/* --- what the engine does not have --- */

static void check_engine(corm_checker *checker, const corm_table *table) {
    const corm_features *has = checker->backend->features;
    const char *title = checker->backend->title;
    for (const corm_column *column = table->columns; column->name; column++) {
        if (column->kind == CORM_ARRAY && !has->arrays)
            CORM_SAY_ERROR(checker, "engine.E001", column->name, "use a model of its own with a foreign key, or json(…)",
                           "is an array: %s has none", title);
        if (column->references.table && column->references.deferrable && !has->deferrable_foreign_keys)
            CORM_SAY_ERROR(checker, "engine.E002", column->name, "leave out .deferrable",
                           "is .deferrable: %s has no deferrable foreign keys", title);
    }
    for (const corm_index *index = table->indexes; index->name; index++) {
        if (index->include && *index->include && !has->include_columns)
            CORM_SAY_ERROR(checker, "engine.E003", index->name, "leave it out", "has include columns: %s has none", title);
        if (index->method && *index->method && !has->index_methods)
            CORM_SAY_ERROR(checker, "engine.E004", index->name, "leave it out", "has the method %s: %s has none", index->method, title);
    }
    for (const corm_constraint *constraint = table->constraints; constraint->name; constraint++) {
        if (constraint->deferrable && !has->deferrable_unique)
            CORM_SAY_ERROR(checker, "engine.E005", constraint->name, "leave it out",
                           "is deferrable: %s has no deferrable unique constraints", title);
        if (constraint->nulls_not_distinct && !has->nulls_not_distinct)
            CORM_SAY_ERROR(checker, "engine.E006", constraint->name, "leave it out", "has nulls not distinct: %s has none", title);
    }
}

static void check_table(corm_checker *checker, const corm_table *table, corm_map *names) {
    claim(checker, names, table->name, "table", "models.E004");
    for (const corm_index *index = table->indexes; index->name; index++) claim(checker, names, index->name, "index", "models.E008");
    for (const corm_constraint *constraint = table->constraints; constraint->name; constraint++)
        if (constraint->kind == CORM_CONSTRAINT_UNIQUE) claim(checker, names, constraint->name, "unique constraint", "models.E008");
    check_columns(checker, table);
    check_constraints(checker, table);
    check_unique(checker, table);
    check_indexes(checker, table);
    if (checker->backend) check_engine(checker, table);
}

void corm__check_tables(corm_checker *checker) {
    corm_map names = { 0 };
    corm_schema schema;
    corm_error_info *error = calloc(1, sizeof *error);
    int status = error ? corm__schema_of_apps(checker->apps, checker->out->arena, &schema, error) : CORM_ERROR_MEMORY;
    free(error);
    if (status == CORM_ERROR_MEMORY) checker->broken = true;
    if (status) return; /* why has been said by the checks of fields and relations */
    const corm_table *table = schema.tables;
    for (const corm_app *const *app = checker->apps; app && *app; app++)
        for (const corm_model *const *const *ref = (*app)->models; ref && *ref; ref++) {
            checker->app = *app;
            checker->model = **ref;
            for (check_table(checker, table++, &names); table->name && !*table->model && strcmp(table->app, (*app)->name) == 0; table++)
                check_table(checker, table, &names);
        }
    corm__map_release(&names);
}
