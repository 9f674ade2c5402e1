/* run.h - a task put into words for the node that is to run it. */
#ifndef NODE_RUN_H
#define NODE_RUN_H

#include "wire.h"
#include "../store/task.h"

/* The RUN message for the task's newest run. Its Slices point into the cluster's spec and into environment,
 * which is filled here; those of parcels are the caller's to add. -1: the spec could not be read back. */
int run_describe(Cluster *cluster, const Task *task, Message *message, Buf *environment, Err *err);

/* What the end of a run makes of its task; now is the wall clock in ms. */
void run_judge(const Message *ended, const Facts *facts, int64_t now, Ending *ending);

#endif
