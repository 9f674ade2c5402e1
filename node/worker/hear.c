/* hear.c - what the node tells of the runs it has: started, output, ended, given back. */
#include "node/worker/inside.h"

#include "node/worker/health.h"
#include "node/worker/run.h"
#include "store/base/harmless.h"
#include "store/base/log.h"
#include "store/output.h"

#include <math.h>
#include <stdio.h>

enum {
	CREDIT_STEP = 1024 * 1024,      /* return credit in pieces of this */
	AHEAD_MAX = 1024,
};

static Output *output_of(Worker *worker, Task *task, Stream stream)
{
	if (!task->output[stream])
		task->output[stream] = output_new(cluster_state(worker->cluster), task->id, stream);
	return task->output[stream];
}

static void return_credit(Worker *worker, uint64_t bytes)
{
	worker->owed += bytes;
	if (worker->owed < CREDIT_STEP)
		return;
	link_send(worker->link, &(Message){ .type = WIRE_CREDIT_MORE, .credit = { worker->owed } });
	worker->owed = 0;
}

static bool take_output(Worker *worker, Flight *flight, const Message *message)
{
	Slice data = message->output.data;
	Output *output = output_of(worker, flight->task, message->output.stream);
	Err err;

	if (flight->ended || message->output.offset != output_size(output))
		return worker_refuse(worker, "sent output that does not follow on");
	if (output_append(output, data.data, data.length, &err) < 0) {
		turn_disk_failed(worker->turn, &err);
		return false;
	}
	return_credit(worker, data.length);
	task_output_grew(worker->cluster, flight->task);
	keep_progress(worker->keep, flight->task);
	return true;
}

static bool take_started(Worker *worker, Flight *flight, const Message *message)
{
	if (flight->task->now.state == TASK_PENDING)
		task_start(worker->cluster, flight->task, run_moment(flight->task, clock_ms(), message->started.age_ms));
	return true;
}

/* It was asked to, or told since that a file is not to be had. */
static bool may_give_back(const Worker *worker, const Flight *flight)
{
	return flight->recall_sent || worker->denials > flight->denials;
}

static bool take_recalled(Worker *worker, Flight *flight, const Message *message)
{
	(void)message;
	if (flight->task->now.state != TASK_PENDING)
		return worker_refuse(worker, "gave back a run that had started");
	if (!may_give_back(worker, flight))
		return worker_refuse(worker, "gave back a run unasked");
	worker_give_back(worker, flight);
	return true;
}

void worker_give_back(Worker *worker, Flight *flight)
{
	Task *task = flight->task;

	flight_drop(worker, flight);
	task_recall(worker->cluster, task);
	if (task->now.cancelled)
		task_cancel(worker->cluster, task);
}

static bool explains(const Message *message)
{
	return message->ended.how == END_NOT_STARTED || message->ended.how == END_MEMORY;
}

/* Why a run never started, or was killed, belongs where its user looks: the end of stderr, as a shell would say it. */
static bool explain(Worker *worker, Flight *flight, Slice reason)
{
	Buf text = BUF_INIT;
	Err err;
	int rc;

	buf_addf(&text, "wulfs: %.*s\n", (int)reason.length, reason.data);
	rc = output_append(output_of(worker, flight->task, STREAM_STDERR), text.data, text.length, &err);
	buf_release(&text);
	if (rc < 0)
		turn_disk_failed(worker->turn, &err);
	return rc == 0;
}

/* A tenth of a second's work waits on the node beyond its slots. */
void worker_plan_ahead(Worker *worker)
{
	uint32_t slots = node_slots(worker->node);
	double idle = (double)(clock_steady_ms() - worker->rate_at) / 1000;
	double ahead = worker->rate * exp(-idle) / 10;

	worker->node->slots_ahead = ahead < slots ? slots : ahead > AHEAD_MAX ? AHEAD_MAX : (uint32_t)ahead;
}

/* The rate decays over about a second. */
static void note_rate(Worker *worker)
{
	int64_t now = clock_steady_ms();

	worker->rate = worker->rate * exp(-(double)(now - worker->rate_at) / 1000) + 1;
	worker->rate_at = now;
	worker_plan_ahead(worker);
}

static bool sizes_agree(const Flight *flight, const Message *message)
{
	for (Stream stream = 0; stream < STREAMS; stream++) {
		const Output *output = flight->task->output[stream];

		if ((output ? output_size(output) : 0) != message->ended.size[stream])
			return false;
	}
	return true;
}

/* Finished once its outputs are on the disk; small ones go there with the commit itself. */
static void finish(Worker *worker, Flight *flight)
{
	if (keep_whole(worker->keep, flight->task))
		task_finish(worker->cluster, flight->task, &flight->ending);
}

void worker_output_kept(Worker *worker, Task *task)
{
	Flight *flight = flight_find(worker, task->id, task->now.run);

	if (flight && flight->ended && !task_is_finished(task))
		finish(worker, flight);
}

void worker_lose(Worker *worker, Task *task, bool alone)
{
	bool drained = health_note_loss(worker->cluster, worker->node, task, alone);

	task_lose(worker->cluster, task);
	if (drained)
		worker_recall_all(worker);
}

/* When the node said it. If we slept meanwhile that is some time ago: its start, which we heard in time, and how
 * long it ran tell. */
static int64_t told_at(const Worker *worker, const Facts *facts, const Message *ended)
{
	int64_t now = clock_ms(), told = facts->started + run_span(ended->ended.ran_ms) + run_span(ended->ended.age_ms);

	return facts->started && told < now && now - told <= worker_asleep(worker) ? told : now;
}

/* Nor did it run before there was a job, whatever the node says. */
static void keep_in_time(const Task *task, Ending *ending)
{
	int64_t now = clock_ms(), first = task->job->submitted < now ? task->job->submitted : now;

	if (ending->started && ending->started < first)
		ending->started = first;
	if (ending->ended < first)
		ending->ended = first;
}

static bool take_ended(Worker *worker, Flight *flight, const Message *message)
{
	Task *task = flight->task;

	if (flight->ended || !sizes_agree(flight, message))
		return worker_refuse(worker, "ended a run whose output is not whole");
	if (message->ended.how == END_LOST) {
		worker_lose(worker, task, true);
		return true;
	}
	if (explains(message) && !task->now.cancelled && !explain(worker, flight, message->ended.reason))
		return false;
	run_judge(message, &task->now, told_at(worker, &task->now, message), &flight->ending);
	keep_in_time(task, &flight->ending);
	flight->ended = true;
	worker->last_ended = task->id;
	note_rate(worker);
	if (health_note_end(worker->cluster, worker->node, task, &flight->ending))
		worker_recall_all(worker);
	if (task_may_retry(task, &flight->ending))
		task_retry(worker->cluster, task, &flight->ending);
	else
		finish(worker, flight);
	return true;
}

void worker_cannot_send(Worker *worker, Flight *flight, const char *why)
{
	if (!explain(worker, flight, slice_of(why)))
		return;         /* the disk is full: the link goes, and it is sent again when there is room */
	flight->ending = (Ending){ .state = TASK_FAILED, .reason = REASON_LAUNCH, .exit = EXIT_NONE, .ended = clock_ms() };
	flight->ended = true;
	finish(worker, flight);
}

/* --- frames ------------------------------------------------------------------------------------ */

static bool (*const about_runs[WIRE_TYPE_END])(Worker *, Flight *, const Message *) = {
	[WIRE_STARTED] = take_started,
	[WIRE_OUTPUT] = take_output,
	[WIRE_ENDED] = take_ended,
	[WIRE_RECALLED] = take_recalled,
	[WIRE_INPUT_WANTED] = feed_wanted,
};

/* Of a run that is over, and known to us no more perhaps. */
static bool take_stuck(Worker *worker, const Message *message)
{
	Buf user = BUF_INIT;

	harmless_add(&user, message->stuck.user.data, message->stuck.user.length);
	if (health_note_stuck(worker->cluster, worker->node, message->run.task, message->stuck.pid, buf_text(&user)))
		worker_recall_all(worker);
	buf_release(&user);
	return true;
}

/* What is said of a run we let go of meanwhile is dropped; only its credit is returned. */
bool worker_hear(Worker *worker, const Message *message)
{
	Flight *flight = flight_find(worker, message->run.task, message->run.number);

	if (!about_runs[message->type] && message->type != WIRE_FETCH && message->type != WIRE_STUCK)
		return worker_refuse(worker, "said what only a mount says");
	if (message->type == WIRE_FETCH)
		return worker_take_fetch(worker, message);
	if (worker->phase != PHASE_UP)
		return worker_refuse(worker, "spoke of a run before it was asked to");
	if (message->type == WIRE_STUCK)
		return take_stuck(worker, message);
	if (flight && flight->staging)
		return worker_refuse(worker, "spoke of a run that it was not sent");
	if (flight && worker_has(worker, &flight->task->now) && flight->task->now.run == flight->run)
		return about_runs[message->type](worker, flight, message);
	if (message->type == WIRE_OUTPUT)
		return_credit(worker, message->output.data.length);
	return true;
}
