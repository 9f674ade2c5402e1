/* worker.h - one node at work: its link, and the runs that travel on it.
 *
 * Life of a link: connect (the connector's business) -> HELLO -> WELCOME, HELD..., THAT_IS_ALL -> up. When
 * it breaks, everything about the link is forgotten and it is made anew; what the node has and what the
 * database says are then compared (greet_compare), run by run. That is also what happens after the mount
 * was killed: there is no second way to recover.
 *
 * While up, worker_act makes the node do what a task's facts demand. It is idempotent, and is called for
 * every task after each commit that changed it. */
#ifndef NODE_WORKER_WORKER_H
#define NODE_WORKER_WORKER_H

#include "node/balance.h"
#include "node/files/output_sync.h"
#include "node/files/staging.h"
#include "node/turn.h"
#include "node/wire/wire.h"

typedef struct Worker Worker;

/* Makes a descriptor with the node's agent behind it: calls worker_connected or worker_failed, later or at
 * once, exactly once for each call of connect. */
typedef struct Connector {
	void (*connect)(void *arg, Worker *worker);
	void (*cancel)(void *arg);      /* the answer to connect is not wanted any more */
	void (*release)(void *arg);     /* the worker goes, and with it the need for arg; absent: nothing to do */
	void *arg;
} Connector;

typedef struct Patience {       /* seconds */
	uint32_t lost_after;    /* silent so long: DOWN, nothing new is sent */
	uint32_t requeue_after; /* silent so long: its jobs run elsewhere */
	uint32_t lease;         /* without a mount so long: the node cleans up */
} Patience;

Worker *worker_new(Turn *turn, Keep *keep, Staging *staging, Node *node, Patience patience, Connector connector);
void worker_free(Worker *worker);       /* the agent keeps what it runs */

void worker_connected(Worker *worker, int fd);
void worker_failed(Worker *worker, const Err *why, unsigned retry_ms);  /* 0: not tried again by itself */
void worker_reconnect(Worker *worker);                  /* try now */

Node *worker_node(const Worker *worker);

void worker_act(Worker *worker, Task *task, const Facts *before);
void worker_signal(Worker *worker, const Task *task, int signal);       /* to every process of a running task */
void worker_output_kept(Worker *worker, Task *task);     /* what keep_whole asked for is done */
void worker_input_grew(Worker *worker, const Job *job); /* there is more of its stdin, or its end */
void worker_staged(Worker *worker, Task *task);          /* what staging_ask asked for is done, or not wanted */
void worker_slots_changed(Worker *worker);

/* What a run that has not started waits for of its files. False: nothing that is known. */
typedef struct FilesSent {
	bool packed;            /* false: they are still being packed, and the rest is 0 */
	uint64_t there, all;    /* bytes that the node has, bytes of all parcels */
} FilesSent;
bool worker_files(Worker *worker, const Task *task, FilesSent *files);
void worker_recall_all(Worker *worker);                 /* take back what has not started, if the node is drained */
RecallStep worker_recall_step(Worker *worker, const Task *task);
void worker_recall(Worker *worker, Task *task);          /* whose recall is possible */

void worker_flush(Worker *worker);                      /* send what this turn gathered */
void worker_pause(Worker *worker);                      /* the disk is full: let go of the link */
void worker_continue(Worker *worker);

#endif
