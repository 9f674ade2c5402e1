/* steer.c - what the facts demand of a run that the node has: to be ended, or given back. */
#include "node/worker/inside.h"

enum { CANCEL_GRACE_MS = 30000 };

static void recall(Worker *worker, Flight *flight)
{
	flight->recall_sent = true;
	if (flight->staging)
		staging_hurry(worker->staging, flight->task);
	else
		worker_say(worker, WIRE_RECALL, flight->id, flight->run);
}

static void cancel(Worker *worker, Flight *flight)
{
	flight->cancel_sent = true;
	if (flight->staging)
		staging_hurry(worker->staging, flight->task);
	else
		link_send(worker->link, &(Message){ .type = WIRE_CANCEL, .run = { flight->id, flight->run },
						    .cancel = { CANCEL_GRACE_MS } });
}

/* What the facts demand of a run that the node has. */
void worker_steer(Worker *worker, Flight *flight)
{
	const Facts *facts = &flight->task->now;

	if (flight->ended)
		return;
	if (facts->cancelled && !flight->cancel_sent)
		cancel(worker, flight);
	if (facts->state == TASK_PENDING && !flight->recall_sent &&
	    (facts->reason == REASON_HELD || worker->node->drain || facts->priority != flight->priority))
		recall(worker, flight);
}

void worker_recall_all(Worker *worker)
{
	Flight *flight, *next;

	if (worker->phase == PHASE_UP)
		HASH_ITER(hh, worker->flights, flight, next)
			worker_steer(worker, flight);
}

RecallStep worker_recall_step(Worker *worker, const Task *task)
{
	const Flight *flight = worker->phase == PHASE_UP ? flight_find(worker, task->id, task->now.run) : NULL;

	if (!flight || flight->ended || flight->cancel_sent)
		return RECALL_IMPOSSIBLE;
	return flight->recall_sent ? RECALL_UNDER_WAY : RECALL_POSSIBLE;
}

void worker_recall(Worker *worker, Task *task)
{
	recall(worker, flight_find(worker, task->id, task->now.run));
}
