/* inside.h - a worker's own fields, for the files that make it up. Each uses only those before it: inside.c (flights, how
 * the node is), pace.c; stdin.c and parcels.c (what the node asks for); steer.c, ending.c (how runs leave it); act.c (what
 * it is told); greet.c (a fresh link is compared with the database), hear.c (what it tells); worker.c (the worker's life).
 * Nobody else includes this.
 *
 * A Flight is what this link has been told of one run, so that nothing is said twice. It lives as long as
 * the link does, at most. */
#ifndef NODE_WORKER_INSIDE_H
#define NODE_WORKER_INSIDE_H

#include "node/worker/link.h"
#include "node/worker/worker.h"
#include "store/task.h"

typedef enum Phase { PHASE_DOWN, PHASE_CONNECTING, PHASE_GREETING, PHASE_LISTING, PHASE_UP } Phase;

typedef struct Flight {
	uint64_t id;            /* the task's */
	uint32_t run;
	Task *task;
	bool staging;           /* it waits for what it transfers to be packed: the node knows nothing of it yet */
	bool recall_sent, cancel_sent;
	unsigned denials;       /* worker->denials when it was sent */
	int32_t priority;       /* when it was sent */
	uint64_t input_at;      /* so far its stdin was sent on this link */
	uint64_t input_until;   /* so far it is wanted; 0: nothing was asked for yet */
	bool hungry;            /* in worker->hungry: there may be something to send */
	TAILQ_ENTRY(Flight) in_hungry;
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

typedef struct Fetch {          /* bytes of a parcel the node asked for */
	char hash[WIRE_HASH];
	uint64_t offset, end;
} Fetch;

typedef struct Sent {           /* a parcel that the node asked for on this link */
	char hash[WIRE_HASH];
	uint64_t there;         /* bytes of it, from its beginning, that it has or is being sent */
	UT_hash_handle hh;
} Sent;

enum {
	SENT_MAX = 4096,        /* parcels that are remembered so, only to be shown */
	FETCHES_MAX = 64,       /* an agent asks for a few MiB at a time, in pieces of one */
	DENIALS_MAX = 256,      /* a link: what is not here any more is packed again at once */
};

struct Worker {
	Turn *turn;
	Keep *keep;
	Staging *staging;
	Cluster *cluster;
	Node *node;
	Patience patience;
	Connector connector;
	Phase phase;
	Link *link;
	Flight *flights;        /* hash by task id */
	TAILQ_HEAD(, Flight) hungry;    /* those that are to be sent input, fairly in turn */
	Listed *listed;
	size_t listed_count;
	bool same_agent;        /* the one our runs were sent to */
	bool paused;
	bool stands_by;         /* its machine is another node, too, which is used */
	bool slots_unsaid;      /* the agent does not know how many slots it has */
	bool runs_unsent;       /* one placed here could not be described; tried again with the next beat */
	int64_t connected_at;   /* monotonic clock */
	uint64_t owed;          /* credit used up and not returned yet */
	Fetch fetches[FETCHES_MAX];     /* to be answered, the first first */
	size_t fetch_count;
	Sent *sent;             /* hash by parcel */
	unsigned denials;       /* fetches on this link that could not be answered: what needs them is given back */
	uv_timer_t beat, retry;
	int timers;             /* of them not closed yet */
	int64_t beat_at;        /* monotonic clock of the last beat */
	int64_t silent_ms;      /* counted only while this process was awake */
	int64_t asleep_ms;      /* so long it was not, until just now; 0: it was awake */
	uint64_t last_ended;    /* task */
	double rate;            /* runs ended a second, lately */
	int64_t rate_at;
};

/* What becomes of a frame. */
typedef enum Taken {
	FRAME_TAKEN,
	FRAME_LATER,            /* the disk is full: it is to come again */
	FRAME_BREACH,           /* against the rules, as err says: the link ends */
	FRAME_OF_TWIN,          /* of a machine that is another node, too, as err says */
} Taken;

/* --- inside.c ----------------------------------------------------------------------------------- */

Flight *flight_find(Worker *worker, uint64_t task, uint32_t run);      /* NULL: this link knows of none */
Flight *flight_add(Worker *worker, Task *task);
void flight_drop(Worker *worker, Flight *flight);
void flights_drop_all(Worker *worker);
void flight_is_fed(Worker *worker, Flight *flight);     /* there is nothing to send it now */

/* Is the run that the facts speak of on this worker's node? facts may be NULL. */
bool worker_has(const Worker *worker, const Facts *facts);

/* The node answers, or does not, because of trouble (NULL: nothing to say). */
void worker_set_up(Worker *worker, bool up, const char *trouble);

void worker_forget_listed(Worker *worker);     /* what the link said it has */
void worker_say(Worker *worker, MessageType type, uint64_t task, uint32_t run);
Taken breach(Err *err, const char *what);       /* what its agent did */

/* --- pace.c ------------------------------------------------------------------------------------- */

void pace_note_end(Worker *worker);             /* of a run */
void pace_plan(Worker *worker);                 /* a tenth of a second's work waits on the node beyond its slots */
int64_t pace_beat_ms(const Worker *worker);
int64_t pace_asleep(const Worker *worker, int64_t now); /* ms since the last beat, if one is overdue: we were stopped */
int64_t pace_asleep_lately(const Worker *worker);       /* the same until just now; 0: we were awake */

/* --- steer.c ------------------------------------------------------------------------------------ */

void worker_steer(Worker *worker, Flight *flight);      /* what the facts demand of a run that the node has */

/* --- stdin.c ------------------------------------------------------------------------------------ */

Taken feed_wanted(Worker *worker, Flight *flight, const Message *message, Err *err);
void feed_hungry(Worker *worker);       /* send what may be sent now, so that neither memory nor a link fills up */

/* --- parcels.c ---------------------------------------------------------------------------------- */

Taken parcels_take_fetch(Worker *worker, const Message *message, Err *err);
void parcels_answer(Worker *worker);            /* as much as the link takes */
void parcels_forget_sent(Worker *worker);

/* --- ending.c ----------------------------------------------------------------------------------- */

Output *ending_output(Worker *worker, Task *task, Stream stream);       /* made if there is none */
bool ending_explain(Worker *worker, Flight *flight, Slice reason);      /* false: the disk is full */
void ending_finish(Worker *worker, Flight *flight);             /* once its outputs are on the disk */
void ending_give_back(Worker *worker, Flight *flight);          /* the node does not have it: back in the queue */
void ending_lose(Worker *worker, Task *task, bool alone);       /* its run is gone: health_note_loss */
void ending_cannot_send(Worker *worker, Flight *flight, const char *why);

/* --- act.c -------------------------------------------------------------------------------------- */

void worker_send_unsent(Worker *worker);
void worker_send_run(Worker *worker, Task *task);

/* --- greet.c, hear.c ---------------------------------------------------------------------------- */

Taken greet_welcome(Worker *worker, const Message *message, Err *err);
Taken greet_held(Worker *worker, const Message *message, Err *err);
Taken greet_compare(Worker *worker, const Message *message, Err *err);
bool greet_twin_is_gone(const Worker *worker);  /* it can be used now */
Taken hear_frame(Worker *worker, const Message *message, Err *err);

#endif
