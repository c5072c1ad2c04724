/* What the tests of the PostgreSQL backend share: how its URLs are read. */
#pragma once
#include "server.h"
#include <libpq-fe.h>

#define BACKEND (&corm_backend_postgresql)
#include "server_backend.h"

#define PG BACKEND

/* The options that a URL says; their texts are static. */
static inline corm_connect_options backend_options(const char *url) {
    static char host[200], port[10], name[100], user[100];
    corm_connect_options options = { .timeout_ms = 10000, .cancel_fd = -1 };
    PQconninfoOption *parts = PQconninfoParse(url, NULL);
    for (PQconninfoOption *part = parts; part && part->keyword; part++) {
        if (!part->val) continue;
        if (strcmp(part->keyword, "host") == 0) options.host = strcpy(host, part->val);
        if (strcmp(part->keyword, "port") == 0) options.port = strcpy(port, part->val);
        if (strcmp(part->keyword, "dbname") == 0) options.name = strcpy(name, part->val);
        if (strcmp(part->keyword, "user") == 0) options.user = strcpy(user, part->val);
    }
    PQconninfoFree(parts);
    return options;
}

static inline const char *backend_url(void) { return test_postgresql_url(); }

/* Shorter. */
#define pg_options backend_options
#define pg_open backend_open
#define pg_connect backend_connect
#define pg_run backend_run
#define pg_start backend_start
#define pg_row backend_row
#define pg_number backend_number

static inline int pg_fails(corm_conn *conn, const char *sql, corm_error_info *error) {
    return PG->exec(conn, sql, error);
}
