/* By hand: libmariadb. Prepared statements of the binary protocol with bound members; bulk insert
 * by array binding (one statement for many rows), and with ids by statements of many rows. */
#include <mysql.h>
#undef IS_NOT_NULL /* a name of corm, too */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct connection {
    MYSQL *mysql;
    MYSQL_STMT *find;
} connection;

/* A row as the library writes it. */
typedef struct bound {
    long long id;
    char title[101];
    unsigned long title_length;
    int quantity;
    double weight;
    signed char active;
    MYSQL_TIME created;
    MYSQL_BIND binds[6];
} bound;

static _Noreturn void fail(MYSQL *mysql, MYSQL_STMT *stmt) {
    die("libmariadb", stmt && mysql_stmt_errno(stmt) ? mysql_stmt_error(stmt) : mysql_error(mysql));
}

static void bind_row(MYSQL_STMT *stmt, bound *row) {
    memset(row->binds, 0, sizeof row->binds);
    row->binds[0] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &row->id };
    row->binds[1] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_STRING,
                                  .buffer = row->title,
                                  .buffer_length = sizeof row->title - 1,
                                  .length = &row->title_length };
    row->binds[2] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_LONG, .buffer = &row->quantity };
    row->binds[3] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_DOUBLE, .buffer = &row->weight };
    row->binds[4] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_TINY, .buffer = &row->active };
    row->binds[5] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_DATETIME, .buffer = &row->created };
    if (mysql_stmt_bind_result(stmt, row->binds)) fail(NULL, stmt);
}

static MYSQL_STMT *prepare(MYSQL *mysql, const char *sql) {
    MYSQL_STMT *stmt = mysql_stmt_init(mysql);
    if (!stmt || mysql_stmt_prepare(stmt, sql, strlen(sql))) fail(mysql, stmt);
    return stmt;
}

#define SELECT_ITEMS "SELECT id, title, quantity, weight, active, created FROM bench_items "

/* As scripts/with-mariadb writes the URL: mariadb:///name?host=FOLDER&user=USER. */
static void *open_db(const char *url) {
    connection *c = calloc(1, sizeof *c);
    char name[64], folder[200], user[64], path[256];
    if (!c || sscanf(url, "mariadb:///%63[^?]?host=%199[^&]&user=%63s", name, folder, user) != 3)
        die("libmariadb", "a URL of scripts/with-mariadb is wanted");
    char *out = path;
    for (const char *p = folder; *p; p++, out++) {
        bool slash = strncmp(p, "%2F", 3) == 0;
        *out = slash ? '/' : *p;
        if (slash) p += 2;
    }
    strcpy(out, "/mysqld.sock");
    c->mysql = mysql_init(NULL);
    mysql_options(c->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (!mysql_real_connect(c->mysql, NULL, user, NULL, name, 0, path, 0)) fail(c->mysql, NULL);
    c->find = prepare(c->mysql, SELECT_ITEMS "WHERE id = ?");
    return c;
}

static void close_db(void *connection_) {
    connection *c = connection_;
    mysql_stmt_close(c->find);
    mysql_close(c->mysql);
    free(c);
}

static int64_t moment(const MYSQL_TIME *t) {
    int year = (int)t->year - (t->month <= 2), month = (int)t->month, day = (int)t->day;
    int era = year / 400, of_era = year - era * 400,
        of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t days = era * 146097L + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    return ((days * 24 + t->hour) * 60 + t->minute) * 60000000L + t->second * 1000000L +
           (int64_t)t->second_part;
}

static uint64_t sum(const bound *row) {
    return item_sum(row->id, row->title, row->quantity, row->weight, row->active != 0,
                    moment(&row->created));
}

static MYSQL_STMT *start(connection *c, size_t n, bound *row) {
    char sql[160];
    snprintf(sql, sizeof sql, SELECT_ITEMS "LIMIT %zu", n);
    MYSQL_STMT *stmt = prepare(c->mysql, sql);
    if (mysql_stmt_execute(stmt)) fail(c->mysql, stmt);
    bind_row(stmt, row);
    return stmt;
}

static uint64_t fetch(void *connection_, size_t n) {
    bound row;
    MYSQL_STMT *stmt = start(connection_, n, &row);
    if (mysql_stmt_store_result(stmt)) fail(NULL, stmt);
    size_t rows = (size_t)mysql_stmt_num_rows(stmt);
    hand_item *items = malloc(rows * sizeof *items);
    if (!items) die("fetch", "out of memory");
    for (size_t i = 0; mysql_stmt_fetch(stmt) == 0; i++) {
        row.title[row.title_length] = 0;
        items[i] = (hand_item){ .id = row.id,
                                .title = strdup(row.title),
                                .quantity = row.quantity,
                                .weight = row.weight,
                                .active = row.active != 0,
                                .created = moment(&row.created) };
    }
    uint64_t total = 0;
    for (size_t i = 0; i < rows; i++)
        total += item_sum(items[i].id, items[i].title, items[i].quantity, items[i].weight,
                          items[i].active, items[i].created);
    for (size_t i = 0; i < rows; i++) free((char *)(uintptr_t)items[i].title);
    free(items);
    mysql_stmt_close(stmt);
    return total;
}

static uint64_t stream(void *connection_, size_t n) {
    bound row;
    MYSQL_STMT *stmt = start(connection_, n, &row);
    uint64_t total = 0;
    while (mysql_stmt_fetch(stmt) == 0) total += sum(&row);
    mysql_stmt_close(stmt);
    return total;
}

static uint64_t lookup(void *connection_, size_t n) {
    connection *c = connection_;
    uint64_t total = 0;
    long long key;
    bound row;
    MYSQL_BIND parameter = { .buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &key };
    if (mysql_stmt_bind_param(c->find, &parameter)) fail(c->mysql, c->find);
    for (size_t i = 0; i < n; i++) {
        key = lookup_key(i);
        if (mysql_stmt_execute(c->find)) fail(c->mysql, c->find);
        if (i == 0) bind_row(c->find, &row);
        if (mysql_stmt_fetch(c->find)) fail(c->mysql, c->find);
        row.title[row.title_length] = 0;
        total += sum(&row);
        mysql_stmt_free_result(c->find);
    }
    return total;
}

static MYSQL_TIME time_of(int64_t us) {
    time_t seconds = us / 1000000;
    struct tm tm;
    gmtime_r(&seconds, &tm);
    return (MYSQL_TIME){ .year = (unsigned)tm.tm_year + 1900,
                         .month = (unsigned)tm.tm_mon + 1,
                         .day = (unsigned)tm.tm_mday,
                         .hour = (unsigned)tm.tm_hour,
                         .minute = (unsigned)tm.tm_min,
                         .second = (unsigned)tm.tm_sec,
                         .second_part = (unsigned long)(us % 1000000) };
}

static void fill_row(bound *row, size_t i) {
    hand_item item;
    char title[32];
    fill_item(&item, i, title);
    row->title_length = strlen(title);
    memcpy(row->title, title, row->title_length + 1);
    row->quantity = item.quantity;
    row->weight = item.weight;
    row->active = item.active;
    row->created = time_of(item.created);
}

static void run_sql(connection *c, const char *sql) {
    if (mysql_query(c->mysql, sql)) fail(c->mysql, NULL);
}

/* Row-wise arrays: each bind points into the first row, and the library goes on by the size of one.
 */
static uint64_t insert(void *connection_, size_t n) {
    connection *c = connection_;
    enum { ROWS = 5000 };
    bound *rows = calloc(ROWS, sizeof *rows);
    if (!rows) die("insert", "out of memory");
    MYSQL_STMT *stmt = prepare(c->mysql, "INSERT INTO bench_items (title, quantity, weight, "
                                         "active, created) VALUES (?, ?, ?, ?, ?)");
    size_t size = sizeof *rows;
    MYSQL_BIND binds[5] = {
        { .buffer_type = MYSQL_TYPE_STRING, .buffer = rows->title, .length = &rows->title_length },
        { .buffer_type = MYSQL_TYPE_LONG, .buffer = &rows->quantity },
        { .buffer_type = MYSQL_TYPE_DOUBLE, .buffer = &rows->weight },
        { .buffer_type = MYSQL_TYPE_TINY, .buffer = &rows->active },
        { .buffer_type = MYSQL_TYPE_DATETIME, .buffer = &rows->created },
    };
    run_sql(c, "BEGIN");
    for (size_t done = 0; done < n;) {
        unsigned part = n - done < ROWS ? (unsigned)(n - done) : ROWS;
        for (unsigned i = 0; i < part; i++) fill_row(&rows[i], done + i);
        mysql_stmt_attr_set(stmt, STMT_ATTR_ARRAY_SIZE, &part);
        mysql_stmt_attr_set(stmt, STMT_ATTR_ROW_SIZE, &size);
        if (mysql_stmt_bind_param(stmt, binds) || mysql_stmt_execute(stmt)) fail(c->mysql, stmt);
        done += part;
    }
    run_sql(c, "COMMIT");
    mysql_stmt_close(stmt);
    free(rows);
    return n - 1;
}

static uint64_t insert_ids(void *connection_, size_t n) {
    connection *c = connection_;
    enum { ROWS = 500 };
    bound *rows = calloc(ROWS, sizeof *rows);
    MYSQL_BIND *binds = calloc(ROWS * 5, sizeof *binds);
    int64_t *ids = malloc(n * sizeof *ids);
    if (!rows || !binds || !ids) die("insert", "out of memory");
    MYSQL_STMT *stmt = NULL;
    unsigned prepared = 0;
    run_sql(c, "BEGIN");
    for (size_t done = 0; done < n;) {
        unsigned part = n - done < ROWS ? (unsigned)(n - done) : ROWS;
        if (part != prepared) {
            char *sql = malloc(200 + part * 20), *p = sql;
            if (!sql) die("insert", "out of memory");
            p += sprintf(
                p, "INSERT INTO bench_items (title, quantity, weight, active, created) VALUES ");
            for (unsigned i = 0; i < part; i++) p += sprintf(p, "%s(?, ?, ?, ?, ?)", i ? ", " : "");
            strcpy(p, " RETURNING id");
            if (stmt) mysql_stmt_close(stmt);
            stmt = prepare(c->mysql, sql);
            free(sql);
            prepared = part;
        }
        for (unsigned i = 0; i < part; i++) {
            fill_row(&rows[i], done + i);
            MYSQL_BIND *b = &binds[i * 5];
            b[0] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_STRING,
                                 .buffer = rows[i].title,
                                 .length = &rows[i].title_length };
            b[1] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_LONG, .buffer = &rows[i].quantity };
            b[2] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_DOUBLE, .buffer = &rows[i].weight };
            b[3] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_TINY, .buffer = &rows[i].active };
            b[4] = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_DATETIME, .buffer = &rows[i].created };
        }
        long long id;
        MYSQL_BIND back = { .buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &id };
        if (mysql_stmt_bind_param(stmt, binds) || mysql_stmt_execute(stmt) ||
            mysql_stmt_bind_result(stmt, &back))
            fail(c->mysql, stmt);
        while (mysql_stmt_fetch(stmt) == 0) ids[done++] = id;
        mysql_stmt_free_result(stmt);
    }
    run_sql(c, "COMMIT");
    uint64_t total = (uint64_t)(ids[n - 1] - ids[0]);
    mysql_stmt_close(stmt);
    free(rows);
    free(binds);
    free(ids);
    return total;
}

const variant variant_mariadb = {
    "libmariadb by hand", open_db, close_db, fetch, stream, lookup, insert, insert_ids
};
