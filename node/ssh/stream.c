/* stream.c - look the name up, try each address, or start the proxy. On a connection's thread. */
#include "node/ssh/stream.h"

#include "node/child.h"
#include "store/base/buf.h"
#include "store/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_SECONDS = 15 };

static int bind_to(int fd, const SshHost *host, int family)
{
	struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *own;
	int rc;

	if (!host->bind)
		return 0;
	if (getaddrinfo(host->bind, NULL, &hints, &own) != 0) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	rc = bind(fd, own->ai_addr, own->ai_addrlen);
	freeaddrinfo(own);
	return rc;
}

/* Small frames both ways: with Nagle's algorithm each would wait 40 ms for the other side's acknowledgement. */
static int start_connecting(const struct addrinfo *to, const SshHost *host)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, failed;

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (bind_to(fd, host, to->ai_family) == 0 &&
	    (connect(fd, to->ai_addr, to->ai_addrlen) == 0 || errno == EINPROGRESS))
		return fd;
	failed = errno;
	close(fd);
	errno = failed;
	return -1;
}

/* -1 with errno or, when it was not the address's fault, with stop set. */
static int try_address(const struct addrinfo *to, const SshHost *host, int slice_ms, Wait *wait, Err *err, int *stop)
{
	int fd = start_connecting(to, host), failed = errno, got;
	socklen_t size = sizeof failed;

	if (fd < 0)
		return -1;
	got = wait_ready(wait, fd, POLLOUT, slice_ms, err);
	*stop = got < 0;
	if (got <= 0)
		failed = ETIMEDOUT;
	else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) == 0 && failed == 0)
		return fd;
	close(fd);
	errno = failed;
	return -1;
}

static size_t count(const struct addrinfo *list)
{
	size_t n = 0;

	for (; list; list = list->ai_next)
		n++;
	return n;
}

static int try_all(const struct addrinfo *list, const SshHost *host, Wait *wait, Err *err)
{
	int failed = ENOENT, stop = 0, fd;

	for (const struct addrinfo *to = list; to; to = to->ai_next) {
		int64_t left = wait->deadline - clock_mono_ms();

		fd = try_address(to, host, (int)(left > 0 ? left : 0) / (int)count(to), wait, err, &stop);
		if (fd >= 0 || stop)
			return fd;
		failed = errno;
	}
	return err_sys(err, failed, "%s port %u", host->host, host->port);
}

static int connect_to(const SshHost *host, Wait *wait, Err *err)
{
	struct addrinfo hints = { .ai_family = host->family, .ai_socktype = SOCK_STREAM }, *list = NULL;
	char port[16];
	int rc, fd;

	snprintf(port, sizeof port, "%u", host->port);
	rc = getaddrinfo(host->host, port, &hints, &list);
	if (rc != 0)
		return err_set(err, EHOSTUNREACH, "%s: %s", host->host, rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
	wait_begin(wait, CONNECT_SECONDS, "to the attempt to connect");
	fd = try_all(list, host, wait, err);
	freeaddrinfo(list);
	return fd;
}

static int start_proxy(Reach *reach, const SshHost *host, Err *err)
{
	char *argv[] = { (char *)"sh", (char *)"-c", host->proxy, NULL };
	int pair[2], said[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(err, errno, "socketpair");
	reach->fd = pair[0];
	if (child_pipe(said) == 0) {
		reach->proxy_said = said[0];
		reach->proxy = child_start(argv, (int[]){ pair[1], pair[1], said[1] }, err);
		close(said[1]);
	} else {
		reach->proxy = err_sys(err, errno, "pipe");
	}
	close(pair[1]);
	if (reach->proxy < 0) {
		reach->proxy = 0;
		return -1;
	}
	fcntl(reach->fd, F_SETFL, fcntl(reach->fd, F_GETFL) | O_NONBLOCK);
	return 0;
}

int reach_open(Reach *reach, const SshHost *host, Wait *wait, Err *err)
{
	*reach = (Reach)REACH_INIT;
	if (host->proxy)
		return start_proxy(reach, host, err);
	reach->fd = connect_to(host, wait, err);
	return reach->fd < 0 ? -1 : 0;
}

void reach_explain(Reach *reach, Err *err)
{
	char said[512];
	ssize_t n = reach->proxy_said < 0 ? 0 : read(reach->proxy_said, said, sizeof said - 1);
	Err whole;

	while (n > 0 && (said[n - 1] == '\n' || said[n - 1] == '\r'))
		n--;
	if (n <= 0)
		return;
	said[n] = '\0';
	err_set(&whole, err->number, "the proxy says: %s (%s)", said, err->text);
	*err = whole;
}

void reach_close(Reach *reach)
{
	if (reach->fd >= 0)
		close(reach->fd);
	if (reach->proxy_said >= 0)
		close(reach->proxy_said);
	if (reach->proxy > 0)
		child_end(reach->proxy);
	*reach = (Reach)REACH_INIT;
}
