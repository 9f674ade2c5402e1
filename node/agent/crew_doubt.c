/* crew_doubt.c - runners that do not answer. A task may trace or freeze the process that watches it, which then
 * neither cancels it nor keeps its time limit.
 *
 * A runner is asked when it should have ended its task by now, and only then: a sound one costs nothing. While it
 * packs or removes files, which may take long, it has said so and is left alone. */
#include "node/agent/crew.h"

#include "node/agent/crew_inside.h"
#include "node/agent/runner.h"
#include "node/agent/say.h"
#include "store/base/clock.h"

#include <inttypes.h>
#include <signal.h>

enum {
	ANSWER_MS = 5000,               /* to answer in */
	LATE_MS = 1000,                 /* past the time limit and the grace, before it is asked */
};

void crew_expect_end(Runner *runner, int64_t started)
{
	runner->started = true;
	if (runner->run->most_ms)
		runner->end_by = started + (int64_t)runner->run->most_ms + LATE_MS;
}

void crew_ask(Runner *runner)
{
	Message ping = { .type = WIRE_PING };

	if (!runner->started || runner->excused || runner->answer_by >= 0)
		return;
	wire_put(&runner->channel.out, &ping);
	runner->answer_by = clock_mono_ms() + ANSWER_MS;
}

void crew_hear_answer(Runner *runner, const Message *pong)
{
	runner->answer_by = -1;
	runner->overdue = false;
	runner->excused = pong->pong.stamp == RUNNER_EXCUSED;
}

void crew_doubt_no_more(Runner *runner)
{
	runner->started = runner->excused = runner->overdue = false;
	runner->end_by = runner->answer_by = -1;
}

/* One that is not listened to, as the disk is full, may have answered. */
static void give_up(Runner *runner, int64_t now)
{
	runner->answer_by = -1;
	if (runner->stalled_until >= 0) {
		runner->answer_by = now + ANSWER_MS;
		return;
	}
	say("runner %d does not answer: it is killed, and run %" PRIu64 ".%" PRIu32 " with it", (int)runner->pid,
	    runner->task.task, runner->task.number);
	runner->killed = true;
	kill(runner->pid, SIGKILL);
}

void crew_mind_doubts(Crew *crew)
{
	int64_t now = clock_mono_ms();
	Runner *runner;

	TAILQ_FOREACH(runner, &crew->busy, in_crew) {
		if (runner->end_by >= 0 && now >= runner->end_by) {
			runner->end_by = -1;
			runner->overdue = true;
			crew_ask(runner);
		}
		if (runner->answer_by >= 0 && now >= runner->answer_by)
			give_up(runner, now);
	}
}
