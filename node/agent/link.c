/* link.c - connections: who may have one, when it is read, when it is written, when it is closed. What is
 * said over it is verbs.c's and telling.c's business. */
#include "node/agent/link.h"

#include "node/agent/platform.h"
#include "node/agent/say.h"
#include "node/agent/telling.h"
#include "node/agent/verbs.h"
#include "store/base/clock.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	HELLO_MS = 30000,               /* to say it in; SSH may be slow */
	BATCH_MS = 2,                   /* longest that news wait for company */
	BATCH_BYTES = 16 * 1024,        /* that are company enough */
};

static void link_new(Agent *agent, int fd)
{
	Link *link = mem_new_zeroed(sizeof *link);

	channel_init(&link->channel, fd);
	link->hello_until = clock_mono_ms() + HELLO_MS;
	link->flush_at = -1;
	TAILQ_INSERT_TAIL(&agent->links, link, in_links);
	agent->link_count++;
}

static void link_free(Agent *agent, Link *link)
{
	if (agent->mount == link) {
		agent->mount = NULL;
		agent->alone_since = clock_mono_ms();
	}
	TAILQ_REMOVE(&agent->links, link, in_links);
	agent->link_count--;
	channel_release(&link->channel);
	free(link);
}

/* Who has been silent longest makes room, so that nobody can keep the mount out. */
static void make_room(Agent *agent)
{
	Link *link;

	TAILQ_FOREACH(link, &agent->links, in_links) {
		if (link == agent->mount)
			continue;
		link->broken = true;
		return;
	}
}

void links_accept(Agent *agent)
{
	int fd = accept(agent->listener, NULL, NULL);
	uid_t user;

	if (fd < 0)
		return;
	if (platform_peer(fd, &user) < 0 || user != geteuid()) {
		say("a connection is refused: it is another user's");
		close(fd);
		return;
	}
	if (agent->link_count >= LINKS_MAX)
		make_room(agent);
	link_new(agent, fd);
}

static void hear_link(Agent *agent, Link *link)
{
	Message message;
	Slice frame;
	Err err;
	int more;

	if (channel_fill(&link->channel) < 0) {
		link->broken = true;
		return;
	}
	while ((more = channel_take(&link->channel, &message, &frame, &err)) > 0)
		if ((more = obey(agent, link, &message, frame, &err)) < 0)
			break;
	if (more < 0) {
		say("a link is closed: %s", err.text);
		link->broken = true;
	}
}

/* Who does not read what he asked for is not listened to either: answers would pile up here. */
size_t links_watch(Agent *agent, struct pollfd *fds)
{
	Link *link;
	size_t n = 0;

	TAILQ_FOREACH(link, &agent->links, in_links) {
		size_t pending = channel_pending(&link->channel);
		int listening = pending < TELLING_MAX ? POLLIN : 0;

		int talking = pending > 0 && link->flush_at < 0 ? POLLOUT : 0;

		link->polled = &fds[n];
		fds[n++] = (struct pollfd){ link->channel.fd, (short)(listening | talking), 0 };
	}
	return n;
}

int64_t links_patience(const Agent *agent)
{
	int64_t now = clock_mono_ms(), until = -1;
	const Link *link;

	TAILQ_FOREACH(link, &agent->links, in_links)
		until = clock_earlier(until, link == agent->mount ? link->flush_at : link->hello_until);
	return until < 0 ? -1 : until > now ? until - now : 0;
}

void links_hear(Agent *agent)
{
	int64_t now = clock_mono_ms();
	Link *link;

	TAILQ_FOREACH(link, &agent->links, in_links) {
		if (link->polled && link->polled->revents & (POLLIN | POLLHUP | POLLERR) && !link->broken)
			hear_link(agent, link);
		if (link != agent->mount && now >= link->hello_until)
			link->broken = true;
		link->polled = NULL;
	}
}

/* While runs are queued here, no slot waits for the mount, and news may: a few make one message, which
 * wakes it, and then us, once instead of each time. */
static bool may_wait(const Agent *agent, Link *link)
{
	size_t pending = channel_pending(&link->channel);
	bool is_hurried = TAILQ_EMPTY(&agent->runs.queue) || pending == 0 || pending >= BATCH_BYTES;
	int64_t now = clock_mono_ms();

	if (!is_hurried && link->flush_at < 0)
		link->flush_at = now + BATCH_MS;
	if (!is_hurried && now < link->flush_at)
		return true;
	link->flush_at = -1;
	return false;
}

static int flush(const Agent *agent, Link *link)
{
	return may_wait(agent, link) ? 0 : channel_flush(&link->channel);
}

void links_speak(Agent *agent)
{
	Link *link, *next;

	tell_news(agent);
	for (link = TAILQ_FIRST(&agent->links); link; link = next) {
		next = TAILQ_NEXT(link, in_links);
		if (link->broken || flush(agent, link) < 0)
			link_free(agent, link);
	}
}
