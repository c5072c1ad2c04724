#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "settings/parse.h"

static void test_url__parts(void **state) {
    (void)state;
    enum { NAME = 3 };   /* engine, host, port, name, user, password */
    static const struct { const char *text, *parts[6];
    } cases[] = {
        { "sqlite:///rel.db", { "sqlite", [NAME] = "rel.db" } },
        { "sqlite:////abs/x.db", { "sqlite", [NAME] = "/abs/x.db" } },
        { "sqlite://:memory:", { "sqlite", [NAME] = ":memory:" } },
        { "sqlite:///:memory:", { "sqlite", [NAME] = ":memory:" } },
        { "SQLite:///a%20b%3F.db", { "sqlite", [NAME] = "a b?.db" } },
        { "sqlite:///../up/x@y.db", { "sqlite", [NAME] = "../up/x@y.db" } },
        { "postgres://", { "postgresql" } },
        { "postgresql:///shop", { "postgresql", [NAME] = "shop" } },
        { "postgresql://db", { "postgresql", "db" } },
        { "postgresql://db/", { "postgresql", "db" } },
        { "postgresql://db:5432/shop", { "postgresql", "db", "5432", "shop" } },
        { "postgresql://app@db/shop", { "postgresql", "db", NULL, "shop", "app" } },
        { "postgresql://app:@db/shop", { "postgresql", "db", NULL, "shop", "app" } },
        { "postgresql://:pw@db/shop", { "postgresql", "db", NULL, "shop", NULL, "pw" } },
        { "postgresql://app:p%40%2F%3f%23%25:+w@db:6432/sh%2Fop",
          { "postgresql", "db", "6432", "sh/op", "app", "p@/?#%:+w" } },
        { "postgresql://a%3Ab:c@db/x", { "postgresql", "db", NULL, "x", "a:b", "c" } },
        { "postgresql://h1:1,h2,h3:3/x", { "postgresql", "h1,h2,h3", "1,,3", "x" } },
        { "postgresql://h1,h2/x", { "postgresql", "h1,h2", NULL, "x" } },
        { "postgresql://[::1]/x", { "postgresql", "::1", NULL, "x" } },
        { "postgresql://u@[fe80::1%25eth0]:5433,[::2]/x",
          { "postgresql", "fe80::1%eth0,::2", "5433,", "x", "u" } },
        { "postgresql://%2Frun%2Fpostgresql/x", { "postgresql", "/run/postgresql", NULL, "x" } },
        { "postgresql://%2Frun%2Fpostgresql:5433/x",
          { "postgresql", "/run/postgresql", "5433", "x" } },
        { "postgresql:///x?host=/run/postgresql&port=5433&user=a@b&password=p%26w",
          { "postgresql", "/run/postgresql", "5433", "x", "a@b", "p&w" } },
        { "postgresql://?dbname=x", { "postgresql", [NAME] = "x" } },
        { "postgresql://db/x?host=db", { "postgresql", "db", NULL, "x" } },
        { "postgresql://db/sh\xC3\xB6p", { "postgresql", "db", NULL, "sh\xC3\xB6p" } },
        { "mysql://root@db:3306/x", { "mariadb", "db", "3306", "x", "root" } },
        { "mariadb://db/x", { "mariadb", "db", NULL, "x" } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        corm_arena arena = { 0 };
        corm_error_info error;
        corm_url url;
        if (corm__url_parse(cases[i].text, "U", &arena, &url, &error))
            fail_msg("%s: %s", cases[i].text, error.message);
        const char *const actual[] = { url.engine, url.host, url.port,
                                       url.name,   url.user, url.password };
        const char *const *expected = cases[i].parts;
        for (int p = 0; p < 6; p++) {
            if (!actual[p] != !expected[p])
                fail_msg("%s: part %d is %s", cases[i].text, p,
                         actual[p] ? actual[p] : "not there");
            if (actual[p]) assert_string_equal(actual[p], expected[p]);
        }
        assert_int_equal(url.n_parameters, 0);
        corm__arena_release(&arena);
    }
}

static void test_url__parameters(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    corm_error_info error;
    corm_url url;
    assert_int_equal(
        corm__url_parse(
            "postgresql://db/"
            "x?sslmode=require&options=-c%20a%3Db&application_name=a+b&connect_timeout=",
            "U", &arena, &url, &error),
        0);
    assert_int_equal(url.n_parameters, 3);
    assert_string_equal(url.parameters[0].name, "sslmode");
    assert_int_equal(url.parameters[0].column, 19);
    assert_string_equal(url.parameters[1].value, "-c a=b");
    assert_string_equal(url.parameters[2].value, "a+b");
    assert_int_equal(corm__url_parse("postgresql://db/x?ssl=true", "U", &arena, &url, &error), 0);
    assert_string_equal(url.parameters[0].name, "sslmode");
    assert_string_equal(url.parameters[0].value, "require");
    corm__arena_release(&arena);
}

/* Where the password is "hunter2" or parts of it, no part may be shown. */
static void test_url__errors_give_the_column_and_no_password(void **state) {
    (void)state;
    static const struct { const char *text, *message, *hint;
    } cases[] = {
        { "postgresql://app:hunt/er2@db:5432/shop?x=1",
          "column 22: a raw / in the password; write %2F",
          "postgresql://app:***%2F***@db:5432/shop" },
        { "postgresql://app:hunt?er2@db/shop", "column 22: a raw ? in the password; write %3F",
          "postgresql://app:***%3F***@db/shop" },
        { "postgresql://app:hunt#er2@db/shop", "column 22: a raw # in the password; write %23",
          "postgresql://app:***%23***@db/shop" },
        { "postgresql://app:hunt@er2@db/shop", "column 22: a raw @ in the password; write %40",
          "postgresql://app:***%40***@db/shop" },
        { "postgresql://app:@hunt/er2@db/shop", "column 18: a raw @ in the password; write %40",
          "postgresql://app:%40***%2F***@db/shop" },
        { "postgresql://\xC3\xA4pp:hunt/er2@db/shop",
          "column 22: a raw / in the password; write %2F",
          "postgresql://\xC3\xA4pp:***%2F***@db/shop" },
        { "postgresql://app:hunt?er=2@db/shop", "column 22: a raw ? in the password; write %3F",
          "postgresql://app:***%3F***@db/shop" },
        { "postgresql://app:hunt%er2@db/shop",
          "column 22: a % that two hexadecimal digits do not follow", "write %25" },
        { "postgresql://app:hunter2", "column 18: this is no port: a number from 1 to 65535",
          "postgresql://user:password@host" },
        { "postgresql://app:hunt er2@db/shop", "column 22: a blank or control character", "%20" },
        { "postgresql://hunter2/x@db/shop", "column 21: a raw / in the user; write %2F",
          "postgresql://***%2F***@db/shop" },
        { "hunter2@db/shop", "column 1: a URL begins with sqlite://", "sqlite:///db.sqlite3" },
        { "app:hunter2@db/shop", "column 1: a URL begins with sqlite://", NULL },
        { "", "U is empty", "unset it" },
        { "db.sqlite3", "column 1: a URL begins with", "sqlite:///db.sqlite3" },
        { "postgresq://db/x", "column 1: unknown scheme \"postgresq\"",
          "did you mean \"postgresql\"?" },
        { "postgresql+psycopg://db/x", "unknown scheme \"postgresql+psycopg\"",
          "did you mean \"postgresql\"?" },
        { "oracle://db/x", "unknown scheme \"oracle\"; a URL begins with", "" },
        { "postgresql:/db/x", "column 1: a URL begins with", NULL },
        { " postgresql://db/x", "column 1: a blank or control character", NULL },
        { "postgresql://db/x\n", "column 18: a blank or control character", NULL },
        { "postgresql://db:x/y", "column 17: this is no port", NULL },
        { "postgresql://db:123456/y", "column 17: this is no port", NULL },
        { "postgresql://::1/y", "column 14: more than one colon in a host", "[::1]:5432" },
        { "postgresql://[::1/y", "column 14: a [ without its ]", NULL },
        { "postgresql://[::1]x/y", "column 19: after the ] only a port can follow", NULL },
        { "postgresql://db/x/y", "column 18: a raw / in the database's name; write %2F", NULL },
        { "postgresql://db/x#y", "column 18: a raw #; write %23", NULL },
        { "postgresql://db/x?a=1#y", "column 22: a raw #; write %23", NULL },
        { "postgresql://db/x?a", "column 19: a parameter without =value", NULL },
        { "postgresql://db/x?a=1&a=1", "column 23: this is given twice", NULL },
        { "postgresql://db/x?host=other", "column 19: this is given twice", NULL },
        { "postgresql://db/x?a=%zz", "column 21: a % that two", NULL },
        { "postgresql://d%00b/x", "column 15: %00 stands for a NUL byte", NULL },
        { "sqlite://rel.db", "column 10: SQLite's file comes after three slashes",
          "sqlite:///relative.db" },
        { "sqlite://", "column 10: SQLite's file comes after three slashes", NULL },
        { "sqlite:///", "column 11: the name of SQLite's file is missing", NULL },
        { "sqlite:///a#b", "column 12: a raw #; write %23", NULL },
        { "sqlite:rel.db", "column 1: a URL begins with", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        corm_arena arena = { 0 };
        corm_error_info error;
        corm_url url;
        assert_int_equal(corm__url_parse(cases[i].text, "U", &arena, &url, &error),
                         CORM_ERROR_SETTINGS);
        if (!strstr(error.message, cases[i].message))
            fail_msg("%s: %s", cases[i].text, error.message);
        if (cases[i].hint && !strstr(error.hint, cases[i].hint))
            fail_msg("%s: %s | %s", cases[i].text, error.message, error.hint);
        assert_null(strstr(error.message, "hunt"));
        assert_null(strstr(error.hint, "hunt"));
        assert_null(strstr(error.message, "er2"));
        assert_null(strstr(error.hint, "er2"));
        corm__arena_release(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_url__parts),
        cmocka_unit_test(test_url__parameters),
        cmocka_unit_test(test_url__errors_give_the_column_and_no_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
