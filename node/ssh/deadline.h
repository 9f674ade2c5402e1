/* deadline.h - every wait of a connection's thread: until something is ready, the time is up, or the owner
 * has gone. Nothing in such a thread sleeps any other way, but for the name look-up. */
#ifndef NODE_SSH_DEADLINE_H
#define NODE_SSH_DEADLINE_H

#include "store/base/err.h"

#include <stdint.h>

typedef struct Wait {
	int owner;              /* the socketpair: the owner gives up by closing its end; -1: none */
	int64_t deadline;       /* of this step, by the monotonic clock */
	const char *step;       /* what the time was for: "no answer within 15 s <step>" */
	unsigned seconds;
} Wait;

/* A new step begins: it may take so long. The owner is told that it may. */
void wait_begin(Wait *wait, unsigned seconds, const char *step);

/* Wait for events (poll's) on fd, at most slice_ms if that is not negative. Returns what is ready, 0 when
 * only the slice is over; -1 with ETIMEDOUT (the step's time is up) or ECANCELED (the owner has gone). */
int wait_ready(Wait *wait, int fd, short events, int slice_ms, Err *err);

#endif
