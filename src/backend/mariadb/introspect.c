/* The tables of the current database as plain data. Five queries over information_schema, whatever
 * the number of tables: tables, columns, indexes, foreign keys, conditions, each in the order of
 * the tables' names, so that one pass over each puts them together.
 *
 * What corm writes in another form than it was declared becomes that again: json_valid(…) a JSON
 * column, NOT NULL of a generated column, the indexes that serve foreign keys nothing at all. What
 * another tool has made becomes the nearest that corm has. */
#include "backend/mariadb/ddl.h"
#include "backend/mariadb/declaration.h"
#include "base/error.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The collation of information_schema does not tell a from A: the order, and the one name that is
 * asked for, go by bytes. */
#define ONLY(table) "(%S IS NULL OR CAST(" table ".TABLE_NAME AS BINARY) = CAST(%S AS BINARY))"
#define BY_NAME(table) " ORDER BY CAST(" table ".TABLE_NAME AS BINARY)"

static const char tables_sql[] =
    "SELECT t.TABLE_NAME, t.TABLE_COLLATION, t.TABLE_COMMENT FROM information_schema.TABLES t"
    " WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') "
    "AND " ONLY("t") BY_NAME("t");
enum { TABLE_NAME, TABLE_COLLATION, TABLE_COMMENT };

static const char columns_sql[] =
    "SELECT c.TABLE_NAME, c.COLUMN_NAME, c.COLUMN_TYPE, c.IS_NULLABLE, c.COLUMN_DEFAULT, c.EXTRA, "
    "c.COLLATION_NAME, c.COLUMN_COMMENT, "
    "c.GENERATION_EXPRESSION FROM information_schema.COLUMNS c WHERE c.TABLE_SCHEMA = DATABASE() "
    "AND " ONLY("c") BY_NAME("c") ", c.ORDINAL_POSITION";
enum {
    COLUMN_NAME = 1,
    COLUMN_TYPE,
    COLUMN_NULLABLE,
    COLUMN_DEFAULT,
    COLUMN_EXTRA,
    COLUMN_COLLATION,
    COLUMN_COMMENT,
    COLUMN_GENERATED
};

static const char indexes_sql[] = "SELECT s.TABLE_NAME, s.INDEX_NAME, s.COLUMN_NAME, s.NON_UNIQUE, "
                                  "s.COLLATION, s.INDEX_TYPE, s.INDEX_COMMENT FROM "
                                  "information_schema.STATISTICS s"
                                  " WHERE s.TABLE_SCHEMA = DATABASE() AND " ONLY("s")
                                      BY_NAME("s") ", CAST(s.INDEX_NAME AS BINARY), s.SEQ_IN_INDEX";
enum { INDEX_NAME = 1, INDEX_COLUMN, INDEX_NOT_UNIQUE, INDEX_ORDER, INDEX_TYPE, INDEX_COMMENT };

static const char keys_sql[] =
    "SELECT k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_NAME, "
    "k.REFERENCED_COLUMN_NAME, r.DELETE_RULE"
    " FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r "
    "ON r.CONSTRAINT_NAME = k.CONSTRAINT_NAME"
    " AND r.TABLE_NAME = k.TABLE_NAME WHERE k.TABLE_SCHEMA = DATABASE() AND r.CONSTRAINT_SCHEMA = "
    "DATABASE() AND k.REFERENCED_TABLE_SCHEMA "
    "= "
    "DATABASE() AND " ONLY("k")
        BY_NAME("k") ", CAST(k.CONSTRAINT_NAME AS BINARY), k.ORDINAL_POSITION";
enum { KEY_NAME = 1, KEY_COLUMN, KEY_TABLE, KEY_TARGET, KEY_DELETE };

static const char checks_sql[] = "SELECT c.TABLE_NAME, c.CONSTRAINT_NAME, c.LEVEL, c.CHECK_CLAUSE "
                                 "FROM information_schema.CHECK_CONSTRAINTS c"
                                 " WHERE c.CONSTRAINT_SCHEMA = DATABASE() AND " ONLY("c")
                                     BY_NAME("c") ", CAST(c.CONSTRAINT_NAME AS BINARY)";
/* MySQL names a condition of a column like one of its table, and has no LEVEL. */
static const char mysql_checks_sql[] =
    "SELECT c.TABLE_NAME, c.CONSTRAINT_NAME, 'Table', k.CHECK_CLAUSE FROM "
    "information_schema.TABLE_CONSTRAINTS c JOIN "
    "information_schema.CHECK_CONSTRAINTS k ON k.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND "
    "k.CONSTRAINT_NAME = c.CONSTRAINT_NAME"
    " WHERE c.CONSTRAINT_SCHEMA = DATABASE() AND c.CONSTRAINT_TYPE = 'CHECK' AND " ONLY("c")
        BY_NAME("c") ", CAST(c.CONSTRAINT_NAME AS BINARY)";
enum { CHECK_NAME = 1, CHECK_LEVEL, CHECK_CLAUSE };

/* --- results --- */

/* The rows of one query, one ahead. */
typedef struct rows {
    MYSQL_RES *result;
    MYSQL_ROW row; /* NULL at the end */
} rows;

static void advance(rows *rows) { rows->row = mysql_fetch_row(rows->result); }

/* True when the row is about this table. Those before it are of what is no table here: of views, or
 * of one that is gone since. */
static bool about(rows *rows, const char *table) {
    while (rows->row && strcmp(rows->row[0], table) < 0) advance(rows);
    return rows->row && strcmp(rows->row[0], table) == 0;
}

typedef struct reading {
    corm_arena *arena;
    corm_error_info *error;
    rows tables, columns, indexes, keys, checks;
    bool broken; /* memory is out */
} reading;

static int run(reading *r, corm_conn *conn, const char *pattern, const char *columns,
               const char *only, rows *out) {
    corm_buffer sql = { 0 }, name = { 0 };
    if (only)
        corm__mariadb_literal(&name, only);
    else
        corm__buffer_puts(&name, "NULL");
    corm__mariadb_write(&sql, pattern, corm__buffer_text(&name), corm__buffer_text(&name));
    bool broken = corm__buffer_broken(&sql) || corm__buffer_broken(&name);
    out->result =
        broken ? NULL : corm__mariadb_query(conn, corm__buffer_text(&sql), columns, r->error);
    corm__buffer_release(&sql);
    corm__buffer_release(&name);
    if (broken) return corm__fail_memory(r->error);
    if (!out->result) return r->error->status;
    advance(out);
    return 0;
}

static char *text(reading *r, const char *from) {
    char *copy = corm__arena_strdup(r->arena, from);
    if (from && !copy) r->broken = true;
    return copy;
}

static char *text_or_null(reading *r, const char *from) {
    return from && *from ? text(r, from) : NULL;
}

static char *expression(reading *r, const corm_table *table, const char *sql) {
    char *copy = corm__mariadb_read_sql(r->arena, table, sql);
    if (!copy) r->broken = true;
    return copy;
}

/* --- a table in the making: what comes row by row, until it is copied into the arena --- */

typedef struct list {
    char *items;
    size_t n, capacity, size;
} list;

/* A zeroed item at the end of the list; NULL when memory is out. */
static void *append(reading *r, list *list) {
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 16;
        char *items = realloc(list->items, capacity * list->size);
        if (!items) {
            r->broken = true;
            return NULL;
        }
        list->items = items;
        list->capacity = capacity;
    }
    void *item = list->items + list->n++ * list->size;
    memset(item, 0, list->size);
    return item;
}

/* With the item that ends it; NULL for an empty one. */
static void *finish(reading *r, const list *list) {
    if (!list->n) return NULL;
    char *items = corm__arena_array(r->arena, list->n + 1, list->size);
    if (!items)
        r->broken = true;
    else
        memcpy(items, list->items, list->n * list->size);
    return items;
}

typedef struct building {
    corm_table table;
    const char *collation;
    list columns, indexes, constraints,
        keys; /* keys: the names of foreign keys by column, struct key */
} building;

typedef struct key {
    const char *column, *name;
} key;

static corm_column *column_of(building *b, const char *name) {
    corm_column *columns = (corm_column *)(void *)b->columns.items;
    for (size_t i = 0; i < b->columns.n; i++)
        if (strcmp(columns[i].name, name) == 0) return &columns[i];
    return NULL;
}

/* --- columns --- */

static bool is_text(corm_kind kind) { return kind == CORM_VARCHAR || kind == CORM_TEXT; }

static void add_check(reading *r, building *b, char *name, char *check) {
    corm_constraint *constraint = append(r, &b->constraints);
    if (constraint)
        *constraint =
            (corm_constraint){ .name = name, .kind = CORM_CONSTRAINT_CHECK, .check = check };
    if (!name || !check) r->broken = true;
}

__attribute__((format(printf, 3, 4))) static void leave_out(reading *r, building *b,
                                                            const char *format, ...) {
    corm_buffer line = { 0 };
    va_list arguments;
    if (b->table.left_out) corm__buffer_printf(&line, "%s\n", b->table.left_out);
    va_start(arguments, format);
    corm__buffer_vprintf(&line, format, arguments);
    va_end(arguments);
    if (!(b->table.left_out = corm__buffer_copy(&line, r->arena))) r->broken = true;
    corm__buffer_release(&line);
}

static void read_column(reading *r, building *b) {
    MYSQL_ROW row = r->columns.row;
    corm_column *column = append(r, &b->columns);
    if (!column) return;
    column->name = text(r, row[COLUMN_NAME]);
    if (!column->name) return;
    corm__mariadb_read_type(row[COLUMN_TYPE], column);
    column->null = strcmp(row[COLUMN_NULLABLE], "YES") == 0;
    column->comment = text_or_null(r, row[COLUMN_COMMENT]);
    if (is_text(column->kind) && row[COLUMN_COLLATION] &&
        strcmp(row[COLUMN_COLLATION], b->collation) != 0)
        column->collation = text(r, row[COLUMN_COLLATION]);
    bool counts = strstr(row[COLUMN_EXTRA], "auto_increment") != NULL;
    bool exact;
    if (!corm__mariadb_is_exact(column, row[COLUMN_TYPE], &exact)) r->broken = true;
    if (!exact) column->approximates = text(r, row[COLUMN_TYPE]);
    if (strstr(row[COLUMN_EXTRA], "on update"))
        leave_out(r, b, "column %s: %s", column->name, row[COLUMN_EXTRA]);
    if (counts)
        *column =
            (corm_column){ .name = column->name,
                           .kind = CORM_IDENTITY,
                           .element = column->kind == CORM_SMALLINT || column->kind == CORM_INTEGER
                                          ? column->kind
                                          : CORM_NULL,
                           .comment = column->comment,
                           .approximates = column->approximates };
    else if (row[COLUMN_GENERATED] && *row[COLUMN_GENERATED])
        column->generated = row[COLUMN_GENERATED]; /* read when all columns are known */
    else if (!corm__mariadb_read_default(r->arena, row[COLUMN_DEFAULT], column,
                                         &column->default_value))
        r->broken = true;
    char *check;
    if (!corm__mariadb_read_enum(r->arena, column->name, row[COLUMN_TYPE], &check))
        r->broken = true;
    if (check)
        add_check(r, b, corm__derived_name(r->arena, b->table.name, column->name, "check"), check);
}

static void read_columns(reading *r, building *b) {
    for (; about(&r->columns, b->table.name); advance(&r->columns)) read_column(r, b);
    corm_table known = { .columns = finish(r, &b->columns) };
    corm_column *columns = (corm_column *)(void *)b->columns.items;
    for (size_t i = 0; i < b->columns.n && !r->broken; i++)
        if (columns[i].generated)
            columns[i].generated = expression(r, &known, columns[i].generated);
}

/* --- conditions --- */

/* A condition of a column's own: what corm writes for a kind goes into the column. True when it was
 * that. */
static bool read_own_check(corm_column *column, const char *clause) {
    bool json = strstr(clause, "json_valid(") != NULL,
         not_null = column->generated && strstr(clause, " is not null") != NULL;
    if (json && (column->kind == CORM_TEXT || column->kind == CORM_VARCHAR)) {
        column->kind = CORM_JSON;
        column->collation = NULL;
    }
    if (not_null) column->null = false;
    return json || not_null;
}

static void read_checks(reading *r, building *b) {
    corm_table known = { .columns = finish(r, &b->columns) };
    for (; about(&r->checks, b->table.name) && !r->broken; advance(&r->checks)) {
        MYSQL_ROW row = r->checks.row;
        corm_column *column =
            strcmp(row[CHECK_LEVEL], "Column") == 0 ? column_of(b, row[CHECK_NAME]) : NULL;
        if (column && read_own_check(column, row[CHECK_CLAUSE])) continue;
        char *name = column ? corm__derived_name(r->arena, b->table.name, column->name, "check")
                            : text(r, row[CHECK_NAME]);
        add_check(r, b, name, expression(r, &known, row[CHECK_CLAUSE]));
    }
}

/* --- foreign keys --- */

static corm_on_delete on_delete(const char *rule) {
    return strcmp(rule, "CASCADE") == 0       ? CORM_CASCADE
           : strcmp(rule, "SET NULL") == 0    ? CORM_SET_NULL
           : strcmp(rule, "SET DEFAULT") == 0 ? CORM_SET_DEFAULT
           : strcmp(rule, "RESTRICT") == 0    ? CORM_RESTRICT
                                              : CORM_NO_ACTION;
}

/* The name is left out when it is the one that corm gives. Of several columns: a schema has no
 * place for it. */
static void read_key(reading *r, building *b) {
    MYSQL_ROW row = r->keys.row;
    char *name = text(r, row[KEY_NAME]);
    corm_column *column = column_of(b, row[KEY_COLUMN]);
    corm_reference reference = { .table = text(r, row[KEY_TABLE]),
                                 .column = text(r, row[KEY_TARGET]),
                                 .on_delete = on_delete(row[KEY_DELETE]) };
    size_t n = 0;
    corm_buffer columns = { 0 }, targets = { 0 };
    for (; name && about(&r->keys, b->table.name) && strcmp(r->keys.row[KEY_NAME], name) == 0;
         advance(&r->keys), n++) {
        corm__buffer_printf(&columns, "%s%s", n ? ", " : "", r->keys.row[KEY_COLUMN]);
        corm__buffer_printf(&targets, "%s%s", n ? ", " : "", r->keys.row[KEY_TARGET]);
    }
    if (!name) advance(&r->keys);
    if (n > 1)
        leave_out(r, b, "constraint %s: FOREIGN KEY (%s) REFERENCES %s (%s)", name,
                  corm__buffer_text(&columns), reference.table ? reference.table : "",
                  corm__buffer_text(&targets));
    if (corm__buffer_broken(&columns) || corm__buffer_broken(&targets)) r->broken = true;
    corm__buffer_release(&columns);
    corm__buffer_release(&targets);
    if (n != 1 || !column || r->broken) return;
    key *known = append(r, &b->keys);
    if (known) *known = (key){ column->name, name };
    if (column->references.table) return; /* a second one over the same column */
    column->references = reference;
    const char *derived = corm__foreign_key_name(r->arena, &b->table, column);
    if (!derived) r->broken = true;
    if (derived && strcmp(derived, name) != 0) column->references.name = name;
}

/* --- indexes --- */

/* True for an index that serves a foreign key or a counter and that nobody asked for. */
static bool is_support(reading *r, building *b, const char *name, const char *first) {
    const corm_column *column = column_of(b, first);
    const key *keys = (const key *)(const void *)b->keys.items;
    for (size_t i = 0; i < b->keys.n; i++)
        if (strcmp(keys[i].column, first) == 0 && strcmp(keys[i].name, name) == 0) return true;
    if (!column || (!column->references.table && column->kind != CORM_IDENTITY)) return false;
    const char *derived = corm__mariadb_support_name(r->arena, &b->table, column);
    if (!derived) r->broken = true;
    return derived && strcmp(derived, name) == 0;
}

static void add_index(reading *r, building *b, char *name, char *columns, MYSQL_ROW row,
                      bool descends) {
    bool unique = row[INDEX_NOT_UNIQUE][0] == '0',
         fulltext = strcmp(row[INDEX_TYPE], "FULLTEXT") == 0;
    if (unique && !descends && strncmp(row[INDEX_COMMENT], "index", 5) != 0) {
        corm_constraint *constraint = append(r, &b->constraints);
        if (constraint)
            *constraint = (corm_constraint){ .name = name,
                                             .kind = CORM_CONSTRAINT_UNIQUE,
                                             .columns = columns };
        return;
    }
    corm_index *index = append(r, &b->indexes);
    if (index)
        *index = (corm_index){ .name = name,
                               .columns = columns,
                               .unique = unique,
                               .method = fulltext ? "fulltext" : NULL };
}

/* In a comment of corm's, "(asc, desc)", for a server that does not keep the order itself. */
static bool says_desc(const char *comment, size_t column) {
    const char *p = comment + (strncmp(comment, "index ", 6) == 0 ? 6 : 0);
    if (strncmp(p, "(asc", 4) != 0 && strncmp(p, "(desc", 5) != 0) return false;
    for (p++; column && (p = strchr(p, ',')); column--) p += strspn(p, ", ");
    return p && strncmp(p, "desc", 4) == 0;
}

static void read_index(reading *r, building *b) {
    MYSQL_ROW row = r->indexes.row, last = row;
    char *name = text(r, row[INDEX_NAME]), *columns = NULL;
    const char *first = row[INDEX_COLUMN];
    corm_buffer names = { 0 };
    size_t n = 0;
    bool descends = false, expressions = false;
    for (;
         name && about(&r->indexes, b->table.name) && strcmp(r->indexes.row[INDEX_NAME], name) == 0;
         advance(&r->indexes), n++) {
        row = last = r->indexes.row;
        bool down =
            (row[INDEX_ORDER] && *row[INDEX_ORDER] == 'D') || says_desc(row[INDEX_COMMENT], n);
        descends |= down;
        expressions |= !row[INDEX_COLUMN];
        corm__buffer_printf(&names, "%s%s%s", n ? ", " : "",
                            row[INDEX_COLUMN] ? row[INDEX_COLUMN] : "", down ? " desc" : "");
    }
    if (!name) advance(&r->indexes);
    columns = corm__buffer_copy(&names, r->arena);
    corm__buffer_release(&names);
    if (!name || !columns) {
        r->broken = true;
        return;
    }
    bool other = strcmp(last[INDEX_TYPE], "SPATIAL") == 0 ||
                 strcmp(last[INDEX_TYPE], "RTREE") == 0 || strcmp(last[INDEX_TYPE], "VECTOR") == 0;
    if (strcmp(name, "PRIMARY") == 0)
        b->table.primary_key = columns;
    else if (other || expressions)
        leave_out(r, b, "index %s (%s): %s", name, columns,
                  other ? last[INDEX_TYPE] : "of expressions");
    else if (!other && !expressions &&
             !(n == 1 && last[INDEX_NOT_UNIQUE][0] != '0' && is_support(r, b, name, first)))
        add_index(r, b, name, columns, last, descends);
}

/* --- tables --- */

static void read_table(reading *r, corm_table *out) {
    MYSQL_ROW row = r->tables.row;
    building b = { .columns.size = sizeof(corm_column),
                   .indexes.size = sizeof(corm_index),
                   .constraints.size = sizeof(corm_constraint),
                   .keys.size = sizeof(key) };
    b.table = (corm_table){ .name = text(r, row[TABLE_NAME]),
                            .app = "",
                            .model = "",
                            .comment = text_or_null(r, row[TABLE_COMMENT]) };
    b.collation = row[TABLE_COLLATION] ? row[TABLE_COLLATION] : "";
    if (!r->broken) read_columns(r, &b);
    if (!r->broken) read_checks(r, &b);
    while (!r->broken && about(&r->keys, b.table.name)) read_key(r, &b);
    while (!r->broken && about(&r->indexes, b.table.name)) read_index(r, &b);
    b.table.columns = finish(r, &b.columns);
    b.table.indexes = finish(r, &b.indexes);
    b.table.constraints = finish(r, &b.constraints);
    free(b.columns.items);
    free(b.indexes.items);
    free(b.constraints.items);
    free(b.keys.items);
    *out = b.table;
}

static bool is_unsigned(const corm_column *c) {
    return c && c->kind == CORM_DECIMAL && c->approximates &&
           strncmp(c->approximates, "bigint", 6) == 0;
}
static void make_bigint(corm_column *c) {
    if (is_unsigned(c)) c->kind = CORM_BIGINT, c->digits = 0;
}

/* A bigint without a sign holds numbers that only a decimal can; as a key it is a number of rows,
 * and no table has so many. */
static void read_keys_as_numbers(corm_schema *schema) {
    for (size_t i = 0; i < schema->n_tables; i++)
        for (corm_column *c = (corm_column *)schema->tables[i].columns; c && c->name; c++) {
            const corm_table *table =
                c->references.table ? corm__table_find(schema, c->references.table) : NULL;
            if (corm__names_have(schema->tables[i].primary_key, c->name) || c->references.table)
                make_bigint(c);
            if (table) make_bigint((corm_column *)corm__column_find(table, c->references.column));
        }
}

static int read_tables(reading *r, corm_schema *out) {
    size_t n = mysql_num_rows(r->tables.result), i = 0;
    corm_table *tables = corm__arena_array(r->arena, n + 1, sizeof *tables);
    if (!tables) return corm__fail_memory(r->error);
    for (; r->tables.row && !r->broken; advance(&r->tables)) read_table(r, &tables[i++]);
    if (r->broken) return corm__fail_memory(r->error);
    *out = (corm_schema){ tables, n };
    read_keys_as_numbers(out);
    return 0;
}

int corm__mariadb_introspect(corm_conn *conn, const char *only, corm_arena *arena, corm_schema *out,
                             corm_error_info *error) {
    reading r = { .arena = arena, .error = error };
    *out = (corm_schema){ 0 };
    int status = run(&r, conn, tables_sql, "!??", only, &r.tables);
    if (!status) status = run(&r, conn, columns_sql, "!!!!?!???", only, &r.columns);
    if (!status) status = run(&r, conn, indexes_sql, "!!?!?!!", only, &r.indexes);
    if (!status) status = run(&r, conn, keys_sql, "!!!!!!", only, &r.keys);
    if (!status)
        status = run(&r, conn, conn->is_mysql ? mysql_checks_sql : checks_sql, "!!!!", only,
                     &r.checks);
    if (!status) status = read_tables(&r, out);
    mysql_free_result(r.tables.result);
    mysql_free_result(r.columns.result);
    mysql_free_result(r.indexes.result);
    mysql_free_result(r.keys.result);
    mysql_free_result(r.checks.result);
    return status;
}
