/* listener_process.h - machines that announce themselves on the networks this one is on.
 *
 * A process of its own listens (listener.h); here it is started, and started again when it ends, and what it
 * says goes to the Proposals. Decides nothing. */
#ifndef NODE_DISCOVERY_LISTENER_PROCESS_H
#define NODE_DISCOVERY_LISTENER_PROCESS_H

#include "node/discovery/announcements.h"

#include <uv.h>

typedef struct Discover Discover;

typedef struct DiscoverOwner {
	void (*heard)(void *arg);                               /* the proposals may have changed */
	void (*afresh)(void *arg);                              /* they are gone, and those that hold will come again */
	void (*state)(void *arg, bool on, const char *why);     /* it works now, or does not; a sentence for that */
	void *arg;
} DiscoverOwner;

/* interface NULL: all that there are. Never fails: what is missing may come, and state says what it is. */
Discover *discover_new(uv_loop_t *loop, const char *interface, Proposals *proposals, DiscoverOwner owner);
void discover_free(Discover *discover);

#endif
