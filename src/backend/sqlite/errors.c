/* SQLite's result codes to corm's. The names of table, column and constraint are only in the
 * message; the name of a unique constraint is not even there, so it is looked for in the schema. */
#include "backend/sqlite/driver.h"
#include "backend/sqlite/parse.h"
#include "base/ascii.h"
#include "base/clock.h"
#include "base/error.h"
#include "schema/schema.h"
#include <errno.h>
#include <string.h>

typedef struct mapping {
    int code;
    corm_status status;
    const char *sqlstate;
} mapping;

/* Extended codes before the primary codes that they belong to. */
static const mapping mappings[] = {
    { SQLITE_CONSTRAINT_UNIQUE, CORM_ERROR_UNIQUE, "23505" },
    { SQLITE_CONSTRAINT_PRIMARYKEY, CORM_ERROR_UNIQUE, "23505" },
    { SQLITE_CONSTRAINT_ROWID, CORM_ERROR_UNIQUE, "23505" },
    { SQLITE_CONSTRAINT_FOREIGNKEY, CORM_ERROR_FOREIGN_KEY, "23503" },
    { SQLITE_CONSTRAINT_NOTNULL, CORM_ERROR_NOT_NULL, "23502" },
    { SQLITE_CONSTRAINT_CHECK, CORM_ERROR_CHECK, "23514" },
    { SQLITE_CONSTRAINT, CORM_ERROR_CONSTRAINT, "23000" },
    { SQLITE_BUSY_SNAPSHOT, CORM_ERROR_SERIALIZATION, "40001" },
    { SQLITE_BUSY, CORM_ERROR_LOCKED, "55P03" },
    { SQLITE_LOCKED, CORM_ERROR_LOCKED, "55P03" },
    { SQLITE_NOMEM, CORM_ERROR_MEMORY, "53200" },
    { SQLITE_IOERR_NOMEM, CORM_ERROR_MEMORY, "53200" },
    { SQLITE_READONLY, CORM_ERROR_READ_ONLY, "25006" },
    { SQLITE_INTERRUPT, CORM_ERROR_CANCELLED, "57014" },
    { SQLITE_IOERR, CORM_ERROR_IO, "58030" },
    { SQLITE_CANTOPEN, CORM_ERROR_IO, "58030" },
    { SQLITE_CORRUPT, CORM_ERROR_CORRUPT, "XX001" },
    { SQLITE_NOTADB, CORM_ERROR_CORRUPT, "XX001" },
    { SQLITE_FULL, CORM_ERROR_FULL, "53100" },
    { SQLITE_PERM, CORM_ERROR_PERMISSION, "42501" },
    { SQLITE_AUTH, CORM_ERROR_PERMISSION, "42501" },
    { SQLITE_TOOBIG, CORM_ERROR_RANGE, "54000" },
    { SQLITE_MISMATCH, CORM_ERROR_TYPE, "42804" },
    { SQLITE_RANGE, CORM_ERROR_USAGE, "" },
    { SQLITE_MISUSE, CORM_ERROR_USAGE, "" },
    { SQLITE_ERROR, CORM_ERROR_SQL, "42000" },
};

/* SQLITE_ERROR is everything else: only its message tells. */
static const struct {
    const char *text;
    corm_status status;
    const char *sqlstate;
} messages[] = {
    { "unsupported file format", CORM_ERROR_CORRUPT, "XX001" },
    { "file is not a database", CORM_ERROR_CORRUPT, "XX001" },
    { "malformed database schema", CORM_ERROR_CORRUPT, "XX001" },
    { "database disk image is malformed", CORM_ERROR_CORRUPT, "XX001" },
    { "no such table: ", CORM_ERROR_NO_TABLE, "42P01" },
    { "no such column: ", CORM_ERROR_SQL, "42703" },
    { "no such function: ", CORM_ERROR_SQL, "42883" },
    { "syntax error", CORM_ERROR_SQL, "42601" },
    { "integer overflow", CORM_ERROR_RANGE, "22003" },
    { "decimal overflow", CORM_ERROR_RANGE, "22003" },
    { "floating point overflow", CORM_ERROR_RANGE, "22003" },
    { "a value does not fit ", CORM_ERROR_RANGE, "22003" },
    { "a value is not a ", CORM_ERROR_TYPE, "22P02" },
    { "division by zero", CORM_ERROR_RANGE, "22012" },
    { "invalid regular expression", CORM_ERROR_SQL, "2201B" },
    { "LIKE pattern must not end", CORM_ERROR_SQL, "22025" },
    { "within a transaction", CORM_ERROR_TRANSACTION, "25001" },
    { "no transaction is active", CORM_ERROR_TRANSACTION, "25P01" },
    { "already exists", CORM_ERROR_SQL, "42P07" },
};

static void copy(char *field, size_t size, const char *text, size_t length) {
    corm__error_set(field, size, "%.*s", (int)length, text);
}

/* Are these ("users.email, users.name", as in the message) the columns? */
static bool same_columns(const char *message, const char *table, const char *columns) {
    size_t prefix = strlen(table) + 1, length;
    const char *at = message, *name;
    for (size_t i = 0; (name = corm__names_item(columns, i, &length, NULL)); i++) {
        if (corm__compare_nocase_n(at, table, prefix - 1) != 0 || at[prefix - 1] != '.' ||
            corm__compare_nocase_n(at + prefix, name, length) != 0)
            return false;
        at += prefix + length;
        if (strncmp(at, ", ", 2) == 0)
            at += 2;
        else if (*at)
            return false;
    }
    return !*at;
}

static const char *name_in_table(corm_arena *arena, const char *table, const char *sql,
                                 const char *columns) {
    corm_parsed_table parsed;
    if (corm__sqlite_parse_table(arena, sql, &parsed) != 0) return NULL;
    for (size_t i = 0; i < parsed.n_constraints; i++) {
        const corm_constraint *c = &parsed.constraints[i];
        if (c->kind != CORM_CONSTRAINT_UNIQUE || !same_columns(columns, table, c->columns))
            continue;
        return c->name ? c->name : corm__derived_name(arena, table, c->columns, "uniq");
    }
    return NULL;
}

static void find_unique(sqlite3 *db, const char *columns, corm_error_info *error) {
    static const char sql[] = "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = ?1 AND "
                              "sql IS NOT NULL AND type IN ('table', "
                              "'index') ORDER BY type DESC";
    corm_arena arena = { 0 };
    sqlite3_stmt *stmt = NULL;
    const char *found = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK)
        sqlite3_bind_text(stmt, 1, error->table, -1, SQLITE_STATIC);
    while (stmt && !found && sqlite3_step(stmt) == SQLITE_ROW) {
        const char *type = (const char *)sqlite3_column_text(stmt, 0),
                   *text = (const char *)sqlite3_column_text(stmt, 2);
        corm_index index = { 0 };
        if (!type || !text) break;
        if (strcmp(type, "table") == 0)
            found = name_in_table(&arena, error->table, text, columns);
        else if (corm__sqlite_parse_index(&arena, text, &index) == 0 && index.unique &&
                 index.columns && same_columns(columns, error->table, index.columns))
            found = (const char *)sqlite3_column_text(stmt, 1);
    }
    if (found) copy(error->constraint, sizeof error->constraint, found, strlen(found));
    sqlite3_finalize(stmt);
    corm__arena_release(&arena);
}

/* "UNIQUE constraint failed: users.email, users.name", "… : index 'name'", "NOT NULL constraint
 * failed: users.email", "CHECK constraint failed: name". */
static void constraint_names(sqlite3 *db, corm_error_info *error) {
    const char *names = strstr(error->message, "constraint failed: ");
    if (!names) return;
    names += strlen("constraint failed: ");
    if (error->status == CORM_ERROR_CHECK) {
        copy(error->constraint, sizeof error->constraint, names, strlen(names));
        return;
    }
    if (strncmp(names, "index '", 7) == 0) {
        names += 7;
        copy(error->constraint, sizeof error->constraint, names, strcspn(names, "'"));
        return;
    }
    const char *dot = strchr(names, '.');
    if (!dot) return;
    copy(error->table, sizeof error->table, names, (size_t)(dot - names));
    copy(error->column, sizeof error->column, dot + 1, strcspn(dot + 1, ","));
    if (error->vendor_code == SQLITE_CONSTRAINT_UNIQUE) find_unique(db, names, error);
}

/* A rebuilt table is filled under another name, which nobody knows. */
static void name_own_table(corm_error_info *error) {
    static const char mark[] = "corm_new_";
    char *fields[] = { error->message, error->table, error->constraint };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        for (char *at = fields[i]; (at = strstr(at, mark));)
            memmove(at, at + sizeof mark - 1, strlen(at + sizeof mark - 1) + 1);
}

/* Errors of the disk, not of the SQL: which file it is, and what to do. */
static void explain_file(sqlite3 *db, corm_error_info *error) {
    const char *path = db ? sqlite3_db_filename(db, "main") : NULL, *hint = NULL;
    switch ((int)error->status) {
    case CORM_ERROR_FULL:
        hint = "free space on the disk; nothing of the transaction was kept";
        break;
    case CORM_ERROR_CORRUPT:
        hint = "check that the path is right; restore the file from a backup when it is";
        break;
    case CORM_ERROR_READ_ONLY:
        hint = "the file and its folder must be writable for this user";
        break;
    case CORM_ERROR_IO:
        hint = (error->vendor_code & 0xFF) == SQLITE_CANTOPEN
                   ? "check the path, and that this user may create files in its folder"
                   : "the system's log says more about the disk";
        break;
    default: return;
    }
    corm__error_hint(error, "%s", hint);
    if (!path || !*path) return;
    char message[sizeof error->message];
    corm__error_set(message, sizeof message, "%s: %s", path, error->message);
    corm__error_set(error->message, sizeof error->message, "%s", message);
}

static bool disk_is_full(sqlite3 *db, int rc) {
    int reason = db && ((rc & 0xFF) == SQLITE_IOERR || (rc & 0xFF) == SQLITE_CANTOPEN)
                     ? sqlite3_system_errno(db)
                     : 0;
    return reason == ENOSPC || reason == EDQUOT;
}

int corm__sqlite_error(sqlite3 *db, int rc, const char *sql, corm_error_info *error) {
    if (rc == SQLITE_NOMEM) return corm__fail_memory(error);
    corm_status status = CORM_ERROR_DATABASE;
    const char *sqlstate = "";
    for (size_t i = 0; i < sizeof mappings / sizeof *mappings; i++) {
        if (mappings[i].code != rc && mappings[i].code != (rc & 0xFF)) continue;
        status = mappings[i].status;
        sqlstate = mappings[i].sqlstate;
        break;
    }
    const char *message = db ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
    for (size_t i = 0; (rc & 0xFF) == SQLITE_ERROR && i < sizeof messages / sizeof *messages; i++) {
        if (!strstr(message, messages[i].text)) continue;
        status = messages[i].status;
        sqlstate = messages[i].sqlstate;
        break;
    }
    /* A transaction that has read cannot wait for a writer: what it read would be stale. SQLite
     * does not wait, and only doing it all again helps. */
    if (rc == SQLITE_CONSTRAINT_TRIGGER &&
        strcmp(message, "FOREIGN KEY constraint failed") == 0) { /* ON DELETE RESTRICT */
        status = CORM_ERROR_FOREIGN_KEY;
        sqlstate = "23503";
    }
    if (rc == SQLITE_BUSY && db && !sqlite3_get_autocommit(db) &&
        sqlite3_txn_state(db, "main") == SQLITE_TXN_READ) {
        status = CORM_ERROR_DEADLOCK;
        sqlstate = "40P01";
    }
    if (disk_is_full(db, rc)) {
        status = CORM_ERROR_FULL;
        sqlstate = "53100";
        message = "database or disk is full";
    }
    corm__fail(error, status, "%s", message);
    error->vendor_code = rc;
    corm__error_set(error->sqlstate, sizeof error->sqlstate, "%s", sqlstate);
    if (sql) corm__error_set(error->sql, sizeof error->sql, "%s", sql);
    if (db && (rc & 0xFF) == SQLITE_CONSTRAINT) {
        constraint_names(db, error);
        name_own_table(error);
    }
    if (status == CORM_ERROR_NO_TABLE) {
        const char *name = strstr(error->message, "no such table: ") + strlen("no such table: ");
        copy(error->table, sizeof error->table, name, strlen(name));
        corm__error_hint(error, "run migrate, or correct the table's name");
    }
    if (strcmp(error->sqlstate, "42703") == 0)
        corm__error_hint(error, "run makemigrations and migrate, or correct the column's name");
    if (status == CORM_ERROR_LOCKED)
        corm__error_hint(error, "another connection is writing: try again, or raise busy_timeout");
    explain_file(db, error);
    return status;
}

/* --- damage that shows as something else --- */

enum { CHECK_AGAIN = 3600 /* seconds */, MOST_BYTES_CHECKED = 64 << 20 };

/* What quick_check says of the table, but for what no damage explains: a check that was off. */
static bool find_damage(sqlite3 *db, const char *table, char *found, size_t size) {
    sqlite3_stmt *stmt = NULL;
    char *sql = sqlite3_mprintf("PRAGMA quick_check(%Q)", table);
    int rc = sql ? sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) : SQLITE_NOMEM;
    *found = 0;
    while (rc == SQLITE_OK && !*found && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        if (text && strcmp(text, "ok") != 0 && !strstr(text, "CHECK constraint failed"))
            corm__error_set(found, size, "%s", text);
        rc = SQLITE_OK;
    }
    if ((rc & 0xFF) == SQLITE_CORRUPT || (rc & 0xFF) == SQLITE_NOTADB)
        corm__error_set(found, size, "%s", sqlite3_errmsg(db));
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    return *found != 0;
}

/* A UNIQUE violation is an everyday matter: of a large file it is believed. */
static bool worth_checking(corm_conn *conn, const char *table, corm_status status) {
    if (!table || !*table) return false;
    if (conn->sound_until > corm__clock() && strcmp(conn->sound, table) == 0) return false;
    if (status != CORM_ERROR_UNIQUE) return true;
    sqlite3_stmt *stmt = NULL;
    static const char sql[] =
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    bool small = sqlite3_prepare_v2(conn->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
                 sqlite3_step(stmt) == SQLITE_ROW &&
                 sqlite3_column_int64(stmt, 0) <= MOST_BYTES_CHECKED;
    sqlite3_finalize(stmt);
    return small;
}

int corm__sqlite_explain(corm_conn *conn, const char *table, corm_error_info *error) {
    char found[256];
    corm_status status = error->status;
    if (status != CORM_ERROR_UNIQUE && status != CORM_ERROR_NOT_NULL && status != CORM_ERROR_TYPE &&
        status != CORM_ERROR_RANGE)
        return status;
    if (!worth_checking(conn, table, status)) return status;
    if (!find_damage(conn->db, table, found, sizeof found)) {
        corm__error_set(conn->sound, sizeof conn->sound, "%s", table);
        conn->sound_until = corm__clock() + CHECK_AGAIN;
        return status;
    }
    char name[sizeof error->table];
    corm__error_set(name, sizeof name, "%s", table);
    corm__fail(error, CORM_ERROR_CORRUPT, "table %s is damaged: %s", name, found);
    error->vendor_code = SQLITE_CORRUPT;
    corm__error_set(error->sqlstate, sizeof error->sqlstate, "XX001");
    corm__error_set(error->table, sizeof error->table, "%s", name);
    explain_file(conn->db, error);
    return CORM_ERROR_CORRUPT;
}
