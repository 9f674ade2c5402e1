/* clock.c - reading the clocks. */
#include "store/base/clock.h"

#include <time.h>

static int64_t milliseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
	return milliseconds(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
	return milliseconds(CLOCK_MONOTONIC);
}

int64_t clock_earlier(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

int64_t clock_forward(int64_t *ahead, int64_t wall, int64_t mono)
{
	if (wall - mono > *ahead)
		*ahead = wall - mono;
	return mono + *ahead;
}

static int64_t most_ahead;

int64_t clock_forward_ms(void)
{
	return clock_forward(&most_ahead, clock_wall_ms(), clock_mono_ms());
}

/* Two clocks that are read one after the other differ by some milliseconds. */
int64_t clock_set_back_ms(void)
{
	int64_t ahead = clock_forward_ms() - clock_wall_ms();

	return ahead > 1000 ? ahead : 0;
}
