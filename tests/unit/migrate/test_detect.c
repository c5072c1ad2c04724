/* The autodetector's heart, on schemas made here: cases by hand, then random pairs, which must each
 * be brought to their target. */
#include "migrate/detect/found.h"
#include "migrate/graph/nodes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "random_schema.h"

typedef struct fixture {
    corm_arena arena;
    corm_error_info error;
    int answer; /* to every question */
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

static int renamed_column(void *context, const corm_table *table, const corm_column *from,
                          const corm_column *to) {
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

static int fill(void *context, const corm_table *table, const corm_column *column,
                corm_default *out, corm_arena *arena) {
    (void)table, (void)column, (void)arena;
    fixture *f = context;
    f->asked++;
    *out = (corm_default)CORM_DEFAULT(7);
    return f->answer < 0 ? -1 : 1;
}

/* A migration that creates the tables, as the whole history of its app. */
static corm_operation *creating(corm_arena *arena, const corm_table *tables, size_t n,
                                const char *app, size_t *count) {
    corm_operation *operations = corm__arena_array(arena, n + 1, sizeof *operations);
    *count = 0;
    for (size_t i = 0; i < n; i++)
        if (strcmp(tables[i].app, app) == 0)
            operations[(*count)++] =
                (corm_operation){ .kind = CORM_CREATE_TABLE,
                                  .table = tables[i].name,
                                  .model =
                                      tables[i].model && *tables[i].model ? tables[i].model : NULL,
                                  .columns = tables[i].columns,
                                  .primary_key = tables[i].primary_key,
                                  .indexes = tables[i].indexes,
                                  .constraints = tables[i].constraints,
                                  .comment = tables[i].comment };
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
        if (count || (i == 0 && n))
            migrations[0] = (corm_migration){ app_names[i], "0001_initial", body };
        apps[i] = (corm_app){ .name = app_names[i], .migrations = migrations };
        list[i] = &apps[i];
    }
    corm_graph *graph = corm__graph_load(list, &f->arena, &f->error);
    if (!graph) print_error("%s\n", f->error.message);
    assert_non_null(graph);
    return graph;
}

static int detect(fixture *f, const corm_table *from, size_t n_from, const corm_table *to,
                  size_t n_to, const corm_declared_rename *declared, corm_new_migration **out,
                  size_t *n_out) {
    corm_graph *graph = graph_of(f, from, n_from);
    corm_schema start, target = { to, n_to };
    assert_int_equal(corm__graph_state(graph, graph->n, &f->arena, &start, &f->error), 0);
    corm_questions questions = {
        .renamed_column = renamed_column, .renamed_table = renamed_table, .fill = fill, .context = f
    };
    corm_found *found = NULL;
    size_t n = 0;
    *n_out = 0;
    f->asked = 0;
    int status =
        corm__detect(&start, &target, declared, &questions, &f->arena, &found, &n, &f->error);
    if (status || !n) return status;
    return corm__into_migrations(graph, &start, found, n, &f->arena, out, n_out, &f->error);
}

/* "shop.0002_name(core.0001_initial): Operation; Operation" for each migration. */
static const char *text_of(fixture *f, const corm_new_migration *migrations, size_t n) {
    corm_buffer text = { 0 };
    for (size_t i = 0; i < n; i++) {
        corm__buffer_printf(&text, "%s%s.%s(", i ? "\n" : "", migrations[i].app,
                            migrations[i].name);
        for (const char **name = migrations[i].depends_on; *name; name++)
            corm__buffer_printf(&text, "%s%s", name == migrations[i].depends_on ? "" : " ", *name);
        corm__buffer_puts(&text, "):");
        for (size_t k = 0; k < migrations[i].n_operations; k++)
            corm__buffer_printf(&text, "%s %s", k ? ";" : "",
                                corm__operation_describe(&migrations[i].operations[k], &f->arena));
    }
    const char *copy = corm__arena_strdup(&f->arena, corm__buffer_text(&text));
    corm__buffer_release(&text);
    return copy;
}

static void assert_found(fixture *f, const corm_table *from, size_t n_from, const corm_table *to,
                         size_t n_to, const corm_declared_rename *declared, const char *expected) {
    corm_new_migration *migrations = NULL;
    size_t n;
    int status = detect(f, from, n_from, to, n_to, declared, &migrations, &n);
    if (status) print_error("%s\n", f->error.message);
    assert_int_equal(status, 0);
    assert_string_equal(text_of(f, migrations, n), expected);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define COLUMNS_OF(...) ((const corm_column[]){ __VA_ARGS__, { 0 } })
#define ID                                                                                         \
    { "id", .kind = CORM_IDENTITY }
#define REFERS(table_)                                                                             \
    { .table = table_, .column = "id", .on_delete = CORM_CASCADE }
/* A column that refers to a table's id. */
#define OF(name_, table_)                                                                          \
    { name_, .kind = CORM_BIGINT, .references = REFERS(table_) }

static const corm_table user = { .name = "users",
                                 .app = "core",
                                 .model = "User",
                                 .primary_key = "id",
                                 .columns = COLUMNS_OF(
                                     ID, { "email", .kind = CORM_VARCHAR, .max_length = 100 }) };
static const corm_table recipe = { .name = "recipes",
                                   .app = "shop",
                                   .model = "Recipe",
                                   .primary_key = "id",
                                   .columns = COLUMNS_OF(ID, OF("user_id", "users")) };
static const corm_table tag = { .name = "tags",
                                .app = "core",
                                .model = "Tag",
                                .primary_key = "id",
                                .columns = COLUMNS_OF(ID) };
static const corm_table users_tags = { .name = "users_tags",
                                       .app = "core",
                                       .model = "",
                                       .primary_key = "user_id, tag_id",
                                       .columns = COLUMNS_OF(OF("user_id", "users"),
                                                             OF("tag_id", "tags")) };

static void test_detect__nothing_is_nothing(void **state) {
    assert_found(*state, &user, 1, &user, 1, NULL, "");
}

static void test_detect__creates_along_foreign_keys_across_apps(void **state) {
    const corm_table tables[] = { recipe, user };
    assert_found(*state, NULL, 0, tables, 2, NULL,
                 "core.0001_initial(): Create table users\nshop.0001_initial(core.0001_initial): "
                 "Create table recipes");
}

static void test_detect__splits_a_circle(void **state) {
    static const corm_index index[] = { { "users_favourite_id_idx", .columns = "favourite_id" },
                                        { 0 } };
    const corm_table tables[] = {
        { .name = "users",
          .app = "core",
          .model = "User",
          .primary_key = "id",
          .indexes = index,
          .columns = COLUMNS_OF(ID, OF("favourite_id", "recipes")) },
        recipe
    };
    assert_found(*state, NULL, 0, tables, 2, NULL,
                 "shop.0001_initial(): Create table recipes\n"
                 "core.0001_initial(shop.0001_initial): Create table users\n"
                 "shop.0002_recipe_user_id(shop.0001_initial core.0001_initial): Add column "
                 "user_id to recipes");
}

static void test_detect__adds_removes_and_alters_columns(void **state) {
    fixture *f = *state;
    corm_table other = user;
    other.columns = COLUMNS_OF(ID, { "email", .kind = CORM_VARCHAR, .max_length = 200 },
                               { "age", .kind = CORM_INTEGER, .null = true });
    assert_found(f, &user, 1, &other, 1, NULL,
                 "core.0002_user_age_alter_user_email(core.0001_initial): Add column age to users; "
                 "Alter column email of users");
    assert_found(f, &other, 1, &user, 1, NULL,
                 "core.0002_remove_user_age_alter_user_email(core.0001_initial): Remove column age "
                 "from users; Alter column email of users");
    assert_int_equal(f->asked, 0);
}

static void test_detect__asks_for_a_fill(void **state) {
    fixture *f = *state;
    corm_table other = user;
    other.columns = COLUMNS_OF(ID, { "email", .kind = CORM_VARCHAR, .max_length = 100 },
                               { "age", .kind = CORM_INTEGER });
    corm_new_migration *migrations;
    size_t n;
    assert_int_equal(detect(f, &user, 1, &other, 1, NULL, &migrations, &n), CORM_ERROR_USAGE);
    assert_non_null(strstr(f->error.message, "column age is NOT NULL and has no default"));
    assert_non_null(strstr(f->error.hint, "in model User"));
    f->answer = 1;
    assert_int_equal(detect(f, &user, 1, &other, 1, NULL, &migrations, &n), 0);
    assert_int_equal(migrations[0].operations[0].fill.integer, 7);
}

static void test_detect__alters_labels_before_rows_are_filled_with_one(void **state) {
    static const corm_constraint small[] = { { .name = "tags_size_check",
                                               .kind = CORM_CONSTRAINT_CHECK,
                                               .check = "size IN ('small')" },
                                             { 0 } },
                                 large[] = { { .name = "tags_size_check",
                                               .kind = CORM_CONSTRAINT_CHECK,
                                               .check = "size IN ('small', 'large')" },
                                             { 0 } };
    corm_table before = tag, after = tag;
    before.constraints = small;
    before.columns =
        COLUMNS_OF(ID, { "size", .kind = CORM_VARCHAR, .max_length = 10, .null = true });
    after.constraints = large;
    after.columns = COLUMNS_OF(ID, { "size",
                                     .kind = CORM_VARCHAR,
                                     .max_length = 10,
                                     .default_value = CORM_DEFAULT("large") });
    assert_found(*state, &before, 1, &after, 1, NULL,
                 "core.0002_alter_tags_size_check_alter_tag_size(core.0001_initial): Alter "
                 "constraint tags_size_check of tags; Alter column size of tags");
    static const corm_constraint strict[] = { { .name = "tags_size_check",
                                                .kind = CORM_CONSTRAINT_CHECK,
                                                .check = "size IS NOT NULL AND "
                                                         "size IN ('small', 'large')" },
                                              { 0 } };
    after.constraints = strict; /* a row with NULL would fail on it */
    assert_found(*state, &before, 1, &after, 1, NULL,
                 "core.0002_alter_tag_size_alter_tags_size_check(core.0001_initial): Alter column "
                 "size of tags; Alter constraint tags_size_check of tags");
}

static void test_detect__renames_columns(void **state) {
    fixture *f = *state;
    corm_table other = user;
    other.columns = COLUMNS_OF(ID, { "mail", .kind = CORM_VARCHAR, .max_length = 100 });
    corm_new_migration *migrations;
    size_t n;
    assert_int_equal(detect(f, &user, 1, &other, 1, NULL, &migrations, &n), CORM_ERROR_USAGE);
    assert_non_null(strstr(f->error.hint, ".renamed_from = \"email\" at mail in model User"));
    const corm_declared_rename declared[] = { { "users", "mail", "email", false }, { 0 } };
    assert_found(f, &user, 1, &other, 1, declared,
                 "core.0002_rename_email_user_mail(core.0001_initial): Rename column email of "
                 "users to mail");
    assert_int_equal(f->asked, 0);
    assert_found(f, &other, 1, &other, 1, declared, "");
    f->answer = 1;
    assert_found(f, &user, 1, &other, 1, NULL,
                 "core.0002_rename_email_user_mail(core.0001_initial): Rename column email of "
                 "users to mail");
    assert_int_equal(f->asked, 1);
    f->answer = 0;
    other.columns =
        COLUMNS_OF(ID, { "mail", .kind = CORM_VARCHAR, .max_length = 100, .null = true });
    assert_found(f, &user, 1, &other, 1, NULL,
                 "core.0002_remove_user_email_user_mail(core.0001_initial): Remove column email "
                 "from users; Add column mail to users");
    /* renamed and altered at once, where it is declared */
    other.columns = COLUMNS_OF(ID, { "mail", .kind = CORM_TEXT });
    assert_found(f, &user, 1, &other, 1, declared,
                 "core.0002_rename_email_user_mail_alter_user_mail(core.0001_initial): Rename "
                 "column email of users to mail; Alter column mail of users");
}

static void test_detect__renames_a_table_with_its_references(void **state) {
    const corm_table before[] = { user, recipe };
    corm_table after[] = { user, recipe };
    after[0].name = "people";
    after[1].columns = COLUMNS_OF(ID, OF("user_id", "people"));
    assert_found(*state, before, 2, after, 2, NULL,
                 "core.0002_rename_users_people(core.0001_initial shop.0001_initial): Rename table "
                 "users to people");
}

static void test_detect__renames_the_table_between(void **state) {
    const corm_table before[] = { user, tag, users_tags };
    corm_table after[] = { user, tag, users_tags };
    after[0].name = "people";
    after[0].model = "Person";
    after[2].name = "people_tags";
    after[2].primary_key = "person_id, tag_id";
    after[2].columns = COLUMNS_OF(OF("person_id", "people"), OF("tag_id", "tags"));
    fixture *f = *state;
    f->answer = 1;
    assert_found(f, before, 3, after, 3, NULL,
                 "core.0002_rename_user_person_rename_users_tags_people_tags_and_more(core.0001_"
                 "initial): Rename table users to people; Rename table users_tags to people_tags; "
                 "Rename column user_id of people_tags to person_id");
    assert_int_equal(f->asked, 1);
}

static void test_detect__deletes_referring_tables_first(void **state) {
    const corm_table before[] = { user, recipe };
    assert_found(*state, before, 2, NULL, 0, NULL,
                 "shop.0002_delete_recipe(shop.0001_initial): Delete table "
                 "recipes\ncore.0002_delete_user(core.0001_initial shop.0002_delete_recipe): "
                 "Delete table users");
}

static void test_detect__indexes_and_constraints(void **state) {
    corm_table before = user, after = user;
    before.indexes = (const corm_index[]){ { "users_email_idx", .columns = "email" },
                                           { "gone", .columns = "id" },
                                           { 0 } };
    before.constraints =
        (const corm_constraint[]){ { "changed", .kind = CORM_CONSTRAINT_CHECK, .check = "id > 0" },
                                   { 0 } };
    after.indexes = (const corm_index[]){ { "by_email", .columns = "email" },
                                          { "fresh", .columns = "email, id" },
                                          { 0 } };
    after.constraints =
        (const corm_constraint[]){ { "changed", .kind = CORM_CONSTRAINT_CHECK, .check = "id > 1" },
                                   { "once", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "email" },
                                   { 0 } };
    assert_found(*state, &before, 1, &after, 1, NULL,
                 "core.0002_remove_user_gone_rename_users_email_idx_by_email_and_more(core.0001_"
                 "initial): Remove index gone from users; "
                 "Rename index users_email_idx of users to by_email; Add index fresh to users; "
                 "Alter constraint changed of users; Add constraint once to users");
}

static void test_detect__renames_and_alters_constraints(void **state) {
    corm_table before = user, after = user;
    before.indexes = (const corm_index[]){ { "by_email", .columns = "email" }, { 0 } };
    before.constraints =
        (const corm_constraint[]){ { "old", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "email" },
                                   { "late", .kind = CORM_CONSTRAINT_CHECK, .check = "id > 0",
                                     .not_valid = true },
                                   { 0 } };
    after.indexes = (const corm_index[]){ { "by_email", .columns = "email desc" }, { 0 } };
    after.constraints =
        (const corm_constraint[]){ { "new", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "email" },
                                   { "late", .kind = CORM_CONSTRAINT_CHECK, .check = "id > 0" },
                                   { 0 } };
    assert_found(*state, &before, 1, &after, 1, NULL,
                 "core.0002_rename_old_new_alter_user_by_email_and_more(core.0001_initial): Rename "
                 "constraint old of users to new; Alter index by_email of users; "
                 "Validate constraint late of users");
}

static void test_detect__renames_a_table_and_all_in_it(void **state) {
    fixture *f = *state;
    corm_table other = { .name = "people",
                         .app = "core",
                         .model = "Person",
                         .primary_key = "id",
                         .columns = COLUMNS_OF(ID, { "mail", .kind = CORM_TEXT },
                                               { "age", .kind = CORM_INTEGER, .null = true }) };
    const corm_declared_rename declared[] = { { "people", "mail", "email", false },
                                              { "people", NULL, "users", false },
                                              { 0 } };
    assert_found(f, &user, 1, &other, 1, declared,
                 "core.0002_rename_user_person_rename_email_person_mail_and_more(core.0001_initial)"
                 ": Rename table users to people; Rename column email of people to mail; "
                 "Add column age to people; Alter column mail of people");
    assert_int_equal(f->asked, 0);
    assert_found(f, &other, 1, &other, 1, declared, "");
}

static void test_detect__renames_in_a_chain(void **state) {
    fixture *f = *state;
    corm_table before = user, after = user;
    before.columns = COLUMNS_OF(ID, { "a", .kind = CORM_TEXT }, { "b", .kind = CORM_TEXT });
    after.columns = COLUMNS_OF(ID, { "b", .kind = CORM_TEXT }, { "c", .kind = CORM_TEXT });
    const corm_declared_rename declared[] = { { "users", "b", "a", false },
                                              { "users", "c", "b", false },
                                              { 0 } };
    assert_found(f, &before, 1, &after, 1, declared,
                 "core.0002_rename_b_user_c_rename_a_user_b(core.0001_initial): Rename column b of "
                 "users to c; Rename column a of users to b");
    assert_found(f, &after, 1, &after, 1, declared, "");
    assert_int_equal(f->asked, 0);
}

/* The columns that refer to a key change with it, in whatever app, and are free of it meanwhile. */
static void test_detect__alters_a_key_with_what_refers_to_it(void **state) {
    const corm_column text_key = { "id", .kind = CORM_VARCHAR, .max_length = 20 };
    const corm_table before[] = { user, recipe };
    corm_table after[] = { user, recipe };
    after[0].columns = (const corm_column[]){ text_key, user.columns[1], { 0 } };
    after[1].columns = COLUMNS_OF(
        ID, { "user_id", .kind = CORM_VARCHAR, .max_length = 20, .references = REFERS("users") });
    assert_found(
        *state, before, 2, after, 2, NULL,
        "shop.0002_alter_recipe_user_id(shop.0001_initial): Alter column user_id of recipes\n"
        "core.0002_alter_user_id(core.0001_initial shop.0002_alter_recipe_user_id): Alter column "
        "id of users\n"
        "shop.0003_alter_recipe_user_id(shop.0002_alter_recipe_user_id core.0002_alter_user_id): "
        "Alter column user_id of recipes");
}

static void test_detect__changes_a_primary_key(void **state) {
    const corm_table before[] = { { .name = "places",
                                    .app = "core",
                                    .model = "Place",
                                    .primary_key = "id",
                                    .columns = COLUMNS_OF({ "id", .kind = CORM_BIGINT },
                                                          { "country", .kind = CORM_INTEGER },
                                                          { "number", .kind = CORM_INTEGER }) } };
    corm_table after = before[0];
    after.primary_key = "country, number";
    after.columns =
        COLUMNS_OF({ "country", .kind = CORM_INTEGER }, { "number", .kind = CORM_INTEGER });
    assert_found(*state, before, 1, &after, 1, NULL,
                 "core.0002_alter_place_primary_key_remove_place_id(core.0001_initial): Alter "
                 "primary key of places; Remove column id from places");
}

/* A foreign key to a column that is unique by something else from now on. */
static void test_detect__moves_what_makes_a_key_unique(void **state) {
    corm_table before[] = {
        user,
        { .name = "notes",
          .app = "core",
          .model = "Note",
          .primary_key = "id",
          .columns = COLUMNS_OF(ID, { "mail", .kind = CORM_VARCHAR, .max_length = 100,
                                      .references = { .table = "users", .column = "email" } }) }
    };
    before[0].constraints =
        (const corm_constraint[]){ { "one", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "email" },
                                   { 0 } };
    corm_table after[] = { user, before[1] };
    after[0].indexes = (const corm_index[]){ { "two", .columns = "email", .unique = true }, { 0 } };
    assert_found(*state, before, 2, after, 2, NULL,
                 "core.0002_alter_note_mail_remove_user_one_user_two(core.0001_initial): Alter "
                 "column mail of notes; Remove constraint one from users; Add index two to users; "
                 "Alter column mail of notes");
}

static void test_detect__makes_computed_columns_anew(void **state) {
    fixture *f = *state;
    static const corm_index index[] = { { "by_sum", .columns = "sum" }, { 0 } };
    corm_table before = { .name = "lines",
                          .app = "core",
                          .model = "Line",
                          .primary_key = "id",
                          .indexes = index,
                          .columns = COLUMNS_OF(ID, { "price", .kind = CORM_INTEGER },
                                                { "count", .kind = CORM_INTEGER },
                                                { "sum", .kind = CORM_BIGINT, .null = true,
                                                  .generated = "price * count" }) };
    corm_table after = before;
    after.columns =
        COLUMNS_OF(ID, { "price", .kind = CORM_BIGINT }, { "count", .kind = CORM_INTEGER },
                   { "sum", .kind = CORM_BIGINT, .null = true, .generated = "price * count" });
    assert_found(f, &before, 1, &after, 1, NULL,
                 "core.0002_remove_line_by_sum_remove_line_sum_alter_line_price_and_more(core.0001_"
                 "initial): Remove index by_sum from lines; Remove column sum from lines; Alter "
                 "column price of lines; "
                 "Add column sum to lines; Add index by_sum to lines");
    after.columns = COLUMNS_OF(ID, { "count", .kind = CORM_INTEGER },
                               { "sum", .kind = CORM_BIGINT, .null = true });
    assert_found(f, &before, 1, &after, 1, NULL,
                 "core.0002_alter_line_sum_remove_line_price(core.0001_initial): Alter column sum "
                 "of lines; Remove column price from lines");
    f->answer = 1;
    assert_found(f, &after, 1, &before, 1, NULL,
                 "core.0002_remove_line_by_sum_remove_line_sum_line_price_and_more(core.0001_"
                 "initial): Remove index by_sum from lines; Remove column sum from lines; "
                 "Add column price to lines; Add column sum to lines; Add index by_sum to lines");
}

static void test_detect__turns_many_to_many_into_a_column_and_back(void **state) {
    fixture *f = *state;
    const corm_table many[] = { tag, user, users_tags };
    corm_table one[] = { tag, user };
    one[1].columns =
        COLUMNS_OF(ID, { "email", .kind = CORM_VARCHAR, .max_length = 100 },
                   { "tags_id", .kind = CORM_BIGINT, .null = true, .references = REFERS("tags") });
    assert_found(f, many, 3, one, 2, NULL,
                 "core.0002_delete_users_tags_user_tags_id(core.0001_initial): Delete table "
                 "users_tags; Add column tags_id to users");
    assert_found(f, one, 2, many, 3, NULL,
                 "core.0002_remove_user_tags_id_users_tags(core.0001_initial): Remove column "
                 "tags_id from users; Create table users_tags");
    assert_int_equal(f->asked, 0);
}

/* The table between becomes a model, and its rows get numbers; and back. */
static void test_detect__turns_a_table_between_into_a_model_and_back(void **state) {
    fixture *f = *state;
    const corm_table between[] = { tag, user, users_tags };
    corm_table model[] = { tag, user, users_tags };
    model[2].model = "Tagging";
    model[2].primary_key = "id";
    model[2].columns = COLUMNS_OF(ID, OF("user_id", "users"), OF("tag_id", "tags"));
    assert_found(f, between, 3, model, 3, NULL,
                 "core.0002_tagging_id(core.0001_initial): Add column id to users_tags");
    assert_found(
        f, model, 3, between, 3, NULL,
        "core.0002_remove_users_tags_id(core.0001_initial): Remove column id from users_tags");
    assert_int_equal(f->asked, 0);
    /* under another name, which the model declares */
    model[2].name = "taggings";
    const corm_declared_rename declared[] = { { "taggings", NULL, "users_tags", false }, { 0 } };
    assert_found(f, between, 3, model, 3, declared,
                 "core.0002_rename_users_tags_tagging_tagging_id(core.0001_initial): Rename table "
                 "users_tags to taggings; Add column id to taggings");
}

/* The table stays as it is; what changes later is a migration of the new app that stands on the old
 * one's. */
/* --- several renames at once --- */

#define PLAIN(a, t, m, ...)                                                                        \
    {                                                                                              \
        .name = t, .app = a, .model = m, .primary_key = "id", .columns = (const corm_column[]) {   \
            ID, __VA_ARGS__, { 0 }                                                                 \
        }                                                                                          \
    }
#define VARCHAR(n)                                                                                 \
    { n, .kind = CORM_VARCHAR, .max_length = 50 }
#define NUMBER(n)                                                                                  \
    { n, .kind = CORM_INTEGER, .null = true }
#define KEY(n, to)                                                                                 \
    {                                                                                              \
        n, .kind = CORM_BIGINT, .references = {.table = to, .column = "id" }                       \
    }

static void test_detect__asks_for_two_tables_that_refer_to_each_other(void **state) {
    fixture *f = *state;
    const corm_table from[] = { PLAIN("shop", "authors", "Author", VARCHAR("name")),
                                PLAIN("shop", "books", "Book", VARCHAR("title"),
                                      KEY("author_id", "authors")) },
                     to[] = { PLAIN("shop", "volumes", "Volume", VARCHAR("title"),
                                    KEY("author_id", "writers")),
                              PLAIN("shop", "writers", "Writer", VARCHAR("name")) };
    f->answer = 1;
    assert_found(f, from, 2, to, 2, NULL,
                 "shop.0002_rename_book_volume_rename_author_writer(shop.0001_initial): Rename "
                 "table books to volumes; Rename table authors to writers");
    assert_int_equal(f->asked, 2);
}

static void test_detect__asks_for_a_table_and_its_column(void **state) {
    fixture *f = *state;
    const corm_table from = PLAIN("shop", "authors", "Author", VARCHAR("name")),
                     to = PLAIN("shop", "writers", "Writer", VARCHAR("full_name")),
                     more = PLAIN("shop", "writers", "Writer", VARCHAR("name"), NUMBER("age")),
                     other = PLAIN("shop", "orders", "Order", NUMBER("total"));
    f->answer = 1;
    assert_found(f, &from, 1, &to, 1, NULL,
                 "shop.0002_rename_author_writer_rename_name_writer_full_name(shop.0001_initial): "
                 "Rename table authors to writers; Rename column name of writers to full_name");
    assert_int_equal(f->asked, 2);
    assert_found(f, &from, 1, &more, 1, NULL,
                 "shop.0002_rename_author_writer_writer_age(shop.0001_initial): Rename table "
                 "authors to writers; Add column age to writers");
    assert_found(f, &from, 1, &other, 1, NULL,
                 "shop.0002_delete_author_order(shop.0001_initial): Delete table authors; Create "
                 "table orders");
    assert_int_equal(f->asked, 0);
}

static void test_detect__asks_for_a_column_that_is_altered_too(void **state) {
    fixture *f = *state;
    const corm_table authors = PLAIN("shop", "authors", "Author", VARCHAR("name"));
    const corm_table from[] = { authors,
                                PLAIN("shop", "books", "Book", { "author", .kind = CORM_BIGINT }) },
                     to[] = { authors,
                              PLAIN("shop", "books", "Book", KEY("author_id", "authors")) };
    f->answer = 1;
    assert_found(f, from, 2, to, 2, NULL,
                 "shop.0002_rename_author_book_author_id_alter_book_author_id(shop.0001_initial): "
                 "Rename column author of books to author_id; Alter column author_id of books");
    f->answer = 0;
    assert_int_equal(
        detect(f, from, 2, to, 2, NULL, &(corm_new_migration *){ NULL }, &(size_t){ 0 }), 0);
    assert_int_equal(f->asked, 2); /* what the rows get then */
}

static void test_detect__asks_for_a_table_that_moves_to_another_app(void **state) {
    fixture *f = *state;
    const corm_table from = PLAIN("core", "core_tag", "Tag", VARCHAR("name")),
                     to = PLAIN("shop", "shop_tag", "Tag", VARCHAR("name"));
    f->answer = 1;
    assert_found(f, &from, 1, &to, 1, NULL,
                 "shop.0001_initial(core.0001_initial): Rename table core_tag to shop_tag");
}

/* --- places that are changed --- */

static void test_detect__swaps_tables(void **state) {
    fixture *f = *state;
    const corm_table from[] = { PLAIN("shop", "a", "A", VARCHAR("x")),
                                PLAIN("shop", "b", "B", NUMBER("y")) },
                     to[] = { PLAIN("shop", "b", "A", VARCHAR("x")),
                              PLAIN("shop", "a", "B", NUMBER("y")) };
    const corm_declared_rename declared[] = { { "b", NULL, "a", false },
                                              { "a", NULL, "b", false },
                                              { 0 } };
    static const char moved[] = "shop.0002_rename_a_a_renaming_rename_b_a_rename_a_renaming_b(shop."
                                "0001_initial): Rename table a to "
                                "a_renaming; Rename table b to a; Rename table a_renaming to b";
    assert_found(f, from, 2, to, 2, declared, moved);
    assert_found(f, to, 2, to, 2, declared, "");
    assert_found(f, from, 2, to, 2, NULL, moved); /* the models' names say it too */
    assert_int_equal(f->asked, 0);
}

/* Classes that got each other's names, and kept their tables. */
static void test_detect__leaves_tables_whose_models_changed_names(void **state) {
    fixture *f = *state;
    const corm_table from[] = { PLAIN("shop", "a", "A", VARCHAR("x")),
                                PLAIN("shop", "b", "B", NUMBER("y")) },
                     to[] = { PLAIN("shop", "a", "B", VARCHAR("x")),
                              PLAIN("shop", "b", "A", NUMBER("y")) };
    assert_found(f, from, 2, to, 2, NULL, "");
}

static void test_detect__moves_tables_in_a_row(void **state) {
    fixture *f = *state;
    const corm_table from[] = { PLAIN("shop", "a", "A", VARCHAR("x")),
                                PLAIN("shop", "b", "B", NUMBER("y")) },
                     to[] = { PLAIN("shop", "b", "A", VARCHAR("x")),
                              PLAIN("shop", "c", "B", NUMBER("y")) };
    assert_found(f, from, 2, to, 2, NULL,
                 "shop.0002_rename_b_c_rename_a_b(shop.0001_initial): Rename table b to c; Rename "
                 "table a to b");
}

static void test_detect__swaps_columns(void **state) {
    fixture *f = *state;
    const corm_table from = PLAIN("shop", "t", "T", VARCHAR("a"), NUMBER("b")),
                     to = PLAIN("shop", "t", "T", NUMBER("a"), VARCHAR("b")),
                     same = PLAIN("shop", "t", "T", NUMBER("a"), NUMBER("b"));
    corm_declared_rename declared[] = { { "t", "b", "a", false }, { "t", "a", "b", false }, { 0 } };
    assert_found(f, &from, 1, &to, 1, declared,
                 "shop.0002_rename_a_t_a_renaming_rename_b_t_a_and_more(shop.0001_initial): Rename "
                 "column a of t to a_renaming; Rename column b of t to a; Rename column a_renaming "
                 "of t to b");
    assert_found(f, &to, 1, &to, 1, declared, "");
    f->answer = 1; /* of one type: nothing says whether it is done */
    assert_found(f, &same, 1, &same, 1, declared,
                 "shop.0002_rename_a_t_a_renaming_rename_b_t_a_and_more(shop.0001_initial): Rename "
                 "column a of t to a_renaming; Rename column b of t to a; Rename column a_renaming "
                 "of t to b");
    f->answer = -1;
    corm_new_migration *migrations;
    size_t n;
    assert_int_equal(detect(f, &same, 1, &same, 1, declared, &migrations, &n), CORM_ERROR_USAGE);
    assert_string_equal(f->error.message, "table t: columns change places by renamed_from: is "
                                          "column a still to become b?");
    declared[0].done = declared[1].done = true; /* the history has it */
    assert_found(f, &same, 1, &same, 1, declared, "");
}

/* --- relations of many to many --- */

#define BETWEEN(t, to, key_name)                                                                   \
    {                                                                                              \
        .name = t, .app = "shop", .model = "", .primary_key = "a_id, " key_name,                   \
        .columns = (const corm_column[]) {                                                         \
            KEY("a_id", "a"), KEY(key_name, to), { 0 }                                             \
        }                                                                                          \
    }

static void test_detect__asks_what_becomes_of_a_relation_that_points_elsewhere(void **state) {
    fixture *f = *state;
    const corm_table a = PLAIN("shop", "a", "A", NUMBER("x")),
                     b = PLAIN("shop", "b", "B", VARCHAR("y")),
                     c = PLAIN("shop", "c", "C", { "z", .kind = CORM_BLOB, .null = true });
    const corm_table from[] = { a, b, BETWEEN("a_bs", "b", "b_id") },
                     to[] = { a, c, BETWEEN("a_bs", "c", "c_id") },
                     both[] = { a, b, c, BETWEEN("a_bs", "c", "c_id") };
    corm_new_migration *migrations;
    size_t n;
    f->answer = 0;
    assert_found(f, from, 3, to, 3, NULL,
                 "shop.0002_delete_a_bs_delete_b_c_a_bs(shop.0001_initial): Delete table a_bs; "
                 "Delete table b; Create table c; Create table a_bs");
    assert_found(f, from, 3, both, 4, NULL,
                 "shop.0002_delete_a_bs_c_a_bs(shop.0001_initial): Delete table a_bs; Create table "
                 "c; Create table a_bs");
    assert_int_equal(f->asked, 1);
    f->answer = 1;
    assert_found(f, from, 3, both, 4, NULL,
                 "shop.0002_rename_b_id_a_bs_c_id_c_alter_a_bs_c_id(shop.0001_initial): Rename "
                 "column b_id of a_bs to c_id; Create table c; Alter column c_id of a_bs");
    assert_int_equal(detect(f, from, 3, to, 3, NULL, &migrations, &n), 0);
    f->answer = -1;
    assert_int_equal(detect(f, from, 3, both, 4, NULL, &migrations, &n), CORM_ERROR_USAGE);
    assert_string_equal(f->error.message,
                        "many-to-many table a_bs refers to c instead of b now: do its rows stay, "
                        "with the numbers that they have?");
}

/* A key of several columns, of which one goes with the table that it refers to. */
static void test_detect__lets_a_table_go_that_a_key_referred_to(void **state) {
    fixture *f = *state;
    const corm_table b = PLAIN("shop", "b", "B", VARCHAR("y")),
                     links = { .name = "links",
                               .app = "shop",
                               .model = "Link",
                               .primary_key = "n, b_id",
                               .columns = (const corm_column[]){ { "n", .kind = CORM_INTEGER },
                                                                 KEY("b_id", "b"),
                                                                 { 0 } } },
                     plain = { .name = "links",
                               .app = "shop",
                               .model = "Link",
                               .primary_key = "n",
                               .columns =
                                   (const corm_column[]){ { "n", .kind = CORM_INTEGER }, { 0 } } };
    const corm_table from[] = { b, links };
    assert_found(f, from, 2, &plain, 1, NULL,
                 "shop.0002_alter_link_b_id_delete_b_alter_link_primary_key_and_more(shop.0001_"
                 "initial): Alter column "
                 "b_id of links; Delete table b; Alter primary key of links; Remove column b_id "
                 "from links");
}

static void test_detect__moves_a_model_to_another_app(void **state) {
    corm_table moved = user;
    moved.app = "shop";
    assert_found(*state, &user, 1, &moved, 1, NULL, "");
    moved.columns = COLUMNS_OF(ID, { "email", .kind = CORM_VARCHAR, .max_length = 100 },
                               { "age", .kind = CORM_INTEGER, .null = true });
    assert_found(*state, &user, 1, &moved, 1, NULL,
                 "shop.0001_initial(core.0001_initial): Add column age to users");
}

typedef struct noted {
    char text[1000];
} noted;
static void note(void *context, const corm_open_question *question) {
    noted *n = context;
    size_t length = strlen(n->text);
    snprintf(n->text + length, sizeof n->text - length, "%s %s %s.%s: %s\n", question->kind,
             question->app, question->table, question->column ? question->column : "",
             question->text);
}

static void test_detect__tells_all_open_questions(void **state) {
    fixture *f = *state;
    noted n = { "" };
    const corm_table before[] = { user,
                                  { .name = "tags",
                                    .app = "core",
                                    .model = "Tag",
                                    .primary_key = "id",
                                    .columns =
                                        COLUMNS_OF(ID, { "word", .kind = CORM_TEXT, .null = true },
                                                   { "note", .kind = CORM_TEXT, .null = true }) } };
    const corm_table after[] = { { .name = "people",
                                   .app = "core",
                                   .model = "Person",
                                   .primary_key = "id",
                                   .columns = user.columns },
                                 { .name = "tags",
                                   .app = "core",
                                   .model = "Tag",
                                   .primary_key = "id",
                                   .columns = COLUMNS_OF(ID, { "label", .kind = CORM_TEXT },
                                                         { "note", .kind = CORM_TEXT },
                                                         { "rank", .kind = CORM_INTEGER }) } };
    const corm_schema from = { before, 2 }, to = { after, 2 };
    corm_questions questions = { .open = note, .context = &n };
    corm_found *found;
    size_t count;
    assert_int_equal(
        corm__detect(&from, &to, NULL, &questions, &f->arena, &found, &count, &f->error),
        CORM_ERROR_USAGE);
    assert_string_equal(
        n.text, "renamed_table core people.: app core: was table users renamed to people?\n"
                "renamed_column core tags.label: table tags: was column word renamed to label?\n"
                "fill core tags.rank: table tags: column rank is NOT NULL and has no default; what "
                "do the rows get that are there?\n"
                "fill core tags.note: table tags: column note is NOT NULL and has no default; what "
                "do the rows get that are there?\n");
    assert_non_null(strstr(f->error.hint, "renamed_from(\"users\") in model Person"));
}

static int stops(void *context, const corm_table *table, const corm_column *from,
                 const corm_column *to) {
    return (void)context, (void)table, (void)from, (void)to, CORM_QUESTION_STOP;
}

static void test_detect__stops_when_a_person_does(void **state) {
    fixture *f = *state;
    corm_table other = user;
    other.columns = COLUMNS_OF(ID, { "mail", .kind = CORM_VARCHAR, .max_length = 100 });
    const corm_schema from = { &user, 1 }, to = { &other, 1 };
    corm_questions questions = { .renamed_column = stops };
    corm_found *found;
    size_t count;
    assert_int_equal(
        corm__detect(&from, &to, NULL, &questions, &f->arena, &found, &count, &f->error),
        CORM_ERROR_CANCELLED);
}

/* --- random pairs --- */

/* Applies the new migrations in an order that their dependencies alone give, the last possible
 * first: nothing may rest on luck. */
static void apply_all(fixture *f, corm_state *s, const corm_new_migration *m, size_t n) {
    bool done[64] = { 0 };
    for (size_t left = n; left; left--) {
        size_t pick = n;
        for (size_t i = n; i-- > 0 && pick == n;) {
            bool ready = !done[i];
            for (size_t k = 0; ready && k < n; k++)
                for (const char **name = m[i].depends_on; ready && *name; name++)
                    if (!done[k] && strncmp(*name, m[k].app, 4) == 0 &&
                        strcmp(*name + 5, m[k].name) == 0)
                        ready = false;
            if (ready) pick = i;
        }
        assert_true(pick < n);
        done[pick] = true;
        for (size_t k = 0; k < m[pick].n_operations; k++) {
            corm_change change;
            int status = corm__state_apply(s, &m[pick].operations[k], m[pick].app, &change,
                                           &f->arena, &f->error);
            if (status) print_error("%s.%s: %s\n", m[pick].app, m[pick].name, f->error.message);
            assert_int_equal(status, 0);
        }
    }
}

static int as_it_was(void *context, const corm_table *table, const corm_column *from,
                     const corm_column *to) {
    const char *was = table->name;
    for (const random_lineage *l = ((random_pair *)context)->tables; l->table; l++)
        if (strcmp(l->table, table->name) == 0) was = l->was_table;
    return random_is_renamed(context, was, from->name, table->name, to->name);
}
static int never(void *context, const corm_table *from, const corm_table *to) {
    return (void)context, (void)from, (void)to, 0;
}
static int any_fill(void *context, const corm_table *table, const corm_column *column,
                    corm_default *out, corm_arena *arena) {
    (void)context, (void)table, (void)arena;
    *out = random_fill(column);
    return 1;
}

/* From nothing to one schema, and from there to what somebody made of it: applied in any order that
 * the dependencies allow, that is where it ends. */
static void random_round(fixture *f, unsigned round, const corm_features *features) {
    static const char *const collations[] = { "C", "POSIX" };
    random_pair pair;
    random_schemas(round, features, collations, &f->arena, &pair);
    const corm_schema nothing = { 0 }, *ways[][2] = { { &nothing, &pair.from },
                                                      { &pair.from, &pair.to },
                                                      { &pair.to, &nothing } };
    corm_questions questions = {
        .renamed_column = as_it_was, .renamed_table = never, .fill = any_fill, .context = &pair
    };
    corm_graph *graph = graph_of(f, NULL, 0);
    for (int way = 0; way < 3; way++) {
        corm_found *found = NULL;
        corm_new_migration *migrations = NULL;
        size_t n_found = 0, n = 0;
        int status = corm__detect(ways[way][0], ways[way][1], pair.declared, &questions, &f->arena,
                                  &found, &n_found, &f->error);
        if (status) fail_msg("round %u: %s", round, f->error.message);
        if (n_found)
            assert_int_equal(corm__into_migrations(graph, ways[way][0], found, n_found, &f->arena,
                                                   &migrations, &n, &f->error),
                             0);
        corm_state s;
        assert_int_equal(corm__state_init(&s, &f->arena, ways[way][0]), 0);
        apply_all(f, &s, migrations, n);
        assert_int_equal(s.n, ways[way][1]->n_tables);
        for (size_t i = 0; i < s.n; i++) {
            char difference[300];
            const corm_table *to = &ways[way][1]->tables[i], *now = corm__state_find(&s, to->name);
            if (!now || !corm__table_equal(now, to, difference, sizeof difference))
                fail_msg("round %u: %s", round, now ? difference : to->name);
        }
        corm__state_release(&s);
    }
}

static void test_detect__brings_random_schemas_to_their_targets(void **state) {
    fixture *f = *state;
    const corm_features all = { .deferrable_unique = true,
                                .deferrable_foreign_keys = true,
                                .include_columns = true,
                                .nulls_not_distinct = true,
                                .partial_indexes = true,
                                .expression_indexes = true,
                                .descending_indexes = true };
    for (unsigned round = 0; round < 400; round++) {
        random_round(f, round, &all);
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
        CASE(test_detect__alters_labels_before_rows_are_filled_with_one),
        CASE(test_detect__renames_columns),
        CASE(test_detect__renames_a_table_with_its_references),
        CASE(test_detect__renames_the_table_between),
        CASE(test_detect__deletes_referring_tables_first),
        CASE(test_detect__indexes_and_constraints),
        CASE(test_detect__renames_and_alters_constraints),
        CASE(test_detect__renames_a_table_and_all_in_it),
        CASE(test_detect__renames_in_a_chain),
        CASE(test_detect__alters_a_key_with_what_refers_to_it),
        CASE(test_detect__changes_a_primary_key),
        CASE(test_detect__moves_what_makes_a_key_unique),
        CASE(test_detect__makes_computed_columns_anew),
        CASE(test_detect__turns_many_to_many_into_a_column_and_back),
        CASE(test_detect__turns_a_table_between_into_a_model_and_back),
        CASE(test_detect__asks_for_two_tables_that_refer_to_each_other),
        CASE(test_detect__asks_for_a_table_and_its_column),
        CASE(test_detect__asks_for_a_column_that_is_altered_too),
        CASE(test_detect__asks_for_a_table_that_moves_to_another_app),
        CASE(test_detect__swaps_tables),
        CASE(test_detect__leaves_tables_whose_models_changed_names),
        CASE(test_detect__moves_tables_in_a_row),
        CASE(test_detect__swaps_columns),
        CASE(test_detect__asks_what_becomes_of_a_relation_that_points_elsewhere),
        CASE(test_detect__lets_a_table_go_that_a_key_referred_to),
        CASE(test_detect__moves_a_model_to_another_app),
        CASE(test_detect__tells_all_open_questions),
        CASE(test_detect__stops_when_a_person_does),
        CASE(test_detect__brings_random_schemas_to_their_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
