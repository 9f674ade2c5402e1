/* attach.h - the agent's end of an SSH channel. */
#ifndef NODE_AGENT_ATTACH_H
#define NODE_AGENT_ATTACH_H

#include "store/base/err.h"

/* Relay between stdin, stdout and the agent of directory, which is started if there is none, until
 * either side ends. line, unless it is NULL, is printed before, once the agent is there. */
int attach(const char *directory, const char *line, Err *err);

#endif
