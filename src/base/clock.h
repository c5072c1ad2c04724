/* Clock: monotonic time, and pauses with jitter. */
#pragma once
#include <stdint.h>

/* Seconds since some fixed moment; never goes back. */
double corm__clock(void);
/* Sleeps, also when signals come. */
void corm__sleep(double seconds);
/* Evenly spread over [0, 1): spreads out processes that would else all try again at once. Not for
 * secrets. */
double corm__jitter(void);
