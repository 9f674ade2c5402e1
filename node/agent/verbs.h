/* verbs.h - what the mount may ask for. */
#ifndef NODE_AGENT_VERBS_H
#define NODE_AGENT_VERBS_H

#include "node/agent/agent.h"

/* Do what message says; frame is its bytes. -1 with err, and nothing done, if it makes no sense from link
 * or would be more than we hold: the link is to be closed. */
int obey(Agent *agent, Link *link, const Message *message, Slice frame, Err *err);

#endif
