/* crew_hear.c - keeps what runners report of their tasks. Where the disk takes no more output, the runner is
 * not listened to until it does: its pipes fill up, and the task waits. */
#include "node/agent/crew.h"

#include "node/agent/cache.h"
#include "node/agent/crew_inside.h"
#include "node/agent/say.h"
#include "store/base/clock.h"

#include <signal.h>
#include <unistd.h>

static void hear_started(Crew *crew, Runner *runner, const Message *message)
{
	cache_let_go(runner->run);      /* unpacked */
	runner->run->started = clock_mono_ms() - (int64_t)message->started.age_ms;
	crew_expect_end(runner, runner->run->started);
	runs_tell(crew->runs, runner->run);
}

/* -1 with err: the disk does not take it now. */
static int hear_output(Crew *crew, Runner *runner, const Message *message, Err *err)
{
	Stream *stream = &runner->run->output[message->output.stream];

	if (stream_add(stream, message->output.data, err) < 0)
		return -1;
	runs_tell(crew->runs, runner->run);
	return 0;
}

static void hear_wanted(Crew *crew, Runner *runner, const Message *message)
{
	runner->run->input_until = message->wanted.until;
	runs_tell(crew->runs, runner->run);
}

static void hear_ended(Crew *crew, Runner *runner, const Message *message)
{
	Slice reason = message->ended.reason;
	Ending ending = {
		message->ended.how, message->ended.code, message->ended.ran_ms,
		message->ended.user_us, message->ended.system_us, message->ended.memory,
		reason.length ? mem_copy(reason.data, reason.length) : NULL,
	};

	if (message->ended.size[WIRE_STREAM_RETURN])
		stream_adopt(&runner->run->output[WIRE_STREAM_RETURN], message->ended.size[WIRE_STREAM_RETURN]);
	runs_ended(crew->runs, runner->run, &ending);
}

/* -1 with err: it must come again later. Of an earlier task than the one it is busy with, or of a run that
 * was released, nobody wants to know. */
static int hear_message(Crew *crew, Runner *runner, const Message *message, Err *err)
{
	if (message->type == WIRE_PONG)
		crew_hear_answer(runner, message);
	if (!run_is(message->run, runner->task))
		return 0;
	if (message->type == WIRE_STUCK) {
		runner->retires = true;
		stuck_note(&crew->stuck, message);
	}
	if (runner->run && message->type == WIRE_STARTED)
		hear_started(crew, runner, message);
	if (runner->run && message->type == WIRE_INPUT_WANTED)
		hear_wanted(crew, runner, message);
	if (runner->run && message->type == WIRE_OUTPUT && hear_output(crew, runner, message, err) < 0)
		return -1;
	if (runner->run && message->type == WIRE_ENDED)
		hear_ended(crew, runner, message);
	if (!runner->run && message->type == WIRE_ENDED && message->ended.size[WIRE_STREAM_RETURN])
		unlink(stream_file(message->run, WIRE_STREAM_RETURN));
	if (message->type == WIRE_ENDED)
		crew_task_done(crew, runner);
	return 0;
}

static void stall(Runner *runner, Slice frame, bool again, const Err *err)
{
	if (!again)
		say("%s; the task waits until there is room", err->text);
	channel_untake(&runner->channel, frame);
	runner->stalled_until = clock_mono_ms() + CREW_RETRY_MS;
}

/* It is our own program; who else speaks is a task that found its socket. */
static void disown(Runner *runner, const Err *err)
{
	say("what runner %d says makes no sense: %s", (int)runner->pid, err->text);
	kill(runner->pid, SIGKILL);
	runner->silent = true;
}

static void hear_runner(Crew *crew, Runner *runner)
{
	bool stalled = runner->stalled_until >= 0;
	Message message;
	Slice frame;
	Err err;
	int more;

	/* A stalled one has its frame still here; to read more would only pile it up. */
	if (!stalled && channel_fill(&runner->channel) < 0)
		runner->silent = true;
	runner->stalled_until = -1;
	while ((more = channel_take(&runner->channel, &message, &frame, &err)) > 0) {
		if (hear_message(crew, runner, &message, &err) < 0) {
			stall(runner, frame, stalled, &err);
			return;
		}
	}
	if (more < 0)
		disown(runner, &err);
}

void crew_hear(Crew *crew)
{
	int64_t now = clock_mono_ms();
	Runner *runner, *next;

	for (runner = TAILQ_FIRST(&crew->busy); runner; runner = next) {
		bool retry = runner->stalled_until >= 0 && now >= runner->stalled_until;

		next = TAILQ_NEXT(runner, in_crew);
		if (retry || (runner->polled && runner->polled->revents & (POLLIN | POLLHUP | POLLERR)))
			hear_runner(crew, runner);
		runner->polled = NULL;
	}
}
