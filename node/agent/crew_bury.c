/* crew_bury.c - the end of runners: those that die before their time, and of all at the agent's end.
 *
 * What a dead runner's task left running becomes our child, since we are the next subreaper up; and a
 * child of ours that is no runner can be nothing else. */
#include "node/agent/crew.h"

#include "node/agent/crew_inside.h"
#include "node/agent/platform.h"
#include "node/agent/remove.h"
#include "node/agent/say.h"
#include "store/base/clock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	MOURN_MS = 20,          /* between looks at what a dead runner left */
	DISMISS_MS = 5000,      /* for runners to kill their tasks and go by themselves */
};

/* A dead one counts as busy: it is listened to until its end, then buried. */
static void runner_died(Crew *crew, Runner *runner)
{
	runner->dead = true;
	crew->mourn_at = clock_mono_ms();
	if (runner->idle)
		crew_become_busy(crew, runner);
}

static Runner *runner_of(const Crew *crew, pid_t pid)
{
	const struct RunnerList *lists[] = { &crew->busy, &crew->idle };
	Runner *runner;

	for (int i = 0; i < 2; i++)
		TAILQ_FOREACH(runner, lists[i], in_crew)
			if (runner->pid == pid)
				return runner;
	return NULL;
}

/* Nobody but its own task stops a runner, which then could neither be cancelled nor end in time: it goes on. */
void crew_reap(Crew *crew)
{
	Runner *runner;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		runner = runner_of(crew, pid);
		if (runner && WIFSTOPPED(status))
			kill(pid, SIGCONT);
		else if (runner)
			runner_died(crew, runner);
	}
}

static void add_pids(Buf *pids, const struct RunnerList *list)
{
	const Runner *runner;

	TAILQ_FOREACH(runner, list, in_crew)
		buf_add(pids, &runner->pid, sizeof runner->pid);
}

/* The runners' pids; the caller's to buf_release. */
static Buf runners_of(const Crew *crew)
{
	Buf pids = BUF_INIT;

	add_pids(&pids, &crew->busy);
	add_pids(&pids, &crew->idle);
	return pids;
}

static size_t kill_strangers(const Crew *crew)
{
	Buf pids = runners_of(crew);
	size_t left = platform_kill_strangers((const pid_t *)(void *)pids.data, pids.length / sizeof(pid_t));

	buf_release(&pids);
	return left;
}

void crew_look_for_stuck(Crew *crew)
{
	Buf pids;

	if (crew->stuck.look_at < 0 || clock_mono_ms() < crew->stuck.look_at)
		return;
	pids = runners_of(crew);
	stuck_look(&crew->stuck, (const pid_t *)(void *)pids.data, pids.length / sizeof(pid_t));
	buf_release(&pids);
}

static void remove_scratch(const Runner *runner)
{
	int scratch = open("scratch", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[64];

	if (scratch < 0)
		return;
	snprintf(name, sizeof name, "%" PRIu64 ".%" PRIu32, runner->task.task, runner->task.number);
	remove_tree(scratch, name);
	strcat(name, ".script");
	remove_tree(scratch, name);
	strcpy(strrchr(name, '.'), ".steps");
	remove_tree(scratch, name);
	unlink(stream_file(runner->task, WIRE_STREAM_RETURN));
	close(scratch);
}

/* One that was killed for not keeping the time limit has kept it so. */
static Ending ending_of(const Runner *runner)
{
	if (runner->killed && runner->overdue)
		return (Ending){ .how = END_TIME_LIMIT, .code = 128 + SIGKILL,
				 .ran_ms = (uint64_t)(clock_mono_ms() - runner->run->started) };
	return (Ending){ .how = END_LOST, .reason = mem_copy_text(runner->killed
		? "the agent's process that ran it did not answer, and was killed"
		: "the agent's process that ran it died") };
}

static void bury(Crew *crew, Runner *runner)
{
	Ending ending;

	if (runner->slots > 0) {
		say("runner %d died, and run %" PRIu64 ".%" PRIu32 " with it", (int)runner->pid,
		    runner->task.task, runner->task.number);
		remove_scratch(runner);
	}
	if (runner->run) {
		ending = ending_of(runner);
		runs_ended(crew->runs, runner->run, &ending);
	}
	crew->used -= runner->slots;
	crew->count--;
	TAILQ_REMOVE(&crew->busy, runner, in_crew);
	channel_release(&runner->channel);
	free(runner);
}

static bool bury_the_dead(Crew *crew)
{
	Runner *runner, *next;
	bool all = true;

	for (runner = TAILQ_FIRST(&crew->busy); runner; runner = next) {
		next = TAILQ_NEXT(runner, in_crew);
		if (!runner->dead)
			continue;
		if (runner->silent)
			bury(crew, runner);
		else
			all = false;
	}
	return all;
}

/* Not before the last process of the lost task is gone, and the last word of the runner heard. */
void crew_bury(Crew *crew)
{
	if (crew->mourn_at < 0 || clock_mono_ms() < crew->mourn_at)
		return;
	if (kill_strangers(crew) == 0 && bury_the_dead(crew))
		crew->mourn_at = -1;
	else
		crew->mourn_at = clock_mono_ms() + MOURN_MS;
}

static void close_all(Crew *crew)
{
	Runner *runner;

	TAILQ_FOREACH(runner, &crew->busy, in_crew)
		channel_release(&runner->channel);
	TAILQ_FOREACH(runner, &crew->idle, in_crew)
		channel_release(&runner->channel);
}

static void kill_all(Crew *crew)
{
	Runner *runner;

	TAILQ_FOREACH(runner, &crew->busy, in_crew)
		kill(runner->pid, SIGKILL);
	TAILQ_FOREACH(runner, &crew->idle, in_crew)
		kill(runner->pid, SIGKILL);
	platform_kill_strangers(NULL, 0);
}

/* But those that cannot be killed. */
static bool children_left(void)
{
	Survivors left;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	if (pid < 0)
		return false;
	left = platform_survivors(NULL, 0);
	return left.ours > 0 || left.foreign == 0;
}

void crew_dismiss(Crew *crew)
{
	int64_t patience_ends = clock_mono_ms() + DISMISS_MS, give_up = patience_ends + DISMISS_MS;

	close_all(crew);
	while (children_left() && clock_mono_ms() < give_up) {
		if (clock_mono_ms() > patience_ends)
			kill_all(crew);
		platform_poll(NULL, 0, MOURN_MS);
	}
}
