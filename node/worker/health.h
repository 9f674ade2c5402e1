/* health.h - a node on which everything fails or is lost takes no more work. Such a node would eat the queue, as it is
 * always the first to be free. It is drained, with a reason, while others can take the work. So is one where a process is
 * left that cannot be killed. */
#ifndef NODE_WORKER_HEALTH_H
#define NODE_WORKER_HEALTH_H

#include "store/task.h"

/* A run of the task has ended on the node. */
void health_note_end(Cluster *cluster, Node *node, const Task *task, const Ending *ending);

/* A run of the task is about to be lost, and is still on the node: alone, as its agent says, or with all that the
 * agent had. */
void health_note_loss(Cluster *cluster, Node *node, const Task *task, bool alone);

/* A process that task (its id) left on the node became another user's, and cannot be ended. That drains the node,
 * whether or not others can take the work: what the process does there nobody knows. */
void health_note_stuck(Cluster *cluster, Node *node, uint64_t task, uint32_t pid, const char *user);

#endif
