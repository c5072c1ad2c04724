/* Names of hosts to addresses, with a deadline, for the clients of servers. */
#pragma once
#include "base/arena.h"
#include <corm/status.h>

enum { CORM__MAX_ADDRESSES = 32 };
typedef struct corm_address {
    const char *host, *address, *port;
} corm_address; /* address "": of a host that is none (a socket) or one already */
typedef struct corm_addresses {
    corm_address items[CORM__MAX_ADDRESSES];
    int n;
} corm_addresses;

/* What is to be looked up, and how long. hosts and ports are lists with commas, as libpq has them;
 * ports may be NULL. */
typedef struct corm_hosts {
    const char *title; /* of the engine, for messages */
    const char *hosts, *ports;
    int timeout_ms;  /* for the message */
    double deadline; /* by corm__clock; 0: none */
    int cancel_fd;   /* -1: none */
} corm_hosts;

/* out->n is 0 when there is one host and nothing to look up. Texts are in the arena. */
int corm__find_hosts(const corm_hosts *what, corm_arena *arena, corm_addresses *out,
                     corm_error_info *error);
