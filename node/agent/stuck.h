/* stuck.h - a process that a task left behind and that cannot be killed, as it became another user's (sudo in a job).
 *
 * It is the agent's child by now. If it is still there after ten seconds the mount is told, which drains the node.
 * One is remembered at a time: it stands for all there are. */
#ifndef NODE_AGENT_STUCK_H
#define NODE_AGENT_STUCK_H

#include "node/wire/wire.h"

#include <sys/types.h>

typedef struct Stuck {
	RunName run;            /* the last that left one behind */
	int64_t look_at;        /* when to see whether it is still there; -1: there is none */
	pid_t pid;              /* found at the last look; 0: it may go by itself yet */
	char user[64];
	bool told;              /* on this link */
} Stuck;

void stuck_init(Stuck *stuck);

/* A runner says that its run has left one. */
void stuck_note(Stuck *stuck, const Message *message);

/* When it is time: looks among our descendants, without the n runners and theirs. */
void stuck_look(Stuck *stuck, const pid_t *runners, size_t n);

/* A frame for the mount, unless there is nothing to tell, or it was told. */
void stuck_tell(Stuck *stuck, Buf *out);

#endif
