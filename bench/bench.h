/* The benchmark: each case is done by corm and by C written by hand on the engine's own client, in
 * turn, in one process. A variant works on the table bench_items (see corm_variant.c) that setup
 * has filled. */
#pragma once
#include <corm/corm.h>
#include <stddef.h>
#include <stdint.h>

CORM_MODEL(Item, Items, "bench_items",
    identity(id),
    varchar(title, 100),
    integer(quantity),
    double_precision(weight),
    boolean(active),
    timestamp(created));

/* The row of the hand-written variants. */
typedef struct hand_item {
    int64_t id;
    const char *title;
    int32_t quantity;
    double weight;
    bool active;
    int64_t created;    /* microseconds since 1970 */
} hand_item;

/* One way of doing the cases. Each function does the work n times (or on n rows) and returns a
 * checksum, so that variants can be compared and nothing is optimised away; it exits on an error.
 * NULL: this variant does not have the case. */
typedef struct variant {
    const char *name;
    void *(*open)(const char *url);
    void (*close)(void *connection);
    uint64_t (*fetch)(void *connection, size_t n);          /* n rows into an array of structs */
    /* n rows one after the other, in constant memory */
    uint64_t (*stream)(void *connection, size_t n);
    /* n single rows by primary key, prepared */
    uint64_t (*lookup)(void *connection, size_t n);
    /* n rows at once into an empty table; their ids are not asked for */
    uint64_t (*insert)(void *connection, size_t n);
    uint64_t (*insert_ids)(void *connection, size_t n);     /* the same, and the ids come back */
} variant;

extern const variant variant_corm, variant_sqlite, variant_libpq, variant_mariadb;

/* What row i holds, alike for all variants. */
void fill_item(hand_item *item, size_t i, char title[32]);
uint64_t item_sum(int64_t id, const char *title, int32_t quantity, double weight, bool active,
                  int64_t created);
/* The key of the i-th lookup among n rows: spread out, the same for all. */
int64_t lookup_key(size_t i);
extern size_t bench_rows;      /* rows that setup has filled in */
_Noreturn void die(const char *what, const char *why);
