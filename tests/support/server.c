#include "server.h"
#include "common.h"
#include <dirent.h>
#include <errno.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- databases on the common server --- */

const char *test_postgresql_server_url(void) {
    const char *url = getenv("CORM_TEST_POSTGRESQL");
    if (!url || !*url)
        test__die("CORM_TEST_POSTGRESQL is not set: run the test by scripts/with-postgresql "
                  "COMMAND, or set it to the URL of a PostgreSQL "
                  "database");
    return url;
}

static int run(const char *url, const char *sql, char *message, size_t size) {
    PGconn *conn = PQconnectdb(url);
    PGresult *result = PQstatus(conn) == CONNECTION_OK ? PQexec(conn, sql) : NULL;
    ExecStatusType status = result ? PQresultStatus(result) : PGRES_FATAL_ERROR;
    snprintf(message, size, "%s", PQerrorMessage(conn));
    PQclear(result);
    PQfinish(conn);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY
               ? 0
               : -1;
}

void test_postgresql_run(const char *url, const char *sql) {
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
        char *sql = test__print("DROP DATABASE IF EXISTS %s WITH (FORCE)", database->name),
             message[2000];
        if (run(test_postgresql_server_url(), sql, message, sizeof message))
            fprintf(stderr, "test support: %s: %s", sql, message);
        free(sql);
        free(database->name);
        free(database->url);
    }
}

/* The server's URL with another database: the path between the host part and the parameters is the
 * name. */
static char *url_of(const char *name) {
    const char *url = test_postgresql_server_url(), *authority = strstr(url, "://");
    if (!authority) test__die("CORM_TEST_POSTGRESQL is no URL");
    size_t head = (size_t)(authority - url) + 3;
    head += strcspn(url + head, "/?");
    const char *query = strchr(url, '?');
    return test__print("%.*s/%s%s", (int)head, url, name, query ? query : "");
}

const char *test_postgresql_new_database(void) {
    if (!databases_of) {
        databases_of = getpid();
        atexit(drop_databases);
    }
    if (n_databases == (int)(sizeof databases / sizeof *databases))
        test__die("too many databases in one test program");
    static int number;
    struct database *database = &databases[n_databases];
    database->name = test__print("test_%d_%d", (int)getpid(), ++number);
    database->url = url_of(database->name);
    char *sql = test__print("CREATE DATABASE %s", database->name);
    test_postgresql_run(test_postgresql_server_url(), sql);
    free(sql);
    n_databases++;
    return database->url;
}

const char *test_postgresql_url(void) {
    static const char *url;
    if (!url) url = test_postgresql_new_database();
    return url;
}

/* --- servers of one's own --- */

struct test_server {
    test__own own;
    test_server_options options;
    char *data, *url;
    int port;
};

static const char *program(const char *name) {
    static char bin[256];
    if (!*bin) {
        int newest = 0;
        DIR *folder = opendir("/usr/lib/postgresql");
        for (struct dirent *entry; folder && (entry = readdir(folder));) {
            char path[sizeof bin];
            int version = atoi(entry->d_name);
            snprintf(path, sizeof path, "/usr/lib/postgresql/%d/bin/initdb", version);
            if (version > newest && access(path, X_OK) == 0) newest = version;
        }
        if (folder) closedir(folder);
        FILE *pipe = newest ? NULL : popen("pg_config --bindir", "r");
        if (newest)
            snprintf(bin, sizeof bin, "/usr/lib/postgresql/%d/bin", newest);
        else if (!pipe || !fgets(bin, sizeof bin, pipe))
            test__die("no PostgreSQL server found; on Debian: apt-get install postgresql");
        if (pipe) pclose(pipe);
        bin[strcspn(bin, "\n")] = 0;
    }
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", bin, name);
    return path;
}

static struct passwd *postgres_user(void) {
    struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;
    if (geteuid() == 0 && !user)
        test__die("the server refuses to run as root, and there is no user postgres");
    return user;
}

/* A child that runs a program of PostgreSQL as its user. */
static pid_t spawn(const test_server *server, int delay_ms, char *const argv[]) {
    const char *path = program(argv[0]);
    pid_t pid = test__own_fork(&server->own, postgres_user(), delay_ms);
    if (pid) return pid;
    char *full[16] = { strdup(path) };   /* initdb looks for postgres beside its own name */
    for (int i = 1; i < 15 && argv[i]; i++) full[i] = argv[i];
    execv(path, full);
    _exit(127);
}

static void write_file(const test_server *server, const char *name, const char *mode,
                       const char *text) {
    char *path = test__print("%s/%s", server->data, name);
    FILE *file = fopen(path, mode);
    if (!file || fputs(text, file) < 0 || fclose(file)) test__die("%s: %s", path, strerror(errno));
    struct passwd *user = postgres_user();
    if (user && chown(path, user->pw_uid, user->pw_gid)) test__die("%s: %s", path, strerror(errno));
    free(path);
}

static void initialise(test_server *server) {
    char *password_file = test__print("%s/password", server->own.folder),
         *pwfile = test__print("--pwfile=%s", password_file);
    if (server->options.password) {
        FILE *file = fopen(password_file, "w");
        if (!file || fputs(server->options.password, file) < 0 || fclose(file))
            test__die("%s: %s", password_file, strerror(errno));
        chmod(password_file, 0644);
    }
    char initdb[] = "initdb", data[] = "--pgdata=data", user[] = "--username=corm",
         trust[] = "--auth=trust", scram[] = "--auth=scram-sha-256", encoding[] = "--encoding=UTF8",
         locale[] = "--locale=C.UTF-8", quick[] = "--no-sync";
    char *argv[] = { initdb,   data,   user,  server->options.password ? scram : trust,
                     encoding, locale, quick, server->options.password ? pwfile : NULL,
                     NULL };
    if (!test__own_worked(spawn(server, 0, argv))) {
        test__own_print_log(&server->own);
        test__die("initdb failed");
    }
    unlink(password_file);
    free(password_file);
    free(pwfile);
}

static void free_server(test__own *own) {
    test_server *server = (test_server *)own;
    test__own_release(own);
    free(server->data);
    free(server->url);
    free(server);
}

test_server *test_server_new(const test_server_options *options) {
    test_server *server = calloc(1, sizeof *server);
    if (!server) test__die("out of memory");
    if (options) server->options = *options;
    test__own_init(&server->own, SIGQUIT, free_server);
    struct passwd *user = postgres_user();
    if (user && chown(server->own.folder, user->pw_uid, user->pw_gid))
        test__die("%s: %s", server->own.folder, strerror(errno));
    server->data = test__print("%s/data", server->own.folder);
    initialise(server);
    server->port = server->options.tcp ? test__free_port() : 5432;
    char *configuration =
        test__print("fsync = off\nunix_socket_directories = '%s'\nlisten_addresses = '%s'\nport = "
                    "%d\nmax_connections = %d\nhot_standby = %s\n%s\n",
                    server->own.folder, server->options.tcp ? "127.0.0.1" : "", server->port,
                    server->options.max_connections ? server->options.max_connections : 100,
                    server->options.recovering ? "off" : "on",
                    server->options.configuration ? server->options.configuration : "");
    write_file(server, "postgresql.conf", "a", configuration);
    free(configuration);
    if (server->options.standby || server->options.recovering)
        write_file(server, "standby.signal", "w", "");
    if (server->options.tcp) {
        server->url = test__print("postgresql://corm@127.0.0.1:%d/postgres", server->port);
    } else {
        char *name = strrchr(server->own.folder, '/') + 1;
        server->url = test__print("postgresql:///postgres?host=%%2Ftmp%%2F%s&user=corm", name);
    }
    return server;
}

void test_server_launch(test_server *server, int delay_ms) {
    char postgres[] = "postgres", option[] = "-D", data[] = "data";
    char *argv[] = { postgres, option, data, NULL };
    server->own.pid = spawn(server, delay_ms, argv);
}

static bool answers(const test__own *own) {
    const test_server *server = (const test_server *)own;
    return PQping(server->url) == (server->options.recovering ? PQPING_REJECT : PQPING_OK);
}

void test_server_wait(test_server *server) { test__own_wait(&server->own, answers); }

void test_server_start(test_server *server) {
    test_server_launch(server, 0);
    test_server_wait(server);
}

void test_server_stop(test_server *server) { test__own_stop(&server->own); }

void test_server_free(test_server *server) {
    if (server) free_server(&server->own);
}

const char *test_server_url(const test_server *server) { return server->url; }
const char *test_server_folder(const test_server *server) { return server->own.folder; }
int test_server_port(const test_server *server) { return server->port; }
