/* The cache of prepared statements.
 *
 * A statement is known by its SQL text and the kinds of its parameters: both together are the key
 * of its entry, n bytes of kinds, a 0xFF and the text. An entry is in one of two lists: `busy`
 * while a caller has it, else `idle`, in the order of last use. Preparing takes an idle entry or
 * makes a new one; the same text wanted while its entry is busy (a query inside the loop over the
 * same query) gets a statement of its own that is not cached. Giving back puts an entry at the head
 * of `idle` and drops the tail above the limit. A statement whose plan the server no longer accepts
 * is stale: it is dropped when it is given back, so that the next call prepares anew.
 */
#include "base/clock.h"
#include "base/error.h"
#include "db/internal.h"
#include <stdlib.h>
#include <string.h>

struct corm_cached_stmt {
    corm_stmt *stmt;
    corm_cached_stmt *previous, *next;
    const char *sql; /* in key */
    bool cached;     /* in the map */
    bool busy, stale, executed;
    double seconds; /* spent in the driver, when watched */
    int64_t rows;   /* -1: not known */
    int status;
    size_t key_length;
    unsigned char key[];
};

typedef struct entry_list {
    corm_cached_stmt *head, *tail;
    size_t count;
} entry_list;

struct corm_statement_cache {
    corm_map map;
    entry_list idle, busy;
    size_t limit;    /* of idle entries */
    corm_buffer key; /* of the statement that is looked up */
};

static void list_push(entry_list *list, corm_cached_stmt *entry) {
    entry->previous = NULL;
    entry->next = list->head;
    *(list->head ? &list->head->previous : &list->tail) = entry;
    list->head = entry;
    list->count++;
}

static void list_remove(entry_list *list, corm_cached_stmt *entry) {
    *(entry->previous ? &entry->previous->next : &list->head) = entry->next;
    *(entry->next ? &entry->next->previous : &list->tail) = entry->previous;
    list->count--;
}

struct corm_statement_cache *corm__statements_new(size_t limit) {
    struct corm_statement_cache *cache = calloc(1, sizeof *cache);
    if (cache) cache->limit = limit;
    return cache;
}

static void entry_free(struct corm_statement_cache *cache, const corm_backend *backend,
                       corm_cached_stmt *entry) {
    if (entry->cached) corm__map_remove_bytes(&cache->map, entry->key, entry->key_length);
    backend->finalize(entry->stmt);
    free(entry);
}

void corm__statements_free(struct corm_statement_cache *cache, const corm_backend *backend) {
    if (!cache) return;
    entry_list *lists[] = { &cache->busy, &cache->idle };
    for (int i = 0; i < 2; i++)
        for (corm_cached_stmt *entry; (entry = lists[i]->head);) {
            list_remove(lists[i], entry);
            entry_free(cache, backend, entry);
        }
    corm__map_release(&cache->map);
    corm__buffer_release(&cache->key);
    free(cache);
}

void corm__statements_forget(struct corm_statement_cache *cache, const corm_backend *backend) {
    for (corm_cached_stmt *entry; (entry = cache->idle.head);) {
        list_remove(&cache->idle, entry);
        entry_free(cache, backend, entry);
    }
}

static bool make_key(corm_buffer *key, const char *sql, size_t length, const corm_kind *kinds,
                     int n) {
    corm__buffer_reset(key);
    for (int i = 0; i < n; i++) corm__buffer_putc(key, (char)kinds[i]);
    corm__buffer_putc(key, (char)0xFF);
    corm__buffer_add(key, sql, length);
    return !corm__buffer_broken(key);
}

static corm_cached_stmt *look_up(const struct corm_statement_cache *cache) {
    const corm_buffer *key = &cache->key;
    const corm_cached_stmt *last = cache->idle.head; /* a loop over one query needs no hash */
    if (last && last->key_length == key->length && memcmp(last->key, key->data, key->length) == 0)
        return cache->idle.head;
    return corm__map_get_bytes(&cache->map, key->data, key->length);
}

static void start_use(struct corm_statement_cache *cache, corm_cached_stmt *entry) {
    entry->busy = true;
    entry->executed = false;
    entry->seconds = 0;
    entry->rows = 0;
    entry->status = 0;
    list_push(&cache->busy, entry);
}

static corm_cached_stmt *entry_new(const corm_buffer *key, int n) {
    corm_cached_stmt *entry = calloc(1, sizeof *entry + key->length + 1);
    if (!entry) return NULL;
    memcpy(entry->key, key->data, key->length);
    entry->key_length = key->length;
    entry->sql = (const char *)entry->key + n + 1;
    return entry;
}

int corm__prepare(corm_db *db, const char *sql, size_t length, const corm_kind *kinds, int n,
                  corm_stmt **out) {
    *out = NULL;
    int status = corm__refuse_broken(db);
    if (status) return status;
    struct corm_statement_cache *cache = db->statements;
    if (!make_key(&cache->key, sql, length, kinds, n)) return corm__fail_memory(&db->error);
    corm_cached_stmt *entry = look_up(cache);
    bool in_use = entry && entry->busy;
    if (entry && !in_use) {
        list_remove(&cache->idle, entry);
        start_use(cache, entry);
        *out = entry->stmt;
        return 0;
    }

    entry = entry_new(&cache->key, n);
    if (!entry) return corm__fail_memory(&db->error);
    double start = corm__watched(db) ? corm__clock() : 0;
    status = db->backend->prepare(db->conn, entry->sql, length, kinds, n, &entry->stmt, &db->error);
    if (status) {
        corm__note_failure(db, entry->sql, false);
        if (corm__watched(db))
            corm__watch_report(db, entry->sql, corm__clock() - start, -1, status);
        free(entry);
        return status;
    }
    /* When memory is out for the map the statement works all the same, uncached. */
    entry->cached = cache->limit > 0 && !in_use &&
                    corm__map_set_bytes(&cache->map, entry->key, entry->key_length, entry) == 0;
    start_use(cache, entry);
    if (corm__watched(db)) entry->seconds = corm__clock() - start;
    *out = entry->stmt;
    return 0;
}

/* Few are busy at once, and the one that is asked for is nearly always the first. */
static corm_cached_stmt *entry_of(const corm_db *db, const corm_stmt *stmt) {
    corm_cached_stmt *entry = db->statements->busy.head;
    while (entry && entry->stmt != stmt) entry = entry->next;
    return entry;
}

/* ISO SQLSTATEs: 0A000 is how PostgreSQL says "cached plan must not change result type", 26000 that
 * the statement is gone (DISCARD ALL, a pooler). */
bool corm__statement_refused(const corm_error_info *error) {
    return strcmp(error->sqlstate, "0A000") == 0 || strcmp(error->sqlstate, "26000") == 0;
}

static int entry_failed(corm_db *db, corm_cached_stmt *entry, int status, bool sent) {
    entry->status = status;
    entry->stale |= corm__statement_refused(&db->error);
    return corm__note_failure(db, entry->sql, sent);
}

int corm__execute(corm_db *db, corm_stmt *stmt, const corm_value *values, int n, unsigned flags) {
    corm_cached_stmt *entry = entry_of(db, stmt);
    int status = corm__refuse_broken(db);
    if (status) return status;
    double start = corm__watched(db) ? corm__clock() : 0;
    db->queries++;
    entry->executed = true;
    status = db->backend->execute(stmt, values, n, flags, &db->error);
    if (corm__watched(db)) entry->seconds += corm__clock() - start;
    return status ? entry_failed(db, entry, status, false) : 0;
}

int corm__step(corm_db *db, corm_stmt *stmt, const corm_fetch *fetch, void **objects,
               corm_arena *arena) {
    corm_cached_stmt *entry = entry_of(db, stmt);
    bool watched = corm__watched(db);
    double start = watched ? corm__clock() : 0;
    int status = db->backend->step(stmt, fetch, objects, arena, &db->error);
    if (watched) entry->seconds += corm__clock() - start;
    if (status < 0) return entry_failed(db, entry, status, true);
    if (status > 0)
        entry->rows++;
    else if (db->backend->column_count(stmt) == 0)
        entry->rows = db->backend->affected(stmt);
    return status;
}

int64_t corm__affected(corm_db *db, corm_stmt *stmt) { return db->backend->affected(stmt); }

void corm__finish(corm_db *db, corm_stmt *stmt) {
    if (!stmt) return;
    struct corm_statement_cache *cache = db->statements;
    corm_cached_stmt *entry = entry_of(db, stmt);
    list_remove(&cache->busy, entry);
    db->backend->reset(stmt);
    if (entry->executed && corm__watched(db))
        corm__watch_report(db, entry->sql, entry->seconds, entry->status ? -1 : entry->rows,
                           entry->status);
    entry->busy = false;
    if (!entry->cached || entry->stale) {
        entry_free(cache, db->backend, entry);
        return;
    }
    list_push(&cache->idle, entry);
    if (cache->idle.count > cache->limit) {
        corm_cached_stmt *oldest = cache->idle.tail;
        list_remove(&cache->idle, oldest);
        entry_free(cache, db->backend, oldest);
    }
}
