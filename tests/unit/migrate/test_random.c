/* usage: test_random sqlite|postgresql|mariadb [ROUNDS [FIRST]]
 * Random pairs of schemas on a real database: the first is made and gets rows, the way to the second is found and run, the live
 * schema equals it, a second look finds nothing, no row is lost, and undoing leads back to the first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "database.h"
#include "migrate/autodetect.h"
#include "random_schema.h"

static unsigned rounds = 50, first_round;

/* The apps with their migrations so far. */
typedef struct history {
    corm_migration lists[RANDOM_APPS][16];
    corm_app apps[RANDOM_APPS];
    const corm_app *list[RANDOM_APPS + 1];
    size_t n[RANDOM_APPS];
} history;

static void init_history(history *h) {
    *h = (history){ 0 };
    for (int i = 0; i < RANDOM_APPS; i++) {
        h->apps[i] = (corm_app){ .name = app_names[i], .migrations = h->lists[i] };
        h->list[i] = &h->apps[i];
    }
}

static void append(fixture *f, history *h, const corm_new_migration *m) {
    int app = strcmp(m->app, app_names[0]) != 0;
    corm_migration_body *body = corm__arena_zalloc(&f->arena, sizeof *body);
    *body = (corm_migration_body){ .depends_on = (const char *const *)m->depends_on, .operations = m->operations };
    assert_true(h->n[app] < 15);
    h->lists[app][h->n[app]++] = (corm_migration){ m->app, m->name, body };
}

static int answer;
static int renamed_column(void *context, const corm_table *table, const corm_column *from, const corm_column *to) { return (void)context, (void)table, (void)from, (void)to, answer; }
static int renamed_table(void *context, const corm_table *from, const corm_table *to) { return (void)context, (void)from, (void)to, answer; }
static int fill(void *context, const corm_table *table, const corm_column *column, corm_default *out, corm_arena *arena) {
    (void)context, (void)table, (void)arena;
    *out = column->kind == CORM_TEXT ? (corm_default)CORM_DEFAULT("1") : (corm_default)CORM_DEFAULT(1);
    return 1;
}

/* Finds the way from the history to the target, and adds it; the number of migrations. */
static size_t advance(fixture *f, history *h, const corm_schema *target) {
    corm_questions questions = { .renamed_column = renamed_column, .renamed_table = renamed_table, .fill = fill };
    corm_found *found = NULL;
    corm_new_migration *migrations = NULL;
    size_t n_found = 0, n = 0;
    corm_graph *graph = corm__graph_load(h->list, &f->arena, &f->error);
    corm_schema start;
    if (!graph || corm__graph_state(graph, graph->n, &f->arena, &start, &f->error)) fail_msg("%s", f->error.message);
    if (corm__detect(&start, target, NULL, &questions, &f->arena, &found, &n_found, &f->error)) fail_msg("%s", f->error.message);
    if (n_found) assert_int_equal(corm__pack(graph, found, n_found, &f->arena, &migrations, &n, &f->error), 0);
    for (size_t i = 0; i < n; i++) append(f, h, &migrations[i]);
    return n;
}

/* One row a table (two might not be unique any more): a full one, or one with all that can be NULL. */
static void insert_rows(fixture *f, const corm_table *tables, size_t n, bool nulls) {
    for (size_t i = 0; i < n; i++) {
        corm_buffer names = { 0 }, values = { 0 }, sql = { 0 };
        for (const corm_column *c = tables[i].columns + 1; c->name; c++) {
            if (c->null && (nulls || (c->kind == CORM_BIGINT && !c->references.table))) continue;
            const char *comma = names.length ? ", " : "";
            corm__buffer_printf(&names, "%s%s", comma, c->name);
            corm__buffer_printf(&values, "%s%s", comma, c->kind == CORM_BOOLEAN ? "true" : c->kind == CORM_TEXT ? "'1'" : "1");
        }
        if (names.length) corm__buffer_printf(&sql, "INSERT INTO %s (%s) VALUES (%s)", tables[i].name, corm__buffer_text(&names), corm__buffer_text(&values));
        else corm__buffer_printf(&sql, "INSERT INTO %s %s", tables[i].name, on_mariadb ? "() VALUES ()" : "DEFAULT VALUES");
        if (corm_exec(f->db, corm__buffer_text(&sql))) fail_msg("%s: %s", corm__buffer_text(&sql), corm_error(f->db)->message);
        corm__buffer_release(&names);
        corm__buffer_release(&values);
        corm__buffer_release(&sql);
    }
}

static void assert_live(fixture *f, const corm_table *tables, size_t n, const char *when) {
    corm_schema found;
    char difference[300] = "";
    if (f->db->backend->introspect(f->db->conn, NULL, &f->arena, &found, &f->error)) fail_msg("%s", f->error.message);
    if (found.n_tables != n + 1) fail_msg("%s: %zu tables instead of %zu", when, found.n_tables - 1, n);
    for (size_t i = 0; i < n; i++) {
        const corm_table *table = corm__table_find(&found, tables[i].name);
        if (!table || !corm__table_equal(table, &tables[i], difference, sizeof difference)) fail_msg("%s: %s: %s", when, tables[i].name, table ? difference : "is missing");
    }
}

static void run(fixture *f, history *h, const corm_migrate_options *options, const char *when) {
    if (corm__migrate(f->db, f->settings, NULL, h->list, options, NULL)) fail_msg("%s: %s: %s", when, corm_error(f->db)->message, corm_error(f->db)->sql);
}

static const corm_table *find(const corm_table *tables, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(tables[i].name, name) == 0) return &tables[i];
    return NULL;
}

/* A column with values cannot become a foreign key to a table that is new and empty. */
static void avoid_impossible(const corm_table *from, size_t n_from, corm_table *to, size_t n_to) {
    for (size_t i = 0; i < n_to; i++) {
        const corm_table *old = find(from, n_from, to[i].name);
        for (corm_column *c = (corm_column *)to[i].columns; old && c->name; c++)
            if (c->references.table && corm__column_find(old, c->name) && !find(from, n_from, c->references.table)) c->references = (corm_reference){ 0 };
    }
}

static void one_round(fixture *f, unsigned round) {
    char when[100], sql[100], back[8] = "zero";
    history h;
    corm_table *from = corm__arena_array(&f->arena, 8, sizeof *from), *to = corm__arena_array(&f->arena, 8, sizeof *to);
    seed = round;
    answer = roll(2) != 0;
    size_t n_from = random_schema(&f->arena, from, false), n_to = random_schema(&f->arena, to, true);
    avoid_impossible(from, n_from, to, n_to);
    snprintf(when, sizeof when, "round %u", round);
    init_history(&h);
    advance(f, &h, &(corm_schema){ from, n_from });
    size_t before[RANDOM_APPS] = { h.n[0], h.n[1] };
    run(f, &h, NULL, when);
    assert_live(f, from, n_from, when);
    insert_rows(f, from, n_from, roll(2));
    advance(f, &h, &(corm_schema){ to, n_to });
    assert_int_equal(advance(f, &h, &(corm_schema){ to, n_to }), 0);
    run(f, &h, NULL, when);
    assert_live(f, to, n_to, when);
    for (size_t i = 0; i < n_to; i++) {
        bool kept = find(from, n_from, to[i].name);
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", to[i].name);
        if (kept && number(f, sql) != 1) fail_msg("%s: rows of %s are lost", when, to[i].name);
    }
    /* Without rows, because what was removed comes back empty. */
    for (size_t i = 0; i < n_to; i++) {
        for (const corm_column *c = to[i].columns; c->name; c++)
            if (c->references.table) {
                snprintf(sql, sizeof sql, "UPDATE %s SET %s = NULL", to[i].name, c->name);
                assert_int_equal(corm_exec(f->db, sql), 0);
            }
    }
    for (size_t i = 0; i < n_to; i++) {
        snprintf(sql, sizeof sql, "DELETE FROM %s", to[i].name);
        assert_int_equal(corm_exec(f->db, sql), 0);
    }
    for (int app = RANDOM_APPS; app-- > 0;) {
        corm_migrate_options options = { .app = app_names[app], .target = before[app] ? h.lists[app][before[app] - 1].name : back };
        if (h.n[app]) run(f, &h, &options, when);
    }
    assert_live(f, from, n_from, "undone");
    for (int app = 0; app < RANDOM_APPS; app++) {
        corm_migrate_options options = { .app = app_names[app], .target = back };
        if (h.n[app]) run(f, &h, &options, when);
    }
    corm__arena_release(&f->arena);
}

static void test_random__finds_the_way_and_back(void **state) {
    for (unsigned round = first_round; round < first_round + rounds; round++) one_round(*state, round);
}

int main(int argc, char **argv) {
    if (argc > 2) rounds = (unsigned)atoi(argv[2]);
    if (argc > 3) first_round = (unsigned)atoi(argv[3]);
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(test_random__finds_the_way_and_back, setup, teardown) };
    return run_on(argc, argv, "random schemas", tests, 1);
}
