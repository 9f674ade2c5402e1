/* agent.h - the agent: what it holds, who runs it, who asks.
 *
 * One process, one thread, one loop; beside it only its runners. It is alone with its DIR: the lock says
 * so. agent.c is the loop, link.c the conversation with the mount, crew.c the one with the runners. */
#ifndef NODE_AGENT_AGENT_H
#define NODE_AGENT_AGENT_H

#include "node/agent/cache.h"
#include "node/agent/channel.h"
#include "node/agent/crew.h"
#include "node/agent/runs.h"

#include <sys/queue.h>

enum { STATE_MAX = 256 };               /* bytes of a state's UUID; the wire's bound */

typedef struct Link {
	Channel channel;
	uint64_t credit;                /* output bytes that may still be sent */
	int64_t hello_until;            /* it has to say HELLO by then */
	int64_t flush_at;               /* what is to be sent may wait until then; -1: nothing does */
	bool broken;                    /* closed at the end of the turn */
	struct pollfd *polled;
	TAILQ_ENTRY(Link) in_links;
} Link;

typedef struct Agent {
	int listener;
	TAILQ_HEAD(LinkList, Link) links;       /* those that have not said HELLO yet, and the mount's */
	size_t link_count;
	Link *mount;                    /* the one that has; NULL: we are alone */
	bool met;                       /* there was one, ever */
	int64_t alone_since;
	uint32_t lease_s;
	char state[STATE_MAX + 1];      /* of the mount the runs belong to */
	char instance[33];              /* new with every agent process */
	Runs runs;
	Cache cache;
	Crew crew;
} Agent;

/* Serve on the listening socket until there is nothing left to do. The working directory is DIR. */
void agent_main(int listener, const char *directory);

#endif
