/* usage: test_random sqlite|postgresql|mariadb [ROUNDS [FIRST]]
 * Random pairs of schemas on a real database: the first is made, the way to the second is found,
 * run, undone, and run again with rows in the tables. The live schema equals each one; a second
 * look finds nothing; each row is there, and each value of a column that is still there is what it
 * was. The number of the round is the seed: "test_random sqlite 1 317" runs round 317 alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "database.h"
#include "migrate/detect/found.h"
#include "migrate/execute/migrate.h"
#include "migrate/graph/nodes.h"
#include "migrate/graph/replay.h"
#include "random_schema.h"

static unsigned rounds = 50, first_round, this_round;

#define FAIL(format, ...) fail_msg("round %u: " format, this_round, __VA_ARGS__)

/* The apps with their migrations so far. */
typedef struct history {
    corm_migration lists[RANDOM_APPS][32];
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
    *body = (corm_migration_body){ .depends_on = (const char *const *)m->depends_on,
                                   .operations = m->operations };
    assert_true(h->n[app] < 31);
    h->lists[app][h->n[app]++] = (corm_migration){ m->app, m->name, body };
}

/* --- questions --- */

static int renamed_column(void *context, const corm_table *table, const corm_column *from,
                          const corm_column *to) {
    const random_pair *pair = context;
    const char *was = table->name;
    for (const random_lineage *l = pair->tables; l->table; l++)
        if (strcmp(l->table, table->name) == 0) was = l->was_table;
    return random_is_renamed(pair, was, from->name, table->name, to->name);
}
static int renamed_table(void *context, const corm_table *from, const corm_table *to) {
    return random_is_renamed(context, from->name, NULL, to->name, NULL);
}
static int fill(void *context, const corm_table *table, const corm_column *column,
                corm_default *out, corm_arena *arena) {
    (void)context, (void)table, (void)arena;
    *out = random_fill(column);
    return 1;
}

static void fail_loose(void *context, const corm_loose_order *order) {
    (void)context;
    FAIL("%s.%s does not come behind %s.%s, but both touch %s", order->later->app,
         order->later->name, order->earlier->app, order->earlier->name, order->what);
}

/* An empty database takes the history, in whatever order the apps stand. */
static void replay(fixture *f, const corm_app *const *apps) {
    const corm_graph *graph = corm__graph_load(apps, &f->arena, &f->error);
    if (!graph || corm__replay(graph, &f->arena, fail_loose, NULL, &f->error))
        FAIL("%s", f->error.message);
}

/* Finds the way from the history to the target, and adds it; the number of migrations. */
static size_t advance(fixture *f, history *h, random_pair *pair, const corm_schema *target) {
    corm_questions questions = { .renamed_column = renamed_column,
                                 .renamed_table = renamed_table,
                                 .fill = fill,
                                 .context = pair };
    corm_found *found = NULL;
    corm_new_migration *migrations = NULL;
    size_t n_found = 0, n = 0;
    corm_schema start;
    corm_graph *graph = corm__graph_load(h->list, &f->arena, &f->error);
    if (!graph || corm__graph_state(graph, graph->n, &f->arena, &start, &f->error))
        FAIL("%s", f->error.message);
    assert_int_equal(corm__renames_done(graph, pair->declared, &f->arena), 0);
    if (corm__detect(&start, target, pair->declared, &questions, &f->arena, &found, &n_found,
                     &f->error))
        FAIL("%s", f->error.message);
    if (n_found)
        assert_int_equal(corm__into_migrations(graph, &start, found, n_found, &f->arena,
                                               &migrations, &n, &f->error),
                         0);
    for (size_t i = 0; i < n; i++) append(f, h, &migrations[i]);
    replay(f, h->list);
    replay(f, (const corm_app *const[]){ h->list[1], h->list[0], NULL });
    return n;
}

static void print_table(const corm_table *t) {
    print_error("table %s (%s), primary key (%s)\n", t->name, t->app, t->primary_key);
    for (const corm_column *c = t->columns; c->name; c++)
        print_error("    %s %s%s%s%s%s%s\n", c->name, corm_kind_name(c->kind),
                    c->null ? " NULL" : "", c->references.table ? " to " : "",
                    c->references.table ? c->references.table : "", c->generated ? " = " : "",
                    c->generated ? c->generated : "");
    for (const corm_index *i = t->indexes; i && i->name; i++)
        print_error("    index %s%s (%s) include (%s) where %s\n", i->name,
                    i->unique ? " unique" : "", i->columns ? i->columns : i->expression,
                    i->include ? i->include : "", i->where ? i->where : "true");
    for (const corm_constraint *c = t->constraints; c && c->name; c++)
        print_error("    constraint %s (%s) include (%s)%s%s\n", c->name,
                    c->columns ? c->columns : c->check, c->include ? c->include : "",
                    c->deferrable ? " deferrable" : "",
                    c->nulls_not_distinct ? " nulls not distinct" : "");
}

static void print_history(fixture *f, const history *h) {
    for (int app = 0; app < RANDOM_APPS; app++)
        for (size_t i = 0; i < h->n[app]; i++) {
            print_error("%s.%s\n", h->lists[app][i].app, h->lists[app][i].name);
            for (const corm_operation *o = h->lists[app][i].body->operations; o->kind; o++)
                print_error("    %s\n", corm__operation_describe(o, &f->arena));
        }
}

/* --- rows --- */

/* Runs SQL with the values in it; what it counts, or 0. */
static int64_t run_values(fixture *f, const corm_buffer *sql, const corm_value *values,
                          const corm_column *const *columns, int n, bool counts) {
    static const corm_fetch_column column = { .kind = CORM_BIGINT, .null = true };
    static const corm_fetch fetch = { &column, 1, 1 };
    corm_kind kinds[32];
    corm_stmt *stmt;
    int64_t value = 0;
    void *objects[] = { &value };
    for (int i = 0; i < n; i++) kinds[i] = columns[i]->kind;
    int status = corm__prepare(f->db, sql->data, sql->length, kinds, n, &stmt);
    if (!status) {
        status = corm__execute(f->db, stmt, values, n, 0);
        if (!status) status = corm__step(f->db, stmt, counts ? &fetch : NULL, objects, &f->arena);
        corm__finish(f->db, stmt);
    }
    if (status < 0) FAIL("%s: %s", sql->data, corm_error(f->db)->message);
    return value;
}

static void add_name(fixture *f, corm_buffer *sql, const char *name) {
    f->db->backend->identifier(sql, name);
}

/* A value as it can be bound to the column. */
static void add_value(fixture *f, corm_buffer *sql, const corm_column *c, const corm_value *value,
                      corm_value *values, const corm_column **columns, int *n) {
    values[*n] = *value;
    columns[*n] = c;
    f->db->backend->placeholder(sql, ++*n, c->kind, c->element);
}

static bool is_null(const corm_column *c, int64_t mark) { return c->null && mark == RANDOM_ROWS; }
static bool is_generated(const corm_column *c) { return c->generated && *c->generated; }

/* Whether the table that c refers to stands behind table i. */
static bool refers_behind(const corm_schema *schema, size_t i, const corm_column *c) {
    for (size_t k = i + 1; c->references.table && k < schema->n_tables; k++)
        if (strcmp(schema->tables[k].name, c->references.table) == 0) return true;
    return false;
}

static void insert_row(fixture *f, const corm_schema *schema, size_t at, int64_t mark) {
    corm_buffer sql = { 0 }, list = { 0 };
    corm_value values[32];
    const corm_column *columns[32];
    int n = 0;
    corm__buffer_puts(&sql, "INSERT INTO ");
    add_name(f, &sql, schema->tables[at].name);
    corm__buffer_puts(&sql, " (");
    for (const corm_column *c = schema->tables[at].columns; c->name; c++) {
        corm_value value = random_value(c, mark);
        if (is_generated(c) || is_null(c, mark) || value.kind == CORM_NULL ||
            refers_behind(schema, at, c))
            continue;
        if (n) corm__buffer_puts(&sql, ", "), corm__buffer_puts(&list, ", ");
        add_name(f, &sql, c->name);
        add_value(f, &list, c, &value, values, columns, &n);
    }
    corm__buffer_printf(&sql, ") VALUES (%s)", corm__buffer_text(&list));
    run_values(f, &sql, values, columns, n, false);
    corm__buffer_release(&sql);
    corm__buffer_release(&list);
}

/* NULL where a default would be otherwise, and the keys to tables that came later. */
static void update_row(fixture *f, const corm_schema *schema, size_t at, const corm_column *c,
                       int64_t mark) {
    static const corm_column mark_column = { "mark", .kind = CORM_BIGINT };
    corm_buffer sql = { 0 };
    corm_value values[2], value = random_value(c, mark),
                          number = { .kind = CORM_BIGINT, .integer = mark };
    const corm_column *columns[2];
    int n = 0;
    corm__buffer_puts(&sql, "UPDATE ");
    add_name(f, &sql, schema->tables[at].name);
    corm__buffer_puts(&sql, " SET ");
    add_name(f, &sql, c->name);
    corm__buffer_puts(&sql, " = ");
    if (is_null(c, mark))
        corm__buffer_puts(&sql, "NULL");
    else
        add_value(f, &sql, c, &value, values, columns, &n);
    corm__buffer_puts(&sql, " WHERE mark = ");
    add_value(f, &sql, &mark_column, &number, values, columns, &n);
    run_values(f, &sql, values, columns, n, false);
    corm__buffer_release(&sql);
}

static void insert_rows(fixture *f, const corm_schema *schema) {
    for (size_t i = 0; i < schema->n_tables; i++)
        for (int64_t mark = 1; mark <= RANDOM_ROWS; mark++) insert_row(f, schema, i, mark);
    for (size_t i = 0; i < schema->n_tables; i++)
        for (const corm_column *c = schema->tables[i].columns; c->name; c++)
            for (int64_t mark = 1; mark <= RANDOM_ROWS; mark++)
                if (!is_generated(c) &&
                    (refers_behind(schema, i, c) || (is_null(c, mark) && c->default_value.kind)))
                    update_row(f, schema, i, c, mark);
}

/* The rows in which the column has the value that it had. */
static int64_t count_as_before(fixture *f, const corm_table *table, const corm_column *was,
                               const corm_column *c, int64_t mark) {
    static const corm_column mark_column = { "mark", .kind = CORM_BIGINT };
    corm_buffer sql = { 0 };
    corm_value values[2], value = random_value(c, mark),
                          number = { .kind = CORM_BIGINT, .integer = mark };
    const corm_column *columns[2];
    int n = 0;
    corm__buffer_puts(&sql, "SELECT count(*) FROM ");
    add_name(f, &sql, table->name);
    corm__buffer_puts(&sql, " WHERE mark = ");
    add_value(f, &sql, &mark_column, &number, values, columns, &n);
    corm__buffer_puts(&sql, " AND ");
    add_name(f, &sql, c->name);
    if (is_null(was, mark)) {
        corm__buffer_puts(&sql, c->null ? " IS NULL" : " IS NOT NULL");
    } else {
        corm__buffer_puts(&sql, " = ");
        add_value(f, &sql, c, &value, values, columns, &n);
    }
    int64_t count = run_values(f, &sql, values, columns, n, true);
    corm__buffer_release(&sql);
    return count;
}

static void check_rows(fixture *f, const random_pair *pair) {
    char sql[200];
    for (const random_lineage *l = pair->tables; l->table; l++) {
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", l->table);
        int64_t n = number(f, sql);
        if (n != RANDOM_ROWS)
            FAIL("%s has %d rows instead of %d", l->table, (int)n, (int)RANDOM_ROWS);
    }
    for (const random_lineage *l = pair->columns; l->table; l++) {
        const corm_table *table = corm__table_find(&pair->to, l->table);
        const corm_column *was = corm__column_find(corm__table_find(&pair->from, l->was_table),
                                                   l->was_column),
                          *c = corm__column_find(table, l->column);
        if (!c) FAIL("the test lost column %s of %s", l->column, l->table);
        for (int64_t mark = 1; !is_generated(was) && !is_generated(c) && mark <= RANDOM_ROWS;
             mark++)
            if (count_as_before(f, table, was, c, mark) != 1)
                FAIL("row %d of %s: %s (%s) has another value than %s (%s) had", (int)mark,
                     l->table, l->column, corm_kind_name(c->kind), l->was_column,
                     corm_kind_name(was->kind));
    }
}

/* --- the live schema --- */

/* What the database does not keep is not looked for. */
static const corm_table *as_kept(fixture *f, const corm_table *table) {
    const corm_features *has = f->db->backend->features;
    corm_table *own = corm__table_clone(&f->arena, table);
    for (corm_column *c = (corm_column *)own->columns; c->name && !has->column_comments; c++)
        c->comment = NULL;
    if (!has->table_comments) own->comment = NULL;
    return own;
}

static void check_live(fixture *f, const corm_schema *wanted, const char *when) {
    corm_schema found;
    char difference[300] = "";
    if (f->db->backend->introspect(f->db->conn, NULL, &f->arena, &found, &f->error))
        FAIL("%s", f->error.message);
    size_t own = 0;
    for (size_t i = 0; i < found.n_tables; i++)
        own += strncmp(found.tables[i].name, "corm_", 5) != 0;
    if (own != wanted->n_tables) FAIL("%s: %zu tables instead of %zu", when, own, wanted->n_tables);
    for (size_t i = 0; i < wanted->n_tables; i++) {
        const corm_table *table = corm__table_find(&found, wanted->tables[i].name);
        bool same = table && corm__table_equal(table, as_kept(f, &wanted->tables[i]), difference,
                                               sizeof difference);
        if (!same) print_table(&wanted->tables[i]);
        if (!same && table) print_table(table);
        if (!same)
            FAIL("%s: %s: %s", when, wanted->tables[i].name, table ? difference : "is missing");
    }
}

static void run(fixture *f, history *h, const corm_migrate_options *options, const char *when) {
    if (corm__migrate(f->db, f->settings, NULL, h->list, options, NULL) == 0) return;
    print_history(f, h);
    FAIL("%s: %s: %s: %s", when, corm_error(f->db)->message, corm_error(f->db)->detail,
         corm_error(f->db)->sql);
}

/* --- a round --- */

/* Back to what the apps had; RANDOM_APPS numbers. */
static void undo(fixture *f, history *h, const size_t *before) {
    for (int app = RANDOM_APPS; app-- > 0;) {
        corm_migrate_options options = { .app = app_names[app],
                                         .target = before[app] ? h->lists[app][before[app] - 1].name
                                                               : "zero" };
        if (h->n[app]) run(f, h, &options, "undoing");
    }
}

static const char *const collations[][2] = { { "NOCASE", "RTRIM" },
                                             { "C", "POSIX" },
                                             { "utf8mb4_bin", "utf8mb4_general_ci" } };

static void one_round(fixture *f) {
    history h;
    random_pair pair;
    random_schemas(this_round, f->db->backend->features,
                   collations[on_postgresql ? 1
                              : on_mariadb  ? 2
                                            : 0],
                   &f->arena, &pair);
    for (size_t i = 0; getenv("CORM_TEST_VERBOSE") && i < pair.from.n_tables; i++)
        print_table(&pair.from.tables[i]);
    for (size_t i = 0; getenv("CORM_TEST_VERBOSE") && i < pair.to.n_tables; i++)
        print_table(&pair.to.tables[i]);
    random_pair nothing = { .declared = corm__arena_zalloc(&f->arena, sizeof *pair.declared),
                            .tables = pair.tables,
                            .columns = pair.columns };
    init_history(&h);
    advance(f, &h, &nothing, &pair.from);
    size_t before[RANDOM_APPS] = { h.n[0], h.n[1] };
    run(f, &h, NULL, "the first schema");
    check_live(f, &pair.from, "the first schema");
    advance(f, &h, &pair, &pair.to);
    size_t more = advance(f, &h, &pair, &pair.to);
    if (more) print_history(f, &h);
    if (more) FAIL("a second look finds %zu migrations", more);
    run(f, &h, NULL, "the second schema");
    check_live(f, &pair.to, "the second schema");
    undo(f, &h, before);
    check_live(f, &pair.from, "undone");
    insert_rows(f, &pair.from);
    run(f, &h, NULL, "with rows");
    if (getenv("CORM_TEST_VERBOSE")) print_history(f, &h);
    check_live(f, &pair.to, "with rows");
    check_rows(f, &pair);
    advance(f, &h, &nothing, &(corm_schema){ 0 });
    run(f, &h, NULL, "to nothing");
    check_live(f, &(corm_schema){ 0 }, "to nothing");
    if (corm_exec(f->db, "DELETE FROM corm_migrations")) FAIL("%s", corm_error(f->db)->message);
    corm__arena_release(&f->arena);
}

static void test_random__finds_the_way_and_back(void **state) {
    for (this_round = first_round; this_round < first_round + rounds; this_round++)
        one_round(*state);
}

int main(int argc, char **argv) {
    if (argc > 2) rounds = (unsigned)atoi(argv[2]);
    if (argc > 3) first_round = (unsigned)atoi(argv[3]);
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(
        test_random__finds_the_way_and_back, setup, teardown) };
    return run_on(argc, argv, "random schemas", tests, 1);
}
