/* work.h - a runner's work: the one task it has, what becomes of that, and what the agent is told of it.
 *
 * work.c watches over the task, report.c writes to the agent, runner.c is the process around both. */
#ifndef NODE_AGENT_WORK_H
#define NODE_AGENT_WORK_H

#include "node/agent/channel.h"
#include "node/agent/task.h"

typedef struct Work {
	Channel agent;
	Workshop shop;
	Task task;
	bool busy;
	bool over;              /* the first process has ended, with status */
	int status;
	int64_t started;
	int64_t limit_at;       /* when the time limit strikes; -1: never, or it has */
	int64_t kill_at;        /* when all that is left gets SIGKILL; -1: not planned */
	int64_t kill_pause;     /* until it gets it again */
	int64_t flush_at;       /* what is to be sent waits until then; -1: it does not wait */
	uint32_t grace_ms;      /* at the time limit */
	bool timed_out;
	int64_t warn_at;        /* when the warning before that is due; -1: none is, or it was given */
	int warn_signal;
	bool warn_first;        /* only the first process is warned */
	bool spare_first;       /* the first is a script's interpreter, which is not warned with the others */
	uint64_t memory_limit;  /* bytes; 0: none */
	int64_t look_at;        /* when to see how much memory it has; -1: nobody needs to */
	uint64_t over_by;       /* how much it had when it was found to have more; 0: it was not */
	size_t left_running;    /* processes that its first left behind, and that were killed */
	int64_t doubt_at;       /* it is to end: when to see whether only what we may not kill is left; -1: need not */
	bool retired;           /* such a process is left: this runner takes no other task */
	uint64_t sent[2];       /* bytes of output reported */
	bool in_line;           /* its stderr so far does not end with a newline */
	uint64_t returned;      /* bytes of the parcel of what is returned, in its stream's file */
	uint64_t user_us, system_us, memory;
} Work;

/* Does what a RUN orders, unless there is a task already. */
void work_start(Work *work, const Message *order);

/* Ends the task: SIGTERM now, SIGKILL in grace_ms, both to all its processes. */
void work_stop(Work *work, uint32_t grace_ms);

/* After SIGCHLD: waits for what has ended, and finishes the task when nothing of it is left. */
void work_mind_children(Work *work);

/* Does what is due by the clock, and says in how many milliseconds more will be; -1: never. */
void work_mind_clock(Work *work);
int64_t work_patience(const Work *work);

/* Asks for more of its stdin, if there is room for much of it. */
void work_ask_for_input(Work *work);

/* Kills all there is and waits for it, as far as the kernel lets it end. */
void work_abandon(Work *work);

/* Frames to the agent about the task; they are sent later, all at once. */
void report_started(Work *work);
void report_wanted(Work *work, uint64_t until);
void report_pong(Work *work, uint64_t stamp);
void report_stuck(Work *work, pid_t pid, const char *user);
void report_ended(Work *work, RunEnd how, int code, const char *reason);

/* Passes on up to most bytes of what is in a pipe of the task. Returns how many, 0 at its end. */
size_t report_output(Work *work, int stream, size_t most);

/* Adds lines of our own to its stderr. */
void report_sentence(Work *work, const char *text);

/* Passes on what the pipes hold now that all that could write is dead. */
void report_rest(Work *work);

#endif
