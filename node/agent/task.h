/* task.h - a task as the runner sees it: a first process, a scratch directory, pipes, a bound on its memory. */
#ifndef NODE_AGENT_TASK_H
#define NODE_AGENT_TASK_H

#include "node/agent/feed.h"
#include "node/agent/scratch.h"
#include "node/wire/wire.h"

#include <sys/types.h>

typedef struct Workshop {       /* what all tasks of a runner share */
	const char *directory;  /* DIR, absolute */
	Scratch scratch;
	int agent;              /* the socket on which its end would be heard of while files are unpacked or packed */
} Workshop;

typedef struct Task {
	RunName name;
	pid_t first;            /* its first process; 0: it has not started */
	int output[2];          /* where its stdout and stderr come out; -1: closed */
	int input[2];           /* our copies of where they go in, kept so that the ends come when we say */
	Feed feed;              /* its stdin, if the mount feeds it */
	bool bounded;           /* the kernel keeps it from having more memory than it may */
	char label[40];         /* "TASK.NUMBER": the name of its scratch directory */
	bool has_script;        /* LABEL.script lies beside that */
	bool astray;            /* it started in its scratch directory, though nothing was sent there for it */
	char *missing;          /* where it was to start instead; NULL: nobody knows */
	bool insists;           /* --chdir named that */
	char *returns;          /* globs, each ended by a NUL: what is wanted of it at its end; NULL: nothing */
	size_t returns_length;
} Task;

/* Start what a RUN message orders. -1 with err, naming what is missing; nothing is left of it then. */
int task_start(Task *task, Workshop *shop, const Message *order, Err *err);

/* Close its pipes, remove its scratch directory, leave its directory. Call it when its processes are gone. */
void task_clear(Task *task, Workshop *shop);

#endif
