/* A connection to a database. A corm_db is used by one thread at a time. */
#pragma once
#pragma GCC system_header
#include <corm/begin.h>
#include <corm/settings.h>
#include <corm/status.h>
#include <corm/value.h>

CORM__BEGIN

typedef struct corm_db corm_db;

/* Opens the database of an alias (NULL: "default") with the settings of the process
 * (corm_settings_load(NULL)). Never NULL unless memory is out: check corm_failed(db). A handle that
 * failed to open answers each call with its error, and so does one whose connection was lost: close
 * it and open another. corm_close(db) in any case; it is NULL-safe. Loops of corm_each on the
 * handle must have ended before. */
corm_db *corm_open(const char *alias);
/* The same with settings that the caller loaded; they may be freed after the call. */
corm_db *corm_open_with(const corm_settings *settings, const char *alias);
void corm_close(corm_db *db);

/* Detail on the last call that failed. Valid until the next call on db. For db == NULL: out of
 * memory. */
const corm_error_info *corm_error(const corm_db *db);
/* True when the last call on db failed; one that succeeds clears the failure of the one before. For
 * corm_get and corm_find a row that is not there is a failure, for corm_first it is none. */
bool corm_failed(const corm_db *db);
/* "sqlite", "postgresql", "mariadb". */
const char *corm_engine(const corm_db *db);

/* Runs SQL without parameters or results, as it is: one or more statements. When one of several
 * fails outside of a transaction, those before it stay; on PostgreSQL they are undone. */
int corm_exec(corm_db *db, const char *sql);

/* --- transactions --- A statement that fails after it was sent, because the engine refuses it or
 * because its rows cannot be read, breaks the level in which it ran, on every engine: all further
 * calls but commit and rollback fail with CORM_ERROR_TRANSACTION, whose message says what failed
 * first, and send nothing. What corm refuses before it sends anything breaks nothing, and neither
 * do corm_insert_many and corm_bulk_load, which have a level of their own. */
/* Begins a transaction; inside of one, also of one that was begun by hand, a level of it (a
 * savepoint). */
int corm_begin(corm_db *db);
/* Ends the innermost level, whatever it returns: when it fails, the level is rolled back.
 * CORM_ERROR_TRANSACTION when the level was broken. */
int corm_commit(corm_db *db);
/* Undoes the innermost level, and with it what broke it: the one around it goes on. Where the
 * engine has dropped the whole transaction (MariaDB after a deadlock, SQLite when the disk is
 * full) all levels are broken. When the transaction was over before, by a COMMIT by hand or by DDL
 * on MariaDB, the level ends, and CORM_ERROR_TRANSACTION says so: nothing may be undone. It also
 * says that the savepoint was gone and the whole transaction is rolled back instead. */
int corm_rollback(corm_db *db);
/* How many begins are open. */
int corm_transaction_depth(const corm_db *db);
/* Runs fn in a transaction: commits when it returns 0, else rolls back and returns its status;
 * CORM_ERROR_TRANSACTION when it returns 0 and a statement in it had failed. The outermost one is
 * retried (whole fn again, with a pause) after CORM_ERROR_SERIALIZATION and CORM_ERROR_DEADLOCK, 10
 * times at most, also when they broke it and fn did not return them. Nested: a savepoint, not
 * retried. */
int corm_atomic(corm_db *db, int (*fn)(corm_db *db, void *argument), void *argument);
/* Calls fn after the outermost commit, in the order of registration; dropped with the
 * (sub)transaction that rolls back. At once when there is none. Of one that was begun by hand only
 * its levels are known. */
int corm_on_commit(corm_db *db, void (*fn)(void *argument), void *argument);

/* --- watching --- */
/* Called after every statement: its SQL (no values), seconds, rows (or -1), status. CORM_LOG=sql
 * writes the same to standard error. */
typedef void (*corm_watch_fn)(void *context, const char *sql, double seconds, int64_t rows,
              int status);
void corm_watch(corm_db *db, corm_watch_fn fn, void *context);
/* Statements sent on this handle so far (for tests of how many a piece of code needs). */
uint64_t corm_query_count(const corm_db *db);

CORM__END
