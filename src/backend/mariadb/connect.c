/* Opening a connection, and the session that it becomes. */
#include "backend/mariadb/mariadb.h"
#include "base/error.h"
#include <errmsg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What the session means by SQL: the standard, as far as the server goes, so that SQL written by hand means the same on every engine. */
#define MODES                                                                                                                              \
    "ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,ONLY_FULL_GROUP_BY,NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,"         \
    "NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_UNSIGNED_SUBTRACTION"
#define MARIADB_MODES MODES ",SIMULTANEOUS_ASSIGNMENT,TIME_ROUND_FRACTIONAL"

static int set_session(corm_conn *conn, corm_error_info *error) {
    corm_buffer sql = { 0 };
    corm__buffer_printf(&sql,
                        "SET NAMES utf8mb4 COLLATE %s, sql_mode = '%s', time_zone = '+00:00', lc_messages = 'en_US', autocommit = 1, "
                        "div_precision_increment = 30%s;"
                        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
                        corm__mariadb_collation(conn->is_mysql), conn->is_mysql ? MODES : MARIADB_MODES,
                        conn->is_mysql ? "" : ", default_regex_flags = 'DOTALL'");
    int status = corm__buffer_broken(&sql) ? corm__fail_memory(error) : corm__mariadb_exec(conn, corm__buffer_text(&sql), error);
    corm__buffer_release(&sql);
    return status;
}

static int check_server(corm_conn *conn, corm_error_info *error) {
    conn->is_mysql = !mariadb_connection(conn->mysql);
    unsigned long version = mysql_get_server_version(conn->mysql), least = conn->is_mysql ? CORM__MYSQL_MIN : CORM__MARIADB_MIN;
    if (version >= least) return 0;
    corm__fail(error, CORM_ERROR_UNSUPPORTED, "%s %s is too old: corm needs %lu.%lu", conn->is_mysql ? "MySQL" : "MariaDB",
               mysql_get_server_info(conn->mysql), least / 10000, least / 100 % 100);
    return error->status;
}

/* The socket's file: of a folder, that of the servers' packages and images. */
static const char *socket_file(const char *host, char *out, size_t size) {
    struct stat information;
    if (stat(host, &information) || !S_ISDIR(information.st_mode)) return host;
    static const char *const names[] = { "mysqld.sock", "mysql.sock" };
    for (size_t i = 0; i < 2; i++) {
        snprintf(out, size, "%s/%s", host, names[i]);
        if (stat(out, &information) == 0) return out;
    }
    snprintf(out, size, "%s/%s", host, names[0]);
    return out;
}

static int try_open(corm_conn *conn, const corm_connect_options *options, const char *name, corm_error_info *error) {
    if (!(conn->mysql = mysql_init(NULL))) return corm__fail_memory(error);
    char path[4096], where[256];
    const char *host = options->host, *socket = NULL;
    if (host && *host == '/') {
        socket = socket_file(host, path, sizeof path);
        host = NULL;
    }
    unsigned seconds = options->timeout_ms > 0 ? (unsigned)(options->timeout_ms + 999) / 1000 : 0;
    if (seconds) mysql_options(conn->mysql, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
    mysql_options(conn->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    unsigned port = options->port ? (unsigned)strtoul(options->port, NULL, 10) : 0;
    corm__error_set(where, sizeof where, "%s%s%s", socket ? socket : host ? host : "the local socket", port && host ? ":" : "",
                    port && host ? options->port : "");
    conn->default_socket = !options->host;
    conn->tcp = host != NULL;
    if (!mysql_real_connect(conn->mysql, host, options->user, options->password, name, port, socket,
                            CLIENT_FOUND_ROWS | CLIENT_MULTI_STATEMENTS | CLIENT_REMEMBER_OPTIONS))
        return corm__mariadb_fail_connect(conn->mysql, where, error);
    int status = check_server(conn, error);
    return status ? status : set_session(conn, error);
}

int corm__mariadb_open(const corm_connect_options *options, corm_conn **out, corm_error_info *error) {
    *out = NULL;
    corm_conn *conn = calloc(1, sizeof *conn);
    if (!conn) return corm__fail_memory(error);
    int status = try_open(conn, options, options->name, error);
    if (status) {
        corm__mariadb_close(conn);
        return status;
    }
    *out = conn;
    return 0;
}

void corm__mariadb_close(corm_conn *conn) {
    if (!conn) return;
    if (conn->mysql) mysql_close(conn->mysql);
    free(conn);
}

int corm__mariadb_create_database(const corm_connect_options *options, corm_error_info *error) {
    if (!options->name) return corm__fail(error, CORM_ERROR_USAGE, "no name of a database to create: set DB_NAME");
    corm_connect_options server = *options;
    corm_conn *conn;
    server.name = NULL;
    int status = corm__mariadb_open(&server, &conn, error);
    if (status) return status;
    corm_buffer sql = { 0 };
    corm__buffer_puts(&sql, "CREATE DATABASE IF NOT EXISTS ");
    corm__mariadb_identifier(&sql, options->name);
    corm__buffer_printf(&sql, " CHARACTER SET utf8mb4 COLLATE %s", corm__mariadb_collation(conn->is_mysql));
    status = corm__buffer_broken(&sql) ? corm__fail_memory(error) : corm__mariadb_exec(conn, corm__buffer_text(&sql), error);
    corm__buffer_release(&sql);
    corm__mariadb_close(conn);
    return status;
}
