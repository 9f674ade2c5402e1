/* link.h - connections to the agent's socket. Anyone who is our user may connect; who says HELLO, in our
 * version and for the state our runs belong to, is the mount, and takes the place of the one before. */
#ifndef NODE_AGENT_LINK_H
#define NODE_AGENT_LINK_H

#include "node/agent/agent.h"

enum { LINKS_MAX = 8 };         /* the mount's and those yet to say HELLO */

void links_accept(Agent *agent);

/* Add their descriptors to fds, which has room for LINKS_MAX; returns how many. */
size_t links_watch(Agent *agent, struct pollfd *fds);

/* Milliseconds until one of them must have said HELLO or been sent what waits; -1: none. */
int64_t links_patience(const Agent *agent);

/* After the poll: do what they say; at the turn's end: tell the mount what there is to tell, as far as
 * its credit and our buffer go, send it, and close what is broken. */
void links_hear(Agent *agent);
void links_speak(Agent *agent);

#endif
