/* An app of two migrations, and what the tests of the executor say of it. After database.h. */
#pragma once
#include "migrate/execute/migrate.h"
#include "migrate/graph/graph.h"

#define COLUMNS_OF(...) .columns = (const corm_column[]){ __VA_ARGS__, { 0 } }
#define ID { "id", .kind = CORM_IDENTITY }
#define LIST(...) (const corm_operation[]){ __VA_ARGS__, { 0 } }

typedef struct project {
    corm_migration_body bodies[2];
    corm_migration list[3];
    corm_app app;
    const corm_app *apps[2];
} project;

static project *set(project *p, const corm_operation *first, const corm_operation *second) {
    static const char *const on_first[] = { "a.0001_first", NULL };
    p->bodies[0] = (corm_migration_body){ .operations = first };
    p->bodies[1] = (corm_migration_body){ .depends_on = on_first, .operations = second };
    p->list[0] = (corm_migration){ "a", "0001_first", &p->bodies[0] };
    p->list[1] = (corm_migration){ "a", "0002_second", &p->bodies[1] };
    p->list[2] = (corm_migration){ 0 };
    p->app = (corm_app){ .name = "a", .migrations = p->list };
    p->apps[0] = &p->app;
    p->apps[1] = NULL;
    return p;
}

static int migrate_to(fixture *f, const project *p, const char *target, bool fake) {
    corm_migrate_options options = { .app = target ? "a" : NULL, .target = target, .fake = fake };
    return corm__migrate(f->db, f->settings, NULL, p->apps, &options, NULL);
}

#define OK(call)                                                                                   \
    do {                                                                                           \
        int status_ = (call);                                                                      \
        if (status_)                                                                               \
            fail_msg("%s [%s] %s", corm_error(f->db)->message, corm_error(f->db)->hint,            \
                     corm_error(f->db)->sql);                                                      \
    } while (0)
#define SAYS(text)                                                                                 \
    do {                                                                                           \
        if (!strstr(corm_error(f->db)->message, text)) fail_msg("%s", corm_error(f->db)->message); \
    } while (0)

/* The tables of the database are those after n migrations. */
static void assert_tables(fixture *f, const project *p, size_t n) {
    corm_schema expected, found;
    char difference[300] = "";
    corm_graph *graph = corm__graph_load(p->apps, &f->arena, &f->error);
    assert_non_null(graph);
    assert_int_equal(corm__graph_state(graph, n, &f->arena, &expected, &f->error), 0);
    assert_int_equal(f->db->backend->introspect(f->db->conn, NULL, &f->arena, &found, &f->error),
                     0);
    for (size_t i = 0; i < expected.n_tables; i++) {
        const corm_table *table = corm__table_find(&found, expected.tables[i].name);
        if (!table) fail_msg("table %s is not there", expected.tables[i].name);
        bool same = corm__table_equal(table, &expected.tables[i], difference, sizeof difference);
        if (!same) fail_msg("%s: %s", table->name, difference);
    }
    for (size_t i = 0; i < found.n_tables; i++)
        if (strncmp(found.tables[i].name, "corm_", 5) != 0 &&
            !corm__table_find(&expected, found.tables[i].name))
            fail_msg("table %s is left", found.tables[i].name);
}
