/* telling.h - what the agent tells the mount. */
#ifndef NODE_AGENT_TELLING_H
#define NODE_AGENT_TELLING_H

#include "node/agent/agent.h"

enum { TELLING_MAX = 1024 * 1024 };     /* bytes that wait in a link for the socket to take them */

/* The answer to HELLO: WELCOME, HELD for every run, THAT_IS_ALL. */
void tell_everything(Agent *agent);

void tell_pong(Link *link, uint64_t stamp);

/* Starts, outputs and ends of the runs the mount is attached to. A round takes one piece of each, so
 * that a flood does not hold up a trickle. */
void tell_news(Agent *agent);

#endif
