/* corm wait_for_db as a process, against real servers. usage: test_wait_for_db CORM GATED (a
 * project) */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "process.h"
#include "server.h"

#define PASSWORD "s3cr%t/p@ss?w#rd"
#define PASSWORD_ENCODED "s3cr%25t%2Fp%40ss%3Fw%23rd"

static const char *corm, *gated;
static char *url_setting(const char *name, const char *url) {
    char *text;
    assert_true(asprintf(&text, "%s=%s", name, url) > 0);
    return text;
}

#define ARGUMENTS(...)                                                                             \
    ((const char *const[]){ corm, "wait_for_db", __VA_ARGS__ __VA_OPT__(, ) NULL })
#define ENVIRONMENT(...) ((const char *const[]){ __VA_ARGS__, NULL })

static test_result run(const char *const *environment, const char *const *arguments) {
    test_result result = test_process_end(test_process_start(NULL, environment, arguments));
    print_message("    %d after %.2f s (%.1f ms of the processor)\n%s%s", result.status,
                  result.seconds, result.cpu * 1e3, result.out, result.err);
    return result;
}

static void expect(const char *const *environment, const char *const *arguments, int status,
                   const char *message) {
    test_result result = run(environment, arguments);
    assert_int_equal(result.status, status);
    if (message && !strstr(result.out, message) && !strstr(result.err, message))
        fail_msg("not printed: %s", message);
    test_result_free(&result);
}

static void pause_ms(int ms) {
    nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000L }, NULL);
}

/* --- a server that trusts everybody, common to many tests --- */

static test_server *common;
static char *common_setting;

static int start_common(void **state) {
    (void)state;
    common = test_server_new(&(test_server_options){ .tcp = true });
    test_server_start(common);
    common_setting = url_setting("DATABASE_URL", test_server_url(common));
    return 0;
}

static int stop_common(void **state) {
    (void)state;
    test_server_free(common);
    free(common_setting);
    return 0;
}

static void test_wait_for_db__ready(void **state) {
    (void)state;
    test_result result = run(ENVIRONMENT(common_setting), ARGUMENTS());
    assert_int_equal(result.status, 0);
    assert_string_equal(result.out, "Waiting for database...\nDatabase available!\n");
    assert_string_equal(result.err, "");
    test_result_free(&result);
    result = run(ENVIRONMENT(common_setting), ARGUMENTS("--quiet"));
    assert_int_equal(result.status, 0);
    assert_string_equal(result.out, "");
    test_result_free(&result);
    expect(ENVIRONMENT(common_setting), ARGUMENTS("--json"), 0,
           "{\"state\":\"ready\",\"database\":\"default\"");
}

static void late(test_server *server, const char *url) {
    char *setting = url_setting("DATABASE_URL", url);
    test_process *process = test_process_start(NULL, ENVIRONMENT(setting), ARGUMENTS("--json"));
    test_server_launch(server, 1000);
    test_result result = test_process_end(process);
    print_message("    %.2f s, %.1f ms of the processor\n%s%s", result.seconds, result.cpu * 1e3,
                  result.out, result.err);
    assert_int_equal(result.status, 0);
    assert_true(result.seconds >= 1);
    assert_true(strncmp(result.out, "{\"state\":\"waiting\"", 18) == 0);
    assert_non_null(strstr(result.out, "{\"state\":\"ready\""));
    test_result_free(&result);
    test_server_stop(server);
    free(setting);
}

/* On its port, on its socket, and one of two that are waited for at once. */
static void test_wait_for_db__server_starts_late(void **state) {
    (void)state;
    test_server *server = test_server_new(&(test_server_options){ .tcp = true });
    char *socket_url;
    assert_true(asprintf(&socket_url, "postgresql://corm@/postgres?host=%s&port=%d",
                         test_server_folder(server), test_server_port(server)) > 0);
    late(server, test_server_url(server));
    late(server, socket_url);

    char *setting = url_setting("DATABASE_URL_REPLICA", test_server_url(server));
    expect(ENVIRONMENT(common_setting, setting),
           ARGUMENTS("--database=default", "--database=replica", "--timeout=1"), 124, NULL);
    test_process *process =
        test_process_start(NULL, ENVIRONMENT(common_setting, setting),
                           ARGUMENTS("--database=default", "--database=replica"));
    test_server_launch(server, 500);
    test_result result = test_process_end(process);
    assert_int_equal(result.status, 0);
    assert_non_null(strstr(result.out, "Database default available!"));
    assert_non_null(strstr(result.out, "Database replica available!"));
    test_result_free(&result);
    test_server_free(server);
    free(setting);
    free(socket_url);
}

static void test_wait_for_db__nobody_listens(void **state) {
    (void)state;
    test_result result = run(ENVIRONMENT("DATABASE_URL=postgresql://app@127.0.0.1:1/shop"),
                             ARGUMENTS("--timeout=1", "--", "touch", "started"));
    assert_int_equal(result.status, 124);
    assert_true(result.seconds >= 1);
    assert_non_null(strstr(result.err, "not ready after 1 s"));
    assert_non_null(strstr(result.err, "host name"));
    assert_string_equal(result.out, "");
    test_result_free(&result);
}

static void test_wait_for_db__recovery(void **state) {
    (void)state;
    test_server *server = test_server_new(&(test_server_options){ .recovering = true });
    test_server_start(server);
    char *setting = url_setting("DATABASE_URL", test_server_url(server));
    expect(ENVIRONMENT(setting), ARGUMENTS("--timeout=1", "--json"), 124, "\"code\":\"57P03\"");
    test_server_free(server);
    free(setting);
}

static void test_wait_for_db__standby_is_ready_but_not_writable(void **state) {
    (void)state;
    test_server *server = test_server_new(&(test_server_options){ .standby = true });
    test_server_start(server);
    char *setting = url_setting("DATABASE_URL", test_server_url(server));
    expect(ENVIRONMENT(setting), ARGUMENTS("--timeout=5"), 0, NULL);
    expect(ENVIRONMENT(setting), ARGUMENTS("--timeout=1", "--require=writable"), 124, NULL);
    expect(ENVIRONMENT(common_setting), ARGUMENTS("--timeout=5", "--require=writable"), 0, NULL);
    test_server_free(server);
    free(setting);
}

static void no_password(const test_result *result) {
    const char *const forms[] = { PASSWORD, PASSWORD_ENCODED, "s3cr", "ss?w", "ss%3Fw",
                                  "#rd",    "%23rd" };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strstr(result->out, forms[i]) || strstr(result->err, forms[i]))
            fail_msg("the password is printed: %s", forms[i]);
}

/* The URL of a server with a password (percent-encoded). */
static char *with_password(const test_server *server, const char *password, const char *database) {
    char *text;
    assert_true(asprintf(&text, "DATABASE_URL=postgresql://corm:%s@127.0.0.1:%d/%s", password,
                         test_server_port(server), database) > 0);
    return text;
}

static void test_wait_for_db__password(void **state) {
    (void)state;
    test_server *server =
        test_server_new(&(test_server_options){ .tcp = true, .password = "right" });
    test_server_start(server);
    char *right = with_password(server, "right", "postgres"),
         *wrong = with_password(server, PASSWORD_ENCODED, "postgres");
    char *missing = with_password(server, "right", "no_such_database");
    expect(ENVIRONMENT(right), ARGUMENTS(), 0, "available!");
    const char *const outputs[] = { "--timeout=300", "--json" };
    for (int i = 0; i < 2; i++) {
        test_result result = run(ENVIRONMENT(wrong, "CORM_LOG=sql"), ARGUMENTS(outputs[i]));
        assert_int_equal(result.status, 77);
        assert_true(result.seconds > 1 && result.seconds < TEST_AT_ONCE);
        no_password(&result);
        test_result_free(&result);
    }
    char *bare;
    assert_true(asprintf(&bare, "DATABASE_URL=postgresql://corm@127.0.0.1:%d/postgres",
                         test_server_port(server)) > 0);
    test_result result = run(ENVIRONMENT(bare, "DB_PASS=" PASSWORD), ARGUMENTS("--json"));
    assert_int_equal(result.status, 77);
    no_password(&result);
    test_result_free(&result);
    result = run(ENVIRONMENT(wrong), ARGUMENTS("--retry-auth=2.5"));
    assert_int_equal(result.status, 77);
    assert_true(result.seconds > 2.5);
    test_result_free(&result);
    expect(ENVIRONMENT(missing), ARGUMENTS("--missing-db=fail"), 69, "no_such_database");
    test_server_free(server);
    free(right), free(wrong), free(missing), free(bare);
}

static void test_wait_for_db__missing_database(void **state) {
    (void)state;
    char *setting;
    assert_true(asprintf(&setting, "DATABASE_URL=postgresql://corm@127.0.0.1:%d/made_later",
                         test_server_port(common)) > 0);
    expect(ENVIRONMENT(setting), ARGUMENTS("--timeout=1"), 124, "made_later");
    expect(ENVIRONMENT(setting), ARGUMENTS("--missing-db=fail"), 69, "made_later");
    expect(ENVIRONMENT(setting), ARGUMENTS("--missing-db=ok"), 0, NULL);
    expect(ENVIRONMENT(setting), ARGUMENTS("--missing-db=create"), 0, NULL);
    expect(ENVIRONMENT(setting), ARGUMENTS("--missing-db=fail"), 0, NULL);
    free(setting);
}

static void test_wait_for_db__table(void **state) {
    (void)state;
    expect(ENVIRONMENT(common_setting), ARGUMENTS("--timeout=1", "--require=table:wait_gate"), 124,
           "wait_gate");
    test_postgresql_run(test_server_url(common), "CREATE TABLE wait_gate (n integer)");
    expect(ENVIRONMENT(common_setting), ARGUMENTS("--timeout=5", "--require=table:wait_gate"), 0,
           NULL);
    expect(ENVIRONMENT(common_setting),
           ARGUMENTS("--timeout=5", "--require=table:public.wait_gate"), 0, NULL);
}

#define GATED(...) ((const char *const[]){ gated, __VA_ARGS__, NULL })

static void pass_when_migrated(const char *setting, const char *before) {
    expect(ENVIRONMENT(setting), GATED("wait_for_db", "--timeout=1", "--require=migrated"), 124,
           before);
    test_process *process =
        test_process_start(NULL, ENVIRONMENT(setting), GATED("wait_for_db", "--require=migrated"));
    pause_ms(300);
    expect(ENVIRONMENT(setting), GATED("migrate"), 0, NULL);
    test_result result = test_process_end(process);
    assert_int_equal(result.status, 0);
    test_result_free(&result);
}

/* What a newer program leaves behind: a migration that this one does not carry. No timeout: it must
 * end by itself. */
static const char newer[] = "UPDATE corm_migrations SET name = '0002_later', expands = false";

static void fail_at_newer(const char *setting) {
    expect(ENVIRONMENT(setting), GATED("wait_for_db", "--timeout=0", "--require=migrated"), 4,
           "gated.0002_later, which this program does not carry");
}

static void test_wait_for_db__migrated(void **state) {
    (void)state;
    pass_when_migrated(common_setting, "1 migration is pending, gated.0001_initial first");
    test_postgresql_run(test_server_url(common), newer);
    fail_at_newer(common_setting);
    char folder[] = "/tmp/corm-gated-XXXXXX", setting[80], path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(setting, sizeof setting, "DATABASE_URL=sqlite:///%s/db.sqlite3", folder);
    pass_when_migrated(setting, "no database file");
    expect(ENVIRONMENT(setting), GATED("dbshell", "--", newer), 0, NULL);
    fail_at_newer(setting);
    const char *const left[] = { "", "-wal", "-shm" };
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/db.sqlite3%s", folder, left[i]);
        unlink(path);
    }
    rmdir(folder);
}

/* --- the command that follows --- */

/* Without 32 and 33, which are the C library's own. */
static uint64_t ignored_signals(const char *out) {
    const char *line = strstr(out, "SigIgn:");
    assert_non_null(line);
    return strtoull(line + strlen("SigIgn:"), NULL, 16) & ~((uint64_t)3 << 31);
}

static void test_wait_for_db__becomes_the_command(void **state) {
    (void)state;
    expect(ENVIRONMENT(common_setting), ARGUMENTS("--", "sh", "-c", "exit 7"), 7, NULL);
    expect(ENVIRONMENT(common_setting), ARGUMENTS("--", "/no/such/program"), 127,
           "no such program");
    expect(ENVIRONMENT(common_setting), ARGUMENTS("--", "/etc/passwd"), 126, "/etc/passwd");
    /* Its options are its own; it has no sockets of ours and its signals are as usual; messages are
     * not in its output. */
    test_result usual =
        run(ENVIRONMENT(common_setting),
            (const char *const[]){ "sh", "-c", "grep SigIgn /proc/self/status", NULL });
    test_result result = run(
        ENVIRONMENT(common_setting),
        ARGUMENTS(
            "--", "sh", "-c",
            "ls -l /proc/self/fd | grep -c socket; grep SigIgn /proc/self/status; echo $$ \"$@\"",
            "-", "--json"));
    assert_int_equal(result.status, 0);
    assert_true(strncmp(result.out, "0\n", 2) == 0);
    assert_int_equal(ignored_signals(result.out), ignored_signals(usual.out));
    test_result_free(&usual);
    assert_non_null(strstr(result.out, " --json\n"));
    assert_non_null(strstr(result.err, "available!"));
    test_result_free(&result);
}

static void test_wait_for_db__command_has_its_process_id_and_gets_its_signals(void **state) {
    (void)state;
    test_process *process = test_process_start(
        NULL, ENVIRONMENT(common_setting),
        ARGUMENTS("--", "sh", "-c", "trap 'exit 42' TERM; echo up; while :; do sleep 0.05; done"));
    test_process_until(process, "up\n");
    test_process_signal(process, SIGTERM);
    test_result result = test_process_end(process);
    assert_int_equal(result.status, 42);
    assert_string_equal(result.out, "up\n");
    test_result_free(&result);
}

/* --- signals --- */

static void ends_by(int number, int status, const char *setting) {
    test_process *process = test_process_start(
        NULL, ENVIRONMENT(setting), ARGUMENTS("--attempt-timeout=300", "--", "touch", "started"));
    pause_ms(400);
    test_process_signal(process, number);
    test_result result = test_process_end(process);
    print_message("    %d after %.3f s\n%s", result.status, result.seconds - 0.4, result.err);
    assert_int_equal(result.status, status);
    assert_true(result.seconds < TEST_AT_ONCE); /* a try would take longer */
    test_result_free(&result);
}

static void test_wait_for_db__signals_end_it_at_once(void **state) {
    (void)state;
    ends_by(SIGTERM, 143, "DATABASE_URL=postgresql://app@127.0.0.1:1/shop");
    ends_by(SIGINT, 130, "DATABASE_URL=postgresql://app@127.0.0.1:1/shop");
}

/* The kernel accepts for a socket that listens; nobody ever answers. */
static void test_wait_for_db__a_server_that_never_answers(void **state) {
    (void)state;
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 100), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    char setting[80];
    snprintf(setting, sizeof setting, "DATABASE_URL=postgresql://app@127.0.0.1:%d/shop",
             ntohs(address.sin_port));
    ends_by(SIGTERM, 143, setting);
    test_result result =
        run(ENVIRONMENT(setting), ARGUMENTS("--timeout=1.5", "--attempt-timeout=0.5"));
    assert_int_equal(result.status, 124);
    assert_true(result.seconds < TEST_AT_ONCE);
    test_result_free(&result);
    close(fd);
}

/* --- usage and settings --- */

static void test_wait_for_db__bad_usage_and_settings(void **state) {
    (void)state;
    expect(ENVIRONMENT(common_setting), ARGUMENTS("--timeout=soon"), 64, "--timeout");
    expect(ENVIRONMENT(common_setting), ARGUMENTS("--require=everything"), 64, "--require");
    expect(ENVIRONMENT(common_setting), ARGUMENTS("--require=migrated"), 64, "project");
    expect(ENVIRONMENT("DATABASE_URL="), ARGUMENTS(), 78, "DATABASE_URL");
    expect(ENVIRONMENT("DATABASE_URL=postgresql://h:99999/db"), ARGUMENTS(), 78, "99999");
    expect(ENVIRONMENT(common_setting), ARGUMENTS("--database=nobody"), 78, "nobody");
}

static void test_wait_for_db__tls_that_the_server_does_not_have(void **state) {
    (void)state;
    expect(ENVIRONMENT(common_setting, "DB_SSLMODE=require"), ARGUMENTS(), 76, NULL);
}

static void test_wait_for_db__sqlite(void **state) {
    (void)state;
    expect(ENVIRONMENT("LANG=C"), ARGUMENTS("--", "test", "!", "-e", "db.sqlite3"), 0, NULL);
    expect(ENVIRONMENT("DATABASE_URL=sqlite:////no/such/folder/db.sqlite3"), ARGUMENTS(), 74,
           "/no/such/folder/db.sqlite3");
    expect(ENVIRONMENT("DATABASE_URL=sqlite:////etc/passwd"), ARGUMENTS(), 65, "/etc/passwd");
}

int main(int argc, char **argv) {
    if (argc < 3) return 64;
    corm = realpath(argv[1], NULL);
    gated = realpath(argv[2], NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wait_for_db__ready),
        cmocka_unit_test(test_wait_for_db__server_starts_late),
        cmocka_unit_test(test_wait_for_db__nobody_listens),
        cmocka_unit_test(test_wait_for_db__recovery),
        cmocka_unit_test(test_wait_for_db__standby_is_ready_but_not_writable),
        cmocka_unit_test(test_wait_for_db__password),
        cmocka_unit_test(test_wait_for_db__missing_database),
        cmocka_unit_test(test_wait_for_db__table),
        cmocka_unit_test(test_wait_for_db__migrated),
        cmocka_unit_test(test_wait_for_db__becomes_the_command),
        cmocka_unit_test(test_wait_for_db__command_has_its_process_id_and_gets_its_signals),
        cmocka_unit_test(test_wait_for_db__signals_end_it_at_once),
        cmocka_unit_test(test_wait_for_db__a_server_that_never_answers),
        cmocka_unit_test(test_wait_for_db__bad_usage_and_settings),
        cmocka_unit_test(test_wait_for_db__tls_that_the_server_does_not_have),
        cmocka_unit_test(test_wait_for_db__sqlite),
    };
    return cmocka_run_group_tests(tests, start_common, stop_common);
}
