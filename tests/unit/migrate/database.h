/* A fresh database for each test of a program that is called as: test_x
 * sqlite|postgresql|mariadb */
#pragma once
#include <stdlib.h>
#include <unistd.h>

#include "db/db.h"
#ifdef HAVE_POSTGRESQL
#include "server.h"
#endif
#ifdef HAVE_MARIADB
#include "mariadb_server.h"
#endif

static bool on_postgresql, on_mariadb;
static char folder[] = "/tmp/corm-migrate-XXXXXX";
static int databases;

typedef struct fixture {
    const char *url;
    corm_settings *settings;
    corm_error_info error;
    corm_arena arena;
    corm_db *db;
} fixture;

static const char *new_url(void) {
    static char url[200];
#ifdef HAVE_POSTGRESQL
    if (on_postgresql) return test_postgresql_new_database();
#endif
#ifdef HAVE_MARIADB
    if (on_mariadb) return test_mariadb_new_database();
#endif
    snprintf(url, sizeof url, "sqlite:///%s/%d.db", folder, ++databases);
    return url;
}

static int setup(void **state) {
    static const char *const no_environment[] = { NULL };
    fixture *f = calloc(1, sizeof *f);
    f->url = new_url();
    corm_settings_options options = { .url = f->url,
                                      .no_env_file = true,
                                      .environment = no_environment };
    f->settings = corm_settings_load(&options, &f->error);
    if (!f->settings) print_error("%s\n", f->error.message);
    assert_non_null(f->settings);
    f->db = corm_open_with(f->settings, NULL);
    if (corm_failed(f->db)) print_error("%s\n", corm_error(f->db)->message);
    assert_false(corm_failed(f->db));
    *state = f;
    return 0;
}

static int teardown(void **state) {
    fixture *f = *state;
    corm_close(f->db);
    corm_settings_free(f->settings);
    corm__arena_release(&f->arena);
    free(f);
    return 0;
}

/* The number that a query gives; negative when it fails. */
static int64_t number(fixture *f, const char *sql) {
    static const corm_fetch_column column = { .kind = CORM_BIGINT, .null = true };
    static const corm_fetch fetch = { &column, 1, 1 };
    corm_stmt *stmt;
    int64_t value = -1;
    void *objects[] = { &value };
    int status = corm__prepare(f->db, sql, strlen(sql), NULL, 0, &stmt);
    if (!status) {
        status = corm__execute(f->db, stmt, NULL, 0, 0);
        if (!status) status = corm__step(f->db, stmt, &fetch, objects, &f->arena);
        corm__finish(f->db, stmt);
    }
    if (status != 1) print_error("%s: %s\n", sql, f->db->error.message);
    return status == 1 ? value : -2;
}

static int run_on(int argc, char **argv, const char *name, const struct CMUnitTest *tests,
                  size_t n) {
    char title[100], command[100];
    const char *engine = argc > 1 ? argv[1] : "sqlite";
    on_postgresql = strcmp(engine, "postgresql") == 0;
    on_mariadb = strcmp(engine, "mariadb") == 0;
    if (!mkdtemp(folder)) return 1;
    snprintf(title, sizeof title, "%s on %s", name, engine);
    int failed = _cmocka_run_group_tests(title, tests, n, NULL, NULL);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0 || failed;
}
