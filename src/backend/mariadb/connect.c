/* Opening a connection: never longer than the deadline, and never deaf to cancel_fd. The client
 * library does the work in its non-blocking form, one address at a time, and this waits on its
 * socket in between. */
#include "backend/mariadb/mariadb.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hosts.h"
#include <errmsg.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One address to try, and how long. */
typedef struct target {
    const char *host, *socket; /* neither: what the client library chooses */
    unsigned port;
    double deadline; /* 0: none */
} target;

const char *corm__mariadb_parameter(const corm_connect_options *options, const char *name) {
    for (const corm_parameter *parameter = options->parameters; parameter && parameter->name;
         parameter++)
        if (strcmp(parameter->name, name) == 0) return parameter->value;
    return NULL;
}

const char *corm__mariadb_socket(const char *host, char *out, size_t size) {
    struct stat information;
    if (*host != '/') return NULL;
    if (stat(host, &information) || !S_ISDIR(information.st_mode)) {
        snprintf(out, size, "%s", host);
        return out;
    }
    static const char *const names[] = { "mysql.sock", "mysqld.sock" };
    for (size_t i = 0; i < 2; i++) {
        snprintf(out, size, "%s/%s", host, names[i]);
        if (stat(out, &information) == 0) break;
    }
    return out;
}

/* --- settings of the client library --- */

static bool is(const char *text, const char *other) { return text && strcmp(text, other) == 0; }

/* Modes that insist on TLS. The library knows no verify-ca: the name is checked too then. */
static bool verifies(const char *mode) { return is(mode, "verify-ca") || is(mode, "verify-full"); }
static bool insists(const char *mode) { return verifies(mode) || is(mode, "require"); }

/* Of a text that it has no room for the library says nothing: it is read back. */
static bool set_text(MYSQL *mysql, enum mysql_option option, const char *text) {
    char *kept = NULL;
    return !mysql_options(mysql, option, text) && !mysql_get_option(mysql, option, &kept) && kept &&
           strcmp(kept, text) == 0;
}

/* What the library calls to enforce TLS is to take it where the server has it: as libpq does when
 * nothing is said. */
static bool set_tls(MYSQL *mysql, const corm_connect_options *options) {
    static const struct {
        const char *name;
        enum mysql_option option;
    } files[] = {
        { "sslrootcert", MYSQL_OPT_SSL_CA },
        { "sslcert", MYSQL_OPT_SSL_CERT },
        { "sslkey", MYSQL_OPT_SSL_KEY },
        { "sslcrl", MYSQL_OPT_SSL_CRL },
    };
    const char *mode = corm__mariadb_parameter(options, "sslmode");
    my_bool use = !is(mode, "disable"), verify = verifies(mode);
    for (size_t i = 0; i < sizeof files / sizeof *files && use; i++) {
        const char *file = corm__mariadb_parameter(options, files[i].name);
        if (file && !set_text(mysql, files[i].option, file)) return false;
    }
    return !mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &use) &&
           !mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

/* MARIADB_TLS_VERIFY_STATUS, of libmariadb 3.4: what the check of the certificate found. Before
 * that version the library ended the connection itself. */
static const enum mariadb_value tls_verify_status = (enum mariadb_value)37;

/* A socket needs no TLS. libmariadb 3.4 goes on with a certificate of an unknown authority when no
 * authority was named, and trusts the password instead, which whoever is in between may have. */
static int check_tls(MYSQL *mysql, const corm_connect_options *options, const char *where,
                     corm_error_info *error) {
    const char *socket = NULL, *mode = corm__mariadb_parameter(options, "sslmode");
    unsigned found = 0;
    if (!insists(mode)) return 0;
    if (!mariadb_get_infov(mysql, MARIADB_CONNECTION_UNIX_SOCKET, &socket) && socket) return 0;
    if (!mysql_get_ssl_cipher(mysql)) {
        corm__fail(error, CORM_ERROR_TLS, "MariaDB at %s does not offer SSL", where);
        corm__error_hint(error, "Check DB_SSLMODE, and whether the server has TLS on.");
    } else if (verifies(mode) && !mariadb_get_infov(mysql, tls_verify_status, &found) && found) {
        corm__fail(error, CORM_ERROR_TLS,
                   "the certificate of MariaDB at %s is not of an authority that is known here",
                   where);
        corm__error_hint(error, "Name the authority's certificate in DB_SSLROOTCERT.");
    } else
        return 0;
    return CORM_ERROR_TLS;
}

static bool has_tls_settings(const corm_connect_options *options) {
    for (const corm_parameter *parameter = options->parameters; parameter && parameter->name;
         parameter++)
        if (parameter->value && strncmp(parameter->name, "ssl", 3) == 0) return true;
    return false;
}

/* False when memory is out. */
static bool set_options(MYSQL *mysql, const corm_connect_options *options) {
    const char *name = corm__mariadb_parameter(options, "application_name");
    unsigned off = 0;
    /* The session names the characters again. A server could ask for any file of the program. */
    if (mysql_options(mysql, MYSQL_OPT_NONBLOCK, 0) ||
        mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4") ||
        mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &off) ||
        mysql_options4(mysql, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", name ? name : "corm"))
        return false;
    /* What is not said stays with the library's option files (~/.my.cnf), which would go before
     * settings of TLS that are. */
    if (!has_tls_settings(options) && !set_text(mysql, MYSQL_READ_DEFAULT_GROUP, "corm"))
        return false;
    return set_tls(mysql, options);
}

/* --- connecting --- */

/* What the library is told it waited for: an event, or that the time is over, so that it gives up
 * by itself and leaves nothing behind. */
static int wait_for(MYSQL *mysql, int events, const target *target, int cancel_fd, int *status) {
    struct pollfd fds[2] = {
        { .fd = mysql_get_socket(mysql),
          .events = (short)((events & MYSQL_WAIT_READ ? POLLIN : 0) |
                            (events & MYSQL_WAIT_WRITE ? POLLOUT : 0) |
                            (events & MYSQL_WAIT_EXCEPT ? POLLPRI : 0)) },
        { .fd = cancel_fd, .events = POLLIN },
    };
    for (;;) {
        double seconds = target->deadline > 0 ? target->deadline - corm__clock() : 0;
        int left = *status                 ? 0
                   : target->deadline <= 0 ? -1
                   : seconds <= 0          ? 0
                                           : (int)(seconds * 1000) + 1;
        int ready = poll(fds, cancel_fd >= 0 ? 2 : 1, left);
        if (ready < 0 && errno == EINTR) continue;
        if (ready > 0 && cancel_fd >= 0 && fds[1].revents) *status = CORM_ERROR_CANCELLED;
        if (ready <= 0 && !*status) *status = CORM_ERROR_TIMEOUT;
        if (*status) return MYSQL_WAIT_TIMEOUT;
        int got = (fds[0].revents & POLLIN ? MYSQL_WAIT_READ : 0) |
                  (fds[0].revents & POLLOUT ? MYSQL_WAIT_WRITE : 0) |
                  (fds[0].revents & POLLPRI ? MYSQL_WAIT_EXCEPT : 0);
        /* An error is seen by whatever is tried next. */
        return got & events ? got & events : events & ~MYSQL_WAIT_TIMEOUT;
    }
}

static void describe(const target *target, char *out, size_t size) {
    if (target->socket)
        corm__error_set(out, size, "%s", target->socket);
    else if (target->host && target->port)
        corm__error_set(out, size, "%s:%u", target->host, target->port);
    else
        corm__error_set(out, size, "%s", target->host ? target->host : "the local socket");
}

static int fail_connect(MYSQL *mysql, int status, const char *where,
                        const corm_connect_options *options, corm_error_info *error) {
    if (status == CORM_ERROR_CANCELLED)
        return corm__fail(error, CORM_ERROR_CANCELLED, "connecting to MariaDB was cancelled");
    if (status == CORM_ERROR_TIMEOUT) {
        corm__fail(error, CORM_ERROR_TIMEOUT, "MariaDB at %s did not answer in %d ms", where,
                   options->timeout_ms);
        corm__error_hint(error, "Check DB_HOST and DB_PORT, and whether a firewall is between.");
        return CORM_ERROR_TIMEOUT;
    }
    return corm__mariadb_fail_connect(mysql, where, error);
}

static int try_target(corm_conn *conn, const corm_connect_options *options, const target *target,
                      corm_error_info *error) {
    MYSQL *mysql = mysql_init(NULL), *done = NULL;
    if (!mysql) return corm__fail_memory(error);
    unsigned protocol = target->host ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
    if (!set_options(mysql, options)) {
        mysql_close(mysql);
        return corm__fail_memory(error);
    }
    if (target->host || target->socket) mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol);
    int status = 0, waits = mysql_real_connect_start(
                        &done, mysql, target->host, options->user, options->password, options->name,
                        target->port, target->socket, CLIENT_FOUND_ROWS | CLIENT_MULTI_STATEMENTS);
    while (waits)
        waits = mysql_real_connect_cont(
            &done, mysql, wait_for(mysql, waits, target, options->cancel_fd, &status));
    char where[300];
    describe(target, where, sizeof where);
    status = done ? check_tls(mysql, options, where, error)
                  : fail_connect(mysql, status, where, options, error);
    if (!status)
        conn->mysql = mysql;
    else if (status != CORM_ERROR_MEMORY) /* libmariadb 3.3 closes it twice then: it is left */
        mysql_close(mysql);
    return status;
}

/* True when another address may do better. */
static bool worth_another(int status) {
    return status == CORM_ERROR_CONNECTION || status == CORM_ERROR_TIMEOUT ||
           status == CORM_ERROR_STARTING || status == CORM_ERROR_TOO_MANY_CONNECTIONS;
}

static unsigned port_number(const char *port) {
    return port && *port ? (unsigned)strtoul(port, NULL, 10) : 0;
}

/* Each address has its share of the time that is left. A certificate is checked against the name
 * that was given, so the library gets that.
 */
static int try_addresses(corm_conn *conn, const corm_connect_options *options,
                         const corm_addresses *addresses, double deadline, corm_error_info *error) {
    bool by_name = verifies(corm__mariadb_parameter(options, "sslmode"));
    int status = CORM_ERROR_CONNECTION;
    char path[4096];
    for (int i = 0; i < addresses->n; i++) {
        const corm_address *address = &addresses->items[i];
        if (by_name && i && strcmp(address->host, addresses->items[i - 1].host) == 0) continue;
        double now = corm__clock();
        target target = { .host = *address->address && !by_name ? address->address : address->host,
                          .port = port_number(address->port),
                          .deadline =
                              deadline > 0 ? now + (deadline - now) / (addresses->n - i) : 0 };
        if ((target.socket = corm__mariadb_socket(target.host, path, sizeof path)))
            target.host = NULL;
        status = try_target(conn, options, &target, error);
        if (!worth_another(status)) break;
    }
    return status;
}

static int connect_to(corm_conn *conn, const corm_connect_options *options, double deadline,
                      corm_arena *arena, corm_error_info *error) {
    char path[4096];
    target target = { .host = options->host,
                      .port = port_number(options->port),
                      .deadline = deadline };
    if (!options->host) return try_target(conn, options, &target, error);
    if ((target.socket = corm__mariadb_socket(options->host, path, sizeof path)) &&
        !strchr(options->host, ',')) {
        target.host = NULL;
        return try_target(conn, options, &target, error);
    }
    corm_addresses addresses = { .n = 0 };
    corm_hosts hosts = { .title = "MariaDB",
                         .hosts = options->host,
                         .ports = options->port,
                         .timeout_ms = options->timeout_ms,
                         .deadline = deadline,
                         .cancel_fd = options->cancel_fd };
    int status = corm__find_hosts(&hosts, arena, &addresses, error);
    if (status) return status;
    return addresses.n ? try_addresses(conn, options, &addresses, deadline, error)
                       : try_target(conn, options, &target, error);
}

/* --- the session --- */

/* What it means by SQL: the standard, as far as the server goes, so that SQL written by hand means
 * the same on every engine. */
#define MODES                                                                                      \
    "ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,ONLY_FULL_GROUP_BY,NO_AUTO_VALUE_ON_ZERO,"   \
    "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,"                                                           \
    "NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_UNSIGNED_SUBTRACTION"
/* What a server may have set otherwise, for all its sessions, and what would then lose rows of a
 * result, checks of a write, or a transaction's end. */
#define PLAIN                                                                                      \
    "autocommit = 1, completion_type = 0, foreign_key_checks = 1, unique_checks = 1, "             \
    "sql_safe_updates = 0, sql_auto_is_null = 0, sql_select_limit = 18446744073709551615, "        \
    "max_sort_length = greatest(1024, @@max_sort_length), div_precision_increment = 30"
#define MARIADB_MODES MODES ",SIMULTANEOUS_ASSIGNMENT,TIME_ROUND_FRACTIONAL"

/* Milliseconds as text; the server has seconds for locks, and 0 is no limit in the settings. */
static void set_timeouts(const corm_conn *conn, const corm_connect_options *options,
                         corm_buffer *sql) {
    const char *statement = corm__mariadb_parameter(options, "statement_timeout"),
               *lock = corm__mariadb_parameter(options, "lock_timeout");
    if (statement && conn->is_mysql)
        corm__buffer_printf(sql, ", max_execution_time = %ld", strtol(statement, NULL, 10));
    else if (statement)
        corm__buffer_printf(sql, ", max_statement_time = %ld.%03ld",
                            strtol(statement, NULL, 10) / 1000, strtol(statement, NULL, 10) % 1000);
    if (!lock) return;
    long seconds = (strtol(lock, NULL, 10) + 999) / 1000;
    if (seconds == 0) seconds = 31536000;
    corm__buffer_printf(sql, ", innodb_lock_wait_timeout = %ld, lock_wait_timeout = %ld", seconds,
                        seconds);
}

static int set_session(corm_conn *conn, const corm_connect_options *options,
                       corm_error_info *error) {
    corm_buffer sql = { 0 };
    corm__buffer_printf(&sql,
                        "SET NAMES utf8mb4 COLLATE %s, sql_mode = '%s', time_zone = '+00:00', "
                        "lc_messages = 'en_US', " PLAIN "%s",
                        corm__mariadb_collation(conn->is_mysql),
                        conn->is_mysql ? MODES : MARIADB_MODES,
                        conn->is_mysql ? ""
                                       : ", check_constraint_checks = 1, "
                                         "default_regex_flags = 'DOTALL', "
                                         /* a tree is cut off there, without an error */
                                         "max_recursive_iterations = 4294967295");
    set_timeouts(conn, options, &sql);
    corm__buffer_puts(&sql, "; SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    int status = corm__buffer_broken(&sql)
                     ? corm__fail_memory(error)
                     : corm__mariadb_exec(conn, corm__buffer_text(&sql), error);
    corm__buffer_release(&sql);
    return status;
}

static int check_server(corm_conn *conn, corm_error_info *error) {
    conn->is_mysql = !mariadb_connection(conn->mysql);
    unsigned long version = mysql_get_server_version(conn->mysql),
                  least = conn->is_mysql ? CORM__MYSQL_MIN : CORM__MARIADB_MIN;
    if (version >= least) return 0;
    corm__fail(error, CORM_ERROR_UNSUPPORTED, "%s %s is too old: corm needs %lu.%lu",
               conn->is_mysql ? "MySQL" : "MariaDB", mysql_get_server_info(conn->mysql),
               least / 10000, least / 100 % 100);
    return error->status;
}

/* Nobody named a host, in no place, and the library took the socket that it was built for. */
static bool took_default_socket(corm_conn *conn, const corm_connect_options *options) {
    const char *socket = NULL;
    if (options->host || mariadb_get_infov(conn->mysql, MARIADB_CONNECTION_UNIX_SOCKET, &socket))
        return false;
    return socket && strcmp(socket, MARIADB_UNIX_ADDR) == 0;
}

int corm__mariadb_open(const corm_connect_options *options, corm_conn **out,
                       corm_error_info *error) {
    *out = NULL;
    corm_conn *conn = calloc(1, sizeof *conn);
    if (!conn) return corm__fail_memory(error);
    corm_arena arena = { 0 };
    double deadline = options->timeout_ms > 0 ? corm__clock() + options->timeout_ms / 1000.0 : 0;
    int status = connect_to(conn, options, deadline, &arena, error);
    corm__arena_release(&arena);
    if (!status) status = check_server(conn, error);
    if (!status) status = set_session(conn, options, error);
    if (status) {
        corm__mariadb_close(conn);
        return status;
    }
    conn->default_socket = took_default_socket(conn, options);
    *out = conn;
    return 0;
}

void corm__mariadb_close(corm_conn *conn) {
    if (!conn) return;
    if (conn->mysql) mysql_close(conn->mysql);
    free(conn);
}

int corm__mariadb_create_database(const corm_connect_options *options, corm_error_info *error) {
    if (!options->name)
        return corm__fail(error, CORM_ERROR_USAGE, "no name of a database to create: set DB_NAME");
    corm_connect_options server = *options;
    corm_conn *conn;
    server.name = NULL;
    int status = corm__mariadb_open(&server, &conn, error);
    if (status) return status;
    corm_buffer sql = { 0 };
    corm__buffer_puts(&sql, "CREATE DATABASE IF NOT EXISTS ");
    corm__mariadb_identifier(&sql, options->name);
    corm__buffer_printf(&sql, " CHARACTER SET utf8mb4 COLLATE %s",
                        corm__mariadb_collation(conn->is_mysql));
    status = corm__buffer_broken(&sql) ? corm__fail_memory(error)
                                       : corm__mariadb_exec(conn, corm__buffer_text(&sql), error);
    corm__buffer_release(&sql);
    corm__mariadb_close(conn);
    return status;
}
