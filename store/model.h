/* model.h - the nouns. Start reading here.
 *
 *   Cluster   everything this mount knows: its jobs, its nodes, what is waiting
 *   Job       one accepted submission; its Spec says what to do
 *   Task      one thing to run; a job has one, or as an array many (array.h)
 *   run       one attempt at a task on a node, named by a number that grows with each attempt
 *   Node      a machine that runs tasks
 *
 * What a task is right now are its Facts: plain data, so that a turn of the loop that could not be
 * committed is undone by copying them back. Only task.c changes them. All of this belongs to the one
 * owner thread. */
#ifndef STORE_MODEL_H
#define STORE_MODEL_H

#include "store/spec.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uthash.h>

enum {
	JOB_ID_FIRST = 10000001,        /* eight digits all: glob order is submission order */
	JOB_ID_LAST = 99999999,
	RUNS_LOST_MAX = 5,              /* so many runs lost with their nodes, and the task is NODE_FAIL */
	EXIT_NONE = 255,                /* the exit of a job that never finished */
	PRIORITY_DEFAULT = 1000000,     /* minus --nice; higher goes first */
};

/* Slurm's words: squeue(1), JOB STATE CODES and JOB REASON CODES. */
typedef enum TaskState {
	TASK_PENDING, TASK_RUNNING,
	TASK_COMPLETED, TASK_FAILED, TASK_CANCELLED, TASK_TIMEOUT, TASK_NODE_FAIL, TASK_OUT_OF_MEMORY,
	TASK_STATES
} TaskState;

typedef enum Reason {
	REASON_NONE,
	REASON_HELD,            /* JobHeldUser */
	REASON_DRAFT,           /* held: its writer was cut off */
	REASON_EXIT,            /* NonZeroExitCode */
	REASON_SIGNAL,          /* RaisedSignal:N, N from the exit */
	REASON_TIME_LIMIT,
	REASON_MEMORY,          /* OutOfMemory */
	REASON_LAUNCH,          /* JobLaunchFailure */
	REASON_NODE_DOWN,
	REASON_CANCELLED,       /* by the owner */
	REASON_NEVER,           /* DependencyNeverSatisfied, and --kill-on-invalid-dep */
	REASONS
} Reason;

typedef enum NodeState {
	NODE_FOUND, NODE_UNTRUSTED, NODE_CONNECTING, NODE_IDLE, NODE_MIXED, NODE_ALLOCATED, NODE_DRAINING, NODE_DRAINED, NODE_DOWN,
	NODE_STATES
} NodeState;

/* Where a task waits to be placed. */
typedef enum Queue {
	QUEUE_READY,
	QUEUE_PASSED,           /* for this turn only: it waits for certain nodes, others go first */
	QUEUE_ASIDE,            /* no node that is there now could run it */
	QUEUE_BLOCKED,          /* it waits for other jobs, or for its hour */
	QUEUES,
	QUEUE_LIMITED = QUEUES  /* the array's own: so many of its tasks run as may at a time */
} Queue;

/* What the owner said of a machine that announced itself. */
typedef enum Standing {
	STANDING_NONE,          /* nothing */
	STANDING_USED,          /* use it: trust, mkdir */
	STANDING_HIDDEN,        /* rmdir: not to be seen until mkdir */
	STANDINGS
} Standing;

/* STREAM_RETURN: the parcel of what --return names; it is kept unpacked (returned.h). */
typedef enum Stream { STREAM_STDOUT, STREAM_STDERR, STREAM_RETURN, STREAMS } Stream;

typedef struct Node Node;
typedef struct Job Job;
typedef struct Task Task;
typedef struct Name Name;
typedef struct Output Output;
typedef struct Array Array;
typedef struct Depends Depends;

typedef struct Facts {
	TaskState state : 8;
	Reason reason : 8;
	bool cancelled;         /* the owner asked for its end */
	bool adoptable;         /* the newest run was lost with its node, and goes on if the node is back in time */
	bool placed;            /* run number `run` is on `node`, waiting there or running */
	uint8_t exit;           /* once finished */
	uint8_t lost;           /* runs that were lost with their node */
	uint16_t retried;       /* runs that failed and were tried again: --retries */
	uint32_t slots;         /* that the run takes on its node */
	uint32_t run;           /* number of the newest run; 0: none yet */
	uint32_t restarts;      /* runs started again: SLURM_RESTART_COUNT */
	int32_t priority;
	uint32_t lost_at;       /* monotonic clock, seconds: when its last run was lost; 0: not in this mount */
	Node *node;             /* of the newest run, NULL before the first */
	int64_t started, ended; /* ms since the epoch, 0: not yet */
	uint64_t size[STREAMS]; /* bytes of output, once finished */
} Facts;

struct Task {
	uint64_t id;                    /* ids of jobs and tasks are one sequence */
	Job *job;
	Facts now;
	Output *output[STREAMS];        /* of the run that is going on; NULL: nothing yet, or finished */
	size_t pending_at;              /* 1 + place in the heap of what waits to be placed; 0: not there */
	Queue queue;                    /* which heap that is */
	size_t touched_at;              /* 1 + place in this turn's list of changes; 0: unchanged */
	TAILQ_ENTRY(Task) on_node;      /* in node->tasks while placed */
};

struct Job {
	uint64_t id;
	Task task;                      /* its only one; of an array: the rest */
	Array *array;                   /* NULL: it is none */
	Depends *depends;               /* what has to happen before it may run; NULL: nothing */
	Name *name;
	const char *directory;          /* the submitter's; interned; NULL: unknown */
	Spec *spec;                     /* parsed; NULL when it is to be read back: cluster_spec */
	uint32_t slots;
	uint64_t memory;                /* bytes a task takes; 0: not said */
	uint16_t retries;               /* a task that failed is run again so often */
	bool requeue;                   /* may start again after its node was lost */
	bool exclusive;                 /* each task takes all slots of its node */
	int64_t submitted, begins;      /* ms since the epoch; begins 0: at once */
	TAILQ_ENTRY(Job) of_name;       /* older jobs of one name before newer */
};

struct Name {                           /* a job name and who bears it */
	char *text;
	TAILQ_HEAD(JobList, Job) jobs;
	bool singleton;                 /* one of them waits, or waited, for the older ones */
	Job *done_before;               /* all older than it are finished, for good; NULL: not looked at yet */
	UT_hash_handle hh;
};

enum { FAILING_MAX = 8 };

typedef struct Failing {                /* a job that failed at once on a node */
	uint64_t job;           /* 0: none */
	uint32_t done;          /* tasks of it that were COMPLETED then, anywhere */
} Failing;

typedef struct NodeOrders {             /* what is asked of a node (node.h); members as Node's */
	char *drain, *features, *user;
	uint32_t slots_wanted;
} NodeOrders;

struct Node {
	uint32_t id;
	char *name;                     /* its directory in nodes/ */
	char *source;                   /* who told us: "local", "mkdir", "nodes" (the file), "dns-sd" */
	char *user;                     /* to log in as, by `ctl user`; NULL: as its name or ssh_config says */
	char *features;                 /* words with commas between, "" for none */
	char *drain;                    /* why nothing new starts here; NULL: not drained */
	char *instance;                 /* the agent process its runs were sent to, NULL: none yet */
	/* of a machine that announced itself (node/discovery/reconcile.h) */
	char *host;                     /* who to log in at, "pi.local"; NULL: as its name says */
	char *places;                   /* addresses it was announced at, blanks between, the best first */
	uint32_t port;
	Standing standing;
	char *proven, *proven_key;      /* the one of them where it last proved to be itself, and the fingerprint it had */
	char *announced;                /* fingerprints it says it has, commas between: shown, never believed */
	char *doubt;                    /* they are not what it showed; a sentence */
	int64_t announced_at;           /* monotonic clock, when that was looked at last; 0: not in this mount */
	bool found;                     /* it is not to be used, so nobody asks it for anything */
	bool kept;                      /* gone for now; its row stays */
	bool fresh;                     /* made for an announcement in this mount, and never heard of otherwise */
	/* as last heard, not kept over a mount */
	bool gone;                      /* removed; here for the finished tasks that name it */
	bool up;                        /* the agent answers */
	bool untrusted;                 /* its host key is not known to be its own: nothing was sent */
	char *fingerprint;              /* of the host key it last showed, "SHA256:..." */
	char *key;                      /* that key as in known_hosts, without the host */
	char *login;                    /* who logs in there */
	char *machine;                  /* boot id, name, host key, login: nodes that have the same are one; NULL: not known */
	char *trouble;                  /* why it does not, a sentence to act on; NULL: nothing to say */
	char *caveat;                   /* what is amiss there although it does; likewise */
	char *address, *arch, *os;
	uint32_t cpus;
	uint64_t memory, memory_free;   /* bytes */
	uint32_t load;                  /* hundredths */
	int64_t seen;                   /* ms since the epoch; 0: never */
	/* slots and work */
	uint32_t slots_wanted;          /* by `ctl slots`; 0: its own default */
	uint32_t slots_default;
	uint32_t slots_ahead;           /* beyond its slots, so much work is sent to wait there */
	TAILQ_HEAD(TaskList, Task) tasks;       /* placed here */
	uint32_t running;               /* tasks started here */
	uint32_t slots_running;         /* slots they take */
	uint32_t slots_placed;          /* slots of all that is placed here, started or not */
	uint64_t memory_placed;         /* bytes that these asked for */
	uint32_t exclusive_placed;      /* tasks placed here that want it for themselves */
	uint32_t failed_at_once;        /* so many jobs in a row failed within a second of their start */
	int64_t failing_since;          /* monotonic clock, of the first of them */
	int64_t did_well;               /* monotonic clock, of the last that did not; 0: none yet */
	Failing failing[FAILING_MAX];   /* whose tasks these were, lately */
	uint32_t losses;                /* so often in a row it lost what it ran */
	int64_t losing_since;           /* monotonic clock, of the first of them */
	int64_t lost_at;                /* monotonic clock, of the last */
	/* since the state was made */
	uint64_t completed, failed;
	int64_t job_ms;                 /* time its finished runs took, together */
	bool changed;                   /* its row is to be written */
	NodeOrders *before;             /* its orders before this turn, if they changed in it; else NULL */
	TAILQ_ENTRY(Node) all;
	UT_hash_handle of_name;
};

const char *task_state_name(TaskState state);           /* "PENDING" */
int task_state_of(const char *name);                    /* -1: none of that name */
const char *reason_name(Reason reason);                 /* "JobHeldUser" */
int reason_of(const char *name);
const char *node_state_name(NodeState state);

bool task_is_finished(const Task *task);
bool facts_can_be_placed(const Facts *facts);           /* pending, not held, not on a node already */
NodeState node_state(const Node *node);
uint32_t node_slots(const Node *node);

#endif
