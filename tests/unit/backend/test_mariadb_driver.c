#include "mariadb_fixture.h"
#include "base/buffer.h"
#include "server_driver.h"
#include <pthread.h>
#include <stdlib.h>

static const struct differs differs = {
    .numbers = "SELECT seq AS n FROM seq_1_to_9000 WHERE seq <= ?",
    .longer_and_longer = "SELECT seq, REPEAT('x', seq) FROM seq_1_to_3000",
    .new_database = test_mariadb_new_database,
    .many = "SELECT seq FROM seq_1_to_100000",
    .echo = "SELECT ?",
    .insert = "INSERT INTO t (name, n) VALUES (?, ?) RETURNING id",
    .kill = "KILL ",
    .number = "SELECT CONNECTION_ID()",
    .holder = "user corm from localhost, connection ",
    .password = "s3cret",
};

static int setup(void **state) {
    (void)state;
    conn = my_connect();
    my_run(conn, "CREATE TABLE parent (id bigint PRIMARY KEY) DEFAULT CHARSET utf8mb4");
    my_run(conn,
           "CREATE TABLE t (id bigint AUTO_INCREMENT PRIMARY KEY, name varchar(20) NOT NULL, n "
           "int, parent_id bigint, flag int NOT NULL DEFAULT 0,"
           " CONSTRAINT n_positive CHECK (n > 0), CONSTRAINT t_parent FOREIGN KEY (parent_id) "
           "REFERENCES parent (id),"
           " CONSTRAINT t_name UNIQUE (name)) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_nopad_bin");
    return 0;
}

static int clean(void **state) {
    (void)state;
    my_run(conn, "DELETE FROM t; DELETE FROM parent; ALTER TABLE t AUTO_INCREMENT = 1");
    return 0;
}

static void test_driver__errors_have_status_number_and_names(void **state) {
    (void)state;
    static const struct {
        const char *sql;
        int status, number;
        const char *sqlstate, *constraint, *table, *column;
    } cases[] = {
        { "INSERT INTO t (name) VALUES ('a for key ''x'''), ('a for key ''x''')", CORM_ERROR_UNIQUE,
          1062, "23000", "t_name", "", "" },
        { "INSERT INTO \"t\" (name) VALUES ('a'), ('a')", CORM_ERROR_UNIQUE, 1062, "23000",
          "t_name", "", "" },
        { "INSERT INTO t (id, name) VALUES (5, 'a'), (5, 'b')", CORM_ERROR_UNIQUE, 1062, "23000",
          "PRIMARY", "", "" },
        { "INSERT INTO t (name, parent_id) VALUES ('a', 5)", CORM_ERROR_FOREIGN_KEY, 1452, "23000",
          "t_parent", "t", "parent_id" },
        { "INSERT INTO `t` (name) VALUES (NULL)", CORM_ERROR_NOT_NULL, 1048, "23000", "", "",
          "name" },
        { "INSERT INTO t (n) VALUES (1)", CORM_ERROR_NOT_NULL, 1364, "HY000", "", "", "name" },
        { "INSERT INTO t (name, n) VALUES ('a', -1)", CORM_ERROR_CHECK, 4025, "23000", "n_positive",
          "t", "" },
        { "INSERT INTO `t` (name) VALUES ('123456789012345678901')", CORM_ERROR_RANGE, 1406,
          "22001", "", "", "name" },
        { "INSERT INTO t (name, n) VALUES ('a', 3000000000)", CORM_ERROR_RANGE, 1264, "22003", "",
          "", "n" },
        { "INSERT INTO t (name, n) VALUES ('a', 1 / 0)", CORM_ERROR_RANGE, 1365, "22012", "", "",
          "" },
        { "SELECT 9223372036854775807 + 1", CORM_ERROR_RANGE, 1690, "22003", "", "", "" },
        { "INSERT INTO t (name, n) VALUES ('a', 'x')", CORM_ERROR_TYPE, 1366, "22007", "", "", "" },
        { "SELECT * FROM nowhere", CORM_ERROR_NO_TABLE, 1146, "42S02", "", "nowhere", "" },
        { "SELECT absent FROM t", CORM_ERROR_SQL, 1054, "42S22", "", "", "" },
        { "SELEC", CORM_ERROR_SQL, 1064, "42000", "", "", "" },
        { "SET STATEMENT max_statement_time = 0.02 FOR SELECT COUNT(a.seq + b.seq) FROM "
          "seq_1_to_30000 a, seq_1_to_30000 b",
          CORM_ERROR_TIMEOUT, 1969, "70100", "", "", "" },
        { "SELECT 1; INSERT INTO t (name) VALUES (NULL); SELECT 2", CORM_ERROR_NOT_NULL, 1048,
          "23000", "", "", "name" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (MARIADB->exec(conn, cases[i].sql, &error) != cases[i].status)
            fail_msg("%s: %s %d %s", cases[i].sql, corm_status_name(error.status),
                     error.vendor_code, error.message);
        if (strcmp(error.constraint, cases[i].constraint) != 0)
            fail_msg("%s: constraint \"%s\": %s", cases[i].sql, error.constraint, error.message);
        assert_int_equal(error.vendor_code, cases[i].number);
        assert_string_equal(error.sqlstate, cases[i].sqlstate);
        assert_string_equal(error.constraint, cases[i].constraint);
        assert_string_equal(error.table, cases[i].table);
        assert_string_equal(error.column, cases[i].column);
        assert_string_equal(error.sql, cases[i].sql);
        assert_null(strchr(error.message, '\n'));
    }
    assert_int_equal(MARIADB->exec(conn,
                                   "INSERT INTO parent VALUES (1); INSERT INTO t (name, parent_id) "
                                   "VALUES ('c', 1); DELETE FROM parent",
                                   &error),
                     CORM_ERROR_FOREIGN_KEY);
    if (strcmp(error.constraint, "t_parent") != 0)
        fail_msg("%d %s", error.vendor_code, error.message);
    assert_int_equal(my_number(conn, "SELECT 7"), 7);
}

/* The session speaks standard SQL, and changes mean what they mean elsewhere. */
static void test_driver__session_speaks_the_standard(void **state) {
    (void)state;
    static const struct {
        const char *sql;
        int64_t value;
    } cases[] = {
        { "SELECT 'a' || 'b' = 'ab'", 1 },
        { "SELECT \"id\" FROM (SELECT 5 AS \"id\") AS x", 5 },
        { "SELECT CHAR_LENGTH('\\')", 1 },
        { "SELECT 'a' = 'A'", 0 },
        { "SELECT 'a' = 'a '", 0 },
        { "SELECT 'é' = 'e'", 0 },
        { "SELECT 'Z' < 'a' AND 'z' < 'é'", 1 },
        { "SELECT @@time_zone = '+00:00' AND @@tx_isolation = 'READ-COMMITTED' AND @@autocommit = "
          "1",
          1 },
        { "SELECT CAST('2026-01-01 00:00:00.9999999' AS datetime(6)) = '2026-01-01 00:00:01'", 1 },
        { "SELECT 'a\nb' REGEXP 'a.b'", 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (my_number(conn, cases[i].sql) != cases[i].value) fail_msg("%s", cases[i].sql);
    my_run(conn,
           "INSERT INTO t (name, n, flag) VALUES ('x', 1, 2); UPDATE t SET n = flag, flag = n");
    assert_int_equal(my_number(conn, "SELECT n * 10 + flag FROM t"), 21);
    my_run(conn, "INSERT INTO t (id, name) VALUES (0, 'zero')");
    assert_int_equal(my_number(conn, "SELECT id FROM t WHERE name = 'zero'"), 0);
}

static void test_driver__an_error_leaves_the_transaction_as_it_is(void **state) {
    (void)state;
    assert_false(MARIADB->in_transaction(conn));
    my_run(conn, "BEGIN");
    assert_true(MARIADB->in_transaction(conn));
    my_run(conn, "INSERT INTO t (name) VALUES ('a')");
    assert_int_equal(MARIADB->exec(conn, "INSERT INTO t (name) VALUES ('a')", &error),
                     CORM_ERROR_UNIQUE);
    assert_true(MARIADB->in_transaction(conn));
    my_run(conn, "SAVEPOINT s; INSERT INTO t (name) VALUES ('b'); ROLLBACK TO SAVEPOINT s; COMMIT");
    assert_false(MARIADB->in_transaction(conn));
    assert_int_equal(my_number(conn, "SELECT COUNT(*) FROM t"), 1);
    corm_stmt *stmt;
    assert_int_equal(my_start(conn, "BEGIN", NULL, 0, 0, &stmt, &error), 0);
    assert_true(MARIADB->in_transaction(conn));
    MARIADB->finalize(stmt);
    my_run(conn, "ROLLBACK");
}

static int theirs;
static void *update_b(void *argument) {
    theirs = MARIADB->exec(conn, "UPDATE t SET n = 1 WHERE name = 'b'", &error);
    return argument;
}

/* Two sessions that wait for each other: one of them is told, and its transaction is gone. */
static void test_driver__locks_and_deadlocks_are_told(void **state) {
    (void)state;
    corm_conn *other;
    corm_connect_options options = my_options(test_mariadb_url());
    options.parameters = (corm_parameter[]){ { "lock_timeout", "900" }, { 0 } };
    assert_int_equal(MARIADB->open(&options, &other, &error), 0);
    my_run(conn,
           "INSERT INTO t (name) VALUES ('a'), ('b'); BEGIN; UPDATE t SET n = 1 WHERE name = 'a'");
    my_run(other, "BEGIN; UPDATE t SET n = 2 WHERE name = 'b'");
    assert_int_equal(MARIADB->exec(other, "UPDATE t SET n = 2 WHERE name = 'a'", &error),
                     CORM_ERROR_LOCKED);
    assert_int_equal(error.vendor_code, 1205);
    assert_true(MARIADB->in_transaction(other));
    my_run(other, "SET innodb_lock_wait_timeout = 300"); /* on a busy machine too, a deadlock */
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, update_b, NULL), 0);
    usleep(200000);
    corm_error_info mine;
    int status = MARIADB->exec(other, "UPDATE t SET n = 2 WHERE name = 'a'", &mine);
    pthread_join(thread, NULL);
    assert_int_equal((status == CORM_ERROR_DEADLOCK) + (theirs == CORM_ERROR_DEADLOCK), 1);
    assert_int_equal((status == 0) + (theirs == 0), 1);
    assert_string_equal(status ? mine.sqlstate : error.sqlstate, "40001");
    assert_false(MARIADB->in_transaction(status ? other : conn));
    assert_true(MARIADB->in_transaction(status ? conn : other));
    MARIADB->close(other);
    my_run(conn, "ROLLBACK");
}

/* A cursor that is left before its end is closed on the server, and not with the statement only. */
static void test_driver__a_cursor_that_is_left_is_closed(void **state) {
    (void)state;
    static const char count[] = "SELECT CAST(VARIABLE_VALUE AS SIGNED) FROM "
                                "information_schema.SESSION_STATUS "
                                "WHERE VARIABLE_NAME = 'COM_STMT_RESET'";
    static const struct {
        const char *sql;
        bool to_the_end;
    } cases[] = { { "SELECT seq FROM seq_1_to_9000", false },
                  { "SELECT seq FROM seq_1_to_9000", true },
                  { "SELECT 1", true } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        corm_stmt *stmt;
        int64_t before = my_number(conn, count);
        assert_int_equal(my_start(conn, cases[i].sql, NULL, 0, CORM_EXECUTE_STREAM, &stmt, &error),
                         0);
        int status;
        do status = MARIADB->step(stmt, NULL, NULL, NULL, &error);
        while (status == 1 && cases[i].to_the_end);
        assert_int_equal(status, cases[i].to_the_end ? 0 : 1);
        MARIADB->reset(stmt);
        assert_int_equal(my_number(conn, count) - before, cases[i].to_the_end ? 0 : 1);
        MARIADB->finalize(stmt);
    }
}

static void test_driver__other_statements_run_while_rows_stream(void **state) {
    (void)state;
    check_streams("INSERT INTO t (name) VALUES (UUID_SHORT() % 1000000000)");
    /* Left in the middle, and begun again. */
    corm_stmt *stmt;
    assert_int_equal(my_start(conn, "SELECT seq FROM seq_1_to_9000", NULL, 0, CORM_EXECUTE_STREAM,
                              &stmt, &error),
                     0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(MARIADB->step(stmt, NULL, NULL, NULL, &error), 1);
        assert_int_equal(my_number(conn, "SELECT 3"), 3);
        MARIADB->reset(stmt);
        assert_int_equal(MARIADB->execute(stmt, NULL, 0, i ? 0 : CORM_EXECUTE_STREAM, &error), 0);
    }
    MARIADB->finalize(stmt);
    /* What is no SELECT has no cursor, and streams all the same. */
    static const char *const others[] = {
        "SHOW TABLES",      "INSERT INTO t (name) VALUES ('s1'), ('s2') RETURNING id",
        "EXPLAIN SELECT 1", "WITH x AS (SELECT 1 AS a) SELECT a FROM x",
        "(SELECT 1)",       "SELECT 1 WHERE 1 = 0"
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        int status;
        if (my_start(conn, others[i], NULL, 0, CORM_EXECUTE_STREAM, &stmt, &error))
            fail_msg("%s: %s", others[i], error.message);
        while ((status = MARIADB->step(stmt, NULL, NULL, NULL, &error)) == 1) {
        }
        if (status) fail_msg("%s: %s", others[i], error.message);
        MARIADB->finalize(stmt);
    }
}

static void test_driver__error_after_some_rows(void **state) {
    (void)state;
    corm_stmt *stmt;
    int64_t n = 0;
    corm_fetch fetch = { &(corm_fetch_column){ .kind = CORM_BIGINT, .name = "n" }, 1, 1 };
    static const char late[] =
        "SELECT IF(seq = 5000, 18446744073709551615 + seq, seq) FROM seq_1_to_9000";
    for (unsigned flags = 0; flags <= CORM_EXECUTE_STREAM; flags++) {
        int status = my_start(conn, late, NULL, 0, flags, &stmt, &error);
        while (!status &&
               (status = MARIADB->step(stmt, &fetch, (void *[]){ &n }, &arena, &error)) == 1)
            status = 0;
        assert_int_equal(status, CORM_ERROR_RANGE);
        assert_int_equal(error.vendor_code, 1690);
        MARIADB->reset(stmt);
        assert_int_equal(MARIADB->execute(stmt, NULL, 0, flags, &error) == 0,
                         flags == CORM_EXECUTE_STREAM && status == 0);
        MARIADB->finalize(stmt);
        assert_int_equal(my_number(conn, "SELECT 7"), 7);
    }
    check_null_without_a_place("SELECT NULLIF(seq, 10) FROM seq_1_to_100000");
}

static void test_driver__large_values_travel(void **state) {
    (void)state;
    /* The server's max_allowed_packet is 16 MB. */
    assert_int_equal(echo(conn, 12 * 1000 * 1000), 1);
    corm_conn *other;
    assert_int_equal(my_open(test_mariadb_url(), &other, &error), 0);
    int status = echo(other, 24 * 1000 * 1000);
    assert_true(status == CORM_ERROR_RANGE || status == CORM_ERROR_CONNECTION);
    MARIADB->close(other);
}

static void test_driver__quotes_and_placeholders(void **state) {
    (void)state;
    corm_buffer out = { 0 };
    MARIADB->identifier(&out, "a`b\"c");
    MARIADB->placeholder(&out, 4, CORM_TEXT, CORM_NULL);
    assert_string_equal(corm__buffer_text(&out), "`a``b\"c`?");
    corm__buffer_release(&out);
    corm_stmt *stmt;
    corm_kind kind = CORM_TEXT;
    assert_int_equal(MARIADB->prepare(conn, "SELECT ?, ?", 11, &kind, 1, &stmt, &error),
                     CORM_ERROR_USAGE);
}

/* A server of the test's own. */

static void test_driver__connections_that_fail_say_why(void **state) {
    (void)state;
    test_mariadb *server = test_mariadb_new("s3cret");
    const char *url = test_mariadb_tcp_url(server);
    check_connect(url, &(corm_connect_options){ 0 }, CORM_ERROR_CONNECTION,
                  "Can't connect to server on '127.0.0.1'");
    test_mariadb_arguments(server,
                           (const char *const[]){ "--max-connections=10", "--skip-ssl", NULL });
    test_mariadb_start(server);
    check_connect(url, &(corm_connect_options){ 0 }, 0, NULL);
    check_connect(url, &(corm_connect_options){ .password = "wrong-s3cret" },
                  CORM_ERROR_AUTHENTICATION,
                  "Access denied for user 'corm'@'127.0.0.1' (using password: YES)");
    assert_int_equal(error.vendor_code, 1045);
    check_connect(url, &(corm_connect_options){ .password = "" }, CORM_ERROR_AUTHENTICATION,
                  "using password: NO");
    check_connect(url, &(corm_connect_options){ .name = "nowhere" }, CORM_ERROR_NO_DATABASE,
                  "Unknown database 'nowhere'");
    check_connect(url, &(corm_connect_options){ .host = test_mariadb_folder(server) }, 0, NULL);
    check_addresses(url, test_mariadb_port(server));
    check_connect(url, &(corm_connect_options){ .host = "/nowhere" }, CORM_ERROR_CONNECTION,
                  "/nowhere");
    check_connect(url, PARAMETERS({ "sslmode", "prefer" }), 0, NULL);
    check_connect(url, PARAMETERS({ "sslmode", "require" }), CORM_ERROR_TLS, "SSL");
    check_connect(url, PARAMETERS({ "sslmode", "verify-full" }), CORM_ERROR_TLS, "SSL");
    corm_conn *open[16] = { 0 };
    int n = open_too_many(url, "made `here`", open, 16);
    assert_true(n == 10 || n == 11); /* one more for an administrator */
    my_run(open[0], "SET GLOBAL read_only = 1");
    assert_int_equal(MARIADB->ready(open[0], false, &error), 1);
    assert_int_equal(MARIADB->ready(open[0], true, &error), 0);
    assert_int_equal(error.status, CORM_ERROR_READ_ONLY);
    while (n) MARIADB->close(open[--n]);
    test_mariadb_free(server);
}

/* A certificate for localhost by an authority of its own, and another authority, in the folder. */
static const char make_certificates[] = "cd %s && openssl req -x509 -newkey rsa:2048 -nodes "
                                        "-keyout ca.key -out ca.pem -subj '/CN=a test' -days 2"
                                        " && openssl req -x509 -newkey rsa:2048 -nodes -keyout "
                                        "other.key -out other.pem -subj '/CN=another test' -days 2"
                                        " && openssl req -newkey rsa:2048 -nodes -keyout "
                                        "server.key -out server.csr -subj '/CN=localhost'"
                                        " && openssl x509 -req -in server.csr -CA ca.pem -CAkey "
                                        "ca.key -CAcreateserial -out server.pem -days 2";

static bool is_encrypted(const char *url, const char *mode) {
    corm_connect_options options = my_options(url);
    corm_conn *other;
    options.parameters = (corm_parameter[]){ { "sslmode", mode }, { 0 } };
    if (MARIADB->open(&options, &other, &error)) fail_msg("%s: %s", mode, error.message);
    int64_t n = my_number(other, "SELECT COUNT(*) FROM information_schema.SESSION_STATUS WHERE "
                                 "VARIABLE_NAME = 'SSL_CIPHER' AND VARIABLE_VALUE <> ''");
    MARIADB->close(other);
    return n == 1;
}

static void test_driver__tls_checks_what_it_is_told_to(void **state) {
    (void)state;
    test_mariadb *server = test_mariadb_new(NULL);
    const char *folder = test_mariadb_folder(server), *url = test_mariadb_tcp_url(server);
    char command[1000], ca[300], other[300], options[3][300];
    snprintf(command, sizeof command, make_certificates, folder);
    char quiet[1100];
    snprintf(quiet, sizeof quiet, "(%s) >/dev/null 2>&1", command);
    assert_int_equal(system(quiet), 0);
    static const char *const files[][2] = { { "--ssl-ca", "ca.pem" },
                                            { "--ssl-cert", "server.pem" },
                                            { "--ssl-key", "server.key" } };
    for (int i = 0; i < 3; i++)
        snprintf(options[i], sizeof options[i], "%s=%s/%s", files[i][0], folder, files[i][1]);
    /* libmariadb 3.4 takes any name for 127.0.0.1. */
    static const char addresses[] = "--bind-address=127.0.0.1,127.0.0.2";
    snprintf(ca, sizeof ca, "%s/ca.pem", folder);
    snprintf(other, sizeof other, "%s/other.pem", folder);
    test_mariadb_arguments(
        server, (const char *const[]){ options[0], options[1], options[2], addresses, NULL });
    test_mariadb_start(server);
    assert_false(is_encrypted(url, "disable"));
    assert_true(is_encrypted(url, "prefer"));
    assert_true(is_encrypted(url, "require"));
    assert_true(is_encrypted(url, NULL));
    corm_connect_options change = { .password = "",
                                    .host = "localhost",
                                    .parameters = (corm_parameter[]){ { "sslmode", "verify-full" },
                                                                      { "sslrootcert", ca },
                                                                      { 0 } } };
    check_connect(url, &change, 0, NULL);
    change.host = "127.0.0.2"; /* not the name in the certificate */
    check_connect(url, &change, CORM_ERROR_TLS, "TLS");
    change.host = "localhost";
    change.parameters =
        (corm_parameter[]){ { "sslmode", "verify-full" }, { "sslrootcert", other }, { 0 } };
    check_connect(url, &change, CORM_ERROR_TLS, "certificate");
    change.parameters = (corm_parameter[]){ { "sslmode", "verify-full" }, { 0 } };
    check_connect(url, &change, CORM_ERROR_TLS, "certificate");
    change.parameters =
        (corm_parameter[]){ { "sslmode", "verify-ca" }, { "sslrootcert", "/nowhere.pem" }, { 0 } };
    check_connect(url, &change, CORM_ERROR_TLS, "TLS");
    test_mariadb_free(server);
}

static void test_driver__settings_reach_the_session(void **state) {
    (void)state;
    corm_connect_options options = my_options(test_mariadb_url());
    options.parameters = (corm_parameter[]){ { "statement_timeout", "12345" },
                                             { "application_name", "my app" },
                                             { "lock_timeout", "1500" },
                                             { "unknown", "x" },
                                             { 0 } };
    corm_conn *other;
    assert_int_equal(MARIADB->open(&options, &other, &error), 0);
    assert_int_equal(my_number(other, "SELECT @@max_statement_time = 12.345 AND "
                                      "@@innodb_lock_wait_timeout = 2 AND @@lock_wait_timeout = 2"),
                     1);
    MARIADB->close(other);
}

/* A server of its own, by its socket. */
static test_mariadb *start_without_a_port(corm_connect_options *options) {
    test_mariadb *server = test_mariadb_new(NULL);
    test_mariadb_arguments(server, (const char *const[]){ "--skip-networking", NULL });
    test_mariadb_start(server);
    *options = (corm_connect_options){ .host = test_mariadb_folder(server),
                                       .user = "corm",
                                       .name = "corm",
                                       .timeout_ms = 5000,
                                       .cancel_fd = -1 };
    return server;
}

/* One that was told the socket wants a server without a port. */
static void test_driver__server_without_a_port_is_ready_by_its_socket(void **state) {
    (void)state;
    corm_conn *other;
    corm_connect_options options;
    test_mariadb *server = start_without_a_port(&options);
    assert_int_equal(MARIADB->open(&options, &other, &error), 0);
    assert_int_equal(MARIADB->ready(other, true, &error), 1);
    MARIADB->close(other);
    test_mariadb_free(server);
}

/* What is set for all sessions of a server, as hosters, imports and old applications leave it. */
static void test_driver__session_is_not_as_the_server_has_it(void **state) {
    (void)state;
    corm_conn *other;
    corm_connect_options options;
    test_mariadb *server = start_without_a_port(&options);
    assert_int_equal(MARIADB->open(&options, &other, &error), 0);
    my_run(other, "SET GLOBAL autocommit = 0, GLOBAL completion_type = 1, GLOBAL sql_mode = '', "
                  "GLOBAL foreign_key_checks = 0, GLOBAL check_constraint_checks = 0, "
                  "GLOBAL unique_checks = 0, GLOBAL sql_safe_updates = 1, "
                  "GLOBAL sql_auto_is_null = 1, GLOBAL sql_select_limit = 1, "
                  "GLOBAL max_sort_length = 64");
    MARIADB->close(other);
    assert_int_equal(MARIADB->open(&options, &other, &error), 0);
    my_run(other, "CREATE TABLE p (id int PRIMARY KEY, t text); CREATE TABLE c (p int REFERENCES "
                  "p (id), n int CHECK (n > 0))");
    my_run(other, "BEGIN; INSERT INTO p VALUES (1, concat(repeat('a', 100), 'b')), "
                  "(2, repeat('a', 101)); COMMIT");
    assert_false(MARIADB->in_transaction(other));
    assert_int_equal(MARIADB->exec(other, "INSERT INTO c VALUES (9, 1)", &error),
                     CORM_ERROR_FOREIGN_KEY);
    assert_int_equal(MARIADB->exec(other, "INSERT INTO c VALUES (1, 0)", &error),
                     CORM_ERROR_CHECK);
    my_run(other, "UPDATE p SET t = concat(t, 'x')");
    corm_conn *third;
    assert_int_equal(MARIADB->open(&options, &third, &error), 0);
    assert_int_equal(my_number(third, "SELECT count(*) AS n FROM p WHERE t LIKE '%x'"), 2);
    assert_int_equal(my_number(third, "SELECT @@sql_select_limit > 1000000 AS n"), 1);
    assert_int_equal(my_number(third, "SELECT id AS n FROM p ORDER BY t LIMIT 1"), 2);
    MARIADB->close(third);
    MARIADB->close(other);
    test_mariadb_free(server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_driver__errors_have_status_number_and_names, clean),
        cmocka_unit_test_setup(test_driver__a_cursor_that_is_left_is_closed, clean),
        cmocka_unit_test_setup(test_driver__session_speaks_the_standard, clean),
        cmocka_unit_test_setup(test_driver__an_error_leaves_the_transaction_as_it_is, clean),
        cmocka_unit_test_setup(test_driver__locks_and_deadlocks_are_told, clean),
        cmocka_unit_test_setup(test_driver__statement_runs_again_with_other_values, clean),
        cmocka_unit_test_setup(test_driver__stale_plan_is_prepared_anew, clean),
        cmocka_unit_test_setup(test_driver__other_statements_run_while_rows_stream, clean),
        cmocka_unit_test(test_driver__results_interleave),
        cmocka_unit_test(test_driver__error_after_some_rows),
        cmocka_unit_test(test_driver__large_values_travel),
        cmocka_unit_test(test_driver__lock_is_held_by_one),
        cmocka_unit_test(test_driver__lost_connection_is_said),
        cmocka_unit_test(test_driver__quotes_and_placeholders),
        cmocka_unit_test(test_driver__connections_that_fail_say_why),
        cmocka_unit_test(test_driver__tls_checks_what_it_is_told_to),
        cmocka_unit_test(test_driver__settings_reach_the_session),
        cmocka_unit_test(test_driver__server_without_a_port_is_ready_by_its_socket),
        cmocka_unit_test(test_driver__session_is_not_as_the_server_has_it),
        cmocka_unit_test(test_driver__connect_keeps_its_deadline_and_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
