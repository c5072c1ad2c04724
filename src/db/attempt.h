/* The tries of wait_for_db for one database, in a thread of their own, so that a deadline or a
 * cancellation holds even while the system resolves a name or a server that accepted does not
 * answer. */
#pragma once
#include "db/db.h"

typedef struct corm_attempt corm_attempt;

typedef struct corm_attempt_spec {
    const corm_backend *backend;
    /* copied at the start: nothing of the caller's is used later. cancel_fd is not used */
    corm_connect_options options;
    bool writable;                  /* refuse a server in recovery or read-only */
    bool create;                    /* make the database when it is missing */
    /* must be there, "schema.name" where the engine has schemas; or NULL */
    const char *table;
} corm_attempt_spec;

/* A thread that tries when told to. NULL and *error filled when it cannot be started. */
corm_attempt *corm__attempt_new(const corm_attempt_spec *spec, corm_error_info *error);
/* Tells it to stop whatever it does, and forgets it: it frees itself when it ends. NULL-safe. */
void corm__attempt_free(corm_attempt *attempt);
/* How to try, and which failure is no news: one that is cheap and the same as told before is
 * followed by a pause and another try, without a word, since waking the waiter each time costs more
 * than a try. */
typedef struct corm_attempt_terms {
    double timeout;         /* seconds for one try */
    double start, deadline; /* of the waiting; deadline 0: none */
    corm_error_info told;   /* status 0: everything is news */
    double told_at;
} corm_attempt_terms;

/* Begins; when the result of the run before, if any, was taken. */
void corm__attempt_start(corm_attempt *attempt, const corm_attempt_terms *terms);
/* Of this run: the number of tries, and when the last one began. */
int corm__attempt_tries(const corm_attempt *attempt);
double corm__attempt_began(const corm_attempt *attempt);
/* Readable once it has ended. */
int corm__attempt_fd(const corm_attempt *attempt);
bool corm__attempt_ended(const corm_attempt *attempt);
/* The result of a run that has ended. 0 ready, else the status and *error. *gate: the database
 * answers, but is not yet what was asked for. */
int corm__attempt_take(corm_attempt *attempt, corm_error_info *error, bool *gate);

/* What both sides of the waiting go by. */
#define CORM_WAIT_REPORT_EVERY 10.0
/* A failure that took less time, and that waiting mends: no connection, starting up, locked. */
bool corm__wait_is_cheap(int status, double took);
/* The pause after one: a fiftieth of the time waited, 10 ms to 500 ms, a little more by chance; not
 * less than least. */
double corm__wait_cheap_pause(double waited, double least);
/* True when a failure is not what was told, or that was long ago. */
bool corm__wait_is_news(const corm_error_info *error, const corm_error_info *told,
                        double seconds_since);
