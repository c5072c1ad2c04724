/* usage: test_optimizer sqlite|postgresql [ROUNDS [FIRST]]
 * What operations are reduced to; and, with random operations, that forwards and backwards they
 * come out where the original ones do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "database.h"
#include "migrate/state/state.h"
#include "migrate/execute/migrate.h"

static unsigned rounds = 400, first_round;
static uint64_t seed;

static unsigned roll(unsigned n) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

/* --- pairs and more --- */

#define OPERATIONS(...) (const corm_operation[]){ __VA_ARGS__, { 0 } }
#define COLUMNS_OF(...) .columns = (const corm_column[]){ __VA_ARGS__, { 0 } }
#define ID { "id", .kind = CORM_IDENTITY }
#define CREATE(t, ...)                                                                             \
    {                                                                                              \
        .kind = CORM_CREATE_TABLE, .table = t, .model = "Model", .primary_key = "id",              \
        COLUMNS_OF(ID, ##__VA_ARGS__)                                                              \
    }
#define ADD(t, ...) { .kind = CORM_ADD_COLUMN, .table = t, .column = { __VA_ARGS__ } }
#define ALTER(t, ...) { .kind = CORM_ALTER_COLUMN, .table = t, .column = { __VA_ARGS__ } }
#define REMOVE(t, c) { .kind = CORM_REMOVE_COLUMN, .table = t, .name = c }
#define RENAME(t, c, d) { .kind = CORM_RENAME_COLUMN, .table = t, .name = c, .new_name = d }
#define RENAME_T(t, u) { .kind = CORM_RENAME_TABLE, .table = t, .new_name = u }
#define DELETE(t) { .kind = CORM_DELETE_TABLE, .table = t }
#define INDEX(t, n, c) { .kind = CORM_ADD_INDEX, .table = t, .index = { n, .columns = c } }
#define UNINDEX(t, n) { .kind = CORM_REMOVE_INDEX, .table = t, .name = n }
#define SQL { .kind = CORM_RUN_SQL, .sql = "SELECT 1", .reverse_sql = "" }
#define INTEGER(n) n, .kind = CORM_INTEGER, .null = true
#define TO(n, t) n, .kind = CORM_BIGINT, .null = true, .references = { .table = t, .column = "id" }

static corm_operation *optimize(fixture *f, const corm_operation *operations, bool elide,
                                size_t *n_out) {
    corm_operation *out;
    size_t n = 0;
    while (operations[n].kind) n++;
    assert_int_equal(corm__optimize(operations, n, elide, &f->arena, &out, n_out, &f->error), 0);
    assert_int_equal(out[*n_out].kind, 0);
    return out;
}

/* One line an operation; a created table with its columns. */
static void assert_optimized(fixture *f, const corm_operation *operations, const char *expected) {
    size_t n;
    const corm_operation *out = optimize(f, operations, false, &n);
    char text[1000] = "";
    for (size_t i = 0; i < n; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? "; " : "",
                 corm__operation_describe(&out[i], &f->arena));
        for (const corm_column *c = out[i].columns; c && c->name; c++)
            snprintf(text + strlen(text), sizeof text - strlen(text), " %s", c->name);
    }
    assert_string_equal(text, expected);
}

static void test_optimizer__makes_a_table_as_it_is_to_be(void **state) {
    fixture *f = *state;
    assert_optimized(f, OPERATIONS(CREATE("a"), ADD("a", INTEGER("b"))), "Create table a id b");
    assert_optimized(f, OPERATIONS(CREATE("a", { INTEGER("b") }), REMOVE("a", "b")),
                     "Create table a id");
    assert_optimized(
        f, OPERATIONS(CREATE("a", { INTEGER("b") }), RENAME("a", "b", "c"), RENAME_T("a", "z")),
        "Create table z id c");
    assert_optimized(f,
                     OPERATIONS(CREATE("a", { INTEGER("b") }), INDEX("a", "x", "b"),
                                RENAME("a", "b", "c"), UNINDEX("a", "x")),
                     "Create table a id c");
    assert_optimized(f, OPERATIONS(CREATE("a"), DELETE("a")), "");
    assert_optimized(
        f, OPERATIONS(CREATE("a"), CREATE("b"), ADD("a", INTEGER("c")), ADD("b", INTEGER("d"))),
        "Create table a id c; Create table b id d");
    size_t n;
    const corm_operation *out =
        optimize(f,
                 OPERATIONS(CREATE("a", { INTEGER("b") }), INDEX("a", "x", "b"),
                            ALTER("a", "b", .kind = CORM_TEXT),
                            { .kind = CORM_ALTER_COMMENT, .table = "a", .comment = "said" }),
                 false, &n);
    assert_int_equal(n, 1);
    assert_string_equal(out[0].indexes[0].name, "x");
    assert_string_equal(out[0].comment, "said");
    assert_string_equal(out[0].model, "Model");
    assert_int_equal(out[0].columns[1].kind, CORM_TEXT);
}

static void test_optimizer__keeps_the_order_of_references(void **state) {
    fixture *f = *state;
    assert_optimized(f, OPERATIONS(CREATE("a"), CREATE("b"), ADD("a", TO("b_id", "b"))),
                     "Create table b id; Create table a id b_id");
    assert_optimized(
        f, OPERATIONS(CREATE("a"), CREATE("b", { TO("a_id", "a") }), ADD("a", TO("b_id", "b"))),
        "Create table a id; Create table b id a_id; Add column b_id to a");
    assert_optimized(f, OPERATIONS(ALTER("t", INTEGER("c")), REMOVE("u", "t_id"), DELETE("t")),
                     "Alter column c of t; Remove column t_id from u; Delete table t");
    assert_optimized(f, OPERATIONS(CREATE("a", { TO("a_id", "a") }), RENAME_T("a", "z")),
                     "Create table z id a_id");
}

static void test_optimizer__makes_columns_as_they_are_to_be(void **state) {
    fixture *f = *state;
    assert_optimized(f, OPERATIONS(ADD("a", INTEGER("b")), REMOVE("a", "b")), "");
    assert_optimized(f, OPERATIONS(ADD("a", INTEGER("b")), ALTER("a", "b", .kind = CORM_TEXT)),
                     "Add column b to a");
    assert_optimized(
        f, OPERATIONS(ADD("a", INTEGER("b")), RENAME("a", "b", "c"), RENAME("a", "c", "d")),
        "Add column d to a");
    assert_optimized(f, OPERATIONS(ALTER("a", INTEGER("b")), ALTER("a", "b", .kind = CORM_BIGINT)),
                     "Alter column b of a");
    assert_optimized(f, OPERATIONS(ALTER("a", INTEGER("b")), ALTER("a", "b", .kind = CORM_DATE)),
                     "Alter column b of a; Alter column b of a");
    assert_optimized(f, OPERATIONS(ALTER("a", INTEGER("b")), REMOVE("a", "b")),
                     "Remove column b from a");
    assert_optimized(f, OPERATIONS(RENAME("a", "b", "c"), RENAME("a", "c", "d")),
                     "Rename column b of a to d");
    assert_optimized(f, OPERATIONS(RENAME("a", "b", "c"), RENAME("a", "c", "b")), "");
    assert_optimized(f, OPERATIONS(RENAME("a", "b", "c"), REMOVE("a", "c")),
                     "Remove column b from a");
    assert_optimized(f, OPERATIONS(RENAME_T("a", "b"), RENAME_T("b", "c")), "Rename table a to c");
    assert_optimized(f, OPERATIONS(RENAME_T("a", "b"), DELETE("b")), "Delete table a");
    assert_optimized(f, OPERATIONS(ADD("a", INTEGER("b")), INDEX("a", "x", "c"), DELETE("a")),
                     "Delete table a");
}

static void test_optimizer__keeps_what_rows_got(void **state) {
    fixture *f = *state;
    size_t n;
    const corm_operation *out = optimize(
        f,
        OPERATIONS(ADD("a", INTEGER("b"), .default_value = DEFAULT(5)), ALTER("a", INTEGER("b"))),
        false, &n);
    assert_int_equal(n, 1);
    assert_int_equal(out[0].fill.integer, 5);
    out = optimize(f,
                   OPERATIONS(ADD("a", INTEGER("b")), { .kind = CORM_ALTER_COLUMN,
                                                        .table = "a",
                                                        .column = { "b", .kind = CORM_INTEGER },
                                                        .fill = DEFAULT(7) }),
                   false, &n);
    assert_int_equal(n, 1);
    assert_int_equal(out[0].fill.integer, 7);
    assert_optimized(f,
                     OPERATIONS(ADD("a", INTEGER("b"), .default_value = DEFAULT(5)),
                                ALTER("a", "b", .kind = CORM_TEXT)),
                     "Add column b to a; Alter column b of a");
}

static void test_optimizer__reduces_what_has_a_name(void **state) {
    fixture *f = *state;
    assert_optimized(f, OPERATIONS(INDEX("a", "x", "b"), UNINDEX("a", "x")), "");
    assert_optimized(
        f,
        OPERATIONS(INDEX("a", "x", "b"),
                   { .kind = CORM_RENAME_INDEX, .table = "a", .name = "x", .new_name = "y" }),
        "Add index y to a");
    assert_optimized(
        f,
        OPERATIONS({ .kind = CORM_RENAME_INDEX, .table = "a", .name = "x", .new_name = "y" },
                   UNINDEX("a", "y")),
        "Remove index x from a");
    assert_optimized(
        f,
        OPERATIONS({ .kind = CORM_ADD_CONSTRAINT,
                     .table = "a",
                     .constraint = { "c", .kind = CORM_CONSTRAINT_CHECK, .check = "b > 0" } },
                   { .kind = CORM_REMOVE_CONSTRAINT, .table = "a", .name = "c" }),
        "");
    assert_optimized(f,
                     OPERATIONS({ .kind = CORM_ALTER_COMMENT, .table = "a", .comment = "x" },
                                { .kind = CORM_ALTER_COMMENT, .table = "a", .comment = "y" }),
                     "Alter comment of a");
    assert_optimized(f, OPERATIONS(INDEX("a", "x", "b"), UNINDEX("c", "x")),
                     "Add index x to a; Remove index x from c");
}

static void test_optimizer__stops_at_what_it_does_not_know(void **state) {
    fixture *f = *state;
    size_t n;
    assert_optimized(f, OPERATIONS(CREATE("a"), SQL, ADD("a", INTEGER("b"))),
                     "Create table a id; Run SQL; Add column b to a");
    assert_optimized(f, OPERATIONS(ADD("a", INTEGER("b")), SQL, REMOVE("a", "b")),
                     "Add column b to a; Run SQL; Remove column b from a");
    const corm_operation elidable[] = {
        CREATE("a"),
        { .kind = CORM_RUN_SQL, .sql = "SELECT 1", .elidable = true },
        ADD("a", INTEGER("b")),
        { 0 }
    };
    optimize(f, elidable, true, &n);
    assert_int_equal(n, 1);
    optimize(f, elidable, false, &n);
    assert_int_equal(n, 3);
}

/* --- random operations --- */

static const char *name_of(fixture *f, const char *prefix, unsigned n) {
    return corm__arena_printf(&f->arena, "%s%u", prefix, roll(n));
}

static corm_column random_column(fixture *f, const char *name) {
    static const corm_kind kinds[] = { CORM_INTEGER, CORM_BIGINT, CORM_TEXT };
    corm_column column = { name, .kind = kinds[roll(3)], .null = roll(4) != 0 };
    if (!column.null && roll(2))
        column.default_value = column.kind == CORM_TEXT ? (corm_default)CORM_DEFAULT("x")
                                                        : (corm_default)CORM_DEFAULT(3);
    if (roll(4) == 0)
        column = (corm_column){
            name, .kind = CORM_BIGINT, .null = true,
            .references = { .table = name_of(f, "t", 6), .column = "id", .on_delete = CORM_CASCADE }
        };
    return column;
}

static corm_operation random_operation(fixture *f) {
    static const corm_operation_kind kinds[] = {
        CORM_CREATE_TABLE,      CORM_CREATE_TABLE, CORM_DELETE_TABLE,  CORM_RENAME_TABLE,
        CORM_ADD_COLUMN,        CORM_ADD_COLUMN,   CORM_ADD_COLUMN,    CORM_REMOVE_COLUMN,
        CORM_ALTER_COLUMN,      CORM_ALTER_COLUMN, CORM_RENAME_COLUMN, CORM_RENAME_COLUMN,
        CORM_ADD_INDEX,         CORM_REMOVE_INDEX, CORM_RENAME_INDEX,  CORM_ADD_CONSTRAINT,
        CORM_REMOVE_CONSTRAINT, CORM_RUN_SQL
    };
    corm_operation o = { .kind = kinds[roll(sizeof kinds / sizeof *kinds)],
                         .table = name_of(f, "t", 6) };
    /* Names of indexes and constraints have their table's, because they are those of the whole
     * database. */
    const char *x = corm__arena_printf(&f->arena, "%s_x%u", o.table, roll(2)),
               *c = corm__arena_printf(&f->arena, "%s_c%u", o.table, roll(2));
    switch (o.kind) {
    case CORM_CREATE_TABLE: {
        corm_column *columns = corm__arena_array(&f->arena, 4, sizeof *columns);
        columns[0] = (corm_column){ "id", .kind = CORM_IDENTITY };
        columns[1] = random_column(f, name_of(f, "c", 2));
        if (roll(2)) columns[2] = random_column(f, "c2");
        o.columns = columns;
        o.primary_key = "id";
        break;
    }
    case CORM_RENAME_TABLE: o.new_name = name_of(f, "t", 6); break;
    case CORM_ADD_COLUMN:
    case CORM_ALTER_COLUMN:
        o.column = random_column(f, name_of(f, "c", 4));
        if (!o.column.null && !o.column.default_value.kind)
            o.fill = o.column.kind == CORM_TEXT ? (corm_default)CORM_DEFAULT("f")
                                                : (corm_default)CORM_DEFAULT(9);
        break;
    case CORM_REMOVE_COLUMN: o.name = name_of(f, "c", 4); break;
    case CORM_RENAME_COLUMN:
        o.name = name_of(f, "c", 4);
        o.new_name = name_of(f, "c", 4);
        break;
    case CORM_ADD_INDEX: o.index = (corm_index){ x, .columns = name_of(f, "c", 4) }; break;
    case CORM_REMOVE_INDEX: o.name = x; break;
    case CORM_RENAME_INDEX:
        o.name = x;
        o.new_name = corm__arena_printf(&f->arena, "%s_x%u", o.table, roll(2));
        break;
    case CORM_ADD_CONSTRAINT:
        o.constraint =
            (corm_constraint){ c, .kind = CORM_CONSTRAINT_UNIQUE, .columns = name_of(f, "c", 4) };
        break;
    case CORM_REMOVE_CONSTRAINT: o.name = c; break;
    default:
        o.table = NULL;
        o.kind = roll(4) ? 0 : CORM_RUN_SQL;
        o.sql = "SELECT 1";
        o.reverse_sql = "";
        break;
    }
    return o;
}

/* A name in two tables, after a rename of one of them, is none that a database takes. */
static bool name_is_taken(const corm_state *state, const corm_operation *o) {
    const char *name = o->kind == CORM_ADD_INDEX        ? o->index.name
                       : o->kind == CORM_ADD_CONSTRAINT ? o->constraint.name
                       : o->kind == CORM_RENAME_INDEX   ? o->new_name
                                                        : NULL;
    for (size_t i = 0; name && i < state->n; i++)
        if (corm__index_find(&state->tables[i], name) ||
            corm__constraint_find(&state->tables[i], name))
            return true;
    return false;
}

/* Up to most operations that can be applied one after the other; the state moves along. */
static size_t random_operations(fixture *f, corm_state *state, corm_operation *out, size_t most) {
    size_t n = 0;
    for (unsigned tries = 0; tries < 40 * most && n < most; tries++) {
        corm_operation o = random_operation(f);
        if (!o.kind || name_is_taken(state, &o) ||
            corm__state_apply(state, &o, "shop", NULL, NULL, &f->error))
            continue;
        out[n++] = o;
    }
    return n;
}

static void assert_same(const corm_state *a, const corm_state *b, const char *when) {
    char difference[300];
    if (a->n != b->n) fail_msg("%s: %zu tables instead of %zu", when, b->n, a->n);
    for (size_t i = 0; i < a->n; i++) {
        const corm_table *other = corm__state_find(b, a->tables[i].name);
        if (!other || !corm__table_equal(&a->tables[i], other, difference, sizeof difference))
            fail_msg("%s: %s: %s", when, a->tables[i].name, other ? difference : "is missing");
    }
}

/* Applies them to a copy of start; *undo (n of them) undoes it. */
static void apply(fixture *f, const corm_state *start, const corm_operation *operations, size_t n,
                  corm_state *out, corm_operation *undo, const char *when) {
    const corm_schema tables = { start->tables, start->n };
    assert_int_equal(corm__state_init(out, &f->arena, &tables), 0);
    for (size_t i = 0; i < n; i++) {
        if (undo &&
            corm__state_reverse(out, &operations[i], &f->arena, &undo[n - 1 - i], &f->error))
            fail_msg("%s: %s", when, f->error.message);
        if (corm__state_apply(out, &operations[i], "shop", NULL, NULL, &f->error)) {
            for (size_t k = 0; k < n; k++)
                print_error("%s%s\n", k == i ? "> " : "  ",
                            corm__operation_describe(&operations[k], &f->arena));
            fail_msg("%s: %s", when, f->error.message);
        }
    }
}

enum { MOST = 14 };
typedef struct trial {
    corm_state start, end;
    corm_operation before[MOST], operations[MOST + 1], *optimized;
    size_t n_before, n, n_optimized;
} trial;

static void make_trial(fixture *f, unsigned round, trial *t) {
    *t = (trial){ 0 };
    seed = round + 1;
    assert_int_equal(corm__state_init(&t->start, &f->arena, NULL), 0);
    t->n_before = random_operations(f, &t->start, t->before, roll(2) ? 0 : MOST / 2);
    const corm_schema tables = { t->start.tables, t->start.n };
    assert_int_equal(corm__state_init(&t->end, &f->arena, &tables), 0);
    t->n = random_operations(f, &t->end, t->operations, MOST);
    assert_int_equal(corm__optimize(t->operations, t->n, false, &f->arena, &t->optimized,
                                    &t->n_optimized, &f->error),
                     0);
    assert_true(t->n_optimized <= t->n);
}

static void release_trial(trial *t) {
    corm__state_release(&t->start);
    corm__state_release(&t->end);
}

static void test_optimizer__never_changes_where_it_ends(void **state) {
    fixture *f = *state;
    size_t before = 0, after = 0;
    for (unsigned round = first_round; round < first_round + rounds * 10; round++) {
        trial t;
        char when[60];
        corm_operation undo[MOST];
        corm_state end, start;
        make_trial(f, round, &t);
        snprintf(when, sizeof when, "round %u", round);
        apply(f, &t.start, t.optimized, t.n_optimized, &end, undo, when);
        assert_same(&t.end, &end, when);
        apply(f, &end, undo, t.n_optimized, &start, NULL, when);
        assert_same(&t.start, &start, when);
        before += t.n;
        after += t.n_optimized;
        corm__state_release(&end);
        corm__state_release(&start);
        release_trial(&t);
        corm__arena_release(&f->arena);
    }
    if (after * 5 > before * 4) fail_msg("%zu operations were reduced to %zu only", before, after);
}

/* --- on a database --- */

static const char *const after_first[] = { "shop.0001_initial", NULL };

static int migrate(fixture *f, const trial *t, const corm_operation *operations,
                   const char *target) {
    corm_operation first[MOST + 1] = { { 0 } };
    memcpy(first, t->before, t->n_before * sizeof *first);
    const corm_migration_body initial = { .operations = first },
                              second = { .operations = operations, .depends_on = after_first };
    const corm_migration list[] = { { "shop", "0001_initial", &initial },
                                    { "shop", "0002_second", &second },
                                    { 0 } };
    const corm_app app = { .name = "shop", .migrations = list };
    corm_migrate_options options = { .app = "shop", .target = target };
    return corm__migrate(f->db, f->settings, NULL, (const corm_app *const[]){ &app, NULL },
                         &options, NULL);
}

static corm_schema live(fixture *f) {
    corm_schema found;
    if (f->db->backend->introspect(f->db->conn, NULL, &f->arena, &found, &f->error))
        fail_msg("%s", f->error.message);
    return found;
}

static void assert_live(fixture *f, const corm_schema *expected, const char *when) {
    corm_schema found = live(f);
    char difference[300];
    for (size_t i = 0; i < expected->n_tables; i++) {
        const corm_table *table = corm__table_find(&found, expected->tables[i].name);
        if (!table ||
            !corm__table_equal(&expected->tables[i], table, difference, sizeof difference))
            fail_msg("%s: %s: %s", when, expected->tables[i].name,
                     table ? difference : "is missing");
    }
    assert_int_equal(found.n_tables, expected->n_tables);
}

/* What the original operations make of a database, the optimized ones make, too; and undo it. Where
 * a database cannot do the original ones, nothing is compared. */
static void test_optimizer__makes_the_same_database(void **state) {
    fixture *f = *state;
    unsigned compared = 0, tried = rounds / 10;
    for (unsigned round = first_round; round < first_round + tried; round++) {
        trial t;
        char when[60];
        make_trial(f, round, &t);
        snprintf(when, sizeof when, "round %u", round);
        if (migrate(f, &t, t.operations, "1")) fail_msg("%s: %s", when, corm_error(f->db)->message);
        corm_schema start = live(f);
        bool possible = migrate(f, &t, t.operations, "2") == 0;
        corm_schema end = live(f);
        possible = possible && migrate(f, &t, t.operations, "1") == 0;
        if (possible) {
            if (migrate(f, &t, t.optimized, "2"))
                fail_msg("%s: %s: %s", when, corm_error(f->db)->message, corm_error(f->db)->sql);
            assert_live(f, &end, when);
            if (migrate(f, &t, t.optimized, "1"))
                fail_msg("%s: %s: %s", when, corm_error(f->db)->message, corm_error(f->db)->sql);
            assert_live(f, &start, when);
            assert_int_equal(number(f, "SELECT count(*) FROM corm_migrations"), 1);
            compared++;
        }
        if (migrate(f, &t, t.operations, "zero")) {
            corm_close(f->db); /* what cannot be undone: a new one */
            corm_settings_free(f->settings);
            corm__arena_release(&f->arena);
            fixture *fresh = NULL;
            assert_int_equal(setup((void **)&fresh), 0);
            *f = *fresh;
            free(fresh);
        }
        release_trial(&t);
    }
    if (compared * 2 < tried) fail_msg("only %u of %u could be compared", compared, tried);
}

int main(int argc, char **argv) {
    if (argc > 2) rounds = (unsigned)atoi(argv[2]);
    if (argc > 3) first_round = (unsigned)atoi(argv[3]);
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_optimizer__makes_a_table_as_it_is_to_be),
        CASE(test_optimizer__keeps_the_order_of_references),
        CASE(test_optimizer__makes_columns_as_they_are_to_be),
        CASE(test_optimizer__keeps_what_rows_got),
        CASE(test_optimizer__reduces_what_has_a_name),
        CASE(test_optimizer__stops_at_what_it_does_not_know),
        CASE(test_optimizer__never_changes_where_it_ends),
        CASE(test_optimizer__makes_the_same_database),
    };
    return run_on(argc, argv, "the optimizer", tests, sizeof tests / sizeof *tests);
}
