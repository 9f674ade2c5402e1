/* pool.h - all nodes at work: what fs/ asks node/ for. */
#ifndef NODE_POOL_H
#define NODE_POOL_H

#include "worker.h"

typedef struct Pool Pool;

typedef struct PoolOptions {
	uint32_t local_slots;           /* of the node `local`; 0: no such node */
	Patience patience;
} PoolOptions;

Pool *pool_new(Turn *turn, PoolOptions options, Err *err);
void pool_free(Pool *pool);             /* what runs goes on */

Turn *pool_turn(Pool *pool);
Worker *pool_worker(Pool *pool, const Node *node);      /* NULL: nobody works for it in this mount */

#endif
