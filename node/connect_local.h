/* connect_local.h - the node `local`: this machine, reached without SSH.
 *
 * It runs the same agent as every node, over its unix socket in STATE/agent; there is no second way to run
 * a job. The agent outlives this process, so a mount first looks whether one is there already. */
#ifndef NODE_CONNECT_LOCAL_H
#define NODE_CONNECT_LOCAL_H

#include "node/worker/worker.h"

typedef struct Local Local;

Local *local_new(Turn *turn, Err *err);
void local_free(Local *local);
Connector local_connector(Local *local);

/* Take as many open files as the hard limit allows: a descriptor for each reader and each large output. The
 * agent is started with the limit as it was, and so are its jobs. */
void local_raise_files(void);

/* What is known of this machine without asking: address, cpus, memory, arch, os; slots by default. */
void local_describe(Node *node, uint32_t slots);

#endif
