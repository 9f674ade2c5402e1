/* link.c - gather, cut and hand on frames. A link that breaks while its owner is being called says so
 * after the call, never inside it. */
#include "node/worker/link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_SIZE = 256 * 1024, READS_A_TURN = 4 };

struct Link {
	uv_poll_t poll;
	uv_timer_t rest;        /* between two reads of a paced link */
	unsigned pace;
	int watched;            /* what poll looks for now */
	int fd;
	LinkOwner owner;
	Buf in, out;
	bool stalled;           /* the owner could not take the frame at the front */
	bool freed;
	int handles;            /* poll and rest, until they are closed */
	int busy;               /* inside the owner's callbacks */
};

static void destroy(uv_handle_t *handle)
{
	Link *link = handle->data;

	if (--link->handles > 0)
		return;
	close(link->fd);
	buf_release(&link->in);
	buf_release(&link->out);
	free(link);
}

static void end(Link *link)
{
	uv_close((uv_handle_t *)&link->poll, destroy);
	uv_close((uv_handle_t *)&link->rest, destroy);
}

void link_free(Link *link)
{
	if (!link || link->freed)
		return;
	link->freed = true;
	if (!link->busy)
		end(link);
}

/* False when the link was freed meanwhile. */
static bool call_end(Link *link)
{
	if (--link->busy == 0 && link->freed) {
		end(link);
		return false;
	}
	return !link->freed;
}

static bool say_broken(Link *link, const Err *why)
{
	link->busy++;
	uv_poll_stop(&link->poll);
	link->watched = 0;
	link->owner.broken(link->owner.arg, why);
	return call_end(link);
}

/* Hand on every whole frame. False when the link is no more. */
static bool hand_on(Link *link)
{
	size_t used = 0;
	long n = 0;
	Message message;
	Err err;

	link->busy++;
	while (!link->freed && !link->stalled &&
	       (n = wire_take(link->in.data + used, link->in.length - used, &message, &err)) > 0) {
		if (link->owner.frame(link->owner.arg, &message))
			used += (size_t)n;
		else
			link->stalled = true;
	}
	if (!link->freed)
		buf_consume(&link->in, used);
	if (!call_end(link))
		return false;
	return n >= 0 || say_broken(link, &err);
}

static void watch(Link *link);

static void rested(uv_timer_t *timer)
{
	watch(timer->data);
}

static void readable(Link *link)
{
	for (int i = 0; i < READS_A_TURN && !link->stalled; i++) {
		ssize_t n = read(link->fd, buf_space(&link->in, READ_SIZE), READ_SIZE);
		Err err;

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n <= 0) {
			if (n < 0)
				err_sys(&err, errno, "the agent's link");
			else
				err_set(&err, ECONNRESET, "the agent closed the link");
			say_broken(link, &err);
			return;
		}
		buf_grew(&link->in, (size_t)n);
		if (!hand_on(link))
			return;
		if (n < READ_SIZE)
			break;
	}
	if (link->pace)
		uv_timer_start(&link->rest, rested, link->pace, 0);
	watch(link);
}

static void ready(uv_poll_t *poll, int status, int events)
{
	Link *link = poll->data;

	if (events & UV_WRITABLE)
		link_flush(link);
	if (events & UV_READABLE || status < 0)
		readable(link);
}

static void watch(Link *link)
{
	bool reads = !link->stalled && !uv_is_active((uv_handle_t *)&link->rest);
	int events = (reads ? UV_READABLE : 0) | (link->out.length ? UV_WRITABLE : 0);

	if (link->freed || events == link->watched)
		return;
	link->watched = events;
	if (events)
		uv_poll_start(&link->poll, events, ready);
	else
		uv_poll_stop(&link->poll);
}

Link *link_new(uv_loop_t *loop, int fd, LinkOwner owner)
{
	Link *link = mem_new_zeroed(sizeof *link);

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	link->fd = fd;
	link->owner = owner;
	uv_poll_init(loop, &link->poll, fd);
	uv_timer_init(loop, &link->rest);
	link->poll.data = link->rest.data = link;
	link->handles = 2;
	watch(link);
	return link;
}

void link_send(Link *link, const Message *message)
{
	wire_put(&link->out, message);
}

/* A failing write is left to the reader to find: what the other side still sent is read first. */
void link_flush(Link *link)
{
	size_t done = 0;

	if (link->freed || link->out.length == 0)
		return;
	while (done < link->out.length) {
		ssize_t n = write(link->fd, link->out.data + done, link->out.length - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			done = link->out.length;
		if (n < 0)
			break;
		done += (size_t)n;
	}
	buf_consume(&link->out, done);
	watch(link);
}

size_t link_pending(const Link *link)
{
	return link->out.length;
}

void link_resume(Link *link)
{
	if (!link->stalled)
		return;
	link->stalled = false;
	if (hand_on(link))
		watch(link);
}

void link_pace(Link *link, unsigned milliseconds)
{
	link->pace = milliseconds;
}
