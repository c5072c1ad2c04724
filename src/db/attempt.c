#include "db/attempt.h"
#include "base/clock.h"
#include "base/error.h"
#include "db/internal.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct corm_attempt {
    corm_attempt_spec spec;
    corm_arena arena; /* of what spec points to */
    int ended_fd, stop_fd;
    pthread_t thread;
    sem_t begin;        /* posted for each try, and for the end */
    _Atomic int owners; /* the waiter and the thread */
    _Atomic bool ended, quit;
    bool running; /* as the waiter knows it */
    corm_attempt_terms terms;
    _Atomic int tries;
    _Atomic double began;
    int status;
    bool gate;
    corm_error_info error;
};

static void release(corm_attempt *attempt) {
    if (--attempt->owners > 0) return;
    if (attempt->ended_fd >= 0) close(attempt->ended_fd);
    if (attempt->stop_fd >= 0) close(attempt->stop_fd);
    sem_destroy(&attempt->begin);
    corm__arena_release(&attempt->arena);
    free(attempt);
}

static bool copy_text(corm_arena *arena, const char **text) {
    if (!*text) return true;
    *text = corm__arena_strdup(arena, *text);
    return *text != NULL;
}

static bool copy_parameters(corm_arena *arena, const corm_parameter **parameters) {
    if (!*parameters) return true;
    size_t n = 0;
    while ((*parameters)[n].name) n++;
    corm_parameter *copy = corm__arena_array(arena, n + 1, sizeof *copy);
    if (!copy) return false;
    memcpy(copy, *parameters, n * sizeof *copy);
    for (size_t i = 0; i < n; i++)
        if (!copy_text(arena, &copy[i].name) || !copy_text(arena, &copy[i].value)) return false;
    *parameters = copy;
    return true;
}

static bool copy_spec(corm_attempt *attempt, const corm_attempt_spec *spec) {
    attempt->spec = *spec;
    corm_connect_options *options = &attempt->spec.options;
    const char **texts[] = { &options->host, &options->port,     &options->name,
                             &options->user, &options->password, &attempt->spec.table };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!copy_text(&attempt->arena, texts[i])) return false;
    return copy_parameters(&attempt->arena, &options->parameters);
}

static int check_table(corm_attempt *attempt, corm_conn *conn) {
    const corm_backend *backend = attempt->spec.backend;
    corm_buffer sql = { 0 };
    corm__buffer_puts(&sql, "SELECT 1 FROM ");
    const char *name = attempt->spec.table,
               *dot = backend->features->schemas ? strchr(name, '.') : NULL;
    if (dot) {
        char *schema = corm__arena_strndup(&attempt->arena, name, (size_t)(dot - name));
        backend->identifier(&sql, schema ? schema : "");
        corm__buffer_putc(&sql, '.');
        name = dot + 1;
    }
    backend->identifier(&sql, name);
    corm__buffer_puts(&sql, " WHERE 1 = 0");
    int status = corm__buffer_broken(&sql) ? corm__fail_memory(&attempt->error)
                                           : backend->exec(conn, sql.data, &attempt->error);
    corm__buffer_release(&sql);
    attempt->gate = status == CORM_ERROR_NO_TABLE;
    return status;
}

static int check(corm_attempt *attempt, corm_conn *conn) {
    const corm_backend *backend = attempt->spec.backend;
    int status = corm__check_version(backend, conn, &attempt->error);
    /* A pooler accepts, and may fail at the first statement: only an answer counts. */
    if (!status) status = backend->exec(conn, "SELECT 1", &attempt->error);
    if (status) return status;
    int ready = backend->ready(conn, attempt->spec.writable, &attempt->error);
    if (ready <= 0) {
        attempt->gate = ready == 0;
        return attempt->error.status ? attempt->error.status : CORM_ERROR_STARTING;
    }
    return attempt->spec.table ? check_table(attempt, conn) : 0;
}

static void try_once(corm_attempt *attempt) {
    const corm_backend *backend = attempt->spec.backend;
    corm_conn *conn = NULL;
    attempt->gate = false;
    int status = backend->open(&attempt->spec.options, &conn, &attempt->error);
    if (status == CORM_ERROR_NO_DATABASE && attempt->spec.create) {
        status = backend->create_database(&attempt->spec.options, &attempt->error);
        if (!status) status = backend->open(&attempt->spec.options, &conn, &attempt->error);
    }
    if (!status) status = check(attempt, conn);
    backend->close(conn);
    attempt->status = status;
}

bool corm__wait_is_cheap(int status, double took) {
    return (status == CORM_ERROR_CONNECTION || status == CORM_ERROR_STARTING ||
            status == CORM_ERROR_LOCKED) &&
           took < 0.1;
}

double corm__wait_cheap_pause(double waited, double least) {
    double pause = waited / 50 * (1 + 0.3 * corm__jitter());
    if (pause < least) pause = least * (1 + 0.3 * corm__jitter());
    return pause > 0.5 ? 0.5 : pause;
}

bool corm__wait_is_news(const corm_error_info *error, const corm_error_info *told,
                        double seconds_since) {
    if (!told->status || seconds_since >= CORM_WAIT_REPORT_EVERY) return true;
    if (error->status != told->status || strcmp(error->sqlstate, told->sqlstate) != 0) return true;
    /* One code stands for starting up and for recovery. */
    return error->status == CORM_ERROR_STARTING && strcmp(error->message, told->message) != 0;
}

static bool stopped_in(const corm_attempt *attempt, double seconds) {
    struct pollfd stop = { .fd = attempt->stop_fd, .events = POLLIN };
    struct timespec time = { .tv_nsec = (long)(seconds * 1e9) };
    return ppoll(&stop, 1, &time, NULL) > 0;
}

static void run(corm_attempt *attempt) {
    const corm_attempt_terms *terms = &attempt->terms;
    for (;;) {
        double began = corm__clock(), seconds = terms->timeout;
        if (terms->deadline && terms->deadline - began < seconds) seconds = terms->deadline - began;
        attempt->spec.options.timeout_ms = seconds < 0.001 ? 1 : (int)(seconds * 1000);
        attempt->tries++;
        try_once(attempt);
        double ended = corm__clock();
        if (attempt->gate || !corm__wait_is_cheap(attempt->status, ended - began)) return;
        if (corm__wait_is_news(&attempt->error, &terms->told, ended - terms->told_at) ||
            (terms->deadline && ended >= terms->deadline))
            return;
        double pause = corm__wait_cheap_pause(ended - terms->start, 0.01);
        attempt->began = ended + pause; /* a pause is no overrun */
        if (stopped_in(attempt, pause)) return;
    }
}

static void signal_fd(int fd) {
    /* Adding to an eventfd's counter that is 0 cannot fail. */
    if (write(fd, &(uint64_t){ 1 }, sizeof(uint64_t)) < 0) return;
}

static void *thread_main(void *argument) {
    corm_attempt *attempt = argument;
    for (;;) {
        while (sem_wait(&attempt->begin) != 0 && errno == EINTR) {
        }
        if (attempt->quit) break;
        run(attempt);
        attempt->ended = true;
        signal_fd(attempt->ended_fd);
    }
    release(attempt);
    return NULL;
}

/* Without signals: those are for the program's own threads. */
static bool start_thread(corm_attempt *attempt) {
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    attempt->owners = 2;
    bool started = pthread_create(&attempt->thread, NULL, thread_main, attempt) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (!started) attempt->owners = 1;
    return started;
}

corm_attempt *corm__attempt_new(const corm_attempt_spec *spec, corm_error_info *error) {
    corm_attempt *attempt = calloc(1, sizeof *attempt);
    if (!attempt) {
        corm__fail_memory(error);
        return NULL;
    }
    sem_init(&attempt->begin, 0, 0);
    attempt->owners = 1;
    attempt->ended_fd = eventfd(0, EFD_CLOEXEC);
    attempt->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (!copy_spec(attempt, spec))
        corm__fail_memory(error);
    else if (attempt->ended_fd < 0 || attempt->stop_fd < 0)
        corm__fail(error, CORM_ERROR_MEMORY, "wait: no file descriptor is left");
    else if (!start_thread(attempt))
        corm__fail(error, CORM_ERROR_MEMORY, "wait: no thread is left");
    else
        return attempt;
    release(attempt);
    return NULL;
}

void corm__attempt_free(corm_attempt *attempt) {
    if (!attempt) return;
    attempt->quit = true;
    signal_fd(attempt->stop_fd);
    sem_post(&attempt->begin);
    if (attempt->running && !attempt->ended)
        pthread_detach(attempt->thread);
    else
        pthread_join(attempt->thread, NULL);
    release(attempt);
}

void corm__attempt_start(corm_attempt *attempt, const corm_attempt_terms *terms) {
    attempt->terms = *terms;
    attempt->spec.options.cancel_fd = attempt->stop_fd;
    attempt->tries = 0;
    attempt->began = corm__clock();
    attempt->ended = false;
    attempt->running = true;
    sem_post(&attempt->begin);
}

int corm__attempt_tries(const corm_attempt *attempt) { return attempt->tries; }

double corm__attempt_began(const corm_attempt *attempt) { return attempt->began; }

int corm__attempt_fd(const corm_attempt *attempt) { return attempt->ended_fd; }

bool corm__attempt_ended(const corm_attempt *attempt) { return attempt->ended; }

int corm__attempt_take(corm_attempt *attempt, corm_error_info *error, bool *gate) {
    uint64_t signals; /* the thread writes it after `ended`: waits for that */
    while (read(attempt->ended_fd, &signals, sizeof signals) < 0 && errno == EINTR) {
    }
    attempt->running = false;
    *error = attempt->error;
    *gate = attempt->gate;
    return attempt->status;
}
