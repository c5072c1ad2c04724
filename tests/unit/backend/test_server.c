#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server.h"
#include <libpq-fe.h>
#include <string.h>

static void test_server__gives_each_program_a_fresh_database(void **state) {
    (void)state;
    const char *url = test_postgresql_url();
    assert_ptr_equal(url, test_postgresql_url());
    assert_string_not_equal(url, test_postgresql_new_database());
    test_postgresql_run(url, "CREATE TABLE t (a int)");
}

static void test_server__starts_late_asks_for_the_password_and_stops(void **state) {
    (void)state;
    test_server *server =
        test_server_new(&(test_server_options){ .tcp = true, .password = "p@ss/word" });
    assert_int_equal(PQping(test_server_url(server)), PQPING_NO_RESPONSE);
    test_server_launch(server, 200);
    assert_int_equal(PQping(test_server_url(server)), PQPING_NO_RESPONSE);
    test_server_wait(server);
    PGconn *conn = PQconnectdb(test_server_url(server));
    assert_true(PQconnectionNeedsPassword(conn));
    PQfinish(conn);
    test_server_stop(server);
    assert_int_equal(PQping(test_server_url(server)), PQPING_NO_RESPONSE);
    test_server_free(server);
}

static void test_server__can_be_in_recovery(void **state) {
    (void)state;
    test_server *server = test_server_new(&(test_server_options){ .recovering = true });
    test_server_start(server);
    PGconn *conn = PQconnectdb(test_server_url(server));
    assert_int_equal(PQstatus(conn), CONNECTION_BAD);
    PQfinish(conn);
    test_server_free(server);
    server = test_server_new(&(test_server_options){ .standby = true });
    test_server_start(server);
    conn = PQconnectdb(test_server_url(server));
    PGresult *result = PQexec(conn, "SELECT pg_is_in_recovery()");
    assert_string_equal(PQgetvalue(result, 0, 0), "t");
    PQclear(result);
    PQfinish(conn);
    test_server_free(server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server__gives_each_program_a_fresh_database),
        cmocka_unit_test(test_server__starts_late_asks_for_the_password_and_stops),
        cmocka_unit_test(test_server__can_be_in_recovery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
