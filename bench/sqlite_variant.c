/* By hand: sqlite3, prepared statements, text into an arena of large blocks. */
#include "bench.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct hand_db { sqlite3 *db; sqlite3_stmt *find; } hand_db;
typedef struct block { struct block *older; char data[]; } block;
typedef struct arena { block *blocks; char *next, *end; } arena;

static const char *copy(arena *a, const char *text, size_t size) {
    if ((size_t)(a->end - a->next) < size + 1) {
        size_t room = size + 1 > 1 << 20 ? size + 1 : 1 << 20;
        block *fresh = malloc(sizeof *fresh + room);
        if (!fresh) die("arena", "out of memory");
        fresh->older = a->blocks;
        a->blocks = fresh;
        a->next = fresh->data;
        a->end = fresh->data + room;
    }
    char *p = a->next;
    memcpy(p, text, size);
    p[size] = 0;
    a->next += size + 1;
    return p;
}

static void release(arena *a) {
    for (block *b = a->blocks, *older; b; b = older) {
        older = b->older;
        free(b);
    }
}

static sqlite3_stmt *prepare(hand_db *h, const char *sql) {
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v3(h->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL))
        die(sql, sqlite3_errmsg(h->db));
    return stmt;
}

static void *open_db(const char *url) {
    hand_db *h = calloc(1, sizeof *h);
    if (!h || strncmp(url, "sqlite:///", 10)) die("open", "bad url");
    if (sqlite3_open(url + 10, &h->db)) die(url, sqlite3_errmsg(h->db));
    sqlite3_exec(h->db,
                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON", NULL,
                 NULL, NULL);
    h->find = prepare(
        h, "SELECT id, title, quantity, weight, active, created FROM bench_items WHERE id = ?");
    return h;
}

static void close_db(void *connection) {
    hand_db *h = connection;
    sqlite3_finalize(h->find);
    sqlite3_close(h->db);
    free(h);
}

static int two(const char *p) { return (p[0] - '0') * 10 + p[1] - '0'; }

/* "2026-11-22 17:05:09.000123" (days by the civil calendar). */
static int64_t moment(const char *p) {
    int year = two(p) * 100 + two(p + 2), month = two(p + 5), day = two(p + 8);
    year -= month <= 2;
    int era = year / 400, of_era = year - era * 400,
        of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t days = era * 146097L + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    int fraction = two(p + 20) * 10000 + two(p + 22) * 100 + two(p + 24);
    return ((days * 24 + two(p + 11)) * 60 + two(p + 14)) * 60000000L + two(p + 17) * 1000000L +
           fraction;
}

static hand_item row(sqlite3_stmt *stmt, arena *a) {
    hand_item item = { .id = sqlite3_column_int64(stmt, 0) };
    const char *title = (const char *)sqlite3_column_text(stmt, 1);
    item.title = a ? copy(a, title, (size_t)sqlite3_column_bytes(stmt, 1)) : title;
    item.quantity = sqlite3_column_int(stmt, 2);
    item.weight = sqlite3_column_double(stmt, 3);
    item.active = sqlite3_column_int(stmt, 4);
    item.created = moment((const char *)sqlite3_column_text(stmt, 5));
    return item;
}

static uint64_t sum(const hand_item *item) {
    return item_sum(item->id, item->title, item->quantity, item->weight, item->active,
                    item->created);
}

static uint64_t read_all(hand_db *h, size_t n, bool keep) {
    sqlite3_stmt *stmt =
        prepare(h, "SELECT id, title, quantity, weight, active, created FROM bench_items LIMIT ?");
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64)n);
    hand_item *items = NULL;
    size_t count = 0, capacity = 0;
    arena a = { 0 };
    uint64_t total = 0;
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (!keep) {
            hand_item item = row(stmt, NULL);
            total += sum(&item);
            continue;
        }
        if (count == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            items = realloc(items, capacity * sizeof *items);
            if (!items) die("fetch", "out of memory");
        }
        items[count++] = row(stmt, &a);
    }
    if (rc != SQLITE_DONE) die("step", sqlite3_errmsg(h->db));
    sqlite3_finalize(stmt);
    for (size_t i = 0; i < count; i++) total += sum(&items[i]);
    free(items);
    release(&a);
    return total;
}

static uint64_t fetch(void *h, size_t n) { return read_all(h, n, true); }
static uint64_t stream(void *h, size_t n) { return read_all(h, n, false); }

static uint64_t lookup(void *connection, size_t n) {
    hand_db *h = connection;
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        sqlite3_bind_int64(h->find, 1, lookup_key(i));
        if (sqlite3_step(h->find) != SQLITE_ROW) die("lookup", "no row");
        hand_item *item = malloc(sizeof *item);
        if (!item) die("lookup", "out of memory");
        const char *title = (const char *)sqlite3_column_text(h->find, 1);
        *item = row(h->find, NULL);
        char *own = malloc((size_t)sqlite3_column_bytes(h->find, 1) + 1);
        if (!own) die("lookup", "out of memory");
        item->title = strcpy(own, title);
        total += sum(item);
        free(own);
        free(item);
        sqlite3_reset(h->find);
    }
    return total;
}

static uint64_t insert(void *connection, size_t n) {
    hand_db *h = connection;
    sqlite3_stmt *stmt = prepare(h, "INSERT INTO bench_items (title, quantity, weight, active, "
                                    "created) VALUES (?, ?, ?, ?, ?)");
    sqlite3_exec(h->db, "BEGIN", NULL, NULL, NULL);
    sqlite3_int64 first = 0, last = 0;
    for (size_t i = 0; i < n; i++) {
        hand_item item;
        char title[32], created[CORM_TIMESTAMP_TEXT];
        fill_item(&item, i, title);
        sqlite3_bind_text(stmt, 1, item.title, -1, SQLITE_STATIC);
        sqlite3_bind_int(stmt, 2, item.quantity);
        sqlite3_bind_double(stmt, 3, item.weight);
        sqlite3_bind_int(stmt, 4, item.active);
        corm_timestamp_format((corm_timestamp){ item.created }, created, sizeof created);
        sqlite3_bind_text(stmt, 5, created, -1, SQLITE_STATIC);
        if (sqlite3_step(stmt) != SQLITE_DONE) die("insert", sqlite3_errmsg(h->db));
        sqlite3_reset(stmt);
        last = sqlite3_last_insert_rowid(h->db);
        if (!i) first = last;
    }
    if (sqlite3_exec(h->db, "COMMIT", NULL, NULL, NULL)) die("commit", sqlite3_errmsg(h->db));
    sqlite3_finalize(stmt);
    return (uint64_t)(last - first);
}

const variant variant_sqlite = {
    "sqlite3 by hand", open_db, close_db, fetch, stream, lookup, NULL, insert
};
