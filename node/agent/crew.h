/* crew.h - the agent's runners: processes that each run one task at a time and outlive it. A runner is
 * forked when a run finds none idle, at most one a slot.
 *
 * The crew gives queued runs to runners in order of arrival, keeps what these report, and buries those
 * that die: their runs are lost, what they left running is killed first. */
#ifndef NODE_AGENT_CREW_H
#define NODE_AGENT_CREW_H

#include "node/agent/channel.h"
#include "node/agent/runs.h"
#include "node/agent/stuck.h"

#include <poll.h>
#include <sys/queue.h>
#include <sys/types.h>

typedef struct Runner {
	pid_t pid;
	Channel channel;
	RunName task;                   /* the one it is busy with */
	Run *run;                       /* that, if it is still held; NULL: what it reports interests nobody */
	uint32_t slots;                 /* taken by its task; 0: it has none */
	bool idle;                      /* it is in crew->idle, else in crew->busy */
	int64_t stalled_until;          /* the disk did not take its output; -1: nothing is wrong */
	bool started;                   /* it watches its task's processes */
	int64_t end_by;                 /* its task should be over by then; -1: at any time */
	int64_t answer_by;              /* it was asked whether it is there; -1: it was not, or has answered */
	bool overdue;                   /* as its task's time had passed */
	bool excused;                   /* it said that it packs or removes files now */
	bool killed;                    /* it did not answer */
	bool retires;                   /* it left a process that cannot be killed, and ends with its task */
	bool silent;                    /* its socket is at its end */
	bool dead;                      /* and it has been waited for */
	struct pollfd *polled;          /* in this turn of the loop, or NULL */
	TAILQ_ENTRY(Runner) in_crew;
} Runner;

TAILQ_HEAD(RunnerList, Runner);

typedef struct Crew {
	const char *directory;          /* DIR, absolute */
	Runs *runs;
	struct RunnerList busy, idle;   /* busy ones are listened to: those with a task, and those that leave */
	uint32_t count;                 /* of both */
	uint32_t slots, used;           /* of the node; used may be more after slots were taken away */
	int64_t fork_at;                /* a fork failed: not again before; -1: none did */
	Stuck stuck;
	int64_t mourn_at;               /* when to look whether the dead can be buried; -1: none are dead */
} Crew;

void crew_init(Crew *crew, const char *directory, Runs *runs);

void crew_set_slots(Crew *crew, uint32_t slots);

/* Start queued runs, as far as slots go. */
void crew_start(Crew *crew);

/* Pass a SIGNAL or CANCEL on to the runner of a running run. */
void crew_pass(Run *run, const Message *message);

/* Pass a frame of INPUT on, which its runner has asked for. */
void crew_feed(Run *run, Slice frame);

/* Kill a running run at once and hear nothing more of it. Its slots are free when it is really gone. */
void crew_abandon(Run *run);

/* Add the busy runners' descriptors to fds, which has room for crew->count; returns how many. */
size_t crew_watch(Crew *crew, struct pollfd *fds);

/* Milliseconds the loop may sleep for the crew's sake; -1: for ever. */
int64_t crew_patience(const Crew *crew);

/* After the poll: take in what runners say; after SIGCHLD: wait for the dead; bury them; then, when the
 * rest of the turn is done, send what is to be sent. */
void crew_hear(Crew *crew);
void crew_reap(Crew *crew);
void crew_bury(Crew *crew);
void crew_look_for_stuck(Crew *crew);
void crew_mind_doubts(Crew *crew);      /* kills runners that were asked, and do not answer */
void crew_flush(Crew *crew);

/* Kill all tasks and wait until runners and tasks are gone, as far as the kernel lets them. */
void crew_dismiss(Crew *crew);

#endif
