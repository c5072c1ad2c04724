/* usage: test_histories sqlite|postgresql [ROUNDS [SEED]]
 * Random models are changed at random, again and again; each time the autodetector's migration runs
 * and the live tables must be those of the models. A row that stands in the tables must be there in
 * the end. A failure prints its seed. */
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

enum { MODELS = 3, MOST_FIELDS = 24, MOST_MIGRATIONS = 200 };

static const char *engine = "sqlite";
static unsigned rounds = 30, seed = 1;
static char folder[] = "/tmp/corm-histories-XXXXXX";

/* --- random models --- */

static uint64_t random_state;
static unsigned pick(unsigned n) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % n;
}

static const char *const labels[] = { "low", "high", NULL };
static const int label_values[] = { 0, 1 };
static const corm_enum level = { "Level", labels, label_values };

typedef struct world {
    corm_model models[MODELS];
    corm_field fields[MODELS][MOST_FIELDS];
    char texts[MODELS][MOST_FIELDS][2][40];
    const corm_model *pointers[MODELS];
    const corm_model *const *refs[MODELS + 1];
} world;

static const corm_default defaults[CORM_KIND_COUNT][2] = {
    [CORM_SMALLINT] = { DEFAULT(1), DEFAULT(-2) },
    [CORM_INTEGER] = { DEFAULT(3), DEFAULT(0) },
    [CORM_BIGINT] = { DEFAULT(5), DEFAULT(6) },
    [CORM_BOOLEAN] = { DEFAULT(0), DEFAULT(1) },
    [CORM_DOUBLE_PRECISION] = { DEFAULT(0.5), DEFAULT(-1.25) },
    [CORM_DECIMAL] = { DEFAULT("1.5"), DEFAULT("0") },
    [CORM_VARCHAR] = { DEFAULT("a"), DEFAULT("it's") },
    [CORM_TEXT] = { DEFAULT(""), DEFAULT("1") },
    [CORM_DATE] = { DEFAULT("2026-01-02"), DEFAULT("0001-01-01") },
    [CORM_TIMESTAMP] = { DEFAULT("2026-01-02 03:04:05"), DEFAULT_SQL("CURRENT_TIMESTAMP") },
    [CORM_UUID] = { DEFAULT("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
                    DEFAULT("00000000-0000-0000-0000-000000000000") },
    [CORM_ENUMERATION] = { DEFAULT("low"), DEFAULT(1) },
};

/* A column changes its kind among those that have a meaning in common. */
static corm_field random_column(const char *name, unsigned family) {
    static const corm_kind kinds[][5] = {
        { CORM_SMALLINT, CORM_INTEGER, CORM_BIGINT, CORM_DOUBLE_PRECISION, CORM_DECIMAL },
        { CORM_VARCHAR, CORM_TEXT, CORM_ENUMERATION, CORM_VARCHAR, CORM_TEXT },
        { CORM_DATE, CORM_TIMESTAMP, CORM_DATE, CORM_TIMESTAMP, CORM_TIMESTAMP },
        { CORM_BOOLEAN, CORM_BOOLEAN, CORM_BOOLEAN, CORM_BOOLEAN, CORM_BOOLEAN },
        { CORM_UUID, CORM_UUID, CORM_UUID, CORM_UUID, CORM_UUID },
    };
    corm_field field = { .item = CORM_ITEM_COLUMN, .name = name, .kind = kinds[family][pick(5)] };
    field.optional = pick(3) == 0;
    if (field.kind == CORM_VARCHAR) field.max_length = pick(2) ? 40 : 60;
    if (field.kind == CORM_DECIMAL) field.digits = 10 + (int)pick(3), field.places = 2;
    if (field.kind == CORM_ENUMERATION) field.labels = &level;
    if (field.kind == CORM_VARCHAR && pick(4) == 0)
        field.choices = pick(2) ? "a, it's" : "a, it's, b";
    if (pick(2)) field.default_value = defaults[field.kind][pick(2)];
    field.index = pick(4) == 0;
    if (pick(6) == 0) field.comment = pick(2) ? "one" : "it's two";
    return field;
}

/* Fields 0 to 7 are columns, then relations, then items of the table. */
static void fill(world *w, size_t m) {
    corm_model *model = &w->models[m];
    corm_field *fields = w->fields[m];
    char(*texts)[2][40] = w->texts[m];
    size_t n = 0;
    fields[n++] = (corm_field){
        .item = CORM_ITEM_COLUMN, .name = "id", .kind = CORM_IDENTITY, .primary_key = true
    };
    for (unsigned i = 0; i < 8; i++) {
        if (pick(4) == 0) continue;
        unsigned family = pick(5);
        snprintf(texts[n][0], sizeof texts[n][0], "c%u_%c", i, "ntdbu"[family]);
        fields[n] = random_column(texts[n][0], family);
        n++;
    }
    size_t columns = n;
    for (unsigned i = 0; i < 2; i++) {
        if (pick(2)) continue;
        snprintf(texts[n][0], sizeof texts[n][0], "r%u", i);
        fields[n] = (corm_field){ .item = pick(4) ? CORM_ITEM_FOREIGN_KEY : CORM_ITEM_ONE_TO_ONE,
                                  .name = texts[n][0],
                                  .kind = CORM_BIGINT,
                                  .optional = true,
                                  .to = &w->models[pick(MODELS)],
                                  .constraint = pick(4) != 0 };
        if (fields[n].constraint) {
            fields[n].on_delete = pick(2) ? CORM_CASCADE : CORM_SET_NULL;
            fields[n].deferrable = pick(4) == 0;
        }
        n++;
    }
    if (pick(2))
        fields[n++] = (corm_field){ .item = CORM_ITEM_MANY_TO_MANY,
                                    .name = "many",
                                    .to = &w->models[pick(MODELS)],
                                    .constraint = pick(4) != 0 };
    for (unsigned i = 0; i < 3 && columns > 2; i++) {
        if (pick(2)) continue;
        static const corm_item items[] = { CORM_ITEM_INDEX, CORM_ITEM_UNIQUE, CORM_ITEM_CHECK };
        const corm_field *a = &fields[1 + pick((unsigned)columns - 1)],
                         *b = &fields[1 + pick((unsigned)columns - 1)];
        corm_field *item = &fields[n];
        snprintf(texts[n][0], sizeof texts[n][0], "i%zu_%u", m, i);
        *item = (corm_field){ .item = items[i], .name = texts[n][0] };
        if (items[i] == CORM_ITEM_CHECK)
            snprintf(texts[n][1], sizeof texts[n][1], "%s IS NOT NULL OR %s > 0", a->name,
                     pick(2) ? "id" : "id + 1");
        else if (a == b)
            snprintf(texts[n][1], sizeof texts[n][1], "%s", a->name);
        else
            snprintf(texts[n][1], sizeof texts[n][1], "%s, %s", a->name, b->name);
        if (items[i] == CORM_ITEM_CHECK)
            item->sql = texts[n][1];
        else
            item->columns = texts[n][1];
        if (items[i] == CORM_ITEM_INDEX && pick(3) == 0) item->where = "id > 0";
        n++;
    }
    model->n_fields = n;
}

/* Columns that any row fits: all may be NULL. */
static void make_plain(world *w, size_t m) {
    for (size_t f = 1; f < w->models[m].n_fields; f++) {
        corm_field *field = &w->fields[m][f];
        if (field->item == CORM_ITEM_COLUMN)
            *field = (corm_field){ .item = CORM_ITEM_COLUMN,
                                   .name = field->name,
                                   .kind = CORM_TEXT,
                                   .null = true,
                                   .index = field->index,
                                   .unique = pick(5) == 0 };
    }
}

static bool has_errors(const world *w, corm_arena *arena) {
    const corm_app app = { .name = "fruit", .file = __FILE__, .models = w->refs };
    corm_check_messages messages = { .arena = arena };
    assert_int_equal(corm__check_apps((const corm_app *const[]){ &app, NULL }, NULL, &messages), 0);
    for (size_t i = 0; i < messages.count; i++)
        if (messages.items[i].level == CORM_CHECK_ERROR) return true;
    return false;
}

static world *new_world(corm_arena *arena, bool plain) {
    static const char *const names[MODELS] = { "Apple", "Basket", "Crate" },
                             *const plurals[MODELS] = { "Apples", "Baskets", "Crates" },
                             *const tables[MODELS] = { "apples", "baskets", "crates" };
    world *w = corm__arena_zalloc(arena, sizeof *w);
    assert_non_null(w);
    for (size_t m = 0; m < MODELS; m++) {
        w->models[m] = (corm_model){ .name = names[m],
                                     .plural = plurals[m],
                                     .table = tables[m],
                                     .fields = w->fields[m],
                                     .file = __FILE__,
                                     .line = 1 };
        w->pointers[m] = &w->models[m];
        w->refs[m] = &w->pointers[m];
    }
    do {
        memset(w->fields, 0, sizeof w->fields);
        for (size_t m = 0; m < MODELS; m++) {
            fill(w, m);
            if (plain) make_plain(w, m);
        }
    } while (has_errors(w, arena));
    return w;
}

/* --- migrate and compare --- */

static int never_renamed(void *context, const corm_table *table, const corm_column *from,
                         const corm_column *to) {
    (void)context, (void)table, (void)from, (void)to;
    return 0;
}
static int tables_never_renamed(void *context, const corm_table *from, const corm_table *to) {
    (void)context, (void)from, (void)to;
    return 0;
}
static int any_fill(void *context, const corm_table *table, const corm_column *column,
                    corm_default *out, corm_arena *arena) {
    (void)context, (void)arena;
    *out = defaults[column->kind][0];
    for (const corm_constraint *c = table->constraints; c && c->name; c++)
        if (c->check && strstr(c->check, column->name) && strstr(c->check, labels[0]))
            *out = (corm_default)DEFAULT(labels[0]);
    return 1;
}
static const corm_questions answers = { .renamed_column = never_renamed,
                                        .renamed_table = tables_never_renamed,
                                        .fill = any_fill };

static corm_arena arena;
static corm_error_info error;
static corm_settings *settings;
static corm_db *db;
static corm_migration migrations[MOST_MIGRATIONS];
static size_t n_migrations;

static void stop(unsigned round, const char *what, const corm_error_info *info) {
    fail_msg("seed %u round %u: %s%s%s [%s] %s", seed, round, what, info ? info->message : "",
             info ? info->detail : "", info ? info->sql : "", info ? info->hint : "");
}

static void add_migrations(unsigned round, const corm_app *app) {
    const corm_app *const apps[] = { app, NULL };
    corm_new_migration *found = NULL;
    size_t n = 0;
    corm_graph *graph = corm__graph_load(apps, &arena, &error);
    if (!graph || corm__autodetect(graph, apps, &answers, &arena, &found, &n, &error))
        stop(round, "makemigrations: ", &error);
    for (size_t i = 0; i < n; i++) {
        corm_migration_body *body = corm__arena_zalloc(&arena, sizeof *body);
        assert_true(body && n_migrations + 1 < MOST_MIGRATIONS);
        *body = (corm_migration_body){ .depends_on = found[i].depends_on,
                                       .operations = found[i].operations };
        migrations[n_migrations++] = (corm_migration){ found[i].app, found[i].name, body };
    }
    graph = corm__graph_load(apps, &arena, &error);
    if (!graph || corm__autodetect(graph, apps, &answers, &arena, &found, &n, &error))
        stop(round, "makemigrations again: ", &error);
    if (n) stop(round, corm__operation_describe(&found[0].operations[0], &arena), NULL);
}

static corm_table *as_kept(const corm_table *table) {
    const corm_features *has = db->backend->features;
    corm_table *own = corm__table_clone(&arena, table);
    corm_column *columns =
        own ? corm__arena_array(&arena, corm__column_count(own) + 1, sizeof *columns) : NULL;
    assert_non_null(columns);
    memcpy(columns, own->columns, corm__column_count(own) * sizeof *columns);
    for (corm_column *column = columns; column->name && !has->column_comments; column++)
        column->comment = NULL;
    if (!has->table_comments) own->comment = NULL;
    own->columns = columns;
    return own;
}

static void compare(unsigned round, const corm_app *app) {
    const corm_app *const apps[] = { app, NULL };
    corm_schema wanted, live;
    if (corm__schema_of_apps(apps, &arena, &wanted, &error) ||
        db->backend->introspect(db->conn, NULL, &arena, &live, &error))
        stop(round, "introspect: ", &error);
    for (size_t i = 0; i < wanted.n_tables; i++) {
        char difference[512];
        const corm_table *table = corm__table_find(&live, wanted.tables[i].name);
        if (!table) stop(round, wanted.tables[i].name, NULL);
        if (!corm__table_equal(as_kept(&wanted.tables[i]), table, difference, sizeof difference))
            stop(round, difference, NULL);
    }
    size_t own = 0;
    for (size_t i = 0; i < live.n_tables; i++) own += strncmp(live.tables[i].name, "corm_", 5) != 0;
    if (own != wanted.n_tables) stop(round, "tables that no model has", NULL);
}

static void migrate(unsigned round, const corm_app *app, const char *target) {
    const corm_app *const apps[] = { app, NULL };
    size_t n = 0;
    corm_migrate_options options = { .app = target ? "fruit" : NULL, .target = target };
    if (corm__migrate(db, settings, NULL, apps, &options, &n))
        stop(round, "migrate: ", corm_error(db));
}

static int64_t rows(unsigned round) {
    static const corm_fetch_column column = { .kind = CORM_BIGINT, .name = "n" };
    static const corm_fetch fetch = { &column, 1, 1 };
    static const char sql[] = "SELECT (SELECT count(*) FROM apples WHERE id = 7) + (SELECT "
                              "count(*) FROM baskets WHERE id = 7) + (SELECT "
                              "count(*) FROM crates WHERE id = 7)";
    int64_t value = -1;
    void *objects[] = { &value };
    corm_stmt *stmt;
    if (corm__prepare(db, sql, strlen(sql), NULL, 0, &stmt)) stop(round, "count: ", corm_error(db));
    if (corm__execute(db, stmt, NULL, 0, 0) || corm__step(db, stmt, &fetch, objects, &arena) != 1)
        stop(round, "count: ", corm_error(db));
    corm__finish(db, stmt);
    return value;
}

static void open_database(void) {
    static const char *const no_environment[] = { NULL };
    static char url[400];
    static unsigned databases;
    snprintf(url, sizeof url, "sqlite:///%s/%u", folder, databases++);
#ifdef HAVE_POSTGRESQL
    if (strcmp(engine, "postgresql") == 0)
        snprintf(url, sizeof url, "%s", test_postgresql_new_database());
#endif
    corm_settings_options options = { .url = url,
                                      .no_env_file = true,
                                      .environment = no_environment };
    settings = corm_settings_load(&options, &error);
    if (!settings) fail_msg("%s", error.message);
    db = corm_open_with(settings, NULL);
    if (corm_failed(db)) fail_msg("%s", corm_error(db)->message);
}

static void run_history(unsigned steps) {
    open_database();
    random_state = seed * 2654435761u + 1;
    n_migrations = 0;
    memset(migrations, 0, sizeof migrations);
    corm_app app = { .name = "fruit", .file = __FILE__, .migrations = migrations };
    for (unsigned round = 0; round < steps; round++) {
        world *w = new_world(&arena, false);
        app.models = w->refs;
        add_migrations(round, &app);
        migrate(round, &app, NULL);
        compare(round, &app);
    }
    migrate(steps, &app, "zero");
    corm_close(db);
    corm_settings_free(settings);
    corm__arena_release(&arena);
}

static void test_histories__make_what_the_models_describe(void **state) {
    (void)state;
    for (unsigned i = 0; i < rounds; i++, seed++) run_history(6);
}

/* Rows survive each change and its undoing. */
static void test_histories__keep_the_rows(void **state) {
    (void)state;
    for (unsigned i = 0; i < rounds; i++, seed++) {
        open_database();
        random_state = seed * 2654435761u + 1;
        n_migrations = 0;
        memset(migrations, 0, sizeof migrations);
        corm_app app = { .name = "fruit", .file = __FILE__, .migrations = migrations };
        for (unsigned round = 0; round < 5; round++) {
            world *w = new_world(&arena, true);
            app.models = w->refs;
            add_migrations(round, &app);
            migrate(round, &app, NULL);
            compare(round, &app);
            if (round == 0 &&
                corm_exec(db, "INSERT INTO apples (id) VALUES (7); INSERT INTO baskets (id) VALUES "
                              "(7); INSERT INTO crates (id) VALUES (7)"))
                stop(round, "insert: ", corm_error(db));
            if (rows(round) != 3) stop(round, "rows are gone", NULL);
        }
        migrate(5, &app, migrations[0].name);
        if (rows(5) != 3) stop(5, "rows are gone after undoing", NULL);
        migrate(5, &app, "zero");
        corm_close(db);
        corm_settings_free(settings);
        corm__arena_release(&arena);
    }
}

int main(int argc, char **argv) {
    if (argc < 2 || !mkdtemp(folder)) return 64;
    engine = argv[1];
    if (argc > 2) rounds = (unsigned)atoi(argv[2]);
    if (argc > 3) seed = (unsigned)atoi(argv[3]);
    const struct CMUnitTest tests[] = { cmocka_unit_test(
                                            test_histories__make_what_the_models_describe),
                                        cmocka_unit_test(test_histories__keep_the_rows) };
    int failed = cmocka_run_group_tests_name(engine, tests, NULL, NULL);
    for (unsigned i = 0; strcmp(engine, "sqlite") == 0 && i < 2 * rounds; i++) {
        char path[80];
        snprintf(path, sizeof path, "%s/%u", folder, i);
        unlink(path);
    }
    rmdir(folder);
    return failed;
}
