/* run.h - a task put into words for the node that is to run it. */
#ifndef NODE_WORKER_RUN_H
#define NODE_WORKER_RUN_H

#include "node/wire/wire.h"
#include "store/task.h"

/* The RUN message for the task's newest run. Its Slices point into the cluster's spec and into environment,
 * which is filled here; those of parcels are the caller's to add. -1: the spec could not be read back. */
int run_describe(Cluster *cluster, const Task *task, Message *message, Buf *environment, Err *err);

/* What a node says is bounded before anything is computed with it: a span in milliseconds by a century, any other number
 * by what a double and SQL hold. The moment span_ms before now (wall clock, ms): of a run, so not before its
 * job was submitted, unless the clock was set back since. */
int64_t run_span(uint64_t span_ms);
uint64_t run_number(uint64_t number);
int64_t run_moment(const Task *task, int64_t now, uint64_t span_ms);

/* What the end of a run makes of its task; now is the wall clock in ms. The end is never before the start. */
void run_judge(const Message *ended, const Facts *facts, int64_t now, Ending *ending);

#endif
