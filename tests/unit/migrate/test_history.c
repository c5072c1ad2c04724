/* Several releases one after the other, of two apps: whatever order the graph allows, an empty
 * database takes all that was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "migrate/detect/found.h"
#include "migrate/graph/nodes.h"
#include "migrate/graph/replay.h"

enum { APPS = 2, MOST = 16 };

typedef struct fixture {
    corm_arena arena;
    corm_error_info error;
    corm_migration lists[APPS][MOST];
    size_t n[APPS];
    corm_app apps[APPS];
    const corm_app *list[APPS + 1], *reversed[APPS + 1];
    int loose;
    char told[200];
} fixture;

static int setup(void **state) {
    static fixture f;
    static const char *const names[APPS] = { "people", "shop" };
    f = (fixture){ 0 };
    for (int i = 0; i < APPS; i++) {
        f.apps[i] = (corm_app){ .name = names[i], .migrations = f.lists[i] };
        f.list[i] = f.reversed[APPS - 1 - i] = &f.apps[i];
    }
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    corm__arena_release(&((fixture *)*state)->arena);
    return 0;
}

static void note_loose(void *context, const corm_loose_order *order) {
    fixture *f = context;
    f->loose++;
    snprintf(f->told, sizeof f->told, "%s.%s, %s.%s: %s", order->earlier->app, order->earlier->name,
             order->later->app, order->later->name, order->what);
}

/* In the order of the apps and in the other one. */
static int play(fixture *f) {
    const corm_app *const *lists[] = { f->list, f->reversed };
    int status = 0;
    f->loose = 0;
    for (int i = 0; !status && i < 2; i++) {
        const corm_graph *graph = corm__graph_load(lists[i], &f->arena, &f->error);
        assert_non_null(graph);
        status = corm__replay(graph, &f->arena, note_loose, f, &f->error);
    }
    return status;
}

static void add(fixture *f, int app, const char *name, const corm_operation *operations,
                const char *const *depends_on) {
    corm_migration_body *body = corm__arena_zalloc(&f->arena, sizeof *body);
    *body = (corm_migration_body){ .depends_on = depends_on, .operations = operations };
    f->lists[app][f->n[app]++] = (corm_migration){ f->apps[app].name, name, body };
}

/* A release: the models are these; what is found is added. Its dependencies, in a line. */
static const char *release(fixture *f, const corm_table *tables, size_t n) {
    corm_schema start, target = { tables, n };
    corm_found *found = NULL;
    corm_new_migration *made = NULL;
    size_t n_found = 0, n_made = 0;
    corm_graph *graph = corm__graph_load(f->list, &f->arena, &f->error);
    assert_non_null(graph);
    assert_int_equal(corm__graph_state(graph, graph->n, &f->arena, &start, &f->error), 0);
    if (corm__detect(&start, &target, NULL, NULL, &f->arena, &found, &n_found, &f->error))
        fail_msg("%s", f->error.message);
    assert_int_equal(
        corm__into_migrations(graph, &start, found, n_found, &f->arena, &made, &n_made, &f->error),
        0);
    const char *text = "";
    for (size_t i = 0; i < n_made; i++) {
        add(f, strcmp(made[i].app, "shop") == 0, made[i].name, made[i].operations,
            made[i].depends_on);
        text = corm__arena_printf(&f->arena, "%s%s%.4s:", text, made[i].app, made[i].name);
        for (const char **d = made[i].depends_on; *d; d++)
            text =
                corm__arena_printf(&f->arena, "%s %.*s", text, (int)(strchr(*d, '.') - *d + 5), *d);
        text = corm__arena_printf(&f->arena, "%s; ", text);
    }
    if (play(f)) fail_msg("%s", f->error.message);
    if (f->loose) fail_msg("left to chance: %s", f->told);
    return text;
}

#define RELEASE(f, ...)                                                                            \
    release(f, (const corm_table[]){ __VA_ARGS__, { 0 } },                                         \
            sizeof((const corm_table[]){ __VA_ARGS__ }) / sizeof(corm_table))
#define TABLE(a, t, ...)                                                                           \
    {                                                                                              \
        .name = t, .app = a, .model = t, .primary_key = "id", .columns = (const corm_column[]) {   \
            { "id", .kind = CORM_IDENTITY }, __VA_ARGS__ { 0 }                                     \
        }                                                                                          \
    }
#define REFERS(name, to)                                                                           \
    { name, .kind = CORM_BIGINT, .references = { .table = to, .column = "id" } },
#define A_TEXT(name) { name, .kind = CORM_TEXT, .null = true },

/* --- what is gone is not forgotten --- */

static void test_history__a_table_goes_after_the_last_that_referred_to_it(void **state) {
    fixture *f = *state;
    assert_string_equal(RELEASE(f, TABLE("people", "authors", ),
                                TABLE("shop", "books", REFERS("author", "authors"))),
                        "people0001:; shop0001: people.0001; ");
    assert_string_equal(RELEASE(f, TABLE("people", "authors", ), TABLE("shop", "books", )),
                        "shop0002: shop.0001; ");
    assert_string_equal(RELEASE(f, TABLE("shop", "books", )),
                        "people0002: people.0001 shop.0002; ");
}

static void test_history__a_table_that_was_never_altered_back(void **state) {
    fixture *f = *state;
    RELEASE(f, TABLE("people", "authors", ), TABLE("shop", "books", REFERS("author", "authors")));
    RELEASE(f, TABLE("people", "authors", )); /* the table that referred is gone itself */
    assert_string_equal(RELEASE(f, TABLE("shop", "other", )),
                        "people0002: people.0001 shop.0002; shop0003: shop.0002; ");
}

static void test_history__a_column_goes_after_the_key_that_referred_to_it(void **state) {
    fixture *f = *state;
    const corm_constraint unique[] = {
        { "authors_code_uniq", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "code" }, { 0 }
    };
    const corm_table authors = { .name = "authors",
                                 .app = "people",
                                 .model = "Author",
                                 .primary_key = "id",
                                 .columns = (const corm_column[]){ { "id", .kind = CORM_IDENTITY },
                                                                   { "code", .kind = CORM_BIGINT },
                                                                   { 0 } },
                                 .constraints = unique };
    const corm_table books = { .name = "books",
                               .app = "shop",
                               .model = "Book",
                               .primary_key = "id",
                               .columns = (const corm_column[]){
                                   { "id", .kind = CORM_IDENTITY },
                                   { "code", .kind = CORM_BIGINT,
                                     .references = { .table = "authors", .column = "code" } },
                                   { 0 } } };
    RELEASE(f, authors, books);
    RELEASE(f, authors, TABLE("shop", "books", ));
    assert_string_equal(RELEASE(f, TABLE("people", "authors", ), TABLE("shop", "books", )),
                        "people0002: people.0001 shop.0002; ");
}

static void test_history__a_name_is_free_once_it_was_given_up(void **state) {
    fixture *f = *state;
    const corm_index shared[] = { { "shared", .columns = "x" }, { 0 } };
    corm_table a = TABLE("people", "a", A_TEXT("x")), b = TABLE("shop", "b", A_TEXT("x"));
    corm_table a_with = a, b_with = b;
    a_with.indexes = b_with.indexes = shared;
    RELEASE(f, a, b_with);
    assert_string_equal(RELEASE(f, a_with, b),
                        "shop0002: shop.0001; people0002: people.0001 shop.0002; ");
    /* in two releases, so that no operation of the same run tells */
    RELEASE(f, a, b);
    assert_string_equal(RELEASE(f, a, b_with), "shop0003: shop.0002 people.0003; ");
}

static void test_history__a_table_takes_the_name_of_one_that_went(void **state) {
    fixture *f = *state;
    RELEASE(f, TABLE("people", "a", ));
    RELEASE(f, TABLE("shop", "b", ));
    assert_string_equal(RELEASE(f, TABLE("shop", "b", ), TABLE("shop", "a", A_TEXT("x"))),
                        "shop0002: shop.0001 people.0002; ");
}

static void test_history__a_model_that_moves_takes_its_past_along(void **state) {
    fixture *f = *state;
    RELEASE(f, TABLE("people", "a", ));
    assert_string_equal(RELEASE(f, TABLE("shop", "a", A_TEXT("x"))), "shop0001: people.0001; ");
    assert_string_equal(RELEASE(f, TABLE("shop", "b", )),
                        "people0002: people.0001 shop.0001; shop0002: shop.0001; ");
}

static void test_history__dependencies_are_on_what_is_needed(void **state) {
    fixture *f = *state;
    RELEASE(f, TABLE("people", "a", ));
    RELEASE(f, TABLE("people", "a", ), TABLE("people", "z", ));
    assert_string_equal(RELEASE(f, TABLE("people", "a", ), TABLE("people", "z", ),
                                TABLE("shop", "b", REFERS("a", "a"))),
                        "shop0001: people.0001; ");
}

/* What SQL of one's own does to the tables of its app is not known: who needs them comes behind. */
static void test_history__sql_may_have_changed_the_tables_of_its_app(void **state) {
    fixture *f = *state;
    static const corm_operation sql[] = {
        { .kind = CORM_RUN_SQL, .sql = "INSERT INTO other SELECT 1", .reverse_sql = "" }, { 0 }
    };
    static const char *const behind[] = { "people.0001_initial", NULL };
    RELEASE(f, TABLE("people", "a", ), TABLE("people", "other", ));
    add(f, 0, "0002_rows", sql, behind);
    assert_string_equal(RELEASE(f, TABLE("people", "a", ), TABLE("people", "other", ),
                                TABLE("shop", "b", REFERS("a", "a"))),
                        "shop0001: people.0002; ");
}

static void test_history__a_table_goes_after_the_sql_that_names_it(void **state) {
    fixture *f = *state;
    static const corm_operation sql[] = {
        { .kind = CORM_RUN_SQL, .sql = "INSERT INTO b SELECT id FROM a", .reverse_sql = "" }, { 0 }
    };
    static const char *const behind[] = { "shop.0001_initial", "people.0001_initial", NULL };
    RELEASE(f, TABLE("people", "a", ), TABLE("shop", "b", ));
    add(f, 1, "0002_rows", sql, behind);
    assert_string_equal(RELEASE(f, TABLE("shop", "b", )), "people0002: people.0001 shop.0002; ");
}

/* --- what was written by hand, or by a version that forgot --- */

static const corm_operation create_authors[] = {
    { .kind = CORM_CREATE_TABLE,
      .table = "authors",
      .primary_key = "id",
      .columns = (const corm_column[]){ { "id", .kind = CORM_IDENTITY }, { 0 } } },
    { 0 }
};
static const corm_operation create_books[] = {
    { .kind = CORM_CREATE_TABLE,
      .table = "books",
      .primary_key = "id",
      .columns = (const corm_column[]){ { "id", .kind = CORM_IDENTITY },
                                        REFERS("author", "authors"){ 0 } } },
    { 0 }
};
static const corm_operation drop_author[] = {
    { .kind = CORM_REMOVE_COLUMN, .table = "books", .name = "author" }, { 0 }
};
static const corm_operation delete_authors[] = { { .kind = CORM_DELETE_TABLE, .table = "authors" },
                                                 { 0 } };

static void test_history__an_order_that_is_left_to_chance_is_said(void **state) {
    fixture *f = *state;
    static const char *const first[] = { "people.0001", NULL }, *const second[] = { "shop.0001",
                                                                                    NULL };
    add(f, 0, "0001", create_authors, NULL);
    add(f, 1, "0001", create_books, first);
    add(f, 1, "0002", drop_author, second);
    add(f, 0, "0002", delete_authors, first);
    const corm_graph *graph = corm__graph_load(f->list, &f->arena, &f->error);
    assert_int_not_equal(corm__replay(graph, &f->arena, note_loose, f, &f->error), 0);
    assert_string_equal(f->error.message,
                        "shop.0001: column author of books references table authors, which does "
                        "not exist at this point");
    assert_string_equal(f->error.hint,
                        "people.0002 takes table authors away before: name \"shop.0001\" in its "
                        ".depends_on, or the migration after which nothing needs authors.");
    f->loose = 0;
    graph = corm__graph_load(f->reversed, &f->arena, &f->error);
    assert_int_equal(corm__replay(graph, &f->arena, note_loose, f, &f->error), 0);
    assert_int_equal(f->loose, 2);
    assert_string_equal(f->told, "shop.0001, people.0002: table authors");
}

/* What an index or a constraint only takes along is a column that it needs. */
static void test_history__an_included_column_has_to_be_there(void **state) {
    static const corm_operation add_size[] = {
        { .kind = CORM_ADD_COLUMN,
          .table = "authors",
          .column = { "size", .kind = CORM_INTEGER, .null = true } },
        { 0 }
    };
    static const corm_operation with_size[][2] = {
        { { .kind = CORM_ADD_CONSTRAINT,
            .table = "authors",
            .constraint = { "once", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "id",
                            .include = "size" } },
          { 0 } },
        { { .kind = CORM_ADD_INDEX,
            .table = "authors",
            .index = { "once", .columns = "id", .include = "size" } },
          { 0 } }
    };
    static const char *const first[] = { "people.0001", NULL };
    for (int i = 0; i < 2; i++) {
        setup(state);
        fixture *f = *state;
        add(f, 0, "0001", create_authors, NULL);
        add(f, 0, "0002", with_size[i], first);
        add(f, 1, "0001", add_size, first);
        const corm_graph *graph = corm__graph_load(f->reversed, &f->arena, &f->error);
        if (corm__replay(graph, &f->arena, note_loose, f, &f->error))
            fail_msg("%s", f->error.message);
        assert_int_equal(f->loose, 1);
        assert_string_equal(f->told, "shop.0001, people.0002: column authors.size");
        teardown(state);
    }
}

static void test_history__apps_with_new_migrations(void **state) {
    fixture *f = *state;
    static const char *depends_on[] = { "people.0001", NULL };
    const corm_new_migration made = { .app = "shop",
                                      .name = "0001",
                                      .depends_on = depends_on,
                                      .operations = (corm_operation *)create_books,
                                      .n_operations = 1 };
    add(f, 0, "0001", create_authors, NULL);
    const corm_app *const *apps = corm__apps_with(f->list, &made, 1, NULL, &f->arena);
    assert_string_equal(apps[1]->migrations[0].name, "0001");
    assert_null(apps[1]->migrations[1].app);
    assert_null(apps[2]);
    add(f, 1, "0001_old", create_authors, NULL);
    apps = corm__apps_with(f->list, &made, 1, "0001_old", &f->arena);
    assert_string_equal(apps[1]->migrations[0].name, "0001");
    assert_null(apps[1]->migrations[1].app);
    assert_int_equal(f->n[1], 1);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_history__a_table_goes_after_the_last_that_referred_to_it),
        CASE(test_history__a_table_that_was_never_altered_back),
        CASE(test_history__a_column_goes_after_the_key_that_referred_to_it),
        CASE(test_history__a_name_is_free_once_it_was_given_up),
        CASE(test_history__a_table_takes_the_name_of_one_that_went),
        CASE(test_history__a_model_that_moves_takes_its_past_along),
        CASE(test_history__dependencies_are_on_what_is_needed),
        CASE(test_history__sql_may_have_changed_the_tables_of_its_app),
        CASE(test_history__a_table_goes_after_the_sql_that_names_it),
        CASE(test_history__an_order_that_is_left_to_chance_is_said),
        CASE(test_history__an_included_column_has_to_be_there),
        CASE(test_history__apps_with_new_migrations),
    };
    return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
