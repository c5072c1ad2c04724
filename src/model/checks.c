#include "model/checks.h"
#include <string.h>

/* --- primary key --- */

static void check_primary_key(corm_checker *checker) {
    const corm_model *model = checker->model;
    const corm_field *first = NULL, *item = NULL;
    for (size_t i = 0; i < model->n_fields; i++) {
        const corm_field *field = &model->fields[i];
        if (field->item == CORM_ITEM_PRIMARY_KEY) {
            if (item || first)
                CORM_SAY_ERROR(checker, "models.E002", first ? first->name : NULL,
                               "keep one: primary_key(…) or a column's own",
                               "has two primary keys");
            item = field;
        } else if (corm__field_is_column(field) && field->primary_key) {
            if (item || first)
                CORM_SAY_ERROR(checker, "models.E002", field->name,
                               "for a key of several columns write primary_key(a, b) instead",
                               "has two primary keys: %s and %s",
                               first ? first->name : "primary_key(…)", field->name);
            else
                first = field;
        }
    }
    if (!first && !item)
        CORM_SAY_ERROR(checker, "models.E001", NULL,
                       "add identity(id), or primary_key(…) with columns that are there",
                       "has no primary key");
}

/* --- what stands in a model besides --- */

static void check_names(corm_checker *checker) {
    const corm_model *model = checker->model;
    corm__check_identifier(checker, NULL, "table", model->table);
    if (strncmp(model->table, "sqlite_", 7) == 0 || strncmp(model->table, "corm_", 5) == 0)
        CORM_SAY_ERROR(checker, "models.E012", NULL, "give the table another name",
                       "tables that begin with '%.*s' belong to %s", model->table[0] == 's' ? 7 : 5,
                       model->table, model->table[0] == 's' ? "SQLite" : "corm");
    size_t n = 0, comments = 0;
    for (size_t i = 0; i < model->n_fields; i++) {
        n += corm__field_is_column(&model->fields[i]);
        comments += model->fields[i].item == CORM_ITEM_COMMENT;
    }
    if (n > 1600)
        CORM_SAY_ERROR(checker, "models.E006", NULL, "divide it into two models with a one_to_one",
                       "has %zu columns: databases take 1600", n);
    if (n == 0)
        CORM_SAY_ERROR(checker, "models.E007", NULL,
                       "add a column, or use CORM_ROW for a struct without a table",
                       "has no columns");
    if (comments > 1)
        CORM_SAY_WARNING(checker, "models.W003", NULL, "keep one",
                         "has %zu comments: the last one counts", comments);
}

static void check_model(corm_checker *checker) {
    const corm_model *model = checker->model;
    check_names(checker);
    check_primary_key(checker);
    for (size_t i = 0; i < model->n_fields; i++) {
        const corm_field *field = &model->fields[i];
        if (field->item >= CORM_ITEM_INDEX) {
            corm__check_item(checker, field);
        } else {
            if (corm__field_is_column(field)) corm__check_column(checker, field);
            if (field->item != CORM_ITEM_COLUMN) corm__check_relation(checker, field);
        }
    }
}

/* --- apps --- */

static bool is_c_name(const char *name) {
    if (!name || !*name || (*name >= '0' && *name <= '9')) return false;
    for (; *name; name++)
        if (!((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
              (*name >= '0' && *name <= '9') || *name == '_'))
            return false;
    return true;
}

static void list_app(corm_checker *checker, const corm_app *const *place) {
    const corm_app *app = checker->app = *place;
    checker->model = NULL;
    if (!is_c_name(app->name))
        CORM_SAY_ERROR(checker, "apps.E001", NULL, "use letters, digits and _",
                       "the app's name '%s' is not a C identifier", app->name ? app->name : "");
    for (const corm_app *const *other = checker->apps; other < place; other++)
        if (app->name && (*other)->name && strcmp((*other)->name, app->name) == 0)
            CORM_SAY_ERROR(checker, "apps.E002", NULL, "name it once in CORM_APPS",
                           "there are two apps '%s'", app->name);
    for (const corm_model *const *const *ref = app->models; ref && *ref; ref++) {
        const corm_model *const *key = *ref;
        const corm_app *other = corm__map_get_bytes(&checker->listed, *ref, sizeof *key);
        checker->model = **ref;
        if (other)
            CORM_SAY_ERROR(checker, "apps.E003", NULL, "list it in one app",
                           "is listed in app %s already", other->name ? other->name : "?");
        else if (corm__map_set_bytes(&checker->listed, key, sizeof *key, (void *)app))
            checker->broken = true;
    }
}

int corm__check_apps(const corm_app *const *apps, const corm_backend *backend,
                     corm_check_messages *out) {
    corm_checker checker = { .apps = apps, .backend = backend, .out = out };
    for (const corm_app *const *app = apps; app && *app; app++) list_app(&checker, app);
    for (const corm_app *const *app = apps; app && *app; app++) {
        checker.app = *app;
        for (const corm_model *const *const *ref = (*app)->models; ref && *ref; ref++) {
            checker.model = **ref;
            check_model(&checker);
        }
    }
    if (!checker.broken) corm__check_tables(&checker);
    if (!checker.broken) corm__check_migrations(&checker);
    corm__map_release(&checker.listed);
    return checker.broken ? CORM_ERROR_MEMORY : 0;
}
