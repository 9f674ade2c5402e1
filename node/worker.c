/* worker.c - the life of a link, and what is done about each run on it.
 *
 * A Flight is what this link has been told of one run, so that nothing is said twice. It lives as long as
 * the link does, at most. */
#include "worker.h"

#include "link.h"
#include "run.h"

#include "../store/log.h"
#include "../store/output.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	BEAT_MS = 2000,
	RETRY_MS = 1000,
	CREDIT_STEP = 1024 * 1024,      /* return credit in pieces of this */
	AHEAD_MAX = 1024,
	PACE_MS = 5,
	PACE_AHEAD = 32,                /* with so much work sent ahead, the node does not wait for us */
	CANCEL_GRACE_MS = 30000,
	LISTED_MAX = 2000000,
};

typedef enum Phase { PHASE_DOWN, PHASE_CONNECTING, PHASE_GREETING, PHASE_LISTING, PHASE_UP } Phase;

typedef struct Flight {
	uint64_t id;            /* the task's */
	uint32_t run;
	Task *task;
	bool recall_sent, cancel_sent;
	bool ended;             /* its end is here; what is left is to get its output to the disk */
	Ending ending;
	UT_hash_handle hh;
} Flight;

typedef struct Listed {         /* what a fresh link said it has, until THAT_IS_ALL */
	RunName run;
	HeldPhase phase;
	uint64_t age_ms;
	uint64_t size[STREAMS];
} Listed;

struct Worker {
	Turn *turn;
	Keep *keep;
	Cluster *cluster;
	Node *node;
	Patience patience;
	Connector connector;
	Phase phase;
	Link *link;
	Flight *flights;        /* hash by task id */
	Listed *listed;
	size_t listed_count;
	bool same_agent;        /* the one our runs were sent to */
	bool paused;
	int64_t connected_at;   /* steady clock */
	uint64_t owed;          /* credit used up and not returned yet */
	uv_timer_t beat, retry;
	int timers;             /* of them not closed yet */
	int64_t beat_at;        /* steady clock of the last beat */
	int64_t silent_ms;      /* counted only while this process was awake */
	double rate;            /* runs ended a second, lately */
	int64_t rate_at;
};

static void reconnect(uv_timer_t *timer);

/* --- flights ----------------------------------------------------------------------------------- */

static Flight *flight_find(Worker *worker, uint64_t task, uint32_t run)
{
	Flight *flight;

	HASH_FIND(hh, worker->flights, &task, sizeof task, flight);
	return flight && flight->run == run ? flight : NULL;
}

static Flight *flight_add(Worker *worker, Task *task)
{
	Flight *flight = mem_new_zeroed(sizeof *flight);

	flight->id = task->id;
	flight->run = task->now.run;
	flight->task = task;
	HASH_ADD(hh, worker->flights, id, sizeof flight->id, flight);
	return flight;
}

static void flight_drop(Worker *worker, Flight *flight)
{
	HASH_DEL(worker->flights, flight);
	free(flight);
}

static void drop_all_flights(Worker *worker)
{
	Flight *flight, *next;

	HASH_ITER(hh, worker->flights, flight, next)
		flight_drop(worker, flight);
}

static void say(Worker *worker, MessageType type, uint64_t task, uint32_t run)
{
	link_send(worker->link, &(Message){ .type = type, .run = { task, run } });
}

/* --- up and down ------------------------------------------------------------------------------- */

static void set_up(Worker *worker, bool up, const char *trouble)
{
	worker->node->up = up;
	node_set_text(&worker->node->trouble, trouble);
	cluster_reconsider(worker->cluster);
}

static void let_go(Worker *worker)
{
	link_free(worker->link);
	worker->link = NULL;
	worker->phase = PHASE_DOWN;
	worker->listed_count = 0;
	worker->owed = 0;
	drop_all_flights(worker);
}

static void disconnect(Worker *worker, const char *why)
{
	let_go(worker);
	set_up(worker, false, why);
	/* At once, but an agent that dies as soon as it is up is not started in a frenzy. */
	if (!worker->paused)
		uv_timer_start(&worker->retry, reconnect,
			       clock_steady_ms() - worker->connected_at < RETRY_MS ? RETRY_MS : 1, 0);
}

static void reconnect(uv_timer_t *timer)
{
	Worker *worker = timer->data;

	if (worker->phase != PHASE_DOWN || worker->paused)
		return;
	worker->phase = PHASE_CONNECTING;
	worker->connector.connect(worker->connector.arg, worker);
}

void worker_failed(Worker *worker, const Err *why)
{
	worker->phase = PHASE_DOWN;
	if (!worker->node->trouble || strcmp(worker->node->trouble, why->text) != 0)
		log_warn("node %s: %s", worker->node->name, why->text);
	set_up(worker, false, why->text);
	uv_timer_start(&worker->retry, reconnect, RETRY_MS, 0);
}

static void broken(void *arg, const Err *why)
{
	Worker *worker = arg;

	log_warn("node %s: %s", worker->node->name, why->text);
	disconnect(worker, why->text);
}

/* The other side broke the rules: say so, start anew. Returns true, as the frame is done with. */
static bool refuse(Worker *worker, const char *why)
{
	Err err;

	err_set(&err, EPROTO, "its agent %s", why);
	broken(worker, &err);
	return true;
}

void worker_pause(Worker *worker)
{
	worker->paused = true;
	if (worker->phase != PHASE_CONNECTING)
		disconnect(worker, "waiting for room on this machine's disk");
}

void worker_continue(Worker *worker)
{
	worker->paused = false;
	if (worker->phase == PHASE_DOWN)
		uv_timer_start(&worker->retry, reconnect, 1, 0);
	if (worker->link)       /* it came up meanwhile, and had to wait */
		link_resume(worker->link);
}

/* --- sending a run ----------------------------------------------------------------------------- */

static void send_run(Worker *worker, Task *task)
{
	Buf environment = BUF_INIT;
	Message message;
	Err err;

	if (run_describe(worker->cluster, task, &message, &environment, &err) == 0) {
		flight_add(worker, task);
		link_send(worker->link, &message);
	} else {
		log_error("job %llu: %s", (unsigned long long)task->id, err.text);
	}
	buf_release(&environment);
}

/* What the facts demand of a run that the node has. */
static void steer(Worker *worker, Flight *flight)
{
	const Facts *facts = &flight->task->now;

	if (flight->ended)
		return;
	if (facts->cancelled && !flight->cancel_sent) {
		flight->cancel_sent = true;
		link_send(worker->link, &(Message){ .type = WIRE_CANCEL, .run = { flight->id, flight->run },
						    .cancel = { CANCEL_GRACE_MS } });
	}
	if (facts->state == TASK_PENDING && (facts->reason == REASON_HELD || worker->node->drain) && !flight->recall_sent) {
		flight->recall_sent = true;
		say(worker, WIRE_RECALL, flight->id, flight->run);
	}
}

static bool is_here(const Worker *worker, const Facts *facts)
{
	return facts && facts->placed && facts->node == worker->node;
}

void worker_act(Worker *worker, Task *task, const Facts *before)
{
	const Facts *now = &task->now;
	Flight *flight;

	if (worker->phase != PHASE_UP)
		return;         /* worker_compare will see to it */
	if (is_here(worker, before) && (!is_here(worker, now) || now->run != before->run)) {
		flight = flight_find(worker, task->id, before->run);
		if (flight) {
			say(worker, WIRE_RELEASE, task->id, before->run);
			flight_drop(worker, flight);
		}
	}
	if (!is_here(worker, now))
		return;
	flight = flight_find(worker, task->id, now->run);
	if (flight)
		steer(worker, flight);
	else
		send_run(worker, task);
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
			steer(worker, flight);
}

void worker_slots_changed(Worker *worker)
{
	cluster_reconsider(worker->cluster);
	if (worker->phase == PHASE_UP)
		link_send(worker->link, &(Message){ .type = WIRE_SLOTS, .slots = { node_slots(worker->node) } });
}

/* --- greeting and comparing -------------------------------------------------------------------- */

static void take_text(char **field, Slice slice)
{
	char *text = mem_copy(slice.data, slice.length);

	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	free(*field);
	*field = text;
}

static bool take_welcome(Worker *worker, const Message *message)
{
	Node *node = worker->node;

	if (worker->phase != PHASE_GREETING)
		return refuse(worker, "said WELCOME unasked");
	if (message->welcome.version != WIRE_VERSION)
		return refuse(worker, "speaks another version; it goes when its jobs have ended");
	worker->same_agent = node->instance && slice_is(message->welcome.instance, node->instance);
	if (!worker->same_agent) {
		take_text(&node->instance, message->welcome.instance);
		cluster_node_changed(worker->cluster, node);
	}
	take_text(&node->arch, message->welcome.arch);
	take_text(&node->os, message->welcome.os);
	node->cpus = message->welcome.cpus;
	node->memory = message->welcome.memory;
	worker->phase = PHASE_LISTING;
	return true;
}

static bool take_held(Worker *worker, const Message *message)
{
	if (worker->phase != PHASE_LISTING || worker->listed_count == LISTED_MAX)
		return refuse(worker, "said HELD unasked");
	worker->listed = mem_resize(worker->listed, (worker->listed_count + 1) * sizeof *worker->listed);
	worker->listed[worker->listed_count++] =
		(Listed){ message->run, (HeldPhase)message->held.phase, message->held.age_ms,
			  { message->held.size[STREAM_STDOUT], message->held.size[STREAM_STDERR] } };
	return true;
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
	Job *job = cluster_job(worker->cluster, listed->run.task);
	Task *task = job ? &job->task : NULL;
	Message attach = { .type = WIRE_ATTACH, .run = listed->run };

	if (!task || !is_here(worker, &task->now) || task->now.run != listed->run.number) {
		say(worker, WIRE_RELEASE, listed->run.task, listed->run.number);
		return;
	}
	if (flight_find(worker, task->id, task->now.run))
		return;         /* listed twice: it is one run all the same */
	flight_add(worker, task);
	if (listed->phase != HELD_QUEUED && task->now.state == TASK_PENDING)
		task_start(worker->cluster, task, clock_ms() - (int64_t)listed->age_ms);
	for (Stream stream = 0; stream < STREAMS; stream++)
		attach.attach.from[stream] = resume_at(task, stream, listed->size[stream]);
	link_send(worker->link, &attach);
}

/* A run the node should have. If it was sent to this very agent and never came, it is sent again; else an
 * agent that died may have run it, in part or whole. */
static void compare_placed(Worker *worker, Task *task)
{
	Flight *flight = flight_find(worker, task->id, task->now.run);

	if (flight)
		steer(worker, flight);
	else if (worker->same_agent && task->now.state == TASK_PENDING)
		send_run(worker, task);
	else
		task_lose(worker->cluster, task);
}

/* Link and database agree after this; what is lost goes back to the queue in this turn. */
static bool worker_compare(Worker *worker)
{
	Task *task, *next;

	if (worker->phase != PHASE_LISTING)
		return refuse(worker, "said THAT_IS_ALL unasked");
	worker->phase = PHASE_UP;
	for (size_t i = 0; i < worker->listed_count; i++)
		compare_listed(worker, &worker->listed[i]);
	for (task = TAILQ_FIRST(&worker->node->tasks); task; task = next) {
		next = TAILQ_NEXT(task, on_node);       /* task may leave the list */
		compare_placed(worker, task);
	}
	worker->listed_count = 0;
	worker->silent_ms = 0;
	set_up(worker, true, NULL);
	log_info("node %s: up with %u slots", worker->node->name, node_slots(worker->node));
	return true;
}

/* --- outputs and ends -------------------------------------------------------------------------- */

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
		return refuse(worker, "sent output that does not follow on");
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
		task_start(worker->cluster, flight->task, clock_ms() - (int64_t)message->started.age_ms);
	return true;
}

static bool take_recalled(Worker *worker, Flight *flight, const Message *message)
{
	Task *task = flight->task;

	(void)message;
	if (task->now.state != TASK_PENDING)
		return refuse(worker, "gave back a run that had started");
	flight_drop(worker, flight);
	task_recall(worker->cluster, task);
	if (task->now.cancelled)
		task_cancel(worker->cluster, task);
	return true;
}

/* Why a run never started belongs where its user looks: the end of stderr, as a shell would say it. */
static bool explain(Worker *worker, Flight *flight, const Message *message)
{
	Buf text = BUF_INIT;
	Err err;
	int rc;

	buf_addf(&text, "wulfs: %.*s\n", (int)message->ended.reason.length, message->ended.reason.data);
	rc = output_append(output_of(worker, flight->task, STREAM_STDERR), text.data, text.length, &err);
	buf_release(&text);
	if (rc < 0)
		turn_disk_failed(worker->turn, &err);
	return rc == 0;
}

/* A tenth of a second's work waits on the node beyond its slots. */
static void plan_ahead(Worker *worker)
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
	plan_ahead(worker);
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

static bool take_ended(Worker *worker, Flight *flight, const Message *message)
{
	Task *task = flight->task;

	if (flight->ended || !sizes_agree(flight, message))
		return refuse(worker, "ended a run whose output is not whole");
	if (message->ended.how == END_LOST) {
		task_lose(worker->cluster, task);
		return true;
	}
	if (message->ended.how == END_NOT_STARTED && !task->now.cancelled && !explain(worker, flight, message))
		return false;
	run_judge(message, &task->now, clock_ms(), &flight->ending);
	flight->ended = true;
	note_rate(worker);
	finish(worker, flight);
	return true;
}

static bool take_pong(Worker *worker, const Message *message)
{
	worker->node->load = message->pong.load;
	worker->node->memory_free = message->pong.memory_free;
	return true;
}

/* --- frames ------------------------------------------------------------------------------------ */

static bool (*const about_runs[WIRE_TYPE_END])(Worker *, Flight *, const Message *) = {
	[WIRE_STARTED] = take_started,
	[WIRE_OUTPUT] = take_output,
	[WIRE_ENDED] = take_ended,
	[WIRE_RECALLED] = take_recalled,
};

/* What is said of a run we let go of meanwhile is dropped; only its credit is returned. */
static bool take_about_run(Worker *worker, const Message *message)
{
	Flight *flight = flight_find(worker, message->run.task, message->run.number);

	if (worker->phase != PHASE_UP)
		return refuse(worker, "spoke of a run before it was asked to");
	if (flight && is_here(worker, &flight->task->now) && flight->task->now.run == flight->run)
		return about_runs[message->type](worker, flight, message);
	if (message->type == WIRE_OUTPUT)
		return_credit(worker, message->output.data.length);
	return true;
}

static bool take_frame(void *arg, const Message *message)
{
	Worker *worker = arg;

	if (turn_is_failing(worker->turn))
		return false;
	worker->silent_ms = 0;
	worker->node->seen = clock_ms();
	if (!worker->node->up && worker->phase == PHASE_UP)
		set_up(worker, true, NULL);
	switch (message->type) {
	case WIRE_WELCOME:
		return take_welcome(worker, message);
	case WIRE_HELD:
		return take_held(worker, message);
	case WIRE_THAT_IS_ALL:
		return worker_compare(worker);
	case WIRE_PONG:
		return take_pong(worker, message);
	default:
		return about_runs[message->type] ? take_about_run(worker, message)
						 : refuse(worker, "said what only a mount says");
	}
}

/* --- heartbeat --------------------------------------------------------------------------------- */

static void lose_all(Worker *worker)
{
	Task *task, *next;

	for (task = TAILQ_FIRST(&worker->node->tasks); task; task = next) {
		next = TAILQ_NEXT(task, on_node);
		task_lose(worker->cluster, task);
	}
}

static void say_silent(Worker *worker)
{
	char text[80];

	snprintf(text, sizeof text, "its agent has not answered for %lld s", (long long)worker->silent_ms / 1000);
	if (worker->node->up)
		log_warn("node %s: %s", worker->node->name, text);
	set_up(worker, false, text);
}

/* Silence is counted in beats that came in time: while this process was stopped no node is to blame. */
static void beat(uv_timer_t *timer)
{
	Worker *worker = timer->data;
	int64_t now = clock_steady_ms(), passed = now - worker->beat_at;

	worker->beat_at = now;
	plan_ahead(worker);
	if (worker->paused || turn_is_failing(worker->turn))
		return;
	worker->silent_ms += passed < 2 * BEAT_MS ? passed : 0;
	if (worker->phase == PHASE_UP)
		link_send(worker->link, &(Message){ .type = WIRE_PING, .ping = { (uint64_t)now } });
	if (worker->link && worker->silent_ms >= (int64_t)worker->patience.lost_after * 1000)
		say_silent(worker);
	if (worker->silent_ms >= (int64_t)worker->patience.requeue_after * 1000 &&
	    !TAILQ_EMPTY(&worker->node->tasks)) {
		lose_all(worker);
		disconnect(worker, "its agent has not answered; its jobs run elsewhere");
	}
}

/* --- beginning and end ------------------------------------------------------------------------- */

void worker_connected(Worker *worker, int fd)
{
	LinkOwner owner = { take_frame, broken, worker };

	worker->link = link_new(turn_loop(worker->turn), fd, owner);
	worker->phase = PHASE_GREETING;
	worker->connected_at = clock_steady_ms();
	link_send(worker->link, &(Message){ .type = WIRE_HELLO, .hello = {
		.version = WIRE_VERSION, .state = slice_of(cluster_uuid(worker->cluster)),
		.slots = node_slots(worker->node), .lease_s = worker->patience.lease, .credit = WIRE_CREDIT } });
	link_flush(worker->link);
}

Worker *worker_new(Turn *turn, Keep *keep, Node *node, Patience patience, Connector connector)
{
	Worker *worker = mem_new_zeroed(sizeof *worker);

	worker->turn = turn;
	worker->keep = keep;
	worker->cluster = turn_cluster(turn);
	worker->node = node;
	worker->patience = patience;
	worker->connector = connector;
	worker->beat.data = worker->retry.data = worker;
	worker->beat_at = worker->rate_at = clock_steady_ms();
	plan_ahead(worker);
	uv_timer_init(turn_loop(turn), &worker->beat);
	uv_timer_init(turn_loop(turn), &worker->retry);
	worker->timers = 2;
	uv_timer_start(&worker->beat, beat, BEAT_MS, BEAT_MS);
	uv_timer_start(&worker->retry, reconnect, 0, 0);
	return worker;
}

static void timer_closed(uv_handle_t *handle)
{
	Worker *worker = handle->data;

	if (--worker->timers == 0)
		free(worker);
}

void worker_free(Worker *worker)
{
	if (!worker)
		return;
	let_go(worker);
	free(worker->listed);
	uv_close((uv_handle_t *)&worker->beat, timer_closed);
	uv_close((uv_handle_t *)&worker->retry, timer_closed);
}

Node *worker_node(const Worker *worker)
{
	return worker->node;
}

static bool has_enough_ahead(const Node *node)
{
	return node->slots_ahead >= PACE_AHEAD && node->slots_placed > node_slots(node) + node->slots_ahead / 2;
}

void worker_flush(Worker *worker)
{
	if (!worker->link)
		return;
	link_flush(worker->link);
	link_pace(worker->link, has_enough_ahead(worker->node) ? PACE_MS : 0);
}
