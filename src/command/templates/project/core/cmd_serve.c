/* serve: answers HTTP, one request after the other, until SIGTERM or SIGINT. It is small on
 * purpose: it gives a container something to run that shows data of the database. When you need
 * more, keep the loop's shape and put an HTTP library in its place. */
#include "core/commands.h"
#include "core/models.h"
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef struct server {
    corm_context *context;
    const corm_settings *settings;
    corm_db
        *db; /* NULL until the first request, and after a failure: the next request opens another */
} server;

typedef struct answer {
    int status;
    char text[128];
} answer;

static volatile sig_atomic_t ended;
static void end(int signal) { ended = signal; }

unsigned short port_of(corm_context *context) {
    const char *given = corm_option_value(context, "port"), *port = given ? given : getenv("PORT");
    if (!port || !*port) return 8000;
    char *rest;
    errno = 0;
    long number = strtol(port, &rest, 10);
    if (errno == 0 && *rest == 0 && number > 0 && number < 65536) return (unsigned short)number;
    corm_context_fail(context, 64, "%s is \"%s\"; it must be a number from 1 to 65535",
                      given ? "--port" : "PORT", port);
    return 0;
}

/* --- what is answered --- */

/* 503, the reason in the log, and a new connection next time. */
static answer unavailable(server *s) {
    corm_context_fail_db(s->context, corm_error(s->db));
    corm_close(s->db);
    s->db = NULL;
    return (answer){ 503, "the database does not answer\n" };
}

static answer visit(server *s, const char *path) {
    Visit row = { .path = path };
    int64_t count = corm_insert(s->db, Visits, &row) == 0 ? corm_count(s->db, Visits) : -1;
    if (count < 0) return unavailable(s);
    answer done = { .status = 200 };
    snprintf(done.text, sizeof done.text, "visit %lld\n", (long long)count);
    return done;
}

static answer respond(server *s, const char *method, const char *path) {
    if (strcmp(method, "GET") != 0) return (answer){ 405, "only GET is answered\n" };
    bool health = strcmp(path, "/health") == 0;
    if (!health && strcmp(path, "/") != 0) return (answer){ 404, "nothing is here\n" };
    if (!s->db) s->db = corm_open_with(s->settings, NULL);
    if (corm_failed(s->db) || (health && corm_exec(s->db, "SELECT 1") != 0)) return unavailable(s);
    return health ? (answer){ 200, "ok\n" } : visit(s, path);
}

/* --- HTTP --- */

/* Reads up to the blank line behind the headers; false when that does not come in time or does not
 * fit. */
static bool read_request(int client, char *text, size_t size) {
    time_t deadline = time(NULL) + 5;
    for (size_t length = 0; length + 1 < size && time(NULL) < deadline;) {
        ssize_t n = recv(client, text + length, size - 1 - length, 0);
        if (n <= 0) return false;
        text[length += (size_t)n] = 0;
        if (strlen(text) != length) return false;
        if (strstr(text, "\r\n\r\n")) return true;
    }
    return false;
}

static void send_answer(int client, const answer *a) {
    const char *reason = a->status == 200   ? "OK"
                         : a->status == 503 ? "Service Unavailable"
                         : a->status == 404 ? "Not Found"
                                            : "Bad Request";
    char text[512];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: "
                          "%zu\r\nConnection: close\r\n\r\n%s",
                          a->status, reason, strlen(a->text), a->text);
    for (int done = 0; done < length;) {
        ssize_t n = send(client, text + done, (size_t)(length - done), MSG_NOSIGNAL);
        if (n <= 0) return;
        done += (int)n;
    }
}

static void serve_client(server *s, int client) {
    struct timeval limit = { .tv_sec = 2 };
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    char request[4096], method[8], path[256];
    answer a = { 400, "not a request\n" };
    if (read_request(client, request, sizeof request) &&
        sscanf(request, "%7s %255s", method, path) == 2)
        a = respond(s, method, path);
    send_answer(client, &a);
    close(client);
}

/* --- the loop --- */

static int listen_on(unsigned short port) {
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_ANY) };
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1;
    if (listener < 0) return -1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(listener, 64) == 0)
        return listener;
    int error = errno;
    close(listener);
    errno = error;
    return -1;
}

/* Process 1 of a container gets no signal that it does not handle. They are let in while it waits
 * only, so that none is missed. */
static sigset_t handle_signals(void) {
    struct sigaction action = { .sa_handler = end };
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    return before;
}

static int serve(corm_context *context) {
    server s = { .context = context, .settings = corm_context_settings(context) };
    unsigned short port = s.settings ? port_of(context) : 0;
    if (!port) return corm_context_status(context);
    int listener = listen_on(port);
    if (listener < 0)
        return corm_context_fail(context, 71, "cannot listen on port %d: %s", port,
                                 strerror(errno));
    sigset_t waiting = handle_signals();
    printf("Listening on port %d\n", port);
    fflush(stdout);
    while (!ended) {
        struct pollfd ready = { .fd = listener, .events = POLLIN };
        if (ppoll(&ready, 1, NULL, &waiting) <= 0) continue;
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0) serve_client(&s, client);
    }
    close(listener);
    corm_close(s.db);
    puts("Ended");
    return 0;
}

static const corm_option options[] = {
    { "port", 'p', CORM_OPTION_INTEGER, "PORT", NULL,
      "the port to listen on (default: the variable PORT, or 8000)" },
    { 0 },
};
const corm_command command_serve = {
    .name = "serve",
    .summary = "Answers HTTP: / counts visits, /health says whether the database answers",
    .options = options,
    .run = serve,
};
