/* The autodetector's heart, on schemas made here: cases by hand, then random pairs, which must each be brought to their target. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "migrate/autodetect.h"
#include "random_schema.h"

typedef struct fixture {
    corm_arena arena;
    corm_error_info error;
    int answer;     /* to every question */
    int asked;
} fixture;

static int setup(void **state) {
    static fixture f;
    f = (fixture){ .answer = -1 };
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    corm__arena_release(&((fixture *)*state)->arena);
    return 0;
}

static int renamed_column(void *context, const corm_table *table, const corm_column *from, const corm_column *to) {
    (void)table, (void)from, (void)to;
    fixture *f = context;
    f->asked++;
    return f->answer;
}

static int renamed_table(void *context, const corm_table *from, const corm_table *to) {
    (void)from, (void)to;
    fixture *f = context;
    f->asked++;
    return f->answer;
}

static int fill(void *context, const corm_table *table, const corm_column *column, corm_default *out, corm_arena *arena) {
    (void)table, (void)column, (void)arena;
    fixture *f = context;
    f->asked++;
    *out = (corm_default)CORM_DEFAULT(7);
    return f->answer < 0 ? -1 : 1;
}

/* A migration that creates the tables, as the whole history of its app. */
static corm_operation *creating(corm_arena *arena, const corm_table *tables, size_t n, const char *app, size_t *count) {
    corm_operation *operations = corm__arena_array(arena, n + 1, sizeof *operations);
    *count = 0;
    for (size_t i = 0; i < n; i++)
        if (strcmp(tables[i].app, app) == 0)
            operations[(*count)++] = (corm_operation){ .kind = CORM_CREATE_TABLE, .table = tables[i].name, .model = tables[i].model && *tables[i].model ? tables[i].model : NULL,
                                                       .columns = tables[i].columns, .primary_key = tables[i].primary_key, .indexes = tables[i].indexes,
                                                       .constraints = tables[i].constraints, .comment = tables[i].comment };
    return operations;
}

/* Migrations for tables that refer to core only. */
static corm_graph *graph_of(fixture *f, const corm_table *tables, size_t n) {
    corm_app *apps = corm__arena_array(&f->arena, RANDOM_APPS, sizeof *apps);
    const corm_app **list = corm__arena_array(&f->arena, RANDOM_APPS + 1, sizeof *list);
    static const char *const on_core[] = { "core.0001_initial", NULL };
    for (int i = 0; i < RANDOM_APPS; i++) {
        size_t count;
        corm_operation *operations = creating(&f->arena, tables, n, app_names[i], &count);
        corm_migration *migrations = corm__arena_array(&f->arena, 2, sizeof *migrations);
        corm_migration_body *body = corm__arena_zalloc(&f->arena, sizeof *body);
        *body = (corm_migration_body){ .depends_on = i ? on_core : NULL, .operations = operations };
        if (count || (i == 0 && n)) migrations[0] = (corm_migration){ app_names[i], "0001_initial", body };
        apps[i] = (corm_app){ .name = app_names[i], .migrations = migrations };
        list[i] = &apps[i];
    }
    corm_graph *graph = corm__graph_load(list, &f->arena, &f->error);
    if (!graph) print_error("%s\n", f->error.message);
    assert_non_null(graph);
    return graph;
}

static int detect(fixture *f, const corm_table *from, size_t n_from, const corm_table *to, size_t n_to, const corm_declared_rename *declared, corm_new_migration **out, size_t *n_out) {
    corm_graph *graph = graph_of(f, from, n_from);
    corm_schema start, target = { to, n_to };
    assert_int_equal(corm__graph_state(graph, graph->n, &f->arena, &start, &f->error), 0);
    corm_questions questions = { .renamed_column = renamed_column, .renamed_table = renamed_table, .fill = fill, .context = f };
    corm_found *found = NULL;
    size_t n = 0;
    *n_out = 0;
    f->asked = 0;
    int status = corm__detect(&start, &target, declared, &questions, &f->arena, &found, &n, &f->error);
    if (status || !n) return status;
    return corm__pack(graph, found, n, &f->arena, out, n_out, &f->error);
}

/* "shop.0002_name(core.0001_initial): Operation; Operation" for each migration. */
static const char *text_of(fixture *f, const corm_new_migration *migrations, size_t n) {
    corm_buffer text = { 0 };
    for (size_t i = 0; i < n; i++) {
        corm__buffer_printf(&text, "%s%s.%s(", i ? "\n" : "", migrations[i].app, migrations[i].name);
        for (const char **name = migrations[i].depends_on; *name; name++) corm__buffer_printf(&text, "%s%s", name == migrations[i].depends_on ? "" : " ", *name);
        corm__buffer_puts(&text, "):");
        for (size_t k = 0; k < migrations[i].n_operations; k++)
            corm__buffer_printf(&text, "%s %s", k ? ";" : "", corm__operation_describe(&migrations[i].operations[k], &f->arena));
    }
    const char *copy = corm__arena_strdup(&f->arena, corm__buffer_text(&text));
    corm__buffer_release(&text);
    return copy;
}

static void assert_found(fixture *f, const corm_table *from, size_t n_from, const corm_table *to, size_t n_to, const corm_declared_rename *declared, const char *expected) {
    corm_new_migration *migrations = NULL;
    size_t n;
    int status = detect(f, from, n_from, to, n_to, declared, &migrations, &n);
    if (status) print_error("%s\n", f->error.message);
    assert_int_equal(status, 0);
    assert_string_equal(text_of(f, migrations, n), expected);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define COLUMNS_OF(...) ((const corm_column[]){ __VA_ARGS__, { 0 } })
#define ID { "id", .kind = CORM_IDENTITY }
#define REFERS(table_) { .table = table_, .column = "id", .on_delete = CORM_CASCADE }

static const corm_table user = { .name = "users", .app = "core", .model = "User", .primary_key = "id", .columns = COLUMNS_OF(ID, { "email", .kind = CORM_VARCHAR, .max_length = 100 }) };

static void test_detect__nothing_is_nothing(void **state) { assert_found(*state, &user, 1, &user, 1, NULL, ""); }

static void test_detect__creates_along_foreign_keys_across_apps(void **state) {
    const corm_table tables[] = {
        { .name = "recipes", .app = "shop", .model = "Recipe", .primary_key = "id", .columns = COLUMNS_OF(ID, { "user_id", .kind = CORM_BIGINT, .references = REFERS("users") }) },
        user };
    assert_found(*state, NULL, 0, tables, 2, NULL, "core.0001_initial(): Create table users\nshop.0001_initial(core.0001_initial): Create table recipes");
}

static void test_detect__splits_a_circle(void **state) {
    static const corm_index index[] = { { "users_favourite_id_idx", .columns = "favourite_id" }, { 0 } };
    const corm_table tables[] = {
        { .name = "users", .app = "core", .model = "User", .primary_key = "id", .indexes = index,
          .columns = COLUMNS_OF(ID, { "favourite_id", .kind = CORM_BIGINT, .references = REFERS("recipes") }) },
        { .name = "recipes", .app = "shop", .model = "Recipe", .primary_key = "id", .columns = COLUMNS_OF(ID, { "user_id", .kind = CORM_BIGINT, .references = REFERS("users") }) } };
    assert_found(*state, NULL, 0, tables, 2, NULL,
                 "shop.0001_initial(): Create table recipes\n"
                 "core.0001_initial(shop.0001_initial): Create table users\n"
                 "shop.0002_recipe_user_id(shop.0001_initial core.0001_initial): Add column user_id to recipes");
}

static void test_detect__adds_removes_and_alters_columns(void **state) {
    fixture *f = *state;
    corm_table other = user;
    other.columns = COLUMNS_OF(ID, { "email", .kind = CORM_VARCHAR, .max_length = 200 }, { "age", .kind = CORM_INTEGER, .null = true });
    assert_found(f, &user, 1, &other, 1, NULL, "core.0002_user_age_alter_user_email(core.0001_initial): Add column age to users; Alter column email of users");
    assert_found(f, &other, 1, &user, 1, NULL, "core.0002_remove_user_age_alter_user_email(core.0001_initial): Remove column age from users; Alter column email of users");
    assert_int_equal(f->asked, 0);
}

static void test_detect__asks_for_a_fill(void **state) {
    fixture *f = *state;
    corm_table other = user;
    other.columns = COLUMNS_OF(ID, { "email", .kind = CORM_VARCHAR, .max_length = 100 }, { "age", .kind = CORM_INTEGER });
    corm_new_migration *migrations;
    size_t n;
    assert_int_equal(detect(f, &user, 1, &other, 1, NULL, &migrations, &n), CORM_ERROR_USAGE);
    assert_non_null(strstr(f->error.message, "column age is NOT NULL and has no default"));
    assert_non_null(strstr(f->error.hint, "in model User"));
    f->answer = 1;
    assert_int_equal(detect(f, &user, 1, &other, 1, NULL, &migrations, &n), 0);
    assert_int_equal(migrations[0].operations[0].fill.integer, 7);
}

static void test_detect__renames_columns(void **state) {
    fixture *f = *state;
    corm_table other = user;
    other.columns = COLUMNS_OF(ID, { "mail", .kind = CORM_VARCHAR, .max_length = 100 });
    corm_new_migration *migrations;
    size_t n;
    assert_int_equal(detect(f, &user, 1, &other, 1, NULL, &migrations, &n), CORM_ERROR_USAGE);
    assert_non_null(strstr(f->error.hint, ".renamed_from = \"email\" at mail in model User"));
    const corm_declared_rename declared[] = { { "users", "mail", "email" }, { 0 } };
    assert_found(f, &user, 1, &other, 1, declared, "core.0002_rename_email_user_mail(core.0001_initial): Rename column email of users to mail");
    assert_int_equal(f->asked, 0);
    assert_found(f, &other, 1, &other, 1, declared, "");
    f->answer = 1;
    assert_found(f, &user, 1, &other, 1, NULL, "core.0002_rename_email_user_mail(core.0001_initial): Rename column email of users to mail");
    assert_int_equal(f->asked, 1);
    f->answer = 0;
    other.columns = COLUMNS_OF(ID, { "mail", .kind = CORM_VARCHAR, .max_length = 100, .null = true });
    assert_found(f, &user, 1, &other, 1, NULL, "core.0002_remove_user_email_user_mail(core.0001_initial): Remove column email from users; Add column mail to users");
    /* renamed and altered at once, where it is declared */
    other.columns = COLUMNS_OF(ID, { "mail", .kind = CORM_TEXT });
    assert_found(f, &user, 1, &other, 1, declared, "core.0002_rename_email_user_mail_alter_user_mail(core.0001_initial): Rename column email of users to mail; Alter column mail of users");
}

static void test_detect__renames_a_table_with_its_references(void **state) {
    const corm_table before[] = { user, { .name = "recipes", .app = "shop", .model = "Recipe", .primary_key = "id",
                                          .columns = COLUMNS_OF(ID, { "user_id", .kind = CORM_BIGINT, .references = REFERS("users") }) } };
    corm_table after[] = { user, before[1] };
    after[0].name = "people";
    after[1].columns = COLUMNS_OF(ID, { "user_id", .kind = CORM_BIGINT, .references = REFERS("people") });
    assert_found(*state, before, 2, after, 2, NULL, "core.0002_rename_users_people(core.0001_initial shop.0001_initial): Rename table users to people");
}

static void test_detect__renames_the_table_between(void **state) {
    const corm_table before[] = {
        user, { .name = "tags", .app = "core", .model = "Tag", .primary_key = "id", .columns = COLUMNS_OF(ID) },
        { .name = "users_tags", .app = "core", .model = "", .primary_key = "user_id, tag_id",
          .columns = COLUMNS_OF({ "user_id", .kind = CORM_BIGINT, .references = REFERS("users") }, { "tag_id", .kind = CORM_BIGINT, .references = REFERS("tags") }) } };
    corm_table after[] = { user, before[1], before[2] };
    after[0].name = "people";
    after[0].model = "Person";
    after[2].name = "people_tags";
    after[2].primary_key = "person_id, tag_id";
    after[2].columns = COLUMNS_OF({ "person_id", .kind = CORM_BIGINT, .references = REFERS("people") }, { "tag_id", .kind = CORM_BIGINT, .references = REFERS("tags") });
    fixture *f = *state;
    f->answer = 1;
    assert_found(f, before, 3, after, 3, NULL,
                 "core.0002_rename_user_person_rename_users_tags_people_tags_and_more(core.0001_initial): Rename table users to people; Rename table users_tags to people_tags; "
                 "Rename column user_id of people_tags to person_id");
    assert_int_equal(f->asked, 1);
}

static void test_detect__deletes_referring_tables_first(void **state) {
    const corm_table before[] = { user, { .name = "recipes", .app = "shop", .model = "Recipe", .primary_key = "id",
                                          .columns = COLUMNS_OF(ID, { "user_id", .kind = CORM_BIGINT, .references = REFERS("users") }) } };
    assert_found(*state, before, 2, NULL, 0, NULL,
                 "shop.0002_delete_recipe(shop.0001_initial): Delete table recipes\ncore.0002_delete_user(core.0001_initial shop.0002_delete_recipe): Delete table users");
}

static void test_detect__indexes_and_constraints(void **state) {
    corm_table before = user, after = user;
    before.indexes = (const corm_index[]){ { "users_email_idx", .columns = "email" }, { "gone", .columns = "id" }, { 0 } };
    before.constraints = (const corm_constraint[]){ { "changed", .kind = CORM_CONSTRAINT_CHECK, .check = "id > 0" }, { 0 } };
    after.indexes = (const corm_index[]){ { "by_email", .columns = "email" }, { "fresh", .columns = "email, id" }, { 0 } };
    after.constraints = (const corm_constraint[]){ { "changed", .kind = CORM_CONSTRAINT_CHECK, .check = "id > 1" }, { "once", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "email" }, { 0 } };
    assert_found(*state, &before, 1, &after, 1, NULL,
                 "core.0002_remove_user_changed_remove_user_gone_and_more(core.0001_initial): Remove constraint changed from users; "
                 "Remove index gone from users; Rename index users_email_idx of users to by_email; Add index fresh to users; Add constraint changed to users; Add constraint once to users");
}

/* --- random pairs --- */

/* Applies the new migrations in an order that their dependencies alone give, the last possible first: nothing may rest on luck. */
static void apply_all(fixture *f, corm_state *s, const corm_new_migration *m, size_t n) {
    bool done[64] = { 0 };
    for (size_t left = n; left; left--) {
        size_t pick = n;
        for (size_t i = n; i-- > 0 && pick == n;) {
            bool ready = !done[i];
            for (size_t k = 0; ready && k < n; k++)
                for (const char **name = m[i].depends_on; ready && *name; name++)
                    if (!done[k] && strncmp(*name, m[k].app, 4) == 0 && strcmp(*name + 5, m[k].name) == 0) ready = false;
            if (ready) pick = i;
        }
        assert_true(pick < n);
        done[pick] = true;
        for (size_t k = 0; k < m[pick].n_operations; k++) {
            corm_change change;
            int status = corm__state_apply(s, &m[pick].operations[k], m[pick].app, &change, &f->arena, &f->error);
            if (status) print_error("%s.%s: %s\n", m[pick].app, m[pick].name, f->error.message);
            assert_int_equal(status, 0);
        }
    }
}

static void test_detect__brings_random_schemas_to_their_targets(void **state) {
    fixture *f = *state;
    for (unsigned round = 0; round < 400; round++) {
        seed = round;
        f->answer = roll(3) != 0;
        corm_table *from = corm__arena_array(&f->arena, 8, sizeof *from), *to = corm__arena_array(&f->arena, 8, sizeof *to);
        size_t n_from = random_schema(&f->arena, from, false), n_to = random_schema(&f->arena, to, true), n;
        corm_new_migration *migrations = NULL;
        int status = detect(f, from, n_from, to, n_to, NULL, &migrations, &n);
        if (status) print_error("round %u: %s\n", round, f->error.message);
        assert_int_equal(status, 0);
        corm_state s;
        corm_schema start = { from, n_from };
        assert_int_equal(corm__state_init(&s, &f->arena, &start), 0);
        apply_all(f, &s, migrations, n);
        assert_int_equal(s.n, n_to);
        for (size_t i = 0; i < n_to; i++) {
            char difference[300];
            assert_non_null(corm__state_find(&s, to[i].name));
            assert_true(corm__table_equal(corm__state_find(&s, to[i].name), &to[i], difference, sizeof difference));
        }
        corm__state_release(&s);
        corm__arena_release(&f->arena);
    }
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_detect__nothing_is_nothing),
        CASE(test_detect__creates_along_foreign_keys_across_apps),
        CASE(test_detect__splits_a_circle),
        CASE(test_detect__adds_removes_and_alters_columns),
        CASE(test_detect__asks_for_a_fill),
        CASE(test_detect__renames_columns),
        CASE(test_detect__renames_a_table_with_its_references),
        CASE(test_detect__renames_the_table_between),
        CASE(test_detect__deletes_referring_tables_first),
        CASE(test_detect__indexes_and_constraints),
        CASE(test_detect__brings_random_schemas_to_their_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
