/* Tables, indexes and unique constraints share one name space in SQLite and PostgreSQL, so that two
 * models may collide in a name that neither of them wrote. The tables come in the order of the
 * models, each followed by those of its many-to-many relations: so each is found again with its
 * model. */
#include "model/checks.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct owner {
    const char *what;
    const corm_app *app;
    const corm_model *model;
} owner;

/* Whether names that differ in case alone are one to the engine. Without one, they are two. */
static bool folds(const corm_checker *checker) {
    return checker->backend && !checker->backend->features->case_sensitive_names;
}

static bool same_name(const corm_checker *checker, const char *a, const char *b) {
    return (folds(checker) ? strcasecmp : strcmp)(a, b) == 0;
}

static void claim(corm_checker *checker, corm_map *names, const char *name, const char *what,
                  const char *id) {
    /* Of tables on a server, its file system decides. */
    bool one = folds(checker) && checker->backend->features->file;
    char *key = one ? corm__arena_strdup(checker->out->arena, name) : (char *)name;
    for (char *p = one ? key : NULL; p && *p; p++)
        if (*p >= 'A' && *p <= 'Z') *p = (char)(*p + 32);
    if (!key) {
        checker->broken = true;
        return;
    }
    const owner *other = corm__map_get(names, key);
    if (other) {
        CORM_SAY_ERROR(checker, id, NULL, "give one of them another name",
                       "the %s '%s' has the same name as the %s of %s.%s", what, name, other->what,
                       other->app->name ? other->app->name : "?", other->model->name);
        return;
    }
    owner *own = corm__arena_alloc(checker->out->arena, sizeof *own);
    if (own) *own = (owner){ what, checker->app, checker->model };
    if (!own || corm__map_set(names, key, own)) checker->broken = true;
}

static void check_columns(corm_checker *checker, const corm_table *table) {
    for (const corm_column *column = table->columns; column->name; column++)
        for (const corm_column *other = table->columns; other < column; other++)
            if (same_name(checker, other->name, column->name))
                CORM_SAY_ERROR(checker, "models.E005", NULL,
                               "give one of them another .column (a foreign key has name_id)",
                               "two columns of table '%s' have the name '%s'", table->name,
                               column->name);
}

static void check_constraints(corm_checker *checker, const corm_table *table) {
    for (const corm_constraint *constraint = table->constraints; constraint->name; constraint++)
        for (const corm_constraint *other = table->constraints; other < constraint; other++)
            if (same_name(checker, other->name, constraint->name))
                CORM_SAY_ERROR(checker, "models.E008", NULL, "give one of them another name",
                               "two constraints of table '%s' have the name '%s'", table->name,
                               constraint->name);
}

/* PostgreSQL makes one of two that are the same, without a word. */
static void check_unique(corm_checker *checker, const corm_table *table) {
    for (const corm_constraint *constraint = table->constraints; constraint->name; constraint++) {
        if (constraint->kind != CORM_CONSTRAINT_UNIQUE) continue;
        if (table->primary_key && strcmp(constraint->columns, table->primary_key) == 0)
            CORM_SAY_ERROR(checker, "models.E014", NULL, "leave it out",
                           "the unique constraint '%s' says what the primary key says",
                           constraint->name);
        for (const corm_constraint *other = table->constraints; other < constraint; other++)
            if (other->kind == CORM_CONSTRAINT_UNIQUE &&
                strcmp(other->columns, constraint->columns) == 0)
                CORM_SAY_ERROR(checker, "models.E014", NULL, "keep one",
                               "the unique constraints '%s' and '%s' are the same", other->name,
                               constraint->name);
    }
}

static bool same_text(const char *a, const char *b) { return strcmp(a ? a : "", b ? b : "") == 0; }

static void check_indexes(corm_checker *checker, const corm_table *table) {
    for (const corm_index *index = table->indexes; index->name; index++)
        for (const corm_index *other = table->indexes; other < index; other++)
            if (same_text(index->columns, other->columns) &&
                same_text(index->expression, other->expression) &&
                same_text(index->where, other->where) && index->unique == other->unique)
                CORM_SAY_WARNING(checker, "models.W004", NULL, "keep one",
                                 "the indexes '%s' and '%s' are the same", other->name,
                                 index->name);
}

static void check_table(corm_checker *checker, const corm_table *table, corm_map *names) {
    claim(checker, names, table->name, "table", "models.E004");
    for (const corm_index *index = table->indexes; index->name; index++)
        claim(checker, names, index->name, "index", "models.E008");
    for (const corm_constraint *constraint = table->constraints; constraint->name; constraint++)
        if (constraint->kind == CORM_CONSTRAINT_UNIQUE)
            claim(checker, names, constraint->name, "unique constraint", "models.E008");
    check_columns(checker, table);
    check_constraints(checker, table);
    check_unique(checker, table);
    check_indexes(checker, table);
    if (checker->backend) corm__check_engine(checker, table);
}

void corm__check_tables(corm_checker *checker) {
    corm_map names = { 0 };
    corm_schema schema;
    corm_error_info *error = calloc(1, sizeof *error);
    int status = error ? corm__schema_of_apps(checker->apps, checker->out->arena, &schema, error)
                       : CORM_ERROR_MEMORY;
    free(error);
    if (status == CORM_ERROR_MEMORY) checker->broken = true;
    if (status) return; /* why has been said by the checks of fields and relations */
    const corm_table *table = schema.tables;
    for (const corm_app *const *app = checker->apps; app && *app; app++)
        for (const corm_model *const *const *ref = (*app)->models; ref && *ref; ref++) {
            checker->app = *app;
            checker->model = **ref;
            for (check_table(checker, table++, &names);
                 table->name && !*table->model && strcmp(table->app, (*app)->name) == 0; table++)
                check_table(checker, table, &names);
        }
    corm__map_release(&names);
}
