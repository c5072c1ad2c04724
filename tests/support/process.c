#include "process.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct test_process { pid_t pid; int out, err; double start; char folder[32]; };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void forget_settings(void) {
    static const char *const prefixes[] = { "DATABASE_URL", "MIGRATION_DATABASE_URL", "DB_", "PG",
                                            "CORM_LOG" };
    for (char **variable = environ; *variable;) {
        bool forget = false;
        for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
            forget |= strncmp(*variable, prefixes[i], strlen(prefixes[i])) == 0;
        char name[256];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*variable, "="), *variable);
        if (forget && unsetenv(name) == 0) variable = environ;
        else variable++;
    }
}

static void become(const test_process *process, const char *folder, const char *const *environment,
                   const char *const *arguments) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    forget_settings();
    for (; environment && *environment; environment++) putenv((char *)*environment);
    if (dup2(process->out, 1) < 0 || dup2(process->err, 2) < 0 || chdir(folder) != 0) _exit(99);
    execvp(arguments[0], (char *const *)arguments);
    perror(arguments[0]);
    _exit(99);
}

test_process *test_process_start(const char *folder, const char *const *environment,
                                 const char *const *arguments) {
    test_process *process = calloc(1, sizeof *process);
    if (!process) die("calloc");
    strcpy(process->folder, "/tmp/corm-run-XXXXXX");
    if (!mkdtemp(process->folder)) die("mkdtemp");
    process->out = memfd_create("out", MFD_CLOEXEC);
    process->err = memfd_create("err", MFD_CLOEXEC);
    if (process->out < 0 || process->err < 0) die("memfd_create");
    process->start = now();
    process->pid = fork();
    if (process->pid < 0) die("fork");
    if (process->pid == 0)
        become(process, folder ? folder : process->folder, environment, arguments);
    return process;
}

void test_process_signal(test_process *process, int number) { kill(process->pid, number); }

static char *contents(int fd) {
    off_t size = lseek(fd, 0, SEEK_END);
    char *text = calloc(1, (size_t)size + 1);
    if (!text || pread(fd, text, (size_t)size, 0) != size) die("read");
    return text;
}

static bool has_printed(int fd, const char *text) {
    char *all = contents(fd);
    bool has = strstr(all, text);
    free(all);
    return has;
}

void test_process_until(test_process *process, const char *text) {
    siginfo_t ended = { 0 };
    while (!has_printed(process->out, text) && !has_printed(process->err, text)) {
        if (waitid(P_PID, (id_t)process->pid, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 ||
            ended.si_pid) {
            fprintf(stderr, "it ended and has not printed \"%s\"\n", text);
            exit(1);
        }
        nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
    }
}

static double seconds(struct timeval time) {
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

test_result test_process_end(test_process *process) {
    int status;
    struct rusage usage;
    if (wait4(process->pid, &status, 0, &usage) != process->pid) die("wait4");
    test_result result = {
        .status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
        .seconds = now() - process->start,
        .cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime),
        .out = contents(process->out),
        .err = contents(process->err),
    };
    close(process->out);
    close(process->err);
    rmdir(process->folder);
    free(process);
    return result;
}

void test_result_free(test_result *result) {
    free(result->out);
    free(result->err);
    *result = (test_result){ 0 };
}
