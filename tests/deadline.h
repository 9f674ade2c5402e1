/* deadline.h - what a test waits for, and what it says if it waited in vain.
 *
 * A test that waits for another process has a deadline, and a busy machine may let it pass. That is the only
 * failure that .ci/run tries again, so it is told apart: a line "late: ..." goes before the failure. Whatever
 * else fails - a wrong byte, a lost job, a sanitizer's word - says no such line and fails the run at once. */
#ifndef WULFS_TESTS_DEADLINE_H
#define WULFS_TESTS_DEADLINE_H

#include <poll.h>
#include <stdint.h>
#include <time.h>

static inline int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Fail, as time is up. words: as printf's. */
#define fail_late(...) \
	do { \
		print_error("late: " __VA_ARGS__); \
		print_error("\n"); \
		fail(); \
	} while (0)

/* Carry out step again and again until condition is true, for ms milliseconds at the most. */
#define until_within(ms, condition, step) \
	do { \
		int64_t deadline_ = now_ms() + (ms); \
		while (!(condition)) { \
			if (now_ms() > deadline_) \
				fail_late("it never came true: %s", #condition); \
			step; \
		} \
	} while (0)

#define wait_until(condition) until_within(DEADLINE_MS, condition, poll(NULL, 0, 2))

/* Wait until a byte, or the end, can be read from fd. */
#define wait_readable(fd) \
	do { \
		struct pollfd ready_ = { (fd), POLLIN, 0 }; \
		if (poll(&ready_, 1, DEADLINE_MS) != 1) \
			fail_late("nothing comes from %s", #fd); \
	} while (0)

/* What began at begun, of now_ms(), has taken less than ms. */
#define assert_in_time(begun, ms) \
	do { \
		int64_t took_ = now_ms() - (begun); \
		if (took_ >= (ms)) \
			fail_late("it took %lld ms, not less than %lld", (long long)took_, (long long)(ms)); \
	} while (0)

#endif
