/* What a rebuild would lose: the new table is made from the migrations' description, and what the
 * old one has beyond that would be gone. It is looked for before anything is done, and named. */
#include "backend/sqlite/ddl.h"
#include "backend/sqlite/driver.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/error.h"
#include "schema/sql_text.h"
#include <string.h>

typedef struct examination {
    corm_conn *conn;
    const corm_table *known; /* to the migrations */
    corm_arena *arena;
    corm_error_info *error;
} examination;

static bool given(const char *text) { return text && *text; }

/* %s: what there is. */
static int refuse(const examination *e, const char *column, const char *what, const char *text) {
    const char *table = e->known->name;
    corm__fail(
        e->error, CORM_ERROR_MIGRATION,
        "table %s has %s%s%s%s%s that no migration knows: rebuilding the table would lose it",
        table, what, given(text) ? " " : "", given(text) ? text : "", column ? " at column " : "",
        column ? column : "");
    corm__error_set(e->error->table, sizeof e->error->table, "%s", table);
    if (column) corm__error_set(e->error->column, sizeof e->error->column, "%s", column);
    corm__error_hint(e->error, "Nothing was changed. Add it to the model and to a migration that "
                               "is applied with --fake, or take it out of the table, or write the "
                               "rebuild by hand (CORM_SEPARATE).");
    return CORM_ERROR_MIGRATION;
}

/* --- columns --- */

/* As https://www.sqlite.org/datatype3.html has it; INTEGER keeps what NUMERIC does. */
static char affinity(const char *type) {
    static const struct {
        const char *word;
        char affinity;
    } rules[] = { { "int", 'n' },  { "char", 't' }, { "clob", 't' }, { "text", 't' },
                  { "blob", 'b' }, { "real", 'r' }, { "floa", 'r' }, { "doub", 'r' } };
    if (!*type) return 'b';
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (corm__find_nocase(type, rules[i].word)) return rules[i].affinity;
    return 'n';
}

/* 1: a row has a value that the affinity would change. */
static int changes_value(const examination *e, const char *column, char affinity) {
    corm_buffer sql = { 0 };
    sqlite3_stmt *stmt = NULL;
    if (affinity == 'b') return 0;
    if (affinity == 'n') return 1; /* a text of digits; which ones, only SQLite knows */
    corm__buffer_puts(&sql, "SELECT 1 FROM ");
    corm__sqlite_identifier(&sql, e->known->name);
    corm__buffer_puts(&sql, " WHERE typeof(");
    corm__sqlite_identifier(&sql, column);
    corm__buffer_puts(&sql, affinity == 't' ? ") IN ('integer', 'real')" : ") = 'integer' AND ");
    if (affinity == 'r') {
        corm__sqlite_identifier(&sql, column);
        corm__buffer_puts(&sql, " NOT BETWEEN -9007199254740992 AND 9007199254740992");
    }
    corm__buffer_puts(&sql, " LIMIT 1");
    int status = corm__buffer_broken(&sql) ? corm__fail_memory(e->error) : 0, rc = SQLITE_OK;
    if (!status) rc = sqlite3_prepare_v2(e->conn->db, corm__buffer_text(&sql), -1, &stmt, NULL);
    if (!status && rc == SQLITE_OK) rc = sqlite3_step(stmt);
    if (!status && rc != SQLITE_ROW && rc != SQLITE_DONE)
        status = corm__sqlite_error(e->conn->db, rc, corm__buffer_text(&sql), e->error);
    sqlite3_finalize(stmt);
    corm__buffer_release(&sql);
    return status ? status : rc == SQLITE_ROW;
}

/* A value moves to the affinity of its new column: 7 becomes '7', and a long integer a real. */
static int examine_type(const examination *e, const corm_column *live, const corm_column *known) {
    corm_buffer type = { 0 };
    if (!live->approximates) return 0;
    bool none = strcmp(live->approximates, "no type") == 0;
    int status = corm__sqlite_write_type(&type, known, corm__sqlite_sole_key(e->known, known->name),
                                         e->error);
    char from = affinity(none ? "" : live->approximates), to = affinity(corm__buffer_text(&type));
    corm__buffer_release(&type);
    if (!status && from != to) status = changes_value(e, live->name, to);
    return status > 0 ? refuse(e, live->name, "the type", live->approximates) : status;
}

static int examine_column(const examination *e, const corm_column *live) {
    const corm_column *known = corm__column_find(e->known, live->name);
    const corm_default *value = &live->default_value;
    if (!known) {
        corm__fail(e->error, CORM_ERROR_MIGRATION,
                   "table %s has a column %s that no migration made: rebuilding the table would "
                   "lose it",
                   e->known->name, live->name);
        corm__error_set(e->error->table, sizeof e->error->table, "%s", e->known->name);
        corm__error_set(e->error->column, sizeof e->error->column, "%s", live->name);
        corm__error_hint(
            e->error,
            "add it to the model and to a migration that is applied with --fake, or drop it");
        return CORM_ERROR_MIGRATION;
    }
    if (live->kind == CORM_IDENTITY && known->kind != CORM_IDENTITY)
        return refuse(e, live->name, "a number that SQLite gives", NULL);
    if (given(live->collation) && corm__compare_nocase(live->collation, "BINARY") != 0 &&
        (!given(known->collation) || corm__compare_nocase(live->collation, known->collation) != 0))
        return refuse(e, live->name, "COLLATE", live->collation);
    if (live->references.table && !known->references.table)
        return refuse(e, live->name, "a foreign key to", live->references.table);
    if (given(live->generated) && !given(known->generated))
        return refuse(e, live->name, "a generated value", NULL);
    if (value->kind != CORM_DEFAULT_NONE && known->default_value.kind == CORM_DEFAULT_NONE)
        return refuse(e, live->name, "DEFAULT", value->text);
    return examine_type(e, live, known);
}

/* --- constraints --- */

static bool same_columns(const char *a, const char *b) {
    char *name = NULL;
    corm_arena arena = { 0 };
    bool same = corm__names_count(a) == corm__names_count(b);
    for (size_t i = 0, n = corm__names_count(a); same && i < n; i++) {
        name = corm__names_at(a, i, &arena);
        if (!name) corm__comparison_fail();
        same = name && corm__names_have(b, name);
    }
    corm__arena_release(&arena);
    return same;
}

static bool is_known(const corm_table *known, const corm_constraint *live) {
    for (const corm_constraint *c = known->constraints; c && c->name; c++) {
        if (c->kind != live->kind) continue;
        if (live->kind == CORM_CONSTRAINT_UNIQUE ? same_columns(c->columns, live->columns)
                                                 : corm__sql_equal(c->check, live->check))
            return true;
    }
    return false;
}

static int examine_constraint(const examination *e, const corm_constraint *live) {
    if (is_known(e->known, live)) return 0;
    /* One that was altered by hand and has its name is the business of checkdb. */
    if (corm__constraint_find(e->known, live->name)) return 0;
    return live->kind == CORM_CONSTRAINT_UNIQUE
               ? refuse(e, NULL, "a unique constraint over", live->columns)
               : refuse(e, NULL, "a check", live->check);
}

int corm__sqlite_examine_table(corm_conn *conn, const corm_table *known, corm_error_info *error) {
    corm_arena arena = { 0 };
    corm_schema found;
    examination e = { conn, known, &arena, error };
    int status = corm__sqlite_introspect(conn, known->name, &arena, &found, error);
    const corm_table *live = !status && found.n_tables ? &found.tables[0] : NULL;
    if (live && live->left_out) {
        size_t length = strcspn(live->left_out, "\n");
        const char *first = corm__arena_strndup(&arena, live->left_out, length);
        status = first ? refuse(&e, NULL, first, NULL) : corm__fail_memory(error);
    }
    for (const corm_column *c = live ? live->columns : NULL; !status && c && c->name; c++)
        status = examine_column(&e, c);
    for (const corm_constraint *c = live ? live->constraints : NULL; !status && c && c->name; c++)
        status = examine_constraint(&e, c);
    corm__arena_release(&arena);
    return corm__comparison_failed() ? corm__fail_memory(error) : status;
}
