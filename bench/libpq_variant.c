/* By hand: libpq. Rows as text (the way most programs do), lookups prepared, bulk insert by binary
 * COPY, and with ids by unnest. */
#include "bench.h"
#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t POSTGRES_EPOCH = 946684800000000;

static PGresult *need(PGconn *conn, PGresult *result, ExecStatusType status) {
    if (PQresultStatus(result) != status) die("libpq", PQerrorMessage(conn));
    return result;
}

static void *open_db(const char *url) {
    PGconn *conn = PQconnectdb(url);
    if (PQstatus(conn) != CONNECTION_OK) die("libpq", PQerrorMessage(conn));
    PQclear(need(conn, PQexec(conn, "SET TimeZone = 'UTC'"), PGRES_COMMAND_OK));
    PQclear(need(conn,
                 PQprepare(conn, "find",
                           "SELECT id, title, quantity, weight, active, created FROM bench_items "
                           "WHERE id = $1::bigint",
                           1, NULL),
                 PGRES_COMMAND_OK));
    return conn;
}

static void close_db(void *conn) { PQfinish(conn); }

static int two(const char *p) { return (p[0] - '0') * 10 + p[1] - '0'; }

/* "2026-11-22 17:05:09.000123+00", the fraction without trailing zeros or not there at all. */
static int64_t moment(const char *p) {
    int year = two(p) * 100 + two(p + 2), month = two(p + 5), day = two(p + 8);
    year -= month <= 2;
    int era = year / 400, of_era = year - era * 400,
        of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t days = era * 146097L + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    int64_t fraction = 0, unit = 100000;
    if (p[19] == '.')
        for (const char *d = p + 20; *d >= '0' && *d <= '9'; d++, unit /= 10)
            fraction += (*d - '0') * unit;
    return ((days * 24 + two(p + 11)) * 60 + two(p + 14)) * 60000000L + two(p + 17) * 1000000L +
           fraction;
}

static hand_item row(const PGresult *result, int i) {
    return (hand_item){ .id = strtoll(PQgetvalue(result, i, 0), NULL, 10),
                        .title = PQgetvalue(result, i, 1),
                        .quantity = atoi(PQgetvalue(result, i, 2)),
                        .weight = strtod(PQgetvalue(result, i, 3), NULL),
                        .active = PQgetvalue(result, i, 4)[0] == 't',
                        .created = moment(PQgetvalue(result, i, 5)) };
}

static uint64_t sum(const hand_item *item) {
    return item_sum(item->id, item->title, item->quantity, item->weight, item->active,
                    item->created);
}

static uint64_t fetch(void *conn, size_t n) {
    char sql[128];
    snprintf(sql, sizeof sql,
             "SELECT id, title, quantity, weight, active, created FROM bench_items LIMIT %zu", n);
    PGresult *result = need(conn, PQexec(conn, sql), PGRES_TUPLES_OK);
    int rows = PQntuples(result);
    hand_item *items = malloc((size_t)rows * sizeof *items);
    if (!items) die("fetch", "out of memory");
    for (int i = 0; i < rows; i++) items[i] = row(result, i);     /* text stays in the result */
    uint64_t total = 0;
    for (int i = 0; i < rows; i++) total += sum(&items[i]);
    free(items);
    PQclear(result);
    return total;
}

static uint64_t stream(void *conn, size_t n) {
    char sql[128];
    snprintf(sql, sizeof sql,
             "SELECT id, title, quantity, weight, active, created FROM bench_items LIMIT %zu", n);
    if (!PQsendQuery(conn, sql) || !PQsetSingleRowMode(conn)) die("libpq", PQerrorMessage(conn));
    uint64_t total = 0;
    for (PGresult *result; (result = PQgetResult(conn)); PQclear(result)) {
        if (PQresultStatus(result) == PGRES_SINGLE_TUPLE) {
            hand_item item = row(result, 0);
            total += sum(&item);
        } else if (PQresultStatus(result) != PGRES_TUPLES_OK) die("libpq", PQerrorMessage(conn));
    }
    return total;
}

static uint64_t lookup(void *conn, size_t n) {
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        char key[24];
        snprintf(key, sizeof key, "%lld", (long long)lookup_key(i));
        PGresult *result =
            need(conn, PQexecPrepared(conn, "find", 1, (const char *const[]){ key }, NULL, NULL, 0),
                 PGRES_TUPLES_OK);
        hand_item item = row(result, 0);
        total += sum(&item);
        PQclear(result);
    }
    return total;
}

static char *put(char *p, const void *data, uint32_t size) {
    uint32_t length = htobe32(size);
    memcpy(p, &length, 4);
    memcpy(p + 4, data, size);
    return p + 4 + size;
}

static uint64_t insert(void *conn, size_t n) {
    PQclear(need(conn,
                 PQexec(conn, "COPY bench_items (title, quantity, weight, active, created) FROM "
                              "STDIN (FORMAT binary)"),
                 PGRES_COPY_IN));
    static char buffer[1 << 16];
    char *p = buffer;
    memcpy(p, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    p += 19;
    for (size_t i = 0; i < n; i++) {
        hand_item item;
        char title[32];
        fill_item(&item, i, title);
        uint16_t fields = htobe16(5);
        memcpy(p, &fields, 2);
        p = put(p + 2, item.title, (uint32_t)strlen(item.title));
        uint32_t quantity = htobe32((uint32_t)item.quantity);
        p = put(p, &quantity, 4);
        uint64_t bits;
        memcpy(&bits, &item.weight, 8);
        bits = htobe64(bits);
        p = put(p, &bits, 8);
        p = put(p, &(char){ item.active }, 1);
        uint64_t created = htobe64((uint64_t)(item.created - POSTGRES_EPOCH));
        p = put(p, &created, 8);
        if (p - buffer > (1 << 16) - 256) {
            if (PQputCopyData(conn, buffer, (int)(p - buffer)) != 1)
                die("COPY", PQerrorMessage(conn));
            p = buffer;
        }
    }
    memcpy(p, "\377\377", 2);
    if (PQputCopyData(conn, buffer, (int)(p + 2 - buffer)) != 1 || PQputCopyEnd(conn, NULL) != 1)
        die("COPY", PQerrorMessage(conn));
    PGresult *result = need(conn, PQgetResult(conn), PGRES_COMMAND_OK);
    uint64_t rows = strtoull(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    while ((result = PQgetResult(conn))) PQclear(result);
    return rows - 1;
}

/* One array parameter a column, in binary: header, then each element with its length. */
typedef struct array { char *data, *p; } array;
static void array_begin(array *a, uint32_t oid, size_t n, size_t room) {
    a->p = a->data = malloc(20 + n * (room + 4));
    if (!a->data) die("insert", "out of memory");
    const uint32_t header[] = { htobe32(1), 0, htobe32(oid), htobe32((uint32_t)n), htobe32(1) };
    memcpy(a->p, header, sizeof header);
    a->p += sizeof header;
}

static uint64_t insert_ids(void *conn, size_t n) {
    enum { BOOL = 16, INT4 = 23, TEXT_OID = 25, FLOAT8 = 701, TIMESTAMPTZ = 1184 };
    array a[5];
    array_begin(&a[0], TEXT_OID, n, 32);
    array_begin(&a[1], INT4, n, 4);
    array_begin(&a[2], FLOAT8, n, 8);
    array_begin(&a[3], BOOL, n, 1);
    array_begin(&a[4], TIMESTAMPTZ, n, 8);
    for (size_t i = 0; i < n; i++) {
        hand_item item;
        char title[32];
        fill_item(&item, i, title);
        a[0].p = put(a[0].p, item.title, (uint32_t)strlen(item.title));
        uint32_t quantity = htobe32((uint32_t)item.quantity);
        a[1].p = put(a[1].p, &quantity, 4);
        uint64_t bits;
        memcpy(&bits, &item.weight, 8);
        bits = htobe64(bits);
        a[2].p = put(a[2].p, &bits, 8);
        a[3].p = put(a[3].p, &(char){ item.active }, 1);
        uint64_t created = htobe64((uint64_t)(item.created - POSTGRES_EPOCH));
        a[4].p = put(a[4].p, &created, 8);
    }
    const char *values[5];
    int lengths[5], formats[5] = { 1, 1, 1, 1, 1 };
    for (int i = 0; i < 5; i++) {
        values[i] = a[i].data;
        lengths[i] = (int)(a[i].p - a[i].data);
    }
    PGresult *result =
        need(conn,
             PQexecParams(conn,
                          "INSERT INTO bench_items (title, quantity, weight, active, created) "
                          "SELECT * FROM unnest($1::text[], $2::int4[], $3::float8[], $4::bool[], "
                          "$5::timestamptz[]) RETURNING id",
                          5, NULL, values, lengths, formats, 1),
             PGRES_TUPLES_OK);
    int64_t *ids = malloc(n * sizeof *ids);
    if (!ids) die("insert", "out of memory");
    for (size_t i = 0; i < n; i++) {
        uint64_t id;
        memcpy(&id, PQgetvalue(result, (int)i, 0), 8);
        ids[i] = (int64_t)be64toh(id);
    }
    uint64_t total = (uint64_t)(ids[n - 1] - ids[0]);
    free(ids);
    PQclear(result);
    for (int i = 0; i < 5; i++) free(a[i].data);
    return total;
}

const variant variant_libpq = { "libpq by hand", open_db, close_db, fetch,
                                stream,          lookup,  insert,   insert_ids };
