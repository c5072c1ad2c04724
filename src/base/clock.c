#include "base/clock.h"
#include <errno.h>
#include <sys/random.h>
#include <time.h>

double corm__clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void corm__sleep(double seconds) {
    if (!(seconds > 0)) return;
    struct timespec rest = { .tv_sec = (time_t)seconds,
                             .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9) };
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {
    }
}

double corm__jitter(void) {
    uint32_t bits;
    if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) != (ssize_t)sizeof bits) {
        struct timespec now; /* before the kernel's generator is seeded, at boot */
        clock_gettime(CLOCK_MONOTONIC, &now);
        bits = (uint32_t)now.tv_nsec * 2654435761u;
    }
    return bits / 4294967296.0;
}
