#include "mariadb_server.h"
#include "common.h"
#include <errno.h>
#include <mysql.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- databases on the common server --- */

const char *test_mariadb_server_url(void) {
    const char *url = getenv("CORM_TEST_MARIADB");
    if (!url || !*url)
        test__die("CORM_TEST_MARIADB is not set: run the test by scripts/with-mariadb COMMAND, or "
                  "set it to the URL of a MariaDB database");
    return url;
}

static void decode(const char *text, size_t length, char *out) {
    for (size_t i = 0; i < length; i++) {
        unsigned code;
        if (text[i] == '%' && i + 2 < length && sscanf(text + i + 1, "%2x", &code) == 1) {
            *out++ = (char)code;
            i += 2;
        } else {
            *out++ = text[i];
        }
    }
    *out = 0;
}

/* As far as the URLs of tests go: mariadb://[user@host:port]/name[?host=…&user=…]. */
const char *test_mariadb_part(const char *url, const char *part) {
    static char parts[4][256];
    static const char *const names[] = { "host", "name", "user", "port" };
    char *values[4] = { NULL };
    const char *p = strstr(url, "://"), *at;
    if (!p) test__die("%s is no URL", url);
    p += 3;
    size_t authority = strcspn(p, "/?");
    if ((at = memchr(p, '@', authority))) {
        decode(p, (size_t)(at - p), values[2] = parts[2]);
        authority -= (size_t)(at + 1 - p);
        p = at + 1;
    }
    size_t host = strcspn(p, ":/?");
    if (host) decode(p, host, values[0] = parts[0]);
    if (host < authority) decode(p + host + 1, authority - host - 1, values[3] = parts[3]);
    p += authority;
    if (*p == '/' && strcspn(p + 1, "?")) decode(p + 1, strcspn(p + 1, "?"), values[1] = parts[1]);
    for (p += strcspn(p, "?"); *p;) {
        size_t length = strcspn(++p, "&"), name = strcspn(p, "=");
        for (int i = 0; i < 4; i++)
            if (strlen(names[i]) == name && strncmp(names[i], p, name) == 0)
                decode(p + name + 1, length - name - 1, values[i] = parts[i]);
        p += length;
    }
    for (int i = 0; i < 4; i++)
        if (strcmp(names[i], part) == 0) return values[i];
    return NULL;
}

static int run(const char *url, const char *sql, char *message, size_t size) {
    char socket[300];
    MYSQL *mysql = mysql_init(NULL);
    const char *host = test_mariadb_part(url, "host"), *port = test_mariadb_part(url, "port");
    bool local = host && *host == '/';
    if (local) snprintf(socket, sizeof socket, "%s/mysqld.sock", host);
    bool done = mysql &&
                mysql_real_connect(mysql, local ? NULL : host, test_mariadb_part(url, "user"), NULL,
                                   test_mariadb_part(url, "name"), port ? (unsigned)atoi(port) : 0,
                                   local ? socket : NULL, CLIENT_MULTI_STATEMENTS) &&
                mysql_query(mysql, sql) == 0;
    while (done) {
        mysql_free_result(mysql_store_result(mysql));
        int more = mysql_next_result(mysql);
        if (more) {
            done = more < 0;
            break;
        }
    }
    snprintf(message, size, "%s", mysql_error(mysql));
    mysql_close(mysql);
    return done ? 0 : -1;
}

void test_mariadb_run(const char *url, const char *sql) {
    char message[2000];
    if (run(url, sql, message, sizeof message)) test__die("%s: %s", sql, message);
}

static struct database { char *name, *url; } databases[64];
static int n_databases;
static pid_t databases_of;

static void drop_databases(void) {
    if (getpid() != databases_of) return;
    for (; n_databases; n_databases--) {
        struct database *database = &databases[n_databases - 1];
        char *sql = test__print("DROP DATABASE IF EXISTS %s", database->name), message[2000];
        if (run(test_mariadb_server_url(), sql, message, sizeof message))
            fprintf(stderr, "test support: %s: %s", sql, message);
        free(sql);
        free(database->name);
        free(database->url);
    }
}

const char *test_mariadb_new_database(void) {
    if (!databases_of) {
        databases_of = getpid();
        atexit(drop_databases);
    }
    if (n_databases == (int)(sizeof databases / sizeof *databases))
        test__die("too many databases in one test program");
    static int number;
    struct database *database = &databases[n_databases];
    const char *url = test_mariadb_server_url(), *path = strchr(strstr(url, "://") + 3, '/'),
               *query = strchr(url, '?');
    database->name = test__print("test_%d_%d", (int)getpid(), ++number);
    database->url =
        test__print("%.*s/%s%s", (int)(path - url), url, database->name, query ? query : "");
    char *sql = test__print("CREATE DATABASE %s", database->name);
    test_mariadb_run(url, sql);
    free(sql);
    n_databases++;
    return database->url;
}

const char *test_mariadb_url(void) {
    static const char *url;
    if (!url) url = test_mariadb_new_database();
    return url;
}

/* --- servers of one's own --- */

struct test_mariadb {
    test__own own;
    char *url;
    const char *password;
    const char *const *arguments;
    int port;
};

static pid_t spawn(const test_mariadb *server, int delay_ms, char *const argv[]) {
    pid_t pid = test__own_fork(&server->own, NULL, delay_ms);
    if (pid) return pid;
    char *path = test__print("%s:/usr/sbin:/usr/local/sbin", getenv("PATH"));
    setenv("PATH", path, 1);
    execvp(argv[0], argv);
    _exit(127);
}

/* Arguments that the installer and the server share. */
static int common_arguments(const test_mariadb *server, char **argv) {
    int n = 0;
    argv[n++] = test__print("--no-defaults");
    if (geteuid() == 0) argv[n++] = test__print("--user=root");
    argv[n++] = test__print("--datadir=%s/data", server->own.folder);
    /* Or another server, as it starts, clears away what this one has there. */
    argv[n++] = test__print("--tmpdir=%s", server->own.folder);
    /* Nothing waits for the disk: neither InnoDB nor, after each DDL, the server. */
    argv[n++] = test__print("--loose-debug-no-sync");
    argv[n++] = test__print("--innodb-flush-method=nosync");
    argv[n++] = test__print("--innodb-flush-log-at-trx-commit=0");
    argv[n++] = test__print("--innodb-log-file-size=16M");
    argv[n++] = test__print("--innodb-buffer-pool-size=32M");
    return n;
}

static void free_arguments(char **argv) {
    for (; *argv; argv++) free(*argv);
}

static void free_server(test__own *own) {
    test_mariadb *server = (test_mariadb *)own;
    test__own_release(own);
    free(server->url);
    free(server);
}

test_mariadb *test_mariadb_new(const char *password) {
    test_mariadb *server = calloc(1, sizeof *server);
    if (!server) test__die("out of memory");
    server->password = password ? password : "";
    test__own_init(&server->own, SIGKILL, free_server);
    char program[] = "mariadb-install-db", *argv[16] = { program };
    int n = 1 + common_arguments(server, argv + 1);
    argv[n++] = test__print("--auth-root-authentication-method=normal");
    argv[n++] = test__print("--skip-test-db");
    if (!test__own_worked(spawn(server, 0, argv))) {
        test__own_print_log(&server->own);
        test__die("mariadb-install-db failed; on Debian: apt-get install mariadb-server-core");
    }
    free_arguments(argv + 1);
    server->port = test__free_port();
    server->url = test__print("mariadb://corm@127.0.0.1:%d/corm", server->port);
    char *first = test__print("%s/first.sql", server->own.folder);
    FILE *file = fopen(first, "w");
    if (!file) test__die("%s: %s", first, strerror(errno));
    fputs("CREATE DATABASE IF NOT EXISTS corm;\n", file);
    for (int i = 0; i < 2; i++) {
        const char *user = i ? "corm@localhost" : "corm@'127.0.0.1'";
        fprintf(file,
                "CREATE USER IF NOT EXISTS %s IDENTIFIED BY '%s';\nGRANT ALL ON *.* TO %s WITH "
                "GRANT OPTION;\n",
                user, server->password, user);
    }
    if (fclose(file)) test__die("%s: %s", first, strerror(errno));
    free(first);
    return server;
}

void test_mariadb_arguments(test_mariadb *server, const char *const *arguments) {
    server->arguments = arguments;
}

void test_mariadb_launch(test_mariadb *server, int delay_ms) {
    char program[] = "mariadbd", *argv[48] = { program };
    int n = 1 + common_arguments(server, argv + 1);
    argv[n++] = test__print("--socket=%s/mysqld.sock", server->own.folder);
    argv[n++] = test__print("--bind-address=127.0.0.1");
    argv[n++] = test__print("--port=%d", server->port);
    argv[n++] = test__print("--skip-name-resolve");
    argv[n++] = test__print("--pid-file=%s/pid", server->own.folder);
    argv[n++] = test__print("--init-file=%s/first.sql", server->own.folder);
    for (const char *const *argument = server->arguments; argument && *argument; argument++)
        argv[n++] = test__print("%s", *argument);
    server->own.pid = spawn(server, delay_ms, argv);
    free_arguments(argv + 1);
}

static bool answers(const test__own *own) {
    const test_mariadb *server = (const test_mariadb *)own;
    char *path = test__print("%s/mysqld.sock", own->folder);
    MYSQL *mysql = mysql_init(NULL);
    bool up = mysql_real_connect(mysql, NULL, "corm", server->password, NULL, 0, path, 0) != NULL;
    mysql_close(mysql);
    free(path);
    return up;
}

void test_mariadb_wait(test_mariadb *server) { test__own_wait(&server->own, answers); }

void test_mariadb_start(test_mariadb *server) {
    test_mariadb_launch(server, 0);
    test_mariadb_wait(server);
}

void test_mariadb_stop(test_mariadb *server) { test__own_stop(&server->own); }

void test_mariadb_free(test_mariadb *server) {
    if (server) free_server(&server->own);
}

const char *test_mariadb_tcp_url(const test_mariadb *server) { return server->url; }
const char *test_mariadb_folder(const test_mariadb *server) { return server->own.folder; }
int test_mariadb_port(const test_mariadb *server) { return server->port; }
