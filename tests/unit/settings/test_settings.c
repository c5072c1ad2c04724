#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "settings/settings_internal.h"

#define ENV(...) ((const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL })

static char warnings[4096];

static void keep_warning(void *context, const char *message) {
    (void)context;
    snprintf(warnings + strlen(warnings), sizeof warnings - strlen(warnings), "%s\n", message);
}

/* A file of this content in the test's own folder, which is the working directory. */
static const char *file(const char *name, const char *content) {
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(content, 1, strlen(content), f), strlen(content));
    fclose(f);
    return name;
}

static corm_settings *load_with(const char *const *environment, const char *env_file,
                                const char *url, corm_error_info *error) {
    const char *const files[] = { "test.env", NULL };
    warnings[0] = 0;
    if (env_file) file(files[0], env_file);
    corm_settings_options options = { .env_files = files,
                                      .no_env_file = !env_file,
                                      .environment = environment,
                                      .url = url,
                                      .warning = keep_warning };
    return corm_settings_load(&options, error);
}

static corm_settings *load(const char *const *environment) {
    corm_error_info error;
    corm_settings *settings = load_with(environment, NULL, NULL, &error);
    if (!settings) fail_msg("%s", error.message);
    return settings;
}

/* The message and hint, in static memory; fails when it loads. */
static const char *failure(const char *const *environment, const char *env_file) {
    static char text[2048];
    corm_error_info error;
    corm_settings *settings = load_with(environment, env_file, NULL, &error);
    if (settings) fail_msg("this loads: %s", corm_settings_describe(settings, NULL));
    assert_int_equal(error.status, CORM_ERROR_SETTINGS);
    snprintf(text, sizeof text, "%s | %s", error.message, error.hint);
    return text;
}

static void assert_has(const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("\"%s\" is not in: %s", part, text);
}

static void assert_setting(const corm_settings *settings, const char *alias, const char *name,
                           const char *value, const char *source) {
    const char *actual = corm_settings_get(settings, alias, name),
               *from = corm_settings_source(settings, alias, name);
    if (!value) {
        assert_null(actual);
        assert_null(from);
        return;
    }
    if (!actual) fail_msg("%s is not set", name);
    assert_string_equal(actual, value);
    if (source) assert_string_equal(from, source);
}

static void test_settings__nothing_set_is_sqlite(void **state) {
    (void)state;
    corm_settings *settings = load(ENV());
    assert_setting(settings, NULL, "engine", "sqlite", "default");
    assert_setting(settings, NULL, "name", "db.sqlite3", "default");
    assert_setting(settings, "default", "journal_mode", "wal", "default");
    assert_setting(settings, NULL, "sslmode", NULL, NULL);
    assert_setting(settings, NULL, "host", NULL, NULL);
    assert_string_equal(corm_settings_describe(settings, NULL), "sqlite:///db.sqlite3");
    assert_int_equal(corm__settings_number(settings, NULL, "busy_timeout"), 5000);
    assert_int_equal(corm__settings_number(settings, NULL, "foreign_keys"), 1);
    assert_string_equal(corm_settings_aliases(settings)[0], "default");
    assert_null(corm_settings_aliases(settings)[1]);
    corm_settings_free(settings);
    corm_settings_free(NULL);
}

static void test_settings__parts_alone(void **state) {
    (void)state;
    corm_settings *settings = load(ENV("DB_HOST=db", "DB_NAME=shop", "DB_USER=app",
                                       "DB_PASS=s3cret", "DB_SSLMODE=Verify-Full", "DB_PORT="));
    assert_setting(settings, NULL, "engine", "postgresql", "DB_HOST");
    assert_setting(settings, NULL, "password", "s3cret", "DB_PASS");
    assert_setting(settings, NULL, "sslmode", "verify-full", "DB_SSLMODE");
    assert_setting(settings, NULL, "port", NULL, NULL);
    assert_setting(settings, NULL, "busy_timeout", NULL, NULL);
    assert_string_equal(corm_settings_describe(settings, NULL), "postgresql://app@db/shop");
    corm_settings_free(settings);
    settings = load(ENV("DB_ENGINE=postgresql"));   /* everything else is left to libpq */
    assert_setting(settings, NULL, "host", NULL, NULL);
    assert_setting(settings, NULL, "name", NULL, NULL);
    corm_settings_free(settings);
}

static void test_settings__parts_fill_the_gaps_of_a_url(void **state) {
    (void)state;
    corm_settings *settings =
        load(ENV("DATABASE_URL=postgres://db:6000/shop?application_name=a+b&connect_timeout=5",
                 "DB_USER=app", "DB_PASSWORD=x", "DB_HOST=db"));
    assert_setting(settings, NULL, "user", "app", "DB_USER");
    assert_setting(settings, NULL, "password", "x", "DB_PASSWORD");
    assert_setting(settings, NULL, "host", "db", "DATABASE_URL");
    assert_setting(settings, NULL, "application_name", "a+b", "DATABASE_URL");
    assert_int_equal(corm__settings_number(settings, NULL, "connect_timeout"), 5000);
    assert_string_equal(corm_settings_describe(settings, NULL), "postgresql://app@db:6000/shop");
    corm_settings_free(settings);
}

static void test_settings__conflicts_name_both_sources(void **state) {
    (void)state;
    const char *text = failure(ENV("DATABASE_URL=postgresql://db/shop", "DB_HOST=other"), NULL);
    assert_has(text,
               "DATABASE_URL and DB_HOST give different values for host: \"db\" and \"other\"");
    text = failure(ENV("DATABASE_URL=postgresql://a:hunter2@db/shop", "DB_PASS=hunter3"), NULL);
    assert_has(text, "DATABASE_URL and DB_PASS give different values for password");
    assert_null(strstr(text, "hunter"));
    assert_has(failure(ENV("DB_PASS=hunter2", "DB_PASSWORD=hunter3", "DB_HOST=db"), NULL),
               "DB_PASS and DB_PASSWORD are both set");
    assert_has(failure(ENV("DB_PASS=hunter2", "DB_PASS_FILE=x", "DB_HOST=db"), NULL),
               "DB_PASS and DB_PASS_FILE are both set");
    assert_has(failure(ENV("DATABASE_URL=sqlite:///x.db", "DB_HOST=db"), NULL),
               "DB_HOST gives the host \"db\", but the engine is sqlite (from DATABASE_URL)");
    assert_has(failure(ENV("DATABASE_URL=sqlite:///x.db", "DB_ENGINE=postgresql"), NULL),
               "DATABASE_URL and DB_ENGINE");
    assert_has(failure(ENV("DB_USER=app"), NULL), "set DB_ENGINE=postgresql or a DATABASE_URL");
    assert_has(failure(ENV(), "DB_HOST=a\nDATABASE_URL=postgresql://b/x\n"),
               "test.env:2 (DATABASE_URL) and test.env:1 (DB_HOST)");
    assert_has(
        failure(ENV("MIGRATION_DATABASE_URL=sqlite:///a", "DATABASE_URL_MIGRATION=sqlite:///b"),
                NULL),
        "DATABASE_URL_MIGRATION and MIGRATION_DATABASE_URL");
    assert_has(failure(ENV("DATABASE_URL_DEFAULT=sqlite:///b"), NULL),
               "DATABASE_URL_DEFAULT and DATABASE_URL");
}

static void test_settings__the_environment_wins_over_files(void **state) {
    (void)state;
    corm_error_info error;
    corm_settings *settings =
        load_with(ENV("DB_NAME=test_shop"), "DB_HOST=db\nDB_NAME=shop\n", NULL, &error);
    assert_setting(settings, NULL, "name", "test_shop", "DB_NAME");
    assert_setting(settings, NULL, "host", "db", "test.env:1 (DB_HOST)");
    corm_settings_free(settings);
    /* What is about another database is not mixed in. */
    settings = load_with(ENV("DATABASE_URL=postgresql://other/shop"),
                         "DB_HOST=db\nDB_PASS=secret\nDB_SSLMODE=require\n", NULL, &error);
    assert_setting(settings, NULL, "host", "other", "DATABASE_URL");
    assert_setting(settings, NULL, "password", NULL, NULL);
    assert_setting(settings, NULL, "sslmode", "require", "test.env:3 (DB_SSLMODE)");
    corm_settings_free(settings);
    settings = load_with(ENV("DATABASE_URL=sqlite:///x.db"),
                         "DB_HOST=db\nDB_NAME=shop\nDB_PASS=secret\n", NULL, &error);
    assert_string_equal(corm_settings_describe(settings, NULL), "sqlite:///x.db");
    corm_settings_free(settings);
    settings =
        load_with(ENV("DB_ENGINE=sqlite"), "DATABASE_URL=postgresql://db/shop\n", NULL, &error);
    assert_string_equal(corm_settings_describe(settings, NULL), "sqlite:///db.sqlite3");
    corm_settings_free(settings);
    settings = load_with(ENV("DB_ENGINE=sqlite"), "DB_HOST=db\nDB_NAME=shop\n", NULL, &error);
    assert_string_equal(corm_settings_describe(settings, NULL), "sqlite:///db.sqlite3");
    corm_settings_free(settings);
    settings = load_with(ENV("DATABASE_URL=postgresql://db/shop"), "DB_PASS=secret\nDB_HOST=db\n",
                         NULL, &error);
    assert_setting(settings, NULL, "password", "secret", "test.env:1 (DB_PASS)");
    corm_settings_free(settings);
    settings =
        load_with(ENV("DB_HOST=localhost"), "DATABASE_URL=postgresql://u@db/shop", NULL, &error);
    assert_string_equal(corm_settings_describe(settings, NULL), "postgresql://u@localhost/shop");
    corm_settings_free(settings);
}

static void test_settings__an_argument_wins_over_all(void **state) {
    (void)state;
    corm_error_info error;
    corm_settings *settings =
        load_with(ENV("DATABASE_URL=", "DB_HOST=db"), "DB_NAME=x\n", "sqlite://:memory:", &error);
    assert_setting(settings, NULL, "name", ":memory:", "argument");
    assert_string_equal(corm_settings_describe(settings, NULL), "sqlite://:memory:");
    corm_settings_free(settings);
}

static void test_settings__later_files_win(void **state) {
    (void)state;
    corm_error_info error;
    const char *const files[] = { file("a.env", "DB_HOST=a\nDB_NAME=${BASE:-x}\n"),
                                  file("b.env", "DB_HOST=b\nDB_USER=$DB_NAME\n"), NULL };
    corm_settings_options options = { .env_files = files, .environment = ENV() };
    corm_settings *settings = corm_settings_load(&options, &error);
    assert_setting(settings, NULL, "host", "b", "b.env:1 (DB_HOST)");
    assert_setting(settings, NULL, "user", "x", "b.env:2 (DB_USER)");
    corm_settings_free(settings);
    const char *const missing[] = { "nowhere.env", NULL };
    options.env_files = missing;
    assert_null(corm_settings_load(&options, &error));
    assert_string_equal(error.message, "nowhere.env cannot be read: No such file or directory");
}

static void test_settings__secrets_in_files(void **state) {
    (void)state;
    corm_error_info error;
    file("password", "pass word\r\n\n");
    corm_settings *settings = load(ENV("DB_HOST=db", "DB_PASS_FILE=password", "DB_PASS="));
    assert_setting(settings, NULL, "password", "pass word", "DB_PASS_FILE");
    corm_settings_free(settings);
    file("url", "postgresql://app:pw@db/shop\n");
    settings =
        load_with(ENV(), "DATABASE_URL_FILE=url\nDATABASE_URL_REPLICA_FILE=url\n", NULL, &error);
    assert_setting(settings, NULL, "host", "db", "test.env:1 (DATABASE_URL_FILE)");
    assert_setting(settings, "replica", "password", "pw", "test.env:2 (DATABASE_URL_REPLICA_FILE)");
    assert_null(corm_settings_aliases(settings)[2]);
    corm_settings_free(settings);
    assert_has(failure(ENV("DB_HOST=db", "DB_PASS_FILE=/nowhere"), NULL),
               "DB_PASS_FILE: /nowhere cannot be read: No such file or directory");
    file("empty", "\n");
    assert_has(failure(ENV("DATABASE_URL_FILE=empty"), NULL), "DATABASE_URL_FILE is empty");
    settings = load(ENV("DB_HOST=db", "DB_PASS_FILE=empty"));
    assert_has(warnings, "DB_PASS_FILE: empty is empty");
    corm_settings_free(settings);
}

static void test_settings__aliases(void **state) {
    (void)state;
    corm_error_info error;
    corm_connect_options options;
    corm_settings *settings = load(
        ENV("DATABASE_URL=postgresql://app:pw@db/shop",
            "DATABASE_URL_REPLICA=postgresql://replica/shop?sslmode=require", "DB_SSLMODE=disable",
            "DB_STATEMENT_CACHE_SIZE=3", "DATABASE_URL_ARCHIVE=sqlite:////srv/archive.db",
            "MIGRATION_DATABASE_URL=postgresql://direct/shop", "DATABASE_URL_="));
    const char *const *aliases = corm_settings_aliases(settings);
    assert_string_equal(aliases[0], "default");
    assert_string_equal(aliases[1], "migration");
    assert_string_equal(aliases[2], "archive");
    assert_string_equal(aliases[3], "replica");
    assert_null(aliases[4]);
    assert_setting(settings, "Replica", "sslmode", "require", "DATABASE_URL_REPLICA");
    assert_setting(settings, "replica", "password", NULL, NULL);
    assert_setting(settings, "migration", "sslmode", "disable", "DB_SSLMODE");
    assert_setting(settings, "archive", "sslmode", NULL, NULL);
    assert_setting(settings, "archive", "name", "/srv/archive.db", NULL);
    assert_int_equal(corm__settings_number(settings, "archive", "statement_cache_size"), 3);
    assert_string_equal(corm_settings_describe(settings, "archive"), "sqlite:////srv/archive.db");
    assert_int_equal(corm__settings_connect(settings, "replika", &options, &error),
                     CORM_ERROR_SETTINGS);
    assert_string_equal(error.message, "no database \"replika\" is configured");
    assert_has(error.hint, "did you mean \"replica\"?");
    assert_null(corm_settings_get(settings, "nobody", "host"));
    assert_null(corm_settings_describe(settings, "nobody"));
    corm_settings_free(settings);
    assert_has(failure(ENV("DATABASE_URL_REPLICA="), NULL), "DATABASE_URL_REPLICA is empty");
}

static void test_settings__connect_options(void **state) {
    (void)state;
    corm_error_info error;
    corm_connect_options options;
    corm_settings *settings = load(ENV("DATABASE_URL=postgresql://app:p%40ss@[::1]:5433,h2/"
                                       "shop?sslmode=require&statement_timeout=2s",
                                       "DB_BUSY_TIMEOUT=1s"));
    assert_int_equal(corm__settings_connect(settings, NULL, &options, &error), 0);
    assert_string_equal(options.host, "::1,h2");
    assert_string_equal(options.port, "5433,");
    assert_string_equal(options.password, "p@ss");
    assert_int_equal(options.cancel_fd, -1);
    assert_string_equal(options.parameters[0].name, "sslmode");
    assert_string_equal(options.parameters[0].value, "require");
    assert_string_equal(options.parameters[1].name, "statement_timeout");
    assert_string_equal(options.parameters[1].value, "2000");
    assert_null(options.parameters[2].name);
    assert_string_equal(corm_settings_describe(settings, NULL),
                        "postgresql://app@[::1]:5433,h2/shop");
    corm_settings_free(settings);
}

static void test_settings__bad_values_say_what_is_allowed(void **state) {
    (void)state;
    static const struct { const char *variable, *parts[3];
    } cases[] = {
        { "DB_PORT=99999",
          { "DB_PORT: port \"99999\" is not allowed; it must be a number from 1 to 65535" } },
        { "DB_PORT=0", { "1 to 65535" } },
        { "DB_PORT=5432x", { "\"5432x\"" } },
        { "DB_PORT=-1", { "\"-1\"" } },
        { "DB_PORT=,", { "\",\"" } },
        { "DB_PORT=1,2", { "DB_PORT: there are 2 ports" } },
        { "DB_ENGINE=postgres",
          { "sqlite, postgresql or mariadb", "did you mean \"postgresql\"?" } },
        { "DB_ENGINE=mysql", { "did you mean \"mariadb\"?" } },
        { "DB_ENGINE=oracle", { "DB_ENGINE: engine \"oracle\"" } },
        { "DB_SSLMODE=verify-ful", { "did you mean \"verify-full\"?", "disable, allow, prefer" } },
        { "DB_HOST=db:5432", { "DB_HOST: host \"db:5432\"", "set DB_PORT" } },
        { "DB_HOST=::1,db:1", { "without a port" } },
        { "DB_HOST=[::1]:5432", { "host \"[::1]:5432\"", "set DB_PORT" } },
        { "DB_HOST=\"db\"", { "host \"\"db\"\"", "leave the quotes out" } },
        { "DB_HOST=a, b", { "host \"a, b\"", "leave the blanks out" } },
        { "DB_HOST=d\rb", { "host \"d?b\"" } },
        { "DB_NAME=d\rb", { "name \"d?b\"", "control characters" } },
        { "DATABASE_URL=\"postgresql://db/x", { "a URL begins with" } },
        { "DATABASE_URL=postgresql://db/x?pool_size=3",
          { "unknown parameter \"pool_size\"", "there is no pool" } },
        { "DATABASE_URL=sqlite:///x?pool_size=3",
          { "unknown parameter \"pool_size\"", "there is no pool" } },
        { "DB_CONNECT_TIMEOUT=5 parsecs", { "connect_timeout \"5 parsecs\"", "500ms, 5s" } },
        { "DB_CONNECT_TIMEOUT=-1", { "time in seconds" } },
        { "DB_CONNECT_TIMEOUT=1e3", { "connect_timeout \"1e3\"", "500ms, 5s" } },
        { "DB_STATEMENT_CACHE_SIZE=1e999999999", { "\"1e999999999\"", "whole number" } },
        { "DATABASE_URL=postgresql://db/x?connect_timeout=1e999999999",
          { "connect_timeout \"1e999999999\"", "500ms, 5s" } },
        { "DATABASE_URL=mariadb://db/x?connect_timeout=1e-99999999999999999999", { "500ms, 5s" } },
        { "DATABASE_URL=sqlite:///x?busy_timeout=1e2", { "busy_timeout \"1e2\"" } },
        { "DATABASE_URL=postgresql://db:1e3/x", { "column 17: this is no port" } },
        { "DB_CONNECT_TIMEOUT=99999999999999999999h", { "time" } },
        { "DB_STATEMENT_CACHE_SIZE=-1", { "0 to 100000" } },
        { "DB_STATEMENT_CACHE_SIZE=ten", { "whole number" } },
        { "DB_FOREIGN_KEYS=maybe", { "on or off" } },
        { "DATABASE_URL=postgresql://db/x?sslmod=require",
          { "column 19: unknown parameter \"sslmod\"", "did you mean \"sslmode\"?" } },
        { "DATABASE_URL=postgresql://db/x?pgbouncer=true",
          { "unknown parameter \"pgbouncer\"", "known are connect_timeout" } },
        { "DATABASE_URL=sqlite:///x?sslmode=require", { "sqlite has no parameter \"sslmode\"" } },
        { "DATABASE_URL=postgresql://db/x?busy_timeout=1", { "postgresql has no parameter" } },
        { "DATABASE_URL=postgresql://db/x?engine=sqlite", { "parameter \"engine\"" } },
        { "DATABASE_URL=postgresql://db:99999/x", { "DATABASE_URL: port \"99999\"" } },
        { "DATABASE_URL=", { "DATABASE_URL is empty" } },
        { "DATABASE_URL=postgresql://app:pa@x?hunter=2@db/x",
          { "column 23: a parameter that is unknown or has a value", "write %3F for its ?" } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool url = strncmp(cases[i].variable, "DATABASE_URL", 12) == 0 ||
                   strncmp(cases[i].variable, "DB_HOST", 7) == 0 ||
                   strncmp(cases[i].variable, "DB_ENGINE", 9) == 0;
        const char *text = url ? failure(ENV(cases[i].variable), NULL)
                               : failure(ENV(cases[i].variable, "DB_HOST=db"), NULL);
        for (int p = 0; p < 3 && cases[i].parts[p]; p++) assert_has(text, cases[i].parts[p]);
        assert_null(strstr(text, "hunter"));
    }
}

/* All notes, one a line. */
static const char *notes(const corm_settings *settings) {
    static char text[4096];
    text[0] = 0;
    for (const char *const *note = corm_settings_notes(settings); *note; note++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s\n", *note);
    return text;
}

static void test_settings__what_others_set_is_left_out(void **state) {
    (void)state;
    corm_error_info error;
    corm_settings *settings =
        load(ENV("DB_HOST=db", "DB_NAME=shop", "DB_SERVICE_HOST=10.96.12.7",
                 "DB_SERVICE_PORT=5432", "DB_SERVICE_PORT_SQL=5432",
                 "DB_PORT=tcp://10.96.12.7:5432",
                 "DB_PORT_5432_TCP=tcp://10.96.12.7:5432", "DB_PORT_5432_TCP_PORT=5432",
                 "DB_POOL_SIZE=many"));
    assert_setting(settings, NULL, "port", NULL, NULL);
    assert_string_equal(corm_settings_describe(settings, NULL), "postgresql://db/shop");
    assert_string_equal(notes(settings), "DB_PORT: \"tcp://10.96.12.7:5432\" is left out: "
                                         "Kubernetes or Docker set it for a service named db\n");
    assert_string_equal(warnings, "");
    corm_settings_free(settings);

    settings = load(ENV("DATABASE_URL=postgresql://db:5433/shop", "DB_PORT=tcp://10.96.12.7:5432"));
    assert_setting(settings, NULL, "port", "5433", "DATABASE_URL");
    corm_settings_free(settings);

    settings = load(ENV("DB_PORT=udp://[fd00::7]:53"));     /* SQLite has no port either */
    assert_setting(settings, NULL, "engine", "sqlite", "default");
    corm_settings_free(settings);

    const char *const *environment = ENV("DB_PORT=tcp://10.96.12.7:5432");
    settings = load_with(environment, "DB_HOST=db\nDB_PORT=5433\n", NULL, &error);
    if (!settings) fail_msg("%s", error.message);
    assert_setting(settings, NULL, "port", "5433", "test.env:2 (DB_PORT)");
    corm_settings_free(settings);
}

static void test_settings__what_was_meant(void **state) {
    (void)state;
    corm_settings *settings = load(ENV("DB_HOST=[::1],db,[fe80::1%eth0],/run/my sockets\n",
                                       "DB_PORT=5432\n", "DB_PASS=secret\r\n", "DB_USER='ada'"));
    assert_setting(settings, NULL, "host", "::1,db,fe80::1%eth0,/run/my sockets", "DB_HOST");
    assert_setting(settings, NULL, "port", "5432", "DB_PORT");
    assert_setting(settings, NULL, "password", "secret", "DB_PASS");
    assert_setting(settings, NULL, "user", "'ada'", "DB_USER");
    assert_has(notes(settings), "DB_HOST: a newline at its end is left out\n");
    assert_has(notes(settings), "DB_PASS: a newline at its end is left out\n");
    assert_has(notes(settings), "DB_USER: the quotes around it are taken as part of it\n");
    assert_null(strstr(notes(settings), "secret"));
    corm_settings_free(settings);

    const char *const urls[] = { "DATABASE_URL=\"postgresql://a:pw@[::1]:1/x\"",
                                 "DATABASE_URL='postgresql://a:pw@[::1]:1/x'\n",
                                 "DATABASE_URL=postgresql://a:pw@[::1]:1/x\n" };
    for (size_t i = 0; i < 3; i++) {
        settings = load(ENV(urls[i]));
        assert_string_equal(corm_settings_describe(settings, NULL), "postgresql://a@[::1]:1/x");
        assert_setting(settings, NULL, "host", "::1", "DATABASE_URL");
        assert_has(notes(settings), "left out");
        assert_null(strstr(notes(settings), "pw"));
        corm_settings_free(settings);
    }
    settings = load(ENV("DATABASE_URL_REPLICA=\"sqlite:///r.db\""));
    assert_setting(settings, "replica", "name", "r.db", "DATABASE_URL_REPLICA");
    corm_settings_free(settings);
}

/* A file that is no file: none of them is waited for, or read to an end that never comes. */
static void test_settings__files_that_are_none(void **state) {
    (void)state;
    assert_int_equal(mkfifo(".env", 0600), 0);
    corm_error_info error;
    const char *const *environment = ENV("DB_NAME=x.db");
    corm_settings_options options = { .environment = environment };
    assert_null(corm_settings_load(&options, &error));
    assert_string_equal(error.message, ".env cannot be read: it is a pipe");
    unlink(".env");
    static const char *const devices[] = { "/dev/zero", "/dev/full" };
    for (size_t i = 0; i < 2; i++) {
        const char *const files[] = { devices[i], NULL };
        options.env_files = files;
        assert_null(corm_settings_load(&options, &error));
        assert_has(error.message, "cannot be read: it is a device");
    }
    const char *const none[] = { "/dev/null", NULL }, *const folder[] = { "/", NULL };
    options.env_files = folder;
    assert_null(corm_settings_load(&options, &error));
    assert_string_equal(error.message, "/ cannot be read: Is a directory");
    options.env_files = none;
    corm_settings *settings = corm_settings_load(&options, &error);
    assert_non_null(settings);
    corm_settings_free(settings);

    FILE *huge = fopen("huge.env", "wb");
    assert_non_null(huge);
    assert_int_equal(ftruncate(fileno(huge), (off_t)1 << 40), 0);
    fclose(huge);
    const char *const large[] = { "huge.env", NULL };
    options.env_files = large;
    assert_null(corm_settings_load(&options, &error));
    assert_string_equal(error.message, "huge.env cannot be read: File too large");
    unlink("huge.env");

    int ends[2];                /* what a shell writes --env-file <(program) for is read */
    char path[64];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "DB_NAME=piped.db\n", 17), 17);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    const char *const piped[] = { path, NULL };
    settings = corm_settings_load(&(corm_settings_options){ .env_files = piped,
                                                            .environment = ENV() }, &error);
    if (!settings) fail_msg("%s", error.message);
    assert_setting(settings, NULL, "name", "piped.db", NULL);
    corm_settings_free(settings);
    close(ends[0]);
}

/* A file of 1 MB is read and one of a byte more is not, whether its size is known before or not. */
static void test_settings__files_have_an_end(void **state) {
    (void)state;
    enum { MOST = 1 << 20 };
    static char text[MOST + 1];
    memset(text, '\n', sizeof text);
    memcpy(text, "DB_NAME=x.db", 12);
    for (int more = 0; more < 2; more++) {
        for (int piped = 0; piped < 2; piped++) {
            int ends[2] = { -1, -1 };
            char path[64] = "large.env";
            pid_t child = 0;
            if (piped) {
                assert_int_equal(pipe(ends), 0);
                snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
                if ((child = fork()) == 0) {
                    signal(SIGPIPE, SIG_DFL);
                    close(ends[0]);
                    FILE *out = fdopen(ends[1], "wb");
                    _exit(fwrite(text, 1, MOST + more, out) != MOST + (size_t)more || fclose(out));
                }
                close(ends[1]);
            } else {
                FILE *out = fopen(path, "wb");
                assert_int_equal(fwrite(text, 1, MOST + more, out), MOST + more);
                fclose(out);
            }
            corm_error_info error = { 0 };
            const char *const files[] = { path, NULL };
            corm_settings *settings = corm_settings_load(
                &(corm_settings_options){ .env_files = files, .environment = ENV() }, &error);
            if (piped) close(ends[0]);
            if (piped) assert_int_equal(waitpid(child, NULL, 0), child);
            if (more) {
                assert_null(settings);
                assert_has(error.message, "cannot be read: File too large");
            } else {
                if (!settings) fail_msg("%s", error.message);
                assert_setting(settings, NULL, "name", "x.db", NULL);
            }
            corm_settings_free(settings);
        }
    }
    unlink("large.env");
}

static void test_settings__normal_forms(void **state) {
    (void)state;
    corm_settings *settings =
        load(ENV("DB_FOREIGN_KEYS=False", "DB_BUSY_TIMEOUT=2min", "DB_JOURNAL_MODE=DELETE",
                 "DB_CACHE_SIZE=-2000", "DB_NAME=../x y.db"));
    assert_setting(settings, NULL, "foreign_keys", "off", "DB_FOREIGN_KEYS");
    assert_int_equal(corm__settings_number(settings, NULL, "foreign_keys"), 0);
    assert_setting(settings, NULL, "busy_timeout", "120000", NULL);
    assert_setting(settings, NULL, "journal_mode", "delete", NULL);
    assert_setting(settings, NULL, "cache_size", "-2000", NULL);
    assert_string_equal(corm_settings_describe(settings, NULL), "sqlite:///../x%20y.db");
    corm_settings_free(settings);
    settings = load(ENV("DB_HOST=/run/postgresql", "DB_NAME=a/b", "DB_CONNECT_TIMEOUT=1500ms"));
    assert_string_equal(corm_settings_describe(settings, NULL),
                        "postgresql:///a%2Fb?host=/run/postgresql");
    assert_setting(settings, NULL, "connect_timeout", "1500ms", NULL);
    corm_settings_free(settings);
}

static void test_settings__descriptions_are_urls(void **state) {
    (void)state;
    static const char *const urls[] = { "postgresql://a%2Fb@[fe80::1%25eth0]:5433,h%2F2/x%3Fy",
                                        "postgresql:///x?host=/run/a,/run/b",
                                        "postgresql://h1:1,h2:2/",
                                        "postgresql://:5433",
                                        "mariadb://db/x",
                                        "sqlite:///a%23b.db",
                                        "sqlite:////a%20b/c:d.db",
                                        "sqlite://:memory:" };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        corm_error_info error;
        corm_settings *settings = load_with(ENV(), NULL, urls[i], &error), *again = NULL;
        if (!settings ||
            !(again = load_with(ENV(), NULL, corm_settings_describe(settings, NULL), &error)))
            fail_msg("%s: %s", urls[i], error.message);
        assert_string_equal(corm_settings_describe(again, NULL),
                            corm_settings_describe(settings, NULL));
        for (const corm_setting *s = corm__settings_table + 1; s->name; s++) {
            const char *value = corm_settings_get(settings, NULL, s->name);
            if (value) assert_setting(again, NULL, s->name, value, NULL);
        }
        corm_settings_free(settings);
        corm_settings_free(again);
    }
}

static void test_settings__warns_of_misspelt_variables(void **state) {
    (void)state;
    corm_settings *settings =
        load(ENV("DB_HOST=db", "DB_PASSWD=x", "DB_SOMETHING_ELSE=1", "DB_USER_FILE="));
    assert_string_equal(warnings, "DB_PASSWD is not a setting; did you mean DB_PASS?\n");
    corm_settings_free(settings);
}

static void test_settings__secret_names(void **state) {
    (void)state;
    assert_true(corm_settings_is_secret("password"));
    assert_true(corm_settings_is_secret("url"));
    assert_false(corm_settings_is_secret("host"));
    assert_false(corm_settings_is_secret("nonsense"));
}

static int enter_folder(void **state) {
    char *folder = strdup("/tmp/corm-settings-XXXXXX");
    *state = folder;
    return !folder || !mkdtemp(folder) || chdir(folder);
}

static int leave_folder(void **state) {
    static const char *const files[] = { "test.env", "a.env", "b.env", "password", "url", "empty" };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) unlink(files[i]);
    int failed = chdir("/") || rmdir(*state);
    free(*state);
    return failed;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings__nothing_set_is_sqlite),
        cmocka_unit_test(test_settings__parts_alone),
        cmocka_unit_test(test_settings__parts_fill_the_gaps_of_a_url),
        cmocka_unit_test(test_settings__conflicts_name_both_sources),
        cmocka_unit_test(test_settings__the_environment_wins_over_files),
        cmocka_unit_test(test_settings__an_argument_wins_over_all),
        cmocka_unit_test(test_settings__later_files_win),
        cmocka_unit_test(test_settings__secrets_in_files),
        cmocka_unit_test(test_settings__aliases),
        cmocka_unit_test(test_settings__connect_options),
        cmocka_unit_test(test_settings__bad_values_say_what_is_allowed),
        cmocka_unit_test(test_settings__what_others_set_is_left_out),
        cmocka_unit_test(test_settings__what_was_meant),
        cmocka_unit_test(test_settings__files_that_are_none),
        cmocka_unit_test(test_settings__files_have_an_end),
        cmocka_unit_test(test_settings__normal_forms),
        cmocka_unit_test(test_settings__descriptions_are_urls),
        cmocka_unit_test(test_settings__warns_of_misspelt_variables),
        cmocka_unit_test(test_settings__secret_names),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
