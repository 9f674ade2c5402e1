/* change.h - what this turn has changed so far: each touched task as it was before, so that it can be undone, and the
 * counts and queues that follow a task's facts. For the files that make up the cluster. */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "store/cluster_inside.h"

/* The task's entry in this turn's changes, made if it has none. */
Change *cluster_touch(Cluster *cluster, Task *task);

/* Take the task out of, or into, every count and queue that its facts say. */
void cluster_leave(Cluster *cluster, Task *task);
void cluster_enter(Cluster *cluster, Task *task);

#endif
