/* verbs.c - one function a message from the mount.
 *
 * All of it is hostile input. What makes no sense closes the link and changes nothing else; a name we do
 * not hold is ignored, since the mount may know less than we do, or later. */
#include "node/agent/verbs.h"

#include "node/agent/say.h"
#include "node/agent/telling.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef int Verb(Agent *agent, Link *link, const Message *message, Slice frame, Err *err);

/* Read by the next mount of the same directory (node/connect_local.c): a database may be lost or replaced. */
static void write_state(const Agent *agent)
{
	int fd = open("state", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || dprintf(fd, "%s\n", agent->state) < 0)
		say("cannot write whose runs these are: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void take_state(Agent *agent, Slice state)
{
	if (slice_is(state, agent->state))
		return;
	snprintf(agent->state, sizeof agent->state, "%.*s", (int)state.length, state.data);
	write_state(agent);
}

static int take_hello(Agent *agent, Link *link, const Message *message, Slice frame, Err *err)
{
	Slice state = message->hello.state;

	(void)frame;
	if (message->hello.version != WIRE_VERSION)
		return err_set(err, EPROTO, "the mount speaks version %u of the wire, this agent %d",
			       message->hello.version, WIRE_VERSION);
	if (agent->runs.count > 0 && !slice_is(state, agent->state))
		return err_set(err, EBUSY, "it is of state %.*s, the runs here are of state %s", (int)state.length,
			       state.data, agent->state);
	if (agent->mount)
		agent->mount->broken = true;
	take_state(agent, state);
	agent->mount = link;
	agent->met = true;
	agent->lease_s = message->hello.lease_s;
	link->credit = message->hello.credit;
	crew_set_slots(&agent->crew, message->hello.slots);
	cache_new_link(&agent->cache, message->hello.cache);
	tell_everything(agent);
	return 0;
}

static int take_slots(Agent *agent, Link *link, const Message *message, Slice frame, Err *err)
{
	(void)link, (void)frame, (void)err;
	crew_set_slots(&agent->crew, message->slots.slots);
	return 0;
}

/* The same run may come twice, when a link broke before the mount saw it arrive. */
static int take_run(Agent *agent, Link *link, const Message *message, Slice frame, Err *err)
{
	Run *run;

	(void)link;
	if (runs_find(&agent->runs, message->run))
		return 0;
	if (message->start.parcels.length % WIRE_PARCEL_BYTES != 0)
		return err_set(err, EPROTO, "a run with a piece of a parcel's name");
	if (agent->runs.count >= WIRE_RUNS_MAX || agent->runs.orders + frame.length > ORDERS_MAX)
		return err_set(err, ENOSPC, "%zu runs of %zu bytes are more than an agent holds", agent->runs.count,
			       agent->runs.orders);
	run = runs_add(&agent->runs, message, frame);
	run->attached = true;
	cache_want(&agent->cache, run, message->start.parcels);
	return 0;
}

static uint64_t at_most(uint64_t value, uint64_t bound)
{
	return value < bound ? value : bound;
}

static int take_attach(Agent *agent, Link *link, const Message *message, Slice frame, Err *err)
{
	Run *run = runs_find(&agent->runs, message->run);

	(void)link, (void)frame, (void)err;
	if (!run)
		return 0;
	for (int i = 0; i < WIRE_STREAMS; i++)
		run->output[i].told = at_most(message->attach.from[i], run->output[i].size);
	run->attached = true;
	run->told_end = false;
	runs_telling(&agent->runs, run, TELLING_READY);
	return 0;
}

/* What its runner has asked for is what there is room for, so more of it is refused. */
static int take_input(Agent *agent, Link *link, const Message *message, Slice frame, Err *err)
{
	Run *run = runs_find(&agent->runs, message->run);
	uint64_t length = message->input.data.length;

	(void)link;
	if (!run || run->phase != HELD_RUNNING)
		return 0;
	if (message->input.offset != run->input_at || length > run->input_until - run->input_at)
		return err_set(err, EPROTO, "INPUT that was not asked for");
	run->input_at += length;
	crew_feed(run, frame);
	return 0;
}

static int take_recall(Agent *agent, Link *link, const Message *message, Slice frame, Err *err)
{
	Run *run = runs_find(&agent->runs, message->run);
	Message recalled = { .type = WIRE_RECALLED, .run = message->run };

	(void)frame, (void)err;
	if (!run || run->phase != HELD_QUEUED)
		return 0;
	runs_forget(&agent->runs, run);
	wire_put(&link->channel.out, &recalled);
	return 0;
}

static int take_signal(Agent *agent, Link *link, const Message *message, Slice frame, Err *err)
{
	Run *run = runs_find(&agent->runs, message->run);

	(void)link, (void)frame, (void)err;
	if (run && run->phase == HELD_RUNNING)
		crew_pass(run, message);
	return 0;
}

static int take_cancel(Agent *agent, Link *link, const Message *message, Slice frame, Err *err)
{
	Run *run = runs_find(&agent->runs, message->run);
	Ending cancelled = { .how = END_NOT_STARTED };

	(void)link, (void)frame, (void)err;
	if (run && run->phase == HELD_RUNNING)
		crew_pass(run, message);
	if (run && run->phase == HELD_QUEUED) {
		cancelled.reason = mem_copy_text("cancelled before it started");
		runs_ended(&agent->runs, run, &cancelled);
	}
	return 0;
}

static int take_release(Agent *agent, Link *link, const Message *message, Slice frame, Err *err)
{
	Run *run = runs_find(&agent->runs, message->run);

	(void)link, (void)frame, (void)err;
	if (!run)
		return 0;
	if (run->phase == HELD_RUNNING)
		crew_abandon(run);
	runs_forget(&agent->runs, run);
	return 0;
}

static int take_credit(Agent *agent, Link *link, const Message *message, Slice frame, Err *err)
{
	(void)frame, (void)err;
	link->credit += at_most(message->credit.bytes, UINT64_MAX - link->credit);
	runs_feed(&agent->runs);
	return 0;
}

static int take_ping(Agent *agent, Link *link, const Message *message, Slice frame, Err *err)
{
	(void)agent, (void)frame, (void)err;
	tell_pong(link, message->ping.stamp);
	return 0;
}

static int take_parcel(Agent *agent, Link *link, const Message *message, Slice frame, Err *err)
{
	(void)frame, (void)err;
	if (message->parcel.hash.length != WIRE_HASH)
		return err_set(err, EPROTO, "a parcel without a name");
	if (message->parcel.total > 0)
		cache_add(&agent->cache, message);
	else
		cache_is_gone(&agent->cache, message->parcel.hash, &link->channel.out);
	return 0;
}

static Verb *const verbs[WIRE_TYPE_END] = {
	[WIRE_HELLO] = take_hello,
	[WIRE_SLOTS] = take_slots,
	[WIRE_RUN] = take_run,
	[WIRE_ATTACH] = take_attach,
	[WIRE_RECALL] = take_recall,
	[WIRE_SIGNAL] = take_signal,
	[WIRE_CANCEL] = take_cancel,
	[WIRE_RELEASE] = take_release,
	[WIRE_CREDIT_MORE] = take_credit,
	[WIRE_PING] = take_ping,
	[WIRE_INPUT] = take_input,
	[WIRE_PARCEL] = take_parcel,
};

/* HELLO comes first, and once. */
int obey(Agent *agent, Link *link, const Message *message, Slice frame, Err *err)
{
	bool greeted = agent->mount == link;

	if (!verbs[message->type] || greeted == (message->type == WIRE_HELLO))
		return err_set(err, EPROTO, "%s is out of place", wire_name(message->type));
	return verbs[message->type](agent, link, message, frame, err);
}
