/* clock.h - the two clocks, in milliseconds. */
#ifndef STORE_BASE_CLOCK_H
#define STORE_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_wall_ms(void);    /* since the epoch; it may be set back */
int64_t clock_mono_ms(void);    /* never goes back; only differences mean something */

/* The earlier of two moments, where a negative one means never. */
int64_t clock_earlier(int64_t a, int64_t b);

/* The wall clock, but never back: where it is set back, this one goes on from where it was. For one thread. */
int64_t clock_forward_ms(void);
int64_t clock_set_back_ms(void);        /* by so much that one is ahead of the wall clock */

/* What clock_forward_ms is made of. ahead: the most that wall was ahead of mono, kept by the caller. */
int64_t clock_forward(int64_t *ahead, int64_t wall, int64_t mono);

#endif
