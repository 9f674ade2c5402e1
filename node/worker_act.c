/* worker_act.c - what the node is told: run this, end that, give it back. */
#include "worker_inside.h"

#include "run.h"

#include "../store/log.h"

enum { CANCEL_GRACE_MS = 30000 };

void worker_say(Worker *worker, MessageType type, uint64_t task, uint32_t run)
{
	link_send(worker->link, &(Message){ .type = type, .run = { task, run } });
}

void worker_send_run(Worker *worker, Task *task)
{
	Buf environment = BUF_INIT;
	Message message;
	Err err;

	if (run_describe(worker->cluster, task, &message, &environment, &err) == 0) {
		flight_add(worker, task);
		link_send(worker->link, &message);
	} else {
		log_error("job %llu: %s", (unsigned long long)task->id, err.text);
		worker->runs_unsent = true;
	}
	buf_release(&environment);
}

/* It may have been the disk's trouble, and over. */
void worker_send_unsent(Worker *worker)
{
	Task *task;

	if (!worker->runs_unsent || worker->phase != PHASE_UP)
		return;
	worker->runs_unsent = false;
	TAILQ_FOREACH(task, &worker->node->tasks, on_node)
		if (!flight_find(worker, task->id, task->now.run))
			worker_send_run(worker, task);
}

/* What the facts demand of a run that the node has. */
void worker_steer(Worker *worker, Flight *flight)
{
	const Facts *facts = &flight->task->now;

	if (flight->ended)
		return;
	if (facts->cancelled && !flight->cancel_sent) {
		flight->cancel_sent = true;
		link_send(worker->link, &(Message){ .type = WIRE_CANCEL, .run = { flight->id, flight->run },
						    .cancel = { CANCEL_GRACE_MS } });
	}
	if (facts->state == TASK_PENDING && !flight->recall_sent &&
	    (facts->reason == REASON_HELD || worker->node->drain || facts->priority != flight->priority)) {
		flight->recall_sent = true;
		worker_say(worker, WIRE_RECALL, flight->id, flight->run);
	}
}

void worker_act(Worker *worker, Task *task, const Facts *before)
{
	const Facts *now = &task->now;
	Flight *flight;

	if (worker->phase != PHASE_UP)
		return;         /* worker_compare will see to it */
	if (worker_has(worker, before) && (!worker_has(worker, now) || now->run != before->run)) {
		flight = flight_find(worker, task->id, before->run);
		if (flight) {
			worker_say(worker, WIRE_RELEASE, task->id, before->run);
			flight_drop(worker, flight);
		}
	}
	if (!worker_has(worker, now))
		return;
	flight = flight_find(worker, task->id, now->run);
	if (flight)
		worker_steer(worker, flight);
	else
		worker_send_run(worker, task);
}

void worker_signal(Worker *worker, const Task *task, int signal)
{
	if (worker->phase == PHASE_UP)
		link_send(worker->link, &(Message){ .type = WIRE_SIGNAL, .run = { task->id, task->now.run },
						    .signal = { (uint32_t)signal } });
}

void worker_recall_all(Worker *worker)
{
	Flight *flight, *next;

	if (worker->phase == PHASE_UP)
		HASH_ITER(hh, worker->flights, flight, next)
			worker_steer(worker, flight);
}

/* The newest first: they would wait longest. */
void worker_recall_some(Worker *worker, uint32_t slots)
{
	Task *task;

	if (worker->phase != PHASE_UP)
		return;
	TAILQ_FOREACH_REVERSE(task, &worker->node->tasks, TaskList, on_node) {
		Flight *flight = flight_find(worker, task->id, task->now.run);

		if (slots == 0)
			return;
		if (!flight || flight->recall_sent || task->now.state != TASK_PENDING)
			continue;
		flight->recall_sent = true;
		worker_say(worker, WIRE_RECALL, flight->id, flight->run);
		slots -= task->job->slots < slots ? task->job->slots : slots;
	}
}

void worker_slots_changed(Worker *worker)
{
	cluster_reconsider(worker->cluster);
	if (worker->phase == PHASE_UP)
		link_send(worker->link, &(Message){ .type = WIRE_SLOTS, .slots = { node_slots(worker->node) } });
}
