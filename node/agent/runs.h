/* runs.h - the runs the agent holds: from the RUN that brought them to the RELEASE that lets go.
 *
 * A run is queued, running, then ended, never back. The agent knows nothing of jobs and their states. */
#ifndef NODE_AGENT_RUNS_H
#define NODE_AGENT_RUNS_H

#include "node/agent/stream.h"

#include <sys/queue.h>

enum {
	ORDERS_MAX = 256 * 1024 * 1024,         /* bytes of queued RUN frames together */
};

typedef struct Ending {
	RunEnd how;
	uint32_t code;
	uint64_t ran_ms;
	uint64_t user_us, system_us, memory;
	char *reason;                   /* NULL: none */
} Ending;

/* Where a run waits to be told of. A starved one has output to send and no credit for it. */
typedef enum Telling { TELLING_NOTHING, TELLING_READY, TELLING_STARVED } Telling;

typedef struct Run {
	RunName name;
	HeldPhase phase;
	uint32_t slots;
	uint64_t most_ms;               /* it may run, the grace at its time limit included; 0: for ever */
	Buf order;                      /* its RUN frame, while queued */
	struct Runner *runner;          /* while running */
	Stream output[WIRE_STREAMS];
	struct Parcel **parcels;        /* what it needs to start, held in the cache until it has */
	size_t parcel_count;
	size_t missing;                 /* of them, not here yet */
	int64_t started;                /* clock_ms; -1: it never did */
	int64_t ended;
	Ending ending;                  /* once ended */
	uint64_t input_at;              /* of its stdin, so far its runner was given */
	uint64_t input_until;           /* and so far it wants it; 0: it wants none */
	uint64_t told_wanted;           /* so far was asked for on this link */
	bool attached;                  /* the mount wants to hear of it on this link */
	bool told_start, told_end;      /* on this link */
	Telling telling;
	TAILQ_ENTRY(Run) in_telling;
	TAILQ_ENTRY(Run) in_queue;
	TAILQ_ENTRY(Run) in_all;
	LIST_ENTRY(Run) in_bucket;
} Run;

TAILQ_HEAD(RunList, Run);
LIST_HEAD(RunBucket, Run);

typedef struct Runs {
	struct RunList all;             /* in order of arrival */
	struct RunList queue;           /* those that wait for slots, first come first */
	struct RunList unready;         /* those that wait for parcels: others go ahead */
	struct RunList ready, starved;  /* by Telling */
	struct RunBucket *buckets;      /* a power of two of them */
	size_t bucket_count, count;
	size_t orders;                  /* bytes in queued runs' orders */
} Runs;

void runs_init(Runs *runs);

Run *runs_find(const Runs *runs, RunName name);         /* NULL: not held */

/* Hold a new run, queued. order is its whole RUN frame, start what the frame says. The parcels it needs are
 * runs_needs's, right afterwards. */
Run *runs_add(Runs *runs, const Message *start, Slice order);

/* It needs these, missing of which are not here; runs_parcel_came: one of those is now. The array is the run's. */
void runs_needs(Runs *runs, Run *run, struct Parcel **parcels, size_t count, size_t missing);
void runs_parcel_came(Runs *runs, Run *run);

/* It left the queue for a runner. Its order is given back, as runs_add got it, to the caller to send
 * and buf_release. */
Buf runs_started(Runs *runs, Run *run);

/* It is over. ending is copied; its reason is the run's to free from now on. */
void runs_ended(Runs *runs, Run *run, const Ending *ending);

/* Stop holding it, whatever it is doing; its outputs are deleted. */
void runs_forget(Runs *runs, Run *run);

/* Something about run changed that the mount should hear, if it wants to. */
void runs_tell(Runs *runs, Run *run);

/* It has nothing more to tell (TELLING_NOTHING), or has no credit, or goes to the end of the line. */
void runs_telling(Runs *runs, Run *run, Telling telling);

/* Credit has come: whoever starved may speak. */
void runs_feed(Runs *runs);

/* A new link: nobody is told anything until the mount attaches to the run. */
void runs_detach_all(Runs *runs);

#endif
