/* inside.c - what all files of a worker stand on: its flights, and how its node is. Calls none of the others. */
#include "node/worker/inside.h"

#include "store/nodes.h"
#include "store/queues.h"

#include <errno.h>
#include <stdlib.h>

/* --- flights ------------------------------------------------------------------------------- */

Flight *flight_find(Worker *worker, uint64_t task, uint32_t run)
{
	Flight *flight;

	HASH_FIND(hh, worker->flights, &task, sizeof task, flight);
	return flight && flight->run == run ? flight : NULL;
}

Flight *flight_add(Worker *worker, Task *task)
{
	Flight *flight = mem_new_zeroed(sizeof *flight);

	flight->id = task->id;
	flight->run = task->now.run;
	flight->task = task;
	flight->priority = task->now.priority;
	flight->denials = worker->denials;
	HASH_ADD(hh, worker->flights, id, sizeof flight->id, flight);
	return flight;
}

void flight_is_fed(Worker *worker, Flight *flight)
{
	if (flight->hungry)
		TAILQ_REMOVE(&worker->hungry, flight, in_hungry);
	flight->hungry = false;
}

void flight_drop(Worker *worker, Flight *flight)
{
	flight_is_fed(worker, flight);
	HASH_DEL(worker->flights, flight);
	free(flight);
}

void flights_drop_all(Worker *worker)
{
	Flight *flight, *next;

	HASH_ITER(hh, worker->flights, flight, next)
		flight_drop(worker, flight);
}

bool worker_has(const Worker *worker, const Facts *facts)
{
	return facts && facts->placed && facts->node == worker->node;
}

/* --- the node ------------------------------------------------------------------------------ */

void worker_set_up(Worker *worker, bool up, const char *trouble)
{
	worker->node->up = up;
	node_set_text(&worker->node->trouble, trouble);
	cluster_reconsider(worker->cluster);
}

/* Its memory too: a list may be long, and the next link is far away. */
void worker_forget_listed(Worker *worker)
{
	free(worker->listed);
	worker->listed = NULL;
	worker->listed_count = 0;
}

/* --- the link ------------------------------------------------------------------------------ */

void worker_say(Worker *worker, MessageType type, uint64_t task, uint32_t run)
{
	link_send(worker->link, &(Message){ .type = type, .run = { task, run } });
}

Taken breach(Err *err, const char *what)
{
	err_set(err, EPROTO, "its agent %s", what);
	return FRAME_BREACH;
}
