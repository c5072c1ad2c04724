/* To be preloaded: makes one allocation of a program fail, the one whose number is in FAIL_AT.
 * Those of corm, of the databases' clients, and of what the C library does for them count;
 * FAIL_LOG names the file that gets the count at the end, or where the one that failed was asked
 * for, and where the program died of it. What TLS, the name service and the like allocate for
 * themselves is left alone. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *memory, size_t size);

static struct {
    const char *from, *to;
    bool counts;
} ranges[256];
static int n_ranges;
static long made, fail_at;
static bool ready;
static __thread bool inside;

static bool counts(const char *library) {
    static const char *const names[] = { "libcorm", "corm-",   "libpq", "libmariadb",
                                         "libsqlite3", "libjansson", "libc.so" };
    if (!*library) return true; /* the program */
    const char *slash = strrchr(library, '/');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(slash ? slash + 1 : library, names[i], strlen(names[i])) == 0) return true;
    return false;
}

static int see(struct dl_phdr_info *info, size_t size, void *unused) {
    (void)size, (void)unused;
    for (int i = 0; i < info->dlpi_phnum && n_ranges < 256; i++) {
        if (info->dlpi_phdr[i].p_type != PT_LOAD || !(info->dlpi_phdr[i].p_flags & PF_X)) continue;
        ranges[n_ranges].from = (const char *)info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        ranges[n_ranges].to = ranges[n_ranges].from + info->dlpi_phdr[i].p_memsz;
        ranges[n_ranges++].counts = counts(info->dlpi_name);
    }
    return 0;
}

static int range_of(const char *caller) {
    for (int i = 0; i < n_ranges; i++)
        if (caller >= ranges[i].from && caller < ranges[i].to) return i;
    return -1;
}

static void note(const char *what) {
    const char *path = getenv("FAIL_LOG");
    int file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    if (file < 0) return;
    void *frames[32];
    dprintf(file, "%s:\n", what);
    backtrace_symbols_fd(frames, backtrace(frames, 32), file);
    close(file);
}

/* A thread that takes no signals dies without the handler of this one. */
static void take_signals(void) {
    sigset_t deadly;
    sigemptyset(&deadly);
    sigaddset(&deadly, SIGSEGV);
    sigaddset(&deadly, SIGABRT);
    pthread_sigmask(SIG_UNBLOCK, &deadly, NULL);
}

static bool fails(const char *caller) {
    if (!ready || inside) return false;
    inside = true;
    int range = range_of(caller);
    if (range < 0) { /* of a library that has come since */
        n_ranges = 0;
        dl_iterate_phdr(see, NULL);
        range = range_of(caller);
    }
    bool failed = range >= 0 && ranges[range].counts && ++made == fail_at;
    if (failed) note("failed"), take_signals();
    inside = false;
    if (failed) errno = ENOMEM;
    return failed;
}

#define CALLER __builtin_return_address(0)

void *malloc(size_t size) { return fails(CALLER) ? NULL : __libc_malloc(size); }
void *calloc(size_t n, size_t size) { return fails(CALLER) ? NULL : __libc_calloc(n, size); }
void *realloc(void *memory, size_t size) {
    return fails(CALLER) ? NULL : __libc_realloc(memory, size);
}

static char *copy(const char *text, size_t length) {
    char *copied = __libc_malloc(length + 1);
    if (!copied) return NULL;
    memcpy(copied, text, length);
    copied[length] = 0;
    return copied;
}

/* The C library's own ask for memory in the name of the C library; whose they are is known here. */
char *strdup(const char *text) { return fails(CALLER) ? NULL : copy(text, strlen(text)); }
char *strndup(const char *text, size_t most) {
    return fails(CALLER) ? NULL : copy(text, strnlen(text, most));
}

static void died(int number) {
    inside = true;
    note("died");
    signal(number, SIG_DFL);
    raise(number);
}

__attribute__((constructor)) static void begin(void) {
    const char *at = getenv("FAIL_AT");
    fail_at = at ? atol(at) : 0;
    unsetenv("LD_PRELOAD"); /* a client that the program becomes is not meant */
    void *frame;
    backtrace(&frame, 1); /* loads what it needs */
    dl_iterate_phdr(see, NULL);
    signal(SIGSEGV, died);
    signal(SIGABRT, died);
    ready = true;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAIL_LOG");
    ready = false;
    FILE *file = path && fail_at == 0 ? fopen(path, "w") : NULL;
    if (!file) return;
    fprintf(file, "%ld\n", made);
    fclose(file);
}

/* No destructor runs when another program takes the place of this one. */
int execvp(const char *program, char *const *arguments) {
    end();
    return execvpe(program, arguments, environ);
}
