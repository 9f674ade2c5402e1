/* work.c - watches over a task from its start until nothing of it is left.
 *
 * The runner being a subreaper, it is the parent of every orphan the task makes, setsid and double forks
 * included; so at any time its descendants are exactly the task's processes. A task that leaves none
 * behind, nearly all, costs one waitpid(2) to know that. */
#include "node/agent/work.h"

#include "node/agent/gather.h"
#include "node/agent/platform.h"
#include "node/agent/runner.h"
#include "store/base/clock.h"

#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum {
	KILL_AGAIN_MS = 10,             /* for what was forked while we looked; then twice as long, and so on */
	KILL_PAUSE_MAX = 1000,          /* what sits in the kernel, on a dead file server, is not helped by more */
	ABANDON_MS = 5000,              /* longest wait for that */
	LOOK_MS = 100,                  /* between two looks at the task's memory ... */
	LOOK_SHARE = 50,                /* ... which are to cost no more than this part of the time */
	DOUBT_MS = 1000,                /* after a signal that it is to end by: for those that hear it to go */
};

/* At once, if there is less time than the warning is to come before. */
static void plan_warning(Work *work, const Message *order)
{
	uint64_t limit = order->start.limit_ms, before = order->start.warn_ms;

	if (work->limit_at < 0 || !order->start.warn_signal || order->start.warn_signal >= NSIG)
		return;
	work->warn_at = work->limit_at - (int64_t)(before < limit ? before : limit);
	work->warn_signal = (int)order->start.warn_signal;
	work->warn_first = order->start.warn_first;
	work->spare_first = order->start.script;
}

void work_start(Work *work, const Message *order)
{
	int64_t now = clock_mono_ms();
	Err err;

	if (work->busy)
		return;
	*work = (Work){ .agent = work->agent, .shop = work->shop, .started = now, .limit_at = -1, .kill_at = -1,
			.kill_pause = KILL_AGAIN_MS, .flush_at = -1, .warn_at = -1, .look_at = -1,
			.doubt_at = -1 };
	if (task_start(&work->task, &work->shop, order, &err) < 0) {
		report_ended(work, END_NOT_STARTED, 0, err.text);
		return;
	}
	work->busy = true;
	work->started = now = clock_mono_ms();
	work->grace_ms = order->start.grace_ms;
	if (order->start.limit_ms > 0 && order->start.limit_ms < INT64_MAX / 2)
		work->limit_at = now + (int64_t)order->start.limit_ms;
	plan_warning(work, order);
	work->memory_limit = order->start.memory;
	if (work->memory_limit && !work->task.bounded)
		work->look_at = now + LOOK_MS;
	report_started(work);
	work_ask_for_input(work);
}

/* A stopped process hears SIGTERM only when it goes on. */
void work_stop(Work *work, uint32_t grace_ms)
{
	if (grace_ms > 0)
		platform_signal_task(work->task.first, SIGTERM, SIGCONT);
	work->kill_at = clock_earlier(work->kill_at, clock_mono_ms() + grace_ms);
	work->doubt_at = clock_mono_ms() + DOUBT_MS;
}

static double mebibytes(uint64_t bytes)
{
	return (double)bytes / (1024 * 1024);
}

static const char *why_out_of_memory(const Work *work)
{
	static char why[160];

	if (work->over_by)
		snprintf(why, sizeof why, "killed: it had %.1f MiB of memory, its limit (--mem) was %.1f MiB",
			 mebibytes(work->over_by), mebibytes(work->memory_limit));
	else
		snprintf(why, sizeof why, "killed: it wanted more memory than its limit (--mem) of %.1f MiB",
			 mebibytes(work->memory_limit));
	return why;
}

static void tell_left_running(Work *work)
{
	char text[100];

	if (work->left_running == 0)
		return;
	snprintf(text, sizeof text, "wulfs: %zu process%s left running %s killed\n", work->left_running,
		 work->left_running == 1 ? "" : "es", work->left_running == 1 ? "was" : "were");
	report_sentence(work, text);
}

/* One that is being ended leaves the rest behind because of that. */
static bool is_being_ended(const Work *work)
{
	return work->kill_at >= 0 || work->over_by > 0 || (work->task.bounded && platform_memory_ran_out(work->task.label));
}

/* The agent is to wait for what may take long: it asks about tasks that should have ended. */
static void ask_for_time(Work *work)
{
	if (!work->task.returns && !work->task.astray && !is_being_ended(work))
		return;
	report_pong(work, RUNNER_EXCUSED);
	channel_flush(&work->agent);
}

static void finish(Work *work)
{
	bool signalled = WIFSIGNALED(work->status);
	int code = signalled ? WTERMSIG(work->status) : WEXITSTATUS(work->status);

	bool out_of_memory = work->over_by > 0 || (work->task.bounded && platform_memory_ran_out(work->task.label));

	report_rest(work);
	tell_left_running(work);
	ask_for_time(work);
	gather_returns(work);
	gather_strays(work, signalled || code == 0);
	task_clear(&work->task, &work->shop);
	if (work->timed_out)
		report_ended(work, END_TIME_LIMIT, signalled ? 128 + code : code, NULL);
	else if (out_of_memory)
		report_ended(work, END_MEMORY, signalled ? 128 + code : code, why_out_of_memory(work));
	else
		report_ended(work, signalled ? END_SIGNALLED : END_EXITED, code, NULL);
	work->busy = false;
}

static uint64_t microseconds(struct timeval span)
{
	return (uint64_t)span.tv_sec * 1000000 + (uint64_t)span.tv_usec;
}

static void add_usage(Work *work, const struct rusage *usage)
{
	uint64_t memory = platform_resident_bytes(usage->ru_maxrss);

	work->user_us += microseconds(usage->ru_utime);
	work->system_us += microseconds(usage->ru_stime);
	if (memory > work->memory)
		work->memory = memory;
}

/* Waits for whatever has ended. False when no process of the task is left. */
static bool reap(Work *work)
{
	struct rusage usage;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
		add_usage(work, &usage);
		if (pid != work->task.first)
			continue;
		work->over = true;
		work->status = status;
	}
	return pid == 0;
}

/* Returns how many processes there were. */
static size_t kill_task(Work *work)
{
	size_t alive = platform_signal_task(work->task.first, SIGKILL, 0);

	work->kill_at = clock_mono_ms() + work->kill_pause;
	work->kill_pause = work->kill_pause * 2 < KILL_PAUSE_MAX ? work->kill_pause * 2 : KILL_PAUSE_MAX;
	if (work->doubt_at < 0)
		work->doubt_at = clock_mono_ms() + DOUBT_MS;
	return alive;
}

/* Without the C library's own look-up, which a static program has not. */
static const char *user_name(uid_t user)
{
	static char name[64];
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry;

	snprintf(name, sizeof name, "%u", (unsigned)user);
	while (file && (entry = fgetpwent(file)))
		if (entry->pw_uid == user) {
			snprintf(name, sizeof name, "%s", entry->pw_name);
			break;
		}
	if (file)
		fclose(file);
	return name;
}

/* What is left became another user's, by sudo for one: it hears no signal of ours, and the task is over without it. */
static void leave_behind(Work *work, const Survivors *left)
{
	const char *user = user_name(left->user);
	char text[200];

	snprintf(text, sizeof text, "wulfs: process %d of user %s cannot be killed by the job's user, and was left running\n",
		 (int)left->pid, user);
	report_rest(work);
	report_sentence(work, text);
	report_stuck(work, left->pid, user);
	if (!work->over)
		work->status = SIGKILL;
	work->over = work->retired = true;
	finish(work);
}

static void doubt(Work *work)
{
	Survivors left = platform_survivors(NULL, 0);

	work->doubt_at = left.foreign > 0 ? clock_mono_ms() + DOUBT_MS : -1;
	if (left.foreign > 0 && left.ours == 0)
		leave_behind(work, &left);
}

void work_mind_children(Work *work)
{
	bool was_over = work->over, some_left = reap(work);

	if (!work->busy || !work->over)
		return;
	if (!was_over && (some_left || !platform_adopts_orphans())) {
		bool by_itself = !is_being_ended(work);
		size_t left = kill_task(work);

		work->left_running = by_itself ? left : 0;
		some_left = reap(work);
	}
	if (!some_left)
		finish(work);
}

static void warn(Work *work)
{
	work->warn_at = -1;
	if (work->warn_first)
		kill(work->task.first, work->warn_signal);
	else if (work->spare_first)
		platform_signal_others(work->task.first, work->warn_signal);
	else
		platform_signal_task(work->task.first, work->warn_signal, 0);
}

/* Looks are paced by what they cost: a pass over /proc takes long on a machine with many processes. */
static void mind_memory(Work *work, int64_t now)
{
	uint64_t has = platform_task_memory(work->task.first, work->memory_limit);
	int64_t pause = (clock_mono_ms() - now) * LOOK_SHARE;

	work->look_at = clock_mono_ms() + (pause > LOOK_MS ? pause : LOOK_MS);
	if (has <= work->memory_limit)
		return;
	work->look_at = work->warn_at = work->limit_at = -1;
	work->over_by = has;
	kill_task(work);
}

void work_ask_for_input(Work *work)
{
	uint64_t until = work->busy ? feed_ask(&work->task.feed) : 0;

	if (until)
		report_wanted(work, until);
}

void work_mind_clock(Work *work)
{
	int64_t now = clock_mono_ms();

	if (!work->busy)
		return;
	if (work->look_at >= 0 && now >= work->look_at && !work->over)
		mind_memory(work, now);
	if (work->warn_at >= 0 && now >= work->warn_at && !work->over)
		warn(work);
	if (work->limit_at >= 0 && now >= work->limit_at && !work->over) {
		work->limit_at = -1;
		work->timed_out = true;
		work_stop(work, work->grace_ms);
	}
	if (work->kill_at >= 0 && now >= work->kill_at)
		kill_task(work);
	if (work->doubt_at >= 0 && now >= work->doubt_at)
		doubt(work);
}

int64_t work_patience(const Work *work)
{
	int64_t now = clock_mono_ms(), until = -1;

	if (work->busy)
		until = clock_earlier(work->limit_at, clock_earlier(work->kill_at, work->doubt_at));
	if (work->busy && !work->over)
		until = clock_earlier(until, clock_earlier(work->warn_at, work->look_at));

	return until < 0 ? -1 : until > now ? until - now : 0;
}

void work_abandon(Work *work)
{
	int64_t give_up = clock_mono_ms() + ABANDON_MS;
	Survivors left;

	if (!work->busy)
		return;
	do {
		platform_signal_task(work->task.first, SIGKILL, 0);
		platform_poll(NULL, 0, KILL_AGAIN_MS); /* until SIGCHLD comes */
		left = platform_survivors(NULL, 0);
	} while (reap(work) && (left.ours > 0 || left.foreign == 0) && clock_mono_ms() < give_up);
	task_clear(&work->task, &work->shop);
}
