/* channel.c - framed bytes over a stream socket, without ever blocking. */
#include "node/agent/channel.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	READ_AT_ONCE = 128 * 1024,      /* two full OUTPUT frames */
	SENT_KEPT = 1024 * 1024,        /* sent bytes that may lie in out before the rest is moved up */
};

void channel_init(Channel *channel, int fd)
{
	*channel = (Channel){ .fd = fd, .in = BUF_INIT, .out = BUF_INIT };
}

void channel_release(Channel *channel)
{
	if (channel->fd >= 0)
		close(channel->fd);
	buf_release(&channel->in);
	buf_release(&channel->out);
	channel_init(channel, -1);
}

static bool is_passing(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

int channel_fill(Channel *channel)
{
	ssize_t n;

	buf_consume(&channel->in, channel->taken);
	channel->taken = 0;
	n = recv(channel->fd, buf_space(&channel->in, READ_AT_ONCE), READ_AT_ONCE, MSG_DONTWAIT);
	if (n > 0)
		buf_grew(&channel->in, (size_t)n);
	return n > 0 || (n < 0 && is_passing(errno)) ? 0 : -1;
}

int channel_take(Channel *channel, Message *message, Slice *frame, Err *err)
{
	const char *front = buf_text(&channel->in) + channel->taken;
	long n = wire_take(front, channel->in.length - channel->taken, message, err);

	if (n <= 0)
		return (int)n;
	if (frame)
		*frame = (Slice){ front, (uint32_t)n };
	channel->taken += (size_t)n;
	return 1;
}

void channel_untake(Channel *channel, Slice frame)
{
	channel->taken -= frame.length;
}

int channel_flush(Channel *channel)
{
	size_t pending = channel_pending(channel);
	ssize_t n;

	if (pending == 0)
		return 0;
	n = send(channel->fd, channel->out.data + channel->sent, pending, MSG_DONTWAIT);
	if (n < 0)
		return is_passing(errno) ? 0 : -1;
	channel->sent += (size_t)n;
	if ((size_t)n == pending) {
		buf_clear(&channel->out);
		channel->sent = 0;
	} else if (channel->sent > SENT_KEPT) {
		buf_consume(&channel->out, channel->sent);
		channel->sent = 0;
	}
	return 0;
}

size_t channel_pending(const Channel *channel)
{
	return channel->out.length - channel->sent;
}
