/* waiting.c - parked reads and polls, in one set for each job they are about. */
#include "fs/waiting.h"

#include <errno.h>
#include <stdlib.h>

struct Park {
	Spot *spot;
	void *request;
	size_t size;
	uint64_t offset;
	TAILQ_ENTRY(Park) of_spot;
	TAILQ_ENTRY(Park) of_interrupted;
};

struct WaitSet {
	uint64_t job;           /* 0: all jobs */
	bool woken;
	TAILQ_HEAD(, Spot) spots;
	TAILQ_ENTRY(WaitSet) of_woken;
	UT_hash_handle hh;
};

void waiting_init(Waiting *waiting, WaitingOwner owner)
{
	waiting->owner = owner;
	waiting->sets = NULL;
	TAILQ_INIT(&waiting->woken);
	TAILQ_INIT(&waiting->interrupted);
}

/* --- sets -------------------------------------------------------------------------------------- */

static WaitSet *find_set(Waiting *waiting, uint64_t job)
{
	WaitSet *set;

	HASH_FIND(hh, waiting->sets, &job, sizeof job, set);
	return set;
}

static WaitSet *make_set(Waiting *waiting, uint64_t job)
{
	WaitSet *set = find_set(waiting, job);

	if (set)
		return set;
	set = mem_new_zeroed(sizeof *set);
	set->job = job;
	TAILQ_INIT(&set->spots);
	HASH_ADD(hh, waiting->sets, job, sizeof set->job, set);
	return set;
}

/* One that was woken is still in that list, and goes when it has been looked at. */
static void drop_if_empty(Waiting *waiting, WaitSet *set)
{
	if (!TAILQ_EMPTY(&set->spots) || set->woken)
		return;
	HASH_DEL(waiting->sets, set);
	free(set);
}

static void join(Spot *spot)
{
	const Job *job = spot->handle->place.subject.job;

	if (spot->set)
		return;
	spot->set = make_set(spot->waiting, job ? job->id : 0);
	TAILQ_INSERT_TAIL(&spot->set->spots, spot, of_set);
}

static void leave_if_idle(Spot *spot)
{
	WaitSet *set = spot->set;

	if (!set || !TAILQ_EMPTY(&spot->parks) || spot->poll)
		return;
	TAILQ_REMOVE(&set->spots, spot, of_set);
	spot->set = NULL;
	drop_if_empty(spot->waiting, set);
}

/* --- spots and parks --------------------------------------------------------------------------- */

void spot_init(Spot *spot, Waiting *waiting, Handle *handle)
{
	*spot = (Spot){ .waiting = waiting, .handle = handle };
	TAILQ_INIT(&spot->parks);
}

void spot_release(Spot *spot)
{
	if (spot->poll)
		spot->waiting->owner.drop(spot->poll);
	spot->poll = NULL;
	leave_if_idle(spot);
}

Park *spot_park(Spot *spot, void *request, size_t size, uint64_t offset)
{
	Park *park = mem_new_zeroed(sizeof *park);

	*park = (Park){ .spot = spot, .request = request, .size = size, .offset = offset };
	TAILQ_INSERT_TAIL(&spot->parks, park, of_spot);
	join(spot);
	return park;
}

void spot_set_poll(Spot *spot, void *poll)
{
	if (spot->poll)
		spot->waiting->owner.drop(spot->poll);
	spot->poll = poll;
	join(spot);
}

static void park_free(Park *park)
{
	TAILQ_REMOVE(&park->spot->parks, park, of_spot);
	free(park);
}

void spot_refuse_all(Spot *spot, int number)
{
	Park *park;

	while ((park = TAILQ_FIRST(&spot->parks))) {
		spot->waiting->owner.refuse(park->request, number);
		park_free(park);
	}
	leave_if_idle(spot);
}

void park_interrupt(Park *park)
{
	TAILQ_INSERT_TAIL(&park->spot->waiting->interrupted, park, of_interrupted);
}

void waiting_sweep(Waiting *waiting)
{
	Park *park;

	while ((park = TAILQ_FIRST(&waiting->interrupted))) {
		Spot *spot = park->spot;

		TAILQ_REMOVE(&waiting->interrupted, park, of_interrupted);
		waiting->owner.refuse(park->request, EINTR);
		park_free(park);
		leave_if_idle(spot);
	}
}

/* --- waking ------------------------------------------------------------------------------------ */

void waiting_wake(Waiting *waiting, uint64_t job)
{
	WaitSet *set = find_set(waiting, job);

	if (!set || set->woken)
		return;
	set->woken = true;
	TAILQ_INSERT_TAIL(&waiting->woken, set, of_woken);
}

static void retry_spot(Spot *spot)
{
	const WaitingOwner *owner = &spot->waiting->owner;
	Park *park, *next;

	for (park = TAILQ_FIRST(&spot->parks); park; park = next) {
		next = TAILQ_NEXT(park, of_spot);
		if (owner->answer(park->request, spot->handle, park->size, park->offset))
			park_free(park);
	}
	if (spot->poll && handle_is_ready(spot->handle)) {
		owner->notify(spot->poll);
		owner->drop(spot->poll);
		spot->poll = NULL;
	}
	leave_if_idle(spot);
}

void waiting_retry(Waiting *waiting)
{
	WaitSet *set;

	while ((set = TAILQ_FIRST(&waiting->woken))) {
		Spot *spot, *next;

		TAILQ_REMOVE(&waiting->woken, set, of_woken);
		for (spot = TAILQ_FIRST(&set->spots); spot; spot = next) {
			next = TAILQ_NEXT(spot, of_set);
			retry_spot(spot);
		}
		set->woken = false;
		drop_if_empty(waiting, set);
	}
}
