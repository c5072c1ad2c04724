/* Views and triggers know tables and columns by name. What an engine does not change in their
 * texts, and does not mind either, would be broken behind a rename or a removal, and nobody would
 * be told: such a change is refused, unless the migrations themselves take the view or trigger
 * away. */
#include "base/ascii.h"
#include "migrate/execute/rehearsal.h"
#include "base/error.h"
#include "schema/sql_text.h"
#include <string.h>

/* --- what there is --- */

/* Names in backticks or brackets as in quotes, for the tokens know only those. */
static char *with_quotes(corm_arena *arena, const char *sql) {
    char *copy = corm__arena_strdup(arena, sql);
    for (char *p = copy; p && *p; p++)
        if (strchr("`[]", *p)) *p = '"';
    return copy;
}

static int add(corm_dependents *list, size_t *capacity, corm_dependent found, corm_arena *arena) {
    if (list->n == *capacity) {
        *capacity = *capacity ? *capacity * 2 : 16;
        corm_dependent *larger = corm__arena_array(arena, *capacity, sizeof *larger);
        if (!larger) return CORM_ERROR_MEMORY;
        if (list->n) memcpy(larger, list->items, list->n * sizeof *larger);
        list->items = larger;
    }
    list->items[list->n++] = found;
    return 0;
}

int corm__dependents_read(corm_db *db, corm_arena *arena, corm_dependents *out) {
    static const corm_fetch_column columns[] = {
        { .kind = CORM_TEXT, .offset = offsetof(corm_dependent, what), .name = "what" },
        { .kind = CORM_TEXT, .offset = offsetof(corm_dependent, name), .name = "name" },
        { .kind = CORM_TEXT,
          .null = true,
          .offset = offsetof(corm_dependent, table),
          .name = "table" },
        { .kind = CORM_TEXT, .null = true, .offset = offsetof(corm_dependent, sql), .name = "sql" },
        { .kind = CORM_BIGINT, .offset = offsetof(corm_dependent, follows), .name = "follows" },
    };
    static const corm_fetch fetch = { columns, sizeof columns / sizeof *columns, 1 };
    const char *query = db->backend->dependents;
    size_t capacity = 0;
    corm_stmt *stmt;
    *out = (corm_dependents){ 0 };
    if (!query) return 0;
    int status = corm__prepare(db, query, strlen(query), NULL, 0, &stmt), row = 0;
    if (status) return status;
    status = corm__execute(db, stmt, NULL, 0, 0);
    while (!status) {
        corm_dependent found = { 0 };
        void *objects[] = { &found };
        row = corm__step(db, stmt, &fetch, objects, arena);
        if (row <= 0) break;
        if (found.sql) found.sql = with_quotes(arena, found.sql);
        status = add(out, &capacity, found, arena) ? corm__fail_memory(&db->error) : 0;
    }
    corm__finish(db, stmt);
    return status ? status : row;
}

/* --- what stands on what --- */

static bool mentions(const char *sql, const char *name) {
    size_t length = strlen(name);
    for (corm_token t; sql && (t = corm__token_next(&sql)).kind != CORM_TOKEN_END;) {
        bool quoted = t.kind == CORM_TOKEN_QUOTED;
        if ((quoted || t.kind == CORM_TOKEN_WORD) && t.length == length + 2 * quoted &&
            corm__compare_nocase_n(t.start + quoted, name, length) == 0)
            return true;
    }
    return false;
}

void corm__dependents_forget(corm_dependents *list, const char *sql) {
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++)
        if (!mentions(sql, list->items[i].name)) list->items[kept++] = list->items[i];
    list->n = kept;
}

/* Of the column, or with column NULL of the table. */
static bool stands_on(const corm_dependent *d, const char *table, const char *column) {
    bool own = d->table && corm__compare_nocase(d->table, table) == 0;
    if (column) return mentions(d->sql, column) && (own || mentions(d->sql, table));
    return mentions(d->sql, table);
}

static bool breaks(const corm_dependent *d, const corm_change *change) {
    const char *table = change->before ? change->before->name : NULL;
    bool own = table && d->table && corm__compare_nocase(d->table, table) == 0;
    switch (change->kind) {
    case CORM_RENAME_TABLE: return !d->follows && stands_on(d, table, NULL);
    case CORM_DELETE_TABLE: return !own && stands_on(d, table, NULL);
    case CORM_RENAME_COLUMN: return !d->follows && stands_on(d, table, change->column_before->name);
    case CORM_REMOVE_COLUMN: return stands_on(d, table, change->column_before->name);
    default: return false;
    }
}

int corm__dependents_check(const corm_dependents *list, const corm_change *change,
                           corm_error_info *error) {
    for (size_t i = 0; i < list->n; i++) {
        const corm_dependent *d = &list->items[i];
        if (!breaks(d, change)) continue;
        const char *column = change->column_before ? change->column_before->name : NULL;
        corm__fail(error, CORM_ERROR_MIGRATION, "%s %s uses %s%s%s, and would be broken", d->what,
                   d->name, change->before->name, column ? "." : "", column ? column : "");
        corm__error_set(error->table, sizeof error->table, "%s", change->before->name);
        corm__error_hint(error,
                         "Nothing was changed. Let the migration drop the %s before, and create "
                         "it anew behind, by CORM_RUN_SQL.",
                         d->what);
        return CORM_ERROR_MIGRATION;
    }
    return 0;
}
