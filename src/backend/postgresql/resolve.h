/* Names of hosts to addresses, with a deadline. */
#pragma once
#include "backend/postgresql/postgresql.h"

enum { CORM__PG_MAX_ADDRESSES = 32 };
typedef struct corm_pg_address {
    const char *host, *address, *port;
} corm_pg_address; /* address "": of a host that is none (a socket) or one already */
typedef struct corm_pg_addresses {
    corm_pg_address items[CORM__PG_MAX_ADDRESSES];
    int n;
} corm_pg_addresses;

/* hosts and ports as libpq has them, lists with commas; ports may be NULL. out->n is 0 when there is one host and nothing to look up. Texts
 * are in the arena. */
int corm__pg_resolve(const char *hosts, const char *ports, const corm_connect_options *options, double deadline, corm_arena *arena,
                     corm_pg_addresses *out, corm_error_info *error);
