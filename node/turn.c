/* turn.c - the end of a turn. */
#include "node/turn.h"

#include "store/base/log.h"
#include "store/commit.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { HOOKS_MAX = 4, PROBE_MS = 1000, LAZY_MS = 100 };

typedef struct Waiter {
	void (*done)(void *arg, const Err *failed);
	void *arg;
} Waiter;

typedef struct Hook {
	void (*hook)(void *arg);
	void *arg;
} Hook;

struct Turn {
	uv_loop_t *loop;
	Cluster *cluster;
	Events *events;
	uv_prepare_t prepare;
	uv_timer_t probe, lazy;
	Hook hooks[TURN_MOMENTS][HOOKS_MAX];
	int hook_count[TURN_MOMENTS];
	Waiter *waiters;
	size_t waiting, room;
	bool failing;
	char *trouble;          /* what the nodes wait for while it fails */
};

static void run_hooks(Turn *turn, TurnMoment moment)
{
	for (int i = 0; i < turn->hook_count[moment]; i++)
		turn->hooks[moment][i].hook(turn->hooks[moment][i].arg);
}

/* A waiter may start to wait again, so the list is taken away first. */
static void tell_waiters(Turn *turn, const Err *failed)
{
	Waiter *waiters = turn->waiters;
	size_t n = turn->waiting;

	turn->waiters = NULL;
	turn->waiting = turn->room = 0;
	for (size_t i = 0; i < n; i++)
		waiters[i].done(waiters[i].arg, failed);
	free(waiters);
}

static void try_again(uv_timer_t *timer)
{
	Turn *turn = timer->data;
	Err err;

	if (cluster_probe(turn->cluster, &err) < 0)
		return;
	log_info("the state takes writes again");
	uv_timer_stop(timer);
	turn->failing = false;
	run_hooks(turn, TURN_MENDED);
}

static void note_trouble(Turn *turn, const Err *err)
{
	Buf text = BUF_INIT;

	if (err->number == ENOSPC || err->number == EDQUOT)
		buf_add_text(&text, "waiting for room on this machine's disk");
	else
		buf_addf(&text, "waiting until the state can be written: %s", err->text);
	free(turn->trouble);
	turn->trouble = buf_take(&text);
}

const char *turn_trouble(const Turn *turn)
{
	return turn->trouble;
}

void turn_disk_failed(Turn *turn, const Err *err)
{
	if (turn->failing)
		return;
	log_error("%s; jobs wait until the state can be written again", err->text);
	turn->failing = true;
	note_trouble(turn, err);
	run_hooks(turn, TURN_FAILED);
	uv_timer_start(&turn->probe, try_again, PROBE_MS, PROBE_MS);
}

static int commit(Turn *turn, Err *err)
{
	if (cluster_commit(turn->cluster, err) < 0) {
		turn_disk_failed(turn, err);
		tell_waiters(turn, err);
		return -1;
	}
	events_flush(turn->events);
	tell_waiters(turn, NULL);
	return 0;
}

static void commit_lazily(uv_timer_t *timer)
{
	Err err;

	commit(timer->data, &err);
}

int turn_commit(Turn *turn, Err *err)
{
	return cluster_is_dirty(turn->cluster) || turn->waiting ? commit(turn, err) : 0;
}

static void end_turn(uv_prepare_t *prepare)
{
	Turn *turn = prepare->data;
	Err err;

	if (!turn->failing)
		run_hooks(turn, TURN_BEFORE);
	turn_commit(turn, &err);
	run_hooks(turn, TURN_AFTER);
	events_flush(turn->events);
	if (cluster_is_lazy(turn->cluster) && !uv_is_active((uv_handle_t *)&turn->lazy))
		uv_timer_start(&turn->lazy, commit_lazily, LAZY_MS, 0);
}

Turn *turn_new(uv_loop_t *loop, Cluster *cluster, Events *events)
{
	Turn *turn = mem_new_zeroed(sizeof *turn);

	turn->loop = loop;
	turn->cluster = cluster;
	turn->events = events;
	turn->prepare.data = turn->probe.data = turn->lazy.data = turn;
	uv_timer_init(loop, &turn->probe);
	uv_timer_init(loop, &turn->lazy);
	uv_prepare_init(loop, &turn->prepare);
	uv_prepare_start(&turn->prepare, end_turn);
	return turn;
}

void turn_end(Turn *turn)
{
	Err err;

	commit(turn, &err);
	uv_prepare_stop(&turn->prepare);
	uv_timer_stop(&turn->probe);
	uv_timer_stop(&turn->lazy);
}

void turn_free(Turn *turn)
{
	if (!turn)
		return;
	free(turn->waiters);
	free(turn->trouble);
	free(turn);
}

uv_loop_t *turn_loop(Turn *turn)
{
	return turn->loop;
}

Cluster *turn_cluster(Turn *turn)
{
	return turn->cluster;
}

Events *turn_events(Turn *turn)
{
	return turn->events;
}

bool turn_is_failing(const Turn *turn)
{
	return turn->failing;
}

void turn_hook(Turn *turn, TurnMoment moment, void (*hook)(void *arg), void *arg)
{
	assert(turn->hook_count[moment] < HOOKS_MAX);
	turn->hooks[moment][turn->hook_count[moment]++] = (Hook){ hook, arg };
}

void turn_after(Turn *turn, void (*done)(void *arg, const Err *failed), void *arg)
{
	if (turn->waiting == turn->room) {
		turn->room = turn->room ? 2 * turn->room : 16;
		turn->waiters = mem_resize(turn->waiters, turn->room * sizeof *turn->waiters);
	}
	turn->waiters[turn->waiting++] = (Waiter){ done, arg };
}
