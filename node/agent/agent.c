/* agent.c - the loop. A turn: sleep until something happens, hear everybody, start what can start, tell
 * what there is to tell. It ends when there is neither work nor anyone to bring some. */
#include "node/agent/agent.h"

#include "node/agent/link.h"
#include "node/agent/platform.h"
#include "node/agent/remove.h"
#include "node/agent/say.h"
#include "store/base/clock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_LINK_MS = 30000 };         /* for the mount that had us started to come */

static volatile sig_atomic_t child_ended, told_to_go;

static void note_signal(int signal)
{
	if (signal == SIGCHLD)
		child_ended = 1;
	else
		told_to_go = 1;
}

/* They come in during the poll alone, so nothing here is ever interrupted half way. */
static void catch_signals(void)
{
	static const int caught[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP };
	struct sigaction action = { .sa_handler = note_signal };
	sigset_t set;

	for (int i = 1; i < NSIG; i++) /* whatever started us may have ignored some: tasks must not */
		signal(i, SIG_DFL);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) {
		sigaddset(&set, caught[i]);
		sigaction(caught[i], &action, NULL);
	}
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk */
}

static void name_instance(char *name, size_t size)
{
	unsigned char bytes[16] = { 0 };
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, bytes, sizeof bytes) != (ssize_t)sizeof bytes)
		snprintf((char *)bytes, sizeof bytes, "%d%" PRId64, (int)getpid(), clock_mono_ms());
	if (fd >= 0)
		close(fd);
	for (size_t i = 0; i < sizeof bytes && 2 * i + 2 < size; i++)
		snprintf(name + 2 * i, 3, "%02x", bytes[i]);
}

/* When, in milliseconds from now, it is time to go if nobody comes; -1: somebody is there. */
static int64_t time_left(const Agent *agent)
{
	int64_t alone = clock_mono_ms() - agent->alone_since, may_be = (int64_t)agent->lease_s * 1000;

	if (agent->mount)
		return -1;
	if (agent->runs.count == 0) {
		if (!TAILQ_EMPTY(&agent->links))
			return -1; /* a HELLO may be on its way; they cannot stay without */
		may_be = agent->met ? 0 : FIRST_LINK_MS;
	}
	return alone < may_be ? may_be - alone : 0;
}

static void turn(Agent *agent)
{
	size_t n = 0, room = 1 + LINKS_MAX + agent->crew.count;
	struct pollfd *fds = mem_new(room * sizeof *fds);
	int64_t sleep_ms;

	fds[n++] = (struct pollfd){ agent->listener, POLLIN, 0 };
	n += links_watch(agent, fds + n);
	n += crew_watch(&agent->crew, fds + n);
	sleep_ms = clock_earlier(time_left(agent), clock_earlier(links_patience(agent), crew_patience(&agent->crew)));
	if (agent->mount)       /* which alone can be asked again for what the disk did not take */
		sleep_ms = clock_earlier(sleep_ms, cache_patience(&agent->cache));
	if (platform_poll(fds, n, sleep_ms) < 0)
		for (size_t i = 0; i < n; i++)
			fds[i].revents = 0;
	links_hear(agent);
	if (fds[0].revents)
		links_accept(agent);
	crew_hear(&agent->crew);
	free(fds);
	if (child_ended) {
		child_ended = 0;
		crew_reap(&agent->crew);
	}
	crew_bury(&agent->crew);
	crew_look_for_stuck(&agent->crew);
	crew_mind_doubts(&agent->crew);
	crew_start(&agent->crew);
	crew_flush(&agent->crew);
	cache_trim(&agent->cache);
	if (agent->mount)
		cache_ask(&agent->cache, &agent->mount->channel.out);
	links_speak(agent);
}

void agent_main(int listener, const char *directory)
{
	static Agent agent;

	agent = (Agent){ .listener = listener, .alone_since = clock_mono_ms() };
	TAILQ_INIT(&agent.links);
	name_instance(agent.instance, sizeof agent.instance);
	runs_init(&agent.runs);
	cache_init(&agent.cache, &agent.runs);
	crew_init(&agent.crew, directory, &agent.runs);
	catch_signals();
	platform_adopt_orphans();
	while (!told_to_go && time_left(&agent) != 0)
		turn(&agent);
	/* Whoever comes now has to start another agent, which waits for the lock until this one is gone. */
	close(agent.listener);
	unlink("socket");
	crew_dismiss(&agent.crew);
	if (agent.runs.count > 0)       /* given up: else what is cached saves sending it again */
		remove_tree(AT_FDCWD, "cache");
}
