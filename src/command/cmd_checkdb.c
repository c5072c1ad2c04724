/* checkdb: the live database beside the models. */
#include "command/command.h"
#include "command/drift.h"
#include "db/db.h"
#include "migrate/migrate.h"
#include "model/model.h"
#include <string.h>

static bool is_wanted(const corm_context *context, const char *app) {
    int n = corm_argument_count(context);
    for (int i = 0; i < n; i++)
        if (strcmp(corm_argument(context, i), app) == 0) return true;
    return n == 0;
}

/* The apps that are named; all when none is. */
static int wanted_apps(corm_context *context, const corm_app *const **out) {
    size_t n = 0, kept = 0;
    while (context->apps[n]) n++;
    const corm_app **apps = corm__arena_array(&context->arena, n + 1, sizeof *apps);
    if (!apps) return corm_context_fail(context, CORM_EXIT_SYSTEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        if (is_wanted(context, context->apps[i]->name)) apps[kept++] = context->apps[i];
    *out = apps;
    for (int i = 0; i < corm_argument_count(context); i++) {
        bool known = false;
        for (size_t k = 0; k < kept; k++) known |= strcmp(apps[k]->name, corm_argument(context, i)) == 0;
        if (!known) return corm_context_fail(context, CORM_EXIT_USAGE, "no app %s in this program", corm_argument(context, i));
    }
    return 0;
}

static void print(const corm_drift *d) {
    corm_buffer line = { 0 };
    corm__buffer_printf(&line, "%s%s%s: ", d->table, d->item ? "." : "", d->item ? d->item : "");
    if (!d->is)
        corm__buffer_printf(&line, "%s is missing", d->what);
    else if (!d->should)
        corm__buffer_printf(&line, "%s is in no model", d->what);
    else
        corm__buffer_printf(&line, "%s is %s, should be %s", d->what, d->is, d->should);
    bool table = strcmp(d->what, "table") == 0;
    if (!d->is && !table) corm__buffer_printf(&line, ": %s", d->should);
    if (!d->should && !table) corm__buffer_printf(&line, ": %s", d->is);
    corm__print_line(stdout, corm__buffer_text(&line));
    corm__buffer_release(&line);
}

static int print_all(corm_context *context, const corm_drift *drift, size_t n) {
    int status = 0;
    bool json = corm_flag(context, "json");
    for (size_t i = 0; i < n && !status; i++) {
        const corm_drift *d = &drift[i];
        if (json)
            status = corm__json_line(context, json_pack("{s:o, s:s, s:o, s:o, s:o}", "table", corm__json_text(d->table), "what", d->what,
                                                        "item", corm__json_text(d->item), "is", corm__json_text(d->is), "should",
                                                        corm__json_text(d->should)));
        else
            print(d);
    }
    return status;
}

static int run(corm_context *context) {
    const corm_app *const *apps = NULL;
    corm_error_info error = { 0 };
    corm_schema models, database;
    corm_drift *drift;
    size_t n;
    int status = wanted_apps(context, &apps);
    corm_db *db = status ? NULL : corm_context_db(context, NULL);
    if (!db) return corm_context_status(context);
    status = corm__check_models(context, db->backend);
    if (status) return status;
    if (corm__schema_of_apps(apps, &context->arena, &models, &error) ||
        db->backend->introspect(db->conn, NULL, &context->arena, &database, &error))
        return corm_context_fail_db(context, &error);
    if (corm__drift(&database, &models, db->backend->features, corm_flag(context, "all"), &context->arena, &drift, &n))
        return corm_context_fail(context, CORM_EXIT_SYSTEM, "out of memory");
    status = print_all(context, drift, n);
    if (!status && !n && !corm_flag(context, "json"))
        printf("The database is as the models of %zu table%s say.\n", models.n_tables, models.n_tables == 1 ? "" : "s");
    return status ? status : n ? CORM_EXIT_FAILURE : CORM_EXIT_OK;
}

static const corm_option options[] = {
    CORM_OPTION_DATABASE,
    { "all", 0, CORM_OPTION_FLAG, NULL, NULL, "name tables that no model describes too" },
    { "json", 0, CORM_OPTION_FLAG, NULL, NULL, "one line of JSON a difference: table, what, item, is, should" },
    { 0 },
};
const corm_command corm__cmd_checkdb = { "checkdb",
                                         "Compares the database with the models",
                                         "[APP...]",
                                         "Names each difference: what the database has, and what the models say it should have. Exits 1 "
                                         "when there is one. It reads the catalogue of the database "
                                         "and changes nothing.",
                                         options,
                                         run };
