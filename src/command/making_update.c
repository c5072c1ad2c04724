/* makemigrations --update: the changes go into the app's latest migration, which nobody may have
 * yet: neither the configured database nor another migration. Its file is written anew; what a
 * person wrote around the data is not kept. */
#include "command/making.h"
#include "db/db.h"
#include "migrate/detect/naming.h"
#include "migrate/execute/recorder.h"
#include <string.h>

static int refuse(corm_making *m, const corm_migration *leaf, const char *why) {
    return corm_context_fail(
        m->context, CORM_EXIT_DATA,
        "%s.%s cannot be updated: %s. Make a new migration: leave out --update.", leaf->app,
        leaf->name, why);
}

/* "app.name", as others depend on it. */
static bool is_key_of(const char *key, const corm_migration *migration) {
    size_t length = strlen(migration->app);
    return strncmp(key, migration->app, length) == 0 && key[length] == '.' &&
           strcmp(key + length + 1, migration->name) == 0;
}

/* --- whether it may be changed --- */

static bool has_functions(const corm_operation *operations) {
    for (const corm_operation *o = operations; o && o->kind; o++)
        if (o->kind == CORM_RUN_C || has_functions(o->state) || has_functions(o->database))
            return true;
    return false;
}

static int check_dependants(corm_making *m, const corm_migration *leaf) {
    size_t n;
    const corm_migration *const *order = corm__graph_order(m->graph, &n);
    for (size_t i = 0; i < n; i++)
        for (const char *const *key = order[i]->body->depends_on; key && *key; key++)
            if (is_key_of(*key, leaf)) {
                const char *why = corm__arena_printf(&m->context->arena, "%s.%s depends on it",
                                                     order[i]->app, order[i]->name);
                return refuse(m, leaf, why ? why : "others depend on it");
            }
    return 0;
}

static int check_database(corm_making *m, const corm_migration *leaf) {
    corm_applied *applied;
    size_t n;
    corm_db *db = corm_context_db(m->context, NULL);
    if (!db) return corm_context_status(m->context);
    if (corm__recorder_load(db, &m->context->arena, &applied, &n))
        return corm_context_fail_db(m->context, corm_error(db));
    for (size_t i = 0; i < n; i++)
        if (strcmp(applied[i].app, leaf->app) == 0 && strcmp(applied[i].name, leaf->name) == 0)
            return refuse(m, leaf, "the database has it already");
    return 0;
}

static int check(corm_making *m, const corm_migration *leaf) {
    const corm_migration_body *body = leaf->body;
    if (body->replaces && *body->replaces)
        return refuse(m, leaf, "it stands for squashed migrations");
    if (has_functions(body->operations))
        return refuse(m, leaf, "it runs C, whose functions are written by hand");
    int status = check_dependants(m, leaf);
    return status ? status : check_database(m, leaf);
}

/* --- the two as one --- */

static const char *model_of(const corm_schema *a, const corm_schema *b, const char *table) {
    const corm_table *t = table ? corm__table_find(a, table) : NULL;
    if (!t && table) t = corm__table_find(b, table);
    return t && t->model && *t->model ? t->model : table ? table : "";
}

static const char *words_of(corm_making *m, const corm_operation *operations) {
    corm_arena *arena = &m->context->arena;
    corm_schema before, after;
    size_t n = 0, all;
    corm__graph_order(m->graph, &all);
    while (operations && operations[n].kind) n++;
    const char **labels = corm__arena_array(arena, n + 1, sizeof *labels);
    if (!labels || corm__graph_state(m->graph, all, arena, &before, &m->error) ||
        corm__schema_of_apps(m->context->apps, arena, &after, &m->error))
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const corm_operation *o = &operations[i];
        labels[i] = corm__operation_label(
            o, model_of(&after, &before, o->table),
            o->new_name ? model_of(&after, &before, o->new_name) : NULL, arena);
        if (!labels[i]) return NULL;
    }
    return corm__migration_words(labels, n, arena);
}

/* A name that a person gave stays. */
static const char *name_of(corm_making *m, const corm_migration *leaf,
                           const corm_operation *operations) {
    enum { NUMBER = 5 };
    const char *name = leaf->name, *old = words_of(m, leaf->body->operations),
               *words = words_of(m, operations);
    if (!old || !words) return NULL;
    if (strlen(name) <= NUMBER || strcmp(name + NUMBER, old) != 0) return name;
    return corm__arena_printf(&m->context->arena, "%.5s%s", name, words);
}

static const char **dependencies(corm_making *m, const corm_migration *leaf,
                                 const corm_new_migration *more) {
    const char *const *first = leaf->body->depends_on;
    size_t n = 0, kept = 0;
    for (const char *const *name = first; name && *name; name++) n++;
    for (const char **name = more->depends_on; name && *name; name++) n++;
    const char **list = corm__arena_array(&m->context->arena, n + 1, sizeof *list);
    for (const char *const *name = first; list && name && *name; name++) list[kept++] = *name;
    for (const char **name = more->depends_on; list && name && *name; name++) {
        bool known = is_key_of(*name, leaf);
        for (size_t i = 0; i < kept; i++) known |= strcmp(list[i], *name) == 0;
        if (!known) list[kept++] = *name;
    }
    return list;
}

static int join(corm_making *m, const corm_migration *leaf) {
    corm_new_migration *item = &m->items[0];
    const corm_migration_body *body = leaf->body;
    size_t n = 0, n_out;
    while (body->operations && body->operations[n].kind) n++;
    corm_operation *all = corm__arena_array(&m->context->arena, n + item->n_operations + 1,
                                            sizeof *all),
                   *out;
    if (!all) return corm__making_no_memory(m);
    if (n) memcpy(all, body->operations, n * sizeof *all);
    memcpy(all + n, item->operations, item->n_operations * sizeof *all);
    if (corm__optimize(all, n + item->n_operations, false, &m->context->arena, &out, &n_out,
                       &m->error))
        return corm__making_failed(m);
    if (!n_out)
        return corm_context_fail(m->context, CORM_EXIT_DATA,
                                 "nothing is left of %s.%s, because the changes undo it: take it "
                                 "out of migrations.c, and delete its file",
                                 leaf->app, leaf->name);
    const char **depends_on = dependencies(m, leaf, item);
    const char *name = name_of(m, leaf, out);
    if (!depends_on || !name) return corm__making_no_memory(m);
    m->instead = leaf->name;
    *item = (corm_new_migration){ .app = item->app,
                                  .name = name,
                                  .depends_on = depends_on,
                                  .operations = out,
                                  .n_operations = n_out,
                                  .run_before = (const char **)body->run_before,
                                  .expands = body->expands,
                                  .outside_transaction = body->outside_transaction };
    return 0;
}

int corm__making_update(corm_making *m) {
    if (!m->n) return 0;
    if (m->n > 1)
        return corm_context_fail(m->context, CORM_EXIT_USAGE,
                                 "--update changes one migration, but %zu are needed, of %s and "
                                 "%s; name an app, or leave out --update",
                                 m->n, m->items[0].app, m->items[1].app);
    const corm_migration *leaf = corm__making_latest(m, m->items[0].app);
    if (!leaf)
        return corm_context_fail(m->context, CORM_EXIT_USAGE,
                                 "app %s has no migration to update; leave out --update",
                                 m->items[0].app);
    int status = check(m, leaf);
    return status ? status : join(m, leaf);
}
