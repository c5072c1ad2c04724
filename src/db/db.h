/* The connection for the layers above: statements, their cache, and the handle itself. */
#pragma once
#include "base/visibility.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/map.h"
#include <corm/backend.h>
#include <corm/db.h>

CORM__SHARED_BEGIN

typedef struct corm_cached_stmt corm_cached_stmt;

struct corm_db {
    const corm_backend *backend;
    corm_conn *conn;            /* NULL when opening failed */
    corm_error_info error;
    bool open_failed;           /* error is that of opening, and stays */
    int depth;                  /* of transactions */
    bool by_hand;               /* the first of them is in one that was begun by hand */
    bool broken;                /* the innermost level must be rolled back */
    int failed;                 /* of what broke it: the status, 0 when it ended by itself */
    char failed_table[64];
    /* Compiled queries by shape, owned by the query layer: freed with plans_free when the handle
     * closes. */
    void *plans;
    void (*plans_free)(void *plans);
    struct corm_statement_cache *statements;
    struct corm_commit_hook *hooks;
    corm_watch_fn watch;
    bool log_sql;               /* CORM_LOG=sql */
    void *watch_context;
    uint64_t queries;
    double bulk_start;
    char *alias;
};

/* A failing call on db: sets db->error and returns status. */
int corm__db_fail(corm_db *db, corm_status status, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));
/* To be called first by every public function: clears the last error; the status of a handle that
 * cannot be used or whose transaction is broken, else 0. */
int corm__db_enter(corm_db *db);

/* A prepared statement from the cache, or freshly prepared and cached. One that is being stepped is
 * not handed out twice. Give it back with corm__finish. */
int corm__prepare(corm_db *db, const char *sql, size_t length, const corm_kind *kinds, int n,
                  corm_stmt **out);
/* Execute, next row, end: as the driver's, with guard, count and watch. corm__finish also gives the
 * statement back to the cache. */
int corm__execute(corm_db *db, corm_stmt *stmt, const corm_value *values, int n, unsigned flags);
int corm__step(corm_db *db, corm_stmt *stmt, const corm_fetch *fetch, void **objects,
               corm_arena *arena);
void corm__finish(corm_db *db, corm_stmt *stmt);
int64_t corm__affected(corm_db *db, corm_stmt *stmt);

/* A statement failed after it was sent, as db->error says: until the level of the transaction in
 * which it ran is rolled back nothing more is. Nothing happens outside of a transaction. */
void corm__break(corm_db *db);
/* Ends the innermost level: commits when status is 0, else rolls back and keeps the error. Returns
 * the status of the whole. */
int corm__end(corm_db *db, int status);

/* Bulk load (features.bulk): begin, rows, end, which drops them all unless commit is true and then
 * keeps the error that was there. */
int corm__bulk_begin(corm_db *db, const char *table, const char *const *columns,
                     const corm_kind *kinds, int n);
int corm__bulk_row(corm_db *db, const corm_value *values);
int corm__bulk_end(corm_db *db, bool commit);

/* The table of backends: linked in, or loaded from the library's folder. NULL and *error filled
 * when it is not there. */
const corm_backend *corm__backend_find(const char *engine, corm_error_info *error);
/* Whether it is there, without loading it: a client library costs ten milliseconds. */
bool corm__backend_installed(const char *engine);
/* A connection of its own to the same database, outside the handle's cache and transactions (the
 * migration lock). */
int corm__connect(const corm_settings *settings, const char *alias, bool migrating, bool no_create,
                  const corm_backend **backend, corm_conn **conn, corm_error_info *error);

CORM__SHARED_END
