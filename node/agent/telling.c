/* telling.c - frames to the mount. Output is bounded by the mount's credit and, like all else, by what may
 * wait in the link; starts and ends need no credit, but an end follows its run's last byte. */
#include "node/agent/telling.h"

#include "node/agent/platform.h"
#include "node/agent/say.h"
#include "store/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

static uint64_t age(int64_t moment)
{
	return moment < 0 ? 0 : (uint64_t)(clock_mono_ms() - moment);
}

static void tell_welcome(Agent *agent)
{
	Message welcome = { .type = WIRE_WELCOME };
	struct utsname system;
	char boot[64], os[160];

	uname(&system);
	platform_boot_id(boot, sizeof boot);
	snprintf(os, sizeof os, "%s %s", system.sysname, system.release);
	welcome.welcome.version = WIRE_VERSION;
	welcome.welcome.instance = slice_of(agent->instance);
	welcome.welcome.boot = slice_of(boot);
	welcome.welcome.host = slice_of(system.nodename);
	welcome.welcome.arch = slice_of(system.machine);
	welcome.welcome.os = slice_of(os);
	welcome.welcome.cpus = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	welcome.welcome.memory = platform_memory_all();
	wire_put(&agent->mount->channel.out, &welcome);
}

static void tell_held(Agent *agent, Run *run)
{
	Message held = { .type = WIRE_HELD, .run = run->name };

	held.held.phase = (uint8_t)run->phase;
	held.held.age_ms = age(run->started);
	for (int i = 0; i < WIRE_STREAMS; i++)
		held.held.size[i] = run->output[i].size;
	wire_put(&agent->mount->channel.out, &held);
	run->told_start = run->phase != HELD_QUEUED;
}

void tell_everything(Agent *agent)
{
	Message all = { .type = WIRE_THAT_IS_ALL };
	Run *run;

	runs_detach_all(&agent->runs);
	agent->crew.stuck.told = false;
	tell_welcome(agent);
	TAILQ_FOREACH(run, &agent->runs.all, in_all)
		tell_held(agent, run);
	wire_put(&agent->mount->channel.out, &all);
}

void tell_pong(Link *link, uint64_t stamp)
{
	Message pong = { .type = WIRE_PONG };
	double load = 0;

	getloadavg(&load, 1);
	pong.pong.stamp = stamp;
	pong.pong.load = (uint32_t)(load * 100);
	pong.pong.memory_free = platform_memory_free();
	wire_put(&link->channel.out, &pong);
}

static void tell_start(Link *mount, Run *run)
{
	Message started = { .type = WIRE_STARTED, .run = run->name };

	started.started.age_ms = age(run->started);
	wire_put(&mount->channel.out, &started);
	run->told_start = true;
}

static void tell_end(Link *mount, Run *run)
{
	const Ending *ending = &run->ending;
	Message ended = { .type = WIRE_ENDED, .run = run->name };

	ended.ended.how = (uint8_t)ending->how;
	ended.ended.code = ending->code;
	ended.ended.ran_ms = ending->ran_ms;
	ended.ended.age_ms = age(run->ended);
	for (int i = 0; i < WIRE_STREAMS; i++)
		ended.ended.size[i] = run->output[i].size;
	ended.ended.user_us = ending->user_us;
	ended.ended.system_us = ending->system_us;
	ended.ended.memory = ending->memory;
	ended.ended.reason = slice_of(ending->reason);
	wire_put(&mount->channel.out, &ended);
	run->told_end = true;
}

static void tell_wanted(Link *mount, Run *run)
{
	Message wanted = { .type = WIRE_INPUT_WANTED, .run = run->name };

	wanted.wanted.from = run->input_at;
	wanted.wanted.until = run->told_wanted = run->input_until;
	wire_put(&mount->channel.out, &wanted);
}

/* One piece. False if the disk does not give it back: the mount then never sees the end, which is the
 * truth, and the log says why. */
static bool tell_output(Link *mount, Stream *stream)
{
	Message output = { .type = WIRE_OUTPUT, .run = stream->run };
	Err err;

	if (stream_rest(stream, mount->credit, &output.output.data, &err) < 0) {
		say("output is lost: %s", err.text);
		return false;
	}
	output.output.stream = stream->which;
	output.output.offset = stream->told;
	wire_put(&mount->channel.out, &output);
	stream->told += output.output.data.length;
	mount->credit -= output.output.data.length;
	return true;
}

static bool has_output(const Run *run)
{
	for (int i = 0; i < WIRE_STREAMS; i++)
		if (run->output[i].told < run->output[i].size)
			return true;
	return false;
}

/* A round's share of one run; what it waits for next. */
static Telling tell_of(Link *mount, Run *run)
{
	if (run->started >= 0 && !run->told_start)
		tell_start(mount, run);
	if (run->phase == HELD_RUNNING && run->told_wanted < run->input_until)
		tell_wanted(mount, run);
	for (int i = 0; i < WIRE_STREAMS; i++) {
		Stream *stream = &run->output[i];

		if (stream->told < stream->size && mount->credit > 0 && !tell_output(mount, stream))
			return TELLING_NOTHING;
	}
	if (has_output(run))
		return mount->credit > 0 ? TELLING_READY : TELLING_STARVED;
	if (run->phase == HELD_ENDED && !run->told_end)
		tell_end(mount, run);
	return TELLING_NOTHING;
}

void tell_news(Agent *agent)
{
	Link *mount = agent->mount;
	Run *run;

	if (mount && !mount->broken)
		stuck_tell(&agent->crew.stuck, &mount->channel.out);
	while (mount && !mount->broken && channel_pending(&mount->channel) < TELLING_MAX &&
	       (run = TAILQ_FIRST(&agent->runs.ready)))
		runs_telling(&agent->runs, run, tell_of(mount, run));
}
