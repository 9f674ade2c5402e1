/* runs.c - the table of runs and the lists they wait in. Every move between lists is here, so that a
 * run is in the lists its fields say, always. */
#include "node/agent/runs.h"

#include "node/agent/cache.h"
#include "store/base/clock.h"

#include <stdlib.h>

enum { FIRST_BUCKETS = 256 };

void runs_init(Runs *runs)
{
	*runs = (Runs){ .bucket_count = FIRST_BUCKETS };
	runs->buckets = mem_new_zeroed(FIRST_BUCKETS * sizeof *runs->buckets);
	TAILQ_INIT(&runs->all);
	TAILQ_INIT(&runs->queue);
	TAILQ_INIT(&runs->unready);
	TAILQ_INIT(&runs->ready);
	TAILQ_INIT(&runs->starved);
}

/* Task ids are consecutive, so their low bits spread evenly by themselves. */
static struct RunBucket *bucket_of(const Runs *runs, RunName name)
{
	return &runs->buckets[(name.task + name.number) & (runs->bucket_count - 1)];
}

Run *runs_find(const Runs *runs, RunName name)
{
	Run *run;

	LIST_FOREACH(run, bucket_of(runs, name), in_bucket)
		if (run_is(run->name, name))
			return run;
	return NULL;
}

static void grow(Runs *runs)
{
	Run *run;

	free(runs->buckets);
	runs->bucket_count *= 2;
	runs->buckets = mem_new_zeroed(runs->bucket_count * sizeof *runs->buckets);
	TAILQ_FOREACH(run, &runs->all, in_all)
		LIST_INSERT_HEAD(bucket_of(runs, run->name), run, in_bucket);
}

Run *runs_add(Runs *runs, const Message *start, Slice order)
{
	Run *run = mem_new_zeroed(sizeof *run);

	run->name = start->run;
	run->phase = HELD_QUEUED;
	run->slots = start->start.slots ? start->start.slots : 1;
	if (start->start.limit_ms > 0 && start->start.limit_ms < INT64_MAX / 2)
		run->most_ms = start->start.limit_ms + start->start.grace_ms;
	run->started = -1;
	buf_add(&run->order, order.data, order.length);
	for (int i = 0; i < WIRE_STREAMS; i++)
		stream_init(&run->output[i], run->name, (uint8_t)i);
	runs->orders += order.length;
	if (++runs->count > runs->bucket_count)
		grow(runs);
	TAILQ_INSERT_TAIL(&runs->all, run, in_all);
	TAILQ_INSERT_TAIL(&runs->queue, run, in_queue);
	LIST_INSERT_HEAD(bucket_of(runs, run->name), run, in_bucket);
	return run;
}

static struct RunList *queue_of(Runs *runs, const Run *run)
{
	return run->missing ? &runs->unready : &runs->queue;
}

static void leave_queue(Runs *runs, Run *run)
{
	if (run->phase != HELD_QUEUED)
		return;
	runs->orders -= run->order.length;
	TAILQ_REMOVE(queue_of(runs, run), run, in_queue);
}

/* It changes lists with the first and the last of them only: whoever goes through one may go on. */
static void set_missing(Runs *runs, Run *run, size_t missing)
{
	if (missing && run->missing) {
		run->missing = missing;
		return;
	}
	TAILQ_REMOVE(queue_of(runs, run), run, in_queue);
	run->missing = missing;
	TAILQ_INSERT_TAIL(queue_of(runs, run), run, in_queue);
}

void runs_needs(Runs *runs, Run *run, Parcel **parcels, size_t count, size_t missing)
{
	run->parcels = parcels;
	run->parcel_count = count;
	if (missing)
		set_missing(runs, run, missing);
}

void runs_parcel_came(Runs *runs, Run *run)
{
	set_missing(runs, run, run->missing - 1);
}

Buf runs_started(Runs *runs, Run *run)
{
	Buf order = run->order;

	leave_queue(runs, run);
	run->order = (Buf)BUF_INIT;
	run->phase = HELD_RUNNING;
	return order;
}

void runs_ended(Runs *runs, Run *run, const Ending *ending)
{
	leave_queue(runs, run);
	buf_release(&run->order);
	cache_let_go(run);
	run->phase = HELD_ENDED;
	run->runner = NULL;
	run->ended = clock_mono_ms();
	run->ending = *ending;
	runs_tell(runs, run);
}

void runs_forget(Runs *runs, Run *run)
{
	leave_queue(runs, run);
	runs_telling(runs, run, TELLING_NOTHING);
	TAILQ_REMOVE(&runs->all, run, in_all);
	LIST_REMOVE(run, in_bucket);
	runs->count--;
	cache_let_go(run);
	for (int i = 0; i < WIRE_STREAMS; i++)
		stream_release(&run->output[i]);
	buf_release(&run->order);
	free(run->ending.reason);
	free(run);
}

void runs_telling(Runs *runs, Run *run, Telling telling)
{
	if (run->telling == TELLING_READY)
		TAILQ_REMOVE(&runs->ready, run, in_telling);
	if (run->telling == TELLING_STARVED)
		TAILQ_REMOVE(&runs->starved, run, in_telling);
	run->telling = telling;
	if (telling == TELLING_READY)
		TAILQ_INSERT_TAIL(&runs->ready, run, in_telling);
	if (telling == TELLING_STARVED)
		TAILQ_INSERT_TAIL(&runs->starved, run, in_telling);
}

/* A starved run stays so: output comes before whatever else it has to say. */
void runs_tell(Runs *runs, Run *run)
{
	if (run->attached && run->telling == TELLING_NOTHING)
		runs_telling(runs, run, TELLING_READY);
}

void runs_feed(Runs *runs)
{
	Run *run;

	while ((run = TAILQ_FIRST(&runs->starved)))
		runs_telling(runs, run, TELLING_READY);
}

void runs_detach_all(Runs *runs)
{
	Run *run;

	TAILQ_FOREACH(run, &runs->all, in_all) {
		run->attached = false;
		run->told_wanted = 0;
		runs_telling(runs, run, TELLING_NOTHING);
	}
}
