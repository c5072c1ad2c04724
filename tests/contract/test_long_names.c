/* usage: test_long_names sqlite|postgresql|mariadb
 * Tables between two models whose names are longer than an engine takes, and agree in all that it
 * would keep: made, renamed, undone, with their rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "db/db.h"
#include "migrate/detect/autodetect.h"
#include "migrate/execute/migrate.h"
#include "model/model.h"
#include <corm/query.h>
#ifdef HAVE_POSTGRESQL
#include "server.h"
#endif
#ifdef HAVE_MARIADB
#include "mariadb_server.h"
#endif

#define OWNER "customer_subscription_billing_periods"
CORM_MODEL(Code, Codes, "codes", identity(id), text(name));
CORM_MODEL(Period, Periods, OWNER, identity(id),
           many_to_many(applied_promotional_discount_codes, Code),
           many_to_many(applied_promotional_discount_coupons, Code));
/* The fields of Period, by place. */
enum { ID, CODES, COUPONS, FIELDS };

static corm_settings *settings;
static corm_db *db;
static corm_arena arena;
static char folder[] = "/tmp/corm-names-XXXXXX", url[400];
static corm_error_info error;
static const char *engine;

/* --- versions of a program: what its models are, and the migrations that it has so far --- */
static corm_field fields[FIELDS + 1];
static corm_model period;
static corm_migration migrations[8];
static size_t n_migrations;
static const corm_model *const code_ref = &corm__model_of_Code, *const period_ref = &period;
static corm_app app = { .name = "t" };
static const corm_app *const apps[] = { &app, NULL };

static void version(size_t n_fields) {
    static const corm_model *const *const models[] = { &code_ref, &period_ref, NULL };
    memcpy(fields, corm__model_of_Period.fields, FIELDS * sizeof *fields);
    period = corm__model_of_Period;
    period.fields = fields;
    period.n_fields = n_fields;
    app.models = models;
    app.migrations = migrations;
}

/* makemigrations: the next one, which there must be. */
static void write_migration(void) {
    corm_new_migration *found = NULL;
    size_t n = 0;
    corm_graph *graph = corm__graph_load(apps, &arena, &error);
    if (!graph || corm__autodetect(graph, apps, NULL, &arena, &found, &n, &error))
        fail_msg("%s (%s)", error.message, error.hint);
    assert_int_equal(n, 1);
    corm_migration_body *body = corm__arena_zalloc(&arena, sizeof *body);
    *body = (corm_migration_body){ .depends_on = found->depends_on,
                                   .operations = found->operations };
    migrations[n_migrations++] = (corm_migration){ found->app, found->name, body };
    graph = corm__graph_load(apps, &arena, &error);
    if (!graph || corm__autodetect(graph, apps, NULL, &arena, &found, &n, &error))
        fail_msg("%s (%s)", error.message, error.hint);
    assert_int_equal(n, 0);
}

static void migrate(const char *target) {
    size_t n = 0;
    corm_migrate_options options = { .app = target ? "t" : NULL, .target = target };
    if (corm__migrate(db, settings, NULL, apps, &options, &n))
        fail_msg("%s (%s) [%s]", corm_error(db)->message, corm_error(db)->detail,
                 corm_error(db)->sql);
}

static const char *between(size_t field) {
    corm_between found;
    assert_int_equal(corm__between(&period, &fields[field], &arena, &found), 0);
    assert_true(strlen(found.table) <= 63);
    return found.table;
}

static void run(const char *format, const char *table) {
    corm_buffer sql = { 0 }, name = { 0 };
    db->backend->identifier(&name, table);
    corm__buffer_printf(&sql, format, corm__buffer_text(&name));
    if (corm_exec(db, corm__buffer_text(&sql))) fail_msg("%s", corm_error(db)->message);
    corm__buffer_release(&sql);
    corm__buffer_release(&name);
}

CORM_ROW(Number, bigint(n));
static int64_t links(const char *table) {
    corm_buffer sql = { 0 };
    corm__buffer_puts(&sql, "SELECT count(*) AS n FROM ");
    db->backend->identifier(&sql, table);
    Number *row = corm_sql(db, Number, corm__buffer_text(&sql));
    corm__buffer_release(&sql);
    if (!row) fail_msg("%s", corm_error(db)->message);
    int64_t n = row->n;
    corm_free(row);
    return n;
}

static void assert_as_the_models(void) {
    corm_schema wanted, live;
    if (corm__schema_of_apps(apps, &arena, &wanted, &error) ||
        db->backend->introspect(db->conn, NULL, &arena, &live, &error))
        fail_msg("%s", error.message);
    for (size_t i = 0; i < wanted.n_tables; i++) {
        char difference[512];
        const corm_table *table = corm__table_find(&live, wanted.tables[i].name);
        if (!table) fail_msg("no table %s", wanted.tables[i].name);
        if (!corm__table_equal(&wanted.tables[i], table, difference, sizeof difference))
            fail_msg("%s", difference);
    }
    for (size_t i = 0; i < live.n_tables; i++)
        if (!corm__table_find(&wanted, live.tables[i].name))
            assert_memory_equal(live.tables[i].name, "corm_", 5);
}

static void assert_empty(void) {
    corm_schema live;
    if (db->backend->introspect(db->conn, NULL, &arena, &live, &error))
        fail_msg("%s", error.message);
    for (size_t i = 0; i < live.n_tables; i++) assert_memory_equal(live.tables[i].name, "corm_", 5);
}

static int64_t code, own;
static void add_rows(void) {
    Code a = { .name = "a" };
    Period p = { 0 };
    assert_int_equal(corm_insert(db, Codes, &a), 0);
    assert_int_equal(corm_insert(db, Periods, &p), 0);
    code = a.id;
    own = p.id;
    assert_true(corm_add(db, Periods, applied_promotional_discount_codes, own, &code, 1) >= 0);
}

static void test_long_names__are_made_renamed_and_undone(void **state) {
    (void)state;
    version(COUPONS);
    write_migration();
    migrate(NULL);
    assert_as_the_models();
    add_rows();
    version(FIELDS);
    write_migration();
    migrate(NULL);
    assert_as_the_models();
    char *codes = corm__arena_strdup(&arena, between(CODES)),
         *coupons = corm__arena_strdup(&arena, between(COUPONS));
    assert_string_not_equal(codes, coupons);
    assert_true(corm_add(db, Periods, applied_promotional_discount_coupons, own, &code, 1) >= 0);
#define having(relation) corm_count(db, Periods, .where = EQ(Periods.relation->name, "a"))
    assert_int_equal(having(applied_promotional_discount_codes), 1);
    assert_int_equal(having(applied_promotional_discount_coupons), 1);
    /* a relation has another name */
    fields[COUPONS].renamed_from = fields[COUPONS].name;
    fields[COUPONS].name = "applied_promotional_discount_cards";
    write_migration();
    migrate(NULL);
    assert_as_the_models();
    char *cards = corm__arena_strdup(&arena, between(COUPONS));
    assert_int_equal(links(cards), 1);
    /* the model's table has one */
    fields[FIELDS] = (corm_field){ .item = CORM_ITEM_RENAMED_FROM, .sql = OWNER };
    fields[COUPONS].renamed_from = NULL;
    period.n_fields++;
    period.table = "customer_subscription_billing_intervals_of_time";
    write_migration();
    migrate(NULL);
    assert_as_the_models();
    assert_int_equal(links(between(CODES)), 1);
    assert_int_equal(links(between(COUPONS)), 1);
    /* and back, step by step, with the rows */
    migrate(migrations[2].name);
    assert_int_equal(links(cards), 1);
    migrate(migrations[1].name);
    assert_int_equal(links(coupons), 1);
    version(FIELDS);
    assert_as_the_models();
    migrate(migrations[0].name);
    assert_int_equal(links(codes), 1);
    version(COUPONS);
    assert_as_the_models();
    migrate("zero");
    assert_empty();
}

/* All of them at once, from nothing. */
static void test_long_names__from_nothing(void **state) {
    (void)state;
    version(FIELDS);
    fields[COUPONS].name = "applied_promotional_discount_cards";
    period.table = "customer_subscription_billing_intervals_of_time";
    migrate(NULL);
    assert_as_the_models();
    migrate("zero");
    assert_empty();
}

/* Two relations to one model look alike: whose table is whose, the names say, or else nobody. */
static void test_long_names__follow_the_model_or_are_asked_for(void **state) {
    (void)state;
    n_migrations = 0;
    memset(migrations, 0, sizeof migrations);
    version(FIELDS);
    fields[CODES].name = "codes";
    fields[COUPONS].name = "coupons";
    period.table = "plans";
    write_migration();
    migrate(NULL);
    if (corm_exec(db, "INSERT INTO codes (name) VALUES ('a')") ||
        corm_exec(db, strcmp(engine, "mariadb") ? "INSERT INTO plans DEFAULT VALUES"
                                                : "INSERT INTO plans VALUES ()"))
        fail_msg("%s", corm_error(db)->message);
    run("INSERT INTO %s SELECT plans.id, codes.id FROM plans, codes", "plans_coupons");
    period.table = "offers";
    write_migration();
    migrate(NULL);
    assert_as_the_models();
    assert_int_equal(links("offers_codes"), 0);
    assert_int_equal(links("offers_coupons"), 1);
    period.table = OWNER;
    write_migration();
    fields[CODES].name = corm__model_of_Period.fields[CODES].name;
    fields[CODES].renamed_from = "codes";
    fields[COUPONS].name = corm__model_of_Period.fields[COUPONS].name;
    fields[COUPONS].renamed_from = "coupons";
    write_migration();
    migrate(NULL);
    assert_as_the_models();
    assert_int_equal(links(between(CODES)), 0);
    assert_int_equal(links(between(COUPONS)), 1);
    fields[CODES].renamed_from = fields[COUPONS].renamed_from = NULL;
    period.table = "customer_subscription_billing_intervals_of_time";
    corm_new_migration *found = NULL;
    size_t n = 0;
    corm_graph *graph = corm__graph_load(apps, &arena, &error);
    assert_int_not_equal(corm__autodetect(graph, apps, NULL, &arena, &found, &n, &error), 0);
    assert_non_null(strstr(error.message, "customer_subscription_billing"));
    migrate("zero");
    assert_empty();
}

/* Before names were shortened a table had the whole one; a server cut it. */
static void test_long_names__of_an_older_version(void **state) {
    (void)state;
    if (strcmp(engine, "mariadb") == 0) skip(); /* it refused the name: there is no such table */
    n_migrations = 0;
    memset(migrations, 0, sizeof migrations);
    version(COUPONS);
    write_migration();
    const char *now = between(CODES);
    const char *full = corm__between_full_name(&period, &fields[CODES], &arena);
    assert_true(strlen(full) > 63);
    corm_operation *o = (corm_operation *)(uintptr_t)migrations[0].body->operations;
    for (; o->kind; o++)
        if (o->table && strcmp(o->table, now) == 0) o->table = full;
    migrate(NULL);
    Code a = { .name = "a" };
    Period p = { 0 };
    assert_int_equal(corm_insert(db, Codes, &a), 0);
    assert_int_equal(corm_insert(db, Periods, &p), 0);
    char values[64];
    snprintf(values, sizeof values, "INSERT INTO %%s VALUES (%lld, %lld)", (long long)p.id,
             (long long)a.id);
    run(values, full);
    write_migration();
    migrate(NULL);
    assert_int_equal(links(now), 1);
    migrate("zero");
    assert_empty();
}

static int set_up(void **state) {
    static const char *const no_environment[] = { NULL };
    (void)state;
    corm_settings_options options = { .url = url,
                                      .no_env_file = true,
                                      .environment = no_environment };
    settings = corm_settings_load(&options, &error);
    db = settings ? corm_open_with(settings, NULL) : NULL;
    if (!db || corm_failed(db)) print_error("%s\n", db ? corm_error(db)->message : error.message);
    return !db || corm_failed(db);
}

static int tear_down(void **state) {
    (void)state;
    corm_close(db);
    corm_settings_free(settings);
    corm__arena_release(&arena);
    unlink(url + strlen("sqlite:///"));
    rmdir(folder);
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 2 || !mkdtemp(folder)) return 64;
    engine = argv[1];
    snprintf(url, sizeof url, "sqlite:///%s/db", folder);
#ifdef HAVE_POSTGRESQL
    if (strcmp(engine, "postgresql") == 0)
        snprintf(url, sizeof url, "%s", test_postgresql_new_database());
#endif
#ifdef HAVE_MARIADB
    if (strcmp(engine, "mariadb") == 0)
        snprintf(url, sizeof url, "%s", test_mariadb_new_database());
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_names__are_made_renamed_and_undone),
        cmocka_unit_test(test_long_names__from_nothing),
        cmocka_unit_test(test_long_names__follow_the_model_or_are_asked_for),
        cmocka_unit_test(test_long_names__of_an_older_version),
    };
    return cmocka_run_group_tests_name(engine, tests, set_up, tear_down);
}
