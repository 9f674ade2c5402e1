/* thread.h - threads beside the owner's, that nobody waits for: each does one thing that may hang, in the network or in
 * a filesystem, and ends. No signal interrupts them. */
#ifndef NODE_THREAD_H
#define NODE_THREAD_H

#include <stdbool.h>
#include <stddef.h>

/* Let a thread do it. stack: how many bytes of address space, 0 for what is usual. -1: there can be no thread. */
int thread_start(void (*work)(void *), void *arg, size_t stack);

/* True while one has not ended: the process leaves by _exit then, as the exit handlers of libraries must not run
 * beside a thread that is in one of them. */
bool threads_are_left(void);

#endif
