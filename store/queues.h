/* queues.h - pending tasks: those that can be placed, and those that were set aside until something happens. */
#ifndef STORE_QUEUES_H
#define STORE_QUEUES_H

#include "store/cluster.h"

/* The next task to place, the one of highest priority and then lowest id; NULL: none waits. */
Task *cluster_next_pending(const Cluster *cluster);

/* Out of the others' way, until all of that queue are called back. */
void cluster_set_aside(Cluster *cluster, Task *task, Queue queue);
void cluster_call_back(Cluster *cluster, Queue queue);

/* Into QUEUE_BLOCKED, until what it waits for has happened, at the latest until the moment when (ms since the
 * epoch). cluster_settle (dependents.h) calls it back; cluster_next_due is when that should be called at the latest
 * (INT64_MAX: no need). */
void cluster_block(Cluster *cluster, Task *task, int64_t when);
int64_t cluster_next_due(const Cluster *cluster);

/* Call back the next of QUEUE_LIMITED, the tasks of an array with a limit that wait for others of it to end, if
 * another may run. To be called again when that one has been looked at, whatever became of it. */
void cluster_admit(Cluster *cluster, const Job *job);

/* A node came, went, or is not what it was: call back QUEUE_ASIDE. */
void cluster_reconsider(Cluster *cluster);

#endif
