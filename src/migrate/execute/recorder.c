#include "migrate/execute/recorder.h"
#include "base/error.h"
#include "db/db.h"
#include "migrate/execute/journal.h"
#include <string.h>

static const corm_column columns[] = {
    { "id", .kind = CORM_IDENTITY },
    { "app", .kind = CORM_VARCHAR, .max_length = 255 },
    { "name", .kind = CORM_VARCHAR, .max_length = 255 },
    { "applied", .kind = CORM_TIMESTAMP },
    { "checksum", .kind = CORM_VARCHAR, .max_length = 64 },
    { "down_sql", .kind = CORM_TEXT, .null = true },
    { "depends_on", .kind = CORM_TEXT, .null = true },
    { "expands", .kind = CORM_BOOLEAN, .default_value = CORM_DEFAULT(0) },
    { "journal", .kind = CORM_VARCHAR, .max_length = 255, .null = true },
    { 0 }
};
static const corm_constraint constraints[] = {
    { "corm_migrations_app_name_uniq", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "app, name" },
    { 0 }
};
const corm_table corm__recorder_table = { .name = "corm_migrations",
                                          .app = "",
                                          .model = "",
                                          .primary_key = "id",
                                          .columns = columns,
                                          .constraints = constraints };

typedef struct rows {
    corm_applied *items;
    size_t n, capacity;
} rows;

static int read_rows(corm_db *db, corm_stmt *stmt, corm_arena *arena, rows *out) {
    static const corm_fetch_column fetched[] = {
        { .kind = CORM_VARCHAR, .offset = offsetof(corm_applied, app), .name = "app" },
        { .kind = CORM_VARCHAR, .offset = offsetof(corm_applied, name), .name = "name" },
        { .kind = CORM_TIMESTAMP, .offset = offsetof(corm_applied, applied), .name = "applied" },
        { .kind = CORM_VARCHAR, .offset = offsetof(corm_applied, checksum), .name = "checksum" },
        { .kind = CORM_TEXT,
          .null = true,
          .offset = offsetof(corm_applied, depends_on),
          .name = "depends_on" },
        { .kind = CORM_BOOLEAN, .offset = offsetof(corm_applied, expands), .name = "expands" },
        { .kind = CORM_VARCHAR,
          .null = true,
          .offset = offsetof(corm_applied, journal),
          .name = "journal" },
    };
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

/* CORM_ERROR_NO_TABLE when the table that answered is another schema's. */
static int is_here(corm_db *db, corm_arena *arena) {
    static const corm_fetch_column column = { .kind = CORM_BIGINT, .name = "count" };
    static const corm_fetch fetch = { &column, 1, 1 };
    corm_buffer sql = { 0 };
    corm_stmt *stmt;
    int64_t n = 0;
    void *objects[] = { &n };
    corm__buffer_printf(&sql, "SELECT count(%s)", db->backend->record_table);
    int status = corm__buffer_broken(&sql)
                     ? corm__fail_memory(&db->error)
                     : corm__prepare(db, corm__buffer_text(&sql), sql.length, NULL, 0, &stmt);
    if (!status) {
        status = corm__execute(db, stmt, NULL, 0, 0);
        if (!status) status = corm__step(db, stmt, &fetch, objects, arena);
        corm__finish(db, stmt);
    }
    corm__buffer_release(&sql);
    return status < 0 ? status : n ? 0 : CORM_ERROR_NO_TABLE;
}

/* order: the same twice, in other words. */
static int read_all(corm_db *db, corm_arena *arena, const char *order, rows *out) {
    const char *table = db->backend->record_table;
    corm_buffer sql = { 0 };
    corm_stmt *stmt;
    corm__buffer_printf(&sql,
                        "SELECT app, name, applied, checksum, depends_on, expands, journal FROM "
                        "corm_migrations%s%s ORDER BY %s",
                        table ? " WHERE tableoid = " : "", table ? table : "", order);
    int status = corm__buffer_broken(&sql)
                     ? corm__fail_memory(&db->error)
                     : corm__prepare(db, corm__buffer_text(&sql), sql.length, NULL, 0, &stmt);
    if (!status) {
        status = corm__execute(db, stmt, NULL, 0, 0);
        if (!status) status = read_rows(db, stmt, arena, out);
        corm__finish(db, stmt);
    }
    corm__buffer_release(&sql);
    return status;
}

/* Names may be looked up in several schemas: only a table of the current one is this database's. A
 * statement that was prepared before there was one goes on looking at the other one. */
static int load(corm_db *db, corm_arena *arena, rows *out) {
    int status = corm__db_enter(db);
    if (!status) status = read_all(db, arena, "id", out);
    if (!status && !out->n && db->backend->record_table) {
        status = is_here(db, arena);
        if (!status) status = read_all(db, arena, "id ASC", out);
    }
    if (status != CORM_ERROR_NO_TABLE) return status;
    corm__error_clear(&db->error);
    *out = (rows){ 0 };
    return 0;
}

int corm__recorder_read(corm_db *db, corm_arena *arena, corm_ledger *out) {
    rows found = { 0 };
    *out = (corm_ledger){ 0 };
    int status = load(db, arena, &found);
    if (status || !found.items) return status;
    out->unfinished = corm__arena_array(arena, found.n, sizeof *out->unfinished);
    if (!out->unfinished) return corm__fail_memory(&db->error);
    for (size_t i = 0; i < found.n; i++) {
        const corm_applied row = found.items[i];
        bool begun = row.journal && !corm__journal_backwards(row.journal); /* not applied yet */
        if (row.journal) out->unfinished[out->n_unfinished++] = row;
        if (!begun) found.items[out->n++] = row;
    }
    out->applied = found.items;
    return 0;
}

int corm__recorder_load(corm_db *db, corm_arena *arena, corm_applied **out, size_t *n) {
    corm_ledger ledger;
    int status = corm__recorder_read(db, arena, &ledger);
    *out = ledger.applied;
    *n = ledger.n;
    return status;
}

/* Each ? in sql becomes the next placeholder of the engine. The first row, if any, goes into
 * objects. */
static int query(corm_db *db, const char *sql, const corm_value *values, int n,
                 const corm_fetch *fetch, void **objects, corm_arena *arena) {
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
    int status = corm__buffer_broken(&text)
                     ? corm__fail_memory(&db->error)
                     : corm__prepare(db, corm__buffer_text(&text), text.length, kinds, n, &stmt);
    if (!status) {
        status = corm__execute(db, stmt, values, n, 0);
        if (!status) status = corm__step(db, stmt, fetch, objects, arena);
        corm__finish(db, stmt);
    }
    corm__buffer_release(&text);
    return status < 0 ? status : 0;
}

static int run(corm_db *db, const char *sql, const corm_value *values, int n) {
    return query(db, sql, values, n, NULL, NULL, NULL);
}

static corm_value name_value(const char *text) {
    return (corm_value){ .kind = CORM_VARCHAR, .text = text };
}

/* "core.0001_initial shop.0002_price" */
static int join_names(const char *const *names, corm_buffer *out, corm_error_info *error) {
    for (; names && *names; names++)
        corm__buffer_printf(out, "%s%s", out->length ? " " : "", *names);
    return corm__buffer_broken(out) ? corm__fail_memory(error) : 0;
}

int corm__recorder_add(corm_db *db, const corm_migration *migration, const char *journal) {
    char checksum[CORM_CHECKSUM_TEXT];
    corm_buffer names = { 0 };
    corm__migration_checksum(migration, checksum);
    int status = join_names(migration->body->depends_on, &names, &db->error);
    corm_value values[] = { name_value(migration->app),
                            name_value(migration->name),
                            CORM_VALUE_TIMESTAMP(corm_now()),
                            name_value(checksum),
                            CORM_VALUE_TEXT(corm__buffer_text(&names)),
                            CORM_VALUE_BOOLEAN(false),
                            journal ? name_value(journal) : CORM_VALUE_NULL };
    if (!status)
        status = run(db,
                     "INSERT INTO corm_migrations (app, name, applied, checksum, depends_on, "
                     "expands, journal) VALUES (?, ?, ?, ?, ?, ?, ?)",
                     values, 7);
    corm__buffer_release(&names);
    return status;
}

int corm__recorder_journal(corm_db *db, const char *app, const char *name, const char *journal) {
    corm_value values[] = { journal ? name_value(journal) : CORM_VALUE_NULL, name_value(app),
                            name_value(name) };
    return run(db, "UPDATE corm_migrations SET journal = ? WHERE app = ? AND name = ?", values, 3);
}

/* "app.name" as two texts. */
static int split_key(const char *key, corm_arena *arena, const char **app, const char **name,
                     corm_error_info *error) {
    const char *dot = strchr(key, '.');
    if (!dot)
        return corm__fail(error, CORM_ERROR_MIGRATION,
                          "%s is not the name of a migration: app.name", key);
    *app = corm__arena_strndup(arena, key, (size_t)(dot - key));
    *name = dot + 1;
    return *app ? 0 : corm__fail_memory(error);
}

/* The squashed one's own row is there: it is what the new one is copied from. */
static int add_replaced(corm_db *db, const corm_migration *squashed) {
    corm_arena arena = { 0 };
    int status = 0;
    for (const char *const *key = squashed->body->replaces; !status && key && *key; key++) {
        const char *app = NULL, *name = NULL;
        status = split_key(*key, &arena, &app, &name, &db->error);
        corm_value values[] = { name_value(app),           name_value(name),
                                name_value(squashed->app), name_value(squashed->name),
                                name_value(app),           name_value(name) };
        if (!status)
            status = run(db,
                         "INSERT INTO corm_migrations (app, name, applied, checksum, depends_on, "
                         "expands) SELECT ?, ?, s.applied, '', '', "
                         "s.expands FROM "
                         "corm_migrations s WHERE s.app = ? AND s.name = ? AND NOT EXISTS (SELECT "
                         "1 FROM corm_migrations r WHERE r.app = ? "
                         "AND r.name = ?)",
                         values, 6);
    }
    corm__arena_release(&arena);
    return status;
}

int corm__recorder_finish(corm_db *db, const corm_migration *migration, const char *down_sql,
                          bool expands) {
    char checksum[CORM_CHECKSUM_TEXT];
    corm__migration_checksum(migration, checksum);
    if (migration->body->replaces) down_sql = NULL;
    corm_value values[] = { down_sql ? CORM_VALUE_TEXT(down_sql) : CORM_VALUE_NULL,
                            CORM_VALUE_BOOLEAN(expands),
                            CORM_VALUE_TIMESTAMP(corm_now()),
                            name_value(checksum),
                            name_value(migration->app),
                            name_value(migration->name) };
    int status = run(db,
                     "UPDATE corm_migrations SET down_sql = ?, expands = ?, applied = ?, checksum "
                     "= ?, journal = NULL WHERE app = ? AND name = ?",
                     values, 6);
    return status ? status : add_replaced(db, migration);
}

int corm__recorder_remove(corm_db *db, const char *app, const char *name) {
    corm_value values[] = { name_value(app), name_value(name) };
    return run(db, "DELETE FROM corm_migrations WHERE app = ? AND name = ?", values, 2);
}

int corm__recorder_remove_all(corm_db *db, const corm_migration *migration) {
    const char *const *const lists[] = { migration->body->replaces, migration->body->squashes };
    corm_arena arena = { 0 };
    int status = corm__recorder_remove(db, migration->app, migration->name);
    for (size_t i = 0; i < 2; i++)
        for (const char *const *key = lists[i]; !status && key && *key; key++) {
            const char *app = NULL, *name = NULL;
            status = split_key(*key, &arena, &app, &name, &db->error);
            if (!status) status = corm__recorder_remove(db, app, name);
        }
    corm__arena_release(&arena);
    return status;
}

int corm__recorder_down(corm_db *db, const char *app, const char *name, corm_arena *arena,
                        const char **out) {
    static const corm_fetch_column column = { .kind = CORM_TEXT, .null = true, .name = "down_sql" };
    static const corm_fetch fetch = { &column, 1, 1 };
    corm_value values[] = { name_value(app), name_value(name) };
    void *objects[] = { out };
    *out = NULL;
    return query(db, "SELECT down_sql FROM corm_migrations WHERE app = ? AND name = ?", values, 2,
                 &fetch, objects, arena);
}
