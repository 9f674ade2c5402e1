/* gather.h - what --return names is packed, when the task is over and before its scratch directory goes. */
#ifndef NODE_AGENT_GATHER_H
#define NODE_AGENT_GATHER_H

#include "node/agent/work.h"

/* Pack what the task's globs match in the directory it started in, where the runner still is, into the file of
 * the run's third stream. work->returned is its size then; 0: nothing was asked for. What cannot be packed is
 * left out and named on the task's stderr. While the disk is full it waits. */
void gather_returns(Work *work);

/* Likewise everything a task without --return left in its scratch directory, where it only was since the directory it
 * was to start in is not here: that much is kept of it. The last line of its stderr says so, unless nobody needs to
 * know: it left nothing, ended well, and --chdir did not name that directory. */
void gather_strays(Work *work, bool ended_well);

#endif
