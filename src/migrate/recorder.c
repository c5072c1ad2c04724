#include "migrate/recorder.h"
#include "base/error.h"
#include "db/db.h"
#include <string.h>

static const corm_column columns[] = { { "id", .kind = CORM_IDENTITY },
                                       { "app", .kind = CORM_VARCHAR, .max_length = 255 },
                                       { "name", .kind = CORM_VARCHAR, .max_length = 255 },
                                       { "applied", .kind = CORM_TIMESTAMP },
                                       { "checksum", .kind = CORM_VARCHAR, .max_length = 64 },
                                       { "down_sql", .kind = CORM_TEXT, .null = true },
                                       { 0 } };
static const corm_constraint constraints[] = { { "corm_migrations_app_name_uniq", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "app, name" },
                                               { 0 } };
const corm_table corm__recorder_table = {
    .name = "corm_migrations", .app = "", .model = "", .primary_key = "id", .columns = columns, .constraints = constraints
};

typedef struct rows {
    corm_applied *items;
    size_t n, capacity;
} rows;

static int read_rows(corm_db *db, corm_stmt *stmt, corm_arena *arena, rows *out) {
    static const corm_fetch_column fetched[] = { { .kind = CORM_VARCHAR, .offset = offsetof(corm_applied, app), .name = "app" },
                                                 { .kind = CORM_VARCHAR, .offset = offsetof(corm_applied, name), .name = "name" },
                                                 { .kind = CORM_TIMESTAMP, .offset = offsetof(corm_applied, applied), .name = "applied" },
                                                 { .kind = CORM_VARCHAR, .offset = offsetof(corm_applied, checksum), .name = "checksum" } };
    static const corm_fetch fetch = { fetched, sizeof fetched / sizeof *fetched, 1 };
    for (;;) {
        if (out->n == out->capacity) {
            size_t capacity = out->capacity ? out->capacity * 2 : 64;
            corm_applied *larger = corm__arena_array(arena, capacity, sizeof *larger);
            if (!larger) return corm__fail_memory(&db->error);
            if (out->n) memcpy(larger, out->items, out->n * sizeof *larger);
            out->items = larger;
            out->capacity = capacity;
        }
        void *objects[] = { &out->items[out->n] };
        int status = corm__step(db, stmt, &fetch, objects, arena);
        if (status <= 0) return status;
        out->n++;
    }
}

int corm__recorder_load(corm_db *db, corm_arena *arena, corm_applied **out, size_t *n) {
    static const char sql[] = "SELECT app, name, applied, checksum FROM corm_migrations ORDER BY id";
    *out = NULL;
    *n = 0;
    int status = corm__db_enter(db);
    if (status) return status;
    corm_stmt *stmt;
    rows found = { 0 };
    status = corm__prepare(db, sql, sizeof sql - 1, NULL, 0, &stmt);
    if (!status) {
        status = corm__execute(db, stmt, NULL, 0, 0);
        if (!status) status = read_rows(db, stmt, arena, &found);
        corm__finish(db, stmt);
    }
    if (status == CORM_ERROR_NO_TABLE) {
        corm__error_clear(&db->error);
        return 0;
    }
    *out = found.items;
    *n = found.n;
    return status;
}

/* Each ? in sql becomes the next placeholder of the engine. */
static int run(corm_db *db, const char *sql, const corm_value *values, int n) {
    corm_buffer text = { 0 };
    corm_kind kinds[8];
    for (int i = 0; i < n; i++) kinds[i] = values[i].kind;
    for (int number = 0; *sql; sql++) {
        if (*sql == '?' && number < n) {
            db->backend->placeholder(&text, number + 1, kinds[number], CORM_NULL);
            number++;
        } else {
            corm__buffer_putc(&text, *sql);
        }
    }
    corm_stmt *stmt;
    int status = corm__buffer_broken(&text) ? corm__fail_memory(&db->error)
                                            : corm__prepare(db, corm__buffer_text(&text), text.length, kinds, n, &stmt);
    if (!status) {
        status = corm__execute(db, stmt, values, n, 0);
        if (!status) status = corm__step(db, stmt, NULL, NULL, NULL);
        corm__finish(db, stmt);
    }
    corm__buffer_release(&text);
    return status;
}

static corm_value name_value(const char *text) { return (corm_value){ .kind = CORM_VARCHAR, .text = text }; }

int corm__recorder_add(corm_db *db, const corm_migration *migration) {
    char checksum[CORM_CHECKSUM_TEXT];
    corm__migration_checksum(migration, checksum);
    corm_value values[] = { name_value(migration->app), name_value(migration->name), CORM_VALUE_TIMESTAMP(corm_now()),
                            name_value(checksum) };
    return run(db, "INSERT INTO corm_migrations (app, name, applied, checksum) VALUES (?, ?, ?, ?)", values, 4);
}

int corm__recorder_set_down(corm_db *db, const corm_migration *migration, const char *down_sql) {
    corm_value values[] = { CORM_VALUE_TEXT(down_sql), name_value(migration->app), name_value(migration->name) };
    return run(db, "UPDATE corm_migrations SET down_sql = ? WHERE app = ? AND name = ?", values, 3);
}

int corm__recorder_remove(corm_db *db, const corm_migration *migration) {
    corm_value values[] = { name_value(migration->app), name_value(migration->name) };
    return run(db, "DELETE FROM corm_migrations WHERE app = ? AND name = ?", values, 2);
}
