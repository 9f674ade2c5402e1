/* balance.h - take back work that waits on one node while another idles. */
#ifndef NODE_BALANCE_H
#define NODE_BALANCE_H

#include "store/cluster.h"

/* How far the recall of a task is: it is asked of the node, which may have started the task meanwhile. */
typedef enum RecallStep { RECALL_IMPOSSIBLE, RECALL_POSSIBLE, RECALL_UNDER_WAY } RecallStep;

typedef struct Recaller {
	RecallStep (*step)(void *arg, const Task *task);        /* of a task that is placed and has not started */
	void (*recall)(void *arg, Task *task);                  /* one whose recall is possible */
	void *arg;
} Recaller;

/* Recall tasks that wait beyond the slots of their node, as many as idle nodes can start at once. Called once a turn,
 * after dispatch and before the commit. */
void balance(Cluster *cluster, const Recaller *recaller);

#endif
