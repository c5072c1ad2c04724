/* What the files of src/db share. */
#pragma once
#include "db/db.h"

/* Sends SQL without parameters as it is, counted and watched. No guard: rollback goes this way
 * too. */
int corm__run(corm_db *db, const char *sql);
/* After a call of the driver that failed and filled db->error: notes the SQL, and whether the
 * transaction is broken by it. sent: the statement ran before, and the failure is of its rows;
 * otherwise a code of the engine says that it was sent. Returns the status. */
int corm__note_failure(corm_db *db, const char *sql, bool sent);
/* Adds to the error of an engine what the statement says: its table, its tables' names for their
 * aliases. */
void corm__explain(const char *sql, corm_error_info *error);
/* CORM_ERROR_TRANSACTION, with what failed first. what: "takes nothing more". */
int corm__fail_broken(corm_db *db, const char *what);
/* The transaction of an open level is there no more, and no failure is known: a COMMIT by hand, or
 * DDL where the engine commits before it. Found once: the level is broken by it. To be asked when
 * the error of the handle is clear. */
bool corm__ended(corm_db *db);
/* That while the transaction is broken, else 0. */
int corm__refuse_broken(corm_db *db);

/* CORM_ERROR_UNSUPPORTED for a server that is older than the backend supports. */
int corm__check_version(const corm_backend *backend, corm_conn *conn, corm_error_info *error);

/* The last error says that the server takes a prepared statement no more. */
bool corm__statement_refused(const corm_error_info *error);
/* Finalizes the statements that are not in use: whatever made the server forget one may have made
 * it forget all. */
void corm__statements_forget(struct corm_statement_cache *cache, const corm_backend *backend);
struct corm_statement_cache *corm__statements_new(size_t limit);
/* Finalizes all statements, also those in use. NULL-safe; before the connection is closed. */
void corm__statements_free(struct corm_statement_cache *cache, const corm_backend *backend);

/* Drops the hooks that were registered at depth or deeper. */
void corm__hooks_drop(corm_db *db, int depth);

static inline bool corm__watched(const corm_db *db) { return db->watch || db->log_sql; }
/* Tells the watcher and the log. The last error stays as it is. */
void corm__watch_report(corm_db *db, const char *sql, double seconds, int64_t rows, int status);
