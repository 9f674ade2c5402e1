/* runner.c - the process that runs tasks one after the other, for as long as the agent lives.
 *
 * It has one thread, sleeps in one poll, and the only signal it minds is SIGCHLD, which comes in during
 * that poll alone. */
#include "node/agent/runner.h"

#include "node/agent/platform.h"
#include "node/agent/say.h"
#include "node/agent/serve.h"
#include "node/agent/work.h"
#include "store/base/clock.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum { UNSENT_MAX = 256 * 1024 };       /* the pipes are not read while so much waits for the agent */

static volatile sig_atomic_t child_ended;

static void note_child(int signal)
{
	(void)signal;
	child_ended = 1;
}

static void hear(Work *work, const Message *message)
{
	if (message->type == WIRE_PING)
		report_pong(work, message->ping.stamp);
	if (message->type == WIRE_RUN && !work->retired)
		work_start(work, message);
	if (!work->busy || !run_is(message->run, work->task.name))
		return;
	if (message->type == WIRE_INPUT)
		feed_take(&work->task.feed, message);
	if (message->type == WIRE_CANCEL)
		work_stop(work, message->cancel.grace_ms);
	if (message->type == WIRE_SIGNAL && message->signal.signal < NSIG)
		platform_signal_task(work->task.first, (int)message->signal.signal, 0);
}

/* The agent is gone, or wants us gone: leave nothing. */
static void leave(Work *work)
{
	work_abandon(work);
	scratch_release(&work->shop.scratch);
	_exit(0);
}

static void hear_agent(Work *work)
{
	Message message;
	Err err;
	int more;

	if (channel_fill(&work->agent) < 0)
		leave(work);
	while ((more = channel_take(&work->agent, &message, NULL, &err)) > 0)
		hear(work, &message);
	if (more < 0) {
		say("what the agent says makes no sense: %s", err.text);
		leave(work);
	}
}

static int64_t patience(const Work *work)
{
	int64_t batch_ends = -1;

	if (channel_pending(&work->agent) > 0 && work->flush_at >= 0)
		batch_ends = work->flush_at > clock_mono_ms() ? work->flush_at - clock_mono_ms() : 0;
	return clock_earlier(work_patience(work), batch_ends);
}

static void flush(Work *work)
{
	if (channel_pending(&work->agent) < WIRE_OUTPUT_MAX && clock_mono_ms() < work->flush_at)
		return;
	work->flush_at = -1;
	if (channel_flush(&work->agent) < 0)
		leave(work);
}

static void turn(Work *work)
{
	bool reading = work->busy && channel_pending(&work->agent) < UNSENT_MAX;
	bool writing = channel_pending(&work->agent) > 0 && work->flush_at < 0;
	bool feeding = work->busy && feed_is_full_handed(&work->task.feed);
	struct pollfd fds[4] = {
		{ work->agent.fd, (short)(POLLIN | (writing ? POLLOUT : 0)), 0 },
		{ reading ? work->task.output[0] : -1, POLLIN, 0 },
		{ reading ? work->task.output[1] : -1, POLLIN, 0 },
		{ feeding ? work->task.feed.fd : -1, POLLOUT, 0 },
	};

	if (platform_poll(fds, 4, patience(work)) > 0) {
		for (int i = 0; i < 2; i++)
			if (fds[1 + i].revents & POLLIN)
				report_output(work, i, WIRE_OUTPUT_MAX);
		if (fds[3].revents)
			feed_give(&work->task.feed);
		if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
			hear_agent(work);
		work_ask_for_input(work);
	}
	if (child_ended) {
		child_ended = 0;
		work_mind_children(work);
	}
	work_mind_clock(work);
	flush(work);
	if (work->retired && !work->busy && channel_pending(&work->agent) == 0)
		leave(work);
}

/* fd takes the place after the lock; nothing else of the agent's stays open, above all not its ends of
 * other runners' sockets, which would keep those from noticing that the agent died. */
static int keep_only(int fd)
{
	const int place = LOCK_FD + 1;

	if (fd != place)
		dup2(fd, place);
	platform_close_from(place + 1);
	fcntl(place, F_SETFD, FD_CLOEXEC);
	return place;
}

void runner_main(int fd, const char *directory)
{
	struct sigaction action = { .sa_handler = note_child };
	Work work = { .flush_at = -1 };

	sigaction(SIGCHLD, &action, NULL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	channel_init(&work.agent, keep_only(fd));
	work.shop.directory = directory;
	work.shop.agent = work.agent.fd;
	scratch_init(&work.shop.scratch);
	platform_adopt_orphans();
	for (;;)
		turn(&work);
}
