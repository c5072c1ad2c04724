/* Status codes: what a function of corm that can fail returns. */
#pragma once
#pragma GCC system_header
#include <corm/begin.h>

CORM__BEGIN

/* Every status with its number and its text. Numbers are part of the ABI: append, never
 * renumber. */
#define CORM_STATUS_MAP(X)                                                             \
    X(CORM_OK, 0, "success")                                                           \
    X(CORM_ERROR_MEMORY, -1, "out of memory")                                          \
    X(CORM_ERROR_USAGE, -2, "the call makes no sense")                                 \
    X(CORM_ERROR_SETTINGS, -3, "bad settings")                                         \
    X(CORM_ERROR_CONNECTION, -4, "no connection to the database")                      \
    X(CORM_ERROR_STARTING, -5, "the database is starting up or in recovery")           \
    X(CORM_ERROR_TOO_MANY_CONNECTIONS, -6, "the database has too many connections")    \
    X(CORM_ERROR_AUTHENTICATION, -7, "authentication failed")                          \
    X(CORM_ERROR_NO_DATABASE, -8, "no such database")                                  \
    X(CORM_ERROR_TLS, -9, "TLS failed")                                                \
    X(CORM_ERROR_PROTOCOL, -10, "the server answered what corm does not understand")   \
    X(CORM_ERROR_TIMEOUT, -11, "timed out")                                            \
    X(CORM_ERROR_CANCELLED, -12, "cancelled")                                          \
    X(CORM_ERROR_LOCKED, -13, "a lock is held by another")                             \
    X(CORM_ERROR_DEADLOCK, -14, "deadlock")                                            \
    X(CORM_ERROR_SERIALIZATION, -15, "serialization failure")                          \
    X(CORM_ERROR_TRANSACTION, -16, "the transaction is broken: roll it back")          \
    X(CORM_ERROR_UNIQUE, -17, "unique constraint violated")                            \
    X(CORM_ERROR_FOREIGN_KEY, -18, "foreign key constraint violated")                  \
    X(CORM_ERROR_NOT_NULL, -19, "NOT NULL constraint violated")                        \
    X(CORM_ERROR_CHECK, -20, "check constraint violated")                              \
    X(CORM_ERROR_CONSTRAINT, -21, "constraint violated")                               \
    X(CORM_ERROR_NOT_FOUND, -22, "no row found")                                       \
    X(CORM_ERROR_MULTIPLE_ROWS, -23, "more than one row found")                        \
    X(CORM_ERROR_RANGE, -24, "a value does not fit")                                   \
    X(CORM_ERROR_TYPE, -25, "a value has the wrong type")                              \
    X(CORM_ERROR_SQL, -26, "the database refused the SQL")                             \
    X(CORM_ERROR_NO_TABLE, -27, "no such table")                                       \
    X(CORM_ERROR_PERMISSION, -28, "permission denied")                                 \
    X(CORM_ERROR_READ_ONLY, -29, "the database is read-only")                          \
    X(CORM_ERROR_FULL, -30, "no space left")                                           \
    X(CORM_ERROR_CORRUPT, -31, "the database file is damaged or is not a database")    \
    X(CORM_ERROR_IO, -32, "input or output failed")                                    \
    X(CORM_ERROR_UNSUPPORTED, -33, "the database does not have this")                  \
    X(CORM_ERROR_MIGRATION, -34, "the migrations are not consistent")                  \
    X(CORM_ERROR_DATABASE, -35, "the database reported an error")                      \
    X(CORM_ERROR_NEWER, -36, "the database is newer than the program")                 \
    X(CORM_ERROR_STALE, -37, "the row has been changed since it was read")

typedef enum corm_status {
#define CORM__STATUS(name, number, text) name = number,
    CORM_STATUS_MAP(CORM__STATUS)
#undef CORM__STATUS
} corm_status;

/* The name ("CORM_ERROR_UNIQUE") and the English text of a status; "unknown status" for a number
 * that is none. Static memory. */
const char *corm_status_name(int status);
const char *corm_status_text(int status);

/* What went wrong last on a handle. All strings are inside the struct and NUL-terminated, "" when
 * there is nothing to say: an error can be reported when memory is out. Never holds a password. */
typedef struct corm_error_info {
    corm_status status;
    int vendor_code;       /* sqlite3's extended result code, MariaDB's error number; 0 when none */
    char sqlstate[6];      /* ISO/IEC 9075 SQLSTATE where the server sends one */
    char message[1024];    /* one line: what, where */
    char detail[1024];     /* the server's detail */
    char hint[512];        /* what to do */
    char constraint[128];  /* the violated constraint, when the database names it */
    char table[128];
    char column[128];
    char sql[2048];        /* the statement, cut to fit; values are never in it */
} corm_error_info;

CORM__END
