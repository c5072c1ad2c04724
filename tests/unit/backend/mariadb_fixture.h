/* What the tests of the MariaDB backend share: how its URLs are read. */
#pragma once
#include "mariadb_server.h"

#define BACKEND (&corm_backend_mariadb)
#include "server_backend.h"

#define MARIADB BACKEND

/* The options that a URL says; their texts are static. */
static inline corm_connect_options backend_options(const char *url) {
    static char host[256], port[16], name[256], user[256];
    char *const rooms[] = { host, port, name, user };
    static const char *const parts[] = { "host", "port", "name", "user" };
    const char *values[4];
    for (int i = 0; i < 4; i++) {
        const char *text = test_mariadb_part(url, parts[i]);
        values[i] = text ? strcpy(rooms[i], text) : NULL;
    }
    return (corm_connect_options){ .host = values[0],
                                   .port = values[1],
                                   .name = values[2],
                                   .user = values[3],
                                   .timeout_ms = 10000,
                                   .cancel_fd = -1 };
}

static inline const char *backend_url(void) { return test_mariadb_url(); }

/* Shorter. */
#define my_options backend_options
#define my_open backend_open
#define my_connect backend_connect
#define my_run backend_run
#define my_start backend_start
#define my_row backend_row
#define my_number backend_number
