#include "server.h"
#include "common.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
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
    test_server_options options;
    char *folder, *data, *url;
    int port;
    pid_t pid, owner;
    test_server *next;
};
static test_server *servers;

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

/* A child that runs a program of PostgreSQL as its user, its output in folder/log, and that does
 * not outlive this one. */
static pid_t spawn(const test_server *server, int delay_ms, char *const argv[]) {
    const char *path = program(argv[0]);
    struct passwd *user = postgres_user();
    pid_t parent = getpid(), pid = fork();
    if (pid < 0) test__die("fork: %s", strerror(errno));
    if (pid) return pid;
    if (user &&
        (initgroups("postgres", user->pw_gid) || setgid(user->pw_gid) || setuid(user->pw_uid)))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (getppid() != parent || chdir(server->folder)) _exit(126);
    int log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0644), null = open("/dev/null", O_RDONLY);
    if (log < 0 || null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        _exit(126);
    signal(SIGINT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (delay_ms) test__pause_ms(delay_ms);
    char *full[16] = { strdup(path) };   /* initdb looks for postgres beside its own name */
    for (int i = 1; i < 15 && argv[i]; i++) full[i] = argv[i];
    execv(path, full);
    _exit(127);
}

static void print_log(const test_server *server) {
    char *path = test__print("%s/log", server->folder), line[1000];
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) fputs(line, stderr);
    if (file) fclose(file);
    free(path);
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

static void free_servers(void) {
    while (servers && servers->owner == getpid()) test_server_free(servers);
}

static void initialise(test_server *server) {
    char *password_file = test__print("%s/password", server->folder),
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
    int status;
    if (waitpid(spawn(server, 0, argv), &status, 0) < 0 || status) {
        print_log(server);
        test__die("initdb failed");
    }
    unlink(password_file);
    free(password_file);
    free(pwfile);
}

test_server *test_server_new(const test_server_options *options) {
    test_server *server = calloc(1, sizeof *server);
    if (!server) test__die("out of memory");
    if (options) server->options = *options;
    server->owner = getpid();
    server->folder = test__print("/tmp/corm-test.XXXXXX");
    if (!mkdtemp(server->folder)) test__die("%s: %s", server->folder, strerror(errno));
    if (!servers) atexit(free_servers);
    server->next = servers;
    servers = server;
    struct passwd *user = postgres_user();
    if (user && chown(server->folder, user->pw_uid, user->pw_gid))
        test__die("%s: %s", server->folder, strerror(errno));
    server->data = test__print("%s/data", server->folder);
    initialise(server);
    server->port = server->options.tcp ? test__free_port() : 5432;
    char *configuration =
        test__print("fsync = off\nunix_socket_directories = '%s'\nlisten_addresses = '%s'\nport = "
                    "%d\nmax_connections = %d\nhot_standby = %s\n%s\n",
                    server->folder, server->options.tcp ? "127.0.0.1" : "", server->port,
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
        char *name = strrchr(server->folder, '/') + 1;
        server->url = test__print("postgresql:///postgres?host=%%2Ftmp%%2F%s&user=corm", name);
    }
    return server;
}

void test_server_launch(test_server *server, int delay_ms) {
    char postgres[] = "postgres", option[] = "-D", data[] = "data";
    char *argv[] = { postgres, option, data, NULL };
    server->pid = spawn(server, delay_ms, argv);
}

void test_server_wait(test_server *server) {
    PGPing wanted = server->options.recovering ? PQPING_REJECT : PQPING_OK;
    for (int i = 0; i < 1500; i++) {
        if (PQping(server->url) == wanted) return;
        int status;
        if (waitpid(server->pid, &status, WNOHANG) == server->pid) {
            server->pid = 0;
            break;
        }
        test__pause_ms(20);
    }
    print_log(server);
    test__die("the server did not start");
}

void test_server_start(test_server *server) {
    test_server_launch(server, 0);
    test_server_wait(server);
}

void test_server_stop(test_server *server) {
    if (!server->pid) return;
    kill(server->pid, SIGQUIT);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

void test_server_free(test_server *server) {
    if (!server) return;
    test_server_stop(server);
    test__remove(server->folder);
    for (test_server **place = &servers; *place; place = &(*place)->next) {
        if (*place == server) {
            *place = server->next;
            break;
        }
    }
    free(server->folder);
    free(server->data);
    free(server->url);
    free(server);
}

const char *test_server_url(const test_server *server) { return server->url; }
const char *test_server_folder(const test_server *server) { return server->folder; }
int test_server_port(const test_server *server) { return server->port; }
