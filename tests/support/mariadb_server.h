/* MariaDB servers for tests: server.h, for this engine. The common one comes from
 * scripts/with-mariadb by the environment variable CORM_TEST_MARIADB. */
#pragma once
#include <stdbool.h>

/* The URL of a database that this program alone uses: made at the first call, dropped when the
 * program exits. */
const char *test_mariadb_url(void);
/* A further fresh one, dropped at exit too. The text lives until then. */
const char *test_mariadb_new_database(void);
/* The URL of the common server's own database, where other programs work too. */
const char *test_mariadb_server_url(void);
/* Runs statements on a database by libmariadb alone, for what a test needs around the code that it
 * tests. */
void test_mariadb_run(const char *url, const char *sql);
/* The part of such a URL, in static memory: "host", "name", "user" or "port"; NULL when it has
 * none. */
const char *test_mariadb_part(const char *url, const char *part);

typedef struct test_mariadb test_mariadb;

/* A server in a temporary folder with the user corm (all privileges, password "" when NULL) and the
 * database corm; not started. It has a free port of 127.0.0.1 and a socket. */
test_mariadb *test_mariadb_new(const char *password);
/* Further arguments of the server for the next start; end with NULL, and stay the caller's. */
void test_mariadb_arguments(test_mariadb *server, const char *const *arguments);
/* Stops it, removes its folder. NULL-safe. Happens at exit and when the program dies, too. */
void test_mariadb_free(test_mariadb *server);
/* Starts it after delay_ms, and returns at once. */
void test_mariadb_launch(test_mariadb *server, int delay_ms);
/* Starts it and waits until it takes connections. */
void test_mariadb_start(test_mariadb *server);
/* Stops it as a crash does: connections are cut. It may be started again. */
void test_mariadb_stop(test_mariadb *server);
void test_mariadb_wait(test_mariadb *server);
/* mariadb://corm@127.0.0.1:PORT/corm; never with the password. */
const char *test_mariadb_tcp_url(const test_mariadb *server);
/* The socket's folder, and the port. */
const char *test_mariadb_folder(const test_mariadb *server);
int test_mariadb_port(const test_mariadb *server);
