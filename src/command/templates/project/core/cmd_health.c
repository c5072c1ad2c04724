/* health: asks a running `serve` on this machine. The image's HEALTHCHECK: it needs no curl. */
#include "core/commands.h"
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* The first line of the answer to GET /health, "" when there is none. */
static void ask(int server, char *line, size_t size) {
    static const char request[] =
        "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    struct timeval limit = { .tv_sec = 5 };
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ssize_t n = send(server, request, sizeof request - 1, MSG_NOSIGNAL) < 0
                    ? -1
                    : recv(server, line, size - 1, 0);
    line[n > 0 ? n : 0] = 0;
    line[strcspn(line, "\r\n")] = 0;
}

static int health(corm_context *context) {
    unsigned short port = port_of(context);
    if (!port) return corm_context_status(context);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0 || connect(server, (struct sockaddr *)&address, sizeof address) != 0) {
        int error = errno;
        if (server >= 0) close(server);
        return corm_context_fail(context, 1, "nothing answers on port %d: %s", port,
                                 strerror(error));
    }
    char line[128];
    ask(server, line, sizeof line);
    close(server);
    if (strncmp(line, "HTTP/1.1 200 ", 13) != 0)
        return corm_context_fail(context, 1, "the answer is: %s", line[0] ? line : "(nothing)");
    puts("healthy");
    return 0;
}

static const corm_option options[] = {
    { "port", 'p', CORM_OPTION_INTEGER, "PORT", NULL,
      "the port that `serve` listens on (default: the variable PORT, or 8000)" },
    { 0 },
};
const corm_command command_health = {
    .name = "health",
    .summary = "Exits 0 when `serve` answers and its database does",
    .options = options,
    .run = health,
};
