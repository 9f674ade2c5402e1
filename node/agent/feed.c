/* feed.c - a bounded buffer in front of a pipe. */
#include "node/agent/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static size_t left(const Feed *feed)
{
	return feed->waiting.length - feed->given;
}

void feed_open(Feed *feed, int fd)
{
	*feed = (Feed){ .fd = fd };
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

void feed_close(Feed *feed)
{
	if (feed->fd >= 0)
		close(feed->fd);
	feed->fd = -1;
	buf_release(&feed->waiting);
	feed->given = 0;
}

void feed_take(Feed *feed, const Message *input)
{
	Slice data = input->input.data;

	if (feed->fd < 0 || feed->last || input->input.offset != feed->came)
		return;
	if (feed->given > 0 && feed->waiting.length + data.length > FEED_WINDOW) {
		buf_consume(&feed->waiting, feed->given);
		feed->given = 0;
	}
	buf_add(&feed->waiting, data.data, data.length);
	feed->came += data.length;
	feed->last = input->input.last;
	feed_give(feed);
}

void feed_give(Feed *feed)
{
	while (feed->fd >= 0 && left(feed) > 0) {
		ssize_t n = write(feed->fd, feed->waiting.data + feed->given, left(feed));

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			feed_close(feed);
			return;
		}
		feed->given += (size_t)n;
	}
	buf_clear(&feed->waiting);
	feed->given = 0;
	if (feed->last)
		feed_close(feed);
}

bool feed_is_full_handed(const Feed *feed)
{
	return feed->fd >= 0 && left(feed) > 0;
}

uint64_t feed_ask(Feed *feed)
{
	uint64_t until = feed->came + FEED_WINDOW - left(feed);

	if (feed->fd < 0 || feed->last || until < feed->asked + FEED_WINDOW / 2)
		return 0;
	feed->asked = until;
	return until;
}
