/* Statements by the binary protocol. Rows are read where the client library has them: its callback
 * gives the place of each value in the packet, and decode.c reads them from there into the structs.
 */
#include "backend/mariadb/statement.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/error.h"
#include <errmsg.h>
#include <stdlib.h>
#include <string.h>

struct corm_stmt {
    corm_conn *conn;
    MYSQL_STMT *handle;
    char *sql;
    size_t length;
    int n; /* parameters */
    corm_kind *kinds;
    MYSQL_BIND *binds;
    corm_mariadb_scratch *room;
    corm_arena arrays; /* their texts, of this execution */
    unsigned n_columns, capacity;
    MYSQL_FIELD *fields;
    corm_mariadb_cell *cells; /* of the row that was fetched last */
    const MYSQL_ROWS *before; /* where the library stands before it fetches; NULL: at a new block */
    bool malformed;           /* a value of that row goes beyond its packet */
    uint8_t *widths;          /* of the values over the wire; 0: a length stands before each */
    corm_mariadb_reader *readers;
    const corm_fetch *fetch; /* that the readers are for, in this execution; NULL: none */
    bool reads;              /* a SELECT: a cursor can be opened for it, and it can be run again */
    bool cursor;             /* the statement asks for one */
    bool rows, done, failed; /* the execution has a result; all of it was read; reading it failed */
    int64_t affected;
};

enum { REGEXP_ERROR = 1139, UNKNOWN_STATEMENT = 1243, REPREPARE = 1615 };
enum { CURSOR_ROWS = 500 }; /* fetched at once in a stream */

static int fail(corm_stmt *stmt, corm_error_info *error) {
    return corm__mariadb_fail(stmt->conn, stmt->handle, stmt->sql, error);
}

/* As the protocol writes it: one byte, or a mark and two, three or eight. False: it does not end
 * before the packet does. */
static bool read_length(unsigned char **p, const unsigned char *end, uint64_t *length) {
    static const uint8_t sizes[] = { 2, 3, 8 };
    if (*p >= end) return false;
    *length = *(*p)++;
    if (*length < 252) return true;
    size_t n = *length == 255 ? SIZE_MAX : sizes[*length - 252];
    if (n > (size_t)(end - *p)) return false;
    *length = 0;
    for (unsigned i = 0; i < n; i++) *length |= (uint64_t) * (*p)++ << 8 * i;
    return true;
}

static uint8_t width_of(enum enum_field_types type) {
    switch ((int)type) {
    case MYSQL_TYPE_TINY: return 1;
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_YEAR: return 2;
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_FLOAT: return 4;
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_DOUBLE: return 8;
    default: return 0;
    }
}

/* Behind the packet of the row that is being fetched. */
static const unsigned char *end_of_row(const corm_stmt *stmt) {
    const MYSQL_ROWS *row = stmt->before ? stmt->before : stmt->handle->result.data;
    return row ? (const unsigned char *)row->data + row->length : NULL;
}

/* The value of a column; *row is behind it afterwards. The library trusts the lengths that the
 * server gives. */
static void on_value(void *data, unsigned column, unsigned char **row) {
    corm_stmt *stmt = data;
    if (column >= stmt->n_columns) return;
    corm_mariadb_cell *cell = &stmt->cells[column];
    *cell = (corm_mariadb_cell){ .data = NULL };
    if (!row || stmt->malformed) return;
    const unsigned char *end = end_of_row(stmt);
    uint64_t size = stmt->widths[column];
    if (!end || (!size && !read_length(row, end, &size)) || *row > end ||
        size > (size_t)(end - *row)) {
        stmt->malformed = true;
        return;
    }
    *cell = (corm_mariadb_cell){ .data = *row, .size = (size_t)size };
    *row += size;
}

/* SELECT, or WITH …, VALUES (…), TABLE …, (SELECT …. */
static bool reads_only(const char *sql) {
    static const char *const words[] = { "select", "with", "values", "table" };
    sql += strspn(sql, " \t\r\n(");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (corm__compare_nocase_n(sql, words[i], strlen(words[i])) == 0) return true;
    return false;
}

static int make_room(corm_stmt *stmt, const char *sql, const corm_kind *kinds,
                     corm_error_info *error) {
    size_t n = (size_t)stmt->n;
    stmt->sql = strndup(sql, stmt->length);
    stmt->kinds = malloc((n + 1) * sizeof *stmt->kinds);
    stmt->binds = malloc((n + 1) * sizeof *stmt->binds);
    stmt->room = malloc((n + 1) * sizeof *stmt->room);
    if (!stmt->sql || !stmt->kinds || !stmt->binds || !stmt->room) return corm__fail_memory(error);
    if (n) memcpy(stmt->kinds, kinds, n * sizeof *kinds);
    stmt->reads = reads_only(stmt->sql);
    return 0;
}

static int prepare(corm_stmt *stmt, corm_error_info *error) {
    if (!(stmt->handle = mysql_stmt_init(stmt->conn->mysql))) return corm__fail_memory(error);
    if (mysql_stmt_prepare(stmt->handle, stmt->sql, stmt->length)) return fail(stmt, error);
    if (mysql_stmt_param_count(stmt->handle) != (unsigned long)stmt->n)
        return corm__fail(error, CORM_ERROR_USAGE, "the SQL has %lu parameters, %d are declared",
                          mysql_stmt_param_count(stmt->handle), stmt->n);
    unsigned long rows = CURSOR_ROWS;
    mysql_stmt_attr_set(stmt->handle, STMT_ATTR_PREFETCH_ROWS, &rows);
    mysql_stmt_attr_set(stmt->handle, STMT_ATTR_CB_USER_DATA, stmt);
    mysql_stmt_attr_set(stmt->handle, STMT_ATTR_CB_RESULT, (const void *)(uintptr_t)on_value);
    return 0;
}

int corm__mariadb_prepare(corm_conn *conn, const char *sql, size_t length, const corm_kind *kinds,
                          int n, corm_stmt **out, corm_error_info *error) {
    *out = NULL;
    corm_stmt *stmt = calloc(1, sizeof *stmt);
    if (!stmt) return corm__fail_memory(error);
    stmt->conn = conn;
    stmt->n = n;
    stmt->length = length;
    int status = make_room(stmt, sql, kinds, error);
    if (!status) status = prepare(stmt, error);
    if (status) {
        corm__error_set(error->sql, sizeof error->sql, "%.*s", (int)(length < 4096 ? length : 4096),
                        sql);
        corm__mariadb_finalize(stmt);
        return status;
    }
    *out = stmt;
    return 0;
}

void corm__mariadb_finalize(corm_stmt *stmt) {
    if (!stmt) return;
    if (stmt->handle) mysql_stmt_close(stmt->handle);
    corm__arena_release(&stmt->arrays);
    free(stmt->sql);
    free(stmt->kinds);
    free(stmt->binds);
    free(stmt->room);
    free(stmt->cells);
    free(stmt->widths);
    free(stmt->readers);
    free(stmt);
}

int corm__mariadb_column_count(corm_stmt *stmt) {
    return (int)mysql_stmt_field_count(stmt->handle);
}

const char *corm__mariadb_column_name(corm_stmt *stmt, int column) {
    return (unsigned)column < mysql_stmt_field_count(stmt->handle)
               ? mariadb_stmt_fetch_fields(stmt->handle)[column].name
               : "";
}

static int take_columns(corm_stmt *stmt, corm_error_info *error) {
    unsigned n = mysql_stmt_field_count(stmt->handle);
    stmt->n_columns = 0;
    if (n > stmt->capacity) {
        corm_mariadb_cell *cells = realloc(stmt->cells, n * sizeof *cells);
        if (cells) stmt->cells = cells;
        corm_mariadb_reader *readers = realloc(stmt->readers, n * sizeof *readers);
        if (readers) stmt->readers = readers;
        uint8_t *widths = realloc(stmt->widths, n);
        if (widths) stmt->widths = widths;
        if (!cells || !readers || !widths) return corm__fail_memory(error);
        stmt->capacity = n;
    }
    stmt->fields = mariadb_stmt_fetch_fields(stmt->handle);
    for (unsigned i = 0; i < n; i++) stmt->widths[i] = width_of(stmt->fields[i].type);
    stmt->n_columns = n;
    return 0;
}

/* The server prepares anew what * means; the library takes over the types of the columns, but not
 * their names. */
static bool renamed(const corm_stmt *stmt) {
    const MYSQL *mysql = stmt->conn->mysql;
    const MYSQL_FIELD *fields = mariadb_stmt_fetch_fields(stmt->handle);
    if (!mysql->fields || mysql->field_count != mysql_stmt_field_count(stmt->handle)) return false;
    for (unsigned i = 0; i < mysql->field_count; i++)
        if (strcmp(mysql->fields[i].name, fields[i].name) != 0) return true;
    return false;
}

/* A statement above the server's limit is not answered: it ends the connection. */
static int check_size(const corm_stmt *stmt, corm_error_info *error) {
    enum { EVERY_SERVER_TAKES = 1000000 };
    size_t bytes = 0;
    for (int i = 0; i < stmt->n; i++) bytes += stmt->binds[i].buffer_length;
    if (bytes <= EVERY_SERVER_TAKES) return 0;
    size_t most = corm__mariadb_most_bytes(stmt->conn);
    if (!most || bytes <= most) return 0;
    corm__fail(error, CORM_ERROR_RANGE, "the values of a statement have %zu bytes, %s takes %zu",
               bytes, stmt->conn->is_mysql ? "MySQL" : "MariaDB", most);
    corm__error_hint(error, "raise the server's max_allowed_packet");
    corm__error_set(error->sql, sizeof error->sql, "%s", stmt->sql);
    return CORM_ERROR_RANGE;
}

static int run(corm_stmt *stmt, corm_error_info *error) {
    if (stmt->n && mysql_stmt_bind_param(stmt->handle, stmt->binds)) return fail(stmt, error);
    if (mysql_stmt_execute(stmt->handle)) return fail(stmt, error);
    stmt->rows = mysql_stmt_field_count(stmt->handle) > 0;
    if (!stmt->rows) {
        unsigned long long affected = mysql_stmt_affected_rows(stmt->handle);
        stmt->affected = affected == ~0ULL ? 0 : (int64_t)affected;
        return 0;
    }
    stmt->failed = !stmt->cursor && mysql_stmt_store_result(stmt->handle);
    return stmt->failed ? fail(stmt, error) : take_columns(stmt, error);
}

/* A cursor stands in the server, so that other statements may run while it is read. */
static void set_cursor(corm_stmt *stmt, bool cursor) {
    unsigned long type = cursor ? CURSOR_TYPE_READ_ONLY : CURSOR_TYPE_NO_CURSOR;
    if (stmt->cursor == cursor) return;
    mysql_stmt_attr_set(stmt->handle, STMT_ATTR_CURSOR_TYPE, &type);
    stmt->cursor = cursor;
}

static int bind(corm_stmt *stmt, int i, const corm_value *value, corm_error_info *error) {
    corm_kind kind = stmt->kinds[i];
    corm_value array;
    int status = 0;
    if (value->kind == CORM_ARRAY && kind == CORM_ARRAY) {
        status = corm__mariadb_array(value, &stmt->arrays, &array, error);
        value = &array;
        kind = CORM_TEXT;
    }
    return status ? status
                  : corm__mariadb_bind(&stmt->binds[i], &stmt->room[i], value, kind, i + 1, error);
}

/* A match that the server's PCRE gave up is none to the server, and a warning. */
static int check_matches(corm_stmt *stmt, corm_error_info *error) {
    if (!strstr(stmt->sql, "REGEXP") || !mysql_stmt_warning_count(stmt->handle)) return 0;
    MYSQL_RES *result = corm__mariadb_query(stmt->conn, "SHOW WARNINGS", "!!!", error);
    if (!result) return error->status;
    int status = 0;
    for (MYSQL_ROW row; !status && (row = mysql_fetch_row(result));) {
        if (strtol(row[1], NULL, 10) != REGEXP_ERROR) continue;
        status = corm__fail(error, CORM_ERROR_SQL, "the server gave up a match: %s", row[2]);
        error->vendor_code = REGEXP_ERROR; /* it was sent */
        corm__error_hint(error, "write the pattern so that a text fits it in few ways");
        corm__error_set(error->sql, sizeof error->sql, "%s", stmt->sql);
    }
    mysql_free_result(result);
    return status;
}

int corm__mariadb_execute(corm_stmt *stmt, const corm_value *values, int n, unsigned flags,
                          corm_error_info *error) {
    if (n != stmt->n)
        return corm__fail(error, CORM_ERROR_USAGE,
                          "the statement has %d parameters, %d values are given", stmt->n, n);
    corm__mariadb_reset(stmt);
    corm__arena_reset(&stmt->arrays);
    for (int i = 0; i < n; i++) {
        int status = bind(stmt, i, &values[i], error);
        if (!status) continue;
        corm__error_set(error->sql, sizeof error->sql, "%s", stmt->sql);
        return status;
    }
    int status = check_size(stmt, error);
    if (status) return status;
    set_cursor(stmt, flags & CORM_EXECUTE_STREAM && stmt->reads);
    status = run(stmt, error);
    /* What * means has changed since the statement was prepared. It only reads: once more, anew. */
    bool changed =
        status ? error->vendor_code == CR_NEW_STMT_METADATA : stmt->rows && renamed(stmt);
    /* Or the server has forgotten it (a session that was reset) or cannot prepare it anew by
     * itself: then nothing was done. */
    bool forgotten = status && !stmt->conn->lost &&
                     (error->vendor_code == UNKNOWN_STATEMENT || error->vendor_code == REPREPARE);
    if (forgotten || (changed && stmt->reads)) {
        mysql_stmt_close(stmt->handle);
        stmt->handle = NULL;
        stmt->cursor = false;
        if ((status = prepare(stmt, error))) return status;
        corm__error_clear(error);
        set_cursor(stmt, flags & CORM_EXECUTE_STREAM && stmt->reads);
        status = run(stmt, error);
    }
    return status ? status : check_matches(stmt, error);
}

static int choose_readers(corm_stmt *stmt, const corm_fetch *fetch, corm_error_info *error) {
    if (stmt->n_columns < fetch->n_columns)
        return corm__fail(error, CORM_ERROR_USAGE, "the result has %u columns, %u are read",
                          stmt->n_columns, fetch->n_columns);
    for (uint32_t i = 0; i < fetch->n_columns; i++) {
        int status =
            corm__mariadb_reader(&stmt->readers[i], &fetch->columns[i], &stmt->fields[i], error);
        if (!status) continue;
        corm__error_set(error->sql, sizeof error->sql, "%s", stmt->sql);
        return status;
    }
    stmt->fetch = fetch;
    return 0;
}

int corm__mariadb_next_row(corm_stmt *stmt, const corm_fetch *fetch, void **objects,
                           corm_arena *arena, corm_error_info *error) {
    if (!stmt->rows || stmt->done) return 0;
    stmt->before = mysql_stmt_row_tell(stmt->handle);
    stmt->malformed = false;
    int rc = mysql_stmt_fetch(stmt->handle);
    if (rc == MYSQL_NO_DATA) {
        stmt->done = true;
        return 0;
    }
    if (stmt->malformed) {
        stmt->failed = stmt->conn->lost = true;
        return corm__fail(error, CORM_ERROR_PROTOCOL,
                          "the server sent a value that is longer than its row: the connection is "
                          "given up");
    }
    if (rc) {
        stmt->failed = true;
        return fail(stmt, error);
    }
    stmt->affected++;
    if (!fetch) return 1;
    int status = stmt->fetch == fetch ? 0 : choose_readers(stmt, fetch, error);
    if (!status)
        status = corm__mariadb_read_row(stmt->readers, fetch, stmt->cells, objects, arena, error);
    return status ? status : 1;
}

void corm__mariadb_reset(corm_stmt *stmt) {
    if (!stmt->handle) return;
    if (stmt->rows && !stmt->conn->lost) {
        /* Closes the server's cursor. After an error in the midst of rows the library would wait
         * for more of them at the next execution. */
        if (stmt->failed || (stmt->cursor && !stmt->done))
            mysql_stmt_reset(stmt->handle);
        else
            mysql_stmt_free_result(stmt->handle);
    }
    stmt->rows = stmt->done = stmt->failed = false;
    stmt->fetch = NULL;
    stmt->affected = 0;
}

int64_t corm__mariadb_affected(corm_stmt *stmt) { return stmt->affected; }

int64_t corm__mariadb_inserted_id(corm_stmt *stmt) {
    return (int64_t)mysql_stmt_insert_id(stmt->handle);
}
