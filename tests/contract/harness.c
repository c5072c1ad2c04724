#include "harness.h"
#include "db/db.h"
#include "model/model.h"
#include "schema/schema.h"
#ifdef HAVE_POSTGRESQL
#include "server.h"
#endif
#ifdef HAVE_MARIADB
#include "mariadb_server.h"
#endif
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

CORM_APP(contract, .models = CORM_MODELS(Countries, Users, Profiles, Tags, Recipes, Comments,
                                         AllKinds, Optionals, Authors, Books, Prizes, Seats,
                                         Badges, Knots, Accounts, Measures, Readers, Volumes,
                                         Stamps, Stampings, Visits, Racks, Boxes,
                                         Stickers, Sheets, Places));

const quirks *quirk;
corm_db *db;
User ada, bob, eve;
Recipe soup, stew, cake, bread;
Tag vegan, quick, sweet;
static corm_settings *settings;
static char *file;      /* of SQLite */
static char database[65];       /* of MariaDB; the schema of PostgreSQL */

static void give_up(const char *what, const corm_error_info *error) {
    fprintf(stderr, "contract: %s: %s\n", what, error->message);
    exit(1);
}

void assert_ok_(int64_t status, const char *call, const char *path, int line) {
    if (status >= 0 && !corm_failed(db)) return;
    print_error("%s\n  %s: %s\n  %s\n", call, corm_status_name(corm_error(db)->status),
                corm_error(db)->message, corm_error(db)->sql);
    _fail(path, line);
}

void assert_rows_(const void *rows, size_t n, const char *call, const char *path, int line) {
    if (!rows) assert_ok_(-1, call, path, line);
    if (corm_len(rows) == n) return;
    print_error("%s: %zu rows, not %zu\n", call, corm_len(rows), n);
    _fail(path, line);
}

void assert_refused_(int status, const char *text, const char *call, const char *path, int line) {
    const corm_error_info *error = corm_error(db);
    if ((int)error->status == status && strstr(error->message, text)) return;
    print_error("%s\n  wanted %s with \"%s\"\n  got %s: %s\n  %s\n", call, corm_status_name(status),
                text, corm_status_name(error->status), error->message, error->sql);
    _fail(path, line);
}

static void make_table(const corm_table *table, const corm_schema *schema, corm_arena *arena) {
    corm_error_info error = { 0 };
    corm_script script = { .arena = arena,
                           .error = &error,
                           .version = db->backend->version(db->conn) };
    corm_change change = {
        .kind = CORM_CREATE_TABLE, .after = table, .schema_before = schema, .schema_after = schema
    };
    if (db->backend->ddl(&script, &change, db->conn)) give_up(table->name, &error);
    for (size_t i = 0; i < script.n_steps; i++)
        if (corm_exec(db, script.steps[i].sql)) give_up(script.steps[i].sql, corm_error(db));
}

static void make_tables(const corm_schema *schema) {
    corm_arena arena = { 0 };
    /* A table in between comes behind its model, and may be before the other one. */
    for (int links = 0; links < 2; links++)
        for (size_t i = 0; i < schema->n_tables; i++)
            if ((schema->tables[i].model && *schema->tables[i].model) != links)
                make_table(&schema->tables[i], schema, &arena);
    corm__arena_release(&arena);
}

static void execute(const char *sql) {
    if (corm_exec(db, sql)) give_up(sql, corm_error(db));
}

CORM_ROW(Shape, varchar(name, 64), bigint(columns), bigint(sum));

/* Of what is there: a test that makes or alters tables changes it. */
static void read_shape(Shape *shape) {
    Shape *row = corm_sql(db, Shape, quirk->shape);
    if (!row) give_up("the columns", corm_error(db));
    snprintf(database, sizeof database, "%s", row->name);
    *shape = (Shape){ .columns = row->columns, .sum = row->sum };
    corm_free(row);
}

/* On a server the tables of the test before are emptied, where they are as they were: to make them
 * takes longer than most tests do. */
static void renew_tables(void) {
    static corm_arena arena;
    static corm_schema schema;
    static Shape made;
    static char empty[4000];
    corm_error_info error = { 0 };
    Shape now = { 0 };
    if (!schema.n_tables &&
        corm__schema_of_apps((const corm_app *const[]){ &corm__app_contract, NULL }, &arena,
                             &schema, &error))
        give_up("schema", &error);
    if (quirk->shape) read_shape(&now);
    if (now.columns && now.columns == made.columns && now.sum == made.sum) {
        execute(empty);
        return;
    }
    if (quirk->shape) {
        char sql[500];
        snprintf(sql, sizeof sql, quirk->renew, database, database, database);
        execute(sql);
        int length = snprintf(empty, sizeof empty, "%s", quirk->empty[0]);
        for (size_t i = 0; i < schema.n_tables; i++)
            length += snprintf(empty + length, sizeof empty - (size_t)length, "%s%s",
                               i ? quirk->empty[1] : "", schema.tables[i].name);
        snprintf(empty + length, sizeof empty - (size_t)length, "%s", quirk->empty[2]);
    }
    make_tables(&schema);
    if (quirk->shape) read_shape(&made);
}

corm_db *harness_connect(void) {
    corm_db *other = corm_open_with(settings, NULL);
    if (!other || corm_failed(other)) give_up("open", corm_error(other));
    return other;
}

int harness_setup(void **state) {
    (void)state;
    corm_error_info error;
    const char *url = NULL;
    char text[256];
    if (strcmp(quirk->engine, "sqlite") == 0) {
        snprintf(text, sizeof text, "/tmp/corm-contract-%d.sqlite3", (int)getpid());
        file = strdup(text);
        unlink(file);
        snprintf(text, sizeof text, "sqlite:///%s", file);
        url = text;
    }
#ifdef HAVE_POSTGRESQL
    if (strcmp(quirk->engine, "postgresql") == 0) url = test_postgresql_url();
#endif
#ifdef HAVE_MARIADB
    if (strcmp(quirk->engine, "mariadb") == 0) url = test_mariadb_url();
#endif
    settings = corm_settings_load(
        &(corm_settings_options){
            .url = url, .no_env_file = true, .environment = (const char *const[]){ NULL } },
        &error);
    if (!settings) give_up("settings", &error);
    db = harness_connect();
    renew_tables();
    return 0;
}

int harness_teardown(void **state) {
    (void)state;
    corm_close(db);
    db = NULL;
    corm_settings_free(settings);
    if (file) {
        char other[280];
        unlink(file);
        for (int i = 0; i < 2; i++) {
            snprintf(other, sizeof other, "%s%s", file, i ? "-wal" : "-shm");
            unlink(other);
        }
        free(file);
        file = NULL;
    }
    return 0;
}

static void add_recipe(Recipe *recipe, const char *title, int minutes, int cents, const User *user,
                       const Recipe *parent) {
    *recipe = (Recipe){ .title = title,
                        .time_minutes = minutes,
                        .price = corm_decimal_of(cents, 2),
                        .level = minutes > 60 ? LEVEL_HARD : LEVEL_EASY,
                        .user_id = user->id };
    if (parent) recipe->parent_id = (corm_optional_bigint)CORM_SOME(parent->id);
    assert_ok(corm_insert(db, Recipes, recipe));
}

void fill(void) {
    Country countries[] = { { .code = "GB", .name = "United Kingdom" },
                            { .code = "GR", .name = "Ελλάδα" } };
    for (int i = 0; i < 2; i++) assert_ok(corm_insert(db, Countries, &countries[i]));
    ada = (User){ .email = "ada@example.com",
                  .name = "Ada",
                  .country_id = CORM_SOME(countries[0].id) };
    bob = (User){ .email = "bob@example.com",
                  .name = "Bob",
                  .country_id = CORM_SOME(countries[1].id) };
    eve = (User){ .email = "eve@example.com", .name = "Eve" };
    assert_ok(corm_insert(db, Users, &ada));
    assert_ok(corm_insert(db, Users, &bob));
    assert_ok(corm_insert(db, Users, &eve));
    assert_ok(corm_insert(db, Profiles, (&(Profile){ .user_id = ada.id, .about = "counts" })));
    vegan = (Tag){ .name = "vegan", .colour = "green" };
    quick = (Tag){ .name = "quick" };
    sweet = (Tag){ .name = "sweet", .colour = "pink" };
    assert_ok(corm_insert(db, Tags, &vegan));
    assert_ok(corm_insert(db, Tags, &quick));
    assert_ok(corm_insert(db, Tags, &sweet));
    add_recipe(&soup, "Soup", 20, 350, &ada, NULL);
    add_recipe(&stew, "Stew", 90, 1299, &ada, &soup);
    add_recipe(&cake, "Cake", 60, 800, &bob, NULL);
    add_recipe(&bread, "Bread", 120, 199, &bob, &cake);
    assert_ok(corm_add(db, Recipes, tags, soup.id, ((int64_t[]){ vegan.id, quick.id }), 2));
    assert_ok(corm_add(db, Recipes, tags, cake.id, ((int64_t[]){ sweet.id }), 1));
    assert_ok(corm_add(db, Recipes, tags, bread.id, ((int64_t[]){ vegan.id }), 1));
    Comment comments[] = { { .recipe_id = soup.id, .words = "good", .stars = 4 },
                           { .recipe_id = soup.id, .words = "cold", .stars = 1 },
                           { .recipe_id = cake.id, .words = "good", .stars = 5 } };
    assert_ok(corm_insert_many(db, Comments, comments, 3));
}

int main(int argc, char **argv) {
    const char *engine = argc > 1 ? argv[1] : "sqlite";
    for (quirk = all_quirks; quirk->engine && strcmp(quirk->engine, engine) != 0;) quirk++;
    if (!quirk->engine) {
        fprintf(stderr, "usage: contract sqlite|postgresql|mariadb [TESTS]\n");
        return 64;
    }
    const struct { const char *name; const struct CMUnitTest *tests; size_t n;
    } groups[] = {
        { "kinds", kind_tests, n_kind_tests },
        { "reading", read_tests, n_read_tests },
        { "members", member_tests, n_member_tests },
        { "functions", function_tests, n_function_tests },
        { "conditions", condition_tests, n_condition_tests },
        { "filters", filter_tests, n_filter_tests },
        { "insert_select", insert_select_tests, n_insert_select_tests },
        { "validate", validate_tests, n_validate_tests },
        { "tables", table_tests, n_table_tests },
        { "returning", returning_tests, n_returning_tests },
        { "update_many", update_many_tests, n_update_many_tests },
        { "unconstrained", unconstrained_tests, n_unconstrained_tests },
        { "limits", limit_tests, n_limit_tests },
        { "patterns", pattern_tests, n_pattern_tests },
        { "relations", relation_tests, n_relation_tests },
        { "reports", report_tests, n_report_tests },
        { "meanings", meaning_tests, n_meaning_tests },
        { "writes", write_tests, n_write_tests },
        { "rows", row_tests, n_row_tests },
        { "or_insert", or_insert_tests, n_or_insert_tests },
        { "upsert", upsert_tests, n_upsert_tests },
        { "links", link_tests, n_link_tests },
        { "versions", version_tests, n_version_tests },
        { "transactions", transaction_tests, n_transaction_tests },
        { "broken", broken_tests, n_broken_tests },
        { "sql", sql_tests, n_sql_tests },
        { "texts", text_tests, n_text_tests },
        { "subqueries", subquery_tests, n_subquery_tests },
        { "loads", load_tests, n_load_tests },
        { "trees", tree_tests, n_tree_tests },
    };
    if (argc > 2) cmocka_set_test_filter(argv[2]);
    int failed = 0;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        failed +=
            _cmocka_run_group_tests(groups[i].name, groups[i].tests, groups[i].n, NULL, NULL) != 0;
    return failed != 0;
}
