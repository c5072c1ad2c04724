/* usage: test_models sqlite|postgresql
 * Models become migrations, migrations become tables, and the live tables are those of the models:
 * with every kind of column and every item. */
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
#ifdef HAVE_POSTGRESQL
#include "server.h"
#endif

CORM_ENUM(Level, label(LEVEL_LOW, "low"), label(LEVEL_HIGH, "it's \"high\""));

CORM_MODEL(Person, Persons, "people",
    identity(id),
    varchar(email, 255, .unique = true, .comment = "lower case; it's unique"),
    has_many(things, Thing, owner));

CORM_MODEL(Label, Labels, "labels",
    uuid(code, .primary_key = true),
    varchar(name, 40));

CORM_MODEL(
    Thing, Things, "things", identity(id), smallint(a_smallint, .default_value = DEFAULT(-3)),
    integer(an_integer, .default_value = DEFAULT(30), .index = true),
    bigint(a_bigint, .default_value = DEFAULT(9007199254740993)),
    boolean(a_boolean, .default_value = DEFAULT(1)), real(a_real, .default_value = DEFAULT(0.5)),
    double_precision(a_double, .default_value = DEFAULT(2.5)),
    decimal(a_decimal, 12, 2, .default_value = DEFAULT("1.50")),
    varchar(a_varchar, 20, .default_value = DEFAULT("it's")),
    text(a_text, .default_value = DEFAULT("")), text(a_null_text, .null = true),
    blob(a_blob, .null = true), date(a_date, .default_value = DEFAULT("2026-01-02")),
    time(a_time, .default_value = DEFAULT("03:04:05")),
    timestamp(a_timestamp, .default_value = DEFAULT_SQL("CURRENT_TIMESTAMP")),
    interval(an_interval, .default_value = DEFAULT(1500000)),
    uuid(a_uuid, .default_value = DEFAULT("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
    json(a_json, .default_value = DEFAULT("{\"a\": 1}")),
    enumeration(level, Level, .default_value = DEFAULT(LEVEL_HIGH)),
    varchar(choice, 10, .choices = "one, not one", .default_value = DEFAULT("one")),
    optional_smallint(o_smallint), optional_integer(o_integer), optional_bigint(o_bigint),
    optional_boolean(o_boolean), optional_real(o_real), optional_double_precision(o_double),
    optional_decimal(o_decimal, 38, 10), optional_date(o_date), optional_time(o_time),
    optional_timestamp(o_timestamp), optional_interval(o_interval), optional_uuid(o_uuid),
    bigint(twice, .generated = "a_bigint * 2"),
    varchar(order, 9, .default_value = DEFAULT("x"), .choices = "x, y"),
    foreign_key(owner, Person, .on_delete = CORM_CASCADE),
    optional_foreign_key(keeper, Person, .on_delete = CORM_SET_NULL, .column = "kept_by"),
    optional_foreign_key_uuid(label, Label, .on_delete = CORM_RESTRICT, .deferrable = true),
    optional_foreign_key(parent, Thing),
    optional_one_to_one(twin, Thing, .on_delete = CORM_PROTECT), many_to_many(labels, Label),
    many_to_many(related, Thing), index(things_recent, owner_id, a_timestamp),
    partial_index(things_open, "a_null_text IS NULL AND a_bigint > 0", an_integer, a_smallint),
    unique(things_once, a_varchar, owner_id),
    partial_unique(things_one_open, "a_boolean = (1 = 1)", a_uuid),
    check(things_positive, "a_decimal >= 0 AND (an_integer BETWEEN 1 AND 99 OR NOT a_bigint = 5)"),
    check(things_named, "a_varchar <> '' AND a_varchar IN ('it''s', 'b') OR a_text LIKE 'x%'"),
    comment("every kind of column"));

CORM_MODEL(Loan, Loans, "loans",
    foreign_key(person, Person, .on_delete = CORM_CASCADE),
    foreign_key(thing, Thing),
    timestamp(since),
    primary_key(person_id, thing_id));

CORM_APP(people, .models = CORM_MODELS(Persons));
CORM_APP(things, .models = CORM_MODELS(Things, Labels, Loans));

static corm_settings *settings;
static corm_db *db;
static corm_arena arena;
static char folder[] = "/tmp/corm-models-XXXXXX", url[400];
static corm_error_info error;

/* The apps with the migrations that are found to be missing. */
static const corm_app *const *migrated(const corm_app *const *apps) {
    static corm_app own[8];
    static const corm_app *list[9];
    corm_new_migration *found = NULL;
    size_t n = 0;
    corm_graph *graph = corm__graph_load(apps, &arena, &error);
    if (!graph || corm__autodetect(graph, apps, NULL, &arena, &found, &n, &error))
        fail_msg("%s (%s)", error.message, error.hint);
    for (size_t a = 0; apps[a]; a++) {
        corm_migration *migrations = corm__arena_array(&arena, n + 1, sizeof *migrations);
        size_t count = 0;
        for (size_t i = 0; i < n; i++) {
            if (strcmp(found[i].app, apps[a]->name) != 0) continue;
            corm_migration_body *body = corm__arena_zalloc(&arena, sizeof *body);
            *body = (corm_migration_body){ .depends_on = found[i].depends_on,
                                           .operations = found[i].operations };
            migrations[count++] = (corm_migration){ found[i].app, found[i].name, body };
        }
        own[a] = *apps[a];
        own[a].migrations = migrations;
        list[a] = &own[a];
        list[a + 1] = NULL;
    }
    return list;
}

static void migrate(const corm_app *const *apps, const char *app, const char *target) {
    size_t n = 0;
    corm_migrate_options options = { .app = app, .target = target };
    if (corm__migrate(db, settings, NULL, apps, &options, &n))
        fail_msg("%s (%s) [%s]", corm_error(db)->message, corm_error(db)->detail,
                 corm_error(db)->sql);
}

/* What the engine does not keep is not compared. */
static const corm_table *as_kept(const corm_table *table) {
    const corm_features *has = db->backend->features;
    corm_table *own = corm__table_clone(&arena, table);
    assert_non_null(own);
    if (!has->table_comments) own->comment = NULL;
    corm_column *columns = corm__arena_array(&arena, corm__column_count(own) + 1, sizeof *columns);
    memcpy(columns, own->columns, corm__column_count(own) * sizeof *columns);
    for (corm_column *column = columns; column->name; column++)
        if (!has->column_comments) column->comment = NULL;
    own->columns = columns;
    return own;
}

static void test_models__become_the_tables_that_they_describe(void **state) {
    (void)state;
    const corm_app *const *apps = migrated(CORM_APPS(people, things));
    migrate(apps, NULL, NULL);
    corm_schema wanted, live;
    if (corm__schema_of_apps(apps, &arena, &wanted, &error) ||
        db->backend->introspect(db->conn, NULL, &arena, &live, &error))
        fail_msg("%s", error.message);
    assert_int_equal(wanted.n_tables, 6);
    for (size_t i = 0; i < wanted.n_tables; i++) {
        char difference[512];
        const corm_table *table = corm__table_find(&live, wanted.tables[i].name);
        if (!table) fail_msg("no table %s", wanted.tables[i].name);
        if (!corm__table_equal(as_kept(&wanted.tables[i]), table, difference, sizeof difference))
            fail_msg("%s", difference);
    }
    for (size_t i = 0; i < live.n_tables; i++)
        if (!corm__table_find(&wanted, live.tables[i].name))
            assert_memory_equal(live.tables[i].name, "corm_", 5);
}

static void test_models__need_nothing_more_once_migrated(void **state) {
    (void)state;
    const corm_app *const *apps = migrated(CORM_APPS(people, things));
    corm_new_migration *found = NULL;
    size_t n = 0;
    corm_graph *graph = corm__graph_load(apps, &arena, &error);
    assert_non_null(graph);
    assert_int_equal(corm__autodetect(graph, apps, NULL, &arena, &found, &n, &error), 0);
    assert_int_equal(n, 0);
}

static void test_models__are_checked_for_this_engine_without_findings(void **state) {
    (void)state;
    corm_check_messages messages = { .arena = &arena };
    assert_int_equal(corm__check_apps(CORM_APPS(people, things), db->backend, &messages), 0);
    for (size_t i = 0; i < messages.count; i++)
        if (strcmp(messages.items[i].id, "models.W001") != 0)
            fail_msg("%s: %s", messages.items[i].object, messages.items[i].message);
}

static void test_models__go_without_a_trace(void **state) {
    (void)state;
    const corm_app *const *apps = migrated(CORM_APPS(people, things));
    migrate(apps, "things", "zero");
    migrate(apps, "people", "zero");
    corm_schema live;
    if (db->backend->introspect(db->conn, NULL, &arena, &live, &error))
        fail_msg("%s", error.message);
    for (size_t i = 0; i < live.n_tables; i++) assert_memory_equal(live.tables[i].name, "corm_", 5);
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
    snprintf(url, sizeof url, "sqlite:///%s/db", folder);
#ifdef HAVE_POSTGRESQL
    if (strcmp(argv[1], "postgresql") == 0)
        snprintf(url, sizeof url, "%s", test_postgresql_new_database());
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_models__become_the_tables_that_they_describe),
        cmocka_unit_test(test_models__need_nothing_more_once_migrated),
        cmocka_unit_test(test_models__are_checked_for_this_engine_without_findings),
        cmocka_unit_test(test_models__go_without_a_trace),
    };
    return cmocka_run_group_tests_name(argv[1], tests, set_up, tear_down);
}
