/* stuck.c - waits whether what cannot be killed goes by itself. */
#include "node/agent/stuck.h"

#include "node/agent/platform.h"
#include "store/base/clock.h"

#include <stdio.h>

enum { STAYS_MS = 10000 };      /* after that it counts as there to stay */

void stuck_init(Stuck *stuck)
{
	*stuck = (Stuck){ .look_at = -1 };
}

void stuck_note(Stuck *stuck, const Message *message)
{
	stuck->run = message->run;
	snprintf(stuck->user, sizeof stuck->user, "%.*s", (int)message->stuck.user.length, message->stuck.user.data);
	if (stuck->look_at < 0)
		stuck->look_at = clock_mono_ms() + STAYS_MS;
}

void stuck_look(Stuck *stuck, const pid_t *runners, size_t n)
{
	Survivors left = platform_survivors(runners, n);

	if (left.foreign == 0) {
		stuck_init(stuck);
		return;
	}
	stuck->pid = left.pid;
	stuck->look_at = clock_mono_ms() + STAYS_MS;
}

void stuck_tell(Stuck *stuck, Buf *out)
{
	Message message = { .type = WIRE_STUCK, .run = stuck->run };

	if (!stuck->pid || stuck->told)
		return;
	message.stuck.pid = (uint32_t)stuck->pid;
	message.stuck.user = slice_of(stuck->user);
	wire_put(out, &message);
	stuck->told = true;
}
