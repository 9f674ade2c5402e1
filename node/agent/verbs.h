/* verbs.h - what the mount may ask for. */
#ifndef AGENT_VERBS_H
#define AGENT_VERBS_H

#include "agent.h"

/* Do what message says; frame is its bytes. -1 with err, and nothing done, if it makes no sense from link
 * or would be more than we hold: the link is to be closed. */
int obey(Agent *agent, Link *link, const Message *message, Slice frame, Err *err);

#endif
