/* crew.c - forks runners and hands them runs. What they say is crew_hear.c's, their end crew_bury.c's.
 *
 * A runner ends when its socket does, so nothing here ever has to be torn down with care: closing the
 * socket, or dying, is enough to have its task killed. */
#include "node/agent/crew.h"

#include "node/agent/crew_inside.h"
#include "node/agent/feed.h"
#include "node/agent/runner.h"
#include "node/agent/say.h"
#include "store/base/clock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes that may wait for a runner which does not listen: all that its task may be fed, and signals. */
enum { PASSED_MAX = 2 * FEED_WINDOW };

void crew_init(Crew *crew, const char *directory, Runs *runs)
{
	*crew = (Crew){ .directory = directory, .runs = runs, .fork_at = -1, .mourn_at = -1 };
	stuck_init(&crew->stuck);
	TAILQ_INIT(&crew->busy);
	TAILQ_INIT(&crew->idle);
}

static Runner *runner_new(pid_t pid, int fd)
{
	Runner *runner = mem_new_zeroed(sizeof *runner);

	runner->pid = pid;
	runner->stalled_until = -1;
	crew_doubt_no_more(runner);
	channel_init(&runner->channel, fd);
	return runner;
}

/* In front: the one that was busy last is the next to get a task, its memory being the warmest. */
static void become_idle(Crew *crew, Runner *runner)
{
	runner->idle = true;
	TAILQ_INSERT_HEAD(&crew->idle, runner, in_crew);
}

void crew_become_busy(Crew *crew, Runner *runner)
{
	TAILQ_REMOVE(&crew->idle, runner, in_crew);
	runner->idle = false;
	TAILQ_INSERT_TAIL(&crew->busy, runner, in_crew);
}

/* One that ends, or whose end is noticed already, stays busy: only there is it buried. */
void crew_task_done(Crew *crew, Runner *runner)
{
	crew->used -= runner->slots;
	runner->slots = 0;
	runner->run = NULL;
	crew_doubt_no_more(runner);
	if (crew->count > crew->slots || runner->retires || runner->silent || runner->dead) {
		shutdown(runner->channel.fd, SHUT_WR);
		return;
	}
	TAILQ_REMOVE(&crew->busy, runner, in_crew);
	become_idle(crew, runner);
}

static Runner *crew_fork(Crew *crew)
{
	Runner *runner;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		return NULL;
	pid = fork();
	if (pid == 0)
		runner_main(ends[1], crew->directory);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return NULL;
	}
	runner = runner_new(pid, ends[0]);
	become_idle(crew, runner);
	crew->count++;
	return runner;
}

static Runner *idle_runner(Crew *crew)
{
	Runner *runner = TAILQ_FIRST(&crew->idle);

	if (runner || clock_mono_ms() < crew->fork_at)
		return runner;
	crew->fork_at = -1;
	runner = crew_fork(crew);
	if (!runner) {
		say("cannot make a runner: %s; trying again", strerror(errno));
		crew->fork_at = clock_mono_ms() + CREW_RETRY_MS;
	}
	return runner;
}

void crew_set_slots(Crew *crew, uint32_t slots)
{
	crew->slots = slots < SLOTS_MAX ? slots : SLOTS_MAX;
}

/* A run that wants more slots than there are runs alone. */
static bool has_room(const Crew *crew, const Run *run)
{
	if (crew->slots == 0)
		return false;
	return crew->used == 0 || (run->slots <= crew->slots && crew->used <= crew->slots - run->slots);
}

static void give(Crew *crew, Runner *runner, Run *run)
{
	Buf order = runs_started(crew->runs, run);

	buf_add(&runner->channel.out, order.data, order.length);
	buf_release(&order);
	run->runner = runner;
	runner->run = run;
	runner->task = run->name;
	runner->slots = run->slots;
	crew->used += run->slots;
	crew_become_busy(crew, runner);
}

void crew_start(Crew *crew)
{
	Runner *runner;
	Run *run;

	while ((run = TAILQ_FIRST(&crew->runs->queue)) && has_room(crew, run)) {
		runner = idle_runner(crew);
		if (!runner)
			return;
		give(crew, runner, run);
	}
}

void crew_pass(Run *run, const Message *message)
{
	if (channel_pending(&run->runner->channel) < PASSED_MAX)
		wire_put(&run->runner->channel.out, message);
	if (message->type == WIRE_CANCEL)
		crew_ask(run->runner);
}

void crew_feed(Run *run, Slice frame)
{
	buf_add(&run->runner->channel.out, frame.data, frame.length);
}

void crew_abandon(Run *run)
{
	Message kill_it = { .type = WIRE_CANCEL, .run = run->name };

	wire_put(&run->runner->channel.out, &kill_it);
	crew_ask(run->runner);
	run->runner->run = NULL;
}

size_t crew_watch(Crew *crew, struct pollfd *fds)
{
	int64_t now = clock_mono_ms();
	Runner *runner;
	size_t n = 0;

	TAILQ_FOREACH(runner, &crew->busy, in_crew) {
		bool listening = !runner->silent && now >= runner->stalled_until;
		bool talking = !runner->silent && channel_pending(&runner->channel) > 0;

		runner->polled = &fds[n];
		fds[n++] = (struct pollfd){ runner->silent || (!listening && !talking) ? -1 : runner->channel.fd,
					    (short)((listening ? POLLIN : 0) | (talking ? POLLOUT : 0)), 0 };
	}
	return n;
}

int64_t crew_patience(const Crew *crew)
{
	int64_t now = clock_mono_ms(), until = clock_earlier(crew->mourn_at, crew->stuck.look_at);
	const Run *first = TAILQ_FIRST(&crew->runs->queue);
	const Runner *runner;

	if (first && has_room(crew, first))     /* else nobody forks, and nobody ends the wait for it */
		until = clock_earlier(until, crew->fork_at);
	TAILQ_FOREACH(runner, &crew->busy, in_crew)
		until = clock_earlier(clock_earlier(until, runner->stalled_until),
				      clock_earlier(runner->end_by, runner->answer_by));
	return until < 0 ? -1 : until > now ? until - now : 0;
}

void crew_flush(Crew *crew)
{
	Runner *runner;

	/* A failure shows as the socket's end, where it is dealt with. */
	TAILQ_FOREACH(runner, &crew->busy, in_crew)
		channel_flush(&runner->channel);
}
