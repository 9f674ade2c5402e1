/* deadline.c - poll with a deadline, and an eye on the owner. */
#include "node/ssh/deadline.h"

#include "node/ssh/journey.h"
#include "store/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* The owner keeps a longer clock of its own for what cannot be interrupted here. */
void wait_begin(Wait *wait, unsigned seconds, const char *step)
{
	Report still = { .kind = REPORT_STILL, .seconds = seconds };

	wait->deadline = clock_mono_ms() + (int64_t)seconds * 1000;
	wait->seconds = seconds;
	wait->step = step;
	if (wait->owner >= 0 && send(wait->owner, &still, sizeof still, MSG_NOSIGNAL) < 0)
		return; /* gone: the next wait finds that out */
}

int wait_ready(Wait *wait, int fd, short events, int slice_ms, Err *err)
{
	struct pollfd fds[] = { { fd, events, 0 }, { wait->owner, 0, 0 } };
	int64_t left = wait->deadline - clock_mono_ms();
	int n;

	if (left <= 0)
		return err_set(err, ETIMEDOUT, "no answer within %u s %s", wait->seconds, wait->step);
	if (slice_ms < 0 || slice_ms > left)
		slice_ms = (int)left;
	n = poll(fds, 2, slice_ms);
	if (n < 0)
		return errno == EINTR ? 0 : err_sys(err, errno, "poll");
	if (fds[1].revents)
		return err_set(err, ECANCELED, "given up");
	return fds[0].revents;
}
