/* deliver.h - the agent travels: from a command channel with a shell at its other end to an agent that answers.
 *
 * The channel runs `exec sh`, which every login shell understands; deliver.sh is fed to that sh and does the
 * node's part. It answers in lines that begin with a mark made up for the occasion, so that whatever a
 * login shell prints before is skipped. Where a copy of the agent is there and whole, it is one round trip. */
#ifndef NODE_SSH_DELIVER_H
#define NODE_SSH_DELIVER_H

#include "node/ssh/deadline.h"
#include "store/base/buf.h"

#include <sys/types.h>

#define DELIVER_COMMAND "exec sh"       /* what the channel runs */

typedef struct Carrier {        /* the channel; as session_read, session_write, session_said of session.h */
	ssize_t (*read)(void *arg, char *bytes, size_t n, Wait *wait, Err *err);
	int (*write)(void *arg, const char *bytes, size_t n, Wait *wait, Err *err);
	const char *(*said)(void *arg);
	void *arg;
} Carrier;

/* Bring the agent to the node and start it, or find the one that serves this state under this name there.
 * After that the channel carries the agent's bytes; rest holds those that came already. caveat: what is amiss there
 * although the agent is up, a sentence to act on; number 0: nothing. -1: err says what to do about it. */
int deliver(const Carrier *carrier, const char *state, const char *name, Buf *rest, Err *caveat, Wait *wait, Err *err);

#endif
