/* gather.h - what --return names is packed, when the task is over and before its scratch directory goes. */
#ifndef AGENT_GATHER_H
#define AGENT_GATHER_H

#include "work.h"

/* Pack what the task's globs match in the directory it started in, where the runner still is, into the file of
 * the run's third stream. work->returned is its size then; 0: nothing was asked for. What cannot be packed is
 * left out and named on the task's stderr. While the disk is full it waits. */
void gather_returns(Work *work);

#endif
