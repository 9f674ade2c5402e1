/* discover.h - listens for machines that announce themselves on the networks this one is on.
 *
 * Multicast DNS and DNS-SD (RFC 6762, 6763) by avahi-core, embedded: it needs neither D-Bus nor
 * avahi-daemon, and gets along with one. It only listens and asks; nothing is published. What it hears goes
 * to the Proposals; it decides nothing. On the owner thread, in small bites. */
#ifndef NODE_DISCOVER_H
#define NODE_DISCOVER_H

#include "proposals.h"

#include <uv.h>

enum { SERVICES_MAX = 2048 };   /* announcements looked into at a time: types x interfaces x protocols x machines */

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
