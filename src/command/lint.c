/* Two questions to each step of a migration: how long does it keep others out, which the backends
 * know, and do programs that were built before it go on working behind it? What a migration does to
 * a table of its own making concerns nobody. */
#include "command/lint.h"
#include "db/db.h"
#include "model/model.h"
#include "schema/loss.h"
#include <string.h>

enum { MOST_ENGINES = 3 };

typedef struct linting {
    corm_context *context;
    const corm_backend *backends[MOST_ENGINES];
    size_t n_backends, n_findings, n_migrations;
    const corm_migration *migration; /* whose name has been printed */
    const corm_operation *operation; /* the same */
    bool json;
} linting;

typedef struct finding {
    const char *id, *engine; /* engine NULL: of all */
    const char *what, *instead;
    bool note; /* does not count */
} finding;

/* --- what breaks a program that was built before --- */

static const char *breaks(const corm_costed_step *step, const char **instead) {
    const corm_change *change = &step->change;
    static const char in_two[] = "add the new one beside it, let the program write both, copy the "
                                 "rows, and remove the old one in a later release";
    static const char later[] = "first release a program that no longer uses it, and remove it in "
                                "a migration of a later release";
    *instead = NULL;
    switch (change->kind) {
    case CORM_RENAME_TABLE:
        *instead = in_two;
        return "programs that run know the table by its old name";
    case CORM_RENAME_COLUMN:
        *instead = in_two;
        return "programs that run know the column by its old name";
    case CORM_DELETE_TABLE: *instead = later; return "programs that run may still use the table";
    case CORM_REMOVE_COLUMN:
        *instead = later;
        return "programs that run still read and write the column";
    case CORM_ADD_COLUMN:
        *instead = "give it a default of the database (.default_value), or let it be NULL until "
                   "all programs write it";
        return "programs that run insert rows without the column, which is NOT NULL and has no "
               "default";
    case CORM_ALTER_COLUMN:
        if (change->column_before->null && !change->column_after->null) {
            *instead = "first release a program that always writes it";
            return "programs that run may still write NULL";
        }
        *instead = in_two;
        return "programs that run read and write the column as it was";
    case CORM_ADD_INDEX:
    case CORM_ALTER_INDEX:
    case CORM_ADD_CONSTRAINT:
    case CORM_ALTER_CONSTRAINT:
        *instead = "first release a program that keeps to it";
        return "what programs that run write may be refused";
    case CORM_REMOVE_INDEX:
    case CORM_REMOVE_CONSTRAINT:
        *instead = later;
        return "programs that run may count on it, as an upsert does";
    case CORM_ALTER_PRIMARY_KEY:
        *instead = in_two;
        return "programs that run know the rows by the old key";
    case CORM_REMOVE_EXTENSION: *instead = later; return "programs that run may still use it";
    default: return NULL;
    }
}

/* --- printing --- */

static int print_json(linting *l, const char *operation, const finding *f) {
    return corm__json_line(
        l->context,
        json_pack("{s:s, s:s, s:o, s:s, s:b, s:o, s:o, s:o}", "app", l->migration->app, "migration",
                  l->migration->name, "operation", corm__json_text(operation), "id", f->id, "note",
                  f->note, "engine", corm__json_text(f->engine), "what", corm__json_text(f->what),
                  "instead", corm__json_text(f->instead)));
}

static int report(linting *l, const corm_migration *migration, const corm_operation *operation,
                  const finding *f) {
    char *text = corm__operation_describe(operation, &l->context->arena);
    if (!text) return corm__no_memory(l->context);
    if (!f->note) l->n_findings++;
    bool first = l->migration != migration, begins = first || l->operation != operation;
    l->migration = migration;
    l->operation = operation;
    if (l->json) return print_json(l, text, f);
    if (first) printf("%s.%s\n", migration->app, migration->name);
    if (begins) {
        fputs("  ", stdout);
        corm__print_line(stdout, text);
    }
    printf("    %s%s%s%s%s: %s [%s]\n",
           corm__color(l->context, stdout, f->note ? CORM_DIM : CORM_YELLOW),
           f->engine ? f->engine : "", f->engine ? "" : "",
           f->engine ? ""
           : f->note ? "note"
                     : "all engines",
           corm__color(l->context, stdout, CORM_PLAIN), f->what, f->id);
    if (f->instead) printf("      instead: %s\n", f->instead);
    return 0;
}

/* --- judging --- */

static int judge_cost(linting *l, const corm_migration *m, const corm_costed_step *step,
                      const corm_backend *backend) {
    corm_change_cost cost;
    if (corm__step_cost(step, backend, 0, &cost)) return corm__no_memory(l->context);
    bool rewrites = cost.cost == CORM_COST_REWRITE,
         blocks = cost.blocks_reads || cost.blocks_writes;
    if (!rewrites && !blocks) return 0;
    const finding f = { .id = rewrites ? "lint.L001" : "lint.L002",
                        .engine = backend->name,
                        .what = cost.why,
                        .instead = cost.instead };
    return report(l, m, step->operation, &f);
}

/* Whether there is such a row only the database can say. */
static int judge_values(linting *l, const corm_migration *m, const corm_costed_step *step) {
    const corm_change *change = &step->change;
    corm_loss loss;
    if (change->kind != CORM_ALTER_COLUMN ||
        !corm__loss_of(change->column_before, change->column_after, &loss))
        return 0;
    bool changes = step->operation->lossy && !loss.always;
    const finding f = {
        .id = "lint.L005",
        .note = changes,
        .what = loss.why,
        .instead = changes ? NULL
                           : "such a row stops the migration: correct it before, or say .lossy = "
                             "true in the operation when it may change"
    };
    return report(l, m, step->operation, &f);
}

static int judge(linting *l, const corm_migration *m, const corm_costed_step *step) {
    if (step->fresh) return 0;
    int values = judge_values(l, m, step);
    if (values) return values;
    for (size_t i = 0; i < l->n_backends; i++) {
        int status = judge_cost(l, m, step, l->backends[i]);
        if (status) return status;
    }
    if (step->expands) return 0;
    finding f = { .id = "lint.L003" };
    f.what = breaks(step, &f.instead);
    if (!f.what) {
        corm_change_cost cost;
        if (corm__step_cost(step, l->backends[0], 0, &cost)) return corm__no_memory(l->context);
        if (step->change.kind || cost.cost) return 0;
        f = (finding){ .id = "lint.L004",
                       .note = true,
                       .what = "cannot be judged: see to it that it is short, and that programs "
                               "that run go on working",
                       .instead = "say .expands = true in the migration when they do" };
    }
    return report(l, m, step->operation, &f);
}

static int judge_all(linting *l, const corm_graph *graph, const corm_migration *const *migrations,
                     size_t n) {
    corm_costing costing = { .graph = graph };
    corm_error_info error = { 0 };
    int status = 0;
    for (size_t i = 0; i < n && !status; i++) {
        corm_costed_step *steps;
        size_t n_steps;
        if (corm__costing_steps(&costing, migrations[i], false, &steps, &n_steps, &error))
            status = corm_context_fail_db(l->context, &error);
        for (size_t s = 0; !status && s < n_steps; s++) status = judge(l, migrations[i], &steps[s]);
    }
    corm__costing_release(&costing);
    return status;
}

/* One engine must be there; of all, those that are built. */
static int find_backends(linting *l, const char *engine) {
    static const char *const engines[MOST_ENGINES] = { "sqlite", "postgresql", "mariadb" };
    corm_error_info error = { 0 };
    for (size_t i = 0; i < MOST_ENGINES; i++) {
        if (engine && strcmp(engine, engines[i]) != 0) continue;
        const corm_backend *backend = corm__backend_find(engines[i], &error);
        if (backend) l->backends[l->n_backends++] = backend;
        if (error.status == CORM_ERROR_MEMORY) return corm__no_memory(l->context);
    }
    return l->n_backends ? 0 : corm_context_fail_db(l->context, &error);
}

int corm__lint(corm_context *context, const corm_graph *graph,
               const corm_migration *const *migrations, size_t n, const char *engine) {
    linting l = { .context = context, .json = corm_flag(context, "json") };
    int status = find_backends(&l, engine);
    if (!status) status = judge_all(&l, graph, migrations, n);
    if (status) return status;
    if (!l.json)
        printf("%zu migration%s: %zu finding%s\n", n, n == 1 ? "" : "s", l.n_findings,
               l.n_findings == 1 ? "" : "s");
    return l.n_findings ? CORM_EXIT_FAILURE : CORM_EXIT_OK;
}

int corm__lint_offline(corm_context *context, const char *engine) {
    corm_error_info error = { 0 };
    size_t n, wanted = 0;
    const char *app = corm_argument(context, 0), *name = corm_argument(context, 1);
    if (corm_argument_count(context) > 2)
        return corm_context_fail(context, CORM_EXIT_USAGE,
                                 "--lint takes an app and one of its migrations");
    corm_graph *graph = corm__graph_load(context->apps, &context->arena, &error);
    if (!graph) return corm_context_fail_db(context, &error);
    const corm_migration *one = name ? corm__graph_find(graph, app, name, &error) : NULL;
    if (name && !one) return corm_context_fail_db(context, &error);
    const corm_migration *const *order = corm__graph_order(graph, &n),
                                **list = corm__arena_array(&context->arena, n + 1, sizeof *list);
    if (!list) return corm__no_memory(context);
    if (app && !corm__app_find(context->apps, app, &error))
        return corm_context_fail_db(context, &error);
    for (size_t i = 0; i < n; i++)
        if (one ? order[i] == one : !app || strcmp(order[i]->app, app) == 0)
            list[wanted++] = order[i];
    return corm__lint(context, graph, list, wanted, engine);
}
