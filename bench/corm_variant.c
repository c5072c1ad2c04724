#include "bench.h"
#include <stdlib.h>

static void *open_db(const char *url) {
    corm_error_info error;
    corm_settings *settings =
        corm_settings_load(&(corm_settings_options){ .url = url, .no_env_file = true }, &error);
    if (!settings) die("settings", error.message);
    corm_db *db = corm_open_with(settings, NULL);
    corm_settings_free(settings);
    if (corm_failed(db)) die("corm_open", corm_error(db)->message);
    return db;
}

static void close_db(void *db) { corm_close(db); }

static uint64_t sum(const Item *item) {
    return item_sum(item->id, item->title, item->quantity, item->weight, item->active,
                    item->created.us);
}

static uint64_t fetch(void *db, size_t n) {
    Item *items = corm_all(db, Items, .limit = (int64_t)n);
    if (!items) die("corm_all", corm_error(db)->message);
    uint64_t total = 0;
    for (size_t i = 0; i < corm_len(items); i++) total += sum(&items[i]);
    corm_free(items);
    return total;
}

static uint64_t stream(void *db, size_t n) {
    uint64_t total = 0;
    corm_each(item, db, Items, .limit = (int64_t)n) { total += sum(item); }
    if (corm_failed(db)) die("corm_each", corm_error(db)->message);
    return total;
}

static uint64_t lookup(void *db, size_t n) {
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        Item *item = corm_find(db, Items, lookup_key(i));
        if (!item) die("corm_find", corm_error(db)->message);
        total += sum(item);
        corm_free(item);
    }
    return total;
}

static uint64_t insert_rows(void *db, size_t n, bool ids) {
    Item *items = calloc(n, sizeof *items);
    char (*titles)[32] = calloc(n, sizeof *titles);
    if (!items || !titles) die("insert", "out of memory");
    for (size_t i = 0; i < n; i++) {
        hand_item item;
        fill_item(&item, i, titles[i]);
        items[i] = (Item){ .title = titles[i],
                           .quantity = item.quantity,
                           .weight = item.weight,
                           .active = item.active,
                           .created = { item.created } };
    }
    if (ids ? corm_insert_many(db, Items, items, n) : corm_bulk_load(db, Items, items, n))
        die("insert", corm_error(db)->message);
    uint64_t total = ids ? (uint64_t)(items[n - 1].id - items[0].id) : n - 1;
    free(items);
    free(titles);
    return total;
}

static uint64_t insert(void *db, size_t n) { return insert_rows(db, n, false); }
static uint64_t insert_ids(void *db, size_t n) { return insert_rows(db, n, true); }

const variant variant_corm = {
    "corm", open_db, close_db, fetch, stream, lookup, insert, insert_ids
};
