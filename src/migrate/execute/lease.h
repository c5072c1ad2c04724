/* A lease: a row of corm_migrations_lock that says who has the lock until when, by the server's
 * clock. */
#pragma once
#include "base/arena.h"
#include <corm/backend.h>

enum { CORM_LEASE_TEXT = 200 };
typedef struct corm_lease {
    const corm_backend *backend;
    const char *name;               /* of the lock */
    char owner[CORM_LEASE_TEXT];    /* for people */
    char token[40];                 /* nobody else has it */
    double seconds;                 /* for how long it is taken and renewed */
} corm_lease;

void corm__lease_init(corm_lease *lease, const corm_backend *backend, const char *name,
                      double seconds);
/* 1: got it; 0: another has it, and holder says who; negative: error. Makes the table when it is
 * not there. */
int corm__lease_try(corm_lease *lease, corm_conn *conn, char *holder, size_t size,
                    corm_error_info *error);
/* 1: it is ours for some more time; 0: it is another's now; negative: error. */
int corm__lease_renew(const corm_lease *lease, corm_conn *conn, corm_error_info *error);
void corm__lease_release(const corm_lease *lease, corm_conn *conn);
/* Whether somebody else has a lease: 1 and holder, 0, negative. */
int corm__lease_held(const corm_lease *lease, corm_conn *conn, char *holder, size_t size,
                     corm_error_info *error);
