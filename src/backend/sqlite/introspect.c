/* The live schema as plain data. PRAGMA table_xinfo says what columns there are; what it does not
 * say (names of constraints, checks, references with their DEFERRABLE, collations, generated
 * columns) is read from the text of the CREATE statements. */
#include "backend/sqlite/driver.h"
#include "backend/sqlite/parse.h"
#include "backend/sqlite/declaration.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/error.h"
#include <string.h>

typedef struct reading {
    sqlite3 *db;
    corm_arena *arena;
    corm_error_info *error;
} reading;

static int failed(const reading *r, int rc) {
    return corm__sqlite_error(r->db, rc, NULL, r->error);
}

/* A statement with name as its parameter; the caller finalizes. */
static int query(const reading *r, const char *sql, const char *name, sqlite3_stmt **out) {
    int rc = sqlite3_prepare_v2(r->db, sql, -1, out, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(*out, 1, name, -1, SQLITE_STATIC);
    return rc == SQLITE_OK ? CORM_OK : failed(r, rc);
}

/* 1: a row. 0: the end. */
static int row(const reading *r, sqlite3_stmt *stmt) {
    int rc = sqlite3_step(stmt);
    return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : failed(r, rc);
}

static const char *text(const reading *r, sqlite3_stmt *stmt, int column) {
    return corm__arena_strdup(r->arena, (const char *)sqlite3_column_text(stmt, column));
}

static const corm_parsed_column *parsed_column(const corm_parsed_table *parsed, const char *name) {
    for (size_t i = 0; i < parsed->n_columns; i++)
        if (parsed->columns[i].name && corm__compare_nocase(parsed->columns[i].name, name) == 0)
            return &parsed->columns[i];
    return NULL;
}

/* --- columns --- */

enum { NAME, TYPE, NOT_NULL, DEFAULT_TEXT, KEY, HIDDEN, COUNT };

static int read_column(const reading *r, sqlite3_stmt *stmt, const corm_parsed_table *parsed,
                       corm_column *out) {
    const char *type = (const char *)sqlite3_column_text(stmt, TYPE), *name = text(r, stmt, NAME);
    if (!type || !name) return corm__fail_memory(r->error);
    *out = (corm_column){ .name = name };
    if (!corm__sqlite_read_type(type, out) &&
        !(out->approximates = *type ? text(r, stmt, TYPE) : "no type"))
        return corm__fail_memory(r->error);
    bool key = sqlite3_column_int(stmt, KEY) > 0;
    out->null = !sqlite3_column_int(stmt, NOT_NULL) && !key;
    if (key && sqlite3_column_int(stmt, COUNT) == 1 && corm__compare_nocase(type, "INTEGER") == 0)
        out->kind = CORM_IDENTITY; /* SQLite numbers these */
    const corm_parsed_column *more = parsed_column(parsed, name);
    if (more) {
        bool own = out->kind == CORM_DECIMAL && more->collation &&
                   corm__compare_nocase(more->collation, "corm_decimal") == 0;
        out->collation = own ? NULL : more->collation;
        out->references = more->references;
        out->generated = more->generated; /* as stored; see finish_columns */
        if (out->kind == CORM_IDENTITY && out->references.table)
            out->kind = CORM_BIGINT; /* a number that another table gives */
    }
    if (out->generated) return CORM_OK;
    return corm__sqlite_read_default(r->arena, out,
                                     (const char *)sqlite3_column_text(stmt, DEFAULT_TEXT),
                                     &out->default_value)
               ? corm__fail_memory(r->error)
               : CORM_OK;
}

static int read_columns(const reading *r, corm_table *table, const corm_parsed_table *parsed) {
    sqlite3_stmt *stmt = NULL;
    size_t n = 0, capacity = 0;
    corm_column *columns = NULL;
    int status = query(r,
                       "SELECT name, type, \"notnull\", dflt_value, pk, hidden, (SELECT count(*) "
                       "FROM pragma_table_xinfo(?1) WHERE pk > 0) "
                       "FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid",
                       table->name, &stmt),
        more = 0;
    while (!status && (more = row(r, stmt)) == 1) {
        if (n + 1 >= capacity) {
            size_t larger = capacity ? capacity * 2 : 16;
            corm_column *grown = corm__arena_array(r->arena, larger, sizeof *grown);
            if (!grown) {
                status = corm__fail_memory(r->error);
                break;
            }
            if (n) memcpy(grown, columns, n * sizeof *grown);
            columns = grown, capacity = larger;
        }
        status = read_column(r, stmt, parsed, &columns[n++]);
    }
    sqlite3_finalize(stmt);
    table->columns = columns;
    return status ? status : more;
}

static int read_key(const reading *r, corm_table *table) {
    sqlite3_stmt *stmt = NULL;
    const char *names = NULL;
    int status = query(r,
                       "SELECT group_concat(name, ', ') FROM (SELECT name FROM "
                       "pragma_table_xinfo(?1) WHERE pk > 0 ORDER BY pk)",
                       table->name, &stmt);
    if (!status && (status = row(r, stmt)) == 1) {
        status = CORM_OK;
        if (sqlite3_column_type(stmt, 0) != SQLITE_NULL && !(names = text(r, stmt, 0)))
            status = corm__fail_memory(r->error);
    }
    sqlite3_finalize(stmt);
    table->primary_key = names;
    return status;
}

/* REFERENCES users, without a column, means its primary key. */
static int referenced_column(const reading *r, corm_column *column) {
    corm_table to = { .name = column->references.table };
    int status = read_key(r, &to);
    column->references.column = to.primary_key ? to.primary_key : "rowid";
    return status;
}

static int finish_columns(const reading *r, corm_table *table) {
    int status = CORM_OK;
    for (corm_column *column = (corm_column *)table->columns; column && column->name && !status;
         column++) {
        if (column->generated && !(column->generated = corm__sqlite_read_result(
                                       r->arena, table, column, column->generated)))
            return corm__fail_memory(r->error);
        if (column->references.table && !column->references.column)
            status = referenced_column(r, column);
    }
    return status;
}

/* --- constraints and indexes --- */

static bool is_taken(const corm_constraint *constraints, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(constraints[i].name, name) == 0) return true;
    return false;
}

/* A constraint without a name gets the one that corm would give; a second one of this name a
 * number. */
static const char *constraint_name(const reading *r, const corm_table *table,
                                   const corm_constraint *constraints, size_t n,
                                   const char *columns, const char *suffix) {
    const char *name = corm__derived_name(r->arena, table->name, columns ? columns : "", suffix),
               *numbered = name;
    for (int i = 2; numbered && is_taken(constraints, n, numbered); i++)
        numbered = corm__arena_printf(r->arena, "%s%d", name, i);
    return numbered;
}

static int read_constraints(const reading *r, corm_table *table, const corm_parsed_table *parsed) {
    if (!parsed->n_constraints) return CORM_OK;
    corm_constraint *constraints =
        corm__arena_array(r->arena, parsed->n_constraints + 1, sizeof *constraints);
    if (!constraints) return corm__fail_memory(r->error);
    for (size_t i = 0; i < parsed->n_constraints; i++) {
        corm_constraint *to = &constraints[i];
        *to = parsed->constraints[i];
        bool unique = to->kind == CORM_CONSTRAINT_UNIQUE;
        if (!unique)
            to->check = to->check ? corm__sqlite_read_sql(r->arena, table, to->check) : NULL;
        if (!to->name)
            to->name = constraint_name(r, table, constraints, i,
                                       unique ? to->columns : parsed->check_columns[i],
                                       unique ? "uniq" : "check");
        if (!to->name || (unique ? !to->columns : !to->check)) return corm__fail_memory(r->error);
    }
    table->constraints = constraints;
    return CORM_OK;
}

static int read_index(const reading *r, sqlite3_stmt *stmt, const corm_table *table,
                      corm_index *out) {
    const char *sql = (const char *)sqlite3_column_text(stmt, 1);
    *out = (corm_index){ .name = text(r, stmt, 0) };
    bool ok = out->name && sql && corm__sqlite_parse_index(r->arena, sql, out) == CORM_OK;
    if (ok && out->expression)
        ok = (out->expression = corm__sqlite_read_sql(r->arena, table, out->expression)) != NULL;
    if (ok && out->where)
        ok = (out->where = corm__sqlite_read_sql(r->arena, table, out->where)) != NULL;
    return ok ? CORM_OK : corm__fail_memory(r->error);
}

static int read_indexes(const reading *r, corm_table *table) {
    sqlite3_stmt *stmt = NULL;
    corm_index *indexes = NULL;
    size_t n = 0;
    int status = query(r,
                       "SELECT name, sql, count(*) OVER () FROM sqlite_schema WHERE type = 'index' "
                       "AND tbl_name = ?1 AND sql IS NOT NULL "
                       "ORDER BY rowid",
                       table->name, &stmt),
        more = 0;
    while (!status && (more = row(r, stmt)) == 1) {
        if (!indexes)
            indexes = corm__arena_array(r->arena, (size_t)sqlite3_column_int(stmt, 2) + 1,
                                        sizeof *indexes);
        status = indexes ? read_index(r, stmt, table, &indexes[n++]) : corm__fail_memory(r->error);
    }
    sqlite3_finalize(stmt);
    table->indexes = indexes;
    return status ? status : more;
}

/* --- tables --- */

static int read_table(const reading *r, const char *sql, corm_table *table) {
    corm_parsed_table parsed;
    if (corm__sqlite_parse_table(r->arena, sql, &parsed) != CORM_OK)
        return corm__fail_memory(r->error);
    table->left_out = parsed.left_out;
    int status = read_columns(r, table, &parsed);
    if (!status) status = read_key(r, table);
    if (!status) status = finish_columns(r, table);
    if (!status) status = read_constraints(r, table, &parsed);
    return status ? status : read_indexes(r, table);
}

/* Without SQLite's own tables, and without virtual tables and what they keep. */
int corm__sqlite_introspect(corm_conn *conn, const char *only, corm_arena *arena, corm_schema *out,
                            corm_error_info *error) {
    reading r = { conn->db, arena, error };
    sqlite3_stmt *stmt = NULL;
    corm_table *tables = NULL;
    size_t n = 0;
    *out = (corm_schema){ 0 };
    int status = query(&r,
                       "SELECT name, sql, count(*) OVER () FROM sqlite_schema s WHERE type = "
                       "'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                       "AND sql LIKE 'CREATE TABLE%' AND (?1 IS NULL OR name = ?1) AND NOT EXISTS "
                       "(SELECT 1 FROM sqlite_schema v WHERE v.type = "
                       "'table' "
                       "AND v.sql LIKE 'CREATE VIRTUAL%' AND substr(s.name, 1, length(v.name) + 1) "
                       "= v.name || '_') ORDER BY rowid",
                       only, &stmt),
        more = 0;
    while (!status && (more = row(&r, stmt)) == 1) {
        const char *sql = (const char *)sqlite3_column_text(stmt, 1);
        if (!tables)
            tables =
                corm__arena_array(arena, (size_t)sqlite3_column_int(stmt, 2) + 1, sizeof *tables);
        if (!tables || !sql) {
            status = corm__fail_memory(error);
            break;
        }
        tables[n] = (corm_table){ .name = text(&r, stmt, 0), .app = "", .model = "" };
        status = tables[n].name ? read_table(&r, sql, &tables[n]) : corm__fail_memory(error);
        n++;
    }
    sqlite3_finalize(stmt);
    if (!status) status = more;
    if (status) return status;
    if (!tables && !(tables = corm__arena_zalloc(arena, sizeof *tables)))
        return corm__fail_memory(error);
    *out = (corm_schema){ tables, n };
    return CORM_OK;
}
