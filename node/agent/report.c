/* report.c - what a runner tells the agent. */
#include "node/agent/work.h"

#include "store/base/clock.h"

#include <sys/ioctl.h>
#include <unistd.h>

enum {
	BATCH_MS = 4,           /* what a young task reports is kept together so long: a short one is one message */
	REASON_MAX = 255,       /* the wire's bound */
};

static void put(Work *work, Message *message)
{
	message->run = work->task.name;
	wire_put(&work->agent.out, message);
}

void report_started(Work *work)
{
	Message started = { .type = WIRE_STARTED };

	put(work, &started);
	work->flush_at = work->started + BATCH_MS;
}

void report_wanted(Work *work, uint64_t until)
{
	Message wanted = { .type = WIRE_INPUT_WANTED };

	wanted.wanted.from = work->task.feed.came;
	wanted.wanted.until = until;
	put(work, &wanted);
	work->flush_at = -1;
}

void report_pong(Work *work, uint64_t stamp)
{
	Message pong = { .type = WIRE_PONG };

	pong.pong.stamp = stamp;
	wire_put(&work->agent.out, &pong);
	work->flush_at = -1;
}

void report_stuck(Work *work, pid_t pid, const char *user)
{
	Message stuck = { .type = WIRE_STUCK };

	stuck.stuck.pid = (uint32_t)pid;
	stuck.stuck.user = slice_of(user);
	put(work, &stuck);
}

void report_ended(Work *work, RunEnd how, int code, const char *reason)
{
	Message ended = { .type = WIRE_ENDED };

	ended.ended.how = (uint8_t)how;
	ended.ended.code = (uint32_t)code;
	ended.ended.ran_ms = (uint64_t)(clock_mono_ms() - work->started);
	ended.ended.user_us = work->user_us;
	ended.ended.system_us = work->system_us;
	ended.ended.memory = work->memory;
	ended.ended.size[WIRE_STREAM_RETURN] = work->returned;
	ended.ended.reason = slice_of(reason);
	if (ended.ended.reason.length > REASON_MAX)
		ended.ended.reason.length = REASON_MAX;
	put(work, &ended);
	work->flush_at = -1;
}

size_t report_output(Work *work, int stream, size_t most)
{
	static char bytes[WIRE_OUTPUT_MAX];
	ssize_t n = read(work->task.output[stream], bytes, most < sizeof bytes ? most : sizeof bytes);
	Message output = { .type = WIRE_OUTPUT };

	if (n <= 0)
		return 0;
	output.output.stream = (uint8_t)stream;
	output.output.offset = work->sent[stream];
	output.output.data = (Slice){ bytes, (uint32_t)n };
	put(work, &output);
	work->sent[stream] += (uint64_t)n;
	if (stream == 1)
		work->in_line = bytes[n - 1] != '\n';
	return (size_t)n;
}

void report_sentence(Work *work, const char *text)
{
	Message output = { .type = WIRE_OUTPUT };

	if (work->in_line) {
		work->in_line = false;
		report_sentence(work, "\n");
	}
	output.output.stream = 1;
	output.output.offset = work->sent[1];
	output.output.data = slice_of(text);
	put(work, &output);
	work->sent[1] += output.output.data.length;
}

/* What the pipe holds now is all there will be, even if a process outside of the task was handed its other
 * end and goes on. */
static void drain(Work *work, int stream)
{
	size_t passed;
	int left;

	if (ioctl(work->task.output[stream], FIONREAD, &left) < 0)
		return;
	for (; left > 0; left -= (int)passed) {
		passed = report_output(work, stream, (size_t)left);
		if (passed == 0)
			return;
	}
}

void report_rest(Work *work)
{
	drain(work, 0);
	drain(work, 1);
}
