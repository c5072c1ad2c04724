/* Do the models say what the database has? They are made into tables again by the same code that
 * makemigrations uses, and compared. */
#include "command/inspect.h"
#include "base/error.h"
#include "schema/schema.h"
#include "schema/sql_text.h"
#include <string.h>

static bool is_remarked(const corm_inspection *in, const char *table) {
    for (size_t i = 0; i < in->n_remarks; i++)
        if (in->remarks[i].lost && strcmp(in->remarks[i].table, table) == 0) return true;
    return false;
}

static int compare(corm_inspection *in, const corm_app *const *apps) {
    corm_schema made;
    char difference[512];
    int status = corm__schema_of_apps(apps, in->arena, &made, in->error);
    if (status)
        return status == CORM_ERROR_MEMORY
                   ? status
                   : corm__inspect_remark(in, "", NULL, true, "%s", in->error->message);
    for (size_t i = 0; i < in->n_models && !status; i++) {
        const corm_table *table = corm__table_find(&made, in->tables[i]->name);
        if (is_remarked(in, in->tables[i]->name)) continue; /* said already */
        if (!table)
            status = corm__inspect_remark(in, in->tables[i]->name, NULL, true,
                                          "no model makes this table");
        else if (!corm__table_equal(in->tables[i], table, difference, sizeof difference))
            status = corm__inspect_remark(in, table->name, NULL, true,
                                          "differs (database and model): %s", difference);
    }
    return corm__comparison_failed() ? corm__fail_memory(in->error) : status;
}

static int check(corm_inspection *in, const corm_app *const *apps) {
    corm_check_messages messages = { .arena = in->arena };
    int status = corm__check_apps(apps, in->backend, &messages);
    for (size_t i = 0; i < messages.count && !status; i++)
        if (messages.items[i].level == CORM_CHECK_ERROR)
            status = corm__inspect_remark(in, messages.items[i].object, NULL, true,
                                          "`check` refuses it: %s [%s]", messages.items[i].message,
                                          messages.items[i].id);
    return status;
}

int corm__inspect_verify(corm_inspection *in) {
    const corm_model *const **refs = corm__arena_array(in->arena, in->n_models + 1, sizeof *refs);
    const corm_model **models = corm__arena_array(in->arena, in->n_models + 1, sizeof *models);
    if (!refs || !models) return corm__fail_memory(in->error);
    size_t n = 0;
    for (size_t i = 0; i < in->n_models; i++) {
        if (!in->models[i].n_fields) continue;
        models[n] = &in->models[i];
        refs[n] = &models[n];
        n++;
    }
    const corm_app app = { .name = in->app ? in->app : "app", .models = refs };
    const corm_app *const apps[] = { &app, NULL };
    int status = compare(in, apps);
    return status ? status : check(in, apps);
}
