/* serve.h - makes a directory the home of an agent.
 *
 *   DIR/lock      held by the agent and its runners: while anything of one lives, no other begins. Holds its pid.
 *   DIR/socket    where mounts come in
 *   DIR/state     the state that the runs belong to: a later mount may have another
 *   DIR/spool     outputs too large for memory
 *   DIR/scratch   the tasks' directories and scripts
 *   DIR/bin       srun, which is the agent itself; in front of the tasks' PATH
 *   DIR/log       what the agent has to say */
#ifndef NODE_AGENT_SERVE_H
#define NODE_AGENT_SERVE_H

#include "store/base/err.h"

enum { LOCK_FD = 3 };           /* in the agent and its runners */

/* To be said first, with main's argv[0]: which program the agent is. */
void serve_as(const char *argv0);

/* See to it that an agent serves directory: start one in the background, unless there is one. Returns in
 * the caller, in directory, when the socket answers; -1 with err if it cannot be. Closes all but stdio. */
int serve(const char *directory, Err *err);

/* Connect to the agent of the current directory. -1 with errno: there is none, or it does not answer. */
int serve_connect(void);

#endif
