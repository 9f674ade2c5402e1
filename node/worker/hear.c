/* hear.c - what the node tells: who it is and what it has (greet.c), and of each run that it started, what it wrote,
 * that it ended or is given back. The table at the end says what may be said when. */
#include "node/worker/inside.h"

#include "node/worker/health.h"
#include "node/worker/run.h"
#include "store/base/clock.h"
#include "store/base/harmless.h"
#include "store/output.h"

enum { CREDIT_STEP = 1024 * 1024 };    /* return credit in pieces of this */

static const char before[] = "spoke of a run before it was asked to";

/* --- of a run ------------------------------------------------------------------------------ */

static void return_credit(Worker *worker, uint64_t bytes)
{
	worker->owed += bytes;
	if (worker->owed < CREDIT_STEP)
		return;
	link_send(worker->link, &(Message){ .type = WIRE_CREDIT_MORE, .credit = { worker->owed } });
	worker->owed = 0;
}

static Taken take_output(Worker *worker, Flight *flight, const Message *message, Err *err)
{
	Slice data = message->output.data;
	Output *output = ending_output(worker, flight->task, message->output.stream);
	Err full;

	if (flight->ended || message->output.offset != output_size(output))
		return breach(err, "sent output that does not follow on");
	if (output_append(output, data.data, data.length, &full) < 0) {
		turn_disk_failed(worker->turn, &full);
		return FRAME_LATER;
	}
	return_credit(worker, data.length);
	task_output_grew(worker->cluster, flight->task);
	keep_progress(worker->keep, flight->task);
	return FRAME_TAKEN;
}

static Taken take_started(Worker *worker, Flight *flight, const Message *message, Err *err)
{
	(void)err;
	if (flight->task->now.state == TASK_PENDING)
		task_start(worker->cluster, flight->task, run_moment(flight->task, clock_wall_ms(), message->started.age_ms));
	return FRAME_TAKEN;
}

/* It was asked to, or told since that a file is not to be had. */
static bool may_give_back(const Worker *worker, const Flight *flight)
{
	return flight->recall_sent || worker->denials > flight->denials;
}

static Taken take_recalled(Worker *worker, Flight *flight, const Message *message, Err *err)
{
	(void)message;
	if (flight->task->now.state != TASK_PENDING)
		return breach(err, "gave back a run that had started");
	if (!may_give_back(worker, flight))
		return breach(err, "gave back a run unasked");
	ending_give_back(worker, flight);
	return FRAME_TAKEN;
}

static bool explains(const Message *message)
{
	return message->ended.how == END_NOT_STARTED || message->ended.how == END_MEMORY;
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

/* When the node said it. If we slept meanwhile that is some time ago: its start, which we heard in time, and how
 * long it ran tell. */
static int64_t told_at(const Worker *worker, const Facts *facts, const Message *ended)
{
	int64_t now = clock_wall_ms(), told = facts->started + run_span(ended->ended.ran_ms) + run_span(ended->ended.age_ms);

	return facts->started && told < now && now - told <= pace_asleep_lately(worker) ? told : now;
}

/* Nor did it run before there was a job, whatever the node says. */
static void keep_in_time(const Task *task, Ending *ending)
{
	int64_t now = clock_wall_ms(), first = task->job->submitted < now ? task->job->submitted : now;

	if (ending->started && ending->started < first)
		ending->started = first;
	if (ending->ended < first)
		ending->ended = first;
}

static Taken take_ended(Worker *worker, Flight *flight, const Message *message, Err *err)
{
	Task *task = flight->task;

	if (flight->ended || !sizes_agree(flight, message))
		return breach(err, "ended a run whose output is not whole");
	if (message->ended.how == END_LOST) {
		ending_lose(worker, task, true);
		return FRAME_TAKEN;
	}
	if (explains(message) && !task->now.cancelled && !ending_explain(worker, flight, message->ended.reason))
		return FRAME_LATER;
	run_judge(message, &task->now, told_at(worker, &task->now, message), &flight->ending);
	keep_in_time(task, &flight->ending);
	flight->ended = true;
	worker->last_ended = task->id;
	pace_note_end(worker);
	health_note_end(worker->cluster, worker->node, task, &flight->ending);
	if (task_may_retry(task, &flight->ending))
		task_retry(worker->cluster, task, &flight->ending);
	else
		ending_finish(worker, flight);
	return FRAME_TAKEN;
}

/* --- of the node --------------------------------------------------------------------------- */

/* Of a run that is over, and known to us no more perhaps. */
static Taken take_stuck(Worker *worker, const Message *message, Err *err)
{
	Buf user = BUF_INIT;

	(void)err;
	harmless_add(&user, message->stuck.user.data, message->stuck.user.length);
	health_note_stuck(worker->cluster, worker->node, message->run.task, message->stuck.pid, buf_text(&user));
	buf_release(&user);
	return FRAME_TAKEN;
}

static Taken take_pong(Worker *worker, const Message *message, Err *err)
{
	(void)err;
	worker->node->load = message->pong.load;
	worker->node->memory_free = run_number(message->pong.memory_free);
	return FRAME_TAKEN;
}

/* --- frames ------------------------------------------------------------------------------------ */

/* What an agent may say, and in which phase; PHASE_DOWN: in any. A frame about a run has take_of_run. */
static const struct {
	Phase phase;
	Taken (*take)(Worker *, const Message *, Err *);
	Taken (*take_of_run)(Worker *, Flight *, const Message *, Err *);
	const char *otherwise;          /* what is wrong with it in another phase */
} frames[WIRE_TYPE_END] = {
	[WIRE_WELCOME] = { PHASE_GREETING, greet_welcome, NULL, "said WELCOME unasked" },
	[WIRE_HELD] = { PHASE_LISTING, greet_held, NULL, "said HELD unasked" },
	[WIRE_THAT_IS_ALL] = { PHASE_LISTING, greet_compare, NULL, "said THAT_IS_ALL unasked" },
	[WIRE_PONG] = { PHASE_DOWN, take_pong, NULL, NULL },
	[WIRE_FETCH] = { PHASE_UP, parcels_take_fetch, NULL, "asked for files before it was sent a run" },
	[WIRE_STUCK] = { PHASE_UP, take_stuck, NULL, before },
	[WIRE_STARTED] = { PHASE_UP, NULL, take_started, before },
	[WIRE_OUTPUT] = { PHASE_UP, NULL, take_output, before },
	[WIRE_ENDED] = { PHASE_UP, NULL, take_ended, before },
	[WIRE_RECALLED] = { PHASE_UP, NULL, take_recalled, before },
	[WIRE_INPUT_WANTED] = { PHASE_UP, NULL, feed_wanted, before },
};

/* What is said of a run we let go of meanwhile is dropped; only its credit is returned. */
static Taken take_of_run(Worker *worker, const Message *message, Err *err)
{
	Flight *flight = flight_find(worker, message->run.task, message->run.number);

	if (flight && flight->staging)
		return breach(err, "spoke of a run that it was not sent");
	if (flight && worker_has(worker, &flight->task->now) && flight->task->now.run == flight->run)
		return frames[message->type].take_of_run(worker, flight, message, err);
	if (message->type == WIRE_OUTPUT)
		return_credit(worker, message->output.data.length);
	return FRAME_TAKEN;
}

Taken hear_frame(Worker *worker, const Message *message, Err *err)
{
	MessageType type = message->type;

	if (!frames[type].take && !frames[type].take_of_run)
		return breach(err, "said what only a mount says");
	if (frames[type].phase != PHASE_DOWN && frames[type].phase != worker->phase)
		return breach(err, frames[type].otherwise);
	return frames[type].take ? frames[type].take(worker, message, err) : take_of_run(worker, message, err);
}
