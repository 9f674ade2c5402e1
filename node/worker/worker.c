/* worker.c - a worker's life: connect, be up, fall silent, let go. */
#include "node/worker/inside.h"

#include "store/base/clock.h"
#include "store/base/log.h"
#include "store/nodes.h"
#include "store/queues.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	RETRY_MS = 1000,
	PACE_MS = 5,
	PACE_AHEAD = 32,                /* with so much work sent ahead, the node does not wait for us */
};

#define NODE_CACHE ((uint64_t)4 << 30)  /* bytes of parcels that a node keeps beyond what its runs need */

static void reconnect(uv_timer_t *timer);

/* --- up and down ------------------------------------------------------------------------------- */

static void let_go(Worker *worker)
{
	link_free(worker->link);
	worker->link = NULL;
	worker->phase = PHASE_DOWN;
	worker_forget_listed(worker);
	worker->owed = 0;
	worker->fetch_count = 0;
	parcels_forget_sent(worker);
	worker->denials = 0;
	flights_drop_all(worker);
}

static void disconnect(Worker *worker, const char *why)
{
	let_go(worker);
	worker_set_up(worker, false, why);
	/* At once, but an agent that dies as soon as it is up is not started in a frenzy. */
	if (!worker->paused)
		uv_timer_start(&worker->retry, reconnect,
			       clock_mono_ms() - worker->connected_at < RETRY_MS ? RETRY_MS : 1, 0);
}

static void reconnect(uv_timer_t *timer)
{
	Worker *worker = timer->data;

	if (worker->phase != PHASE_DOWN || worker->paused)
		return;
	worker->phase = PHASE_CONNECTING;
	worker->stands_by = false;
	worker->connector.connect(worker->connector.arg, worker);
}

void worker_failed(Worker *worker, const Err *why, unsigned retry_ms)
{
	worker->phase = PHASE_DOWN;
	if (!worker->node->trouble || strcmp(worker->node->trouble, why->text) != 0)
		log_warn("node %s: %s", worker->node->name, why->text);
	worker_set_up(worker, false, why->text);
	if (retry_ms)
		uv_timer_start(&worker->retry, reconnect, retry_ms, 0);
}

void worker_reconnect(Worker *worker)
{
	if (worker->phase == PHASE_CONNECTING)
		worker->connector.cancel(worker->connector.arg);
	let_go(worker);
	worker_set_up(worker, false, NULL);
	uv_timer_start(&worker->retry, reconnect, 1, 0);
}

static void broken(void *arg, const Err *why)
{
	Worker *worker = arg;

	log_warn("node %s: %s", worker->node->name, why->text);
	disconnect(worker, why->text);
}

void worker_pause(Worker *worker)
{
	worker->paused = true;
	/* Which agent this is could not be written down: nothing may be sent to it again as if it were known. */
	if (worker->node->changed)
		node_set_text(&worker->node->instance, NULL);
	if (worker->phase != PHASE_CONNECTING)
		disconnect(worker, turn_trouble(worker->turn));
}

void worker_continue(Worker *worker)
{
	worker->paused = false;
	if (worker->phase == PHASE_DOWN)
		uv_timer_start(&worker->retry, reconnect, 1, 0);
	if (worker->link)       /* it came up meanwhile, and had to wait */
		link_resume(worker->link);
}

/* --- frames ------------------------------------------------------------------------------------ */

static void stand_by(Worker *worker, const Err *why)
{
	let_go(worker);
	worker->stands_by = true;
	worker_failed(worker, why, 0);
}

/* Each frame takes the link one step, ends it, or is kept until there is room on the disk again (false). */
static bool take_frame(void *arg, const Message *message)
{
	Worker *worker = arg;
	Err err;

	if (turn_is_failing(worker->turn))
		return false;
	worker->silent_ms = 0;
	worker->node->seen = clock_wall_ms();
	if (!worker->node->up && worker->phase == PHASE_UP)
		worker_set_up(worker, true, NULL);
	switch (hear_frame(worker, message, &err)) {
	case FRAME_LATER:
		return false;
	case FRAME_BREACH:
		broken(worker, &err);
		return true;
	case FRAME_OF_TWIN:
		stand_by(worker, &err);
		return true;
	case FRAME_TAKEN:
		break;
	}
	return true;
}

/* --- heartbeat --------------------------------------------------------------------------------- */

static void lose_all(Worker *worker)
{
	Task *task, *next;

	for (task = TAILQ_FIRST(&worker->node->tasks); task; task = next) {
		next = TAILQ_NEXT(task, on_node);
		ending_lose(worker, task, false);
	}
}

/* Heard nothing for so long, on this link or since it was made: perhaps the network dropped it without a word,
 * or the agent was about to go when it took it. Another one may get through; what runs there goes on. */
static bool link_is_silent(const Worker *worker, int64_t now)
{
	int64_t most = (int64_t)worker->patience.lost_after * 1000;

	return worker->link && worker->silent_ms >= most && now - worker->connected_at >= most;
}

static void give_up_link(Worker *worker)
{
	char text[80];

	snprintf(text, sizeof text, "its agent has not answered for %lld s", (long long)worker->silent_ms / 1000);
	if (worker->node->up)
		log_warn("node %s: %s", worker->node->name, text);
	disconnect(worker, text);
}

/* Silence is counted in beats that came in time: while this process was stopped no node is to blame. */
static void beat(uv_timer_t *timer)
{
	Worker *worker = timer->data;
	int64_t now = clock_mono_ms(), passed = now - worker->beat_at;

	worker->asleep_ms = pace_asleep(worker, now);
	worker->beat_at = now;
	pace_plan(worker);
	if (greet_twin_is_gone(worker))
		worker_reconnect(worker);
	if (worker->paused || turn_is_failing(worker->turn))
		return;
	worker->silent_ms += worker->asleep_ms ? 0 : passed;
	worker_send_unsent(worker);
	if (worker->phase == PHASE_UP)
		link_send(worker->link, &(Message){ .type = WIRE_PING, .ping = { (uint64_t)now } });
	if (link_is_silent(worker, now))
		give_up_link(worker);
	if (worker->silent_ms >= (int64_t)worker->patience.requeue_after * 1000)
		lose_all(worker);
}

/* --- beginning and end ------------------------------------------------------------------------- */

void worker_connected(Worker *worker, int fd)
{
	LinkOwner owner = { take_frame, broken, worker };

	worker->link = link_new(turn_loop(worker->turn), fd, owner);
	worker->phase = PHASE_GREETING;
	worker->connected_at = clock_mono_ms();
	link_send(worker->link, &(Message){ .type = WIRE_HELLO, .hello = {
		.version = WIRE_VERSION, .state = slice_of(cluster_uuid(worker->cluster)),
		.slots = node_slots(worker->node), .lease_s = worker->patience.lease, .credit = WIRE_CREDIT,
		.cache = NODE_CACHE } });
	link_flush(worker->link);
}

Worker *worker_new(Turn *turn, Keep *keep, Staging *staging, Node *node, Patience patience, Connector connector)
{
	Worker *worker = mem_new_zeroed(sizeof *worker);

	worker->turn = turn;
	worker->keep = keep;
	worker->staging = staging;
	worker->cluster = turn_cluster(turn);
	worker->node = node;
	worker->patience = patience;
	worker->connector = connector;
	worker->beat.data = worker->retry.data = worker;
	worker->beat_at = worker->rate_at = clock_mono_ms();
	pace_plan(worker);
	TAILQ_INIT(&worker->hungry);
	uv_timer_init(turn_loop(turn), &worker->beat);
	uv_timer_init(turn_loop(turn), &worker->retry);
	worker->timers = 2;
	uv_timer_start(&worker->beat, beat, (uint64_t)pace_beat_ms(worker), (uint64_t)pace_beat_ms(worker));
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
	if (worker->phase == PHASE_CONNECTING)
		worker->connector.cancel(worker->connector.arg);
	let_go(worker);
	if (worker->connector.release)
		worker->connector.release(worker->connector.arg);
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
	feed_hungry(worker);
	parcels_answer(worker);
	link_flush(worker->link);
	link_pace(worker->link, has_enough_ahead(worker->node) ? PACE_MS : 0);
}
