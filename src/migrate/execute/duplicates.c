/* Rows stand in the way of a unique constraint or index: how many values, which, and the query that
 * shows them. It is asked after the rollback, of the table as it is then. */
#include "base/error.h"
#include "db/db.h"
#include "migrate/execute/executor.h"
#include "schema/schema.h"
#include <string.h>

/* What is to be unique, of one operation. */
typedef struct corm_claim {
    const char *table, *name, *columns, *where;
    bool with_nulls; /* two NULLs are alike */
} claim;

static bool claim_of(const corm_operation *o, claim *out) {
    const corm_constraint *c = &o->constraint;
    const corm_index *i = &o->index;
    bool constraint = o->kind == CORM_ADD_CONSTRAINT || o->kind == CORM_ALTER_CONSTRAINT,
         index = o->kind == CORM_ADD_INDEX || o->kind == CORM_ALTER_INDEX;
    if (constraint && c->kind == CORM_CONSTRAINT_UNIQUE)
        *out = (claim){ o->table, c->name, c->columns, c->where, c->nulls_not_distinct };
    else if (index && i->unique && i->columns)
        *out = (claim){ o->table, i->name, i->columns, i->where, i->nulls_not_distinct };
    else if (o->kind == CORM_ALTER_PRIMARY_KEY && o->primary_key)
        *out = (claim){ o->table, "primary key", o->primary_key, NULL, true };
    else
        return false;
    return out->table && out->name && out->columns;
}

/* "a", "b" with something between and around each. */
static void add_columns(const corm_backend *backend, corm_buffer *sql, const char *columns,
                        const char *before, const char *between, const char *behind) {
    char name[256];
    const char *item;
    size_t length;
    for (size_t i = 0; (item = corm__names_item(columns, i, &length, NULL)); i++) {
        corm__error_set(name, sizeof name, "%.*s", (int)length, item);
        corm__buffer_printf(sql, "%s%s", i ? between : "", before);
        backend->identifier(sql, name);
        corm__buffer_puts(sql, behind);
    }
}

static void add_groups(const corm_backend *backend, corm_buffer *sql, const claim *c) {
    corm__buffer_puts(sql, " FROM ");
    backend->identifier(sql, c->table);
    if (c->where) corm__buffer_printf(sql, " WHERE (%s)", c->where);
    if (!c->with_nulls) {
        corm__buffer_puts(sql, c->where ? " AND " : " WHERE ");
        add_columns(backend, sql, c->columns, "", " AND ", " IS NOT NULL");
    }
    corm__buffer_puts(sql, " GROUP BY ");
    add_columns(backend, sql, c->columns, "", ", ", "");
    corm__buffer_puts(sql, " HAVING count(*) > 1");
}

typedef struct found {
    int64_t count;
    const char *value;
} found;

static int ask(corm_db *db, const corm_buffer *sql, found *out, corm_arena *arena) {
    static const corm_fetch_column columns[] = {
        { .kind = CORM_BIGINT, .offset = offsetof(found, count), .name = "count" },
        { .kind = CORM_TEXT, .null = true, .offset = offsetof(found, value), .name = "value" }
    };
    static const corm_fetch fetch = { columns, 2, 1 };
    void *objects[] = { out };
    corm_stmt *stmt;
    int status = corm__buffer_broken(sql)
                     ? CORM_ERROR_MEMORY
                     : corm__prepare(db, corm__buffer_text(sql), sql->length, NULL, 0, &stmt);
    if (status) return status;
    status = corm__execute(db, stmt, NULL, 0, 0);
    if (!status) status = corm__step(db, stmt, &fetch, objects, arena);
    corm__finish(db, stmt);
    return status;
}

/* True when rows are in its way, and the error says which. */
static bool explain(corm_db *db, const claim *c, corm_error_info *error) {
    const corm_backend *backend = db->backend;
    corm_arena arena = { 0 };
    corm_buffer sql = { 0 }, query = { 0 };
    found found = { 0 };
    corm__buffer_puts(&sql, "SELECT count(*), min(v) FROM (SELECT ");
    add_columns(backend, &sql, c->columns, "TRIM(CAST(", " || ', ' || ", " AS CHAR(60)))");
    corm__buffer_puts(&sql, " AS v");
    add_groups(backend, &sql, c);
    corm__buffer_puts(&sql, ") AS d");
    corm__buffer_puts(&query, "SELECT ");
    add_columns(backend, &query, c->columns, "", ", ", "");
    corm__buffer_puts(&query, ", count(*)");
    add_groups(backend, &query, c);
    bool there = ask(db, &sql, &found, &arena) > 0 && found.count > 0;
    if (there && !corm__buffer_broken(&query)) {
        corm__error_set(error->message, sizeof error->message,
                        "%s of %s: %lld value%s there more than once, such as %s", c->name,
                        c->table, (long long)found.count, found.count == 1 ? " is" : "s are",
                        found.value ? found.value : "NULL");
        corm__error_hint(error, "This shows them: %s", corm__buffer_text(&query));
    }
    corm__buffer_release(&sql);
    corm__buffer_release(&query);
    corm__arena_release(&arena);
    return there;
}

void corm__explain_duplicates(corm_db *db, const corm_migration *migration) {
    corm_error_info error = db->error; /* each statement begins with none */
    bool done = false;
    claim claim;
    for (const corm_operation *o = migration->body->operations; !done && o && o->kind; o++)
        done = claim_of(o, &claim) && explain(db, &claim, &error);
    db->error = error;
}
