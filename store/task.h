/* task.h - how a task changes. Every change goes through these; each is one legal step or is refused by an
 * assertion of the program, is undone as a whole if the turn cannot be committed, and is seen by the
 * watchers afterwards.
 *
 *   PENDING --place--> PENDING, placed --start--> RUNNING --finish--> COMPLETED FAILED CANCELLED TIMEOUT ...
 *      ^   ^                 | recall                |
 *      |   +-----------------+                       |
 *      +-------------- lose, requeue ----------------+                (lose: NODE_FAIL without --requeue)
 *      (a run that failed goes the way of requeue as well, if --retries allows another)
 *      PENDING after lose --adopt--> PENDING, placed                  (the node came back in time)
 */
#ifndef STORE_TASK_H
#define STORE_TASK_H

#include "store/cluster.h"

typedef struct Usage {          /* what a run took, for the record of runs */
	int64_t user_us, system_us;
	uint64_t memory;        /* bytes, largest resident set */
} Usage;

typedef struct Ending {
	TaskState state;
	Reason reason;
	uint8_t exit;
	int64_t started, ended; /* ms since the epoch; 0: it never started */
	Usage usage;
} Ending;

void task_place(Cluster *cluster, Task *task, Node *node);              /* its next run is to go there */
void task_recall(Cluster *cluster, Task *task);                         /* that run never started: back in the queue */
void task_start(Cluster *cluster, Task *task, int64_t started);
void task_finish(Cluster *cluster, Task *task, const Ending *ending);

/* The run is gone with its node or agent: back in the queue, or NODE_FAIL if it may not start twice or
 * was lost RUNS_LOST_MAX times. */
void task_lose(Cluster *cluster, Task *task);

/* It ended with a non-zero exit or by a signal, and --retries allows another run: back in the queue. */
bool task_may_retry(const Task *task, const Ending *ending);
void task_retry(Cluster *cluster, Task *task, const Ending *ending);

/* The node of a run that was lost is back, and no other run was placed since: it goes on there. */
bool task_can_be_adopted(const Task *task, const Node *node, uint32_t run);
void task_adopt(Cluster *cluster, Task *task);

void task_requeue(Cluster *cluster, Task *task);                        /* the owner wants it run anew */
void task_cancel(Cluster *cluster, Task *task);                         /* finishes at once if no run is on a node */
void task_give_up(Cluster *cluster, Task *task);                       /* pending, and what it depends on never comes */
void task_hold(Cluster *cluster, Task *task, bool hold);
void task_set_priority(Cluster *cluster, Task *task, int32_t priority);

/* Bytes came. Tells the watchers after the next commit; nothing is written for it. */
void task_output_grew(Cluster *cluster, Task *task);

/* More of a large output is on disk: remember how much. */
void task_output_kept(Cluster *cluster, Task *task);

#endif
