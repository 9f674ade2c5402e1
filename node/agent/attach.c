/* attach.c - relays bytes between stdin/stdout and the agent's socket, both ways at once, knowing nothing
 * of frames. Nothing here may block: a full direction must not stop the other. */
#include "node/agent/attach.h"

#include "node/agent/platform.h"
#include "node/agent/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

enum { PIPE_BYTES = 128 * 1024 };

typedef struct Direction {
	int from, to;
	size_t start, end;              /* of what is in bytes */
	bool ended;                     /* from is at its end */
	char bytes[PIPE_BYTES];
} Direction;

static bool is_passing(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

static short wants(const Direction *direction)
{
	return direction->start < direction->end ? POLLOUT : POLLIN;
}

static bool is_done(const Direction *direction)
{
	return direction->ended && direction->start == direction->end;
}

/* Reads if it holds nothing, then writes what it holds. -1: nobody reads it any more. */
static int move(Direction *direction)
{
	ssize_t n;

	if (direction->start == direction->end) {
		n = read(direction->from, direction->bytes, sizeof direction->bytes);
		direction->ended = n <= 0 && !is_passing(n);
		direction->start = 0;
		direction->end = n > 0 ? (size_t)n : 0;
	}
	if (direction->start == direction->end)
		return 0;
	n = write(direction->to, direction->bytes + direction->start, direction->end - direction->start);
	if (n > 0)
		direction->start += (size_t)n;
	return n >= 0 || is_passing(n) ? 0 : -1;
}

static void relay(int agent)
{
	static Direction in, out;

	in = (Direction){ .from = STDIN_FILENO, .to = agent };
	out = (Direction){ .from = agent, .to = STDOUT_FILENO };
	while (!is_done(&in) && !is_done(&out)) {
		bool in_full = wants(&in) == POLLOUT, out_full = wants(&out) == POLLOUT;
		struct pollfd fds[] = {
			{ in_full ? -1 : STDIN_FILENO, POLLIN, 0 },
			{ STDOUT_FILENO, out_full ? POLLOUT : 0, 0 },
			{ agent, (short)((in_full ? POLLOUT : 0) | (out_full ? 0 : POLLIN)), 0 },
		};

		if (platform_poll(fds, 3, -1) < 0)
			continue;
		if (fds[1].revents & (POLLERR | POLLNVAL))
			return;
		if (move(&in) < 0 || move(&out) < 0)
			return;
	}
}

static void no_blocking(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* On a line of its own: the login shell may have left one unfinished. */
static int say_line(const char *line, Err *err)
{
	if (dprintf(STDOUT_FILENO, "\n%s\n", line) < 0)
		return err_sys(err, errno, "stdout");
	return 0;
}

/* To serve where an agent is serving already is to do nothing. */
int attach(const char *directory, const char *line, Err *err)
{
	int agent;

	if (serve(directory, err) < 0)
		return -1;
	agent = serve_connect();
	if (agent < 0)
		return err_sys(err, errno, "cannot connect to the agent of %s", directory);
	signal(SIGPIPE, SIG_IGN);
	if (line && say_line(line, err) < 0)
		return -1;
	no_blocking(STDIN_FILENO);
	no_blocking(STDOUT_FILENO);
	relay(agent);
	return 0;
}
