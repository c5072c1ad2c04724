/* A handle on an SQLite database for the tests of src/db. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/db.h"

static inline corm_settings *fixture_settings(const char *const *environment) {
    corm_error_info error;
    corm_settings *settings = corm_settings_load(
        &(corm_settings_options){ .environment = environment, .no_env_file = true }, &error);
    if (!settings) fail_msg("%s", error.message);
    return settings;
}

static inline corm_db *fixture_open(const char *url_setting, const char *other) {
    corm_settings *settings = fixture_settings((const char *const[]){ url_setting, other, NULL });
    corm_db *db = corm_open_with(settings, NULL);
    corm_settings_free(settings);
    if (corm_failed(db)) fail_msg("%s", corm_error(db)->message);
    return db;
}

/* The only column of the only row of a query that gives an integer. */
static inline int64_t fixture_integer(corm_db *db, const char *sql) {
    corm_fetch_column column = { .kind = CORM_BIGINT, .name = "value" };
    corm_fetch fetch = { &column, 1, 1 };
    corm_stmt *stmt;
    int64_t value = 0;
    void *objects[] = { &value };
    assert_int_equal(corm__prepare(db, sql, strlen(sql), NULL, 0, &stmt), 0);
    assert_int_equal(corm__execute(db, stmt, NULL, 0, 0), 0);
    assert_int_equal(corm__step(db, stmt, &fetch, objects, NULL), 1);
    corm__finish(db, stmt);
    return value;
}
