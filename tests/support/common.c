#include "common.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void test__die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("test support: ", stderr);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

char *test__print(const char *format, ...) {
    char *text;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) test__die("out of memory");
    va_end(arguments);
    return text;
}

void test__pause_ms(int ms) {
    struct timespec time = { ms / 1000, (ms % 1000) * 1000000L };
    nanosleep(&time, NULL);
}

int test__free_port(void) {
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) ||
        getsockname(fd, (struct sockaddr *)&address, &size))
        test__die("no free port: %s", strerror(errno));
    close(fd);
    return ntohs(address.sin_port);
}

static int remove_entry(const char *path, const struct stat *information, int type,
                        struct FTW *position) {
    (void)information, (void)type, (void)position;
    return remove(path);
}

void test__remove(const char *folder) { nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS); }

/* --- servers of one's own --- */

static test__own *servers;

static void free_servers(void) {
    while (servers && servers->owner == getpid()) servers->free(servers);
}

void test__own_init(test__own *server, int end, void (*free)(test__own *server)) {
    server->end = end;
    server->free = free;
    server->owner = getpid();
    server->folder = test__print("/tmp/corm-test.XXXXXX");
    if (!mkdtemp(server->folder)) test__die("%s: %s", server->folder, strerror(errno));
    static bool registered;
    if (!registered) atexit(free_servers);
    registered = true;
    server->next = servers;
    servers = server;
}

pid_t test__own_fork(const test__own *server, const struct passwd *user, int delay_ms) {
    pid_t parent = getpid(), pid = fork();
    if (pid < 0) test__die("fork: %s", strerror(errno));
    if (pid) return pid;
    if (user &&
        (initgroups(user->pw_name, user->pw_gid) || setgid(user->pw_gid) || setuid(user->pw_uid)))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, server->end);
    if (getppid() != parent || chdir(server->folder)) _exit(126);
    int log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0644), null = open("/dev/null", O_RDONLY);
    if (log < 0 || null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        _exit(126);
    signal(SIGINT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (delay_ms) test__pause_ms(delay_ms);
    return 0;
}

bool test__own_worked(pid_t pid) {
    int status;
    return waitpid(pid, &status, 0) == pid && status == 0;
}

void test__own_print_log(const test__own *server) {
    char *path = test__print("%s/log", server->folder), line[1000];
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) fputs(line, stderr);
    if (file) fclose(file);
    free(path);
}

void test__own_wait(test__own *server, bool (*up)(const test__own *server)) {
    for (int i = 0; i < 1500; i++) {
        if (up(server)) return;
        if (waitpid(server->pid, NULL, WNOHANG) == server->pid) {
            server->pid = 0;
            break;
        }
        test__pause_ms(20);
    }
    test__own_print_log(server);
    test__die("the server did not start");
}

void test__own_stop(test__own *server) {
    if (!server->pid) return;
    kill(server->pid, server->end);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

void test__own_release(test__own *server) {
    test__own_stop(server);
    test__remove(server->folder);
    test__own **place = &servers;
    while (*place && *place != server) place = &(*place)->next;
    if (*place) *place = server->next;
    free(server->folder);
}
