/* Names of hosts to addresses before a client library sees them. It would look them up itself, but
 * in one call that can neither be cancelled nor told a deadline: a silent name server holds it for
 * many seconds. So a thread looks them up, and this waits for it as long as it may; when that is
 * over, the thread is left to itself and frees what they share. */
#include "base/hosts.h"
#include "base/clock.h"
#include "base/error.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_HOSTS = 16 };

/* Shared with the thread; whoever is last frees it. */
typedef struct job {
    atomic_int users;
    int done[2]; /* a pipe: readable when the thread is through */
    int n;
    char *names[MAX_HOSTS];
    struct addrinfo *found[MAX_HOSTS];
    int errors[MAX_HOSTS];
} job;

static void leave(job *job) {
    if (atomic_fetch_sub(&job->users, 1) > 1) return;
    for (int i = 0; i < job->n; i++) {
        if (job->found[i]) freeaddrinfo(job->found[i]);
        free(job->names[i]);
    }
    close(job->done[0]);
    close(job->done[1]);
    free(job);
}

/* A socket's folder, or an address: nothing to look up. */
static bool is_plain(const char *name) {
    struct in6_addr address;
    return *name == '/' || *name == '@' || !*name || inet_pton(AF_INET, name, &address) == 1 ||
           inet_pton(AF_INET6, name, &address) == 1 || strchr(name, '%');
}

static void *look_up(void *argument) {
    job *job = argument;
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    for (int i = 0; i < job->n; i++)
        if (!is_plain(job->names[i]))
            job->errors[i] = getaddrinfo(job->names[i], NULL, &hints, &job->found[i]);
    while (write(job->done[1], "", 1) < 0 && errno == EINTR) {
    }
    leave(job);
    return NULL;
}

/* "a,b,c" as copies in the arena; how many, or -1 when they are too many or memory is out. */
static int split(corm_arena *arena, const char *text, const char **out) {
    int n = 0;
    for (const char *p = text;; p++) {
        size_t length = strcspn(p, ",");
        if (n == MAX_HOSTS || !(out[n++] = corm__arena_strndup(arena, p, length))) return -1;
        p += length;
        if (!*p) return n;
    }
}

static job *job_new(const char *const *names, int n) {
    job *job = calloc(1, sizeof *job);
    if (!job) return NULL;
    if (pipe2(job->done, O_CLOEXEC)) {
        free(job);
        return NULL;
    }
    job->users = 1;
    bool complete = true;
    for (; job->n < n && complete; job->n++)
        complete = (job->names[job->n] = strdup(names[job->n])) != NULL;
    if (complete) return job;
    leave(job);
    return NULL;
}

/* The thread takes no signals: they are the program's. */
static bool start(job *job) {
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    atomic_fetch_add(&job->users, 1);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&thread, NULL, look_up, job) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started)
        pthread_detach(thread);
    else
        atomic_fetch_sub(&job->users, 1);
    return started;
}

static int wait_for(job *job, double deadline, int cancel_fd) {
    for (;;) {
        struct pollfd fds[2] = { { .fd = job->done[0], .events = POLLIN },
                                 { .fd = cancel_fd, .events = POLLIN } };
        double left = deadline > 0 ? deadline - corm__clock() : 0;
        int ready = poll(fds, cancel_fd >= 0 ? 2 : 1,
                         deadline <= 0 ? -1
                         : left <= 0   ? 0
                                       : (int)(left * 1000) + 1);
        if (ready > 0 && cancel_fd >= 0 && fds[1].revents) return CORM_ERROR_CANCELLED;
        if (ready > 0) return 0;
        if (ready == 0) return CORM_ERROR_TIMEOUT;
        if (errno != EINTR) return CORM_ERROR_CONNECTION;
    }
}

static int fail_name(const char *title, const char *name, int why, corm_error_info *error) {
    corm__fail(error, CORM_ERROR_CONNECTION,
               "%s: could not translate host name \"%s\" to an address: %s", title, name,
               gai_strerror(why));
    corm__error_hint(
        error, "Check DB_HOST; in a composition of containers it is the name of the service.");
    return CORM_ERROR_CONNECTION;
}

/* All addresses of all names; a name that has none is left out while others have some. */
static int collect(const job *job, const char *title, const char *const *ports, int n_ports,
                   corm_arena *arena, corm_addresses *out, corm_error_info *error) {
    int failed = -1;
    for (int i = 0; i < job->n; i++) {
        const char *port = n_ports == job->n ? ports[i] : n_ports == 1 ? ports[0] : "";
        if (job->errors[i])
            failed = i;
        else if (is_plain(job->names[i]) && out->n < CORM__MAX_ADDRESSES)
            out->items[out->n++] =
                (corm_address){ corm__arena_strdup(arena, job->names[i]), "", port };
        for (const struct addrinfo *address = job->found[i];
             address && out->n < CORM__MAX_ADDRESSES; address = address->ai_next) {
            char text[NI_MAXHOST];
            if (getnameinfo(address->ai_addr, address->ai_addrlen, text, sizeof text, NULL, 0,
                            NI_NUMERICHOST))
                continue;
            out->items[out->n++] = (corm_address){ corm__arena_strdup(arena, job->names[i]),
                                                   corm__arena_strdup(arena, text), port };
        }
    }
    for (int i = 0; i < out->n; i++)
        if (!out->items[i].host || !out->items[i].address) return corm__fail_memory(error);
    return out->n == 0 && failed >= 0
               ? fail_name(title, job->names[failed], job->errors[failed], error)
               : 0;
}

int corm__find_hosts(const corm_hosts *what, corm_arena *arena, corm_addresses *out,
                     corm_error_info *error) {
    const char *names[MAX_HOSTS], *port[MAX_HOSTS];
    out->n = 0;
    int n = split(arena, what->hosts, names),
        n_ports = what->ports && *what->ports ? split(arena, what->ports, port) : 0;
    bool plain = true;
    for (int i = 0; i < n; i++) plain &= is_plain(names[i]);
    /* What makes no sense is left to the client library, which says so. */
    if ((plain && n == 1) || n <= 0 || n_ports < 0 || (n_ports > 1 && n_ports != n)) return 0;
    job *job = job_new(names, n);
    if (!job) return corm__fail_memory(error);
    int status = plain        ? 0
                 : start(job) ? wait_for(job, what->deadline, what->cancel_fd)
                              : CORM_ERROR_CONNECTION;
    if (!status)
        status = collect(job, what->title, port, n_ports, arena, out, error);
    else if (status == CORM_ERROR_CANCELLED)
        corm__fail(error, status, "connecting to %s was cancelled", what->title);
    else if (status == CORM_ERROR_TIMEOUT) {
        corm__fail(error, status, "the host name \"%s\" was not resolved in %d ms", what->hosts,
                   what->timeout_ms);
        corm__error_hint(error, "Check DB_HOST, and whether the name server answers.");
    } else {
        status = 0; /* no thread to be had: the client library does it */
    }
    leave(job);
    return status;
}
