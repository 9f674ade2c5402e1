/* act.c - what the node is told: run this, forget that. */
#include "node/worker/inside.h"

#include "node/worker/run.h"
#include "store/base/log.h"
#include "store/queues.h"

static int send_run(Worker *worker, const Task *task, const Buf *parcels)
{
	Buf environment = BUF_INIT;
	Message message;
	Err err;
	int rc = run_describe(worker->cluster, task, &message, &environment, &err);

	if (rc == 0) {
		message.start.parcels = (Slice){ parcels->data, (uint32_t)parcels->length };
		link_send(worker->link, &message);
	} else {
		log_error("job %llu: %s", (unsigned long long)task->id, err.text);
		worker->runs_unsent = true;
	}
	buf_release(&environment);
	return rc;
}

void worker_send_run(Worker *worker, Task *task)
{
	static const Buf none = BUF_INIT;
	const Spec *spec = cluster_spec(worker->cluster, task->job, NULL);

	if (spec && spec->transfer) {
		flight_add(worker, task)->staging = true;
		staging_ask(worker->staging, task, spec);
	} else if (send_run(worker, task, &none) == 0) {
		flight_add(worker, task);
	}
}

void worker_staged(Worker *worker, Task *task)
{
	Flight *flight = worker->phase == PHASE_UP ? flight_find(worker, task->id, task->now.run) : NULL;
	Buf parcels = BUF_INIT;
	Packed packed;
	Err err;

	if (!flight || !flight->staging || flight->ended)
		return;
	if (flight->recall_sent || flight->cancel_sent) {
		ending_give_back(worker, flight);
		return;
	}
	packed = staging_list(worker->staging, task, &parcels, &err);
	if (packed == PACKED_NEVER) {
		ending_cannot_send(worker, flight, err.text);
	} else if (packed == PACKED) {
		staging_sent(worker->staging, task);
		flight->staging = send_run(worker, task, &parcels) < 0;
	}
	buf_release(&parcels);
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

void worker_act(Worker *worker, Task *task, const Facts *before)
{
	const Facts *now = &task->now;
	Flight *flight;

	if (worker->phase != PHASE_UP)
		return;         /* greet_compare will see to it */
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

void worker_slots_changed(Worker *worker)
{
	if (worker->phase == PHASE_UP)
		link_send(worker->link, &(Message){ .type = WIRE_SLOTS, .slots = { node_slots(worker->node) } });
}
