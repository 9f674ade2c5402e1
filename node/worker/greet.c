/* greet.c - a fresh link: who is there, what it has, and what the database says. Afterwards they agree.
 * That is also how a killed mount, a lost agent and a full disk are recovered from. */
#include "node/worker/inside.h"

#include "node/worker/run.h"
#include "store/base/clock.h"
#include "store/base/harmless.h"
#include "store/base/log.h"
#include "store/nodes.h"
#include "store/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void take_text(char **field, Slice slice)
{
	char *text = mem_copy(slice.data, slice.length);

	harmless_text(text);
	free(*field);
	*field = text;
}

/* Containers on one machine may have one boot id and, from one image, one host key: their names differ. */
static void note_machine(Node *node, const Message *message)
{
	Slice boot = message->welcome.boot, host = message->welcome.host;
	Buf text = BUF_INIT;

	buf_addf(&text, "%.*s %.*s %s %s", (int)boot.length, boot.data, (int)host.length, host.data,
		 node->fingerprint ? node->fingerprint : "", node->login ? node->login : "");
	node_set_text(&node->machine, boot.length && node->fingerprint && node->login ? buf_text(&text) : NULL);
	buf_release(&text);
}

static bool is_used(const Node *node)
{
	return !node->gone && !node->found && (node->up || !TAILQ_EMPTY(&node->tasks));
}

/* The same machine, logged in to by the same user, under another name that is in use. */
static const Node *find_twin(const Worker *worker)
{
	const Node *node = worker->node, *other;

	TAILQ_FOREACH(other, cluster_nodes(worker->cluster), all)
		if (other != node && node->machine && other->machine && strcmp(node->machine, other->machine) == 0 &&
		    is_used(other))
			return other;
	return NULL;
}

/* Its slots would be counted twice. What is placed here already has to be collected. */
static bool is_twin(const Worker *worker, Err *err)
{
	const Node *twin = TAILQ_EMPTY(&worker->node->tasks) ? find_twin(worker) : NULL;

	if (!twin)
		return false;
	err_set(err, EEXIST, "is the machine that node %s is, with the same login; it is used under that name, and under this "
		"one when that node is removed", twin->name);
	return true;
}

bool greet_twin_is_gone(const Worker *worker)
{
	return worker->stands_by && worker->phase == PHASE_DOWN && !find_twin(worker);
}

Taken greet_welcome(Worker *worker, const Message *message, Err *err)
{
	Node *node = worker->node;

	if (message->welcome.version != WIRE_VERSION)
		return breach(err, "speaks another version");
	note_machine(node, message);
	if (is_twin(worker, err))
		return FRAME_OF_TWIN;
	worker->same_agent = node->instance && slice_is(message->welcome.instance, node->instance);
	if (!worker->same_agent) {
		take_text(&node->instance, message->welcome.instance);
		cluster_node_changed(worker->cluster, node);
	}
	take_text(&node->arch, message->welcome.arch);
	take_text(&node->os, message->welcome.os);
	node->cpus = message->welcome.cpus;
	node->memory = run_number(message->welcome.memory);
	if (!node->slots_default) {     /* learned only now; HELLO had none to give */
		node->slots_default = node->cpus == 0 ? 1 : node->cpus < SLOTS_MAX ? node->cpus : SLOTS_MAX;
		worker->slots_unsaid = true;
	}
	worker->phase = PHASE_LISTING;
	return FRAME_TAKEN;
}

Taken greet_held(Worker *worker, const Message *message, Err *err)
{
	if (worker->listed_count == WIRE_RUNS_MAX)
		return breach(err, "has more runs than an agent takes");
	worker->listed = mem_resize(worker->listed, (worker->listed_count + 1) * sizeof *worker->listed);
	worker->listed[worker->listed_count++] =
		(Listed){ message->run, (HeldPhase)message->held.phase, message->held.age_ms,
			  { message->held.size[STREAM_STDOUT], message->held.size[STREAM_STDERR],
			    message->held.size[STREAM_RETURN] } };
	return FRAME_TAKEN;
}

/* Where the node is to go on sending. If more is here than the node has, it is of a turn that could not be
 * committed, an explanation of our own: all of it is sent again. */
static uint64_t resume_at(Task *task, Stream stream, uint64_t there)
{
	uint64_t here = task->output[stream] ? output_size(task->output[stream]) : 0;

	if (here <= there)
		return here;
	output_free(task->output[stream]);
	task->output[stream] = NULL;
	return 0;
}

/* A run the node has: ours to go on with, or nobody's any more. */
static void compare_listed(Worker *worker, const Listed *listed)
{
	Task *task = cluster_task(worker->cluster, listed->run.task);
	Message attach = { .type = WIRE_ATTACH, .run = listed->run };

	if (task && task_can_be_adopted(task, worker->node, listed->run.number))
		task_adopt(worker->cluster, task);
	if (!task || !worker_has(worker, &task->now) || task->now.run != listed->run.number) {
		worker_say(worker, WIRE_RELEASE, listed->run.task, listed->run.number);
		return;
	}
	if (flight_find(worker, task->id, task->now.run))
		return;         /* listed twice: it is one run all the same */
	flight_add(worker, task);
	if (listed->phase != HELD_QUEUED && task->now.state == TASK_PENDING)
		task_start(worker->cluster, task, run_moment(task, clock_wall_ms(), listed->age_ms));
	for (Stream stream = 0; stream < STREAMS; stream++)
		attach.attach.from[stream] = resume_at(task, stream, listed->size[stream]);
	link_send(worker->link, &attach);
}

/* A run the node should have. If it was sent to this very agent and never came, or to none because its files
 * were still being packed, it is sent again; else an agent that died may have run it, in part or whole. */
static void compare_placed(Worker *worker, Task *task)
{
	Flight *flight = flight_find(worker, task->id, task->now.run);

	if (flight)
		worker_steer(worker, flight);
	else if (task->now.state == TASK_PENDING && (worker->same_agent || staging_never_sent(worker->staging, task)))
		worker_send_run(worker, task);
	else
		ending_lose(worker, task, false);
}

/* Link and database agree after this; what is lost goes back to the queue in this turn. */
Taken greet_compare(Worker *worker, const Message *message, Err *err)
{
	Task *task, *next;

	(void)message;
	(void)err;
	worker->phase = PHASE_UP;
	for (size_t i = 0; i < worker->listed_count; i++)
		compare_listed(worker, &worker->listed[i]);
	for (task = TAILQ_FIRST(&worker->node->tasks); task; task = next) {
		next = TAILQ_NEXT(task, on_node);       /* task may leave the list */
		compare_placed(worker, task);
	}
	worker_forget_listed(worker);
	worker->silent_ms = 0;
	worker_set_up(worker, true, NULL);
	if (worker->slots_unsaid)
		worker_slots_changed(worker);
	worker->slots_unsaid = false;
	log_info("node %s: up with %u slots", worker->node->name, node_slots(worker->node));
	return FRAME_TAKEN;
}
