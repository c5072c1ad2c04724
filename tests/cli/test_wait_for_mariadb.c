/* corm wait_for_db as a process, against real MariaDB servers: each "not yet" and each "never" that
 * MariaDB has. usage: test_wait_for_mariadb CORM */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>
#include <mysql.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mariadb_server.h"
#include "process.h"

#define PASSWORD "s3cr%t/p@ss?w#rd"
#define PASSWORD_ENCODED "s3cr%25t%2Fp%40ss%3Fw%23rd"
#define CORM_USER "corm:s3cr%%25t%%2Fp%%40ss%%3Fw%%23rd" /* in a format */

static const char *corm;
static test_mariadb *server;

#define ARGUMENTS(...)                                                                             \
    ((const char *const[]){ corm, "wait_for_db", __VA_ARGS__ __VA_OPT__(, ) NULL })

static char *setting_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *setting_of(const char *format, ...) {
    va_list arguments;
    char *text;
    va_start(arguments, format);
    assert_true(vasprintf(&text, format, arguments) > 0);
    va_end(arguments);
    return text;
}

/* A URL of the server with the right password. */
static char *right(const char *database) {
    return setting_of("DATABASE_URL=mariadb://" CORM_USER "@127.0.0.1:%d/%s",
                      test_mariadb_port(server), database);
}

static test_result run(const char *setting, const char *const *arguments) {
    test_result result = test_process_end(
        test_process_start(NULL, (const char *const[]){ setting, NULL }, arguments));
    print_message("    %d after %.2f s\n%s%s", result.status, result.seconds, result.out,
                  result.err);
    const char *const forms[] = { PASSWORD, PASSWORD_ENCODED, "s3cr", "ss?w", "ss%3Fw",
                                  "#rd",    "%23rd" };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strstr(result.out, forms[i]) || strstr(result.err, forms[i]))
            fail_msg("the password is printed: %s", forms[i]);
    return result;
}

/* Frees the setting. */
static void expect(char *setting, const char *const *arguments, int status, const char *message) {
    test_result result = run(setting, arguments);
    assert_int_equal(result.status, status);
    if (message && !strstr(result.out, message) && !strstr(result.err, message))
        fail_msg("not printed: %s", message);
    test_result_free(&result);
    free(setting);
}

/* From MariaDB 11.4 on a server has TLS unless it is told not to. */
static const char *const without_tls[] = { "--skip-ssl", NULL };

static int start(void **state) {
    (void)state;
    server = test_mariadb_new(PASSWORD);
    test_mariadb_arguments(server, without_tls);
    test_mariadb_start(server);
    return 0;
}

static int stop(void **state) {
    (void)state;
    test_mariadb_free(server);
    return 0;
}

static int restart(void **state) {
    (void)state;
    test_mariadb_stop(server);
    test_mariadb_arguments(server, without_tls);
    test_mariadb_start(server);
    return 0;
}

static void test_wait_for_mariadb__ready(void **state) {
    (void)state;
    expect(right("corm"), ARGUMENTS(), 0, "Waiting for database...\nDatabase available!\n");
    expect(right("corm"), ARGUMENTS("--require=writable", "--json"), 0,
           "{\"state\":\"ready\",\"database\":\"default\"");
    expect(setting_of("DATABASE_URL=mysql://" CORM_USER "@localhost:%d/corm",
                      test_mariadb_port(server)),
           ARGUMENTS(), 0, NULL);
    expect(setting_of("DATABASE_URL=mariadb://" CORM_USER "@/corm?host=%s",
                      test_mariadb_folder(server)),
           ARGUMENTS("--require=writable"), 0, NULL);
}

static void late(char *setting) {
    test_mariadb_stop(server);
    test_process *process =
        test_process_start(NULL, (const char *const[]){ setting, NULL }, ARGUMENTS("--json"));
    test_mariadb_launch(server, 1000);
    test_result result = test_process_end(process);
    print_message("    %.2f s, %.1f ms of the processor\n%s%s", result.seconds, result.cpu * 1e3,
                  result.out, result.err);
    assert_int_equal(result.status, 0);
    assert_true(result.seconds >= 1);
    assert_true(strncmp(result.out, "{\"state\":\"waiting\"", 18) == 0);
    assert_non_null(strstr(result.out, "{\"state\":\"ready\""));
    test_result_free(&result);
    free(setting);
}

/* On its port, and on its socket. */
static void test_wait_for_mariadb__server_starts_late(void **state) {
    (void)state;
    late(right("corm"));
    late(setting_of("DATABASE_URL=mariadb://" CORM_USER "@/corm?host=%s",
                    test_mariadb_folder(server)));
}

static void test_wait_for_mariadb__nobody_listens(void **state) {
    (void)state;
    expect(setting_of("DATABASE_URL=mariadb://app@127.0.0.1:1/shop"),
           ARGUMENTS("--timeout=1", "--", "touch", "started"), 124, "not ready after 1 s");
    expect(setting_of("DATABASE_URL=mariadb://app@no-such-host.invalid/shop"),
           ARGUMENTS("--timeout=1"), 124, "no-such-host.invalid");
    char *setting = setting_of("DATABASE_URL=mariadb://app@127.0.0.1:1/shop");
    test_process *process = test_process_start(NULL, (const char *const[]){ setting, NULL },
                                               ARGUMENTS("--attempt-timeout=300"));
    nanosleep(&(struct timespec){ 0, 400000000 }, NULL);
    test_process_signal(process, SIGTERM);
    test_result result = test_process_end(process);
    assert_int_equal(result.status, 143);
    assert_true(result.seconds < TEST_AT_ONCE);
    test_result_free(&result);
    free(setting);
}

/* 1045 and 1049 */
static void test_wait_for_mariadb__password_and_database(void **state) {
    (void)state;
    char *wrong = setting_of("DATABASE_URL=mariadb://corm:wrong@127.0.0.1:%d/corm",
                             test_mariadb_port(server));
    test_result result = run(wrong, ARGUMENTS("--json"));
    assert_int_equal(result.status, 77);
    assert_true(result.seconds > 1 && result.seconds < TEST_AT_ONCE);
    assert_non_null(strstr(result.out, "Access denied for user 'corm'"));
    test_result_free(&result);
    free(wrong);
    expect(right("no_such_database"), ARGUMENTS("--timeout=1"), 124, "no_such_database");
    expect(right("no_such_database"), ARGUMENTS("--missing-db=fail"), 69, "no_such_database");
    expect(right("no_such_database"), ARGUMENTS("--missing-db=ok"), 0, NULL);
    expect(right("no_such_database"), ARGUMENTS("--missing-db=create"), 0, NULL);
    expect(right("no_such_database"), ARGUMENTS("--missing-db=fail"), 0, NULL);
}

static MYSQL *occupy(void) {
    MYSQL *mysql = mysql_init(NULL);
    char path[300];
    snprintf(path, sizeof path, "%s/mysqld.sock", test_mariadb_folder(server));
    if (!mysql_real_connect(mysql, NULL, "corm", PASSWORD, "corm", 0, path, 0)) {
        mysql_close(mysql);
        return NULL;
    }
    return mysql;
}

/* 1040: it waits, and goes on when there is room. */
static void test_wait_for_mariadb__too_many_connections(void **state) {
    (void)state;
    test_mariadb_stop(server);
    test_mariadb_arguments(server, (const char *const[]){ "--max-connections=10", NULL });
    test_mariadb_start(server);
    MYSQL *all[32];
    int n = 0;
    while (n < 32 && (all[n] = occupy())) n++;
    assert_in_range(n, 9, 31);
    expect(right("corm"), ARGUMENTS("--timeout=1.5"), 124, "Too many connections");
    char *setting = right("corm");
    test_process *process = test_process_start(NULL, (const char *const[]){ setting, NULL },
                                               ARGUMENTS("--timeout=300"));
    nanosleep(&(struct timespec){ 0, 700000000 }, NULL);
    while (n) mysql_close(all[--n]);
    test_result result = test_process_end(process);
    print_message("    %.2f s\n%s%s", result.seconds, result.out, result.err);
    assert_int_equal(result.status, 0);
    test_result_free(&result);
    free(setting);
}

static void test_wait_for_mariadb__read_only_is_not_writable(void **state) {
    (void)state;
    test_mariadb_stop(server);
    test_mariadb_arguments(server, (const char *const[]){ "--read-only", NULL });
    test_mariadb_start(server);
    expect(right("corm"), ARGUMENTS("--timeout=5"), 0, NULL);
    expect(right("corm"), ARGUMENTS("--timeout=1", "--require=writable"), 124, "read_only");
}

/* A server that has no TLS, and is to have it. */
static void test_wait_for_mariadb__tls_and_settings(void **state) {
    (void)state;
    expect(setting_of("DATABASE_URL=mariadb://" CORM_USER "@127.0.0.1:%d/corm?sslmode=require",
                      test_mariadb_port(server)),
           ARGUMENTS(), 76, "SSL");
    expect(setting_of("DATABASE_URL=mariadb://h:99999/db"), ARGUMENTS(), 78, "99999");
    expect(right("corm"), ARGUMENTS("--timeout=1", "--require=table:wait_gate"), 124, "wait_gate");
    MYSQL *mysql = occupy();
    assert_non_null(mysql);
    assert_int_equal(mysql_query(mysql, "CREATE TABLE wait_gate (n integer)"), 0);
    mysql_close(mysql);
    expect(right("corm"), ARGUMENTS("--timeout=5", "--require=table:wait_gate"), 0, NULL);
}

int main(int argc, char **argv) {
    if (argc < 2) return 64;
    corm = realpath(argv[1], NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait_for_mariadb__ready),
        cmocka_unit_test(test_wait_for_mariadb__server_starts_late),
        cmocka_unit_test(test_wait_for_mariadb__nobody_listens),
        cmocka_unit_test(test_wait_for_mariadb__password_and_database),
        cmocka_unit_test_teardown(test_wait_for_mariadb__too_many_connections, restart),
        cmocka_unit_test_teardown(test_wait_for_mariadb__read_only_is_not_writable, restart),
        cmocka_unit_test(test_wait_for_mariadb__tls_and_settings),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
