/* waiting.h - reads with nothing to give yet, and polls: they wait until the job they are about changes.
 *
 * A read that waits costs a few dozen bytes and no thread. Waiting knows neither the kernel nor FUSE:
 * requests and poll handles are the adapter's, and come back through WaitingOwner. */
#ifndef FS_WAITING_H
#define FS_WAITING_H

#include "fs/handle.h"

typedef struct Park Park;
typedef struct WaitSet WaitSet;

typedef struct WaitingOwner {
	/* Try the read again; false: it goes on waiting. */
	bool (*answer)(void *request, Handle *handle, size_t size, uint64_t offset);
	void (*refuse)(void *request, int number);      /* the read ends with this errno */
	void (*notify)(void *poll);                     /* what it polls for is there */
	void (*drop)(void *poll);                       /* the poll handle is not needed any more */
} WaitingOwner;

typedef struct Waiting {                /* of one mount */
	WaitingOwner owner;
	WaitSet *sets;                  /* hash by key */
	TAILQ_HEAD(, WaitSet) woken;
	TAILQ_HEAD(, Park) interrupted;
} Waiting;

typedef struct Spot {                   /* an open file that can be waited on */
	Waiting *waiting;
	Handle *handle;
	TAILQ_HEAD(, Park) parks;
	void *poll;                     /* NULL: nobody polls */
	WaitSet *set;                   /* NULL: nobody waits */
	TAILQ_ENTRY(Spot) of_set;
} Spot;

void waiting_init(Waiting *waiting, WaitingOwner owner);

void spot_init(Spot *spot, Waiting *waiting, Handle *handle);
void spot_release(Spot *spot);                  /* no read may wait any more */

Park *spot_park(Spot *spot, void *request, size_t size, uint64_t offset);
void spot_set_poll(Spot *spot, void *poll);
void spot_refuse_all(Spot *spot, int number);

/* The reader was interrupted. Only marks it, so that it may be called from anywhere; ended by waiting_sweep. */
void park_interrupt(Park *park);
void waiting_sweep(Waiting *waiting);

/* Something changed about the job (id 0: about all jobs); tried again by the next waiting_retry. */
void waiting_wake(Waiting *waiting, uint64_t job);
void waiting_retry(Waiting *waiting);

#endif
