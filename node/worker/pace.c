/* pace.c - how fast the node works through short runs, and so how many are sent ahead of its slots. Also whether this
 * process was awake meanwhile, as no node is to blame for what it did not hear. */
#include "node/worker/inside.h"

#include "store/base/clock.h"

#include <math.h>

enum {
	BEAT_MOST_MS = 2000,
	BEATS = 4,                      /* in the shortest patience: one late answer is no silence */
	AHEAD_MAX = 1024,
};

/* A tenth of a second's work waits on the node beyond its slots. */
void pace_plan(Worker *worker)
{
	uint32_t slots = node_slots(worker->node);
	double idle = (double)(clock_mono_ms() - worker->rate_at) / 1000;
	double ahead = worker->rate * exp(-idle) / 10;

	worker->node->slots_ahead = ahead < slots ? slots : ahead > AHEAD_MAX ? AHEAD_MAX : (uint32_t)ahead;
}

/* The rate decays over about a second. */
void pace_note_end(Worker *worker)
{
	int64_t now = clock_mono_ms();

	worker->rate = worker->rate * exp(-(double)(now - worker->rate_at) / 1000) + 1;
	worker->rate_at = now;
	pace_plan(worker);
}

int64_t pace_beat_ms(const Worker *worker)
{
	const Patience *patience = &worker->patience;
	int64_t shortest = patience->lost_after < patience->requeue_after ? patience->lost_after : patience->requeue_after;

	return shortest * 1000 / BEATS < BEAT_MOST_MS ? shortest * 1000 / BEATS : BEAT_MOST_MS;
}

/* No beat for so long although it was due: this process was stopped, or the machine slept. */
int64_t pace_asleep(const Worker *worker, int64_t now)
{
	int64_t passed = now - worker->beat_at;

	return passed < 2 * pace_beat_ms(worker) ? 0 : passed;
}

int64_t pace_asleep_lately(const Worker *worker)
{
	int64_t now = pace_asleep(worker, clock_mono_ms());

	return now ? now : worker->asleep_ms;
}
