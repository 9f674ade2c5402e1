/* avahi_loop.c - watches are uv_poll, timeouts are uv_timer. Avahi frees either from inside its callbacks. */
#include "node/discovery/avahi_loop.h"

#include "store/base/buf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

struct AvahiLoop {
	AvahiPoll poll;
	uv_loop_t *loop;
};

struct AvahiWatch {
	uv_poll_t poll;
	uv_timer_t rest;
	int handles;            /* the two, until they are closed */
	int fd;
	bool bounded;           /* it is the network's, not the kernel's */
	uint64_t spent;         /* ns on what came since the last rest */
	AvahiWatchEvent wanted, happened;
	AvahiWatchCallback callback;
	void *arg;
	bool freed;
};

struct AvahiTimeout {
	uv_timer_t timer;
	AvahiTimeoutCallback callback;
	void *arg;
};

/* --- watches ----------------------------------------------------------------------------------- */

static int to_uv(AvahiWatchEvent events)
{
	return (events & AVAHI_WATCH_IN ? UV_READABLE : 0) | (events & AVAHI_WATCH_OUT ? UV_WRITABLE : 0);
}

static void listen_again(AvahiWatch *watch);

static void rested(uv_timer_t *timer)
{
	AvahiWatch *watch = timer->data;

	watch->spent = 0;
	listen_again(watch);
}

static bool has_had_enough(AvahiWatch *watch)
{
	return watch->bounded && watch->spent >= (uint64_t)ATTENTION_MS * 1000000;
}

/* The watch may be freed in here, but not its memory: libuv has to be done with it first. */
static void attend(AvahiWatch *watch)
{
	uint64_t begun = uv_hrtime();

	if (watch->bounded && watch->spent == 0)
		uv_timer_start(&watch->rest, rested, WINDOW_MS, 0);
	watch->callback(watch, watch->fd, watch->happened, watch->arg);
	watch->spent += uv_hrtime() - begun;
	if (has_had_enough(watch))
		listen_again(watch);
}

static void ready(uv_poll_t *poll, int status, int events)
{
	AvahiWatch *watch = poll->data;

	watch->happened = (status < 0 ? AVAHI_WATCH_ERR : 0) | (events & UV_READABLE ? AVAHI_WATCH_IN : 0) |
			  (events & UV_WRITABLE ? AVAHI_WATCH_OUT : 0);
	attend(watch);
}

static void listen_again(AvahiWatch *watch)
{
	int events = to_uv(has_had_enough(watch) ? watch->wanted & ~(unsigned)AVAHI_WATCH_IN : watch->wanted);

	if (watch->freed)
		return;
	if (events)
		uv_poll_start(&watch->poll, events, ready);
	else
		uv_poll_stop(&watch->poll);
}

static bool is_of_network(int fd)
{
	socklen_t size = sizeof(int);
	int domain;

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && (domain == AF_INET || domain == AF_INET6);
}

static AvahiWatch *watch_new(const AvahiPoll *poll, int fd, AvahiWatchEvent events, AvahiWatchCallback callback, void *arg)
{
	AvahiLoop *avahi = poll->userdata;
	AvahiWatch *watch = mem_new_zeroed(sizeof *watch);

	*watch = (AvahiWatch){ .fd = fd, .bounded = is_of_network(fd), .wanted = events, .callback = callback, .arg = arg };
	uv_poll_init(avahi->loop, &watch->poll, fd);
	uv_timer_init(avahi->loop, &watch->rest);
	watch->poll.data = watch->rest.data = watch;
	watch->handles = 2;
	listen_again(watch);
	return watch;
}

static void watch_update(AvahiWatch *watch, AvahiWatchEvent events)
{
	watch->wanted = events;
	listen_again(watch);
}

static AvahiWatchEvent watch_get_events(AvahiWatch *watch)
{
	return watch->happened;
}

static void watch_closed(uv_handle_t *handle)
{
	AvahiWatch *watch = handle->data;

	if (--watch->handles == 0)
		free(watch);
}

static void watch_free(AvahiWatch *watch)
{
	watch->freed = true;
	uv_close((uv_handle_t *)&watch->poll, watch_closed);
	uv_close((uv_handle_t *)&watch->rest, watch_closed);
}

/* --- timeouts ---------------------------------------------------------------------------------- */

static void expired(uv_timer_t *timer)
{
	AvahiTimeout *timeout = timer->data;

	timeout->callback(timeout, timeout->arg);
}

/* Avahi says when, on the wall clock; libuv wants to know how long, and may be up to a millisecond early. */
static void timeout_update(AvahiTimeout *timeout, const struct timeval *when)
{
	struct timeval now, left = { 0, 0 };

	uv_timer_stop(&timeout->timer);
	if (!when)
		return;
	gettimeofday(&now, NULL);
	if (timercmp(when, &now, >))
		timersub(when, &now, &left);
	uv_update_time(timeout->timer.loop);
	uv_timer_start(&timeout->timer, expired, (uint64_t)left.tv_sec * 1000 + (uint64_t)(left.tv_usec + 1999) / 1000, 0);
}

static AvahiTimeout *timeout_new(const AvahiPoll *poll, const struct timeval *when, AvahiTimeoutCallback callback, void *arg)
{
	AvahiLoop *avahi = poll->userdata;
	AvahiTimeout *timeout = mem_new_zeroed(sizeof *timeout);

	timeout->callback = callback;
	timeout->arg = arg;
	uv_timer_init(avahi->loop, &timeout->timer);
	timeout->timer.data = timeout;
	timeout_update(timeout, when);
	return timeout;
}

static void timeout_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void timeout_free(AvahiTimeout *timeout)
{
	uv_close((uv_handle_t *)&timeout->timer, timeout_closed);
}

/* --- both -------------------------------------------------------------------------------------- */

AvahiLoop *avahi_loop_new(uv_loop_t *loop)
{
	AvahiLoop *avahi = mem_new_zeroed(sizeof *avahi);

	avahi->loop = loop;
	avahi->poll = (AvahiPoll){ .userdata = avahi, .watch_new = watch_new, .watch_update = watch_update,
				   .watch_get_events = watch_get_events, .watch_free = watch_free,
				   .timeout_new = timeout_new, .timeout_update = timeout_update, .timeout_free = timeout_free };
	return avahi;
}

void avahi_loop_free(AvahiLoop *avahi)
{
	free(avahi);
}

const AvahiPoll *avahi_loop_poll(AvahiLoop *avahi)
{
	return &avahi->poll;
}
