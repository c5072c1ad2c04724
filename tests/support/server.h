/* PostgreSQL servers for tests.
 *
 * The common one comes from scripts/with-postgresql by the environment variable
 * CORM_TEST_POSTGRESQL; a test program gets a fresh database on it. Tests of what happens while a
 * server starts, refuses or goes away start one of their own.
 *
 * These functions end the program with a message when something does not work: a test that was
 * asked for never passes by being skipped. */
#pragma once
#include <stdbool.h>

/* The URL of a database that this program alone uses: made at the first call, dropped when the
 * program exits. */
const char *test_postgresql_url(void);
/* A further fresh one, dropped at exit too. The text lives until then. */
const char *test_postgresql_new_database(void);
/* The URL of the common server's own database, where other programs work too. */
const char *test_postgresql_server_url(void);
/* Runs statements on a database by libpq alone, for what a test needs around the code that it
 * tests. */
void test_postgresql_run(const char *url, const char *sql);

typedef struct test_server test_server;
typedef struct test_server_options {
    bool tcp;                  /* a free port of 127.0.0.1 instead of a socket */
    /* of the user corm, asked for by SCRAM; NULL: everybody is trusted */
    const char *password;
    bool standby;              /* in recovery for ever: takes connections, and is read-only */
    bool recovering;           /* in recovery and without connections: answers 57P03 */
    int max_connections;       /* 0: the default */
    const char *configuration; /* lines for postgresql.conf, or NULL */
} test_server_options;

/* A server in a temporary folder with the user corm (superuser) and the database postgres; not
 * started. options may be NULL. */
test_server *test_server_new(const test_server_options *options);
/* Stops it, removes its folder. NULL-safe. Happens at exit and when the program dies, too. */
void test_server_free(test_server *server);
/* Starts it after delay_ms, and returns at once. */
void test_server_launch(test_server *server, int delay_ms);
/* Starts it and waits until it takes connections (recovering: until it answers). */
void test_server_start(test_server *server);
/* Stops it as a crash does: connections are cut. It may be started again. */
void test_server_stop(test_server *server);
/* Waits until it answers. */
void test_server_wait(test_server *server);
/* postgresql://corm@127.0.0.1:PORT/postgres or postgresql:///postgres?host=…&user=corm; never with
 * the password. */
const char *test_server_url(const test_server *server);
/* The socket's folder, also of a server with a port; and the port. */
const char *test_server_folder(const test_server *server);
int test_server_port(const test_server *server);
