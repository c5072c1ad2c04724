/* MariaDB and MySQL: what the files of this folder share. How values are stored ("MySQL" where it
 * must differ):
 *
 * identity bigint AUTO_INCREMENT; smallint, integer, bigint as they are; boolean tinyint(1), 0 or
 * 1; real float, double precision double, neither NaN nor infinite; decimal(d, p) decimal(d, p);
 * varchar(n) varchar(n), text longtext, enumeration as varchar: utf8mb4 with the collation
 * utf8mb4_nopad_bin (MySQL: utf8mb4_0900_bin), in which texts are equal when their code points are,
 * trailing spaces count, and order is that of code points; blob longblob; uuid binary(16), so that
 * 10.6, which has no type for it, and MySQL do the same; date date, time time(6); timestamp
 * datetime(6) in UTC: MariaDB's timestamp ends in 2038 and changes with the session's zone;
 * interval bigint(18): microseconds. The width means nothing to the server, which keeps it, and
 * tells an interval from a bigint, which is bigint(20) (MySQL keeps no width: there an interval
 * reads as a bigint); json longtext of that collation with CHECK (json_valid(column)), on MySQL
 * too: a text stays as it was written.
 *
 * Tables are InnoDB, with utf8mb4 and that collation as their default. The session that connect.c
 * sets up speaks standard SQL: ANSI_QUOTES, PIPES_AS_CONCAT, NO_BACKSLASH_ESCAPES, strict, UTC,
 * READ COMMITTED. SQL that may be run by hand in another session (sqlmigrate) quotes identifiers
 * with backticks, and writes a text that holds a backslash in hexadecimal, which both mean the same
 * in every mode. */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"
#include <corm/backend.h>
#include <mysql.h>

struct corm_conn {
    MYSQL *mysql;
    bool is_mysql;              /* MySQL, not MariaDB */
    bool lost;
    bool default_socket;        /* nobody named a host, and the client library took its socket */
    size_t most_bytes;          /* of a packet; 0: not asked for yet */
};

/* Versions as corm_backend.version gives them; MySQL's are below 100000. */
enum { CORM__MARIADB_MIN = 100600, CORM__MYSQL_MIN = 80019, CORM__MARIADB_FIRST = 100000 };
/* True for a script's version of a MySQL server; 0, the lowest supported, is MariaDB's. */
static inline bool corm__mariadb_version_is_mysql(int version) {
    return version > 0 && version < CORM__MARIADB_FIRST;
}
/* "utf8mb4_nopad_bin" or MySQL's. */
const char *corm__mariadb_collation(bool is_mysql);

/* --- errors.c --- Each fills error and returns its status. sql may be NULL. */
corm_status corm__mariadb_status(unsigned number, const char *sqlstate);
/* What the server or the client library said about a call that failed. */
int corm__mariadb_fail_report(unsigned number, const char *sqlstate, const char *message,
                              const char *sql, corm_error_info *error);
/* The last error of the connection or, when not NULL, of stmt. Notes in conn when the connection is
 * lost. */
int corm__mariadb_fail(corm_conn *conn, MYSQL_STMT *stmt, const char *sql, corm_error_info *error);
/* A connection that did not come up; where: "db:3306", for the message. */
int corm__mariadb_fail_connect(MYSQL *mysql, const char *where, corm_error_info *error);

/* --- connect.c --- */
/* The value of a parameter of the options; NULL when it is not set. */
const char *corm__mariadb_parameter(const corm_connect_options *options, const char *name);
/* The socket's file when host is a path: of a folder, that of the servers' packages and images.
 * Otherwise NULL. */
const char *corm__mariadb_socket(const char *host, char *out, size_t size);
int corm__mariadb_open(const corm_connect_options *options, corm_conn **out,
                       corm_error_info *error);
void corm__mariadb_close(corm_conn *conn);
int corm__mariadb_create_database(const corm_connect_options *options, corm_error_info *error);

/* --- exec.c --- */
int corm__mariadb_exec(corm_conn *conn, const char *sql, corm_error_info *error);
/* One statement whose rows are wanted as text, all of them: mysql_fetch_row gives them,
 * mysql_free_result ends it. columns has a character for each: '!' is never NULL, '?' may be. NULL
 * and *error filled on failure, also when the answer has another form. */
MYSQL_RES *corm__mariadb_query(corm_conn *conn, const char *sql, const char *columns,
                               corm_error_info *error);
/* How many bytes the values of one statement may have; 0: not known. */
size_t corm__mariadb_most_bytes(corm_conn *conn);

/* --- lock.c --- */
int corm__mariadb_lock_try(corm_conn *conn, const char *name, char *holder, size_t size,
                           corm_error_info *error);
void corm__mariadb_lock_release(corm_conn *conn, const char *name);
int corm__mariadb_lock_holds(corm_conn *conn, corm_error_info *error);
int corm__mariadb_lock_wait(corm_conn *conn, int milliseconds, corm_error_info *error);
int64_t corm__mariadb_session(corm_conn *conn);
int corm__mariadb_blockers(corm_conn *conn, int64_t session, char *out, size_t size,
                           corm_error_info *error);

/* --- statement.c --- */
int corm__mariadb_prepare(corm_conn *conn, const char *sql, size_t length, const corm_kind *kinds,
                          int n, corm_stmt **out,
                          corm_error_info *error);
void corm__mariadb_finalize(corm_stmt *stmt);
int corm__mariadb_column_count(corm_stmt *stmt);
const char *corm__mariadb_column_name(corm_stmt *stmt, int column);
int corm__mariadb_execute(corm_stmt *stmt, const corm_value *values, int n, unsigned flags,
                          corm_error_info *error);
int corm__mariadb_next_row(corm_stmt *stmt, const corm_fetch *fetch, void **objects,
                           corm_arena *arena, corm_error_info *error);
void corm__mariadb_reset(corm_stmt *stmt);
int64_t corm__mariadb_affected(corm_stmt *stmt);
int64_t corm__mariadb_inserted_id(corm_stmt *stmt);

/* --- client.c --- */
int corm__mariadb_client(const corm_connect_options *options, const char *const *extra,
                         corm_arena *arena, corm_client *out,
                         corm_error_info *error);

/* --- dialect.c --- */
void corm__mariadb_identifier(corm_buffer *out, const char *name);
/* A text as a literal that means the same in every sql_mode. */
void corm__mariadb_literal(corm_buffer *out, const char *text);
void corm__mariadb_key_taken(struct corm_buffer *out, const char *const *key, size_t n,
                             bool nothing);
void corm__mariadb_placeholder(corm_buffer *out, int number, corm_kind kind, corm_kind element);
const char *corm__mariadb_expression(int op, const corm_column *type);

/* --- ddl.c, introspect.c, cost.c --- */
void corm__mariadb_loses(struct corm_buffer *out, const corm_column *before,
                         const corm_column *after);
int corm__mariadb_ddl(corm_script *script, const corm_change *change, corm_conn *conn);
int corm__mariadb_introspect(corm_conn *conn, const char *only, corm_arena *arena, corm_schema *out,
                             corm_error_info *error);
int corm__mariadb_cost(const corm_change *change, int version, corm_change_cost *out);
