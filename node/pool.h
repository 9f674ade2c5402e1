/* pool.h - all workers together, and what every turn does for them. */
#ifndef NODE_POOL_H
#define NODE_POOL_H

#include "node/worker/worker.h"

typedef struct Pool Pool;

Pool *pool_new(Turn *turn, Patience patience, Err *err);
void pool_free(Pool *pool);             /* what runs goes on */

/* There is more of a job's stdin, or its end: to be told to whoever runs it, when this turn is committed. */
void pool_input_grew(Pool *pool, const Job *job);

/* worker_files of whoever runs the task. */
bool pool_files(const Pool *pool, const Task *task, FilesSent *files);

Turn *pool_turn(Pool *pool);
Worker *pool_worker(Pool *pool, const Node *node);      /* NULL: nobody works for it in this mount */

/* From now on a worker keeps the node busy, over descriptors that connector makes. */
Worker *pool_hire(Pool *pool, Node *node, Connector connector);

/* Its tasks are requeued; it leaves at the end of the turn, when its last words are sent. */
void pool_dismiss(Pool *pool, Node *node);

#endif
